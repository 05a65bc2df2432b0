"""Linkability: are two files without a common column joined through a release?

The second risk of the Article 29 working party (opinion 05/2014, WP216), measured as by Giomi et
al. (2023): the same attack on people of the original and on people who had no part in the release.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from privaudit.columns.values import Reading
from privaudit.core.checks import column_names, whole
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.tables.nearest_records import (
    column_scale,
    link_by_chance,
    linkability_gain,
    table_matrix,
)
from privaudit.tables.singling_out import attack_result, drawn

_MOST_NEIGHBOURS = 50


def linkability(
    original: pd.DataFrame,
    release: pd.DataFrame,
    control: pd.DataFrame,
    *,
    left: Sequence[str],
    right: Sequence[str],
    neighbours: int = 1,
    attacks: int = 2_000,
    seed: int = 7,
    reading: Reading | None = None,
) -> Measures:
    """Join two files that share no column through a release that has the columns of both.

    An adversary holds the `left` attributes of a person in one file and the `right` ones in
    another, and takes two entries for one person where the nearest records of the release to
    either are the same. Equally near records are all as likely: the figure is exact, and does
    not depend on the order of rows.

    Parameters
    ----------
    original, release, control : pandas.DataFrame, or a Polars or Arrow frame
        People that the release was made of; what was released; people of the same population
        who are not in it.
    left, right : sequence of str
        Columns of the two files, none in both.
    neighbours : int
        How many nearest records count, 1 to 50.
    attacks : int
        At most so many people of the original, and of the control.
    seed : int
    reading : Reading, optional
        How the cells of the three tables are read, as those of one.

    Returns
    -------
    Measures
        Family "linkability", one row: mean chance that the link of a person of the original is
        made, with its control and residual; baseline: records drawn at random. n: people
        attacked. 0 = safe.
        Not reliable where the attack does not beat its baseline, or where most of the control
        stands in the original.

    Raises
    ------
    SchemaError
        A column is missing, or is a date in one table and text in another.
    ParameterError
        A number out of range, or a column that stands on both sides.

    Examples
    --------
    Half of the columns are known from one source, half from another; the release is a copy.

    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> people = pd.DataFrame(rng.integers(0, 99, (200, 4)), columns=list("abcd"))
    >>> inside, outside = people[:100], people[100:]
    >>> found = linkability(inside, inside, outside, left=["a", "b"], right=["c", "d"])
    >>> found.value("linkability") > 0.9
    True
    """
    who = "linkability"
    whole(who, "attacks", attacks, 1)
    left, right = column_names(who, "left", left), column_names(who, "right", right)
    names = [*left, *right]
    if not left or not right or len(set(names)) < len(names):
        came = f"left={list(left)}, right={list(right)}"
        raise ParameterError.of(who, "left and right columns, none on both sides", came)
    tables = table_matrix(who, original, release, control, names, reading)
    records = len(tables.release)
    whole(who, "neighbours", neighbours, 1, min(_MOST_NEIGHBOURS, records))
    rng = stream(seed, who)
    scale = column_scale(tables.release, tables.ordered)
    halves = np.arange(len(left)), np.arange(len(left), len(names))
    inside, outside = (
        linkability_gain(
            drawn(people, attacks, rng), tables.release, tables.ordered, scale, *halves, neighbours
        )
        for people in (tables.original, tables.control)
    )
    chance = link_by_chance(records, neighbours)
    recipe = {
        "left": list(left),
        "right": list(right),
        "neighbours": neighbours,
        "attacks": attacks,
        "seed": seed,
    }
    beside = float(outside.mean()), float(len(outside))
    return attack_result(
        who, inside, beside, chance, recipe=recipe, doubts=tables.doubts, notes=tables.notes
    )
