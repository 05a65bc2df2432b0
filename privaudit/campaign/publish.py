"""From a campaign to what leaks of it: one door for every view."""

from __future__ import annotations

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.views.view import R, View, declared_views
from privaudit.core.checks import error_message, kind_of
from privaudit.errors import ParameterError


def publish(campaign: Campaign, view: View[R], *, seed: int = 7) -> R:
    """Publish a view of a campaign: what an adversary gets to see of it.

    Rows are shuffled and carry no id, so that neither place nor number in the file tells whom a
    record stands for. What the tool does not know of a profile is "".

    Parameters
    ----------
    campaign : Campaign
    view : DotMap, TableExport, Screenshot, AreaMap, HeatMap, DotMapVersions or AccountView
        - `DotMap`, `AccountView`: x, y (metres), status, presumed_leaning, then the pop-up's
          columns; key variables and names are roles.
        - `TableExport`: names when asked, key variables, presumed_leaning and score_band (five
          bands of the score; "" where there is none), both sensitive.
        - `Screenshot`: no record but a `picture`, whose `image` is an array of pixels and which
          `save` writes to a file. It must be read before anything is known.
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
        and a picture have one row of sources a dot, not one a record; a picture's also says
        in which column and row of pixels the dot was drawn.

    Raises
    ------
    ParameterError
        Not a campaign or not a view, or a view that does not fit the campaign.
    GeometryError
        A screenshot of no dot, or of too many pixels.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_500), seed=8), seed=7)
    >>> pa.publish(campaign, pa.DotMap(popup=("sex",)), seed=7)
    Release(dots, 18 records, simulated, columns x, y, status, presumed_leaning, sex)
    >>> leak = pa.publish(campaign, pa.Screenshot(zoom=15), seed=7)
    >>> leak.kind, leak.picture.image.dtype.name, len(leak.sources)
    ('screenshot', 'uint8', 18)
    """
    if not isinstance(campaign, Campaign):
        came = kind_of(campaign)
        raise ParameterError(error_message("publish", "a Campaign", came, "Use run_campaign."))
    if not isinstance(view, View):
        kinds = ", ".join(kind.__name__ for kind in declared_views().values())
        came = f"the class {view.__name__}" if isinstance(view, type) else type(view).__name__
        do = "Write its brackets." if isinstance(view, type) and issubclass(view, View) else ""
        raise ParameterError(error_message("publish", f"a view, one of {kinds}", came, do))
    return view.published(campaign, seed=seed)
