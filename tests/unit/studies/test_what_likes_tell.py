"""What likes tell, beside definitions and the published curve."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

import privaudit as pa
from privaudit.campaign.attributes import truth_of
from privaudit.errors import ParameterError
from privaudit.studies.what_likes_tell import _kept, _places, _reached


@pytest.fixture(scope="module")
def world():
    return pa.simulate(pa.Town(inhabitants=6_000), seed=5)


@pytest.fixture(scope="module")
def found(world):
    return pa.what_likes_tell(world, seed=5)


def test_more_likes_tell_more(found):
    """Kosinski et al. 2013, figure 3: it rises, ever more slowly; one like tells little."""
    told = [found.row("bloc_told", likes=n).value for n in ("1", "10", "100", "300")]
    assert told[0] < 0.6 < told[2] < told[3]
    assert found.row("bloc_told", way="both").value > found.row("bloc_told", way="likes").value


def test_one_contact_with_a_candidate_is_worth_hundreds_of_likes(found):
    """Kristensen et al. 2017: a political like tells as much as hundreds of others."""
    assert found.row("worth").high >= 100
    few = found.row("bloc_told", likes="10")
    assert found.row("bloc_told", likes="political").low > few.high


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
    kept, left = _kept(touched, place < 5), _kept(touched, place >= 5)
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
    count = np.asarray(_kept(touched, first).sum(axis=0)).ravel()
    assert np.abs(count - 1_000).max() < 110


def test_the_worth_of_a_like_lies_between_points_of_the_curve():
    curve = [0.50, 0.51, 0.55, 0.60, 0.65, 0.70, 0.80, 0.85, 0.90]
    assert _reached(curve, 0.75) == pytest.approx(np.sqrt(50 * 100), abs=0.1)
    assert _reached(curve, 0.99) == 300
    assert np.isnan(_reached(curve[:4], 0.6))


def test_nobody_real_is_presumed():
    with pytest.raises(ParameterError, match="needs a SimulatedWorld"):
        pa.what_likes_tell(pd.DataFrame({"account": [1]}))
