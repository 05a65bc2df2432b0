"""Every mask in a word of the command line, and what cannot be said."""

import numpy as np
import pytest

from privaudit.errors import ParameterError
from privaudit.maps.masks.areal_elimination import ArealElimination
from privaudit.maps.masks.contained import Contained, VerifiedDonut
from privaudit.maps.masks.donut import AdaptiveDonut, Disk, Donut, NRand
from privaudit.maps.masks.location_swap import LocationSwap, StreetSwap
from privaudit.maps.masks.mask import Mask, mask_words, parse_mask
from privaudit.maps.masks.noise import BimodalGaussian, PlanarLaplace
from privaudit.maps.masks.optimal_mechanism import OptimalMechanism
from privaudit.maps.masks.persistent import Persistent
from privaudit.maps.masks.snapping import GridSnap, HexSnap, Quadtree
from privaudit.maps.masks.street_mask import StreetKMask, StreetMask
from privaudit.maps.masks.voronoi import Voronoi, VoronoiDots

WORDS = {
    "disk:200": Disk(radius=200),
    "bimodal:100:30": BimodalGaussian(mean=100, sigma=30),
    "laplace:0.01": PlanarLaplace(epsilon=0.01),
    "grid:200": GridSnap(size=200),
    "grid:200:11": GridSnap(size=200, k=11),
    "hex:150": HexSnap(size=150),
    "quadtree:11": Quadtree(k=11),
    "voronoi": Voronoi(),
    "swap:50:200": LocationSwap(r_min=50, r_max=200),
    "street_swap:50:200": StreetSwap(r_min=50, r_max=200),
    "voronoi_dots": VoronoiDots(),
    "voronoi_dots:1200": VoronoiDots(dots=1200),
    "nrand:200": NRand(radius=200),
    "nrand:200:9": NRand(radius=200, n=9),
    "within:station:donut:50:200": Contained(area="station", mask=Donut(r_min=50, r_max=200)),
    "within:500:disk:90": Contained(area="500", mask=Disk(radius=90)),
    "verified:50:200:10": VerifiedDonut(r_min=50, r_max=200, k=10),
    "areal_elimination:11:100": ArealElimination(k=11, size=100),
    "street_mask:20:30": StreetMask(low=20, high=30),
    "street_k:30": StreetKMask(k=30),
    "street_k:30:20:40:5:3": StreetKMask(k=30, start=20, stop=40, spread=5, increment=3),
    "adaptive:5:50": AdaptiveDonut(k_min=5, k_max=50),
    "optimal:0.01:500": OptimalMechanism(epsilon=0.01, size=500),
    "persistent:donut:50:200": Persistent(mask=Donut(r_min=50, r_max=200), seed=7),
}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_makes_its_mask(word):
    assert parse_mask(word) == WORDS[word]


@pytest.mark.parametrize("word", mask_words())
def test_every_word_that_is_offered_can_be_read_and_written_down(word):
    mask = parse_mask(word)
    assert isinstance(mask, Mask)
    assert all(isinstance(value, (str, int, float)) for value in mask.recipe().values())
    assert word.startswith(mask.recipe()["mask"])


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("quadtre:11", "Did you mean 'quadtree'"),
        ("persistant:disk:9", "Did you mean 'persistent'"),
        ("quadtree:11.5", "k a whole number"),
        ("grid:200:nan", "k a whole number"),
        ("grid:0", "GridSnap: needs size a finite number"),
        ("grid:200:-1", "GridSnap: needs k a whole number, 0 or more"),
        ("adaptive:50:5", "k_min below k_max"),
        ("swap:200:50", "r_min below r_max"),
        ("street_swap:200:50", "StreetSwap: needs r_min below r_max"),
        ("persistent:voronoi_dots", "Persistent: needs a mask that moves each dot by itself"),
        ("nrand:9:0", "NRand: needs n a whole number, 1 or more"),
        ("within:station", "needs one of"),
        ("within:station:unknown", "needs one of"),
        ("within:0:disk:9", "area a column of the addresses, or a number of metres above 0"),
        ("within:station:swap:5:9", "Contained: needs a mask that moves every dot alike"),
        ("within:station:within:9:disk:9", "needs one of"),
        ("areal_elimination:0:9", "k a whole number, 1 or more"),
        ("street_mask:30:20", "StreetMask: needs low below high"),
        ("street_k:30:60:10", "StreetKMask: needs start below stop"),
        ("street:50:200", "needs one of"),
        ("verified:200:50:3", "VerifiedDonut: needs r_min below r_max"),
        ("verified:50:200:0", "k a whole number, 1 or more"),
        ("persistent", "needs one of"),
        ("persistent:unknown", "needs one of"),
        ("persistent:persistent:disk:9", "needs one of"),
        ("voronoi:3", "needs one of"),
        ("laplace:0", "epsilon a finite number"),
    ],
)
def test_a_word_that_cannot_be(word, message):
    with pytest.raises(ParameterError, match=message) as caught:
        parse_mask(word)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "mask", [m for m in WORDS.values() if m.needs_addresses], ids=lambda m: m.recipe()["mask"]
)
def test_a_mask_that_needs_addresses_asks_for_them(mask):
    with pytest.raises(ParameterError, match=r"Call mask\.on"):
        mask(np.zeros((2, 2)), rng=np.random.default_rng(0))
