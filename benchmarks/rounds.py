"""What the rounds of canvassers tell of blurred dots and of volunteers' homes: decision 43.

    python benchmarks/rounds.py --towns 4 --inhabitants 10000

Simulated towns whose volunteers walk to the nearest door left; every dot is visited. Means over
the dots, or the volunteers, of all towns; dots
`apart` are attacked without their visits.
"""

import argparse

import numpy as np

import privaudit as pa
from privaudit.traces.rounds import Rounds

POPUP = ("visited_at", "volunteer")


def leaked(world, campaign, seed, mask):
    """Return a map that says when each dot was visited, and by whom."""
    return pa.publish(campaign, pa.DotMap(mask=mask, popup=POPUP), seed=seed)


def main():
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--towns", type=int, default=4)
    asked.add_argument("--inhabitants", type=int, default=10_000)
    asked.add_argument("--blurs", type=float, nargs="+", default=[50, 100, 200])
    given = asked.parse_args()
    of_blur, of_homes = {sigma: [] for sigma in given.blurs}, []
    for seed in range(1, given.towns + 1):
        world = pa.simulate(pa.Town(inhabitants=given.inhabitants), seed=seed)
        plan = pa.CampaignPlan(rounds="walk", share_visited=1.0)
        campaign = pa.run_campaign(world, plan, seed=seed, with_score=False)
        for sigma, rows in of_blur.items():
            mask = pa.masks.Gaussian(sigma=sigma)
            found = pa.maps.rounds(
                leaked(world, campaign, seed, mask), Rounds(mask=mask), truth=world
            )
            apart, joint = (found.row("reidentified", attack=a) for a in ("apart", "rounds"))
            near = found.row("candidates")
            rows.append([joint.n, apart.value, joint.value, joint.confidence, near.baseline,
                         near.value, found.value("walk")])  # fmt: skip
        homes = pa.maps.volunteer_homes(
            leaked(world, campaign, seed, None), truth=campaign.volunteers, evenings=[1, 4]
        )
        at = [homes.row("home_within", evenings=n, within=100) for n in (1, 4)]
        of_homes.append([at[1].n, at[1].value, at[1].baseline, at[1].control or 0.0,
                         at[1].confidence, at[0].value, at[0].confidence])  # fmt: skip
        tell(seed, of_blur, of_homes)


def tell(towns, of_blur, of_homes):
    """Print the means of the towns so far."""
    print(f"towns: {towns}. Blur, m: dots; right apart, by rounds; claimed; candidates apart, by")
    print(
        "rounds; walk. Homes within 100 m: volunteers of four rounds; right, by the mean of visits,"
    )
    print("another's, claimed; of one round: right, claimed")
    for sigma, rows in of_blur.items():
        print(f"{sigma:g}:", *mean_of(rows))
    print("homes:", *mean_of(of_homes), flush=True)


def mean_of(rows):
    """Return how many there are in all, and the means that weigh each alike."""
    table = np.array(rows, dtype=float)
    many = table[:, 0]
    if not many.sum():
        return [0]
    return [int(many.sum()), *np.average(table[:, 1:], axis=0, weights=many).round(3).tolist()]


if __name__ == "__main__":
    main()
