"""Compare the numbers that a page quotes with the findings that they name."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from privaudit.core.files import regular
from privaudit.errors import OutputError, ReadError
from privaudit.report.names import OF_STUDY
from privaudit.words.catalogues import NARROW, NBSP, catalogue, languages

_PAGES = ("index.html", "annex.html")
# Bytes of a page or of findings.json beyond which it is not read.
_MOST = 200_000_000
# A number of a note of a finding, by the key of the note and the name of the value.
_NOTE = "note."
# What is counted is the share of a field and the denominator.
_COUNTED = {"hits": "value", "control_hits": "control"}
# Of a link to a line of the annex.
_ANNEX = "annex.html#"
# Elements of a number: of a text, and of a figure.
_SPANS = ("span", "tspan")
# Digits that findings.json keeps.
_DIGITS = 1e-5
# A percentage is never rounded to 0 or to 100: these stand for less, and for more.
_LEAST, _MOST_OF_ALL = 0.01, 99.9
# A number under which none is written.
_TINY = 1e-6


class Page(HTMLParser):
    """Read the numbers of a page that name their finding, in elements or as ``data-quoted``.

    - `language`: Of the page.
    - `numbers`: The text of each, with its finding, its field and what the field is multiplied by.
    - `links`: Findings whose line in the annex it links to.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.language = ""
        self.numbers: list[tuple[str, str, str, float]] = []
        self.links: list[str] = []
        self._open: list[tuple[str, str, float] | None] = []
        self._text = ""
        self._quoted = ""

    def updatepos(self, i: int, j: int) -> int:
        """Count no lines: nobody asks where a tag stands."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the language of the page, and where a number begins."""
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = values.get("lang", "")
        if tag == "a" and values.get("href", "").startswith(_ANNEX):
            self.links.append(values["href"].removeprefix(_ANNEX))
        if tag in _SPANS:
            source = None
            if "data-finding" in values:
                times = float(values.get("data-times", "1"))
                source = values["data-finding"], values.get("data-field", ""), times
            self._open.append(source)
            self._text = ""
        elif "data-quoted" in values:
            self._quoted, self._text = values["data-quoted"], ""

    def handle_data(self, data: str) -> None:
        """Collect the text of a number."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """Note a number that ends."""
        if tag in _SPANS and self._open:
            source = self._open.pop()
            if source is not None:
                self.numbers.append((self._text, *source))
        elif self._quoted:
            for one in self._quoted.split("|"):
                finding, field, times, first, end = one.split(" ")
                number = self._text[int(first) : int(end)]
                self.numbers.append((number, finding, field, float(times)))
            self._quoted = ""


def check_quoted(folder: Path) -> int:
    """Compare each number that the pages quote with ``findings.json``; return how many.

    Raises
    ------
    OutputError
        A number that its finding does not bear, or that names no finding.
    ReadError
        A page or findings that cannot be read.
    """
    pages = [_page(folder / name) for name in _PAGES if (folder / name).exists()]
    quoted = sum(len(page.numbers) for page in pages)
    if not quoted:
        return 0
    findings = _findings(folder / "findings.json")
    wrong = [one for page in pages for one in _differences(page, findings)]
    if wrong:
        needed = f"{quoted} numbers as findings.json has them"
        came = f"{len(wrong)} that differ: {'; '.join(wrong[:3])}"
        raise OutputError.of("report", needed, came, "Make the report again; see its command.")
    return quoted


def _page(path: Path) -> Page:
    """Read the numbers of a page."""
    page = Page()
    try:
        page.feed(_read(path))
    except ValueError:
        came = "one that cannot be read"
        raise ReadError.of("report", "the source of each number of a page", came) from None
    if page.numbers and page.language not in languages():
        raise ReadError.of("report", "a page in one of its languages", "another language")
    return page


def cited(folder: Path) -> set[str]:
    """Return the ids of findings that ``index.html`` quotes or links to."""
    page = _page(folder / "index.html")
    return {*page.links, *(finding for _, finding, _, _ in page.numbers)}


def _differences(page: Page, findings: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Return what is wrong with each number that its finding does not bear."""
    for text, finding, field, times in page.numbers:
        if finding not in findings:
            yield f"{text.strip()}, of no finding '{finding}'"
        elif not bears(findings[finding], field, times, text, page.language):
            yield f"{text.strip()}, which is not {field} of '{finding}'"


