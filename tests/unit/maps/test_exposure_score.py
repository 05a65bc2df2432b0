"""Guesses held against the street plan: every gain, baseline and control counted by hand."""

import dataclasses
from math import sqrt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import REGISTERED, Adversary
from privaudit.maps.masks.donut import Donut
from privaudit.maps.posterior import Guesses, Posterior
from privaudit.maps.scoring.score import (
    _check,
    _doubts,
    _expected,
    _values,
    checked_gains,
    claimed,
    expected,
    observed,
    own_gains,
    percentiles,
    posterior_of,
    same_people,
    score,
)
from privaudit.maps.scoring.truth import Truth
from privaudit.release.release import DotRelease
from privaudit.results.rows import Rows
from privaudit.words.catalogues import Note

Z = 1.959963984540054
RIGHT = np.array(["right"] * 5)
COUNTS_ELECTORS = Adversary(name="counts electors", prior="electors")


@pytest.fixture
def guesses():
    """Right for person 0, wrong for 4 and 9, none for 6, right for Éric."""
    return Guesses(
        attack="by hand",
        address=np.array([0, 3, -1, 0, 2]),
        # What is claimed without a guess counts for nothing.
        confidence=np.array([0.6, 0.5, 0.8, 0.2, 0.9]),
        person=np.full(5, -1),
        person_confidence=np.zeros(5),
        opinion=RIGHT,
        opinion_confidence=np.full(5, 0.7),
        credible=np.array([2, 3, 0, 4, 1]),
        k_addresses=np.array([1.0, 2.0, np.nan, 3.0, 1.0]),
    )


@pytest.fixture
def truth(world, release):
    """The truth, compared with people chosen by hand: 7, 13, 1, 11, 16."""
    drawn = Truth.of(world, release, rng=np.random.default_rng(1))
    return dataclasses.replace(
        drawn,
        control_person=np.array([7, 13, 1, 11, 16]),
        control_home=np.array([1, 3, 0, 2, 4]),
        control_households=np.array([2.0, 1.0, 3.0, 1.0, 1.0]),
        control_person_share=np.array([1 / 3, 1 / 2, 1 / 5, 1 / 2, 1 / 2]),
        control_leaning=np.array(["right", "right", "left", "left", "left"]),
    )


EXPECTED = {
    # Persons 0 and 10 of five; baseline one of five addresses; control 13.
    "address": (2 / 5, 1 / 5, 1 / 5, (0.6 + 0.5 + 0.2 + 0.9) / 5),
    # Three bells at address 0, one at 2 and 3.
    "household": (
        (1 / 3 + 1) / 5,
        (1 / 3 + 1 / 3 + 1 / 2 + 1 / 2 + 1) / 5 / 5,
        1 / 5,
        (0.6 / 3 + 0.5 / 1 + 0.2 / 3 + 0.9 / 1) / 5,
    ),
    # Five of voting age at address 0, three at 1, two at 2 and 3; electors 4, 2 and 2.
    "person": (
        (1 / 5 + 1 / 2) / 5,
        (1 / 5 + 1 / 5 + 1 / 3 + 1 / 3 + 1 / 2) / 5 / 5,
        (1 / 2) / 5,
        # Beside the electors live adults who are on no roll.
        REGISTERED * (0.6 / 4 + 0.5 / 2 + 0.2 / 4 + 0.9 / 2) / 5,
    ),
    # Persons 0, 6, 10 lean right; so do controls 7, 13.
    "opinion": (3 / 5, (1 + 0 + 1 + 0 + 1 / 2) / 5, 2 / 5, 0.7),
}


@pytest.mark.parametrize("gain", EXPECTED)
def test_gains_by_hand(guesses, truth, release, gain):
    row = score(guesses, truth, release, adversary=Adversary.nearest()).overall.loc[gain]
    found = (row["value"], row["baseline"], row["control"], row["confidence"])
    assert found == pytest.approx(EXPECTED[gain])
    assert row["n"] == 5
    attack, control = EXPECTED[gain][0], EXPECTED[gain][2]
    assert row["residual"] == pytest.approx((attack - control) / (1 - control))


