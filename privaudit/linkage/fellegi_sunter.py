"""Probabilistic record linkage of names: Fellegi and Sunter's model, its parameters by EM."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from string import ascii_lowercase
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd

from privaudit.core.checks import Bools, Floats, Ints
from privaudit.linkage.candidate_pairs import PERSONAL, FieldAgreement, RecordPairs
from privaudit.linkage.field_comparisons import Levels
from privaudit.linkage.name_parsing import (
    FIRST,
    INITIAL,
    LAST,
    LETTER,
    NEARLY,
    OF_BIRTH,
    PART,
    SAME,
    SHORT,
    SLIPS_FROM,
    RegisterNames,
    first_levels,
    read_accounts,
    shares_of,
)
from privaudit.stats.calibration import shifted
from privaudit.stats.csr import entries_between, row_starts
from privaudit.stats.matching_marginals import matching_marginals
from privaudit.text.edit_distance_and_phonetics import (
    Letters,
    first_sound,
    one_edit_pairs,
    phonetic_keys,
)

_HASH_BITS = 17
# Codes that a letter may have.
_LETTERS = 0x110000
# More than the weakness of any pair: five levels of a last name by eight, turned or not.
_WEAKNESS = 128
# Cells a pair of a table of all first names by all, instead of a search for each pair.
_TABLE = 8


class NamePairs(NamedTuple):
    """Candidate pairs of an account and a listed person, by account, and agreement by chance.

    - `account`, `entry`: Positions in the two frames.
    - `turned` (0, 1), `first`, `last`: FieldAgreement levels of each pair: `FIRST`, `LAST`.
    - `year`: 0 the same year of birth, 1 another, -1 not known of both.
    - `read`, `read_turned`: Account of each reading of a name, and whether it is reversed.
    - `read_first` (readings, 4), `read_last` (readings, 5): Share of the listed people at each
      level of agreement with it. Column `NEARLY` is 1 where a slip was searched: its share is
      estimated.
    - `same_year`: Share of the listed people born in the account's year; nan where it shows none.
    - `looked`: Number of equal first names among which slips of the last name were searched.
    - `listed`, `accounts`: Numbers of listed people and of accounts.
    """

    account: Ints
    entry: Ints
    turned: Ints
    first: Ints
    last: Ints
    year: Ints
    read: Ints
    read_turned: Ints
    read_first: Floats
    read_last: Floats
    same_year: Floats
    looked: float
    listed: int
    accounts: int


def compare_names(accounts: pd.DataFrame, people: pd.DataFrame) -> NamePairs:
    """Return the candidate pairs by blocking, with their agreement levels.

    Pairs share a last name and the beginning of the first name; or a first name, and of the last
    name the beginning, the end or the consonants, where no exact match exists; or a first name
    and the initial of the last name.

    - `accounts`: Columns display_name and email, "" where it is not known; birth_year, 0 where
      not shown, is optional.
    - `people`: Columns first_name, last_name; optional: birth_name, birth_year (0 unknown).
    """
    listed = RegisterNames(people)
    read = _Read(accounts, listed)
    exact = _by_last_name(read, listed)
    pairs = [exact, _by_initial(read, listed)]
    sure = np.zeros(len(read.account), dtype=bool)
    sure[exact[0][(exact[2] <= SHORT) & (exact[3] <= OF_BIRTH)]] = True
    asked = ~sure & ~read.part & ~read.turned & (read.first_code >= 0) & (read.length >= SLIPS_FROM)
    pairs.append(_by_slip(read, listed, np.flatnonzero(asked)))
    reading, entry, first, last = (np.concatenate(part) for part in zip(*pairs, strict=True))
    account = read.account[reading]
    turned = read.turned[reading].astype(np.int64)
    weakness = (last * 8 + first) * 2 + turned
    key = (account * np.int64(listed.n) + entry) * _WEAKNESS + weakness
    order = np.argsort(key, kind="stable")
    one = key[order] // _WEAKNESS
    order = order[np.concatenate([[True], np.diff(one) != 0])] if len(order) else order
    year, same_year = _years(accounts, read, people, account[order], entry[order])
    here = np.bincount(listed.first, minlength=len(listed.firsts))
    return NamePairs(
        account=account[order],
        entry=entry[order],
        turned=turned[order],
        first=first[order],
        last=last[order],
        year=year,
        read=read.account,
        read_turned=read.turned.astype(np.int64),
        read_first=read.first_shares(listed),
        read_last=_last_shares(read, listed, asked),
        same_year=same_year,
        looked=float(here[read.first_code[asked]].sum()),
        listed=listed.n,
        accounts=len(accounts),
    )


class _Read:
    """Every reading of every account's name, by number."""

    def __init__(self, accounts: pd.DataFrame, listed: RegisterNames) -> None:
        firsts, lasts = listed.first_number, listed.last_number
        emails = accounts["email"].tolist() if "email" in accounts else [""] * len(accounts)
        shown = accounts["display_name"].tolist()
        rows, years = read_accounts(shown, emails, firsts, lasts)
        columns = list(zip(*rows, strict=True)) if rows else [()] * 5
        self.account = np.array(columns[0], dtype=np.int64)
        self.turned = np.array(columns[3], dtype=bool)
        self.part = np.array(columns[4], dtype=bool)
        self.year = np.array(years, dtype=np.int64)
        code, self.firsts = pd.factorize(np.array(columns[1], dtype=object))
        self.first = code.astype(np.int64)
        self.last = np.array(columns[2], dtype=object)
        self.last_code = np.array([lasts.get(name, -1) for name in columns[2]], dtype=np.int64)
        self.first_code = np.array([firsts.get(name, -1) for name in columns[1]], dtype=np.int64)
        self.length = np.array([len(name) for name in columns[2]], dtype=np.int64)
        self._agreeing(listed)

    def _agreeing(self, listed: RegisterNames) -> None:
        """Store the pairs of agreeing first names, read and listed, with their level."""
        read, there, level = first_levels(list(self.firsts), listed)
        key = read * len(listed.firsts) + there
        order = np.argsort(key)
        self.key, self.level = key[order], level[order]

    def level_of(self, reading: Ints, first: Ints, listed: RegisterNames) -> Ints:
        """Return the agreement level of a reading's first name with a listed one; -1 for none."""
        key = self.first[reading] * len(listed.firsts) + first
        if not len(self.key):
            return np.full(len(key), -1)
        cells = len(self.firsts) * len(listed.firsts)
        if cells <= _TABLE * len(key):
            table = np.full(cells, -1)
            table[self.key] = self.level
            return np.asarray(table[key])
        at = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        return np.where(self.key[at] == key, self.level[at], -1)

    def first_shares(self, listed: RegisterNames) -> Floats:
        """Return the share of listed people at each level of agreement with each first name."""
        read, there = np.divmod(self.key, max(len(listed.firsts), 1))
        shares = np.zeros((len(self.firsts), len(FIRST)))
        np.add.at(shares, (read, self.level), listed.first_share[there])
        # A first name that is not listed has the probability of a new name.
        shares[:, SAME] = np.maximum(shares[:, SAME], listed.first_share[-1])
        return shares[self.first]


