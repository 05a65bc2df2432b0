"""A street of ten addresses and 24 people, small enough to count by hand.

Éric Meyer liked once; two women are called Marie Martin; Luc Fabre moved from number 5 to
number 9 and the directory does not know; Alexandre Dupont calls himself Alex.
"""

import numpy as np
import pandas as pd
import pytest

from privaudit.places.address_base import AddressBase
from privaudit.results.measures import Measures
from privaudit.simulation.world import SimulatedWorld, age_band

# household, address, kind
HOUSEHOLDS = [
    (0, 0, "family"),
    (1, 1, "couple"),
    (2, 2, "single"),
    (3, 3, "single"),
    (4, 4, "family"),
    (5, 5, "single"),
    (6, 6, "shared"),
    (7, 7, "single_parent"),
    (8, 8, "couple"),
    (9, 9, "single"),
    (10, 6, "family"),
    (11, 3, "single"),
]
# household, first name, last name, birth name, sex, age, birth date, profession, leaning
PEOPLE = [
    (0, "Éric", "Meyer", "Meyer", "M", 45, "1971-05-02", "employee", "right"),
    (0, "Anne-Claire", "Meyer", "Roux", "F", 43, "1973-01-09", "executive", "left"),
    (0, "Julien", "Meyer", "Meyer", "M", 11, "2005-03-03", "student", "none"),
    (1, "Jean-Paul", "de La Tour", "de La Tour", "M", 70, "1946-02-01", "retired", "right"),
    (1, "Monique", "de La Tour", "Petit", "F", 68, "1948-04-01", "retired", "right"),
    (2, "Marie", "Martin", "Martin", "F", 34, "1982-06-01", "worker", "left"),
    (3, "Marie", "Martin", "Martin", "F", 52, "1964-06-01", "worker", "right"),
    (4, "Alexandre", "Dupont", "Dupont", "M", 40, "1976-07-01", "artisan", "left"),
    (4, "Sophie", "Dupont", "Bernard", "F", 38, "1978-07-01", "executive", "right"),
    (4, "Léa", "Dupont", "Dupont", "F", 16, "2000-02-01", "student", "none"),
    (4, "Paul", "Dupont", "Dupont", "M", 8, "2008-02-01", "none", "none"),
    (5, "Hélène", "Garnier", "Garnier", "F", 29, "1987-02-01", "employee", "far_right"),
    (6, "Karim", "Nasri", "Nasri", "M", 24, "1992-02-01", "student", "left"),
    (6, "Tom", "Leroy", "Leroy", "M", 25, "1991-02-01", "student", "centre"),
    (7, "Christophe", "Lefebvre", "Lefebvre", "M", 47, "1969-02-01", "worker", "right"),
    (7, "Emma", "Lefebvre", "Lefebvre", "F", 17, "1999-02-01", "student", "none"),
    (8, "Emmanuel", "Roux", "Roux", "M", 60, "1956-02-01", "employee", "radical_left"),
    (8, "Nadia", "Roux", "Slimani", "F", 58, "1958-02-01", "employee", "left"),
    (9, "Luc", "Fabre", "Fabre", "M", 33, "1983-02-01", "executive", "right"),
    (10, "Pierre", "Morel", "Morel", "M", 50, "1966-02-01", "worker", "left"),
    (10, "Julie", "Morel", "Colin", "F", 48, "1968-02-01", "worker", "left"),
    (10, "Hugo", "Morel", "Morel", "M", 20, "1996-02-01", "student", "left"),
    (10, "Lou", "Morel", "Morel", "F", 12, "2004-02-01", "student", "none"),
    (11, "Odette", "Vidal", "Vidal", "F", 81, "1935-02-01", "retired", "none"),
]
# person, display name, city shown
ACCOUNTS = [
    (0, "Éric Meyer", True),
    (1, "anne claire roux", True),  # birth name
    (3, "Jean Paul La Tour", True),  # no hyphen, no particle
    (5, "Marie Martin", True),  # two of that name
    (7, "Alex Dupont", True),  # short form
    (18, "LUC FABRE", True),  # stale entry
    (11, "Hélène Garnier", False),  # town not shown
    (14, "Christophe Lefebvr", True),  # one letter missing
    (16, "Manu Roux", True),  # pet name
    (12, "loup42", True),  # handle
    (13, "Tom L.", True),  # last name cut
    (9, "Léa Dupont", True),  # in no register
    (20, "J Morel", True),  # initial
    (21, "Hugo Morel", True),  # roll only
]
# kind, side, topic
PAGES = [
    ("generic", "", "cooking"),
    ("generic", "", "cooking"),
    ("generic", "", "sport"),
    ("partisan", "right", "politics"),
    ("candidate", "right", "politics"),
    ("candidate", "left", "politics"),
]
# account, page, kind, time
INTERACTIONS = [
    (0, 0, "like", "2016-05-01T10:00"),
    (0, 1, "like", "2016-05-01T10:00"),
    (0, 2, "like", "2016-05-01T10:00"),
    (0, 4, "like", "2016-08-30T20:10"),
    (3, 2, "like", "2016-05-01T10:00"),
    (3, 0, "like", "2016-05-02T10:00"),
    (3, 4, "like", "2016-06-01T10:00"),
    (4, 4, "share", "2016-07-02T10:00"),
    (4, 4, "like", "2016-07-01T10:00"),
    (5, 4, "like", "2016-09-05T10:00"),
    (6, 4, "like", "2016-06-01T10:00"),
    (7, 4, "like", "2016-09-20T10:00"),  # after the day the map is looked at
    (8, 5, "like", "2016-06-01T10:00"),
    (2, 3, "like", "2016-06-01T10:00"),  # partisan, not the candidate
    (13, 4, "like", "2016-08-01T10:00"),
]
# last name, first name, address, person, household there today, stale
DIRECTORY = [
    ("Meyer", "Éric", 0, 0, 0, False),
    ("LA TOUR", "Jean-Paul", 1, 3, 1, False),
    ("Martin", "Marie", 2, 5, 2, False),
    ("Martin", "Marie", 3, 6, 3, False),
    ("Dupont", "Alexandre", 4, 7, 4, False),
    ("Fabre", "Luc", 5, 18, 5, True),
    ("Lefebvre", "Christophe", 7, 14, 7, False),
    ("Morel", "Pierre", 6, 19, 10, False),
]
TEXT = "str"


