"""Audit a declared processing against dated rules, and its files by the three WP216 tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.columns.headers import IDENTIFYING_KINDS, kind_of_header, may_name_a_person
from privaudit.columns.recognise import ColumnKind, column_kinds, revealing_columns, rows_showing
from privaudit.columns.roles import Roles
from privaudit.columns.values import Reading
from privaudit.core.checks import keyword_only, kind_of
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError, ReadError
from privaudit.io.coordinates import coordinate_pairs
from privaudit.io.readers import read_frame
from privaudit.maps.scoring.access import access_exposure
from privaudit.maps.scoring.household import household_exposure
from privaudit.release.column_roles import read_roles
from privaudit.release.inventory import propose_roles
from privaudit.release.read_map import count_columns
from privaudit.release.read_table import table_release
from privaudit.release.release import Release, TableRelease
from privaudit.results.measures import Measures, guarded, or_suppressed
from privaudit.results.rows import Row, Rows, tidy_frame
from privaudit.rules.check_rules import VERDICTS, RuledFile, Ruling, Rulings, check_files
from privaudit.rules.description import (
    Description,
    read_description,
    refuse_other_dates,
    refuse_unknown_columns,
)
from privaudit.rules.facts import SPECIAL_KINDS, Checked
from privaudit.rules.packs import day_of
from privaudit.studies.commands import command_line
from privaudit.studies.study import Input, Study
from privaudit.tables.measure import measure
from privaudit.words.catalogues import GUARDED, Note

_PLACE = {"address", "location"}
_WIDER = ("volunteer", "partner", "any_account", "public")


class RuleNumbers(dict[str, Row]):
    """What was measured for rules: a row a name, as `check_rules` takes them."""

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a tidy frame, each measure under its name; see `tidy_frame`."""
        return tidy_frame(replace(row, measure=name) for name, row in self.items())


def measured_for_rules(
    found: Campaign | Study | Release | pd.DataFrame | None,
    description: Any = None,
    *,
    as_of: Any = None,
    seed: int = 7,
) -> RuleNumbers:
    """Return what `check_rules` takes as ``measured``.

    Parameters
    ----------
    found : Campaign, Study, Release or pandas.DataFrame, optional
        A simulated campaign, or the study of one, gives all four; a real file or its study has
        no truth, and gives no wrong door.
    description : path, mapping or Description, optional
        Who receives it, where nothing was measured of that.
    as_of : date, optional
        A campaign's map was narrowed on a day: as it stood on this one, else before.
    seed : int
        Of what is drawn at random for the households of a campaign.

    Returns
    -------
    RuleNumbers
        Mapping of str to Row, with `to_frame`. Those of these that are known:

        - people_seen: whom an account that anybody may open sees, the one that sees most; 0 is
          safe.
        - wrong_doors: share of dots at an address where the person who interacted does not live.
        - severity, 1 to 4 on the CNIL's scale: 3 where data of article 9 stand with a home, 2 where
          one of them does, else 1. Never 4 by itself.
        - likelihood, 1 to 4: 4 where anybody may register, 3 where any volunteer has an account
          or nothing is logged, 2 where staff alone have one and reading is logged.

    Raises
    ------
    ParameterError
        Another kind of thing.

    Examples
    --------
    >>> import pandas as pd
    >>> file = pd.DataFrame({"support_level": [1, 5], "adresse": ["1 rue A", "2 rue B"]})
    >>> description = {"recipients": [{"role": "staff"}], "security": {"access_log": True}}
    >>> {name: row.value for name, row in measured_for_rules(file, description).items()}
    {'severity': 3.0, 'likelihood': 2.0}
    """
    if not (found is None or isinstance(found, (Campaign, Study, Release, pd.DataFrame))):
        needed = "a campaign, a study, a release or a frame"
        raise ParameterError.of("measured_for_rules", needed, kind_of(found))
    described = read_description({} if description is None else description)
    families: Mapping[str, Measures] = {}
    if isinstance(found, Campaign):
        families = {
            "access": access_exposure(found), "household": household_exposure(found, seed=seed),
        }  # fmt: skip
    elif isinstance(found, Study):
        families = found.measures
    after = isinstance(found, Campaign) and as_of is not None and (
        day_of(as_of) >= day_of(str(found.plan.restricted_at)[:10])
    )  # fmt: skip
    seen = _seen_by(families, "after" if after else "before")
    households = families["household"].rows if "household" in families else ()
    rows = {
        "people_seen": seen.get("public") or _described_audience(found, described),
        "wrong_doors": next((row for row in households if row.measure == "wrong_addresses"), None),
        "severity": _severity(found, described),
        "likelihood": _likelihood(seen, described),
    }
    return RuleNumbers({name: row for name, row in rows.items() if row is not None})


