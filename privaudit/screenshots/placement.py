"""Placement of a picture on the ground: by its edges, by clicked points, or by its pattern.

A photograph of a screen or of a sheet is first flattened by the homography of its four corners.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.core.checks import columns_present
from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.release.release import Georeference
from privaudit.screenshots.colour_families_and_coverage import piece_sizes
from privaudit.screenshots.marker_colours import describe_marks
from privaudit.screenshots.open_picture import MOST_PIXELS
from privaudit.screenshots.picture_dots import PictureDots
from privaudit.screenshots.registration import (
    NEAR,
    AcceptedRegistration,
    PlaceIndex,
    fit_affine,
    fit_similarity,
    on_place_within,
    register_against_null,
)
from privaudit.words.catalogues import Note

# Longer side, in pixels, of the reduced picture in which a screen is sought; bins of its lightness.
_GLANCE, _BINS = 500, 64
# A screen covers at least this share of a picture, fills its four sides to this share, keeps its
# corners this far within the picture, and is this many levels brighter than its surroundings.
_ROOM, _FULL, _WITHIN, _BRIGHTER = 0.2, 0.95, 0.01, 40.0
# Share of each side, around its middle, to which a line is fitted; largest distance of a side from
# its line, in pixels of the reduced picture; sine below which a side is upright or level.
_MIDDLE, _STRAY, _STRAIGHT = 0.8, 1.5, 0.004
# Aspect ratios of screens and sheets, and the difference of logarithms at which one is assumed.
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
    label, room = piece_sizes(bright)
    if not len(room):
        return None
    piece = ndimage.binary_fill_holes(label == room.argmax() + 1)
    if piece.mean() < _ROOM or piece.all():
        return None
    contrast = light[piece].mean() - light[~piece].mean()
    at = np.column_stack(np.nonzero(piece & ~ndimage.binary_erosion(piece)))[:, ::-1] + 0.5
    corner = _side_corners(at)
    if corner is None or contrast < _BRIGHTER:
        return None
    size = np.array(piece.shape[::-1])
    margin = _WITHIN * size.max()
    inside = ((corner > margin) & (corner < size - margin)).all()
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


def _side_corners(at: np.ndarray) -> np.ndarray | None:
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
        # Pixels of the outline lie inside: the edge is half a pixel beyond them.
        outwards = normal * np.sign(normal @ (middle - at.mean(axis=0)))
        lines.append((outwards, float(outwards @ middle) + 0.5))
    corners = []
    for (n, c), (m, d) in zip([lines[-1], *lines[:-1]], lines, strict=True):
        matrix = np.array([n, m])
        if abs(np.linalg.det(matrix)) < 0.2:
            return None
        corners.append(np.linalg.solve(matrix, [c, d]))
    return np.array(corners)


def _area(corner: np.ndarray) -> float:
    """Return the area of a polygon."""
    x, y = corner.T
    return float(abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2)


def _is_straight(corner: np.ndarray) -> bool:
    """Return whether all sides are upright or level."""
    side = np.roll(corner, -1, axis=0) - corner
    return bool((np.abs(side).min(axis=1) <= _STRAIGHT * np.abs(side).max(axis=1)).all())


def flat_size(corner: np.ndarray, shape: tuple[int, int]) -> tuple[float, float]:
    """Return width and height, in pixels, of a flattened screen.

    The aspect ratio follows from the perspective, with the optical axis through the middle of the
    picture (Zhang and He 2007); one near that of a usual screen is taken for it.

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
    usual = (*_SHAPES, *(1 / shape for shape in _SHAPES))
    ratio = next((shape for shape in usual if abs(np.log(ratio / shape)) <= _NEAR), ratio)
    return (wide, wide / ratio) if wide / ratio >= high else (high * ratio, high)


