"""Access to the map: people within reach of an account, leak probability, expected findings.

Each is compared before and after the map was restricted, for each tier of the access ladder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit.campaign.campaign import ROLES, seen_by
from privaudit.core.checks import in_range
from privaudit.errors import ParameterError
from privaudit.maps.scoring.household import (
    check_holds_dots,
    households_at,
    marked_addresses,
    of_campaign,
)
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign


def at_least_one(probability: ArrayLike, accounts: ArrayLike) -> np.ndarray:
    """Return the chance that at least one of m accounts leaks, ``1 - (1 - q)**m``.

    Accounts leak independently. Where one cause makes several leak together, the probability is
    lower.

    Parameters
    ----------
    probability : array_like of float
        q, in [0, 1]: that one account leaks.
    accounts : array_like of float
        m, 0 or more.

    Returns
    -------
    ndarray of float
        In [0, 1], 0 = safe.

    Raises
    ------
    ParameterError
        A probability outside of [0, 1], or fewer than 0 accounts.

    Examples
    --------
    >>> at_least_one(0.01, [0, 1, 100]).round(3).tolist()
    [0.0, 0.01, 0.634]
    """
    q, m = np.asarray(probability, float), np.asarray(accounts, float)
    if not ((q >= 0) & (q <= 1)).all():
        raise ParameterError.of("at_least_one", "probabilities in [0, 1]", "a value outside")
    if not (m >= 0).all():
        raise ParameterError.of("at_least_one", "0 accounts or more", "a value below")
    with np.errstate(divide="ignore", invalid="ignore"):
        value = -np.expm1(m * np.log1p(-q))
    return np.where(q == 1, np.where(m > 0, 1.0, 0.0), value)


def exposed_by_accounts(probability: float, seen_by: ArrayLike, accounts: ArrayLike) -> np.ndarray:
    """Return the chance that a person is exposed by m accounts drawn at random.

    Each account is one of those that see the person with probability s, and leaks with probability
    q: ``1 - (1 - q s)**m``.

    Parameters
    ----------
    probability : float
        q, in [0, 1].
    seen_by : float, shape (p,)
        s of each person, in [0, 1].
    accounts : float, shape (m,)

    Returns
    -------
    float, shape (m, p)
        In [0, 1], 0 = safe.

    Examples
    --------
    >>> exposed_by_accounts(0.5, [1.0, 0.5], [1, 2]).round(4).tolist()
    [[0.5, 0.25], [0.75, 0.4375]]
    """
    share = np.asarray(seen_by, float)
    return at_least_one(probability * share[None, :], np.asarray(accounts, float)[:, None])


def moments(campaign: Campaign) -> Iterator[tuple[str, np.datetime64]]:
    """Yield "before" (one second before ``plan.restricted_at``) and "after" (that moment)."""
    restricted = np.datetime64(str(campaign.plan.restricted_at), "s")
    yield "before", restricted - np.timedelta64(1, "s")
    yield "after", restricted


def access_exposure(campaign: Campaign) -> Measures:
    """Count the people visible to each account, before and after the map was restricted.

    Map and accounts are the same at both moments. People are those the dots stand for, counted
    once for each account; households are the marked ones, members their present residents.

    Parameters
    ----------
    campaign : Campaign

    Returns
    -------
    Measures
        Family "access": for each ``moment`` (before, after) and ``role`` (public, volunteer,
        team, all):

        - accounts: registered by then; n: accounts of all roles by then.
        - people_median, people_mean, people_max: people visible to one account; nan without an
          account. people_seen: pairs of an account and a visible person. n: people on the file.
        - for role all, households_max and members_max: the most that one account sees; n: all
          marked households, all their residents.

        Plain counts of one simulated campaign (low = high = value). The baseline of an *after*
        row is its *before*. 0 is safe.

    Raises
    ------
    ParameterError
        The map has no user.
    """
    if len(campaign.users) == 0:
        raise ParameterError.of(
            "access_exposure", "a map that somebody uses", "0 users", "Raise n_public_users."
        )
    doors = marked_addresses(campaign)
    household = doors["household"].to_numpy()
    marked = np.unique(household[household >= 0])
    size = np.bincount(campaign.world.people["household"], minlength=len(campaign.world.households))
    rows = Rows(doors["person"].nunique(), "people")
    before: dict[Any, float] = {}
    for moment, when in moments(campaign):
        reach = _seen(campaign, doors, size, when)
        for role in (*ROLES, "all"):
            count = partial(_count, rows, before, {"moment": moment, "role": role})
            people = reach.loc[(reach["role"] == role) | (role == "all"), "people"].to_numpy(float)
            count("accounts", len(people), "accounts", n=len(reach), counts="accounts")
            for name, of in (("median", np.median), ("mean", np.mean), ("max", np.max)):
                value = float(of(people)) if len(people) else np.nan
                count(f"people_{name}", value, "people")
            count("people_seen", people.sum(), "pairs")
        for name, unit, n, counts in (
            ("households", "households", len(marked), "households"),
            ("members", "residents", size[marked].sum(), "residents"),
        ):
            value = float(reach[name].max()) if len(reach) else np.nan
            count(f"{name}_max", value, unit, n=n, counts=counts)
    return of_campaign("access", rows, campaign)


def _count(
    rows: Rows, before: dict[Any, float], part: dict[str, Any], name: str, value: float,
    unit: str, **fields: Any,
) -> None:  # fmt: skip
    """Add a row; the baseline of an *after* row is its *before*."""
    key = (name, *(v for k, v in part.items() if k != "moment"))
    rows.count(name, value, unit, part=part, baseline=before.get(key, np.nan), **fields)
    before.setdefault(key, float(value))


def _seen(
    campaign: Campaign, doors: pd.DataFrame, size: np.ndarray, when: np.datetime64
) -> pd.DataFrame:
    """Count people, households and members visible to each account, one row an account."""
    person, household = doors["person"].to_numpy(), doors["household"].to_numpy()
    users = campaign.users[campaign.users["registered_at"].to_numpy() <= when]
    kinds = users[["role", "station"]].drop_duplicates(ignore_index=True)
    counts = []
    for role, station in zip(kinds["role"], kinds["station"], strict=True):
        shown = seen_by(campaign, role, station, when)
        households = np.unique(household[shown & (household >= 0)])
        counts.append((len(np.unique(person[shown])), len(households), size[households].sum()))
    names = ["people", "households", "members"]
    kinds = kinds.join(pd.DataFrame(counts, columns=names, index=kinds.index))
    return users.merge(kinds, on=["role", "station"], validate="many_to_one")


TIERS = ("no_account", "any_account", "turf", "team", "stolen_phone", "whole_file")
# Measure of each gain.
_GAINS = ("address", "household")
_FOUND = {"address": "addresses_found", "household": "households_found"}
# No such figure was ever published: how far each may lie, for sensitivity.
SCENARIOS: dict[str, tuple[float, float]] = {
    "public_account": (0.001, 0.05), "volunteer_account": (0.001, 0.05),
    "team_account": (0.001, 0.05), "stolen_phone": (0.005, 0.1), "file": (0.01, 0.3),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LeakProbabilities:
    """Probability that each holder of the map leaks it, over the life of the campaign.

    No such figure was ever published: every default is a *scenario*; show results for other
    values too (see `leak_exposure`).

    Parameters
    ----------
    public_account, volunteer_account, team_account : float
        Probability, 0 to 1, that one account of that role leaks what it sees.
    stolen_phone : float
        Probability, 0 to 1, that a phone with an open session is stolen and read.
    file : float
        Probability, 0 to 1, that the whole file leaks (a server left open, a processor's
        breach, a copy handed to a party and lost).

    Raises
    ------
    ParameterError
        A probability outside of 0 to 1.

    Examples
    --------
    >>> LeakProbabilities(file=0.2).file
    0.2
    """

    public_account: float = 0.01
    volunteer_account: float = 0.01
    team_account: float = 0.01
    stolen_phone: float = 0.02
    file: float = 0.05

    def __post_init__(self) -> None:
        for field in fields(self):
            value = in_range("LeakProbabilities", field.name, getattr(self, field.name), 0, 1)
            object.__setattr__(self, field.name, value)


def tier_exposure(
    campaign: Campaign,
    odds: LeakProbabilities | None = None,
    *,
    found: np.ndarray | None = None,
    control: Mapping[str, np.ndarray] | None = None,
) -> Measures:
    """Return, for each access tier, who would be found if its view leaked, and how likely.

    *before* is one second before ``plan.restricted_at``, *after* that very moment: the same
    dots, the same accounts, registered by then.

    Parameters
    ----------
    campaign : Campaign
    odds : LeakProbabilities, optional
        Scenarios where not given.
    found : ndarray of float, shape (dots,), optional
        Probability, 0 to 1, that a holder of the map finds the address of each dot's person.
        Default: 1 for a right address, 0 for a wrong one, as on a map without a mask.
    control : mapping of str to ndarray of float, shape (dots,), optional
        For "address" and "household", the probability that the same guess is right for a
        comparable person without a dot.

    Returns
    -------
    Measures
        Family "tiers": for each ``moment`` (before, after) and ``tier`` of `TIERS`:

        - people: people whose dot the tier sees; n: people of the file.
        - addresses_found, households_found: V(view), the share of the people of the file whose
          address, or household (one of those at that address, picked at random), is found once
          that view is out; baseline 0, as nobody is found without a view; control and residual
          where a control is given.
        - leak_odds: P(leak), at least one holder of the tier leaks: ``1 - (1 - q)**m`` over its
          m accounts that see anything. A scenario: it has no n, and its parameters ``holders``
          and ``each`` are m and q.

        Then for each moment and each of ``address`` and ``household``, expected_findings_by_*,
        the sum over tiers of P(leak) V(view) times the people of the file, where a person found
        through two tiers counts twice; and expected_people_by_*, each person counted once: the
        probability that at least one holder who sees their dot leaks, holders being independent,
        times the probability of being found. copies_possible: accounts that had seen the whole
        map before the restriction, which does not undo that; n: all accounts.
        Plain figures of one simulated campaign (low = high = value); the baseline of an *after*
        row is its *before*, except for addresses_found and households_found. 0 is safe.

    Raises
    ------
    ParameterError
        The map has no dot, or `found` is not one chance a dot.
    """
    odds = odds or LeakProbabilities()
    gain = _chances("tier_exposure", campaign, found)
    person = marked_addresses(campaign)["person"].to_numpy()
    rows = Rows(len(np.unique(person)), "people")
    before: dict[Any, float] = {}
    for moment, when in moments(campaign):
        held = _accounts(campaign, when)
        findings, spared = dict.fromkeys(_GAINS, 0.0), np.ones(len(person))
        for tier in TIERS:
            part = {"moment": moment, "tier": tier}
            share_seen = _seen_tiers(campaign, tier, when, held)
            q, m = _holders(tier, odds, held)
            m = m if share_seen.any() else 0  # a tier that sees nothing leaks nothing
            odd = float(at_least_one(q, m))
            people = _per_person(share_seen, person).sum()
            _count(rows, before, part, "people", people, "people")
            for of, chance in gain.items():
                reached = _per_person(share_seen * chance, person)
                net = {} if control is None else _net(reached, share_seen * control[of], person)
                share = {"gain": of, "part": part, "baseline": 0, **net}
                rows.count(_FOUND[of], reached.mean(), "share", **share)
                findings[of] += odd * float(reached.sum())
            scenario = part | {"holders": m, "each": q}
            rows.count("leak_odds", odd, "probability", part=scenario, n=np.nan, counts="holders")
            if tier == "turf":
                spared *= _spared_by_turf(campaign, when, held, q)
            else:
                spared *= 1 - at_least_one(q * share_seen, m)
        for of, chance in gain.items():
            escaped = _per_person((1 - spared) * chance, person).sum()
            for name, value in (("findings", findings[of]), ("people", escaped)):
                measure, part = f"expected_{name}_by_{of}", {"moment": moment}
                _count(rows, before, part, measure, value, "people", gain=of)
    (_, when), _ = moments(campaign)
    copies = _accounts(campaign, when)["accounts"].sum()
    rows.count("copies_possible", copies, "accounts", n=len(campaign.users), counts="accounts")
    return _measures("tiers", rows, campaign, asdict(odds))


def leak_exposure(
    campaign: Campaign,
    accounts: Sequence[int] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
    *,
    probability: float = 0.01,
    found: np.ndarray | None = None,
    control: Mapping[str, np.ndarray] | None = None,
) -> Measures:
    """Return the expected share of people found against the number of accounts of the map.

    m accounts are drawn at random, with repetition, from the roles that the campaign's
    accounts have; each leaks what it sees with the same probability, independently.

    Parameters
    ----------
    campaign : Campaign
    accounts : sequence of int
        Values of m, 0 or more.
    probability : float
        q, 0 to 1, that one account leaks: a scenario.
    found : ndarray of float, shape (dots,), optional
    control : mapping of str to ndarray of float, shape (dots,), optional
        As for `tier_exposure`.

    Returns
    -------
    Measures
        Family "leak": for each number of ``accounts``, any_leak, ``1 - (1 - q)**m`` (a scenario:
        no n; ``each`` is q); and for each ``moment`` addresses_found and households_found, the
        expected share of the people of the file whose address, or household, is then found, with
        its interval over homes. The baseline of *after* is *before*. 0 is safe.

    Raises
    ------
    ParameterError
        The map has no dot or no account, or a probability or `found` is out of range.
    """
    q = in_range("leak_exposure", "probability", probability, 0, 1)
    gain = _chances("leak_exposure", campaign, found)
    doors = marked_addresses(campaign)
    person = doors["person"].to_numpy()
    home = doors.groupby("person")["home_address"].first().to_numpy()
    many = np.asarray(accounts, dtype=np.int64)
    rows = Rows(len(np.unique(person)), "people")
    for m, odd in zip(many.tolist(), at_least_one(q, many), strict=True):
        scenario = {"accounts": m, "each": q}
        rows.count("any_leak", odd, "probability", part=scenario, n=np.nan, counts="accounts")
    before: dict[Any, float] = {}
    for moment, when in moments(campaign):
        held = _accounts(campaign, when)
        if held["accounts"].sum() == 0:
            raise ParameterError.of("leak_exposure", "a map that somebody uses", "0 accounts")
        out = exposed_by_accounts(q, _seen_tiers(campaign, "stolen_phone", when, held), many)
        for of, chance in gain.items():
            for m, shown in zip(many.tolist(), out, strict=True):
                reached = _per_person(shown * chance, person)
                beside = None if control is None else _per_person(shown * control[of], person)
                part, key = {"accounts": m, "moment": moment}, (of, m)
                rows.share(_FOUND[of], reached, clusters=home, control=beside, gain=of,
                           part=part, baseline=before.get(key, 0.0))  # fmt: skip
                before.setdefault(key, float(reached.mean()))
    return _measures("leak", rows, campaign, {"probability": q})


def _measures(family: str, rows: Rows, campaign: Campaign, odds: Mapping[str, float]) -> Measures:
    return Measures(
        family=family,
        rows=rows,
        provenance="simulated",
        notes=(Note("leak_odds_are_scenarios"),),
        recipe={"odds": dict(odds), "campaign": dict(campaign.recipe)},
    )


def _chances(who: str, campaign: Campaign, found: np.ndarray | None) -> dict[str, np.ndarray]:
    """Return the checked probability that each dot's address, and household, is found."""
    check_holds_dots(who, campaign)
    doors = marked_addresses(campaign)
    if found is None:
        chance = 1.0 - doors["wrong_address"].to_numpy(dtype=float)
    else:
        chance = np.asarray(found, dtype=float)
        if chance.shape != (len(doors),) or not ((chance >= 0) & (chance <= 1)).all():
            came = f"shape {chance.shape}, or a number outside of 0 to 1"
            raise ParameterError.of(who, "found, one chance a dot", came)
    # One household of the address is picked at random.
    bells = households_at(campaign.world)[doors["home_address"].to_numpy()]
    return {"address": chance, "household": chance / bells}


