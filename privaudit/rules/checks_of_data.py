"""Checks of what is kept: opinions, their ground, where data came from, how long, how right."""

from __future__ import annotations

import numpy as np

from privaudit.rules.facts import Checked, RuleFacts, declared, fires, idle, met, unknown

_PARTY = ("party", "association")
_RUNS = ("candidate", "party", "elected")
_REGULAR = ("member", "former_member", "regular", "adherent", "ancien_adherent", "regulier",
            "adhérent", "ancien adhérent", "régulier", "former member")  # fmt: skip
_OCCASIONAL = ("occasional", "prospect", "none", "occasionnel", "aucun", "")
_SOCIAL = ("social", "like", "likes", "facebook", "twitter", "instagram")
_POLITICAL = ("politics", "political", "politique", "campaign", "campagne")
_PROSPECT_DAYS, _REGULAR_DAYS = 61, 3 * 365


def _opinions(facts: RuleFacts) -> list[str]:
    """Return the columns of article 9, recognised or said to be inferred."""
    return list(dict.fromkeys([*facts.special, *facts.columns(source="inferred")]))


@declared("R01")
def opinion_present(facts: RuleFacts) -> Checked:
    """The file reveals opinions by who is in it, or by a column."""
    columns, political = _opinions(facts), facts.told("processing", "political")
    if columns or political:
        return fires(facts.n, facts.n, columns or ("processing.political",))
    if political is None and facts.told("controller", "type") in _RUNS:
        return fires(facts.n, facts.n, ("controller.type",))
    return unknown("processing.political") if political is None else met(facts.n)


@declared("R02")
def ground_of_article_9(facts: RuleFacts) -> Checked:
    """Explicit consent, or members and regular contacts of a body with a political aim."""
    opinions = _opinions(facts)
    if facts.told("processing", "political") is False and not opinions:
        return idle()
    consent, of_class = facts.yes("consent"), facts.words("contact_class")
    if consent is None and of_class is None:
        return _ground_of_columns(facts, opinions)
    n, controller = int(facts.n), facts.told("controller", "type")
    covered = np.zeros(n, dtype=bool) if consent is None else consent
    regular = np.zeros(n, dtype=bool) if of_class is None else np.isin(of_class, _REGULAR)
    arguable = regular & ~covered
    # Whether a candidate is a body with a political aim is not settled; a vendor is none.
    may = controller is None or controller in (*_PARTY, *_RUNS)
    uncovered = ~(covered | (regular & may))
    if uncovered.any():
        return fires(int(uncovered.sum()), n, opinions)
    if arguable.any() and controller is None:
        return unknown("controller.type")
    if arguable.any() and controller not in _PARTY:
        return fires(int(arguable.sum()), n, opinions, lesser=True)
    return met(n)


def _ground_of_columns(facts: RuleFacts, opinions: list[str]) -> Checked:
    """Say what is declared of the columns themselves, where nothing is said of people."""
    bare = [c for c in facts.columns(legal_basis="none") if not opinions or c in opinions]
    return facts.kept_in(bare) if bare else unknown(
        "people.consent", "people.contact_class"
    )  # fmt: skip


@declared("R03")
def inferred_opinion(facts: RuleFacts) -> Checked:
    """An opinion that was inferred is one all the same."""
    named = [c for c in _opinions(facts) if "infer" in c.lower() or "score" in c.lower()]
    columns = list(dict.fromkeys([*facts.columns(source="inferred"), *named]))
    told = facts.description.columns
    bare = [c for c in columns if c in told and told[c].get("legal_basis") != "consent"]
    if bare:
        return facts.kept_in(bare)
    silent = facts.silent("source") if told else [f"columns.{c}.source" for c in columns or "*"]
    return unknown(*silent) if silent else met(facts.n) if columns else idle()


@declared("R04")
def like_not_public(facts: RuleFacts) -> Checked:
    """A like is made public only by who chose to show it to everybody."""
    if not facts.description.columns:
        return unknown("columns.*.source")
    public = facts.columns(source="social", legal_basis="manifestly_public")
    bare = [c for c in public if not facts.description.columns[c].get("public_setting")]
    if bare:
        return facts.kept_in(bare)
    silent = facts.silent("source") + facts.silent("legal_basis", facts.columns(source="social"))
    return unknown(*silent) if silent else met(facts.n) if public else idle()


@declared("R05")
def like_occasional(facts: RuleFacts) -> Checked:
    """A like makes an occasional contact, not a supporter."""
    source, of_class = facts.words("source"), facts.words("contact_class")
    if source is None or of_class is None:
        return unknown("people.source", "people.contact_class")
    social = np.isin(source, _SOCIAL)
    wrong = social & ~np.isin(of_class, _OCCASIONAL)
    if wrong.any():
        return fires(int(wrong.sum()), int(social.sum()))
    return met(int(social.sum())) if social.any() else idle()


