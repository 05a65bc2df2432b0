"""Sentences for rows, the lookup of rows for a page, and differences between adversaries."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from privaudit.core.thresholds import SMALL_CELL
from privaudit.report.names import (
    attack_name,
    capital,
    in_a_row,
    is_masked,
    label_of,
    note_text,
    part_value,
    quoted_note,
    rung_name,
    view_name,
)
from privaudit.results.exposure import Exposure
from privaudit.results.rows import NUMBERS, Row, Rows
from privaudit.words.catalogues import GUARDED, QUOTED, Note, Quoted, Words, is_share
from privaudit.words.catalogues import whole as whole_of_words

if TYPE_CHECKING:
    from privaudit.studies.study import Study

# A control below this is printed as 0.
_NIL = 5e-5


def has_control(row: Row) -> bool:
    """Whether the control of a row is above zero, so that its net comes first."""
    return math.isfinite(row.residual) and row.control >= _NIL


def net(row: Row) -> float:
    """Return a share less its control.

    Examples
    --------
    >>> net(Row(measure="reidentified", value=.5, unit="share", n=20, counts="people", control=.25))
    0.25
    """
    return max(0.0, row.value - row.control) if math.isfinite(row.control) else row.value


def by_chance(row: Row) -> Quoted:
    """Return the control as whole people."""
    control = whole(row.control, row.n) if math.isfinite(row.control) else 0
    return Quoted(control, row.finding, "control_hits")


def net_hits(row: Row) -> int:
    """Return the hits of a row less `by_chance`, as whole people."""
    return int(max(0, whole(row.value, row.n) - by_chance(row)))


def counts_of(row: Row) -> dict[str, float]:
    """Return a share as whole people: how many, by chance, of how many."""
    return {"n": people_of(row), "of": row.n, "control": by_chance(row)}


def people_of(row: Row) -> Quoted:
    """Return the hits of a row as whole people."""
    hits = times(row, "value", row.n)
    return hits if hits.field != "value" else Quoted(hits, row.finding, "hits")


def times(row: Row, name: str, factor: float) -> Quoted:
    """Return a number of a row times a factor, as a whole number of 0 or more; nan stays.

    Ends of the interval of a share are rounded outward.
    """
    number, often = getattr(row, name), float(factor)
    field = number.field if isinstance(number, Quoted) else name
    if math.isnan(number):
        return Quoted(math.nan, row.finding, field, often)
    near: Callable[[float], int] = {"low": math.floor, "high": math.ceil}.get(name, _nearest)
    # What a product of floats adds is no person.
    people = max(0, near(round(float(number) * often, 6)))
    return Quoted(people, row.finding, field, often)


def at_most(row: Row) -> Row:
    """Return a row with the upper end as its value where a range stands for a small number."""
    if not _is_for_few(row) or math.isfinite(row.value) or not math.isfinite(row.high):
        return row
    high = row.high if isinstance(row.high, Quoted) else Quoted(row.high, row.finding, "high")
    return replace(row, value=high)


def _is_for_few(row: Row) -> bool:
    """Return whether the guard gave a range in place of a small number."""
    return any(note.key == "range_for_few" for note in row.notes)


def is_at_most(row: Row) -> bool:
    """Return whether the value of a row is its upper end, as `at_most` makes it."""
    return isinstance(row.value, Quoted) and row.value.field == "high"


def _nearest(number: float) -> int:
    return int(number + 0.5)


def compared_with(row: Row) -> float:
    """Return what a value is compared with: the control, else the baseline."""
    return row.control if math.isfinite(row.control) else row.baseline


def whole(share: float, n: float) -> int:
    """Return a share of n as a whole number of 0 or more."""
    return max(0, int(share * n + 0.5))


class ResultLookup:
    """Look up the rows of a study; rows under `SMALL_CELL` are not returned.

    Parameters
    ----------
    study : Study
    findings : iterable of Finding, optional
        Those of the report: rows are then returned as their findings show them, by name.
    """

    def __init__(self, study: Study, findings: Iterable[Any] = ()) -> None:
        self.study = study
        self._finding = {_source_of(f): f.row for f in findings}

    def row(self, family: str, measures: str | Iterable[str], *parts: Any) -> Row | None:
        """Return the first known row of a measure with these values among its parameters.

        None where there is none, where it is not known, or where it counts too few.
        """
        return next(iter(self.rows(family, measures, *parts)), None)

    def rows(self, family: str, measures: str | Iterable[str], *parts: Any) -> list[Row]:
        """Return every known row of a measure with these values among its parameters."""
        names = (measures,) if isinstance(measures, str) else tuple(measures)
        wanted = {str(part) for part in parts}
        return [
            row
            for name in names
            for row in self.family(family)
            if row.measure == name
            and wanted <= {str(v) for v in row.part.values()}
            and math.isfinite(row.value)
            and enough(row)
        ]

    def family(self, family: str) -> list[Row]:
        """Return all rows of a family."""
        return [
            self._finding.get((key, row.key), row)
            for key, measures in self.study.measures.items()
            if family in (key, measures.family)
            for row in measures.rows
        ]  # fmt: skip

    @property
    def keys(self) -> list[str]:
        """The columns of the key of a table; none where the study does not name them."""
        given = (n for n in self.study.notes if n.key in ("key_given", "roles_proposed"))
        return [name for note in list(given)[:1] for name in note.values["key"]]

    @property
    def empty_keys(self) -> list[Note]:
        """The notes on columns of the key of a table that no record fills."""
        table = self.study.measures.get("table")
        return [n for n in table.notes if n.key == "key_missing_everywhere"] if table else []

    @property
    def people(self) -> float:
        """The most people, records or dots that any number counts; 0 where all are withheld."""
        rows = [row for one in self.study.exposures for row in one.rows]
        rows += [row for one in self.study.measures.values() for row in one.rows]
        sizes = [row.n for row in rows if row.counts in GUARDED]
        # A size under the threshold is withheld, not a number.
        return max((n for n in sizes if n >= SMALL_CELL), default=0)

    def exposures(self, view: str) -> list[Exposure]:
        """Return the reliable exposures of a view, by increasing knowledge."""
        return [e for e in self.study.exposures if e.view == view and e.reliable]

    def views(self) -> list[str]:
        """Return the distinct views, in order."""
        return list(dict.fromkeys(e.view for e in self.study.exposures))

    def exposures_on_maps(self) -> list[str]:
        """Return the views of maps, in order."""
        return [view for view in self.views() if view != "table"]

    def masked(self) -> str:
        """Return the first view whose dots were moved; "" where there is none."""
        return next((view for view in self.exposures_on_maps() if is_masked(view)), "")

    def exact(self) -> str:
        """Return the first view whose dots were not moved; "" where there is none."""
        return next((view for view in self.exposures_on_maps() if not is_masked(view)), "")

    def rungs(self, view: str) -> list[tuple[Exposure, Row]]:
        """Return the adversaries on a view with the row of the address, where it is known."""
        rows = ((exposure, self.found(exposure)) for exposure in self.exposures(view))
        return [(exposure, row) for exposure, row in rows if row is not None]

    def of(self, exposure: Exposure) -> list[Row]:
        """Return the rows of an exposure."""
        source = exposure.view, exposure.attack, exposure.copies
        return [self._finding.get((*source, row.key), row) for row in exposure.rows]

    def found(self, exposure: Exposure, gain: str = "address") -> Row | None:
        """Return what an exposure finds of a gain."""
        row = next(row for row in self.of(exposure) if row.gain == gain)
        return row if math.isfinite(row.value) and enough(row) else None

    def best(self, view: str) -> Exposure | None:
        """Return the strongest reliable adversary on a view.

        Not who finds most: that would be learnt from the same people.
        """
        return next(iter(reversed(self.exposures(view))), None)

    @property
    def n_towns(self) -> float:
        """Number of simulated towns; 0 if unknown."""
        return next((row.n for row in self.family("towns") if row.counts == "towns"), 0)


def _source_of(finding: Any) -> tuple[Any, ...]:
    """Return the key of a finding's row among the results of a study."""
    if finding.view:
        return finding.view, finding.attack, finding.copies, finding.row.key
    return finding.family, finding.row.key