def bears(finding: Mapping[str, Any], field: str, times: float, text: str, lang: str) -> bool:
    """Return whether a finding bears a number, to the digits that are shown.

    Examples
    --------
    >>> bears({"value": 0.92, "n": 175}, "hits", 1, "161", "en")
    True
    >>> bears({"value": 0.92, "n": 175}, "value", 1, "92,1\\u00a0%", "fr")
    False
    """
    if field.startswith(_NOTE):
        numbers = [*_noted(finding, field.removeprefix(_NOTE).split("."))]
        return any(bears({"value": n}, "value", times, text, lang) for n in numbers)
    number = finding.get(_COUNTED.get(field, field))
    of = finding.get("n") if field in _COUNTED else 1
    shown, step = _parsed(text, lang)
    if number is None or of is None or not math.isfinite(shown):
        return False
    exact = float(number) * float(of) * times
    if "%" in text:
        exact *= 100
        # The digits of findings.json may make 100 of a little less.
        if abs(shown) in (_LEAST, _MOST_OF_ALL) and 0 < abs(exact) <= 100:
            return abs(exact) <= _LEAST * 1.5 if abs(shown) == _LEAST else abs(exact) >= 99.85
    if abs(shown) == _TINY and 0 < abs(exact) < _TINY:
        # "under 0.000001".
        return True
    below = above = 0.5 * step
    if field in ("low", "high") and times != 1 and step == 1:
        # The ends of a range of people are rounded outward; points of a difference are not.
        below, above = (step, 0.0) if field == "low" else (0.0, step)
    elif field in ("low", "high") and step == 1 and finding.get("unit") not in ("difference", None):
        # Those of an expected count are rounded outward too, others to the nearest.
        below, above = (step, above) if field == "low" else (below, step)
    slip = abs(exact) * _DIGITS
    return exact - below - slip <= shown <= exact + above + slip


def _noted(finding: Mapping[str, Any], path: Sequence[str]) -> Iterator[float]:
    """Return the numbers at a place within the notes of a finding that have a key."""
    key, *names = path
    for note in finding.get("notes", ()):
        value = note.get("values", {}) if note["key"] == key else None
        for name in names:
            if isinstance(value, Mapping):
                value = value.get(name)
            elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
        if isinstance(value, (int, float)):
            yield value


def _parsed(text: str, lang: str) -> tuple[float, float]:
    """Return the number of a text, and one unit of its last digit."""
    words = catalogue(lang)
    plain = text.replace("%", "").replace("\u2212", "-").strip(f" {NBSP}{NARROW}")
    for space in (NBSP, NARROW, words["format.thousands"]):
        plain = plain.replace(space, "")
    plain = plain.replace(words["format.decimal"], ".")
    try:
        number = float(plain)
    except ValueError:
        return math.nan, math.nan
    return number, 10.0 ** -len(plain.partition(".")[2])


def _findings(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the findings of a report by id, and what it says of the study."""
    try:
        whole = json.loads(_read(path))
        aside = sum(reason["rows"] for reason in whole["set_aside"])
        of_study = {"notes": whole["notes"], "set_aside": aside}
        return {OF_STUDY: of_study, **{one["id"]: one for one in whole["findings"]}}
    except (ValueError, KeyError, TypeError, RecursionError):
        came = "one that cannot be read"
        raise ReadError.of("report", "a findings.json of privaudit", came) from None


def _read(path: Path) -> str:
    data = regular(path, _MOST)
    if data is None:
        raise ReadError.of("report", f"a file {path.name} of at most {_MOST:,} bytes", "none")
    return data.decode("utf-8", errors="replace")
