"""`manifest.json`, with digests and the command of a report, and its check.

The numbers that a page quotes are compared with the findings that they name.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit.core.files import code_digest, is_regular, is_unchanged, regular
from privaudit.errors import OutputError, ReadError, visible
from privaudit.report.names import OF_STUDY
from privaudit.words.catalogues import NARROW, NBSP, catalogue, languages

if TYPE_CHECKING:
    from privaudit.studies.study import Input

MANIFEST = "manifest.json"
SCHEMA = 1
_CHUNK = 1 << 20
# Bytes of a manifest that is read: some 300,000 files.
_MOST = 1 << 26
_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_PAGES = ("index.html", "annex.html")
# Bytes of a page or of findings.json beyond which it is not read.
_LONGEST = 200_000_000
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


def write_manifest(
    folder: Path, *, command: str, provenance: str, parameters: Mapping[str, Any],
    inputs: Iterable[Input] = (), dated: bool = False,
) -> Path:  # fmt: skip
    """Write the manifest of a report whose other files stand in `folder`.

    Parameters
    ----------
    folder : Path
    command : str
        The whole command line that makes the report again.
    provenance : str
    parameters : mapping
        Plain JSON values.
    inputs : iterable of Input
    dated : bool
        Write the time of ``SOURCE_DATE_EPOCH``, or of now. Otherwise the manifest has no date,
        and the same run gives the same bytes.

    Returns
    -------
    Path

    Raises
    ------
    ReadError
        An input that cannot be read any more.
    """
    from privaudit import __version__

    values: dict[str, Any] = {
        "schema": SCHEMA,
        "privaudit": {"version": __version__, "commit": _commit(), "code_sha256": code_digest()},
        "command": command,
        "provenance": provenance,
        "parameters": parameters,
        "date": _now() if dated or "SOURCE_DATE_EPOCH" in os.environ else None,
        "inputs": [_input(one) for one in inputs],
        "outputs": [
            {"path": name, **measured(folder / name)}
            for name in _names(folder)
            if not name.startswith(".")
        ],
    }
    path = folder / MANIFEST
    path.write_text(_text(values | {"seal": _seal(values)}), encoding="utf-8", newline="\n")
    return path


def verify(folder: str | Path) -> int:
    """Compare a report with its manifest and its findings, and return how many files agree.

    Each file is compared with ``manifest.json``, each number that its pages quote with
    ``findings.json``.

    Raises
    ------
    ReadError
        There is no manifest, or it is none of ours.
    OutputError
        A file is missing, changed, or not in the manifest; or the manifest itself was changed.
        Or a number of a page is not what its finding bears. The line says how many, and names
        the first.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     _ = (Path(name) / "findings.json").write_text("7.4")
    ...     _ = write_manifest(Path(name), command="", provenance="simulated", parameters={})
    ...     agreed = verify(name)
    ...     _ = (Path(name) / "findings.json").write_text("7.5")
    ...     verify(name)
    Traceback (most recent call last):
    privaudit.errors.OutputError: report: needs 1 files as the manifest has them, but got 1 ...
    """
    beside = compared(Path(folder))
    wrong = beside.not_ours + beside.missing
    if wrong:
        needed = f"{beside.listed} files as the manifest has them"
        came = f"{len(wrong)} that are not: {', '.join(wrong[:3])}"
        raise OutputError.of("report", needed, came, "Make the report again; see its command.")
    check_quoted(Path(folder))
    return beside.listed


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A folder beside its manifest.

    - `listed`: Files that the manifest names.
    - `missing`: What is wrong with those that are not there, in words.
    - `not_ours`: And with what is there, and is not as the manifest has it.
    """

    listed: int
    missing: list[str]
    not_ours: list[str]

    @property
    def agrees(self) -> bool:
        """Whether everything is there, and as the manifest has it."""
        return not self.missing and not self.not_ours


