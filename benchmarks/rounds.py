"""What the rounds of canvassers tell of blurred dots: the figures of decision 43.

    python benchmarks/rounds.py --towns 4 --inhabitants 10000

Simulated towns whose volunteers walk to the nearest door left; every dot is visited. Means over the
dots of all towns so far; dots `apart` are attacked without their visits.
"""

import argparse

import numpy as np

import privaudit as pa
from privaudit.traces.rounds import Rounds

POPUP = ("visited_at", "volunteer")


def main():
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--towns", type=int, default=4)
    asked.add_argument("--inhabitants", type=int, default=10_000)
    given = asked.parse_args()
    of_blur = {50: [], 100: [], 200: []}
    for seed in range(1, given.towns + 1):
        world = pa.simulate(pa.Town(inhabitants=given.inhabitants), seed=seed)
        plan = pa.CampaignPlan(rounds="walk", share_visited=1.0)
        campaign = pa.run_campaign(world, plan, seed=seed, with_score=False)
        print(f"towns: {seed}. Blur, m: dots; right apart, by rounds, claimed by them; candidates")
        for sigma, rows in of_blur.items():
            mask = pa.masks.Gaussian(sigma=sigma)
            leak = pa.publish(campaign, pa.DotMap(mask=mask, popup=POPUP), seed=seed)
            found = pa.maps.rounds(leak, Rounds(mask=mask), truth=world)
            apart, joint = (found.row("reidentified", attack=a) for a in ("apart", "rounds"))
            near = found.row("candidates")
            rows.append((joint.n, apart.value, joint.value, joint.confidence,
                         near.baseline, near.value))  # fmt: skip
            many, *others = np.transpose(rows)
            means = [round(float(np.average(one, weights=many)), 3) for one in others]
            print(f"{sigma}:", int(many.sum()), *means, flush=True)


if __name__ == "__main__":
    main()
