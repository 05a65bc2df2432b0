"""Published figures on traces, on open set-ups of the same size: one line of docs/traces.md each.

    python benchmarks/published_traces.py montjoye

The data of these studies cannot be had. `open_traces.py` makes data of the same size from laws
in print; what is not in print is an assumption. Where a figure depends on the authors' data it
cannot be expected to come out, and docs/traces.md says why it does not.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import open_traces as made
import pandas as pd

from privaudit.core.reproducible import stream
from privaudit.release.read_traces import Traces
from privaudit.stats.intervals import wilson
from privaudit.traces.home_work import home_work_risk
from privaudit.traces.periods import match_neighbourhoods
from privaudit.traces.reidentification import (
    CandidateRanks,
    Profiles,
    chance_of_rank,
    learn_matcher,
    rank_candidates,
)
from privaudit.traces.scoreboard import EventIndex, best_match, scores
from privaudit.traces.unicity import compress, invert, others_left, singled_out

DAY = 86_400


def share(name: str, gains: np.ndarray) -> list[tuple[str, float, float, float, int]]:
    """A mean over people with its interval, as a line to print."""
    mean = float(np.mean(gains))
    low, high = wilson(mean, len(gains))
    return [(name, mean, float(low), float(high), len(gains))]


def montjoye(people: int = 1_500_000, targets: int = 5_000, sigma: float = 1.0):
    """Four known points of 1.5 million people over 15 months, by the hour, 6,500 antennas.

    Events are a Poisson process, so that they may be drawn at the points that are asked about
    alone: the result is that of the whole log, of some 2.6 thousand million events.
    """
    antennas, months, chunk = 6_500, 15, 50_000
    hours = int(months * 365.25 / 12 * 24)
    week = made.hours_of_a_week()
    masts = made.Masts.made(antennas, stream(1, "masts"))

    def part(first: int) -> made.Visitors:
        size = min(chunk, people - first)
        return made.Visitors.made(masts, size, months, stream(1, "people", first), sigma)

    asked = np.sort(stream(1, "targets").choice(people, targets, replace=False))
    traces, whole, kept = [], [], []
    for first in range(0, people, chunk):
        here = asked[(asked >= first) & (asked < first + chunk)]
        visitors = part(first) if len(here) else None
        for target in here:
            rng = stream(1, "trace", int(target))
            own = slice(*visitors.start[target - first : target - first + 2])
            often = rng.poisson(visitors.rate[own])
            where = np.repeat(visitors.antenna[own].astype(np.int64), often)
            when = rng.choice(168, len(where), p=week / 168)
            when = when + 168 * rng.integers(0, hours // 168, len(where))
            points = np.unique(where * hours + when)
            if len(points) >= 4:
                kept.append(target)
                whole.append(points)
                traces.append(rng.choice(points, 4, replace=False))
    asked, known = np.array(kept), np.array(traces)
    code, inverse = np.unique(known, return_inverse=True)
    inverse = inverse.reshape(known.shape)
    mast, hour = code // hours, code % hours
    # Those who are asked about have their whole traces; all others are drawn where it matters.
    owner, points = np.repeat(asked, [len(one) for one in whole]), np.concatenate(whole)
    place = np.minimum(np.searchsorted(code, points), len(code) - 1)
    held = code[place] == points
    who, what = [owner[held]], [place[held]]
    for first in range(0, people, chunk):
        visitors = part(first)
        order = np.argsort(visitors.antenna, kind="stable")
        begin = np.searchsorted(visitors.antenna[order], np.arange(antennas + 1))
        size = begin[mast + 1] - begin[mast]
        point = np.repeat(np.arange(len(code)), size)
        entry = order[np.repeat(begin[mast] - np.cumsum(size) + size, size) + np.arange(len(point))]
        rate = visitors.rate[entry] * week[hour[point] % 168] / (hours // 168 * 168)
        seen = stream(1, "seen", first).random(len(rate)) < -np.expm1(-rate)
        one = first + np.searchsorted(visitors.start, entry[seen], side="right") - 1
        other = ~np.isin(one, asked)
        who.append(one[other])
        what.append(point[seen][other])
    indptr, rows = compress(np.concatenate(who), np.concatenate(what), people, len(code))
    start, having = invert(indptr, rows, len(code))
    lines = []
    for p in (1, 2, 3, 4):
        alone = singled_out(indptr, rows, start, having, asked, inverse[:, :p])
        lines += share(f"unicity_{p}", alone)
    wrong = others_left(start, having, asked[:1_000], inverse[:1_000]) == 1
    return lines + share("unicity_4_control", wrong)


def netflix(targets: int = 500, points: int = 8, wrong: int = 2, days: float = 14):
    """Eight ratings of which two are wrong, dates within 14 days: 480,189 x 17,770."""
    start, person, day, stars = made.ratings(stream(1, "ratings"))
    people = 480_189
    print(f"# {len(person):,} ratings; a person {len(person) / people:.0f}; a film: ", end="")
    sizes = np.diff(start)
    print(f"mean {sizes.mean():.0f}, median {np.median(sizes):.0f}, most {sizes.max():,}")
    index = EventIndex(start=start, person=person, time=day, value=stars, n_people=people)
    amount = np.bincount(person, minlength=people)
    rng = stream(1, "memories")
    asked = np.sort(rng.choice(np.flatnonzero(amount >= points), targets, replace=False))
    # One pass for the events of those who are asked about.
    mine = np.flatnonzero(np.isin(person, asked))
    mine = mine[np.argsort(person[mine], kind="stable")]
    film = np.searchsorted(start, mine, side="right") - 1
    indptr = np.append(np.searchsorted(person[mine], asked), len(mine))
    found, mistaken, gone, best = (np.zeros(targets) for _ in range(4))
    for k, target in enumerate(asked):
        chosen = rng.choice(np.arange(indptr[k], indptr[k + 1]), points, replace=False)
        event, item = mine[chosen], film[chosen]
        # As in the paper, a wrong one is a film that was rated, with another date and rating.
        when = day[event] + rng.uniform(-days, days, points)
        rated = stars[event].astype(float)
        when[:wrong] = rng.uniform(0, 2_243, wrong)
        rated[:wrong] = rng.integers(1, 6, wrong)
        for absent in (-1, int(target)):
            who, score = scores(
                index, item, when, rated, time_scale=30, value_scale=1.5, without=absent
            )
            top, lead = best_match(who, score, people)
            if absent >= 0:
                gone[k] = lead >= 1.5 and len(top) == 1
            else:
                claimed = lead >= 1.5 and len(top) == 1
                best[k] = target in top and 1 / len(top)
                found[k], mistaken[k] = claimed and target in top, claimed and target not in top
    return (
        share("reidentified", found)
        + share("best_match", best)
        + share("wrong_claim", mistaken)
        + share("claim_when_absent", gone)
    )


def matched(outcome: CandidateRanks):
    """Lines of a search among candidates: rank, claims, control."""
    sure = outcome.sure >= 0.5
    return (
        share("matched_first", chance_of_rank(outcome.better, outcome.ties, 1))
        + share("reidentified", sure * outcome.right)
        + share("claim_when_absent", outcome.sure_when_absent >= 0.5)
    )


def looked_for(before, halves, targets: int):
    """Learn from two halves of a later period, and look for people of an earlier one."""
    nothing = np.empty((before.shape[0], 0))
    release = Profiles(counts=halves[0] + halves[1], rhythm=nothing, days=2.0)
    matcher = learn_matcher(
        release, tuple(Profiles(counts=half, rhythm=nothing) for half in halves)
    )
    both = (np.diff(before.indptr) > 0) & (np.diff(release.counts.indptr) > 0)
    asked = np.sort(stream(1, "asked").choice(np.flatnonzero(both), targets, replace=False))
    step = max(1, (1 << 22) // before.shape[0])

    def blocks():
        for top in range(0, targets, step):
            rows = asked[top : top + step]
            known = Profiles(counts=before[rows], rhythm=nothing[rows], days=2.0)
            # Everybody stands in both, so that the right one has the same place.
            yield matcher.scores(known), rows

    return matched(rank_candidates(blocks()))


def locations(people: int = 500_000, targets: int = 500):
    """Antennas that people use in two months, one after the other."""
    antennas = 6_500
    masts = made.Masts.made(antennas, stream(1, "masts"))
    visitors = made.Visitors.made(masts, people, 2, stream(1, "people"))
    rng = stream(1, "events")
    before, first, second = (visitors.counts(antennas, part, rng) for part in (0.5, 0.25, 0.25))
    del visitors, masts
    return looked_for(before, (first, second), targets)


def groceries(people: int = 85_000, targets: int = 1_000):
    """Baskets: the first half of somebody's orders, and the second."""
    from scipy.sparse import csr_array

    person, order, orders, item = made.groceries(people, stream(1, "groceries"))
    part = order * 4 // orders[person]
    shape = (people, 49_688)
    before, first, second = (
        csr_array((np.ones(int(rows.sum())), (person[rows], item[rows])), shape=shape)
        for rows in (part < 2, part == 2, part == 3)
    )
    return looked_for(before, (first, second), targets)


