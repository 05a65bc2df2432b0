"""`measure`: every measure of a released table, in one frame whose shape never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, in_range, one_of, say, whole
from privaudit.engines.levels import encode_column
from privaudit.errors import ParameterError
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.codes import MISSING, encode_table
from privaudit.exposure.tables.disclosure import add_disclosure
from privaudit.exposure.tables.keys import add_keys, add_special_uniques
from privaudit.exposure.tables.population import (
    add_estimates,
    add_population,
    common_rate,
    risk_in_population,
)
from privaudit.exposure.tables.risk import add_classes, match_sizes, people_behind
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.tables.equivalence import class_size_histogram
from privaudit.release.release import Release

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SCORES", "measure"]

SCORES = (
    "class_size",
    "prosecutor_risk",
    "journalist_risk",
    "individual_risk",
    "household_risk",
    "suda_score",
    "dis_suda",
    "minimal_uniques",
    "smallest_unique",
)


def measure(
    table: Release,
    *,
    missing: str = "wildcard",
    population: pd.DataFrame | Release | None = None,
    sampling_fraction: float | None = None,
    household: str | None = None,
    hierarchy: Mapping[str, Mapping[Any, tuple[str, ...]]] | None = None,
    threshold: float = 0.2,
    l: int = 2,  # noqa: E741 - the paper's name
    subsets: int = 1,
    special: int = 3,
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
        Share of the population that is in the file, in (0, 1]. Left out, it is read from the
        weights or from the population.
    household : str, optional
        Column that says who lives together.
    hierarchy : mapping, optional
        For a sensitive column, a tree: value to the path of names from its parent to the root.
        t-closeness is then measured over the tree.
    threshold : float
        Risk above which a record counts in ``share_at_risk``, in [0, 1].
    l : int
        l of ``recursive_c``, 2 or more.
    subsets : int
        Distinction and separation are given for every set of at most so many keys.
    special : int
        Special uniques are searched among sets of at most so many keys.

    Returns
    -------
    Measures
        `overall` has the same plain rows whatever the arguments; a measure that cannot be had
        is nan with the reason in its note, and a range where there is one. Rows with a name in
        brackets belong to one column, or to one set of keys.
        `per_record` has one row a record of the table, in its order, and the columns of
        `SCORES`; nan where the record was excluded or the score cannot be had.
        `reliable` is False where an estimate was asked for that the sample does not support.

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

    whole(who, "subsets", subsets, 1)
    whole(who, "special", special, 1)
    coded = encode_table(table, missing, who)
    homes = None
    if household is not None:
        columns_present(who, "household", [household], table.records.columns, table.name)
        homes = encode_column(table.records[household], who)[0][coded.kept]
    wildcard = missing == "wildcard"
    groups = coded.groups
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
    rate = common_rate(coded, behind, sampling_fraction)
    rows = Rows(len(coded))
    add_classes(rows, size, class_size_histogram(size[groups.first]))
    found = risk_in_population(behind, size)
    household_scores, doubts = add_population(
        rows,
        behind,
        groups.size,
        size,
        found,
        rate=rate,
        threshold=threshold,
        household=homes,
    )
    add_disclosure(rows, coded, groups, wildcard=wildcard, l=l, hierarchy=trees)
    scores = {
        "class_size": size,
        "prosecutor_risk": 1.0 / size,
        "journalist_risk": found,
        **household_scores,
    }
    doubts += add_estimates(rows, groups.size, coded.codes, rate, behind.uniques)
    special_scores, special_notes = add_special_uniques(
        rows, coded, groups, special, None if rate is None else rate.value
    )
    scores |= special_scores
    key_notes = add_keys(rows, coded, groups, subsets)
    return Measures(
        overall=rows.frame(),
        per_record=_per_record(scores, coded.kept, coded.records),
        title=f"measures of {table.name}",
        provenance=table.provenance,
        notes=(*coded.notes, *special_notes, *key_notes, *doubts),
        reliable=not doubts,
        recipe={
            "stage": "measure",
            "key": list(coded.keys),
            "sensitive": list(coded.sensitive),
            "missing": missing,
            "population": behind.source,
            "sampling_fraction": sampling_fraction,
            "threshold": threshold,
            "l": l,
            "subsets": subsets,
            "special": special,
        },
    )


def _per_record(
    scores: Mapping[str, NDArray[Any]], kept: NDArray[np.int64], records: int
) -> pd.DataFrame:
    """Scores by position in the table: its own index may hold names."""
    columns = {}
    for name in SCORES:
        columns[name] = np.full(records, np.nan)
        columns[name][kept] = scores.get(name, np.nan)
    return pd.DataFrame(columns)
