"""A seizure: its files, opened one by one; one that cannot be read is named, and stops no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from privaudit._core.by_name import by_name
from privaudit._core.checks import say
from privaudit.errors import (
    GeometryError,
    ParameterError,
    PrivauditError,
    ReadError,
    SchemaError,
)
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.rules.description import read_description, refuse_unknown_columns
from privaudit.studies.contained import Contents, set_out
from privaudit.studies.exhibits import Exhibit, by_inventory, holds_addresses, open_exhibit
from privaudit.studies.inspect import inspect_files
from privaudit.studies.study import Study
from privaudit.tables.inventory import Inventory
from privaudit.words.note import Note

__all__ = ["Opened", "Seizure", "Unread", "opened", "rules_tested_on", "with_members"]

# What is said of an error that gives no reason of its own.
_KINDS = {ReadError: "read", SchemaError: "schema", GeometryError: "geometry"}


@by_name
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
            raise ParameterError(say("dossier", "one file or more, of different names", came, do))


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
        """Examine files; where that is refused, say so, and go on with the others."""
        try:
            yield
        except PrivauditError as error:
            self.unexamined.setdefault(", ".join(names), _reason(error))

    def measures(self) -> Measures:
        """Return a row for each kind that there is: a number of files, named in its notes."""
        rows = Rows(self.files, "files")
        for measure, key, counted in (
            ("of_shapes", "file_of_shapes", self.shapes), ("left", "file_left", self.left)
        ):  # fmt: skip
            if counted:
                notes = [Note(key, file=name, n=n) for name, n in counted.items()]
                rows.add(measure, len(counted), "files", notes)
        for measure in ("unread", "unexamined"):
            told = getattr(self, measure)
            if told:
                notes = [Note(f"file_{measure}", file=name, why=why) for name, why in told.items()]
                rows.add(measure, len(told), "files", notes)
        return Measures(family="exhibits", rows=list(rows))


def _reason(error: PrivauditError) -> Note:
    """Say why something was refused, as the page's language says it: the line itself is English."""
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
