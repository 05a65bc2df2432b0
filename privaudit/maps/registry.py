"""Registry of attacks, and the ladder that tries each of them on one release, in tiles of dots.

Parsing, help and the catalogues derive from the registry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from functools import reduce
from operator import add
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from privaudit.core import declaration
from privaudit.core.checks import one_of, whole
from privaudit.core.declaration import enter
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import PlaceTree, place_tree, z_order
from privaudit.maps.adversary import Adversary, Attack, KnownAttack, leaked
from privaudit.maps.area_inversion import CROSSES_AREAS
from privaudit.maps.guess import (
    KNOWS_ELECTORS,
    KNOWS_MASK,
    NEAREST,
    AttackRun,
    attempt,
    attempt_together,
    locate_dots,
    uses_posterior,
    with_inferred_mask,
)
from privaudit.maps.heat_inversion import UNDOES_HEAT
from privaudit.maps.masks.digitising_error import as_read
from privaudit.maps.masks.mask import Mask
from privaudit.maps.message_attacks import ASKS_BY_NAME
from privaudit.maps.naming import HOLDS_REGISTER, NEIGHBOUR
from privaudit.maps.opinion import KNOWS_RESULTS
from privaudit.maps.posterior import Guesses, Posterior, PosteriorSummary
from privaudit.maps.undeclared_mask import UNKNOWN_MASK
from privaudit.maps.version_averaging import HOLDS_VERSIONS
from privaudit.maps.version_links import COMPARES_COPIES, TIMES_LIKES
from privaudit.release.release import DotRelease, PictureRelease, Release
from privaudit.screenshots.read_screenshot import read_screenshot
from privaudit.stats.csr import row_of, take_rows
from privaudit.words.catalogues import Note

READS_PICTURE = KnownAttack(word="reads_picture", kinds=(PictureRelease,))


def read_back(release: Release, dot_radius: float | None = None) -> DotRelease:
    """Read the dots of a leaked screenshot.

    Colours are separated, overlapping dots split, and the picture is laid by its edges where it
    says where they are, by the pattern of its dots otherwise (`read_screenshot`).

    - `dot_radius`: How large the application draws them, in pixels; found in the picture if None.
    - returns: One record a dot that was read; `resolution` says how finely.
    """
    held = leaked("read_back", "a screenshot", release, PictureRelease)
    picture = held.picture
    box = None if picture.georeference is None else picture.box
    where: Any = {"addresses": held.backdrop, "bbox": box}
    return read_screenshot(picture.image, dot_radius=dot_radius, **where)


ATTACKS = (
    NEAREST,
    UNKNOWN_MASK,
    KNOWS_MASK,
    KNOWS_ELECTORS,
    KNOWS_RESULTS,
    HOLDS_VERSIONS,
    HOLDS_REGISTER,
    NEIGHBOUR,
    READS_PICTURE,
    CROSSES_AREAS,
    UNDOES_HEAT,
    COMPARES_COPIES,
    TIMES_LIKES,
    ASKS_BY_NAME,
)
# Those whom an adversary stands for, by the word that asks for them.
RUNGS = {attack.word: attack for attack in ATTACKS if attack.is_rung}


def parse_adversary(
    word: str,
    *,
    mask: Mask | None = None,
    register: pd.DataFrame | None = None,
    results: pd.DataFrame | None = None,
    electors: bool = True,
    copies: int = 2,
) -> Adversary:
    """Read a rung of the ladder from one word of a command line.

    Parameters
    ----------
    word : str
        A key of `RUNGS`; a space or hyphen does as well.
    mask, register, results : optional
        What the rung needs of them is taken; the rest is left.
    electors : bool
        Whether the addresses carry electors or residents.
    copies : int
        How many copies of the map there are.

    Returns
    -------
    Adversary

    Raises
    ------
    ParameterError
        Another word, or a rung without what it needs.

    Examples
    --------
    >>> from privaudit.maps.masks.donut import Donut
    >>> parse_adversary("knows-electors", mask=Donut(r_min=50, r_max=200)).name
    'knows_electors'
    """
    plain = "_".join(str(word).strip().lower().replace("-", " ").replace("_", " ").split())
    enter(declaration.ATTACKS, plain, Attack.declared, Attack)
    if plain in Attack.declared and plain not in RUNGS:
        return _own(Attack.declared[plain], mask)
    rung = RUNGS[one_of("parse_adversary", "adversary", plain, {**RUNGS, **Attack.declared})]
    return rung.adversary(
        mask=mask,
        register=register,
        electors=electors,
        copies=copies > 1,
        **({} if register is None else {"residents": register}),
        **({"results": results} if "results" in rung.needs else {}),
    )


def _own(kind: type[Attack], mask: Mask | None) -> Adversary:
    """Make a caller's attack from its word; it may need the mask only."""
    parts: tuple[Any, ...] = fields(kind) if is_dataclass(kind) else ()
    given = {"mask": mask} if mask is not None and "mask" in [f.name for f in parts] else {}
    needed = [
        f.name for f in parts
        if f.init and f.default is MISSING and f.default_factory is MISSING and f.name not in given
    ]  # fmt: skip
    if needed:
        do = "Give it --mask." if needed == ["mask"] else "Use it from Python."
        came = f"a word for one that needs {', '.join(needed)}"
        raise ParameterError.of("parse_adversary", "an attack without parameters", came, do)
    return kind(**given).adversary()


