"""The checks of the rules R01 to R28 and H1, in the order of their numbers.

A check is a function of `RuleFacts` that returns a `Checked`. The packs say from which day a rule
holds, in which text, and whether it is a breach or a concern when it fires.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from privaudit.columns.headers import kind_of_header
from privaudit.columns.recognise import ABROAD, hashed_passwords
from privaudit.core.checks import Bools
from privaudit.core.policy import SMALL_CELL
from privaudit.rules.description import ONLINE
from privaudit.rules.facts import (
    CAMPAIGNS,
    Checked,
    RuleFacts,
    fires,
    met,
    met_unless,
    not_applicable,
    not_assessable,
)

Check = Callable[[RuleFacts], Checked]
CHECKS: dict[str, Check] = {}

_PARTY = ("party", "association")
_REGULAR = ("member", "former_member", "regular", "adherent", "ancien_adherent", "regulier",
            "adhérent", "ancien adhérent", "régulier", "former member")  # fmt: skip
_OCCASIONAL = ("occasional", "prospect", "none", "occasionnel", "aucun", "")
_SOCIAL = ("social", "like", "likes", "facebook", "twitter", "instagram")
_POLITICAL = ("politics", "political", "politique", "campaign", "campagne")
_PROSPECT_DAYS, _REGULAR_DAYS = 61, 3 * 365
_RECIPIENTS = ("elected", "candidate", "party_officer", "staff", "financing_agent", "processor")
_INDIRECT = ("indirect", "social", "electoral_list", "directory", "inferred", "rented")
# What people are informed of at collection; the law of 1978 asked for less before the GDPR.
_MENTIONS = ("identity", "purpose", "legal_basis", "retention", "rights", "complaint")
_MENTIONS_BEFORE = ("identity", "purpose", "rights")
_GDPR = np.datetime64("2018-05-25", "D")
SAFEGUARDS = ("authentication", "encryption", "export_control", "access_log")
# Columns of a row of mail: the message, its recipient, and the field that names the recipient.
_MAIL = {"message_id", "recipient", "by"}
_LARGE, _ADULT_YEARS, _SEVERE = 10_000, 18, 3
_MONTH, _HOURS_72 = np.timedelta64(31, "D"), np.timedelta64(3, "D")


def check(rule: str) -> Callable[[Check], Check]:
    """Register the check of a rule under its id."""

    def register(function: Check) -> Check:
        CHECKS[rule] = function
        return function

    return register


def _opinions(facts: RuleFacts) -> list[str]:
    """Return the columns of article 9, recognised or stated to be inferred."""
    return list(dict.fromkeys([*facts.special, *facts.columns(source="inferred")]))


def _without_consent(facts: RuleFacts, columns: list[str]) -> list[str]:
    """Return which described columns do not rest on consent."""
    described = facts.description.columns
    return [c for c in columns if c in described and described[c].get("legal_basis") != "consent"]


def _prospects(facts: RuleFacts, contact_class: np.ndarray) -> Bools:
    """Return which people are prospects who have not replied."""
    prospect: Bools = np.isin(contact_class, _OCCASIONAL)
    replied = facts.yes("replied")
    return prospect if replied is None else prospect & ~replied


def _met_for_classes(contact_class: np.ndarray, n: int) -> Checked:
    """Return "met", unless a class that is not known may be a prospect's."""
    if not np.isin(contact_class, (*_REGULAR, *_OCCASIONAL)).all():
        return not_assessable("people.contact_class")
    return met(n) if n else not_applicable()


@check("R01")
def opinion_present(facts: RuleFacts) -> Checked:
    """Find opinions, revealed by the list itself or by a column.

    NS-34, introduction, and law 78-17, article 8; GDPR, article 9(1).
    """
    columns, political = _opinions(facts), facts.stated("processing", "political")
    if columns or political:
        return fires(facts.n, facts.n, columns or ("processing.political",))
    if political is None and facts.stated("controller", "type") in CAMPAIGNS:
        return fires(facts.n, facts.n, ("controller.type",))
    return not_assessable("processing.political") if political is None else met(facts.n)