# Reading, listed person, and agreement levels of first and last name of each pair.
_Pairs = tuple[Ints, Ints, Ints, Ints]


def _by_last_name(read: _Read, listed: RegisterNames) -> _Pairs:
    """Return pairs of one last name, or of one part of it, whose first names agree."""
    begins = {letter: i for i, letter in enumerate(ascii_lowercase)}
    sounds = [begins.get(first_sound(name), 26) for name in listed.firsts]
    of_listed = np.array(sounds, dtype=np.int64)
    key = listed.last * 32 + of_listed[listed.first[listed.who]]
    # Initials of the listed first names that agree with each first name read.
    pair_read, pair_there = np.divmod(read.key, max(len(listed.firsts), 1))
    letters = np.unique(pair_read * 32 + (of_listed[pair_there] if len(pair_there) else pair_there))
    known = np.flatnonzero((read.last_code >= 0) & (read.length > 1))
    start = np.searchsorted(letters, read.first[known] * 32)
    stop = np.searchsorted(letters, read.first[known] * 32 + 32)
    which, at = entries_between(start, stop)
    reading = known[which]
    wanted = read.last_code[reading] * 32 + letters[at] % 32
    which, alias = _joined(wanted, key)
    reading = reading[which]
    first = read.level_of(reading, listed.first[listed.who[alias]], listed)
    last = np.where(read.part[reading], PART, listed.level[alias])
    agrees = first >= 0
    return reading[agrees], listed.who[alias[agrees]], first[agrees], last[agrees]


def _by_initial(read: _Read, listed: RegisterNames) -> _Pairs:
    """Return pairs of an agreeing first name whose last name is an initial."""
    initial = listed.lasts.initials()
    key = listed.first[listed.who] * _LETTERS + initial[listed.last]
    cut = np.flatnonzero((read.length == 1) & ~read.part)
    wide = max(len(listed.firsts), 1)
    start = np.searchsorted(read.key, read.first[cut] * wide)
    stop = np.searchsorted(read.key, (read.first[cut] + 1) * wide)
    which, at = entries_between(start, stop)
    full = read.level[at] < INITIAL
    reading, at = cut[which[full]], at[full]
    level, there = read.level[at], read.key[at] % wide
    letter = np.array([ord(read.last[i]) for i in reading], dtype=np.int64)
    which, alias = _joined(there * _LETTERS + letter, key)
    whole = listed.level[alias] < PART
    which, alias = which[whole], alias[whole]
    return reading[which], listed.who[alias], level[which], np.full(len(alias), LETTER)


