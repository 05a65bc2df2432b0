"""Does the range of an undeclared mask hold what is found, for thirty-six masks more?

    python benchmarks/later_masks.py --half held --dots 300 3000 --seeds 83 --towns 7042

Ways to move dots that were written after all candidates and all other lists (`unlisted_masks`,
`further_masks`, `made_up_masks`), split at random in two halves: what fails is mended on one
(`--half mended`), the other is held out; fourteen more (`--half last`) were written later. Homes
are drawn uniformly over the addresses; what is printed is read as a page reads it: see
`unlisted_masks`.
"""

import numpy as np
from further_masks import KINDS, To, axes, codes, dist, ll, main, rotation, turned
from made_up_masks import _means, _turn
from scipy.cluster.vq import kmeans2
from scipy.spatial import cKDTree

__all__ = ["HALVES", "LAST", "LATER"]


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


# A third list, written after all others and run before anything was mended on it.


def triangles(base, home, rng):
    """Show the centre of a triangle with sides of 120 m."""
    turn = np.array([[1.0, 0.5], [0.0, 3**0.5 / 2]]) * 120
    at = base.xy[home] @ np.linalg.inv(turn).T
    cell, part = np.floor(at), at - np.floor(at)
    third = np.where(part.sum(axis=1, keepdims=True) > 1, 2 / 3, 1 / 3)
    return (cell + third) @ turn.T


def rubber_sheet(base, home, rng):
    """Move by up to about 60 m that change smoothly over 800 m, and by 3 m of a receiver."""
    wave, phase = rng.normal(0, 2 * np.pi / 800, (6, 2)), rng.uniform(0, 2 * np.pi, (6, 2))
    off = np.sin((base.xy[home] @ wave.T)[:, :, None] + phase).sum(axis=1) * 25
    return base.xy[home] + off + rng.normal(0, 3, off.shape)


def two_donuts_in_turn(base, home, rng):
    """Move by 30 to 60 m in any direction, twice."""
    once = base.xy[home] + turned(rng.uniform(30, 60, len(home)), rng)
    return once + turned(rng.uniform(30, 60, len(home)), rng)


def contaminated(base, home, rng):
    """Add 25 m of normal noise, and 200 m of Cauchy's to one in twenty."""
    far = turned(np.minimum(200 * np.abs(rng.standard_cauchy(len(home))), 3_000), rng)
    some = rng.random((len(home), 1)) < 0.05
    return base.xy[home] + np.where(some, far, rng.normal(0, 25, (len(home), 2)))


def cut_laplace(rng, n):
    """Draw distances of a Laplace law in the plane of mean 80 m, again beyond 150 m."""
    far = rng.gamma(2, 40, (40, n))
    return far[(far <= 150).argmax(axis=0), np.arange(n)]


def swapped_near(base, home, rng):
    """Show the nearest of three random addresses within 200 m, with 5 m of noise."""
    near = cKDTree(base.xy).query_ball_point(base.xy[home], 200)
    some = [rng.choice(others, 3) for others in near]
    gap = [np.hypot(*(base.xy[k] - base.xy[h]).T).argmin() for k, h in zip(some, home, strict=True)]
    shown = [k[g] for k, g in zip(some, gap, strict=True)]
    return base.xy[shown] + rng.normal(0, 5, (len(home), 2))


def compass(base, home, rng):
    """Move by an exponential 40 m to the north, south, east or west."""
    side = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])[rng.integers(4, size=len(home))]
    return base.xy[home] + side * rng.exponential(40, (len(home), 1))


def block_and_noise(base, home, rng):
    """Show the middle of a block of about 25 addresses, with 20 m of normal noise."""
    centre, label = kmeans2(base.xy, max(len(base) // 25, 2), seed=4, minit="points")
    return centre[label[home]] + rng.normal(0, 20, (len(home), 2))


def mixed_addresses(base, home, rng):
    """Show a random mean of the home and of its three nearest addresses."""
    near = cKDTree(base.xy).query(base.xy[home], k=4)[1]
    weight = rng.dirichlet(np.ones(4), len(home))
    return (weight[:, :, None] * base.xy[near]).sum(axis=1)


def downwind(base, home, rng):
    """Move by a gamma distance of mean 60 m, most towards the north east."""
    angle = rng.vonmises(np.pi / 4, 1.5, len(home))
    far = rng.gamma(3, 20, (len(home), 1))
    return base.xy[home] + far * np.column_stack([np.cos(angle), np.sin(angle)])


def number_of_tens(base, home, rng):
    """Show the address of the street whose rank is the last of ten, and 8 m towards the road."""
    code = codes(base)
    order = np.lexsort((np.arange(len(base)), code))
    last = order.copy()
    for street in np.unique(code):
        row = order[code[order] == street]
        last[row] = row[np.minimum(np.arange(len(row)) // 10 * 10 + 9, len(row) - 1)]
    return base.xy[last[home]] + rng.normal(0, 8, (len(home), 2))


def square_of_degrees(base, home, rng):
    """Show any place of a square of 120 m, with four decimals of degrees."""
    there, back = ll(base)
    at = there.transform(*(base.xy[home] + rng.uniform(-60, 60, (len(home), 2))).T)
    return np.column_stack(back.transform(*(np.round(np.array(v), 4) for v in at)))


LAST = {
    "triangles": triangles,
    "rubber sheet": rubber_sheet,
    "two donuts in turn": two_donuts_in_turn,
    "contaminated": contaminated,
    "cut Laplace": dist(cut_laplace),
    "swapped near": swapped_near,
    "compass": compass,
    "block and noise": block_and_noise,
    "mixed addresses": mixed_addresses,
    "downwind": downwind,
    "number of tens": number_of_tens,
    "square of degrees": square_of_degrees,
    "Weibull 1.4": dist(lambda rng, n: 70 * rng.weibull(1.4, n)),
    "far side": dist(lambda rng, n: np.where(rng.random(n) < 0.5, 25, rng.uniform(90, 110, n))),
}
KINDS |= LAST
HALVES["last"] = list(LAST)


if __name__ == "__main__":
    main(__doc__, HALVES)
