"""Match people between two periods, by what they did in each or by their neighbourhoods alone.

Structural re-identification in an interaction graph: vertex refinement counts who is unique within
one period (Hay et al. 2008); signatures match nodes between two (the setting of Creţu et al. 2022).
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from numpy.typing import ArrayLike

from privaudit.core.checks import Bools, Floats, Ints, an_instance, in_range, shown, whole
from privaudit.core.progress import in_steps, step
from privaudit.core.reproducible import one_thread, stream
from privaudit.core.thresholds import FEWEST_PEOPLE_TO_LEARN
from privaudit.errors import ParameterError
from privaudit.release.read_traces import Traces
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats.csr import row_starts
from privaudit.traces.reidentification import (
    ASKED,
    CROWD,
    Claims,
    Profiles,
    TwoCovariance,
    fit_two_covariance,
    learn_claims,
    learn_matcher,
    matching_result,
    rank_candidates,
    rhythm,
    score_blocks,
    spaced,
)
from privaudit.traces.unicity import sample_people, trace_result
from privaudit.words.catalogues import Note


@in_steps("match_periods", parts=3)
@one_thread(learning=False)
def match_periods(
    traces: Traces,
    *,
    at: str | np.datetime64 | None = None,
    least_confidence: float = 0.5,
    sample: int | None = 1_000,
    seed: int = 7,
) -> Measures:
    """Match people between two periods by what they did in each.

    The later period is the release, under fresh pseudonyms; the earlier one is the adversary's
    knowledge of people by name, and no event is in both (the setting of Tournier and de Montjoye
    2022; the method is not theirs). Items mean the same in both. Two scores are combined: items
    that recur, rare ones above all (Dirichlet-multinomial odds), and taste, amount and hours
    (latent directions of the items, with two-covariance odds). Their weights, and the
    calibration of the confidence, are learnt from the two halves of the release, without a name.

    Parameters
    ----------
    traces : Traces
        With times.
    at : str or datetime64, optional
        First moment of the second period, such as ``"2016-09-01"``; the median event where
        not given.
    least_confidence : float
        A match is claimed from this confidence on, in (0, 1]. The prior probability that a person
        is in the second period is one half.
    sample : int, optional
        People to sample; None for everybody.
    seed : int

    Returns
    -------
    Measures
        Shares of the people of both periods who were sampled (n), 0 = safe:

        - ``matched``, of ``rank`` 1 or 10: the right candidate is among the first 1 or 10 of all
          people of the second period, ties at random. Baseline: 1, or 10, out of these.
        - ``reidentified`` and ``wrong_claim``: claimed and right; claimed and another person. The
          control of ``reidentified``: a claim although their trace was taken out of the second
          period, which cannot be right. ``right_when_claimed``: the share of right claims (n:
          claims).
        - ``calibration_error``: expected calibration error of the confidence, 0 = calibrated.

        Not reliable where ``matched`` of rank 1 does not beat its baseline. ``per_record``: the
        success probabilities of each person, matched_1 and matched_10, and the confidence in the
        best match.

    Raises
    ------
    ParameterError
        The traces have no time, `at` is no date, or nobody is in both periods.

    References
    ----------
    Tournier and de Montjoye (2022), the setting.

    Examples
    --------
    Each keeps to one page.

    >>> from privaudit.release.read_traces import read_traces
    >>> log = pd.DataFrame({"who": list("abcabc"), "page": list("xyzxyz")})
    >>> log["at"] = pd.to_datetime(["2016-05-01"] * 3 + ["2016-06-01"] * 3)
    >>> result = match_periods(read_traces(log, person="who", item="page", time="at"))
    >>> result.value("matched", rank=1), round(result.row("matched", rank=1).baseline, 2)
    (1.0, 0.33)
    """
    who = "match_periods"
    an_instance(who, "traces", traces, Traces, "Read a log with read_traces.")
    in_range(who, "least_confidence", least_confidence, 0, 1, open_low=True)
    moment, before = cut(who, traces, at)
    earlier, shown = (np.unique(traces.person[part]) for part in (before, ~before))
    asked = people_of_both(who, earlier, shown, sample, seed)
    release, halves = _release(traces, ~before, shown)
    step("profiles")
    matcher = learn_matcher(release, halves)
    step("learnt")
    known = _profiles(traces, before, asked)
    choices = {"least_confidence": least_confidence, "sample": sample, "seed": seed}
    recipe = {"at": str(moment), **choices}
    blocks = score_blocks(asked, shown, lambda part: matcher.scores(known.rows(part)))
    outcome = rank_candidates(blocks)
    step("looked for")
    taught = Note("learnt_without_names", people=matcher.taught)
    note = taught if matcher.taught else Note("too_few_to_learn_from")
    return matching_result(who, traces, outcome, least_confidence, recipe, note)


def cut(who: str, traces: Traces, at: str | np.datetime64 | None) -> tuple[np.datetime64, Bools]:
    """Return the moment at which the second period begins, and which events are before it."""
    time = traces.known_time(who)
    if at is None:
        moment = np.datetime64(int(np.median(time)), "s")
    else:
        moment = pd.to_datetime(str(at), errors="coerce").to_datetime64().astype("datetime64[s]")
    if np.isnat(moment):
        raise ParameterError.of(who, "at a date", shown("at", at), "Write 2016-09-01.")
    return moment, time < moment.astype(np.int64)


def people_of_both(who: str, first: Ints, second: Ints, sample: int | None, seed: int) -> Ints:
    """Return the people of both periods, sampled."""
    asked = np.intersect1d(first, second)
    if not len(asked):
        raise ParameterError.of(who, "somebody with events before and after `at`", "nobody")
    return sample_people(who, asked, sample, stream(seed, who))


def _release(
    traces: Traces, later: Bools, people: Ints
) -> tuple[Profiles, tuple[Profiles, Profiles]]:
    """Return the profiles of the second period, and of its halves by time."""
    time = traces.known_time("match_periods")
    middle = np.median(time[later])
    halves = later & (time < middle), later & (time >= middle)
    first, second = (_profiles(traces, half, people) for half in halves)
    return _profiles(traces, later, people), (first, second)


def _profiles(traces: Traces, events: Bools, people: Ints) -> Profiles:
    """Return the profiles of some people over some events, in ascending order of people."""
    from scipy.sparse import csr_array

    events = events & np.isin(traces.person, people)
    row = np.searchsorted(people, traces.person[events])
    shape = (len(people), traces.n_items)
    # Building a sparse matrix from pairs adds up the pairs that repeat.
    counts = csr_array((np.ones(len(row)), (row, traces.item[events])), shape=shape)
    counts.sort_indices()
    time = traces.known_time("match_periods")[events]
    days = (time.max() - time.min()) / 86_400 if len(time) else 0.0
    return Profiles(counts=counts, rhythm=rhythm(time, row, len(people)), days=float(days))


def refine(source: ArrayLike, target: ArrayLike, colour: ArrayLike, hops: int) -> np.ndarray:
    """Return colours of nodes refined by their neighbourhood, hop after hop.

    After each hop, two nodes have one colour only where they had one before and the multisets of
    their neighbours' colours are equal. With one colour at the start, one hop is the degree and two
    hops are the degrees of the neighbours: the vertex refinement queries H1 and H2 of Hay et al.
    2008.

    Parameters
    ----------
    source, target : int, shape (edges,)
        Both ends of each edge, codes from 0. A repeated edge counts twice.
    colour : int, shape (nodes,)
        Initial colour of each node.
    hops : int
        0 or more.

    Returns
    -------
    int64, shape (nodes,)
        Colours from 0; equal for indistinguishable nodes.

    References
    ----------
    Hay et al. (2008).

    Examples
    --------
    A path of five: its ends, their neighbours, its middle.

    >>> refine([0, 1, 2, 3], [1, 2, 3, 4], [0] * 5, 1).tolist()
    [0, 1, 1, 1, 0]
    >>> refine([0, 1, 2, 3], [1, 2, 3, 4], [0] * 5, 2).tolist()
    [0, 1, 2, 1, 0]
    """
    tail, head = np.asarray(source, np.int64), np.asarray(target, np.int64)
    node = np.concatenate([tail, head])
    neighbour = np.concatenate([head, tail])
    now = np.unique(np.asarray(colour), return_inverse=True)[1].astype(np.int64)
    start = row_starts(node, len(now))
    for _ in range(hops):
        colours = now[neighbour]
        colours = colours[np.lexsort([colours, node])]
        names: dict[tuple[int, bytes], int] = {}
        now = np.array(
            [
                names.setdefault((own, colours[start[k] : start[k + 1]].tobytes()), len(names))
                for k, own in enumerate(now.tolist())
            ],
            np.int64,
        )
    return now


def class_sizes(colour: ArrayLike) -> np.ndarray:
    """Return, for each node, the number of nodes of its colour, itself included.

    Parameters
    ----------
    colour : int, shape (n,)
        Colour of each node, from `refine`.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> class_sizes([0, 1, 1, 1, 0]).tolist()
    [2, 3, 3, 3, 2]
    """
    _, code, size = np.unique(np.asarray(colour), return_inverse=True, return_counts=True)
    return size[code]


_TOP_TIES, _TOP_OTHERS = 5, 3
# Steps from neighbour to neighbour beyond which triangles are not counted: some gigabytes.
_MOST_STEPS = 1 << 27


class _Ties(NamedTuple):
    """Ties of each node, in both directions: nodes ascending, the strongest tie first."""

    start: Ints
    node: Ints
    other: Ints
    sent: Floats
    received: Floats
    rank: Ints

    @property
    def strength(self) -> Floats:
        """Return the strength of each tie."""
        return self.sent + self.received


def signatures(
    source: Ints, target: Ints, nodes: int, hops: int, rhythm: Floats | None = None
) -> Floats:
    """Return structural features of each node's neighbourhood, without names.

    Amount, degree, evenness and hours of its interactions (one hop), and the same of its
    neighbours, the most frequent ones first (two hops). These features persist between periods
    while all pseudonyms change: the setting of Creţu et al. 2022, who learn them with a neural
    network.

    Parameters
    ----------
    source, target : int, shape (events,)
        Ends of each interaction, codes from 0; repeats count.
    nodes : int
        Number of nodes.
    hops : int
        1: the node and its ties; 2: also the nodes at the other end.
    rhythm : float array, shape (nodes, d), optional
        Share of each node's events at each kind of hour.

    Returns
    -------
    float array, shape (nodes, features)
        Counts as ``ln(1 + count)``, centred on the mean of the nodes with an event; zero for a
        node without any.

    References
    ----------
    Creţu et al. (2022).

    Examples
    --------
    A star of three leaves: the leaves look alike, its centre does not.

    >>> shape = signatures(np.array([0, 0, 0]), np.array([1, 2, 3]), 4, hops=2)
    >>> np.allclose(shape[1], shape[2]), np.allclose(shape[0], shape[1])
    (True, False)
    """
    ties = _ties(source, target, nodes)
    sent, received = (np.bincount(ends, minlength=nodes).astype(float) for ends in (source, target))
    degree = np.diff(ties.start).astype(float)
    mutual = _sum(ties, (ties.sent > 0) & (ties.received > 0))
    once = _sum(ties, ties.strength == 1)
    own = np.log1p(np.column_stack([sent, received, degree, mutual, once]))
    hours = np.empty((nodes, 0)) if rhythm is None else np.sqrt(rhythm)
    parts = [own, _strongest(ties, ties.strength[:, None], _TOP_TIES), _evenness(ties), hours]
    if hops > 1:
        triangles = np.log1p(_triangles(ties, nodes))[:, None]
        around = np.column_stack([own[:, :4], triangles, hours])
        parts += [
            triangles,
            np.log1p(_sum(ties, degree[ties.other]))[:, None],
            *_others(ties, around),
            _strongest(ties, np.expm1(around[ties.other, :4]), _TOP_OTHERS),
        ]
    features = np.hstack(parts)
    active = degree > 0
    features -= features[active].mean(axis=0) if active.any() else 0.0
    features[~active] = 0.0
    return features


def _ties(source: Ints, target: Ints, nodes: int) -> _Ties:
    """Return the ties between nodes with counts of both directions; self-loops are dropped."""
    real = source != target
    tail, head = source[real].astype(np.int64), target[real].astype(np.int64)
    key = np.concatenate([tail * nodes + head, head * nodes + tail])
    pair, code = np.unique(key, return_inverse=True)
    half = len(tail)
    sent = np.bincount(code[:half], minlength=len(pair)).astype(float)
    received = np.bincount(code[half:], minlength=len(pair)).astype(float)
    node, end = pair // nodes, pair % nodes
    # Ties of equal strength are ordered by features, never by node code: codes are names, which
    # the attack does not have.
    looks = [np.bincount(ends, minlength=nodes)[end] for ends in (source, target, node)]
    looks.append(np.bincount(node, (sent > 0) & (received > 0), nodes)[end])
    order = np.lexsort([*looks, -sent, -(sent + received), node])
    start = row_starts(node, nodes)
    rank = np.arange(len(node)) - start[node[order]]
    return _Ties(start, node[order], end[order], sent[order], received[order], rank)


def _sum(ties: _Ties, value: npt.NDArray[np.generic]) -> Floats:
    """Return the sum of a value by node."""
    return np.bincount(ties.node, value.astype(float), len(ties.start) - 1).astype(float)


def _strongest(ties: _Ties, value: Floats, most: int) -> Floats:
    """Return the values of the strongest ties of each node, 0 where there are fewer."""
    nodes, width = len(ties.start) - 1, value.shape[1]
    table = np.zeros((nodes, most, width))
    first = ties.rank < most
    table[ties.node[first], ties.rank[first]] = np.log1p(value[first])
    return table.reshape(nodes, most * width)


def _evenness(ties: _Ties) -> Floats:
    """Return the entropy of each node's events over its ties, in nats."""
    total = _sum(ties, ties.strength)
    share = ties.strength / total[ties.node]
    return _sum(ties, -share * np.log(share))[:, None]


