"""`Homes`: where the people of a real map live, as whoever holds the map knows it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.by_name import by_name
from privaudit._core.checks import an_instance, say
from privaudit.errors import ParameterError
from privaudit.exposure.maps.truth import Truth
from privaudit.results.exposure import SCORES
from privaudit.results.row import GAINS

if TYPE_CHECKING:
    from privaudit.attacks.adversary import Adversary
    from privaudit.places.address_base import AddressBase
    from privaudit.release.release import Release

__all__ = ["Homes"]


@by_name
@dataclass(frozen=True, eq=False, kw_only=True)
class Homes:
    """A truth of one's own: whom each record of a map stands for. It never reaches an attack.

    Each array has one entry a record of the release; one a row of its file does as well.

    Parameters
    ----------
    address : array_like of int, or of str
        Where each person lives: a row of the addresses, or an ``id`` of theirs. -1 or "" where
        that is not known: nothing is then said of the person.
    person : array_like, optional
        Who each is; equal ones are one person, who counts once. Default: each another one.
    opinion : array_like of str, optional
        What each thinks, in the words of the release.
    entry : array_like of int, optional
        The row of the adversary's register that names each; -1 for none.
    groups : pandas.DataFrame, optional
        Columns by which `Exposure.by` may tell people apart.

    Examples
    --------
    >>> Homes(address=["a1", "a2", ""])
    Homes(3 records)
    """

    address: Any
    person: Any = None
    opinion: Any = None
    entry: Any = None
    groups: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        for name in ("address", "person", "opinion", "entry"):
            if getattr(self, name) is None and name != "address":
                continue
            array = np.asarray(getattr(self, name))
            array = array.astype(str) if array.dtype.kind == "O" else array
            if array.ndim != 1 or (name == "entry" and array.dtype.kind not in "iu"):
                needed = f"{name} one a record" + (", a whole number" if name == "entry" else "")
                raise ParameterError(say("Homes", needed, "another array"))
            object.__setattr__(self, name, array)
        if self.groups is not None:
            an_instance("Homes", "groups", self.groups, pd.DataFrame)
            taken = {f"{part}{gain}" for gain in GAINS for part in _PARTS} | set(SCORES)
            if clash := sorted(taken & set(map(str, self.groups.columns))):
                raise ParameterError(say("Homes", "groups with names of their own", clash[0]))

    def __len__(self) -> int:
        return len(self.address)

    def __repr__(self) -> str:
        return f"Homes({len(self):,} records)"

    def of(self, release: Release) -> tuple[Homes, np.ndarray]:
        """Return what is known of a release, addresses as rows, and of which records.

        Raises
        ------
        ParameterError
            A map without addresses, another number of records, an address that is none of the
            place's, or nobody whose home is known.
        """
        base = release.backdrop
        if base is None:
            needed = "a map over addresses for a truth of one's own"
            raise ParameterError(say("audit", needed, f"a {release.kind} without"))
        row = np.arange(len(self))
        if len(self) != len(release) and release.rows is not None:
            # One a row of the file, of which some could not be used.
            row = release.rows - 1
        if len(row) != len(release) or (len(row) and row.max() >= len(self)):
            came = f"{len(self):,} for {len(release):,}"
            raise ParameterError(say("audit", "a home for each record", came))
        address = _rows(self.address, base)[row]
        known = np.flatnonzero(address >= 0)
        if not len(known):
            raise ParameterError(say("audit", "a home that is known", "none"))
        at = row[known]

        def taken(values: Any) -> Any:
            if values is not None and len(values) != len(self):
                came = f"{len(values):,} for {len(self):,}"
                raise ParameterError(say("Homes", "each array as long as address", came))
            return (
                None
                if values is None
                else values.iloc[at]
                if hasattr(values, "iloc")
                else values[at]
            )

        others = {name: taken(getattr(self, name)) for name in ("person", "opinion", "entry")}
        groups = None if self.groups is None else taken(self.groups.reset_index(drop=True))
        return Homes(address=address[known], groups=groups, **others), known

    def where(self, kept: np.ndarray) -> Homes:
        """Return what is known of some records."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return Homes(**{name: None if v is None else v[kept] for name, v in found.items()})

    @property
    def people(self) -> int:
        """How many people the records stand for."""
        return len(self) if self.person is None else len(np.unique(self.person))

    def truth(self, release: Release, adversary: Adversary, *, rng: np.random.Generator) -> Truth:
        """Return what is true of each record; the control is drawn from the public addresses.

        A control lives where somebody drawn among the people of the same polling station does
        (households, or addresses, where people are not counted), those of the release left out.
        """
        base = release.backdrop
        assert base is not None
        person = np.arange(len(self))
        if self.person is not None:
            person = np.unique(self.person, return_inverse=True)[1]
        control = _controls(base, self.address, person, rng)
        opinion = np.full(len(self), "") if self.opinion is None else self.opinion
        commonest = pd.Series(opinion).mode()
        homes, adults = _counted(base, "households"), _counted(base, "electors")
        return Truth(
            person=person,
            home=self.address,
            households=homes[self.address],
            residents=_counted(base, "residents")[self.address],
            person_share=1 / adults[self.address],
            leaning=opinion,
            usual_leaning=np.isin(opinion, commonest) / max(len(commonest), 1),
            marked_address=np.full(len(self), -1),
            groups=pd.DataFrame(index=range(len(self))) if self.groups is None else self.groups,
            # Nobody whom the truth names; -1 where the place holds nobody else.
            control_person=np.where(control >= 0, person.max() + 1, -1),
            control_home=control,
            control_households=homes[control],
            control_person_share=1 / adults[control],
            control_leaning=np.full(len(self), ""),
            addresses=base,
            n_people=int(person.max()) + 1,
            unknown=self._unknown(adversary),
        )

    def _unknown(self, adversary: Adversary) -> tuple[str, ...]:
        """Columns of `observed` of which nothing is known here."""
        unknown = ["control_opinion"]
        if self.opinion is None:
            unknown += ["opinion", "baseline_opinion"]
        if adversary.register is not None:
            # Which entry names the control is not known either.
            unknown += ["control_person"]
            unknown += ["person", "baseline_person"] if self.entry is None else []
        return tuple(unknown)

    def entries(self, adversary: Adversary) -> np.ndarray | None:
        """Return the person that each entry of the adversary's register names, -1 for nobody."""
        if adversary.register is None:
            return None
        persons = np.full(len(adversary.register), -1)
        if self.entry is not None:
            person = np.arange(len(self))
            if self.person is not None:
                person = np.unique(self.person, return_inverse=True)[1]
            if self.entry.max(initial=-1) >= len(persons):
                raise ParameterError(say("Homes", "entries of the register", "a row beyond it"))
            persons[self.entry[self.entry >= 0]] = person[self.entry >= 0]
        return persons


