"""Roles of the columns of a table, and tables known by their headers: exports of tools, rolls."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from privaudit.core.checks import column_names, columns_present, keyword_only, listed
from privaudit.core.files import packaged_toml
from privaudit.core.thresholds import KEY_IS_FILLED, MOST_CODES, SMALL_CELL
from privaudit.errors import ParameterError, SchemaError
from privaudit.text.normalise import columns_named, fold, words
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import pandas as pd

# What a missing key may be taken for.
MISSING = ("likely", "wildcard", "value", "exclude")
_Columns: TypeAlias = str | int | Iterable[str] | Iterable[int]
# What a column may be, and what an error calls it.
ROLES = {
    "identifier": "identifier",
    "key": "key variable",
    "sensitive": "sensitive column",
    "location": "location column",
    "weight": "weight",
    "time": "time column",
}


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Roles:
    """Roles of a table's columns.

    A frame made without names has its columns numbered; these numbers are names too, read as text.

    Parameters
    ----------
    identifier : sequence of str
        Columns that together name a person (name, e-mail, account). Never measured on: records
        that agree on all of them are of one person, who counts once.
    key : sequence of str
        Key variables (quasi-identifiers): what an adversary may know already.
    sensitive : sequence of str
        What would be learnt: an opinion, a presumed leaning, a score.
    location : sequence of str
        Coordinates, either ``(x, y)`` or ``(longitude, latitude)``.
    weight : str, optional
        Sampling weight: how many people of the population a record stands for.
    time : str, optional
        When the record was made.
    direct : sequence of str, optional
        Columns that identify a person by themselves, such as a name or an account: never a key.
        Default: as their headers and cells show.
    ordered : sequence of str, or mapping of column to its values in order, optional
        Those of the key and sensitive columns whose values have an order: numbers, dates and
        bands their own, words the one that is given. Default: dates, and numbers that are no
        codes of a few levels (see `privaudit.columns.levels.order_of`).

    Raises
    ------
    ParameterError
        A column has two roles, or is named by something else than text or a whole number.

    Examples
    --------
    >>> Roles(key=["age", "sex"], sensitive="opinion")
    Roles(identifier=(), key=('age', 'sex'), sensitive=('opinion',), ...)
    """

    identifier: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    location: tuple[str, ...] = ()
    weight: str | None = None
    time: str | None = None
    ordered: Any = None
    direct: tuple[str, ...] | None = None

    if TYPE_CHECKING:
        # What may be given; it is held as the fields above say.
        def __init__(
            self,
            *,
            identifier: _Columns = (),
            key: _Columns = (),
            sensitive: _Columns = (),
            location: _Columns = (),
            weight: str | int | None = None,
            time: str | int | None = None,
            ordered: Iterable[str] | Mapping[str, Iterable[Any]] | None = None,
            direct: _Columns | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        for name in ("identifier", "key", "sensitive", "location"):
            object.__setattr__(self, name, column_names("Roles", name, getattr(self, name)))
        for name in ("weight", "time"):
            if getattr(self, name) is not None:
                columns = column_names("Roles", name, getattr(self, name))
                if len(columns) != 1:
                    raise ParameterError.of("Roles", f"one column as {name}", f"{len(columns)}")
                object.__setattr__(self, name, columns[0])
        if self.direct is not None:
            object.__setattr__(self, "direct", column_names("Roles", "direct", self.direct))
        measured = [c for c in (*self.key, *self.sensitive) if c in (self.direct or ())]
        for column, times in Counter([*self.columns, *measured]).items():
            if times > 1:
                raise ParameterError.of("Roles", "each column once", f"'{column}' twice")
        if self.ordered is not None:
            object.__setattr__(self, "ordered", _ordered_columns(self.ordered))

    @property
    def orders(self) -> dict[str, tuple[Any, ...]] | None:
        """Return the given order of values of each ordered column, empty for a natural order."""
        return None if self.ordered is None else dict(self.ordered)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return every column that has a role, in the order of the roles."""
        result: list[str] = []
        for name in ROLES:
            value = getattr(self, name)
            result += [value] if isinstance(value, str) else list(value or ())
        return tuple(result)

    def for_columns(self, columns: Iterable[str]) -> Roles:
        """Return these roles under the names that the columns of a table have.

        Examples
        --------
        >>> Roles(key=["AGE", "zone"]).for_columns(["age", "sex"]).key
        ('age', 'zone')
        """
        have = list(columns)
        values: dict[str, Any] = {
            name: columns_named(getattr(self, name), have)
            for name in ("identifier", "key", "sensitive", "location")
        }
        if self.direct is not None:
            values["direct"] = columns_named(self.direct, have)
        for name in ("weight", "time"):
            if getattr(self, name) is not None:
                values[name] = columns_named([getattr(self, name)], have)[0]
        if self.orders is not None:
            values["ordered"] = dict(
                zip(columns_named(self.orders, have), self.orders.values(), strict=True)
            )
        return replace(self, **values)

    def check(self, who: str, columns: Iterable[str], source: str) -> None:
        """Raise `SchemaError` where a column with a role is missing, doubled or numbered."""
        have = list(columns)
        for name, word in ROLES.items():
            value = getattr(self, name)
            needed = (value,) if isinstance(value, str) else tuple(value or ())
            columns_present(who, word, needed, have, source)
            numbered = [name for name in needed if name not in have]
            if numbered:
                came = f"one named by a number, {numbered[0]}, in {source}"
                do = "Use read_table, or frame.columns = frame.columns.astype(str)."
                raise SchemaError.of(who, f"{word} to be named by text", came, do)

    def check_whole(self, who: str, columns: Iterable[str], source: str) -> None:
        """Check these roles against a whole table: what identifies a person must be there too."""
        self.check(who, columns, source)
        columns_present(who, "direct identifier", self.direct or (), list(columns), source)


