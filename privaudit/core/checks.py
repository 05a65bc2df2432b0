"""Check arguments, and write error messages: who, what was needed, what came, what to do."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, fields
from functools import cache, wraps
from importlib import resources
from inspect import Parameter, signature
from numbers import Integral, Number
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from privaudit.errors import CallError, ParameterError, SchemaError, did_you_mean
from privaudit.errors import error_message as error_message

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
# Says of a header whether it may be a person's. `tables` knows, which stands above this file.
QUIET: list[Callable[[str], bool]] = []
_MOST_SHOWN = 12


def an_instance(
    who: str, name: str, value: Any, kinds: type | tuple[type, ...], do: str = ""
) -> Any:
    """Check that an argument is of a type that can be worked with, and return it.

    `do` says how to come by one.

    Examples
    --------
    >>> an_instance("unicity", "traces", [1], dict, "Use read_traces.")
    Traceback (most recent call last):
    privaudit.errors.ParameterError: unicity: needs traces to be a dict, but got a list. ...
    """
    if isinstance(value, kinds):
        return value
    several = kinds if isinstance(kinds, tuple) else (kinds,)
    needed = " or ".join(map(_of_kind, several))
    raise ParameterError.of(who, f"{name} to be {needed}", kind_of(value), do)


def listed(who: str, name: str, value: Any, do: str = "") -> tuple[Any, ...]:
    """Check that an argument is a list, and return it as a tuple.

    Examples
    --------
    >>> listed("frontier", "masks", (mask for mask in "ab"))
    ('a', 'b')
    """
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        return tuple(value)
    raise ParameterError.of(who, f"{name} to be a list", kind_of(value), do)


def of_kind(who: str, name: str, value: Any, kind: type[T]) -> tuple[T, ...]:
    """Check that an argument is a list of one type, and return it as a tuple.

    Examples
    --------
    >>> of_kind("Measures", "rows", [3], str)
    Traceback (most recent call last):
    privaudit.errors.ParameterError: Measures: needs each of rows to be a str, but got an int.
    """
    return tuple(an_instance(who, f"each of {name}", one, kind) for one in listed(who, name, value))


def kind_of(value: Any) -> str:
    """Name the type of a value; never its contents.

    Examples
    --------
    >>> from fractions import Fraction
    >>> kind_of(None), kind_of([1]), kind_of(Fraction(1, 2)), kind_of(Fraction)
    ('None', 'a list', 'a fractions Fraction', 'the class Fraction')
    """
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return "None" if value is None else _of_kind(type(value))


def _of_kind(kind: type) -> str:
    """Name a type with its library: more than one has a DataFrame."""
    library = kind.__module__.partition(".")[0]
    own = library in ("builtins", "privaudit", "__main__")
    noun = kind.__name__ if own else f"{library} {kind.__name__}"
    return f"{'an' if noun[0].lower() in 'aeio' else 'a'} {noun}"


def _is_single(value: Any, method: str) -> bool:
    """Whether a value can be made a number, and is one: an array, or a class, can only seem to."""
    return hasattr(value, method) and not hasattr(value, "__len__") and not isinstance(value, type)


def shown(name: str, value: Any) -> str:
    """Show the value of an argument: a number or a word; of anything else, the type only.

    Examples
    --------
    >>> shown("l", 1), shown("l", ["a", "b"])
    ('l=1', 'l as a list')
    """
    if value is None or isinstance(value, (str, Number)):
        return f"{name}={value!r}"
    return f"{name} as {kind_of(value)}"


def column_names(who: str, name: str, value: Any) -> tuple[str, ...]:
    """Check names of columns, one or several, and return them as text.

    A frame made without names has its columns numbered: a whole number names one of these.

    Examples
    --------
    >>> column_names("Roles", "key", "age"), column_names("Roles", "key", [0, "sex"])
    (('age',), ('0', 'sex'))
    """
    listed = isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))
    names = tuple(value) if listed else (value,)
    for column in names:
        if isinstance(column, bool) or not isinstance(column, (str, Integral)):
            raise ParameterError.of(who, f"{name} to name columns, as text", kind_of(column))
    return tuple(str(column) for column in names)


def in_range(
    who: str,
    name: str,
    value: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """Check a finite number in an interval and return it as a float."""
    left, right = "(" if open_low else "[", ")" if open_high else "]"
    needed = f"{name} a finite number in {left}{low:g}, {high:g}{right}"
    if isinstance(value, (str, bool)) or not _is_single(value, "__float__"):
        came = shown(name, value)
        if isinstance(value, (str, bool)):
            came += f" ({type(value).__name__})"
        raise ParameterError.of(who, needed, came)
    number = float(value)
    too_low = number <= low if open_low else number < low
    too_high = number >= high if open_high else number > high
    if not math.isfinite(number) or too_low or too_high:
        raise ParameterError.of(who, needed, f"{name}={value!r}")
    return number


def whole(who: str, name: str, value: Any, low: int, high: int | None = None) -> int:
    """Check a whole number in ``[low, high]`` and return it as an int."""
    bound = f"{low} to {high}" if high is not None else f"{low} or more"
    is_whole = not isinstance(value, (bool, str)) and _is_single(value, "__index__")
    if not is_whole or int(value) < low or (high is not None and int(value) > high):
        raise ParameterError.of(who, f"{name} a whole number, {bound}", shown(name, value))
    return int(value)


def check_jobs(who: str, n_jobs: Any) -> int:
    """Check a number of workers, 1 or more, or -1 for one a core, and return it."""
    if isinstance(n_jobs, int) and n_jobs == -1:
        return -1
    return whole(who, "n_jobs", n_jobs, 1)


def ordered(who: str, low_name: str, low: float, high_name: str, high: float) -> None:
    """Check that ``low < high``."""
    if not low < high:
        came = f"{low_name}={low:g}, {high_name}={high:g}"
        raise ParameterError.of(who, f"{low_name} below {high_name}", came)


def one_of(who: str, name: str, value: Any, allowed: Collection[Any]) -> Any:
    """Check that a value is one of a few, and suggest the nearest otherwise."""
    try:
        hash(value)
        known = value in allowed
    except TypeError:  # a frame or a list, of which `in` would compare the cells
        known = False
    if not known:
        choices = ", ".join(repr(a) for a in allowed)
        hint = did_you_mean(value, [str(a) for a in allowed]) if isinstance(value, str) else ""
        raise ParameterError.of(who, f"{name} one of {choices}", shown(name, value), hint)
    return value


def columns_present(
    who: str, role: str, needed: Iterable[str], columns: Iterable[str], source: str
) -> None:
    """Check that each needed column is there exactly once.

    `role` names what the column is for (``"key variable"``), `source` the file or frame.
    """
    have = [str(c) for c in columns]
    for name in needed:
        count = have.count(name)
        if count == 1:
            continue
        if count > 1:
            raise SchemaError(
                f"{who}: {role} '{name}' stands {count} times in {source}. "
                "Rename or drop the doubled column."
            )
        hint = did_you_mean(name, _printable(have))
        raise SchemaError(
            f"{who}: {role} '{name}' is not a column of {source}. "
            f"Columns: {column_names_shown(have)}. {hint}".strip()
        )


def _printable(columns: Iterable[str]) -> list[str]:
    return [name for name in columns if not any(quiet(name) for quiet in QUIET)]


def column_names_shown(columns: Iterable[str]) -> str:
    """List the first columns of a table for an error, those left out that may be a person's.

    Examples
    --------
    >>> column_names_shown(["age", "sex"])
    'age, sex'
    """
    names = list(columns)
    printable = _printable(names)
    listed = printable[:_MOST_SHOWN] + (["..."] if len(printable) > _MOST_SHOWN else [])
    if len(printable) < len(names):
        listed.append(f"{len(names) - len(printable)} that may name somebody")
    return ", ".join(listed)


C = TypeVar("C")
_SHOWN = 8


def keyword_only(cls: type[C]) -> type[C]:
    """Let the errors of a dataclass name the wrong parameter of a call.

    Stands above ``@dataclass``, with ``kw_only=True`` for what is given by name alone. Python's
    own `TypeError` speaks of ``__init__`` and does not say what the parameters are; this one is a
    `TypeError` too.
    """
    given = [field for field in fields(cls) if field.init]  # type: ignore[arg-type]
    taken = [field.name for field in given]
    needed = [f.name for f in given if f.default is MISSING and f.default_factory is MISSING]
    in_order = ["self", *(field.name for field in given if not field.kw_only)]
    cls.__init__ = _answering(cls.__init__, taken, needed, in_order)  # type: ignore[method-assign]
    return cls


def _answering(call: F, taken: list[str], needed: list[str], in_order: list[str]) -> F:
    """Check the parameters of each call; `in_order` are those that need no name."""
    of_class = in_order[:1] == ["self"]

    @wraps(call)
    def checked(*values: Any, **named: Any) -> Any:
        too_many = len(values) - 1 if of_class and len(values) > len(in_order) else 0
        by_place = in_order[: len(values)]
        lacking = [name for name in needed if name not in named and name not in by_place]
        if too_many or lacking or not named.keys() <= {*taken}:
            who = type(values[0]).__name__ if of_class else call.__name__
            if too_many or not named.keys() <= {*taken}:
                raise _wrong(who, too_many, named, taken)
            needs, do = f"a value for {', '.join(lacking)}", f"It takes {_listed(taken)}."
            raise CallError.of(who, needs, "none", do)
        return call(*values, **named)

    return cast(F, checked)


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


def _wrong(who: str, unnamed: int, named: Mapping[str, Any], taken: Collection[str]) -> CallError:
    if unnamed and not taken:
        return CallError(f"{who}: takes no parameter, but got {unnamed}.")
    if unnamed:
        came = f"{unnamed} without a name"
        return CallError.of(who, f"its parameters by name ({_listed(taken)})", came)
    word = next(name for name in named if name not in taken)
    takes = f"It takes {_listed(taken)}." if taken else "It takes none."
    hint = _house_name(word, taken) or did_you_mean(word, taken)
    said = f"{who}: has no parameter '{word}'. {hint} {takes}"
    return CallError(" ".join(said.split()))


@cache
def former_names() -> dict[str, dict[str, str]]:
    """Return what names of former versions, of other tools and of papers are called here."""
    table = resources.files("privaudit") / "former_names.toml"
    return tomllib.loads(table.read_text(encoding="utf-8"))


# Parameters of `Roles`, which a function takes together.
_OF_ROLES = ("key", "sensitive", "identifier", "location", "weight", "time")


def _house_name(word: str, taken: Collection[str]) -> str:
    """Say what a well-known parameter is called here, where the call takes it; or return ""."""
    plain = word.lower().replace("_", "")
    for name in former_names()["parameters"].get(plain, word).split():
        if name in taken:
            return f"It is '{name}' here."
        if name in _OF_ROLES and "roles" in taken:
            return f"It is '{name}' of the roles: roles=pa.Roles({name}=...)."
    return ""


def check_names(who: str, named: Mapping[str, Any], taken: Collection[str]) -> None:
    """Check that a call names parameters that are taken.

    Examples
    --------
    >>> check_names("simulate", {"random_state": 3}, ("town", "seed"))
    Traceback (most recent call last):
    privaudit.errors.CallError: simulate: has no parameter 'random_state'. It is 'seed' here. ...
    """
    if not named.keys() <= {*taken}:
        raise _wrong(who, 0, named, taken)


def named_parameters(function: F) -> F:
    """Let the error of a call name the parameter that was meant, as `keyword_only` does.

    A function that passes on what it does not know is answered by the one that it calls.
    """
    parameters = signature(function).parameters.values()
    if any(p.kind is Parameter.VAR_KEYWORD for p in parameters):
        return function
    taken = [p.name for p in parameters if p.kind is not Parameter.VAR_POSITIONAL]
    needed = [p.name for p in parameters if p.name in taken and p.default is Parameter.empty]
    by_name = [p.name for p in parameters if p.kind is Parameter.KEYWORD_ONLY]
    return _answering(function, taken, needed, [name for name in taken if name not in by_name])


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"{name}=" for name in [*names][:_SHOWN]) + (
        ", ..." if len(names) > _SHOWN else ""
    )


# Names of arrays in type hints; as text, so that the command line starts without NumPy.
Floats: TypeAlias = "npt.NDArray[np.float64]"
Ints: TypeAlias = "npt.NDArray[np.int64]"
Bools: TypeAlias = "npt.NDArray[np.bool_]"
Strs: TypeAlias = "npt.NDArray[np.str_]"