def _by_slip(read: _Read, listed: RegisterNames, asked: Ints) -> _Pairs:
    """Return pairs of one first name whose last names differ by one edit or sound alike."""
    wanted = np.zeros(len(listed.firsts), dtype=bool)
    wanted[read.first_code[asked]] = True
    aliases = np.flatnonzero(wanted[listed.first][listed.who] & (listed.level < PART))
    code, spelt = pd.factorize(read.last[asked])
    names, wide = Letters(spelt.tolist()), max(len(listed.firsts), 1)
    first, first_listed = read.first_code[asked], listed.first[listed.who[aliases]]
    last = listed.last[aliases]
    pairs = []
    for part in (Letters.beginnings, Letters.ends, Letters.consonants):
        mine, theirs = part(names), part(listed.lasts)
        which, at = _joined(mine[code] * wide + first, theirs[last] * wide + first_listed)
        pairs.append(which * len(listed.who) + aliases[at])
    which, alias = np.divmod(np.unique(np.concatenate(pairs)), max(len(listed.who), 1))
    own = np.array([listed.last_number.get(name, -1) for name in names.names], dtype=np.int64)
    two = own[code[which]] != listed.last[alias]
    which, alias = which[two], alias[two]
    # Each pair of distinct names is compared once.
    both = code[which] * len(listed.lasts.names) + listed.last[alias]
    apart, where = np.unique(both, return_inverse=True)
    mine, other = np.divmod(apart, max(len(listed.lasts.names), 1))
    alike = _alike(names, mine, listed.lasts, other)[where]
    which, alias = which[alike], alias[alike]
    same = np.zeros(len(which), dtype=np.int64)
    return asked[which], listed.who[alias], same, np.full(len(which), NEARLY)


def _alike(names: Letters, mine: Ints, others: Letters, other: Ints) -> Bools:
    """Return whether each pair of names differs by one edit or sounds alike."""
    alike = one_edit_pairs(names, mine, others, other)
    # Names of three letters or fewer are not compared by sound.
    spoken = ~alike & (np.minimum(names.length[mine], others.length[other]) > 3)
    numbers: dict[str, int] = {}
    code = _phonetic_codes(names, mine[spoken], numbers)
    alike[spoken] = code == _phonetic_codes(others, other[spoken], numbers)
    return alike


def _phonetic_codes(names: Letters, rows: Ints, numbers: dict[str, int]) -> Ints:
    """Return the number of the phonetic code of each name, adding new codes to `numbers`."""
    distinct, where = np.unique(rows, return_inverse=True)
    sounds = phonetic_keys([names.names[i] for i in distinct.tolist()])
    code = np.array([numbers.setdefault(sound, len(numbers)) for sound in sounds], dtype=np.int64)
    return code[where]


def _last_shares(read: _Read, listed: RegisterNames, slips: Bools) -> Floats:
    """Return the share of listed people at each level of agreement with each last name."""
    n = max(listed.n, 1)
    named = shares_of(listed.last_count[:, SAME], listed.n)
    shares = np.zeros((len(read.account), len(LAST)))
    code = read.last_code
    shares[:, SAME] = named[code]
    counts = np.vstack([listed.last_count, np.zeros((1, 3), dtype=np.int64)])[code] / n
    shares[:, OF_BIRTH], shares[:, PART] = counts[:, OF_BIRTH], counts[:, PART]
    shares[:, NEARLY] = slips
    whole = shares[:, SAME] + shares[:, OF_BIRTH]
    shares[read.part] = 0
    shares[read.part, PART] = whole[read.part]
    letters = listed.lasts.initials()
    cut = np.flatnonzero((read.length == 1) & ~read.part)
    asked = [ord(read.last[i]) for i in cut]
    many = max(asked, default=0) + 1
    initial = np.bincount(letters, listed.last_count[:, :PART].sum(axis=1), minlength=many) / n
    shares[cut] = 0
    shares[cut, LETTER] = initial[asked]
    return shares


