"""Is what an adversary claims what it finds? Over many simulated towns, gain by gain.

    python benchmarks/town_reliability.py --towns 200

Each town has its own people, likes, registers, campaign and map; dots are exact, or moved by 15 to
50 m. Claimed and found are means over all dots of all towns; the interval is that of their
difference, town by town, and so counts what the dots of a town share.
"""

import argparse
from collections.abc import Sequence

import numpy as np
import pandas as pd

from privaudit.attacks.adversary import Adversary
from privaudit.campaign.campaign import run_campaign
from privaudit.measures.calibration import chance_error, expected_calibration_error
from privaudit.release.masks import Donut, Exact
from privaudit.release.publish import publish
from privaudit.release.views.dot_map import DotMap
from privaudit.results.row import GAINS
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.studies.audits import audit

__all__ = ["GUESSERS", "claims_of_towns", "told_claims"]

MASKS = {"exact": Exact(), "donut 15 to 50 m": Donut(low=15, high=50)}
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
    """Return one row a dot, mask and adversary: town, and each gain as claimed and as found."""
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
                columns = [*GAINS, *(f"confidence_{gain}" for gain in GAINS)]
                parts.append(
                    found.per_person[columns].assign(town=seed, mask=masked, adversary=name)
                )
    return pd.concat(parts, ignore_index=True)


def told_claims(claims: pd.DataFrame) -> pd.DataFrame:
    """Return one row a mask, adversary and gain: claimed, found, their ratio, errors, n."""
    rows = []
    for (mask, name), part in claims.groupby(["mask", "adversary"], sort=False):
        for gain in GAINS:
            sure, hit = part[f"confidence_{gain}"].to_numpy(), part[gain].to_numpy()
            apart = pd.Series(sure - hit).groupby(part["town"].to_numpy()).sum()
            # A town is drawn as a whole.
            half = 1.96 * float(apart.std()) * np.sqrt(len(apart)) / len(part)
            error = expected_calibration_error(sure, hit)
            rows.append(
                (mask, name, gain, len(part), sure.mean(), hit.mean(), sure.mean() / hit.mean(),
                 half, error, chance_error(sure))
            )  # fmt: skip
    columns = [
        "mask",
        "adversary",
        "gain",
        "n",
        "claimed",
        "found",
        "ratio",
        "half",
        "ece",
        "chance",
    ]
    return pd.DataFrame(rows, columns=columns)


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--towns", type=int, default=200)
    words.add_argument("--inhabitants", type=int, default=3_000)
    words.add_argument("--seed", type=int, default=10_000)
    asked = words.parse_args()
    seeds = range(asked.seed, asked.seed + asked.towns)
    table = told_claims(claims_of_towns(seeds, Town(inhabitants=asked.inhabitants)))
    with pd.option_context("display.width", 140, "display.max_rows", None):
        print(table.round(4).to_string(index=False))


if __name__ == "__main__":
    main()
