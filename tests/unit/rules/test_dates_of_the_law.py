"""Each rule on eight days: what it says of a case that fires, does not, is unknown, is none.

The days on which a text may be cited, and what it asks, are those of the texts themselves: each
line has its source in a comment. "." no text of that day has the rule; B an indication of a
breach, C a concern, N not assessable, M met, A not applicable, ! refused: the description has a
field of another date.
"""

import datetime

import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.errors import SchemaError
from privaudit.results.rows import Row
from privaudit.rules.description import read_description, refuse_other_dates
from privaudit.rules.duties import CHECKS
from privaudit.rules.notices import Notice
from privaudit.rules.packs import all_rules, rules_of, rules_on, texts_of, to_be_read

DAYS = ("2010-06-01", "2012-06-01", "2016-11-08", "2018-05-25",
        "2019-06-01", "2022-08-01", "2023-07-04", "2025-12-18")  # fmt: skip
VERDICTS = {"B": "breach", "C": "concern", "N": "not_assessable", "M": "met",
            "A": "not_applicable", ".": "not_applicable"}  # fmt: skip


def day(text):
    return datetime.date.fromisoformat(text)


def frame(**columns):
    return pd.DataFrame(columns)


NS34 = {"formality": {"kind": "ns34"}}
SOCIAL = {"source": "social"}
LIST = {"columns": {"street": {"source": "electoral_list", "collected_for": "elections"}}}
STREET = frame(street=["a", "b"])
VISITS = {"processing": {"channels": ["door_knock"]}}
WRONG = Row(measure="w", value=0.1, unit="share", n=190, counts="dots")
RIGHT = Row(measure="w", value=0.0, unit="share", n=190, counts="dots")
RISK = Row(measure="r", value=0.25, unit="share", n=100, counts="dots")
LOG = [{"kind": "access", "received_at": day("2018-06-01"), "answered_at": day("2018-07-02")}]
OLD_LOG = [{"kind": "access", "received_at": day("2010-01-01"), "answered_at": day("2010-03-02")}]

