"""Whether a real map is what its mask is said to be, as far as its own dots can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from privaudit._core.streams import stream
from privaudit.exposure.maps.belief import belief_exposure, fit_of_belief
from privaudit.results.measures import Measures
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.attacks.adversary import Adversary
    from privaudit.release.release import DotRelease
    from privaudit.results.exposure import Exposure

__all__ = ["judge_mask"]


# Rows that say how the dots bear out the mask, and rest on no claim.
_EVIDENCE = ("no_candidate", "likelier_elsewhere")


def judge_mask(
    release: DotRelease, rungs: Sequence[tuple[Adversary, Exposure]], *, seed: int
) -> tuple[Measures | None, list[Exposure]]:
    """Hold the mask that was stated against the dots, and doubt what rests on it if they differ.

    Parameters
    ----------
    release : DotRelease
        A real map of dots, or the last of its copies.
    rungs : sequence of (Adversary, Exposure)
        The ladder, in order.
    seed : int

    Returns
    -------
    belief : Measures or None
        Rows of `belief_exposure` and `fit_of_belief`; None where no mask was stated.
    exposures : list of Exposure
        As given; not reliable, with the reason, where the dots fit another mask better.
    """
    exposures = [exposure for _, exposure in rungs]
    stated = next((pair for pair in rungs if pair[0].mask is not None), None)
    if stated is None:
        return None, exposures
    adversary, found = stated
    belief = belief_exposure(found)
    rng = stream(seed, "belief")
    fit, other = fit_of_belief(release.as_leaked(), adversary, rng=rng)
    belief = replace(belief, rows=(*belief.rows, *fit.rows))
    row = fit.row("likelier_elsewhere")
    if other is not None and row.low > 1:
        doubt = Note("fits_other_mask", other=str(other), stated=str(adversary.mask))
        exposures = [replace(e, reliable=False, notes=(*e.notes, doubt)) for e in exposures]
        # What refutes the mask is counted on the dots themselves, and stays.
        rows = [r if r.measure in _EVIDENCE else replace(r, reliable=False) for r in belief.rows]
        belief = replace(belief, rows=rows, notes=(*belief.notes, doubt))
    return belief, exposures
