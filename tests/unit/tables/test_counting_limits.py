"""How levels of counted combinations are read, and from how many complete records is learnt."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.values import Reading
from privaudit.tables.counting import FrequencyTable, counter, tidied
from privaudit.tables.missing_keys import _ranges
from privaudit.tables.missing_model import _Meetings


def counted(*texts):
    """Counts of one key of texts, of one record, of two, and so on."""
    n = len(texts)
    codes = np.asfortranarray(np.arange(n, dtype=np.int64)[:, None])
    levels = {"town": pd.Index(texts, dtype="str")}
    return FrequencyTable(codes=codes, levels=levels, count=np.arange(1, n + 1))


@pytest.mark.parametrize(
    ("as_written", "towns", "records"),
    [
        (False, ["06", "75"], [4, 2]), (("sex",), ["06", "75"], [4, 2]),
        (True, ['="06"', "06", "75"], [1, 3, 2]), (("town",), ['="06"', "06", "75"], [1, 3, 2]),
    ],
)  # fmt: skip
def test_what_a_program_writes_around_a_code_is_taken_off_unless_it_is_kept(
    as_written, towns, records
):
    result = tidied(counted('="06"', "75", "06"), Reading(as_written=as_written))
    of_town = result.levels["town"][result.codes[:, 0]]
    assert dict(zip(of_town, result.count.tolist(), strict=True)) == dict(
        zip(towns, records, strict=True)
    )
    unwrapped = [note.key for note in result.notes].count("cells_unwrapped")
    assert unwrapped == (len(towns) == 2)


@pytest.mark.parametrize(
    ("complete", "incomplete", "few"),
    [
        # More than half of the records, or thirty.
        (4, 5, True), (5, 4, False), (5, 5, True), (6, 4, False),
        (29, 100, True), (30, 100, False), (29, 29, True), (29, 28, False), (30, 30, False),
    ],
)  # fmt: skip
def test_thirty_complete_records_or_more_than_half_are_enough_to_learn_from(
    complete, incomplete, few
):
    rows = np.array([[0, -1], [0, 0]])
    count = np.array([incomplete, complete])
    assert _Meetings(rows, count, count.astype(np.float64)).few == few


def test_ranges_of_people_who_have_two_records_each_stay_within_them():
    """a, b and twice a blank are two people: one or two of them, of whom none or both are alone."""
    ranges = _ranges(np.array([1, 1, 2]), np.array([True, True, False]), people=2)
    assert (ranges["risk_mean"], ranges["alone"]) == ((0.5, 1.0), (0, 2))


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(("levels", "read"), [(2, True), (3, False)])
def test_keys_of_few_levels_are_brought_back_to_read_their_cells(levels, read, lazy, monkeypatch):
    pl = pytest.importorskip("polars")
    monkeypatch.setattr("privaudit.tables.counting._MOST_LEVELS", 2)
    cells = pd.DataFrame({"town": ["Brest", "brest ", "Lyon"][:levels] * 2})
    frame = pl.from_pandas(cells).lazy() if lazy else cells
    with counter(frame, ("town",), reading=Reading(), who="measure") as counts:
        changes, notes = counts.untidy(("town",))
    assert ([note.key for note in notes].count("levels_too_many_to_read") == 0) == read
    assert changes == read
    with counter(frame, ("town",), who="measure") as counts:
        assert counts.untidy(("town",)) == (False, ())
