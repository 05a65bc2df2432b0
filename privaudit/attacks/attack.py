"""`Attack`: the base of an attack of one's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import is_dataclass
from typing import Any, ClassVar

import numpy as np

from privaudit._core.by_name import plain_fields
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guesses import Guesses
from privaudit.places.address_base import AddressBase
from privaudit.release.release import Release

__all__ = ["Attack"]


class Attack(ABC):
    """An attack of one's own: what somebody makes of a leaked map or table.

    Say `guess`, and hand the attack over wherever an `Adversary` goes: to `audit`, `frontier`,
    `repeat`. What it knows besides stands in its parameters: a frozen dataclass compares and
    repeats itself. `check_attack` holds it to what is needed.

    - `word`: What it is called, and asked for on the command line; its class where left out.
    - `prior`: Where it has one, what it believes before it sees the map, as `Adversary` has it.
    - `mask`: Where it has one, how it believes dots to have been moved.

    Examples
    --------
    The nearest address, by hand:

    >>> import privaudit as pa
    >>> from scipy.spatial import cKDTree
    >>> class ByHand(pa.Attack):
    ...     def guess(self, leak, addresses, rng):
    ...         dots = leak.records[["x", "y"]]
    ...         return pa.Guesses(address=cKDTree(addresses.xy).query(dots)[1])
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(), seed=7)
    >>> pa.audit(leak, ByHand(), truth=world).attack
    'by_hand'
    """

    word: ClassVar[str] = ""
    declared: ClassVar[dict[str, type[Attack]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.__dict__.get("word"):
            Attack.declared[cls.word] = cls

    @abstractmethod
    def guess(self, leak: Release, addresses: AddressBase, rng: np.random.Generator) -> Guesses:
        """Work out what can be from a leaked release: one guess a record, in its order.

        `leak` has `records`, as an adversary holds them: nothing says whom they stand for.
        `addresses` are those of the place; None where a table has none. `rng` breaks ties.
        """

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def name(self) -> str:
        """What it is called in results: its word, or its class in lower case."""
        word = type(self).__name__
        apart = (
            f"_{now}" if now > "" and now.isupper() and not before.isupper() else now
            for before, now in zip("A" + word, word, strict=False)
        )
        return self.word or "".join(apart).lower()

    def recipe(self) -> dict[str, Any]:
        """Return its parameters as plain JSON values, after its name."""
        own: dict[str, Any] = plain_fields(self) if is_dataclass(self) else {}
        return {"attack": self.name, **own}

    def adversary(self) -> Adversary:
        """Return who attacks so."""
        mask, prior = getattr(self, "mask", None), getattr(self, "prior", "addresses")
        return Adversary(name=self.name, mask=mask, prior=prior, attack=self)
