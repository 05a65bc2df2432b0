"""Results over towns simulated alike: their mean, interval, range, paired differences and ranks."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit.core.checks import one_of
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Row, Rows, labelled_frame
from privaudit.stats.intervals import (
    ROUNDING,
    difference_of_groups,
    groups_worth,
    mean_of_groups,
    one_more_group,
    wilson,
)
from privaudit.words.catalogues import is_share
from privaudit.words.vocabulary import GainWord, MeasureWord

if TYPE_CHECKING:
    from privaudit.results.painter import Display

# Numbers of a run: those of a row, and how many independent people its n is worth.
NUMBERS = ("value", "low", "high", "baseline", "control", "residual", "confidence", "n", "worth")


def over_towns(
    rows: Rows,
    measure: str,
    values: ArrayLike,
    unit: str,
    *,
    ends: tuple[float, float] | None = None,
    weights: np.ndarray | None = None,
    **fields: Any,
) -> None:
    """Add a mean over towns with its interval, and the lowest and the highest town.

    - `ends`: The interval of a share; Student's t over towns where not given.
    - `weights`: The people of each town, of a share of people; equal where not given.
    """
    value = np.asarray(values, dtype=float)
    mean = float(value.mean()) if weights is None else mean_over_people(value, weights)
    weights = None if weights is None else _weights(value, weights)
    fields["low"], fields["high"] = ends or mean_of_groups(value, weights)
    fields["between_low"], fields["between_high"] = float(value.min()), float(value.max())
    rows.add(measure, mean, unit, **fields)


def people_over_towns(runs: pd.DataFrame, varied: Sequence[str]) -> Rows:
    """Return a row a setting, measure and gain: the mean over the people of all towns.

    `low` and `high` are the interval between towns (`share_of_groups`, weighted by people; of what
    is no share `mean_of_groups`), `between_low` and `between_high` the range of one more town.

    - `runs`: A row a town, setting, measure and gain, as `repeat` makes them.
    """
    rows = Rows(int(runs["n"].sum()), "people")
    groups: Any = runs.groupby([*varied, "measure", "gain"], sort=False, dropna=False)
    for (*values, measure, gain), part in groups:
        people, unit = part["n"].to_numpy(dtype=float), str(part["unit"].iloc[0])
        mean = mean_over_people(part["value"], people)
        share = unit == "share" and 0 <= mean <= 1
        ends = one_more_group(part["value"], people if share else None)
        fields: dict[str, Any] = {
            "part": dict(zip(varied, values, strict=True)), "gain": gain, "n": float(people.sum()),
            "counts": str(part["counts"].iloc[0]),
        }  # fmt: skip
        fields["between_low"], fields["between_high"] = _clipped(ends, part["value"], unit)
        for name in ("baseline", "control", "confidence"):
            fields[name] = mean_over_people(part[name], people)
        if share:
            fields["control_worth"] = _worth_many_towns(part, "control")
            rows.rate(measure, mean, _worth_many_towns(part, "value"), **fields)
        else:
            ends = mean_of_groups(part["value"], _weights(part["value"], people))
            fields["low"], fields["high"] = _clipped(ends, part["value"], unit)
            rows.add(measure, mean, unit, **fields)
    return rows


def _clipped(ends: tuple[float, float], values: pd.Series, unit: str) -> tuple[float, float]:
    """Clip at 0, and a share at 1; differences excepted, and an end that a town lay beyond."""
    if unit == "difference":
        return ends
    least = -np.inf if (values < 0).any() else 0
    low, high = np.clip(ends, least, 1 if is_share(unit) and not (values > 1).any() else np.inf)
    return float(low), float(high)


def _difference(
    first: pd.Series, second: pd.Series, people: np.ndarray, unit: str
) -> tuple[float, float, float]:
    """Return the mean of first less second over the people of towns, with its paired interval.

    nan where a town has no finite difference. Of what is no share, towns that all differ alike say
    nothing of their spread, and there is no interval.
    """
    gap = (first - second).to_numpy(dtype=float)
    if not np.isfinite(gap).all():
        return math.nan, math.nan, math.nan
    if is_share(unit):
        return difference_of_groups(first, second, people)
    mean = mean_over_people(gap, people)
    if np.ptp(gap) <= ROUNDING * max(1.0, abs(mean)):
        return mean, math.nan, math.nan
    return mean, *mean_of_groups(gap, people)


def only(levels: Mapping[str, Any]) -> str:
    """Return the one thing that levels are of; "" of several."""
    return next(iter(levels)) if len(levels) == 1 else ""


def sign_test(more: int, fewer: int) -> float:
    """Return the two-sided exact p-value of the sign test; 1 where nothing differs.

    Examples
    --------
    Ten of ten: twice the probability of ten heads, 2 / 1,024.

    >>> sign_test(10, 0), sign_test(0, 0)
    (0.001953125, 1.0)
    """
    from scipy.stats import binomtest

    return float(binomtest(more, more + fewer).pvalue) if more + fewer else 1.0


def mean_over_people(values: ArrayLike, people: np.ndarray) -> float:
    """Average over the people of all towns; over towns where no people are counted."""
    value = np.asarray(values, dtype=float)
    known = np.isfinite(value)
    if not known.any():
        return math.nan
    weight = _weights(value, people)
    return float(np.average(value[known], weights=None if weight is None else weight[known]))


def _weights(values: ArrayLike, people: np.ndarray) -> np.ndarray | None:
    """Return the people of each town; None, for equal weights, where none are counted."""
    return people if people[np.isfinite(np.asarray(values, dtype=float))].sum() > 0 else None


def wilson_over_towns(runs: pd.DataFrame, column: str) -> tuple[float, float]:
    """Return the interval of a share of the people of all towns; see `share_of_groups`."""
    mean = mean_over_people(runs[column], runs["n"].to_numpy(dtype=float))
    low, high = wilson(mean, _worth_many_towns(runs, column))
    return float(low), float(high)


def _worth_many_towns(runs: pd.DataFrame, column: str) -> float:
    """How many independent people a share over towns rests on; 0 with fewer than two towns."""
    value, people = (runs[name].to_numpy(dtype=float) for name in (column, "n"))
    known = np.isfinite(value) & (people > 0)
    if known.sum() < 2:
        return 0.0
    return groups_worth(value[known], people[known].sum(), people[known])


@dataclass(frozen=True, eq=False, kw_only=True)
class Repeated(Measures):
    """Results over towns simulated alike: rows, and the runs that they rest on.

    Parameters
    ----------
    runs : pandas.DataFrame
        One row a run and measure: seed, a column for what the cells of the design differ in
        (`varied`), measure, gain, value with the interval within its town, baseline, control,
        residual, confidence, n, and worth: how many independent people n is (those of one home go
        together).
    varied : tuple of str
        What the cells of the design differ in: "view", "adversary" and "plan" where there are
        several, then the parameters that were varied.
    levels : mapping of str to sequence of str
        The names of its views and adversaries, in the order asked.
    **others
        Those of `Measures`. A row's value is the mean over the people of all towns; low and high
        are its 95 % interval, from the variation between towns (`share_of_groups`; Student's t of
        what is no share), named `mean_low` and `mean_high` in the frame `overall`. `between_low` to
        `between_high` is where one more town simulated alike would lie, 95 times in 100 (Student's
        t, prediction).
    """

    runs: pd.DataFrame = field(default_factory=pd.DataFrame)
    varied: tuple[str, ...] = ()
    levels: Mapping[str, Sequence[str]] = field(default_factory=dict)

    # That of `Measures`: what a dataclass writes by itself would print every run.
    __repr__ = Measures.__repr__

    @cached_property
    def overall(self) -> pd.DataFrame:
        """As of `Measures`; the interval is `mean_low` to `mean_high`."""
        return labelled_frame(self.rows).rename(columns={"low": "mean_low", "high": "mean_high"})

    def to_xarray(self) -> Any:
        """Return the runs as an ``xarray.Dataset``.

        Returns
        -------
        xarray.Dataset
            Dimensions seed, view, adversary, gain and what varies, plan too where there are
            several; variables value, low, high, baseline, control, residual, confidence, n and
            worth, nan where a cell has no run. Of what no gain belongs to, the dimension is measure
            in place of gain. Needs the package xarray (``pip install "privaudit[xarray]"``).

        Raises
        ------
        ParameterError
            xarray is not installed.
        """
        try:
            import xarray
        except ModuleNotFoundError:
            do = 'Install it: pip install "privaudit[xarray]". The same numbers are in runs.'
            came = "an environment without it"
            raise ParameterError.of("to_xarray", "the package xarray", came, do) from None
        gained = bool((self.runs["gain"] != "").all())
        beside = [name for name in self.varied if name not in ("view", "adversary")]
        index = ["seed", "view", "adversary", "gain" if gained else "measure", *beside]
        frame = self.runs.assign(
            **{
                name: next(iter(self.levels.get(name, ())), "")
                for name in ("view", "adversary") if name not in self.runs
            }
        )  # fmt: skip
        made = xarray.Dataset.from_dataframe(frame.set_index(index)[list(NUMBERS)])
        return made.assign_attrs(family=self.family, provenance=self.provenance)

    def difference(
        self, a: Any, b: Any, *, gain: GainWord = "address", measure: MeasureWord = "reidentified"
    ) -> Measures:
        """Compare two levels of the design in the same towns: a less b.

        Shares are of the people whom each view shows; `pa.frontier` counts those whom a mask leaves
        out as not found.

        Parameters
        ----------
        a, b : str, number or mapping
            A level of one thing that varies, such as a view or an adversary
            (``"donut:50:200"``), or the levels of several: ``{"view": ..., "adversary": ...}``.
            Of what neither names, each level is a row.
        gain : {"address", "household", "person", "opinion"}
        measure : str

        Returns
        -------
        Measures
            Family "differences". ``difference``: the mean over the people of all towns, above 0
            where a finds more, with its paired 95 % interval (`difference_of_groups`; of what is no
            share, in its own unit, `mean_of_groups`, and none where all towns differ alike), and
            nan where a town has no finite difference; n counts people. ``sign_test``: the p-value
            of the exact two-sided sign test that each finds more equally often, in [0, 1]; n counts
            the towns in which they differ. ``higher``: the share of towns in which a finds more,
            those without a difference half, with Wilson's interval; n counts towns.

        Raises
        ------
        ParameterError
            A level that the design does not have, or that several things have; the same twice; or
            cells of which no two runs are of one town.
        """
        self._check("difference", measure, gain)
        first, second = self._levels("a", a), self._levels("b", b)
        if first == second or set(first) != set(second):
            do = "Such as difference('donut:50:200', 'gaussian:100')."
            came = "one twice" if first == second else "others"
            raise ParameterError.of("difference", "two levels of the same thing", came, do)
        beside = [name for name in self.varied if name not in first]
        of_both = self._paired(first, second, measure, gain, beside)
        like = next(row for row in self.rows if (row.measure, row.gain) == (measure, gain))
        rows = Rows(len(of_both), "towns")
        groups: Any = of_both.groupby(beside, sort=False) if beside else [((), of_both)]
        over = {"over" if name == only(first) else f"over_{name}": second[name] for name in second}
        for levels, towns in groups:
            part = {**dict(zip(beside, levels, strict=True)), **first, **over}
            gains: dict[str, Any] = {"gain": gain, "part": part}
            people = towns["n"].to_numpy(dtype=float)
            a_found, b_found = towns["value_a"], towns["value_b"]
            value, low, high = _difference(a_found, b_found, people, like.unit)
            rows.add(
                "difference", value, "difference" if is_share(like.unit) else like.unit, low=low,
                high=high, baseline=0.0, n=float(people.sum()), counts=like.counts, **gains,
            )  # fmt: skip
            more, fewer = int((a_found > b_found).sum()), int((a_found < b_found).sum())
            rows.add("sign_test", sign_test(more, fewer), "probability", n=more + fewer, **gains)
            share = (more + (len(towns) - more - fewer) / 2) / len(towns)
            rows.rate("higher", share, len(towns), baseline=0.5, n=len(towns), **gains)
        return Measures(
            family="differences", rows=rows, provenance=self.provenance, notes=self.notes,
            recipe={"of": dict(self.recipe), "a": first, "b": second, "gain": gain},
        )  # fmt: skip

    def rank(
        self, of: str = "view", *, gain: GainWord = "address", measure: MeasureWord = "reidentified"
    ) -> pd.DataFrame:
        """Rank the levels of one thing that varies, the one that gives away least first.

        Each level is judged by the worst of its cells: a mask by the strongest adversary shown.
        Shares are of the people shown, as in `difference`.

        Parameters
        ----------
        of : str
            One of `varied`, such as "view".
        gain, measure : str
            As of `difference`.

        Returns
        -------
        pandas.DataFrame
            Index: the levels. The cell that judges it (columns of the other things that vary),
            value, mean_low and mean_high; mean_rank, its mean place among the levels in each town
            (1 gives away least, ties share), first, the share of towns in which no other gives
            away less; then, of itself less the level before: difference, difference_low,
            difference_high and sign_test, nan in the first row; empty, how many of its cells have
            no value: an adversary who could not be run may find more. A level without any value
            comes last.
        """
        one_of("rank", "of", of, self.varied)
        self._check("rank", measure, gain)
        rows = [row for row in self.rows if (row.measure, row.gain) == (measure, gain)]
        cells: dict[Hashable, list[Row]] = {}
        for row in rows:
            cells.setdefault(row.part[of], []).append(row)
        known = {key: [r for r in rows if math.isfinite(r.value)] for key, rows in cells.items()}
        worst = {key: max(rows, key=lambda r: r.value) for key, rows in known.items() if rows}
        if len(worst) < 2:
            came = f"{len(worst)} of them"
            raise ParameterError.of("rank", f"two levels of {of} with a value", came)
        judged = sorted(worst.values(), key=lambda row: row.value)
        places = pd.DataFrame(
            {row.part[of]: self._runs_of(row.part, measure, gain)["value"] for row in judged}
        ).rank(axis=1)
        first = places.eq(places.min(axis=1), axis=0)
        lines, before = [], None
        for row in judged:
            level = row.part[of]
            line = {
                **row.part, "value": row.value, "mean_low": row.low, "mean_high": row.high,
                "mean_rank": places[level].mean(), "first": first[level].mean(),
            }  # fmt: skip
            names = ("difference", "difference_low", "difference_high", "sign_test")
            numbers: tuple[float, ...] = (math.nan,) * 4
            if before is not None:
                gap, test, _ = self.difference(
                    row.part, before.part, gain=gain, measure=measure
                ).rows
                numbers = gap.value, gap.low, gap.high, test.value
            empty = len(cells[level]) - len(known[level])
            lines.append(line | dict(zip(names, numbers, strict=True)) | {"empty": empty})
            before = row
        lines += [{of: key, "empty": len(cells[key])} for key in cells if key not in worst]
        return pd.DataFrame(lines).set_index(of)

    def _check(self, who: str, measure: str, gain: str) -> None:
        """Check that there are runs of a measure and gain."""
        one_of(who, "measure", measure, (*self.runs["measure"].unique(),))
        of = self.runs["gain"][self.runs["measure"] == measure]
        one_of(who, "gain", gain, (*of.unique(),))

    def _levels(self, name: str, given: Any) -> dict[str, Any]:
        """Return the levels that a caller means, by what they are levels of."""
        known = {thing: list(dict.fromkeys(self.runs[thing].tolist())) for thing in self.varied}
        if isinstance(given, Mapping):
            for thing, level in given.items():
                one_of("difference", f"a key of {name}", thing, self.varied)
                one_of("difference", thing, level, known[thing])
            return dict(given)
        having = [thing for thing, levels in known.items() if given in levels]
        if len(having) == 1:
            return {having[0]: given}
        words = [str(level) for levels in known.values() for level in levels]
        do = f"It has {', '.join(words[:12])}." if words else "It has a single cell."
        came = "one of several things" if having else "another"
        raise ParameterError.of("difference", f"{name}= to be a level of the design", came, do)

    def _runs_of(self, levels: Mapping[str, Any], measure: str, gain: str) -> pd.DataFrame:
        """Return the runs at these levels, by seed."""
        of = (self.runs["measure"] == measure) & (self.runs["gain"] == gain)
        for name, level in levels.items():
            of &= self.runs[name] == level
        return self.runs[of].set_index("seed")

    def _paired(
        self, first: Mapping[str, Any], second: Mapping[str, Any], measure: str, gain: str,
        beside: Sequence[str],
    ) -> pd.DataFrame:  # fmt: skip
        """Return a row a town in which both have run, with both values and the people."""
        one, other = (
            self._runs_of(levels, measure, gain).reset_index()[["seed", *beside, "value", "n"]]
            for levels in (first, second)
        )
        both = one.merge(other, on=["seed", *beside], suffixes=("_a", "_b"))
        both = both[(both["n_a"] > 0) & (both["n_b"] > 0)].dropna(subset=["value_a", "value_b"])
        if len(both) < 2:
            came = f"{len(both)}"
            levels = {str(level) for part in (first, second) for level in part.values()}
            lost = ("cell_empty", "runs_failed")
            empty = [dict(note.values) for note in self.notes if note.key in lost]
            unread = any(note.key == "pictures_unread" for note in self.notes)
            do = next(
                (str(one["reason"]) for one in empty if levels & set(one["cell"].split(", "))),
                "Publish pictures of more pixels: some could not be read."
                if unread else "Name a gain and a measure that both have.",
            )  # fmt: skip
            raise ParameterError.of("difference", "two towns in which both have run", came, do)
        return both.assign(n=(both["n_a"] + both["n_b"]) / 2)

    def plot(self, *names: str, most: int = 40, lang: str = "en") -> Display:
        """Draw each share with its towns, the interval of the mean and the range of one more.

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
