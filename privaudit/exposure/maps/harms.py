"""What an attack gains and whom it harms: each apart, never netted into one score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit._core.streams import stream
from privaudit.attacks.locate import prior_over_addresses
from privaudit.errors import ParameterError
from privaudit.exposure.maps.gains import observed
from privaudit.exposure.maps.truth import VOTING_AGE
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.interval import bootstrap_mean, effective_n, wilson
from privaudit.measures.order_statistics import percentile
from privaudit.measures.tables.compressed_rows import row_of, row_sum
from privaudit.measures.vulnerability import (
    additive_leakage,
    expected_error,
    multiplicative_leakage,
    prior_vulnerability,
)

if TYPE_CHECKING:
    from privaudit.attacks.adversary import Adversary
    from privaudit.attacks.guesses import Guesses
    from privaudit.exposure.maps.truth import Truth
    from privaudit.release.release import Release
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["harms"]

PERCENTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}


def harms(
    guesses: Guesses,
    truth: Truth,
    release: Release,
    world: SimulatedWorld,
    *,
    adversary: Adversary,
    entries: np.ndarray | None = None,
    seed: int = 7,
) -> Measures:
    """Say what an attack on a simulated map gains, and what its mistakes do to people.

    A presumed opinion is data on an opinion even where it is wrong (GDPR, article 9): a wrong
    label is a harm, not a failure of the attack, and stands beside the right ones.

    Parameters
    ----------
    guesses : Guesses
        On a map, with its posterior over addresses.
    truth : Truth
        Of the same release.
    release : Release
    world : SimulatedWorld
    adversary : Adversary
        Whose guesses they are.
    entries : ndarray of int, optional
        Which person each entry of the adversary's register names, -1 for nobody of the town.
    seed : int
        Of the bootstrap of the mean error.

    Returns
    -------
    Measures
        Shares are of people of the release, with 95 % Wilson intervals on their effective
        number; somebody behind several dots counts once, with their mean. 0 is safe but for
        the errors, which are safe when large.

        - label_right, label_wrong, label_none: the presumed leaning is theirs, is another, is
          not said. Baseline: saying the commonest leaning of everybody's polling station.
        - found_and_right: right home, right label. found_and_wrong: at their home, accused of
          what they are not. elsewhere: the guess is a home where they do not live, whose
          people bear the label instead. Baselines: the address from the prior alone, the
          commonest leaning of the station.
        - named_right, named_wrong (another person of the town is named), named_innocent (and
          that person's leaning is not the presumed one), named_nobody. nan without a register;
          baselines: an entry of the register drawn at random.
        - members_found, minors_found: others, and others under 18, in the households of the
          people who are found at home; n: people found.
        - error_mean (bootstrap interval), error_p50, error_p90: metres from guess to home;
          baseline: from the middle of the town, weighed by the prior. error_expected: what the
          adversary believes it to be (Shokri et al. 2011).
        - prior_vulnerability: chance of the home in one guess for who only has the prior;
          posterior_vulnerability: share of people whose home is the guess, observed;
          additive_leakage, multiplicative_leakage: of the one over the other.
          claimed_vulnerability: what the adversary believes the share to be; an adversary who
          knows of no mask claims too much.
        - home_p50, home_p90, home_p99: percentiles over people of the probability given to
          their true home, intervals from order statistics; home_max.

    Raises
    ------
    ParameterError
        A table, guesses without a posterior, lengths that differ, or a register without
        `entries`.
    """
    posterior = guesses.posterior
    if posterior is None or release.kind != "dots":
        raise ParameterError(say("harms", "guesses on a map, with their posterior", "others"))
    if not len(guesses) == len(truth) == len(release):
        came = f"{len(guesses):,} guesses, {len(truth):,} truths, {len(release):,} records"
        raise ParameterError(say("harms", "one guess and one truth a record", came))
    if adversary.register is not None and entries is None:
        raise ParameterError(
            say("harms", "entries, the person that each entry names", "none for a register")
        )
    base = truth.addresses
    prior = prior_over_addresses(base, adversary)
    persons = None if adversary.register is None else np.asarray(entries, dtype=np.int64)
    gains = observed(guesses, truth, prior, persons)
    people = _People(truth)
    rows = Rows(people.n)
    _labels(rows, people, guesses, truth, gains)
    _names(rows, people, guesses, truth, world, persons)
    _household(rows, truth, world, gains["address"].to_numpy() > 0)

    error = people.mean(gains["error"].to_numpy())
    middle = np.average(base.xy, axis=0, weights=prior)
    blind = np.hypot(*(base.xy[truth.home] - middle).T)
    _errors(rows, people, error, people.mean(blind), seed)
    believed = people.mean(
        expected_error(
            posterior.indptr, posterior.candidate, posterior.probability, guesses.address, base.xy
        )
    )
    rows.add(
        "error_expected", _mean(believed), "m", "what the adversary believes its error to be",
        n=int(np.isfinite(believed).sum()),
    )  # fmt: skip
    claim = np.where(guesses.address >= 0, guesses.address_confidence, 0.0)
    _leakage(rows, people, gains["address"].to_numpy(), claim, prior)
    at_home = posterior.candidate == truth.home[row_of(posterior.indptr)]
    home = people.mean(row_sum(posterior.indptr, posterior.probability * at_home))
    blind_home = people.mean(prior[truth.home])
    for name, share in PERCENTILES.items():
        value, low, high = percentile(home, share)
        rows.add(
            f"home_{name}", value, "probability", "given to the true home, over people",
            low=max(low, 0.0), high=min(high, 1.0), baseline=percentile(blind_home, share).value,
        )  # fmt: skip
    rows.add(
        "home_max", float(home.max()), "probability", "given to the true home, over people",
        baseline=float(blind_home.max()),
    )  # fmt: skip
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title=f"gains and harms: {guesses.attack}",
        provenance=release.provenance,
        notes=(*guesses.notes, "Right and wrong stand apart: no score nets one against the other."),
        reliable=guesses.reliable,
        recipe={
            "attack": guesses.attack,
            "adversary": adversary.recipe(),
            "release": dict(release.recipe),
            "seed": seed,
        },
    )


class _People:
    """Records gathered by the person behind them."""

    def __init__(self, truth: Truth) -> None:
        _, first, self.of = np.unique(truth.person, return_index=True, return_inverse=True)
        self.n = len(first)
        self.home = truth.home[first]

    def mean(self, per_record: np.ndarray) -> np.ndarray:
        """Mean of each person's records, those of nan left out; nan where all are."""
        known = ~np.isnan(per_record)
        total = np.bincount(self.of, np.where(known, per_record, 0.0), minlength=self.n)
        count = np.bincount(self.of, known, minlength=self.n)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    def share(
        self, rows: Rows, name: str, per_record: np.ndarray, note: str, baseline: float = np.nan
    ) -> None:
        """Add a share of people with its Wilson interval on their effective number."""
        values = self.mean(np.asarray(per_record, dtype=float))
        value = float(values.mean())
        low, high = wilson(value, effective_n(values, self.home))
        rows.add(
            name, value, "share of people", note,
            low=float(low), high=float(high), baseline=baseline,
        )  # fmt: skip


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _labels(
    rows: Rows, people: _People, guesses: Guesses, truth: Truth, gains: pd.DataFrame
) -> None:
    says = guesses.opinion != ""
    right = gains["opinion"].to_numpy() > 0
    wrong = says & ~right
    at_home = gains["address"].to_numpy() > 0
    usual = float(people.mean(truth.usual_leaning).mean())
    residents = truth.addresses.people()
    lived_in = np.ones(len(guesses), dtype=bool)
    if residents is not None:
        lived_in = residents[np.maximum(guesses.address, 0)] > 0
    elsewhere = (guesses.address >= 0) & ~at_home & lived_in & says
    blind = gains["baseline_address"].to_numpy()
    both, one = (
        float(people.mean(blind * label).mean())
        for label in (truth.usual_leaning, 1 - truth.usual_leaning)
    )
    away = 1 - float(people.mean(blind).mean())
    people.share(rows, "label_right", right, "the presumed leaning is theirs", usual)
    people.share(rows, "label_wrong", wrong, "harm: a leaning that is not theirs", 1 - usual)
    people.share(rows, "label_none", ~says, "nothing is presumed", 0.0)
    people.share(rows, "found_and_right", at_home & right, "right home, right label", both)
    people.share(rows, "found_and_wrong", at_home & wrong, "harm: right home, wrong label", one)
    people.share(rows, "elsewhere", elsewhere, "harm: others live there, and bear the label", away)


def _names(
    rows: Rows,
    people: _People,
    guesses: Guesses,
    truth: Truth,
    world: SimulatedWorld,
    persons: np.ndarray | None,
) -> None:
    names = ("named_right", "named_wrong", "named_innocent", "named_nobody")
    if persons is None:
        rows.absent(names, "share of people", "the adversary holds no register: nobody is named")
        return
    named = np.where(guesses.person >= 0, persons[guesses.person], -1)
    right = named == truth.person
    other = (named >= 0) & ~right
    leaning = world.people["leaning"].to_numpy(dtype=str)
    innocent = other & (guesses.opinion != "") & (guesses.opinion != leaning[named])
    known = np.bincount(persons[persons >= 0], minlength=truth.n_people)
    blind = float(people.mean(known[truth.person] / len(persons)).mean())
    people.share(rows, "named_right", right, "their own name", blind)
    nobody = float((persons < 0).mean())
    people.share(
        rows, "named_wrong", other, "harm: another person of the town is named", 1 - nobody - blind
    )
    people.share(rows, "named_innocent", innocent, "harm: and is not of the presumed leaning")
    people.share(
        rows, "named_nobody", named < 0, "no name, or one that nobody in town bears", nobody
    )


def _household(rows: Rows, truth: Truth, world: SimulatedWorld, at_home: np.ndarray) -> None:
    """Count who lives with the people found, and was not the one looked for."""
    found = np.unique(truth.person[at_home])
    household = world.people["household"].to_numpy()
    beside = np.isin(household, household[found])
    beside[np.unique(truth.person)] = False
    minor = world.people["age"].to_numpy() < VOTING_AGE
    for name, who, note in (
        ("members_found", beside, "live with somebody found, and have no dot"),
        ("minors_found", beside & minor, "under 18, live with somebody found, and have no dot"),
    ):
        rows.add(name, int(who.sum()), "people", f"{note}; n: people found", n=len(found))


def _errors(rows: Rows, people: _People, error: np.ndarray, blind: np.ndarray, seed: int) -> None:
    known = np.isfinite(error)
    n = int(known.sum())
    low, high = bootstrap_mean(
        error[known], stream(seed, "harms", "error"), clusters=people.home[known]
    )
    note = "from the guess to the home, people without a guess left out; large is safe"
    rows.add("error_mean", _mean(error), "m", note, low=low, high=high, baseline=_mean(blind), n=n)
    for name in ("p50", "p90"):
        value, low, high = percentile(error, PERCENTILES[name])
        rows.add(
            f"error_{name}", value, "m", note, low=max(low, 0.0), high=high,
            baseline=percentile(blind, PERCENTILES[name]).value, n=n,
        )  # fmt: skip


def _leakage(
    rows: Rows, people: _People, found: np.ndarray, claim: np.ndarray, prior: np.ndarray
) -> None:
    """Add vulnerabilities and leakages: of what is observed, not of what is claimed."""
    before = prior_vulnerability(prior)
    hits = people.mean(found)
    after = float(hits.mean())
    low, high = (float(bound) for bound in wilson(after, effective_n(hits, people.home)))
    rows.add("prior_vulnerability", before, "probability", "home in one guess, from the prior")
    rows.add(
        "posterior_vulnerability", after, "probability", "home in one guess, observed",
        low=low, high=high, baseline=before,
    )  # fmt: skip
    for name, of, unit, nothing in (
        ("additive_leakage", additive_leakage, "probability", 0.0),
        ("multiplicative_leakage", multiplicative_leakage, "times", 1.0),
    ):
        rows.add(
            name, of(before, after), unit, "observed, over the prior's",
            low=of(before, low), high=of(before, high), baseline=nothing,
        )  # fmt: skip
    rows.add(
        "claimed_vulnerability", float(people.mean(claim).mean()), "probability",
        "home in one guess, as the adversary believes; honest where it is what is observed",
        baseline=before,
    )  # fmt: skip
