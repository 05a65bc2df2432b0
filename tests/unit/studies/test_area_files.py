"""A file of counts by area: what its legend says, what it may hide, and what it counts where."""

import numpy as np
import pandas as pd
import pytest
from fixtures.crooked_streets import EAST, NORTH, crooked_streets

from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.studies import audit_areas
from privaudit.studies.audit_areas import SeizedAreas, audit_area_file

SIDE = 200.0
NAN = np.nan


@pytest.mark.parametrize(
    ("areas", "size", "under"),
    [
        ("grid:200:11", 200, 11), (" Grid : 200 : 11 ", 200, 11), ("hexagon:50", 50, None),
        ("polygons:0:11", 1, 11), ("station:0:11", 1, 11),
        ("polygons", 1, None), ("grid", None, None), ("circle:200", None, None), ("", None, None),
    ],
)  # fmt: skip
def test_a_legend_has_a_kind_and_a_size_and_polygons_a_threshold_alone(areas, size, under):
    if size is None:
        with pytest.raises(ParameterError, match="--areas polygons:0:UNDER"):
            audit_areas._view(areas)
        return
    view = audit_areas._view(areas)
    assert view.size == size
    assert audit_areas._view("adaptive:25:0").k == 25
    if under is not None:
        assert view.suppress_under == under


@pytest.mark.parametrize("tile", [audit_areas.square_centres, audit_areas.hexagon_centres])
@pytest.mark.parametrize("shift", [0.0, 37.0, 150.0])
def test_cells_start_where_the_centres_say(tile, shift):
    """Whatever the origin, points that are centres are their own centres again."""
    some = np.array([[x, y] for x in (0.0, 410.0, 800.0) for y in (0.0, 333.0)])
    centres = np.unique(tile(some, SIDE, (shift, -shift)).round(6), axis=0)
    origin = audit_areas._origin(centres, SIDE, tile)
    np.testing.assert_allclose(tile(centres, SIDE, origin), centres, atol=1e-6)


@pytest.mark.parametrize(("off", "good"), [(9.9, True), (10.0, True), (10.1, False)])
def test_centres_may_be_off_by_a_twentieth_of_a_cell(off, good):
    view = audit_areas._view("grid:200:0")
    far = np.array([0.0, off])
    if good:
        audit_areas._on_cells(far, 0.05 * SIDE, view)
    else:
        with pytest.raises(GeometryError, match="1 of 2 elsewhere"):
            audit_areas._on_cells(far, 0.05 * SIDE, view)


def counted(areas, dots=None, **columns):
    frame = pd.DataFrame({"area": list("abcdefgh")[: len(next(iter(columns.values())))], **columns})
    return audit_areas._counts(frame, audit_areas._view(areas), dots, "f.csv")


@pytest.mark.parametrize(
    ("areas", "dots", "total", "said"),
    [
        ("grid:200:11", None, [0, 11, NAN], ""), ("grid:200:11", None, [10, 11], "1 of them shown"),
        ("grid:200:11", None, [1, 10], "2 of them shown"), ("grid:200:1", None, [0, 1, 5], ""),
        ("grid:200:0", None, [0, 1, 5], ""), ("grid:200:2", None, [1, 5], "1 of them shown"),
        # A hidden count is bounded by the legend, or by the dots of the whole map.
        ("grid:200:0", None, [NAN, 5], "a bound on the counts"), ("grid:200:0", 9, [NAN, 5], ""),
        ("grid:200:1", None, [NAN, 5], ""), ("grid:200:0", 0, [NAN, 5], "a bound on the counts"),
    ],
)  # fmt: skip
def test_no_count_under_the_threshold_is_shown_and_hidden_ones_are_bounded(areas, dots, total,
                                                                          said):  # fmt: skip
    if said:
        with pytest.raises(ParameterError, match=said):
            counted(areas, dots, total=total)
    else:
        np.testing.assert_array_equal(counted(areas, dots, total=total)["total"], total)


def test_both_colours_make_the_total_and_one_makes_none():
    made = counted("grid:200:0", to_meet=[1, 2], Visited=[3, 0])
    assert made.to_dict("list") == {"to_meet": [1, 2], "visited": [3, 0], "total": [4, 2]}
    # A total that stands beside them is the one that is used.
    assert counted("grid:200:0", to_meet=[1], visited=[3], total=[5])["total"].tolist() == [5]
    with pytest.raises(SchemaError, match="a column of whole counts"):
        counted("grid:200:0", to_meet=[1, 2])


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Addresses of ten streets, and how many stand in each square of 200 m."""
    folder = tmp_path_factory.mktemp("areas")
    places = crooked_streets(folder / "addresses.csv", np.random.default_rng(4))
    corner = np.array([EAST - 50, NORTH - 50])
    cell = np.floor((places - corner) / SIDE).astype(int)
    squares, doors = np.unique(cell, axis=0, return_counts=True)
    x, y = (squares * SIDE + corner + SIDE / 2).T
    table = pd.DataFrame({"area": [f"{i}" for i in range(len(x))], "total": doors, "x": x, "y": y})
    return folder, table


def audited(town, table, **more):
    folder, _ = town
    table.to_csv(folder / "map.csv", index=False)
    asked = {"areas": "grid:200:0", "crs": "EPSG:2154", **more}
    return audit_area_file(
        SeizedAreas(leak=folder / "map.csv", addresses=folder / "addresses.csv", **asked)
    )


def keys(study):
    return {note.key: dict(note.items) for note in study.notes}


def test_each_area_stands_once_and_has_an_address_where_it_counts_a_dot(town):
    _, table = town
    whole = keys(audited(town, table))
    assert "addresses_in_no_area" not in whole
    # Addresses of squares that the map leaves out are counted.
    left = keys(audited(town, table.iloc[:-1]))
    assert left["addresses_in_no_area"]["addresses"] == table["total"].iloc[-1]
    with pytest.raises(SchemaError, match="each area once"):
        audited(town, pd.concat([table, table.iloc[:1].assign(area="again")]))
    far = table.iloc[:1].assign(area="far", y=table["y"].min() - 5 * SIDE)
    audited(town, pd.concat([table, far.assign(total=0)]))
    with pytest.raises(GeometryError, match="1 areas without one"):
        audited(town, pd.concat([table, far.assign(total=1)]))


def test_dots_of_the_whole_map_bound_nothing_where_a_row_could_not_be_used(town):
    _, table = town
    n = int(table["total"].sum())
    assert "total_of_dots_not_used" not in keys(audited(town, table, dots=n))
    text = table.astype({"x": object})
    text.loc[0, "x"] = "somewhere"
    assert keys(audited(town, text, dots=n))["total_of_dots_not_used"] == {"dots": n}
    assert "total_of_dots_not_used" not in keys(audited(town, text))
