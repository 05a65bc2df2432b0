"""What a campaign's tool holds of each profile: what every export of it is made of.

- How cells of an export are written: dates, truth values, numbers, and nothing.
- The people of a campaign as a canvass table with the words of OSDI, nested names flattened.
- The people of a campaign as a canvass table of VAN: a row a person, with the last canvass.
- The people of a campaign as NationBuilder exports them, with the quirks of its file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.canvass import marked_households
from privaudit.core.checks import in_range, keyword_only, plain_fields
from privaudit.core.policy import ADULT_AGE
from privaudit.core.progress import stream


def as_text(values: Any, index: pd.Index) -> pd.Series:
    """Return cells as text, "" where there is nothing; whole numbers without a point."""
    column = values.copy() if isinstance(values, pd.Series) else pd.Series(values, index=index)
    if column.dtype.kind == "f":
        known = column.notna()
        return column.where(known, 0).astype("int64").astype("str").where(known, "")
    return column.astype("str").mask(column.isna(), "")


def dated(times: pd.Series, form: str) -> pd.Series:
    """Return times as an export writes them, "" where there is none."""
    written: pd.Series = times.dt.strftime(form).fillna("").astype("str")
    return written


def yes_no(values: pd.Series) -> pd.Series:
    """Return truth values as an export writes them."""
    return pd.Series(np.where(values, "true", "false"), index=values.index, dtype="str")


def sure(known: pd.Series, values: pd.Series) -> pd.Series:
    """Return truth values as an export writes them, "" where they are not known."""
    return yes_no(values).where(known, "")


# What no study gave, and how far it may lie: sensitivity varies each of these over its range.
SCENARIOS: dict[str, tuple[float, float]] = {
    "emails": (0.2, 0.6), "unsubscribed": (0.0, 0.15), "phones": (0.1, 0.5), "notes": (0.3, 0.9),
}  # fmt: skip
# Support as a volunteer marks it after a door, 1 strong support to 5 strong opposition.
_MARKED = {"meaningful_interaction": 1, "answered": 3, "not_interested": 4, "refused": 5}
# Numbers that are given to nobody: 06 39 98 and four digits, kept for fiction in France.
_FICTION = 10_000


@keyword_only
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
    text = (resources.files("privaudit.campaign") / "notes.toml").read_text(encoding="utf-8")
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


_STATUS = {
    "refused": "refused", "no_answer": "not-home", "bad_info": "moved",
    "inaccessible": "inaccessible",
}  # fmt: skip
_REACHED = ("meaningful_interaction", "answered", "not_interested", "refused")
_SEX = {"F": "Female", "M": "Male"}
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def to_osdi(facts: pd.DataFrame, campaign: Campaign) -> dict[str, pd.Series]:
    """Return the columns that are filled; the others of the table stay empty."""
    placed, canvassed = facts["street"] != "", facts["contact_status"] != ""
    created = facts["first_seen"].fillna(pd.Timestamp(campaign.plan.launch))
    born = facts["birth_date"].dt
    columns: dict[str, pd.Series | np.ndarray | str] = {
        "identifiers.0": "campaign:" + facts["id"].astype("str"),
        "origin_system": "campaign",
        "created_date": dated(created, _MOMENT),
        "modified_date": dated(facts["visited_at"].fillna(created), _MOMENT),
        "given_name": facts["first_name"],
        "family_name": facts["last_name"],
        "gender": facts["sex"].map(_SEX).fillna(""),
        "party_identification": facts["presumed_leaning"],
        "source": facts["register"],
        "birthdate.month": born.month,
        "birthdate.day": born.day,
        "birthdate.year": born.year,
        "languages_spoken.0": "fr",
        "postal_addresses.0.primary": sure(placed, placed),
        "postal_addresses.0.address_type": np.where(placed, "Home", ""),
        "postal_addresses.0.address_lines.0": (facts["number"] + " " + facts["street"]).where(
            placed, ""
        ),
        "postal_addresses.0.locality": facts["commune"],
        "postal_addresses.0.country": np.where(placed, "FR", ""),
        "email_addresses.0.address": facts["email"],
        "email_addresses.0.status": np.where(
            facts["email"] == "", "", np.where(facts["unsubscribed"], "unsubscribed", "subscribed")
        ),
        "phone_numbers.0.number": facts["phone"],
        "phone_numbers.0.do_not_call": sure(facts["phone"] != "", facts["do_not_contact"]),
        "action_date": dated(facts["visited_at"], _MOMENT),
        "contact_type": np.where(canvassed, "in-person", ""),
        "input_type": np.where(canvassed, "mobile", ""),
        "success": sure(canvassed, facts["contact_status"].isin(_REACHED)),
        "status_code": facts["contact_status"].map(_STATUS).fillna(""),
        "canvasser": facts["volunteer"].where(canvassed, ""),
        "answers.0.question": np.where(facts["marked"].notna(), "support", ""),
        "answers.0.responses.0": facts["marked"],
        "taggings.0.tag": facts["interest"],
        "comment": facts["note"],
    }
    return {name: as_text(values, facts.index) for name, values in columns.items()}


# Result codes of VAN for the words of NationBuilder.
_RESULT = {
    "meaningful_interaction": "Canvassed", "answered": "Canvassed", "not_interested": "Canvassed",
    "refused": "Refused", "no_answer": "Not Home", "bad_info": "Moved",
}  # fmt: skip
_SURVEY = {
    1: "1 - Strong",
    2: "2 - Lean",
    3: "3 - Undecided",
    4: "4 - Lean against",
    5: "5 - Against",
}
_DAY = "%m/%d/%Y"


def to_van(facts: pd.DataFrame, campaign: Campaign) -> dict[str, pd.Series]:
    """Return the columns that are filled; the others of the export stay empty."""
    canvassed = (facts["contact_status"] != "").to_numpy()
    born = facts["birth_date"]
    age = (pd.Timestamp(campaign.plan.as_of) - born).dt.days // 365.2425
    columns: dict[str, pd.Series | np.ndarray] = {
        "Voter File VANID": facts["id"],
        "LastName": facts["last_name"],
        "FirstName": facts["first_name"],
        "Sex": facts["sex"],
        "Age": age,
        "DOB": dated(born, _DAY),
        "Party": facts["presumed_leaning"].str[:1].str.upper(),
        "StreetNo": facts["number"],
        "StreetName": facts["street"],
        "City": facts["commune"],
        "PrecinctName": facts["station"],
        "Cell Phone": facts["phone"],
        "Preferred Phone": facts["phone"],
        "PreferredEmail": facts["email"],
        "Date Canvassed": dated(facts["visited_at"], _DAY),
        "Result": facts["contact_status"].map(_RESULT).fillna(""),
        "Contact Type": np.where(canvassed, "Walk", ""),
        "Input Type Name": np.where(canvassed, "MiniVAN", ""),
        "Canvassed By": facts["volunteer"].where(canvassed, ""),
        "Survey Question Name": np.where(facts["marked"].notna(), "Soutien", ""),
        "Survey Response": facts["marked"].map(_SURVEY).fillna(""),
        "ActivistCode": np.where(facts["marked"] == 1, "Affiche", ""),
        "NoteText": facts["note"],
    }
    return {name: as_text(values, facts.index) for name, values in columns.items()}


# One letter, as the tool keeps a party.
_PARTY = {"right": "R", "left": "L"}
_Columns = dict[str, "pd.Series | np.ndarray | str"]
_DAY_nationbuilder, _MOMENT_nationbuilder = "%m/%d/%Y", "%m/%d/%Y %I:%M %p"


def to_nationbuilder(facts: pd.DataFrame, campaign: Campaign) -> dict[str, pd.Series]:
    """Return the columns that the tool fills; the others of its export stay empty."""
    given = facts["presumed_leaning"] != ""
    placed = facts["street"] != ""
    on_roll = (facts["register"] == "roll") & placed
    launched = pd.Timestamp(campaign.plan.launch)
    created = facts["first_seen"].fillna(launched)
    columns: _Columns = {
        "nationbuilder_id": facts["id"],
        "external_id": np.where(on_roll, "E" + facts["entry"].astype("str"), ""),
        "first_name": facts["first_name"],
        "last_name": facts["last_name"],
        "full_name": facts["display_name"],
        "precinct_name": facts["station"],
        "precinct_code": facts["station"],
        "signup_type": "0",
        "tag_list": _tags(facts),
        "note": facts["note"],
        "occupation": facts["profession"],
        "sex": facts["sex"],
        "language": "fr",
        "born_at": dated(facts["birth_date"], _DAY_nationbuilder),
        "is_deceased": "false",
        "is_prospect": yes_no(given & facts["visited_at"].isna()),
        "is_supporter": yes_no(given),
        "support_level": facts["marked"],
        "inferred_support_level": facts["inferred"],
        "priority_level": np.where(given, 5, np.where(facts["inferred"] <= 2, 4, np.nan)),
        "created_at": dated(created, _MOMENT_nationbuilder),
        "updated_at": dated(facts["visited_at"].fillna(created), _MOMENT_nationbuilder),
        "point_person_name_or_email": facts["volunteer"].where(given, ""),
        "parent_id": np.where(given, facts["volunteer"].str.extract(r"(\d+)")[0], ""),
        "capital_amount": _amount(facts["capital"]),
        "spent_capital_amount": _amount(facts["capital"] * 0),
        "received_capital_amount": _amount(facts["capital"]),
        "inferred_party": facts["presumed_leaning"].map(_PARTY).fillna(""),
        "registered_at": dated(created, _DAY_nationbuilder).where(on_roll, ""),
        "is_active_voter": sure(on_roll, on_roll),
        "support_probability_score": (100 * facts["score"]).round(),
        "is_volunteer": "false",
        "interaction_count": facts["side_interactions"],
        "turf": facts["station"],
        "interest": facts["interest"],
    }
    columns |= _reached_by(facts, created) | _placed(facts, placed, on_roll)
    return {name: as_text(values, facts.index) for name, values in columns.items()}


def _reached_by(facts: pd.DataFrame, created: pd.Series) -> _Columns:
    """Where somebody can be written to or called, and whether they may be."""
    return {
        "email": facts["email"],
        "email1": facts["email"],
        "email_opt_in": sure(facts["email"] != "", ~facts["unsubscribed"]),
        "email1_is_bad": sure(facts["email"] != "", facts["email"] == ""),
        "unsubscribed_at": dated(created, _MOMENT_nationbuilder).where(facts["unsubscribed"], ""),
        "mobile_number": facts["phone"],
        "mobile_opt_in": sure(facts["phone"] != "", facts["phone"] != ""),
        "do_not_call": yes_no(facts["do_not_contact"]),
        "do_not_contact": yes_no(facts["do_not_contact"]),
        "federal_donotcall": yes_no(facts["do_not_contact"] & False),
        "facebook_username": facts["display_name"].str.replace(" ", ".").str.lower(),
    }


def _placed(facts: pd.DataFrame, placed: pd.Series, on_roll: pd.Series) -> _Columns:
    """Where somebody lives, and where they are registered."""
    line = (facts["number"] + " " + facts["street"]).where(placed, "")
    columns: _Columns = {}
    for prefix, rows in (("primary", placed), ("registered", on_roll)):
        columns |= {
            f"{prefix}_address1": line.where(rows, ""),
            f"{prefix}_city": facts["commune"].where(rows, ""),
            f"{prefix}_country_code": np.where(rows, "FR", ""),
            f"{prefix}_country": np.where(rows, "France", ""),
        }
    columns["registered_street_number"] = facts["number"].where(on_roll, "")
    columns["registered_street_name"] = facts["street"].where(on_roll, "")
    return columns


def _tags(facts: pd.DataFrame) -> pd.Series:
    """Tags as they are in the wild: where somebody came from, what they like, what happened."""
    parts = [
        pd.Series("sm-Facebook", index=facts.index),
        ("like-page-" + facts["presumed_leaning"]).where(facts["presumed_leaning"] != "", ""),
        ("signup-imported-from-" + facts["register"]).where(facts["register"] != "", ""),
        ("interest-" + facts["interest"]).where(facts["interest"] != "", ""),
        facts["contact_status"].map({"refused": "NE-PAS-RELANCER"}).fillna(""),
        ("porte-" + facts["contact_status"]).where(facts["contact_status"] != "", ""),
    ]
    rows = zip(*parts, strict=True)
    return pd.Series([", ".join(t for t in row if t) for row in rows], index=facts.index)


def _amount(cents: pd.Series) -> pd.Series:
    return (cents / 100).map("{:.2f}".format)


def beside_nationbuilder(facts: pd.DataFrame, campaign: Campaign) -> Mapping[str, pd.DataFrame]:
    """Return what the tool keeps beside its people: contacts, lists, paths, social capital.

    - contacts: one row a visit, a first contact on the network, and a mail to all.
    - lists: all who are to be met, and one a turf, cut from it.
    - paths: how far each went on the path from prospect to supporter.
    - capital: one row a gain of a person.
    """
    mapped = facts.iloc[campaign.dots["profile"].to_numpy()]
    turfs = mapped.groupby("station", sort=True).size()
    lists = pd.DataFrame(
        {
            "id": np.arange(len(turfs) + 1) + 1,
            "name": ["porte-a-porte", *(f"secteur {turf}" for turf in turfs.index)],
            "author_id": 1,
            "parent_id": ["", *["1"] * len(turfs)],
            "count": [len(mapped), *turfs],
        }
    )
    met = mapped["visited_at"].notna().to_numpy()
    paths = pd.DataFrame(
        {
            "signup_id": mapped["id"].to_numpy(),
            "path_name": "sympathisant",
            "step": np.where(met, "rencontre", "a_rencontrer"),
            "status": np.select(
                [mapped["marked"] == 1, mapped["marked"] == 5, met],
                ["completed", "abandoned", "active"],
                "active",
            ),
        }
    )
    earned = facts[facts["capital"] > 0]
    capital = pd.DataFrame(
        {
            "signup_id": earned["id"].to_numpy(),
            "amount_in_cents": earned["capital"].to_numpy(),
            "type": "political_capital",
            "created_at": dated(earned["first_seen"], _MOMENT_nationbuilder).to_numpy(),
        }
    )
    return {
        "contacts": _contacts(facts, campaign),
        "lists": lists,
        "paths": paths,
        "capital": capital,
    }


def _contacts(facts: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Return the contact log, in order of time: visits, first contacts, the mail of the launch."""
    log = campaign.contact_log
    at_door = facts.iloc[campaign.dots["profile"].to_numpy()[log["dot"].to_numpy()]]
    seen = facts[facts["first_seen"].notna()]
    mailed = facts[(facts["email"] != "") & ~facts["unsubscribed"]]
    launched = pd.Series(pd.Timestamp(campaign.plan.launch), index=mailed.index)
    parts = [
        (at_door, "door_knock", log["status"].to_numpy(), log["time"].to_numpy()),
        (seen, "facebook", "other", seen["first_seen"].to_numpy()),
        (mailed, "email_blast", "other", launched.to_numpy()),
    ]
    told = [
        pd.DataFrame(
            {
                "signup_id": who["id"].to_numpy(),
                "author_id": who["volunteer"].str.extract(r"(\d+)")[0].fillna("").to_numpy(),
                "contact_method": method,
                "contact_status": status,
                "content": who["note"].to_numpy() if method == "door_knock" else "",
                "pc_in_cents": 500 * (np.asarray(status) == "meaningful_interaction"),
                "created_at": times,
            }
        )
        for who, method, status, times in parts
    ]
    found = pd.concat(told, ignore_index=True).sort_values("created_at", kind="stable")
    found = found.assign(created_at=dated(found["created_at"], _MOMENT_nationbuilder))
    found.insert(0, "id", np.arange(len(found)) + 1)
    return found
