"""From an account's name to an entry of a register, hence to a door. Sometimes the wrong one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pandas as pd

from privaudit._core.streams import stream
from privaudit.campaign.civil_names import (
    deletions,
    name_key,
    one_slip,
    short_for,
    without_particles,
    words,
)
from privaudit.campaign.plan import CampaignPlan
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld

__all__ = ["MATCH_COLUMNS", "match_accounts", "match_quality"]

MATCH_COLUMNS = (
    "first_name", "last_name", "match", "register", "entry", "candidates", "address", "station",
)  # fmt: skip


def match_accounts(world: SimulatedWorld, plan: CampaignPlan, *, seed: int) -> pd.DataFrame:
    """Look each account's name up in the registers, exactly first, then nearly.

    An account that does not show its town is left alone: its name has namesakes in the whole
    country, and the registers here are those of one town. Exact agreement (`name_key`) is
    sought in each register in the plan's order, on last name and, on the roll, birth name too;
    then near agreement: an initial or a short form of the first name with the last name, or
    one slip of the pen. A last name cut to its initial is not looked up. Where several entries
    agree, one is taken at random, as a careless tool does, and `candidates` says how many.

    - `world`: Only accounts, addresses and the two registers are looked at, never the truth.
    - returns: One row an account, in order, with `MATCH_COLUMNS`; unmatched: "" and -1, 0
      candidates.
    """
    accounts = world.accounts
    rng = stream(seed, "matching")
    names = pd.Series(accounts["display_name"].to_numpy(dtype=str)).where(
        accounts["city_shown"].to_numpy(dtype=bool), ""
    )
    entries = {name: _entry_names(getattr(world, name)) for name in plan.registers}
    entry = np.full(len(accounts), -1, dtype=np.int64)
    candidates = np.zeros(len(accounts), dtype=np.int64)
    match = np.full(len(accounts), "none", dtype=object)
    register = np.full(len(accounts), "", dtype=object)
    for kind in ("exact", "near"):
        for name in plan.registers:
            wanted = names[entry < 0]
            if kind == "exact":
                pairs = _exact_pairs(wanted, entries[name])
            else:
                pairs = _near_pairs(wanted, entries[name], plan.near_name_threshold)
            chosen = _one_at_random(pairs, rng)
            at = chosen["account"].to_numpy()
            entry[at] = chosen["entry"]
            candidates[at] = chosen["candidates"]
            match[at] = kind
            register[at] = name
    found = pd.DataFrame(
        {
            "first_name": "",
            "last_name": "",
            "match": pd.Series(match, dtype="str"),
            "register": pd.Series(register, dtype="str"),
            "entry": entry,
            "candidates": candidates,
            "address": np.int64(-1),
            "station": "",
        }
    )
    stations = world.addresses.frame["station"].to_numpy(dtype=object)
    for name in plan.registers:
        rows = np.flatnonzero(register == name)
        named = getattr(world, name).iloc[entry[rows]]
        for column in ("first_name", "last_name", "address"):
            found.loc[rows, column] = named[column].to_numpy()
        found.loc[rows, "station"] = stations[named["address"].to_numpy()]
    return found[list(MATCH_COLUMNS)]


def match_quality(rows: Rows, world: SimulatedWorld, matched: pd.DataFrame) -> None:
    """Put matches beside the registers' truth: how many name the account's person.

    Rows, each with ``match`` "exact_name" or "near_name": match_precision (right entries over
    matched accounts of that kind), match_recall (right entries over all accounts) and
    match_right_household (the entry's dwelling is where the person lives today, over matches).
    Accounts of one household share its entries: intervals rest on that.
    """
    person = world.accounts["person"].to_numpy()
    home = world.people["household"].to_numpy()[person]
    named = np.full(len(matched), -2, dtype=np.int64)
    household = np.full(len(matched), -2, dtype=np.int64)
    for name in ("directory", "roll"):
        at = matched["register"].to_numpy() == name
        truth = getattr(world, f"{name}_truth").iloc[matched["entry"].to_numpy()[at]]
        named[at] = truth["person"]
        household[at] = truth["household"]
    right, kinds = named == person, matched["match"].to_numpy()
    for kind in ("exact", "near"):
        of_kind, part = kinds == kind, {"match": f"{kind}_name"}
        rows.share(
            "match_precision", right[of_kind], clusters=home[of_kind], gain="person", part=part
        )
        rows.share("match_recall", right & of_kind, clusters=home, gain="person", part=part)
        rows.share(
            "match_right_household", (household == home)[of_kind],
            clusters=home[of_kind], gain="household", part=part,
        )  # fmt: skip


def _entry_names(register: pd.DataFrame) -> pd.DataFrame:
    """Every name under which an entry may be found: columns entry, first, last, key."""
    columns = [c for c in ("last_name", "birth_name") if c in register.columns]
    listed = pd.concat(
        [register[["entry", "first_name", c]].rename(columns={c: "last"}) for c in columns],
        ignore_index=True,
    ).rename(columns={"first_name": "first"})
    listed = listed[listed["last"].str.len() > 0].drop_duplicates(ignore_index=True)
    whole = listed["first"] + " " + listed["last"]
    return listed.assign(
        key=_text([name_key(name) for name in whole]),
        first=_text(["".join(words(name)) for name in listed["first"]]),
        last=_text([without_particles(words(name)) for name in listed["last"]]),
    )


def _text(values: list[str]) -> pd.Series:
    return pd.Series(values, dtype="str")


def _exact_pairs(names: pd.Series, entries: pd.DataFrame) -> pd.DataFrame:
    """Accounts and entries of equal keys, each pair once."""
    keys = _text([name_key(name) for name in names])
    wanted = pd.DataFrame({"account": names.index, "key": keys})
    joined = wanted[keys != ""].merge(entries, on="key", validate="many_to_many")
    return joined[["account", "entry"]].drop_duplicates(ignore_index=True)


def _near_pairs(names: pd.Series, entries: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Short first names and slips together: a careless tool does not tell them apart."""
    found = [_short_pairs(names, entries), _slip_pairs(names, entries, threshold)]
    return pd.concat(found, ignore_index=True).drop_duplicates(ignore_index=True)


def _short_pairs(names: pd.Series, entries: pd.DataFrame) -> pd.DataFrame:
    """Pairs of the same last name whose first name the account's first word may be short for."""
    wanted = pd.DataFrame(
        [
            (account, parts[0], without_particles(parts[1:]))
            for account, name in names.items()
            if len(parts := words(name)) > 1
        ],
        columns=["account", "short", "last"],
    ).astype({"account": np.int64, "short": "str", "last": "str"})
    joined = wanted.merge(entries, on="last", validate="many_to_many")
    near = [short_for(a, b) for a, b in zip(joined["short"], joined["first"], strict=True)]
    return joined.loc[np.array(near, dtype=bool), ["account", "entry"]]


def _slip_pairs(names: pd.Series, entries: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Pairs one slip apart: spellings are compared once, however many people bear them."""
    keys = _text([name_key(name) for name in names])
    # One slip in n letters leaves 1 - 1/n of them: shorter names may not slip at all.
    slips = (keys != "") & (1 - 1 / keys.str.len().clip(lower=1) >= threshold)
    wanted = pd.DataFrame({"account": names.index, "key": keys})[slips]
    near = pd.DataFrame(
        _one_slip_apart(wanted["key"].unique(), entries["key"].unique()),
        columns=["key", "there"],
        dtype="str",
    )
    listed = entries[["entry", "key"]].rename(columns={"key": "there"})
    joined = wanted.merge(near, on="key").merge(listed, on="there", validate="many_to_many")
    return joined[["account", "entry"]].drop_duplicates(ignore_index=True)


def _one_slip_apart(wanted: Iterable[str], there: Iterable[str]) -> list[tuple[str, str]]:
    """Through shared deletions: no table of every spelling by every spelling."""
    shared = defaultdict(list)
    for key in wanted:
        for part in deletions(key):
            shared[part].append(key)
    pairs = {
        (key, other)
        for other in there
        for part in deletions(other)
        if part in shared
        for key in shared[part]
    }
    return [(key, other) for key, other in pairs if one_slip(key, other)]


def _one_at_random(pairs: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One entry an account, each of its candidates equally likely, and how many there were."""
    ordered = pairs.sort_values(["account", "entry"], ignore_index=True)
    ordered = ordered.assign(
        candidates=ordered.groupby("account")["entry"].transform("size"),
        draw=rng.random(len(ordered)),
    )
    ordered = ordered.sort_values(["account", "draw"], ignore_index=True)
    return ordered.drop_duplicates("account", ignore_index=True)
