"""Does the range stated for presumed leanings hold, whatever people like and declare?

    python benchmarks/label_reliability.py --towns 60
    python benchmarks/label_reliability.py --towns 60 --setting default "nobody beside" --seed 80000

One row a setting: how many of the people on the maps are claimed, and found, to lean as their label
says; the mean ends of the range that `Exposure.overall` states, town by town; and the share of
towns where what is found lies `inside`. Nobody sees what a setting varies: how many like without
leaning (`non_aligned`), follow the side beside theirs, declare themselves and how readily, how
strong the parties are, from how many likes a label is made. Hardly anybody likes ordinary pages
there, on which no label rests.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from unittest.mock import patch

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.maps.adversary import READILY, Adversary
from privaudit.simulation import population
from privaudit.simulation.population import STATION_MOMENTS, Moments
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.studies.audit import audit

__all__ = ["FEW_LIKES", "SETTINGS", "Setting", "labels_of_towns", "told_labels"]

# Likes of ordinary pages take most of the time of a town.
FEW_LIKES = {"pages": 100, "mean_likes": 2, "median_likes": 1}
_STRONG = {
    "right": Moments(0.45, 0.10), "left": Moments(0.20, 0.06),
    "radical_left": Moments(0.09, 0.03), "far_right": Moments(0.07, 0.03),
}  # fmt: skip
_WEAK = {
    "right": Moments(0.15, 0.05), "left": Moments(0.35, 0.08), "far_right": Moments(0.18, 0.05),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What differs from the default: of the town, of the plan, of the parties' results.

    `readily`: how many times as readily those of the side declare themselves.
    """

    town: dict[str, float] = field(default_factory=dict)
    plan: dict[str, object] = field(default_factory=dict)
    parties: dict[str, Moments] = field(default_factory=dict)
    readily: float = 1.0


_NONE, _MOST = {"non_aligned": 0.0}, {"non_aligned": 0.7}
_FEW, _LEFT, _TWO = {"label_share": 0.03}, {"side": "left"}, {"min_interactions": 2}
SETTINGS = {
    "default": Setting(),
    "nobody beside": Setting(town=_NONE),
    "few beside": Setting(town={"non_aligned": 0.15}),
    "many beside": Setting(town={"non_aligned": 0.45}),
    "most beside": Setting(town=_MOST),
    "own_side=.8": Setting(town={"own_side": 0.8}),
    "few likers": Setting(town={"candidate_reach": 0.02}),
    "many likers, most beside": Setting(town={"candidate_reach": 0.08} | _MOST),
    "two likes": Setting(plan=_TWO),
    "two likes, nobody beside": Setting(town=_NONE, plan=_TWO),
    "two likes, most beside": Setting(town=_MOST, plan=_TWO),
    "few declare": Setting(plan=_FEW),
    "few declare, nobody beside": Setting(town=_NONE, plan=_FEW),
    "few declare, most beside": Setting(town=_MOST, plan=_FEW),
    "half declare, most beside": Setting(town=_MOST, plan={"label_share": 0.5}),
    "supporters declare more": Setting(readily=READILY),
    "supporters declare less": Setting(readily=1 / READILY),
    "half declare, supporters more": Setting(plan={"label_share": 0.5}, readily=READILY),
    "left": Setting(plan=_LEFT),
    "left, nobody beside": Setting(town=_NONE, plan=_LEFT),
    "left, most beside": Setting(town=_MOST, plan=_LEFT),
    "strong right": Setting(parties=_STRONG),
    "strong right, nobody beside": Setting(town=_NONE, parties=_STRONG),
    "weak right": Setting(parties=_WEAK),
    "weak right, most beside": Setting(town=_MOST, parties=_WEAK),
    "1,000 people": Setting(town={"inhabitants": 1_000}),
    "1,000 people, most beside": Setting(town={"inhabitants": 1_000} | _MOST),
    "12,000 people": Setting(town={"inhabitants": 12_000}),
    "12,000 people, most beside": Setting(town={"inhabitants": 12_000} | _MOST),
}


def labels_of_towns(name: str, seeds: Sequence[int]) -> pd.DataFrame:
    """Return one row a town of a setting: people on the map, claimed, found, and the range."""
    setting, rows = SETTINGS[name], []
    town = Town(**{"inhabitants": 3_000, **FEW_LIKES, **setting.town})
    for seed in seeds:
        with patch.object(population, "STATION_MOMENTS", STATION_MOMENTS | setting.parties):
            world = simulate(town, seed=seed, generic_likes=False)
        plan = CampaignPlan(**setting.plan)
        campaign = _declaring(
            run_campaign(world, plan, seed=seed, with_score=False), setting.readily, seed
        )
        if len(campaign.dots) == 0:
            continue
        leak = publish(campaign, DotMap(), seed=seed)
        told = audit(leak, Adversary.nearest(), truth=world, seed=seed).overall.loc["opinion"]
        rows.append(
            {
                "setting": name,
                "town": seed,
                "n": told["n"],
                "checked": campaign.labels_checked.of,
                "claimed": told["confidence"],
                "found": told["value"],
                "low": told["confidence_low"],
                "high": told["confidence_high"],
            }
        )
    return pd.DataFrame(rows)


def _declaring(campaign: Campaign, readily: float, seed: int) -> Campaign:
    """Let those of the side declare themselves so many times as readily as all others."""
    if readily == 1:
        return campaign
    person = campaign.world.accounts["person"].to_numpy()
    ours = campaign.world.people["leaning"].to_numpy()[person] == campaign.plan.side
    kept = np.where(ours, min(readily, 1.0), min(1 / readily, 1.0))
    still = np.random.default_rng(seed).random(len(kept)) < kept
    return replace(campaign, declared=campaign.declared & still)


def told_labels(towns: pd.DataFrame) -> pd.DataFrame:
    """Return one row a setting; claimed and found are means over all people of its towns."""
    rows = []
    for name, of in towns.groupby("setting", sort=False):
        inside = (of["low"] <= of["found"]) & (of["found"] <= of["high"])
        claimed, found = (float(np.average(of[c], weights=of["n"])) for c in ("claimed", "found"))
        rows.append(
            {
                "setting": name, "towns": len(of), "people": int(of["n"].sum()),
                "checked": of["checked"].mean(), "claimed": claimed, "found": found,
                "low": of["low"].mean(), "high": of["high"].mean(), "inside": inside.mean(),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--towns", type=int, default=60)
    words.add_argument("--seed", type=int, default=70_000)
    words.add_argument("--setting", nargs="*", choices=SETTINGS, default=list(SETTINGS))
    asked = words.parse_args()
    parts = []
    for name in asked.setting:
        parts.append(labels_of_towns(name, range(asked.seed, asked.seed + asked.towns)))
        line = told_labels(parts[-1]).round(3)
        print(line.to_string(index=False, header=len(parts) == 1), flush=True)
    every = pd.concat(parts)
    inside = (every["low"] <= every["found"]) & (every["found"] <= every["high"])
    print(f"all: inside {inside.mean():.3f} of {len(every):,} towns")


if __name__ == "__main__":
    main()
