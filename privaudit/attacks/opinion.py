"""The opinion that a release declares of each person. Read, never predicted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit.attacks.adversary import Adversary
from privaudit.release.release import Release

__all__ = ["declared_opinion"]

LABEL, SCORE, STATUS = "presumed_leaning", "score", "status"
# Both colours of a canvassing map are people of the side that drew it.
ON_THE_MAP = ("to_meet", "visited")


def declared_opinion(release: Release, adversary: Adversary) -> tuple[np.ndarray, np.ndarray]:
    """Return the leaning that each record declares, and how far the adversary trusts it.

    The column ``presumed_leaning`` is read, else the first sensitive column of text. A map
    with neither declares the side of the campaign that drew it, red or grey alike, if the
    adversary knows that side. Where a ``score`` in [0, 1] was released with the label, it is
    the confidence; else `Adversary.trust_in_label` is.

    - returns `opinion` (str, shape (n,)): "" where the record says nothing.
    - returns `confidence` (float, shape (n,)): In [0, 1]; 0 where the record says nothing.
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
    trust = np.full(len(records), adversary.trust_in_label)
    if column == LABEL and SCORE in records.columns and _is_number(records[SCORE]):
        score = records[SCORE].to_numpy(dtype=float, na_value=np.nan)
        trust = np.where((score >= 0) & (score <= 1), score, trust)
    return opinion, np.where(opinion == "", 0.0, trust)


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
