"""`check_rules`: the rules of a day, held against a description and what a table holds.

- The rules of a day, held against every file of a processing: the gravest leads, and is named.
- What the rules of a day say: verdicts with their evidence, never more than an indication.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.columns.recognise import Held, held, named_by_headers
from privaudit.core.checks import error_message, kind_of
from privaudit.core.policy import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.release.release import Release
from privaudit.results.rows import Row, tidy
from privaudit.rules.description import Description, read_description
from privaudit.rules.facts import CHECKS, Checked, RuleFacts
from privaudit.rules.packs import Rule, day_of, rules_on

if TYPE_CHECKING:
    import pandas as pd

# Files that a page names of a ruling; others are counted.
_NAMED = 6

# Gravest first. None of them says that something is against the law.
VERDICTS = ("breach", "concern", "not_assessable", "met", "not_applicable")


@dataclass(frozen=True)
class Ruling:
    """One rule, and what its check found.

    - `files`: Names of the files that it rests on, the gravest first; none: the description alone.
    - `beside`: What was found in others, each with its verdict.
    """

    rule: Rule
    checked: Checked
    files: tuple[str, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`: what fires is what its pack says, and a concern where arguable."""
        outcome = self.checked.outcome
        if outcome == "fires":
            return self.rule.verdict
        return "concern" if outcome == "lesser" else outcome

    def beside_by_verdict(self) -> dict[str, tuple[str, ...]]:
        """Return the names of other files by what was found in them, gravest first."""
        names = {v: tuple(n for n, one in self.beside if one == v) for v in VERDICTS}
        return {verdict: _some(files) for verdict, files in names.items() if files}

    @property
    def said_of(self) -> str:
        """The key of the note that names its files: what is missing rests on none."""
        return "ruled_unknown_of" if self.verdict == "not_assessable" else "ruled_in"

    @property
    def main_files(self) -> tuple[str, ...]:
        """The files that it rests on, as a page names them: of many, the gravest six."""
        return _some(self.files)


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
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
    >>> told = {"decisions": {"automated": True, "human_step": False}}
    >>> found = check_rules(None, told, as_of="2018-05-25")
    >>> found["R27"].verdict, found["R02"].verdict
    ('concern', 'not_assessable')
    """

    as_of: datetime.date
    rulings: tuple[Ruling, ...]

    def __iter__(self) -> Iterator[Ruling]:
        return iter(self.rulings)

    def __len__(self) -> int:
        return len(self.rulings)

    def __getitem__(self, name: str) -> Ruling:
        for one in self.rulings:
            if one.rule.id == name:
                return one
        known = ", ".join(one.rule.id for one in self.rulings)
        raise ParameterError(
            f"Rulings: needs a rule of {self.as_of}, but got another. One of {known}."
        )

    def of(self, verdict: str) -> tuple[Ruling, ...]:
        """Return the rulings of one verdict."""
        return tuple(one for one in self.rulings if one.verdict == verdict)

    @property
    def overall(self) -> pd.DataFrame:
        """One row a rule, indexed by id: verdict, evidence, and where the rule stands."""
        import pandas as pd

        rows = [
            {
                "id": one.rule.id, "verdict": one.verdict, "value": one.checked.value,
                "n": one.checked.n, "counts": one.checked.counts,
                "evidence": ", ".join(one.checked.columns), "files": ", ".join(one.files),
                "beside": ", ".join(f"{name}: {verdict}" for name, verdict in one.beside),
                "pack": one.rule.pack,
                "source": one.rule.source, "point": one.rule.point,
                "confidence": one.rule.confidence, "to_verify": one.rule.to_verify,
            }
            for one in self.rulings
        ]  # fmt: skip
        return pd.DataFrame(rows).set_index("id")

    def to_frame(self) -> pd.DataFrame:
        """Return the rulings as a tidy frame: a row a rule, no column that is empty throughout."""
        return tidy(self.overall.reset_index())

    def __repr__(self) -> str:
        count = {verdict: len(self.of(verdict)) for verdict in VERDICTS}
        told = ", ".join(f"{n} {verdict.replace('_', ' ')}" for verdict, n in count.items() if n)
        return f"Rulings(as of {self.as_of}: {told})"


def check_rules(
    found: Release | pd.DataFrame | None,
    description: Any,
    *,
    as_of: Any,
    measured: Mapping[str, Row] | None = None,
) -> Rulings:
    """Hold the rules of a day against a processing: an indication for an inspection, no opinion.

    Parameters
    ----------
    found : Release or pandas.DataFrame, optional
        What was read of the table or map; None: the description alone.
    description : path, mapping or Description
        What its holder says; see `privaudit.rules.description`. What it leaves out is not
        assessable, never met.
    as_of : date, or text such as "2016-11-08"
        The rules that held on that day are tested.
    measured : mapping of str to Row, optional
        Numbers that were measured elsewhere: ``people_seen``, ``wrong_doors``, ``severity``.

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
        The description is wrong, or names a column that the table does not have.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"support_level": [1, 2, 5], "consent": ["yes", "", "yes"]})
    >>> told = {"people": {"consent": "consent"}, "controller": {"type": "party"}}
    >>> found = check_rules(people, told, as_of="2018-05-25")
    >>> one = found["R02"]
    >>> one.verdict, one.checked.value, one.checked.n, one.checked.columns
    ('breach', 1, 3, ('support_level',))
    """
    import pandas as pd

    told = read_description(description)
    records = found.records if isinstance(found, Release) else found
    if records is not None and not isinstance(records, pd.DataFrame):
        do = "Use read_table or read_map."
        raise ParameterError(
            error_message("check_rules", "a Release or a frame", kind_of(found), do)
        )
    if records is not None:
        told = told.for_columns(records.columns)
    known = {} if records is None else held(records)
    numbers = dict(measured or {})
    if not all(isinstance(one, Row) for one in numbers.values()):
        raise ParameterError(error_message("check_rules", "measured rows as Row", "another kind"))
    day = day_of(as_of)
    facts = RuleFacts(
        description=told, as_of=np.datetime64(day, "D"), records=records, held=known,
        measured=numbers,
    )  # fmt: skip
    odd = {} if records is None else numbered_names(records)
    rulings = (Ruling(r, without_names(odd, CHECKS[r.id](facts))) for r in rules_on(day))
    return Rulings(day, tuple(rulings))


def numbered_names(records: pd.DataFrame) -> dict[str, str]:
    """Number the columns whose header may be somebody's name: evidence never repeats it."""
    quiet = set(named_by_headers(records, least=SMALL_CELL))
    return {c: f"#{k + 1}" for k, c in enumerate(map(str, records.columns)) if c in quiet}


