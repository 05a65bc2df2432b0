"""The dossier: one study of a whole seizure, its tables, maps, logs and mailings together.

Each file is opened by itself: one that cannot be read is named, and stops no other. Tables are
joined with each other and with maps; the three WP216 tests are made on every table and map.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from privaudit.columns.roles import Roles
from privaudit.core.checks import keyword_only
from privaudit.core.files import made_once
from privaudit.core.progress import Tick, silent
from privaudit.core.reproducible import stream
from privaudit.errors import GeometryError, ParameterError, PrivauditError, ReadError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.io.addresses import read_addresses
from privaudit.io.csv_dialects import without_header
from privaudit.linkage.join_tables import linked_tables
from privaudit.linkage.person_index import PersonIndex
from privaudit.maps.masks.mask import Exact
from privaudit.release.inventory import Inventory, shown_rows, table_inventory
from privaudit.release.read_map import read_map, refuse_counts
from privaudit.release.read_table import read_table
from privaudit.results.measures import Measures
from privaudit.results.rows import Row, Rows
from privaudit.rules.description import (
    Description,
    read_description,
    refuse_other_dates,
    refuse_unknown_columns,
)
from privaudit.rules.packs import day_of
from privaudit.studies.audit_log import InteractionLog, audit_log
from privaudit.studies.audit_map import SeizedMap, audit_map
from privaudit.studies.audit_rules import AuditedProcessing, audit_rules, three_tests
from privaudit.studies.commands import command_line
from privaudit.studies.compare import by_recipient
from privaudit.studies.exhibits import (
    Contents,
    Exhibit,
    add_named,
    by_inventory,
    codes_written_out,
    holds_addresses,
    open_exhibit,
    set_out,
    shown_by_name,
)
from privaudit.studies.inspect import inspect_files
from privaudit.studies.link_releases import link_releases
from privaudit.studies.study import (
    GRAVE_ROLES,
    Case,
    Input,
    Study,
    address_input,
    joined_families,
    source_notes,
)
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

# What a row of each is, of one person: of a log and of a mailing, an account.
_COUNTS = {"table": "records", "map": "dots"}


def tables_together(
    exhibits: Sequence[Exhibit],
    base: AddressBase | None = None,
    *,
    laid: Collection[frozenset[str]] = (),
    seed: int = 7,
) -> Measures:
    """Lay every table of a seizure beside every other; see `linked_tables`.

    - `base`: The public addresses, by which two ways to write an address are one.
    - `laid`: Names of pairs that are left out.

    Logs and mailings are lists of those who come back in them. Tables that tell of nobody, and
    those that cannot be read, are left out.
    """
    indexes = []
    for one in exhibits:
        # What is refused was refused where its inventory was taken, and is noted.
        with suppress(PrivauditError):
            counts = _COUNTS.get(one.kind, "accounts")
            index = PersonIndex.of(read_table(one.path), one.path.name, base, counts=counts)
            if index.tells_somebody:
                indexes.append(index)
    return linked_tables(indexes, laid=laid, rng=stream(seed, "linked tables"))


# What is said of an error that gives no reason of its own.
_KINDS = {ReadError: "read", SchemaError: "schema", GeometryError: "geometry"}


class Acquisition(NamedTuple):
    """When, in which mission and by whom files were acquired, and their numbers as exhibits."""

    day: str
    mission: str
    agents: tuple[str, ...]
    numbers: Mapping[str, str]


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Seizure:
    """The files of a seizure, and under which name they were taken.

    Parameters
    ----------
    files : sequence of path
        Tables, maps, logs and mailings, in any order and readable format.
    description : path
        What the holder says of the processing (TOML, see `privaudit rules --init`).
    exhibit : str
        The name of the exhibit, as the report is to carry it.
    addresses : path, optional
        National address file; without it no map is attacked and none is laid beside a table.
    commune : str, optional
        INSEE codes in it.
    operator : str
        Who carried it out; "" leaves the report without a name.
    acquired : date or str, optional
        The day on which the files were acquired.
    mission : str
        Name or number of the mission in which they were.
    agents : sequence of str
        Who acquired them.
    roles_file : path, optional
        TOML, roles of columns, file by file; those of other files are proposed.
    contents : Contents, optional
        What was set out of files that hold several, and stands among `files`; see `with_members`.
    """

    files: Sequence[Path]
    description: Path
    exhibit: str
    addresses: Path | None = None
    commune: str | None = None
    operator: str = ""
    acquired: Any = None
    mission: str = ""
    agents: Sequence[str] = ()
    roles_file: Path | None = None
    contents: Contents | None = None

    @property
    def given(self) -> list[Path]:
        """The files as they were given, in place of what was set out of them."""
        return replace(self.contents or Contents(files=()), files=tuple(self.files)).given

    def numbers(self, stated: Mapping[str, str]) -> dict[Path, str]:
        """Return the number of each exhibit; of parts of a file, 2.1, 2.2 and so on.

        Parameters
        ----------
        stated : mapping of str to str
            Those that files have, by name; the others are numbered in the order given.

        Returns
        -------
        dict of path to str

        Examples
        --------
        >>> whole, part = Path("b.xlsx"), Path("b.xlsx > 2016")
        >>> both = Contents(files=(Path("a.csv"), part), containers={whole: (part,)})
        >>> seizure = Seizure(files=both.files, description="d", exhibit="x", contents=both)
        >>> list(seizure.numbers({}).values()), list(seizure.numbers({"b.xlsx": "A-7"}).values())
        (['1', '2', '2.1'], ['1', 'A-7', 'A-7.1'])
        """
        parts = {} if self.contents is None else self.contents.containers
        numbers: dict[Path, str] = {}
        for k, path in enumerate(self.given, 1):
            numbers[path] = number = stated.get(path.name, str(k))
            numbers |= {one: f"{number}.{j}" for j, one in enumerate(parts.get(path, ()), 1)}
        return numbers

    def acquisition(self, described: Description) -> Acquisition:
        """Return when, in which mission and by whom the files were acquired, and their numbers.

        Parameters
        ----------
        described : Description
            Its sections ``acquisition`` and ``exhibits``.

        Returns
        -------
        Acquisition

        Raises
        ------
        SchemaError
            What it says is not what was given, a number is of no file that was given, or two files
            have one number.
        """
        given = {"date": self.acquired, "mission": self.mission, "agents": tuple(self.agents)}
        stated = {"date": described.get("acquisition", "date"),
                  "mission": described.get("acquisition", "mission"),
                  "agents": tuple(described.get("acquisition", "agents") or ())}  # fmt: skip
        stated["date"] = stated["date"] and str(stated["date"])
        for field_, value in given.items():
            if value and stated[field_] and value != stated[field_]:
                needed, came = f"acquisition.{field_} as it was given", "another"
                raise SchemaError.of(described.name, needed, came, "Remove one of both.")
        numbers = {}
        for k, one in enumerate(described.each("exhibits"), 1):
            if one.get("file") not in {path.name for path in self.given}:
                needed = f"exhibits {k}.file among the files given"
                raise SchemaError.of(described.name, needed, "none, or another name")
            numbers[str(one["file"])] = str(one.get("number", ""))
        every = list(self.numbers(numbers).values())
        if len(set(every)) < len(every) or "" in every:
            needed = "exhibits.number of each its own, apart from 1, 2, 3 of the others"
            raise SchemaError.of(described.name, needed, "none, or one twice")
        day, mission, agents = (given[key] or stated[key] for key in ("date", "mission", "agents"))
        return Acquisition(day or "", mission or "", agents, numbers)

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", tuple(map(Path, self.files)))
        object.__setattr__(self, "agents", tuple(self.agents))
        if self.acquired is not None:
            day = day_of(self.acquired, who="dossier", name="acquired")
            object.__setattr__(self, "acquired", str(day))
        names = [path.name for path in self.files]
        if not names or len(set(names)) < len(names):
            came = "none" if not names else "two files of one name"
            do = "Rename one: evidence is named by its file."
            raise ParameterError.of("dossier", "one file or more, of different names", came, do)


@contextmanager
def with_members(seizure: Seizure) -> Iterator[Seizure]:
    """Set out what the files hold, so that each table is an exhibit of its own, for a while."""
    with set_out(seizure.files, who="dossier") as contents:
        yield replace(seizure, files=contents.files, contents=contents)


@dataclass
class Unread:
    """What could not be read, or not be examined further, and why.

    - `files`: Of the seizure, in all.
    - `shapes`: Lines and areas of each map without a point.
    - `left`: Sheets, tables and members of each file that were not read.
    """

    files: int
    unread: dict[str, Note] = field(default_factory=dict)
    unexamined: dict[str, Note] = field(default_factory=dict)
    shapes: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def unless(self, *names: str) -> Iterator[None]:
        """Examine files; note a refusal, and go on with the others."""
        try:
            yield
        except PrivauditError as error:
            self.unexamined.setdefault(", ".join(names), _reason(error))

    def measures(self) -> Measures:
        """Return a row for each kind that there is: a number of files, named in its notes."""
        rows = Rows(self.files, "files")
        kinds: tuple[tuple[str, Mapping[str, Any], str], ...] = (
            ("of_shapes", self.shapes, "n"), ("left", self.left, "n"),
            ("unread", self.unread, "why"), ("unexamined", self.unexamined, "why"),
        )  # fmt: skip
        for kind, by_file, says in kinds:
            if by_file:
                notes = [
                    Note(f"file_{kind}", file=file, **{says: v}) for file, v in by_file.items()
                ]
                rows.add(kind, len(by_file), "files", notes)
        return Measures(family="exhibits", rows=list(rows))


def _reason(error: PrivauditError) -> Note:
    """Return a refusal as a note, which pages write in their language."""
    kind = next((name for kind, name in _KINDS.items() if isinstance(error, kind)), "parameter")
    return Note(f"reason_{error.why or kind}", **error.values)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A seizure that was opened.

    - `seizure`: Of the files that could be read, with the address file that was among them.
    - `exhibits`, `inspected`: What each is, and the study of what is in them.
    """

    seizure: Seizure
    exhibits: tuple[Exhibit, ...]
    inspected: Study
    unread: Unread


