"""Telephones and accounts as they are written in any country, and what is neither."""

import random

import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns import identifiers
from privaudit.columns.free_text import categories_in
from privaudit.columns.identifiers import (
    ADDRESS,
    PROFILE,
    has_phone,
    identifiers_in,
    is_iban,
    is_phone,
    is_siret,
)
from privaudit.columns.recognise import column_kinds

COUNTRIES = """
FR BE CH LU DE AT IT ES PT GB IE NL DK SE NO FI PL CZ RO GR TR MA DZ TN EG SN CI NG GH ZA US CA MX
BR AR IN VN JP AU NZ RU UA
"""
# The example of each country that the SWIFT registry of account numbers prints.
IBANS = """
AL47212110090000000235698741 AD1200012030200359100100 AT611904300234573201
AZ21NABZ00000000137010001944 BH67BMAG00001299123456 BE68539007547034 BA391290079401028494
BR9700360305000010009795493P1 BG80BNBG96611020345678 CR05015202001026284066
HR1210010051863000160 CY17002001280000001200527600 CZ6508000000192000145399 DK5000400440116243
DO28BAGR00000001212453611324 EE382200221020145685 FO6264600001631634 FI2112345600000785
FR1420041010050500013M02606 GE29NB0000000101904917 DE89370400440532013000
GI75NWBK000000007099453 GR1601101250000000012300695 GL8964710001000206
GT82TRAJ01020000001210029690 HU42117730161111101800000000 IS140159260076545510730339
IE29AIBK93115212345678 IL620108000000099999999 IT60X0542811101000000123456
JO94CBJO0010000000000131000302 KZ86125KZT5004100100 XK051212012345678906
KW81CBKU0000000000001234560101 LV80BANK0000435195001 LB62099900000001001901229114
LI21088100002324013AA LT121000011101001000 LU280019400644750000 MK07250120000058984
MT84MALT011000012345MTLCAST001S MR1300020001010000123456753 MU17BOMM0101101030300200000MUR
MD24AG000225100013104168 MC5811222000010123456789030 ME25505000012345678951 NL91ABNA0417164300
NO9386011117947 PK36SCBL0000001123456702 PS92PALS000000000400123456702
PL61109010140000071219812874 PT50000201231234567890154 QA58DOHB00001234567890ABCDEFG
RO49AAAA1B31007593840000 SM86U0322509800000000270100 SA0380000000608010167519
RS35260005601001611379 SK3112000000198742637541 SI56263300012039086 ES9121000418450200051332
SE4550000000058398257466 CH9300762011623852957 TN5910006035183598478831
TR330006100519786457841326 AE070331234567890123456 GB29NWBK60161331926819
VG96VPVG0000012345678901 UA213223130000026007233566001 EG380019000500000000263180002
IQ98NBIQ850123456789012 LC55HEMM000100010012001200023015 SC18SSCB11010000000000001497USD
ST68000100010051845310112 TL380080012345678910157 VA59001123000012345678
LY83002048000020100120361 BI4210000100010000332045181
"""


def examples():
    """An example of each country's fixed and mobile numbers, by phonenumbers, in its four forms."""
    library = pytest.importorskip("phonenumbers")
    forms, kinds = library.PhoneNumberFormat, library.PhoneNumberType
    for country in COUNTRIES.split():
        for kind in (kinds.FIXED_LINE, kinds.MOBILE):
            number = library.example_number_for_type(country, kind)
            for form in ("NATIONAL", "INTERNATIONAL", "E164", "RFC3966") if number else ():
                yield form, library.format_number(number, getattr(forms, form))


