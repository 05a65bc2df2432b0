"""What one attack on a simulated map gains, and whom it harms; whom a look-up by name finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privaudit._core.checks import one_of, say
from privaudit._core.streams import stream
from privaudit.attacks.guess import guess
from privaudit.attacks.lookup_oracle import ask_for_everybody
from privaudit.errors import ParameterError
from privaudit.exposure.maps.harms import harms
from privaudit.exposure.maps.look_up import look_up_exposure
from privaudit.exposure.maps.neighbours import neighbour_exposure
from privaudit.exposure.maps.truth import Truth
from privaudit.release.release import DotRelease, Release
from privaudit.release.views.lookup import LookUp, open_look_up
from privaudit.studies.registers import equipped, persons_named

if TYPE_CHECKING:
    from privaudit.attacks.adversary import Adversary
    from privaudit.campaign.campaign import Campaign
    from privaudit.results.measures import Measures
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["audit_harms", "audit_look_up"]


def audit_harms(
    release: Release, adversary: Adversary, *, truth: SimulatedWorld, seed: int = 7
) -> dict[str, Measures]:
    """Attack a simulated map, and say what that gains, whom it harms and who is suspected.

    The guesses are those of `audit` with the same seed.

    Parameters
    ----------
    release : Release
        A map of dots, from `publish`.
    adversary : Adversary
    truth : SimulatedWorld
        The world that the map came from; it never reaches the attack.
    seed : int

    Returns
    -------
    dict of str to Measures
        ``"harms"`` (see `harms`) and ``"neighbours"`` (see `neighbour_exposure`).

    Raises
    ------
    ParameterError
        A table, or a release without its sealed sources.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(), seed=7)
    >>> found = audit_harms(leak, pa.Adversary.nearest(), truth=world)
    >>> value = found["harms"].overall["value"]
    >>> round(float(value[["label_right", "label_wrong", "label_none"]].sum()), 9)
    1.0
    """
    if not isinstance(release, DotRelease):
        raise ParameterError(say("audit_harms", "a map of dots", f"a {release.kind}"))
    adversary = equipped(adversary, truth)
    guesses = guess(release.as_leaked(), adversary, rng=stream(seed, "attack", adversary.name))
    opened = Truth.of(truth, release, rng=stream(seed, "control"))
    entries = persons_named(adversary, truth)
    return {
        "harms": harms(
            guesses, opened, release, truth, adversary=adversary, entries=entries, seed=seed
        ),
        "neighbours": neighbour_exposure(guesses, opened, release, truth, adversary=adversary),
    }


def audit_look_up(
    campaign: Campaign, names: str = "roll", *, view: LookUp | None = None, seed: int = 7
) -> Measures:
    """Ask a campaign's tool for every name of a register of the town.

    Parameters
    ----------
    campaign : Campaign
    names : {"roll", "directory"}
        The list of names that the adversary has.
    view : LookUp, optional
        How the tool answers: the screen's columns, and people who have a dot, by default.
    seed : int
        Of the choice among records of one name.

    Returns
    -------
    Measures
        See `look_up_exposure`.

    Raises
    ------
    ParameterError
        Another list, or a campaign without anybody to look up.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> found = audit_look_up(campaign).overall["value"]
    >>> bool(found["address_found"] <= found["reidentified"] <= found["on_the_list"])
    True
    """
    one_of("audit_look_up", "names", names, ("roll", "directory"))
    tool = open_look_up(campaign, view)
    listed = getattr(campaign.world, names)
    guesses, record = ask_for_everybody(
        tool.as_leaked(), listed, rng=stream(seed, "look-up", names)
    )
    named = getattr(campaign.world, f"{names}_truth")["person"]
    return look_up_exposure(guesses, record, tool, campaign.world, named)
