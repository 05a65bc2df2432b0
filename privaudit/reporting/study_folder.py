"""The folder of a study file: frames, figures, the file itself and a manifest."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit._core.policy import SMALL_CELL
from privaudit.errors import visible
from privaudit.reporting.findings import without_folders
from privaudit.reporting.manifest import MANIFEST, write_manifest
from privaudit.reporting.place import STUDY, Place, check_output
from privaudit.results.charts import ChartLine, Mark, Panel, line_chart
from privaudit.studies.commands import command_line
from privaudit.studies.repeat import NUMBERS, Repeated
from privaudit.studies.study import Input
from privaudit.studies.study_file import PARTS
from privaudit.tables.spreadsheet import inert
from privaudit.words.words import Words

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.results.painter import Display
    from privaudit.results.row import Row

__all__ = ["check_folder", "write_folder"]


def check_folder(out: Path) -> None:
    """Refuse a place that a study must not take: what it replaces is a study that nobody changed.

    Raises
    ------
    OutputError
    """
    check_output(out, STUDY)


def write_folder(
    found: Repeated, file: Path, out: Path, *, outputs: tuple[str, ...], lang: str, dated: bool
) -> Path:
    """Write a study beside the place, then move it there whole; return its manifest.

    Numbers are written to ten digits, and a row that counts fewer people than may be shown
    without them.
    """
    place = Place(out, STUDY)
    with place.filling() as fresh:
        (fresh / "figures").mkdir()
        shutil.copyfile(file, fresh / "study.toml")
        if "overall" in outputs:
            _frame(fresh / "overall.csv", _guarded(found.overall.drop(columns="notes")))
        if "runs" in outputs:
            _frame(fresh / "runs.csv", _guarded(found.runs.set_index("measure")))
        if "figures" in outputs:
            for drawing in _drawings(found, Words(lang)):
                _text(fresh / "figures" / f"{drawing.name}.svg", drawing.svg)
        if not any((fresh / "figures").iterdir()):
            (fresh / "figures").rmdir()
        write_manifest(
            fresh,
            command=command_line("study", [file], lang=lang, out="study"),
            provenance=found.provenance,
            parameters=without_folders(found.recipe),
            inputs=[Input(path=file, role="study")],
            dated=dated,
        )
    return place.path / MANIFEST


def _guarded(frame: pd.DataFrame) -> pd.DataFrame:
    """Take the numbers from rows of few; say in which."""
    few = frame["n"].to_numpy(dtype=float) < SMALL_CELL
    numbers = [c for c in frame if c in (*NUMBERS, "n") or str(c).endswith(("_low", "_high"))]
    told = frame.assign(withheld=few)
    told.loc[few, numbers] = math.nan
    return told


def _frame(path: Path, frame: pd.DataFrame) -> None:
    told = frame.reset_index()
    for name in told.columns:
        if told[name].dtype.kind == "f":
            told[name] = [float(f"{x:.10g}") for x in told[name]]
    _text(path, inert(told, numbers=True).to_csv(index=False, lineterminator="\n"))


def _text(path: Path, text: str) -> None:
    path.write_text(visible(text), encoding="utf-8", newline="\n")


def _drawings(found: Repeated, words: Words) -> list[Display]:
    """A figure a gain: each setting a line, with what one more town may show."""
    by_gain: dict[str, list[Row]] = {}
    for row in found.rows:
        if row.gain and row.unit == "share" and row.n >= SMALL_CELL and math.isfinite(row.value):
            by_gain.setdefault(row.gain, []).append(row)
    told = {name: {row.part[name] for row in found.rows} for name in found.varied}
    moved = [name for name, values in told.items() if len(values) > 1]
    return [
        line_chart(
            gain, words, found.provenance,
            title=f"{found.name}: {words(f'figure.gain_{gain}')}",
            panels=[Panel([_line(row, moved, words) for row in rows])],
            write=words.tick, axis=words("figure.towns_marks"),
        )
        for gain, rows in by_gain.items()
    ]  # fmt: skip


def _line(row: Row, moved: list[str], words: Words) -> ChartLine:
    name = ", ".join(
        words.name("rung" if part == "adversary" else "", row.part[part]) if part in PARTS
        else f"{words.name('assumption', part)} {row.part[part]}"
        for part in moved
    ) or words(f"figure.gain_{row.gain}")  # fmt: skip
    share = words.percent(row.value)
    between = words.interval(row.between_low, row.between_high, "share")
    return ChartLine(
        name,
        [
            Mark(row.between_low, between, shape="tick", colour="grey"),
            Mark(row.value, f"{share} ({between})", share, low=row.low, high=row.high),
            Mark(row.between_high, between, shape="tick", colour="grey"),
        ],
        joined=True,
    )
