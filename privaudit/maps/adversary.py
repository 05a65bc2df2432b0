"""Adversary models: beliefs, trust, side information and means of the holder of a release."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from privaudit.core.checks import (
    an_instance,
    columns_present,
    in_range,
    keyword_only,
    kind_of,
    one_of,
    plain_fields,
)
from privaudit.errors import ParameterError, did_you_mean
from privaudit.geo.address_base import AddressBase
from privaudit.maps.masks.mask import Mask, no_mask
from privaudit.maps.posterior import Guesses
from privaudit.release.release import DotRelease, Release
from privaudit.results.display import facts_html
from privaudit.stats.calibration import Trust, trusted
from privaudit.words.catalogues import NOUNS, Note
from privaudit.words.vocabulary import HoldsWord, PriorWord


def _alike(one: Any, other: Any) -> bool:
    """Return whether two parameters are equal, frames and arrays by their values."""
    if isinstance(one, pd.DataFrame) or isinstance(other, pd.DataFrame):
        return isinstance(one, pd.DataFrame) and bool(one.equals(other))
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return bool(one == other)


def _weights(prior: Any) -> np.ndarray:
    """Check weights of one's own, one an address."""
    weight = np.asarray(prior)
    good = weight.ndim == 1 and weight.dtype.kind in "iuf"
    if not good or not np.isfinite(weight).all() or (weight < 0).any() or not weight.sum() > 0:
        needed = "prior a finite weight of 0 or more for each address, one of them above 0"
        raise ParameterError.of("Adversary", needed, "another array")
    return weight.astype(float)


def _trust_in_label(value: Any) -> float | tuple[float, float]:
    """Check a probability, or the two ends of a range of it."""
    if np.ndim(value) == 0:
        return in_range("Adversary", "trust_in_label", value, 0, 1)
    try:
        low, high = (float(end) for end in value)
    except (TypeError, ValueError):
        low = high = np.nan
    if not 0 < low < high < 1:
        needed = "trust_in_label a probability, or two with 0 < low < high < 1"
        raise ParameterError.of("Adversary", needed, "others")
    return low, high


PRIORS: tuple[PriorWord, ...] = ("addresses", "electors", "register")
# One of these, or a weight for each address.
Prior: TypeAlias = PriorWord | Sequence[float] | np.ndarray | pd.Series
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
# all in a tower (INSEE, 2010s) to .98 in a home of two electors; less where a person on the map
# is in a directory and on no roll. On maps of simulated towns of 3,000 .906 as a mean, of 20,000
# .917.
REGISTERED = 0.91


# Band of those who have no vote.
UNDER_AGE = "0-17"


