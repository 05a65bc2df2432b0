"""Who is found by asking a tool for every name of a list, and who is taken for another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.exposure.maps.doors import households_at
from privaudit.exposure.maps.truth import usual_leaning
from privaudit.release.look_up_tool import SCREEN_COLUMNS
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.attacks.guesses import Guesses
    from privaudit.release.look_up_tool import LookUpTool
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["look_up_exposure"]


def look_up_exposure(
    guesses: Guesses,
    record: np.ndarray,
    tool: LookUpTool,
    world: SimulatedWorld,
    named: np.ndarray | pd.Series,
) -> Measures:
    """Hold what a tool answered by name against the truth.

    Parameters
    ----------
    guesses : Guesses
        One row a name asked, from `attacks.lookup_oracle.ask_for_everybody`.
    record : ndarray of int
        The record chosen for each name, -1 without an answer.
    tool : LookUpTool
        With its sources.
    world : SimulatedWorld
        The tool's.
    named : array_like of int
        Person whom each name asked stands for, -1 for nobody of the town (such as
        ``world.directory_truth["person"]``).

    Returns
    -------
    Measures
        Family "look_up". Shares have 95 % Wilson intervals on the effective number of people
        (those of one household are not independent). Of the *people in the file*:

        - on_the_list: their name was asked.
        - found: a name that stands for them brought back their own record (a hit is a person);
          baseline: a record of the file drawn at random.
        - address_found: and it gives the address where they live; household_found: that, divided
          by the households there; baseline: an address of the town drawn at random.
        - opinion_right, opinion_wrong: their own record, and the leaning that it presumes is
          theirs, or is not; baseline: the commonest leaning of their polling station.

        Their control is the same answers held against people who were asked and have no record.
        Of the *answers*: false_matches, the record is somebody else's than whom the name
        stands for. Of the *people asked who are not in the file*: taken_for_another, a record
        came back, and accused_wrongly, it presumes of them what they are not.

        names_asked, names_answered: counts. columns_on_screen, columns_sent: what a canvasser
        is shown, what the answer holds; columns_beyond_screen, the difference. 0 is safe.

    Raises
    ------
    ParameterError
        The tool has no sources, or lengths differ.
    """
    if tool.sources is None:
        raise ParameterError(
            say("look_up_exposure", "a tool with its sealed sources", "one as leaked")
        )
    person = np.asarray(named, dtype=np.int64)
    if not len(person) == len(guesses) == len(record):
        came = f"{len(person):,} people, {len(guesses):,} guesses, {len(record):,} records"
        raise ParameterError(say("look_up_exposure", "one of each a name asked", came))
    people = world.people
    lives_at, household = people["address"].to_numpy(), people["household"].to_numpy()
    leaning = people["leaning"].to_numpy(dtype=str)
    owner = tool.sources["person"].to_numpy(dtype=np.int64)
    in_file = np.unique(owner)
    answered = record >= 0
    whose = np.where(answered, owner[record], -1)
    own = answered & (whose == person)
    says = guesses.opinion != ""
    right = says & (guesses.opinion == leaning[person])
    known = np.where(person >= 0, person, 0)
    outside = (person >= 0) & ~np.isin(person, in_file)
    absent, first = np.unique(person[outside], return_index=True)
    at_address = answered & (guesses.address == lives_at[known])
    of_household = at_address / households_at(world)[lives_at[known]]
    rows = Rows(len(in_file), "people")

    def of_file(hits: np.ndarray) -> np.ndarray:
        """What each person of the file is hit by, at most, by the names that stand for them."""
        hit = np.zeros(len(people))
        there = person >= 0
        np.maximum.at(hit, person[there], hits[there].astype(float))
        found: np.ndarray = hit[in_file]
        return found

    usual = float(usual_leaning(world, in_file).mean())
    wrong = answered & says & ~right
    rows.share("on_the_list", of_file(person >= 0), clusters=household[in_file])
    for name, gain, hits, base in (
        ("reidentified", "person", own, 1 / len(tool)),
        ("address_found", "address", at_address, 1 / len(world.addresses)),
        ("household_found", "household", of_household, 1 / len(world.households)),
        ("opinion_right", "opinion", answered & right, usual),
        ("opinion_wrong", "opinion", wrong, 1 - usual),
    ):
        rows.share(
            name,
            of_file(own * hits),
            clusters=household[in_file],
            # Nobody who has no record can be brought back their own.
            control=(hits * ~own if gain == "person" else hits)[outside][first],
            control_clusters=household[absent],
            gain=gain,
            baseline=base,
        )
    told: dict[str, Any] = {"clusters": household[known][answered], "counts": "names"}
    by_chance = 1 - 1 / len(tool)
    rows.share("false_matches", (~own)[answered], gain="person", baseline=by_chance, **told)
    for name, hits, gain in (
        ("taken_for_another", answered, "person"),
        ("accused_wrongly", wrong, "opinion"),
    ):
        rows.share(name, hits[outside][first], clusters=household[absent], gain=gain)
    rows.count("names_asked", len(person), "names", n=len(person), counts="names")
    rows.count("names_answered", int(answered.sum()), "names", n=len(person), counts="names")
    _columns(rows, tool.columns)
    return Measures(
        family="look_up",
        rows=rows,
        provenance=tool.provenance,
        notes=guesses.notes,
        recipe=dict(tool.recipe),
    )


def _columns(rows: Rows, columns: Sequence[str]) -> None:
    """Count what the answer holds, and what a canvasser is shown of it."""
    sent: dict[str, Any] = {"unit": "columns", "n": len(columns), "counts": "columns"}
    beyond = tuple(column for column in columns if column not in SCREEN_COLUMNS)
    rows.count("columns_on_screen", len(SCREEN_COLUMNS), **sent)
    rows.count("columns_sent", len(columns), **sent)
    told = Note("look_up_columns_beyond", columns=beyond) if beyond else ()
    rows.count("columns_beyond_screen", len(beyond), notes=told, **sent)
