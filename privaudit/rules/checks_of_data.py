"""Checks of what is kept: opinions, their ground, where data came from, how long, how right."""

from __future__ import annotations

import numpy as np

from privaudit.rules.facts import Checked, Facts, check, fires, met, unknown

_SPECIAL = ("support", "origin")
_PARTY = ("party", "association")
_REGULAR = ("member", "former_member", "regular", "adherent", "ancien_adherent", "regulier")
_OCCASIONAL = ("occasional", "prospect", "none", "occasionnel", "aucun", "")
_PROSPECT_DAYS, _REGULAR_DAYS = 61, 3 * 365


def _opinions(facts: Facts) -> list[str]:
    return facts.of_kind(*_SPECIAL)


@check("R01")
def opinion_present(facts: Facts) -> Checked:
    """The file reveals opinions by who is in it, or by a column."""
    columns = _opinions(facts)
    political = facts.told("processing", "political")
    if columns or political:
        return fires(facts.n, facts.n, columns)
    if political is False or (political is None and facts.records is not None and facts.held):
        return met(facts.n) if political is False else unknown("processing.political")
    return unknown("processing.political")


@check("R02")
def ground_of_article_9(facts: Facts) -> Checked:
    """Explicit consent, or members and regular contacts of a body with a political aim."""
    consent, of_class = facts.yes("consent"), facts.words("contact_class")
    if consent is None and of_class is None:
        return unknown("people.consent", "people.contact_class")
    n = int(facts.n)
    covered = np.zeros(n, dtype=bool) if consent is None else consent.copy()
    regular = np.zeros(n, dtype=bool) if of_class is None else np.isin(of_class, _REGULAR)
    party = facts.told("controller", "type") in _PARTY
    uncovered = ~(covered | regular)
    if uncovered.any():
        return fires(int(uncovered.sum()), n, _opinions(facts))
    if not party and (regular & ~covered).any():
        # Whether a candidate is such a body is not settled.
        return fires(int((regular & ~covered).sum()), n, _opinions(facts), lesser=True)
    return met(n)


@check("R03")
def inferred_opinion(facts: Facts) -> Checked:
    """An opinion that was inferred is one all the same."""
    inferred = facts.columns(source="inferred")
    named = [c for c in _opinions(facts) if "infer" in c.lower() or "score" in c.lower()]
    columns = list(dict.fromkeys([*inferred, *named]))
    if not columns:
        return met(facts.n) if facts.description.columns else unknown("columns.*.source")
    without = [c for c in columns if facts.description.columns.get(c, {}).get("legal_basis")
               != "consent"]  # fmt: skip
    return fires(facts.n, facts.n, without) if without else met(facts.n)


@check("R04")
def like_not_public(facts: Facts) -> Checked:
    """A like is made public only by who chose to show it to everybody."""
    if not facts.description.columns:
        return unknown("columns.*.source")
    public = facts.columns(source="social", legal_basis="manifestly_public")
    bare = [c for c in public if not facts.description.columns[c].get("public_setting")]
    return fires(facts.n, facts.n, bare) if bare else met(facts.n)


@check("R05")
def like_occasional(facts: Facts) -> Checked:
    """A like makes an occasional contact, not a supporter."""
    source, of_class = facts.words("source"), facts.words("contact_class")
    if source is None or of_class is None:
        return unknown("people.source", "people.contact_class")
    social = np.isin(source, ("social", "like", "likes", "facebook", "twitter", "instagram"))
    wrong = social & np.isin(of_class, (*_REGULAR, "supporter", "sympathisant"))
    return fires(int(wrong.sum()), int(social.sum())) if wrong.any() else met(int(social.sum()))


@check("R06")
def single_message(facts: Facts) -> Checked:
    """Prospection is one message."""
    sent, of_class = facts.number("messages"), facts.words("contact_class")
    most = facts.told("messages", "most_per_person")
    if sent is None or of_class is None:
        if most is None:
            return unknown("people.messages", "people.contact_class")
        return fires(columns=("messages.most_per_person",)) if most > 1 else met()
    prospect = np.isin(of_class, _OCCASIONAL)
    replied = facts.yes("replied")
    many = prospect & (sent > 1) & (True if replied is None else ~replied)
    return fires(int(many.sum()), int(prospect.sum())) if many.any() else met(int(prospect.sum()))


@check("R07")
def retention_of_prospects(facts: Facts) -> Checked:
    """Two months after that message at the latest."""
    first, of_class = facts.days("first_message_at"), facts.words("contact_class")
    if first is None or of_class is None:
        kept = facts.told("retention", "prospects_days")
        if kept is None:
            return unknown("people.first_message_at", "retention.prospects_days")
        return fires(columns=("retention.prospects_days",)) if kept > _PROSPECT_DAYS else met()
    prospect = np.isin(of_class, _OCCASIONAL) & ~np.isnat(first)
    late = prospect & (facts.as_of - first > np.timedelta64(_PROSPECT_DAYS, "D"))
    return fires(int(late.sum()), int(prospect.sum())) if late.any() else met(int(prospect.sum()))


@check("R08")
def retention_after_the_ballot(facts: Facts) -> Checked:
    """Lists of electors and data of propaganda go at the end of the ballot."""
    ballot = facts.day("processing", "election_date")
    listed = facts.columns(source="electoral_list")
    if ballot is None:
        return unknown("processing.election_date")
    if facts.as_of <= ballot:
        return met(facts.n)
    if not listed:
        return met(facts.n) if facts.description.columns else unknown("columns.*.source")
    if facts.told("retention", "other_use_consent"):
        return met(facts.n)
    return fires(facts.n, facts.n, listed)


