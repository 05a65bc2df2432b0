"""Arguments of a measurement at their ends, and when sums over classes tell a rare level."""

from types import SimpleNamespace

import numpy as np
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError
from privaudit.tables import coded_table
from privaudit.tables.context import MeasureContext, Options, _population
from privaudit.tables.measure import measure


@pytest.mark.parametrize(
    ("given", "good"),
    [
        ({}, True), ({"alpha": 1}, True), ({"alpha": 0.5}, False),
        ({"alpha": 0.5, "missing": "wildcard"}, True), ({"alpha": 0, "missing": "wildcard"}, True),
        ({"alpha": 1.01, "missing": "wildcard"}, False),
        ({"alpha": -0.01, "missing": "wildcard"}, False), ({"threshold": 0}, True),
        ({"threshold": 1}, True), ({"threshold": 1.01}, False), ({"threshold": -0.01}, False),
        ({"l": 2}, True), ({"l": 1}, False), ({"subsets": 1}, True), ({"subsets": 0}, False),
        ({"special": 1}, True), ({"special": 0}, False), ({"sampling_fraction": 1}, True),
        ({"sampling_fraction": 0}, False), ({"sampling_fraction": 1e-9}, True),
        ({"sampling_fraction": 1.01}, False), ({"missing": "other"}, False),
        ({"household": 3}, True), ({"household": True}, False), ({"hierarchy": {"a": 3}}, False),
        ({"hierarchy": [1]}, False),
    ],
)  # fmt: skip
def test_options_lie_in_their_ranges(given, good):
    if good:
        made = Options(**given)
        assert made.household == (None if "household" not in given else "3")
    else:
        with pytest.raises(ParameterError):
            Options(**given)


def test_options_have_the_values_of_the_documentation():
    usual = Options()
    assert (usual.missing, usual.alpha, usual.threshold) == ("likely", 1.0, 0.2)
    assert (usual.l, usual.subsets, usual.special) == (2, 1, 3)


def measured(cells, counted, monkeypatch, **options):
    """Measure a table of one key, read or, as a large one, counted in classes."""
    pl = pytest.importorskip("polars")
    monkeypatch.setattr(coded_table, "MOST_RECORDS", 5 if counted else 50)
    found = measure(pl.DataFrame({"x": cells}), Roles(key=["x"]), missing="value", **options)
    assert any(note.key == "counted_large" for note in found.notes) is counted
    return found


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize(
    ("cells", "noted"),
    [
        ([*"FM"] * 5, []), ([*"F"] * 10, ["key_has_one_value"]),
        ([*"F"] * 9 + [None], ["key_has_one_value"]), ([*"FM"] * 4 + ["F", None], []),
        ([*"abcdefghij"], ["key_like_an_identifier"]), ([*"abcdefghii"], []),
        ([*"abcdefghi", None], ["key_like_an_identifier"]),
    ],
)  # fmt: skip
def test_a_blank_is_no_level_of_a_key(cells, noted, counted, monkeypatch):
    found = measured(cells, counted, monkeypatch)
    usual = {"key_missing_everywhere", "key_has_one_value", "key_like_an_identifier"}
    assert [note.key for note in found.notes if note.key in usual] == noted


@pytest.mark.parametrize("counted", [False, True])
def test_a_sampling_fraction_gives_the_people_behind_each_class(counted, monkeypatch):
    """Of ten in classes of 4 and 6, which are half of all: 8 and 12 people."""
    whole = measured([*"FFFFMMMMMM"], counted, monkeypatch)
    half = measured([*"FFFFMMMMMM"], counted, monkeypatch, sampling_fraction=0.5)
    keys = [{note.key for row in found.rows for note in row.notes} for found in (whole, half)]
    assert ["people_from_fraction" in some for some in keys] == [False, True]
    assert ["file_is_everybody" in some for some in keys] == [True, False]
    assert half.value("k_map") == 8


def histograms(**sizes):
    """Sizes of the classes by some keys, as the histogram of each set of positions."""
    made = {
        tuple(map(int, name[1:])): np.unique(of, return_counts=True) for name, of in sizes.items()
    }
    return lambda keys: made[tuple(keys)]


