"""Where does a picture lie? By its edges, by points that were clicked, or by its own pattern."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import say
from privaudit.errors import GeometryError, ParameterError
from privaudit.measures.pictures.affine_fit import fit_affine, fit_similarity, spread_across
from privaudit.measures.pictures.decoys import Found, find_place
from privaudit.measures.pictures.plan import Plan
from privaudit.measures.pictures.registration import NEAR, on_place_within
from privaudit.places.address_base import AddressBase
from privaudit.release.pictures.georeference import Georeference
from privaudit.release.pictures.picture_dots import PictureDots, named
from privaudit.words.note import Note

__all__ = [
    "FALSE_PLACE", "FEWEST_DOTS", "MOST_ADDRESSES", "Placed", "by_box", "by_clicks", "by_pattern",
]  # fmt: skip

# A careful click is off by this much, in pixels, on each axis.
CLICK_PIXELS = 2.0
# Clicks are on one line where they spread across it less than this share of along it.
_ON_A_LINE = 0.05
# Dots that a pattern needs, and addresses among which it can be sought.
FEWEST_DOTS, MOST_ADDRESSES = 6, 300_000
# Probability of a false place that is borne, by the bound of `false_placement`.
FALSE_PLACE = 1e-4
# Web maps are north up; the grid of a country turns against the meridian by up to six degrees.
_NORTH_UP = 7.0
# Few dots that were read better than this, in pixels, are also sought within the second of their
# addresses: it leaves less to chance, and is too strict for dots that overlap.
_FEW, _SHARP, _NEAR_SHARP = 30, 0.15, 0.35
# A box is off by three pixels and by this share of its half diagonal, where it is a box of
# degrees or of another grid; below the second share of dots on addresses it is looked into.
_BOX_OFF, _BOX_GOOD = 0.1, 0.9
# Dots that a better place puts on addresses beyond what the box does.
_MORE = 0.1


@dataclass(frozen=True, eq=False, kw_only=True)
class Placed:
    """Where a picture lies, and how sure that is.

    `residual` is the standard deviation, in metres, of a dot's position on each axis that the
    placing leaves; None where it adds nothing to what reading the dots left. `on_address` is
    the share of the dots that stand on an address of their own, `by_chance` the same for the
    best place of decoys, `false_place` bounds the probability that the place is a false one,
    `turn` how far the picture is turned against the grid, in degrees; nan where the pattern was
    not asked.
    """

    georeference: Georeference
    how: Note
    residual: float | None = None
    on_address: float = float("nan")
    by_chance: float = float("nan")
    false_place: float = float("nan")
    turn: float = float("nan")


def by_box(box: ArrayLike, size: tuple[int, int], dots: PictureDots, base: AddressBase) -> Placed:
    """Place a picture by its edges.

    A web map is a box of degrees, which no grid of metres keeps straight. Where another place
    close by puts clearly more dots on addresses, the picture is laid there.

    - `box` (float, shape (4,)): West, south, east, north, in metres.
    """
    edges = Georeference.of_box(box, width=size[0], height=size[1])
    plain = Placed(georeference=edges, how=Note("placed_by_bbox"))
    if len(dots.pixel) < FEWEST_DOTS or not 1 < len(base) <= MOST_ADDRESSES:
        return plain
    matrix = edges.matrix
    # A picture whose pixels are not square was stretched, and no turn mends that.
    if abs(np.log(abs(matrix[0, 0] / matrix[1, 1]))) > 0.02:
        return plain
    plan, metres = Plan(base.xy), edges.metres_per_pixel
    at = edges.to_metres(dots.pixel)
    distance, place = plan.tree.query(at - plan.middle)
    met = len(np.unique(place[distance <= float(on_place_within(metres))]))
    share = met / len(at)
    off = 3 * metres + _BOX_OFF * float(np.hypot(*size)) * metres / 2
    if share >= _BOX_GOOD:
        return plain
    found = find_place(at * [1, -1], plan, turn=None, most=FALSE_PLACE, pixel=metres, within=off)
    if found is None or found.best.on_place < share + _MORE:
        return plain
    return _placed(found, Note("placed_by_bbox_then_pattern"), edges)


def by_clicks(clicks: ArrayLike, dots: PictureDots, base: AddressBase, *, who: str) -> Placed:
    """Place a picture by points of which both the pixel and the metres are known.

    Three clicks fit a map that turns and scales; where clicks fit such a map badly, one that
    also stretches. Clicks are rarely exact: within what they leave open, the picture is then
    laid on the addresses, where the dots clearly ask for it.

    - `clicks` (float, shape (n, 4)): Column and row from the upper left corner, x and y in metres.
      Three or more.
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
    left = error * _leverage(seen, dots.pixel)
    found = None
    if len(dots.pixel) >= FEWEST_DOTS and 1 < len(base) <= MOST_ADDRESSES:
        found = find_place(
            rough.to_metres(dots.pixel) * [1, -1],
            Plan(base.xy),
            turn=None,
            most=FALSE_PLACE,
            pixel=rough.metres_per_pixel,
            within=3 * float(left.max(initial=error)),
        )
    if found is None:
        return Placed(
            georeference=rough,
            how=Note("placed_by_clicks", clicks=len(table)),
            residual=float(np.sqrt(np.mean(left**2))) if len(left) else error,
        )
    return _placed(found, Note("placed_by_clicks_then_pattern", clicks=len(table)), rough)