# Rule, name of the case, table, description, measured, verdicts on the eight days.
CASES = [
    # Art. 8 (7.8.2004), NS-34 beside it; GDPR 9(1) since 25.5.2018.
    ("R01", "fires", frame(support_level=[1]), {}, {}, "CCCCCCCC"),
    ("R01", "not", frame(age=[30]), {"processing": {"political": False}}, {}, "MMMMMMMM"),
    ("R01", "unknown", None, {}, {}, "NNNNNNNN"),
    # Art. 8 (7.8.2004); GDPR 9(2).
    ("R02", "fires", frame(ok=["no"]), {"people": {"consent": "ok"}}, {}, "BBBBBBBB"),
    ("R02", "not", frame(ok=["yes"]), {"people": {"consent": "ok"}}, {}, "MMMMMMMM"),
    ("R02", "unknown", None, {}, {}, "NNNNNNNN"),
    ("R02", "none", frame(age=[3]), {"processing": {"political": False}}, {}, "AAAAAAAA"),
    # "R03 add FR row 7.8.2004-24.5.2018 (art. 8 I). EU rows: 25.5.2018 GDPR 9(1)".
    ("R03", "fires", frame(s=["a"]), {"columns": {"s": {"source": "inferred"}}}, {}, "BBBBBBBB"),
    ("R03", "not", frame(s=["a"]), {"columns": {"s": {"source": "inferred", "legal_basis":
     "consent"}}}, {}, "MMMMMMMM"),
    ("R03", "unknown", None, {}, {}, "NNNNNNNN"),
    ("R03", "none", frame(s=["a"]), {"columns": {"s": {"source": "direct"}}}, {}, "AAAAAAAA"),
    # C-252/21: 4.7.2023.
    ("R04", "fires", frame(h=["a"]), {"columns": {"h": {**SOCIAL, "legal_basis":
     "manifestly_public"}}}, {}, "......BB"),
    ("R04", "not", frame(h=["a"]), {"columns": {"h": {**SOCIAL, "legal_basis":
     "manifestly_public", "public_setting": True}}}, {}, "......MM"),
    ("R04", "unknown", None, {}, {}, "......NN"),
    ("R04", "none", frame(h=["a"]), {"columns": {"h": {"source": "direct"}}}, {}, "......AA"),
    # CNIL, 5.4.2012 and 8.11.2016, until the GDPR.
    ("R05", "fires", frame(by=["like"], k=["regular"]), {"people": {"source": "by",
     "contact_class": "k"}}, {}, ".BB....."),
    ("R05", "not", frame(by=["like"], k=["prospect"]), {"people": {"source": "by",
     "contact_class": "k"}}, {}, ".MM....."),
    ("R05", "unknown", None, {}, {}, ".NN....."),
    ("R05", "none", frame(by=["stall"], k=["regular"]), {"people": {"source": "by",
     "contact_class": "k"}}, {}, ".AA....."),
    # NS-34: 2012 to 24.5.2018, "breach only if formality.kind = ns34; other -> concern; silent ->
    # not assessable".
    *((rule, name, table, {**stated, **formality}, {}, days)
      for rule, table, stated in (
          ("R06", None, {"messages": {"most_per_person": 2}}),
          ("R07", None, {"retention": {"prospects_days": 90}}),
          ("R10", None, {"recipients": [{"role": "volunteer"}]}),
      )
      for name, formality, days in (
          ("fires", NS34, ".BB..!!!"),
          ("other", {"formality": {"kind": "declaration"}}, ".CC..!!!"),
          ("silent", {}, ".NN....."),
      )),
    ("R06", "not", None, {"messages": {"most_per_person": 1}}, {}, ".MM....."),
    ("R06", "unknown", None, {}, {}, ".NN....."),
    ("R06", "none", frame(sent=[9], k=["member"]), {"people": {"messages": "sent",
     "contact_class": "k"}}, {}, ".AA....."),
    ("R07", "not", None, {"retention": {"prospects_days": 59}}, {}, ".MM....."),
    ("R07", "unknown", None, {}, {}, ".NN....."),
    ("R07", "none", frame(at=["2009-01-01"], k=["member"]), {"people": {"first_message_at": "at",
     "contact_class": "k"}}, {}, ".AA....."),
    # "R08 b) list kept after the ballot: 78-17, 6-5 / GDPR 5(1)(e). From 21.10.2025 still concern".
    ("R08", "list", STREET, {**LIST, "processing": {"election_date": day("2009-06-07")},
     "retention": {"end_of_ballot": True}}, {}, "CCCCCCCC"),
    # "a) propaganda data (NS-34, 5)".
    ("R08", "propaganda", None, {**NS34, "processing": {"election_date": day("2009-06-07")},
     "retention": {"end_of_ballot": False}}, {}, "NBBCC!!!"),
    ("R08", "not", STREET, {"columns": {"street": {"source": "direct"}}, "processing":
     {"election_date": day("2009-06-07")}, "retention": {"end_of_ballot": True}}, {}, "AMMMMMMM"),
    ("R08", "consent", STREET, {**LIST, "processing": {"election_date": day("2009-06-07")},
     "retention": {"other_use_consent": True}}, {}, "MMMMMMMM"),
    ("R08", "unknown", None, {}, {}, "NNNNNNNN"),
    # "R09 NS-34, 5 speaks of elected and candidates only; party: 6-5".
    ("R09", "party", frame(last=["2000-01-01"]), {"people": {"last_contact_at": "last"},
     "retention": {"regular_days": 30}, "controller": {"type": "party"}}, {}, "BBBBBBBB"),
    ("R09", "not", frame(last=["2000-01-01"]), {"people": {"last_contact_at": "last"},
     "retention": {"regular_days": 30_000}}, {}, "MMMMMMMM"),
    ("R09", "unknown", None, {}, {}, "NNNNNNNN"),
    ("R10", "not", None, {"recipients": [{"role": "staff"}]}, {}, ".MM....."),
    ("R10", "unknown", None, {}, {}, ".NN....."),
    # GDPR 25(2).
    ("R11", "fires", None, {"recipients": [{"role": "any_account"}]}, {}, "...BBBBB"),
    ("R11", "not", None, {"recipients": [{"role": "staff"}]}, {}, "...MMMMM"),
    ("R11", "unknown", None, {}, {}, "...NNNNN"),
    # Art. 6, 1 (7.8.2004), CNIL 2016; GDPR 5(1)(a), CNIL 2023.
    ("R12", "fires", frame(h=["a"], at=[""]), {"columns": {"h": SOCIAL}, "people":
     {"informed_at": "at"}}, {}, "BBBBBBBB"),
    ("R12", "not", frame(h=["a"], at=["2009-01-01"]), {"columns": {"h": SOCIAL}, "people":
     {"informed_at": "at"}}, {}, "MMMMMMMM"),
    ("R12", "unknown", None, {}, {}, "NNNNNNNN"),
    ("R12", "none", frame(h=["a"]), {"columns": {"h": {"source": "direct"}}}, {}, "AAAAAAAA"),
    # CNIL, 9.2.2023.
    ("R13", "fires", frame(h=["a"]), {"columns": {"h": {**SOCIAL, "legal_basis": "contract"}}}, {},
     "......BB"),
    ("R13", "balance", frame(h=["a"]), {"columns": {"h": {**SOCIAL, "legal_basis":
     "legitimate_interest"}}, "accountability": {"balancing_test": False}}, {}, "......CC"),
    ("R13", "not", frame(h=["a"]), {"columns": {"h": {**SOCIAL, "legal_basis": "consent"}}}, {},
     "......MM"),
    ("R13", "unknown", None, {}, {}, "......NN"),
    ("R13", "none", frame(h=["a"]), {"columns": {"h": {"source": "direct"}}}, {}, "......AA"),
    # CNIL, 8.11.2016; "R14 since 2018: GDPR 6 alone".
    ("R14", "fires", frame(m=["a"], h=["b"]), {"columns": {"m": {"source": "direct"}, "h":
     {**SOCIAL, "by_matching": True}}}, {}, "..BBBBBB"),
    ("R14", "not", frame(m=["a"], h=["b"]), {"columns": {"m": {"source": "direct"}, "h":
     {**SOCIAL, "by_matching": False}}}, {}, "..MMMMMM"),
    ("R14", "unknown", None, {}, {}, "..NNNNNN"),
    # 32, III: at recording; GDPR 14(3).
    ("R15", "late", STREET.assign(at="2009-02-01"), {"columns": {"street": {"source": "directory",
     "collected_at": day("2009-01-01")}}, "people": {"informed_at": "at"}, "information":
     {"origin": True}}, {}, "BBBMMMMM"),
    # "origin is GDPR".
    ("R15", "origin", STREET.assign(at="2009-01-01"), {"columns": {"street": {"source":
     "directory", "collected_at": day("2009-01-01")}}, "people": {"informed_at": "at"},
     "information": {"origin": False}}, {}, "MMMBBBBB"),
    ("R15", "unknown", None, {}, {}, "NNNNNNNN"),
    ("R15", "none", STREET, {"columns": {"street": {"source": "direct"}}}, {}, "AAAAAAAA"),
    # "R16 add retention from 9.10.2016"; GDPR 13.
    ("R16", "retention", None, {"information": {"identity": True, "purpose": True, "rights": True,
     "retention": False}}, {}, "MMBBBBBB"),
    # 32, I: identity and purpose, before the retention of 2016.
    ("R16", "identity", None, {"information": {"identity": False}}, {}, "BBBBBBBB"),
    ("R16", "not", None, {"information": dict.fromkeys(("identity", "purpose", "legal_basis",
     "retention", "rights", "complaint"), True)}, {}, "MMMMMMMM"),
    ("R16", "none", STREET, {"columns": {"street": {"source": "directory"}}}, {}, "AAAAAAAA"),
    ("R16", "unknown", None, {}, {}, "NNNNNNNN"),
    # "R17 a) contacted after objection: 38 / 21(3), breach".
    ("R17", "contacted", frame(no=["2009-01-01"], last=["2009-02-01"]), {"people": {"objected_at":
     "no", "last_contact_at": "last"}}, {}, "BBBBBBBB"),
    # "c) no means in each message: CNIL 2012, concern; since 2018 12(2), breach for e-mail, SMS".
    ("R17", "each", frame(no=[""], last=["2009-02-01"]), {"people": {"objected_at": "no",
     "last_contact_at": "last"}, "messages": {"opt_out_offered": False, "right_told_first": True},
     "processing": {"channels": ["sms"]}}, {}, "MCCBBBBB"),
    # "b) right not shown at first communication: 21(4)".
    ("R17", "first", frame(no=[""], last=["2009-02-01"]), {"people": {"objected_at": "no",
     "last_contact_at": "last"}, "messages": {"opt_out_offered": True, "right_told_first": False}},
     {}, "MMMBBBBB"),
    ("R17", "not", frame(no=[""], last=["2009-02-01"]), {"people": {"objected_at": "no",
     "last_contact_at": "last"}, "messages": {"opt_out_offered": True, "right_told_first": True}},
     {}, "MMMMMMMM"),
    ("R17", "unknown", None, {}, {}, "NNNNNNNN"),
    # "R18 a) staff, patients, town hall: breach; b) customers: allowed if told at collection and
    # able to object, else breach, unknown -> not assessable; c) electoral_list: not applicable".
    *(("R18", word, frame(c=["a"]), {"columns": {"c": {"collected_for": word}}, **more}, {}, days)
      for word, more, days in (
          ("patients", {}, "BBBBBBBB"), ("fichier du personnel", {}, "BBBBBBBB"),
          ("mairie", {}, "BBBBBBBB"), ("politics", {}, "MMMMMMMM"), ("clients", {}, "NNNNNNNN"),
          ("customers", {"reuse": {"told_at_collection": True, "could_object": False}},
           "BBBBBBBB"),
          ("clientèle", {"reuse": {"told_at_collection": True, "could_object": True}}, "MMMMMMMM"),
          ("elections", {}, "AAAAAAAA"), ("astronomy", {}, "CCCCCCCC"),
      )),
    ("R18", "list", STREET, {"columns": {"street": {"source": "electoral_list"}}}, {}, "AAAAAAAA"),
    ("R18", "unknown", None, {}, {}, "NNNNNNNN"),
    # GDPR 5(2), 7(1).
    ("R19", "fires", frame(ok=["yes"], at=[""]), {"people": {"consent": "ok", "consent_at": "at"}},
     {}, "...BBBBB"),
    ("R19", "not", frame(ok=["yes"], at=["2009-01-01"], by=["form"]), {"people": {"consent": "ok",
     "consent_at": "at", "consent_proof": "by"}}, {}, "...MMMMM"),
    ("R19", "unknown", None, {}, {}, "...NNNNN"),
    ("R19", "none", frame(ok=["no"]), {"people": {"consent": "ok"}}, {}, "...AAAAA"),
    # "R20 FR from 2.6.2009".
    ("R20", "fires", None, {"segments": [{"by_name": True}]}, {}, "BBBBBBBB"),
    ("R20", "not", None, {"segments": [{"by_name": False}]}, {}, "MMMMMMMM"),
    ("R20", "none", None, {"segments": []}, {}, "AAAAAAAA"),
    ("R20", "unknown", None, {}, {}, "NNNNNNNN"),
    # "R21 before 2019 only if purely"; L37 since 1.1.2019.
    ("R21", "commercial", STREET, {**LIST, "electoral_list": {"commercial_use": True,
     "undertaking": True}}, {}, "NNNNBBBB"),
    ("R21", "purely", STREET, {**LIST, "electoral_list": {"commercial_use": True,
     "purely_commercial": True, "undertaking": True}}, {}, "BBBB!!!!"),
    # "before 2019 electors only; since 2019 all: concern".
    ("R21", "undertaking", STREET, {**LIST, "electoral_list": {"commercial_use": False,
     "undertaking": False}, "controller": {"type": "candidate"}}, {}, "MMMMCCCC"),
    ("R21", "not", STREET, {**LIST, "electoral_list": {"commercial_use": False, "undertaking":
     True}}, {}, "MMMMMMMM"),
    ("R21", "unknown", None, {}, {}, "NNNNNNNN"),
    ("R21", "none", STREET, {"columns": {"street": {"source": "direct"}}}, {}, "AAAAAAAA"),
    # "R22 three: unused; free text; address". Art. 6, 3; GDPR 5(1)(c).
    ("R22", "unused", frame(c=["a"]), {"columns": {"c": {"used_for": []}}, **VISITS}, {},
     "CCCCCCCC"),
    ("R22", "address", frame(adresse=["1 rue A", "2 rue B"]), {"columns": {"adresse": {"used_for":
     ["a"]}}, "processing": {"channels": ["email"]}}, {}, "CCCCCCCC"),
    ("R22", "not", frame(c=["a"]), {"columns": {"c": {"used_for": ["a"]}}}, {}, "MMMMMMMM"),
    ("R22", "unknown", None, {}, {}, "NNNNNNNN"),
    # Art. 6, 4; GDPR 5(1)(d).
    ("R23", "fires", None, {}, {"wrong_doors": WRONG}, "CCCCCCCC"),
    ("R23", "not", None, {}, {"wrong_doors": RIGHT}, "MMMMMMMM"),
    ("R23", "unknown", None, {}, {}, "NNNNNNNN"),
    # Art. 34; GDPR 32: "one branch a fact".
    *(("R24", key, None, {"security": {key: value}}, {}, days)
      for key, value, days in (
          ("authentication", False, "BBBBBBBB"), ("shared_accounts", True, "BBBBBBBB"),
          ("access_log", False, "BBBBBBBB"), ("encryption", False, "CCCCCCCC"),
          ("export_control", False, "CCCCCCCC"),
      )),
    # "visible recipients (32 since 2018; before, concern)".
    ("R24", "visible", None, {"messages": {"recipients_visible": True}}, {}, "CCCBBBBB"),
    ("R24", "not", None, {"security": {"authentication": True, "shared_accounts": False,
     "access_log": True, "encryption": True, "export_control": True}, "messages":
     {"recipients_visible": False}}, {}, "MMMMMMMM"),
    ("R24", "unknown", None, {}, {}, "NNNNNNNN"),
    # "R25 split DPIA / DPO / record", GDPR 30, 35, 37; fields of the GDPR, published 4.5.2016.
    *(("R25", name, frame(side=["a"]), {"processing": {"political": True, "started_at":
       day("2018-05-25")}, "columns": {"side": {"source": "inferred"}}, "accountability":
       {"record_art30": True, "dpo": True, "dpia": True} | own}, {}, days)
      for name, own, days in (
          ("not", {}, "!!.MMMMM"), ("dpia", {"dpia": False}, "!!.BBBBB"),
          ("record", {"record_art30": False}, "!!.BBBBB"), ("dpo", {"dpo": False}, "!!.CCCCC"),
      )),
    # "started before 25.5.2018, formality made, unchanged, day <= 25.5.2021 -> not applicable;
    # unknown -> not assessable" (the two others are met).
    *(("R25", name, frame(side=["a"]), {"processing": {"political": True, "started_at":
       day("2010-01-01")} | more, "columns": {"side": {"source": "inferred"}}, "accountability":
       {"record_art30": True, "dpo": True, "dpia": False}, **formality}, {}, days)
      for name, more, formality, days in (
          ("in transition", {"changed_since_2018": False}, NS34, "!!!MM!!!"),
          ("changed", {"changed_since_2018": True}, NS34, "!!!BB!!!"),
          ("undeclared", {}, {"formality": {"kind": "none"}}, "!!.BB!!!"),
          ("not said", {}, {}, "!!.NNBBB"),
      )),
    ("R25", "unknown", None, {}, {}, "...NNNNN"),
    ("R26", "unknown", None, {}, {}, "...NNNNN"),
    # "R26 Before 25.5.2018: not applicable".
    ("R26", "before", None, {"breach": {"known_at": day("2018-05-24")}}, {}, "...AAAAA"),
    ("R26", "late", None, {"breach": {"known_at": day("2018-05-25"), "registered": True, "risk":
     "some"}}, {}, "...NBBBB"),
    ("R26", "not", None, {"breach": {"known_at": day("2018-05-25"), "registered": True, "risk":
     "some", "notified_at": day("2018-05-25")}}, {}, "...MMMMM"),
    # "c) 33(5) register".
    ("R26", "register", None, {"breach": {"known_at": day("2018-05-25"), "registered": False,
     "risk": "none"}}, {}, "...BBBBB"),
    # GDPR 22.
    ("R27", "fires", None, {"decisions": {"automated": True, "human_step": False}}, {},
     "...CCCCC"),
    ("R27", "not", None, {"decisions": {"automated": False}}, {}, "...MMMMM"),
    ("R27", "unknown", None, {}, {}, "...NNNNN"),
    # Regulation (EU) 2024/900: 10.10.2025.
    ("R28", "fires", None, {"segments": [{"channel": "email", "consent": False}]}, {}, ".......B"),
    ("R28", "not", None, {"segments": [{"channel": "email", "consent": True, "under_17": False,
     "columns": ["age"]}], "columns": {"age": {"source": "direct"}}}, {}, ".......M"),
    ("R28", "unknown", None, {}, {}, ".......N"),
    ("R28", "door", None, {"segments": [{"channel": "door_knock"}]}, {}, ".......A"),
    # "18(3): members, subscribers, their own data, no selection -> not applicable".
    ("R28", "members", None, {"segments": [{"channel": "email", "own_members": True, "columns":
     []}]}, {}, ".......A"),
    # 78-17, 22-24 -> 24.5.2018; "any receipt dated before start".
    ("R29", "fires", None, {"formality": {"kind": "none"}, "controller": {"type": "candidate"}},
     {}, "BBB..!!!"),
    ("R29", "late", None, {"formality": {"kind": "declaration", "date": day("2009-02-01")},
     "processing": {"started_at": day("2009-01-01")}}, {}, "BBB..!!!"),
    ("R29", "not", None, {"formality": {"kind": "declaration", "date": day("2008-12-01")},
     "processing": {"started_at": day("2009-01-01")}}, {}, "MMM..!!!"),
    ("R29", "unknown", None, {}, {}, "NNN....."),
    # "22-II-3: no declaration" for a party's members and regular contacts; a correspondent.
    ("R29", "members", frame(k=["member", "regular"]), {"formality": {"kind": "none"},
     "controller": {"type": "party"}, "people": {"contact_class": "k"}}, {}, "AAA..!!!"),
    ("R29", "cil", None, {"formality": {"kind": "cil"}}, {}, "AAA..!!!"),
    # 35; GDPR 28(3).
    ("R30", "fires", None, {"processors": [{"contract": False}]}, {}, "BBBBBBBB"),
    ("R30", "not", None, {"processors": [{"contract": True}]}, {}, "MMMMMMMM"),
    ("R30", "unknown", None, {}, {}, "NNNNNNNN"),
    ("R30", "none", None, {"processors": []}, {}, "AAAAAAAA"),
    # 68-69; GDPR 44-49: "country outside EEA, transfer_tool = none / EEA, adequate on that day".
    ("R31", "fires", None, {"processors": [{"country": "CN", "transfer_tool": "none"}]}, {},
     "BBBBBBBB"),
    ("R31", "japan", None, {"processors": [{"country": "JP", "transfer_tool": "none"}]}, {},
     "BBBBMMMM"),
    ("R31", "croatia", None, {"processors": [{"country": "HR", "transfer_tool": "none"}]}, {},
     "BBMMMMMM"),
    # Safe Harbor until 6.10.2015, Privacy Shield 12.7.2016 to 16.7.2020, framework 10.7.2023.
    ("R31", "listed", None, {"processors": [{"country": "US", "transfer_tool": "adequacy"}]}, {},
     "MMMMMBBM"),
    ("R31", "not", None, {"processors": [{"country": "FR"}]}, {}, "MMMMMMMM"),
    ("R31", "unknown", None, {"processors": [{"country": "CN"}]}, {}, "NNNNNNNN"),
    ("R31", "none", None, {"processors": []}, {}, "AAAAAAAA"),
    # GDPR 26.
    ("R32", "fires", None, {"controllers": [{"arrangement": False}, {"name": "b"}]}, {},
     "...BBBBB"),
    ("R32", "not", None, {"controllers": [{"arrangement": True}, {"arrangement": True}]}, {},
     "...MMMMM"),
    ("R32", "unknown", None, {}, {}, "...NNNNN"),
    ("R32", "none", None, {"controllers": [{"type": "party"}]}, {}, "...AAAAA"),
    # 39-40 (2 months, decret 2005-1309); GDPR 12(3): "later than one calendar month".
    ("R33", "fires", None, {"requests": OLD_LOG}, {}, "BBBBBBBB"),
    ("R33", "later", None, {"requests": LOG}, {}, "AAAABBBB"),
    ("R33", "not", None, {"requests": [{**OLD_LOG[0], "answered_at": day("2010-03-01")}]}, {},
     "MMMMMMMM"),
    ("R33", "unknown", None, {}, {}, "NNNNNNNN"),
    ("R33", "none", None, {"requests": []}, {}, "AAAAAAAA"),
    # "R34 CNIL 5.10.2006 on: e-mail, SMS without consent: concern".
    ("R34", "fires", None, {"processing": {"channels": ["email"]}, "messages": {"consent":
     False}}, {}, "CCCCCCCC"),
    ("R34", "not", None, {"processing": {"channels": ["email"]}, "messages": {"consent": True}},
     {}, "MMMMMMMM"),
    ("R34", "unknown", None, {"processing": {"channels": ["sms"]}}, {}, "NNNNNNNN"),
    ("R34", "none", None, VISITS, {}, "AAAAAAAA"),
    # 2024/900, 19: 10.10.2025.
    ("R35", "fires", None, {"segments": [{"channel": "email"}], "accountability": {"record_19":
     False}}, {}, "!!!!!!!B"),
    ("R35", "not", None, {"segments": [{"channel": "email"}], "accountability": {"record_19":
     True}}, {}, "!!!!!!!M"),
    ("R35", "unknown", None, {"segments": [{"channel": "email"}]}, {}, ".......N"),
    ("R35", "none", None, VISITS, {}, ".......A"),
    # 32-II -> 82 (1.6.2019).
    ("R36", "fires", None, {"messages": {"tracking_pixel": True, "tracking_consent": False}}, {},
     "CBBBBBBB"),
    ("R36", "not", None, {"messages": {"tracking_pixel": False}}, {}, "MMMMMMMM"),
    ("R36", "unknown", None, {}, {}, "NNNNNNNN"),
    ("R36", "none", None, VISITS, {}, "AAAAAAAA"),
    # C-413/23 P: 4.9.2025, "information only: has the recipient a key?".
    ("R37", "fires", None, {"recipients": [{"has_key": False}]}, {"recipient_risk": RISK},
     ".......C"),
    ("R37", "not", None, {"recipients": [{"has_key": True}]}, {}, ".......M"),
    ("R37", "unknown", None, {}, {}, ".......N"),
    ("R37", "none", None, {"recipients": []}, {}, ".......A"),
    # Chronicle of 18.10.2016.
    ("H1", "fires", frame(ok=["no"]), {**VISITS, "people": {"consent": "ok"}}, {}, "..C....."),
    ("H1", "not", frame(ok=["yes"]), {**VISITS, "people": {"consent": "ok"}}, {}, "..M....."),
    ("H1", "unknown", None, {}, {}, "..N....."),
    ("H1", "none", None, {"processing": {"channels": ["post"]}}, {}, "..A....."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "case", "table", "stated", "measured", "days"),
    CASES,
    ids=[f"{case[0]}-{case[1]}-{at}" for at, case in enumerate(CASES)],
)
def test_a_rule_on_eight_days(rule, case, table, stated, measured, days):
    assert len(days) == len(DAYS)
    for as_of, expected in zip(DAYS, days, strict=True):
        if expected == "!":
            with pytest.raises(SchemaError, match="needs fields of"):
                pa.check_rules(table, stated, as_of=as_of, measured=measured)
            continue
        rulings = pa.check_rules(table, stated, as_of=as_of, measured=measured)
        held = {ruling.rule.id for ruling in rulings}
        assert (rule in held) == (expected != "."), as_of
        assert rulings[rule].verdict == VERDICTS[expected], as_of


