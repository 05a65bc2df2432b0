"""The study of a processing: the rules of a day, held against what is said and what is there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from privaudit._core.by_name import by_name
from privaudit._core.policy import SMALL_CELL
from privaudit.errors import ReadError
from privaudit.release.files import read_frame
from privaudit.release.read_table import table_release
from privaudit.release.release import TableRelease
from privaudit.results.measures import Measures
from privaudit.results.row import Row
from privaudit.roles import Roles
from privaudit.rules.description import Description, read_description, refuse_unknown_columns
from privaudit.rules.facts import Checked
from privaudit.rules.of_exhibits import RuledFile, check_files
from privaudit.rules.packs import day_of
from privaudit.rules.rulings import Ruling, Rulings
from privaudit.studies.commands import command_line
from privaudit.studies.measured_for_rules import measured_for_rules
from privaudit.studies.study import Input, Study
from privaudit.studies.three_tests import shown_tests, three_tests
from privaudit.tables.headers import may_name_somebody
from privaudit.tables.reading import Reading
from privaudit.words.note import Note
from privaudit.words.nouns import GUARDED

__all__ = ["AuditedProcessing", "audit_rules"]


@by_name
@dataclass(frozen=True, kw_only=True)
class AuditedProcessing:
    """The files of a processing.

    - `description`: TOML, what its holder says of it.
    - `table`, `dots`: Its table and its map; either may be absent.
    - `reading`: How cells of the table are read.
    - `others`: Further files of it, each with what it is: "table", "map", "log" or "mailing".
    """

    description: Path
    table: Path | None = None
    dots: Path | None = None
    reading: Reading | None = None
    others: tuple[tuple[str, Path], ...] = ()

    @property
    def files(self) -> list[tuple[str, Path]]:
        """The files that there are, each with what it is."""
        named = [("table", self.table), ("map", self.dots)]
        return [*((role, path) for role, path in named if path is not None), *self.others]


def audit_rules(processing: AuditedProcessing, *, as_of: Any, also: Sequence[Any] = ()) -> Study:
    """Hold the rules of a day, and of others, against a processing and return the study.

    Parameters
    ----------
    processing : AuditedProcessing
    as_of : date
        The day whose verdicts are told.
    also : sequence of dates
        Further days, to say how verdicts move.

    Returns
    -------
    Study
        Of kind "rules": a row a rule, and `rulings`, those of `as_of` first. What counts fewer
        than `SMALL_CELL` people holds no number any more.

    Raises
    ------
    SchemaError, ReadError
        A file is wrong.
    ParameterError
        A day is none, or lies before the first pack.
    """
    told = read_description(processing.description)
    days = list(dict.fromkeys([day_of(as_of), *map(day_of, also)]))
    tables = [
        table_release(path, Roles(), reading=processing.reading, who="rules")
        for path in (processing.table,) if path is not None
    ]  # fmt: skip
    ruled = [_ruled(processing, role, path, tables, told) for role, path in processing.files]
    if ruled:
        had = list(dict.fromkeys(str(c) for one in ruled for c in one.records.columns))
        told = told.for_columns(had)
        refuse_unknown_columns(told, had)
    absent = _not_there(told, ruled)
    said = measured_for_rules(None, told)
    graded = dict(said)
    for one in ruled:
        graded |= {name: max(row, graded.get(name, row), key=lambda r: r.value)
                   for name, row in one.measured.items()}  # fmt: skip
    dots = next((o.records for o, (role, _) in zip(ruled, processing.files, strict=True)
                 if role == "map"), None)  # fmt: skip
    tests = three_tests(tables[0] if tables else None, dots)
    rulings = tuple(_guarded(check_files(ruled, told, as_of=day, measured=said)) for day in days)
    rows = [_row(one) for one in rulings[0]]
    return Study(
        kind="rules",
        title=str(told.get("processing", "name") or processing.description.name),
        provenance="audited file",
        real_places=True,
        measures={"rules": Measures(family="rules", rows=rows)}
        | ({"wp216": tests} if tests.rows else {}),
        rulings=rulings,
        notes=(Note("described_absent", columns=absent),) if absent else (),
        described=told,
        graded={name: graded[name] for name in ("severity", "likelihood") if name in graded}
        | shown_tests(tests),
        set_aside=dict(tables[0].set_aside) if tables else {},
        command=command_line(
            "rules", [processing.description], processing, processing.reading,
            as_of=days[0], also=days[1:],
        ),
        inputs=(
            Input(path=processing.description, role="description"),
            *(Input(path=path, role=role) for role, path in processing.files),
        ),
        recipe={"as_of": str(days[0]), "also": [str(day) for day in days[1:]]},
    )  # fmt: skip


def _not_there(told: Description, ruled: Sequence[RuledFile]) -> tuple[str, ...]:
    """Return the described columns that no file has; none whose name may be somebody's."""
    had = {str(column) for one in ruled for column in one.records.columns}
    absent = [column for column in told.columns if column not in had]
    return tuple(c for c in absent if not may_name_somebody(c)) if ruled else ()


