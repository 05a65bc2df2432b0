"""Where rules turn: the day, the count and the word at which a verdict becomes another.

Each case is read off the text that the rule cites, not off what came out.
"""

import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.results.rows import Row
from privaudit.rules.duties import CHECKS
from tests.fixtures.descriptions import dated


def severity(level):
    """How grave it would be, on the four levels of the CNIL."""
    return {"severity": Row(measure="s", value=level, unit="index", n=4, counts="levels")}


def kinds(**columns):
    return pd.DataFrame(columns)


# Declared under NS-34: an engagement binds who took it.
NS34 = {"formality": {"kind": "ns34"}}
SENT = {**NS34, "people": {"messages": "sent", "contact_class": "kind"}}
SENT_BACK = {**NS34, "people": {**SENT["people"], "replied": "back"}}
FIRST = {**NS34, "people": {"first_message_at": "first", "contact_class": "kind"}}
FIRST_BACK = {**NS34, "people": {**FIRST["people"], "replied": "back"}}
ERASED = {"retention": {"end_of_ballot": True}}
LISTED = {"columns": {"street": {"source": "electoral_list"}}}
BALLOT = {"processing": {"election_date": "2016-06-01"}}
STREET = kinds(street=["a", "b"])
TOLD_AT = {"people": {"informed_at": "told"}}
DIRECTORY = {"columns": {"street": {"source": "directory", "collected_at": "2016-01-01"}}}
SINCE_JUNE = {"columns": {"street": {"source": "directory", "collected_at": "2018-06-01"}}}
ORIGIN = {"information": {"origin": True}}
GONE = {"people": {"objected_at": "no", "last_contact_at": "last"}}
OFFERED = {"messages": {"opt_out_offered": True}}
BREACH = {"known_at": "2018-05-25"}
LAST = {"people": {"last_contact_at": "last"}}

