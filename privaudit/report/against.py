"""What changed between two reports, finding by finding: `privaudit report FOLDER --against OTHER`.

A difference is made of two numbers of one finding, never of two intervals that overlap or not; what
cannot be compared is listed with the reason.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit.core.checks import an_instance, one_of
from privaudit.core.files import regular
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import OutputError, ParameterError, PrivauditError, ReadError
from privaudit.report.answers import marked, unmarked
from privaudit.report.findings import SCHEMA, Finding, findings_text, without_folders
from privaudit.report.manifest import MANIFEST, verify
from privaudit.report.names import capital, family_name, label_of, rung_name, view_name
from privaudit.report.sentences import interval_of, people_of
from privaudit.results.measures import PROVENANCES, emptied
from privaudit.results.rows import NUMBERS, Row
from privaudit.stats.intervals import difference_of_shares
from privaudit.studies.commands import command_line
from privaudit.studies.study import Input
from privaudit.text.normalise import slug
from privaudit.words.catalogues import (
    GUARDED,
    NOUNS,
    Note,
    Words,
    is_share,
    languages,
    without_marks,
)

if TYPE_CHECKING:
    import pandas as pd

_WHO, _KIND = "report --against", "against"
# Of a page or of findings.json beyond which it is not read.
_MOST = 200_000_000
# Of a finding, in the order in which a page tells them.
STATES = ("rose", "fell", "within", "appeared", "gone", "unlike", "same")
# Settings without which a number of the same name is another one.
_DEFINING = (
    "key", "missing", "weight", "household", "ordered", "sampling_fraction", "person", "item",
    "time", "tolerance", "value", "at", "by",
)  # fmt: skip
# Lines of a part of the page that are not folded, and of a summary.
_LINES, _FIRST = 25, 10


@dataclass(frozen=True, eq=False, kw_only=True)
class WrittenReport:
    """A report that was read from its folder.

    - `folder`: Where it is.
    - `whole`: Its ``findings.json``.
    - `rows`: The row of each finding, by its id.
    - `records`: The finding as it is written, by its id.
    - `program`: Version and digest of the program that wrote it; "" where they are not known.
    - `fault`: Why it does not verify; "" where it does.
    - `alone`: The first finding that another report lacks, by what it measures.
    """

    folder: Path
    whole: Mapping[str, Any]
    rows: Mapping[str, Row]
    records: Mapping[str, Mapping[str, Any]]
    program: tuple[str, str]
    fault: str
    alone: Mapping[tuple[Any, ...], str] = field(default_factory=dict)


def read_report(folder: str | Path, prefix: str = "") -> WrittenReport:
    """Read the findings of a report from its folder, and verify it.

    Parameters
    ----------
    folder : path
    prefix : str
        Stands before the id of each finding in its row.

    Raises
    ------
    ReadError
        It is no report, or one of another format.
    """
    an_instance(_WHO, "the folder of a report", folder, (str, Path))
    place, fault = Path(folder).resolve(), ""
    if not (place / MANIFEST).is_file():
        came = f"'{place.name}', which has no {MANIFEST}"
        raise ReadError.of(_WHO, "the folder of a report", came)
    try:
        verify(place)
    except OutputError as error:
        fault = str(error)
    data = regular(place / "findings.json", _MOST)
    if data is None:
        raise ReadError.of(_WHO, "a report with a findings.json", f"'{place.name}' without one")
    try:
        whole = json.loads(data.decode("utf-8"))
        if whole["schema"] != SCHEMA:
            came, do = f"another one in '{place.name}'", "Make the report again; see its command."
            raise ReadError.of(_WHO, f"findings of schema {SCHEMA}", came, do)
        if whole["kind"] == _KIND:
            raise ReadError.of(_WHO, "a report on data", f"'{place.name}', a comparison of two")
        one_of(_WHO, "provenance", whole["provenance"], PROVENANCES)
        records = {str(one["id"]): one for one in whole["findings"]}
        rows = {name: _row(one, f"{prefix}{name}") for name, one in records.items()}
        program = _program(place)
        settings = [*_leaves(whole["recipe"])]
    except ReadError:
        raise
    except (PrivauditError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        came = f"one in '{place.name}' that cannot be read"
        raise ReadError.of(_WHO, "a findings.json of privaudit", came) from None
    known = {"kind": str(whole["kind"]), "provenance": str(whole["provenance"])}
    return WrittenReport(
        folder=place, whole=known | {"settings": dict(settings)}, rows=rows, records=records,
        program=program, fault=fault,
    )  # fmt: skip


def _row(one: Mapping[str, Any], finding: str) -> Row:
    """Return the row of a finding as it was written."""
    infinite = one.get("infinite", ())
    numbers = {
        name: math.inf if name in infinite else math.nan if one[name] is None else one[name]
        for name in (*NUMBERS, "n")
    }
    if not all(isinstance(number, (int, float)) for number in numbers.values()):
        raise TypeError
    if " " in finding or without_marks(finding) != finding:
        raise ValueError
    texts = ("measure", "unit", "counts", "of", "bound", "gain")
    values: dict[str, Any] = {**numbers, **{name: str(one[name]) for name in texts}}
    values |= {name: one[name] is True for name in ("reliable", "withheld")}
    values["worst_case"] = one.get("worst_case") is True
    return Row(**values, part=dict(one["part"]), finding=finding)


def _program(folder: Path) -> tuple[str, str]:
    """Return the version and the digest of the program that a manifest names."""
    data = regular(folder / MANIFEST, _MOST)
    program = json.loads((data or b"{}").decode("utf-8"))["privaudit"]
    return str(program["version"]), str(program["code_sha256"])


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Return every setting of a recipe by its name, as a text."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(frozen=True, eq=False, kw_only=True)
class Change:
    """One finding in two reports.

    - `id`: Of the finding.
    - `state`: One of `STATES`.
    - `before`, `after`: Its rows; None where a report has none.
    - `row`: The difference, after less before, with its interval; nan where it is not made.
    - `why`: Why nothing is compared, or what stands in its place; None where it is.
    - `record`: The finding as it was written, the later one where there are two.
    """

    id: str
    state: str
    before: Row | None
    after: Row | None
    row: Row
    why: Note | None
    record: Mapping[str, Any]

    @property
    def strength(self) -> tuple[bool, float, str]:
        """Sort key that puts the strongest change first: shares of what is counted, then others.

        A share of something else, such as of pairs or of combinations of keys, is no headline.
        """
        known = [one for one in (self.before, self.after) if one is not None]
        share = self.row.unit == "difference" and all(one.of == one.counts for one in known)
        ends = [abs(one.value) for one in known]
        size = 1.0 if self.row.unit == "difference" else sum(ends)
        moved = abs(self.row.value) / size if size and math.isfinite(self.row.value) else 0.0
        return not share, -moved, self.id


@dataclass(frozen=True, eq=False, kw_only=True)
class ReportComparison:
    """What changed between two reports; see `compare_reports`.

    - `before`, `after`: The two.
    - `changes`: A change a finding, by state, the strongest first.
    - `notes`: On both reports: whether they verify, their versions and settings.
    """

    before: WrittenReport
    after: WrittenReport
    changes: tuple[Change, ...]
    notes: tuple[Note, ...]

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {state}" for state in STATES if (n := self.counts[state]))
        return f"ReportComparison({counts or 'no finding'})"

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many findings are in each state."""
        return Counter(change.state for change in self.changes)

    def to_frame(self) -> pd.DataFrame:
        """Return a row a finding, with its numbers before and after and their difference."""
        import pandas as pd

        return pd.DataFrame([_line(change) for change in self.changes])

    @property
    def provenance(self) -> str:
        """Where the data of both are from; of the audited file where they differ."""
        kinds = {str(one.whole["provenance"]) for one in (self.before, self.after)}
        return kinds.pop() if len(kinds) == 1 else "audited file"


