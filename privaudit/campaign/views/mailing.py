"""Targeted messages: who gets which text, and what a click or a silence leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.exports import Filled, facts_of
from privaudit.campaign.messages import Links, play
from privaudit.campaign.views.table_export import score_bands
from privaudit.campaign.views.view import View, columns_of, sources_of
from privaudit.columns.roles import Roles
from privaudit.core.checks import an_instance, error_message, keyword_only
from privaudit.core.progress import stream
from privaudit.errors import ParameterError
from privaudit.release.release import MailRelease

CUTS = ("age_band", "interest", "score_band", "station")


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Mailing(View[MailRelease]):
    """A mail to everybody who left an address: "Marie, do you want to ...? YES / NO".

    People are cut into segments by what the campaign holds of them, and some of these columns
    decide which text a segment gets. Who unsubscribed, or is not to be contacted, gets none.

    Parameters
    ----------
    segments : tuple of str
        Among age_band, interest, score_band and station: every combination is a segment. Empty:
        everybody is in one.
    variants : tuple of str
        Those of the segments' columns that the text depends on: every combination is a variant.
        Empty: one text for all.
    links : Links
        The links of the mail, and who follows them.
    filled : Filled
        Who left an e-mail: the people of the people table.

    Raises
    ------
    ParameterError
        An unknown column, one that is asked for twice, or a variant that is no segment's.

    Examples
    --------
    >>> Mailing(segments=("age_band", "score_band"), variants=("score_band",)).links.kind
    'token'
    """

    word, example, told = "mailing", "mailing", ()

    segments: tuple[str, ...] = CUTS
    variants: tuple[str, ...] = ("interest", "score_band")
    links: Links = field(default_factory=Links)
    filled: Filled = field(default_factory=Filled)

    def __post_init__(self) -> None:
        for name in ("segments", "variants"):
            chosen = columns_of("Mailing", name, getattr(self, name), CUTS)
            object.__setattr__(self, name, chosen)
        if not set(self.variants) <= set(self.segments):
            came = ", ".join(name for name in self.variants if name not in self.segments)
            do = "Give variants, too: variants=() is one text for all."
            raise ParameterError(
                error_message("Mailing", "variants among the segments' columns", came, do)
            )
        an_instance("Mailing", "links", self.links, Links, 'Write links=Links(kind="shared").')
        an_instance("Mailing", "filled", self.filled, Filled, "Write filled=Filled(emails=0.2).")

    def published(self, campaign: Campaign, *, seed: int) -> MailRelease:
        """Send the mail, and return a row a person who got it."""
        facts = facts_of(campaign, self.filled, seed=seed)
        facts = facts.assign(score_band=score_bands(facts["score"].to_numpy()).to_numpy())
        sent = (facts["email"] != "") & ~facts["unsubscribed"] & ~facts["do_not_contact"]
        facts = facts[sent.to_numpy()].reset_index(drop=True)
        played = play(campaign, facts["account"].to_numpy(), self.links, seed=seed)
        order = stream(seed, "publish", "order").permutation(len(facts))
        columns = ["email", "first_name", *self.segments, "score"]
        records = pd.concat([facts[columns], played[["opened", "answer", "at_provider"]]], axis=1)
        records.insert(len(columns), "variant", _numbered(facts, self.variants))
        truth = played[["read", "said", "seen_by_others"]]
        sources = sources_of(campaign, facts).reset_index(drop=True)
        return MailRelease(
            records=records.iloc[order].reset_index(drop=True),
            roles=Roles(identifier=("email",), key=self.segments),
            cut=self.segments,
            text=self.variants,
            links=self.links.kind,
            side=campaign.plan.side,
            name="mailing",
            sources=pd.concat([sources, truth], axis=1).iloc[order].reset_index(drop=True),
            **self.stamped(campaign, seed),
        )


def _numbered(facts: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    """Number the texts, from 1: the numbers follow what they depend on, in its order."""
    if not columns:
        return np.ones(len(facts), dtype=np.int64)
    found: np.ndarray = facts.groupby(list(columns), sort=True).ngroup().to_numpy() + 1
    return found
