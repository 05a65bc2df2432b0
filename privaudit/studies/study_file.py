"""A study file: towns, plans, what leaks, who looks at it and what is varied, run by `repeat`."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import View, parse_view
from privaudit.campaign.views.dot_map import DotMap, Screenshot
from privaudit.core.checks import keyword_only, kind_of, one_of, whole
from privaudit.core.files import read_toml
from privaudit.core.progress import Tick, silent
from privaudit.errors import ParameterError, did_you_mean
from privaudit.maps.registry import parse_adversary
from privaudit.results.repeated import Repeated
from privaudit.simulation.town import Town
from privaudit.studies.repeat import NO_ROLL, Cell, rests_on_the_label, run_design, settings_of

OUTPUTS = ("overall", "runs", "figures")
# What a section of the file takes; towns and plans take what `Town` and `CampaignPlan` do.
_SECTIONS = {
    "study": ("title", "seed", "towns", "outputs"),
    "leak": ("view", "adversaries"),
}
# What a file cannot say: frames, and real addresses.
_NOT_PLAIN = ("base", "cells", "like")
# Inhabitants of a town by which work is counted; how many times longer ordinary likes take; what
# part of a town an attack takes.
_INHABITANTS, _LIKES, _ATTACK = 20_000, 6.0, 0.02
# What stands before the parameters that were varied, in every frame.
PARTS = ("town", "plan", "view", "adversary")
K = TypeVar("K", Town, CampaignPlan)


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A view and the words of its adversaries; "" for a view that is measured without one."""

    view: View[Any]
    adversaries: tuple[str, ...]


@keyword_only
@dataclass(frozen=True, kw_only=True)
class StudyFile:
    """The contents of a study file, checked.

    Parameters
    ----------
    title : str
    seed : int
        Of the first town; the others have those that follow.
    count : int
        How many towns are simulated alike, 2 or more.
    towns : mapping of str to Town
    plans : mapping of str to CampaignPlan
    leaks : tuple of Leak
    vary : mapping of str to list
        As `repeat` takes it.
    outputs : tuple of {"overall", "runs", "figures"}
        What is written.
    """

    title: str
    seed: int
    count: int
    towns: Mapping[str, Town]
    plans: Mapping[str, CampaignPlan]
    leaks: tuple[Leak, ...]
    vary: Mapping[str, list[Any]]
    outputs: tuple[str, ...]

    @property
    def runs(self) -> int:
        """How many towns are simulated in all."""
        pairs = itertools.product(self.towns.values(), self.plans.values())
        settings = sum(len(list(settings_of(*pair, self.vary))) for pair in pairs)
        return self.count * settings * sum(len(leak.adversaries) for leak in self.leaks)

    @property
    def work(self) -> float:
        """How many towns of 20,000 people take as long, of whom ordinary likes are left out."""
        pairs = itertools.product(self.towns.values(), self.plans.values())
        settings = [one for pair in pairs for one in settings_of(*pair, self.vary)]
        people = sum(town.inhabitants for town, _, _ in settings)
        # Each town is made once for all its views, and again with ordinary likes if one needs them.
        made = {1.0 if rests_on_the_label(leak.view) else _LIKES for leak in self.leaks}
        times = sum(made) + _ATTACK * sum(len(leak.adversaries) for leak in self.leaks)
        return self.count * times * people / _INHABITANTS

    def recipe(self) -> dict[str, Any]:
        """Return what is run, as plain JSON values."""
        return {
            "seed": self.seed,
            "towns": self.count,
            "town": {name: dict(town.recipe()) for name, town in self.towns.items()},
            "plan": {name: dict(plan.recipe()) for name, plan in self.plans.items()},
            "leak": [
                {"view": str(one.view), "adversaries": list(one.adversaries)} for one in self.leaks
            ],
            "vary": {name: list(values) for name, values in self.vary.items()},
        }