def enough(row: Row) -> bool:
    """Whether a row counts enough people to be shown."""
    return row.counts not in GUARDED or not row.n < SMALL_CELL


def finite(values: Any) -> np.ndarray:
    """Return the values that are known, sorted."""
    numbers = np.asarray(values, dtype=float)
    return np.sort(numbers[np.isfinite(numbers)])


def hits_of(row: Row) -> float:
    """Return a share as whole people, or what the row counts; nan for other units."""
    if row.unit not in ("share", "probability", "difference"):
        return math.nan
    return Quoted(whole_of_words(row.value * row.n), row.finding, "hits")


# Kinds by which a person is known whatever the key of a table leaves together.
BESIDE_A_KEY = ("address", "note", "others")


def beside_the_key(words: Words, results: ResultLookup) -> list[str]:
    """Return the lead on addresses, notes and other people that no key of a table counts."""
    items = []
    for row in results.rows("inventory", "shown"):
        columns = [name for note in row.notes for name in note.values.get("columns", ())]
        beside = [name for name in columns if name not in results.keys]
        if row.part["what"] in BESIDE_A_KEY and hits_of(row) and (beside or not columns):
            what = words.name("held", row.part["what"])
            # Where a column of the key shows it too, the row counts that one as well.
            counted = words("story.shown_item", what=what, n=hits_of(row))
            items.append(counted if len(beside) == len(columns) else what)
    every = in_a_row(words, items, "and")
    return [words("story.lead_beside_the_key", items=every)] if items else []


