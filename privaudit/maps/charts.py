"""Charts of the exposure of a map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import columns_present, one_of, whole
from privaudit.core.thresholds import SMALL_CELL, SPATIAL_K_MARKS
from privaudit.errors import ParameterError
from privaudit.results.display import english, share_scale
from privaudit.results.line_charts import (
    ChartLine,
    Curve,
    Mark,
    Panel,
    curve_chart,
    line_chart,
    ratio_scale,
)
from privaudit.results.painter import SERIES, Canvas, Display, Drawing, compose, num
from privaudit.results.rows import GAINS
from privaudit.words.vocabulary import GainWord

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.geo.address_base import AddressBase
    from privaudit.maps.posterior import Guesses
    from privaudit.release.release import Release
    from privaudit.results.exposure import Exposure
    from privaudit.results.measures import Measures
    from privaudit.results.rows import Row


__all__ = [
    "candidates_of", "displacement", "error_by_versions", "hit_rate", "leak_odds",
    "risk_by_station", "spatial_k",
]  # fmt: skip


def __dir__() -> list[str]:
    # `pa.maps.charts.` completes to charts, not to what they are made with.
    return __all__


def displacement(before: ArrayLike, after: ArrayLike, base: AddressBase) -> Display:
    """Draw a line from each marked address to its dot, on fictional places only.

    Parameters
    ----------
    before, after : array_like of float, shape (n, 2)
        Positions in metres of the marked addresses, and of their dots; a dot that the mask
        left out is nan, and is counted in the title.
    base : AddressBase
        All addresses, drawn pale under the dots.

    Returns
    -------
    Display

    Raises
    ------
    ParameterError
        The places are real, or the positions are not pairs of one length.
    """

    who = "displacement"
    _fictional(who, base)
    home, dot = (np.asarray(points, dtype=float) for points in (before, after))
    if home.ndim != 2 or home.shape[1] != 2 or home.shape != dot.shape:
        needed = "before and after of one shape (n, 2)"
        raise ParameterError.of(who, needed, f"shapes {home.shape} and {dot.shape}")
    shown = np.isfinite(home).all(axis=1) & np.isfinite(dot).all(axis=1)
    metres = np.hypot(*(dot - home)[shown].T)
    median = f", half of them by {np.median(metres):,.0f} m or more" if shown.any() else ""
    left_out = f"; {np.sum(~shown):,} left out" if not shown.all() else ""
    title = f"{np.sum(shown):,} dots moved from the addresses that they mark{median}{left_out}"
    data = [
        {"x": x, "y": y, "dot_x": to_x, "dot_y": to_y}
        for (x, y), (to_x, to_y) in zip(home[shown], dot[shown], strict=True)
    ]

    def draw(width: float) -> Canvas:
        every = np.concatenate([base.xy, home[shown], dot[shown]])
        low, high = every.min(axis=0), every.max(axis=0)
        scale = (width - 20) / max(*(high - low), 1.0)
        canvas = Canvas(width, float(high[1] - low[1]) * scale + 60)

        def on(points: np.ndarray) -> np.ndarray:
            across, up = ((points - low) * scale).T
            return np.column_stack([across + 10, canvas.height - 50 - up])

        spots = "".join(f"M{num(x - 1)} {num(y)}h2" for x, y in on(base.xy))
        lines = "".join(
            f"M{num(x)} {num(y)}L{num(to_x)} {num(to_y)}"
            for (x, y), (to_x, to_y) in zip(on(home[shown]), on(dot[shown]), strict=True)
        )
        canvas.put(f'<path class="axis" stroke-width="2" d="{spots}"/>')
        canvas.put(f'<path class="m-grey range" d="{lines}"/>')
        for x, y in on(dot[shown]):
            canvas.put(f'<circle class="dot" cx="{num(x)}" cy="{num(y)}" r="4"/>')
        foot, size = canvas.height - 12, float((high - low).max())
        canvas.text(10, foot, f"addresses pale, dots red; {size:,.0f} metres across", "soft")
        return canvas

    parts = [Drawing(draw, [title], data)]
    return compose("displacement", english(), "simulated", title=title, parts=parts)


def spatial_k(exposure: Exposure) -> Display:
    """Draw among how many addresses, and people where counted, each share of people is hidden.

    Parameters
    ----------
    exposure : Exposure
        Of a map, by an adversary who knows the mask.

    Returns
    -------
    Display
        One rising curve a unit: the share of people whose spatial k is that number or less;
        marks at `SPATIAL_K_MARKS`, and the share under each in the legend. Low is safe.

    Raises
    ------
    ParameterError
        k is known of nobody.
    """
    curves = {}
    for column, unit in (("k_addresses", "addresses"), ("k_people", "people")):
        if column not in exposure.per_person.columns:
            continue
        k = exposure.per_person[column].to_numpy(dtype=float)
        k = np.sort(k[np.isfinite(k)])
        if len(k):
            curves[unit] = k
    if not curves:
        needed, do = "people whose spatial k is known", "Use an adversary who knows the mask."
        raise ParameterError.of("spatial_k", needed, "none", do)
    unit, k = next(iter(curves.items()))
    title = (
        f"{np.mean(k < SMALL_CELL):.1%} of people are hidden among fewer than {SMALL_CELL} {unit}"
    )
    drawn = []
    for (unit, k), colour in zip(curves.items(), SERIES, strict=False):
        under = ", ".join(f"{np.mean(k < mark):.1%} under {mark}" for mark in SPATIAL_K_MARKS)
        share = (np.arange(1, len(k) + 1) / len(k)).tolist()
        name = f"{unit}: {under} (n = {len(k):,})"
        drawn.append(Curve(name, k.tolist(), share, colour, marked=False, stepped=True))
    words = english()
    return curve_chart(
        "spatial_k", words, exposure.provenance, title=title, curves=drawn, write=words.tick,
        axes=("spatial k (addresses, people), log scale", "share of people, k or less"), log=True,
        up=share_scale(words), verticals=SPATIAL_K_MARKS, reliable=exposure.reliable,
    )  # fmt: skip


def risk_by_station(exposure: Exposure, *, gain: GainWord = "address") -> Display:
    """Draw the share of people re-identified in each polling station.

    Parameters
    ----------
    exposure : Exposure
    gain : {"address", "household", "person", "opinion"}

    Returns
    -------
    Display
        One bar a station, with its 95 % interval and baseline, small stations too; 0 is safe.

    Raises
    ------
    ParameterError
        Another gain, or an exposure whose stations are not known.
    """
    who = "risk_by_station"
    one_of(who, "gain", gain, GAINS)
    rows = exposure.by("station").xs(gain, level="gain")
    value = rows["value"].to_numpy(dtype=float)
    shown = np.isfinite(value)
    kind = "expected" if exposure.expected else "found"
    bars = f"{shown.sum()} of {len(rows)} stations shown"
    if shown.any():
        bars = f"{value[shown].min():.0%} to {value[shown].max():.0%}, {bars}"
    title = f"Share {kind} by polling station ({gain}): {bars}"
    words, lines = english(), []
    for name, row in rows.iterrows():
        name = name if isinstance(name, str) and name else "unknown"
        if not math.isfinite(row["value"]):
            lines.append(ChartLine(f"{name}: not known", []))
            continue
        beside = f"baseline {words.percent(row['baseline'])}"
        label = words.percent(row["value"])
        marks = [
            Mark(float(row["baseline"]), beside, "", "tick", "grey"),
            Mark(float(row["value"]), label, label, low=float(row["low"]), high=float(row["high"])),
        ]
        lines.append(ChartLine(f"{name} (n = {row['n']:,.0f})", marks))
    return line_chart(
        "risk_by_station", words, exposure.provenance, title=title, panels=[Panel(lines)],
        write=words.tick, axis="share of people, 95 % interval", reliable=exposure.reliable,
        key=[("dot", "red", exposure.attack), ("tick", "grey", "baseline")],
    )  # fmt: skip


def candidates_of(release: Release, guesses: Guesses, record: int, *, most: int = 10) -> Display:
    """Who could this dot be? Draw the most probable addresses of one simulated dot.

    Parameters
    ----------
    release : Release
        Simulated, on fictional places.
    guesses : Guesses
        Of that release, with a posterior.
    record : int
        Row of the release, from 0.
    most : int
        How many addresses, 1 or more; what the others hold together is the last bar.

    Returns
    -------
    Display

    Raises
    ------
    ParameterError
        The release is not simulated, its places are real, the guesses have no posterior or
        are of another release, or the dot has no candidate.

    Examples
    --------
    >>> import privaudit as pa
    >>> from privaudit.maps.guess import guess
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> leak = pa.publish(campaign, pa.DotMap(mask=pa.masks.Donut(r_min=20, r_max=60)), seed=7)
    >>> knows = pa.Adversary.knows_mask(pa.masks.Donut(r_min=20, r_max=60))
    >>> found = guess(leak.as_leaked(), knows, rng=np.random.default_rng(7))
    >>> pa.maps.charts.candidates_of(leak, found, 0, most=2).data["line"].iloc[-1][-15:]
    'other addresses'
    """
    who = "candidates_of"
    whole(who, "most", most, 1)
    if release.provenance != "simulated" or release.backdrop is None:
        came = f"an {release.provenance}" if release.backdrop is not None else "no addresses"
        raise ParameterError.of(who, "a simulated release with its addresses", came)
    _fictional(who, release.backdrop)
    posterior = guesses.posterior
    if posterior is None or len(posterior) != len(release):
        raise ParameterError.of(who, "guesses of that release, with a posterior", "others")
    row = whole(who, "record", record, 0, len(release) - 1)
    part = slice(posterior.indptr[row], posterior.indptr[row + 1])
    candidate, probability = posterior.candidate[part], posterior.probability[part]
    if len(candidate) == 0:
        raise ParameterError.of(who, "a dot that some address explains", f"record={row}")
    best = np.argsort(-probability, kind="stable")[:most]
    places = release.backdrop.frame.iloc[candidate[best]]
    names = [f"{n} {s}" for n, s in zip(places["number"], places["street"], strict=True)]
    value = probability[best].tolist()
    if len(candidate) > len(best):
        names.append(f"{len(candidate) - len(best):,} other addresses")
        value.append(max(0.0, 1.0 - sum(value)))
    title = f"Who could this dot be? {len(candidate):,} addresses, the likeliest {value[0]:.0%}"
    words = english()
    lines = []
    for place, (name, share) in enumerate(zip(names, value, strict=True)):
        label = words.percent(share)
        colour = "red" if place < len(best) else "grey"
        lines.append(ChartLine(name, [Mark(share, label, label, colour=colour)]))
    return line_chart(
        "candidates", words, "simulated", title=title, panels=[Panel(lines)], write=words.tick,
        axis=f"probability presumed ({guesses.attack})",
    )  # fmt: skip


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
    >>> hit_rate(frame, shares=["recall"]).title
    'Recall 90% at 3, 30% at 12 metres a pixel'
    """
    who = "hit_rate"
    one_of(who, "provenance", provenance, ("simulated", "audited file"))
    needed = [x, *(f"{share}{part}" for share in shares for part in ("", "_low", "_high"))]
    columns_present(who, "column", needed, frame.columns, "the frame")
    if len(frame) == 0 or not shares:
        came = f"{len(frame)} rows and {len(shares)} shares"
        raise ParameterError.of(who, "at least one row and one share", came)
    rows = frame.sort_values(x)
    at = rows[x].to_numpy(dtype=float)
    last = rows[shares[-1]].to_numpy(dtype=float)
    title = f"{_words(shares[-1])} {last[0]:.0%} at {at[0]:g}, {last[-1]:.0%} at {at[-1]:g} {label}"
    words = english()
    drawn = [
        Curve(
            _words(share), at.tolist(), rows[share].tolist(), colour,
            low=rows[f"{share}_low"].tolist(), high=rows[f"{share}_high"].tolist(),
        )
        for share, colour in zip(shares, cycle(SERIES), strict=False)
    ]  # fmt: skip
    return curve_chart(
        "hit_rate", words, provenance, title=title, curves=drawn, write=words.tick,
        axes=(label, "share, 95 % interval"), up=share_scale(words),
    )  # fmt: skip


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
    >>> from privaudit.studies.audit_access import audit_averages
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> fresh = audit_averages(campaign, pa.masks.Gaussian(sigma=50), copies=(1, 4))
    >>> pa.maps.charts.error_by_versions(fresh).data["curve"].iloc[0]
    'slope -1/2'
    """
    who = "error_by_versions"
    curves = [_errors(who, result) for result in results]
    if not curves:
        raise ParameterError.of(who, "a result of averaging_exposure", "none")
    copies, rows = curves[0]
    value = [row.value for row in rows]
    first = "1 copy" if copies[0] == 1 else f"{copies[0]} copies"
    title = f"{value[0]:,.0f} m off with {first}, {value[-1]:,.0f} m with {copies[-1]}"
    fall = [value[0] * math.sqrt(copies[0] / many) for many in copies]
    drawn = [Curve("slope -1/2", copies, fall, "grey", dashed=True, marked=False)]
    for (many, errors), colour in zip(curves, cycle(SERIES), strict=False):
        dots = int(max(row.n for row in errors))
        name = f"{errors[0].part.get('noise', 'given')} noise (n = {dots:,} dots)"
        drawn.append(Curve.of(name, many, errors, colour))
    words = english()
    ends = [v for curve in drawn for v in (*curve.y, *curve.low, *curve.high) if v > 0]
    return curve_chart(
        "error_by_versions", words, results[0].provenance, title=title, curves=drawn, log=True,
        axes=("versions averaged (copies)", "mean error (metres), 95 % interval"),
        write=words.count, up=ratio_scale(ends, words.count, rounded=True),
    )  # fmt: skip


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
    >>> from privaudit.maps.scoring.access import leak_exposure
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> pa.maps.charts.leak_odds(leak_exposure(campaign, (1, 10, 100))).title
    '63% chance that any of 100 accounts leaks'
    """
    odds = sorted(
        (row.part["accounts"], row.value, row.part["each"])
        for row in curve.rows
        if row.measure == "any_leak"
    )
    if not odds:
        raise ParameterError.of("leak_odds", "a result of leak_exposure", f"'{curve.family}'")
    most, chance, each = odds[-1]
    # A chance never rounds up to certainty.
    text = "over 99%" if chance > 0.99 else f"{chance:.0%}"
    # The odds do not hang on what the accounts see: one line for both moments.
    many, value, _ = zip(*odds, strict=True)
    name = f"any leak ({each:g} an account)"
    drawn = [Curve(name, many, value, "grey", dashed=True, marked=False)]
    for moment, colour in zip(("before", "after"), SERIES, strict=False):
        rows = sorted(
            (
                row
                for row in curve.rows
                if row.measure == "addresses_found" and row.part["moment"] == moment
            ),
            key=lambda row: row.part["accounts"],
        )
        name = f"address found, {moment} the restriction (n = {rows[0].n:,.0f} people)"
        at = [row.part["accounts"] for row in rows]
        drawn.append(Curve(name, at, [row.value for row in rows], colour))
    words = english()
    across = f"accounts, each leaking with probability {each:g} (scenario)"
    return curve_chart(
        "leak_odds", words, curve.provenance, curves=drawn, write=words.tick, log=True,
        title=f"{text} chance that any of {most:,} accounts leaks", up=share_scale(words),
        axes=(across, "probability; expected share of people"),
    )  # fmt: skip


def _fictional(who: str, base: AddressBase) -> None:
    if base.real or base.crs != "fictional":
        needed, do = "fictional places", "Draw areas instead: report maps them."
        raise ParameterError.of(who, needed, "real ones", do)


def _errors(who: str, result: Measures) -> tuple[list[int], list[Row]]:
    """Numbers of copies in rising order, and their rows."""
    rows = [row for row in result.rows if row.measure == "error" and "copies" in row.part]
    rows.sort(key=lambda row: int(row.part["copies"]))
    if not rows or not all(row.value > 0 for row in rows):
        needed = "error rows above 0 metres, by copies, of averaging_exposure"
        raise ParameterError.of(who, needed, f"none, or one of 0, in '{result.family}'")
    return [int(row.part["copies"]) for row in rows], rows


def _words(name: str) -> str:
    return name.replace("_", " ")
