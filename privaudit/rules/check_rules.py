"""Verdicts of the rules of a day on one file or on the files of a processing.

A verdict is an indication for an inspection, with counts and names of columns as its evidence.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.columns.recognise import ColumnKind, column_kinds, named_by_headers
from privaudit.core.checks import kind_of
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.release.release import Release
from privaudit.results.rows import Row, tidy
from privaudit.rules.description import Description, read_description, refuse_other_dates
from privaudit.rules.duties import CHECKS
from privaudit.rules.facts import Checked, RuleFacts, not_applicable, not_assessable
from privaudit.rules.packs import Rule, all_rules, day_of, rules_on

if TYPE_CHECKING:
    import pandas as pd

# Files that a page names for a ruling; the others are counted.
_NAMED = 6
# Gravest first. None of them states that something is against the law.
VERDICTS = ("breach", "concern", "not_assessable", "met", "not_applicable")
_FIRING = VERDICTS[:2]
# Kinds of columns that describe people: identity, home, opinion.
_OF_PEOPLE = ("name", "email", "phone", "account", "address", "location", "spot", "age", "support",
              "origin", "birthplace", "nationality", "note", "others", "number")  # fmt: skip


@dataclass(frozen=True)
class Ruling:
    """One rule with the outcome of its check.

    Parameters
    ----------
    rule : Rule
        Of several branches the one that fires, the gravest; where none does, all that have the
        same verdict, with the texts of them all.
    checked : Checked
    files : tuple of str
        Names of the files that the verdict rests on, the gravest first; empty where it rests on
        the description alone.
    beside : tuple of (str, str)
        Other files, each with its verdict.
    also : tuple of Ruling
        Other branches that fire; where none does, those of the same verdict.
    """

    rule: Rule
    checked: Checked
    files: tuple[str, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()
    also: tuple[Ruling, ...] = ()

    @property
    def branches(self) -> tuple[Ruling, ...]:
        """This ruling and the others of its rule, the gravest first."""
        return (self, *self.also)

    @property
    def cases(self) -> tuple[str, ...]:
        """Keys of the sentences of what it tests: its branch if it fires, else each of them."""
        of = (self,) if self.is_firing else self.branches
        return tuple(one.rule.case for one in of)

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`: that of the pack where the rule fires, a concern where arguable."""
        outcome = self.checked.outcome
        if outcome == "fires":
            return self.rule.verdict
        return "concern" if outcome == "lesser" else outcome

    @property
    def is_firing(self) -> bool:
        """Whether the verdict is a breach or a concern."""
        return self.verdict in _FIRING

    def beside_by_verdict(self) -> dict[str, tuple[str, ...]]:
        """Return the names of other files by their verdict, gravest first."""
        names = {v: tuple(name for name, own in self.beside if own == v) for v in VERDICTS}
        return {verdict: _shortened(files) for verdict, files in names.items() if files}

    @property
    def said_of(self) -> str:
        """Key of the note that names its files: what is missing rests on none."""
        return "ruled_unknown_of" if self.verdict == "not_assessable" else "ruled_in"

    @property
    def main_files(self) -> tuple[str, ...]:
        """The files that it rests on, as a page names them: of many, the gravest six."""
        return _shortened(self.files)


