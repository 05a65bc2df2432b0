"""What a release shows of itself: columns and counts, never a cell."""

import pandas as pd

from privaudit.columns.roles import Roles
from privaudit.errors import did_you_mean
from privaudit.release.release import TableRelease
from privaudit.words.catalogues import Note


def test_no_cell_in_what_a_notebook_shows():
    people = pd.DataFrame({"age": [5151], "opinion": ["Zwxq"], "<b>": [7373]})
    leak = TableRelease(
        records=people,
        roles=Roles(key="age", sensitive="opinion"),
        set_aside={Note("short_line"): 3},
    )
    page = leak._repr_html_()
    for cell in ("5151", "Zwxq", "7373"):
        assert cell not in page
        assert cell not in repr(leak)
    assert "<th>age</th><td>key</td>" in page
    assert "<th>opinion</th><td>sensitive</td>" in page
    assert "<th>&lt;b&gt;</th><td></td>" in page
    assert "<li>3 short line</li>" in page


def test_the_first_word_of_a_column_is_enough_for_a_hint():
    assert did_you_mean("age", ["sex", "age_band"]) == "Did you mean 'age_band'?"
    assert did_you_mean("age", ["sex", "agent"]) == "Did you mean 'agent'?"
    assert did_you_mean("zz", ["sex", "age_band"]) == ""
