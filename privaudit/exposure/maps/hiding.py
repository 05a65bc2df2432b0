"""Among how many the address behind each dot is hidden: candidates, and spatial k-anonymity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from privaudit._core.policy import CREDIBLE_MASS
from privaudit.measures.order_statistics import percentile
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.places.address_base import AddressBase
    from privaudit.results.exposure import Exposure

__all__ = ["hiding"]

# What half of the people can count on, and what one in ten cannot.
PERCENTILES = (50, 10)


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
        Family "hiding": candidates (addresses that together hold 95 % of the posterior),
        k_addresses and k_people (spatial k-anonymity), each at ``percentile`` 50 and 10: half,
        and nine in ten, of the people on the map are hidden among that many or more. Large is
        safe; n counts people, or dots where nobody knows whom they stand for; the 95 % interval
        is of order statistics. Baseline: without the map, all addresses or people. nan where the
        people at addresses are not counted.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.places.address_base import AddressBase
    >>> from privaudit.release.masks import Donut
    >>> from privaudit.release.release import DotRelease
    >>> from privaudit.roles import Roles
    >>> from privaudit.attacks.adversary import Adversary
    >>> from privaudit.attacks.guess import guess
    >>> from privaudit.exposure.maps.score import score
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 60.0, 500.0], "y": 0.0}), real=False)
    >>> dots = pd.DataFrame({"x": [30.0] * 12, "y": 0.0})
    >>> leak = DotRelease(records=dots, roles=Roles(location=["x", "y"]), backdrop=base)
    >>> who = Adversary.knows_mask(Donut(low=0, high=100))
    >>> made = guess(leak, who, rng=np.random.default_rng(7))
    >>> row = hiding(score(made, None, leak, adversary=who), base).row("candidates", percentile=50)
    >>> row.value, row.baseline
    (2.0, 3.0)
    """
    people = base.people()
    total = math.nan if people is None else float(people.sum())
    baseline = {
        "candidates": math.ceil(CREDIBLE_MASS * len(base)),
        "k_addresses": len(base),
        "k_people": total,
    }
    rows = Rows(len(found.per_person), "dots" if found.expected else "people")
    for name, most in baseline.items():
        values = found.per_person[name].to_numpy(dtype=float)
        known = values[np.isfinite(values)]
        for share in PERCENTILES:
            told = percentile(known, share / 100) if len(known) else (math.nan,) * 3
            # Nothing below none, or above all there is, can be said.
            low, high = np.clip(told[1:], 0.0, most)
            rows.add(
                name,
                told[0],
                "people" if name == "k_people" else "addresses",
                () if len(known) else Note("people_at_addresses_not_counted"),
                low=low,
                high=high,
                baseline=most,
                n=len(known) or len(values),
                part={"percentile": share},
            )
    return Measures(
        family="hiding",
        rows=rows,
        provenance=found.provenance,
        reliable=found.reliable,
        recipe=dict(found.recipe),
    )
