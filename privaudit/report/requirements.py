"""Requirements on numbers of a report: how ``--require`` is read, and whether each holds."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from privaudit.errors import ParameterError, did_you_mean

_REQUIREMENT = re.compile(r"([\w.]+)\s*(>=|<=|==|>|<)\s*(\S+)")
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "==": operator.eq,
}  # fmt: skip


class Requirement(NamedTuple):
    """What a row of a report has to be, such as ``k_anonymity >= 5``."""

    row: str
    operator: str
    number: float

    def __str__(self) -> str:
        return f"{self.row} {self.operator} {self.number:.10g}"


class Outcome(NamedTuple):
    """Whether a requirement holds; None where that cannot be decided, and the row in words."""

    requirement: Requirement
    holds: bool | None
    row: str

    def __str__(self) -> str:
        verdict = {True: "holds", False: "does not hold", None: "undecided, so not met"}
        return f"required {self.requirement}: {verdict[self.holds]}; it is {self.row}"


def requirements(text: str, who: str) -> tuple[Requirement, ...]:
    """Read requirements between commas.

    Raises
    ------
    ParameterError
        One is not a row, an operator and a number.

    Examples
    --------
    >>> [str(one) for one in requirements("k_anonymity>=5, sample_uniques == 0", "table")]
    ['k_anonymity >= 5', 'sample_uniques == 0']
    """
    read = []
    for one in text.split(","):
        match = _REQUIREMENT.fullmatch(one.strip())
        try:
            number = float(match[3]) if match else math.nan
        except ValueError:
            number = math.nan
        if match is None or math.isnan(number):
            needed = 'a row, >=, >, <=, < or ==, and a number in --require, as "k_anonymity>=5"'
            raise ParameterError.of(who, needed, f"'{one.strip()}'")
        read.append(Requirement(match[1], match[2], number))
    return tuple(read)


def outcome_of(required: Requirement, records: Sequence[Mapping[str, Any]], who: str) -> Outcome:
    """Hold the findings of a report, as ``findings.json`` has them, against a requirement.

    It holds where every number of the row's range meets it: the interval, the range between
    simulated towns, and, of a row that is a bound, all beyond. A row that is withheld, not known or
    not reliable, or whose range meets it in part only, decides nothing.

    Raises
    ------
    ParameterError
        No row has this name, or several have it without their families.

    Examples
    --------
    >>> row = {"id": "table.k_anonymity", "value": 7, "low": 4, "high": 9}
    >>> for text in ("k_anonymity>=4", "table.k_anonymity>=5", "k_anonymity<4"):
    ...     print(outcome_of(*requirements(text, "table"), [row], "table"))
    required k_anonymity >= 4: holds; it is 7 (4 to 9)
    required table.k_anonymity >= 5: undecided, so not met; it is 7 (4 to 9)
    required k_anonymity < 4: does not hold; it is 7 (4 to 9)
    """
    row = _row_called(required.row, records, who)
    ends = _ends(row)
    if ends is None:
        return Outcome(required, None, _why_undecided(row))
    met = [_OPERATORS[required.operator](end, required.number) for end in ends]
    within = required.operator == "==" and ends[0] <= required.number <= ends[1]
    holds = met[0] if met[0] == met[1] and (met[0] or not within) else None
    return Outcome(required, holds, _in_words(row, ends))


def _row_called(name: str, records: Sequence[Mapping[str, Any]], who: str) -> Mapping[str, Any]:
    """Return the one row of a name, with its family or without."""
    whole = [one for one in records if one["id"] == name]
    found = whole or [one for one in records if one["id"].partition(".")[2] == name]
    if len(found) == 1:
        return found[0]
    if found:
        do = f"Name one: {', '.join(one['id'] for one in found)}."
        raise ParameterError.of(who, f"one row for --require {name}", f"{len(found)}", do)
    known = [n for one in records for n in (one["id"].partition(".")[2], one["id"])]
    do = did_you_mean(name, known) or "The names are those of findings.json."
    raise ParameterError.of(who, "a row of the report in --require", f"'{name}'", do)


def _ends(row: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the bounds of a row; None where they decide nothing."""
    if row.get("withheld") or row.get("reliable") is False:
        return None
    numbers = {**row, **dict.fromkeys(row.get("infinite", ()), math.inf)}
    value, low, high = (numbers.get(name) for name in ("value", "low", "high"))
    if low is None or high is None:
        return None
    towns = [numbers.get(f"between_{end}") for end in ("low", "high")]
    every = [number for number in (value, low, high, *towns) if number is not None]
    bound = row.get("bound")
    least = -math.inf if bound == "upper" else min(every)
    return least, math.inf if bound == "lower" else max(every)


def _why_undecided(row: Mapping[str, Any]) -> str:
    """Return why a row without a range decides nothing."""
    if row.get("withheld"):
        return "withheld"
    if row.get("reliable") is False:
        return "not reliable"
    value = row.get("value")
    return "not known" if value is None else f"{value:.10g}, within a range that is not known"


def _in_words(row: Mapping[str, Any], ends: tuple[float, float]) -> str:
    """Return a number with its range."""
    low, high = (f"{end:.10g}" for end in ends)
    if math.isinf(ends[0]) or math.isinf(ends[1]):
        return f"at most {high}" if math.isinf(ends[0]) else f"at least {low}"
    value = row.get("value")
    if value is None:
        return f"between {low} and {high}"
    return f"{value:.10g}" if low == high else f"{value:.10g} ({low} to {high})"
