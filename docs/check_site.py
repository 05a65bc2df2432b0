"""Hold a built site to what it promises: loads nothing, links lead somewhere, outputs are stable.

`python docs/check_site.py build/site` prints what does not hold, and fails on it.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a page loads by itself; an `a` is followed by whoever clicks it.
LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
IN_STYLE = re.compile(r"""url\(\s*['"]?(?!data:|#)([^'")]+)|@import\s+['"]([^'"]+)""")
# What a shell prints in place of an output.
UNFOUND = ": command not found"
# What an output of a page must not hold: it differs from a run to the next, or is no number.
UNSTABLE = {
    "a bar of progress": re.compile(r"\r|\d ?it/s|\d%\||[▏▎▍▌▋▊▉█]"),
    "a time": re.compile(r"\b[Ee]lapsed|Wall time|CPU times|per loop|\b\d+(?:\.\d+)? ?(?:ms|µs)\b"),
    "a figure of memory": re.compile(r"\b\d+(?:\.\d+)? ?[KMG]i?B\b|0x[0-9a-f]{6,}"),
    "a path of a machine": re.compile(r"/tmp/|/var/folders/|/home/\w|/Users/\w|/root/|\\Temp\\"),
}
ROUNDED = {
    "0.000000: round it, or take more people": re.compile(r"(?<![\d.])-?0\.0{6,}(?!\d)"),
    "NaN: leave it out, or say in the text what `NaN` means": re.compile(
        r"(?<![\w.])[Nn]a[Nn](?![\w.])"
    ),
}
# Says that the text explains it.
EXPLAINED = re.compile(r'<code[^>]*>(?:<span class="pre">)?NaN\b')
# Names that are written for machines and load nothing.
NOT_LOADED = {"canonical", "index", "search", "next", "prev", "author", "license"}


class _Page(HTMLParser):
    """What a page loads, where its links lead, and the places in it."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.outputs: list[str] = []
        # How many boxes are open, and within which of them an output is written.
        self._open, self._within = 0, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "div":
            self._open += 1
            if not self._within and "cell_output" in given.get("class", "").split():
                self._within = self._open
                self.outputs.append("")
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in LOADS and LOADS[tag] in given and given.get("rel", "") not in NOT_LOADED:
            self.loads.append(given[LOADS[tag]])
        self.loads += [one for both in IN_STYLE.findall(given.get("style", "")) for one in both]

    def handle_endtag(self, tag: str) -> None:
        if tag == "div":
            if self._within == self._open:
                self._within = 0
            self._open -= 1

    def handle_data(self, data: str) -> None:
        if self._within:
            self.outputs[-1] += data + " "


def complaints(site: Path) -> list[str]:
    """Return what a site loads from elsewhere, links that lead nowhere, and unstable outputs."""
    pages = {path.resolve(): _read(path) for path in sorted(site.rglob("*.html"))}
    found = [] if pages else ["no page"]
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        text = path.read_bytes().decode()
        if UNFOUND in text:
            found.append(f"{name} shows a command that was not found")
        found += [f"{name} shows {what}" for what in _shown(page, text)]
        for there in filter(None, page.loads):
            if _is_elsewhere(there):
                found.append(f"{name} loads {there}")
            elif not (path.parent / unquote(urlsplit(there).path)).exists():
                found.append(f"{name} lacks {there}")
        wrong = (_wrong(link, path, pages) for link in page.links)
        found += [f"{name} {one}" for one in wrong if one]
    for style in site.rglob("*.css"):
        for both in IN_STYLE.findall(style.read_text("utf-8")):
            found += [f"{style.name} loads {one}" for one in both if one and _is_elsewhere(one)]
    return found


def _shown(page: _Page, text: str) -> list[str]:
    """Return what the outputs of a page show and must not."""
    outputs = "\n".join(page.outputs)
    refused = UNSTABLE if EXPLAINED.search(text) else UNSTABLE | ROUNDED
    return [what for what, pattern in refused.items() if pattern.search(outputs)]


def _read(path: Path) -> _Page:
    page = _Page()
    # A text that is read turns a carriage return into the end of a line.
    page.feed(path.read_bytes().decode())
    return page


def _is_elsewhere(there: str) -> bool:
    return bool(urlsplit(there).netloc) or urlsplit(there).scheme not in ("", "data")


def _wrong(link: str, path: Path, pages: dict[Path, _Page]) -> str:
    """Say what is wrong with a link within the site; links out of it are a reader's to follow."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return ""
    there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not there.exists():
        return f"leads to {link}, which is not there"
    place = unquote(parts.fragment)
    if place and there in pages and place not in pages[there].ids:
        return f"leads to {link}, a place that is not there"
    return ""


if __name__ == "__main__":
    wrong = complaints(Path(sys.argv[1]))
    print("\n".join(wrong) or "the site loads nothing, every link leads there, outputs are stable")
    sys.exit(bool(wrong))
