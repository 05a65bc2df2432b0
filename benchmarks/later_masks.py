"""Does the range of an undeclared mask hold what is found, for twenty-two masks more?

    python benchmarks/later_masks.py --half held --dots 300 3000 --seeds 83 --towns 7042

Ways to move dots that were written after all candidates and all other lists (`unlisted_masks`,
`further_masks`, `made_up_masks`), split at random in two halves: what fails is mended on one
(`--half mended`), the other is held out. Homes are drawn uniformly over the addresses; what is
printed is read as a page reads it: see `unlisted_masks`.
"""

import numpy as np
from further_masks import KINDS, To, axes, codes, dist, ll, main, rotation, turned
from made_up_masks import _means, _turn
from scipy.cluster.vq import kmeans2
from scipy.spatial import cKDTree

__all__ = ["HALVES", "LATER"]


def street_normal(base, home, rng):
    """Add normal noise of 60 m along the street, and of 12 m across."""
    along = axes(base)[home]
    along = np.where(np.isfinite(along), along, [1.0, 0.0])
    across = np.column_stack([-along[:, 1], along[:, 0]])
    return (
        base.xy[home]
        + 60 * rng.normal(size=(len(home), 1)) * along
        + (12 * rng.normal(size=(len(home), 1)) * across)
    )


def hexagons(base, home, rng):
    """Show the centre of a flat hexagon 90 m wide."""
    step = 90 * np.array([[1.0, 0.0], [0.5, 3**0.5 / 2]])
    low, many = base.xy.min(axis=0) - 200, int(np.ptp(base.xy, axis=0).max() / 60) + 8
    i, j = np.meshgrid(np.arange(-many, many), np.arange(many))
    nodes = low + np.column_stack([i.ravel(), j.ravel()]) @ step
    return nodes[cKDTree(nodes).query(base.xy[home])[1]]


def postcode(base, home, rng):
    """Show the mean address of a postcode of about fifteen houses of one street."""
    label = codes(base) * 1_000 + np.arange(len(base)) // 15
    label = np.unique(label, return_inverse=True)[1]
    return _means(label, base.xy)[label[home]]


