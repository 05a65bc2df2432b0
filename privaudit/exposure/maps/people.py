"""`People`: records gathered by the person behind them; somebody behind several counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from privaudit.exposure.maps.truth import Truth
    from privaudit.results.rows import Rows

__all__ = ["People"]


class People:
    """The people of a release, in order, and the shares of them.

    Parameters
    ----------
    truth : Truth
        Of the records of the release.
    """

    def __init__(self, truth: Truth) -> None:
        _, self.first, self.of = np.unique(truth.person, return_index=True, return_inverse=True)
        self.n = len(self.first)
        self.home = truth.home[self.first]
        self.control_home = truth.control_home[self.first]
        self.controlled = truth.control_person >= 0

    def mean(self, per_record: np.ndarray) -> np.ndarray:
        """Mean of each person's records, those of nan left out; nan where all are."""
        known = ~np.isnan(per_record)
        total = np.bincount(self.of, np.where(known, per_record, 0.0), minlength=self.n)
        number = np.bincount(self.of, known, minlength=self.n)
        found: np.ndarray = np.divide(total, number, out=np.full(self.n, np.nan), where=number > 0)
        return found

    def share(
        self,
        rows: Rows,
        name: str,
        gain: str,
        hits: np.ndarray,
        *,
        baseline: float = np.nan,
        control: np.ndarray | None = None,
    ) -> None:
        """Add a share of people; those of one address go together."""
        beside = None
        if control is not None:
            beside = self.mean(np.where(self.controlled, np.asarray(control, dtype=float), np.nan))
        known = None if beside is None else np.isfinite(beside)
        rows.share(
            name,
            self.mean(np.asarray(hits, dtype=float)),
            clusters=self.home,
            gain=gain,
            baseline=baseline,
            control=None if beside is None else beside[known],
            control_clusters=None if beside is None else self.control_home[known],
        )