# Rules that are never not applicable on a day on which their text holds, and why.
ALWAYS_APPLY = {
    "R01": "every file is searched for opinions", "R08": "every campaign has a ballot",
    "R09": "every file has a period", "R10": "every file has recipients",
    "R11": "every file has recipients", "R14": "a file without accounts has no match to consent to",
    "R17": "everybody may object", "R22": "every column needs a use",
    "R23": "unmeasured is unknown, not exempt", "R24": "every file is to be secured",
    "R25": "every file has a record", "R27": "a file without a score decides nothing by one",
}  # fmt: skip
# Before NS-34 only the list of electors is of R08, and a file may be none.
APPLY_LATER = {("R08", "2010-06-01")}


@pytest.mark.parametrize("on", DAYS)
def test_every_rule_has_a_case_of_each_outcome_on_each_day(on):
    """Fires, met, not assessable, not applicable: on each day on which a text of it holds."""
    of_day = {rule: set() for rule in CHECKS}
    for rule, _, _, _, _, days in CASES:
        of_day[rule].add(days[DAYS.index(on)])
    for rule, found in of_day.items():
        outcomes = {"F" if letter in "BC" else letter for letter in found} - {"!"}
        if outcomes <= {"."}:
            assert rule not in {held.id for held in rules_on(on)}, rule
            continue
        never = rule in ALWAYS_APPLY and (rule, on) not in APPLY_LATER
        assert outcomes - {"."} == {*"FMN"} | (set() if never else {"A"}), rule


