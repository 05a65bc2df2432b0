"""Pictures of a map's exposure: one question each, drawn from results that exist already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import one_of, say, whole
from privaudit._core.policy import SMALL_CELL, SPATIAL_K_MARKS
from privaudit.errors import ParameterError
from privaudit.exposure.maps.picture_curves import error_by_versions, hit_rate, leak_odds, panel
from privaudit.results.looks import GREY, RED, SERIES, SOFT, Display
from privaudit.results.row import GAINS

if TYPE_CHECKING:
    from privaudit.attacks.guesses import Guesses
    from privaudit.places.address_base import AddressBase
    from privaudit.release.release import Release
    from privaudit.results.exposure import Exposure

__all__ = [
    "candidates_of",
    "displacement",
    "error_by_versions",
    "hit_rate",
    "leak_odds",
    "risk_by_station",
    "spatial_k",
]


def __dir__() -> list[str]:
    # `pa.pictures.` completes to pictures, not to what they are made with.
    return sorted(__all__)


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
    from matplotlib.collections import LineCollection

    who = "displacement"
    _fictional(who, base)
    home, dot = (np.asarray(points, dtype=float) for points in (before, after))
    if home.ndim != 2 or home.shape[1] != 2 or home.shape != dot.shape:
        needed = "before and after of one shape (n, 2)"
        raise ParameterError(say(who, needed, f"shapes {home.shape} and {dot.shape}"))
    shown = np.isfinite(home).all(axis=1) & np.isfinite(dot).all(axis=1)
    metres = np.hypot(*(dot - home)[shown].T)
    median = f", half of them by {np.median(metres):,.0f} m or more" if shown.any() else ""
    left_out = f"; {np.sum(~shown):,} left out" if not shown.all() else ""
    title = f"{np.sum(shown):,} dots moved from the addresses that they mark{median}{left_out}"
    axes = panel(title, "simulated", height=6.5)
    axes.plot(*base.xy.T, ".", color=SOFT, ms=2, zorder=1, label="addresses")
    lines = np.stack([home[shown], dot[shown]], axis=1)
    axes.add_collection(LineCollection(list(lines), colors=GREY, linewidths=0.6, zorder=2))
    axes.plot(*dot[shown].T, "o", color=RED, ms=3, zorder=3, label="dots shown")
    axes.text(
        0.5, 0.5, "SIMULATED", transform=axes.transAxes, ha="center", va="center",
        rotation=30, fontsize=44, color=GREY, alpha=0.12,
    )  # fmt: skip
    axes.set(xlabel="x (metres)", ylabel="y (metres)", aspect="equal")
    axes.legend(frameon=False, fontsize=8)
    return Display(axes)


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
        k is known of fewer than `SMALL_CELL` people.
    """
    curves = {}
    for column, unit in (("k_addresses", "addresses"), ("k_people", "people")):
        if column not in exposure.per_person.columns:
            continue
        k = exposure.per_person[column].to_numpy(dtype=float)
        k = np.sort(k[np.isfinite(k)])
        # Each step of a curve is somebody: of a few people, it would be a list of them.
        if len(k) >= SMALL_CELL:
            curves[unit] = k
    if not curves:
        needed = f"a map of at least {SMALL_CELL} people whose spatial k is known"
        do = "Use an adversary who knows the mask."
        raise ParameterError(say("spatial_k", needed, "fewer", do))
    unit, k = next(iter(curves.items()))
    share = np.mean(k < SMALL_CELL)
    title = f"{share:.1%} of people are hidden among fewer than {SMALL_CELL} {unit}"
    axes = panel(title, exposure.provenance, reliable=exposure.reliable)
    for (unit, k), colour in zip(curves.items(), SERIES, strict=False):
        under = ", ".join(f"{np.mean(k < mark):.1%} under {mark}" for mark in SPATIAL_K_MARKS)
        height = np.arange(1, len(k) + 1) / len(k)
        axes.step(k, height, where="post", color=colour, label=f"{unit}: {under} (n = {len(k):,})")
    for mark in SPATIAL_K_MARKS:
        axes.axvline(mark, color=SOFT, linestyle=":", linewidth=1)
        axes.annotate(str(mark), (mark, 1.01), ha="center", fontsize=8, color=GREY)
    axes.set(xlabel="spatial k (addresses, people), log scale", ylabel="share of people, k or less")
    axes.set(xscale="log", ylim=(0, 1.06))
    # Below the numbers of the marks.
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0, 0.94))
    return Display(axes)