class _Named(type):
    """Says which adversary was meant, where a name is spelt wrong."""

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Any:
            known = [word for word in vars(cls) if word[:1] != "_"]
            hint = "" if name[:1] == "_" else did_you_mean(name, known)
            raise AttributeError(f"{cls.__name__} has no adversary '{name}'. {hint}".strip())


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True)
class Adversary(metaclass=_Named):
    """What an adversary believes and holds. The classmethods are the rungs of a ladder.

    Parameters
    ----------
    name : str
        The word of its attack, see `privaudit.maps.registry`.
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
        of all adults, since people on the map were found in a register before.
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
    >>> from privaudit.maps.masks.donut import Donut
    >>> Adversary.knows_mask(Donut(r_min=50, r_max=200))
    Adversary('knows_mask', mask=donut:50:200, prior='addresses')
    """

    name: str
    mask: Mask | None = None
    estimates_mask: bool = False
    swapped: bool = True
    prior: Prior = "addresses"
    register: pd.DataFrame | None = field(default=None, repr=False)
    needs_register: bool = False
    results: pd.DataFrame | None = field(default=None, repr=False)
    one_to_one: bool = False
    coverage: float = 0.98
    trust_in_label: float | tuple[float, float] = LABELS_RIGHT
    right_doors: float | None = None
    side: str = ""
    as_of: str = "2016-09-02"
    attack: Attack | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if np.ndim(self.prior):
            object.__setattr__(self, "prior", _weights(self.prior))
        else:
            one_of("Adversary", "prior", self.prior, PRIORS)
        object.__setattr__(self, "trust_in_label", _trust_in_label(self.trust_in_label))
        if self.right_doors is not None:
            in_range("Adversary", "right_doors", self.right_doors, 0, 1, open_low=True)
        in_range("Adversary", "coverage", self.coverage, 0, 1, open_low=True)
        if self.mask is not None and not isinstance(self.mask, Mask):
            needed = "mask a mask such as Donut(r_min=50, r_max=200)"
            raise no_mask("Adversary", needed, self.mask)
        if self.mask is not None and not self.mask.has_likelihood:
            needed, came = "a mask with a likelihood of one dot", f"{self.mask}, which has none"
            do = "Take Adversary.nearest() or Adversary.unknown_mask() (--mask unknown)."
            if self.mask.together:
                do = f"Say how many dots the map has ({self.mask}:1200), or take nearest."
            raise ParameterError.of("Adversary", needed, came, do)
        if self.mask is not None and self.estimates_mask:
            needed = "either a mask or estimates_mask"
            raise ParameterError.of("Adversary", needed, "both", "Drop one.")
        if self.prior_word == "register" and self.register is None and not self.needs_register:
            needed = "a register for prior='register'"
            raise ParameterError.of("Adversary", needed, "None", "Pass register=.")
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
            raise ParameterError.of(f"{who} ({self.name})", needed, "None", do)
        return self.register

    def register_addresses(self, base: AddressBase) -> np.ndarray:
        """Return the address of each entry of the register, plus one; 0 unknown.

        A neighbour knows children too, whom nobody canvasses: they are at no address here.
        """
        register = self.entries()
        row = register["address"].to_numpy()
        if not np.issubdtype(row.dtype, np.integer) or (len(row) and row.max() >= len(base)):
            needed = f"the register's addresses as rows 0 to {len(base) - 1} of the backdrop"
            raise ParameterError.of("guess", needed, "a number beyond it, or none")
        at = np.asarray(np.maximum(row, -1).astype(np.int64) + 1)
        if self.needs_register and "age_band" in register:
            at = np.where((register["age_band"] == UNDER_AGE).to_numpy(dtype=bool), 0, at)
        return at

    def missing_an_address(self, entries: np.ndarray) -> float:
        """Return how many people the register is believed to miss at each address.

        The same number everywhere, whatever is registered there: so it is where dwellers come
        independently of each other (Poisson) and each is missed with the same chance.
        """
        return (1 / self.coverage - 1) * float(entries.sum()) / len(entries)

    def recipe(self) -> dict[str, Any]:
        """Return what is believed and held as plain values; of the register, its size only."""
        trust = self.trust_in_label
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
            "trust_in_label": list(trust) if isinstance(trust, tuple) else trust,
            "right_doors": self.right_doors,
            "side": self.side,
            "as_of": self.as_of,
        } | ({} if self.attack is None else dict(self.attack.recipe()))

    @classmethod
    def nearest(cls, *, prior: Prior = "addresses") -> Adversary:
        """Take the nearest address for the right one, as reverse geocoding does.

        The prior makes its baseline, and no guess.
        """
        return cls(name="nearest", prior=prior)

    @classmethod
    def knows_mask(cls, mask: Mask, *, prior: Prior = "addresses") -> Adversary:
        """Know how the dots were moved, and nothing of who lives where."""
        return cls(name="knows_mask", mask=mask, prior=prior)

    @classmethod
    def knows_electors(cls, mask: Mask, *, prior: Prior = "electors") -> Adversary:
        """Know the mask, and how many electors each address has."""
        return cls(name="knows_electors", mask=mask, prior=prior)

    @classmethod
    def knows_results(
        cls, mask: Mask, results: pd.DataFrame, *, prior: Prior = "electors"
    ) -> Adversary:
        """Know the mask, the electors of each address, and the result of each polling station."""
        return cls(name="knows_results", mask=mask, prior=prior, results=results)

    @classmethod
    def holds_register(
        cls,
        register: pd.DataFrame,
        *,
        mask: Mask | None = None,
        results: pd.DataFrame | None = None,
        coverage: float = 0.98,
        prior: Prior = "register",
    ) -> Adversary:
        """Hold a register that names people and their addresses, such as the electoral roll.

        What is not needed is given by its name, so that no order need be remembered.

        A directory with one line a household holds far fewer people than a roll: say so with
        `coverage`, or the names will be claimed with too much confidence.
        """
        return cls(
            name="holds_register", mask=mask, prior=prior, register=register,
            results=results, coverage=coverage,
        )  # fmt: skip

    @classmethod
    def unknown_mask(
        cls,
        *,
        swapped: bool = True,
        register: pd.DataFrame | None = None,
        prior: Prior | None = None,
    ) -> Adversary:
        """Know that the dots were moved, not how: work it out from the dots.

        With ``swapped=False`` it is known that none was swapped with another address. A register
        says who lives where, as for `holds_register`, and is then the prior where none is given.
        """
        own: Prior = "addresses" if register is None else "register"
        return cls(
            name="unknown_mask", estimates_mask=True, swapped=swapped,
            prior=own if prior is None else prior, register=register,
        )  # fmt: skip

    @classmethod
    def neighbour(
        cls,
        *,
        mask: Mask | None = None,
        register: pd.DataFrame | None = None,
        results: pd.DataFrame | None = None,
        prior: Prior = "register",
    ) -> Adversary:
        """Know who lives where: a register of all residents, which may be given later."""
        return cls(
            name="neighbour", mask=mask, prior=prior, register=register,
            needs_register=True, results=results, coverage=1.0,
        )  # fmt: skip