def _ratio(corner: np.ndarray) -> float | None:
    """Return the aspect ratio of a rectangle in perspective; None where the perspective is weak."""
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
    """Fit the homography from points of a picture to the flat plane.

    Parameters
    ----------
    slanted, flat : float, shape (n, 2)
        Four points or more; by least squares where there are more.

    Returns
    -------
    float, shape (3, 3)

    References
    ----------
    Hartley and Zisserman (2003), algorithm 4.2 (normalised direct linear transformation).

    Examples
    --------
    >>> slanted = np.array([[0.0, 0], [10, 0], [9, 5], [1, 5]])
    >>> flat = np.array([[0.0, 0], [10, 0], [10, 8], [0, 8]])
    >>> corner = homography(slanted, flat) @ [9, 5, 1]
    >>> (corner[:2] / corner[2]).round(6).tolist()
    [10.0, 8.0]
    """
    before, after = _normalising(slanted), _normalising(flat)
    place, (u, v, _) = _mapped(before, slanted), _mapped(after, flat).T
    zeros = np.zeros_like(place)
    rows = np.vstack(
        [
            np.column_stack([place, zeros, -u[:, None] * place]),
            np.column_stack([zeros, place, -v[:, None] * place]),
        ]
    )
    matrix = np.linalg.svd(rows)[2][-1].reshape(3, 3)
    return np.asarray(np.linalg.solve(after, matrix @ before))


