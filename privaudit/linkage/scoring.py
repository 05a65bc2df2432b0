"""What a join of a people table and a map gives: who is named, located and right, beside chance.

The only file of this room that opens the sealed sources of a simulated table and map.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.headers import IDENTIFYING_KINDS, SHOWN_KINDS
from privaudit.columns.recognise import ColumnKind, rows_showing
from privaudit.core.checks import an_instance
from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import REASONS, join_addresses
from privaudit.linkage.join_files import JoinKeys, best_way
from privaudit.linkage.person_index import Fits, KeyCodes, PermutedNames, fitting
from privaudit.release.release import DotRelease, TableRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
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
      map, as rows of `laid.kept`.
    - `home`, `told`, `door`: See `Laid`; of `mine`.
    - `dot_homes`, `homes`, `held_homes`: Home of each dot, record and control record, as a code.
    - `label`: Address of each dot as a code; its own where it is on no address.
    - `known`: Whether table and map are of one simulated world, with sources.
    - `who`, `people`: Person of each dot, and of each record; empty without a truth.
    """

    mine: np.ndarray
    others: np.ndarray
    home: np.ndarray
    told: np.ndarray
    dot_homes: np.ndarray
    homes: np.ndarray
    held_homes: np.ndarray
    label: np.ndarray
    known: bool
    who: np.ndarray
    people: np.ndarray

    @classmethod
    def of(cls, table: TableRelease, dots: DotRelease, laid: JoinKeys) -> JoinTruth:
        """Read households from the sealed sources, or else from the addresses."""
        is_held = laid.kept >= len(table.records)
        mine, others = np.flatnonzero(~is_held), np.flatnonzero(is_held)
        label = _apart(laid.door)
        homes, dot_homes, who, people = _apart(laid.home)[mine], label, label[:0], label[:0]
        known = table.sources is not None and dots.sources is not None and table.world == dots.world
        if known:
            truth, shown = table.opened("link_releases"), dots.opened("link_releases")
            truth = truth.iloc[laid.kept[mine]]
            who, people = (of["person"].to_numpy() for of in (shown, truth))
            dot_homes, homes = (_apart(of["marked_household"].to_numpy()) for of in (shown, truth))
        return cls(
            mine=mine, others=others, home=laid.home[mine], told=laid.told[mine],
            dot_homes=dot_homes, homes=homes, held_homes=_apart(laid.home)[others],
            label=label, known=known, who=who, people=people,
        )  # fmt: skip

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all pairs of a dot and a record of the same person."""
        order = np.argsort(self.people, kind="stable")
        first, last = (
            np.searchsorted(self.people[order], self.who, side=side) for side in ("left", "right")
        )
        many = last - first
        dot = np.repeat(np.arange(len(self.who)), many)
        at = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + first[dot]
        return dot, order[at]


def _apart(codes: np.ndarray) -> np.ndarray:
    """Return codes with a distinct code for each unknown one."""
    top = int(codes.max(initial=-1)) + 1
    return np.asarray(np.where(codes >= 0, codes, top + np.arange(len(codes))))


def add_comparison(
    rows: Rows,
    by: str,
    laid: JoinKeys,
    seen: JoinTruth,
    base: AddressBase,
    rng: np.random.Generator,
) -> None:
    """Add the rows of one comparison, of dots and of records."""
    # Keys of all records, control records included.
    whole = laid.ways[by]
    keys = whole.of_records(seen.mine)
    number, counted = np.arange(len(seen.mine)), np.arange(len(seen.label))
    ours = fitting(keys.dots, keys.records, keys.needed, number)
    named, beside = ours.one >= 0, _beside(keys, base)
    blind = _blind(keys, seen.label, len(base), rng)
    if by == "identity" and laid.names is not None:
        blind = _homonyms(laid.names, keys, seen.label, rng)
    fields: dict[str, Any] = {"part": {"by": by}, "counts": "dots", "clusters": seen.dot_homes}
    own = control = None
    if seen.known:
        own = _own(keys, seen)
        control = ours.many - own == 1
    elif beside is not None:
        control = fitting(beside.dots, keys.records, keys.needed, number).one >= 0
    rows.share("dot_named", named, control=control, paired=True, baseline=blind[0], **fields)
    rows.share("dot_among", ours.many > 1, **fields)
    back = fitting(keys.records, keys.dots, keys.needed, counted)
    both = named & (back.many[ours.one] == 1)
    rows.share("in_both", both, **fields)
    if own is not None:
        _add_right(rows, by, ours, own, both, seen)
    located = fitting(keys.records, keys.dots, keys.needed, seen.label).one >= 0
    fields = {"part": {"by": by}, "counts": "records", "clusters": seen.homes, "baseline": blind[1]}
    if len(seen.others):
        others = whole.of_records(seen.others)
        by_chance = fitting(others.records, keys.dots, keys.needed, seen.label).one >= 0
        fields |= {"control": by_chance, "control_clusters": seen.held_homes}
    elif seen.known:
        absent = ~np.isin(seen.people, seen.who)
        fields |= {"control": located[absent], "control_clusters": seen.homes[absent]}
    elif beside is not None:
        by_chance = fitting(beside.records, keys.dots, keys.needed, seen.label).one >= 0
        fields |= {"control": by_chance, "paired": True}
    rows.share("record_located", located, **fields)


def _own(keys: KeyCodes, seen: JoinTruth) -> np.ndarray:
    """Count the fitting records of each dot's own person."""
    dot, record = seen.pairs()
    fits = keys.fit(dot, record)
    return np.asarray(np.bincount(dot[fits], minlength=keys.dots.shape[1]))


