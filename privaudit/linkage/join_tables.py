"""Two tables laid beside each other: which people of one stand in the other, and by what.

Nothing here knows who is who: people fit where both files show the same contact, the same number,
or the same name with a birth or an address.

- Which tables name the same people, by what, and what one tells of them that another does not.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from privaudit.columns.free_text import speaks_of
from privaudit.columns.headers import SHOWN, may_name_somebody
from privaudit.columns.recognise import cells_of, named_by_headers, shown_by
from privaudit.core.policy import SMALL_CELL
from privaudit.linkage.person_index import (
    REACHED,
    DealtNames,
    PersonIndex,
    met,
    names_to_deal,
    shared_codes,
)
from privaudit.release.column_roles import KIND_OF, SPECIAL
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.text.normalise import header_words
from privaudit.words.catalogues import Note

# Ways to compare that tell a person, the surest first; a name alone may be a homonym's.
STRONG = ("email", "phone", "account", "reference", "name_birth", "name_address")
# Words of a header that say "a number" of nothing in particular.
_OF_NOTHING = frozenset(
    {"id", "uid", "uuid", "guid", "numero", "num", "no", "n", "number", "identifiant", "external",
     "ordre", "fiche", "dossier", "ref", "reference", "record", "row", "code", "key", "pk", "fk"}
)  # fmt: skip
_NONE = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False, kw_only=True)
class Met:
    """What fits each of some people, shape (n,) each.

    - `some`: Whether anybody of the other table fits; `one`: who, where one alone does, else -1.
    - `two`: Whether exactly two do.
    """

    some: np.ndarray
    one: np.ndarray
    two: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Shared:
    """What the people of two tables are compared by, in one way, as codes of one space.

    - `rows`, `codes`: Whose each code is, in the table that is asked; `n` people are in it.
    - `their_rows`, `their_codes`: The same of the other.
    - `columns`: Of numbers, the column of each that was compared.
    - `parts`: Where a name is compared with something else, the codes of both of the people asked
      and of the others.
    - `names`: Where names alone are, those that are dealt anew.
    - `density`: Of numbers, how many of those that may be there the other table has, as a share.
    """

    rows: np.ndarray
    codes: np.ndarray
    n: int
    their_rows: np.ndarray
    their_codes: np.ndarray
    columns: tuple[str, str] | None = None
    parts: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None = None
    names: DealtNames | None = None
    density: float | None = None

    def met(self) -> Met:
        """Say whom each of the people asked meets."""
        return _met(self.rows, self.codes, self.n, self.their_rows, self.their_codes)

    def dealt(self, rng: np.random.Generator) -> float | None:
        """Return the share that one person would fit, had the people asked something of another.

        None where there is nothing to deal: an e-mail is of nobody else.
        """
        if self.names is not None:
            codes, other = self.names.dealt(rng)
            asked = np.flatnonzero(other)
            if not len(asked):
                return None
            result = _met(np.arange(len(asked)), codes[asked], len(asked), self.their_rows,
                         self.their_codes)  # fmt: skip
            return float((result.one >= 0).mean())
        if self.parts is None:
            return self.density
        name, beside, their_name, their_beside = self.parts
        both = np.flatnonzero((name >= 0) & (beside >= 0))
        drawn = np.full(len(beside), -1, dtype=np.int64)
        drawn[both] = beside[rng.permutation(both)]
        asked, known = _paired((name, drawn), (their_name, their_beside))
        rows, others = np.flatnonzero(asked >= 0), np.flatnonzero(known >= 0)
        result = _met(rows, asked[rows], self.n, others, known[others])
        # Whoever was dealt their own again is no stranger.
        return float(((result.one >= 0) & (drawn != beside)).mean())


def _met(
    rows: np.ndarray, codes: np.ndarray, n: int, their_rows: np.ndarray, their_codes: np.ndarray
) -> Met:
    known = codes >= 0
    rows, codes = rows[known], codes[known]
    size = int(max(codes.max(initial=-1), their_codes.max(initial=-1))) + 1
    low, high = np.full(size, _NONE), np.full(size, -1, dtype=np.int64)
    np.minimum.at(low, their_codes, their_rows)
    np.maximum.at(high, their_codes, their_rows)
    many = np.bincount(their_codes, minlength=size)
    first, last = np.full(n, _NONE), np.full(n, -1, dtype=np.int64)
    np.minimum.at(first, rows, low[codes])
    np.maximum.at(last, rows, high[codes])
    of_two = np.zeros(n, dtype=np.int64)
    np.add.at(of_two, rows, many[codes])
    some = last >= 0
    return Met(some=some, one=np.where(some & (first == last), first, -1),
               two=some & (first != last) & (of_two == 2))  # fmt: skip


def _paired(*sides: tuple[np.ndarray, np.ndarray]) -> list[np.ndarray]:
    """Return two codes as one, -1 where either is not known."""
    wide = 1 + max(int(second.max(initial=0)) for _, second in sides)
    both = [np.where((a >= 0) & (b >= 0), a * wide + b, -1) for a, b in sides]
    code = np.unique(np.concatenate([np.array([-1]), *both]), return_inverse=True)[1].reshape(-1)
    ends = np.cumsum([len(one) for one in both])[:-1]
    return np.split(code[1:] - 1, ends)


def lay_tables(mine: PersonIndex, theirs: PersonIndex) -> dict[str, Shared]:
    """Find every way in which people of one table meet some of another; the surest first.

    Returns
    -------
    dict of str to Shared
        "email", "phone", "account", "reference" (a number that a header says is the other's),
        "name_birth", "name_address", "name", "number" (one of which nothing says so, where more
        meet than if both counted up), "address". None by which nobody is met.
    """
    ways: dict[str, Shared] = {}
    for kind in REACHED:
        (rows, texts), (others, their_texts) = mine.reached[kind], theirs.reached[kind]
        codes, their_codes = shared_codes(texts, their_texts)
        ways[kind] = Shared(rows=rows, codes=codes, n=mine.n, their_rows=others,
                            their_codes=their_codes)  # fmt: skip
    ways |= _by_numbers(mine, theirs)
    if "reference" in ways:
        ways.pop("number", None)
    ways |= _by_names(mine, theirs)
    lives = same_form(mine.lives, theirs.lives)
    ways["address"] = _single(*shared_codes(*lives))
    order = (*STRONG, "name", "number", "address")
    return {way: ways[way] for way in order if way in ways and ways[way].met().some.any()}


def _single(codes: np.ndarray, their_codes: np.ndarray, **more: object) -> Shared:
    """Compare one code a person."""
    rows, others = np.flatnonzero(codes >= 0), np.flatnonzero(their_codes >= 0)
    return Shared(rows=rows, codes=codes[rows], n=len(codes), their_rows=others,
                  their_codes=their_codes[others], **more)  # type: ignore[arg-type] # fmt: skip


def _by_names(mine: PersonIndex, theirs: PersonIndex) -> dict[str, Shared]:
    """Compare names, alone and with a birth or an address."""
    if not (mine.names and theirs.names):
        return {}
    named, others = ([_whole(way) for way in one.names] for one in (mine, theirs))
    tried = [(met(asked, own), asked, own) for asked, own in product(named, others)]
    most, asked, own = max(tried, key=lambda one: one[0])
    if not most:
        return {}
    name, their_name = shared_codes(asked, own)
    ways = {"name": _single(name, their_name, names=names_to_deal(asked, own, their_name))}
    beside = {"name_birth": same_form(mine.born, theirs.born),
              "name_address": same_form(mine.lives, theirs.lives)}  # fmt: skip
    for way, sides in beside.items():
        other, their_other = shared_codes(*sides)
        both, their_both = _paired((name, other), (their_name, their_other))
        ways[way] = _single(both, their_both, parts=(name, other, their_name, their_other))
    return ways


def _whole(names: Sequence[str]) -> list[str]:
    """Return names of two words and more: a first name alone tells nobody."""
    return [name if " " in name else "" for name in names]


def same_form(
    mine: tuple[list[str], list[str]], theirs: tuple[list[str], list[str]]
) -> tuple[list[str], list[str]]:
    """Return what is told in full by both, or else what both tell of it."""
    full = all(2 * sum(map(bool, whole)) >= sum(map(bool, part)) for whole, part in (mine, theirs))
    return (mine[0], theirs[0]) if full else (mine[1], theirs[1])


def _by_numbers(mine: PersonIndex, theirs: PersonIndex) -> dict[str, Shared]:
    """Compare the columns of numbers that most people share, by what their headers say of them."""
    best: dict[str, tuple[int, Shared]] = {}
    for column, texts in mine.numbers.items():
        for other, their_texts in theirs.numbers.items():
            # One of both tells people apart, or it is no number of a person.
            if column not in mine.numbered and other not in theirs.numbered:
                continue
            many = met(texts, their_texts)
            way = "reference" if _refers(column, mine, other, theirs) else "number"
            density = _density(texts, their_texts) if way == "number" else None
            by_chance = (density or 0.0) * sum(map(bool, texts))
            if many > max(best.get(way, (0, None))[0], by_chance):
                codes, their_codes = shared_codes(texts, their_texts)
                shared = _single(codes, their_codes, columns=(column, other), density=density)
                best[way] = many, shared
    return {way: shared for way, (_, shared) in best.items()}


def _refers(column: str, mine: PersonIndex, other: str, theirs: PersonIndex) -> bool:
    """Say whether headers tell that two columns number the same people.

    Both are called alike, by a word that is no bare "id"; or one is called after the other table.
    """
    words, others = _own_words(column), _own_words(other)
    if words and words == others:
        return True
    return (bool(words) and not others and words <= _table_words(theirs.name)) or (
        bool(others) and not words and others <= _table_words(mine.name)
    )


def _own_words(header: str) -> set[str]:
    return {_one(word) for word in header_words(header) if word not in _OF_NOTHING}


def _table_words(name: str) -> set[str]:
    words = {_one(word) for word in header_words(name)}
    return words | {_one("people")} if words & {"personne", "person"} else words


def _one(word: str) -> str:
    """Return a word in the singular, as far as a header needs it."""
    return "person" if word == "people" else word.removesuffix("s")


def _density(texts: Sequence[str], told: Sequence[str]) -> float:
    """Return the share of the numbers between the least and the greatest that another table has.

    Numbers that count up meet by chance; 0 where they are no whole numbers.
    """
    mine, theirs = ({int(one) for one in of if one.isdecimal() and len(one) < 16}
                    for of in (texts, told))  # fmt: skip
    if not mine or len(mine) < len(set(texts) - {""}):
        return 0.0
    low, high = min(mine), max(mine)
    return min(1.0, sum(low <= one <= high for one in theirs) / (high - low + 1))


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
    kinds: dict[str, tuple[np.ndarray, tuple[str, ...]]] = {}
    odd = set(named_by_headers(people.records, least=SMALL_CELL))
    shown = [*shown_by(people.records, people.holds).items(), *_in_texts(people)]
    for (kind, column), which in shown:
        if kind in _NOT_TOLD:
            continue
        mine = np.zeros(people.n, dtype=bool)
        np.logical_or.at(mine, people.person, which)
        before, columns = kinds.get(kind, (np.zeros(people.n, dtype=bool), ()))
        names = columns if column in (*odd, *columns) else (*columns, column)
        kinds[kind] = before | mine, names
    return kinds


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
    for by, result in met.items():
        shared = ways[by]
        if by == "address":
            continue
        # Who is found by a name bears it in both.
        at, names = _names_of(mine, theirs, result) if by in _OF_PEOPLE else ((), [])
        same = _same_name(names, rng) if names else None
        # Who comes by a number and bears another name is somebody else; a contact may be shared.
        refuted = same is not None and by in _NUMBERS and same[0].mean() <= same[1]
        of_way: dict[str, Any] = {
            "part": part | {"by": by}, "counts": mine.counts, "reliable": not refuted,
        }  # fmt: skip
        beside = _beside_name(mine, theirs, result) if by == "name" else []
        _add_way(rows, shared, result, rng, same=same, told=of_way | {"notes": beside})
        if same is not None:
            rows.share("same_name", same[0], baseline=same[1], **of_way)
        link = result.one.copy()
        if same is not None:
            link[np.asarray(at)[~same[0]]] = -1
        if by in STRONG and not refuted and (link >= 0).any():
            sure[by] = link
    link = _surest(sure, mine.n)
    if len(sure) > 1:
        fields: dict[str, Any] = {"part": part | {"by": "any"}, "counts": mine.counts, "cell": True}
        rows.share("found_in", link >= 0, **fields)
    if not sure and "name" in ways:
        link = met["name"].one
    if "address" in met:
        # Not they themselves.
        others = met["address"].some & (met["address"].one != np.where(link < 0, -2, link))
        rows.share("same_address", others, part=part, counts=mine.counts, cell=True)
    fields = {"part": part, "counts": mine.counts, "cell": True}
    _add_learnt(rows, link, shown[mine.name], shown[theirs.name], fields)


def _surest(sure: Mapping[str, np.ndarray], n: int) -> np.ndarray:
    """Return whom each is found as, by the surest way that tells one; -1 for nobody.

    Who was found in a surer way is nobody else: a telephone is a couple's, its e-mail is hers.
    """
    link = np.full(n, -1, dtype=np.int64)
    for links in sure.values():
        left = (link < 0) & (links >= 0) & ~np.isin(links, link[link >= 0])
        link = np.where(left, links, link)
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
    by_chance = [
        np.mean([_alike(names[a][0], names[b][1])
                 for a, b in zip(some, rng.permutation(some), strict=True)])
        for _ in range(_DRAWS)
    ]  # fmt: skip
    return same, float(np.mean(by_chance))


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
