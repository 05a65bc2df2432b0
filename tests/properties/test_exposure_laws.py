"""Laws of a score, whatever was guessed and whatever is true."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import REGISTERED, Adversary
from privaudit.maps.guess import guess
from privaudit.maps.posterior import Guesses, Posterior
from privaudit.maps.scoring.score import score
from privaudit.maps.scoring.truth import GROUPS, Truth
from privaudit.release.release import DotRelease
from privaudit.results.rows import GAINS

SIDES = np.array(["left", "right", "far_right", "none"])


def town(n_addresses, rng):
    bells = rng.integers(1, 9, n_addresses)
    frame = pd.DataFrame(
        {
            "id": np.arange(n_addresses).astype(str),
            "number": "1",
            "street": "rue des Lois",
            "commune": "99001",
            "station": "S1",
            "x": rng.random(n_addresses) * 1000,
            "y": rng.random(n_addresses) * 1000,
            "households": bells,
            "electors": bells + rng.integers(0, 5, n_addresses),
        }
    )
    return AddressBase(frame, real=False)


def case(n, n_addresses, seed, *, homes=None):
    """A random town, truth, release and set of guesses: nothing goes with anything."""
    rng = np.random.default_rng(seed)
    base = town(n_addresses, rng)
    person = rng.integers(0, max(1, n - 1), n)
    home_of = rng.integers(0, n_addresses, n) if homes is None else homes
    person = person if homes is None else np.arange(n)
    home, control = home_of[person], rng.integers(0, n_addresses, n)
    bells = base.frame["households"].to_numpy(dtype=float)
    voters = base.frame["electors"].to_numpy(dtype=float)
    leaning = rng.choice(SIDES, n)[person]
    truth = Truth(
        person=person,
        home=home,
        households=bells[home],
        residents=voters[home],
        person_share=1 / voters[home],
        leaning=leaning,
        usual_leaning=(leaning == "left").astype(float),
        marked_address=rng.integers(-1, n_addresses, n),
        groups=pd.DataFrame(
            {name: rng.choice(["a", "b"], n)[person].astype(str) for name in GROUPS}
        ),
        control_person=n + np.arange(n),
        control_home=control,
        control_households=bells[control],
        control_person_share=1 / voters[control],
        control_leaning=rng.choice(SIDES, n),
        addresses=base,
        n_people=2 * n,
    )
    release = DotRelease(
        records=pd.DataFrame({"x": base.xy[home, 0], "y": base.xy[home, 1]}),
        roles=Roles(location=["x", "y"]),
        backdrop=base,
        provenance="simulated",
    )
    guesses = Guesses(
        attack="blind",
        address=rng.integers(-1, n_addresses, n),
        confidence=rng.random(n),
        person=np.full(n, -1),
        person_confidence=np.zeros(n),
        opinion=rng.choice([*SIDES, ""], n),
        opinion_confidence=rng.random(n),
    )
    return guesses, truth, release


cases = st.builds(case, st.integers(1, 40), st.integers(1, 12), st.integers(0, 2**32))
priors = st.sampled_from(["addresses", "electors"])


def of(guesses, truth, release, prior="addresses"):
    return score(guesses, truth, release, adversary=Adversary(name="any", prior=prior))


@given(cases, priors)
def test_overall_is_the_mean_over_people(drawn, prior):
    found = of(*drawn, prior)
    assert len(found.per_person) == len(np.unique(drawn[1].person))
    for gain in GAINS:
        for prefix, part in (("", "value"), ("baseline_", "baseline"), ("control_", "control"),
                             ("confidence_", "confidence")):  # fmt: skip
            values = found.per_person[f"{prefix}{gain}"]
            assert values.between(0, 1).all()
            assert found.overall.loc[gain, part] == pytest.approx(values.mean())


@given(cases, priors)
def test_to_find_a_home_is_not_yet_to_find_a_bell_or_a_person(drawn, prior):
    people = of(*drawn, prior).per_person
    for prefix in ("", "baseline_", "control_", "confidence_"):
        for finer in ("household", "person"):
            assert (people[prefix + finer] <= people[prefix + "address"] + 1e-12).all()


@given(cases)
def test_intervals_hold_their_value_and_residual_its_definition(drawn):
    for _, row in of(*drawn).overall.iterrows():
        assert 0 <= row["low"] <= row["value"] <= row["high"] <= 1
        if row["control"] < 1:
            residual = (row["value"] - row["control"]) / (1 - row["control"])
            assert row["residual"] == pytest.approx(residual)
            assert row["residual_low"] <= residual + 1e-9
            assert row["residual_high"] >= residual - 1e-9
        else:
            assert np.isnan(row["residual"])


@given(cases, st.integers(0, 2**32))
def test_the_order_of_records_does_not_matter(drawn, seed):
    guesses, truth, release = drawn
    turn = np.random.default_rng(seed).permutation(len(release))

    def turned(thing):
        arrays = {
            field.name: value[turn]
            for field in dataclasses.fields(thing)
            if isinstance(value := getattr(thing, field.name), np.ndarray)
        }
        return dataclasses.replace(thing, **arrays)

    groups = truth.groups.iloc[turn].reset_index(drop=True)
    records = release.records.iloc[turn].reset_index(drop=True)
    again = of(
        turned(guesses),
        dataclasses.replace(turned(truth), groups=groups),
        dataclasses.replace(release, records=records),
    )
    first = of(guesses, truth, release)
    pd.testing.assert_frame_equal(again.overall, first.overall)
    pd.testing.assert_frame_equal(again.per_person, first.per_person)


@given(cases)
def test_who_guesses_the_truth_finds_everybody(drawn):
    guesses, truth, release = drawn
    knowing = dataclasses.replace(guesses, address=truth.home, opinion=truth.leaning)
    overall = of(knowing, truth, release).overall
    assert overall.loc["address", "value"] == 1
    assert overall.loc["opinion", "value"] == 1
    assert overall.loc["address", "high"] == 1


@given(cases)
def test_who_guesses_nothing_finds_nobody_and_nobody_is_dropped(drawn):
    guesses, truth, release = drawn
    n = len(release)
    silent = dataclasses.replace(guesses, address=np.full(n, -1), opinion=np.full(n, ""))
    overall = of(silent, truth, release).overall
    assert (overall[["value", "control", "confidence"]] == 0).all(axis=None)
    assert (overall["n"] == len(np.unique(truth.person))).all()


@pytest.mark.parametrize("seed", range(4))
def test_who_guesses_blindly_does_as_well_as_for_anybody(seed):
    n = 4000
    guesses, truth, release = case(n, 8, seed, homes=np.random.default_rng(seed).integers(0, 8, n))
    row = of(guesses, truth, release).overall.loc["address"]
    # Eight addresses or none, all alike: one in nine, give or take four standard errors.
    assert row["value"] == pytest.approx(1 / 9, abs=4 * np.sqrt(1 / 9 * 8 / 9 / n))
    assert row["control"] == pytest.approx(1 / 9, abs=4 * np.sqrt(1 / 9 * 8 / 9 / n))


@pytest.mark.parametrize("seed", range(4))
def test_what_the_posterior_expects_is_what_is_found_when_it_is_true(seed):
    """Homes drawn from the posterior itself: expectation and observation must agree."""
    n, n_addresses, width = 4000, 50, 4
    rng = np.random.default_rng(seed)
    candidate = np.argsort(rng.random((n, n_addresses)), axis=1)[:, :width]
    probability = rng.dirichlet(np.ones(width), n)
    drawn = (rng.random(n)[:, None] < probability.cumsum(axis=1)).argmax(axis=1)
    homes = candidate[np.arange(n), drawn]
    best = probability.argmax(axis=1)
    guesses, truth, release = case(n, n_addresses, seed, homes=homes)
    guesses = dataclasses.replace(
        guesses,
        address=candidate[np.arange(n), best],
        confidence=probability.max(axis=1),
        posterior=Posterior(
            np.arange(0, n * width + 1, width), candidate.ravel(), probability.ravel()
        ),
    )
    seen = of(guesses, truth, release)
    foreseen = of(guesses, None, release)
    for gain in ("address", "household", "person"):
        observed, expected = seen.per_person[gain], foreseen.overall.loc[gain, "value"]
        # Everybody is on the roll here, and the adversary believes that not all are.
        expected /= REGISTERED if gain == "person" else 1
        error = observed.std() / np.sqrt(n)
        assert observed.mean() == pytest.approx(expected, abs=4 * error)
    error = seen.per_person["error"]
    gap = abs(error.mean() - foreseen.per_person["error"].mean())
    assert gap < 4 * error.std() / np.sqrt(n)
    # A tenth of the guesses a bin: chance alone moves it by about sqrt(.25 / 400) = .025.
    assert seen.calibration_error["address"] < 0.025


@given(st.integers(2, 25), st.integers(2, 10), st.integers(0, 2**32))
def test_a_permuted_truth_changes_scores_but_never_guesses(n, n_addresses, seed):
    rng = np.random.default_rng(seed)
    _, truth, release = case(n, n_addresses, seed, homes=rng.integers(0, n_addresses, n))
    sources = pd.DataFrame({"person": truth.person, "marked_address": truth.home})
    turn = rng.permutation(n)
    found = [
        guess(
            dataclasses.replace(release, sources=sealed).as_leaked(),
            Adversary.nearest(),
            rng=np.random.default_rng(1),
        )
        for sealed in (sources, sources.iloc[turn].reset_index(drop=True))
    ]
    assert found[0].address.tolist() == found[1].address.tolist()
    assert found[0].confidence.tolist() == found[1].confidence.tolist()
    # Dots are unmasked and all addresses apart: the guess is the home, permuted it is another's.
    assert of(found[0], truth, release).overall.loc["address", "value"] == 1
    moved = dataclasses.replace(truth, home=truth.home[turn])
    share = (truth.home[turn] == truth.home).mean()
    assert of(found[1], moved, release).overall.loc["address", "value"] == pytest.approx(share)
