"""What is wrong with a call of a public dataclass is said in one line, and nothing else changes."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle

import polars as pl
import pytest

import privaudit as pa
from privaudit.errors import CallError, ParameterError
from privaudit.release.release import TableRelease

NAMESPACES = (pa, pa.masks, pa.maps, pa.tables, pa.traces, pa.linkage, pa.screenshots, pa.rules)
# Every public dataclass, those of tomorrow too.
FACE = {
    name: getattr(room, name)
    for room in NAMESPACES
    for name in room.__all__
    if isinstance(getattr(room, name), type) and dataclasses.is_dataclass(getattr(room, name))
}
CLASSES = sorted(FACE)


def parameters(name):
    return [field for field in dataclasses.fields(FACE[name]) if field.init]


def complaint(name, *values, **named):
    with pytest.raises(CallError) as caught:
        FACE[name](*values, **named)
    assert isinstance(caught.value, ParameterError)
    assert isinstance(caught.value, TypeError)
    said = str(caught.value)
    assert said.startswith(f"{name}: ")
    assert "\n" not in said
    assert "__init__" not in said
    return said


@pytest.mark.parametrize("name", CLASSES)
def test_a_value_without_a_name_gets_the_names(name):
    if not all(field.kw_only for field in parameters(name)):
        return
    said = complaint(name, "secret cell")
    assert "secret" not in said
    for field in parameters(name)[:8]:
        assert f"{field.name}=" in said


@pytest.mark.parametrize("name", CLASSES)
def test_a_misspelt_parameter_gets_a_suggestion(name):
    taken = parameters(name)
    if not taken:
        assert "It takes none." in complaint(name, anything=1)
        return
    right = max((field.name for field in taken), key=len)
    assert f"has no parameter '{right}x'. Did you mean '{right}'?" in complaint(
        name, **{f"{right}x": "secret cell"}
    )


@pytest.mark.parametrize("name", CLASSES)
def test_what_has_no_default_is_asked_for(name):
    lacking = [
        field.name
        for field in parameters(name)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]
    if lacking:
        assert f"needs a value for {', '.join(lacking)}, but got none" in complaint(name)


@pytest.mark.parametrize("name", CLASSES)
def test_help_and_completion_show_the_parameters(name):
    shown = inspect.signature(FACE[name]).parameters
    unnamed = [field.name for field in parameters(name) if not field.kw_only]
    assert list(shown) == unnamed + [f.name for f in parameters(name) if f.kw_only]


def test_the_three_calls_that_people_write():
    assert "by name (r_min=, r_max=" in complaint("Donut", 50, 200)
    assert "It is 'key' here." in complaint("Roles", keys=["age"])
    assert "Did you mean 'inhabitants'?" in complaint("Town", inhabitant=3)


@pytest.mark.parametrize(
    "made", [pa.masks.Donut(r_min=50, r_max=200), pa.Roles(key="age"), pa.masks.Voronoi()]
)
def test_a_copy_is_the_same(made):
    assert pickle.loads(pickle.dumps(made)) == made
    assert copy.deepcopy(made) == copy.copy(made) == dataclasses.replace(made) == made


def test_replace_still_checks():
    assert dataclasses.replace(pa.masks.Donut(r_min=50, r_max=200), r_max=300).r_max == 300
    with pytest.raises(CallError, match="Did you mean 'r_max'"):
        dataclasses.replace(pa.masks.Donut(r_min=50, r_max=200), r_maks=300)


def test_a_subclass_of_ones_own_takes_its_own_parameters():
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Named(pa.Roles):
        title: str

    assert Named(key="age", title="x").key == ("age",)


def test_a_fault_inside_a_check_is_not_taken_for_a_wrong_call():
    with pytest.raises(ParameterError) as caught:
        pa.masks.Donut(r_min=200, r_max=50)
    assert not isinstance(caught.value, TypeError)


def test_a_frame_of_another_library_is_refused_with_the_accepted_ones():
    frame = pl.DataFrame({"a": [1, 2]})
    with pytest.raises(ParameterError, match="a pandas DataFrame, but got a polars DataFrame"):
        TableRelease(records=frame, roles=pa.Roles())
    with pytest.raises(ParameterError, match="Arrow frame, but got a polars LazyFrame"):
        pa.tables.singling_out(frame.lazy(), frame, frame)
