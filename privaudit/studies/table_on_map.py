"""A people table without coordinates, placed on public addresses: what a map of it would tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from privaudit._core.streams import stream
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.guess import guess
from privaudit.exposure.maps.hiding import hiding
from privaudit.places.address_base import AddressBase
from privaudit.places.join_addresses import join_addresses
from privaudit.release.masks import Exact
from privaudit.release.release import DotRelease, TableRelease
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures
from privaudit.roles import Roles
from privaudit.studies.audits import held_against
from privaudit.words.note import Note

__all__ = ["placed_dots", "table_on_map"]


def placed_dots(people: TableRelease, base: AddressBase) -> DotRelease | None:
    """Return the records of a table as dots on the addresses that they tell; None for none."""
    joined = join_addresses(people.records, base)
    rows = np.flatnonzero(joined.address >= 0)
    if not len(rows):
        return None
    records = people.records.iloc[rows][[]].reset_index(drop=True)
    records[["x", "y"]] = base.xy[joined.address[rows]]
    return DotRelease(
        records=records,
        rows=rows + 1,
        roles=Roles(location=("x", "y")),
        backdrop=base,
        name=people.name,
        view=str(Exact()),
        notes=(Note("placed_by_address", dots=len(rows), columns=joined.columns),),
        crs=base.crs,
        recipe={"reader": "placed_dots"},
    )


def table_on_map(
    people: TableRelease, base: AddressBase, *, seed: int = 7
) -> tuple[tuple[Exposure, ...], dict[str, Measures]]:
    """Attack the records of a table as dots on their addresses.

    Whoever has the file goes to the door: how often is that the right address, household and
    person, by what the address file says of who lives there?

    Returns
    -------
    exposures : tuple of Exposure
        Of an adversary who knows that each dot stands on its address; none where nobody is placed.
    measures : dict of str to Measures
        "hiding": among how many addresses and people each is hidden.
    """
    dots = placed_dots(people, base)
    if dots is None:
        return (), {}
    adversary = replace(Adversary.knows_mask(Exact()), swapped=False)
    made = guess(dots.as_leaked(), adversary, rng=stream(seed, "attack", adversary.name))
    found = held_against(made, dots, adversary, truth=None, seed=seed)
    return (replace(found, notes=(*dots.notes, *found.notes)),), {"hiding": hiding(found, base)}