@check("R02")
def ground_of_article_9(facts: RuleFacts) -> Checked:
    """Require explicit consent, or regular contacts of a body with a political aim.

    Law 78-17, article 8; GDPR, article 9(2)(a), (d) and (e).
    """
    opinions = _opinions(facts)
    if facts.stated("processing", "political") is False and not opinions:
        return not_applicable()
    consent, contact_class = facts.yes("consent"), facts.words("contact_class")
    if consent is None and contact_class is None:
        bare = [c for c in facts.columns(legal_basis="none") if not opinions or c in opinions]
        if bare:
            return facts.fires_in(bare)
        return not_assessable("people.consent", "people.contact_class")
    n, controller = int(facts.n), facts.stated("controller", "type")
    covered = np.zeros(n, dtype=bool) if consent is None else consent
    regular = np.zeros(n, dtype=bool)
    if contact_class is not None:
        regular = np.isin(contact_class, _REGULAR)
    arguable = regular & ~covered
    # Whether a candidate is a body with a political aim is not settled; a vendor is none.
    may = controller is None or controller in (*_PARTY, *CAMPAIGNS)
    uncovered = ~(covered | (regular & may))
    if uncovered.any():
        return fires(int(uncovered.sum()), n, opinions)
    if arguable.any() and controller is None:
        return not_assessable("controller.type")
    if arguable.any() and controller not in _PARTY:
        return fires(int(arguable.sum()), n, opinions, lesser=True)
    return met(n)


@check("R03")
def inferred_opinion(facts: RuleFacts) -> Checked:
    """Treat an inferred opinion as an opinion: it needs consent.

    CJEU C-184/20; EDPB statement 2/2019.
    """
    named = [c for c in _opinions(facts) if "infer" in c.lower() or "score" in c.lower()]
    columns = list(dict.fromkeys([*facts.columns(source="inferred"), *named]))
    if bare := _without_consent(facts, columns):
        return facts.fires_in(bare)
    missing = [f"columns.{c}.source" for c in columns or "*"]
    if facts.description.columns:
        missing = facts.unstated("source")
    return met_unless(missing, facts.n) if missing or columns else not_applicable()


@check("R04")
def like_not_public(facts: RuleFacts) -> Checked:
    """Require that a like said to be public was made public by a setting of its author.

    CJEU C-252/21, paragraphs 73 to 85.
    """
    if not facts.description.columns:
        return not_assessable("columns.*.source")
    public = facts.columns(source="social", legal_basis="manifestly_public")
    bare = [c for c in public if not facts.description.columns[c].get("public_setting")]
    if bare:
        return facts.fires_in(bare)
    social = facts.columns(source="social")
    missing = facts.unstated("source") + facts.unstated("legal_basis", social)
    return met_unless(missing, facts.n) if missing or public else not_applicable()


@check("R05")
def like_occasional(facts: RuleFacts) -> Checked:
    """Class people known by a like as occasional contacts, not supporters.

    CNIL, 5 April 2012 and 8 November 2016.
    """
    source, contact_class = facts.words("source"), facts.words("contact_class")
    if source is None or contact_class is None:
        return not_assessable("people.source", "people.contact_class")
    social = np.isin(source, _SOCIAL)
    wrong = social & ~np.isin(contact_class, _OCCASIONAL)
    if wrong.any():
        return fires(int(wrong.sum()), int(social.sum()))
    return met(int(social.sum())) if social.any() else not_applicable()


