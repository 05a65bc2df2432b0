"""What every view can do: publish a campaign, and say itself in a word.

- What views show of the campaign's profiles, and whom each profile stands for.
- A view in one word, as a report says it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.canvass import marked_households
from privaudit.core.checks import an_instance, did_you_mean, error_message, listed, one_of
from privaudit.core.declaration import Declared, load
from privaudit.errors import ParameterError
from privaudit.maps.masks.mask import Mask, declared_masks, parse_mask
from privaudit.release.release import Release

KEY_COLUMNS = ("age_band", "sex", "profession", "interest", "station")
NAME_COLUMNS = ("display_name", "first_name", "last_name")
SOURCE_COLUMNS = ("account", "person", "marked_address", "marked_household")


def sources_of(campaign: Campaign, profiles: pd.DataFrame) -> pd.DataFrame:
    """Return whom each profile stands for, and what the campaign marked for it."""
    account = profiles["account"].to_numpy()
    return pd.DataFrame(
        {
            "account": account,
            "person": campaign.world.accounts["person"].to_numpy()[account],
            "marked_address": profiles["address"].to_numpy(),
            "marked_household": marked_households(campaign.world, profiles),
        }
    )


# What a view publishes: a release, or several.
R = TypeVar("R", bound=Release | tuple[Release, ...], covariant=True)


class View(Declared, Generic[R]):
    """What is shown of a campaign, and how.

    A kind of view is a frozen dataclass in a file of this folder. Its `word` names it where it
    is published, its `example` can be read by `parse_view`, and `published` makes the release.
    One of somebody's own needs no more than `published`; `sources` and `stamped` fill in what every
    release has.

    Examples
    --------
    Streets only, of the people still to meet:

    >>> import privaudit as pa
    >>> class Streets(pa.maps.View):
    ...     def published(self, campaign, *, seed):
    ...         dots = campaign.dots[campaign.dots["status"] == "to_meet"]
    ...         shown = campaign.profiles.iloc[dots["profile"]].sample(frac=1, random_state=seed)
    ...         street = campaign.world.addresses.frame["street"].to_numpy()[shown["address"]]
    ...         records = shown[["presumed_leaning"]].assign(street=street)
    ...         return pa.io.TableRelease(
    ...             records=records.reset_index(drop=True),
    ...             roles=pa.Roles(key="street", sensitive="presumed_leaning"),
    ...             sources=self.sources(campaign, shown),
    ...             **self.stamped(campaign, seed),
    ...         )
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> pa.publish(campaign, Streets(), seed=7)
    Release(table, ..., simulated, columns presumed_leaning, street)
    """

    kind = "view"
    declared: ClassVar[dict[str, type[View[Any]]]] = {}
    unlisted: ClassVar[dict[str, type[View[Any]]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.enter(View.declared)

    @abstractmethod
    def published(self, campaign: Campaign, *, seed: int) -> R:
        """Return what an adversary gets to see, with its sealed sources."""

    def sources(self, campaign: Campaign, profiles: pd.DataFrame) -> pd.DataFrame:
        """Return whom each of some profiles stands for, sealed, in their order."""

        return sources_of(campaign, profiles).reset_index(drop=True)

    def stamped(self, campaign: Campaign, seed: int) -> dict[str, Any]:
        """Return what every release of this view says of where it comes from."""
        return {
            "backdrop": campaign.world.addresses,
            "provenance": "simulated",
            "view": str(self),
            "recipe": self.made_from(campaign, seed),
            "world": campaign.world.identity,
            "labels_checked": campaign.labels_checked,
            "doors_checked": campaign.doors_checked,
        }

    def made_from(self, campaign: Campaign, seed: int) -> dict[str, Any]:
        """Return how it is published, as plain JSON values."""
        return {
            "stage": "publish",
            "view": self.recipe(),
            "seed": seed,
            "campaign": dict(campaign.recipe),
        }


def masked_word(mask: Mask | None) -> str:
    """Say how the dots of a map were moved: "exact", or the word of the mask."""
    return "exact" if mask is None else str(mask)


def read_mask(values: Sequence[str]) -> Mask | None:
    """Read back what `masked_word` wrote, cut at its colons."""
    return None if list(values) == ["exact"] else parse_mask(":".join(values))


def columns_of(who: str, name: str, value: Any, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that a view shows, each known and asked for once."""
    chosen = (value,) if isinstance(value, str) else listed(who, name, value)
    for column in chosen:
        one_of(who, name, column, allowed)
    if len(set(chosen)) < len(chosen):
        raise ParameterError(error_message(who, f"{name} each once", f"{name}={chosen!r}"))
    return chosen


def declared_views() -> dict[str, type[View[Any]]]:
    """Return every kind of view by its word, in alphabetical order."""
    load("privaudit.campaign.views")
    return dict(sorted(View.declared.items()))


def parse_view(text: str) -> View[Any]:
    """Read a view from the word that ``str(view)`` and `Release.view` write.

    A map of dots is said by how they were moved: ``exact``, ``donut:50:200``; so is what one
    account, or somebody who came back, sees of it. A word tells what is seen, not all
    parameters: popups and names stand in the records.

    Examples
    --------
    >>> parse_view("donut:50:200")
    DotMap(mask=Donut(r_min=50.0, r_max=200.0, uniform='area'), popup=())
    >>> str(parse_view("screenshot:3:grid:200"))
    'screenshot:3:grid:200'
    """
    an_instance("parse_view", "text", text, str)
    word, *values = (part.strip().lower() for part in text.split(":"))
    kinds = {name: kind for name, kind in declared_views().items() if kind.example}
    masks = declared_masks()
    if (word == "exact" and not values) or word in masks:
        return kinds["dots"].read([word, *values])
    if word in kinds and word != "dots" and kinds[word].takes(values):
        return kinds[word].read(values)
    known = ["exact", *masks, *kinds]
    hint = did_you_mean(word, known) if word not in known else ""
    examples = ", ".join(["exact", *(kind.example for kind in kinds.values())])
    raise ParameterError(error_message("parse_view", f"one of {examples}", repr(text), hint))
