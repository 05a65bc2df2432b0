"""What several copies of one map give away: positions by averaging, moments by subtraction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import one_of, say, whole
from privaudit._core.streams import stream
from privaudit.attacks.differencing import difference
from privaudit.attacks.link_versions import Linked, link_versions, positions_of
from privaudit.attacks.weighed_links import weigh_links
from privaudit.errors import ParameterError
from privaudit.exposure.results import MEASURE_COLUMNS, Measures
from privaudit.measures.interval import bootstrap_mean, effective_n, wilson
from privaudit.measures.maps.joint_posterior import mean_position
from privaudit.release.publish import publish
from privaudit.release.versions import DotMapVersions

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.release.masks import Mask
    from privaudit.release.release import Release

__all__ = ["averaging_exposure", "difference_exposure"]

_DAY = np.timedelta64(1, "D")
# Words of the contact log for somebody who opened, and would not hear of it.
REFUSALS = ("not_interested", "refused")


def averaging_exposure(
    campaign: Campaign,
    mask: Mask,
    *,
    copies: Sequence[int] = (1, 10, 50),
    noise: str = "fresh",
    link: str = "id",
    seed: int = 7,
) -> Measures:
    """Measure how near the mean of several copies of a dot comes to the door that it marks.

    Parameters
    ----------
    campaign : Campaign
    mask : Mask
        Moves the dots.
    copies : sequence of int
        How many copies are averaged, each number once; all are of the day of the plan.
    noise : {"fresh", "persistent"}
        As for `DotMapVersions`.
    link : {"id", "certain", "weighed", "assignment"}
        Whether the map shows which dot is which, or the adversary must find out; see
        `link_versions`, and `weigh_links` for links that are likelier than not to who knows the
        mask. Dots that stand still are linked by their position.
    seed : int
        0 or more.

    Returns
    -------
    Measures
        For each number of copies ``error_{copies}``: mean distance, in metres, from the mean
        position to the marked address, 0 is found; the interval is a bootstrap over marked
        addresses, the baseline the error of one copy, n the dots. Without
        ids also ``linked_{copies}``: share of the links that join the copies of one dot, nan
        where there is none; the baseline is a link at random.

    Raises
    ------
    ParameterError
        No dot, no copy, a number twice, or an unknown noise or link.
    """
    who = "averaging_exposure"
    one_of(who, "link", link, ("id", "certain", "weighed", "assignment"))
    wanted = [whole(who, "copies", n, 1) for n in copies]
    if not wanted or len(set(wanted)) < len(wanted):
        raise ParameterError(say(who, "numbers of copies, each once", f"copies={copies!r}"))
    if len(campaign.dots) == 0:
        raise ParameterError(say(who, "a map that holds a dot", "0 dots"))
    minute = np.timedelta64(1, "m")
    at = tuple(campaign.plan.as_of + i * minute for i in range(max(2, *wanted)))
    view = DotMapVersions(at=at, mask=mask, noise=noise, shows_id=link == "id")
    versions = publish(campaign, view, seed=seed)
    rows = []
    single = np.nan
    for count in sorted({1, *wanted}):
        kept = versions[:count]
        how = link if noise == "fresh" or link == "id" else "position"
        linked = _linked(kept, mask, how, stream(seed, "averaging", "links", count))
        error = _errors(kept, linked)
        value = float(error.mean())
        single = value if count == 1 else single
        sources = kept[-1].sources
        assert sources is not None
        low, high = bootstrap_mean(
            error, stream(seed, "averaging", count), clusters=sources["marked_address"]
        )
        what = f"mean of {count} copies, links: {linked.how}" if count > 1 else "one copy"
        note = f"{what}, {noise} noise; n: dots"
        if count in wanted:
            rows.append((f"error_{count}", value, low, high, single, len(error), "metres", note))
        if count > 1 and link != "id":
            rows.append(_links_row(kept, linked, count))
    recipe = {"mask": mask.recipe(), "noise": noise, "link": link, "seed": seed}
    return _measures(rows, "averaging of versions", campaign, notes=(), recipe=recipe)


def _linked(versions: Sequence[Release], mask: Mask, link: str, rng: np.random.Generator) -> Linked:
    if len(versions) == 1:
        return Linked(rows=np.arange(len(versions[0]))[None, :], how="position", lost=0)
    leaked = [version.as_leaked() for version in versions]
    base = versions[0].backdrop
    assert base is not None
    placed = mask.on(base)
    if link == "weighed":
        prior = np.full(len(base), 1 / len(base))
        weighed = weigh_links(leaked, base, [placed] * len(leaked), prior, rng=rng)
        if weighed is not None:
            return weighed.linked
        link = "certain"
    reach = max(
        float(placed.reach_of(version.records[["x", "y"]].to_numpy(dtype=float)).max())
        for version in versions
    )
    return link_versions(leaked, how=link, farthest=2 * reach)


def _errors(versions: Sequence[Release], linked: Linked) -> np.ndarray:
    """Metres from the mean position of each dot to the address that it marks."""
    last = versions[-1]
    assert last.sources is not None
    assert last.backdrop is not None
    door = last.backdrop.xy[last.sources["marked_address"].to_numpy()]
    gap = mean_position(positions_of(versions, linked)) - door
    return np.hypot(gap[:, 0], gap[:, 1])


def _links_row(versions: Sequence[Release], linked: Linked, count: int) -> tuple:
    """Share of links that join the copies of one dot, clustered by dot."""
    right, dots = [], []
    last = versions[-1].sources
    assert last is not None
    for version, found in zip(versions[:-1], linked.rows[:-1], strict=True):
        assert version.sources is not None
        there = found >= 0
        account = version.sources["account"].to_numpy()[found[there]]
        right.append(account == last["account"].to_numpy()[there])
        dots.append(np.flatnonzero(there))
    good = np.concatenate(right).astype(float)
    value = float(good.mean()) if len(good) else np.nan
    low, high = wilson(value, effective_n(good, np.concatenate(dots))) if len(good) else (0.0, 1.0)
    note = f"links between {count} copies that join one dot; n: links"
    chance = 1 / len(last)
    return (f"linked_{count}", value, low, high, chance, len(good), "share of links", note)


def difference_exposure(
    campaign: Campaign,
    versions: Sequence[Release],
    at: Sequence[np.datetime64 | str],
    *,
    linked: Linked | None = None,
) -> Measures:
    """Measure what subtracting the copies of a map says of moments and of what was said.

    Parameters
    ----------
    campaign : Campaign
        Its contact log says what was said at the doors; only the score sees it.
    versions : sequence of Release
        As published, oldest first; dots that stand still, or carry an id, are linked.
    at : sequence of datetime64, or str in ISO form
        The moment of each version.
    linked : Linked, optional

    Returns
    -------
    Measures
        Shares of dots of the last version, 0 is safe:

        - appeared_between: appeared between two copies, so that both ends of the moment of the
          like are known; appeared_within_a_day: and these ends are at most a day apart.
        - visited_between, visited_within_a_day: likewise for the visit, of the dots that are
          grey; the baseline, without earlier copies, is 0.
        - home_when_visited, refusal_by_elimination: of the dots that were grey and never red
          again, those where somebody opened, and those where whoever opened would not hear of
          it. The baseline is the share among all visits: what the colour adds is the rest.

    Raises
    ------
    ParameterError
        As `link_versions` and `difference`; or the versions are not of this campaign.
    """
    leaked = [version.as_leaked() for version in versions]
    linked = linked or link_versions(leaked)
    found = difference(leaked, at, linked)
    sources = versions[-1].sources
    if sources is None:
        raise ParameterError(
            say("difference_exposure", "versions with their sealed sources", "a leaked one")
        )
    home = sources["marked_household"].to_numpy()
    grey = found["visited_by"].notna().to_numpy()
    rows = []
    for what, of in (("appeared", np.ones(len(found), dtype=bool)), ("visited", grey)):
        gap = (found[f"{what}_by"] - found[f"{what}_after"]).to_numpy(dtype="timedelta64[s]")
        known = ~np.isnat(gap)
        n_of = "dots" if what == "appeared" else "grey dots"
        for name, values in (("between", known), ("within_a_day", known & (gap <= _DAY))):
            note = f"moment known from two copies; n: {n_of}"
            rows.append(_share(f"{what}_{name}", values[of], home[of], 0.0, note))
    said = _said(campaign, sources["account"].to_numpy())
    elimination = found["stayed_grey"].to_numpy() & (said != "")
    log = campaign.contact_log["status"].to_numpy(dtype=str)
    for name, values, in_log, note in (
        ("home_when_visited", said != "no_answer", log != "no_answer", "somebody opened"),
        (
            "refusal_by_elimination",
            np.isin(said, REFUSALS),
            np.isin(log, REFUSALS),
            "would not hear of it",
        ),
    ):
        usual = float(in_log.mean()) if len(in_log) else np.nan
        note = f"{note}; n: dots grey and never red again"
        rows.append(_share(name, values[elimination], home[elimination], usual, note))
    notes = (f"Links: {linked.how}.",)
    recipe = {"at": [str(when) for when in at], "release": dict(versions[-1].recipe)}
    return _measures(rows, "differences of versions", campaign, notes=notes, recipe=recipe)


def _said(campaign: Campaign, account: np.ndarray) -> np.ndarray:
    """Contact status of the visit of each account's dot, "" where there was none."""
    dots, log = campaign.dots, campaign.contact_log
    dot_account = campaign.profiles["account"].to_numpy()[dots["profile"].to_numpy()]
    status = np.full(len(campaign.world.accounts), "", dtype=object)
    status[dot_account[log["dot"].to_numpy()]] = log["status"].to_numpy()
    return status[account].astype(str)


def _share(name: str, values: np.ndarray, home: np.ndarray, baseline: float, note: str) -> tuple:
    """One row: a share of dots, those of one home together."""
    flags = values.astype(float)
    value = float(flags.mean()) if len(flags) else np.nan
    low, high = wilson(value, effective_n(flags, home)) if len(flags) else (0.0, 1.0)
    return name, value, low, high, baseline, len(flags), "share of dots", note


def _measures(
    rows: list[tuple],
    title: str,
    campaign: Campaign,
    *,
    notes: tuple[str, ...],
    recipe: dict[str, Any],
) -> Measures:
    return Measures(
        overall=pd.DataFrame(rows, columns=["measure", *MEASURE_COLUMNS]).set_index("measure"),
        per_record=pd.DataFrame(index=pd.RangeIndex(0)),
        title=title,
        provenance="simulated",
        notes=notes,
        recipe={**recipe, "campaign": dict(campaign.recipe)},
    )
