"""The people table as a canvassing system keeps it, with all its columns."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.exports import Filled, facts_of, to_nationbuilder, to_osdi, to_van
from privaudit.campaign.views.view import View, sources_of
from privaudit.columns.roles import check_table, roles_known, system_named
from privaudit.core.checks import an_instance, keyword_only, one_of
from privaudit.core.progress import stream
from privaudit.release.release import TableRelease

WRITERS = {"nationbuilder": to_nationbuilder, "van": to_van, "osdi": to_osdi}


@keyword_only
@dataclass(frozen=True, kw_only=True)
class PeopleTable(View[TableRelease]):
    """The people table of a canvassing system: the headers of its export, most of them empty.

    Parameters
    ----------
    system : {"nationbuilder", "van", "osdi"}
        Whose headers, scales and words: see ``privaudit/tables/systems.toml``.
    filled : Filled
        How much of it is filled.

    Raises
    ------
    ParameterError
        An unknown system.

    Examples
    --------
    >>> PeopleTable(system="van").word
    'people'
    """

    word, example, told = "people", "people:nationbuilder", ("system",)

    system: str = "nationbuilder"
    filled: Filled = field(default_factory=Filled)

    def __post_init__(self) -> None:
        one_of("PeopleTable", "system", self.system, tuple(WRITERS))
        an_instance(
            "PeopleTable", "filled", self.filled, Filled, "Write filled=Filled(emails=0.2)."
        )

    def cells(self, campaign: Campaign, *, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return what the tool holds (see `facts_of`) and the cells of its export, shuffled."""
        facts = facts_of(campaign, self.filled, seed=seed)
        order = stream(seed, "publish", "order").permutation(len(facts))
        told = WRITERS[self.system](facts, campaign)
        system = system_named(self.system)
        blank = pd.Series("", index=facts.index, dtype="str")
        columns = (*system.columns, *system.custom)
        cells = pd.DataFrame({column: told.get(column, blank) for column in columns})
        return facts.iloc[order], cells.iloc[order].reset_index(drop=True)

    def published(self, campaign: Campaign, *, seed: int) -> TableRelease:
        """Publish the table as a reader of the export has it."""
        facts, cells = self.cells(campaign, seed=seed)
        records, notes = check_table(cells.mask(cells == ""))
        roles, said = roles_known(records)
        return TableRelease(
            records=records,
            roles=roles,
            notes=(*said, *notes),
            name=f"people table of {system_named(self.system).word}",
            sources=sources_of(campaign, facts).reset_index(drop=True),
            **self.stamped(campaign, seed),
        )