def opened(seizure: Seizure, day: str) -> Opened:
    """Read every file, and take one of public addresses among them for what it is.

    Raises
    ------
    PrivauditError
        No file can be read: the refusal of the first; or the description is wrong, or names a
        column of people that none of them has.
    """
    described = read_description(seizure.description)
    unread, refused = Unread(len(seizure.files)), list[PrivauditError]()
    exhibits = {}
    for path in seizure.files:
        try:
            exhibits[path] = open_exhibit(path)
        except PrivauditError as error:
            unread.unread[path.name] = _reason(error)
            refused.append(error)
            continue
        if shapes := exhibits[path].shapes:
            unread.shapes[path.name] = shapes
        if left := exhibits[path].left:
            unread.left[path.name] = left
    if not exhibits:
        raise refused[0]
    headers = {str(column) for one in exhibits.values() for column in one.frame.columns}
    refuse_unknown_columns(described, headers)
    if seizure.contents is not None:
        unread.left |= {path.name: len(n) for path, n in seizure.contents.left.items()}
    inspected = inspect_files(
        list(exhibits), as_of=day, contents=seizure.contents,
        roles_file=seizure.roles_file,
    )  # fmt: skip
    known = {one.file: one for one in inspected.inventories}
    each = [by_inventory(one, known.get(path.name)) for path, one in exhibits.items()]
    bases = [one.path for one in each if holds_addresses(one.frame)]
    if seizure.addresses is None and bases and len(bases) < len(each):
        each = [one for one in each if one.path != bases[0]]
        seizure = replace(seizure, addresses=bases[0])
    seizure = replace(seizure, files=[one.path for one in each])
    return Opened(seizure=seizure, exhibits=tuple(each), inspected=inspected, unread=unread)


