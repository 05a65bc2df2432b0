"""`Study`: the results of one run, in the order in which a report tells them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.columns.free_text import SPECIAL
from privaudit.columns.identifiers import IDENTIFIERS
from privaudit.core.checks import columns_present, keyword_only, kind_of, one_of
from privaudit.errors import ParameterError
from privaudit.release.column_roles import KIND_OF, KnownColumn, role_of
from privaudit.results.exposure import Exposure
from privaudit.results.measures import PROVENANCES, Measures, joined
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.geo.address_base import AddressBase
    from privaudit.release.inventory import Column, Inventory
    from privaudit.results.rows import Row
    from privaudit.rules.check_rules import Rulings
    from privaudit.rules.description import Description
    from privaudit.tables.mend import MendingPlan

KINDS = ("demo", "map", "table", "log", "country", "rules", "link", "inspect", "dossier")
STATUSES = ("to_meet", "visited")
# The families of measures of each kind of study; all others are of a table.
_FAMILIES = {
    "log": (
        "unicity", "unicity_curve", "known_points", "neighbourhoods", "match_periods",
        "match_neighbourhoods", "scoreboard", "log_mended",
    ),
    "country": ("country", "country_mended"),
    "rules": ("rules",),
    "link": ("linked", "linked_people"),
    "inspect": ("inspect",),
    "map": (
        "heat", "areas", "belief", "steps", "hiding", "copies", "changes", "properties",
        "dot_table", "shared_points",
    ),
}  # fmt: skip
# Roles of a special category, and roles that identify or contact a person.
GRAVE_ROLES = ("special", "inferred", "text_special")
WHO_ROLES = ("identifier", "contact", "third")
# Kinds of text that identify or contact a person.
_IN_TEXT = ("others", "phone", "email", "address", *IDENTIFIERS)


def who_columns(one: Inventory) -> list[Column]:
    """Return the columns that identify people, and the free text that does."""
    named = one.of_role(*WHO_ROLES)
    return [*named, *(c for c in one.columns if c not in named and people_in_text(c))]


def people_in_text(column: Column) -> dict[str, float]:
    """Return how many records of a text identify or contact a person, by kind."""
    people = {what: column.says[what] for what in _IN_TEXT if column.says.get(what, 0) != 0}
    if column.kind == "address" and "address" in people:
        # Of a column of addresses, no list has all the ways to write one; that few are written
        # otherwise withholds how many are read, not how many there are.
        people["address"] = column.filled
    return people


def grave_columns(one: Inventory) -> tuple[Column, ...]:
    """Return the columns of a special category.

    Where nobody is identified a note may be of things, as a wine is "malade": it is of a special
    category only where a word is without doubt.
    """
    graves, of_people = one.of_role(*GRAVE_ROLES), bool(who_columns(one))
    return tuple(c for c in graves if of_people or c.role != "text_special" or c.least != 0)


def mentioning_columns(one: Inventory) -> list[Column]:
    """Return the columns of a special category, and those some of whose cells mention one."""
    graves = grave_columns(one)
    speak = [c for c in one.columns if c.role != "hint" and {*c.says} & {*SPECIAL}]
    speak = [c for c in speak if c.role != "doubtful" and c.least != 0]
    return [c for c in one.columns if c in graves or c in speak]


def doubtful_columns(one: Inventory) -> list[Column]:
    """Return the columns of which words may tell of a special category, and none surely does."""
    speak = [c for c in one.columns if c.role != "hint" and {*c.says} & {*SPECIAL}]
    sure = mentioning_columns(one)
    return [c for c in speak if c not in sure]


def special_cells(column: Column) -> dict[str, float]:
    """Return how many records of a column have data of a special category, by kind.

    What a column is declared to hold is not counted again among what its cells mention.
    """
    cells = {what: n for what, n in column.says.items() if what in SPECIAL and n != 0}
    # A column of dates or of page addresses is of a special category by its words alone.
    meant = role_of(KnownColumn(kind=column.kind, by=column.by), SPECIAL) in GRAVE_ROLES
    if column.role in ("special", "inferred") and column.kind and meant:
        others = {k: n for k, n in cells.items() if KIND_OF.get(k, k) != column.kind}
        # "Non" under "maladie" is no illness. Where that count is withheld, words may be counted.
        said = [n for k, n in cells.items() if k not in others and math.isfinite(n)]
        shows = column.shows if math.isfinite(column.shows) else max(said, default=math.nan)
        cells = ({column.kind: shows} if shows != 0 else {}) | others
    return cells


def gravity(one: Inventory) -> tuple[int, bool, float, float]:
    """Return how grave a file is; the gravest of several is the greatest.

    First special categories of people who are identified (3), then special categories (2), then
    identified people (1), then other files (0). Among equals, first those with words that may tell
    of a special category, then by the records of the column that tells of most, then by the
    records of the file. A withheld count is as good as none.
    """
    special, who = mentioning_columns(one), who_columns(one)
    counts = [n for c in special for n in special_cells(c).values()]
    counts = counts or [c.filled for c in (special or who)]
    most = max((n for n in counts if math.isfinite(n)), default=0.0)
    level = 2 * bool(special) + bool(who)
    return level, bool(doubtful_columns(one)), float(most), float(one.n)


# Frames that are drawn, and their columns.
_DRAWN = {
    "blurred": ("x", "y", "status"),
    "addresses": ("street", "number", "x", "y", "households"),
    "dots": ("x", "y", "status"),
}


@dataclass(frozen=True, kw_only=True)
class Input:
    """An input file.

    Parameters
    ----------
    path : Path
    role : str
        What it was read as: "map", "table", "log", "addresses", "cells", "population",
        "register", "results", "clicks", "original", "holdout", "absent", "inspected".
    source : str
        Who publishes it under which licence, a key of ``[source]`` of the catalogues; "" for a
        file of the user's own.
    date : str
        The date that the file tells of itself; "" where it tells none.
    number : str
        Of an exhibit of a dossier, such as "2", or "2.1" for the first part of a file of several.
    """

    path: Path
    role: str
    source: str = ""
    date: str = ""
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a dossier is called, and of which day its rules are.

    - `exhibit`: The name of the seizure.
    - `operator`: Who carried it out; "" where no name was given.
    - `as_of`: The day, year-month-day.
    - `acquired`: The day on which the files were acquired, year-month-day; "" where not given.
    - `mission`, `agents`: Of the acquisition; empty where not given.
    """

    exhibit: str
    operator: str = ""
    as_of: str = ""
    acquired: str = ""
    mission: str = ""
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Explorer:
    """One simulated town for the explorer of a page.

    Parameters
    ----------
    counts : pandas.DataFrame
        A row a view, looker and gain; see `privaudit.studies.demo.explored`.
    moved : mapping of str to ndarray of shape (dots, 2)
        Where each view shows each dot, in metres; dots are in one order in all views.
    home : ndarray of shape (dots,)
        Row of the address where the person of each dot lives; -1 where the person is not known.
    visited : ndarray of bool, shape (dots,)
    doors : float
        Share of dots that are believed to stand for a home of their person, 0 to 1.
    weight : mapping of str to ndarray of shape (addresses,)
        Of each looker, how likely each address is before the map is read; sums to 1.
    """

    counts: pd.DataFrame
    moved: Mapping[str, np.ndarray]
    home: np.ndarray
    visited: np.ndarray
    doors: float
    weight: Mapping[str, np.ndarray]


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """What a report is made of.

    Parameters
    ----------
    kind : {"demo", "map", "table", "log", "country", "rules", "link", "inspect", "dossier"}
        What was run.
    title : str
        What was examined, such as the name of the file; "" for a result by itself.
    provenance : {"simulated", "audited file", "public counts"}
        Every figure and every sentence repeats it.
    real_places : bool
        True where the places exist: areas are drawn then, never a dot.
    exposures : tuple of Exposure
        The ladder, in order; one a view, attack and number of copies.
    measures : mapping of str to Measures
        By family, such as "access", "household", "table", "towns".
    dots : pandas.DataFrame, optional
        Columns x, y (metres) and status (to_meet, visited), of fictional places only.
    addresses : pandas.DataFrame, optional
        Columns street, number, x, y, households, drawn as the town behind the dots; fictional
        places only.
    blurred : mapping of str to pandas.DataFrame
        The dots as each mask shows them, by its word: columns as of `dots`, rows in an order of
        their own; fictional places only.
    explorer : Explorer, optional
        One map moved further and further, by who looks; fictional places only.
    area_points : ndarray of shape (n, 2), optional
        Positions in metres that are counted by area and never drawn.
    area_names : tuple of (str, float, float)
        Names of towns, and of streets, to find one's way by, and where they are in metres.
    area_streets : tuple of ndarray of shape (k, 2)
        The middle of streets of `SMALL_CELL` addresses or more, in metres.
    rulings : tuple of Rulings
        Verdicts of the rules on the first day; through the guard.
    described : Description, optional
        What the holder says of the processing.
    graded : mapping of str to Row
        Severity and likelihood of a leak, and the three tests of WP216, where they are known.
    inventories : tuple of Inventory
        What files hold that were inspected, without counts of fewer than `SMALL_CELL`.
    next_commands : tuple of str
        Command lines that may be run next, of files by their names.
    case : Case, optional
        Of a dossier.
    plan : MendingPlan, optional
        Which keys of a table a report proposes to coarsen or to drop.
    set_aside : mapping of Note to int
        Rows that could not be used: reason to count.
    notes : tuple of Note
    command : str
        The whole command line that makes the study again; "" where there is none.
    inputs : tuple of Input
        Every file that was read.
    recipe : mapping
        Plain JSON values. Provenance only: nothing reads it to decide.
    revealed_rows : bool
        Rows were asked for explicitly; the header of the report says so.

    Raises
    ------
    ParameterError
        Dots or addresses of real places, an unknown kind, provenance or status, or two
        exposures with the same view, attack and number of copies.
    SchemaError
        A column of `dots` or `addresses` is missing.

    Examples
    --------
    >>> Study(kind="map", title="leak.csv", provenance="audited file", real_places=True)
    Study(map, 'leak.csv', audited file, 0 exposures, 0 measures)
    """

    kind: str
    title: str
    provenance: str
    real_places: bool
    exposures: tuple[Exposure, ...] = ()
    measures: Mapping[str, Measures] = field(default_factory=dict)
    dots: pd.DataFrame | None = None
    addresses: pd.DataFrame | None = None
    blurred: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    explorer: Explorer | None = None
    area_points: np.ndarray | None = None
    area_names: tuple[tuple[str, float, float], ...] = ()
    area_streets: tuple[np.ndarray, ...] = ()
    rulings: tuple[Rulings, ...] = ()
    described: Description | None = None
    graded: Mapping[str, Row] = field(default_factory=dict)
    inventories: tuple[Inventory, ...] = ()
    next_commands: tuple[str, ...] = ()
    case: Case | None = None
    plan: MendingPlan | None = None
    set_aside: Mapping[Note, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    command: str = ""
    inputs: tuple[Input, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    revealed_rows: bool = False

    def __post_init__(self) -> None:
        one_of("Study", "kind", self.kind, KINDS)
        one_of("Study", "provenance", self.provenance, PROVENANCES)
        drawn = self.dots is not None or self.addresses is not None or bool(self.blurred)
        drawn = drawn or self.explorer is not None
        if self.real_places and drawn:
            needed, came = "area_points where the places are real", "positions to draw"
            do = "Give area_points instead of dots, addresses and blurred."
            raise ParameterError.of("Study", needed, came, do)
        frames: dict[str, list[pd.DataFrame | None]] = {
            "blurred": [*self.blurred.values()],
            "addresses": [self.addresses],
            "dots": [self.dots],
        }
        for name, each in frames.items():
            for frame in each:
                if frame is not None:
                    columns_present("Study", "column", _DRAWN[name], frame.columns, name)
        others = 0 if self.dots is None else (~self.dots["status"].isin(STATUSES)).sum()
        if others:
            came = f"{others} other dots"
            raise ParameterError.of("Study", f"status one of {STATUSES}", came)
        rungs = [(e.view, e.attack, e.copies) for e in self.exposures]
        if len(set(rungs)) < len(rungs):
            raise ParameterError.of("Study", "one exposure a view and attack", "two of the same")

    def __repr__(self) -> str:
        return (
            f"Study({self.kind}, {self.title!r}, {self.provenance}, "
            f"{len(self.exposures)} exposures, {len(self.measures)} measures)"
        )

    @classmethod
    def of(cls, result: Results) -> Study:
        """Wrap a single result, or several, so that they can be reported by themselves.

        Of a mapping, results of one family are distinguished by their names in it.

        Raises
        ------
        ParameterError
            The result is neither a Study, an Exposure, a Measures nor several of these; or
            several are of different provenance, or of one family without names.
        """
        if isinstance(result, Study):
            return result
        if isinstance(result, (Mapping, list, tuple)):
            return cls._of_several(result)
        if not isinstance(result, (Exposure, Measures)):
            needed = "a Study, an Exposure or a Measures"
            raise ParameterError.of("report", needed, kind_of(result))
        shared: dict[str, Any] = {
            "provenance": result.provenance,
            "real_places": result.provenance != "simulated",
            "notes": result.notes,
            "recipe": result.recipe,
        }
        if isinstance(result, Exposure):
            kind = "table" if result.view == "table" else "map"
            return cls(kind=kind, title="", exposures=(result,), **shared)
        kind = next((k for k, of in _FAMILIES.items() if result.family in of), "table")
        return cls(kind=kind, title=result.name, measures={result.family: result}, **shared)

    @classmethod
    def _of_several(cls, results: Mapping[str, Any] | Sequence[Any]) -> Study:
        named = results if isinstance(results, Mapping) else dict(enumerate(results))
        each = {name: cls.of(one) for name, one in named.items()}
        kinds = {one.provenance for one in each.values()}
        if len(kinds) != 1:
            came = ", ".join(sorted(kinds)) or "none"
            raise ParameterError.of("report", "results of one provenance, at least one", came)
        families: dict[str, dict[Any, Measures]] = {}
        for name, one in each.items():
            for family, measures in one.measures.items():
                families.setdefault(family, {})[name] = measures
        for family, parts in families.items():
            if len(parts) > 1 and not isinstance(results, Mapping):
                do = "Give a dict, which names each."
                came = f"{len(parts)} of family {family}"
                raise ParameterError.of("report", "one result of a family in a list", came, do)
        studies = list(each.values())
        return cls(
            # The first study with an exposure says what the others go beside.
            kind=next((one for one in studies if one.exposures), studies[0]).kind,
            title=", ".join(dict.fromkeys(one.title for one in studies if one.title)),
            provenance=kinds.pop(),
            real_places=any(one.real_places for one in studies),
            exposures=tuple(e for one in studies for e in one.exposures),
            measures=joined_families(families, by="result"),
            notes=tuple(dict.fromkeys(note for one in studies for note in one.notes)),
            recipe={str(name): dict(one.recipe) for name, one in each.items()},
        )


def joined_families(
    families: Mapping[str, Mapping[Any, Measures]], *, by: str
) -> dict[str, Measures]:
    """Return the measures of each family; of several, each row names its own as parameter `by`."""
    return {
        family: joined(family, parts, by=by) if len(parts) > 1 else next(iter(parts.values()))
        for family, parts in families.items()
    }


def address_input(path: str | Path, base: AddressBase) -> Input:
    """Return the file of the addresses that maps are laid over."""
    source = "national_addresses" if base.real and base.language == "fr" else ""
    return Input(path=Path(path), role="addresses", source=source)


def note_of_file(note: Note, name: str, files: int = 2) -> Note:
    """Name the file of a note, where there are several."""
    if files == 1 or "file" in note.values:
        return note
    return Note("of_file", file=name, text=note)


def address_notes(base: AddressBase, inputs: Iterable[Input]) -> tuple[Note, ...]:
    """Note the number of addresses, and the publishers of the files that were read."""
    return (
        Note("addresses_of", addresses=len(base), source=base.source),
        *source_notes(inputs),
    )


def addresses_set_aside(base: AddressBase) -> dict[Note, int]:
    """Count the addresses that could not be used, by reason."""
    return {Note("of_addresses", reason=why): n for why, n in base.set_aside.items()}


def source_notes(inputs: Iterable[Input]) -> tuple[Note, ...]:
    """Note the publisher and licence of each public file that was read.

    Examples
    --------
    >>> source_notes([Input(path=Path("adresses-94.csv"), role="addresses",
    ...     source="national_addresses"), Input(path=Path("leak.csv"), role="map")])
    (Note('input_source', file='adresses-94.csv', source='national_addresses'),)
    """
    return tuple(
        Note("input_source", file=one.path.name, source=one.source) for one in inputs if one.source
    )


Results = Study | Exposure | Measures | Sequence[Any] | Mapping[str, Any]
