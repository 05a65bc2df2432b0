"""Which pages give a bloc away: what touching each of them tells, in bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.arrays import Bools, Floats
from privaudit._core.policy import SMALL_CELL
from privaudit.results.rows import Rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["telling_pages"]

_PAGES = 20


def telling_pages(rows: Rows, pages: pd.DataFrame, touched: csr_matrix, right: Bools) -> None:
    """Add ``page_tells``: mutual information of touching a page and leaning to the right bloc.

    Of accounts of either bloc, in bits, 0 to 1, of the 20 pages that tell most and that 11
    accounts or more touched; n counts these. Its interval is 1.96 standard errors of the mean of
    what each account tells; its baseline what chance alone gives the page of that place, of as many
    pages: twice the information of n accounts follows chi-squared of one degree of freedom
    (Miller 1955). ``bloc`` is the one that touching it speaks for.

    - `pages`: Frame `world.pages`.
    - `touched` (n, pages): 1 where an account touched a page, sparse.
    - `right` (n,): Leans to the right bloc.
    """
    from scipy.stats import chi2

    n = len(right)
    if not n:
        return
    count = np.asarray(touched.sum(axis=0)).ravel()
    both = np.asarray(touched[right].sum(axis=0)).ravel()
    tried = np.flatnonzero(count >= SMALL_CELL)
    bits, error = _information(both[tried], count[tried], int(right.sum()), n)
    for place, at in enumerate(np.argsort(-bits, kind="stable")[:_PAGES].tolist()):
        page, value = int(tried[at]), float(bits[at])
        if value <= 0:
            break
        chance = chi2.isf((place + 0.5) / len(tried), 1) / (2 * n * np.log(2))
        more = both[page] / count[page] >= right.mean()
        part = {
            "page": str(page), "page_kind": str(pages["kind"].iloc[page]),
            "bloc": "right_bloc" if more else "left_bloc",
        }  # fmt: skip
        reach = 1.959964 * float(error[at])
        rows.add(
            "page_tells", value, "bits", low=max(0.0, value - reach), high=min(1.0, value + reach),
            baseline=float(chance), n=int(count[page]), part=part,
        )  # fmt: skip


def _information(both: Floats, count: Floats, right: int, n: int) -> tuple[Floats, Floats]:
    """Return bits of a page, and their standard error, from how many of each bloc touched it."""
    joint = np.array([both, right - both, count - both, n - right - count + both]) / n
    page, bloc = np.array([count, n - count]) / n, np.array([right, n - right]) / n
    apart = np.array([p * b for b in bloc for p in page])
    told = np.log2(np.divide(joint, apart, out=np.ones_like(joint), where=joint > 0))
    bits = (joint * told).sum(axis=0)
    spread = (joint * told**2).sum(axis=0) - bits**2
    return bits, np.sqrt(np.maximum(spread, 0.0) / n)
