"""Checks of what is done: who sees it, who is told, how it is kept safe, who is targeted."""

from __future__ import annotations

import numpy as np

from privaudit.rules.description import ONLINE
from privaudit.rules.facts import Checked, Facts, check, fires, met, unknown

_ALLOWED = ("elected", "candidate", "party_officer", "staff", "financing_agent", "processor")
_MENTIONS = ("identity", "purpose", "legal_basis", "retention", "rights", "complaint")
_SAFE = ("authentication", "encryption", "export_control", "access_log")
_SORTED = ("origin",)
_BIRTHPLACE = ("birth_place", "birthplace", "lieu_naissance", "pays_naissance", "country_of_birth")
_LARGE = 10_000
_HOURS_72 = np.timedelta64(3, "D")
_SEVERE = 3


@check("R10")
def recipients(facts: Facts) -> Checked:
    """A closed list of who may receive it."""
    told = facts.description.each("recipients")
    if not told:
        return unknown("recipients")
    others = [one for one in told if one.get("role") not in _ALLOWED]
    if others:
        seen = sum(one.get("n", 0) for one in others)
        roles = [str(one.get("role", "?")) for one in others]
        return fires(seen or len(others), np.nan, roles, "accounts" if seen else "groups")
    return met(len(told), "groups")


@check("R11")
def default_audience(facts: Facts) -> Checked:
    """Not to an indefinite number of people by default."""
    row = facts.measured.get("people_seen")
    told = facts.description.each("recipients")
    if not told and row is None:
        return unknown("recipients")
    free = [one for one in told if one.get("role") in ("any_account", "public")]
    open_to = [str(one["role"]) for one in free if not one.get("vetted")]
    if not open_to and (row is None or not row.value):
        return met(len(told), "groups")
    if row is not None and np.isfinite(row.value):
        return fires(row.value, row.n, open_to, row.counts)
    return fires(len(open_to), len(told), open_to, "groups")


@check("R15")
def information_of_indirect_data(facts: Facts) -> Checked:
    """Told within a month, and at the first contact at the latest, with the origin."""
    indirect = facts.columns(source=("indirect", "social", "electoral_list", "directory",
                                     "inferred", "rented"))  # fmt: skip
    if not facts.description.columns:
        return unknown("columns.*.source")
    if not indirect:
        return met(facts.n)
    informed = facts.days("informed_at")
    if informed is None:
        return unknown("people.informed_at")
    start = facts.day("processing", "started_at")
    collected = [facts.description.columns[c].get("collected_at") for c in indirect]
    known = [np.datetime64(one, "D") for one in collected if one is not None]
    begun = min(known) if known else start
    limit = np.full(len(informed), np.datetime64("NaT", "D"))
    if begun is not None:
        limit[:] = begun + np.timedelta64(31, "D")
    first = facts.days("first_message_at")
    if first is not None:
        limit = np.fmin(limit, first)
    never = np.isnat(informed) & (np.isnat(limit) | (limit < facts.as_of))
    late = ~np.isnat(limit) & ~np.isnat(informed) & (informed > limit)
    wrong = int((never | late).sum())
    if wrong:
        return fires(wrong, facts.n, indirect)
    if facts.told("messages", "origin_stated") is False:
        return fires(columns=("messages.origin_stated",))
    return met(facts.n)


@check("R16")
def information_at_collection(facts: Facts) -> Checked:
    """Identity, purpose, basis, retention, rights, complaint."""
    told = {key: facts.told("information", key) for key in _MENTIONS}
    lacking = [f"information.{key}" for key, value in told.items() if value is False]
    if lacking:
        return fires(len(lacking), len(_MENTIONS), lacking, "points")
    silent = [f"information.{key}" for key, value in told.items() if value is None]
    return unknown(*silent) if silent else met(len(_MENTIONS), "points")


@check("R17")
def objection(facts: Facts) -> Checked:
    """Whoever objected is not contacted again, and each message says how to."""
    objected, last = facts.yes("objected_at"), facts.days("last_contact_at")
    since = facts.days("objected_at")
    offered = facts.told("messages", "opt_out_offered")
    if objected is not None and last is not None and since is not None:
        again = objected & ~np.isnat(last) & (np.isnat(since) | (last > since))
        if again.any():
            return fires(int(again.sum()), int(objected.sum()))
    if offered is False:
        return fires(columns=("messages.opt_out_offered",))
    if objected is None or last is None:
        return unknown("people.objected_at", "people.last_contact_at")
    return met(int(objected.sum())) if offered else unknown("messages.opt_out_offered")


@check("R20")
def sorting(facts: Facts) -> Checked:
    """Not by the sound of a name, nor by a place of birth."""
    segments = facts.description.each("segments")
    if not segments:
        return unknown("segments")
    by_origin = {*facts.of_kind(*_SORTED), *_BIRTHPLACE}
    wrong = [str(one.get("name", "?")) for one in segments
             if one.get("by_name") or by_origin & set(one.get("columns", ()))]  # fmt: skip
    if wrong:
        return fires(len(wrong), len(segments), wrong, "groups")
    apart = _surnames_apart(facts, segments)
    if apart:
        return fires(len(apart), len(segments), apart, "groups", lesser=True)
    return met(len(segments), "groups")


