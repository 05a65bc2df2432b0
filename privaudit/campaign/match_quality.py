"""Matches beside the truth: whom they name, at which door, and who cannot be matched at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.arrays import Bools, Ints, Strs
from privaudit.campaign.canvass import marked_households
from privaudit.campaign.civil_names import short_for, without_particles
from privaudit.campaign.plan import CampaignPlan
from privaudit.measures.calibration import calibration_gap
from privaudit.results.rows import Rows
from privaudit.simulation.pages import of_candidate
from privaudit.simulation.world import SimulatedWorld
from privaudit.text.normalise import name_words

__all__ = ["SHOWN", "WHY", "interacted", "match_quality", "named_person"]

# The kind of name that an account shows, beside that of its person; "other" is a handle, a
# pseudonym or an invented name.
SHOWN = ("civil", "birth", "short", "initial", "other")
# Why an account is not matched, the first that holds.
WHY = ("town_hidden", "name_hidden", "not_listed", "namesakes")


def match_quality(
    rows: Rows, world: SimulatedWorld, plan: CampaignPlan, matched: pd.DataFrame
) -> None:
    """Put matches beside the truth. Accounts of one household share entries: intervals rest on it.

    By ``match`` ("exact_name", "near_name"): match_precision (right entries over matched accounts
    of that kind), match_recall (right entries over all accounts), match_right_household (the
    entry's dwelling is where the person lives today, over matches). By the kind of name
    ``shown`` (`SHOWN`): shown_precision, shown_recall (over the accounts of that kind). Then

    - match_claimed: mean match probability; match_error: calibration error of it, over matches
      (baseline: chance alone).
    - false_claims: accounts matched, of those whose person is on no register that was asked.
    - false_doors: matches whose address is not where the person lives.
    - homonym_victims: matches that name somebody else of the town, who interacted with no
      candidate.
    - unmatched, by ``why`` (`WHY`): accounts that have no match.
    """
    person = world.accounts["person"].to_numpy()
    home = world.people["household"].to_numpy()[person]
    household = marked_households(world, matched)
    named = named_person(world, matched)
    right, kinds = named == person, matched["match"].to_numpy(dtype=str)
    for kind in ("exact", "near"):
        of_kind, part = kinds == kind, {"match": f"{kind}_name"}
        rows.share(
            "match_precision", right[of_kind], clusters=home[of_kind], gain="person", part=part
        )
        rows.share("match_recall", right & of_kind, clusters=home, gain="person", part=part)
        rows.share(
            "match_right_household", (household == home)[of_kind],
            clusters=home[of_kind], gain="household", part=part,
        )  # fmt: skip
    found = kinds != "none"
    shown = _names_shown(world)
    for form in SHOWN:
        of = shown == form
        told: dict[str, Any] = {"gain": "person", "part": {"shown": f"shown_{form}"}}
        rows.share("shown_precision", right[of & found], clusters=home[of & found], **told)
        rows.share("shown_recall", right[of], clusters=home[of], **told)
    sure = matched["match_probability"].to_numpy()[found]
    claimed = float(sure.mean()) if len(sure) else np.nan
    rows.rate("match_claimed", claimed, len(sure), unit="probability", n=len(sure))
    gap = calibration_gap(sure, right[found])
    rows.add(
        "match_error", gap.value, "share",
        low=gap.low, high=gap.high, n=len(sure), baseline=gap.chance,
    )  # fmt: skip
    _mistakes(rows, world, matched, named, home)
    _unmatched(rows, world, plan, found, shown, home)


def named_person(world: SimulatedWorld, matched: pd.DataFrame) -> Ints:
    """Return the person whom each match's register entry names, -1 for nobody of the town."""
    person = np.full(len(matched), -1, dtype=np.int64)
    for name in ("directory", "roll"):
        at = matched["register"].to_numpy() == name
        truth = getattr(world, f"{name}_truth")["person"].to_numpy()
        person[at] = truth[matched["entry"].to_numpy()[at]]
    return person


def interacted(world: SimulatedWorld) -> Bools:
    """Say of each person whether an account of theirs touched what is any candidate's."""
    clicks = world.interactions
    candidate = of_candidate(world.pages)[clicks["page"].to_numpy()]
    accounts = np.unique(clicks["account"].to_numpy()[candidate])
    found = np.zeros(len(world.people), dtype=bool)
    found[world.accounts["person"].to_numpy()[accounts]] = True
    return found


def _mistakes(
    rows: Rows, world: SimulatedWorld, matched: pd.DataFrame, named: Ints, home: Ints
) -> None:
    found = matched["entry"].to_numpy() >= 0
    person = world.accounts["person"].to_numpy()
    lives = world.people["address"].to_numpy()[person]
    elsewhere = matched["address"].to_numpy() != lives
    liked = interacted(world)
    victim = (named >= 0) & (named != person) & ~liked[np.maximum(named, 0)]
    told: dict[str, Any] = {"clusters": home[found]}
    rows.share("false_doors", elsewhere[found], gain="address", **told)
    rows.share("homonym_victims", victim[found], gain="person", **told)


def _unmatched(
    rows: Rows,
    world: SimulatedWorld,
    plan: CampaignPlan,
    found: Bools,
    shown: Strs,
    home: Ints,
) -> None:
    person = world.accounts["person"].to_numpy()
    listed = np.zeros(len(world.people), dtype=bool)
    for name in plan.registers:
        of = getattr(world, f"{name}_truth")["person"].to_numpy()
        listed[of[of >= 0]] = True
    unlisted = ~listed[person]
    rows.share("false_claims", found[unlisted], clusters=home[unlisted], gain="person")
    hidden = ~world.accounts["city_shown"].to_numpy(dtype=bool)
    why = np.select([found, hidden, shown == "other", unlisted], ["", *WHY[:3]], WHY[3])
    for reason in WHY:
        rows.share("unmatched", why == reason, clusters=home, part={"why": reason})


def _names_shown(world: SimulatedWorld) -> Strs:
    """Return the kind of name that each account shows (`SHOWN`), from who its person is."""
    owner = world.people.iloc[world.accounts["person"].to_numpy()]
    columns = (owner[c].to_numpy(dtype=object) for c in ("first_name", "last_name", "birth_name"))
    rows = zip(world.accounts["display_name"].to_numpy(dtype=object), *columns, strict=True)
    return np.array([_kind_shown(*row) for row in rows], dtype=str)


def _kind_shown(name: str, first_name: str, last_name: str, birth_name: str) -> str:
    """Tell what kind of name is shown.

    >>> [_kind_shown(name, "Éric", "de La Tour", "Roux") for name in
    ...  ("ERIC LA TOUR", "Eric Roux", "E. La Tour", "Éric L.", "Ric La Tour", "loup42")]
    ['civil', 'birth', 'initial', 'initial', 'other', 'other']
    """
    shown, first = name_words(name), "".join(name_words(first_name))
    last, birth = (without_particles(name_words(text)) for text in (last_name, birth_name))
    text = "".join(shown[:1]) + without_particles(shown[1:])
    if text in (first + last, last + first):
        return "civil"
    if text in (first + birth, birth + first):
        return "birth"
    short, rest = "".join(shown[:1]), without_particles(shown[1:])
    if len(shown) > 1 and rest in (last, birth) and short_for(short, first):
        return "initial" if len(short) == 1 else "short"
    letters = {word[0] for text in (last_name, birth_name) for word in name_words(text)}
    if len(shown) > 1 and len(rest) == 1 and rest in letters and "".join(shown[:-1]) == first:
        return "initial"
    return "other"