# Rule, day, table, description, what was measured, verdict.
CASES = [
    # One message to who is not a regular contact, more once they replied.
    ("R06", "2016-11-08", None, {"messages": {"most_per_person": 1}}, {}, "met"),
    ("R06", "2016-11-08", None, {"messages": {"most_per_person": 2}, **NS34}, {}, "breach"),
    ("R06", "2016-11-08", None, {"messages": {"most_per_person": 2},
     "formality": {"kind": "declaration"}}, {}, "concern"),
    ("R06", "2016-11-08", None, {"messages": {"most_per_person": 2}}, {}, "not_assessable"),
    ("R06", "2016-11-08", kinds(sent=[1], kind=["prospect"]), SENT, {}, "met"),
    ("R06", "2016-11-08", kinds(sent=[2], kind=["prospect"]), SENT, {}, "breach"),
    ("R06", "2016-11-08", kinds(sent=[9], kind=["member"]), SENT, {}, "not_applicable"),
    ("R06", "2016-11-08", kinds(sent=[9], kind=["prospect"], back=["yes"]), SENT_BACK, {}, "met"),
    ("R06", "2016-11-08", kinds(sent=[9], kind=["prospect"], back=["no"]), SENT_BACK, {}, "breach"),
    ("R06", "2016-11-08", kinds(sent=[None, 1], kind=["prospect"] * 2), SENT, {},
     "not_assessable"),
    ("R06", "2016-11-08", kinds(sent=[9], kind=["friend"]), SENT, {}, "not_assessable"),
    # Two calendar months after the message: 62 days in July and August, 59 from 31 December.
    ("R07", "2016-09-01", kinds(first=["2016-07-01"], kind=["prospect"]), FIRST, {}, "met"),
    ("R07", "2016-09-02", kinds(first=["2016-07-01"], kind=["prospect"]), FIRST, {}, "breach"),
    ("R07", "2016-09-01", kinds(first=["2016-06-30"], kind=["prospect"]), FIRST, {}, "breach"),
    ("R07", "2013-02-28", kinds(first=["2012-12-31"], kind=["prospect"]), FIRST, {}, "met"),
    ("R07", "2013-03-01", kinds(first=["2012-12-31"], kind=["prospect"]), FIRST, {}, "breach"),
    ("R07", "2016-09-01", kinds(first=["2010-01-01"], kind=["prospect"], back=["yes"]), FIRST_BACK,
     {}, "not_applicable"),
    ("R07", "2016-09-01", kinds(first=["2010-01-01"], kind=["member"]), FIRST, {},
     "not_applicable"),
    ("R07", "2016-09-01", kinds(first=["", "2016-08-30"], kind=["prospect"] * 2), FIRST, {},
     "not_assessable"),
    ("R07", "2016-09-01", None, {"retention": {"prospects_days": 60}}, {}, "met"),
    ("R07", "2016-09-01", None, {"retention": {"prospects_days": 90}, **NS34}, {}, "breach"),
    ("R07", "2016-09-01", None, {"retention": {"prospects_days": 62}}, {}, "met"),
    # At the end of the ballot: its own day is still before it.
    ("R08", "2016-06-01", STREET, {**LISTED, **BALLOT, **ERASED}, {}, "met"),
    ("R08", "2016-06-02", STREET, {**LISTED, **BALLOT, **ERASED}, {}, "concern"),
    # Before it, nothing is due; that no erasure is foreseen is a concern, and silence is none.
    ("R08", "2016-06-01", STREET, {**LISTED, **BALLOT, **NS34, "retention": {"end_of_ballot":
     False}}, {}, "concern"),
    ("R08", "2016-06-01", STREET, {**LISTED, **BALLOT}, {}, "not_assessable"),
    ("R08", "2016-06-02", STREET, {**LISTED, **BALLOT, "retention": {"other_use_consent": True}},
     {}, "met"),
    ("R08", "2016-06-02", None, {**BALLOT, **NS34, "retention": {"end_of_ballot": False}}, {},
     "breach"),
    ("R08", "2016-06-02", None, {**BALLOT, "retention": {"end_of_ballot": True}}, {},
     "not_assessable"),
    ("R08", "2016-06-02", STREET, {**BALLOT, **ERASED, "columns": {"street": {"source":
     "direct"}}}, {}, "met"),
    # As long as it is said: the last day counts as within.
    ("R09", "2018-01-11", kinds(last=["2018-01-01"]), {**LAST, "retention": {"regular_days": 10}},
     {}, "met"),
    ("R09", "2018-01-12", kinds(last=["2018-01-01"]), {**LAST, "retention": {"regular_days": 10}},
     {}, "breach"),
    ("R09", "2018-01-12", kinds(last=["2018-01-01"]), LAST, {}, "not_assessable"),
    ("R09", "2018-01-12", kinds(last=["2001-01-01"]), LAST, {}, "concern"),
    # A processor is bound by a contract.
    ("R30", "2016-11-08", None, {"processors": [{"contract": False}]}, {}, "breach"),
    ("R30", "2016-11-08", None, {"processors": [{"contract": True}]}, {}, "met"),
    ("R30", "2016-11-08", None, {"processors": []}, {}, "not_applicable"),
    ("R10", "2016-11-08", None, {"recipients": [{"n": 3}]}, {}, "not_assessable"),
    ("R11", "2018-05-25", None, {"recipients": [{"role": "public", "vetted": True}]}, {}, "met"),
    ("R11", "2018-05-25", None, {"recipients": [{"role": "volunteer", "vetted": False}]}, {},
     "concern"),
    ("R11", "2018-05-25", None, {"recipients": [{"role": "volunteer"}]}, {}, "met"),
    ("R11", "2018-05-25", None, {"recipients": [{"n": 4}]}, {}, "not_assessable"),
    # What is public is not free to take: nobody was told, some, all.
    ("R12", "2016-11-08", kinds(h=["a"], told=["2016-01-01"]),
     {"columns": {"h": {"source": "indirect"}}, **TOLD_AT}, {}, "met"),
    ("R12", "2016-11-08", kinds(h=["a"]), {"columns": {"h": {"source": "direct"}}}, {},
     "not_applicable"),
    # Weighed, said not to be, or nothing said of it.
    *(("R13", "2023-07-04", kinds(h=["a"]), {"columns": {"h": {"source": "social", "legal_basis":
       "legitimate_interest"}}, "accountability": {} if test is None else {"balancing_test": test}},
       {}, verdict)
      for test, verdict in ((True, "met"), (False, "concern"), (None, "not_assessable"))),
    # Before the GDPR at recording, or by a planned disclosure (32, III).
    ("R15", "2016-11-08", kinds(street=["a"], told=["2016-01-01"]), {**DIRECTORY, **TOLD_AT}, {},
     "met"),
    ("R15", "2016-11-08", kinds(street=["a"], told=["2016-01-02"]), {**DIRECTORY, **TOLD_AT}, {},
     "breach"),
    ("R15", "2016-11-08", kinds(street=["a"], told=["2016-03-01"]), {**DIRECTORY, **TOLD_AT,
     "processing": {"disclosed_at": "2016-03-01"}}, {}, "met"),
    ("R15", "2016-11-08", kinds(street=["a"], told=["2016-03-02"]), {**DIRECTORY, **TOLD_AT,
     "processing": {"disclosed_at": "2016-03-01"}}, {}, "breach"),
    # The origin is due since the GDPR.
    ("R15", "2016-11-08", kinds(street=["a"], told=["2016-01-01"]),
     {**DIRECTORY, **TOLD_AT, "messages": {"origin_stated": False}}, {}, "met"),
    # Since, a month after collection, the first contact, the first disclosure: the earliest.
    ("R15", "2018-11-08", kinds(street=["a"], told=["2018-07-01"]),
     {**SINCE_JUNE, **TOLD_AT, **ORIGIN}, {}, "met"),
    ("R15", "2018-11-08", kinds(street=["a"], told=["2018-07-02"]),
     {**SINCE_JUNE, **TOLD_AT, **ORIGIN}, {}, "breach"),
    ("R15", "2018-07-01", kinds(street=["a"], told=[""]), {**SINCE_JUNE, **TOLD_AT, **ORIGIN}, {},
     "met"),
    ("R15", "2018-07-02", kinds(street=["a"], told=[""]), {**SINCE_JUNE, **TOLD_AT, **ORIGIN}, {},
     "breach"),
    ("R15", "2018-11-08", kinds(street=["a"], told=["2018-06-20"], first=["2018-06-19"]),
     {**SINCE_JUNE, **ORIGIN, "people": {"informed_at": "told", "first_message_at": "first"}}, {},
     "breach"),
    ("R15", "2018-11-08", kinds(street=["a"], told=["2018-06-19"], first=["2018-06-19"]),
     {**SINCE_JUNE, **ORIGIN, "people": {"informed_at": "told", "first_message_at": "first"}}, {},
     "met"),
    ("R15", "2018-11-08", kinds(street=["a"], told=["2018-06-20"]), {**SINCE_JUNE, **TOLD_AT,
     **ORIGIN, "processing": {"disclosed_at": "2018-06-19"}}, {}, "breach"),
    ("R15", "2018-11-08", kinds(street=["a"], told=["2018-06-10"]),
     {**SINCE_JUNE, **TOLD_AT, "messages": {"origin_stated": False}}, {}, "breach"),
    ("R15", "2018-11-08", kinds(street=["a"], told=["2018-06-10"]),
     {**SINCE_JUNE, **TOLD_AT, **ORIGIN, "messages": {"origin_stated": False}}, {}, "met"),
    # Three mentions, with the retention period from 9 October 2016, six since the GDPR.
    ("R16", "2016-10-08", None, {"information": {"identity": True, "purpose": True,
     "rights": True}}, {}, "met"),
    ("R16", "2016-10-09", None, {"information": {"identity": True, "purpose": True,
     "rights": True}}, {}, "not_assessable"),
    ("R16", "2018-05-24", None, {"information": {"identity": True, "purpose": True,
     "rights": True, "retention": True}}, {}, "met"),
    ("R16", "2018-05-25", None, {"information": {"identity": True, "purpose": True,
     "rights": True}}, {}, "not_assessable"),
    # Contacted again on a later day than the objection, or one of which no day is known.
    ("R17", "2018-05-25", kinds(no=["2018-03-01"], last=["2018-03-01"]), {**GONE, **OFFERED}, {},
     "met"),
    ("R17", "2018-05-25", kinds(no=["2018-03-01"], last=["2018-03-02"]), {**GONE, **OFFERED}, {},
     "breach"),
    ("R17", "2018-05-25", kinds(no=["yes"], last=["2018-03-02"]), {**GONE, **OFFERED}, {},
     "not_assessable"),
    ("R17", "2018-05-25", None, OFFERED, {}, "not_assessable"),
    ("R17", "2018-05-25", None, {"messages": {"opt_out_offered": False},
     "processing": {"channels": ["email"]}}, {}, "breach"),
    ("R17", "2018-05-25", None, {"messages": {"opt_out_offered": False}}, {}, "concern"),
    ("R17", "2018-05-25", None, {"messages": {"right_told_first": False}}, {}, "breach"),
    ("R17", "2018-05-24", None, {"messages": {"opt_out_offered": False},
     "processing": {"channels": ["email"]}}, {}, "concern"),
    ("R17", "2018-05-24", None, {"messages": {"right_told_first": False}}, {}, "not_assessable"),
    ("R17", "2010-06-01", kinds(no=["2010-03-01"], last=["2010-02-01"]), {**GONE, "messages":
     {"opt_out_offered": False}}, {}, "met"),
    ("R17", "2018-05-25", kinds(no=["2018-03-01"], last=["2018-03-01"]), GONE, {},
     "not_assessable"),
    # Until 2018 an undertaking of electors, on a purely commercial use; since, of all, on any.
    *(("R21", day, STREET, {**LISTED, "controller": {"type": who}, "electoral_list":
       {"commercial_use": False, "undertaking": False}}, {}, verdict)
      for day, who, verdict in (("2018-12-31", "association", "concern"),
      ("2018-12-31", "candidate", "met"), ("2018-12-31", "party", "met"),
      ("2019-01-01", "candidate", "concern"), ("2019-01-01", "association", "concern"))),
    *(("R21", "2018-12-31", STREET, {**LISTED, "electoral_list": {"commercial_use": True,
       "undertaking": True, **purely}}, {}, verdict)
      for purely, verdict in (({"purely_commercial": True}, "breach"),
      ({"purely_commercial": False}, "met"), ({}, "not_assessable"))),
    ("R21", "2019-01-01", STREET, {**LISTED, "electoral_list": {"commercial_use": True,
     "undertaking": True}}, {}, "breach"),
    # An officer is due where it is large; an assessment of a new processing at once.
    *(("R25", "2018-05-25", kinds(side=["a"] * n), {"processing": {"political": True},
       "columns": {"side": {"source": "inferred"}}, "accountability": {"record_art30": True,
       "dpia": True, "dpo": False}}, {}, verdict)
      for n, verdict in ((9_999, "concern"), (10_000, "breach"))),
    # Within 72 hours: three days may pass, four not.
    ("R26", "2018-05-28", None, {"breach": BREACH}, {}, "not_assessable"),
    ("R26", "2018-05-29", None, {"breach": BREACH}, {}, "breach"),
    ("R26", "2018-05-26", None, {"breach": {"known_at": "2018-05-27"}}, {}, "not_applicable"),
    ("R26", "2018-06-30", None, {"breach": {**BREACH, "notified_at": "2018-05-28",
     "registered": True}}, severity(2), "met"),
    ("R26", "2018-06-30", None, {"breach": {**BREACH, "notified_at": "2018-05-28",
     "registered": False, "risk": "some"}}, {}, "breach"),
    # Without a risk nobody is notified, and the register is kept all the same.
    ("R26", "2018-06-30", None, {"breach": {**BREACH, "risk": "none", "registered": True}}, {},
     "met"),
    ("R26", "2018-06-30", None, {"breach": {**BREACH, "risk": "none", "registered": False}}, {},
     "breach"),
    ("R26", "2018-06-30", None, {"breach": {**BREACH, "notified_at": "2018-05-28", "risk": "high",
     "registered": True}}, {}, "breach"),
    ("R26", "2018-06-30", None, {"breach": {"known_at": "2018-05-24"}}, {}, "not_applicable"),
    ("R26", "2018-06-30", None, {"breach": {**BREACH, "notified_at": "2018-05-28"}}, severity(3),
     "concern"),
    ("R26", "2018-06-30", None, {"breach": {**BREACH, "notified_at": "2018-05-28"}}, {},
     "not_assessable"),
    ("R26", "2018-06-30", None, {"breach": {**BREACH, "notified_at": "2018-05-28",
     "people_told_at": "2018-05-29", "registered": True}}, {}, "met"),
    ("R26", "2018-06-30", None, {"breach": {**BREACH, "notified_at": "2018-05-29"}}, severity(2),
     "breach"),
    # A severity is no breach that happened.
    ("R26", "2018-06-30", None, {}, severity(3), "not_assessable"),
    ("R26", "2018-06-30", None, {}, severity(2), "not_assessable"),
    # Chosen by a score, and nobody looks.
    ("R27", "2018-05-25", None, {"decisions": {"automated": True, "human_step": True}}, {}, "met"),
    ("R27", "2018-05-25", None, {"decisions": {"automated": False}}, {}, "met"),
    ("R27", "2018-05-25", None, {"decisions": {"automated": True}}, {}, "not_assessable"),
    # Two calendar months are 62 days at most; three years without a stated limit, by convention.
    ("R07", "2016-09-01", None, {"retention": {"prospects_days": 63}, **NS34}, {}, "breach"),
    ("R09", "2018-01-12", kinds(last=["2015-01-13"]), LAST, {}, "not_assessable"),
    ("R09", "2018-01-12", kinds(last=["2015-01-12"]), LAST, {}, "concern"),
    # One criterion asks for no assessment, two do (WP 248), and matching or minors are criteria.
    *(("R25", "2022-01-01", table, {"processing": {"political": True}, "columns": {"side": column},
       "accountability": {"record_art30": True, "dpia": False, "dpo": True}}, {}, verdict)
      for table, column, verdict in (
          (kinds(side=["a"]), {"source": "direct"}, "met"),
          (kinds(side=["a"]), {"source": "inferred"}, "breach"),
          (kinds(side=["a"]), {"source": "direct", "by_matching": True}, "breach"),
          (kinds(side=["a"], birth_date=["2004-01-02"]), {"source": "direct"}, "met"),
          (kinds(side=["a"] * 10_000), {"source": "direct"}, "breach"),
          (kinds(side=["a"] * 9_999), {"source": "direct"}, "met"),
      )),
    # Pupils of one day of birth among adults are minors, however many there are.
    *(("R25", "2022-01-01", kinds(born=[day] * 60 + [f"{1950 + k}-03-04" for k in range(12)]),
       {"processing": {"political": True}, "people": {"birth_date": "born"}, "columns": {"born":
       {"source": "direct"}}, "accountability":
       {"record_art30": True, "dpia": False, "dpo": True}}, {}, verdict)
      for day, verdict in (("2008-01-01", "breach"), ("2004-01-01", "met"))),
    # Processings begun before the GDPR had until 25 May 2021 (CNIL, 2018).
    *(("R25", day, kinds(side=["a"]), {"processing": {"political": True, **begun}, "columns":
       {"side": {"source": "inferred"}}, "accountability": {"record_art30": True, "dpia": False,
       "dpo": True}}, {}, verdict)
      for day, begun, verdict in (
          ("2021-05-25", {}, "not_assessable"), ("2021-05-26", {}, "breach"),
          ("2021-05-25", {"started_at": "2018-05-24"}, "not_assessable"),
          ("2021-05-25", {"started_at": "2018-05-25"}, "breach"),
      )),
    # Known on the day itself; notified after it is not notified yet.
    ("R26", "2018-05-25", None, {"breach": BREACH}, {}, "not_assessable"),
    ("R26", "2018-05-28", None, {"breach": {**BREACH, "notified_at": "2018-05-28", "registered":
     True}}, severity(2), "met"),
    ("R26", "2018-05-28", None, {"breach": {**BREACH, "notified_at": "2018-05-29", "registered":
     True}}, severity(2), "not_assessable"),
    # Two months before the GDPR, one since, two more where extended (article 12(3)).
    *(("R33", "2018-12-01", None, {"requests": [{"kind": "erasure", "received_at": received,
       "answered_at": answered, **more}]}, {}, verdict)
      for received, answered, more, verdict in (
          ("2018-05-24", "2018-07-24", {}, "met"), ("2018-05-24", "2018-07-25", {}, "breach"),
          ("2018-05-25", "2018-06-25", {}, "met"), ("2018-05-25", "2018-06-26", {}, "breach"),
          ("2018-05-25", "2018-08-25", {"extended": True}, "met"),
          ("2018-05-25", "2018-08-26", {"extended": True}, "breach"),
      )),
    *(("R33", day, None, {"requests": [{"kind": "access", "received_at": "2018-06-01"}]}, {},
       verdict)
      for day, verdict in (("2018-05-31", "not_applicable"), ("2018-06-01", "met"),
      ("2018-07-01", "met"), ("2018-07-02", "breach"))),
    # Nobody saw it, or one account did; a network of one letter is no country.
    *(("R11", "2018-05-25", None, {}, {"people_seen": Row(measure="p", value=seen, unit="people",
       n=20, counts="people")}, verdict) for seen, verdict in ((0, "met"), (1, "breach"))),
    *(("R31", "2018-05-25", None, {"processors": [{"country": code, "transfer_tool": "none"}]}, {},
       verdict) for code, verdict in (("C", "not_assessable"), ("CN", "breach"), ("cn ", "breach"),
      ("CHN", "not_assessable"))),
    # One controller has nobody to arrange it with, two have.
    *(("R32", "2018-05-25", None, {"controllers": [{"arrangement": False}] * n}, {}, verdict)
      for n, verdict in ((1, "not_applicable"), (2, "breach"))),
    ("H1", "2016-11-08", kinds(ok=["yes"]), {"processing": {"channels": ["post"]},
     "people": {"consent": "ok"}}, {}, "not_applicable"),
    ("H1", "2016-11-08", kinds(h=["a"]), {"processing": {"channels": ["door_knock"]},
     "columns": {"h": {"legal_basis": "none"}}}, {}, "concern"),
]  # fmt: skip