class Tiles(NamedTuple):
    """Rows of each tile, and how many dots are in tiles that are larger than was asked."""

    rows: list[np.ndarray]
    crowded: int


def tiles_of_neighbours(points: np.ndarray, size: int) -> Tiles:
    """Cut dots into tiles of `size`, in the order of their positions.

    - `points` (float, shape (n, 2))

    Examples
    --------
    >>> tiles_of_neighbours(np.array([[0.0, 0], [90, 0], [1, 0]]), 2).rows
    [array([0, 2]), array([1])]
    """
    order = z_order(points)
    return Tiles(list(_slices(order, size)), 0)


def tiles_of_rivals(
    points: np.ndarray, base: AddressBase, adversary: Adversary, size: int
) -> Tiles:
    """Cut dots into tiles so that no two dots of different tiles may be at one address.

    Dots are located slice by slice, and only the addresses that a group of rivals may be at are
    kept, so that the memory is that of `size` dots. Groups are then packed into tiles of `size`
    dots at most. One-to-one assignments of different groups are independent: tiles change no
    probability. A larger group is a tile by itself: where many dots are moved far, most of a
    town is one group.

    - `points` (float, shape (n, 2))
    - `adversary`: With the mask under which dots are read, or none.
    - returns: Each with its rows in ascending order.
    """
    order = z_order(points)
    group = np.empty(len(points), dtype=np.int64)
    ground = place_tree(base.xy)
    pairs, groups = [np.empty((2, 0), dtype=np.int64)], 0
    for rows in _slices(order, size):
        # Ties are not looked at: any draws will do.
        located = locate_dots(
            points[rows], base, adversary, rng=np.random.default_rng(0), keep=True, ground=ground
        )
        posterior = located.kept("climb")
        likely = posterior.probability > 0
        dot, door = row_of(posterior.indptr)[likely], posterior.candidate[likely]
        doors, code = np.unique(door, return_inverse=True)
        label = _components(dot, code.ravel(), len(rows), len(doors))
        group[rows] = groups + label[: len(rows)]
        pairs.append(np.stack([groups + label[len(rows) :], doors]))
        groups += int(label.max()) + 1
    rivals, door = np.concatenate(pairs, axis=1)
    group = _components(rivals, door, groups, len(base))[group]
    # Groups in the order of their first dot, by position.
    first = np.unique(group[order], return_index=True)[1]
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    group = np.unique(group, return_inverse=True)[1].ravel()
    by_group = np.argsort(rank[group], kind="stable")
    members = np.bincount(rank[group])
    return _packed(by_group, members, size)


def _packed(by_group: np.ndarray, members: np.ndarray, size: int) -> Tiles:
    """Put whole groups into tiles, one after the other, as long as they fit."""
    ends = np.cumsum(members)
    rows, start = [], 0
    for k, end in enumerate(ends):
        last = k == len(ends) - 1
        if last or ends[k + 1] - start > size:
            rows.append(np.sort(by_group[start:end]))
            start = int(end)
    return Tiles(rows, int(members[members > size].sum()))