def without_names(odd: Mapping[str, str], checked: Checked) -> Checked:
    """Return what a check found, with columns of names by their numbers."""

    def called(path: str) -> str:
        name, _, field = path.removeprefix("columns.").rpartition(".")
        if path.startswith("columns.") and name in odd:
            return f"columns.{odd[name]}.{field}"
        return odd.get(path, path)

    return replace(checked, columns=tuple(map(called, checked.columns))) if odd else checked


def diff_rules(
    found: Release | pd.DataFrame | None,
    description: Any,
    *,
    as_of: Iterable[Any],
    measured: Mapping[str, Row] | None = None,
) -> pd.DataFrame:
    """Return the verdict of each rule on several days: how they move with the law.

    Parameters
    ----------
    found, description, measured
        As in `check_rules`.
    as_of : iterable of dates

    Returns
    -------
    pandas.DataFrame
        A row a rule and day on which it holds: ``id``, ``as_of`` and the other columns of
        `Rulings.to_frame`. ``pivot(index="id", columns="as_of", values="verdict")`` lays the days
        side by side.

    Examples
    --------
    >>> days = ["2016-11-08", "2018-05-25"]
    >>> told = {"decisions": {"automated": True, "human_step": False}}
    >>> moved = diff_rules(None, told, as_of=days)
    >>> moved.loc[moved["id"].isin(["R10", "R27"]), ["id", "as_of", "verdict"]].values.tolist()
    [['R10', '2016-11-08', 'not_assessable'], ['R27', '2018-05-25', 'concern']]
    """
    import pandas as pd

    if isinstance(as_of, str) or not isinstance(as_of, Iterable):
        raise ParameterError(error_message("diff_rules", "days as as_of", kind_of(as_of)))
    parts = []
    for day in {str(day_of(day)): day for day in as_of}.values():
        rulings = check_rules(found, description, as_of=day, measured=measured)
        parts.append(rulings.overall.assign(as_of=str(rulings.as_of)).reset_index())
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=["id", "as_of", "verdict"])
    frame = frame.sort_values("id", key=lambda ids: ids.str.replace("H", "Z"), kind="stable")
    return tidy(frame[["id", "as_of", *(c for c in frame if c not in ("id", "as_of"))]])


