"""What receiving a message, answering it or keeping silent tells of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.policy import SMALL_CELL
from privaudit.attacks.read_mail import MailGuess
from privaudit.campaign.leaning import BLOCS
from privaudit.measures.interval import wilson
from privaudit.release.release import MailRelease
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.words.note import Note

__all__ = ["segment_rows", "told_rows"]

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
