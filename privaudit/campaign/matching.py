"""Record linkage of accounts to register entries by name (Fellegi and Sunter 1969)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from privaudit.campaign.canvass import behind_entry
from privaudit.campaign.leaning_and_attributes import add_calibration
from privaudit.campaign.plan import CampaignPlan
from privaudit.core.checks import Bools, Floats, Ints, Strs
from privaudit.core.reproducible import stream
from privaudit.linkage.fellegi_sunter import NamePairs, compare_names, link
from privaudit.linkage.name_parsing import ALIKE, OF_BIRTH
from privaudit.results.rows import Rows
from privaudit.simulation.interactions import of_candidate
from privaudit.simulation.world import SimulatedWorld
from privaudit.text.normalise import letters_of, short_for, without_particles

MATCH_COLUMNS = (
    "first_name", "last_name", "match", "match_probability", "register", "entry", "candidates",
    "address", "station",
)  # fmt: skip
# Weight of leaving an account unmatched, far below that of any match.
_UNMATCHED = 1e-9
# Least probability of a candidate entry relative to that of the one chosen.
_RIVAL = 0.1


def match_accounts(world: SimulatedWorld, plan: CampaignPlan, *, seed: int) -> pd.DataFrame:
    """Link each account to a register entry by name, with the probability of the match.

    Only accounts that show their town are linked, since the registers are those of one town. The
    registers are merged first: a line of the directory and an entry of the roll are one person's
    where name and address agree, or where the name is unique in both. Match probabilities follow
    from the name, e-mail address and year of birth that an account shows
    (`privaudit.linkage.fellegi_sunter.link`). Matches from `plan.match_threshold` are assigned one
    to one so that the sum of probabilities is largest; ties are broken at random. The entry is that
    of the first register of the plan that lists the person.

    Parameters
    ----------
    world : SimulatedWorld
        Accounts, addresses and the two registers are used, never the truth.
    plan : CampaignPlan
    seed : int

    Returns
    -------
    pandas.DataFrame
        One row an account, in order, with `MATCH_COLUMNS`. match_probability is the probability
        that the entry is the account's person; candidates is the number of entries at least a tenth
        as likely. match is "exact" where first and last (or birth) name, as displayed or in the
        e-mail address, equal those of the entry, otherwise "near". Unmatched: "none", "" and -1, 0
        candidates, probability 0.

    References
    ----------
    Fellegi, I. P. and Sunter, A. B. (1969). A theory for record linkage. Journal of the American
    Statistical Association 64, 1183-1210.
    """
    # Campaigns in one world often differ in what has nothing to do with names.
    read = (world.accounts, world.directory, world.roll)
    key = seed, plan.registers, plan.email_shown, plan.match_threshold
    last, frames, found = _MATCHED.get(world, (None, (), pd.DataFrame()))
    # The frames of a world may have been changed in the meantime.
    if key != last or not all(map(pd.DataFrame.equals, frames, read)):
        # Let go of before others are copied.
        del frames
        _MATCHED.pop(world, None)
        found = _matched(world, plan, seed)
        _MATCHED[world] = key, [frame.copy() for frame in read], found
    return found.copy()


# The last match of a world: the seed and what a plan has to do with it, and the frames read.
_MATCHED: WeakKeyDictionary[SimulatedWorld, tuple[Any, Any, pd.DataFrame]] = WeakKeyDictionary()


def _matched(world: SimulatedWorld, plan: CampaignPlan, seed: int) -> pd.DataFrame:
    accounts, rng = world.accounts, stream(seed, "matching")
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
    probability = link(pairs)
    chosen = assigned(pairs, probability, plan.match_threshold, rng)
    return _matches(world, plan, places, pairs, probability, chosen)


def _listed(world: SimulatedWorld, plan: CampaignPlan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Merge the registers: a row a person, and their entry in every register, or -1."""
    # Of people in both, the roll's entry is used: it has birth name and date.
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
    first, row = np.unique(person, return_inverse=True)
    places = np.full((len(first), len(plan.registers)), -1, dtype=np.int64)
    start = 0
    for name, frame in lists.items():
        stop = start + len(frame)
        places[row[start:stop], plan.registers.index(name)] = frame["entry"].to_numpy()
        start = stop
    listed = people.iloc[first].reset_index(drop=True)
    return listed, pd.DataFrame(places, columns=list(plan.registers))


def _same_person(people: pd.DataFrame, electors: int) -> Ints:
    """Return the elector that each line of the directory names, or the line itself.

    Rows of `people` are electors first, then lines.
    """
    # As numbers: names are compared several times over, and most stand there many times.
    first, _ = _numbered(people["first_name"], lambda words: "".join(words))
    last, most = _numbered(people["last_name"], without_particles)
    name = first * most + last
    keyed = pd.DataFrame({"name": name, "address": people["address"].to_numpy()})
    keyed["at"] = np.arange(len(keyed))
    roll, lines = keyed.iloc[:electors], keyed.iloc[electors:]
    same = lines["at"].to_numpy(copy=True)
    for by in (["name"], ["name", "address"]):
        only = roll.drop_duplicates(by, keep=False)
        unique = lines.drop_duplicates(by, keep=False)
        both = unique.merge(only, on=by, validate="one_to_one", suffixes=("", "_roll"))
        same[both["at"].to_numpy() - electors] = both["at_roll"]
    return same


