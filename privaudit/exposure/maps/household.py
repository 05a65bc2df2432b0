"""The dot marks a home, not a person: who else stands behind it, and beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.exposure.maps.doors import door_mistakes, doors_opened, electors_homes, marked_doors
from privaudit.exposure.maps.truth import VOTING_AGE
from privaudit.exposure.results import MEASURE_COLUMNS, Measures

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["NEAR", "household_exposure"]

# Metres: the doors around, from which one sees who is called upon.
NEAR = 50.0


def household_exposure(campaign: Campaign) -> Measures:
    """Count the people whom the map exposes although they never asked for anything.

    A marked *home* is the dwelling that a dot's register entry points at; the people behind it
    are those who live there today. *Interacted* means at least one interaction with the page of
    any candidate, of any side.

    Counts are plain counts of one simulated campaign (low = high = value). For those behind the
    doors the baseline is the exact expectation for a map of as many electors drawn at random, who
    do not count among the people behind their own doors; for the neighbours, for as many homes
    drawn among those where an elector lives. Shares are of dots, with a 95 % Wilson interval on
    their effective number (dots of one home are not independent); their baseline is what marking
    an elector's home, or an elector, at random would give.

    Parameters
    ----------
    campaign : Campaign
        Of a simulated world: only there is it known who lives where.

    Returns
    -------
    Measures
        Index, 0 is safe:

        - marked_homes: homes that at least one dot marks.
        - adults_never_interacted, minors_never_interacted: people behind them.
        - homes_one_interacted: marked homes of two people or more, exactly one of whom had
          interacted; homes_none_interacted: nobody there had.
        - neighbours: people who live at another address within 50 m of a marked one.
        - wrong_doors: the marked address is not the home of whoever interacted; of which
          wrong_doors_homonym, the entry is another person's, and wrong_doors_stale, it is
          their own, at a former address. wrong_bells: right address, another home.
        - wrong_labels: they interacted, and their leaning is not the presumed one.
        - told_at_wrong_doors: visits to a wrong door or bell where somebody opened, and so
          learnt what is presumed of another; opened_by_minors: visits where a minor opened
          the right door.

    Raises
    ------
    ParameterError
        The map has no dot.
    """
    if len(campaign.dots) == 0:
        raise ParameterError(
            say(
                "household_exposure",
                "a map that holds a dot",
                "0 dots",
                "Simulate a larger town, or presume a leaning from fewer interactions.",
            )
        )
    world = campaign.world
    doors = marked_doors(campaign)
    homes = np.unique(doors["household"].to_numpy())
    homes = homes[homes >= 0]
    rows = [
        *_behind(world, homes, len(doors)),
        _neighbours(world, doors["address"].to_numpy(), len(homes)),
        *door_mistakes(campaign, doors),
        *doors_opened(campaign, doors),
    ]
    return Measures(
        overall=pd.DataFrame(rows, columns=["measure", *MEASURE_COLUMNS]).set_index("measure"),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title="households, doors and labels",
        provenance="simulated",
        recipe=dict(campaign.recipe),
    )


def _behind(world: SimulatedWorld, homes: np.ndarray, n_dots: int) -> list[tuple]:
    """Count the people behind the marked homes, and the homes by how many had interacted."""
    from scipy.stats import hypergeom

    people, clicks = world.people, world.interactions
    candidate = world.pages["page"].to_numpy()[world.pages["kind"].to_numpy() == "candidate"]
    accounts = np.unique(clicks["account"].to_numpy()[np.isin(clicks["page"], candidate)])
    interacted = np.zeros(len(people), dtype=bool)
    interacted[world.accounts["person"].to_numpy()[accounts]] = True
    adult = people["age"].to_numpy() >= VOTING_AGE
    household = people["household"].to_numpy()
    elector = people["elector"].to_numpy(dtype=bool)
    # Of E electors k are drawn: none of the e at a home with probability C(E - e, k) / C(E, k).
    k = min(n_dots, int(elector.sum()))
    missed = hypergeom.pmf(
        0, int(elector.sum()), np.bincount(household[elector], minlength=len(world.households)), k
    )
    marked = 1 - missed[household]
    # Somebody drawn has a dot of their own, and is nobody whom another's dot exposes.
    bystander = np.where(elector, marked - k / elector.sum(), marked)

    def per_home(of: np.ndarray) -> np.ndarray:
        return np.bincount(household[of], minlength=len(world.households))

    size, having = per_home(np.ones(len(people), dtype=bool)), per_home(interacted)

    def people_row(name: str, of: np.ndarray, n: int, note: str) -> tuple:
        value = float(per_home(of)[homes].sum())
        return name, value, value, value, float(bystander[of].sum()), n, "people", note

    def homes_row(name: str, of: np.ndarray, note: str) -> tuple:
        value = float(of[homes].sum())
        return name, value, value, value, float((1 - missed)[of].sum()), n_homes, "homes", note

    n_homes = len(homes)
    return [
        (
            "marked_homes", n_homes, n_homes, n_homes, np.nan, n_dots, "homes",
            "marked by at least one dot; n: dots",
        ),
        people_row(
            "adults_never_interacted", adult & ~interacted, int(per_home(adult)[homes].sum()),
            "live in a marked home, no interaction with any candidate; n: adults there",
        ),
        people_row(
            "minors_never_interacted", ~adult & ~interacted, int(per_home(~adult)[homes].sum()),
            "live in a marked home, no interaction with any candidate; n: minors there",
        ),
        homes_row(
            "homes_one_interacted", (having == 1) & (size >= 2),
            "two people or more, exactly one of whom had interacted; n: marked homes",
        ),
        homes_row(
            "homes_none_interacted", having == 0,
            "nobody who lives there had interacted; n: marked homes",
        ),
    ]  # fmt: skip


def _neighbours(world: SimulatedWorld, marked: np.ndarray, n_homes: int) -> tuple:
    """Count the people who live at another address within `NEAR` of a marked one."""
    from scipy.spatial import cKDTree
    from scipy.special import gammaln

    n = len(world.addresses)
    residents = np.bincount(world.people["address"].to_numpy(), minlength=n)
    pairs = cKDTree(world.addresses.xy).query_pairs(NEAR, output_type="ndarray")
    here, there = np.concatenate([pairs, pairs[:, ::-1]]).T
    is_marked = np.zeros(n, dtype=bool)
    is_marked[marked] = True
    exposed = np.zeros(n, dtype=bool)
    exposed[here[is_marked[there]]] = True

    # Of N electors' homes m are drawn: an address with c of them around is missed with
    # probability C(N - c, m) / C(N, m), the hypergeometric law.
    homes = electors_homes(world)
    of_address = np.bincount(world.households["address"].to_numpy()[homes], minlength=n)
    total = len(homes)
    drawn = min(n_homes, total)
    left = total - np.bincount(here, weights=of_address[there], minlength=n)
    may_miss = left >= drawn
    log_missed = (
        gammaln(left + 1) - gammaln(np.where(may_miss, left - drawn, 0) + 1)
        - gammaln(total + 1) + gammaln(total - drawn + 1)
    )  # fmt: skip
    missed = np.where(may_miss, np.exp(np.minimum(log_missed, 0)), 0)
    value = float(residents[exposed].sum())
    baseline = float((residents * (1 - missed)).sum())
    return (
        "neighbours", value, value, value, baseline, int(residents.sum()), "people",
        f"live at another address within {NEAR:.0f} m of a dot; n: people of the town",
    )  # fmt: skip
