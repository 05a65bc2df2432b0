"""`Exposure`: what an attack learnt, person by person and overall.

`summarise` turns one row a person into one row a gain: means, intervals, residual.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from privaudit.core.checks import an_instance, columns_present, keyword_only
from privaudit.errors import ParameterError, SchemaError, did_you_mean
from privaudit.results.display import Tabled
from privaudit.results.measures import suppressed
from privaudit.results.rows import GAINS, Row
from privaudit.stats.intervals import effective_n, residual, wilson
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.results.painter import Display

# Numbers by the name of their column, a row a person.
Scores: TypeAlias = pd.DataFrame | Mapping[str, np.ndarray]
OVERALL_COLUMNS = (
    "value", "low", "high", "baseline", "control", "residual", "residual_low", "residual_high",
    "confidence", "confidence_low", "confidence_high", "n",
)  # fmt: skip


def summarise(
    per_person: Scores, clusters: np.ndarray, gains: Sequence[str] = GAINS
) -> pd.DataFrame:
    """Average each gain over people, with its interval.

    Parameters
    ----------
    per_person : pandas.DataFrame, or mapping of str to ndarray
        For each gain g the columns ``g``, ``baseline_g``, ``control_g``, ``confidence_g``, and
        ``confidence_g_low``, ``confidence_g_high`` where the claim has a range.
    clusters : ndarray of int
        The home of each person, as a code: people of one home are found or missed together,
        so that intervals rest on the effective number of people, not on their count.
    gains : sequence of str
        Those of one's own stand after the four.

    Returns
    -------
    pandas.DataFrame
        Index ``gain``, columns `OVERALL_COLUMNS`. n counts people, and is the denominator.
        An interval is nan where the gain is. What is found of as many people lies between
        ``confidence_low`` and ``confidence_high``, which are nan where no range is stated.
    """
    rows, people, shown = [], len(clusters), set(per_person)
    for gain in gains:
        row: dict[str, Any] = dict.fromkeys(OVERALL_COLUMNS, np.nan) | {"n": people}
        scores = {
            part: np.asarray(per_person[f"{prefix}{gain}"], dtype=float)
            for prefix, part in _PARTS.items()
        }
        row |= {part: values.mean() for part, values in scores.items()}
        ends = [f"confidence_{gain}_{end}" for end in ("low", "high")]
        if people and shown.issuperset(ends):
            claims = (per_person[name] for name in (f"confidence_{gain}", *ends))
            sure, low, high = (pd.Series(claim).mean() for claim in claims)
            fewest, most = wilson(sure, people)
            # How often such claims are right, and chance besides. People are whole: the nearest
            # share of them that is found may lie half a one beyond.
            half = 0.5 / people
            row["confidence_low"] = max(0.0, sure - np.hypot(sure - low, sure - fewest) - half)
            row["confidence_high"] = min(1.0, sure + np.hypot(high - sure, most - sure) + half)
        if np.isfinite(row["value"]):
            n = effective_n(scores["value"], clusters)
            row["low"], row["high"] = wilson(row["value"], n)
            if np.isfinite(row["control"]):
                n_control = effective_n(scores["control"], clusters)
                row["residual"], row["residual_low"], row["residual_high"] = residual(
                    row["value"], row["control"], n, n_control
                )
        rows.append(row)
    return pd.DataFrame(rows, index=pd.Index(list(gains), name="gain", dtype="str"))


CALIBRATION_COLUMNS = ("gain", "confidence", "observed", "low", "high", "n")
# What per_person holds of each gain: the column's prefix, and the column of overall.
_PARTS = {"": "value", "baseline_": "baseline", "control_": "control", "confidence_": "confidence"}
SCORES = ("candidates", "k_addresses", "k_people", "error")


def _scores_of(gains: Iterable[str]) -> set[str]:
    """Return the columns of gains, and of what is claimed of them."""
    ends = {f"confidence_{gain}_{end}" for gain in gains for end in ("low", "high")}
    return ends | {f"{prefix}{gain}" for gain in gains for prefix in _PARTS}


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True)
class Exposure(Tabled):
    """What an attack learnt, person by person and overall.

    Parameters
    ----------
    attack : str
        Name of the rung of the adversary, such as "knows the mask".
    view : str
        What leaked, a word that can be read back: "exact", "donut:50:200", "table",
        "screenshot", or what is believed of a real map.
    copies : int
        How many copies of the map were held.
    per_person : pandas.DataFrame
        One row a person of the release, no id and no position: for each gain g the columns
        ``g``, ``baseline_g``, ``control_g``, ``confidence_g`` in [0, 1] (and, of an opinion whose
        claim has a range, ``confidence_opinion_low``, ``confidence_opinion_high``), then the groups
        (age_band, sex, profession, station, zone, door, label) where they are known, and
        candidates, k_addresses, k_people, error (metres).
    overall : pandas.DataFrame
        Index ``gain``, the four and then those of one's own; columns `OVERALL_COLUMNS`. Means of
        `per_person`, with the 95 % interval; residual = (attack - control) / (1 - control). 0 is
        safe.
    calibration : pandas.DataFrame
        Columns gain, confidence, observed, low, high, n: one row a bin of confidence; n counts
        guesses. The gain ``marked_address`` holds the guess against the address that the
        campaign marked (was the mask inverted rightly?), ``address`` against the home (was the
        person found?). Empty for a real file, where nothing is known to compare with.
    clusters : ndarray of int, optional
        Which people share a home, as codes that mean nothing else. None: nobody does.
    expected : bool
        True where there is no truth, and gains are the posterior's own expectation.
    provenance : {"simulated", "audited file"}
        Where the data are from.
    notes : tuple of Note
    reliable : bool
        False where something, named in a note, casts doubt on every number.
    recipe : mapping
        Parameters of the run, as plain JSON values.

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
    >>> bool(found.per_person["address"].mean() == found.overall.loc["address", "value"])
    True
    """

    attack: str
    view: str = "map"
    copies: int = 1
    per_person: pd.DataFrame
    overall: pd.DataFrame
    calibration: pd.DataFrame
    clusters: np.ndarray | None = None
    expected: bool = False
    provenance: str = "simulated"
    notes: tuple[Note, ...] = ()
    reliable: bool = True
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import pandas as pd

        for name in ("per_person", "overall", "calibration"):
            an_instance("Exposure", name, getattr(self, name), pd.DataFrame)
        columns_present("Exposure", "column", OVERALL_COLUMNS, self.overall.columns, "overall")
        columns_present(
            "Exposure", "column", CALIBRATION_COLUMNS, self.calibration.columns, "calibration"
        )
        if self.gains[: len(GAINS)] != GAINS or not self.overall.index.is_unique:
            came = ", ".join(self.gains)
            raise SchemaError.of("Exposure", f"one row a gain ({', '.join(GAINS)})", came)
        needed = [f"{prefix}{gain}" for gain in self.gains for prefix in _PARTS]
        columns_present("Exposure", "column", needed, self.per_person.columns, "per_person")
        averages = self.per_person[needed].to_numpy(float).mean(axis=0)
        for part, means in zip(
            _PARTS.values(), averages.reshape(len(self.gains), -1).T, strict=True
        ):
            # Sums in another order differ in their last digits, never more.
            if not np.allclose(means, self.overall[part].to_numpy(float), 0, 1e-9, equal_nan=True):
                raise SchemaError.of(
                    "Exposure", "overall the mean of per_person", f"another mean for {part}"
                )
        if self.clusters is not None and len(self.clusters) != len(self.per_person):
            came = f"{len(self.clusters):,} for {len(self.per_person):,} people"
            raise SchemaError.of("Exposure", "one home a person in clusters", came)

    def __repr__(self) -> str:
        found = self.overall["value"]
        gains = ", ".join(
            f"{gain} {'not known' if np.isnan(found[gain]) else format(found[gain], '.1%')}"
            for gain in self.gains
        )
        kind = "expected" if self.expected else "observed"
        doubt = "" if self.reliable else ", not reliable"
        return (
            f"Exposure({self.attack}, {kind}, {self.provenance}, "
            f"{len(self.per_person):,} people: {gains}{doubt})"
        )

    @property
    def gains(self) -> tuple[str, ...]:
        """The four gains, and after them those of one's own."""
        return tuple(map(str, self.overall.index))

    @property
    def rows(self) -> tuple[Row, ...]:
        """One row a gain: `reidentified`, of the people of the release."""
        return tuple(self._row(gain) for gain in self.gains)

    def _row(self, gain: str) -> Row:
        numbers: dict[str, Any] = {c: float(self.overall[c][gain]) for c in OVERALL_COLUMNS}
        named = {"gain": gain} if gain in GAINS else {"part": {"own_gain": gain}}
        return Row(
            measure="reidentified", unit="share", counts="people", reliable=self.reliable,
            **numbers, **named,
        )  # fmt: skip

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
        """Return the exposure of each group of people, small groups too.

        Parameters
        ----------
        *columns : str
            Any of the groups of `per_person`.

        Returns
        -------
        pandas.DataFrame
            One row a group and gain, indexed by the columns and ``gain``; columns
            `OVERALL_COLUMNS`. Every number of the file is the caller's: `printed_by` has what a
            report prints.

        Raises
        ------
        ParameterError
            No column, or one that is not a group.
        """
        return self._by(columns)[0]

    def printed_by(self, *columns: str) -> pd.DataFrame:
        """Return what a report prints of each group: small groups are withheld.

        Parameters
        ----------
        *columns : str
            As for `by`.

        Returns
        -------
        pandas.DataFrame
            As `by`, with the column ``withheld``. Groups under `SMALL_CELL` people are nan and
            withheld, and so are the smallest others that would disclose them by subtraction
            (complementary suppression, see `suppressed`).
        """
        table, groups, sizes = self._by(columns)
        hidden = np.repeat(suppressed(groups, sizes), len(self.gains))
        numbers = np.where(hidden[:, None], np.nan, table.to_numpy())
        table = pd.DataFrame(numbers, table.index, table.columns)
        return table.assign(withheld=hidden)

    def _by(self, columns: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
        """Return the table of `by`, the groups, and how many people each has."""
        self._check_groups(columns)
        alone = np.arange(len(self.per_person))
        clusters = alone if self.clusters is None else self.clusters
        grouped = self.per_person.groupby(list(columns), dropna=False, observed=True, sort=True)
        code = grouped.ngroup().to_numpy()
        order = np.argsort(code, kind="stable")
        members = np.split(order, np.flatnonzero(np.diff(code[order])) + 1)
        groups = self.per_person[list(columns)].iloc[[rows[0] for rows in members]]
        groups = groups.reset_index(drop=True)
        known = _scores_of(self.gains)
        scores = {
            str(name): one.to_numpy() for name, one in self.per_person.items() if name in known
        }
        tables = [
            summarise({name: one[rows] for name, one in scores.items()}, clusters[rows], self.gains)
            for rows in members
        ]
        labels = groups.loc[groups.index.repeat(len(self.gains))]
        index = pd.MultiIndex.from_frame(labels.assign(gain=self.gains * len(members)))
        table = pd.concat(tables).astype(float).set_axis(index)
        return table, groups, np.array([len(rows) for rows in members])

    def plot(self, *, lang: str = "en") -> Display:
        """Draw the gains beside baseline and control, and the calibration of the confidence.

        Parameters
        ----------
        lang : str

        Returns
        -------
        Display
            With `save` and `data`; it shows itself in a notebook.
        """
        from privaudit.results.display import draw_exposure

        return draw_exposure(self, lang)

    def _check_groups(self, columns: Iterable[str]) -> None:
        scores = _scores_of(self.gains) | set(SCORES)
        known = [str(c) for c in self.per_person.columns if c not in scores]
        asked = list(columns)
        wrong = [c for c in asked if c not in known]
        if wrong or not asked or len(set(asked)) < len(asked):
            needed = f"groups, once each, among {', '.join(known) or 'none: a real file has none'}"
            came = ", ".join(repr(c) for c in asked) or "no column"
            hint = did_you_mean(wrong[0], known) if wrong else ""
            raise ParameterError.of("Exposure.by", needed, came, hint)
