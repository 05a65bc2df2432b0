"""Who is told apart, or found again, by the shape of their interactions once names are gone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from privaudit._core.arrays import Bools, Floats, Ints
from privaudit._core.checks import an_instance, in_range, say, whole
from privaudit._core.policy import FEWEST_PEOPLE_TO_LEARN
from privaudit._core.progress import in_steps, step
from privaudit._core.streams import stream
from privaudit._core.threads import one_thread
from privaudit.errors import ParameterError
from privaudit.exposure.traces.found_again import found_again, found_again_result, in_blocks
from privaudit.exposure.traces.periods import cut
from privaudit.exposure.traces.uniqueness import drawn, trace_result
from privaudit.measures.traces.claims import Claims, learn_claims
from privaudit.measures.traces.graph_neighbourhood import class_sizes, refine, signatures
from privaudit.measures.traces.habits import rhythm
from privaudit.measures.traces.two_covariance import TwoCovariance, fit_two_covariance
from privaudit.release.traces import Traces
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.note import Note

__all__ = ["match_neighbourhoods", "neighbourhood_risk"]

_ASKED, _CROWD = 300, 4_000
# A part of the signature that varies by less is the same for all.
_FLAT = 1e-9
# Parts of a long first period that are looked at.
_MOST_LOOKS = 8


def neighbourhood_risk(traces: Traces, *, hops: int = 2) -> Measures:
    """Return how many people the bare shape of their surroundings singles out.

    All names are gone: what is known is how often somebody interacted (one hop), how often
    those whom they interacted with did (two hops), and so on; direction and time are not used.
    Where items are people too, they are nodes of one kind; otherwise people and items are
    nodes of two kinds. This is the refinement of Hay et al. 2008, exact and without noise;
    whoever also knows times and durations, as in Creţu et al. 2022, does better.

    Parameters
    ----------
    traces : Traces
        Each event is an edge, repeats included.
    hops : int
        1 to 4.

    Returns
    -------
    Measures
        ``singled_out``, a row a number of ``hops``: share of people whom these single out among
        all nodes that could be them; baseline: one hop less (0 = safe). Plain counts of
        everybody.
        ``per_record``: people_{h}, the nodes that look the same, oneself included.

    Examples
    --------
    >>> from privaudit.release.traces import read_traces
    >>> log = pd.DataFrame({"who": list("aabc"), "page": [1, 2, 1, 3]})
    >>> found = neighbourhood_risk(read_traces(log, person="who", item="page"))
    >>> found.per_record.to_dict("list")
    {'people_1': [1, 2, 2], 'people_2': [1, 1, 1]}
    """
    an_instance("neighbourhood_risk", "traces", traces, Traces, "Read a log with read_traces.")
    whole("neighbourhood_risk", "hops", hops, 1, 4)
    node, nodes = _nodes(traces)
    colour = np.zeros(nodes, np.int64)
    if nodes == traces.n_people + traces.n_items:
        colour[traces.n_people :] = 1
    rows = Rows(traces.n_people, traces.counts)
    before = 1.0 if nodes == 1 else 0.0
    columns = {}
    for hop in range(1, hops + 1):
        colour = refine(traces.person, node[traces.item], colour, 1)
        size = class_sizes(colour)[: traces.n_people]
        value = float((size == 1).mean())
        rows.add("singled_out", value, "share", baseline=before, part={"hops": hop})
        columns[f"people_{hop}"] = size
        before = value
    return trace_result(traces, "neighbourhoods", rows, pd.DataFrame(columns), {"hops": hops})


@in_steps("match_neighbourhoods", parts=3)
@one_thread()
def match_neighbourhoods(
    traces: Traces,
    *,
    at: str | np.datetime64 | None = None,
    hops: int = 2,
    least_confidence: float = 0.5,
    sample: int | None = 1_000,
    seed: int = 7,
) -> Measures:
    """Find people again in a later period by the shape of their interactions alone.

    Every name is replaced between the periods, those of whom or what people interact with too
    (the setting of Creţu et al. 2022; the method is not theirs). What is left is a signature
    of each node (`measures.traces.graph_neighbourhood`). Which of its parts stay with people
    is learnt where names hold, and so is how sure a match may be: from the two halves of the
    later period; or, where the earlier one is at least twice as long, from parts of it that
    are as long as the later one, up to eight, the last of which is what is known of people.
    Where items keep their names, `match_periods` finds more.

    Parameters
    ----------
    traces : Traces
        With times. Read calls and messages with ``items_are_people=True``.
    at : str or datetime64, optional
        First moment of the second period; the median event where not given.
    hops : int
        1: somebody and their ties. 2: also those at the other end.
    least_confidence : float
        A match is claimed where the confidence in it is at least that, in (0, 1]. Before
        looking, the chance is one half that somebody is in the second period at all.
    sample : int, optional
        How many people are looked for, drawn at random; None for everybody.
    seed : int

    Returns
    -------
    Measures
        The rows of `match_periods`: shares of the people of both periods (n), 0 = safe, with
        baseline, control (their node taken out of the second period) and calibration. Not
        reliable where ``matched`` of rank 1 does not beat its baseline.

    Raises
    ------
    ParameterError
        The traces have no time, `at` is no date, nobody is in both periods, or fewer than 100
        people are in two parts of a period that could teach.

    Examples
    --------
    >>> from privaudit.release.traces import read_traces
    >>> rng = np.random.default_rng(1)
    >>> kin = rng.integers(0, 150, (300, 2))
    >>> calls = pd.DataFrame(kin[rng.integers(0, 300, 9_000)], columns=["who", "whom"])
    >>> calls["at"] = pd.Timestamp("2016-03-01") + pd.to_timedelta(np.arange(9_000), unit="h")
    >>> log = read_traces(calls, person="who", item="whom", time="at", items_are_people=True)
    >>> found = match_neighbourhoods(log).row("matched", rank=1)
    >>> found.low > found.baseline
    True
    """
    who = "match_neighbourhoods"
    an_instance(who, "traces", traces, Traces, "Read a log with read_traces.")
    whole(who, "hops", hops, 1, 2)
    in_range(who, "least_confidence", least_confidence, 0, 1, open_low=True)
    moment, before = cut(who, traces, at)
    looks, teachers = _looks(traces, moment, before)
    present, known = _active(traces, ~before), _active(traces, looks[-1])
    asked, shown = np.flatnonzero(present & known), np.flatnonzero(present)
    if not len(asked):
        raise ParameterError(say(who, "somebody with events before and after `at`", "nobody"))
    asked = drawn(who, asked, sample, stream(seed, who))
    model, claims, taught = _learn(traces, teachers, hops)
    step("learnt")
    candidates = _shape(traces, ~before, hops)[shown]
    seen = _shape(traces, looks[-1], hops)[asked]
    step("looks")

    recipe = {
        "at": str(moment),
        "hops": hops,
        "least_confidence": least_confidence,
        "sample": sample,
        "seed": seed,
    }
    learnt = "learnt_before" if len(looks) > 1 else "learnt_in_halves"
    note = Note(learnt, people=taught, directions=len(model.spread))
    blocks = in_blocks(
        asked, shown, lambda part: claims.combine([model.log_odds(seen[part], candidates)])
    )
    outcome = found_again(blocks)
    step("looked for")
    return found_again_result(who, traces, outcome, least_confidence, recipe, note)


def _looks(
    traces: Traces, moment: np.datetime64, before: Bools
) -> tuple[list[Bools], list[tuple[Bools, Bools]]]:
    """Cut the first period in parts as long as the second, the last one last.

    Also returned: pairs of parts that follow each other, in which names hold, to learn from.
    """
    time = traces.known_time("match_neighbourhoods")
    begin = int(moment.astype(np.int64))
    length = max(int(time.max()) - begin + 1, 1)
    parts = min(int((begin - int(time.min())) // length), _MOST_LOOKS)
    if parts < 2:
        middle = np.median(time[~before]) if not before.all() else begin
        return [before], [(~before & (time < middle), ~before & (time >= middle))]
    place = (time - begin) // length
    looks = [place == k for k in range(-parts, 0)]
    return looks, list(pairwise(looks))


def _learn(
    traces: Traces, pairs: list[tuple[Bools, Bools]], hops: int
) -> tuple[TwoCovariance, Claims, int]:
    """Some people teach what stays with a person, the others how far that may be trusted."""
    first, second = [], []
    for pair in pairs:
        both = np.flatnonzero(_active(traces, pair[0]) & _active(traces, pair[1]))
        if len(both) < FEWEST_PEOPLE_TO_LEARN:
            many = f"{FEWEST_PEOPLE_TO_LEARN} people"
            need = f"{many} who are active in two parts of a period to learn from"
            came = f"{len(both):,}"
            raise ParameterError(say("match_neighbourhoods", need, came, "Give longer traces."))
        before, after = (_shape(traces, part, hops)[both] for part in pair)
        first.append(before[both % 2 == 0])
        second.append(after[both % 2 == 0])
    model = fit_two_covariance(np.concatenate(first), np.concatenate(second))
    crowd = np.flatnonzero(both % 2)
    crowd = crowd[np.linspace(0, len(crowd) - 1, min(len(crowd), _CROWD)).astype(np.int64)]
    right = np.linspace(0, len(crowd) - 1, min(len(crowd), _ASKED)).astype(np.int64)
    scores = model.log_odds(before[crowd[right]], after[crowd])
    return model, learn_claims([scores], right), len(both)


def _nodes(traces: Traces) -> tuple[Ints, int]:
    """Return the node of each item, and how many there are.

    Items that are people of the log are those nodes; all others come after the people.
    """
    node = traces.item_person.astype(np.int64)
    outside = node < 0
    node[outside] = traces.n_people + np.arange(int(outside.sum()))
    return node, traces.n_people + int(outside.sum())


def _active(traces: Traces, events: Bools) -> Bools:
    """Which people have an event, from either end."""
    ends = traces.item_person[traces.item[events]]
    seen = np.zeros(traces.n_people, bool)
    seen[traces.person[events]] = True
    seen[ends[ends >= 0]] = True
    return seen


def _shape(traces: Traces, events: Bools, hops: int) -> Floats:
    """Signatures of the people, from some events."""
    node, nodes = _nodes(traces)
    source, target = traces.person[events].astype(np.int64), node[traces.item[events]]
    time = traces.known_time("match_neighbourhoods")[events]
    hours = rhythm(np.tile(time, 2), np.concatenate([source, target]), nodes)
    shape = signatures(source, target, nodes, hops, hours)[: traces.n_people]
    # Longer looks have larger counts, less apart: compare people with others of their look.
    active = _active(traces, events)
    spread = shape[active].std(axis=0)
    shape = (shape - shape[active].mean(axis=0)) / np.where(spread > _FLAT, spread, 1.0)
    return np.asarray(shape * active[:, None])
