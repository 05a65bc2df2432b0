"""Views of a campaign, and `publish`: the release that an adversary sees of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar, get_args

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.canvass import behind_entry
from privaudit.core.checks import an_instance
from privaudit.core.declaration import Declared, load
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError, did_you_mean
from privaudit.maps.masks.mask import Mask, declared_masks, parse_mask
from privaudit.release.release import Release

KeyColumn: TypeAlias = Literal["age_band", "sex", "profession", "interest", "station"]
KEY_COLUMNS = get_args(KeyColumn)
NAME_COLUMNS = ("display_name", "first_name", "last_name")
# Columns of profiles from which the sources of a release are read.
SOURCES_FROM = ("account", "address", "register", "entry")
SOURCE_COLUMNS = ("account", "person", "marked_address", "marked_household")


def sources_of(campaign: Campaign, profiles: pd.DataFrame) -> pd.DataFrame:
    """Return the account and person of each profile, and the home that the campaign marked.

    Parameters
    ----------
    campaign : Campaign
    profiles : pandas.DataFrame
        Profiles of the campaign.

    Returns
    -------
    pandas.DataFrame
    """
    account = profiles["account"].to_numpy()
    return pd.DataFrame(
        {
            "account": account,
            "person": campaign.world.accounts["person"].to_numpy()[account],
            "marked_address": profiles["address"].to_numpy(),
            "marked_household": behind_entry(campaign.world, profiles, "household"),
        }
    )


# What a view publishes: one release or several.
R = TypeVar("R", bound=Release | tuple[Release, ...], covariant=True)


class View(Declared, Generic[R]):
    """Base class of views: what is published of a campaign, and how.

    A view is a frozen dataclass in a file of the folder `views`. `word` is its name in a label,
    `example` a label that `parse_view` reads, and `published` makes the release. A view of the
    caller's own needs `published` only; `sources` and `stamped` give what every release has.

    Examples
    --------
    A view of streets, of the people still to meet:

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
        """Return the release, with its sealed sources."""

    def sources(self, campaign: Campaign, profiles: pd.DataFrame) -> pd.DataFrame:
        """Return the sealed sources of some profiles, in their order; see `sources_of`."""
        return sources_of(campaign, profiles)

    def stamped(self, campaign: Campaign, seed: int) -> dict[str, Any]:
        """Return the provenance that every release of this view has."""
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
        """Return the recipe of a release, as plain JSON values."""
        return {
            "stage": "publish",
            "view": self.recipe(),
            "seed": seed,
            "campaign": dict(campaign.recipe),
        }


def shuffled(n: int, seed: int) -> np.ndarray:
    """Return the random order in which a view publishes n rows.

    Parameters
    ----------
    n : int
    seed : int
        0 or more.

    Returns
    -------
    ndarray
    """
    return stream(seed, "publish", "order").permutation(n)


def masked_word(mask: Mask | None) -> str:
    """Return the label of the mask of a map, "exact" without one."""
    return "exact" if mask is None else str(mask)


def read_mask(values: Sequence[str]) -> Mask | None:
    """Return the mask that `masked_word` wrote, split at its colons."""
    return None if list(values) == ["exact"] else parse_mask(":".join(values))


def declared_views() -> dict[str, type[View[Any]]]:
    """Return every kind of view by its word, in alphabetical order."""
    load("privaudit.campaign.views")
    return dict(sorted(View.declared.items()))


def parse_view(text: str) -> View[Any]:
    """Read a view from the label that ``str(view)`` and `Release.view` write.

    The label of a dot map, of its versions and of an account's view is that of its mask: ``exact``,
    ``donut:50:200``. A label does not hold all parameters: popups and names are in the records.

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
    raise ParameterError.of("parse_view", f"one of {examples}", repr(text), hint)


def publish(campaign: Campaign, view: View[R], *, seed: int = 7) -> R:
    """Publish a view of a campaign: the release that an adversary sees.

    Rows are shuffled and carry no id, so that their order does not link a record to a person.
    Values that the tool does not know are "".

    Parameters
    ----------
    campaign : Campaign
    view : DotMap, TableExport, Screenshot, AreaMap, HeatMap, DotMapVersions or AccountView
        - `DotMap`, `AccountView`: x, y (metres), status, presumed_leaning, then the pop-up's
          columns; key variables and names are roles.
        - `TableExport`: names when asked, key variables, presumed_leaning and score_band (five
          bands of the score; "" where there is none), both sensitive.
        - `Screenshot`: no record but a `picture`, whose `image` is an array of pixels and which
          `save` writes to a file.
        - `AreaMap`: every area that has an address; to_meet, visited and total are nan where
          they are suppressed, and an area's x and y the mean of its addresses for a station,
          else the centre of its cell.
        - `HeatMap`: x, y and intensity (dots a square kilometre) of each cell.
        - `DotMapVersions`: a map for each date, each with its own shuffle.
    seed : int
        Of the shuffle, the mask, the ids and the cap, 0 or more.

    Returns
    -------
    Release, or for `DotMapVersions` a tuple of one Release a date, oldest first
        `sources` is aligned with `records`: the account and its person, and the address and
        household (living today in the dwelling) that the campaign marked, -1 where none. Dots
        that a mask suppresses are not on the map; `set_aside` counts them. An area, a heat map
        and a picture have one row of sources a dot, not one a record; those of a picture have the
        column and row of pixels of the dot.

    Raises
    ------
    ParameterError
        No campaign or no view, or a view that does not fit the campaign.
    GeometryError
        A screenshot of no dot, or of too many pixels.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_500), seed=8), seed=7)
    >>> pa.publish(campaign, pa.DotMap(popup=("sex",)), seed=7)
    Release(dots, 16 records, simulated, columns x, y, status, presumed_leaning, sex)
    >>> leak = pa.publish(campaign, pa.Screenshot(zoom=15), seed=7)
    >>> leak.kind, leak.picture.image.dtype.name, len(leak.sources)
    ('screenshot', 'uint8', 16)
    """
    an_instance("publish", "campaign", campaign, Campaign, "Use run_campaign.")
    if not isinstance(view, View):
        kinds = ", ".join(kind.__name__ for kind in declared_views().values())
        came = f"the class {view.__name__}" if isinstance(view, type) else type(view).__name__
        do = "Write its brackets." if isinstance(view, type) and issubclass(view, View) else ""
        raise ParameterError.of("publish", f"a view, one of {kinds}", came, do)
    return view.published(campaign, seed=seed)