_PARTS = ("", "baseline_", "control_", "confidence_")


def _rows(address: np.ndarray, base: AddressBase) -> np.ndarray:
    """Return the row of each address, -1 where it is not known."""
    if address.dtype.kind == "U":
        ids = pd.Index(base.frame["id"])
        at = ids.get_indexer(address) if ids.is_unique else np.full(len(address), -1)
        wrong = (at < 0) & (address != "")
        if wrong.any() or not ids.is_unique:
            came = f"{int(wrong.sum()):,} that are none" if ids.is_unique else "ids that repeat"
            raise ParameterError(say("Homes", "ids of the addresses of the map", came))
        return np.asarray(at, dtype=np.int64)
    if address.dtype.kind not in "iu" or (len(address) and address.max() >= len(base)):
        needed = f"addresses as rows 0 to {len(base) - 1:,} of the map's, or as their ids"
        raise ParameterError(say("Homes", needed, "others"))
    return np.asarray(np.maximum(address.astype(np.int64), -1))


def _counted(base: AddressBase, name: str) -> np.ndarray:
    """Return how many live at each address, 1 or more; nan where that is not counted."""
    if name not in base.counts:
        return np.full(len(base), np.nan)
    return np.asarray(np.maximum(base.frame[name].to_numpy(dtype=float), 1))


def _controls(
    base: AddressBase, home: np.ndarray, person: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw the home of somebody of the same station who is not in the release; -1 for nobody."""
    people = base.people()
    weight = base.homes() if people is None else people.copy()
    first = np.unique(person, return_index=True)[1]
    weight = np.maximum(weight - np.bincount(home[first], minlength=len(base)), 0.0)
    station = base.frame["station"].to_numpy(dtype=str)
    drawn = np.full(len(first), -1)
    for name in np.unique(station[home[first]]):
        mine = station[home[first]] == name
        there = weight * (station == name)
        there = there if there.sum() > 0 else weight
        if there.sum() > 0:
            drawn[mine] = rng.choice(len(base), size=int(mine.sum()), p=there / there.sum())
    return np.asarray(drawn[np.unique(person, return_inverse=True)[1]])
