"""Write a report: into a folder beside the place, then moved there whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit._core.checks import one_of, say
from privaudit.errors import ParameterError, visible
from privaudit.reporting.borrowed_text import english_spans, without_marks
from privaudit.reporting.place import Place, check_output
from privaudit.studies.study import Results, Study
from privaudit.tables.spreadsheet import inert
from privaudit.words.words import Words, languages

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_output", "report"]


def report(
    result: Results,
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
    result : Study, Exposure or Measures, or a list or dict of them
        Of a dict, results of one family are told apart by their names.
    out : path
        A folder that does not exist, is empty, or holds a former report as its manifest has it and
        nothing else, which is replaced.
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
    place = Place(out)
    with place.filling() as fresh:
        _fill(fresh, study, lang, rows)
        _sign(fresh, study, lang, dated)
    return place.path / "index.html"


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
    from privaudit.reporting.consistent_counts import refuse_other_counts
    from privaudit.reporting.findings import findings_json, findings_of
    from privaudit.reporting.guard import shown_of
    from privaudit.reporting.page import drawings_of, in_the_story, story_page
    from privaudit.reporting.reliability import only_reliable, reliable_rows
    from privaudit.reporting.tables import tables_of

    words = Words(lang, marked=True)
    refuse_other_counts(study)
    study = only_reliable(study)
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
    tables = {**tables_of(study, findings, shown), **reliable_rows(study, rows)}
    for name, table in tables.items():
        _text(folder / "tables" / f"{name}.csv", inert(table).to_csv(index=False))
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
    text = english_spans(text) if path.suffix == ".html" else without_marks(text)
    path.write_text(visible(text), encoding="utf-8", newline="\n")
