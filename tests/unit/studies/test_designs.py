"""Designs: every combination in the same towns, each town once; paired differences and ranks."""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.results.repeated import sign_test
from privaudit.stats.intervals import difference_of_groups
from privaudit.studies import repeat as module
from privaudit.words.catalogues import Words

pytestmark = pytest.mark.heavy

SMALL = pa.Town(inhabitants=500)
DONUT, GAUSS = pa.masks.Donut(r_min=50, r_max=200), pa.masks.Gaussian(sigma=60)
VIEWS = {"exact": pa.DotMap(), "donut": pa.DotMap(mask=DONUT), "gauss": pa.DotMap(mask=GAUSS)}
WORDS = ["nearest", "holds_register"]


@pytest.fixture(scope="module")
def design():
    return pa.repeat(SMALL, views=VIEWS, adversaries=WORDS, seeds=range(4), utility=True)


def of_cell(frame, view, who, gain="address"):
    return frame[
        (frame["view"] == view) & (frame["adversary"] == who) & (frame["gain"] == gain)
    ].set_index("seed")


def test_each_cell_is_what_it_is_alone(design):
    """Also of a view that rests on ordinary likes: its towns are simulated with them."""
    for view, who in itertools.product(VIEWS, WORDS):
        alone = pa.repeat(SMALL, views=VIEWS[view], adversaries=who, seeds=range(4)).runs
        mine = of_cell(design.runs, view, who)
        pd.testing.assert_series_equal(
            mine["value"], alone[alone["gain"] == "address"].set_index("seed")["value"]
        )
    popup = pa.DotMap(popup=("interest",))
    views = {"bare": pa.DotMap(), "popup": popup}
    mixed = pa.repeat(SMALL, views=views, adversaries="nearest", seeds=[1, 2])
    alone = pa.repeat(SMALL, views=popup, adversaries="nearest", seeds=[1, 2])
    mine = mixed.runs[mixed.runs["view"] == "popup"]
    assert mine["value"].tolist() == pytest.approx(alone.runs["value"].tolist(), nan_ok=True)


def test_a_view_may_be_a_word_or_a_mask(design):
    """A word was taken for a view before, and the adversary was said to lack a mask."""
    words = pa.repeat(
        SMALL, views={"exact": "exact", "donut": DONUT, "gauss": "gaussian:60"},
        adversaries=WORDS, seeds=range(4), utility=True,
    )  # fmt: skip
    pd.testing.assert_frame_equal(words.runs, design.runs)


def test_a_town_is_simulated_once_and_a_map_published_once(monkeypatch):
    made, published = [], []
    simulate, publish = module.simulate, module.publish
    monkeypatch.setattr(
        module, "simulate", lambda *a, **k: made.append(k["seed"]) or simulate(*a, **k)
    )
    monkeypatch.setattr(
        module, "publish", lambda c, v, **k: published.append(str(v)) or publish(c, v, **k)
    )
    pa.repeat(SMALL, views=VIEWS, adversaries=WORDS, seeds=[1, 2])
    assert made == [1, 2]
    assert len(published) == 2 * len(VIEWS)


def test_plans_and_what_varies_are_crossed_in_the_same_towns(monkeypatch):
    made = []
    simulate = module.simulate
    monkeypatch.setattr(
        module, "simulate", lambda *a, **k: made.append(k["seed"]) or simulate(*a, **k)
    )
    found = pa.repeat(
        SMALL, views=VIEWS["exact"], adversaries="nearest", seeds=[1, 2],
        plans={"one": pa.CampaignPlan(), "two": pa.CampaignPlan(min_interactions=2)},
        vary={"non_aligned": [0.0, 0.6], "share_visited": [0.2, 0.5]},
    )  # fmt: skip
    assert found.varied == ("plan", "non_aligned", "share_visited")
    # A parameter of the plan makes no other town.
    assert len(made) == 2 * 2
    assert len(found.runs) == 2 * 2 * 2 * 2 * 4


