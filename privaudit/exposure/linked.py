"""A people table laid beside a map by address: which dots it names."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit._core.checks import an_instance
from privaudit.places.address_base import AddressBase
from privaudit.places.written_address import address_rows
from privaudit.release.release import DotRelease, TableRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.tables.recognise import held
from privaudit.tables.systems import system_of
from privaudit.words.note import Note

__all__ = ["linked_by_address", "people_at"]

# A dot farther from every address stands on none.
_ON_ADDRESS = 5.0


def people_at(frame: pd.DataFrame, base: AddressBase) -> tuple[np.ndarray, np.ndarray]:
    """Return the address of each record of a table, by its words.

    Returns
    -------
    address : ndarray of int64
        Row of `base`; -1 where the record tells none, or none that is known, or several.
    told : ndarray of bool
        Records that tell an address.
    """
    system = system_of(frame.columns)
    if system is not None:
        texts = [system.addresses(frame)]
    else:
        columns = [column for column, one in held(frame).items() if one.kind == "address"]
        texts = [frame[column].fillna("").astype("str") for column in columns]
    address, told = np.full(len(frame), -1, dtype=np.int64), np.zeros(len(frame), dtype=bool)
    for text in texts:
        found = address_rows(text, base)
        address = np.where(address < 0, found, address)
        told |= (text != "").to_numpy()
    return address, told


def linked_by_address(
    table: TableRelease, base: AddressBase, dots: DotRelease | None = None
) -> Measures:
    """Lay a people table beside the public addresses, and beside a map of dots on addresses.

    Parameters
    ----------
    table : TableRelease
    base : AddressBase
    dots : DotRelease, optional
        A map over the same addresses. A dot more than 5 m from every address names nobody.

    Returns
    -------
    Measures
        Family "linked"; 0 is safe.

        - address_found: share of the records that tell an address, whose address is a known one.
        - alone_at_address: of these, share at whose address the table has nobody else.
        - dot_named: share of the dots at whose address the table has exactly one person. Baseline:
          the same at an address drawn among all. Control: at the second nearest address.
        - dot_among: share at whose address it has several.
        - dot_right: of the dots that are named, share whose person it is; a simulation only.
    """
    an_instance("linked_by_address", "base", base, AddressBase, "Use read_addresses.")
    frame = table.records.reset_index(drop=True)
    identifier = list(table.roles.identifier)
    once = frame.drop_duplicates(identifier) if identifier else frame
    address, told = people_at(once, base)
    found = address[address >= 0]
    here = np.bincount(found, minlength=len(base))
    rows = Rows(len(once), "records")
    rows.share("address_found", address[told] >= 0)
    rows.share("alone_at_address", here[found] == 1, clusters=found)
    if dots is not None:
        _add_dots(rows, table, once.index.to_numpy(), address, dots)
    return Measures(
        family="linked",
        rows=rows,
        name=table.name,
        provenance=table.provenance,
        notes=() if told.any() else (Note("no_address_told"),),
        recipe={"stage": "linked"},
    )


def _add_dots(
    rows: Rows, table: TableRelease, kept: np.ndarray, address: np.ndarray, dots: DotRelease
) -> None:
    """Add what the table says of each dot."""
    from scipy.spatial import cKDTree

    base = dots.backdrop
    here = np.bincount(address[address >= 0], minlength=len(base))
    points = dots.records[["x", "y"]].to_numpy(dtype=float)
    far, near = cKDTree(base.xy).query(points, k=min(2, len(base)))
    far, near = far.reshape(len(points), -1), near.reshape(len(points), -1)
    on = far[:, 0] <= _ON_ADDRESS
    named = on & (here[near[:, 0]] == 1)
    beside = on & (here[near[:, -1]] == 1)
    blind = float(on.mean() * (here == 1).mean()) if len(on) else np.nan
    rows.share(
        "dot_named", named, control=beside, clusters=near[:, 0], control_clusters=near[:, -1],
        baseline=blind, counts="dots",
    )  # fmt: skip
    rows.share("dot_among", on & (here[near[:, 0]] > 1), clusters=near[:, 0], counts="dots")
    if table.sources is None or dots.sources is None or table.world != dots.world:
        return
    record = np.full(len(base), -1)
    record[address[address >= 0]] = kept[address >= 0]
    who = table.sources["person"].to_numpy()[record[near[named, 0]]]
    right = who == dots.sources["person"].to_numpy()[named]
    rows.share("dot_right", right, clusters=near[named, 0], counts="dots", gain="person")
