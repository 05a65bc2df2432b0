"""The examples of declared measures run: doctest collects those of functions only."""

import doctest
import sys

import pandas as pd
import pytest

import privaudit as pa
from privaudit.tables.measure import MEASURES
from privaudit.tables.table_measure import TableMeasure

PARSER = doctest.DocTestParser()


def examples(measure):
    """Return the examples in the docstring of a measure."""
    names = dict(vars(sys.modules[measure.take.__module__]))
    return PARSER.get_doctest(measure.__doc__ or "", names, measure.word, None, None)


@pytest.mark.parametrize(
    "measure", [m for m in MEASURES if examples(m).examples], ids=lambda m: m.word
)
def test_the_examples_of_a_measure_give_what_they_show(measure):
    assert doctest.DocTestRunner(verbose=False).run(examples(measure)).failed == 0


def test_every_public_measure_has_an_example_of_a_call_on_a_table():
    public = [getattr(pa.tables, name) for name in dir(pa.tables)]
    measures = [measure for measure in public if isinstance(measure, TableMeasure)]
    assert len(measures) > 12
    for measure in measures:
        assert f"pa.tables.{measure.word}(people, roles" in measure.__doc__


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (pa.tables.k_anonymity, "Unit: records. Range: 1 to inf; large is safe."),
        (pa.tables.distinct_l, "Unit: values. Range: 1 to inf; large is safe."),
    ],
)
def test_help_on_a_measure_gives_its_unit_its_range_and_its_safe_end(measure, said):
    assert measure.__doc__.split("\n\n")[1].startswith(said)
    assert ("Parameters: of `take`" in measure.__doc__) is (measure.per == "class")


def test_a_measure_called_on_a_table_gives_the_rows_of_measure():
    frame = pd.DataFrame({"age": [30, 30, 41, 41, 60], "vote": list("abaab")})
    roles = pa.Roles(key="age", sensitive="vote")
    whole = pa.measure(frame, roles, sampling_fraction=0.5)
    for measure in MEASURES:
        alone = measure(frame, roles, sampling_fraction=0.5)
        assert list(alone.rows) == [row for row in whole.rows if row.measure == measure.word]


def test_a_measure_is_callable_on_a_file_and_on_a_release(tmp_path):
    frame, roles = pd.DataFrame({"age": [30, 30, 41], "sex": list("FFM")}), pa.Roles(key="age")
    frame.to_csv(tmp_path / "people.csv", index=False)
    for table in (frame, tmp_path / "people.csv", pa.read_table(frame, roles=roles)):
        assert pa.tables.k_anonymity(table, roles).value("k_anonymity") == 1
    counted = pa.tables.k_anonymity(tmp_path / "people.csv", roles, engine="duckdb")
    assert counted.value("k_anonymity") == 1
