"""The worth of a rung, and of a belief about the mask: counted by hand, and made wrong."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Disk, Donut
from privaudit.maps.masks.mask import Exact
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.masks.snapping import GridSnap
from privaudit.maps.scoring import spatial_k
from privaudit.maps.scoring.score import ladder_steps, score
from privaudit.maps.scoring.spatial_k import belief_exposure, fit_of_belief
from privaudit.release.release import DotRelease
from privaudit.results.exposure import CALIBRATION_COLUMNS, Exposure, summarise
from privaudit.results.rows import GAINS


def exposure(attack, found, *, claims=0.5, candidates=3.0, bins=(), homes=None, **options):
    """One row a person, found or not; each gain the same."""
    found = np.asarray(found, dtype=float)
    people = pd.DataFrame(dict.fromkeys(GAINS, found))
    for gain in GAINS:
        people[f"baseline_{gain}"] = people[f"control_{gain}"] = 0.0
        people[f"confidence_{gain}"] = claims
    people["candidates"] = candidates
    people["station"] = "S1"
    homes = np.arange(len(found)) if homes is None else np.asarray(homes)
    return Exposure(
        attack=attack, per_person=people, overall=summarise(people, homes), clusters=homes,
        calibration=pd.DataFrame(list(bins), columns=list(CALIBRATION_COLUMNS)), **options,
    )  # fmt: skip


NEAREST = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
MASK = [0, 1, 1, 1, 1, 0, 0, 0, 0, 0]
ELECTORS = [0, 1, 1, 1, 1, 1, 0, 0, 0, 0]


def test_each_step_and_the_whole_climb():
    ladder = {"nearest address": NEAREST, "knows the mask": MASK, "electors": ELECTORS}
    rungs = [exposure(name, hits) for name, hits in ladder.items()]
    rows = ladder_steps(rungs).overall
    measures = [label.partition("(")[0] for label in rows.index]
    assert measures == ["step", "step", "whole_climb"]
    assert rows["attack"].tolist() == ["knows the mask", "electors", "electors"]
    assert rows["over"].tolist() == ["nearest address", "knows the mask", "nearest address"]
    assert set(rows["gain"]) == {"address"}
    # 3 found more and 1 lost; then 1 more; in all 4 more and 1 lost.
    assert rows["value"].tolist() == pytest.approx([0.2, 0.1, 0.3])
    assert (rows["n"] == 10).all()
    assert (rows["baseline"] == 0).all()
    # Half a person in each cell: 3.5 and 1.5 of 12 differ.
    centre, square = 2 / 12, 5 / 12
    half = 1.959964 * np.sqrt((square - centre**2) / 12)
    low, high = rows.iloc[0][["low", "high"]]
    assert (low, high) == pytest.approx((centre - half, centre + half), abs=1e-6)


def test_a_step_on_a_rung_that_is_in_doubt_is_in_doubt():
    rungs = [exposure("a", NEAREST), exposure("b", MASK), exposure("c", ELECTORS, reliable=False)]
    told = ladder_steps(rungs)
    assert [row.reliable for row in told.rows] == [True, False, False]
    assert [len(row.notes) for row in told.rows] == [0, 1, 1]


@pytest.mark.parametrize(
    "other",
    [
        exposure("b", NEAREST[:9]),
        exposure("b", MASK, expected=True),
        None,
    ],
)
def test_other_people_are_no_step(other):
    rungs = [exposure("a", NEAREST)] + ([] if other is None else [other])
    with pytest.raises(ParameterError, match="ladder_steps"):
        ladder_steps(rungs)
    moved = exposure("b", MASK)
    people = moved.per_person.assign(station=["S2"] * 10)
    elsewhere = dataclasses.replace(moved, per_person=people)
    with pytest.raises(ParameterError, match="the same people"):
        ladder_steps([rungs[0], elsewhere])
    with pytest.raises(ParameterError, match="gain one of"):
        ladder_steps([rungs[0], moved], gain="door")


def test_a_belief_that_claims_more_than_is_so():
    # Believes to be right half of the time, is so twice in ten; two dots nothing explains.
    claims = np.array([0.0, 0.0, *[0.625] * 8])
    wrong = exposure(
        "knows the mask", NEAREST, claims=claims, candidates=[0, 0, *[3] * 8],
        bins=[("address", 0.625, 0.25, 0, 1, 8), ("address", 0.0, 0.0, 0, 1, 2)],
    )  # fmt: skip
    right = exposure("knows the mask", ELECTORS, claims=0.5)
    rows = belief_exposure(wrong, right).overall
    assert rows["value"].to_dict() == pytest.approx(
        {"no_candidate": 0.2, "claimed": 0.5, "reidentified": 0.2, "overclaim": 0.3,
         "calibration_gap": 0.3}
    )  # fmt: skip
    assert rows.loc[
        ["no_candidate", "claimed", "reidentified", "overclaim"], "baseline"
    ].tolist() == (pytest.approx([0.0, 0.5, 0.5, 0.0]))
    for name in ("no_candidate", "reidentified", "overclaim"):
        low, value, high = rows.loc[name, ["low", "value", "high"]]
        assert low < value < high
    # Wilson's interval of 2 in 10.
    assert rows.loc["no_candidate", ["low", "high"]].tolist() == pytest.approx(
        [0.0567, 0.5098], abs=1e-4
    )


def test_without_a_truth_only_what_the_map_itself_betrays():
    found = exposure("knows the mask", [0.5] * 12, candidates=[0.0] * 3 + [4.0] * 9, expected=True)
    rows = belief_exposure(found).overall
    assert rows.index.tolist() == ["no_candidate", "claimed"]
    assert rows.loc["no_candidate", ["value", "baseline"]].tolist() == [0.25, 0.0]


def test_a_belief_about_nothing_is_refused():
    blind = exposure("nearest address", NEAREST, candidates=np.nan)
    with pytest.raises(ParameterError, match="who believes in a mask"):
        belief_exposure(blind)
    with pytest.raises(ParameterError, match="two exposures of one map"):
        belief_exposure(exposure("a", NEAREST), exposure("a", NEAREST[:8]))


@pytest.fixture(scope="module")
def town():
    """Addresses every 20 m on streets 60 m apart."""
    street, number = np.divmod(np.arange(2_000), 50)
    names = {"id": [str(i) for i in range(2_000)], "number": "1", "street": "s"}
    place = {"commune": "c", "station": "", "x": number * 20.0, "y": street * 60.0}
    frame = pd.DataFrame({**names, **place})
    return AddressBase(frame, real=False)


def leak(town, mask, n=200):
    rng = np.random.default_rng(5)
    homes = town.xy[rng.integers(len(town), size=n)]
    dots = pd.DataFrame(mask.on(town)(homes, rng=rng), columns=["x", "y"])
    return DotRelease(records=dots, roles=Roles(location=("x", "y")), backdrop=town)


@pytest.mark.parametrize(
    ("true", "believed", "wrong"),
    [
        (Donut(r_min=50, r_max=200), Donut(r_min=50, r_max=200), False),
        (Donut(r_min=100, r_max=400), Donut(r_min=50, r_max=200), True),
        (Exact(), Donut(r_min=50, r_max=200), True),
        (Donut(r_min=50, r_max=200), Exact(), True),
        (Exact(), Exact(), False),
        (Disk(radius=150), Disk(radius=150), False),
        # Half a kilometre: farther than any mask that it is compared with.
        (Gaussian(sigma=250), Gaussian(sigma=250), False),
    ],
)
def test_the_dots_betray_a_belief_far_from_the_truth(town, true, believed, wrong):
    adversary = Adversary.knows_mask(believed)
    fit, other = fit_of_belief(leak(town, true), adversary, rng=np.random.default_rng(1))
    row = fit.overall.loc["likelier_elsewhere"]
    assert (row["low"] > 1) == wrong
    assert other is not None
    assert row["baseline"] == 1


@pytest.mark.parametrize("at", [0, 1, 2])
def test_any_mask_of_the_family_may_be_the_likeliest(town, monkeypatch, at):
    """Its first and its last one as well."""
    masks = [Donut(r_min=90, r_max=100), Donut(r_min=190, r_max=200), Donut(r_min=390, r_max=400)]
    monkeypatch.setattr(spatial_k, "family", lambda: [("donut", mask) for mask in masks])
    adversary = Adversary.knows_mask(Gaussian(sigma=250))
    rng = np.random.default_rng(1)
    assert fit_of_belief(leak(town, masks[at], n=20), adversary, rng=rng)[1] == masks[at]


def caught(town, true, believed, seed):
    rng = np.random.default_rng(seed)
    dots = pd.DataFrame(
        true(town.xy[rng.integers(len(town), size=100)], rng=rng), columns=["x", "y"]
    )
    release = DotRelease(records=dots, roles=Roles(location=("x", "y")), backdrop=town)
    fit, _ = fit_of_belief(release, Adversary.knows_mask(believed), rng=rng)
    row = fit.overall.loc["likelier_elsewhere"]
    assert row["low"] <= row["value"] <= row["high"]
    return row["low"] > 1


@pytest.mark.heavy
def test_a_right_belief_is_called_wrong_as_rarely_as_said(town):
    """At a level of 1/20, more than 2 of 6 come by chance once in 450 (binomial)."""
    mask = Donut(r_min=50, r_max=200)
    assert sum(caught(town, mask, mask, seed) for seed in range(6)) <= 2


def test_the_games_are_what_the_dots_must_outdo(town, monkeypatch):
    """Games on maps that are like this one are as far ahead: nothing is called wrong."""
    true, believed = Donut(r_min=100, r_max=400), Donut(r_min=50, r_max=200)
    assert caught(town, true, believed, 1)

    def same_as_true(mask, base, prior, n, read, rng):
        return true(base.xy[rng.integers(len(base), size=n)], rng=rng)

    monkeypatch.setattr(spatial_k, "_drawn", same_as_true)
    assert sum(caught(town, true, believed, seed) for seed in range(3)) <= 1


def test_a_mask_that_does_not_move_all_dots_alike_is_not_compared(town):
    adversary = Adversary.knows_mask(GridSnap(size=200))
    release = leak(town, Exact(), n=20)
    fit, other = fit_of_belief(release, adversary, rng=np.random.default_rng(1))
    assert other is None
    assert np.isnan(fit.value("likelier_elsewhere"))
    with pytest.raises(ParameterError, match="believes in a mask"):
        fit_of_belief(release, Adversary.nearest(), rng=np.random.default_rng(1))
    nobody = dataclasses.replace(release, records=release.records.iloc[:0], sources=None)
    with pytest.raises(ParameterError, match="a map of dots with its addresses"):
        fit_of_belief(nobody, adversary, rng=np.random.default_rng(1))


def test_a_dot_that_nothing_explains_counts_as_such(town):
    """Dots 300 m off the last street: nothing within 200 m of them."""
    dots = pd.DataFrame({"x": [500.0] * 12, "y": [-300.0] * 9 + [600.0] * 3})
    release = DotRelease(records=dots, roles=Roles(location=("x", "y")), backdrop=town)
    adversary = Adversary.knows_mask(Donut(r_min=50, r_max=200))
    made = guess(release, adversary, rng=np.random.default_rng(1))
    found = score(made, None, release, adversary=adversary)
    assert belief_exposure(found).overall.loc["no_candidate", "value"] == pytest.approx(0.75)
