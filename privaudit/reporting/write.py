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
from privaudit.exposure.results import Exposure, Measures
from privaudit.reporting.findings import SCHEMA
from privaudit.reporting.study import Study
from privaudit.reporting.words import LANGUAGES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_output", "report"]


def report(
    result: Study | Exposure | Measures,
    out: str | Path,
    *,
    lang: str = "en",
    extra_tables: Mapping[str, pd.DataFrame] | None = None,
) -> Path:
    """Write a report: one page that loads nothing, its numbers, figures and tables.

    The folder is made beside `out` and moved into place, so that a run that dies leaves the
    former report whole.

    Parameters
    ----------
    result : Study, Exposure or Measures
    out : path
        A folder that does not exist, is empty, or holds a former report, which is replaced.
    lang : {"en", "fr"}
    extra_tables : mapping of str to pandas.DataFrame, optional
        Rows that were asked for explicitly, written as ``tables/NAME.csv``; only for a study
        with ``revealed_rows=True``, whose page says so.

    Returns
    -------
    pathlib.Path
        ``index.html`` in `out`. Beside it: ``findings.json``, ``figures/*.svg``,
        ``tables/*.csv``.

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
    ['figures', 'findings.json', 'index.html', 'tables']
    """
    one_of("report", "lang", lang, LANGUAGES)
    study = Study.of(result)
    rows = dict(extra_tables or {})
    _check_rows(study, rows)
    place = Path(out).absolute()
    # A former run may have died between the two moves: put its report back first.
    check_output(place)
    fresh, former = _beside(place, "new"), _beside(place, "former")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            _fill(fresh, study, lang, rows)
            _swap(place, fresh, former)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)
    except OSError as error:
        raise _cannot_write(place, error) from error
    return place / "index.html"


def check_output(out: str | Path) -> None:
    """Refuse a place that a report must not take, before any work is done for it.

    Raises
    ------
    OutputError
        It is a file, holds something else than a report, or cannot be looked at.
    """
    place = Path(out).absolute()
    former = _beside(place, "former")
    try:
        if former.is_dir() and not place.exists():
            former.rename(place)
        if not place.exists():
            return
        if not place.is_dir():
            came, do = f"'{place.name}', a file", "Give a folder."
        elif not any(place.iterdir()) or _is_report(place):
            return
        else:
            came, do = f"'{place.name}', which holds other files", "Give another folder."
    except OSError as error:
        raise _cannot_write(place, error) from error
    raise OutputError(say("report", "a new folder, an empty one or a former report", came, do))


def _cannot_write(place: Path, error: OSError) -> OutputError:
    reason = (error.strerror or type(error).__name__).lower()
    return OutputError(
        say("report", "a folder that can be written", f"'{place.name}': {reason}", "Give another.")
    )


def _beside(place: Path, word: str) -> Path:
    """Name a folder on the same disk, where a rename is a single step."""
    return place.with_name(f".{place.name}.{word}")


def _is_report(place: Path) -> bool:
    try:
        content = json.loads((place / "findings.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("schema") == SCHEMA and "findings" in content


def _swap(place: Path, fresh: Path, former: Path) -> None:
    """Move a finished report into place; put the former one back if that fails."""
    shutil.rmtree(former, ignore_errors=True)
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
    from privaudit.reporting.findings import findings_json, findings_of
    from privaudit.reporting.page import drawings_of, page_of
    from privaudit.reporting.tables import tables_of
    from privaudit.reporting.words import Words

    words = Words(lang)
    findings = findings_of(study)
    drawings = drawings_of(study, words)
    (folder / "figures").mkdir()
    (folder / "tables").mkdir()
    for drawing in drawings.values():
        _text(folder / "figures" / f"{drawing.name}.svg", drawing.svg)
    for name, table in {**tables_of(study, findings), **rows}.items():
        _text(folder / "tables" / f"{name}.csv", _inert(table).to_csv(index=False))
    _text(folder / "findings.json", findings_json(study, findings))
    _text(folder / "index.html", page_of(study, words, findings, drawings))


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _inert(table: pd.DataFrame) -> pd.DataFrame:
    """Keep a spreadsheet from running a text that begins as a formula does."""
    safe = table.copy()
    for column in safe.columns:
        if safe[column].dtype.kind not in "biufcmM":
            text = safe[column].astype("str")
            formula = text.str.match(r"[=+\-@\t\r]").fillna(False)
            safe[column] = text.where(~formula, "'" + text)
    return safe