def _frame(rows, columns):
    frame = pd.DataFrame(rows, columns=columns)
    texts = {name: TEXT for name in columns if isinstance(frame[name].iloc[0], str)}
    return frame.astype(texts)


def _numbered(name, frame):
    frame.insert(0, name, np.arange(len(frame)))
    return frame


@pytest.fixture(scope="session")
def street():
    """The street as a `SimulatedWorld`."""
    n = 10
    station = ["1"] * 5 + ["2"] * 5
    addresses = pd.DataFrame(
        {
            "id": [f"a{i}" for i in range(n)],
            "number": [str(i) for i in range(n)],
            "street": "rue des Lilas",
            "commune": "99001",
            "station": station,
            "x": 20.0 * np.arange(n),
            "y": np.zeros(n),
        }
    ).astype(dict.fromkeys(("id", "number", "street", "commune", "station"), TEXT))
    households = _frame(HOUSEHOLDS, ["household", "address", "kind"])
    people = _frame(
        PEOPLE,
        [
            *("household", "first_name", "last_name", "birth_name", "sex", "age"),
            *("birth_date", "profession", "leaning"),
        ],
    )
    home = households["address"].to_numpy()[people["household"]]
    people = _numbered("person", people).assign(
        address=home,
        age_band=pd.Series(age_band(people["age"].to_numpy()), dtype=TEXT),
        birth_date=people["birth_date"].to_numpy(dtype="datetime64[s]"),
        interest=pd.Series(["cooking"] * len(people), dtype=TEXT),
        elector=people["age"] >= 18,
        station=pd.Series([station[a] for a in home], dtype=TEXT),
        has_account=np.isin(np.arange(len(people)), [row[0] for row in ACCOUNTS]),
    )
    accounts = _numbered("account", _frame(ACCOUNTS, ["person", "display_name", "city_shown"]))
    accounts = accounts.assign(
        email=pd.Series([f"{i}@courriel.example" for i in accounts["account"]], dtype=TEXT),
        aligned=True,
    )
    interactions = _frame(INTERACTIONS, ["account", "page", "kind", "time"])
    interactions["time"] = interactions["time"].to_numpy(dtype="datetime64[s]")
    directory = _numbered(
        "entry",
        _frame(DIRECTORY, ["last_name", "first_name", "address", "person", "household", "stale"]),
    )
    roll = people[people["elector"]].reset_index(drop=True)
    roll = _numbered("entry", roll)
    truth = ["entry", "person", "household", "stale"]
    return SimulatedWorld(
        addresses=AddressBase(addresses, real=False),
        zone=np.array(["houses"] * n),
        stations=pd.DataFrame({"station": pd.Series(["1", "2"], dtype=TEXT)}),
        households=households.assign(size=people.groupby("household").size()),
        people=people,
        accounts=accounts,
        pages=_numbered("page", _frame(PAGES, ["kind", "side", "topic"])),
        interactions=interactions,
        directory=directory[["entry", "last_name", "first_name", "address"]],
        roll=roll[
            [
                *("entry", "last_name", "birth_name", "first_name", "sex", "birth_date"),
                *("address", "station"),
            ]
        ],
        directory_truth=directory[truth],
        roll_truth=roll.assign(stale=False)[truth],
        quality=Measures(family="simulation", rows=[], provenance="simulated"),
        identity="street",
        recipe={"stage": "street"},
    )
