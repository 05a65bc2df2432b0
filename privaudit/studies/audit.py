"""`audit`: score one attack on one release, or measure a release; `audit_versions` on several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from privaudit.core.checks import an_instance, columns_present, kind_of, listed
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.maps.adversary import PRIORS, Adversary, Attack, Prior
from privaudit.maps.guess import (
    AttackRun,
    attempt,
    attempt_together,
    guess,
    prior_over_addresses,
    uses_posterior,
)
from privaudit.maps.masks.mask import Exact, Mask, declared_masks, parse_mask
from privaudit.maps.posterior import PosteriorSummary
from privaudit.maps.registry import parse_adversary, read_back
from privaudit.maps.scoring.score import Gain, checked_gains, mean_gains, own_gains, score
from privaudit.maps.scoring.screenshot import (
    add_unread,
    align_with_drawn,
    reorder_guesses,
    widen_by_mask,
    widen_intervals,
)
from privaudit.maps.scoring.truth import Homes, Truth
from privaudit.maps.version_averaging import guess_versions
from privaudit.maps.version_links import Linked, link_versions
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
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.studies.audit_views import (
    audit_adverts,
    audit_area_change,
    audit_area_release,
    audit_heat,
    audit_heat_change,
    audit_mailing,
)
from privaudit.studies.chain import equipped, persons_named
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import AdversaryWord, LinkWord

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase
    from privaudit.maps.posterior import ComparedAddress, Guesses, Posterior

Attacker = Adversary | Attack | AdversaryWord
# What is measured as it stands, and takes no adversary.
_Measured = (
    AreaRelease | HeatRelease | MailRelease | AdRelease | tuple[AreaRelease, AreaRelease]
    | tuple[HeatRelease, HeatRelease] | Sequence[AdRelease]
)  # fmt: skip


@overload
def audit(
    release: DotRelease | PictureRelease,
    adversary: Attacker | None = None,
    *,
    truth: SimulatedWorld | Homes | None = None,
    gains: Mapping[str, Gain] | None = None,
    ids: str | pd.Index[Any] | None = None,
    seed: int = 7,
) -> Exposure: ...
@overload
def audit(
    release: TableRelease,
    adversary: None = None,
    *,
    truth: SimulatedWorld | Homes | None = None,
    seed: int = 7,
) -> Measures: ...
@overload
def audit(
    release: TableRelease,
    adversary: Attacker,
    *,
    truth: SimulatedWorld | Homes | None = None,
    ids: str | pd.Index[Any] | None = None,
    seed: int = 7,
) -> Exposure: ...
@overload
def audit(
    release: _Measured, *, truth: SimulatedWorld | None = None, seed: int = 7
) -> Measures: ...
@overload
def audit(
    release: Release | Sequence[Release],
    adversary: Attacker | None = None,
    *,
    truth: SimulatedWorld | Homes | None = None,
    gains: Mapping[str, Gain] | None = None,
    ids: str | pd.Index[Any] | None = None,
    seed: int = 7,
) -> Exposure | Measures: ...
def audit(
    release: Release | Sequence[Release],
    adversary: Attacker | None = None,
    *,
    truth: SimulatedWorld | Homes | None = None,
    gains: Mapping[str, Gain] | None = None,
    ids: str | pd.Index[Any] | None = None,
    seed: int = 7,
) -> Exposure | Measures:
    """Attack a release and score the guesses, or measure a table.

    Parameters
    ----------
    release : Release
        From `publish`, `read_map`, `read_screenshot` or `read_table`. The picture of a published
        `Screenshot` is read back into dots first; a dot that is not read counts as not found.
        Two dates of an `AreaMap` or of a `HeatMap`, the earlier first: who is new is attacked.
        Ads of several audiences (`Audience`): a shop's is the control run of a campaign's.
    adversary : Adversary, Attack or str, optional
        Who looks at it, such as ``Adversary.knows_mask(Donut(r_min=50, r_max=200))``; an attack of
        one's own; or the word of one, who then knows the mask of the view, and the electoral roll
        of the truth. Anyone who sees a map of dots can take the nearest address (default). A table
        without an adversary is measured (see `measure`); counts by area and heat maps take
        none: anyone who sees the map can work out what they prove.
    truth : SimulatedWorld or Homes, optional
        The world that a simulated release came from, or where the people of a map live. It
        scores the guesses and never reaches the attack. Without it, exposure is what the
        posterior itself expects.
    gains : mapping of str to callable, optional
        What else a guess is worth: ``{"within_50m": f}``, where ``f(true, guessed)`` takes the
        positions of homes and of guessed addresses, metres of shape (n, 2), and returns n values
        in [0, 1].
    ids : str or pandas.Index, optional
        Index of `per_person`: a column of the release, or the index of the frame that it was read
        from. Default: 0 to n - 1, no identifier.
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
        An area or heat map with an adversary, gains for anything but an attack, a world that the
        release did not come from, or a gain outside of [0, 1].

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(), seed=7)
    >>> found = pa.audit(leak, pa.Adversary.nearest(), truth=world)
    >>> list(found.overall.index)
    ['address', 'household', 'person', 'opinion']
    """
    _a_truth(truth)
    own = {} if gains is None else checked_gains(gains)
    if own and not isinstance(release, (DotRelease, PictureRelease)):
        raise ParameterError.of("audit", "a map of dots for gains", kind_of(release))
    if isinstance(release, (tuple, list)) and adversary is None:
        several = _of_several(tuple(release), truth, seed)
        if several is not None:
            return several
    if isinstance(release, AdRelease) and adversary is None:
        return audit_adverts((release,), _a_world(truth))
    if not isinstance(release, Release):
        do = "Use publish, read_map or read_table; of a log, pa.unicity and pa.traces."
        raise ParameterError.of("audit", "a Release", kind_of(release), do)
    who = None if adversary is None else named("audit", adversary, release, truth)
    if isinstance(release, (AreaRelease, HeatRelease, MailRelease)):
        return _by_area(release, who, _a_world(truth), seed)
    if who is None and isinstance(release, TableRelease):
        return measure(release)
    found = attacked(release, who or Adversary.nearest(), truth=truth, gains=own, seed=seed)
    return found if ids is None else _identified(found, release, ids)


def _identified(found: Exposure, release: Release, ids: str | pd.Index[Any]) -> Exposure:
    """Index the people of an exposure by a column of the release, or as the caller's frame."""
    if isinstance(ids, str):
        columns_present("audit", "column of ids", [ids], release.records.columns, release.name)
        labels = pd.Index(release.records[ids])
    elif release.rows is not None and len(ids) >= release.rows.max(initial=0):
        labels = ids[release.rows - 1]
    else:
        labels = ids
    if len(labels) != len(found.per_person):
        needed, came = "an id for each person of the release", f"{len(labels):,}"
        raise ParameterError.of("audit", needed, f"{came} for {len(found.per_person):,}")
    return replace(found, per_person=found.per_person.set_axis(labels))


