"""How many known likes are enough: people singled out against what is known, by resolution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from privaudit._core.checks import in_range, say
from privaudit.errors import ParameterError
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.rows import Rows
from privaudit.exposure.traces.uniqueness import check_points, known_points
from privaudit.release.traces import Traces, read_traces
from privaudit.simulation.world import SimulatedWorld

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["UnicityCurve", "unicity_curve"]

# Told apart by the colour-blind too (Okabe and Ito).
_COLOURS = ("#b2182b", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#4d4d4d")


@dataclass(frozen=True, eq=False, kw_only=True)
class UnicityCurve(Measures):
    """`Measures` of one row a number of known points and a resolution, drawn as curves."""

    # That of `Measures`: what a dataclass writes by itself would print the whole frame.
    __repr__ = Measures.__repr__

    def plot(self) -> Figure:
        """Draw the share of people singled out against the points known, a curve a resolution.

        The band is the 95 % interval; the dotted line is the control: people who are not
        there, for whom somebody else is taken.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8, 4.2), layout="constrained")
        axes = figure.subplots()
        known = list(self.recipe["points"])
        for k, series in enumerate(self.recipe["series"]):
            colour = _COLOURS[k % len(_COLOURS)]
            rows = self.overall.loc[[f"unicity_{p}[{series}]" for p in known]]
            control = self.overall.loc[[f"unicity_{p}_control[{series}]" for p in known]]
            value, low, high = (rows[c].to_numpy(float) for c in ("value", "low", "high"))
            axes.fill_between(known, low, high, color=colour, alpha=0.2, linewidth=0)
            axes.plot(known, value, color=colour, marker="o", ms=4, label=series)
            axes.plot(known, control["value"].to_numpy(float), color=colour, ls=":", lw=1)
        axes.plot([], [], color="black", ls=":", lw=1, label="not there: another is taken")
        axes.set(xlabel="known of a person", ylabel="share singled out", ylim=(-0.02, 1.02))
        axes.set_xticks(known)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8)
        figure.suptitle(f"{self.title}, {self.provenance}", fontsize=11)
        return figure


def unicity_curve(
    source: Traces | SimulatedWorld | Mapping[str, Traces],
    *,
    points: int | Iterable[int] = (1, 2, 3, 4, 8, 16),
    hours: float | Iterable[float | None] | None = (None, 7 * 24, 24),
    sample: int | None = 10_000,
    seed: int = 0,
) -> UnicityCurve:
    """Return how many people are singled out, against how much is known and how finely.

    On likes: how many likes single an account out, where the page alone is known, where the
    week is known too, and so on.

    Parameters
    ----------
    source : Traces, SimulatedWorld or mapping of str to Traces
        A log; or a simulated town, whose likes are taken by page and by topic; or logs of the
        same people with finer and coarser items, by what these are called.
    points : int or iterable of int
        How many points are known.
    hours : float, None or iterable of them
        Resolutions in time, None where time is not known. Logs without time have None alone.
    sample : int, optional
        How many people are looked for at each resolution and number of points, drawn at random,
        among all; None for everybody, whom `unicity` takes by default.
    seed : int

    Returns
    -------
    Measures
        ``unicity_{p}[resolution]``, ``unicity_{p}_control[resolution]`` and
        ``unicity_{p}_residual[resolution]``, each as in `unicity`; 0 = safe. A row without a
        value says in its note that nobody has that many points. ``.plot()`` draws the curves.

    Raises
    ------
    ParameterError
        A number out of range, or no log.

    Examples
    --------
    >>> log = pd.DataFrame({"who": list("aabbcc"), "page": [1, 2, 1, 3, 2, 3]})
    >>> likes = read_traces(log, person="who", item="page")
    >>> unicity_curve(likes, points=[1, 2]).overall.loc["unicity_2[item]", "value"]
    np.float64(1.0)
    """
    who = "unicity_curve"
    known = check_points(who, points)
    windows = tuple(hours) if isinstance(hours, Iterable) else (hours,)
    for window in windows:
        if window is not None:
            in_range(who, "hours", window, 0, open_low=True)
    if not windows or len(set(windows)) < len(windows):
        raise ParameterError(say(who, "hours, each resolution once", f"hours={hours!r}"))
    logs = _logs(source)
    if not logs or not all(isinstance(log, Traces) for log in logs.values()):
        need = "traces, a simulated world, or traces by the name of their items"
        raise ParameterError(say(who, need, type(source).__name__, "Read a log with read_traces."))
    table = Rows(max(log.n_people for log in logs.values()))
    series = []
    for name, log in logs.items():
        for window in windows if log.time is not None else (None,):
            label = name if window is None else f"{name}, {_words(window)}"
            series.append(label)
            asked = known_points("unicity", log, known, window, sample, seed)
            for p, found in zip(known, asked, strict=True):
                row, control, residual = (
                    f"unicity_{p}{part}[{label}]" for part in ("", "_control", "_residual")
                )
                if len(found.alone):
                    found.add_to(table, row)
                    found.add_control(table, control, residual)
                else:
                    why = f"nobody has {p} distinct points, {found.most} at most"
                    table.absent([row, control, residual], "share of people", why)
    first = next(iter(logs.values()))
    return UnicityCurve(
        overall=table.frame(),
        per_record=pd.DataFrame(),
        title=f"How many single somebody out: {first.name}",
        provenance=first.provenance,
        notes=tuple(
            f"{count:,} rows set aside: {reason}" for reason, count in first.set_aside.items()
        ),
        recipe={
            "measure": who,
            "points": list(known),
            "series": series,
            "sample": sample,
            "seed": seed,
        },
    )


def _logs(source: Traces | SimulatedWorld | Mapping[str, Traces]) -> Mapping[str, Traces]:
    if isinstance(source, Traces):
        return {"item": source}
    if isinstance(source, SimulatedWorld):
        likes = source.interactions[source.interactions["kind"] == "like"]
        topic = source.pages.set_index("page")["topic"]
        likes = likes.assign(topic=likes["page"].map(topic))
        return {
            item: read_traces(
                likes,
                person="account",
                item=item,
                time="time",
                provenance="simulated",
                name="likes of a simulated town",
            )
            for item in ("page", "topic")
        }
    return dict(source) if isinstance(source, Mapping) else {}


def _words(hours: float) -> str:
    """A length of time as somebody would say it: week, 2 days, 6 hours."""
    for unit, length in (("week", 168), ("day", 24), ("hour", 1)):
        many = hours / length
        if many == int(many):
            return unit if many == 1 else f"{int(many)} {unit}s"
    return f"{hours:g} hours"
