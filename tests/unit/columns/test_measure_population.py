"""A population of any kind: the same people, whatever holds them and however they were typed."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from privaudit.columns.levels import join_levels
from privaudit.columns.roles import Roles
from privaudit.columns.values import Reading
from privaudit.errors import ParameterError, SchemaError
from privaudit.release.read_table import read_table
from privaudit.results.measures import as_printed
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

ROLES = Roles(key=["place", "sex"])
FILE = pd.DataFrame({"place": ["01000", "13001", "13001"], "sex": ["F", "M", "M"]})
# (01000, F) three times, (13001, M) four times, (13001, F) once.
CROWD = pd.DataFrame({"place": ["01000"] * 3 + ["13001"] * 5, "sex": ["F"] * 3 + ["M"] * 4 + ["F"]})


def holders(frame, tmp_path):
    pl = pytest.importorskip("polars")
    frame.to_csv(tmp_path / "crowd.csv", index=False)
    pl.from_pandas(frame).write_parquet(tmp_path / "crowd.parquet")
    return {
        "pandas": frame,
        "release": read_table(frame),
        "polars": pl.from_pandas(frame),
        "lazy": pl.from_pandas(frame).lazy(),
        "csv": tmp_path / "crowd.csv",
        "parquet": tmp_path / "crowd.parquet",
    }


@pytest.mark.parametrize("holder", ["pandas", "release", "polars", "lazy", "csv", "parquet"])
@pytest.mark.parametrize("limit", [None, "300MB"])
def test_by_hand(tmp_path, holder, limit):
    crowd = holders(CROWD, tmp_path)[holder]
    source = FILE
    if limit is not None:
        source = tmp_path / "file.csv"
        FILE.to_csv(source, index=False)
    found = measure(source, ROLES, population=crowd, memory_limit=limit)
    assert found.value("k_map") == 3
    assert found.value("journalist_risk_max") == 1 / 3
    assert found.value("marketer_risk") == pytest.approx((1 / 3 + 1 / 4 + 1 / 4) / 3)
    # 1 of 3, 2 of 4, none of the lone woman of 13001.
    assert found.value("delta_presence_low") == 0
    assert found.value("delta_presence") == 0.5
    assert found.value("population_unique_share") == 1 / 8


@pytest.mark.parametrize("limit", [None, "300MB"])
def test_codes_that_one_file_reads_as_numbers_are_compared_as_text(tmp_path, limit):
    # Without 01000 a text file's codes are numbers; with a gap they are floats.
    written = pd.DataFrame({"place": ["13001", "13001", "13002", None], "sex": list("MMFF")})
    written.to_csv(tmp_path / "file.csv", index=False)
    crowd = pd.DataFrame(
        {"place": ["01000", "13001", "13001", "13002"], "sex": ["F", "M", "M", "F"]}
    )
    crowd.to_csv(tmp_path / "crowd.csv", index=False)
    assert read_table(tmp_path / "file.csv").records["place"].dtype == float
    found = measure(
        tmp_path / "file.csv", ROLES, missing="value", memory_limit=limit,
        population=tmp_path / "crowd.csv",
    )  # fmt: skip
    assert Note("key_compared_as_text", key="place") in found.notes
    assert found.value("delta_presence") == 1
    # The one without a place is nobody of that population.
    assert Note("population_too_small", records=1, absent=1) in found.row("k_map").notes


def test_a_lost_zero_is_no_match():
    whole = pd.DataFrame({"place": [1000, 13001], "sex": ["F", "M"]})
    found = measure(FILE, ROLES, population=whole, missing="value")
    (note,) = found.row("k_map").notes
    assert note.values["absent"] == 1


@pytest.mark.parametrize("source", ["pandas", "lazy"])
def test_another_kind_of_value_is_refused(tmp_path, source):
    pl = pytest.importorskip("polars")
    dated = pd.DataFrame({"born": pd.to_datetime(["2016-11-08", "2016-11-09"])})
    table = dated if source == "pandas" else pl.from_pandas(dated).lazy()
    text = pd.DataFrame({"born": ["in 2016", "in 2017"]})
    with pytest.raises(SchemaError, match="dates in the one and text in the other"):
        measure(table, Roles(key="born"), population=text)
    assert "2016" not in str(text.dtypes)


@pytest.mark.parametrize("bad", [3, [1], {"place": "01000"}])
def test_a_population_that_is_none_is_refused(bad):
    with pytest.raises((SchemaError, ParameterError), match="frame, or a path"):
        measure(FILE, ROLES, population=bad)


def test_a_population_without_the_people_or_the_column():
    with pytest.raises(SchemaError, match="no record's key occurs in it"):
        measure(FILE, ROLES, population=CROWD.assign(sex="X"))
    with pytest.raises(SchemaError, match="'sex' is not a column of the population"):
        measure(FILE, ROLES, population=CROWD[["place"]])
    with pytest.raises(SchemaError, match="at least one person in the population"):
        measure(FILE, ROLES, population=CROWD.iloc[:0])


def test_levels_are_joined_by_value():
    mine, theirs, as_text = join_levels(
        "n", pd.Index([2**53 + 1, 3]), pd.Index([2.0**53, 3.0, 0.5]), "measure"
    )
    assert not as_text
    assert mine[1] == theirs[1]
    assert mine[0] not in theirs
    words = [pd.Index(["a", "b"], dtype=kind) for kind in ("str", "object")]
    (one, two, _) = join_levels("w", *words, "measure")
    np.testing.assert_array_equal(one, two)
    with pytest.raises(SchemaError, match="truth values in the one and numbers"):
        join_levels("t", pd.Index([True]), pd.Index([1]), "measure")
    # A column without any value can be compared with anything.
    empty, _, _ = join_levels("e", pd.Index([]), pd.Index(["a"]), "measure")
    assert len(empty) == 0


def test_numbers_that_were_written_with_more_decimals_are_not_counted_as_others():
    """Before, the 2 of 1.10 were read as 1.1, of whom there are 50: k-map 30."""
    everybody = pd.DataFrame({"version": ["1.10"] * 2 + ["1.1"] * 50 + ["2"] * 30})
    table, roles = everybody[everybody["version"] != "1.1"], Roles(key=["version"])
    with pytest.raises(SchemaError, match="'version' written alike in the table and the pop"):
        measure(table, roles, population=everybody)
    reading = Reading(as_written=["version"])
    found = measure(table, roles, population=everybody, reading=reading)
    assert found.value("k_map") == 2
    assert found.value("journalist_risk_max") == 0.5


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [(["1.1", "x"], [1.1]), (["1.10", "x"], [1.5]), (["01000", "1000"], [1000.0]),
     (["1,000", "x"], [1.0]), (["1.10.0", "x"], [1.1]), ([], [1.1]),
     # Digits of other scripts, and what may be thousands, whatever the mark.
     (["\u0661.\u0661\u0660", "\uff11.\uff11\uff10"], [1.1]),
     (["1.000", "x"], [1.0]), (["1,500", "x"], [1.5]), (["1.500", "x"], [1.5]),
     # The spelling of whole numbers and of Decimal is not lost.
     (["1.0", "x"], [1, 2]), (["1.10", "x"], [Decimal("1.10"), Decimal("1.1")]),
     (["1.0", "x"], pd.array([1, 2], dtype="Int64")), (["1.0", "x"], np.array([1, 2], dtype="O"))],
)  # fmt: skip
def test_numbers_and_text_that_are_written_alike_are_joined(texts, numbers):
    join_levels("n", pd.Index(texts, dtype=object), pd.Index(numbers), "measure")
    join_levels("n", pd.Index(numbers), pd.Index(texts, dtype=object), "measure")


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [(["1.10", "1.1", "2"], [1.1, 2.0]), (["1,10", "1,1"], [1.1]), (["1.0", "x"], [1.0, 2.5]),
     (["1.5000", "x"], [1.5]), (["-1.10", "x"], [-1.1]), (["1.10"], np.array([2, 1.1], dtype="O"))],
)  # fmt: skip
def test_numbers_whose_spelling_is_lost_are_not_joined(texts, numbers):
    for sides in ((texts, numbers), (numbers, texts)):
        with pytest.raises(SchemaError, match="with more decimals in text of the other"):
            join_levels(
                "n", *(pd.Index(side, dtype=getattr(side, "dtype", None)) for side in sides), "m"
            )


def test_whole_numbers_are_looked_up_where_a_population_writes_some_with_decimals():
    """Of "1" there are 30 people by hand, of "2" 40; "1.0" is another text."""
    crowd = pd.DataFrame({"n": ["1"] * 30 + ["1.0"] * 3 + ["2"] * 40 + ["x"]})
    table = pd.DataFrame({"n": [1] * 3 + [2] * 4})
    for one in (table, pl.from_pandas(table).lazy()):
        assert measure(one, Roles(key=["n"]), population=crowd).value("k_map") == 30


@pytest.mark.parametrize(("lacking", "said"), [(1, False), (2, True)])
def test_a_population_that_is_not_the_files_is_not_relied_upon(lacking, said):
    # Twenty people of one key; the population lacks those of one record or of two in twenty.
    places = ["01000"] * (20 - lacking) + ["13001"] * lacking
    people = pd.DataFrame({"place": places, "sex": ["F"] * 20})
    crowd = pd.concat([people[people["place"] == "01000"]] * 3)
    found = measure(people, ROLES, population=crowd)
    assert (Note("not_its_population") in found.notes) is said
    assert found.reliable is not said
    assert found.row("k_map").reliable is not said
    assert found.row("k_anonymity").reliable


@pytest.mark.parametrize("kept_where_it_is", [False, True])
def test_what_is_counted_needs_no_estimate(kept_where_it_is):
    # 40 of 400 people, each alone in both: no sample of a tenth says how many are alone.
    people = pd.DataFrame({"place": [str(i) for i in range(400)], "sex": "F"})
    table = pl.from_pandas(people[:40]).lazy() if kept_where_it_is else people[:40]
    guessed = measure(table, ROLES, sampling_fraction=0.1)
    assert not guessed.row("population_unique_share").reliable
    counted = measure(table, ROLES, population=people)
    assert counted.reliable
    share = counted.row("population_unique_share")
    assert (share.value, share.reliable) == (1, True)
    estimate = counted.row("population_uniques_zayatz")
    assert not estimate.reliable
    assert np.isnan(as_printed(counted).value("population_uniques_zayatz"))
    assert estimate.notes[0].key == "range_too_wide"
