"""Is what is claimed without knowing the mask what is found? Mask by mask, 95 % sets and all.

    python benchmarks/unknown_masks.py --kept maps.csv       # simulated towns
    python benchmarks/unknown_masks.py --addresses adresses-94.csv.gz --communes 94067 94056

Homes are drawn uniformly over the addresses of each place and moved by a mask that the adversary
is not told. Claimed is the mean confidence in the best address, found how often it is the home,
held how often the 95 % set holds the home: each over all dots of all maps of a mask. Expected is
what found is for, without the luck of the draw: the mean probability of that address, given the dot
and the mask that did move it. Gap is claimed less expected, and error its standard error, by map.
Between least and most lies what is claimed by which mask it was; inside is the share of maps where
what was expected lies there too, within that where what was found lies in the interval that is
told, chance included. Shown is the share of maps of which a number is told, not a range alone.
Masks "in" are of the family that is tried (`attacks.mask_family`), though not always of its sizes;
masks "out" are of no kind of it. With `--kept`, maps that a file holds are not judged again: what
was stopped goes on.
"""

import argparse
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial import cKDTree

from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import pairs_within
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import locate_dots
from privaudit.maps.masks.mask import parse_mask
from privaudit.maps.masks.optimal_mechanism import OptimalMechanism
from privaudit.maps.posterior import Posterior
from privaudit.maps.undeclared_mask import infer_mask, settled
from privaudit.stats.csr import row_of
from privaudit.stats.intervals import effective_n, wilson

__all__ = ["IN", "MASKS", "OUT", "judged", "map_under", "places_of"]

# Metres off its place that a dot may be written, where all dots of a mask stand on a line or point.
AS_WRITTEN = 0.02
# Metres beyond which no home is looked for, of who knows the mask.
FARTHEST = 6_000.0
# What tells a map from any other.
KEYS = ["mask", "place", "seed", "asked"]


@dataclass(frozen=True)
class Noise:
    """Moves that no mask of the library makes: how to draw them, and how likely each is.

    - `drawn`: From a generator and a number, moves (n, 2), metres.
    - `density`: From gaps between dots and homes (n, 2) to their density.
    - `shown`: Where a dot is shown that was moved to a point.
    """

    drawn: Callable[[np.random.Generator, int], np.ndarray]
    density: Callable[[np.ndarray], np.ndarray]
    shown: Callable[[np.ndarray], np.ndarray] = np.asarray

    def moved(self, homes: np.ndarray, base: AddressBase, rng: np.random.Generator) -> np.ndarray:
        """Return where homes are shown."""
        return self.shown(homes + self.drawn(rng, len(homes)))

    def likelihood(self, dots: np.ndarray, base: AddressBase) -> tuple[np.ndarray, ...]:
        """Return rows of dots, rows of homes, and how likely each pair is."""
        row, place = (at.ravel() for at in np.indices((len(dots), len(base))))
        return row, place, self.density(dots[row] - base.xy[place])


@dataclass(frozen=True)
class Library:
    """A mask of the library."""

    mask: Any

    def moved(self, homes: np.ndarray, base: AddressBase, rng: np.random.Generator) -> np.ndarray:
        """Return where homes are shown."""
        return self.mask.on(base)(homes, rng=rng)

    def likelihood(self, dots: np.ndarray, base: AddressBase) -> tuple[np.ndarray, ...]:
        """Return rows of dots, rows of homes, and how likely each pair is."""
        placed, found = self.mask.on(base), []
        reach = min(float(placed.reach_of(dots).max()), FARTHEST)
        for rows, pairs in pairs_within(dots, cKDTree(base.xy), reach):
            told = placed.likelihood(dots[rows], pairs)
            found.append((np.arange(len(dots))[rows][pairs.point], pairs.place, told))
        return tuple(np.concatenate(part) for part in zip(*found, strict=True))


