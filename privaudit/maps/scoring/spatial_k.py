"""Spatial k-anonymity of the dots, and tests of an adversary's belief about the mask."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.core.thresholds import CREDIBLE_MASS
from privaudit.errors import ParameterError
from privaudit.geo.neighbours import z_order
from privaudit.maps.guess import prior_over_addresses
from privaudit.maps.masks.mask import Exact, Mask
from privaudit.maps.model_averaging import NEAREST, STRAY
from privaudit.maps.posterior import spatial_k
from privaudit.maps.radial_models import family
from privaudit.maps.undeclared_mask import MOST_DOTS
from privaudit.maps.undeclared_mask_candidates import log_likelihoods
from privaudit.release.release import DotRelease
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats.intervals import bootstrap_mean, percentile
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase
    from privaudit.maps.adversary import Adversary
    from privaudit.release.release import Release

# Percentiles over people of the size of the set that hides them.
PERCENTILES = (50, 10)


def spatial_k_anonymity(found: Exposure, base: AddressBase) -> Measures:
    """Return the number of addresses, and people, among which each home is hidden.

    Parameters
    ----------
    found : Exposure
        Of a map, by an adversary who knows or has estimated the mask.
    base : AddressBase
        The addresses that the map was read against.

    Returns
    -------
    Measures
        Family "hiding": candidates (addresses that together hold 95 % of the posterior),
        k_addresses and k_people (spatial k-anonymity), each at ``percentile`` 50 and 10: half,
        and nine in ten, of the people on the map are hidden among that many or more. Large is
        safe; n counts people, or dots where nobody knows whom they stand for; the 95 % interval
        is of order statistics. Baseline: without the map, all addresses or people. nan where the
        people at addresses are not counted.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.geo.address_base import AddressBase
    >>> from privaudit.maps.masks.donut import Donut
    >>> from privaudit.release.release import DotRelease
    >>> from privaudit.columns.roles import Roles
    >>> from privaudit.maps.adversary import Adversary
    >>> from privaudit.maps.guess import guess
    >>> from privaudit.maps.scoring.score import score
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 60.0, 500.0], "y": 0.0}), real=False)
    >>> dots = pd.DataFrame({"x": [30.0] * 12, "y": 0.0})
    >>> leak = DotRelease(records=dots, roles=Roles(location=["x", "y"]), backdrop=base)
    >>> who = Adversary.knows_mask(Donut(r_min=0, r_max=100))
    >>> made = guess(leak, who, rng=np.random.default_rng(7))
    >>> scored = score(made, None, leak, adversary=who)
    >>> row = spatial_k_anonymity(scored, base).row("candidates", percentile=50)
    >>> row.value, row.baseline
    (2.0, 3.0)
    """
    people = base.people()
    baseline = {
        "candidates": math.ceil(CREDIBLE_MASS * len(base)),
        "k_addresses": len(base),
        "k_people": math.nan if people is None else float(people.sum()),
    }
    rows = Rows(len(found.per_person), "dots" if found.expected else "people")
    for name, most in baseline.items():
        values = found.per_person[name].to_numpy(dtype=float)
        known = values[np.isfinite(values)]
        unit = "people" if name == "k_people" else "addresses"
        notes = () if len(known) else Note("people_at_addresses_not_counted")
        for share in PERCENTILES:
            value, *bounds = percentile(known, share / 100) if len(known) else (math.nan,) * 3
            # Bounds lie between none and all.
            low, high = np.clip(bounds, 0.0, most)
            rows.add(
                name, value, unit, notes, low=low, high=high, baseline=most,
                n=len(known) or len(values), part={"percentile": share},
            )  # fmt: skip
    return Measures(
        family="hiding", rows=rows, provenance=found.provenance, reliable=found.reliable,
        recipe=dict(found.recipe),
    )  # fmt: skip


# Lines that the field draws through spatial k.
_SATISFIED = (5, 25, 50)


def k_moved_and_original(before: np.ndarray, after: np.ndarray, base: AddressBase) -> Measures:
    """Return spatial k of a masked map by its two counts, without an adversary.

    *k moved* counts the addresses at least as near to the masked dot as the home is: spatial
    k-anonymity in most papers. *k original* counts those at least as near to the home as the dot
    is, the home among them: how many an adversary who starts from a home has to doubt. Unlike
    `spatial_k_anonymity`, both look at the move that was made, which no adversary knows.

    Parameters
    ----------
    before, after : ndarray of float, shape (n, 2)
        Where the dots belong, and where the masked map shows them, in metres; nan where it leaves
        one out.
    base : AddressBase
        The addresses that are counted; those of one position each count.

    Returns
    -------
    Measures
        Family "displaced": k_moved and k_original, in addresses, 1 or more, at ``percentile`` 50
        and 10, with intervals of order statistics; and k_satisfied, the share of dots with a k
        moved of ``k`` = 5, 25 and 50 or more, in [0, 1]. n: dots shown. Large is safe. Baseline:
        dots as they are, which only addresses of one position hide.

    Raises
    ------
    ParameterError
        The two maps differ in length, or show no dot.

    References
    ----------
    Hampton et al. (2010); Allshouse et al. (2010). The two names: Cremer, Jehmlich and Lenz
    (2025), without their method-related forms.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.geo.address_base import AddressBase
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 60.0, 100.0], "y": 0.0}), real=False)
    >>> home, dot = np.array([[0.0, 0.0]]), np.array([[70.0, 0.0]])
    >>> found = k_moved_and_original(home, dot, base)
    >>> [found.row(name, percentile=50).value for name in ("k_moved", "k_original")]
    [3.0, 2.0]
    """
    who = "k_moved_and_original"
    if np.shape(before) != np.shape(after):
        came = f"{len(before):,} and {len(after):,} dots"
        raise ParameterError.of(who, "the same dots before and after", came)
    shown = np.isfinite(after).all(axis=1)
    if not shown.any():
        raise ParameterError.of(who, "a dot that is shown", "none")
    home, dot, places = before[shown], after[shown], base.xy
    rows = Rows(int(shown.sum()), "dots")
    still = spatial_k(home, home, places)
    moved = spatial_k(dot, home, places)
    for name, k in (("k_moved", moved), ("k_original", spatial_k(home, dot, places))):
        for share in PERCENTILES:
            value, low, high = percentile(k, share / 100)
            low, high = np.clip((low, high), 0.0, len(base))
            rows.add(
                name, value, "addresses", low=low, high=high,
                baseline=percentile(still, share / 100).value, part={"percentile": share},
            )  # fmt: skip
    for least in _SATISFIED:
        usual = float((still >= least).mean())
        rows.share("k_satisfied", moved >= least, baseline=usual, part={"k": least})
    return Measures(
        family="displaced",
        rows=rows,
        provenance="audited file" if base.real else "simulated",
    )


# Maps simulated under the belief: a test of level 1 / 20.
GAMES = 19


def belief_exposure(found: Exposure, informed: Exposure | None = None) -> Measures:
    """Compare the claims of an adversary who believes in a mask with what is right.

    Parameters
    ----------
    found : Exposure
        Of a map, by an adversary who believes in a mask.
    informed : Exposure, optional
        Of the same map, by an adversary who knows the true one: the baseline of every row.

    Returns
    -------
    Measures
        Family "belief", each row of one ``view`` and ``attack``, about the address; shares of
        people of the release, in [0, 1]:

        - no_candidate: people none of whose dots any address explains under the belief; 0 if
          the belief is right (Wilson interval on the effective number).
        - claimed: mean confidence of the adversary.

        and, where there is a truth:

        - reidentified: share of right guesses (Wilson). 0 is safe.
        - overclaim: claimed less reidentified, in [-1, 1], paired over people; 0 = calibrated on
          average, above 0 = overconfident.
        - calibration_gap: expected calibration error (`Exposure.calibration_error`); 0 =
          calibrated. It is above 0 in small samples even for a calibrated adversary: compare
          with the baseline.

    Raises
    ------
    ParameterError
        An exposure without candidates, or of other people.
    """
    who = "belief_exposure"
    people = found.per_person
    if "candidates" not in people or not people["candidates"].notna().any():
        needed = "an exposure of a map, by who believes in a mask"
        raise ParameterError.of(who, needed, f"'{found.attack}'")
    if informed is not None and len(informed.per_person) != len(people):
        raise ParameterError.of(who, "two exposures of one map", "other people")
    rows = Rows(len(people), "people")
    claims = _claims(found)
    usual = dict.fromkeys(claims, math.nan) | {"no_candidate": 0.0, "overclaim": 0.0}
    usual = usual if informed is None else _claims(informed)
    fields: dict[str, Any] = {"part": {"view": found.view, "attack": found.attack}}
    # A count of the dots themselves: it does not depend on the claims.
    lost, homes = (people["candidates"] == 0).astype(float), found.clusters
    rows.share("no_candidate", lost, clusters=homes, baseline=usual["no_candidate"], **fields)
    fields |= {"gain": "address", "reliable": found.reliable}
    rows.add("claimed", claims["claimed"], "share", baseline=usual["claimed"], **fields)
    if not found.expected:
        right, sure = people["address"], people["confidence_address"]
        value, gap = usual["reidentified"], usual["calibration_gap"]
        rows.share("reidentified", right, clusters=homes, baseline=value, **fields)
        beside: dict[str, Any] = {"clusters": homes, "baseline": usual["overclaim"]}
        rows.difference("overclaim", right, sure, **beside, **fields)
        rows.add("calibration_gap", claims["calibration_gap"], "share", baseline=gap, **fields)
    return Measures(
        family="belief", rows=rows, provenance=found.provenance, recipe=dict(found.recipe)
    )


def _claims(exposure: Exposure) -> dict[str, float]:
    """Return what an adversary claims of the address, and what is right, by measure."""
    people = exposure.per_person
    address: dict[Any, float] = exposure.overall.astype(float).loc["address"].to_dict()
    return {
        "no_candidate": float((people["candidates"].to_numpy(dtype=float) == 0).mean()),
        "claimed": address["confidence"],
        "reidentified": address["value"],
        "overclaim": float((people["confidence_address"] - people["address"]).mean()),
        "calibration_gap": exposure.calibration_error.get("address", math.nan),
    }


def fit_of_belief(
    release: Release, adversary: Adversary, *, rng: np.random.Generator
) -> tuple[Measures, Mask | None]:
    """Test, without a truth, whether another mask explains the dots better than the believed one.

    The statistic is the log likelihood ratio, a dot, of the most likely mask of a family
    (`radial_models.family`, and no mask) to the believed one. Its null distribution is simulated:
    at most 19 maps are drawn under the belief and compared with their own most likely mask; the
    first with a ratio as large ends the test, whose level is 1 / 20.

    The power depends on the dots. On the 2,225 addresses of Joinville-le-Pont, believing in a
    donut of 50 to 200 m: 200 dots moved by 50 to 250 m were caught in 16 of 20 maps, by a
    Gaussian of 100 m in 11, by 75 to 200 m in none; where the belief was right, in 1 of 40. A
    belief that is not rejected need not be right.

    Parameters
    ----------
    release : Release
        A map of dots with its addresses, as leaked.
    adversary : Adversary
        Who believes in a mask; its prior is used.
    rng : numpy.random.Generator
        Draws at most 500 dots, then the bootstrap and the simulated maps.

    Returns
    -------
    fit : Measures
        One row, likelier_elsewhere: likelihood ratio, a dot, of the other mask to the believed
        one (geometric mean over dots); baseline 1. The lower end is the ratio over the largest of
        the simulated maps, the upper end a bootstrap's. An interval above 1 rejects the belief.
        nan, with a note, for a mask that does not move all dots alike.
    other : Mask or None
        The most likely mask of the family.

    Raises
    ------
    ParameterError
        No dot, no address, or an adversary who believes in no mask.
    """
    who, base, believed = "fit_of_belief", release.backdrop, adversary.mask
    if not isinstance(release, DotRelease) or base is None or len(release) == 0:
        raise ParameterError.of(who, "a map of dots with its addresses", f"a {release.kind}")
    if believed is None:
        raise ParameterError.of(who, "an adversary who believes in a mask", adversary.name)
    rows = Rows(len(release), "dots")
    if not believed.radial:
        rows.absent(["likelier_elsewhere"], "times", Note("mask_not_compared"))
        return _fit(rows, release), None
    points = release.records[["x", "y"]].to_numpy(dtype=float)
    points = points[z_order(points)]
    if len(points) > MOST_DOTS:
        points = points[np.sort(rng.choice(len(points), MOST_DOTS, replace=False))]
    prior = prior_over_addresses(base, adversary)
    read = release.resolution
    # Another edition of the addresses shifts unmasked dots by some metres.
    none = Exact(rounding=NEAREST)
    masks = [none, *(mask for _, mask in family())]
    masks.append(none if isinstance(believed, Exact) else believed)

    def ahead_of_belief(dots: np.ndarray) -> tuple[np.ndarray, Mask]:
        each = log_likelihoods(dots, base.xy, prior, masks, read)
        best = int(np.argmax(each[:-1].sum(axis=1)))
        return each[best] - each[-1], masks[best]

    ahead, other = ahead_of_belief(points)
    value = float(ahead.mean())
    low, high = bootstrap_mean(ahead, rng)
    if value > 0:
        chance = 0.0
        for _ in range(GAMES):
            played = _drawn(believed, base, prior, len(points), read, rng)
            chance = max(chance, float(ahead_of_belief(played)[0].mean()))
            if chance >= value:
                break
        low, high = value - chance, max(high, value)
    # The believed mask may be outside of the family, and more likely than all of it.
    value, low, high = map(math.exp, (value, low, high))
    part = {"believed": str(believed), "other": str(other)}
    fields: dict[str, Any] = {"low": low, "high": high, "n": len(points), "part": part}
    rows.add("likelier_elsewhere", value, "times", baseline=1.0, **fields)
    return _fit(rows, release), Exact() if isinstance(other, Exact) else other


def _drawn(
    mask: Mask,
    base: AddressBase,
    prior: np.ndarray,
    n: int,
    read: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Simulate a map under a belief, strays and reading errors included."""
    homes = base.xy[rng.choice(len(base), size=n, p=prior)]
    dots = mask.on(base)(homes, rng=rng)
    corner, sides = base.xy.min(axis=0), np.maximum(np.ptp(base.xy, axis=0), 1.0)
    spread = corner + sides * rng.random((n, 2))
    dots = np.where((rng.random(n) < STRAY)[:, None], spread, dots)
    return dots + rng.normal(size=(n, 2)) * read


def _fit(rows: Rows, release: Release) -> Measures:
    return Measures(family="belief", rows=rows, provenance=release.provenance)
