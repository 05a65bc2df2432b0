"""Match people between two periods by what they did in each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit.core.checks import Bools, Ints, an_instance, in_range, shown
from privaudit.core.progress import in_steps, step
from privaudit.core.reproducible import one_thread, stream
from privaudit.errors import ParameterError
from privaudit.release.read_traces import Traces
from privaudit.results.measures import Measures
from privaudit.traces.reidentification import (
    Profiles,
    learn_matcher,
    matching_result,
    rank_candidates,
    rhythm,
    score_blocks,
)
from privaudit.traces.unicity import sample_people
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
