"""What a join of a people table and a map gives: who is named, located and right, beside chance.

The only file of this room that opens the sealed sources of a simulated table and map.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.headers import IDENTIFYING_KINDS, SHOWN_KINDS
from privaudit.columns.recognise import ColumnKind, rows_showing
from privaudit.core.checks import an_instance
from privaudit.core.thresholds import SMALL_CELL
from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import REASONS, join_addresses
from privaudit.linkage.join_files import JoinKeys, best_way
from privaudit.linkage.person_index import Fits, KeyCodes, PermutedNames, one_row_each
from privaudit.release.release import DotRelease, TableRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats.csr import entries_between
from privaudit.words.catalogues import Note

# Random joins, whose mean is the baseline.
_DRAWS = 20
# What may be withheld of the table, and the comparisons, or keys, that need it.
_WITHHELD = {
    "address": {"place"}, "identity": {"identity"}, "columns": {"columns", "place_and_columns"},
}  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class JoinTruth:
    """Clusters of people who live together, and, in a simulation, the truth.

    - `mine`, `others`: Records of the table, and control records of people who are not on the
      map, as rows of `join.rows`.
    - `home`, `has_address`: See `JoinKeys`; of `mine`.
    - `dot_homes`, `homes`, `control_homes`: Home of each dot, record and control record, as a code.
    - `label`: Address of each dot as a code; its own where it is on no address.
    - `known`: Whether table and map are of one simulated world, with sources.
    - `who`, `people`: Person of each dot, and of each record; empty without a truth.
    """

    mine: np.ndarray
    others: np.ndarray
    home: np.ndarray
    has_address: np.ndarray
    dot_homes: np.ndarray
    homes: np.ndarray
    control_homes: np.ndarray
    label: np.ndarray
    known: bool
    who: np.ndarray
    people: np.ndarray

    @classmethod
    def of(cls, table: TableRelease, dots: DotRelease, join: JoinKeys) -> JoinTruth:
        """Read households from the sealed sources, or else from the addresses."""
        is_control = join.rows >= len(table.records)
        mine, others = np.flatnonzero(~is_control), np.flatnonzero(is_control)
        label = _apart(join.door)
        homes, dot_homes, who, people = _apart(join.home)[mine], label, label[:0], label[:0]
        known = table.sources is not None and dots.sources is not None and table.world == dots.world
        if known:
            truth, shown = table.opened("link_releases"), dots.opened("link_releases")
            truth = truth.iloc[join.rows[mine]]
            who, people = (of["person"].to_numpy() for of in (shown, truth))
            dot_homes, homes = (_apart(of["marked_household"].to_numpy()) for of in (shown, truth))
        return cls(
            mine=mine, others=others, home=join.home[mine], has_address=join.has_address[mine],
            dot_homes=dot_homes, homes=homes, control_homes=_apart(join.home)[others],
            label=label, known=known, who=who, people=people,
        )  # fmt: skip

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all pairs of a dot and a record of the same person."""
        order = np.argsort(self.people, kind="stable")
        people = self.people[order]
        ends = (np.searchsorted(people, self.who, side) for side in ("left", "right"))
        dot, at = entries_between(*ends)
        return dot, order[at]


def _apart(codes: np.ndarray) -> np.ndarray:
    """Return codes with a distinct code for each unknown one."""
    top = int(codes.max(initial=-1)) + 1
    return np.asarray(np.where(codes >= 0, codes, top + np.arange(len(codes))))


def add_comparison(
    rows: Rows,
    by: str,
    join: JoinKeys,
    truth: JoinTruth,
    base: AddressBase,
    rng: np.random.Generator,
) -> None:
    """Add the rows of one comparison, of dots and of records."""
    # Keys of all records, control records included.
    whole = join.ways[by]
    keys = whole.of_records(truth.mine)
    ours = keys.dot_matches()
    named, beside = ours.one >= 0, _beside(keys, base)
    blind = _blind(keys, truth.label, len(base), rng)
    if by == "identity" and join.names is not None:
        blind = _homonyms(join.names, keys, truth.label, rng)
    fields: dict[str, Any] = {"part": {"by": by}, "counts": "dots", "clusters": truth.dot_homes}
    own = control = None
    if truth.known:
        own = _own(keys, truth)
        control = ours.many - own == 1
    elif beside is not None:
        control = beside["dots"].dot_matches().one >= 0
    rows.share("dot_named", named, control=control, paired=True, baseline=blind[0], **fields)
    rows.share("dot_among", ours.many > 1, **fields)
    located = keys.record_matches(truth.label)
    both = named & (located.many[ours.one] == 1)
    rows.share("in_both", both, **fields)
    if own is not None:
        _add_right(rows, by, ours, own, both, truth)
    hit = located.one >= 0
    fields = {"part": {"by": by}, "counts": "records", "clusters": truth.homes}
    if len(truth.others):
        by_chance = whole.of_records(truth.others).record_matches(truth.label).one >= 0
        fields |= {"control": by_chance, "control_clusters": truth.control_homes}
    elif truth.known:
        absent = ~np.isin(truth.people, truth.who)
        fields |= {"control": hit[absent], "control_clusters": truth.homes[absent]}
    elif beside is not None:
        by_chance = beside["records"].record_matches(truth.label).one >= 0
        fields |= {"control": by_chance, "paired": True}
    rows.share("record_located", hit, baseline=blind[1], **fields)


