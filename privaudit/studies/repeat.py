"""`repeat`: the same audit in many towns simulated alike, and what changes with a parameter."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from privaudit import __version__
from privaudit._core.cache import Store, fingerprint
from privaudit._core.checks import an_instance, did_you_mean, kind_of, listed, say, whole
from privaudit._core.progress import Tick, progress
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.registry import parse_adversary
from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.errors import GeometryError, ParameterError, ReadError
from privaudit.measures.interval import effective_n, wilson
from privaudit.release.publish import publish
from privaudit.release.release import AreaRelease, DotRelease, HeatRelease, PictureRelease
from privaudit.release.views.area_map import AreaMap
from privaudit.release.views.dot_map import DotMap
from privaudit.release.views.heat_map import HeatMap
from privaudit.results.measures import Measures
from privaudit.results.row import GAINS
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.studies.audits import audit
from privaudit.studies.pooled import pooled_rows
from privaudit.studies.repeated import Repeated
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.results.exposure import Exposure

__all__ = ["in_turn", "repeat", "settings_of"]

# Raised by hand when what a run makes changes within one version of the library.
STAGE_VERSION = 2
NUMBERS = ("value", "low", "high", "baseline", "control", "residual", "confidence", "n", "worth")
_MAPS = (AreaRelease, DotRelease, HeatRelease, PictureRelease)
Whom = Adversary | str | Callable[[Campaign], Adversary] | None
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class _Run:
    """One town under one setting: what a worker does."""

    town: Town
    plan: CampaignPlan
    view: Any
    adversary: Whom
    seed: int
    setting: tuple[tuple[str, Any], ...]
    cache: Path | None = None

    def run(self) -> pd.DataFrame:
        """Return a row a gain, or a measure; kept where there is a cache."""
        if self.cache is None or callable(self.adversary) or self._of_somebody():
            return self._made()
        store = Store(self.cache)
        try:
            kept: pd.DataFrame = store.stage(
                "repeat", version=STAGE_VERSION, recipe=self._recipe(), make=self._made, types=()
            )
            return kept
        finally:
            store.close()

    def _of_somebody(self) -> bool:
        """Whether its code may change without the library: a mask, view or attack of one's own."""
        parts = (self.view, getattr(self.view, "mask", None), self.adversary)
        return any(
            not type(part).__module__.startswith(("privaudit.", "builtins")) for part in parts
        )

    def _made(self) -> pd.DataFrame:
        bare = _rests_on_the_label(self.view)
        world = simulate(self.town, seed=self.seed, generic_likes=not bare)
        campaign = run_campaign(world, self.plan, seed=self.seed, with_score=not bare)
        leak = publish(campaign, self.view, seed=self.seed)
        if isinstance(leak, _MAPS) and not len(campaign.dots):
            # A small town may put nobody on the map: a run of nobody, which weighs nothing.
            found_of = GAINS if isinstance(leak, (DotRelease, PictureRelease)) else ()
            return pd.DataFrame([_of_nobody(gain) for gain in found_of])
        try:
            found = audit(leak, self._whom(campaign), truth=world, seed=self.seed)
        except (ReadError, GeometryError):
            if not isinstance(leak, PictureRelease):
                raise
            # Who cannot read the picture finds nobody of those who stand on it.
            return pd.DataFrame([_unread(gain, len(campaign.dots)) for gain in GAINS])
        told = []
        for row in found.rows:
            gain = "" if isinstance(found, Measures) else row.gain
            worth = row.n if isinstance(found, Measures) else _worth(found, gain)
            told.append(
                {"measure": row.label if not gain else row.measure, "gain": gain}
                | {"unit": row.unit, "counts": row.counts, "worth": worth}
                | {name: getattr(row, name) for name in NUMBERS[:-1]}
            )
        return pd.DataFrame(told)

    def _whom(self, campaign: Campaign) -> Adversary | None:
        if isinstance(self.adversary, str):
            mask = getattr(self.view, "mask", None)
            return parse_adversary(self.adversary, mask=mask, register=campaign.world.roll)
        return self.adversary(campaign) if callable(self.adversary) else self.adversary

    def _recipe(self) -> dict[str, Any]:
        whom = self.adversary
        frames = (None if self.town.base is None else self.town.base.frame, self.town.cells)
        return {
            "town": dict(self.town.recipe()),
            "inputs": [None if frame is None else fingerprint(frame) for frame in frames],
            "plan": dict(self.plan.recipe()),
            "view": repr(self.view),
            "adversary": dict(whom.recipe()) if isinstance(whom, Adversary) else whom,
            "seed": self.seed,
            "library": __version__,
        }


