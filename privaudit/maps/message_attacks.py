"""Attacks on targeted messages: infer attributes from a message or from its delivery log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from privaudit.core.checks import in_range
from privaudit.errors import ParameterError
from privaudit.maps.adversary import KnownAttack, leaked, trust_in_labels, trust_note
from privaudit.maps.posterior import Guesses
from privaudit.release.release import LookUpTool, MailRelease
from privaudit.words.catalogues import Note

# Who sees a screen, who holds the segment list, the mailbox provider, the server of the links.
OBSERVERS = ("screen", "list", "mailbox", "link_server")
# Columns of the segments that say something of a person; the score says the side.
_TOLD = ("age_band", "interest", "station")


@dataclass(frozen=True, eq=False, kw_only=True)
class MailGuess:
    """What one observer guesses of the people to whom a message was sent.

    Parameters
    ----------
    observer : str
    sees : ndarray of bool
        Of whom, by name, something is seen at all.
    guesses : mapping of str to ndarray
        side (bool, leans to the bloc of the campaign), and age_band, interest and station where
        these are segments' columns.
    blind : mapping of str to bool or str
        What would be guessed of everybody where nothing was seen.
    """

    observer: str
    sees: np.ndarray
    guesses: Mapping[str, np.ndarray]
    blind: Mapping[str, Any]


def guess_from_mail(release: MailRelease, observer: str) -> MailGuess:
    """Guess the leaning and the segment of each person from what an observer sees.

    The observer knows what each text is for: the mean score, and the commonest age band, interest
    and station, of all who get it; a holder of the list reads them for each segment. On the
    server of the links YES is taken for leaning to the campaign, NO for not.

    Raises
    ------
    ParameterError
        The release is still sealed.
    """
    if release.sealed:
        do = "Hand over release.as_leaked()."
        raise ParameterError.of("guess_from_mail", "a leaked release", "a sealed one", do)
    records = release.records
    n = len(records)
    # A mail that nobody was cut for has one text, and its list one segment.
    by = list(release.cut or ("variant",)) if observer == "list" else ["variant"]
    group = records.groupby(by, sort=True).ngroup().to_numpy() if n else np.zeros(0, dtype=int)
    score = records["score"].to_numpy(dtype=float)
    mean = pd.Series(score).groupby(group).transform("mean").to_numpy()
    overall = float(np.nanmean(score)) if np.isfinite(score).any() else 0.0
    side = np.where(np.isfinite(mean), mean, overall) >= 0.5
    sees = np.ones(n, dtype=bool)
    if observer == "mailbox":
        sees = records["at_provider"].to_numpy(dtype=bool)
    if observer == "link_server":
        sees[:] = release.links == "token"
        answer = records["answer"].to_numpy(dtype=str)
        side = np.where(answer == "yes", True, np.where(answer == "no", False, side))
        group = 3 * group + np.select([answer == "yes", answer == "no"], [1, 2], 0)
    guesses, blind = {"side": side}, dict[str, Any](side=overall >= 0.5)
    for what in (column for column in _TOLD if column in release.cut):
        guesses[what], blind[what] = _commonest(records[what], group)
    return MailGuess(observer=observer, sees=sees, guesses=guesses, blind=blind)


def _commonest(column: pd.Series, group: np.ndarray) -> tuple[np.ndarray, str]:
    """Return the most common known value among people who look alike, and among all."""
    values = column.fillna("").astype("str")
    known = values[values != ""]
    if known.empty:
        return np.full(len(values), "", dtype=object), ""
    counts = pd.crosstab(pd.Series(group, name="seen")[known.index], known)
    best = counts.idxmax(axis=1)
    usual = str(known.mode()[0])
    return pd.Series(group).map(best).fillna(usual).to_numpy(dtype=object), usual


ASKS_BY_NAME = KnownAttack(
    word="asks_by_name", needs=("names",), counts="names", kinds=(LookUpTool,)
)


def ask_for_everybody(
    tool: LookUpTool,
    names: pd.DataFrame,
    *,
    trust_in_label: float | None = None,
    rng: np.random.Generator,
) -> tuple[Guesses, np.ndarray]:
    """Register a contact for each name of a list, and believe what the tool answers.

    A name that brings back m records is taken for one of them, each as likely. Nothing tells
    the adversary that the record is a namesake's: it is believed all the same.

    - `names`: Columns first_name, last_name: a directory, a roll, a class list.
    - `trust_in_label`: Probability, 0 to 1, that a person is of the side that the record presumes.
      None: an assumed range, revised by who declared a leaning to the campaign.
    - `rng`: Chooses among the records of one name, uniformly, one draw a name.
    - returns `guesses`: One row a name: ``person`` is the name's own position where the tool
      answered, -1 where it did not; address, opinion and their confidences come from the record
      chosen.
    - returns `record` (int64): The tool's number of that record, -1 without an answer.
    """
    leaked("ask_for_everybody", "a tool", tool, LookUpTool)
    notes: tuple[Note, ...] = ()
    if trust_in_label is None:
        learnt = trust_in_labels(tool.labels_checked)
        trust, notes = learnt.value, (trust_note("labels", learnt),)
    else:
        trust = in_range("ask_for_everybody", "trust_in_label", trust_in_label, 0, 1)
    answers = tool.ask(names)
    n = len(names)
    asked = answers["asked"].to_numpy()
    many = np.bincount(asked, minlength=n)
    first = np.cumsum(many) - many
    answered = many > 0
    chosen = (first + (rng.random(n) * many).astype(np.int64))[answered]
    record, address = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    record[answered] = answers["record"].to_numpy()[chosen]
    address[answered] = answers["address"].to_numpy()[chosen]
    opinion = np.full(n, "", dtype=object)
    opinion[answered] = answers["presumed_leaning"].to_numpy(dtype=object)[chosen]
    sure = np.where(answered, 1 / np.maximum(many, 1), 0.0)
    named = np.where(answered, np.arange(n), -1)
    labelled = opinion.astype(str)
    guesses = Guesses(
        attack=ASKS_BY_NAME.word,
        address=address,
        confidence=np.where(address >= 0, sure, 0.0),
        person=named,
        person_confidence=sure,
        opinion=labelled,
        opinion_confidence=np.where(labelled == "", 0.0, sure * trust),
        notes=(Note("names_answered", names=int(answered.sum()), of=n), *notes),
    )
    return guesses, record
