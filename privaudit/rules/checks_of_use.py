"""Checks of what is done: who sees it, who is told, how it is kept safe, who is targeted."""

from __future__ import annotations

import numpy as np

from privaudit.columns.headers import kind_of_header
from privaudit.columns.recognise import ABROAD, are_hashed
from privaudit.core.policy import SMALL_CELL
from privaudit.rules.description import ONLINE
from privaudit.rules.facts import Checked, RuleFacts, declared, fires, idle, met, unknown

_ALLOWED = ("elected", "candidate", "party_officer", "staff", "financing_agent", "processor")
_MENTIONS = ("identity", "purpose", "legal_basis", "retention", "rights", "complaint")
# What the law of 1978 asked for at collection, before the GDPR.
_MENTIONS_BEFORE = ("identity", "purpose", "rights")
_GDPR = np.datetime64("2018-05-25", "D")
_SAFE = ("authentication", "encryption", "export_control", "access_log")
_INDIRECT = ("indirect", "social", "electoral_list", "directory", "inferred", "rented")
# Columns of a row of mail: the message, to whom it went, and in which field.
_MAIL = {"message_id", "recipient", "by"}
_LARGE, _ADULT_YEARS = 10_000, 18
_MONTH, _HOURS_72 = np.timedelta64(31, "D"), np.timedelta64(3, "D")
_SEVERE = 3


@declared("R10")
def recipients(facts: RuleFacts) -> Checked:
    """A closed list of who may receive it; whoever works for them is bound by contract."""
    told = facts.description.each("recipients")
    free = [one for one in facts.description.each("processors") if one.get("contract") is False]
    others = [one for one in told if one.get("role", "staff") not in _ALLOWED]
    if others or free:
        # Where one group has no number, nobody knows how many accounts there are.
        seen = sum(one.get("n", 0) for one in others) if all("n" in one for one in others) else 0
        roles = [str(one["role"]) for one in others] + ["processors.contract"] * bool(free)
        return fires(seen or len(others) + len(free), columns=roles,
                     counts="accounts" if seen else "groups")  # fmt: skip
    if not told or any("role" not in one for one in told):
        return unknown("recipients.role" if told else "recipients")
    return met(len(told), "groups")


@declared("R11")
def default_audience(facts: RuleFacts) -> Checked:
    """Not to an indefinite number of people by default."""
    row, told = facts.measured.get("people_seen"), facts.description.each("recipients")
    seen = row is not None and np.isfinite(row.value) and row.value > 0
    if not told and row is None:
        return unknown("recipients")
    free = [one for one in told if one.get("role") in ("any_account", "public")]
    open_to = [str(one["role"]) for one in free if not one.get("vetted")]
    # Volunteers whom nobody vetted are many, but not anybody.
    lesser = [str(one["role"]) for one in told
              if one.get("role") == "volunteer" and one.get("vetted") is False]  # fmt: skip
    if row is not None and seen:
        return fires(row.value, row.n, open_to, row.counts)
    if open_to or lesser:
        return fires(len(open_to or lesser), len(told), open_to or lesser, "groups",
                     lesser=not open_to)  # fmt: skip
    return unknown("recipients.role") if any("role" not in one for one in told) else met(
        len(told), "groups"
    )  # fmt: skip


@declared("R15")
def information_of_indirect_data(facts: RuleFacts) -> Checked:
    """Told within a month, and at the first contact at the latest, with the origin."""
    if not facts.description.columns:
        return unknown("columns.*.source")
    indirect = facts.columns(source=_INDIRECT)
    if not indirect:
        silent = facts.silent("source")
        return unknown(*silent) if silent else idle()
    informed = facts.days("informed_at")
    if informed is None:
        if facts.nobody_informed:
            return facts.kept_in(indirect)
        return unknown("people.informed_at")
    informed = np.where(informed > facts.as_of, np.datetime64("NaT", "D"), informed)
    limit = _last_day_to_inform(facts, indirect, len(informed))
    late = ~np.isnat(limit) & np.where(np.isnat(informed), limit < facts.as_of, informed > limit)
    if late.any():
        return fires(int(late.sum()), facts.n, indirect)
    origin = (facts.told("messages", "origin_stated"), facts.told("information", "origin"))
    if False in origin and True not in origin:
        return fires(columns=("messages.origin_stated",))
    if np.isnat(limit).any():
        return unknown("columns.*.collected_at", "people.first_message_at")
    return met(facts.n) if True in origin else unknown("information.origin")


def _last_day_to_inform(facts: RuleFacts, indirect: list[str], n: int) -> np.ndarray:
    """Return the earlier of a month after collection and the first contact; NaT: not known."""
    told = [facts.description.columns[c].get("collected_at") for c in indirect]
    known = [np.datetime64(one, "D") for one in told if one is not None]
    begun = min(known) if known else facts.day("processing", "started_at")
    limit = np.full(n, np.datetime64("NaT", "D") if begun is None else begun + _MONTH)
    for key in ("first_message_at", "last_contact_at"):
        contact = facts.days(key)
        limit = limit if contact is None else np.fmin(limit, contact)
    return limit