class Tried(NamedTuple):
    """How dots are moved, and whether it is known that none was swapped with another address."""

    moves: Noise | Library
    swapped: bool = True


def of_family(word: str) -> Library:
    """Return a mask of the library."""
    return Library(parse_mask(word))


def as_noise(word: str) -> Noise:
    """Return the moves of a mask of the library, to make others of."""
    mask = parse_mask(word)
    return Noise(
        lambda rng, n: mask(np.zeros((n, 2)), rng=rng), lambda gap: mask.density(np.hypot(*gap.T))
    )


def by_distance(law: Any, wedge: float = 2 * math.pi) -> Noise:
    """Return moves by a distance, the law's without its sign, in any direction of a wedge."""

    def drawn(rng, n):
        far, angle = np.abs(law.rvs(n, random_state=rng)), wedge * rng.random(n)
        return far[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])

    def density(gap):
        far, angle = np.hypot(*gap.T), np.arctan2(gap[:, 1], gap[:, 0]) % (2 * math.pi)
        return (angle <= wedge) * (law.pdf(far) + law.pdf(-far)) / (wedge * np.maximum(far, 1e-6))

    return Noise(drawn, density)


def stretched(word: str, along: float, across: float, degrees: float) -> Noise:
    """Return the moves of a mask, made longer along one direction and shorter across it."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn, one = np.array([[c, s], [-s, c]]), as_noise(word)
    return Noise(
        lambda rng, n: one.drawn(rng, n) * [along, across] @ turn,
        lambda gap: one.density(gap @ turn.T / [along, across]) / (along * across),
    )


def some_of(share: float, first: Noise, second: Noise) -> Noise:
    """Return moves of which a share are of one kind, the others of another."""

    def drawn(rng, n):
        chosen = rng.random(n) < share
        return np.where(chosen[:, None], first.drawn(rng, n), second.drawn(rng, n))

    return Noise(drawn, lambda gap: share * first.density(gap) + (1 - share) * second.density(gap))


def shifted(east: float, north: float, then: Noise) -> Noise:
    """Return one move for all dots, before others."""
    shift = np.array([east, north])
    return Noise(lambda rng, n: shift + then.drawn(rng, n), lambda gap: then.density(gap - shift))


def normal_then_cells(sigma: float, size: float) -> Noise:
    """Return normal moves, shown at the middle of a cell."""
    normal = stats.norm(scale=sigma)
    return Noise(
        lambda rng, n: normal.rvs((n, 2), random_state=rng),
        lambda gap: (normal.cdf(gap + size / 2) - normal.cdf(gap - size / 2)).prod(axis=1),
        lambda points: (np.floor(points / size) + 0.5) * size,
    )


def anywhere_in_a_square(side: float) -> Noise:
    """Return moves to any place of a square around the home."""
    return Noise(
        lambda rng, n: side * (rng.random((n, 2)) - 0.5),
        lambda gap: (np.abs(gap).max(axis=1) <= side / 2) / side**2,
    )


LEFT = Noise(
    lambda rng, n: np.zeros((n, 2)),
    lambda gap: (np.hypot(*gap.T) <= AS_WRITTEN) / (math.pi * AS_WRITTEN**2),
)
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
    "all by (212, -87), swap excluded": Tried(shifted(212.0, -87.0, LEFT), swapped=False),
}  # fmt: skip
OUT: dict[str, Tried] = {
    "half left, half donut:50:200": Tried(some_of(0.5, LEFT, as_noise("donut:50:200"))),
    "fifth left, else gaussian:150": Tried(some_of(0.2, LEFT, as_noise("gaussian:150"))),
    "half gaussian:30, half 200": Tried(
        some_of(0.5, as_noise("gaussian:30"), as_noise("gaussian:200"))
    ),
    "ellipse 300 x 100 at 30": Tried(stretched("disk:100", 3.0, 1.0, 30.0)),
    "normal 160 x 40 at 70": Tried(stretched("gaussian:40", 4.0, 1.0, 70.0)),
    "heavy tail": Tried(by_distance(stats.t(2, scale=60))),
    "lognormal": Tried(by_distance(stats.lognorm(0.8, scale=80))),
    "square 300": Tried(anywhere_in_a_square(300.0)),
    "quarter turn, 50 to 200": Tried(by_distance(stats.uniform(50, 150), wedge=math.pi / 2)),
    "always 120": Tried(by_distance(stats.uniform(120 - AS_WRITTEN, 2 * AS_WRITTEN))),
    "all by (150, -80), then gaussian:20": Tried(shifted(150, -80, as_noise("gaussian:20"))),
    "Pareto": Tried(by_distance(stats.pareto(2.0, scale=50))),
    "gamma": Tried(by_distance(stats.gamma(4.0, scale=30))),
    "third left, third gaussian:20, third donut:100:300": Tried(
        some_of(1 / 3, LEFT, some_of(0.5, as_noise("gaussian:20"), as_noise("donut:100:300")))
    ),
    "normal 90 x 36 at 120": Tried(stretched("gaussian:36", 2.5, 1.0, 120.0)),
    "along one line, to 150": Tried(stretched("disk:150", 1.0, 0.02, 20.0)),
    "gaussian:80, then cells of 50": Tried(normal_then_cells(80.0, 50.0)),
    "optimal": Tried(Library(OptimalMechanism(epsilon=0.01, size=400))),
}
MASKS = {**IN, **OUT}


def places_of(
    path: str, communes: Sequence[str], *, stations: bool = False
) -> dict[str, AddressBase]:
    """Return communes of an address file, each with its own addresses only."""
    table = pd.read_csv(path, dtype={"code_insee": str, "numero": str, "bureau_de_vote": str})
    found = {}
    for code in communes:
        rows = table[table["code_insee"] == code].reset_index(drop=True)
        columns = ["id", "numero", "nom_voie", "nom_commune", "x", "y"]
        frame = rows[columns].set_axis(["id", "number", "street", "commune", "x", "y"], axis=1)
        frame.insert(4, "station", rows["bureau_de_vote"].fillna("") if stations else "")
        found[code] = AddressBase(frame, crs="EPSG:2154", real=True)
    return found


def map_under(base: AddressBase, tried: Tried, n: int, seed: Sequence[int]) -> dict[str, float]:
    """Return what is claimed, found, expected and held of the dots of one map, in the mean."""
    rng = np.random.default_rng(list(seed))
    home = rng.integers(len(base), size=n)
    dots = tried.moves.moved(base.xy[home], base, rng)
    kept = ~np.isnan(dots[:, 0])
    home, dots = home[kept], dots[kept].round(2)
    prior = np.full(len(base), 1 / len(base))
    belief = infer_mask(dots, base, prior, swapped=tried.swapped, rng=rng)
    guesser = Adversary(name="unknown_mask", mask=belief.mask)
    located = locate_dots(dots, base, guesser, rng=rng, keep=True)
    assert located.posterior is not None
    assert belief.mask.right_between is not None
    about, least, most = belief.mask.right_between
    hit = located.address == home
    told = {
        "claimed": located.confidence.mean(),
        "about": about,
        "least": least,
        "most": most,
        "found": hit.mean(),
        "expected": chance_of(tried, base, dots, located.address, hit).mean(),
        "held": holds(located.posterior, home, located.level).mean(),
    }
    return {"dots": len(dots), **{name: float(value) for name, value in told.items()}}


def chance_of(
    tried: Tried, base: AddressBase, dots: np.ndarray, guess: np.ndarray, hit: np.ndarray
) -> np.ndarray:
    """Return how probable each guess is to who knows the mask; of a dot it cannot be of, the hit.

    Homes are drawn uniformly: Bayes' rule is then no belief, it is how often.
    """
    row, place, likelihood = tried.moves.likelihood(dots, base)
    every = np.bincount(row, likelihood, minlength=len(dots))
    own = np.bincount(row, likelihood * (place == guess[row]), minlength=len(dots))
    return np.where(every > 0, own / np.where(every > 0, every, 1.0), hit)


def holds(posterior: Posterior, home: np.ndarray, level: float = 0.95) -> np.ndarray:
    """Return whether the home is in a set: what is likelier sums to less than the level."""
    own = posterior.at(home)
    row = row_of(posterior.indptr)
    likelier = posterior.probability > own[row] * (1 + 1e-9)
    above = np.bincount(row[likelier], posterior.probability[likelier], minlength=len(home))
    return (above < level) & (own > 0)


def judged(
    places: Mapping[str, AddressBase],
    masks: Mapping[str, Tried],
    n: int,
    seeds: Sequence[int],
    known: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one row a map of each mask; maps that are known are not judged again."""
    done = set() if known is None else set(known[KEYS].itertuples(index=False, name=None))
    rows = []
    for name, tried in masks.items():
        for k, (place, base) in enumerate(places.items()):
            for seed in seeds:
                if (name, place, seed, n) in done:
                    continue
                told = map_under(base, tried, n, (seed, k, n, crc32(name.encode())))
                rows.append({"mask": name, "place": place, "seed": seed, "asked": n, **told})
    found = pd.DataFrame(rows)
    if known is None:
        return found
    mine = known["mask"].isin(masks) & known["place"].isin(places) & known["seed"].isin(seeds)
    return pd.concat([known[mine & (known["asked"] == n)], found], ignore_index=True)