def rules_tested_on(
    exhibits: Sequence[Exhibit], inventories: Sequence[Inventory]
) -> tuple[Path | None, Path | None]:
    """Choose the table, and the map, that the rules are tested on.

    What has most columns of a special category, then most columns, is the table, be it a list with
    coordinates; an electoral roll that lies beside an export tells little of how it is kept. The
    map is the gravest of the other maps.
    """
    special = {one.file: len(one.of_role(*GRAVE_ROLES, "doubtful")) for one in inventories}

    def grave(one: Exhibit) -> tuple[int, int]:
        return special.get(one.path.name, 0), len(one.frame.columns)

    gravest = sorted(exhibits, key=grave, reverse=True)
    # Of maps only, the gravest is the map: what rules ask of a place is asked of it.
    table = gravest[0].path if any(one.kind == "table" for one in exhibits) else None
    maps = (one.path for one in gravest if one.kind == "map" and one.path != table)
    return table, next(maps, None)


def tests_of_exhibits(
    made: Measures | None,
    lists: Sequence[Exhibit],
    tested: tuple[Path | None, Path | None],
    files: Opened,
) -> Measures:
    """Make the three tests on the tables and maps that they were not made on yet.

    - `made`: Those of the table, and of the map, that the rules were tested on: `tested`.
    - `lists`: Every table and map.

    One that refuses them is listed with the files that were not examined further.
    """
    path_of = dict(zip(("table", "map"), tested, strict=True))
    rows: list[Row] = []
    for row in () if made is None else made.rows:
        path = path_of.get(str(row.part.get("tested")))
        rows.append(row if path is None else _of_file(row, path))
    roles = {one.file: one.roles for one in files.inspected.inventories}
    for one in lists:
        if one.path in tested:
            continue
        with files.unread.unless(one.path.name):
            if one.kind == "map":
                tests = three_tests(dots=one.frame)
            else:
                tests = three_tests(read_table(one.path), roles=roles.get(one.path.name, Roles()))
            rows += [_of_file(row, one.path) for row in tests.rows]
    return Measures(family="wp216", rows=rows, recipe={"stage": "wp216"})


