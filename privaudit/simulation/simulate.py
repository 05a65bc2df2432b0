"""`simulate`: draw a town from its parameters and a seed, its kind fitted to a commune."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from privaudit.core.cache import fingerprint, kept_in
from privaudit.core.checks import Floats, Strs, an_instance, check_jobs, one_of
from privaudit.core.progress import Tick, silent, watched
from privaudit.core.reproducible import one_thread, stream
from privaudit.geo.address_base import AddressBase
from privaudit.results.measures import Measures
from privaudit.results.rows import Row, Rows
from privaudit.simulation import quality
from privaudit.simulation.dwellings import (
    MEAN_SIZE,
    Dwellings,
    covering_cells,
    dwellings_from_cells,
    dwellings_from_density,
    dwellings_with_flats,
)
from privaudit.simulation.interactions import interaction_frame
from privaudit.simulation.network import GivenInteractions, draw_members, draw_network, partners
from privaudit.simulation.population import (
    draw_education,
    draw_households,
    draw_leanings,
    draw_people,
    draw_station_shares,
    draw_surnames,
    draw_turnout,
)
from privaudit.simulation.registers import (
    Register,
    draw_directory,
    draw_roll,
    draw_stations,
    fill_stations,
)
from privaudit.simulation.spatial_statistics import shape_of, shared_out
from privaudit.simulation.streets import Fabric
from privaudit.simulation.territory import fictional_territory, mean_people
from privaudit.simulation.town import KINDS, Kind, Town
from privaudit.simulation.world import DATA, SimulatedWorld, age_band
from privaudit.words.catalogues import Note

# Drafts, of so many addresses at most. Drafts differ by chance: later steps are shorter, and the
# last ones are averaged.
_ROUNDS, _AVERAGED, _ENOUGH = 20, 10, 3_000
# Ridge penalty of a change of a parameter, and largest step of its logarithm.
_RIDGE, _FURTHEST = 0.05, 0.25
# Weights of angles: they vary from draft to draft, those to the grid of the town most.
_WEIGHT = {
    ("next_street", 0.25): 0.4,
    **{("street_grid", level): 0.2 for level in (0.25, 0.5, 0.75)},
}
# Bounds of each parameter.
_BOUNDS = {
    "block": (0.3, 40.0), "plot": (5.0, 120.0), "plots": (0.05, 1.2), "rows": (0.02, 0.8),
    "width": (4.0, 30.0), "bare": (0.005, 0.5), "blind": (0.01, 0.7), "gables": (0.02, 0.97),
    "slender": (2.05, 8.0), "lean": (0.03, 1.2), "square": (0.02, 0.97), "astray": (0.05, 1.2),
    "uneven": (0.02, 1.0), "open": (0.004, 0.5), "ragged": (0.03, 0.8), "density": (2.0, 30.0),
    "estates": (0.1, 5.0), "room": (0.3, 6.0),
}  # fmt: skip
_OF_FABRIC = frozenset(field.name for field in fields(Fabric))
# Largest share of isolated addresses: towers are isolated too, but on streets.
_MOST_ISOLATED = 0.3
_Key = tuple[str, int, float]


def kind_like(
    base: AddressBase,
    kind: Kind,
    *,
    cells: pd.DataFrame | None = None,
    rng: np.random.Generator,
) -> Kind:
    """Fit a kind to an address file: its distances, addresses around, angles, and people around.

    Parameters
    ----------
    base : AddressBase
        Real addresses, of which only quantiles are used.
    kind : Kind
        Starting values, and all that quantiles do not determine.
    cells : pandas.DataFrame, optional
        Households on 200 m cells over them, as `read_cells` gives them. Without, the counts of
        the file are used, and without these the kind's own.
    rng : numpy.random.Generator
    """
    people, households = _lived_in(base, cells)
    real = {q[:3]: q.value for q in shape_of(base, people, households)}
    homes = people / MEAN_SIZE if households is None and people is not None else households
    if homes is not None:
        kind = replace(kind, households=max(float(homes.mean()), 1.05))
    kind = replace(kind, hamlets=0.0, alone=_isolated(base.xy), real=real)
    parameters: list[dict[str, float]] = []
    drafted: list[dict[_Key, float]] = []
    for step in range(_ROUNDS):
        drafted.append(_drafted(kind, min(len(base), _ENOUGH), rng))
        parameters.append(_step(kind, _log_ratio(drafted[-1], real), step))
        kind = _with(kind, parameters[-1])
    last = pd.DataFrame(drafted[-_AVERAGED:])
    ranges = {key: (float(q.min()), float(q.max())) for key, q in last.items() if key in real}
    steady = pd.DataFrame(parameters[-_AVERAGED:]).mean()
    averaged = {str(name): float(value) for name, value in steady.items()}
    return _with(replace(kind, drafted=ranges), averaged)


def _isolated(xy: Floats) -> float:
    """Return the share of addresses that have no other within 50 m, capped."""
    from scipy.spatial import cKDTree

    apart = cKDTree(xy).query(xy, k=2)[0][:, 1] > 50.0
    return min(float(apart.mean()), _MOST_ISOLATED)


def _lived_in(base: AddressBase, cells: pd.DataFrame | None) -> tuple[Floats | None, Floats | None]:
    """Return people and households at each address as means of cells; None where unknown."""

    def counted(name: str) -> Floats | None:
        known = name in base.counts and base.frame[name].sum() > 0
        return shared_out(base.xy, base.frame[name].to_numpy(dtype=float)) if known else None

    if cells is None:
        return counted("residents"), counted("households")
    home = covering_cells(base, cells)
    doors = np.maximum(np.bincount(home[home >= 0], minlength=len(cells)), 1)
    people, households = (
        np.where(home >= 0, (cells[name].to_numpy(dtype=float) / doors)[home], 0.0)
        for name in ("residents", "households")
    )
    return people, households


def _drafted(kind: Kind, addresses: int, rng: np.random.Generator) -> dict[_Key, float]:
    """Draft a town of a kind and return its quantiles."""
    base, flats = fictional_territory(round(addresses * kind.households), kind, drafts=1, rng=rng)
    people = mean_people(flats, kind)
    shared = shared_out(base.xy, people), shared_out(base.xy, people / MEAN_SIZE)
    return {q[:3]: q.value for q in shape_of(base, *shared)}


def _log_ratio(drafted: Mapping[_Key, float], real: Mapping[_Key, float]) -> dict[_Key, float]:
    """Return the logarithm of the ratio of each drafted quantile to the real one."""
    return {
        key: float(np.log(max(value, 0.5) / max(real[key], 0.5)))
        for key, value in drafted.items()
        if key in real
    }


def _step(kind: Kind, over: Mapping[_Key, float], step: int) -> dict[str, float]:
    """Return the parameters after one penalised Gauss-Newton step."""
    levers = _sensitivities()
    known = [key for key in levers.index if key in over]
    weight = np.array([_WEIGHT.get(key[::2], 1.0) for key in known])
    slope = levers.loc[known].to_numpy() * weight[:, None]
    off = np.clip([over[key] for key in known], -0.7, 0.7) * weight
    wanted = np.linalg.solve(slope.T @ slope + _RIDGE * np.eye(slope.shape[1]), -slope.T @ off)
    length = 0.7 if step < _ROUNDS - _AVERAGED else 0.3
    factor = np.exp(np.clip(length * wanted, -_FURTHEST, _FURTHEST))
    now = vars(kind) | vars(kind.fabric)
    return {
        name: float(np.clip(now[name] * times, *_BOUNDS[name]))
        for name, times in zip(levers.columns, factor, strict=True)
    }


def _with(kind: Kind, parameters: Mapping[str, float]) -> Kind:
    """Return a kind with some of its parameters, and of its fabric's, changed."""
    fabric: dict[str, Any] = {k: v for k, v in parameters.items() if k in _OF_FABRIC}
    town: dict[str, Any] = {k: v for k, v in parameters.items() if k not in _OF_FABRIC}
    return replace(kind, fabric=replace(kind.fabric, **fabric), **town)


