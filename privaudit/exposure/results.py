"""The two result types. Their shape never depends on the arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.by_name import by_name
from privaudit._core.checks import an_instance, columns_present, did_you_mean, say
from privaudit.errors import ParameterError, SchemaError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = [
    "CALIBRATION_COLUMNS",
    "GAINS",
    "MEASURE_COLUMNS",
    "OVERALL_COLUMNS",
    "SCORES",
    "Exposure",
    "Measures",
]

GAINS = ("address", "household", "person", "opinion")
OVERALL_COLUMNS = (
    "attack",
    "low",
    "high",
    "baseline",
    "control",
    "residual",
    "residual_low",
    "residual_high",
    "confidence",
    "n",
)
CALIBRATION_COLUMNS = ("gain", "confidence", "observed", "low", "high", "n")
MEASURE_COLUMNS = ("value", "low", "high", "baseline", "n", "unit", "note")
# What per_person holds of each gain: the column's prefix, and the column of overall.
_PARTS = {"": "attack", "baseline_": "baseline", "control_": "control", "confidence_": "confidence"}
SCORES = ("candidates", "k_addresses", "k_people", "error")


def _frames(result: Exposure | Measures, *names: str) -> None:
    import pandas as pd

    for name in names:
        an_instance(type(result).__name__, name, getattr(result, name), pd.DataFrame)


@by_name
@dataclass(frozen=True, eq=False, kw_only=True)
class Exposure:
    """What an attack learnt, person by person and overall.

    Parameters
    ----------
    attack : str
        Name of the rung of the adversary.
    per_person : pandas.DataFrame
        One row a person of the release, no id and no position: for each gain g the columns
        ``g``, ``baseline_g``, ``control_g``, ``confidence_g`` in [0, 1], then the groups
        (age_band, sex, profession, station, zone, door, label) where they are known, and
        candidates, k_addresses, k_people, error (metres).
    overall : pandas.DataFrame
        Index ``gain``; columns `OVERALL_COLUMNS`. Means of `per_person`, with the 95 %
        interval; residual = (attack - control) / (1 - control). 0 is safe.
    calibration : pandas.DataFrame
        Columns gain, confidence, observed, low, high, n: one row a bin of confidence; n counts
        guesses. The gain ``marked_address`` holds the guess against the address that the
        campaign marked (was the mask inverted rightly?), ``address`` against the home (was the
        person found?). Empty for a real file, where nothing is known to compare with.
    clusters : ndarray of int, optional
        Which people share a home, as codes that mean nothing else. None: nobody does.
    expected : bool
        True where there is no truth, and gains are the posterior's own expectation.

    Raises
    ------
    SchemaError
        A column or a gain is missing, or `overall` is not the mean of `per_person`.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(), seed=7)
    >>> found = pa.audit(leak, pa.Adversary.nearest(), truth=world)
    >>> bool(found.per_person["address"].mean() == found.overall.loc["address", "attack"])
    True
    """

    attack: str
    per_person: pd.DataFrame
    overall: pd.DataFrame
    calibration: pd.DataFrame
    clusters: np.ndarray | None = None
    expected: bool = False
    provenance: str = "simulated"
    notes: tuple[str, ...] = ()
    reliable: bool = True
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _frames(self, "per_person", "overall", "calibration")
        columns_present("Exposure", "column", OVERALL_COLUMNS, self.overall.columns, "overall")
        columns_present(
            "Exposure", "column", CALIBRATION_COLUMNS, self.calibration.columns, "calibration"
        )
        if tuple(self.overall.index) != GAINS:
            came = ", ".join(map(str, self.overall.index))
            raise SchemaError(say("Exposure", f"one row a gain ({', '.join(GAINS)})", came))
        needed = [f"{prefix}{gain}" for gain in GAINS for prefix in _PARTS]
        columns_present("Exposure", "column", needed, self.per_person.columns, "per_person")
        for prefix, part in _PARTS.items():
            values = self.per_person[[f"{prefix}{gain}" for gain in GAINS]]
            means = values.to_numpy(dtype=float).mean(axis=0)
            # Sums in another order differ in their last digits, never more.
            if not np.allclose(means, self.overall[part].to_numpy(float), 0, 1e-9, equal_nan=True):
                raise SchemaError(
                    say("Exposure", "overall the mean of per_person", f"another mean for {part}")
                )
        if self.clusters is not None and len(self.clusters) != len(self.per_person):
            came = f"{len(self.clusters):,} for {len(self.per_person):,} people"
            raise SchemaError(say("Exposure", "one home a person in clusters", came))

    def __repr__(self) -> str:
        found = self.overall["attack"]
        gains = ", ".join(
            f"{gain} {'not known' if np.isnan(found[gain]) else format(found[gain], '.1%')}"
            for gain in GAINS
        )
        kind = "expected" if self.expected else "observed"
        doubt = "" if self.reliable else ", not reliable"
        return (
            f"Exposure({self.attack}, {kind}, {self.provenance}, "
            f"{len(self.per_person):,} people: {gains}{doubt})"
        )

    def _repr_html_(self) -> str:
        from privaudit.exposure.display import html

        return html(repr(self), self.overall, self.notes)

    @property
    def calibration_error(self) -> dict[str, float]:
        """Expected calibration error of each gain that was calibrated, 0 (honest) to 1.

        Mean over guesses of the gap between what the adversary claims and what is observed,
        bin by bin of `calibration`.
        """
        return {
            str(gain): float(
                np.average((bins["confidence"] - bins["observed"]).abs(), weights=bins["n"])
            )
            for gain, bins in self.calibration.groupby("gain", sort=False)
        }

    def by(self, *columns: str) -> pd.DataFrame:
        """Tell the exposure apart by groups of people.

        Parameters
        ----------
        *columns : str
            Any of the groups of `per_person`.

        Returns
        -------
        pandas.DataFrame
            One row a group and gain, indexed by the columns and ``gain``; columns
            `OVERALL_COLUMNS` and ``note``. Groups under 11 people are nan and say so in their
            note, and so are the smallest others that would give them away by subtraction.

        Raises
        ------
        ParameterError
            No column, or one that is not a group.
        """
        import pandas as pd

        from privaudit.exposure.summary import summarise
        from privaudit.exposure.suppression import SMALLEST, suppressed

        self._check_groups(columns)
        clusters = self._clusters()
        grouped = self.per_person.groupby(list(columns), dropna=False, observed=True, sort=True)
        code = grouped.ngroup().to_numpy()
        order = np.argsort(code, kind="stable")
        members = np.split(order, np.flatnonzero(np.diff(code[order])) + 1)
        groups = self.per_person[list(columns)].iloc[[rows[0] for rows in members]]
        hide = suppressed(groups.reset_index(drop=True), np.array([len(m) for m in members]))
        tables = []
        for rows, hidden in zip(members, hide, strict=True):
            table = summarise(self.per_person.iloc[rows], clusters[rows]).astype(float)
            if hidden:
                table.loc[:, :] = np.nan
            note = f"suppressed: under {SMALLEST} people, or it would give such a group away"
            tables.append(table.assign(note=note if hidden else ""))
        index = pd.MultiIndex.from_frame(
            groups.loc[groups.index.repeat(len(GAINS))].assign(gain=GAINS * len(members))
        )
        return pd.concat(tables, ignore_index=True).set_axis(index)

    def plot(self) -> Figure:
        """Draw the gains beside baseline and control, and how honest the confidence is.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from privaudit.exposure.display import draw_exposure

        return draw_exposure(self)

    def _clusters(self) -> np.ndarray:
        return np.arange(len(self.per_person)) if self.clusters is None else self.clusters

    def _check_groups(self, columns: Iterable[str]) -> None:
        scores = {f"{prefix}{gain}" for gain in GAINS for prefix in _PARTS} | set(SCORES)
        known = [str(c) for c in self.per_person.columns if c not in scores]
        asked = list(columns)
        wrong = [c for c in asked if c not in known]
        if wrong or not asked or len(set(asked)) < len(asked):
            needed = f"groups, once each, among {', '.join(known) or 'none: a real file has none'}"
            came = ", ".join(repr(c) for c in asked) or "no column"
            hint = did_you_mean(wrong[0], known) if wrong else ""
            raise ParameterError(say("Exposure.by", needed, came, hint))