def by_pattern(dots: PictureDots, base: AddressBase, *, who: str) -> Placed:
    """Place a picture by the pattern of its dots alone: north up, or else turned by any angle.

    - `dots`: Six dots or more; below about nine the pattern is often not alone of its kind.
    - `base`: At most 300,000 addresses.
    """
    if len(base) > MOST_ADDRESSES:
        needed = f"at most {MOST_ADDRESSES:,} addresses to find a picture among"
        raise ParameterError(say(who, needed, f"{len(base):,}", "Name the commune, or give bbox."))
    do = "Give bbox, or three clicks."
    if len(dots.pixel) < FEWEST_DOTS:
        needed = f"at least {FEWEST_DOTS} dots to find where the picture lies"
        raise GeometryError(say(who, needed, f"{len(dots.pixel)}", do))
    plan = Plan(base.xy)
    ways = [(near, turn) for near in _nearness(dots) for turn in (_NORTH_UP, None)]
    for tried, (near, turn) in enumerate(ways if len(plan.place) > 1 else (), 1):
        found = find_place(dots.pixel, plan, turn=turn, most=FALSE_PLACE / tried, near=near)
        if found is not None:
            return _placed(found._replace(chance=found.chance * tried), Note("placed_by_pattern"))
    if dots.others:
        do = f"{do} It also shows {named(dots.others)}: colour= says which dots are meant."
    needed = "dots that stand on the addresses somewhere, more than those of decoys do"
    came = "none beyond chance: few dots, dots moved by a mask, a stretched picture, another place"
    raise GeometryError(say(who, needed, came, do))


def _nearness(dots: PictureDots) -> list[float]:
    """Return how far from an address, in pixels, a dot is on it: what is tried, in turn."""
    sharp = not dots.rounded and float(np.median(dots.error)) <= _SHARP
    return [NEAR, _NEAR_SHARP] if sharp and len(dots.pixel) <= _FEW else [NEAR]


def _placed(found: Found, how: Note, rough: Georeference | None = None) -> Placed:
    matrix = found.best.matrix
    if rough is not None:
        # Metres east and south of the rough map, in the turn and scale of the fine one.
        turned = np.vstack([rough.matrix * [[1], [-1]], [0, 0, 1]])
        matrix = matrix @ turned
    return Placed(
        georeference=Georeference(matrix),
        how=how,
        residual=found.best.residual,
        on_address=found.best.on_place,
        by_chance=found.decoys,
        false_place=found.chance,
        turn=float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))),
    )


def _leverage(seen: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Return the error of a dot's position on each axis, in errors of one click.

    Of a map with four parameters by least squares: it grows away from the clicks' middle.
    """
    middle = seen.mean(axis=0)
    size = ((seen - middle) ** 2).sum()
    away = ((pixels - middle) ** 2).sum(axis=1)
    return np.asarray(np.sqrt(1 / len(seen) + away / size))
