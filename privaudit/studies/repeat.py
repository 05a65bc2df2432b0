"""`repeat`: the same audit in many simulated towns; means, intervals and ranges over towns."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from privaudit import __version__
from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import publish
from privaudit.campaign.views.area_map import AreaMap
from privaudit.campaign.views.dot_map import DotMap
from privaudit.campaign.views.heat_map import HeatMap
from privaudit.core.cache import Store, fingerprint
from privaudit.core.checks import an_instance, did_you_mean, kind_of, listed, whole
from privaudit.core.progress import Tick, progress, silent
from privaudit.errors import GeometryError, ParameterError, ReadError
from privaudit.maps.adversary import Adversary
from privaudit.maps.masks.mask import Mask
from privaudit.maps.registry import parse_adversary
from privaudit.maps.scoring.household import household_exposure
from privaudit.release.release import AreaRelease, DotRelease, HeatRelease, PictureRelease
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.results.rows import GAINS, Row, Rows, labelled_frame
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.stats.intervals import (
    difference_of_shares,
    effective_n,
    groups_worth,
    mean_of_groups,
    one_more_group,
    wilson,
)
from privaudit.studies.audit import attacked_together, audit
from privaudit.studies.chain import chain
from privaudit.studies.explorer import found_in_town
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.results.painter import Display

# Towns simulated alike, and as many draws of each mask in the first of them.
TOWNS = 20
# Counts of a whole town that the page tells as more than chance, or not.
COUNTED = ("adults_never_interacted", "minors_never_interacted", "wrong_labels")
T = TypeVar("T")


def in_turn(tasks: Sequence[T], do: Callable[[T], Any], workers: int) -> Iterator[Any]:
    """Run tasks one by one, or in parallel processes; results come in the order of the tasks."""
    if not (isinstance(workers, int) and workers == -1):
        whole("repeat", "workers", workers, 1)
    if workers == 1 or len(tasks) < 2:
        return map(do, tasks)
    from joblib import Parallel, delayed
    from joblib.parallel import get_active_backend

    # Some backends can only return every result at once.
    streams = getattr(get_active_backend()[0], "supports_return_generator", False)
    pool = Parallel(n_jobs=workers, return_as="generator" if streams else "list")
    results: Iterator[Any] = pool(delayed(do)(task) for task in tasks)
    return results


def campaign_in(town: Town, plan: CampaignPlan, seed: int, *, likes: bool = False) -> Campaign:
    """Simulate one town and run its campaign; `likes` adds ordinary likes and the score."""
    world = simulate(town, seed=seed, generic_likes=likes)
    return run_campaign(world, plan, seed=seed, with_score=likes)


def cache_recipe(town: Town, seed: int, **more: Any) -> dict[str, Any]:
    """Return the recipe that identifies the results of a town in a cache."""
    return {
        "town": dict(town.recipe()),
        "inputs": [fingerprint(frame) for frame in town.frames()],
        "seed": seed,
        "library": __version__,
        **more,
    }


def climb(
    campaign: Campaign, mask: Mask | None, *, draw: int, seed: int, tick: Tick = silent
) -> Iterator[Exposure]:
    """Publish a map with a mask, and attack it with each adversary of the ladder.

    - `draw`: Seed of the mask; `seed` that of the attacks.
    """
    leak = publish(campaign, DotMap(mask=mask), seed=draw)
    for _, rungs in itertools.groupby(_ladder(campaign, mask), key=lambda rung: rung.mask):
        believers = list(rungs)
        for adversary in believers:
            tick(f"{'exact' if mask is None else mask}, {adversary.name}")
        yield from attacked_together(leak, believers, truth=campaign.world, seed=seed)


def _ladder(campaign: Campaign, mask: Mask | None) -> list[Adversary]:
    """Return the adversaries of one view, the least informed first."""
    roll = campaign.world.roll
    ends = [Adversary.nearest(), Adversary.holds_register(roll, mask=mask)]
    if mask is None:
        return ends
    return [ends[0], Adversary.knows_mask(mask), Adversary.knows_electors(mask), ends[1]]


def begin_towns(
    town: Town,
    plan: CampaignPlan,
    views: Mapping[str, Mask | None],
    *,
    seed: int,
    towns: int = TOWNS,
    draws: int | None = None,
    workers: int = 1,
    tick: Tick = silent,
) -> Callable[[], Measures]:
    """Begin to simulate, campaign, publish and attack in many towns.

    Processes work on while the caller does something else; with one worker nothing is done before
    it is waited for.

    The town of `seed` has its map published `draws` times with each mask; each of the others, of
    the seeds that follow, once. Generic likes and the score, on which no map rests, are left out.

    Parameters
    ----------
    town : Town
    plan : CampaignPlan
    views : mapping of str to Mask or None
        What leaks: the word of a mask, and the mask.
    seed : int
        Of the first town.
    towns : int
        2 or more.
    draws : int, optional
        1 or more; as many as towns where not given.
    workers : int
        Processes; the result is the same with any number.
    tick : callable
        Called as each town is done.

    Returns
    -------
    callable
        Waits, and returns a `Measures` of the family "towns".
        ``reidentified(view=, attack=, gain=)``: the share of the people of all towns who are
        found, its 95 % interval between towns (`share_of_groups`, weighted by people, as in
        `repeat`), `between_low` and `between_high` the lowest and the highest town, baseline and
        control likewise over people; n counts towns. ``net``: the same of
        value - control (`difference_of_shares`). ``reidentified_by_draw``: over the draws
        of the first town's mask; n counts draws. ``so_far(link=)``: the chain, link by link (see
        `chain`). Then counts of a town (`COUNTED`), whose baseline is what chance expects.
        ``per_record``: a row a town, view and looker of the explorer (`found_in_town`).

    Raises
    ------
    ParameterError
        Fewer than two towns, or no draw.
    """
    towns = whole("begin_towns", "towns", towns, 2)
    draws = towns if draws is None else whole("begin_towns", "draws", draws, 1)
    tasks = [_Task(town, plan, dict(views), seed + k, draws if k == 0 else 1) for k in range(towns)]
    running = in_turn(tasks, _Task.run, workers)
    counts: dict[str, int] = {"towns": towns, "draws": draws}

    def wait() -> Measures:
        done = []
        for part in running:
            tick("towns simulated alike")
            done.append(part)
        *frames, explored = (pd.concat(p, ignore_index=True) for p in zip(*done, strict=True))
        return Measures(
            family="towns",
            rows=_rows(*frames),
            per_record=explored,
            provenance="simulated",
            notes=(Note("towns_alike", **counts),),
            recipe={"seed": seed, **counts, "views": list(views)},
        )

    return wait


@dataclass(frozen=True, eq=False)
class _Task:
    """One town: what a worker does."""

    town: Town
    plan: CampaignPlan
    views: dict[str, Mask | None]
    seed: int
    draws: int

    def run(self) -> tuple[pd.DataFrame, ...]:
        """Return what each rung finds of each view and draw, counts, the chain, the explorer."""
        seed, campaign = self.seed, campaign_in(self.town, self.plan, self.seed)
        parts = []
        for view, mask in self.views.items():
            for draw in range(self.draws if mask is not None else 1):
                for exposure in climb(campaign, mask, draw=seed + draw, seed=seed):
                    gains = exposure.overall.reset_index()
                    parts.append(gains.assign(town=seed, view=view, attack=exposure.attack))
        households = household_exposure(campaign)
        counted = _frame(map(households.row, COUNTED), "measure", "baseline", "unit")
        linked = chain(campaign.world, campaign, seed=seed).rows
        so_far = _frame((row for row in linked if row.measure == "so_far"), "link", "control")
        explored = found_in_town(campaign, seed=seed).assign(town=seed)
        return pd.concat(parts, ignore_index=True), counted, so_far, explored


def _frame(rows: Iterable[Row], *names: str) -> pd.DataFrame:
    """Return the value of each row, and other fields or parameters."""
    columns = ("value", *names)
    return pd.DataFrame(
        [{name: row.part.get(name, getattr(row, name, None)) for name in columns} for row in rows]
    )


def _rows(runs: pd.DataFrame, counts: pd.DataFrame, linked: pd.DataFrame) -> Rows:
    rows = Rows(runs["town"].nunique(), "towns")
    by = ["view", "attack", "gain"]
    by_town = runs.groupby([*by, "town"], sort=False).mean(numeric_only=True)
    for (view, attack, gain), part in by_town.groupby(by, sort=False):
        people = part["n"].to_numpy(dtype=float)
        value, control = (
            (_over_people(part[name], people), *wilson_over_towns(part, name))
            for name in ("value", "control")
        )
        chance = _over_people(part["baseline"], people)
        beside: dict[str, Any] = {"baseline": chance, "control": control[0]}
        fields = _of_rung(view, attack, gain) | {"weights": people}
        shares = part["value"]
        over_towns(rows, "reidentified", shares, "share", ends=value[1:], **fields, **beside)
        ends = difference_of_shares(value, control)
        over_towns(rows, "net", shares - part["control"], "share", ends=ends, **fields)
    first = runs[(runs["town"] == runs["town"].iloc[0]) & (runs["view"] != runs["view"].iloc[0])]
    for (view, attack, gain), part in first.groupby(by, sort=False):
        fields = _of_rung(view, attack, gain) | {"n": len(part), "counts": "draws"}
        over_towns(rows, "reidentified_by_draw", part["value"], "share", **fields)
    for link, part in linked.groupby("link", sort=False):
        chance = float(part["control"].mean())
        fields = {"part": {"link": str(link)}, "of": "accounts"}
        over_towns(rows, "so_far", part["value"], "share", control=chance, **fields)
    for measure, part in counts.groupby("measure", sort=False):
        unit = str(part["unit"].iloc[0])
        over_towns(rows, str(measure), part["value"], unit, baseline=float(part["baseline"].mean()))
        over_towns(rows, f"{measure}_beyond_chance", part["value"] - part["baseline"], unit)
    return rows


def _of_rung(view: Any, attack: Any, gain: Any) -> dict[str, Any]:
    return {"part": {"view": view, "attack": attack}, "gain": gain, "of": "people"}


def over_towns(
    rows: Rows,
    measure: str,
    values: ArrayLike,
    unit: str,
    *,
    ends: tuple[float, float] | None = None,
    weights: np.ndarray | None = None,
    **fields: Any,
) -> None:
    """Add a mean over towns with its interval, and the lowest and the highest town.

    - `ends`: The interval of a share; Student's t over towns where not given.
    - `weights`: The people of each town, of a share of people; equal where not given.
    """
    value = np.asarray(values, dtype=float)
    mean = float(value.mean()) if weights is None else _over_people(value, weights)
    fields["low"], fields["high"] = ends or mean_of_groups(value)
    fields["between_low"], fields["between_high"] = float(value.min()), float(value.max())
    rows.add(measure, mean, unit, **fields)


def people_over_towns(runs: pd.DataFrame, varied: Sequence[str]) -> Rows:
    """Return a row a setting, measure and gain: the mean over the people of all towns.

    `low` and `high` are the interval between towns (`share_of_groups`, weighted by people; of what
    is no share `mean_of_groups`), `between_low` and `between_high` the range of one more town.

    - `runs`: A row a town, setting, measure and gain, as `repeat` makes them.
    """
    rows = Rows(int(runs["n"].sum()), "people")
    groups: Any = runs.groupby([*varied, "measure", "gain"], sort=False, dropna=False)
    for (*values, measure, gain), part in groups:
        people, unit = part["n"].to_numpy(dtype=float), str(part["unit"].iloc[0])
        low, high = one_more_group(part["value"])
        mean = _over_people(part["value"], people)
        fields: dict[str, Any] = {
            "part": dict(zip(varied, values, strict=True)), "gain": gain, "n": float(people.sum()),
            "counts": str(part["counts"].iloc[0]),
            # Clip to [0, 1], differences excepted.
            "between_low": low if unit == "difference" else max(0.0, low),
            "between_high": min(1.0, high) if unit in ("share", "probability") else high,
        }  # fmt: skip
        for name in ("baseline", "control", "confidence"):
            fields[name] = _over_people(part[name], people)
        if unit == "share" and 0 <= mean <= 1:
            fields["control_worth"] = _worth_many_towns(part, "control")
            rows.rate(measure, mean, _worth_many_towns(part, "value"), **fields)
        else:
            fields["low"], fields["high"] = mean_of_groups(part["value"])
            rows.add(measure, mean, unit, **fields)
    return rows


def _over_people(values: ArrayLike, people: np.ndarray) -> float:
    """Average over the people of all towns; over towns where no people are counted."""
    value = np.asarray(values, dtype=float)
    known = np.isfinite(value)
    if not known.any():
        return math.nan
    weight = people[known] if people[known].sum() > 0 else None
    return float(np.average(value[known], weights=weight))


def wilson_over_towns(runs: pd.DataFrame, column: str) -> tuple[float, float]:
    """Return the interval of a share of the people of all towns; see `share_of_groups`."""
    mean = _over_people(runs[column], runs["n"].to_numpy(dtype=float))
    low, high = wilson(mean, _worth_many_towns(runs, column))
    return float(low), float(high)


def _worth_many_towns(runs: pd.DataFrame, column: str) -> float:
    """How many independent people a share over towns rests on; 0 with fewer than two towns."""
    value, people = (runs[name].to_numpy(dtype=float) for name in (column, "n"))
    known = np.isfinite(value) & (people > 0)
    if known.sum() < 2:
        return 0.0
    return groups_worth(value[known], people[known].sum(), people[known])


# Raised by hand when what a run makes changes within one version of the library.
STAGE_VERSION = 3
NUMBERS = ("value", "low", "high", "baseline", "control", "residual", "confidence", "n", "worth")
_MAPS = (AreaRelease, DotRelease, HeatRelease, PictureRelease)
AdversaryLike = Adversary | str | Callable[[Campaign], Adversary] | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Repeated(Measures):
    """Results over towns simulated alike: rows, and the runs that they rest on.

    Parameters
    ----------
    runs : pandas.DataFrame
        One row a run and measure: seed, a column for each parameter that was varied, measure,
        gain, value with the interval within its town, baseline, control, residual, confidence,
        n, and worth: how many independent people n is (those of one home go together).
    varied : tuple of str
        The parameters that were varied.
    **others
        Those of `Measures`. A row's value is the mean over the people of all towns; low and high
        are its 95 % interval, from the variation between towns (`share_of_groups`; Student's t of
        what is no share), named `mean_low` and `mean_high` in the frame `overall`. `between_low` to
        `between_high` is where one more town simulated alike would lie, 95 times in 100 (Student's
        t, prediction).
    """

    runs: pd.DataFrame = field(default_factory=pd.DataFrame)
    varied: tuple[str, ...] = ()

    # That of `Measures`: what a dataclass writes by itself would print every run.
    __repr__ = Measures.__repr__

    @cached_property
    def overall(self) -> pd.DataFrame:
        """As of `Measures`; the interval is `mean_low` to `mean_high`."""
        return labelled_frame(self.rows).rename(columns={"low": "mean_low", "high": "mean_high"})

    def plot(self, *names: str, most: int = 40, lang: str = "en") -> Display:
        """Draw each share with its towns, the interval of the mean and the range of one more.

        Along a single parameter of numbers, curves; else a line a setting. What is no share is
        drawn as `Measures` draws it. The parameters are those of `Measures.plot`.

        Returns
        -------
        Display
        """
        from privaudit.results.display import draw_repeated

        shares = [row for row in self.rows if row.unit == "share" and row.n]
        shares = [row for row in shares if not names or row.measure in names][:most]
        if not shares:
            return super().plot(*names, most=most, lang=lang)
        return draw_repeated(shares, self.runs, self.varied, lang)


@dataclass(frozen=True, eq=False)
class _Run:
    """One town under one setting: what a worker does."""

    town: Town
    plan: CampaignPlan
    view: Any
    adversary: AdversaryLike
    seed: int
    setting: tuple[tuple[str, Any], ...]
    cache: Path | None = None

    def run(self) -> pd.DataFrame:
        """Return a row a gain or measure, from the cache where there is one."""
        if self.cache is None or callable(self.adversary) or self._has_custom_parts():
            return self._made()
        how: dict[str, Any] = {"version": STAGE_VERSION, "recipe": self._recipe(), "types": ()}
        with closing(Store(self.cache)) as store:
            rows: pd.DataFrame = store.stage("repeat", make=self._made, **how)
        return rows

    def _has_custom_parts(self) -> bool:
        """Whether a mask, view or attack is not of the library: its code may change alone."""
        parts = (self.view, getattr(self.view, "mask", None), self.adversary)
        return any(
            not type(part).__module__.startswith(("privaudit.", "builtins")) for part in parts
        )

    def _made(self) -> pd.DataFrame:
        bare = rests_on_the_label(self.view)
        campaign = campaign_in(self.town, self.plan, self.seed, likes=not bare)
        world = campaign.world
        leak = publish(campaign, self.view, seed=self.seed)
        if isinstance(leak, _MAPS) and not len(campaign.dots):
            # A small town may have nobody on the map; such a run has no weight.
            gains = GAINS if isinstance(leak, (DotRelease, PictureRelease)) else ()
            return pd.DataFrame([_empty_row(gain) for gain in gains])
        try:
            result = audit(leak, self._adversary(campaign), truth=world, seed=self.seed)
        except (ReadError, GeometryError):
            if not isinstance(leak, PictureRelease):
                raise
            # An adversary who cannot read the picture finds nobody.
            return pd.DataFrame([_unread_row(gain, len(campaign.dots)) for gain in GAINS])
        rows = []
        for row in result.rows:
            if isinstance(result, Measures):
                name = {"measure": row.label, "gain": "", "worth": row.n}
            else:
                worth = _worth(result, row.gain)
                name = {"measure": row.measure, "gain": row.gain, "worth": worth}
            rows.append(name | {n: getattr(row, n) for n in ("unit", "counts", *NUMBERS[:-1])})
        return pd.DataFrame(rows)

    def _adversary(self, campaign: Campaign) -> Adversary | None:
        if isinstance(self.adversary, str):
            mask = getattr(self.view, "mask", None)
            return parse_adversary(self.adversary, mask=mask, register=campaign.world.roll)
        return self.adversary(campaign) if callable(self.adversary) else self.adversary

    def _recipe(self) -> dict[str, Any]:
        who = self.adversary
        adversary = dict(who.recipe()) if isinstance(who, Adversary) else who
        parts = {"plan": dict(self.plan.recipe()), "view": repr(self.view), "adversary": adversary}
        return cache_recipe(self.town, self.seed, **parts)


def _empty_row(gain: str) -> dict[str, Any]:
    """Return the row of a town without a dot."""
    empty = {"measure": "reidentified", "gain": gain, "unit": "share", "counts": "people"}
    return empty | dict.fromkeys(NUMBERS, math.nan) | {"n": 0.0, "worth": 0.0}


def _unread_row(gain: str, n: int) -> dict[str, Any]:
    """Return the row of a town whose picture cannot be read: no one is re-identified."""
    low, high = wilson(0.0, n)
    numbers = {"value": 0.0, "low": low, "high": high, "n": float(n), "worth": float(n)}
    return _empty_row(gain) | numbers | {"unread": True}


def _worth(result: Exposure, gain: str) -> float:
    """Return how many independent people a gain rests on."""
    hits = result.per_person[gain].to_numpy(dtype=float)
    return float(len(hits)) if result.clusters is None else effective_n(hits, result.clusters)


def repeat(
    town: Town,
    *,
    view: Any,
    adversary: AdversaryLike = None,
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
    >>> repeated = pa.repeat(
    ...     pa.Town(inhabitants=500), view=pa.DotMap(), adversary="nearest",
    ...     seeds=range(3), vary={"kin_in_town": [0, 0.5]},
    ... )
    >>> repeated.runs["seed"].nunique(), len(repeated.overall)
    (3, 8)
    >>> repeated.row("reidentified", "address", kin_in_town=0.5).counts
    'people'
    """
    an_instance("repeat", "town", town, Town)
    plan = CampaignPlan() if plan is None else plan
    an_instance("repeat", "plan", plan, CampaignPlan)
    if isinstance(adversary, type):
        do = "Make one, such as Adversary.nearest()."
        raise ParameterError.of("repeat", "an adversary", "the class of one", do)
    if isinstance(seeds, int):
        raise ParameterError.of("repeat", "seeds, two or more", f"{seeds}", "Give range(20).")
    numbers = [whole("repeat", "seeds", seed, 0) for seed in listed("repeat", "seeds", seeds)]
    vary = {} if vary is None else vary
    an_instance("repeat", "vary", vary, Mapping, 'Such as {"kin_in_town": [0, 0.5]}.')
    if len(set(numbers)) < 2 or len(set(numbers)) < len(numbers):
        raise ParameterError.of("repeat", "two seeds or more, each once", f"{len(numbers)} of them")
    folder = None if cache is None else Path(cache)
    runs = [
        _Run(set_town, set_plan, view, adversary, seed, setting, folder)
        for set_town, set_plan, setting in settings_of(town, plan, vary)
        for seed in numbers
    ]
    results, early = _run_all(runs, workers, tick)
    varied = list(vary)
    columns = ["seed", *varied, "measure", "gain", *NUMBERS]
    return Repeated(
        family="repeat",
        rows=people_over_towns(results, varied),
        provenance="simulated",
        notes=(Note("towns_alike", towns=results["seed"].nunique(), draws=1), *early),
        recipe={
            "seeds": numbers,
            "vary": {k: list(v) for k, v in vary.items()},
            "town": dict(town.recipe()),
            "plan": dict(plan.recipe()),
            "view": str(view),
        },
        runs=results[columns],
        varied=tuple(varied),
    )