@check("R09")
def retention_of_regular_contacts(facts: Facts) -> Checked:
    """Until exchanges end: a declared end, and nobody kept beyond it."""
    declared = facts.told("retention", "regular_days")
    last = facts.days("last_contact_at")
    if declared is None and last is None:
        return unknown("retention.regular_days", "people.last_contact_at")
    if last is None:
        return met()
    known = ~np.isnat(last)
    kept = _REGULAR_DAYS if declared is None else declared
    old = known & (facts.as_of - last > np.timedelta64(kept, "D"))
    if old.any():
        # Without a declared end the limit is a convention of ours, not law.
        return fires(int(old.sum()), int(known.sum()), lesser=declared is None)
    return met(int(known.sum()))


@check("R12")
def fair_source(facts: Facts) -> Checked:
    """What is public is not free to take."""
    if not facts.description.columns:
        return unknown("columns.*.source")
    social = facts.columns(source=("social", "indirect"))
    if not social:
        return met(facts.n)
    informed = facts.filled("informed_at")
    if informed is None:
        return unknown("people.informed_at")
    lacking = int((~informed).sum())
    return fires(lacking, facts.n, social) if lacking else met(facts.n)


@check("R13")
def basis_of_social_data(facts: Facts) -> Checked:
    """Consent, or legitimate interest that was weighed."""
    social = facts.columns(source="social")
    if not facts.description.columns:
        return unknown("columns.*.source")
    other = [c for c in social if facts.description.columns[c].get("legal_basis")
             not in ("consent", "legitimate_interest")]  # fmt: skip
    if other:
        silent = [c for c in other if "legal_basis" not in facts.description.columns[c]]
        if len(silent) == len(other):
            return unknown(*(f"columns.{c}.legal_basis" for c in silent))
        return fires(facts.n, facts.n, other)
    weighed = facts.columns(source="social", legal_basis="legitimate_interest")
    if weighed and not facts.told("accountability", "balancing_test"):
        return fires(facts.n, facts.n, weighed, lesser=True)
    return met(facts.n)


@check("R14")
def matching_by_consent(facts: Facts) -> Checked:
    """An e-mail that was given is not to be matched with a social account."""
    if not facts.description.columns:
        return unknown("columns.*.by_matching")
    matched = facts.columns(source="social", by_matching=True)
    given = facts.columns(source="direct")
    bare = [c for c in matched if facts.description.columns[c].get("legal_basis") != "consent"]
    return fires(facts.n, facts.n, bare) if bare and given else met(facts.n)


@check("R18")
def purpose_of_collection(facts: Facts) -> Checked:
    """No file of patients, staff or a town hall."""
    told = {c: one["collected_for"] for c, one in facts.description.columns.items()
            if "collected_for" in one}  # fmt: skip
    if not told:
        return unknown("columns.*.collected_for")
    political = ("politics", "political", "politique", "campaign", "campagne")
    other = [c for c, purpose in told.items() if purpose.lower() not in political]
    return fires(facts.n, facts.n, other) if other else met(facts.n)


@check("R19")
def proof_of_consent(facts: Facts) -> Checked:
    """Consent has a date and a proof."""
    consent = facts.yes("consent")
    if consent is None:
        bare = [c for c in facts.columns(legal_basis="consent")
                if not facts.description.columns[c].get("proof")]  # fmt: skip
        if not facts.columns(legal_basis="consent"):
            return unknown("people.consent")
        return fires(facts.n, facts.n, bare) if bare else met(facts.n)
    proofs = [p for p in (facts.filled("consent_at"), facts.filled("consent_proof"))
              if p is not None]  # fmt: skip
    if not proofs:
        return fires(int(consent.sum()), int(consent.sum())) if consent.any() else met(0)
    bare = consent & ~np.logical_and.reduce(proofs)
    return fires(int(bare.sum()), int(consent.sum())) if bare.any() else met(int(consent.sum()))


@check("R21")
def list_of_electors(facts: Facts) -> Checked:
    """No commercial use of a list of electors."""
    listed = facts.columns(source="electoral_list")
    if not listed:
        return met(facts.n) if facts.description.columns else unknown("columns.*.source")
    if facts.told("electoral_list", "commercial_use"):
        return fires(facts.n, facts.n, listed)
    if facts.missing("electoral_list.commercial_use"):
        return unknown("electoral_list.commercial_use")
    return met(facts.n)


@check("R22")
def minimisation(facts: Facts) -> Checked:
    """A column without a use, free text, an address where a polling station would do."""
    described = facts.description.columns
    idle = [c for c, one in described.items() if one.get("used_for") == []]
    notes = facts.of_kind("note", "others")
    channels = facts.told("processing", "channels")
    if not described and not notes and channels is None:
        return unknown("columns.*.used_for", "processing.channels")
    exact = []
    if channels is not None and not {"door_knock", "post"} & set(channels):
        exact = facts.of_kind("address")
    found = list(dict.fromkeys([*idle, *notes, *exact]))
    if found:
        return fires(len(found), len(facts.held) or len(described), found, "columns", lesser=True)
    return met(len(facts.held) or len(described), "columns")


@check("R23")
def accuracy(facts: Facts) -> Checked:
    """Dots at the wrong home."""
    row = facts.measured.get("wrong_doors")
    if row is None or not np.isfinite(row.value):
        return unknown("measured.wrong_doors")
    wrong = round(row.value * row.n) if row.unit == "share" else row.value
    return fires(wrong, row.n, counts=row.counts) if wrong else met(row.n, row.counts)