@cache
def _sensitivities() -> pd.DataFrame:
    """Return the derivative of each log quantile by each log parameter of a kind."""
    table = pd.read_csv(DATA / "levers.csv", comment="#")
    return table.set_index(["measure", "metres", "quantile"]).astype(float)


# Incremented whenever the same town and seed would give another world.
VERSION = 12
# Names of the parts, with which `tick` is called in order.
PARTS = ("territory", "people", "leaning", "accounts", "interactions", "registers")
_PEOPLE = [
    "person", "household", "address", "age", "age_band", "sex", "first_name", "last_name",
    "birth_name", "birth_date", "profession", "education", "interest", "elector", "station",
    "leaning", "turnout", "has_account",
]  # fmt: skip


@watched("simulate", parts=6)
def simulate(
    town: Town | None = None,
    *,
    seed: int = 7,
    interactions: pd.DataFrame | None = None,
    pages: pd.DataFrame | None = None,
    generic_likes: bool = True,
    with_quality: bool = True,
    n_jobs: int = 1,
    tick: Tick = silent,
) -> SimulatedWorld:
    """Simulate a town: households, people, leanings, a social network, and registers.

    Parameters
    ----------
    town : Town, optional
        Parameters; a fictional town of 20,000 where None.
    seed : int
        The same seed gives the same world.
    interactions : pandas.DataFrame, optional
        Likes to use instead of drawn ones: columns account and page (ids, as whole numbers or as
        text), time, and kind where it is not always like. Their accounts are assigned at random to
        those of the town, so that likes are independent of people here. Interactions with
        candidates are drawn, unless one of them is among `pages`.
    pages : pandas.DataFrame, optional
        Pages to use instead of drawn ones: column page (ids), and where known kind, side and topic.
        Without `interactions`, likes are drawn, and the first page is the most popular.
    generic_likes : bool
        False leaves out likes of pages that are no candidate's, which take most of the time and are
        used by the score and the interests of profiles only. Nothing else changes.
    with_quality : bool
        False leaves `quality` without a row: for a town among many, of which nobody asks it.
    n_jobs : int
        Threads that draw likes, or -1 for one a core; the result is the same.
    tick : callable
        Called with the name of each part (`PARTS`) as it starts.

    Returns
    -------
    SimulatedWorld
        All people are fictional, also where the addresses are real. Its `quality` has a row a
        target, which is the baseline (nan where there is none), with the range of real communes of
        the kind for spatial statistics.

    Raises
    ------
    ParameterError
        `town` is no `Town`, the seed is negative, the cells hold none of the addresses, or the
        interactions are of more accounts than the town has.
    SchemaError
        A given frame lacks a column, or has ids, kinds or times that cannot be read.

    Examples
    --------
    >>> simulate(Town(inhabitants=300), seed=1)
    SimulatedWorld(300 fictional people, 138 households, ...)
    """
    town = Town() if town is None else town
    an_instance("simulate", "town", town, Town, "Give Town(inhabitants=...).")
    check_jobs("simulate", n_jobs)
    one_of("simulate", "generic_likes", generic_likes, (True, False))
    one_of("simulate", "with_quality", with_quality, (True, False))
    brought = GivenInteractions(interactions, pages)

    def make() -> dict[str, SimulatedWorld]:
        given = town, brought, generic_likes, n_jobs, seed, tick
        return {"world": _simulated(*given, with_quality=with_quality)}

    store = kept_in()
    # Given likes may be real people's: they are never cached.
    if store is None or interactions is not None or pages is not None:
        return make()["world"]
    recipe = {
        "town": dict(town.recipe()),
        "inputs": [fingerprint(frame) for frame in town.frames()],
        "seed": seed,
        "generic_likes": generic_likes,
        **({} if with_quality else {"with_quality": False}),
    }
    kinds = (SimulatedWorld, AddressBase, Measures, Row, Note)
    return store.stage("world", version=VERSION, recipe=recipe, make=make, types=kinds)["world"]


