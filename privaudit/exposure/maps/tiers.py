"""The access ladder: what each tier sees, how likely each is to leak, who is then found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import in_range, say
from privaudit.campaign.access import seen_by
from privaudit.errors import ParameterError
from privaudit.exposure.maps.doors import marked_doors
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.maps.leak_odds import at_least_one, exposed_by_accounts

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign

__all__ = ["TIERS", "LeakOdds", "leak_curve", "tier_exposure"]

TIERS = ("public", "any_account", "turf", "team", "stolen_phone", "leak")
_SEEN = {
    "public": "nobody has registered: the map asks for an account",
    "any_account": "whoever registers, under any name",
    "turf": "a volunteer, mean over polling stations",
    "team": "the campaign's team",
    "stolen_phone": "the phone of one of the registered accounts, each as likely",
    "leak": "the whole file, dots that are not shown yet included",
}


@dataclass(frozen=True, kw_only=True)
class LeakOdds:
    """How likely each holder of the map is to let it out, over the life of the campaign.

    No such figure was ever published: every default is a *scenario*, and a result that leans
    on it must be shown for other values too (see `leak_curve`).

    Parameters
    ----------
    public_account, volunteer_account, team_account : float
        Probability, 0 to 1, that one account of that role copies or loses what it sees.
    stolen_phone : float
        Probability, 0 to 1, that a phone on which somebody is signed in is stolen and read.
    file : float
        Probability, 0 to 1, that the whole file leaks (a server left open, a processor's
        breach, a copy handed to a party and lost).

    Raises
    ------
    ParameterError
        A probability outside of 0 to 1.

    Examples
    --------
    >>> LeakOdds(file=0.2).file
    0.2
    """

    public_account: float = 0.01
    volunteer_account: float = 0.01
    team_account: float = 0.01
    stolen_phone: float = 0.02
    file: float = 0.05

    def __post_init__(self) -> None:
        for field in fields(self):
            value = in_range("LeakOdds", field.name, getattr(self, field.name), 0, 1)
            object.__setattr__(self, field.name, value)


def tier_exposure(
    campaign: Campaign, odds: LeakOdds | None = None, *, found: np.ndarray | None = None
) -> Measures:
    """Say, tier by tier, who would be found if what it sees got out, and how likely that is.

    *before* is one second before ``plan.restricted_at``, *after* that very moment: the same
    dots, the same accounts, registered by then.

    Parameters
    ----------
    campaign : Campaign
    odds : LeakOdds, optional
        Scenarios where not given.
    found : ndarray of float, shape (dots,), optional
        Chance, 0 to 1, that whoever holds the map finds the home of each dot's person. Where
        not given: 1 for a right door, 0 for a wrong one, as on a map without a mask.

    Returns
    -------
    Measures
        For each moment (before, after) and tier of `TIERS`:

        - ``{moment}_{tier}_people``: people whose dot the tier sees; n: people of the file.
          The baseline of an *after* row is its *before*.
        - ``{moment}_{tier}_found``: V(view), the share of the people of the file whose home is
          found once that view is out; baseline 0, as nobody is found without a view.
        - ``{moment}_{tier}_leak_odds``: P(leak), that one holder of the tier at least lets it
          out: ``1 - (1 - q)**m`` over its m accounts, those that see nothing left out; n: m.

        Then for each moment ``{moment}_expected_findings``, the sum over tiers of
        P(leak) V(view) times the people of the file, where somebody who gets out twice counts
        twice; and ``{moment}_expected_people_found``, each person counted once: the chance
        that at least one holder who sees their dot lets it out, holders being independent,
        times the chance of being found. ``copies_possible``: accounts that had seen the whole
        map before it was restricted, and may have kept it; no restriction takes that back.
        Plain figures of one simulated campaign (low = high =
        value). 0 is safe.

    Raises
    ------
    ParameterError
        The map has no dot, or `found` is not one chance a dot.
    """
    odds = odds or LeakOdds()
    gain = _found(campaign, found)
    person = marked_doors(campaign)["liker"].to_numpy()
    restricted = np.datetime64(str(campaign.plan.restricted_at), "s")
    n_people = len(np.unique(person))
    rows = Rows(n_people)
    before: dict[str, float] = {}
    for moment, when in (
        ("before", restricted - np.timedelta64(1, "s")),
        ("after", restricted),
    ):
        held = _accounts(campaign, when)
        findings, spared = 0.0, np.ones(len(gain))
        for tier in TIERS:
            seen = _seen(campaign, tier, when, held)
            q, m = _holders(tier, odds, held)
            m = m if seen.any() else 0  # who sees nothing has nothing to let out
            visible = _per_person(seen, person)
            reached = _per_person(seen * gain, person)
            chance = float(at_least_one(q, m))
            people = float(visible.sum())
            rows.add(
                f"{moment}_{tier}_people", people, "people",
                f"{_SEEN[tier]}; n: people of the file",
                baseline=before.get(tier, np.nan),
            )  # fmt: skip
            rows.add(
                f"{moment}_{tier}_found", float(reached.mean()), "share of people",
                "home found if that view leaked; n: people of the file", baseline=0.0,
            )  # fmt: skip
            rows.add(
                f"{moment}_{tier}_leak_odds", chance, "probability",
                f"scenario: {q:g} a holder; n: holders", n=m,
            )  # fmt: skip
            findings += chance * float(reached.sum())
            spared *= _spared(campaign, tier, when, held, q, m, seen)
            before.setdefault(tier, people)
        escaped = _per_person((1 - spared) * gain, person)
        rows.add(
            f"{moment}_expected_findings", findings, "people",
            "sum over tiers of P(leak) V(view), people counted at each leak; n: people of the file",
            baseline=before.get("findings", np.nan),
        )  # fmt: skip
        rows.add(
            f"{moment}_expected_people_found", float(escaped.sum()), "people",
            "each counted once, holders leaking independently; n: people of the file",
            baseline=before.get("people", np.nan),
        )  # fmt: skip
        before.setdefault("findings", findings)
        before.setdefault("people", float(escaped.sum()))
    copies = int(_accounts(campaign, restricted - np.timedelta64(1, "s"))["accounts"].sum())
    rows.add(
        "copies_possible", copies, "accounts",
        "saw the whole map before it was restricted; n: accounts", n=len(campaign.users),
    )  # fmt: skip
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title="access tiers",
        provenance="simulated",
        notes=("Simulated; odds of a leak are scenarios, never measured.",),
        recipe={
            "odds": {field.name: getattr(odds, field.name) for field in fields(odds)},
            "found": "right door" if found is None else "given",
            "campaign": dict(campaign.recipe),
        },
    )


def leak_curve(
    campaign: Campaign,
    accounts: Sequence[int] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
    *,
    probability: float = 0.01,
    found: np.ndarray | None = None,
) -> pd.DataFrame:
    """Follow the risk as the map is shown to more accounts, before and after the restriction.

    m accounts are drawn at random, with repetition, from the roles that the campaign's
    accounts have; each lets out what it sees with the same probability, independently.

    Parameters
    ----------
    campaign : Campaign
    accounts : sequence of int
        Values of m, 0 or more.
    probability : float
        q, 0 to 1, that one account leaks: a scenario.
    found : ndarray of float, shape (dots,), optional
        As for `tier_exposure`.

    Returns
    -------
    pandas.DataFrame
        One row a moment (before, after) and m: moment, accounts, probability, any_leak
        (``1 - (1 - q)**m``), people_found (expected people whose home is found), share_found
        (of the people of the file, n), n.

    Raises
    ------
    ParameterError
        The map has no dot or no account, or a probability or `found` is out of range.
    """
    q = in_range("leak_curve", "probability", probability, 0, 1)
    gain = _found(campaign, found)
    person = marked_doors(campaign)["liker"].to_numpy()
    restricted = np.datetime64(str(campaign.plan.restricted_at), "s")
    many = np.asarray(accounts, dtype=np.int64)
    tables = []
    for moment, when in (
        ("before", restricted - np.timedelta64(1, "s")),
        ("after", restricted),
    ):
        held = _accounts(campaign, when)
        if held["accounts"].sum() == 0:
            raise ParameterError(say("leak_curve", "a map that somebody uses", "0 accounts"))
        share = _seen(campaign, "stolen_phone", when, held)
        out = exposed_by_accounts(q, share, many) * gain
        people = np.array([_per_person(row, person).sum() for row in out])
        n = len(np.unique(person))
        tables.append(
            pd.DataFrame(
                {
                    "moment": moment,
                    "accounts": many,
                    "probability": q,
                    "any_leak": at_least_one(q, many),
                    "people_found": people,
                    "share_found": people / n,
                    "n": n,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _found(campaign: Campaign, found: np.ndarray | None) -> np.ndarray:
    """Chance that the home of each dot's person is found, checked."""
    if len(campaign.dots) == 0:
        raise ParameterError(say("tier_exposure", "a map that holds a dot", "0 dots"))
    if found is None:
        return 1.0 - marked_doors(campaign)["wrong_door"].to_numpy(dtype=float)
    gain = np.asarray(found, dtype=float)
    if gain.shape != (len(campaign.dots),) or not ((gain >= 0) & (gain <= 1)).all():
        needed = f"found a chance in [0, 1] for each of {len(campaign.dots):,} dots"
        raise ParameterError(
            say("tier_exposure", needed, f"shape {gain.shape}, or a value outside")
        )
    return gain


