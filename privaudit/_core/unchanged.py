"""Files that must stay as they are while a run reads them: evidence names what was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

__all__ = ["is_unchanged", "watched"]

_Look = tuple[int, int, int]
_WATCHED: ContextVar[Mapping[Path, _Look | None]] = ContextVar("watched", default={})  # noqa: B039


@contextmanager
def watched(paths: Iterable[Path]) -> Iterator[None]:
    """Remember how files look, as a context: their size, their time, and which file it is."""
    before = _WATCHED.set({path.absolute(): _look(path) for path in paths})
    try:
        yield
    finally:
        _WATCHED.reset(before)


def is_unchanged(path: Path) -> bool:
    """Say whether a file looks as it did when the run began; True for one that is not watched."""
    watched = _WATCHED.get()
    path = path.absolute()
    return path not in watched or watched[path] == _look(path)


def _look(path: Path) -> _Look | None:
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_ino, told.st_size, told.st_mtime_ns
