"""A thing in a notebook: what it is, and a few facts about it, counts before words."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

__all__ = ["facts_html"]


def facts_html(title: str, facts: Mapping[str, Any]) -> str:
    """Return a line and a small table; a fact that says nothing is left out.

    Examples
    --------
    >>> facts_html("Town", {"people": 20_000, "side": ""})
    '<p>Town</p><table><tr><th>people</th><td>20,000</td></tr></table>'
    """
    rows = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(_told(value))}</td></tr>"
        for name, value in facts.items()
        if value not in ("", None, False)
    )
    return f"<p>{html.escape(title)}</p><table>{rows}</table>"


def _told(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
