"""Files that hold several tables are set out; those that hold one stay as they are."""

import sqlite3
from contextlib import closing

import pytest

from privaudit.io.files import part_name
from privaudit.studies.exhibits import open_exhibit, set_out


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
