"""What each way to lay a people table beside a map tells: claims, chance, and who is right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from privaudit.attacks.dealt_names import DealtNames
from privaudit.attacks.fitting import Fits, Keys, fitting
from privaudit.attacks.join_files import Laid, best_way
from privaudit.places.address_base import AddressBase
from privaudit.release.release import DotRelease, TableRelease
from privaudit.results.rows import Rows
from privaudit.words.note import Note

__all__ = ["Seen", "add_agreement", "add_way", "add_without"]

# Draws of a blind join, whose mean is the baseline.
_DRAWS = 20
# What may be withheld of the table, and the ways, or keys, that go with it.
_WITHHELD = {
    "address": {"place"}, "identity": {"identity"}, "columns": {"columns", "place_and_columns"},
}  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Seen:
    """Who lives together, and, in a simulation, who is who.

    - `mine`, `others`: Records of the table, and those of people who are not on the map, as rows
      of `laid.kept`.
    - `home`, `told`, `door`: See `Laid`; of `mine`.
    - `dot_homes`, `homes`, `held_homes`: Which dots, records and held out records share a home.
    - `label`: Door of each dot as a number, one of its own where it stands on no address.
    - `known`: Whether both are of one simulated world, whose truth is there.
    - `who`, `people`: Person of each dot, and of each record; empty where nobody knows.
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
    def of(cls, table: TableRelease, dots: DotRelease, laid: Laid) -> Seen:
        """Find households by the truth, or else by the door."""
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
        """Return every dot with each record of its own person."""
        order = np.argsort(self.people, kind="stable")
        first, last = (
            np.searchsorted(self.people[order], self.who, side=side) for side in ("left", "right")
        )
        many = last - first
        dot = np.repeat(np.arange(len(self.who)), many)
        at = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + first[dot]
        return dot, order[at]


def _apart(codes: np.ndarray) -> np.ndarray:
    """Return codes with a number of its own in the place of each that is not known."""
    top = int(codes.max(initial=-1)) + 1
    found: np.ndarray = np.where(codes >= 0, codes, top + np.arange(len(codes)))
    return found


def add_way(
    rows: Rows, by: str, laid: Laid, seen: Seen, base: AddressBase, rng: np.random.Generator
) -> None:
    """Add what one way to compare tells of dots, and of records."""
    # Keys of all records, those of people who are not on the map too.
    whole = laid.ways[by]
    keys = whole.of_records(seen.mine)
    number, counted = np.arange(len(seen.mine)), np.arange(len(seen.label))
    ours = fitting(keys.dots, keys.records, keys.needed, number)
    named, beside = ours.one >= 0, _beside(keys, base)
    blind = _blind(keys, seen.label, len(base), rng)
    if by == "identity" and laid.names is not None:
        blind = _homonyms(laid.names, keys, seen.label, rng)
    told: dict[str, Any] = {"part": {"by": by}, "counts": "dots", "clusters": seen.dot_homes}
    own = control = None
    if seen.known:
        own = _own(keys, seen)
        control = ours.many - own == 1
    elif beside is not None:
        control = fitting(beside.dots, keys.records, keys.needed, number).one >= 0
    rows.share("dot_named", named, control=control, paired=True, baseline=blind[0], **told)
    rows.share("dot_among", ours.many > 1, **told)
    back = fitting(keys.records, keys.dots, keys.needed, counted)
    both = named & (back.many[ours.one] == 1)
    rows.share("in_both", both, **told)
    if own is not None:
        _add_right(rows, by, ours, own, both, seen)
    located = fitting(keys.records, keys.dots, keys.needed, seen.label).one >= 0
    told = {"part": {"by": by}, "counts": "records", "clusters": seen.homes, "baseline": blind[1]}
    if len(seen.others):
        others = whole.of_records(seen.others)
        found = fitting(others.records, keys.dots, keys.needed, seen.label).one >= 0
        told |= {"control": found, "control_clusters": seen.held_homes}
    elif seen.known:
        absent = ~np.isin(seen.people, seen.who)
        told |= {"control": located[absent], "control_clusters": seen.homes[absent]}
    elif beside is not None:
        found = fitting(beside.records, keys.dots, keys.needed, seen.label).one >= 0
        told |= {"control": found, "paired": True}
    rows.share("record_located", located, **told)


def _own(keys: Keys, seen: Seen) -> np.ndarray:
    """Count the records of each dot's own person that fit it."""
    dot, record = seen.pairs()
    fits = keys.fit(dot, record)
    found: np.ndarray = np.bincount(dot[fits], minlength=keys.dots.shape[1])
    return found