@check("R06")
def single_message(facts: RuleFacts) -> Checked:
    """Allow one message to a prospect who does not reply.

    NS-34, article 5.
    """
    sent, contact_class = facts.number("messages"), facts.words("contact_class")
    if sent is None or contact_class is None:
        most = facts.stated("messages", "most_per_person")
        if most is None:
            return not_assessable("people.messages", "people.contact_class")
        return fires(columns=("messages.most_per_person",)) if most > 1 else met()
    prospects = int(np.isin(contact_class, _OCCASIONAL).sum())
    silent = _prospects(facts, contact_class)
    many = silent & (sent > 1)
    if many.any():
        return fires(int(many.sum()), prospects)
    if (silent & np.isnan(sent)).any():
        return not_assessable("people.messages")
    return _met_for_classes(contact_class, prospects)


@check("R07")
def retention_of_prospects(facts: RuleFacts) -> Checked:
    """Require that prospects are erased two months after the message.

    NS-34, article 5.
    """
    first, contact_class = facts.days("first_message_at"), facts.words("contact_class")
    if first is None or contact_class is None:
        days = facts.stated("retention", "prospects_days")
        if days is None:
            return not_assessable("people.first_message_at", "retention.prospects_days")
        return fires(columns=("retention.prospects_days",)) if days > _PROSPECT_DAYS else met()
    silent = _prospects(facts, contact_class)
    late = silent & (facts.as_of - first > np.timedelta64(_PROSPECT_DAYS, "D"))
    if late.any():
        return fires(int(late.sum()), int(silent.sum()))
    if (silent & np.isnat(first)).any():
        return not_assessable("people.first_message_at")
    return _met_for_classes(contact_class, int(silent.sum()))


@check("R08")
def retention_after_the_ballot(facts: RuleFacts) -> Checked:
    """Require that lists of electors are erased at the end of the ballot.

    NS-34, article 5; GDPR, article 5(1)(e); CNIL, 21 October 2025.
    """
    ballot = facts.day("processing", "election_date")
    if ballot is None:
        return not_assessable("processing.election_date")
    if facts.as_of <= ballot or facts.stated("retention", "other_use_consent"):
        return met(facts.n)
    if listed := facts.columns(source="electoral_list"):
        return facts.fires_in(listed)
    if facts.stated("retention", "end_of_ballot") is False:
        return fires(columns=("retention.end_of_ballot",))
    return met_unless(facts.unstated("source"), facts.n)


@check("R09")
def retention_of_regular_contacts(facts: RuleFacts) -> Checked:
    """Require a limit for regular contacts, and nobody beyond it.

    NS-34, article 5; GDPR, article 5(1)(e).
    """
    stated, last = facts.stated("retention", "regular_days"), facts.days("last_contact_at")
    if last is None or np.isnat(last).all():
        missing = ["retention.regular_days"] if stated is None else []
        return not_assessable(*missing, "people.last_contact_at")
    known = ~np.isnat(last)
    limit = np.timedelta64(_REGULAR_DAYS if stated is None else stated, "D")
    old = known & (facts.as_of - last > limit)
    if old.any():
        # Without a stated limit, three years are our convention, not law.
        return fires(int(old.sum()), int(known.sum()), lesser=stated is None)
    return not_assessable("retention.regular_days") if stated is None else met(int(known.sum()))


@check("R10")
def recipients(facts: RuleFacts) -> Checked:
    """Require a closed list of recipients, and a contract with each processor.

    NS-34, article 4.
    """
    listed = facts.description.each("recipients")
    free = [p for p in facts.description.each("processors") if p.get("contract") is False]
    others = [r for r in listed if r.get("role", "staff") not in _RECIPIENTS]
    if others or free:
        # Where one group has no number, the number of accounts is not known.
        accounts = sum(r.get("n", 0) for r in others) if all("n" in r for r in others) else 0
        roles = [str(r["role"]) for r in others] + ["processors.contract"] * bool(free)
        return fires(accounts or len(others) + len(free), columns=roles,
                     counts="accounts" if accounts else "groups")  # fmt: skip
    if not listed or any("role" not in r for r in listed):
        return not_assessable("recipients.role" if listed else "recipients")
    return met(len(listed), "groups")


