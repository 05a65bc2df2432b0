"""Membership inference: which people were in the table that a release was made of?

Scores, claims at a false-positive rate and their power; distances (DCR, NNDR) beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.values import Reading
from privaudit.core.checks import Bools, Floats, in_range, whole
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats.calibration import roc_placements
from privaudit.stats.intervals import DEVIATIONS_95, difference_of_shares, wilson
from privaudit.tables.nearest_records import (
    RecordIndex,
    TableMatrix,
    column_scale,
    columns_of,
    table_matrix,
)
from privaudit.tables.singling_out import drawn
from privaudit.words.catalogues import Note


def closeness(to_release: Floats, to_outside: Floats, usual: float = 0.0) -> Floats:
    """Return how much nearer a person is to the release than to people outside it.

    ``outside / (release + outside)`` of the distances to the nearest record of each: that a person
    is like many others brings both near, and is no sign (the calibration of Watson et al. 2022 and
    the density ratio of van Breugel et al. 2023, with one neighbour). Half of the calibration is
    taken back by adding `usual` to the distance outside, which finds more people in noisy, mixed
    and coarsened releases; a hundredth of it to the other, so that of two who stand in the release
    the rarer is surer.

    Parameters
    ----------
    to_release, to_outside : float array, shape (n,)
        0 and up.
    usual : float
        Distance between people outside, such as its median.

    Returns
    -------
    float array
        In [0, 1]; 1: stands in the release, and nobody outside is the same. .5: as near.

    Examples
    --------
    >>> closeness(np.array([0.0, 1.0, 0.0]), np.array([2.0, 1.0, 0.0])).tolist()
    [1.0, 0.5, 0.5]
    """
    outside, release = to_outside + usual, to_release + usual / 100
    both = release + outside
    return np.where(both > 0, outside / np.where(both > 0, both, 1.0), 0.5)


def claimed(score: Floats, outside: Floats, false_alarms: float) -> Bools:
    """Return who is claimed to be a member at a false-positive rate.

    A person who scores as the people outside do has rank ``(1 + number of them who score as high) /
    (1 + number of them)`` at or under `false_alarms` that often, however scores are distributed.

    Parameters
    ----------
    score : float array, shape (n,)
    outside : float array, shape (m,)
        Scores of other people, who are not in the release.
    false_alarms : float
        In (0, 1). False-positive rate allowed.

    Returns
    -------
    bool, shape (n,)
        Nobody where m is under ``1 / false_alarms - 1``.

    Examples
    --------
    >>> claimed(np.array([0.9, 0.5]), np.array([0.1, 0.5, 0.6, 0.2]), 0.2).tolist()
    [True, False]
    """
    ordered = np.sort(outside)
    as_high = len(ordered) - np.searchsorted(ordered, score)
    # A rank such as 10 of 100 must not miss .1 by its rounding.
    return np.asarray((1 + as_high) / (1 + len(ordered)) <= false_alarms * (1 + 1e-12))


def area_under_curve(inside: Floats, outside: Floats) -> tuple[float, float]:
    """Return the area under the ROC curve of membership scores, with its interval.

    Ties are half. The variance is that of DeLong et al. (1988); it is given as the number of
    independent answers whose mean would vary as much, which is never more than the fewer people.

    Parameters
    ----------
    inside, outside : float array, shape (n,), shape (m,)
        At least one each.

    Returns
    -------
    area, worth : float
        In [0, 1], .5: the scores tell nothing; in [1, min(n, m)].

    References
    ----------
    DeLong et al. (1988).

    Examples
    --------
    >>> area_under_curve(np.array([3.0, 2.0]), np.array([1.0, 2.0]))[0]
    0.875
    """
    above, below = roc_placements(inside, outside)
    area, most = float(above.mean()), float(min(len(above), len(below)))
    if most < 2:
        return area, most
    variance = float(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below))
    return area, most if variance <= 0 else max(1.0, min(most, area * (1 - area) / variance))


def difference(first: float, second: float, n: float, m: float) -> tuple[float, float, float]:
    """Return the difference of two independent shares with its interval (method 10).

    Parameters
    ----------
    first, second : float
        Shares.
    n, m : float
        What each is worth.

    Returns
    -------
    value, low, high : float
        ``first - second``, in [-1, 1].

    References
    ----------
    Newcombe (1998), method 10.

    Examples
    --------
    >>> [round(end, 4) for end in difference(56 / 70, 48 / 80, 70, 80)]  # his example
    [0.2, 0.0524, 0.3339]
    """
    a_low, a_high = map(float, wilson(first, n))
    b_low, b_high = map(float, wilson(second, m))
    low, high = difference_of_shares((first, a_low, a_high), (second, b_low, b_high))
    return first - second, max(low, -1.0), min(high, 1.0)


def least_seen(false_alarms: float, n: int, m: int, power: float = 0.8) -> float:
    """Return the smallest detectable gain over the false-positive rate at a given power.

    Of a two-sided test at .05 of two independent shares (Fleiss 1981).

    Parameters
    ----------
    false_alarms : float
        In (0, 1). False-positive rate allowed.
    n, m : int
        People who are suspected, people outside.
    power : float
        In (0, 1).

    Returns
    -------
    float
        In [0, 1 - false_alarms]; nan where even everybody found would not show.

    References
    ----------
    Fleiss (1981).

    Examples
    --------
    >>> round(least_seen(0.1, 200, 200), 3), least_seen(0.1, 3, 3)
    (0.1, nan)
    """
    rates = np.linspace(false_alarms, 1, 2_001)[1:]
    pooled = (rates * n + false_alarms * m) / (n + m)
    needed = DEVIATIONS_95 * np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    needed += NormalDist().inv_cdf(power) * np.sqrt(
        rates * (1 - rates) / n + false_alarms * (1 - false_alarms) / m
    )
    detectable = np.flatnonzero(rates - false_alarms >= needed)
    return float(rates[detectable[0]] - false_alarms) if len(detectable) else math.nan


def neighbour_ratio(nearest: Floats, second: Floats) -> Floats:
    """Return the nearest neighbour distance ratio (NNDR): nearest over second nearest.

    Parameters
    ----------
    nearest, second : float array, shape (n,)
        0 and up, the first at most the second.

    Returns
    -------
    float array
        In [0, 1]; 1 where two are as near. Near 0: one record stands out.

    Examples
    --------
    >>> neighbour_ratio(np.array([1.0, 0.0, 0.0]), np.array([4.0, 2.0, 0.0])).tolist()
    [0.25, 0.0, 1.0]
    """
    return np.where(second > 0, nearest / np.where(second > 0, second, 1.0), 1.0)


def membership_inference(
    members: pd.DataFrame,
    release: pd.DataFrame,
    control: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    false_alarms: float | Iterable[float] = (0.01, 0.1),
    attacks: int = 2_000,
    seed: int = 7,
    reading: Reading | None = None,
) -> Measures:
    """Distinguish the people that a release was made of from others, by the release alone.

    An auditor has the release, the people suspected to be in it, and others who are known
    not to be; no generator, and so no shadow models. A person who is much nearer to a record of
    the release than to people outside is claimed to be in it. Above which score is learnt on one
    half of the people outside, so that a stated share of such people would be claimed, and tried
    on the other half.

    Parameters
    ----------
    members, release, control : pandas.DataFrame, or a Polars or Arrow frame
        People who are suspected to be in the release; what was released; people of the same
        population who are not in it.
    columns : sequence of str, optional
        What is known of a person; all columns of the release where not given.
    false_alarms : float or several, in (0, .5]
        Share of people outside who may be claimed.
    attacks : int
        At most so many members, people outside, and records for the distances.
    seed : int
    reading : Reading, optional
        How the cells of the three tables are read, as those of one.

    Returns
    -------
    Measures
        Family "membership"; 0 = safe. For each ``false_alarms``: ``membership``, the share of
        members who are claimed; baseline: the share allowed; control: people outside who are
        claimed; residual. ``membership_if_copied``: the same attack on a release that is the
        members, unchanged: what it can find at most, its power on such data.
        ``membership_least``: the smallest gain over the false alarms that so many people would
        show 8 times in 10. Then ``membership_area``, the chance that a member scores higher than
        a person outside (.5 = safe), and ``membership_advantage``, members less others claimed,
        at the best threshold of the other half (Yeom et al. 2018).
        Not reliable where even a copy would not be found.

        Beside them, never by themselves, three distances as SynthEval has them:
        ``closest_record`` (DCR: median distance from a record of the release to the nearest
        member, over that from a member to the nearest other one), ``neighbour_ratio`` (NNDR:
        mean over members of the distance to the nearest record over that to the second
        nearest), each with the same of the people outside as control, and
        ``neighbour_ratio_loss``, the latter less the former. To pass these proves nothing: Yao
        et al. 2025 (arXiv 2505.01524) find members in releases that pass them.

    Raises
    ------
    SchemaError
        A column is missing, or is a date in one table and text in another.
    ParameterError
        A number out of range, or fewer than 4 people or 2 records.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> people = pd.DataFrame(rng.normal(size=(400, 3)), columns=list("xyz"))
    >>> copy = membership_inference(people[:200], people[:200], people[200:])
    >>> copy.value("membership", false_alarms=0.1)
    1.0
    >>> strangers = membership_inference(people[:100], people[100:200], people[200:])
    >>> row = strangers.row("membership", false_alarms=0.1)
    >>> row.residual_low < 0 < row.residual_high
    True
    """
    who = "membership_inference"
    whole(who, "attacks", attacks, 4)
    allowed = tuple(false_alarms) if isinstance(false_alarms, Iterable) else (false_alarms,)
    for one in allowed:
        in_range(who, "false_alarms", one, 0, 0.5, open_low=True)
    if not allowed or len(set(allowed)) < len(allowed):
        raise ParameterError.of(who, "shares of false alarms, each once", f"{allowed}")
    names = columns_of(who, columns, release)
    tables = table_matrix(who, members, release, control, names, reading)
    least = min(len(tables.original), len(tables.control))
    if least < 4 or len(tables.release) < 2:
        came = f"{least} people, {len(tables.release)} records"
        raise ParameterError.of(who, "4 members and 4 others, and 2 records", came)
    rng = stream(seed, who)
    people = _People.of(tables, attacks, rng)
    rows = Rows(len(people.inside), "people")
    doubt = _add_claims(rows, people, allowed)
    _add_scores(rows, people)
    _add_distances(rows, tables, people, attacks, rng)
    doubts = [*tables.doubts, *([] if doubt is None else [doubt])]
    return Measures(
        family="membership",
        rows=rows,
        notes=(*doubts, *tables.notes, Note("members_by_distance")),
        reliable=not doubts,
        recipe={
            "measure": who,
            "columns": names,
            "false_alarms": list(allowed),
            "attacks": attacks,
            "seed": seed,
        },
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _People:
    """Scores of members and of others, against the release and against a copy of the members.

    `inside`, `outside`: float (n,), (m,). `copied`: both, were the release the members.
    `halves`: bool (2, m), the two halves of the others. `fold`: bool (n,), half of the members.
    `near_in`, `near_out`: float (n, 2), (m, 2), distances to the two nearest records.
    """

    inside: np.ndarray
    outside: np.ndarray
    copied: tuple[np.ndarray, np.ndarray]
    halves: np.ndarray
    fold: np.ndarray
    near_in: np.ndarray
    near_out: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, tables: TableMatrix, attacks: int, rng: np.random.Generator) -> _People:
        inside, outside = (drawn(t, attacks, rng) for t in (tables.original, tables.control))
        everybody = np.concatenate([tables.original, tables.release, tables.control])
        scale = column_scale(everybody, tables.ordered)

        def apart(queries: np.ndarray, records: np.ndarray) -> np.ndarray:
            return RecordIndex(records, tables.ordered, scale).apart(queries, 2)

        near_in, near_out = (apart(people, tables.release) for people in (inside, outside))
        # The reference is the other people outside: for a person outside all but
        # themselves, for a member all but anyone.
        m = len(tables.control)
        member = apart(inside, tables.control)
        to_others = np.where(rng.random(len(inside)) < 1 / m, member[:, 1], member[:, 0])
        own = apart(outside, tables.control)[:, 1]
        usual = float(np.median(own))
        from_copy = apart(outside, tables.original)[:, 0]
        half = rng.permutation(np.arange(len(outside)) % 2) == 0
        return cls(
            inside=closeness(near_in[:, 0], to_others, usual),
            outside=closeness(near_out[:, 0], own, usual),
            copied=(
                closeness(np.zeros(len(inside)), to_others, usual),
                closeness(from_copy, own, usual),
            ),
            halves=np.array([half, ~half]),
            fold=rng.permutation(np.arange(len(inside)) % 2) == 0,
            near_in=near_in,
            near_out=near_out,
            scale=scale,
        )

    def claims(
        self, inside: np.ndarray, outside: np.ndarray, allowed: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return who is claimed: members by both halves, others by the half without them."""
        members, others = np.zeros(len(inside)), np.zeros(len(outside))
        for half in self.halves:
            members += claimed(inside, outside[half], allowed) / 2
            others[~half] = claimed(outside[~half], outside[half], allowed)
        return members, others


