"""The explorer of a simulated story: one map, moved further and further, by who looks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.publish import masked_word, publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.core.reproducible import stream
from privaudit.maps.adversary import Adversary, trust_in_doors
from privaudit.maps.guess import AttackRun, attempt_together, prior_over_addresses
from privaudit.maps.masks.donut import Donut
from privaudit.maps.posterior import Guesses
from privaudit.studies.audit import gains_alone
from privaudit.studies.chain import equipped
from privaudit.studies.study import Explorer

# How far dots are moved: not at all, then in rings about twice as wide.
MOVES: tuple[Donut | None, ...] = (
    None, Donut(r_min=10, r_max=40), Donut(r_min=20, r_max=100), Donut(r_min=50, r_max=200),
    Donut(r_min=100, r_max=400), Donut(r_min=200, r_max=600), Donut(r_min=400, r_max=900),
)  # fmt: skip
# Who looks, the least informed first.
LOOKERS = ("addresses", "roll", "neighbour")
# What is counted: an address, and a home in it.
GAINS = ("address", "household")


def looker(name: str, campaign: Campaign, mask: Donut | None) -> Adversary:
    """Return who looks: with a file of addresses, with the electoral roll, or next door."""
    if name == "roll":
        return Adversary.holds_register(campaign.world.roll, mask=mask)
    if name == "neighbour":
        return equipped(Adversary.neighbour(mask=mask), campaign.world)
    return Adversary.nearest() if mask is None else Adversary.knows_mask(mask)


def explored(campaign: Campaign, *, seed: int) -> pd.DataFrame:
    """Return how many people are found, by how far dots are moved and who looks.

    Returns
    -------
    DataFrame
        A row a view, looker and gain: columns view, looker, gain, value (share found), control
        (share found of people who are not on the map) and n (people on the map).
    """
    rows = []
    for mask in MOVES:
        leak = publish(campaign, DotMap(mask=mask), seed=seed)
        adversaries = [looker(name, campaign, mask) for name in LOOKERS]
        several = gains_alone(leak, [adversaries], world=campaign.world, seed=seed)
        for name, (_, found) in zip(LOOKERS, several, strict=True):
            found = found[found["gain"].isin(GAINS)]
            rows.append(found.assign(view=masked_word(mask), looker=name))
    columns = ["view", "looker", "gain", "value", "control", "n"]
    return pd.concat(rows, ignore_index=True)[columns]


def found_in_town(
    campaign: Campaign, known: Mapping[tuple[str, str], Guesses], *, seed: int
) -> pd.DataFrame:
    """Return the share found at their address, as `explored` does, and nothing else.

    - `known`: What was guessed already of these maps, by view and attack.

    Returns
    -------
    DataFrame
        A row a view and looker: columns view, looker, value and n.
    """
    home, rows = campaign.world.people["address"].to_numpy(), []
    for mask in MOVES:
        leak, view = publish(campaign, DotMap(mask=mask), seed=seed), masked_word(mask)
        person = leak.opened("found_in_town")["person"].to_numpy()
        lookers = [looker(name, campaign, mask) for name in LOOKERS]
        runs = [
            AttackRun(adversary, stream(seed, "attack", adversary.name), sizes=False)
            for adversary in lookers if (view, adversary.name) not in known
        ]  # fmt: skip
        together = attempt_together(leak.as_leaked(), runs) if runs else []
        guessed = {**known, **{(view, guesses.attack): guesses for guesses in together}}
        for name, adversary in zip(LOOKERS, lookers, strict=True):
            right = (person >= 0) & (guessed[view, adversary.name].address == home[person])
            row = {"view": view, "looker": name, "value": right.mean(), "n": len(person)}
            rows.append(row)
    return pd.DataFrame(rows)


def explorer_of(campaign: Campaign, *, seed: int) -> Explorer:
    """Return what the explorer shows of a simulated town."""
    world, moved = campaign.world, {}
    for mask in MOVES:
        leak = publish(campaign, DotMap(mask=mask), seed=seed)
        moved[masked_word(mask)] = leak.records[["x", "y"]].to_numpy(dtype=float)
    # One order of all views: it depends on the number of dots and the seed.
    person = leak.opened("explorer")["person"].to_numpy()
    weight = {
        name: prior_over_addresses(world.addresses, looker(name, campaign, MOVES[1]))
        for name in LOOKERS
    }
    return Explorer(
        counts=explored(campaign, seed=seed),
        moved=moved,
        home=np.where(person >= 0, world.people["address"].to_numpy()[person], -1),
        visited=(leak.records["status"] == "visited").to_numpy(),
        doors=float(trust_in_doors(leak, looker("addresses", campaign, MOVES[-1])).value),
        weight=weight,
    )