def test_interval_is_wilsons_on_people_of_independent_homes(guesses, truth, release):
    row = score(guesses, truth, release, adversary=Adversary.nearest()).overall.loc["address"]
    # Two people at home 0, two at 1, one at 2: values 1 0, 0 0, 1. Variance of the mean if
    # homes vary as one (.04 + .64 + .36) 3/2 / 25, if people do 1.2 / 4 / 5.
    n = 5 / (((0.04 + 0.64 + 0.36) * 3 / 2 / 25) / (1.2 / 4 / 5))
    middle, half = 0.4 + Z * Z / (2 * n), Z * sqrt(0.4 * 0.6 / n + Z * Z / (4 * n * n))
    expected = ((middle - half) / (1 + Z * Z / n), (middle + half) / (1 + Z * Z / n))
    assert (row["low"], row["high"]) == pytest.approx(expected)


def test_prior_of_electors_names_the_address_of_most_electors(guesses, truth, release):
    row = score(guesses, truth, release, adversary=COUNTS_ELECTORS).overall.loc["address"]
    # Address 0 has four electors, more than any: persons 0 and 4 live there.
    assert row["baseline"] == pytest.approx(2 / 5)


def test_a_register_is_scored_by_the_person_that_an_entry_names(guesses, truth, release):
    register = pd.DataFrame({"address": [0, 3, 1, 2]})
    named = dataclasses.replace(
        guesses,
        person=np.array([0, 1, -1, 2, 3]),
        person_confidence=np.array([0.3, 0.2, 0.9, 0.1, 0.4]),
    )
    found = score(
        named,
        truth,
        release,
        adversary=Adversary.holds_register(register),
        entries=np.array([0, 13, 6, -1]),
    )
    row = found.overall.loc["person"]
    # Entry 0 names person 0; 1 names 13, who is the control of 4; 2 names 6, not 9; 3 nobody.
    assert found.per_person["person"].tolist() == [1, 0, 0, 0, 0]
    assert found.per_person["control_person"].tolist() == [0, 1, 0, 0, 0]
    # Persons 0 and 6 are one of four entries each.
    assert row["baseline"] == pytest.approx((1 / 4 + 1 / 4) / 5)
    # No entry named: nothing is claimed.
    assert row["confidence"] == pytest.approx((0.3 + 0.2 + 0.1 + 0.4) / 5)
    assert "person" in set(found.calibration["gain"])


def test_a_register_needs_its_truth(guesses, truth, release):
    held = Adversary.holds_register(pd.DataFrame({"address": [0, 1]}))
    with pytest.raises(ParameterError, match="needs entries"):
        score(guesses, truth, release, adversary=held)
    with pytest.raises(ParameterError, match="one person an entry"):
        score(guesses, truth, release, adversary=held, entries=np.array([0]))
    with pytest.raises(ParameterError, match="an id beyond the last"):
        score(guesses, truth, release, adversary=held, entries=np.array([0, 19]))


def test_a_person_behind_two_records_counts_once(world, release, guesses):
    twice = dataclasses.replace(release, sources=release.sources.assign(person=[10, 4, 6, 9, 10]))
    truth = Truth.of(world, twice, rng=np.random.default_rng(1))
    found = score(guesses, truth, twice, adversary=Adversary.nearest())
    assert found.overall.loc["address", "n"] == 4
    # Éric's second record is guessed at address 0, his first at his own: a half.
    assert sorted(found.per_person["address"]) == [0, 0, 0, 0.5]
    # One of his doors is right, the other wrong.
    assert sorted(found.per_person["door"]) == ["mixed", "right", "wrong", "wrong"]


def test_error_is_the_distance_from_guess_to_home(guesses, truth, release):
    error = score(guesses, truth, release, adversary=Adversary.nearest()).per_person["error"]
    assert error.tolist() == pytest.approx([0, 1040, np.nan, 30, 0], nan_ok=True)