def building(base, home, rng):
    """Show the middle of the building, 9 m behind the address and the same for its neighbours."""
    label = kmeans2(base.xy, len(base) // 4, seed=9, minit="points")[1]
    label = np.unique(label, return_inverse=True)[1]
    along = axes(base)
    along = np.where(np.isfinite(along), along, [1.0, 0.0])
    behind = 9 * np.column_stack([-along[:, 1], along[:, 0]])
    return (_means(label, base.xy) + _means(label, behind))[label[home]]


def truncated_mercator(base, home, rng):
    """Cut metres of Web Mercator to whole tens."""
    there, back = To(base, "EPSG:3857", False), To(base, "EPSG:3857", True)
    at = np.column_stack(there.transform(*base.xy[home].T))
    return np.column_stack(back.transform(*(np.floor(at / 10) * 10).T))


def truncated_degrees(base, home, rng):
    """Cut degrees to three decimals, towards zero."""
    there, back = ll(base)
    at = there.transform(*base.xy[home].T)
    return np.column_stack(back.transform(*(np.trunc(np.array(v) * 1e3) / 1e3 for v in at)))


def exact_and_blurred(base, home, rng):
    """Leave four dots in ten, and add 70 m of normal noise to the others."""
    moved = base.xy[home] + rng.normal(0, 70, (len(home), 2))
    return np.where(rng.random((len(home), 1)) < 0.4, base.xy[home], moved)


def datum(base, home, rng):
    """Move all by the 110 m and 80 m of a datum, scaled by 1.0001, and 5 m of a receiver."""
    scale = base.xy.mean(axis=0) + (base.xy[home] - base.xy.mean(axis=0)) * 1.0001
    return scale + np.array([-110, 80]) + rng.normal(0, 5, (len(home), 2))


def k_means(base, home, rng):
    """Show the centre of a group of about eight dots."""
    centre, label = kmeans2(base.xy[home], max(len(home) // 8, 1), seed=3, minit="++")
    return centre[label]


def levy(rng, n):
    """Draw the length of a Levy flight of exponent 1.6 from 8 m, cut at 3 km."""
    return np.minimum(8 * rng.random(n) ** (-1 / 1.6), 3_000)


def swapped_town(base, home, rng):
    """Show every dot at the home of another dot anywhere in the town, for half of them."""
    shown, some = base.xy[home].copy(), np.flatnonzero(rng.random(len(home)) < 0.5)
    shown[some] = shown[rng.permutation(some)]
    return shown


def to_the_grid_then_house(base, home, rng):
    """Show the address nearest to the middle of a cell of 60 m."""
    cell = (np.floor(base.xy[home] / 60) + 0.5) * 60
    return base.xy[cKDTree(base.xy).query(cell)[1]]


def half_turn(base, home, rng):
    """Move by 40 to 80 m into the half plane to the south west."""
    angle = np.pi * (0.75 + rng.random(len(home)))
    far = rng.uniform(40, 80, len(home))
    return base.xy[home] + far[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def beta_distances(rng, n):
    """Draw distances of up to 150 m by a beta law of 2 and 5."""
    return 150 * rng.beta(2, 5, n)


def two_normals(base, home, rng):
    """Add 15 m of normal noise, and 120 m to three in ten."""
    size = np.where(rng.random(len(home)) < 0.3, 120.0, 15.0)
    return base.xy[home] + size[:, None] * rng.normal(size=(len(home), 2))


def by_station(base, home, rng):
    """Move the dots of each of nine districts by a length of its own in any direction."""
    label = kmeans2(base.xy, 9, seed=8, minit="++")[1]
    return base.xy[home] + turned(np.linspace(20, 100, 9)[label[home]], rng)


def diamonds(base, home, rng):
    """Show any place of a diamond of 100 m about the home."""
    return base.xy[home] + rng.uniform(-70, 70, (len(home), 2)) @ _turn(45)


def noise_of_phone(base, home, rng):
    """Add noise of which the size is of each dot, log-normal about 15 m."""
    size = 15 * np.exp(0.8 * rng.normal(size=len(home)))
    return base.xy[home] + size[:, None] * rng.normal(size=(len(home), 2))


def nearer_of_two(base, home, rng):
    """Draw two places of normal noise of 80 m, and show the nearer."""
    moves = rng.normal(0, 80, (2, len(home), 2))
    nearer = np.hypot(*moves[0].T) < np.hypot(*moves[1].T)
    return base.xy[home] + np.where(nearer[:, None], *moves)


def within_noise_lattice(base, home, rng):
    """Add 12 m of normal noise, and round to 25 m of a grid turned by 12 degrees."""
    turn = _turn(12)
    return np.round((base.xy[home] + rng.normal(0, 12, (len(home), 2))) @ turn / 25) * 25 @ turn.T


LATER = {
    "street-aligned normal": street_normal,
    "flat hexagons": hexagons,
    "centre of a postcode": postcode,
    "centre of a building": building,
    "turned by 1 degree": rotation(1.0),
    "Mercator cut to tens": truncated_mercator,
    "degrees cut to 3": truncated_degrees,
    "exact and blurred": exact_and_blurred,
    "datum": datum,
    "k-means of dots": k_means,
    "Levy flight": dist(levy),
    "swap in town": swapped_town,
    "house of a cell": to_the_grid_then_house,
    "south west": half_turn,
    "beta distances": dist(beta_distances),
    "two normals": two_normals,
    "by district": by_station,
    "diamond": diamonds,
    "accuracy of each": noise_of_phone,
    "nearer of two": nearer_of_two,
    "noise and turned grid": within_noise_lattice,
    "Rayleigh beyond 20": dist(lambda rng, n: 20 + rng.rayleigh(40, n)),
}
KINDS |= LATER
# Halves are drawn once, by lot.
_LOT = np.random.default_rng(1207).permutation(len(LATER))
HALVES = {
    "mended": [name for name, lot in zip(LATER, _LOT, strict=True) if lot % 2],
    "held": [name for name, lot in zip(LATER, _LOT, strict=True) if not lot % 2],
}


if __name__ == "__main__":
    main(__doc__, HALVES)
