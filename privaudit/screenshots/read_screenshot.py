"""Reader of a picture of a dot map, which gives the same `Release` as a file of points."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit.columns.roles import Roles
from privaudit.core.progress import in_steps, step
from privaudit.errors import GeometryError, ParameterError, ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.io.addresses import addresses_of
from privaudit.release.release import DotRelease, Picture
from privaudit.screenshots.cluster_markers import OF_HEAT, MarkCount
from privaudit.screenshots.dots import UNSEEN
from privaudit.screenshots.open_picture import open_picture
from privaudit.screenshots.picture_dots import PictureDots, picture_dots
from privaudit.screenshots.placement import (
    Placed,
    by_box,
    by_clicks,
    by_pattern,
    click_table,
    flattened,
    shows_its_place,
)
from privaudit.words.catalogues import Note

_WHO = "read_screenshot"
# Metres from any address beyond which a dot is a legend's, or the picture lies elsewhere; where
# half of the dots are within so many pixels of an address, a dot is a legend's from fewer metres.
_FAR_METRES, _ON_PIXELS, _AWAY_METRES = 1_000.0, 2.0, 100.0
# Degrees from which a turn of the picture is reported.
_TURNED = 1.0


@in_steps("read_screenshot", parts=3)
def read_screenshot(
    source: str | os.PathLike[str] | np.ndarray,
    *,
    addresses: AddressBase | str | os.PathLike[str],
    commune: str | None = None,
    bbox: ArrayLike | None = None,
    clicks: ArrayLike | pd.DataFrame | None = None,
    colour: str = "red",
    marker: Literal["disc", "pin"] | None = None,
    dot_radius: float | None = None,
) -> DotRelease:
    """Read a picture of a dot map: dots of a colour are people to meet, grey ones were visited.

    Overlapping dots are separated by their edges; of teardrop pins the tip is the place.
    Without `bbox` or `clicks` the picture is placed where its dots stand on addresses, at any
    scale and turned by any angle; a place that chance may explain is refused.

    Parameters
    ----------
    source : path or ndarray of uint8, shape (height, width, 3)
        A file of one of `PICTURES` (PNG, JPEG, WebP, GIF, BMP, TIFF), or an image.
    addresses : AddressBase or path
        The addresses, or their file (see `privaudit.io.addresses`).
    commune : str, optional
        INSEE codes of the communes to take out of the address file. Default: all.
    bbox : array_like of float, shape (4,), optional
        West, south, east and north of the picture's outer edges, in metres of the addresses.
    clicks : array_like of float, shape (n, 4), or pandas.DataFrame, optional
        Column, row, x, y of three or more points: pixels from the upper left corner, and
        metres. A frame has these four columns. Four or more flatten a photograph that was
        taken at an angle; a screen on a dark background needs no clicks.
    colour : str
        Of the dots to meet: red, orange, yellow, green, turquoise, blue, purple, pink, grey
        (nobody was visited), black, or ``"#rrggbb"``.
    marker : {"disc", "pin"}, optional
        Round dots, or teardrop pins. Default: what the picture shows.
    dot_radius : float, optional
        Pixels. Default: learnt from dots that stand alone.

    Returns
    -------
    Release
        Of kind ``"dots"``: x, y, status (``to_meet`` or ``visited``). `resolution` is the
        standard deviation of each coordinate, in metres, `picture` the image and its place.
        `set_aside` counts marks that are no dots, and dots more than 1 km from any address.

    Raises
    ------
    ReadError
        The file is no picture, is too large, or shows no dot of the colour or grey: the error
        names the dots that it shows instead. The marks differ in size or outline, as roofs and
        letters do, or most dots may be unread, as in clusters.
    GeometryError
        The box is empty, clicks are on one line, the picture cannot be placed on the addresses,
        or most dots are far from any.
    ParameterError
        Both `bbox` and `clicks`, or the commune is not in the address file.
    SchemaError
        A frame of clicks lacks a column.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.campaign.views.dot_map import Screenshot
    >>> place = pd.DataFrame({"id": ["1", "2"], "number": "1", "street": "rue A",
    ...     "commune": "Bourg", "station": "", "x": [0.0, 40.0], "y": [0.0, 30.0]})
    >>> shot = Screenshot(metres_per_pixel=2)(place[["x", "y"]], [True, False])
    >>> leak = read_screenshot(shot.image, addresses=AddressBase(place, real=False), bbox=shot.box)
    >>> leak.records["status"].tolist(), round(leak.resolution, 1)
    (['to_meet', 'visited'], 0.6)
    >>> leak.records[["x", "y"]].round(0).abs().to_numpy().tolist()
    [[0.0, 0.0], [40.0, 30.0]]
    """
    if bbox is not None and clicks is not None:
        raise ParameterError.of(_WHO, "either bbox or clicks", "both", "Drop one.")
    base = addresses_of(_WHO, addresses, commune)
    notes: list[Note] = []
    if isinstance(source, np.ndarray):
        image, name = source, "an image"
    else:
        (image, notes), name = open_picture(source, who=_WHO), Path(source).name
    image, clicked, flattening = flattened(image, click_table(clicks, who=_WHO), who=_WHO)
    step("opened")
    dots = picture_dots(image, colour=colour, marker=marker, dot_radius=dot_radius, who=_WHO)
    _refuse_heat(image, dots)
    refuse_unless_counted(dots, _WHO)
    step("marks")
    if bbox is not None:
        placed = by_box(bbox, (image.shape[1], image.shape[0]), dots, base)
    elif clicked is not None:
        placed = by_clicks(clicked, dots, base, who=_WHO)
    else:
        placed = by_pattern(dots, base, who=_WHO)
    step("placed")
    xy = placed.georeference.to_metres(dots.pixel)
    far = _far_from_addresses(xy, base, placed, bbox)
    records = pd.DataFrame(xy[~far], columns=["x", "y"])
    records["status"] = np.where(dots.red[~far], "to_meet", "visited")
    legend = int(far.sum())
    set_aside = {
        Note("mark_no_pin" if dots.marker == "pin" else "mark_no_dot"): dots.refused,
        Note("dot_far_from_any_address"): legend,
    }
    low, value, high = (n - legend for n in dots.shown)
    # By which all dots lie aside is in a place that their pattern gives.
    aside = 0.0 if placed.tested is None else dots.aside
    error = float(np.sqrt(np.mean(dots.error**2) - aside**2))
    if flattening and not (dots.step or dots.soft):
        error = float(np.hypot(error, UNSEEN * dots.radius))
    return DotRelease(
        records=records,
        roles=Roles(location=("x", "y")),
        backdrop=base,
        name=name,
        set_aside={reason: n for reason, n in set_aside.items() if n},
        # From the pixels, and from the placing.
        resolution=max(placed.georeference.metres_per_pixel * error, placed.residual or 0.0),
        dots_shown=(low, value, high),
        picture=Picture(image, placed.georeference),
        notes=(*notes, *flattening, *_notes(dots, placed, image.shape, base)),
        recipe={"reader": _WHO, "placed by": placed.how.record()},
    )


def _far_from_addresses(
    xy: np.ndarray, base: AddressBase, placed: Placed, bbox: ArrayLike | None
) -> np.ndarray:
    """Return which dots are far from any address; refuse a place where most are."""
    from scipy.spatial import cKDTree

    if len(base) == 0:
        raise GeometryError.of(_WHO, "at least one address", "none")
    gap = cKDTree(base.xy).query(xy)[0]
    far = gap > _FAR_METRES
    if far.sum() > len(far) / 2:
        came = f"{int(far.sum())} of {len(far)} dots more than {_FAR_METRES:,.0f} m from any"
        do = "Check bbox or clicks: they are metres in the projection of the addresses."
        if bbox is not None and np.abs(np.asarray(bbox, float)).max() <= 180:
            do = "bbox looks like degrees: give the metres of the addresses."
        raise GeometryError.of(_WHO, "dots near the addresses", came, do)
    if np.median(gap) <= _ON_PIXELS * placed.georeference.metres_per_pixel:
        # No mask moved these: a dot away from every address is a legend's, or of a neighbour.
        far = gap > _AWAY_METRES
    return np.asarray(far)


def _notes(
    dots: PictureDots, placed: Placed, shape: tuple[int, ...], base: AddressBase
) -> list[Note]:
    """Return notes of the dots that were read and of their place."""
    marks = int(dots.red.sum())
    values = {"radius": round(dots.radius, 1), "scale": placed.georeference.metres_per_pixel}
    if dots.colour == "grey":
        notes = [Note("picture_marks_grey", marks=marks, **values)]
    else:
        grey = len(dots.red) - marks
        notes = [Note("picture_marks", marks=marks, colour=dots.colour, grey=grey, **values)]
    if dots.marker == "pin":
        notes.append(Note("picture_pins"))
    if dots.step:
        notes.append(
            Note("picture_whole_pixels", step=dots.step, within=dots.step / 2 + dots.aside)
        )
    notes += _notes_of_unread(dots)
    if (tested := placed.tested) is not None:
        shares = {"on_address": tested.best.on_place, "by_chance": tested.decoys}
        chance = max(tested.chance, 1e-12)
        notes.append(Note("picture_placed", how=placed.how, **shares, false_place=chance))
        if abs(placed.turn) >= _TURNED:
            notes.append(Note("picture_turned_against_grid", degrees=round(placed.turn, 1)))
    elif not shows_its_place(dots, (shape[1], shape[0]), placed.georeference, base):
        notes.append(Note("may_be_no_map"))
    return notes


def _notes_of_unread(dots: PictureDots) -> list[Note]:
    """Return notes of what was not read: pieces, cluster markers, marks of other colours."""

    def rounded(count: MarkCount) -> dict[str, int]:
        return {"low": round(count.low), "about": round(count.value), "high": round(count.high)}

    notes = []
    if dots.pieces:
        notes.append(Note("picture_pieces_hold", pieces=dots.pieces, **rounded(dots.in_pieces)))
    if dots.clusters:
        clusters = rounded(dots.in_clusters)
        notes.append(Note("picture_bubbles_hold", pieces=dots.clusters, **clusters))
    if round(dots.shown.value) > len(dots.pixel):
        notes.append(Note("picture_shows", read=len(dots.pixel), **rounded(dots.shown)))
    for larger, key in ((True, "picture_bubbles_unread"), (False, "picture_colours_unread")):
        marks = []
        for other in dots.others:
            if (other.pins or other.width > dots.widest) == larger:
                values = {"marks": other.number, "colour": other.family}
                width = {} if other.pins else {"pixels": round(other.width)}
                marks.append(Note("marks_pins" if other.pins else "marks_round", **values, **width))
        if marks:
            notes.append(Note(key, marks=tuple(marks)))
    return notes


# Ratio of the bounds of how many dots a picture shows above which nothing is said of it.
_WIDEST = 3.0


def refuse_unless_counted(dots: PictureDots, who: str = "read_screenshot") -> None:
    """Raise an error where most of what a picture shows may be unread.

    Parameters
    ----------
    dots : PictureDots
    who : str
        Name of the caller, for messages.

    Raises
    ------
    ReadError
        The upper bound of the dots shown is more than three times the lower one: cluster markers
        with numbers, or a ground of the marks' colour.
    """
    low, _, high = (round(bound) for bound in dots.shown)
    if high <= _WIDEST * max(low, 1):
        return
    came = f"{len(dots.pixel):,} read of {low:,} to {high:,}: clusters or ground may hide the rest"
    do = f"Zoom in until no cluster is left, or crop the picture. {OF_HEAT}"
    raise ReadError.of(who, "dots that can be counted", came, do)


# Distances from the edge of a mark, in pixels, between which its colours are compared; how much of
# the change across the edge heat changes by inside and beyond it.
_ABOUT_EDGE, _WITHIN, _BEYOND = np.array([-4.5, -1.5, 1.5, 4.5]), 0.5, 0.25


def _refuse_heat(image: np.ndarray, dots: PictureDots) -> None:
    """Raise an error where most marks are hot spots, whose colour changes on across their edge."""
    turn = np.arange(16) * np.pi / 8
    away = np.maximum(dots.radius + _ABOUT_EDGE, 0.0)
    ring = away[:, None, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    at = np.floor(dots.pixel[:, None, None] + ring).astype(int)
    column, row = (np.clip(at[..., k], 0, image.shape[1 - k] - 1) for k in (0, 1))
    inside, edge, beyond = np.diff(image[row, column].mean(axis=2), axis=1).swapaxes(0, 1)
    size = [np.linalg.norm(change, axis=1) for change in (inside, edge, beyond)]
    onward = ((inside * edge).sum(axis=1) > 0) & (size[0] >= _WITHIN * size[1])
    if dots.marker == "pin" or (onward & (size[2] >= _BEYOND * size[1])).mean() <= 1 / 2:
        return
    came = "spots without an edge, as of a heat map, or soft or glossy dots"
    do = f"{OF_HEAT} Of dots, pass a larger picture, or one without shadows and shine."
    raise ReadError.of(_WHO, f"{dots.colour} dots", came, do)
