"""Fields by which the records of two tables are compared, and the agreement levels of pairs.

A field has levels of agreement, the strongest first. Levels of one class compare the same parts:
a date with a date, or a year with a year. A pair in which a part is missing is no evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from privaudit.core.checks import Bools, Floats, Ints
from privaudit.linkage.join_tables import own_words, value_density
from privaudit.linkage.person_index import Records
from privaudit.text.edit_distance_and_phonetics import phonetic_keys, soundex
from privaudit.text.normalise import NICKNAMES

# Rows of each table whose cross product estimates how often levels agree by chance.
_SAMPLE = 700
_MISSING = -1


class Levels(NamedTuple):
    """Levels of one field, for the model.

    - `names`: Of each level, the strongest first.
    - `group`: Class of each level; m and u are shares within a class.
    - `matches`: Prior shares of each level among matches, within its class.
    - `others`: Prior shares among other pairs, likewise.
    - `order`: Rank of each level within its class: m / u never rises with it.
    """

    names: tuple[str, ...]
    group: Ints
    matches: Floats
    others: Floats
    order: Ints

    @property
    def differ(self) -> Bools:
        """Return which levels are more usual among other pairs than among matches."""
        return np.asarray(self.matches < self.others)

    @classmethod
    def of(cls, **levels: tuple[int, int, float, float]) -> Levels:
        """Make levels from (class, rank, prior among matches, prior among others) each."""
        rows = np.array(list(levels.values()), dtype=np.float64)
        group = rows[:, 0].astype(np.int64)
        matches, others = (
            column / np.bincount(group, column)[group] for column in (rows[:, 2], rows[:, 3])
        )
        return cls(tuple(levels), group, matches, others, rows[:, 1].astype(np.int64))


@dataclass(frozen=True, eq=False, kw_only=True)
class Field:
    """A field of both tables as codes of its distinct values.

    - `name`: What is compared, such as "first_name".
    - `levels`: Its levels; `compare`: level of pairs of distinct values, given as codes.
    - `values`: Distinct values of both tables.
    - `mine`, `theirs`: Codes of each record, shape (n, k): k spellings, -1 for none.
    - `equal`: Level of each value with itself: 0, but of a year alone.
    - `alias`: Level of equal values of which one is no first spelling; None: the same.
    - `weighted`: Levels at which a rare value is stronger evidence.
    """

    name: str
    levels: Levels
    values: Sequence[Any]
    mine: Ints
    theirs: Ints
    compare: Callable[[Ints, Ints], Ints]
    equal: Ints
    alias: int | None = None
    weighted: tuple[int, ...] = (0,)
    _memory: dict[str, Any] = field(default_factory=dict)

    @property
    def exact(self) -> tuple[int, ...]:
        """Return the levels of equal values."""
        alias = () if self.alias is None else (self.alias,)
        return tuple(sorted({*self.equal.tolist(), *alias}))

    @property
    def rarity(self) -> Floats:
        """Return 1 / frequency of each value among the people of both tables.

        A value that stands once in a table has the frequency that Good and Turing estimate.

        References
        ----------
        Good (1953), Biometrika 40:237.
        """
        if "rarity" not in self._memory:
            share = np.zeros(len(self.values))
            total = 0
            for codes in (self.mine[:, 0], self.theirs[:, 0]):
                count = np.bincount(codes[codes >= 0], minlength=len(self.values))
                once, twice = int((count == 1).sum()), int((count == 2).sum())
                again = min((2 * twice + 1) / (once + 1), 1.0)
                share += np.where(count == 1, again, np.maximum(count - (1 - again) / 2, 0))
                total += int(count.sum())
            least = 0.5 / max(total, 1) ** 2
            self._memory["rarity"] = 1 / np.maximum(share / max(total, 1), least)
        return np.asarray(self._memory["rarity"])

    def level_of(self, row: Ints, other: Ints) -> tuple[Ints, Floats]:
        """Return the level of each pair of records, -1 for none, and the rarity of its values."""
        level = np.full(len(row), _MISSING)
        rank = np.full(len(row), np.iinfo(np.int64).max)
        rare = np.zeros(len(row))
        for i in range(self.mine.shape[1]):
            for j in range(self.theirs.shape[1]):
                one, two = self.mine[row, i], self.theirs[other, j]
                at = np.flatnonzero((one >= 0) & (two >= 0))
                if not len(at):
                    continue
                one, two = one[at], two[at]
                tried = self.of_values(one, two)
                if i + j > 0 and self.alias is not None:
                    tried = np.where(tried == 0, self.alias, tried)
                tried_rank = self.levels.order[tried]
                better = tried_rank < rank[at]
                at, one, two = at[better], one[better], two[better]
                level[at], rank[at] = tried[better], tried_rank[better]
                rare[at] = self.rarity[one] + self.rarity[two]
        return level, rare

    def of_values(self, one: Ints, two: Ints) -> Ints:
        """Return the level of each pair of values; each distinct pair is compared once."""
        result = self.equal[one] if len(self.equal) else one.copy()
        apart = np.flatnonzero(one != two)
        low, high = np.minimum(one[apart], two[apart]), np.maximum(one[apart], two[apart])
        which, pairs = pd.factorize(low * np.int64(len(self.values)) + high)
        low, high = np.divmod(pairs, max(len(self.values), 1))
        result[apart] = self.compare(low, high)[which] if len(pairs) else which
        return result

    def by_chance(self) -> tuple[Floats, Floats]:
        """Return how many of all pairs of records are at each level, and their mean rarity.

        Counted for equal values; the others from a sample of each table that does not depend on
        the order of its rows.
        """
        sides = []
        for codes in (self.mine[:, 0], self.theirs[:, 0]):
            known = codes[codes >= 0]
            sides.append(known[np.argsort(self._shuffled[known], kind="stable")])
        n = float(len(sides[0])) * len(sides[1])
        some = [side[np.unique(np.linspace(0, max(len(side) - 1, 0), _SAMPLE).astype(np.int64))]
                if len(side) else side for side in sides]  # fmt: skip
        one, two = np.repeat(some[0], len(some[1])), np.tile(some[1], len(some[0]))
        size = len(self.levels.names)
        if not len(one):
            return np.zeros(size), np.zeros(size)
        level = self.of_values(one, two)
        count = np.bincount(level, minlength=size) * (n / len(one))
        rare = np.bincount(level, self.rarity[one] + self.rarity[two], size) * (n / len(one))
        same = self.equal_pairs()
        equal = np.isin(np.arange(size), self.equal)
        rest = count[~equal].sum()
        if rest > 0:
            grown = np.where(equal, 1, max(n - same.sum(), 0) / rest)
            count, rare = count * grown, rare * grown
        count[equal] = same[equal]
        return np.asarray(count, dtype=np.float64), np.asarray(rare, dtype=np.float64)

    def equal_pairs(self) -> Floats:
        """Return how many of all pairs of records have one value, by its level."""
        counts = (np.bincount(codes[codes >= 0], minlength=len(self.values)).astype(np.float64)
                  for codes in (self.mine[:, 0], self.theirs[:, 0]))  # fmt: skip
        mine, theirs = counts
        weights = mine * theirs
        return np.bincount(self.equal, weights, len(self.levels.names)).astype(np.float64)

    @property
    def _shuffled(self) -> Ints:
        """Return the rank of a hash of each value: an order that depends on no row."""
        if "shuffled" not in self._memory:
            hashed = pd.util.hash_array(np.array([str(value) for value in self.values], object))
            self._memory["shuffled"] = np.argsort(np.argsort(hashed, kind="stable"))
        return np.asarray(self._memory["shuffled"])

    def permuted(self, order: Ints) -> Field:
        """Return the field with the values of the second table in another order."""
        return replace(self, theirs=self.theirs[order])


def _field(name: str, levels: Levels, values: Sequence[Any], sides: Sequence[Ints],
           compare: Callable[[Ints, Ints], Ints], **more: Any) -> Field:  # fmt: skip
    """Return a field of two sides; each value agrees with itself at level 0 but for `equal`."""
    mine, theirs = sides
    equal = more.pop("equal", np.zeros(len(values), dtype=np.int64))
    return Field(name=name, levels=levels, values=values, mine=mine, theirs=theirs,
                 compare=compare, equal=equal, **more)  # fmt: skip


def coded(*sides: Sequence[Sequence[Any]], most: int = 2) -> tuple[list[Any], list[Ints]]:
    """Return the distinct values of several sides in order, and codes of each record's spellings.

    - `sides`: Of each record, its spellings; blank ones are left out.

    Examples
    --------
    >>> values, (mine, theirs) = coded([["b"], []], [["a", "b"]])
    >>> values, mine.tolist(), theirs.tolist()
    (['a', 'b'], [[1], [-1]], [[0, 1]])
    """
    spelt = [[list(dict.fromkeys(filter(None, one)))[:most] for one in side] for side in sides]
    values = sorted({text for side in spelt for one in side for text in one})
    number = {text: i for i, text in enumerate(values)}
    result = []
    for side in spelt:
        codes = np.full((len(side), max(map(len, side), default=1) or 1), _MISSING)
        for at, one in enumerate(side):
            codes[at, : len(one)] = [number[text] for text in one]
        result.append(codes)
    return values, result


class _Spellings:
    """Distinct texts with what they are compared by, taken pair by pair."""

    def __init__(self, values: Sequence[str]) -> None:
        self.glued = np.array([value.replace(" ", "") for value in values] or [""], dtype=object)
        self.length = np.array([len(value) for value in self.glued], dtype=np.int64)
        self.first = pd.factorize(np.array([v[:1] for v in self.glued], dtype=object))[0]

    def edits(self, one: Ints, two: Ints, most: int = 2) -> Ints:
        """Return the edits between two texts (optimal string alignment), at most most + 1."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        result = np.full(len(one), most + 1)
        near = np.flatnonzero(np.abs(self.length[one] - self.length[two]) <= most)
        if len(near):
            left, right = (self.glued[side[near]].tolist() for side in (one, two))
            scorer = OSA.distance
            result[near] = cpdist(left, right, scorer=scorer, score_cutoff=most, dtype=np.int32)
        return result

    def slips(self, one: Ints, two: Ints, letters: int) -> Bools:
        """Return whether two texts differ by one edit at most in so many letters of the shorter."""
        most = np.minimum(self.length[one], self.length[two]) // letters
        return self.edits(one, two, int(most.max(initial=0))) <= most

    def similar(self, one: Ints, two: Ints, least: float) -> Bools:
        """Return whether the Jaro-Winkler similarity is as large."""
        from rapidfuzz.distance import JaroWinkler
        from rapidfuzz.process import cpdist

        left, right = (self.glued[side].tolist() for side in (one, two))
        scorer = JaroWinkler.similarity
        alike = cpdist(left, right, scorer=scorer, score_cutoff=least, dtype=np.float32)
        return np.asarray(alike > 0)

    def begins(self, one: Ints, two: Ints) -> Bools:
        """Return whether the shorter text begins the longer one."""
        from rapidfuzz.distance import Prefix
        from rapidfuzz.process import cpdist

        result = self.first[one] == self.first[two]
        at = np.flatnonzero(result)
        if len(at):
            left, right = (self.glued[side[at]].tolist() for side in (one, two))
            shared = cpdist(left, right, scorer=Prefix.similarity, dtype=np.int32)
            result[at] = shared == np.minimum(self.length[one[at]], self.length[two[at]])
        return np.asarray(result)