def _accounts(campaign: Campaign, when: np.datetime64) -> pd.DataFrame:
    """Count the registered accounts by what they see: columns role, station, accounts."""
    users = campaign.users[campaign.users["registered_at"].to_numpy() <= when]
    return users.groupby(["role", "station"]).size().reset_index(name="accounts")


def _holders(tier: str, odds: LeakProbabilities, held: pd.DataFrame) -> tuple[float, int]:
    """Return the leak probability of one holder of a tier, and the number of holders."""
    of_role = held.groupby("role")["accounts"].sum()
    chance, holders = {
        "no_account": (0.0, 0),
        "any_account": (odds.public_account, of_role.get("public", 0)),
        "turf": (odds.volunteer_account, of_role.get("volunteer", 0)),
        "team": (odds.team_account, of_role.get("team", 0)),
        "stolen_phone": (odds.stolen_phone, 1),
        "whole_file": (odds.file, 1),
    }[tier]
    return chance, int(holders)


def _seen_tiers(
    campaign: Campaign, tier: str, when: np.datetime64, held: pd.DataFrame
) -> np.ndarray:
    """Return the share of a tier's views, 0 to 1, that show each dot; shape (dots,)."""
    if tier == "whole_file":
        return np.ones(len(campaign.dots))
    views: list[tuple[str, str, float]] = {
        "no_account": [],
        "any_account": [("public", "", 1.0)],
        "turf": [("volunteer", station, 1.0) for station in campaign.world.stations["station"]],
        "team": [("team", "", 1.0)],
        "stolen_phone": list(zip(held["role"], held["station"], held["accounts"], strict=True)),
    }[tier]
    share, total = np.zeros(len(campaign.dots)), 0.0
    for role, station, weight in views:
        share += weight * seen_by(campaign, role, station, when)
        total += weight
    return share / total if total else share


def _spared_by_turf(
    campaign: Campaign, when: np.datetime64, held: pd.DataFrame, q: float
) -> np.ndarray:
    """Return the probability that no volunteer leaks each dot of their turf."""
    spared = np.ones(len(campaign.dots))
    turfs = held[held["role"] == "volunteer"]
    for station, accounts in zip(turfs["station"], turfs["accounts"], strict=True):
        shown = seen_by(campaign, "volunteer", station, when)
        spared *= 1 - at_least_one(q * shown, accounts)
    return spared


def _net(reached: np.ndarray, per_dot: np.ndarray, person: np.ndarray) -> dict[str, Any]:
    """Return control and residual of a share of people found."""
    beside = float(_per_person(per_dot, person).mean())
    left = 1 - beside
    return {
        "control": beside,
        "residual": (float(reached.mean()) - beside) / left if left > 0 else np.nan,
    }


def _per_person(per_dot: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Return the largest value among the dots of each person."""
    return pd.Series(per_dot).groupby(person).max().to_numpy()