def others():
    """Two hundred texts with digits that are no telephone number, drawn by a seed."""
    rng = random.Random(24)

    def digits(n):
        return "".join(rng.choice("0123456789") for _ in range(n))

    def day(form):
        return form % (rng.randint(1920, 2025), rng.randint(1, 12), rng.randint(1, 28))

    made = {
        "date": lambda: "/".join(day("%d-%02d-%02d").split("-")[::-1]),
        "iso": lambda: day("%d-%02d-%02d"),
        "time": lambda: day("%d-%02d-%02d 18:30:00"),
        "short": lambda: f"{rng.randint(1, 28):02d}.{rng.randint(1, 12):02d}.{rng.randint(10, 99)}",
        "years": lambda: f"{rng.randint(1900, 1950)}-{rng.randint(1951, 2020)}",
        "siret": lambda: "732 829 320 00074",
        "iban": lambda: rng.choice(IBANS.split()),
        "order": lambda: f"CMD-{digits(8)}",
        "number": lambda: f"{rng.randint(1, 9)}{digits(7)}",
        "coordinates": lambda: f"48.{digits(4)}, 2.{digits(4)}",
        "decimal": lambda: f"652{digits(3)}.{digits(2)}",
        "ewkb": lambda: f"0101000020E6100000{digits(16)}F33F{digits(12)}",
        "amount": lambda: f"{rng.randint(1, 9)} {digits(3)} {digits(3)},50",
        "card": lambda: f"4{digits(3)} {digits(4)} {digits(4)} {digits(4)}",
        "ip": lambda: f"192.168.{rng.randint(1, 250)}.{rng.randint(1, 250)}",
        "postcode": lambda: f"{rng.randint(1, 8)}{digits(4)}-{digits(4)}",
        "timestamp": lambda: f"14{digits(8)}",
        "range": lambda: f"{rng.randint(10, 99)}-{rng.randint(100, 999)}",
        "isbn": lambda: f"978-2-07-{digits(6)}-{digits(1)}",
        "uuid": lambda: f"5f2{digits(5)}-{digits(4)}-4{digits(3)}-a{digits(3)}-{digits(12)}",
    }  # fmt: skip
    return [(kind, make()) for kind, make in made.items() for _ in range(10)]


def test_telephones_of_forty_countries_are_known_in_every_form():
    read = [(form, number, is_phone(number)) for form, number in examples()]
    missed = [number for form, number, good in read if not good and form != "NATIONAL"]
    assert len(read) > 300
    assert missed == []
    # A national number in groups that dates and amounts have too is left alone.
    assert sum(good for *_, good in read) >= 0.95 * len(read)


def test_the_pattern_stands_without_phonenumbers(monkeypatch):
    numbers = list(examples())
    monkeypatch.setattr(identifiers, "_phonenumbers", lambda: None)
    assert all(is_phone(number) for form, number in numbers if form != "NATIONAL")
    assert is_phone("+999 1234567")
    # Fifteen digits at most (E.164), none of which is 0 first; a code has three, or the groups are
    # the writer's own.
    for number, is_one in (
        ("+1234567", True), ("+123456", False), ("+123456789012345", True),
        ("+1234567890123456", False), ("+0612345678", False), ("+33 6 12 34 56 78", True),
        ("+336 6 12 34 56 78", True), ("+3361 6 12 34 56 78", False), ("+4420 7946 0018", True),
    ):  # fmt: skip
        assert is_phone(number) == is_one, number
    monkeypatch.undo()
    assert not is_phone("+999 1234567")  # no country has this code


def test_phonenumbers_finds_no_more_in_the_same_texts():
    """Of 200 texts that hold none, at most as many are taken for one as phonenumbers takes."""
    library = pytest.importorskip("phonenumbers")
    texts = others()
    assert len(texts) == 200
    ours = [(kind, text) for kind, text in texts if has_phone(text)]
    theirs = [text for _, text in texts if library.PhoneNumberMatcher(text, "FR").has_next()]
    assert len(ours) <= len(theirs) + 2, ours
    assert len(ours) <= 5, ours


