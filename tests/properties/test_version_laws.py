"""Laws of several versions, of links, and of counts that overlap."""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.version_averaging import (
    guess_versions,
    joint_posterior,
    mean_position,
    once_each,
)
from privaudit.maps.version_links import (
    likely_accounts,
    link_certain,
    link_positions,
    link_versions,
)
from privaudit.release.release import DotRelease
from privaudit.stats.overlapping_counts import count_bounds, spread_counts

seeds = st.integers(0, 2**32 - 1)
masks = st.sampled_from(
    [Gaussian(sigma=40), Donut(r_min=20, r_max=90), Donut(r_min=0, r_max=120, uniform="radius")]
)


def town(seed, mask, versions=3, addresses=40, dots=12):
    """A base with electors, homes drawn by them, and copies moved afresh; ids in every copy."""
    rng = np.random.default_rng(seed)
    places = rng.random((addresses, 2)) * 500
    electors = rng.integers(1, 9, addresses)
    rows = {"id": [str(i) for i in range(addresses)], "number": "1", "street": "s"}
    base = AddressBase(
        pd.DataFrame(
            {**rows, "commune": "c", "station": "", "x": places[:, 0], "y": places[:, 1]}
        ).assign(electors=electors),
        real=False,
    )
    home = rng.choice(addresses, dots, p=electors / electors.sum())
    copies = [map_of(mask(places[home], rng=rng), base) for _ in range(versions)]
    return base, home, copies


def map_of(points, base):
    records = pd.DataFrame({"x": points[:, 0], "y": points[:, 1], "dot_id": range(len(points))})
    return DotRelease(records=records, roles=Roles(location=["x", "y"]), backdrop=base)


# What is linked by positions alone looks at no address.
ORIGIN = AddressBase(
    pd.DataFrame(
        {
            "id": ["0"],
            "number": "1",
            "street": "s",
            "commune": "c",
            "station": "",
            "x": [0.0],
            "y": 0.0,
        }
    ),
    real=False,
)


def rng():
    return np.random.default_rng(5)


@given(seeds, st.integers(2, 8))
def test_gaussian_copies_are_worth_their_mean(seed, n):
    # Sufficiency: n copies of deviation sigma say what one of sigma / sqrt(n) at their mean does.
    base, _, copies = town(seed, Gaussian(sigma=40), versions=n)
    found = guess_versions(copies, Adversary.knows_electors(Gaussian(sigma=40)), rng=rng())
    mean = np.mean([copy.records[["x", "y"]].to_numpy() for copy in copies], axis=0)
    sharper = Adversary.knows_electors(Gaussian(sigma=40 / np.sqrt(n)))
    once = guess(map_of(mean, base), sharper, rng=rng())
    assert np.array_equal(found.address, once.address)
    np.testing.assert_allclose(found.confidence, once.confidence, atol=1e-6)


@given(seeds, masks)
def test_one_position_is_the_posterior_of_one_map(seed, mask):
    base, _, copies = town(seed, mask, versions=2)
    points = copies[0].records[["x", "y"]].to_numpy()
    prior = np.full(len(base), 1 / len(base))
    one = guess(copies[0], Adversary.knows_mask(mask), rng=rng()).posterior
    reach = float(mask.reach_of(points).max())
    joint = joint_posterior(points[None], base.xy, prior, mask.on(base).likelihood, reach)
    np.testing.assert_array_equal(joint.indptr, one.indptr)
    np.testing.assert_array_equal(joint.place, one.candidate)
    np.testing.assert_allclose(joint.probability, one.probability)


