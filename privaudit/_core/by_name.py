"""Parameters of a public dataclass are given by name; what is wrong with a call is one line."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import wraps
from typing import Any, TypeVar

from privaudit._core.checks import did_you_mean, say
from privaudit.errors import CallError

__all__ = ["by_name", "plain_fields"]

C = TypeVar("C")
_SHOWN = 8


def by_name(cls: type[C]) -> type[C]:
    """Let a dataclass say which of its parameters a call has got wrong.

    Stands above ``@dataclass``, with ``kw_only=True`` for what is given by name alone. Python's
    own `TypeError` speaks of ``__init__`` and does not say what the parameters are; this one is a
    `TypeError` too.
    """
    built = cls.__init__
    given = [field for field in fields(cls) if field.init]  # type: ignore[arg-type]
    taken = [field.name for field in given]
    needed = [f.name for f in given if f.default is MISSING and f.default_factory is MISSING]
    unnamed = [field.name for field in given if not field.kw_only]

    @wraps(built)
    def checked(self: Any, *values: Any, **named: Any) -> None:
        if len(values) > len(unnamed) or not named.keys() <= set(taken):
            raise _wrong(type(self).__name__, len(values), named, taken)
        named = dict(zip(unnamed, values, strict=False)) | named
        lacking = [name for name in needed if name not in named]
        if lacking:
            needs, do = f"a value for {', '.join(lacking)}", f"It takes {_listed(taken)}."
            raise CallError(say(type(self).__name__, needs, "none", do))
        built(self, **named)

    cls.__init__ = checked  # type: ignore[method-assign]
    return cls


def plain_fields(thing: Any) -> dict[str, Any]:
    """Return the parameters of a dataclass as plain JSON values: dates as text, by their names."""
    return {field.name: _plain(getattr(thing, field.name)) for field in fields(thing)}


def _plain(value: Any) -> Any:
    if hasattr(value, "recipe"):
        return value.recipe()
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    # A NumPy number is no JSON value; neither is a date, which has an item too.
    number = getattr(value, "item", lambda: None)()
    return number if isinstance(number, (bool, int, float, str)) else str(value)


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
