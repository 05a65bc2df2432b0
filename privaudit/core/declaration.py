"""Kinds that are written as one word: `donut:50:200` is the class's word, then its parameters.

Masks and views derive from `Declared`. A class that has a `word` is known by it from the moment
its module is loaded; `load` loads every module of a folder, and other installed packages bring
classes by entry points, so that no list is kept by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import Any, ClassVar, Self, get_type_hints

from privaudit.core.checks import kind_of, plain_fields
from privaudit.core.progress import LOGGER
from privaudit.errors import ParameterError


def number(value: float) -> str:
    """Write a number so that it reads back the same, as shortly as that goes.

    Examples
    --------
    >>> number(50.0), number(0.005), number(11), number(1 / 3)
    ('50', '0.005', '11', '0.3333333333333333')
    """
    short = f"{float(value):g}"
    return short if float(short) == value else repr(float(value))


class Declared:
    """A frozen dataclass that is written as one word, and read back from it.

    Its parameters follow the word in their order, with colons; those at the end that have their
    default are left out. `label_fields` names the fields that are
    written, where not all are.
    """

    # What kind of thing it is, as a recipe calls it: "mask", "view".
    kind: ClassVar[str] = ""
    unlisted: ClassVar[dict[str, type[Any]]] = {}
    word: ClassVar[str] = ""
    example: ClassVar[str] = ""
    label_fields: ClassVar[tuple[str, ...] | None] = None

    @classmethod
    def enter(cls, known: dict[str, Any]) -> None:
        """Be known by the word, where the class gives one of its own.

        A class of somebody's own that gives none is called as it is named, in lower case: it can
        be read back, and is listed nowhere.

        Raises
        ------
        ParameterError
            The word is one of the library's, and the class is not.
        """
        word = cls.__dict__.get("word")
        if not word:
            if not is_ours(cls) and not cls.__name__.startswith("_"):
                cls.word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
                cls.unlisted[cls.word] = cls
            return
        ours = __name__.partition(".")[0] + "."
        there = known.get(word)
        if there is not None and there.__module__.startswith(ours) > cls.__module__.startswith(
            ours
        ):
            do = "Give it another word."
            came = f"'{word}', which is that of {there.__name__}"
            raise ParameterError.of(cls.__name__, f"a word of its own for a {cls.kind}", came, do)
        known[word] = cls

    @classmethod
    def form(cls) -> str:
        """Return its example, or the word with the names of the parameters that it needs."""
        needed = [f.name for f in cls._fields() if f.default is MISSING]
        return cls.example or ":".join([cls.word, *map(str.upper, needed)])

    @classmethod
    def _fields(cls) -> list[Field[Any]]:
        if not is_dataclass(cls):
            needed = "to be a frozen dataclass"
            do = "Write @dataclass(frozen=True, kw_only=True) above it."
            raise ParameterError.of(cls.__name__, needed, "a plain class", do)
        every: tuple[Field[Any], ...] = fields(cls)
        return [
            f for f in every if f.init and (cls.label_fields is None or f.name in cls.label_fields)
        ]

    def __str__(self) -> str:
        if not self.word:
            return repr(self)
        if not is_dataclass(self):
            return self.word
        values = [(f, getattr(self, f.name)) for f in self._fields()]
        while values and values[-1][1] == values[-1][0].default:
            values.pop()
        written = [number(v) if isinstance(v, (int, float)) else str(v) for _, v in values]
        return ":".join([self.word, *written])

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values, after the word."""
        return {self.kind: self.word, **(plain_fields(self) if is_dataclass(self) else {})}

    @classmethod
    def takes(cls, values: Sequence[str]) -> bool:
        """Whether so many values may follow the word."""
        parts = cls._fields()
        least = sum(f.default is MISSING and f.default_factory is MISSING for f in parts)
        return least <= len(values) <= len(parts)

    @classmethod
    def read(cls, values: Sequence[str]) -> Self:
        """Make one from the texts that follow its word."""
        if not cls.takes(values):
            needed = f"a word such as {cls.form()}"
            came = f"{len(values)} values after '{cls.word}'"
            raise ParameterError.of(cls.__name__, needed, came)
        hints = get_type_hints(cls)
        pairs = zip(cls._fields(), values, strict=False)
        return cls(**{f.name: cls._value(f.name, hints[f.name], text) for f, text in pairs})

    @classmethod
    def _value(cls, name: str, hint: Any, text: str) -> Any:
        kinds = getattr(hint, "__args__", (hint,))
        # A word of a closed list is checked by the class.
        if str in kinds or isinstance(kinds[0], str):
            return text
        try:
            value = float(text)
        except ValueError:
            needed = f"a number for {name}, as in {cls.form()}"
            raise ParameterError.of(cls.__name__, needed, repr(text)) from None
        if float in kinds:
            return value
        # Turn 11.0 into 11; 11.5 or nan cannot be a number of people.
        if not value.is_integer():
            raise ParameterError.of(cls.__name__, f"{name} a whole number", f"{name}={value:g}")
        return int(value)


def is_ours(kind: type) -> bool:
    """Return whether a class is one of the library's."""
    return kind.__module__.startswith(__name__.partition(".")[0] + ".")


def load(package: str) -> None:
    """Load every module of a folder, so that what is declared in them is known."""
    for module in iter_modules(import_module(package).__path__):
        import_module(f"{package}.{module.name}")


# Groups of entry points, as ``[project.entry-points."privaudit.masks"]`` of a package names them.
ATTACKS, MASKS = "privaudit.attacks", "privaudit.masks"


@lru_cache
def _entries(
    group: str, path: tuple[str, ...], found: Callable[..., Iterable[EntryPoint]]
) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group: every package of the path is opened for it, once."""
    return tuple(found(group=group))


def _of_group(group: str) -> tuple[EntryPoint, ...]:
    return _entries(group, tuple(sys.path), entry_points)


def words_of(group: str) -> list[str]:
    """Return the words of a group, nothing loaded."""
    return sorted({entry.name for entry in _of_group(group)})


def enter_all(group: str, known: MutableMapping[str, Any], base: type) -> None:
    """Load every kind of a group; one that does not load stops no other.

    `enter` answers a caller who asks for its word.
    """
    for entry in _of_group(group):
        try:
            _load(entry, known, base)
        except Exception as error:
            reason = type(error).__name__
            LOGGER.warning("%s '%s' of an installed package: %s", group, entry.name, reason)


def enter(group: str, word: str, known: MutableMapping[str, Any], base: type) -> None:
    """Load the kind of a word, where a package has one that is not known yet.

    Raises
    ------
    ParameterError
        It does not load.
    """
    for entry in _of_group(group):
        if entry.name != word:
            continue
        if word in known:
            return
        try:
            _load(entry, known, base)
        except Exception as error:
            needed, came = f"'{word}' of an installed package", type(error).__name__
            do = "Install that package again, or inform its author."
            raise ParameterError.of(group, needed, came, do) from None


def _load(entry: EntryPoint, known: MutableMapping[str, Any], base: type) -> None:
    kind = entry.load()
    if not (isinstance(kind, type) and issubclass(kind, base)):
        raise ParameterError.of(entry.name, f"a class of {base.__name__}", kind_of(kind))
    if entry.name not in known:
        # The class gave no word of its own: it is called as the package says.
        kind.word = kind.__dict__.get("word") or entry.name  # type: ignore[attr-defined]
        known[kind.word] = kind  # type: ignore[attr-defined]