@pytest.mark.parametrize("on", DAYS)
def test_each_branch_has_a_remedy_of_its_own(on):
    for lang in ("en", "fr"):
        remedies = [(rule.id, rule.remedy[lang]) for rule in rules_on(on)]
        assert len(set(remedies)) == len(remedies)


# What is cited on a day, of all branches.
CITED = {
    # "art. 8 alone 7.8.2004 on; NS-34 added from its JO day", of February 2012.
    ("R01", "2010-06-01"): {"lil_2004"},
    ("R01", "2012-02-28"): {"lil_2004"},
    ("R01", "2012-06-01"): {"lil_2004", "ns34"},
    ("R01", "2018-05-25"): {"gdpr", "lil_2018"},
    ("R01", "2019-06-01"): {"gdpr", "lil_2019"},
    # "EU rows: 25.5.2018 GDPR 9(1); 13.3.2019 +EDPB; 1.8.2022 +C-184/20".
    ("R03", "2016-11-08"): {"lil_2004"},
    ("R03", "2018-05-25"): {"gdpr", "lil_2018"},
    ("R03", "2019-03-12"): {"gdpr", "lil_2018"},
    ("R03", "2019-03-13"): {"gdpr", "lil_2018", "edpb_2019"},
    ("R03", "2022-07-31"): {"gdpr", "lil_2019", "edpb_2019"},
    ("R03", "2022-08-01"): {"gdpr", "lil_2019", "edpb_2019", "c184_20"},
    # "R05 cites 8.11.2016 from 5.4.2012; R12 FR 2016 from 2004, EU 2023 from 2018; R27 EDPB from
    # 2018: one row per day of text. R14 since 2018: GDPR 6 alone."
    ("R05", "2016-11-07"): {"cnil_avril_2012"},
    ("R05", "2016-11-08"): {"cnil_avril_2012", "cnil_2016"},
    ("R12", "2012-06-01"): {"lil_2004"},
    ("R12", "2016-11-08"): {"lil_2004", "cnil_2016"},
    ("R12", "2018-05-25"): {"gdpr", "lil_2018"},
    ("R12", "2023-02-09"): {"gdpr", "lil_2019", "cnil_2023"},
    ("R14", "2018-05-25"): {"gdpr"},
    ("R27", "2018-05-25"): {"gdpr"},
    ("R27", "2019-03-13"): {"gdpr", "edpb_2019"},
    # Loi 2016-1321: 9.10.2016, retention.
    ("R16", "2016-10-08"): {"lil_2004"},
    ("R16", "2016-10-09"): {"lil_2004", "loi_2016"},
    # CNIL, 14.3.2012; 38; "since 2018 12(2)"; five fines, 18.12.2025: 21.
    ("R17", "2012-03-13"): {"lil_2004"},
    ("R17", "2012-03-14"): {"lil_2004", "cnil_courriel"},
    ("R17", "2018-05-25"): {"gdpr", "lil_2018"},
    ("R17", "2025-12-17"): {"gdpr", "lil_2019"},
    ("R17", "2025-12-18"): {"gdpr", "lil_2019", "cnil_amendes"},
    # "R20 FR from 2.6.2009".
    ("R20", "2009-06-01"): set(),
    ("R20", "2009-06-02"): {"cnil_2009"},
    # L28 and R16 -> 31.12.2018, CE 2.12.2016; L37 since 1.1.2019.
    ("R21", "2016-12-01"): {"electoral_l28"},
    ("R21", "2018-12-31"): {"electoral_l28", "ce_2016"},
    ("R21", "2019-01-01"): {"electoral_l37"},
    # "C-446/21 from 4.10.2024".
    ("R22", "2024-10-03"): {"gdpr", "lil_2019"},
    ("R22", "2024-10-04"): {"gdpr", "lil_2019", "c446_21"},
    # CNIL, warning public 27.10.2016: authentication, traceability (34).
    ("R24", "2016-10-26"): {"lil_2004", "cnil_courriel"},
    ("R24", "2016-10-27"): {"lil_2004", "cnil_courriel", "cnil_ps"},
    # CNIL 2018-326: in force 7.11.2018.
    ("R25", "2018-11-06"): {"gdpr"},
    ("R25", "2018-11-07"): {"gdpr", "cnil_2018"},
    # 10.10.2025.
    ("R28", "2025-10-09"): set(),
    ("R28", "2025-10-10"): {"reg_2024_900"},
    ("R29", "2018-05-24"): {"lil_2004", "cp_226_16"},
    ("R29", "2018-05-25"): set(),
    # Rec. 2006-228 until 2012; CNIL e-mail sheet 14.3.2012; L34-5 since 22.6.2004.
    ("R34", "2006-10-04"): set(),
    ("R34", "2006-10-05"): {"recommandation_2006", "cpce"},
    ("R34", "2018-05-25"): {"cnil_courriel", "cpce"},
    # 32-II -> 82 (1.6.2019).
    ("R36", "2016-11-08"): {"lil_2004"},
    ("R36", "2019-06-01"): {"lil_2019"},
    # 4.9.2025.
    ("R37", "2025-09-03"): set(),
    ("R37", "2025-09-04"): {"c413_23"},
    ("R08", "2025-10-20"): {"gdpr", "lil_2019"},
    ("R08", "2025-10-21"): {"gdpr", "lil_2019", "cnil_2025"},
}