def test_a_difference_is_that_of_the_same_towns(design):
    one, other = (of_cell(design.runs, view, "holds_register") for view in ("exact", "donut"))
    found = design.difference("exact", "donut")
    row = next(r for r in found.rows if r.part["adversary"] == "holds_register")
    assert row.measure == "difference"
    people = one["n"]
    expected = (one["value"] * people).sum() / people.sum()
    expected -= (other["value"] * people).sum() / people.sum()
    assert row.value == pytest.approx(expected)
    assert (row.n, row.counts) == (people.sum(), "people")
    assert row.part == {"adversary": "holds_register", "view": "exact", "over": "donut"}
    # Turned round, everything has the other sign.
    turned = next(
        r
        for r in design.difference("donut", "exact").rows
        if r.part["adversary"] == "holds_register"
    )
    assert (turned.value, turned.low, turned.high) == pytest.approx(
        (-row.value, -row.high, -row.low)
    )


def test_a_difference_names_the_levels_of_several_things(design):
    found = design.difference(
        {"view": "exact", "adversary": "nearest"}, {"view": "donut", "adversary": "holds_register"}
    )
    assert len([r for r in found.rows if r.measure == "difference"]) == 1
    assert found.rows[0].part["over_view"] == "donut"


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("exact", "dont", "b= to be a level of the design, but got another. It has exact, donut"),
        ("exact", "exact", "two levels of the same thing, but got one twice"),
        ("exact", "nearest", "two levels of the same thing"),
        ({"views": "exact"}, {"views": "donut"}, "a key of a"),
        ({"view": "exact"}, {"view": "dont"}, "view"),
    ],
)
def test_a_difference_of_what_is_not_there_is_one_line(design, a, b, said):
    with pytest.raises(ParameterError, match=said):
        design.difference(a, b)


def test_the_sign_test_is_the_published_one():
    """Conover (1999), table: 9 of 10 is 2 * (10 + 1) / 1,024; ties say nothing."""
    assert sign_test(9, 1) == pytest.approx(22 / 1_024)
    assert sign_test(1, 9) == pytest.approx(22 / 1_024)
    assert sign_test(5, 5) == sign_test(0, 0) == 1.0


def test_a_paired_interval_by_hand():
    """Of .3, .1, .2, .4 over 50 people each: mean .25, deviation .12910, t 3.18245, root of 4."""
    low, high = 0.25 - 3.18245 * 0.12910 / 2, 0.25 + 3.18245 * 0.12910 / 2
    found = difference_of_groups([0.5, 0.4, 0.6, 0.8], [0.2, 0.3, 0.4, 0.4], [50] * 4)
    assert found == pytest.approx((0.25, low, high), abs=1e-5)
    # Of few people who differ, as many matched pairs: 4 of 40 more, none fewer, half in each cell.
    more, fewer = 4.5 / 42, 0.5 / 42
    pairs = np.sqrt((more + fewer - (more - fewer) ** 2) / 42)
    groups = np.sqrt(((np.array([0.1, 0.1, 0.2, 0.0]) - 0.1) ** 2).sum() / 3 / 4)
    assert pairs > groups
    value, low, high = difference_of_groups([0.1, 0.1, 0.2, 0.0], [0.0] * 4, [10] * 4)
    assert (value, high - value) == pytest.approx((0.1, 3.18245 * pairs), abs=1e-5)
    # So of few who do not: 38 of 40 more, none fewer.
    more = 38.5 / 42
    pairs = np.sqrt((more + fewer - (more - fewer) ** 2) / 42)
    value, low, high = difference_of_groups([1.0, 1.0, 0.8, 1.0], [0.0] * 4, [10] * 4)
    assert (value, value - low, high) == pytest.approx((0.95, 3.18245 * pairs, 1), abs=1e-5)


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(1, 400)), min_size=2, max_size=12
    )
)
def test_a_paired_interval_holds_its_difference_and_turns_round(groups):
    a, b, n = zip(*groups, strict=True)
    value, low, high = difference_of_groups(a, b, n)
    assert -1 <= low <= value + 1e-9
    assert value - 1e-9 <= high <= 1
    turned = difference_of_groups(b, a, n)
    assert turned == pytest.approx((-value, -high, -low), abs=1e-9)


@pytest.mark.slow
def test_paired_intervals_hold_the_difference_of_towns():
    """Shares of towns that rise and fall together, two masks: 95 of 100 tries hold .2 - .1."""
    rng, held = np.random.default_rng(3), 0
    tries, towns, people = 4_000, 20, 120
    for _ in range(tries):
        easy = rng.normal(0, 0.04, towns)
        a = rng.binomial(people, np.clip(0.2 + easy, 0, 1)) / people
        b = rng.binomial(people, np.clip(0.1 + easy, 0, 1)) / people
        _, low, high = difference_of_groups(a, b, [people] * towns)
        held += low <= 0.1 <= high
    assert 0.93 <= held / tries <= 0.97


