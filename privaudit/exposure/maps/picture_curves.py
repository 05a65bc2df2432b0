"""Curves of a map's exposure against a parameter: resolution, versions, accounts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.checks import columns_present, one_of, say
from privaudit.errors import ParameterError
from privaudit.results.looks import GREY, SERIES, SOFT, Display

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from privaudit.results.measures import Measures
    from privaudit.results.row import Row

__all__ = ["error_by_versions", "hit_rate", "leak_odds", "panel"]

_CORNER = {"simulated": "Simulated data", "audited file": "Audited file"}


def hit_rate(
    frame: pd.DataFrame,
    *,
    x: str = "metres_per_pixel",
    label: str = "metres a pixel",
    shares: Sequence[str] = ("precision", "recall"),
    provenance: str = "simulated",
) -> Display:
    """Draw what share is found against a parameter, each share with its interval.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a value of the parameter: column `x`, and for each share ``s`` of `shares`
        the columns ``s``, ``s_low`` and ``s_high``, in [0, 1].
    x, label : str
        Column of the parameter, and its name with its unit.
    shares : sequence of str
    provenance : {"simulated", "audited file"}

    Returns
    -------
    Display

    Raises
    ------
    SchemaError
        A column is missing.
    ParameterError
        No row, no share, or another provenance.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(3.0, 0.9, 0.8, 0.95), (12.0, 0.3, 0.2, 0.4)]
    >>> frame = pd.DataFrame(rows, columns=["metres_per_pixel", "recall", "recall_low",
    ...     "recall_high"])
    >>> hit_rate(frame, shares=["recall"]).ax_.get_title(loc="left")
    'recall 90% at 3, 30% at 12 metres a pixel'
    """
    who = "hit_rate"
    one_of(who, "provenance", provenance, tuple(_CORNER))
    needed = [x, *(f"{share}{part}" for share in shares for part in ("", "_low", "_high"))]
    columns_present(who, "column", needed, frame.columns, "the frame")
    if len(frame) == 0 or not shares:
        came = f"{len(frame)} rows and {len(shares)} shares"
        raise ParameterError(say(who, "at least one row and one share", came))
    rows = frame.sort_values(x)
    at = rows[x].to_numpy(dtype=float)
    last = rows[shares[-1]].to_numpy(dtype=float)
    title = f"{_words(shares[-1])} {last[0]:.0%} at {at[0]:g}, {last[-1]:.0%} at {at[-1]:g} {label}"
    axes = panel(title, provenance)
    for share, colour in zip(shares, cycle(SERIES), strict=False):
        _curve(axes, at, rows[[share, f"{share}_low", f"{share}_high"]], colour, _words(share))
    axes.set(xlabel=label, ylabel="share, 95 % interval", ylim=(0, 1.02))
    axes.legend(frameon=False, fontsize=8)
    return Display(axes)


def error_by_versions(*results: Measures) -> Display:
    """Draw the error of the mean of several copies of a dot, beside what chance predicts.

    Parameters
    ----------
    *results : Measures
        Of `averaging_exposure`, such as one of fresh and one of persistent noise.

    Returns
    -------
    Display
        Both axes logarithmic; the grey line falls with slope -1/2, as the mean of independent
        errors does, from the first result's first point. Low is found.

    Raises
    ------
    ParameterError
        No result, one without an ``error`` row by ``copies``, or an error of 0 metres, which has
        no place on a logarithmic axis.

    Examples
    --------
    >>> import privaudit as pa
    >>> from privaudit.studies.copies import audit_averages
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> fresh = audit_averages(campaign, pa.Gaussian(sigma=50), copies=(1, 4))
    >>> pa.pictures.error_by_versions(fresh).ax_.get_xscale()
    'log'
    """
    who = "error_by_versions"
    curves = [_errors(who, result) for result in results]
    if not curves:
        raise ParameterError(say(who, "a result of averaging_exposure", "none"))
    copies, rows = curves[0]
    value = [row.value for row in rows]
    title = f"{value[0]:,.0f} m off with {_copies(copies[0])}, {value[-1]:,.0f} m with {copies[-1]}"
    axes = panel(title, results[0].provenance)
    axes.plot(
        copies, value[0] * np.sqrt(copies[0] / copies),
        color=SOFT, linestyle="--", label="slope -1/2",
    )  # fmt: skip
    for (many, errors), colour in zip(curves, cycle(SERIES), strict=False):
        dots = int(max(row.n for row in errors))
        name = f"{errors[0].part.get('noise', 'given')} noise (n = {dots:,} dots)"
        bounds = np.array([(row.value, row.low, row.high) for row in errors])
        _curve(axes, many, bounds, colour, name)
    axes.set(xscale="log", yscale="log")
    axes.set(xlabel="versions averaged (copies)", ylabel="mean error (metres), 95 % interval")
    axes.legend(frameon=False, fontsize=8)
    return Display(axes)


def leak_odds(curve: Measures) -> Display:
    """Draw the odds of a leak, and the share found, as the map is shown to more accounts.

    Parameters
    ----------
    curve : Measures
        Of `leak_exposure`.

    Returns
    -------
    Display
        Shares in [0, 1]; 0 is safe. The odds that one account leaks are a scenario, and stand
        below the axis.

    Raises
    ------
    ParameterError
        Another result.

    Examples
    --------
    >>> import privaudit as pa
    >>> from privaudit.exposure.maps.tiers import leak_exposure
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> pa.pictures.leak_odds(leak_exposure(campaign, (1, 10, 100))).ax_.get_title(loc="left")
    '63% chance that any of 100 accounts leaks'
    """
    odds = sorted(
        (row.part["accounts"], row.value, row.part["each"])
        for row in curve.rows
        if row.measure == "any_leak"
    )
    if not odds:
        raise ParameterError(say("leak_odds", "a result of leak_exposure", f"'{curve.family}'"))
    most, chance, each = odds[-1]
    # A chance never rounds up to certainty.
    told = "over 99%" if chance > 0.99 else f"{chance:.0%}"
    axes = panel(f"{told} chance that any of {most:,} accounts leaks", curve.provenance)
    # The odds do not hang on what the accounts see: one line for both moments.
    many, value, _ = zip(*odds, strict=True)
    label = f"any leak ({each:g} an account)"
    axes.plot(many, value, color=GREY, linestyle="--", linewidth=1, label=label)
    for moment, colour in zip(("before", "after"), SERIES, strict=False):
        rows = [
            row
            for row in curve.rows
            if row.measure == "addresses_found" and row.part["moment"] == moment
        ]
        points = sorted((row.part["accounts"], row.value) for row in rows)
        label = f"address found, {moment} the restriction (n = {rows[0].n:,.0f} people)"
        axes.plot(*zip(*points, strict=True), color=colour, marker="o", ms=3, label=label)
    axes.set_xscale("symlog", linthresh=1)
    axes.set(xlabel=f"accounts, each leaking with probability {each:g} (scenario)", ylim=(0, 1.02))
    axes.set(ylabel="probability; expected share of people")
    axes.legend(frameon=False, fontsize=8)
    return Display(axes)


def panel(title: str, provenance: str, *, height: float = 4.2, reliable: bool = True) -> Axes:
    """Return one panel with a title, and in the corner what kind of data it shows."""
    from matplotlib.figure import Figure as NewFigure

    figure = NewFigure(figsize=(7.5, height), layout="constrained")
    engine: Any = figure.get_layout_engine()
    strip = 0.22 / height
    engine.set(rect=(0, strip, 1, 1 - strip))
    corner = _CORNER[provenance] + ("" if reliable else ", not reliable")
    figure.text(0.99, 0.04 / height, corner, ha="right", va="bottom", fontsize=8, color=GREY)
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _curve(axes: Axes, at: np.ndarray, rows: ArrayLike, colour: str, label: str) -> None:
    value, low, high = np.asarray(rows, dtype=float).T
    spread = np.clip([value - low, high - value], 0, None)
    axes.errorbar(at, value, yerr=spread, color=colour, marker="o", ms=4, capsize=2, label=label)


def _errors(who: str, result: Measures) -> tuple[np.ndarray, list[Row]]:
    """Numbers of copies in rising order, and their rows."""
    rows = [row for row in result.rows if row.measure == "error" and "copies" in row.part]
    rows.sort(key=lambda row: int(row.part["copies"]))
    if not rows or not all(row.value > 0 for row in rows):
        needed = "error rows above 0 metres, by copies, of averaging_exposure"
        raise ParameterError(say(who, needed, f"none, or one of 0, in '{result.family}'"))
    return np.array([int(row.part["copies"]) for row in rows]), rows


def _copies(many: int) -> str:
    return "1 copy" if many == 1 else f"{many} copies"


def _words(name: str) -> str:
    return name.replace("_", " ")