def _of_file(row: Row, path: Path) -> Row:
    return replace(row, part=dict(row.part) | {"file": path.name})


# Steps of the progress bar: reading, tables, maps, logs, links, rules, the report.
DOSSIER_PARTS = 7
# Rows on dots that do not apply if the table names nobody.
_NAMING = ("dot_named", "dot_named_without")
_TELLING = ("coordinates", "address", "identity")
# Rows on records that do not apply if dots were moved: these give no door.
_LOCATING = ("record_located",)
# Numbers of an exposure that are reported for each map.
_OF_ADDRESS = (
    "value", "low", "high", "n", "baseline", "control", "residual", "residual_low", "residual_high",
)  # fmt: skip


@dataclass
class _Results:
    """The measures, studies and notes so far."""

    parts: dict[str, dict[str, Measures]]
    studies: list[Study]
    notes: list[Note]

    def add(self, name: str, measures: Mapping[str, Measures]) -> None:
        """Keep the measures of a file."""
        for family, of_file in measures.items():
            self.parts.setdefault(family, {})[name] = of_file

    def add_rows(self, family: str, measures: Measures) -> None:
        """Keep the measures of several files together, where there is a row."""
        if measures.rows:
            self.add("", {family: measures})

    def recipient_risks(self) -> dict[str, Row]:
        """Return, by file, what was measured of the recipient who finds most people in it."""
        risks: dict[str, Row] = {}
        for name, of in self.parts.get("recipients", {}).items():
            rows = [r for r in of.rows if r.measure == "reidentified" and math.isfinite(r.value)]
            if rows:
                risks[name] = max(rows, key=lambda row: row.value)
        return risks


