"""`KnownAttack`: what an attack of the library says of itself, once, in its own file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from privaudit._core.checks import an_instance, kind_of, one_of, say
from privaudit.attacks.adversary import Adversary
from privaudit.errors import ParameterError
from privaudit.release.release import DotRelease, Release
from privaudit.words.nouns import NOUNS

__all__ = ["NEEDS", "KnownAttack", "leaked"]

# What an attack may need: how an error names it, and what is to be done about it.
NEEDS = {
    "mask": ("a mask", "Give mask=, or --mask on the command line."),
    "results": ("a results", "Give results=, or --results on the command line."),
    "register": ("a register", "Give register=, or --register on the command line."),
    "electors": ("electors at each address", "Add a column electors to the address file."),
    "copies": ("several copies", "Name every copy, the oldest first."),
    "residents": ("everybody's address", "Give a truth."),
    "names": ("names to ask for", "Give names=."),
    "likes": ("the times of likes", "Give likes=."),
}
# Of these an adversary is made; the others are facts about the release.
_HELD = ("mask", "results", "register", "residents")
T = TypeVar("T")


def leaked(who: str, what: str, held: Any, kind: type[T]) -> T:
    """Check that somebody holds `what` of a kind, without its sources, and return it."""
    needed, do = f"{what} as an adversary holds it", "Call as_leaked() first."
    if not isinstance(held, kind):
        came = kind_of(held) if not isinstance(held, Release) else f"a release of kind {held.kind}"
        raise ParameterError(say(who, needed, came))
    if held.sealed:  # type: ignore[attr-defined]
        raise ParameterError(say(who, needed, "one with its sources", do))
    return held


@dataclass(frozen=True, kw_only=True)
class KnownAttack:
    """An attack's word, what it needs, what its guesses count, and what it can be tried on.

    Help, parsing, the ladder and the catalogues' keys derive from it.

    - `needs`: Keys of `NEEDS` that it cannot do without.
    - `uses`: Others that it takes where they are there.
    - `instead_of`: Of what it is a makeshift: where one of these is there, no ladder has this rung.
    - `counts`: What its guesses count, one of `NOUNS`.
    - `believes`: Makes its adversary of what is held, by name. None: it has a function of its own,
      and is no rung of a ladder.
    - `climbs`: False for an adversary who can be asked for, and is no rung of a ladder.

    Examples
    --------
    >>> KnownAttack(word="nearest", believes=Adversary.nearest).adversary().name
    'nearest'
    """

    word: str
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()
    counts: str = "dots"
    kinds: tuple[type, ...] = (DotRelease,)
    believes: Callable[..., Adversary] | None = None
    climbs: bool = True

    def __post_init__(self) -> None:
        for need in (*self.needs, *self.uses, *self.instead_of):
            one_of("KnownAttack", "needs", need, NEEDS)
        one_of("KnownAttack", "counts", self.counts, tuple(sorted(NOUNS)))
        for kind in self.kinds:
            an_instance("KnownAttack", "kinds", kind, type)

    @property
    def is_rung(self) -> bool:
        """Whether an adversary stands for it, who can be asked for by its word."""
        return self.believes is not None

    def adversary(self, **held: Any) -> Adversary:
        """Return its adversary, who takes of what is held what the attack needs or uses."""
        if self.believes is None:
            raise ParameterError(say("adversary", "a rung of the ladder", repr(self.word)))
        for need in self.needs:
            thing, do = NEEDS[need]
            if held.get(need, True) is None or held.get(need, True) is False:
                raise ParameterError(say("adversary", thing, f"none for '{self.word}'", do))
        taken = {*self.needs, *self.uses} & set(_HELD)
        return self.believes(**{name: held[name] for name in taken if held.get(name) is not None})