class Names(_Spellings):
    """Distinct names of both tables: first and last names in one list, to be compared crosswise."""

    def __init__(self, values: Sequence[str]) -> None:
        super().__init__(values)
        glued = self.glued.tolist()
        self.sound = pd.factorize(np.array(phonetic_keys(glued), dtype=object))[0]
        self.soundex = pd.factorize(np.array([soundex(one) for one in glued], dtype=object))[0]
        number: dict[str, list[int]] = {}
        for i, one in enumerate(glued):
            number.setdefault(one, []).append(i)
        self._parts = self._pairs(
            (i, other) for i, value in enumerate(values) if " " in value
            for part in value.split() if len(part) > 2 for other in number.get(part, ())
        )  # fmt: skip
        spelt = [*number]
        self._nicknames = self._pairs(
            (i, other) for name in spelt for full in NICKNAMES.get(name, ())
            for i in number[name] for other in number.get(full, ())
        )  # fmt: skip

    def _pairs(self, pairs: Any) -> Ints:
        size = len(self.glued)
        keys = {min(a, b) * size + max(a, b) for a, b in pairs if a != b}
        return np.array(sorted(keys), dtype=np.int64)

    def _among(self, one: Ints, two: Ints, pairs: Ints) -> Bools:
        key = np.minimum(one, two) * np.int64(len(self.glued)) + np.maximum(one, two)
        return np.isin(key, pairs)

    def _shared(self, one: Ints, two: Ints) -> tuple[Bools, Bools, Bools, Bools]:
        """Return whether each pair is equal, near, half alike, or an initial and its name."""
        edits = self.edits(one, two)
        short = np.minimum(self.length[one], self.length[two])
        spoken = (self.sound[one] == self.sound[two]) & (short > 3)
        near = ((edits == 1) & (short > 2)) | spoken
        half = (edits == 2) & (short > 4)
        rest = np.flatnonzero(~near & ~half & (short > 2))
        if len(rest):
            half[rest] = self.similar(one[rest], two[rest], 0.88)
        initial = (short == 1) & (self.first[one] == self.first[two])
        return edits == 0, near, half, initial

    def first_names(self, one: Ints, two: Ints) -> Ints:
        """Return the level of pairs of first names; see `FIRST_NAME`."""
        same, near, half, initial = self._shared(one, two)
        short = np.minimum(self.length[one], self.length[two])
        pet = self._among(one, two, self._nicknames) | self._among(one, two, self._parts)
        pet |= self.begins(one, two) & (short > 2)
        return np.select([same, near & ~pet, pet, half, initial], [0, 1, 2, 3, 4], 5)

    def last_names(self, one: Ints, two: Ints) -> Ints:
        """Return the level of pairs of last names; see `LAST_NAME`."""
        same, near, half, initial = self._shared(one, two)
        part = self._among(one, two, self._parts)
        return np.select([same, near, part, half, initial], [0, 2, 3, 4, 5], 6)