def _shortened(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first names, and how many are left."""
    left = len(names) - _NAMED
    return names if left <= 0 else (*names[:_NAMED], f"+{left}")


@dataclass(frozen=True)
class Rulings:
    """The rules that hold on a day, each with its verdict.

    Parameters
    ----------
    as_of : datetime.date
    rulings : tuple of Ruling
        By id.

    Examples
    --------
    >>> from privaudit.rules.check_rules import check_rules
    >>> description = {"decisions": {"automated": True, "human_step": False}}
    >>> rulings = check_rules(None, description, as_of="2018-05-25")
    >>> rulings["R27"].verdict, rulings["R02"].verdict
    ('concern', 'not_assessable')
    """

    as_of: datetime.date
    rulings: tuple[Ruling, ...]

    def __iter__(self) -> Iterator[Ruling]:
        return iter(self.rulings)

    def __len__(self) -> int:
        return len(self.rulings)

    def __getitem__(self, name: str) -> Ruling:
        by_id = {ruling.rule.id: ruling for ruling in self.rulings}
        if name in by_id:
            return by_id[name]
        if name in CHECKS:
            # No text of that day has such a rule.
            rule = next(rule for rule in all_rules() if rule.id == name)
            return Ruling(replace(rule, branch="", cites=()), not_applicable())
        known = ", ".join(by_id)
        raise ParameterError(
            f"Rulings: needs a rule of {self.as_of}, but got another. One of {known}."
        )

    def of(self, verdict: str) -> tuple[Ruling, ...]:
        """Return the rulings of one verdict."""
        return tuple(ruling for ruling in self.rulings if ruling.verdict == verdict)

    @property
    def overall(self) -> pd.DataFrame:
        """One row a rule, indexed by id: verdict, evidence, and where the rule stands."""
        import pandas as pd

        rows = [
            {
                "id": ruling.rule.id, "verdict": ruling.verdict,
                "branch": ruling.rule.branch if ruling.is_firing else "",
                "value": ruling.checked.value, "n": ruling.checked.n,
                "counts": ruling.checked.counts, "evidence": ", ".join(ruling.checked.columns),
                "also": "; ".join(
                    f"{one.rule.branch}: {one.verdict} ({', '.join(one.checked.columns)})"
                    for one in ruling.also if ruling.is_firing
                ),
                "files": ", ".join(ruling.files),
                "beside": ", ".join(f"{name}: {verdict}" for name, verdict in ruling.beside),
                "source": ruling.rule.where("en"), "confidence": ruling.rule.confidence,
                "to_verify": ruling.rule.to_verify,
            }
            for ruling in self.rulings
        ]  # fmt: skip
        return pd.DataFrame(rows).set_index("id")

    def to_frame(self) -> pd.DataFrame:
        """Return the rulings as a tidy frame: a row a rule, no column that is empty throughout."""
        return tidy(self.overall.reset_index())

    def __repr__(self) -> str:
        count = {verdict: len(self.of(verdict)) for verdict in VERDICTS}
        text = ", ".join(f"{n} {verdict.replace('_', ' ')}" for verdict, n in count.items() if n)
        return f"Rulings(as of {self.as_of}: {text})"


def check_rules(
    data: Release | pd.DataFrame | None,
    description: Any,
    *,
    as_of: Any,
    measured: Mapping[str, Row] | None = None,
) -> Rulings:
    """Check a processing against the rules of a day: an indication for an inspection, no opinion.

    Parameters
    ----------
    data : Release or pandas.DataFrame, optional
        The table or map that was read; None: the description alone.
    description : path, mapping or Description
        What the holder states; see `privaudit.rules.description`. What it leaves out is not
        assessable, never met.
    as_of : date, or text such as "2016-11-08"
        The rules that held on that day are tested.
    measured : mapping of str to Row, optional
        Numbers that were measured elsewhere: ``people_seen``, ``wrong_doors``, ``severity``,
        ``recipient_risk``.

    Returns
    -------
    Rulings
        A verdict a rule: breach (an indication of one), concern, met (the criterion that was
        tested), not_assessable, not_applicable. Evidence is counts and names of columns.

    Raises
    ------
    ParameterError
        Another kind of release, or a day before the first pack.
    SchemaError
        The description is wrong, has a field of another date, or names a column that the table
        does not have.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"support_level": [1, 2, 5], "consent": ["yes", "", "yes"]})
    >>> stated = {"people": {"consent": "consent"}, "controller": {"type": "party"}}
    >>> ruling = check_rules(people, stated, as_of="2018-05-25")["R02"]
    >>> ruling.verdict, ruling.checked.value, ruling.checked.n, ruling.checked.columns
    ('breach', 1, 3, ('support_level',))
    """
    stated, day = read_description(description), day_of(as_of)
    refuse_other_dates(stated, [day])
    return _rulings_of(data, stated, day, measured)


def _rulings_of(
    data: Release | pd.DataFrame | None,
    stated: Description,
    day: datetime.date,
    measured: Mapping[str, Row] | None,
) -> Rulings:
    """Check a table against the rules of a day."""
    import pandas as pd

    who = "check_rules"
    records = data.records if isinstance(data, Release) else data
    if records is not None and not isinstance(records, pd.DataFrame):
        do = "Use read_table or read_map."
        raise ParameterError.of(who, "a Release or a frame", kind_of(data), do)
    rows = dict(measured or {})
    if not all(isinstance(row, Row) for row in rows.values()):
        raise ParameterError.of(who, "measured rows as Row", "another kind")
    moment = np.datetime64(day, "D")
    facts, numbers = RuleFacts(description=stated, as_of=moment, measured=rows), {}
    if records is not None:
        stated, numbers = stated.for_columns(records.columns), numbered_names(records)
        facts = replace(facts, description=stated, records=records, held=column_kinds(records))
    rulings = [
        _of_branches([
            Ruling(rule, without_names(numbers, checked))
            for rule, checked in zip(rules, _outcomes(rules, facts), strict=True)
        ])
        for rules in _by_id(day)
    ]  # fmt: skip
    return Rulings(day, tuple(rulings))


@cache
def _by_id(day: datetime.date) -> list[list[Rule]]:
    """Return the rules of a day, the branches of one together."""
    return [list(own) for _, own in groupby(rules_on(day), key=lambda rule: rule.id)]


def _outcomes(rules: Sequence[Rule], facts: RuleFacts) -> list[Checked]:
    """Check the branches of one rule."""
    checked = CHECKS[rules[0].id](facts)
    each = [checked if isinstance(checked, Checked) else checked[rule.branch] for rule in rules]
    return [_as_bound(rule, one, facts) for rule, one in zip(rules, each, strict=True)]


def _as_bound(rule: Rule, checked: Checked, facts: RuleFacts) -> Checked:
    """Return the outcome for a text that binds only who declared under it."""
    kind = facts.stated("formality", "kind")
    if not rule.norm or checked.outcome not in ("fires", "lesser") or kind == "ns34":
        return checked
    return not_assessable("formality.kind") if kind is None else replace(checked, outcome="lesser")


def _of_branches(rulings: Sequence[Ruling]) -> Ruling:
    """Return the ruling of a rule: its gravest branch, with the others that fire.

    Where none fires, with those of the same verdict: it rests on all that they cite, and misses
    all that they miss.
    """
    ordered = sorted(rulings, key=lambda one: VERDICTS.index(one.verdict))
    lead = ordered[0]
    if lead.is_firing:
        return replace(lead, also=tuple(one for one in ordered[1:] if one.is_firing))
    same = [one for one in ordered if one.verdict == lead.verdict]
    counted = next((one for one in same if np.isfinite(one.checked.n)), lead)
    missing = dict.fromkeys(path for one in same for path in one.checked.columns)
    cites = {cite.where("en"): cite for one in same for cite in one.rule.cites}
    return replace(
        counted,
        rule=replace(counted.rule, cites=tuple(cites.values())),
        checked=replace(counted.checked, columns=tuple(missing)),
        files=tuple(dict.fromkeys(name for one in same for name in one.files)),
        also=tuple(one for one in same if one is not counted),
    )


def numbered_names(records: pd.DataFrame) -> dict[str, str]:
    """Number the columns whose header may be a person's name: evidence never repeats it.

    Parameters
    ----------
    records : pandas.DataFrame

    Returns
    -------
    dict of str to str
        ``"#2"`` for the second column, by its header.
    """
    names = set(named_by_headers(records, least=SMALL_CELL))
    return {c: f"#{k + 1}" for k, c in enumerate(map(str, records.columns)) if c in names}


def without_names(numbers: Mapping[str, str], checked: Checked) -> Checked:
    """Replace columns whose header may be a person's name by their numbers.

    Parameters
    ----------
    numbers : mapping of str to str
        From `numbered_names`.
    checked : Checked

    Returns
    -------
    Checked
    """

    def numbered(path: str) -> str:
        name, _, field = path.removeprefix("columns.").rpartition(".")
        if path.startswith("columns.") and name in numbers:
            return f"columns.{numbers[name]}.{field}"
        return numbers.get(path, path)

    if not numbers:
        return checked
    return replace(checked, columns=tuple(map(numbered, checked.columns)))


def diff_rules(
    data: Release | pd.DataFrame | None,
    description: Any,
    *,
    as_of: Iterable[Any],
    measured: Mapping[str, Row] | None = None,
) -> pd.DataFrame:
    """Compare the verdicts of several days: how they move with the law.

    Parameters
    ----------
    data, description, measured
        As in `check_rules`.
    as_of : iterable of dates

    Returns
    -------
    pandas.DataFrame
        A row a rule and day on which it holds: ``id``, ``as_of`` and the other columns of
        `Rulings.to_frame`. ``pivot(index="id", columns="as_of", values="verdict")`` lays the days
        side by side.

    Raises
    ------
    ParameterError
        `as_of` is not an iterable of dates.
    SchemaError
        As `check_rules`.

    Examples
    --------
    >>> days = ["2016-11-08", "2018-05-25"]
    >>> stated = {"decisions": {"automated": True, "human_step": False}}
    >>> moved = diff_rules(None, stated, as_of=days)
    >>> moved.loc[moved["id"].isin(["R10", "R27"]), ["id", "as_of", "verdict"]].values.tolist()
    [['R10', '2016-11-08', 'not_assessable'], ['R27', '2018-05-25', 'concern']]
    """
    import pandas as pd

    if isinstance(as_of, str) or not isinstance(as_of, Iterable):
        raise ParameterError.of("diff_rules", "days as as_of", kind_of(as_of))
    days, stated = list(dict.fromkeys(map(day_of, as_of))), read_description(description)
    refuse_other_dates(stated, days)
    parts = []
    for day in days:
        rulings = _rulings_of(data, stated, day, measured)
        parts.append(rulings.overall.assign(as_of=str(rulings.as_of)).reset_index())
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=["id", "as_of", "verdict"])
    frame = frame.sort_values("id", key=lambda ids: ids.str.replace("H", "Z"), kind="stable")
    return tidy(frame[["id", "as_of", *(c for c in frame if c not in ("id", "as_of"))]])


@dataclass(frozen=True, eq=False, kw_only=True)
class RuledFile:
    """A file of a processing.

    Parameters
    ----------
    name : str
        As the report names it.
    kind : {"table", "map", "log", "mailing"}
    records : pandas.DataFrame
        Its rows; no check keeps a cell.
    measured : mapping of str to Row
        As `check_rules` takes them, of this file.
    """

    name: str
    kind: str
    records: pd.DataFrame
    measured: Mapping[str, Row] = field(default_factory=dict)

    @cached_property
    def held(self) -> dict[str, ColumnKind]:
        """Content of its columns."""
        return column_kinds(self.records)

    @cached_property
    def columns(self) -> frozenset[str]:
        """Its columns, by their headers."""
        return frozenset(map(str, self.records.columns))

    @cached_property
    def headers(self) -> frozenset[str]:
        """Its columns, as the evidence of a check names them."""
        return self.columns | {*self.numbered.values()}

    @cached_property
    def numbered(self) -> dict[str, str]:
        """The columns whose header may be a person's name, by their numbers."""
        return numbered_names(self.records)

    @cached_property
    def lists_people(self) -> bool:
        """Whether a row is a person: what is not stated of these rows is not known of people.

        Rows of a log or a mailing are events of people who are listed elsewhere; a table of codes
        lists nobody.
        """
        people = any(column.kind in _OF_PEOPLE for column in self.held.values())
        return self.kind == "map" or (self.kind == "table" and people)


