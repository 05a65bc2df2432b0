"""Write a report or a study: into a temporary folder, which then replaces the target whole."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.columns.roles import Roles
from privaudit.core.checks import one_of, plain_fields
from privaudit.core.files import (
    code_digest,
    hold,
    made_once,
    move,
    portable_name,
    refuse_reserved,
    regular,
)
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import OutputError, ParameterError, PrivauditError, visible
from privaudit.io.workbooks import inert
from privaudit.release.column_roles import roles_text
from privaudit.report.findings import without_folders
from privaudit.report.manifest import MANIFEST, check_quoted, compared, write_manifest
from privaudit.report.page import with_spans
from privaudit.results.line_charts import ChartLine, Mark, Panel, line_chart
from privaudit.results.painter import raster
from privaudit.studies.commands import command_line
from privaudit.studies.study import Input, Results, Study
from privaudit.words.catalogues import Words, languages, without_marks

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.core.cache import Store
    from privaudit.release.inventory import Column
    from privaudit.report.findings import Finding
    from privaudit.report.guard import Shown
    from privaudit.results.painter import Display
    from privaudit.results.repeated import Repeated
    from privaudit.results.rows import Row


@dataclass(frozen=True, eq=False)
class Shape:
    """The files and folders of an output folder.

    - `word`: What it is called.
    - `files`: Names of its files.
    - `kinds`: Its folders, with the endings of the files that they hold.
    """

    word: str
    files: tuple[str, ...]
    kinds: Mapping[str, tuple[str, ...]]


REPORT = Shape(
    "report",
    ("index.html", "annex.html", "dossier.docx", "findings.json", "roles.toml", "plan.toml",
     MANIFEST),
    {"figures": (".svg", ".png"), "tables": (".csv",), "drafts": (".html", ".txt", ".docx")},
)  # fmt: skip
_FILES_OF_STUDY = ("overall.csv", "runs.csv", "study.toml", MANIFEST)
STUDY = Shape("study", _FILES_OF_STUDY, {"figures": (".svg",)})
# Marks a folder that is not complete yet.
_UNFINISHED = ".privaudit-unfinished"


def check_output(out: str | Path, shape: Shape = REPORT) -> None:
    """Refuse an unsuitable output folder before any work is done.

    What a killed run left there is put back or removed.

    Raises
    ------
    OutputError
        It is a file, the current folder, holds something else than a report, or cannot be
        looked at; or another run is writing there.
    """
    Place(out, shape).check()


class Place:
    """An output folder; links are resolved."""

    def __init__(self, out: str | Path, shape: Shape = REPORT) -> None:
        self.given, self.path, self.shape = Path(out), Path(out).resolve(), shape
        # On the same disk, where a rename is a single step.
        self._fresh, self._former, self._lock = (
            self.path.parent / f".{self.path.name}.{word}" for word in ("new", "former", "lock")
        )

    def check(self) -> None:
        """Refuse an unsuitable folder; see `check_output`."""
        refuse_reserved(self.given, self.shape.word)
        try:
            if self.path == self.path.parent or Path.cwd().is_relative_to(self.path):
                came = "the current folder, or one above it"
                raise self._refused(came, "Give a folder of its own.")
            # Where such a link leads somebody else may have chosen.
            if any(p.is_symlink() and not p.exists() for p in (self.given, *self.given.parents)):
                raise self._refused("a link to nothing", "Give a folder.")
            if any(map(os.path.lexists, (self._former, self._fresh))):
                with self._alone():
                    self._mend()
            self._refuse_what_is_not_ours()
        except OSError as error:
            raise self._cannot_write(error) from error

    @contextmanager
    def filling(self) -> Iterator[Path]:
        """Make a temporary folder, and move it into place at the end of the block."""
        self.check()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._alone():
                # Another run may have been killed since.
                self._mend()
                self._fresh.mkdir()
                try:
                    (self._fresh / _UNFINISHED).touch()
                    yield self._fresh
                    self._swap()
                finally:
                    self._remove(self._fresh)
        except OSError as error:
            raise self._cannot_write(error) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other runs from writing there."""
        with hold(self._lock) as free:
            if not free:
                needed, came = (
                    "a place where no other run writes",
                    f"'{self._lock.name}' of another",
                )
                raise OutputError.of(self.shape.word, needed, came, "Wait for it, or give another.")
            yield

    def _swap(self) -> None:
        """Move the finished folder into place; put the former one back if that fails."""
        # Other files may have been put there meanwhile.
        self._refuse_what_is_not_ours()
        (self._fresh / _UNFINISHED).unlink()
        try:
            if self.path.exists():
                move(self.path, self._former)
            move(self._fresh, self.path)
        except BaseException:  # a run may be stopped between the two
            if self._former.exists() and not self.path.exists():
                move(self._former, self.path)
            raise
        finally:
            if self.path.exists():
                self._remove(self._former)

    def _refuse_what_is_not_ours(self) -> None:
        if not os.path.lexists(self.path):
            return
        if not self.path.is_dir():
            raise self._refused(f"'{self.path.name}', a file", "Give a folder.")
        if why := self._why_not_ours(self.path):
            came = f"'{self.path.name}', which holds other files ({why})"
            raise self._refused(came, "Give another folder, or move them.")

    def _mend(self) -> None:
        """Restore or remove what a killed run left; refuse other files."""
        for beside in (self._former, self._fresh):
            if not os.path.lexists(beside):
                continue
            if self._why_not_ours(beside):
                raise self._refused(f"'{beside.name}' beside it, which is none", "Move it away.")
        if self._former.is_dir() and not self.path.exists() and self._is_whole(self._former):
            move(self._former, self.path)
        self._remove(self._former)
        self._remove(self._fresh)

    def _is_whole(self, folder: Path) -> bool:
        """Whether a folder is complete or empty."""
        try:
            return not any(folder.iterdir()) or compared(folder).agrees
        except PrivauditError:
            return False

    def _why_not_ours(self, folder: Path) -> str:
        """Return what in a folder was not written by privaudit; "" if nothing."""
        if folder.is_symlink() or not folder.is_dir():
            return "no folder"
        paths = list(folder.rglob("*"))
        for path in paths:
            name = path.relative_to(folder).as_posix()
            if path.is_symlink():
                return f"a link: {name}"
            if not self._has_our_name(path, folder):
                return f"not of the {self.shape.word}: {name}"
        if not paths or regular(folder / _UNFINISHED, 0) == b"":
            return ""
        try:
            wrong = compared(folder).not_ours
        except PrivauditError:
            return f"no {MANIFEST} of a {self.shape.word}"
        return wrong[0] if wrong else ""

    def _has_our_name(self, path: Path, folder: Path) -> bool:
        name, kinds = path.relative_to(folder).as_posix(), self.shape.kinds
        if name in (*self.shape.files, _UNFINISHED):
            return True
        if path.parent == folder:
            return name in kinds and path.is_dir()
        return path.parent.parent == folder and path.suffix in kinds.get(path.parent.name, ())

    def _remove(self, folder: Path) -> None:
        """Delete an output folder, its manifest last; other files stay."""
        if not os.path.lexists(folder) or self._why_not_ours(folder):
            return
        with suppress(OSError):
            for kind in self.shape.kinds:
                for path in (folder / kind).glob("*"):
                    path.unlink()
                with suppress(FileNotFoundError):
                    (folder / kind).rmdir()
            for name in (*self.shape.files, _UNFINISHED):
                (folder / name).unlink(missing_ok=True)
            folder.rmdir()

    def _refused(self, came: str, do: str) -> OutputError:
        needed = f"a new folder, an empty one or a former {self.shape.word}"
        return OutputError.of(self.shape.word, needed, came, do)

    def _cannot_write(self, error: OSError) -> OutputError:
        # Windows moves nothing that a program has open.
        do = "Close its files in other programs." if isinstance(error, PermissionError) else ""
        needed = "a folder that can be written"
        return OutputError.not_written(self.shape.word, needed, self.path.name, error, do)