FIRST_NAME = Levels.of(
    same=(0, 0, 0.80, 5e-3), near=(0, 1, 0.07, 2e-3), short=(0, 1, 0.05, 1e-3),
    half=(0, 2, 0.03, 5e-3), initial=(0, 2, 0.02, 5e-3), different=(0, 3, 0.03, 1.0),
)  # fmt: skip
LAST_NAME = Levels.of(
    same=(0, 0, 0.80, 1e-3), birth=(0, 1, 0.03, 1e-4), near=(0, 1, 0.08, 3e-4),
    part=(0, 1, 0.02, 1e-4), half=(0, 2, 0.03, 2e-3), initial=(0, 2, 0.01, 5e-3),
    different=(0, 3, 0.03, 1.0),
)  # fmt: skip
TURNED = Levels.of(straight=(0, 0, 0.95, 1.0), turned=(0, 1, 0.05, 1.0))
BIRTH = Levels.of(
    same=(0, 0, 0.85, 5e-5), slip=(0, 1, 0.07, 1e-3), two_parts=(0, 2, 0.03, 4e-3),
    year=(0, 3, 0.01, 2e-2), near_year=(0, 4, 0.01, 4e-2), different=(0, 5, 0.03, 1.0),
    year_only=(1, 0, 0.90, 2e-2), near_year_only=(1, 1, 0.05, 4e-2),
    different_year=(1, 2, 0.05, 1.0),
)  # fmt: skip
EMAIL = Levels.of(
    same=(0, 0, 0.80, 1e-5), local=(0, 1, 0.05, 1e-5), near=(0, 1, 0.05, 1e-5),
    different=(0, 2, 0.10, 1.0),
)  # fmt: skip
NUMBER = Levels.of(same=(0, 0, 0.80, 1e-5), near=(0, 1, 0.05, 1e-5), different=(0, 2, 0.15, 1.0))
SEX = Levels.of(same=(0, 0, 0.97, 0.5), different=(0, 1, 0.03, 0.5))
TEXT = Levels.of(same=(0, 0, 0.80, 2e-2), near=(0, 1, 0.08, 1e-2), different=(0, 2, 0.12, 1.0))