_FIRING = VERDICTS[:2]
# What tells of people: who they are, where they live, what they think.
_OF_PEOPLE = ("name", "email", "phone", "account", "address", "location", "spot", "age", "support",
              "origin", "birthplace", "nationality", "note", "others", "number")  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class RuledFile:
    """A file of a processing.

    - `name`: As the report names it. `kind` ({"table", "map", "log", "mailing"}): What it is.
    - `records`: Its rows; no check keeps a cell.
    - `measured`: As `check_rules` takes them, of this file.
    """

    name: str
    kind: str
    records: pd.DataFrame
    measured: Mapping[str, Row] = field(default_factory=dict)

    @cached_property
    def held(self) -> dict[str, Held]:
        """What its columns hold."""
        return held(self.records)

    @cached_property
    def headers(self) -> frozenset[str]:
        """Its columns, as the evidence of a check names them."""
        return frozenset((*map(str, self.records.columns), *self.numbered.values()))

    @cached_property
    def numbered(self) -> dict[str, str]:
        """The columns whose header may be somebody's name, by their numbers."""
        return numbered_names(self.records)

    @cached_property
    def lists_people(self) -> bool:
        """Whether a row is somebody: what is not said of these is not known of them.

        Rows of a log or a mailing are events of people who are listed elsewhere; a table of codes
        lists nobody.
        """
        people = any(one.kind in _OF_PEOPLE for one in self.held.values())
        return self.kind == "map" or (self.kind == "table" and people)


def check_files(
    files: Sequence[RuledFile],
    description: Any,
    *,
    as_of: Any,
    measured: Mapping[str, Row] | None = None,
) -> Rulings:
    """Hold the rules of a day against a processing, each of its files by itself.

    Parameters
    ----------
    files : sequence of RuledFile
        The one that leads where several are alike comes first. None: the description alone.
    description : path, mapping or Description
        What it says of columns is held against the files that have them.
    as_of, measured
        As for `check_rules`; what was measured is of a description without a file.

    Returns
    -------
    Rulings
        Of each rule the gravest verdict: a breach before a concern, what is not assessable before
        what is met. `Ruling.files` names the files that it rests on, none where it rests on the
        description alone; `Ruling.beside` says what was found in others.

    Raises
    ------
    SchemaError
        The description names a column of people that no file has.

    Examples
    --------
    >>> import pandas as pd
    >>> told = {"people": {"consent": "ok"}, "controller": {"type": "party"}}
    >>> asked = RuledFile(name="a", kind="table", records=pd.DataFrame(
    ...     {"email": ["a@b.fr"], "support_level": [1], "ok": ["yes"]}))
    >>> bare = RuledFile(name="b", kind="table", records=pd.DataFrame(
    ...     {"email": ["c@d.fr"], "support_level": [1], "ok": [""]}))
    >>> found = check_files([asked, bare], told, as_of="2018-05-25")["R02"]
    >>> found.verdict, found.files, found.beside
    ('breach', ('b',), (('a', 'met'),))
    """
    told, day = read_description(description), day_of(as_of)
    told = told.for_columns(dict.fromkeys(str(c) for one in files for c in one.records.columns))
    moment = np.datetime64(day, "D")
    own = {} if files else dict(measured or {})
    alone = RuleFacts(description=told, as_of=moment, measured=own)
    each = [(one, _facts(one, _said_of(told, one, files), moment)) for one in files]
    # What is said of columns that no file has is said all the same.
    had = {str(column) for one in files for column in one.records.columns}
    absent = {c: v for c, v in told.columns.items() if c not in had}
    rest = RuleFacts(description=_with_columns(told, absent), as_of=moment)
    found = []
    for rule in rules_on(day):
        check = CHECKS[rule.id]
        ruled = [(one, Ruling(rule, without_names(one.numbered, check(facts))))
                 for one, facts in each]  # fmt: skip
        said = Ruling(rule, check(alone if not files else rest)) if absent or not files else None
        found.append(_together(rule, ruled, said, check(alone)))
    return Rulings(day, tuple(found))


