"""Does the range of an undeclared mask hold what is found, for every mask and many others?

    python benchmarks/further_masks.py --half held --dots 300 --towns 7031 --seeds 51
    python benchmarks/further_masks.py --half held --dots 3000 --seeds 51 \
        --addresses adresses-94.csv.gz --communes 94070

Every mask of the library, and ways to move dots that it does not have, split at random in two
halves: candidates and the test of fit were mended on one (`--half mended`, and `more`), the other
was held out. Homes are drawn uniformly over the addresses; the adversary holds the addresses, their
streets and the dots. What is printed is read as a page reads it: see `unlisted_masks`.
"""

from zlib import crc32

import numpy as np
import pandas as pd
from pyproj import Transformer
from scipy.spatial import cKDTree

from privaudit.columns.roles import Roles
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.mask import parse_mask
from privaudit.maps.masks.street_mask import street_network
from privaudit.release.release import DotRelease
from privaudit.studies.audit import held_against

__all__ = ["HALVES", "KINDS", "judged", "map_of"]

# Fewest dots of a map.
LEAST = 5


def codes(base):
    """Number the streets of the communes."""
    return pd.factorize(base.frame["commune"].astype(str) + "/" + base.frame["street"].astype(str))[
        0
    ]


def turned(d, rng):
    """Return moves by distances, in any direction."""
    a = rng.uniform(0, 2 * np.pi, len(d))
    return d[:, None] * np.column_stack([np.cos(a), np.sin(a)])


def library(word):
    """Return the moves of a mask of the library."""

    def f(base, home, rng):
        m = parse_mask(word, seed=int(rng.integers(1 << 30)))
        return m.on(base)(base.xy[home], rng=rng)

    return f


LIB = {
    w: library(w)
    for w in [
        "none",
        "disk:100",
        "donut:50:200",
        "donut:20:80:radius",
        "gaussian:60",
        "bimodal:100:30",
        "laplace:0.04",
        "adaptive:5:50",
        "grid:200",
        "grid:60",
        "grid:100:5",
        "hex:80",
        "quadtree:11",
        "voronoi",
        "voronoi_dots",
        "swap:50:200",
        "street_swap:50:200",
        "nrand:200:4",
        "nrand:60:3",
        "within:street:donut:15:50",
        "within:100:gaussian:30",
        "verified:50:200:10",
        "verified:15:50:4",
        "areal_elimination:11:100",
        "areal_elimination:4:50",
        "street_mask:20:30",
        "street_mask:3:6",
        "street_k:10",
        "optimal:0.005:500",
        "persistent:gaussian:40",
        "persistent:donut:50:200",
    ]
}


def axes(base):
    """Return a unit vector along the street of each address."""
    from privaudit.maps.street_models import streets_of

    s = streets_of(base)
    t = s.local.copy()
    t[~np.isfinite(t[:, 0])] = (1.0, 0.0)
    return t


def dist(draw):
    """Return moves by a drawn distance."""
    return lambda base, home, rng: base.xy[home] + turned(draw(rng, len(home)), rng)


def laplace_truncated(rng, n):
    """Draw distances of planar Laplace noise, again beyond 120 m."""
    out = np.empty(0)
    while len(out) < n:
        d = rng.gamma(2, 40, n)
        out = np.r_[out, d[d < 120]]
    return out[:n]


class To:
    """Between EPSG:2154 and another; a fictional town lies beside Joinville."""

    def __init__(self, base, other, back):
        real = str(base.crs) == "EPSG:2154"
        self.o = np.zeros(2) if real else np.array([657000.0, 6858000.0])
        self.back = back
        self.t = Transformer.from_crs(
            *((other, "EPSG:2154") if back else ("EPSG:2154", other)), always_xy=True
        )

    def transform(self, x, y):
        if self.back:
            x, y = self.t.transform(x, y)
            return x - self.o[0], y - self.o[1]
        return self.t.transform(x + self.o[0], y + self.o[1])


def ll(base):
    """Return how to go to degrees and back."""
    return To(base, "EPSG:4326", False), To(base, "EPSG:4326", True)


def decimals(k):
    """Round degrees to decimals."""

    def f(base, home, rng):
        a, b = ll(base)
        lon, lat = a.transform(*base.xy[home].T)
        return np.column_stack(b.transform(np.round(lon, k), np.round(lat, k)))

    return f


