"""Join of a people table and a map: the keys on which records and dots are compared.

A record fits a dot where no key that both show differs. The truth is never read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit.columns.headers import IDENTIFYING_KINDS, may_name_a_person
from privaudit.columns.recognise import ColumnKind, cells_of, column_kinds
from privaudit.core.checks import columns_present
from privaudit.errors import GeometryError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import addresses_of_records
from privaudit.io.coordinates import coordinate_pairs, locate, location_columns, with_points
from privaudit.io.file_frame import FileFrame
from privaudit.linkage.person_index import (
    KeyCodes,
    PermutedNames,
    count_shared,
    first_contact,
    numbered_rows,
    one_row_each,
    shared_codes,
    split_names,
    written_names,
)
from privaudit.release.release import DotRelease, TableRelease
from privaudit.stats.intervals import binomial_quantile
from privaudit.text.normalise import columns_named, header_words, words
from privaudit.words.catalogues import Note

# Largest distance of a dot from its address, in metres.
_ON_ADDRESS = 5.0
# Null model of dots on addresses by chance: dots moved by so many metres; level 1 / 100.
_ASIDE, _BY_CHANCE = 20.0, 0.99
# Largest number of dots in the null model.
_LOOKED_AT = 2_000
# Largest number of shared columns; least share of the map's cells that the table has too.
_MOST_KEYS, _KNOWN_CELLS = 6, 0.5
_NO_KEY = (*IDENTIFYING_KINDS, "note", "others", "address", "number")


@dataclass(frozen=True, eq=False, kw_only=True)
class JoinKeys:
    """The join keys of a table and a map, one set for each comparison.

    - `ways`: By name, the least informed first: "columns", "address", "coordinates", "identity",
      and "place_and_columns".
    - `rows`: Rows of the table that are compared: one of each person.
    - `home`: Address of each of these, a row of the backdrop, -1 unknown.
    - `has_address`: Whether they have one, in words or as coordinates.
    - `door`: Address of each dot.
    - `holds`, `beside`: Recognised columns of the table, and of the map.
    - `names`: Names of the dots, for the permutation baseline, where they are compared by name.
    """

    ways: Mapping[str, KeyCodes]
    rows: np.ndarray
    home: np.ndarray
    has_address: np.ndarray
    door: np.ndarray
    holds: Mapping[str, ColumnKind]
    beside: Mapping[str, ColumnKind]
    notes: tuple[Note, ...] = ()
    names: PermutedNames | None = None

    @property
    def best(self) -> str:
        """The strongest comparison; "" where there is none."""
        return best_way(self.ways)


def best_way(ways: Mapping[str, KeyCodes]) -> str:
    """Return the strongest comparison: identity, else the place, else columns."""
    order = ("identity", "place_and_columns", "coordinates", "address", "columns")
    return next((name for name in order if name in ways), "")


def join_keys(
    table: TableRelease, dots: DotRelease, *, shared: Mapping[str, str] | None = None
) -> JoinKeys:
    """Return the join keys of a table and a map, for every possible comparison.

    Parameters
    ----------
    table, dots
        As leaked.
    shared : mapping of str to str, optional
        Shared columns: the table's to the map's. Default: those with the same header or of one
        kind, whose cells agree (see `shared_columns`).

    Raises
    ------
    SchemaError
        A shared column is missing.
    """
    frame, base, beside = numbered_rows(table.records), dots.backdrop, dots.beside
    identifier = list(table.roles.identifier)
    once = one_row_each(frame, identifier)
    mine, theirs = column_kinds(once), column_kinds(beside)
    if shared is None:
        shared = shared_columns(once, beside, mine, theirs)
    else:
        mine_named = columns_named(shared, once.columns)
        shared = dict(zip(mine_named, columns_named(shared.values(), beside.columns), strict=True))
    for names, columns in ((shared, once.columns), (shared.values(), beside.columns)):
        columns_present("link_releases", "shared column", names, columns, "a file")
    written, located = addresses_of_records(once, base)
    points = dots.records[["x", "y"]].to_numpy(dtype=float)
    on, notes = _standing_at(points, base)
    by_words, _ = (
        addresses_of_records(beside, base)
        if len(beside.columns)
        else (np.full(len(dots), -1), None)
    )
    door = np.where(on >= 0, on, by_words)
    ways: dict[str, KeyCodes] = {}
    other = _columns(once, beside, shared)
    ways |= {} if other is None else {"columns": other}
    both = (written >= 0).any() and (door >= 0).any()
    ways |= {"address": _key("place", door, written)} if both else {}
    standing, more_notes = _standing(once, table, base)
    notes += more_notes
    if standing is not None:
        located = located | np.isfinite(standing).all(axis=1)
        ways["coordinates"] = _by_position(points, standing, base)
        written = np.where(written < 0, _snapped(standing, base), written)
    identity, dot_names = _identity(once, beside, mine, theirs)
    ways |= {} if identity is None else {"identity": identity}
    if other is not None and (placed := ways.get("coordinates", ways.get("address"))):
        ways["place_and_columns"] = placed + other
    return JoinKeys(
        ways=ways, rows=once.index.to_numpy(), home=written, has_address=located, door=door,
        holds=mine, beside=theirs, notes=tuple(notes), names=dot_names,
    )  # fmt: skip


def shared_columns(
    table: pd.DataFrame,
    beside: pd.DataFrame,
    mine: Mapping[str, ColumnKind],
    theirs: Mapping[str, ColumnKind],
) -> dict[str, str]:
    """Return the shared columns of a table and a map that can serve as join keys.

    A column of the same header goes before one of the same kind; at least half of the map's cells
    must occur in the table's column. Names, contacts, notes and numbers are left out.

    - `mine`, `theirs`: Recognised columns of each.

    Examples
    --------
    >>> people = pd.DataFrame({"first_name": ["Anne", "Paul"], "support_level": [1, 5]})
    >>> dots = pd.DataFrame({"soutien": ["5", "1.0"], "status": ["red", "grey"]})
    >>> shared_columns(people, dots, column_kinds(people), column_kinds(dots))
    {'support_level': 'soutien'}
    """
    pairs: dict[str, str] = {}
    for column in map(str, beside.columns):
        levels = set(_levels(beside[column])) - {""}
        kind = theirs[column].kind if column in theirs else ""
        # A header that may be a person's name is not compared.
        if len(levels) < 2 or kind in _NO_KEY or may_name_a_person(column):
            continue
        alike = [c for c in map(str, table.columns) if header_words(c) == header_words(column)]
        alike += [c for c, one in mine.items() if kind and one.kind == kind and c not in alike]
        cells = pd.Series(_levels(beside[column]))
        cells = cells[cells != ""]
        for own in alike:
            known = set(_levels(table[own])) - {""}
            if own not in pairs and len(known) > 1 and cells.isin(known).mean() >= _KNOWN_CELLS:
                pairs[own] = column
                break
    return dict(list(pairs.items())[:_MOST_KEYS])


def _levels(column: pd.Series) -> list[str]:
    """Return normalised cells: without case, accents and a decimal 0."""
    cells = cells_of(column)
    level = {cell: " ".join(words(cell.removesuffix(".0"))) for cell in {*cells}}
    return [level[cell] for cell in cells]


def _key(name: str, dots: np.ndarray, records: np.ndarray) -> KeyCodes:
    return KeyCodes(
        dots=dots[None].astype(np.int64), records=records[None].astype(np.int64),
        needed=np.array([True]), names=(name,),
    )  # fmt: skip


def _columns(
    table: pd.DataFrame, beside: pd.DataFrame, shared: Mapping[str, str]
) -> KeyCodes | None:
    if not shared:
        return None
    pairs = [shared_codes(_levels(beside[b]), _levels(table[a])) for a, b in shared.items()]
    return KeyCodes(
        dots=np.stack([dots for dots, _ in pairs]),
        records=np.stack([records for _, records in pairs]),
        needed=np.zeros(len(pairs), dtype=bool),
        names=tuple(shared.values()),
    )


def _identity(
    table: pd.DataFrame,
    beside: pd.DataFrame,
    mine: Mapping[str, ColumnKind],
    theirs: Mapping[str, ColumnKind],
) -> tuple[KeyCodes | None, PermutedNames | None]:
    """Return keys of names, e-mails, telephones or accounts: the kind that matches most dots.

    Of the spellings of a name (every given name, birth name), the one that matches most is taken.
    """
    best: tuple[int, KeyCodes, PermutedNames | None] | None = None
    for kind in IDENTIFYING_KINDS:
        sides = [
            _spelt(frame, [c for c, one in known.items() if one.kind == kind], kind)
            for frame, known in ((beside, theirs), (table, mine))
        ]
        tried = [(count_shared(dots, own), dots, own) for dots in sides[0] for own in sides[1]]
        most, dots, own = max(tried, key=lambda one: one[0])
        if not most:
            continue
        codes = shared_codes(dots, own)
        alone = _named(*codes)
        if best is None or alone > best[0]:
            names = split_names(dots, own, codes[1]) if kind == "name" else None
            best = alone, _key("identity", *codes), names
    return (None, None) if best is None else best[1:]


def _named(dots: np.ndarray, records: np.ndarray) -> int:
    """Count the dots that exactly one record fits."""
    times = np.bincount(records[records >= 0], minlength=int(dots.max(initial=0)) + 1)
    return int((times[dots[dots >= 0]] == 1).sum())


def _spelt(frame: pd.DataFrame, columns: Sequence[str], kind: str) -> list[list[str]]:
    """Return the spellings of each row's name, or its first contact."""
    if kind == "name":
        return written_names(frame, columns)
    return [first_contact(frame, columns, kind)]


