"""What scores of an attack on a map share: the check, percentiles over people, the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.order_statistics import percentile
from privaudit.release.release import DotRelease, Release
from privaudit.results.measures import Measures

if TYPE_CHECKING:
    from privaudit.attacks.adversary import Adversary
    from privaudit.attacks.guesses import Guesses, Posterior
    from privaudit.exposure.maps.truth import Truth
    from privaudit.results.rows import Rows
    from privaudit.words.note import Note

__all__ = ["percentiles", "posterior_of", "scored"]


def posterior_of(who: str, guesses: Guesses, truth: Truth, release: Release) -> Posterior:
    """Return the posterior of guesses on a map, one a record.

    Raises
    ------
    ParameterError
        A table, guesses without a posterior, or lengths that differ.
    """
    posterior = guesses.posterior
    if posterior is None or not isinstance(release, DotRelease):
        raise ParameterError(say(who, "guesses on a map, with their posterior", "others"))
    if not len(guesses) == len(truth) == len(release):
        came = f"{len(guesses):,} guesses, {len(truth):,} truths, {len(release):,} records"
        raise ParameterError(say(who, "one guess and one truth a record", came))
    return posterior


def percentiles(
    rows: Rows,
    measure: str,
    values: np.ndarray,
    blind: np.ndarray,
    shares: Sequence[int],
    *,
    most: float = np.inf,
    **fields: Any,
) -> None:
    """Add percentiles over people, each with its interval from order statistics.

    Parameters
    ----------
    rows : Rows
    measure : str
    values, blind : ndarray of float
        One a person; the same without the release. nan counts for nobody.
    shares : sequence of int
        Percentiles, each the parameter ``percentile`` of its row.
    most : float
        Above what no bound can lie; 0 is the least.
    **fields
        Others of `Row`: unit, gain.
    """
    for share in shares:
        value, low, high = percentile(values, share / 100)
        rows.add(
            measure,
            value,
            low=max(low, 0.0),
            high=min(high, most),
            baseline=percentile(blind, share / 100).value,
            n=np.isfinite(values).sum(),
            part={"percentile": share},
            **fields,
        )


def scored(
    family: str,
    rows: Rows,
    guesses: Guesses,
    release: Release,
    adversary: Adversary,
    *notes: Note,
) -> Measures:
    """Return rows about guesses, with what the attack says of itself."""
    return Measures(
        family=family,
        rows=rows,
        provenance=release.provenance,
        notes=(*guesses.notes, *notes),
        reliable=guesses.reliable,
        recipe={
            "attack": guesses.attack,
            "adversary": adversary.recipe(),
            "release": dict(release.recipe),
        },
    )
