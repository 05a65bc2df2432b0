"""Every mask keeps its laws, on a small street of addresses; a mask without laws fails.

Laws: the same generator makes the same moves; likelihoods sum to 1 over what may be shown;
directions are uniform where the mask is radial; shifting all addresses shifts the dots where
nothing is anchored; masking a mask never tells more; a wider mask never tells more.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.spatial import cKDTree
from scipy.stats import kstest

from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs, pairs_within
from privaudit.maps.masks.areal_elimination import ArealElimination
from privaudit.maps.masks.contained import Contained, VerifiedDonut
from privaudit.maps.masks.donut import AdaptiveDonut, Disk, Donut, NRand
from privaudit.maps.masks.location_swap import LocationSwap, StreetSwap
from privaudit.maps.masks.mask import Exact, Mask, declared_masks, parse_mask
from privaudit.maps.masks.noise import BimodalGaussian, Gaussian, PlanarLaplace
from privaudit.maps.masks.optimal_mechanism import OptimalMechanism
from privaudit.maps.masks.persistent import Persistent
from privaudit.maps.masks.snapping import GridSnap, HexSnap, Quadtree
from privaudit.maps.masks.street_mask import StreetKMask, StreetMask
from privaudit.maps.masks.voronoi import Voronoi, VoronoiDots
from privaudit.maps.posterior import gather, posteriors_in_slices
from privaudit.stats.csr import pick_best, row_max, row_of


@dataclass(frozen=True, kw_only=True)
class Laws:
    """What is declared of one mask: how it shows, what anchors it, and a wider one."""

    # "plane": anywhere, with a density; "few": at one of a few places, with a probability;
    # "together": by the other dots, with no likelihood of one alone.
    shows: str
    mask: object
    wider: object = None
    radial: bool = False
    # A shift, in metres, of all addresses that shifts the dots by as much; None: no such shift,
    # for moves are keyed by position.
    shift: tuple = (137.0, -41.5)
    # Wider moves can make two outputs more alike in no general way: see the reasons beside it.
    why_not_wider: str = ""


# Seven by seven crossings, 100 m apart.
_NODE = np.arange(49).reshape(7, 7)
GRID = (
    np.stack(np.divmod(np.arange(49), 7), axis=1) * 100.0,
    np.concatenate(
        [
            np.column_stack([_NODE[:-1].ravel(), _NODE[1:].ravel()]),
            np.column_stack([_NODE[:, :-1].ravel(), _NODE[:, 1:].ravel()]),
        ]
    ),
)

LAWS = {
    "exact": Laws(shows="plane", mask=Exact(), why_not_wider="there is only one"),
    "disk": Laws(shows="plane", mask=Disk(radius=60), wider=Disk(radius=180), radial=True),
    "donut": Laws(
        shows="plane", mask=Donut(r_min=20, r_max=80), wider=Donut(r_min=60, r_max=240), radial=True
    ),
    "donut by radius": Laws(
        shows="plane",
        mask=Donut(r_min=20, r_max=80, uniform="radius"),
        wider=Donut(r_min=60, r_max=240, uniform="radius"),
        radial=True,
    ),
    "gaussian": Laws(shows="plane", mask=Gaussian(sigma=30), wider=Gaussian(sigma=90), radial=True),
    "bimodal": Laws(
        shows="plane",
        mask=BimodalGaussian(mean=50, sigma=15),
        wider=BimodalGaussian(mean=150, sigma=45),
        radial=True,
    ),
    "laplace": Laws(
        shows="plane",
        mask=PlanarLaplace(epsilon=0.04),
        wider=PlanarLaplace(epsilon=0.01),
        radial=True,
    ),
    "adaptive": Laws(
        shows="plane",
        mask=AdaptiveDonut(k_min=2, k_max=9),
        wider=AdaptiveDonut(k_min=6, k_max=40),
    ),
    "grid": Laws(
        shows="few", mask=GridSnap(size=80), wider=GridSnap(size=240), shift=(240.0, -480.0)
    ),
    "grid with suppression": Laws(
        shows="few",
        mask=GridSnap(size=80, k=5),
        wider=GridSnap(size=240, k=5),
        shift=(240.0, -480.0),
    ),
    # A hexagon three times as wide is no union of small ones, but this law is not about nesting.
    "hex": Laws(
        shows="few",
        mask=HexSnap(size=80),
        wider=HexSnap(size=240),
        shift=(240.0, 240.0 * np.sqrt(3)),
    ),
    "quadtree": Laws(shows="few", mask=Quadtree(k=3), wider=Quadtree(k=12)),
    "voronoi": Laws(shows="few", mask=Voronoi(), why_not_wider="there is only one"),
    "swap": Laws(
        shows="few", mask=LocationSwap(r_min=20, r_max=80), wider=LocationSwap(r_min=60, r_max=240)
    ),
    "street swap": Laws(
        shows="few", mask=StreetSwap(r_min=20, r_max=80), wider=StreetSwap(r_min=60, r_max=240)
    ),
    "voronoi of dots": Laws(
        shows="together", mask=VoronoiDots(), why_not_wider="there is only one"
    ),
    "optimal": Laws(
        shows="few",
        mask=OptimalMechanism(epsilon=0.02, size=150),
        wider=OptimalMechanism(epsilon=0.005, size=150),
        shift=(150.0, -300.0),
    ),
    "nrand": Laws(
        shows="plane", mask=NRand(radius=60, n=3), wider=NRand(radius=180, n=3), radial=True
    ),
    "within streets": Laws(
        shows="plane",
        mask=Contained(area="street", mask=Donut(r_min=20, r_max=80)),
        wider=Contained(area="street", mask=Donut(r_min=60, r_max=240)),
    ),
    "within squares": Laws(
        shows="plane",
        mask=Contained(area="200", mask=Gaussian(sigma=30)),
        wider=Contained(area="600", mask=Gaussian(sigma=90)),
        shift=(600.0, -1200.0),
    ),
    "verified": Laws(
        shows="plane",
        mask=VerifiedDonut(r_min=20, r_max=80, k=4),
        wider=VerifiedDonut(r_min=60, r_max=240, k=12),
    ),
    "areal elimination": Laws(
        shows="plane",
        mask=ArealElimination(k=4, size=60),
        wider=ArealElimination(k=16, size=60),
        shift=(120.0, -600.0),
    ),
    "street mask": Laws(
        shows="few",
        mask=StreetMask(low=4, high=12, network=GRID),
        shift=None,
        why_not_wider="from a crossing few others are shown, be they near or far",
    ),
    # On the crossings that the addresses tell of, which are few.
    "street mask of addresses": Laws(
        shows="few", mask=StreetMask(low=2, high=5), why_not_wider="there are few crossings"
    ),
    "street k": Laws(
        shows="few",
        mask=StreetKMask(k=3, start=2, stop=60),
        why_not_wider="there are few crossings",
    ),
    "persistent": Laws(
        shows="plane",
        mask=Persistent(mask=Donut(r_min=20, r_max=80), seed=3),
        wider=Persistent(mask=Donut(r_min=60, r_max=240), seed=3),
        shift=None,
    ),
}


def street(seed=4, m=150, side=600.0, shift=(0.0, 0.0), counts=False):
    rng = np.random.default_rng(seed)
    # To the millimetre, as addresses are; two doors share a position.
    xy = rng.integers(0, int(side * 1000), (m, 2)) / 1000
    xy[1] = xy[0]
    people = rng.integers(1, 6, m)
    frame = pd.DataFrame(
        {
            "id": [str(i) for i in range(m)],
            "number": "1",
            # Three streets, one of them of some addresses only.
            "street": ["s", "t", "s", "s", "u"] * (m // 5),
            "commune": "c",
            "station": "",
            "x": xy[:, 0] + shift[0],
            "y": xy[:, 1] + shift[1],
        }
    )
    return AddressBase(frame.assign(residents=people) if counts else frame, real=False)


def attack(dots, base, mask):
    """Posterior of dots under a mask: the best place of each, and how sure."""
    placed = mask.on(base)
    slices = posteriors_in_slices(
        dots, base.xy, [np.ones(len(base))], placed.likelihood, placed.reach_of(dots)
    )
    found = gather([(rows, part) for rows, (part,) in slices], len(dots))
    best = pick_best(found.indptr, found.probability, np.random.default_rng(0).random(len(dots)))
    sure = row_max(found.indptr, found.probability)
    return np.where(best >= 0, found.place[np.maximum(best, 0)], -1), sure


def draw(base, mask, n, seed=9):
    rng = np.random.default_rng(seed)
    home = rng.integers(len(base), size=n)
    dots = mask.on(base)(base.xy[home], rng=rng)
    shown = ~np.isnan(dots[:, 0])
    return home, dots, shown


def derived(word, kind):
    """The laws that any mask keeps, of the example that it gives."""
    assert kind.example, f"give {kind.__name__} an example, beside its word '{word}'"
    mask = parse_mask(kind.example)
    _, dots, shown = draw(street(), mask, 600, 1)
    few = len(np.unique(dots[shown], axis=0)) < shown.sum()
    return Laws(shows="few" if few else "plane", mask=mask, shift=None, why_not_wider="derived")


# Those of the library: an installed package has tests of its own.
OURS = {w: k for w, k in declared_masks().items() if k.__module__.startswith("privaudit.")}
LAWS |= {
    word: derived(word, kind)
    for word, kind in OURS.items()
    if not any(type(law.mask) is kind for law in LAWS.values())
}
each_mask = pytest.mark.parametrize("law", LAWS.values(), ids=LAWS.keys())
ALONE = {name: law for name, law in LAWS.items() if law.shows != "together"}
each_likelihood = pytest.mark.parametrize("law", ALONE.values(), ids=ALONE.keys())


def test_every_mask_has_laws():
    assert {type(law.mask) for law in LAWS.values()} == set(OURS.values())
    for law in LAWS.values():
        assert (law.wider is None) == bool(law.why_not_wider)
        assert law.mask.has_likelihood == (law.shows != "together")


def varied(mask, factor, more):
    """The mask with other parameters, in the same order of size."""
    other = {}
    for part in fields(mask):
        value = getattr(mask, part.name)
        if isinstance(value, Mask):
            other[part.name] = varied(value, factor, more)
        elif part.type == "float":
            other[part.name] = value * factor
        elif part.type == "int":
            other[part.name] = value + more
    return replace(mask, **other)


@each_mask
# No mask is wider than the Earth.
@given(factor=st.floats(1e-4, 1e4), more=st.integers(0, 10**6))
def test_a_mask_reads_back_from_its_word(law, factor, more):
    for mask in (law.mask, varied(law.mask, factor, more)):
        assert parse_mask(str(mask)) == mask
        assert str(parse_mask(str(mask))) == str(mask)


@each_mask
def test_the_same_generator_makes_the_same_moves(law):
    base = street()
    placed = law.mask.on(base)
    once, again = (placed(base.xy, rng=np.random.default_rng(8)) for _ in range(2))
    assert np.array_equal(once, again, equal_nan=True)
    assert once.shape == (len(base), 2)


@each_likelihood
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32))
def test_what_is_shown_is_what_the_likelihood_allows(law, seed):
    base = street(seed)
    home, dots, shown = draw(base, law.mask, 60, seed)
    placed = law.mask.on(base)
    gap = np.hypot(*(dots - base.xy[home])[shown].T)
    reach = placed.reach_of(dots[shown])
    assert (gap <= reach + 1e-6).all()
    tree = cKDTree(base.xy)
    for rows, pairs in pairs_within(dots[shown], tree, float(reach.max(initial=0)) + 1):
        value = placed.likelihood(dots[shown][rows], pairs)
        own = pairs.place == home[shown][rows][row_of(pairs.indptr)]
        assert (value[own] > 0).all()
        assert own.sum() == len(pairs.indptr) - 1


@pytest.mark.parametrize(
    "law",
    [law for law in LAWS.values() if law.shows == "few"],
    ids=[name for name, law in LAWS.items() if law.shows == "few"],
)
@pytest.mark.parametrize("counts", [False, True], ids=["addresses", "people"])
def test_probabilities_sum_to_one_over_what_may_be_shown(law, counts):
    base = street(counts=counts)
    placed = law.mask.on(base)
    # All that is ever shown, found by drawing long enough.
    dots = placed(np.repeat(base.xy, 400, axis=0), rng=np.random.default_rng(0))
    suppressed = np.isnan(dots[:, 0]).reshape(len(base), 400)
    outputs = np.unique(dots[~np.isnan(dots[:, 0])].round(6), axis=0)
    total = np.zeros(len(base))
    for rows, pairs in pairs_within(outputs, cKDTree(base.xy), 5_000.0):
        np.add.at(total, pairs.place, placed.likelihood(outputs[rows], pairs, 1e-3))
    assert (suppressed.all(axis=1) == suppressed.any(axis=1)).all()
    assert total == pytest.approx(1.0 - suppressed.any(axis=1), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_adaptive_density_sums_to_one_over_the_plane(seed):
    base = street(seed)
    placed = LAWS["adaptive"].mask.on(base)
    for place in range(0, len(base), 30):
        low, high = placed.r_min[place], placed.r_max[place]

        def ring(d, place=place, placed=placed):
            one = Pairs(np.array([0, 1]), np.array([place]), np.array([d]))
            return 2 * np.pi * d * float(placed.likelihood(np.zeros((1, 2)), one, 0.0)[0])

        assert quad(ring, low, high)[0] == pytest.approx(1, abs=1e-6)
        assert ring(high + 1e-3) == ring(low - 1e-3) == 0


@pytest.mark.parametrize("name", [name for name, law in LAWS.items() if law.radial])
def test_moves_follow_the_density_in_no_preferred_direction(name):
    mask = LAWS[name].mask
    n = 40_000
    moved = mask(np.zeros((n, 2)), rng=np.random.default_rng(5))
    distance = np.hypot(*moved.T)
    angle = np.arctan2(moved[:, 1], moved[:, 0]) / (2 * np.pi) % 1
    assert kstest(angle, "uniform").pvalue > 0.001
    start = getattr(mask, "r_min", 0.0)
    grid = np.linspace(start, mask.reach, 4001)
    middle = (grid[1:] + grid[:-1]) / 2
    running = np.cumsum(2 * np.pi * middle * mask.density(middle) * np.diff(grid))
    assert running[-1] == pytest.approx(1, abs=2e-3)
    assert kstest(distance, lambda d: np.interp(d, grid[1:], running)).pvalue > 0.001


@pytest.mark.parametrize(
    "law",
    [law for law in LAWS.values() if law.shift],
    ids=[name for name, law in LAWS.items() if law.shift],
)
def test_shifting_the_addresses_shifts_the_dots(law):
    here, there = street(), street(shift=law.shift)
    first = law.mask.on(here)(here.xy, rng=np.random.default_rng(1))
    second = law.mask.on(there)(there.xy, rng=np.random.default_rng(1))
    shown = ~np.isnan(first[:, 0])
    assert np.allclose((second - first)[shown], law.shift, atol=1e-6)
    assert np.array_equal(np.isnan(first), np.isnan(second))


def bound(sure):
    """Expected hits of the best attack, and how far chance may take a count from it."""
    return sure.mean(), 4 * np.sqrt((sure * (1 - sure)).sum() + 1) / len(sure)


@each_likelihood
def test_a_mask_of_a_mask_tells_no_more(law):
    """No attack on dots masked twice finds more than the posterior of dots masked once claims."""
    base = street()
    home, once, shown = draw(base, law.mask, 4_000)
    placed = law.mask.on(base)
    _, sure = attack(once[shown], base, law.mask)
    expected, chance = bound(sure)
    twice = placed(once[shown], rng=np.random.default_rng(6))
    left = ~np.isnan(twice[:, 0])
    kept = home[shown][left]
    for guess in (
        attack(twice[left], base, law.mask)[0],
        cKDTree(base.xy).query(twice[left])[1],
    ):
        assert (guess == kept).sum() / shown.sum() <= expected + chance


@pytest.mark.parametrize(
    "law",
    [law for law in LAWS.values() if law.wider],
    ids=[name for name, law in LAWS.items() if law.wider],
)
def test_a_wider_mask_tells_no_more_on_average(law):
    base = street()
    found = []
    for mask in (law.mask, law.wider):
        home, dots, shown = draw(base, mask, 4_000)
        best, sure = attack(dots[shown], base, mask)
        # Of the dots shown: a wider cell shows more people, and finds less of each.
        claim, chance = bound(sure)
        assert (best == home[shown]).mean() == pytest.approx(claim, abs=chance)
        found.append(claim)
    assert found[1] < found[0]


def test_the_laws_can_fail():
    """A donut that claims another ring is caught by the law of the wider mask's honest claim."""
    base = street()
    home, dots, _ = draw(base, Donut(r_min=20, r_max=80), 4_000)
    best, sure = attack(dots, base, Gaussian(sigma=20))
    assert abs((best == home).mean() - sure.mean()) > bound(sure)[1]