def _run_all(
    runs: list[_Run], workers: int, tick: Tick | None
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return a row a run and measure, and a note where the runs were stopped before the end."""
    done: list[pd.DataFrame] = []
    early: tuple[Note, ...] = ()
    try:
        with progress("repeat", 0 if tick else len(runs)) as bar:
            for run, rows in zip(runs, in_turn(runs, _Run.run, workers), strict=True):
                done.append(rows.assign(seed=run.seed, **dict(run.setting)))
                (tick or bar)("towns simulated alike")
    except KeyboardInterrupt:
        # Callers with a progress callback need every run.
        if tick or sum(not rows.empty for rows in done) < 2:
            raise
        early = (Note("stopped_early", done=len(done), of=len(runs)),)
    parts = [rows for rows in done if len(rows)]
    if not parts:
        do = "Give more inhabitants, or a plan that labels more accounts."
        raise ParameterError.of("repeat", "somebody on the map of one town", "nobody", do)
    results: pd.DataFrame = pd.concat(parts, ignore_index=True)
    if "unread" in results:
        unread = results.pop("unread").notna()
        count = len(results.loc[unread, ["seed", *dict(runs[0].setting)]].drop_duplicates())
        early = (*early, Note("pictures_unread", n=count, of=len(runs)))
    return results, early


def settings_of(
    town: Town, plan: CampaignPlan, vary: Mapping[str, Sequence[Any]]
) -> Iterator[tuple[Town, CampaignPlan, tuple[tuple[str, Any], ...]]]:
    """Return the town and the plan of each setting of the varied parameters, and the setting."""
    of_town = {f.name for f in fields(Town)}
    for setting in _settings(vary):
        town_part = {name: value for name, value in setting if name in of_town}
        plan_part = {name: value for name, value in setting if name not in of_town}
        yield replace(town, **town_part), replace(plan, **plan_part), setting


def _settings(vary: Mapping[str, Sequence[Any]]) -> Iterator[tuple[tuple[str, Any], ...]]:
    known = [f.name for kind in (Town, CampaignPlan) for f in fields(kind)]
    for name, values in vary.items():
        if name not in known:
            do = did_you_mean(name, known)
            needed = "parameters of Town or CampaignPlan to vary"
            raise ParameterError.of("repeat", needed, repr(name), do)
        if isinstance(values, str) or not isinstance(values, Iterable) or not len(list(values)):
            raise ParameterError.of("repeat", f"values of {name}, one or more", kind_of(values))
    for values in itertools.product(*vary.values()):
        yield tuple(zip(vary, values, strict=True))


def rests_on_the_label(view: Any) -> bool:
    """Whether a view shows nothing that is learnt from ordinary likes, so that none are drawn."""
    return isinstance(view, (AreaMap, HeatMap)) or (isinstance(view, DotMap) and not view.popup)
