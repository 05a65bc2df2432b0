"""Releases by kind: the columns that each has, what a leak holds, and areas in metres."""

import math

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import GeometryError, OutputError, ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.release.release import (
    AdRelease,
    AreaRelease,
    DotRelease,
    Georeference,
    LookUpTool,
    MailRelease,
    Picture,
    Release,
    TableRelease,
    name_keys,
    zoom_resolution,
)
from privaudit.words.catalogues import Note


def place():
    rows = pd.DataFrame({"id": ["1"], "number": ["1"], "street": "rue A", "commune": "Bourg",
                         "station": "", "x": [0.0], "y": [0.0]})  # fmt: skip
    return AddressBase(rows, real=False)


def release(kind=TableRelease, columns=("a",), **more):
    records = pd.DataFrame({c: [1.0, 2.0] for c in columns})
    return kind(records=records, roles=Roles(), **more)


@pytest.mark.parametrize(
    ("kind", "columns", "lacking", "more"),
    [
        (MailRelease, ("variant", "score", "opened", "answer"), "score", {}),
        (MailRelease, ("variant", "score", "opened", "answer", "c", "t"), "t",
         {"cut": ("c",), "text": ("t",)}),
        (AdRelease, ("served",), "served", {}),
        (AreaRelease, ("area", "x", "y", "total"), "total", {"backdrop": place()}),
    ],
)  # fmt: skip
def test_a_release_has_the_columns_of_its_kind(kind, columns, lacking, more):
    assert len(release(kind, columns, **more)) == 2
    with pytest.raises(SchemaError, match=lacking):
        release(kind, [c for c in columns if c != lacking], **more)


def test_a_map_lies_on_addresses_and_was_read_to_some_metres():
    assert release(DotRelease, ("x", "y", "a"), backdrop=place()).beside.columns.tolist() == ["a"]
    assert release(DotRelease, ("x", "y"), backdrop=place(), resolution=0).resolution == 0
    for wrong in ({"backdrop": None}, {"backdrop": place(), "resolution": -0.1}):
        with pytest.raises(ParameterError):
            release(DotRelease, ("x", "y"), **wrong)


@pytest.mark.parametrize(("by", "size", "corners"), [("grid", 10.0, 4), ("hexagon", 10.0, 6)])
def test_squares_and_hexagons_lie_around_their_centres(by, size, corners):
    area = release(AreaRelease, ("area", "x", "y", "total"), backdrop=place(), by=by, size=size)
    around = area._shapes()[0] - [1, 1]
    assert around.shape == (corners, 2)
    # Two sides run north, `size` apart; all corners lie on one circle.
    assert np.ptp(around[:, 0]) == pytest.approx(size)
    radius = size / 2 / math.cos(math.pi / corners)
    assert np.hypot(*around.T) == pytest.approx(np.full(corners, radius))
    if by == "grid":
        assert sorted(np.abs(around).ravel().tolist()) == pytest.approx([5.0] * 8)
    # Squares whose size is not given are those of the census, of 200 m.
    square = release(AreaRelease, ("area", "x", "y", "total"), backdrop=place(), by="grid")
    assert np.ptp(square._shapes()[0], axis=0) == pytest.approx([200.0, 200.0])
    station = release(AreaRelease, ("area", "x", "y", "total"), backdrop=place())
    assert station._shapes().tolist() == [[1, 1], [2, 2]]


def test_a_leak_has_no_truth_and_a_release_with_one_is_sealed():
    sources = pd.DataFrame({"person": [7, 8]})
    for sealed, more in (
        (True, {"sources": sources}), (True, {"world": "w"}), (False, {}),
    ):  # fmt: skip
        made = release(recipe={"a": 1}, **more)
        assert made.sealed == sealed
        leak = made.as_leaked()
        assert not leak.sealed
        assert (leak.recipe, leak.records is made.records) == ({}, True)
    assert release(sources=sources).opened("score") is sources
    with pytest.raises(ParameterError, match="sealed sources"):
        release(sources=sources).as_leaked().opened("score")


def test_why_nobody_is_shown_has_its_values():
    assert release().why_empty() == "The view shows nobody: widen it."
    notes = (Note("few_dots", n=3),)
    assert release(notes=notes).why_empty() == "The view shows nobody: few dots (n 3)."


def test_a_notebook_shows_roles_and_counts_and_no_record():
    made = Release(records=pd.DataFrame({"age": ["Zoé"], "b": [1]}), roles=Roles(key="age"),
                   set_aside={Note("no_time"): 1200})  # fmt: skip
    html = made._repr_html_()
    assert "<tr><th>age</th><td>key</td></tr><tr><th>b</th><td></td></tr>" in html
    assert "<ul><li>1,200 no time</li></ul>" in html
    assert "Zoé" not in html
    assert "<ul>" not in release()._repr_html_()
    with pytest.raises(ParameterError, match="provenance"):
        release(provenance="x")


def test_a_tool_answers_by_name_and_twice_where_two_have_it():
    (anne,) = name_keys(names("Anne", "Roux"))
    file = pd.DataFrame({"key": [anne, "x", anne], "record": [5, 6, 3], "age": [30, 40, 50]})
    tool = LookUpTool(columns=("age",), sources=pd.DataFrame({"person": [1, 2, 3]}), _file=file)
    found = tool.ask(pd.concat([names(None, "Roux"), names("ANNE", "roux"), names("Zoé", "Roy")]))
    assert found.to_dict("list") == {"asked": [1, 1], "record": [3, 5], "age": [50, 30]}
    assert (tool.sealed, tool.as_leaked().sealed, len(tool)) == (True, False, 3)


def names(first, last):
    return pd.DataFrame({"first_name": [first], "last_name": [last]}, dtype="str")


def test_a_name_of_one_part_has_no_key():
    assert name_keys(names("Anne", None)).tolist() == [""]
    assert name_keys(names("", "Roux")).tolist() == [""]
    assert name_keys(names("Anne", "Roux")).tolist() != [""]


def test_pixels_and_metres_are_each_other_s_inverse():
    box = Georeference.of_box([100, 200, 300, 240], width=50, height=20)
    # Four metres across and two down: the upper left corner is west and north.
    assert box.to_metres([[0, 0], [50, 20], [0.5, 0.5]]).tolist() == [
        [100, 240], [300, 200], [102, 239]
    ]  # fmt: skip
    assert box.to_pixels([[102, 239]]) == pytest.approx(np.array([[0.5, 0.5]]))
    assert box.metres_per_pixel == pytest.approx(math.sqrt(8))
    # As published for Web Mercator, on the sphere whose radius is the equatorial one of WGS 84.
    assert zoom_resolution(0, 0) == pytest.approx(156_543.033_928_041, rel=1e-12)
    assert zoom_resolution(3, 60) == pytest.approx(zoom_resolution(0, 0) / 8 / 2)


def test_a_picture_has_its_box_and_its_file(tmp_path):
    box = Georeference.of_box([100, 200, 300, 240], width=50, height=20)
    picture = Picture(np.zeros((20, 50, 3), np.uint8), box)
    assert picture.box == (100, 200, 300, 240)
    with pytest.raises(GeometryError, match="where it lies"):
        _ = Picture(picture.image, None).box
    assert picture.encode()[:4] == b"\x89PNG"
    assert picture.encode(quality=50)[:2] == b"\xff\xd8"
    assert picture.save(tmp_path / "a.png").read_bytes() == picture.encode()
    with pytest.raises(OutputError, match="a file that can be written"):
        picture.save(tmp_path / "none" / "a.png")
