"""How the cells of a file are read: the options of `Reading`, on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit._core.checks import did_you_mean, say
from privaudit.cli.options import names
from privaudit.errors import ParameterError

if TYPE_CHECKING:
    from privaudit.tables.reading import Reading

__all__ = ["reading_of", "with_header", "with_reading", "with_sheet", "without_header_of"]

_MARKS = {"comma": ",", "point": "."}


def with_reading(parser: argparse.ArgumentParser) -> None:
    """Add how marks, dates, decimals and case are read."""
    group = parser.add_argument_group("how cells are read (by default as the columns show)")
    group.add_argument(
        "--missing-values",
        action="listed",
        metavar="A,B",
        help="further marks of a missing value, such as NC,-99, beside *, ?, NULL, N/A and the "
        "like; an empty text: none at all",
    )
    group.add_argument(
        "--date-order", choices=("day", "month"), help="what comes first in 08/11/2016"
    )
    group.add_argument("--decimal", choices=tuple(_MARKS), help="what stands before decimals")
    group.add_argument("--keep-case", action="store_true", help="PARIS and Paris are two values")
    group.add_argument(
        "--as-written",
        action="listed",
        default="",
        metavar="A,B",
        help="columns to leave as they are written",
    )
    with_sheet(group)


def with_sheet(
    parser: argparse.ArgumentParser | argparse._ArgumentGroup, option: str = "--sheet", of: str = ""
) -> None:
    """Add which of several tables of a file is read.

    - `of`: Of which file, where a command takes several.
    """
    parser.add_argument(
        option,
        metavar="NAME",
        help=f"{of}{': ' if of else ''}sheet of a workbook, layer, table of a dump or file of a "
        "zip, by name or by number from 1; of a workbook in a zip, FILE/SHEET (default: the first "
        "that holds rows; the report says which)",
    )


def with_header(parser: argparse.ArgumentParser) -> None:
    """Add which files have no line of headers."""
    parser.add_argument(
        "--no-header",
        action="listed",
        default="",
        metavar="FILE,FILE",
        help="files, by their names, whose first line is a record: columns are column_1, column_2 "
        "and so on",
    )


def without_header_of(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the files that were said to have no header.

    Raises
    ------
    ParameterError
        The command has no such file.
    """
    told = tuple(Path(name).name for name in names(getattr(options, "no_header", "")))
    values = [
        v
        for value in vars(options).values()
        for v in (value if isinstance(value, list) else [value])
    ]
    given = [value.name for value in values if isinstance(value, Path)]
    packed = any(name.lower().endswith(".zip") for name in given)
    for name in told:
        if name not in given and not packed:
            do = did_you_mean(name, given) or "Give its name, without its folder."
            raise ParameterError(say("--no-header", "a file of the command", name, do))
    return told


def reading_of(options: argparse.Namespace) -> Reading | None:
    """Return what was asked; None where nothing was."""
    from privaudit.tables.reading import Reading

    given = options.missing_values
    order = options.date_order
    found = Reading(
        missing_values=None if given is None else names(given),
        day_first=None if order is None else order == "day",
        decimal=_MARKS.get(options.decimal),
        fold_case=not options.keep_case,
        as_written=names(options.as_written),
        sheet=options.sheet,
    )
    return None if found == Reading() else found