def _add_right(
    rows: Rows, by: str, ours: Fits, own: np.ndarray, both: np.ndarray, seen: Seen
) -> None:
    """Add who is right, where the truth is known: by name, by a guess among several, and in both.

    By chance, the table's rows being dealt anew to its people, a dot is given its own person as
    often as that person stands in the table.
    """
    told: dict[str, Any] = {"counts": "dots", "gain": "person", "part": {"by": by}}
    by_chance = np.isin(seen.who, seen.people) / len(seen.people)
    guessed, some, named = own / np.maximum(ours.many, 1), ours.many > 0, ours.one >= 0
    homes = seen.dot_homes
    rows.share("dot_right", guessed, clusters=homes, baseline=(some * by_chance).mean(), **told)
    for name, which in (("named_right", named), ("in_both_right", both)):
        if which.any():
            chance = by_chance[which].mean()
            rows.share(name, (own > 0)[which], clusters=homes[which], baseline=chance, **told)


def _beside(keys: Keys, base: AddressBase) -> Keys | None:
    """Return the same keys one door further on, for dots and for records; None without a place."""
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

    return keys.with_dots(place=moved(keys.dots[at])).with_records(place=moved(keys.records[at]))


def _blind(
    keys: Keys, label: np.ndarray, addresses: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return what a join of dots that are nobody's names, and locates: the mean of some draws.

    A dot is put at an address drawn among all, and of each column shows another dot's cell. Of one
    column alone, that would change nothing: nan.
    """
    if keys.names[0] != "place" and len(keys.names) == 1:
        return math.nan, math.nan
    number, found = np.arange(keys.records.shape[1]), []
    for _ in range(_DRAWS):
        drawn = {}
        for name, codes in zip(keys.names, keys.dots, strict=True):
            anywhere = rng.integers(0, max(addresses, 1), len(codes))
            place = np.where(codes >= 0, anywhere, -1)
            drawn[name] = place if name == "place" else rng.permutation(codes)
        dots = keys.with_dots(**drawn).dots
        ours = fitting(dots, keys.records, keys.needed, number)
        theirs = fitting(keys.records, dots, keys.needed, label)
        found.append(((ours.one >= 0).mean(), (theirs.one >= 0).mean()))
    named, located = np.mean(found, axis=0)
    return float(named), float(located)


def _homonyms(
    names: DealtNames, keys: Keys, label: np.ndarray, rng: np.random.Generator
) -> tuple[float, float]:
    """Return what is named, and located, of dots that bear the given name of another.

    Nobody is called so, as far as is known: whoever meets such a name is a homonym.
    """
    number, found = np.arange(keys.records.shape[1]), []
    for _ in range(_DRAWS):
        codes, other = names.dealt(rng)
        if not other.any():
            return math.nan, math.nan
        dots = keys.with_dots(**{keys.names[0]: codes}).dots
        ours = fitting(dots[:, other], keys.records, keys.needed, number)
        theirs = fitting(keys.records, dots[:, other], keys.needed, label[other])
        found.append(((ours.one >= 0).mean(), (theirs.one >= 0).mean()))
    named, located = np.mean(found, axis=0)
    return float(named), float(located)


def add_without(rows: Rows, laid: Laid, seen: Seen) -> None:
    """Add how many dots would still be named if what both files show of one kind were withheld."""

    def named(ways: Mapping[str, Keys]) -> np.ndarray:
        keys = ways[best_way(ways)].of_records(seen.mine)
        number = np.arange(len(seen.mine))
        found: np.ndarray = fitting(keys.dots, keys.records, keys.needed, number).one >= 0
        return found

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


def add_agreement(rows: Rows, laid: Laid, seen: Seen, rng: np.random.Generator) -> None:
    """Add how often dots and the records that stand at their door show the same of a person."""
    place = next((laid.ways[w] for w in ("coordinates", "address") if w in laid.ways), None)
    if place is None or "columns" not in laid.ways:
        return
    place, columns = (keys.of_records(seen.mine) for keys in (place, laid.ways["columns"]))
    found = fitting(place.dots, place.records, place.needed, np.arange(len(seen.mine)))
    dot = np.flatnonzero(found.one >= 0)
    record = found.one[dot]
    told = ((columns.dots[:, dot] >= 0) & (columns.records[:, record] >= 0)).any(axis=0)
    dot, record = dot[told], record[told]
    if not len(dot):
        return
    chance = [columns.fit(dot, rng.permutation(record)).mean() for _ in range(_DRAWS)]
    rows.share(
        "columns_agree", columns.fit(dot, record), clusters=seen.dot_homes[dot], counts="dots",
        baseline=float(np.mean(chance)), notes=Note("columns_shared", columns=columns.names),
    )  # fmt: skip