def _snapped(points: np.ndarray, base: AddressBase) -> np.ndarray:
    """Return the address within 5 m of each point, -1 where there is none."""
    from scipy.spatial import cKDTree

    at = np.full(len(points), -1, dtype=np.int64)
    known = np.isfinite(points).all(axis=1)
    if known.any() and len(base):
        far, near = cKDTree(base.xy).query(points[known])
        at[known] = np.where(far <= _ON_ADDRESS, near, -1)
    return at


def _standing(
    frame: pd.DataFrame, table: TableRelease, base: AddressBase
) -> tuple[np.ndarray | None, list[Note]]:
    """Return the coordinates of the records of a table, in metres; nan where missing."""
    placed = with_points(FileFrame(frame=frame, name=table.name))
    frame = placed.frame
    columns = list(map(str, frame.columns))
    if not coordinate_pairs(columns):
        return None, []
    declared = table.roles.location
    east, north = declared or location_columns(columns, name=table.name, who="link_releases")
    try:
        placed_points = locate(frame[east], frame[north], backdrop=base, crs=placed.crs,
                       name=table.name, who="link_releases")  # fmt: skip
    except GeometryError:
        return None, [Note("coordinates_elsewhere")]
    return np.where((placed_points.reason == "")[:, None], placed_points.xy, np.nan), list(
        placed_points.notes
    )


