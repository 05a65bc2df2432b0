"""Copies without ids: every way of linking them, counted one by one, and what it leaves open."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps import version_averaging
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Disk, Donut
from privaudit.maps.version_averaging import guess_versions, link_beliefs, link_work, weigh_links
from privaudit.maps.version_links import link_versions
from privaudit.release.release import DotRelease
from privaudit.stats.calibration import expected_calibration_error


def counted(own, copy, prior):
    """Posterior and links of two copies of the same dots, over all ways and all homes."""
    n = len(own)
    start = own * prior
    start = start / start.sum(axis=1, keepdims=True)
    weight = copy @ start.T  # the copy's dots by the last one's
    link, place, total = np.zeros((n, n)), np.zeros(own.shape), 0.0
    for way in permutations(range(n)):
        odds = np.prod([weight[j, way[j]] for j in range(n)])
        total += odds
        for j in range(n):
            link[j, way[j]] += odds
            told = start[way[j]] * copy[j]
            place[way[j]] += odds * told / told.sum()
    return place / total, link / total


@pytest.mark.parametrize("seed", range(8))
def test_two_copies_are_weighed_over_every_way_of_linking_them(seed):
    rng = np.random.default_rng(seed)
    own, copy = rng.random((3, 5)), rng.random((3, 5))
    prior = rng.random(5)
    prior /= prior.sum()
    posterior, link = counted(own, copy, prior)
    found = link_beliefs(csr_array(own), [csr_array(copy)], prior, lost=1e-12)
    np.testing.assert_allclose(found.posterior.toarray(), posterior, atol=1e-6)
    np.testing.assert_allclose(found.links[0].toarray(), link, atol=1e-6)


def test_a_dot_that_appeared_later_learns_nothing_from_the_earlier_copy():
    # Two dots of the last copy, far apart; the earlier copy has one, that can be the first.
    own = csr_array([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    copy = csr_array([[0.0, 1.0, 0, 0]])
    found = link_beliefs(own, [copy], np.full(4, 0.25), lost=1e-12)
    np.testing.assert_allclose(
        found.posterior.toarray(), [[0, 1, 0, 0], [0, 0, 0.5, 0.5]], atol=1e-9
    )
    np.testing.assert_allclose(found.links[0].toarray(), [[1, 0]], atol=1e-9)


def test_a_dot_that_no_other_explains_is_gone():
    own, copy = csr_array([[1.0, 0, 0]]), csr_array([[0, 0, 1.0]])
    found = link_beliefs(own, [copy], np.full(3, 1 / 3))
    assert found.posterior.toarray().tolist() == [[1, 0, 0]]
    assert found.links[0].sum() == 0
    assert link_work(own, [copy]) == 0


def test_odds_rule_links_out():
    own, copy = csr_array([[1.0], [1.0]]), csr_array([[1.0], [1.0]])
    never = np.array([[1.0, 0.0], [1.0, 1.0]])
    found = link_beliefs(own, [copy], np.ones(1), [lambda i, j: never[i, j]], lost=1e-9)
    np.testing.assert_allclose(found.links[0].toarray(), np.eye(2), atol=1e-6)


def line(*x):
    rows = {"id": [str(i) for i in range(len(x))], "number": "1", "street": "s", "commune": "c"}
    return AddressBase(
        pd.DataFrame({**rows, "station": "", "x": np.array(x, float), "y": 0.0}), real=False
    )


def copy_of(x, base, **columns):
    records = pd.DataFrame({"x": np.array(x, float), "y": 0.0, **columns})
    return DotRelease(records=records, roles=Roles(location=["x", "y"]), backdrop=base)


def rng():
    return np.random.default_rng(7)


def test_what_dots_show_and_their_colour_weigh_in():
    # Both dots may be either of the earlier ones, at 10 m; grey does not turn red again, mostly.
    base, mask = line(0, 20), Disk(radius=30)
    prior = np.full(2, 0.5)
    last = copy_of([9, 11], base, status=["to_meet", "visited"])
    first = copy_of([10, 10], base, status=["visited", "to_meet"])
    found = weigh_links([first, last], base, [mask, mask], prior, rng=rng())
    assert found.linked.rows.tolist() == [[1, 0], [0, 1]]
    # The way that turns a dot red again is worth .02 of the other; one that is gone, .02 / .99.
    gone = 0.02 / 0.99
    total = (1 + 0.02) + gone * (1 + 1 + 1 + 0.02) + gone**2
    assert found.sure == pytest.approx((1 + gone) / total, abs=1e-6)
    plain = [copy_of([10, 10], base), copy_of([9, 11], base)]
    assert weigh_links(plain, base, [mask, mask], prior, rng=rng()).linked.rows[0].tolist() == [
        -1,
        -1,
    ]
    known = [copy_of([10, 10], base, sex=["M", "F"]), copy_of([9, 11], base, sex=["F", "M"])]
    found = weigh_links(known, base, [mask, mask], prior, rng=rng())
    assert found.linked.rows[0].tolist() == [1, 0]
    assert found.sure > 0.97


def town(m=300, side=900, seed=1):
    places = np.random.default_rng(seed).random((m, 2)) * side
    return AddressBase(line(*places[:, 0]).frame.assign(y=places[:, 1]), real=False)


MASK = Donut(r_min=15, r_max=60)


def played(base, dots, copies, seed, order=None):
    draw = np.random.default_rng(seed)
    home, versions = draw.integers(len(base), size=dots), []
    for copy in range(copies):
        shown = np.arange(dots if copy == copies - 1 else dots - 4)
        moved = MASK(base.xy[home[shown]], rng=draw)
        mixed = draw.permutation(len(shown)) if copy < copies - 1 else shown
        moved = moved[mixed] if order is None else moved[mixed][order[copy]]
        records = pd.DataFrame(moved, columns=["x", "y"])
        roles = Roles(location=["x", "y"])
        versions.append(DotRelease(records=records, roles=roles, backdrop=base))
    return home, versions


@pytest.mark.slow
def test_copies_without_ids_find_more_and_are_as_sure_as_they_should_be():
    base, knows = town(), Adversary.knows_mask(MASK)
    hit, sure, once, linked = [], [], [], []
    for seed in range(20):
        home, versions = played(base, 40, 4, seed)
        found = guess_versions(versions, knows, rng=rng())
        assert found.reliable
        assert [note.key for note in found.notes] == ["links_weighed"]
        hit.append(found.address == home)
        sure.append(found.confidence)
        once.append(guess(versions[-1], knows, rng=rng()).address == home)
        reach = 2 * MASK.reach
        linked.append((link_versions(versions, farthest=reach).rows[:-1] >= 0).mean())
    hit, sure, once = (np.concatenate(part) for part in (hit, sure, once))
    assert np.mean(linked) < 0.5  # most links are not certain
    assert hit.mean() > once.mean() + 0.1
    # No more than what befalls an adversary exactly as sure as right, once in a hundred times.
    draw = np.random.default_rng(0)
    honest = [expected_calibration_error(sure, draw.random(len(sure)) < sure) for _ in range(300)]
    assert expected_calibration_error(sure, hit) < np.quantile(honest, 0.99)


def test_the_order_of_records_changes_no_answer():
    base, knows = town(), Adversary.knows_mask(MASK)
    _, versions = played(base, 30, 3, 5)
    draw = np.random.default_rng(9)
    order = [draw.permutation(len(version)) for version in versions]
    _, other = played(base, 30, 3, 5, order)
    one = guess_versions(versions, knows, rng=rng())
    two = guess_versions(other, knows, rng=rng())
    assert two.address.tolist() == one.address[order[-1]].tolist()
    np.testing.assert_allclose(two.confidence, one.confidence[order[-1]])


def test_too_many_dots_are_linked_where_that_is_certain(monkeypatch):
    base, knows = town(), Adversary.knows_mask(MASK)
    _, versions = played(base, 30, 3, 5)
    for limit in ("MOST_PAIRS", "MOST_WORK"):
        with monkeypatch.context() as less:
            less.setattr(version_averaging, limit, 10)
            found = guess_versions(versions, knows, rng=rng())
        assert "links_certain" in [note.key for note in found.notes]


def test_a_copy_of_dots_that_nothing_explains():
    base = line(0, 40)
    mask = Disk(radius=30)
    versions = [copy_of([10, 12], base), copy_of([500, 510], base)]
    found = weigh_links(versions, base, [mask, mask], np.full(2, 0.5), rng=rng())
    assert np.diff(found.posterior.indptr).tolist() == [0, 0]
    assert found.misled == 0