@check("R11")
def default_audience(facts: RuleFacts) -> Checked:
    """Refuse access by an indefinite number of people by default.

    GDPR, article 25(2).
    """
    row, listed = facts.measured.get("people_seen"), facts.description.each("recipients")
    if not listed and row is None:
        return not_assessable("recipients")
    anyone = [
        str(r["role"]) for r in listed
        if r.get("role") in ("any_account", "public") and not r.get("vetted")
    ]  # fmt: skip
    # Volunteers who were not vetted are many, but not an indefinite number.
    volunteers = [
        str(r["role"]) for r in listed
        if r.get("role") == "volunteer" and r.get("vetted") is False
    ]  # fmt: skip
    if row is not None and np.isfinite(row.value) and row.value > 0:
        return fires(row.value, row.n, anyone, row.counts)
    if wide := anyone or volunteers:
        return fires(len(wide), len(listed), wide, "groups", lesser=not anyone)
    missing = ["recipients.role"] if any("role" not in r for r in listed) else []
    return met_unless(missing, len(listed), "groups")


@check("R12")
def fair_source(facts: RuleFacts) -> Checked:
    """Require that people are informed of data taken from social networks or from third parties.

    Law 78-17, article 6, and CNIL, 8 November 2016; GDPR, article 5(1)(a), and CNIL, 9 February
    2023.
    """
    taken = facts.columns(source=("social", "indirect"))
    if not taken:
        missing = facts.unstated("source")
        return not_assessable(*missing) if missing else not_applicable()
    informed = facts.filled("informed_at")
    if informed is None:
        if facts.nobody_informed:
            return facts.fires_in(taken)
        return not_assessable("people.informed_at")
    lacking = int((~informed).sum())
    return fires(lacking, facts.n, taken) if lacking else met(facts.n)


@check("R13")
def basis_of_social_data(facts: RuleFacts) -> Checked:
    """Require consent, or a legitimate interest that was weighed, for data of social networks.

    CNIL, 9 February 2023.
    """
    if not facts.description.columns:
        return not_assessable("columns.*.source")
    social = facts.columns(source="social")
    allowed = (None, "consent", "legitimate_interest")
    other = [c for c in social if facts.description.columns[c].get("legal_basis") not in allowed]
    if other:
        return facts.fires_in(other)
    weighed = facts.columns(source="social", legal_basis="legitimate_interest")
    test = facts.stated("accountability", "balancing_test")
    if weighed and test is False:
        return facts.fires_in(weighed, lesser=True)
    missing = facts.unstated("source") + facts.unstated("legal_basis", social)
    missing += ["accountability.balancing_test"] if weighed and test is None else []
    return met_unless(missing, facts.n) if missing or social else not_applicable()


@check("R14")
def matching_by_consent(facts: RuleFacts) -> Checked:
    """Require consent to match a contact with an account of a social network.

    CNIL, 8 November 2016; GDPR, article 6.
    """
    if not facts.description.columns:
        return not_assessable("columns.*.by_matching")
    bare = _without_consent(facts, facts.columns(source="social", by_matching=True))
    if bare and facts.columns(source="direct"):
        return facts.fires_in(bare)
    social = facts.columns(source="social")
    return met_unless(facts.unstated("source") + facts.unstated("by_matching", social), facts.n)