def _add_right(
    rows: Rows, by: str, ours: Fits, own: np.ndarray, both: np.ndarray, seen: JoinTruth
) -> None:
    """Add the right matches, where the truth is known.

    Baseline: the rows of the table permuted over its people.
    """
    fields: dict[str, Any] = {"counts": "dots", "gain": "person", "part": {"by": by}}
    by_chance = np.isin(seen.who, seen.people) / len(seen.people)
    guessed, some, named = own / np.maximum(ours.many, 1), ours.many > 0, ours.one >= 0
    homes = seen.dot_homes
    rows.share("dot_right", guessed, clusters=homes, baseline=(some * by_chance).mean(), **fields)
    for name, which in (("named_right", named), ("in_both_right", both)):
        if which.any():
            chance = by_chance[which].mean()
            rows.share(name, (own > 0)[which], clusters=homes[which], baseline=chance, **fields)


def _beside(keys: KeyCodes, base: AddressBase) -> KeyCodes | None:
    """Return the keys with every place moved to the next address; None without a place."""
    from scipy.spatial import cKDTree

    if "place" not in keys.names or len(base) < 2:
        return None
    near = cKDTree(base.xy).query(base.xy, k=2)[1]
    itself = np.arange(len(base))
    following = np.where(near[:, 0] == itself, near[:, 1], near[:, 0])
    at = keys.names.index("place")

    def moved(codes: np.ndarray) -> np.ndarray:
        known = (codes >= 0) & (codes < len(base))
        return np.where(known, following[np.where(known, codes, 0)], -1)

    return keys.with_codes("dots", place=moved(keys.dots[at])).with_codes(
        "records", place=moved(keys.records[at])
    )


