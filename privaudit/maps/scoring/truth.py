"""The ground truth behind the records of a release; only scores and studies read it.

`Truth` is opened in a simulated world, or made of `Homes` that the owner of a real map gives;
`People` gathers the records of one person.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from privaudit.core.checks import (
    Bools,
    Floats,
    Ints,
    Strs,
    an_instance,
    columns_present,
    keyword_only,
    kind_of,
)
from privaudit.core.thresholds import ADULT_AGE
from privaudit.errors import ParameterError, SchemaError
from privaudit.results.exposure import SCORES
from privaudit.results.rows import GAINS
from privaudit.simulation.world import LEANINGS, SimulatedWorld
from privaudit.stats.csr import entries_between

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase
    from privaudit.maps.adversary import Adversary
    from privaudit.release.release import Release
    from privaudit.results.rows import Rows

GROUPS = ("age_band", "sex", "profession", "station", "zone", "door", "label")
SOURCES = ("account", "person", "marked_address", "marked_household")


@dataclass(frozen=True, eq=False, kw_only=True)
class Truth:
    """The ground truth of each record of a release: arrays of length n (records).

    Parameters
    ----------
    person : ndarray of int64
        The person behind the record. Several records may be of one person.
    home : ndarray of int64
        The address where that person lives.
    households, residents : ndarray of float
        Households and people who live at `home` (1 or more).
    person_share : ndarray of float
        Probability, 0 to 1, of naming the person by picking one of the adults at `home`:
        1 / their number; 0 for a minor.
    leaning : ndarray of str
        The person's leaning.
    usual_leaning : ndarray of float
        Gain of guessing the commonest leaning of the person's polling station: 1, 0, or
        1 / number of ties.
    marked_address : ndarray of int64
        The address that the campaign marked, -1 where it marked none.
    groups : pandas.DataFrame
        Columns `GROUPS`. door: whether the marked address is `home`, ``"right"``, ``"wrong"``,
        or ``"none"`` where nothing was marked. label: likewise, whether the presumed leaning is
        the person's.
    control_person, control_home : ndarray of int64
        An elector who is not in the release, and that person's address; -1 where there is none.
    control_households, control_person_share : ndarray of float
    control_leaning : ndarray of str
    addresses : AddressBase
    n_people : int
        People in the whole town, whom a register's entry may name.
    unknown : tuple of str
        Columns of `observed` that this truth cannot fill.
    """

    person: np.ndarray
    home: np.ndarray
    households: np.ndarray
    residents: np.ndarray
    person_share: np.ndarray
    leaning: np.ndarray
    usual_leaning: np.ndarray
    marked_address: np.ndarray
    groups: pd.DataFrame
    control_person: np.ndarray
    control_home: np.ndarray
    control_households: np.ndarray
    control_person_share: np.ndarray
    control_leaning: np.ndarray
    addresses: AddressBase
    n_people: int
    unknown: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.person)

    def __repr__(self) -> str:
        return f"Truth({len(self):,} records, {len(np.unique(self.person)):,} people)"

    @classmethod
    def of(cls, world: SimulatedWorld, release: Release, *, rng: np.random.Generator) -> Truth:
        """Open the sealed sources of a release and read the truth in the world it came from.

        Parameters
        ----------
        world : SimulatedWorld
        release : Release
            As published, with its sources.
        rng : numpy.random.Generator
            Draws the control people: for each person of the release one elector of the same
            polling station who is not in it, without replacement; where the station has none
            left, one of any station; where the town has none left, with replacement.

        Raises
        ------
        ParameterError
            The release has no record, or no sources (a real file, or `as_leaked()`); `world` is
            no world, or not the one that the release says it came from.
        SchemaError
            The sources lack a column, are not as long as the records, or name people or
            addresses that the world does not have.
        """
        person, marked = _sources(world, release)
        homes, leanings, households, residents, share, usual, station = _census(world)
        unique, record_of = np.unique(person, return_inverse=True)
        elector = world.people["elector"].to_numpy(dtype=bool)
        control = _controls(station, elector, unique, rng)[record_of]
        drawn = control >= 0
        home = homes[person]
        return cls(
            person=person,
            home=home,
            households=households[home].astype(float),
            residents=residents[home].astype(float),
            person_share=share[person],
            leaning=leanings[person],
            usual_leaning=usual[person],
            marked_address=marked,
            groups=_groups(world, release, person, marked),
            control_person=control,
            control_home=np.where(drawn, homes[control], -1),
            control_households=np.where(drawn, households[homes[control]], 1).astype(float),
            control_person_share=np.where(drawn, share[control], 0.0),
            control_leaning=np.where(drawn, leanings[control], ""),
            addresses=world.addresses,
            n_people=len(homes),
        )


def fitting_world(release: Release, world: SimulatedWorld) -> None:
    """Refuse any other world than the one that a release came from.

    Ids fit any world that is large enough: scored against another one, the guesses would look
    wrong and the release safe.
    """
    if not isinstance(world, SimulatedWorld):
        came, do = kind_of(world), "Give what simulate() returned."
        raise ParameterError.of("audit", "a SimulatedWorld as truth", came, do)
    if release.world not in ("", world.identity):
        do = "Give the world that the campaign ran in."
        raise ParameterError.of("audit", "the world of the release as truth", "another one", do)


def _sources(world: SimulatedWorld, release: Release) -> tuple[np.ndarray, np.ndarray]:
    """Check the sealed sources; return the person and the marked address of each record."""
    fitting_world(release, world)
    if len(release) == 0:
        needed = "a release that holds somebody"
        raise ParameterError.of("Truth", needed, "0 records", release.why_empty())
    sources = release.opened("Truth")
    columns_present("Truth", "column", SOURCES, sources.columns, "the sources")
    if len(sources) != len(release):
        came = f"{len(sources):,} sources for {len(release):,} records"
        raise SchemaError.of("Truth", "one source a record", came)
    person = sources["person"].to_numpy(dtype=np.int64)
    marked = sources["marked_address"].to_numpy(dtype=np.int64)
    for name, ids, low, count in (
        ("person", person, 0, len(world.people)),
        ("marked_address", marked, -1, len(world.addresses)),
    ):
        if ids.min() < low or ids.max() >= count:
            needed = f"each {name} one of the world's {count:,}"
            do = "Give the world that the release was published from."
            raise SchemaError.of("Truth", needed, "an id outside of it", do)
    return person, marked


class _Census(NamedTuple):
    """The people of a world, and who lives at each of its addresses; see `Truth`."""

    homes: Ints
    leanings: Strs
    households: Ints
    residents: Ints
    person_share: Floats
    usual_leaning: Floats
    station: Ints


# A world is opened once for each of its releases: what they share is counted once.
_CENSUSES: WeakKeyDictionary[SimulatedWorld, _Census] = WeakKeyDictionary()


def _census(world: SimulatedWorld) -> _Census:
    """Return the counts of a world that do not depend on a release."""
    if (known := _CENSUSES.get(world)) is not None:
        return known
    people, n = world.people, len(world.addresses)
    homes, adult = people["address"].to_numpy(), people["age"].to_numpy() >= ADULT_AGE
    adults = np.bincount(homes[adult], minlength=n)
    census = _Census(
        homes=homes,
        leanings=people["leaning"].to_numpy(dtype=str),
        households=np.bincount(world.households["address"].to_numpy(), minlength=n),
        residents=np.bincount(homes, minlength=n),
        person_share=np.where(adult, 1 / np.maximum(adults[homes], 1), 0.0),
        usual_leaning=usual_leaning(world, np.arange(len(people))),
        station=pd.factorize(people["station"])[0],
    )
    return _CENSUSES.setdefault(world, census)


def _controls(station: Ints, elector: Bools, taken: Ints, rng: np.random.Generator) -> Ints:
    """Draw an elector outside of the release for each of `taken`; -1 where there is none."""
    outside = elector.copy()
    outside[taken] = False
    pool = rng.permutation(np.flatnonzero(outside))
    control = np.full(len(taken), -1, dtype=np.int64)
    if len(pool) == 0:
        return control
    # The first of a station's people gets the first of its shuffled pool, and so on.
    offered, wanted = station[pool] + 1, station[taken] + 1
    many = int(station.max()) + 2
    mine, theirs = (np.argsort(codes, kind="stable") for codes in (wanted, offered))
    sizes = [np.bincount(codes, minlength=many) for codes in (wanted, offered)]
    both, ends = np.minimum(*sizes), [np.cumsum(size) for size in sizes]
    turns = [
        entries_between(end - size, end - size + both)[1]
        for end, size in zip(ends, sizes, strict=True)
    ]
    control[mine[turns[0]]] = pool[theirs[turns[1]]]
    without = control < 0
    if without.any():
        left = np.setdiff1d(pool, control, assume_unique=False)
        spare = rng.permutation(left if len(left) else pool)
        control[without] = np.resize(spare, without.sum())
    return control


def usual_leaning(world: SimulatedWorld, person: np.ndarray) -> np.ndarray:
    """Return the gain of guessing the commonest leaning of each person's polling station."""
    shares = world.stations.set_index("station")[list(LEANINGS)].to_numpy(dtype=float)
    station = pd.Index(world.stations["station"]).get_indexer(
        world.people["station"].to_numpy()[person]
    )
    leaning = pd.Index(LEANINGS).get_indexer(world.people["leaning"].to_numpy()[person])
    commonest = shares == shares.max(axis=1, keepdims=True)
    gain = (commonest / commonest.sum(axis=1, keepdims=True))[station, leaning]
    return np.where((station >= 0) & (leaning >= 0), gain, 0.0)


