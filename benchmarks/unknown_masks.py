"""Is what is claimed without knowing the mask what is found? Mask by mask, 95 % sets and all.

    python benchmarks/unknown_masks.py                       # simulated towns
    python benchmarks/unknown_masks.py --addresses adresses-94.csv.gz --communes 94067 94056

Homes are drawn uniformly over the addresses of each place and moved by a mask that the adversary
is not told. Claimed is the mean confidence in the best address, found how often it is the home,
held how often the 95 % set holds the home: each over all dots of all maps of a mask, with Wilson's
interval on what the dots of a map leave independent. Between least and most lies what is claimed by
which mask it was; inside is the share of maps where what was found lies there too, chance at the
dots counted. Masks "in" are of the family that is tried
(`attacks.mask_family`), though not always of its sizes; masks "out" are of no kind of it.
"""

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd

from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guesses import Posterior
from privaudit.attacks.locate import locate_dots
from privaudit.attacks.unknown_mask import believe
from privaudit.measures.interval import effective_n, wilson
from privaudit.measures.tables.compressed_rows import row_of
from privaudit.places.address_base import AddressBase
from privaudit.release.masks import OptimalMechanism, parse_mask

__all__ = ["IN", "MASKS", "OUT", "judged", "maps_under", "places_of"]

Moves = Callable[[np.ndarray, AddressBase, np.random.Generator], np.ndarray]


class Tried(NamedTuple):
    """How dots are moved, and whether it is known that none was swapped with another address."""

    moves: Moves
    swapped: bool = True


def of_family(word: str) -> Moves:
    """Return the moves of a mask of the library."""
    return lambda homes, base, rng: parse_mask(word).on(base)(homes, rng=rng)


def by_distance(draw: Callable[[np.random.Generator, int], np.ndarray], wedge: float = 2 * math.pi):
    """Return moves by a distance that is drawn, in a direction uniform over a wedge."""

    def moves(homes, base, rng):
        distance, angle = draw(rng, len(homes)), wedge * rng.random(len(homes))
        return homes + distance[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])

    return moves


