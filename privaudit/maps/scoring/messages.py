"""What receiving a message, answering it or keeping silent tells of a person.

- What being served an ad tells of a person, for a political subject and for a shop's.
- Who is found by asking a tool for every name of a list, and who is taken for another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.campaign.leaning import BLOCS
from privaudit.core.checks import error_message
from privaudit.core.policy import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.maps.messages import MailGuess
from privaudit.maps.scoring.household import households_at
from privaudit.maps.scoring.truth import usual_leaning
from privaudit.release.release import SCREEN_COLUMNS, AdRelease, MailRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.stats.intervals import wilson
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.maps.guesses import Guesses
    from privaudit.release.release import LookUpTool

# Texts that are told one by one, the largest first.
_VARIANTS = 12


def segment_rows(rows: Rows, release: MailRelease) -> None:
    """Add what needs no truth: how small segments are, and what was recorded of the people.

    Rows, n counts people who got a message, 0 is safe but for smallest_segment:

    - variants, segments: how many there are.
    - smallest_segment: people in it; alone_in_segment: share of people who are one by themselves;
      few_in_segment: share in one of fewer than `SMALL_CELL`.
    - recorded: share of whom the server holds ``answer`` (yes, no, opened).
    """
    records = release.records
    n = len(records)
    sizes = records.groupby(list(release.cut), sort=False).size() if release.cut else [n]
    size = np.asarray(sizes)
    rows.add("variants", records["variant"].nunique(), "items", n=n)
    rows.add("segments", len(size), "groups", n=n)
    rows.add("smallest_segment", size.min() if n else np.nan, "people")
    for name, most in (("alone_in_segment", 1), ("few_in_segment", SMALL_CELL - 1)):
        rows.add(name, size[size <= most].sum() / n if n else np.nan, "share")
    told = release.links == "token"
    notes = () if told else (Note("links_name_nobody", links=release.links),)
    for answer in ("yes", "no"):
        share = (records["answer"] == answer).mean() if told else 0.0
        rows.add("recorded", share, "share", notes, part={"answer": answer})
    rows.add("recorded", records["opened"].mean(), "share", part={"answer": "opened"})


def told_rows(
    rows: Rows,
    release: MailRelease,
    guesses: Sequence[MailGuess],
    world: SimulatedWorld,
    *,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Add what is learnt, held against the truth, and return a row a person.

    Rows, n counts people who got a message and of whom the observer sees something:

    - learnt: share of whom ``what`` is guessed rightly by ``observer``. Baseline: the same guess of
      everybody, without the message. Control: the guesses held against accounts that got none.
    - leans: by ``text``, of the twelve that most people got, share of these who lean to the
      campaign's bloc: what it says of whoever is seen to receive it. Baseline: of all who got a
      message. Control: of as many accounts that got none.
    - leans_by_answer: the same by what the server recorded (yes, no, silence).
    - false_answer: of the people with a recorded answer, share who never clicked that: a scanner,
      or somebody to whom the mail was forwarded. false_opening: of recorded openings.
    - seen_by_others: share whose mail somebody else was sent by them.

    - returns: per person ``before`` and ``after``, the probability to lean to the bloc before and
      after the text is seen: the share among all who got a message, and among all others who got
      the same text.
    """
    sources = release.opened("told_rows")
    people = world.people
    person = sources["person"].to_numpy()
    bloc = np.isin(people["leaning"].to_numpy(), BLOCS[release.side])
    leans = bloc[person]
    others = np.setdiff1d(world.accounts["person"].to_numpy(), person)
    control = rng.choice(others, len(person)) if len(others) else None
    for guess in guesses:
        _add_learnt(rows, guess, people, bloc, person, control)
    prior = float(leans.mean()) if len(leans) else np.nan
    variant = release.records["variant"].to_numpy()
    kept = pd.Series(variant).value_counts().index[:_VARIANTS].sort_values()
    away = np.zeros(0, dtype=bool) if control is None else bloc[control]
    for text in kept.tolist() if len(release.text) else ():
        who = variant == text
        part = {"text": tuple(release.records.loc[who, list(release.text)].iloc[0])}
        _add_leaning(rows, "leans", leans[who], away[who] if len(away) else away, prior, part)
    if release.links == "token":
        _add_answers(rows, release, leans, away, prior)
    rows.share("seen_by_others", sources["seen_by_others"].to_numpy(dtype=float))
    return pd.DataFrame({"before": prior, "after": _after(leans, variant, prior)})