@check("R15")
def information_of_indirect_data(facts: RuleFacts) -> Checked:
    """Require information, with the origin, within a month and by the first contact.

    Law 78-17, article 32, III; GDPR, article 14(2)(f) and 14(3).
    """
    indirect = facts.columns(source=_INDIRECT)
    if not indirect:
        missing = facts.unstated("source")
        return not_assessable(*missing) if missing else not_applicable()
    informed = facts.days("informed_at")
    if informed is None:
        if facts.nobody_informed:
            return facts.fires_in(indirect)
        return not_assessable("people.informed_at")
    informed = np.where(informed > facts.as_of, np.datetime64("NaT", "D"), informed)
    limit = _last_day_to_inform(facts, indirect, len(informed))
    late = ~np.isnat(limit) & np.where(np.isnat(informed), limit < facts.as_of, informed > limit)
    if late.any():
        return fires(int(late.sum()), facts.n, indirect)
    origin = (facts.stated("messages", "origin_stated"), facts.stated("information", "origin"))
    if False in origin and True not in origin:
        return fires(columns=("messages.origin_stated",))
    if np.isnat(limit).any():
        return not_assessable("columns.*.collected_at", "people.first_message_at")
    return met_unless([] if True in origin else ["information.origin"], facts.n)


def _last_day_to_inform(facts: RuleFacts, indirect: list[str], n: int) -> np.ndarray:
    """Return the earlier of a month after collection and the first contact; NaT: not known."""
    stated = [facts.description.columns[c].get("collected_at") for c in indirect]
    known = [np.datetime64(day, "D") for day in stated if day is not None]
    begun = min(known) if known else facts.day("processing", "started_at")
    limit = np.full(n, np.datetime64("NaT", "D") if begun is None else begun + _MONTH)
    for key in ("first_message_at", "last_contact_at"):
        contact = facts.days(key)
        limit = limit if contact is None else np.fmin(limit, contact)
    return limit


@check("R16")
def information_at_collection(facts: RuleFacts) -> Checked:
    """Require the mentions that are due at collection.

    Law 78-17, article 32, I; GDPR, article 13.
    """
    mentions = _MENTIONS if facts.as_of >= _GDPR else _MENTIONS_BEFORE
    return facts.criteria("information", mentions)


@check("R17")
def objection(facts: RuleFacts) -> Checked:
    """Require that nobody is contacted after an objection, and that messages say how to object.

    Law 78-17, article 38; GDPR, articles 12(2) and 21(2) to (4).
    """
    objected, since = facts.not_no("objected_at"), facts.days("objected_at")
    last, offered = facts.days("last_contact_at"), facts.stated("messages", "opt_out_offered")
    undated = False
    if objected is not None and since is not None and last is not None:
        again = objected & ~np.isnat(last) & ~np.isnat(since) & (last > since)
        if again.any():
            return fires(int(again.sum()), int(objected.sum()))
        # Whether the contact came before an objection without a date is not known.
        undated = bool((objected & np.isnat(since) & ~np.isnat(last)).any())
    if offered is False:
        return fires(columns=("messages.opt_out_offered",))
    if objected is None or last is None or undated:
        return not_assessable("people.objected_at", "people.last_contact_at")
    return met_unless([] if offered else ["messages.opt_out_offered"], int(objected.sum()))


@check("R18")
def purpose_of_collection(facts: RuleFacts) -> Checked:
    """Refuse the reuse of a file of patients, staff or a town hall.

    Law 78-17, article 6, 2°; GDPR, article 5(1)(b).
    """
    stated = {
        name: column["collected_for"] for name, column in facts.description.columns.items()
        if "collected_for" in column
    }  # fmt: skip
    whole = facts.stated("processing", "collected_for")
    if whole is not None:
        stated["processing.collected_for"] = whole
    other = [name for name, purpose in stated.items() if purpose.lower() not in _POLITICAL]
    if other:
        return facts.fires_in(other)
    missing = facts.unstated("collected_for") if whole is None else []
    return met_unless(missing or ([] if stated else ["columns.*.collected_for"]), facts.n)