@made_once()
@without_header(detect=True)
def audit_dossier(
    seizure: Seizure, *, as_of: Any, also: Sequence[Any] = (), seed: int = 7, tick: Tick = silent
) -> Study:
    """Examine every file of a seizure, alone and together, and return the study.

    Parameters
    ----------
    seizure : Seizure
    as_of : date
        The day whose rules are tested.
    also : sequence of dates
        Further days, to say how verdicts move.
    seed : int
    tick : callable

    Returns
    -------
    Study
        Of kind "dossier": inventories, families and exposures as the studies of each file make
        them, "linked" of each table and map, "linked_tables" of each two tables, "linked_log" of
        each log or mailing and table, "recipients" of the first map, and the rulings.

    Raises
    ------
    PrivauditError
        No file can be read; or as `read_addresses` and `audit_rules`. A file that cannot be read
        beside others, or not be examined further, is a row of "exhibits".
    """
    # Codes are read alike wherever a file is read again: by the legends of the whole seizure.
    with codes_written_out(seizure.files, who="dossier"):
        return _audited(seizure, as_of, also, seed, tick)


def _audited(seizure: Seizure, as_of: Any, also: Sequence[Any], seed: int, tick: Tick) -> Study:
    tick("files")
    day = day_of(as_of)
    stated = read_description(seizure.description)
    refuse_other_dates(stated, [day, *map(day_of, also)])
    seizure.acquisition(stated)
    files = opened(seizure, str(day))
    given, seizure, exhibits, unread = seizure, files.seizure, files.exhibits, files.unread
    inspected = files.inspected
    of = {kind: [one for one in exhibits if one.kind == kind] for kind in ("table", "map")}
    events = [one for one in exhibits if one.kind in ("log", "mailing")]
    base = _addresses(given, seizure, unread)
    results = _Results(parts={}, studies=[inspected], notes=[])
    results.add("", inspected.measures)
    tick("tables")
    known = {one.file: one.roles for one in inspected.inventories}
    for one in (*of["table"], *(e for e in events if e.kind == "mailing")):
        with unread.unless(one.path.name):
            _add_table(results, one, known.get(one.path.name, Roles()))
    tick("maps")
    for one in of["map"]:
        with unread.unless(one.path.name):
            _add_map(results, one, seizure, base, seed)
    results.add_rows("maps", _doors_found(results.studies))
    tick("logs")
    for one in events:
        with unread.unless(one.path.name):
            _add_events(results, one, seed)
    tick("links")
    of = {
        kind: [one for one in ones if one.path.name not in unread.unexamined]
        for kind, ones in of.items()
    }
    laid = set[frozenset[str]]()
    for table, dots in product(of["table"], of["map"] if base is not None else ()):
        with unread.unless(table.path.name, dots.path.name):
            if _add_link(results, table, dots, base, seed):
                laid.add(frozenset((table.path.name, dots.path.name)))
    results.add_rows("linked_log", _accounts_named(of["table"], events))
    # A map is a list of people like another, where no table was laid beside its places.
    lists = [*of["table"], *of["map"], *events]
    results.add_rows("linked_tables", tables_together(lists, base, laid=laid, seed=seed))
    tick("rules")
    rules = _add_rules(results, files, of, day, also)
    results.add_rows("exhibits", unread.measures())
    days = tuple(str(one.as_of) for one in rules.rulings[1:])
    return _study(given, files, base, results, (str(day), *days), seed)


def _addresses(given: Seizure, seizure: Seizure, unread: Unread) -> AddressBase | None:
    """Read the public addresses: those that were named must do, some among the exhibits may not."""
    if seizure.addresses is None:
        return None
    with unread.unless(seizure.addresses.name) if given.addresses is None else nullcontext():
        return read_addresses(seizure.addresses, commune=seizure.commune)
    return None