def _triangles(ties: _Ties, nodes: int) -> Floats:
    """Return the number of linked pairs of neighbours; 0 for all where that costs too much."""
    from scipy.sparse import csr_array

    degree = np.diff(ties.start)
    # A bipartite graph (such as likes) has no triangles.
    sends, receives = (_sum(ties, events > 0) > 0 for events in (ties.sent, ties.received))
    if not (sends & receives).any() or float(degree[ties.other].sum()) > _MOST_STEPS:
        return np.zeros(nodes)
    touch = csr_array((np.ones(len(ties.node)), (ties.node, ties.other)), shape=(nodes, nodes))
    return np.asarray((touch @ touch).multiply(touch).sum(axis=1)).ravel() / 2


def _others(ties: _Ties, around: Floats) -> list[Floats]:
    """Return mean and spread of the neighbours' features, and the mean weighted by strength."""
    from scipy.sparse import csr_array

    def mean(weight: Floats, values: Floats) -> Floats:
        share = weight / np.maximum(_sum(ties, weight), 1e-12)[ties.node]
        table = csr_array((share, (ties.node, ties.other)), shape=(len(values), len(values)))
        return np.asarray(table @ values)

    alike = np.ones(len(ties.node))
    plain = mean(alike, around)
    spread = np.sqrt(np.maximum(mean(alike, around**2) - plain**2, 0.0))
    return [plain, spread, mean(ties.strength, around)]