def _seen_by(families: Mapping[str, Measures], moment: str) -> dict[str, Row]:
    """Return, by role, what the account that sees most sees, of roles that have an account."""
    rows = families["access"].rows if "access" in families else ()
    return {
        str(row.part["role"]): Row(
            measure="people_seen", value=row.value, unit="people", n=row.n, counts=row.counts
        )
        for row in rows
        if row.measure == "people_max" and row.part.get("moment") == moment and row.value > 0
    }


def _described_audience(found: Any, described: Description) -> Row | None:
    """Count every dot as visible where an open account sees the whole map."""
    whole = any("scope" not in one for one in described.each("recipients") if _is_open(one))
    records = _records(found)
    if not whole or records is None or not coordinate_pairs(list(records.columns)):
        return None
    n = len(records)
    return Row(measure="people_seen", value=n, unit="dots", n=n, counts="dots")


def _level(measure: str, value: float) -> Row:
    return Row(measure=measure, value=value, unit="index", n=4, counts="levels")


def _severity(found: Any, described: Description) -> Row | None:
    """Grade what a leak would do by what stands together: what article 9 is of, a home, both."""
    kinds = {kind for column in described.columns if (kind := kind_of_header(column)[0])}
    opinion = bool(described.get("processing", "political"))
    opinion |= any(one.get("source") == "inferred" for one in described.columns.values())
    if isinstance(found, Campaign) or (isinstance(found, Study) and found.kind == "demo"):
        kinds |= {"support", "location"}
    elif (records := _records(found)) is not None:
        known = column_kinds(records)
        kinds |= {one.kind for one in known.values()}
        kinds |= {"origin"} if revealing_columns(records, known) else set()
        kinds |= {"location"} if coordinate_pairs(list(records.columns)) else set()
    elif not kinds and not opinion:
        return None
    opinion |= bool(kinds & {*SPECIAL_KINDS})
    return _level("severity", 1 + opinion + bool(kinds & _PLACE))


def _records(found: Any) -> pd.DataFrame | None:
    records = found.records if isinstance(found, Release) else found
    return records if isinstance(records, pd.DataFrame) else None


def _is_open(recipient: Mapping[str, Any]) -> bool:
    """Return whether anyone may become such a recipient."""
    return recipient.get("role") in ("any_account", "public") and not recipient.get("vetted")


def _likelihood(seen: Mapping[str, Row], described: Description) -> Row | None:
    """Grade the likelihood of a leak by who has access."""
    given = described.each("recipients")
    if not seen and not given:
        return None
    if "public" in seen or any(map(_is_open, given)):
        return _level("likelihood", 4)
    logged = described.get("security", "access_log") is True
    wider = "volunteer" in seen or any(one.get("role") in _WIDER for one in given)
    return _level("likelihood", 3 if wider or not logged else 2)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class AuditedProcessing:
    """The files of a processing.

    - `description`: TOML, what its holder says of it.
    - `table`, `dots`: Its table and its map; either may be absent.
    - `reading`: How cells of the table are read.
    - `others`: Further files of it, each with what it is: "table", "map", "log" or "mailing".
    - `roles_file`: TOML, roles of the columns of the table.
    """

    description: Path
    table: Path | None = None
    dots: Path | None = None
    reading: Reading | None = None
    others: tuple[tuple[str, Path], ...] = ()
    roles_file: Path | None = None

    @property
    def files(self) -> list[tuple[str, Path]]:
        """The files that there are, each with what it is."""
        named = [("table", self.table), ("map", self.dots)]
        return [*((role, path) for role, path in named if path is not None), *self.others]


