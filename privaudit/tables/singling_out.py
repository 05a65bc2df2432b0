"""Singling out: do predicates that a release suggests describe exactly one person?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from privaudit._core.checks import column_names, say, whole
from privaudit._core.policy import FEWEST_TO_LEARN
from privaudit._core.streams import stream
from privaudit.errors import ParameterError
from privaudit.measures.tables import singling_out as predicates
from privaudit.measures.tables.singling_out import Predicates
from privaudit.results.measures import Measures
from privaudit.tables.attack_rows import attack_result, bounded_control
from privaudit.tables.matrix import TableMatrix, named_table, table_matrix
from privaudit.tables.reading import Reading
from privaudit.words.note import Note

__all__ = ["singling_out"]

# Of people, for the jackknife.
_GROUPS = 20
# Records that are looked at to find predicates: some seconds.
_MOST_LOOKS = 50_000_000


def singling_out(
    original: pd.DataFrame,
    release: pd.DataFrame,
    control: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    attributes: int = 1,
    attacks: int = 500,
    seed: int = 7,
    reading: Reading | None = None,
) -> Measures:
    """Make predicates from a release, and see how many describe exactly one person.

    Every predicate describes one record of the release alone. With one attribute, it names a
    value that stands once there, as such or as the lowest or the highest, or a lone missing
    value; with several, values of one record. A predicate that describes a share w of the
    population isolates one of n people by chance with probability ``n w (1 - w)^(n - 1)`` (Cohen
    and Nissim 2020); the control measures that chance, for as many people as the original has,
    on people who had no
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
    reading : Reading, optional
        How the cells of the three tables are read, as those of one.

    Returns
    -------
    Measures
        Family "singling_out", one row: share of predicates that describe exactly one person of
        the original; baseline: predicates drawn from the ranges alone; control: chance to
        isolate one of as many people outside; residual. n: predicates. These overlap and share
        their people, and so succeed together by chance: for that part the interval of the
        residual counts fewer, by a jackknife over people outside (`independent_predicates`,
        `attack_worth`). 0 = safe. Not reliable
        where the attack does not beat its baseline, where there are fewer people outside than
        inside, where most of the control stands in the original, or where the release suggests
        fewer than 30 predicates.

    Raises
    ------
    SchemaError
        A column is missing, or is a date in one table and text in another.
    ParameterError
        A number out of range, or a release that suggests no predicate.

    Examples
    --------
    A verbatim copy: each of its predicates describes one person of the original.

    >>> import pandas as pd
    >>> people = pd.DataFrame({"rent": range(400)})
    >>> found = singling_out(people[::2], people[::2], people[1::2])
    >>> found.value("singling_out")
    1.0
    """
    who = "singling_out"
    whole(who, "attacks", attacks, 1)
    if columns is not None:
        names = list(column_names(who, "columns", columns))
    else:
        names = list(named_table(who, "release", release).columns)
    whole(who, "attributes", attributes, 1, len(names))
    tables = table_matrix(who, original, release, control, names, reading)
    rng = stream(seed, who)
    if attributes == 1:
        suggested = predicates.extreme_predicates(tables.release, tables.ordered)
    else:
        suggested = _combined(tables, attributes, attacks, rng)
    if not len(suggested):
        came = "a release that describes nobody alone"
        raise ParameterError(say(who, "a predicate", came, "Raise attributes."))
    if len(suggested) > attacks:
        suggested = suggested.pick(np.sort(rng.choice(len(suggested), attacks, replace=False)))
    blind = predicates.random_predicates(
        tables.release, tables.ordered, attributes, len(suggested), rng
    )
    n, m = len(tables.original), len(tables.control)
    inside, guessed = (
        predicates.count_matches(tables.original, tried)[:, 0] == 1 for tried in (suggested, blind)
    )
    beside = _chance(tables.control, suggested, n, rng)
    # What as many people as the original has would shake.
    shaken = _chance(tables.control[rng.permutation(m)[:n]], suggested, n, rng) if m > n else beside
    doubts = list(tables.doubts)
    if m < n:
        doubts.append(Note("control_is_smaller", control=m, original=n))
    if len(suggested) < FEWEST_TO_LEARN:
        doubts.append(Note("few_predicates", predicates=len(suggested)))
    return attack_result(
        who,
        inside.astype(float),
        beside,
        float(guessed.mean()),
        worth=predicates.attack_worth(float(inside.mean()), len(suggested), *shaken),
        recipe={"columns": names, "attributes": attributes, "attacks": attacks, "seed": seed},
        doubts=doubts,
        notes=tables.notes,
        counts="attacks",
        bound="lower" if m < n else "",
    )


def _combined(
    tables: TableMatrix, attributes: int, attacks: int, rng: np.random.Generator
) -> Predicates:
    """Draw predicates until enough describe one record; the fewer do, the more are drawn."""
    for tries in (20 * attacks, 60 * attacks, 180 * attacks):
        found = predicates.combined_predicates(
            tables.release, tables.ordered, attributes, tries, rng
        )
        if len(found) >= attacks or tries * len(tables.release) > _MOST_LOOKS:
            break
    return found


def _chance(
    people: np.ndarray, suggested: Predicates, n: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Chance to isolate one of n people like these, and how many predicates it is worth."""
    m = len(people)
    size, groups = min(n, m), max(1, min(_GROUPS, m - 1))
    group = rng.permutation(np.arange(m) % groups)
    matches = predicates.count_matches(people, suggested, group, groups)
    worth = float(len(matches))
    if groups > 1:
        worth = predicates.independent_predicates(matches, np.bincount(group), size)
    rate = predicates.isolation_rate(matches.sum(axis=1), m, size)
    # n w (1 - w)^(n - 1) is at most n / m times what it is for m < n, and never above what
    # w = 1 / n gives.
    highest = (1 - 1 / n) ** (n - 1) if m < n else 1.0
    return bounded_control(rate, worth, smaller_by=max(1.0, n / m), highest=highest)