@check("R19")
def proof_of_consent(facts: RuleFacts) -> Checked:
    """Require a date and a proof of each consent.

    GDPR, articles 5(2) and 7(1).
    """
    consent = facts.yes("consent")
    if consent is None:
        columns = facts.columns(legal_basis="consent")
        bare = [c for c in columns if facts.description.columns[c].get("proof") is False]
        if bare:
            return facts.fires_in(bare)
        missing = facts.unstated("proof", columns) if columns else ["people.consent"]
        return met_unless(missing, facts.n)
    if not consent.any():
        return not_applicable()
    proofs = {key: facts.filled(key) for key in ("consent_at", "consent_proof")}
    known = [p for p in proofs.values() if p is not None]
    bare_rows = consent & ~np.logical_and.reduce(known) if known else np.zeros_like(consent)
    if bare_rows.any():
        return fires(int(bare_rows.sum()), int(consent.sum()))
    missing = [f"people.{key}" for key, cells in proofs.items() if cells is None]
    return met_unless(missing, int(consent.sum()))


@check("R20")
def sorting(facts: RuleFacts) -> Checked:
    """Refuse segments by the sound of a name or by a place of birth.

    CNIL, *mode d'emploi* and sheet on e-mail.
    """
    segments = facts.description.each("segments")
    if not segments:
        return not_assessable("segments")
    # A column that is named for origin counts whether or not a table has it.
    used = {str(column) for segment in segments for column in segment.get("columns", ())}
    named = [column for column in used if kind_of_header(column)[0] in ("origin", *ABROAD)]
    by_origin = {*facts.of_kind("origin", *ABROAD), *named}
    wrong = [
        str(segment.get("name", "?")) for segment in segments
        if segment.get("by_name") or by_origin & set(segment.get("columns", ()))
    ]  # fmt: skip
    apart = wrong or _surnames_apart(facts, segments)
    if apart:
        return fires(len(apart), len(segments), apart, "groups", lesser=not wrong)
    unstated = any("columns" not in s and "by_name" not in s for s in segments)
    return met_unless(["segments.columns"] if unstated else [], len(segments), "groups")


def _surnames_apart(facts: RuleFacts, segments: tuple[Any, ...]) -> list[str]:
    """Return the segments that separate surnames beyond chance (chi-square, Bonferroni at .01)."""
    from scipy.stats import chi2_contingency

    names = facts.words("last_name")
    if names is None or facts.records is None:
        return []
    _, code, count = np.unique(names, return_inverse=True, return_counts=True)
    common = count[code] >= SMALL_CELL
    pairs = [(s, column) for s in segments for column in s.get("columns", ())]
    apart: dict[int, str] = {}
    for segment, column in pairs:
        if column not in facts.records.columns or id(segment) in apart:
            continue
        cell = facts.records[column].astype("str").to_numpy()
        _, value = np.unique(cell, return_inverse=True)
        table = np.zeros((code.max() + 1, value.max() + 1))
        np.add.at(table, (code[common], value[common]), 1)
        table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
        if min(table.shape) < 2 or (table.sum() / table.size) < 5:
            continue
        if chi2_contingency(table).pvalue < 0.01 / len(pairs):
            apart[id(segment)] = str(segment.get("name", "?"))
    return list(apart.values())


@check("R21")
def list_of_electors(facts: RuleFacts) -> Checked:
    """Refuse the commercial use of a list of electors.

    Electoral code, articles L28 and R16, now L37.
    """
    listed = facts.columns(source="electoral_list")
    if not listed:
        missing = facts.unstated("source")
        return not_assessable(*missing) if missing else not_applicable()
    if facts.stated("electoral_list", "commercial_use"):
        return facts.fires_in(listed)
    if facts.stated("electoral_list", "undertaking") is False:
        return facts.fires_in(listed, lesser=True)
    return met_unless(facts.missing("electoral_list.commercial_use"), facts.n)