def audit_rules(
    processing: AuditedProcessing,
    *,
    as_of: Any,
    also: Sequence[Any] = (),
    risks: Mapping[str, Row] | None = None,
    roles: Roles | None = None,
) -> Study:
    """Hold the rules of a day, and of others, against a processing and return the study.

    Parameters
    ----------
    processing : AuditedProcessing
    as_of : date
        The day whose verdicts are reported.
    also : sequence of dates
        Further days, to say how verdicts move.
    risks : mapping of str to Row, optional
        By name of a file: what was measured of the recipient who finds most people in it.
    roles : Roles, optional
        Those that an inventory proposed of the table already.

    Returns
    -------
    Study
        Of kind "rules": a row a rule, and `rulings`, those of `as_of` first. What counts fewer
        than `SMALL_CELL` people holds no number any more.

    Raises
    ------
    SchemaError, ReadError
        A file is wrong, or the description has a field that none of the days knows.
    ParameterError
        A day is invalid, or before the first pack.
    """
    described = read_description(processing.description)
    days = list(dict.fromkeys([day_of(as_of), *map(day_of, also)]))
    refuse_other_dates(described, days)
    tables = [
        table_release(path, Roles(), reading=processing.reading, who="rules")
        for path in (processing.table,) if path is not None
    ]  # fmt: skip
    ruled = [_ruled(processing, role, path, tables, described) for role, path in processing.files]
    ruled = [_with_risk(one, risks or {}) for one in ruled]
    if ruled:
        had = list(dict.fromkeys(str(c) for one in ruled for c in one.records.columns))
        described = described.for_columns(had)
        refuse_unknown_columns(described, had)
    absent = _not_there(described, ruled)
    said = measured_for_rules(None, described)
    graded = _graded(said, ruled)
    dots = next((o.records for o, (role, _) in zip(ruled, processing.files, strict=True)
                 if role == "map"), None)  # fmt: skip
    known = _stated(processing, tables) or roles
    tests = three_tests(tables[0] if tables else None, dots, roles=known)
    rulings = tuple(
        _guarded(check_files(ruled, described, as_of=day, measured=said)) for day in days
    )
    rows = [_row(one) for one in rulings[0]]
    return Study(
        kind="rules",
        title=str(described.get("processing", "name") or processing.description.name),
        provenance="audited file",
        real_places=True,
        measures={
            "rules": Measures(family="rules", rows=rows),
            "verdicts": Measures(family="verdicts", rows=_verdicts(rulings, graded)),
        }
        | ({"wp216": tests} if tests.rows else {}),
        rulings=rulings,
        notes=(Note("described_absent", columns=absent),) if absent else (),
        described=described,
        graded={name: graded[name] for name in ("severity", "likelihood") if name in graded}
        | shown_tests(tests),
        set_aside=dict(tables[0].set_aside) if tables else {},
        command=command_line(
            "rules", [processing.description], processing, processing.reading,
            as_of=days[0], also=days[1:],
        ),
        inputs=(
            Input(path=processing.description, role="description"),
            *(Input(path=path, role=role) for role, path in processing.files),
            *(Input(path=path, role="roles") for path in [processing.roles_file] if path),
        ),
        recipe={"as_of": str(days[0]), "also": [str(day) for day in days[1:]]},
    )  # fmt: skip