def _ordered_columns(given: Any) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Return each ordered column with its values in order; () where it has an order of its own."""
    if isinstance(given, str):
        given = [given]
    pairs = given.items() if isinstance(given, Mapping) else listed("Roles", "ordered", given)
    fields = [pair if isinstance(pair, tuple) else (pair, ()) for pair in pairs]
    columns = column_names("Roles", "ordered", [name for name, _ in fields])
    return tuple(
        (column, listed("Roles", f"the order of '{column}'", values))
        for column, (_, values) in zip(columns, fields, strict=True)
    )


_NAME = re.compile(r"\|([^|]+)\||(\S+)")
# A scale as people write it beside its words: "1 - Strong support", "1.0".
_LEVEL = re.compile(r"\s*([+-]?\d+)(?:[.,]0+)?\s*(?:$|[-–—:=(/ ].*)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class KnownExport:
    """A table that is known by its headers: an export of a canvassing tool, a roll of electors.

    Parameters
    ----------
    key : str
        Its name in ``systems.toml``.
    word : str
        What people call it.
    marks : tuple of str
        Headers of which one identifies the system, where `least` of its columns are there.
    columns : tuple of str
        Of its export, in their order; those that a customer adds stand in `custom`.
    identifier, keys, sensitive : str and tuples of str
        Roles of its columns.
    address : tuple of tuples of str
        Columns that are read together as an address, the best first.
    scales : mapping of str to (int, int)
        Whole numbers that a column may hold: least and most.
    """

    key: str
    word: str
    marks: tuple[str, ...]
    least: int
    columns: tuple[str, ...]
    custom: tuple[str, ...]
    identifier: str
    keys: tuple[str, ...]
    sensitive: tuple[str, ...]
    address: tuple[tuple[str, ...], ...]
    scales: Mapping[str, tuple[int, int]]

    def named(self, header: Iterable[str]) -> dict[str, str]:
        """Return which column of a file each column of the export is, whatever its case."""
        own = {_compact(column): column for column in (*self.columns, *self.marks)}
        result: dict[str, str] = {}
        for column in map(str, header):
            if known := own.get(_compact(column)):
                result.setdefault(known, column)
        return result

    def identifier_in(self, header: Iterable[str]) -> str | None:
        """Return the column of a file that numbers its people."""
        result = self.named(header)
        return next((result[c] for c in (self.identifier, *self.marks) if c in result), None)


@cache
def systems() -> tuple[KnownExport, ...]:
    """Return every system that is known."""
    return tuple(
        KnownExport(
            key=key,
            word=values["word"],
            marks=tuple(values["marks"]),
            least=values["least"],
            columns=tuple(a or b for a, b in _NAME.findall(values["columns"])),
            custom=tuple(values["custom"]),
            identifier=values["identifier"],
            keys=tuple(values["key"]),
            sensitive=tuple(values["sensitive"]),
            address=tuple(map(tuple, values["address"])),
            scales={column: (low, high) for column, (low, high) in values["scales"].items()},
        )
        for key, values in packaged_toml("privaudit.columns", "systems.toml").items()
    )


def known_export(key: str) -> KnownExport:
    """Return a system by its key in ``systems.toml``."""
    return next(system for system in systems() if system.key == key)


def export_of(header: Iterable[str]) -> KnownExport | None:
    """Return the system that exported a table, by its headers; None where unknown.

    Examples
    --------
    >>> export_of(["nationbuilder_id", "first_name", "support_level", "note"]).word
    'NationBuilder'
    >>> export_of(["id", "first_name", "support_level"]) is None
    True
    """
    names = list(header)
    named = {system.key: system.named(names) for system in systems()}
    possible = [
        system for system in systems()
        if {*system.marks} & {*named[system.key]} and len(named[system.key]) >= system.least
    ]  # fmt: skip
    return max(possible, key=lambda system: len(named[system.key]), default=None)


def roles_known(frame: pd.DataFrame) -> tuple[Roles, tuple[Note, ...]]:
    """Return the roles of a table whose system is known, and how they were known.

    A key is a column that a record in ten fills, 11 at least, and not with one value only; a
    sensitive column has 2 to 20 values. No role where the system is not known.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"nationbuilder_id": [1, 2], "sex": ["F", "M"], "church": [None] * 2,
    ...                        "support_level": [1, 5]})
    >>> roles_known(people)[0]
    Roles(identifier=('nationbuilder_id',), key=('sex',), sensitive=('support_level',), ...)
    """
    system = export_of(frame.columns)
    if system is None:
        return Roles(), ()
    result = system.named(frame.columns)
    several = {c: frame[column].nunique() for c, column in result.items()}
    filled = {c: int(frame[result[c]].notna().sum()) for c in system.keys if c in result}
    least = max(KEY_IS_FILLED * len(frame), SMALL_CELL if len(frame) >= SMALL_CELL else 0)
    key = [result[c] for c, records in filled.items() if records >= least and several[c] > 1]
    learnt = [result[c] for c in system.sensitive if 1 <= several.get(c, 0) <= MOST_CODES]
    identifier = system.identifier_in(frame.columns)
    # A birth date determines the age.
    if {"DOB", "Age"} <= {c for c in result if result[c] in key}:
        key.remove(result["Age"])
    roles = Roles(
        identifier=() if identifier is None else (identifier,),
        key=tuple(key),
        sensitive=tuple(learnt),
    )
    note = Note(
        "roles_of_system",
        system=system.word,
        columns=len(frame.columns),
        known=len(result),
        empty=int((frame.notna().sum() == 0).sum()),
    )
    return roles, (note,)


# Headers of a number that a file gives each of its records.
_OWN_IDS = frozenset(("id", "uid", "uuid", "guid", "fid", "objectid", "identifiant", "identifier"))


def ids_repeated(frame: pd.DataFrame, column: str = "") -> tuple[Note, ...]:
    """Note the ids that stand on several records: of a column, or of the first called an id.

    Examples
    --------
    >>> import pandas as pd
    >>> ids_repeated(pd.DataFrame({"id": [1, 1, 2, None, None], "town": ["Brest"] * 5}))
    (Note('ids_repeated', column='id', records=2, ids=1),)
    """
    column = column or next((str(name) for name in frame if fold(str(name)) in _OWN_IDS), "")
    if not column:
        return ()
    ids = frame[column].dropna()
    try:
        again = ids[ids.duplicated(keep=False)]
        note = Note("ids_repeated", column=column, records=len(again), ids=again.nunique())
    # Lists are no ids; what measures them refuses them.
    except TypeError:
        return ()
    return (note,) if len(again) else ()


def check_table(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Read the scales of a known system, and count ids that stand for several records.

    A level with its words beside it becomes the level. One that is off the scale is missing, and
    counted; where most are, the column stays as it is, with a note.

    Examples
    --------
    >>> import pandas as pd
    >>> levels = ["1 - Strong support", "5", "9", "3"]
    >>> people = pd.DataFrame({"nationbuilder_id": [1, 2, 2, 3], "sex": "F",
    ...                        "support_level": levels})
    >>> read, notes = check_table(people)
    >>> read["support_level"].tolist(), [note.key for note in notes]
    ([1.0, 5.0, nan, 3.0], ['ids_repeated', 'scale_read', 'off_the_scale'])
    """
    system = export_of(frame.columns)
    if system is None:
        return frame, ()
    result, notes = system.named(frame.columns), list[Note]()
    identifier = system.identifier_in(frame.columns)
    if identifier is not None:
        notes += ids_repeated(frame, identifier)
    read: dict[str, pd.Series] = {}
    for known, scale in system.scales.items():
        if known in result and frame[result[known]].notna().any():
            column = result[known]
            read[column], new_notes = _on_scale(frame[column], scale)
            notes += new_notes
    return frame.assign(**read), tuple(notes)


