"""The checks of the rules on what a controller sets up and answers for: R24 to R37."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.births import read_births
from privaudit.columns.identifiers import HASHED
from privaudit.columns.recognise import cells_of
from privaudit.rules.checks import CHECKS as CHECKS
from privaudit.rules.checks import GDPR, INDIRECT, PARTY, REGULAR, check
from privaudit.rules.description import COUNTRIES, ONLINE, Country
from privaudit.rules.facts import (
    Checked,
    RuleFacts,
    cases,
    fires,
    fires_by,
    idle_unless,
    limit,
    met,
    met_unless,
    months_after,
    not_applicable,
    not_assessable,
)

SAFEGUARDS = ("authentication", "encryption", "export_control", "access_log")
# Columns of a row of mail: the message, its recipient, and the field that names the recipient.
_MAIL = {"message_id", "recipient", "by"}
_BY_NET = {"email", "sms"}


@check("R24")
def security(facts: RuleFacts) -> dict[str, Checked]:
    """Require safeguards, hidden lists of recipients, and no passwords in the file."""
    authentication = facts.requires("security.authentication")
    if any(r.get("authenticated") is False for r in facts.description.each("recipients")):
        authentication = fires(columns=("recipients.authenticated",))
    visible = facts.forbids("messages.recipients_visible")
    if _open_lists(facts):
        visible = fires(columns=("messages.recipients_visible",))
    # A password in a file that is handed over opens an account; a hashed one may be tried.
    keys = facts.of_kind("credential")
    hashed = [key for key in keys if hashed_passwords(facts.records[key])]  # type: ignore[index]
    readable = [key for key in keys if key not in hashed]
    return {
        "authentication": authentication,
        "shared": facts.forbids("security.shared_accounts"),
        "log": facts.requires("security.access_log"),
        "visible": visible,
        "passwords": facts.fires_in(readable) if readable else not_applicable(),
        "hashed": facts.fires_in(hashed) if hashed else not_applicable(),
        "encryption": facts.requires("security.encryption"),
        "export": facts.requires("security.export_control"),
    }


def _open_lists(facts: RuleFacts) -> bool:
    """Return whether seized mail shows several recipients each other's address."""
    if facts.records is None or not set(map(str, facts.records.columns)) >= _MAIL:
        return False
    shown = facts.records[facts.records["by"].isin(("to", "cc"))]
    return bool(shown.groupby("message_id")["recipient"].nunique().gt(1).any())


@check("R25")
def accountability(facts: RuleFacts) -> dict[str, Checked]:
    """Require a record, and an impact assessment and an officer where two criteria are met.

    Data of article 9 leave no exemption from the record (article 30(5)).
    """
    large, born = bool(facts.n >= limit("R25", "large")), facts.cells("birth_date")
    day = facts.as_of.astype("datetime64[D]").item()
    minors = born is not None and bool(read_births(born, day).minors.any())
    criteria = (
        bool(facts.special or facts.stated("processing", "political")), large,
        bool(facts.columns(by_matching=True)), bool(facts.columns(source="inferred")),
        bool(facts.stated("decisions", "automated")), minors,
    )  # fmt: skip
    record = facts.requires("accountability.record_art30")
    if sum(criteria) < limit("R25", "criteria"):
        known = facts.records is not None and facts.description.columns
        unneeded = not_applicable() if known else not_assessable("columns.*.source")
        return {"dpia": unneeded, "dpo": unneeded, "record": record}
    dpia, dpo = (facts.requires(f"accountability.{key}") for key in ("dpia", "dpo"))
    if dpia.outcome != "met" and facts.as_of <= limit("R25", "transition_ends"):
        dpia = _in_transition(facts, dpia)
    # An officer is due where the processing is large; for a smaller file that is arguable.
    if dpo.outcome == "fires" and not large:
        dpo = fires(columns=dpo.columns, lesser=True)
    return {"dpia": dpia, "dpo": dpo, "record": record}


