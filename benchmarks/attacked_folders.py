"""What an adversary recovers from folders of reports: tables, logs, links, dossiers and so on.

Run as ``python benchmarks/attacked_folders.py tables:100 logs:60 links:30 dossiers:10 copies:100
maps:300 worlds:30 --start 5000``. The adversaries are those of the tests (of `tests/unit/report`
`test_nothing_recovered.py`, `test_guard_attacked.py`, `test_guard_worlds.py`, `test_area_map.py`;
of `tests/unit/tables` `test_withheld_levels.py`, `test_mend.py`), on other seeds and on more
reports of one file. A cell of 1 to 10 people is known where three values are left, or fewer.
``texts:10`` reads every text of seven kinds of reports; ``withheld:40`` and ``kept:3`` count what
is withheld of tables and reports.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from privaudit.cli import main as command
from privaudit.columns.roles import Roles
from privaudit.core.thresholds import KNOWN_WITHIN, SMALL_CELL
from privaudit.report.maps import areas_of
from privaudit.results.measures import guarded
from privaudit.tables.measure import measure
from tests.unit.report import test_area_map as maps
from tests.unit.report import test_guard_attacked as tables
from tests.unit.report import test_guard_texts as doors
from tests.unit.report import test_guard_worlds as worlds
from tests.unit.report import test_nothing_recovered as folders
from tests.unit.tables import test_mend as copies
from tests.unit.tables.test_withheld_levels import dense, levels_told

KEYS = (("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c"))


def run_quietly(*asked: str) -> None:
    """Run a command that has to succeed."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert command([*asked]) == 0, asked


def run(*asked: str) -> None:
    """Run a command that has to succeed, and verify what it wrote."""
    run_quietly(*asked)
    run_quietly("report", "--verify", asked[asked.index("--out") + 1])


def of_table(seed: int, _: Path) -> tuple[int, dict[Any, Any]]:
    """Attack a table by each formula, and by the classes of several keys."""
    known: dict[Any, Any] = {}
    table = tables.random_table(seed)
    known |= tables.known_cells(table, tables.reports(table))
    for frame in (table, dense(seed)):
        for keys in KEYS:
            rows = guarded(measure(frame, Roles(key=keys)).rows)
            told = any(r.measure in ("share_under", "classes_of") and r.value == r.value
                       for r in rows)  # fmt: skip
            found = levels_told(frame, keys, told)
            known |= {(len(frame), keys, key): count for key, count in found.items()}
    return 2 * len(KEYS) + 8, known


def of_log(seed: int, place: Path) -> tuple[int, dict[Any, Any]]:
    """Attack two reports of a log, of other numbers of points."""
    unknown, asked = folders.unknowns(folders.log(seed, place))
    unknown, more = folders.unknowns(folders.log(seed, place, "2,3,5,8"), unknown)
    asked = [*dict.fromkeys([*asked, *more])]
    return len(asked), folders.recovered(unknown, asked)


def of_link(seed: int, place: Path) -> tuple[int, dict[Any, Any]]:
    """Attack a report of a table beside a map."""
    rows, _, _ = folders.findings(folders.linked(seed, place))
    unknown, asked = folders.linked_unknowns(rows)
    told = folders.told_of_few(rows)
    return len(asked), folders.recovered(unknown, asked) | told


def of_dossier(seed: int, place: Path) -> tuple[int, dict[Any, Any]]:
    """Attack a dossier, with reports of its files and of both: link, table, inspect, map."""
    unknown, asked = folders.dossier_unknowns(folders.dossier(seed, place))
    people, dots = (str(place / name) for name in ("membres.csv", "carte.csv"))
    ground = ["--addresses", str(place / "adresses.csv"), "--crs", "EPSG:2154"]
    beside = {
        "link": ["link", people, dots, *ground],
        "table": ["table", people],
        "inspect": ["inspect", people, "--as-of", "2016-11-08"],
        "map": ["map", dots, *ground, "--mask", "none"],
    }
    whole = dict.fromkeys(("shown", "identified", "identified_with", "shown_without"), 0.0)
    for name, words in beside.items():
        run(*words, "--out", str(place / name))
        rows, _, printed = folders.findings(place / name)
        family = {"link": "linked", "table": "inventory", "map": "properties"}.get(name)
        n = 120.0 if name == "map" else 150.0
        sizes = {"dot_tells": 120.0, "record_tells": 150.0} | dict.fromkeys(whole, n)
        asked += folders.told_by_rows(unknown, [r for r in rows if r["family"] == family], sizes)
        if name == "inspect":
            asked += folders.cells_of_columns(unknown, "membres.csv", printed["inventory"], n)
    asked = [*dict.fromkeys(asked)]
    return len(asked), folders.recovered(unknown, asked)


def of_copy(seed: int, _: Path) -> tuple[int, dict[Any, Any]]:
    """Attack reports of tables beside their mended copies."""
    room = {(keys, *name): room for keys in KEYS
            for name, room in copies.levels_of_the_copy(dense(seed)[[*keys]]).items()}  # fmt: skip
    return len(room), {name: at_most for name, at_most in room.items() if at_most <= KNOWN_WITHIN}


