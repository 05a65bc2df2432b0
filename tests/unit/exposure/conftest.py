"""Two streets, eight homes, nineteen people: small enough to count every number by hand.

    centre, station S1                    houses and hamlet, station S2
    0 (0, 0)      homes 0, 1, 2           2 (1000, 0)   home 5, the Meyers
    1 (30, 0)     homes 3, 4              3 (1040, 0)   home 6
                                          4 (1100, 0)   home 7

Five people liked the candidate of the right and have a dot:

    dot  person  lives at    marked at          presumed right, leaning
    0    0       0, home 0   0, home 0          right
    1    4       0, home 2   3, home 6 homonym  left
    2    6       1, home 3   4, home 7 stale    right
    3    9       1, home 4   1, home 3 bell     far_right
    4    10      2, home 5   2, home 5          right     (Éric)
"""

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.places.address_base import AddressBase
from privaudit.release.release import DotRelease
from privaudit.results.measures import Measures
from privaudit.roles import Roles
from privaudit.simulation.world import LEANINGS, SimulatedWorld, age_band

# household, age, sex, leaning, elector
PEOPLE = [
    (0, 45, "M", "right", True), (0, 43, "F", "left", True), (0, 11, "F", "none", False),
    (1, 70, "F", "right", True),
    (2, 30, "M", "left", True), (2, 29, "F", "left", False),
    (3, 50, "M", "right", True), (3, 48, "F", "right", True), (3, 16, "M", "none", False),
    (4, 25, "M", "far_right", True),
    (5, 45, "M", "right", True), (5, 43, "F", "left", True), (5, 11, "M", "none", False),
    (6, 60, "M", "right", True), (6, 58, "F", "right", True),
    (7, 35, "F", "left", True), (7, 36, "M", "left", True), (7, 5, "F", "none", False),
    (7, 3, "M", "none", False),
]  # fmt: skip
ADDRESS_OF_HOME = [0, 0, 0, 1, 1, 2, 3, 4]
ACCOUNT_OF = [0, 3, 4, 6, 9, 10, 13, 15]  # the person of each account


def _world() -> SimulatedWorld:
    people = pd.DataFrame(PEOPLE, columns=["household", "age", "sex", "leaning", "elector"])
    people["person"] = np.arange(len(people))
    people["address"] = np.array(ADDRESS_OF_HOME)[people["household"]]
    people["age_band"] = age_band(people["age"].to_numpy())
    people["profession"] = "employee"
    people["station"] = np.where(people["address"] <= 1, "S1", "S2")
    n = len(ADDRESS_OF_HOME)
    addresses = AddressBase(
        pd.DataFrame(
            {
                "id": list("abcde"),
                "number": "1",
                "street": "rue des Essais",
                "commune": "99001",
                "station": ["S1", "S1", "S2", "S2", "S2"],
                "x": [0.0, 30.0, 1000.0, 1040.0, 1100.0],
                "y": 0.0,
                "households": [3, 2, 1, 1, 1],
                "electors": [4, 3, 2, 2, 2],
                "residents": [6, 4, 3, 2, 4],
            }
        ),
        real=False,
    )
    stations = pd.DataFrame(
        [("S1", 0.0, 0.3, 0.1, 0.5, 0.1, 0.0), ("S2", 0.0, 0.4, 0.1, 0.4, 0.1, 0.0)],
        columns=["station", *LEANINGS],
    )
    # Accounts 0, 2, 3, 4, 5 like the candidate of the right, 7 that of the left, 6 a page only.
    clicks = pd.DataFrame(
        {"account": [0, 2, 3, 4, 5, 5, 7, 6], "page": [0, 0, 0, 0, 0, 2, 1, 2], "kind": "like"}
    )
    empty = pd.DataFrame()
    return SimulatedWorld(
        addresses=addresses,
        zone=np.array(["centre", "centre", "houses", "houses", "hamlet"]),
        stations=stations,
        households=pd.DataFrame({"household": np.arange(n), "address": ADDRESS_OF_HOME}),
        people=people,
        accounts=pd.DataFrame({"account": np.arange(8), "person": ACCOUNT_OF}),
        pages=pd.DataFrame(
            {
                "page": [0, 1, 2],
                "kind": ["candidate", "candidate", "partisan"],
                "side": ["right", "left", "right"],
            }
        ),
        interactions=clicks,
        directory=empty,
        roll=empty,
        directory_truth=pd.DataFrame(
            {"entry": range(4), "person": [0, 13, 6, 10], "household": [0, 6, 7, 5]}
        ),
        roll_truth=pd.DataFrame({"entry": [0], "person": [6], "household": [3]}),
        quality=Measures(family="simulation", rows=[], provenance="simulated"),
    )


@pytest.fixture
def world():
    return _world()


@pytest.fixture
def campaign(world):
    profiles = pd.DataFrame(
        {
            "profile": range(6),
            "account": [0, 2, 3, 4, 5, 7],
            "register": ["directory", "directory", "directory", "roll", "directory", ""],
            "entry": [0, 1, 2, 0, 3, -1],
            "address": [0, 3, 4, 1, 2, -1],
            "station": ["S1", "S2", "S2", "S1", "S2", ""],
            "presumed_leaning": ["right"] * 5 + [""],
        }
    )
    day = "datetime64[s]"
    dots = pd.DataFrame(
        {
            "dot": range(5),
            "profile": range(5),
            "address": [0, 3, 4, 1, 2],
            "status": "to_meet",
            # Éric's dot appears after the restriction.
            "appeared_at": np.array(["2016-08-25"] * 3 + ["2016-08-31", "2016-09-10"], day),
        }
    )
    contact_log = pd.DataFrame(
        {
            "contact": range(5),
            "dot": [1, 3, 4, 2, 0],
            "opened_by": ["stranger", "stranger", "child", "nobody", "spouse"],
        }
    )
    users = pd.DataFrame(
        {
            "user": range(5),
            "registered_at": np.array(
                ["2016-08-25", "2016-08-26", "2016-08-27", "2016-08-30", "2016-09-05"], day
            ),
            "role": ["team", "public", "volunteer", "public", "volunteer"],
            "station": ["", "", "S1", "", "S2"],
        }
    )
    return Campaign(
        world=world,
        plan=CampaignPlan(restricted_at="2016-09-02"),
        profiles=profiles,
        dots=dots,
        contact_log=contact_log,
        users=users,
        judged=Measures(family="simulation", rows=[], provenance="simulated"),
        recipe={"stage": "campaign"},
    )


@pytest.fixture
def release(world):
    return DotRelease(
        records=pd.DataFrame(
            {
                "x": [0.0, 1040.0, 1100.0, 30.0, 1000.0],
                "y": 0.0,
                "status": "to_meet",
                "presumed_leaning": "right",
            }
        ),
        roles=Roles(location=["x", "y"], sensitive=["presumed_leaning"]),
        backdrop=world.addresses,
        provenance="simulated",
        sources=pd.DataFrame(
            {
                "account": [0, 2, 3, 4, 5],
                "person": [0, 4, 6, 9, 10],
                "marked_address": [0, 3, 4, 1, 2],
                "marked_household": [0, 6, 7, 3, 5],
            }
        ),
    )