def _on_scale(column: pd.Series, scale: Sequence[int]) -> tuple[pd.Series, list[Note]]:
    """Read levels of a scale; see `check_table`."""
    low, high = scale
    name = str(column.name)
    given = column.notna()
    levels = {value: _level(value) for value in column[given].unique()}
    fine = {v: n for v, n in levels.items() if n is not None and low <= n <= high}
    n, right = int(given.sum()), int(column[given].isin(list(fine)).sum())
    if 2 * right < n:
        return column, [Note("scale_unknown", column=name, low=low, high=high, records=n - right)]
    notes = []
    written = [v for v in fine if isinstance(v, str) and v != str(fine[v])]
    if written:
        records = int(column.isin(written).sum())
        notes.append(Note("scale_read", column=name, low=low, high=high, records=records))
    if right < n:
        notes.append(Note("off_the_scale", column=name, low=low, high=high, records=n - right))
    numbers = column.map(lambda v: fine.get(v, float("nan")), na_action="ignore").astype(float)
    whole = numbers.notna().all()
    return (numbers.astype("int64") if whole else numbers), notes


def _level(value: Any) -> int | None:
    if isinstance(value, str):
        match = _LEVEL.fullmatch(value)
        return int(match[1]) if match else None
    return int(value) if float(value).is_integer() else None


def _compact(header: str) -> str:
    return "".join(words(header))
