"""What the table would teach about somebody whose class is known: rows of attribute disclosure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.checks import say
from privaudit.errors import ParameterError, SchemaError
from privaudit.exposure.tables.codes import CodedTable
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.tables import closeness, disclosure
from privaudit.measures.tables.disclosure import SensitiveCounts
from privaudit.measures.tables.equivalence import Classes, classes
from privaudit.measures.tables.wildcard import matching_parts

__all__ = ["add_disclosure"]

# name, unit, whether the worst column is the one with the lowest value
_MEASURES: tuple[tuple[str, str, bool], ...] = (
    ("distinct_l", "values", True),
    ("distinct_l_multi", "values", True),
    ("entropy_l", "values", True),
    ("recursive_c", "ratio", False),
    ("alpha", "share", False),
    ("t_closeness", "distance", False),
    ("basic_beta", "ratio", False),
    ("enhanced_beta", "ratio", False),
    ("delta_disclosure", "nats", False),
    ("vulnerability_prior", "probability", False),
    ("vulnerability_posterior", "probability", False),
    ("leakage_additive", "probability", False),
    ("leakage_multiplicative", "ratio", False),
)


_WORSE: dict[str, Callable[[float, float], float]] = {
    name: min if low_is_worst else max for name, _, low_is_worst in _MEASURES
}
# (q - p) / p <= -ln p, solved for q.
_INFEASIBLE = (
    "Infeasible for every beta: a class holds a value of share p in the table more often than "
    "p (1 - ln p)."
)
# What the worst of the classes as published is for the worst of their unions.
_AT_LEAST = "A lower bound: too many ways to fill the missing keys, which are read as values here."
_AT_MOST = (
    "Read as an upper bound: too many ways to fill the missing keys, which are read as values here."
)
_BOUNDS = {name: _AT_LEAST if low_is_worst else _AT_MOST for name, _, low_is_worst in _MEASURES}

# They tell one story, before, after and the difference, so they are of one column.
_ONE_GUESS = (
    "vulnerability_prior",
    "vulnerability_posterior",
    "leakage_additive",
    "leakage_multiplicative",
)


def add_disclosure(
    rows: Rows,
    table: CodedTable,
    groups: Classes,
    *,
    wildcard: bool,
    l: int,  # noqa: E741 - the paper's name
    hierarchy: Mapping[str, Mapping[Any, tuple[str, ...]]],
) -> None:
    """Add each measure for its worst sensitive column, then column by column."""
    known = {name: code for name, code in table.sensitive.items() if (code >= 0).any()}
    if not known:
        why = "No sensitive column was named." if not table.sensitive else "All values are missing."
        for name, unit, _ in _MEASURES:
            rows.absent([name], unit, why)
        return
    found = {
        name: _measure_column(name, table, groups, wildcard=wildcard, l=l, hierarchy=hierarchy)
        for name in known
    }
    for measure, unit, low_is_worst in _MEASURES:
        pick: Callable[..., str] = min if low_is_worst else max
        by = "leakage_additive" if measure in _ONE_GUESS else measure
        worst = pick(found, key=lambda name: found[name][by][0])
        value, note, n = found[worst][measure]
        of = f"Of '{worst}'" if len(found) > 1 else ""
        text = " ".join(part for part in (of and of + ".", note) if part)
        rows.add(measure, value, unit, text, n=n, baseline=_baseline(measure, found[worst]))
    if len(found) == 1:
        return
    for name, measured in found.items():
        for measure, unit, _ in _MEASURES:
            value, note, n = measured[measure]
            baseline = _baseline(measure, measured)
            rows.add(f"{measure}[{name}]", value, unit, note, n=n, baseline=baseline)


def _baseline(measure: str, measured: Mapping[str, tuple[float, str, int]]) -> float:
    if measure in ("vulnerability_posterior", "alpha"):
        return measured["vulnerability_prior"][0]
    return float("nan")


def _measure_column(
    name: str,
    table: CodedTable,
    groups: Classes,
    *,
    wildcard: bool,
    l: int,  # noqa: E741
    hierarchy: Mapping[str, Mapping[Any, tuple[str, ...]]],
) -> dict[str, tuple[float, str, int]]:
    code = table.sensitive[name]
    published = disclosure.sensitive_counts(groups.label, code, table.count)
    known = code >= 0
    n = int(known.sum() if table.count is None else table.count[known].sum())
    distance, kind = _closeness(name, table, published, hierarchy)

    def extremes(counts: SensitiveCounts) -> dict[str, float]:
        return {
            "distinct_l": disclosure.distinct_l(counts),
            "entropy_l": disclosure.entropy_l(counts),
            "recursive_c": disclosure.recursive_c(counts, l),
            "alpha": disclosure.alpha(counts),
            "t_closeness": distance(counts),
            "basic_beta": closeness.basic_beta(counts),
            "enhanced_beta": closeness.enhanced_beta(counts),
            "delta_disclosure": closeness.delta_disclosure(counts),
        }

    gaps = wildcard and bool((table.codes < 0).any())
    found, exact = _over_classes(extremes, table, groups, code, published, gaps)
    least, exact_multi = found["distinct_l"], exact
    if len(table.sensitive) > 1:
        least, exact_multi = _multi(name, table, wildcard)
    found["distinct_l_multi"] = least
    said = {
        "distinct_l_multi": "Other sensitive columns as keys.",
        "recursive_c": f"c must exceed it, for l = {l}.",
        "t_closeness": kind,
    }
    if np.isinf(found["enhanced_beta"]):
        said["enhanced_beta"] = _INFEASIBLE
    if np.isinf(found["delta_disclosure"]):
        said["delta_disclosure"] = "Infinite: a class lacks a value of the table."
    values: dict[str, tuple[float, str]] = {}
    for measure, value in found.items():
        bounded = not (exact_multi if measure == "distinct_l_multi" else exact)
        parts = (said.get(measure, ""), _BOUNDS[measure] if bounded else "")
        values[measure] = (value, " ".join(part for part in parts if part))
    prior, posterior = disclosure.bayes_vulnerability(published)
    as_published = "Of the classes as published, a missing key being a value." if gaps else ""
    values |= {
        "vulnerability_prior": (prior, ""),
        "vulnerability_posterior": (posterior, as_published),
        "leakage_additive": (posterior - prior, as_published),
        "leakage_multiplicative": (posterior / prior, as_published),
    }
    return {measure: (float(value), note, n) for measure, (value, note) in values.items()}


def _over_classes(
    extremes: Callable[[SensitiveCounts], dict[str, float]],
    table: CodedTable,
    groups: Classes,
    code: NDArray[np.int64],
    published: SensitiveCounts,
    gaps: bool,
) -> tuple[dict[str, float], bool]:
    """Take the extremes over what each class may be, missing keys agreeing with anything.

    A class read so is a union of classes as published, and every measure here is at most as bad
    in a union as in its worst part: where there are too many unions to go through, the classes
    as published bound them, and the result is not exact.
    """
    if not gaps:
        return extremes(published), True
    from scipy import sparse

    known = code >= 0
    shape = (len(groups.size), len(published.overall))
    records = np.ones(known.sum()) if table.count is None else table.count[known].astype(float)
    cells = (records, (groups.label[known], code[known]))
    matrix = sparse.coo_array(cells, shape=shape).tocsr()
    worst: dict[str, float] = {}
    try:
        for _, part in matching_parts(table.codes[groups.first], matrix):
            if part.nnz:
                here = extremes(disclosure.from_matrix(part, published.overall))
                worst = {
                    name: _WORSE[name](value, worst.get(name, value))
                    for name, value in here.items()
                }
    except ParameterError:
        return extremes(published), False
    return worst, True


def _multi(name: str, table: CodedTable, wildcard: bool) -> tuple[float, bool]:
    """Distinct l of a column when the other sensitive columns are known too."""
    others = [code for other, code in table.sensitive.items() if other != name]
    wider = replace(table, codes=np.column_stack([table.codes, *others]))
    groups = classes(wider.codes)
    code = table.sensitive[name]
    counts = disclosure.sensitive_counts(groups.label, code, table.count)
    gaps = wildcard and bool((wider.codes < 0).any())
    found, exact = _over_classes(_least, wider, groups, code, counts, gaps)
    return found["distinct_l"], exact


def _least(counts: SensitiveCounts) -> dict[str, float]:
    return {"distinct_l": disclosure.distinct_l(counts)}


def _closeness(
    name: str,
    table: CodedTable,
    counts: SensitiveCounts,
    hierarchy: Mapping[str, Mapping[Any, tuple[str, ...]]],
) -> tuple[Callable[[SensitiveCounts], float], str]:
    if name in hierarchy:
        ancestors = _ancestors(name, table.levels[name], hierarchy[name], len(counts.overall))
        over_tree = partial(closeness.t_hierarchical, ancestors=ancestors)
        return over_tree, "Earth mover's distance over the tree."
    if name in table.ordered:
        return closeness.t_ordered, "Earth mover's distance over the ordered values."
    return closeness.t_categorical, "Total variation distance."


def _ancestors(
    name: str, levels: pd.Index, tree: Mapping[Any, tuple[str, ...]], width: int
) -> NDArray[np.int64]:
    """Nodes above each level, as numbers: paths of names from the parent up, one length for all."""
    if width != len(levels):
        came = "missing values counted as a value"
        raise ParameterError(say("measure", f"a tree over the values of '{name}'", came))
    without = [value for value in levels if value not in tree]
    if without:
        came = f"{len(without)} values without a path"
        raise SchemaError(say("measure", f"hierarchy['{name}'] to place every value", came))
    paths = [tuple(tree[value]) for value in levels]
    lengths = {len(path) for path in paths}
    if len(lengths) != 1 or 0 in lengths:
        came = "paths of different lengths" if len(lengths) > 1 else "empty paths"
        raise ParameterError(say("measure", f"hierarchy['{name}'] with paths of one length", came))
    height = lengths.pop()
    numbers = np.empty((len(paths), height), dtype=np.int64)
    for h in range(height):
        numbers[:, h] = pd.factorize(np.array([str(path[h]) for path in paths], dtype=object))[0]
    return numbers
