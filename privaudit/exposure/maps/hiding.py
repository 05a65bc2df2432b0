"""Among how many each dot's home is hidden: candidates, and spatial k-anonymity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit.exposure.results import Exposure, Measures
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.order_statistics import percentile

if TYPE_CHECKING:
    from privaudit.places.address_base import AddressBase

__all__ = ["hiding"]

CREDIBLE = 0.95
# Column, unit and share of people: what half can count on, and what one in ten cannot.
ROWS = {
    "candidates_p50": ("candidates", "addresses", 0.5),
    "candidates_p10": ("candidates", "addresses", 0.1),
    "k_addresses_p50": ("k_addresses", "addresses", 0.5),
    "k_addresses_p10": ("k_addresses", "addresses", 0.1),
    "k_people_p50": ("k_people", "people", 0.5),
    "k_people_p10": ("k_people", "people", 0.1),
}


def hiding(found: Exposure, base: AddressBase) -> Measures:
    """Say among how many addresses, and people, an adversary must still look.

    Parameters
    ----------
    found : Exposure
        Of a map, by an adversary who knows or has worked out the mask.
    base : AddressBase
        The addresses that the map was read against.

    Returns
    -------
    Measures
        Rows candidates (addresses that together hold 95 % of the posterior), k_addresses and
        k_people (spatial k-anonymity), each _p50 and _p10: half, and nine in ten, of the people
        on the map are hidden among that many or more. Large is safe; n counts people; the 95 %
        interval is of order statistics. Baseline: without the map, all addresses or people.
        nan where the people at addresses are not counted.

    Examples
    --------
    >>> from privaudit.places.address_base import AddressBase
    >>> from privaudit.release.masks import Donut
    >>> from privaudit.release.release import Release
    >>> from privaudit.roles import Roles
    >>> from privaudit.attacks.adversary import Adversary
    >>> from privaudit.attacks.guess import guess
    >>> from privaudit.exposure.maps.score import score
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 60.0, 500.0], "y": 0.0}))
    >>> dots = pd.DataFrame({"x": [30.0] * 12, "y": 0.0})
    >>> leak = Release(kind="dots", records=dots, roles=Roles(location=["x", "y"]), backdrop=base)
    >>> who = Adversary.knows_mask(Donut(low=0, high=100))
    >>> made = guess(leak, who, rng=np.random.default_rng(7))
    >>> told = hiding(score(made, None, leak, adversary=who), base).overall
    >>> told.loc["candidates_p50", ["value", "baseline"]].tolist()
    [2.0, 3.0]
    """
    people = base.people()
    total = math.nan if people is None else float(people.sum())
    baseline = {
        "candidates": math.ceil(CREDIBLE * len(base)),
        "k_addresses": len(base),
        "k_people": total,
    }
    rows = Rows(len(found.per_person))
    for name, (column, unit, share) in ROWS.items():
        values = found.per_person[column].to_numpy(dtype=float)
        known = values[np.isfinite(values)]
        told = percentile(known, share) if len(known) else (math.nan,) * 3
        note = "" if len(known) else "The addresses do not say how many people live at them."
        # Nothing below none, or above all there is, can be said.
        low, high = np.clip(told[1:], 0.0, baseline[column])
        rows.add(
            name,
            told[0],
            unit,
            note,
            low=low,
            high=high,
            baseline=baseline[column],
            n=len(known) or len(values),
        )
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(),
        title="hiding",
        provenance=found.provenance,
        reliable=found.reliable,
        recipe=dict(found.recipe),
    )
