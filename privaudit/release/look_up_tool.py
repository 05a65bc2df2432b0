"""A tool that answers by name: whoever asks gets the record, and cannot list the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from privaudit.core.checks import columns_present
from privaudit.release.release import LabelsChecked
from privaudit.text.names import name_key

# What a canvasser is shown of a contact, and what the programme behind the screen sends.
SCREEN_COLUMNS = ("first_name", "last_name", "address", "presumed_leaning")
API_COLUMNS = (
    *SCREEN_COLUMNS, "display_name", "age_band", "sex", "profession", "interest", "station",
    "side_interactions", "first_seen", "score", "candidates", "match_probability",
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class LookUpTool:
    """What answers. It can be asked by name, and not listed.

    - `columns`: What an answer holds; ``address`` is the row of the public addresses, -1 unknown.
    - `sources`: Sealed. Whom each record stands for, as in `Release`; None once leaked.
    - `labels_checked`: As in `Release`.
    """

    columns: tuple[str, ...]
    sources: pd.DataFrame | None = None
    provenance: str = "simulated"
    labels_checked: LabelsChecked | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    # The file behind the tool: one row a record, its key first.
    _file: pd.DataFrame = field(repr=False, kw_only=True)

    def __len__(self) -> int:
        return len(self._file)

    def __repr__(self) -> str:
        return f"LookUpTool({len(self):,} records, {self.provenance}, {', '.join(self.columns)})"

    @property
    def sealed(self) -> bool:
        """Whether it still holds what only a judge may know, and no attack."""
        return self.sources is not None

    def as_leaked(self) -> LookUpTool:
        """Return the tool as a stranger meets it: no sources, no recipe."""
        return replace(self, sources=None, recipe={})

    def ask(self, names: pd.DataFrame) -> pd.DataFrame:
        """Register one contact a row, and return what comes back.

        Names agree when their letters do, accents, case, hyphens and particles aside
        (`name_key`): with the name that the tool matched, or, where it matched none, with the
        one that the account shows.

        - `names`: Columns first_name, last_name.
        - returns: One row an answer: ``asked`` (position in `names`), ``record`` (a number of the
          tool's own, the same whenever that record comes back), then `columns`.
        """
        columns_present("ask", "column", ("first_name", "last_name"), names.columns, "the names")
        asked = pd.DataFrame(
            {"asked": np.arange(len(names), dtype=np.int64), "key": name_keys(names)}
        )
        found = asked[asked["key"] != ""].merge(self._file, on="key", validate="many_to_many")
        found = found.sort_values(["asked", "record"], ignore_index=True)
        return found[["asked", "record", *self.columns]]


def name_keys(names: pd.DataFrame) -> pd.Series:
    """Key of each first and last name, "" where one of them is missing."""
    pairs = zip(names["first_name"].fillna(""), names["last_name"].fillna(""), strict=True)
    return pd.Series([name_key(f"{a} {b}") if a and b else "" for a, b in pairs], dtype="str")
