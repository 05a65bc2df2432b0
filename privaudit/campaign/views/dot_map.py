"""The canvassing map: a dot a profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.views.view import (
    KEY_COLUMNS,
    NAME_COLUMNS,
    View,
    columns_of,
    masked_word,
    read_mask,
    sources_of,
)
from privaudit.columns.roles import Roles
from privaudit.core.checks import error_message, keyword_only, kind_of
from privaudit.core.progress import stream
from privaudit.errors import ParameterError
from privaudit.maps.masks.mask import Mask
from privaudit.release.release import DotRelease
from privaudit.words.catalogues import Note

_POPUP = (
    "age_band", "sex", "profession", "interest", "first_name", "last_name", "match_probability",
)  # fmt: skip


@keyword_only
@dataclass(frozen=True, kw_only=True)
class DotMap(View[DotRelease]):
    """The canvassing map: a dot a profile with its status and presumed leaning.

    Parameters
    ----------
    mask : Mask, optional
        Moves the dots before they are shown; None shows them where they are.
    popup : tuple of str
        What a click on a dot shows besides, among age_band, sex, profession, interest,
        first_name, last_name, match_probability.

    Raises
    ------
    ParameterError
        A mask that is not one, an unknown column, or one asked for twice.

    Examples
    --------
    >>> DotMap(popup=("sex", "first_name"))
    DotMap(mask=None, popup=('sex', 'first_name'))
    """

    word, example = "dots", "donut:50:200"

    mask: Mask | None = None
    popup: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.mask is not None and not isinstance(self.mask, Mask):
            needed = "mask a mask such as Donut(r_min=50, r_max=200), or None"
            raise ParameterError(error_message("DotMap", needed, kind_of(self.mask)))
        object.__setattr__(self, "popup", columns_of("DotMap", "popup", self.popup, _POPUP))

    def __str__(self) -> str:
        return masked_word(self.mask)

    @classmethod
    def read(cls, values: Sequence[str]) -> DotMap:
        """Make one from how its dots were moved."""
        return cls(mask=read_mask(values))

    def published(self, campaign: Campaign, *, seed: int) -> DotRelease:
        """Publish the map of all dots; those that the mask suppresses are set aside."""
        profiles = campaign.profiles.iloc[campaign.dots["profile"].to_numpy()]
        records, roles = self._records(campaign, profiles, seed)
        order = stream(seed, "publish", "order").permutation(len(profiles))
        shown = records["x"].notna().to_numpy()[order]
        lost = int((~shown).sum())
        order = order[shown]
        return DotRelease(
            records=records.iloc[order].reset_index(drop=True),
            roles=roles,
            name="dot map, exact" if self.mask is None else "dot map, masked",
            set_aside={Note("suppressed_by_the_mask"): lost} if lost else {},
            sources=sources_of(campaign, profiles).iloc[order].reset_index(drop=True),
            **self.stamped(campaign, seed),
        )

    def _records(
        self, campaign: Campaign, profiles: pd.DataFrame, seed: int
    ) -> tuple[pd.DataFrame, Roles]:
        """Records of the map, one a dot, in the dots' order."""
        dots = campaign.dots
        points = dots[["x", "y"]].to_numpy(dtype=float)
        if self.mask is not None:
            placed = self.mask.on(campaign.world.addresses)
            points = placed(points, rng=stream(seed, "publish", "mask"))
        records = pd.DataFrame(
            {
                "x": points[:, 0],
                "y": points[:, 1],
                "status": dots["status"].to_numpy(),
                "presumed_leaning": profiles["presumed_leaning"].to_numpy(),
            }
        ).astype({"status": "str", "presumed_leaning": "str"})
        for column in self.popup:
            records[column] = profiles[column].reset_index(drop=True)
        return records, Roles(
            identifier=tuple(c for c in self.popup if c in NAME_COLUMNS),
            key=tuple(c for c in self.popup if c in KEY_COLUMNS),
            sensitive=("presumed_leaning",),
            location=("x", "y"),
        )