def mercator(zoom):
    """Show the middle of a tile of the web."""

    def f(base, home, rng):
        a, b = To(base, "EPSG:3857", False), To(base, "EPSG:3857", True)
        s = 40075016.68557849 / 2**zoom
        p = np.column_stack(a.transform(*base.xy[home].T))
        p = (np.floor(p / s) + 0.5) * s
        return np.column_stack(b.transform(*p.T))

    return f


def geohash(base, home, rng):
    """Show the middle of a geohash of seven letters."""
    a, b = ll(base)
    lon, lat = a.transform(*base.xy[home].T)
    sx, sy = 360 / 2**18, 180 / 2**17
    return np.column_stack(
        b.transform((np.floor(lon / sx) + 0.5) * sx, (np.floor(lat / sy) + 0.5) * sy)
    )


def rotation(deg):
    """Turn the map about its middle."""

    def f(base, home, rng):
        t = np.deg2rad(deg)
        m = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
        c = base.xy.mean(axis=0)
        return c + (base.xy[home] - c) @ m.T

    return f


def translation_noise(base, home, rng):
    """Move all dots alike, and add noise."""
    return base.xy[home] + [45.0, -30.0] + rng.normal(0, 15, (len(home), 2))


def hex_grid(base, home, rng):
    """Show the nearest point of a turned lattice of hexagons."""
    # turned hexagonal lattice of 70 m
    t = np.deg2rad(17)
    s = 70.0
    B = s * np.array([[np.cos(t), np.sin(t)], [np.cos(t + np.pi / 3), np.sin(t + np.pi / 3)]])
    c = base.xy.mean(axis=0)
    k = int(np.ptp(base.xy, axis=0).max() / s * 1.6) + 5
    i, j = np.meshgrid(np.arange(-k, k + 1), np.arange(-k, k + 1))
    pts = c + np.column_stack([i.ravel(), j.ravel()]) @ B
    return pts[cKDTree(pts).query(base.xy[home])[1]]


def nodes(base, home, rng):
    """Show the nearest node of the streets."""
    n = street_network(base).nodes
    return n[cKDTree(n).query(base.xy[home])[1]]


def parcel_corner(base, home, rng):
    """Show a corner of the parcel."""
    t = axes(base)[home]
    p = np.column_stack([-t[:, 1], t[:, 0]])
    side = np.where(home % 2, 1.0, -1.0)
    deep, wide = 8 + 4 * ((home * 7919) % 5) / 5, 6 + 3 * ((home * 104729) % 7) / 7
    e = rng.choice([-1.0, 1.0], len(home))
    f = rng.choice([0.0, 1.0], len(home))
    return base.xy[home] + t * (e * wide)[:, None] + p * (side * deep * f)[:, None]


def midpoint(base, home, rng):
    """Show the middle between the home and its nearest neighbour."""
    u = np.unique(base.xy, axis=0)
    at = cKDTree(u).query(base.xy[home], k=2)[1]
    return u[at].mean(axis=1)


def same_street(base, home, rng):
    """Show a random address of the street."""
    c = codes(base)
    return np.array([base.xy[rng.choice(np.flatnonzero(c == c[k]))] for k in home])


def numbers(base):
    """Return the house numbers."""
    return (
        pd.to_numeric(base.frame["number"].astype(str).str.extract(r"(\d+)")[0], errors="coerce")
        .fillna(0)
        .to_numpy(int)
    )


def other_side(base, home, rng):
    """Show the nearest address across the street, by odd and even numbers."""
    c, num, out = codes(base), numbers(base), []
    for k in home:
        o = base.xy[(c == c[k]) & (num % 2 != num[k] % 2)]
        out.append(o[((o - base.xy[k]) ** 2).sum(axis=1).argmin()] if len(o) else base.xy[k])
    return np.array(out)


def across_street(base, home, rng):
    """Move to the other side of the street."""
    c = codes(base)
    t = axes(base)[home]
    p = np.column_stack([-t[:, 1], t[:, 0]])
    mean = np.column_stack([np.bincount(c, x) / np.bincount(c) for x in base.xy.T])[c[home]]
    s = np.sign(((mean - base.xy[home]) * p).sum(axis=1))
    s[s == 0] = 1
    return base.xy[home] + p * (s * rng.uniform(12, 22, len(home)))[:, None]


def noise_then_rounding(base, home, rng):
    """Add noise of 30 m, round to 50."""
    return np.round((base.xy[home] + rng.normal(0, 30, (len(home), 2))) / 50) * 50


def geocode_then_grid(base, home, rng):
    """Add noise of 15 m, show the cell of 100 m."""
    return np.floor((base.xy[home] + rng.normal(0, 15, (len(home), 2))) / 100) * 100 + 50