def test_each_rule_that_is_looked_at_has_a_check():
    assert {case[0] for case in CASES} <= set(CHECKS)


@pytest.mark.parametrize(
    ("name", "day", "table", "told", "measured", "verdict"),
    CASES,
    ids=[f"{case[0]}-{at}" for at, case in enumerate(CASES)],
)
def test_a_rule_turns_at_the_limit_of_its_text(name, day, table, told, measured, verdict):
    found = pa.check_rules(table, dated(told), as_of=day, measured=measured)[name]
    assert found.verdict == verdict


def test_an_objection_without_a_day_is_no_contact_after_it():
    """One objected on a day and was contacted before it; another never was, whatever the day."""
    table = kinds(no=["2018-03-01", "", "2018-03-01"], last=["2018-02-01", "2018-04-01", ""])
    found = pa.check_rules(table, dated({**GONE, **OFFERED}), as_of="2018-05-25")["R17"]
    # Two objected, none was contacted again; who never objected may be.
    assert (found.verdict, found.checked.value, found.checked.n) == ("met", 0, 2)


@pytest.mark.parametrize(("described", "verdict"), [(True, "met"), (False, "not_assessable")])
def test_a_record_is_enough_where_it_is_known_that_no_more_is_due(described, verdict):
    told = {"accountability": {"record_art30": True}}
    told |= {"columns": {"street": {"source": "direct"}}} if described else {}
    assert pa.check_rules(STREET, told, as_of="2018-05-25")["R25"].verdict == verdict


