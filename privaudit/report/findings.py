"""Findings: every number of a report under a stable name, `findings.json`, and the CSV tables.

Tables hold aggregates only, each through the small-cell guard.
"""

from __future__ import annotations

import json
import math
import platform
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.core.thresholds import SMALL_CELL
from privaudit.report.explorer import explorer_table
from privaudit.report.guard import (
    GROUPS,
    Shown,
    gives_range,
    guarded_table,
    only_reliable,
    shown_of,
)
from privaudit.report.maps import areas_of
from privaudit.report.names import seen_on
from privaudit.report.sentences import (
    Step,
    exposure_sentence,
    presumes_nothing,
    row_sentence,
    step_sentence,
    steps_of,
    withheld_sentence,
)
from privaudit.results.exposure import Exposure
from privaudit.results.measures import guarded
from privaudit.results.rows import Row
from privaudit.text.normalise import slug
from privaudit.words.catalogues import QUOTED, Note, Words, languages

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from privaudit.studies.study import Study

SCHEMA = 3
_OF_STUDY = ("kind", "title", "provenance", "revealed_rows")
_PACKAGES = ("numpy", "pandas", "scipy", "scikit-learn", "matplotlib", "duckdb", "pyproj")
# Folders before a file name, which must not be published.
_FOLDERS = re.compile(r"(?<![^\s='\"])(?:[A-Za-z]:[\\/]|~?/|\.{1,2}[\\/])(?:[^\s/\\'\"]+[\\/])*")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One number of a report, with its row and sentences.

    Parameters
    ----------
    id : str
        Stable name: the family, the measure, and each parameter with its value, such as
        ``unicity.unicity.points_4``; of an exposure what leaked, who attacks and the gain, such
        as ``map.donut_50_200.knows_the_mask.address``. It is an anchor of ``annex.html``.
    family : str
        "map" or "table" for an exposure, "step" for the step between two rungs.
    row : Row
        Through the guard.
    provenance : str
    attack, view, copies
        Of an exposure, and of a step the later rung's.
    sentence : mapping
        The row in a sentence, by language, where the catalogue has one; in ``findings.json`` also
        why a number is withheld, or given as a range.
    """

    id: str
    family: str
    row: Row
    provenance: str
    attack: str = ""
    view: str = ""
    copies: int = 1
    before: str = ""
    sentence: Mapping[str, str]

    @property
    def value(self) -> float:
        """The number; nan where it is withheld or not known."""
        return self.row.value

    @property
    def reliable(self) -> bool:
        """False where something casts doubt on the number."""
        return self.row.reliable


def findings_of(study: Study, shown: Shown | None = None) -> tuple[Finding, ...]:
    """Turn a study into findings: exposures, measures, then steps between adversaries.

    Parameters
    ----------
    study : Study
    shown : Shown, optional
        What of it may be shown; worked out where it is not given.
    """
    study = only_reliable(study)
    shown = shown_of(study) if shown is None else shown
    between = _between(study)
    findings: list[Finding] = []
    for exposure in study.exposures:
        findings += _of_exposure(study, exposure, between)
    for family, rows in shown.rows.items():
        findings += findings_of_family(study, family, rows)
    # A study with its own steps does not repeat them.
    for steps in () if "steps" in study.measures else steps_of(study).values():
        findings += [_of_step(study, step) for step in steps]
    return tuple(_unique(findings))


def _in_each_language(sentence: Callable[[Words], str], provenance: str) -> dict[str, str]:
    """Return a sentence by language, where it is not empty."""
    quoted = provenance == "audited file"
    texts = {lang: sentence(Words(lang, marked=True, quoted=quoted)) for lang in languages()}
    return {lang: text for lang, text in texts.items() if text}


def _exposure_id(exposure: Exposure, separator: str = ".") -> str:
    """Return what leaked, who attacks and of how many copies, as a part of a name."""
    parts = [slug(exposure.view), slug(exposure.attack)]
    return separator.join(parts + [f"copies_{exposure.copies}"] * (exposure.copies > 1))


def _of_step(study: Study, step: Step) -> Finding:
    before, after = step.before, step.after
    name = f"step.{_exposure_id(after)}.address"
    row = replace(guarded([step.row])[0], finding=name)

    def sentence(words: Words) -> str:
        return step_sentence(words, before, after, row, seen_on(study, words, after))

    return Finding(
        id=name, family="step", row=row, provenance=study.provenance, attack=after.attack,
        view=after.view, copies=after.copies, before=before.attack,
        sentence=_in_each_language(sentence, study.provenance),
    )  # fmt: skip


def _of_exposure(study: Study, exposure: Exposure, between: Mapping[Any, Any]) -> list[Finding]:
    subject = "table" if exposure.view == "table" else "map"
    believed = study.provenance == "audited file"
    findings = []
    for row in guarded(exposure.rows):
        unknown = math.isnan(row.value) and not gives_range(row)
        if not row.withheld and unknown:
            if exposure.reliable or (believed and row.gain == "opinion"):
                continue  # Nothing to compare with: an opinion in a real file.
            row = replace(row, notes=exposure.notes)
        elif row.gain == "opinion" and not row.withheld and presumes_nothing(exposure):
            # No guess was made: 0 would read as worse than chance.
            none = dict.fromkeys(_OF_GUESSES, math.nan)
            row = replace(row, **none, notes=(Note("no_opinion_guessed"),))  # type: ignore[arg-type]
        name = f"{subject}.{_exposure_id(exposure)}.{slug(row.of_gain)}"
        towns = {} if row.withheld else between.get((exposure.view, exposure.attack, row.gain), {})
        row = replace(row, finding=name, **towns)

        def sentence(words: Words, row: Row = row) -> str:
            return exposure_sentence(words, exposure, row, exposure.view, believed=believed)

        findings.append(
            Finding(
                id=name, family=subject, row=row, provenance=study.provenance,
                attack=exposure.attack, view=exposure.view, copies=exposure.copies,
                sentence=_in_each_language(sentence, study.provenance),
            )
        )  # fmt: skip
    return findings


_OF_GUESSES = (
    "value", "low", "high", "control", "residual", "residual_low", "residual_high",
)  # fmt: skip


def _between(study: Study) -> dict[tuple[Any, ...], dict[str, float]]:
    """Return the mean and the range of each number over simulated towns."""
    towns = study.measures.get("towns")
    return {
        (row.part.get("view"), row.part.get("attack"), row.gain):
        {"mean": row.value, "between_low": row.between_low, "between_high": row.between_high}
        for row in (towns.rows if towns is not None else ()) if row.measure == "reidentified"
    }  # fmt: skip


def findings_of_family(study: Study, family: str, rows: Iterable[Row]) -> list[Finding]:
    """Turn the rows of a family, through the guard, into findings."""
    rows = list(rows)
    # A gain is part of the id only if rows differ by it.
    alike = Counter((row.measure, str(dict(row.part))) for row in rows)
    findings = []
    for row in rows:
        # Rules keep their own names: rules.R01.
        measure = row.measure if family == "rules" else slug(row.measure)
        parts = [slug(family), measure, *(_part(n, v) for n, v in row.part.items())]
        parts += [row.gain] if alike[row.measure, str(dict(row.part))] > 1 else []
        row = replace(row, finding=".".join(parts))
        sentence = _in_each_language(
            partial(row_sentence, family=family, row=row), study.provenance
        )
        findings.append(
            Finding(
                id=row.finding, family=family, row=row, provenance=study.provenance,
                sentence=sentence,
            )
        )  # fmt: skip
    return findings


def _part(name: str, value: Any) -> str:
    several = value if isinstance(value, tuple) else (value,)
    return slug("_".join(map(str, (name, *several))))


def _unique(findings: Iterable[Finding]) -> Iterable[Finding]:
    """Give a number to ids that differ in what an id leaves out, such as accents."""
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.id] += 1
        times = seen[finding.id]
        yield finding if times == 1 else _renamed(finding, f"{finding.id}.{times}")


def _renamed(finding: Finding, name: str) -> Finding:
    """Return a finding under another id, which its row and its sentences name too."""
    was, now = (f"{QUOTED[0]}{one} " for one in (finding.id, name))
    sentence = {lang: text.replace(was, now) for lang, text in finding.sentence.items()}
    return replace(finding, id=name, row=replace(finding.row, finding=name), sentence=sentence)


def without_folders(value: Any) -> Any:
    """Return plain JSON values in which no text holds a folder of this machine.

    Examples
    --------
    >>> without_folders({"command": "privaudit map --map=/home/x/leak.csv --out ../r"})
    {'command': 'privaudit map --map=leak.csv --out r'}
    """
    return _each_leaf(value, _without_folder)


def _each_leaf(value: Any, change: Callable[[Any], Any]) -> Any:
    """Change every number and text of nested values."""
    if isinstance(value, Note):
        value = value.record()
    if isinstance(value, Mapping):
        return {str(k): _each_leaf(v, change) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_each_leaf(v, change) for v in value]
    return change(value.item() if isinstance(value, np.generic) else value)


def _without_folder(value: Any) -> Any:
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    return _FOLDERS.sub("", str(value))


def _rounded(value: Any) -> Any:
    """Round a float to 6 significant digits; what is not finite is null."""
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    rounded = float(f"{value:.6g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e15 else rounded


def _record(finding: Finding) -> dict[str, Any]:
    """Return a finding for JSON; what is infinite is null there, and named."""
    row = finding.row.record()
    # The page only counts what is withheld; the data say for each finding why.
    why = partial(withheld_sentence, family=finding.family, row=finding.row)
    sentence = dict(finding.sentence) or _in_each_language(why, finding.provenance)
    values = {**row, "id": finding.id, "family": finding.family, "sentence": sentence}
    named = {name: getattr(finding, name) for name in ("attack", "view", "before")}
    values |= {name: text for name, text in named.items() if text}
    infinite = [k for k, v in row.items() if isinstance(v, float) and math.isinf(v)]
    return values | ({"infinite": infinite} if infinite else {})


def versions() -> dict[str, str]:
    """Return the versions that a number may depend on."""
    from privaudit import __version__

    major, minor, _ = platform.python_version_tuple()
    ours = {"privaudit": __version__, "python": f"{major}.{minor}"}
    return ours | {package: _installed(package) for package in _PACKAGES}


@cache
def _installed(package: str) -> str:
    """Return the version of a package, whose files are searched once a process."""
    return metadata.version(package)


def notes_of(study: Study) -> list[Note]:
    """Return the notes of a study and of its results, each once."""
    notes = [*study.notes, *(note for one in study.exposures for note in one.notes)]
    notes += [note for one in study.measures.values() for note in one.notes]
    return list(dict.fromkeys(notes))


def findings_json(study: Study, findings: Iterable[Finding]) -> str:
    """Write findings as JSON: the same text for the same study, with no date and no path.

    Examples
    --------
    >>> from privaudit.studies.study import Study
    >>> study = Study(kind="map", title="t", provenance="simulated", real_places=False)
    >>> json.loads(findings_json(study, ()))["schema"]
    3
    """
    head = {
        **{name: getattr(study, name) for name in _OF_STUDY},
        **{name: without_folders(getattr(study, name)) for name in ("command", "recipe")},
        "set_aside": [{**reason.record(), "rows": n} for reason, n in study.set_aside.items()],
        "notes": notes_of(study),
    }
    return findings_text(head, findings)


def findings_text(head: Mapping[str, Any], findings: Iterable[Finding]) -> str:
    """Write what is said of a study, and its findings, as JSON."""
    found = [_record(finding) for finding in findings]
    content = {"schema": SCHEMA, "versions": versions(), **head, "findings": found}
    plain = _each_leaf(content, _rounded)
    return json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


# Addresses left to search: upper ends of the classes.
_CANDIDATE_TOPS = (1, 5, 20, 100, 500)


def calibration_rows(exposure: Exposure) -> pd.DataFrame:
    """Return the calibration of an attack; bins that are too small are withheld."""
    parts = [guarded_table(part) for _, part in exposure.calibration.groupby("gain", sort=False)]
    return pd.concat(parts, ignore_index=True)


def candidate_rows(exposure: Exposure) -> pd.DataFrame | None:
    """Count people by how many addresses hold 95 % of the probability.

    Classes under `SMALL_CELL` people are joined with the next one, so that none has to be withheld.

    Returns
    -------
    pandas.DataFrame or None
        Columns addresses, n, share; None where nothing is known of it, or of too few people.
    """
    if "candidates" not in exposure.per_person:
        return None
    candidates = exposure.per_person["candidates"].to_numpy(dtype=float)
    candidates = candidates[np.isfinite(candidates) & (candidates >= 1)]
    if len(candidates) < SMALL_CELL:
        return None
    counts = np.bincount(
        np.searchsorted(_CANDIDATE_TOPS, candidates, side="left"),
        minlength=len(_CANDIDATE_TOPS) + 1,
    )
    lows = (1, *(top + 1 for top in _CANDIDATE_TOPS))
    tops = (*_CANDIDATE_TOPS, None)
    classes = joined([int(n) for n in counts], SMALL_CELL)
    n = np.array([counts[first : last + 1].sum() for first, last in classes])
    names = [_span(lows[first], tops[last]) for first, last in classes]
    return pd.DataFrame({"addresses": names, "n": n, "share": n / n.sum()})


def joined(counts: list[int], least: int) -> list[tuple[int, int]]:
    """Join neighbouring classes until each holds enough: first and last class of each.

    Examples
    --------
    >>> joined([2, 3, 40, 0, 9, 60, 4], least=11)
    [(0, 2), (3, 6)]
    """
    classes: list[tuple[int, int]] = []
    first = people = 0
    for place, n in enumerate(counts):
        people += n
        if people >= least:
            classes.append((first, place))
            first, people = place + 1, 0
    if classes:
        # A remainder too small to stand alone joins its neighbour.
        classes[-1] = (classes[-1][0], len(counts) - 1)
    return classes


def _span(low: int, top: int | None) -> str:
    return f"{low}+" if top is None else f"{low}" if low == top else f"{low}–{top}"


def group_rows(exposure: Exposure, withheld_groups: Collection[str] = ()) -> pd.DataFrame:
    """Return what an attack finds in each group of people.

    Parameters
    ----------
    exposure : Exposure
    withheld_groups : collection of str
        Columns that cannot be shown at all; see `shown_of`.

    Returns
    -------
    pandas.DataFrame
        Columns by, group, gain, then value, low, high, baseline, control, residual, n and
        withheld; numbers of small groups are nan.
    """
    columns = ["by", "group", "gain", "value", "low", "high"]
    columns += ["baseline", "control", "residual", "n", "withheld"]
    parts = [pd.DataFrame(columns=columns)]
    for column in GROUPS:
        known = column in exposure.per_person and exposure.per_person[column].nunique() > 1
        if not known or column in withheld_groups:
            continue
        rows = exposure.printed_by(column).reset_index().rename(columns={column: "group"})
        parts.append(rows.assign(by=column, group=rows["group"].fillna("").astype("str")))
    return pd.concat(parts[1:] or parts, ignore_index=True)[columns]


def numbers_of(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return the numbers of findings, one row each; parameters as the id has them."""
    known = (
        "value", "low", "high", "n", "unit", "counts", "of", "gain", "baseline", "control",
        "residual", "residual_low", "residual_high", "between_low", "between_high",
        "confidence", "confidence_low", "confidence_high", "bound", "reliable", "withheld",
    )  # fmt: skip
    rows = [
        {"id": f.id, "family": f.family, "measure": f.row.measure}
        | {name: getattr(f.row, name) for name in known}
        for f in findings
    ]
    # The last digits of a sum depend on where an array lies in memory: they are not a result.
    return pd.DataFrame(rows).map(lambda x: float(f"{x:.10g}") if isinstance(x, float) else x)


