"""What likes tell, beside definitions and the published curve."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

import privaudit as pa
from privaudit.campaign.leaning_and_attributes import truth_of
from privaudit.errors import ParameterError
from privaudit.simulation.interactions import of_candidate
from privaudit.studies.likes import LIKES, _places, _reached, _some_of, _worth

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def world():
    return pa.simulate(pa.Town(inhabitants=6_000), seed=5)


@pytest.fixture(scope="module")
def found(world):
    return pa.likes_needed(world, seed=5)


def test_more_likes_tell_more(found):
    """Kosinski et al. 2013, figure 3: it rises, ever more slowly; one like tells little."""
    told = [found.row("bloc_told", likes=n).value for n in ("1", "10", "100", "300")]
    assert told[0] < 0.6 < told[2] < told[3]
    assert found.row("bloc_told", way="both").value > found.row("bloc_told", way="likes").value


def test_one_contact_with_a_candidate_is_worth_hundreds_of_likes(found):
    """Kristensen et al. 2017: a political like tells as much as hundreds of others."""
    worth = found.row("worth")
    assert worth.value >= 100
    assert worth.low <= worth.value
    assert (worth.bound == "lower") == (worth.value == 300)
    few = found.row("bloc_told", likes="10")
    assert found.row("bloc_told", likes="political").low > few.high


def test_parties_are_counted_by_hand(world, found):
    """Of accounts that touched a candidate, those whose person leans to the one touched most."""
    seen = world.interactions.assign(
        side=world.pages["side"].to_numpy()[world.interactions["page"]]
    )
    seen = seen[of_candidate(world.pages)[seen["page"]] & (seen["time"] <= pa.CampaignPlan().as_of)]
    count = pd.crosstab(seen["account"], seen["side"])
    said = count.idxmax(axis=1)
    leans = world.people["leaning"].to_numpy()[world.accounts["person"]][count.index]
    hit, contacts = said.to_numpy() == leans, count.sum(axis=1).to_numpy()
    for part, group in (
        ({"who": "all"}, contacts > 0), ({"who": "voters"}, leans != "none"),
        ({"contacts": "1"}, contacts == 1), ({"contacts": "three_or_more"}, contacts >= 3),
        ({"leaning": "right"}, said.to_numpy() == "right"),
    ):  # fmt: skip
        row = found.row("party_right", **part)
        assert (row.value, row.n) == (pytest.approx(hit[group].mean()), group.sum()), part


def test_bits_are_the_mutual_information_counted_by_hand(world, found):
    row = max((r for r in found.rows if r.measure == "page_tells"), key=lambda r: r.value)
    bloc = pd.Series(truth_of(world)["bloc"])
    page = int(row.part["page"])
    seen = world.interactions
    likers = seen.loc[seen["page"] == page, "account"].unique()
    touched = pd.Series(np.isin(np.arange(len(bloc)), likers))
    either = bloc.isin(["left_bloc", "right_bloc"])
    table = pd.crosstab(touched[either], bloc[either], normalize=True).to_numpy()
    apart = table.sum(1, keepdims=True) * table.sum(0, keepdims=True)
    assert row.value == pytest.approx((table * np.log2(table / apart)).sum())
    assert row.n == (touched & either).sum()


def test_labels_are_right_for_those_whose_likes_go_one_way(world, found):
    aligned, other = (found.row("bloc_right", who=w) for w in ("aligned", "non_aligned"))
    assert aligned.low > other.high
    bloc = truth_of(world)["bloc"]
    neither = found.row("labelled_neither")
    assert neither.baseline == pytest.approx((bloc == "neither").mean())
    everybody = found.row("bloc_right", who="all")
    assert neither.n == everybody.n
    assert everybody.value + neither.value <= 1
    assert aligned.n + other.n == found.row("bloc_right", who="all").n


def test_hiding_the_telling_likes_saves_more_than_hiding_any(found):
    for n in (2, 10, 20):
        telling, random = (
            found.row("still_told", hidden=n, which=which) for which in ("telling", "random")
        )
        assert telling.value < random.value
    shown = found.row("still_told", hidden=0, which="telling")
    assert shown.low > shown.baseline >= 0.5


def test_what_is_kept_and_what_is_hidden_make_up_all_likes():
    rng = np.random.default_rng(2)
    touched = csr_matrix(rng.random((40, 60)) < 0.2).astype(float)
    rank = rng.random(touched.nnz)
    place = _places(touched, rank)
    kept, left = _some_of(touched, place < 5), _some_of(touched, place >= 5)
    assert (kept + left != touched).nnz == 0
    per = np.diff(touched.indptr)
    assert (np.diff(kept.indptr) == np.minimum(per, 5)).all()
    for i in range(40):
        mine = slice(touched.indptr[i], touched.indptr[i + 1])
        lowest = touched.indices[mine][np.argsort(rank[mine])[:5]]
        assert set(kept.indices[kept.indptr[i] : kept.indptr[i + 1]]) == set(lowest)


def test_each_like_of_an_account_is_as_likely_to_be_kept():
    """One of four, 4,000 times: each some 1,000 times; 3 standard deviations are 82."""
    touched = csr_matrix(np.ones((4_000, 4)))
    first = _places(touched, np.random.default_rng(3).random(touched.nnz)) < 1
    count = np.asarray(_some_of(touched, first).sum(axis=0)).ravel()
    assert np.abs(count - 1_000).max() < 110


def test_the_worth_of_a_like_lies_between_points_of_the_curve():
    curve = np.array([0.50, 0.51, 0.55, 0.60, 0.65, 0.70, 0.80, 0.85, 0.90])
    assert _reached(curve, 0.75) == pytest.approx(np.sqrt(50 * 100), abs=0.1)
    assert _reached(curve, 0.99) == np.inf


def test_what_is_beyond_the_curve_is_at_least_its_end():
    """A point is .01 off, what is held against it .03: they differ by .0316 at the least."""
    curve = [(a, a - 0.01, a + 0.01) for a in np.linspace(0.5, 0.9, 9)]

    def worth(area):
        return _worth(curve, (area, area - 0.03, area + 0.03))

    apart = np.hypot(0.01, 0.03)
    at = np.interp([0.7 - apart, 0.7 + apart], np.linspace(0.5, 0.9, 9), np.log(LIKES))
    assert worth(0.7) == pytest.approx((20, *np.exp(at)), abs=0.06)
    value, low, high = worth(0.89)
    assert low < value < 300
    assert np.isnan(high)
    value, low, high = worth(0.95)
    assert (value, low) == (300, 300)
    assert np.isnan(high)
    assert np.isnan(_worth(curve[:4], (0.6, 0.5, 0.7))).all()


def test_nobody_real_is_presumed():
    with pytest.raises(ParameterError, match="needs a SimulatedWorld"):
        pa.likes_needed(pd.DataFrame({"account": [1]}))
