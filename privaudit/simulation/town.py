"""`Town`: every choice of a simulated town, with where its default comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from privaudit.core.checks import (
    an_instance,
    columns_present,
    error_message,
    in_range,
    keyword_only,
    one_of,
    ordered,
    plain_fields,
    whole,
)
from privaudit.core.policy import FEWEST_ADDRESSES
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.simulation.kinds import KINDS, kind_by_people, kind_by_size

if TYPE_CHECKING:
    import pandas as pd

INHABITANTS = (200, 1_200_000)
# Metropolitan France, 2013-2017: people a household, and people of all ages an elector.
_HOUSEHOLD_SIZE = 2.2
_PEOPLE_PER_ELECTOR = 1.4
# What no study gave, and how far it may lie: sensitivity varies each of these over its range.
SCENARIOS: dict[str, tuple[float, float]] = {
    "registered": (0.8, 0.95), "kin_in_town": (0.0, 0.8), "kin_near": (0.0, 1.0),
    "kin_correlation": (0.0, 0.8),
    "directory_coverage": (0.3, 0.7), "directory_opt_out": (0.1, 0.3),
    "directory_staleness": (0.02, 0.25), "roll_staleness": (0.02, 0.2), "city_shown": (0.3, 0.9),
    "fake_accounts": (0.0, 0.1), "duplicate_accounts": (0.0, 0.1), "shared_accounts": (0.0, 0.05),
    "candidate_reach": (0.02, 0.08), "non_aligned": (0.0, 0.6), "own_side": (0.8, 1.0),
    "no_party_likers": (0.05, 1.0),
}  # fmt: skip
_CELL_COUNTS = (
    "x_laea", "y_laea", "residents", "households", "one_person", "five_plus", "in_houses",
)  # fmt: skip
_SHARES = (
    "roll_staleness", "directory_coverage", "directory_staleness", "directory_opt_out",
    "registered", "kin_correlation", "kin_in_town", "kin_near", "city_shown", "fake_accounts",
    "non_aligned", "own_side", "no_party_likers", "candidate_reach", "partisan_pages",
    "age_in_taste", "sex_in_taste", "couple_in_taste",
)  # fmt: skip


@keyword_only
@dataclass(frozen=True, kw_only=True, eq=False)
class Town:
    """Parameters of a simulated town. Shares are in [0, 1]; *scenario* marks a free choice.

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
        What the fictional town is built like, after real communes of the kind, and what
        `quality` compares it with: many flats, houses and flats, a village. Where None, rural
        below 5,000 inhabitants, dense from 100,000; of real addresses, rural below 5 people an
        address, dense from 12.
    like : AddressBase, optional
        Real addresses that the fictional town is to resemble, with `cells` over them in people
        around too; `quality` compares it with them.
    kin_in_town, kin_near : float
        Share of households that have their surname from another household of the town
        (scenario), and share of these whose kin live within a walk (scenario). Where kin_in_town
        is .12, some .2 % of the adults of a town of 20,000 share first and last name with another
        one; where it is .8, a place of few families, some 5 %.
    kin_correlation : float
        Correlation of each leaning between the first adult of a home and their kin (scenario).
    directory_coverage : float
        Share of homes with a line in the directory, .3 to .7 in 2016 (scenario).
    directory_opt_out : float
        Share of homes that had themselves struck off the directory (scenario).
    directory_staleness : float
        Share of the directory's lines that name somebody who has left the dwelling (scenario).
    roll_staleness : float
        Share of the roll's entries with an address that is no longer theirs (scenario).
    city_shown, fake_accounts : float
        Share of accounts that show their city, and that bear an invented name (scenario).
    duplicate_accounts, shared_accounts : float
        Share of accounts that are somebody's second one, 0 to .1, and that a couple shares, 0 to
        .05 (scenario).
    candidate_reach : float
        Share of accounts that interacted with the candidate of the right at least once.
    non_aligned : float
        Share of accounts whose political likes do not converge: journalist, opponent, friend
        (scenario). They touch the best-known candidate more often than the others do: where it is
        .3, some .38 of those who touched the right's are of them, and a label that rests on one
        like is wrong of .37. Where it is 0, .2, .4 and .6 that is .13, .30, .43 and .56; but the
        party that somebody likes most is right of .76 of voters at .2, of .68 at .3 (`own_side`).
    own_side : float
        Share of the other political likers who follow the side they lean to, not one beside it.
        The default tells of two in three voters the party right, as Kristensen et al. (2017)
        found from all that people liked of politicians: 60 to 70 %.
    no_party_likers : float
        How many of the adults who lean to no party like something of a candidate's, for each of
        the others who does (scenario).
    pages : int
        Pages, posts, groups and events without a candidate, which anybody may like. Default: as
        many as in the study of likes below, so that a town of 20,000 has pages that a few like, or
        nobody, and an account costs what it likes, however many pages there are.
    partisan_pages : float
        Share of these that speak for one bloc.
    popularity : float
        Exponent of Zipf's law of the pages' likers, as they are observed.
    top_reach : float
        Share of accounts that like the most popular page, .1 to .5 (scenario): the law is shifted
        by as much as that asks for.
    page_slope, page_political_sd, partisan_position, label_noise : float
        How much likes tell: weight of traits, spread of ordinary pages on the political axis,
        place of partisan pages on it, and spread of people of one bloc on it.
    age_in_taste, sex_in_taste, couple_in_taste : float
        Correlation of an axis of taste with age, sex, and living as a couple.
    mean_likes, median_likes : float
        Likes of an account, log-normal.
    base : AddressBase, optional
        Real addresses to settle the fictional people at; a fictional territory where None.
    cells : pandas.DataFrame, optional
        Households on 200 m cells, as `privaudit.io.public_counts.read_cells` gives them.

    Raises
    ------
    ParameterError
        A parameter is out of range, or two contradict each other.
    SchemaError
        `cells` lacks a column.

    Notes
    -----
    The generator of likes is tuned so that a linear model on 100 singular vectors of the likes
    tells the left bloc from the right one with an area under the curve of .85, as Kosinski,
    Stillwell and Graepel (2013, PNAS 110:5802) report for Democrats and Republicans.

    Examples
    --------
    >>> Town(inhabitants=2_000)
    Town(2,000 inhabitants, fictional territory)
    """

    inhabitants: int = 20_000
    name: str = "Valorge-sur-Brune"
    electors_per_station: int = 900
    registered: float = 0.89
    kind: str | None = None
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

    def __post_init__(self) -> None:
        an_instance("Town", "name", self.name, str)
        whole("Town", "inhabitants", self.inhabitants, *INHABITANTS)
        whole("Town", "electors_per_station", self.electors_per_station, 50)
        whole("Town", "pages", self.pages, 100, 1_000_000)
        if self.kind is not None:
            one_of("Town", "kind", self.kind, tuple(KINDS))
        for name in ("base", "like"):
            if getattr(self, name) is not None:
                do = "Use read_addresses."
                an_instance("Town", name, getattr(self, name), AddressBase, do)
        places = 0 if self.like is None else len(self.like.frame[["x", "y"]].drop_duplicates())
        if self.like is not None and (self.base is not None or places < FEWEST_ADDRESSES):
            needed = (
                f"like to be {FEWEST_ADDRESSES} places with an address or more, "
                "without a base of real ones"
            )
            came = f"{places:,} and {'a' if self.base is not None else 'no'} base"
            raise ParameterError(error_message("Town", needed, came))
        for name in _SHARES:
            in_range("Town", name, getattr(self, name), 0, 1)
        in_range("Town", "candidate_reach", self.candidate_reach, 0, 0.2)
        in_range("Town", "top_reach", self.top_reach, 0.01, 0.5)
        for name in ("duplicate_accounts", "shared_accounts"):
            in_range("Town", name, getattr(self, name), 0, 0.5)
        for name in ("popularity", "page_slope", "page_political_sd", "label_noise"):
            in_range("Town", name, getattr(self, name), 0, 10)
        in_range("Town", "partisan_position", self.partisan_position, 0, 10)
        in_range("Town", "median_likes", self.median_likes, 1, self.pages / 4)
        in_range("Town", "mean_likes", self.mean_likes, 1, self.pages / 4)
        ordered("Town", "median_likes", self.median_likes, "mean_likes", self.mean_likes)
        if self.directory_coverage + self.directory_opt_out > 1:
            needed = "directory_coverage + directory_opt_out of at most 1"
            came = f"{self.directory_coverage:g} + {self.directory_opt_out:g}"
            raise ParameterError(
                error_message("Town", needed, came, "A home that opted out has no line.")
            )
        if self.base is not None and not len(self.base):
            raise ParameterError(error_message("Town", "at least one address", "an empty base"))
        if self.cells is not None:
            if self.base is None and self.like is None:
                do = "Use Town.from_addresses, or give like=."
                raise ParameterError(
                    error_message("Town", "addresses with cells", "cells alone", do)
                )
            columns_present("Town", "count", _CELL_COUNTS, self.cells.columns, "the cells")

    def __repr__(self) -> str:
        place = "fictional territory" if self.base is None else repr(self.base)
        cells = "" if self.cells is None else f", {len(self.cells):,} cells"
        return f"Town({self.inhabitants:,} inhabitants, {place}{cells})"

    @classmethod
    def from_addresses(
        cls, base: AddressBase, *, cells: pd.DataFrame | None = None, **parameters: Any
    ) -> Town:
        """Settle fictional people at the addresses of a real commune.

        Inhabitants follow from the cells. Without cells they are `inhabitants` where given,
        else the residents, electors or households that the file counts, else an estimate from
        how close addresses stand to each other.

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
            `inhabitants` is given with cells, or what follows is not 200 to 1,200,000.
        """
        if cells is not None:
            if "inhabitants" in parameters:
                needed = "either cells or inhabitants"
                do = "Leave inhabitants out: they follow from the cells."
                raise ParameterError(error_message("Town.from_addresses", needed, "both", do))
            columns_present("Town", "count", _CELL_COUNTS, cells.columns, "the cells")
            parameters["inhabitants"] = round(float(cells["residents"].sum()))
        elif "inhabitants" not in parameters:
            parameters["inhabitants"] = _inhabitants_of(base)
        return cls(base=base, cells=cells, **parameters)

    def built_like(self) -> str:
        """Return the kind of the town, as given or as its size tells it."""
        if self.kind is not None:
            return self.kind
        if self.base is not None:
            return kind_by_people(self.inhabitants / len(self.base))
        return kind_by_size(self.inhabitants)

    def frames(self) -> list[pd.DataFrame]:
        """Return the frames that it is made of, where there are any: addresses and cells."""
        bases = [base.frame for base in (self.like, self.base) if base is not None]
        return [*bases, *([] if self.cells is None else [self.cells])]

    def __eq__(self, other: object) -> bool:
        # Frames of the same content make the same town.
        if type(other) is not type(self):
            return NotImplemented
        mine, theirs = self.frames(), other.frames()
        alike = len(mine) == len(theirs) and all(
            one.equals(them) for one, them in zip(mine, theirs, strict=True)
        )
        return alike and self.recipe() == other.recipe()

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


def _inhabitants_of(base: AddressBase) -> int:
    frame = base.frame
    if "residents" in base.counts:
        return int(frame["residents"].sum())
    if "electors" in base.counts:
        return round(float(frame["electors"].sum()) * _PEOPLE_PER_ELECTOR)
    if "households" in base.counts:
        return round(float(frame["households"].sum()) * _HOUSEHOLD_SIZE)
    from privaudit.simulation.dwellings import expected_households

    estimate = round(float(expected_households(base.xy).sum()) * _HOUSEHOLD_SIZE)
    low, high = INHABITANTS
    return min(max(estimate, low), high)