@pytest.mark.parametrize(
    "text",
    [
        "06 12 34 56 78", "06.12.34.56.78", "06-12-34-56-78", "0612345678", "+33612345678",
        "+33 (0)6 12 34 56 78", "0033 6 12 34 56 78", "(020) 7946 0018", "020 7946 0018",
        "(212) 555-0142", "212-555-0142", "1-212-555-0142", "+1 212 555 0142 ext. 12",
        "tel:+33-6-12-34-56-78", "+49 30 1234567", "030/1234567", "+90 532 123 45 67",
        "0532 123 45 67", "612 34 56 78", "+351 912 345 678", "+84 91 234 56 78",
        "06\u00a012\u00a034\u00a056\u00a078", "01 23 45 67 89 poste 12",
    ],
)  # fmt: skip
def test_a_telephone_is_known_as_people_write_it(text):
    assert is_phone(text)
    assert has_phone(f"call {text} after six")
    assert has_phone(f"tél. : {text}, merci")


@pytest.mark.parametrize("iban", IBANS.split())
def test_an_account_of_any_country_of_the_registry_is_known(iban):
    # By the definition: letters are numbers from 10, the first four characters go last.
    assert int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1
    spaced = " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
    assert is_iban(iban)
    assert is_iban(spaced)
    for text in (
        iban,
        spaced,
        iban.lower(),
        spaced.replace(" ", "-"),
        spaced.replace(" ", "\u00a0"),
    ):
        assert "iban" in identifiers_in(f"ref AB12 {text} merci")
        assert "iban" in identifiers_in(text)
    wrong = iban[:-1] + ("1" if iban[-1] != "1" else "2")
    assert not is_iban(wrong)
    assert "iban" not in identifiers_in(wrong)


def test_an_account_of_no_country_is_none():
    assert not is_iban("ZZ" + "0" * 20)
    # Of a good checksum, a letter more than its country's accounts have; digits of other scripts.
    for letters in (23, 22, 24):
        bare = "".join("0" for _ in range(letters))
        check = 98 - int(f"{bare}152700") % 97  # F is 15, R is 27
        assert is_iban(f"FR{check:02d}{bare}") == (letters == 23)
    good = "FR1420041010050500013M02606"
    assert is_iban(good)
    assert not any(is_iban(good.replace("4", other)) for other in ("\u0664", "\u00b2", "_", "%"))
    assert "iban" not in identifiers_in("AB12 3456 7890 1234 5678 9012")


@pytest.mark.parametrize(
    ("number", "other"),
    [
        # North America, with its 1 and without: no area and no exchange begins with 0 or 1.
        ("212 555 0142", "112 555 0142"), ("212 555 0142", "212 155 0142"),
        ("1 212 555 0142", "1 112 555 0142"), ("1 212 555 0142", "1 212 155 0142"),
        # Eight digits in pairs or fours, nine in threes or 3 and pairs, ten, as written at home.
        ("22 33 44 55", "12 33 44 55"), ("2345 6789", "1345 6789"),
        ("612 345 679", "412 345 679"), ("312 34 56 78", "212 34 56 78"),
        ("212 345 67 89", "112 345 67 89"), ("12 345 67 89", "12 345 67 8"),
        ("11 2345 6789", "11 2345 67890"), ("9 1234 5678", "9 12345 678"),
        ("11 91234 5678", "11 91234 56"), ("98765 43210", "58765 43210"),
    ],
)  # fmt: skip
def test_a_number_without_a_nought_is_known_by_its_groups_and_first_digits(number, other):
    assert is_phone(number)
    assert not is_phone(other)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        # Years, a day with its hour, addresses of a network, versions and places have the groups
        # of numbers of some country; so have a company's number and ISBN 0-306-40615-2.
        ("2016 2017", False), ("01/02/2016 10", False), ("22/11/16 10", False),
        ("212.155.12.34", False), ("0.12.345.678", False), ("012.145.6.189", False),
        ("48.85 12.35", False), ("0.1234 4.8566", False), ("732 829 320", False),
        ("732 829 321", True), ("0-306-40615-2", False), ("2 69 05 49 588 157 80", False),
        # Nine to eleven digits within a country, at most eleven behind a code in brackets.
        ("02 512 34 56", True), ("02 512 345", False), ("(21) 34 567", True),
        ("(21) 34 56", False), ("(212) 5555 0142", True), ("(212) 5555 01422", False),
        ("212-555-0142 ext. 5", True), ("212-555-0142 x123456", True),
        ("212-555-0142 x1234567", False),
    ],
)  # fmt: skip
def test_what_has_the_groups_of_a_telephone_number_is_none_where_it_is_something_else(text, is_one):
    assert is_phone(text) == is_one