@pytest.mark.parametrize(("each", "verdict"), [(11, "concern"), (9, "met")])
def test_few_people_of_a_name_give_no_verdict_on_a_segment(each, verdict):
    """Names of fewer than 11 are not looked at, nor tables of fewer than five a cell."""
    table = kinds(last_name=["Zahra"] * each + ["Martin"] * each, list=["a"] * each + ["b"] * each)
    told = {"segments": [{"name": "s", "columns": ["list"]}], "people": {"last_name": "last_name"}}
    assert pa.check_rules(table, told, as_of="2018-05-25")["R20"].verdict == verdict


def test_a_table_of_five_a_cell_is_looked_at_and_one_of_fewer_is_not():
    """Twenty-two records of two names in four lists: 22 / 8 a cell, under five."""
    table = kinds(
        last_name=["Zahra"] * 11 + ["Martin"] * 11, list=list("aaaaaabbbbb") + list("ccccccddddd")
    )
    told = {"segments": [{"name": "s", "columns": ["list"]}], "people": {"last_name": "last_name"}}
    assert pa.check_rules(table, told, as_of="2018-05-25")["R20"].verdict == "met"
    # Twenty of each in two lists apart but for one: 40 / 4 is ten a cell.
    apart = kinds(last_name=["Zahra"] * 20 + ["Martin"] * 20, list=["a"] * 19 + ["b"] * 21)
    assert pa.check_rules(apart, told, as_of="2018-05-25")["R20"].verdict == "concern"