@pytest.mark.parametrize(("rule", "as_of"), CITED)
def test_a_rule_cites_the_texts_of_the_day(rule, as_of):
    found = {c.text.id for r in rules_on(as_of) if r.id == rule for c in r.cites}
    assert found == CITED[rule, as_of]


def test_no_text_is_cited_before_it_exists_or_after_it_ends():
    """On every day on which a text begins or ends, and the day before and after."""
    texts = {cite.text.id: cite.text for rule in all_rules() for cite in rule.cites}.values()
    turns = {d for text in texts for d in (text.valid_from, text.valid_to) if d is not None}
    first = min(r.valid_from for r in texts if r.id == "lil_2004")
    days = {t + datetime.timedelta(days=k) for t in turns for k in (-1, 0, 1)}
    for as_of in sorted(d for d in days if d >= first):
        for rule in rules_on(as_of):
            assert rule.cites
            for cite in rule.cites:
                assert cite.text.valid_from <= as_of
                assert cite.text.valid_to is None or as_of <= cite.text.valid_to


@pytest.mark.parametrize("as_of", DAYS)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_what_is_to_be_read_names_no_later_text(as_of, lang):
    read = " ".join(" ".join(pair) for pair in to_be_read(rules_on(as_of), lang))
    later = {"GDPR": "2018-05-25", "RGPD": "2018-05-25", "2024/900": "2025-10-10",
             "C-413/23": "2025-09-04", "WP248": "2018-05-25"}  # fmt: skip
    assert not [name for name, since in later.items() if name in read and as_of < since]
    assert read


