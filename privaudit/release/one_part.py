"""A part of a file that stands for a file of its own: a sheet, a layer, a table of a dump."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.tables.file_frame import FileFrame

__all__ = ["Part", "Parts", "part_at", "parts_set_out"]


class Parts(NamedTuple):
    """The tables of a file that can each be read like a file of its own.

    - `tables`: Their numbers, from 1 among all parts, and their names.
    - `left`: Numbers of parts that hold something and are none: hidden, or of text alone.
    - `notes`: What is to be said of the file, not of one of its parts.
    - `frame`: Makes the table of a number, under a name, of what was read to list them; None where
      each is read by itself.
    """

    tables: tuple[tuple[int, str], ...]
    left: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()
    frame: Callable[[int, str], FileFrame] | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Part:
    """A part that stands for a file of its own.

    - `of`: The file that it is of, `sheet`: its name there, `number`: from 1.
    - `read`: What was read of it before, by what it was read as.
    """

    of: Path
    sheet: str
    number: int
    read: dict[Any, Any] = field(default_factory=dict)


_set_out: ContextVar[Mapping[Path, Part]] = ContextVar("parts", default={})  # noqa: B039


@contextmanager
def parts_set_out(parts: Mapping[Path, Part]) -> Iterator[None]:
    """Let paths stand for parts of files for a while: whoever reads one reads that part alone."""
    token = _set_out.set({**_set_out.get(), **parts})
    try:
        yield
    finally:
        _set_out.reset(token)


def part_at(path: Any) -> Part | None:
    """Return the part of a file that a path stands for."""
    parts = _set_out.get()
    return parts.get(Path(path)) if parts else None