def _accounts(campaign: Campaign, when: np.datetime64) -> pd.DataFrame:
    """Accounts registered by then, counted by what they see: columns role, station, accounts."""
    users = campaign.users[campaign.users["registered_at"].to_numpy() <= when]
    return users.groupby(["role", "station"], as_index=False).size().rename(
        columns={"size": "accounts"}
    )  # fmt: skip


def _holders(tier: str, odds: LeakOdds, held: pd.DataFrame) -> tuple[float, int]:
    """Chance that one holder of a tier leaks, and how many hold it."""
    of_role = held.groupby("role")["accounts"].sum()
    chance, holders = {
        "public": (0.0, 0),
        "any_account": (odds.public_account, of_role.get("public", 0)),
        "turf": (odds.volunteer_account, of_role.get("volunteer", 0)),
        "team": (odds.team_account, of_role.get("team", 0)),
        "stolen_phone": (odds.stolen_phone, int(len(held) > 0)),
        "leak": (odds.file, 1),
    }[tier]
    return chance, int(holders)


def _seen(campaign: Campaign, tier: str, when: np.datetime64, held: pd.DataFrame) -> np.ndarray:
    """Share of a tier's views, 0 to 1, in which each dot stands; shape (dots,)."""
    if tier == "public":
        return np.zeros(len(campaign.dots))
    if tier == "leak":
        return np.ones(len(campaign.dots))
    if tier == "any_account":
        return seen_by(campaign, "public", "", when).astype(float)
    if tier == "team":
        return seen_by(campaign, "team", "", when).astype(float)
    if tier == "turf":
        stations = campaign.world.stations["station"]
        views = [("volunteer", station, 1.0) for station in stations]
    else:
        views = list(zip(held["role"], held["station"], held["accounts"], strict=True))
    share, total = np.zeros(len(campaign.dots)), 0.0
    for role, station, weight in views:
        share += weight * seen_by(campaign, role, station, when)
        total += weight
    return share / max(total, 1.0)


def _spared(
    campaign: Campaign,
    tier: str,
    when: np.datetime64,
    held: pd.DataFrame,
    q: float,
    m: int,
    seen: np.ndarray,
) -> np.ndarray:
    """Chance that no holder of a tier lets each dot out; volunteers by their own turf."""
    if tier != "turf":
        return 1 - at_least_one(q * seen, m)
    spared = np.ones(len(seen))
    turfs = held[held["role"] == "volunteer"]
    for station, accounts in zip(turfs["station"], turfs["accounts"], strict=True):
        shown = seen_by(campaign, "volunteer", station, when)
        spared *= 1 - at_least_one(q * shown, accounts)
    return spared


def _per_person(per_dot: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Largest value among the dots of each person: who has two dots is found by the better."""
    return pd.Series(per_dot).groupby(person).max().to_numpy()