def report(
    result: Results, out: str | Path, *, lang: str = "en", dated: bool = False,
    extra_tables: Mapping[str, pd.DataFrame] | None = None, cache: Store | None = None,
) -> Path:  # fmt: skip
    """Write a report: a story, an annex with every number, tables and figures.

    The folder is made beside `out` and moved into place, so that a run that dies leaves the
    former report whole.

    Parameters
    ----------
    result : Study, Exposure or Measures, or a list or dict of them
        Of a dict, results of one family are distinguished by their names.
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
    cache : Store, optional
        Keeps the files of a simulated study, which are the same with and without it.

    Returns
    -------
    pathlib.Path
        ``index.html`` in `out`. Beside it: ``annex.html``, ``findings.json``,
        ``manifest.json``, ``figures/*.svg`` and ``*.png``, ``tables/*.csv``; none of them loads
        anything.

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
        if cache is None or study.provenance != "simulated" or rows:
            _fill(fresh, study, lang, rows)
        else:
            _fill_once(fresh, study, lang, cache)
        _sign(fresh, study, lang, dated)
    return place.path / "index.html"


def _check_rows(study: Study, rows: Mapping[str, pd.DataFrame]) -> None:
    if rows and not study.revealed_rows:
        needed, came = "revealed_rows=True to write rows", "rows of a study without it"
        raise ParameterError.of("report", needed, came)
    plain = [n for n in rows if re.fullmatch(r"[a-z0-9_]+", n) and portable_name(n) == n]
    if len(plain) < len(rows):
        needed, came = "table names of a-z, 0-9 and _", f"{len(rows) - len(plain)} other names"
        raise ParameterError.of("report", needed, came)


def _fill_once(folder: Path, study: Study, lang: str, cache: Store) -> None:
    """Write every file of the report of a simulated study, or take it from the cache."""
    from privaudit.core.cache import fingerprint

    def make() -> dict[str, np.ndarray]:
        _fill(folder, study, lang, {})
        paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {
            path.relative_to(folder).as_posix(): np.frombuffer(path.read_bytes(), dtype=np.uint8)
            for path in paths
            if path.name != _UNFINISHED
        }

    recipe = {
        "study": fingerprint(replace(study, inputs=())),
        "inputs": [plain_fields(one) for one in study.inputs],
        "lang": lang,
        "code": code_digest(),
    }
    for name, data in cache.stage("pages", version=1, recipe=recipe, make=make, types=()).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data.tobytes())


@made_once()
def _fill(folder: Path, study: Study, lang: str, rows: Mapping[str, pd.DataFrame]) -> None:
    """Write every file of a report."""
    from privaudit.report.annex import annex_page, left_out, tables_beside
    from privaudit.report.findings import findings_json, tables_of
    from privaudit.report.guard import reliable_rows
    from privaudit.report.manifest import check_quoted, cited
    from privaudit.report.mitigations import plan_of
    from privaudit.report.page import drawings_of, figure_tables, hand_outs, story_page

    words = Words(lang, marked=True, quoted=study.provenance == "audited file")
    study, findings, shown = _shown(study, words)
    drawings = drawings_of(study, words, findings)
    for kind in ("figures", "tables"):
        (folder / kind).mkdir()
    _write_drafts(folder, study, words)
    if study.kind == "inspect":
        _text(folder / "roles.toml", _roles(study, words))
    if plan := plan_of(study, words, findings):
        _text(folder / "plan.toml", plan)
    _write_figures(folder, drawings.values(), pictures=True)
    story = story_page(study, words, findings, drawings)
    _text(folder / "index.html", story)
    if study.case is not None:
        _document(folder / "index.html", "dossier.docx", drawings)
    _text(folder / "findings.json", findings_json(study, findings))
    # Figures that the story leaves stand in the annex; what they link to stays there too.
    others = [d for name, d in drawings.items() if f'href="figures/{name}.svg"' not in story]
    linked = {
        h.finding.rpartition("#")[2] for h in hand_outs(study, words, findings, others).values()
    }
    beside = left_out(study, findings, cited(folder) | linked)
    tables = {
        **tables_of(study, findings, shown), **tables_beside(words, beside),
        **reliable_rows(study, rows),
    }  # fmt: skip
    for name, table in (*tables.items(), *figure_tables(drawings).items()):
        _text(
            folder / "tables" / f"{name}.csv", inert(table).to_csv(index=False, lineterminator="\n")
        )
    titles = {drawing.name: drawing.title for drawing in drawings.values()}
    annex = annex_page(
        study, words, findings, shown,
        tables=sorted(tables), figures=titles, drawings=others, beside=beside,
    )  # fmt: skip
    _text(folder / "annex.html", annex)
    # A difference is an error of the program.
    check_quoted(folder)


def _shown(study: Study, words: Words) -> tuple[Study, Sequence[Finding], Shown]:
    """Return a study as pages and figures may read it, its findings, and what may be shown."""
    from privaudit.report.dossier_page import with_constats
    from privaudit.report.findings import findings_of
    from privaudit.report.guard import only_reliable, refuse_other_counts, shown_of
    from privaudit.report.maps import with_squares

    refuse_other_counts(study)
    study = with_squares(only_reliable(study))
    shown = shown_of(study)
    study, findings = with_constats(shown.study(study), words, findings_of(study, shown))
    return study, findings, shown


def unwritten(study: Study, lang: str) -> tuple[list[str], str]:
    """Return a summary of an inspection that is not written, by lines, and its findings as JSON."""
    from privaudit.report.findings import findings_json
    from privaudit.report.inspection import summary_lines

    words = Words(lang, quoted=True)
    study, findings, _ = _shown(study, words)
    return summary_lines(study, words), _plain(findings_json(study, findings))


# Of a picture of a figure: as wide as a paper's page, and 1,440 pixels.
_INCHES, _DPI = 7.2, 200


def _write_figures(folder: Path, drawings: Iterable[Display], *, pictures: bool = False) -> None:
    """Write each figure as SVG, and as PNG where pictures are wanted."""
    for drawing in drawings:
        place, svg = folder / "figures" / f"{drawing.name}.svg", _plain(drawing.svg)
        _text(place, svg)
        if pictures:
            place.with_suffix(".png").write_bytes(raster(svg, "png", _INCHES, _DPI))


def _write_drafts(folder: Path, study: Study, words: Words) -> None:
    """Write the draft record and notices of a processing."""
    from privaudit.report.rules_story import drafts_of

    for draft in drafts_of(study, words):
        (folder / "drafts").mkdir(exist_ok=True)
        _text(folder / "drafts" / f"{draft.name}.html", draft.html)
        _text(folder / "drafts" / f"{draft.name}.txt", draft.text)
        _document(folder / "drafts" / f"{draft.name}.html", f"{draft.name}.docx")


def _document(page: Path, name: str, drawings: Mapping[str, Display] | None = None) -> None:
    """Write a page as a Word document beside it."""
    from privaudit.report.word_documents import document

    page.with_name(name).write_bytes(document(page.read_text(encoding="utf-8"), drawings))


def _roles(study: Study, words: Words) -> str:
    """Return the roles of every inspected file, of a log with its people, items and times."""
    from privaudit.studies.exhibits import log_columns

    files = []
    for one in study.inventories:
        roles, item = one.roles, ""
        if not roles.key and (log := log_columns(one)):
            roles, item = Roles(identifier=(log[0],), time=log[2]), log[1]
        direct = [column.name for column in one.columns if _is_direct(column)]
        taken = (*roles.key, *roles.sensitive)
        roles = replace(roles, direct=tuple(c for c in direct if c not in taken))
        held = {column.name: words.name("column_role", column.role) for column in one.columns}
        files.append((one.file or one.name, roles, item, held))
    return roles_text(files, [words("inspect.roles_head"), words("inspect.roles_edit")])


def _is_direct(column: Column) -> bool:
    """Return whether a column identifies a person; one whose header is withheld is not named."""
    withheld = re.fullmatch(r"column \d+", column.name)
    return column.role in ("identifier", "contact") and column.kind != "number" and not withheld


def _sign(folder: Path, study: Study, lang: str, dated: bool) -> None:
    """Write the manifest."""
    command = f"{study.command} --lang {lang} --out report" if study.command else ""
    write_manifest(
        folder, command=command, provenance=study.provenance, inputs=study.inputs, dated=dated,
        parameters=without_folders(study.recipe),
    )  # fmt: skip


def _text(path: Path, text: str) -> None:
    text = with_spans(visible(text)) if path.suffix == ".html" else _plain(text)
    path.write_text(text, encoding="utf-8", newline="\n")


def write_texts(
    out: str | Path, texts: Mapping[str, str], *, command: str, provenance: str,
    parameters: Mapping[str, Any], inputs: Iterable[Input], dated: bool,
) -> Path:  # fmt: skip
    """Write texts by the names of their files as a report is written; return its page.

    Raises
    ------
    OutputError
        `out` holds something else than a report, or cannot be written.
    """
    place = Place(out)
    with place.filling() as fresh:
        for name, text in texts.items():
            (fresh / name).parent.mkdir(exist_ok=True)
            _text(fresh / name, text)
        # A difference is an error of the program.
        check_quoted(fresh)
        write_manifest(
            fresh, command=command, provenance=provenance, parameters=parameters, inputs=inputs,
            dated=dated,
        )  # fmt: skip
    return place.path / "index.html"


def _plain(text: str) -> str:
    return visible(without_marks(text))


def write_folder(
    repeated: Repeated, file: Path, out: Path, *, outputs: tuple[str, ...], lang: str, dated: bool
) -> Path:
    """Write a study to a temporary folder, move it into place, and return its manifest.

    Numbers have ten digits; a row under the small-cell threshold is written without its numbers.
    """
    place = Place(out, STUDY)
    with place.filling() as fresh:
        shutil.copyfile(file, fresh / "study.toml")
        if "overall" in outputs:
            overall = repeated.overall.drop(columns="notes", errors="ignore")
            _frame(fresh / "overall.csv", _guarded(overall))
        if "runs" in outputs:
            _frame(fresh / "runs.csv", _guarded(repeated.runs.set_index("measure")))
        drawings = _drawings(repeated, Words(lang)) if "figures" in outputs else []
        if drawings:
            (fresh / "figures").mkdir()
            _write_figures(fresh, drawings)
        write_manifest(
            fresh, command=command_line("study", [file], lang=lang, out="study"),
            provenance=repeated.provenance, parameters=without_folders(repeated.recipe),
            inputs=[Input(path=file, role="study")], dated=dated,
        )  # fmt: skip
    return place.path / MANIFEST


def guarded_rows(repeated: Repeated) -> list[dict[str, Any]]:
    """Return the rows of a study as plain JSON values, as its ``overall.csv`` has them."""
    overall = _guarded(repeated.overall.drop(columns="notes", errors="ignore")).reset_index()
    rows: list[dict[str, Any]] = json.loads(overall.to_json(orient="records", double_precision=10))
    return rows


def _guarded(frame: pd.DataFrame) -> pd.DataFrame:
    """Withhold the numbers of small rows."""
    few = frame["n"].to_numpy(dtype=float) < SMALL_CELL
    from privaudit.results.repeated import NUMBERS

    numbers = [c for c in frame if c in (*NUMBERS, "n") or str(c).endswith(("_low", "_high"))]
    known = frame.assign(withheld=few)
    known.loc[few, numbers] = math.nan
    return known


def _frame(path: Path, frame: pd.DataFrame) -> None:
    known = frame.reset_index()
    for name in known.columns:
        if known[name].dtype.kind == "f":
            known[name] = [float(f"{x:.10g}") for x in known[name]]
    _text(path, inert(known, numbers=True).to_csv(index=False, lineterminator="\n"))


def _drawings(repeated: Repeated, words: Words) -> list[Display]:
    """Draw one figure per gain, with one line per setting."""
    by_gain: dict[str, list[Row]] = {}
    for row in repeated.rows:
        if row.gain and row.unit == "share" and row.n >= SMALL_CELL and math.isfinite(row.value):
            by_gain.setdefault(row.gain, []).append(row)
    fields = {name: {row.part[name] for row in repeated.rows} for name in repeated.varied}
    moved = [name for name, values in fields.items() if len(values) > 1]
    return [
        line_chart(
            gain, words, repeated.provenance,
            title=f"{repeated.name}: {words(f'figure.gain_{gain}')}",
            panels=[Panel([_line(row, moved, words) for row in rows])],
            write=words.tick, axis=words("figure.towns_marks"),
        )
        for gain, rows in by_gain.items()
    ]  # fmt: skip


def _line(row: Row, moved: list[str], words: Words) -> ChartLine:
    from privaudit.studies.study_file import PARTS

    name = ", ".join(
        words.name("rung" if part == "adversary" else "", row.part[part]) if part in PARTS
        else f"{words.name('assumption', part)} {row.part[part]}"
        for part in moved
    ) or words(f"figure.gain_{row.gain}")  # fmt: skip
    share = words.percent(row.value)
    low, high = (words.percent(end) for end in (row.between_low, row.between_high))
    between = words("number.range", low=low, high=high)
    first, last = (
        Mark(end, between, shape="tick", colour="grey")
        for end in (row.between_low, row.between_high)
    )
    mark = Mark(row.value, f"{share} ({between})", share, low=row.low, high=row.high)
    return ChartLine(name, [first, mark, last], joined=True)
