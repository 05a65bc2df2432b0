"""Which tables name the same people, by what, and what one tells of them that another does not."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from privaudit._core.policy import SMALL_CELL
from privaudit.attacks.join_tables import STRONG, Met, Shared, lay_tables, same_form
from privaudit.attacks.people_told import REACHED, PersonIndex
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.tables.column_roles import KIND_OF, SPECIAL
from privaudit.tables.free_text import speaks_of
from privaudit.tables.headers import SHOWN, may_name_somebody
from privaudit.tables.recognise import cells_of, named_by_headers
from privaudit.tables.shown_cells import shown_by
from privaudit.tables.written_people import shared_codes
from privaudit.words.note import Note

__all__ = ["linked_tables"]

# Deals of a blind join, whose mean is the baseline.
_DRAWS = 20
# Pairs by which it is tried whether names agree by chance.
_COMPARED = 1_000
# By which somebody is told; who agree by it beyond chance are the same.
_NUMBERS = ("reference", "number")
_OF_PEOPLE = (*REACHED, *_NUMBERS)
_NOT_TOLD = ("number", "place", "technical", "date", "weight", "spot")


def linked_tables(
    tables: Sequence[PersonIndex],
    *,
    laid: Collection[frozenset[str]] = (),
    rng: np.random.Generator,
) -> Measures:
    """Lay every table beside every other, and say who of one stands in another.

    Parameters
    ----------
    tables : sequence of People
    laid : collection of sets of two names
        Pairs that were laid beside each other in another way, and are left out.
    rng : numpy.random.Generator
        Of the blind joins.

    Returns
    -------
    Measures
        Family "linked_tables"; 0 is safe. ``table`` is asked whom of ``other`` its people are, and
        n counts its people: rows that show the same contact, name and birth are one.

        - found_in: share of the people of whom exactly one of the other table is told, ``by`` an
          e-mail, a telephone, a number that a header says is the other's ("reference"), a name
          with a birth or an address, a name, a number of which nothing says so; "any": by the
          surest of the first five that tells anybody. Baseline: of numbers, how many of those
          that may be there the other has; by name, with the birth, address or given name of
          somebody else. Control: the same people, had their own record not been in it.
        - found_among: share whom several of the other table fit.
        - same_name: of those found by a contact or a number who show a name in both, share with
          the same. Baseline: with the names dealt anew.
        - same_address: share at whose address the other table has somebody else.
        - learnt: share who are found, and of whom the other table tells ``what``, where it tells
          more than their own. Baseline: of the same people, those of whom their own tells it too.
    """
    rows = Rows(0, "records")
    shown = {one.name: _kinds(one) for one in tables}
    for mine, theirs in itertools.permutations(tables, 2):
        if {mine.name, theirs.name} in laid:
            continue
        before = len(rows)
        _add_pair(rows, mine, theirs, shown, rng)
        # That two tables have nobody in common is said once of both.
        if len(rows) == before and tables.index(mine) < tables.index(theirs):
            part = {"table": mine.name, "other": theirs.name, "by": "any"}
            rows.share("found_in", np.zeros(mine.n), part=part, counts=mine.counts)
    notes = tuple(
        Note("rows_of_people", file=one.name, rows=len(one.records), people=one.n)
        for one in tables
        if one.n < len(one.records)
    )
    recipe = {"stage": "linked_tables"}
    return Measures(family="linked_tables", rows=rows, notes=notes, recipe=recipe)


def _kinds(people: PersonIndex) -> dict[str, tuple[np.ndarray, tuple[str, ...]]]:
    """Say of which people a table shows each kind, and in which columns; by its notes too."""
    found: dict[str, tuple[np.ndarray, tuple[str, ...]]] = {}
    odd = set(named_by_headers(people.records, least=SMALL_CELL))
    shown = [*shown_by(people.records, people.holds).items(), *_in_texts(people)]
    for (kind, column), which in shown:
        if kind in _NOT_TOLD:
            continue
        mine = np.zeros(people.n, dtype=bool)
        np.logical_or.at(mine, people.person, which)
        before, columns = found.get(kind, (np.zeros(people.n, dtype=bool), ()))
        told = columns if column in (*odd, *columns) else (*columns, column)
        found[kind] = before | mine, told
    return found


def _in_texts(people: PersonIndex) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
    """Yield which rows speak of a special category, in notes and in columns that nobody knows."""
    frame = people.records
    for column in map(str, frame.columns):
        kind = people.holds[column].kind if column in people.holds else "note"
        if kind != "note" or frame[column].dtype.kind in "biufcmM":
            continue
        cells = cells_of(frame[column])
        distinct = list(dict.fromkeys(cells))
        where = {cell: at for at, cell in enumerate(distinct)}
        rows = np.array([where[cell] for cell in cells], dtype=np.int64)
        for what, hits in speaks_of(distinct, [""] * len(distinct)).items():
            if what in SPECIAL and hits.any():
                yield (KIND_OF.get(what, what), column), hits[rows]


def _add_pair(
    rows: Rows,
    mine: PersonIndex,
    theirs: PersonIndex,
    shown: Mapping[str, Any],
    rng: np.random.Generator,
) -> None:
    """Add what people of one table meet in another."""
    part: dict[str, Any] = {"table": mine.name, "other": theirs.name}
    ways = lay_tables(mine, theirs)
    sure: dict[str, np.ndarray] = {}
    met = {by: shared.met() for by, shared in ways.items()}
    for by, found in met.items():
        shared = ways[by]
        if by == "address":
            continue
        # Who is found by a name bears it in both.
        at, names = _names_of(mine, theirs, found) if by in _OF_PEOPLE else ((), [])
        same = _same_name(names, rng) if names else None
        # Who comes by a number and bears another name is somebody else; a contact may be shared.
        refuted = same is not None and by in _NUMBERS and same[0].mean() <= same[1]
        of_way: dict[str, Any] = {
            "part": part | {"by": by}, "counts": mine.counts, "reliable": not refuted,
        }  # fmt: skip
        beside = _beside_name(mine, theirs, found) if by == "name" else []
        _add_way(rows, shared, found, rng, same=same, told=of_way | {"notes": beside})
        if same is not None:
            rows.share("same_name", same[0], baseline=same[1], **of_way)
        link = found.one.copy()
        if same is not None:
            link[np.asarray(at)[~same[0]]] = -1
        if by in STRONG and not refuted and (link >= 0).any():
            sure[by] = link
    link = _surest(sure, mine.n)
    if len(sure) > 1:
        told: dict[str, Any] = {"part": part | {"by": "any"}, "counts": mine.counts, "cell": True}
        rows.share("found_in", link >= 0, **told)
    if not sure and "name" in ways:
        link = met["name"].one
    if "address" in met:
        # Not they themselves.
        others = met["address"].some & (met["address"].one != np.where(link < 0, -2, link))
        rows.share("same_address", others, part=part, counts=mine.counts, cell=True)
    told = {"part": part, "counts": mine.counts, "cell": True}
    _add_learnt(rows, link, shown[mine.name], shown[theirs.name], told)


def _surest(sure: Mapping[str, np.ndarray], n: int) -> np.ndarray:
    """Return whom each is found as, by the surest way that tells one; -1 for nobody.

    Who was found in a surer way is nobody else: a telephone is a couple's, its e-mail is hers.
    """
    link = np.full(n, -1, dtype=np.int64)
    for found in sure.values():
        left = (link < 0) & (found >= 0) & ~np.isin(found, link[link >= 0])
        link = np.where(left, found, link)
    return link


def _add_way(
    rows: Rows, shared: Shared, found: Met, rng: np.random.Generator,
    *, same: tuple[np.ndarray, float] | None, told: dict[str, Any],
) -> None:  # fmt: skip
    """Add who is found in one way, beside what chance would find, and whom several fit."""
    by = told["part"]["by"]
    drawn = [shared.dealt(rng) for _ in range(_DRAWS if by.startswith("name") else 1)]
    known = [one for one in drawn if one is not None]
    own: dict[str, Any] = {"baseline": float(np.mean(known)) if known else math.nan}
    if by.startswith("name"):
        own["control"], own["paired"] = found.two, True
    notes = told.pop("notes")
    if shared.columns is not None and not any(map(may_name_somebody, shared.columns)):
        notes.append(Note("numbers_compared", paths=shared.columns))
    if same is not None and len(same[0]):
        alike = {"same": int(same[0].sum()), "of": len(same[0]), "chance": same[1]}
        notes.append(Note("names_agree", **alike))
    # Those who are found are a group by themselves; what chance would find is none.
    few = 0 < int((found.one >= 0).sum()) < SMALL_CELL
    rows.share("found_in", found.one >= 0, notes, cell=few, **own, **told)
    several = found.some & (found.one < 0)
    if several.any():
        rows.share("found_among", several, cell=True, **(told | {"reliable": True}))


def _beside_name(mine: PersonIndex, theirs: PersonIndex, found: Met) -> list[Note]:
    """Say of those found by a name alone how many live, and were born, as the other file says."""
    notes = []
    for key, sides in (
        ("births_agree", same_form(mine.born, theirs.born)),
        ("addresses_agree", same_form(mine.lives, theirs.lives)),
    ):
        code, their_code = shared_codes(*sides)
        at = np.flatnonzero(found.one >= 0)
        code, beside = code[at], their_code[found.one[at]]
        both = (code >= 0) & (beside >= 0)
        if both.any():
            same = int((code == beside)[both].sum())
            notes.append(Note(key, same=same, of=int(both.sum())))
    return notes


def _names_of(mine: PersonIndex, theirs: PersonIndex, found: Met) -> tuple[np.ndarray, list[Any]]:
    """Return who is found and shows a name in both files, and the words of both names."""
    at = np.flatnonzero(found.one >= 0)
    if not (mine.names and theirs.names and len(at)):
        return at[:0], []
    asked, own = mine.names[0], theirs.names[0]
    at = np.array([a for a in at if asked[a] and own[found.one[a]]], dtype=np.int64)
    return at, [(set(asked[a].split()), set(own[found.one[a]].split())) for a in at]


def _alike(one: set[str], other: set[str]) -> bool:
    """Say whether two names may be one: a file may have the first name only."""
    return one <= other or other <= one


def _same_name(
    names: Sequence[tuple[set[str], set[str]]], rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Say which of those who are found bear the same name in both; and how many would by chance."""
    same = np.array([_alike(one, other) for one, other in names])
    some = rng.permutation(len(names))[:_COMPARED]
    dealt = [
        np.mean([_alike(names[a][0], names[b][1])
                 for a, b in zip(some, rng.permutation(some), strict=True)])
        for _ in range(_DRAWS)
    ]  # fmt: skip
    return same, float(np.mean(dealt))


def _add_learnt(
    rows: Rows, link: np.ndarray, mine: Mapping[str, Any], theirs: Mapping[str, Any],
    told: dict[str, Any],
) -> None:  # fmt: skip
    """Add of how many the other table tells each kind, where it tells more than their own does."""
    there = link >= 0
    if not there.any():
        return
    for what in (kind for kind in SHOWN if kind in theirs):
        which, columns = theirs[what]
        both = there & which[np.where(there, link, 0)]
        own = both & mine[what][0] if what in mine else np.zeros(len(link), dtype=bool)
        new = int((both & ~own).sum())
        if not new:
            continue
        # Of few of whom it is new, the difference would tell how few.
        few = {"unprinted": ("baseline",)} if new < SMALL_CELL <= both.sum() else {}
        note = (Note("told_in_columns", paths=columns),) if columns else ()
        rows.share("learnt", both, note, baseline=float(own.mean()),
                   **(told | few | {"part": told["part"] | {"what": what}}))  # fmt: skip