# A feature that varies by less is constant.
_FLAT = 1e-9
# Parts of a long first period that are used.
_MOST_LOOKS = 8


def neighbourhood_risk(traces: Traces, *, hops: int = 2) -> Measures:
    """Return the share of people whom the structure of their neighbourhood singles out.

    Without any name, the adversary knows how often a person interacted (one hop), how often
    their contacts did (two hops), and so on; direction and time are not used. Where items are
    people too, they are nodes of one kind; otherwise people and items are nodes of two kinds.
    This is the exact refinement of Hay et al. 2008; an adversary who also knows times and
    durations, as in Creţu et al. 2022, does better.

    Parameters
    ----------
    traces : Traces
        Each event is an edge, repeats included.
    hops : int
        1 to 4.

    Returns
    -------
    Measures
        ``singled_out``, a row a number of ``hops``: share of people with a unique neighbourhood
        among all nodes of their kind; baseline: one hop less (0 = safe). A census: no interval.
        ``per_record``: people_{h}, the number of indistinguishable nodes, the person included.

    References
    ----------
    Hay et al. (2008), vertex refinement queries.

    Examples
    --------
    >>> from privaudit.release.read_traces import read_traces
    >>> log = pd.DataFrame({"who": list("aabc"), "page": [1, 2, 1, 3]})
    >>> result = neighbourhood_risk(read_traces(log, person="who", item="page"))
    >>> result.per_record.to_dict("list")
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
@one_thread(learning=False)
def match_neighbourhoods(
    traces: Traces,
    *,
    at: str | np.datetime64 | None = None,
    hops: int = 2,
    least_confidence: float = 0.5,
    sample: int | None = 1_000,
    seed: int = 7,
) -> Measures:
    """Match people between two periods by the structure of their interactions alone.

    All pseudonyms change between the periods, those of the items too (the setting of Creţu et
    al. 2022; the method is not theirs). What is compared is a signature of each node
    (`signatures`). The weights of its features, and the calibration of the confidence, are
    learnt where pseudonyms hold: from the two halves of the later period; or, where the earlier
    one is at least twice as long, from parts of it as long as the later one, up to eight, the
    last of which is the adversary's knowledge. Where items keep their names, `match_periods`
    finds more.

    Parameters
    ----------
    traces : Traces
        With times. Read calls and messages with ``items_are_people=True``.
    at : str or datetime64, optional
        First moment of the second period; the median event where not given.
    hops : int
        1: a person and their ties. 2: also their contacts.
    least_confidence : float
        A match is claimed from this confidence on, in (0, 1]. The prior probability that a person
        is in the second period is one half.
    sample : int, optional
        People to sample; None for everybody.
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
        people are in two parts of a period to learn from.

    References
    ----------
    Creţu et al. (2022), the setting.

    Examples
    --------
    >>> from privaudit.release.read_traces import read_traces
    >>> rng = np.random.default_rng(1)
    >>> kin = rng.integers(0, 150, (300, 2))
    >>> calls = pd.DataFrame(kin[rng.integers(0, 300, 9_000)], columns=["who", "whom"])
    >>> calls["at"] = pd.Timestamp("2016-03-01") + pd.to_timedelta(np.arange(9_000), unit="h")
    >>> log = read_traces(calls, person="who", item="whom", time="at", items_are_people=True)
    >>> result = match_neighbourhoods(log).row("matched", rank=1)
    >>> result.low > result.baseline
    True
    """
    who = "match_neighbourhoods"
    an_instance(who, "traces", traces, Traces, "Read a log with read_traces.")
    whole(who, "hops", hops, 1, 2)
    in_range(who, "least_confidence", least_confidence, 0, 1, open_low=True)
    moment, before = cut(who, traces, at)
    looks, teachers = _looks(traces, moment, before)
    present, known = _active(traces, ~before), _active(traces, looks[-1])
    shown = np.flatnonzero(present)
    asked = people_of_both(who, np.flatnonzero(known), shown, sample, seed)
    model, claims, taught = _learn(traces, teachers, hops)
    step("learnt")
    candidates = _shape(traces, ~before, hops)[shown]
    queries = _shape(traces, looks[-1], hops)[asked]
    step("looks")

    recipe = {
        "at": str(moment), "hops": hops, "least_confidence": least_confidence, "sample": sample,
        "seed": seed,
    }  # fmt: skip
    learnt = "learnt_before" if len(looks) > 1 else "learnt_in_halves"
    note = Note(learnt, people=taught, directions=len(model.spread))
    blocks = score_blocks(
        asked, shown, lambda part: claims.combine([model.log_odds(queries[part], candidates)])
    )
    outcome = rank_candidates(blocks)
    step("looked for")
    return matching_result(who, traces, outcome, least_confidence, recipe, note)


def _looks(
    traces: Traces, moment: np.datetime64, before: Bools
) -> tuple[list[Bools], list[tuple[Bools, Bools]]]:
    """Return parts of the first period as long as the second, and pairs of parts to learn from."""
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
    """Fit the model on half of the people, and its calibration on the other half."""
    first, second = [], []
    for pair in pairs:
        both = np.flatnonzero(_active(traces, pair[0]) & _active(traces, pair[1]))
        if len(both) < FEWEST_PEOPLE_TO_LEARN:
            need = "people who are active in two parts of a period to learn from"
            need, came = f"{FEWEST_PEOPLE_TO_LEARN} {need}", f"{len(both):,}"
            raise ParameterError.of("match_neighbourhoods", need, came, "Give longer traces.")
        before, after = (_shape(traces, part, hops)[both] for part in pair)
        first.append(before[both % 2 == 0])
        second.append(after[both % 2 == 0])
    model = fit_two_covariance(np.concatenate(first), np.concatenate(second))
    crowd = spaced(np.flatnonzero(both % 2), CROWD)
    right = spaced(np.arange(len(crowd)), ASKED)
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
    """Return which people have an event, from either end."""
    ends = traces.item_person[traces.item[events]]
    active = np.zeros(traces.n_people, bool)
    active[traces.person[events]] = True
    active[ends[ends >= 0]] = True
    return active


def _shape(traces: Traces, events: Bools, hops: int) -> Floats:
    """Return the standardised signatures of the people, from some events."""
    node, nodes = _nodes(traces)
    source, target = traces.person[events].astype(np.int64), node[traces.item[events]]
    time = traces.known_time("match_neighbourhoods")[events]
    hours = rhythm(np.tile(time, 2), np.concatenate([source, target]), nodes)
    shape = signatures(source, target, nodes, hops, hours)[: traces.n_people]
    # Longer parts have larger counts with less spread: standardise within each part.
    active = _active(traces, events)
    spread = shape[active].std(axis=0)
    shape = (shape - shape[active].mean(axis=0)) / np.where(spread > _FLAT, spread, 1.0)
    return np.asarray(shape * active[:, None])