def _verdicts(study: Study) -> pd.DataFrame:
    """Return the verdict of each rule on each day, with its evidence."""
    first = study.rulings[0].overall.reset_index()
    first.insert(1, "as_of", str(study.rulings[0].as_of))
    others = [of.overall.reset_index().assign(as_of=str(of.as_of)) for of in study.rulings[1:]]
    return pd.concat([first, *others], ignore_index=True)[list(first.columns)]


def _inventory(study: Study) -> pd.DataFrame:
    """Return the columns of every inspected file."""
    frames = [one.frame.assign(file=one.name) for one in study.inventories]
    columns = pd.concat(frames, ignore_index=True)
    return columns if len(frames) > 1 else columns.drop(columns="file")


def tables_of(study: Study, findings: Sequence[Finding], shown: Shown) -> dict[str, pd.DataFrame]:
    """Build every table that is written beside a report: file name to frame."""
    tables = {}
    if findings:
        tables["findings"] = numbers_of(findings)
    if study.rulings:
        tables["rules"] = _verdicts(study)
    if study.inventories:
        tables["inventory"] = _inventory(study)
    explored = explorer_table(study)
    if explored is not None:
        tables["explorer"] = explored
    for place, exposure in enumerate(study.exposures):
        name = _exposure_id(exposure, "_")
        groups = group_rows(exposure, {c for at, c in shown.withheld_groups if at == place})
        if len(groups) and exposure.overall["value"].notna().any():
            tables[f"groups_{name}"] = groups
        if len(exposure.calibration):
            tables[f"calibration_{name}"] = calibration_rows(exposure)
        candidates = candidate_rows(exposure)
        if candidates is not None:
            tables[f"candidates_{name}"] = candidates
    if study.area_points is not None and len(study.area_points):
        areas = areas_of(np.asarray(study.area_points, dtype=float))
        x, y = areas.corner.T
        tables["areas"] = pd.DataFrame({"x": x, "y": y, "side": areas.side, "n": areas.count})
    return tables
