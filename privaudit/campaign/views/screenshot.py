"""`Screenshot`: a dot map as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.plan import check_switches
from privaudit.campaign.publish import View, masked_word, read_mask
from privaudit.campaign.views.dot_map import DotMap
from privaudit.columns.roles import Roles
from privaudit.core.checks import in_range, keyword_only, one_of, whole
from privaudit.core.declaration import number
from privaudit.errors import GeometryError, ParameterError
from privaudit.maps.masks.mask import Mask
from privaudit.release.release import Georeference, Picture, PictureRelease, zoom_resolution
from privaudit.screenshots.open_picture import draw_ground, open_share, paint

RED, GREY = (214, 39, 40), (128, 128, 128)
# Most pixels of a picture: about 200 MB while it is drawn.
MOST_PIXELS = 50_000_000


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Screenshot(View[PictureRelease]):
    """A picture of the dot map: round marks, grey for visited, red above them for those to meet.

    Parameters
    ----------
    metres_per_pixel : float, optional
        Above 0. Give it or `zoom`, not both.
    zoom : float, optional
        Of a web map, 0 to 24, at `latitude` degrees.
    latitude : float
    dot_radius : float
        Pixels, 1 to 50.
    antialias : bool
        Soft edges: the colour of a pixel is mixed by the share of its area that dots cover.
    basemap : {"plain", "streets"}
        White, or pale blocks, streets, a main road and a river.
    margin : int
        Pixels around the outermost dots, 0 or more.
    mask : Mask, optional
        Moves the dots before they are drawn.
    jpeg_quality : int, optional
        JPEG quality of the published picture, 1 to 95. None: a PNG, without loss.
    tells_place : bool
        Whether the published picture is georeferenced, as with coordinates or a scale. Otherwise it
        must be registered to addresses.

    Raises
    ------
    ParameterError
        A value is out of range, or both or none of `metres_per_pixel` and `zoom` are given.

    Examples
    --------
    >>> picture = Screenshot(metres_per_pixel=2, margin=10)([[0, 0], [100, 40]], [True, False])
    >>> picture.image.shape, picture.image[30, 10].tolist(), picture.image[10, 60].tolist()
    ((41, 71, 3), [214, 39, 40], [128, 128, 128])
    >>> round(Screenshot(zoom=15).step, 2)
    3.15
    """

    word, example = "screenshot", "screenshot:3:exact"

    metres_per_pixel: float | None = None
    zoom: float | None = None
    latitude: float = 48.8
    dot_radius: float = 4.0
    antialias: bool = True
    basemap: Literal["plain", "streets"] = "plain"
    margin: int = 20
    mask: Mask | None = None
    jpeg_quality: int | None = None
    tells_place: bool = True

    def __post_init__(self) -> None:
        who = "Screenshot"
        if (self.metres_per_pixel is None) == (self.zoom is None):
            came = "both" if self.zoom is not None else "none"
            raise ParameterError.of(who, "either metres_per_pixel or zoom", came)
        if self.zoom is None:
            in_range(who, "metres_per_pixel", self.metres_per_pixel, 0, open_low=True)
        else:
            in_range(who, "zoom", self.zoom, 0, 24)
        in_range(who, "latitude", self.latitude, -85, 85)
        in_range(who, "dot_radius", self.dot_radius, 1, 50)
        one_of(who, "basemap", self.basemap, ("plain", "streets"))
        whole(who, "margin", self.margin, 0)
        if self.jpeg_quality is not None:
            whole(who, "jpeg_quality", self.jpeg_quality, 1, 95)
        check_switches(self, "antialias", "tells_place")
        DotMap(mask=self.mask)  # checks the mask

    @property
    def step(self) -> float:
        """Return the metres a pixel."""
        if self.metres_per_pixel is not None:
            return float(self.metres_per_pixel)
        return zoom_resolution(self.zoom or 0, self.latitude)

    def __call__(self, points: ArrayLike, red: ArrayLike) -> Picture:
        """Draw a map.

        Parameters
        ----------
        points : array_like of float, shape (n, 2)
            Positions of dots, metres.
        red : array_like of bool, shape (n,)
            Whether each dot is red, not grey.

        Returns
        -------
        Picture

        Raises
        ------
        GeometryError
            No dot, a missing position, or too many pixels.
        """
        xy = np.asarray(points, float).reshape(-1, 2)
        is_red = np.asarray(red, bool).reshape(-1)
        if len(xy) == 0 or not np.isfinite(xy).all():
            came = "none" if len(xy) == 0 else "a missing position"
            raise GeometryError.of("Screenshot", "dots with finite x and y", came)
        if len(is_red) != len(xy):
            came = f"{len(is_red)} colours for {len(xy)} dots"
            raise ParameterError.of("Screenshot", "one colour a dot", came)
        step = self.step
        low, high = xy.min(axis=0), xy.max(axis=0)
        # One pixel more than the span, so that the last dot's own pixel is there.
        width, height = (int(n) + 2 * self.margin + 1 for n in np.floor((high - low) / step))
        if width * height > MOST_PIXELS:
            needed = f"at most {MOST_PIXELS:,} pixels"
            do = "Take more metres a pixel, or fewer communes."
            raise GeometryError.of("Screenshot", needed, f"{width:,} x {height:,}", do)
        west, north = low[0] - self.margin * step, high[1] + self.margin * step
        place = Georeference(np.array([[step, 0, west], [0, -step, north]]))
        image = draw_ground(height, width, self.basemap)
        pixels = place.to_pixels(xy)
        for chosen, colour in ((~is_red, GREY), (is_red, RED)):
            clear = open_share(
                pixels[chosen], height, width, radius=self.dot_radius, antialias=self.antialias
            )
            paint(image, clear, colour)
        return Picture(image, place)

    def __str__(self) -> str:
        scale = f"zoom{number(self.zoom)}" if self.zoom is not None else number(self.step)
        return f"{self.word}:{scale}:{masked_word(self.mask)}"

    @classmethod
    def takes(cls, values: Sequence[str]) -> bool:
        """Return whether a scale and the label of a mask follow the word."""
        return len(values) >= 2

    @classmethod
    def read(cls, values: Sequence[str]) -> Screenshot:
        """Make a view from metres a pixel (or ``zoom15``) and the label of its mask."""
        name = "zoom" if values[0].startswith("zoom") else "metres_per_pixel"
        scale = cls._value(name, float, values[0].removeprefix("zoom"))
        return cls(mask=read_mask(values[1:]), **{name: scale})

    def published(self, campaign: Campaign, *, seed: int) -> PictureRelease:
        """Draw the dots and publish the picture; sources have the pixel of each dot."""
        shown = DotMap(mask=self.mask).published(campaign, seed=seed)
        if len(shown) == 0:
            needed = "a map that shows a dot"
            raise GeometryError.of("Screenshot", needed, "none to draw")
        points = shown.records[["x", "y"]].to_numpy(dtype=float)
        picture = self(points, shown.records["status"].to_numpy(dtype=str) == "to_meet")
        assert picture.georeference is not None
        column, row = picture.georeference.to_pixels(points).T
        if not self.tells_place:
            picture = Picture(picture.image, None)
        if self.jpeg_quality is not None:
            picture = picture.compressed(self.jpeg_quality)
        return PictureRelease(
            records=pd.DataFrame(index=pd.RangeIndex(0)),
            roles=Roles(),
            name="screenshot",
            set_aside=shown.set_aside,
            picture=picture,
            sources=shown.opened("Screenshot").assign(column=column, row=row),
            **self.stamped(campaign, seed),
        )