@by_name
@dataclass(frozen=True, eq=False, kw_only=True)
class Measures:
    """Measures of a table, or of a campaign's doors and accounts.

    Parameters
    ----------
    overall : pandas.DataFrame
        Index ``measure``; columns value, low, high (95 % interval; equal to value where the
        measure is a plain count of the file), baseline (nan where there is none), n
        (denominator, always people or records), unit, note.
    per_record : pandas.DataFrame
        Scores only, no cell of the table; may be empty.

    Raises
    ------
    SchemaError
        A column is missing, or two measures have one name.

    Examples
    --------
    >>> import pandas as pd
    >>> row = ("doors", 5, 5, 5, 4.2, 19, "homes", "marked by a dot")
    >>> table = pd.DataFrame([row], columns=["measure", *MEASURE_COLUMNS]).set_index("measure")
    >>> Measures(overall=table, per_record=pd.DataFrame(), title="doors")
    Measures(doors, audited file, doors)
    """

    overall: pd.DataFrame
    per_record: pd.DataFrame
    title: str = "measures"
    provenance: str = "audited file"
    notes: tuple[str, ...] = ()
    reliable: bool = True
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _frames(self, "overall", "per_record")
        columns_present("Measures", "column", MEASURE_COLUMNS, self.overall.columns, "overall")
        if not self.overall.index.is_unique:
            raise SchemaError(say("Measures", "each measure once", "a name that stands twice"))

    def __repr__(self) -> str:
        doubt = "" if self.reliable else ", not reliable"
        names = ", ".join(map(str, self.overall.index[:4]))
        more = ", ..." if len(self.overall) > 4 else ""
        return f"Measures({self.title}, {self.provenance}, {names}{more}{doubt})"

    def _repr_html_(self) -> str:
        from privaudit.exposure.display import html

        return html(repr(self), self.overall, self.notes)

    def plot(self) -> Figure:
        """Draw each measure with its interval and baseline, one panel a unit.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from privaudit.exposure.display import draw_measures

        return draw_measures(self)
