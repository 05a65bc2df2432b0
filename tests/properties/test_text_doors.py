"""A text typed in another way changes no result, at every door that compares text.

Apostrophes, hyphens, blanks, ligatures, letters apart from their accents, marks that nobody sees
and, but where capitals tell something, case.
"""

import json
import unicodedata
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import privaudit as pa
from privaudit import cli
from privaudit.columns.free_text import categories_in
from privaudit.columns.headers import kind_of_header, kind_of_record, may_name_a_person
from privaudit.columns.recognise import column_kinds, is_filled
from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import match_addresses, normalised_address
from privaudit.linkage.fellegi_sunter import compare_names
from privaudit.linkage.join_files import join_keys
from privaudit.linkage.join_tables import compare_tables
from privaudit.linkage.person_index import PersonIndex
from privaudit.maps.naming import SharedKeys
from privaudit.release.column_roles import known_columns
from privaudit.release.inventory import propose_roles
from privaudit.release.read_table import read_table
from privaudit.rules.check_rules import check_rules
from privaudit.text.normalise import name_key, slug

TYPED = {"'": "'\u2018\u2019\u02bc\u00b4", "-": "-\u2010\u2011\u2012\u2013\u2014",
         " ": " \u00a0\u202f\u2009"}  # fmt: skip
LIGATURES = {"œ": "oe", "æ": "ae", "ß": "ss", "Œ": "OE", "ø": "o", "ł": "l", "ﬁ": "fi"}
FORMS = ("NFC", "NFD")
LAWS = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def respelt(text, rng, *, case=True):
    """Type a text in another way."""
    letters = []
    for letter in text:
        letter = str(rng.choice(list(TYPED[letter]))) if letter in TYPED else letter
        if letter in LIGATURES and rng.random() < 0.5:
            letter = LIGATURES[letter]
        letters.append(letter + ("\u200b" if rng.random() < 0.05 else ""))
    found = unicodedata.normalize(str(rng.choice(FORMS)), "".join(letters))
    if case:
        found = (str.upper, str.lower, str)[int(rng.integers(3))](found)
    return found


def all_respelt(texts, rng, **options):
    return [respelt(text, rng, **options) for text in texts]


seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)

HEADERS = (
    "Nom de l'électeur", "Prénom d'usage", "Date d'inscription", "Âge", "Adresse e-mail",
    "N° de téléphone", "État de santé", "Niveau de soutien", "Bureau de vote", "Parti du père",
    "œuvre", "latitude", "code postal", "Date de désinscription", "Marie-Hélène Lœb", "zone",
)  # fmt: skip
NAMES = (
    "Jeanne d'Arc", "Anne-Claire Lœb", "Günther Strauß", "Paweł Łukasik", "Пётр Иванов",
    "Ελένη Παππά", "محمد بن علي", "小龙 李", "Zoé L'Haÿ", "Éloïse Le Gall-Prévôt", "Inès Sørensen",
    "Hélène N'Guyen",
)  # fmt: skip


@pytest.mark.parametrize("header", HEADERS)
@LAWS
@given(rng=seeds)
def test_a_header_is_known(header, rng):
    typed = respelt(header, rng)
    assert kind_of_header(typed) == kind_of_header(header)
    assert kind_of_record(typed) == kind_of_record(header)
    as_typed = respelt(header, rng, case=False)
    assert may_name_a_person(as_typed) == may_name_a_person(header)


@LAWS
@given(rng=seeds)
def test_an_identifier_and_a_key_of_a_name_stay(rng):
    for name in NAMES:
        assert slug(respelt(name, rng)) == slug(name)
        assert name_key(respelt(name, rng)) == name_key(name) != ""