@declared("R16")
def information_at_collection(facts: RuleFacts) -> Checked:
    """Identity, purpose, basis, retention, rights, complaint; of old, fewer."""
    mentions = _MENTIONS if facts.as_of >= _GDPR else _MENTIONS_BEFORE
    told = {key: facts.told("information", key) for key in mentions}
    lacking = [f"information.{key}" for key, value in told.items() if value is False]
    if lacking:
        return fires(len(lacking), len(mentions), lacking, "criteria")
    silent = [f"information.{key}" for key, value in told.items() if value is None]
    return unknown(*silent) if silent else met(len(mentions), "criteria")


@declared("R17")
def objection(facts: RuleFacts) -> Checked:
    """Whoever objected is not contacted again, and each message says how to."""
    objected, since = facts.not_no("objected_at"), facts.days("objected_at")
    last, offered = facts.days("last_contact_at"), facts.told("messages", "opt_out_offered")
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
        return unknown("people.objected_at", "people.last_contact_at")
    return met(int(objected.sum())) if offered else unknown("messages.opt_out_offered")


@declared("R20")
def sorting(facts: RuleFacts) -> Checked:
    """Not by the sound of a name, nor by a place of birth."""
    segments = facts.description.each("segments")
    if not segments:
        return unknown("segments")
    by_origin = {*facts.of_kind("origin", *ABROAD), *_named_for_origin(segments)}
    wrong = [str(one.get("name", "?")) for one in segments
             if one.get("by_name") or by_origin & set(one.get("columns", ()))]  # fmt: skip
    if wrong:
        return fires(len(wrong), len(segments), wrong, "groups")
    apart = _surnames_apart(facts, segments)
    if apart:
        return fires(len(apart), len(segments), apart, "groups", lesser=True)
    silent = any("columns" not in one and "by_name" not in one for one in segments)
    return unknown("segments.columns") if silent else met(len(segments), "groups")


def _named_for_origin(segments: tuple) -> list[str]:  # type: ignore[type-arg]
    """Return the columns of segments that are called so: no table need hold them."""
    used = {str(column) for one in segments for column in one.get("columns", ())}
    return [column for column in used if kind_of_header(column)[0] in ("origin", *ABROAD)]


@declared("R24")
def security(facts: RuleFacts) -> Checked:
    """Who reads is known and logged, files do not leave, recipients do not see each other."""
    told = {f"security.{key}": facts.told("security", key) for key in _SAFE}
    seen = True if _open_lists(facts) else facts.told("messages", "recipients_visible")
    told["messages.recipients_visible"] = None if seen is None else not seen
    lacking = [key for key, value in told.items() if value is False]
    if any(one.get("authenticated") is False for one in facts.description.each("recipients")):
        lacking.append("recipients.authenticated")
    # A password in a file that is handed over opens an account; a hashed one may be tried.
    keys = facts.of_kind("credential")
    if lacking or keys:
        lesser = not lacking and all(are_hashed(facts.records[key]) for key in keys)  # type: ignore[index]
        found = [*lacking, *keys]
        n = max(len(told) + bool(keys), len(found))
        return fires(len(found), n, found, "criteria", lesser=lesser)
    silent = [key for key, value in told.items() if value is None]
    return unknown(*silent) if silent else met(len(told), "criteria")


def _open_lists(facts: RuleFacts) -> bool:
    """Say whether mail that was seized went to several people who see each other's address."""
    if facts.records is None or not set(map(str, facts.records.columns)) >= _MAIL:
        return False
    seen = facts.records[facts.records["by"].isin(("to", "cc"))]
    return bool(seen.groupby("message_id")["recipient"].nunique().gt(1).any())


@declared("R25")
def accountability(facts: RuleFacts) -> Checked:
    """An impact assessment, an officer, a record, where much is processed that is sensitive."""
    special = bool(facts.special or facts.told("processing", "political"))
    large = bool(facts.n >= _LARGE)
    criteria = (
        special, large, bool(facts.columns(by_matching=True)),
        bool(facts.columns(source="inferred")), bool(facts.told("decisions", "automated")),
        _has_minors(facts),
    )  # fmt: skip
    needed = sum(criteria) >= 2
    asked = ("record_art30", "dpia", "dpo") if needed else ("record_art30",)
    told = {f"accountability.{key}": facts.told("accountability", key) for key in asked}
    lacking = [key for key, value in told.items() if value is False]
    if lacking:
        # An officer is due where it is large; of a smaller file that is open to argument.
        only = lacking == ["accountability.dpo"] and not large
        return fires(len(lacking), len(asked), lacking, "criteria", lesser=only)
    silent = [key for key, value in told.items() if value is None]
    if not needed and (facts.records is None or not facts.description.columns):
        silent += ["columns.*.source"]
    return unknown(*silent) if silent else met(len(asked), "criteria")