def _line(change: Change) -> dict[str, Any]:
    line: dict[str, Any] = {"id": change.id, "state": change.state}
    line["why"] = change.why.key if change.why else ""
    for name, row in (("before", change.before), ("after", change.after), ("change", change.row)):
        for end, of in (("", "value"), ("_low", "low"), ("_high", "high"), ("_n", "n")):
            if name != "change" or of != "n":
                line[f"{name}{end}"] = math.nan if row is None else float(getattr(row, of))
    last = change.after or change.before
    assert last is not None
    return line | {"unit": last.unit, "counts": last.counts, "change_unit": change.row.unit}


def compare_reports(before: str | Path, after: str | Path) -> ReportComparison:
    """Compare two reports, finding by finding.

    Parameters
    ----------
    before, after : path
        Folders that `report` wrote: of a first visit and a second, or of two versions of what an
        operator publishes.

    Returns
    -------
    ReportComparison
        Each finding rose or fell, differs ``within`` what chance may give, appeared, is gone, is
        ``unlike`` (it cannot be compared, for the reason given) or the ``same``. The interval of a
        difference comes from those of both numbers (`difference_of_shares`), as if they were of
        different people: of the same people it is wider than it need be.

    Raises
    ------
    ReadError
        One is no report, or of another format.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd, privaudit as pa
    >>> ages = pd.DataFrame({"age": range(22, 66), "sex": ["F", "M"] * 22})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, width in (("first", 1), ("second", 22)):
    ...         table = ages.assign(age=ages["age"] // width * width)
    ...         found = pa.measure(table, pa.Roles(key=["age", "sex"]))
    ...         _ = pa.report(found, f"{folder}/{name}")
    ...     changed = pa.compare_reports(f"{folder}/first", f"{folder}/second")
    >>> frame = changed.to_frame().set_index("id")
    >>> print(frame.loc["table.share_under.threshold_2", "state"])
    fell
    """
    first, then = read_report(before, "before."), read_report(after, "after.")
    first, then = (
        replace(one, alone=_alone(other, one)) for one, other in ((first, then), (then, first))
    )
    notes = tuple(_notes(first, then))
    barred = next((note for note in notes if note.key in _BARRING), None)
    names = dict.fromkeys((*then.records, *first.records))
    changes = [_change(name, first, then, barred) for name in names]
    changes.sort(key=lambda one: (STATES.index(one.state), one.strength))
    return ReportComparison(before=first, after=then, changes=tuple(changes), notes=notes)


