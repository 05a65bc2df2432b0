"""Where does a picture lie? By its edges, by points that were clicked, or by its own pattern.

- Perspective of a photographed screen: its corners, and the homography that flattens it.
- A photograph of a screen, or of a sheet, laid flat before it is read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from privaudit.core.checks import error_message
from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.release.release import Georeference
from privaudit.screenshots.open_picture import MOST_PIXELS
from privaudit.screenshots.picture_dots import PictureDots, named
from privaudit.screenshots.registration import (
    NEAR,
    PlaceIndex,
    TestedRegistration,
    fit_affine,
    fit_similarity,
    on_place_within,
    register_against_null,
    spread_across,
)
from privaudit.words.catalogues import Note

# Longer side, in pixels, of the picture in which a screen is looked for; bins of its lightness.
_GLANCE, _BINS = 500, 64
# A screen takes up so much of a picture at least, fills its four sides to this share, and its
# corners lie so far within the picture. It is brighter than what is around by so many levels.
_ROOM, _FULL, _WITHIN, _BRIGHTER = 0.2, 0.95, 0.01, 40.0
# Its sides are found from the middle part of each; a side strays from a line by so much, in
# pixels of the glance; a picture whose sides are straight to this sine was not taken aslant.
_MIDDLE, _STRAY, _STRAIGHT = 0.8, 1.5, 0.004
# Shapes that screens and sheets have, and how near one must be to be meant.
_SHAPES, _NEAR = (4 / 3, 3 / 2, 16 / 10, 16 / 9, 21 / 9, 2**0.5), 0.02


def screen_corners(image: np.ndarray) -> np.ndarray | None:
    """Return the corners of a bright, slanted screen or sheet in a picture, or None.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)

    Returns
    -------
    float, shape (4, 2)
        Column and row of the upper left, upper right, lower right and lower left corner.

    Examples
    --------
    >>> image = np.zeros((200, 300, 3), np.uint8)
    >>> row, column = np.mgrid[:200, :300]
    >>> inside = (row > 20 + column / 10) & (row < 170) & (column > 30) & (column < 260)
    >>> image[inside] = 220
    >>> true = np.array([[31, 23.6], [260, 46.5], [260, 170], [31, 170]])
    >>> bool(np.abs(screen_corners(image) - true).max() < 1)
    True
    >>> screen_corners(np.full((200, 300, 3), 220, np.uint8)) is None
    True
    """
    step = max(1, int(np.ceil(max(image.shape[:2]) / _GLANCE)))
    light = ndimage.uniform_filter(image.astype(np.float32).mean(axis=2), step)[::step, ::step]
    light = ndimage.median_filter(light, 5)
    bright = light > _threshold(light)
    label, many = ndimage.label(bright)
    if not many:
        return None
    room = np.bincount(label.reshape(-1))
    room[0] = 0
    piece = ndimage.binary_fill_holes(label == room.argmax())
    if piece.mean() < _ROOM or piece.all():
        return None
    contrast = light[piece].mean() - light[~piece].mean()
    at = np.column_stack(np.nonzero(piece & ~ndimage.binary_erosion(piece)))[:, ::-1] + 0.5
    corner = _corners(at)
    if corner is None or contrast < _BRIGHTER:
        return None
    high, wide = piece.shape
    margin = _WITHIN * max(high, wide)
    inside = (corner > margin).all() and (corner < [wide - margin, high - margin]).all()
    full = piece.sum() / max(_area(corner), 1.0)
    if not inside or not _FULL <= full <= 1 / _FULL or _is_straight(corner):
        return None
    return corner * step


def _threshold(light: np.ndarray) -> float:
    """Return Otsu's threshold of lightness (Otsu 1979)."""
    count, edge = np.histogram(light, _BINS)
    middle = (edge[1:] + edge[:-1]) / 2
    below = np.cumsum(count)
    total = np.cumsum(count * middle)
    above = below[-1] - below
    some = (below > 0) & (above > 0)
    gap = total / np.maximum(below, 1) - (total[-1] - total) / np.maximum(above, 1)
    return float(middle[np.argmax(np.where(some, below * above * gap**2, -1.0))])