def _groups(
    world: SimulatedWorld, release: Release, person: np.ndarray, marked: np.ndarray
) -> pd.DataFrame:
    """Return the groups by which exposure may be split, one row a record."""
    shown = ["age_band", "sex", "profession", "station"]
    groups, census = world.people[shown].iloc[person].reset_index(drop=True), _census(world)
    home = census.homes[person]
    door = np.where(marked == home, "right", np.where(marked >= 0, "wrong", "none"))
    label = np.full(len(person), "none", dtype="<U5")
    if "presumed_leaning" in release.records.columns:
        presumed = release.records["presumed_leaning"].fillna("").to_numpy(dtype=str)
        right = presumed == census.leanings[person]
        label = np.where(presumed == "", "none", np.where(right, "right", "wrong"))
    return groups.assign(zone=np.asarray(world.zone)[home], door=door, label=label)


class People:
    """The people of a release, in order, and the shares of them.

    Parameters
    ----------
    truth : Truth
        Of the records of the release.
    """

    def __init__(self, truth: Truth) -> None:
        _, self.first, self.of = np.unique(truth.person, return_index=True, return_inverse=True)
        self.n = len(self.first)
        self.home = truth.home[self.first]
        self.control_home = truth.control_home[self.first]
        self.controlled = truth.control_person >= 0

    def mean(self, per_record: np.ndarray) -> np.ndarray:
        """Mean of each person's records, those of nan left out; nan where all are."""
        known = ~np.isnan(per_record)
        total = np.bincount(self.of, np.where(known, per_record, 0.0), minlength=self.n)
        number = np.bincount(self.of, known, minlength=self.n)
        return np.asarray(np.divide(total, number, out=np.full(self.n, np.nan), where=number > 0))

    def share(
        self,
        rows: Rows,
        name: str,
        gain: str,
        hits: np.ndarray,
        *,
        baseline: float = np.nan,
        control: np.ndarray | None = None,
    ) -> None:
        """Add a share of people; those of one address go together."""
        beside = None
        if control is not None:
            beside = self.mean(np.where(self.controlled, np.asarray(control, dtype=float), np.nan))
        known = None if beside is None else np.isfinite(beside)
        rows.share(
            name,
            self.mean(np.asarray(hits, dtype=float)),
            clusters=self.home,
            gain=gain,
            baseline=baseline,
            control=None if beside is None else beside[known],
            control_clusters=None if beside is None else self.control_home[known],
        )


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True)
class Homes:
    """The truth of a real map, given by its owner; only the score reads it.

    Each array has one entry a record of the release; one a row of its file does as well.

    Parameters
    ----------
    address : array_like of int, or of str
        Where each person lives: a row of the addresses, or one of their ``id``. -1 or "" where
        that is not known: the person is left out.
    person : array_like, optional
        Person of each record; equal values are one person, who counts once. Default: each
        record is another person.
    opinion : array_like of str, optional
        Opinion of each person, in the words of the release.
    entry : array_like of int, optional
        The row of the adversary's register that names each; -1 for none.
    groups : pandas.DataFrame, optional
        Columns by which `Exposure.by` may split people.

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
                raise ParameterError.of("Homes", needed, "another array")
            object.__setattr__(self, name, array)
        if self.groups is not None:
            an_instance("Homes", "groups", self.groups, pd.DataFrame)
            taken = {f"{part}{gain}" for gain in GAINS for part in _PARTS} | set(SCORES)
            if clash := sorted(taken & set(map(str, self.groups.columns))):
                raise ParameterError.of("Homes", "groups with names of their own", clash[0])

    def __len__(self) -> int:
        return len(self.address)

    def __repr__(self) -> str:
        return f"Homes({len(self):,} records)"

    def of(self, release: Release) -> tuple[Homes, np.ndarray]:
        """Return the known homes of a release, addresses as rows, and their records.

        Raises
        ------
        ParameterError
            A map without addresses, another number of records, an unknown address, or no known
            home at all.
        """
        base = release.backdrop
        if base is None:
            needed = "a map over addresses for a truth of one's own"
            raise ParameterError.of("audit", needed, f"a {release.kind} without")
        row = np.arange(len(self))
        if len(self) != len(release) and release.rows is not None:
            # One a row of the file, some of which could not be used.
            row = release.rows - 1
        if len(row) != len(release) or (len(row) and row.max() >= len(self)):
            came = f"{len(self):,} for {len(release):,}"
            raise ParameterError.of("audit", "a home for each record", came)
        address = _rows(self.address, base)[row]
        known = np.flatnonzero(address >= 0)
        if not len(known):
            raise ParameterError.of("audit", "a home that is known", "none")
        at = row[known]

        others: dict[str, Any] = {}
        for name in ("person", "opinion", "entry", "groups"):
            values = getattr(self, name)
            if values is None:
                continue
            if len(values) != len(self):
                came = f"{len(values):,} for {len(self):,}"
                raise ParameterError.of("Homes", "each array as long as address", came)
            others[name] = (
                values[at] if name != "groups" else values.reset_index(drop=True).iloc[at]
            )
        return Homes(address=address[known], **others), known

    def where(self, kept: np.ndarray) -> Homes:
        """Return the homes of some records."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self)}
        return Homes(**{name: None if v is None else v[kept] for name, v in arrays.items()})

    @property
    def people(self) -> int:
        """Number of people behind the records."""
        return len(self) if self.person is None else len(np.unique(self.person))

    def _codes(self) -> np.ndarray:
        """Return the person of each record, as a code."""
        if self.person is None:
            return np.arange(len(self))
        return np.unique(self.person, return_inverse=True)[1]

    def truth(self, release: Release, adversary: Adversary, *, rng: np.random.Generator) -> Truth:
        """Return the `Truth` of each record; controls are drawn from the public addresses.

        A control's home is drawn by the people of the same polling station (households, or
        addresses, where people are not counted), those of the release left out.
        """
        base = release.backdrop
        assert base is not None
        person = self._codes()
        control = _controls_homes(base, self.address, person, rng)
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
            # A person outside of the truth; -1 where the place holds nobody else.
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
        """Return the columns of `observed` that this truth cannot fill."""
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
            person = self._codes()
            if self.entry.max(initial=-1) >= len(persons):
                raise ParameterError.of("Homes", "entries of the register", "a row beyond it")
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
            raise ParameterError.of("Homes", "ids of the addresses of the map", came)
        return np.asarray(at, dtype=np.int64)
    if address.dtype.kind not in "iu" or (len(address) and address.max() >= len(base)):
        needed = f"addresses as rows 0 to {len(base) - 1:,} of the map's, or as their ids"
        raise ParameterError.of("Homes", needed, "others")
    return np.asarray(np.maximum(address.astype(np.int64), -1))


def _counted(base: AddressBase, name: str) -> np.ndarray:
    """Return the count at each address, 1 or more; nan where it is not counted."""
    if name not in base.counts:
        return np.full(len(base), np.nan)
    return np.asarray(np.maximum(base.frame[name].to_numpy(dtype=float), 1))


def _controls_homes(
    base: AddressBase, home: np.ndarray, person: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw a home of the same station for each control person; -1 where there is none."""
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