# Notes on two reports that let nothing be compared.
_BARRING = ("against_provenance", "against_other_setting", "against_few")
# Families of which a row counts people by what a file shows of them.
_CELLS = ("inventory", "properties", "linked", "linked_tables")


def _notes(first: WrittenReport, then: WrittenReport) -> Iterator[Note]:
    """Return what is to be known of both reports."""
    for one in (first, then):
        if one.fault:
            yield Note("against_unverified", report=one.folder.name, fault=one.fault)
    kinds = [{k: one.whole[k] for k in ("provenance", "kind")} for one in (first, then)]
    sizes = [_sizes(one) for one in (first, then)]
    if any(_is_few(sizes[0][of], sizes[1].get(of, 0.0)) for of in sizes[0]):
        yield Note("against_few")
    for key in kinds[0]:
        if kinds[0][key] != kinds[1][key]:
            yield Note(f"against_{key}", before=kinds[0][key], after=kinds[1][key])
    if first.program[0] != then.program[0]:
        yield Note("against_version", before=first.program[0], after=then.program[0])
    elif first.program != then.program:
        yield Note("against_build", version=then.program[0])
    was, now = (one.whole["settings"] for one in (first, then))
    if kinds[0]["kind"] != kinds[1]["kind"]:
        return  # They have no setting in common.
    other = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    for name in sorted(other, key=lambda name: name.split(".")[-1] not in _DEFINING):
        values = ["–" if one.get(name, "") == "" else one[name] for one in (was, now)]
        ends = dict(zip(("before", "after"), values, strict=True))
        # Those of a town or a campaign are of what is measured, not of how.
        how = name in _DEFINING
        yield Note("against_other_setting" if how else "against_setting", setting=name, **ends)


def _sizes(report: WrittenReport) -> dict[tuple[str, Any], float]:
    """Return how many people, or what stands for them, each audited file of a report has."""
    most: dict[tuple[str, Any], float] = {}
    for row in report.rows.values() if report.whole["provenance"] == "audited file" else ():
        of = row.counts, row.part.get("file")
        if row.counts in GUARDED and row.n > most.get(of, 0.0):
            most[of] = row.n
    return most


