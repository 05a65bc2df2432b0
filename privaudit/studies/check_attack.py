"""`check_attack`: whether an attack of one's own keeps what every attack promises."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.checks import an_instance, say
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.attack import Attack
from privaudit.attacks.guess import guess
from privaudit.attacks.guesses import Guesses
from privaudit.attacks.ladder import climb
from privaudit.campaign.campaign import Campaign
from privaudit.errors import ParameterError
from privaudit.exposure.maps.homes import Homes
from privaudit.exposure.maps.truth import Truth
from privaudit.places.address_base import AddressBase
from privaudit.release.masks import Donut
from privaudit.release.publish import publish
from privaudit.release.read_map import read_map
from privaudit.release.release import DotRelease, Release
from privaudit.release.views.dot_map import DotMap
from privaudit.simulation.world import SimulatedWorld
from privaudit.studies.audits import attacked
from privaudit.studies.check_mask import small_campaign

__all__ = ["check_attack"]

_TRUTHS = (SimulatedWorld, Campaign, Truth, Homes)
_ARRAYS = ("address", "confidence", "person", "person_confidence", "opinion", "opinion_confidence")


def check_attack(attack: Attack | Adversary, *, seed: int = 7) -> dict[str, float]:
    """Hold an attack to what every attack promises, on a map of a town that it has never seen.

    It returns a guess a record; the same generator makes the same guesses; it leaves what it is
    given as it is; its code names no world, no campaign and no release with its sources, nothing
    that it is given leads to one, and other people behind the same dots change no guess; its
    score counts people; and it can be tried in tiles, and on a file of points alone.

    Parameters
    ----------
    attack : Attack or Adversary
    seed : int
        Of the town, its map, and the ties.

    Returns
    -------
    dict of str to float
        The share of ``people`` whose address was found in that town, and how many there are, ``n``.

    Raises
    ------
    ParameterError
        What it does not keep, in one line.

    Examples
    --------
    >>> import privaudit as pa
    >>> check_attack(pa.Adversary.nearest())["n"] > 10
    True
    """
    an_instance("check_attack", "attack", attack, (Attack, Adversary), "Give one, with brackets.")
    adversary = attack.adversary() if isinstance(attack, Attack) else attack
    who = adversary.name
    if isinstance(attack, Attack):
        _names_no_truth(who, attack)
    campaign = small_campaign(seed)
    mask = adversary.mask or Donut(low=50, high=200)
    release = publish(campaign, DotMap(mask=mask, popup=("sex",)), seed=seed)
    leak = release.as_leaked()
    _leads_to_no_truth(leak, campaign)
    before, places = leak.records.copy(), campaign.world.addresses.frame.copy()
    once = _guessed(leak, adversary)
    # What is changed makes the next guess another one.
    if not leak.records.equals(before) or not campaign.world.addresses.frame.equals(places):
        raise ParameterError(say(who, "the leak left as it is", "one that was changed"))
    _same(who, once, _guessed(leak, adversary), "of the same generator")
    sources = release.opened(who).sample(frac=1, random_state=seed).reset_index(drop=True)
    others = replace(release, sources=sources).as_leaked()
    _same(who, once, _guessed(others, adversary), "over other people")
    found = attacked(release, adversary, truth=campaign.world, seed=seed)
    people = release.opened(who)["person"].nunique()
    if len(found.per_person) != people or float(found.overall["n"]["address"]) != people:
        raise ParameterError(say(who, f"a score of {people:,} people", "another denominator"))
    tiled = climb(leak, (adversary,), seed=seed, dots_a_tile=max(1, len(leak) // 2))[0]
    alone = read_map(leak.records[["x", "y"]], addresses=campaign.world.addresses)
    for made, of in ((tiled, leak), (_guessed(alone, adversary), alone)):
        if len(made) != len(of):
            raise ParameterError(say(who, "a guess a record of any map", f"{len(made):,}"))
    return {"people": float(found.overall["value"]["address"]), "n": float(people)}


def _guessed(leak: DotRelease, adversary: Adversary) -> Guesses:
    return guess(leak, adversary, rng=np.random.default_rng(11))


def _same(who: str, one: Guesses, other: Guesses, where: str) -> None:
    for name in _ARRAYS:
        if not np.array_equal(getattr(one, name), getattr(other, name)):
            raise ParameterError(say(who, f"the same {name} {where}", "others"))


def _names_no_truth(who: str, attack: Attack) -> None:
    """Refuse code that names a truth, among globals or in a closure, or holds one."""
    for name, held in _named_by(attack):
        sealed = isinstance(held, Release) and held.sealed
        if sealed or isinstance(held, _TRUTHS):
            needed = "an attack that cannot reach the truth"
            do = "Hand what the adversary knows over as a parameter."
            came = f"'{name}', {'a release with its sources' if sealed else type(held).__name__}"
            raise ParameterError(say(who, needed, came, do))


def _named_by(attack: Attack) -> Iterator[tuple[str, Any]]:
    """Yield what an attack holds, and what its own code names outside of it."""
    yield from getattr(attack, "__dict__", {}).items()
    for kind in type(attack).__mro__:
        if kind in (Attack, object):
            break
        for value in vars(kind).values():
            value = getattr(value, "__func__", getattr(value, "fget", value))
            if not isinstance(value, types.FunctionType):
                continue
            codes = [value.__code__]
            while codes:
                code = codes.pop()
                codes += [c for c in code.co_consts if isinstance(c, types.CodeType)]
                for name in code.co_names:
                    if name in value.__globals__:
                        yield name, value.__globals__[name]
            cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
            yield from ((name, cell.cell_contents) for name, cell in cells)


def _leads_to_no_truth(leak: DotRelease, campaign: Campaign) -> None:
    """Check that nothing of a leaked release leads to the world that it came from."""
    public = id(campaign.world.addresses)
    secret = [a for a in _arrays(campaign, public) if a.nbytes]
    todo: list[Any] = [leak]
    seen: set[int] = set()
    while todo:
        thing = todo.pop()
        if id(thing) in seen or id(thing) == public:
            continue
        seen.add(id(thing))
        shared = isinstance(thing, np.ndarray) and any(
            np.may_share_memory(thing, s) for s in secret
        )
        if shared or isinstance(thing, _TRUTHS):
            raise ParameterError(
                say("check_attack", "a leak that leads to no truth", "one that does")
            )
        todo += _parts(thing)


def _arrays(thing: Any, public: int) -> list[np.ndarray]:
    """Return every array that can be reached, but those of the public addresses."""
    found, todo, seen = [], [thing], {public}
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, np.ndarray):
            found.append(one)
        todo += _parts(one)
    return found


def _parts(thing: Any) -> list[Any]:
    """Return what a thing leads to."""
    if isinstance(thing, pd.DataFrame):
        numbers = [thing[c].to_numpy() for c in thing if thing[c].dtype.kind in "biufM"]
        return [*numbers, *thing.attrs.values()]
    if isinstance(thing, np.ndarray):
        return [] if thing.base is None else [thing.base]
    if isinstance(thing, AddressBase):
        return [thing.frame]
    if isinstance(thing, (list, tuple)):
        return list(thing)
    if isinstance(thing, dict):
        return list(thing.values())
    if is_dataclass(thing) and not isinstance(thing, type):
        return [getattr(thing, f.name) for f in fields(thing)]
    return []