def _mapped(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the homogeneous coordinates of points mapped by a homography, shape (n, 3)."""
    return np.asarray(np.column_stack([points, np.ones(len(points))]) @ matrix.T)


def _normalising(points: np.ndarray) -> np.ndarray:
    """Return the normalising matrix: centred points at mean distance one."""
    middle = points.mean(axis=0)
    size = max(float(np.hypot(*(points - middle).T).mean()), 1e-9)
    return np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, size]]) / size


# Clicks that are this many pixels off any affine map were made on a slanted picture.
_ASLANT = 6.0


def flattened(
    image: np.ndarray, clicks: np.ndarray | None, *, who: str
) -> tuple[np.ndarray, np.ndarray | None, list[Note]]:
    """Flatten a slanted picture, by four clicks or by the screen that it shows.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    clicks : float, shape (n, 4), optional
        Column, row, x, y.
    who : str
        Name of the caller, for messages.

    Returns
    -------
    image : uint8, shape (h, w, 3)
    clicks : float, shape (n, 4), or None
        On the flattened picture.
    notes : list of Note
        Empty where nothing is slanted: image and clicks are unchanged.

    Raises
    ------
    GeometryError
        No view shows such clicks, or they lie too close together.
    """
    if clicks is not None and clicks.shape[1:] == (4,) and len(clicks) >= 4:
        rough = fit_affine(clicks[:, :2], clicks[:, 2:])
        metres = Georeference(rough.matrix).metres_per_pixel
        if rough.residual > _ASLANT * metres:
            flat = clicks[:, 2:] * [1, -1] / metres
            return _flatten_by_clicks(image, homography(clicks[:, :2], flat), clicks, who)
    corners = screen_corners(image)
    if corners is None:
        return image, clicks, []
    wide, high = flat_size(corners, (image.shape[0], image.shape[1]))
    matrix = homography(corners, np.array([[0, 0], [wide, 0], [wide, high], [0, high]]))
    if clicks is not None and clicks.shape[1:] == (4,):
        at = _mapped(matrix, clicks[:, :2])
        clicks = np.column_stack([at[:, :2] / at[:, 2:], clicks[:, 2:]])
    image = _warped(image, matrix, (round(wide), round(high)))
    return image, clicks, [Note("picture_flat_by_screen")]


def _flatten_by_clicks(
    image: np.ndarray, matrix: np.ndarray, clicks: np.ndarray, who: str
) -> tuple[np.ndarray, np.ndarray, list[Note]]:
    """Flatten a picture by clicks, north up, to at most twice the extent of the clicks."""
    high, wide = image.shape[:2]
    edge = np.array([[0, 0], [wide, 0], [wide, high], [0, high], *clicks[:, :2]], float)
    at = _mapped(matrix, edge)
    own = at[4:, :2] / at[4:, 2:]
    side = np.sign(at[4:, 2])
    if (side != side[0]).any():
        raise GeometryError.of(who, "clicks that some view from one side shows", "others")
    low, up = own.min(axis=0), own.max(axis=0)
    far = (up - low).max()
    visible = at[:4][np.sign(at[:4, 2]) == side[0]]
    reach = np.concatenate([own, visible[:, :2] / visible[:, 2:]])
    low = np.maximum(reach.min(axis=0), low - far)
    size = np.minimum(reach.max(axis=0), up + far) - low
    if size.prod() > MOST_PIXELS:
        raise GeometryError.of(who, "clicks across the picture", "clicks close together")
    matrix = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]]) @ matrix
    image = _warped(image, matrix, (max(1, round(size[0])), max(1, round(size[1]))))
    moved = np.column_stack([own - low, clicks[:, 2:]])
    return image, moved, [Note("picture_flat_by_clicks", clicks=len(clicks))]


def _warped(image: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Transform a picture by a homography; pixels outside of it are white."""
    from PIL import Image

    back = np.linalg.inv(matrix)
    flat = Image.fromarray(image).transform(
        size,
        Image.Transform.PERSPECTIVE,
        tuple((back / back[2, 2]).reshape(-1)[:8]),
        Image.Resampling.BICUBIC,
        fillcolor=(255, 255, 255),
    )
    return np.asarray(flat)


# Standard error of a careful click on each axis, in pixels.
CLICK_PIXELS = 2.0
# Clicks are on one line where they spread across it less than this share of along it.
_ON_A_LINE = 0.05
# Fewest dots of a pattern, and most addresses among which it can be sought.
FEWEST_DOTS, MOST_ADDRESSES = 6, 300_000
# Largest probability of a false place, by the bound of `false_placement`.
FALSE_PLACE = 1e-4
# Web maps are north up; the grid of a country turns against the meridian by up to six degrees.
_NORTH_UP = 7.0
# Up to so many dots, read to this standard error in pixels, are also sought within fewer pixels of
# their addresses: chance then explains less. It is too strict for dots that overlap.
_FEW, _SHARP, _NEAR_SHARP = 30, 0.15, 0.35
# A box of degrees, or of another grid, is off by three pixels and by this share of its half
# diagonal; below this share of dots on addresses another place is sought within that.
_BOX_OFF, _BOX_GOOD = 0.1, 0.9
# Share of the dots that another place must put on addresses beyond what the box does.
_MORE = 0.1


@dataclass(frozen=True, eq=False, kw_only=True)
class Placed:
    """The place of a picture, and its uncertainty.

    Parameters
    ----------
    georeference : Georeference
    how : Note
        The method.
    residual : float, optional
        Standard deviation, in metres, of a dot's position on each axis that the placing leaves;
        None where it adds nothing to the error of reading.
    tested : AcceptedRegistration, optional
        The registration of the dots on addresses; None where the pattern was not used.
    """

    georeference: Georeference
    how: Note
    residual: float | None = None
    tested: AcceptedRegistration | None = None

    @property
    def turn(self) -> float:
        """Return the degrees by which the picture is turned against the grid."""
        return float(np.degrees(np.arctan2(*self.georeference.matrix[::-1, 0])))


def by_box(box: ArrayLike, size: tuple[int, int], dots: PictureDots, base: AddressBase) -> Placed:
    """Place a picture by its edges.

    A web map is a box of degrees, which no grid of metres keeps straight. Where a place close by
    puts clearly more dots on addresses, it is taken instead.

    Parameters
    ----------
    box : float, shape (4,)
        West, south, east, north, in metres.
    size : tuple of int
        Width and height of the picture.
    dots : PictureDots
    base : AddressBase

    Returns
    -------
    Placed

    Raises
    ------
    GeometryError
        The box is empty.
    """
    edges = Georeference.of_box(box, width=size[0], height=size[1])
    plain = Placed(georeference=edges, how=Note("placed_by_bbox"))
    matrix = edges.matrix
    # A picture whose pixels are not square was stretched, and no turn mends that.
    stretched = abs(np.log(abs(matrix[0, 0] / matrix[1, 1]))) > 0.02
    if stretched or not _has_pattern(dots, base):
        return plain
    places, metres = PlaceIndex(base.xy), edges.metres_per_pixel
    at = edges.to_metres(dots.pixel)
    distance, place = places.tree.query(at - places.middle)
    share = len(np.unique(place[distance <= float(on_place_within(metres))])) / len(at)
    if share >= _BOX_GOOD:
        return plain
    off = 3 * metres + _BOX_OFF * float(np.hypot(*size)) * metres / 2
    tested = _register_near(edges, dots, places, off)
    if tested is None or tested.best.on_place < share + _MORE:
        return plain
    return _place_of(tested, Note("placed_by_bbox_then_pattern"), edges)


def by_clicks(clicks: ArrayLike, dots: PictureDots, base: AddressBase, *, who: str) -> Placed:
    """Place a picture by points whose pixel and metres are both known.

    A similarity is fitted; where clicks fit it badly, an affine map. Within the error of the
    clicks, the picture is then registered on the addresses, where chance does not explain it.

    Parameters
    ----------
    clicks : float, shape (n, 4)
        Column and row from the upper left corner, x and y in metres. Three or more.
    dots : PictureDots
    base : AddressBase
    who : str
        Name of the caller, for messages.

    Returns
    -------
    Placed

    Raises
    ------
    GeometryError
        Fewer than three clicks, clicks on one line, or missing numbers.
    """
    fitted = fit_clicks(clicks, who=who)
    rough, many = fitted.georeference, len(fitted.pixel)
    left = fitted.errors_at(dots.pixel)
    if _has_pattern(dots, base):
        within = 3 * float(left.max(initial=fitted.error))
        if tested := _register_near(rough, dots, PlaceIndex(base.xy), within):
            how = Note("placed_by_clicks_then_pattern", clicks=many)
            return _place_of(tested, how, rough)
    residual = fitted.error_at(dots.pixel) if len(left) else fitted.error
    how = Note("placed_by_clicks", clicks=many)
    return Placed(georeference=rough, how=how, residual=residual)


class FittedClicks(NamedTuple):
    """The place that clicks give, their pixels, and the standard error of one, in metres."""

    georeference: Georeference
    pixel: np.ndarray
    error: float

    def errors_at(self, pixels: np.ndarray) -> np.ndarray:
        """Return the error of a position on each axis, in metres."""
        return self.error * _leverage(self.pixel, pixels)

    def error_at(self, pixels: np.ndarray) -> float:
        """Return the error of positions on each axis: the root of their mean square."""
        return float(np.sqrt(np.mean(self.errors_at(pixels) ** 2)))


def spread_across(points: np.ndarray) -> float:
    """Return how far points are from collinear: smallest over largest standard deviation.

    0 for points on one line (or all in one place), 1 for points that spread alike every way.

    Parameters
    ----------
    points : float, shape (n, 2)

    Returns
    -------
    float

    Examples
    --------
    >>> spread_across(np.array([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0]]))
    0.0
    """
    size = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    ratio = float(size[-1] / size[0]) if len(size) > 1 and size[0] > 0 else 0.0
    return 0.0 if ratio < 1e-9 else ratio


def fit_clicks(clicks: ArrayLike, *, who: str) -> FittedClicks:
    """Fit a similarity to clicks, or an affine map where they fit it badly.

    Raises
    ------
    GeometryError
        Fewer than three clicks, clicks on one line, or missing numbers.
    """
    table = np.asarray(clicks, float)
    if table.ndim != 2 or table.shape[1] != 4 or len(table) < 3 or not np.isfinite(table).all():
        needed = "three or more clicks of column, row, x and y"
        came = f"numbers of shape {table.shape}, or missing ones"
        raise GeometryError.of(who, needed, came)
    pixel, ground = table[:, :2], table[:, 2:]
    if min(spread_across(pixel), spread_across(ground)) < _ON_A_LINE:
        needed, do = "clicks that are not on one line", "Click three corners of a large triangle."
        raise GeometryError.of(who, needed, "such clicks", do)
    fit, stretched = fit_similarity(pixel, ground), fit_affine(pixel, ground)
    if not fit.residual <= 3 * CLICK_PIXELS * Georeference(stretched.matrix).metres_per_pixel:
        fit = stretched
    rough = Georeference(fit.matrix)
    error = CLICK_PIXELS * rough.metres_per_pixel
    if len(table) > 3:
        error = max(error, fit.residual)
    return FittedClicks(rough, pixel, error)


def click_table(clicks: ArrayLike | pd.DataFrame | None, *, who: str) -> np.ndarray | None:
    """Return clicks as numbers, from a frame by its columns."""
    if isinstance(clicks, pd.DataFrame):
        columns = ["column", "row", "x", "y"]
        columns_present(who, "column", columns, clicks.columns, "the clicks")
        clicks = clicks[columns].to_numpy(dtype=float)
    return None if clicks is None else np.asarray(clicks, float)


def _has_pattern(dots: PictureDots, base: AddressBase) -> bool:
    """Return whether dots and addresses are enough to register one on the other."""
    return len(dots.pixel) >= FEWEST_DOTS and 1 < len(base) <= MOST_ADDRESSES


def _register_near(
    rough: Georeference, dots: PictureDots, places: PlaceIndex, within: float
) -> AcceptedRegistration | None:
    """Register dots on places, within some metres of a rough place."""
    return register_against_null(
        rough.to_metres(dots.pixel) * [1, -1],
        places,
        turn=None,
        most=FALSE_PLACE,
        pixel=rough.metres_per_pixel,
        within=within,
    )


def by_pattern(dots: PictureDots, base: AddressBase, *, who: str) -> Placed:
    """Place a picture by the pattern of its dots alone: north up, or else turned by any angle.

    Parameters
    ----------
    dots : PictureDots
        Six dots or more; a pattern of fewer than about nine is often not unique.
    base : AddressBase
        At most 300,000 addresses.
    who : str
        Name of the caller, for messages.

    Returns
    -------
    Placed

    Raises
    ------
    ParameterError
        Too many addresses.
    GeometryError
        Too few dots, or chance explains the best place.
    """
    if len(base) > MOST_ADDRESSES:
        needed = f"at most {MOST_ADDRESSES:,} addresses to find a picture among"
        do = "Name the commune, or give bbox."
        raise ParameterError.of(who, needed, f"{len(base):,}", do)
    do = "Give bbox, or three clicks."
    if len(dots.pixel) < FEWEST_DOTS:
        needed = f"at least {FEWEST_DOTS} dots to find where the picture lies"
        raise GeometryError.of(who, needed, f"{len(dots.pixel)}", do)
    places = PlaceIndex(base.xy)
    sharp = not dots.step and float(np.median(dots.error)) <= _SHARP
    tolerances = [NEAR, _NEAR_SHARP] if sharp and len(dots.pixel) <= _FEW else [NEAR]
    trials = [(near, turn) for near in tolerances for turn in (_NORTH_UP, None)]
    for k, (near, turn) in enumerate(trials if len(places.place) > 1 else (), 1):
        tested = register_against_null(
            dots.pixel, places, turn=turn, most=FALSE_PLACE / k, near=near
        )
        if tested is not None:
            return _place_of(tested._replace(chance=tested.chance * k), Note("placed_by_pattern"))
    if dots.others:
        do = f"{do} It also shows {describe_marks(dots.others)}: colour= says which dots are meant."
    needed = "dots that stand on the addresses somewhere, more than those of decoys do"
    came = "none beyond chance: few dots, dots moved by a mask, a stretched picture, another place"
    raise GeometryError.of(who, needed, came, do)


def _place_of(tested: AcceptedRegistration, how: Note, rough: Georeference | None = None) -> Placed:
    """Return the place of a registration, perhaps relative to a rough one."""
    matrix = tested.best.matrix
    if rough is not None:
        # Metres east and south of the rough map, in the turn and scale of the fine one.
        matrix = matrix @ np.vstack([rough.matrix * [[1], [-1]], [0, 0, 1]])
    place, residual = Georeference(matrix), tested.best.residual
    return Placed(georeference=place, how=how, residual=residual, tested=tested)


# Shifts, in sides of a picture, of the mirrored copies that its dots are compared with.
_SHIFTS = (-0.2, -0.1, 0.0, 0.1, 0.2)


def shows_its_place(
    dots: PictureDots, size: tuple[int, int], place: Georeference, base: AddressBase
) -> bool:
    """Return whether the dots are nearer to addresses than in each mirrored and moved copy.

    Dots of a chart or a table are not, nor are those that a mask moved far: no dot says then that
    the picture is of this place.

    Parameters
    ----------
    dots : PictureDots
    size : tuple of int
        Width and height of the picture; what a copy moves out of it comes in at the other side.
    place : Georeference
    base : AddressBase
    """
    tree = cKDTree(base.xy)

    def gap(at: np.ndarray) -> float:
        away = tree.query(place.to_metres(at % 1 * size))[0]
        return float(np.log(away + place.metres_per_pixel).mean())

    at = dots.pixel / size
    own = gap(at)
    mirrors, shifts = product((1, -1), repeat=2), [*product(_SHIFTS, repeat=2)]
    moved = (at * mirror + by for mirror in mirrors if -1 in mirror for by in shifts)
    # A mirrored estate of alike lots is as near: rounding is not to decide.
    return all(own < gap(copy) - 1e-9 for copy in moved)


def _leverage(clicks: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Return the error of a dot's position on each axis, in errors of one click.

    Of a similarity by least squares: it grows away from the middle of the clicks.
    """
    middle = clicks.mean(axis=0)
    size = ((clicks - middle) ** 2).sum()
    away = ((pixels - middle) ** 2).sum(axis=1)
    return np.asarray(np.sqrt(1 / len(clicks) + away / size))


# Share of the change of a busy line of pixels from which a line is an edge of cells; pixels that an
# edge may be off; edges that are needed; share of all changes that they must explain.
_BUSY, _OFF, _EDGES, _EXPLAINED = 0.15, 0.8, 8, 0.9
# Smaller cells, in pixels, cannot be distinguished from a smooth picture.
_FEWEST = 2.0


class CellGrid(NamedTuple):
    """Cells of a raster that a picture shows as blocks; each pair is (across, down).

    Parameters
    ----------
    first : tuple of float
        Start of the first cell, in pixels; cells at the rim of the picture are cut.
    side : tuple of float
        Sides of a cell, in pixels.
    many : tuple of int
        Number of cells.
    """

    first: tuple[float, float]
    side: tuple[float, float]
    many: tuple[int, int]

    def values(self, heat: np.ndarray) -> np.ndarray:
        """Return the median of each cell, away from its edges, which compression blurs."""
        parts = []
        for at in np.ndindex(3, 3):
            column, row = (
                np.clip(np.floor(f + (np.arange(n) + 0.5 + (k - 1) / 4) * s).astype(int),
                        0, size - 1)
                for f, s, n, k, size in zip(
                    self.first, self.side, self.many, at, heat.shape[::-1], strict=True
                )
            )  # fmt: skip
            parts.append(heat[np.ix_(row, column)])
        return np.asarray(np.median(parts, axis=0))

    def placed(self, picture: Georeference) -> Georeference:
        """Return the place of the raster of cells, by the place of the picture."""
        matrix = np.array(picture.matrix)
        matrix[:, 2] += matrix[:, :2] @ np.array(self.first)
        matrix[:, :2] *= np.array(self.side)
        return Georeference(matrix)


def cell_grid(heat: np.ndarray) -> CellGrid | None:
    """Return the cells of a blocky picture, or None where it is smooth.

    A raster that a program enlarges without smoothing changes at the edges of its cells alone. Read
    pixel by pixel, each value would be off by the change of heat within half a cell.

    Parameters
    ----------
    heat : float, shape (h, w)
        How hot each pixel is.

    Returns
    -------
    CellGrid or None

    Examples
    --------
    >>> cells = np.random.default_rng(1).random((12, 15))
    >>> grid = cell_grid(cells.repeat(4, 0).repeat(4, 1)[2:])
    >>> [round(float(v), 1) for v in grid.first], [round(float(v), 1) for v in grid.side]
    ([0.0, -2.0], [4.0, 4.0])
    >>> bool((grid.values(cells.repeat(4, 0).repeat(4, 1)[2:]) == cells).all())
    True
    """
    axes = []
    for axis in (1, 0):
        period = _period(np.abs(np.diff(heat, axis=axis)).sum(axis=1 - axis))
        if period is None:
            return None
        edge, wide = period
        # A cell of which less than half a pixel is seen is none.
        first = edge - int(np.ceil((edge - 0.5) / wide)) * wide
        axes.append((first, wide, int(np.ceil((heat.shape[axis] - first - 0.5) / wide))))
    return CellGrid(*zip(*axes, strict=True))


def _period(change: np.ndarray) -> tuple[float, float] | None:
    """Return the phase and period of edges along one axis."""
    if not change.any():
        return None
    busy = np.percentile(change[change > 0], 90)
    at = np.flatnonzero(change >= _BUSY * busy) + 1.0
    if len(at) < _EDGES:
        return None
    gap = np.diff(at)
    # Of cells side by side; where nothing changes an edge may be missing.
    wide = float(gap[gap < 1.5 * np.median(gap)].mean())
    if wide < _FEWEST:
        return None
    count = np.concatenate([[0], np.cumsum(np.round(gap / wide))])
    wide, edge = (float(v) for v in np.polyfit(count, at, 1))
    if wide < _FEWEST or np.abs(edge + count * wide - at).max() > _OFF:
        return None
    line = np.arange(1, len(change) + 1)
    away = np.abs(line - edge - np.round((line - edge) / wide) * wide)
    return (edge, wide) if change[away <= _OFF].sum() >= _EXPLAINED * change.sum() else None