def compared(folder: Path) -> Compared:
    """Compare a folder with its manifest; raise `ReadError` if it has none."""
    known = _read(folder / MANIFEST)
    listed = {one["path"]: one for one in known["outputs"]}
    there = _names(folder)
    wrong = []
    if known.pop("seal", None) != _seal(known):
        wrong.append(f"changed {MANIFEST}")
    for name in there:
        if name not in listed:
            wrong.append(f"not of the report {name}")
        elif measured(folder / name) != {k: listed[name].get(k) for k in ("bytes", "sha256")}:
            wrong.append(f"changed {name}")
    missing = [f"missing {name}" for name in listed if name not in there]
    return Compared(listed=len(listed), missing=missing, not_ours=wrong)


def _read(path: Path) -> dict[str, Any]:
    try:
        if not is_regular(path):
            raise ReadError.of("report", "a folder with a manifest.json", "none there")
        data = regular(path, _MOST)
        if data is None:
            needed = f"a manifest.json of at most {_MOST:,} bytes"
            raise ReadError.of("report", needed, "a larger one")
        known = json.loads(data.decode("utf-8"))
        # Values that JSON cannot hold were not written.
        _text(known)
        fits = known["schema"] == SCHEMA and all(
            isinstance(one["path"], str) for one in known["outputs"]
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        came = "one that cannot be read"
        raise ReadError.of("report", "a manifest.json of privaudit", came) from error
    if not fits:
        raise ReadError.of("report", f"a manifest of schema {SCHEMA}", "another one")
    return dict(known)


def _names(folder: Path) -> list[str]:
    """Every file of the report but the manifest, as paths with slashes, in order."""
    paths = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    names = sorted(path.relative_to(folder).as_posix() for path in paths)
    return [name for name in names if name != MANIFEST]


def _input(one: Input) -> dict[str, Any]:
    try:
        # The target of a link was read.
        sizes = measured(one.path.resolve())
    except OSError as error:
        do = "Put it back, and run again."
        raise ReadError.of("report", f"to read {one.path.name} again", "no file", do) from error
    if not is_unchanged(one.path):
        # Its digest would not be that of the measured file.
        needed = f"{one.path.name} to stay as it was when the run began"
        raise ReadError.of("report", needed, "one that was changed meanwhile", "Run again.")
    named = {"name": one.path.name, "role": one.role, "source": one.source}
    return {**named, **sizes, "date": one.date or None}


def measured(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a regular file; of a link or a pipe, nothing that would open it."""
    if path.is_symlink() or not path.is_file():
        return {"bytes": None, "sha256": None}
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _text(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return visible(text) + "\n"


def _seal(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(values).encode()).hexdigest()


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.datetime.now(datetime.UTC)
    if epoch.isdecimal():
        moment = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
    return moment.isoformat(timespec="seconds")


@cache
def _commit() -> str | None:
    """The commit of the checkout that the package stands in, None where it stands in none."""
    git = Path(str(resources.files("privaudit"))).parent / ".git"
    try:
        if git.is_file():
            git = git.parent / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        common = git / "commondir"
        shared = git / common.read_text(encoding="utf-8").strip() if common.is_file() else git
        if head.startswith("ref:"):
            name = head.removeprefix("ref:").strip()
            loose = [folder / name for folder in (git, shared) if (folder / name).is_file()]
            packed = (shared / "packed-refs").read_text(encoding="utf-8") if not loose else ""
            lines = [line.split() for line in packed.splitlines() if line.endswith(f" {name}")]
            head = loose[0].read_text(encoding="utf-8").strip() if loose else lines[0][0]
    except (OSError, IndexError, UnicodeDecodeError):
        return None
    return head if _COMMIT.fullmatch(head) else None


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
        page.feed(_text_of(path))
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
        whole = json.loads(_text_of(path))
        aside = sum(reason["rows"] for reason in whole["set_aside"])
        of_study = {"notes": whole["notes"], "set_aside": aside}
        return {OF_STUDY: of_study, **{one["id"]: one for one in whole["findings"]}}
    except (ValueError, KeyError, TypeError, RecursionError):
        came = "one that cannot be read"
        raise ReadError.of("report", "a findings.json of privaudit", came) from None


def _text_of(path: Path) -> str:
    data = regular(path, _LONGEST)
    if data is None:
        raise ReadError.of("report", f"a file {path.name} of at most {_LONGEST:,} bytes", "none")
    return data.decode("utf-8", errors="replace")
