"""Two tables laid beside each other: which people of one stand in the other, and by what.

Nothing here knows who is who: people fit where both files show the same contact, the same number,
or the same name with a birth or an address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from privaudit.attacks.dealt_names import DealtNames, names_to_deal
from privaudit.attacks.people_told import REACHED, PersonIndex
from privaudit.tables.written_people import met, shared_codes
from privaudit.text.normalise import header_words

__all__ = ["STRONG", "Met", "Shared", "lay_tables", "same_form"]

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
            found = _met(np.arange(len(asked)), codes[asked], len(asked), self.their_rows,
                         self.their_codes)  # fmt: skip
            return float((found.one >= 0).mean())
        if self.parts is None:
            return self.density
        name, beside, their_name, their_beside = self.parts
        both = np.flatnonzero((name >= 0) & (beside >= 0))
        drawn = np.full(len(beside), -1, dtype=np.int64)
        drawn[both] = beside[rng.permutation(both)]
        asked, known = _paired((name, drawn), (their_name, their_beside))
        rows, others = np.flatnonzero(asked >= 0), np.flatnonzero(known >= 0)
        found = _met(rows, asked[rows], self.n, others, known[others])
        # Whoever was dealt their own again is no stranger.
        return float(((found.one >= 0) & (drawn != beside)).mean())


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
        (rows, texts), (others, told) = mine.reached[kind], theirs.reached[kind]
        codes, their_codes = shared_codes(texts, told)
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
    found = {"name": _single(name, their_name, names=names_to_deal(asked, own, their_name))}
    beside = {"name_birth": same_form(mine.born, theirs.born),
              "name_address": same_form(mine.lives, theirs.lives)}  # fmt: skip
    for way, sides in beside.items():
        other, their_other = shared_codes(*sides)
        both, their_both = _paired((name, other), (their_name, their_other))
        found[way] = _single(both, their_both, parts=(name, other, their_name, their_other))
    return found


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
        for other, told in theirs.numbers.items():
            # One of both tells people apart, or it is no number of a person.
            if column not in mine.numbered and other not in theirs.numbered:
                continue
            many = met(texts, told)
            way = "reference" if _refers(column, mine, other, theirs) else "number"
            density = _density(texts, told) if way == "number" else None
            by_chance = (density or 0.0) * sum(map(bool, texts))
            if many > max(best.get(way, (0, None))[0], by_chance):
                codes, their_codes = shared_codes(texts, told)
                found = _single(codes, their_codes, columns=(column, other), density=density)
                best[way] = many, found
    return {way: found for way, (_, found) in best.items()}


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
