"""A file that the CNIL's PIA tool imports: what is known is filled in, what is not is a gap.

The shape (keys, numbers of the questions, gauges of 0 to 4) is that of the tool's version 4.1.0.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from privaudit.results.row import Row
from privaudit.rules.told import DescribedRulings

__all__ = ["QUESTIONS", "pia_file"]

# The three feared events, by the tens of their questions: access, modification, disappearance.
_EVENTS = {32: "access", 33: "change", 34: "loss"}
_TEXTS = (111, 112, 113, 121, 122, 123, *range(211, 216), *range(221, 228))
_LISTS = tuple(10 * event + k for event in _EVENTS for k in (1, 2, 3, 4))
_GAUGES = tuple(10 * event + k for event in _EVENTS for k in (5, 6))
QUESTIONS = (*_TEXTS, *_LISTS, *_GAUGES)
_WP216 = ("singling_out", "linkability", "inference")
# What a text answer is made of, and the rules whose verdict it carries.
_FILLED: dict[int, tuple[Callable[[DescribedRulings], list[str]], tuple[str, ...]]] = {
    111: (lambda t: [*t.name, *t.purposes, *t.channels, *t.since], ("R01",)),
    112: (lambda t: [*t.controller, *t.processors], ("R10", "R25")),
    113: (lambda t: t.standards, ()),
    121: (lambda t: [*t.columns, *t.recipients, *t.retention], ("R03", "R11")),
    122: (lambda t: [*t.sources, *t.recipients, *t.retention], ("R12", "R14")),
    123: (lambda t: [], ()),
    211: (lambda t: t.purposes, ("R18", "R21")),
    212: (lambda t: t.bases, ("R02", "R04", "R13", "R28")),
    213: (lambda t: t.columns, ("R20", "R22")),
    214: (lambda t: [], ("R23",)),
    215: (lambda t: t.retention, ("R07", "R08", "R09")),
    221: (lambda t: t.mentions, ("R15", "R16")),
    222: (lambda t: [], ("R02", "R19")),
    223: (lambda t: [], ()),
    224: (lambda t: [], ()),
    225: (lambda t: [], ("R17",)),
    226: (lambda t: t.processors, ("R10",)),
    227: (lambda t: t.processors, ()),
}


def pia_file(told: DescribedRulings, graded: Mapping[str, Row]) -> dict[str, Any]:
    """Return what the tool imports, as plain JSON values.

    Parameters
    ----------
    told : Told
        The description and the rulings of a day, in one language.
    graded : mapping of str to Row
        ``severity`` and ``likelihood`` of an illegitimate access, 1 to 4, where they are known;
        see `measured_for_rules`. Of the two other events nothing was measured: 0, a gap. Of
        ``singling_out_table`` and its like, see `three_tests`: they go to questions 213 and 325.

    Returns
    -------
    dict
        ``pia``, ``answers`` (all 36), ``measures``, ``evaluations``, ``comments``.
    """
    # The day that was asked, not the day of writing: the same run gives the same bytes.
    stamp = f"{told.rulings.as_of}T00:00:00.000Z"
    answers = [
        {"pia_id": 1, "reference_to": number, "data": _data(told, graded, number),
         "created_at": stamp, "updated_at": stamp}
        for number in QUESTIONS
    ]  # fmt: skip
    measures = [
        {"id": k + 1, "title": name, "content": _html([told.say("pia.described")]),
         "placeholder": "", "created_at": stamp}
        for k, name in enumerate(told.safeguards)
    ]  # fmt: skip
    return {
        "pia": _pia(told, stamp), "answers": answers, "measures": measures, "evaluations": [],
        "comments": [],
    }  # fmt: skip


def _pia(told: DescribedRulings, stamp: str) -> dict[str, Any]:
    gap = told.say("told.gap")
    return {
        "name": next(iter(told.name), gap), "author_name": gap, "evaluator_name": gap,
        "validator_name": gap, "status": 0, "category": "", "created_at": stamp,
        # In the tool 0 is an unfavourable opinion: none was given.
        "updated_at": stamp, "dpos_names": gap, "dpo_status": None, "dpo_opinion": "",
        "people_names": gap, "concerned_people_searched_opinion": False,
        "concerned_people_searched_content": gap, "concerned_people_status": None,
        "concerned_people_opinion": "", "rejection_reason": "", "applied_adjustments": "",
    }  # fmt: skip


def _data(told: DescribedRulings, graded: Mapping[str, Row], number: int) -> dict[str, Any]:
    if number in _GAUGES:
        return _gauge(told, graded, number)
    if number in _LISTS:
        named = _listed(told, graded, number) or [told.say("told.gap")]
        return {"text": None, "gauge": None, "list": named}
    lines, rules = _FILLED[number]
    found = [*lines(told), *(_tests(told, graded) if number == 213 else []), *told.verdicts(rules)]
    # A verdict says what speaks against it; it does not answer the question.
    gap = [] if lines(told) else [told.say("told.gap")]
    return {"text": _html([*gap, *found]), "gauge": None, "list": []}


def _listed(told: DescribedRulings, graded: Mapping[str, Row], number: int) -> list[str]:
    """Return impacts, threats, sources or measures of one feared event, where they are known."""
    event, kind = _EVENTS[number // 10], number % 10
    if kind == 4:
        return told.safeguards
    if kind == 3:
        return told.recipients
    severity = graded.get("severity")
    grave = severity is not None and severity.value >= 3
    if kind == 1:
        return [told.say(f"pia.impact_{event}")] if grave else []
    easy = graded.get("likelihood")
    known = event == "access" and easy is not None
    return [told.say(f"pia.threat_{easy.value:.0f}")] if known and easy is not None else []


def _gauge(told: DescribedRulings, graded: Mapping[str, Row], number: int) -> dict[str, Any]:
    """Return the gauge of a feared event; only of an access is anything measured."""
    name = "severity" if number % 10 == 5 else "likelihood"
    row = graded.get(name) if _EVENTS[number // 10] == "access" else None
    if row is None:
        return {"text": _html([told.say("told.gap")]), "gauge": 0, "list": []}
    # The gravest is for a person to choose.
    level = min(int(row.value), 3) if name == "severity" else int(row.value)
    reasons = _tests(told, graded) if name == "severity" else []
    lines = [told.say(f"pia.{name}_{level}"), *reasons]
    return {"text": _html(lines), "gauge": level, "list": []}


def _tests(told: DescribedRulings, graded: Mapping[str, Row]) -> list[str]:
    """Say what the three tests of WP216 come to, with their intervals and what they count."""
    lines = []
    for name, row in graded.items():
        test = next((one for one in _WP216 if name.startswith(one)), "")
        if not test:
            continue
        values: dict[str, Any] = {"value": row.value, "n": row.n, "counts": row.counts}
        values["of"] = row.part["tested"]
        lines.append(told.say(f"pia.{test}", **values))
        if row.low < row.high:
            lines[-1] += " " + told.say("pia.interval", low=row.low, high=row.high)
        beside = row.control if math.isfinite(row.control) else row.baseline
        if math.isfinite(beside):
            key = "held_out" if math.isfinite(row.control) else "by_chance"
            lines[-1] += " " + told.say(f"pia.{key}", value=beside)
    return lines


def _html(lines: Sequence[str]) -> str:
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines)
