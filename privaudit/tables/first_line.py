"""Files whose first line is a record: which they are, and what their columns are called then.

A cell of a person never becomes the name of a column. A measure refuses such a file until it is
named, since its number would rest on a guess; what only looks at files takes the first line for a
record where nothing in it is a header that is known, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from privaudit._core.checks import say
from privaudit._core.name_lists import with_commas
from privaudit.errors import SchemaError
from privaudit.tables.header_row import holds_a_header, is_a_record

__all__ = ["files_without_header", "names_columns", "numbered", "without_header"]


@dataclass(frozen=True, kw_only=True)
class _Without:
    files: tuple[str, ...] = ()
    seen: bool = False


_current: ContextVar[_Without] = ContextVar("without header", default=_Without())  # noqa: B039


@contextmanager
def without_header(*files: str, seen: bool = False) -> Iterator[None]:
    """Let files be read as having no header for a while: those named, and those where it is seen.

    - `files`: Names, without their folders; those that were named before stay so.
    - `seen`: A first line that is a record is read as one, in a file that nobody named.
    """
    now = _current.get()
    new = _Without(files=tuple(dict.fromkeys((*now.files, *files))), seen=seen or now.seen)
    token = _current.set(new)
    try:
        yield
    finally:
        _current.reset(token)


def files_without_header() -> tuple[str, ...]:
    """Return the names of the files that were said to have no header."""
    return _current.get().files


def numbered(width: int) -> tuple[str, ...]:
    """Name columns by their number.

    Examples
    --------
    >>> numbered(2)
    ('column_1', 'column_2')
    """
    return tuple(f"column_{number}" for number in range(1, width + 1))


def names_columns(
    first: Sequence[str], below: Sequence[Sequence[str]], *, name: str, who: str
) -> bool:
    """Say whether the first line of a file names its columns; False: it is a record.

    Raises
    ------
    SchemaError
        It is a record, and nobody said that it is; or a record with a header that is known in it.

    Examples
    --------
    >>> with without_header("people.csv"):
    ...     names_columns(["Dupont", "28"], [], name="people.csv", who="read_table")
    False
    """
    if name in _current.get().files:
        return False
    if not is_a_record(first, below):
        return True
    if _current.get().seen and not holds_a_header(first, below):
        return False
    do = f"Add that line, or say --no-header {with_commas([name])}."
    raise SchemaError(
        say(who, "names of columns in the first line", f"a record there in {name}", do),
        why="no_header",
    )