def birth_levels(days: Ints, one: Ints, two: Ints) -> Ints:
    """Return the level of pairs of births, written YYYYMMDD; month and day 0 where not known.

    Examples
    --------
    >>> days = np.array([19800502, 19800205, 19810502, 19800500])
    >>> [BIRTH.names[i] for i in birth_levels(days, np.array([0, 0, 0]), np.array([1, 2, 3]))]
    ['slip', 'slip', 'year_only']
    """
    digits = days[:, None] // 10 ** np.arange(7, -1, -1) % 10
    year, month, day = days // 10_000, days // 100 % 100, days % 100
    differ = digits[one] != digits[two]
    count = differ.sum(axis=1)
    at = np.minimum(differ.argmax(axis=1), 6)
    row = np.arange(len(one))
    left, right = digits[one], digits[two]
    swapped = (count == 2) & (left[row, at] == right[row, at + 1])
    swapped &= left[row, at + 1] == right[row, at]
    turned = (day[one] == month[two]) & (month[one] == day[two]) & (year[one] == year[two])
    parts = [part[one] == part[two] for part in (year, month, day)]
    two_parts = sum(part.astype(np.int64) for part in parts) == 2
    off = np.abs(year[one] - year[two])
    near_year = (off == 1) | (differ[:, :4].sum(axis=1) == 1)
    whole = (day[one] > 0) & (day[two] > 0)
    full = np.select(
        [count == 0, (count == 1) | swapped | turned, two_parts, parts[0], near_year],
        [0, 1, 2, 3, 4], 5,
    )  # fmt: skip
    return np.where(whole, full, np.select([parts[0], near_year], [6, 7], 8))