def _of_several(
    releases: tuple[Any, ...], truth: SimulatedWorld | Homes | None, seed: int
) -> Measures | None:
    """Measure two dates of one map, or ads of several audiences; None for anything else."""
    if len(releases) == 2:
        before, after = releases
        if isinstance(before, AreaRelease) and isinstance(after, AreaRelease):
            return audit_area_change(before, after, _a_world(truth), seed=seed)
        if isinstance(before, HeatRelease) and isinstance(after, HeatRelease):
            return audit_heat_change(before, after, _a_world(truth), seed=seed)
    adverts = tuple(one for one in releases if isinstance(one, AdRelease))
    if adverts and len(adverts) == len(releases):
        return audit_adverts(adverts, _a_world(truth))
    return None


def named(
    who: str, adversary: Any, release: Release, truth: SimulatedWorld | Homes | None = None
) -> Adversary:
    """Return the adversary of an attack, of a word, or as it is; `who` names the caller in errors.

    One by its word knows the mask that the release says, and holds the roll of a simulated town.
    """
    if isinstance(adversary, Attack):
        return adversary.adversary()
    if isinstance(adversary, str):
        word = release.view.partition(":")[0]
        known = {*declared_masks(), *Mask.unlisted}
        mask = parse_mask(release.view) if word in known else None
        base = release.backdrop
        held: dict[str, Any] = {
            "mask": Exact() if release.view == "exact" else mask,
            "electors": base is not None and bool({"electors", "residents"} & set(base.counts)),
        }
        if truth is not None and not isinstance(truth, Homes):
            held |= {"register": truth.roll, "results": truth.stations}
        return parse_adversary(adversary, **held)
    do = "Pass Adversary.nearest() or Adversary.knows_mask(Donut(r_min=50, r_max=200))."
    found: Adversary = an_instance(who, "adversary", adversary, Adversary, do)
    return found


def _a_truth(truth: Any) -> None:
    if truth is not None and not isinstance(truth, (Homes, SimulatedWorld)):
        do = "Give campaign.world." if hasattr(truth, "world") else "Homes(address=) are your own."
        raise ParameterError.of("audit", "truth a SimulatedWorld or Homes", kind_of(truth), do)