def told(maps: pd.DataFrame) -> pd.DataFrame:
    """Return one row a mask: means over its dots, with errors by map."""
    return pd.DataFrame([_row(name, of) for name, of in maps.groupby("mask", sort=False)])


def _row(name: str, maps: pd.DataFrame) -> dict[str, Any]:
    mean = {
        column: float(np.average(maps[column], weights=maps["dots"]))
        for column in ("claimed", "least", "most", "found", "expected", "held")
    }
    dots, many = int(maps["dots"].sum()), max(len(maps), 2)
    apart = maps["claimed"] - maps["expected"]
    count, right = (maps["dots"].to_numpy(), np.round(maps["held"] * maps["dots"]).astype(int))
    each = np.concatenate([np.arange(n) < k for n, k in zip(count, right, strict=True)])
    low, high = wilson(mean["held"], effective_n(each, np.repeat(np.arange(len(maps)), count)))
    return {
        "mask": name, "maps": len(maps), "n": dots, "claimed": mean["claimed"],
        "found": mean["found"], "expected": mean["expected"],
        "gap": mean["claimed"] - mean["expected"],
        "error": float(apart.std() / math.sqrt(many)),
        "shown": float(shown(maps).mean()), "least": mean["least"], "most": mean["most"],
        "inside": float(inside(maps).mean()), "within": float(within(maps).mean()),
        "held": mean["held"], "held_low": low, "held_high": high,
    }  # fmt: skip


