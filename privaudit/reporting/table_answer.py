"""What the page of a table says first: who is alone, of whom, and what blanks may hide."""

from __future__ import annotations

import math
from typing import Any

from privaudit._core.policy import READINGS_AGREE
from privaudit.reporting.names import note_text
from privaudit.reporting.told import Told, enough
from privaudit.results.row import Row
from privaudit.words.words import Words

__all__ = ["table_answer"]

# Notes of cells that may stand for no answer; so many are told first, the others in the annex.
_MAY_BE_NO_ANSWER, _DOUBTS = ("number_like_a_mark", "word_like_a_mark"), 2


def table_answer(words: Words, told: Told) -> tuple[str, list[str]] | None:
    """Return the headline of a table, and what stands under it; None where too few are counted."""
    rows = [row for row in told.rows("table", "sample_uniques") if not row.part]
    if not rows:
        return None
    alone = rows[0]
    k = told.row("table", "k_anonymity")
    key = "headline_table" if alone.value else "headline_table_none"
    values = {"alone": alone.value, "of": alone.n, "counts": alone.counts}
    headline = words(f"story.{key}", k=k.value if k else math.nan, **values)
    first, leads = _blanks(words, told, alone)
    proposed = [note.values["key"] for note in told.study.notes if note.key == "roles_proposed"]
    leads = [*(words("story.lead_proposed", key=", ".join(keys)) for keys in proposed), *leads]
    leads += _in_population(words, told, alone)
    leads += [*_doubted(words, told), *_constant(words, told, alone), *_guess(words, told)]
    return first or headline, leads


def _blanks(words: Words, told: Told, alone: Row) -> tuple[str, list[str]]:
    """Lead with the records that lack nothing, then with what the blanks of others may hide.

    Where the ways to read blanks disagree by one record in a hundred, that comes first.
    """
    read = {row.part["missing"]: row for row in told.rows("table", "uniques_by_reading")}
    complete = read.pop("exclude", None)
    if complete is not None and complete.n == alone.n:
        return "", []
    nouns: dict[str, Any] = {"counts": alone.counts, "of": alone.n}
    shares = [row.value / row.n for row in (*read.values(), *([complete] if complete else []))]
    first, leads = [], []
    # Rounded, or .16 less .15 would be more than .12 less .11.
    if len(read) > 1 and round(max(shares) - min(shares), 9) >= READINGS_AGREE:
        ends = [row.value for row in read.values()]
        first = [words("story.headline_readings", least=min(ends), most=max(ends), **nouns)]
    if complete is not None:
        values = {"complete": complete.n, "alone": complete.value, "counts": complete.counts}
        first.append(words("story.headline_blanks", **values))
    if alone.low < alone.high:
        values = {"value": alone.value, "low": alone.low, "high": alone.high}
        leads = [words("story.lead_blanks", **values, **nouns)]
    if {"wildcard", "value"} <= set(read):
        said = {"wildcard": read["wildcard"].value, "as_value": read["value"].value}
        leads.append(words("story.lead_readings", **said))
    return " ".join(first), leads


def _in_population(words: Words, told: Told, alone: Row) -> list[str]:
    """Say how many of those alone in a sample are alone where it was drawn, or why none can."""
    row = next((row for row in told.family("table") if row.measure == "tau1"), None)
    if row is None or row.withheld or not (alone.value and enough(row)):
        return []
    if any(note.key == "needs_rate" for note in row.notes):
        return []  # The file is not said to be a sample.
    values = {"alone": alone.value, "value": row.value, "low": row.low, "high": row.high}
    if not math.isfinite(row.value):
        why = " ".join(note_text(words, note) for note in row.notes)
        return [words("story.lead_sample_unknown", why=why, **values)]
    exact = not row.low < row.high
    return [words("story.lead_sample_counted" if exact else "story.lead_sample", **values)]


def _doubted(words: Words, told: Told) -> list[str]:
    """Say what was counted as a value and may be none: it makes doubles of strangers."""
    notes = [note for note in told.study.notes if note.key in _MAY_BE_NO_ANSWER]
    notes.sort(key=lambda note: -note.values["records"])
    return [
        words(
            "story.lead_doubted",
            column=words.name("column", note.values["column"]),
            mark=note.values.get("mark", note.values.get("value")),
            records=note.values["records"],
        )
        for note in notes[:_DOUBTS]
    ]


def _constant(words: Words, told: Told, alone: Row) -> list[str]:
    """Say of which columns the file tells the same of everybody: nobody needs a key for these."""
    rows = [row for row in told.family("table") if row.measure == "vulnerability_prior"]
    of: dict[float, list[str]] = {}
    for row in filter(enough, rows):
        for note in row.notes:
            if note.key == "column_constant":
                of.setdefault(row.n, []).append(words.name("column", note.values["column"]))
    # Of several that all share, one line.
    return [
        words(
            f"story.lead_constant{'s' if len(columns) > 1 else ''}",
            column=columns[0], columns=tuple(columns), n=n, of=alone.n, counts=alone.counts,
        )
        for n, columns in of.items()
    ]  # fmt: skip


def _guess(words: Words, told: Told) -> list[str]:
    """Say what a guess about somebody of the file is worth beside one about somebody who is not.

    Of several sensitive columns, the one of which the keys tell most.
    """
    rows = told.rows("table", "vulnerability_posterior")
    if not rows:
        return []
    row = max(rows, key=lambda one: one.value - one.baseline)
    if not row.value > row.baseline:
        return [words("story.guess_nothing")]
    column = next((v for v in row.part.values() if isinstance(v, str)), "")
    what = words("story.value_of", column=words.name("column", column)) if column else ""
    values = {
        "what": what or words("story.the_value"),
        "in_file": round(100 * row.value), "without": round(100 * row.baseline),
    }  # fmt: skip
    if math.isfinite(row.control):
        return [words("story.guess_net", held_out=round(100 * row.control), **values)]
    return [words("story.guess_gross", **values)]
