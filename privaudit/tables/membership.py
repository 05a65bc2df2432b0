"""Membership: was somebody in the table that a release was made of? With distances beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.checks import column_names, in_range, say, whole
from privaudit._core.streams import stream
from privaudit.errors import ParameterError
from privaudit.measures.tables import membership as kernel
from privaudit.measures.tables.nearest import RecordIndex, column_scale
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.tables.attack_rows import drawn
from privaudit.tables.matrix import TableMatrix, named_table, table_matrix
from privaudit.tables.reading import Reading
from privaudit.words.note import Note

__all__ = ["membership_inference"]


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
    """Tell people of whom a release was made from people of whom it was not, by the release alone.

    An auditor has the release, the people suspected to be in it, and others of whom it is known
    that they are not; no generator, and so no shadow models. Who is much nearer to a record of
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
        somebody outside (.5 = safe), and ``membership_advantage``, members less others claimed,
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
        raise ParameterError(say(who, "shares of false alarms, each once", f"{allowed}"))
    if columns is None:
        names = list(named_table(who, "release", release).columns)
    else:
        names = list(column_names(who, "columns", columns))
    tables = table_matrix(who, members, release, control, names, reading)
    least = min(len(tables.original), len(tables.control))
    if least < 4 or len(tables.release) < 2:
        came = f"{least} people, {len(tables.release)} records"
        raise ParameterError(say(who, "4 members and 4 others, and 2 records", came))
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
        # Each is held against the others who are outside: for somebody outside all but
        # themselves, for a member all but anyone.
        m = len(tables.control)
        member = apart(inside, tables.control)
        to_others = np.where(rng.random(len(inside)) < 1 / m, member[:, 1], member[:, 0])
        own = apart(outside, tables.control)[:, 1]
        usual = float(np.median(own))
        from_copy = apart(outside, tables.original)[:, 0]
        half = rng.permutation(np.arange(len(outside)) % 2) == 0
        return cls(
            inside=kernel.closeness(near_in[:, 0], to_others, usual),
            outside=kernel.closeness(near_out[:, 0], own, usual),
            copied=(
                kernel.closeness(np.zeros(len(inside)), to_others, usual),
                kernel.closeness(from_copy, own, usual),
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
        """Who is claimed: members by the mean of both halves, others by the half without them."""
        members, others = np.zeros(len(inside)), np.zeros(len(outside))
        for half in self.halves:
            members += kernel.claimed(inside, outside[half], allowed) / 2
            others[~half] = kernel.claimed(outside[~half], outside[half], allowed)
        return members, others


def _add_claims(rows: Rows, people: _People, allowed: Iterable[float]) -> Note | None:
    """Add who is claimed at each share of false alarms; say why nothing could be found."""
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
        least = kernel.least_seen(share, n, m)
        rows.add("membership_least", least, "difference", baseline=0.0, n=n + m, part=part)
        told = [row for row in rows if row.measure == "membership_if_copied"]
        powerful = any(row.residual_low > 0 for row in told)
        doubt = None if powerful else Note("a_copy_is_not_found")
    return doubt


def _add_scores(rows: Rows, people: _People) -> None:
    """Add the area under the curve, and the advantage at thresholds learnt on other people."""
    n, m = len(people.inside), len(people.outside)
    area, worth = kernel.area_under_curve(people.inside, people.outside)
    rows.rate("membership_area", area, worth, baseline=0.5, unit="area_under_curve", n=n + m)
    hits, alarms = np.zeros(n), np.zeros(m)
    for fold, half in ((people.fold, people.halves[0]), (~people.fold, people.halves[1])):
        limit = _best_threshold(people.inside[fold], people.outside[half])
        hits[~fold], alarms[~half] = people.inside[~fold] > limit, people.outside[~half] > limit
    value, low, high = kernel.difference(float(hits.mean()), float(alarms.mean()), n, m)
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
    inside, outside = (
        kernel.neighbour_ratio(*near.T) for near in (people.near_in, people.near_out)
    )
    mean, beside = float(inside.mean()), float(outside.mean())
    rows.mean("neighbour_ratio", inside, "ratio", passing, rng=rng, control=beside)
    half = 1.96 * float(np.sqrt(_error(inside) + _error(outside)))
    loss: dict[str, Any] = {"low": beside - mean - half, "high": beside - mean + half}
    n = len(inside) + len(outside)
    rows.add("neighbour_ratio_loss", beside - mean, "ratio", passing, baseline=0.0, n=n, **loss)


def _error(values: np.ndarray) -> float:
    return float(values.var(ddof=1) / len(values))
