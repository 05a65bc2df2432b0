"""Home and workplace pairs: the anonymity set of a person's two most visited places."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit.core.checks import an_instance
from privaudit.release.read_traces import Traces
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats.csr import row_starts
from privaudit.traces.periods import class_sizes
from privaudit.traces.unicity import trace_result
from privaudit.words.catalogues import Note


def home_work_risk(traces: Traces) -> Measures:
    """Return the number of people who share a person's two most visited places.

    The most frequent item of a person stands for the home, the second for the workplace; of
    equally frequent ones, the first in the order of the items. Read the traces at several
    resolutions of place to see the anonymity set grow.

    Parameters
    ----------
    traces : Traces
        Each event is a visit; its item is the place.

    Returns
    -------
    Measures
        ``alone``: share of people with a unique set of ``places``, 2 or 1 (0 = safe; the
        baseline of two is one); ``people_median``: the median over people of the size of the
        anonymity set. A census: no interval. ``per_record``: people_2, people_1.

    References
    ----------
    Golle and Partridge (2009).

    Examples
    --------
    >>> from privaudit.release.read_traces import read_traces
    >>> log = pd.DataFrame({"who": list("aaabbbcc"), "cell": [1, 1, 2, 1, 1, 3, 1, 2]})
    >>> risk = home_work_risk(read_traces(log, person="who", item="cell"))
    >>> risk.per_record["people_2"].tolist()
    [2, 1, 2]
    """
    an_instance("home_work_risk", "traces", traces, Traces, "Read a log with read_traces.")
    key = traces.person * np.int64(traces.n_items) + traces.item
    pair, count = np.unique(key, return_counts=True)
    person, item = pair // traces.n_items, pair % traces.n_items
    order = np.lexsort([item, -count, person])
    start = row_starts(person, traces.n_people)
    places = item[order]
    home = places[start[:-1]]
    second = start[:-1] + 1
    has_second = second < start[1:]
    work = np.where(has_second, places[np.minimum(second, len(places) - 1)], -1)
    sizes = {2: class_sizes(home * (traces.n_items + 1) + work + 1), 1: class_sizes(home)}
    rows = Rows(traces.n_people, traces.counts)
    alone = {places: float((size == 1).mean()) for places, size in sizes.items()}
    few = int((~has_second).sum())
    notes = {2: [Note("one_place_only", people=few)] if few else [], 1: []}
    blind = {2: alone[1], 1: float(traces.n_people == 1)}
    for known in sizes:
        part = {"places": known}
        rows.add("alone", alone[known], "share", notes[known], baseline=blind[known], part=part)
    for known, size in sizes.items():
        rows.add("people_median", float(np.median(size)), "people", part={"places": known})
    per_record = pd.DataFrame({f"people_{known}": size for known, size in sizes.items()})
    return trace_result(traces, "home_work", rows, per_record, {})
