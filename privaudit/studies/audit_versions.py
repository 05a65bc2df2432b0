"""Attack several copies of one map, and score what was found like one map's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from privaudit._core.checks import an_instance, listed
from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.link_versions import Linked, link_versions
from privaudit.attacks.versions import guess_versions
from privaudit.release.release import DotRelease
from privaudit.results.exposure import Exposure
from privaudit.studies.audits import held_against
from privaudit.studies.registers import equipped

if TYPE_CHECKING:
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["audit_versions"]


def audit_versions(
    versions: Sequence[DotRelease],
    adversary: Adversary,
    *,
    truth: SimulatedWorld | None = None,
    link: str | None = None,
    linked: Linked | None = None,
    seed: int = 7,
) -> Exposure:
    """Attack the versions of a map together and say what was learnt.

    Parameters
    ----------
    versions : sequence of DotRelease
        From `publish` (`DotMapVersions`) or `read_versions`, oldest first.
    adversary : Adversary
    truth : SimulatedWorld, optional
        The world that simulated versions came from; as for `audit`.
    link : str, optional
        Column that numbers the dots in every version.
    linked : Linked, optional
        Which dot is which; found by `link_versions` otherwise.
    seed : int
        0 or more.

    Returns
    -------
    Exposure
        People of the last version.

    Raises
    ------
    ParameterError
        As `guess_versions` and `audit`.

    Examples
    --------
    Two copies, one dot, moved afresh by up to 30 m: two doors are near one copy, one is near both.

    >>> import pandas as pd
    >>> from privaudit.attacks.adversary import Adversary
    >>> from privaudit.places.address_base import AddressBase
    >>> from privaudit.release.masks import Donut
    >>> from privaudit.release.read_map import read_versions
    >>> base = AddressBase(pd.DataFrame({"id": ["a", "b"], "number": ["1", "2"], "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 40.0], "y": 0.0}), real=False)
    >>> copies = [pd.DataFrame({"x": [x], "y": [0.0]}) for x in (20.0, 50.0)]
    >>> adversary = Adversary.knows_mask(Donut(low=0, high=30))
    >>> found = audit_versions(read_versions(copies, addresses=base), adversary)
    >>> found.attack, found.copies, float(found.overall.loc["address", "value"])
    ('knows_mask', 2, 1.0)
    """
    who, do = "audit_versions", "Use publish_versions or read_versions."
    versions = listed(who, "versions", versions, do)
    for version in versions:
        an_instance(who, "each version", version, DotRelease, do)
    an_instance(who, "adversary", adversary, Adversary)
    adversary = equipped(adversary, truth)
    leaked = [version.as_leaked() for version in versions]
    if link is not None:
        linked = link_versions(leaked, by=link)
    rng = stream(seed, "attack", "versions", adversary.name)
    guesses = guess_versions(leaked, adversary, rng=rng, linked=linked)
    return held_against(guesses, versions[-1], adversary, truth=truth, seed=seed)