def _facts(one: RuledFile, told: Description, moment: np.datetime64) -> RuleFacts:
    return RuleFacts(
        description=told, as_of=moment, records=one.records, held=one.held, measured=one.measured
    )


def _said_of(told: Description, one: RuledFile, files: Sequence[RuledFile]) -> Description:
    """Return what is said of one of several files: of columns that others have, nothing."""
    if len(files) < 2:
        return told
    mine = set(map(str, one.records.columns))
    others = {str(c) for other in files if other is not one for c in other.records.columns} - mine
    columns = {c: v for c, v in told.columns.items() if c in mine}
    people = {k: c for k, c in told.told.get("people", {}).items() if c not in others}
    found = _with_columns(told, columns)
    return replace(found, told={**found.told, "people": people})


def _with_columns(told: Description, columns: Mapping[str, Any]) -> Description:
    return replace(told, told={**told.told, "columns": columns})


def _together(
    rule: Rule, ruled: list[tuple[RuledFile, Ruling]], said: Ruling | None, alone: Checked
) -> Ruling:
    """Return the gravest ruling of several files, with the names of those that it rests on."""
    listing = any(one.lists_people for one, _ in ruled)
    counted: list[tuple[RuledFile | None, Ruling]] = [
        (one, found) for one, found in ruled
        if found.verdict in _FIRING or one.lists_people or not listing
    ]  # fmt: skip
    if said is not None and (said.verdict in _FIRING or not counted):
        counted.append((None, said))
    first, lead = min(counted, key=lambda pair: _gravity(pair[0], pair[1], alone))
    same = [(one, found) for one, found in counted if found.verdict == lead.verdict]
    # What is met, or not known, of some files is told of all of which it is so.
    differ = len(same) < len(counted) or not all(found.checked.says(alone) for _, found in same)
    own = [
        one.name for one, found in sorted(same, key=lambda pair: pair[0] is not first)
        if one is not None and (_rests_on(one, found, alone) if _fires(found) else differ)
    ]  # fmt: skip
    checked = lead.checked
    if lead.verdict == "not_assessable":
        missing = dict.fromkeys(path for _, found in same for path in found.checked.columns)
        checked = replace(checked, columns=tuple(missing))
    elif not own and checked.counts == "records" and Ruling(rule, alone).verdict == lead.verdict:
        # How many records some file has is no evidence of what the description says by itself.
        checked = alone
    beside = tuple(
        (one.name, found.verdict) for one, found in counted
        if one is not None and found.verdict not in (lead.verdict, "not_applicable")
    )  # fmt: skip
    return Ruling(rule, checked, files=tuple(own), beside=beside)


def _fires(ruling: Ruling) -> bool:
    return ruling.verdict in _FIRING


def _rests_on(one: RuledFile, ruling: Ruling, alone: Checked) -> bool:
    """Say whether a ruling rests on what a file holds, and not on the description by itself."""
    checked = ruling.checked
    same = checked.says(alone)
    if same or not _fires(ruling):
        return not same
    counted = not checked.columns and np.isfinite(checked.value)
    return bool(one.headers & {*checked.columns} or counted or checked.counts in ("dots", "people"))


def _gravity(one: RuledFile | None, ruling: Ruling, alone: Checked) -> tuple[int, bool, float]:
    """Order rulings, the gravest first: by verdict, by whether a file shows it, by its cases."""
    cases = ruling.checked.value
    shown = one is not None and _rests_on(one, ruling, alone)
    return VERDICTS.index(ruling.verdict), not shown, -cases if np.isfinite(cases) else 0.0