def _ruled(
    processing: AuditedProcessing,
    role: str,
    path: Path,
    tables: Sequence[TableRelease],
    told: Description,
) -> RuledFile:
    """Read a file of a processing, and measure what rules ask of it."""
    if path == processing.table:
        records = tables[0].records
    elif role == "map":
        records = _of_map(path, among_others=path != processing.dots)
    else:
        records = table_release(path, Roles(), who="rules").records
    told = told.for_columns(records.columns)
    # Of several files, each is as grave as what is in it, and not as what is said of another.
    mine = {column: one for column, one in told.columns.items() if column in records.columns}
    own = told if len(processing.files) == 1 else replace(told, told={**told.told, "columns": mine})
    measured = measured_for_rules(records, own)
    return RuledFile(name=path.name, kind=role, records=records, measured=measured)


def _of_map(path: Path, *, among_others: bool) -> pd.DataFrame:
    """Read the rows of a map; of one among others, as a table where it gives few dots."""
    try:
        return read_frame(path, who="rules", gives="dots").frame
    except ReadError:
        if not among_others:
            raise
        return read_frame(path, who="rules", gives="table").frame


def _guarded(rulings: Rulings) -> Rulings:
    """Return the rulings, without the numbers of what counts fewer than `SMALL_CELL` people."""
    held = [replace(one, checked=_shown(one.checked)) for one in rulings]
    return replace(rulings, rulings=tuple(held))


def _shown(checked: Checked) -> Checked:
    of = checked.value if math.isnan(checked.n) else checked.n
    if checked.counts not in GUARDED or not of < SMALL_CELL:
        return checked
    return replace(checked, value=math.nan, n=math.nan, withheld=True)


def _row(ruling: Ruling) -> Row:
    """Return a ruling as a row: cases, what they are out of, and the verdict as a note."""
    rule, checked = ruling.rule, ruling.checked
    notes = [Note("ruled", verdict=ruling.verdict)]
    if checked.columns:
        missing = ruling.verdict == "not_assessable"
        notes.append(Note("ruled_missing" if missing else "ruled_by", paths=checked.columns))
    if ruling.files:
        notes.append(Note(ruling.said_of, files=ruling.main_files))
    for verdict, files in ruling.beside_by_verdict().items():
        notes.append(Note(f"ruled_beside_{verdict}", files=files))
    notes.append(Note("ruled_source", pack=rule.pack, source=rule.source, point=rule.point))
    if rule.to_verify:
        notes.append(Note("ruled_unread"))
    value, n, counts = checked.value, checked.n, checked.counts
    if math.isnan(value) and checked.outcome in ("fires", "lesser") and not checked.withheld:
        value, n, counts = len(checked.columns), math.nan, "criteria"
    return Row(
        measure=rule.id, value=value, unit=counts, n=n, counts=counts, notes=tuple(notes),
        withheld=checked.withheld,
    )  # fmt: skip