def test_calibration_tells_the_home_from_the_marked_address(guesses, truth, release):
    found = score(guesses, truth, release, adversary=Adversary.nearest())
    bins = found.calibration.set_index("gain")
    # Four guesses, .2 .5 .6 .9: right at home 0 0 1 1; at the marked address 0 1 1 1.
    assert bins.loc["address", "n"].sum() == 4
    assert np.average(bins.loc["address", "observed"], weights=bins.loc["address", "n"]) == 0.5
    marked = bins.loc["marked_address"]
    assert np.average(marked["observed"], weights=marked["n"]) == 0.75
    # One guess a bin: |0 - .2| + |0 - .5| + |1 - .6| + |1 - .9| over four.
    assert found.calibration_error["address"] == pytest.approx(1.2 / 4)
    # All claim .7, three of five are right.
    assert found.calibration_error["opinion"] == pytest.approx(0.1)


def test_without_controls_there_is_no_residual(guesses, truth, release):
    alone = dataclasses.replace(truth, control_person=np.full(5, -1))
    found = score(guesses, alone, release, adversary=Adversary.nearest())
    assert found.overall[["control", "residual", "residual_low"]].isna().all(axis=None)
    assert "no_control_left" in [note.key for note in found.notes]


def test_too_many_dots_without_a_guess_are_not_reliable(guesses, truth, release):
    found = score(guesses, truth, release, adversary=Adversary.nearest())
    assert not found.reliable  # one of five
    assert Note("dots_unexplained", dots=1, of=5) in found.notes
    whole = dataclasses.replace(guesses, address=np.array([0, 3, 1, 0, 2]))
    assert score(whole, truth, release, adversary=Adversary.nearest()).reliable
    doubted = dataclasses.replace(whole, reliable=False)
    assert not score(doubted, truth, release, adversary=Adversary.nearest()).reliable


def test_records_that_presume_nothing_count_0_and_are_told(guesses, truth, release):
    half = dataclasses.replace(guesses, opinion=np.array(["right", "", "", "right", "right"]))
    found = score(half, truth, release, adversary=Adversary.nearest())
    assert found.overall.loc["opinion", "value"] == pytest.approx(2 / 5)  # persons 0 and 10
    assert Note("records_without_opinion", records=2, of=5) in found.notes


@pytest.fixture
def posterior_guesses():
    """Record 0: addresses 0 and 1, .75 and .25. Record 1: address 3 for sure. Record 2: none."""
    return Guesses(
        attack="by hand",
        address=np.array([0, 3, -1]),
        confidence=np.array([0.75, 1.0, 0.8]),
        person=np.full(3, -1),
        person_confidence=np.zeros(3),
        opinion=np.array(["right", "right", ""]),
        opinion_confidence=np.array([0.7, 0.7, 0.0]),
        posterior=Posterior(np.array([0, 2, 3, 3]), np.array([0, 1, 3]), np.array([0.75, 0.25, 1])),
        credible=np.array([2, 1, 0]),
    )


@pytest.fixture
def real(release):
    leaked = dataclasses.replace(release.as_leaked(), provenance="audited file")
    return dataclasses.replace(leaked, records=leaked.records.iloc[:3])


def test_without_truth_gains_are_what_the_posterior_expects(posterior_guesses, real):
    found = score(posterior_guesses, None, real, adversary=COUNTS_ELECTORS)
    assert found.expected
    assert found.provenance == "audited file"
    assert len(found.calibration) == 0
    overall = found.overall
    # Electors 4 3 2 2 2 of 13; bells 3 at address 0, 1 at 3; electors 4 and 2.
    assert overall.loc["address", "value"] == pytest.approx(1.75 / 3)
    assert overall.loc["address", "baseline"] == pytest.approx(4 / 13)
    assert overall.loc["address", "control"] == pytest.approx((4 / 13 + 2 / 13) / 3)
    assert overall.loc["household", "value"] == pytest.approx((0.75 / 3 + 1) / 3)
    assert overall.loc["household", "baseline"] == pytest.approx(4 / 13 / 3)
    assert overall.loc["household", "control"] == pytest.approx((4 / 13 / 3 + 2 / 13) / 3)
    assert overall.loc["person", "value"] == pytest.approx(REGISTERED * (0.75 / 4 + 1 / 2) / 3)
    assert overall.loc["person", "baseline"] == pytest.approx(REGISTERED / 13)
    assert overall.loc["person", "control"] == pytest.approx(REGISTERED * (1 / 13 + 1 / 13) / 3)
    assert overall.loc["opinion"].drop(["confidence", "n"]).isna().all()
    assert overall["n"].tolist() == [3, 3, 3, 3]
    # A quarter of the posterior of record 0 lies 30 m away.
    assert found.per_person["error"].tolist() == pytest.approx([7.5, 0, np.nan], nan_ok=True)
    assert found.per_person["candidates"].tolist() == [2, 1, 0]
    assert Note("expected_not_observed") in found.notes


