"""The rules of a day, held against every file of a processing: the gravest leads, and is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.results.row import Row
from privaudit.rules.check_rules import numbered_names, without_names
from privaudit.rules.description import Description, read_description
from privaudit.rules.facts import CHECKS, Checked, RuleFacts
from privaudit.rules.packs import Rule, day_of, rules_on
from privaudit.rules.rulings import VERDICTS, Ruling, Rulings
from privaudit.tables.recognise import Held, held

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RuledFile", "check_files"]

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