def _of_nobody(gain: str) -> dict[str, Any]:
    none = {"measure": "reidentified", "gain": gain, "unit": "share", "counts": "people"}
    return none | dict.fromkeys(NUMBERS, math.nan) | {"n": 0.0, "worth": 0.0}


def _unread(gain: str, n: int) -> dict[str, Any]:
    low, high = wilson(0.0, n)
    told = {"value": 0.0, "low": low, "high": high, "n": float(n), "worth": float(n)}
    return _of_nobody(gain) | told | {"unread": True}


def _worth(found: Exposure, gain: str) -> float:
    hits = found.per_person[gain].to_numpy(dtype=float)
    return float(len(hits)) if found.clusters is None else effective_n(hits, found.clusters)


def repeat(
    town: Town,
    *,
    view: Any,
    adversary: Whom = None,
    plan: CampaignPlan | None = None,
    seeds: Iterable[int] = range(20),
    vary: Mapping[str, Sequence[Any]] | None = None,
    workers: int = 1,
    cache: str | Path | None = None,
    tick: Tick | None = None,
) -> Repeated:
    """Simulate, campaign, publish and audit once a seed, for each setting of what is varied.

    Parameters
    ----------
    town : Town
    view : DotMap or another view
        What leaks.
    adversary : str or Adversary, or a function of the campaign that returns one
        A word such as "nearest", "knows_mask" or "holds_register" is an adversary who knows the
        mask of the view and holds the electoral roll of each town. None for a view that is
        audited without one.
    plan : CampaignPlan, optional
    seeds : iterable of int
        One town each; two or more. All settings are tried in the same towns: a difference between
        two is not that of their chances.
    vary : mapping of str to sequence, optional
        Parameters of `Town` or `CampaignPlan` by name, and the values each is to take; several
        are crossed: ``vary={"non_aligned": [0, .3, .7]}``.
    workers : int
        Processes, or -1 for one a core; within ``joblib.parallel_config(backend="threading")``
        threads, and ``"dask"`` the workers of a cluster. The result is the same with any number.
    cache : path, optional
        A folder that keeps each run as it is done, so that a study that was stopped goes on where
        it was. Not for a function as adversary.
    tick : callable, optional
        Called as each run is done; a bar on a terminal and in a notebook where not given.

    Returns
    -------
    Repeated
        A row a setting and gain; see there. Where a picture cannot be read, nobody of that town is
        found, and a note counts such towns. Stopped with Ctrl-C, of the towns that were done, with
        a note that says of how many; without any, or where `tick` was given, it stops.

    Raises
    ------
    ParameterError
        Fewer than two seeds, a parameter that neither has, or no worker.

    Examples
    --------
    >>> import privaudit as pa
    >>> found = pa.repeat(
    ...     pa.Town(inhabitants=500), view=pa.DotMap(), adversary="nearest",
    ...     seeds=range(3), vary={"kin_in_town": [0, 0.5]},
    ... )
    >>> found.runs["seed"].nunique(), len(found.overall)
    (3, 8)
    >>> found.row("reidentified", "address", kin_in_town=0.5).counts
    'people'
    """
    an_instance("repeat", "town", town, Town)
    plan = CampaignPlan() if plan is None else plan
    an_instance("repeat", "plan", plan, CampaignPlan)
    if isinstance(adversary, type):
        do = "Make one, such as Adversary.nearest()."
        raise ParameterError(say("repeat", "an adversary", "the class of one", do))
    if isinstance(seeds, int):
        raise ParameterError(say("repeat", "seeds, two or more", f"{seeds}", "Give range(20)."))
    numbers = [whole("repeat", "seeds", seed, 0) for seed in listed("repeat", "seeds", seeds)]
    vary = {} if vary is None else vary
    an_instance("repeat", "vary", vary, Mapping, 'Such as {"kin_in_town": [0, 0.5]}.')
    if len(set(numbers)) < 2 or len(set(numbers)) < len(numbers):
        raise ParameterError(
            say("repeat", "two seeds or more, each once", f"{len(numbers)} of them")
        )
    runs = [
        _Run(set_town, set_plan, view, adversary, seed, setting, _folder(cache))
        for set_town, set_plan, setting in settings_of(town, plan, vary)
        for seed in numbers
    ]
    told, early = _told(runs, workers, tick)
    varied = list(vary)
    columns = ["seed", *varied, "measure", "gain", *NUMBERS]
    return Repeated(
        family="repeat",
        rows=pooled_rows(told, varied),
        provenance="simulated",
        notes=(Note("towns_alike", towns=told["seed"].nunique(), draws=1), *early),
        recipe={
            "seeds": numbers,
            "vary": {k: list(v) for k, v in vary.items()},
            "town": dict(town.recipe()),
            "plan": dict(plan.recipe()),
            "view": str(view),
        },
        runs=told[columns],
        varied=tuple(varied),
    )


