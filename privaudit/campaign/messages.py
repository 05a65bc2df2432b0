"""A message with YES and NO in it: who opens it, who answers, and what is recorded of it.

- A look-alike audience: whom a platform finds to resemble a list, and who is served an ad.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.leaning import BLOCS, evidence_of
from privaudit.core.checks import (
    error_message,
    in_range,
    keyword_only,
    listed,
    one_of,
    plain_fields,
    whole,
)
from privaudit.core.progress import one_thread, stream
from privaudit.errors import ParameterError

# The subject of the campaign's own ad; any other is an interest, and a shop's.
POLITICS = "politics"
# Ridge of the model that holds a list against everybody else.
_RIDGE = 0.01


def has_subject(campaign: Campaign, subject: str) -> np.ndarray:
    """Say of each person whether an ad is meant for them: the bloc of the campaign, an interest."""
    people = campaign.world.people
    if subject == POLITICS:
        return np.isin(people["leaning"].to_numpy(), BLOCS[campaign.plan.side])
    found: np.ndarray = people["interest"].to_numpy() == subject
    return found


@one_thread()
def look_alikes(
    campaign: Campaign,
    subject: str,
    *,
    listed: float,
    size: float,
    reach: float,
    stray: float,
    seed: int,
) -> pd.DataFrame:
    """Hand a list of customers or supporters to a platform, and let it serve an ad to their like.

    Logistic regression on the singular vectors of what accounts touched, the list against all
    others; the likest others are the audience. The engine is the same whatever the subject.

    - `listed`: Of the accounts whose person the ad is meant for, share that is on the list.
    - `size`: Of all other accounts, share that becomes the audience.
    - `reach`, `stray`: Share of the audience that is served the ad, and of everybody else.
    - returns: One row an account: listed, audience, served (bool).
    """
    from sklearn.linear_model import LogisticRegression

    world = campaign.world
    person = world.accounts["person"].to_numpy()
    rng = stream(seed, "audience", subject)
    meant = has_subject(campaign, subject)[person]
    on_list = meant & (rng.random(len(person)) < listed)
    likes = evidence_of(world, campaign.plan, stream(seed, "audience", "likes")).likes
    audience = np.zeros(len(person), dtype=bool)
    if on_list.any() and not on_list.all() and likes.shape[1]:
        model = LogisticRegression(C=_RIDGE, max_iter=500, class_weight="balanced")
        alike = model.fit(likes, on_list).decision_function(likes)
        others = np.flatnonzero(~on_list)
        most = others[np.argsort(-alike[others], kind="stable")][: round(size * len(others))]
        audience[most] = True
    share = np.where(audience, reach, stray)
    served = (rng.random(len(person)) < share) & ~on_list
    return pd.DataFrame({"listed": on_list, "audience": audience, "served": served})


ANSWERS = ("yes", "no")
LINKS = ("token", "shared", "none")
# What no study gave, and how far it may lie: sensitivity varies each of these over its range.
SCENARIOS: dict[str, tuple[float, float]] = {
    "opens": (0.15, 0.5), "clicks": (0.05, 0.35), "yes": (0.7, 1.0), "images": (0.3, 0.9),
    "proxied": (0.0, 0.5), "scanned": (0.0, 0.2), "forwarded": (0.0, 0.15), "blasts": (1, 6),
    "provider": (0.2, 0.6),
}  # fmt: skip
_SHARES = ("images", "proxied", "scanned", "forwarded", "provider")
_PAIRS = ("opens", "clicks", "yes")


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Links:
    """The links of a message, who follows them, and what else does. Every figure is a scenario.

    Parameters
    ----------
    kind : {"token", "shared", "none"}
        A token a person, so that an answer is somebody's; one link for all who get the same text;
        or no link.
    opens, clicks, yes : (float, float)
        Of those who lean to the campaign's bloc, then of all others: share that opens a mail, of
        these share that clicks, of these share that clicks YES.
    images : float
        Share of mailboxes that load pictures: their opening is recorded, by a pixel.
    proxied : float
        Share whose provider loads the pixel itself, whether they open or not.
    scanned : float
        Share behind a scanner that follows every link of a mail on its arrival.
    filtered : bool
        The server drops answers of a scanner: YES and NO within seconds.
    forwarded : float
        Of those who open, share that forwards the mail; its reader may click, with their token.
    provider : float
        Share of the addresses that are with the largest mailbox provider.
    blasts : int
        How often the same text is sent.

    Raises
    ------
    ParameterError
        A share outside 0 to 1, an unknown kind, or fewer than one blast.

    Examples
    --------
    >>> Links(kind="shared").clicks
    (0.2, 0.08)
    """

    kind: str = "token"
    opens: tuple[float, float] = (0.35, 0.2)
    clicks: tuple[float, float] = (0.2, 0.08)
    yes: tuple[float, float] = (0.95, 0.25)
    images: float = 0.6
    proxied: float = 0.15
    scanned: float = 0.05
    filtered: bool = False
    forwarded: float = 0.03
    provider: float = 0.4
    blasts: int = 3

    def __post_init__(self) -> None:
        one_of("Links", "kind", self.kind, LINKS)
        one_of("Links", "filtered", self.filtered, (True, False))
        whole("Links", "blasts", self.blasts, 1)
        for name in _SHARES:
            object.__setattr__(self, name, in_range("Links", name, getattr(self, name), 0, 1))
        for name in _PAIRS:
            pair = listed("Links", name, getattr(self, name))
            if len(pair) != 2:
                raise ParameterError(
                    error_message("Links", f"two shares as {name}", f"{len(pair)}")
                )
            object.__setattr__(self, name, tuple(in_range("Links", name, x, 0, 1) for x in pair))

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return plain_fields(self)


def play(campaign: Campaign, account: np.ndarray, links: Links, *, seed: int) -> pd.DataFrame:
    """Send a message to some accounts and play what happens, blast after blast.

    - `account` (int): To whom.
    - returns: One row an account. What the server records: opened (bool), answer ("yes", "no" or
      "", the last one). What happened: read (bool, the person opened it), said (what the person
      clicked last, or ""), seen_by_others (bool, it was forwarded). at_provider (bool): the
      mailbox is with the largest provider.
    """
    rng, n = stream(seed, "messages"), len(account)
    world = campaign.world
    person = world.accounts["person"].to_numpy()[account]
    leans = np.isin(world.people["leaning"].to_numpy()[person], BLOCS[campaign.plan.side])
    other = (~leans).astype(int)
    images, proxied = rng.random(n) < links.images, rng.random(n) < links.proxied
    scanned = rng.random(n) < links.scanned
    read = np.zeros(n, dtype=bool)
    forwarded, opened = read.copy(), read.copy()
    said, answer = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
    for _ in range(links.blasts):
        # The scanner comes on arrival, before anybody: whatever it fetched last stands.
        fetched = scanned & (not links.filtered)
        answer[fetched] = rng.choice(ANSWERS, n)[fetched]
        opens = rng.random(n) < np.array(links.opens)[other]
        clicks = opens & (rng.random(n) < np.array(links.clicks)[other])
        says = np.where(rng.random(n) < np.array(links.yes)[other], *ANSWERS)
        said[clicks] = answer[clicks] = says[clicks]
        passed = opens & (rng.random(n) < links.forwarded)
        # Whoever it was forwarded to leans as anybody, and clicks as they do.
        friend = other[rng.integers(n, size=n)] if n else other
        theirs = passed & (rng.random(n) < np.array(links.clicks)[friend])
        says = np.where(rng.random(n) < np.array(links.yes)[friend], *ANSWERS)
        answer[theirs] = says[theirs]
        read |= opens
        forwarded |= passed
        opened |= (opens & images) | proxied
    if links.kind == "none":
        said[:] = answer[:] = ""
    return pd.DataFrame(
        {
            "opened": opened,
            "answer": pd.Series(answer, dtype="str"),
            "read": read,
            "said": pd.Series(said, dtype="str"),
            "seen_by_others": forwarded,
            "at_provider": rng.random(n) < links.provider,
        }
    )
