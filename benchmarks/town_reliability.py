"""Is what an adversary claims what it finds? Over many simulated towns, gain by gain.

    python benchmarks/town_reliability.py --towns 200
    python benchmarks/town_reliability.py --towns 200 --inhabitants 3000 --set non_aligned=.45
    python benchmarks/town_reliability.py --towns 20 --score

Each town has its own people, likes, registers, campaign and map; dots are exact, or moved by 15 to
50 m. Claimed and found are means over all dots of all towns; the interval is that of their
difference, town by town, and so counts what the dots of a town share. `outside` is the share of
towns where the opinions found lie outside of the range that `Exposure.overall` states for them.
Hardly anybody likes ordinary pages there, on which no map rests. With --score everybody likes as
they do, and the campaign's score is judged instead, on accounts that it was not learnt from.
"""

import argparse
from collections.abc import Sequence

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.leaning_and_attributes import BLOCS
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.maps.adversary import Adversary
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.mask import Exact
from privaudit.results.rows import GAINS
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.stats.calibration import chance_error, expected_calibration_error
from privaudit.studies.audit import audit

__all__ = [
    "FEW_LIKES",
    "GUESSERS",
    "claims_of_towns",
    "scores_of_towns",
    "told_claims",
    "told_scores",
]

# Likes of ordinary pages take most of the time of a town.
FEW_LIKES = {"pages": 100, "mean_likes": 2, "median_likes": 1}

MASKS = {"exact": Exact(), "donut 15 to 50 m": Donut(r_min=15, r_max=50)}
GUESSERS = {
    "knows electors": lambda mask, world: Adversary.knows_electors(mask),
    "holds roll": lambda mask, world: Adversary.holds_register(world.roll, mask=mask),
    "neighbour": lambda mask, world: Adversary.neighbour(mask=mask),
}


def claims_of_towns(
    seeds: Sequence[int],
    town: Town,
    *,
    masks: Sequence[str] = tuple(MASKS),
    guessers: Sequence[str] = tuple(GUESSERS),
) -> pd.DataFrame:
    """Return one row a dot, mask and adversary: town, each gain as claimed and as found.

    Of opinions also the range that was stated, as two columns.
    """
    parts = []
    for seed in seeds:
        world = simulate(town, seed=seed)
        campaign = run_campaign(world, seed=seed, with_score=False)
        if len(campaign.dots) == 0:
            continue
        for masked in masks:
            mask = MASKS[masked]
            view = DotMap() if isinstance(mask, Exact) else DotMap(mask=mask)
            leak = publish(campaign, view, seed=seed)
            for name in guessers:
                found = audit(leak, GUESSERS[name](mask, world), truth=world, seed=seed)
                low, high = found.overall.loc["opinion", ["confidence_low", "confidence_high"]]
                columns = [*GAINS, *(f"confidence_{gain}" for gain in GAINS)]
                parts.append(
                    found.per_person[columns].assign(
                        town=seed, mask=masked, adversary=name, low=low, high=high
                    )
                )
    return pd.concat(parts, ignore_index=True)


def told_claims(claims: pd.DataFrame) -> pd.DataFrame:
    """Return one row a mask, adversary and gain: claimed, found, their ratio, errors, n."""
    rows = []
    for (mask, name), part in claims.groupby(["mask", "adversary"], sort=False):
        for gain in GAINS:
            sure, hit = part[f"confidence_{gain}"].to_numpy(), part[gain].to_numpy()
            apart = pd.Series(sure - hit).groupby(part["town"].to_numpy()).sum()
            rows.append(
                {
                    "mask": mask,
                    "adversary": name,
                    "gain": gain,
                    "n": len(part),
                    "claimed": sure.mean(),
                    "found": hit.mean(),
                    "ratio": sure.mean() / hit.mean(),
                    # A town is drawn as a whole.
                    "half": 1.96 * float(apart.std()) * np.sqrt(len(apart)) / len(part),
                    "ece": expected_calibration_error(sure, hit),
                    "chance": chance_error(sure),
                    "outside": _outside(part) if gain == "opinion" else np.nan,
                }
            )
    return pd.DataFrame(rows)


def _outside(part: pd.DataFrame) -> float:
    """Return the share of towns whose opinions are found outside of the range stated."""
    of = part.groupby("town").agg(
        found=("opinion", "mean"), low=("low", "first"), high=("high", "first")
    )
    return float(((of["found"] < of["low"]) | (of["found"] > of["high"])).mean())


def scores_of_towns(seeds: Sequence[int], town: Town) -> pd.DataFrame:
    """Return one row an account that declared nothing: town, score, whether of the bloc."""
    parts = []
    for seed in seeds:
        world = simulate(town, seed=seed)
        campaign = run_campaign(world, seed=seed)
        leaning = world.people["leaning"].to_numpy()[world.accounts["person"].to_numpy()]
        told = pd.DataFrame(
            {
                "town": seed,
                "score": campaign.profiles["score"].to_numpy(),
                "ours": np.isin(leaning, BLOCS[campaign.plan.side]).astype(float),
            }
        )
        parts.append(told[~campaign.declared].dropna())
    return pd.concat(parts, ignore_index=True)


def told_scores(scores: pd.DataFrame) -> str:
    """Say how far the scores of all towns together, and of each, are from what is so."""
    each = [
        (expected_calibration_error(of["score"], of["ours"]), chance_error(of["score"]))
        for _, of in scores.groupby("town")
    ]
    error = expected_calibration_error(scores["score"], scores["ours"])
    return (
        f"score: claimed {scores['score'].mean():.4f}, found {scores['ours'].mean():.4f}, "
        f"n {len(scores):,}; ece {error:.4f} (chance {chance_error(scores['score']):.4f}); "
        f"of a town {np.mean(each, axis=0)[0]:.4f} (chance {np.mean(each, axis=0)[1]:.4f})"
    )


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--towns", type=int, default=200)
    words.add_argument("--inhabitants", type=int, default=20_000)
    words.add_argument("--seed", type=int, default=10_000)
    words.add_argument("--set", nargs="*", default=[], metavar="name=value", help="of Town")
    words.add_argument("--mask", nargs="*", choices=MASKS, default=list(MASKS))
    words.add_argument("--score", action="store_true")
    asked = words.parse_args()
    seeds = range(asked.seed, asked.seed + asked.towns)
    more = {name: float(value) for name, value in (one.split("=") for one in asked.set)}
    if asked.score:
        print(told_scores(scores_of_towns(seeds, Town(inhabitants=asked.inhabitants, **more))))
        return
    town = Town(**{"inhabitants": asked.inhabitants, **FEW_LIKES, **more})
    table = told_claims(claims_of_towns(seeds, town, masks=asked.mask))
    with pd.option_context("display.width", 160, "display.max_rows", None):
        print(table.round(4).to_string(index=False))


if __name__ == "__main__":
    main()
