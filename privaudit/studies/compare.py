"""What a second release adds to a first, for the same people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import an_instance, kind_of, say
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.link_versions import link_versions
from privaudit.errors import ParameterError
from privaudit.release.release import DotRelease, Release, TableRelease
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.results.row import GAINS
from privaudit.results.rows import Rows
from privaudit.roles import Roles
from privaudit.studies.audit_versions import audit_versions
from privaudit.studies.audits import audit
from privaudit.tables.measures import measure

if TYPE_CHECKING:
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["compare"]

_WHO = "compare"


def compare(
    before: Release | Exposure,
    after: Release | Exposure,
    *,
    adversary: Adversary | None = None,
    truth: SimulatedWorld | None = None,
    seed: int = 7,
) -> Measures:
    """Say what whoever holds a first release learns more from a second, of the same people.

    Parameters
    ----------
    before, after : Release or Exposure
        Two maps of dots of one place; two tables with the same identifier and a key each; or two
        exposures of the same people, which are set against each other as they are.
    adversary : Adversary, optional
        Who holds both maps; needed for maps, and for nothing else.
    truth : SimulatedWorld, optional
        As for `audit`; of maps only.
    seed : int

    Returns
    -------
    Measures
        Family "compared"; the people of both. Of maps and exposures, for each gain: ``before``
        (found by the first alone), ``both`` (of exposures: by the second) and ``added``, their
        difference with its paired interval. Of tables: the same of ``alone`` (no other of these
        people has the key) and ``risk`` (one over those who have it), as parameter ``what``; with
        both, the key is that of the first and that of the second; a blank is a value of its own.

    Raises
    ------
    ParameterError
        Unlike things; maps without an adversary, or of other addresses; tables without a key or
        an identifier that both have; nobody in both.

    Examples
    --------
    >>> first = pd.DataFrame({"id": range(6), "age": [30, 30, 30, 41, 41, 41]})
    >>> second = pd.DataFrame({"id": range(6), "sex": list("FMMFFM")})
    >>> from privaudit.release.read_table import read_table
    >>> tables = [read_table(f, roles=Roles(identifier="id", key=f.columns[1]))
    ...           for f in (first, second)]
    >>> found = compare(*tables)
    >>> [found.value(m, what="alone") for m in ("before", "both", "added")]
    [0.0, 0.3333333333333333, 0.3333333333333333]
    """
    pair = before, after
    ways: tuple[tuple[type, Any], ...] = (
        (Exposure, _exposures), (DotRelease, _maps), (TableRelease, _tables),
    )  # fmt: skip
    for kind, of in ways:
        if all(isinstance(one, kind) for one in pair):
            if adversary is not None and kind is not DotRelease:
                do = "Leave adversary= out."
                raise ParameterError(say(_WHO, "maps for an adversary", _named(before), do))
            told: Measures = of(before, after, adversary=adversary, truth=truth, seed=seed)
            return told
    came = f"{_named(before)} and {_named(after)}"
    needed = "two maps of dots, two tables or two exposures"
    raise ParameterError(say(_WHO, needed, came, "Compare like with like."))


def _named(one: Any) -> str:
    return f"a {one.kind}" if isinstance(one, Release) else kind_of(one)


def _measures(rows: Rows, provenance: str, name: str = "") -> Measures:
    return Measures(family="compared", rows=rows, provenance=provenance, name=name,
                    recipe={"stage": "compared"})  # fmt: skip


def _add(
    rows: Rows, first: np.ndarray, then: np.ndarray, clusters: np.ndarray | None, **told: Any
) -> None:
    """Add a number by the first alone, by both, and what is added."""
    rows.share("before", first, clusters=clusters, **told)
    rows.share("both", then, clusters=clusters, **told)
    rows.difference("added", first, then, clusters=clusters, counts=rows.counts, **told)


def _exposures(before: Exposure, after: Exposure, **_: Any) -> Measures:
    """Set two exposures of the same people against each other, row by row."""
    first, then = before.per_person, after.per_person
    groups = [c for c in ("age_band", "sex", "profession", "station", "zone") if c in first]
    same = len(first) == len(then) and before.expected == after.expected
    same = same and all(c in then and first[c].equals(then[c]) for c in groups)
    if not same:
        came = f"{len(first):,} and {len(then):,}, of which the groups or the truth differ"
        raise ParameterError(say(_WHO, "exposures of the same people", came))
    rows = Rows(len(first), "people")
    _add_gains(rows, first, then, before.clusters)
    return _measures(rows, before.provenance)


def _add_gains(
    rows: Rows, first: pd.DataFrame, then: pd.DataFrame, clusters: np.ndarray | None
) -> None:
    for gain in GAINS:
        one, two = (frame[gain].to_numpy(dtype=float) for frame in (first, then))
        if np.isfinite(one).all() and np.isfinite(two).all():
            blind = float(then[f"baseline_{gain}"].mean())
            rows.share("before", one, clusters=clusters, gain=gain, baseline=blind)
            rows.share("both", two, clusters=clusters, gain=gain, baseline=blind)
            rows.difference("added", one, two, clusters=clusters, gain=gain, counts="people")


def _maps(
    before: DotRelease,
    after: DotRelease,
    *,
    adversary: Adversary | None,
    truth: SimulatedWorld | None,
    seed: int,
) -> Measures:
    """Attack the first alone, then both, and pair the people whom both show."""
    an_instance(_WHO, "adversary", adversary, Adversary, "Such as Adversary.nearest().")
    assert adversary is not None
    if len(before.backdrop) != len(after.backdrop) or not np.array_equal(
        before.backdrop.xy, after.backdrop.xy
    ):
        raise ParameterError(say(_WHO, "maps over the same addresses", "maps of two places"))
    linked = None
    if truth is None:
        linked = link_versions([before.as_leaked(), after.as_leaked()])
        there = np.flatnonzero(linked.rows[0] >= 0)
        at = linked.rows[0][there]
    else:
        first, then = (np.unique(one.opened(_WHO)["person"].to_numpy()) for one in (before, after))
        _, at, there = np.intersect1d(first, then, return_indices=True)
    if not len(there):
        raise ParameterError(say(_WHO, "people whom both maps show", "none"))
    alone = audit(before, adversary, truth=truth, seed=seed)
    both = audit_versions([before, after], adversary, truth=truth, linked=linked, seed=seed)
    assert isinstance(alone, Exposure)
    clusters = None if both.clusters is None else both.clusters[there]
    rows = Rows(len(there), "people")
    _add_gains(rows, alone.per_person.iloc[at], both.per_person.iloc[there], clusters)
    return _measures(rows, both.provenance, after.name)


def _tables(before: TableRelease, after: TableRelease, **_: Any) -> Measures:
    """Count who is alone by the key of the first, then by both, among the people of both."""
    shared = [c for c in before.roles.identifier if c in after.roles.identifier]
    if not shared or not before.roles.key or not after.roles.key:
        came = "no identifier that both have" if not shared else "a table without a key"
        do = "Give roles=Roles(identifier=..., key=...) to read_table."
        raise ParameterError(say(_WHO, "tables with an identifier and a key", came, do))
    left = before.records[[*shared, *before.roles.key]].drop_duplicates(shared)
    right = after.records[[*shared, *after.roles.key]].drop_duplicates(shared)
    more = {c: f"{c} of the second" for c in after.roles.key}
    people = left.merge(right.rename(columns=more), on=shared, validate="one_to_one")
    if not len(people):
        raise ParameterError(say(_WHO, "people in both tables", "none"))
    keys = before.roles.key, (*before.roles.key, *more.values())
    first, then = (_risk(people, key) for key in keys)
    rows = Rows(len(people), "records")
    for what, values in (("risk", (first, then)), ("alone", (first >= 1, then >= 1))):
        one, two = (np.asarray(v, dtype=float) for v in values)
        _add(rows, one, two, None, part={"what": what})
    return _measures(rows, before.provenance, after.name)


def _risk(people: pd.DataFrame, key: tuple[str, ...]) -> np.ndarray:
    """Return one over those who share each one's key, a blank being a value of its own."""
    scores: Any = measure(people[list(key)], Roles(key=key), missing="value").per_record
    risk: np.ndarray = scores["prosecutor_risk"].to_numpy(dtype=float)
    return risk
