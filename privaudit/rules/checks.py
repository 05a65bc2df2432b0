"""The checks of the rules on the data and on their use: R01 to R23 and H1.

A check is a function of `RuleFacts` that returns a `Checked`, or one for each branch of the rule by
its name. The packs say from which day a branch holds, in which text, and whether it is a breach or
a concern when it fires. The rules on what a controller has to set up are in `duties`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from privaudit.columns.headers import kind_of_header
from privaudit.columns.recognise import ABROAD
from privaudit.core.checks import Bools
from privaudit.core.thresholds import SMALL_CELL
from privaudit.rules.description import PURPOSES
from privaudit.rules.facts import (
    CAMPAIGNS,
    Checked,
    RuleFacts,
    cases,
    fires,
    fires_by,
    idle_unless,
    in_force_from,
    limit,
    met,
    met_unless,
    months_after,
    not_applicable,
    not_assessable,
)
from privaudit.text.normalise import fold

Check = Callable[[RuleFacts], "Checked | Mapping[str, Checked]"]
CHECKS: dict[str, Check] = {}

PARTY = ("party", "association")
# As `fold` writes them.
REGULAR = ("member", "former_member", "regular", "adherent", "ancien_adherent", "regulier",
            "ancien adherent", "former member", "adherente", "ancienne adherente", "reguliere",
            "members", "former members", "adherents", "adherentes")  # fmt: skip
_OCCASIONAL = ("occasional", "prospect", "none", "occasionnel", "aucun", "occasionnelle",
               "prospects", "prospecte")  # fmt: skip
_SOCIAL = ("social", "like", "likes", "facebook", "twitter", "instagram")
_RECIPIENTS = ("elected", "candidate", "party_officer", "staff", "financing_agent", "processor")
INDIRECT = ("indirect", "social", "electoral_list", "directory", "inferred", "rented")
GDPR, _L37 = in_force_from("gdpr"), in_force_from("electoral_l37")
# What people are informed of at collection, since when; the latest first.
_MENTIONS = (
    (GDPR, ("identity", "purpose", "legal_basis", "retention", "rights", "complaint")),
    (in_force_from("loi_2016"), ("identity", "purpose", "retention", "rights")),
    (np.datetime64("0001-01-01", "D"), ("identity", "purpose", "rights")),
)


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


def _of_prospects(facts: RuleFacts, contact_class: np.ndarray, key: str,
                  late: tuple[Bools, Bools], *, of_all: bool = False) -> Checked:  # fmt: skip
    """Find prospects who have not replied among the cases by `people.key`: for sure, or maybe.

    A class that is blank or not known may be a prospect's. Of all whose class allows it, or of
    those among them who may be silent.
    """
    prospect = np.isin(contact_class, _OCCASIONAL)
    unknown = ~prospect & ~np.isin(contact_class, REGULAR)
    everybody = np.ones(len(prospect), dtype=bool)
    silent, quiet = facts.lacking("replied") or (everybody, everybody)
    of = int(((prospect | unknown) & (of_all | quiet)).sum())
    sure, may = prospect & silent & late[0], quiet & late[1]
    if not (sure | (may & prospect)).any() and unknown.any():
        return not_assessable("people.contact_class")
    found = cases(sure, may & (prospect | unknown), of, f"people.{key}")
    return found if of or found.outcome != "met" else not_applicable()


@check("R01")
def opinion_present(facts: RuleFacts) -> dict[str, Checked]:
    """Find opinions, in a column or revealed by the list itself."""
    columns, political = _opinions(facts), facts.stated("processing", "political")
    column = met(facts.n) if facts.records is not None else not_applicable()
    presence = not_assessable("processing.political") if political is None else met(facts.n)
    if political:
        presence = fires(facts.n, facts.n, ("processing.political",))
    elif political is None and facts.stated("controller", "type") in CAMPAIGNS:
        presence = fires(facts.n, facts.n, ("controller.type",))
    if columns:
        column = facts.fires_in(columns)
        presence = presence if presence.outcome == "fires" else not_applicable()
    return {"column": column, "presence": presence}


@check("R02")
def ground_of_article_9(facts: RuleFacts) -> dict[str, Checked]:
    """Require explicit consent, or regular contacts of a body with a political aim."""
    ground, candidate = not_applicable(), not_applicable()
    opinions = _opinions(facts)
    if facts.stated("processing", "political") is False and not opinions:
        return {"ground": ground, "candidate": candidate}
    lacking, contact_class = facts.lacking("consent"), facts.classes
    if lacking is None and contact_class is None:
        bare = [c for c in facts.columns(legal_basis="none") if not opinions or c in opinions]
        ground = not_assessable("people.consent", "people.contact_class")
        return {"ground": facts.fires_in(bare) if bare else ground, "candidate": candidate}
    n, controller = int(facts.n), facts.stated("controller", "type")
    everybody = np.ones(n, dtype=bool)
    # An answer that is neither a yes nor a no may be a consent.
    sure, unsure = lacking or (everybody, everybody)
    regular = unknown = np.zeros(n, dtype=bool)
    if contact_class is not None:
        regular = np.isin(contact_class, REGULAR)
        unknown = ~regular & ~np.isin(contact_class, _OCCASIONAL)
    # Whether a candidate is a body with a political aim is not settled; a vendor is none.
    has_aim = controller is None or controller in (*PARTY, *CAMPAIGNS)
    may, unknown = regular & has_aim, unknown & has_aim
    missing = ["people.contact_class"] if unknown.any() else []
    ground = cases(sure & ~may & ~unknown, unsure & ~may, n, "people.consent", *missing,
                   columns=opinions)  # fmt: skip
    arguable = unsure & may
    if arguable.any() and controller is None:
        candidate = not_assessable("controller.type")
    elif arguable.any() and controller not in PARTY:
        candidate = cases(sure & may, arguable, n, "people.consent", columns=opinions)
    return {"ground": ground, "candidate": candidate}


@check("R03")
def inferred_opinion(facts: RuleFacts) -> Checked:
    """Treat an inferred opinion as an opinion: it needs consent."""
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
    """Require that a like said to be public was made public by a setting of its author."""
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
    """Class people known by a like as occasional contacts, not supporters."""
    source, contact_class = facts.words("source"), facts.words("contact_class")
    if source is None or contact_class is None:
        return not_assessable("people.source", "people.contact_class")
    social = np.isin(source, _SOCIAL)
    wrong = social & ~np.isin(contact_class, (*_OCCASIONAL, ""))
    if wrong.any():
        return fires(int(wrong.sum()), int(social.sum()))
    return met(int(social.sum())) if social.any() else not_applicable()


@check("R06")
def single_message(facts: RuleFacts) -> Checked:
    """Allow one message to a prospect who does not reply."""
    sent, contact_class = facts.number("messages"), facts.classes
    if sent is None or contact_class is None:
        most = facts.stated("messages", "most_per_person")
        if most is None:
            return not_assessable("people.messages", "people.contact_class")
        return fires(columns=("messages.most_per_person",)) if most > 1 else met()
    # A negative number marks a missing one.
    tells = (sent > 1, ~((sent >= 0) & (sent <= 1)))
    return _of_prospects(facts, contact_class, "messages", tells, of_all=True)


@check("R07")
def retention_of_prospects(facts: RuleFacts) -> Checked:
    """Require that prospects are erased two months after the message."""
    first, contact_class = facts.days("first_message_at"), facts.classes
    if first is None or contact_class is None:
        days = facts.stated("retention", "prospects_days")
        if days is None:
            return not_assessable("people.first_message_at", "retention.prospects_days")
        late = days > limit("R07", "days")
        return fires(columns=("retention.prospects_days",)) if late else met()
    late = facts.as_of > months_after(first, limit("R07", "months"))
    tells = (late, late | np.isnat(first))
    return _of_prospects(facts, contact_class, "first_message_at", tells)


@check("R08")
def retention_after_the_ballot(facts: RuleFacts) -> dict[str, Checked]:
    """Require that data of a campaign, and lists of electors, are erased after the ballot."""
    ballot, erased = facts.day("processing", "election_date"), "retention.end_of_ballot"
    if ballot is None:
        unknown = not_assessable("processing.election_date")
        return {"propaganda": unknown, "list": unknown}
    if facts.stated("retention", "other_use_consent"):
        return {"propaganda": met(facts.n), "list": met(facts.n)}
    declared = facts.requires(erased)
    if facts.as_of <= ballot:
        # Nothing is due yet: that no erasure is foreseen is a concern, and no breach.
        early = fires(columns=(erased,), lesser=True) if declared.outcome == "fires" else declared
        return {"propaganda": early, "list": not_applicable()}
    listed, unknown = facts.columns(source="electoral_list"), idle_unless(facts.unstated("source"))
    return {"propaganda": declared, "list": facts.fires_in(listed) if listed else unknown}


@check("R09")
def retention_of_regular_contacts(facts: RuleFacts) -> dict[str, Checked]:
    """Require a limit for regular contacts, and nobody beyond it."""
    of_norm = facts.stated("controller", "type") in ("elected", "candidate")
    period = _beyond_the_period(facts)
    return {"norm": period if of_norm else not_applicable(), "period": period}


def _beyond_the_period(facts: RuleFacts) -> Checked:
    """Find contacts that are older than the stated period, or than three years without one."""
    stated, last = facts.stated("retention", "regular_days"), facts.days("last_contact_at")
    if last is None or np.isnat(last).all():
        missing = ["retention.regular_days"] if stated is None else []
        return not_assessable(*missing, "people.last_contact_at")
    known = ~np.isnat(last)
    days = limit("R09", "days") if stated is None else stated
    old = known & (facts.as_of - last > np.timedelta64(days, "D"))
    # A contact that is yet to come says nothing of the last one.
    may = old | facts.unread("last_contact_at") | (last > facts.as_of)
    n = int((known | may).sum())
    found = cases(old, may, n, "people.last_contact_at", lesser=stated is None)
    return not_assessable("retention.regular_days") if stated is None and not old.any() else found


@check("R10")
def recipients(facts: RuleFacts) -> Checked:
    """Require a closed list of recipients."""
    listed = facts.description.each("recipients")
    others = [r for r in listed if r.get("role", "staff") not in _RECIPIENTS]
    if others:
        # Where one group has no number, the number of accounts is not known.
        accounts = sum(r.get("n", 0) for r in others) if all("n" in r for r in others) else 0
        return fires(accounts or len(others), columns=[str(r["role"]) for r in others],
                     counts="accounts" if accounts else "groups")  # fmt: skip
    if not listed or any("role" not in r for r in listed):
        return not_assessable("recipients.role" if listed else "recipients")
    return met(len(listed), "groups")


@check("R11")
def default_audience(facts: RuleFacts) -> Checked:
    """Refuse access by an indefinite number of people by default."""
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
    """Require that people are informed of data taken from social networks or from third parties."""
    taken = facts.columns(source=("social", "indirect"))
    if not taken:
        return idle_unless(facts.unstated("source"))
    informed = facts.filled("informed_at")
    if informed is None:
        if facts.nobody_informed:
            return facts.fires_in(taken)
        return not_assessable("people.informed_at")
    lacking = int((~informed).sum())
    return fires(lacking, facts.n, taken) if lacking else met(facts.n)


@check("R13")
def basis_of_social_data(facts: RuleFacts) -> dict[str, Checked]:
    """Require consent, or a legitimate interest that was weighed, for data of social networks."""
    if not facts.description.columns:
        return {"basis": not_assessable("columns.*.source"), "balance": not_applicable()}
    social = facts.columns(source="social")
    allowed = (None, "consent", "legitimate_interest")
    other = [c for c in social if facts.description.columns[c].get("legal_basis") not in allowed]
    missing = facts.unstated("source") + facts.unstated("legal_basis", social)
    basis = facts.fires_in(other) if other else not_assessable(*missing)
    if not other and not missing:
        basis = met(facts.n) if social else not_applicable()
    weighed = facts.columns(source="social", legal_basis="legitimate_interest")
    balance = facts.requires("accountability.balancing_test") if weighed else not_applicable()
    if balance.outcome == "fires":
        balance = facts.fires_in(weighed)
    return {"basis": basis, "balance": balance}


@check("R14")
def matching_by_consent(facts: RuleFacts) -> Checked:
    """Require consent to match a contact with an account of a social network."""
    if not facts.description.columns:
        return not_assessable("columns.*.by_matching")
    bare = _without_consent(facts, facts.columns(source="social", by_matching=True))
    if bare and facts.columns(source="direct"):
        return facts.fires_in(bare)
    social = facts.columns(source="social")
    return met_unless(facts.unstated("source") + facts.unstated("by_matching", social), facts.n)


@check("R15")
def information_of_indirect_data(facts: RuleFacts) -> dict[str, Checked]:
    """Require information on data that were not collected from the person, with their origin.

    Before the GDPR at recording, or by a planned disclosure; since, within a month, and by the
    first contact or disclosure.
    """
    indirect = facts.columns(source=INDIRECT)
    if not indirect:
        return dict.fromkeys(("late", "origin"), idle_unless(facts.unstated("source")))
    stated = (facts.stated("messages", "origin_stated"), facts.stated("information", "origin"))
    origin = not_assessable("information.origin")
    if True in stated:
        origin = met(facts.n)
    elif False in stated:
        path = "messages.origin_stated" if stated[0] is False else "information.origin"
        origin = fires(columns=(path,))
    return {"late": _informed_late(facts, indirect), "origin": origin}


def _informed_late(facts: RuleFacts, indirect: list[str]) -> Checked:
    """Find people who were informed after the last day, or not at all."""
    informed = facts.days("informed_at")
    if informed is None:
        if facts.nobody_informed:
            return facts.fires_in(indirect)
        return not_assessable("people.informed_at")
    unread = facts.unread("informed_at")
    informed = np.where(informed > facts.as_of, np.datetime64("NaT", "D"), informed)
    end = _last_day_to_inform(facts, indirect, len(informed))
    late = ~np.isnat(end) & np.where(np.isnat(informed), end < facts.as_of, informed > end)
    sure = late & (~np.isnat(informed) | ~unread)
    missing = ["people.informed_at"]
    if np.isnat(end).any():
        missing = ["columns.*.collected_at", "people.first_message_at"]
    return cases(sure, late | np.isnat(end), facts.n, *missing, columns=indirect)


def _last_day_to_inform(facts: RuleFacts, indirect: list[str], n: int) -> np.ndarray:
    """Return the last day on which each person may be informed; NaT: not known."""
    stated = [facts.description.columns[c].get("collected_at") for c in indirect]
    known = [np.datetime64(day, "D") for day in stated if day is not None]
    begun = min(known) if known else facts.day("processing", "started_at")
    disclosed, never = facts.day("processing", "disclosed_at"), np.datetime64("NaT", "D")
    if facts.as_of < GDPR:
        day = begun if disclosed is None else disclosed
        return np.full(n, never if day is None else day)
    end = np.full(n, never if begun is None else months_after(begun, limit("R15", "months")))
    if disclosed is not None:
        end = np.fmin(end, disclosed)
    for key in ("first_message_at", "last_contact_at"):
        contact = facts.days(key)
        end = end if contact is None else np.fmin(end, contact)
    return end


@check("R16")
def information_at_collection(facts: RuleFacts) -> Checked:
    """Require the mentions that are due at collection on the day."""
    columns = facts.description.columns
    if columns and not facts.columns(source="direct") and not facts.unstated("source"):
        # Nothing is collected from the person: what is due then is another rule (R15).
        return not_applicable()
    mentions = next(due for since, due in _MENTIONS if facts.as_of >= since)
    return facts.criteria("information", mentions)


@check("R17")
def objection(facts: RuleFacts) -> dict[str, Checked]:
    """Require that nobody is contacted after an objection, and that people can object."""
    each, first = (
        facts.requires(f"messages.{key}") for key in ("opt_out_offered", "right_told_first")
    )
    if each.outcome == "met" and first.outcome == "not_assessable":
        # What each message offers, the first one offers.
        first = met()
    channels = {*(facts.stated("processing", "channels") or ())}
    if each.outcome == "fires" and facts.as_of >= GDPR and not channels & {"email", "sms"}:
        each = fires(columns=each.columns, lesser=True)
    return {"contacted": _contacted_again(facts), "first": first, "each": each}


def _contacted_again(facts: RuleFacts) -> Checked:
    """Find people who were contacted after a dated objection."""
    objected, since = facts.not_no("objected_at"), facts.days("objected_at")
    last = facts.days("last_contact_at")
    if objected is None or since is None or last is None:
        return not_assessable("people.objected_at", "people.last_contact_at")
    again = objected & (last > since)
    # Whether the contact came before an objection without a date is not known.
    either = objected & ((np.isnat(since) & ~np.isnat(last)) | facts.unread("last_contact_at"))
    return cases(again, again | either, int(objected.sum()),
                 "people.objected_at", "people.last_contact_at")  # fmt: skip


@check("R18")
def purpose_of_collection(facts: RuleFacts) -> dict[str, Checked]:
    """Refuse the reuse of a file of patients, staff or a town hall, and of untold customers."""
    described = facts.description.columns.items()
    stated = {name: c["collected_for"] for name, c in described if "collected_for" in c}
    whole = facts.stated("processing", "collected_for")
    if whole is not None:
        stated["processing.collected_for"] = whole
    # The reuse of a list of electors is allowed by its own law.
    electoral = facts.columns(source="electoral_list")
    missing = [] if whole is not None else [
        path for path in facts.unstated("collected_for")
        if path.removeprefix("columns.").rpartition(".")[0] not in electoral
    ]  # fmt: skip
    if not stated and not missing and not electoral:
        missing = ["columns.*.collected_for"]
    ends = {name: _end_of(purpose) for name, purpose in stated.items() if name not in electoral}
    of = {end: [name for name, own in ends.items() if own == end] for end in (*PURPOSES, "other")}
    unknown = idle_unless(missing)
    branches = {end: facts.fires_in(of[end]) if of[end] else unknown for end in ("barred", "other")}
    customers = unknown
    if of["customers"]:
        due = ("reuse.told_at_collection", "reuse.could_object")
        lacking = [path for path in due if facts.stated(*path.split(".")) is False]
        customers = met_unless(facts.missing(*due), facts.n)
        if lacking:
            customers = facts.fires_in([*of["customers"], *lacking])
    if of["politics"] and not missing:
        branches["barred"] = branches["barred"] if of["barred"] else met(facts.n)
    return {**branches, "customers": customers}


def _end_of(purpose: str) -> str:
    """Return which kind of purpose a text names: the gravest, "other" where it names none."""
    words = {*fold(purpose).replace("-", " ").replace("'", " ").split()}
    return next((kind for kind, known in PURPOSES.items() if words & known), "other")


@check("R19")
def proof_of_consent(facts: RuleFacts) -> dict[str, Checked]:
    """Require a date and a proof of each consent."""
    consent = facts.yes("consent")
    if consent is None:
        columns = facts.columns(legal_basis="consent")
        bare = [c for c in columns if facts.description.columns[c].get("proof") is False]
        missing = facts.unstated("proof", columns) if columns else ["people.consent"]
        proof = facts.fires_in(bare) if bare else met_unless(missing, facts.n)
        return {"date": not_applicable(), "proof": proof}
    if not consent.any():
        return {"date": not_applicable(), "proof": not_applicable()}
    branches = {}
    for branch, key in (("date", "consent_at"), ("proof", "consent_proof")):
        cells = facts.filled(key)
        branches[branch] = not_assessable(f"people.{key}")
        if cells is not None:
            sure = consent & ~cells
            may = sure | (consent & facts.unread(key)) if branch == "date" else sure
            branches[branch] = cases(sure, may, int(consent.sum()), f"people.{key}")
    return branches


@check("R20")
def sorting(facts: RuleFacts) -> dict[str, Checked]:
    """Refuse segments by the sound of a name or by a place of birth."""
    segments = facts.description.each("segments")
    if not segments:
        return {"named": facts.without_entries("segments"), "apart": not_applicable()}
    # A column that is named for origin counts whether or not a table has it.
    used = {str(column) for segment in segments for column in segment.get("columns", ())}
    named = [column for column in used if kind_of_header(column)[0] in ("origin", *ABROAD)]
    by_origin = {*facts.of_kind("origin", *ABROAD), *named}
    wrong = [
        str(segment.get("name", "?")) for segment in segments
        if segment.get("by_name") or by_origin & set(segment.get("columns", ()))
    ]  # fmt: skip
    n, apart = len(segments), [] if wrong else _surnames_apart(facts, segments)
    unstated = any("columns" not in s and "by_name" not in s for s in segments)
    missing = ["segments.columns"] if unstated else []
    return {
        "named": fires_by(wrong, n, "groups", met_unless(missing, n, "groups")),
        "apart": fires_by(apart, n, "groups", not_applicable()),
    }


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
def list_of_electors(facts: RuleFacts) -> dict[str, Checked]:
    """Refuse the commercial use of a list of electors, and a copy without the undertaking.

    Until 2018 a *purely* commercial use, and an undertaking of electors only.
    """
    listed = facts.columns(source="electoral_list")
    if not listed:
        return dict.fromkeys(("commercial", "undertaking"), idle_unless(facts.unstated("source")))
    before, of = facts.as_of < _L37, facts.stated("controller", "type")
    commercial = facts.forbids("electoral_list.commercial_use")
    if before and commercial.outcome == "fires":
        commercial = facts.forbids("electoral_list.purely_commercial")
    undertaking = facts.requires("electoral_list.undertaking")
    if before and of in ("candidate", "party"):
        undertaking = not_applicable()
    elif before and of is None and undertaking.outcome == "fires":
        undertaking = not_assessable("controller.type")
    branches = {"commercial": commercial, "undertaking": undertaking}
    return {
        name: facts.fires_in(listed) if one.outcome == "fires" else one
        for name, one in branches.items()
    }


@check("R22")
def minimisation(facts: RuleFacts) -> dict[str, Checked]:
    """Find columns without a use, free text, and addresses where a polling station would do."""
    described, purposes = facts.description.columns, facts.stated("processing", "purpose")
    unused = [
        name for name, column in described.items()
        if "used_for" in column
        and not set(column["used_for"]) & set(purposes or column["used_for"])
    ]  # fmt: skip
    channels = facts.stated("processing", "channels")
    # Of all columns, those whose content is not known included.
    n = len(described) if facts.records is None else len(facts.records.columns)
    exact, free = facts.of_kind("address"), facts.of_kind("note", "others")
    address = not_assessable("processing.channels") if exact and channels is None else met()
    if channels is None or {"door_knock", "post"} & set(channels):
        exact = []
    read = facts.records is not None
    return {
        "unused": fires_by(
            unused, n, "columns", met_unless(facts.unstated("used_for"), n, "columns")
        ),
        "free_text": fires_by(free, n, "columns", met(n, "columns") if read else not_applicable()),
        "address": fires_by(exact, n, "columns", address if read else not_applicable()),
    }


@check("R23")
def accuracy(facts: RuleFacts) -> Checked:
    """Find dots at the wrong home."""
    return facts.fires_by_measured("wrong_doors")


@check("H1")
def knock_without_consent(facts: RuleFacts) -> Checked:
    """Require prior consent to canvassing at the door: the chronicle's own sentence."""
    channels = facts.stated("processing", "channels")
    if channels is None:
        return not_assessable("processing.channels")
    if "door_knock" not in channels:
        return not_applicable()
    lacking, ungrounded = facts.lacking("consent"), facts.columns(legal_basis="none")
    if lacking is None:
        # Where every column is stated to rest on nothing, nobody agreed.
        if ungrounded and len(ungrounded) == len(facts.description.columns):
            return facts.fires_in(ungrounded, lesser=True)
        return not_assessable("people.consent")
    return cases(*lacking, facts.n, "people.consent", lesser=True)