def _a_world(truth: SimulatedWorld | Homes | None) -> SimulatedWorld | None:
    """Refuse homes as the truth of a release that marks no person."""
    if isinstance(truth, Homes):
        raise ParameterError.of("audit", "a map of dots, or a table, for Homes", "another view")
    return truth


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
        raise ParameterError.of("audit", needed, "one", do)
    if isinstance(release, MailRelease):
        return audit_mailing(release, truth, seed=seed)
    if isinstance(release, HeatRelease):
        return audit_heat(release, truth, seed=seed)
    return audit_area_release(release, truth, seed=seed)


def attacked(
    release: Release,
    adversary: Adversary,
    *,
    truth: SimulatedWorld | Homes | None,
    gains: Mapping[str, Gain] | None = None,
    seed: int,
) -> Exposure:
    """Attack a release and score the guesses; a picture is first read back into dots."""
    own = gains or {}
    if isinstance(release, DotRelease) and adversary.attack is None:
        (made,) = attacked_together(release, [adversary], truth=truth, gains=own, seed=seed)
        return made
    if adversary.needs_register and not isinstance(truth, Homes):
        adversary = equipped(adversary, truth)
    rng = stream(seed, "attack", adversary.name)
    if not isinstance(release, PictureRelease):
        guesses = attempt(release.as_leaked(), adversary, rng=rng).with_notes()
        return held_against(guesses, release, adversary, truth=truth, gains=own, seed=seed)
    read = read_back(release.as_leaked())
    guesses = guess(read.as_leaked(), adversary, rng=rng)
    if truth is None or isinstance(truth, Homes):
        guesses = replace(guesses, notes=guesses.notes + read.notes)
        recipe = {**release.recipe, "read": dict(read.recipe)}
        dots = replace(read, recipe=recipe, provenance=release.provenance)
    else:
        guesses, dots = align_with_drawn(guesses, read, release)
    return held_against(guesses, dots, adversary, truth=truth, gains=own, seed=seed)


def attacked_together(
    release: DotRelease,
    adversaries: Sequence[Adversary],
    *,
    truth: SimulatedWorld | Homes | None,
    gains: Mapping[str, Gain] | None = None,
    seed: int,
) -> list[Exposure]:
    """Do what `attacked` does for adversaries of one mask: addresses near dots are found once."""
    own = gains or {}
    runs = []
    for adversary in adversaries:
        if adversary.needs_register and not isinstance(truth, Homes):
            adversary = equipped(adversary, truth)
        # Of a posterior that no gain and no other dot asks about, a slice is held at a time.
        kept = release.dots_shown is not None or own or uses_posterior(adversary)
        keep, summary = (None, None) if kept else (False, PosteriorSummary())
        rng = stream(seed, "attack", adversary.name)
        runs.append(AttackRun(adversary, rng, keep, summary))
    several = attempt_together(release.as_leaked(), runs)
    return [
        held_against(
            guesses.with_notes(), release, run.adversary, truth=truth, gains=own, seed=seed
        )
        for guesses, run in zip(several, runs, strict=True)
    ]


def gains_alone(
    release: DotRelease,
    ladder: Sequence[Sequence[Adversary]],
    *,
    world: SimulatedWorld,
    seed: int,
) -> list[tuple[Guesses, pd.DataFrame]]:
    """Attack a map as `attacked_together` does; return the guesses and the `mean_gains` of each.

    - `ladder`: Adversaries, those of one mask together.
    """
    opened, results = Truth.of(world, release, rng=stream(seed, "control")), []
    for believers in ladder:
        runs = []
        for adversary in (equipped(one, world) for one in believers):
            keep = None if uses_posterior(adversary) else False
            rng = stream(seed, "attack", adversary.name)
            runs.append(AttackRun(adversary, rng, keep, sizes=False))
        for run, guesses in zip(runs, attempt_together(release.as_leaked(), runs), strict=True):
            entries = persons_named(run.adversary, world)
            gains = mean_gains(guesses, opened, release, run.adversary, entries)
            results.append((guesses, gains))
    return results


# The truth of a release, by the world and the seed that it was opened with.
_OPENED: WeakKeyDictionary[Release, tuple[SimulatedWorld, int, Truth]] = WeakKeyDictionary()


