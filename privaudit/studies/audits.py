"""`audit`: one attack on one release. `audit_table`: the study of a real table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import an_instance, kind_of, say
from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.attacks.read_back import read_back
from privaudit.errors import ParameterError
from privaudit.exposure.maps.areas import area_release_exposure
from privaudit.exposure.maps.drawn import held_by_drawn
from privaudit.exposure.maps.heat import heat_exposure
from privaudit.exposure.maps.score import score
from privaudit.exposure.maps.truth import Truth
from privaudit.exposure.results import Exposure, Measures
from privaudit.exposure.tables.contributions import key_contributions
from privaudit.exposure.tables.intake import take_in
from privaudit.exposure.tables.levels import level_contributions
from privaudit.exposure.tables.measures import measure
from privaudit.release.release import Release
from privaudit.reporting.study import Study
from privaudit.roles import Roles
from privaudit.studies.registers import equipped, persons_named

if TYPE_CHECKING:
    from privaudit.attacks.guesses import Guesses, Posterior
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["attacked", "audit", "audit_table", "held_against", "view_label"]

# Levels of each key on the page: those with most of the score, and one row for the others.
_LEVELS = 8


def audit(
    release: Release,
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
        For a table without an adversary, for an `AreaMap` (see `area_release_exposure`) and
        for a `HeatMap` (see `heat_exposure`).

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
    if not isinstance(release, Release):
        do = "Use publish, read_map or read_table."
        raise ParameterError(say("audit", "a Release", kind_of(release), do))
    if adversary is not None:
        do = "Such as Adversary.nearest() or Adversary.knows_mask(Donut(low=50, high=200))."
        an_instance("audit", "adversary", adversary, Adversary, do)
    if release.kind == "areas":
        return _by_area(release, adversary, truth, seed)
    if adversary is None:
        if release.kind == "table":
            return measure(release)
        raise ParameterError(
            say("audit", "an adversary for a map", "none", "Try Adversary.nearest().")
        )
    return attacked(release, adversary, truth=truth, seed=seed)


def _by_area(
    release: Release, adversary: Adversary | None, truth: SimulatedWorld | None, seed: int
) -> Measures:
    """Measure counts by area, or a heat map."""
    if adversary is not None:
        do = "Leave the adversary out: pa.audit(release, truth=world)."
        raise ParameterError(say("audit", "no adversary for counts by area or heat", "one", do))
    if "intensity" in release.records.columns:
        return heat_exposure(release, truth, seed=seed)
    return area_release_exposure(release, truth, seed=seed)


def attacked(
    release: Release, adversary: Adversary, *, truth: SimulatedWorld | None, seed: int
) -> Exposure:
    """Attack a release and score the guesses; a picture is first read back into dots."""
    adversary = equipped(adversary, truth)
    rng = stream(seed, "attack", adversary.name)
    if release.kind != "screenshot":
        guesses = guess(release.as_leaked(), adversary, rng=rng)
        return held_against(guesses, release, adversary, truth=truth, seed=seed)
    read = read_back(release.as_leaked())
    guesses = guess(read.as_leaked(), adversary, rng=rng)
    if truth is None:
        notes = tuple(read.recipe.get("notes", ()))
        guesses = replace(guesses, notes=guesses.notes + notes)
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
    opened = None
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
    recipe = {
        "view": view_label(release),
        "attack": guesses.attack,
        "adversary": adversary.recipe(),
        "release": dict(release.recipe),
        "seed": seed,
    }
    return replace(found, recipe=recipe)


def view_label(release: Release) -> str:
    """Say in a word what leaked: exact, donut:50:200, screenshot of exact, table, or the belief."""
    view = release.recipe.get("view", release.name)
    if not isinstance(view, Mapping):
        return str(view)
    if release.kind == "table":
        return "table"
    if view.get("view") == "screenshot":
        return f"screenshot of {_mask_label(view.get('mask'))}"
    return _mask_label(view.get("mask"))


def _mask_label(mask: Mapping[str, Any] | None) -> str:
    if mask is None:
        return "exact"
    numbers = [f"{value:g}" for value in mask.values() if isinstance(value, (int, float))]
    radial = ["radius"] if mask.get("uniform") == "radius" else []
    return ":".join([mask["mask"], *numbers, *radial])


def audit_table(
    file: str | Path,
    *,
    key: tuple[str, ...],
    sensitive: tuple[str, ...] = (),
    weight: str | None = None,
    missing: str = "wildcard",
    population: str | Path | None = None,
    sampling_fraction: float | None = None,
    household: str | None = None,
    contributions: bool = False,
    memory_limit: str | None = None,
) -> Study:
    """Measure a real table of profiles and return the study; parameters as for `measure`."""
    roles = Roles(key=key, sensitive=sensitive, weight=weight)
    if not roles.key:
        raise ParameterError(say("table", "at least one key variable", "none", "Give --key a,b."))
    # Read once, not once a measure; a large file, or one with a limit, is counted where it is.
    taken = take_in(file, roles, household=household, memory_limit=memory_limit, who="table")
    table: Any = taken.source if taken.release is None else taken.release
    options: dict[str, Any] = {
        "missing": missing,
        "sampling_fraction": sampling_fraction,
        "household": household,
        "memory_limit": memory_limit,
    }
    measures = {"table": measure(table, roles, population=population, **options)}
    if contributions:
        measures["contributions"] = key_contributions(
            table, roles, population=population, **options
        )
        if taken.release is not None:
            measures["levels"] = level_contributions(table, roles, missing=missing, most=_LEVELS)
    read = () if taken.release is None else taken.release.recipe["notes"]
    words = {
        "key": ",".join(key),
        "sensitive": ",".join(sensitive) or None,
        "weight": weight,
        "population": None if population is None else "POPULATION",
        "contributions": "" if contributions else None,
        **options,
    }
    asked = [
        f"--{k.replace('_', '-')} {v}".strip() for k, v in words.items() if v not in (None, ())
    ]
    return Study(
        kind="table",
        title=Path(file).name,
        provenance=measures["table"].provenance,
        real_places=True,
        measures=measures,
        set_aside={} if taken.release is None else dict(taken.release.set_aside),
        notes=tuple(
            dict.fromkeys((*read, *(note for one in measures.values() for note in one.notes)))
        ),
        recipe={"command": " ".join(["privaudit table FILE", *asked]), **words},
    )
