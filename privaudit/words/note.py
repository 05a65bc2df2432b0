"""`Note`: what is to be said beside a number, as a key with values. The words are elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from privaudit._core.checks import kind_of, say
from privaudit.errors import ParameterError

__all__ = ["Note", "Plain", "plain"]

Plain = Any  # a number, a text, None, a Note, or a tuple of these
_KEY = re.compile(r"[a-z][a-z0-9_]*")


def plain(value: Any) -> Any:
    """Return a value as JSON has it: NumPy's numbers as Python's, lists as tuples.

    Raises
    ------
    ParameterError
        A value that is no number, text or `Note`, nor several of them.
    """
    if getattr(value, "ndim", None) == 0:
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str, Note)):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(plain(one) for one in value)
    raise ParameterError(say("Note", "numbers, texts, or several of them", kind_of(value)))


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Note:
    """A key of the catalogues, and the values that its sentence takes.

    Nothing reads a note to decide: whatever steers is a field of its own. Equal keys and values
    make equal notes, so that notes of several parts can be said once.

    Parameters
    ----------
    key : str
        Lower case words with underscores; ``[note]`` of each catalogue holds its sentence.
    **values : number, str, Note, or a tuple of them
        By the name that stands in the sentence. Numbers stay numbers: the page writes them.

    Raises
    ------
    ParameterError
        A key of other letters, or a value that is no plain one.

    Examples
    --------
    >>> note = Note("blanks", records=18_045, of=30_250)
    >>> note
    Note('blanks', records=18045, of=30250)
    >>> note == Note("blanks", of=30_250, records=18_045), note.values["records"]
    (True, 18045)
    """

    key: str
    items: tuple[tuple[str, Plain], ...]

    def __init__(self, key: str, /, **values: Plain) -> None:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise ParameterError(say("Note", "a key of the catalogues", kind_of(key)))
        object.__setattr__(self, "key", key)
        kept = tuple((name, plain(value)) for name, value in values.items())
        object.__setattr__(self, "items", kept)

    @classmethod
    def of_fields(cls, key: str, items: tuple[tuple[str, Plain], ...]) -> Note:
        """Make one of its fields, as the cache keeps them."""
        return cls(key, **dict(items))

    @property
    def values(self) -> Mapping[str, Plain]:
        """The values by name, in the order in which they were given."""
        return dict(self.items)

    def record(self) -> dict[str, Any]:
        """Return the note as plain JSON values."""
        told = {k: v.record() if isinstance(v, Note) else v for k, v in self.items}
        return {"key": self.key, **({"values": told} if told else {})}

    def __iter__(self) -> Iterator[str]:
        raise TypeError("a Note is one thing")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Note):
            return NotImplemented
        return self.key == other.key and sorted(self.items, key=_name) == sorted(
            other.items, key=_name
        )

    def __hash__(self) -> int:
        return hash((self.key, tuple(sorted((k, str(v)) for k, v in self.items))))

    def __repr__(self) -> str:
        told = "".join(f", {name}={value!r}" for name, value in self.items)
        return f"Note({self.key!r}{told})"


def _name(pair: tuple[str, Plain]) -> str:
    return pair[0]
