"""From a leaked picture to the dots that it shows: what must come before any other attack."""

from __future__ import annotations

from privaudit.attacks.known_attack import KnownAttack, leaked
from privaudit.release.pictures.read_screenshot import read_screenshot
from privaudit.release.release import DotRelease, PictureRelease, Release

__all__ = ["READS_PICTURE", "read_back"]

READS_PICTURE = KnownAttack(word="reads_picture", kinds=(PictureRelease,))


def read_back(release: Release) -> DotRelease:
    """Read the dots of a leaked screenshot.

    Colours are told apart, overlapping dots split, and the picture is laid by its edges where it
    says where they are, by the pattern of its dots otherwise (`read_screenshot`).

    - returns: One record a dot that was read; `resolution` says how finely.
    """
    held = leaked("read_back", "a screenshot", release, PictureRelease)
    picture = held.picture
    box = None if picture.georeference is None else picture.box
    return read_screenshot(picture.image, addresses=held.backdrop, bbox=box)