def mixed_exact(base, home, rng):
    """Leave three dots in ten, move the others within a donut."""
    far = base.xy[home] + turned(np.sqrt(rng.uniform(50**2, 200**2, len(home))), rng)
    return np.where(rng.random((len(home), 1)) < 0.3, base.xy[home], far)


def density_donut(base, home, rng):
    """Move by the distance of the twentieth neighbour, about."""
    r = cKDTree(base.xy).query(base.xy, k=[20])[0][home, 0]
    return base.xy[home] + turned(r * rng.uniform(0.5, 1.2, len(home)), rng)


def jitter10(base, home, rng):
    """Move by up to 10 m along each axis."""
    return base.xy[home] + rng.uniform(-10, 10, (len(home), 2))


def interpolated(base, home, rng):
    """Show where the number is expected between both ends of the street."""
    c, num = codes(base), numbers(base)
    out = base.xy.copy()
    for k in range(c.max() + 1):
        m = np.flatnonzero(c == k)
        lo, hi = m[num[m].argmin()], m[num[m].argmax()]
        if num[hi] == num[lo]:
            continue
        f = (num[m] - num[lo]) / (num[hi] - num[lo])
        g = base.xy[hi] - base.xy[lo]
        L = max(np.hypot(*g), 1e-9)
        p = np.array([-g[1], g[0]]) / L
        out[m] = base.xy[lo] + f[:, None] * g + p * np.where(num[m] % 2, 6.0, -6.0)[:, None]
    return out[home]


def census_cell(size):
    """Show any place of the cell."""

    def f(base, home, rng):
        lo = np.floor(base.xy[home] / size) * size
        return lo + rng.uniform(0, size, (len(home), 2))

    return f


def nearest5(base, home, rng):
    """Show one of the five nearest addresses."""
    at = cKDTree(base.xy).query(base.xy[home], k=6)[1]
    return base.xy[at[np.arange(len(home)), rng.integers(1, 6, len(home))]]


def rubber(base, home, rng):
    """Bend the map by waves."""
    x, y = base.xy[home].T
    return np.column_stack([x + 35 * np.sin(y / 180), y + 35 * np.sin(x / 230)])


def shrunk(base, home, rng):
    """Shrink the map about its middle."""
    c = base.xy.mean(axis=0)
    return c + 0.97 * (base.xy[home] - c)


def inward(base, home, rng):
    """Move towards the middle of the town."""
    g = base.xy.mean(axis=0) - base.xy[home]
    L = np.maximum(np.hypot(*g.T), 1)
    return base.xy[home] + g / L[:, None] * rng.uniform(50, 150, (len(home), 1))


def mirrored(base, home, rng):
    """Mirror the map."""
    c = base.xy.mean(axis=0)
    return np.column_stack([2 * c[0] - base.xy[home, 0], base.xy[home, 1]])


def permuted(base, home, rng):
    """Show each dot at the home of another."""
    return base.xy[rng.permutation(home)]


def street_noise(base, home, rng):
    """Move all dots of a street alike."""
    c = codes(base)
    s = rng.normal(0, 50, (c.max() + 1, 2))
    return base.xy[home] + s[c[home]]


def cell_noise(base, home, rng):
    """Move all dots of a cell of 200 m alike."""
    _, c = np.unique(np.floor(base.xy / 200), axis=0, return_inverse=True)
    c = c.ravel()
    s = turned(rng.uniform(40, 120, c.max() + 1), rng)
    return base.xy[home] + s[c[home]]


def mean3(base, home, rng):
    """Show the mean of the home and its two nearest addresses."""
    return base.xy[cKDTree(base.xy).query(base.xy[home], k=3)[1]].mean(axis=1)


def station(base, home, rng):
    """Show the middle of the addresses of the polling station."""
    s = base.frame["station"].astype(str)
    if s.nunique() < 2:
        from scipy.cluster.vq import kmeans2

        c, group = kmeans2(base.xy, 12, seed=3, minit="++")
        return c[group[home]]
    c = pd.factorize(s)[0]
    return np.column_stack([np.bincount(c, x) / np.bincount(c) for x in base.xy.T])[c[home]]


def one_axis(base, home, rng):
    """Move to the east or west only."""
    return base.xy[home] + np.column_stack([rng.uniform(-100, 100, len(home)), np.zeros(len(home))])


def floor100(base, home, rng):
    """Show the corner of the cell of 100 m."""
    return np.floor(base.xy[home] / 100) * 100