@pytest.mark.parametrize(("moved", "reliable"), [(4.9, True), (5.1, False)])
def test_to_take_the_nearest_address_of_moved_dots_is_a_mere_claim(real, moved, reliable):
    near = dataclasses.replace(
        real, records=real.records.assign(x=[0.0, 1040.0, 1100.0], y=[moved, 0.0, 0.0])
    )
    sure = Guesses(
        attack="nearest address",
        address=np.array([0, 3, 4]),
        confidence=np.ones(3),
        person=np.full(3, -1),
        person_confidence=np.zeros(3),
        opinion=np.full(3, ""),
        opinion_confidence=np.zeros(3),
    )
    found = score(sure, None, near, adversary=Adversary.nearest())
    assert found.reliable == reliable
    doubt = Note("dots_off_addresses", dots=1, of=3, reach=5.0)
    assert (doubt in found.notes) != reliable
    # Who knows of a mask expects dots to be moved.
    knowing = Adversary.knows_mask(Donut(r_min=1, r_max=200))
    assert score(sure, None, near, adversary=knowing).reliable


def test_without_counts_households_and_people_are_not_known(posterior_guesses, real):
    bare = dataclasses.replace(
        real.backdrop,
        frame=real.backdrop.frame.drop(columns=["households", "electors", "residents"]),
    )
    real = dataclasses.replace(real, backdrop=bare)
    found = score(posterior_guesses, None, real, adversary=Adversary.nearest()).overall
    assert found.loc["address", "baseline"] == pytest.approx(1 / 5)
    parts = ["value", "low", "baseline", "control", "confidence"]
    assert found.loc[["household", "person"], parts].isna().all(axis=None)


def test_without_truth_a_register_gives_the_person_gain(posterior_guesses, real):
    named = dataclasses.replace(
        posterior_guesses,
        person=np.array([3, 1, -1]),
        person_confidence=np.array([0.5, 0.25, 0.9]),
    )
    held = Adversary.holds_register(pd.DataFrame({"address": [0, 1, 2, 3]}))
    row = score(named, None, real, adversary=held).overall.loc["person"]
    found = (row["value"], row["baseline"], row["control"])
    assert found == pytest.approx((0.75 / 3, 1 / 4, 1 / 4))


def test_what_does_not_fit_together_is_refused(guesses, truth, release, real):
    blind = Adversary.nearest()
    empty = dataclasses.replace(real, records=real.records.iloc[:0])
    far = dataclasses.replace(guesses, address=np.array([0, 0, 0, 0, 5]))
    with pytest.raises(ParameterError, match="0 records"):
        score(guesses, None, empty, adversary=blind)
    with pytest.raises(ParameterError, match="one guess a record"):
        score(guesses, None, real, adversary=blind)
    with pytest.raises(ParameterError, match="a row beyond the last"):
        score(far, truth, release, adversary=blind)


def twenty(lost=0, off=0, unread=0, far=5.01):
    """Guesses and a map of twenty dots on an address: some without a guess, off it, or unread."""
    doors = {"id": ["a"], "number": "1", "street": "s", "commune": "c", "station": ""}
    base = AddressBase(pd.DataFrame({**doors, "x": [0.0], "y": 0.0}), real=False)
    x = np.where(np.arange(20) < off, far, 0.0)
    records = pd.DataFrame({"x": np.where(np.arange(20) < unread, np.nan, x), "y": 0.0})
    release = DotRelease(records=records, roles=Roles(location=("x", "y")), backdrop=base)
    address = np.where(np.arange(20) < 20 - lost, 0, -1)
    return SimpleNamespace(address=address), release


