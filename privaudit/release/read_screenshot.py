"""A picture of a dot map becomes the same `Release` as a file of points."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import say
from privaudit.errors import GeometryError, ParameterError
from privaudit.places.address_base import AddressBase
from privaudit.places.read_addresses import read_addresses
from privaudit.release.open_picture import open_picture
from privaudit.release.picture import LARGER, PictureDots, picture_dots
from privaudit.release.place_picture import Placed, by_box, by_clicks, by_pattern
from privaudit.release.release import Release
from privaudit.release.screenshot import Picture
from privaudit.roles import Roles

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_screenshot"]

# A dot farther from any address than this is a legend's, or the picture lies elsewhere; where
# half of the dots are within so many pixels of an address, one that is farther than the last.
_FAR_METRES, _ON_PIXELS, _AWAY_METRES = 1_000.0, 2.0, 100.0
# Degrees from which a picture is said to be turned.
_TURNED = 1.0


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
) -> Release:
    """Read a picture of a dot map: dots of a colour are people to meet, grey ones were visited.

    Overlapping dots are told apart by their edges; of teardrop pins the tip is the place.
    Without `bbox` or `clicks` the picture is laid where its dots stand on addresses, at any
    scale and turned by any angle; that is refused where chance may do as well.

    Parameters
    ----------
    source : path or ndarray of uint8, shape (height, width, 3)
        A file of one of `PICTURES` (PNG, JPEG, WebP, GIF, BMP, TIFF), or an image.
    addresses : AddressBase or path
        The addresses, or their file (see `privaudit.places.read_addresses`).
    commune : str, optional
        INSEE codes of the communes to take out of the address file. Default: all.
    bbox : array_like of float, shape (4,), optional
        West, south, east and north of the picture's outer edges, in metres of the addresses.
    clicks : array_like of float, shape (n, 4), or pandas.DataFrame, optional
        Column, row, x, y of three or more points: pixels from the upper left corner, and
        metres. A frame has these four columns.
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
    >>> from privaudit.release.screenshot import Screenshot
    >>> place = pd.DataFrame({"id": ["1", "2"], "number": "1", "street": "rue A",
    ...     "commune": "Bourg", "station": "", "x": [0.0, 40.0], "y": [0.0, 30.0]})
    >>> shot = Screenshot(metres_per_pixel=2)(place[["x", "y"]], [True, False])
    >>> leak = read_screenshot(shot.image, addresses=AddressBase(place), bbox=shot.box)
    >>> leak.records["status"].tolist(), leak.resolution < 1
    (['to_meet', 'visited'], True)
    >>> leak.records[["x", "y"]].round(0).abs().to_numpy().tolist()
    [[0.0, 0.0], [40.0, 30.0]]
    """
    import pandas as pd

    who = "read_screenshot"
    if bbox is not None and clicks is not None:
        raise ParameterError(say(who, "either bbox or clicks", "both", "Drop one."))
    if not isinstance(addresses, AddressBase):
        addresses = read_addresses(addresses, commune=commune)
    elif commune is not None:
        came = "addresses that were read already"
        raise ParameterError(say(who, "commune only with a file of addresses", came))
    opened: list[str] = []
    if isinstance(source, np.ndarray):
        image = source
    else:
        image, opened = open_picture(source, who=who)
    dots = picture_dots(image, colour=colour, marker=marker, dot_radius=dot_radius, who=who)
    placed = _place(image, dots, addresses, bbox, clicks)
    xy = placed.georeference.to_metres(dots.pixel)
    gap = _gap(xy, addresses)
    far = gap > _FAR_METRES
    if far.sum() > len(far) / 2:
        came = f"{int(far.sum())} of {len(far)} dots more than {_FAR_METRES:,.0f} m from any"
        raise GeometryError(say(who, "dots near the addresses", came, _check(bbox)))
    if np.median(gap) <= _ON_PIXELS * placed.georeference.metres_per_pixel:
        # No mask moved these: a dot away from every address is a legend's, or of a neighbour.
        far = gap > _AWAY_METRES
    kept = ~far
    records = pd.DataFrame(xy[kept], columns=["x", "y"])
    records["status"] = np.where(dots.red[kept], "to_meet", "visited")
    set_aside = {
        "mark that is no pin" if dots.marker == "pin" else "mark that is no dot": dots.refused,
        "dot far from any address": int(far.sum()),
    }
    return Release(
        kind="dots",
        records=records,
        roles=Roles(location=("x", "y")),
        backdrop=addresses,
        name="an image" if isinstance(source, np.ndarray) else Path(source).name,
        set_aside={reason: n for reason, n in set_aside.items() if n},
        resolution=_resolution(dots, placed),
        picture=Picture(image, placed.georeference),
        recipe={"reader": who, "placed by": placed.how, "notes": [*opened, *_notes(dots, placed)]},
    )


def _place(
    image: np.ndarray,
    dots: PictureDots,
    base: AddressBase,
    bbox: ArrayLike | None,
    clicks: ArrayLike | pd.DataFrame | None,
) -> Placed:
    """Place the picture in the way that was asked for."""
    import pandas as pd

    from privaudit._core.checks import columns_present

    who = "read_screenshot"
    if bbox is not None:
        return by_box(bbox, (image.shape[1], image.shape[0]), dots, base)
    if clicks is None:
        return by_pattern(dots, base, who=who)
    if isinstance(clicks, pd.DataFrame):
        columns = ["column", "row", "x", "y"]
        columns_present(who, "column", columns, clicks.columns, "the clicks")
        clicks = clicks[columns].to_numpy(dtype=float)
    return by_clicks(clicks, dots, base, who=who)


def _gap(xy: np.ndarray, base: AddressBase) -> np.ndarray:
    """Return the distance of each dot from the nearest address, in metres."""
    from scipy.spatial import cKDTree

    if len(base) == 0:
        raise GeometryError(say("read_screenshot", "at least one address", "none"))
    return cKDTree(base.xy).query(xy)[0]


def _check(bbox: ArrayLike | None) -> str:
    """Say what may be wrong with where the picture was said to lie."""
    edges = np.abs(np.asarray([] if bbox is None else bbox, float))
    do = "Check bbox or clicks: they are metres in the projection of the addresses."
    if len(edges) and edges.max() <= 180:
        do = "bbox looks like degrees: give the metres of the addresses."
    return do


def _resolution(dots: PictureDots, placed: Placed) -> float:
    """Return the standard deviation of a coordinate, from the pixels and from the placing."""
    read = placed.georeference.metres_per_pixel * float(np.sqrt(np.mean(dots.error**2)))
    return max(read, placed.residual or 0.0)


def _notes(dots: PictureDots, placed: Placed) -> list[str]:
    """Say what was read, and how far it can be trusted."""
    asked, grey = int(dots.red.sum()), int((~dots.red).sum())
    size, scale = f"{dots.radius:.1f}", f"{placed.georeference.metres_per_pixel:.3g}"
    if dots.colour == "grey":
        told = f"{asked} grey marks of radius {size} pixels, at {scale} m a pixel, are to meet."
    else:
        told = (
            f"{asked} {dots.colour} and {grey} grey marks of radius {size} pixels, at {scale} m a "
            f"pixel; {dots.colour} is read as to meet, grey as visited."
        )
    notes = [told]
    if dots.marker == "pin":
        notes.append("The marks are teardrop pins: the tip of each was taken for its place.")
    if dots.rounded:
        notes.append("The dots were drawn at whole pixels: half a pixel is not to be had back.")
    notes += _unread(dots)
    if np.isfinite(placed.on_address):
        notes.append(
            f"Placed by {placed.how}: {placed.on_address:.0%} of the dots stand on an address of "
            f"their own, against {placed.by_chance:.0%} at best of a decoy's; probability of a "
            f"false place below {max(placed.false_place, 1e-12):.1g}."
        )
        if abs(placed.turn) >= _TURNED:
            notes.append(f"The picture is turned by {placed.turn:.1f} degrees against the grid.")
    return notes


def _unread(dots: PictureDots) -> list[str]:
    """Say which round marks were left out: bubbles that stand for several dots, other colours."""
    notes = []
    wide = LARGER * 2 * dots.radius
    for larger in (True, False):
        listed = "; ".join(
            f"{one.number} {one.family} pins"
            if one.pins
            else f"{one.number} {one.family} of {one.width:.0f} pixels"
            for one in dots.others
            if (one.pins or one.width > wide) == larger
        )
        if listed and larger:
            notes.append(f"Larger marks, perhaps bubbles of several dots, not read: {listed}.")
        elif listed:
            notes.append(f"Dots of other colours, not read: {listed}.")
    return notes