def test_a_mask_is_ranked_by_the_strongest_adversary_shown(design):
    ranked = design.rank()
    overall = design.overall.query(
        "gain == 'address' and measure.str.startswith('reid')", engine="python"
    )
    strongest = overall.groupby("view")["value"].max().sort_values()
    assert ranked["value"].tolist() == pytest.approx(strongest.tolist())
    assert ranked.index[-1] == "exact"
    assert ranked["mean_rank"].sum() == pytest.approx(6)
    assert ranked["difference"].iloc[1:].tolist() == pytest.approx(
        np.diff(ranked["value"]).tolist()
    )
    assert np.isnan(ranked["difference"].iloc[0])


def test_functions_of_the_mask_and_rungs_are_adversaries_too():
    def tight(mask):
        return pa.Adversary.knows_mask(mask) if mask is not None else "nearest"

    def with_roll(mask, campaign):
        return pa.Adversary.holds_register(campaign.world.roll, mask=mask)

    found = pa.repeat(
        SMALL, views=[pa.DotMap(), VIEWS["donut"]], seeds=[1, 2],
        adversaries=[tight, with_roll, pa.Adversary.holds_register],
    )  # fmt: skip
    names = found.runs["adversary"].unique().tolist()
    assert names == ["tight", "with_roll", "holds_register"]
    mine, word = (of_cell(found.runs, "donut:50:200", name) for name in names[1:])
    assert mine["value"].tolist() == word["value"].tolist()


def test_what_cannot_be_run_is_empty_with_its_reason_and_the_rest_is_kept():
    found = pa.repeat(SMALL, views=VIEWS, adversaries=["nearest", "knows_mask"], seeds=[1, 2])
    empty = found.row("reidentified", "address", view="exact", adversary="knows_mask")
    assert np.isnan(empty.value)
    (note,) = empty.notes
    assert note.key == "cell_empty"
    assert "mask" in note.values["reason"]
    assert note in found.notes
    assert found.row("reidentified", "address", view="donut", adversary="knows_mask").n > 0


def test_who_sees_a_map_counts_the_dots_of_a_voronoi_mask():
    """Its likelihood rests on how many there are, which differs from town to town."""

    def counts(mask, campaign):
        counted = pa.masks.VoronoiDots(dots=len(pa.publish(campaign, view, seed=0).records))
        return pa.Adversary.knows_mask(counted)

    view = pa.DotMap(mask=pa.masks.VoronoiDots())
    by_word = pa.repeat(SMALL, views=view, adversaries="knows_mask", seeds=[1, 2]).runs
    by_hand = pa.repeat(SMALL, views=view, adversaries=counts, seeds=[1, 2]).runs
    numbers = ["seed", "gain", "value", "confidence", "n"]
    pd.testing.assert_frame_equal(by_word[numbers], by_hand[numbers])
    assert by_word["n"].gt(0).all()


class Fails(pa.maps.Attack):
    def guess(self, leak, addresses, rng):
        raise ValueError("Jane Doe, 12 High Street")


def test_code_of_the_caller_that_raises_leaves_its_cell_empty_and_shows_no_cell():
    found = pa.repeat(
        SMALL, views=["exact", "donut:50:200"], adversaries={"mine": Fails(), "n": "nearest"},
        seeds=[1, 2],
    )  # fmt: skip
    empty = found.row("reidentified", "address", view="exact", adversary="mine")
    assert (np.isnan(empty.value), empty.notes[0].key) == (True, "cell_empty")
    assert "ValueError" in empty.notes[0].values["reason"]
    assert "Jane" not in str(found.notes)
    assert found.row("reidentified", "address", view="exact", adversary="n").n > 0
    with pytest.raises(ValueError, match="High Street"):
        pa.repeat(SMALL, views="exact", adversaries=Fails(), seeds=[1, 2])


class FailsInOne(pa.maps.Attack):
    """Fail on the map of one town, whose number of dots `lost` names."""

    def __init__(self, lost):
        self.lost = lost

    def guess(self, leak, addresses, rng):
        if len(leak) == self.lost:
            raise ValueError("Jane Doe, 12 High Street")
        return pa.maps.guess(leak, pa.Adversary.nearest(), rng=rng)


