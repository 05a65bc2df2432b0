"""The tables of a seizure laid beside each other: who stands in several, and what that tells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from privaudit._core.streams import stream
from privaudit.attacks.people_told import PersonIndex
from privaudit.errors import PrivauditError
from privaudit.exposure.linked_tables import linked_tables
from privaudit.release.read_table import read_table

if TYPE_CHECKING:
    from privaudit.places.address_base import AddressBase
    from privaudit.results.measures import Measures
    from privaudit.studies.exhibits import Exhibit

__all__ = ["tables_together"]

# What a row of each is, of one person: of a log and of a mailing, an account.
_COUNTS = {"table": "records", "map": "dots"}


def tables_together(
    exhibits: Sequence[Exhibit],
    base: AddressBase | None = None,
    *,
    laid: Collection[frozenset[str]] = (),
    seed: int = 7,
) -> Measures:
    """Lay every table of a seizure beside every other; see `linked_tables`.

    - `base`: The public addresses, by which two ways to write an address are one.
    - `laid`: Names of pairs that are left out.

    Logs and mailings are lists of those who come back in them. Tables that tell of nobody, and
    those that cannot be read, are left out.
    """
    people = []
    for one in exhibits:
        # What is refused was refused where its inventory was taken, and is told.
        with suppress(PrivauditError):
            read = read_table(one.path)
            found = PersonIndex.of(
                read, one.path.name, base, counts=_COUNTS.get(one.kind, "accounts")
            )
            if found.tells_somebody:
                people.append(found)
    return linked_tables(people, laid=laid, rng=stream(seed, "linked tables"))