def people():
    """PersonIndex by their names, with what a campaign writes of them."""
    n = len(NAMES)
    given, last = zip(*(name.split(" ", 1) for name in NAMES), strict=True)
    sides = ["favorable", "opposé", "indécis", "hostile"]
    return pd.DataFrame({
        "Prénom": given, "Nom de l'électeur": last,
        "Né le": [f"19{30 + 5 * i}-05-0{1 + i % 9}" for i in range(n)],
        "État de santé": ["à l'hôpital", "diabète", "-", "néant"] * (n // 4),
        "Opinion": [sides[i % 4] for i in range(n)],
        "Adresse": [f"{1 + i} rue de l'Église, 94340 Saint-Étienne" for i in range(n)],
        "E-mail": [f"a.b-c{i}@exemple.fr" for i in range(n)],
    })  # fmt: skip


def typed_otherwise(frame, rng, *, case=True):
    """The same table with its headers and cells typed in another way."""
    return pd.DataFrame(
        {
            respelt(column, rng): frame[column]
            if column == "Né le"
            else all_respelt(frame[column], rng, case=case and column != "État de santé")
            for column in frame
        }
    )


def test_the_people_below_are_known_at_all():
    kinds = [one.kind for one in column_kinds(people()).values()]
    assert kinds == ["name", "name", "age", "health", "support", "address", "email"]


def known_of(frame):
    """What is known of the columns of a table of people: kinds, roles, kinds by cells, blanks."""
    known = [(one.kind, one.by) for one in known_columns(frame, None, {}).values()]
    kinds = list(column_kinds(frame).values())
    return kinds, propose_roles(frame, "t"), known, is_filled(frame.iloc[:, 3]).tolist()


# What is known of the text as it stands is asked once, not in every example.
known_as_it_stands = cache(lambda: known_of(people()))


@LAWS
@given(rng=seeds)
def test_what_columns_hold_and_their_roles_are_known(rng):
    frame = people()
    other = typed_otherwise(frame, rng)
    kinds, mine, *known = known_as_it_stands()
    same_kinds, theirs, *again = known_of(other)
    assert same_kinds == kinds
    place = dict(zip(other.columns, frame.columns, strict=True))
    for role in ("identifier", "key", "sensitive"):
        assert tuple(place[c] for c in getattr(theirs, role)) == getattr(mine, role)
    assert again == known


def joined(one, other):
    """Whom each of one table meets in another, by each way to tell."""
    ways = compare_tables(
        *(PersonIndex.of(read_table(f), name) for f, name in ((one, "a"), (other, "b")))
    )
    return {way: shared.matches().one.tolist() for way, shared in ways.items()}


joined_as_it_stands = cache(lambda: joined(people(), people()))


@pytest.mark.heavy
@LAWS
@given(rng=seeds)
def test_two_tables_meet(rng):
    expected = joined_as_it_stands()
    assert expected["name_birth"] == expected["name_address"] == list(range(len(NAMES)))
    assert joined(people(), typed_otherwise(people(), rng)) == expected


def street():
    """Doors of a street, with the town's name and postcode."""
    n = len(NAMES)
    place = pd.DataFrame({
        "id": [f"a{i}" for i in range(n)], "number": [str(1 + i) for i in range(n)],
        "street": "Rue de l'Église", "commune": "94042", "station": "",
        "x": [30.0 * i for i in range(n)], "y": 0.0,
    })  # fmt: skip
    written = pd.DataFrame({"postcode": "94340", "town": "Saint-Étienne", "also": ""},
                           index=range(n))  # fmt: skip
    return AddressBase(place, real=False, written=written)


@LAWS
@given(rng=seeds)
def test_an_address_is_found(rng):
    base, texts = street(), people()["Adresse"].tolist()
    rows, _ = match_addresses(texts, base)
    assert rows.tolist() == list(range(len(NAMES)))
    assert match_addresses(all_respelt(texts, rng), base)[0].tolist() == rows.tolist()
    for text in texts:
        assert normalised_address(respelt(text, rng)) == normalised_address(text)


def dots_of_people():
    """A dot at each door of the street, with a name and an opinion."""
    base = street()
    return pd.DataFrame({"x": base.xy[:, 0], "y": base.xy[:, 1], "nom": list(NAMES),
                         "soutien": people()["Opinion"]})  # fmt: skip


def met(records, shown):
    """Whether each dot fits each record, by each way to tell."""
    table, dots = read_table(records), pa.read_map(shown, addresses=street())
    laid = join_keys(table, dots)
    return {
        way: [keys.fit(np.full(len(records), dot), np.arange(len(records))).tolist()
              for dot in range(len(shown))]
        for way, keys in laid.ways.items()
    }  # fmt: skip


met_as_it_stands = cache(lambda: met(people(), dots_of_people()))


@LAWS
@given(rng=seeds)
def test_a_table_meets_a_map(rng):
    expected, beside = met_as_it_stands(), dots_of_people()
    assert {"identity", "columns", "address"} <= {*expected}
    dots = beside.assign(nom=all_respelt(beside["nom"], rng),
                         soutien=all_respelt(beside["soutien"], rng))  # fmt: skip
    assert met(typed_otherwise(people(), rng), dots) == expected


@LAWS
@given(rng=seeds)
def test_an_account_finds_its_entry_in_a_register(rng):
    frame = pd.DataFrame([name.split(" ", 1) for name in NAMES],
                         columns=["first_name", "last_name"])  # fmt: skip
    frame["birth_name"], frame["birth_year"] = frame["last_name"], 1970
    shown = pd.DataFrame({"display_name": NAMES, "email": ""})

    def pairs(accounts, register):
        found = compare_names(accounts, register)
        return sorted(zip(found.account.tolist(), found.entry.tolist(), found.first.tolist(),
                          found.last.tolist(), strict=True))  # fmt: skip

    expected = pairs(shown, frame)
    assert {(i, i) for i in range(len(NAMES))} <= {pair[:2] for pair in expected}
    # A word in capitals is read as a last name, so that case tells something here.
    typed = shown.assign(display_name=all_respelt(NAMES, rng, case=False))
    other = frame.copy()
    for column in ("first_name", "last_name", "birth_name"):
        other[column] = all_respelt(frame[column], rng)
    assert pairs(typed, other) == expected


@LAWS
@given(rng=seeds)
def test_a_record_agrees_with_a_register(rng):
    register = pd.DataFrame([name.split(" ", 1) for name in NAMES],
                            columns=["first_name", "last_name"])  # fmt: skip
    register["address"] = 0

    class Asked:
        as_of = np.datetime64("2016-11-08")

        def entries(self):
            return register

    def agree(shown):
        class Leak:
            records = shown

        keys = SharedKeys.of(Leak, Asked())
        n = len(NAMES)
        one, other = np.divmod(np.arange(n * n), n)
        return keys.agree(one, other).reshape(n, n)

    assert (agree(register) == np.eye(len(NAMES), dtype=bool)).all()
    typed = register.assign(first_name=all_respelt(register["first_name"], rng),
                            last_name=all_respelt(register["last_name"], rng))  # fmt: skip
    assert (agree(typed) == agree(register)).all()


NOTES = (
    "Sort de chimio, sa femme ouvre", "N'est pas d'accord - déléguée CGT",
    "Sa sœur est à l'hôpital", "catholique pratiquant", "Rue de l'Église", "rien à signaler",
    "Téléphone 06 12 34 56 78",
    "sous anti-dépresseurs", "bénéficiaire de l'A.A.H.", "juif non-pratiquant", "adhérent·e au PCF",
)  # fmt: skip


@LAWS
@given(rng=seeds)
def test_free_text_says_what_it_says(rng):
    expected = {what: rows.tolist() for what, rows in categories_in(NOTES).items()}
    assert expected["health"][0]
    # Capitals tell an acronym and a name.
    found = categories_in(all_respelt(NOTES, rng, case=False))
    assert {what: rows.tolist() for what, rows in found.items()} == expected


COLUMNS = ("Prénom usuel", "Catégorie d'âge", "Avis - détaillé", "œuvre")


def table(n=40):
    rng = np.random.default_rng(5)
    return pd.DataFrame({column: rng.integers(0, 4, n).astype(str) for column in COLUMNS})


KNOWN = pa.Roles(key=COLUMNS[1:3], sensitive=COLUMNS[3])


def measured(roles):
    """What is measured of the table: beside a population, and by an engine."""
    population = pd.concat([table()] * 3)
    return [
        [(row.measure, row.value) for row in pa.measure(table(), roles, **options).rows]
        for options in ({"population": population}, {"engine": "duckdb"})
    ]


measured_as_it_stands = cache(lambda: measured(KNOWN))


@pytest.mark.heavy
@settings(LAWS, max_examples=3)
@given(rng=seeds)
def test_columns_are_found_that_a_caller_names(rng):
    frame = table()
    typed = pa.Roles(key=all_respelt(COLUMNS[1:3], rng), sensitive=respelt(COLUMNS[3], rng))
    assert measured(typed) == measured_as_it_stands()
    assert read_table(frame, roles=typed).roles == KNOWN
    log = frame.rename(columns={COLUMNS[0]: "l'œuvre", COLUMNS[1]: "compte d'été"})
    named = ("compte d'été", "l'œuvre")
    traces = [
        pa.read_traces(log, person=person, item=item)
        for person, item in (named, all_respelt(named, rng))
    ]
    assert (traces[0].person == traces[1].person).all()
    assert (traces[0].item == traces[1].item).all()


@LAWS
@given(rng=seeds)
def test_a_description_finds_the_columns_that_it_names(rng):
    frame = pd.DataFrame({"support_level": [1, 2, 5], "L'accord exprès": ["yes", "", "yes"]})
    named = [
        check_rules(
            frame, {"people": {"consent": name}, "controller": {"type": "party"}},
            as_of="2018-05-25",
        )
        for name in ("L'accord exprès", respelt("L'accord exprès", rng))
    ]  # fmt: skip
    assert [(r.rule.id, r.verdict) for r in named[0]] == [(r.rule.id, r.verdict) for r in named[1]]


def findings(folder, key, secret):
    """What the command finds in the table in a folder, written anew."""
    table().to_csv(folder / "people.csv", index=False)
    asked = ["table", str(folder / "people.csv"), "--key", ",".join(key), "--sensitive", secret]
    assert cli.main([*asked, "--out", str(folder / "out")]) == 0
    return json.loads((folder / "out" / "findings.json").read_text(encoding="utf-8"))["findings"]


@pytest.fixture(scope="module")
def found_as_it_stands(tmp_path_factory):
    return findings(tmp_path_factory.mktemp("named"), COLUMNS[1:3], COLUMNS[3])


@pytest.mark.heavy
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(rng=seeds)
def test_the_command_line_finds_the_columns_that_it_is_given(
    rng, tmp_path_factory, found_as_it_stands
):
    key, secret = all_respelt(COLUMNS[1:3], rng), respelt(COLUMNS[3], rng)
    assert findings(tmp_path_factory.mktemp("named"), key, secret) == found_as_it_stands
