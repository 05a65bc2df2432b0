"""What the table would teach about somebody whose class is known, a sensitive column at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.core.checks import error_message
from privaudit.errors import ParameterError, SchemaError
from privaudit.results.rows import net_of
from privaudit.tables import l_diversity
from privaudit.tables import t_closeness as closeness
from privaudit.tables.l_diversity import SensitiveCounts
from privaudit.tables.missing_bounds import matching_parts
from privaudit.tables.table_measure import NAMELESS, OF_VALUES, RISK, SAFETY, declared
from privaudit.text.cells import alike
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.tables.context import Facts
    from privaudit.tables.l_diversity import SensitiveColumn

_LEVELS = (1, math.inf)


@declared(unit="values", safe="large", per="class", span=_LEVELS, laws=SAFETY | OF_VALUES)
def distinct_l(counts: SensitiveCounts, column: SensitiveColumn) -> float:
    """Fewest different values in a class."""
    return l_diversity.distinct_l(counts)


@declared(unit="values", safe="large", per="column", span=_LEVELS, laws=SAFETY | OF_VALUES)
def distinct_l_multi(column: SensitiveColumn) -> dict[str, Any]:
    """The same with the other sensitive columns as keys."""
    return column.with_other_columns({"l": (min, l_diversity.distinct_l)}, "large")


# Entropy is concave: a joint class is at least as diverse as the less diverse of its parts.
@declared(unit="values", safe="large", per="class", span=_LEVELS, laws=SAFETY | OF_VALUES)
def entropy_l(counts: SensitiveCounts, column: SensitiveColumn) -> float:
    """Exponential of the smallest entropy of a class."""
    return l_diversity.entropy_l(counts)


# Joining two classes keeps the bound of the worse one (Machanavajjhala et al. 2007).
@declared(
    unit="ratio", safe="small", per="class", laws=RISK | OF_VALUES,
    tell=lambda _, column: {"part": {"l": column.facts.options.l}},
)  # fmt: skip
def recursive_c(counts: SensitiveCounts, column: SensitiveColumn) -> float:
    """What c must exceed for recursive (c, l)-diversity."""
    return l_diversity.recursive_c(counts, column.facts.options.l)


@declared(
    unit="share", safe="small", per="class", span=(0, 1), laws=RISK | OF_VALUES,
    against_prior=True,
)  # fmt: skip
def alpha(counts: SensitiveCounts, column: SensitiveColumn) -> float:
    """Highest share of one value in one class."""
    return l_diversity.alpha(counts)


# Distances to the table are convex in the class: a joint class is no farther than the worse.
@declared(
    unit="index", safe="small", per="class", span=(0, 1), laws=RISK | {"everybody_twice": "same"},
    tell=lambda _, column: {"part": {"distance": _distance(column)}, "notes": _why(column)},
)  # fmt: skip
def t_closeness(counts: SensitiveCounts, column: SensitiveColumn) -> float:
    """Farthest that the values of a class lie from those of the table."""
    options, name = column.facts.options, column.name
    distance = _distance(column)
    if distance == "tree":
        levels, tree = column.facts.table.levels[name], options.hierarchy[name]
        above = column.once("tree", lambda: _ancestors(name, levels, tree, len(counts.overall)))
        return closeness.t_hierarchical(counts, above)
    if distance == "ordered":
        return closeness.t_ordered(counts)
    return closeness.t_categorical(counts)


def _distance(column: SensitiveColumn) -> str:
    if column.name in column.facts.options.hierarchy:
        return "tree"
    return "ordered" if column.name in column.facts.table.ordered else "equal"


def _why(column: SensitiveColumn) -> tuple[Note, ...]:
    """Say by what rule the values are in an order, or numbers in none."""
    why = column.facts.table.why_ordered.get(column.name)
    tree = column.name in column.facts.options.hierarchy
    return () if tree or why is None or why.key == "order_of_none" else (why,)


@declared(unit="ratio", safe="small", per="class", laws=RISK | OF_VALUES)
def basic_beta(counts: SensitiveCounts, column: SensitiveColumn) -> float:
    """Largest relative gain of confidence in a value."""
    return closeness.basic_beta(counts)


@declared(
    unit="ratio", safe="small", per="class", laws=RISK | OF_VALUES,
    tell=lambda value, _: {"notes": _infinite(value, "infeasible_for_every_beta")},
)  # fmt: skip
def enhanced_beta(counts: SensitiveCounts, column: SensitiveColumn) -> float:
    """The same under a second bound; infinite where no beta will do."""
    return closeness.enhanced_beta(counts)


@declared(unit="ratio", safe="small", per="class", laws=RISK | OF_VALUES)
def enhanced_beta_present(counts: SensitiveCounts, column: SensitiveColumn) -> float:
    """The first, cut at the second bound of the rarest value: finite, to compare tables by."""
    return closeness.enhanced_beta_present(counts)


@declared(
    unit="nats", safe="small", per="class", laws=RISK | OF_VALUES,
    tell=lambda value, _: {"notes": _infinite(value, "class_lacks_a_value")},
)  # fmt: skip
def delta_disclosure(counts: SensitiveCounts, column: SensitiveColumn) -> float:
    """Largest abs(ln(q / p)) over classes and all values of the table."""
    return closeness.delta_disclosure(counts)


# Of joint classes it may be more: a value that one of them lacks is rare in both together.
@declared(unit="nats", safe="small", per="column", laws=NAMELESS | OF_VALUES)
def delta_disclosure_present(column: SensitiveColumn) -> dict[str, Any]:
    """The same over the values that each class has: finite, to compare tables by."""
    value = closeness.delta_disclosure_present(column.counts.profiles)
    return {"value": value, "notes": column.as_published}


@declared(unit="probability", per="column", span=(0, 1), laws=RISK | OF_VALUES)
def vulnerability_prior(column: SensitiveColumn) -> float:
    """Chance of guessing the value of somebody without the table's keys."""
    return column.vulnerability[0]


