"""Targeted messages: `Mailing`, with tracked links and a server's log, and `Audience`, an ad."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.leaning_and_attributes import BLOCS, evidence_of
from privaudit.campaign.plan import check_shares, check_switches, set_choices, set_pairs
from privaudit.campaign.publish import SOURCES_FROM, View, shuffled
from privaudit.campaign.views.exports import Filled, mail_facts, score_bands
from privaudit.columns.roles import Roles
from privaudit.core.checks import (
    an_instance,
    keyword_only,
    one_of,
    plain_fields,
    whole,
)
from privaudit.core.reproducible import one_thread, stream
from privaudit.errors import ParameterError
from privaudit.release.release import AdRelease, MailRelease
from privaudit.simulation.world import INTERESTS, scenario_ranges

CUTS = ("age_band", "interest", "score_band", "station")
ANSWERS = ("yes", "no")
LINKS = ("token", "shared", "none")
SCENARIOS = scenario_ranges("links")
_LINK_SHARES = ("images", "proxied", "scanned", "forwarded", "provider")


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Links:
    """The links of a message, and the behaviour of readers and servers. Every figure is a scenario.

    Parameters
    ----------
    kind : {"token", "shared", "none"}
        One link a person, with a token that identifies them; one link a text; or no link.
    opens, clicks, yes : (float, float)
        Share that opens a mail, share of these that clicks, and share of these that clicks YES: of
        people of the campaign's bloc, then of all others.
    images : float
        Share of mailboxes that load images, so that a tracking pixel records the opening.
    proxied : float
        Share whose provider loads the pixel, whether they open the mail or not.
    scanned : float
        Share behind a scanner that follows every link of a mail on its arrival.
    filtered : bool
        Whether the server drops answers of scanners: YES and NO within seconds.
    forwarded : float
        Share of those who open that forwards the mail; its reader may click, with their token.
    provider : float
        Share of addresses at the largest mailbox provider.
    blasts : int
        Number of times that the text is sent.

    Raises
    ------
    ParameterError
        A share outside 0 to 1, an unknown kind, or fewer than one blast.

    Examples
    --------
    >>> Links(kind="shared").clicks
    (0.2, 0.08)
    """

    kind: Literal["token", "shared", "none"] = "token"
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
        check_switches(self, "filtered")
        whole("Links", "blasts", self.blasts, 1)
        check_shares(self, *_LINK_SHARES)
        set_pairs(self, "opens", "clicks", "yes", low=0, high=1)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return plain_fields(self)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Mailing(View[MailRelease]):
    """A mail to all who left an address: "Marie, do you want to ...? YES / NO".

    People are divided into segments by columns of their profiles; some of these columns determine
    the text of a segment. People who unsubscribed or refused contact get none.

    Parameters
    ----------
    segments : tuple of str
        Among age_band, interest, score_band and station: every combination is a segment. Empty: one
        segment.
    variants : tuple of str
        Columns of `segments` that the text depends on: every combination is a variant. Empty: one
        text.
    links : Links
        The links of the mail, and the behaviour of readers.
    filled : Filled
        Shares of the people table with an e-mail address.

    Raises
    ------
    ParameterError
        An unknown column, one given twice, or a variant that is not in `segments`.

    Examples
    --------
    >>> Mailing(segments=("age_band", "score_band"), variants=("score_band",)).links.kind
    'token'
    """

    word, example, label_fields = "mailing", "mailing", ()

    segments: tuple[str, ...] = CUTS
    variants: tuple[str, ...] = ("interest", "score_band")
    links: Links = field(default_factory=Links)
    filled: Filled = field(default_factory=Filled)

    def __post_init__(self) -> None:
        set_choices(self, "segments", "variants", allowed=CUTS)
        if not set(self.variants) <= set(self.segments):
            came = ", ".join(name for name in self.variants if name not in self.segments)
            do = "Give variants, too: variants=() is one text for all."
            raise ParameterError.of("Mailing", "variants among the segments' columns", came, do)
        an_instance("Mailing", "links", self.links, Links, 'Write links=Links(kind="shared").')
        an_instance("Mailing", "filled", self.filled, Filled, "Write filled=Filled(emails=0.2).")

    def published(self, campaign: Campaign, *, seed: int) -> MailRelease:
        """Publish one row a person who got the mail."""
        facts = mail_facts(campaign, self.filled, seed=seed)
        facts = facts.assign(score_band=score_bands(facts["score"].to_numpy()).to_numpy())
        held = dict.fromkeys(("email", "first_name", *self.segments, "score", *SOURCES_FROM))
        facts = facts[[*held]]
        facts["variant"] = facts.groupby(list(self.variants)).ngroup() + 1 if self.variants else 1
        sent_to = facts["account"].to_numpy()
        mails = pd.concat([facts, play_mailing(campaign, sent_to, self.links, seed=seed)], axis=1)
        mails = mails.iloc[shuffled(len(facts), seed)].reset_index(drop=True)
        shown = ("score", "variant", "opened", "answer", "at_provider")
        truth = mails[["read", "said", "seen_by_others"]]
        return MailRelease(
            records=mails[["email", "first_name", *self.segments, *shown]],
            roles=Roles(identifier=("email",), key=self.segments),
            cut=self.segments,
            text=self.variants,
            links=self.links.kind,
            side=campaign.plan.side,
            name="mailing",
            sources=pd.concat([self.sources(campaign, mails), truth], axis=1),
            **self.stamped(campaign, seed),
        )


def play_mailing(
    campaign: Campaign, account: np.ndarray, links: Links, *, seed: int
) -> pd.DataFrame:
    """Send a message to some accounts and simulate openings and answers, blast after blast.

    Parameters
    ----------
    campaign : Campaign
    account : ndarray of int
        Accounts of the recipients.
    links : Links
    seed : int

    Returns
    -------
    pandas.DataFrame
        One row an account. Recorded by the server: opened (bool), answer ("yes", "no" or "", the
        last). True: read (bool, the person opened it), said ("yes", "no" or "", the person's last
        click), seen_by_others (bool, it was forwarded). at_provider (bool): the mailbox is with
        the largest provider.
    """
    rng, n = stream(seed, "messages"), len(account)
    world = campaign.world
    person = world.accounts["person"].to_numpy()[account]
    leans = world.people["leaning"].iloc[person].isin(BLOCS[campaign.plan.side]).to_numpy()
    other = (~leans).astype(int)
    images, proxied = rng.random(n) < links.images, rng.random(n) < links.proxied
    scanned = rng.random(n) < links.scanned
    read = np.zeros(n, dtype=bool)
    forwarded, opened = read.copy(), read.copy()
    said, answer = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
    for _ in range(links.blasts):
        # The scanner follows links on arrival, before any reader: its last one is recorded.
        fetched = scanned & (not links.filtered)
        answer[fetched] = rng.choice(ANSWERS, n)[fetched]
        opens = rng.random(n) < np.array(links.opens)[other]
        clicks = opens & (rng.random(n) < np.array(links.clicks)[other])
        says = np.where(rng.random(n) < np.array(links.yes)[other], *ANSWERS)
        said[clicks] = answer[clicks] = says[clicks]
        passed = opens & (rng.random(n) < links.forwarded)
        # The reader of a forwarded mail is a random recipient, and clicks like one.
        friend = other[rng.integers(n, size=n)] if n else other
        by_friend = passed & (rng.random(n) < np.array(links.clicks)[friend])
        says = np.where(rng.random(n) < np.array(links.yes)[friend], *ANSWERS)
        answer[by_friend] = says[by_friend]
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


# The subject of the campaign's own ad; any other is an interest, as of a shop.
POLITICS = "politics"
_SHARES = ("listed", "size", "reach", "stray")
# Inverse of the ridge penalty of the model.
_RIDGE = 0.01


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Audience(View[AdRelease]):
    """An ad served to accounts that resemble a list given to a platform.

    The control is the same algorithm with a commercial subject: a shop's list of customers. Every
    share is a scenario, in [0, 1].

    Parameters
    ----------
    subject : str
        "politics", the campaign's list of supporters; or an interest, such as "gardening".
    listed : float
        Share of the target group that is on the list.
    size : float
        Share of all other accounts that becomes the audience.
    reach, stray : float
        Shares of the audience and of all others that are served the ad.

    Raises
    ------
    ParameterError
        An unknown subject, or a share outside 0 to 1.

    Examples
    --------
    >>> str(Audience(subject="gardening"))
    'audience:gardening'
    """

    word, example, label_fields = "audience", "audience:politics", ("subject",)

    subject: str = POLITICS
    listed: float = 0.2
    size: float = 0.05
    reach: float = 0.6
    stray: float = 0.002

    def __post_init__(self) -> None:
        one_of("Audience", "subject", self.subject, (POLITICS, *INTERESTS))
        check_shares(self, *_SHARES)

    def published(self, campaign: Campaign, *, seed: int) -> AdRelease:
        """Publish one row an account that was not on the list."""
        drawn = self.look_alikes(campaign, seed=seed)
        others = (~drawn["listed"]).to_numpy()
        order = shuffled(int(others.sum()), seed)
        profiles = campaign.profiles.sort_values("account")[others].iloc[order]
        return AdRelease(
            records=drawn.loc[others, ["audience", "served"]].iloc[order].reset_index(drop=True),
            roles=Roles(),
            subject=self.subject,
            side=campaign.plan.side,
            name="audience",
            sources=self.sources(campaign, profiles),
            **self.stamped(campaign, seed),
        )

    @one_thread()
    def look_alikes(self, campaign: Campaign, *, seed: int) -> pd.DataFrame:
        """Draw the list, find the look-alike audience, and serve the ad.

        Logistic regression on the singular vectors of likes, the list against all others; the
        audience is the others with the highest scores. The algorithm does not know the subject.

        Parameters
        ----------
        campaign : Campaign
        seed : int

        Returns
        -------
        pandas.DataFrame of bool
            One row an account: listed, audience, served.
        """
        from sklearn.linear_model import LogisticRegression

        world = campaign.world
        person = world.accounts["person"].to_numpy()
        rng = stream(seed, "audience", self.subject)
        on_list = has_subject(campaign, self.subject)[person]
        on_list &= rng.random(len(person)) < self.listed
        likes = evidence_of(world, campaign.plan, stream(seed, "audience", "likes")).likes
        audience = np.zeros(len(person), dtype=bool)
        if on_list.any() and not on_list.all() and likes.shape[1]:
            model = LogisticRegression(C=_RIDGE, max_iter=500, class_weight="balanced")
            score = model.fit(likes, on_list).decision_function(likes)
            others = np.flatnonzero(~on_list)
            top = np.argsort(-score[others], kind="stable")[: round(self.size * len(others))]
            audience[others[top]] = True
        share = np.where(audience, self.reach, self.stray)
        served = (rng.random(len(person)) < share) & ~on_list
        return pd.DataFrame({"listed": on_list, "audience": audience, "served": served})


def has_subject(campaign: Campaign, subject: str) -> np.ndarray:
    """Return which people an ad targets: those of the campaign's bloc, or with an interest.

    Parameters
    ----------
    campaign : Campaign
    subject : str
        "politics" or an interest.

    Returns
    -------
    ndarray
    """
    people = campaign.world.people
    if subject == POLITICS:
        return np.isin(people["leaning"].to_numpy(), BLOCS[campaign.plan.side])
    return np.asarray(people["interest"].to_numpy() == subject)
