"""Risk-utility frontier of masks, one row a mask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.core.checks import columns_present, one_of
from privaudit.errors import SchemaError
from privaudit.maps.utility import UTILITIES
from privaudit.results.measures import Measures
from privaudit.results.rows import GAINS, Rows
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import GainWord, UtilityWord

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.results.painter import Display

# Of each gain: the attack with its interval, and what it is held against.
_PARTS = ("", "_low", "_high", "_baseline", "_control")
RISKS = tuple(f"{gain}{part}" for gain in GAINS for part in _PARTS)
# Percentiles over the people of one map, which a frontier of many towns does not have.
OF_ONE_MAP = ("confidence_p99", "k_addresses_p50", "k_people_p50", "error_p50")
FRONTIER_COLUMNS = (
    "mask", "adversary", "reliable", "n", *RISKS,
    "confidence", *OF_ONE_MAP,
    *(f"{name}{part}" for name in UTILITIES for part in ("", "_baseline")),
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Frontier:
    """What each mask still gives away, and what it costs.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a mask, in the order asked, with `FRONTIER_COLUMNS`. Risk: for each gain the
        attack, its 95 % interval, baseline and control, as shares of the n people of the map
        *without* a mask, so that people whom a mask leaves out count as not found, under every
        mask alike; the mean of the confidence that the adversary claims for the address, over
        these n people too; of a single map its 99th percentile and the medians of spatial k
        and of the error (metres) over the people shown. Utility: each of `UTILITIES` and its
        baseline, the map that tells nothing. Of every risk and cost 0 is best; k and error are
        safe when large.
    expected : bool
        True where there is no truth: risks are the posterior's own expectation.
    provenance : str
    notes : tuple of Note
    recipe : mapping

    Raises
    ------
    SchemaError
        A column is missing, or two rows are of one mask.
    """

    frame: pd.DataFrame
    expected: bool = False
    provenance: str = "simulated"
    notes: tuple[Note, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        needed = [name for name in FRONTIER_COLUMNS if name not in OF_ONE_MAP]
        columns_present("Frontier", "column", needed, self.frame.columns, "the frame")
        if not self.frame["mask"].is_unique:
            raise SchemaError.of("Frontier", "each mask once", "one that stands twice")

    def __repr__(self) -> str:
        kind = "expected" if self.expected else "observed"
        masks = ", ".join(self.frame["mask"].head(4)) + (", ..." if len(self.frame) > 4 else "")
        return f"Frontier({kind}, {self.provenance}, {len(self.frame)} masks: {masks})"

    def _repr_html_(self) -> str:
        from html import escape

        # The safest first.
        shown = self.frame.sort_values("address")[["mask", *GAINS, *UTILITIES]]
        table = shown.to_html(index=False, border=0, float_format=lambda v: f"{v:.3g}", na_rep="–")
        return f"<p>{escape(repr(self))}</p>{table}"

    def to_frame(self) -> pd.DataFrame:
        """Return risks and utilities as a tidy frame, a row a mask and measure."""
        return self.measures(*GAINS).to_frame()

    def measures(self, *risks: GainWord) -> Measures:
        """Return risks and all utilities as measures, with ``mask`` as a parameter.

        Parameters
        ----------
        *risks : {"address", "household", "person", "opinion"}
            "address" and "household" where none is given.

        Returns
        -------
        Measures
            Family "frontier". For each mask and risk reidentified_<risk>, with its 95 % interval,
            baseline, control and residual; and each of `UTILITIES` with that of a map that
            tells nothing as its baseline; n: people, dots.

        Raises
        ------
        ParameterError
            Another risk.
        """
        asked = risks or ("address", "household")
        for risk in asked:
            one_of("Frontier.measures", "risk", risk, GAINS)
        rows = Rows(0, "people")
        for row in self.frame.to_dict("records"):
            fields: dict[str, Any] = {"part": {"mask": row["mask"]}, "n": row["n"]}
            fields["reliable"] = bool(row["reliable"])
            for risk in asked:
                parts = {part[1:]: row[f"{risk}{part}"] for part in _PARTS[1:]}
                left = 1 - parts["control"]
                parts["residual"] = (row[risk] - parts["control"]) / left if left > 0 else np.nan
                rows.add(f"reidentified_{risk}", row[risk], "share", gain=risk, **parts, **fields)
            for name, unit in UTILITIES.items():
                baseline = row[f"{name}_baseline"]
                rows.count(name, row[name], unit, baseline=baseline, counts="dots", **fields)
        return Measures(
            family="frontier",
            rows=rows,
            provenance=self.provenance,
            notes=self.notes,
            recipe=dict(self.recipe),
        )

    def plot(
        self,
        risk: GainWord = "address",
        utility: UtilityWord = "density_moved",
        *,
        lang: str = "en",
    ) -> Display:
        """Draw what is found against what the mask costs; the best corner is the lower left.

        Parameters
        ----------
        risk : {"address", "household", "person", "opinion"}
        utility : str
            One of `UTILITIES`.
        lang : str

        Returns
        -------
        Display

        Raises
        ------
        ParameterError
            Another name.
        """
        from privaudit.results.display import draw_frontier

        one_of("Frontier.plot", "risk", risk, GAINS)
        one_of("Frontier.plot", "utility", utility, tuple(UTILITIES))
        return draw_frontier(self, risk, utility, lang)
