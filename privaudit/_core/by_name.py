"""Parameters of a public dataclass are given by name; what is wrong with a call is one line."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import wraps
from typing import Any, TypeVar

from privaudit._core.checks import did_you_mean, say
from privaudit.errors import CallError

__all__ = ["by_name"]

T = TypeVar("T")
_SHOWN = 8


def by_name(cls: type[T]) -> type[T]:
    """Let a dataclass say which of its parameters a call has got wrong.

    Stands above ``@dataclass(kw_only=True)``. Python's own `TypeError` speaks of ``__init__`` and
    does not say what the parameters are; this one is a `TypeError` too.

    Raises
    ------
    CallError
        From a call: a value without a name, a name that is no parameter, or none for one that has
        no default.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @by_name
    ... @dataclass(kw_only=True)
    ... class Ring:
    ...     low: float
    ...     high: float = 200.0
    >>> Ring(50)
    Traceback (most recent call last):
    privaudit.errors.CallError: Ring: needs its parameters by name (low=, high=), but got 1 ...
    >>> Ring(lower=50)
    Traceback (most recent call last):
    privaudit.errors.CallError: Ring: has no parameter 'lower'. Did you mean 'low'? It takes ...
    """
    built = cls.__init__
    given = [field for field in fields(cls) if field.init]  # type: ignore[arg-type]
    taken = [field.name for field in given]
    needed = [f.name for f in given if f.default is MISSING and f.default_factory is MISSING]

    @wraps(built)
    def checked(self: Any, *values: Any, **named: Any) -> None:
        if values or not named.keys() <= set(taken):
            raise _wrong(type(self).__name__, len(values), named, taken)
        lacking = [name for name in needed if name not in named]
        if lacking:
            needs, do = f"a value for {', '.join(lacking)}", f"It takes {_listed(taken)}."
            raise CallError(say(type(self).__name__, needs, "none", do))
        built(self, **named)

    cls.__init__ = checked  # type: ignore[method-assign]
    return cls


def _wrong(who: str, unnamed: int, named: dict[str, Any], taken: list[str]) -> CallError:
    if unnamed and not taken:
        return CallError(f"{who}: takes no parameter, but got {unnamed}.")
    if unnamed:
        came = f"{unnamed} without a name"
        return CallError(say(who, f"its parameters by name ({_listed(taken)})", came))
    word = next(name for name in named if name not in taken)
    takes = f"It takes {_listed(taken)}." if taken else "It takes none."
    said = f"{who}: has no parameter '{word}'. {did_you_mean(word, taken)} {takes}"
    return CallError(" ".join(said.split()))


def _listed(names: list[str]) -> str:
    return ", ".join(f"{name}=" for name in names[:_SHOWN]) + (
        ", ..." if len(names) > _SHOWN else ""
    )