def _stated(processing: AuditedProcessing, tables: Sequence[TableRelease]) -> Roles | None:
    """Return the roles that a roles file states of the table; None where it states none."""
    if processing.roles_file is None:
        return None
    stated = read_roles(processing.roles_file)
    names = [path.name for _, path in processing.files]
    sheet = None if processing.reading is None else processing.reading.sheet
    stated.refuse_without(names, sheet, who="rules")
    if processing.table is None or not tables:
        return None
    columns = tables[0].records.columns
    return stated.checked(processing.table.name, columns, sheet, who="rules")


def _not_there(described: Description, ruled: Sequence[RuledFile]) -> tuple[str, ...]:
    """Return the described columns that no file has, but those that may name a person."""
    had = {str(column) for one in ruled for column in one.records.columns}
    absent = [column for column in described.columns if column not in had]
    return tuple(c for c in absent if not may_name_a_person(c)) if ruled else ()


def _ruled(
    processing: AuditedProcessing,
    role: str,
    path: Path,
    tables: Sequence[TableRelease],
    described: Description,
) -> RuledFile:
    """Read a file of a processing, and measure what rules ask of it."""
    if path == processing.table:
        records = tables[0].records
    elif role == "map":
        records = _of_map(path, among_others=path != processing.dots)
    else:
        records = table_release(path, Roles(), who="rules").records
    described = described.for_columns(records.columns)
    # Of several files, each is as grave as what is in it, and not as what is said of another.
    mine = {column: one for column, one in described.columns.items() if column in records.columns}
    own = (
        described
        if len(processing.files) == 1
        else replace(described, sections={**described.sections, "columns": mine})
    )
    measured = measured_for_rules(records, own)
    return RuledFile(name=path.name, kind=role, records=records, measured=measured)


def _of_map(path: Path, *, among_others: bool) -> pd.DataFrame:
    """Read the rows of a map; of one among others, as a table where it gives few dots."""
    try:
        return read_frame(path, who="rules", gives="dots").frame
    except ReadError:
        if not among_others:
            raise
        return read_frame(path, who="rules", gives="table").frame


def _guarded(rulings: Rulings) -> Rulings:
    """Return the rulings, without the numbers of what counts fewer than `SMALL_CELL` people."""

    def shown(ruling: Ruling) -> Ruling:
        also = tuple(map(shown, ruling.also))
        return replace(ruling, checked=_shown(ruling.checked), also=also)

    return replace(rulings, rulings=tuple(map(shown, rulings)))


def _shown(checked: Checked) -> Checked:
    of = checked.value if math.isnan(checked.n) else checked.n
    if checked.counts not in GUARDED or not of < SMALL_CELL:
        return checked
    return replace(checked, value=math.nan, n=math.nan, withheld=True, unread=0)


def _with_risk(file: RuledFile, risks: Mapping[str, Row]) -> RuledFile:
    """Return a file with what was measured of the recipient who finds most people in it."""
    if file.name not in risks:
        return file
    return replace(file, measured={**file.measured, "recipient_risk": risks[file.name]})


def _graded(described: Mapping[str, Row], ruled: Sequence[RuledFile]) -> dict[str, Row]:
    """Return the gravest grade of each kind, of the description and of the files."""
    graded = dict(described)
    for one in ruled:
        graded |= {name: max(row, graded.get(name, row), key=lambda r: r.value)
                   for name, row in one.measured.items()}  # fmt: skip
    return graded


def _verdicts(rulings: Sequence[Rulings], graded: Mapping[str, Row]) -> Rows:
    """Count the rules of each day by verdict, of the first without its date; then grades."""
    rows = Rows(len(rulings[0]), "criteria")
    for of in rulings:
        part = {} if of is rulings[0] else {"day": str(of.as_of)}
        for verdict in VERDICTS:
            rows.count(verdict, len(of.of(verdict)), "criteria", n=len(of), part=part)
    for name in ("severity", "likelihood"):
        if name in graded:
            rows.put(replace(graded[name], measure=name, part={}))
    return rows