@check("R22")
def minimisation(facts: RuleFacts) -> Checked:
    """Find columns without a use, free text, and addresses where a polling station would do.

    Law 78-17, article 6, 3°, and NS-34, article 3; GDPR, article 5(1)(c).
    """
    described, purposes = facts.description.columns, facts.stated("processing", "purpose")
    unused = [
        name for name, column in described.items()
        if "used_for" in column
        and not set(column["used_for"]) & set(purposes or column["used_for"])
    ]  # fmt: skip
    channels = facts.stated("processing", "channels")
    exact = []
    if channels is not None and not {"door_knock", "post"} & set(channels):
        exact = facts.of_kind("address")
    spare = list(dict.fromkeys([*unused, *facts.of_kind("note", "others"), *exact]))
    # Of all columns, those whose content is not known included.
    columns = len(described) if facts.records is None else len(facts.records.columns)
    if spare:
        return fires(len(spare), columns, spare, "columns", lesser=True)
    return met_unless(facts.unstated("used_for"), columns, "columns")


@check("R23")
def accuracy(facts: RuleFacts) -> Checked:
    """Find dots at the wrong home.

    Law 78-17, article 6, 4°; GDPR, article 5(1)(d).
    """
    row = facts.measured.get("wrong_doors")
    if row is None or not np.isfinite(row.value):
        return not_assessable("measured.wrong_doors")
    wrong = round(row.value * row.n) if row.unit == "share" else row.value
    return fires(wrong, row.n, counts=row.counts) if wrong else met(row.n, row.counts)


@check("R24")
def security(facts: RuleFacts) -> Checked:
    """Require safeguards, hidden lists of recipients, and no passwords in the file.

    Law 78-17, article 34; GDPR, article 32.
    """
    stated = {f"security.{key}": facts.stated("security", key) for key in SAFEGUARDS}
    visible = _open_lists(facts) or facts.stated("messages", "recipients_visible")
    stated["messages.recipients_visible"] = None if visible is None else not visible
    lacking = [key for key, value in stated.items() if value is False]
    if any(r.get("authenticated") is False for r in facts.description.each("recipients")):
        lacking.append("recipients.authenticated")
    # A password in a file that is handed over opens an account; a hashed one may be tried.
    keys = facts.of_kind("credential")
    if lacking or keys:
        lesser = not lacking and all(hashed_passwords(facts.records[key]) for key in keys)  # type: ignore[index]
        n = max(len(stated) + bool(keys), len(lacking) + len(keys))
        return fires(len(lacking) + len(keys), n, [*lacking, *keys], "criteria", lesser=lesser)
    return met_unless([k for k, v in stated.items() if v is None], len(stated), "criteria")


def _open_lists(facts: RuleFacts) -> bool:
    """Tell whether seized mail shows several recipients each other's address."""
    if facts.records is None or not set(map(str, facts.records.columns)) >= _MAIL:
        return False
    shown = facts.records[facts.records["by"].isin(("to", "cc"))]
    return bool(shown.groupby("message_id")["recipient"].nunique().gt(1).any())


@check("R25")
def accountability(facts: RuleFacts) -> Checked:
    """Require a record, and an impact assessment and an officer where two criteria are met.

    GDPR, articles 30, 35(3)(b) and 37(1)(c).
    """
    large, born = bool(facts.n >= _LARGE), facts.days("birth_date")
    minors = False
    if born is not None:
        years = facts.as_of.astype("datetime64[Y]") - born.astype("datetime64[Y]")
        minors = bool((years < np.timedelta64(_ADULT_YEARS, "Y"))[~np.isnat(born)].any())
    criteria = (
        bool(facts.special or facts.stated("processing", "political")), large,
        bool(facts.columns(by_matching=True)), bool(facts.columns(source="inferred")),
        bool(facts.stated("decisions", "automated")), minors,
    )  # fmt: skip
    needed = sum(criteria) >= 2
    asked = ("record_art30", "dpia", "dpo") if needed else ("record_art30",)
    missing = []
    if not needed and (facts.records is None or not facts.description.columns):
        missing = ["columns.*.source"]
    checked = facts.criteria("accountability", asked, missing)
    # An officer is due where the processing is large; for a smaller file that is arguable.
    if checked.columns == ("accountability.dpo",) and checked.outcome == "fires" and not large:
        return fires(1, len(asked), checked.columns, "criteria", lesser=True)
    return checked


