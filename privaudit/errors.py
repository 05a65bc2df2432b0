"""What can go wrong, and how it is said.

::

    PrivauditError
    ├── ParameterError   a parameter that cannot be (also a ValueError)
    │   └── CallError    a parameter by position, unknown or missing (also a TypeError)
    ├── SchemaError      a table without the columns or types it needs (also a ValueError)
    ├── ReadError        a file that cannot be read, or is not what its ending says
    ├── GeometryError    points in another projection, area or order (also a ValueError)
    └── OutputError      a place that cannot be written to

Every message is one line: who complains, what was needed, what came, what to do.
None ever holds a cell of a person's row, nor a character that commands a terminal."""

import difflib
import re
from collections.abc import Iterable
from typing import Self

# What commands a terminal, turns text around, ends a line unseen, is not seen, or is half a letter.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    r"\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """Write what would command a terminal or turn text around as its number.

    Examples
    --------
    >>> print(visible("a" + chr(27) + "[2J" + chr(0x202E) + "b"))
    a\\u001b[2J\\u202eb
    """
    return _UNSEEN.sub(_numbered, text)


def printable(text: str) -> str:
    """Return a text for a terminal: one line, uncommon characters as their code points.

    Examples
    --------
    >>> print(printable("nom" + chr(0xEF2C) + chr(10) + "âge"))
    nom\\uef2c\\u000aâge
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _in_numbers(one) for one in text)


def _numbered(found: re.Match[str]) -> str:
    return _in_numbers(found[0])


def _in_numbers(letters: str) -> str:
    units = letters.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


# Ratio of two names (Ratcliff and Obershelp) from which one is offered for the other.
_ALIKE = 0.6


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"Did you mean 'x'?"`` for the nearest known word, or an empty string.

    Examples
    --------
    >>> did_you_mean("postcode", ["post_code", "age"])
    "Did you mean 'post_code'?"
    >>> did_you_mean("age", ["sex", "age_band"])
    "Did you mean 'age_band'?"
    """
    names = [str(k) for k in known]
    close = difflib.get_close_matches(str(word), names, n=1, cutoff=_ALIKE)
    close = close or [name for name in names if word and name.startswith(f"{word}_")]
    return f"Did you mean '{close[0]}'?" if close else ""


def error_message(who: str, needed: str, came: str, do: str = "") -> str:
    """Return the one-line message of an error.

    Examples
    --------
    >>> error_message("Donut", "r_min below r_max", "r_min=200, r_max=50", "Swap them.")
    'Donut: needs r_min below r_max, but got r_min=200, r_max=50. Swap them.'
    """
    text = f"{who}: needs {needed}, but got {came}."
    return " ".join((text + (f" {do}" if do else "")).split())


class PrivauditError(Exception):
    """Any error that privaudit raises on purpose; the command line exits with status 2.

    Parameters
    ----------
    message : str
        One line, in English.
    why : str
        The key of a reason that a page says in its own language, with the counts it needs; "" where
        the kind of error is all that is to be said there.

    Examples
    --------
    >>> import privaudit as pa
    >>> try:
    ...     pa.masks.Donut(r_min=200, r_max=50)
    ... except PrivauditError as error:
    ...     print(type(error).__name__)
    ParameterError
    """

    def __init__(self, message: str = "", *, why: str = "", **values: int) -> None:
        super().__init__(printable(message))
        self.why, self.values = why, values

    @classmethod
    def of(
        cls, who: str, needed: str, came: str, do: str = "", *, why: str = "", **values: int
    ) -> Self:
        """Make an error of one template: who, what was needed, what came, what to do.

        Examples
        --------
        >>> print(ParameterError.of("Donut", "r_min below r_max", "r_min=200", "Swap them."))
        Donut: needs r_min below r_max, but got r_min=200. Swap them.
        """
        return cls(error_message(who, needed, came, do), why=why, **values)


class ParameterError(PrivauditError, ValueError):
    """A parameter has a value that cannot be."""


class CallError(ParameterError, TypeError):
    """A parameter is given by position, under an unknown name, or not at all."""


class SchemaError(PrivauditError, ValueError):
    """A table lacks a column, has it twice, or holds another type than needed."""


class ReadError(PrivauditError):
    """A file cannot be read, is empty, or is not what its ending says."""


class GeometryError(PrivauditError, ValueError):
    """Points are in an unknown projection, another area, or in swapped order."""


class OutputError(PrivauditError):
    """The output folder cannot be written, or holds something else than a report."""

    @classmethod
    def not_written(cls, who: str, needed: str, name: str, error: OSError, do: str = "") -> Self:
        """Make an error of a file or folder that the system does not let be written.

        Examples
        --------
        >>> full = OSError(28, "No space left on device")
        >>> print(OutputError.not_written("save", "a file that can be written", "a.svg", full))
        save: needs a file that can be written, but got 'a.svg': no space left on device.
        """
        reason = error.strerror.lower() if error.strerror else type(error).__name__
        return cls.of(who, needed, f"'{name}': {reason}", do)