@one_thread(learning=False)
def _simulated(
    town: Town,
    brought: GivenInteractions,
    generic_likes: bool,
    workers: int,
    seed: int,
    tick: Tick,
    *,
    with_quality: bool,
) -> SimulatedWorld:
    """Simulate a town; the order of the random streams defines it."""
    tick("territory")
    kind = _kind(town, seed)
    base, homes = _settle(town, kind, seed)
    tick("people")
    people, households = _populate(town, base, homes, seed)
    station = _stations(town, base, people)
    tick("leaning")
    people = _lean(town, people, households, station, seed)
    tick("accounts")
    pairs, rng = partners(people, households), stream(seed, "accounts")
    members = draw_members(people, town, partner=pairs, rng=rng)
    people["has_account"] = np.isin(people["person"], members.accounts["person"])
    tick("interactions")
    liked, acts = draw_network(
        town, people, members, brought=brought, ordinary=generic_likes, workers=workers, seed=seed
    )
    tick("registers")
    directory = draw_directory(people, households, town, rng=stream(seed, "directory"))
    roll = draw_roll(people, households, station, town, rng=stream(seed, "roll"))
    stations = quality.station_frame(station, base.xy, people, people["address"].to_numpy())
    rows = Rows(len(people), "people")
    if with_quality:
        quality.place_fit(rows, town, homes, people)
        quality.likeness_fit(rows, kind, base, homes, station)
        quality.name_fit(rows, people)
        quality.cell_fit(rows, town, homes)
        quality.station_fit(rows, stations)
        quality.account_fit(rows, town, people, members)
        quality.likes_fit(rows, town, liked, acts, brought.interactions is None)
        quality.political_fit(rows, town, people, members, liked, acts)
        quality.register_fit(rows, town, households, directory, roll)
    recipe = _recipe(town, brought, generic_likes, seed)
    return SimulatedWorld(
        addresses=_counted(base, station, people, households),
        zone=homes.zone,
        stations=stations,
        households=households,
        people=people[_PEOPLE],
        accounts=members.accounts,
        pages=liked.frame,
        interactions=interaction_frame(acts),
        directory=directory.frame,
        roll=roll.frame,
        directory_truth=directory.truth,
        roll_truth=roll.truth,
        quality=Measures(family="simulation", rows=rows, provenance="simulated"),
        brought=brought.interactions is not None or brought.pages is not None,
        identity=_identity(recipe),
        recipe=recipe,
    )


