"""One dot an address: marginals against all assignments, counted one by one."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.release.release import DotRelease
from privaudit.stats import matching_marginals as matching
from privaudit.stats.calibration import expected_calibration_error
from privaudit.stats.matching_marginals import exact_marginals, matching_marginals


def counted(rows):
    """Marginals by enumeration: rows are lists of (place, weight)."""
    total, share = 0.0, [np.zeros(len(row)) for row in rows]
    for picks in product(*(range(len(row)) for row in rows)):
        places = [row[pick][0] for row, pick in zip(rows, picks, strict=True)]
        if len(set(places)) < len(places):
            continue
        weight = np.prod([row[pick][1] for row, pick in zip(rows, picks, strict=True)])
        total += weight
        for part, pick in zip(share, picks, strict=True):
            part[pick] += weight
    return np.concatenate(share) / total


def marginals(rows):
    indptr = np.cumsum([0] + [len(row) for row in rows])
    place, weight = map(np.array, zip(*(pair for row in rows for pair in row), strict=True))
    return matching_marginals(indptr, place.astype(int), weight.astype(float))


TREES = [
    [[(0, 1.0), (1, 3.0)], [(1, 2.0), (2, 1.0)], [(2, 5.0), (3, 1.0)]],
    [[(0, 1.0), (1, 1.0), (2, 1.0)], [(0, 4.0), (5, 1.0)], [(2, 1.0), (6, 0.5)]],
    [[(7, 2.0)], [(7, 9.0), (3, 1.0)], [(3, 1.0), (1, 1.0)]],
]


@pytest.mark.parametrize("rows", TREES)
def test_marginals_are_exact_on_a_tree(rows):
    found = marginals(rows)
    assert found.probability == pytest.approx(counted(rows), abs=1e-4)
    assert found.change == 0


def test_a_small_group_is_enumerated():
    """Three dots over four addresses, all pairs: too many circles for messages to be exact."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        rows = [[(j, w) for j, w in enumerate(rng.random(4) + 0.1)] for _ in range(3)]
        found = marginals(rows)
        assert found.probability == pytest.approx(counted(rows))
        assert found.exact == 1


def test_two_dots_at_two_addresses_are_not_taken_for_certain():
    # Straight 3 x 1, crossed 1 x 2: messages alone would say that straight is certain.
    found = marginals([[(0, 3.0), (1, 1.0)], [(0, 2.0), (1, 1.0)]])
    assert found.probability == pytest.approx([0.6, 0.4, 0.4, 0.6])


def test_a_large_group_is_nearer_to_the_truth_than_dots_taken_alone():
    """Four dots over twelve addresses: beyond what is enumerated there, not here."""
    rng = np.random.default_rng(5)
    for _ in range(5):
        weight = rng.random((4, 12)) ** 3 + 0.05
        found = marginals([list(enumerate(row)) for row in weight])
        truth = exact_marginals(weight).ravel()
        alone = (weight / weight.sum(axis=1, keepdims=True)).ravel()
        assert found.exact == 0
        assert np.abs(found.probability - truth).sum() < np.abs(alone - truth).sum()


def test_sums_over_sets_count_every_assignment():
    rng = np.random.default_rng(3)
    weight = rng.random((3, 5)) * (rng.random((3, 5)) < 0.8) + np.eye(3, 5)
    expected = counted([list(enumerate(row)) for row in weight])
    assert exact_marginals(weight).ravel() == pytest.approx(expected)
    assert np.isnan(exact_marginals(np.ones((2, 1)))).all()


@pytest.mark.parametrize(("places", "exact"), [(10, 1.0), (11, 0.0)])
def test_ten_addresses_are_enumerated_and_eleven_are_not(places, exact):
    found = marginals([[(j, 1.0) for j in range(places)]] * 2)
    assert found.exact == exact
    # A dot that competes with no other is known, however many addresses it may have.
    assert marginals([[(j, 1.0) for j in range(places)]]).exact == 1


@pytest.mark.parametrize(("weight", "exact"), [(0.0003, 1.0), (0.06, 0.0)])
def test_groups_that_hardly_compete_are_two(weight, exact):
    """Twice six addresses; one dot of the first may be at an address of the second."""
    first = [[(j, 1.0) for j in range(6)] for _ in range(2)]
    second = [[(j + 6, 1.0) for j in range(6)] for _ in range(2)]
    first[0].append((6, weight))
    assert marginals(first + second).exact == exact


def test_rounds_that_end_too_soon_leave_their_last_change():
    # Eleven addresses each, and too many for one round.
    rows = [[(j, 1.0 + (j == i)) for j in range(11)] for i in range(4)]
    table = np.array([[w for _, w in row] for row in rows])
    indptr, place = np.arange(5) * 11, np.tile(np.arange(11), 4)
    assert matching_marginals(indptr, place, table.ravel(), rounds=1).change > 1e-6
    assert matching_marginals(indptr, place, table.ravel()).change == 0


def test_groups_that_settle_at_different_rounds_are_as_each_would_be_alone():
    rng = np.random.default_rng(8)
    crowds = [
        [[(j, w) for j, w in enumerate(rng.random(12) ** 3 + 0.05)] for _ in range(dots)]
        for dots in (2, 9, 10, 11)
    ]
    groups = [*TREES, *crowds, [[(0, 1.0)], [(0, 0.0)]]] * 2
    apart = [
        [[(place + 100 * k, w) for place, w in row] for row in group]
        for k, group in enumerate(groups)
    ]
    together = marginals([row for group in apart for row in group])
    alone = np.concatenate([marginals(group).probability for group in groups])
    assert together.probability == pytest.approx(alone, abs=1e-12)


