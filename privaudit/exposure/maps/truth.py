"""`Truth`: whom each record really stands for. It never reaches an attack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, kind_of, say
from privaudit._core.policy import ADULT_AGE
from privaudit.errors import ParameterError, SchemaError
from privaudit.simulation.world import LEANINGS, SimulatedWorld

if TYPE_CHECKING:
    from privaudit.places.address_base import AddressBase
    from privaudit.release.release import Release

__all__ = ["GROUPS", "Truth", "usual_leaning"]

GROUPS = ("age_band", "sex", "profession", "station", "zone", "door", "label")
SOURCES = ("account", "person", "marked_address", "marked_household")


@dataclass(frozen=True, eq=False, kw_only=True)
class Truth:
    """What is true behind each record of a release: arrays of length n (records).

    Parameters
    ----------
    person : ndarray of int64
        The person that the record stands for. Several records may stand for one.
    home : ndarray of int64
        The address where that person lives.
    households, residents : ndarray of float
        Households and people who live at `home` (1 or more).
    person_share : ndarray of float
        Chance, 0 to 1, of naming the person by picking one of the people of voting age at
        `home`: 1 / their number; 0 for a minor, who is not among them.
    leaning : ndarray of str
        The person's leaning.
    usual_leaning : ndarray of float
        What guessing the commonest leaning of the person's polling station would give: 1, 0,
        or 1 / number of ties.
    marked_address : ndarray of int64
        The address that the campaign marked, -1 where it marked none.
    groups : pandas.DataFrame
        Columns `GROUPS`. door: ``"right"`` where the marked address is `home`, ``"wrong"``
        where it is another, ``"none"`` where nothing was marked. label: ``"right"`` where the
        presumed leaning is the person's, ``"wrong"`` where it is not, ``"none"`` where the
        record presumes nothing.
    control_person, control_home : ndarray of int64
        Somebody of voting age on the electors' list, who is not in the release, and where that
        person lives; -1 where the release leaves nobody.
    control_households, control_person_share : ndarray of float
    control_leaning : ndarray of str
    addresses : AddressBase
    n_people : int
        People in the whole town: what a register's entry may name.
    unknown : tuple of str
        Columns of `observed` of which the truth says nothing.
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
            polling station who is not in it, without repetition; where the station has none
            left, one of any station; where the town has none left, somebody drawn again.

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
        people = world.people
        homes = people["address"].to_numpy()
        leanings = people["leaning"].to_numpy(dtype=str)
        n_addresses = len(world.addresses)
        households = np.bincount(world.households["address"].to_numpy(), minlength=n_addresses)
        residents = np.bincount(homes, minlength=n_addresses)
        adult = people["age"].to_numpy() >= ADULT_AGE
        adults = np.bincount(homes[adult], minlength=n_addresses)
        share = np.where(adult, 1 / np.maximum(adults[homes], 1), 0.0)

        unique, record_of = np.unique(person, return_inverse=True)
        control = _controls(people, unique, rng)[record_of]
        drawn = control >= 0
        home = homes[person]
        return cls(
            person=person,
            home=home,
            households=households[home].astype(float),
            residents=residents[home].astype(float),
            person_share=share[person],
            leaning=leanings[person],
            usual_leaning=usual_leaning(world, person),
            marked_address=marked,
            groups=_groups(world, release, person, marked),
            control_person=control,
            control_home=np.where(drawn, homes[control], -1),
            control_households=np.where(drawn, households[homes[control]], 1).astype(float),
            control_person_share=np.where(drawn, share[control], 0.0),
            control_leaning=np.where(drawn, leanings[control], ""),
            addresses=world.addresses,
            n_people=len(people),
        )


def _sources(world: SimulatedWorld, release: Release) -> tuple[np.ndarray, np.ndarray]:
    """Check the sealed sources; return the person and the marked address of each record."""
    if not isinstance(world, SimulatedWorld):
        came, do = kind_of(world), "Give what simulate() returned."
        raise ParameterError(say("audit", "a SimulatedWorld as truth", came, do))
    if len(release) == 0:
        raise ParameterError(
            say("Truth", "a release that holds somebody", "0 records", release.why_empty())
        )
    if release.sources is None:
        raise ParameterError(
            say(
                "Truth",
                "a release with its sealed sources",
                "a release without sources",
                "Give what publish() returned; a real file has no truth: score it without one.",
            )
        )
    # Ids fit any world that is large enough: scored against another one, the guesses would
    # look wrong and the release safe.
    if release.world not in ("", world.identity):
        do = "Give the world that the campaign ran in."
        raise ParameterError(say("audit", "the world of the release as truth", "another one", do))
    columns_present("Truth", "column", SOURCES, release.sources.columns, "the sources")
    if len(release.sources) != len(release):
        came = f"{len(release.sources):,} sources for {len(release):,} records"
        raise SchemaError(say("Truth", "one source a record", came))
    person = release.sources["person"].to_numpy(dtype=np.int64)
    marked = release.sources["marked_address"].to_numpy(dtype=np.int64)
    for name, ids, low, count in (
        ("person", person, 0, len(world.people)),
        ("marked_address", marked, -1, len(world.addresses)),
    ):
        if ids.min() < low or ids.max() >= count:
            raise SchemaError(
                say(
                    "Truth",
                    f"each {name} one of the world's {count:,}",
                    "an id outside of it",
                    "Give the world that the release was published from.",
                )
            )
    return person, marked


def _controls(people: pd.DataFrame, taken: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One elector outside of the release for each of `taken`, or -1 where there is nobody."""
    station = pd.factorize(people["station"])[0]
    outside = people["elector"].to_numpy(dtype=bool).copy()
    outside[taken] = False
    pool = rng.permutation(np.flatnonzero(outside))
    if len(pool) == 0:
        return np.full(len(taken), -1, dtype=np.int64)
    # The first of a station's people gets the first of its shuffled pool, and so on.
    wanted = pd.DataFrame({"station": station[taken]})
    offered = pd.DataFrame({"station": station[pool], "control": pool})
    keys = ["station", "turn"]
    matched = wanted.assign(turn=wanted.groupby("station").cumcount()).merge(
        offered.assign(turn=offered.groupby("station").cumcount()),
        how="left",
        on=keys,
        validate="one_to_one",
    )["control"]
    control = matched.fillna(-1).to_numpy(dtype=np.int64).copy()
    without = control < 0
    if without.any():
        left = np.setdiff1d(pool, control, assume_unique=False)
        spare = rng.permutation(left if len(left) else pool)
        control[without] = np.resize(spare, without.sum())
    return control


def usual_leaning(world: SimulatedWorld, person: np.ndarray) -> np.ndarray:
    """Gain of guessing the commonest leaning of each person's polling station."""
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
    """Groups by which exposure may be told, one row a record."""
    people = world.people.iloc[person]
    groups = people[["age_band", "sex", "profession", "station"]].reset_index(drop=True)
    home = people["address"].to_numpy()
    door = np.where(marked == home, "right", np.where(marked >= 0, "wrong", "none"))
    label = np.full(len(person), "none", dtype="<U5")
    if "presumed_leaning" in release.records.columns:
        presumed = release.records["presumed_leaning"].fillna("").to_numpy(dtype=str)
        right = presumed == people["leaning"].to_numpy(dtype=str)
        label = np.where(presumed == "", "none", np.where(right, "right", "wrong"))
    return groups.assign(zone=np.asarray(world.zone)[home], door=door, label=label)