@pytest.mark.parametrize("who", [["nearest"], []])
def test_a_run_that_fails_in_one_town_is_counted_and_the_rest_is_kept(design, who):
    """The cell was called empty beside its mean; a design of such cells alone was refused."""
    of_dots = of_cell(design.runs, "exact", "nearest")["n"]
    lost = of_dots[of_dots.map(of_dots.value_counts()) == 1].index[0]
    views = ["exact", "donut:50:200"]
    found = pa.repeat(
        SMALL, views=views, adversaries={"mine": FailsInOne(of_dots[lost]), "n": "nearest"}
        if who else FailsInOne(of_dots[lost]), seeds=range(4),
    )  # fmt: skip
    row = next(r for r in found.rows if r.part["view"] == "exact" and r.gain == "address")
    assert row.n == of_dots.drop(lost).sum()
    (note,) = row.notes
    assert note in found.notes
    assert (note.key, note.values["n"], note.values["of"]) == ("runs_failed", 1, 4)
    assert "ValueError" in note.values["reason"]
    assert "Jane" not in str(found.notes)
    assert "cell_empty" not in {n.key for n in found.notes}
    gap = found.difference(*views).rows[0]
    assert gap.n == of_dots.drop(lost).sum()


@dataclass(frozen=True, kw_only=True)
class Unpublished(pa.maps.View):
    """A table that cannot be published in some towns."""

    seeds: tuple[int, ...]

    def published(self, campaign, *, seed):
        if seed in self.seeds:
            raise (ValueError if seed % 2 else KeyError)("Jane Doe, 12 High Street")
        return pa.TableExport(columns=("sex",)).published(campaign, seed=seed)


def test_a_town_whose_table_cannot_be_published_is_counted():
    """Its rows were left out without a word."""
    views = {"some": Unpublished(seeds=(1,)), "all": Unpublished(seeds=())}
    found = pa.repeat(SMALL, views=views, seeds=range(3))
    assert found.runs.groupby("view")["seed"].nunique().to_dict() == {"all": 3, "some": 2}
    (note,) = found.row("classes", view="some").notes
    assert (note.key, note.values["n"], note.values["of"]) == ("runs_failed", 1, 3)
    assert not found.row("classes", view="all").notes
    assert "" not in found.runs["measure"].tolist()
    with pytest.raises(ParameterError, match="a combination that can be run"):
        pa.repeat(SMALL, views={name: Unpublished(seeds=(0, 1)) for name in "ab"}, seeds=[0, 1])


def test_each_reason_of_runs_that_failed_is_given_with_its_towns():
    """Two causes were one; and nothing was said to be run of what ran and raised."""
    views = {"some": Unpublished(seeds=(1, 2, 3)), "all": Unpublished(seeds=())}
    found = pa.repeat(SMALL, views=views, seeds=range(5))
    notes = found.row("classes", view="some").notes
    assert set(notes) <= set(found.notes)
    assert [note.values["n"] for note in notes] == [2, 1]
    english, french = ([Words(lang).note(note) for note in notes] for lang in ("en", "fr"))
    assert english[0].startswith("In 2 of 5 towns, some failed: its numbers leave those towns out.")
    assert french[1].startswith("Dans 1 ville sur 5, some a échoué")
    assert ["ValueError" in english[0], "KeyError" in english[1]] == [True, True]