@pytest.mark.parametrize(
    ("zahra", "martin", "verdict"),
    [
        # Chi-square with Yates' correction: p is .0095 and .0103, beside .01.
        ((10, 20), (27, 13), "concern"), ((26, 4), (22, 18), "met"),
        # Eleven and nineteen in three lists are five a cell, and one fewer is not.
        ((11, 0, 0), (0, 10, 9), "concern"), ((11, 0, 0), (0, 10, 8), "met"),
        # A name that ten have is left out, and one name alone separates nothing.
        ((11, 0), (0, 11), "concern"), ((10, 0), (0, 40), "met"),
    ],
)  # fmt: skip
def test_a_segment_separates_surnames_from_a_level_of_one_in_a_hundred_on(zahra, martin, verdict):
    lists = [
        place
        for counts in (zahra, martin)
        for place, n in zip("abc", counts, strict=False)
        for _ in range(n)
    ]
    names = ["Zahra"] * sum(zahra) + ["Martin"] * sum(martin)
    told = {"segments": [{"name": "s", "columns": ["list"]}], "people": {"last_name": "last_name"}}
    table = kinds(last_name=names, list=lists)
    assert pa.check_rules(table, told, as_of="2018-05-25")["R20"].verdict == verdict
    # Two segments are two tests: each at half the level.
    told["segments"] *= 2
    twice = pa.check_rules(table, told, as_of="2018-05-25")["R20"].verdict
    assert twice == ("met" if zahra == (10, 20) else verdict)


