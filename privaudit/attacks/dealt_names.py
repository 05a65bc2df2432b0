"""Names dealt anew: how often a name that is nobody's meets somebody's, as homonyms do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit._core.policy import SMALL_CELL
from privaudit.tables.headers import given_names

__all__ = ["DealtNames", "names_to_deal"]


@dataclass(frozen=True, eq=False, kw_only=True)
class DealtNames:
    """Names of dots in two parts, and those of records as the codes that they are compared by.

    - `given`, `rest`: Codes of the given names and of the other words of each dot, -1 where its
      name has not both.
    - `pairs`, `codes`: Each pair of parts that some record has, sorted, and that record's code.
    - `wide`: Codes of `rest`, in all.
    """

    given: np.ndarray
    rest: np.ndarray
    pairs: np.ndarray
    codes: np.ndarray
    wide: int

    def dealt(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Give each dot the given name of another, and keep its other words.

        Returns
        -------
        codes, other : ndarray of shape (dots,)
            The code of a record with that name, -1 where none has it; and which dots have another
            given name than their own: of the others, nothing is learnt.
        """
        known = np.flatnonzero(self.given >= 0)
        given = self.given.copy()
        given[known] = given[rng.permutation(known)]
        asked = given * self.wide + self.rest
        at = np.minimum(np.searchsorted(self.pairs, asked), len(self.pairs) - 1)
        met = (given >= 0) & (self.pairs[at] == asked)
        return np.where(met, self.codes[at], -1), (given >= 0) & (given != self.given)


def names_to_deal(
    dots: Sequence[str], records: Sequence[str], codes: np.ndarray
) -> DealtNames | None:
    """Take names apart, as words in any order; None where too few dots have both parts.

    - `codes`: Of `records`, as they are compared.

    Examples
    --------
    >>> mine = [f"anne z{i}" for i in range(12)]
    >>> names_to_deal(mine, mine, np.arange(12)).dealt(np.random.default_rng(1))[1].any()
    np.False_
    """
    parts = [_parts(name) for name in (*dots, *records)]
    given, rest = (
        pd.factorize(pd.Series([part[at] for part in parts], dtype="str"))[0].astype(np.int64)
        for at in (0, 1)
    )
    both = np.array([bool(first and last) for first, last in parts])
    n, wide = len(dots), int(rest.max(initial=0)) + 1
    there = both[n:] & (codes >= 0)
    if both[:n].sum() < SMALL_CELL or not there.any():
        return None
    pairs = (given * wide + rest)[n:][there]
    order = np.argsort(pairs, kind="stable")
    return DealtNames(
        given=np.where(both[:n], given[:n], -1), rest=rest[:n], pairs=pairs[order],
        codes=codes[there][order], wide=wide,
    )  # fmt: skip


def _parts(name: str) -> tuple[str, str]:
    words, known = name.split(), given_names()
    given, rest = (" ".join(w for w in words if (w in known) is side) for side in (True, False))
    return given, rest