def presumes_nothing(exposure: Exposure) -> bool:
    """Whether no record presumes an opinion."""
    row = exposure.overall.loc["opinion"]
    return bool(row["value"] == 0 and row["confidence"] == 0)


def interval_of(words: Words, row: Row) -> str:
    """Write the 95 % interval of a row, or its range in the worst case; "" for none."""
    return words.interval(row.low, row.high, row.unit, worst_case=row.worst_case)


def _values(words: Words, row: Row) -> dict[str, Any]:
    part = {name: part_value(words, value, name) for name, value in row.part.items()}
    numbers = {name: getattr(row, name) for name in NUMBERS}
    # Without an interval, the denominator.
    interval = interval_of(words, row) or words("number.n", n=row.n)
    values: dict[str, Any] = {"interval": interval, "n": row.n, "hits": hits_of(row)}
    if math.isfinite(row.control):
        values["chance"] = by_chance(row)
    if row.unit in ("probability", "share") and math.isfinite(row.baseline):
        values["blind"] = times(row, "baseline", row.n)
    nouns = {"unit": row.unit, "counts": row.counts, "of": row.of}
    return numbers | values | nouns | part


def _filled(words: Words, key: str, values: dict[str, Any]) -> str:
    """Fill a sentence; "" if one of its values is unknown."""
    needed = [values.get(name, math.nan) for name in words.placeholders(key)]
    if any(isinstance(value, float) and not math.isfinite(value) for value in needed):
        return ""
    return capital(words(key, **values))


def under_other_names(row: Row) -> bool:
    """Whether a contact is in two files mostly under different names."""
    contact = row.measure == "found_in" and row.part.get("by") in ("email", "phone")
    agreements = [note.values for note in row.notes if note.key == "names_agree"]
    return contact and any(2 * one["same"] < one["of"] for one in agreements)


