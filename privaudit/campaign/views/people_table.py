"""`PeopleTable`: the people table of a canvassing system, with all its columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.exports import SYSTEMS, Filled, export_cells
from privaudit.campaign.publish import View
from privaudit.columns.roles import check_table, known_export, roles_known
from privaudit.core.checks import an_instance, keyword_only, one_of
from privaudit.release.release import TableRelease


@keyword_only
@dataclass(frozen=True, kw_only=True)
class PeopleTable(View[TableRelease]):
    """The people table of a canvassing system: the headers of its export, most of them empty.

    Parameters
    ----------
    system : {"nationbuilder", "van", "osdi"}
        System whose headers, scales and terms are used: see ``privaudit/columns/systems.toml``.
    filled : Filled
        Shares of it that are filled.

    Raises
    ------
    ParameterError
        An unknown system.

    Examples
    --------
    >>> PeopleTable(system="van").word
    'people'
    """

    word, example, label_fields = "people", "people:nationbuilder", ("system",)

    system: str = "nationbuilder"
    filled: Filled = field(default_factory=Filled)

    def __post_init__(self) -> None:
        one_of("PeopleTable", "system", self.system, SYSTEMS)
        do = "Write filled=Filled(emails=0.2)."
        an_instance("PeopleTable", "filled", self.filled, Filled, do)

    def published(self, campaign: Campaign, *, seed: int) -> TableRelease:
        """Publish the table as a reader of the export has it."""
        facts, cells = export_cells(campaign, self.system, self.filled, seed=seed)
        records, notes = check_table(cells.mask(cells == ""))
        roles, about_roles = roles_known(records)
        return TableRelease(
            records=records,
            roles=roles,
            notes=(*about_roles, *notes),
            name=f"people table of {known_export(self.system).word}",
            sources=self.sources(campaign, facts),
            **self.stamped(campaign, seed),
        )