def context(n=40, keys=2, published=(), **sizes):
    class Stub(SimpleNamespace):
        def __len__(self):
            return n

        least_classes = MeasureContext.least_classes
        has_few_levels = MeasureContext.has_few_levels

    return Stub(
        table=SimpleNamespace(keys=("a", "b", "c")[:keys]), sizes_of=histograms(**sizes),
        published=np.unique(published, return_counts=True),
    )  # fmt: skip


@pytest.mark.parametrize(("n", "few"), [(11, False), (12, True), (13, True)])
def test_a_key_has_few_levels_where_each_has_four_records_on_average(n, few):
    assert context(n, k0=[4, 4, 4]).has_few_levels(0) is few


@pytest.mark.parametrize(("smallest", "rare"), [(10, True), (11, False), (12, False)])
def test_a_level_under_the_small_cell_is_rare(smallest, rare):
    stub = context(k0=[smallest, 30], k1=[20, 20])
    assert MeasureContext.rare_keys.func(stub) == (rare, False)


@pytest.mark.parametrize(
    ("classes", "others", "levels", "least"),
    [(10, 4, 3, 2), (10, 5, 3, 1), (10, 3, 3, 4), (9, 4, 3, 1), (10, 4, 1, 10)],
)
def test_a_level_has_the_classes_that_the_others_cannot_have(classes, others, levels, least):
    """Of ten classes two other levels make four each at most: two are its own."""
    stub = context(published=[5] * classes, k1=[3] * others, k0=[7] * levels)
    assert stub.least_classes(0) == least


@pytest.mark.parametrize(
    ("published", "levels", "left", "told"),
    [
        # No level is rarer than the smallest class: two of six make twelve, above ten.
        ([6] * 8, [24, 24], {1}, True), ([5] * 10, [25, 25], {10}, False),
        # Fewer than twice as many classes as levels.
        ([5] * 3, [5, 10], {5}, True), ([5] * 4, [10, 10], {10}, False),
        # Small classes that add up to each value that is left: 2 + 3 is five, and nothing is four.
        ([2, 3, 20, 20], [22, 23], {5}, False), ([2, 3, 20, 20], [22, 23], {4}, True),
        ([2, 3, 20, 20], [22, 23], {2, 3, 5}, False), ([2, 3, 20, 20], [22, 23], {10}, True),
        ([2, 2, 2, 2, 2, 20], [22, 8], {10}, False),
    ],
)  # fmt: skip
def test_sums_over_classes_tell_a_rare_level_where_no_small_ones_hide_it(
    published, levels, left, told
):
    stub = context(published=published, k0=levels, k1=[sum(published)])
    stub.values_left = lambda key: left
    stub.least_classes = lambda key: 1
    assert MeasureContext.tell_levels(stub, (True, False)) is told
    # Where no key is rare there is nothing to tell.
    assert MeasureContext.tell_levels(stub, (False, False)) is False


def test_a_level_of_several_classes_is_a_sum_of_as_many():
    """Ten in classes of two: five of them, and never six."""
    stub = context(published=[2] * 6 + [20], k0=[12, 20], k1=[32])
    stub.values_left = lambda key: {10}
    for least, told in ((5, False), (6, True)):
        stub.least_classes = lambda key, least=least: least
        assert MeasureContext.tell_levels(stub, (True, False)) is told


def test_people_are_listed_before_they_are_estimated_and_estimated_before_they_are_the_file(
    monkeypatch,
):
    for way in ("listed_population", "weighted_population"):
        monkeypatch.setattr(f"privaudit.tables.context.{way}", lambda *_, way=way: way)
    sizes = SimpleNamespace(size=np.array([2, 2, 1]))

    def people(listed=None, weight=None, rate=None):
        table, options = SimpleNamespace(weight=weight), SimpleNamespace(sampling_fraction=rate)
        return _population(table, None, sizes, options, listed, "measure")

    assert people("a list", np.ones(3), 0.5) == people("a list") == "listed_population"
    assert people(None, np.ones(3)) == people(None, None, 0.5) == "weighted_population"
    file = people()
    assert (file.source, file.people.tolist()) == ("file", [2, 2, 1])
    assert [note.key for note in file.notes] == ["file_is_everybody"]
