"""`measure`: every measure of a released table, in one frame whose shape never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import in_range, one_of, say, whole
from privaudit.errors import ParameterError
from privaudit.exposure.results import Measures
from privaudit.exposure.table_codes import MISSING, encode_table
from privaudit.exposure.table_disclosure import add_disclosure
from privaudit.exposure.table_risk import add_classes, add_population, match_sizes, people_behind
from privaudit.exposure.table_rows import Rows
from privaudit.measures.equivalence import classes
from privaudit.release.release import Release

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["measure"]


def measure(
    table: Release,
    *,
    missing: str = "wildcard",
    population: pd.DataFrame | Release | None = None,
    sampling_fraction: float | None = None,
    hierarchy: Mapping[str, Mapping[Any, tuple[str, ...]]] | None = None,
    threshold: float = 0.2,
    l: int = 2,  # noqa: E741 - the paper's name
) -> Measures:
    """Measure who could be found in a table, and what would be learnt about them.

    Parameters
    ----------
    table : Release
        With at least one key variable among its roles. One record is taken for one person.
    missing : {"wildcard", "value", "exclude"}
        What a missing key is. *wildcard* (default): it agrees with any value, because whoever
        knows a person's age cannot rule out a record whose age is blank; this is also how
        survey institutes count. *value*: a level of its own, never less risk than wildcard.
        *exclude*: such records are left out and counted in the notes. A blank sensitive value
        is a value of its own under *value*, and left out otherwise.
    population : pandas.DataFrame or Release, optional
        Everybody from whom the file's people come, a row a person, with the same key columns.
    sampling_fraction : float, optional
        Share of the population that is in the file, in (0, 1].
    hierarchy : mapping, optional
        For a sensitive column, a tree: value to the path of names from its parent to the root.
        t-closeness is then measured over the tree.
    threshold : float
        Risk above which a record counts in ``share_at_risk``, in [0, 1].
    l : int
        l of ``recursive_c``, 2 or more.

    Returns
    -------
    Measures
        `overall` has the same plain rows whatever the arguments; a measure that cannot be had
        is nan with the reason in its note. Rows with a name in brackets belong to one column.
        `per_record` has one row a record of the table, in its order: class_size,
        prosecutor_risk, journalist_risk; nan where the record was excluded.

    Raises
    ------
    SchemaError
        No key variable, no record, a missing or doubled column, an unusable weight.
    ParameterError
        An argument out of its range.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.roles import Roles
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": list("FFM"), "party": list("aba")})
    >>> leak = Release(kind="table", records=people, roles=Roles(key=["age", "sex"]))
    >>> measure(leak).overall.loc[["k_anonymity", "sample_uniques", "classes"], "value"].tolist()
    [1.0, 1.0, 2.0]
    """
    who = "measure"
    one_of(who, "missing", missing, MISSING)
    in_range(who, "threshold", threshold, 0, 1)
    whole(who, "l", l, 2)
    if sampling_fraction is not None:
        in_range(who, "sampling_fraction", sampling_fraction, 0, 1, open_low=True)
    trees = dict(hierarchy or {})
    for name in trees:
        if name not in table.roles.sensitive:
            came = f"'{name}'"
            raise ParameterError(say(who, "hierarchy of a sensitive column", came))

    coded = encode_table(table, missing, who)
    wildcard = missing == "wildcard"
    groups = classes(coded.codes)
    size = match_sizes(coded, groups, groups.size, wildcard)
    behind = people_behind(
        table,
        coded,
        groups,
        size,
        population=population,
        sampling_fraction=sampling_fraction,
        wildcard=wildcard,
        who=who,
    )
    rows = Rows(len(coded))
    add_classes(rows, groups, size)
    add_population(rows, behind, threshold)
    add_disclosure(rows, coded, groups, wildcard=wildcard, l=l, hierarchy=trees)
    scores = {
        "class_size": size,
        "prosecutor_risk": 1.0 / size,
        "journalist_risk": 1.0 / behind.people,
    }
    return Measures(
        overall=rows.frame(),
        per_record=_per_record(scores, coded.kept, coded.records),
        title=f"measures of {table.name}",
        provenance=table.provenance,
        notes=coded.notes,
        recipe={
            "stage": "measure",
            "key": list(coded.keys),
            "sensitive": list(coded.sensitive),
            "missing": missing,
            "population": behind.source,
            "sampling_fraction": sampling_fraction,
            "threshold": threshold,
            "l": l,
        },
    )


def _per_record(
    scores: Mapping[str, NDArray[Any]], kept: NDArray[np.int64], records: int
) -> pd.DataFrame:
    """Scores by position in the table: its own index may hold names."""
    whole_table = {}
    for name, score in scores.items():
        column = np.full(records, np.nan)
        column[kept] = score
        whole_table[name] = column
    return pd.DataFrame(whole_table)
