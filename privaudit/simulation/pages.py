"""Pages that people like, and where each stands on the axes of taste."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit._core.arrays import Floats
from privaudit.simulation.world import INTERESTS

__all__ = ["POLITICAL_TOPIC", "SIDES", "TRAITS", "Pages", "draw_pages"]

# Latent traits of people and pages: the political axis, age, sex, and nine without a name.
TRAITS = 12
SIDES = ("radical_left", "left", "centre", "right", "far_right")
POLITICAL_TOPIC = "politics"
_BLOCS = (("left", "radical_left"), ("right", "far_right"))
# How much an interest draws to the pages of its topic, on the scale of one trait.
_TOPIC_PULL = 1.5


@dataclass(frozen=True, eq=False)
class Pages:
    """The frame of pages, and for the generic and partisan ones their popularity and place.

    `loadings` has a row a trait and then a row a topic, a column a page.
    """

    frame: pd.DataFrame
    popularity: Floats
    loadings: Floats


def draw_pages(
    generic: int,
    *,
    partisan: float,
    popularity: float,
    political_sd: float,
    partisan_position: float,
    rng: np.random.Generator,
) -> Pages:
    """Draw pages: ordinary ones, some that speak for a bloc, and one a candidate.

    - `generic`: Pages without a candidate, most popular first.
    - `partisan`: Share of these that speak for the left or the right bloc; they stand evenly among
      popular and unpopular ones, so that towns differ little in what likes tell.
    - `political_sd`, `partisan_position`: Spread of ordinary pages, and place of partisan ones, on
      the political axis.
    - returns: Its frame has page, kind (generic, partisan, candidate), side, topic; candidates
      last.
    """
    bound = rng.standard_normal((TRAITS, generic))
    bound[0] *= political_sd
    kind = np.full(generic, "generic", dtype="<U9")
    side = np.full(generic, "", dtype="<U12")
    topic = rng.choice(INTERESTS, generic)
    every = max(1, round(1 / partisan)) if partisan > 0 else generic + 1
    stands = np.arange(int(rng.integers(min(every, generic))), generic, every)
    stands = stands[: round(partisan * generic)]
    kind[stands] = "partisan"
    topic[stands] = POLITICAL_TOPIC
    for bloc, start in zip(_BLOCS, (0, 1), strict=True):
        side[stands[start::2]] = rng.choice(bloc, len(stands[start::2]), p=(0.65, 0.35))
    bound[0, stands] = partisan_position * np.where(np.arange(len(stands)) % 2, 1, -1)
    pull = _TOPIC_PULL * (np.array(INTERESTS)[:, None] == topic)
    frame = pd.DataFrame(
        {
            "page": np.arange(generic + len(SIDES)),
            "kind": np.append(kind, ["candidate"] * len(SIDES)),
            "side": np.append(side, SIDES),
            "topic": np.append(topic, [POLITICAL_TOPIC] * len(SIDES)),
        }
    ).astype({"kind": "str", "side": "str", "topic": "str"})
    weight = np.arange(1.0, generic + 1) ** -popularity
    return Pages(frame, weight / weight.sum(), np.vstack([bound, pull]))