def _blind(
    keys: KeyCodes, label: np.ndarray, addresses: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the mean shares of dots named, and records located, by random joins.

    Each dot gets a random address and, in each column, the cell of another dot. nan for a single
    column, whose permutation changes nothing.
    """
    if keys.names[0] != "place" and len(keys.names) == 1:
        return math.nan, math.nan
    number, shares = np.arange(keys.records.shape[1]), []
    for _ in range(_DRAWS):
        drawn = {}
        for name, codes in zip(keys.names, keys.dots, strict=True):
            anywhere = rng.integers(0, max(addresses, 1), len(codes))
            place = np.where(codes >= 0, anywhere, -1)
            drawn[name] = place if name == "place" else rng.permutation(codes)
        dots = keys.with_codes("dots", **drawn).dots
        ours = fitting(dots, keys.records, keys.needed, number)
        theirs = fitting(keys.records, dots, keys.needed, label)
        shares.append(((ours.one >= 0).mean(), (theirs.one >= 0).mean()))
    named, located = np.mean(shares, axis=0)
    return float(named), float(located)


def _homonyms(
    names: PermutedNames, keys: KeyCodes, label: np.ndarray, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the mean shares of dots named, and records located, with permuted given names.

    A record that matches such a name is a homonym.
    """
    number, shares = np.arange(keys.records.shape[1]), []
    for _ in range(_DRAWS):
        codes, other = names.permuted(rng)
        if not other.any():
            return math.nan, math.nan
        dots = keys.with_codes("dots", **{keys.names[0]: codes}).dots
        ours = fitting(dots[:, other], keys.records, keys.needed, number)
        theirs = fitting(keys.records, dots[:, other], keys.needed, label[other])
        shares.append(((ours.one >= 0).mean(), (theirs.one >= 0).mean()))
    named, located = np.mean(shares, axis=0)
    return float(named), float(located)


def add_without(rows: Rows, laid: JoinKeys, seen: JoinTruth) -> None:
    """Add the share of dots still named if the shared columns of one kind were withheld."""

    def named(ways: Mapping[str, KeyCodes]) -> np.ndarray:
        keys = ways[best_way(ways)].of_records(seen.mine)
        number = np.arange(len(seen.mine))
        return np.asarray(fitting(keys.dots, keys.records, keys.needed, number).one >= 0)

    now = named(laid.ways)
    for what, gone in _WITHHELD.items():
        left = {by: keys for by, keys in laid.ways.items() if not gone & {by, *keys.names}}
        if laid.best in left:
            continue
        still = named(left) if left else np.zeros(len(now), dtype=bool)
        rows.share(
            "dot_named_without", still, clusters=seen.dot_homes, counts="dots",
            baseline=now.mean(), part={"what": what},
        )  # fmt: skip


def add_agreement(rows: Rows, laid: JoinKeys, seen: JoinTruth, rng: np.random.Generator) -> None:
    """Add how often the shared columns of dots and records at one address agree."""
    place = next((laid.ways[w] for w in ("coordinates", "address") if w in laid.ways), None)
    if place is None or "columns" not in laid.ways:
        return
    place, columns = (keys.of_records(seen.mine) for keys in (place, laid.ways["columns"]))
    fits = fitting(place.dots, place.records, place.needed, np.arange(len(seen.mine)))
    dot = np.flatnonzero(fits.one >= 0)
    record = fits.one[dot]
    both_show = ((columns.dots[:, dot] >= 0) & (columns.records[:, record] >= 0)).any(axis=0)
    dot, record = dot[both_show], record[both_show]
    if not len(dot):
        return
    chance = [columns.fit(dot, rng.permutation(record)).mean() for _ in range(_DRAWS)]
    rows.share(
        "columns_agree", columns.fit(dot, record), clusters=seen.dot_homes[dot], counts="dots",
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
    once = frame.drop_duplicates(identifier) if identifier else frame
    joined = join_addresses(once, base)
    rows = Rows(len(once), "records")
    _add_addresses(rows, joined.address, joined.has_address, len(base))
    for why in REASONS:
        lost = (joined.why == why)[joined.has_address]
        if lost.any():
            rows.share("address_lost", lost, part={"why": why})
    _add_doors(rows, joined.address, base)
    return _measures(rows, table, () if joined.has_address.any() else (Note("no_address_told"),))


def score_join(
    table: TableRelease, dots: DotRelease, laid: JoinKeys, *, rng: np.random.Generator
) -> Measures:
    """Score the join of a people table and a map of dots.

    Parameters
    ----------
    table, dots : TableRelease, DotRelease
        With their sealed sources where both come from one simulated world.
    laid : Laid
        Their join keys, see `join_keys`. Records beyond those of the table are the control:
        people who are known not to be on the map.
    rng : Generator

    Returns
    -------
    Measures
        Family "linked"; see `privaudit.linkage.link_releases`.
    """
    seen = JoinTruth.of(table, dots, laid)
    rows = Rows(len(dots), "dots")
    _add_addresses(rows, seen.home, seen.told, len(dots.backdrop))
    for name in laid.ways:
        add_comparison(rows, name, laid, seen, dots.backdrop, rng)
    if laid.ways:
        add_agreement(rows, laid, seen, rng)
        add_without(rows, laid, seen)
        _add_told(rows, table, dots, laid, seen)
    notes = laid.notes if laid.ways else (*laid.notes, Note("nothing_to_join"))
    return _measures(rows, table, notes)


def _measures(rows: Rows, table: TableRelease, notes: tuple[Note, ...]) -> Measures:
    return Measures(
        family="linked", rows=rows, name=table.name, provenance=table.provenance, notes=notes,
        recipe={"stage": "linked"},
    )  # fmt: skip


def _add_addresses(rows: Rows, address: np.ndarray, told: np.ndarray, n: int) -> None:
    known = address[address >= 0]
    here = np.bincount(known, minlength=n)
    rows.share("address_found", address[told] >= 0, counts="records")
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


def _add_told(
    rows: Rows, table: TableRelease, dots: DotRelease, laid: JoinKeys, seen: JoinTruth
) -> None:
    """Add what is known of each dot, and record, from its own file, and from both."""
    keys = laid.ways[laid.best].of_records(seen.mine)
    once = table.records.reset_index(drop=True).iloc[laid.kept[seen.mine]]
    once = once.reset_index(drop=True)
    mine, beside = _kinds(once, laid.holds), _kinds(dots.beside, laid.beside)
    named = fitting(keys.dots, keys.records, keys.needed, np.arange(len(once))).one
    at = fitting(keys.records, keys.dots, keys.needed, np.arange(len(dots))).one
    mine["location"] = seen.home >= 0
    # A dot that was moved tells no home.
    moved = any(note.key == "dots_moved_off" for note in laid.notes)
    beside["location"] = np.full(len(dots), not moved)
    for measure, counts, alone, other, link, homes in (
        ("dot_tells", "dots", beside, mine, named, seen.dot_homes),
        ("record_tells", "records", mine, beside, at, seen.homes),
    ):
        nobody = np.zeros(len(link), dtype=bool)
        fields: dict[str, Any] = {"counts": counts, "clusters": homes}
        both = {}
        for kind in dict.fromkeys((*alone, *other)):
            before = alone.get(kind, nobody)
            both[kind] = before | ((link >= 0) & other[kind][link] if kind in other else nobody)
            if (kind, measure) != ("location", "dot_tells"):
                # Those with the value in their own file are a cell, as in an inventory.
                own = {"baseline": before.mean(), "cell": bool(before.any()), **fields}
                rows.share(measure, both[kind], part={"what": kind}, **own)
        if {"identity", "support"} <= set(both):
            three = ("identity", "location", "support")
            whole = np.logical_and.reduce([both[kind] for kind in three])
            before = np.logical_and.reduce([alone.get(kind, nobody) for kind in three])
            own = {"baseline": before.mean(), "cell": bool(before.any()), **fields}
            rows.share(measure, whole, part={"what": "all_three"}, **own)


def _kinds(frame: pd.DataFrame, known: Mapping[str, ColumnKind]) -> dict[str, np.ndarray]:
    """Return which rows of a file show each kind; all direct identifiers are one kind."""
    shown = rows_showing(frame, known)
    found: dict[str, np.ndarray] = {}
    for kind in ("identity", *(k for k in SHOWN_KINDS if k not in ("place", "number"))):
        kinds = IDENTIFYING_KINDS if kind == "identity" else (kind,)
        hits = [which for (k, _), which in shown.items() if k in kinds]
        if hits:
            found[kind] = np.logical_or.reduce(hits)
    return found