def _recipe(
    town: Town, brought: GivenInteractions, generic_likes: bool, seed: int
) -> dict[str, Any]:
    made: dict[str, Any] = {"stage": "simulate", "version": VERSION, "seed": seed}
    likes = {"generic_likes": generic_likes, **brought.recipe()}
    return {**made, **likes, "town": town.recipe()}


def _identity(recipe: Mapping[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(recipe).encode(), digest_size=16).hexdigest()


def with_roll(world: SimulatedWorld, town: Town, *, seed: int) -> SimulatedWorld:
    """Return the world of a town that differs in the staleness of its roll alone.

    - `town`: That town.
    - `seed`: That of the world. The result is what `simulate` makes of the town by it.

    >>> town, other = Town(inhabitants=300), Town(inhabitants=300, roll_staleness=0.2)
    >>> world = with_roll(simulate(town, seed=1), other, seed=1)
    >>> world.roll.equals(simulate(other, seed=1).roll)
    True
    """
    people, homes = world.people, world.households
    station = world.addresses.frame["station"].to_numpy(dtype=str)
    roll = draw_roll(people, homes, station, town, rng=stream(seed, "roll"))
    rows, before = Rows(len(people), "people"), list(world.quality.rows)
    if before:
        directory = Register(world.directory, world.directory_truth)
        quality.register_fit(rows, town, homes, directory, roll)
    recipe = {**world.recipe, "town": town.recipe()}
    return replace(
        world,
        roll=roll.frame,
        roll_truth=roll.truth,
        # What is said of the registers stands last.
        quality=replace(world.quality, rows=[*before[: len(before) - len(rows)], *rows]),
        identity=_identity(recipe),
        recipe=recipe,
    )


def _kind(town: Town, seed: int) -> Kind:
    """Return the kind of a town, fitted where it is to resemble a commune."""
    kind = KINDS[town.built_like()]
    if town.like is not None:
        kind = kind_like(town.like, kind, cells=town.cells, rng=stream(seed, "like"))
    mean = kind.households if town.homes_per_address is None else town.homes_per_address
    return replace(kind, households=mean, building=town.homes_per_building)


def _settle(town: Town, kind: Kind, seed: int) -> tuple[AddressBase, Dwellings]:
    """Draw the addresses of a town, if fictional, and its households."""
    rng = stream(seed, "dwellings")
    if town.base is None:
        households, land = round(town.inhabitants / MEAN_SIZE), stream(seed, "territory")
        base, flats = fictional_territory(households, kind, name=town.name, rng=land)
        return base, dwellings_with_flats(base, flats, town.inhabitants, rng=rng)
    if town.cells is None:
        size = town.homes_per_building or town.usual_building()
        return town.base, dwellings_from_density(
            town.base, town.inhabitants, building=size, rng=rng
        )
    return town.base, dwellings_from_cells(town.base, town.cells, rng=rng)


def _populate(
    town: Town, base: AddressBase, homes: Dwellings, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw people and households."""
    kind = draw_households(homes.size, rng=stream(seed, "households"))
    xy, rng = base.xy[homes.address], stream(seed, "surnames")
    family_name = draw_surnames(xy, kin_in_town=town.kin_in_town, kin_near=town.kin_near, rng=rng)
    people = draw_people(homes.size, kind, family_name, rng=stream(seed, "people"))
    columns = {"address": homes.address, "size": homes.size, "kind": kind}
    households = pd.DataFrame({"household": np.arange(len(kind)), **columns})
    age = people["age"].to_numpy()
    registered = stream(seed, "electors").random(len(age)) < town.registered
    people = people.assign(
        person=np.arange(len(people)),
        address=homes.address[people["household"]],
        age_band=age_band(age),
        elector=(age >= 18) & registered,
    )
    return people.astype({"age_band": "str"}), households.astype({"kind": "str"})


def _stations(town: Town, base: AddressBase, people: pd.DataFrame) -> Strs:
    """Return the polling station of each address: the file's, or drawn."""
    known = base.frame["station"].to_numpy(dtype=str)
    if (known != "").any():
        return fill_stations(base.xy, known)
    address = people["address"].to_numpy()[people["elector"].to_numpy()]
    electors = np.bincount(address, minlength=len(base))
    return draw_stations(base.xy, electors, town.electors_per_station)


def _lean(
    town: Town, people: pd.DataFrame, households: pd.DataFrame, station: Strs, seed: int
) -> pd.DataFrame:
    """Add polling station, leaning, diploma and turnout."""
    rng = stream(seed, "leaning")
    age, household = people["age"].to_numpy(), people["household"].to_numpy()
    elector = people["elector"].to_numpy()
    names, where = np.unique(station, return_inverse=True)
    home = where[people["address"]]
    electors = np.bincount(home[elector], minlength=len(names))
    # Grown children follow the first adult too; people who share a flat do not.
    kin = (households["kind"] != "shared").to_numpy()[household]
    first = np.searchsorted(household, household)
    head = np.where(kin & (age >= 18), first, np.arange(len(age)))
    follows = (head != np.arange(len(age))) & elector
    clustering = 1 + 2 * town.kin_correlation * follows.sum() / max(elector.sum(), 1)
    shares = draw_station_shares(electors, clustering=clustering, rng=rng)
    profession = people["profession"].to_numpy(dtype=str)
    leaning = draw_leanings(people, home, head, shares, town, rng=rng)
    education = draw_education(age, profession, rng=stream(seed, "education"))
    turnout = draw_turnout(age, education, elector, rng=stream(seed, "turnout"))
    return people.assign(
        station=names[home], leaning=leaning, education=education, turnout=turnout
    ).astype(dict.fromkeys(("station", "leaning", "education", "turnout"), "str"))


def _counted(
    base: AddressBase, station: Strs, people: pd.DataFrame, households: pd.DataFrame
) -> AddressBase:
    """Add stations and counts to the addresses."""
    n = len(base)
    address = people["address"].to_numpy()
    return base.with_counts(
        station=station,
        households=np.bincount(households["address"], minlength=n),
        electors=np.bincount(address[people["elector"].to_numpy()], minlength=n),
        residents=np.bincount(address, minlength=n),
    )
