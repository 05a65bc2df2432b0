"""Home and workplace: how many people share somebody's two most visited places."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit._core.checks import an_instance
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.rows import Rows
from privaudit.exposure.traces.uniqueness import trace_result
from privaudit.measures.traces.graph_neighbourhood import class_sizes
from privaudit.release.traces import Traces

__all__ = ["home_work_risk"]


def home_work_risk(traces: Traces) -> Measures:
    """Return how many people share somebody's two most visited places.

    The most frequent item of a person stands for the home, the second for the workplace; of
    equally frequent ones, the first in the order of the items. Read the traces at several
    resolutions of place to see the anonymity set grow (Golle and Partridge 2009).

    Returns
    -------
    Measures
        ``pair_alone`` and ``home_alone``: share of people whom the pair, or the home alone,
        tells from all others (0 = safe; the baseline of the pair is the home); and the
        medians over people of the number of people who share them, ``pair_people_median``,
        ``home_people_median``. Plain counts of everybody. ``per_record``: pair_people,
        home_people.

    Examples
    --------
    >>> from privaudit.release.traces import read_traces
    >>> log = pd.DataFrame({"who": list("aaabbbcc"), "cell": [1, 1, 2, 1, 1, 3, 1, 2]})
    >>> found = home_work_risk(read_traces(log, person="who", item="cell"))
    >>> found.per_record["pair_people"].tolist()
    [2, 1, 2]
    """
    an_instance("home_work_risk", "traces", traces, Traces, "Read a log with read_traces.")
    key = traces.person * np.int64(traces.n_items) + traces.item
    pair, count = np.unique(key, return_counts=True)
    person, item = pair // traces.n_items, pair % traces.n_items
    order = np.lexsort([item, -count, person])
    start = np.zeros(traces.n_people + 1, np.int64)
    np.cumsum(np.bincount(person, minlength=traces.n_people), out=start[1:])
    places = item[order]
    home = places[start[:-1]]
    second = start[:-1] + 1
    has_second = second < start[1:]
    work = np.where(has_second, places[np.minimum(second, len(places) - 1)], -1)
    sizes = {
        "home": class_sizes(home),
        "pair": class_sizes(home * (traces.n_items + 1) + work + 1),
    }
    table = Rows(traces.n_people)
    alone = {name: float((size == 1).mean()) for name, size in sizes.items()}
    few = int((~has_second).sum())
    people = "1 person has" if few == 1 else f"{few:,} people have"
    note = f"{people} one place only" if few else ""
    table.add("pair_alone", alone["pair"], "share of people", note, baseline=alone["home"])
    table.add("home_alone", alone["home"], "share of people")
    for name in ("pair", "home"):
        table.add(f"{name}_people_median", float(np.median(sizes[name])), "people")
    per_record = pd.DataFrame({f"{name}_people": sizes[name] for name in ("pair", "home")})
    return trace_result(traces, "home_work_risk", table, per_record, {})
