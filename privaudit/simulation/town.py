"""`Town`: parameters of a simulated town, with the source of each default, and kinds of town."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from privaudit.core.checks import (
    an_instance,
    columns_present,
    in_range,
    keyword_only,
    one_of,
    ordered,
    plain_fields,
    whole,
)
from privaudit.core.thresholds import FEWEST_ADDRESSES
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.simulation.dwellings import MEAN_SIZE, expected_households
from privaudit.simulation.spatial_statistics import real_quantiles, real_ranges
from privaudit.simulation.streets import Fabric
from privaudit.simulation.world import read_figures, scenario_ranges
from privaudit.words.vocabulary import KindWord

if TYPE_CHECKING:
    import pandas as pd

INHABITANTS = (200, 1_200_000)
# Metropolitan France, 2013-2017: people a household, and people of all ages an elector.
_HOUSEHOLD_SIZE = 2.2
_PEOPLE_PER_ELECTOR = 1.4
SCENARIOS = scenario_ranges("town")
_CELL_COUNTS = ("residents", "households", "one_person", "five_plus", "in_houses")
_HOMES = {"homes_per_address": (1.05, 200.0), "homes_per_building": (2.0, 1_000.0)}
_SHARES = (
    *(SCENARIOS.keys() - _HOMES.keys()),
    "partisan_pages", "age_in_taste", "sex_in_taste", "couple_in_taste",
)  # fmt: skip
# Bounds of each parameter that is a real number.
_RANGES = dict.fromkeys(_SHARES, (0.0, 1.0)) | {
    "candidate_reach": (0.0, 0.2), "top_reach": (0.01, 0.5), "duplicate_accounts": (0.0, 0.5),
    "shared_accounts": (0.0, 0.5), "popularity": (0.0, 10.0), "page_slope": (0.0, 10.0),
    "page_political_sd": (0.0, 10.0), "label_noise": (0.0, 10.0), "partisan_position": (0.0, 10.0),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Parameters of a kind of town, fitted to real communes of the kind (`data/kinds.toml`).

    Parameters
    ----------
    name : str
    households : float
        Households an address.
    density : float
        Addresses a hectare.
    centre, hamlets, alone : float
        Shares of addresses in the centre, in hamlets, and isolated beyond the edge: in real dense
        communes .95 % have no other address within 50 m.
    fabric : Fabric
        Streets and plots.
    building : float, optional
        Mean households of a building of flats. Where None 26 are aimed at, and more are drawn
        where buildings crowd (decision 57).
    estates : float
        Clustering of buildings of flats: standard deviation of a logarithm.
    room : float
        Their density falls with this power of the number of addresses around.
    open, ragged : float
        Share of the doors on unbuilt ground (woods, works, rails), and standard
        deviation of the logarithm of the town's radius between directions.
    real : Mapping[tuple[str, int, float], float], optional
        Target quantiles of its addresses (`shape_of`); those of the real communes of the kind where
        None.
    drafted : Mapping[tuple[str, int, float], tuple[float, float]]
        Lowest and highest quantile of the towns that were drafted while fitting to one commune.
    """

    name: str
    households: float
    density: float
    centre: float
    hamlets: float
    fabric: Fabric
    estates: float
    room: float
    alone: float = 0.0
    building: float | None = None
    open: float = 0.0
    ragged: float = 0.15
    real: Mapping[tuple[str, int, float], float] | None = None
    drafted: Mapping[tuple[str, int, float], tuple[float, float]] = field(default_factory=dict)

    def targets(self) -> Mapping[tuple[str, int, float], float]:
        """Return the target quantiles of a town of the kind."""
        return real_quantiles(self.name) if self.real is None else self.real

    def ranges(self) -> Mapping[tuple[str, int, float], tuple[float, float]]:
        """Return the range of each quantile over real communes of the kind, if several."""
        return real_ranges(self.name) if self.real is None else {}


KINDS = {
    name: Kind(name=name, **{**numbers, "fabric": Fabric(**numbers["fabric"])})
    for name, numbers in read_figures("kinds").items()
}