def test_a_rare_name_and_the_list_of_its_own_leave_the_others_to_be_compared():
    """Twenty of two names, apart in two lists; three of another, alone in a third."""
    names = ["Zahra"] * 20 + ["Martin"] * 20 + ["Zxq"] * 3
    lists = ["a"] * 18 + ["b"] * 2 + ["a"] * 2 + ["b"] * 18 + ["c"] * 3
    told = {"segments": [{"name": "s", "columns": ["list"]}], "people": {"last_name": "last_name"}}
    for some in (slice(0, 40), slice(0, 43)):
        table = kinds(last_name=names[some], list=lists[some])
        assert pa.check_rules(table, told, as_of="2018-05-25")["R20"].verdict == "concern"


def test_recipients_outside_the_list_are_counted_and_processors_without_a_contract():
    """Two groups outside the closed list; one of two processors without a contract."""
    told = {"recipients": [{"role": "volunteer"}, {"role": "public", "n": 7}, {"role": "staff"}],
            "processors": [{"contract": False}, {"contract": True}], **NS34}  # fmt: skip
    rulings = pa.check_rules(None, told, as_of="2016-11-08")
    found = rulings["R10"]
    assert (found.verdict, found.checked.value, found.checked.counts) == ("breach", 2, "groups")
    assert (rulings["R30"].checked.value, rulings["R30"].checked.n) == (1, 2)
    # Where every group is counted, it is the accounts.
    told["recipients"] = [{"role": "volunteer", "n": 20}, {"role": "public", "n": 7}]
    found = pa.check_rules(None, told, as_of="2016-11-08")["R10"]
    assert (found.checked.value, found.checked.counts) == (27, "accounts")


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        ("2016-05-31", "met"), ("2016-06-01", "met"), ("2016-06-02", "breach"),
        (None, "not_assessable"),
    ],
)  # fmt: skip
def test_a_formality_of_the_day_of_the_start_is_in_time(made, verdict):
    formality = {"kind": "ns34"} | ({} if made is None else {"date": made})
    told = dated({"formality": formality, "processing": {"started_at": "2016-06-01"}})
    assert pa.check_rules(None, told, as_of="2016-11-08")["R29"].verdict == verdict