def _components(one: np.ndarray, other: np.ndarray, ones: int, others: int) -> np.ndarray:
    """Return the component of each of `ones`, then of each of `others`."""
    ends = (one, ones + other)
    graph = coo_array((np.ones(len(one), np.int8), ends), shape=(ones + others,) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _slices(order: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, len(order), size):
        yield order[start : start + size]


class Tile(NamedTuple):
    """Rows of a tile, its attacks with their draws, and the notes of all tiles."""

    rows: np.ndarray
    adversary: Adversary
    rng: np.random.Generator
    notes: tuple[Note, ...] = ()
    doubts: tuple[Note, ...] = ()


def attack_all(
    release: Release,
    groups: list[list[tuple[Tile, PosteriorSummary | None]]],
    keep_posterior: bool,
    ground: PlaceTree | None,
) -> list[Guesses]:
    """Attack several tiles of a release, those of a group together: what a worker does.

    - `ground`: The tree of the addresses, where there are any.
    """
    return [
        guesses
        for group in groups
        for guesses in _attack(
            replace(release, records=release.records.iloc[group[0][0].rows]),
            group, keep_posterior, ground,
        )
    ]  # fmt: skip


def _attack(
    release: Release,
    group: list[tuple[Tile, PosteriorSummary | None]],
    keep_posterior: bool,
    ground: PlaceTree | None,
) -> Iterator[Guesses]:
    """Attack one tile, by one adversary or by several who look up the same.

    Where nothing is made of the posterior, a slice of it is held at a time.
    """
    seekers = []
    for tile, keep in group:
        whole_tile = keep_posterior or uses_posterior(tile.adversary)
        seekers.append(AttackRun(tile.adversary, tile.rng, None if whole_tile else False, keep))
    if len(seekers) > 1 and isinstance(release, DotRelease):
        several = attempt_together(release, seekers, ground=ground)
    else:
        several = [
            attempt(release, one.adversary, rng=one.rng, keep=one.keep, summary=keep, ground=ground)
            for one, (_, keep) in zip(seekers, group, strict=True)
        ]
    for guesses, (_, keep) in zip(several, group, strict=True):
        posterior = guesses.posterior
        if keep is not None and posterior is not None and release.backdrop is not None:
            error, beside = keep.of(posterior, guesses.address, release.backdrop.xy)
            guesses = replace(guesses, error=error, beside=beside)
        yield guesses if keep_posterior else replace(guesses, posterior=None)


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
    given = {name for name, value in held.items() if value is not None}
    given |= {"electors"} if electors else set()
    return tuple(
        rung.adversary(**held)
        for rung in RUNGS.values()
        if rung.climbs
        and given.issuperset(rung.needs)
        and given.isdisjoint(rung.instead_of)
        # An adversary that uses a mask waits for one to be known.
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
    keeps = [
        PosteriorSummary(None if beside is None else beside[tile.rows]) if summarise else None
        for _, tile in tasks
    ]
    together = _together(release, [tile for _, tile in tasks])
    # A batch is sent the addresses once, and the tree in which all of it looks them up.
    base = release.backdrop if isinstance(release, DotRelease) else None
    ground = place_tree(base.xy) if base is not None and len(base) else None
    batches = 1 if workers == 1 else min(_BATCHES * workers, len(together))
    shared = [together[k::batches] for k in range(batches)]
    # What attacks do holds the interpreter for a sixth of the time at most: threads start at once,
    # and share the addresses. An attack of one's own is not known to be as good a neighbour.
    own = any(adversary.attack is not None for adversary in adversaries)
    results = Parallel(n_jobs=workers, prefer=None if own else "threads")(
        delayed(attack_all)(
            release,
            [[(tasks[i][1], keeps[i]) for i in group] for group in batch],
            keep_posterior,
            ground,
        )
        for batch in shared
    )
    place = [i for batch in shared for group in batch for i in group]
    done = dict(zip(place, (one for batch in results for one in batch), strict=True))
    ladder = []
    for k in range(len(adversaries)):
        mine = [i for i, task in enumerate(tasks) if task[0] == k]
        first = tasks[mine[0]][1]
        whole_map = _join([done[i] for i in mine], [tasks[i][1].rows for i in mine])
        complete = replace(
            whole_map, notes=first.notes + whole_map.notes, doubts=first.doubts + whole_map.doubts
        )
        ladder.append(complete.with_notes())
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
    adversary, notes, doubts = with_inferred_mask(release, adversary, rng)
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
    present = [part for part in parts if part is not None]
    if len(present) < len(parts):
        return None
    size = np.concatenate([np.diff(part.indptr) for part in present])
    indptr, at = take_rows(np.concatenate([[0], np.cumsum(size)]), back)
    return Posterior(
        indptr,
        np.concatenate([part.candidate for part in present])[at],
        np.concatenate([part.probability for part in present])[at],
    )
