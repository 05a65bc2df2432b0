"""The steps of the ladder as findings: what a rung adds to the one before, on the same people."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from privaudit.exposure.maps.steps import ladder_steps
from privaudit.exposure.results import Exposure
from privaudit.reporting.charts import shown
from privaudit.reporting.names import attack_name, rung_name
from privaudit.reporting.tables import number
from privaudit.reporting.views import seen_on, view_of
from privaudit.reporting.words import Words, slug

if TYPE_CHECKING:
    from privaudit.reporting.study import Study

__all__ = ["Step", "climbs_of", "step_between", "step_sentence", "steps_of"]


class Step(NamedTuple):
    """What one rung finds more than another of the same people: a share of them, -1 to 1."""

    before: Exposure
    after: Exposure
    value: float
    low: float
    high: float
    n: float

    @property
    def reliable(self) -> bool:
        """True where both rungs are."""
        return self.before.reliable and self.after.reliable

    @property
    def beyond(self) -> bool:
        """True where the interval leaves out 0: chance alone does not explain the step."""
        return self.low > 0 or self.high < 0


def step_between(before: Exposure, after: Exposure) -> Step:
    """Compare two rungs on one view."""
    rows = ladder_steps([before, after]).overall
    value, low, high, n = (number(rows, "whole_climb", c) for c in ("value", "low", "high", "n"))
    return Step(before, after, value, low, high, n)


def climbs_of(study: Study) -> dict[str, list[Exposure]]:
    """Gather the rungs on each view whose addresses may be shown, views in their order.

    Rungs that are not about the same people as the first one are left out: nothing can be
    subtracted there.
    """
    views: dict[str, list[Exposure]] = {}
    for exposure in study.exposures:
        if shown(exposure, "address"):
            rungs = views.setdefault(view_of(study, exposure), [])
            if not rungs or len(rungs[0].per_person) == len(exposure.per_person):
                rungs.append(exposure)
    return views


def steps_of(study: Study) -> dict[str, list[Step]]:
    """Return the steps between neighbouring rungs, by view."""
    climbs = {view: rungs for view, rungs in climbs_of(study).items() if len(rungs) > 1}
    return {
        view: [step_between(*pair) for pair in pairwise(rungs)] for view, rungs in climbs.items()
    }


def step_sentence(study: Study, words: Words, step: Step) -> str:
    """Say what a step is worth, and whether chance may explain it."""
    kind = "expected" if step.after.expected else "observed"
    return words(
        f"step.more_{kind}" if step.value >= 0 else f"step.less_{kind}",
        lead=words(f"lead.{slug(study.provenance)}"),
        who=attack_name(words, step.after.attack),
        before=rung_name(words, step.before.attack),
        where=seen_on(study, words, step.after),
        apart=words.percent(abs(step.value)),
        interval=words.interval(step.low, step.high, "share"),
        n=words.count(step.n),
        verdict=words("step.beyond" if step.beyond else "step.within"),
    )
