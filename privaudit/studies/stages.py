"""The slow stages of a demo, cached: world, campaign, other towns."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from privaudit._core.progress import Tick
from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.places.address_base import AddressBase
from privaudit.results.measures import Measures
from privaudit.results.row import Row
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.simulation.world import SimulatedWorld
from privaudit.studies.many_towns import begin_towns, cache_recipe
from privaudit.words.note import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from privaudit._core.cache import Store
    from privaudit.release.masks import Mask

__all__ = ["STAGE_VERSION", "Stages"]

# Raised by hand when a stage's code changes what it makes within one version of the library.
STAGE_VERSION = 10


@dataclass(frozen=True, eq=False)
class Stages:
    """The slow stages of a demo, each computed or taken from the cache."""

    town: Town
    plan: CampaignPlan
    seed: int
    cache: Store | None
    tick: Tick

    def world(self) -> SimulatedWorld:
        made = self._stage(
            "simulate",
            lambda: {"world": simulate(self.town, seed=self.seed, tick=self.tick)},
            (SimulatedWorld, AddressBase, Measures, Row, Note),
        )
        world: SimulatedWorld = made["world"]
        return world

    def campaign(self, world: SimulatedWorld) -> Campaign:
        names = [f.name for f in fields(Campaign) if f.name not in ("world", "plan")]

        def make() -> dict[str, Any]:
            made = run_campaign(world, self.plan, seed=self.seed, tick=self.tick)
            return {name: getattr(made, name) for name in names}

        # The world is stored once, by its own stage.
        parts = self._stage(
            "campaign", make, (Measures, Row, Note), plan=dict(self.plan.recipe()), kept=names
        )
        return Campaign(world=world, plan=self.plan, **parts)

    def towns(
        self, views: Mapping[str, Mask | None], towns: int, workers: int
    ) -> Callable[[], Measures]:
        """Start the other towns; the function returned waits for them."""

        def begin() -> Callable[[], Measures]:
            options: dict[str, Any] = {"workers": workers, "tick": self.tick}
            return begin_towns(self.town, self.plan, views, seed=self.seed, towns=towns, **options)

        recipe = {"plan": dict(self.plan.recipe()), "towns": towns, "views": list(views)}
        wait: Callable[[], Measures] = self._begin("towns", begin, (Measures, Row, Note), **recipe)
        return wait

    def _stage(self, name: str, make: Any, types: tuple[type, ...], **more: object) -> Any:
        return self._begin(name, lambda: make, types, **more)()

    def _begin(self, name: str, begin: Any, types: tuple[type, ...], **more: object) -> Any:
        if self.cache is None:
            return begin()
        recipe = cache_recipe(self.town, self.seed, **more)
        return self.cache.begin(
            name, version=STAGE_VERSION, recipe=recipe, begin=begin, types=types
        )
