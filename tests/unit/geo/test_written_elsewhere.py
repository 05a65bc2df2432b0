"""Addresses as they are written outside France, and streets with a slip: expected by reading."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import join_addresses, match_addresses
from privaudit.io.addresses import read_addresses

SHARED = Path(__file__).parents[3].parent / "shared" / "data"


def place(streets, numbers, language, postcode="", town="", also=""):
    """Return doors 150 m apart, of every number of every street."""
    doors = list(product(streets, numbers))
    frame = pd.DataFrame(doors, columns=["street", "number"])
    frame = frame.assign(id=[str(i) for i in range(len(doors))], commune=town, station="")
    frame["x"], frame["y"] = 150.0 * np.arange(len(doors)), 0.0
    written = pd.DataFrame({"postcode": postcode, "town": town, "also": also}, index=frame.index)
    return AddressBase(frame, real=True, language=language, written=written)


UK = place(
    ["High Street", "St John's Road", "The Avenue", "Mill Lane", "Hill Lane", "North Parade",
     "South Parade"],
    ["1", "2", "12", "14", "21", "12A", "31"], "en", "BS8 1TH", "Bristol",
)  # fmt: skip
US = place(
    ["N Main St", "5th Avenue", "Oak Ridge Dr", "Saint Marks Place", "69th Street",
     "Northwest Hoyt Street"],
    ["69-15", "117", "117 1/2", "12", "1799", "7", "12345"], "en", "97204", "Portland",
)  # fmt: skip
CH = place(
    ["Hauptstrasse", "Worblentalstrasse", "Dorfweg", "Bahnhofplatz"],
    ["1", "12", "31", "31.1", "12a", "21"], "de", "3048", "Worblaufen",
)  # fmt: skip
AT = place(
    ["Hauptplatz", "Währinger Straße"], ["9", "9/10", "10", "7-11", "12"], "de", "1090", "Wien"
)
NL = place(
    ["Keizersgracht", "Spuistraat"],
    ["12", "12 A", "21"],
    "nl",
    "1015CJ",
    "Amsterdam",
)
BE = place(["Rue Haute", "Rue de la Loi"], ["3", "7", "12"], "fr", "1000", "Bruxelles")
# A Swiss file names no language: French is recognised, French postcodes are not assumed.
GENEVA = place(["Rue du Rhône", "Place du Molard"], ["3", "7", "12"], "", "1204", "Genève")
CA = place(["Queen Street W", "Rue Sainte-Catherine"], ["100", "12"], "en", "M5V 2A9", "Toronto")
IT = place(["VIA ROMA", "VIA DEL ROSSO"], ["3", "3 ROSSO", "10"], "it", "50123", "FIRENZE")
PL = place(["Łódzka", "Świętego Mikołaja"], ["9", "12"], "pl", "50-127", "Wrocław")
GR = place(["Οδός Ερμού", "Πατησίων"], ["12", "21"], "", "105 63", "Αθήνα")
RU = place(["улица Ленина", "Невский проспект"], ["12", "21"], "", "", "")
DK = place(["Øster Søgade", "Nørrebrogade"], ["12", "21 A"], "", "1357", "København")
AU = place(["High Street", "Mill Lane"], ["9", "10", "12"], "en", "2000", "Sydney")
OSM = place(["Marktgasse", "Hauptplatz"], ["7-11", "20"], "de", "1010", "Wien")

WRITTEN = [
    (UK, "12 High Street", ("High Street", "12")),
    (UK, "12 High St, Bristol BS8 1TH", ("High Street", "12")),
    (UK, "Flat 2, 14 High Street", ("High Street", "14")),
    (UK, "Flat 2A, 14 High Street, Bristol", ("High Street", "14")),
    (UK, "2, 14 High Street", ("High Street", "14")),
    (UK, "12a high street", ("High Street", "12A")),
    (UK, "1 St. John’s Rd", ("St John's Road", "1")),
    (UK, "1 Saint Johns Road", ("St John's Road", "1")),
    (UK, "12 High Street, EH1 1AA", "elsewhere"),
    (UK, "21 North Parade", ("North Parade", "21")),
    (UK, "13 High Street", "number_unknown"),
    (US, "117 1/2 N. Main Street", ("N Main St", "117 1/2")),
    (US, "117 North Main St Apt 4B", ("N Main St", "117")),
    (US, "69-15 5th Ave, Portland, OR 97204-1234", ("5th Avenue", "69-15")),
    (US, "15 5th Ave", "number_unknown"),
    (US, "12345 Oak Ridge Drive", ("Oak Ridge Dr", "12345")),
    (US, "1799 Oak Ridge Dr #12", ("Oak Ridge Dr", "1799")),
    (US, "12 St Marks Pl", ("Saint Marks Place", "12")),
    (US, "12 69th St", ("69th Street", "12")),
    (US, "7 NW Hoyt St, Portland OR", ("Northwest Hoyt Street", "7")),
    (US, "12 Oak Ridge Dr, Salem OR 97301", "elsewhere"),
    (CH, "Hauptstrasse 12, 3048 Worblaufen", ("Hauptstrasse", "12")),
    (CH, "Hauptstr. 12a", ("Hauptstrasse", "12a")),
    (CH, "Haupt-Straße 31.1", ("Hauptstrasse", "31.1")),
    (CH, "Hauptstrasse 31", ("Hauptstrasse", "31")),
    (CH, "Worblentalstraße 12 CH-3048 Worblaufen", ("Worblentalstrasse", "12")),
    (CH, "Hauptstrasse 12, 3000 Bern", "elsewhere"),
    (CH, "Dorfweg 2", "number_unknown"),
    (CH, "Dorfweg 31.2", "number_unknown"),
    (AT, "Hauptplatz 9/10", ("Hauptplatz", "9/10")),
    (AT, "Hauptplatz 12/4", ("Hauptplatz", "12")),
    (AT, "Währinger Str. 12 Top 3, 1090 Wien", ("Währinger Straße", "12")),
    (NL, "Keizersgracht 12 A", ("Keizersgracht", "12 A")),
    (NL, "Keizersgracht 12-2, 1015 CJ Amsterdam", ("Keizersgracht", "12")),
    (NL, "Keizersgracht 21 1234 AB", "elsewhere"),
    (NL, "Spui straat 21", ("Spuistraat", "21")),
    (BE, "Rue Haute 7 bus 3, 1000 Bruxelles", ("Rue Haute", "7")),
    (BE, "Rue Haute 7, 1050 Ixelles", "elsewhere"),
    (BE, "12 rue de la Loi boîte 4, 1000 Bruxelles", ("Rue de la Loi", "12")),
    (GENEVA, "Rue du Rhone 12, 1204 Genève", ("Rue du Rhône", "12")),
    (GENEVA, "pl. du Molard 7, CH-1204 Genève", ("Place du Molard", "7")),
    (GENEVA, "rue du Rhône 12, 1003 Lausanne", "elsewhere"),
    (BE, "Rue de la Loi 12", ("Rue de la Loi", "12")),
    (CA, "100 Queen St West, Toronto, ON M5V 2A9", ("Queen Street W", "100")),
    (CA, "100 Queen St W, H2X 1Y4", "elsewhere"),
    (IT, "Via Roma 3", ("VIA ROMA", "3")),
    (IT, "Via Roma 3 rosso, 50123 Firenze", ("VIA ROMA", "3 ROSSO")),
    (IT, "Via Roma 3/r", "number_unknown"),
    (IT, "via del Rosso 10", ("VIA DEL ROSSO", "10")),
    (PL, "ul. Lodzka 12, 50-127 Wrocław", ("Łódzka", "12")),
    (GR, "Ερμού 21", ("Οδός Ερμού", "21")),
    (GR, "ΟΔΟΣ ΕΡΜΟΥ 12, 105 63 Αθήνα", ("Οδός Ερμού", "12")),
    (GR, "Πατησιων 21", ("Πατησίων", "21")),
    (RU, "Улица Ленина, 12", ("улица Ленина", "12")),
    (RU, "Невский проспект 21", ("Невский проспект", "21")),
    (DK, "Oster Sogade 12", ("Øster Søgade", "12")),
    (DK, "Nørrebrogade 21A, 1357 København", ("Nørrebrogade", "21 A")),
    (AU, "9/10 High St, Sydney NSW 2000", ("High Street", "10")),
    (AU, "Unit 9, 12 Mill Ln", ("Mill Lane", "12")),
    (OSM, "Marktgasse 9", ("Marktgasse", "7-11")),
    (OSM, "Marktgasse 7-11", ("Marktgasse", "7-11")),
    (OSM, "Marktgasse 8", "number_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("base", "text", "door"), WRITTEN, ids=[text for _, text, _ in WRITTEN])
def test_what_people_write_in_other_countries(base, text, door):
    (row,), (why,) = match_addresses([text], base)
    found = why if row < 0 else tuple(base.frame.loc[row, ["street", "number"]])
    assert found == door


def test_postcodes_in_a_column_of_their_own():
    rows = [
        (US, ["97204", "97204-0001", "97301"], [True, True, False]),
        (UK, ["bs81th", "BS8 1TH", "EH1 1AA"], [True, True, False]),
        (CH, ["3048", "3048.0", "3000"], [True, True, False]),
        (BE, ["1000", "1000.0", "1050"], [True, True, False]),
        (GENEVA, ["1204", "1204.0", "1003"], [True, True, False]),
        (NL, ["1015 CJ", "1015cj", "1015 XX"], [True, True, False]),
        (CA, ["m5v2a9", "M5V 2A9", "H2X 1Y4"], [True, True, False]),
    ]
    for base, postcodes, found in rows:
        street, number = base.frame.loc[0, ["street", "number"]]
        first = base.language in ("en", "fr")
        text = f"{number} {street}" if first else f"{street} {number}"
        row, _ = match_addresses([text] * 3, base, postcodes=postcodes)
        assert (row == 0).tolist() == found


def with_a_slip(text, rng, letters="abcdefghijklmnopqrstuvwxyz"):
    """Return a text with a letter more, less, exchanged, or another one."""
    while True:
        at, letter = int(rng.integers(len(text) - 1)), str(rng.choice(list(letters)))
        one, two = text[at], text[at + 1]
        slips = [one + letter + two, two, letter + two, two + one]
        changed = text[:at] + slips[int(rng.integers(4))] + text[at + 2 :]
        if changed.lower() != text.lower():
            return changed


TOWNS = {
    "en": "Chestnut Kensington Wellington Marlborough Sycamore Lexington Hawthorn Garfield",
    "de": "Bahnhofs Schiller Goethe Bismarck Kirchhofer Mozart Beethoven Lessing Uhland Humboldt",
    "nl": "Rembrandt Vermeer Spinoza Huygens Erasmus Nachtegaal Leeuwerik Wilhelmina Beatrix",
}
ENDS = {"en": [" Street", " Avenue"], "de": ["straße", "platz"], "nl": ["straat", "laan"]}


@pytest.mark.parametrize("language", TOWNS)
def test_one_slip_in_a_street_of_an_invented_town(language):
    streets = [name + end for name in TOWNS[language].split() for end in ENDS[language]]
    base = place(streets, ["1", "12", "21"], language, town="X")
    rng, n = np.random.default_rng(3), 600
    rows = rng.integers(len(base), size=n)
    texts = []
    for street, number in base.frame.loc[rows, ["street", "number"]].itertuples(index=False):
        slipped = with_a_slip(street, rng)
        texts.append(f"{number} {slipped}" if language == "en" else f"{slipped} {number}")
    found, _ = match_addresses(texts, base)
    assert (found == rows).mean() >= 0.95
    assert not ((found >= 0) & (found != rows)).any()


@pytest.mark.heavy
def test_one_slip_in_a_real_street():
    file = SHARED / "val-de-marne-addresses.csv.gz"
    if not file.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    base, rng = read_addresses(file), np.random.default_rng(17)
    rows = rng.choice(len(base), 2_000, replace=False)
    frame, towns = base.frame.loc[rows], base.written.loc[rows, "town"].tolist()
    texts = [
        f"{n} {with_a_slip(s, rng)}" for n, s in zip(frame["number"], frame["street"], strict=True)
    ]
    found, _ = match_addresses(texts, base, towns=towns)
    # A door that stands twice in the file is one.
    near = np.hypot(*(base.xy[found] - base.xy[rows]).T) <= 100
    assert (near & (found >= 0)).mean() >= 0.95
    assert not (~near & (found >= 0)).any()


def test_another_name_is_no_slip():
    french = place(
        ["Rue du Nord", "Rue du Port", "Rue de la Paix", "Rue du 8 Mai 1945"], ["12", "21"], "fr"
    )
    tied = ["12 rue du Nort", "12 rue du Pord"]
    others = ["12 rue du Fort", "12 rue du 9 Mai 1945", "12 rue du 8 Mai 1946", "12 rue Paul"]
    assert (match_addresses(tied + others, french)[0] == -1).all()
    assert match_addresses(["12 rue du Norrd", "21 rue de la Piax"], french)[0].tolist() == [0, 5]
    names = ["21 South Parade", "21 Hill Lane", "12 North Parede", "12 Gill Lane", "12 Mill Lanw"]
    rows, _ = match_addresses(names, UK)
    streets = [UK.frame["street"][row] if row >= 0 else "" for row in rows]
    assert streets == ["South Parade", "Hill Lane", "North Parade", "", "Mill Lane"]
    only = place(["Mill Lane", "North Parade", "West Street"], ["12"], "en")
    others = ["12 Hill Lane", "12 South Parade", "12 East Street", "12 Well Lane", "21 Mill Lanw"]
    assert (match_addresses(others, only)[0] == -1).all()


def test_a_slip_needs_the_town_where_there_are_several():
    one, two = (place(["Victor Road"], ["12"], "en", town=t).frame for t in ("Ashby", "Corby"))
    frame = pd.concat([one, two.assign(street="Norfolk Road", x=900.0)], ignore_index=True)
    written = pd.DataFrame({"postcode": "", "town": ["Ashby", "Corby"], "also": ""})
    base = AddressBase(frame, real=True, language="en", written=written)
    texts = [
        "12 Victr Road",
        "12 Victr Road, Ashby",
        "12 Victr Road, Corby",
        "12 Victor Road, Corby",
    ]
    assert match_addresses(texts, base)[0].tolist() == [-1, 0, -1, -1]


def test_slips_are_counted():
    people = pd.DataFrame({"address": ["12 High Streat", "12 High Street", "14 Nowhere"]})
    joined = join_addresses(people, UK)
    assert joined.address.tolist() == [2, 2, -1]
    assert joined.slips == 1


def test_the_language_of_streets_is_recognised():
    """Dr is a doctor in France and a drive elsewhere."""
    american = place(["Oak Dr", "Elm Dr", "Pine Street"], ["12"], "")
    french = place(["Rue du Dr Roux", "Avenue Foch", "Rue Haute"], ["12"], "")
    assert match_addresses(["12 Oak Drive"], american)[0].tolist() == [0]
    assert match_addresses(["12 rue du docteur Roux"], french)[0].tolist() == [0]