def test_two_dots_that_can_only_be_at_one_address_show_in_the_load():
    found = marginals([[(0, 1.0)], [(0, 1.0)]])
    assert found.load == pytest.approx(2)


def test_no_dots_and_dots_without_a_place():
    empty = np.empty(0, int)
    assert matching_marginals(np.array([0]), empty, np.empty(0)).load == 0
    found = matching_marginals(np.array([0, 0, 1]), np.array([4]), np.array([2.0]))
    assert found.probability.tolist() == [1.0]


def town(m, rng):
    frame = pd.DataFrame({"x": rng.random(m) * 500, "y": rng.random(m) * 500})
    return AddressBase(
        frame.assign(
            id=[str(i) for i in range(m)], number="1", street="s", commune="c", station=""
        )[["id", "number", "street", "commune", "station", "x", "y"]],
        real=False,
    )


@pytest.mark.heavy
def test_knowing_that_dots_do_not_share_finds_more_and_stays_calibrated():
    """Every address of a small town but one in ten has a dot: most can be told apart."""
    mask, hits, sures, plain = Donut(r_min=0, r_max=30), [], [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        base = town(400, rng)
        home = rng.permutation(400)[:360]
        dots = pd.DataFrame(mask(base.xy[home], rng=rng), columns=["x", "y"])
        leak = DotRelease(records=dots, roles=Roles(location=["x", "y"]), backdrop=base)
        one = Adversary(name="one to one", mask=mask, one_to_one=True)
        found = guess(leak, one, rng=rng)
        hits.append(found.address == home)
        sures.append(found.confidence)
        alone = guess(leak, Adversary.knows_mask(mask), rng=rng)
        plain.append((alone.address == home, alone.confidence))
    hit, sure = np.concatenate(hits), np.concatenate(sures)
    alone, claimed = (np.concatenate(part) for part in zip(*plain, strict=True))
    assert hit.mean() > alone.mean() + 0.05
    assert expected_calibration_error(sure, hit) < 0.03
    # Each dot taken alone is as honest, and knows less.
    assert expected_calibration_error(claimed, alone) < 0.03


def test_dots_that_do_share_an_address_are_said():
    base = town(5, np.random.default_rng(0))
    dots = pd.DataFrame(base.xy[[0, 0, 3]], columns=["x", "y"])
    leak = DotRelease(records=dots, roles=Roles(location=["x", "y"]), backdrop=base)
    found = guess(leak, Adversary(name="one", one_to_one=True), rng=np.random.default_rng(0))
    (note,) = [note for note in found.notes if note.key == "dots_share_an_address"]
    assert note.values["expected"] == pytest.approx(2)


def crowd_of_kinds(rng, kinds, alike):
    """Points of some kinds, as many of each, over places of some kinds and one of their own."""
    wide = alike * kinds
    weight = rng.random((kinds, kinds)).repeat(alike, axis=0).repeat(alike, axis=1)
    weight[rng.random(kinds).repeat(alike) < 0.2] *= 3.0
    place = np.hstack([np.tile(rng.permutation(wide), (wide, 1)), wide + np.arange(wide)[:, None]])
    weight = np.hstack([weight[:, place[0, :-1]], np.full((wide, 1), 0.5)])
    shuffled = np.argsort(rng.random(place.shape), axis=1)
    place, weight = (np.take_along_axis(a, shuffled, axis=1) for a in (place, weight))
    return np.arange(wide + 1) * (wide + 1), place.ravel(), weight.ravel()


def test_points_that_no_weight_tells_apart_send_one_message_for_all(monkeypatch):
    indptr, place, weight = crowd_of_kinds(np.random.default_rng(3), kinds=8, alike=25)
    kinds = matching._alike_pairs(indptr, place, weight)
    assert len(kinds.code) <= 8 * 9
    found = matching_marginals(indptr, place, weight)
    monkeypatch.setattr(matching, "_MANY", len(place) + 1)
    plain = matching_marginals(indptr, place, weight)
    assert found.probability == pytest.approx(plain.probability, rel=1e-9, abs=0)
    assert found.load == pytest.approx(plain.load, rel=1e-9)
    assert found.exact == plain.exact


def test_points_that_differ_in_one_weight_are_no_longer_alike():
    rng = np.random.default_rng(4)
    indptr, place, weight = crowd_of_kinds(rng, kinds=8, alike=25)
    before = len(matching._alike_pairs(indptr, place, weight).code)
    weight[7] *= 2
    assert len(matching._alike_pairs(indptr, place, weight).code) > before
    assert matching._alike_pairs(indptr, place, rng.random(len(place))) is None


@pytest.mark.parametrize(("change", "left"), [(0.2, 0.0), (0.25, 0.25), (0.3, 0.3)])
def test_rounds_that_have_not_settled_say_how_much_they_still_moved(monkeypatch, change, left):
    passed = lambda indptr, code, alone, *rest: (alone, change)  # noqa: E731
    monkeypatch.setattr(matching, "_pass_messages", passed)
    pairs = np.array([0, 2, 3]), np.array([0, 1, 0]), np.array([9.0, 1, 1])
    assert matching_marginals(*pairs, settled=0.25)[1] == left