def _line(values: Iterable[Any]) -> str:
    """Write a row of the table, or its header."""
    first, *others = values
    each = (f"{v:.4f}" if isinstance(v, float) else str(v) for v in others)
    return f"{first:52}" + "".join(f"{text:>10}" for text in each)


def inside(maps: pd.DataFrame) -> pd.Series:
    """Return whether what is expected of each map lies in the range that is told."""
    # As closely as the two are reckoned.
    below, above = maps["least"] - maps["expected"], maps["expected"] - maps["most"]
    return (below <= 1e-6) & (above <= 1e-6)


def shown(maps: pd.DataFrame) -> pd.Series:
    """Return whether a number is told of each map, rather than its range alone."""
    return maps[["about", "least", "most"]].apply(lambda row: settled(tuple(row)), axis=1)


def within(maps: pd.DataFrame) -> pd.Series:
    """Return whether what is found lies in the interval that is told: of chance and of the mask."""
    claimed, found = maps["claimed"], maps["found"]
    ends = [wilson(share, n) for share, n in zip(claimed, maps["dots"], strict=True)]
    low, high = (pd.Series(end, index=maps.index) for end in zip(*ends, strict=True))
    below = np.hypot(claimed - low, claimed - maps["least"].clip(upper=claimed))
    above = np.hypot(high - claimed, maps["most"].clip(lower=claimed) - claimed)
    # Dots are whole: half of one is no miss.
    half = 0.5 / maps["dots"]
    return (found >= claimed - below - half) & (found <= claimed + above + half)