@pytest.mark.parametrize(
    ("how", "keys"),
    [
        # More than one dot in twenty that nothing explains, of those that were read.
        ({}, []), ({"lost": 1}, []), ({"lost": 2}, ["dots_unexplained"]),
        ({"lost": 1, "unread": 1}, ["dots_unexplained"]), ({"unread": 20}, ["dots_unexplained"]),
        # Or more than five metres off the address that is claimed for it.
        ({"off": 1}, []), ({"off": 2}, ["dots_off_addresses"]), ({"off": 2, "far": 5.0}, []),
    ],
)  # fmt: skip
def test_a_belief_is_doubted_beyond_one_dot_in_twenty(how, keys):
    guesses, release = twenty(**how)
    doubts = _doubts(guesses, release, Adversary.nearest(), claim_only=True)
    assert [note.key for note in doubts] == keys
    only = [key for key in keys if key != "dots_off_addresses"]
    known = _doubts(guesses, release, Adversary.nearest(), claim_only=False)
    assert [note.key for note in known] == only


@pytest.mark.parametrize(("value", "good"), [(-0.01, False), (0.0, True), (1.0, True),
                                             (1.01, False), (np.nan, False)])  # fmt: skip
def test_a_gain_lies_between_nought_and_one(value, good):
    places = np.zeros((3, 2))
    if good:
        assert _values("g", lambda a, b: np.full(3, value), places, places).tolist() == [value] * 3
    else:
        with pytest.raises(ParameterError, match="outside of it"):
            _values("g", lambda a, b: np.full(3, value), places, places)


@pytest.mark.parametrize("answer", [np.zeros(2), np.zeros((3, 1)), np.array(["a"] * 3)])
def test_a_gain_is_one_number_a_row(answer):
    with pytest.raises(ParameterError, match="one number a row"):
        _values("g", lambda a, b: answer, np.zeros((3, 2)), np.zeros((3, 2)))


@pytest.mark.parametrize(
    ("name", "good"),
    [("within_50m", True), ("address", False), ("error", False), ("baseline_x", False),
     ("control_x", False), ("confidence_x", False), ("a b", False), (3, False), ("based_x", True)],
)  # fmt: skip
def test_a_gain_has_a_name_of_its_own(name, good):
    if good:
        assert list(checked_gains({name: max})) == [name]
    else:
        with pytest.raises(ParameterError, match="names of their own"):
            checked_gains({name: max})


def test_gains_are_functions_or_none():
    assert checked_gains(None) == {}
    with pytest.raises(ParameterError, match="a function"):
        checked_gains({"g": 3})


DOORS = AddressBase(
    pd.DataFrame({"id": [*"abc"], "number": "1", "street": "s", "commune": "c", "station": "",
                  "x": [0.0, 30.0, 40.0], "y": 0.0, "households": [0, 2, 4],
                  "electors": [1, 1, 5]}),
    real=False,
)  # fmt: skip


def by_index(**more):
    """Guesses of the first address and person of all, of none, and of the last."""
    n = 3
    return Guesses(
        attack="by hand", address=np.array([0, -1, 2]), confidence=np.array([0.6, 0.5, 0.8]),
        person=np.array([0, -1, 1]), person_confidence=np.array([0.3, 0.9, 0.7]),
        opinion=np.array(["right", "", "left"]), opinion_confidence=np.full(n, 0.7),
        credible=np.full(n, 2), **more,
    )  # fmt: skip


def test_who_guesses_nothing_claims_nothing():
    """Nobody counted at an address is one household; a fifth of five electors, and so on."""
    rows = claimed(by_index(), DOORS, named=True)
    assert rows["confidence_address"].tolist() == [0.6, 0, 0.8]
    assert rows["confidence_household"].tolist() == pytest.approx([0.6, 0, 0.8 / 4])
    assert rows["confidence_person"].tolist() == [0.3, 0, 0.7]
    assert rows["confidence_opinion"].tolist() == [0.7, 0, 0.7]
    unnamed = claimed(by_index(), DOORS, named=False)["confidence_person"]
    assert unnamed.tolist() == pytest.approx([0.6 * REGISTERED, 0, 0.8 / 5 * REGISTERED])


