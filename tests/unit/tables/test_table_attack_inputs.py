"""What attacks on tables are given: frames of any library, and a control that is none."""

import pandas as pd
import polars as pl
import pytest

from privaudit.errors import ParameterError
from privaudit.tables.inference import inference
from privaudit.tables.linkability import linkability
from privaudit.tables.singling_out import singling_out
from privaudit.words.catalogues import Note

TOWN = pd.DataFrame(
    {
        "age": [20 + i % 37 for i in range(60)],
        "born": pd.date_range("1950-01-01", periods=60, freq="200D"),
        "sex": ["F", "M", None] * 20,
        "vote": ["left", "right", "none", "none"] * 15,
    }
)
OTHERS = TOWN.assign(age=TOWN["age"] + 1, born=TOWN["born"] + pd.Timedelta(days=77))
ATTACKS = {
    "inference": lambda *tables: inference(*tables, known=["age", "sex"], secret="vote"),
    "linkability": lambda *tables: linkability(*tables, left=["age"], right=["born", "sex"]),
    "singling_out": lambda *tables: singling_out(*tables, attributes=2),
}
SAID = "control_in_original"


@pytest.mark.heavy
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
@pytest.mark.parametrize("other", ["polars", "arrow"])
def test_any_frame_gives_what_pandas_gives(attack, other):
    tables = [TOWN, TOWN, OTHERS]
    theirs = [pl.from_pandas(table) for table in tables]
    if other == "arrow":
        theirs = [table.to_arrow() for table in theirs]
    pd.testing.assert_frame_equal(attack(*theirs).overall, attack(*tables).overall)


def test_what_is_no_frame_of_records_is_refused():
    with pytest.raises(ParameterError, match="Collect a lazy one"):
        ATTACKS["inference"](pl.from_pandas(TOWN).lazy(), TOWN, OTHERS)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
def test_a_control_of_the_originals_people_is_doubted(attack):
    for control, rows in ((TOWN, 60), (pd.concat([TOWN[:50], OTHERS[:10]]), 50)):
        found = attack(TOWN, TOWN, control)
        assert not found.reliable
        assert found.notes[0] == Note(SAID, rows=rows, of=60)
    assert not any(note.key == SAID for note in attack(TOWN, TOWN, OTHERS).notes)


def test_outsiders_who_look_like_insiders_are_no_doubt():
    # Every row has its double among the people themselves: that one stands there says nothing.
    coarse = TOWN[["sex", "vote"]]
    found = inference(coarse, coarse, coarse, known=["sex"], secret="vote")
    assert not any(note.key == SAID for note in found.notes)
