"""Write a report: into a folder beside the place, then moved there whole."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit._core.checks import one_of, say
from privaudit.errors import OutputError, ParameterError
from privaudit.reporting.findings import SCHEMA
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.studies.study import Study
from privaudit.words.words import Words, languages

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_output", "report"]


# What a report is made of: its files, and its folders with the kind of file that they hold.
_FILES = ("index.html", "annex.html", "findings.json", "manifest.json")
_KINDS = {"figures": (".svg",), "tables": (".csv",), "drafts": (".html", ".txt")}


def report(
    result: Study | Exposure | Measures,
    out: str | Path,
    *,
    lang: str = "en",
    dated: bool = False,
    extra_tables: Mapping[str, pd.DataFrame] | None = None,
) -> Path:
    """Write a report: a story, an annex with every number, tables and figures.

    The folder is made beside `out` and moved into place, so that a run that dies leaves the
    former report whole.

    Parameters
    ----------
    result : Study, Exposure or Measures
    out : path
        A folder that does not exist, is empty, or holds a former report and nothing else, which
        is replaced.
    lang : str
        One of the languages of the catalogues.
    dated : bool
        Write the time into the manifest, which has none otherwise.
    extra_tables : mapping of str to pandas.DataFrame, optional
        Rows that were asked for explicitly, written as ``tables/NAME.csv``; only for a study
        with ``revealed_rows=True``, whose page says so.

    Returns
    -------
    pathlib.Path
        ``index.html`` in `out`. Beside it: ``annex.html``, ``findings.json``,
        ``manifest.json``, ``figures/*.svg``, ``tables/*.csv``; none of them loads anything.

    Raises
    ------
    OutputError
        `out` holds something else than a report, or cannot be written.
    ParameterError
        An unknown language, or rows that nobody asked for.

    Examples
    --------
    >>> import tempfile
    >>> study = Study(kind="map", title="leak", provenance="simulated", real_places=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = report(study, Path(folder) / "out", lang="fr")
    ...     sorted(path.name for path in page.parent.iterdir())
    ['annex.html', 'figures', 'findings.json', 'index.html', 'manifest.json', 'tables']
    """
    one_of("report", "lang", lang, languages())
    study = Study.of(result)
    rows = dict(extra_tables or {})
    _check_rows(study, rows)
    # A former run may have died between the two moves: put its report back first.
    check_output(out)
    # Behind a link, the folder that it leads to is the place.
    place = Path(out).resolve()
    fresh, former = _beside(place, "new"), _beside(place, "former")
    try:
        _remove(fresh)
        fresh.mkdir(parents=True)
        try:
            _fill(fresh, study, lang, rows)
            _sign(fresh, study, lang, dated)
            _swap(place, fresh, former)
        finally:
            _remove(fresh)
        _remove(former)
    except OSError as error:
        raise _cannot_write(place, error) from error
    return place / "index.html"


def check_output(out: str | Path) -> None:
    """Refuse a place that a report must not take, before any work is done for it.

    Raises
    ------
    OutputError
        It is a file, the current folder, holds something else than a report, or cannot be
        looked at.
    """
    place = Path(out).resolve()
    former = _beside(place, "former")
    needed = "a new folder, an empty one or a former report"
    try:
        if place == place.parent or Path.cwd().is_relative_to(place):
            came, do = "the current folder, or one above it", "Give a folder of its own."
            raise OutputError(say("report", needed, came, do))
        for beside in (former, _beside(place, "new")):
            if beside.exists() and not _is_ours(beside):
                came, do = f"'{beside.name}' beside it, which is none", "Move it away."
                raise OutputError(say("report", needed, came, do))
        if former.is_dir() and not place.exists():
            former.rename(place)
        if not place.exists():
            return
        if not place.is_dir():
            came, do = f"'{place.name}', a file", "Give a folder."
        elif not any(place.iterdir()) or (_is_report(place) and _is_ours(place)):
            return
        else:
            came, do = f"'{place.name}', which holds other files", "Give another folder."
    except OSError as error:
        raise _cannot_write(place, error) from error
    raise OutputError(say("report", needed, came, do))


def _cannot_write(place: Path, error: OSError) -> OutputError:
    reason = (error.strerror or type(error).__name__).lower()
    return OutputError(
        say("report", "a folder that can be written", f"'{place.name}': {reason}", "Give another.")
    )


def _beside(place: Path, word: str) -> Path:
    """Name a folder on the same disk, where a rename is a single step."""
    return place.parent / f".{place.name}.{word}"


def _is_report(place: Path) -> bool:
    try:
        content = json.loads((place / "findings.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    known = isinstance(content, dict) and content.get("schema") in range(1, SCHEMA + 1)
    return known and "findings" in content and (place / "index.html").is_file()


def _is_ours(place: Path) -> bool:
    """Say whether a folder holds nothing but what a report is made of."""
    return place.is_dir() and all(
        path.is_dir()
        if path.name in _KINDS and path.parent == place
        else path.relative_to(place).as_posix() in _FILES
        or (path.parent.parent == place and path.suffix in _KINDS.get(path.parent.name, ()))
        for path in place.rglob("*")
    )


def _remove(place: Path) -> None:
    """Delete a folder of a report; anything else stays."""
    if _is_ours(place):
        shutil.rmtree(place, ignore_errors=True)


def _swap(place: Path, fresh: Path, former: Path) -> None:
    """Move a finished report into place; put the former one back if that fails."""
    _remove(former)
    if place.exists():
        os.rename(place, former)
    try:
        os.rename(fresh, place)
    except OSError:
        if former.exists():
            os.rename(former, place)
        raise


def _check_rows(study: Study, rows: Mapping[str, pd.DataFrame]) -> None:
    if rows and not study.revealed_rows:
        raise ParameterError(
            say("report", "revealed_rows=True to write rows", "rows of a study without it")
        )
    wrong = [name for name in rows if not re.fullmatch(r"[a-z0-9_]+", name)]
    if wrong:
        raise ParameterError(
            say("report", "table names of a-z, 0-9 and _", f"{len(wrong)} other names")
        )


def _fill(folder: Path, study: Study, lang: str, rows: Mapping[str, pd.DataFrame]) -> None:
    """Write every file of a report."""
    from privaudit.reporting.annex import annex_page
    from privaudit.reporting.findings import findings_json, findings_of
    from privaudit.reporting.guard import shown_of
    from privaudit.reporting.page import drawings_of, in_the_story, story_page
    from privaudit.reporting.tables import tables_of

    words = Words(lang)
    shown = shown_of(study)
    findings = findings_of(study, shown)
    # What draws and tells reads what may be shown, and nothing else.
    study = shown.study(study)
    drawings = drawings_of(study, words, study.measures.get("towns"), findings)
    for kind in ("figures", "tables"):
        (folder / kind).mkdir()
    _write_drafts(folder, study, words)
    for drawing in drawings.values():
        _text(folder / "figures" / f"{drawing.name}.svg", drawing.svg)
    tables = {**tables_of(study, findings, shown), **rows}
    for name, table in tables.items():
        _text(folder / "tables" / f"{name}.csv", _inert(table).to_csv(index=False))
    _text(folder / "findings.json", findings_json(study, findings))
    titles = {drawing.name: drawing.title for drawing in drawings.values()}
    _text(
        folder / "annex.html",
        annex_page(
            study,
            words,
            findings,
            shown,
            tables=sorted(tables),
            figures=titles,
            drawings=[d for name, d in drawings.items() if name not in in_the_story(drawings)],
        ),
    )
    towns = study.measures.get("towns")
    _text(folder / "index.html", story_page(study, words, findings, drawings, towns))


def _write_drafts(folder: Path, study: Study, words: Words) -> None:
    """Write the record and the notices of a processing, as far as they are known."""
    from privaudit.reporting.rules_story import drafts_of

    for draft in drafts_of(study, words):
        (folder / "drafts").mkdir(exist_ok=True)
        _text(folder / "drafts" / f"{draft.name}.html", draft.html)
        _text(folder / "drafts" / f"{draft.name}.txt", draft.text)


def _sign(folder: Path, study: Study, lang: str, dated: bool) -> None:
    """Write what went in and came out, and the command that makes it again."""
    from privaudit.reporting.findings import without_folders
    from privaudit.reporting.manifest import write_manifest

    command = f"{study.command} --lang {lang} --out report" if study.command else ""
    write_manifest(
        folder,
        command=command,
        provenance=study.provenance,
        parameters=without_folders(study.recipe),
        inputs=study.inputs,
        dated=dated,
    )


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _inert(table: pd.DataFrame) -> pd.DataFrame:
    """Keep a spreadsheet from running a text that begins as a formula does, in a name too."""
    safe = table.rename(columns=lambda name: _quoted(str(name)))
    for column in safe.columns:
        if safe[column].dtype.kind not in "biufcmM":
            safe[column] = [v if v is None or v != v else _quoted(str(v)) for v in safe[column]]
    return safe


def _quoted(text: str) -> str:
    """Put a quote before what a spreadsheet may read as a formula, blanks before it or not."""
    starts = text.lstrip(" \u00a0")[:1]
    return f"'{text}" if starts in {*"=+-@\t\r\n|%", "＝", "＋", "－", "＠"} and starts else text
