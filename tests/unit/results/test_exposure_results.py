"""The two result types: groups, small cells, figures, and what they refuse to be."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.results.exposure import CALIBRATION_COLUMNS, OVERALL_COLUMNS, Exposure, summarise
from privaudit.results.measures import Measures, suppressed
from privaudit.results.rows import GAINS, Row
from privaudit.words.catalogues import Note


def exposure(sizes, **groups):
    """People in groups of some sizes; in group g every third of them is found."""
    n = sum(sizes)
    found = (np.arange(n) % 3 == 0).astype(float)
    people = pd.DataFrame(dict.fromkeys(GAINS, found))
    for gain in GAINS:
        people[f"baseline_{gain}"], people[f"control_{gain}"] = 0.1, 0.2
        people[f"confidence_{gain}"] = 0.4
    people["sex"] = np.repeat(np.arange(len(sizes)).astype(str), sizes)
    for name, values in groups.items():
        people[name] = values
    people["error"] = 3.0
    return Exposure(
        attack="by hand",
        per_person=people,
        overall=summarise(people, np.arange(n)),
        calibration=pd.DataFrame(
            [("address", 0.4, 0.3, 0.2, 0.5, n)], columns=list(CALIBRATION_COLUMNS)
        ),
        notes=(Note("key_not_coarsened", key="<b>sex</b>"),),
    )


def test_groups_are_told_apart():
    table = exposure([12, 15]).by("sex")
    assert table.index.names == ["sex", "gain"]
    assert list(table.columns) == list(OVERALL_COLUMNS)
    # Persons 0, 3, 6, 9 of twelve; 12, 15, 18, 21, 24 of fifteen.
    assert table.loc[("0", "address"), "value"] == pytest.approx(4 / 12)
    assert table.loc[("1", "person"), "value"] == pytest.approx(5 / 15)
    assert table["n"].tolist() == [12] * 4 + [15] * 4
    assert table.loc[("0", "address"), "residual"] == pytest.approx((4 / 12 - 0.2) / 0.8)


def test_a_small_group_takes_the_next_smallest_with_it():
    found = exposure([40, 10, 15, 20])
    # In Python, the holder of the file gets every number.
    assert found.by("sex")["n"].tolist() == [n for n in (40, 10, 15, 20) for _ in range(4)]
    assert found.by("sex")["value"].notna().all()
    table = found.printed_by("sex")
    shown = table["n"].notna().groupby(level="sex").all()
    assert shown.to_dict() == {"0": True, "1": False, "2": False, "3": True}
    hidden = table.loc[["1", "2"]]
    assert hidden[list(OVERALL_COLUMNS)].isna().all(axis=None)
    assert hidden["withheld"].all()
    assert not table.loc[["0", "3"], "withheld"].any()


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ([11, 11], [False, False]),
        ([10, 30], [True, True]),
        ([10, 30, 40], [True, True, False]),
        # None of 40 is above 31: the small one would be 9 or 10.
        ([10, 30, 31], [True, True, True]),
        # Which of two alike is hidden would tell their order.
        ([10, 30, 30], [True, True, True]),
        # Two hidden groups of nine people in all would tell too much of them.
        ([4, 5, 30, 40], [True, True, True, False]),
        ([6, 6, 30, 40], [True, True, False, False]),
        ([3], [True]),
    ],
)
def test_what_is_hidden_in_one_column(sizes, hidden):
    groups = pd.DataFrame({"g": [str(i) for i in range(len(sizes))]})
    assert suppressed(groups, np.array(sizes)).tolist() == hidden


def test_what_is_hidden_in_two_columns_is_safe_in_every_margin():
    groups = pd.MultiIndex.from_product([range(3), range(3)], names=["a", "b"]).to_frame(False)
    n = np.array([[5, 20, 30], [40, 50, 60], [70, 80, 90]]).ravel()
    hidden = suppressed(groups, n)
    for column in ("a", "b"):
        of_margin = pd.Series(hidden).groupby(groups[column]).sum()
        assert set(of_margin) <= {0, 2, 3}
    assert hidden[0]
    assert not hidden.all()


def test_groups_of_two_columns_and_of_missing_values():
    half = ["a", "b"] * 15
    table = exposure([30], zone=half).by("sex", "zone")
    assert table.index.names == ["sex", "zone", "gain"]
    assert table["n"].dropna().unique().tolist() == [15]
    missing = [None] * 12 + ["a"] * 18
    assert exposure([30], zone=missing).by("zone")["n"].tolist() == [18] * 4 + [12] * 4


def test_homes_widen_the_interval_of_a_group():
    loose = exposure([30])
    # Ten homes, whose three people are found or missed together.
    people = loose.per_person.sort_values("address", ignore_index=True)
    homes = np.repeat(np.arange(10), 3)
    tight = dataclasses.replace(loose, per_person=people, clusters=homes)
    narrow, wide = loose.by("sex").iloc[0], tight.by("sex").iloc[0]
    assert wide["value"] == pytest.approx(narrow["value"])
    assert wide["high"] - wide["low"] > narrow["high"] - narrow["low"]


@pytest.mark.parametrize("asked", [(), ("sexe",), ("address",), ("error",), ("sex", "sex")])
def test_what_is_no_group_is_refused(asked):
    with pytest.raises(ParameterError, match=r"Exposure\.by: needs groups"):
        exposure([12]).by(*asked)
    with pytest.raises(ParameterError, match="Did you mean 'sex'"):
        exposure([12]).by("sexe")


def test_reprs_hold_no_row():
    found = exposure([12])
    assert repr(found) == (
        "Exposure(by hand, observed, simulated, 12 people: address 33.3%, household 33.3%, "
        "person 33.3%, opinion 33.3%)"
    )
    html = found._repr_html_()
    assert "&lt;b&gt;sex&lt;/b&gt;" in html
    assert "<b>sex" not in html
    assert html.count("<tr") == 1 + len(GAINS)
    assert "\n" not in repr(found)


def test_figures_are_drawn():
    # Two parts: lines of gains, and curves of what is claimed.
    both = exposure([12]).plot()
    assert both.data["line"].nunique() == len(GAINS)
    assert both.data["curve"].nunique() > 0
    empty = dataclasses.replace(
        exposure([12]), calibration=pd.DataFrame(columns=list(CALIBRATION_COLUMNS))
    )
    # Nothing to compare with: no empty panel.
    assert "curve" not in empty.plot().data
    assert empty.plot()._repr_svg_().count(">Simulation<") <= 1


def test_calibration_error_weighs_bins_by_their_guesses():
    bins = [
        ("address", 0.2, 0.3, 0.0, 1.0, 30),
        ("address", 0.8, 0.4, 0.0, 1.0, 10),
        ("opinion", 0.7, 0.7, 0.0, 1.0, 5),
    ]
    table = pd.DataFrame(bins, columns=list(CALIBRATION_COLUMNS))
    found = dataclasses.replace(exposure([12]), calibration=table).calibration_error
    assert found == pytest.approx({"address": (0.1 * 30 + 0.4 * 10) / 40, "opinion": 0})


def test_an_exposure_whose_parts_disagree_cannot_be():
    found = exposure([12])
    wrong = found.overall.assign(value=0.5)
    with pytest.raises(SchemaError, match="overall the mean of per_person"):
        dataclasses.replace(found, overall=wrong)
    with pytest.raises(SchemaError, match="one row a gain"):
        dataclasses.replace(found, overall=found.overall.iloc[:3])
    with pytest.raises(SchemaError, match="'control_person' is not a column"):
        dataclasses.replace(found, per_person=found.per_person.drop(columns="control_person"))
    with pytest.raises(SchemaError, match="one home a person"):
        dataclasses.replace(found, clusters=np.arange(11))


def measures():
    of = {"counts": "records"}
    rows = [
        Row(measure="a", value=3, low=2, high=5, baseline=4.0, n=9, unit="people", **of),
        Row(
            measure="b", value=0.2, low=0.1, high=0.3, n=40, unit="share", part={"key": "<i>"}, **of
        ),
    ]
    return Measures(family="by hand", rows=rows)


def test_measures_show_themselves():
    found = measures()
    assert repr(found) == "Measures(by hand, audited file, a, b)"
    assert "&lt;i&gt;" in found._repr_html_()
    # One panel a unit.
    svg = found.plot().svg
    assert svg.index(">people<") < svg.index(">share, 95\u00a0% interval<")
    endless = [dataclasses.replace(row, value=np.inf, high=np.inf) for row in found.rows]
    assert "There is nothing to draw" in dataclasses.replace(found, rows=endless).plot().svg
    open_ended = [dataclasses.replace(row, high=np.inf) for row in found.rows]
    assert " ci" not in dataclasses.replace(found, rows=open_ended).plot().html


def test_a_row_that_may_be_one_of_seven_names_six():
    rows = [Row(measure="a", value=1, n=1, unit="people", counts="records", part={"k": k})
            for k in range(7)]  # fmt: skip
    found = Measures(family="by hand", rows=rows)
    labels = ", ".join(row.label for row in rows[:6])
    with pytest.raises(ParameterError, match=f"one of {re.escape(labels)}, but got 7 rows"):
        found.row("a")


def test_measures_that_cannot_be():
    found = measures()
    with pytest.raises(TypeError, match="unit"):
        Row(measure="a", value=3, n=9, counts="records")
    with pytest.raises(ParameterError, match="each of rows to be a Row"):
        dataclasses.replace(found, rows=found.overall.to_dict("records"))
    with pytest.raises(SchemaError, match="stands twice"):
        dataclasses.replace(found, rows=[*found.rows, *found.rows])


def test_people_carry_the_ids_that_the_caller_asks_for():
    base = AddressBase(
        pd.DataFrame(
            {"id": ["a", "b", "c"], "number": ["1", "2", "3"], "street": "s", "commune": "c",
             "station": "", "x": [0.0, 40.0, 80.0], "y": 0.0}
        ),
        real=False,
    )  # fmt: skip
    # The second row has no place, and is set aside.
    frame = pd.DataFrame(
        {"x": [0.0, np.nan, 80.0, 41.0], "y": 0.0, "dot": ["p", "q", "r", "s"]},
        index=pd.Index([7, 5, 3, 1], name="file_number"),
    )
    dots = pa.read_map(frame, addresses=base)
    plain = pa.audit(dots)
    assert plain.per_person.index.equals(pd.RangeIndex(3))
    by_column, by_index = (pa.audit(dots, ids=ids) for ids in ("dot", frame.index))
    assert by_column.per_person.index.tolist() == ["p", "r", "s"]
    assert by_index.per_person.index.tolist() == [7, 3, 1]
    assert by_index.per_person.index.name == "file_number"
    pd.testing.assert_frame_equal(by_index.per_person.reset_index(drop=True), plain.per_person)
    with pytest.raises(pa.PrivauditError, match="column of ids"):
        pa.audit(dots, ids="dots")
    with pytest.raises(pa.PrivauditError, match="an id for each person"):
        pa.audit(dots, ids=pd.Index([1]))
