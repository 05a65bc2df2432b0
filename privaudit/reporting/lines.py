"""A finding as a line of a table: every number in words, and a column only where it is used."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from privaudit.reporting.findings import Finding
from privaudit.reporting.names import bounded, capital, label_of, note_text
from privaudit.reporting.told import has_control
from privaudit.results.row import Row
from privaudit.words.words import Words

__all__ = ["COLUMNS", "Line", "columns_of", "line_of"]

# In order; the net stands before the gross number that it is taken from.
COLUMNS = (
    "net", "net_interval", "value", "interval", "between", "baseline", "control", "confidence", "n",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a table, already in words.

    Parameters
    ----------
    id : str
        That of the finding: the anchor.
    cells : mapping of str to str
        A text for each of `COLUMNS` that is known.
    main : str
        The column that a reader reads first.
    """

    id: str
    label: str
    cells: dict[str, str]
    main: str = "value"
    notes: list[str] = field(default_factory=list)
    sentence: str = ""
    reliable: bool = True
    absent: bool = False
    withheld: bool = False


def line_of(words: Words, finding: Finding, label: str = "") -> Line:
    """Put a finding in the words of a table."""
    row = finding.row

    def cell(value: float) -> str:
        return words.value(value, row.unit, short=True) if not math.isnan(value) else ""

    cells = {
        "net": words.percent(row.residual, short=True) if math.isfinite(row.residual) else "",
        "net_interval": _range(
            words,
            *(
                words.percent(end, short=True) if math.isfinite(end) else ""
                for end in (row.residual_low, row.residual_high)
            ),
        ),
        "value": words("head.withheld") if row.withheld else bounded(words, row),
        "interval": _range(words, cell(row.low), cell(row.high)) if row.low < row.high else "",
        "between": _range(words, cell(row.between_low), cell(row.between_high)),
        # A step is compared with the rung before, which its label names.
        "baseline": "" if finding.family == "step" else _beside(words, row, cell),
        "control": cell(row.control),
        "confidence": _claim(words, row),
        "n": words.counted(row.n, row.counts) if math.isfinite(row.n) else "",
    }
    return Line(
        id=finding.id,
        label=label or capital(label_of(words, finding.family, row)),
        cells=cells,
        main="net" if has_control(row) else "value",
        notes=[note_text(words, note) for note in row.notes],
        sentence=finding.sentence.get(words.lang, ""),
        reliable=row.reliable,
        absent=math.isnan(row.value) and not row.withheld and not row.low < row.high,
        withheld=row.withheld,
    )


def _claim(words: Words, row: Row) -> str:
    """Write what is claimed, with the range of the claim where it has one."""
    if not math.isfinite(row.confidence):
        return ""
    claimed = words.percent(row.confidence)
    ends = (row.confidence_low, row.confidence_high)
    if not all(math.isfinite(end) for end in ends):
        return claimed
    told = _range(words, *(words.percent(end, short=True) for end in ends))
    return f"{claimed} ({told})" if told else claimed


def _beside(words: Words, row: Row, cell: Callable[[float], str]) -> str:
    """Write the baseline, with its range where it has one."""
    told = _range(words, cell(row.baseline_low), cell(row.baseline_high))
    return f"{cell(row.baseline)} ({told})" if told else cell(row.baseline)


def _range(words: Words, low: str, high: str) -> str:
    return words("number.range", low=low, high=high) if low and high and low != high else ""


def columns_of(lines: Sequence[Line]) -> list[str]:
    """Return the columns that some line has something for."""
    return [name for name in COLUMNS if any(line.cells[name] for line in lines)]
