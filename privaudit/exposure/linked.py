"""A people table laid beside addresses and a map: what the two tell that neither does alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.checks import an_instance
from privaudit.attacks.fitting import fitting
from privaudit.attacks.join_files import Laid
from privaudit.exposure.linked_ways import Seen, add_agreement, add_way, add_without
from privaudit.places.address_base import AddressBase
from privaudit.places.join_addresses import join_addresses
from privaudit.places.written_address import WHY
from privaudit.release.release import DotRelease, TableRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.tables.headers import DIRECT, SHOWN
from privaudit.tables.recognise import Held
from privaudit.tables.shown_cells import shown_by
from privaudit.words.note import Note

__all__ = ["linked_by_address", "linked_files"]


def linked_by_address(table: TableRelease, base: AddressBase) -> Measures:
    """Lay a people table beside the public addresses.

    Returns
    -------
    Measures
        Family "linked"; 0 is safe.

        - address_found: share of the records that tell an address, whose address is a known one.
        - alone_at_address: of these, share at whose address the table has nobody else.
        - address_lost: share of the records that tell an address, which is not found, by ``why``:
          of another place ("elsewhere"), of several, its number or its street unknown, no number.
        - doors: addresses at which the table has somebody; people_a_door: records at one of them,
          on average; households_there: households at these addresses, where they are counted.
    """
    an_instance("linked_by_address", "base", base, AddressBase, "Use read_addresses.")
    frame = table.records.reset_index(drop=True)
    identifier = list(table.roles.identifier)
    once = frame.drop_duplicates(identifier) if identifier else frame
    joined = join_addresses(once, base)
    rows = Rows(len(once), "records")
    _add_addresses(rows, joined.address, joined.told, len(base))
    for why in WHY:
        lost = (joined.why == why)[joined.told]
        if lost.any():
            rows.share("address_lost", lost, part={"why": why})
    _add_doors(rows, joined.address, base)
    return _measures(rows, table, () if joined.told.any() else (Note("no_address_told"),))


def linked_files(
    table: TableRelease, dots: DotRelease, laid: Laid, *, rng: np.random.Generator
) -> Measures:
    """Say what a people table and a map of dots tell together.

    Parameters
    ----------
    table, dots : TableRelease, DotRelease
        With their sealed sources where both come from one simulated world.
    laid : Laid
        One laid beside the other, see `lay_beside`. Records beyond those of the table are of
        people who are known not to be on the map: they are the control, and nothing else.
    rng : Generator

    Returns
    -------
    Measures
        Family "linked"; see `privaudit.link_releases`.
    """
    seen = Seen.of(table, dots, laid)
    rows = Rows(len(dots), "dots")
    _add_addresses(rows, seen.home, seen.told, len(dots.backdrop))
    for name in laid.ways:
        add_way(rows, name, laid, seen, dots.backdrop, rng)
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
    found = address[address >= 0]
    here = np.bincount(found, minlength=n)
    rows.share("address_found", address[told] >= 0, counts="records")
    rows.share("alone_at_address", here[found] == 1, clusters=found, counts="records")


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


def _add_told(rows: Rows, table: TableRelease, dots: DotRelease, laid: Laid, seen: Seen) -> None:
    """Add what is told of each dot, and of each record: by its own file alone, and by both."""
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
        told: dict[str, Any] = {"counts": counts, "clusters": homes}
        both = {}
        for kind in dict.fromkeys((*alone, *other)):
            before = alone.get(kind, nobody)
            both[kind] = before | ((link >= 0) & other[kind][link] if kind in other else nobody)
            if (kind, measure) != ("location", "dot_tells"):
                # Whose own file tells it are a group by themselves, as in an inventory.
                own = {"baseline": before.mean(), "cell": bool(before.any()), **told}
                rows.share(measure, both[kind], part={"what": kind}, **own)
        if {"identity", "support"} <= set(both):
            three = ("identity", "location", "support")
            whole = np.logical_and.reduce([both[kind] for kind in three])
            before = np.logical_and.reduce([alone.get(kind, nobody) for kind in three])
            own = {"baseline": before.mean(), "cell": bool(before.any()), **told}
            rows.share(measure, whole, part={"what": "all_three"}, **own)


def _kinds(frame: pd.DataFrame, known: Mapping[str, Held]) -> dict[str, np.ndarray]:
    """Say which rows of a file show each kind; what says who somebody is counts as one."""
    shown = shown_by(frame, known)
    found: dict[str, np.ndarray] = {}
    for kind in ("identity", *(k for k in SHOWN if k not in ("place", "number"))):
        kinds = DIRECT if kind == "identity" else (kind,)
        hits = [which for (k, _), which in shown.items() if k in kinds]
        if hits:
            found[kind] = np.logical_or.reduce(hits)
    return found
