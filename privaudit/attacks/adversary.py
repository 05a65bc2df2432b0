"""`Adversary`: what somebody who holds a leaked release knows besides."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from privaudit._core.by_name import by_name
from privaudit._core.checks import columns_present, did_you_mean, in_range, kind_of, one_of, say
from privaudit._core.facts_html import facts_html
from privaudit.attacks.guesses import Guesses
from privaudit.errors import ParameterError
from privaudit.release.masks import Mask

__all__ = [
    "DOORS_RIGHT", "LABELS_LIKELY", "LABELS_RIGHT", "READILY", "REGISTERED", "USUAL_PEOPLE",
    "USUAL_SIDE", "Adversary",
]  # fmt: skip


class OwnAttack(Protocol):
    """What an adversary needs of an attack of one's own."""

    def guess(self, leak: Any, addresses: Any, rng: np.random.Generator) -> Guesses:
        """Return a guess for each record."""

    def recipe(self) -> dict[str, Any]:
        """Return its parameters."""


def _alike(one: Any, other: Any) -> bool:
    """Say whether two parameters are the same, frames and arrays by what they hold."""
    if isinstance(one, pd.DataFrame) and isinstance(other, pd.DataFrame):
        return one is other or one.equals(other)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return bool(one == other)


def _weights(prior: Any) -> np.ndarray:
    """Check weights of one's own, one an address."""
    weight = np.asarray(prior)
    good = weight.ndim == 1 and weight.dtype.kind in "iuf"
    if not good or not np.isfinite(weight).all() or (weight < 0).any() or not weight.sum() > 0:
        needed = "prior a finite weight of 0 or more for each address, one of them above 0"
        raise ParameterError(say("Adversary", needed, "another array"))
    return weight.astype(float)


def _trust_in_label(told: Any) -> float | tuple[float, float]:
    """Check a probability, or the two ends of a range of it."""
    if np.ndim(told) == 0:
        return in_range("Adversary", "trust_in_label", told, 0, 1)
    try:
        low, high = (float(end) for end in told)
    except (TypeError, ValueError):
        low = high = np.nan
    if not 0 < low < high < 1:
        needed = "trust_in_label a probability, or two with 0 < low < high < 1"
        raise ParameterError(say("Adversary", needed, "others"))
    return low, high


PRIORS = ("addresses", "electors", "register")
# How often one political like says the side right, where as many people as usual lean to that side.
# Studies found 60 to 70 % (Kristensen et al. 2017); less where the merely curious like it too.
# Nobody sees how many like without leaning that way, journalists, opponents or friends: in
# simulated towns .84 are right where none does (.89 where it takes two likes), .38 where seven
# likers in ten do. The usual share, of all who declare a leaning, none included, moves from place
# to place about as it would among so many people: by .066.
LABELS_RIGHT, LABELS_LIKELY = (0.3, 0.93), (0.5, 0.73)
USUAL_SIDE, USUAL_PEOPLE = 0.225, 40
# Supporters may declare themselves to their campaign so many times as readily as other people.
READILY = 1.5
# Registers name people who have left, and namesakes: a dot then marks another's home. Assumed
# where a campaign made the map, who knows how many strangers opened.
DOORS_RIGHT = (0.92, 0.985)
# Adults who are on the electoral roll, of those at the address of somebody on a map: from .89 of
# all in a tower (INSEE, 2010s) to .98 in a home of two electors; less where whoever is on the map
# is in a directory and on no roll. On maps of simulated towns of 3,000 .906 as a mean, of 20,000
# .917.
REGISTERED = 0.91


class _Named(type):
    """Says which adversary was meant, where a name is spelt wrong."""

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Any:
            known = [word for word in vars(cls) if word[:1] != "_"]
            hint = "" if name[:1] == "_" else did_you_mean(name, known)
            raise AttributeError(f"{cls.__name__} has no adversary '{name}'. {hint}".strip())