def _add_rules(
    results: _Results,
    files: Opened,
    of: Mapping[str, Sequence[Exhibit]],
    day: Any,
    also: Sequence[Any],
) -> Study:
    """Hold the rules against every exhibit, and make the three tests on every table and map."""
    lists = [*of["table"], *of["map"]]
    tested = rules_tested_on(lists, files.inspected.inventories)
    # Files that no attack took are inspected too.
    rest = [one for one in files.exhibits if one.path not in tested]
    held = AuditedProcessing(
        description=files.seizure.description, table=tested[0], dots=tested[1],
        others=tuple((one.kind, one.path) for one in rest),
        roles_file=files.seizure.roles_file,
    )  # fmt: skip
    proposed = {one.file: one.roles for one in files.inspected.inventories}
    roles = proposed.get(tested[0].name) if tested[0] is not None else None
    rules = audit_rules(held, as_of=day, also=also, risks=results.recipient_risks(), roles=roles)
    tests = tests_of_exhibits(rules.measures.get("wp216"), lists, tested, files)
    results.add("", rules.measures)
    results.add_rows("wp216", tests)
    results.studies.append(rules)
    return rules


def _add_table(results: _Results, one: Exhibit, roles: Roles) -> None:
    """Add the inventory of a table and its measures by the proposed key."""
    table = read_table(one.path)
    measures = {"inventory": table_inventory(table)}
    if roles.key and one.kind == "table":
        measures["table"] = measure(replace(table, roles=roles))
        results.notes.append(Note("keys_taken", file=one.path.name, columns=roles.key))
    results.add(one.path.name, measures)


def _add_map(
    results: _Results, one: Exhibit, seizure: Seizure, base: AddressBase | None, seed: int
) -> None:
    """Attack a map; without addresses, count the columns beside its dots."""
    name = one.path.name
    if base is None or seizure.addresses is None:
        refuse_counts(one.frame, name)
        rows = shown_rows(one.frame, "dots")
        results.add(name, {"properties": Measures(family="properties", rows=rows, name=name)})
        results.notes.append(Note("map_without_addresses", file=name))
        return
    seized = SeizedMap(leaks=[one.path], addresses=seizure.addresses, commune=seizure.commune)
    study, _ = audit_map(seized, base=base, seed=seed)
    results.add(name, study.measures)
    results.studies.append(study)
    # Of exact dots only is it said what each recipient learns.
    if "reading" in study.measures:
        dots = read_map(one.path, addresses=base)
        results.add(name, {"recipients": by_recipient(dots, mask=Exact(), seed=seed)})


def _doors_found(studies: Sequence[Study]) -> Measures:
    """Return the addresses that the best-informed adversary is expected to find, by map.

    Of several maps, of each, with its range; where dots stand on addresses, of each belief about
    them, since no position tells a dot left in its place from one that was swapped.
    """
    maps = [study for study in studies if study.kind == "map" and study.exposures]
    rows: list[Row] = []
    for study in maps:
        believed = study.measures.get("reading")
        if believed is not None:
            rows += [
                replace(
                    row, measure="address_found_if", gain="",
                    part={"file": study.title, "believed": row.part["believed"]},
                )
                for row in believed.rows if row.measure == "reidentified"
            ]  # fmt: skip
            continue
        row = _expected(study)
        # Of one map the attack itself is reported, except a range, which has no number of its own.
        if len(maps) > 1 or row.measure == "address_found_between":
            rows.append(row)
    return Measures(family="maps", rows=rows)


def _expected(study: Study) -> Row:
    """What is expected of a map; where masks that are possible differ, at most, and at least."""
    known = study.exposures[-1]
    of_address: dict[Any, Any] = known.overall.loc["address"].to_dict()
    number: dict[str, Any] = {name: float(of_address[name]) for name in _OF_ADDRESS}
    of_map: dict[str, Any] = {"unit": "share", "counts": "dots", "part": {"file": study.title}}
    if math.isnan(number["value"]) and number["low"] < number["high"]:
        ends = {name: number[name] for name in ("low", "high", "n", "baseline")}
        most = number["high"]
        return Row(measure="address_found_between", value=most, bound="upper", **ends, **of_map)
    return Row(measure="address_found", reliable=known.reliable, **number, **of_map)


