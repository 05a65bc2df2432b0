"""Joins of people tables: who of one table is in another, by which identifiers.

People match by the same contact, the same number, or the same name with a birth or an address.
The truth is never read.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.free_text import (
    SPECIAL,
    categories_in,
    handles_among,
    without_handles,
)
from privaudit.columns.headers import SHOWN_KINDS, kind_of_header, may_name_a_person
from privaudit.columns.recognise import ColumnKind, cells_of, named_by_headers, rows_showing
from privaudit.core.thresholds import SMALL_CELL
from privaudit.linkage.person_index import (
    REACHED,
    PermutedNames,
    PersonIndex,
    count_shared,
    extremes,
    shared_codes,
    split_names,
)
from privaudit.release.column_roles import KIND_OF
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.text.normalise import header_words
from privaudit.words.catalogues import Note

# Comparisons that identify a person, the strongest first; a name alone may be a homonym's.
STRONG = ("email", "phone", "account", "reference", "name_birth", "name_address")
# Generic words of the header of a number.
_OF_NOTHING = frozenset(
    {"id", "uid", "uuid", "guid", "numero", "num", "no", "n", "number", "identifiant", "external",
     "ordre", "fiche", "dossier", "ref", "reference", "record", "row", "code", "key", "pk", "fk"}
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class TableMatches:
    """Matches of each of some people in another table, shape (n,) each.

    - `some`: Whether anybody matches; `one`: who, where exactly one does, else -1.
    - `two`: Whether exactly two do.
    """

    some: np.ndarray
    one: np.ndarray
    two: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """One comparison of the people of two tables, as codes in one space.

    - `rows`, `codes`: Person of each code, in the first table; `n` people are in it.
    - `their_rows`, `their_codes`: The same of the second.
    - `columns`: Of numbers, the compared column of each.
    - `parts`: Of a name with a second attribute, the codes of both in the first and second table.
    - `names`: Of names alone, the names to permute.
    - `density`: Of numbers, the share of the possible ones that the second table has.
    """

    rows: np.ndarray
    codes: np.ndarray
    n: int
    their_rows: np.ndarray
    their_codes: np.ndarray
    columns: tuple[str, str] | None = None
    parts: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None = None
    names: PermutedNames | None = None
    density: float | None = None

    def matches(self) -> TableMatches:
        """Return the matches of each person of the first table."""
        known = self.codes >= 0
        rows, codes = self.rows[known], self.codes[known]
        size = int(max(codes.max(initial=-1), self.their_codes.max(initial=-1))) + 1
        low, high = extremes(self.their_codes, self.their_rows, self.their_rows, size)
        first, last = extremes(rows, low[codes], high[codes], self.n)
        many = np.bincount(self.their_codes, minlength=size)
        entries = np.zeros(self.n, dtype=np.int64)
        np.add.at(entries, rows, many[codes])
        some, alike = last >= 0, first == last
        return TableMatches(
            some=some, one=np.where(some & alike, first, -1), two=some & ~alike & (entries == 2)
        )

    def permuted(self, rng: np.random.Generator) -> float | None:
        """Return the share of single matches after permuting one attribute over the people.

        None where there is nothing to permute: an e-mail is unique.
        """
        if self.names is not None:
            codes, other = self.names.permuted(rng)
            codes = codes[other]
            if not len(codes):
                return None
            drawn_names = replace(self, rows=np.arange(len(codes)), codes=codes, n=len(codes))
            return float((drawn_names.matches().one >= 0).mean())
        if self.parts is None:
            return self.density
        name, beside, their_name, their_beside = self.parts
        both = np.flatnonzero((name >= 0) & (beside >= 0))
        drawn = np.full(len(beside), -1, dtype=np.int64)
        drawn[both] = beside[rng.permutation(both)]
        both_codes, their_codes = _paired((name, drawn), (their_name, their_beside))
        match = _single(both_codes, their_codes).matches().one
        # Exclude fixed points of the permutation.
        return float(((match >= 0) & (drawn != beside)).mean())


def _paired(*sides: tuple[np.ndarray, np.ndarray]) -> list[np.ndarray]:
    """Return two codes as one, -1 where either is not known."""
    wide = 1 + max(int(second.max(initial=0)) for _, second in sides)
    both = [np.where((a >= 0) & (b >= 0), a * wide + b, -1) for a, b in sides]
    code = np.unique(np.concatenate([np.array([-1]), *both]), return_inverse=True)[1].reshape(-1)
    ends = np.cumsum([len(one) for one in both])[:-1]
    return np.split(code[1:] - 1, ends)


def compare_tables(mine: PersonIndex, theirs: PersonIndex) -> dict[str, Comparison]:
    """Return every comparison by which people of two tables match, the strongest first.

    Returns
    -------
    dict of str to Comparison
        "email", "phone", "account", "reference" (a number that a header refers to the other
        table), "name_birth", "name_address", "name", "number" (another number, where more match
        than of two running numbers), "address". Comparisons without a match are left out.
    """
    ways: dict[str, Comparison] = {}
    for kind in REACHED:
        (rows, texts), (others, their_texts) = mine.reached[kind], theirs.reached[kind]
        codes, their_codes = shared_codes(texts, their_texts)
        ways[kind] = Comparison(rows=rows, codes=codes, n=mine.n, their_rows=others,
                            their_codes=their_codes)  # fmt: skip
    ways |= _by_numbers(mine, theirs)
    if "reference" in ways:
        ways.pop("number", None)
    ways |= _by_names(mine, theirs)
    lives = same_form(mine.lives, theirs.lives)
    ways["address"] = _single(*shared_codes(*lives))
    order = (*STRONG, "name", "number", "address")
    return {way: ways[way] for way in order if way in ways and ways[way].matches().some.any()}


def _single(codes: np.ndarray, their_codes: np.ndarray, **more: object) -> Comparison:
    """Compare one code a person."""
    rows, others = np.flatnonzero(codes >= 0), np.flatnonzero(their_codes >= 0)
    return Comparison(rows=rows, codes=codes[rows], n=len(codes), their_rows=others,
                  their_codes=their_codes[others], **more)  # type: ignore[arg-type] # fmt: skip


def _by_names(mine: PersonIndex, theirs: PersonIndex) -> dict[str, Comparison]:
    """Compare names, alone and with a birth or an address."""
    if not (mine.names and theirs.names):
        return {}
    named, others = ([_whole(way) for way in one.names] for one in (mine, theirs))
    tried = [(count_shared(asked, own), asked, own) for asked, own in product(named, others)]
    most, asked, own = max(tried, key=lambda one: one[0])
    if not most:
        return {}
    name, their_name = shared_codes(asked, own)
    ways = {"name": _single(name, their_name, names=split_names(asked, own, their_name))}
    beside = {"name_birth": same_form(mine.born, theirs.born),
              "name_address": same_form(mine.lives, theirs.lives)}  # fmt: skip
    for way, sides in beside.items():
        other, their_other = shared_codes(*sides)
        both, their_both = _paired((name, other), (their_name, their_other))
        ways[way] = _single(both, their_both, parts=(name, other, their_name, their_other))
    return ways


def _whole(names: Sequence[str]) -> list[str]:
    """Return names of two words and more, "" for others."""
    return [name if " " in name else "" for name in names]


def same_form(
    mine: tuple[list[str], list[str]], theirs: tuple[list[str], list[str]]
) -> tuple[list[str], list[str]]:
    """Return the full form where both tables mostly have it, or else the short form."""
    full = all(2 * sum(map(bool, whole)) >= sum(map(bool, part)) for whole, part in (mine, theirs))
    return (mine[0], theirs[0]) if full else (mine[1], theirs[1])


def _by_numbers(mine: PersonIndex, theirs: PersonIndex) -> dict[str, Comparison]:
    """Return the comparisons of the columns of numbers with most matches."""
    best: dict[str, tuple[int, Comparison]] = {}
    for column, texts in mine.numbers.items():
        for other, their_texts in theirs.numbers.items():
            # A number of people is nearly unique in one table at least.
            if column not in mine.numbered and other not in theirs.numbered:
                continue
            many = count_shared(texts, their_texts)
            way = "reference" if _refers(column, mine, other, theirs) else "number"
            density = value_density(texts, their_texts) if way == "number" else None
            by_chance = (density or 0.0) * sum(map(bool, texts))
            if many > max(best.get(way, (0, None))[0], by_chance):
                codes, their_codes = shared_codes(texts, their_texts)
                shared = _single(codes, their_codes, columns=(column, other), density=density)
                best[way] = many, shared
    return {way: shared for way, (_, shared) in best.items()}


def _refers(column: str, mine: PersonIndex, other: str, theirs: PersonIndex) -> bool:
    """Return whether the headers of two columns refer to the same numbers.

    Both have the same words, generic ones aside; or one has the name of the other table.
    """
    words, others = own_words(column), own_words(other)
    if words and words == others:
        return True
    return (bool(words) and not others and words <= _table_words(theirs.name)) or (
        bool(others) and not words and others <= _table_words(mine.name)
    )


def own_words(header: str) -> set[str]:
    """Return the words of a header, in the singular, without those that any number may have.

    Examples
    --------
    >>> own_words("member_id"), own_words("id")
    ({'member'}, set())
    """
    return {_one(word) for word in header_words(header) if word not in _OF_NOTHING}


def _table_words(name: str) -> set[str]:
    words = {_one(word) for word in header_words(name)}
    return words | {_one("people")} if words & {"personne", "person"} else words


def _one(word: str) -> str:
    """Return a word of a header in the singular."""
    return "person" if word == "people" else word.removesuffix("s")


def value_density(texts: Sequence[str], their_texts: Sequence[str]) -> float:
    """Return the share of the numbers between least and greatest that the other table has.

    Running numbers match by chance; 0 where they are no whole numbers.
    """
    mine, theirs = ({int(one) for one in of if one.isdecimal() and len(one) < 16}
                    for of in (texts, their_texts))  # fmt: skip
    if not mine or len(mine) < len(set(texts) - {""}):
        return 0.0
    low, high = min(mine), max(mine)
    return min(1.0, sum(low <= one <= high for one in theirs) / (high - low + 1))


# Random joins, whose mean is the baseline.
_DRAWS = 20
# Pairs of the permutation test of names.
_COMPARED = 1_000
# Comparisons that names may confirm or refute.
_NUMBERS = ("reference", "number")
_OF_PEOPLE = (*REACHED, *_NUMBERS)
_NOT_TOLD = ("number", "place", "technical", "date", "weight", "spot")


def linked_tables(
    tables: Sequence[PersonIndex],
    *,
    laid: Collection[frozenset[str]] = (),
    rng: np.random.Generator,
) -> Measures:
    """Join every table with every other, and report who of one is in another.

    Parameters
    ----------
    tables : sequence of PersonIndex
    laid : collection of sets of two names
        Pairs that are joined elsewhere, and left out.
    rng : numpy.random.Generator
        Of the random joins.

    Returns
    -------
    Measures
        Family "linked_tables"; 0 is safe. People of ``table`` are searched in ``other``; n counts
        its people: rows with the same contact, name and birth are one.

        - found_in: share of the people with exactly one match in the other table, ``by`` e-mail,
          telephone, a number that a header refers to the other table ("reference"), a name with
          a birth or an address, a name, another number; "any": by the strongest of the first
          five. Baseline: of numbers, their density in the other table; by name, with the birth,
          address or given name permuted. Control: the same people, without their own record.
        - found_among: share with several matches.
        - same_name: of those found by a contact or a number with a name in both, share with the
          same. Baseline: names permuted.
        - same_address: share with another person of the other table at their address.
        - learnt: share who are found, and of whom the other table shows ``what``, where it shows
          more than their own. Baseline: of the same people, those whose own table shows it too.
    """
    rows = Rows(0, "records")
    shown = {one.name: shown_kinds(one.records, one.holds, one.person, one.n) for one in tables}
    for mine, theirs in itertools.permutations(tables, 2):
        if {mine.name, theirs.name} in laid:
            continue
        before = len(rows)
        _add_pair(rows, mine, theirs, shown, rng)
        # An empty join is reported once for both tables.
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


def shown_kinds(
    frame: pd.DataFrame, holds: Mapping[str, ColumnKind], person: np.ndarray, n: int
) -> dict[str, tuple[np.ndarray, tuple[str, ...]]]:
    """Return the people of whom a table, or its notes, shows each kind, and the columns.

    - `person`: Person of each row, of `n`.
    """
    kinds: dict[str, tuple[np.ndarray, tuple[str, ...]]] = {}
    odd = set(named_by_headers(frame, least=SMALL_CELL))
    shown = [*rows_showing(frame, holds).items(), *_in_texts(frame, holds)]
    for (kind, column), which in shown:
        if kind in _NOT_TOLD:
            continue
        mine = np.zeros(n, dtype=bool)
        np.logical_or.at(mine, person, which)
        before, columns = kinds.get(kind, (np.zeros(n, dtype=bool), ()))
        names = columns if column in (*odd, *columns) else (*columns, column)
        kinds[kind] = before | mine, names
    return kinds


def _in_texts(
    frame: pd.DataFrame, holds: Mapping[str, ColumnKind]
) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
    """Yield the rows with a special category in notes and unrecognised columns."""
    for column in map(str, frame.columns):
        kind = holds[column].kind if column in holds else "note"
        if kind != "note" or frame[column].dtype.kind in "biufcmM":
            continue
        cells = cells_of(frame[column])
        distinct = list(dict.fromkeys(cells))
        where = {cell: at for at, cell in enumerate(distinct)}
        rows = np.array([where[cell] for cell in cells], dtype=np.int64)
        spoken = categories_in(distinct, [""] * len(distinct))
        for what, hits in without_handles(spoken, handles_among(distinct)).items():
            if what in SPECIAL and hits.any():
                yield (KIND_OF.get(what, what), column), hits[rows]


def _add_pair(
    rows: Rows,
    mine: PersonIndex,
    theirs: PersonIndex,
    shown: Mapping[str, Any],
    rng: np.random.Generator,
) -> None:
    """Add the rows of one ordered pair of tables."""
    part: dict[str, Any] = {"table": mine.name, "other": theirs.name}
    ways = compare_tables(mine, theirs)
    sure: dict[str, np.ndarray] = {}
    results = {by: shared.matches() for by, shared in ways.items()}
    for by, result in results.items():
        shared = ways[by]
        if by == "address":
            continue
        # A match by name has the same name by construction.
        at, names = _names_of(mine, theirs, result) if by in _OF_PEOPLE else ((), [])
        same = _same_name(names, rng) if names else None
        # A match by number with another name is wrong; a contact may be shared.
        refuted = same is not None and by in _NUMBERS and same[0].mean() <= same[1]
        of_way: dict[str, Any] = {
            "part": part | {"by": by}, "counts": mine.counts, "reliable": not refuted,
        }  # fmt: skip
        beside = _beside_name(mine, theirs, result) if by == "name" else []
        if by == "name_birth" or (by == "name" and "name_birth" not in ways):
            beside += _births_unread(mine, theirs)
        _add_comparison(rows, shared, result, rng, same=same, fields=of_way | {"notes": beside})
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
        link = results["name"].one
    if "address" in results:
        # The person themselves excluded.
        others = results["address"].some & (results["address"].one != np.where(link < 0, -2, link))
        rows.share("same_address", others, part=part, counts=mine.counts, cell=True)
    fields = {"part": part, "counts": mine.counts, "cell": True}
    add_learnt(rows, link, shown[mine.name], shown[theirs.name], fields)


def _surest(sure: Mapping[str, np.ndarray], n: int) -> np.ndarray:
    """Return the match of each person by the strongest comparison with one; -1 for none.

    A record that was matched by a stronger comparison is not matched again.
    """
    link = np.full(n, -1, dtype=np.int64)
    for links in sure.values():
        left = (link < 0) & (links >= 0) & ~np.isin(links, link[link >= 0])
        link = np.where(left, links, link)
    return link


def _add_comparison(
    rows: Rows, shared: Comparison, matches: TableMatches, rng: np.random.Generator,
    *, same: tuple[np.ndarray, float] | None, fields: dict[str, Any],
) -> None:  # fmt: skip
    """Add the single and multiple matches of one comparison, with baseline and control."""
    by = fields["part"]["by"]
    drawn = [shared.permuted(rng) for _ in range(_DRAWS if by.startswith("name") else 1)]
    known = [one for one in drawn if one is not None]
    own: dict[str, Any] = {"baseline": float(np.mean(known)) if known else math.nan}
    if by.startswith("name"):
        own["control"], own["paired"] = matches.two, True
    notes = fields.pop("notes")
    if shared.columns is not None and not any(map(may_name_a_person, shared.columns)):
        notes.append(Note("numbers_compared", paths=shared.columns))
    if same is not None and len(same[0]):
        alike = {"same": int(same[0].sum()), "of": len(same[0]), "chance": same[1]}
        notes.append(Note("names_agree", **alike))
    # Those who are found are a cell; those found by chance are not.
    few = 0 < int((matches.one >= 0).sum()) < SMALL_CELL
    rows.share("found_in", matches.one >= 0, notes, cell=few, **own, **fields)
    several = matches.some & (matches.one < 0)
    if several.any():
        # All but few: those who are found are no more.
        beside = few and len(several) - int(several.sum()) < SMALL_CELL
        rows.share("found_among", several, cell=True, unprinted=("row",) if beside else (),
                   **(fields | {"reliable": True}))  # fmt: skip


def _beside_name(mine: PersonIndex, theirs: PersonIndex, matches: TableMatches) -> list[Note]:
    """Return notes on how many matches by name alone agree in birth and address."""
    notes = []
    for key, sides in (
        ("births_agree", same_form(mine.born, theirs.born)),
        ("addresses_agree", same_form(mine.lives, theirs.lives)),
    ):
        code, their_code = shared_codes(*sides)
        at = np.flatnonzero(matches.one >= 0)
        code, beside = code[at], their_code[matches.one[at]]
        both = (code >= 0) & (beside >= 0)
        if both.any():
            same = int((code == beside)[both].sum())
            notes.append(Note(key, same=same, of=int(both.sum())))
    return notes


def _births_unread(mine: PersonIndex, theirs: PersonIndex) -> list[Note]:
    """Return how many people of each table have no birth that could be compared."""
    tables = (mine, theirs)
    if not all(any(kind_of_header(str(c))[0] == "age" for c in one.records) for one in tables):
        return []
    sides = same_form(mine.born, theirs.born)
    unread = {one.name: born.count("") for one, born in zip(tables, sides, strict=True)}
    return [
        Note("births_unread", file=one.name, records=unread[one.name], of=one.n)
        for one in tables
        if unread[one.name]
    ]


def _names_of(
    mine: PersonIndex, theirs: PersonIndex, matches: TableMatches
) -> tuple[np.ndarray, list[Any]]:
    """Return the matches with a name in both files, and the words of both names."""
    at = np.flatnonzero(matches.one >= 0)
    if not (mine.names and theirs.names and len(at)):
        return at[:0], []
    asked, own = mine.names[0], theirs.names[0]
    at = np.array([a for a in at if asked[a] and own[matches.one[a]]], dtype=np.int64)
    return at, [(set(asked[a].split()), set(own[matches.one[a]].split())) for a in at]


def _alike(one: set[str], other: set[str]) -> bool:
    """Return whether the words of one name are all in the other."""
    return one | other in (one, other)


def _same_name(
    names: Sequence[tuple[set[str], set[str]]], rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Return which matches have the same name in both files, and the share by chance."""
    same = np.array([_alike(one, other) for one, other in names])
    some = rng.permutation(len(names))[:_COMPARED]
    by_chance = [
        np.mean([_alike(names[a][0], names[b][1])
                 for a, b in zip(some, rng.permutation(some), strict=True)])
        for _ in range(_DRAWS)
    ]  # fmt: skip
    return same, float(np.mean(by_chance))


def add_learnt(
    rows: Rows, link: np.ndarray, mine: Mapping[str, Any], theirs: Mapping[str, Any],
    fields: dict[str, Any],
) -> None:  # fmt: skip
    """Add the share of people of whom the other table shows a kind that their own does not."""
    there = link >= 0
    if not there.any():
        return
    for what in (kind for kind in SHOWN_KINDS if kind in theirs):
        which, columns = theirs[what]
        both = there & which[np.where(there, link, 0)]
        own = both & mine[what][0] if what in mine else np.zeros(len(link), dtype=bool)
        new = int((both & ~own).sum())
        if not new:
            continue
        # The difference would disclose a small count of people with a new kind.
        few = {"unprinted": ("baseline",)} if new < SMALL_CELL <= both.sum() else {}
        note = (Note("told_in_columns", paths=columns),) if columns else ()
        rows.share("learnt", both, note, baseline=float(own.mean()),
                   **(fields | few | {"part": fields["part"] | {"what": what}}))  # fmt: skip
