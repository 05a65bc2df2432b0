"""The ladder: the same leak, attacked by ever better informed adversaries, tile by tile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from functools import reduce
from operator import add
from typing import NamedTuple

import numpy as np
import pandas as pd

from privaudit._core.checks import whole
from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import attempt, with_mask
from privaudit.attacks.guesses import Guesses, Posterior
from privaudit.attacks.registry import RUNGS
from privaudit.attacks.tiles import tiles_of_neighbours, tiles_of_rivals
from privaudit.measures.maps.neighbours import PlaceTree, place_tree
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

    - `workers`: Tiles attacked at a time, through joblib: a backend chosen with
      ``joblib.parallel_config`` is used. Processes pay on large maps only, and where cores are
      idle: each has to start, and is sent the addresses with every batch. Five rungs over 138,280
      addresses and 200,000 dots, in 10 tiles, take 8 CPU s alone; a map of a single tile gains
      nothing.
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
    tasks = [
        (k, tile)
        for k, adversary in enumerate(adversaries)
        for tile in _tiles(release, adversary, seed, dots_a_tile)
    ]
    kept = [
        _Kept(None if beside is None else beside[tile.rows]) if summarise else None
        for _, tile in tasks
    ]
    # A batch is sent the addresses once, and looks them up in one tree.
    batches = 1 if workers == 1 else min(_BATCHES * workers, len(tasks))
    dealt = [range(k, len(tasks), batches) for k in range(batches)]
    found = Parallel(n_jobs=workers)(
        delayed(_attack_all)(release, [(tasks[i][1], kept[i]) for i in batch], keep_posterior)
        for batch in dealt
    )
    done: list[Guesses] = [found[i % batches][i // batches] for i in range(len(tasks))]
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


class _Tile(NamedTuple):
    """Rows of a tile, who attacks it with which draws, and what is to be said of all tiles."""

    rows: np.ndarray
    adversary: Adversary
    rng: np.random.Generator
    notes: tuple[Note, ...] = ()
    doubts: tuple[Note, ...] = ()


def _tiles(release: Release, adversary: Adversary, seed: int, size: int) -> Iterator[_Tile]:
    """Cut a release into the tiles of one adversary."""
    n = len(release)
    if not isinstance(release, DotRelease) or n <= size:
        yield _Tile(np.arange(n), adversary, stream(seed, "attack", adversary.name))
        return
    points, base = release.records[["x", "y"]].to_numpy(dtype=float), release.backdrop
    # Worked out once, from dots of the whole map.
    rng = stream(seed, "attack", adversary.name, "mask")
    adversary, notes, doubts = with_mask(release, adversary, rng)
    if adversary.one_to_one:
        read = adversary
        if adversary.mask is not None:
            read = replace(adversary, mask=as_read(adversary.mask, release.resolution))
        tiles = tiles_of_rivals(points, base, read, size)
        if tiles.crowded:
            notes += (Note("rivals_beyond_a_tile", dots=tiles.crowded, of=n, size=size),)
    else:
        tiles = tiles_of_neighbours(points, size)
    for tile, rows in enumerate(tiles.rows):
        name = ("attack", adversary.name, *((tile,) if len(tiles.rows) > 1 else ()))
        yield _Tile(rows, adversary, stream(seed, *name), notes, doubts)


class _Kept(NamedTuple):
    """What is kept of the posterior of a tile: of which other guesses the probability, if any."""

    beside: np.ndarray | None


def _attack_all(
    release: Release, tiles: list[tuple[_Tile, _Kept | None]], keep_posterior: bool
) -> list[Guesses]:
    """Attack several tiles of a release: what a worker does."""
    base = release.backdrop if isinstance(release, DotRelease) else None
    ground = place_tree(base.xy) if base is not None and len(base) else None
    return [
        _attack(
            replace(release, records=release.records.iloc[tile.rows]),
            tile, keep_posterior, kept, ground,
        )
        for tile, kept in tiles
    ]  # fmt: skip


def _attack(
    release: Release,
    tile: _Tile,
    keep_posterior: bool,
    kept: _Kept | None,
    ground: PlaceTree | None,
) -> Guesses:
    """Attack one tile.

    Where nothing is made of the posterior, a slice of it is held at a time.
    """
    adversary = tile.adversary
    used = adversary.one_to_one or adversary.register is not None or adversary.results is not None
    whole_tile = keep_posterior or used or kept is not None
    keep = None if whole_tile else False
    found = attempt(release, adversary, rng=tile.rng, keep=keep, ground=ground)
    posterior = found.posterior
    if kept is not None and posterior is not None and release.backdrop is not None:
        error = posterior.mean_distance(found.address, release.backdrop.xy)
        at = None if kept.beside is None else posterior.at(kept.beside)
        found = replace(found, error=error, beside=at)
    return found if keep_posterior else replace(found, posterior=None)


def _join(parts: list[Guesses], rows: list[np.ndarray]) -> Guesses:
    """Put the guesses of all tiles of one adversary into the order of the release."""
    if len(parts) == 1:
        return parts[0]
    back = np.argsort(np.concatenate(rows))

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