@declared("R06")
def single_message(facts: RuleFacts) -> Checked:
    """Prospection is one message."""
    sent, of_class = facts.number("messages"), facts.words("contact_class")
    most = facts.told("messages", "most_per_person")
    if sent is None or of_class is None:
        if most is None:
            return unknown("people.messages", "people.contact_class")
        return fires(columns=("messages.most_per_person",)) if most > 1 else met()
    prospect, replied = np.isin(of_class, _OCCASIONAL), facts.yes("replied")
    asked = prospect if replied is None else prospect & ~replied
    many = asked & (sent > 1)
    if many.any():
        return fires(int(many.sum()), int(prospect.sum()))
    if (asked & np.isnan(sent)).any():
        return unknown("people.messages")
    return _met_of_classes(of_class, int(prospect.sum()))


def _met_of_classes(of_class: np.ndarray, n: int) -> Checked:
    """Say that it is met, unless words that are not known may hide a prospect."""
    if not np.isin(of_class, (*_REGULAR, *_OCCASIONAL)).all():
        return unknown("people.contact_class")
    return met(n) if n else idle()


@declared("R07")
def retention_of_prospects(facts: RuleFacts) -> Checked:
    """Two months after that message at the latest."""
    first, of_class = facts.days("first_message_at"), facts.words("contact_class")
    if first is None or of_class is None:
        kept = facts.told("retention", "prospects_days")
        if kept is None:
            return unknown("people.first_message_at", "retention.prospects_days")
        return fires(columns=("retention.prospects_days",)) if kept > _PROSPECT_DAYS else met()
    prospect, replied = np.isin(of_class, _OCCASIONAL), facts.yes("replied")
    prospect = prospect if replied is None else prospect & ~replied
    late = prospect & (facts.as_of - first > np.timedelta64(_PROSPECT_DAYS, "D"))
    if late.any():
        return fires(int(late.sum()), int(prospect.sum()))
    if (prospect & np.isnat(first)).any():
        return unknown("people.first_message_at")
    return _met_of_classes(of_class, int(prospect.sum()))


@declared("R08")
def retention_after_the_ballot(facts: RuleFacts) -> Checked:
    """Lists of electors and data of propaganda go at the end of the ballot."""
    ballot = facts.day("processing", "election_date")
    if ballot is None:
        return unknown("processing.election_date")
    if facts.as_of <= ballot:
        return met(facts.n)
    if facts.told("retention", "other_use_consent"):
        return met(facts.n)
    if listed := facts.columns(source="electoral_list"):
        return facts.kept_in(listed)
    if facts.told("retention", "end_of_ballot") is False:
        return fires(columns=("retention.end_of_ballot",))
    silent = facts.silent("source") if facts.description.columns else ["columns.*.source"]
    return unknown(*silent) if silent else met(facts.n)


@declared("R09")
def retention_of_regular_contacts(facts: RuleFacts) -> Checked:
    """Until exchanges end: a declared end, and nobody kept beyond it."""
    declared, last = facts.told("retention", "regular_days"), facts.days("last_contact_at")
    if last is None or np.isnat(last).all():
        lacking = ["people.last_contact_at"]
        return unknown(*(["retention.regular_days"] if declared is None else []), *lacking)
    known = ~np.isnat(last)
    kept = _REGULAR_DAYS if declared is None else declared
    old = known & (facts.as_of - last > np.timedelta64(kept, "D"))
    if old.any():
        # Without a declared end the limit is a convention of ours, not law.
        return fires(int(old.sum()), int(known.sum()), lesser=declared is None)
    return unknown("retention.regular_days") if declared is None else met(int(known.sum()))


@declared("R12")
def fair_source(facts: RuleFacts) -> Checked:
    """What is public is not free to take."""
    if not facts.description.columns:
        return unknown("columns.*.source")
    taken = facts.columns(source=("social", "indirect"))
    if not taken:
        silent = facts.silent("source")
        return unknown(*silent) if silent else idle()
    informed = facts.filled("informed_at")
    if informed is None:
        if facts.nobody_informed:
            return facts.kept_in(taken)
        return unknown("people.informed_at")
    lacking = int((~informed).sum())
    return fires(lacking, facts.n, taken) if lacking else met(facts.n)


@declared("R13")
def basis_of_social_data(facts: RuleFacts) -> Checked:
    """Consent, or legitimate interest that was weighed."""
    if not facts.description.columns:
        return unknown("columns.*.source")
    social = facts.columns(source="social")
    allowed = (None, "consent", "legitimate_interest")
    other = [c for c in social if facts.description.columns[c].get("legal_basis") not in allowed]
    if other:
        return facts.kept_in(other)
    weighed = facts.columns(source="social", legal_basis="legitimate_interest")
    test = facts.told("accountability", "balancing_test")
    if weighed and test is False:
        return facts.kept_in(weighed, lesser=True)
    silent = facts.silent("source") + facts.silent("legal_basis", social)
    silent += ["accountability.balancing_test"] if weighed and test is None else []
    return unknown(*silent) if silent else met(facts.n) if social else idle()


