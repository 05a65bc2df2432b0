"""Attacks on the dot map of a simulated campaign: tiers, look-ups, copies, dates, screenshots."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import (
    DotMap,
    DotMapVersions,
    LookUp,
    Screenshot,
    open_look_up,
)
from privaudit.core.checks import an_instance, in_range, listed, one_of, whole
from privaudit.core.progress import along
from privaudit.core.reproducible import stream
from privaudit.core.thresholds import ADULT_AGE
from privaudit.errors import GeometryError, ParameterError, ReadError
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess, prior_over_addresses
from privaudit.maps.masks.mask import Exact
from privaudit.maps.message_attacks import ask_for_everybody
from privaudit.maps.registry import read_back
from privaudit.maps.scoring.access import leak_exposure, tier_exposure
from privaudit.maps.scoring.harms import harms
from privaudit.maps.scoring.household import check_holds_dots, neighbour_exposure
from privaudit.maps.scoring.message_exposure import look_up_exposure
from privaudit.maps.scoring.score import observed
from privaudit.maps.scoring.screenshot import align_with_drawn, read_of_each
from privaudit.maps.scoring.truth import Truth
from privaudit.maps.scoring.versions import (
    AveragedVersions,
    averaging_exposure,
    difference_exposure,
    order_identical_dots,
    public_likes,
    timing_exposure,
)
from privaudit.maps.version_averaging import mean_position, weigh_links
from privaudit.maps.version_links import (
    Linked,
    difference,
    likely_accounts,
    link_versions,
    points_of,
    positions_of,
)
from privaudit.release.release import DotRelease, Release
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Rows
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.simulation.world import SimulatedWorld
from privaudit.studies.audit import attacked, audit, held_against
from privaudit.studies.chain import equipped, persons_named
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import LinkWord

if TYPE_CHECKING:
    from privaudit.campaign.campaign import Campaign
    from privaudit.maps.masks.mask import Mask
    from privaudit.release.release import DotRelease, PictureRelease
    from privaudit.simulation.world import SimulatedWorld

ACCOUNTS = (1, 10, 100, 1000)
# Columns of the gains of a dot, and of a comparable person who has none.
_BY_DOT = {"address": "control_address", "household": "control_household"}


def found_by_dot(
    campaign: Campaign, mask: Mask, adversary: Adversary | None = None, *, seed: int = 7
) -> pd.DataFrame:
    """Attack the whole map under a mask; return for each dot whether the guess is right.

    Parameters
    ----------
    campaign : Campaign
    mask : Mask
        `Exact()` for none.
    adversary : Adversary, optional
        Who knows the mask, where not given.
    seed : int

    Returns
    -------
    pandas.DataFrame
        One row a dot: address and household, in [0, 1], of the dot's person; control_address
        and control_household, the same guess held against somebody of the same station who has
        no dot. All 0 for a dot left out.
    """
    world = campaign.world
    adversary = equipped(adversary or Adversary.knows_mask(mask), world)
    leak = publish(campaign, DotMap(mask=mask), seed=seed)
    guesses = guess(leak.as_leaked(), adversary, rng=stream(seed, "attack", adversary.name))
    truth = Truth.of(world, leak, rng=stream(seed, "control"))
    gains = observed(guesses, truth, prior_over_addresses(world.addresses, adversary), None)
    # The map is shuffled; an account has one profile, and a profile one dot.
    columns = [*_BY_DOT, *_BY_DOT.values()]
    by_account = gains[columns].set_axis(leak.opened("audit")["account"].to_numpy())
    account = campaign.profiles["account"].to_numpy()[campaign.dots["profile"].to_numpy()]
    return by_account.reindex(account, fill_value=0).reset_index(drop=True)


def audit_tiers(campaign: Campaign, mask: Mask | None = None, *, seed: int = 7) -> Measures:
    """Measure who is re-identified in the view of each access tier, and the odds of a leak.

    Parameters
    ----------
    campaign : Campaign
    mask : Mask, optional
        How dots are moved on the map that all accounts see; who attacks a view knows it. No mask
        by default.
    seed : int

    Returns
    -------
    Measures
        See `tier_exposure`. The tier *whole_file* is the whole masked map.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> tiers = audit_tiers(campaign, pa.masks.Donut(r_min=50, r_max=200))
    >>> [tiers.value("people", moment="after", tier=t) for t in ("no_account", "any_account")]
    [0.0, 0.0]
    """
    shown = Exact() if mask is None else mask
    who = Adversary.knows_mask(shown)
    gains = _gains(found_by_dot(campaign, shown, who, seed=seed))
    result = tier_exposure(campaign, **gains)
    more = {"mask": shown.recipe(), "adversary": who.name, "seed": seed}
    return replace(result, recipe={**result.recipe, **more})


def _gains(by_dot: pd.DataFrame) -> dict[str, Any]:
    """Return who is found, and the gains of comparable people: None where all have a dot."""
    control = {gain: by_dot[column].to_numpy() for gain, column in _BY_DOT.items()}
    known = all(np.isfinite(values).all() for values in control.values())
    return {"found": by_dot["address"].to_numpy(), "control": control if known else None}


def audit_accounts(
    campaign: Campaign, accounts: Sequence[int] = ACCOUNTS, *, seed: int = 7
) -> Measures:
    """Measure the odds of a leak as more accounts see the exact map.

    Returns
    -------
    Measures
        See `leak_exposure`.
    """
    gains = _gains(found_by_dot(campaign, Exact(), seed=seed))
    return leak_exposure(campaign, accounts, **gains)


def audit_harms(
    release: Release, adversary: Adversary, *, truth: SimulatedWorld, seed: int = 7
) -> dict[str, Measures]:
    """Attack a simulated map: gains, harms to the people guessed, and suspicion.

    The guesses are those of `audit` with the same seed.

    Parameters
    ----------
    release : Release
        A map of dots, from `publish`.
    adversary : Adversary
    truth : SimulatedWorld
        The world that the map came from; it never reaches the attack.
    seed : int

    Returns
    -------
    dict of str to Measures
        ``"harms"`` (see `harms`) and ``"neighbours"`` (see `neighbour_exposure`).

    Raises
    ------
    ParameterError
        A table, or a release without its sealed sources.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(), seed=7)
    >>> both = audit_harms(leak, pa.Adversary.nearest(), truth=world)
    >>> value = both["harms"].overall["value"]
    >>> round(float(value[["label_right", "label_wrong", "label_none"]].sum()), 9)
    1.0
    """
    if not isinstance(release, DotRelease):
        raise ParameterError.of("audit_harms", "a map of dots", f"a {release.kind}")
    adversary = equipped(adversary, truth)
    guesses = guess(release.as_leaked(), adversary, rng=stream(seed, "attack", adversary.name))
    opened = Truth.of(truth, release, rng=stream(seed, "control"))
    attack: dict[str, Any] = {"adversary": adversary, "entries": persons_named(adversary, truth)}
    return {
        "harms": harms(guesses, opened, release, truth, **attack, seed=seed),
        "neighbours": neighbour_exposure(guesses, opened, release, truth, adversary=adversary),
    }


def audit_look_up(
    campaign: Campaign, names: str = "roll", *, view: LookUp | None = None, seed: int = 7
) -> Measures:
    """Ask a campaign's tool for every name of a register of the town.

    Parameters
    ----------
    campaign : Campaign
    names : {"roll", "directory"}
        The list of names that the adversary has.
    view : LookUp, optional
        How the tool answers: the screen's columns, and people who have a dot, by default.
    seed : int
        Of the choice among records of one name.

    Returns
    -------
    Measures
        See `look_up_exposure`.

    Raises
    ------
    ParameterError
        Another list, or a campaign without anybody to look up.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> value = audit_look_up(campaign).overall["value"]
    >>> bool(value["address_found"] <= value["reidentified"] <= value["on_the_list"])
    True
    """
    one_of("audit_look_up", "names", names, ("roll", "directory"))
    world, tool = campaign.world, open_look_up(campaign, view)
    rng = stream(seed, "look-up", names)
    guesses, record = ask_for_everybody(tool.as_leaked(), getattr(world, names), rng=rng)
    named = getattr(world, f"{names}_truth")["person"]
    return look_up_exposure(guesses, record, tool, world, named)


# Households that have their surname from others of the town: none, a country town, a valley of few
# families (scenario).
LEVELS = (0.0, 0.4, 0.8)
_OF_MATCHING = (
    "match_claimed", "match_error", "false_claims", "false_doors", "homonym_victims", "unmatched",
)  # fmt: skip
_OF_MAP = ("address", "household", "person")


def audit_homonyms(
    town: Town | None = None,
    plan: CampaignPlan | None = None,
    *,
    levels: Sequence[float] = LEVELS,
    seed: int = 7,
) -> Measures:
    """Match the accounts of one town whose surnames are more or less of the place.

    Parameters
    ----------
    town : Town, optional
        Of the default size where None. Its `kin_in_town` is replaced by each level.
    plan : CampaignPlan, optional
    levels : sequence of float
        Shares of households, in [0, 1], that have their surname from another one of the town.
    seed : int

    Returns
    -------
    Measures
        Family "campaign", for each ``kin_in_town``: adults_with_namesake (of the town's adults,
        those who share first and last name with another one), and of `campaign.quality`
        match_claimed, match_error, false_claims, false_doors, homonym_victims and unmatched, with
        their intervals; then reidentified_address, reidentified_household and reidentified_person:
        people on the exact map, by an adversary with the electoral roll. 0 is safe, but for
        unmatched.

    Raises
    ------
    ParameterError
        A level outside 0 to 1, or no level.

    Examples
    --------
    >>> from privaudit.simulation.town import Town
    >>> measures = audit_homonyms(Town(inhabitants=500), levels=(0.0, 0.4))
    >>> measures.row("false_doors", kin_in_town=0.4).counts
    'accounts'
    """
    town, parts = Town() if town is None else town, {}
    an_instance("audit_homonyms", "town", town, Town, "Use Town(inhabitants=20_000).")
    for level in along("audit_homonyms", listed("audit_homonyms", "levels", levels)):
        share = in_range("audit_homonyms", "kin_in_town", level, 0, 1)
        lean: dict[str, Any] = {"generic_likes": False, "with_quality": False}
        world = simulate(replace(town, kin_in_town=share), seed=seed, **lean)
        campaign = run_campaign(world, plan, seed=seed, with_score=False)
        names = world.people.loc[world.people["age"] >= ADULT_AGE, ["first_name", "last_name"]]
        rows = Rows(len(names), "adults")
        rows.share("adults_with_namesake", names.duplicated(keep=False))
        rows.extend(row for row in campaign.quality.rows if row.measure in _OF_MATCHING)
        leak = publish(campaign, DotMap(), seed=seed)
        if len(leak):
            holder = Adversary.holds_register(world.roll, mask=None)
            for row in audit(leak, holder, truth=world, seed=seed).rows:
                if row.gain in _OF_MAP:
                    rows.put(replace(row, measure=f"reidentified_{row.gain}"))
        parts[share] = Measures(family="campaign", rows=rows, provenance="simulated")
    return joined("campaign", parts, by="kin_in_town", recipe={"seed": seed})


COPIES = (1, 3, 10, 30)
NoiseWord: TypeAlias = Literal["fresh", "persistent"]
NOISES: tuple[NoiseWord, ...] = get_args(NoiseWord)
# One copy a day, for two weeks.
DAYS = 15


def audit_copies(
    campaign: Campaign, mask: Mask, copies: Sequence[int] = COPIES, *, seed: int = 7
) -> Measures:
    """Average several copies of a masked map, with fresh and with persistent noise.

    Returns
    -------
    Measures
        As `audit_averages`, for both kinds of ``noise``; and reidentified: share of people found
        at the address nearest to the mean (control: comparable people who are not on the map), 0
        is safe.
    """
    parts = {}
    for noise in NOISES:
        rows, averaged = Rows(0, "people"), _averaged(campaign, mask, copies, noise, "id", seed)
        for one in averaged:
            part = {"copies": len(one.copies), "noise": noise, "mask": str(mask)}
            _add_nearest(rows, one, campaign.world, part, seed=seed)
        shown = averaging_exposure(averaged, mask=str(mask), noise=noise, shows_id=True, seed=seed)
        parts[noise] = replace(shown, rows=[*shown.rows, *rows])
    return joined("copies", parts)


def audit_averages(
    campaign: Campaign,
    mask: Mask,
    *,
    copies: Sequence[int] = (1, 10, 50),
    noise: NoiseWord = "fresh",
    link: LinkWord = "id",
    seed: int = 7,
) -> Measures:
    """Publish copies of the day of the plan, link them, and average them.

    Parameters
    ----------
    campaign : Campaign
    mask : Mask
        Moves the dots.
    copies : sequence of int
        How many copies are averaged, each number once; one copy is reported too.
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
        See `averaging_exposure`.

    Raises
    ------
    ParameterError
        No dot, no copy, a number twice, or an unknown noise or link.
    """
    one_of("audit_averages", "link", link, ("id", "certain", "weighed", "assignment"))
    averaged = _averaged(campaign, mask, copies, noise, link, seed)
    shows_id = link == "id"
    return averaging_exposure(averaged, mask=str(mask), noise=noise, shows_id=shows_id, seed=seed)


def _averaged(
    campaign: Campaign, mask: Mask, copies: Sequence[int], noise: NoiseWord, link: str, seed: int
) -> list[AveragedVersions]:
    """Publish copies, link them, and average one of them, and as many as are wanted."""
    who = "audit_averages"
    wanted = [whole(who, "copies", n, 1) for n in copies]
    if not wanted or len(set(wanted)) < len(wanted):
        raise ParameterError.of(who, "numbers of copies, each once", f"copies={copies!r}")
    check_holds_dots(who, campaign)
    minute = np.timedelta64(1, "m")
    at = tuple(campaign.plan.as_of + i * minute for i in range(max(2, *wanted)))
    view = DotMapVersions(at=at, mask=mask, noise=noise, shows_id=link == "id")
    versions = publish(campaign, view, seed=seed)
    how = link if noise == "fresh" or link == "id" else "position"
    averaged = []
    for count in sorted({1, *wanted}):
        first = versions[:count]
        linked = _linked(first, mask, how, stream(seed, "averaging", "links", count))
        position = mean_position(positions_of(first, linked))
        averaged.append(AveragedVersions(copies=first, linked=linked, position=position))
    return averaged


def _add_nearest(
    rows: Rows, one: AveragedVersions, world: SimulatedWorld, part: dict[str, Any], *, seed: int
) -> None:
    """Add who is found at the address nearest to the mean of the copies of their dot."""
    last, (x, y) = one.copies[-1], one.position.T
    moved = replace(last, records=last.records.assign(x=x, y=y))
    made = attacked(moved, Adversary.nearest(), truth=world, seed=seed)
    hits, beside = made.per_person["address"], made.per_person[_BY_DOT["address"]]
    rows.share(
        "reidentified", hits, clusters=made.clusters, control=beside, n=len(hits),
        gain="address", part=part,
    )  # fmt: skip


def _linked(
    versions: Sequence[DotRelease], mask: Mask, link: str, rng: np.random.Generator
) -> Linked:
    if len(versions) == 1:
        return Linked(rows=np.arange(len(versions[0]))[None, :], how="position", lost=0)
    leaked = [version.as_leaked() for version in versions]
    base = versions[0].backdrop
    placed = mask.on(base)
    if link == "weighed":
        prior = np.full(len(base), 1 / len(base))
        weighed = weigh_links(leaked, base, [placed] * len(leaked), prior, rng=rng)
        if weighed is not None:
            return weighed.linked
        link = "certain"
    reach = max(float(placed.reach_of(points_of(version)).max()) for version in versions)
    return link_versions(leaked, how=link, farthest=2 * reach)


def audit_times(campaign: Campaign, days: int = DAYS, *, seed: int = 7) -> dict[str, Measures]:
    """Take a copy of the exact map each day: differences, and the timing of likes.

    Returns
    -------
    dict of str to Measures
        ``"differences"`` (see `difference_exposure`) and ``"timing"`` (see `timing_exposure`).
    """
    end, day = campaign.plan.as_of, np.timedelta64(1, "D")
    at = tuple(end - k * day for k in range(days - 1, -1, -1))
    versions = publish(campaign, DotMapVersions(at=at), seed=seed)
    leaked = [version.as_leaked() for version in versions]
    linked = link_versions(leaked)
    appeared = difference(leaked, at, linked)
    likes = public_likes(campaign)
    rng = stream(seed, "attack", "timing")
    accounts = likely_accounts(appeared, likes, rng=rng)
    world = campaign.world
    addresses = world.people["address"].to_numpy()[world.accounts["person"].to_numpy()]
    nearest = guess(leaked[-1], Adversary.nearest(), rng=rng)
    dots = order_identical_dots(versions[-1], appeared, campaign)
    known: dict[str, Any] = {"appeared": appeared, "guesses": nearest, "addresses": addresses}
    return {
        "differences": difference_exposure(campaign, versions[-1], appeared, linked),
        "timing": timing_exposure(accounts, dots, likes, **known),
    }


# Metres that a pixel covers: a street map at zooms 15, 14, 13 and 12, about.
RESOLUTIONS = (3.0, 6.0, 12.0, 25.0)


def audit_pictures(
    campaign: Campaign, metres_per_pixel: Sequence[float] = RESOLUTIONS, *, seed: int = 7
) -> Measures:
    """Read screenshots of a campaign's exact map, and take the address nearest to each dot.

    Parameters
    ----------
    campaign : Campaign
    metres_per_pixel : sequence of float
        Resolutions, metres a pixel.
    seed : int

    Returns
    -------
    Measures
        Family "screenshots", for each resolution ``metres_a_pixel``: found, the share of people
        whose address is the guess for their dot, out of everybody on the map, and
        reidentified_household, that divided by the households there (baseline: the same from the
        file itself; control: comparable people who are not on the map); dots_read, the
        share of the dots drawn that were read, and dots_right, of the marks read those that are
        such dots. 0 is safe. Where the size of the dots cannot be read, it is that of the
        application, which anyone who uses it sees. A picture that cannot be read says nothing of
        what others find on it: its shares are empty.
    """
    file = publish(campaign, DotMap(), seed=seed)
    exact = attacked(file, Adversary.nearest(), truth=campaign.world, seed=seed)
    parts = {}
    for metres in metres_per_pixel:
        view = Screenshot(metres_per_pixel=metres, basemap="streets")
        shot = publish(campaign, view, seed=seed)
        rows = _rows_of_picture(exact, shot, view.dot_radius, campaign.world, seed)
        parts[metres] = Measures(
            family="screenshots", rows=rows, provenance="simulated", recipe=dict(shot.recipe)
        )
    return joined("screenshots", parts, by="metres_a_pixel")


def _rows_of_picture(
    exact: Exposure, shot: PictureRelease, radius: float, world: SimulatedWorld, seed: int
) -> Rows:
    """What was read of one picture, and the addresses that it leads to."""
    rows, who, read = Rows(len(exact.per_person), "people"), Adversary.nearest(), None
    for size in (None, radius):
        with suppress(ReadError, GeometryError):
            read = read_back(shot.as_leaked(), size)
            break
    shares = {"address": "reidentified", "household": "reidentified_household"}
    if read is None:
        unread = Note("nothing_read_of_picture")
        for gain, measure in shares.items():
            rows.absent([measure], "share", unread, gain=gain)
        dots = len(shot.opened("audit_pictures"))
        rows.share("dots_read", np.zeros(dots), counts="dots", baseline=1.0)
        rows.absent(["dots_right"], "share", unread, n=0, counts="marks", of="marks")
        return rows
    made = guess(read.as_leaked(), who, rng=stream(seed, "attack", "picture"))
    guesses, drawn = align_with_drawn(made, read, shot)
    gains = held_against(guesses, drawn, who, truth=world, seed=seed).per_person
    for gain, measure in shares.items():
        control, from_file = gains[_BY_DOT[gain]], float(exact.overall["value"][gain])
        beside: dict[str, Any] = {"control": control, "baseline": from_file, "gain": gain}
        rows.share(measure, gains[gain], clusters=exact.clusters, **beside)
    is_read = read_of_each(read, shot) >= 0
    rows.share("dots_read", is_read, counts="dots", baseline=1.0)
    right = np.arange(len(read)) < is_read.sum()
    rows.share("dots_right", right, counts="marks", baseline=1.0)
    return rows