def check_files(
    files: Sequence[RuledFile],
    description: Any,
    *,
    as_of: Any,
    measured: Mapping[str, Row] | None = None,
) -> Rulings:
    """Check each file of a processing against the rules of a day; the gravest verdict leads.

    Parameters
    ----------
    files : sequence of RuledFile
        Of files with the same verdict the first one leads. None: the description alone.
    description : path, mapping or Description
        What it states of columns is checked in the files that have them.
    as_of, measured
        As for `check_rules`; what was measured is of a description without a file.

    Returns
    -------
    Rulings
        Of each rule the gravest verdict: a breach before a concern, what is not assessable before
        what is met. `Ruling.files` names the files that it rests on, none where it rests on the
        description alone; `Ruling.beside` has the verdicts of others.

    Raises
    ------
    SchemaError
        The description names a column of people that no file has.

    Examples
    --------
    >>> import pandas as pd
    >>> stated = {"people": {"consent": "ok"}, "controller": {"type": "party"}}
    >>> asked = RuledFile(name="a", kind="table", records=pd.DataFrame(
    ...     {"email": ["a@b.fr"], "support_level": [1], "ok": ["yes"]}))
    >>> bare = RuledFile(name="b", kind="table", records=pd.DataFrame(
    ...     {"email": ["c@d.fr"], "support_level": [1], "ok": [""]}))
    >>> ruling = check_files([asked, bare], stated, as_of="2018-05-25")["R02"]
    >>> ruling.verdict, ruling.files, ruling.beside
    ('breach', ('b',), (('a', 'met'),))
    """
    day = day_of(as_of)
    columns = dict.fromkeys(str(c) for file in files for c in file.records.columns)
    stated = read_description(description).for_columns(columns)
    moment = np.datetime64(day, "D")
    alone = RuleFacts(description=stated, as_of=moment, measured={} if files else measured or {})
    each = [
        (file, RuleFacts(description=_description_of(file, stated, files), as_of=moment,
                         records=file.records, held=file.held, measured=file.measured))
        for file in files
    ]  # fmt: skip
    # What is stated of columns that no file has is checked all the same.
    absent = {c: v for c, v in stated.columns.items() if c not in columns}
    without_file = alone
    if files:
        without_file = RuleFacts(description=_with_columns(stated, absent), as_of=moment)
    rulings = []
    for rules in _by_id(day):
        of_files = [(file, _outcomes(rules, facts)) for file, facts in each]
        stated_alone, without = _outcomes(rules, alone), _outcomes(rules, without_file)
        branches = []
        for k, rule in enumerate(rules):
            ruled: list[tuple[RuledFile | None, Ruling]] = [
                (file, Ruling(rule, without_names(file.numbered, outcomes[k])))
                for file, outcomes in of_files
            ]
            if absent or not files:
                ruled.append((None, Ruling(rule, without[k])))
            branches.append(_gravest(rule, ruled, stated_alone[k]))
        rulings.append(_of_branches(branches))
    return Rulings(day, tuple(rulings))


