"""Does the range of an undeclared mask hold what is found, for thirty masks more?

    python benchmarks/made_up_masks.py --half held --dots 300 --seeds 71 \\
        --addresses adresses-94.csv.gz --communes 94016

Ways to move dots that were written after all candidates and all other lists (`unlisted_masks`,
`further_masks`), split at random in two halves: what fails is mended on one (`--half mended`), the
other is held out. Homes are drawn uniformly over the addresses; what is printed is read as a page
reads it: see `unlisted_masks`.
"""

import numpy as np
from further_masks import KINDS, _until, axes, codes, dist, ll, main, numbers, turned
from scipy.cluster.vq import kmeans2
from scipy.spatial import cKDTree

__all__ = ["HALVES", "OURS"]


def _means(label, xy):
    """Return the mean position of each label."""
    count = np.maximum(np.bincount(label), 1)
    return np.column_stack([np.bincount(label, x) / count for x in xy.T])


def _turn(degrees):
    t = np.deg2rad(degrees)
    return np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])


def street_in_district(base, home, rng):
    """Show the mean of the street's addresses in one of twelve districts."""
    c = codes(base)
    district = kmeans2(base.xy, 12, seed=4, minit="++")[1]
    both = np.unique(c * 12 + district, return_inverse=True)[1]
    return _means(both, base.xy)[both[home]]


def turned_rectangles(base, home, rng):
    """Show any place of a cell of 120 by 45 m, of a grid turned by 33 degrees."""
    size, m = np.array([120.0, 45.0]), _turn(33)
    cell = np.floor(base.xy[home] @ m / size)
    return (cell + rng.random((len(home), 2))) * size @ m.T


def hexagons_and_noise(base, home, rng):
    """Show the nearest point of rows 55 m apart, every other one half a step on, with 8 m."""
    step = np.array([63.5, 110.0])
    p = base.xy[home]
    both = [np.rint(p / step) * step, (np.rint(p / step - 0.5) + 0.5) * step]
    off = [np.hypot(*(at - p).T) for at in both]
    at = np.where((off[0] <= off[1])[:, None], *both)
    return at + rng.normal(0, 8, p.shape)


def two_donuts(rng, n):
    """Draw distances of 20 to 60 m, and for half of the dots of 150 to 300 m."""
    return np.where(rng.random(n) < 0.5, rng.uniform(20, 60, n), rng.uniform(150, 300, n))


def shift_by_quarter(base, home, rng):
    """Move the dots of each of six quarters alike, by up to 90 m."""
    quarter = kmeans2(base.xy, 6, seed=9, minit="++")[1]
    return base.xy[home] + rng.uniform(-90, 90, (6, 2))[quarter[home]]


def one_axis_decimals(base, home, rng):
    """Round the longitude to three decimals, and leave the latitude."""
    a, b = ll(base)
    lon, lat = a.transform(*base.xy[home].T)
    return np.column_stack(b.transform(np.round(lon, 3), lat))


def place_in_geohash(base, home, rng):
    """Show any place of a geohash of seven letters."""
    a, b = ll(base)
    lon, lat = a.transform(*base.xy[home].T)
    sx, sy = 360 / 2**18, 180 / 2**17
    lon = (np.floor(lon / sx) + rng.random(len(home))) * sx
    lat = (np.floor(lat / sy) + rng.random(len(home))) * sy
    return np.column_stack(b.transform(lon, lat))


def along_the_front(base, home, rng):
    """Move along the front of the building by up to 12 m, and 5 m into the street."""
    t = axes(base)[home]
    p = np.column_stack([-t[:, 1], t[:, 0]]) * np.where(numbers(base)[home] % 2, 5, -5)[:, None]
    return base.xy[home] + t * rng.uniform(-12, 12, (len(home), 1)) + p


def swapped_dots(base, home, rng):
    """Swap each dot with another one within 200 m, once."""
    at, free = base.xy[home].copy(), np.ones(len(home), bool)
    for i, others in enumerate(cKDTree(at).query_ball_point(at, 200.0)):
        others = [j for j in others if free[j] and j != i]
        if free[i] and others:
            j = others[int(rng.integers(len(others)))]
            at[[i, j]] = at[[j, i]]
            free[[i, j]] = False
    return at


