"""From an account's name to an entry of a register, hence to a door. Sometimes the wrong one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit._core.arrays import Bools, Floats, Ints
from privaudit._core.streams import stream
from privaudit.campaign.civil_names import without_particles
from privaudit.campaign.fellegi_sunter import link
from privaudit.campaign.listed_names import ALIKE, OF_BIRTH
from privaudit.campaign.name_pairs import NamePairs, compare_names
from privaudit.campaign.plan import CampaignPlan
from privaudit.simulation.world import SimulatedWorld
from privaudit.text.normalise import letters_of

__all__ = ["MATCH_COLUMNS", "assigned", "match_accounts"]

MATCH_COLUMNS = (
    "first_name", "last_name", "match", "match_probability", "register", "entry", "candidates",
    "address", "station",
)  # fmt: skip
# An entry is a candidate if it is at least so likely beside the one that was chosen.
_RIVAL = 0.1


def match_accounts(world: SimulatedWorld, plan: CampaignPlan, *, seed: int) -> pd.DataFrame:
    """Look each account's name up in the registers, and say how surely it was found.

    An account that does not show its town is left alone: its name has namesakes in the whole
    country, and the registers here are those of one town. Registers are put together: a line of
    the directory and an entry of the roll are one person's where name and address are, or where
    nobody else on either bears that name. Each person listed is then as likely the account's as
    the name, e-mail address and year of birth that it shows make it (`fellegi_sunter.link`). An
    account is held to be a person from `plan.match_threshold` on, nobody being two accounts, so
    that the sum of probabilities is largest; where namesakes are as likely, chance decides. The
    entry is that of the first register of the plan in which the person stands.

    - `world`: Only accounts, addresses and the two registers are looked at, never the truth.
    - returns: One row an account, in order, with `MATCH_COLUMNS`. match_probability is that of the
      entry's naming the account's person. candidates are the entries that are at least a tenth as
      likely. match is "exact" where first and last name, as shown or as the e-mail address has
      them, are those of the entry, or the birth name, else "near". Unmatched: "none", "" and -1,
      0 candidates, probability 0.
    """
    accounts = world.accounts
    rng = stream(seed, "matching")
    shown = accounts["city_shown"].to_numpy(dtype=bool)
    known = shown & (stream(seed, "email shown").random(len(accounts)) < plan.email_shown)
    people, places = _listed(world, plan)
    names = pd.DataFrame(
        {
            "display_name": accounts["display_name"].where(shown, ""),
            "email": accounts["email"].where(known, ""),
        }
    )
    pairs = compare_names(names, people)
    probability = link(pairs).probability
    chosen = assigned(pairs, probability, plan.match_threshold, rng)
    return _found(world, plan, places, pairs, probability, chosen)


def _listed(world: SimulatedWorld, plan: CampaignPlan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the registers together: a row a person, and the entry of each in every register, or -1.

    What the roll says of somebody who stands on both is kept: it has birth name and date.
    """
    columns = ["first_name", "last_name", "birth_name", "birth_year", "address"]
    parts, lists = [], {}
    for name in sorted(plan.registers, reverse=True):
        frame = getattr(world, name).copy()
        if "birth_name" not in frame:
            frame = frame.assign(birth_name=frame["last_name"], birth_year=0)
        else:
            frame = frame.assign(birth_year=pd.DatetimeIndex(frame["birth_date"]).year)
        lists[name] = frame
        parts.append(frame[columns])
    people = pd.concat(parts, ignore_index=True)
    person = np.arange(len(people))
    if len(parts) == 2:
        person[len(parts[0]) :] = _same_person(people, len(parts[0]))
    kept, row = np.unique(person, return_inverse=True)
    places = np.full((len(kept), len(plan.registers)), -1, dtype=np.int64)
    start = 0
    for name, frame in lists.items():
        stop = start + len(frame)
        places[row[start:stop], plan.registers.index(name)] = frame["entry"].to_numpy()
        start = stop
    listed = people.iloc[kept].reset_index(drop=True)
    return listed, pd.DataFrame(places, columns=list(plan.registers))


