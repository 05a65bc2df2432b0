"""The profile table: what the tool believes it knows of each account."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit.campaign.plan import CampaignPlan
from privaudit.core.progress import stream
from privaudit.simulation.interactions import POLITICAL_TOPIC
from privaudit.simulation.world import SimulatedWorld, age_band
from privaudit.text.names import name_key
from privaudit.text.normalise import name_words

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
    """Make one profile an account, of what the tool can see.

    Age band and sex come from the roll: the matched entry, or, for a directory match, the one
    elector of that name at that address; without either, sex is that of the first name where
    nine electors of that first name in ten share it. Profession is shown by
    `plan.profession_shown` of the accounts. Interest is the topic of most ordinary pages that
    the account touched (first in the alphabet where topics tie). What is not known is "".

    - returns: `PROFILE_COLUMNS`, one row an account, in order.
    """
    accounts = world.accounts
    n = len(accounts)
    roll = _roll_rows(world, plan, matched)
    band = np.full(n, "", dtype=object)
    sex = _sex_of_first_name(world.roll, accounts["display_name"], plan)
    known = roll >= 0
    elector = world.roll.iloc[roll[known]]
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
    """Whole years between birth dates and a day."""
    born, today = pd.DatetimeIndex(birth_date), pd.Timestamp(day)
    before = (born.month > today.month) | ((born.month == today.month) & (born.day > today.day))
    return np.asarray(today.year - born.year - before.astype(np.int64), dtype=np.int64)


def _roll_rows(world: SimulatedWorld, plan: CampaignPlan, matched: pd.DataFrame) -> np.ndarray:
    """Roll entry of each account that has one: matched, or of the same name and address."""
    rows = np.full(len(matched), -1, dtype=np.int64)
    if "roll" not in plan.registers:
        return rows
    register, entry = matched["register"].to_numpy(), matched["entry"].to_numpy()
    on_roll = register == "roll"
    rows[on_roll] = entry[on_roll]
    in_directory = np.flatnonzero(register == "directory")
    asked = np.isin(world.roll["address"], matched["address"].to_numpy()[in_directory])
    near = world.roll[asked].reset_index(drop=True)
    electors = pd.DataFrame(
        {
            "roll": near["entry"],
            "address": near["address"],
            "key": _keys(near["first_name"], near["last_name"]),
        }
    ).drop_duplicates(["address", "key"], keep=False)
    wanted = pd.DataFrame(
        {
            "account": in_directory,
            "address": matched["address"].to_numpy()[in_directory],
            "key": _keys(
                matched["first_name"].iloc[in_directory], matched["last_name"].iloc[in_directory]
            ),
        }
    )
    found = wanted.merge(electors, on=["address", "key"], validate="many_to_one")
    rows[found["account"].to_numpy()] = found["roll"].to_numpy()
    return rows


def _keys(first: pd.Series, last: pd.Series) -> pd.Series:
    return pd.Series([name_key(f"{a} {b}") for a, b in zip(first, last, strict=True)], dtype="str")


def _sex_of_first_name(roll: pd.DataFrame, names: pd.Series, plan: CampaignPlan) -> np.ndarray:
    """Sex that nine electors in ten of the same first name share, or ""."""
    sex = np.full(len(names), "", dtype=object)
    if "roll" not in plan.registers or roll.empty:
        return sex
    first = pd.Series([_first_word(name) for name in roll["first_name"]])
    share = (roll["sex"] == "F").groupby(first.to_numpy()).mean()
    of_name = share.reindex([_first_word(name) for name in names]).to_numpy()
    sex[of_name >= 0.9] = "F"
    sex[of_name <= 0.1] = "M"
    return sex


def _first_word(name: str) -> str:
    return next(iter(name_words(name)), "")


def _interests(world: SimulatedWorld, plan: CampaignPlan) -> np.ndarray:
    """Topic of most pages that each account touched, politics apart."""
    pages = world.pages
    topics, code = np.unique(pages["topic"].to_numpy(dtype=str), return_inverse=True)
    seen = world.interactions
    generic = ~np.isin(topics[code], ["", POLITICAL_TOPIC])
    flat = np.zeros(len(world.accounts) * len(topics), dtype=np.int64)
    # Of millions of interactions, so many at a time.
    for start in range(0, len(seen), _ROWS):
        some = seen.iloc[start : start + _ROWS]
        page = some["page"].to_numpy()
        kept = generic[page] & (some["time"].to_numpy() <= plan.as_of)
        cell = some["account"].to_numpy()[kept] * len(topics) + code[page[kept]]
        flat += np.bincount(cell, minlength=len(flat))
    count = flat.reshape(len(world.accounts), len(topics))
    return np.where(count.any(axis=1), topics[count.argmax(axis=1)], "")
