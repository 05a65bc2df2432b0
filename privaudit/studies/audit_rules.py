"""The study of a processing: the rules of a day, held against what is said and what is there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from privaudit._core.by_name import by_name
from privaudit.release.files import read_frame
from privaudit.release.read_table import table_release
from privaudit.results.measures import Measures
from privaudit.results.row import Row
from privaudit.results.suppression import SMALLEST
from privaudit.rules.check_rules import check_rules
from privaudit.rules.description import read_description
from privaudit.rules.facts import Checked
from privaudit.rules.packs import day_of
from privaudit.rules.rulings import Ruling, Rulings
from privaudit.studies.measured_for_rules import measured_for_rules
from privaudit.studies.study import Input, Study, command_line
from privaudit.studies.three_tests import shown_tests, three_tests
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
    """

    description: Path
    table: Path | None = None
    dots: Path | None = None
    reading: Reading | None = None

    @property
    def files(self) -> dict[str, Path]:
        """The files that there are, by what each is."""
        named = {"description": self.description, "table": self.table, "map": self.dots}
        return {role: path for role, path in named.items() if path is not None}


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
        than 11 people holds no number any more.

    Raises
    ------
    SchemaError, ReadError
        A file is wrong.
    ParameterError
        A day is none, or lies before the first pack.
    """
    told = read_description(processing.description)
    days = list(dict.fromkeys([day_of(as_of), *map(day_of, also)]))
    table = dots = None
    if processing.dots is not None:
        dots = read_frame(processing.dots, who="rules", gives="dots").frame
    if processing.table is not None:
        from privaudit.roles import Roles

        table = table_release(processing.table, Roles(), reading=processing.reading, who="rules")
    found = dots if table is None else table
    measured = measured_for_rules(found, told)
    if dots is not None and found is not dots:
        more = measured_for_rules(dots, told)
        measured |= {name: max(row, measured.get(name, row), key=lambda r: r.value)
                     for name, row in more.items()}  # fmt: skip
    tests = three_tests(table, dots)
    rulings = tuple(
        _guarded(check_rules(found, told, as_of=day, measured=measured)) for day in days
    )
    rows = [_row(one) for one in rulings[0]]
    return Study(
        kind="rules",
        title=str(told.get("processing", "name") or processing.description.name),
        provenance="audited file",
        real_places=True,
        measures={"rules": Measures(family="rules", rows=rows)}
        | ({"wp216": tests} if tests.rows else {}),
        rulings=rulings,
        described=told,
        graded={name: measured[name] for name in ("severity", "likelihood") if name in measured}
        | shown_tests(tests),
        set_aside={} if table is None else dict(table.set_aside),
        command=command_line(
            "rules", [processing.description], table=processing.table, map=processing.dots,
            as_of=str(days[0]), also=tuple(map(str, days[1:])),
            **({} if processing.reading is None else processing.reading.asked()),
        ),
        inputs=tuple(Input(path=path, role=role) for role, path in processing.files.items()),
        recipe={"as_of": str(days[0]), "also": [str(day) for day in days[1:]]},
    )  # fmt: skip


def _guarded(rulings: Rulings) -> Rulings:
    """Return the rulings, without the numbers of what counts fewer than 11 people."""
    held = [Ruling(one.rule, _shown(one.checked)) for one in rulings]
    return replace(rulings, rulings=tuple(held))


def _shown(checked: Checked) -> Checked:
    of = checked.value if math.isnan(checked.n) else checked.n
    if checked.counts not in GUARDED or not of < SMALLEST:
        return checked
    return replace(checked, value=math.nan, n=math.nan, withheld=True)


def _row(ruling: Ruling) -> Row:
    """Return a ruling as a row: cases, what they are out of, and the verdict as a note."""
    rule, checked = ruling.rule, ruling.checked
    notes = [Note("ruled", verdict=ruling.verdict)]
    if checked.columns:
        missing = ruling.verdict == "not_assessable"
        notes.append(Note("ruled_missing" if missing else "ruled_by", paths=checked.columns))
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