def _years(
    accounts: pd.DataFrame, read: _Read, people: pd.DataFrame, account: Ints, entry: Ints
) -> tuple[Ints, Floats]:
    """Return the agreement of the years of birth of each pair, and the share of each year."""
    shown = read.year
    if "birth_year" in accounts:
        stated = accounts["birth_year"].to_numpy(dtype=np.int64)
        shown = np.where(stated > 0, stated % 100, shown)
    if "birth_year" not in people:
        return np.full(len(account), -1), np.full(len(shown), np.nan)
    there = people["birth_year"].to_numpy(dtype=np.int64)
    known = there > 0
    share = np.bincount(there[known] % 100, minlength=100) / max(int(known.sum()), 1)
    both = (shown[account] >= 0) & known[entry]
    year = np.where(both, (shown[account] != there[entry] % 100).astype(np.int64), -1)
    return year, np.where(shown >= 0, share[shown], np.nan)


def _joined(wanted: Ints, keys: Ints) -> tuple[Ints, Ints]:
    """Return pairs of positions of wanted keys and of the keys that equal them."""
    # Most keys are not wanted: a hash table of the wanted ones leaves few to sort.
    hashed = np.zeros(1 << _HASH_BITS, dtype=bool)
    hashed[_hashed(wanted)] = True
    some = np.flatnonzero(hashed[_hashed(keys)])
    some = some[np.argsort(keys[some], kind="stable")]
    keys = keys[some]
    ends = (np.searchsorted(keys, wanted, side) for side in ("left", "right"))
    which, at = entries_between(*ends)
    return which, some[at]


def _hashed(keys: Ints) -> Ints:
    """Return a multiplicative hash of each number (Knuth 1973, section 6.4)."""
    mixed = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(64 - _HASH_BITS)).astype(np.int64)


# Dirichlet priors of the agreement levels, in pseudo-pairs (scenario).
_TURNED = np.array([19.0, 1.0])
_FIRST = np.array([16.0, 0.6, 2.8, 0.6])
_LAST = np.array([16.0, 1.6, 0.6, 0.6, 1.2])
_YEAR = np.array([9.0, 1.0])
_LISTED = np.array([6.0, 4.0])
# Years of two digits that agree, and that differ.
_YEARS = np.array([1.0, 99.0])
# Prior share of last names one edit from another, and its weight in people.
_SLIP, _SLIP_WEIGHT = 2e-4, 1_000.0
_ROUNDS, _SETTLED = 60, 1e-6
# Least probability of a pair that competes for an entry.
_HARDLY = 1e-4


class _Parameters(NamedTuple):
    """Parameters of the model.

    - `listed`: Share of the readable accounts that belong to a listed person.
    - `turned`, `first`, `last`, `year`: Share of matches at each level (m probabilities).
    - `slip`: Share of last names one edit from another.
    """

    listed: float
    turned: Floats
    first: Floats
    last: Floats
    year: Floats
    slip: float

    @classmethod
    def prior(cls) -> _Parameters:
        """Return the parameters of the priors alone."""
        turned, first, last, year = (p / p.sum() for p in (_TURNED, _FIRST, _LAST, _YEAR))
        return cls(_LISTED[0] / _LISTED.sum(), turned, first, last, year, _SLIP)

    @classmethod
    def updated(cls, pairs: NamePairs, times: Ints, probability: Floats, named: int) -> _Parameters:
        """Return the parameters of the M step, from pairs weighted by their probability.

        - `times`: How many pairs are like each.
        """
        matched = times * probability

        def shares(level: Ints, prior: Floats) -> Floats:
            # Unknown levels, -1, have a cell of their own.
            counted = np.bincount(level + 1, matched, len(prior) + 1)[1:] + prior
            return np.asarray(counted / counted.sum())

        slips = float((times - matched)[pairs.last == NEARLY].sum())
        return cls(
            listed=float((matched.sum() + _LISTED[0]) / (named + _LISTED.sum())),
            turned=shares(pairs.turned, _TURNED),
            first=shares(pairs.first, _FIRST),
            last=shares(pairs.last, _LAST),
            year=shares(pairs.year, _YEAR),
            slip=(slips + _SLIP * _SLIP_WEIGHT) / (pairs.looked + _SLIP_WEIGHT),
        )