def email_levels(mails: Sequence[str]) -> Callable[[Ints, Ints], Ints]:
    """Return the comparison of pairs of e-mail addresses."""
    whole = _Spellings(mails)
    local = pd.factorize(np.array([mail.partition("@")[0] for mail in mails], dtype=object))[0]
    long = np.array([len(mail.partition("@")[0]) > 3 for mail in mails])

    def compare(one: Ints, two: Ints) -> Ints:
        near = whole.edits(one, two, 1) <= 1
        return np.select([(local[one] == local[two]) & long[one], near & long[one]], [1, 2], 3)

    return compare


def number_levels(numbers: Sequence[str]) -> Callable[[Ints, Ints], Ints]:
    """Return the comparison of pairs of numbers: one digit off, or two adjacent ones swapped."""
    whole = _Spellings(numbers)
    return lambda one, two: np.where(
        (whole.edits(one, two, 1) <= 1) & (whole.length[one] > 4), 1, 2
    )


def text_levels(texts: Sequence[str]) -> Callable[[Ints, Ints], Ints]:
    """Return the comparison of pairs of texts: a slip in five letters, or one word for another."""
    whole = _Spellings(texts)

    def compare(one: Ints, two: Ints) -> Ints:
        near = whole.slips(one, two, 5)
        rest = np.flatnonzero(~near)
        near[rest] = whole.similar(one[rest], two[rest], 0.92)
        return np.where(near, 1, 2)

    return compare


def sex_levels(one: Ints, two: Ints) -> Ints:
    """Return the level of two sexes that differ."""
    return np.ones(len(one), dtype=np.int64)


# Levels of the parts of an address: street and number likewise, then the place.
_STREETS, _NUMBERS, _PLACES = (
    ("same", "near", "other"),
    ("same", "other"),
    ("same", "near", "other"),
)
_STREET_MATCH, _NUMBER_MATCH, _PLACE_MATCH = (0.78, 0.10, 0.12), (0.85, 0.15), (0.82, 0.08, 0.10)
_STREET_CHANCE, _NUMBER_CHANCE, _PLACE_CHANCE = (2e-3, 3e-3, 1), (1e-2, 1), (1e-2, 5e-3, 1)
_LACKING = "none"


