"""`repeat`: every combination of views, adversaries, plans and parameters in the same towns."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, fields, replace
from inspect import Parameter, signature
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import pandas as pd

from privaudit import __version__
from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import View, parse_view, publish
from privaudit.campaign.views.area_and_heat_maps import AreaMap, HeatMap
from privaudit.campaign.views.dot_map import DotMap, Screenshot
from privaudit.core.cache import Store, fingerprint
from privaudit.core.checks import an_instance, check_jobs, kind_of, listed, whole
from privaudit.core.progress import Tick, progress
from privaudit.errors import GeometryError, ParameterError, PrivauditError, ReadError, did_you_mean
from privaudit.maps.adversary import Adversary, Attack
from privaudit.maps.masks.mask import Mask
from privaudit.maps.masks.voronoi import VoronoiDots
from privaudit.maps.registry import parse_adversary
from privaudit.maps.utility import map_utility
from privaudit.release.release import AreaRelease, DotRelease, HeatRelease, PictureRelease, Release
from privaudit.results.measures import Measures
from privaudit.results.repeated import NUMBERS, Repeated, people_over_towns
from privaudit.results.rows import GAINS, Row, people_worth
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.simulation.world import SimulatedWorld
from privaudit.studies.audit import audit
from privaudit.studies.frontier import moved_dots
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import AdversaryWord

# Raised by hand when what a run makes changes within one version of the library.
STAGE_VERSION = 6
_MAPS = (AreaRelease, DotRelease, HeatRelease, PictureRelease)
# Views whose dots an adversary attacks: they have the four gains.
_OF_DOTS = (DotMap, Screenshot)
# A function is given the mask of each view, and the campaign too where it takes two arguments.
AdversaryLike = Adversary | Attack | AdversaryWord | Callable[..., Any] | None
Viewed: TypeAlias = View[Any] | Mask | str
T = TypeVar("T")


def in_turn(tasks: Sequence[T], do: Callable[[T], Any], n_jobs: int) -> Iterator[Any]:
    """Run tasks one by one, or in parallel processes; results come in the order of the tasks."""
    check_jobs("repeat", n_jobs)
    if n_jobs == 1 or len(tasks) < 2:
        return map(do, tasks)
    from joblib import Parallel, delayed
    from joblib.parallel import get_active_backend

    # Some backends can only return every result at once.
    streams = getattr(get_active_backend()[0], "supports_return_generator", False)
    pool = Parallel(n_jobs=n_jobs, return_as="generator" if streams else "list")
    results: Iterator[Any] = pool(delayed(do)(task) for task in tasks)
    return results


def campaign_in(town: Town, plan: CampaignPlan, seed: int) -> Campaign:
    """Simulate one town and run its campaign, without ordinary likes, `quality` and the score."""
    world = simulate(town, seed=seed, generic_likes=False, with_quality=False)
    return run_campaign(world, plan, seed=seed, with_score=False)


def cache_recipe(town: Town, seed: int, **more: Any) -> dict[str, Any]:
    """Return the recipe that identifies the results of a town in a cache."""
    return {
        "town": dict(town.recipe()),
        "inputs": [fingerprint(frame) for frame in town.frames()],
        "seed": seed,
        "library": __version__,
        **more,
    }


@dataclass(frozen=True, eq=False)
class Cell:
    """One combination of a design.

    - `part`: What tells it from the others, by name.
    - `utility`: Whether what a map of dots costs its reader is measured too.
    """

    part: Mapping[str, Any]
    town: Town
    plan: CampaignPlan
    view: Any
    adversary: AdversaryLike | str
    utility: bool = False

    @property
    def has_gains(self) -> bool:
        """Whether an attack is scored, rather than the view measured."""
        return isinstance(self.view, _OF_DOTS) or self.adversary is not None

    @property
    def is_custom(self) -> bool:
        """Whether a mask, view or attack is not of the library: its code may change alone."""
        parts = (self.view, getattr(self.view, "mask", None), self.adversary)
        return callable(self.adversary) or any(
            not type(part).__module__.startswith(("privaudit.", "builtins")) for part in parts
        )

    def recipe(self, seed: int) -> dict[str, Any]:
        """Return the recipe of its run in one town."""
        who = self.adversary
        adversary = dict(who.recipe()) if isinstance(who, Adversary) else who
        parts: dict[str, Any] = {
            "plan": dict(self.plan.recipe()), "view": repr(self.view), "adversary": adversary,
        }  # fmt: skip
        parts |= {"utility": True} if self.utility else {}
        return cache_recipe(self.town, seed, **parts)


class _TownInUse:
    """One simulated town: its world, campaigns and releases are made once, when asked for."""

    def __init__(self, town: Town, seed: int) -> None:
        self._town, self.seed = town, seed
        self._worlds: dict[bool, SimulatedWorld] = {}
        self._campaigns: dict[tuple[int, bool], Campaign] = {}
        self._releases: dict[tuple[int, int], Release] = {}

    def is_made(self, cell: Cell) -> bool:
        """Whether the campaign of a cell has been run."""
        return (id(cell.plan), not rests_on_the_label(cell.view)) in self._campaigns

    def campaign(self, cell: Cell) -> Campaign:
        likes = not rests_on_the_label(cell.view)
        if likes not in self._worlds:
            self._worlds[likes] = simulate(self._town, seed=self.seed, generic_likes=likes)
        key = id(cell.plan), likes
        if key not in self._campaigns:
            self._campaigns[key] = run_campaign(
                self._worlds[likes], cell.plan, seed=self.seed, with_score=likes
            )
        return self._campaigns[key]

    def release(self, cell: Cell) -> Release:
        key = id(cell.plan), id(cell.view)
        if key not in self._releases:
            self._releases[key] = publish(self.campaign(cell), cell.view, seed=self.seed)
        return self._releases[key]


@dataclass(frozen=True, eq=False)
class _InTown:
    """The cells of one town: what a worker does.

    - `alone`: Whether one cell is the whole design: a failure then stops it.
    """

    seed: int
    cells: tuple[Cell, ...]
    cache: Path | None
    alone: bool

    def run(self) -> list[pd.DataFrame]:
        """Return for each cell a row a gain or measure, from the cache where there is one."""
        town = _TownInUse(self.cells[0].town, self.seed)
        return [self._of(cell, town) for cell in self.cells]

    def _of(self, cell: Cell, town: _TownInUse) -> pd.DataFrame:
        def make() -> pd.DataFrame:
            return _made(cell, town)

        try:
            if self.cache is None or cell.is_custom:
                return make()
            how: dict[str, Any] = {"version": STAGE_VERSION, "types": ()}
            with closing(Store(self.cache)) as store:
                return store.stage("repeat", recipe=cell.recipe(self.seed), make=make, **how)
        except PrivauditError as error:
            # Of a town that cannot be made nothing is empty: it stops the design.
            if self.alone or not town.is_made(cell):
                raise
            reason = str(error)
        except Exception as error:
            # A caller's code may fail on one map. What it says may hold a cell: its kind does not.
            if self.alone or not (cell.is_custom and town.is_made(cell)):
                raise
            came, do = type(error).__name__, "Repeat it alone to see where."
            reason = str(ParameterError.of("repeat", "code that runs on this map", came, do))
        why = {"failed": reason} if cell.has_gains else {"failed": reason, "measure": ""}
        gains = GAINS if cell.has_gains else ("",)
        return pd.DataFrame([_empty_row(gain) | why for gain in gains])


def _made(cell: Cell, town: _TownInUse) -> pd.DataFrame:
    campaign, leak = town.campaign(cell), town.release(cell)
    if isinstance(leak, _MAPS) and not len(campaign.dots):
        # A small town may have nobody on the map; such a run has no weight.
        gains = GAINS if isinstance(leak, (DotRelease, PictureRelease)) else ()
        return pd.DataFrame([_empty_row(gain) for gain in gains])
    try:
        who = _adversary(cell.adversary, _mask_of(cell.view, len(leak)), campaign)
        result = audit(leak, who, truth=campaign.world, seed=town.seed)
    except (ReadError, GeometryError):
        if not isinstance(leak, PictureRelease):
            raise
        # A picture that this library cannot read says nothing of what others find on it.
        return pd.DataFrame([_empty_row(gain) | {"unread": True} for gain in GAINS])
    rows = []
    for row in result.rows:
        if isinstance(result, Measures):
            name = {"measure": row.label, "gain": "", "worth": row.n}
        else:
            hits = result.per_person[row.gain].to_numpy(dtype=float)
            worth = people_worth(hits, result.clusters)
            name = {"measure": row.measure, "gain": row.gain, "worth": worth}
        rows.append(name | _numbers_of(row))
    if cell.utility and isinstance(leak, DotRelease):
        costs = map_utility(*moved_dots(campaign, leak), leak.backdrop, seed=town.seed)
        rows += [
            {"measure": f"utility_{row.measure}", "gain": "", "worth": row.n, **_numbers_of(row)}
            for row in costs.rows
        ]
    return pd.DataFrame(rows)


def _mask_of(view: Any, dots: int) -> Mask | None:
    """Return the mask of a view; a Voronoi mask of dots with their number, which the map shows."""
    mask: Mask | None = getattr(view, "mask", None)
    return replace(mask, dots=dots) if isinstance(mask, VoronoiDots) and not mask.dots else mask


def _numbers_of(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("unit", "counts", *NUMBERS[:-1])}


def _adversary(
    who: AdversaryLike | str, mask: Mask | None, campaign: Campaign | None
) -> Adversary | Attack | None:
    """Return the adversary who meets a view; without a campaign, one with an empty roll."""
    if isinstance(who, str):
        roll = NO_ROLL if campaign is None else campaign.world.roll
        return parse_adversary(who, mask=mask, register=roll)
    if isinstance(who, (Adversary, Attack)) or who is None:
        return who
    given = (mask, campaign) if _takes_two(who) else (mask,)
    made = who(*given)
    made = _adversary(made, mask, campaign) if isinstance(made, str) else made
    return made if isinstance(made, Attack) else an_instance("repeat", "adversary", made, Adversary)


def _takes_two(who: Callable[..., Any]) -> bool:
    """Whether a function needs the campaign beside the mask."""
    needed = [
        p for p in signature(who).parameters.values()
        if p.default is Parameter.empty
        and p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    return len(needed) > 1


# The columns of an electoral roll, of nobody.
NO_ROLL = pd.DataFrame(
    {"address": pd.Series(dtype="int64"), "last_name": pd.Series(dtype="str"),
     "first_name": pd.Series(dtype="str")}
)  # fmt: skip


def _empty_row(gain: str) -> dict[str, Any]:
    """Return the row of a town without a dot, or whose picture cannot be read."""
    empty = {"measure": "reidentified", "gain": gain, "unit": "share", "counts": "people"}
    return empty | dict.fromkeys(NUMBERS, math.nan) | {"n": 0.0, "worth": 0.0}


def repeat(
    town: Town,
    *,
    views: Viewed | Iterable[Viewed] | Mapping[str, Viewed],
    adversaries: AdversaryLike | Iterable[AdversaryLike] | Mapping[str, AdversaryLike] = None,
    plans: CampaignPlan | Iterable[CampaignPlan] | Mapping[str, CampaignPlan] | None = None,
    seeds: Iterable[int] = range(20),
    vary: Mapping[str, Sequence[Any]] | None = None,
    utility: bool = False,
    n_jobs: int = 1,
    cache: str | Path | None = None,
    tick: Tick | None = None,
) -> Repeated:
    """Simulate, campaign, publish and audit once a seed, for each combination of a design.

    Every combination is tried in the same towns, each of which is simulated once: a difference
    between two is not that of their chances (see `Repeated.difference` and `Repeated.rank`).

    Parameters
    ----------
    town : Town
    views : View, Mask or str, a list of them, or a mapping of names to them
        What leaks: a view such as `DotMap`, or its label, such as "donut:50:200"; a mask is a map
        of dots under it. Several have a measure in common: maps of dots, or views of one kind.
    adversaries : optional
        One, a list, or a mapping of names to adversaries. A word such as "nearest", "knows_mask"
        or "holds_register" is an adversary who knows the mask of each view and holds the electoral
        roll of each town; so is ``Adversary.knows_mask`` itself. An instance believes the same
        whatever the mask was. A function is given the mask of the view (None for exact dots), and
        the campaign too where it takes two arguments. None for views that are audited without one.
    plans : CampaignPlan, a list of them, or a mapping of names to plans, optional
    seeds : iterable of int
        One town each; two or more.
    vary : mapping of str to sequence, optional
        Parameters of `Town` or `CampaignPlan` by name, and the values each is to take; several
        are crossed: ``vary={"non_aligned": [0, .3, .7]}``.
    utility : bool
        Measure too what each map of dots costs its reader (`map_utility`), for `pa.frontier`: rows
        ``utility_<name>``.
    n_jobs : int
        Processes, or -1 for one a core; within ``joblib.parallel_config(backend="threading")``
        threads, and ``"dask"`` the workers of a cluster. The result is the same with any number.
    cache : path, optional
        A folder that keeps each run as it is done, so that a study that was stopped goes on where
        it was. Not for a function as adversary.
    tick : callable, optional
        Called as each town is done, once a combination; a bar on a terminal and in a notebook
        where not given.

    Returns
    -------
    Repeated
        A row a combination and gain; see there. A combination that cannot be run, such as a mask
        without a density under an adversary who needs one, is empty, and a note says why. So is a
        run whose picture cannot be read, and a note counts such runs. Stopped with Ctrl-C, of the
        towns that were done, with a note that says of how many; without any, or where `tick` was
        given, it stops.

    Raises
    ------
    ParameterError
        Fewer than two seeds, a parameter that neither has, views without a common measure, a level
        that stands twice, an adversary whom no view admits, or no job.

    Examples
    --------
    >>> import privaudit as pa
    >>> found = pa.repeat(
    ...     pa.Town(inhabitants=500), seeds=range(3), adversaries=["nearest", "holds_register"],
    ...     views=["exact", pa.masks.Donut(r_min=50, r_max=200)],
    ... )
    >>> found.runs["seed"].nunique(), found.varied, len(found.overall)
    (3, ('view', 'adversary'), 16)
    >>> more, test, _ = found.difference("exact", "donut:50:200").rows[:3]
    >>> more.value > 0, test.n
    (True, 3.0)
    """
    an_instance("repeat", "town", town, Town)
    if isinstance(seeds, int):
        raise ParameterError.of("repeat", "seeds, two or more", f"{seeds}", "Give range(20).")
    numbers = [whole("repeat", "seeds", seed, 0) for seed in listed("repeat", "seeds", seeds)]
    vary = {} if vary is None else vary
    an_instance("repeat", "vary", vary, Mapping, 'Such as {"kin_in_town": [0, 0.5]}.')
    # An iterator is gone through once.
    vary = {k: list(v) if isinstance(v, Iterator) else v for k, v in vary.items()}
    if len(set(numbers)) < 2 or len(set(numbers)) < len(numbers):
        raise ParameterError.of("repeat", "two seeds or more, each once", f"{len(numbers)} of them")
    of_plans = _named("plans", CampaignPlan() if plans is None else plans)
    for plan in of_plans.values():
        an_instance("repeat", "plan", plan, CampaignPlan)
    of_views = {name: _view(one) for name, one in _named("views", views).items()}
    levels = {"view": of_views, "adversary": _named("adversaries", adversaries)}
    levels["plan"] = of_plans
    several = [name for name, level in levels.items() if len(level) > 1]
    settings = {name: list(settings_of(town, plan, vary)) for name, plan in of_plans.items()}
    cells = []
    for names in itertools.product(*levels.values()):
        named = dict(zip(levels, names, strict=True))
        part = {name: level for name, level in named.items() if name in several}
        view, who = (levels[name][named[name]] for name in ("view", "adversary"))
        cells += [
            Cell(part | dict(setting), set_town, set_plan, view, who, utility)
            for set_town, set_plan, setting in settings[named["plan"]]
        ]
    recipe = {
        "seeds": numbers,
        "vary": {k: list(v) for k, v in vary.items()},
        "town": dict(town.recipe()),
        "plans": {name: dict(plan.recipe()) for name, plan in of_plans.items()},
        "views": [*levels["view"]],
        "adversaries": [*levels["adversary"]],
    }
    checked_design(cells)
    folder = None if cache is None else Path(cache)
    made = run_design(
        cells, numbers, (*several, *vary), recipe, n_jobs=n_jobs, cache=folder, tick=tick
    )
    return replace(made, levels={name: tuple(levels[name]) for name in ("view", "adversary")})


def _view(given: Any) -> View[Any]:
    """Return a view; a mask, or a word of either, is that of a map of dots."""
    if isinstance(given, str):
        return parse_view(given)
    if isinstance(given, Mask):
        return DotMap(mask=given)
    view: View[Any] = an_instance(
        "repeat", "view", given, View, 'Such as pa.DotMap() or "donut:50:200".'
    )
    return view


def _named(name: str, given: Any) -> dict[str, Any]:
    """Return the levels of a design by name; what is not a list stands alone."""
    if isinstance(given, Mapping):
        levels = [(str(key), value) for key, value in given.items()]
    else:
        alone = isinstance(given, str) or not isinstance(given, Iterable)
        levels = [(_name_of(one), one) for one in ([given] if alone else given)]
    if not levels or len({key for key, _ in levels}) < len(levels):
        do = f"Give {name}={{name: ...}} where two would have one name."
        came = "one name twice" if levels else "none"
        raise ParameterError.of("repeat", f"{name}, one or more, each of its own name", came, do)
    for _, one in levels:
        if isinstance(one, type):
            do = f"Make one, such as {'DotMap()' if name == 'views' else 'Adversary.nearest()'}."
            raise ParameterError.of("repeat", f"{name} that are made", "the class of one", do)
    # An adversary of the library is one by its word, whose runs are kept.
    return {
        key: _name_of(one) if getattr(one, "__self__", None) is Adversary else one
        for key, one in levels
    }


def _name_of(level: Any) -> str:
    if isinstance(level, Adversary):
        return level.name
    if isinstance(level, CampaignPlan):
        return "plan"
    named = callable(level) and not isinstance(level, (Attack, Mask))
    return str(getattr(level, "__name__", "function")) if named else str(level or "")


def checked_design(cells: Sequence[Cell]) -> None:
    """Refuse, before anything is run, a design of which no cell could be, or without a measure.

    Raises
    ------
    ParameterError
    """
    kinds = {"gains" if cell.has_gains else type(cell.view).__name__ for cell in cells}
    if len(kinds) > 1:
        do = "Repeat views of another kind in a design of their own."
        came = " and ".join(sorted(kind.replace("gains", "maps of dots") for kind in kinds))
        raise ParameterError.of("repeat", "views with a common measure", came, do)
    for who in {id(cell.adversary): cell for cell in cells}.values():
        refused = []
        if callable(who.adversary) and not isinstance(who.adversary, (Adversary, Attack)):
            try:
                signature(who.adversary).bind(*(None, None)[: 1 + _takes_two(who.adversary)])
            except (TypeError, ValueError):
                needed = "an adversary that is a function of the mask, or of mask and campaign"
                raise ParameterError.of("repeat", needed, "one with other arguments") from None
        meets = {id(c.view): c.view for c in cells if c.adversary is who.adversary}
        for view in meets.values():
            try:
                if isinstance(who.adversary, str):
                    _adversary(who.adversary, _mask_of(view, 1), None)
            except ParameterError as error:
                refused.append(error)
        if refused and len(refused) == len(meets):
            raise refused[0]


def run_design(
    cells: Sequence[Cell],
    seeds: Sequence[int],
    varied: Sequence[str],
    recipe: Mapping[str, Any],
    *,
    n_jobs: int = 1,
    cache: Path | None = None,
    tick: Tick | None = None,
) -> Repeated:
    """Run the cells of a design in every town, each town once."""
    by_town: dict[Town, list[int]] = {}
    for place, cell in enumerate(cells):
        by_town.setdefault(cell.town, []).append(place)
    alone = len(cells) == 1
    tasks = [
        (_InTown(seed, tuple(cells[k] for k in places), cache, alone), places)
        for seed in seeds for places in by_town.values()
    ]  # fmt: skip
    done, early = _run_all(tasks, len(cells), n_jobs, tick)
    parts = [
        rows.assign(seed=seed, **dict(cells[place].part))
        for place, seed, rows in sorted(done, key=lambda one: one[0]) if len(rows)
    ]  # fmt: skip
    if not parts:
        do = "Give more inhabitants, or a plan that labels more accounts."
        raise ParameterError.of("repeat", "somebody on the map of one town", "nobody", do)
    runs: pd.DataFrame = pd.concat(parts, ignore_index=True)
    notes: list[Note] = [Note("towns_alike", towns=runs["seed"].nunique(), draws=1), *early]
    if "unread" in runs:
        unread = runs.pop("unread").notna()
        count = len(runs.loc[unread, ["seed", *varied]].drop_duplicates())
        if count == len(seeds) * len(cells):
            do = "Publish pictures of more pixels, or dots of another form."
            raise ParameterError.of("repeat", "a picture that can be read", "none", do)
        notes.append(Note("pictures_unread", n=count, of=len(seeds) * len(cells)))
    empty = _reasons(runs, varied)
    never = [notes[0] for notes in empty.values() if notes[0].key == "cell_empty"]
    if len(never) == len(cells):
        failed = str(never[0].values["reason"]).removesuffix(".")
        raise ParameterError.of("repeat", "a combination that can be run", failed)
    # Of a view without gains a run that failed gives its reason alone.
    runs = runs[runs["measure"] != ""]
    rows = [
        replace(row, notes=(*(row.notes if row.n else ()), *empty[levels]))
        if (levels := tuple(row.part.values())) in empty else row
        for row in people_over_towns(runs, list(varied))
    ]  # fmt: skip
    return Repeated(
        family="repeat",
        rows=rows,
        provenance="simulated",
        notes=(*notes, *dict.fromkeys(itertools.chain(*empty.values()))),
        recipe=recipe,
        runs=runs[["seed", *varied, "measure", "gain", *NUMBERS]],
        varied=tuple(varied),
    )


def _reasons(runs: pd.DataFrame, varied: Sequence[str]) -> dict[tuple[Any, ...], tuple[Note, ...]]:
    """Return why cells were not run, or each reason why not in every town, by their levels."""
    if "failed" not in runs:
        return {}
    ran = runs.loc[runs["failed"].isna() & (runs["n"] > 0), [*varied]]
    in_some = set(ran.itertuples(index=False, name=None))
    lost = runs[runs["failed"].notna()].drop_duplicates(["seed", *varied])
    notes = {}
    groups: Any = lost.groupby([*varied], sort=False, dropna=False)
    for levels, towns in groups:
        cell, of = ", ".join(map(str, levels)), runs["seed"].nunique()
        reasons = towns["failed"].value_counts(sort=False)
        notes[levels] = tuple(
            Note("runs_failed", cell=cell, reason=str(reason), n=int(count), of=of)
            for reason, count in reasons.items()
        ) if levels in in_some else (
            Note("cell_empty", cell=cell, reason=str(towns["failed"].iloc[0])),
        )  # fmt: skip
    return notes


def _run_all(
    tasks: Sequence[tuple[_InTown, list[int]]], cells: int, n_jobs: int, tick: Tick | None
) -> tuple[list[tuple[int, int, pd.DataFrame]], tuple[Note, ...]]:
    """Return the place of each cell, seed and rows, and a note where the runs were stopped."""
    done: list[tuple[int, int, pd.DataFrame]] = []
    towns = 0
    try:
        with progress("repeat", 0 if tick else sum(len(places) for _, places in tasks)) as bar:
            made = in_turn([task for task, _ in tasks], _InTown.run, n_jobs)
            for (task, places), results in zip(tasks, made, strict=True):
                towns += 1
                for place, rows in zip(places, results, strict=True):
                    done.append((place, task.seed, rows))
                    (tick or bar)("towns simulated alike")
    except KeyboardInterrupt:
        # Callers with a progress callback need every run.
        if tick or sum(not rows.empty for *_, rows in done) < 2 * cells:
            raise
        return done, (Note("stopped_early", done=towns, of=len(tasks)),)
    return done, ()


def settings_of(
    town: Town, plan: CampaignPlan, vary: Mapping[str, Sequence[Any]]
) -> Iterator[tuple[Town, CampaignPlan, tuple[tuple[str, Any], ...]]]:
    """Return the town and the plan of each setting of the varied parameters, and the setting."""
    of_town = {f.name for f in fields(Town)}
    for setting in _settings(vary):
        town_part = {name: value for name, value in setting if name in of_town}
        plan_part = {name: value for name, value in setting if name not in of_town}
        yield replace(town, **town_part), replace(plan, **plan_part), setting


def _are_equal(one: Any, other: Any) -> bool:
    """Return whether two values are equal; a frame equals itself alone."""
    with suppress(ValueError, TypeError):
        return one is other or bool(one == other)
    return False


def _settings(vary: Mapping[str, Sequence[Any]]) -> Iterator[tuple[tuple[str, Any], ...]]:
    known = [f.name for kind in (Town, CampaignPlan) for f in fields(kind)]
    for name, values in vary.items():
        if name not in known:
            do = did_you_mean(name, known)
            needed = "parameters of Town or CampaignPlan to vary"
            raise ParameterError.of("repeat", needed, repr(name), do)
        if isinstance(values, str) or not isinstance(values, Iterable) or not len(list(values)):
            raise ParameterError.of("repeat", f"values of {name}, one or more", kind_of(values))
        if any(_are_equal(*two) for two in itertools.combinations(values, 2)):
            # The towns of two equal settings would count twice, and halve the variance of the mean.
            raise ParameterError.of("repeat", f"values of {name}, each once", "one of them again")
    for values in itertools.product(*vary.values()):
        yield tuple(zip(vary, values, strict=True))


def rests_on_the_label(view: Any) -> bool:
    """Whether a view shows nothing that is learnt from ordinary likes, so that none are drawn."""
    return isinstance(view, (AreaMap, HeatMap)) or (isinstance(view, DotMap) and not view.popup)