def link(pairs: NamePairs) -> Floats:
    """Return the match probability of each pair, estimated by EM, one to one.

    m is the share of matches at a level of agreement, u the share of all listed people at that
    level with an account: small for a rare name, large for a common one (term frequencies). The
    name shown has likelihood sum(m u) over the levels if its person is not listed, and m of the
    level for the person of a pair. An account belongs to one of the n listed people with
    probability p, each equally likely. With at most one person an account, and one account a
    person::

        P(pair) ~ p / (1 - p) / (n - matched) * m / sum(m u)

    beside 1 for no listed person. m and p maximise the likelihood of all names shown, with the
    pseudo-pairs of the priors.

    References
    ----------
    Fellegi and Sunter (1969), JASA 64:1183; Winkler (1988), EM.
    """
    named = len(np.unique(pairs.read))
    # Where few surnames are, many people agree with an account in the same way.
    alike, of, times = _alike_in_all(pairs)

    def expected(now: _Parameters, before: Floats) -> Floats:
        odds = _odds(alike, now, float(times @ before))
        total = np.bincount(alike.account, times * odds, pairs.accounts)
        return np.asarray(odds / (1 + total[alike.account]))

    now, probability = _maximised(
        expected,
        lambda probability: _Parameters.updated(alike, times, probability, named),
        _Parameters.prior(),
        np.zeros(len(times)),
    )
    odds = _odds(alike, now, float(times @ probability))[of]
    return one_to_one(pairs.account, pairs.entry, odds, (pairs.accounts, pairs.listed))


def _alike_in_all(pairs: NamePairs) -> tuple[NamePairs, Ints, Ints]:
    """Return one pair of those of an account that agree alike, which each is, and their number."""
    levels = (pairs.turned, 2), (pairs.first, len(FIRST)), (pairs.last, len(LAST))
    key = pairs.account * 3 + pairs.year + 1
    for level, many in levels:
        key = key * many + level
    _, one, of, times = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    fields = ("account", "entry", "turned", "first", "last", "year")
    return pairs._replace(**{name: getattr(pairs, name)[one] for name in fields}), of, times


_Model = TypeVar("_Model")


def _maximised(
    expected: Callable[[_Model, Floats], Floats],
    updated: Callable[[Floats], _Model],
    now: _Model,
    probability: Floats,
) -> tuple[_Model, Floats]:
    """Return the model of largest likelihood, and its match probabilities, by EM.

    - `expected`: The probabilities of a model, given those of the round before: the E step.
    - `updated`: The model of these probabilities: the M step.
    """
    for _ in range(_ROUNDS):
        after = expected(now, probability)
        moved = np.abs(after - probability).max(initial=0.0)
        probability = after
        now = updated(probability)
        if moved < _SETTLED:
            break
    return now, probability


def _odds(pairs: NamePairs, now: _Parameters, matched: float) -> Floats:
    """Return the odds of each pair against no listed person."""
    last = now.last.copy()
    last[NEARLY] *= now.slip
    usual = np.bincount(
        pairs.read,
        now.turned[pairs.read_turned] * (pairs.read_first @ now.first) * (pairs.read_last @ last),
        pairs.accounts,
    )
    shown = now.turned[pairs.turned] * now.first[pairs.first] * now.last[pairs.last]
    free = max(pairs.listed - matched, 1.0)
    odds = now.listed / (1 - now.listed) / free * shown / usual[pairs.account]
    born = pairs.same_year[pairs.account]
    # Another year is one of 99.
    year = now.year / _YEARS
    usual_year = year[0] * born + year[1] * (1 - born)
    known = pairs.year >= 0
    return np.where(known, odds * year[pairs.year] / np.where(known, usual_year, 1.0), odds)


def one_to_one(row: Ints, entry: Ints, odds: Floats, sizes: tuple[int, int]) -> Floats:
    """Return match probabilities with at most one entry a row, and one row an entry.

    Each row may also match nothing. Only competing rows are revised.

    - `odds`: Of each pair against no match; `sizes`: numbers of rows and of entries.
    """
    n, listed = sizes
    total = 1 + np.bincount(row, odds, n)
    alone = odds / total[row]
    some = alone > _HARDLY
    claims = np.bincount(entry[some], minlength=listed)
    rivals = np.unique(row[some & (claims[entry] > 1)])
    asked = some & np.isin(row, rivals)
    if not asked.any():
        return np.asarray(alone)
    # In the order of rows, nobody last in each.
    at = np.concatenate([np.searchsorted(rivals, row[asked]), np.arange(len(rivals))])
    place = np.concatenate([entry[asked], listed + np.arange(len(rivals))])
    weight = np.concatenate([odds[asked], np.ones(len(rivals))])
    order = np.lexsort((place, at))
    indptr = row_starts(at, len(rivals))
    marginals = np.empty(len(order))
    matched = matching_marginals(indptr, place[order], weight[order], settled=1e-4)
    marginals[order] = matched.probability
    alone[asked] = marginals[: int(asked.sum())]
    return np.asarray(alone)