def is_of_doubles(row: Row) -> bool:
    """Whether a row is of tables with several records of a person: its range alone holds."""
    return any(note.key == "doubles_in_tables" for note in row.notes)


def row_sentence(words: Words, family: str, row: Row) -> str:
    """Return the sentence of a row if the catalogue has one and its values are known.

    What the guesses find of people who are not in the release is said even where the sentence of
    the row leaves it out, and so is what chance alone may give.

    Returns
    -------
    str
        "" where there is none: the row stands in its table.
    """
    key = f"sentence.{family}__{row.measure}"
    if row.withheld or not words.has(key) or (row.value == row.baseline and row.value in (0, 1)):
        return ""  # Nothing can vary here.
    if has_control(row) and words.has(f"{key}_beside"):
        key += "_beside"  # The control is printed beside the value, not subtracted.
    elif under_other_names(row):
        key += "_shared"
    elif is_of_doubles(row) and words.has(f"{key}_doubles"):
        key += "_doubles"
    elif words.has(f"{key}_drawn") and any(note.key == "people_drawn" for note in row.notes):
        key += "_drawn"  # Not everybody was looked for.
    elif words.has(f"{key}_doubtful") and any(note.key == "no_word_sure" for note in row.notes):
        key += "_doubtful"  # No word of theirs is without doubt.
    elif row.bound == "lower" and words.has(f"{key}_least"):
        key += "_least"
    elif row.low == row.high and words.has(f"{key}_counted"):
        key += "_counted"  # Every cell was read: the count has no range.
    elif row.part.get("threshold") == 2 and words.has(f"{key}_alone"):
        key += "_alone"  # "Fewer than 2" is one.
    values = _values(words, row)
    of = row.n if is_share(row.unit) else 1.0
    of_people = is_of_doubles(row) or row.measure == "expected_matches"
    if of_people and not is_share(row.unit) and row.low < row.high < math.inf:
        # As on the first screen: whole people, ends outwards.
        values |= {name: times(row, name, of) for name in ("value", "low", "high")}
    if row.low < row.high < math.inf and not _is_for_few(row) and words.has(f"{key}_expected"):
        key += "_expected"  # What blanks hide is not known.
        values |= {"least": times(row, "low", of), "most": times(row, "high", of)}
    text = _filled(words, key, values)
    if not text:
        return ""
    if has_control(row) and not words.placeholders(key) & {"control", "residual", "chance"}:
        text += " " + words("found.control", **values)
    if family == "table" and "least" not in words.placeholders(key):
        text += _range(words, key, row)
    read = (note for note in row.notes if note.key == "blurs_of_dots_read")
    text += "".join(f" {quoted_note(words, note, row.finding)}" for note in read)
    return text + _doubts(words, row)


def _range(words: Words, key: str, row: Row) -> str:
    """Return the range of an expected number."""
    if not row.low < row.high:
        return ""
    of = row.n if "hits" in words.placeholders(key) else 1.0
    least, most = times(row, "low", of), times(row, "high", of)
    kind = "found.worst_case" if row.worst_case else "found.ranges"
    return " " + words(kind, least=least, most=most) if least < most else ""


def _doubts(words: Words, row: Row) -> str:
    text = " " + words("found.within_chance") if row.beyond_chance is False else ""
    return text if row.reliable else f"{text} {words('found.unreliable')}"


def withheld_sentence(words: Words, family: str, row: Row) -> str:
    """Return why the number of a row is withheld, or a range; "" where it is neither."""
    notes = [n for n in row.notes if n.key in ("range_for_few", "levels_would_show")]
    if not (row.withheld or notes):
        return ""
    why = words("found.withheld") if row.withheld else note_text(words, notes[0])
    return words("found.because", label=capital(label_of(words, family, row)), why=why)