def _own(keys: KeyCodes, truth: JoinTruth) -> np.ndarray:
    """Count the fitting records of each dot's own person."""
    dot, record = truth.pairs()
    fits = keys.fit(dot, record)
    return np.asarray(np.bincount(dot[fits], minlength=keys.dots.shape[1]))


def _add_right(
    rows: Rows, by: str, ours: Fits, own: np.ndarray, both: np.ndarray, truth: JoinTruth
) -> None:
    """Add the right matches, where the truth is known.

    Baseline: the rows of the table permuted over its people.
    """
    fields: dict[str, Any] = {"counts": "dots", "gain": "person", "part": {"by": by}}
    by_chance = np.isin(truth.who, truth.people) / len(truth.people)
    guessed, some, named = own / np.maximum(ours.many, 1), ours.many > 0, ours.one >= 0
    homes = truth.dot_homes
    rows.share("dot_right", guessed, clusters=homes, baseline=(some * by_chance).mean(), **fields)
    for name, which in (("named_right", named), ("in_both_right", both)):
        if which.any():
            chance = by_chance[which].mean()
            rows.share(name, (own > 0)[which], clusters=homes[which], baseline=chance, **fields)


def _beside(keys: KeyCodes, base: AddressBase) -> dict[str, KeyCodes] | None:
    """Return the keys with the places of one side moved to the next address, by that side.

    None without a place.
    """
    from scipy.spatial import cKDTree

    if "place" not in keys.names or len(base) < 2:
        return None
    near = cKDTree(base.xy).query(base.xy, k=2)[1]
    itself = np.arange(len(base))
    following = np.where(near[:, 0] == itself, near[:, 1], near[:, 0])
    beside = {}
    for side in ("dots", "records"):
        codes = getattr(keys, side)[keys.names.index("place")]
        known = (codes >= 0) & (codes < len(base))
        place = np.where(known, following[np.where(known, codes, 0)], -1)
        beside[side] = keys.with_codes(side, place=place)
    return beside


