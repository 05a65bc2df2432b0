"""Who may receive a file: what each holds besides, how long they would take, and what it costs.

Whether somebody can be identified depends on who looks. Each recipient is an assumption that can
be argued with: change it with `dataclasses.replace`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privaudit._core.by_name import by_name
from privaudit._core.checks import in_range, one_of
from privaudit.attacks.adversary import Adversary

__all__ = ["RECIPIENTS", "Recipient", "recipients"]

HOLDS = ("mask", "electors", "results", "directory", "roll", "residents")
# Registers, the one that names most first: whoever holds several reads the first.
REGISTERS = ("residents", "roll", "directory")
_WORKING_HOUR = 3_600.0


@by_name
@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Somebody who has received a file.

    Parameters
    ----------
    word : str
        The catalogues say it.
    holds : tuple of str
        What they know besides, of mask (how dots were moved), electors (how many at each
        address), results (of each polling station), directory, roll (the electoral one) and
        residents (who lives where).
    seconds : float
        For one record.
    hours : float
        That they would give it.
    euros : float
        Cost of an hour.
    near : float
        Metres around their own door beyond which they know nobody; 0: anywhere.

    Raises
    ------
    ParameterError
        Something that nobody holds, or a number below 0.

    Examples
    --------
    >>> Recipient(word="volunteer", seconds=30, hours=1).most
    120.0
    """

    word: str
    holds: tuple[str, ...] = ()
    seconds: float
    hours: float
    euros: float = 0.0
    near: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "holds", tuple(self.holds))
        for one in self.holds:
            one_of("Recipient", "holds", one, HOLDS)
        for name in ("seconds", "hours", "euros", "near"):
            in_range("Recipient", name, getattr(self, name), 0)

    @property
    def most(self) -> float:
        """How many records they get through in their time."""
        return self.hours * _WORKING_HOUR / self.seconds if self.seconds else float("inf")

    def hours_for(self, records: float) -> float:
        """Return the hours that so many records take."""
        return records * self.seconds / _WORKING_HOUR

    def adversary(self, known: Mapping[str, Any]) -> Adversary:
        """Return what they believe, of the things that there are.

        Parameters
        ----------
        known : mapping of str to object
            By the words of `holds`: a mask, whether electors are counted, frames. What they hold
            and is not there, they do without.
        """
        held = {name: known[name] for name in self.holds if known.get(name) is not None}
        mask, results = held.get("mask"), held.get("results")
        register = next((held[name] for name in REGISTERS if name in held), None)
        if "residents" in held:
            return Adversary.neighbour(mask=mask, register=register)
        if register is not None:
            return Adversary.holds_register(register, mask=mask, results=results)
        if mask is None:
            return Adversary.nearest()
        counted = held.get("electors")
        return Adversary.knows_electors(mask) if counted else Adversary.knows_mask(mask)

    def lacks(self, known: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what they would hold, and is not there to be tried."""
        return tuple(name for name in self.holds if known.get(name) is None)


RECIPIENTS = (
    # Walks from door to door with the map on a telephone.
    Recipient(word="volunteer", seconds=30, hours=6),
    # Runs the tool: knows how dots were moved, and how many electors an address has.
    Recipient(word="vendor", holds=("mask", "electors"), seconds=0.01, hours=8, euros=80),
    # Knows who lives around, and looks once.
    Recipient(word="neighbour", holds=("residents",), seconds=20, hours=2, near=200),
    # Checks each name in a directory, by hand.
    Recipient(word="journalist", holds=("directory",), seconds=300, hours=70, euros=40),
    # Has the list of electors, as any candidate may, the results, and a programmer for a week.
    Recipient(
        word="hostile_campaign", holds=("mask", "electors", "results", "roll"),
        seconds=0.1, hours=35, euros=60,
    ),
)  # fmt: skip


def recipients() -> tuple[Recipient, ...]:
    """Return those whom a leak may reach: volunteer, vendor, neighbour, journalist, campaign.

    Examples
    --------
    >>> [one.word for one in recipients()]
    ['volunteer', 'vendor', 'neighbour', 'journalist', 'hostile_campaign']
    """
    return RECIPIENTS
