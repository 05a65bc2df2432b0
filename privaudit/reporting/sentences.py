"""A plain sentence for a row, where the catalogue has one for it, and what must stand beside."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from privaudit.reporting.names import attack_name, capital, part_value, rung_name, view_name
from privaudit.reporting.told import by_chance, has_control, net_hits
from privaudit.results.row import NUMBERS, Row
from privaudit.words.words import Words, whole

if TYPE_CHECKING:
    from privaudit.results.exposure import Exposure

__all__ = ["exposure_sentence", "hits_of", "presumes_nothing", "row_sentence",
           "under_other_names"]  # fmt: skip


def hits_of(row: Row) -> float:
    """Return a share as whole people, or what the row counts; nan for what is no share."""
    share = row.unit in ("share", "probability", "difference")
    return whole(row.value * row.n) if share else math.nan


def presumes_nothing(exposure: Exposure) -> bool:
    """Say whether no record presumes an opinion: nothing was tried, so nothing was missed."""
    row = exposure.overall.loc["opinion"]
    return bool(row["value"] == 0 and row["confidence"] == 0)


def interval_of(words: Words, row: Row) -> str:
    """Write the interval of a row after its name; its denominator where it has none."""
    told = words.interval(row.low, row.high, row.unit)
    return told or words("number.n", n=row.n)


def _values(words: Words, row: Row) -> dict[str, Any]:
    part = {name: part_value(words, value, name) for name, value in row.part.items()}
    numbers = {name: getattr(row, name) for name in NUMBERS}
    told: dict[str, Any] = {"interval": interval_of(words, row), "n": row.n, "hits": hits_of(row)}
    if math.isfinite(row.control):
        chance = by_chance(row)
        told |= {"chance": chance, "rest": row.n - chance, "net": net_hits(row)}
    if has_control(row):
        ends = {"net_low": row.residual_low, "net_high": row.residual_high}
        told |= {name: whole(max(0.0, end) * told["rest"]) for name, end in ends.items()}
    if row.unit in ("probability", "share") and math.isfinite(row.baseline):
        told["blind"] = whole(row.baseline * row.n)
    nouns = {"unit": row.unit, "counts": row.counts, "of": row.of}
    return numbers | told | nouns | part


def _said(words: Words, key: str, values: dict[str, Any]) -> str:
    """Fill a sentence; "" where a value that it takes is not known."""
    for name in words.placeholders(key):
        value = values.get(name, math.nan)
        if isinstance(value, float) and not math.isfinite(value):
            return ""
    return capital(words(key, **values))


def under_other_names(row: Row) -> bool:
    """Say whether a contact stands in two files under different names, mostly."""
    contact = row.measure == "found_in" and row.part.get("by") in ("email", "phone")
    told = [note.values for note in row.notes if note.key == "names_agree"]
    return contact and any(2 * one["same"] < one["of"] for one in told)


def row_sentence(words: Words, family: str, row: Row) -> str:
    """Say a row in a sentence, where the catalogue has one and every number of it is known.

    What the guesses find of people who are not in the release is said even where the sentence of
    the row leaves it out, and so is what chance alone may give.

    Returns
    -------
    str
        "" where there is none: the row stands in its table.
    """
    key = f"sentence.{family}__{row.measure}"
    if row.withheld or not words.has(key) or (row.value == row.baseline and row.value in (0, 1)):
        return ""  # Where nothing can vary there is nothing to tell.
    if has_control(row) and words.has(f"{key}_beside"):
        key += "_beside"  # The control is told in words of its own, and not taken off.
    elif under_other_names(row):
        key += "_shared"
    elif row.bound == "lower" and words.has(f"{key}_least"):
        key += "_least"
    values = _values(words, row)
    text = _said(words, key, values)
    if not text:
        return ""
    if has_control(row) and not words.placeholders(key) & {"control", "residual", "chance"}:
        text += " " + words("found.control", **values)
    if family == "table":
        text += _range(words, key, row)
    return text + _doubts(words, row)


def _range(words: Words, key: str, row: Row) -> str:
    """Say between what a number lies that is expected, of blanks or of a sample."""
    if not row.low < row.high:
        return ""
    times = row.n if "hits" in words.placeholders(key) else 1.0
    least, most = whole(row.low * times), whole(row.high * times)
    return " " + words("found.ranges", least=least, most=most) if least < most else ""


def _doubts(words: Words, row: Row) -> str:
    told = " " + words("found.within_chance") if row.beyond_chance is False else ""
    return told if row.reliable else f"{told} {words('found.unreliable')}"


def exposure_sentence(
    words: Words, exposure: Exposure, row: Row, view: str, *, believed: bool = False
) -> str:
    """Say what an attack finds of a gain: net of what is right by chance, where that is not nil.

    Parameters
    ----------
    words : Words
    exposure : Exposure
        For its attack, and whether its numbers are observed or expected.
    row : Row
        One of its rows, through the guard.
    view : str
        What leaked.
    believed : bool
        True where the view is what somebody believes of a real map.
    """
    ranged = math.isnan(row.value) and row.low < row.high
    if row.withheld or not (math.isfinite(row.value) or ranged):
        return ""
    form = "expected" if exposure.expected else "observed"
    values = _values(words, row) | {
        "who": attack_name(words, exposure.attack, exposure.copies, view),
        "does": words(f"does_{form}.{row.gain or 'own'}", gain=row.of_gain.replace("_", " ")),
        "where": view_name(words, view, believed=believed),
    }
    if ranged:
        return _said(words, "found.between_expected", values) + _doubts(words, row)
    net = has_control(row)
    net = net and by_chance(row) > 0  # Whole people: a control of fewer than one takes none off.
    kind = "" if not net else "net_" if row.residual > 0 else "nil_"
    text = _said(words, f"found.{kind}{form}", values)
    if text and not kind and has_control(row):
        text += " " + words("found.chance_under_one")
    if text and kind == "net_" and row.residual_low <= 0:
        text += " " + words("found.within_chance")
    if text and math.isfinite(row.baseline):
        text += " " + words("found.baseline", **values)
    if text and math.isfinite(row.confidence_low):
        text += " " + words("found.claimed_between", **values)
    return text + _doubts(words, row) if text else ""


def step_sentence(words: Words, before: Exposure, after: Exposure, row: Row, where: str) -> str:
    """Say what a rung finds more than the one before, and whether chance may explain it."""
    if row.withheld or not math.isfinite(row.value) or not hits_of(row):
        return ""
    more = "more" if row.value >= 0 else "less"
    beyond = row.low > 0 or row.high < 0
    values = _values(words, row) | {
        "hits": abs(hits_of(row)),
        "who": attack_name(words, after.attack, after.copies),
        "before": rung_name(words, before.attack, before.copies),
        "where": capital(where),
        "verdict": words("step.beyond" if beyond else "step.within"),
    }
    key = f"step.{more}_{'expected' if after.expected else 'observed'}"
    return _said(words, key, values) + ("" if row.reliable else f" {words('found.unreliable')}")
