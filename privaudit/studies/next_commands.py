"""The commands that may be run next on files that were inspected."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from privaudit._core.name_lists import with_commas
from privaudit.studies.contained import Contents
from privaudit.studies.exhibits import log_columns
from privaudit.tables.inventory import Inventory

__all__ = ["next_commands"]

# What stands for the national address file where none is among the files.
_PLACES = "ADDRESSES.csv"
# Of a file of many sheets or members, as many are named to be inspected.
_PARTS = 8
_OF_LOG = ("--person", "--item", "--time")


def next_commands(
    files: Sequence[Path],
    inventories: Sequence[Inventory],
    places: Sequence[Path] = (),
    contents: Contents | None = None,
    *,
    told: Callable[[Path], str] = lambda path: path.name,
) -> tuple[str, ...]:
    """Return the commands that may be run next on files, as a shell takes them.

    - `places`: Files of public addresses among them, over which maps are laid. Without one,
      ``ADDRESSES.csv`` stands for the national address file.
    - `contents`: From which of several some were set out: a command names that, and the sheet; of
      a file that is itself in a zip, the member and its sheet.
    - `told`: How a file is named: without its folder, or as it was given.

    Examples
    --------
    >>> import pandas as pd, privaudit as pa
    >>> people = pd.DataFrame({"sexe": list("FM") * 9, "age": [20, 30, 40] * 6})
    >>> next_commands([Path("my file.csv")], [pa.inspect(people, as_of="2024-06-01")])
    ("privaudit table 'my file.csv' --key sexe,age --out report-my-file",)
    """
    addresses = ["--addresses", with_commas([told(places[0])]) if places else _PLACES]
    held = contents or Contents(files=tuple(files))
    lines, whole = list[list[str]](), list[tuple[str, Inventory]]()
    for path, found in zip(files, inventories, strict=True):
        of, sheet = held.asked.get(path, (path, found.sheet))
        file, found = told(of), replace(found, sheet=sheet)
        bare = [] if found.named else ["--no-header", with_commas([of.name])]
        # A sheet that was asked for by itself is called after its file.
        name = _word(file, sheet if path in held.asked else "")
        lines += [[*line, *bare] for line in _lines_of(found, file, name, addresses)]
        whole.append((file, found))
    for path, numbers in held.left.items():
        of, member = held.asked.get(path, (path, ""))
        parts = [f"{member}/{n}" if member else str(n) for n in numbers]
        lines += _lines_of_left(told(of), parts)
    of_maps = [one for one in whole if one[1].is_map]
    of_people = [
        one for one in whole
        if any(column.kind == "address" for column in one[1].columns) and one not in of_maps
    ]  # fmt: skip
    lines += [_line_of_link(table, dots, addresses) for table, dots in product(of_people, of_maps)]
    return tuple(" ".join(shlex.quote(word) for word in ("privaudit", *line)) for line in lines)


def _lines_of(found: Inventory, file: str, name: str, addresses: Sequence[str]) -> list[list[str]]:
    """Return the words of the commands that may be run next on one file."""
    roles, lines = found.roles, list[list[str]]()
    if found.is_map:
        lines.append(["map", file, *addresses, "--out", f"report-{name}-map"])
    if log := log_columns(found):
        by = [word for pair in zip(_OF_LOG, log, strict=True) for word in pair]
        lines.append(["traces", file, *by, "--out", f"report-{name}-log"])
    if roles.key:
        told = [(one, getattr(roles, one)) for one in ("key", "sensitive", "identifier")]
        asked = [
            word for one, columns in told if columns for word in (f"--{one}", with_commas(columns))
        ]
        lines.append(["table", file, *asked, "--out", f"report-{name}"])
    if found.sheet:
        lines = [[*line, "--sheet", found.sheet] for line in lines]
    return lines + _lines_of_left(file, [str(n) for n in found.left])


def _line_of_link(
    table: tuple[str, Inventory], dots: tuple[str, Inventory], addresses: Sequence[str]
) -> list[str]:
    """Return the words of the command that lays a table beside a map."""
    (file, one), (leak, other) = table, dots
    sheets = [
        word
        for option, sheet in (("--sheet", one.sheet), ("--map-sheet", other.sheet))
        for word in ((option, sheet) if sheet else ())
    ]
    name = f"report-{_word(file, one.sheet)}-{_word(leak, other.sheet)}"
    return ["link", file, leak, *addresses, *sheets, "--out", name]


def _lines_of_left(file: str, parts: Sequence[str]) -> list[list[str]]:
    """Return the words of the commands that look at the other parts of a file."""
    return [
        ["inspect", file, "--sheet", part, "--out", f"inspect-{_word(file, part)}"]
        for part in parts[:_PARTS]
    ]


def _word(file: str, sheet: str = "") -> str:
    """Return a word for a folder: of a file's name, and of a sheet's."""
    words = filter(None, (Path(file).name.partition(".")[0], sheet))
    return "-".join(words).replace(" ", "-").replace("/", "-")
