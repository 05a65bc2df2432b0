"""Who is found by asking a tool for every name of a list, and who is taken for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.exposure.maps.truth import usual_leaning
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.interval import effective_n, wilson
from privaudit.release.lookup import SCREEN_COLUMNS

if TYPE_CHECKING:
    from privaudit.attacks.guesses import Guesses
    from privaudit.release.lookup import LookUpTool
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
        Shares with 95 % Wilson intervals on the effective number of people (those of one home
        are not independent). Of the *people in the file*:

        - on_the_list: their name was asked. found: a name that stands for them brought back
          their own record; found_at_home: and it gives the home where they live;
          opinion_right, opinion_wrong: their own record, and the leaning that it presumes is
          theirs, or is not. Baseline of opinion_right: the commonest leaning of their polling
          station; of opinion_wrong, that of saying so wrongly; of found, a record of the file
          drawn at random; of found_at_home, an address of the town drawn at random.

        Of the *answers*: false_matches, the record is somebody else's than whom the name
        stands for. Of the *people asked who are not in the file*: taken_for_another, a record
        came back (the control: nothing could be found), and accused_wrongly, it presumes of
        them what they are not.

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
    home, household = people["address"].to_numpy(), people["household"].to_numpy()
    leaning = people["leaning"].to_numpy(dtype=str)
    owner = tool.sources["person"].to_numpy(dtype=np.int64)
    in_file = np.unique(owner)
    answered = record >= 0
    whose = np.where(answered, owner[record], -1)
    own = answered & (whose == person)
    says = guesses.opinion != ""
    right = says & (guesses.opinion == leaning[person])

    rows = Rows(len(in_file))

    def share(name: str, who: np.ndarray, hits: np.ndarray, note: str, base: float) -> None:
        value = float(hits.mean()) if len(hits) else np.nan
        homes = household[who]
        low, high = wilson(value, effective_n(hits, homes)) if len(hits) else (np.nan, np.nan)
        rows.add(
            name, value, "share", note,
            low=float(low), high=float(high), baseline=base, n=len(hits),
        )  # fmt: skip

    def of_file(hits: np.ndarray) -> np.ndarray:
        """Whether each person of the file is hit by at least one name that stands for them."""
        hit = np.zeros(len(people), dtype=bool)
        hit[person[hits & (person >= 0)]] = True
        return hit[in_file].astype(float)

    usual = float(usual_leaning(world, in_file).mean())
    for name, hits, note, base in (
        ("on_the_list", np.ones(len(person), dtype=bool), "a name asked stands for them", np.nan),
        ("found", own, "their name brought back their own record", 1 / len(tool)),
        (
            "found_at_home", own & (guesses.address == home[person]),
            "and the address where they live", 1 / len(world.addresses),
        ),
        ("opinion_right", own & right, "and a leaning that is theirs", usual),
        ("opinion_wrong", own & says & ~right, "and a leaning that is not theirs", 1 - usual),
    ):  # fmt: skip
        share(name, in_file, of_file(hits), f"{note}; n: people in the file", base)
    known = np.where(person >= 0, person, 0)
    share(
        "false_matches", known[answered], (~own)[answered].astype(float),
        "the record is another person's; n: answers", 1 - 1 / len(tool),
    )  # fmt: skip
    outside = (person >= 0) & ~np.isin(person, in_file)
    absent, first = np.unique(person[outside], return_index=True)
    for name, hits, note in (
        ("taken_for_another", answered, "a record came back, though they have none"),
        ("accused_wrongly", answered & says & ~right, "and presumes what they are not"),
    ):
        taken = hits[outside][first].astype(float)
        share(name, absent, taken, f"{note}; n: people asked who are not in the file", np.nan)
    beyond = [column for column in tool.columns if column not in SCREEN_COLUMNS]
    for name, value, unit, note in (
        ("names_asked", len(person), "names", "contacts that were registered"),
        ("names_answered", int(answered.sum()), "names", "brought back a record"),
        ("columns_on_screen", len(SCREEN_COLUMNS), "columns", "a canvasser is shown"),
        ("columns_sent", len(tool.columns), "columns", "the answer holds"),
        (
            "columns_beyond_screen", len(beyond), "columns",
            f"the answer holds, and no screen shows: {', '.join(beyond) or 'none'}",
        ),
    ):  # fmt: skip
        rows.add(name, value, unit, note, n=len(person))
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title="look-up by name",
        provenance=tool.provenance,
        notes=guesses.notes,
        recipe=dict(tool.recipe),
    )
