"""What the numbers say together: behind one door, and what knowing more is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privaudit.reporting.guard import THRESHOLD
from privaudit.reporting.names import rung_name
from privaudit.reporting.steps import climbs_of, step_between
from privaudit.reporting.tables import number
from privaudit.reporting.views import is_masked, seen_on
from privaudit.reporting.words import Words, slug

if TYPE_CHECKING:
    from privaudit.exposure.results import Exposure
    from privaudit.reporting.study import Study

__all__ = ["behind_a_door", "worth_of_knowing"]

_DOOR = ("homes_one_interacted", "adults_never_interacted", "minors_never_interacted")


def behind_a_door(study: Study, words: Words) -> list[str]:
    """Tell the story that the project starts from, then how many homes are like that one.

    Returns
    -------
    list of str
        Two sentences; none where the homes were not counted, or too few people are concerned.
    """
    if "household" not in study.measures:
        return []
    overall = study.measures["household"].overall
    if not set(_DOOR) <= set(overall.index) or (overall.loc[list(_DOOR), "n"] < THRESHOLD).any():
        return []
    alike = number(overall, "homes_one_interacted")
    counts = {name: _counted(words, name, number(overall, name)) for name in _DOOR}
    counted = words(
        "door.counted_one" if words.is_one(alike) else "door.counted",
        lead=words(f"lead.{slug(study.provenance)}"),
        n=words.count(number(overall, "homes_one_interacted", "n")),
        by_chance=words.count(number(overall, "homes_one_interacted", "baseline")),
        **counts,
    )
    return [words("door.story"), counted]


def _counted(words: Words, name: str, value: float) -> str:
    """Write a count, and what it counts where that is a word of the sentence."""
    noun = words.noun(name, value) if words.has(f"unit.{name}") else ""
    return f"{words.count(value)}\u00a0{noun}".rstrip()


def worth_of_knowing(study: Study, words: Words) -> list[str]:
    """Say, for each masked view, what each adversary finds and how far they are apart.

    Returns
    -------
    list of str
        A text for each view that several adversaries look at and whose dots were moved.
    """
    return [
        _worth(study, words, rungs)
        for view, rungs in climbs_of(study).items()
        if len(rungs) > 1 and is_masked(view)
    ]


def _worth(study: Study, words: Words, rungs: list[Exposure]) -> str:
    found = [number(rung.overall, "address", "attack") for rung in rungs]
    each = words("gap.joint").join(
        words(
            "gap.rung" if rung.reliable else "gap.rung_not_reliable",
            name=rung_name(words, rung.attack),
            value=words.percent(value),
        )
        for rung, value in zip(rungs, found, strict=True)
    )
    where = seen_on(study, words, rungs[0])
    text = words("gap.each", where=where[:1].upper() + where[1:], each=each)
    sure = [i for i, rung in enumerate(rungs) if rung.reliable]
    if len(sure) < 2 or sure[0] != 0:
        return text
    if max(found[i] for i in sure) <= found[0]:
        return f"{text} {words('gap.nothing')}"
    # The last, not the best: which is best was learnt from the same people.
    step = step_between(rungs[0], rungs[sure[-1]])
    gap = words(
        "gap.expected" if step.after.expected else "gap.observed",
        apart=words.percent(step.value),
        interval=words.interval(step.low, step.high, "share"),
        n=words.count(step.n),
        verdict=words("step.beyond" if step.beyond else "step.within"),
    )
    return f"{text} {gap}"