def _in_transition(facts: RuleFacts, due: Checked) -> Checked:
    """Return that no assessment is due yet for a declared processing, unchanged since the GDPR."""
    begun, kind = facts.day("processing", "started_at"), facts.stated("formality", "kind")
    changed = facts.stated("processing", "changed_since_2018")
    if (begun is not None and begun >= GDPR) or kind == "none" or changed:
        return due
    stated = ("processing.started_at", "formality.kind", "processing.changed_since_2018")
    return idle_unless(facts.missing(*stated))


@check("R26")
def breach(facts: RuleFacts) -> dict[str, Checked]:
    """Require notice to the authority within 72 hours, to people at high risk, and a register."""
    known, notified = facts.day("breach", "known_at"), facts.day("breach", "notified_at")
    people, risk = facts.day("breach", "people_told_at"), facts.stated("breach", "risk")
    branches = ("authority", "people", "register")
    if known is None or known > facts.as_of or known < GDPR:
        none = not_assessable("breach.known_at") if known is None else not_applicable()
        return dict.fromkeys(branches, none)
    notice = None if notified is None or notified > facts.as_of else notified
    authority = not_assessable("breach.notified_at") if notice is None else met()
    hours = np.timedelta64(limit("R26", "hours"), "h")
    if (facts.as_of if notice is None else notice) - known > hours:
        authority = fires(columns=("breach.notified_at",))
    if risk == "none":
        authority = not_applicable()
    severity = facts.measured.get("severity")
    informed = met() if people is not None else not_applicable()
    if people is None and risk is None:
        informed = not_assessable("breach.risk", "breach.people_told_at")
        if severity is not None and severity.value >= limit("R26", "severe"):
            informed = fires(columns=("breach.people_told_at",), lesser=True)
        elif severity is not None:
            informed = not_applicable()
    elif people is None and risk == "high":
        informed = fires(columns=("breach.people_told_at",))
    register = facts.requires("breach.registered")
    return {"authority": authority, "people": informed, "register": register}


@check("R27")
def automated(facts: RuleFacts) -> Checked:
    """Require a human step where a score chooses the message."""
    auto, human = facts.stated("decisions", "automated"), facts.stated("decisions", "human_step")
    if auto is None or (auto and human is None):
        return not_assessable("decisions.automated" if auto is None else "decisions.human_step")
    return fires(columns=("decisions.automated",)) if auto and not human else met()


def _segments_online(facts: RuleFacts) -> list[Mapping[str, Any]] | Checked:
    """Return the segments that are targeted online, or why there are none."""
    segments = facts.description.each("segments")
    channels = facts.stated("processing", "channels")
    online = [s for s in segments if s.get("channel") in ONLINE]
    if online:
        return online
    # At the door and by post it does not apply.
    if any("channel" not in s for s in segments) or (not segments and channels is None):
        return not_assessable("segments.channel" if segments else "segments")
    by_net = {*ONLINE} & {*(channels or ())}
    return not_assessable("segments") if by_net else not_applicable()


@check("R28")
def targeting_online(facts: RuleFacts) -> dict[str, Checked]:
    """Require, online, data from the person, consent, no profiling on opinions, nobody under 17.

    What a body sends to its own members and subscribers, without a selection, is left out
    (article 18(3)).
    """
    branches = ("special", "indirect", "consent", "minors")
    online = _segments_online(facts)
    if isinstance(online, Checked):
        return dict.fromkeys(branches, online)
    online = [s for s in online if not (s.get("own_members") and s.get("columns") == [])]
    if not online:
        return dict.fromkeys(branches, not_applicable())
    used = sorted({column for s in online for column in s.get("columns", ())})
    unknown = ["segments.columns"] if any("columns" not in s for s in online) else []

    def by_columns(barred: set[str], missing: list[str]) -> Checked:
        wrong = [str(s.get("name", "?")) for s in online if barred & set(s.get("columns", ()))]
        return fires_by(wrong, len(online), "groups", met_unless(missing, len(online), "groups"))

    def by_word(key: str, wrong: bool) -> Checked:
        named = [str(s.get("name", "?")) for s in online if s.get(key) is wrong]
        missing = [f"segments.{key}"] if any(key not in s for s in online) else []
        return fires_by(named, len(online), "groups", met_unless(missing, len(online), "groups"))

    return {
        "special": by_columns({*facts.special}, unknown),
        "indirect": by_columns({*facts.columns(source=INDIRECT)},
                               unknown + facts.unstated("source", used)),
        "consent": by_word("consent", wrong=False),
        "minors": by_word("under_17", wrong=True),
    }  # fmt: skip


