"""`Table`: records in memory with what each column is; whatever else a release says is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import pandas as pd

from privaudit.roles import Roles
from privaudit.words.note import Note

__all__ = ["Table", "is_held"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """Records that are measured. A release of any kind has these fields, and stands for one.

    Parameters
    ----------
    records : pandas.DataFrame
    roles : Roles
    name : str
        A file's name, or what kind of frame it was.
    provenance : {"audited file", "simulated"}
    set_aside : mapping of Note to int
        Rows that could not be used, by reason.
    notes : tuple of Note
        What was assumed to read it.
    tidied : bool
        Its cells were read by `privaudit.tables.reading` already.
    """

    records: pd.DataFrame
    roles: Roles
    name: str = "the data frame"
    provenance: str = "audited file"
    set_aside: Mapping[Note, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    tidied: bool = False


def is_held(table: Any) -> TypeGuard[Table]:
    """Whether something holds records and their roles, as a `Table` and a release do."""
    return isinstance(getattr(table, "records", None), pd.DataFrame) and isinstance(
        getattr(table, "roles", None), Roles
    )
