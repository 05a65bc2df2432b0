"""Unreliable results in a report: the reason is printed, and no number.

In Python every number is returned, with ``reliable=False``. A report goes through
`only_reliable` first, so that pages, figures, ``findings.json`` and tables agree. Counts of
findings are compared with those of the inventory of the same file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from privaudit.columns.free_text import SPECIAL
from privaudit.columns.headers import IDENTIFYING_KINDS
from privaudit.report.guard import KIND_IN_INVENTORY, SLIP, mentions
from privaudit.results.exposure import SCORES, Exposure
from privaudit.results.measures import Measures
from privaudit.results.rows import NUMBERS, Row
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.release.inventory import Inventory
    from privaudit.studies.study import Study

_FAMILIES = ("inspect", "inventory", "properties")


def refuse_other_counts(study: Study) -> None:
    """Raise if a row and the inventory of its file count differently.

    Parameters
    ----------
    study : Study
        Rows of the families inspect, inventory and properties are compared: records, minors, who
        is alone by the proposed keys, what cells speak of, what columns show and notes hold.

    Raises
    ------
    AssertionError
        The message names the file, the measure and both counts, and no cell.
    """
    for family in _FAMILIES:
        measures = study.measures.get(family)
        if measures is None:
            continue
        for row in measures.rows:
            name = str(row.part.get("file") or measures.name)
            mine = [one for one in study.inventories if name in (one.name, one.file)]
            # A file of several parts has one inventory per part.
            if len(mine) == 1 and not row.withheld and math.isfinite(row.value):
                _compare(row, mine[0])


def _compare(row: Row, one: Inventory) -> None:
    """Compare a count with the bounds that the inventory allows."""
    count = row.value * row.n if row.unit == "share" else row.value
    least, most = _bounds(row, one)
    if not least - SLIP <= count <= most + SLIP:
        raise AssertionError(
            f"{one.name}: '{row.label}' counts {count:g}, its inventory {least:g} to {most:g}"
        )


def _bounds(row: Row, one: Inventory) -> tuple[float, float]:
    """Return the least and most records that the inventory allows."""
    what = str(row.part.get("what"))
    what = KIND_IN_INVENTORY.get(what, what)
    if row.measure == "minors":
        return _known([one.minors])
    if row.measure == "alone_by_keys":
        return _known([one.alone])
    if row.measure == "says":
        named = row.part.get("column")
        return _known(mentions([c for c in one.columns if named in (None, c.name)], what))
    every = float(one.n)
    if row.measure == "note_holds":
        # Several notes of a record may mention the same thing.
        return 0.0, _at_most(every, mentions(one.columns, what))
    if row.measure in ("shown", "identified", "identified_with"):
        counted = list[float]()
        for kind in IDENTIFYING_KINDS if row.measure == "identified" else (what,):
            counted += [column.filled for column in one.columns if column.kind == kind]
            counted += mentions([column for column in one.columns if column.kind != kind], kind)
        # Only special categories have the same kind in an inventory.
        if what in SPECIAL or counted:
            return 0.0, _at_most(every, counted)
    return -math.inf, math.inf


def _known(counts: Iterable[float]) -> tuple[float, float]:
    """Return the sum of counts as both bounds, unbounded if one is withheld."""
    numbers = list(counts)
    if any(map(math.isnan, numbers)):
        return -math.inf, math.inf
    return float(sum(numbers)), float(sum(numbers))


def _at_most(every: float, counts: Iterable[float]) -> float:
    """Return the most records that counts allow, withheld ones at their maximum."""
    return min(every, sum(every if math.isnan(count) else count for count in counts))


# Notes that no mask which was tried moves dots as those of a map were moved.
_MISFITS = {
    "mask_lacks_sharing", "mask_misfits_distance", "mask_misfits_positions", "mask_misfits_streets",
}  # fmt: skip


def kind_of_doubt(study: Study) -> str:
    """Return why a map has no number: "no_map" of a picture, "misfit" of masks, or "doubt"."""
    keys = {note.key for exposure in study.exposures for note in exposure.notes}
    return "no_map" if "may_be_no_map" in keys else "misfit" if keys & _MISFITS else "doubt"


# Notes that estimate the dots of a picture, removed with its result.
_ESTIMATES = ("picture_shows", "picture_pieces_hold", "picture_bubbles_hold")


def gives_range(row: Row) -> bool:
    """Whether a row gives a range in place of a value.

    Examples
    --------
    >>> row = Row(measure="reidentified", value=math.nan, low=.1, high=.4, unit="share", n=90,
    ...           counts="people", reliable=False)
    >>> gives_range(row), gives_range(Row(measure="k", value=3, unit="records", n=9,
    ...                                   counts="records"))
    (True, False)
    """
    return math.isnan(row.value) and row.low < row.high


def without_numbers(row: Row, reasons: Sequence[Note]) -> Row:
    """Return a row without numbers except its size, with the reasons."""
    notes = row.notes or tuple(reasons)
    return replace(row, **dict.fromkeys(NUMBERS, math.nan), reliable=False, notes=notes)  # type: ignore[arg-type]


def only_reliable(study: Study) -> Study:
    """Return a study whose unreliable rows hold a reason and no number.

    A row that gives a range in the place of a value keeps it. Applied twice it changes nothing
    more.
    """
    measures = {family: _measures(result) for family, result in study.measures.items()}
    both = any(result.family == "reading" for result in measures.values())
    exposures = tuple(
        result if result.reliable or both or _ranged(result) else _without_numbers(result)
        for result in study.exposures
    )
    notes = study.notes
    if exposures and not (both or any(e.reliable or _ranged(e) for e in exposures)):
        notes = tuple(note for note in notes if note.key not in _ESTIMATES)
    return replace(study, measures=measures, exposures=exposures, notes=notes)


def reliable_rows(study: Study, rows: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the requested rows, without results of an unreliable attack.

    Rows are those of the last exposure of the study: with no number of it printed, a row tells no
    address and no probability either.
    """
    last = study.exposures[-1] if study.exposures else None
    if last is None or last.reliable or _ranged(last) or last.overall["value"].notna().any():
        return dict(rows)
    return {
        name: frame.iloc[:, :1].assign(**dict.fromkeys(frame.columns[1:], ""))
        for name, frame in rows.items()
    }