def _address_levels() -> Levels:
    """Return every combination of levels of street, number and place; each may be missing."""
    rows: dict[str, tuple[int, int, float, float]] = {}
    parts = (
        [*zip(_STREETS, _STREET_MATCH, _STREET_CHANCE, strict=True), (_LACKING, 1, 1)],
        [*zip(_NUMBERS, _NUMBER_MATCH, _NUMBER_CHANCE, strict=True), (_LACKING, 1, 1)],
        [*zip(_PLACES, _PLACE_MATCH, _PLACE_CHANCE, strict=True), (_LACKING, 1, 1)],
    )
    for a, (street, *of_street) in enumerate(parts[0]):
        for b, (number, *of_number) in enumerate(parts[1]):
            for c, (place, *of_place) in enumerate(parts[2]):
                group = (a == 3) * 4 + (b == 2) * 2 + (c == 3)
                rank = (a % 3) + (b % 2) + (c % 3)
                matches, others = (
                    float(x) * float(y) * float(z)
                    for x, y, z in zip(of_street, of_number, of_place, strict=True)
                )
                rows[f"{street}_{number}_{place}"] = group, rank, matches, others
    return Levels.of(**rows)


ADDRESS = _address_levels()
_NO_PARTS = len(ADDRESS.names) - 1


def place_levels(places: Sequence[str]) -> Callable[[Ints, Ints], Ints]:
    """Return the comparison of pairs of places, written "postcode|town"."""
    codes, towns = zip(*(place.split("|") for place in places), strict=True) if places else ((), ())
    postcode, town = _Spellings(codes), _Spellings(towns)
    code, name = (pd.factorize(np.array(part, dtype=object))[0] for part in (codes, towns))

    def compare(one: Ints, two: Ints) -> Ints:
        both = np.minimum(postcode.length[one], postcode.length[two]) > 0
        named = np.minimum(town.length[one], town.length[two]) > 0
        same_code, same_town = both & (code[one] == code[two]), named & (name[one] == name[two])
        slip = both & (postcode.edits(one, two, 1) <= 1)
        slip |= named & town.slips(one, two, 4)
        return np.select([same_code | (same_town & ~both), same_town | slip], [0, 1], 2)

    return compare


@dataclass(frozen=True, eq=False, kw_only=True)
class AddressField:
    """Addresses of both tables: street, number and place beside one another.

    The parts of one address go together: two neighbours share a street, and with it a postcode.

    - `parts`: Street, number and place, each a field.
    - `door`: The three as one value; "" where street or number is missing.
    """

    name: str = "address"
    levels: Levels = ADDRESS
    parts: tuple[Field, Field, Field]
    door: Field

    @property
    def weighted(self) -> tuple[int, ...]:
        """Return the levels of one door, whose rarity counts."""
        return (0,)

    @property
    def exact(self) -> tuple[int, ...]:
        """Return the level of one door."""
        return (0,)

    def level_of(self, row: Ints, other: Ints) -> tuple[Ints, Floats]:
        """Return the level of each pair of records, and the rarity of a shared door."""
        street, number, place = (part.level_of(row, other)[0] for part in self.parts)
        code = (street % 4) * 12 + (number % 3) * 4 + place % 4
        level = np.where(code == _NO_PARTS, _MISSING, code)
        rare, same = np.ones(len(row)), level == 0
        one, two = self.door.mine[row[same], 0], self.door.theirs[other[same], 0]
        rare[same] = self.door.rarity[one] + self.door.rarity[two]
        return level, rare

    def by_chance(self) -> tuple[Floats, Floats]:
        """Return how many of all pairs of records are at each level, and their mean rarity."""
        size = len(self.levels.names)
        some = [self._sample(side) for side in ("mine", "theirs")]
        n = float(len(self.door.mine)) * len(self.door.theirs)
        row, other = np.repeat(some[0], len(some[1])), np.tile(some[1], len(some[0]))
        level, rare = self.level_of(row, other)
        known = level >= 0
        grown = n / max(len(row), 1)
        count = np.bincount(level[known], minlength=size) * grown
        total = np.bincount(level[known], rare[known], size) * grown
        same = float(self.door.equal_pairs().sum())
        total[0] = total[0] * same / count[0] if count[0] else 2 * same
        count[0] = same
        return np.asarray(count, dtype=np.float64), np.asarray(total, dtype=np.float64)

    def _sample(self, side: str) -> Ints:
        """Return records of a table, chosen by their values, whatever their order."""
        keys = [getattr(part, side)[:, 0] for part in self.parts]
        ranks = [
            np.append(part._shuffled, -1)[key] for part, key in zip(self.parts, keys, strict=True)
        ]
        order = np.lexsort(ranks[::-1])
        if not len(order):
            return order
        return order[np.unique(np.linspace(0, len(order) - 1, _SAMPLE).astype(np.int64))]

    def permuted(self, order: Ints) -> AddressField:
        """Return the field with the addresses of the second table in another order."""
        street, number, place, door = (part.permuted(order) for part in (*self.parts, self.door))
        return replace(self, parts=(street, number, place), door=door)


