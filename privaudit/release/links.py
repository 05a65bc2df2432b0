"""Addresses of the network as text: they are taken apart here, and followed nowhere."""

from __future__ import annotations

import re

__all__ = ["parts_of_link"]

_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.I | re.S
)
_MOST = 200


def parts_of_link(link: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the pieces of a path, that behind "#" last, and the names and values of a query.

    Examples
    --------
    >>> parts_of_link("https://t.example/c/aZ3?u=1&v#top")
    (['', 'c', 'aZ3', 'top'], [('u', '1'), ('v', '')])
    """
    found = _LINK.match(link)
    if found is None:
        return [], []
    path, query, mark = (part or "" for part in found.groups())
    pieces = path.split("/")[:_MOST] + ([mark] if mark else [])
    named = [one.partition("=") for one in query.split("&")[:_MOST] if one]
    return pieces, [(name, value) for name, _, value in named]