def _description_of(
    file: RuledFile, stated: Description, files: Sequence[RuledFile]
) -> Description:
    """Return a description without what it states of columns that only other files have."""
    if len(files) < 2:
        return stated
    others = {c for other in files if other is not file for c in other.columns} - file.columns
    people = {k: c for k, c in stated.sections.get("people", {}).items() if c not in others}
    own = {c: v for c, v in stated.columns.items() if c in file.columns}
    return _with_columns(replace(stated, sections={**stated.sections, "people": people}), own)


def _with_columns(stated: Description, columns: Mapping[str, Any]) -> Description:
    """Return a description with other columns."""
    return replace(stated, sections={**stated.sections, "columns": columns})


def _gravest(rule: Rule, ruled: list[tuple[RuledFile | None, Ruling]], alone: Checked) -> Ruling:
    """Return the gravest ruling, with the names of the files that it rests on.

    A ruling without a file is that of the description; `alone` is the same with all its columns.
    """
    listing = any(file.lists_people for file, _ in ruled if file is not None)
    counted = [
        (file, ruling) for file, ruling in ruled
        if ruling.is_firing or (file is not None and (file.lists_people or not listing))
    ] or ruled  # fmt: skip
    first, lead = min(counted, key=lambda pair: _gravity(pair[0], pair[1], alone))
    same = [(file, ruling) for file, ruling in counted if ruling.verdict == lead.verdict]
    # A verdict that is met, or not known, of some files only is stated of these.
    differ = len(same) < len(counted) or not all(r.checked.same_as(alone) for _, r in same)
    own = [
        file.name for file, ruling in sorted(same, key=lambda pair: pair[0] is not first)
        if file is not None and (_rests_on(file, ruling, alone) if ruling.is_firing else differ)
    ]  # fmt: skip
    checked = lead.checked
    if lead.verdict == "not_assessable":
        missing = dict.fromkeys(path for _, ruling in same for path in ruling.checked.columns)
        checked = replace(checked, columns=tuple(missing))
    elif not own and checked.counts == "records" and Ruling(rule, alone).verdict == lead.verdict:
        # The records of a file are no evidence of what the description states by itself.
        checked = alone
    beside = tuple(
        (file.name, ruling.verdict) for file, ruling in counted
        if file is not None and ruling.verdict not in (lead.verdict, "not_applicable")
    )  # fmt: skip
    return Ruling(rule, checked, files=tuple(own), beside=beside)


def _rests_on(file: RuledFile, ruling: Ruling, alone: Checked) -> bool:
    """Return whether a ruling rests on the content of a file, not on the description alone."""
    checked = ruling.checked
    same = checked.same_as(alone)
    if same or not ruling.is_firing:
        return not same
    counted = not checked.columns and np.isfinite(checked.value)
    of_people = checked.counts in ("dots", "people")
    return bool(file.headers & {*checked.columns} or counted or of_people)


def _gravity(file: RuledFile | None, ruling: Ruling, alone: Checked) -> tuple[int, bool, float]:
    """Order rulings, the gravest first: by verdict, by whether a file shows it, by its cases."""
    cases = ruling.checked.value
    shown = file is not None and _rests_on(file, ruling, alone)
    return VERDICTS.index(ruling.verdict), not shown, -cases if np.isfinite(cases) else 0.0
