"""From a leaked picture to the dots that it shows: what must come before any other attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.release.read_screenshot import read_screenshot

if TYPE_CHECKING:
    from privaudit.release.release import Release

__all__ = ["read_back"]


def read_back(release: Release) -> Release:
    """Read the dots of a leaked screenshot.

    Colours are told apart, overlapping dots split, and the picture is laid by its edges where it
    says where they are, by the pattern of its dots otherwise (`read_screenshot`).

    Parameters
    ----------
    release : Release
        Of kind ``"screenshot"``, as leaked, with addresses.

    Returns
    -------
    Release
        Of kind ``"dots"``, one record a dot that was read; `resolution` says how finely.

    Raises
    ------
    ParameterError
        Another kind of release, one that still has its sources or recipe, or no addresses.
    ReadError, GeometryError
        The picture shows no dot, or cannot be laid.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> leak = pa.publish(campaign, pa.Screenshot(zoom=16), seed=7)
    >>> read_back(leak.as_leaked()).kind
    'dots'
    """
    who = "read_back"
    if release.kind != "screenshot" or release.picture is None:
        raise ParameterError(say(who, "a screenshot", f"a release of kind {release.kind}"))
    if release.sources is not None or release.recipe:
        do = "Call release.as_leaked() first."
        came = "one with its sources or recipe"
        raise ParameterError(say(who, "a release as an adversary holds it", came, do))
    if release.backdrop is None:
        raise ParameterError(say(who, "addresses to read dots against", "none"))
    picture = release.picture
    box = None if picture.georeference is None else picture.box
    return read_screenshot(picture.image, addresses=release.backdrop, bbox=box)
