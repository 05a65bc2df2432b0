"""Findings: every number of a report, with a stable name, and `findings.json`."""

from __future__ import annotations

import json
import math
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np

from privaudit.exposure.results import GAINS, OVERALL_COLUMNS, Exposure, Measures
from privaudit.reporting.guard import THRESHOLD
from privaudit.reporting.sentences import exposure_sentence, measure_sentence, presumes_nothing
from privaudit.reporting.steps import Step, step_sentence, steps_of
from privaudit.reporting.study import Study
from privaudit.reporting.tables import number
from privaudit.reporting.views import view_of
from privaudit.reporting.words import LANGUAGES, Words, slug

__all__ = ["SCHEMA", "Finding", "findings_json", "findings_of"]

SCHEMA = 1
# Accounts that look at the map, stations and targets of a simulation: nobody on the map.
_OTHER_DENOMINATORS = ("access", "campaign", "simulation")
_OTHERS_COUNTED = re.compile(r"n: (accounts|holders|stations)\b")
_NUMBERS = ("value", "low", "high", "baseline", "n")
_PACKAGES = ("numpy", "pandas", "scipy", "scikit-learn", "matplotlib", "duckdb", "pyproj")
# The folders before a file's name: where somebody keeps a file is nobody else's business.
_FOLDERS = re.compile(r"(?<![^\s='\"])(?:[A-Za-z]:[\\/]|~?/|\.{1,2}[\\/])(?:[^\s/\\'\"]+[\\/])*")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One number of a report, never alone.

    Parameters
    ----------
    id : str
        Stable name, such as ``map.donut_50_200.knows_the_mask.address``.
    value, low, high : float
        The number and its 95 % interval; nan where suppressed or not known.
    n : float
        Denominator, people or records.
    unit : str
        "share" (0 to 1, 0 = safe) or what is counted.
    baseline, control, residual : float
        The same without the release; for people who are not in it; and what is left,
        (value - control) / (1 - control). nan where there is none.
    reliable : bool
    provenance : str
    note : str
    sentence : mapping
        The finding in plain words: language to text.
    """

    id: str
    value: float
    low: float
    high: float
    n: float
    unit: str
    baseline: float = math.nan
    control: float = math.nan
    residual: float = math.nan
    reliable: bool = True
    provenance: str
    note: str = ""
    sentence: Mapping[str, str]


def findings_of(study: Study) -> tuple[Finding, ...]:
    """Turn a study into findings: exposures in their order, measures, steps between rungs.

    A denominator under 11 people is a small cell: its numbers are withheld.
    """
    found: list[Finding] = []
    for exposure in study.exposures:
        found += _of_exposure(study, exposure)
    for family, measures in study.measures.items():
        found += _of_measures(study, family, measures)
    for view, steps in steps_of(study).items():
        found += [_of_step(study, view, step) for step in steps]
    return tuple(found)


def _of_step(study: Study, view: str, step: Step) -> Finding:
    return Finding(
        id=f"step.{slug(view)}.{slug(step.after.attack)}.address",
        value=step.value,
        low=step.low,
        high=step.high,
        n=step.n,
        unit="share",
        baseline=0.0,
        reliable=step.reliable,
        provenance=study.provenance,
        note=f"Over '{step.before.attack}'; paired, over the same people.",
        sentence={lang: step_sentence(study, Words(lang), step) for lang in LANGUAGES},
    )


def _of_exposure(study: Study, exposure: Exposure) -> list[Finding]:
    view = view_of(study, exposure)
    subject = "table" if "table" in (study.kind, view) else "map"
    found = []
    for gain in GAINS:
        row = {k: number(exposure.overall, gain, k) for k in OVERALL_COLUMNS}
        small = row["n"] < THRESHOLD
        if small:
            row = dict.fromkeys(row, math.nan)
        elif math.isnan(row["attack"]):
            continue  # Nothing to compare with: an opinion in a real file.
        note = "; ".join(exposure.notes)
        sentence = {
            lang: exposure_sentence(lang, exposure, gain, row, view, study.provenance, small)
            for lang in LANGUAGES
        }
        if gain == "opinion" and presumes_nothing(exposure):
            # No guess was made: 0 would read as worse than guessing blindly.
            row |= dict.fromkeys(("attack", "low", "high", "control", "residual"), math.nan)
        found.append(
            Finding(
                id=".".join((subject, slug(view), slug(exposure.attack), gain)),
                value=row["attack"],
                low=row["low"],
                high=row["high"],
                n=row["n"],
                unit="share",
                baseline=row["baseline"],
                control=row["control"],
                residual=row["residual"],
                reliable=exposure.reliable and not small,
                provenance=study.provenance,
                note=note,
                sentence=sentence,
            )
        )
    return found


def _of_measures(study: Study, family: str, measures: Measures) -> list[Finding]:
    found = []
    used: dict[str, int] = {}
    doubted = _doubted(measures)
    for name, row in measures.overall.iterrows():
        numbers = {k: float(row[k]) for k in _NUMBERS}
        unit, note = (_words_of(row[k]) for k in ("unit", "note"))
        others = family in _OTHER_DENOMINATORS or _OTHERS_COUNTED.search(note) is not None
        small = numbers["n"] < THRESHOLD and not others
        if small:
            numbers = dict.fromkeys(numbers, math.nan)
        sentence = {
            lang: measure_sentence(
                lang, str(name), numbers, unit, study.provenance, small, note, slug(family)
            )
            for lang in LANGUAGES
        }
        # Two columns of a file may differ in a sign only: the second becomes name_2.
        ending = slug(str(name))
        used[ending] = used.get(ending, 0) + 1
        ending += f"_{used[ending]}" if used[ending] > 1 else ""
        found.append(
            Finding(
                id=f"{slug(family)}.{ending}",
                **numbers,
                unit=unit,
                reliable=str(name) not in doubted and not small,
                provenance=study.provenance,
                note=note,
                sentence=sentence,
            )
        )
    return found


def _doubted(measures: Measures) -> set[str]:
    """Name the measures that are not reliable: those of which a note says why, or all."""
    if measures.reliable:
        return set()
    names = {str(name) for name in measures.overall.index}
    said = {name for name in names if any(n.startswith(f"{name}: ") for n in measures.notes)}
    return said or names


def _words_of(cell: Any) -> str:
    return cell if isinstance(cell, str) else ""


def without_folders(value: Any) -> Any:
    """Make a recipe plain and take the folders out of its file names.

    Examples
    --------
    >>> without_folders({"command": "privaudit map /home/a/leak.csv --out ./r"})
    {'command': 'privaudit map leak.csv --out r'}
    """
    if isinstance(value, Mapping):
        return {str(k): without_folders(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_folders(v) for v in value]
    if isinstance(value, np.generic):
        return without_folders(value.item())
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    return _FOLDERS.sub("", str(value))


def _plain(value: Any) -> Any:
    """Round floats to 6 significant digits and write what is not finite as null."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        rounded = float(f"{value:.6g}")
        return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e15 else rounded
    return value