# Rule, day, what is stated: the branch that fires, and the field that shows it.
BRANCHES = [
    ("R17", "2018-05-25", {"messages": {"right_told_first": False}}, "first",
     "messages.right_told_first"),
    ("R21", "2019-06-01", {**LIST, "electoral_list": {"commercial_use": True}}, "commercial",
     "street"),
    ("R22", "2018-05-25", {"columns": {"street": {"used_for": []}}}, "unused", "street"),
    ("R24", "2018-05-25", {"security": {"access_log": False}}, "log", "security.access_log"),
    ("R24", "2018-05-25", {"security": {"shared_accounts": True}}, "shared",
     "security.shared_accounts"),
    ("R25", "2022-08-01", {"accountability": {"record_art30": False}}, "record",
     "accountability.record_art30"),
    ("R26", "2018-09-01", {"breach": {"known_at": day("2018-06-01"), "registered": False,
     "risk": "none"}}, "register", "breach.registered"),
    ("R29", "2016-11-08", {"formality": {"kind": "none"}, "controller": {"type": "elected"}},
     "none", "formality.kind"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "as_of", "stated", "branch", "field"), BRANCHES)
def test_a_verdict_says_which_branch_fired_and_by_which_field(rule, as_of, stated, branch, field):
    ruling = pa.check_rules(STREET, stated, as_of=as_of)[rule]
    assert ruling.is_firing
    assert (ruling.rule.branch, ruling.checked.columns) == (branch, (field,))
    # No other branch is accused of.
    assert ruling.also == ()
    assert ruling.cases == (f"{rule}_{branch}",)


