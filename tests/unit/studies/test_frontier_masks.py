"""The frontier puts beside each other what `audit` and the utility kernels say apart."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError, SchemaError
from privaudit.maps.heat import density_moved
from privaudit.maps.masks.snapping import GridSnap
from privaudit.maps.utility import UTILITIES, clustering_error, map_utility, nearest_distances
from privaudit.results.rows import GAINS
from privaudit.studies.audit_access import audit_harms
from privaudit.studies.frontier import FRONTIER_COLUMNS, Frontier, frontier

MASKS = (pa.masks.Exact(), pa.masks.Donut(r_min=50, r_max=200), pa.masks.Gaussian(sigma=100))
COSTS = list(UTILITIES)


@pytest.fixture(scope="module")
def campaign():
    return pa.run_campaign(
        pa.simulate(pa.Town(inhabitants=3_000), seed=7, generic_likes=False),
        seed=7,
        with_score=False,
    )


@pytest.fixture(scope="module")
def found(campaign):
    return frontier(campaign, MASKS, seed=3)


def test_a_row_holds_what_audit_says(campaign, found):
    leak = pa.publish(campaign, pa.DotMap(mask=MASKS[1]), seed=3)
    alone = pa.audit(leak, pa.Adversary.knows_mask(MASKS[1]), truth=campaign.world, seed=3)
    row = found.frame.set_index("mask").loc["donut:50:200"]
    for gain in GAINS:
        for part, column in (("", "value"), ("_low", "low"), ("_baseline", "baseline")):
            assert row[f"{gain}{part}"] == pytest.approx(alone.overall.loc[gain, column])
    assert row["confidence"] == pytest.approx(alone.overall.loc["address", "confidence"])
    assert list(found.frame.columns) == list(FRONTIER_COLUMNS)


def test_without_a_mask_the_map_costs_nothing_and_gives_most_away(found):
    exact, *masked = (row for _, row in found.frame.iterrows())
    assert (exact[COSTS].astype(float) == 0).all()
    for row in masked:
        assert row["address"] < exact["address"]
        assert row["moved_mean"] > 0


def test_the_number_of_workers_changes_nothing(campaign, found):
    again = frontier(campaign, MASKS, seed=3, n_jobs=2)
    pd.testing.assert_frame_equal(again.frame, found.frame)
    assert again.notes == found.notes


def test_people_left_out_count_as_not_found(campaign):
    mask = GridSnap(size=200, k=200)
    row = frontier(campaign, [mask], seed=3).frame.iloc[0]
    leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=3)
    assert 0 < len(leak) < len(campaign.dots)
    assert row["suppressed"] == pytest.approx(1 - len(leak) / len(campaign.dots))
    alone = pa.audit(leak, pa.Adversary.knows_mask(mask), truth=campaign.world, seed=3)
    people = len(np.unique(campaign.profiles["account"].to_numpy()[campaign.dots["profile"]]))
    hits = alone.overall.loc["opinion", "value"] * len(alone.per_person)
    assert row["opinion"] == pytest.approx(hits / people)


@dataclass(frozen=True)
class Blank(GridSnap):
    """Shows nothing."""

    def recipe(self):
        return {"mask": "blank"}

    def on(self, base):
        placed = super().on(base)

        class Nothing:
            def __call__(self, points, *, rng):
                return np.full(np.shape(points), np.nan)

            def __getattr__(self, name):
                return getattr(placed, name)

        return Nothing()


def test_a_map_that_shows_nothing_gives_nobody_away(campaign):
    row = frontier(campaign, [Blank(size=200)]).frame.iloc[0]
    assert (row[list(GAINS)] == 0).all()
    assert row["suppressed"] == row["station_count_error"] == 1
    assert np.isnan(row["tour_extra"])


def test_a_real_map_of_exact_dots_is_observed(campaign):
    exact = replace(
        pa.publish(campaign, pa.DotMap(), seed=3),
        sources=None,
        recipe={},
        doors_checked=None,
        labels_checked=None,
        provenance="audited file",
    )
    found = frontier(exact, MASKS, seed=3)
    assert not found.expected
    assert found.provenance == "audited file"
    table = found.frame.set_index("mask")
    # An exact dot can only be of its own address.
    assert table.loc["exact", "address"] == 1
    # By hand: the same moves and guesses, held against where the dots stood.
    dots = exact.records[["x", "y"]].to_numpy()
    base = exact.backdrop
    for mask in MASKS:
        moved = mask.on(base)(dots, rng=stream(3, "frontier", "mask"))
        shown = np.isfinite(moved[:, 0])
        leak = replace(exact, records=exact.records.assign(x=moved[:, 0], y=moved[:, 1])[shown])
        who = pa.Adversary.knows_mask(mask)
        made = pa.maps.guess(leak.as_leaked(), who, rng=stream(3, "attack", who.name))
        right = np.hypot(*(base.xy[made.address] - dots[shown]).T) < 0.1
        word = "exact" if isinstance(mask, pa.masks.Exact) else str(mask)
        assert table.loc[word, "address"] == pytest.approx(right.sum() / len(dots))
    assert table["opinion"].isna().all()


def test_an_adversary_may_believe_the_same_of_every_mask(campaign):
    found = frontier(campaign, MASKS, pa.Adversary.nearest(), seed=3)
    assert (found.frame["adversary"] == "nearest").all()


@pytest.mark.parametrize(
    ("masks", "said"),
    [([], "at least one"), ([MASKS[1], MASKS[1]], "each once"), (["donut"], "masks such as")],
)
def test_wrong_masks_are_refused(campaign, masks, said):
    with pytest.raises(ParameterError, match=said):
        frontier(campaign, masks)


def test_a_table_has_no_frontier(campaign):
    with pytest.raises(ParameterError, match="map of dots"):
        frontier(pa.publish(campaign, pa.TableExport()), MASKS)


def test_the_result_refuses_a_frame_of_another_shape(found):
    with pytest.raises(SchemaError, match="moved_mean"):
        Frontier(frame=found.frame.drop(columns="moved_mean"))
    with pytest.raises(SchemaError, match="each mask once"):
        Frontier(frame=pd.concat([found.frame, found.frame]))


def test_masks_are_told_one_part_each(found):
    told = found.measures()
    assert len(told.rows) == len(MASKS) * (2 + len(UTILITIES))
    frame = found.frame.set_index("mask").loc["donut:50:200"]
    for gain in ("address", "household"):
        row = told.row(f"reidentified_{gain}", mask="donut:50:200")
        assert (row.value, row.low, row.high) == (
            frame[gain],
            frame[f"{gain}_low"],
            frame[f"{gain}_high"],
        )
        assert (row.gain, row.counts, row.n) == (gain, "people", frame["n"])
        assert row.control == frame[f"{gain}_control"]
        assert row.residual == pytest.approx((row.value - row.control) / (1 - row.control))
    walk = told.row("tour_extra", mask="donut:50:200")
    assert (walk.value, walk.baseline) == (frame["tour_extra"], frame["tour_extra_baseline"])
    assert (walk.counts, walk.gain) == ("dots", "")
    assert told.value("tour_extra", mask="exact") == 0
    assert len(found.measures("person").rows) == len(MASKS) * (1 + len(UTILITIES))
    with pytest.raises(ParameterError, match="risk one of"):
        found.measures("door")


def test_a_frontier_is_plotted_and_shown(found):
    figure = found.plot("person", "tour_extra")
    assert set(figure.data["labels"].dropna()) == set(found.frame["mask"])
    assert all(f">{mask}</text>" in figure.svg for mask in found.frame["mask"])
    assert "Simulated data" in figure.source
    assert "donut:50:200" in found._repr_html_()
    with pytest.raises(ParameterError, match="Did you mean 'tour_extra'"):
        found.plot(utility="tour_extr")


def test_harms_are_those_of_the_audit_of_the_same_seed(campaign):
    leak = pa.publish(campaign, pa.DotMap(mask=MASKS[1]), seed=3)
    for adversary in (
        pa.Adversary.knows_electors(MASKS[1]),
        pa.Adversary.neighbour(mask=MASKS[1]),
        pa.Adversary.holds_register(campaign.world.roll, mask=MASKS[1]),
    ):
        both = audit_harms(leak, adversary, truth=campaign.world, seed=3)
        value = both["harms"].overall["value"]
        overall = pa.audit(leak, adversary, truth=campaign.world, seed=3).overall["value"]
        assert value["label_right"] == pytest.approx(overall["opinion"])
        for gain in ("address", "household"):
            found = value[f"{gain}_and_label_right"] + value[f"{gain}_and_label_wrong"]
            assert found == pytest.approx(overall[gain])
        if adversary.register is not None or adversary.needs_register:
            assert value["named_right"] == pytest.approx(overall["person"])
        near = both["neighbours"].overall["value"]
        assert near["wrong_addresses"] >= value["other_address"] - 1e-12
        assert near["wrong_households"] >= near["wrong_addresses"] - 1e-12


def test_utility_of_a_map_by_hand(campaign):
    base = campaign.world.addresses
    station = base.frame["station"].to_numpy()
    a, b = np.flatnonzero(station == station[0])[[0, -1]]
    c = np.flatnonzero(station != station[0])[0]
    before, after = base.xy[[a, b, c]], base.xy[[a, b, a]]
    value = map_utility(before, after, base).overall["value"]
    # One dot of three went to another station; it moved all the way, the others not at all.
    assert value["station_count_error"] == pytest.approx(1 / 3)
    assert value["moved_mean"] == pytest.approx(np.hypot(*(base.xy[a] - base.xy[c])) / 3)
    gone = after.copy()
    gone[2] = np.nan
    value = map_utility(before, gone, base).overall["value"]
    assert value["suppressed"] == pytest.approx(1 / 3)
    assert value["station_count_error"] == pytest.approx(1 / 3)
    assert value["moved_mean"] == 0
    with pytest.raises(ParameterError, match="before and after"):
        map_utility(before, after[:2], base)


def test_utility_rows_are_those_of_their_kernels(campaign):
    base = campaign.world.addresses
    before = campaign.dots[["x", "y"]].to_numpy()
    after = MASKS[1](before, rng=np.random.default_rng(0))
    value = map_utility(before, after, base, radii=(100, 1e9), bandwidth=150).overall["value"]
    everything = np.concatenate([base.xy, before, after])
    window = np.concatenate([everything.min(axis=0), everything.max(axis=0)])
    wanted = clustering_error(before, after, np.array([100.0]), window)  # a radius that fits
    assert value["clustering_error"] == pytest.approx(wanted)
    assert value["density_moved"] == density_moved(before, after, 150)
    near = [nearest_distances(dots).mean() for dots in (before, after)]
    cells = len({tuple(cell) for cell in np.floor(everything / 200).tolist()})
    by_chance = 0.5 / np.sqrt(len(before) / (cells * 200**2))
    assert value["nearest_ratio_error"] == pytest.approx(abs(near[0] - near[1]) / by_chance)


def test_clustering_of_many_dots_is_measured_on_some(campaign, monkeypatch):
    # Thinned at random, a pattern keeps its K: within the spread of draws around the whole.
    base = campaign.world.addresses
    rng = np.random.default_rng(0)
    before = base.xy[rng.integers(len(base), size=500)]
    after = pa.masks.Gaussian(sigma=300)(before, rng=rng)
    whole = map_utility(before, after, base).overall.loc["clustering_error", "value"]
    monkeypatch.setattr("privaudit.maps.utility.MOST_DOTS", 200)
    some = [
        map_utility(before, after, base, seed=seed).overall.loc["clustering_error", "value"]
        for seed in range(8)
    ]
    assert len(set(some)) == 8
    assert min(some) < whole < max(some)
