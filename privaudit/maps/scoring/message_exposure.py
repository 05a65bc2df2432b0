"""Exposure by targeted messages: mailings, ads, and a look-up tool asked by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.campaign.leaning_and_attributes import BLOCS
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.maps.message_attacks import MailGuess
from privaudit.maps.scoring.household import households_at
from privaudit.maps.scoring.truth import usual_leaning
from privaudit.release.release import SCREEN_COLUMNS, AdRelease, MailRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.stats.intervals import wilson
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.maps.posterior import Guesses
    from privaudit.release.release import LookUpTool

# Texts with a row of their own, the most frequent first.
_VARIANTS = 12


def segment_rows(rows: Rows, release: MailRelease) -> None:
    """Add what needs no truth: the size of segments, and what the server recorded.

    Rows, n counts people who got a message, 0 is safe but for smallest_segment:

    - variants, segments: how many there are.
    - smallest_segment: people in it; alone_in_segment: share of people alone in a segment;
      few_in_segment: share in a segment of fewer than `SMALL_CELL`.
    - recorded: share of people whose ``answer`` (yes, no, opened) the server holds.
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
    by_token = release.links == "token"
    notes = () if by_token else (Note("links_name_nobody", links=release.links),)
    for answer in ("yes", "no"):
        share = (records["answer"] == answer).mean() if by_token else 0.0
        rows.add("recorded", share, "share", notes, part={"answer": answer})
    rows.add("recorded", records["opened"].mean(), "share", part={"answer": "opened"})


