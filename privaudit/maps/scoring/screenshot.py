"""Scores of a screenshot: dots that were read matched with the dots that were drawn."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit.columns.roles import Roles
from privaudit.core.checks import columns_present
from privaudit.errors import ParameterError
from privaudit.maps.posterior import ComparedAddress, Guesses, Posterior
from privaudit.maps.undeclared_mask import settled
from privaudit.maps.version_links import link_positions
from privaudit.release.release import DotRelease, Release
from privaudit.stats.csr import take_rows
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.release.release import PictureRelease
    from privaudit.results.exposure import Exposure

# Reading errors are one or two pixels; a farther dot is another one.
NEAR_PIXELS = 3.0


def read_of_each(read: DotRelease, published: PictureRelease) -> np.ndarray:
    """Match each drawn dot with a dot that was read.

    One to one, by the least squared distance in pixels, at most three.

    Parameters
    ----------
    read : Release
        Result of `read_back`.
    published : Release
        The screenshot as published, with its sealed sources.

    Returns
    -------
    ndarray of int64, shape (drawn dots,)
        Row of `read`, -1 where a dot was not read.

    Raises
    ------
    ParameterError
        No sources, or no georeference.
    SchemaError
        The sources have no pixel positions.
    """
    if published.sources is None or read.picture is None or read.picture.georeference is None:
        needed = "a published screenshot with its sources, and what was read from it"
        raise ParameterError.of("read_of_each", needed, "one without")
    columns_present(
        "read_of_each", "column", ("column", "row"), published.sources.columns, "the sources"
    )
    drawn = published.sources[["column", "row"]].to_numpy(dtype=float)
    read_pixels = read.picture.georeference.to_pixels(
        read.records[["x", "y"]].to_numpy(dtype=float)
    )
    return link_positions(drawn, read_pixels, NEAR_PIXELS)


def align_with_drawn(
    guesses: Guesses, read: DotRelease, published: PictureRelease
) -> tuple[Guesses, DotRelease]:
    """Return guesses on dots that were read, in the order of the dots that were drawn.

    A dot that was not read has no guess and counts as not found.

    Parameters
    ----------
    guesses : Guesses
        One a record of `read`.
    read, published : Release
        As for `read_of_each`.

    Returns
    -------
    guesses : Guesses
        One a row of the sources of `published`.
    drawn : Release
        The picture as a map of dots with these rows and sources; x and y are nan where a dot was
        not read.
    """
    rows = read_of_each(read, published)
    was_read = rows >= 0
    n, more = len(rows), len(read) - int(was_read.sum())
    notes = [Note("dots_read_of_picture", dots=int(was_read.sum()), of=n)]
    if more:
        notes.append(Note("marks_where_none_was_drawn", marks=more))
    in_order = reorder_guesses(guesses, rows)
    in_order = replace(in_order, notes=(*guesses.notes, *read.notes, *notes))
    records = pd.DataFrame(
        {
            name: _of_rows(read.records[name].to_numpy(), rows, blank)
            for name, blank in (("x", np.nan), ("y", np.nan), ("status", ""))
        }
    ).astype({"status": "str"})
    same = {f.name: getattr(published, f.name) for f in fields(Release)}
    same |= {"records": records, "roles": Roles(location=("x", "y"))}
    drawn = DotRelease(**same, resolution=read.resolution)
    return in_order, drawn


def add_unread(
    guesses: Guesses, read: DotRelease, believed: Posterior | ComparedAddress | None = None
) -> tuple[Guesses, DotRelease, Posterior | ComparedAddress | None]:
    """Add empty guesses for the estimated number of dots of a real picture that were not read.

    They count as not found: the denominator is the dots that the picture shows.

    Returns
    -------
    guesses, read, believed
        With the estimated number of dots as rows; unchanged where all were read.
    """
    more = 0 if read.dots_shown is None else round(read.dots_shown[1]) - len(read)
    if more <= 0:
        return guesses, read, believed
    rows = np.append(np.arange(len(read)), np.full(more, -1))
    records = read.records.reindex(range(len(rows)))
    records["status"] = records["status"].fillna("")
    shown = replace(read, records=records)
    if isinstance(believed, Posterior):
        believed = _taken(believed, rows)
    elif believed is not None:
        blank = zip(believed, (-1, 0.0), strict=True)
        believed = ComparedAddress(*(np.append(values, none)[rows] for values, none in blank))
    return reorder_guesses(guesses, rows), shown, believed


def widen_intervals(found: Exposure, shown: tuple[float, float, float]) -> Exposure:
    """Widen the intervals of shares by the range of their denominator."""
    low, about, high = shown
    overall = found.overall.copy()
    overall["low"] *= min(about / max(high, 1.0), 1.0)
    overall["high"] = np.minimum(overall["high"] * max(about / max(low, 1.0), 1.0), 1.0)
    return replace(found, overall=overall)


def widen_by_mask(
    found: Exposure,
    right: tuple[float, float, float],
    *,
    own: bool = True,
    both_readings: bool = False,
) -> Exposure:
    """Widen expected gains by the uncertainty about the mask; drop them where it dominates.

    Sampling error and mask error are independent: their squares add up. Where the share under
    one mask differs from the average by more than claims may be off (`settled`), the expected
    gains are nan, with their range and a note.

    - `right`: Share of right addresses over all masks, and least and most under one of them; nan
      where no mask fits the dots: nothing is then expected.
    - `own`: Whether `right` is of these very guesses; else their range is not known.
    - `both_readings`: Whether the value under each mask is reported elsewhere: the number then
      stays.
    """
    about, low, high = right
    if about <= 0:
        return found
    overall, people = found.overall.copy(), found.per_person
    gains = [gain for gain in found.gains if gain != "opinion"]
    value = overall.loc[gains, "value"]
    for end, sign, part in (("low", -1, low / about), ("high", 1, high / about)):
        error = np.hypot(value - overall.loc[gains, end], value * (part - 1))
        overall.loc[gains, end] = (value + sign * error).clip(0, 1)
    # Household and person gains cannot exceed the address gain.
    at_door = float(overall.loc[["address"], "high"].iloc[0])
    within = [gain for gain in gains if gain in ("household", "person")]
    overall.loc[within, "high"] = np.minimum(overall.loc[within, "high"], at_door)
    if both_readings or settled(right):
        return replace(found, overall=overall)
    claims = [f"{part}{gain}" for gain in gains for part in ("", "control_", "confidence_")]
    untold = ["value", "control", "confidence", "residual", "residual_low", "residual_high"]
    overall.loc[gains, untold if own else [*untold, "low", "high"]] = np.nan
    return replace(
        found,
        overall=overall,
        per_person=people.assign(**dict.fromkeys(claims, np.nan)),
        # Without a range the guesses say why.
        notes=(*found.notes, *([Note("share_by_mask")] if math.isfinite(low + high) else [])),
    )


def reorder_guesses(guesses: Guesses, rows: np.ndarray) -> Guesses:
    """Return guesses in another order of rows; a row of -1 has no guess."""

    def taken(values: np.ndarray | None, missing: float) -> np.ndarray | None:
        return None if values is None else _of_rows(values, rows, missing)

    return replace(
        guesses,
        address=_of_rows(guesses.address, rows, -1),
        confidence=_of_rows(guesses.confidence, rows, 0.0),
        person=_of_rows(guesses.person, rows, -1),
        person_confidence=_of_rows(guesses.person_confidence, rows, 0.0),
        opinion=_of_rows(guesses.opinion, rows, ""),
        opinion_confidence=_of_rows(guesses.opinion_confidence, rows, 0.0),
        opinion_low=taken(guesses.opinion_low, 0.0),
        opinion_high=taken(guesses.opinion_high, 0.0),
        posterior=None if guesses.posterior is None else _taken(guesses.posterior, rows),
        credible=taken(guesses.credible, 0),
        k_addresses=taken(guesses.k_addresses, np.nan),
        k_people=taken(guesses.k_people, np.nan),
    )


def _of_rows(values: np.ndarray, rows: np.ndarray, missing: float | str) -> np.ndarray:
    # The row -1 is the last: what is missing. A picture of which nothing was read has no other.
    taken: np.ndarray = np.append(values, missing)[rows]
    return taken


def _taken(posterior: Posterior, rows: np.ndarray) -> Posterior:
    # The row after the last is empty: that of dots that were not read.
    ends = np.append(posterior.indptr, posterior.indptr[-1])
    indptr, entry = take_rows(ends, np.where(rows >= 0, rows, len(posterior)))
    return Posterior(indptr, posterior.candidate[entry], posterior.probability[entry])