def compass(base, home, rng):
    """Move by 30 m to one of eight directions."""
    a = rng.integers(0, 8, len(home)) * np.pi / 4
    return base.xy[home] + 30 * np.column_stack([np.cos(a), np.sin(a)])


def student(rng, n):
    """Draw distances by a law of Student."""
    return np.abs(40 * rng.standard_t(3, n))


def third_half(base, home, rng):
    """Move towards the third neighbour."""
    at = cKDTree(base.xy).query(base.xy[home], k=4)[1]
    return base.xy[home] + rng.uniform(0.3, 0.7, (len(home), 1)) * (
        base.xy[at[:, 3]] - base.xy[home]
    )


def anisotropic(base, home, rng):
    """Add noise that is longer along one line."""
    t = np.deg2rad(30)
    m = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    return base.xy[home] + rng.normal(0, 1, (len(home), 2)) * [80, 20] @ m


def street_aniso(base, home, rng):
    """Add noise that is longer along the street."""
    t = axes(base)[home]
    p = np.column_stack([-t[:, 1], t[:, 0]])
    return (
        base.xy[home]
        + t * rng.normal(0, 60, (len(home), 1))
        + p * rng.normal(0, 15, (len(home), 1))
    )


def by_street_length(base, home, rng):
    """Add noise that grows with the addresses of the street."""
    c = codes(base)
    n = np.bincount(c)[c[home]]
    return base.xy[home] + rng.normal(0, 1, (len(home), 2)) * (4 * n)[:, None] ** 0.9


def dot_mean(base, home, rng):
    """Show the mean of a dot and its two nearest dots."""
    p = base.xy[home]
    k = min(3, len(p))
    return p[cKDTree(p).query(p, k=k)[1]].mean(axis=1)