def calls(people: int = 40_000, targets: int = 1_000, hops: int = 2, weeks: int = 1):
    """Calls of one week and of the next, every name replaced, learnt in the weeks before."""
    source, target, second = made.calls(people, 5 * weeks, stream(1, "calls"))
    order = np.lexsort([second, target, source])
    traces = Traces(
        person=source[order].astype(np.int32),
        item=target[order].astype(np.int32),
        time=second[order],
        value=None,
        n_people=people,
        n_items=people,
        item_person=np.arange(people),
        provenance="simulated",
    )
    last = np.datetime64((4 + 7 * 4 * weeks) * DAY, "s")
    found = match_neighbourhoods(traces, at=last, hops=hops, sample=targets)
    first, claimed = found.row("matched", rank=1), found.row("reidentified")
    low, high = wilson(claimed.control, claimed.n)
    return [
        ("matched_first", first.value, first.low, first.high, int(first.n)),
        ("reidentified", claimed.value, claimed.low, claimed.high, int(claimed.n)),
        ("claim_when_absent", claimed.control, low, high, int(claimed.n)),
    ]


def homes(part: float = 0.1):
    """Home and work by block, tract and county, of the workers of a tenth of all counties."""
    sizes: dict[str, list[np.ndarray]] = {"block": [], "tract": [], "county": []}
    for some in made.commuters(part, stream(1, "commuters")):
        people = len(some.county)
        for level, found in sizes.items():
            # Twice at home, once at work: the home is the place that comes first.
            places = np.concatenate(
                [some.home[level], some.home[level], some.work[level] + (1 << 40)]
            )
            item = np.unique(places, return_inverse=True)[1].astype(np.int32)
            who = np.tile(np.arange(people, dtype=np.int32), 3)
            order = np.lexsort([item, who])
            traces = Traces(
                person=who[order], item=item[order], time=None, value=None, n_people=people,
                n_items=int(item.max()) + 1, item_person=np.full(int(item.max()) + 1, -1),
            )  # fmt: skip
            found.append(home_work_risk(traces).per_record["people_2"].to_numpy())
    return [median_of_counties(level, found) for level, found in sizes.items()]


