"""What being served an ad tells of a person, for a political subject and for a shop's."""

from __future__ import annotations

from typing import Any

import numpy as np

from privaudit.campaign.leaning import BLOCS
from privaudit.measures.interval import wilson
from privaudit.release.release import AdRelease
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.words.note import Note

__all__ = ["served_rows"]


def served_rows(rows: Rows, release: AdRelease, world: SimulatedWorld, interest: str) -> None:
    """Add what whoever sees the ad on a screen learns of its owner.

    Rows, n counts people, 0 is safe where it does not pass the baseline:

    - served: people who were served it, of all accounts that were not on the list.
    - holds: of those served, share who lean to the campaign's bloc (``what="side"``), or whose
      interest is `interest`. Baseline: of all accounts that were not on the list. Control: of
      those who were not served.
    - times: how many times likelier than the baseline that is.
    """
    people, served = world.people, release.records["served"].to_numpy(dtype=bool)
    person = release.opened("served_rows")["person"].to_numpy()
    truth = {
        "side": np.isin(people["leaning"].to_numpy(), BLOCS[release.side])[person],
        "interest": people["interest"].to_numpy()[person] == interest,
    }
    rows.add("served", int(served.sum()), "people")
    n = int(served.sum())
    for what, holds in truth.items():
        prior = float(holds.mean()) if len(holds) else np.nan
        value = float(holds[served].mean()) if n else np.nan
        low, high = wilson(value, n) if n else (np.nan, np.nan)
        beside = float(holds[~served].mean()) if n < len(served) else np.nan
        told: dict[str, Any] = {"n": n, "part": {"what": what}}
        rows.add(
            "holds", value, "share", low=low, high=high, baseline=prior, control=beside, **told
        )
        if not prior > 0:
            rows.absent(["times"], "times", Note("nobody_counted"), baseline=1.0, **told)
            continue
        rows.add(
            "times", value / prior, "times", low=low / prior, high=high / prior,
            baseline=1.0, **told,
        )  # fmt: skip