def test_two_branches_that_fire_are_both_told_with_their_own_texts():
    stated = {"security": {"access_log": False, "encryption": False}}
    ruling = pa.check_rules(None, stated, as_of="2016-11-08")["R24"]
    told = {one.rule.branch: (one.verdict, one.checked.columns) for one in ruling.branches}
    assert told == {"log": ("breach", ("security.access_log",)),
                    "encryption": ("concern", ("security.encryption",))}  # fmt: skip
    assert "27 October 2016" in ruling.rule.where("en")
    assert "27 October 2016" not in ruling.also[0].rule.where("en")


def test_what_a_lawyer_must_read_is_that_of_the_rules_of_the_day():
    stated = {"people": {"consent": "ok"}}
    ruling = pa.check_rules(frame(ok=["no"]), stated, as_of="2016-11-08")["R02"]
    names = [name for name, _ in to_be_read([ruling.rule], "fr")]
    assert names == ["loi 78-17 modifiée en 2004", "R02"]
    # A question on the old law is asked of the old law only.
    later = [rule for rule in rules_on("2025-12-18") if rule.id == "R17"]
    assert "R17" not in [name for name, _ in to_be_read(later, "fr")]
    # Nothing of a text that was read.
    assert to_be_read([r for r in rules_on("2019-06-01") if r.id == "R21"], "fr") == []