def _row(ruling: Ruling) -> Row:
    """Return a ruling as a row: cases, what they are out of, and the verdict as a note."""
    rule, checked = ruling.rule, ruling.checked
    notes = [Note("ruled", verdict=ruling.verdict)]
    missing = ruling.verdict == "not_assessable"
    if ruling.is_firing:
        notes += [
            Note("ruled_case", case=one.rule.case, verdict=one.verdict) for one in ruling.branches
        ]
    paths = tuple(dict.fromkeys(path for one in ruling.branches for path in one.checked.columns))
    if paths:
        notes.append(Note("ruled_missing" if missing else "ruled_by", paths=paths))
    if ruling.files:
        notes.append(Note(ruling.said_of, files=ruling.main_files))
    for verdict, files in ruling.beside_by_verdict().items():
        notes.append(Note(f"ruled_beside_{verdict}", files=files))
    cited = dict.fromkeys(cite.text.id for one in ruling.branches for cite in one.rule.cites)
    notes.append(Note("ruled_source", texts=tuple(cited)))
    if any(one.rule.to_verify for one in ruling.branches):
        notes.append(Note("ruled_unread"))
    value, n, counts = checked.value, checked.n, checked.counts
    if math.isnan(value) and checked.outcome in ("fires", "lesser") and not checked.withheld:
        value, n, counts = len(checked.columns), math.nan, "criteria"
    return Row(
        measure=rule.id, value=value, low=value, high=value + checked.unread, worst_case=True,
        unit=counts, n=n, counts=counts, notes=tuple(notes), withheld=checked.withheld,
    )  # fmt: skip


# Sensitive columns that are looked at.
_MOST_SENSITIVE = 2


def three_tests(
    table: pd.DataFrame | TableRelease | None = None,
    dots: pd.DataFrame | None = None,
    *,
    families: Mapping[str, Measures] | None = None,
    roles: Roles | None = None,
) -> Measures:
    """Make the three WP216 tests on a table, and on a map.

    Parameters
    ----------
    table : pandas.DataFrame or TableRelease, optional
        With its roles where they are known; else those that `inspect` proposes.
    dots : pandas.DataFrame, optional
        What stands in a map, coordinates too.
    families : mapping of str to Measures, optional
        What was measured besides: "linked" tells whether both can be linked.
    roles : Roles, optional
        Those of the table, where an inventory proposed them already.

    Returns
    -------
    Measures
        Family "wp216", 0 is safe, of what ``tested`` says. A set that fails one is anonymous after
        a detailed analysis only.

        - singling_out: share of the records that name somebody, or whom the key sets apart; of
          the dots that do, or that stand alone at their point.
        - linkability: share that another file can be linked to by a name, a contact, an account,
          an address or a point; ``tested="both"``: of the dots whom the table names, net.
        - inference: share of the guesses of an opinion that are right given the key.
          Baseline: without the key; control: about people who are not in the table.

    Examples
    --------
    >>> people = pd.DataFrame({"nom": ["Petit", "Roux"], "sexe": ["F", "M"]})
    >>> three_tests(people).value("singling_out", tested="table")
    1.0
    """
    rows = Rows(0, "records")
    if table is not None:
        _of_table(rows, table, roles)
    # A row of counts by area is nobody's.
    if dots is not None and len(dots) and not count_columns(dots):
        _tests_of_map(rows, dots)
    linked = (families or {}).get("linked")
    named = [row for row in linked.rows if row.measure == "dot_named"] if linked else []
    if named:
        rows.put(replace(named[-1], measure="linkability", part={"tested": "both"}))
    return Measures(family="wp216", rows=rows, recipe={"stage": "wp216"})


