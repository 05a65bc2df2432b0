"""Re-identification by a register: the entry of each record, at its address or by its keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary, KnownAttack
from privaudit.maps.posterior import Posterior
from privaudit.release.release import DotRelease, Release, TableRelease
from privaudit.stats.csr import normalise, pick_best, row_max, row_of, row_sum, take_rows
from privaudit.text.normalise import canonical, fold

KEYS = ("last_name", "first_name", "sex", "age_band", "station")


@dataclass(frozen=True, eq=False, kw_only=True)
class SharedKeys:
    """The shared keys as codes. A record that does not show a key agrees with every entry.

    `record` and `entry` have one row a key; a code is -1 where the value is missing or "".
    An entry whose value is missing agrees with every record, for it cannot be ruled out.
    """

    names: tuple[str, ...]
    record: np.ndarray
    entry: np.ndarray

    @classmethod
    def of(cls, release: Release, adversary: Adversary) -> SharedKeys:
        """Find the columns that both have, age bands being made from birth dates if need be."""
        register = adversary.entries()
        held = {name: register[name] for name in KEYS if name in register.columns}
        shown = release.records
        if "age_band" in shown.columns and "age_band" not in held and "birth_date" in register:
            held["age_band"] = bands_of_ages(
                shown["age_band"], register["birth_date"], pd.Timestamp(adversary.as_of)
            )
        names = tuple(name for name in KEYS if name in held and name in shown.columns)
        record = np.full((len(names), len(shown)), -1, dtype=np.int64)
        entry = np.full((len(names), len(register)), -1, dtype=np.int64)
        for k, name in enumerate(names):
            both = pd.concat([shown[name], held[name]], ignore_index=True)
            spelt, levels = pd.factorize(both.astype("str").where(both.notna()))
            texts = np.array([fold(level) or None for level in levels], dtype=object)
            code = np.append(pd.factorize(texts)[0], -1)[spelt]
            record[k], entry[k] = code[: len(shown)], code[len(shown) :]
        return cls(names=names, record=record, entry=entry)

    def agree(self, record: np.ndarray, entry: np.ndarray) -> np.ndarray:
        """Return for each pair of a record and an entry whether all their shared keys agree."""
        same = np.ones(len(record), dtype=bool)
        for k in range(len(self.names)):
            shown, held = self.record[k][record], self.entry[k][entry]
            same &= (shown == held) | (shown < 0) | (held < 0)
        return same

    def share_that_agrees(self) -> np.ndarray:
        """Return, for each record, the share of the register that agrees with it."""
        share = np.ones(self.record.shape[1])
        if not self.names:
            return share
        for rows, group, _, indptr in self.groups(keep_empty=True):
            share[rows] = np.diff(indptr)[group] / max(self.entry.shape[1], 1)
        return share

    def groups(
        self, *, keep_empty: bool = False
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Yield records that show the same, with the entries that agree, without a matrix.

        Yields
        ------
        rows : ndarray of int
            Records, those with nobody that agrees only with `keep_empty`.
        group : ndarray of int
            Group of each of these records.
        entries : ndarray of int
            Entries that agree, group after group.
        indptr : ndarray of int
            Those of group g stand at ``indptr[g]:indptr[g + 1]``.
        """
        keys = np.arange(len(self.names))
        n = self.record.shape[1]
        shown = (self.record >= 0).T @ (1 << keys) if len(keys) else np.zeros(n, int)
        held = (self.entry >= 0).T @ (1 << keys) if len(keys) else np.zeros(0, int)
        for pattern in np.unique(shown):
            rows = np.flatnonzero(shown == pattern)
            used = keys[(pattern >> keys) & 1 == 1]
            values, group = np.unique(self.record[:, rows][used], axis=1, return_inverse=True)
            pairs, size = [], np.zeros(values.shape[1], np.int64)
            # Entries that miss a key are compared on the others: one look-up a way of missing.
            for known in np.unique(held & pattern):
                entries = np.flatnonzero((held & pattern) == known)
                both = keys[(known >> keys) & 1 == 1]
                at = np.searchsorted(used, both)
                owner, member = _equal_columns(values[at], self.entry[:, entries][both])
                pairs.append((owner, entries[member]))
                size += np.bincount(owner, minlength=len(size))
            owner = np.concatenate([pair[0] for pair in pairs])
            entry = np.concatenate([pair[1] for pair in pairs])
            indptr = np.concatenate([[0], np.cumsum(size)])
            group = group.reshape(-1)
            keep = np.full(len(rows), True) if keep_empty else size[group] > 0
            if keep.any():
                yield rows[keep], group[keep], entry[np.lexsort((entry, owner))], indptr