def _add_learnt(
    rows: Rows,
    guess: MailGuess,
    people: pd.DataFrame,
    bloc: np.ndarray,
    person: np.ndarray,
    control: np.ndarray | None,
) -> None:
    """Add what one observer guesses rightly, beside blind guesses and people without a message."""
    sees = guess.sees
    for what, guessed in guess.guesses.items():
        truth = bloc if what == "side" else people[what].to_numpy(dtype=str)
        part = {"observer": guess.observer, "what": what}
        if not sees.any():
            note = Note("observer_sees_nobody")
            rows.absent(["learnt"], "share", note, part=part, n=0)
            continue
        hits = guessed[sees] == truth[person[sees]]
        beside = None if control is None else guessed[sees] == truth[control[sees]]
        rows.share(
            "learnt", hits, control=beside, part=part,
            baseline=float(np.mean(truth[person[sees]] == guess.blind[what])),
            gain="opinion" if what == "side" else "",
        )  # fmt: skip


def _add_answers(
    rows: Rows, release: MailRelease, leans: np.ndarray, away: np.ndarray, prior: float
) -> None:
    """Add what a recorded answer, and a silence, say; and how often they are nobody's."""
    sources = release.opened("told_rows")
    answer, said = release.records["answer"].to_numpy(), sources["said"].to_numpy()
    for name, word in (("yes", "yes"), ("no", "no"), ("silence", "")):
        who = answer == word
        beside, part = away[who] if len(away) else away, {"answer": name}
        _add_leaning(rows, "leans_by_answer", leans[who], beside, prior, part)
    given, opened = answer != "", release.records["opened"].to_numpy(dtype=bool)
    rows.share("false_answer", answer[given] != said[given])
    rows.share("false_opening", ~sources["read"].to_numpy(dtype=bool)[opened])


def _add_leaning(
    rows: Rows,
    measure: str,
    leans: np.ndarray,
    away: np.ndarray,
    prior: float,
    part: Mapping[str, Any],
) -> None:
    """Add how many of some people lean to the bloc: no hits, so that nothing is net of chance."""
    value = float(leans.mean()) if len(leans) else np.nan
    low, high = wilson(value, len(leans)) if len(leans) else (np.nan, np.nan)
    beside = float(away.mean()) if len(away) else np.nan
    rows.add(
        measure, value, "share", low=low, high=high, baseline=prior, control=beside,
        n=len(leans), part=part,
    )  # fmt: skip


def _after(leans: np.ndarray, variant: np.ndarray, prior: float) -> np.ndarray:
    """Share of the others with the same text that lean to the bloc; the prior where none is."""
    by = pd.Series(leans.astype(float)).groupby(variant)
    total, n = by.transform("sum").to_numpy(), by.transform("size").to_numpy()
    return np.where(n > 1, (total - leans) / np.maximum(n - 1, 1), prior)


def served_rows(rows: Rows, release: AdRelease, world: SimulatedWorld, interest: str) -> None:
    """Add what whoever sees the ad on a screen learns of its owner.

    Rows, n counts people, 0 is safe where it does not pass the baseline:

    - served: people who were served it, of all accounts that were not on the list.
    - holds: of those served, share who lean to the campaign's bloc (``what="side"``), or whose
      interest is `interest`. Baseline: of all accounts that were not on the list. Control: of
      those who were not served.
    - times: how many times likelier than the baseline that is.
    """
    people, served = world.people, release.records["served"].to_numpy(dtype=bool)
    person = release.opened("served_rows")["person"].to_numpy()
    truth = {
        "side": np.isin(people["leaning"].to_numpy(), BLOCS[release.side])[person],
        "interest": people["interest"].to_numpy()[person] == interest,
    }
    rows.add("served", int(served.sum()), "people")
    n = int(served.sum())
    for what, holds in truth.items():
        prior = float(holds.mean()) if len(holds) else np.nan
        value = float(holds[served].mean()) if n else np.nan
        low, high = wilson(value, n) if n else (np.nan, np.nan)
        beside = float(holds[~served].mean()) if n < len(served) else np.nan
        told: dict[str, Any] = {"n": n, "part": {"what": what}}
        rows.add(
            "holds", value, "share", low=low, high=high, baseline=prior, control=beside, **told
        )
        if not prior > 0:
            rows.absent(["times"], "times", Note("nobody_counted"), baseline=1.0, **told)
            continue
        rows.add(
            "times", value / prior, "times", low=low / prior, high=high / prior,
            baseline=1.0, **told,
        )  # fmt: skip


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
            error_message("look_up_exposure", "a tool with its sealed sources", "one as leaked")
        )
    person = np.asarray(named, dtype=np.int64)
    if not len(person) == len(guesses) == len(record):
        came = f"{len(person):,} people, {len(guesses):,} guesses, {len(record):,} records"
        raise ParameterError(error_message("look_up_exposure", "one of each a name asked", came))
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