def of_map(seed: int, _: Path) -> tuple[int, dict[Any, Any]]:
    """Attack the squares of a map."""
    points = maps.clusters(seed)
    squares = areas_of(points)
    known = maps.narrowed_squares(points, squares) if len(points) >= SMALL_CELL else {}
    return len(squares.count), known


def of_worlds(seed: int, _: Path) -> tuple[int, dict[Any, Any]]:
    """Report every table of some totals, and hold those together that print the same."""
    shape = ((2, 2, 150), (2, 3, 26), (3, 2, 26))[seed % 3]
    tried, known = worlds.known(worlds.tables(*worlds.totals(seed, *shape)), worlds.with_values)
    return tried, dict(enumerate(known))


def of_texts(seed: int, place: Path) -> tuple[int, dict[Any, Any]]:
    """Read all that reports of a table, a log, a link, a map and a dossier write and print."""
    names = ("inspect", "table", "traces", "rules", "link", "map", "dossier")
    found, texts = doors.attacked(seed, place, names)
    return texts, dict(enumerate(found))


ATTACKS: dict[str, Callable[[int, Path], tuple[int, dict[Any, Any]]]] = {
    "tables": of_table, "logs": of_log, "links": of_link, "dossiers": of_dossier,
    "copies": of_copy, "maps": of_map, "texts": of_texts, "worlds": of_worlds,
}  # fmt: skip


def attacked(kind: str, many: int, start: int) -> Iterator[str]:
    """Yield a line for each seed that tells something, then one for all of them."""
    began, cells, hit = time.perf_counter(), 0, 0
    for seed in range(start, start + many):
        with tempfile.TemporaryDirectory() as name:
            output = io.StringIO()
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                tried, known = ATTACKS[kind](seed, Path(name))
        cells += tried
        hit += len(known)
        if known:
            yield f"{kind} {seed}: {known}"
    took = time.perf_counter() - began
    yield f"{kind} {start} to {start + many - 1}: {hit} of {cells} known ({took:.0f} s)"


def is_withheld(finding: dict[str, Any]) -> str:
    """Return "range" or "withheld" of a finding that the guard keeps the number of; "" else."""
    keys = {note["key"] for note in finding["notes"]}
    if finding["withheld"] or "levels_would_show" in keys:
        return "withheld"
    return "range" if keys & {"range_for_few", "least_beside_withheld"} else ""


def kept_of_tables(many: int, start: int) -> Iterator[str]:
    """Yield how much of the measures of random tables is a range, or withheld, by keys."""
    for make in (tables.random_table, dense):
        for keys in KEYS[0][:1], KEYS[0], KEYS[-1]:
            numbers = ranges = left_out = 0
            for seed in range(start, start + many):
                table = make(seed)
                rows = measure(table, Roles(key=keys, sensitive=[*table.columns[3:]])).rows
                shown = {row.label: row for row in guarded(rows)}
                for row in (row for row in rows if row.value == row.value):
                    numbers, after = numbers + 1, shown.get(row.label)
                    exact = after is not None and after.value == after.value
                    if after is not None and (after.low == after.low if not exact
                                              else after.bound and not row.bound):  # fmt: skip
                        ranges += 1
                    else:
                        left_out += not exact
            kept = f"{ranges / numbers:.3f} ranges, {left_out / numbers:.3f} withheld"
            yield f"{make.__name__} by {len(keys)} keys: {kept} of {numbers} numbers"


def kept_of_folders(many: int, start: int) -> Iterator[str]:
    """Yield how many findings of each kind of report are a range, or withheld."""
    counted: dict[str, Counter[str]] = {}
    for seed in range(start, start + many):
        with tempfile.TemporaryDirectory() as name:
            place = Path(name)
            doors.made_up(seed, place)
            run_quietly("rules", "--init", str(place / "d.toml"))
            for kind, words in doors.commands(place).items():
                run_quietly(*words, "--out", str(place / kind))
                (place / "pia.json").unlink(missing_ok=True)
                counted.setdefault(kind, Counter()).update(kept_of(place / kind))
    for kind, found in counted.items():
        yield f"{kind}: {dict(found)}"


def kept_of(folder: Path) -> Iterator[str]:
    """Yield "printed", "range" or "withheld" for each number of a report that the guard judges."""
    for finding in folders.findings(folder)[0]:
        kept = is_withheld(finding)
        if kept or finding["value"] is not None:
            yield kept or "printed"


def main() -> None:
    """Attack what is asked for, and print what is known."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "what", nargs="+", help=f"KIND:MANY, of {', '.join(ATTACKS)}; withheld, kept"
    )
    asked.add_argument("--start", type=int, default=5000)
    options = asked.parse_args()
    for part in options.what:
        kind, many = part.split(":")
        kept = {"withheld": kept_of_tables, "kept": kept_of_folders}
        lines = (
            kept[kind](int(many), options.start)
            if kind in kept
            else attacked(kind, int(many), options.start)
        )
        for line in lines:
            print(line, flush=True)


if __name__ == "__main__":
    main()