def _by_position(points: np.ndarray, standing: np.ndarray, base: AddressBase) -> KeyCodes:
    """Return keys of positions: the address within 5 m, or else the metre."""
    both = np.concatenate([points, standing])
    at, known = _snapped(both, base), np.isfinite(both).all(axis=1)
    off = known & (at < 0)
    if off.any():
        metre = np.unique(np.round(both[off]), axis=0, return_inverse=True)[1].reshape(-1)
        at[off] = len(base) + metre
    return _key("place", at[: len(points)], at[len(points) :])


def _standing_at(points: np.ndarray, base: AddressBase) -> tuple[np.ndarray, list[Note]]:
    """Return the address of each dot, -1 for none; all -1 where the dots were moved.

    Dots count as moved where no more of them stand on an address than of the same dots shifted
    by some metres in all directions: matches by chance would name wrong people.
    """
    on = _snapped(points, base)
    standing, far = int((on >= 0).sum()), int((on < 0).sum())
    if not far:
        return on, []
    turn = np.arange(8) * np.pi / 4
    some = points[:: -(-len(points) // _LOOKED_AT)]
    around = some[None] + _ASIDE * np.stack([np.cos(turn), np.sin(turn)], axis=1)[:, None]
    chance = float((_snapped(around.reshape(-1, 2), base) >= 0).mean())
    most = binomial_quantile(_BY_CHANCE, len(points), chance)
    if standing > most:
        return on, [Note("dots_off_addresses", dots=far, of=len(on))]
    beside = {"chance": chance * len(on), "most": most}
    return np.full(len(on), -1), [Note("dots_moved_off", standing=standing, of=len(on), **beside)]
