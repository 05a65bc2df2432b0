"""Kinds that other installed packages bring: classes behind entry points, each by its word."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from privaudit._core.checks import kind_of, say
from privaudit.errors import ParameterError

__all__ = ["ATTACKS", "MASKS", "enter", "enter_all", "words_of"]

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

    Whoever asks for its word is told by `enter`.
    """
    for entry in _of_group(group):
        with suppress(Exception):
            _load(entry, known, base)


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
            do = "Install that package again, or tell its author."
            raise ParameterError(say(group, needed, came, do)) from None


def _load(entry: EntryPoint, known: MutableMapping[str, Any], base: type) -> None:
    kind = entry.load()
    if not (isinstance(kind, type) and issubclass(kind, base)):
        raise ParameterError(say(entry.name, f"a class of {base.__name__}", kind_of(kind)))
    if entry.name not in known:
        # The class gave no word of its own: it is called as the package says.
        kind.word = kind.__dict__.get("word") or entry.name  # type: ignore[attr-defined]
        known[kind.word] = kind  # type: ignore[attr-defined]
