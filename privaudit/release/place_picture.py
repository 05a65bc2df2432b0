"""Where does a picture lie? By its edges, by points that were clicked, or by its own pattern."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import say
from privaudit.errors import GeometryError, ParameterError
from privaudit.measures.pictures.affine_fit import fit_affine, fit_similarity, spread_across
from privaudit.measures.pictures.registration import Registration, register
from privaudit.places.address_base import AddressBase
from privaudit.release.georeference import Georeference

__all__ = ["Placed", "by_clicks", "by_pattern"]

# A careful click is off by this much, in pixels, on each axis.
CLICK_PIXELS = 2.0
# Clicks are on one line where they spread across it less than this share of along it.
_ON_A_LINE = 0.05
# Dots that a pattern needs, and addresses among which it can be sought.
FEWEST_DOTS, MOST_ADDRESSES = 10, 20_000
# Standard deviations by which more dots must stand on addresses than in the mirrored picture.
_BEYOND_CHANCE = 5.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Placed:
    """Where a picture lies, and how sure that is.

    `residual` is the standard deviation, in metres, of a dot's position on each axis that the
    placing leaves; None where it adds nothing to what reading the dots left. `on_address` is
    the share of the dots that stand on an address of their own, `by_chance` the same for the
    mirrored picture, laid as well as it can be; nan where the pattern was not asked.
    """

    georeference: Georeference
    how: str
    residual: float | None = None
    on_address: float = float("nan")
    by_chance: float = float("nan")


def by_clicks(clicks: ArrayLike, pixels: np.ndarray, base: AddressBase, *, who: str) -> Placed:
    """Place a picture by points of which both the pixel and the metres are known.

    Three clicks fit a map that turns and scales; where clicks fit such a map badly, one that
    also stretches. Clicks are rarely exact: within what they leave open, the picture is then
    laid on the addresses, where the dots clearly ask for it.

    Parameters
    ----------
    clicks : array_like of float, shape (n, 4)
        Column and row from the upper left corner, x and y in metres. Three or more.
    pixels : ndarray of float, shape (n, 2)
        The dots.
    base : AddressBase
    who : str
        Who complains.

    Returns
    -------
    Placed

    Raises
    ------
    GeometryError
        Fewer than three clicks, not four finite numbers each, or all of them about on one line.
    """
    table = np.asarray(clicks, float)
    if table.ndim != 2 or table.shape[1] != 4 or len(table) < 3 or not np.isfinite(table).all():
        needed = "three or more clicks of column, row, x and y"
        raise GeometryError(say(who, needed, f"numbers of shape {table.shape}, or missing ones"))
    seen, true = table[:, :2], table[:, 2:]
    if min(spread_across(seen), spread_across(true)) < _ON_A_LINE:
        do = "Click three corners of a large triangle."
        raise GeometryError(say(who, "clicks that are not on one line", "such clicks", do))
    fit, stretched = fit_similarity(seen, true), fit_affine(seen, true)
    metres = Georeference(stretched.matrix).metres_per_pixel
    if not fit.residual <= 3 * CLICK_PIXELS * metres:
        fit = stretched
    rough = Georeference(fit.matrix)
    error = CLICK_PIXELS * rough.metres_per_pixel
    if len(table) > 3:
        error = max(error, fit.residual)
    left = error * _leverage(seen, pixels)
    on_ground = rough.to_metres(pixels) * [1, -1]
    found = _beyond_chance(
        on_ground, base, pixel=rough.metres_per_pixel, within=3 * float(left.max(initial=error))
    )
    how = f"{len(table)} clicks"
    if found is None:
        return Placed(
            georeference=rough,
            how=how,
            residual=float(np.sqrt(np.mean(left**2))) if len(left) else error,
        )
    best, chance = found
    # Metres east and north of the rough map, in the turn and scale of the fine one.
    turned = np.vstack([fit.matrix * [[1], [-1]], [0, 0, 1]])
    return Placed(
        georeference=Georeference(best.matrix @ turned),
        how=f"{how}, then the pattern of the addresses",
        residual=best.residual,
        on_address=best.on_place,
        by_chance=chance,
    )


def by_pattern(pixels: np.ndarray, base: AddressBase, *, who: str) -> Placed:
    """Place a picture that is north up by the pattern of its dots alone.

    Parameters
    ----------
    pixels : ndarray of float, shape (n, 2)
        Ten dots or more.
    base : AddressBase
        At most 20,000 addresses.
    who : str
        Who complains.

    Returns
    -------
    Placed

    Raises
    ------
    GeometryError
        There are too few dots, or no map puts many more dots on addresses than chance does: a
        mask moved them, the picture is turned, or it shows another place.
    ParameterError
        There are too many addresses.
    """
    if len(base) > MOST_ADDRESSES:
        needed = f"at most {MOST_ADDRESSES:,} addresses to find a picture among"
        raise ParameterError(say(who, needed, f"{len(base):,}", "Name the commune, or give bbox."))
    do = "Give bbox, or three clicks."
    if len(pixels) < FEWEST_DOTS:
        needed = f"at least {FEWEST_DOTS} dots to find where the picture lies"
        raise GeometryError(say(who, needed, f"{len(pixels)}", do))
    found = _beyond_chance(pixels, base)
    if found is None:
        needed = "dots that stand on the addresses somewhere, more than the mirrored picture's"
        came = "none beyond chance: dots moved by a mask, a turned picture, or another place"
        raise GeometryError(say(who, needed, came, do))
    best, chance = found
    return Placed(
        georeference=Georeference(best.matrix),
        how="the pattern of the addresses",
        residual=best.residual,
        on_address=best.on_place,
        by_chance=chance,
    )


def _beyond_chance(
    pixels: np.ndarray, base: AddressBase, *, pixel: float = 1.0, within: float | None = None
) -> tuple[Registration, float] | None:
    """Return the best map and what chance reaches, or None where it does no better."""
    if len(pixels) < FEWEST_DOTS or len(base) > MOST_ADDRESSES:
        return None
    found = register(pixels, base.xy, pixel=pixel, within=within)
    if found is None:
        return None
    # The mirrored picture has the same dots, as near to each other, and lies nowhere.
    middle = pixels[:, 0].min() + pixels[:, 0].max()
    turned = np.column_stack([middle - pixels[:, 0], pixels[:, 1]])
    control = register(turned, base.xy, pixel=pixel, within=within)
    chance = 0.0 if control is None else control.on_place
    share = max(chance, 3 / len(pixels))
    error = np.sqrt(share * (1 - min(share, 0.99)) / len(pixels))
    if found.on_place - share < _BEYOND_CHANCE * error:
        return None
    return found, chance


def _leverage(seen: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Return the error of a dot's position on each axis, in errors of one click.

    Of a map with four parameters by least squares: it grows away from the clicks' middle.
    """
    middle = seen.mean(axis=0)
    size = ((seen - middle) ** 2).sum()
    away = ((pixels - middle) ** 2).sum(axis=1)
    return np.sqrt(1 / len(seen) + away / size)
