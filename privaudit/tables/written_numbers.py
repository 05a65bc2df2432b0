"""Numbers as people write them: a point or a comma for decimals, thousands apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

__all__ = ["EXACT_DIGITS", "NUMBER", "WHOLE", "decimal_mark", "numbers_of"]

# A leading zero makes a code of a number: postcode 01000 is no 1000.
WHOLE = re.compile(r"[+-]?(?:0|[1-9]\d*)", re.ASCII)
NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
# Above this a float no longer holds every whole number.
EXACT_DIGITS = 15
# Thousands apart by a blank, an apostrophe or the other mark; then, perhaps, decimals.
_WRITTEN = {
    mark: re.compile(
        rf"[+-]?(?:0|[1-9]\d*|[1-9]\d{{0,2}}(?:([ '’{other}])\d{{3}})(?:\1\d{{3}})*)"
        rf"(?:[{mark}]\d*)?(?:[eE][+-]?\d{{1,3}})?",
        re.ASCII,
    )
    for mark, other in ((".", ","), (",", "."))
}
# What only decimals look like, what only thousands do, with M for the mark.
_DECIMALS = r"[+-]?(?:(?:0|[1-9]\d{3,})M\d+|\d+M(?:\d{1,2}|\d{4,})|\d{1,3}(?:[ '’O]\d{3})+M\d+)"
_THOUSANDS = r"[+-]?[1-9]\d{0,2}(?:(?:M\d{3}){2,}|(?:M\d{3})+O\d+)"
_EVIDENCE = {
    mark: (
        re.compile(_DECIMALS.replace("M", f"[{mark}]").replace("O", other), re.ASCII),
        re.compile(_THOUSANDS.replace("M", f"[{mark}]").replace("O", f"[{other}]"), re.ASCII),
    )
    for mark, other in ((".", ","), (",", "."))
}


def decimal_mark(texts: Iterable[str]) -> tuple[str, bool]:
    """Tell what stands before the decimals of a column, and whether its cells decide it.

    "" where they contradict each other. Where nothing decides, a comma before three digits sets
    thousands apart.

    Examples
    --------
    >>> decimal_mark(["12,5", "1.234"]), decimal_mark(["1,234.5"]), decimal_mark(["1,234"])
    ((',', True), ('.', True), ('.', False))
    """
    for_comma = for_point = open_ = False
    for text in texts:
        has_comma = "," in text
        if not has_comma and "." not in text:
            continue
        for_comma |= bool(_EVIDENCE[","][0].fullmatch(text) or _EVIDENCE["."][1].fullmatch(text))
        for_point |= bool(_EVIDENCE["."][0].fullmatch(text) or _EVIDENCE[","][1].fullmatch(text))
        open_ |= has_comma
        if for_comma and for_point:
            return "", True
    return ("," if for_comma else "."), for_comma or for_point or not open_


def numbers_of(texts: Sequence[str], mark: str = ".") -> NDArray[np.float64] | None:
    """Return the numbers that all texts are, or None where one is none.

    Nor where a float would make one number of two: codes of more than fifteen digits.

    Examples
    --------
    >>> numbers_of(["1 234,5", "-12"], ","), numbers_of(["01000", "75001"])
    (array([1234.5,  -12. ]), None)
    """
    pattern = _WRITTEN[mark]
    if not texts or not all(map(pattern.fullmatch, texts)):
        return None
    other = "," if mark == "." else "."
    gone = str.maketrans({" ": "", "'": "", "’": "", other: "", mark: "."})
    plain = [text.translate(gone) for text in texts]
    found = np.array(plain, dtype=np.float64)
    return None if _joins(plain, found) else found


def _joins(plain: list[str], found: NDArray[np.float64]) -> bool:
    """Whether floats are too short for some of the numbers: long codes, and exact decimals."""
    long = [text for text in plain if len(text) > EXACT_DIGITS]
    if any(map(WHOLE.fullmatch, long)):
        return True
    exact = {Decimal(text) for text in plain} if long and len(set(found)) < len(found) else ()
    return len(exact) > len(set(found))