def held_against(
    guesses: Guesses,
    release: Release,
    adversary: Adversary,
    *,
    truth: SimulatedWorld | Homes | None,
    seed: int,
    believed: Posterior | ComparedAddress | None = None,
    gains: Mapping[str, Gain] | None = None,
) -> Exposure:
    """Score guesses, and write down how they came about."""
    opened = shown = entries = own = None
    if truth is None and isinstance(release, DotRelease) and release.dots_shown is not None:
        shown = release.dots_shown
        guesses, release, believed = add_unread(guesses, release, believed)
    if isinstance(truth, Homes):
        homes, known = truth.of(release)
        if len(known) < len(release):
            note = Note("homes_unknown", records=len(release) - len(known), of=len(release))
            guesses = replace(reorder_guesses(guesses, known), notes=(*guesses.notes, note))
            release = replace(release, records=release.records.iloc[known], sources=None, rows=None)
        opened = homes.truth(release, adversary, rng=stream(seed, "control"))
        if not np.any(guesses.opinion != ""):
            # A map without a label presumes nothing of anybody: no guess was right, or wrong.
            opened = replace(opened, unknown=(*opened.unknown, "opinion", "baseline_opinion"))
        entries = homes.entries(adversary)
    elif truth is not None:
        # The truth with the control people of the seed: every rung is held against the same one.
        before = _OPENED.get(release)
        if before is None or before[0] is not truth or before[1] != seed:
            made = Truth.of(truth, release, rng=stream(seed, "control"))
            before = _OPENED[release] = truth, seed, made
        opened = before[2]
        entries = None if adversary.register is None else persons_named(adversary, truth)
    base = release.backdrop
    if gains and base is not None:
        prior = prior_over_addresses(base, adversary)
        own = own_gains(
            gains, guesses, opened, base, prior, believed=believed, rng=stream(seed, "own gains")
        )
    recipe = {
        "view": release.view or release.name,
        "attack": guesses.attack,
        "adversary": adversary.recipe(),
        "release": dict(release.recipe),
        "seed": seed,
    }
    found = score(
        guesses, opened, release, adversary=adversary, entries=entries, believed=believed, own=own,
        recipe=recipe,
    )  # fmt: skip
    found = found if shown is None else widen_intervals(found, shown)
    if truth is None and guesses.right_between is not None:
        mine, both = believed is None, guesses.both_readings
        found = widen_by_mask(found, guesses.right_between, own=mine, both_readings=both)
    return found


def sensitivity(
    release: DotRelease,
    adversaries: Attacker | Sequence[Attacker] | Mapping[str, Attacker],
    *,
    priors: Sequence[Prior] | Mapping[str, Prior] = PRIORS,
    truth: SimulatedWorld | Homes | None = None,
    seed: int = 7,
) -> Measures:
    """Measure what adversaries owe to their prior: each is tried with each, on one map of dots.

    Parameters
    ----------
    release : DotRelease
        With its addresses. Maps of areas and heat maps are inverted without an adversary, and have
        no prior to try; a picture is read first (`read_back`).
    adversaries : Adversary, Attack, str, a sequence of these, or a mapping of names to them
        As for `audit`. An attack of one's own guesses by what it was made with.
    priors : sequence, or mapping of names to priors
        Each "addresses", "electors", "register" or weights, 0 or more, one an address; see
        `Adversary`. Weights in a sequence are called "given".
    truth : SimulatedWorld or Homes, optional
        As for `audit`; without it, gains are those that each expects by its own prior.
    seed : int

    Returns
    -------
    Measures
        Family "priors". ``reidentified(address|household, adversary=, prior=)`` as `audit` has it,
        of the adversary's own prior first; after each other, ``difference(..., over=)`` from the
        own one, in [-1, 1], 0 = the answer owes nothing to it, with a paired interval over the same
        people. A prior that an adversary cannot have (no register, no electors counted) is empty,
        with the reason.

    Raises
    ------
    ParameterError
        Anything but a map of dots with addresses, names that stand twice, or weights that are not
        one an address.

    Examples
    --------
    >>> import privaudit as pa
    >>> mask = pa.masks.Donut(r_min=50, r_max=200)
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(mask=mask), seed=7)
    >>> found = pa.maps.sensitivity(leak, "knows_mask", priors=["electors"], truth=world)
    >>> [(row.measure, row.part["prior"]) for row in found.rows if row.gain == "address"]
    [('reidentified', 'addresses'), ('reidentified', 'electors'), ('difference', 'electors')]
    """
    who = "sensitivity"
    do = "Areas and heat maps are audited without an adversary: no prior decides."
    an_instance(who, "release", release, DotRelease, do)
    base = release.backdrop
    if base is None:
        do = "Pass addresses= to read_map."
        raise ParameterError.of(who, "a map with the addresses of the place", "none", do)
    _a_truth(truth)
    of_names = {
        name: named(who, one, release, truth)
        for name, one in _by_name(who, "adversaries", adversaries).items()
    }
    asked = _by_name(who, "priors", priors)
    world = truth if isinstance(truth, SimulatedWorld) else None
    planned = [
        (name, equipped(one, world), _with_priors(equipped(one, world), asked, base))
        for name, one in of_names.items()
    ]
    rows = Rows(len(release), "people")
    for name, own, variants in planned:
        before = attacked(release, own, truth=truth, seed=seed)
        _add_prior(rows, before, {"adversary": name, "prior": own.prior_word})
        for prior, variant in variants.items():
            part = {"adversary": name, "prior": prior}
            if isinstance(variant, Note):
                for gain in _OF_PRIORS:
                    rows.absent(["reidentified"], "share", variant, gain=gain, part=part)
                continue
            after = attacked(release, variant, truth=truth, seed=seed)
            _add_prior(rows, after, part)
            _add_prior_difference(rows, before, after, part | {"over": own.prior_word})
    return Measures(
        family="priors",
        rows=rows,
        provenance=release.provenance,
        recipe={
            "adversaries": {name: dict(own.recipe()) for name, own, _ in planned},
            "priors": [*asked],
            "release": dict(release.recipe),
            "seed": seed,
        },
    )