def simulated(
    seeds: Sequence[int], inhabitants: int, town: str = "town "
) -> dict[str, AddressBase]:
    """Return the addresses of simulated towns."""
    import privaudit as pa

    return {
        f"{town}{seed}": pa.simulate(pa.Town(inhabitants=inhabitants), seed=seed).addresses
        for seed in seeds
    }


def arguments(described: str) -> argparse.ArgumentParser:
    """Return the arguments that the benchmarks of undeclared masks have in common."""
    words = argparse.ArgumentParser(description=described.splitlines()[0])
    words.add_argument("--addresses", help="an address file")
    words.add_argument("--communes", nargs="*", default=[], help="places of that file")
    words.add_argument("--towns", type=int, nargs="*", default=[], help="seeds of simulated towns")
    words.add_argument("--dots", type=int, nargs="+", default=[30, 300])
    words.add_argument("--kept", type=Path, help="where each map is written")
    return words


def places_asked(
    words: argparse.ArgumentParser,
    asked: argparse.Namespace,
    *,
    town: str = "town ",
    stations: bool = False,
) -> dict[str, AddressBase]:
    """Return the places that the arguments name, by their names."""
    places = simulated(asked.towns, 4_000, town)
    if asked.addresses:
        places |= places_of(asked.addresses, asked.communes, stations=stations)
    if not places:
        words.error("--addresses with --communes, or --towns, say on what places; neither came")
    return places


def main() -> None:
    words = arguments(__doc__)
    words.add_argument("--maps", type=int, default=3, help="of each mask, a place")
    words.add_argument("--seed", type=int, default=1_000)
    words.add_argument("--masks", nargs="+", help="words that their names hold")
    asked = words.parse_args()
    places = places_asked(words, asked)
    masks = {
        name: tried
        for name, tried in MASKS.items()
        if not asked.masks or any(word in name for word in asked.masks)
    }
    known = pd.read_csv(asked.kept) if asked.kept and asked.kept.exists() else None
    seeds = range(asked.seed, asked.seed + asked.maps)
    for n in asked.dots:
        print(f"\n{n} dots a map, places: {', '.join(places)}")
        parts = []
        for name, tried in masks.items():
            # Told and kept as it is known: a mask takes a minute.
            parts.append(judged(places, {name: tried}, n, seeds, known))
            if asked.kept:
                known = pd.concat([known, parts[-1]]).drop_duplicates(KEYS, ignore_index=True)
                known.to_csv(asked.kept, index=False)
            row = told(parts[-1]).iloc[0]
            if len(parts) == 1:
                print(_line(row.index))
            print(_line(row), flush=True)
        every = pd.concat(parts)
        means = told(every)[["claimed", "found", "expected", "held"]].mean()
        print("mean of masks: " + ", ".join(f"{k} {v:.4f}" for k, v in means.items()))
        for name, some in (("shown", every[shown(every)]), ("range", every[~shown(every)])):
            if len(some):
                row = {"claimed": some["claimed"].mean(), "found": some["found"].mean()}
                row |= {"expected": some["expected"].mean(), "inside": inside(some).mean()}
                row |= {"within": within(some).mean(), "held": some["held"].mean()}
                told_of = ", ".join(f"{k} {v:.4f}" for k, v in row.items())
                print(f"{name} of {len(some)} maps: {told_of}")


if __name__ == "__main__":
    main()
