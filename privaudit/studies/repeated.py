"""What `repeat` found: rows over towns, and the runs that they rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from privaudit.results.measures import Measures

if TYPE_CHECKING:
    from privaudit.results.painter import Display

__all__ = ["Repeated"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Repeated(Measures):
    """What `repeat` found: rows over towns, and the runs that they rest on.

    Parameters
    ----------
    runs : pandas.DataFrame
        One row a run and measure: seed, a column for each parameter that was varied, measure,
        gain, value with the interval within its town, baseline, control, residual, confidence,
        n, and worth: how many independent people n is (those of one home go together).
    varied : tuple of str
        The parameters that were varied.
    **others
        Those of `Measures`. A row's value pools the people of all towns, low and high are Wilson's
        interval for them, on what they are worth; `between_low` to `between_high` is where one
        more town simulated alike would lie, 95 times in 100 (Student's t, prediction).
    """

    runs: pd.DataFrame = field(default_factory=pd.DataFrame)
    varied: tuple[str, ...] = ()

    # That of `Measures`: what a dataclass writes by itself would print every run.
    __repr__ = Measures.__repr__

    def plot(self, *names: str, most: int = 40, lang: str = "en") -> Display:
        """Draw each share with its towns, the interval within them and the range of one more.

        Along a single parameter of numbers, curves; else a line a setting. What is no share is
        drawn as `Measures` draws it. The parameters are those of `Measures.plot`.

        Returns
        -------
        Display
        """
        from privaudit.results.display import draw_repeated

        shares = [row for row in self.rows if row.unit == "share" and row.n]
        shares = [row for row in shares if not names or row.measure in names][:most]
        if not shares:
            return super().plot(*names, most=most, lang=lang)
        return draw_repeated(shares, self.runs, self.varied, lang)