def _blind(
    keys: KeyCodes, label: np.ndarray, addresses: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the mean shares of dots named, and records located, by random joins.

    Each dot gets a random address and, in each column, the cell of another dot. nan for a single
    column, whose permutation changes nothing.
    """
    if keys.names[0] != "place" and len(keys.names) == 1:
        return math.nan, math.nan
    shares = []
    for _ in range(_DRAWS):
        drawn = {}
        for name, codes in zip(keys.names, keys.dots, strict=True):
            anywhere = rng.integers(0, max(addresses, 1), len(codes))
            place = np.where(codes >= 0, anywhere, -1)
            drawn[name] = place if name == "place" else rng.permutation(codes)
        shares.append(_single_matches(keys.with_codes("dots", **drawn), label))
    named, located = np.mean(shares, axis=0).tolist()
    return named, located


def _homonyms(
    names: PermutedNames, keys: KeyCodes, label: np.ndarray, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the mean shares of dots named, and records located, with permuted given names.

    A record that matches such a name is a homonym.
    """
    shares = []
    for _ in range(_DRAWS):
        codes, other = names.permuted(rng)
        if not other.any():
            return math.nan, math.nan
        drawn = keys.with_codes("dots", **{keys.names[0]: codes})
        shares.append(_single_matches(replace(drawn, dots=drawn.dots[:, other]), label[other]))
    named, located = np.mean(shares, axis=0).tolist()
    return named, located


def _single_matches(keys: KeyCodes, label: np.ndarray) -> tuple[float, float]:
    """Return the shares of dots, and of records, that match one record, or one address."""
    named, located = ((fits.one >= 0).mean() for fits in keys.matches(label))
    return named, located


def add_without(rows: Rows, join: JoinKeys, truth: JoinTruth) -> None:
    """Add the share of dots still named if the shared columns of one kind were withheld."""

    def named(ways: Mapping[str, KeyCodes]) -> np.ndarray:
        return np.asarray(ways[best_way(ways)].of_records(truth.mine).dot_matches().one >= 0)

    now = named(join.ways)
    for what, gone in _WITHHELD.items():
        left = {by: keys for by, keys in join.ways.items() if not gone & {by, *keys.names}}
        if join.best in left:
            continue
        still = named(left) if left else np.zeros(len(now), dtype=bool)
        rows.share(
            "dot_named_without", still, clusters=truth.dot_homes, counts="dots",
            baseline=now.mean(), part={"what": what},
        )  # fmt: skip


def add_agreement(rows: Rows, join: JoinKeys, truth: JoinTruth, rng: np.random.Generator) -> None:
    """Add how often the shared columns of dots and records at one address agree."""
    place = next((join.ways[w] for w in ("coordinates", "address") if w in join.ways), None)
    if place is None or "columns" not in join.ways:
        return
    place, columns = (keys.of_records(truth.mine) for keys in (place, join.ways["columns"]))
    match = place.dot_matches().one
    dot = np.flatnonzero(match >= 0)
    record = match[dot]
    both_show = ((columns.dots[:, dot] >= 0) & (columns.records[:, record] >= 0)).any(axis=0)
    dot, record = dot[both_show], record[both_show]
    if not len(dot):
        return
    chance = [columns.fit(dot, rng.permutation(record)).mean() for _ in range(_DRAWS)]
    rows.share(
        "columns_agree", columns.fit(dot, record), clusters=truth.dot_homes[dot], counts="dots",
        baseline=float(np.mean(chance)), notes=Note("columns_shared", columns=columns.names),
    )  # fmt: skip


def score_addresses(table: TableRelease, base: AddressBase) -> Measures:
    """Join a people table with the public addresses.

    Returns
    -------
    Measures
        Family "linked"; 0 is safe.

        - address_found: share of the records with an address that is a known one.
        - alone_at_address: of these, share of records alone at their address.
        - address_lost: share of the records with an address that is not found, by ``why``: of
          another place ("elsewhere"), ambiguous, its number or street unknown, no number.
        - doors: addresses with a record; people_a_door: mean records at one of them;
          households_there: households at these addresses, where they are counted.
    """
    an_instance("score_addresses", "base", base, AddressBase, "Use read_addresses.")
    frame = table.records.reset_index(drop=True)
    identifier = list(table.roles.identifier)
    once = one_row_each(frame, identifier)
    joined = join_addresses(once, base)
    rows = Rows(len(once), "records")
    _add_addresses(rows, joined.address, joined.has_address, len(base))
    for why in REASONS:
        lost = (joined.why == why)[joined.has_address]
        if lost.any():
            rows.share("address_lost", lost, part={"why": why})
    _add_doors(rows, joined.address, base)
    untold = () if joined.has_address.any() else (Note("no_address_told"),)
    return _measures(rows, table, (*untold, *joined.notes))


def score_join(
    table: TableRelease, dots: DotRelease, join: JoinKeys, *, rng: np.random.Generator
) -> Measures:
    """Score the join of a people table and a map of dots.

    Parameters
    ----------
    table, dots : TableRelease, DotRelease
        With their sealed sources where both come from one simulated world.
    join : JoinKeys
        Their join keys, see `join_keys`. Records beyond those of the table are the control:
        people who are known not to be on the map.
    rng : Generator

    Returns
    -------
    Measures
        Family "linked"; see `privaudit.linkage.link_releases`.
    """
    truth = JoinTruth.of(table, dots, join)
    rows = Rows(len(dots), "dots")
    _add_addresses(rows, truth.home, truth.has_address, len(dots.backdrop))
    for name in join.ways:
        add_comparison(rows, name, join, truth, dots.backdrop, rng)
    if join.ways:
        add_agreement(rows, join, truth, rng)
        add_without(rows, join, truth)
        _add_shown(rows, table, dots, join, truth)
    notes = join.notes if join.ways else (*join.notes, Note("nothing_to_join"))
    return _measures(rows, table, notes)


def _measures(rows: Rows, table: TableRelease, notes: tuple[Note, ...]) -> Measures:
    return Measures(
        family="linked", rows=rows, name=table.name, provenance=table.provenance, notes=notes,
        recipe={"stage": "linked"},
    )  # fmt: skip


def _add_addresses(rows: Rows, address: np.ndarray, has_address: np.ndarray, n: int) -> None:
    known = address[address >= 0]
    here = np.bincount(known, minlength=n)
    rows.share("address_found", address[has_address] >= 0, counts="records")
    rows.share("alone_at_address", here[known] == 1, clusters=known, counts="records")


def _add_doors(rows: Rows, address: np.ndarray, base: AddressBase) -> None:
    here = np.bincount(address[address >= 0], minlength=len(base))
    doors = np.flatnonzero(here)
    rows.count("doors", len(doors), "addresses", n=len(doors), counts="addresses")
    if not len(doors):
        return
    mean = float(here[doors].mean())
    rows.count("people_a_door", mean, "records", n=len(doors), counts="addresses")
    if "households" in base.counts:
        homes = int(base.homes()[doors].sum())
        rows.count("households_there", homes, "households", n=homes, counts="households")


def _add_shown(
    rows: Rows, table: TableRelease, dots: DotRelease, join: JoinKeys, truth: JoinTruth
) -> None:
    """Add what is known of each dot, and record, from its own file, and from both."""
    keys = join.ways[join.best].of_records(truth.mine)
    once = table.records.reset_index(drop=True).iloc[join.rows[truth.mine]]
    once = once.reset_index(drop=True)
    (mine, of_records), (beside, of_dots) = (
        _kinds(frame, known) for frame, known in ((once, join.holds), (dots.beside, join.beside))
    )
    named, at = keys.dot_matches().one, keys.record_matches(np.arange(len(dots))).one
    mine["location"] = truth.home >= 0
    # A dot that was moved tells no home.
    moved = any(note.key == "dots_moved_off" for note in join.notes)
    beside["location"] = np.full(len(dots), not moved)
    for measure, counts, alone, few, other, link, homes in (
        ("dot_tells", "dots", beside, of_dots, mine, named, truth.dot_homes),
        ("record_tells", "records", mine, of_records, beside, at, truth.homes),
    ):
        nobody = np.zeros(len(link), dtype=bool)
        # Who shows each kind in their own file, and in both together.
        shown: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for kind in dict.fromkeys((*alone, *other)):
            before = alone.get(kind, nobody)
            linked = (link >= 0) & other[kind][link] if kind in other else nobody
            shown[kind] = before, before | linked
        joined = link >= 0
        # Where every record of the other file shows a kind, all who are joined show it, and their
        # number is printed anyway. Any other kind divides them, and its count may be small.
        parted = {k for k in shown if k in alone or (k in other and not other[k].all())}
        if {"identity", "support"} <= set(shown):
            kinds = ("identity", "location", "support")
            three = [shown[kind] for kind in kinds]
            before, after = (np.logical_and.reduce(part) for part in zip(*three, strict=True))
            shown["all_three"] = before, after
            if any(kind in parted and not shown[kind][0].all() for kind in kinds):
                parted.add("all_three")
        for kind, (before, after) in shown.items():
            if (kind, measure) == ("location", "dot_tells"):
                continue
            hidden = ["baseline"] if kind in few else []
            if kind in parted and not before.any() and joined.sum() < SMALL_CELL:
                # Nobody, or one of few, says the same of them all.
                hidden.append("row")
            # Those who show a kind are a cell, as in an inventory, and those who do so by the join.
            rows.share(
                measure,
                after,
                part={"what": kind},
                baseline=before.mean(),
                cell=kind in parted,
                counts=counts,
                clusters=homes,
                unprinted=tuple(hidden),
            )


def _kinds(
    frame: pd.DataFrame, known: Mapping[str, ColumnKind]
) -> tuple[dict[str, np.ndarray], set[str]]:
    """Return which rows of a file show each kind, and kinds of which one column alone shows few.

    All direct identifiers are one kind. An inventory of the file has the other columns: their union
    would tell the few.
    """
    shown = rows_showing(frame, known)
    by_kind: dict[str, np.ndarray] = {}
    few: set[str] = set()
    for kind in ("identity", *(k for k in SHOWN_KINDS if k not in ("place", "number"))):
        kinds = IDENTIFYING_KINDS if kind == "identity" else (kind,)
        hits = [which for (k, _), which in shown.items() if k in kinds]
        if hits:
            by_kind[kind] = np.logical_or.reduce(hits)
        counts = [min(int(which.sum()), len(which) - int(which.sum())) for which in hits]
        if len(hits) > 1 and any(0 < count < SMALL_CELL for count in counts):
            few.add(kind)
    return by_kind, few
