"""Whether the dots of a real map stand where they belong, by the evidence of the dots alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.attacks.locate import EXACT_METRES, prior_over_addresses
from privaudit.attacks.unknown_mask import believe
from privaudit.release.masks import Exact, LocationSwap
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.studies.audits import held_against
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.release.release import DotRelease

__all__ = ["exact_dots"]

# Dots are taken for exact where so many stand on an address, and the next mask is so far behind.
ON_ADDRESS, NATS = 0.95, 10.0
# No position tells a dot that was swapped with another address from one that was not.
SWAP = LocationSwap(low=50, high=200)


def exact_dots(release: DotRelease, *, seed: int) -> Measures | None:
    """Say whether the dots of a map were left where they belong, and on what evidence.

    Parameters
    ----------
    release : DotRelease
        A real map, or the last of its copies, of which nobody said how dots were moved.
    seed : int

    Returns
    -------
    Measures or None
        None unless nineteen dots in twenty stand within 5 m of an address (three errors of
        reading where they were read from a picture) and no mask comes within 10 nats of none at
        all, over the dots looked at. Otherwise family "reading":

        - on_address: share of the dots that stand on an address; baseline: of as many points
          spread evenly over the box of the addresses.
        - next_mask_behind: nats by which the most likely mask, ``mask``, is less likely than none.
        - found, for a ``believed`` of in_place, and of swapped among addresses 50 to 200 m apart,
          which these dots cannot exclude: dots expected at the right address; baseline and
          control as of any exposure without a truth.
    """
    base, rng = release.backdrop, stream(seed, "exact dots")
    dots = release.records[["x", "y"]].to_numpy(dtype=float)
    reach = max(EXACT_METRES, 3 * release.resolution)
    near = _near(dots, base.xy, reach)
    if not len(dots) or near.mean() < ON_ADDRESS:
        return None
    prior = prior_over_addresses(base, Adversary.unknown_mask())
    fit = believe(dots, base, prior, resolution=release.resolution, rng=rng)
    if not fit.on_addresses or fit.gap < NATS:
        return None
    corner, sides = base.xy.min(axis=0), np.ptp(base.xy, axis=0)
    anywhere = corner + sides * rng.random((max(len(dots), 1_000), 2))
    rows = Rows(len(dots), "dots")
    rows.share("on_address", near, baseline=float(_near(anywhere, base.xy, reach).mean()))
    rows.add("next_mask_behind", fit.gap, "nats", n=fit.dots, part={"mask": str(fit.second)})
    for believed, mask in (("in_place", Exact()), ("swapped", SWAP)):
        who = Adversary.knows_mask(mask)
        made = guess(release.as_leaked(), who, rng=stream(seed, "exact dots", str(mask)))
        expected = held_against(made, release, who, truth=None, seed=seed).overall
        told: dict[Any, Any] = expected.loc["address"].to_dict()
        value, part = told.pop("value"), {"believed": believed}
        rows.add("reidentified", value, "share", **told, gain="address", part=part)
    return Measures(
        family="reading",
        rows=rows,
        provenance=release.provenance,
        notes=(Note("exact_unless_swapped", swap=str(SWAP)),),
    )


def _near(points: np.ndarray, places: np.ndarray, reach: float) -> np.ndarray:
    from scipy.spatial import cKDTree

    distance: np.ndarray = cKDTree(places).query(points)[0]
    return distance <= reach
