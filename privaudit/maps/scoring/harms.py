"""Gains and harms of an attack on a simulated map, side by side, never netted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.core.reproducible import stream
from privaudit.core.thresholds import ADULT_AGE
from privaudit.errors import ParameterError
from privaudit.maps.guess import prior_over_addresses
from privaudit.maps.scoring.score import observed, percentiles, posterior_of, scored
from privaudit.maps.scoring.truth import People
from privaudit.results.rows import Rows
from privaudit.stats.csr import row_of, row_sum
from privaudit.stats.intervals import effective_n, wilson
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.maps.adversary import Adversary
    from privaudit.maps.posterior import Guesses
    from privaudit.maps.scoring.truth import Truth
    from privaudit.release.release import Release
    from privaudit.results.measures import Measures
    from privaudit.simulation.world import SimulatedWorld

PERCENTILES = (50, 90, 99)


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
    """Measure the gains of an attack on a simulated map, and the harms of its mistakes.

    A presumed opinion is data on an opinion even where it is wrong (GDPR, article 9): a wrong
    label is a harm, not a failure of the attack.

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
        Family "harms". Shares are of people of the release, with 95 % Wilson intervals on their
        effective number; a person behind several dots counts once, with their mean. The control
        compares the same guess with a person of the same station who is not in the release. 0 is
        safe, except for the errors, which are safe when large.

        - label_right, label_wrong, label_none: the presumed leaning is theirs, another, absent.
          Baseline: the commonest leaning of each polling station.
        - address_and_label_right: right address, right label. address_and_label_wrong: right
          address, wrong label. other_address: the guess is an inhabited address where they do
          not live. household_and_label_right, household_and_label_wrong, other_household: the
          same with one household of the address picked at random. Baselines: the address from
          the prior alone, the commonest leaning of the station.
        - named_right, named_wrong (another person of the town is named), named_innocent (and
          that person's leaning is not the presumed one), named_nobody. nan without a register;
          baselines: an entry of the register drawn at random.
        - members_by_address, minors_by_address: others, and others under 18, in the households
          of the people whose address is found; members_by_household, minors_by_household: their
          expected number when one household of the address is picked at random; n: people whose
          address is found.
        - error_mean (bootstrap interval), error (`percentile` 50, 90): metres from the guess to
          the home; baseline: from the centre of the town, weighted by the prior.
          error_expected: the same under the adversary's posterior (Shokri et al. 2011).
        - prior_vulnerability: probability of the address in one guess by the prior alone;
          posterior_vulnerability: observed share of people whose address is the guess;
          additive_leakage, multiplicative_leakage: of the second over the first.
          claimed_vulnerability: the share that the adversary claims.
        - address_probability (`percentile` 50, 90, 99): percentiles over people of the posterior
          probability of the true address, intervals from order statistics;
          address_probability_max.

    Raises
    ------
    ParameterError
        A table, guesses without a posterior, lengths that differ, or a register without
        `entries`.
    """
    posterior = posterior_of("harms", guesses, truth, release)
    if adversary.register is not None and entries is None:
        raise ParameterError.of(
            "harms", "entries, the person that each entry names", "none for a register"
        )
    base = truth.addresses
    prior = prior_over_addresses(base, adversary)
    persons = None if adversary.register is None else np.asarray(entries, dtype=np.int64)
    gains = observed(guesses, truth, prior, persons)
    people = People(truth)
    rows = Rows(people.n, "people")
    _labels(rows, people, guesses, truth, gains)
    _doors(rows, people, guesses, truth, gains)
    _names(rows, people, guesses, truth, world, persons)
    _members(rows, truth, world, gains)
    error = people.mean(gains["error"].to_numpy())
    middle = np.average(base.xy, axis=0, weights=prior)
    blind = np.hypot(*(base.xy[truth.home] - middle).T)
    _errors(rows, people, error, people.mean(blind), seed)
    believed = people.mean(posterior.mean_distance(guesses.address, base.xy))
    n_believed = np.isfinite(believed).sum()
    rows.count("error_expected", _mean(believed), "metres", n=n_believed)
    claim = np.where(guesses.address >= 0, guesses.confidence, 0.0)
    _leakage(rows, people, gains["address"].to_numpy(), claim, prior)
    at_address = posterior.candidate == truth.home[row_of(posterior.indptr)]
    given = people.mean(row_sum(posterior.indptr, posterior.probability * at_address))
    before = people.mean(prior[truth.home])
    fields: dict[str, Any] = {"unit": "probability", "gain": "address"}
    percentiles(rows, "address_probability", given, before, PERCENTILES, most=1.0, **fields)
    rows.count("address_probability_max", given.max(), baseline=before.max(), **fields)
    return scored("harms", rows, guesses, release, adversary, Note("harms_never_netted"))


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _labels(
    rows: Rows, people: People, guesses: Guesses, truth: Truth, gains: pd.DataFrame
) -> None:
    says = guesses.opinion != ""
    right, same = (gains[c].to_numpy() > 0 for c in ("opinion", "control_opinion"))
    usual = float(people.mean(truth.usual_leaning).mean())
    for name, hits, control, baseline in (
        ("label_right", right, same, usual),
        ("label_wrong", says & ~right, says & ~same, 1 - usual),
        ("label_none", ~says, None, 0.0),
    ):
        people.share(rows, name, "opinion", hits, baseline=baseline, control=control)


def _doors(rows: Rows, people: People, guesses: Guesses, truth: Truth, gains: pd.DataFrame) -> None:
    """Add who is found with which label, by address and by household."""
    says = guesses.opinion != ""
    residents = truth.addresses.people()
    lived_in = guesses.address >= 0
    if residents is not None:
        lived_in &= residents[guesses.address] > 0
    labels = {
        "right": (gains["opinion"], gains["control_opinion"], truth.usual_leaning),
        "wrong": (
            says & ~(gains["opinion"] > 0),
            says & ~(gains["control_opinion"] > 0),
            1 - truth.usual_leaning,
        ),
    }
    for gain in ("address", "household"):
        blind = gains[f"baseline_{gain}"].to_numpy()
        right, by_chance = gains[gain].to_numpy(), gains[f"control_{gain}"].to_numpy()
        for label, (hits, control, usual) in labels.items():
            both, chance = right * hits.to_numpy(float), by_chance * control.to_numpy(float)
            base = float(people.mean(blind * usual).mean())
            name = f"{gain}_and_label_{label}"
            people.share(rows, name, gain, both, baseline=base, control=chance)
        elsewhere, base = (lived_in & says) * (1 - right), 1 - float(people.mean(blind).mean())
        people.share(rows, f"other_{gain}", gain, elsewhere, baseline=base)


def _names(
    rows: Rows,
    people: People,
    guesses: Guesses,
    truth: Truth,
    world: SimulatedWorld,
    persons: np.ndarray | None,
) -> None:
    names = ("named_right", "named_wrong", "named_innocent", "named_nobody")
    if persons is None:
        rows.absent(names, "share", Note("no_register_held"), gain="person")
        return
    named = np.where(guesses.person >= 0, persons[guesses.person], -1)
    right = named == truth.person
    other = (named >= 0) & ~right
    leaning = world.people["leaning"].to_numpy(dtype=str)
    innocent = other & (guesses.opinion != "") & (guesses.opinion != leaning[named])
    known = np.bincount(persons[persons >= 0], minlength=truth.n_people)
    blind = float(people.mean(known[truth.person] / len(persons)).mean())
    nobody = float((persons < 0).mean())
    control = named == truth.control_person
    people.share(rows, "named_right", "person", right, baseline=blind, control=control)
    people.share(rows, "named_wrong", "person", other, baseline=1 - nobody - blind)
    people.share(rows, "named_innocent", "person", innocent)
    people.share(rows, "named_nobody", "person", named < 0, baseline=nobody)


def _members(rows: Rows, truth: Truth, world: SimulatedWorld, gains: pd.DataFrame) -> None:
    """Count the other members of the households of the people found."""
    household = world.people["household"].to_numpy()
    beside = np.ones(len(household), dtype=bool)
    beside[truth.person] = False
    minor = world.people["age"].to_numpy() < ADULT_AGE
    n_found = len(np.unique(truth.person[gains["address"].to_numpy() > 0]))
    for gain in ("address", "household"):
        # A household is found by the best guess for any of its people.
        best = np.zeros(len(world.households))
        np.maximum.at(best, household[truth.person], gains[gain].to_numpy())
        for name, who in (("members", beside), ("minors", beside & minor)):
            number = best[household[who]].sum()
            rows.count(f"{name}_by_{gain}", number, "people", n=n_found, gain=gain)


def _errors(rows: Rows, people: People, error: np.ndarray, blind: np.ndarray, seed: int) -> None:
    known, rng = np.isfinite(error), stream(seed, "harms", "error")
    homes, usual = people.home[known], _mean(blind)
    rows.mean("error_mean", error[known], "metres", rng=rng, clusters=homes, baseline=usual)
    percentiles(rows, "error", error, blind, (50, 90), unit="metres")


def _leakage(
    rows: Rows, people: People, found: np.ndarray, claim: np.ndarray, prior: np.ndarray
) -> None:
    """Add the observed vulnerabilities and leakages, and the claimed vulnerability.

    Bayes vulnerability: the chance of the right address in one guess, without the map and with it.
    Leakage: their difference and their ratio (Alvim et al. 2020).
    """
    before = float(np.max(prior) / np.sum(prior))
    hits = people.mean(found)
    after = float(hits.mean())
    low, high = (float(bound) for bound in wilson(after, effective_n(hits, people.home)))
    unit = "probability"
    rows.count("prior_vulnerability", before, unit, gain="address")
    fields: dict[str, Any] = {"baseline": before, "gain": "address"}
    rows.add("posterior_vulnerability", after, unit, low=low, high=high, **fields)
    shares = (after, low, high)
    for name, (value, least, most), of_unit, nothing in (
        ("additive_leakage", [share - before for share in shares], unit, 0.0),
        ("multiplicative_leakage", [share / before for share in shares], "times", 1.0),
    ):
        bounds: dict[str, Any] = {"low": least, "high": most, "baseline": nothing}
        rows.add(name, value, of_unit, gain="address", **bounds)
    rows.count("claimed_vulnerability", float(people.mean(claim).mean()), unit, **fields)