def risk_by_station(exposure: Exposure, *, gain: str = "address") -> Display:
    """Draw the share found in each polling station; small stations are withheld.

    Parameters
    ----------
    exposure : Exposure
    gain : {"address", "household", "person", "opinion"}

    Returns
    -------
    Display
        One bar a station, with its 95 % interval and baseline. Groups that `Exposure.by`
        suppresses have no bar, and say so. 0 is safe.

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
    height = 1.6 + 0.28 * len(rows)
    axes = panel(title, exposure.provenance, height=height, reliable=exposure.reliable)
    place = np.arange(len(rows))
    axes.barh(place[shown], value[shown], color=RED, height=0.7, label=exposure.attack)
    spread = np.clip([value - rows["low"], rows["high"] - value], 0, None)[:, shown]
    axes.errorbar(value[shown], place[shown], xerr=spread, fmt="none", ecolor="black", capsize=2)
    axes.plot(rows["baseline"].to_numpy(float)[shown], place[shown], "|", color=GREY, ms=12,
              label="baseline")  # fmt: skip
    for row in place[~shown]:
        axes.text(0.01, row, "withheld", va="center", fontsize=8, color=GREY)
    names = [
        (name if isinstance(name, str) and name else "unknown")
        + (f" (n = {n:,.0f})" if seen else "")
        for name, n, seen in zip(rows.index, rows["n"], shown, strict=True)
    ]
    axes.set(yticks=place, yticklabels=names, ylim=(len(rows) - 0.5, -0.5), xlim=(0, 1))
    axes.set(xlabel="share of people, 95 % interval", ylabel="polling station")
    axes.legend(frameon=False, fontsize=8)
    return Display(axes)


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
    >>> from privaudit.attacks.guess import guess
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> leak = pa.publish(campaign, pa.DotMap(mask=pa.Donut(low=20, high=60)), seed=7)
    >>> knows = pa.Adversary.knows_mask(pa.Donut(low=20, high=60))
    >>> found = guess(leak.as_leaked(), knows, rng=np.random.default_rng(7))
    >>> pa.pictures.candidates_of(leak, found, 0).ax_.get_ylabel()
    'address'
    """
    who = "candidates_of"
    whole(who, "most", most, 1)
    if release.provenance != "simulated" or release.backdrop is None:
        came = f"an {release.provenance}" if release.backdrop is not None else "no addresses"
        raise ParameterError(say(who, "a simulated release with its addresses", came))
    _fictional(who, release.backdrop)
    posterior = guesses.posterior
    if posterior is None or len(posterior) != len(release):
        raise ParameterError(say(who, "guesses of that release, with a posterior", "others"))
    row = whole(who, "record", record, 0, len(release) - 1)
    part = slice(posterior.indptr[row], posterior.indptr[row + 1])
    candidate, probability = posterior.candidate[part], posterior.probability[part]
    if len(candidate) == 0:
        raise ParameterError(say(who, "a dot that some address explains", f"record={row}"))
    best = np.argsort(-probability, kind="stable")[:most]
    places = release.backdrop.frame.iloc[candidate[best]]
    names = [f"{n} {s}" for n, s in zip(places["number"], places["street"], strict=True)]
    value = probability[best].tolist()
    if len(candidate) > len(best):
        names.append(f"{len(candidate) - len(best):,} other addresses")
        value.append(max(0.0, 1.0 - sum(value)))
    title = f"Who could this dot be? {len(candidate):,} addresses, the likeliest {value[0]:.0%}"
    axes = panel(title, "simulated", height=1.6 + 0.28 * len(names))
    axes.barh(np.arange(len(names)), value, color=[RED] * len(best) + [SOFT])
    axes.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5))
    axes.set(xlabel=f"probability presumed ({guesses.attack})", ylabel="address", xlim=(0, 1))
    return Display(axes)


def _fictional(who: str, base: AddressBase) -> None:
    if base.real or base.crs != "fictional":
        needed, do = "fictional places", "Draw areas instead: report maps them."
        raise ParameterError(say(who, needed, "real ones", do))
