"""English that stands in a page of another language, where that lacks the words."""

from __future__ import annotations

import re

from privaudit.words.words import BORROWED

__all__ = ["english_spans", "without_marks"]

_PIECES = re.compile(f"(<[^>]*>|{BORROWED[0]}|{BORROWED[1]})")
# No element may stand in these.
_TEXT_ONLY = re.compile(r"<(/?)(title|script|style|svg|option|textarea)\b")


def without_marks(text: str) -> str:
    """Return a text without the marks of what is English."""
    return text.replace(BORROWED[0], "").replace(BORROWED[1], "")


def english_spans(page: str) -> str:
    """Return a page whose marked texts say that they are English, and say so once a text.

    Examples
    --------
    >>> english_spans("<p title='\\ufdd0a\\ufdd1'>\\ufdd0Two \\ufdd0dots\\ufdd1\\ufdd1.</p>")
    "<p title='a'><span lang=\"en\">Two dots</span>.</p>"
    """
    if BORROWED[0] not in page:
        return without_marks(page)
    said, depth, inside = list[str](), 0, 0
    for piece in _PIECES.split(page):
        if piece in BORROWED:
            depth = max(depth + (1 if piece == BORROWED[0] else -1), 0)
            if inside == 0 and depth == (1 if piece == BORROWED[0] else 0):
                said.append('<span lang="en">' if piece == BORROWED[0] else "</span>")
            continue
        if element := _TEXT_ONLY.match(piece):
            inside = max(inside + (-1 if element[1] else 1), 0)
        said.append(without_marks(piece))
    return "".join(said)
