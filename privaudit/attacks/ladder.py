"""The ladder: the same leak, attacked by ever better informed adversaries, tile by tile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from functools import reduce
from operator import add

import numpy as np
import pandas as pd

from privaudit._core.checks import whole
from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.attack_tiles import Kept, Tile, attack_all
from privaudit.attacks.guess import with_mask
from privaudit.attacks.guesses import Guesses, Posterior
from privaudit.attacks.registry import RUNGS
from privaudit.attacks.tiles import tiles_of_neighbours, tiles_of_rivals
from privaudit.measures.maps.neighbours import place_tree
from privaudit.release.masks import Mask
from privaudit.release.pictures.misread import as_read
from privaudit.release.release import DotRelease, Release
from privaudit.words.note import Note

__all__ = ["climb", "rungs"]

DOTS_A_TILE = 20_000
# Batches of tiles a worker: some take longer than others.
_BATCHES = 4


def rungs(
    mask: Mask | None,
    *,
    electors: bool = True,
    results: pd.DataFrame | None = None,
    register: pd.DataFrame | None = None,
    residents: pd.DataFrame | None = None,
) -> tuple[Adversary, ...]:
    """Return the rungs that what is known allows, the least informed first.

    - `mask`: How the dots were moved. None: it must be worked out, and the ladder ends there.
    - `electors`: True where the addresses carry electors or residents.
    """
    held = {"mask": mask, "results": results, "register": register, "residents": residents}
    given = {name for name, thing in held.items() if thing is not None}
    given |= {"electors"} if electors else set()
    return tuple(
        rung.adversary(**held)
        for rung in RUNGS.values()
        if rung.climbs
        and given.issuperset(rung.needs)
        and given.isdisjoint(rung.instead_of)
        # Whoever would use a mask waits for one to be known.
        and ("mask" not in rung.uses or mask is not None)
    )


def climb(
    release: Release,
    adversaries: Sequence[Adversary],
    *,
    seed: int = 7,
    workers: int = 1,
    dots_a_tile: int = DOTS_A_TILE,
    keep_posterior: bool = False,
    summarise: bool = False,
    beside: np.ndarray | None = None,
) -> tuple[Guesses, ...]:
    """Attack a map by each adversary, in tiles of neighbouring dots.

    A tile holds a fixed number of dots and all addresses, and has draws of its own, so that
    neither the number of workers nor their kind changes any guess. For an adversary who believes
    in one dot an address a tile holds whole groups of dots that compete for addresses, one with
    the next; groups larger than a tile are attacked at once, and a note says so.

    Adversaries who believe in one mask are taken together where their tiles are the same: which
    addresses are near, and how near, is looked up once for all of them.

    - `workers`: Tiles attacked at a time, through joblib: by threads, or by a backend chosen with
      ``joblib.parallel_config``; an attack of one's own by processes. Five rungs over 138,280
      addresses and 200,000 dots, in 10 tiles, take 5 CPU s; a map of a single tile gains nothing.
    - `dots_a_tile`: 1 or more. With one tile the guesses are those of `guess`.
    - `keep_posterior`: True to keep each guess's whole posterior, which may take gigabytes.
    - `summarise`: True to keep, of each posterior, its mean distance from the guess (`error`).
    - `beside` (int64, shape (n,)): With `summarise`, an address a record of which to keep the
      probability, such as the guess of somebody else.
    - returns: One an adversary, rows in the order of the release.
    """
    from joblib import Parallel, delayed

    whole("climb", "workers", workers, 1)
    whole("climb", "dots_a_tile", dots_a_tile, 1)
    if isinstance(release, DotRelease):
        # A tile needs no picture, which every worker would be sent.
        release = replace(release, picture=None)
    near = _neighbours(release, dots_a_tile)
    tasks = [
        (k, tile)
        for k, adversary in enumerate(adversaries)
        for tile in _tiles(release, adversary, seed, dots_a_tile, near)
    ]
    kept = [
        Kept(None if beside is None else beside[tile.rows]) if summarise else None
        for _, tile in tasks
    ]
    together = _together(release, [tile for _, tile in tasks])
    # A batch is sent the addresses once, and the tree in which all of it looks them up.
    base = release.backdrop if isinstance(release, DotRelease) else None
    ground = place_tree(base.xy) if base is not None and len(base) else None
    batches = 1 if workers == 1 else min(_BATCHES * workers, len(together))
    dealt = [together[k::batches] for k in range(batches)]
    # What attacks do holds the interpreter for a sixth of the time at most: threads start at once,
    # and share the addresses. An attack of one's own is not known to be as good a neighbour.
    own = any(adversary.attack is not None for adversary in adversaries)
    found = Parallel(n_jobs=workers, prefer=None if own else "threads")(
        delayed(attack_all)(
            release,
            [[(tasks[i][1], kept[i]) for i in group] for group in batch],
            keep_posterior,
            ground,
        )
        for batch in dealt
    )
    place = [i for batch in dealt for group in batch for i in group]
    done = dict(zip(place, (one for batch in found for one in batch), strict=True))
    ladder = []
    for k in range(len(adversaries)):
        mine = [i for i, task in enumerate(tasks) if task[0] == k]
        first = tasks[mine[0]][1]
        whole_map = _join([done[i] for i in mine], [tasks[i][1].rows for i in mine])
        said = replace(
            whole_map, notes=first.notes + whole_map.notes, doubts=first.doubts + whole_map.doubts
        )
        ladder.append(said.told())
    return tuple(ladder)


def _neighbours(release: Release, size: int) -> list[np.ndarray]:
    """Cut a release into tiles of neighbouring dots; one tile where it is no larger."""
    n = len(release)
    if not isinstance(release, DotRelease) or n <= size:
        return [np.arange(n)]
    return tiles_of_neighbours(release.records[["x", "y"]].to_numpy(dtype=float), size).rows


def _tiles(
    release: Release, adversary: Adversary, seed: int, size: int, near: list[np.ndarray]
) -> Iterator[Tile]:
    """Cut a release into the tiles of one adversary: those of neighbours, where that will do."""
    if not isinstance(release, DotRelease) or len(release) <= size:
        yield Tile(near[0], adversary, stream(seed, "attack", adversary.name))
        return
    points, base = release.records[["x", "y"]].to_numpy(dtype=float), release.backdrop
    # Worked out once, from dots of the whole map.
    rng = stream(seed, "attack", adversary.name, "mask")
    adversary, notes, doubts = with_mask(release, adversary, rng)
    cut = near
    if adversary.one_to_one:
        read = adversary
        if adversary.mask is not None:
            read = replace(adversary, mask=as_read(adversary.mask, release.resolution))
        tiles = tiles_of_rivals(points, base, read, size)
        if tiles.crowded:
            dots = len(release)
            notes += (Note("rivals_beyond_a_tile", dots=tiles.crowded, of=dots, size=size),)
        cut = tiles.rows
    for tile, rows in enumerate(cut):
        name = ("attack", adversary.name, *((tile,) if len(cut) > 1 else ()))
        yield Tile(rows, adversary, stream(seed, *name), notes, doubts)


def _together(release: Release, tiles: Sequence[Tile]) -> list[list[int]]:
    """Group tiles of the same dots whose adversaries believe in one mask: they look up the same."""
    groups: dict[tuple[int, bytes] | int, list[int]] = {}
    for i, tile in enumerate(tiles):
        adversary = tile.adversary
        shared = isinstance(release, DotRelease) and adversary.attack is None
        shared = shared and adversary.mask is not None
        key = (id(adversary.mask), tile.rows.tobytes()) if shared else i
        groups.setdefault(key, []).append(i)
    return list(groups.values())


def _join(parts: list[Guesses], rows: list[np.ndarray]) -> Guesses:
    """Put the guesses of all tiles of one adversary into the order of the release."""
    if len(parts) == 1:
        return parts[0]
    order = np.concatenate(rows)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    tallies = [part.tally for part in parts if part.tally is not None]
    arrays = [f.name for f in fields(Guesses) if isinstance(getattr(parts[0], f.name), np.ndarray)]
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])[back] for name in arrays
    }
    return replace(
        parts[0],
        **joined,  # type: ignore[arg-type]
        posterior=_join_posteriors([part.posterior for part in parts], back),
        tally=reduce(add, tallies) if tallies else None,
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        doubts=tuple(dict.fromkeys(note for part in parts for note in part.doubts)),
    )


def _join_posteriors(parts: list[Posterior | None], back: np.ndarray) -> Posterior | None:
    """Put the posteriors of all tiles into the order of the release, where they were kept."""
    from privaudit.measures.tables.compressed_rows import take_rows

    kept = [part for part in parts if part is not None]
    if len(kept) < len(parts):
        return None
    size = np.concatenate([np.diff(part.indptr) for part in kept])
    indptr, at = take_rows(np.concatenate([[0], np.cumsum(size)]), back)
    return Posterior(
        indptr,
        np.concatenate([part.candidate for part in kept])[at],
        np.concatenate([part.probability for part in kept])[at],
    )