def test_without_a_truth_the_posterior_says_what_to_expect():
    prior = np.array([0.5, 0.2, 0.3])
    rows = expected(by_index(), DOORS, prior, 10)
    assert rows["address"].tolist() == [0.6, 0, 0.8]
    # The likeliest address without the map, and the prior of the one that is guessed.
    assert rows["baseline_address"].tolist() == [0.5] * 3
    assert rows["control_address"].tolist() == [0.5, 0, 0.3]
    assert rows["person"].tolist() == [0.3, 0, 0.7]
    assert rows["baseline_person"].tolist() == rows["control_person"].tolist() == [0.1] * 3
    assert rows["household"].tolist() == pytest.approx([0.6, 0, 0.2])
    assert rows["baseline_household"].tolist() == [0.5] * 3
    assert rows["opinion"].isna().all()
    # A register of nobody, and none.
    assert expected(by_index(), DOORS, prior, 0)["baseline_person"].tolist() == [1] * 3
    own = expected(by_index(), DOORS, prior, None)["person"]
    assert own.tolist() == pytest.approx([0.6 * REGISTERED, 0, 0.8 / 5 * REGISTERED])


def test_a_gain_of_ones_own_is_expected_of_guesses_only():
    assert _expected("g", max, by_index(), None, DOORS.xy).tolist() == [0.6, 0, 0.8]
    posterior = Posterior(np.array([0, 2, 3, 4]), np.array([0, 1, 0, 2]),
                          np.array([0.6, 0.4, 1.0, 1.0]))  # fmt: skip

    def within(true, guessed):
        return np.hypot(*(true - guessed).T) <= 30

    # Home 30 m away counts; the second record has no guess.
    found = _expected("g", within, by_index(), posterior, DOORS.xy)
    assert found.tolist() == pytest.approx([1.0, 0, 1.0])


class Four(SimpleNamespace):
    def __len__(self):
        return 4


def test_one_guess_and_one_truth_a_record(guesses, truth, release):
    short = dataclasses.replace(release, records=release.records.iloc[:4], sources=None)
    with pytest.raises(ParameterError, match="one guess a record"):
        score(guesses, None, short, adversary=Adversary.nearest())
    for many, why in ((0, "holds somebody"), (4, "one guess a record"), (6, "one guess a record")):
        with pytest.raises(ParameterError, match=why):
            _check(guesses, None, range(many))
    _check(guesses, None, range(5))
    with pytest.raises(ParameterError, match="the truth of this release"):
        _check(guesses, Four(person=range(4)), range(5))
    whole = dataclasses.replace(guesses, posterior=Posterior(*CERTAIN))
    assert posterior_of("x", whole, truth, release) is whole.posterior
    for wrong in ((guesses, truth, release), (whole, truth, "no map"), (whole, [0], release),
                  (whole, truth, short)):  # fmt: skip
        with pytest.raises(ParameterError):
            posterior_of("x", *wrong)


CERTAIN = np.arange(6), np.array([0, 3, 0, 0, 2]), np.ones(5)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({}, True), ({"sex": ["F", "M"]}, False), ({"sex": None}, False),
        ({"age_band": ["18-24", "25-34"]}, False),
    ],
)  # fmt: skip
def test_two_exposures_are_of_the_same_people(other, same):
    frame = pd.DataFrame({"address": [0.0, 1.0], "age_band": ["18-24", "18-24"], "sex": "F"})
    changed = frame.drop(columns=[c for c, v in other.items() if v is None])
    changed = changed.assign(address=[1.0, 1.0], **{c: v for c, v in other.items() if v})
    one, two = (SimpleNamespace(per_person=f, expected=False) for f in (frame, changed))
    assert same_people(one, two) == same
    assert not same_people(one, SimpleNamespace(per_person=frame.iloc[:1], expected=False))
    assert not same_people(one, SimpleNamespace(per_person=frame, expected=True))