@by_name
@dataclass(frozen=True, eq=False, kw_only=True)
class Adversary(metaclass=_Named):
    """What an adversary believes and holds. The classmethods are the rungs of a ladder.

    Parameters
    ----------
    name : str
        The word of its attack, see `attacks.registry`; the catalogues say it.
    mask : Mask, optional
        How the dots are believed to have been moved. None: the adversary knows of no mask and
        takes the nearest address.
    estimates_mask : bool
        True where the mask is to be worked out from the dots themselves.
    swapped : bool
        False where it is known that no dot was swapped with another address: positions alone
        never tell. Only read where the mask is estimated.
    prior : {"addresses", "electors", "register"} or array_like of float
        What makes an address likely before any dot is seen: each the same, in proportion to
        its electors (residents where only they are known), or to its entries in `register`; or
        weights of one's own, 0 or more, one an address.
    register : pandas.DataFrame, optional
        Who is known to live where. ``address`` (row of the backdrop, -1 unknown), and any of
        last_name, first_name, sex, age_band, birth_date, station. Never shown by `repr`.
    needs_register : bool
        True for the neighbour, whom the caller equips later.
    results : pandas.DataFrame, optional
        Published results: ``station``, ``electors`` where known, and one column a leaning with
        its share among electors, in [0, 1]. They revise the trust in a label, station by station.
    one_to_one : bool
        True where no address is believed to have two dots.
    coverage : float
        Share of the people on the map that the register is believed to hold, in (0, 1]: more than
        of all adults, for whoever is on the map was found in a register before.
    trust_in_label : float or (float, float)
        Probability, in [0, 1], that a person with a dot is of the side it declares; or the range in
        which that is assumed to lie where as many people as usual lean to that side (where not
        given, .3 to .93, and most likely .5 to .73). A range is carried over to as many as declared
        that side to the campaign, and revised by the labelled ones among those who declared
        themselves, where a release says how many did.
    right_doors : float, optional
        Probability, above 0, that a person lives where their dot was put before it was moved. None:
        of a campaign's map, between .92 and .985, and learnt from the doors that opened; of a file,
        1.
    side : str
        Leaning of the campaign that drew the map, for a map that does not say it; "" unknown.
    as_of : str
        Date of the release, year-month-day, at which ages are reckoned from birth dates.
    attack : Attack, optional
        An attack of one's own, which then guesses instead; see `Attack.adversary`.

    Raises
    ------
    ParameterError
        A value is out of range, or prior "register" comes without one.
    SchemaError
        The register has no ``address`` column, or the results no ``station``.

    Examples
    --------
    >>> from privaudit.release.masks import Donut
    >>> Adversary.knows_mask(Donut(low=50, high=200))
    Adversary('knows_mask', mask=donut:50:200, prior='addresses')
    """

    name: str
    mask: Mask | None = None
    estimates_mask: bool = False
    swapped: bool = True
    prior: Any = "addresses"
    register: pd.DataFrame | None = field(default=None, repr=False)
    needs_register: bool = False
    results: pd.DataFrame | None = field(default=None, repr=False)
    one_to_one: bool = False
    coverage: float = 0.98
    trust_in_label: float | tuple[float, float] = LABELS_RIGHT
    right_doors: float | None = None
    side: str = ""
    as_of: str = "2016-09-02"
    attack: OwnAttack | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if np.ndim(self.prior):
            object.__setattr__(self, "prior", _weights(self.prior))
        else:
            one_of("Adversary", "prior", self.prior, PRIORS)
        object.__setattr__(self, "trust_in_label", _trust_in_label(self.trust_in_label))
        if self.right_doors is not None:
            in_range("Adversary", "right_doors", self.right_doors, 0, 1, open_low=True)
        in_range("Adversary", "coverage", self.coverage, 0, 1, open_low=True)
        # The class of a mask has the methods of a mask, and would pass for one.
        is_class = isinstance(self.mask, type)
        if self.mask is not None and (is_class or not isinstance(self.mask, Mask)):
            needed = "mask a mask such as Donut(low=50, high=200)"
            came = "the class of one" if is_class else kind_of(self.mask)
            do = "Read a word such as 'donut:50:200' with parse_mask."
            raise ParameterError(say("Adversary", needed, came, do))
        if self.mask is not None and self.estimates_mask:
            needed = "either a mask or estimates_mask"
            raise ParameterError(say("Adversary", needed, "both", "Drop one."))
        if self.prior_word == "register" and self.register is None and not self.needs_register:
            needed = "a register for prior='register'"
            raise ParameterError(say("Adversary", needed, "None", "Pass register=."))
        if self.register is not None:
            columns_present(
                "Adversary", "column", ["address"], self.register.columns, "the register"
            )
        if self.results is not None:
            columns_present("Adversary", "column", ["station"], self.results.columns, "the results")

    def __eq__(self, other: object) -> bool:
        # Frames and arrays of the same content are the same knowledge.
        if type(other) is not type(self):
            return NotImplemented
        return all(_alike(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))

    def __hash__(self) -> int:
        return hash((self.name, self.mask, self.prior_word, self.coverage, self.side, self.as_of))

    def _repr_html_(self) -> str:
        return facts_html(repr(self), self.recipe())

    def __repr__(self) -> str:
        held = "" if self.register is None else f", register of {len(self.register):,} entries"
        mask = "estimated" if self.estimates_mask else self.mask
        held += "" if self.results is None else f", results of {len(self.results):,} stations"
        held += ", one dot an address" if self.one_to_one else ""
        return f"Adversary({self.name!r}, mask={mask}, prior={self.prior_word!r}{held})"

    @property
    def prior_word(self) -> str:
        """The prior in a word: ``"own"`` for weights of one's own."""
        return self.prior if isinstance(self.prior, str) else "own"

    def entries(self, who: str = "guess") -> pd.DataFrame:
        """Return the register for the function `who`, or raise `ParameterError` without one."""
        if self.register is None:
            do = "Pass register= to the adversary (--register on the command line)."
            needed = "a register of who lives where"
            raise ParameterError(say(f"{who} ({self.name})", needed, "None", do))
        return self.register

    def recipe(self) -> dict[str, Any]:
        """Return what is believed and held as plain values; of the register, its size only."""
        told = self.trust_in_label
        return {
            "name": self.name,
            "mask": None if self.mask is None else self.mask.recipe(),
            "estimates_mask": self.estimates_mask,
            "swapped": self.swapped,
            "prior": self.prior_word,
            "register_entries": 0 if self.register is None else len(self.register),
            "results_stations": 0 if self.results is None else len(self.results),
            "one_to_one": self.one_to_one,
            "coverage": self.coverage,
            "trust_in_label": list(told) if isinstance(told, tuple) else told,
            "right_doors": self.right_doors,
            "side": self.side,
            "as_of": self.as_of,
        } | ({} if self.attack is None else dict(self.attack.recipe()))

    @classmethod
    def nearest(cls) -> Adversary:
        """Take the nearest address for the right one, as reverse geocoding does."""
        return cls(name="nearest")

    @classmethod
    def knows_mask(cls, mask: Mask) -> Adversary:
        """Know how the dots were moved, and nothing of who lives where."""
        return cls(name="knows_mask", mask=mask)

    @classmethod
    def knows_electors(cls, mask: Mask) -> Adversary:
        """Know the mask, and how many electors each address has."""
        return cls(name="knows_electors", mask=mask, prior="electors")

    @classmethod
    def knows_results(cls, mask: Mask, results: pd.DataFrame) -> Adversary:
        """Know the mask, the electors of each address, and the result of each polling station."""
        return cls(name="knows_results", mask=mask, prior="electors", results=results)

    @classmethod
    def holds_register(
        cls,
        register: pd.DataFrame,
        *,
        mask: Mask | None = None,
        results: pd.DataFrame | None = None,
        coverage: float = 0.98,
    ) -> Adversary:
        """Hold a register that names people and their addresses, such as the electoral roll.

        What is not needed is given by its name, so that no order need be remembered.

        A directory with one line a household holds far fewer people than a roll: say so with
        `coverage`, or the names will be claimed with too much confidence.
        """
        return cls(
            name="holds_register",
            mask=mask,
            prior="register",
            register=register,
            results=results,
            coverage=coverage,
        )

    @classmethod
    def unknown_mask(
        cls, *, swapped: bool = True, register: pd.DataFrame | None = None
    ) -> Adversary:
        """Know that the dots were moved, not how: work it out from the dots.

        With ``swapped=False`` it is known that none was swapped with another address. A register
        says who lives where, as for `holds_register`.
        """
        prior = "addresses" if register is None else "register"
        return cls(
            name="unknown_mask", estimates_mask=True, swapped=swapped,
            prior=prior, register=register,
        )  # fmt: skip

    @classmethod
    def neighbour(
        cls,
        *,
        mask: Mask | None = None,
        register: pd.DataFrame | None = None,
        results: pd.DataFrame | None = None,
    ) -> Adversary:
        """Know who lives where: a register of all residents, which may be given later."""
        return cls(
            name="neighbour",
            mask=mask,
            prior="register",
            register=register,
            needs_register=True,
            results=results,
            coverage=1.0,
        )