def _corners(at: np.ndarray) -> np.ndarray | None:
    """Return the corners of four lines along the sides of a piece, or None."""
    x, y = at.T
    rough = np.array(
        [at[np.argmin(x + y)], at[np.argmax(x - y)], at[np.argmax(x + y)], at[np.argmin(x - y)]]
    )
    lines = []
    for start, end in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        along = end - start
        length = float(np.hypot(*along))
        if length < 10:
            return None
        along = along / length
        away = at - start
        share, off = away @ along / length, away @ [-along[1], along[0]]
        near = (np.abs(share - 0.5) < _MIDDLE / 2) & (np.abs(off) < 0.06 * length)
        if near.sum() < 0.3 * length:
            return None
        point = at[near]
        for _ in range(3):
            middle = point.mean(axis=0)
            normal = np.linalg.svd(point - middle, full_matrices=False)[2][1]
            off = np.abs((at[near] - middle) @ normal)
            point = at[near][off <= max(_STRAY, float(np.median(off)))]
        if np.median(off) > _STRAY:
            return None
        # The outline's pixels are inside: half a pixel beyond them is the edge.
        outwards = normal * np.sign(normal @ (middle - at.mean(axis=0)))
        lines.append((outwards, float(outwards @ middle) + 0.5))
    made = []
    for (n, c), (m, d) in zip([lines[-1], *lines[:-1]], lines, strict=True):
        matrix = np.array([n, m])
        if abs(np.linalg.det(matrix)) < 0.2:
            return None
        made.append(np.linalg.solve(matrix, [c, d]))
    return np.array(made)


def _area(corner: np.ndarray) -> float:
    """Return the area of a polygon."""
    x, y = corner.T
    return float(abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2)


def _is_straight(corner: np.ndarray) -> bool:
    """Return whether points lie on a line."""
    side = np.roll(corner, -1, axis=0) - corner
    return bool((np.abs(side).min(axis=1) <= _STRAIGHT * np.abs(side).max(axis=1)).all())


def flat_size(corner: np.ndarray, shape: tuple[int, int]) -> tuple[float, float]:
    """Return width and height, in pixels, of what four corners show once flattened.

    How wide it is for its height follows from the perspective, the picture's middle being where its
    lens looked (Zhang and He 2007); a shape near that of a usual screen is taken for it.

    Parameters
    ----------
    corner : float, shape (4, 2)
        As of `screen_corners`.
    shape : tuple of int
        Height and width of the picture.

    Returns
    -------
    tuple of float

    References
    ----------
    Zhang and He (2007).
    """
    side = np.hypot(*(np.roll(corner, -1, axis=0) - corner).T)
    wide, high = float(max(side[0], side[2])), float(max(side[1], side[3]))
    ratio = _ratio(corner - np.array(shape[::-1]) / 2) or wide / high
    for usual in (*_SHAPES, *(1 / shape for shape in _SHAPES)):
        if abs(np.log(ratio / usual)) <= _NEAR:
            ratio = usual
            break
    return (wide, wide / ratio) if wide / ratio >= high else (high * ratio, high)


def _ratio(corner: np.ndarray) -> float | None:
    """Return the aspect ratio of a rectangle seen in perspective; None where it is hardly one."""
    size = float(np.abs(corner).max())
    first, second, fourth, third = np.column_stack([corner / size, np.ones(4)])
    k2 = np.cross(first, fourth) @ third / (np.cross(second, fourth) @ third)
    k3 = np.cross(first, fourth) @ second / (np.cross(third, fourth) @ second)
    n2, n3 = k2 * second - first, k3 * third - first
    if abs(n2[2] * n3[2]) < 1e-4:
        return None
    focal = -(n2[:2] @ n3[:2]) / (n2[2] * n3[2])
    if focal <= 0.1:
        return None
    weight = np.array([1 / focal, 1 / focal, 1.0])
    return float(np.sqrt((weight * n2**2).sum() / (weight * n3**2).sum()))


