"""Drafts of what has to be written: the record, the information, the notices of a breach.

A draft holds what is known, and a visible gap wherever something is not.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from privaudit.rules.told import DescribedRulings

__all__ = ["DRAFTS", "Notice", "notices"]

_Lines = Callable[[DescribedRulings], list[str]]


def _unknown(told: DescribedRulings) -> list[str]:
    return []


def _day(key: str) -> _Lines:
    def lines(told: DescribedRulings) -> list[str]:
        day = told.description.get("breach", key)
        return [] if day is None else [str(day)]

    return lines


def _said(key: str) -> _Lines:
    return lambda told: [told.say(f"notice.{key}")]


def _automated(told: DescribedRulings) -> list[str]:
    auto = told.description.get("decisions", "automated")
    return [] if auto is None else [told.say(f"told.{'yes' if auto else 'no'}")]


def _people(told: DescribedRulings) -> list[str]:
    """How many records the rules were held against, where that may be shown."""
    counted = [one.checked.n for one in told.rulings
               if one.checked.counts == "records" and math.isfinite(one.checked.n)]  # fmt: skip
    return [told.say("notice.records", n=max(counted))] if counted else []


_CONTROLLER: tuple[tuple[str, _Lines], ...] = (
    ("controller", lambda t: t.controller), ("contact", _unknown), ("officer", _unknown),
)  # fmt: skip
_RIGHTS: tuple[tuple[str, _Lines], ...] = (
    ("rights", _said("rights_text")), ("complaint", _said("complaint_text")),
)  # fmt: skip
# Each draft: its headings in order, and what stands under each.
DRAFTS: dict[str, tuple[tuple[str, _Lines], ...]] = {
    "record": (
        ("processing", lambda t: t.name), *_CONTROLLER, ("purposes", lambda t: t.purposes),
        ("people", _people), ("data", lambda t: t.columns),
        ("recipients", lambda t: t.recipients), ("processors", lambda t: t.processors),
        ("transfers", _unknown), ("retention", lambda t: t.retention),
        ("safeguards", lambda t: t.safeguards),
    ),
    "information": (
        *_CONTROLLER, ("purposes", lambda t: t.purposes), ("basis", lambda t: t.bases),
        ("data", lambda t: t.columns), ("origin", lambda t: t.sources),
        ("recipients", lambda t: t.recipients), ("transfers", _unknown),
        ("retention", lambda t: t.retention), ("automated", _automated), *_RIGHTS,
    ),
    "authority": (
        *_CONTROLLER, ("known_at", _day("known_at")), ("nature", _unknown), ("people", _people),
        ("data", lambda t: t.columns), ("consequences", _unknown),
        ("safeguards", lambda t: t.safeguards), ("measures", _unknown),
        ("people_told", _day("people_told_at")), ("late", _unknown),
    ),
    "people": (
        *_CONTROLLER, ("nature", _unknown), ("data", lambda t: t.columns),
        ("consequences", _unknown), ("measures", _unknown), ("advice", _unknown), *_RIGHTS,
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One draft.

    Parameters
    ----------
    name : str
        A key of `DRAFTS`.
    title : str
    caution : str
        That it is a draft, and no advice.
    parts : tuple of (str, tuple of str)
        Headings, and the lines under each; none of them: a gap.
    gap, lang : str
        What stands where nothing is known; the language.
    """

    name: str
    title: str
    caution: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    gap: str
    lang: str

    @property
    def gaps(self) -> int:
        """How many parts are still to be filled in."""
        return sum(not lines for _, lines in self.parts)

    @property
    def text(self) -> str:
        """The draft as plain text."""
        told = [self.title, "=" * len(self.title), "", self.caution, ""]
        for head, lines in self.parts:
            told += [head, "-" * len(head), *(f"- {line}" for line in lines or (self.gap,)), ""]
        return "\n".join(told)

    @property
    def html(self) -> str:
        """The draft as a page that loads nothing."""
        return _PAGE.format(
            lang=self.lang, title=html.escape(self.title), caution=html.escape(self.caution),
            parts="".join(_part(head, lines, self.gap) for head, lines in self.parts),
        )  # fmt: skip


def notices(told: DescribedRulings) -> tuple[Notice, ...]:
    """Return the four drafts: record (30), information (14), authority (33), people (34)."""
    return tuple(_notice(told, name, parts) for name, parts in DRAFTS.items())


def _notice(told: DescribedRulings, name: str, parts: Sequence[tuple[str, _Lines]]) -> Notice:
    say: Any = told.say
    filled = tuple((say(f"notice.{head}"), tuple(lines(told))) for head, lines in parts)
    return Notice(
        name=name, title=say(f"notice.title_{name}"), caution=say("notice.caution"),
        parts=filled, gap=say("told.gap"), lang=say.lang,
    )  # fmt: skip


def _part(head: str, lines: Sequence[str], gap: str) -> str:
    told = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    told = told or f"<li><mark>{html.escape(gap)}</mark></li>"
    return f"<h2>{html.escape(head)}</h2>\n<ul>{told}</ul>\n"


_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{max-width:44rem;margin:2rem auto;padding:0 1rem;\
font:17px/1.5 system-ui,sans-serif}}h1{{font-size:1.6rem;line-height:1.2}}\
h2{{font-size:1.1rem;margin:1.4rem 0 .2rem}}ul{{margin:0;padding-left:1.2rem}}\
li{{overflow-wrap:anywhere}}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{caution}</p>
{parts}</main>
</body>
</html>
"""