def kind_by_people(people_an_address: float) -> KindWord:
    """Return the kind of a real commune: rural under 5 people an address, dense from 12."""
    return "rural" if people_an_address < 5 else "mixed" if people_an_address < 12 else "dense"


def kind_by_size(inhabitants: int) -> KindWord:
    """Return the kind of a town by its size: rural under 5,000 people, dense from 100,000."""
    return "rural" if inhabitants < 5_000 else "mixed" if inhabitants < 100_000 else "dense"


@keyword_only
@dataclass(frozen=True, kw_only=True, eq=False)
class Town:
    """Parameters of a simulated town. Shares are in [0, 1]; a *scenario* has no published figure.

    Parameters
    ----------
    inhabitants : int
        People of all ages, 200 to 1,200,000.
    name : str
        Name of the fictional commune.
    electors_per_station : int
        Electors of a polling station; French stations are split above about 1,000.
    registered : float
        Share of adults on the electoral roll of the town.
    kind : {"dense", "mixed", "rural"}, optional
        Kind of real communes that a fictional town is modelled on and compared with in `quality`:
        many flats, houses and flats, a village. Where None, rural below 5,000 inhabitants, dense
        from 100,000; of real addresses, rural below 5 people an address, dense from 12.
    like : AddressBase, optional
        Real addresses whose spatial statistics the fictional town is fitted to, with those of
        people around where `cells` are given; `quality` compares it with them.
    kin_in_town, kin_near : float
        Share of households that take their surname from another household of the town (scenario),
        and share of these whose kin live nearby (scenario). With .12, some .2 % of the adults of a
        town of 20,000 share first and last name with another adult; with .8 some 5 %.
    kin_correlation : float
        Correlation of each leaning between the first adult of a home and their kin (scenario).
    directory_coverage : float
        Share of homes with a line in the directory, .3 to .7 in 2016 (scenario).
    directory_opt_out : float
        Share of homes that opted out of the directory (scenario).
    directory_staleness : float
        Share of the directory's lines whose subscriber has left the dwelling (scenario).
    roll_staleness : float
        Share of the roll's entries with a former address (scenario).
    city_shown, fake_accounts : float
        Share of accounts that show their city, and that bear an invented name (scenario).
    duplicate_accounts, shared_accounts : float
        Shares of accounts that are a person's second one, 0 to .1, and that a couple shares, 0 to
        .05 (scenario).
    candidate_reach : float
        Share of accounts that interacted with the candidate of the right at least once.
    non_aligned : float
        Share of accounts whose political likes follow no leaning: journalist, opponent, friend
        (scenario). With .3, some .38 of the accounts that touched the right's candidate are of this
        kind, and a label from one like is wrong for .37; with 0, .2, .4 and .6 for .13, .30, .43
        and .56. The party liked most is right for .76 of voters at .2 and .68 at .3 (`own_side`).
    own_side : float
        Share of the other political likers who like the side they lean to, not one beside it. With
        the default, the party of two in three voters is predicted from their likes of politicians,
        as Kristensen et al. (2017) found: 60 to 70 %.
    no_party_likers : float
        Share of adults who lean to no party and like a candidate, over that of the others
        (scenario).
    pages : int
        Pages, posts, groups and events that are no candidate's. Default: as many as in Kosinski et
        al. (2013), so that a town of 20,000 has many pages with few likers or none.
    partisan_pages : float
        Share of these that are of one bloc.
    popularity : float
        Exponent of Zipf's law of the pages' likers.
    top_reach : float
        Share of accounts that like the most popular page, .1 to .5 (scenario): Zipf's law is
        shifted so as to meet it.
    page_slope, page_political_sd, partisan_position, label_noise : float
        Informativeness of likes: weight of traits, spread of ordinary pages on the political axis,
        place of partisan pages on it, and spread of people of one bloc on it.
    age_in_taste, sex_in_taste, couple_in_taste : float
        Correlation of an axis of taste with age, sex, and living as a couple.
    mean_likes, median_likes : float
        Mean and median of the likes of an account, log-normal.
    base : AddressBase, optional
        Real addresses at which the fictional people live; a fictional territory where None.
    cells : pandas.DataFrame, optional
        Households on 200 m cells, as `privaudit.io.public_counts.read_cells` gives them.
    homes_per_address : float, optional
        Mean households at an address; that of the kind where None (dense 7.6, mixed 4.15, rural
        1.9; in communes 5.7 to 12.9, 2.5 to 5.5 and 1.5 to 2.2, by their people an address). The
        number of households stays: more homes at an address make fewer addresses. Of real
        addresses the people follow from it. None where cells or the file count households.
    homes_per_building : float, optional
        Mean households of a building of flats, above `homes_per_address`. Where None 20 of real
        addresses, and about 9 in rural, 20 in mixed and 26 in dense towns, too many of them in the
        largest: in a town like Joinville-le-Pont 15 reveals what real cells do (see the page on
        validation). Buildings that draw one home are houses, so that 9 gives 9.5. Around it 15 to
        22 by building; four fifths of the households in flats are in cells of 9 to 48.

    Raises
    ------
    ParameterError
        A parameter is out of range, or two contradict each other.
    SchemaError
        `cells` lacks a column.

    Notes
    -----
    The generator of likes is tuned so that a logistic model on 100 singular vectors of the likes
    separates the left bloc from the right one with an area under the ROC curve of .85, as reported
    for Democrats and Republicans.

    References
    ----------
    Kosinski, M., Stillwell, D. and Graepel, T. (2013). Private traits and attributes are
    predictable from digital records of human behavior. PNAS 110, 5802-5805.
    Kristensen, J. B. et al. (2017). Parsimonious data: how a single Facebook like predicts voting
    behavior in multiparty systems. PLoS ONE 12, e0184562.

    Examples
    --------
    >>> Town(inhabitants=2_000)
    Town(2,000 inhabitants, fictional territory)
    """

    inhabitants: int = 20_000
    name: str = "Valorge-sur-Brune"
    electors_per_station: int = 900
    registered: float = 0.89
    kind: KindWord | None = None
    like: AddressBase | None = None
    kin_in_town: float = 0.12
    kin_near: float = 0.5
    kin_correlation: float = 0.5
    directory_coverage: float = 0.5
    directory_opt_out: float = 0.2
    directory_staleness: float = 0.1
    roll_staleness: float = 0.08
    city_shown: float = 0.6
    fake_accounts: float = 0.03
    duplicate_accounts: float = 0.05
    shared_accounts: float = 0.02
    candidate_reach: float = 0.045
    non_aligned: float = 0.3
    own_side: float = 0.89
    no_party_likers: float = 0.2
    pages: int = 55_814
    partisan_pages: float = 0.01
    popularity: float = 0.9
    top_reach: float = 0.25
    page_slope: float = 0.6
    page_political_sd: float = 0.345
    partisan_position: float = 2.0
    label_noise: float = 0.3
    age_in_taste: float = 0.95
    sex_in_taste: float = 0.8
    couple_in_taste: float = 0.0
    mean_likes: float = 170.0
    median_likes: float = 82.0
    base: AddressBase | None = None
    cells: pd.DataFrame | None = None
    homes_per_address: float | None = None
    homes_per_building: float | None = None

    def __post_init__(self) -> None:
        an_instance("Town", "name", self.name, str)
        whole("Town", "inhabitants", self.inhabitants, *INHABITANTS)
        whole("Town", "electors_per_station", self.electors_per_station, 50)
        whole("Town", "pages", self.pages, 100, 1_000_000)
        if self.kind is not None:
            one_of("Town", "kind", self.kind, tuple(KINDS))
        for name in ("base", "like"):
            if getattr(self, name) is not None:
                an_instance("Town", name, getattr(self, name), AddressBase, "Use read_addresses.")
        places = 0 if self.like is None else len(self.like.frame[["x", "y"]].drop_duplicates())
        if self.like is not None and (self.base is not None or places < FEWEST_ADDRESSES):
            needed = f"like to be {FEWEST_ADDRESSES} places with an address or more, without a base"
            came = f"{places:,} and {'a' if self.base is not None else 'no'} base"
            raise ParameterError.of("Town", needed, came)
        for name, bounds in _RANGES.items():
            in_range("Town", name, getattr(self, name), *bounds)
        for name in ("median_likes", "mean_likes"):
            in_range("Town", name, getattr(self, name), 1, self.pages / 4)
        ordered("Town", "median_likes", self.median_likes, "mean_likes", self.mean_likes)
        if self.directory_coverage + self.directory_opt_out > 1:
            needed = "directory_coverage + directory_opt_out of at most 1"
            came = f"{self.directory_coverage:g} + {self.directory_opt_out:g}"
            raise ParameterError.of("Town", needed, came, "A home that opted out has no line.")
        if self.base is not None and not len(self.base):
            raise ParameterError.of("Town", "at least one address", "an empty base")
        if self.cells is not None:
            if self.base is None and self.like is None:
                do = "Use Town.from_addresses, or give like=."
                raise ParameterError.of("Town", "addresses with cells", "cells alone", do)
            columns_present("Town", "count", _CELL_COUNTS, self.cells.columns, "the cells")
        self._check_homes()

    def _check_homes(self) -> None:
        """Refuse homes an address or a building that are out of range, or known otherwise."""
        for name, (low, high) in _HOMES.items():
            if getattr(self, name) is None:
                continue
            in_range("Town", name, getattr(self, name), low, high)
            if self.counts_homes():
                needed, do = f"{name} or counts of households, not both", "Leave it out."
                raise ParameterError.of("Town", needed, "both", do)
        mean, size = self.homes_per_address, self.homes_per_building
        if mean is not None and size is not None and size <= mean:
            needed = "homes_per_building above homes_per_address"
            raise ParameterError.of("Town", needed, f"{size:g} and {mean:g}")
        if mean is not None and self.base is not None:
            people = _people_in(mean, self.base)
            if self.inhabitants != people:
                needed = f"{people:,} inhabitants for {mean:g} homes at each address"
                do = "Leave inhabitants out of Town.from_addresses."
                raise ParameterError.of("Town", needed, f"{self.inhabitants:,}", do)

    def counts_homes(self) -> bool:
        """Whether cells or the address file count the households, which are then not assumed."""
        counted = self.base is not None and "households" in self.base.counts
        return counted or self.cells is not None

    def homes(self) -> float:
        """Return the mean households at an address, as given, of its people, or of its kind."""
        if self.base is not None:
            return self.inhabitants / MEAN_SIZE / len(self.base)
        return self.homes_per_address or KINDS[self.built_like()].households

    def usual_building(self) -> float:
        """Return the mean households of a building of real addresses that nothing counts.

        Examples
        --------
        >>> Town().usual_building()
        20.0
        """
        return max(float(read_figures("population")["homes"]["building"]), 1.2 * self.homes())

    def assuming(self, name: str, value: Any) -> Town:
        """Return the town with another value of one parameter.

        The people of real addresses follow from `homes_per_address`.

        Parameters
        ----------
        name : str
            A parameter.
        value : object

        Examples
        --------
        >>> Town(inhabitants=2_000).assuming("homes_per_address", 3.0).homes_per_address
        3.0
        """
        given = {name: value}
        if name == "homes_per_address" and self.base is not None:
            given["inhabitants"] = _people_in(value, self.base)
        return replace(self, **given)

    def __repr__(self) -> str:
        place = "fictional territory" if self.base is None else repr(self.base)
        cells = "" if self.cells is None else f", {len(self.cells):,} cells"
        return f"Town({self.inhabitants:,} inhabitants, {place}{cells})"

    @classmethod
    def from_addresses(
        cls, base: AddressBase, *, cells: pd.DataFrame | None = None, **parameters: Any
    ) -> Town:
        """Make a town of fictional people at the addresses of a real commune.

        The number of inhabitants is that of the cells. Without cells it is `inhabitants` where
        given, otherwise follows from `homes_per_address` where given, otherwise from the residents,
        electors or households that the file counts, otherwise from the density of addresses.

        Parameters
        ----------
        base : AddressBase
        cells : pandas.DataFrame, optional
            Cells that cover the addresses; the town then has their residents and households.
        **parameters
            Any other parameter of `Town`.

        Raises
        ------
        ParameterError
            `inhabitants` is given with cells, or is not 200 to 1,200,000.
        """
        if cells is not None:
            if "inhabitants" in parameters:
                needed = "either cells or inhabitants"
                do = "Leave inhabitants out: they follow from the cells."
                raise ParameterError.of("Town.from_addresses", needed, "both", do)
            columns_present("Town", "count", _CELL_COUNTS, cells.columns, "the cells")
            parameters["inhabitants"] = round(float(cells["residents"].sum()))
        elif "inhabitants" not in parameters:
            homes = parameters.get("homes_per_address")
            people = _inhabitants_of(base) if homes is None else _people_in(homes, base)
            parameters["inhabitants"] = people
        return cls(base=base, cells=cells, **parameters)

    def built_like(self) -> KindWord:
        """Return the kind of the town, as given or by its size."""
        if self.kind is not None:
            return self.kind
        if self.base is not None:
            return kind_by_people(self.inhabitants / len(self.base))
        return kind_by_size(self.inhabitants)

    def frames(self) -> list[pd.DataFrame]:
        """Return the frames among its parameters: addresses and cells."""
        bases = [base.frame for base in (self.like, self.base) if base is not None]
        return [*bases, *([] if self.cells is None else [self.cells])]

    def __eq__(self, other: object) -> bool:
        # Frames of the same content make the same town.
        if type(other) is not type(self):
            return NotImplemented
        mine, theirs = self.frames(), other.frames()
        pairs = zip(mine, theirs, strict=False)
        same = len(mine) == len(theirs) and all(a.equals(b) for a, b in pairs)
        return same and self.recipe() == other.recipe()

    def __hash__(self) -> int:
        return hash((self.inhabitants, self.name, self.kind, self.non_aligned))

    def recipe(self) -> Mapping[str, Any]:
        """Return the parameters as plain JSON values; addresses and cells by their size."""
        base, like, cells = self.base, self.like, self.cells
        return plain_fields(replace(self, base=None, like=None, cells=None)) | {
            "base": None if base is None else {"source": base.source, "rows": len(base)},
            "like": None if like is None else {"source": like.source, "rows": len(like)},
            "cells": None if cells is None else {"rows": len(cells)},
        }