def _has_minors(facts: RuleFacts) -> bool:
    born = facts.days("birth_date")
    if born is None:
        return False
    years = facts.as_of.astype("datetime64[Y]") - born.astype("datetime64[Y]")
    return bool((years < np.timedelta64(_ADULT_YEARS, "Y"))[~np.isnat(born)].any())


@declared("R26")
def breach(facts: RuleFacts) -> Checked:
    """Told to the authority within 72 hours, and to people where the risk is high."""
    known, told = facts.day("breach", "known_at"), facts.day("breach", "notified_at")
    severity = facts.measured.get("severity")
    severe = None if severity is None else severity.value >= _SEVERE
    if known is None:
        if severity is not None and severe:
            return fires(severity.value, 4, counts="levels", lesser=True)
        return unknown("breach.known_at")
    if known > facts.as_of:
        return idle()
    late = facts.as_of - known if told is None or told > facts.as_of else told - known
    if late > _HOURS_72:
        return fires(columns=("breach.notified_at",))
    people = facts.day("breach", "people_told_at")
    if told is None or (people is None and severe is None):
        return unknown("breach.notified_at" if told is None else "breach.people_told_at")
    return met() if people is not None or not severe else fires(
        columns=("breach.people_told_at",), lesser=True
    )  # fmt: skip


@declared("R27")
def automated(facts: RuleFacts) -> Checked:
    """A message chosen by a score without a human step."""
    auto, human = facts.told("decisions", "automated"), facts.told("decisions", "human_step")
    if auto is None or (auto and human is None):
        return unknown("decisions.automated" if auto is None else "decisions.human_step")
    return fires(columns=("decisions.automated",), lesser=True) if auto and not human else met()


@declared("R28")
def targeting_online(facts: RuleFacts) -> Checked:
    """Online: data from the person, explicit consent, no profiling on opinions, nobody under 17."""
    segments = facts.description.each("segments")
    channels = facts.told("processing", "channels")
    online = [one for one in segments if one.get("channel") in ONLINE]
    if not online:
        # At the door and by post it does not apply.
        if any("channel" not in one for one in segments) or (not segments and channels is None):
            return unknown("segments.channel" if segments else "segments")
        return unknown("segments") if {*ONLINE} & {*(channels or ())} else idle()
    barred = {*facts.special, *facts.columns(source=_INDIRECT)}
    wrong = [
        str(one.get("name", "?")) for one in online
        if barred & set(one.get("columns", ())) or one.get("under_17")
        or one.get("consent") is False
    ]  # fmt: skip
    if wrong:
        return fires(len(wrong), len(online), wrong, "groups")
    fields = ("columns", "consent", "under_17")
    silent = [f"segments.{key}" for key in fields if any(key not in one for one in online)]
    used = sorted({column for one in online for column in one.get("columns", ())})
    silent += facts.silent("source", used)
    return unknown(*silent) if silent else met(len(online), "groups")


@declared("H1")
def knock_without_consent(facts: RuleFacts) -> Checked:
    """The chronicle's own sentence: no canvassing without prior consent."""
    channels = facts.told("processing", "channels")
    if channels is None:
        return unknown("processing.channels")
    if "door_knock" not in channels:
        return idle()
    consent, ungrounded = facts.yes("consent"), facts.columns(legal_basis="none")
    if consent is None:
        # Where every column is said to rest on nothing, nobody agreed.
        if ungrounded and len(ungrounded) == len(facts.description.columns):
            return facts.kept_in(ungrounded, lesser=True)
        return unknown("people.consent")
    bare = int((~consent).sum())
    return fires(bare, facts.n, lesser=True) if bare else met(facts.n)


def _surnames_apart(facts: RuleFacts, segments: tuple) -> list[str]:  # type: ignore[type-arg]
    """Return the segments that separate surnames beyond chance (chi-square, Bonferroni at .01)."""
    from scipy.stats import chi2_contingency

    names = facts.words("last_name")
    if names is None or facts.records is None:
        return []
    _, code, count = np.unique(names, return_inverse=True, return_counts=True)
    common = count[code] >= SMALL_CELL
    tried = max(1, sum(len(one.get("columns", ())) for one in segments))
    found = []
    for one in segments:
        for column in one.get("columns", ()):
            if column not in facts.records.columns:
                continue
            cell = facts.records[column].astype("str").to_numpy()
            _, value = np.unique(cell, return_inverse=True)
            table = np.zeros((code.max() + 1, value.max() + 1))
            np.add.at(table, (code[common], value[common]), 1)
            table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
            if min(table.shape) < 2 or (table.sum() / table.size) < 5:
                continue
            if chi2_contingency(table).pvalue < 0.01 / tried:
                found.append(str(one.get("name", "?")))
                break
    return found
