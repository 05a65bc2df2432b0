"""The three tests of WP216 on every table and map of a seizure, each told of its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit.release.read_table import read_table
from privaudit.results.measures import Measures
from privaudit.results.row import Row
from privaudit.roles import Roles
from privaudit.studies.three_tests import three_tests

if TYPE_CHECKING:
    from privaudit.studies.exhibits import Exhibit
    from privaudit.studies.seizure import Opened

__all__ = ["tests_of_exhibits"]


def tests_of_exhibits(
    made: Measures | None,
    lists: Sequence[Exhibit],
    tested: tuple[Path | None, Path | None],
    files: Opened,
) -> Measures:
    """Make the three tests on the tables and maps that they were not made on yet.

    - `made`: Those of the table, and of the map, that the rules were tested on: `tested`.
    - `lists`: Every table and map.

    One that refuses them is told with the files that were not examined further.
    """
    pairs = zip(("table", "map"), tested, strict=True)
    names = {kind: path.name for kind, path in pairs if path is not None}
    rows: list[Row] = [
        _of_file(row, name) if (name := names.get(str(row.part.get("tested")))) else row
        for row in (made.rows if made is not None else ())
    ]
    roles = {one.file: one.roles for one in files.inspected.inventories}
    for one in lists:
        if one.path in tested:
            continue
        with files.unread.unless(one.path.name):
            told = roles.get(one.path.name, Roles())
            found = (
                three_tests(dots=one.frame) if one.kind == "map"
                else three_tests(read_table(one.path), roles=told)
            )  # fmt: skip
            rows += [_of_file(row, one.path.name) for row in found.rows]
    return Measures(family="wp216", rows=rows, recipe={"stage": "wp216"})


def _of_file(row: Row, name: str) -> Row:
    return replace(row, part=dict(row.part) | {"file": name})
