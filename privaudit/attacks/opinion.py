"""What a release declares of each person's opinion, and how far labels and doors are trusted."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from privaudit.attacks.adversary import (
    DOORS_RIGHT,
    LABELS_LIKELY,
    LABELS_RIGHT,
    READILY,
    USUAL_PEOPLE,
    USUAL_SIDE,
    Adversary,
)
from privaudit.measures.calibration import Trust, trusted
from privaudit.release.release import Release
from privaudit.words.note import Note

__all__ = [
    "DeclaredOpinions", "declared_opinion", "labels_trusted", "note_on_labels", "notes_on_trust",
    "trust_in_doors", "trust_in_labels",
]  # fmt: skip

LABEL, STATUS = "presumed_leaning", "status"
# Both colours of a canvassing map are people of the side that drew it.
ON_THE_MAP = ("to_meet", "visited")


class DeclaredOpinions(NamedTuple):
    """What is declared of n records: `opinion` (str), "" where nothing is; how far it is trusted.

    `trust`, `low` and `high` (float, in [0, 1]) are 0 where nothing is declared. The last two are
    the ends of the 95 % range of how often labels are right, were all right as often.
    """

    opinion: np.ndarray
    trust: np.ndarray
    low: np.ndarray
    high: np.ndarray


def declared_opinion(release: Release, adversary: Adversary) -> DeclaredOpinions:
    """Return the leaning that each record declares, and how far the adversary trusts it.

    The column ``presumed_leaning`` is read, else the first sensitive column of text. A map
    with neither declares the side of the campaign that drew it, red or grey alike, if the
    adversary knows that side. It is trusted as far as labels are (`trust_in_labels`): a score that
    was released with it is of something else, or was never held against anybody.
    """
    records = release.records
    column = _label_column(release)
    if column is not None:
        opinion = records[column].astype("str").fillna("").to_numpy(dtype=str)
    elif STATUS in records.columns and adversary.side:
        shown = records[STATUS].isin(ON_THE_MAP).to_numpy()
        opinion = np.where(shown, adversary.side, "")
    else:
        opinion = np.full(len(records), "")
    trust = trust_in_labels(release, adversary)
    shares = (np.where(opinion == "", 0.0, share) for share in trust[:3])
    return DeclaredOpinions(opinion, *shares)


def trust_in_labels(release: Release, adversary: Adversary) -> Trust:
    """Return how often a declared opinion is believed to be right, and between what bounds.

    As the adversary was told; else as `labels_trusted` says.
    """
    told = adversary.trust_in_label
    if isinstance(told, tuple):
        return labels_trusted(release.labels_checked, told)
    return Trust(told, told, told)


def labels_trusted(
    checked: tuple[int, int, int, int] | None, assumed: tuple[float, float] = LABELS_RIGHT
) -> Trust:
    """Return how often a label is right: an assumed range, revised by who declared a leaning.

    - `checked`: As of `Release.labels_checked`: labelled people who declared the label's leaning,
      and who declared any; people who declared that leaning, labelled or not, and any.
    - `assumed`: Ends of the range, where as many people as usual lean that way. Within the usual
      one most would look between `LABELS_LIKELY`, which gives the value, and not the range.

    What holds from place to place is how many times likelier the label is for those who lean that
    way, and not how often it is right. So `assumed` is carried over, in odds, from the usual
    share of people who lean that way to that of this place (Bayes): the one of all who declared
    themselves, drawn towards the usual one as if `USUAL_PEOPLE` more had declared that. How far
    they leave that share open widens the range, and so does that supporters may declare themselves
    more readily than others, or less (`READILY`).
    """
    right, of, side, declared = checked or (0, 0, 0, 0)
    people = declared + USUAL_PEOPLE
    here = (side + USUAL_SIDE * USUAL_PEOPLE) / people
    moved = math.log(here / (1 - here)) - math.log(USUAL_SIDE / (1 - USUAL_SIDE))
    unsure = 1 / math.sqrt(people * here * (1 - here))
    readily = READILY if declared else 1.0
    likely = LABELS_LIKELY if assumed == LABELS_RIGHT else None
    return trusted(*assumed, right, of, likely=likely, moved=moved, unsure=unsure, readily=readily)


def notes_on_trust(release: Release, adversary: Adversary, opinion: np.ndarray) -> tuple[Note, ...]:
    """Say on what the trust in labels and in doors rests, where nobody stated it."""
    told = []
    if isinstance(adversary.trust_in_label, tuple) and (opinion != "").any():
        told.append(note_on_labels(trust_in_labels(release, adversary)))
    if adversary.right_doors is None and release.doors_checked is not None:
        told.append(_note("doors", trust_in_doors(release, adversary)))
    return tuple(told)


def note_on_labels(trust: Trust) -> Note:
    """Say on what the trust in labels rests."""
    return _note("labels", trust)


def _note(of: str, trust: Trust) -> Note:
    bounds = {"share": trust.value, "low": trust.low, "high": trust.high}
    if trust.of:
        return Note(f"{of}_trusted_as_learnt", **bounds, right=trust.right, of=trust.of)
    return Note(f"{of}_trusted_as_assumed", **bounds)


def trust_in_doors(release: Release, adversary: Adversary) -> Trust:
    """Return how often a person is believed to live where their dot was put before any mask.

    As the adversary was told; else, of a campaign's map, an assumed range (`DOORS_RIGHT`), revised
    by the doors that opened to it. Of a file it is taken for certain.
    """
    told = adversary.right_doors
    if told is None and release.doors_checked is not None:
        return trusted(*DOORS_RIGHT, *release.doors_checked)
    sure = 1.0 if told is None else told
    return Trust(sure, sure, sure)


def _label_column(release: Release) -> str | None:
    """Return the column that names a leaning, or None."""
    if LABEL in release.records.columns:
        return LABEL
    for name in release.roles.sensitive:
        if not _is_number(release.records[name]):
            return name
    return None


def _is_number(column: pd.Series) -> bool:
    return column.dtype.kind in "iuf"
