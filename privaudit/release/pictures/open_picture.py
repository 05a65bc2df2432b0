"""Open a picture without being led into a bomb, as a viewer would show it."""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from privaudit._core.checks import an_instance, say
from privaudit._core.limits import Limits, refuse_beyond
from privaudit.errors import ReadError
from privaudit.tables.text_file import one_line, regular_file
from privaudit.words.note import Note

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["MOST_PIXELS", "MOST_SIDE", "PICTURES", "bounded", "open_picture"]

# A screenshot of several 4K screens side by side has 33 million pixels.
MOST_PIXELS = Limits().pixels
MOST_SIDE = 20_000
# How names of pictures end.
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
_KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_NEEDED = f"a {', '.join(_KINDS[:-1])} or {_KINDS[-1]} picture"
# How a camera was held: the value of this EXIF entry is 1 where it was held straight.
_ORIENTATION = 0x0112
# Kinds of pixels without transparency.
_OPAQUE = ("RGB", "L", "CMYK", "YCbCr", "LAB", "HSV")


def open_picture(
    path: str | os.PathLike[str], *, who: str = "read_screenshot"
) -> tuple[np.ndarray, list[Note]]:
    """Decode a PNG, JPEG, WebP, GIF, BMP or TIFF file; transparent parts become white.

    - returns `image` (uint8, shape (height, width, 3)): Turned as a viewer shows it.
    - returns `notes`: What was done to show it.
    """
    from PIL import Image

    an_instance(who, "source", path, (str, os.PathLike))
    name = one_line(regular_file(path, who=who, what=_NEEDED).name)
    try:
        with warnings.catch_warnings():
            # The size is checked below, before anything is decoded, and more strictly. Other
            # warnings are of metadata that is not read.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_KINDS) as file:
                bounded(file.size, name, who)
                return _shown(file)
    except ReadError:
        raise
    except Image.DecompressionBombError:
        raise ReadError(_too_large(f"{name}, which announces more", who)) from None
    except FileNotFoundError:
        raise _no_picture(f"{name}, which is not there", who) from None
    except Exception as error:
        # A damaged file makes the decoders fail in many ways, with its bytes in the message.
        came = f"{name}, which does not open as one ({type(error).__name__})"
        if isinstance(error, OSError) and "truncated" in str(error):
            came = f"{name}, which is cut short"
        raise _no_picture(came, who) from None


def _no_picture(came: str, who: str) -> ReadError:
    return ReadError(say(who, _NEEDED, came))


def bounded(size: tuple[int, int], name: str, who: str) -> None:
    """Refuse a picture that is too large to be decoded."""
    width, height = size
    if max(width, height) > MOST_SIDE:
        raise ReadError(_too_large(f"{name} of {width:,} x {height:,}", who))
    refuse_beyond("pixels", width * height, who=who, name=name)


def _too_large(came: str, who: str) -> str:
    needed = f"at most {MOST_SIDE:,} pixels a side and {MOST_PIXELS:,} in all"
    return say(who, needed, came, "Crop it, or scale it down.")


def _shown(file: Image.Image) -> tuple[np.ndarray, list[Note]]:
    """Decode the first picture of a file, upright, in three colours on white."""
    from PIL import Image, ImageOps

    notes = []
    file.load()
    upright: Image.Image = file
    # Metadata that is damaged turns nothing.
    with suppress(Exception):
        if file.getexif().get(_ORIENTATION, 1) in range(2, 9):
            upright = ImageOps.exif_transpose(file)
            notes.append(Note("picture_turned"))
    if upright.mode.startswith("I") or upright.mode == "F":
        # Sixteen bits of grey, of which the upper eight are kept.
        grey = np.nan_to_num(np.asarray(upright, float)) / (1 if upright.mode == "F" else 257)
        image = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    else:
        if upright.mode not in _OPAQUE or "transparency" in upright.info:
            layered = upright.convert("RGBA")
            upright = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
        image = np.asarray(upright.convert("RGB"))
    with suppress(Exception):
        file.seek(1)
        notes.append(Note("picture_first_of_several"))
    return image, notes
