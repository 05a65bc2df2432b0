"""The registers that adversaries hold of a simulated town, and whom their entries name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, say
from privaudit.errors import ParameterError
from privaudit.places.join_addresses import people_at
from privaudit.release.files import read_frame
from privaudit.tables.systems import system_of

if TYPE_CHECKING:
    from privaudit.attacks.adversary import Adversary
    from privaudit.places.address_base import AddressBase
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["NEIGHBOURS_KNOW", "equipped", "persons_named", "read_register"]

# How the systems call the two names of a person.
_NAMES = {
    "LastName": "last_name", "FirstName": "first_name",
    "family_name": "last_name", "given_name": "first_name",
}  # fmt: skip
# Who lives where, and nothing of opinions.
NEIGHBOURS_KNOW = ["last_name", "first_name", "sex", "age_band", "address", "station"]


def equipped(adversary: Adversary, world: SimulatedWorld | None) -> Adversary:
    """Give a neighbour who has none the register of all who live in the town."""
    if world is None or not adversary.needs_register or adversary.register is not None:
        return adversary
    return replace(adversary, register=world.people[NEIGHBOURS_KNOW])


def persons_named(adversary: Adversary, world: SimulatedWorld | None) -> np.ndarray | None:
    """Which person each entry of the adversary's register names; only scoring sees it."""
    register: Any = adversary.register
    if world is None or register is None:
        return None
    persons = {
        id(world.roll): world.roll_truth["person"],
        id(world.directory): world.directory_truth["person"],
    }
    if id(register) in persons:
        return persons[id(register)].to_numpy(dtype=np.int64)
    if adversary.needs_register and len(register) == len(world.people):
        return np.arange(len(world.people), dtype=np.int64)
    raise ParameterError(
        say(
            "audit",
            "a register of this world (its roll or its directory)",
            f"another of {len(register):,} entries",
            "Pass world.roll or world.directory itself.",
        )
    )


def read_register(file: str | Path, backdrop: AddressBase) -> pd.DataFrame:
    """Read who is known to live where, by the identifiers of the address file.

    A people table that has none tells addresses in words; the names of a known system (see
    `privaudit.tables.systems`) are then taken for what they are.
    """
    table = read_frame(file, who="map", gives="table")
    system = system_of(table.frame.columns)
    address, told = people_at(table.frame, backdrop)
    if "address_id" not in table.frame and (system is not None or told.any()):
        named = {} if system is None else system.named(table.frame.columns)
        names = {named[c]: n for c, n in _NAMES.items() if c in named}
        if not (address >= 0).any():
            came = f"none of its {len(backdrop):,} addresses in {table.name}"
            raise ParameterError(say("map", "people's addresses as in the address file", came))
        return table.frame.rename(columns=names).assign(address=address)
    columns_present("map", "column", ["address_id"], table.frame.columns, table.name)
    ids = pd.Index(backdrop.frame["id"])
    if not ids.is_unique:
        ids = pd.Index(ids.where(~ids.duplicated(), None))
    at = ids.get_indexer(table.frame["address_id"].astype("str"))
    if not (at >= 0).any():
        came = f"none of its {len(backdrop):,} addresses in {table.name}"
        raise ParameterError(say("map", "address_id as in the address file", came))
    return table.frame.assign(address=at.astype(np.int64))