def by_twenty(base, home, rng):
    """Add normal noise of half the distance of the twentieth neighbour."""
    far = cKDTree(base.xy).query(base.xy[home], k=[20])[0]
    return base.xy[home] + 0.5 * far * rng.normal(size=(len(home), 2))


def nearest_dots_mean(base, home, rng):
    """Group dots by five, the one farthest out first with its nearest; show the mean (MDAV)."""
    xy = base.xy[home]
    at, left = xy.copy(), np.arange(len(xy))
    while len(left):
        far = left[np.hypot(*(xy[left] - xy[left].mean(axis=0)).T).argmax()]
        near = np.argsort(np.hypot(*(xy[left] - xy[far]).T), kind="stable")
        some = left[near[: 5 if len(left) >= 10 else len(left)]]
        at[some] = xy[some].mean(axis=0)
        left = np.setdiff1d(left, some)
    return at


def sheared(base, home, rng):
    """Shear the map by three in a hundred, and 10 m of noise."""
    middle = base.xy.mean(axis=0)
    gap = base.xy[home] - middle
    return middle + gap @ np.array([[1, 0], [0.03, 1]]) + rng.normal(0, 10, gap.shape)


def wider_to_the_edge(base, home, rng):
    """Add noise that grows from 10 m in the middle to 150 m at the edge."""
    off = np.hypot(*(base.xy[home] - base.xy.mean(axis=0)).T)
    far = 10 + 140 * off / np.hypot(*(base.xy - base.xy.mean(axis=0)).T).max()
    return base.xy[home] + far[:, None] * rng.normal(size=(len(home), 2))


def on_the_centreline(base, home, rng):
    """Show the foot of the home on the line of its street."""
    from privaudit.maps.street_models import streets_of

    t, mean = axes(base)[home], streets_of(base).mean[home]
    return mean + t * ((base.xy[home] - mean) * t).sum(axis=1, keepdims=True)


def own_voronoi(base, home, rng):
    """Add 25 m of noise, again where another address is nearer."""
    tree = cKDTree(base.xy)
    return _until(
        base,
        home,
        lambda h: base.xy[h] + rng.normal(0, 25, (len(h), 2)),
        lambda h, e: np.hypot(*(e - base.xy[h]).T) <= tree.query(e)[0] + 0.01,
    )


def box_of_street(base, home, rng):
    """Show any place of the box around the street."""
    c = codes(base)
    low, high = np.full((c.max() + 1, 2), np.inf), np.full((c.max() + 1, 2), -np.inf)
    np.minimum.at(low, c, base.xy)
    np.maximum.at(high, c, base.xy)
    return rng.uniform(low[c[home]], high[c[home]] + 1)