def _is_few(one: float, other: float) -> bool:
    """Whether two counts differ by fewer than `SMALL_CELL` people: who came, or left."""
    return 0 < round(abs(one - other), 6) < SMALL_CELL


def _would_tell(before: Row, after: Row, family: str) -> bool:
    """Whether two numbers of audited files differ by few people of a group.

    Examples
    --------
    >>> before, after = (Row(measure="shown", value=hits / 90, unit="share", n=90,
    ...                      counts="records") for hits in (40, 43))
    >>> _would_tell(before, after, "inventory"), _would_tell(before, after, "table")
    (True, False)
    """
    of_group = family in _CELLS and _is_few(before.value * before.n, after.value * after.n)
    return after.counts in GUARDED and (_is_few(before.n, after.n) or of_group)


def _change(name: str, first: WrittenReport, then: WrittenReport, barred: Note | None) -> Change:
    before, after = first.rows.get(name), then.rows.get(name)
    record = then.records.get(name) or first.records[name]
    audited = {str(one.whole["provenance"]) for one in (first, then)} == {"audited file"}
    family, few = str(record.get("family", "")), barred is not None and barred.key == "against_few"
    if few or (audited and before and after and _would_tell(before, after, family)):
        # Both go: who has one of the two reports would know the other number.
        before, after = (one and emptied(one) for one in (before, after))
    last = after or before
    assert last is not None
    nothing = dict.fromkeys(NUMBERS, math.nan)
    empty = replace(last, **nothing, part={}, bound="", notes=(), finding=f"change.{name}")  # type: ignore[arg-type]
    if before is None or after is None:
        here, there = (first, then) if after is None else (then, first)
        state, why, row = "gone" if after is None else "appeared", _stead(name, here, there), empty
    elif barred is not None:
        state, why, row = "unlike", barred, empty
    else:
        why = _why_not(before, after)
        row = empty if why else _difference(before, after, empty)
        state = "unlike" if why else _state(row)
    return Change(
        id=name, state=state, before=before, after=after, why=why, record=record,
        row=replace(row, part={"change": state}, notes=(why,) if why else ()),
    )  # fmt: skip


def _alone(here: WrittenReport, there: WrittenReport) -> dict[tuple[Any, ...], str]:
    """Return the first finding of one report alone, by what it measures."""
    first: dict[tuple[Any, ...], str] = {}
    for name, one in there.records.items():
        if name not in here.records:
            first.setdefault(_measured(one), name)
    return first


