"""`Picture`: an image, and where it lies on the ground."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from privaudit._core.checks import say, whole
from privaudit.errors import GeometryError, OutputError
from privaudit.release.pictures.georeference import Georeference

__all__ = ["Picture"]


@dataclass(frozen=True, eq=False)
class Picture:
    """An image, uint8 of shape (height, width, 3), and where it lies on the ground.

    `georeference` is None where the picture does not say it.
    """

    image: np.ndarray
    georeference: Georeference | None

    def __repr__(self) -> str:
        height, width = self.image.shape[:2]
        placed = "not placed" if self.georeference is None else "placed"
        return f"Picture({width} x {height} pixels, {placed})"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the outer edges, in metres."""
        if self.georeference is None:
            do = "Lay it by read_screenshot."
            raise GeometryError(say("Picture", "a picture that says where it lies", "another", do))
        height, width = self.image.shape[:2]
        (west, north), (east, south) = self.georeference.to_metres([[0, 0], [width, height]])
        return float(west), float(south), float(east), float(north)

    def encode(self, *, quality: int | None = None) -> bytes:
        """Return the picture as a PNG file, or as a JPEG file of a quality from 1 to 95."""
        from PIL import Image

        file = io.BytesIO()
        if quality is None:
            Image.fromarray(self.image).save(file, "PNG")
        else:
            whole("Picture", "quality", quality, 1, 95)
            Image.fromarray(self.image).save(file, "JPEG", quality=quality)
        return file.getvalue()

    def compressed(self, quality: int) -> Picture:
        """Return the picture as a JPEG file of that quality gives it back."""
        from PIL import Image

        with Image.open(io.BytesIO(self.encode(quality=quality))) as file:
            return Picture(np.asarray(file.convert("RGB")), self.georeference)

    def save(self, path: str | os.PathLike[str], *, quality: int | None = None) -> Path:
        """Write a PNG file, or a JPEG file of a quality from 1 to 95."""
        target = Path(path)
        try:
            target.write_bytes(self.encode(quality=quality))
        except OSError as error:
            came = f"{target.name}, which cannot be written ({type(error).__name__})"
            raise OutputError(say("Picture", "a file to write to", came)) from None
        return target