_OF_PRIORS = ("address", "household")


def _by_name(who: str, what: str, given: Any) -> dict[str, Any]:
    """Return adversaries or priors by name; what is not a list stands alone."""
    if isinstance(given, Mapping):
        levels = [(str(name), one) for name, one in given.items()]
    else:
        alone = isinstance(given, (str, Adversary, Attack))
        levels = [(_called(one), one) for one in ([given] if alone else given)]
    if not levels or len({name for name, _ in levels}) < len(levels):
        do = f"Give {what}={{name: ...}} where two would have one name."
        came = "one name twice" if levels else "none"
        raise ParameterError.of(who, f"{what}, one or more, each of its own name", came, do)
    return dict(levels)


def _called(one: Any) -> str:
    if isinstance(one, (Adversary, Attack)):
        return one.name
    return one if isinstance(one, str) else "given"


def _with_priors(
    own: Adversary, priors: Mapping[str, Prior], base: AddressBase
) -> dict[str, Adversary | Note]:
    """Return an adversary with each other prior, or why it cannot have it."""
    prior_over_addresses(base, own)
    variants: dict[str, Adversary | Note] = {}
    for name, prior in priors.items():
        word = prior if isinstance(prior, str) else None
        if name in (*PRIORS, "own") and name != word:
            needed = "priors with names of their own"
            raise ParameterError.of("sensitivity", needed, f"weights called {name!r}")
        if word is not None and word == own.prior_word:
            continue
        try:
            variants[name] = replace(own, prior=prior)
            prior_over_addresses(base, replace(own, prior=prior))
        except ParameterError as error:
            if word not in PRIORS:
                raise
            variants[name] = Note("cell_empty", cell=f"{own.name}, {name}", reason=str(error))
    return variants


def _add_prior(rows: Rows, found: Exposure, part: Mapping[str, Any]) -> None:
    for row in found.rows:
        if row.gain in _OF_PRIORS:
            rows.put(replace(row, part=part))


def _add_prior_difference(
    rows: Rows, before: Exposure, after: Exposure, part: Mapping[str, Any]
) -> None:
    """Add what the gains are more than with the own prior, person by person."""
    reliable = before.reliable and after.reliable
    for gain in _OF_PRIORS:
        rows.difference(
            "difference", before.per_person[gain], after.per_person[gain],
            () if reliable else Note("rung_not_reliable"),
            clusters=after.clusters, gain=gain, part=part, reliable=reliable,
        )  # fmt: skip


def audit_versions(
    versions: Sequence[DotRelease],
    adversary: Adversary,
    *,
    truth: SimulatedWorld | None = None,
    link: LinkWord | None = None,
    linked: Linked | None = None,
    seed: int = 7,
) -> Exposure:
    """Attack the versions of a map together and score the guesses.

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
    >>> from privaudit.maps.adversary import Adversary
    >>> from privaudit.geo.address_base import AddressBase
    >>> from privaudit.maps.masks.donut import Donut
    >>> from privaudit.release.read_map import read_versions
    >>> base = AddressBase(pd.DataFrame({"id": ["a", "b"], "number": ["1", "2"], "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 40.0], "y": 0.0}), real=False)
    >>> copies = [pd.DataFrame({"x": [x], "y": [0.0]}) for x in (20.0, 50.0)]
    >>> adversary = Adversary.knows_mask(Donut(r_min=0, r_max=30))
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
