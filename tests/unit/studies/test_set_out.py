"""Files that hold several tables are set out; those that hold one stay as they are."""

import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from privaudit.io.readers import part_name
from privaudit.studies.exhibits import log_columns, open_exhibit, set_out
from privaudit.studies.inspect import inspect


def database(path, *tables):
    with closing(sqlite3.connect(path)) as made, made:
        for table in tables:
            made.execute(f"CREATE TABLE {table} (email TEXT, age INTEGER)")
            made.execute(f"INSERT INTO {table} VALUES ('a@b.fr', 40), ('c@d.fr', 50)")
    made.close()
    return path


def test_a_file_of_one_table_stays_as_it_is(tmp_path):
    one, two = database(tmp_path / "one.db", "a"), database(tmp_path / "two.db", "a", "b")
    with set_out([one, two], who="test") as found:
        assert found.files[0] == one
        assert len(found.files) == 3
        assert list(found.containers) == [two]
        assert found.given == [one, two]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("2016", "2016"), ("94340", "7"), ("Martin", "7"), ("a/b", "7"), ("x" * 61, "7")],
)
def test_a_sheet_of_a_year_is_told_and_one_that_may_be_somebodys_is_a_number(name, shown):
    """Five digits may be a postcode, or whose number it is: four are a year."""
    assert part_name(name, 7) == shown


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ("nationbuilder_id,first_name,last_name,support_level,latitude,longitude", "table"),
        ("id,first_name,last_name,support_level,floor,door", "table"),
        # Of another system, or of none, positions make a map.
        ("id,first_name,last_name,support_level,latitude,longitude", "map"),
    ],
)
def test_an_export_of_a_known_tool_is_a_table(tmp_path, columns, kind):
    (tmp_path / "e.csv").write_text(
        f"{columns}\n1,Ana,Petit,2,48.80,2.40\n2,Bo,Roux,3,48.81,2.41\n", "utf-8"
    )
    assert open_exhibit(tmp_path / "e.csv").kind == kind


@pytest.mark.parametrize(
    ("more", "item"),
    [
        ({"page": 2}, "page"), ({"action": 3}, None), ({"event_type": 5}, None),
        # Beside an item, however few there are of it, what was done to it is no matter.
        ({"action": 9, "page": 2}, "page"), ({"reaction": 3}, "reaction"),
        ({"petition_action": 3}, "petition_action"),
    ],
)  # fmt: skip
def test_what_was_done_is_no_item_of_a_log(more, item):
    events = pd.DataFrame({"account_id": [f"u{i % 9}" for i in range(40)]})
    events["time"] = pd.date_range("2016-01-01", periods=40).astype(str)
    for name, values in more.items():
        events[name] = [f"v{i % values}" for i in range(40)]
    columns = log_columns(inspect(events))
    assert (columns and columns[1]) == item
