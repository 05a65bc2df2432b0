"""Dots that were read from a picture, put beside the people whose dots were drawn on it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, say
from privaudit.attacks.guesses import Guesses, Posterior
from privaudit.errors import ParameterError
from privaudit.measures.maps.links import link_positions
from privaudit.measures.tables.compressed_rows import take_rows
from privaudit.release.release import DotRelease, Release
from privaudit.roles import Roles
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.release.release import PictureRelease

__all__ = ["held_by_drawn", "read_of_each"]

# A dot is read within a pixel or two of where it was drawn; what is farther is another dot.
NEAR_PIXELS = 3.0


def read_of_each(read: DotRelease, published: PictureRelease) -> np.ndarray:
    """Return which dot that was read shows each dot that was drawn.

    One to one, by the least squared distance in pixels, never more than three.

    Parameters
    ----------
    read : Release
        What `read_back` made of the picture.
    published : Release
        The screenshot as published, with its sealed sources.

    Returns
    -------
    ndarray of int64, shape (drawn dots,)
        Row of `read`, -1 where a dot was not read.

    Raises
    ------
    ParameterError
        No sources, or nothing that says where the picture was laid.
    SchemaError
        The sources do not say where dots were drawn.
    """
    if published.sources is None or read.picture is None or read.picture.georeference is None:
        needed = "a published screenshot with its sources, and what was read from it"
        raise ParameterError(say("read_of_each", needed, "one without"))
    columns_present(
        "read_of_each", "column", ("column", "row"), published.sources.columns, "the sources"
    )
    drawn = published.sources[["column", "row"]].to_numpy(dtype=float)
    seen = read.picture.georeference.to_pixels(read.records[["x", "y"]].to_numpy(dtype=float))
    return link_positions(drawn, seen, NEAR_PIXELS)


def held_by_drawn(
    guesses: Guesses, read: DotRelease, published: PictureRelease
) -> tuple[Guesses, DotRelease]:
    """Put guesses about dots that were read in the order of the people who were drawn.

    Nobody leaves the count because a reader missed a dot: such a dot has no guess, which counts
    as not found.

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
    found = rows >= 0
    at = np.where(found, rows, 0)

    def taken(values: np.ndarray | None, missing: float) -> np.ndarray | None:
        return None if values is None else np.where(found, values[at], missing)

    posterior = guesses.posterior
    if posterior is not None:
        # A row beyond the last stands for the dots that were not read: it is empty.
        ends = np.append(posterior.indptr, posterior.indptr[-1])
        indptr, entry = take_rows(ends, np.where(found, rows, len(posterior)))
        posterior = Posterior(indptr, posterior.candidate[entry], posterior.probability[entry])
    n, more = len(rows), len(read) - int(found.sum())
    notes = [Note("dots_read_of_picture", dots=int(found.sum()), of=n)]
    if more:
        notes.append(Note("marks_where_none_was_drawn", marks=more))
    ordered = replace(
        guesses,
        address=np.where(found, guesses.address[at], -1),
        address_confidence=np.where(found, guesses.address_confidence[at], 0.0),
        person=np.where(found, guesses.person[at], -1),
        person_confidence=np.where(found, guesses.person_confidence[at], 0.0),
        opinion=np.where(found, guesses.opinion[at], ""),
        opinion_confidence=np.where(found, guesses.opinion_confidence[at], 0.0),
        posterior=posterior,
        credible=taken(guesses.credible, 0),
        k_addresses=taken(guesses.k_addresses, np.nan),
        k_people=taken(guesses.k_people, np.nan),
        notes=(*guesses.notes, *read.notes, *notes),
    )
    records = pd.DataFrame(
        {
            name: np.where(found, read.records[name].to_numpy()[at], blank)
            for name, blank in (("x", np.nan), ("y", np.nan), ("status", ""))
        }
    ).astype({"status": "str"})
    same = {f.name: getattr(published, f.name) for f in fields(Release)}
    same |= {"records": records, "roles": Roles(location=("x", "y"))}
    drawn = DotRelease(**same, resolution=read.resolution)
    return ordered, drawn