def read_study(path: str | Path) -> StudyFile:
    """Read a study file, and refuse what no run could do before any is done.

    Raises
    ------
    SchemaError
        It cannot be opened, or is no TOML.
    ParameterError
        A field that is not known, or a value out of its range.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "study.toml"
    ...     _ = file.write_text('[study]\\ntowns = 3\\n[[leak]]\\nview = "donut:50:200"\\n')
    ...     study = read_study(file)
    >>> study.runs, study.leaks[0].adversaries
    (3, ('knows_mask',))
    """
    content = read_toml(path)
    _known("study", content, ("study", "town", "plan", "leak", "vary"))
    head = _section(content, "study")
    _known("[study]", head, _SECTIONS["study"])
    title = head.get("title", Path(path).stem)
    if not isinstance(title, str) or not title.strip():
        raise ParameterError.of("study", "title, a text", kind_of(title))
    outputs = head.get("outputs", list(OUTPUTS))
    for one in outputs if isinstance(outputs, list) and outputs else [outputs]:
        one_of("study", "outputs", one, OUTPUTS)
    study = StudyFile(
        title=title.strip(),
        seed=whole("study", "seed", head.get("seed", 7), 0),
        count=whole("study", "towns", head.get("towns", 20), 2),
        towns=_named(content, "town", Town),
        plans=_named(content, "plan", CampaignPlan),
        leaks=_leaks(content.get("leak")),
        vary=_section(content, "vary"),
        outputs=tuple(dict.fromkeys(outputs)),
    )
    # Makes every town and plan of the sweep, which refuse what is out of their range.
    assert study.runs
    return study


def run_study(
    study: StudyFile, *, workers: int = 1, cache: str | Path | None = None, tick: Tick = silent
) -> Repeated:
    """Run every town, plan, leak and adversary of a study file.

    Returns
    -------
    Repeated
        As `repeat` gives it; each row and run says its town, plan, view and adversary.
    """
    # What it takes is foretold before the first town, not after it.
    silent(study.title)
    cells = [
        Cell(
            dict(zip(PARTS, (town, plan, str(leak.view), word), strict=True)) | dict(setting),
            set_town, set_plan, leak.view, word or None,
        )
        for (town, of_town), (plan, of_plan) in itertools.product(
            study.towns.items(), study.plans.items()
        )
        for leak in study.leaks for word in leak.adversaries
        for set_town, set_plan, setting in settings_of(of_town, of_plan, study.vary)
    ]  # fmt: skip
    repeated = run_design(
        cells, range(study.seed, study.seed + study.count), (*PARTS, *study.vary), study.recipe(),
        n_jobs=workers, cache=None if cache is None else Path(cache), tick=tick,
    )  # fmt: skip
    return replace(repeated, name=study.title)


def _leaks(given: Any) -> tuple[Leak, ...]:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given) or not given:
        raise ParameterError.of("study", "[[leak]], one or more", kind_of(given))
    leaks = tuple(_leak(one) for one in given)
    if len({str(leak.view) for leak in leaks}) < len(leaks):
        do = "List its adversaries in one: adversaries = [...]."
        raise ParameterError.of("study", "each view in one [[leak]]", "one twice", do)
    return leaks


def _leak(given: Mapping[str, Any]) -> Leak:
    _known("[[leak]]", given, _SECTIONS["leak"])
    view = parse_view(given.get("view", "exact"))
    mask, alone = getattr(view, "mask", None), not isinstance(view, (DotMap, Screenshot))
    usual = [] if alone else ["nearest" if mask is None else "knows_mask"]
    words = given.get("adversaries", usual)
    if not isinstance(words, list) or bool(words) == alone:
        needed = f"{'no' if alone else 'a list of'} adversaries for {view}"
        raise ParameterError.of("study", needed, kind_of(words))
    for word in words:
        if not isinstance(word, str):
            raise ParameterError.of("study", "adversaries by their words", kind_of(word))
        # Says now what this one would lack: a mask that is known, results of the stations.
        parse_adversary(word, mask=mask, register=NO_ROLL)
    return Leak(view=view, adversaries=tuple(dict.fromkeys(words)) or ("",))


def _named(content: Mapping[str, Any], section: str, kind: type[K]) -> dict[str, K]:
    """Return the towns, or plans, of a file by their names; one of defaults where none is."""
    known = [f.name for f in fields(kind) if f.name not in _NOT_PLAIN]
    named = {}
    for name, values in (_section(content, section) or {section: {}}).items():
        if not isinstance(values, dict):
            needed = f"[{section}.NAME] with its parameters"
            raise ParameterError.of("study", needed, kind_of(values))
        _known(f"[{section}.{name}]", values, known)
        named[name] = kind(**{key: _plain(value) for key, value in values.items()})
    return named


def _plain(value: Any) -> Any:
    """A day or a moment as the text that a plan takes."""
    return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else value


def _section(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = content.get(name, {})
    if not isinstance(section, dict):
        raise ParameterError.of("study", f"a section [{name}]", kind_of(section))
    return section


def _known(where: str, given: Mapping[str, Any], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ParameterError.of("study", f"fields of {where} that are known", repr(name), hint)
