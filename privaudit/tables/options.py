"""How a table is to be measured: the arguments of `measure`, checked at birth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from privaudit._core.checks import an_instance, column_names, in_range, one_of, say, whole
from privaudit.errors import ParameterError
from privaudit.roles import MISSING, Roles

__all__ = ["Options"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Options:
    """Arguments of `privaudit.tables.measures.measure`, where they are explained.

    Raises
    ------
    ParameterError
        One is out of its range.
    """

    missing: str = "likely"
    alpha: float = 1.0
    sampling_fraction: float | None = None
    household: str | None = None
    hierarchy: Mapping[str, Mapping[Any, tuple[str, ...]]] = field(default_factory=dict)
    threshold: float = 0.2
    l: int = 2  # noqa: E741 - the paper's name
    subsets: int = 1
    special: int = 3
    own: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        who = "measure"
        one_of(who, "missing", self.missing, MISSING)
        in_range(who, "alpha", self.alpha, 0, 1)
        if self.alpha < 1 and self.missing != "wildcard":
            came = f"missing={self.missing!r}"
            raise ParameterError(say(who, 'alpha below 1 with missing="wildcard" only', came))
        in_range(who, "threshold", self.threshold, 0, 1)
        for name, least in (("l", 2), ("subsets", 1), ("special", 1)):
            whole(who, name, getattr(self, name), least)
        if self.sampling_fraction is not None:
            in_range(who, "sampling_fraction", self.sampling_fraction, 0, 1, open_low=True)
        if self.household is not None:
            (household,) = column_names(who, "household", [self.household])
            object.__setattr__(self, "household", household)
        an_instance(who, "hierarchy", self.hierarchy, Mapping)
        for name, tree in self.hierarchy.items():
            an_instance(who, f"hierarchy['{name}']", tree, Mapping)

    def check(self, roles: Roles) -> None:
        """Refuse a tree of values for a column that is not sensitive."""
        for name in self.hierarchy:
            if name not in roles.sensitive:
                raise ParameterError(say("measure", "hierarchy of a sensitive column", f"'{name}'"))

    def recipe(self, roles: Roles, population: str) -> dict[str, Any]:
        """Return what was asked as plain JSON values; `population` says how F is known."""
        return {
            "stage": "measure",
            "key": list(roles.key),
            "sensitive": list(roles.sensitive),
            "missing": self.missing,
            "alpha": self.alpha,
            "population": population,
            "sampling_fraction": self.sampling_fraction,
            "threshold": self.threshold,
            "l": self.l,
            "subsets": self.subsets,
            "special": self.special,
        }
