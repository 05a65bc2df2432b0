"""Blocking: the pairs of records of two tables that share a key, and are compared.

References
----------
Christen (2012), IEEE TKDE 24:1537, a survey of indexing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from privaudit.core.checks import Bools, Floats, Ints
from privaudit.linkage.field_comparisons import BIRTH, TURNED, AddressField, Field, Levels
from privaudit.linkage.person_index import Records
from privaudit.stats.csr import entries_between
from privaudit.text.edit_distance_and_phonetics import phonetic_keys, soundex

# Below so many pairs every pair is compared.
_EVERY = 250_000
# Pairs of one key for each record of both tables, and in any case.
_A_RECORD, _AT_LEAST = 8, 50_000


# What does not change often.
NAMES = ("first_name", "last_name")
PERSONAL = (*NAMES, "birth")
# What relatives may share, and what sets them apart.
CONTACTS, APART = ("email", "phone"), ("first_name", "birth")
# A contact that more records have is an office's, or what a form fills in.
_FEW = 4
# Pairs with known first names or births, from which the sharing of contacts is learnt.
_KNOWN = 3
# The fewest pairs of two people with one contact, for each of one person (a scenario).
_SHARED = 0.05
# Of the names of a table, the share that may have one day of birth by chance.
_OFTEN = 1e-3
# Records that repeat another, their share, and times as many pairs of them as by chance, from which
# records alike in everything are one person's; more than so many are a form's (scenarios).
_REPEATS, _REPEATED, _BEYOND, _MOST = 10, 0.1, 30.0, 20
# Levels of births of one year.
_SAME_YEAR = [BIRTH.names.index(name) for name in ("same", "year", "year_only")]
# Levels of first names with which a sex agrees already.
_NAMED_ALIKE = 2


class Candidates(NamedTuple):
    """Pairs to compare, in the order of the first table.

    - `row`, `other`: Positions in the two tables.
    - `left_out`: Pairs in blocks that were too large.
    """

    row: Ints
    other: Ints
    left_out: int


class FieldAgreement(NamedTuple):
    """Agreement levels of pairs of records in one field, and agreement by chance.

    - `level`: Of each pair; -1 where one of them shows nothing.
    - `rare`: 1 / frequency of the two values of each pair, summed.
    - `weighted`: Levels at which a rare value is stronger evidence; `exact`: those of equal ones.
    - `levels`: The levels, with the priors of their shares.
    - `counted`, `rarity`: How many of all pairs are at each level, and the sum of their rarities.
    """

    level: Ints
    rare: Floats
    weighted: tuple[int, ...]
    exact: tuple[int, ...]
    levels: Levels
    counted: Floats
    rarity: Floats

    def some(self, which: Ints) -> FieldAgreement:
        """Return the evidence of some pairs."""
        return self._replace(level=self.level[which], rare=self.rare[which])


class RecordPairs(NamedTuple):
    """Candidate pairs of the records of two tables, and their agreement field by field.

    - `row`, `other`: Positions in the two tables; `n`, `m`: their numbers of records.
    - `single`: Whether a record of the first table has one match at most, and one of the second.
    - `fields`: FieldAgreement in each field.
    - `times`: By field, how many times as frequent they are, given other fields.
    - `every`: How many pairs of records the candidates were sought among.
    - `shared`: Of the pairs of one contact, how many are of two people for each of one person: the
      fewest and the most, which is believed.
    """

    row: Ints
    other: Ints
    n: int
    m: int
    single: tuple[bool, bool]
    fields: Mapping[str, FieldAgreement]
    times: Mapping[str, Floats]
    every: float
    shared: tuple[float, float] = (_SHARED, _SHARED)

    @property
    def kind(self) -> Ints:
        """Return which fields of each pair differ: a bit for each of `PERSONAL`, one for others.

        A field differs at levels that are more usual among other pairs than among matches.
        """
        kind = np.zeros(len(self.row), dtype=np.int64)
        for name, one in self.fields.items():
            bit = PERSONAL.index(name) if name in PERSONAL else len(PERSONAL)
            kind |= np.append(one.levels.differ, False)[one.level].astype(np.int64) << bit
        return kind

    @property
    def usual(self) -> Floats:
        """Return the prior odds of a match to differ in these of `PERSONAL`, by kind."""
        odds = np.ones(1 << len(PERSONAL))
        for bit, name in enumerate(PERSONAL):
            if name in self.fields:
                levels = self.fields[name].levels
                share = float(levels.matches[levels.differ & (levels.group == 0)].sum())
                odds[np.arange(len(odds)) >> bit & 1 == 1] *= share / (1 - share)
        return odds

    @property
    def one_contact(self) -> Bools:
        """Return which pairs have one e-mail or telephone that few records have."""
        one = np.zeros(len(self.row), dtype=bool)
        for field in (self.fields[name] for name in CONTACTS if name in self.fields):
            rare = _FEW * field.rare >= self.n + self.m
            one |= np.isin(field.level, field.exact) & rare
        return one

    @property
    def by_contact(self) -> Bools:
        """Return which pairs have one contact, and no field that sets relatives apart."""
        result = self.one_contact
        for field in (self.fields[name] for name in APART if name in self.fields):
            result &= field.level < 0
        return result

    def some(self, which: Ints) -> RecordPairs:
        """Return some of the pairs."""
        fields = {name: one.some(which) for name, one in self.fields.items()}
        times = {name: values[which] for name, values in self.times.items()}
        return self._replace(
            row=self.row[which], other=self.other[which], fields=fields, times=times
        )


def candidate_pairs(fields: Mapping[str, Field | AddressField], n: int, m: int) -> Candidates:
    """Return the pairs of n and m records that share a key; every pair of small tables.

    A key whose blocks hold too many pairs leaves its largest blocks out.
    """
    if n * m <= _EVERY:
        row, other = np.divmod(np.arange(n * m), max(m, 1))
        return Candidates(row, other, 0)
    most = max(_A_RECORD * (n + m), _AT_LEAST)
    shared: list[Ints] = []
    left_out = 0
    for mine, theirs in _keys(fields):
        pairs, out = _sharing(mine, theirs, m, most)
        shared.append(pairs)
        left_out += out
    together = np.concatenate(shared) if shared else np.zeros(0, dtype=np.int64)
    row, other = np.divmod(np.unique(together), max(m, 1))
    return Candidates(row, other, left_out)


def compare_records(
    fields: Mapping[str, Field | AddressField], pairs: Candidates, n: int, m: int,
    single: tuple[bool, bool],
) -> RecordPairs:  # fmt: skip
    """Return the agreement of candidate pairs, field by field."""
    row, other = pairs.row, pairs.other
    evidence: dict[str, FieldAgreement] = {}
    for name, one in fields.items():
        level, rare = one.level_of(row, other)
        count, rarity = one.by_chance()
        evidence[name] = FieldAgreement(
            level, rare, one.weighted, one.exact, one.levels, count, rarity
        )
    if fields.keys().isdisjoint(APART):
        # Nothing else says who somebody is: a contact that nearly agrees may be another person's.
        for name in set(CONTACTS) & set(evidence):
            level, exact = evidence[name].level, evidence[name].exact
            near = (level >= 0) & ~np.isin(level, exact)
            other_level = len(evidence[name].levels.names) - 1
            evidence[name] = evidence[name]._replace(level=np.where(near, other_level, level))
    if {"first_name", "last_name"} <= set(fields):
        evidence |= _turned(fields, evidence, row, other)
    if {"first_name", "sex"} <= set(evidence):
        # A first name has a sex: two that agree say it already.
        first, sex = evidence["first_name"].level, evidence["sex"]
        agree = (first >= 0) & (first <= _NAMED_ALIKE)
        evidence["sex"] = sex._replace(level=np.where(agree, -1, sex.level))
    times = {}
    if {"birth", "first_name"} <= set(evidence):
        same_year = np.isin(evidence["birth"].level, _SAME_YEAR)
        times["first_name"] = np.where(same_year, _of_one_year(fields), 1.0)
    compared = RecordPairs(row, other, n, m, single, evidence, times, float(n) * m)
    return compared._replace(shared=contact_sharing(fields, compared))


def _turned(
    fields: Mapping[str, Field | AddressField], evidence: Mapping[str, FieldAgreement],
    row: Ints, other: Ints,
) -> dict[str, FieldAgreement]:  # fmt: skip
    """Return the agreement of names where first and last are swapped in one table."""
    first, last = fields["first_name"], fields["last_name"]
    assert isinstance(first, Field)
    assert isinstance(last, Field)
    straight = [evidence[name] for name in NAMES]
    turned = np.where((straight[0].level >= 0) & (straight[1].level >= 0), 0, -1)
    initial = np.append(pd.factorize(np.array([v[:1] for v in first.values], object))[0], -1)
    codes = [first.mine[row, 0], last.mine[row, 0], first.theirs[other, 0], last.theirs[other, 0]]
    may = (initial[codes[0]] == initial[codes[3]]) & (initial[codes[1]] == initial[codes[2]])
    may &= np.logical_and.reduce([code >= 0 for code in codes])
    may &= (straight[0].level > _NAMED_ALIKE) & (straight[1].level > _NAMED_ALIKE + 1)
    at = np.flatnonzero(may)
    a, b, c, d = (code[at] for code in codes)
    crossed = (
        (first.of_values(a, d), first.rarity[a] + last.rarity[d]),
        (last.of_values(b, c), last.rarity[b] + first.rarity[c]),
    )
    (given, _), (family, _) = crossed
    better = ((given <= 2) & (family <= 4)) | ((given <= 3) & (family <= 2))
    result = {}
    for name, one, (level, rare) in zip(NAMES, straight, crossed, strict=True):
        levels, rares = one.level.copy(), one.rare.copy()
        levels[at[better]], rares[at[better]] = level[better], rare[better]
        result[name] = one._replace(level=levels, rare=rares)
    turned[at[better]] = 1
    many = np.full(2, float(len(first.mine)) * len(first.theirs))
    result["turned"] = FieldAgreement(
        turned, np.ones(len(row)), (), (0,), TURNED, many, np.zeros(2)
    )
    return result


def _of_one_year(fields: Mapping[str, Field | AddressField]) -> float:
    """Return how many times as often two people of one year of birth share a first name.

    Of the pairs of people of one table, who are two people each; at least 1.
    """
    birth, first = fields["birth"], fields["first_name"]
    assert isinstance(birth, Field)
    assert isinstance(first, Field)
    years = np.append(np.array(birth.values, dtype=np.int64) // 10_000, -1)
    pairs = np.zeros(4)
    for born, name in ((birth.mine, first.mine), (birth.theirs, first.theirs)):
        known = (born[:, 0] >= 0) & (name[:, 0] >= 0)
        year, given = years[born[known, 0]], name[known, 0]
        both = year * np.int64(len(first.values)) + given
        many = [np.unique(codes, return_counts=True)[1] for codes in (both, year, given)]
        many.append(np.array([known.sum()]))
        pairs += [float((one * (one - 1.0)).sum()) for one in many]
    both_same, same_year, same_name, every = pairs
    expected = same_year * same_name / max(every, 1.0)
    return max((both_same + 1) / (expected + 1), 1.0)


def contact_sharing(
    fields: Mapping[str, Field | AddressField], pairs: RecordPairs
) -> tuple[float, float]:
    """Return how many pairs of one contact are of two people for each of one person: a range.

    As first names and births of such pairs differ; else at most as often as two records of one
    table have one contact: they may be two people, or one person twice.
    """
    agree, known, one = 0, 0, pairs.one_contact
    for field in (pairs.fields[name] for name in APART if name in pairs.fields):
        level = field.level[one & (field.level >= 0)]
        agree, known = agree + int(np.isin(level, field.exact).sum()), known + len(level)
    if known >= _KNOWN:
        differ = max((known - agree + 0.5) / (agree + 0.5), _SHARED)
        return differ, differ
    result, found = _SHARED, int(pairs.by_contact.sum())
    for contact in (fields[name] for name in CONTACTS if name in fields):
        assert isinstance(contact, Field)
        wrong = 0.0
        for codes, n in ((contact.mine, pairs.n), (contact.theirs, pairs.m)):
            many = np.bincount(codes[codes >= 0]).astype(float)
            many = many[many <= _FEW]
            share = float((many * (many - 1)).sum()) / max(n * (n - 1.0), 1.0)
            wrong += 0.5 * share * pairs.n * pairs.m
        result = max(result, wrong / max(found - wrong, 0.5))
    return _SHARED, result


def one_record_each(
    records: Records, frame: pd.DataFrame, shared: Sequence[Sequence[str]] = ()
) -> Ints:
    """Return a record of each person of a table, in order: the one with most cells.

    Records that are alike in everything that is compared are one person's, with a whole first name
    and a day of birth or a contact that few names have; or where far more are alike than by chance.

    - `frame`: All columns of the records.
    - `shared`: Cells of further columns that are compared.
    """
    own = (records.first, records.last, records.email, records.phone)
    first, last, mails, phones = ([tuple(one) for one in cells] for cells in own)
    doors = list(zip(records.street, records.number, records.place, strict=True))
    fields: list[Sequence[Hashable]]
    fields = [first, last, records.birth, mails, phones, doors, *shared, *records.numbers.values()]
    alike = list(zip(records.sex, *fields, strict=True))
    many, repeated = Counter(alike), _repeated(alike, fields)
    bearers: dict[Hashable, set[Hashable]] = {}
    for i in range(records.n):
        for value in (records.birth[i], *mails[i], *phones[i]):
            bearers.setdefault(value, set()).add((first[i], last[i]))
    most = max(_FEW, _OFTEN * records.n)
    filled = frame.notna().to_numpy().sum(axis=1)
    kept: dict[Hashable, int] = {}
    for i, one in enumerate(alike):
        # Families share an initial, and twins a birth too; what stands many times is no person.
        whole = bool(first[i]) and len(first[i][0]) > 1
        days = [records.birth[i]] if last[i] and records.birth[i] % 100 else []
        rare = any(len(bearers[value]) <= most for value in (*days, *mails[i], *phones[i]))
        often = repeated[i] and bool(first[i]) and (whole or bool(days))
        same = many[one] <= _MOST and ((whole and rare) or often)
        other = kept.setdefault(one if same else i, i)
        if filled[i] > filled[other]:
            kept[one] = i
    return np.sort(np.fromiter(kept.values(), dtype=np.int64, count=len(kept)))


def _filled(cell: object) -> bool:
    return any(cell) if isinstance(cell, tuple) else bool(cell)


def _equal_pairs(values: Iterable[Hashable]) -> float:
    """Return how many pairs of values are equal."""
    return sum(many * (many - 1) / 2 for many in Counter(values).values())


def _repeated(alike: Sequence[Hashable], fields: Sequence[Sequence[Hashable]]) -> Bools:
    """Return which records have others that are alike, far more often than independent fields do.

    Blanks are not independent: each set of fields that records leave blank is taken apart.
    """
    result = np.zeros(len(alike), dtype=bool)
    many = Counter(alike)
    again = np.array([1 < many[one] <= _MOST for one in alike], dtype=bool)
    if again.sum() < max(_REPEATS, _REPEATED * len(alike)):
        return result
    one_value = []
    for cells in fields:
        known = [cell for cell in cells if _filled(cell)]
        one_value.append(_equal_pairs(known) / max(len(known) * (len(known) - 1) / 2, 1))
    shown: dict[tuple[bool, ...], list[int]] = {}
    for i, row in enumerate(zip(*fields, strict=True)):
        shown.setdefault(tuple(map(_filled, row)), []).append(i)
    for which, rows in shown.items():
        chance = math.prod(share for share, known in zip(one_value, which, strict=True) if known)
        chance *= len(rows) * (len(rows) - 1) / 2
        result[rows] = _equal_pairs(alike[i] for i in rows if again[i]) >= _BEYOND * chance
    return np.asarray(result & again)


def _sharing(mine: Ints, theirs: Ints, m: int, most: int) -> tuple[Ints, int]:
    """Return the pairs that share a key of one kind, and how many are left out.

    - `mine`, `theirs`: Keys of each record, shape (n, k), -1 for none.
    """
    sides = []
    for keys in (mine, theirs):
        row, column = np.nonzero(keys >= 0)
        sides.append((row, keys[row, column]))
    (row, key), (other, their_key) = sides
    code = pd.factorize(np.concatenate([key, their_key]))[0]
    key, their_key = code[: len(key)], code[len(key) :]
    size = int(code.max(initial=-1)) + 1
    many = np.bincount(key, minlength=size) * np.bincount(their_key, minlength=size)
    # Blocks of one size are taken or left out together, whatever the order of the rows.
    sizes, where = np.unique(many, return_inverse=True)
    upto = np.cumsum(np.bincount(where, many.astype(np.float64), len(sizes)))
    taken = (upto <= most)[where] if size else np.zeros(0, dtype=bool)
    keep = taken[their_key] if size else np.zeros(0, dtype=bool)
    order = np.argsort(their_key[keep], kind="stable")
    other, their_key = other[keep][order], their_key[keep][order]
    row, key = (a[taken[key]] for a in (row, key)) if size else (row, key)
    which, at = entries_between(
        np.searchsorted(their_key, key, "left"), np.searchsorted(their_key, key, "right")
    )
    return np.unique(row[which] * np.int64(m) + other[at]), int(many[~taken].sum())


_Sides = tuple[Ints, Ints]


def _keys(fields: Mapping[str, Field | AddressField]) -> Iterator[_Sides]:
    """Yield the blocking keys of both tables: each an array of shape (n, k), -1 for none."""
    names = _NameKeys(fields)
    for name in ("email", "phone", *(one for one in fields if one.startswith("number"))):
        one = fields.get(name)
        if isinstance(one, Field):
            yield one.mine, one.theirs
            if name == "email":
                local = pd.factorize(np.array([v.partition("@")[0] for v in one.values], object))[0]
                yield _of(one, local)
    birth = fields.get("birth")
    if isinstance(birth, Field):
        days = np.array(birth.values, dtype=np.int64)
        whole = np.where(days % 100 > 0, days, -1)
        year, day = (
            _of(birth, days // 10_000),
            _of(birth, np.where(days % 100, days % 10_000, -1)),
        )
        yield _of(birth, whole)
        for key in (names.sounds, names.firsts, names.initials, names.turned):
            yield _both(year, key)
        yield _both(day, names.firsts)
        yield _both(day, names.initials)
    address = fields.get("address")
    if isinstance(address, AddressField):
        street, number, place = ((one.mine, one.theirs) for one in address.parts)
        yield address.door.mine, address.door.theirs
        yield _both(street, number)
        for key in (names.sounds, names.firsts, names.lasts):
            yield _both(place, key)
            yield _both(street, key)
    yield from names.alone()


def _of(one: Field, key: Ints) -> _Sides:
    """Return the key of each record by the key of each value."""
    lookup = np.append(key, -1)
    return lookup[one.mine], lookup[one.theirs]


def _both(one: _Sides, two: _Sides) -> _Sides:
    """Return two keys as one, in every combination of their spellings."""
    size = 1 + max(int(side.max(initial=0)) for side in two)
    result = []
    for a, b in zip(one, two, strict=True):
        known = (a[:, :, None] >= 0) & (b[:, None, :] >= 0)
        keys = np.where(known, a[:, :, None] * np.int64(size) + b[:, None, :], -1)
        result.append(keys.reshape(len(a), -1))
    return result[0], result[1]


class _NameKeys:
    """Keys of the names of both tables; all -1 where one has none."""

    def __init__(self, fields: Mapping[str, Field | AddressField]) -> None:
        one = next((fields[name] for name in ("first_name", "last_name") if name in fields), None)
        some = next(iter(fields.values()))
        n, m = (len(getattr(_codes(some), side)) for side in ("mine", "theirs"))
        nothing = np.full((n, 1), -1), np.full((m, 1), -1)
        self._first, self._last = (
            (fields[name].mine, fields[name].theirs) if isinstance(fields.get(name), Field)  # type: ignore[union-attr]
            else nothing for name in ("first_name", "last_name")
        )  # fmt: skip
        values = [v.replace(" ", "") for v in one.values] if isinstance(one, Field) else []
        self._initial = self._coded([v[:1] for v in values])
        self._three, self._end = (self._coded([v[part] for v in values])
                                  for part in (slice(3), slice(-3, None)))  # fmt: skip
        self._two = self._coded([v[:2] for v in values])
        self._sound = self._coded(phonetic_keys(values))
        self._soundex = self._coded([soundex(v) for v in values])
        self._whole = np.append(np.arange(len(values)), -1)

    @staticmethod
    def _coded(texts: list[str]) -> Ints:
        return np.append(pd.factorize(np.array(texts, dtype=object))[0], -1)

    def _key(self, side: _Sides, of: Ints) -> _Sides:
        return of[side[0]], of[side[1]]

    @property
    def firsts(self) -> _Sides:
        """First names."""
        return self._first

    @property
    def lasts(self) -> _Sides:
        """Last names."""
        return self._last

    @property
    def sounds(self) -> _Sides:
        """How the last names sound."""
        return self._key(self._last, self._sound)

    @property
    def initials(self) -> _Sides:
        """Both initials."""
        return _both(self._key(self._first, self._initial), self._key(self._last, self._initial))

    @property
    def turned(self) -> _Sides:
        """The sounds of first and last name, and of last and first of the other table."""
        sounds = [self._key(side, self._sound) for side in (self._first, self._last)]
        (first, their_first), (last, their_last) = sounds
        return _both((first, their_last), (last, their_first))

    def alone(self) -> Iterator[_Sides]:
        """Yield the keys of names without anything else."""
        initial, two = (self._key(self._first, of) for of in (self._initial, self._two))
        yield self.turned
        yield _both(self._key(self._last, self._sound), initial)
        yield _both(self._key(self._last, self._whole), self._key(self._first, self._end))
        yield _both(self._key(self._last, self._soundex), two)
        for part in (self._three, self._end):
            yield _both(self._key(self._last, part), self._first)
            yield _both(self._key(self._last, part), self._key(self._first, self._sound))
            yield _both(self._key(self._last, part), two)


def _codes(one: Field | AddressField) -> Field:
    return one.door if isinstance(one, AddressField) else one