def test_rules_are_checked_of_a_release_or_a_frame():
    assert len(pa.check_rules(None, {}, as_of="2016-11-08"))
    for data in ([1], "table.csv", {"a": 1}):
        with pytest.raises(ParameterError, match="a Release or a frame"):
            pa.check_rules(data, {}, as_of="2016-11-08")


def test_branches_of_one_verdict_stand_once_each():
    """Of the GDPR's impact assessment, officer and record nothing is known."""
    ruling = pa.check_rules(None, {}, as_of="2018-06-01")["R25"]
    assert ruling.verdict == "not_assessable"
    assert [one.rule.branch for one in ruling.branches] == ["dpia", "dpo", "record"]


@pytest.mark.parametrize(
    ("column", "none", "value"),
    [
        ("religion", "non dichiarato", "cattolico"),
        ("religion", "ne se prononce pas", "juive"),
        ("syndicat", "non", "CGT"),
        ("religion", "NSP", "musulmane"),
    ],
)
def test_a_record_without_an_answer_reveals_nothing(column, none, value):
    people = pd.DataFrame({"nom": ["Roux"] * 5, column: [value, none, none, value, None]})
    column_of = pa.check_rules(people, {}, as_of="2016-11-08")["R01"].checked
    assert (column_of.value, column_of.n) == (2, 5)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        # Nouveau Centre and non-inscrits; that there is no religion is a belief.
        ("parti", ["PS", "LR", "NI", "NC"]), ("religion", ["aucune", "catholique", "None", "sans"]),
        ("religion", ["nessuna", "cattolico", "ebraica", "no"]),
    ],
)  # fmt: skip
def test_a_party_of_two_letters_and_no_religion_reveal_something(column, values):
    people = pd.DataFrame({"nom": ["Roux"] * 16, column: values * 4})
    column_of = pa.check_rules(people, {}, as_of="2016-11-08")["R01"].checked
    assert (column_of.value, column_of.n) == (16, 16)


def test_a_column_in_which_nobody_answers_is_no_opinion():
    people = pd.DataFrame({"nom": ["Roux"] * 5, "religion": ["refus de répondre"] * 5})
    assert pa.check_rules(people, {}, as_of="2016-11-08")["R01"].checked.outcome != "fires"