# Weight of the priors: of the shares of matches in pairs, and of others in pairs for each level.
_PRIOR_MATCHES, _PRIOR_OTHERS = 50.0, 20.0
# What a home shares, and the relatives that a table has beside a person, and twins (scenarios).
_OF_HOMES, _RELATIVES, _TWINS = ("last_name", "address", "phone", "email"), 1.0, 0.03
# Kinds of pairs, see `RecordPairs.kind`; the last bit is of fields that change.
_KINDS, _CHANGED = 1 << (len(PERSONAL) + 1), 1 << len(PERSONAL)
# Logarithms by which the odds of a kind may be moved, and rounds of that.
_MOVES, _KIND_ROUNDS = np.linspace(-15.0, 0.0, 61), 6
# Spread of the log of matches of a kind about their prior, and times it they may be (scenarios).
_KIND_SPREAD, _STRANGE = 0.7, 5.0
# Share of the smaller table that is never taken as matched, and records of each.
_FREE, _LEAST_FREE = 5e-3, 2.0
# Odds, if half of the smaller table matches, below which a pair is left out.
_REMOTE = 1e-5


class RecordModel(NamedTuple):
    """Parameters of the model of two tables.

    - `matched`: Expected number of matches.
    - `matches`, `others`: By field, the share of matches, and of others, at each level (m and u).
    - `rarity`: By field, the mean rarity of the values of other pairs at each level.
    - `moved`: Logarithm by which the odds of each kind of pair are moved; see `_moves`.
    - `lookalikes`: Pairs of two people that are expected among the matches.
    - `inflation`: Variance of the number of matches, in times that of known parameters; 1 or more.
    - `spread`: Standard deviation of the number of matches by `moved`.
    """

    matched: float
    matches: Mapping[str, Floats]
    others: Mapping[str, Floats]
    rarity: Mapping[str, Floats]
    moved: Floats
    lookalikes: float = 0.0
    inflation: float = 1.0
    spread: float = 0.0

    @classmethod
    def of(
        cls, pairs: RecordPairs, probability: Floats | None = None, moved: Floats | None = None
    ) -> RecordModel:
        """Return the model of the M step; without probabilities, that of the priors."""
        matched = 0.5 * min(pairs.n, pairs.m) if probability is None else float(probability.sum())
        matches, others, rarity = {}, {}, {}
        for name, one in pairs.fields.items():
            size, group = len(one.levels.names), one.levels.group
            known = one.level >= 0
            share = np.zeros(len(one.level)) if probability is None else probability
            at = np.bincount(one.level[known], share[known], size)
            weighted = np.bincount(one.level[known], (share * one.rare)[known], size)
            of_matches = at + _PRIOR_MATCHES * one.levels.matches
            matches[name] = of_matches / np.bincount(group, of_matches)[group]
            left = np.maximum(one.counted - at, 0.05 * one.counted)
            of_others = left + _PRIOR_OTHERS * one.levels.others
            others[name] = of_others / np.bincount(group, of_others)[group]
            rare = np.maximum(one.rarity - weighted, 0.05 * one.rarity)
            rarity[name] = np.divide(rare, left, out=np.zeros(size), where=left > 0)
            if name in PERSONAL:
                matches[name] = _of_one_person(matches[name], one.levels)
            matches[name] = _monotone(matches[name], others[name], one)
        return cls(matched, matches, others, rarity, np.zeros(_KINDS) if moved is None else moved)


def _of_one_person(matches: Floats, levels: Levels) -> Floats:
    """Return shares of matches of which as many differ as by the prior.

    Learnt from pairs that agree in all but a name, most of them two people, it would be theirs.
    """
    prior, alike = np.where(levels.differ, levels.matches, 0.0), np.where(levels.differ, 0, matches)
    left = 1 - np.bincount(levels.group, prior)
    return np.asarray(prior + alike * (left / np.bincount(levels.group, alike))[levels.group])


def _monotone(matches: Floats, others: Floats, one: FieldAgreement) -> Floats:
    """Return shares of matches whose ratio to others does not rise from level to level.

    Equal values are weighed by their own frequency.
    """
    levels = one.levels
    ratio = matches / others
    free = ~np.isin(np.arange(len(ratio)), one.exact[1:])
    for group in np.unique(levels.group):
        least = np.inf
        for rank in np.unique(levels.order[levels.group == group]):
            at = (levels.group == group) & (levels.order == rank) & free
            ratio[at] = np.minimum(ratio[at], least)
            least = float(ratio[at].max(initial=0)) if at.any() else least
    return np.asarray(ratio * others)