def _of_table(
    rows: Rows, table: pd.DataFrame | TableRelease, proposed: Roles | None = None
) -> None:
    frame = table if isinstance(table, pd.DataFrame) else table.records
    if not len(frame):
        return
    known = column_kinds(frame)
    roles = Roles() if isinstance(table, pd.DataFrame) else table.roles
    if not roles.key:
        roles = propose_roles(frame, "inspect") if proposed is None else proposed
    key = [c for c in roles.key if c in frame]
    worth = [c for c in roles.sensitive if c in frame and c not in key][:_MOST_SENSITIVE]
    roles = Roles(key=tuple(key), sensitive=tuple(worth))
    found = measure(frame[[*key, *worth]], roles) if key else None
    alone, is_counted = np.zeros(len(frame), dtype=bool), True
    if found is not None:
        scores: Any = found.per_record
        alone = scores["prosecutor_risk"].to_numpy() >= 1
        # Of a key whose levels may be rare a report gives a range.
        is_counted = found.row("sample_uniques").printed is None
    fields: dict[str, Any] = {"counts": "records", "part": {"tested": "table"}}
    keys = (Note("wp216_key", columns=tuple(key)),) if key else ()
    columns = _who(frame, known)
    _add_test(rows, "singling_out", columns, alone, keys, others_counted=is_counted, **fields)
    nobody = np.zeros(len(frame), dtype=bool)
    _add_test(rows, "linkability", _who(frame, known, "address"), nobody, **fields)
    if found is not None:
        guesses = [_known_row(r) for r in found.rows if r.measure == "vulnerability_posterior"]
        if guesses:
            worst = max(guesses, key=lambda r: r.value - _else(r.control, _else(r.baseline, 0)))
            rows.put(replace(worst, measure="inference", part={"tested": "table"}))


def _known_row(row: Row) -> Row:
    """Count a value that all records share as inferred without a key."""
    constant = any(note.key == "column_constant" for note in row.notes)
    return replace(row, value=1.0, low=1.0, high=1.0) if constant else row


def _else(value: float, other: float) -> float:
    return value if np.isfinite(value) else other


def _tests_of_map(rows: Rows, dots: pd.DataFrame) -> None:
    known = column_kinds(dots)
    place = coordinate_pairs(list(map(str, dots.columns)))
    alone = ~dots[place].duplicated(keep=False).to_numpy() if place else np.zeros(len(dots), bool)
    fields: dict[str, Any] = {"counts": "dots", "part": {"tested": "map"}}
    _add_test(rows, "singling_out", _who(dots, known), alone, **fields)
    located = np.full(len(dots), bool(place))
    _add_test(rows, "linkability", _who(dots, known, "address"), located, **fields)


def _who(frame: pd.DataFrame, known: Mapping[str, ColumnKind], *also: str) -> list[np.ndarray]:
    """Return which rows each column says who they are, or where they live."""
    mine = {c: one for c, one in known.items() if one.kind in (*IDENTIFYING_KINDS, *also)}
    return list(rows_showing(frame, mine).values())


def _add_test(
    rows: Rows,
    measure: str,
    columns: Sequence[np.ndarray],
    others: np.ndarray,
    notes: Sequence[Note] = (),
    *,
    others_counted: bool = True,
    **fields: Any,
) -> None:
    """Add the share of the rows that a column names, or that are among others.

    Where a report does not count the cells of a column, or the others (`others_counted`), their
    union with those that it counts would give them away: only the latter are printed, as a lower
    bound.
    """
    counted = [one for one in columns if np.isfinite(or_suppressed(int(one.sum()), len(one)))]
    every, least = (
        np.logical_or.reduce([np.zeros_like(others), *some])
        for some in ((*columns, others), (*counted, *([others] if others_counted else [])))
    )
    if not (others_counted and len(counted) == len(columns)) and not least.all():
        few = () if least.any() else ("row",)
        fields |= {"printed": (float(least.mean()), math.nan), "unprinted": few}
    rows.share(measure, every, notes, **fields)


def shown_tests(found: Measures) -> dict[str, Row]:
    """Return the tests that may be printed beside the grades, by name; no bound."""
    return {
        f"{row.measure}_{row.part['tested']}": row
        for row in guarded(found.rows)
        if np.isfinite(row.value) and not row.bound
    }
