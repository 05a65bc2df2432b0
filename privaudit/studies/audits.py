"""`audit`: one attack on one release, or its measures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from privaudit._core.checks import an_instance, kind_of, say
from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.attacks.read_back import read_back
from privaudit.errors import ParameterError
from privaudit.exposure.maps.drawn import by_mask, held_by_drawn, widened, with_unread
from privaudit.exposure.maps.score import score
from privaudit.exposure.maps.truth import Truth
from privaudit.release.release import (
    AdRelease,
    AreaRelease,
    DotRelease,
    HeatRelease,
    MailRelease,
    PictureRelease,
    Release,
    TableRelease,
)
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.studies.areas import audit_area_change, audit_area_release
from privaudit.studies.heat import audit_heat, audit_heat_change
from privaudit.studies.mailings import audit_adverts, audit_mailing
from privaudit.studies.registers import equipped, persons_named
from privaudit.tables.measures import measure

if TYPE_CHECKING:
    from privaudit.attacks.guesses import Guesses, Posterior
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["attacked", "audit", "held_against"]


def audit(
    release: Release | tuple[Release, Release],
    adversary: Adversary | None = None,
    *,
    truth: SimulatedWorld | None = None,
    seed: int = 7,
) -> Exposure | Measures:
    """Attack a release and say what was learnt, or measure a table.

    Parameters
    ----------
    release : Release
        From `publish`, `read_map`, `read_screenshot` or `read_table`. The picture of a published
        `Screenshot` is read back into dots first; a dot that is not read counts as not found.
        Two dates of an `AreaMap` or of a `HeatMap`, the earlier first: who is new is attacked.
        Ads of several audiences (`Audience`): a shop's is the control run of a campaign's.
    adversary : Adversary, optional
        Who looks at it, such as ``Adversary.knows_mask(Donut(low=50, high=200))``. A table
        without an adversary is measured (see `measure`); counts by area and heat maps take
        none: whoever sees the map can work out what they prove.
    truth : SimulatedWorld, optional
        The world that a simulated release came from. It scores the guesses and never reaches
        the attack. Without it, exposure is what the posterior itself expects.
    seed : int
        Seed of the ties that the attack breaks, of the maps that it draws to calibrate itself,
        and of the control people.

    Returns
    -------
    Exposure
        Gains in [0, 1], 0 is safe; the denominator is people of the release.
    Measures
        For a table without an adversary, for an `AreaMap` (see `area_exposure`), for a `HeatMap`
        (see `heat_exposure`) and for a `Mailing` (see `audit_mailing`).

    Raises
    ------
    ParameterError
        A map of dots without an adversary, an area or heat map with one, or a truth for a
        release that is not simulated.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(), seed=7)
    >>> found = pa.audit(leak, pa.Adversary.nearest(), truth=world)
    >>> list(found.overall.index)
    ['address', 'household', 'person', 'opinion']
    """
    if isinstance(release, (tuple, list)) and len(release) == 2 and adversary is None:
        before, after = release
        if isinstance(before, AreaRelease) and isinstance(after, AreaRelease):
            return audit_area_change(before, after, truth, seed=seed)
        if isinstance(before, HeatRelease) and isinstance(after, HeatRelease):
            return audit_heat_change(before, after, truth, seed=seed)
    adverts = release if isinstance(release, (tuple, list)) else (release,)
    if adverts and all(isinstance(one, AdRelease) for one in adverts) and adversary is None:
        return audit_adverts(tuple(one for one in adverts if isinstance(one, AdRelease)), truth)
    if not isinstance(release, Release):
        do = "Use publish, read_map or read_table."
        raise ParameterError(say("audit", "a Release", kind_of(release), do))
    if adversary is not None:
        do = "Such as Adversary.nearest() or Adversary.knows_mask(Donut(low=50, high=200))."
        an_instance("audit", "adversary", adversary, Adversary, do)
    if isinstance(release, (AreaRelease, HeatRelease, MailRelease)):
        return _by_area(release, adversary, truth, seed)
    if adversary is None:
        if isinstance(release, TableRelease):
            return measure(release)
        raise ParameterError(
            say("audit", "an adversary for a map", "none", "Try Adversary.nearest().")
        )
    return attacked(release, adversary, truth=truth, seed=seed)


def _by_area(
    release: AreaRelease | HeatRelease | MailRelease,
    adversary: Adversary | None,
    truth: SimulatedWorld | None,
    seed: int,
) -> Measures:
    """Measure counts by area, a heat map, or a mailing."""
    if adversary is not None:
        do = "Leave the adversary out: pa.audit(release, truth=world)."
        needed = f"no adversary for {release.kind}"
        raise ParameterError(say("audit", needed, "one", do))
    if isinstance(release, MailRelease):
        return audit_mailing(release, truth, seed=seed)
    if isinstance(release, HeatRelease):
        return audit_heat(release, truth, seed=seed)
    return audit_area_release(release, truth, seed=seed)


def attacked(
    release: Release, adversary: Adversary, *, truth: SimulatedWorld | None, seed: int
) -> Exposure:
    """Attack a release and score the guesses; a picture is first read back into dots."""
    adversary = equipped(adversary, truth)
    rng = stream(seed, "attack", adversary.name)
    if not isinstance(release, PictureRelease):
        guesses = guess(release.as_leaked(), adversary, rng=rng)
        return held_against(guesses, release, adversary, truth=truth, seed=seed)
    read = read_back(release.as_leaked())
    guesses = guess(read.as_leaked(), adversary, rng=rng)
    if truth is None:
        guesses = replace(guesses, notes=guesses.notes + read.notes)
        recipe = {**release.recipe, "read": dict(read.recipe)}
        dots = replace(read, recipe=recipe, provenance=release.provenance)
    else:
        guesses, dots = held_by_drawn(guesses, read, release)
    return held_against(guesses, dots, adversary, truth=truth, seed=seed)


def held_against(
    guesses: Guesses,
    release: Release,
    adversary: Adversary,
    *,
    truth: SimulatedWorld | None,
    seed: int,
    believed: Posterior | None = None,
) -> Exposure:
    """Score guesses, and write down how they came about."""
    opened = shown = None
    if truth is None and isinstance(release, DotRelease) and release.dots_shown is not None:
        shown = release.dots_shown
        guesses, release, believed = with_unread(guesses, release, believed)
    if truth is not None:
        # One stream for every rung: they are all held against the same control people.
        opened = Truth.of(truth, release, rng=stream(seed, "control"))
    found = score(
        guesses,
        opened,
        release,
        adversary=adversary,
        entries=persons_named(adversary, truth),
        believed=believed,
    )
    found = found if shown is None else widened(found, shown)
    if truth is None and believed is None and guesses.right_between is not None:
        found = by_mask(found, guesses.right_between)
    recipe = {
        "view": release.view or release.name,
        "attack": guesses.attack,
        "adversary": adversary.recipe(),
        "release": dict(release.recipe),
        "seed": seed,
    }
    return replace(found, recipe=recipe)
