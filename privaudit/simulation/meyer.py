"""The Meyer family: Éric liked one post; Anne-Claire and Julien, 11, did not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from privaudit._core.arrays import Ints, Strs
from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.simulation.population import draw_birth_dates

__all__ = ["ONE_LIKE", "choose_home", "settle", "the_one_like"]

ONE_LIKE = np.datetime64("2016-08-30T20:10:00", "s")
_WHO = ("eric", "anne_claire", "julien")
_FAMILY = {
    "child": (False, False, True),
    "age": (45, 43, 11),
    "sex": ("M", "F", "M"),
    "first_name": ("Éric", "Anne-Claire", "Julien"),
    "last_name": ("Meyer", "Meyer", "Meyer"),
    # No two ranks of the name model spell these.
    "birth_name": ("Meyer", "Vasseny", "Meyer"),
    "profession": ("intermediate", "employee", "student"),
}


def choose_home(
    size: Ints, kind: Strs, address: Ints, zone: Strs, *, rng: np.random.Generator
) -> int:
    """Choose the household whose dwelling the Meyers take: three people, in a house.

    Where no family of three lives alone at an address among houses, the nearest to that.
    """
    three = np.flatnonzero(size == 3)
    if not len(three):
        needed = "a household of three for the Meyers"
        raise ParameterError(say("Town", needed, "none", "Take a larger town."))
    bells = np.bincount(address)[address[three]]
    far_from = (
        (zone[address[three]] != "houses") * 1_000_000
        + np.minimum(bells - 1, 1_000) * 10
        + (kind[three] != "family")
    )
    return int(rng.choice(three[far_from == far_from.min()]))


def settle(
    people: pd.DataFrame, home: int, *, rng: np.random.Generator
) -> tuple[pd.DataFrame, Mapping[str, int]]:
    """Put the Meyers in place of the three people of a household.

    - returns `meyer`: Row of eric, anne_claire and julien.
    """
    rows = np.flatnonzero(people["household"].to_numpy() == home)
    family = pd.DataFrame(_FAMILY, index=rows)
    family["birth_date"] = draw_birth_dates(family["age"].to_numpy(), rng=rng)
    people = people.copy()
    people.loc[rows.tolist(), family.columns.tolist()] = family
    return people, dict(zip(_WHO, rows.tolist(), strict=True))


def the_one_like(
    interactions: pd.DataFrame,
    pages: pd.DataFrame,
    accounts: pd.DataFrame,
    meyer: Mapping[str, int],
) -> pd.DataFrame:
    """Leave Éric one like of the right's candidate, and Anne-Claire none of any politics."""
    person = accounts["person"].to_numpy()
    eric = int(np.flatnonzero(person == meyer["eric"])[0])
    anne_claire = np.flatnonzero(person == meyer["anne_claire"])
    kind = pages["kind"].to_numpy(dtype=str)[interactions["page"]]
    account = interactions["account"].to_numpy()
    drop = (account == eric) & (kind == "candidate")
    drop |= np.isin(account, anne_claire) & (kind != "generic")
    right = pages.loc[(pages["kind"] == "candidate") & (pages["side"] == "right"), "page"]
    one = pd.DataFrame(
        {"account": [eric], "page": right.to_numpy()[:1], "kind": ["like"], "time": [ONE_LIKE]}
    ).astype(interactions.dtypes.to_dict())
    kept: pd.DataFrame = pd.concat([interactions[~drop], one], ignore_index=True)
    return kept.sort_values(["account", "time"], kind="stable", ignore_index=True)