def _equal_columns(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs (i, j) where column i of `left` equals column j of `right`."""
    both = np.concatenate([left, right], axis=1)
    code = np.zeros(both.shape[1], np.int64)
    if len(both):
        code = np.unique(both, axis=1, return_inverse=True)[1].reshape(-1)
    mine, theirs = code[: left.shape[1]], code[left.shape[1] :]
    order = np.argsort(theirs, kind="stable")
    pointers = np.searchsorted(theirs[order], np.arange(code.max(initial=0) + 2))
    indptr, at = take_rows(pointers, mine)
    return row_of(indptr), order[at]


def bands_of_ages(shown: pd.Series, birth_date: pd.Series, as_of: pd.Timestamp) -> pd.Series:
    """Return the age band of each birth date, among the bands that a release uses.

    Bands are read from their labels, ``"25-34"`` or ``"80+"``; other labels are left out. An
    age in no band, or an unknown date, is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> born = pd.Series(pd.to_datetime(["1971-09-02", "1971-09-03", "1930-01-01"]))
    >>> bands_of_ages(pd.Series(["35-44", "45-54"]), born, pd.Timestamp("2016-09-02")).tolist()
    ['45-54', '35-44', nan]
    """
    had = (birth_date.dt.month < as_of.month) | (
        (birth_date.dt.month == as_of.month) & (birth_date.dt.day <= as_of.day)
    )
    age = (as_of.year - birth_date.dt.year - ~had).to_numpy(dtype=float, na_value=np.nan)
    band = pd.Series(pd.NA, index=birth_date.index, dtype="str")
    labels = shown.dropna().drop_duplicates()
    parts = labels.astype("str").map(canonical).str.extract(r"^(\d+)(?:-(\d+)|\+)$")
    for label, (low, high) in zip(labels, parts.to_numpy(), strict=True):
        if not pd.isna(low):
            top = np.inf if pd.isna(high) else float(high)
            band[(age >= float(low)) & (age <= top)] = label
    return band


HOLDS_REGISTER = KnownAttack(
    word="holds_register",
    needs=("register",),
    uses=("mask", "results"),
    kinds=(DotRelease, TableRelease),
    believes=Adversary.holds_register,
)
NEIGHBOUR = KnownAttack(
    word="neighbour",
    needs=("residents",),
    uses=("mask", "results"),
    kinds=(DotRelease, TableRelease),
    believes=lambda residents=None, **held: Adversary.neighbour(register=residents, **held),
)
# Candidate entries held at once: about 100 MB.
ENTRIES_AT_ONCE = 1_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Named:
    """Best entry of each record and its probability, -1 and 0 where no entry fits."""

    person: np.ndarray
    confidence: np.ndarray

    @property
    def unnamed(self) -> int:
        """Records that no entry fits."""
        return int((self.person < 0).sum())


def name_at_addresses(
    release: Release,
    posterior: Posterior,
    base: AddressBase,
    adversary: Adversary,
    draws: np.ndarray,
) -> tuple[Named, Posterior]:
    """Name the person of each dot, and let what the dot shows of them weigh on its address.

    Write N(a) for the register's entries at address *a*, F(a) for those of them that agree
    with what the record shows, q for the share of the whole register that agrees, and c(a) for
    the probability that somebody of *a* is in the register. By Bayes, those who are not in it
    being as likely to agree as anybody::

        p(a | dot, shown)        ~ p(a | dot) (c(a) F(a) / N(a) + (1 - c(a)) q)
        p(entry at a | dot, shown) ~ p(a | dot)  c(a) / N(a)      where the entry agrees

    the first term of the sum being 0 where N(a) = 0.
    Where the prior is the register itself, c(a) = N(a) / (N(a) + M): M is the number of people
    whom the register misses at each address, as `prior_over_addresses` has it, so that every
    entry is as likely as any other. Else c(a) is the register's coverage everywhere. A
    record that shows nothing shared with the register leaves its addresses as they were, and
    names one of N(a) entries.

    - `draws` (float, shape (n,)): In [0, 1); breaks ties.
    """
    at = adversary.register_addresses(base)
    entries = np.argsort(at, kind="stable")
    pointers = np.searchsorted(at[entries], np.arange(1, len(base) + 2))
    keys = SharedKeys.of(release, adversary)
    typical = keys.share_that_agrees()
    n, cover = len(posterior), adversary.coverage
    person = np.full(n, -1, dtype=np.int64)
    confidence = np.zeros(n)
    probability = posterior.probability.copy()
    entries_at = np.diff(pointers)
    many = entries_at[posterior.candidate]
    held_share = np.full(len(base), cover)
    if adversary.prior_word == "register":
        present = entries_at + adversary.missing_an_address(entries_at)
        held_share = entries_at / np.where(present > 0, present, 1.0)
    for rows in _slices(posterior.indptr, many):
        pairs = slice(posterior.indptr[rows.start], posterior.indptr[rows.stop])
        indptr = posterior.indptr[rows.start : rows.stop + 1] - pairs.start
        address, held = posterior.candidate[pairs], many[pairs]
        record = row_of(indptr) + rows.start
        expanded, where = take_rows(pointers, address)
        entry = entries[where]
        agrees = keys.agree(np.repeat(record, held), entry)
        some, known_share = np.maximum(held, 1), held_share[address]
        if keys.names:
            fitting = row_sum(expanded, agrees.astype(float)) / some
            agreeing = known_share * fitting + (1 - known_share) * typical[record]
            weight = probability[pairs] * agreeing
        else:
            weight = probability[pairs]
        total = row_sum(indptr, weight)
        known = total > 0
        share = probability[pairs] * known_share / some
        share /= np.where(known, total, 1.0)[record - rows.start]
        chance = np.repeat(share, held) * agrees
        by_record = expanded[indptr]
        best = pick_best(by_record, chance, draws[rows])
        named = best >= 0
        person[rows][named] = entry[best[named]]
        confidence[rows][named] = chance[best[named]]
        revised = normalise(indptr, weight)
        keep = known[record - rows.start]
        probability[pairs] = np.where(keep, revised, probability[pairs])
    revised_posterior = Posterior(posterior.indptr, posterior.candidate, probability)
    return Named(person=person, confidence=confidence), revised_posterior


def _slices(indptr: np.ndarray, entries: np.ndarray) -> list[slice]:
    """Cut records so that each slice has about `ENTRIES_AT_ONCE` candidate entries."""
    running = np.concatenate([[0], np.cumsum(entries)])[indptr]
    cuts = np.searchsorted(running, np.arange(ENTRIES_AT_ONCE, running[-1], ENTRIES_AT_ONCE))
    bounds = np.unique(np.concatenate([[0], cuts, [len(indptr) - 1]]))
    return [slice(int(start), int(stop)) for start, stop in pairwise(bounds)]


def name_by_keys(
    release: Release, adversary: Adversary, rng: np.random.Generator
) -> tuple[Named, np.ndarray, np.ndarray] | None:
    """Name the record of a table by its key variables alone: one of those who agree.

    Each of the m entries of the register that agree is the person with probability c / m, c
    being the register's coverage; the guess lies at the address where most of them live.

    - returns: Names, the address at which most of the fitting entries live (-1 where none fits),
      and the confidence in it; None where the release shares no column with the register.
    """
    keys = SharedKeys.of(release, adversary)
    if not keys.names:
        return None
    n = len(release)
    person, address = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    confidence, at_address = np.zeros(n), np.zeros(n)
    home = adversary.entries()["address"].to_numpy()
    draws = rng.random(n)
    for rows, group, entries, indptr in keys.groups():
        chosen, size, crowd = _largest_homes(entries, indptr, home, draws[rows], group)
        person[rows] = chosen
        confidence[rows] = adversary.coverage / size
        address[rows] = home[chosen]
        at_address[rows] = np.where(home[chosen] >= 0, adversary.coverage * crowd / size, 0.0)
    return Named(person=person, confidence=confidence), address, at_address


def _largest_homes(
    entries: np.ndarray, indptr: np.ndarray, home: np.ndarray, draws: np.ndarray, group: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw, for each record, an entry of its group among those at the group's largest home.

    `entries` of group g stand at ``indptr[g]:indptr[g + 1]``. Returns the entries drawn, the
    sizes of the groups, and how many of each group live at the home of the one drawn.
    """
    code = row_of(indptr)
    pair = np.unique(np.stack([code, home[entries]]), axis=1, return_inverse=True)[1]
    # Unknown homes are nobody's: each such entry stands alone.
    crowd = np.where(home[entries] >= 0, np.bincount(pair)[pair], 1)
    tied = np.flatnonzero(crowd == row_max(indptr, crowd)[code])
    many = np.bincount(code[tied], minlength=len(indptr) - 1)
    first = np.cumsum(many) - many
    drawn = tied[first[group] + (draws * many[group]).astype(np.int64)]
    return entries[drawn], np.diff(indptr)[group], crowd[drawn]