def _add_events(results: _Results, one: Exhibit, seed: int) -> None:
    """Add the unicity of a log."""
    if not (one.kind == "log" and one.who and one.what):
        return
    log = InteractionLog(file=one.path, person=one.who, item=one.what, time=one.when or None)
    asked: dict[str, Any] = {"points": (1, 2, 4), "seed": seed}
    try:
        study = audit_log(log, **asked)
    except PrivauditError:
        # Times that cannot be read do not keep the items from being counted.
        study = audit_log(replace(log, time=None), **asked)
    results.add(one.path.name, study.measures)


def _add_link(
    results: _Results, table: Exhibit, dots: Exhibit, base: AddressBase | None, seed: int
) -> bool:
    """Link a table and a map; return whether a place or a name joins them."""
    linked = link_releases(read_table(table.path), dots.path, addresses=base, seed=seed)
    left_out = () if shown_by_name(table.frame) else _NAMING
    if any(note.key == "dots_moved_off" for note in linked.notes):
        left_out = (*left_out, *_LOCATING)
    linked = replace(linked, rows=[row for row in linked.rows if row.measure not in left_out])
    results.add(f"{table.path.name}, {dots.path.name}", {"linked": linked})
    return any(row.measure == "dot_named" and row.part["by"] in _TELLING for row in linked.rows)


def _accounts_named(tables: Sequence[Exhibit], events: Sequence[Exhibit]) -> Measures:
    """Lay every table beside every log and mailing."""
    rows = Rows(0, "accounts")
    for log, table in product(events, tables):
        add_named(rows, log, table)
    return Measures(family="linked_log", rows=rows)


def _study(
    given: Seizure,
    files: Opened,
    base: AddressBase | None,
    results: _Results,
    days: tuple[str, ...],
    seed: int,
) -> Study:
    day, also, rules = days[0], days[1:], results.studies[-1]
    seizure, exhibits = files.seizure, files.exhibits
    unread = [path for path in given.files if path.name in files.unread.unread]
    # Addresses that cannot be read are an exhibit like another.
    places = seizure.addresses if base is not None else None
    unread += [path for path in [seizure.addresses] if path is not None and base is None]
    named = [path for path in given.given if path != places]
    inputs = [Input(path=one.path, role=one.kind) for one in exhibits]
    inputs += [Input(path=path, role="unread") for path in unread]
    whole = () if given.contents is None else given.contents.containers
    inputs += [Input(path=path, role="container") for path in whole]
    inputs.append(Input(path=seizure.description, role="description"))
    inputs += [Input(path=path, role="roles") for path in [seizure.roles_file] if path]
    if base is not None and places is not None:
        inputs.append(address_input(places, base))
    acquired = given.acquisition(read_description(given.description))
    numbers = given.numbers(acquired.numbers)
    inputs = [replace(one, number=numbers.get(one.path, "")) for one in inputs]
    # Attacks on one map are reported in full; of all maps, `_doors_found` has the addresses.
    first = next((study for study in results.studies if study.kind == "map"), None)
    notes = [note for study in results.studies for note in study.notes]
    return Study(
        kind="dossier",
        title=seizure.exhibit,
        provenance="audited file",
        real_places=True,
        exposures=first.exposures if first is not None else (),
        measures=joined_families(results.parts, by="file"),
        rulings=rules.rulings,
        described=rules.described,
        graded=rules.graded,
        inventories=files.inspected.inventories,
        case=Case(
            exhibit=seizure.exhibit, operator=seizure.operator, as_of=day,
            acquired=acquired.day, mission=acquired.mission, agents=acquired.agents,
        ),
        set_aside={note: n for study in results.studies for note, n in study.set_aside.items()},
        notes=tuple(dict.fromkeys((*source_notes(inputs), *results.notes, *notes))),
        command=command_line(
            "dossier", named, seizure, as_of=day, addresses=places, seed=seed, also=also
        ),
        inputs=tuple(inputs),
        recipe={"as_of": day, "seed": seed, "exhibits": [one.kind for one in exhibits]},
    )  # fmt: skip