@given(seeds, masks)
def test_the_joint_posterior_is_the_product_by_brute_force(seed, mask):
    base, _, copies = town(seed, mask)
    positions = np.array([copy.records[["x", "y"]].to_numpy() for copy in copies])
    gap = positions[:, :, None] - base.xy
    electors = base.frame["electors"].to_numpy()
    weight = electors * mask.density(np.hypot(gap[..., 0], gap[..., 1])).prod(axis=0)
    expected = weight / weight.sum(axis=1, keepdims=True)
    # The density itself: `guess_versions` reads its edges a rounding wider.
    found = joint_posterior(
        positions, base.xy, electors, lambda _, pairs: mask.density(pairs.distance), mask.reach
    )
    dense = np.zeros(expected.shape)
    dense[np.repeat(np.arange(12), np.diff(found.indptr)), found.place] = found.probability
    # A Gaussian is cut off at one move in 10**9.
    np.testing.assert_allclose(dense, expected, atol=1e-7)


# Two moves of one dot ended .12 m apart, as one draw: whichever copy came first was believed.
@example(3637, Donut(r_min=0, r_max=120, uniform="radius"), [1, 2, 0])
@given(seeds, masks, st.permutations(range(3)))
def test_the_order_of_the_copies_changes_nothing(seed, mask, order):
    _, _, copies = town(seed, mask)
    adversary = Adversary.knows_electors(mask)
    first = guess_versions(copies, adversary, rng=rng())
    again = guess_versions([copies[i] for i in order], adversary, rng=rng())
    np.testing.assert_array_equal(first.address, again.address)
    np.testing.assert_allclose(first.confidence, again.confidence)


@given(seeds, masks, st.lists(st.integers(0, 2), max_size=4))
def test_a_copy_kept_twice_says_nothing_more(seed, mask, again):
    _, _, copies = town(seed, mask)
    adversary = Adversary.knows_electors(mask)
    once = guess_versions(copies, adversary, rng=rng())
    often = guess_versions([*(copies[i] for i in again), *copies], adversary, rng=rng())
    np.testing.assert_allclose(often.confidence, once.confidence)


@given(seeds, masks)
def test_the_truth_cannot_be_seen(seed, mask):
    _, home, copies = town(seed, mask)
    adversary = Adversary.knows_electors(mask)
    plain = guess_versions(copies, adversary, rng=rng())
    for truth in (home, np.random.default_rng(seed).permutation(home)):
        sealed = [
            DotRelease(
                records=copy.records,
                roles=copy.roles,
                backdrop=copy.backdrop,
                sources=pd.DataFrame({"person": truth, "marked_address": truth}),
            )
            for copy in copies
        ]
        with pytest.raises(ValueError, match="as_leaked"):
            guess_versions(sealed, adversary, rng=rng())
        leaked = guess_versions([copy.as_leaked() for copy in sealed], adversary, rng=rng())
        assert np.array_equal(leaked.address, plain.address)


@pytest.mark.parametrize("versions", [2, 6])
def test_confidence_over_linked_copies_is_the_hit_rate(versions):
    mask = Donut(r_min=20, r_max=90)
    _, home, copies = town(4, mask, versions=versions, addresses=120, dots=20_000)
    found = guess_versions(copies, Adversary.knows_electors(mask), rng=rng())
    sure = found.confidence
    error = np.sqrt((sure * (1 - sure)).sum()) / len(sure)
    assert abs((found.address == home).mean() - sure.mean()) < 3 * error
    single = guess(copies[0], Adversary.knows_electors(mask), rng=rng())
    assert sure.mean() > single.confidence.mean()


