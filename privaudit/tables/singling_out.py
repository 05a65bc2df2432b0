"""Singling out: do predicates that a release suggests describe exactly one person?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit._core.checks import column_names, say, whole
from privaudit._core.streams import stream
from privaudit.errors import ParameterError
from privaudit.measures.tables import singling_out as predicates
from privaudit.measures.tables.singling_out import Predicates
from privaudit.results.measures import Measures
from privaudit.tables.attack_rows import attack_result, bounded_control
from privaudit.tables.matrix import named_table, table_matrix
from privaudit.words.note import Note

__all__ = ["singling_out"]

# Of people, for the jackknife.
_GROUPS = 20
_FEW = 30


def singling_out(
    original: pd.DataFrame,
    release: pd.DataFrame,
    control: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    attributes: int = 1,
    attacks: int = 500,
    seed: int = 0,
) -> Measures:
    """Make predicates from a release, and see how many describe exactly one person.

    With one attribute, from values that stand once in the release, its lowest and highest
    numbers and dates, a lone missing value. With several, from a record of the release that
    they describe alone. A predicate that describes a share w of the population isolates one of
    n people by chance with probability ``n w (1 - w)^(n - 1)`` (Cohen and Nissim 2020); the
    control measures that chance, for as many people as the original has, on people who had no
    part in the release. Fewer people outside than inside can only bound it, from above.

    Parameters
    ----------
    original, release, control : pandas.DataFrame, or a Polars or Arrow frame
        People whom the release was made of; what was released; people of the same population
        who are not in it.
    columns : sequence of str, optional
        Attributes that may be known; all columns of the release where not given.
    attributes : int
        Conditions in a predicate; 1 is univariate.
    attacks : int
        At most so many predicates.
    seed : int

    Returns
    -------
    Measures
        Family "singling_out", one row: share of predicates that describe exactly one person of
        the original; baseline: predicates drawn from the ranges alone; control: chance to
        isolate one of as many people outside; residual. n: predicates; since these overlap, and
        share their people, the interval of the residual counts
        fewer, by a jackknife over people (`independent_predicates`). 0 = safe. Not reliable
        where the attack does not beat its baseline, where there are fewer people outside than
        inside, where most of the control stands in the original, or where the release suggests
        fewer than 30 predicates.

    Raises
    ------
    SchemaError
        A column is missing, or is a date in one table and text in another.
    ParameterError
        A number out of range, or a release that suggests no predicate.
    """
    who = "singling_out"
    whole(who, "attacks", attacks, 1)
    if columns is not None:
        names = list(column_names(who, "columns", columns))
    else:
        names = list(named_table(who, "release", release).columns)
    whole(who, "attributes", attributes, 1, len(names))
    tables = table_matrix(who, original, release, control, names)
    rng = stream(seed, who)
    if attributes == 1:
        suggested = predicates.extreme_predicates(tables.release, tables.ordered)
    else:
        suggested = predicates.combined_predicates(
            tables.release, tables.ordered, attributes, 20 * attacks, rng
        )
    if not len(suggested):
        came = "a release that describes nobody alone"
        raise ParameterError(say(who, "a predicate", came, "Raise attributes."))
    if len(suggested) > attacks:
        suggested = suggested.pick(np.sort(rng.choice(len(suggested), attacks, replace=False)))
    blind = predicates.random_predicates(
        tables.release, tables.ordered, attributes, len(suggested), rng
    )
    n, m = len(tables.original), len(tables.control)
    inside = _Isolated.among(tables.original, suggested, n, rng)
    outside = _Isolated.among(tables.control, suggested, min(n, m), rng)
    guessed = predicates.count_matches(tables.original, blind)[:, 0] == 1
    # n w (1 - w)^(n - 1) is at most n / m times what it is for m < n, and never above what
    # w = 1 / n gives.
    beside = bounded_control(
        outside.rate,
        outside.worth,
        smaller_by=max(1.0, n / m),
        highest=(1 - 1 / n) ** (n - 1) if m < n else 1.0,
    )
    doubts = list(tables.doubts)
    if m < n:
        doubts.append(Note("control_is_smaller", control=m, original=n))
    if len(suggested) < _FEW:
        doubts.append(Note("few_predicates", predicates=len(suggested)))
    return attack_result(
        who,
        inside.rate,
        beside,
        float(guessed.mean()),
        worth=inside.worth,
        recipe={"columns": names, "attributes": attributes, "attacks": attacks, "seed": seed},
        doubts=doubts,
        notes=tables.notes,
        counts="attacks",
        bound="lower" if m < n else "",
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Isolated:
    """How predicates fare among some people."""

    rate: np.ndarray
    worth: float

    @classmethod
    def among(
        cls,
        people: np.ndarray,
        suggested: Predicates,
        size: int,
        rng: np.random.Generator,
    ) -> _Isolated:
        groups = min(_GROUPS, len(people) - 1)
        group = rng.permutation(np.arange(len(people)) % max(groups, 1))
        matches = predicates.count_matches(people, suggested, group, max(groups, 1))
        total = matches.sum(axis=1)
        worth = float(len(total))
        if groups > 1:
            worth = predicates.independent_predicates(matches, np.bincount(group), size)
        rate = predicates.isolation_rate(total, len(people), size)
        return cls(rate=rate, worth=worth)
