"""Where a mask or an adversary begins to be refused: the last value that is taken, the first not.

A default is what a word leaves out: a recipe of "nrand:200" means four places, or it means another
mask than the one that was published.
"""

from dataclasses import fields

import pytest

from privaudit.errors import ParameterError
from privaudit.maps.adversary import Adversary, Recipient
from privaudit.maps.masks.areal_elimination import ArealElimination
from privaudit.maps.masks.contained import Contained, VerifiedDonut
from privaudit.maps.masks.digitising_error import Blurred, Misread, ReadingError
from privaudit.maps.masks.donut import AdaptiveDonut, Disk, Donut, NRand
from privaudit.maps.masks.location_swap import LocationSwap, StreetSwap
from privaudit.maps.masks.mask import FARTHEST, Exact
from privaudit.maps.masks.noise import BimodalGaussian, Gaussian, PlanarLaplace
from privaudit.maps.masks.optimal_mechanism import OptimalMechanism
from privaudit.maps.masks.persistent import Persistent
from privaudit.maps.masks.snapping import GridSnap, HexSnap, Quadtree
from privaudit.maps.masks.street_mask import StreetKMask, StreetMask
from privaudit.maps.masks.voronoi import VoronoiDots
from privaudit.maps.scoring.access import LeakProbabilities

EVER_SO_LITTLE = 1e-9
DISK = Disk(radius=9)
# Half of a meridian of 40,007.863 km, in whole kilometres: two places are no farther apart.
BEYOND = 20_004_000 + 1
METRES = (EVER_SO_LITTLE, BEYOND - 1), (0, BEYOND)
FROM_NOTHING = (0, 19), (-EVER_SO_LITTLE,)
ONE_OR_MORE = (1,), (0,)
# Of each: what else it needs; of its numbers, those that are taken and those that are not.
BOUNDS = {
    Disk: ({}, {"radius": METRES}),
    Gaussian: ({}, {"sigma": METRES}),
    BimodalGaussian: (
        {"mean": 9, "sigma": 9}, {"mean": ((0, BEYOND - 1), (-1, BEYOND)), "sigma": METRES}
    ),
    Exact: ({}, {"rounding": METRES}),
    NRand: ({"radius": 9}, {"radius": METRES, "n": ONE_OR_MORE}),
    PlanarLaplace: ({}, {"epsilon": ((1 / (BEYOND - 1), 9), (1 / BEYOND, 0))}),
    GridSnap: ({"size": 9}, {"size": METRES, "k": ((0, 1), (-1,))}),
    HexSnap: ({"size": 9}, {"size": METRES, "k": ((0, 1), (-1,))}),
    Quadtree: ({}, {"k": ONE_OR_MORE}),
    VoronoiDots: ({}, {"dots": ((0, 1), (-1,))}),
    AdaptiveDonut: (
        {"k_min": 1, "k_max": 2},
        {"k_min": ((1,), (0, 2)), "k_max": ((2,), (1,)), "least": METRES},
    ),
    ArealElimination: ({"k": 1, "size": 9}, {"k": ONE_OR_MORE, "size": METRES}),
    OptimalMechanism: (
        {"epsilon": 1, "size": 9}, {"epsilon": ((EVER_SO_LITTLE,), (0,)), "size": METRES}
    ),
    StreetMask: ({"low": 1, "high": 2}, {"low": ((1,), (0, 2)), "high": ((2,), (1,))}),
    StreetKMask: (
        {"k": 1, "start": 1, "stop": 2, "spread": 1, "increment": 1},
        {"k": ONE_OR_MORE, "start": ((1,), (0, 2)), "stop": ((2,), (1,)), "spread": ONE_OR_MORE,
         "increment": ONE_OR_MORE},
    ),
    VerifiedDonut: ({"r_min": 0, "r_max": 9, "k": 1}, {"k": ONE_OR_MORE}),
    Persistent: ({"mask": DISK}, {"seed": ((0,), (-1,))}),
    ReadingError: ({}, {"sigma": METRES}),
    Misread: ({"mask": Quadtree(k=2)}, {"sigma": METRES}),
    Recipient: (
        {"word": "volunteer", "seconds": 0, "hours": 0},
        dict.fromkeys(("seconds", "hours", "euros", "near"), FROM_NOTHING),
    ),
    Adversary: (
        {"name": "x"},
        dict.fromkeys(("coverage", "right_doors"), ((EVER_SO_LITTLE, 1), (0, 1 + EVER_SO_LITTLE)))
        | {"trust_in_label": (
            (0, 1, (EVER_SO_LITTLE, 1 - EVER_SO_LITTLE)),
            (-EVER_SO_LITTLE, 1 + EVER_SO_LITTLE, (0, 0.5), (0.5, 1), (0.5, 0.5)),
        )},
    ),
    LeakProbabilities: (
        {},
        {one.name: ((0, 1), (-EVER_SO_LITTLE, 1 + EVER_SO_LITTLE))
         for one in fields(LeakProbabilities)},
    ),
} | dict.fromkeys(
    (Donut, LocationSwap, StreetSwap),
    ({"r_min": 0, "r_max": 9}, {"r_min": ((0,), (-1, 9)), "r_max": ((1, BEYOND - 1), (0, BEYOND))}),
)  # fmt: skip


@pytest.mark.parametrize("made", BOUNDS, ids=lambda made: made.__name__)
def test_the_last_that_is_taken_and_the_first_that_is_not(made):
    others, numbers = BOUNDS[made]
    for name, (taken, refused) in numbers.items():
        for value in taken:
            made(**others | {name: value})
        for value in refused:
            with pytest.raises(ParameterError, match=rf"needs .*\b{name}\b.* but got"):
                made(**others | {name: value})


def test_two_places_are_no_farther_apart_than_half_a_meridian():
    assert FARTHEST == BEYOND - 1


@pytest.mark.parametrize(
    ("word", "defaults"),
    [
        (Exact(), {"rounding": 0.1}),
        (NRand(radius=9), {"n": 4}),
        (GridSnap(size=9), {"k": 0}),
        (VoronoiDots(), {"dots": 0}),
        (AdaptiveDonut(k_min=1, k_max=2), {"least": 10}),
        (StreetKMask(k=9), {"start": 10, "stop": 60, "spread": 2, "increment": 2}),
        (Donut(r_min=1, r_max=2), {"uniform": "area"}),
        (Adversary(name="x"), {"coverage": 0.98, "swapped": True, "one_to_one": False}),
        (
            LeakProbabilities(),
            {"public_account": 0.01, "volunteer_account": 0.01, "team_account": 0.01,
             "stolen_phone": 0.02, "file": 0.05},
        ),
        (Recipient(word="x", seconds=1, hours=1), {"euros": 0, "near": 0}),
    ],
    ids=lambda one: type(one).__name__,
)  # fmt: skip
def test_what_a_recipe_leaves_out(word, defaults):
    assert {name: getattr(word, name) for name in defaults} == defaults


def test_blurred_and_contained_masks_take_those_alone_that_move_every_dot_alike():
    assert Blurred(mask=DISK, sigma=1).mask == Contained(area="9", mask=DISK).mask == DISK
    for made in (lambda m: Blurred(mask=m, sigma=1), lambda m: Contained(area="9", mask=m)):
        with pytest.raises(ParameterError, match="moves every dot alike"):
            made(Quadtree(k=2))