def _same_person(people: pd.DataFrame, electors: int) -> Ints:
    """Position of the elector whom each line of the directory names, or its own.

    People are electors first, then lines.
    """
    first = letters_of(people["first_name"].tolist())
    last = [
        without_particles(text.split()) if " " in text else text
        for text in letters_of(people["last_name"].tolist())
    ]
    whole = [f"{a}|{b}".replace(" ", "") for a, b in zip(first, last, strict=True)]
    name = pd.Series(whole, dtype="str")
    keyed = pd.DataFrame({"name": name, "address": people["address"].to_numpy()})
    keyed["at"] = np.arange(len(keyed))
    roll, lines = keyed.iloc[:electors], keyed.iloc[electors:]
    same = lines["at"].to_numpy(copy=True)
    for by in (["name"], ["name", "address"]):
        only = roll.drop_duplicates(by, keep=False)
        asked = lines.drop_duplicates(by, keep=False)
        both = asked.merge(only, on=by, validate="one_to_one", suffixes=("", "_roll"))
        same[both["at"].to_numpy() - electors] = both["at_roll"]
    return same


def assigned(
    pairs: NamePairs, probability: Floats, threshold: float, rng: np.random.Generator
) -> Ints:
    """Choose pairs so that nobody is in two and the sum of probabilities is largest.

    - returns: Positions of the pairs chosen.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    enough = np.flatnonzero((probability >= threshold) & (probability > 0))
    if not len(enough):
        return enough
    row, account = np.unique(pairs.account[enough], return_inverse=True)
    column, entry = np.unique(pairs.entry[enough], return_inverse=True)
    # Equal ones are told apart by chance; each account may also have nobody, in a column apart.
    weight = probability[enough] * (1 + 1e-6 * rng.random(len(enough)))
    own = np.arange(len(row))
    graph = coo_array(
        (
            np.concatenate([weight, np.full(len(row), 1e-9)]),
            # Of 32 bits, which is all that older releases of SciPy match by.
            tuple(
                np.concatenate(ends).astype(np.int32)
                for ends in ((account, own), (entry, len(column) + own))
            ),
        )
    ).tocsr()
    taken, partner = min_weight_full_bipartite_matching(graph, maximize=True)
    at = np.full(len(row), -1, dtype=np.int64)
    at[taken] = partner
    return np.asarray(enough[at[account] == entry])


def _found(
    world: SimulatedWorld,
    plan: CampaignPlan,
    places: pd.DataFrame,
    pairs: NamePairs,
    probability: Floats,
    chosen: Ints,
) -> pd.DataFrame:
    """Write the frame: what the entry of each chosen pair says."""
    n = len(world.accounts)
    account, person = pairs.account[chosen], pairs.entry[chosen]
    sure = np.zeros(n)
    sure[account] = probability[chosen]
    rivals = probability >= _RIVAL * np.where(sure > 0, sure, np.inf)[pairs.account]
    exact: Bools = (pairs.first[chosen] < ALIKE) & (pairs.last[chosen] <= OF_BIRTH)
    match = np.full(n, "none", dtype=object)
    match[account] = np.where(exact, "exact", "near")
    register = np.full(n, "", dtype=object)
    entry = np.full(n, -1, dtype=np.int64)
    for name in reversed(plan.registers):
        here = places[name].to_numpy()[person]
        register[account[here >= 0]] = name
        entry[account[here >= 0]] = here[here >= 0]
    found = pd.DataFrame(
        {
            "first_name": "",
            "last_name": "",
            "match": pd.Series(match, dtype="str"),
            "match_probability": sure,
            "register": pd.Series(register, dtype="str"),
            "entry": entry,
            "candidates": np.bincount(pairs.account[rivals], minlength=n),
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