def _log_weights(pairs: RecordPairs, now: RecordModel) -> Floats:
    """Return log m / u of each pair, summed over the fields (Fellegi and Sunter 1969).

    Equal values have the frequency of the value for u; similar ones the mean u of their level
    times the mean rarity over that of the two values.
    """
    total, home, against, born = np.zeros((4, len(pairs.row)))
    near, named = np.zeros((2, len(pairs.row)), dtype=bool)
    for name, one in pairs.fields.items():
        m, u = now.matches[name], now.others[name]
        known = one.level >= 0
        level = np.where(known, one.level, 0)
        weight = np.log(m[level]) - np.log(u[level])
        for at in one.weighted:
            which = np.flatnonzero(known & (one.level == at))
            rare = one.rare[which]
            if at in one.exact:
                chance = 2 / rare
                if name in pairs.times:
                    chance = chance * pairs.times[name][which]
                weight[which] = np.log(m[at]) - np.log(np.minimum(chance, 1.0))
            elif now.rarity[name][at] > 0:
                weight[which] += np.log(np.clip(rare / now.rarity[name][at], 0.1, 10.0))
        weight = np.where(known, weight, 0.0)
        if name == "first_name":
            named = np.isin(one.level, one.exact)
        if name in _OF_HOMES:
            home, against = home + weight, against + np.minimum(weight, 0)
            near |= (name != "last_name") & (weight > 0)
        elif name == "birth":
            born = weight
        else:
            total += weight
    # Of the other table, `_RELATIVES` people share these with the person, as much as the person.
    most, others = max(pairs.n, pairs.m), pairs.shared[1] / (float(pairs.n) * pairs.m)
    home = np.where(near, -np.logaddexp(-home, np.log(_RELATIVES / most)), home)
    home = np.where(pairs.by_contact, against - np.log(others * (now.matched + 1)), home)
    # Of whom some were born on the same day, under another first name.
    twin = -np.logaddexp(-home - born, np.log(_TWINS / most))
    both = np.where((born > 0) & ~named, twin, home + born)
    return np.asarray(total + both + now.moved[pairs.kind])


def _record_odds(pairs: RecordPairs, now: RecordModel) -> Floats:
    """Return the odds of each pair against two records without a match."""
    free = [
        max(size - single * now.matched, _FREE * min(pairs.n, pairs.m) + _LEAST_FREE)
        for size, single in zip((pairs.n, pairs.m), pairs.single, strict=True)
    ]
    weight = _log_weights(pairs, now) + np.log((now.matched + 1) / (free[0] * free[1]))
    return np.asarray(np.exp(np.clip(weight, -60, 60)))


def _competing(pairs: RecordPairs, odds: Floats) -> Floats:
    """Return the probability of each pair beside the others of its two records."""
    rivals = np.ones(len(odds))
    for at, size, single in zip(
        (pairs.row, pairs.other), (pairs.n, pairs.m), pairs.single, strict=True
    ):
        if single:
            rivals *= 1 + np.maximum(np.bincount(at, odds, size)[at] - odds, 0)
    return np.asarray(odds / (odds + rivals))


def link_records(
    pairs: RecordPairs, controls: Sequence[RecordPairs] = ()
) -> tuple[RecordModel, Floats]:
    """Return the model of two tables, and the match probability of each candidate pair, by EM.

    m, the share of matches at each level of agreement, and the number of matches are estimated
    from the pairs; u, the share of other pairs, from all pairs of the two tables without the
    matches. Where both tables have everybody once, at most one pair of a record matches.

    - `controls`: Pairs of records of one table: who differ in a name or a birth are two people.

    References
    ----------
    Fellegi and Sunter (1969), JASA 64:1183; Winkler (1988), EM; Winkler (2000), frequencies;
    Louis (1982) and Meng and Rubin (1991), errors of EM.
    """
    now = RecordModel.of(pairs)
    likely = np.flatnonzero(_record_odds(pairs, now) > _REMOTE)
    some, probability = pairs.some(likely), np.zeros(len(likely))
    beside = [one.some(np.flatnonzero(_record_odds(one, now) > _REMOTE)) for one in controls]

    def expected(now: RecordModel, _: Floats | None = None) -> Floats:
        return _competing(some, _record_odds(some, now))

    for _ in range(_KIND_ROUNDS):
        updated = partial(RecordModel.of, some, moved=now.moved)
        now, probability = _maximised(expected, updated, now, probability)
        before, now = now.moved, _moves(some, beside, now, probability)
        if np.array_equal(before, now.moved):
            break
    inflation = _inflation(lambda p: expected(RecordModel.of(some, p, now.moved)), expected(now))
    result = np.zeros(len(pairs.row))
    result[likely] = _matched(some, now)
    return now._replace(inflation=inflation), result