@check("R24")
def security(facts: Facts) -> Checked:
    """Who reads is known and logged, files do not leave, recipients do not see each other."""
    told = {f"security.{key}": facts.told("security", key) for key in _SAFE}
    lacking = [key for key, value in told.items() if value is False]
    if facts.told("messages", "recipients_visible"):
        lacking.append("messages.recipients_visible")
    if lacking:
        return fires(len(lacking), len(_SAFE) + 1, lacking, "points")
    silent = [key for key, value in told.items() if value is None]
    return unknown(*silent) if silent else met(len(_SAFE), "points")


@check("R25")
def accountability(facts: Facts) -> Checked:
    """An impact assessment, an officer, a record, where much is processed that is sensitive."""
    criteria = {
        "special_category": bool(facts.of_kind("support", "origin"))
        or bool(facts.told("processing", "political")),
        "large_scale": bool(facts.n >= _LARGE),
        "matching": bool(facts.columns(by_matching=True)),
        "evaluation": bool(facts.columns(source="inferred")),
    }
    asked = ("dpia", "dpo", "record_art30")
    told = {key: facts.told("accountability", key) for key in asked}
    if sum(criteria.values()) < 2:
        return met() if told["record_art30"] else unknown("accountability.record_art30")
    lacking = [f"accountability.{key}" for key, value in told.items() if value is False]
    if lacking:
        return fires(len(lacking), len(asked), lacking, "points")
    silent = [f"accountability.{key}" for key, value in told.items() if value is None]
    return unknown(*silent) if silent else met(len(asked), "points")


@check("R26")
def breach(facts: Facts) -> Checked:
    """Told to the authority within 72 hours, and to people where the risk is high."""
    known, told = facts.day("breach", "known_at"), facts.day("breach", "notified_at")
    severity = facts.measured.get("severity")
    if known is None:
        if severity is not None and severity.value >= _SEVERE:
            return fires(severity.value, 4, counts="levels", lesser=True)
        return unknown("breach.known_at")
    late = told is None and facts.as_of - known > _HOURS_72
    if late or (told is not None and told - known > _HOURS_72):
        return fires(columns=("breach.notified_at",))
    people = facts.day("breach", "people_told_at")
    if people is None and severity is not None and severity.value >= _SEVERE:
        return fires(columns=("breach.people_told_at",), lesser=True)
    return met()


@check("R27")
def automated(facts: Facts) -> Checked:
    """A message chosen by a score without a human step."""
    auto, human = facts.told("decisions", "automated"), facts.told("decisions", "human_step")
    if auto is None:
        return unknown("decisions.automated")
    return fires(columns=("decisions.automated",), lesser=True) if auto and not human else met()


@check("R28")
def targeting_online(facts: Facts) -> Checked:
    """Online: data from the person, explicit consent, no profiling on opinions, nobody under 17."""
    segments = facts.description.each("segments")
    if not segments:
        return unknown("segments")
    online = [one for one in segments if one.get("channel") in ONLINE]
    if not online:
        silent = [one for one in segments if "channel" not in one]
        return unknown("segments.channel") if silent else Checked("not_applicable")
    special = set(facts.of_kind("support", "origin"))
    indirect = set(facts.columns(source=("inferred", "indirect", "social", "electoral_list",
                                         "directory", "rented")))  # fmt: skip
    wrong = [
        str(one.get("name", "?"))
        for one in online
        if (special | indirect) & set(one.get("columns", ()))
        or one.get("under_17")
        or not one.get("consent")
    ]
    if wrong:
        return fires(len(wrong), len(online), wrong, "groups")
    return met(len(online), "groups")


@check("H1")
def knock_without_consent(facts: Facts) -> Checked:
    """The chronicle's own sentence: no canvassing without prior consent."""
    channels = facts.told("processing", "channels")
    if channels is None:
        return unknown("processing.channels")
    if "door_knock" not in channels:
        return Checked("not_applicable")
    consent = facts.yes("consent")
    if consent is None:
        return unknown("people.consent")
    bare = int((~consent).sum())
    return fires(bare, facts.n, lesser=True) if bare else met(facts.n)


def _surnames_apart(facts: Facts, segments: tuple) -> list[str]:  # type: ignore[type-arg]
    """Return the segments that separate surnames beyond chance (chi-square, Bonferroni at .01)."""
    from scipy.stats import chi2_contingency

    names = facts.words("last_name")
    if names is None or facts.records is None:
        return []
    _, code, count = np.unique(names, return_inverse=True, return_counts=True)
    common = count[code] >= 11
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
            if chi2_contingency(table).pvalue < 0.01 / len(segments):
                found.append(str(one.get("name", "?")))
                break
    return found
