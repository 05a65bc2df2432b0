"""From a campaign to what leaks of it, with the sealed list of whom each record stands for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit._core.streams import stream
from privaudit.campaign.campaign import Campaign
from privaudit.campaign.canvass import marked_households
from privaudit.errors import ParameterError
from privaudit.release.release import Release
from privaudit.release.views import NAME_COLUMNS, DotMap, TableExport
from privaudit.roles import Roles

__all__ = ["SCORE_BANDS", "SOURCE_COLUMNS", "publish"]

SOURCE_COLUMNS = ("account", "person", "marked_address", "marked_household")
SCORE_BANDS = ("0.0-0.2", "0.2-0.4", "0.4-0.6", "0.6-0.8", "0.8-1.0")


def publish(campaign: Campaign, view: DotMap | TableExport, *, seed: int = 7) -> Release:
    """Publish a view of a campaign.

    Rows are shuffled and carry no id, so that neither place nor number in the file tells whom a
    record stands for. What the tool does not know of a profile is "".

    Parameters
    ----------
    campaign : Campaign
    view : DotMap or TableExport
        A map: x, y (metres), status, presumed_leaning, then the pop-up's columns; key variables
        and names are roles. A table: names when asked, key variables, presumed_leaning and
        score_band (five bands of the score; "" where there is none), both sensitive.
    seed : int
        Of the shuffle and the mask, 0 or more.

    Returns
    -------
    Release
        `sources` is aligned with `records`: the account and its person, and the address and
        household (living today in the dwelling) that the campaign marked, -1 where none. Dots
        that the mask suppresses are not on the map; `set_aside` counts them.
    """
    if not isinstance(campaign, Campaign):
        came = f"a {type(campaign).__name__}"
        raise ParameterError(say("publish", "a Campaign", came, "Use run_campaign."))
    profiles = campaign.profiles
    if isinstance(view, DotMap) or view.map_only:
        profiles = profiles.iloc[campaign.dots["profile"].to_numpy()]
    order = stream(seed, "publish", "order").permutation(len(profiles))
    if isinstance(view, DotMap):
        records, roles = _dots(campaign, profiles, view, seed)
        name = "dot map, exact" if view.mask is None else "dot map, masked"
    else:
        records, roles = _table(profiles, view)
        name = "table export"
    account = profiles["account"].to_numpy()
    sources = pd.DataFrame(
        {
            "account": account,
            "person": campaign.world.accounts["person"].to_numpy()[account],
            "marked_address": profiles["address"].to_numpy(),
            "marked_household": marked_households(campaign.world, profiles),
        }
    )
    set_aside = {}
    if isinstance(view, DotMap):
        shown = records["x"].notna().to_numpy()[order]
        if not shown.all():
            set_aside = {"suppressed by the mask": int((~shown).sum())}
        order = order[shown]
    return Release(
        kind="dots" if isinstance(view, DotMap) else "table",
        records=records.iloc[order].reset_index(drop=True),
        roles=roles,
        backdrop=campaign.world.addresses,
        provenance="simulated",
        name=name,
        set_aside=set_aside,
        recipe={
            "stage": "publish",
            "view": view.recipe(),
            "seed": seed,
            "campaign": dict(campaign.recipe),
        },
        sources=sources.iloc[order].reset_index(drop=True),
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