def _moves(
    some: RecordPairs, controls: Sequence[RecordPairs], now: RecordModel, probability: Floats
) -> RecordModel:
    """Return the model with the odds of each kind of pair lowered to what pairs of one table leave.

    Fields are not independent: a rare first name goes with its years. At odds o there are 1 + o
    times as many pairs as of two people, which is how many one table has. The factor of a kind has
    the largest likelihood for its pairs to be of two tables or of one, with a prior of how often
    matches differ. Pairs that differ in no name or birth are left out: in one table they may be one
    person twice.
    """
    kind, odds = _marginal(some, now)
    beside = [_marginal(one, now) for one in controls]
    times = some.every / max(sum(one.every for one in controls), 1.0)
    exact = [float(probability[kind == one].sum()) for one in (0, _CHANGED)]
    moved, variance = now.moved.copy(), 0.0
    for one in np.unique(kind[kind % _CHANGED > 0]).tolist():
        of, null = odds[kind == one], [o[k == one] for k, o in beside]
        support = np.array([_likelihood(np.exp(x), of, null, times) for x in _MOVES])
        p = np.clip(probability[kind == one], 0, 1 - 1e-12)
        matches = np.array([shifted(p, np.exp(x)).sum() for x in _MOVES - now.moved[one]])
        most = exact[one // _CHANGED] * some.usual[one % _CHANGED]
        support -= 0.5 * (np.log((matches + 1) / (most + 1)) / _KIND_SPREAD) ** 2
        if one & 1:
            # First names change seldom, but surnames may of anybody.
            support[1:][matches[1:] > _STRANGE * most + 0.5] = -np.inf
        moved[one] = _MOVES[support.argmax()]
        posterior = np.exp(support - support.max())
        mean = np.average(matches, weights=posterior)
        variance += float(np.average((matches - mean) ** 2, weights=posterior))
    wrong = sum(int(((o * np.exp(moved[k]) >= 1) & (k % _CHANGED > 0)).sum()) for k, o in beside)
    return now._replace(moved=moved, spread=variance**0.5, lookalikes=wrong * times)


def _marginal(pairs: RecordPairs, now: RecordModel) -> tuple[Ints, Floats]:
    """Return the kind of each pair, and its odds before they are moved, whatever the others."""
    kind = pairs.kind
    weight = _log_weights(pairs, now) - now.moved[kind]
    share = np.log((now.matched + 1) / (float(pairs.n) * pairs.m))
    return kind, np.exp(np.clip(weight + share, -60, 60))


def _likelihood(factor: float, odds: Floats, null: Sequence[Floats], times: float) -> float:
    """Return the log likelihood of pairs to be of two tables, and of `null` to be of one."""
    of = 1 + factor * odds
    total = float((np.log(of) - np.log1p(times * of)).sum())
    return total - sum(float(np.log1p(times * (1 + factor * one)).sum()) for one in null)


# Step of the probabilities from their fixed point, and rounds in which its echo is added up; what
# an echo leaves out is a geometric series, whose ratio is taken as no more than this.
_STEP, _ECHOES, _MOST_ECHO = 0.05, 10, 0.98


def _inflation(round_of_em: Callable[[Floats], Floats], fixed: Floats) -> float:
    """Return by how many times EM's own error multiplies the variance of the number of matches.

    With known parameters the variance is V = sum(p (1 - p)). Parameters that are estimated from the
    same pairs move with the matches, and these with the parameters: if J is the derivative of one
    round of EM, the variance is sum over k of 1' J^k diag(p (1 - p)) 1 (Louis 1982: the information
    that is missing). J is never written: all log odds are moved by a small step, and the echo of
    that is followed from round to round.
    """
    variance = float((fixed * (1 - fixed)).sum())
    if variance < _SETTLED:
        return 1.0
    steady, moved = fixed, fixed + _STEP * fixed * (1 - fixed)
    total = last = _STEP * variance
    ratio = 0.0
    for _ in range(_ECHOES):
        steady, moved = round_of_em(steady), round_of_em(moved)
        echo = max(float((moved - steady).sum()), 0.0)
        ratio, last = min(echo / last, _MOST_ECHO), echo
        total += echo
        if echo < _SETTLED * variance:
            break
    return max(1.0, (total + last * ratio / (1 - ratio)) / (_STEP * variance))


def matched_by_chance(pairs: RecordPairs, now: RecordModel) -> Floats:
    """Return the match probability of each candidate pair under the model of other tables.

    Learnt anew from tables that share nobody, a model would take the best pairs for matches.
    """
    likely = np.flatnonzero(_record_odds(pairs, now) > _REMOTE)
    probability = np.zeros(len(pairs.row))
    probability[likely] = _matched(pairs.some(likely), now)
    return probability


def _matched(pairs: RecordPairs, now: RecordModel) -> Floats:
    odds = _record_odds(pairs, now)
    if all(pairs.single):
        return one_to_one(pairs.row, pairs.other, odds, (pairs.n, pairs.m))
    return _competing(pairs, odds)
