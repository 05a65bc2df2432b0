"""Which rows of a result say most, and what each is called in the words of a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.checks import one_of

if TYPE_CHECKING:
    from privaudit.results.row import Row
    from privaudit.words.words import Words

__all__ = ["chosen_rows", "gain_of", "headlines", "label", "label_of_row"]


def chosen_rows(found: Any, names: Sequence[str], most: int | None, words: Words) -> list[Row]:
    """Return the rows of a result that are to be shown: those of an exposure are its gains."""
    rows = headlines(found, names, len(found.rows) if most is None else most, words)
    family = getattr(found, "family", "")
    return [replace(row, measure=f"{family}__{row.measure}") for row in rows]


def headlines(found: Any, names: Sequence[str], most: int, words: Words) -> list[Row]:
    """Return the rows to look at first: known ones, of measures that have a sentence of their own.

    One of each measure goes before a second one; they stand in the order of the result.
    """
    rows = [r for r in found.rows if np.isfinite(r.value) and not r.withheld]
    # How many there are is said beside each of the others.
    rows = [r for r in rows if r.unit != r.counts or r.value != r.n] or rows
    if names:
        known = dict.fromkeys(row.measure for row in found.rows)
        for name in names:
            one_of("plot", "measure", name, tuple(known))
        rows = [row for row in rows if row.measure in names]

    seen: dict[str, int] = {}
    ranks = []
    for place, row in enumerate(rows):
        seen[row.measure] = seen.get(row.measure, 0) + 1
        family = getattr(found, "family", "")
        keys = (f"sentence.{family}__{row.measure}", f"sentence.{row.measure}")
        told = any(words.has(key) for key in keys)
        ranks.append((not row.reliable, seen[row.measure], not told, place))
    chosen = sorted(sorted(range(len(rows)), key=lambda at: ranks[at])[:most])
    return [rows[at] for at in chosen]


def label_of_row(words: Words, row: Row) -> str:
    """Name a row that `chosen_rows` returned: its family stands before its measure."""
    family, _, measure = row.measure.partition("__")
    if not family and measure == "reidentified":
        return gain_of(row, words)
    return label(words, family, replace(row, measure=measure))


def label(words: Words, family: str, row: Row) -> str:
    """Name a row: as its measure is called, parameters that the name does not hold after it."""
    keys = (f"measure.{family}__{row.measure}", f"measure.{row.measure}")
    key = next((key for key in keys if words.has(key)), "")
    part = {
        name: words.name("part", v) if isinstance(v, str) else v for name, v in row.part.items()
    }
    gain = words.name("gain", row.gain) if row.gain else ""
    values = {"n": row.n, "value": row.value, "gain": gain} | part
    placed = words.placeholders(key) if key else frozenset[str]()
    told = key and placed <= set(values)
    label = words(key, **values) if told else row.measure.replace("_", " ")
    rest = [f"{words.name('column', n).replace('_', ' ')} {v}" for n, v in part.items()
            if not told or n not in placed]  # fmt: skip
    rest += [gain] if gain and not (told and "gain" in placed) else []
    label = f"{label} ({', '.join(rest)})" if rest else label
    return f"{label[:1].upper()}{label[1:]}"


def gain_of(row: Row, words: Words) -> str:
    """Return what a row's hit is, in words; its measure where it has none."""
    known = row.gain and words.has(f"figure.gain_{row.gain}")
    told = row.of_gain or row.measure
    return words(f"figure.gain_{row.gain}") if known else told.replace("_", " ")