@pytest.mark.parametrize(
    ("field", "as_of", "known"),
    [
        ("[accountability]\nrecord_19 = true\n", "2016-11-08", "from 2024-03-20"),
        ("[accountability]\ndpia = true\n", "2012-06-01", "from 2016-05-04"),
        ('[formality]\nkind = "ns34"\n', "2025-10-21", "until 2021-05-25"),
        ("[electoral_list]\npurely_commercial = true\n", "2019-01-01", "until 2018-12-31"),
    ],
)
def test_a_field_of_another_date_is_one_line_and_status_2(field, as_of, known, tmp_path, capsys):
    file, out = tmp_path / "d.toml", tmp_path / "out"
    file.write_text(field, "utf-8")
    assert main(["rules", str(file), "--as-of", as_of, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert known in error
    assert not out.exists()


def test_a_field_of_one_of_the_days_asked_is_taken(tmp_path):
    file, out = tmp_path / "d.toml", tmp_path / "out"
    file.write_text("[accountability]\ndpia = true\n", "utf-8")
    words = ["rules", str(file), "--as-of", "2012-06-01", "--also", "2018-05-25"]
    assert main([*words, "--out", str(out)]) == 0


TEXT = """[text.a]
name = {{en = "A"}}
from = {begins}
to = {ends}
sure = "C"
"""
RULE = """[[R01.branch]]
id = "x"
from = 2016-01-01
to = {end}
{rest}
[[R01.branch]]
id = "x"
from = 2016-06-01
to = 2016-12-31
{rest}
"""
REST = """title = {en = "T"}
remedy = {en = "R"}
verdict = "breach"
cites = [["a", "1"]]
"""


def texts(begins="2016-01-01", ends="2016-12-31"):
    return texts_of(TEXT.format(begins=begins, ends=ends), "p")


def test_a_text_ends_on_the_day_on_which_it_begins_or_later():
    for ends in ("2016-01-01", "2016-01-02"):
        held = texts(ends=ends)["a"]
        assert held.holds_on(day("2016-01-01"))
        assert held.holds_on(day(ends))
        assert not held.holds_on(day("2015-12-31"))
        assert not held.holds_on(day(ends) + datetime.timedelta(days=1))
    with pytest.raises(SchemaError, match="to of a after from"):
        texts(ends="2015-12-31")


@pytest.mark.parametrize(("end", "twice"), [("2016-05-31", False), ("2016-06-01", True)])
def test_a_branch_holds_once_a_day(end, twice):
    pack = RULE.format(end=end, rest=REST)
    if twice:
        with pytest.raises(SchemaError, match="R01_x once a day"):
            rules_of(pack, "p", texts())
    else:
        assert len(rules_of(pack, "p", texts())) == 2


@pytest.mark.parametrize(
    ("on", "held"),
    [("2015-12-31", False), ("2016-01-01", True), ("2016-05-31", True), ("2016-06-01", False)],
)
def test_a_rule_cites_from_its_first_day_to_its_last(on, held):
    rule, _ = rules_of(RULE.format(end="2016-05-31", rest=REST), "p", texts())
    assert bool(rule.on(day(on)).cites) == held


@pytest.mark.parametrize(
    ("section", "refused"),
    [
        ({"retention": {"prospects_days": -1}}, "0 or more"),
        ({"retention": {"prospects_days": 0}}, None), ({"retention": {"prospects_days": 1}}, None),
        ({"retention": {"prospects_days": True}}, "a whole number"),
        ({"security": {"authentication": 1}}, "true or false"),
        ({"breach": {"known_at": datetime.datetime(2018, 5, 25)}}, "a date such as"),
        ({"breach": {"known_at": day("2018-05-26"), "notified_at": day("2018-05-25")}},
         "known_at before"),
        ({"breach": {"known_at": day("2018-05-26"), "notified_at": day("2018-05-26")}}, None),
        ({"breach": {"known_at": day("2018-05-26"), "people_told_at": day("2018-05-25")}},
         "known_at before"),
        ({"breach": {"notified_at": day("2018-05-25")}}, None),
        ({"processors": {}}, "processors"), ({"processors": [{}]}, None),
        ({"columns": {"a": 1}}, "columns.NAME"), ({"messages": []}, "a section"),
        ({"processors": [1]}, "processors"), ({"processors": 1}, "processors"),
        ({"processing": {"channels": "email"}}, "a list as processing.channels, but got a str"),
        ({"processing": {"channels": ["email", 1]}}, "text as processing.channels"),
        ({"processing": {"channels": ["mail"]}}, "processing.channels among .*mean 'email'"),
        ({"processing": {"channel": ["email"]}}, "fields of processing that are known"),
        ({"retention": {"prospects_days": 1.0}}, "a whole number"),
        ({"security": {"authentication": "yes"}}, "true or false"),
        ({"breach": {"known_at": "2018-05-25"}}, "a date such as"),
    ],
)  # fmt: skip
def test_a_field_is_of_its_kind(section, refused):
    if refused:
        with pytest.raises(SchemaError, match=refused):
            read_description(section)
    else:
        assert read_description(section).sections == section


@pytest.mark.parametrize(("on", "good"), [("2024-03-19", False), ("2024-03-20", True)])
def test_a_field_is_known_from_its_first_day_on(on, good):
    """The record of article 19 is of a regulation that was published on 20 March 2024."""
    described = read_description({"accountability": {"record_19": True}})
    if good:
        refuse_other_dates(described, [day(on)])
    else:
        with pytest.raises(SchemaError, match="known from 2024-03-20"):
            refuse_other_dates(described, [day(on)])


def test_a_draft_says_its_lines_and_marks_what_is_to_be_filled_in():
    draft = Notice(name="n", title="Title", caution="!", lang="en", gap="to fill in",
                  parts=(("Head", ("one", "two")), ("Empty", ())))  # fmt: skip
    assert draft.gaps == 1
    text = "Title\n=====\n\n!\n\nHead\n----\n- one\n- two\n\nEmpty\n-----\n- to fill in\n"
    assert draft.text == text
    assert draft.html.count("to fill in") == 1
    assert "<li>one</li><li>two</li>" in draft.html