def test_a_guess_is_held_against_person_and_control_of_each_record():
    """Records: right; wrong, its control there; no guess; nobody to compare with; an empty side."""
    truth = SimpleNamespace(
        home=np.array([0, 1, 2, 0, 1]), person=np.arange(5), n_people=6,
        households=np.array([1.0, 2, 1, 1, 2]), person_share=np.array([1.0, 0.5, 1, 1, 0.5]),
        leaning=np.array(["l", "l", "", "r", "r"]), usual_leaning=np.array([1.0, 0, 0.5, 0, 0]),
        control_home=np.array([1, 0, 0, -1, 2]), control_person=np.array([1, 0, 3, -1, 0]),
        control_households=np.array([1.0, 4, 1, 1, 1]),
        control_person_share=np.array([1.0, 0.25, 1, 0, 1]),
        control_leaning=np.array(["l", "", "r", "", "r"]), unknown=(), addresses=DOORS,
    )  # fmt: skip
    sides = np.array(["l", "", "r", "l", "r"])
    guessed = SimpleNamespace(address=np.array([0, 0, -1, 1, 1]), opinion=sides,
                              person=np.array([0, 2, -1, 1, 0]))  # fmt: skip
    prior = np.array([0.4, 0.4, 0.2])
    rows = observed(guessed, truth, prior, None)
    assert rows["address"].tolist() == [1, 0, 0, 0, 1]
    assert rows["household"].tolist() == [1, 0, 0, 0, 0.5]
    assert rows["person"].tolist() == [1, 0, 0, 0, 0.5]
    assert rows["opinion"].tolist() == [1, 0, 0, 0, 1]
    # Two addresses are as likely: each is guessed half of the time.
    assert rows["baseline_address"].tolist() == [0.5, 0.5, 0, 0.5, 0.5]
    assert rows["baseline_household"].tolist() == [0.5, 0.25, 0, 0.5, 0.25]
    assert rows["baseline_opinion"].tolist() == [1, 0, 0.5, 0, 0]
    known = [0, 1, 2, 4]
    assert rows["control_address"][known].tolist() == [0, 1, 0, 0]
    assert rows["control_household"][known].tolist() == [0, 0.25, 0, 0]
    assert rows["control_opinion"][known].tolist() == [1, 0, 1, 1]
    assert rows.loc[3, "control_address":"control_opinion"].isna().all()
    # Doors at 0, 30 and 40 m.
    assert rows["error"][[0, 1, 3, 4]].tolist() == [0, 30, 30, 0]
    assert np.isnan(rows["error"][2])
    # Entry 0 is person 0, entry 1 nobody, entry 2 person 2: each is one of three.
    named = observed(guessed, truth, prior, np.array([0, -1, 2]))
    assert named["person"].tolist() == [1, 0, 0, 0, 0]
    assert named["baseline_person"].tolist() == [1 / 3, 0, 1 / 3, 0, 0]
    assert named["control_person"][known].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("claims", "right"), [([0.6, 0.4], [1, 0]), ([-0.1, 0.5], None), ([0.5, 1.1], None)]
)
def test_a_gain_of_ones_own_for_people_by_hand(claims, right):
    """The second record has no guess, the third nobody to compare with; one home is at 40 m."""
    guessed = by_index()
    truth = SimpleNamespace(home=np.array([0, 1, 2]), control_home=np.array([1, 0, -1]))

    def within(true, at):
        near = np.hypot(*(true - at).T) <= 30
        return np.where(near, claims[0], claims[1]) if right is None else near

    prior = np.array([0.5, 0.25, 0.25])
    if right is None:
        with pytest.raises(ParameterError, match="in \\[0, 1\\]"):
            own_gains({"g": within}, guessed, truth, DOORS, prior, rng=np.random.default_rng(0))
        return
    rows = own_gains({"g": within}, guessed, truth, DOORS, prior, rng=np.random.default_rng(0))
    assert rows["g"].tolist() == [1, 0, 1]
    # Without the map the door at 30 m is best: all three homes are within 30 m of it.
    assert rows["baseline_g"].tolist() == [1, 1, 1]
    assert rows["control_g"][:2].tolist() == [1, 0]
    assert np.isnan(rows["control_g"][2])
    assert rows["confidence_g"].tolist() == [0.6, 0, 0.8]
    blind = own_gains({"g": within}, guessed, None, DOORS, prior, rng=np.random.default_rng(0))
    assert blind["g"].tolist() == [0.6, 0, 0.8]
    # A dwelling at 0 m is within reach of three in four, one at 40 m of half: drawn from the prior.
    assert blind["control_g"].tolist() == pytest.approx([0.75, 0, 0.5], abs=0.1)
    assert blind["baseline_g"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("entries", "person", "good"),
    [
        # Nineteen people, four entries: the last of each, and one beyond.
        ([0, 13, 6, 18], 3, True), ([0, 13, 6, 19], 3, False), ([-1, -1, -1, -1], 3, True),
        ([0, 13, 6, -1], 4, False), ([0, 13, 6], 2, False),
    ],
)  # fmt: skip
def test_a_guessed_entry_is_one_of_the_register(guesses, truth, release, entries, person, good):
    register = pd.DataFrame({"address": [0, 3, 1, 2]})
    named = dataclasses.replace(guesses, person=np.array([0, -1, -1, -1, person]))
    held = Adversary.holds_register(register)
    if not good:
        with pytest.raises(ParameterError, match=r"guessed entries|one person an entry"):
            score(named, truth, release, adversary=held, entries=np.array(entries))
        return
    found = score(named, truth, release, adversary=held, entries=np.array(entries))
    # Two are named, the first by the first entry of all.
    of_gain = found.calibration.groupby("gain")["n"].sum()
    assert of_gain["person"] == 2
    assert found.view == "map"