@check("R26")
def breach(facts: RuleFacts) -> Checked:
    """Require notice to the authority within 72 hours, and to people where the risk is high.

    GDPR, articles 33 and 34.
    """
    known, notified = facts.day("breach", "known_at"), facts.day("breach", "notified_at")
    severity = facts.measured.get("severity")
    severe = None if severity is None else severity.value >= _SEVERE
    if known is None:
        if severity is not None and severe:
            return fires(severity.value, 4, counts="levels", lesser=True)
        return not_assessable("breach.known_at")
    if known > facts.as_of:
        return not_applicable()
    until = facts.as_of if notified is None or notified > facts.as_of else notified
    if until - known > _HOURS_72:
        return fires(columns=("breach.notified_at",))
    people = facts.day("breach", "people_told_at")
    if notified is None or (people is None and severe is None):
        return not_assessable(f"breach.{'notified_at' if notified is None else 'people_told_at'}")
    if people is None and severe:
        return fires(columns=("breach.people_told_at",), lesser=True)
    return met()


@check("R27")
def automated(facts: RuleFacts) -> Checked:
    """Require a human step where a score chooses the message.

    GDPR, article 22; EDPB statement 2/2019.
    """
    auto, human = facts.stated("decisions", "automated"), facts.stated("decisions", "human_step")
    if auto is None or (auto and human is None):
        return not_assessable("decisions.automated" if auto is None else "decisions.human_step")
    return fires(columns=("decisions.automated",), lesser=True) if auto and not human else met()


@check("R28")
def targeting_online(facts: RuleFacts) -> Checked:
    """Require, online, data from the person, consent, no profiling on opinions, nobody under 17.

    Regulation (EU) 2024/900, articles 18 and 19.
    """
    segments = facts.description.each("segments")
    channels = facts.stated("processing", "channels")
    online = [s for s in segments if s.get("channel") in ONLINE]
    if not online:
        # At the door and by post it does not apply.
        if any("channel" not in s for s in segments) or (not segments and channels is None):
            return not_assessable("segments.channel" if segments else "segments")
        by_net = {*ONLINE} & {*(channels or ())}
        return not_assessable("segments") if by_net else not_applicable()
    barred = {*facts.special, *facts.columns(source=_INDIRECT)}
    wrong = [
        str(s.get("name", "?")) for s in online
        if barred & set(s.get("columns", ())) or s.get("under_17") or s.get("consent") is False
    ]  # fmt: skip
    if wrong:
        return fires(len(wrong), len(online), wrong, "groups")
    fields = ("columns", "consent", "under_17")
    missing = [f"segments.{key}" for key in fields if any(key not in s for s in online)]
    used = sorted({column for s in online for column in s.get("columns", ())})
    return met_unless(missing + facts.unstated("source", used), len(online), "groups")


@check("H1")
def knock_without_consent(facts: RuleFacts) -> Checked:
    """Require prior consent to canvassing at the door: the chronicle's own sentence.

    Chronicle of 18 October 2016; no text of law says so.
    """
    channels = facts.stated("processing", "channels")
    if channels is None:
        return not_assessable("processing.channels")
    if "door_knock" not in channels:
        return not_applicable()
    consent, ungrounded = facts.yes("consent"), facts.columns(legal_basis="none")
    if consent is None:
        # Where every column is stated to rest on nothing, nobody agreed.
        if ungrounded and len(ungrounded) == len(facts.description.columns):
            return facts.fires_in(ungrounded, lesser=True)
        return not_assessable("people.consent")
    bare = int((~consent).sum())
    return fires(bare, facts.n, lesser=True) if bare else met(facts.n)