def compared_fields(
    mine: Records, theirs: Records, shared: Sequence[tuple[Sequence[str], Sequence[str], str]] = ()
) -> dict[str, Field | AddressField]:
    """Return the fields that both tables have, by name.

    - `shared`: Further columns, as the cells of both and a name.
    """
    spelt, sides = coded(mine.first, theirs.first, mine.last, theirs.last)
    names = Names(spelt)
    result: dict[str, Field | AddressField] = {
        "first_name": _field("first_name", FIRST_NAME, spelt, sides[:2], names.first_names,
                             weighted=(0, 1, 3)),
        "last_name": _field("last_name", LAST_NAME, spelt, sides[2:], names.last_names,
                            alias=1, weighted=(0, 1, 2, 4)),
        "birth": _birth_field(mine.birth, theirs.birth),
    }  # fmt: skip
    for name, levels, compared in (
        ("email", EMAIL, email_levels),
        ("phone", NUMBER, number_levels),
    ):
        values, both = coded(getattr(mine, name), getattr(theirs, name))
        result[name] = _field(name, levels, values, both, compared(values))
    result["address"] = _address_field(mine, theirs)
    values, both = _single(mine.sex, theirs.sex)
    result["sex"] = _field("sex", SEX, values, both, sex_levels, weighted=())
    for cells, their_cells, name in (*_numbers_of_both(mine, theirs), *shared):
        values, both = _single(cells, their_cells)
        if name.startswith("number"):
            result[name] = _field(name, NUMBER, values, both, number_levels(values))
        else:
            result[name] = _field(name, TEXT, values, both, text_levels(values))
    return {name: one for name, one in result.items() if comparable(one)}


def _single(*sides: Sequence[Any]) -> tuple[list[Any], list[Ints]]:
    return coded(*([[value] for value in side] for side in sides))


def _birth_field(mine: Sequence[int], theirs: Sequence[int]) -> Field:
    values, both = _single(mine, theirs)
    days = np.array(values, dtype=np.int64)
    year = BIRTH.names.index("year_only")
    return _field("birth", BIRTH, values, both, partial(birth_levels, days),
                  equal=np.where(days % 100 > 0, 0, year), weighted=(0, year))  # fmt: skip


def _address_field(mine: Records, theirs: Records) -> AddressField:
    made = []
    for name, compared in (("street", text_levels), ("number", None), ("place", place_levels)):
        values, both = _single(getattr(mine, name), getattr(theirs, name))
        compare = compared(values) if compared else sex_levels
        made.append(_field(name, TEXT, values, both, compare, weighted=()))
    values, both = _single(*(
        [f"{a}|{b}|{c}" if a and b else ""
         for a, b, c in zip(side.street, side.number, side.place, strict=True)]
        for side in (mine, theirs)
    ))  # fmt: skip
    door = _field("door", TEXT, values, both, sex_levels)
    return AddressField(parts=(made[0], made[1], made[2]), door=door)


def comparable(one: Field | AddressField) -> bool:
    """Return whether both tables have a value, and not one and the same for everybody."""
    parts = one.parts if isinstance(one, AddressField) else (one,)
    return any(
        (part.mine >= 0).any() and (part.theirs >= 0).any() and len(part.values) > 1
        for part in parts
    )


def _numbers_of_both(mine: Records, theirs: Records) -> list[tuple[list[str], list[str], str]]:
    """Return the numbers that both tables show under one header, running numbers aside."""
    result = []
    for column, cells in mine.numbers.items():
        for other, their_cells in theirs.numbers.items():
            own = own_words(column)
            if own and own == own_words(other) and value_density(cells, their_cells) < _RUNNING:
                result.append((cells, their_cells, f"number_{'_'.join(sorted(own))}"))
    return result


# Share of the numbers in a range that are taken, from which they are running numbers.
_RUNNING = 0.2
