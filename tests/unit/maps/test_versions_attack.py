"""Several copies of one map: links, averages and the joint posterior, by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps import version_links
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Disk
from privaudit.maps.masks.mask import ROUNDING_METRES, Exact
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.masks.snapping import GridSnap, HexSnap
from privaudit.maps.version_averaging import guess_versions
from privaudit.maps.version_links import (
    id_like,
    link_certain,
    link_positions,
    link_versions,
    not_linked,
    positions_of,
    same_metres,
    visible_link,
)
from privaudit.release.release import DotRelease
from privaudit.words.catalogues import Note


def place(*x):
    n = len(x)
    rows = {"id": [str(i) for i in range(n)], "number": "1", "street": "s", "commune": "c"}
    return AddressBase(
        pd.DataFrame({**rows, "station": "", "x": np.array(x, float), "y": 0.0}), real=False
    )


def copy(points, base=None, **columns):
    points = np.array(points, float).reshape(-1, 2)
    records = pd.DataFrame({"x": points[:, 0], "y": points[:, 1], **columns})
    base = place(0) if base is None else base
    return DotRelease(records=records, roles=Roles(location=["x", "y"]), backdrop=base)


def rng():
    return np.random.default_rng(7)


def test_links_by_id_follow_the_number():
    first = copy([[0, 0], [9, 9]], dot_id=[5, 8])
    last = copy([[100, 0], [0, 0], [4, 4]], dot_id=[8, 2, 5])
    linked = link_versions([first, last])
    assert linked.how == "id"
    assert linked.rows.tolist() == [[1, -1, 0], [0, 1, 2]]
    assert linked.lost == 0
    positions = positions_of([first, last], linked)
    np.testing.assert_array_equal(positions[0], [[9, 9], [np.nan, np.nan], [0, 0]])


def test_dots_that_stand_still_are_linked_by_position():
    first = copy([[0, 0], [50, 0]])
    last = copy([[50, 0.05], [80, 0], [0, 0]])
    linked = link_versions([first, last])
    assert linked.how == "position"
    assert linked.rows.tolist() == [[1, -1, 0], [0, 1, 2]]


def test_moved_dots_are_linked_by_an_assignment():
    # Each dot's own nearest neighbour would be taken twice.
    first, last = copy([[0, 0], [4, 0]]), copy([[7, 0], [3, 0]])
    linked = link_versions([first, last], how="assignment", farthest=5.0)
    assert linked.how == "assignment"
    assert linked.rows[0].tolist() == [1, 0]


def test_three_versions_are_linked_through_the_mean():
    # 10 in the middle version is as near to the mean 6 of its own dot as rows allow.
    versions = [copy([[0, 0], [30, 0]]), copy([[28, 0], [4, 0]]), copy([[8, 0], [26, 0]])]
    assert link_versions(versions, how="assignment", farthest=20.0).rows.tolist() == [
        [0, 1],
        [1, 0],
        [0, 1],
    ]


def test_only_dots_that_show_the_same_are_linked():
    first = copy([[0, 0], [10, 0]], sex=["F", "M"])
    last = copy([[10.0, 5], [0, 5]], sex=["F", "M"])
    assert link_versions([first, last], how="assignment", farthest=50.0).rows[0].tolist() == [0, 1]
    plain = [copy([[0, 0], [10, 0]]), copy([[10, 5], [0, 5]])]
    assert link_versions(plain, how="assignment", farthest=50.0).rows[0].tolist() == [1, 0]


def test_what_is_certain_is_linked_and_nothing_else():
    # Later dots at 0, 6 and 40, 44; earlier ones at 3, 9 and 42: the last may be either.
    later = np.array([[0.0, 0], [6, 0], [40, 0], [44, 0]])
    earlier = np.array([[3.0, 0], [9, 0], [42, 0]])
    assert link_certain(later, earlier, 4.0).tolist() == [0, 1, -1, -1]
    # Two earlier dots that could only be one: a dot has left, and nothing is certain.
    assert link_certain(later[:1], earlier[[0, 0]], 4.0).tolist() == [-1]
    assert link_certain(later, earlier[:0], 4.0).tolist() == [-1] * 4
    # Kinds of one map alone compare nothing.
    kinds = np.arange(4)
    assert link_certain(later, earlier, 4.0, later_kind=kinds).tolist() == [0, 1, -1, -1]
    kind = np.array([0, 0, 0, 1]), np.array([0, 0, 1])
    assert link_certain(later, earlier, 4.0, *kind).tolist() == [0, 1, -1, 2]
    linked = link_versions([copy(earlier), copy(later)], farthest=4.0)
    assert linked.how == "certain"
    assert linked.rows[0].tolist() == [0, 1, -1, -1]
    assert linked.lost == 1


def test_a_dot_that_left_the_map_is_counted():
    first, last = copy([[0, 0], [900, 0]]), copy([[1, 0]])
    linked = link_versions([first, last], farthest=10.0)
    assert linked.lost == 1


def test_a_link_is_never_longer_than_allowed():
    first, second = np.array([[0.0, 0.0], [10.0, 0.0]]), np.array([[12.0, 0.0], [100.0, 0.0]])
    assert link_positions(first, second, 5.0).tolist() == [-1, 0]
    assert link_positions(first, second[:0], 5.0).tolist() == [-1, -1]
    assert link_positions(first[:0], second, 5.0).tolist() == []


def test_two_disks_leave_the_door_that_both_reach():
    # Doors at 0, 40, 80. The first copy reaches the first two, the second the last two.
    base = place(0, 40, 80)
    versions = [copy([[20, 0]], base), copy([[60, 0]], base)]
    mask = Disk(radius=30)
    alone = guess(versions[0], Adversary.knows_mask(mask), rng=rng())
    assert alone.confidence.tolist() == [0.5]
    both = guess_versions(versions, Adversary.knows_mask(mask), rng=rng())
    assert both.address.tolist() == [1]
    assert both.confidence.tolist() == [1.0]
    assert (both.attack, both.copies) == ("knows_mask", 2)
    # Doors at least as near to the mean (40, 0) as the home: one.
    assert both.k_addresses.tolist() == [1.0]
    assert both.reliable  # no other dot is there
    forced = link_versions(versions, how="assignment", farthest=60.0)
    guessed = guess_versions(versions, Adversary.knows_mask(mask), rng=rng(), linked=forced)
    assert guessed.address.tolist() == [1]
    assert not guessed.reliable  # an assignment may be wrong
    assert guessed.doubts == (Note("links_by_assignment"),)


def test_gaussian_weights_multiply_by_hand():
    # Copies at 10 and 20 m from the first door; at 30 and 20 m from the second.
    base = place(0, 40)
    versions = [copy([[10, 0]], base), copy([[20, 0]], base)]
    found = guess_versions(versions, Adversary.knows_mask(Gaussian(sigma=20)), rng=rng())
    first = np.exp(-(10**2 + 20**2) / (2 * 20**2))
    second = np.exp(-(30**2 + 20**2) / (2 * 20**2))
    assert found.address.tolist() == [0]
    assert found.confidence[0] == pytest.approx(first / (first + second))


def test_a_position_that_stays_is_one_observation():
    base = place(0, 40)
    one = copy([[10, 0], [31, 0]], base)
    single = guess(one, Adversary.knows_mask(Gaussian(sigma=20)), rng=rng())
    many = guess_versions([one] * 6, Adversary.knows_mask(Gaussian(sigma=20)), rng=rng())
    np.testing.assert_allclose(many.confidence, single.confidence)
    assert many.reliable
    assert many.notes[0] == Note("links_made", copies=6, how="position", positions=1.0)


def test_without_a_mask_the_mean_is_taken_to_the_nearest_door():
    base = place(0, 40)
    versions = [copy([[5, 0]], base, dot_id=[1]), copy([[45, 0]], base, dot_id=[1])]
    found = guess_versions(versions, Adversary.nearest(), rng=rng())
    assert found.address.tolist() == [1]  # the mean is 25
    assert found.reliable


def test_a_dot_of_the_last_version_alone_is_located_alone():
    base = place(0, 40, 500, 540)
    first = copy([[10, 0]], base, dot_id=[1])
    last = copy([[10, 0], [505, 0]], base, dot_id=[1, 2])
    adversary = Adversary.knows_mask(Gaussian(sigma=20))
    found = guess_versions([first, last], adversary, rng=rng())
    alone = guess(last, adversary, rng=rng())
    np.testing.assert_allclose(found.confidence, alone.confidence)


def test_copies_that_no_door_explains_together_have_no_guess():
    base = place(0, 500)
    versions = [copy([[0, 0]], base, dot_id=[1]), copy([[500, 0]], base, dot_id=[1])]
    found = guess_versions(versions, Adversary.knows_mask(Disk(radius=30)), rng=rng())
    assert found.address.tolist() == [-1]
    assert not found.reliable


def test_every_mask_has_its_likelihood():
    base = place(0, 40, 200)
    mask = HexSnap(size=100)
    snapped = copy(mask(base.xy, rng=rng()), base, dot_id=[0, 1, 2])
    found = guess_versions([snapped, snapped], Adversary.knows_mask(mask), rng=rng())
    assert found.confidence.tolist() == [0.5, 0.5, 1.0]
    exact = copy(base.xy, base)
    found = guess_versions([exact, exact], Adversary.knows_mask(Exact()), rng=rng())
    assert found.address.tolist() == [0, 1, 2]


def test_a_register_names_whom_the_copies_find():
    base = place(0, 40, 80)
    register = pd.DataFrame({"address": [0, 1, 2], "last_name": ["Roux", "Vidal", "Morel"]})
    versions = [copy([[20, 0]], base, dot_id=[1]), copy([[60, 0]], base, dot_id=[1])]
    adversary = Adversary.holds_register(register, mask=Disk(radius=30), coverage=1.0)
    assert guess_versions(versions, adversary, rng=rng()).person.tolist() == [1]


def test_what_cannot_be_versions():
    base = place(0, 40)
    dot = copy([[10, 0]], base)
    with pytest.raises(ParameterError, match="two versions"):
        link_versions([dot])
    with pytest.raises(ParameterError, match="how far apart"):
        link_versions([dot, copy([[20, 0]])])
    with pytest.raises(ParameterError, match="farthest"):
        link_versions([dot, copy([[20, 0]])], farthest=0.0)
    with pytest.raises(ParameterError, match="hold a dot"):
        link_versions([dot, copy(np.empty((0, 2)))])
    with pytest.raises(SchemaError, match="dot_id"):
        link_versions([dot, dot], how="id")
    with pytest.raises(ParameterError, match="a double"):
        link_versions([copy([[0, 0], [1, 1]], dot_id=[1, 1])] * 2)
    with pytest.raises(GeometryError, match="missing position"):
        link_versions([dot, copy([[np.nan, 0]])], farthest=5.0)
    with pytest.raises(ParameterError, match="Did you mean 'position'"):
        link_versions([dot, dot], how="positions")
    sealed = replace(dot, sources=dot.records)
    with pytest.raises(ParameterError, match="as_leaked"):
        link_versions([dot, sealed])
    with pytest.raises(ParameterError, match="register"):
        guess_versions([dot, dot], Adversary.neighbour(), rng=rng())


def read_off(copies, base, by, resolution):
    """Copies whose dots were read a little off, each by its own error."""
    return [
        DotRelease(
            records=copy.records.assign(x=copy.records["x"] + shift),
            roles=copy.roles,
            backdrop=base,
            resolution=resolution,
        )
        for copy, shift in zip(copies, by, strict=True)
    ]


def test_copies_read_from_pictures_are_allowed_their_pixel():
    # Cells of 100 m show homes at 0 and 40 at 50, the one at 200 at 250; each read 2 or 3 m off.
    base = place(0, 40, 200)
    mask = GridSnap(size=100)
    shown = copy(mask(base.xy, rng=rng()), base)
    copies = read_off([shown, shown], base, (2.0, -3.0), 2.0)
    found = guess_versions(copies, Adversary.knows_mask(mask), rng=rng())
    assert found.confidence == pytest.approx([0.5, 0.5, 1.0], abs=1e-6)
    assert found.notes[0] == Note("links_made", copies=2, how="position", positions=1.0)
    # Taken for exact, nothing explains them.
    exact = read_off([shown, shown], base, (2.0, -3.0), 0.0)
    lost = guess_versions(exact, Adversary.knows_mask(mask), rng=rng())
    assert (lost.address == -1).all()


def test_each_copy_has_its_own_pixel():
    # Two doors 200 m apart; a fresh normal move of 100 m, read exactly, and with an error of 15 m.
    base = place(0, 200)
    sharp = copy([[20, 0]], base, dot_id=[1])
    coarse = read_off([copy([[100, 0]], base, dot_id=[1])], base, (45.0,), 15.0)[0]
    mask = Gaussian(sigma=100)
    found = guess_versions([sharp, coarse], Adversary.knows_mask(mask), rng=rng())

    def density(x):
        # One reading in twenty is four times worse.
        wide = ((0.95, np.hypot(100, 15)), (0.05, np.hypot(100, 60)))
        read = sum(w * np.exp(-0.5 * ((145 - x) / s) ** 2) / s**2 for w, s in wide)
        return np.exp(-0.5 * ((20 - x) / 100) ** 2) * read

    expected = density(0) / (density(0) + density(200))
    # The blurred mask is a table: close, not exact.
    assert found.confidence[0] == pytest.approx(expected, rel=1e-3)
    # Both read exactly would say something else.
    both = [sharp, copy([[145, 0]], base, dot_id=[1])]
    exact = guess_versions(both, Adversary.knows_mask(mask), rng=rng()).confidence[0]
    assert abs(exact - expected) > 0.005


def test_dots_that_moved_need_a_mask_to_be_linked():
    base = place(0, 40)
    moved = [copy([[0, 0], [40, 0]], base), copy([[9, 0], [31, 0]], base)]
    with pytest.raises(ParameterError, match=r"nearest.*linked=link_versions") as failed:
        guess_versions(moved, Adversary.nearest(), rng=rng())
    # What is asked for can be given to this very call.
    linked = link_versions(moved, farthest=1.0)
    found = guess_versions(moved, Adversary.nearest(), rng=rng(), linked=linked)
    assert "Pass farthest=" not in str(failed.value)
    # Nothing lies within a metre: no link is claimed, and none is called certain.
    assert found.notes == (
        Note("links_made", copies=2, how="certain", positions=1.0),
        Note("links_certain", dots=0, of=2),
        Note("links_left_out", records=2),
    )


def test_a_column_that_may_be_an_id_is_named_and_not_read():
    base = place(0, 40, 80)

    def versions(**columns):
        later = {name: [*values[1:], values[0]] for name, values in columns.items()}
        return [copy([[0, 0], [40, 0], [80, 0]], base, **columns),
                copy([[40, 0], [80, 0], [0, 0]], base, **later)]  # fmt: skip

    def said(**columns):
        found = guess_versions(versions(**columns), Adversary.nearest(), rng=rng())
        return [note for note in found.notes if note.key == "column_may_be_id"]

    (note,) = said(marker=["q7", "q8", "q9"], status=["red", "red", "grey"])
    assert note == Note("column_may_be_id", column="marker")
    assert said(dot_id=[1, 2, 3], marker=["q7", "q8", "q9"]) == []
    assert said(weight=[0.1, 0.2, 0.3]) == []
    assert said(last_name=["A", "B", "C"]) == []


def test_any_column_links_the_copies_however_a_file_wrote_it():
    # Text in one copy, a decimal in another: 8 and 8.0 are one number, and a blank is none.
    first = copy([[0, 0], [9, 9], [5, 5], [7, 7]], marker=["5", " 8 ", None, "2"])
    last = copy([[100, 0], [0, 0], [4, 4]], marker=[8.0, 2.0, 5.0])
    linked = link_versions([first, last], by="marker")
    assert (linked.how, linked.column, linked.unread, linked.lost) == ("id", "marker", 1, 1)
    assert linked.rows.tolist() == [[1, 3, 0], [0, 1, 2]]
    # A value that stands twice links nothing, and is counted.
    double = copy([[0, 0], [9, 9], [5, 5], [7, 7], [6, 6]], marker=[5, 8, 8, 2, 1])
    linked = link_versions([double, last], by="marker")
    assert (linked.rows[0].tolist(), linked.unread, linked.lost) == ([-1, 3, 0], 2, 3)
    said = not_linked([double, last], linked)
    assert said == (
        Note("links_to_none", records=3, of=5),
        Note("links_unread", records=2, of=8, column="marker"),
    )
    with pytest.raises(SchemaError, match="nowhere"):
        link_versions([double, last], by="nowhere")
    with pytest.raises(ParameterError, match="stand once"):
        link_versions([copy([[0, 0], [1, 1]], status=["a", "a"])] * 2, by="status")


@pytest.mark.parametrize(("apart", "row"), [(4.999, 0), (5.0, 0), (5.001, -1)])
def test_dots_are_linked_up_to_the_farthest(apart, row):
    one, other = np.array([[0.0, 0.0]]), np.array([[apart, 0.0]])
    assert link_positions(one, other, 5.0).tolist() == [row]
    assert link_certain(one, other, 5.0).tolist() == [row]


@pytest.mark.parametrize(("read", "good"), [(11, True), (10, True), (9, False)])
def test_half_of_the_ids_of_a_version_are_read(read, good):
    points = np.arange(40).reshape(20, 2)
    ids = [*map(str, range(read)), *["", "double"] * 10][:20]
    first, last = copy(points, marker=ids), copy(points, marker=[*map(str, range(20))])
    if good:
        linked = link_versions([first, last], how="id", by="marker")
        assert (linked.rows[0] >= 0).sum() == read
        assert linked.unread == 20 - read
    else:
        with pytest.raises(ParameterError, match="11 of 20 blank or a double"):
            link_versions([first, last], how="id", by="marker")


@pytest.mark.parametrize(("still", "how"), [(11, "position"), (10, "position"), (9, "certain")])
def test_dots_are_linked_by_position_where_half_of_them_stand_still(still, how):
    points = np.arange(20)[:, None] * [1_000.0, 0.0]
    moved = points + np.where(np.arange(20) < still, 0, 300)[:, None]
    assert visible_link([copy(points), copy(moved)]) == how


def test_two_readings_of_a_position_lie_two_roundings_apart():
    assert same_metres([copy([[0, 0]])] * 2) == 2 * ROUNDING_METRES


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        # Half of the smaller version, and two values.
        (6, [0, 1, 2, 10, 11, 12, 13, 14], True), (6, [0, 1, 10, 11, 12, 13, 14, 15], False),
        (3, [0, 1, 10], True), (3, [0, 10, 11], False), (2, [0, 1], True), (1, [0], False),
        (5, [0, 1, 2, 10, 11], True), (5, [0, 1, 10, 11, 12], False),
    ],
)  # fmt: skip
def test_a_column_may_be_an_id_where_half_of_its_values_recur(first, last, found):
    one = copy(np.arange(2 * first), marker=range(first))
    assert id_like([one, copy(np.arange(2 * len(last)), marker=last)]) == ("marker",) * found
    # A value that stands twice, a blank or a decimal is no id.
    for marker in ([last[0], *last[:-1]], [None, *last[1:]], [float(v) for v in last]):
        if len(last) > 1:
            assert id_like([one, copy(np.arange(2 * len(last)), marker=marker)]) == ()


@pytest.mark.parametrize(
    ("ids", "others", "rows"),
    [([5.0, 8.0], ["8", "5"], [1, 0]), ([5.5, 8.0], ["8", "5.5"], [-1, 0]),
     ([5.0, np.nan, np.nan], ["5", "", "7"], [0, -1, -1])],
)  # fmt: skip
def test_an_id_is_the_same_as_text_and_as_a_whole_number(ids, others, rows):
    first = copy(np.arange(2 * len(ids)), marker=ids)
    last = copy(np.arange(2 * len(others)), marker=others)
    if np.isnan(ids).any():
        with pytest.raises(ParameterError, match="2 of 3 blank"):
            link_versions([first, last], how="id", by="marker")
        return
    assert link_versions([first, last], how="id", by="marker").rows[0].tolist() == rows


@pytest.mark.parametrize(
    ("mine", "groups"), [(0.0, [([0], [0])]), (4.9, [([0], [0])]), (5.1, []), (90.0, [])]
)
def test_a_group_of_links_has_a_dot_on_either_side(mine, groups):
    # Links are up to 5 metres long; a dot apart from all others of both sides links to none.
    a, b = np.array([[mine, 0.0], [50.0, 0.0]]), np.array([[0.0, 0.0], [200.0, 0.0]])
    found = version_links._groups(a, b, 5.0, None)
    assert [(one.tolist(), other.tolist()) for one, other in found] == groups