def exposure_sentence(
    words: Words, exposure: Exposure, row: Row, view: str, *, believed: bool = False
) -> str:
    """Return the sentence of an attack and a gain, beside what chance gives.

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
        return _filled(words, "found.between_expected", values) + _doubts(words, row)
    # A control of less than one person is said in words.
    compared = has_control(row) and by_chance(row) > 0
    kind = "" if not compared else "beside_" if row.residual > 0 else "nil_"
    text = _filled(words, f"found.{kind}{form}", values)
    if not text:
        return ""
    beside = {
        "chance_under_one": has_control(row) and not compared,
        "within_chance": kind == "beside_" and row.residual_low <= 0,
        "baseline": math.isfinite(row.baseline),
        "claimed_between": math.isfinite(row.confidence_low),
    }
    text += "".join(f" {words(f'found.{key}', **values)}" for key, due in beside.items() if due)
    return text + _doubts(words, row)


def title_sentence(words: Words, title: str, row: Row | None) -> str:
    """Return the title of a figure as a sentence, with denominator and caveat of its row."""
    text = title.rstrip(".") + "."
    if row is None:
        return text
    values = _values(words, row)
    # A title may name the denominator itself.
    if math.isfinite(row.n) and not re.search(rf"{QUOTED[0]}\S+ n ", title):
        text += " " + words("handout.of", **values)
    if has_control(row) and f"{QUOTED[0]}{row.finding} control_hits " not in title:
        text += " " + words("found.control", **values)
    return text + _doubts(words, row)


def _without_sign(number: float) -> float:
    """Return a number without its sign, which a sentence writes in words."""
    return number.scaled(math.copysign(1.0, number)) if isinstance(number, Quoted) else abs(number)


def step_sentence(words: Words, before: Exposure, after: Exposure, row: Row, where: str) -> str:
    """Return the sentence of the difference between two adversaries."""
    if row.withheld or not math.isfinite(row.value) or not hits_of(row):
        return ""
    more = "more" if row.value >= 0 else "less"
    values = _values(words, row) | {
        "hits": _without_sign(hits_of(row)),
        "who": attack_name(words, after.attack, after.copies),
        "before": rung_name(words, before.attack, before.copies),
        "where": capital(where),
        "verdict": words("step.beyond" if row.low > 0 or row.high < 0 else "step.within"),
    }
    key = f"step.{more}_{'expected' if after.expected else 'observed'}"
    return _filled(words, key, values) + ("" if row.reliable else f" {words('found.unreliable')}")


class Step(NamedTuple):
    """The difference between two adversaries on the same people."""

    before: Exposure
    after: Exposure
    row: Row


def step_between(before: Exposure, after: Exposure) -> Step:
    """Compare two adversaries on one view, person by person."""
    rows = Rows(len(after.per_person), "people")
    first, then = (one.per_person["address"].to_numpy(float) for one in (before, after))
    reliable = before.reliable and after.reliable
    rows.difference(
        "more_found", first, then, clusters=after.clusters, gain="address", reliable=reliable
    )
    return Step(before, after, next(iter(rows)))


def climbs_of(study: Study) -> dict[str, list[Exposure]]:
    """Group the exposures with known addresses by view.

    Rungs that are not about the same people as the first one are left out: nothing can be
    subtracted there.
    """
    views: dict[str, list[Exposure]] = {}
    for exposure in study.exposures:
        address = next(row for row in exposure.rows if row.gain == "address")
        if math.isfinite(address.value):
            rungs = views.setdefault(exposure.view, [])
            if not rungs or len(rungs[0].per_person) == len(exposure.per_person):
                rungs.append(exposure)
    return views


def steps_of(study: Study) -> dict[str, list[Step]]:
    """Return the steps between successive adversaries, by view."""
    steps = {
        view: [step_between(*pair) for pair in pairwise(rungs)]
        for view, rungs in climbs_of(study).items()
    }
    return {view: of_view for view, of_view in steps.items() if of_view}
