"""Columns that a release and a register share, and which entries agree with a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit.attacks.adversary import Adversary
from privaudit.release.release import Release
from privaudit.text.normalise import canonical, fold

__all__ = ["KEYS", "SharedKeys"]

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
        """Tell for each pair of a record and an entry whether no shared key tells them apart."""
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
            found, size = [], np.zeros(values.shape[1], np.int64)
            # Entries that miss a key are compared on the others: one look-up a way of missing.
            for known in np.unique(held & pattern):
                entries = np.flatnonzero((held & pattern) == known)
                both = keys[(known >> keys) & 1 == 1]
                at = np.searchsorted(used, both)
                owner, member = _equal_columns(values[at], self.entry[:, entries][both])
                found.append((owner, entries[member]))
                size += np.bincount(owner, minlength=len(size))
            owner = np.concatenate([pair[0] for pair in found])
            entry = np.concatenate([pair[1] for pair in found])
            indptr = np.concatenate([[0], np.cumsum(size)])
            group = group.reshape(-1)
            keep = np.full(len(rows), True) if keep_empty else size[group] > 0
            if keep.any():
                yield rows[keep], group[keep], entry[np.lexsort((entry, owner))], indptr


def _equal_columns(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs (i, j) where column i of `left` equals column j of `right`."""
    from privaudit.measures.tables.compressed_rows import row_of, take_rows

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
