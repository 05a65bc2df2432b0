"""What a campaign's tool holds of each profile: what every export of it is made of."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.by_name import by_name, plain_fields
from privaudit._core.checks import in_range
from privaudit._core.policy import ADULT_AGE
from privaudit._core.streams import stream
from privaudit.campaign.campaign import Campaign
from privaudit.campaign.canvass import marked_households

__all__ = ["SCENARIOS", "Filled", "facts_of"]

# What no study gave, and how far it may lie: sensitivity varies each of these over its range.
SCENARIOS: dict[str, tuple[float, float]] = {
    "emails": (0.2, 0.6), "unsubscribed": (0.0, 0.15), "phones": (0.1, 0.5), "notes": (0.3, 0.9),
}  # fmt: skip
# Support as a volunteer marks it after a door, 1 strong support to 5 strong opposition.
_MARKED = {"meaningful_interaction": 1, "answered": 3, "not_interested": 4, "refused": 5}
# Numbers that are given to nobody: 06 39 98 and four digits, kept for fiction in France.
_FICTION = 10_000


@by_name
@dataclass(frozen=True, kw_only=True)
class Filled:
    """How much of a people table is filled: shares in [0, 1], each a scenario.

    Parameters
    ----------
    emails : float
        Of profiles that left an e-mail, on a newsletter or a petition.
    phones : float
        Of those that left a telephone number too.
    notes : float
        Of visits after which a volunteer wrote a note.
    unsubscribed : float
        Of those that left an e-mail, and asked to receive no more.

    Raises
    ------
    ParameterError
        A share outside 0 to 1.

    Examples
    --------
    >>> Filled(emails=0.9).phones
    0.25
    """

    emails: float = 0.4
    phones: float = 0.25
    notes: float = 0.6
    unsubscribed: float = 0.05

    def __post_init__(self) -> None:
        for name in ("emails", "phones", "notes", "unsubscribed"):
            object.__setattr__(self, name, in_range("Filled", name, getattr(self, name), 0, 1))

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return plain_fields(self)


def facts_of(campaign: Campaign, filled: Filled, *, seed: int) -> pd.DataFrame:
    """Return one row a profile, in the order of the profiles; text is "" where nothing is known.

    A table that a campaign keeps is what it was told, what it looked up and what it presumed; only
    a volunteer's note (`opened` is who opened the door) comes from the world itself.

    - returns: id (a number of the tool's own), profile, the profile's columns, then email, phone,
      number, street, commune, birth_date (NaT unknown), inferred (1 to 5, nan), marked (1 to 5,
      nan), visited_at (NaT), contact_status, note, do_not_contact, unsubscribed (bool),
      volunteer (of the turf), capital (cents).
    """
    world, profiles = campaign.world, campaign.profiles
    rng, n = stream(seed, "people", "table"), len(profiles)
    account, address = profiles["account"].to_numpy(), profiles["address"].to_numpy()
    has_email = rng.random(n) < filled.emails
    has_phone = has_email & (rng.random(n) < filled.phones)
    place = world.addresses.frame.iloc[np.maximum(address, 0)]
    facts = profiles.assign(
        id=1_000 + rng.permutation(n),
        email=np.where(has_email, world.accounts["email"].to_numpy(dtype=object)[account], ""),
        phone=np.where(has_phone, _phones(n, rng), ""),
        birth_date=_birth_dates(campaign),
        inferred=_inferred(profiles["score"].to_numpy()),
        unsubscribed=has_email & (rng.random(n) < filled.unsubscribed),
        volunteer=_volunteers(profiles["station"].to_numpy(dtype=str), campaign),
    )
    for column in ("number", "street", "commune"):
        facts[column] = np.where(address >= 0, place[column].to_numpy(dtype=object), "")
    facts = _visited(facts, campaign, filled, rng)
    facts["do_not_contact"] = facts["contact_status"] == "refused"
    facts["capital"] = 100 * facts["side_interactions"] + 500 * (facts["marked"] == 1)
    return _named(facts)


def _phones(n: int, rng: np.random.Generator) -> np.ndarray:
    last = (rng.integers(_FICTION) + np.arange(n)) % _FICTION
    return np.array([f"06 39 98 {d // 100:02d} {d % 100:02d}" for d in last.tolist()], dtype=object)


def _birth_dates(campaign: Campaign) -> np.ndarray:
    """Birth date of the entry of the roll that a profile was matched to."""
    profiles, roll = campaign.profiles, campaign.world.roll
    born = np.full(len(profiles), np.datetime64("NaT", "s"))
    rows = (profiles["register"] == "roll").to_numpy()
    born[rows] = roll["birth_date"].to_numpy()[profiles["entry"].to_numpy()[rows]]
    return born


def _inferred(score: np.ndarray) -> np.ndarray:
    """Five bands of the score, the highest first; nan where there is none."""
    band = 5.0 - np.searchsorted([0.2, 0.4, 0.6, 0.8], score, side="right")
    found: np.ndarray = np.where(np.isnan(score), np.nan, band)
    return found


def _volunteers(station: np.ndarray, campaign: Campaign) -> np.ndarray:
    """Return the volunteer of each turf, "" where it has none."""
    users = campaign.users[campaign.users["role"] == "volunteer"]
    of_turf = users.drop_duplicates("station").set_index("station")["user"]
    known = {
        turf: f"benevole{user:02d}@campagne.example"
        for turf, user in of_turf.to_dict().items()
        if turf
    }
    return np.array([known.get(one, "") for one in station.tolist()], dtype=object)


def _visited(
    facts: pd.DataFrame, campaign: Campaign, filled: Filled, rng: np.random.Generator
) -> pd.DataFrame:
    """Add the last visit of each profile, what was marked and what was written after it."""
    log = campaign.contact_log
    profile = campaign.dots["profile"].to_numpy()[log["dot"].to_numpy()]
    n = len(facts)
    at = np.full(n, np.datetime64("NaT", "s"))
    status, note = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
    at[profile], status[profile] = log["time"].to_numpy(), log["status"].to_numpy(dtype=object)
    met = _Met(campaign)
    for place, opened_by in zip(profile.tolist(), log["opened_by"].tolist(), strict=True):
        if rng.random() < filled.notes:
            other = met.besides(place, child=opened_by == "child")
            note[place] = _note(other, opened_by, status[place], rng)
    marked = pd.Series(status).map(_MARKED).to_numpy(dtype=float)
    return facts.assign(visited_at=at, contact_status=status, note=note, marked=marked)


class _Met:
    """Whom a volunteer may meet at a door, besides the person whom it was marked for."""

    def __init__(self, campaign: Campaign) -> None:
        people = campaign.world.people
        household = people["household"].to_numpy()
        self._by_home = np.argsort(household, kind="stable")
        self._homes = household[self._by_home]
        self._home = marked_households(campaign.world, campaign.profiles)
        accounts = campaign.world.accounts["person"].to_numpy()
        self._person = accounts[campaign.profiles["account"].to_numpy()]
        self._age, self._name = people["age"].to_numpy(), people["first_name"].to_numpy(object)

    def besides(self, profile: int, *, child: bool) -> tuple[str, int] | None:
        """First name and age of the first child, or adult, who lives there too; None: nobody."""
        ends = np.searchsorted(self._homes, self._home[profile] + np.arange(2))
        living = self._by_home[slice(*ends)]
        others = living[living != self._person[profile]]
        met = others[(self._age[others] < ADULT_AGE) == child]
        return (str(self._name[met[0]]), int(self._age[met[0]])) if len(met) else None


def _note(
    met: tuple[str, int] | None, opened_by: str, status: str, rng: np.random.Generator
) -> str:
    """Write what a volunteer writes: whom they met, and what these said of others."""
    templates = _templates().get(opened_by) or _templates().get(status, ())
    if met is None:
        templates = tuple(t for t in templates if "{" not in t)
    if not templates:
        return ""
    chosen = templates[int(rng.integers(len(templates)))]
    return chosen if met is None else chosen.format(first=met[0], age=met[1], partner=met[0])


@cache
def _templates() -> dict[str, tuple[str, ...]]:
    """Return the notes by who opened the door, or by what was said where it was the person."""
    text = (resources.files("privaudit.release.people") / "notes.toml").read_text(encoding="utf-8")
    return {
        key: tuple(lines.strip().splitlines())
        for lists in tomllib.loads(text).values()
        for key, lines in lists.items()
    }


def _named(facts: pd.DataFrame) -> pd.DataFrame:
    """Fill names that no register gave with those that the account shows, as tools cut them."""
    shown = facts["display_name"].str.split(" ", n=1)
    first, last = shown.str[0], shown.str[1].fillna("")
    known = (facts["last_name"] != "").to_numpy()
    return facts.assign(
        first_name=np.where(known, facts["first_name"], first),
        last_name=np.where(known, facts["last_name"], last),
    )