def _record(finding: Finding) -> dict[str, Any]:
    """Return a finding for JSON, where an infinite number is null: its note says so."""
    infinite = [k for k in ("value", "low", "high", "baseline") if math.isinf(getattr(finding, k))]
    if not infinite:
        return vars(finding)
    word = f"Infinite: {', '.join(infinite)}."
    return vars(finding) | {"note": f"{finding.note} {word}".strip()}


def versions() -> dict[str, str]:
    """Return the versions that a number may depend on."""
    from privaudit import __version__

    major, minor, _ = platform.python_version_tuple()
    found = {"privaudit": __version__, "python": f"{major}.{minor}"}
    return found | {package: metadata.version(package) for package in _PACKAGES}


def findings_json(study: Study, findings: tuple[Finding, ...]) -> str:
    """Write findings as JSON: the same text for the same study, with no date and no path.

    Examples
    --------
    >>> study = Study(kind="map", title="t", provenance="simulated", real_places=False)
    >>> json.loads(findings_json(study, ()))["schema"]
    1
    """
    content = {
        "schema": SCHEMA,
        "kind": study.kind,
        "title": study.title,
        "provenance": study.provenance,
        "revealed_rows": study.revealed_rows,
        "recipe": without_folders(study.recipe),
        "versions": versions(),
        "findings": [_record(finding) for finding in findings],
        "set_aside": dict(study.set_aside),
        "notes": list(study.notes),
    }
    plain = _plain(content)
    return json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
