"""The ladder: the same leak, attacked by ever better informed adversaries, tile by tile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from privaudit._core.checks import whole
from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.attacks.guesses import Guesses, Posterior
from privaudit.attacks.locate import prior_over_addresses
from privaudit.attacks.tiles import tiles_of_neighbours, tiles_of_rivals
from privaudit.attacks.unknown_mask import estimate_mask
from privaudit.release.misread import as_read

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.release.masks import Mask
    from privaudit.release.release import Release

__all__ = ["climb", "rungs"]

DOTS_A_TILE = 20_000
# How notes begin that count dots of a tile, and those that tell the worst of it.
_COUNTED = re.compile(r"(\d+) of \d+ ((?:dots|records): .*)", re.DOTALL)
_WORST = re.compile(r"(Dots seem to share an address: |One-to-one assignment .* by )([\d.e-]+\d)")


def rungs(
    mask: Mask | None,
    *,
    electors: bool = True,
    results: pd.DataFrame | None = None,
    register: pd.DataFrame | None = None,
    residents: pd.DataFrame | None = None,
) -> tuple[Adversary, ...]:
    """Return the rungs that what is known allows, the least informed first.

    Parameters
    ----------
    mask : Mask, optional
        How the dots were moved. None: it must be worked out, and the ladder ends there.
    electors : bool
        True where the addresses carry electors or residents.
    results : pandas.DataFrame, optional
        Results of the polling stations, see `Adversary`.
    register : pandas.DataFrame, optional
        Names and addresses, such as the electoral roll.
    residents : pandas.DataFrame, optional
        Everybody and where they live, as a neighbour knows it.

    Returns
    -------
    tuple of Adversary

    Examples
    --------
    >>> from privaudit.release.masks import Donut
    >>> [rung.name for rung in rungs(Donut(low=50, high=200))]
    ['nearest address', 'knows the mask', 'knows the electors']
    """
    if mask is None:
        return Adversary.nearest(), Adversary.unknown_mask()
    found = [Adversary.nearest(), Adversary.knows_mask(mask)]
    if electors:
        found.append(Adversary.knows_electors(mask))
        if results is not None:
            found.append(Adversary.knows_results(mask, results))
    if register is not None:
        found.append(replace(Adversary.holds_register(register, mask=mask), results=results))
    if residents is not None:
        found.append(replace(Adversary.neighbour(mask=mask, register=residents), results=results))
    return tuple(found)


def climb(
    release: Release,
    adversaries: Sequence[Adversary],
    *,
    seed: int = 7,
    workers: int = 1,
    dots_a_tile: int = DOTS_A_TILE,
    keep_posterior: bool = False,
) -> tuple[Guesses, ...]:
    """Attack a map by each adversary, in tiles of neighbouring dots.

    A tile holds a fixed number of dots and all addresses, and has draws of its own, so that
    neither the number of workers nor their kind changes any guess. For an adversary who believes
    in one dot an address a tile holds whole groups of dots that compete for addresses, one with
    the next; groups larger than a tile are attacked at once, and a note says so.

    Parameters
    ----------
    release : Release
        As leaked, of kind dots.
    adversaries : sequence of Adversary
        Such as `rungs` returns.
    seed : int
        0 or more.
    workers : int
        Tiles attacked at a time, through joblib: a backend chosen with
        ``joblib.parallel_config`` is used. Processes pay on large maps only, and where cores
        are idle: each has to start, and is sent the addresses with every tile. Five rungs over
        138,280 addresses and 200,000 dots, in 10 tiles, took 20 s alone and 12 s in two
        processes on two idle cores; a map of a single tile gains nothing.
    dots_a_tile : int
        1 or more. With one tile the guesses are those of `guess`.
    keep_posterior : bool
        True to keep each guess's whole posterior, which may take gigabytes.

    Returns
    -------
    tuple of Guesses
        One an adversary, rows in the order of the release.

    Raises
    ------
    ParameterError
        As `guess`, or a number is out of range.
    """
    from joblib import Parallel, delayed

    whole("climb", "workers", workers, 1)
    whole("climb", "dots_a_tile", dots_a_tile, 1)
    if release.kind == "dots":
        # A tile needs no picture, which every worker would be sent.
        release = replace(release, picture=None)
    tasks = [
        (k, rows, replace(release, records=release.records.iloc[rows]), told, rng, notes)
        for k, adversary in enumerate(adversaries)
        for rows, told, rng, notes in _tiles(release, adversary, seed, dots_a_tile)
    ]
    done = Parallel(n_jobs=workers)(
        delayed(_attack)(tile, told, rng, keep_posterior) for _, _, tile, told, rng, _ in tasks
    )
    ladder = []
    for k in range(len(adversaries)):
        mine = [i for i, task in enumerate(tasks) if task[0] == k]
        whole_map = _join([done[i] for i in mine], [tasks[i][1] for i in mine])
        notes = tasks[mine[0]][5]
        ladder.append(
            replace(
                whole_map,
                notes=notes + whole_map.notes,
                reliable=whole_map.reliable and not adversaries[k].estimates_mask,
            )
        )
    return tuple(ladder)


def _tiles(
    release: Release, adversary: Adversary, seed: int, size: int
) -> Iterator[tuple[np.ndarray, Adversary, np.random.Generator, tuple[str, ...]]]:
    """Yield the rows of each tile, the adversary who attacks it, its draws, and common notes."""
    n = len(release)
    if release.kind != "dots" or n <= size:
        yield np.arange(n), adversary, stream(seed, "attack", adversary.name), ()
        return
    points = release.records[["x", "y"]].to_numpy(dtype=float)
    notes: tuple[str, ...] = ()
    if adversary.estimates_mask and release.backdrop is not None:
        # Worked out once, from dots of the whole map.
        base = release.backdrop
        estimated = estimate_mask(
            points,
            base.xy,
            prior_over_addresses(base, adversary),
            resolution=release.resolution,
            rng=stream(seed, "attack", adversary.name, "mask"),
        )
        adversary = replace(adversary, mask=estimated.mask, estimates_mask=False)
        notes = estimated.notes()
    if adversary.one_to_one and release.backdrop is not None:
        read = adversary
        if adversary.mask is not None:
            read = replace(adversary, mask=as_read(adversary.mask, release.resolution))
        tiles = tiles_of_rivals(points, release.backdrop, read, size)
        if tiles.crowded:
            notes += (
                f"{tiles.crowded} of {n} dots compete for addresses in groups larger than the "
                f"tiles of {size}, and were attacked group by group, each at once.",
            )
    else:
        tiles = tiles_of_neighbours(points, size)
    for tile, rows in enumerate(tiles.rows):
        name = ("attack", adversary.name, *((tile,) if len(tiles.rows) > 1 else ()))
        yield rows, adversary, stream(seed, *name), notes


def _attack(
    tile: Release, adversary: Adversary, rng: np.random.Generator, keep_posterior: bool
) -> Guesses:
    """Attack one tile: what a worker does."""
    found = guess(tile, adversary, rng=rng)
    return found if keep_posterior else replace(found, posterior=None)


def _join(parts: list[Guesses], rows: list[np.ndarray]) -> Guesses:
    """Put the guesses of all tiles of one adversary into the order of the release."""
    if len(parts) == 1:
        return parts[0]
    back = np.argsort(np.concatenate(rows))

    def column(name: str) -> np.ndarray | None:
        values = [getattr(part, name) for part in parts]
        return None if values[0] is None else np.concatenate(values)[back]

    joined = {
        name: column(name)
        for name in (
            "address",
            "address_confidence",
            "person",
            "person_confidence",
            "opinion",
            "opinion_confidence",
            "credible",
            "k_addresses",
            "k_people",
        )
    }
    return replace(
        parts[0],
        **joined,  # type: ignore[arg-type]
        posterior=_join_posteriors([part.posterior for part in parts], back),
        notes=_notes(parts),
        reliable=bool(np.mean(np.concatenate([part.address for part in parts]) >= 0) >= 0.95),
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


def _notes(parts: list[Guesses]) -> tuple[str, ...]:
    """Say once what several tiles say: counts summed over the map, of extremes the worst."""
    counted: dict[str, int] = {}
    plain: dict[str, None] = {}
    worst: dict[str, tuple[float, str]] = {}
    for part in parts:
        for note in part.notes:
            if found := _COUNTED.match(note):
                counted[found[2]] = counted.get(found[2], 0) + int(found[1])
            elif found := _WORST.match(note):
                worst[found[1]] = max(worst.get(found[1], (0.0, "")), (float(found[2]), note))
            else:
                plain[note] = None
    n = sum(len(part) for part in parts)
    ends = (note for _, note in worst.values())
    return (*(f"{count} of {n} {rest}" for rest, count in counted.items()), *plain, *ends)