@declared(
    unit="probability", safe="small", per="column", span=(0, 1), laws=RISK | OF_VALUES,
    against_prior=True, at_least="vulnerability_prior",
)  # fmt: skip
def vulnerability_posterior(column: SensitiveColumn) -> dict[str, Any]:
    """Chance of guessing the value of somebody of the file by their keys.

    Each record is in its own class: much of it re-reads what stands there. Its control is what
    the same keys tell about somebody who is not in the file, by the better of two guesses: the
    commonest value of the class, or of the table.
    """
    prior, posterior = column.vulnerability
    held_out = max(prior, column.held_out)
    return {
        "value": posterior,
        "notes": (Note("guess_about_the_file"), *column.as_published),
        **net_of(posterior, held_out, column.n, column.n),
    }


@declared(
    unit="probability", per="column", span=(0, 1), laws=NAMELESS | {"values_renamed": "same"},
    against_prior=True,
)  # fmt: skip
def vulnerability_held_out(column: SensitiveColumn) -> dict[str, Any]:
    """The same about somebody who is not in the file: by the other records of each class."""
    return {
        "rate": column.held_out,
        "notes": (Note("guess_held_out"), *column.as_published),
    }


@declared(unit="probability", safe="small", per="column", span=(0, 1), laws=RISK | OF_VALUES)
def leakage_additive(column: SensitiveColumn) -> dict[str, Any]:
    """Posterior less prior."""
    prior, posterior = column.vulnerability
    return {"value": posterior - prior, "notes": column.as_published}


@declared(unit="times", safe="small", per="column", span=(1, math.inf), laws=RISK | OF_VALUES)
def leakage_multiplicative(column: SensitiveColumn) -> dict[str, Any]:
    """Posterior over prior."""
    prior, posterior = column.vulnerability
    return {"value": posterior / prior, "notes": column.as_published}


def diversity_of(facts: Facts) -> dict[str, NDArray[np.float64]]:
    """Distinct and entropy l of each row's class, of its least diverse sensitive column, (n,).

    nan where no sensitive value is known in the class, or nothing differs in any column.
    """
    groups = facts.groups
    worst = {name: np.full(len(groups.size), np.nan) for name in ("distinct_l", "entropy_l")}
    for column in facts.columns:
        if column.why_not is not None:
            continue
        for name, of_class in zip(worst, _diversity(facts, column), strict=True):
            worst[name] = np.fmin(worst[name], of_class)
    return {name: of_class[groups.label] for name, of_class in worst.items()}


def _diversity(facts: Facts, column: SensitiveColumn) -> tuple[NDArray[Any], NDArray[Any]]:
    """Distinct and entropy l of each class, missing keys being read as `missing` has it."""
    if not facts.table.has_gaps and len(column.published.start) == len(facts.groups.size):
        return l_diversity.diversity_of_counts(column.published)
    matrix, likely = column.by_class()
    if not facts.table.has_gaps:
        return l_diversity.diversity_by_class(matrix)
    keys, found = facts.table.codes[facts.groups.first], np.full((2, matrix.shape[0]), np.nan)
    if likely is not None:
        found[:, (keys >= 0).all(axis=1)] = l_diversity.diversity_by_class(likely)
    elif facts.sizes.read == "wildcard":
        try:
            for rows, part in matching_parts(keys, matrix):
                found[:, rows] = l_diversity.diversity_by_class(part)
        except ParameterError:  # too many sums: as published, as the rows of these measures say
            found[:] = np.nan
    # A class that lacks a key, where others are expected, is itself.
    distinct, entropy = np.where(np.isnan(found), l_diversity.diversity_by_class(matrix), found)
    return distinct, entropy


def _infinite(value: float, key: str) -> tuple[Note, ...]:
    return (Note(key),) if math.isinf(value) else ()


def _ancestors(
    name: str, levels: pd.Index, tree: Mapping[Any, tuple[str, ...]], width: int
) -> NDArray[np.int64]:
    """Nodes above each level, as numbers: paths of names from the parent up, one length for all."""
    if width != len(levels):
        came = "missing values counted as a value"
        raise ParameterError(error_message("measure", f"a tree over the values of '{name}'", came))
    place = dict(zip(alike(pd.Index(list(tree), dtype=object)), tree.values(), strict=True))
    texts = alike(levels)
    without = sum(text not in place for text in texts)
    if without:
        came = f"{without} values without a path"
        raise SchemaError(
            error_message("measure", f"hierarchy['{name}'] to place every value", came)
        )
    paths = [tuple(place[text]) for text in texts]
    lengths = {len(path) for path in paths}
    if len(lengths) != 1 or 0 in lengths:
        came = "paths of different lengths" if len(lengths) > 1 else "empty paths"
        raise ParameterError(
            error_message("measure", f"hierarchy['{name}'] with paths of one length", came)
        )
    height = lengths.pop()
    numbers = np.empty((len(paths), height), dtype=np.int64)
    for h in range(height):
        numbers[:, h] = pd.factorize(np.array([str(path[h]) for path in paths], dtype=object))[0]
    return numbers