@declared("R14")
def matching_by_consent(facts: RuleFacts) -> Checked:
    """An e-mail that was given is not to be matched with a social account."""
    if not facts.description.columns:
        return unknown("columns.*.by_matching")
    matched = facts.columns(source="social", by_matching=True)
    given = facts.columns(source="direct")
    bare = [c for c in matched if facts.description.columns[c].get("legal_basis") != "consent"]
    if bare and given:
        return facts.kept_in(bare)
    silent = facts.silent("source")
    silent += facts.silent("by_matching", facts.columns(source="social"))
    return unknown(*silent) if silent else met(facts.n)


@declared("R18")
def purpose_of_collection(facts: RuleFacts) -> Checked:
    """No file of patients, staff or a town hall."""
    told = {f"columns.{c}": one["collected_for"] for c, one in facts.description.columns.items()
            if "collected_for" in one}  # fmt: skip
    whole = facts.told("processing", "collected_for")
    if whole is not None:
        told["processing.collected_for"] = whole
    other = [c.removeprefix("columns.") for c, purpose in told.items()
             if purpose.lower() not in _POLITICAL]  # fmt: skip
    if other:
        return facts.kept_in(other)
    silent = facts.silent("collected_for") if whole is None else []
    if not told or silent:
        return unknown(*(silent or ["columns.*.collected_for"]))
    return met(facts.n)


@declared("R19")
def proof_of_consent(facts: RuleFacts) -> Checked:
    """Consent has a date and a proof."""
    consent = facts.yes("consent")
    if consent is None:
        rests = facts.columns(legal_basis="consent")
        told = facts.description.columns
        bare = [c for c in rests if told[c].get("proof") is False]
        if bare:
            return facts.kept_in(bare)
        if not rests:
            return unknown("people.consent")
        silent = facts.silent("proof", rests)
        return unknown(*silent) if silent else met(facts.n)
    if not consent.any():
        return idle()
    proofs = {key: facts.filled(key) for key in ("consent_at", "consent_proof")}
    known = [p for p in proofs.values() if p is not None]
    bare_rows = consent & ~np.logical_and.reduce(known) if known else np.zeros_like(consent)
    if bare_rows.any():
        return fires(int(bare_rows.sum()), int(consent.sum()))
    silent = [f"people.{key}" for key, cells in proofs.items() if cells is None]
    return unknown(*silent) if silent else met(int(consent.sum()))


@declared("R21")
def list_of_electors(facts: RuleFacts) -> Checked:
    """No commercial use of a list of electors."""
    listed = facts.columns(source="electoral_list")
    if not listed:
        silent = facts.silent("source") if facts.description.columns else ["columns.*.source"]
        return unknown(*silent) if silent else idle()
    if facts.told("electoral_list", "commercial_use"):
        return facts.kept_in(listed)
    if facts.told("electoral_list", "undertaking") is False:
        return facts.kept_in(listed, lesser=True)
    silent = facts.missing("electoral_list.commercial_use")
    return unknown(*silent) if silent else met(facts.n)


@declared("R22")
def minimisation(facts: RuleFacts) -> Checked:
    """A column without a use, free text, an address where a polling station would do."""
    described, purposes = facts.description.columns, facts.told("processing", "purpose")
    unused = [c for c, one in described.items() if "used_for" in one
              and not (set(one["used_for"]) & set(purposes or one["used_for"]))]  # fmt: skip
    channels = facts.told("processing", "channels")
    exact = []
    if channels is not None and not {"door_knock", "post"} & set(channels):
        exact = facts.of_kind("address")
    found = list(dict.fromkeys([*unused, *facts.of_kind("note", "others"), *exact]))
    # Of all columns, those of which nobody knows what they hold too.
    columns = len(described) if facts.records is None else len(facts.records.columns)
    if found:
        return fires(len(found), columns, found, "columns", lesser=True)
    silent = facts.silent("used_for") if described else ["columns.*.used_for"]
    return unknown(*silent) if silent else met(columns, "columns")


@declared("R23")
def accuracy(facts: RuleFacts) -> Checked:
    """Dots at the wrong home."""
    row = facts.measured.get("wrong_doors")
    if row is None or not np.isfinite(row.value):
        return unknown("measured.wrong_doors")
    wrong = round(row.value * row.n) if row.unit == "share" else row.value
    return fires(wrong, row.n, counts=row.counts) if wrong else met(row.n, row.counts)
