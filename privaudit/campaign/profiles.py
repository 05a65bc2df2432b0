"""Profile table: the tool's record of each account."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit.campaign.plan import CampaignPlan
from privaudit.core.progress import stream
from privaudit.simulation.interactions import POLITICAL_TOPIC
from privaudit.simulation.world import SimulatedWorld, age_band
from privaudit.text.names import name_keys
from privaudit.text.normalise import letters_of

PROFILE_COLUMNS = (
    "profile", "account", "display_name", "first_name", "last_name", "age_band", "sex",
    "profession", "interest", "side_interactions", "first_seen", "score", "presumed_leaning",
    "match", "match_probability", "register", "entry", "candidates", "address", "station",
)  # fmt: skip
_ROWS = 4_000_000


def make_profiles(
    world: SimulatedWorld,
    plan: CampaignPlan,
    presumed: pd.DataFrame,
    matched: pd.DataFrame,
    *,
    seed: int,
) -> pd.DataFrame:
    """Return one profile an account, from what the tool can see.

    Age band and sex come from the roll: the matched entry, or, for a directory match, the one
    elector of that name at that address; without either, sex is that of nine in ten electors with
    the first name, if any. Profession is shown by `plan.profession_shown` of the accounts. Interest
    is the topic of most ordinary pages that the account touched (ties go to the first in the
    alphabet). Unknown values are "".

    Parameters
    ----------
    world : SimulatedWorld
    plan : CampaignPlan
    presumed : pandas.DataFrame
    matched : pandas.DataFrame
    seed : int

    Returns
    -------
    pandas.DataFrame
        `PROFILE_COLUMNS`, one row an account, in order.
    """
    accounts = world.accounts
    n = len(accounts)
    roll = _roll_rows(world, plan, matched)
    band = np.full(n, "", dtype=object)
    sex = _sex_of_first_name(world.roll, accounts["display_name"], plan)
    known = roll >= 0
    elector = world.roll[["birth_date", "sex"]].iloc[roll[known]]
    band[known] = age_band(_age(elector["birth_date"].to_numpy(), plan.as_of))
    sex[known] = elector["sex"].to_numpy(dtype=object)
    shown = stream(seed, "profession shown").random(n) < plan.profession_shown
    profession = world.people["profession"].to_numpy(dtype=object)[accounts["person"].to_numpy()]
    ids = np.arange(n, dtype=np.int64)
    profiles = pd.DataFrame(
        {
            "profile": ids,
            "account": ids.copy(),
            "display_name": accounts["display_name"].to_numpy(),
            "age_band": _text(band),
            "sex": _text(sex),
            "profession": _text(np.where(shown, profession, "")),
            "interest": _text(_interests(world, plan)),
        }
    )
    profiles = pd.concat([profiles, presumed, matched], axis=1)
    return profiles[list(PROFILE_COLUMNS)]


def _text(values: np.ndarray) -> pd.Series:
    return pd.Series(values, dtype="str")


def _age(birth_date: np.ndarray, day: np.datetime64) -> np.ndarray:
    """Return the age in years on a day."""
    born, today = pd.DatetimeIndex(birth_date), pd.Timestamp(day)
    before = (born.month > today.month) | ((born.month == today.month) & (born.day > today.day))
    return np.asarray(today.year - born.year - before.astype(np.int64), dtype=np.int64)


_COMPARED = ["entry", "address", "first_name", "last_name"]


def _roll_rows(world: SimulatedWorld, plan: CampaignPlan, matched: pd.DataFrame) -> np.ndarray:
    """Return the roll entry of each account: matched, or of the same name and address; or -1."""
    rows = np.full(len(matched), -1, dtype=np.int64)
    if "roll" not in plan.registers:
        return rows
    register, entry = matched["register"].to_numpy(), matched["entry"].to_numpy()
    on_roll = register == "roll"
    rows[on_roll] = entry[on_roll]
    in_directory = np.flatnonzero(register == "directory")
    lines = matched[_COMPARED].iloc[in_directory]
    beside = np.isin(world.roll["address"], lines["address"])
    electors = _keyed(world.roll[_COMPARED][beside])
    electors = electors.drop_duplicates(["address", "key"], keep=False)
    lines = _keyed(lines).assign(account=in_directory)
    pairs = lines.merge(
        electors, on=["address", "key"], validate="many_to_one", suffixes=("_line", "")
    )
    rows[pairs["account"].to_numpy()] = pairs["entry"].to_numpy()
    return rows


def _keyed(people: pd.DataFrame) -> pd.DataFrame:
    """Return entry, address and name key of people in a register."""
    names = zip(people["first_name"].tolist(), people["last_name"].tolist(), strict=True)
    keys = pd.Series(name_keys([f"{a} {b}" for a, b in names]), dtype="str")
    return people[["entry", "address"]].reset_index(drop=True).assign(key=keys)


def _sex_of_first_name(roll: pd.DataFrame, names: pd.Series, plan: CampaignPlan) -> np.ndarray:
    """Return the sex of nine in ten electors with the same first name, or ""."""
    sex = np.full(len(names), "", dtype=object)
    if "roll" not in plan.registers or roll.empty:
        return sex
    share = (roll["sex"] == "F").groupby(_first_words(roll["first_name"])).mean()
    of_name = share.reindex(_first_words(names)).to_numpy()
    sex[of_name >= 0.9] = "F"
    sex[of_name <= 0.1] = "M"
    return sex


def _first_words(names: pd.Series) -> np.ndarray:
    words = [text.partition(" ")[0] for text in letters_of(names.tolist())]
    return np.array(words, dtype=object)


def _interests(world: SimulatedWorld, plan: CampaignPlan) -> np.ndarray:
    """Return the topic of most pages that each account touched, politics apart."""
    pages = world.pages
    code, known = pd.factorize(pages["topic"], sort=True)
    topics = known.to_numpy(dtype=str)
    clicks = world.interactions
    generic = ~np.isin(topics[code], ["", POLITICAL_TOPIC])
    flat = np.zeros(len(world.accounts) * len(topics), dtype=np.int64)
    # In chunks, as there may be millions of interactions.
    for start in range(0, len(clicks), _ROWS):
        chunk = clicks.iloc[start : start + _ROWS]
        page = chunk["page"].to_numpy()
        counted = generic[page] & (chunk["time"].to_numpy() <= plan.as_of)
        cell = chunk["account"].to_numpy()[counted] * len(topics) + code[page[counted]]
        flat += np.bincount(cell, minlength=len(flat))
    count = flat.reshape(len(world.accounts), len(topics))
    return np.where(count.any(axis=1), topics[count.argmax(axis=1)], "")