def median_of_counties(level: str, found: list[np.ndarray]):
    """The median over people, and its interval: counties were drawn, not people (bootstrap)."""
    size, many, county = [], [], []
    for k, one in enumerate(found):
        values, counts = np.unique(one, return_counts=True)
        size.append(values)
        many.append(counts)
        county.append(np.full(len(values), k))
    size, many, county = (np.concatenate(part) for part in (size, many, county))
    order = np.argsort(size, kind="stable")
    size, many, county = size[order], many[order], county[order]

    def median(times: np.ndarray) -> float:
        weight = np.cumsum(many * times[county])
        return float(size[np.searchsorted(weight, weight[-1] / 2)])

    rng = stream(1, "bootstrap", level)
    drawn = rng.multinomial(len(found), np.full(len(found), 1 / len(found)), 400)
    low, high = np.quantile([median(times) for times in drawn], [0.025, 0.975])
    whole = median(np.ones(len(found), int))
    return f"median people, {level}", whole, low, high, int(many.sum())


RUNS = {
    "montjoye": montjoye,
    "netflix": netflix,
    "locations": locations,
    "groceries": groceries,
    "calls": calls,
    "homes": homes,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", choices=RUNS)
    parser.add_argument("--sigma", type=float, help="montjoye: spread of activity (log)")
    parser.add_argument("--points", type=int, help="netflix: ratings that are remembered")
    parser.add_argument("--wrong", type=int, help="netflix: how many of them are wrong")
    parser.add_argument("--days", type=int, help="netflix: by how much dates may be off")
    parser.add_argument("--hops", type=int, help="calls: 1 or 2")
    parser.add_argument("--weeks", type=int, help="calls: length of either look")
    parser.add_argument("--people", type=int, help="another size than the published one")
    given = vars(parser.parse_args())
    run = RUNS[given.pop("study")]
    began = time.perf_counter()
    lines = run(**{name: value for name, value in given.items() if value is not None})
    seconds = time.perf_counter() - began
    table = pd.DataFrame(lines, columns=["measure", "value", "low", "high", "n"])
    print(table.round(4).to_string(index=False))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"# {seconds:.0f} s, {peak:.1f} GB at most")


if __name__ == "__main__":
    main()