def landmarks(base, home, rng):
    """Show the nearest of a few landmarks."""
    known = base.xy[
        np.random.default_rng(5).choice(len(base), max(len(base) // 25, 3), replace=False)
    ] + [7.0, 12.0]
    return known[cKDTree(known).query(base.xy[home])[1]]


def postbox_noise(base, home, rng):
    """Show the nearest landmark, and add noise."""
    return landmarks(base, home, rng) + rng.normal(0, 12, (len(home), 2))


OUTSIDE = {
    "laplace truncated at 120 m": dist(laplace_truncated),
    "Pareto 1.5, 20 m": dist(lambda r, n: 20 * (1 + r.pareto(1.5, n))),
    "anisotropic 80 x 20": anisotropic,
    "along the street 60 x 15": street_aniso,
    "rotation by 5 degrees": rotation(5.0),
    "translation and noise of 15 m": translation_noise,
    "turned hex grid 70 m": hex_grid,
    "nearest crossing": nodes,
    "parcel corner": parcel_corner,
    "midpoint with neighbour": midpoint,
    "lat/lon to 3 decimals": decimals(3),
    "lat/lon to 4 decimals": decimals(4),
    "Mercator tiles z18": mercator(18),
    "geohash 7": geohash,
    "random address of the street": same_street,
    "address opposite": other_side,
    "kerb opposite": across_street,
    "noise 30, rounding to 50": noise_then_rounding,
    "noise 15, cells of 100": geocode_then_grid,
    "3 in 10 exact, donut": mixed_exact,
    "donut by density": density_donut,
    "jitter 10 m": jitter10,
    "interpolated numbers": interpolated,
    "random in cells of 200": census_cell(200.0),
    "random in cells of 50": census_cell(50.0),
    "swap with nearest 5": nearest5,
    "rubber sheet": rubber,
    "shrunk by 3 %": shrunk,
    "towards the middle": inward,
    "mirrored": mirrored,
    "permuted": permuted,
    "noise by street": street_noise,
    "noise by cell": cell_noise,
    "mean of three": mean3,
    "station centre": station,
    "one axis": one_axis,
    "floor to 100": floor100,
    "compass 30 m": compass,
    "Student 3, 40 m": dist(student),
    "towards the third": third_half,
    "noise by street length": by_street_length,
    "mean of three dots": dot_mean,
    "landmarks": landmarks,
    "landmarks and noise": postbox_noise,
}
KINDS = {**LIB, **OUTSIDE}


# More to mend on (not held out).
def _until(base, home, draw, good, tries=200):
    """Draw again what is not accepted."""
    end = draw(home)
    bad = ~good(home, end)
    for _ in range(tries):
        if not bad.any():
            break
        end[bad] = draw(home[bad])
        bad[bad] = ~good(home[bad], end[bad])
    return end


def far_normal(base, home, rng):
    """Add noise, again within 60 m."""
    return _until(
        base,
        home,
        lambda h: base.xy[h] + rng.normal(0, 50, (len(h), 2)),
        lambda h, e: np.hypot(*(e - base.xy[h]).T) > 60,
    )


def in_town(base, home, rng):
    """Add noise, again where no address is within 15 m."""
    t = cKDTree(base.xy)
    return _until(
        base,
        home,
        lambda h: base.xy[h] + rng.normal(0, 60, (len(h), 2)),
        lambda h, e: t.query(e)[0] < 15,
    )


def out_of_houses(base, home, rng):
    """Add noise, again where an address is within 12 m."""
    t = cKDTree(base.xy)
    return _until(
        base,
        home,
        lambda h: base.xy[h] + rng.normal(0, 40, (len(h), 2)),
        lambda h, e: t.query(e)[0] > 12,
    )


def not_nearest(base, home, rng):
    """Move within a disk, again where the home is nearest."""
    t = cKDTree(base.xy)
    return _until(
        base,
        home,
        lambda h: base.xy[h] + turned(60 * np.sqrt(rng.random(len(h))), rng),
        lambda h, e: t.query(e)[0] < np.hypot(*(e - base.xy[h]).T) - 1e-6,
    )


def square200(base, home, rng):
    """Move to any place of a square."""
    return base.xy[home] + rng.uniform(-100, 100, (len(home), 2))


def upward(base, home, rng):
    """Add noise to the north only."""
    g = rng.normal(0, 60, (len(home), 2))
    g[:, 1] = np.abs(g[:, 1])
    return base.xy[home] + g


def node_noise(base, home, rng):
    """Show the nearest node of the streets, and add noise."""
    n = street_network(base).nodes
    return n[cKDTree(n).query(base.xy[home])[1]] + rng.normal(0, 20, (len(home), 2))


def street_sigma(base, home, rng):
    """Add noise of a size for each street."""
    c = codes(base)
    s = rng.uniform(10, 120, c.max() + 1)[c[home]]
    return base.xy[home] + s[:, None] * rng.normal(size=(len(home), 2))


def two_halves(base, home, rng):
    """Add less noise in one half of the town."""
    s = np.where(base.xy[home, 0] < np.median(base.xy[:, 0]), 15.0, 100.0)
    return base.xy[home] + s[:, None] * rng.normal(size=(len(home), 2))


def exact_streets(base, home, rng):
    """Add noise in half of the streets."""
    c = codes(base)
    s = (rng.random(c.max() + 1) < 0.5)[c[home]]
    return base.xy[home] + np.where(s, 0.0, 60.0)[:, None] * rng.normal(size=(len(home), 2))


def dummies(base, home, rng):
    """Show one dot in five anywhere."""
    lo, hi = base.xy.min(axis=0), base.xy.max(axis=0)
    return np.where(
        rng.random((len(home), 1)) < 0.2,
        rng.uniform(lo, hi, (len(home), 2)),
        base.xy[home] + rng.normal(0, 20, (len(home), 2)),
    )


def growing(base, home, rng):
    """Add ever more noise."""
    s = np.linspace(5, 120, len(home))
    return base.xy[home] + s[:, None] * rng.normal(size=(len(home), 2))


def swap_noise(base, home, rng):
    """Show one of the five nearest addresses, and add noise."""
    return nearest5(base, home, rng) + rng.normal(0, 5, (len(home), 2))


def on_line(base, home, rng):
    """Show a place on the line to the nearest address."""
    u = base.xy[cKDTree(base.xy).query(base.xy[home], k=2)[1][:, 1]]
    return base.xy[home] + rng.random((len(home), 1)) * (u - base.xy[home])


def triangle(base, home, rng):
    """Show a place among the three nearest addresses."""
    at = cKDTree(base.xy).query(base.xy[home], k=3)[1]
    w = rng.dirichlet([1, 1, 1], len(home))
    return (w[:, :, None] * base.xy[at]).sum(axis=1)


def annulus_sector(base, home, rng):
    """Move within a sector."""
    a = rng.uniform(0, 2 * np.pi / 3, len(home))
    return base.xy[home] + rng.uniform(40, 160, (len(home), 1)) * np.column_stack(
        [np.cos(a), np.sin(a)]
    )


def quantised_polar(base, home, rng):
    """Move by one of three distances."""
    return base.xy[home] + turned(rng.choice([20.0, 40.0, 80.0], len(home)), rng)


def laea_cell(base, home, rng):
    """Show any place of the European cell of 200 m."""
    a, b = To(base, "EPSG:3035", False), To(base, "EPSG:3035", True)
    p = np.column_stack(a.transform(*base.xy[home].T))
    p = np.floor(p / 200) * 200 + rng.uniform(0, 200, p.shape)
    return np.column_stack(b.transform(*p.T))


MORE = {
    "within:50:donut:15:50": library("within:50:donut:15:50"),
    "within:station:gaussian:100": library("within:station:gaussian:100"),
    "within:street:gaussian:60": library("within:street:gaussian:60"),
    "verified:20:100:10": library("verified:20:100:10"),
    "verified:0:100:20": library("verified:0:100:20"),
    "nrand:100:6": library("nrand:100:6"),
    "areal_elimination:20:50": library("areal_elimination:20:50"),
    "normal beyond 60": far_normal,
    "noise near houses": in_town,
    "noise off houses": out_of_houses,
    "never nearest": not_nearest,
    "square 200": square200,
    "upward": upward,
    "crossing and noise": node_noise,
    "sigma by street": street_sigma,
    "two halves": two_halves,
    "exact streets": exact_streets,
    "dummies": dummies,
    "growing": growing,
    "swap and noise": swap_noise,
    "on the line": on_line,
    "in the triangle": triangle,
    "sector": annulus_sector,
    "polar steps": quantised_polar,
    "cells of 200 in 3035": laea_cell,
}
KINDS |= MORE
# Halves are drawn once, by kind.
_DRAW = np.random.default_rng(94)


def _half(names):
    """Return half of some names, at random."""
    names = list(names)
    p = _DRAW.permutation(len(names))
    return [names[i] for i in sorted(p[: len(names) // 2])]


_MENDED = set(_half(LIB)) | set(_half(OUTSIDE))
TUNE = [k for k in {**LIB, **OUTSIDE} if k in _MENDED]
HELD = [k for k in {**LIB, **OUTSIDE} if k not in _MENDED]

HALVES = {"mended": TUNE, "held": HELD, "more": list(MORE)}


def map_of(place, base, kind, n, seed):
    """Return what a page prints of one map, and what is found; None where nothing is shown."""
    rng = np.random.default_rng([seed, n, crc32(kind.encode()), crc32(place.encode())])
    home = rng.integers(len(base), size=n)
    dots = KINDS[kind](base, home, rng)
    shown = np.isfinite(dots[:, 0])
    home, dots = home[shown], dots[shown].round(2)
    if len(home) < LEAST:
        return None
    records = pd.DataFrame(dots, columns=["x", "y"])
    leak = DotRelease(records=records, roles=Roles(location=["x", "y"]), backdrop=base)
    who = Adversary.unknown_mask()
    made = guess(leak, who, rng=np.random.default_rng([7, seed]))
    row = held_against(made, leak, who, truth=None, seed=1).overall.loc["address"]
    found = float((made.address == home).mean())
    low, high = float(row["low"]), float(row["high"])
    # Dots are whole: half of one is no miss.
    half = 0.5 / len(home)
    return {
        "mask": kind, "place": place, "seed": seed, "dots": n, "low": low, "high": high,
        "found": found, "given": bool(np.isfinite(low)),
        "held": bool(low - half <= found <= high + half), "wide": bool(high - low > 0.5),
        "why": ", ".join(note.key for note in made.doubts),
    }  # fmt: skip


def judged(places, n, seeds, kinds):
    """Return one row a map of each kind, place and seed."""
    rows = [
        map_of(place, base, kind, n, seed)
        for seed in seeds
        for place, base in places.items()
        for kind in kinds
    ]
    return pd.DataFrame([row for row in rows if row is not None])


def main(about, halves):
    """Print the tables of one half of a list of kinds."""
    from unknown_masks import arguments, places_asked
    from unlisted_masks import print_tables

    words = arguments(about)
    words.add_argument("--seeds", type=int, nargs="+", default=[1])
    words.add_argument("--half", choices=halves, default="held")
    words.add_argument("--masks", nargs="*", help="their names, of all halves")
    asked = words.parse_args()
    # Draws follow the name of a place.
    places = places_asked(words, asked, town="town:", stations=True)
    kinds = asked.masks or halves[asked.half]
    print_tables(places, asked, lambda n: judged(places, n, asked.seeds, kinds))


if __name__ == "__main__":
    main(__doc__, HALVES)