def _measures(measures: Measures) -> Measures:
    """Blank unreliable rows, all of them if the result does not say which."""
    all_of_them = not measures.reliable and all(row.reliable for row in measures.rows)
    doubted = [not gives_range(row) and (all_of_them or not row.reliable) for row in measures.rows]
    if not any(doubted):
        return measures
    rows = [
        without_numbers(row, measures.notes) if doubt else row
        for row, doubt in zip(measures.rows, doubted, strict=True)
    ]
    return replace(measures, rows=rows, per_record=None)


def _ranged(exposure: Exposure) -> bool:
    return any(gives_range(row) for row in exposure.rows)


def _without_numbers(exposure: Exposure) -> Exposure:
    """Return an exposure of the same people without results."""
    prefixes, ends = ("", "baseline_", "control_", "confidence_"), ("", "_low", "_high")
    gains = [f"{start}{gain}{end}" for gain in exposure.gains for start in prefixes for end in ends]
    scores = [c for c in (*gains, *SCORES) if c in exposure.per_person]
    counted = [str(c) for c in exposure.overall if c != "n"]
    return replace(
        exposure,
        per_person=exposure.per_person.assign(**dict.fromkeys(scores, math.nan)),
        overall=exposure.overall.assign(**dict.fromkeys(counted, math.nan)),
        calibration=exposure.calibration.iloc[:0],
        notes=tuple(note for note in exposure.notes if note.key not in _ESTIMATES),
    )