def test_what_the_campaign_marked_nowhere_is_no_check_of_confidence(guesses, truth, release):
    marked = dataclasses.replace(truth, marked_address=np.array([0, -1, 4, 0, 2]))
    found = score(guesses, marked, release, adversary=Adversary.nearest()).calibration
    # Four guesses, of which one is of a person whom no address was marked for.
    of_gain = found.groupby("gain")["n"].sum()
    assert (of_gain["address"], of_gain["marked_address"]) == (4, 3)


@pytest.mark.parametrize(("control", "told"), [(0, False), (1, False), (-1, True)])
def test_whom_nobody_is_left_for_is_said(guesses, truth, release, control, told):
    beside = dataclasses.replace(truth, control_person=np.array([7, 13, 1, 11, control]))
    found = score(guesses, beside, release, adversary=Adversary.nearest())
    assert ("no_control_left" in [note.key for note in found.notes]) == told


def test_dots_of_one_guessed_door_go_together(posterior_guesses, real):
    """The first door of all is one like any other; who has no guess is alone."""
    doors = np.array([0, 0, -1, -1, 1])[: len(posterior_guesses)]
    some = dataclasses.replace(posterior_guesses, address=doors)
    found = score(some, None, real, adversary=Adversary.nearest())
    pairs = {(a, b) for a in range(len(doors)) for b in range(a)
             if found.clusters[a] == found.clusters[b]}  # fmt: skip
    assert pairs == {
        (a, b) for a in range(len(doors)) for b in range(a) if doors[a] == doors[b] >= 0
    }


def test_what_is_believed_outranks_the_posterior_of_the_guesses():
    """Believed: the first and the last record are surely at home; the guesses know no posterior."""
    believed = Posterior(np.array([0, 1, 2, 3]), np.array([0, 0, 2]), np.ones(3))

    def right(true, at):
        return (true == at).all(axis=1)

    prior, rng = np.array([0.5, 0.25, 0.25]), np.random.default_rng(0)
    rows = own_gains({"g": right}, by_index(), None, DOORS, prior, believed=believed, rng=rng)
    assert rows["g"].tolist() == [1, 0, 1]


def test_bounds_of_a_percentile_stay_in_their_scale():
    rows = Rows(3, "people")
    # Of three, fewer than two lie below the 99th percentile with a probability of .0003, fewer than
    # three with .03: the second is its lower bound at 2.5 %.
    few = np.array([0.2, 0.5, 0.9])
    percentiles(rows, "p", few, few, (50, 99), most=1.0, unit="probability")
    assert [(row.low, row.high) for row in rows] == [(0.0, 1.0), (0.5, 1.0)]