def _told(
    runs: list[_Run], workers: int, tick: Tick | None
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Do every run; a row a run and measure, and a note where it was stopped before the end."""
    parts: list[pd.DataFrame] = []
    done = 0
    early: tuple[Note, ...] = ()
    try:
        with progress("repeat", 0 if tick else len(runs)) as bar:
            for run, made in zip(runs, in_turn(runs, _Run.run, workers), strict=True):
                if len(made):
                    parts.append(made.assign(seed=run.seed, **dict(run.setting)))
                done += 1
                (tick or bar)("towns simulated alike")
    except KeyboardInterrupt:
        # Whoever counts the runs has a use for all of them only, and a cache to go on from.
        if tick or len(parts) < 2:
            raise
        early = (Note("stopped_early", done=done, of=len(runs)),)
    if not parts:
        do = "Give more inhabitants, or a plan that labels more accounts."
        raise ParameterError(say("repeat", "somebody on the map of one town", "nobody", do))
    told: pd.DataFrame = pd.concat(parts, ignore_index=True)
    if "unread" in told:
        of_picture = told.pop("unread").notna()
        count = len(told.loc[of_picture, ["seed", *dict(runs[0].setting)]].drop_duplicates())
        early = (*early, Note("pictures_unread", n=count, of=len(runs)))
    return told, early


def in_turn(tasks: Sequence[T], do: Callable[[T], Any], workers: int) -> Iterator[Any]:
    """Do tasks as they are asked for, or in processes at once; they come back in their order."""
    if not (isinstance(workers, int) and workers == -1):
        whole("repeat", "workers", workers, 1)
    if workers == 1 or len(tasks) < 2:
        return map(do, tasks)
    from joblib import Parallel, delayed
    from joblib.parallel import get_active_backend

    # Not every backend hands over what is done before all is.
    early = getattr(get_active_backend()[0], "supports_return_generator", False)
    kept = "generator" if early else "list"
    pool = Parallel(n_jobs=workers, return_as=kept)
    done: Iterator[Any] = pool(delayed(do)(task) for task in tasks)
    return done


def settings_of(
    town: Town, plan: CampaignPlan, vary: Mapping[str, Sequence[Any]]
) -> Iterator[tuple[Town, CampaignPlan, tuple[tuple[str, Any], ...]]]:
    """Give the town and the plan of each setting of what is varied, and the setting."""
    of_town = {f.name for f in fields(Town)}
    for setting in _settings(vary):
        here = {name: value for name, value in setting if name in of_town}
        there = {name: value for name, value in setting if name not in of_town}
        yield replace(town, **here), replace(plan, **there), setting


def _settings(vary: Mapping[str, Sequence[Any]]) -> Iterator[tuple[tuple[str, Any], ...]]:
    known = [f.name for kind in (Town, CampaignPlan) for f in fields(kind)]
    for name, values in vary.items():
        if name not in known:
            do = did_you_mean(name, known)
            needed = "parameters of Town or CampaignPlan to vary"
            raise ParameterError(say("repeat", needed, repr(name), do))
        if isinstance(values, str) or not isinstance(values, Iterable) or not len(list(values)):
            raise ParameterError(say("repeat", f"values of {name}, one or more", kind_of(values)))
    for values in itertools.product(*vary.values()):
        yield tuple(zip(vary, values, strict=True))


def _folder(cache: str | Path | None) -> Path | None:
    return None if cache is None else Path(cache)


def _rests_on_the_label(view: Any) -> bool:
    """Whether a view shows nothing that is learnt from ordinary likes."""
    return isinstance(view, (AreaMap, HeatMap)) or (isinstance(view, DotMap) and not view.popup)