def _add_claims(rows: Rows, people: _People, allowed: Iterable[float]) -> Note | None:
    """Add the claims at each false-alarm rate; return why none could be made."""
    n, m = len(people.inside), len(people.outside)
    least_half = int(people.halves.sum(axis=1).min())
    doubt = None
    for share in sorted(allowed):
        part = {"false_alarms": share}
        if (1 + least_half) * share < 1:
            doubt = Note("too_few_outside", people=m, needed=2 * (int(np.ceil(1 / share)) - 1))
            names = ["membership", "membership_if_copied", "membership_least"]
            rows.absent(names, "share", doubt, part=part)
            continue
        members, others = people.claims(people.inside, people.outside, share)
        copied, beside = people.claims(*people.copied, share)
        rows.share("membership", members, control=others, baseline=share, part=part)
        rows.share("membership_if_copied", copied, control=beside, baseline=share, part=part)
        least = least_seen(share, n, m)
        rows.add("membership_least", least, "difference", baseline=0.0, n=n + m, part=part)
        copies = [row for row in rows if row.measure == "membership_if_copied"]
        powerful = any(row.residual_low > 0 for row in copies)
        doubt = None if powerful else Note("a_copy_is_not_found")
    return doubt


def _add_scores(rows: Rows, people: _People) -> None:
    """Add the area under the curve, and the advantage at thresholds learnt on other people."""
    n, m = len(people.inside), len(people.outside)
    area, worth = area_under_curve(people.inside, people.outside)
    rows.rate("membership_area", area, worth, baseline=0.5, unit="area_under_curve", n=n + m)
    hits, alarms = np.zeros(n), np.zeros(m)
    for fold, half in ((people.fold, people.halves[0]), (~people.fold, people.halves[1])):
        limit = _best_threshold(people.inside[fold], people.outside[half])
        hits[~fold], alarms[~half] = people.inside[~fold] > limit, people.outside[~half] > limit
    value, low, high = difference(float(hits.mean()), float(alarms.mean()), n, m)
    rows.add("membership_advantage", value, "difference", low=low, high=high, baseline=0.0, n=n + m)


