"""A picture of a dot map becomes the same `Release` as a file of points."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit.columns.roles import Roles
from privaudit.core.checks import error_message
from privaudit.core.progress import in_steps, step
from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.io.addresses import addresses_of
from privaudit.release.release import DotRelease, Picture
from privaudit.screenshots.cluster_markers import MarkCount
from privaudit.screenshots.open_picture import open_picture
from privaudit.screenshots.picture_dots import PictureDots, picture_dots
from privaudit.screenshots.placement import Placed, by_box, by_clicks, by_pattern, flattened
from privaudit.words.catalogues import Note

# A dot farther from any address than this is a legend's, or the picture lies elsewhere; where
# half of the dots are within so many pixels of an address, one that is farther than the last.
_FAR_METRES, _ON_PIXELS, _AWAY_METRES = 1_000.0, 2.0, 100.0
# Degrees from which a picture is said to be turned.
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
    marker: str | None = None,
    dot_radius: float | None = None,
) -> DotRelease:
    """Read a picture of a dot map: dots of a colour are people to meet, grey ones were visited.

    Overlapping dots are told apart by their edges; of teardrop pins the tip is the place.
    Without `bbox` or `clicks` the picture is laid where its dots stand on addresses, at any
    scale and turned by any angle; that is refused where chance may do as well.

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
        metres. A frame has these four columns. Four or more lay a
        photograph flat that was taken aslant; a screen before a dark ground is found by itself.
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
        standard deviation, in metres, with which each coordinate was read, `picture` the image
        and where it was laid. `set_aside` counts marks that are no dots, and dots more than 1 km
        from any address.

    Raises
    ------
    ReadError
        The file is no picture, is too large, or shows no dot of the colour or grey: the error
        says what dots it shows instead.
    GeometryError
        The box is empty, clicks are on one line, the picture cannot be laid on the addresses,
        or most dots are far from any.
    ParameterError
        Both `bbox` and `clicks`, or the commune is not in the address file.
    SchemaError
        A frame of clicks lacks a column.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.campaign.views.screenshot import Screenshot
    >>> place = pd.DataFrame({"id": ["1", "2"], "number": "1", "street": "rue A",
    ...     "commune": "Bourg", "station": "", "x": [0.0, 40.0], "y": [0.0, 30.0]})
    >>> shot = Screenshot(metres_per_pixel=2)(place[["x", "y"]], [True, False])
    >>> leak = read_screenshot(shot.image, addresses=AddressBase(place, real=False), bbox=shot.box)
    >>> leak.records["status"].tolist(), leak.resolution < 1
    (['to_meet', 'visited'], True)
    >>> leak.records[["x", "y"]].round(0).abs().to_numpy().tolist()
    [[0.0, 0.0], [40.0, 30.0]]
    """
    who = "read_screenshot"
    if bbox is not None and clicks is not None:
        raise ParameterError(error_message(who, "either bbox or clicks", "both", "Drop one."))
    addresses = addresses_of(who, addresses, commune)
    opened: list[Note] = []
    if isinstance(source, np.ndarray):
        image = source
    else:
        image, opened = open_picture(source, who=who)
    clicked = _clicked(clicks)
    image, clicked, laid = flattened(image, clicked, who=who)
    opened = [*opened, *laid]
    step("opened")
    dots = picture_dots(image, colour=colour, marker=marker, dot_radius=dot_radius, who=who)
    step("marks")
    placed = _place(image, dots, addresses, bbox, clicked)
    step("placed")
    xy = placed.georeference.to_metres(dots.pixel)
    gap = _gap(xy, addresses)
    far = gap > _FAR_METRES
    if far.sum() > len(far) / 2:
        came = f"{int(far.sum())} of {len(far)} dots more than {_FAR_METRES:,.0f} m from any"
        raise GeometryError(error_message(who, "dots near the addresses", came, _check(bbox)))
    if np.median(gap) <= _ON_PIXELS * placed.georeference.metres_per_pixel:
        # No mask moved these: a dot away from every address is a legend's, or of a neighbour.
        far = gap > _AWAY_METRES
    kept = ~far
    records = pd.DataFrame(xy[kept], columns=["x", "y"])
    records["status"] = np.where(dots.red[kept], "to_meet", "visited")
    set_aside = {
        Note("mark_no_pin" if dots.marker == "pin" else "mark_no_dot"): dots.refused,
        Note("dot_far_from_any_address"): int(far.sum()),
    }
    return DotRelease(
        records=records,
        roles=Roles(location=("x", "y")),
        backdrop=addresses,
        name="an image" if isinstance(source, np.ndarray) else Path(source).name,
        set_aside={reason: n for reason, n in set_aside.items() if n},
        resolution=_resolution(dots, placed),
        dots_shown=_shown(dots, int(far.sum())),
        picture=Picture(image, placed.georeference),
        notes=(*opened, *_notes(dots, placed)),
        recipe={"reader": who, "placed by": placed.how.record()},
    )


def _clicked(clicks: ArrayLike | pd.DataFrame | None) -> np.ndarray | None:
    """Return clicks as numbers, from a frame by its columns."""
    from privaudit.core.checks import columns_present

    if isinstance(clicks, pd.DataFrame):
        columns = ["column", "row", "x", "y"]
        columns_present("read_screenshot", "column", columns, clicks.columns, "the clicks")
        clicks = clicks[columns].to_numpy(dtype=float)
    return None if clicks is None else np.asarray(clicks, float)


def _place(
    image: np.ndarray,
    dots: PictureDots,
    base: AddressBase,
    bbox: ArrayLike | None,
    clicks: np.ndarray | None,
) -> Placed:
    """Place the picture in the way that was asked for."""
    who = "read_screenshot"
    if bbox is not None:
        return by_box(bbox, (image.shape[1], image.shape[0]), dots, base)
    if clicks is None:
        return by_pattern(dots, base, who=who)
    return by_clicks(clicks, dots, base, who=who)


def _gap(xy: np.ndarray, base: AddressBase) -> np.ndarray:
    """Return the distance of each dot from the nearest address, in metres."""
    from scipy.spatial import cKDTree

    if len(base) == 0:
        raise GeometryError(error_message("read_screenshot", "at least one address", "none"))
    return np.asarray(cKDTree(base.xy).query(xy)[0])


def _check(bbox: ArrayLike | None) -> str:
    """Say what may be wrong with where the picture was said to lie."""
    edges = np.abs(np.asarray([] if bbox is None else bbox, float))
    do = "Check bbox or clicks: they are metres in the projection of the addresses."
    if len(edges) and edges.max() <= 180:
        do = "bbox looks like degrees: give the metres of the addresses."
    return do


def _range(many: MarkCount) -> dict[str, int]:
    return {"low": round(many.low), "about": round(many.value), "high": round(many.high)}


def _resolution(dots: PictureDots, placed: Placed) -> float:
    """Return the standard deviation of a coordinate, from the pixels and from the placing."""
    read = placed.georeference.metres_per_pixel * float(np.sqrt(np.mean(dots.error**2)))
    return max(read, placed.residual or 0.0)


def _notes(dots: PictureDots, placed: Placed) -> list[Note]:
    """Say what was read, and how far it can be trusted."""
    asked, grey = int(dots.red.sum()), int((~dots.red).sum())
    told = {"radius": round(dots.radius, 1), "scale": placed.georeference.metres_per_pixel}
    if dots.colour == "grey":
        notes = [Note("picture_marks_grey", marks=asked, **told)]
    else:
        notes = [Note("picture_marks", marks=asked, colour=dots.colour, grey=grey, **told)]
    if dots.marker == "pin":
        notes.append(Note("picture_pins"))
    if dots.rounded:
        notes.append(Note("picture_whole_pixels"))
    notes += _unread(dots)
    if np.isfinite(placed.on_address):
        notes.append(
            Note(
                "picture_placed",
                how=placed.how,
                on_address=placed.on_address,
                by_chance=placed.by_chance,
                false_place=max(placed.false_place, 1e-12),
            )
        )
        if abs(placed.turn) >= _TURNED:
            notes.append(Note("picture_turned_against_grid", degrees=round(placed.turn, 1)))
    return notes


def _shown(dots: PictureDots, legend: int) -> tuple[float, float, float]:
    """Return how many dots the picture shows, without those of a legend."""
    low, value, high = (many - legend for many in dots.shown)
    return low, value, high


def _unread(dots: PictureDots) -> list[Note]:
    """Say what was left out: pieces, bubbles that stand for several dots, other colours."""
    notes = []
    for key, many, in_pieces in (
        ("picture_pieces_hold", dots.pieces, dots.in_pieces),
        ("picture_bubbles_hold", dots.clusters, dots.in_clusters),
    ):
        if many:
            notes.append(Note(key, pieces=many, **_range(in_pieces)))
    if round(dots.shown.value) > len(dots.pixel):
        notes.append(Note("picture_shows", read=len(dots.pixel), **_range(dots.shown)))
    for larger, key in ((True, "picture_bubbles_unread"), (False, "picture_colours_unread")):
        marks = tuple(
            Note("marks_pins", marks=mark.number, colour=mark.family)
            if mark.pins
            else Note(
                "marks_round", marks=mark.number, colour=mark.family, pixels=round(mark.width)
            )
            for mark in dots.others
            if (mark.pins or mark.width > dots.widest) == larger
        )
        if marks:
            notes.append(Note(key, marks=marks))
    return notes