def _numbered(names: pd.Series, joined: Callable[[list[str]], str]) -> tuple[Ints, int]:
    """Return the number of each name, alike in the letters of its joined words, and how many."""
    place, distinct = pd.factorize(names)
    keys = [joined(text.split()) for text in letters_of(distinct.tolist())]
    number, different = pd.factorize(np.array(keys, dtype=object))
    return number[place], len(different)


def assigned(
    pairs: NamePairs, probability: Floats, threshold: float, rng: np.random.Generator
) -> Ints:
    """Choose a one-to-one assignment of pairs with the largest sum of probabilities.

    Parameters
    ----------
    pairs : NamePairs
    probability : ndarray of float
    threshold : float
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int
        Positions of the pairs chosen.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    enough = np.flatnonzero((probability >= threshold) & (probability > 0))
    if not len(enough):
        return enough
    # Ties are broken at random; a column of its own leaves each account unmatched.
    weight = probability[enough] * (1 + 1e-6 * rng.random(len(enough)))
    # An account and an entry that have nobody else are each other's.
    only = [np.bincount(ends)[ends] == 1 for ends in (pairs.account[enough], pairs.entry[enough])]
    sure = only[0] & only[1] & (weight > _UNMATCHED)
    alone, enough, weight = enough[sure], enough[~sure], weight[~sure]
    if not len(enough):
        return np.asarray(alone)
    row, account = np.unique(pairs.account[enough], return_inverse=True)
    column, entry = np.unique(pairs.entry[enough], return_inverse=True)
    own = np.arange(len(row))
    graph = coo_array(
        (
            np.concatenate([weight, np.full(len(row), _UNMATCHED)]),
            # 32 bits, as older releases of SciPy need.
            tuple(
                np.concatenate(ends).astype(np.int32)
                for ends in ((account, own), (entry, len(column) + own))
            ),
        )
    ).tocsr()
    taken, partner = min_weight_full_bipartite_matching(graph, maximize=True)
    at = np.full(len(row), -1, dtype=np.int64)
    at[taken] = partner
    return np.sort(np.concatenate([alone, enough[at[account] == entry]]))


def _matches(
    world: SimulatedWorld,
    plan: CampaignPlan,
    places: pd.DataFrame,
    pairs: NamePairs,
    probability: Floats,
    chosen: Ints,
) -> pd.DataFrame:
    """Return the frame of matches from the chosen pairs."""
    n = len(world.accounts)
    account, person = pairs.account[chosen], pairs.entry[chosen]
    matched = np.zeros(n)
    matched[account] = probability[chosen]
    rivals = probability >= _RIVAL * np.where(matched > 0, matched, np.inf)[pairs.account]
    exact: Bools = (pairs.first[chosen] < ALIKE) & (pairs.last[chosen] <= OF_BIRTH)
    match = np.full(n, "none", dtype=object)
    match[account] = np.where(exact, "exact", "near")
    frame = pd.DataFrame(
        {
            "first_name": "",
            "last_name": "",
            "match": pd.Series(match, dtype="str"),
            "match_probability": matched,
            "register": "",
            "entry": np.int64(-1),
            "candidates": np.bincount(pairs.account[rivals], minlength=n),
            "address": np.int64(-1),
            "station": "",
        }
    )
    stations = world.addresses.frame["station"].to_numpy(dtype=object)
    # Written last, the first register of the plan that lists the person is the one shown.
    for name in reversed(plan.registers):
        entry = places[name].to_numpy()[person]
        rows, entry = account[entry >= 0], entry[entry >= 0]
        listed = getattr(world, name)[["first_name", "last_name", "address"]].iloc[entry]
        frame.loc[rows, "register"], frame.loc[rows, "entry"] = name, entry
        for column in ("first_name", "last_name", "address"):
            frame.loc[rows, column] = listed[column].to_numpy()
        frame.loc[rows, "station"] = stations[listed["address"].to_numpy()]
    return frame


# Kinds of displayed names relative to the civil name; "other": handle, pseudonym, invented name.
SHOWN = ("civil", "birth", "short", "initial", "other")
# Reasons why an account is not matched; the first that holds is given.
WHY = ("town_hidden", "name_hidden", "not_listed", "namesakes")


def match_quality(
    rows: Rows, world: SimulatedWorld, plan: CampaignPlan, matched: pd.DataFrame
) -> None:
    """Compare matches with the truth; households are clusters of the intervals.

    By ``match`` ("exact_name", "near_name"): match_precision (right entries over matched accounts
    of that kind), match_recall (right entries over all accounts), match_right_household (the
    entry's dwelling is where the person lives today, over matches). By the kind of name
    ``shown`` (`SHOWN`): shown_precision, shown_recall (over the accounts of that kind). Then

    - match_claimed: mean match probability; match_error: its calibration error, over matches
      (baseline: sampling error alone).
    - false_claims: share matched of the accounts whose person is in no register.
    - false_doors: share of matches with an address where the person does not live.
    - homonym_victims: share of matches with another resident who interacted with no candidate.
    - unmatched, by ``why`` (`WHY`): share of accounts without a match.

    Parameters
    ----------
    rows : Rows
        Rows to which measures are added.
    world : SimulatedWorld
    plan : CampaignPlan
        Parameters of the campaign.
    matched : pandas.DataFrame
        As returned by `match_accounts`.
    """
    person = world.accounts["person"].to_numpy()
    home = world.people["household"].to_numpy()[person]
    household = behind_entry(world, matched, "household")
    named = behind_entry(world, matched, "person")
    right, kinds = named == person, matched["match"].to_numpy(dtype=str)
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
    linked = kinds != "none"
    shown = _names_shown(world)
    for form in SHOWN:
        of = shown == form
        fields: dict[str, Any] = {"gain": "person", "part": {"shown": f"shown_{form}"}}
        rows.share("shown_precision", right[of & linked], clusters=home[of & linked], **fields)
        rows.share("shown_recall", right[of], clusters=home[of], **fields)
    claim = matched["match_probability"].to_numpy()[linked]
    mean = float(claim.mean()) if len(claim) else np.nan
    rows.rate("match_claimed", mean, len(claim), unit="probability", n=len(claim))
    add_calibration(rows, "match_error", claim, right[linked])
    elsewhere = matched["address"].to_numpy() != world.people["address"].to_numpy()[person]
    victim = (named >= 0) & (named != person) & ~interacted(world)[np.maximum(named, 0)]
    homes = home[linked]
    rows.share("false_doors", elsewhere[linked], gain="address", clusters=homes)
    rows.share("homonym_victims", victim[linked], gain="person", clusters=homes)
    _unmatched(rows, world, plan, linked, shown, home)


def interacted(world: SimulatedWorld) -> Bools:
    """Return which people have an account that touched a page of a candidate."""
    clicks = world.interactions
    candidate = of_candidate(world.pages)[clicks["page"].to_numpy()]
    accounts = np.unique(clicks["account"].to_numpy()[candidate])
    touched = np.zeros(len(world.people), dtype=bool)
    touched[world.accounts["person"].to_numpy()[accounts]] = True
    return touched


def _unmatched(
    rows: Rows,
    world: SimulatedWorld,
    plan: CampaignPlan,
    linked: Bools,
    shown: Strs,
    home: Ints,
) -> None:
    """Add the shares of false claims, and of unmatched accounts by reason."""
    person = world.accounts["person"].to_numpy()
    listed = np.zeros(len(world.people), dtype=bool)
    for name in plan.registers:
        of = getattr(world, f"{name}_truth")["person"].to_numpy()
        listed[of[of >= 0]] = True
    unlisted = ~listed[person]
    rows.share("false_claims", linked[unlisted], clusters=home[unlisted], gain="person")
    hidden = ~world.accounts["city_shown"].to_numpy(dtype=bool)
    why = np.select([linked, hidden, shown == "other", unlisted], ["", *WHY[:3]], WHY[3])
    for reason in WHY:
        rows.share("unmatched", why == reason, clusters=home, part={"why": reason})


def _names_shown(world: SimulatedWorld) -> Strs:
    """Return the kind of name that each account shows (`SHOWN`), from who its person is."""
    person = world.accounts["person"].to_numpy()
    names = ("first_name", "last_name", "birth_name")
    named = [world.people[name].iloc[person].tolist() for name in names]
    words = [letters_of(names) for names in (world.accounts["display_name"].tolist(), *named)]
    rows = zip(*([text.split() for text in texts] for texts in words), strict=True)
    return np.array([_kind_shown(*row) for row in rows], dtype=str)


def _kind_shown(
    shown: list[str], first_name: list[str], last_name: list[str], birth_name: list[str]
) -> str:
    """Return the kind of a displayed name, from its words and those of its owner's names.

    >>> own = ["eric"], ["de", "la", "tour"], ["roux"]
    >>> [_kind_shown(text.split(), *own) for text in
    ...  ("eric la tour", "eric roux", "e la tour", "eric l", "ric la tour", "loup")]
    ['civil', 'birth', 'initial', 'initial', 'other', 'other']
    """
    first, last = "".join(first_name), without_particles(last_name)
    birth = without_particles(birth_name)
    text = "".join(shown[:1]) + without_particles(shown[1:])
    if text in (first + last, last + first):
        return "civil"
    if text in (first + birth, birth + first):
        return "birth"
    short, rest = "".join(shown[:1]), without_particles(shown[1:])
    if len(shown) > 1 and rest in (last, birth) and short_for(short, first):
        return "initial" if len(short) == 1 else "short"
    letters = {word[0] for words in (last_name, birth_name) for word in words}
    if len(shown) > 1 and len(rest) == 1 and rest in letters and "".join(shown[:-1]) == first:
        return "initial"
    return "other"