@check("R29")
def prior_formality(facts: RuleFacts) -> dict[str, Checked]:
    """Require a formality before the processing began.

    A party declares neither its members nor its regular contacts; a correspondent exempts.
    """
    kind = facts.stated("formality", "kind")
    if kind is None:
        return dict.fromkeys(("none", "late"), not_assessable("formality.kind"))
    if kind in ("exempt", "cil"):
        return dict.fromkeys(("none", "late"), not_applicable())
    if kind == "none":
        return {"none": _undeclared(facts), "late": not_applicable()}
    made, begun = facts.day("formality", "date"), facts.day("processing", "started_at")
    if made is None or begun is None:
        late = not_assessable(*facts.missing("formality.date", "processing.started_at"))
    else:
        late = fires(columns=("formality.date",)) if made > begun else met()
    return {"none": met(), "late": late}


def _undeclared(facts: RuleFacts) -> Checked:
    """Return whether a processing without a formality had to be declared."""
    controller, contact_class = facts.stated("controller", "type"), facts.words("contact_class")
    if controller is None:
        return not_assessable("controller.type")
    if controller in PARTY:
        if contact_class is None:
            return not_assessable("people.contact_class")
        if np.isin(contact_class, REGULAR).all():
            return not_applicable()
    return fires(columns=("formality.kind",))


def _of_each(section: str, facts: RuleFacts, key: str) -> Checked:
    """Require a yes in each entry of a section: a section stated to be empty needs none."""
    entries = facts.description.each(section)
    if not entries:
        return facts.without_entries(section)
    lacking = sum(entry.get(key) is False for entry in entries)
    if lacking:
        return fires(lacking, len(entries), [f"{section}.{key}"], section)
    missing = [f"{section}.{key}"] if any(key not in entry for entry in entries) else []
    return met_unless(missing, len(entries), section)


@check("R30")
def processors(facts: RuleFacts) -> Checked:
    """Require a contract with each processor."""
    return _of_each("processors", facts, "contract")


@check("R31")
def transfers(facts: RuleFacts) -> Checked:
    """Require a tool for each transfer outside the EEA to a country that is not adequate."""
    entries = facts.description.each("processors")
    if not entries:
        return facts.without_entries("processors")
    bare, missing = [], []
    for entry in entries:
        country, tool = _country(entry.get("country")), entry.get("transfer_tool")
        if country is None:
            missing.append("processors.country")
            continue
        status = country.on(facts.as_of.astype(datetime.date))
        if status in ("eea", "adequate"):
            continue
        # An adequacy that covers listed companies only, or that has ended, is no tool by itself.
        if tool == "none" or (tool == "adequacy" and status != "listed"):
            bare.append(country.code)
        elif tool is None:
            missing.append("processors.transfer_tool")
    if bare:
        shown = dict.fromkeys(["processors.transfer_tool", *bare])
        return fires(len(bare), len(entries), shown, "processors")
    return met_unless(dict.fromkeys(missing), len(entries), "processors")


