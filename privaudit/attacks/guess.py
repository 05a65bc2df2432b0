"""One attack, whole: address, name and opinion of each record, and how sure of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from privaudit._core.checks import say
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.assignment import assign
from privaudit.attacks.guesses import Guesses
from privaudit.attacks.locate import Located, draws_by_position, locate, prior_over_addresses
from privaudit.attacks.naming import name_at_addresses, name_by_keys
from privaudit.attacks.opinion import declared_opinion
from privaudit.attacks.station_results import trust_by_station
from privaudit.attacks.unknown_mask import estimate_mask
from privaudit.errors import ParameterError
from privaudit.measures.tables.compressed_rows import credible_size, pick_best
from privaudit.release.misread import as_read

if TYPE_CHECKING:
    from privaudit.places.address_base import AddressBase
    from privaudit.release.release import Release

__all__ = ["guess", "tell_located"]


def guess(release: Release, adversary: Adversary, *, rng: np.random.Generator) -> Guesses:
    """Work out what an adversary can from a leaked release.

    Parameters
    ----------
    release : Release
        As leaked: without sources and recipe.
    adversary : Adversary
        What is known besides.
    rng : numpy.random.Generator
        Breaks ties, uniformly.

    Returns
    -------
    Guesses
        One row a record, in the order of the release. ``reliable`` is False where the mask
        had to be estimated, or where it leaves more than one dot in twenty unexplained, or
        where a table is read without a register to find anybody in.

    Raises
    ------
    ParameterError
        The release still has its sources or recipe; dots come without addresses; the
        adversary lacks the register or the counts that it is said to know.
    GeometryError
        A dot has no finite position, or there is no address.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.places.address_base import AddressBase
    >>> from privaudit.release.release import Release
    >>> from privaudit.roles import Roles
    >>> base = AddressBase(pd.DataFrame({"id": ["a", "b"], "number": ["1", "2"], "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 90.0], "y": 0.0}))
    >>> dots = pd.DataFrame({"x": [88.0], "y": [1.0], "status": ["to_meet"]})
    >>> leak = Release(kind="dots", records=dots, roles=Roles(location=["x", "y"]), backdrop=base)
    >>> found = guess(leak, Adversary.nearest(), rng=np.random.default_rng(7))
    >>> found.address.tolist(), found.address_confidence.tolist()
    ([1], [1.0])
    """
    if release.sources is not None or release.recipe:
        raise ParameterError(
            say(
                "guess",
                "a release as an adversary holds it",
                "one with its sources or recipe",
                "Call release.as_leaked() first.",
            )
        )
    if release.kind == "areas":
        do = "Audit an area map with pa.audit(release), without an adversary."
        raise ParameterError(say("guess", "records of people", "counts by area", do))
    if release.kind == "screenshot":
        do = "Call attacks.read_back.read_back first."
        raise ParameterError(say("guess", "dots or a table", "a picture", do))
    if adversary.needs_register and adversary.register is None:
        raise ParameterError(
            say(
                f"guess ({adversary.name})",
                "a register of who lives where",
                "None",
                "Pass register= to the adversary (--register on the command line).",
            )
        )
    if release.kind == "dots":
        return _guess_dots(release, adversary, rng)
    return _guess_table(release, adversary, rng)


def _guess_dots(release: Release, adversary: Adversary, rng: np.random.Generator) -> Guesses:
    """Locate each dot, then name it where a register is held."""
    base = release.backdrop
    if base is None:
        raise ParameterError(
            say(
                "guess",
                "addresses to read dots against",
                "a release without a backdrop",
                "Read the map with addresses=.",
            )
        )
    points = release.records[["x", "y"]].to_numpy(dtype=float)
    notes: tuple[str, ...] = ()
    reliable = True
    if adversary.estimates_mask and len(points):
        prior = prior_over_addresses(base, adversary)
        estimated = estimate_mask(points, base.xy, prior, resolution=release.resolution, rng=rng)
        adversary = replace(adversary, mask=estimated.mask, estimates_mask=False)
        notes, reliable = estimated.notes(), False
    if adversary.mask is not None:
        # Dots read from a picture are known to a fraction of a pixel only.
        adversary = replace(adversary, mask=as_read(adversary.mask, release.resolution))
    located = locate(points, base, adversary, rng=rng)
    if adversary.one_to_one:
        located = assign(located, points, rng=rng)
    guesses = tell_located(release, located, points, adversary, rng=rng)
    return replace(guesses, notes=notes + guesses.notes, reliable=reliable and guesses.reliable)


def tell_located(
    release: Release,
    located: Located,
    points: np.ndarray,
    adversary: Adversary,
    *,
    rng: np.random.Generator,
) -> Guesses:
    """Make guesses of dots that are located: the opinion declared, a name where one is held.

    Parameters
    ----------
    release : Release
        As leaked, with a backdrop; one record a dot.
    located : Located
        In the order of the records.
    points : ndarray of float, shape (n, 2)
        Positions that order the draws.
    adversary : Adversary
    rng : numpy.random.Generator

    Returns
    -------
    Guesses
    """
    base = release.backdrop
    assert base is not None
    notes = located.notes
    reliable = bool(np.mean(located.address >= 0) >= 0.95 if len(points) else True)
    opinion, opinion_confidence = declared_opinion(release, adversary)
    guesses = Guesses(
        attack=adversary.name,
        address=located.address,
        address_confidence=located.confidence,
        person=np.full(len(points), -1, dtype=np.int64),
        person_confidence=np.zeros(len(points)),
        opinion=opinion,
        opinion_confidence=opinion_confidence,
        posterior=located.posterior,
        credible=located.credible,
        k_addresses=located.k_addresses,
        k_people=located.k_people,
        notes=notes,
        reliable=reliable,
    )
    if adversary.register is None and adversary.results is None:
        return guesses
    if located.posterior is None:
        do = "Attack the map in tiles, with attacks.ladder.climb."
        raise ParameterError(say("guess", "a posterior that fits in memory", "a wider one", do))
    if adversary.register is None:
        return _with_results(guesses, base, adversary)
    named = name_at_addresses(
        release, located.posterior, base, adversary, draws_by_position(points, rng)
    )
    posterior = named.posterior
    assert posterior is not None
    best = pick_best(posterior.indptr, posterior.probability, draws_by_position(points, rng))
    found = best >= 0
    address, sure = guesses.address.copy(), guesses.address_confidence.copy()
    address[found] = posterior.candidate[best[found]]
    sure[found] = posterior.probability[best[found]]
    guesses = replace(
        guesses,
        address=address,
        address_confidence=sure,
        person=named.person,
        person_confidence=named.confidence,
        posterior=posterior,
        credible=credible_size(posterior.indptr, posterior.probability),
        notes=notes + named.notes,
    )
    return _with_results(guesses, base, adversary)


def _with_results(guesses: Guesses, base: AddressBase, adversary: Adversary) -> Guesses:
    """Revise the trust in declared opinions by the stations' results, where they are known."""
    if adversary.results is None:
        return guesses
    assert guesses.posterior is not None
    trust = trust_by_station(
        guesses.opinion, guesses.opinion_confidence, guesses.posterior, base, adversary
    )
    return replace(guesses, opinion_confidence=trust)


def _guess_table(release: Release, adversary: Adversary, rng: np.random.Generator) -> Guesses:
    """Name the records of a table where a register is held; they have no place of their own."""
    n = len(release)
    opinion, opinion_confidence = declared_opinion(release, adversary)
    guesses = Guesses(
        attack=adversary.name,
        address=np.full(n, -1, dtype=np.int64),
        address_confidence=np.zeros(n),
        person=np.full(n, -1, dtype=np.int64),
        person_confidence=np.zeros(n),
        opinion=opinion,
        opinion_confidence=opinion_confidence,
    )
    if adversary.register is None:
        # Nothing found is no sign of safety where nothing was looked for.
        note = "A table has no positions, and no register is held: no door or name was looked for."
        return replace(guesses, notes=(note,), reliable=False)
    named = name_by_keys(release, adversary, rng)
    assert named.address is not None
    assert named.address_confidence is not None
    return replace(
        guesses,
        address=named.address,
        address_confidence=named.address_confidence,
        person=named.person,
        person_confidence=named.confidence,
        notes=named.notes,
    )