def homes_ranges(town: Town) -> dict[str, tuple[float, float]]:
    """Return the range of each parameter of homes that is assumed of a town, none where counted.

    Homes an address of a fictional town lie between those of the communes of its kind; where the
    people of real addresses follow from their density alone, between those of all 47 communes.
    """
    if town.counts_homes():
        return {}
    low, high = SCENARIOS["homes_per_building"]
    ranges = {"homes_per_building": (max(low, 1.2 * town.homes()), max(high, 2 * town.homes()))}
    unknown = town.base is None or town.inhabitants == _inhabitants_by_density(town.base)
    if not unknown:
        return ranges
    kinds = [town.built_like()] if town.base is None else list(KINDS)
    ends = [real_ranges(kind)["people_an_address", 0, 0.5] for kind in kinds]
    least, most = min(low for low, _ in ends), max(high for _, high in ends)
    return ranges | {"homes_per_address": (least / MEAN_SIZE, most / MEAN_SIZE)}


def _people_in(homes: float, base: AddressBase) -> int:
    """Return the people of addresses with a mean number of homes each."""
    return round(homes * len(base) * MEAN_SIZE)


def _inhabitants_of(base: AddressBase) -> int:
    frame = base.frame
    if "residents" in base.counts:
        return int(frame["residents"].sum())
    if "electors" in base.counts:
        return round(float(frame["electors"].sum()) * _PEOPLE_PER_ELECTOR)
    if "households" in base.counts:
        return round(float(frame["households"].sum()) * _HOUSEHOLD_SIZE)
    return _inhabitants_by_density(base)


def _inhabitants_by_density(base: AddressBase) -> int:
    estimate = round(float(expected_households(base.xy).sum()) * _HOUSEHOLD_SIZE)
    low, high = INHABITANTS
    return min(max(estimate, low), high)
