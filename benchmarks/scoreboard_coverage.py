"""Do the intervals of the scoreboard hold the mean over draws of points, people and threshold?

    python benchmarks/scoreboard_coverage.py --write docs/claims.md
    python benchmarks/scoreboard_coverage.py --log ratings.csv

A log is simulated (or read: columns person, item, time in seconds, value), and many sets of points
are drawn and searched for each of its people. A run takes two of them for each person, or for each
of a sample, and learns its threshold, as `scoreboard` does; their mean is the mean over seeds.
`held` is how often the interval of a run holds it; it says 95 in 100.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd

import privaudit as pa
from privaudit.core.reproducible import stream
from privaudit.release.read_traces import Traces
from privaudit.stats.intervals import wilson
from privaudit.traces.scoreboard import _DAY, _Board, _remember, _Searches, index_events

HEAD = "| log | points, wrong | people scored | measure | mean | deviation | held |\n"
RULE = "|---|---|---|---|---|---|---|\n"
PLACE = re.compile(r"(<!-- scoreboard: begin -->\n).*?(<!-- scoreboard: end -->)", re.DOTALL)
FALSE_CLAIMS = 0.05


def simulated(people: int, films: int = 1_500, seed: int = 11) -> Traces:
    """Ratings of films of Zipf popularity by people of log-normal activity, over three years."""
    rng = np.random.default_rng(seed)
    many = np.clip(np.exp(rng.normal(4.0, 0.8, people)).astype(int), 20, films // 2)
    popular = 1 / np.arange(1, films + 1) ** 0.8
    popular /= popular.sum()
    film = np.concatenate([rng.choice(films, k, replace=False, p=popular) for k in many])
    begun = rng.integers(0, 1_000, people)
    frame = pd.DataFrame(
        {
            "person": np.repeat(np.arange(people), many),
            "item": film,
            "time": np.repeat(begun, many) + rng.exponential(20, len(film)).astype(int),
            "value": np.clip(rng.normal(3.5, 1, len(film)).round(), 1, 5),
        }
    )
    frame["time"] = pd.Timestamp("2005-01-01") + pd.to_timedelta(frame["time"], unit="D")
    return pa.traces.read_traces(frame, person="person", item="item", time="time", value="value")


def searched(traces: Traces, memory: pa.traces.Memory, draws: int) -> _Searches:
    """Search `draws` sets of points of everybody who has enough."""
    indptr = np.searchsorted(traces.person, np.arange(traces.n_people + 1))
    able = np.flatnonzero(np.diff(indptr) >= memory.points)
    index = index_events(
        traces.person, traces.item, traces.time, traces.value, traces.n_people, traces.n_items
    )
    board = _Board(index=index, near=30.0 * _DAY, alike=1.5)
    rng = stream(1, "coverage")
    return _Searches.joined(
        [board.search(_remember(traces, indptr, able, memory, rng), able) for _ in range(draws)]
    )


def runs(found: _Searches, sample: int, count: int) -> dict[str, np.ndarray]:
    """Return value, low and high of each measure, a row a run."""
    rng = np.random.default_rng(3)
    people, draws = found.lead.shape
    lines: dict[str, list[tuple[float, float, float]]] = {"reidentified": [], "least_lead": []}
    for _ in range(count):
        who = np.sort(rng.choice(people, sample, replace=False))
        # Two different draws of each person.
        first = rng.integers(draws, size=sample)
        pair = np.stack([first, (first + rng.integers(1, draws, sample)) % draws], axis=1)
        run = _Searches(*(part[who[:, None], pair] for part in found))
        claims = run.claims(None, FALSE_CLAIMS, sample / people)
        share = float(claims.right.mean())
        low, high = wilson(share, claims.worth.reidentified)
        lines["reidentified"].append((share, float(low), float(high)))
        lines["least_lead"].append((claims.lead, *claims.lead_between))
    return {name: np.array(each) for name, each in lines.items()}


def table(name: str, traces: Traces, draws: int, count: int) -> str:
    """Return the lines of a page for one log."""
    lines = []
    for points, wrong in ((2, 0), (8, 2)):
        found = searched(traces, pa.traces.Memory(points=points, wrong=wrong), draws)
        for sample in (len(found.lead), len(found.lead) // 3):
            for measure, made in runs(found, sample, count).items():
                mean = made[:, 0].mean()
                held = ((made[:, 1] <= mean) & (mean <= made[:, 2])).mean()
                lines.append(
                    f"| {name} | {points}, {wrong} | {sample} of {len(found.lead)} | `{measure}` | "
                    f"{mean:.3f} | {made[:, 0].std(ddof=1):.3f} | {held:.3f} |\n"
                )
                print(lines[-1], end="", flush=True)
    return "".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    if given.log is None:
        name, traces = "simulated", simulated(given.people)
    else:
        frame = pd.read_csv(given.log)
        frame["time"] = pd.to_datetime(frame["time"], unit="s")
        name = given.log.stem
        traces = pa.traces.read_traces(
            frame, person="person", item="item", time="time", value="value"
        )
    lines = table(name, traces, given.draws, given.runs)
    if given.write:
        page = given.write.read_text("utf-8")
        given.write.write_text(
            PLACE.sub(lambda place: place[1] + HEAD + RULE + lines + place[2], page), "utf-8"
        )


if __name__ == "__main__":
    main()
