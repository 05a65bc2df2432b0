"""Ask a tool for everybody on a list of names, and keep what comes back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit._core.checks import in_range
from privaudit.attacks.guesses import Guesses
from privaudit.attacks.known_attack import KnownAttack, leaked
from privaudit.attacks.opinion import labels_trusted, note_on_labels
from privaudit.release.look_up_tool import LookUpTool
from privaudit.words.note import Note

__all__ = ["ASKS_BY_NAME", "ask_for_everybody"]

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
        learnt = labels_trusted(tool.labels_checked)
        trust, notes = learnt.value, (note_on_labels(learnt),)
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