@pytest.mark.slow
def test_without_ids_the_adversary_links_little_and_stays_honest():
    mask = Donut(r_min=0, r_max=30)
    hits, sure, linked, assigned = [], [], [], []
    for seed in range(20):
        base, home, copies = town(seed, mask, versions=4)
        plain = [
            DotRelease(
                records=copy.records.drop(columns="dot_id"),
                roles=copy.roles,
                backdrop=base,
            )
            for copy in copies
        ]
        adversary = Adversary.knows_electors(mask)
        found = guess_versions(plain, adversary, rng=rng())
        hits.append(found.address == home)
        sure.append(found.confidence)
        linked.append(link_versions(plain, farthest=2 * mask.reach).rows >= 0)
        forced = link_versions(plain, how="assignment", farthest=2 * mask.reach)
        assigned.append(guess_versions(plain, adversary, rng=rng(), linked=forced))
    hits, sure = np.concatenate(hits), np.concatenate(sure)
    error = np.sqrt((sure * (1 - sure)).sum()) / len(sure)
    assert 0.3 < np.mean(linked) < 0.95
    assert abs(hits.mean() - sure.mean()) < 3 * error
    assert all(not guesses.reliable for guesses in assigned)


@given(seeds, st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_links_cost_the_least_that_is_possible(seed, n, m, kinds):
    rng_ = np.random.default_rng(seed)
    first, second = rng_.random((n, 2)) * 10, rng_.random((m, 2)) * 10
    codes = (rng_.integers(0, 2, n), rng_.integers(0, 2, m)) if kinds else (None, None)
    farthest = 6.0
    cost = ((first[:, None] - second[None]) ** 2).sum(axis=2)
    allowed = cost <= farthest**2
    if kinds:
        allowed &= codes[0][:, None] == codes[1][None]

    def price(link):
        pairs = [(i, j) for i, j in enumerate(link) if j >= 0]
        alone = min(n, m) - len(pairs)
        return sum(cost[i, j] for i, j in pairs) + alone * farthest**2

    link = link_positions(first, second, farthest, *codes)
    taken = link[link >= 0]
    assert len(set(taken)) == len(taken)
    assert all(allowed[i, j] for i, j in enumerate(link) if j >= 0)
    # Every way to link, by brute force: each dot of the first to one of the second or to none.
    options = [[-1, *np.flatnonzero(allowed[i])] for i in range(n)]
    ways = (w for w in product(*options) if len({j for j in w if j >= 0}) == sum(j >= 0 for j in w))
    assert price(link) == pytest.approx(min(map(price, ways)))


@given(seeds, st.sampled_from([60.0, 120.0, 250.0]), st.booleans())
def test_a_certain_link_is_right_where_no_dot_leaves(seed, side, kinds):
    # Moves of up to 10 m: two copies of a dot are at most 20 m apart.
    rng_ = np.random.default_rng(seed)
    mask = Donut(r_min=0, r_max=10)
    home = rng_.random((9, 2)) * side
    rows, earlier_rows = rng_.permutation(9), rng_.permutation(9)[:6]
    codes = rng_.integers(0, 2, 9)
    shown = (codes[rows], codes[earlier_rows]) if kinds else (None, None)
    later, earlier = mask(home[rows], rng=rng_), mask(home[earlier_rows], rng=rng_)
    link = link_certain(later, earlier, 20.0, *shown)
    found = link >= 0
    assert np.array_equal(earlier_rows[link[found]], rows[found])


@given(seeds)
def test_links_do_not_follow_the_order_of_the_files(seed):
    rng_ = np.random.default_rng(seed)
    first, second = rng_.random((8, 2)) * 30, rng_.random((9, 2)) * 30
    link = link_positions(first, second, 8.0)
    rows, columns = rng_.permutation(8), rng_.permutation(9)
    again = link_positions(first[rows], second[columns], 8.0)
    there = np.where(again >= 0, columns[again], -1)
    assert np.array_equal(there, link[rows])


@given(seeds, st.integers(2, 5))
def test_ids_and_still_positions_agree(seed, versions):
    rng_ = np.random.default_rng(seed)
    points = rng_.random((10, 2)) * 1000
    copies = []
    for version in range(versions):
        shown = rng_.permutation(10)[: 6 + min(version, 4)]
        records = pd.DataFrame({"x": points[shown, 0], "y": points[shown, 1], "dot_id": shown})
        copies.append(
            DotRelease(records=records, roles=Roles(location=["x", "y"]), backdrop=ORIGIN)
        )
    by_id = link_versions(copies, how="id")
    by_position = link_versions(copies, how="position")
    assert np.array_equal(by_id.rows, by_position.rows)
    assert by_id.lost == by_position.lost


@given(seeds, st.integers(1, 4))
def test_a_position_seen_again_is_dropped_and_the_mean_stays_finite(seed, versions):
    rng_ = np.random.default_rng(seed)
    fresh = rng_.random((versions, 7, 2)) * 100
    twice = np.concatenate([fresh, fresh + 1e-3])
    kept = once_each(twice, 0.1)
    assert np.array_equal(np.isfinite(kept).all(axis=2).sum(axis=0), np.full(7, versions))
    np.testing.assert_allclose(mean_position(kept), fresh.mean(axis=0))


@given(seeds)
def test_bounds_hold_every_placement_that_fits_and_no_more(seed):
    # Four groups cut in two by each of two maps; some counts shown, some only under 3.
    rng_ = np.random.default_rng(seed)
    members = [np.array(m) for m in ([0, 1], [2, 3], [0, 2], [1, 3])]
    true = rng_.integers(0, 4, 4)
    sums = np.array([true[m].sum() for m in members])
    hidden = (sums > 0) & (sums < 3) & (rng_.random(4) < 0.7)
    low, high = np.where(hidden, 1, sums), np.where(hidden, 2, sums)
    least, most = count_bounds(members, low.astype(float), high.astype(float), 4)
    fitting = np.array(
        [
            counts
            for counts in product(range(7), repeat=4)
            if all(
                a <= sum(counts[i] for i in m) <= b
                for m, a, b in zip(members, low, high, strict=True)
            )
        ]
    )
    assert least.tolist() == fitting.min(axis=0).tolist()
    assert most.tolist() == fitting.max(axis=0).tolist()
    spread = spread_counts(members, low.astype(float), high.astype(float), np.ones(4))
    for m, a, b in zip(members, low, high, strict=True):
        assert a - 1e-3 <= spread[m].sum() <= b + 1e-3


@given(seeds, st.permutations(range(6)))
def test_the_order_of_likes_changes_no_probability(seed, order):
    rng_ = np.random.default_rng(seed)
    start = np.datetime64("2016-08-25", "s")
    likes = pd.DataFrame(
        {"account": rng_.integers(0, 4, 6), "time": start + rng_.integers(0, 10**6, 6)}
    )
    ends = start + np.sort(rng_.integers(0, 10**6, 3))
    appeared = pd.DataFrame(
        {"appeared_after": [np.datetime64("NaT", "s"), *ends[:2]], "appeared_by": ends}
    )
    found = likely_accounts(appeared, likes, rng=rng())
    again = likely_accounts(appeared, likes.iloc[list(order)], rng=rng())
    assert np.array_equal(found.posterior.candidate, again.posterior.candidate)
    sums = np.add.reduceat(np.append(found.posterior.probability, 0.0), found.posterior.indptr[:-1])
    filled = np.diff(found.posterior.indptr) > 0
    np.testing.assert_allclose(sums[filled], 1.0)
    # Windows that follow each other share out the accounts: nobody is in two.
    assert len(np.unique(found.posterior.candidate)) == len(found.posterior.candidate)


def test_the_link_law_can_fail():
    # Taking each dot's nearest, in order, costs more than the best links.
    first, second = np.array([[0.0, 0.0], [4.0, 0.0]]), np.array([[3.0, 0.0], [7.0, 0.0]])
    greedy = [0, 1][::-1]  # the second dot's nearest is 3 too: the first is left with 7
    cost = [((first[i] - second[j]) ** 2).sum() for i, j in enumerate(greedy)]
    best = min(
        sum(((first[i] - second[j]) ** 2).sum() for i, j in enumerate(way))
        for way in permutations(range(2))
    )
    assert sum(cost) > best
