"""Each branch of a check by itself: its outcome, its cases of how many, and what it rests on.

A verdict is the gravest of several branches, so that a wrong one may hide behind another. What is
expected is read off the text that the rule cites: see `test_rule_edges`.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.results.rows import Row
from privaudit.rules import duties
from privaudit.rules.description import read_description
from tests.fixtures.descriptions import dated

NOBODY = {"information": {"identity": False, "purpose": False, "rights": False}}


def told(checked):
    """Say an outcome, its numbers, what it counts and what it rests on, what is usual left out."""
    numbers = "" if np.isnan(checked.value) else f" {checked.value:g}/{checked.n:g}"
    counts = "" if checked.counts == "records" else f" {checked.counts}"
    return f"{checked.outcome}{numbers}{counts} {','.join(checked.columns)}".strip()


def branches(rule, day, table, description, measured=None, kinds=None):
    held = {c: SimpleNamespace(kind=kind, by="header") for c, kind in (kinds or {}).items()}
    frame = None if table is None else pd.DataFrame(table)
    facts = duties.RuleFacts(
        description=read_description(dated(description)), as_of=np.datetime64(day, "D"),
        records=frame, held=held, measured=measured or {},
    )  # fmt: skip
    made = duties.CHECKS[rule](facts)
    return {name: told(one) for name, one in made.items()} if isinstance(made, dict) else told(made)


SIDE = {"columns": {"side": {"source": "inferred"}}}
TWO = {"side": ["a", "b"]}
SOCIAL = {"columns": {"h": {"source": "social"}}}
BASES = {"columns": {"h": {"source": "social", "legal_basis": "manifestly_public"}}}
MATCHED = {"h": {"source": "social", "by_matching": True, "legal_basis": "none"}}
CONSENT, CLASS = {"people": {"consent": "ok"}}, {"people": {"contact_class": "kind"}}
MEMBERS = {"kind": ["member", "prospect"]}
LISTED = {"columns": {"street": {"source": "electoral_list"}}}
STREET = {"street": ["a", "b", ""]}
INFORMED = {"people": {"informed_at": "told"}}
OBJECTED = {"people": {"objected_at": "no", "last_contact_at": "last"}}
LAST = {"people": {"last_contact_at": "last"}}
PROOFS = {"people": {"consent": "ok", "consent_at": "at", "consent_proof": "how"}}


def row(value, n=20, unit="people", counts="people"):
    return Row(measure="m", value=value, unit=unit, n=n, counts=counts)


# Rule, day, table, description, branches; with measured rows, and kinds of columns, where needed.
CASES = [
    # An opinion stands in a column, or the list itself shows one: of a political processing, or
    # of who runs for office where nothing is said of it.
    ("R01", "2018-05-25", TWO, {}, {"column": "met 0/2",
     "presence": "not_assessable processing.political"}),
    ("R01", "2018-05-25", TWO, {"processing": {"political": False}, "controller": {"type":
     "party"}}, {"column": "met 0/2", "presence": "met 0/2"}),
    ("R01", "2018-05-25", TWO, {"processing": {"political": True}},
     {"column": "met 0/2", "presence": "fires 2/2 processing.political"}),
    *(("R01", "2018-05-25", TWO, {"controller": {"type": who}}, {"column": "met 0/2", "presence":
       said}) for who, said in (("candidate", "fires 2/2 controller.type"),
      ("elected", "fires 2/2 controller.type"),
      ("vendor", "not_assessable processing.political"))),
    ("R01", "2018-05-25", TWO, SIDE, {"column": "fires 2/2 side", "presence": "not_applicable"}),
    ("R01", "2018-05-25", TWO, {**SIDE, "processing": {"political": True}},
     {"column": "fires 2/2 side", "presence": "fires 2/2 processing.political"}),
    ("R01", "2018-05-25", None, {"processing": {"political": False}},
     {"column": "not_applicable", "presence": "met"}),
    # Consent, or a regular contact of a body with a political aim.
    ("R02", "2018-05-25", TWO, {"processing": {"political": False}},
     {"ground": "not_applicable", "candidate": "not_applicable"}),
    ("R02", "2018-05-25", TWO, {**SIDE, "processing": {"political": False}},
     {"ground": "not_assessable people.consent,people.contact_class",
      "candidate": "not_applicable"}),
    ("R02", "2018-05-25", {"ok": ["yes", "no", ""]}, CONSENT,
     {"ground": "fires 2/3", "candidate": "not_applicable"}),
    *(("R02", "2018-05-25", MEMBERS, {**CLASS, **who}, {"ground": ground, "candidate": candidate})
      for who, ground, candidate in (
          ({}, "fires 1/2", "not_assessable controller.type"),
          ({"controller": {"type": "candidate"}}, "fires 1/2", "fires 1/2"),
          ({"controller": {"type": "elected"}}, "fires 1/2", "fires 1/2"),
          ({"controller": {"type": "party"}}, "fires 1/2", "not_applicable"),
          ({"controller": {"type": "association"}}, "fires 1/2", "not_applicable"),
          ({"controller": {"type": "vendor"}}, "fires 2/2", "not_applicable"),
      )),
    ("R02", "2018-05-25", {"kind": ["member"], "ok": ["yes"]}, {"people": {"contact_class": "kind",
     "consent": "ok"}, "controller": {"type": "candidate"}},
     {"ground": "met 0/1", "candidate": "not_applicable"}),
    # Of what rests on nothing, the opinions where there are any.
    ("R02", "2018-05-25", {"side": ["a", ""], "x": ["b", "c"]}, {"columns": {
     "side": {"source": "inferred", "legal_basis": "none"}, "x": {"legal_basis": "none"}}},
     {"ground": "fires 1/2 side", "candidate": "not_applicable"}),
    ("R02", "2018-05-25", {"side": ["a", ""], "x": ["b", "c"]}, {"columns": {
     "side": {"legal_basis": "consent"}, "x": {"legal_basis": "none"}}},
     {"ground": "fires 2/2 x", "candidate": "not_applicable"}),
    # An inferred opinion needs consent; a column named as inferred or scored is one.
    ("R03", "2018-05-25", TWO, {}, "not_assessable columns.*.source"),
    ("R03", "2018-05-25", TWO, {"columns": {"side": {"source": "direct"}}}, "not_applicable"),
    ("R03", "2018-05-25", TWO, {"columns": {"side": {"source": "inferred", "legal_basis":
     "consent"}}}, "met 0/2"),
    ("R03", "2018-05-25", TWO, {"columns": {"side": {"source": "inferred", "legal_basis":
     "none"}}}, "fires 2/2 side"),
    # A like is public where its author made it so.
    ("R04", "2018-05-25", {"h": ["a", ""]}, BASES, "fires 1/2 h"),
    ("R04", "2018-05-25", {"h": ["a", ""]}, {"columns": {"h": {**BASES["columns"]["h"],
     "public_setting": True}}}, "met 0/2"),
    ("R04", "2018-05-25", {"h": ["a", ""]}, SOCIAL, "not_assessable columns.h.legal_basis"),
    ("R04", "2018-05-25", {"h": ["a", ""]}, {"columns": {"h": {"source": "direct"}}},
     "not_applicable"),
    # Known by a like: an occasional contact, and no other class.
    ("R05", "2018-05-25", {"from": ["like", "like", "mail"], "kind": ["member", "none", "member"]},
     {"people": {"source": "from", "contact_class": "kind"}}, "fires 1/2"),
    ("R05", "2018-05-25", {"from": ["like", "mail"], "kind": ["none", "member"]},
     {"people": {"source": "from", "contact_class": "kind"}}, "met 0/1"),
    ("R05", "2018-05-25", {"from": ["mail"], "kind": ["member"]},
     {"people": {"source": "from", "contact_class": "kind"}}, "not_applicable"),
    ("R05", "2018-05-25", {"from": ["mail"]}, {"people": {"source": "from"}},
     "not_assessable people.source,people.contact_class"),
    # Silent prospects are counted among prospects; who replied is none of them.
    ("R06", "2018-05-25", {"n": [2, 1, 5, 9], "kind": ["prospect", "none", "prospect", "member"],
     "back": ["", "", "yes", ""]}, {"people": {"messages": "n", "contact_class": "kind",
     "replied": "back"}}, "fires 1/3"),
    ("R06", "2018-05-25", {"n": [1, 1], "kind": ["prospect", "member"]},
     {"people": {"messages": "n", "contact_class": "kind"}}, "met 0/1"),
    ("R06", "2018-05-25", {"n": [None, 1], "kind": ["member", "prospect"]},
     {"people": {"messages": "n", "contact_class": "kind"}}, "met 0/1"),
    ("R07", "2016-09-02", {"at": ["2016-07-01", "2016-08-01", ""], "kind": ["prospect", "none",
     "member"]}, {"people": {"first_message_at": "at", "contact_class": "kind"}}, "fires 1/2"),
    ("R07", "2016-09-01", {"at": ["2016-07-01", "2016-08-01", ""], "kind": ["prospect", "none",
     "member"]}, {"people": {"first_message_at": "at", "contact_class": "kind"}}, "met 0/2"),
    # Before the ballot nothing is due; behind it, a copy of the list of electors is.
    ("R08", "2016-06-01", STREET, {**LISTED, "processing": {"election_date": "2016-06-01"},
     "retention": {"end_of_ballot": False}},
     {"propaganda": "lesser retention.end_of_ballot", "list": "not_applicable"}),
    ("R08", "2016-06-02", STREET, {**LISTED, "processing": {"election_date": "2016-06-01"},
     "retention": {"end_of_ballot": False}},
     {"propaganda": "fires retention.end_of_ballot", "list": "fires 2/3 street"}),
    ("R08", "2016-06-02", STREET, {"columns": {"street": {"source": "direct"}}, "processing":
     {"election_date": "2016-06-01"}, "retention": {"end_of_ballot": True}},
     {"propaganda": "met", "list": "not_applicable"}),
    ("R08", "2016-06-02", STREET, {}, dict.fromkeys(("propaganda", "list"),
     "not_assessable processing.election_date")),
    # The norm binds candidates and who is elected; whoever is not, by the stated period.
    *(("R09", "2018-01-12", {"last": ["2018-01-01", "2018-01-02", ""]}, {**LAST, "controller":
       {"type": who}, "retention": {"regular_days": 10}}, {"norm": norm, "period": "fires 1/2"})
      for who, norm in (("elected", "fires 1/2"), ("candidate", "fires 1/2"),
      ("party", "not_applicable"), ("vendor", "not_applicable"))),
    ("R09", "2018-01-12", {"last": ["2018-01-01"]}, LAST, {"norm": "not_applicable",
     "period": "not_assessable retention.regular_days"}),
    ("R09", "2018-01-12", {"last": [""]}, {**LAST, "retention": {"regular_days": 10}},
     {"norm": "not_applicable", "period": "not_assessable people.last_contact_at"}),
    ("R09", "2018-01-12", None, {}, {"norm": "not_applicable",
     "period": "not_assessable retention.regular_days,people.last_contact_at"}),
    ("R09", "2018-01-13", {"last": ["2015-01-13", "2018-01-01"]}, LAST,
     {"norm": "not_applicable", "period": "lesser 1/2"}),
    # Recipients: of a closed list; without a number the groups are counted.
    ("R10", "2018-05-25", None, {"recipients": [{"role": "volunteer", "n": 3}, {"role": "public",
     "n": 4}, {"role": "staff"}]}, "fires 7/nan accounts volunteer,public"),
    ("R10", "2018-05-25", None, {"recipients": [{"role": "staff"}, {"role": "processor"}]},
     "met 0/2 groups"),
    ("R10", "2018-05-25", None, {"recipients": [{"role": "staff"}, {"n": 3}]},
     "not_assessable recipients.role"),
    ("R10", "2018-05-25", None, {}, "not_assessable recipients"),
    ("R11", "2018-05-25", None, {"recipients": [{"role": "any_account"}, {"role": "public",
     "vetted": True}, {"role": "volunteer", "vetted": False}]}, "fires 1/3 groups any_account"),
    ("R11", "2018-05-25", None, {"recipients": [{"role": "volunteer", "vetted": False},
     {"role": "volunteer"}]}, "lesser 1/2 groups volunteer"),
    ("R11", "2018-05-25", None, {}, "not_assessable recipients"),
    # Taken from elsewhere: informed, not, or nobody.
    ("R12", "2018-05-25", {"h": ["a", "b", ""], "told": ["2018-01-01", "", ""]},
     {**SOCIAL, **INFORMED}, "fires 2/3 h"),
    ("R12", "2018-05-25", {"h": ["a", "b", ""]}, {**SOCIAL, **NOBODY}, "fires 2/3 h"),
    ("R12", "2018-05-25", {"h": ["a", "b", ""]}, SOCIAL, "not_assessable people.informed_at"),
    ("R12", "2018-05-25", {"h": ["a"]}, {}, "not_assessable columns.*.source"),
    ("R13", "2018-05-25", {"h": ["a", ""]}, {"columns": {"h": {"source": "social", "legal_basis":
     "contract"}}}, {"basis": "fires 1/2 h", "balance": "not_applicable"}),
    ("R13", "2018-05-25", {"h": ["a", ""]}, {"columns": {"h": {"source": "social", "legal_basis":
     "consent"}}}, {"basis": "met 0/2", "balance": "not_applicable"}),
    ("R13", "2018-05-25", {"h": ["a", ""]}, SOCIAL,
     {"basis": "not_assessable columns.h.legal_basis", "balance": "not_applicable"}),
    ("R13", "2018-05-25", {"h": ["a", ""]}, {"columns": {"h": {"source": "direct"}}},
     {"basis": "not_applicable", "balance": "not_applicable"}),
    ("R13", "2018-05-25", {"h": ["a", ""]}, {"columns": {"h": {"source": "social", "legal_basis":
     "legitimate_interest"}}, "accountability": {"balancing_test": False}},
     {"basis": "met 0/2", "balance": "fires 1/2 h"}),
    # A contact is matched with an account where both are there.
    ("R14", "2018-05-25", {"h": ["a", ""], "d": ["a", "b"]}, {"columns": {**MATCHED, "d":
     {"source": "direct"}}}, "fires 1/2 h"),
    ("R14", "2018-05-25", {"h": ["a", ""], "d": ["a", "b"]}, {"columns": {**MATCHED, "d":
     {"source": "social", "by_matching": False}}}, "met 0/2"),
    ("R14", "2018-05-25", {"h": ["a"]}, {}, "not_assessable columns.*.by_matching"),
    # One of three was informed late; without a day of collection no last day is known.
    ("R15", "2018-11-08", {"d": ["a"] * 3, "told": ["2018-07-02", "2018-07-01", "2018-06-02"]},
     {**INFORMED, "columns": {"d": {"source": "rented", "collected_at": "2018-06-01"}}},
     {"late": "fires 1/3 d", "origin": "not_assessable information.origin"}),
    ("R15", "2018-11-08", {"d": ["a"], "told": ["2018-07-02"]},
     {**INFORMED, "columns": {"d": {"source": "rented"}}, "information": {"origin": False}},
     {"late": "not_assessable columns.*.collected_at,people.first_message_at",
      "origin": "fires information.origin"}),
    ("R15", "2018-11-08", {"d": ["a"], "told": ["2018-07-01"]}, {**INFORMED, "columns": {"d":
     {"source": "rented"}}, "processing": {"started_at": "2018-06-01"}, "messages":
     {"origin_stated": True}}, {"late": "met 0/1", "origin": "met 0/1"}),
    # Of several collections the first begins the month; informed after the day is not informed.
    ("R15", "2018-11-08", {"d": ["a"], "e": ["b"], "told": ["2018-07-02"]}, {**INFORMED,
     "columns": {"d": {"source": "rented", "collected_at": "2018-06-01"}, "e": {"source":
     "rented", "collected_at": "2018-07-01"}}, "messages": {"origin_stated": False}},
     {"late": "fires 1/1 d,e", "origin": "fires messages.origin_stated"}),
    ("R15", "2018-11-08", {"d": ["a"], "told": ["2018-11-09"]}, {**INFORMED, "columns": {"d":
     {"source": "rented", "collected_at": "2018-06-01"}}},
     {"late": "fires 1/1 d", "origin": "not_assessable information.origin"}),
    ("R15", "2018-11-08", {"d": ["a", ""]}, {**NOBODY, "columns": {"d": {"source": "rented"}}},
     {"late": "fires 1/2 d", "origin": "not_assessable information.origin"}),
    # Where nothing is collected from the person, it is another rule.
    ("R16", "2018-05-25", {"d": ["a"]}, {"columns": {"d": {"source": "rented"}}},
     "not_applicable"),
    ("R16", "2018-05-25", {"d": ["a"]}, {**NOBODY, "columns": {"d": {"source": "direct"}}},
     "fires 3/6 criteria information.identity,information.purpose,information.rights"),
    ("R16", "2016-01-01", None, {"information": {"identity": True, "purpose": True,
     "rights": True}}, "met 0/3 criteria"),
    # Whoever objected and was contacted after it, of those who objected.
    ("R17", "2018-05-25", {"no": ["2018-03-01", "2018-03-01", ""], "last": ["2018-03-02", "",
     "2018-04-01"]}, {**OBJECTED, "messages": {"opt_out_offered": True}},
     {"contacted": "fires 1/2", "first": "met", "each": "met"}),
    ("R17", "2018-05-25", {"no": ["yes", "2018-03-01"], "last": ["", "2018-02-01"]}, OBJECTED,
     {"contacted": "met 0/2", "first": "not_assessable messages.right_told_first",
      "each": "not_assessable messages.opt_out_offered"}),
    ("R17", "2018-05-25", {"no": ["yes", "2018-03-01"], "last": ["2018-01-01", "2018-02-01"]},
     OBJECTED, {"contacted": "not_assessable people.objected_at,people.last_contact_at",
     "first": "not_assessable messages.right_told_first",
     "each": "not_assessable messages.opt_out_offered"}),
    *(("R17", day, None, {"messages": {"opt_out_offered": False}, "processing": {"channels":
       channels}}, {"contacted": "not_assessable people.objected_at,people.last_contact_at",
       "first": "not_assessable messages.right_told_first", "each": said})
      for day, channels, said in (
          ("2018-05-25", ["email"], "fires messages.opt_out_offered"),
          ("2018-05-25", ["sms", "post"], "fires messages.opt_out_offered"),
          ("2018-05-25", ["post"], "lesser messages.opt_out_offered"),
          ("2018-05-24", ["post"], "fires messages.opt_out_offered"),
      )),
    # A proof of each consent.
    ("R19", "2018-05-25", {"ok": ["yes", "yes", "no"], "at": ["2018-01-01", "", ""], "how":
     ["a", "b", ""]}, PROOFS, {"date": "fires 1/2", "proof": "met 0/2"}),
    ("R19", "2018-05-25", {"ok": ["yes", "no"]}, CONSENT,
     {"date": "not_assessable people.consent_at", "proof": "not_assessable people.consent_proof"}),
    ("R19", "2018-05-25", {"ok": ["no"]}, CONSENT,
     {"date": "not_applicable", "proof": "not_applicable"}),
    ("R19", "2018-05-25", {"h": ["a", ""]}, {"columns": {"h": {"legal_basis": "consent", "proof":
     False}}}, {"date": "not_applicable", "proof": "fires 1/2 h"}),
    ("R19", "2018-05-25", {"h": ["a", ""]}, {"columns": {"h": {"legal_basis": "consent", "proof":
     True}}}, {"date": "not_applicable", "proof": "met 0/2"}),
    ("R19", "2018-05-25", {"h": ["a", ""]}, {}, {"date": "not_applicable",
     "proof": "not_assessable people.consent"}),
    # Segments by the sound of a name, by a place of birth, by a header that says so.
    ("R20", "2018-05-25", None, {"segments": [{"name": "s", "by_name": True}, {"columns": []}]},
     {"named": "fires 1/2 groups s", "apart": "not_applicable"}),
    ("R20", "2018-05-25", None, {"segments": [{"name": "s", "columns": ["lieu_naissance"]}]},
     {"named": "fires 1/1 groups s", "apart": "not_applicable"}),
    ("R20", "2018-05-25", None, {"segments": [{"name": "s", "columns": ["list"]}]},
     {"named": "met 0/1 groups", "apart": "not_applicable"}),
    ("R20", "2018-05-25", None, {"segments": [{"name": "s"}]},
     {"named": "not_assessable segments.columns", "apart": "not_applicable"}),
    ("R20", "2018-05-25", None, {"segments": [{"name": "s", "by_name": False}]},
     {"named": "met 0/1 groups", "apart": "not_applicable"}),
    ("R20", "2018-05-25", None, {"segments": []},
     {"named": "not_applicable", "apart": "not_applicable"}),
    # A copy of the list of electors, by whom, until and since the law of 2018.
    *(("R21", day, STREET, {**LISTED, **who, "electoral_list": {"commercial_use": False,
       "undertaking": False}}, {"commercial": "met", "undertaking": said})
      for day, who, said in (
          ("2018-12-31", {"controller": {"type": "candidate"}}, "not_applicable"),
          ("2018-12-31", {"controller": {"type": "party"}}, "not_applicable"),
          ("2018-12-31", {"controller": {"type": "elected"}}, "fires 2/3 street"),
          ("2018-12-31", {}, "not_assessable controller.type"),
          ("2019-01-01", {}, "fires 2/3 street"),
          ("2019-01-01", {"controller": {"type": "party"}}, "fires 2/3 street"),
      )),
    ("R21", "2019-01-01", STREET, {"columns": {"street": {"source": "direct"}}},
     {"commercial": "not_applicable", "undertaking": "not_applicable"}),
    # Unused columns, of all that there are.
    ("R22", "2018-05-25", None, {"columns": {"a": {"used_for": []}, "b": {"used_for": ["x"]}}},
     {"unused": "fires 1/2 columns a", "free_text": "not_applicable",
      "address": "not_applicable"}),
    # At the door: whoever did not agree, or nobody where every column rests on nothing.
    ("H1", "2018-05-25", {"ok": ["yes", "no", ""]}, {**CONSENT, "processing": {"channels":
     ["door_knock"]}}, "lesser 2/3"),
    ("H1", "2018-05-25", {"ok": ["yes"]}, {**CONSENT, "processing": {"channels":
     ["door_knock"]}}, "met 0/1"),
    ("H1", "2018-05-25", {"h": ["a"], "g": ["b"]}, {"processing": {"channels": ["door_knock"]},
     "columns": {"h": {"legal_basis": "none"}, "g": {"legal_basis": "consent"}}},
     "not_assessable people.consent"),
    ("H1", "2018-05-25", {"h": ["a"]}, {"processing": {"channels": ["door_knock"]}},
     "not_assessable people.consent"),
    # Safeguards: a group without its own account, an open list, a password.
    ("R27", "2018-05-25", None, {}, "not_assessable decisions.automated"),
    ("R27", "2018-05-25", None, {"decisions": {"automated": True}},
     "not_assessable decisions.human_step"),
    ("R27", "2018-05-25", None, {"decisions": {"automated": True, "human_step": False}},
     "fires decisions.automated"),
    ("R27", "2018-05-25", None, {"decisions": {"automated": False, "human_step": False}}, "met"),
    # Online: by an opinion, from elsewhere, without consent, of minors.
    ("R28", "2025-10-10", None, {"segments": [
        {"name": "a", "channel": "email", "columns": ["side"], "consent": False, "under_17": True},
        {"name": "b", "channel": "social", "columns": ["h"], "consent": True, "under_17": False},
        {"name": "c", "channel": "post", "columns": ["side"], "consent": False}],
     "columns": {"side": {"source": "inferred"}, "h": {"source": "direct"}}},
     {"special": "met 0/2 groups", "indirect": "fires 1/2 groups a",
      "consent": "fires 1/2 groups a", "minors": "fires 1/2 groups a"}),
    ("R28", "2025-10-10", None, {"segments": [{"channel": "email", "own_members": True,
     "columns": []}]}, dict.fromkeys(("special", "indirect", "consent", "minors"),
     "not_applicable")),
    ("R28", "2025-10-10", None, {"segments": [{"name": "a", "channel": "email", "own_members":
     True, "columns": ["h"]}], "columns": {"h": {"source": "direct"}}},
     {"special": "met 0/1 groups", "indirect": "met 0/1 groups",
      "consent": "not_assessable segments.consent", "minors": "not_assessable segments.under_17"}),
    *(("R28", "2025-10-10", None, description, dict.fromkeys(("special", "indirect", "consent",
       "minors"), said))
      for description, said in (
          ({}, "not_assessable segments"), ({"segments": [{"name": "a"}]},
           "not_assessable segments.channel"),
          ({"segments": [{"channel": "post"}]}, "not_applicable"),
          ({"segments": [], "processing": {"channels": ["post"]}}, "not_applicable"),
          ({"segments": [], "processing": {"channels": ["email"]}}, "not_assessable segments"),
      )),
    # A formality before the beginning, and who needs none.
    *(("R29", "2016-11-08", table, {"formality": {"kind": kind}, **more}, {"none": none, "late":
       late})
      for table, kind, more, none, late in (
          (None, "exempt", {}, "not_applicable", "not_applicable"),
          (None, "cil", {}, "not_applicable", "not_applicable"),
          (None, "none", {}, "not_assessable controller.type", "not_applicable"),
          (None, "none", {"controller": {"type": "vendor"}}, "fires formality.kind",
           "not_applicable"),
          (None, "none", {"controller": {"type": "party"}}, "not_assessable people.contact_class",
           "not_applicable"),
          ({"kind": ["member"]}, "none", {**CLASS, "controller": {"type": "party"}},
           "not_applicable", "not_applicable"),
          (MEMBERS, "none", {**CLASS, "controller": {"type": "association"}},
           "fires formality.kind", "not_applicable"),
          (None, "ns34", {"processing": {"started_at": "2016-01-01"}}, "met",
           "not_assessable formality.date"),
      )),
    # Each entry of a section; one stated to be empty needs none.
    ("R30", "2018-05-25", None, {}, "not_assessable processors"),
    ("R30", "2018-05-25", None, {"processors": [{"contract": True}, {"country": "FR"}]},
     "not_assessable processors.contract"),
    ("R31", "2018-05-25", None, {"processors": [{"country": "CN", "transfer_tool": "none"},
     {"country": "FR"}, {"country": "CN", "transfer_tool": "clauses"}]},
     "fires 1/3 processors processors.transfer_tool,CN"),
    ("R31", "2018-05-25", None, {"processors": [{"country": "CN"}, {"transfer_tool": "none"}]},
     "not_assessable processors.transfer_tool,processors.country"),
    ("R31", "2018-05-25", None, {"processors": [{"country": "CN", "transfer_tool": "adequacy"}]},
     "fires 1/1 processors processors.transfer_tool,CN"),
    ("R31", "2018-05-25", None, {"processors": [{"country": "FR", "transfer_tool": "none"}]},
     "met 0/1 processors"),
    # Requests of a kind, late or overdue, of those received by the day.
    ("R33", "2018-12-01", None, {"requests": [
        {"kind": "access", "received_at": "2018-06-01", "answered_at": "2018-09-01"},
        {"kind": "access", "received_at": "2018-06-01", "answered_at": "2018-06-02"},
        {"kind": "access", "received_at": "2018-12-02"},
        {"kind": "erasure", "received_at": "2018-06-01"}]},
     {"access": "fires 1/2 requests requests.answered_at",
      "erasure": "fires 1/1 requests requests.answered_at"}),
    ("R33", "2018-12-01", None, {"requests": [{"kind": "access"}]},
     {"access": "not_assessable requests.received_at", "erasure": "not_applicable"}),
    ("R33", "2018-12-01", None, {"requests": [{"received_at": "2018-06-01"}]},
     {"access": "not_assessable requests.kind", "erasure": "not_assessable requests.kind"}),
    ("R33", "2018-12-01", None, {"requests": []},
     {"access": "not_applicable", "erasure": "not_applicable"}),
    # E-mails and text messages.
    *(("R34", "2018-05-25", {"ok": ["yes", "no"]}, {**CONSENT, "processing": {"channels": by}},
       said) for by, said in ((["email"], "fires 1/2"), (["sms", "post"], "fires 1/2"),
      (["post"], "not_applicable"), (["messaging"], "not_applicable"))),
    ("R34", "2018-05-25", {"ok": ["yes"]}, {**CONSENT, "processing": {"channels": ["email"]}},
     "met 0/1"),
    ("R34", "2018-05-25", None, {"processing": {"channels": ["email"]}, "messages": {"consent":
     False}}, "fires messages.consent"),
    ("R36", "2018-05-25", None, {"processing": {"channels": ["post"]}}, "not_applicable"),
    ("R36", "2018-05-25", None, {"messages": {"tracking_pixel": False}}, "met"),
    ("R36", "2018-05-25", None, {"messages": {"tracking_pixel": True, "tracking_consent": False}},
     "fires messages.tracking_consent"),
    ("R36", "2018-05-25", None, {}, "not_assessable messages.tracking_pixel"),
    ("R32", "2018-05-25", None, {"controllers": [{"arrangement": True}] * 2},
     "met 0/2 controllers"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "day", "table", "description", "expected"),
    CASES,
    ids=[f"{case[0]}-{at}" for at, case in enumerate(CASES)],
)
def test_each_branch_has_its_outcome_and_its_numbers(rule, day, table, description, expected):
    assert branches(rule, day, table, description) == expected


ONLINE = {"segments": [{"name": "s", "channel": "email", "columns": ["c"]}, {"name": "t",
          "channel": "email", "columns": ["d"]}]}  # fmt: skip
KNOWN = {"breach": {"known_at": "2018-05-25", "registered": True}}
KEYS = {"recipients": [{"role": "staff", "has_key": False}, {"role": "public", "has_key": True}]}

# Rule, table, description, measured rows, kinds of columns, branches.
MEASURED = [
    # Opinions by what a column holds; a fee is one in a political processing alone.
    ("R01", TWO, {}, {}, {"side": "health"}, {"column": "fires 2/2 side"}),
    ("R01", TWO, {}, {}, {"side": "tie"}, {"column": "met 0/2"}),
    ("R01", TWO, {"processing": {"political": True}}, {}, {"side": "tie"},
     {"column": "fires 2/2 side"}),
    ("R01", TWO, {"controller": {"type": "candidate"}}, {}, {"side": "tie"},
     {"column": "fires 2/2 side"}),
    ("R01", TWO, {"processing": {"political": False}, "controller": {"type": "candidate"}}, {},
     {"side": "tie"}, {"column": "met 0/2"}),
    # A blank column holds nothing.
    ("R01", {"side": ["", None]}, {}, {}, {"side": "health"}, {"column": "met 0/2"}),
    ("R03", {"score_a": ["1"], "Inferred": ["2"], "b": ["3"]}, {"columns": {c: {"source":
     "direct", "legal_basis": "none"} for c in ("score_a", "Inferred", "b")}}, {},
     dict.fromkeys(("score_a", "Inferred", "b"), "support"), "fires 1/1 score_a,Inferred"),
    ("R20", TWO, {"segments": [{"name": "s", "columns": ["side"]}]}, {}, {"side": "origin"},
     {"named": "fires 1/1 groups s"}),
    ("R20", TWO, {"segments": [{"name": "s", "columns": ["side"]}]}, {}, {"side": "health"},
     {"named": "met 0/1 groups"}),
    ("R28", {"c": ["a"], "d": ["b"]}, ONLINE, {}, {"c": "health"},
     {"special": "fires 1/2 groups s"}),
    # An exact address is spare where nobody knocks and nothing is posted.
    *(("R22", {"c": ["a"], "d": ["b"]}, {"processing": {"channels": by}} if by else {}, {},
       {"c": "address", "d": "note"}, {"address": said, "free_text": "fires 1/2 columns d"})
      for by, said in ((["email"], "fires 1/2 columns c"), (["post"], "met"),
      (["door_knock", "email"], "met"), (None, "not_assessable processing.channels"))),
    ("R22", TWO, {}, {}, {"side": "others"}, {"free_text": "fires 1/1 columns side",
     "address": "met"}),
    # Passwords that are read, and hashed ones.
    ("R24", {"c": ["hunter2", "secret1"]}, {}, {}, {"c": "credential"},
     {"passwords": "fires 2/2 c", "hashed": "not_applicable"}),
    ("R24", {"c": ["$2y$10$" + "a" * 53, "$2y$10$" + "b" * 53]}, {}, {}, {"c": "credential"},
     {"passwords": "not_applicable", "hashed": "fires 2/2 c"}),
    ("R24", TWO, {"security": {"authentication": True}, "recipients": [{"authenticated": False}]},
     {}, {}, {"authentication": "fires recipients.authenticated"}),
    ("R24", TWO, {"security": {"authentication": True}, "recipients": [{"authenticated": True},
     {}]}, {}, {}, {"authentication": "met"}),
    # Two recipients of one message see each other by "to" and "cc", and not by "bcc".
    *(("R24", {"message_id": ["m"] * 2, "recipient": to, "by": by}, {}, {}, {}, {"visible": said})
      for to, by, said in (
          (["a", "b"], ["to", "cc"], "fires messages.recipients_visible"),
          (["a", "a"], ["to", "cc"], "not_assessable messages.recipients_visible"),
          (["a", "b"], ["to", "bcc"], "not_assessable messages.recipients_visible"),
      )),
    ("R24", {"message_id": ["m", "n"], "recipient": ["a", "b"], "by": ["to"] * 2}, {}, {}, {},
     {"visible": "not_assessable messages.recipients_visible"}),
    # Wrong homes: a share of dots, or their number.
    ("R23", None, {}, {"wrong_doors": row(0.26, unit="share")}, {}, "fires 5/20 people"),
    ("R23", None, {}, {"wrong_doors": row(0.02, unit="share")}, {}, "met 0/20 people"),
    ("R23", None, {}, {"wrong_doors": row(3)}, {}, "fires 3/20 people"),
    ("R23", None, {}, {"wrong_doors": row(np.nan)}, {}, "not_assessable measured.wrong_doors"),
    ("R11", None, {"recipients": [{"role": "staff"}]}, {"people_seen": row(3)}, {},
     "fires 3/20 people"),
    ("R11", None, {"recipients": [{"role": "staff"}]}, {"people_seen": row(0)}, {},
     "met 0/1 groups"),
    ("R11", None, {"recipients": [{"role": "staff"}]}, {"people_seen": row(np.nan)}, {},
     "met 0/1 groups"),
    # People are informed at a high risk, or where it is measured to be grave.
    *(("R26", None, {"breach": {**KNOWN["breach"], **more}},
       {} if severity is None else {"severity": row(severity)}, {}, {"people": said})
      for more, severity, said in (
          ({}, 3, "lesser breach.people_told_at"), ({}, 2, "not_applicable"),
          ({}, None, "not_assessable breach.risk,breach.people_told_at"),
          ({"risk": "high"}, 2, "fires breach.people_told_at"), ({"risk": "some"}, 3,
           "not_applicable"), ({"people_told_at": "2018-05-25"}, 3, "met"),
      )),
    # Recipients without a key, and what was measured of recipients.
    ("R37", None, KEYS, {"recipient_risk": row(0.26, unit="share")}, {}, "fires 5/20 people staff"),
    ("R37", None, KEYS, {"recipient_risk": row(0.02, unit="share")}, {}, "met 0/20 people"),
    ("R37", None, KEYS, {"recipient_risk": row(3)}, {}, "fires 3/20 people staff"),
    ("R37", None, KEYS, {"recipient_risk": row(np.nan)}, {},
     "not_assessable measured.recipient_risk"),
    ("R37", None, KEYS, {}, {}, "not_assessable measured.recipient_risk"),
    ("R37", None, {"recipients": [{"role": "staff", "has_key": True}]}, {}, {}, "met 0/1 groups"),
    ("R37", None, {"recipients": [{"role": "staff", "has_key": True}, {}]}, {}, {},
     "not_assessable recipients.has_key"),
    ("R37", None, {"recipients": []}, {}, {}, "not_applicable"),
    ("R37", None, {}, {}, {}, "not_assessable recipients"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "table", "description", "measured", "kinds", "expected"),
    MEASURED,
    ids=[f"{case[0]}-{at}" for at, case in enumerate(MEASURED)],
)
def test_what_was_measured_and_what_a_column_holds_decide_a_branch(
    rule, table, description, measured, kinds, expected
):
    found = branches(rule, "2018-05-28", table, description, measured, kinds)
    if isinstance(expected, dict):
        found = {name: found[name] for name in expected}
    assert found == expected


@pytest.mark.parametrize(
    "last", ["2016-06-25T10:00:00Z", "20160625", "2016-06-25 10:00", "25 juin 2016"]
)
def test_a_contact_after_an_objection_is_one_however_its_day_is_written(last):
    table = {"no": ["2016-05-06T10:00:00Z"] * 2, "last": [last] * 2}
    assert branches("R17", "2016-11-08", table, OBJECTED)["contacted"] == "fires 2/2"


def test_an_objection_may_be_written_as_a_refusal():
    table = {"no": ["opt-out", "refus", "2016-05-06", ""], "last": ["2016-06-25"] * 4}
    assert branches("R17", "2016-11-08", table, OBJECTED)["contacted"] == "fires 1/3"