def _measured(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(str(record.get(key, "")) for key in ("family", "measure", "gain"))


def _stead(name: str, here: WrittenReport, there: WrittenReport) -> Note | None:
    """Return what the other report has in place of a finding: another view, adversary or part."""
    own, other = here.records[name], there.alone.get(_measured(here.records[name]))
    if other is None:
        return None
    one = there.records[other]
    for key, note in (("view", "against_view"), ("attack", "against_adversary")):
        if own.get(key, "") != one.get(key, ""):
            return Note(note, other=other)
    return Note("against_part", other=other)


def _why_not(before: Row, after: Row) -> Note | None:
    """Return why two numbers cannot be compared; None where they can."""
    for one, which in ((before, "earlier"), (after, "later")):
        if one.withheld:
            return Note("against_withheld", which=which)
        if not one.reliable:
            return Note("against_unreliable", which=which)
        if not math.isfinite(one.value):
            return Note("against_unknown", which=which)
    for key in ("unit", "counts", "of", "bound"):
        was, now = getattr(before, key), getattr(after, key)
        if was != now or (key == "bound" and was):
            return Note(f"against_{key}", before=was, after=now)
    counted = before.unit in NOUNS and _exact(before) and _exact(after)
    if counted and before.n != after.n and before.value != before.n:
        return Note("against_n", before=float(before.n), after=float(after.n))
    return None


def _exact(row: Row) -> bool:
    """Whether a number is a plain count, or a share of all that there are: its own interval."""
    return row.low == row.high == row.value


def _difference(before: Row, after: Row, empty: Row) -> Row:
    """Return after less before, with its interval where both have one."""
    share = is_share(after.unit) or after.unit == "difference"
    value = float(after.value) - float(before.value)
    ends = [(float(row.value), float(row.low), float(row.high)) for row in (after, before)]
    worst_case = before.worst_case or after.worst_case
    if worst_case:
        low, high = ends[0][1] - ends[1][2], ends[0][2] - ends[1][1]
    else:
        low, high = difference_of_shares(ends[0], ends[1])
    if share and math.isfinite(low + high):
        low, high = max(-1.0, low), min(1.0, high)
    return replace(
        empty, value=value, low=low, high=high, worst_case=worst_case,
        unit="difference" if share else after.unit,
    )  # fmt: skip


def _state(row: Row) -> str:
    """Return whether a number rose, fell, stayed the same, or changed within chance."""
    if row.value == 0:
        return "same"
    if row.low <= 0 <= row.high:
        return "within"
    return "rose" if row.value > 0 else "fell"


def _labels(words: Words, compared: ReportComparison) -> dict[str, str]:
    """Name each finding; those of one name by their families too."""
    plain = {change.id: _label(words, change) for change in compared.changes}
    often = Counter(plain.values())
    families = {one.id: str(one.record.get("family", "")) for one in compared.changes}
    return {
        name: label if often[label] == 1
        else words.spaced(f"{family_name(words, families[name])}: {label}")
        for name, label in plain.items()
    }  # fmt: skip


def _label(words: Words, change: Change) -> str:
    """Name a finding by its measure, or by who attacks what."""
    row = change.after or change.before
    assert row is not None
    # A number in a name is a parameter, not a finding.
    row, one = replace(row, finding=""), change.record
    family, attack, view = (str(one.get(key, "")) for key in ("family", "attack", "view"))
    if not attack:
        return capital(label_of(words, family, row))
    who, where = rung_name(words, attack), view_name(words, view, "view_short")
    if family == "step":
        who = words("step.row", rung=who, before=rung_name(words, str(one.get("before", ""))))
    gain = words.name("gain", row.of_gain)
    return capital(words("against.exposure", gain=gain, who=who, where=where))


def _number(words: Words, row: Row | None, *, signed: bool = False) -> str:
    """Write the number of a row; with a sign where it is a change."""
    if row is None:
        return ""
    if row.withheld:
        return words("head.withheld")
    text = words.measured(row.value, row.unit, short=True)
    return f"+{text}" if signed and row.value > 0 else text


def _ends(words: Words, change: Change) -> dict[str, str]:
    """Write the numbers before and after, each with its range in the worst case."""
    texts = {}
    for name, row in (("before", change.before), ("after", change.after)):
        texts[name] = _number(words, row)
        if row is not None and row.worst_case and row.low < row.high:
            texts[name] += f" ({interval_of(words, row)})"
    return texts


def _beside(words: Words, row: Row | None, *, counted: bool = True) -> str:
    """Write the interval of a row, and what it counts."""
    if row is None or row.withheld:
        return ""
    ends = interval_of(words, row) if row.low < row.high else ""
    n = words.counted(row.n, row.counts) if counted and math.isfinite(row.n) else ""
    return " · ".join(filter(None, (ends, n)))


def _sentence(words: Words, change: Change, label: str) -> str:
    """Return a change in a sentence; "" where a number is missing."""
    if change.why or change.before is None or change.after is None:
        return ""
    ends = _ends(words, change)
    moved, beside = (
        _number(words, change.row, signed=True),
        _beside(words, change.row, counted=False),
    )
    moved = f"{moved} ({beside})" if beside else moved
    return words("against.sentence", label=label, moved=moved, **ends)


def _words_of(compared: ReportComparison, lang: str, *, on_a_page: bool = True) -> Words:
    return Words(lang, marked=on_a_page, quoted=compared.provenance == "audited file")


def _counted(compared: ReportComparison) -> dict[str, Row]:
    """Return how many findings are in each state, as rows of their own."""
    return {
        state: Row(
            measure="findings", value=compared.counts[state], unit="findings",
            n=len(compared.changes), counts="findings", part={"state": state},
            finding=f"changes.findings.state_{state}",
        )
        for state in STATES
    }  # fmt: skip


def _found(words: Words, compared: ReportComparison) -> dict[str, Any] | None:
    """Return the addresses found in each report by its strongest adversary, and where.

    None unless the same adversaries were tried in both, on other views.
    """
    values: dict[str, Any] = {}
    asked = [one for one in compared.changes if _is_address(one)]
    tried = [
        {str(one.record["attack"]) for one in asked if one.state == state}
        for state in ("gone", "appeared")
    ]
    if tried[0] != tried[1]:
        return None
    if any(note.key in _BARRING for note in compared.notes) or any(
        one.state not in ("appeared", "gone") for one in asked
    ):
        return None
    for name, state in (("before", "gone"), ("after", "appeared")):
        rows = [(one, one.before or one.after) for one in asked if one.state == state]
        known = [(row.value, one.id, row, one) for one, row in rows if row and row.reliable]
        known = [one for one in known if math.isfinite(one[0])]
        if not known:
            return None
        *_, row, one = max(known, key=lambda of: of[:2])
        where = view_name(words, str(one.record["view"]), "view_short")
        values |= {name: people_of(row), f"{name}_of": row.n, f"{name}_where": where}
    return values


def _is_address(change: Change) -> bool:
    """Whether a finding counts the addresses that an adversary finds on a view."""
    row = change.after or change.before
    found = row is not None and row.measure == "reidentified" and row.of_gain == "address"
    return found and bool(change.record.get("attack")) and bool(change.record.get("view"))


def _headline(words: Words, compared: ReportComparison) -> str:
    """Return what changed most, or that nothing did; never empty.

    Addresses found come first where only the view changed, as of a map that was blurred since: no
    finding of them is then in both reports.
    """
    if found := _found(words, compared):
        return words("against.headline_found", **found)
    moved = [one for one in compared.changes if one.state in ("rose", "fell")]
    if moved:
        first = min(moved, key=lambda one: one.strength)
        key = f"against.headline_{first.state}"
        return words(key, label=_labels(words, compared)[first.id], **_ends(words, first))
    counts = {state: row.value for state, row in _counted(compared).items()}
    known = ("within", "same", "unlike", "appeared")
    state = next((name for name in known if compared.counts[name]), "gone")
    return words(f"against.headline_{state}", **counts)


def summary_of(compared: ReportComparison, lang: str) -> list[str]:
    """Return a comparison in lines: the headline, the counts, notes, and the strongest changes."""
    one_of(_WHO, "lang", lang, languages())
    words = _words_of(compared, lang, on_a_page=False)
    counts = {state: row.value for state, row in _counted(compared).items()}
    lines = [unmarked(marked(_headline(words, compared))), words("against.counts", **counts)]
    lines += [capital(words.note(note)) for note in compared.notes]
    labels = _labels(words, compared)
    moved = [one for one in compared.changes if one.state in ("rose", "fell")]
    moved.sort(key=lambda one: one.strength)
    lines += [_sentence(words, one, labels[one.id]) for one in moved[:_FIRST]]
    why = Counter(one.why for one in compared.changes if one.state == "unlike" and one.why)
    lines += [words("against.unlike_line", n=n, why=words.note(w)) for w, n in why.items()]
    return lines


def comparison_json(compared: ReportComparison, command: str = "") -> str:
    """Return a comparison as ``findings.json`` has it: before, after and change of each finding."""
    findings = [*_findings(compared)]
    head = {
        "kind": _KIND, "title": _title(compared), "provenance": compared.provenance,
        "revealed_rows": False, "command": command, "recipe": _recipe(compared),
        "set_aside": [], "notes": list(compared.notes),
    }  # fmt: skip
    return findings_text(head, findings)


def _title(compared: ReportComparison) -> str:
    return f"{compared.before.folder.name} → {compared.after.folder.name}"


def _recipe(compared: ReportComparison) -> dict[str, Any]:
    pair = {"before": compared.before, "after": compared.after}
    return {name: {"report": one.folder.name, "program": one.program} for name, one in pair.items()}


def _findings(compared: ReportComparison) -> Iterator[Finding]:
    """Return every number of a comparison under a name of its own."""
    more: dict[str, Any] = {"provenance": compared.provenance}
    for row in _counted(compared).values():
        yield Finding(id=row.finding, family="changes", row=row, sentence={}, **more)
    spoken = [_words_of(compared, lang, on_a_page=False) for lang in languages()]
    named = {words.lang: _labels(words, compared) for words in spoken}
    for change in compared.changes:
        texts = {w.lang: _sentence(w, change, named[w.lang][change.id]) for w in spoken}
        for family, one in (("before", change.before), ("after", change.after)):
            if one is not None:
                yield Finding(id=one.finding, family=family, row=one, sentence={}, **more)
        sentence = {lang: text for lang, text in texts.items() if text}
        moved = change.row
        yield Finding(id=moved.finding, family="change", row=moved, sentence=sentence, **more)


def write_comparison(
    compared: ReportComparison, out: str | Path, *, lang: str = "en", dated: bool = False
) -> Path:
    """Write a comparison as a folder: a page, its findings, its table and a manifest.

    Raises
    ------
    ParameterError
        `out` is one of the two reports.
    OutputError
        `out` holds something else than a report, or cannot be written.
    """
    from privaudit.io.workbooks import inert
    from privaudit.report.write import write_texts

    one_of(_WHO, "lang", lang, languages())
    pair = compared.before.folder, compared.after.folder
    if any(Path(out).resolve() == one.resolve() for one in pair):
        raise ParameterError.of(_WHO, "--out DIR of its own", "one of the two reports")
    command = command_line(
        "report", [pair[1].resolve()], against=pair[0].resolve(), lang=lang, out="report"
    )
    table = inert(compared.to_frame()).to_csv(index=False, lineterminator="\n")
    texts = {
        "findings.json": comparison_json(compared, without_folders(command)),
        "tables/changes.csv": table,
        "index.html": _page(compared, lang, without_folders(command)),
    }
    inputs = [Input(path=one / "findings.json", role="report") for one in pair]
    return write_texts(
        out, texts, command=without_folders(command), provenance=compared.provenance,
        parameters=_recipe(compared), inputs=inputs, dated=dated,
    )  # fmt: skip


def _page(compared: ReportComparison, lang: str, command: str) -> str:
    """Write the page of a comparison."""
    from privaudit.report.page import rendered

    words = _words_of(compared, lang)
    counts = {state: row.value for state, row in _counted(compared).items()}
    headline = marked(_headline(words, compared))
    return rendered(
        "against.html.j2", "page.css", w=words, title=unmarked(headline), headline=headline,
        subject=_title(compared), provenance=slug(compared.provenance), hands={}, command=command,
        leads=[words("against.counts", **counts)],
        notes=[capital(words.note(note)) for note in compared.notes],
        parts=[*_parts(words, compared)], method=[words("against.method")],
        least=words("annex.numerators", least=SMALL_CELL), kinds=_kinds(words, compared),
    )  # fmt: skip


def _kinds(words: Words, compared: ReportComparison) -> list[tuple[str, str]]:
    """Return where the data of each report are from, where they differ."""
    pair = {"before": compared.before, "after": compared.after}
    kinds = {name: slug(str(one.whole["provenance"])) for name, one in pair.items()}
    if len(set(kinds.values())) == 1:
        return []
    return [(words(f"against.{name}"), words(f"provenance.{kind}")) for name, kind in kinds.items()]


def _parts(words: Words, compared: ReportComparison) -> Iterator[dict[str, Any]]:
    """Return the tables of the page: what moved first, then by state."""
    labels = _labels(words, compared)
    for name, states in (("moved", ("rose", "fell")), *((s, (s,)) for s in STATES[2:])):
        mine = [one for one in compared.changes if one.state in states]
        mine.sort(key=lambda one: one.strength)
        if mine:
            lines = [_cells(words, one, labels[one.id]) for one in mine]
            yield {
                "id": name, "title": words(f"against.{name}_head"), "n": len(mine),
                "intro": words(f"against.{name}_intro"), "lines": lines[:_LINES],
                "more": lines[_LINES:] if name != "same" else [],
                "shown": name != "same",
            }  # fmt: skip


def _cells(words: Words, change: Change, label: str) -> dict[str, str]:
    row = None if change.why or math.isnan(change.row.value) else change.row
    return {
        "label": label, "why": capital(words.note(change.why)) if change.why else "",
        "before": _number(words, change.before), "before_of": _beside(words, change.before),
        "after": _number(words, change.after), "after_of": _beside(words, change.after),
        "change": _number(words, row, signed=True),
        "change_of": _beside(words, row, counted=False),
    }  # fmt: skip