def test_a_gain_or_measure_that_a_design_has_not_is_one_line(design):
    for ask in (design.rank, lambda **more: design.difference("exact", "donut", **more)):
        gains = "gain one of 'address', 'household', 'person', 'opinion', but"
        with pytest.raises(ParameterError, match=gains):
            ask(gain="adress")
        with pytest.raises(ParameterError, match=r"measure one of .*Did you mean 'reidentified'"):
            ask(measure="reidentifed")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"views": [pa.DotMap(), pa.AreaMap()], "adversaries": None}, "a common measure"),
        ({"views": [pa.DotMap(), pa.DotMap()]}, "one name twice.*views={name"),
        ({"views": []}, "views, one or more.*but got none"),
        ({"adversaries": ["knows_mask"], "views": pa.DotMap()}, "mask"),
        ({"adversaries": ["nearest", "neerest"]}, "neerest"),
        ({"plans": [pa.Town()]}, "plan"),
        ({"views": pa.DotMap}, "views that are made"),
        ({"views": ["donut:50:200", "dnout:50:200"]}, "Did you mean .donut"),
        ({"views": [pa.DotMap(), 3]}, "view to be a View"),
        # The same towns twice would halve the variance of their mean.
        ({"vary": {"non_aligned": [0.1, 0.3, 0.1]}}, "values of non_aligned, each once"),
        ({"adversaries": {"none": lambda: "nearest"}}, "a function of the mask, or of mask and"),
        ({"adversaries": {"three": lambda mask, campaign, seed: "nearest"}}, "a function of the"),
    ],
)
def test_a_design_that_cannot_be_is_refused_before_a_town_is_made(given, said, monkeypatch):
    monkeypatch.setattr(module, "simulate", None)
    with pytest.raises(ParameterError, match=said):
        pa.repeat(SMALL, **({"views": VIEWS, "adversaries": "nearest", "seeds": [1, 2]} | given))


def test_steps_and_frontier_are_views_of_a_design(design):
    steps = pa.maps.ladder_steps(design)
    row = steps.row("step", view="donut")
    gap = design.difference("holds_register", "nearest")
    same = next(r for r in gap.rows if r.part["view"] == "donut" and r.measure == "difference")
    assert (row.value, row.low, row.high) == (same.value, same.low, same.high)
    found = pa.frontier(design).frame.set_index("mask")
    ranked = design.rank()
    for view in VIEWS:
        assert found.loc[view, "address"] == pytest.approx(ranked.loc[view, "value"])
        assert found.loc[view, "adversary"] == ranked.loc[view, "adversary"]
    assert found.loc["exact", "moved_mean"] == 0
    assert 50 <= found.loc["donut", "moved_mean"] <= 200
    with pytest.raises(ParameterError, match="utility=True"):
        pa.frontier(pa.repeat(SMALL, views=VIEWS, adversaries="nearest", seeds=[1, 2]))


def test_the_runs_are_an_array_with_named_dimensions(design):
    pytest.importorskip("xarray", reason="xarray is an extra")
    plain = pa.repeat(
        SMALL, views=VIEWS, adversaries=WORDS, seeds=[1, 2], vary={"non_aligned": [0.0, 0.6]}
    )
    made = plain.to_xarray()
    assert dict(made.sizes) == {
        "seed": 2, "view": 3, "adversary": 2, "gain": 4, "non_aligned": 2
    }  # fmt: skip
    at = {"seed": 2, "view": "donut", "adversary": "nearest", "gain": "address", "non_aligned": 0.6}
    run = plain.runs
    for name, value in at.items():
        run = run[run[name] == value]
    assert float(made["value"].sel(at)) == run["value"].item()
    single = pa.repeat(SMALL, views=VIEWS["donut"], adversaries="nearest", seeds=[1, 2]).to_xarray()
    assert single["view"].values.tolist() == ["donut:50:200"]


def test_a_frame_of_a_design_has_a_row_a_cell_and_gain(design):
    frame = design.to_frame()
    assert {"view", "adversary", "gain", "value", "low", "high", "n"} <= set(frame)
    assert frame.query("gain == 'address'").groupby(["view", "adversary"]).size().eq(1).all()
    assert "donut" in design.plot("reidentified").svg


class OneShort(pa.masks.Mask):
    def move(self, points, rng):
        return points[1:]


class Unlikely(pa.masks.Mask):
    def move(self, points, rng):
        return points + rng.normal(size=points.shape)


def test_a_rank_counts_what_could_not_be_run_and_a_difference_gives_the_reason():
    found = pa.repeat(
        SMALL, views={"short": OneShort(), "unlikely": Unlikely(), "donut": "donut:50:200"},
        adversaries=["nearest", "knows_mask"], seeds=[1, 2],
    )  # fmt: skip
    ranked = found.rank()
    # `nearest` alone meets a mask without a likelihood; nobody meets one that loses a dot.
    assert ranked["empty"].to_dict() == {"donut": 0, "unlikely": 1, "short": 2}
    assert ranked.index[-1] == "short"
    assert np.isnan(ranked.loc["short", "value"])
    with pytest.raises(ParameterError, match=r"but got 0\. OneShort\.move: needs to return"):
        found.difference("short", "donut")