def stretched(word: str, along: float, across: float, degrees: float) -> Moves:
    """Return the moves of a mask, made longer along one direction and shorter across it."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[c, s], [-s, c]])

    def moves(homes, base, rng):
        move = parse_mask(word)(np.zeros_like(homes), rng=rng)
        return homes + move * [along, across] @ turn

    return moves


def some_of(share: float, first: Moves, second: Moves) -> Moves:
    """Return moves of which a share are of one kind, the others of another."""

    def moves(homes, base, rng):
        chosen = rng.random(len(homes)) < share
        return np.where(chosen[:, None], first(homes, base, rng), second(homes, base, rng))

    return moves


def then(first: Moves, second: Moves) -> Moves:
    """Return one move after another."""
    return lambda homes, base, rng: second(first(homes, base, rng), base, rng)


def shifted(east: float, north: float) -> Moves:
    """Return one move for all dots."""
    return lambda homes, base, rng: homes + np.array([east, north])


def rounded(size: float) -> Moves:
    """Return moves to the middle of a cell."""
    return lambda homes, base, rng: (np.floor(homes / size) + 0.5) * size


def anywhere_in_a_square(side: float) -> Moves:
    """Return moves to any place of a square around the home."""
    return lambda homes, base, rng: homes + side * (rng.random(homes.shape) - 0.5)


def optimal(homes: np.ndarray, base: AddressBase, rng: np.random.Generator) -> np.ndarray:
    """Move by the optimal mechanism, whose outputs are few."""
    return OptimalMechanism(epsilon=0.01, size=400).on(base)(homes, rng=rng)


LEFT: Moves = of_family("none")
IN: dict[str, Tried] = {
    "exact, swap excluded": Tried(LEFT, swapped=False),
    **{
        word: Tried(of_family(word))
        for word in (
            "disk:100", "disk:250", "donut:50:200", "donut:50:200:radius", "donut:33:171",
            "gaussian:25", "gaussian:100", "gaussian:400", "bimodal:100:30", "laplace:0.05",
            "laplace:0.02", "grid:100", "hex:80", "adaptive:4:25", "quadtree:5", "voronoi",
        )
    },
    "all by (212, -87), swap excluded": Tried(shifted(212.0, -87.0), swapped=False),
}  # fmt: skip
OUT: dict[str, Tried] = {
    "half left, half donut:50:200": Tried(some_of(0.5, LEFT, of_family("donut:50:200"))),
    "fifth left, else gaussian:150": Tried(some_of(0.2, LEFT, of_family("gaussian:150"))),
    "half gaussian:30, half 200": Tried(
        some_of(0.5, of_family("gaussian:30"), of_family("gaussian:200"))
    ),
    "ellipse 300 x 100 at 30": Tried(stretched("disk:100", 3.0, 1.0, 30.0)),
    "normal 160 x 40 at 70": Tried(stretched("gaussian:40", 4.0, 1.0, 70.0)),
    "heavy tail": Tried(by_distance(lambda rng, n: 60 * np.abs(rng.standard_t(2, n)))),
    "lognormal": Tried(by_distance(lambda rng, n: 80 * np.exp(0.8 * rng.normal(size=n)))),
    "square 300": Tried(anywhere_in_a_square(300.0)),
    "quarter turn, 50 to 200": Tried(
        by_distance(lambda rng, n: rng.uniform(50, 200, n), wedge=math.pi / 2)
    ),
    "always 120": Tried(by_distance(lambda rng, n: np.full(n, 120.0))),
    "all by (150, -80), then gaussian:20": Tried(then(shifted(150, -80), of_family("gaussian:20"))),
    "Pareto": Tried(by_distance(lambda rng, n: 50 * (1 + rng.pareto(2.0, n)))),
    "gamma": Tried(by_distance(lambda rng, n: rng.gamma(4.0, 30.0, n))),
    "third left, third gaussian:20, third donut:100:300": Tried(
        some_of(1 / 3, LEFT, some_of(0.5, of_family("gaussian:20"), of_family("donut:100:300")))
    ),
    "normal 90 x 36 at 120": Tried(stretched("gaussian:36", 2.5, 1.0, 120.0)),
    "along one line, to 150": Tried(stretched("disk:150", 1.0, 0.02, 20.0)),
    "gaussian:80, then cells of 50": Tried(then(of_family("gaussian:80"), rounded(50.0))),
    "optimal": Tried(optimal),
}
MASKS = {**IN, **OUT}


def places_of(path: str, communes: Sequence[str]) -> dict[str, AddressBase]:
    """Return communes of an address file, each with its own addresses only."""
    table = pd.read_csv(path, dtype={"code_insee": str, "numero": str})
    found = {}
    for code in communes:
        rows = table[table["code_insee"] == code].reset_index(drop=True)
        columns = ["id", "numero", "nom_voie", "nom_commune", "x", "y"]
        frame = rows[columns].set_axis(["id", "number", "street", "commune", "x", "y"], axis=1)
        frame.insert(4, "station", "")
        found[code] = AddressBase(frame, crs="EPSG:2154", real=True)
    return found


def maps_under(base: AddressBase, tried: Tried, n: int, seed: Sequence[int]) -> pd.DataFrame:
    """Return one row a dot of one map: claimed, found, and whether the 95 % set holds the home."""
    rng = np.random.default_rng(list(seed))
    home = rng.integers(len(base), size=n)
    dots = tried.moves(base.xy[home], base, rng)
    kept = ~np.isnan(dots[:, 0])
    home, dots = home[kept], dots[kept].round(2)
    prior = np.full(len(base), 1 / len(base))
    belief = believe(dots, base, prior, swapped=tried.swapped, rng=rng)
    guesser = Adversary(name="unknown_mask", mask=belief.mask)
    located = locate_dots(dots, base, guesser, rng=rng, keep=True)
    assert located.posterior is not None
    assert belief.mask.right_between is not None
    _, least, most = belief.mask.right_between
    return pd.DataFrame(
        {
            "claimed": located.confidence,
            "least": least,
            "most": most,
            "found": located.address == home,
            "held": holds(located.posterior, home, located.level),
        }
    )


def holds(posterior: Posterior, home: np.ndarray, level: float = 0.95) -> np.ndarray:
    """Return whether the home is in a set: what is likelier sums to less than the level."""
    own = posterior.at(home)
    row = row_of(posterior.indptr)
    likelier = posterior.probability > own[row] * (1 + 1e-9)
    above = np.bincount(row[likelier], posterior.probability[likelier], minlength=len(home))
    return (above < level) & (own > 0)


def judged(
    places: Mapping[str, AddressBase], masks: Mapping[str, Tried], n: int, seeds: Sequence[int]
) -> pd.DataFrame:
    """Return one row a mask: n, claimed, found and held, with 95 % intervals, over all maps."""
    rows = []
    for name, tried in masks.items():
        maps = [
            maps_under(base, tried, n, (seed, k, n, crc32(name.encode()))).assign(
                map=f"{place} {seed}"
            )
            for k, (place, base) in enumerate(places.items())
            for seed in seeds
        ]
        rows.append((name, *_row(pd.concat(maps, ignore_index=True))))
    return pd.DataFrame(
        rows,
        columns=[
            "mask", "maps", "n", "claimed", "least", "most", "found", "low", "high", "gap",
            "error", "inside", "held", "held_low", "held_high",
        ],
    )  # fmt: skip


def _row(dots: pd.DataFrame) -> tuple[float, ...]:
    """Return means over dots, with intervals that know that the dots of a map go together."""
    maps = dots["map"].to_numpy()
    ends = []
    for column in ("found", "held"):
        value = dots[column].to_numpy(dtype=float)
        ends.append((value.mean(), *wilson(value.mean(), effective_n(value, maps))))
    claimed = dots["claimed"].to_numpy()
    apart = pd.Series(claimed - dots["found"]).groupby(maps).mean()
    # Twice the standard error of the gap: by map, and never less than chance leaves to one dot.
    chance = (claimed * (1 - claimed)).sum() / len(dots) ** 2
    error = 2 * math.sqrt(max(apart.var() / len(apart) if len(apart) > 1 else 0.0, chance))
    return (
        len(apart), len(dots), claimed.mean(), dots["least"].mean(), dots["most"].mean(), *ends[0],
        claimed.mean() - ends[0][0], error, _inside(dots), *ends[1],
    )  # fmt: skip


def _inside(dots: pd.DataFrame) -> float:
    """Return the share of maps whose found lies between least and most, chance counted."""
    of = (
        dots.assign(n=1.0)
        .groupby("map")
        .agg({"claimed": "mean", "least": "first", "most": "first", "found": "mean", "n": "sum"})
    )
    chance = 1.96 * np.sqrt(of["claimed"] * (1 - of["claimed"]) / of["n"])
    above = of["found"] - of["claimed"] > np.hypot(of["most"] - of["claimed"], chance)
    below = of["claimed"] - of["found"] > np.hypot(of["claimed"] - of["least"], chance)
    return float(1 - (above | below).mean())


def simulated(seeds: Sequence[int], inhabitants: int) -> dict[str, AddressBase]:
    """Return the addresses of simulated towns."""
    import privaudit as pa

    return {
        f"town {seed}": pa.simulate(pa.Town(inhabitants=inhabitants), seed=seed).addresses
        for seed in seeds
    }


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--addresses", help="an address file; simulated towns where there is none")
    words.add_argument("--communes", nargs="+", default=["94018", "94056", "94065", "94070"])
    words.add_argument("--dots", type=int, nargs="+", default=[30, 300])
    words.add_argument("--maps", type=int, default=3, help="of each mask, a place")
    words.add_argument("--seed", type=int, default=1_000)
    words.add_argument("--masks", nargs="+", help="words that their names hold")
    asked = words.parse_args()
    if asked.addresses:
        places = places_of(asked.addresses, asked.communes)
    else:
        places = simulated(range(asked.seed, asked.seed + 3), 4_000)
    masks = {
        name: tried
        for name, tried in MASKS.items()
        if not asked.masks or any(word in name for word in asked.masks)
    }
    seeds = range(asked.seed, asked.seed + asked.maps)
    for n in asked.dots:
        print(f"\n{n} dots a map, places: {', '.join(places)}")
        parts = []
        for name, tried in masks.items():
            # Told as it is known: a mask takes a minute.
            parts.append(judged(places, {name: tried}, n, seeds))
            with pd.option_context("display.width", 200, "display.max_columns", None):
                told = parts[-1].round(4).to_string(index=False, header=len(parts) == 1)
                print(told, flush=True)
        means = pd.concat(parts)[["claimed", "found", "inside", "held"]].mean()
        print("mean of masks: " + ", ".join(f"{k} {v:.4f}" for k, v in means.items()))


if __name__ == "__main__":
    main()
