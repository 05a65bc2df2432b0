"""What somebody works out of a person from a message to them, or from what was recorded of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.release.release import MailRelease

__all__ = ["OBSERVERS", "MailGuess", "guess_from_mail"]

# Who sees a screen, who holds the segment list, the mailbox provider, the server of the links.
OBSERVERS = ("screen", "list", "mailbox", "link_server")
# What is guessed of a person, by the column that tells it to the campaign.
_OF = {"age_band": "age_band", "interest": "interest", "station": "station"}


@dataclass(frozen=True, eq=False, kw_only=True)
class MailGuess:
    """What one observer guesses of the people to whom a message was sent.

    Parameters
    ----------
    observer : str
    sees : ndarray of bool
        Of whom, by name, something is seen at all.
    seen : ndarray of int64
        What is seen of each, numbered: the variant, the segment, the variant with the answer.
    side : ndarray of bool
        Guessed to lean to the bloc of the campaign.
    blind : bool
        What is guessed of everybody where nothing is seen.
    columns : mapping of str to ndarray
        Guess of age_band, interest and station, where these are segments' columns.
    """

    observer: str
    sees: np.ndarray
    seen: np.ndarray
    side: np.ndarray
    blind: bool
    columns: dict[str, np.ndarray]


def guess_from_mail(release: MailRelease, observer: str) -> MailGuess:
    """Guess whom each leans to, and what the campaign cut them by, from what an observer sees.

    The observer knows what each text is for: the mean score, and the commonest age band, interest
    and station, of all who get it; whoever holds the list reads them for each segment. On the
    server of the links YES is taken for leaning to the campaign, NO for not.

    Raises
    ------
    ParameterError
        The release is still sealed.
    """
    if release.sealed:
        do = "Hand over release.as_leaked()."
        raise ParameterError(say("guess_from_mail", "a leaked release", "a sealed one", do))
    records = release.records
    n = len(records)
    by = list(release.cut) if observer == "list" else ["variant"]
    seen = records.groupby(by, sort=True).ngroup().to_numpy() if n else np.zeros(0, dtype=int)
    score = records["score"].to_numpy(dtype=float)
    mean = pd.Series(score).groupby(seen).transform("mean").to_numpy()
    overall = float(np.nanmean(score)) if np.isfinite(score).any() else 0.0
    side = np.where(np.isfinite(mean), mean, overall) >= 0.5
    sees = np.ones(n, dtype=bool)
    if observer == "mailbox":
        sees = records["at_provider"].to_numpy(dtype=bool)
    if observer == "link_server":
        sees[:] = release.links == "token"
        answer = records["answer"].to_numpy(dtype=str)
        side = np.where(answer == "yes", True, np.where(answer == "no", False, side))
        seen = 3 * seen + np.select([answer == "yes", answer == "no"], [1, 2], 0)
    columns = {
        what: _commonest(records[column], seen)
        for what, column in _OF.items()
        if column in release.cut
    }
    return MailGuess(
        observer=observer, sees=sees, seen=seen, side=side, blind=overall >= 0.5, columns=columns
    )


def _commonest(column: pd.Series, seen: np.ndarray) -> np.ndarray:
    """Return the commonest known value among those of whom the same is seen, "" where none."""
    values = column.fillna("").astype("str")
    told = values[values != ""]
    if told.empty:
        return np.full(len(values), "", dtype=object)
    counts = pd.crosstab(pd.Series(seen, name="seen")[told.index], told)
    best = counts.idxmax(axis=1)
    usual = told.value_counts().index[0]
    found: np.ndarray = pd.Series(seen).map(best).fillna(usual).to_numpy(dtype=object)
    return found
