"""Campaign profiles as they are shown: a dot each on a map, or a row each of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.streams import stream
from privaudit.campaign.canvass import marked_households
from privaudit.release.release import Release
from privaudit.release.views import NAME_COLUMNS, DotMap, TableExport
from privaudit.roles import Roles

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign

__all__ = ["SCORE_BANDS", "SOURCE_COLUMNS", "dot_map_release", "recipe_of", "table_release"]

SOURCE_COLUMNS = ("account", "person", "marked_address", "marked_household")
SCORE_BANDS = ("0.0-0.2", "0.2-0.4", "0.4-0.6", "0.6-0.8", "0.8-1.0")


def dot_map_release(campaign: Campaign, view: DotMap, *, seed: int) -> Release:
    """Publish the map of all dots, see `publish`; those that the mask suppresses are set aside."""
    profiles = campaign.profiles.iloc[campaign.dots["profile"].to_numpy()]
    records, roles = _dots(campaign, profiles, view, seed)
    order = stream(seed, "publish", "order").permutation(len(profiles))
    shown = records["x"].notna().to_numpy()[order]
    lost = int((~shown).sum())
    order = order[shown]
    return Release(
        kind="dots",
        records=records.iloc[order].reset_index(drop=True),
        roles=roles,
        backdrop=campaign.world.addresses,
        provenance="simulated",
        name="dot map, exact" if view.mask is None else "dot map, masked",
        set_aside={"suppressed by the mask": lost} if lost else {},
        recipe=recipe_of(campaign, view, seed),
        sources=_sources(campaign, profiles).iloc[order].reset_index(drop=True),
    )


def table_release(campaign: Campaign, view: TableExport, *, seed: int) -> Release:
    """Publish the profile table, see `publish`."""
    profiles = campaign.profiles
    if view.map_only:
        profiles = profiles.iloc[campaign.dots["profile"].to_numpy()]
    records, roles = _table(profiles, view)
    order = stream(seed, "publish", "order").permutation(len(profiles))
    return Release(
        kind="table",
        records=records.iloc[order].reset_index(drop=True),
        roles=roles,
        backdrop=campaign.world.addresses,
        provenance="simulated",
        name="table export",
        recipe=recipe_of(campaign, view, seed),
        sources=_sources(campaign, profiles).iloc[order].reset_index(drop=True),
    )


def recipe_of(campaign: Campaign, view: Any, seed: int) -> dict[str, Any]:
    """Return how a view was published, as plain JSON values."""
    return {
        "stage": "publish",
        "view": view.recipe(),
        "seed": seed,
        "campaign": dict(campaign.recipe),
    }


def _sources(campaign: Campaign, profiles: pd.DataFrame) -> pd.DataFrame:
    """Whom each profile stands for, and what the campaign marked for it."""
    account = profiles["account"].to_numpy()
    return pd.DataFrame(
        {
            "account": account,
            "person": campaign.world.accounts["person"].to_numpy()[account],
            "marked_address": profiles["address"].to_numpy(),
            "marked_household": marked_households(campaign.world, profiles),
        }
    )


def _dots(
    campaign: Campaign, profiles: pd.DataFrame, view: DotMap, seed: int
) -> tuple[pd.DataFrame, Roles]:
    """Records of a map, one a dot, in the dots' order."""
    dots = campaign.dots
    points = dots[["x", "y"]].to_numpy(dtype=float)
    if view.mask is not None:
        placed = view.mask.on(campaign.world.addresses)
        points = placed(points, rng=stream(seed, "publish", "mask"))
    records = pd.DataFrame(
        {
            "x": points[:, 0],
            "y": points[:, 1],
            "status": dots["status"].to_numpy(),
            "presumed_leaning": profiles["presumed_leaning"].to_numpy(),
        }
    ).astype({"status": "str", "presumed_leaning": "str"})
    for column in view.popup:
        records[column] = profiles[column].reset_index(drop=True)
    return records, Roles(
        identifier=tuple(c for c in view.popup if c in NAME_COLUMNS),
        key=tuple(c for c in view.popup if c not in NAME_COLUMNS),
        sensitive=("presumed_leaning",),
        location=("x", "y"),
    )


def _table(profiles: pd.DataFrame, view: TableExport) -> tuple[pd.DataFrame, Roles]:
    """Records of a table, one a profile, in the profiles' order."""
    names = NAME_COLUMNS if view.names else ()
    records = profiles[[*names, *view.columns, "presumed_leaning"]].reset_index(drop=True)
    records = records.assign(score_band=_score_bands(profiles["score"].to_numpy()))
    return records, Roles(
        identifier=names, key=view.columns, sensitive=("presumed_leaning", "score_band")
    )


def _score_bands(score: np.ndarray) -> pd.Series:
    """Band of each score, its lower end included and 1 in the last; "" where there is none."""
    known = ~np.isnan(score)
    band = np.full(len(score), "", dtype=object)
    at = np.searchsorted([0.2, 0.4, 0.6, 0.8], score[known], side="right")
    band[known] = np.array(SCORE_BANDS, dtype=object)[at]
    return pd.Series(band, dtype="str")
