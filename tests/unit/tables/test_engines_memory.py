"""A memory limit is for the whole count, not for DuckDB alone."""

import duckdb
import pandas as pd
import pytest

from privaudit.tables.counting import class_sizes


@pytest.mark.parametrize(
    ("asked", "handed_on"),
    [
        ("1GB", 800_000_000),
        ("2 gb", 1_800_000_000),
        ("0.5GiB", 2**29 - 200_000_000),
        # Of a small limit, half is left: a count that needs more says so.
        ("300MB", 150_000_000),
    ],
)
def test_room_is_left_for_what_duckdb_does_not_reckon(monkeypatch, asked, handed_on):
    seen = []
    connect = duckdb.connect

    def listen(*args, **options):
        connection = connect(*args, **options)
        # DuckDB's own reading of the limit, which it rounds to a tenth of a unit of 1024.
        seen.append(connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])
        return connection

    monkeypatch.setattr(duckdb, "connect", listen)
    class_sizes(pd.DataFrame({"a": [1, 2]}), ("a",), engine="duckdb", memory_limit=asked)
    number, unit = seen[0].split()
    size = float(number) * 1024 ** ["bytes", "KiB", "MiB", "GiB"].index(unit)
    assert size == pytest.approx(handed_on, rel=0.07 if unit == "GiB" else 0.001)


def test_no_limit_is_no_limit(monkeypatch):
    seen = []
    connect = duckdb.connect

    def listen(*args, config, **options):
        seen.append(config)
        return connect(*args, config=config, **options)

    monkeypatch.setattr(duckdb, "connect", listen)
    class_sizes(pd.DataFrame({"a": [1, 2]}), ("a",), engine="duckdb")
    assert "memory_limit" not in seen[0]
