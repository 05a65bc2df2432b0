"""A campaign's map as a screenshot: a picture, and the sealed list of whom it shows where."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import GeometryError
from privaudit.release.profiles_shown import dot_map_release, recipe_of
from privaudit.release.release import Release
from privaudit.release.screenshot import Picture, Screenshot
from privaudit.release.views import DotMap
from privaudit.roles import Roles

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign

__all__ = ["screenshot_release"]


def screenshot_release(campaign: Campaign, view: Screenshot, *, seed: int) -> Release:
    """Draw a campaign's dots and publish the picture, see `publish`."""
    shown = dot_map_release(campaign, DotMap(mask=view.mask), seed=seed)
    if len(shown) == 0:
        raise GeometryError(say("Screenshot", "a map that shows a dot", "none to draw"))
    points = shown.records[["x", "y"]].to_numpy(dtype=float)
    drawn = view(points, shown.records["status"].to_numpy(dtype=str) == "to_meet")
    place = drawn.georeference
    assert place is not None
    assert shown.sources is not None
    column, row = place.to_pixels(points).T
    image = drawn.image if view.jpeg_quality is None else _compressed(drawn, view.jpeg_quality)
    return Release(
        kind="screenshot",
        records=pd.DataFrame(index=pd.RangeIndex(0)),
        roles=Roles(),
        backdrop=shown.backdrop,
        provenance=shown.provenance,
        name="screenshot",
        set_aside=shown.set_aside,
        picture=Picture(image, place if view.tells_place else None),
        recipe=recipe_of(campaign, view, seed),
        sources=shown.sources.assign(column=column, row=row),
    )


def _compressed(picture: Picture, quality: int) -> np.ndarray:
    """Return the image as a JPEG file gives it back."""
    from PIL import Image

    with Image.open(io.BytesIO(picture.encode(quality=quality))) as file:
        return np.asarray(file.convert("RGB"))