@pytest.mark.parametrize(
    ("page", "of_a_person"),
    [
        ("https://fr-fr.facebook.com/anne.b", True), ("fr-f.facebook.com/anne.b", False),
        ("https://www.linkedin.com/in/anne-b/", True), ("instagram.com/p/C1abc", False),
        ("instagram.com/p", False), ("instagram.com/pauline", True),
    ],
)  # fmt: skip
def test_the_page_of_a_person_is_no_post_and_no_event(page, of_a_person):
    assert (PROFILE.fullmatch(page) is not None) == of_a_person


def test_only_numbers_of_la_poste_add_up_to_fives():
    # 3+5+6+4+9+8+3+7 is 45; 7+3+2+8+2+9+3+2+7+2 is 45 too, of another company.
    assert is_siret("35600000049837")
    assert not is_siret("35600000049838")
    assert is_siret("73282932000074")
    assert not is_siret("73282932000072")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("1234 2nd st", True),
        ("40 w 103rd st apt 6", True),
        ("1200 1st avenue", True),
        ("9 oak ln", True),
        # A number of another thing, and no street.
        ("came 2nd in 2015", False),
        ("12 45 st", False),
        ("1234 2nd visit", False),
    ],
)
def test_a_street_may_be_named_by_its_number(text, is_one):
    assert (ADDRESS.search(text) is not None) == is_one


def test_identifiers_of_a_chat_are_telephones_and_its_groups_are_none():
    """They were e-mail addresses, as a messenger writes both with an @."""
    people = [f"336{at:08d}@s.whatsapp.net" for at in range(10_000_000, 10_000_030)]
    others = [f"33612345678-{at}@g.us" for at in range(1_466_000_000, 1_466_000_030)]
    frame = pd.DataFrame({"jid": people + others, "de": people * 2, "salon": others * 2})
    kinds = {name: one.kind for name, one in column_kinds(frame).items()}
    assert (kinds["jid"], kinds["de"]) == ("phone", "phone")
    assert "salon" not in kinds
    columns = {one.name: one for one in pa.inspect(frame, as_of="2016-11-08").columns}
    assert [columns[name].role for name in ("jid", "salon")] == ["contact", "unknown"]
    notes = categories_in(["écrire à 33612345678@c.us", "voir a@exemple.us"])
    assert (notes["phone"].tolist(), notes["email"].tolist()) == ([True, False], [False, True])


def test_an_address_in_a_link_of_a_log_is_one(tmp_path):
    """A log of a web server was refused; its addresses have %40 for the @."""
    line = '81.2.69.{at} - - [08/Nov/2016:10:00:{at:02d} +0100] "GET /f?mail=z{at}%40exemple.fr"\n'
    (tmp_path / "access.log").write_text("".join(line.format(at=at) for at in range(30)))
    (column,) = pa.inspect(tmp_path / "access.log", as_of="2016-11-08").columns
    assert (column.kind, column.filled) == ("email", 30)


def test_a_group_among_telephones_is_none_of_them():
    jids = [f"336{at:08d}@s.whatsapp.net" for at in range(40)]
    jids += [f"33612345678-14{at:08d}@g.us" for at in range(20)]
    (column,) = pa.inspect(pd.DataFrame({"key_remote_jid": jids}), as_of="2016-11-08").columns
    assert (column.kind, column.filled, column.shows) == ("phone", 60, 40)
