"""The Meyer family: Éric liked one post; Anne-Claire and Julien, 11, did not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from privaudit._core.arrays import Ints, Strs
from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.simulation.interactions import KINDS, Acts
from privaudit.simulation.pages import FIRST_DAY, POLITICAL_TOPIC, Pages, of_candidate
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
    acts: Acts, pages: Pages, accounts: pd.DataFrame, meyer: Mapping[str, int]
) -> Acts:
    """Leave Éric one like of a post of the right's candidate, and Anne-Claire no politics."""
    person, frame = accounts["person"].to_numpy(), pages.frame
    eric = int(np.flatnonzero(person == meyer["eric"])[0])
    own = of_candidate(frame)
    political = own | (frame["topic"] == POLITICAL_TOPIC).to_numpy()
    like = Acts.in_order(
        np.array([eric]),
        np.array([_last_post(pages)]),
        np.array([KINDS.index("like")]),
        np.array([(ONE_LIKE - FIRST_DAY).astype(np.int64)]),
    )
    his = acts.of(eric, eric + 1)
    # What all others did is neither sorted nor searched again.
    acts = acts.but_for(eric, his.without(own[his.page]).and_also(like))
    for her in np.flatnonzero(person == meyer["anne_claire"]).tolist():
        hers = acts.of(her, her + 1)
        acts = acts.but_for(her, hers.without(political[hers.page]))
    return acts


def _last_post(pages: Pages) -> int:
    """Choose the post of the right's candidate that is the latest when Éric likes it.

    Where pages are somebody's own and hold no such post, any page of that candidate will do.
    """
    ours = np.flatnonzero(of_candidate(pages.frame, "right"))
    day = pages.day[ours]
    before = day < (ONE_LIKE - FIRST_DAY) / np.timedelta64(1, "D")
    posts = before & (pages.frame["kind"].iloc[ours] == "post").to_numpy()
    return int(ours[posts][np.argmax(day[posts])] if posts.any() else ours[0])