def middle_house(base, home, rng):
    """Show the house in the middle of the street, by numbers."""
    c, order = codes(base), np.lexsort((numbers(base), codes(base)))
    first = np.searchsorted(c[order], np.arange(c.max() + 1))
    return base.xy[order[first + np.bincount(c) // 2]][c[home]]


def turn_by_street(base, home, rng):
    """Move the dots of a street alike, by 50 m in a direction of its own, and 4 m of noise."""
    angle = rng.uniform(0, 2 * np.pi, codes(base).max() + 1)[codes(base)[home]]
    gap = 50 * np.column_stack([np.cos(angle), np.sin(angle)])
    return base.xy[home] + gap + rng.normal(0, 4, gap.shape)


def eight_directions(base, home, rng):
    """Move by a normal length of 60 m in one of eight directions."""
    angle = rng.integers(0, 8, len(home)) * np.pi / 4
    far = np.abs(rng.normal(0, 60, len(home)))
    return base.xy[home] + far[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def even_numbers(base, home, rng):
    """Move even numbers by 60 m of noise, and leave odd ones."""
    noise = rng.normal(0, 60, (len(home), 2))
    return base.xy[home] + np.where(numbers(base)[home, None] % 2, 0, noise)


def fallback(base, home, rng):
    """Show three dots in ten at the town hall, the others with 25 m of noise."""
    hall = np.median(base.xy, axis=0)
    noise = base.xy[home] + rng.normal(0, 25, (len(home), 2))
    return np.where(rng.random((len(home), 1)) < 0.3, hall, noise)


def towards_a_centre(base, home, rng):
    """Move each dot towards the nearest of forty centres, by up to half of the way."""
    centre, of = kmeans2(base.xy, 40, seed=2, minit="++")
    return base.xy[home] + 0.5 * rng.random((len(home), 1)) * (centre[of[home]] - base.xy[home])


def laplace_by_axis(base, home, rng):
    """Add Laplace noise of 30 m to each coordinate."""
    return base.xy[home] + rng.laplace(0, 30, (len(home), 2))


def drift(base, home, rng):
    """Add an error that wanders from one dot to the next (a receiver's)."""
    off, at = np.zeros((len(home), 2)), np.zeros(2)
    for k in range(len(home)):
        at = 0.95 * at + rng.normal(0, 12, 2)
        off[k] = at
    return base.xy[home] + off


def pairs_alike(base, home, rng):
    """Move every four dots of the file alike, by a donut of 40 to 120 m."""
    gap = turned(rng.uniform(40, 120, len(home) // 4 + 1), rng)
    return base.xy[home] + gap[np.arange(len(home)) // 4]


def next_house(base, home, rng):
    """Show the next house of the street, by numbers."""
    c = codes(base)
    order = np.lexsort((numbers(base), c))
    following = np.roll(order, -1)
    same = c[order] == c[following]
    nearby = np.arange(len(c))
    nearby[order] = np.where(same, following, order)
    return base.xy[nearby[home]]


def far_swap(base, home, rng):
    """Show an address 300 to 600 m away, and 6 m of noise."""
    at = []
    for k in home:
        far = np.hypot(*(base.xy - base.xy[k]).T)
        at.append(base.xy[rng.choice(np.flatnonzero((far > 300) & (far < 600)))])
    return np.array(at) + rng.normal(0, 6, (len(home), 2))


def box_of_four(base, home, rng):
    """Show any place of the box around the home and the three addresses nearest to it."""
    near = base.xy[cKDTree(base.xy).query(base.xy[home], k=4)[1]]
    return rng.uniform(near.min(axis=1), near.max(axis=1) + 1)


OURS = {
    "mean of the street in a district": street_in_district,
    "in turned rectangles": turned_rectangles,
    "hexagons and noise": hexagons_and_noise,
    "two donuts": dist(two_donuts),
    "shifted by quarter": shift_by_quarter,
    "longitude to 3 decimals": one_axis_decimals,
    "in a geohash of 7": place_in_geohash,
    "along the front": along_the_front,
    "dots swapped within 200 m": swapped_dots,
    "noise by the twentieth neighbour": by_twenty,
    "mean of the nearest dots": nearest_dots_mean,
    "sheared": sheared,
    "wider to the edge": wider_to_the_edge,
    "on the centre line": on_the_centreline,
    "nearest to its own": own_voronoi,
    "box of the street": box_of_street,
    "middle house": middle_house,
    "each street its own way": turn_by_street,
    "eight directions": eight_directions,
    "even numbers": even_numbers,
    "town hall for three in ten": fallback,
    "towards one of forty": towards_a_centre,
    "Laplace by axis": laplace_by_axis,
    "drift": drift,
    "fours alike": pairs_alike,
    "next house": next_house,
    "far addresses and noise": far_swap,
    "box of four": box_of_four,
    "gamma distances": dist(lambda rng, n: rng.gamma(2, 40, n)),
    "log-uniform distances": dist(lambda rng, n: 5 * 100 ** rng.random(n)),
}
KINDS |= OURS
# Halves are drawn once, by lot.
_LOT = np.random.default_rng(2310).permutation(len(OURS))
HALVES = {
    "mended": [name for name, lot in zip(OURS, _LOT, strict=True) if lot % 2],
    "held": [name for name, lot in zip(OURS, _LOT, strict=True) if not lot % 2],
}


if __name__ == "__main__":
    main(__doc__, HALVES)