def trust_in_labels(
    checked: tuple[int, int, int, int] | None, stated: float | tuple[float, float] = LABELS_RIGHT
) -> Trust:
    """Return how often a label is right: as stated, or a range revised by who declared a leaning.

    - `checked`: As of `Release.labels_checked`: labelled people who declared the label's leaning,
      and who declared any; people who declared that leaning, labelled or not, and any.
    - `stated`: `Adversary.trust_in_label`: a probability, or the ends of the range assumed where
      as many people as usual lean that way. Within the usual one most would look between
      `LABELS_LIKELY`, which gives the value, and not the range.

    What holds from place to place is how many times likelier the label is for those who lean that
    way, and not how often it is right. So the range is carried over, in odds, from the usual
    share of people who lean that way to that of this place (Bayes): the one of all who declared
    themselves, drawn towards the usual one as if `USUAL_PEOPLE` more had declared that. How far
    they leave that share open widens the range, and so does that supporters may declare themselves
    more readily than others, or less (`READILY`).
    """
    if not isinstance(stated, tuple):
        return Trust(stated, stated, stated)
    right, of, side, declared = checked or (0, 0, 0, 0)
    people = declared + USUAL_PEOPLE
    here = (side + USUAL_SIDE * USUAL_PEOPLE) / people
    moved = math.log(here / (1 - here)) - math.log(USUAL_SIDE / (1 - USUAL_SIDE))
    unsure = 1 / math.sqrt(people * here * (1 - here))
    readily = READILY if declared else 1.0
    likely = LABELS_LIKELY if stated == LABELS_RIGHT else None
    return trusted(*stated, right, of, likely=likely, moved=moved, unsure=unsure, readily=readily)


def trust_note(of: str, trust: Trust) -> Note:
    """Return the note that says what the trust in ``"labels"`` or ``"doors"`` rests on."""
    bounds = {"share": trust.value, "low": trust.low, "high": trust.high}
    if trust.of:
        return Note(f"{of}_trusted_as_learnt", **bounds, right=trust.right, of=trust.of)
    return Note(f"{of}_trusted_as_assumed", **bounds)


def trust_in_doors(release: Release, adversary: Adversary) -> Trust:
    """Return how often a person is believed to live where their dot was put before any mask.

    As given to the adversary; else, of a campaign's map, an assumed range (`DOORS_RIGHT`), revised
    by the doors that opened to it. Of a file it is taken for certain.
    """
    stated = adversary.right_doors
    if stated is None and release.doors_checked is not None:
        return trusted(*DOORS_RIGHT, *release.doors_checked)
    sure = 1.0 if stated is None else stated
    return Trust(sure, sure, sure)


class Attack(ABC):
    """An attack of the caller's own on a leaked map or table.

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
    >>> class ByHand(pa.maps.Attack):
    ...     def guess(self, leak, addresses, rng):
    ...         dots = leak.records[["x", "y"]]
    ...         return pa.maps.Guesses(address=cKDTree(addresses.xy).query(dots)[1])
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
        prior: Any = getattr(self, "prior", "addresses")
        mask = getattr(self, "mask", None)
        return Adversary(name=self.name, mask=mask, prior=prior, attack=self)


# What an attack may need: how an error names it, and what is to be done about it.
NEEDS = {
    "mask": (
        "a mask",
        "Give mask=, or --mask on the command line: pa.masks.Exact(), or none, of unmoved dots.",
    ),
    "results": ("results", "Give results=, or --results on the command line."),
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
    """Check that a release is of the kind needed and has no sources, and return it."""
    needed, do = f"{what} as an adversary holds it", "Call as_leaked() first."
    if not isinstance(held, kind):
        came = kind_of(held) if not isinstance(held, Release) else f"a release of kind {held.kind}"
        raise ParameterError.of(who, needed, came)
    if held.sealed:  # type: ignore[attr-defined]
        raise ParameterError.of(who, needed, "one with its sources", do)
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
        """Whether it has an adversary, who can be asked for by its word."""
        return self.believes is not None

    def adversary(self, **held: Any) -> Adversary:
        """Return its adversary, with what the attack needs or uses of `held`."""
        if self.believes is None:
            raise ParameterError.of("adversary", "a rung of the ladder", repr(self.word))
        for need in self.needs:
            need_name, do = NEEDS[need]
            if held.get(need, True) is None or held.get(need, True) is False:
                raise ParameterError.of("adversary", need_name, f"none for '{self.word}'", do)
        taken = {*self.needs, *self.uses} & set(_HELD)
        return self.believes(**{name: held[name] for name in taken if held.get(name) is not None})


HOLDS = ("mask", "electors", "results", "directory", "roll", "residents")
# Registers, the one that names most first: of several, the first is used.
REGISTERS = ("residents", "roll", "directory")
_WORKING_HOUR = 3_600.0


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A recipient of a file.

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
    holds: tuple[HoldsWord, ...] = ()
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
            and is not there, they do without; so also where a mask has no likelihood.
        """
        held = {name: known[name] for name in self.holds if known.get(name) is not None}
        if "mask" in held and not held["mask"].has_likelihood:
            del held["mask"]
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
        """Return the knowledge that the recipient would have but the data lack."""
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

    Returns
    -------
    tuple of Recipient

    Examples
    --------
    >>> [one.word for one in recipients()]
    ['volunteer', 'vendor', 'neighbour', 'journalist', 'hostile_campaign']
    """
    return RECIPIENTS
