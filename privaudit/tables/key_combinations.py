"""Key combinations: which sets of keys single records out, and which keys predict a secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.roles import Roles
from privaudit.core.checks import column_names, whole
from privaudit.core.policy import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Row, Rows
from privaudit.tables.context import Options, context_of, read_people
from privaudit.tables.inference import inference
from privaudit.tables.special_uniques import search_uniques
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import MissingWord

# Attacks that one call may make.
_MOST_SETS = 200


def key_combinations(
    table: Any,
    roles: Roles | None = None,
    *,
    missing: MissingWord = "likely",
    size: int = 3,
    most: int | None = None,
    least: int = 1,
) -> Measures:
    """Return which combinations of keys single records out.

    Parameters
    ----------
    table : Release, pandas, Polars or Arrow frame, or path
        Its records are read.
    roles : Roles, optional
        With at least one key variable. Default: those of the release.
    missing : {"likely", "wildcard", "value", "exclude"}
        Under *likely*, a set of keys counts among the records that know it; under *wildcard* a
        blank agrees with any value, under *value* it is one; *exclude* leaves records with one out.
    size : int
        Combinations of at most so many keys, or of as many as can be searched.
    most : int, optional
        Rows of combinations: those that single out most records, and one for all others.
    least : int
        Records that a combination must single out for a row of its own. A report takes no fewer
        than its threshold.

    Returns
    -------
    Measures
        Family "combinations". ``singled_out_by``, a row a combination of ``keys``, the most
        first: share of the records that it singles out while no part of it does (a minimal
        sample unique), 0 = safe. A record may stand in several rows, which therefore overlap.
        Combinations that single out fewer than `least` records, and what `most` leaves out, share
        one row, ``sets="other"``: the records that no combination shown singles out; of fewer than
        `least` it is left out. ``singled_out_by`` without ``keys``: by any of them. n:
        records. `per_record` is empty.

    Raises
    ------
    SchemaError
        The records of the table are not read (it is lazy, or too large), or it has no key
        variable.
    ParameterError
        An argument out of its range.

    Examples
    --------
    >>> people = pd.DataFrame({"age": list(range(12)) * 2, "sex": ["F"] * 12 + ["M"] * 12})
    >>> found = key_combinations(people, Roles(key=["age", "sex"]))
    >>> found.value("singled_out_by", keys=("age", "sex"))
    1.0
    """
    who = "key_combinations"
    whole(who, "size", size, 1)
    if most is not None:
        whole(who, "most", most, 1)
    whole(who, "least", least, 1)
    read, coded, read_notes = read_people(table, roles, missing, who)
    search = search_uniques(coded, size, missing)
    rows = Rows(len(coded), "records")
    notes = [search] if isinstance(search, Note) else [*search.notes, *search.cut_short]
    if isinstance(search, Note):
        rows.absent(["singled_out_by"], "share", search)
    else:
        found, n = search.uniques, len(coded)
        context = context_of(coded, Options(missing=missing), who=who)
        rows.add(
            "singled_out_by", len(np.unique(found.record)) / n, "share", **context.unprinted_levels
        )
        for part, share in _shares(found.record, found.keys, coded.keys, n, most, least):
            # Levels of one record each are a count of the rarest level of a key.
            alone = [coded.keys.index(key) for key in part.get("keys", ())]
            one = len(alone) == 1 and context.has_few_levels(alone[0])
            few = ("row",) if one or round(share * n) < SMALL_CELL else ()
            rows.add("singled_out_by", share, "share", part=part, unprinted=few)
    return Measures(
        family="combinations",
        rows=rows,
        name=read.name,
        provenance=read.provenance,
        notes=(*read_notes, *notes),
        recipe={"stage": who, "key": list(coded.keys), "missing": missing, "size": size},
    )


def _shares(
    record: np.ndarray, keys: np.ndarray, names: Sequence[str], n: int, most: int | None, least: int
) -> list[tuple[dict[str, Any], float]]:
    """Return the share of records of each combination shown, and of all others together."""
    sets, count = np.unique(keys, return_counts=True)
    # The most first.
    order = np.lexsort([sets, -count])
    shown = [k for k in order if count[k] >= least][:most]
    rows: list[tuple[dict[str, Any], float]] = [
        ({"keys": tuple(name for j, name in enumerate(names) if sets[k] >> j & 1)}, count[k] / n)
        for k in shown
    ]
    by_shown = np.isin(keys, sets[shown])
    rest = len(np.setdiff1d(record[~by_shown], record[by_shown]))
    return [*rows, ({"sets": "other"}, rest / n)] if rest >= least else rows


def inference_by_keys(
    original: pd.DataFrame,
    release: pd.DataFrame,
    control: pd.DataFrame,
    *,
    known: Sequence[str],
    secret: str,
    size: int = 2,
    **options: Any,
) -> Measures:
    """Guess a secret from every small combination of known columns: which of them disclose it.

    Parameters
    ----------
    original, release, control, secret
        As for `privaudit.tables.inference.inference`.
    known : sequence of str
        Columns that may be known.
    size : int
        Combinations of at most so many, and all of them together.
    **options
        Others of `inference`: model, tolerance, days, attacks, seed, reading.

    Returns
    -------
    Measures
        Family "inference", a row ``inference_by_keys`` a combination of ``keys``, by what is
        gained over the people who are not in the release, the most first. A row is reliable
        where its attack is.

    Raises
    ------
    ParameterError
        More than 200 combinations; or as `inference`.

    Examples
    --------
    >>> people = pd.DataFrame({"age": range(60), "sex": list("FM") * 30, "vote": list("abc") * 20})
    >>> others = people.assign(age=range(100, 160), vote=list("bca") * 20)
    >>> found = inference_by_keys(people, people, others, known=["age", "sex"], secret="vote")
    >>> [row.part["keys"] for row in found.rows][-1]
    ('sex',)
    """
    who = "inference_by_keys"
    columns = column_names(who, "known", known)
    whole(who, "size", size, 1)
    sizes = sorted({*range(1, min(size, len(columns)) + 1), len(columns)})
    many = sum(comb(len(columns), k) for k in sizes)
    if many > _MOST_SETS:
        do = "Lower size, or know fewer columns."
        raise ParameterError.of(who, f"at most {_MOST_SETS} combinations", f"{many:,}", do)
    rows: list[Row] = []
    for keys in (keys for k in sizes for keys in combinations(columns, k)):
        found = inference(original, release, control, known=keys, secret=secret, **options)
        rows += [replace(row, measure=who, part={**row.part, "keys": keys}) for row in found.rows]
    rows.sort(key=lambda row: -row.residual if row.residual == row.residual else np.inf)
    return Measures(
        family="inference",
        rows=rows,
        notes=tuple(n for n in found.notes if n.key not in ("weak_attack", "nothing_added")),
        reliable=any(row.reliable for row in rows),
        recipe={**found.recipe, "measure": who, "known": list(columns), "size": size},
    )