def _country(text: str | None) -> Country | None:
    """Return a country by its code of two letters; None where none is stated."""
    code = (text or "").strip().upper()
    if len(code) != 2:
        return None
    return COUNTRIES.get(code, Country(code))


@check("R32")
def joint_controllers(facts: RuleFacts) -> Checked:
    """Require an arrangement between two controllers or more."""
    if len(facts.description.each("controllers")) == 1:
        return not_applicable()
    return _of_each("controllers", facts, "arrangement")


@check("R33")
def requests(facts: RuleFacts) -> dict[str, Checked]:
    """Require that requests are answered in time: two months before the GDPR, one month since."""
    return {kind: _answered(facts, kind) for kind in ("access", "erasure")}


def _answered(facts: RuleFacts, kind: str) -> Checked:
    """Count the requests of a kind that were answered late, or are overdue."""
    listed = facts.description.each("requests")
    if "requests" not in facts.description.sections:
        return not_assessable("requests")
    mine = [
        entry for entry in listed
        if entry.get("kind") == kind and facts.as_of >= entry.get("received_at", facts.as_of)
    ]  # fmt: skip
    missing = ["requests.kind"] if any("kind" not in entry for entry in listed) else []
    missing += ["requests.received_at"] if any("received_at" not in e for e in mine) else []
    late = 0
    for entry in mine:
        if "received_at" not in entry:
            continue
        received = np.datetime64(entry["received_at"], "D")
        answered = np.datetime64(entry.get("answered_at", facts.as_of), "D")
        since = "months_extended" if entry.get("extended") else "months"
        months = limit("R33", "months_before_gdpr" if received < GDPR else since)
        late += bool(min(answered, facts.as_of) > months_after(received, months))
    if late:
        return fires(late, len(mine), ["requests.answered_at"], "requests")
    if missing or not mine:
        return idle_unless(missing)
    return met(len(mine), "requests")


@check("R34")
def electronic_canvassing(facts: RuleFacts) -> Checked:
    """Require consent to e-mails and text messages."""
    channels = facts.stated("processing", "channels")
    if channels is None:
        return not_assessable("processing.channels")
    if not _BY_NET & {*channels}:
        return not_applicable()
    lacking = facts.lacking("consent")
    if lacking is None:
        return facts.requires("messages.consent")
    return cases(*lacking, facts.n, "people.consent")


@check("R35")
def record_of_advertising(facts: RuleFacts) -> Checked:
    """Require the policy, the record and the notice of targeted political advertising."""
    online = _segments_online(facts)
    if isinstance(online, Checked):
        return online
    return facts.requires("accountability.record_19")


@check("R36")
def trackers(facts: RuleFacts) -> Checked:
    """Require consent to a tracking pixel in a message."""
    channels = facts.stated("processing", "channels")
    if channels is not None and not {*ONLINE} & {*channels}:
        return not_applicable()
    pixel = facts.forbids("messages.tracking_pixel")
    if pixel.outcome != "fires":
        return pixel
    return facts.requires("messages.tracking_consent")


@check("R37")
def keys_of_recipients(facts: RuleFacts) -> Checked:
    """Compare recipients stated to have no key with the risk that was measured of recipients."""
    listed = facts.description.each("recipients")
    if not listed:
        return facts.without_entries("recipients")
    if any("has_key" not in entry for entry in listed):
        return not_assessable("recipients.has_key")
    without = [str(r.get("role", "?")) for r in listed if not r["has_key"]]
    if not without:
        return met(len(listed), "groups")
    return facts.fires_by_measured("recipient_risk", without)


def hashed_passwords(column: pd.Series) -> bool:
    """Return whether most cells of a column of passwords are hashed.

    Examples
    --------
    >>> hashed_passwords(pd.Series(["$2y$10$abc", "$2y$10$def"]))
    True
    """
    cells = [cell for cell in cells_of(column) if cell]
    return not cells or sum(map(bool, map(HASHED.match, cells))) >= 0.5 * len(cells)