def mailing_rows(
    rows: Rows,
    release: MailRelease,
    guesses: Sequence[MailGuess],
    world: SimulatedWorld,
    *,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Add what an observer of a mailing learns, scored against the truth.

    Rows, n counts recipients of whom the observer sees something:

    - learnt: share of whom ``what`` is guessed rightly by ``observer``. Baseline: the commonest
      guess, without the message. Control: the same guesses for accounts that got no message.
    - leans: by ``text``, of the twelve most frequent ones, share of its recipients who lean to
      the campaign's bloc. Baseline: of all recipients. Control: of as many other accounts.
    - leans_by_answer: the same by what the server recorded (yes, no, silence).
    - false_answer: of the people with a recorded answer, share who never clicked it: a link
      scanner, or the reader of a forwarded mail. false_opening: of recorded openings.
    - seen_by_others: share of people who forwarded their mail.

    - returns: per person ``before`` and ``after``, the probability to lean to the bloc before and
      after the text is seen: the share among all recipients, and among the others with the same
      text.
    """
    sources = release.opened("mailing_rows")
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
    largest = pd.Series(variant).value_counts().index[:_VARIANTS].sort_values()
    away = np.zeros(0, dtype=bool) if control is None else bloc[control]
    for text in largest.tolist() if len(release.text) else ():
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
    """Add what one observer guesses rightly, with baseline and control."""
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
    """Add the leaning by recorded answer or silence, and the share of false records."""
    sources = release.opened("mailing_rows")
    answer, meant = release.records["answer"].to_numpy(), sources["said"].to_numpy()
    for name, word in (("yes", "yes"), ("no", "no"), ("silence", "")):
        who = answer == word
        beside, part = away[who] if len(away) else away, {"answer": name}
        _add_leaning(rows, "leans_by_answer", leans[who], beside, prior, part)
    given, opened = answer != "", release.records["opened"].to_numpy(dtype=bool)
    rows.share("false_answer", answer[given] != meant[given])
    rows.share("false_opening", ~sources["read"].to_numpy(dtype=bool)[opened])


def _add_leaning(
    rows: Rows,
    measure: str,
    leans: np.ndarray,
    away: np.ndarray,
    prior: float,
    part: Mapping[str, Any],
) -> tuple[float, float, float]:
    """Add the share of some people who lean to the bloc; it is no hit and has no residual."""
    value = float(leans.mean()) if len(leans) else np.nan
    low, high = wilson(value, len(leans)) if len(leans) else (np.nan, np.nan)
    beside = float(away.mean()) if len(away) else np.nan
    fields: dict[str, Any] = {"baseline": prior, "control": beside, "n": len(leans), "part": part}
    rows.add(measure, value, "share", low=low, high=high, **fields)
    return value, float(low), float(high)


def _after(leans: np.ndarray, variant: np.ndarray, prior: float) -> np.ndarray:
    """Return the leave-one-out share of the bloc among the same text; else the prior."""
    by = pd.Series(leans.astype(float)).groupby(variant)
    total, n = by.transform("sum").to_numpy(), by.transform("size").to_numpy()
    return np.where(n > 1, (total - leans) / np.maximum(n - 1, 1), prior)


def ad_rows(rows: Rows, release: AdRelease, world: SimulatedWorld, interest: str) -> None:
    """Add what an ad seen on a screen says of the owner of the screen.

    Rows, n counts people, a value at the baseline is safe:

    - served: people who were served the ad, of all accounts that were not on the list.
    - holds: of those served, share who lean to the campaign's bloc (``what="side"``), or whose
      interest is `interest`. Baseline: of all accounts that were not on the list. Control: of
      those who were not served.
    - times: ratio of that share to the baseline.
    """
    people, served = world.people, release.records["served"].to_numpy(dtype=bool)
    person = release.opened("ad_rows")["person"].to_numpy()
    truth = {
        "side": np.isin(people["leaning"].to_numpy(), BLOCS[release.side])[person],
        "interest": people["interest"].to_numpy()[person] == interest,
    }
    rows.add("served", int(served.sum()), "people")
    n = int(served.sum())
    for what, holds in truth.items():
        prior = float(holds.mean()) if len(holds) else np.nan
        fields: dict[str, Any] = {"n": n, "part": {"what": what}}
        value, low, high = _add_leaning(
            rows, "holds", holds[served], holds[~served], prior, fields["part"]
        )
        if not prior > 0:
            rows.absent(["times"], "times", Note("nobody_counted"), baseline=1.0, **fields)
            continue
        rows.add(
            "times", value / prior, "times", low=low / prior, high=high / prior,
            baseline=1.0, **fields,
        )  # fmt: skip


def look_up_exposure(
    guesses: Guesses,
    record: np.ndarray,
    tool: LookUpTool,
    world: SimulatedWorld,
    named: np.ndarray | pd.Series,
) -> Measures:
    """Score the answers of a look-up tool that was asked for every name of a list.

    Parameters
    ----------
    guesses : Guesses
        One row a name asked, from `ask_for_everybody`.
    record : ndarray of int
        The record chosen for each name, -1 without an answer.
    tool : LookUpTool
        With its sources.
    world : SimulatedWorld
        The tool's.
    named : array_like of int
        Person behind each name asked, -1 for nobody of the town (such as
        ``world.directory_truth["person"]``).

    Returns
    -------
    Measures
        Family "look_up". Shares have 95 % Wilson intervals on the effective number of people
        (those of one household are not independent). Of the *people in the file*:

        - on_the_list: their name was asked.
        - reidentified: a name of theirs returned their own record (a hit is a person); baseline:
          a record of the file drawn at random.
        - address_found: and it gives the address where they live; household_found: that, divided
          by the households there; baseline: an address of the town drawn at random.
        - opinion_right, opinion_wrong: their own record, with their leaning, or with another;
          baseline: the commonest leaning of their polling station.

        The control is the same of people who were asked for and have no record.
        Of the *answers*: false_matches, the record is another person's. Of the *people asked who
        are not in the file*: taken_for_another, a record was returned, and accused_wrongly, it
        presumes another leaning than theirs.

        names_asked, names_answered: counts. columns_on_screen, columns_sent: columns shown to a
        canvasser, columns of the answer; columns_beyond_screen, the difference. 0 is safe.

    Raises
    ------
    ParameterError
        The tool has no sources, or lengths differ.
    """
    if tool.sources is None:
        raise ParameterError.of(
            "look_up_exposure", "a tool with its sealed sources", "one as leaked"
        )
    person = np.asarray(named, dtype=np.int64)
    if not len(person) == len(guesses) == len(record):
        came = f"{len(person):,} people, {len(guesses):,} guesses, {len(record):,} records"
        raise ParameterError.of("look_up_exposure", "one of each a name asked", came)
    answered, n = record >= 0, len(person)
    rows = Rows(tool.sources["person"].nunique(), "people")
    owner = tool.sources["person"].to_numpy(dtype=np.int64)
    _add_answered(rows, guesses, record, owner, world, person)
    rows.count("names_asked", n, "names", n=n, counts="names")
    rows.count("names_answered", int(answered.sum()), "names", n=n, counts="names")
    _columns(rows, tool.columns)
    return Measures(
        family="look_up", rows=rows, provenance=tool.provenance, notes=guesses.notes,
        recipe=dict(tool.recipe),
    )  # fmt: skip


def _add_answered(
    rows: Rows,
    guesses: Guesses,
    record: np.ndarray,
    owner: np.ndarray,
    world: SimulatedWorld,
    person: np.ndarray,
) -> None:
    """Add who in the file is disclosed, whose record is returned, and who is taken for another."""
    people = world.people
    lives_at, household = people["address"].to_numpy(), people["household"].to_numpy()
    in_file, there, answered = np.unique(owner), person >= 0, record >= 0
    own = answered & (owner[record] == person)
    says = guesses.opinion != ""
    right = says & (guesses.opinion == people["leaning"].to_numpy(dtype=str)[person])
    known = np.where(there, person, 0)
    outside = there & ~np.isin(person, in_file)
    absent, first = np.unique(person[outside], return_index=True)
    at_address = answered & (guesses.address == lives_at[known])
    of_household = at_address / households_at(world)[lives_at[known]]

    def of_file(hits: np.ndarray) -> np.ndarray:
        """Return the largest hit of each person of the file over their names."""
        hit = np.zeros(len(people))
        np.maximum.at(hit, person[there], hits[there].astype(float))
        return np.asarray(hit[in_file])

    usual = float(usual_leaning(world, in_file).mean())
    wrong = answered & says & ~right
    rows.share("on_the_list", of_file(there), clusters=household[in_file])
    for name, gain, hits, base in (
        ("reidentified", "person", own, 1 / len(owner)),
        ("address_found", "address", at_address, 1 / len(world.addresses)),
        ("household_found", "household", of_household, 1 / len(world.households)),
        ("opinion_right", "opinion", answered & right, usual),
        ("opinion_wrong", "opinion", wrong, 1 - usual),
    ):
        # People without a record cannot get their own back.
        rows.share(
            name, of_file(own * hits), clusters=household[in_file], control=hits[outside][first],
            control_clusters=household[absent], gain=gain, baseline=base,
        )  # fmt: skip
    fields: dict[str, Any] = {"clusters": household[known][answered], "counts": "names"}
    by_chance = 1 - 1 / len(owner)
    rows.share("false_matches", (~own)[answered], gain="person", baseline=by_chance, **fields)
    for name, hits, gain in (
        ("taken_for_another", answered, "person"),
        ("accused_wrongly", wrong, "opinion"),
    ):
        rows.share(name, hits[outside][first], clusters=household[absent], gain=gain)


def _columns(rows: Rows, columns: Sequence[str]) -> None:
    """Count the columns of an answer, and those that a canvasser is shown."""
    sent: dict[str, Any] = {"unit": "columns", "n": len(columns), "counts": "columns"}
    beyond = tuple(column for column in columns if column not in SCREEN_COLUMNS)
    rows.count("columns_on_screen", len(SCREEN_COLUMNS), **sent)
    rows.count("columns_sent", len(columns), **sent)
    notes = Note("look_up_columns_beyond", columns=beyond) if beyond else ()
    rows.count("columns_beyond_screen", len(beyond), notes=notes, **sent)