def homography(slanted: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Return the homography (3, 3) from points of a picture to the flat.

    Parameters
    ----------
    slanted, flat : float, shape (n, 2)
        Four points or more; by least squares where there are more.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> seen = np.array([[0.0, 0], [10, 0], [9, 5], [1, 5]])
    >>> flat = np.array([[0.0, 0], [10, 0], [10, 8], [0, 8]])
    >>> made = homography(seen, flat) @ [9, 5, 1]
    >>> (made[:2] / made[2]).round(6).tolist()
    [10.0, 8.0]
    """
    before, after = _levelled(slanted), _levelled(flat)
    x, y = (np.column_stack([slanted, np.ones(len(slanted))]) @ before.T)[:, :2].T
    u, v = (np.column_stack([flat, np.ones(len(flat))]) @ after.T)[:, :2].T
    ones, zeros = np.ones(len(x)), np.zeros((len(x), 3))
    place = np.column_stack([x, y, ones])
    rows = np.vstack(
        [
            np.column_stack([place, zeros, -u[:, None] * place]),
            np.column_stack([zeros, place, -v[:, None] * place]),
        ]
    )
    homography = np.linalg.svd(rows)[2][-1].reshape(3, 3)
    return np.asarray(np.linalg.solve(after, homography @ before))


def _levelled(points: np.ndarray) -> np.ndarray:
    """Return the normalising matrix: centred points at mean distance one."""
    middle = points.mean(axis=0)
    size = max(float(np.hypot(*(points - middle).T).mean()), 1e-9)
    return np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, size]]) / size


# Clicks that stray by more pixels than this from any map without perspective were made on a
# picture that was taken aslant.
_ASLANT = 6.0


def flattened(
    image: np.ndarray, clicks: np.ndarray | None, *, who: str
) -> tuple[np.ndarray, np.ndarray | None, list[Note]]:
    """Lay a picture flat that was taken aslant: by four clicks, or by the screen that it shows.

    - `image` (uint8, shape (h, w, 3))
    - `clicks` (float, shape (n, 4)): Column, row, x, y.
    - returns: The picture and the clicks on it, and what was done; unchanged where nothing is
      aslant.
    """
    if clicks is not None and clicks.shape[1:] == (4,) and len(clicks) >= 4:
        rough = fit_affine(clicks[:, :2], clicks[:, 2:])
        metres = Georeference(rough.matrix).metres_per_pixel
        if rough.residual > _ASLANT * metres:
            flat = clicks[:, 2:] * [1, -1] / metres
            return _by_clicks(image, homography(clicks[:, :2], flat), clicks, who)
    found = screen_corners(image)
    if found is not None:
        return _by_corners(image, found, clicks)
    return image, clicks, []


def _by_corners(
    image: np.ndarray, corners: np.ndarray, clicks: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray | None, list[Note]]:
    wide, high = flat_size(corners, (image.shape[0], image.shape[1]))
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]])
    matrix = homography(corners, flat)
    return (
        _warped(image, matrix, (round(wide), round(high))),
        _moved(clicks, matrix),
        [Note("picture_flat_by_screen")],
    )


def _by_clicks(
    image: np.ndarray, matrix: np.ndarray, clicks: np.ndarray, who: str
) -> tuple[np.ndarray, np.ndarray, list[Note]]:
    """Lay a picture by clicks, north up, as far as it reaches and no farther than twice they do."""
    high, wide = image.shape[:2]
    edge = np.array([[0, 0], [wide, 0], [wide, high], [0, high], *clicks[:, :2]], float)
    at = np.column_stack([edge, np.ones(len(edge))]) @ matrix.T
    own = at[4:, :2] / at[4:, 2:]
    side = np.sign(at[4:, 2])
    if (side != side[0]).any():
        raise GeometryError(
            error_message(who, "clicks that some view from one side shows", "others")
        )
    low, up = own.min(axis=0), own.max(axis=0)
    far = (up - low).max()
    seen = at[:4][np.sign(at[:4, 2]) == side[0]]
    reach = np.concatenate([own, seen[:, :2] / seen[:, 2:]])
    low = np.maximum(reach.min(axis=0), low - far)
    size = np.minimum(reach.max(axis=0), up + far) - low
    if size.prod() > MOST_PIXELS:
        raise GeometryError(
            error_message(who, "clicks across the picture", "clicks close together")
        )
    matrix = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]]) @ matrix
    image = _warped(image, matrix, (max(1, round(size[0])), max(1, round(size[1]))))
    moved = np.column_stack([own - low, clicks[:, 2:]])
    return image, moved, [Note("picture_flat_by_clicks", clicks=len(clicks))]


def _moved(clicks: np.ndarray | None, matrix: np.ndarray) -> np.ndarray | None:
    if clicks is None or clicks.shape[1:] != (4,):
        return clicks
    at = np.column_stack([clicks[:, :2], np.ones(len(clicks))]) @ matrix.T
    return np.column_stack([at[:, :2] / at[:, 2:], clicks[:, 2:]])


def _warped(image: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the picture as the matrix lays it; what it does not show is white."""
    from PIL import Image

    back = np.linalg.inv(matrix)
    made = Image.fromarray(image).transform(
        size,
        Image.Transform.PERSPECTIVE,
        tuple((back / back[2, 2]).reshape(-1)[:8]),
        Image.Resampling.BICUBIC,
        fillcolor=(255, 255, 255),
    )
    return np.asarray(made)


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
    plan, metres = PlaceIndex(base.xy), edges.metres_per_pixel
    at = edges.to_metres(dots.pixel)
    distance, place = plan.tree.query(at - plan.middle)
    met = len(np.unique(place[distance <= float(on_place_within(metres))]))
    share = met / len(at)
    off = 3 * metres + _BOX_OFF * float(np.hypot(*size)) * metres / 2
    if share >= _BOX_GOOD:
        return plain
    found = register_against_null(
        at * [1, -1], plan, turn=None, most=FALSE_PLACE, pixel=metres, within=off
    )
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
        raise GeometryError(
            error_message(who, needed, f"numbers of shape {table.shape}, or missing ones")
        )
    seen, true = table[:, :2], table[:, 2:]
    if min(spread_across(seen), spread_across(true)) < _ON_A_LINE:
        do = "Click three corners of a large triangle."
        raise GeometryError(
            error_message(who, "clicks that are not on one line", "such clicks", do)
        )
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
        found = register_against_null(
            rough.to_metres(dots.pixel) * [1, -1],
            PlaceIndex(base.xy),
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
        raise ParameterError(
            error_message(who, needed, f"{len(base):,}", "Name the commune, or give bbox.")
        )
    do = "Give bbox, or three clicks."
    if len(dots.pixel) < FEWEST_DOTS:
        needed = f"at least {FEWEST_DOTS} dots to find where the picture lies"
        raise GeometryError(error_message(who, needed, f"{len(dots.pixel)}", do))
    plan = PlaceIndex(base.xy)
    ways = [(near, turn) for near in _nearness(dots) for turn in (_NORTH_UP, None)]
    for tried, (near, turn) in enumerate(ways if len(plan.place) > 1 else (), 1):
        found = register_against_null(
            dots.pixel, plan, turn=turn, most=FALSE_PLACE / tried, near=near
        )
        if found is not None:
            return _placed(found._replace(chance=found.chance * tried), Note("placed_by_pattern"))
    if dots.others:
        do = f"{do} It also shows {named(dots.others)}: colour= says which dots are meant."
    needed = "dots that stand on the addresses somewhere, more than those of decoys do"
    came = "none beyond chance: few dots, dots moved by a mask, a stretched picture, another place"
    raise GeometryError(error_message(who, needed, came, do))


def _nearness(dots: PictureDots) -> list[float]:
    """Return how far from an address, in pixels, a dot is on it: what is tried, in turn."""
    sharp = not dots.rounded and float(np.median(dots.error)) <= _SHARP
    return [NEAR, _NEAR_SHARP] if sharp and len(dots.pixel) <= _FEW else [NEAR]


def _placed(found: TestedRegistration, how: Note, rough: Georeference | None = None) -> Placed:
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