def _best_threshold(inside: np.ndarray, outside: np.ndarray) -> float:
    levels = np.unique(np.concatenate([inside, outside]))
    above_in = 1 - np.searchsorted(np.sort(inside), levels, "right") / len(inside)
    above_out = 1 - np.searchsorted(np.sort(outside), levels, "right") / len(outside)
    return float(levels[(above_in - above_out).argmax()])


def _add_distances(
    rows: Rows, tables: TableMatrix, people: _People, attacks: int, rng: np.random.Generator
) -> None:
    """Add DCR and NNDR, of members and, as control, of people outside."""
    passing = Note("distance_proves_nothing")
    some = drawn(tables.release, attacks, rng)
    found = []
    for near in (tables.original, tables.control):
        index = RecordIndex(near, tables.ordered, people.scale)
        out = np.median(index.apart(some, 1)[:, 0])
        between = np.median(index.apart(drawn(near, attacks, rng), 2)[:, 1])
        found.append(float(out / between) if between > 0 else np.nan)
    notes = [passing] if np.isfinite(found[0]) else [Note("half_have_a_double"), passing]
    rows.add(
        "closest_record", found[0], "ratio", notes,
        control=found[1], n=len(some), counts="records",
    )  # fmt: skip
    inside, outside = (neighbour_ratio(*near.T) for near in (people.near_in, people.near_out))
    mean, beside = float(inside.mean()), float(outside.mean())
    rows.mean("neighbour_ratio", inside, "ratio", passing, rng=rng, control=beside)
    half = 1.96 * float(np.sqrt(_error(inside) + _error(outside)))
    loss: dict[str, Any] = {"low": beside - mean - half, "high": beside - mean + half}
    n = len(inside) + len(outside)
    rows.add("neighbour_ratio_loss", beside - mean, "ratio", passing, baseline=0.0, n=n, **loss)


def _error(values: np.ndarray) -> float:
    return float(values.var(ddof=1) / len(values))
