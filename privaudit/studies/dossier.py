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
from typing import Any

from privaudit.columns.roles import Roles
from privaudit.core.checks import keyword_only
from privaudit.core.progress import Tick, silent, stream
from privaudit.errors import GeometryError, ParameterError, PrivauditError, ReadError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.io.addresses import read_addresses
from privaudit.io.text_files import without_header
from privaudit.linkage.join_tables import linked_tables
from privaudit.linkage.person_index import PersonIndex
from privaudit.maps.masks.exact import Exact
from privaudit.release.inventory import Inventory, shown_rows, table_inventory
from privaudit.release.read_map import read_map
from privaudit.release.read_table import read_table
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Row, Rows
from privaudit.rules.description import (
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
from privaudit.studies.inspect import (
    Contents,
    Exhibit,
    add_named,
    by_inventory,
    holds_addresses,
    inspect_files,
    open_exhibit,
    set_out,
    shown_by_name,
)
from privaudit.studies.link_releases import link_releases
from privaudit.studies.study import Case, Input, Study, address_input, source_notes
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
    people = []
    for one in exhibits:
        # What is refused was refused where its inventory was taken, and is told.
        with suppress(PrivauditError):
            read = read_table(one.path)
            found = PersonIndex.of(
                read, one.path.name, base, counts=_COUNTS.get(one.kind, "accounts")
            )
            if found.tells_somebody:
                people.append(found)
    return linked_tables(people, laid=laid, rng=stream(seed, "linked tables"))


# What is said of an error that gives no reason of its own.
_KINDS = {ReadError: "read", SchemaError: "schema", GeometryError: "geometry"}


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
    contents : Contents, optional
        What was set out of files that hold several, and stands among `files`; see `with_members`.
    """

    files: Sequence[Path]
    description: Path
    exhibit: str
    addresses: Path | None = None
    commune: str | None = None
    operator: str = ""
    contents: Contents | None = None

    @property
    def given(self) -> list[Path]:
        """The files as they were given, in the place of what was set out of them."""
        files = [*self.files]
        return files if self.contents is None else replace(self.contents, files=tuple(files)).given

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", tuple(map(Path, self.files)))
        names = [path.name for path in self.files]
        if not names or len(set(names)) < len(names):
            came = "none" if not names else "two files of one name"
            do = "Rename one: evidence is told by its name."
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
        for name_of_row, key, counted in (
            ("of_shapes", "file_of_shapes", self.shapes), ("left", "file_left", self.left)
        ):  # fmt: skip
            if counted:
                notes = [Note(key, file=name, n=n) for name, n in counted.items()]
                rows.add(name_of_row, len(counted), "files", notes)
        for kind in ("unread", "unexamined"):
            reasons = getattr(self, kind)
            if reasons:
                notes = [Note(f"file_{kind}", file=name, why=why) for name, why in reasons.items()]
                rows.add(kind, len(reasons), "files", notes)
        return Measures(family="exhibits", rows=list(rows))


def _reason(error: PrivauditError) -> Note:
    """Return a refusal as a note, which pages write in their language."""
    kind = next((name for kind, name in _KINDS.items() if isinstance(error, kind)), "parameter")
    return Note(f"reason_{error.why or kind}", **error.told)


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
    inspected = inspect_files(list(exhibits), as_of=day, gaps_told=True, contents=seizure.contents)
    known = {one.file: one for one in inspected.inventories}
    told = [by_inventory(one, known.get(path.name)) for path, one in exhibits.items()]
    bases = [one.path for one in told if holds_addresses(one.frame)]
    if seizure.addresses is None and bases and len(bases) < len(told):
        told = [one for one in told if one.path != bases[0]]
        seizure = replace(seizure, addresses=bases[0])
    seizure = replace(seizure, files=[one.path for one in told])
    return Opened(seizure=seizure, exhibits=tuple(told), inspected=inspected, unread=unread)


def rules_tested_on(
    exhibits: Sequence[Exhibit], inventories: Sequence[Inventory]
) -> tuple[Path | None, Path | None]:
    """Choose the table, and the map, that the rules are tested on.

    What has most columns of a special category, then most columns, is the table, be it a list with
    coordinates; an electoral roll that lies beside an export tells little of how it is kept. The
    map is the gravest of the other maps.
    """
    special = {
        one.file: len(one.of_role("special", "inferred", "text_special")) for one in inventories
    }

    def grave(one: Exhibit) -> tuple[int, int]:
        return special.get(one.path.name, 0), len(one.frame.columns)

    # Of maps only, the gravest is the map: what rules ask of a place is asked of it.
    able = exhibits if any(one.kind == "table" for one in exhibits) else ()
    table = max(able, key=grave, default=None)
    maps = [one for one in exhibits if one.kind == "map" and one is not table]
    dots = max(maps, key=grave, default=None)
    return (None if table is None else table.path), (None if dots is None else dots.path)


def tests_of_exhibits(
    made: Measures | None,
    lists: Sequence[Exhibit],
    tested: tuple[Path | None, Path | None],
    files: Opened,
) -> Measures:
    """Make the three tests on the tables and maps that they were not made on yet.

    - `made`: Those of the table, and of the map, that the rules were tested on: `tested`.
    - `lists`: Every table and map.

    One that refuses them is told with the files that were not examined further.
    """
    pairs = zip(("table", "map"), tested, strict=True)
    names = {kind: path.name for kind, path in pairs if path is not None}
    rows: list[Row] = [
        _of_file(row, name) if (name := names.get(str(row.part.get("tested")))) else row
        for row in (made.rows if made is not None else ())
    ]
    roles = {one.file: one.roles for one in files.inspected.inventories}
    for one in lists:
        if one.path in tested:
            continue
        with files.unread.unless(one.path.name):
            told = roles.get(one.path.name, Roles())
            found = (
                three_tests(dots=one.frame) if one.kind == "map"
                else three_tests(read_table(one.path), roles=told)
            )  # fmt: skip
            rows += [_of_file(row, one.path.name) for row in found.rows]
    return Measures(family="wp216", rows=rows, recipe={"stage": "wp216"})


def _of_file(row: Row, name: str) -> Row:
    return replace(row, part=dict(row.part) | {"file": name})


# Steps of the progress bar: reading, tables, maps, logs, links, rules, the report.
DOSSIER_PARTS = 7
_EVENTS_LOOKED_AT = 400
# What a table that names nobody cannot tell of a dot.
_NAMING = ("dot_named", "dot_named_without")
_TELLING = ("coordinates", "address", "identity")
# What dots that were moved cannot tell of a record: no door.
_LOCATING = ("record_located",)


@dataclass
class _Found:
    """What was measured so far."""

    parts: dict[str, dict[str, Measures]] = field(default_factory=dict)
    studies: list[Study] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def add(self, name: str, measures: Mapping[str, Measures]) -> None:
        """Keep the measures of a file."""
        for family, found in measures.items():
            self.parts.setdefault(family, {})[name] = found

    def recipient_risks(self) -> dict[str, Row]:
        """Return, by file, what was measured of the recipient who finds most people in it."""
        risks: dict[str, Row] = {}
        for name, of in self.parts.get("recipients", {}).items():
            rows = [r for r in of.rows if r.measure == "reidentified" and math.isfinite(r.value)]
            if rows:
                risks[name] = max(rows, key=lambda row: row.value)
        return risks

    def families(self) -> dict[str, Measures]:
        """Return every family; of several files, each row names its own."""
        return {
            family: next(iter(of.values())) if len(of) == 1 else joined(family, of, by="file")
            for family, of in self.parts.items()
        }


@without_header(seen=True)
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
    tick("files")
    day = day_of(as_of)
    stated = read_description(seizure.description)
    refuse_other_dates(stated, [day, *map(day_of, also)])
    files = opened(seizure, str(day))
    given, seizure, exhibits, unread = seizure, files.seizure, files.exhibits, files.unread
    inspected = files.inspected
    of = {kind: [one for one in exhibits if one.kind == kind] for kind in ("table", "map")}
    events = [one for one in exhibits if one.kind in ("log", "mailing")]
    base = _addresses(given, seizure, unread)
    found = _Found()
    found.add("", inspected.measures)
    found.studies.append(inspected)
    tick("tables")
    known = {one.file: one.roles for one in inspected.inventories}
    for one in (*of["table"], *(e for e in events if e.kind == "mailing")):
        with unread.unless(one.path.name):
            _add_table(found, one, known.get(one.path.name, Roles()))
    tick("maps")
    for one in of["map"]:
        with unread.unless(one.path.name):
            _add_map(found, one, seizure, base, seed)
    doors = _doors_found(found.studies)
    if doors.rows:
        found.add("", {"maps": doors})
    tick("logs")
    for one in events:
        with unread.unless(one.path.name):
            _add_events(found, one, seed)
    tick("links")
    of = {
        kind: [one for one in ones if one.path.name not in unread.unexamined]
        for kind, ones in of.items()
    }
    laid = set[frozenset[str]]()
    for table, dots in product(of["table"], of["map"] if base is not None else ()):
        with unread.unless(table.path.name, dots.path.name):
            if _add_link(found, table, dots, base, seed):
                laid.add(frozenset((table.path.name, dots.path.name)))
    _add_accounts(found, of["table"], events)
    # A map is a list of people like another, where no table was laid beside its places.
    lists = [*of["table"], *of["map"], *events]
    if (together := tables_together(lists, base, laid=laid, seed=seed)).rows:
        found.add("", {"linked_tables": together})
    tick("rules")
    rules = _add_rules(found, files, of, day, also)
    if (told := unread.measures()).rows:
        found.add("", {"exhibits": told})
    days = tuple(str(one.as_of) for one in rules.rulings[1:])
    return _study(given, files, base, found, (str(day), *days), seed)


def _addresses(given: Seizure, seizure: Seizure, unread: Unread) -> AddressBase | None:
    """Read the public addresses: those that were named must do, some among the exhibits may not."""
    if seizure.addresses is None:
        return None
    with unread.unless(seizure.addresses.name) if given.addresses is None else nullcontext():
        return read_addresses(seizure.addresses, commune=seizure.commune)
    return None


def _add_rules(
    found: _Found,
    files: Opened,
    of: Mapping[str, Sequence[Exhibit]],
    day: Any,
    also: Sequence[Any],
) -> Study:
    """Hold the rules against every exhibit, and make the three tests on every table and map."""
    lists = [*of["table"], *of["map"]]
    tested = rules_tested_on(lists, files.inspected.inventories)
    # What no attack took is looked at all the same.
    rest = [one for one in files.exhibits if one.path not in tested]
    held = AuditedProcessing(
        description=files.seizure.description, table=tested[0], dots=tested[1],
        others=tuple((one.kind, one.path) for one in rest),
    )  # fmt: skip
    rules = audit_rules(held, as_of=day, also=also, risks=found.recipient_risks())
    tests = tests_of_exhibits(rules.measures.get("wp216"), lists, tested, files)
    found.add("", dict(rules.measures) | ({"wp216": tests} if tests.rows else {}))
    found.studies.append(rules)
    return rules


def _add_table(found: _Found, one: Exhibit, roles: Roles) -> None:
    """Add the inventory of a table and its measures by the proposed key."""
    table = read_table(one.path)
    measures = {"inventory": table_inventory(table)}
    if roles.key and one.kind == "table":
        measures["table"] = measure(replace(table, roles=roles))
        found.notes.append(Note("keys_taken", file=one.path.name, columns=roles.key))
    found.add(one.path.name, measures)


def _add_map(
    found: _Found,
    one: Exhibit,
    seizure: Seizure,
    base: AddressBase | None,
    seed: int,
) -> None:
    """Attack a map; without addresses, count the columns beside its dots."""
    name = one.path.name
    if base is None or seizure.addresses is None:
        rows = shown_rows(one.frame, "dots")
        found.add(name, {"properties": Measures(family="properties", rows=rows, name=name)})
        found.notes.append(Note("map_without_addresses", file=name))
        return
    seized = SeizedMap(leaks=[one.path], addresses=seizure.addresses, commune=seizure.commune)
    study, _ = audit_map(seized, seed=seed)
    found.add(name, study.measures)
    found.studies.append(study)
    exact = "reading" in study.measures
    if exact:
        dots = read_map(one.path, addresses=base)
        found.add(name, {"recipients": by_recipient(dots, mask=Exact(), seed=seed)})


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
        # Of one map the attack itself is told, but for a range, which has no number of its own.
        if len(maps) > 1 or row.measure == "address_found_between":
            rows.append(row)
    return Measures(family="maps", rows=rows)


def _expected(study: Study) -> Row:
    """What is expected of a map; where masks that are possible differ, at most, and at least."""
    known = study.exposures[-1]
    told = {str(k): float(v) for k, v in dict(known.overall.loc["address"]).items()}
    if math.isnan(told["value"]) and told["low"] < told["high"]:
        return Row(
            measure="address_found_between", value=told["high"], low=told["low"],
            high=told["high"], bound="upper", unit="share", n=told["n"], counts="dots",
            baseline=told["baseline"], part={"file": study.title},
        )  # fmt: skip
    return Row(
        measure="address_found", value=told["value"], low=told["low"], high=told["high"],
        unit="share", n=told["n"], counts="dots", baseline=told["baseline"],
        control=told["control"], residual=told["residual"],
        residual_low=told["residual_low"], residual_high=told["residual_high"],
        part={"file": study.title}, reliable=known.reliable,
    )  # fmt: skip


def _add_events(found: _Found, one: Exhibit, seed: int) -> None:
    """Add the unicity of a log."""
    if not (one.kind == "log" and one.who and one.what):
        return
    log = InteractionLog(file=one.path, person=one.who, item=one.what, time=one.when or None)
    try:
        study = audit_log(log, points=(1, 2, 4), sample=_EVENTS_LOOKED_AT, seed=seed)
    except PrivauditError:
        # Times that cannot be read do not keep the items from being told.
        study = audit_log(replace(log, time=None), points=(1, 2, 4), sample=_EVENTS_LOOKED_AT,
                          seed=seed)  # fmt: skip
    found.add(one.path.name, study.measures)


def _add_link(
    found: _Found, table: Exhibit, dots: Exhibit, base: AddressBase | None, seed: int
) -> bool:
    """Link a table and a map; return whether a place or a name joins them."""
    told = link_releases(read_table(table.path), dots.path, addresses=base, seed=seed)
    untold = () if shown_by_name(table.frame) else _NAMING
    if any(note.key == "dots_moved_off" for note in told.notes):
        untold = (*untold, *_LOCATING)
    told = replace(told, rows=[row for row in told.rows if row.measure not in untold])
    found.add(f"{table.path.name}, {dots.path.name}", {"linked": told})
    return any(row.measure == "dot_named" and row.part["by"] in _TELLING for row in told.rows)


def _add_accounts(found: _Found, tables: Sequence[Exhibit], events: Sequence[Exhibit]) -> None:
    """Lay every table beside every log and mailing."""
    rows = Rows(0, "accounts")
    for log in events:
        for table in tables:
            add_named(rows, log, table)
    if len(rows):
        found.add("", {"linked_log": Measures(family="linked_log", rows=rows)})


def _study(
    given: Seizure,
    files: Opened,
    base: AddressBase | None,
    found: _Found,
    days: tuple[str, ...],
    seed: int,
) -> Study:
    day, also, rules = days[0], days[1:], found.studies[-1]
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
    if base is not None and places is not None:
        inputs.append(address_input(places, base))
    # Attacks on one map are told in full; of all maps, `_doors_found` tells the addresses.
    first = next((study for study in found.studies if study.kind == "map"), None)
    aside: dict[Note, int] = {}
    for study in found.studies:
        aside |= dict(study.set_aside)
    notes = [note for study in found.studies for note in study.notes]
    return Study(
        kind="dossier",
        title=seizure.exhibit,
        provenance="audited file",
        real_places=True,
        exposures=first.exposures if first is not None else (),
        measures=found.families(),
        rulings=rules.rulings,
        described=rules.described,
        graded=rules.graded,
        inventories=next(s.inventories for s in found.studies if s.kind == "inspect"),
        case=Case(exhibit=seizure.exhibit, operator=seizure.operator, as_of=day),
        set_aside=aside,
        notes=tuple(dict.fromkeys((*source_notes(inputs), *found.notes, *notes))),
        command=command_line(
            "dossier", named, seizure, as_of=day, addresses=places, seed=seed, also=also
        ),
        inputs=tuple(inputs),
        recipe={"as_of": day, "seed": seed, "exhibits": [one.kind for one in exhibits]},
    )  # fmt: skip
