"""Every rule: a case in which it fires, one in which it does not, one that is not assessable."""

import datetime
import re
import tomllib
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import ParameterError, SchemaError
from privaudit.results.rows import Row
from privaudit.rules.check_rules import VERDICTS
from privaudit.rules.duties import CHECKS
from privaudit.rules.packs import all_rules, rules_of, rules_on, texts_of, to_be_read
from tests.fixtures.descriptions import dated
from tests.fixtures.scripts import script

DAYS = ("2012-06-01", "2016-11-08", "2018-05-25", "2023-07-04", "2025-10-10", "2025-10-21")


def people(**columns):
    return pd.DataFrame(columns)


def at(key):
    return {"people": {key: key}}


SOCIAL = {"columns": {"handle": {"source": "social"}}}
SENT = people(sent=[1, 3, 4], kind=["prospect", "prospect", "member"], first=["2016-07-01"] * 3)
NS34 = {"formality": {"kind": "ns34"}}
MESSAGES = {
    **NS34,
    "people": {"messages": "sent", "contact_class": "kind", "first_message_at": "first"},
}
WRONG = {"wrong_doors": Row(measure="w", value=0.1, unit="share", n=190, counts="dots")}
RIGHT = {"wrong_doors": Row(measure="w", value=0.0, unit="share", n=190, counts="dots")}
SEEN = {"people_seen": Row(measure="s", value=160, unit="people", n=190, counts="people")}
RISK = {"recipient_risk": Row(measure="r", value=0.25, unit="share", n=100, counts="dots")}
LISTED = {"columns": {"street": {"source": "electoral_list"}}}


def with_(one, **sections):
    return {**one, **sections}


# id, day, (table, description, measured) that fires and its (verdict, value, n), one that is met,
# one that says too little.
CASES = {
    "R01": ("2016-11-08", (people(support_level=[1, 2]), {}, {}), ("concern", 2, 2),
            (people(age=[30, 40]), {"processing": {"political": False}}, {}), (None, {}, {})),
    "R02": ("2018-05-25", (people(ok=["yes", "", "no"]), {"people": {"consent": "ok"}}, {}),
            ("breach", 2, 3), (people(ok=["yes", "oui"]), {"people": {"consent": "ok"}}, {}),
            (people(ok=["yes"]), {}, {})),
    "R03": ("2023-07-04", (people(side=["l", "r"]), {"columns": {"side": {"source": "inferred"}}},
            {}), ("breach", 2, 2), (people(side=["l", "r"]), {"columns": {"side": {
                "source": "inferred", "legal_basis": "consent"}}}, {}), (None, {}, {})),
    "R04": ("2023-07-04", (people(handle=["a", "b"]), {"columns": {"handle": {
        "source": "social", "legal_basis": "manifestly_public"}}}, {}), ("breach", 2, 2),
        (people(handle=["a", "b"]), {"columns": {"handle": {
            "source": "social", "legal_basis": "manifestly_public", "public_setting": True}}}, {}),
        (None, {}, {})),
    "R05": ("2016-11-08", (people(by=["like", "like", "stall"], kind=["regular", "prospect",
            "regular"]), {"people": {"source": "by", "contact_class": "kind"}}, {}),
            ("breach", 1, 2), (people(by=["like", "stall"], kind=["prospect", "regular"]),
            {"people": {"source": "by", "contact_class": "kind"}}, {}), (None, {}, {})),
    "R06": ("2016-11-08", (SENT, MESSAGES, {}), ("breach", 1, 2),
            (SENT.assign(sent=1), MESSAGES, {}), (SENT, {}, {})),
    "R07": ("2016-11-08", (SENT, MESSAGES, {}), ("breach", 2, 2),
            (SENT.assign(first="2016-11-01"), MESSAGES, {}), (SENT, {}, {})),
    "R08": ("2016-11-08", (people(street=["a", "b"]), with_(LISTED, processing={
        "election_date": "2016-06-01"}), {}), ("concern", 2, 2), (people(street=["a", "b"]),
        with_(LISTED, processing={"election_date": "2016-11-27"},
        retention={"end_of_ballot": True}), {}), (None, LISTED, {})),
    "R09": ("2018-05-25", (people(last=["2012-01-01", "2018-05-01"]), with_(at("last_contact_at"),
            people={"last_contact_at": "last"}, retention={"regular_days": 365}), {}),
            ("breach", 1, 2), (people(last=["2018-01-01"]), {"people": {"last_contact_at": "last"},
            "retention": {"regular_days": 365}}, {}), (None, {}, {})),
    "R10": ("2016-11-08", (None, {"recipients": [{"role": "volunteer", "n": 20},
            {"role": "candidate"}], **NS34}, {}), ("breach", 20, None),
            (None, {"recipients": [{"role": "staff"}]}, {}), (None, {}, {})),
    "R11": ("2018-05-25", (None, {"recipients": [{"role": "any_account"}]}, SEEN),
            ("breach", 160, 190), (None, {"recipients": [{"role": "staff"}]}, {}), (None, {}, {})),
    "R12": ("2016-11-08", (people(handle=["a", "b"], told=["2016-01-01", ""]), with_(SOCIAL,
            people={"informed_at": "told"}), {}), ("breach", 1, 2), (people(handle=["a"],
            told=["2016-01-01"]), with_(SOCIAL, people={"informed_at": "told"}), {}),
            (people(handle=["a"]), SOCIAL, {})),
    "R13": ("2023-07-04", (people(handle=["a"]), {"columns": {"handle": {"source": "social",
            "legal_basis": "contract"}}}, {}), ("breach", 1, 1), (people(handle=["a"]), {"columns":
            {"handle": {"source": "social", "legal_basis": "consent"}}}, {}),
            (people(handle=["a"]), SOCIAL, {})),
    "R14": ("2016-11-08", (people(email=["a@b.fr"], handle=["a"]), {"columns": {
        "email": {"source": "direct"}, "handle": {"source": "social", "by_matching": True}}}, {}),
        ("breach", 1, 1), (people(email=["a@b.fr"], handle=["a"]), {"columns": {
            "email": {"source": "direct"}, "handle": {"source": "social", "by_matching": True,
            "legal_basis": "consent"}}}, {}), (None, {}, {})),
    "R15": ("2016-11-08", (people(street=["a", "b", "c"], told=["2016-01-10", "", "2016-09-01"]),
            {"columns": {"street": {"source": "directory", "collected_at": "2016-01-01"}},
             "people": {"informed_at": "told"}}, {}), ("breach", 3, 3),
            (people(street=["a"], told=["2016-01-01"]), {"columns": {"street": {
                "source": "directory", "collected_at": "2016-01-01"}},
                "people": {"informed_at": "told"}, "information": {"origin": True}}, {}),
                (people(street=["a"]), {"columns": {"street": {"source": "directory"}}}, {})),
    "R16": ("2018-05-25", (None, {"information": {"identity": True, "rights": False}}, {}),
            ("breach", 1, 6), (None, {"information": dict.fromkeys(("identity", "purpose",
            "legal_basis", "retention", "rights", "complaint"), True)}, {}),
            (None, {"information": {"identity": True}}, {})),
    "R17": ("2018-05-25", (people(no=["2018-01-01", "", "2018-04-01"],
            last=["2018-03-01", "2018-03-01", "2018-03-01"]), {"people": {"objected_at": "no",
            "last_contact_at": "last"}}, {}), ("breach", 1, 2), (people(no=["2018-04-01"],
            last=["2018-03-01"]), {"people": {"objected_at": "no", "last_contact_at": "last"},
            "messages": {"opt_out_offered": True}}, {}), (None, {}, {})),
    "R18": ("2018-05-25", (people(care=["a"]), {"columns": {"care": {
        "collected_for": "patients"}}}, {}), ("breach", 1, 1), (people(care=["a"]), {"columns": {
            "care": {"collected_for": "politics"}}}, {}), (None, {}, {})),
    "R19": ("2018-05-25", (people(ok=["yes", "yes", ""], at=["2018-01-01", "", ""]), {"people": {
        "consent": "ok", "consent_at": "at"}}, {}), ("breach", 1, 2), (people(ok=["yes"],
        at=["2018-01-01"], by=["form 3"]), {"people": {"consent": "ok", "consent_at": "at",
        "consent_proof": "by"}}, {}), (None, {}, {})),
    "R20": ("2018-05-25", (None, {"segments": [{"name": "a", "by_name": True}, {"name": "b",
            "columns": ["age"]}]}, {}), ("breach", 1, 2), (None, {"segments": [{"name": "b",
            "columns": ["age"]}]}, {}), (None, {}, {})),
    "R21": ("2018-05-25", (people(street=["a"]), with_(LISTED, electoral_list={
        "commercial_use": True, "purely_commercial": True}), {}), ("breach", 1, 1),
        (people(street=["a"]), with_(LISTED, electoral_list={"commercial_use": False,
        "undertaking": True}), {}), (people(street=["a"]), LISTED, {})),
    "R22": ("2018-05-25", (people(code=["a", "b"]), {"columns": {"code": {"used_for": []}}}, {}),
            ("concern", 1, None), (people(code=["a", "b"]), {"columns": {"code": {
                "used_for": ["letters"]}}}, {}), (None, {}, {})),
    "R23": ("2018-05-25", (None, {}, WRONG), ("concern", 19, 190), (None, {}, RIGHT),
            (None, {}, {})),
    "R24": ("2018-05-25", (None, {"security": {"authentication": True, "access_log": False}}, {}),
            ("breach", None, None), (None, {"security": {**dict.fromkeys(("authentication",
            "encryption", "export_control", "access_log"), True), "shared_accounts": False},
            "messages": {
            "recipients_visible": False}}, {}), (None, {}, {})),
    "R25": ("2018-05-25", (people(side=["a"]), {"processing": {"political": True, "started_at":
        "2018-05-25"}, "columns": {"side": {"source": "inferred"}}, "accountability": {"dpia":
        False, "dpo": True}}, {}), ("breach", None, None), (people(side=["a"]), {"processing":
        {"political": True}, "columns": {"side": {"source": "inferred"}}, "accountability":
        {"dpia": True, "dpo": True, "record_art30": True}}, {}), (None, {}, {})),
    "R26": ("2018-05-30", (None, {"breach": {"known_at": "2018-05-25"}}, {}),
            ("breach", None, None), (None, {"breach": {"known_at": "2018-05-25", "notified_at":
            "2018-05-27", "people_told_at": "2018-05-28", "registered": True}}, {}),
            (None, {}, {})),
    "R27": ("2018-05-25", (None, {"decisions": {"automated": True, "human_step": False}}, {}),
            ("concern", None, None),
            (None, {"decisions": {"automated": True, "human_step": True}}, {}), (None, {}, {})),
    "R28": ("2025-10-10", (people(side=["a"]), {"columns": {"side": {"source": "inferred"}},
            "segments": [{"name": "x", "columns": ["side"], "channel": "email", "consent": True},
                         {"name": "y", "channel": "email", "consent": True}]}, {}),
            ("breach", 1, 2), (None, {"segments": [{"name": "y", "channel": "email",
            "consent": True, "under_17": False, "columns": ["side"]}], "columns": {"side": {
            "source": "direct"}}}, {}), (None, {"segments": [{"name": "z"}]}, {})),
    "R29": ("2016-11-08", (None, {"formality": {"kind": "none"}, "controller": {"type":
            "candidate"}}, {}), ("breach", None, None), (None, {"formality": {"kind": "ns34",
            "date": "2016-02-15"}, "processing": {"started_at": "2016-03-01"}}, {}),
            (None, {}, {})),
    "R30": ("2016-11-08", (None, {"processors": [{"contract": False}, {"contract": True}]}, {}),
            ("breach", 1, 2), (None, {"processors": [{"contract": True}]}, {}), (None, {}, {})),
    "R31": ("2016-11-08", (None, {"processors": [{"country": "BR", "transfer_tool": "none"},
            {"country": "FR"}]}, {}), ("breach", 1, 2), (None, {"processors": [{"country": "DE"}]},
            {}), (None, {"processors": [{"country": "BR"}]}, {})),
    "R32": ("2018-05-25", (None, {"controllers": [{"arrangement": False}, {"arrangement": False}]},
            {}), ("breach", 2, 2), (None, {"controllers": [{"arrangement": True}, {"arrangement":
            True}]}, {}), (None, {"controllers": [{"name": "a"}, {"name": "b"}]}, {})),
    "R33": ("2018-09-01", (None, {"requests": [{"kind": "access", "received_at": "2018-06-30",
            "answered_at": "2018-07-31"}, {"kind": "access", "received_at": "2018-06-30",
            "answered_at": "2018-07-30"}]}, {}), ("breach", 1, 2), (None, {"requests": [{"kind":
            "erasure", "received_at": "2018-06-30", "answered_at": "2018-07-30"}]}, {}),
            (None, {}, {})),
    "R34": ("2016-11-08", (people(ok=["yes", "no"]), {"people": {"consent": "ok"}, "processing":
            {"channels": ["sms"]}}, {}), ("concern", 1, 2), (None, {"processing": {"channels":
            ["email"]}, "messages": {"consent": True}}, {}), (None, {"processing": {"channels":
            ["email"]}}, {})),
    "R35": ("2025-10-10", (None, {"segments": [{"channel": "online_ad"}], "accountability":
            {"record_19": False}}, {}), ("breach", None, None), (None, {"segments": [{"channel":
            "online_ad"}], "accountability": {"record_19": True}}, {}), (None, {"segments":
            [{"channel": "online_ad"}]}, {})),
    "R36": ("2016-11-08", (None, {"messages": {"tracking_pixel": True, "tracking_consent": False}},
            {}), ("breach", None, None), (None, {"messages": {"tracking_pixel": False}}, {}),
            (None, {"messages": {"tracking_pixel": True}}, {})),
    "R37": ("2025-09-04", (None, {"recipients": [{"role": "partner", "has_key": False}]}, RISK),
            ("concern", 25, 100), (None, {"recipients": [{"role": "staff", "has_key": True}]}, {}),
            (None, {"recipients": [{"role": "partner", "has_key": False}]}, {})),
    "H1": ("2016-11-08", (people(ok=["yes", ""]), {"processing": {"channels": ["door_knock"]},
           "people": {"consent": "ok"}}, {}), ("concern", 1, 2), (people(ok=["yes"]), {"processing":
           {"channels": ["door_knock"]}, "people": {"consent": "ok"}}, {}), (None, {}, {})),
}  # fmt: skip


def ruled(name, day, case):
    table, told, measured = case
    return pa.check_rules(table, dated(told), as_of=day, measured=measured)[name]


def test_every_rule_has_its_cases():
    assert set(CASES) == set(CHECKS) == {*(f"R{k:02d}" for k in range(1, 38)), "H1"}


@pytest.mark.parametrize("name", CASES)
def test_it_fires_with_its_evidence(name):
    day, case, (verdict, value, n), _, _ = CASES[name]
    found = ruled(name, day, case)
    assert found.verdict == verdict
    if value is not None:
        assert found.checked.value == value
    if n is not None:
        assert found.checked.n == n


@pytest.mark.parametrize("name", CASES)
def test_it_does_not_fire(name):
    day, _, _, case, _ = CASES[name]
    assert ruled(name, day, case).verdict == "met"


@pytest.mark.parametrize("name", CASES)
def test_what_is_not_described_is_never_met(name):
    day, _, _, _, case = CASES[name]
    found = ruled(name, day, case)
    assert found.verdict == "not_assessable"
    assert found.checked.columns  # which parts are missing


def example(name):
    text = (resources.files("privaudit.rules") / "examples" / f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def lawful_people():
    return pd.DataFrame(
        {
            "last_name": ["A", "B", "C"], "address": ["1 rue X", "2 rue Y", "3 rue Z"],
            "consent": ["yes"] * 3, "consent_at": ["2026-10-01"] * 3,
            "consent_proof": ["form 3"] * 3,
            "contact_class": ["member", "regular", "regular"], "informed_at": ["2026-10-01"] * 3,
            "objected_at": ["", "", "2026-11-02"], "last_contact_at": ["2026-11-01"] * 3,
            "first_message_at": ["2026-11-01"] * 3, "messages": [1] * 3, "source": ["form"] * 3,
            "station": ["1", "1", "2"],
        }
    )  # fmt: skip


@pytest.mark.parametrize("day", DAYS)
def test_the_lawful_counterpart_shows_no_breach(day):
    told = example("lawful")
    if day < "2016-05-04":
        # No officer, assessment or record of the GDPR is stated before it was published.
        told["accountability"] = {"balancing_test": True}
    found = pa.check_rules(lawful_people(), told, as_of=day)
    assert found.of("breach") == ()


def test_the_story_shows_what_its_facts_carry_and_it_moves_with_the_law():
    table = pd.DataFrame({"display_name": ["A B"] * 20, "presumed_leaning": ["right"] * 20,
                          "address": ["1 rue X"] * 20})  # fmt: skip
    ruled = pa.rules.diff_rules(table, example("story"), as_of=DAYS, measured=SEEN)
    assert not ruled.duplicated(["id", "as_of"]).any()
    moved = ruled.pivot(index="id", columns="as_of", values="verdict").fillna("")
    assert list(moved) == list(DAYS)
    for one_day in ("2016-11-08", 2016):
        with pytest.raises(ParameterError, match="days as as_of"):
            pa.rules.diff_rules(table, example("story"), as_of=one_day, measured=SEEN)
    # The story states no formality: NS-34 binds who declared under it.
    assert moved.loc["R10"].tolist() == ["not_assessable", "not_assessable", "", "", "", ""]
    assert moved.loc["R11"].tolist() == ["", "", "breach", "breach", "breach", "breach"]
    assert moved.loc["R03"].tolist() == ["breach"] * 6
    assert moved.loc["R25", "2018-05-25"] == "breach"
    assert moved.loc["R16"].tolist() == ["breach"] * 6
    assert moved.loc["R02"].tolist() == ["breach"] * 6
    assert moved.loc["R12"].tolist() == ["breach"] * 6
    assert moved.loc["R15"].tolist() == ["breach"] * 6
    assert moved.loc["H1", "2016-11-08"] == "concern"
    assert moved.loc["R28", "2025-10-10"] == "not_applicable"
    assert set(moved.to_numpy().ravel()) <= {*VERDICTS, ""}


def test_a_candidate_with_regular_contacts_is_open_to_argument():
    told = {"people": {"contact_class": "kind"}, "controller": {"type": "candidate"}}
    table = people(kind=["regular", "member"])
    assert ruled("R02", "2018-05-25", (table, told, {})).verdict == "concern"
    told["controller"]["type"] = "party"
    assert ruled("R02", "2018-05-25", (table, told, {})).verdict == "met"


def test_doors_and_post_are_not_online():
    told = {"segments": [{"name": "x", "channel": "door_knock"}, {"name": "y", "channel": "post"}]}
    assert ruled("R28", "2025-10-10", (None, told, {})).verdict == "not_applicable"


def test_a_segment_that_separates_surnames_beyond_chance_fires():
    names = ["Zahra"] * 60 + ["Martin"] * 60
    told = {"segments": [{"name": "s", "columns": ["list"]}], "people": {"last_name": "last_name"}}
    apart = pd.DataFrame({"last_name": names, "list": ["a"] * 55 + ["b"] * 60 + ["a"] * 5})
    alike = apart.assign(list=["a", "b"] * 60)
    assert ruled("R20", "2018-05-25", (apart, told, {})).verdict == "concern"
    assert ruled("R20", "2018-05-25", (alike, told, {})).verdict == "met"


def data_file(name):
    return (resources.files("privaudit.rules") / "packs" / f"{name}.toml").read_text("utf-8")


TEXTS = texts_of(data_file("texts"), "texts")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("[R07]", "title of R07"),
        ("x = [", "TOML"),
        ("", "rules"),
    ],
)
def test_a_broken_pack_is_refused_with_its_id(broken, said):
    with pytest.raises(SchemaError, match=said):
        rules_of(broken, "XX", TEXTS)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('verdict = "breach"', 'verdict = "illegal"', "verdict of R"),
        ("[R06]", "[Q06]", "an id that has a check"),
        ("norm = true", "nrom = true", "fields of R06"),
        ('"art. 9(1)"]', '"art. 9(1)"], ["no_text", ""]', "texts of R01"),
        ('id = "presence"', 'id = "column"', "R01_column once a day"),
        ("to = 2018-05-24", 'to = "2018"', "to of R"),
        ("hours = 72", 'hours = "72"', "limits of R26"),
        ("[R15.limits]\nmonths = 1", "limits = 1", "limits of R15"),
    ],
)
def test_every_field_of_a_rule_is_checked(old, new, said):
    text = data_file("rules")
    assert old in text
    with pytest.raises(SchemaError, match=said):
        rules_of(text.replace(old, new), "rules", TEXTS)


def test_a_check_compares_with_each_limit_of_its_rule_and_with_no_other():
    listed = {
        (rule, name)
        for rule, entry in tomllib.loads(data_file("rules")).items()
        for name in entry.get("limits", {})
    }
    folder = resources.files("privaudit.rules")
    code = "".join((folder / f"{name}.py").read_text("utf-8") for name in ("checks", "duties"))
    asked = set(re.findall(r'limit\("(R\d\d)", "(\w+)"', code))
    # R33 chooses its limit by whether the time was extended.
    assert asked | {("R33", "months"), ("R33", "months_extended")} == listed


def test_a_limit_of_the_pack_is_the_one_that_a_check_compares_with(monkeypatch):
    known = {"known_at": "2018-05-25", "notified_at": "2018-05-29", "registered": True}
    four_days = (None, {"breach": {**known, "risk": "some"}}, {})
    assert ruled("R26", "2018-06-30", four_days).verdict == "breach"
    pack = tomllib.loads(data_file("rules").replace("hours = 72", "hours = 96"))
    monkeypatch.setattr("privaudit.rules.facts.packaged_toml", lambda *_: pack)
    assert ruled("R26", "2018-06-30", four_days).verdict != "breach"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("from = 20", "form = 20", "from of lil_2004"),
        ("to = 2018-05-24", "to = 1999-01-01", "to of lil_2004 after from"),
        ('name = { en = "loi 78-17 as', 'name = { de = "loi 78-17 as', "name of lil_2004 in en"),
    ],
)
def test_every_field_of_a_text_is_checked(old, new, said):
    text = data_file("texts")
    assert old in text
    with pytest.raises(SchemaError, match=said):
        texts_of(text.replace(old, new), "texts")


def test_no_verdict_and_no_word_is_illegal():
    for name in ("rules", "texts"):
        assert "illegal" not in data_file(name).lower()
        assert "illégal" not in data_file(name).lower()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"procesing": {}}, "Did you mean 'processing'"),
        ({"processing": {"channels": ["door"]}}, "Did you mean 'door_knock'"),
        ({"processing": {"election_date": "2016-11-27"}}, "a date such as"),
        ({"security": {"encryption": "yes"}}, "true or false"),
        ({"messages": {"most_per_person": -1}}, "0 or more"),
        ({"recipients": {"role": "staff"}}, r"\[\[recipients\]\]"),
        ({"people": {"consent": "nowhere"}}, "people.consent a column"),
    ],
)
def test_a_wrong_description_is_one_clear_line(told, said):
    with pytest.raises(SchemaError, match=said):
        pa.check_rules(people(ok=["yes"]), told, as_of="2018-05-25")


def test_days_are_checked():
    with pytest.raises(ParameterError, match="a day from 2004"):
        rules_on("1999-01-01")
    for text in ("yesterday", "2016", "2016-11", "08/11/2016", "", 2016.5, None):
        with pytest.raises(ParameterError, match="as_of a day"):
            rules_on(text)
    assert rules_on(datetime.date(2016, 11, 8)) == rules_on(" 2016-11-08 ")


def test_no_cell_of_a_person_is_in_what_comes_back():
    table = people(ok=["yes", "SECRET-CELL"], support_level=["1", "SECRET-CELL"])
    found = pa.check_rules(table, {"people": {"consent": "ok"}}, as_of="2018-05-25")
    assert "SECRET" not in repr(found) + found.overall.to_csv() + repr(found.rulings)


@pytest.mark.parametrize("name", ["R03", "R04", "R12", "R13", "R14", "R15", "R18", "R21", "R22"])
def test_an_undescribed_column_clears_nothing(name):
    told = {"columns": {"a": {"source": "direct", "collected_for": "politics",
                              "used_for": ["letters"], "legal_basis": "consent"}}}  # fmt: skip
    found = ruled(name, "2023-07-04", (people(a=["x"], b=["y"]), told, {}))
    assert found.verdict == "not_assessable"
    assert any("columns.b." in path for path in found.checked.columns)


@pytest.mark.parametrize("word", ["pending", "refus", "withdrawn", "?", "no", ""])
def test_a_word_that_is_not_a_yes_is_no_consent(word):
    table = people(ok=["yes", word, "2018-01-03"])
    found = ruled("R02", "2018-05-25", (table, {"people": {"consent": "ok"}}, {}))
    assert (found.verdict, found.checked.value) == ("breach", 1)


def test_a_contact_beside_an_undated_objection_is_not_assessable():
    told = {"people": {"objected_at": "no", "last_contact_at": "last"},
            "messages": {"opt_out_offered": True}}  # fmt: skip
    table = people(no=["yes", ""], last=["2018-03-01"] * 2)
    assert ruled("R17", "2018-05-25", (table, told, {})).verdict == "not_assessable"


def test_mentions_are_those_of_the_day():
    told = {"information": {"identity": True, "purpose": True, "rights": True, "complaint": False}}
    assert ruled("R16", "2016-10-08", (None, told, {})).verdict == "met"
    assert ruled("R16", "2016-11-08", (None, told, {})).verdict == "not_assessable"
    assert ruled("R16", "2018-05-25", (None, told, {})).verdict == "breach"


def test_a_vendor_is_no_body_with_a_political_aim():
    told = {"people": {"contact_class": "kind"}, "controller": {"type": "vendor"}}
    assert ruled("R02", "2018-05-25", (people(kind=["regular"]), told, {})).verdict == "breach"
    del told["controller"]
    assert ruled("R02", "2018-05-25", (people(kind=["member"]), told, {})).verdict == (
        "not_assessable"
    )


def test_a_class_that_is_not_known_hides_no_prospect():
    table = people(sent=[1, 1], kind=["prospect", "lead"], first=["2016-11-01"] * 2)
    for name in ("R06", "R07"):
        assert ruled(name, "2016-11-08", (table, MESSAGES, {})).verdict == "not_assessable"


def test_a_range_never_passes_the_number_of_those_it_is_of():
    """One silent prospect, a class that is not known, a reply that is not read: 1 to 3 of 3."""
    told = with_(MESSAGES, people={**MESSAGES["people"], "replied": "back"})
    table = people(sent=[2, 2, 2, 2], kind=["prospect", "lead", "prospect", "member"],
                   first=["2016-01-01"] * 4, back=["", "", "see the card", ""])  # fmt: skip
    for name in ("R06", "R07"):
        found = ruled(name, "2016-11-08", (table, told, {})).checked
        assert (found.value, found.unread, found.n) == (1, 2, 3), name


def test_a_blank_class_may_be_a_prospects_and_is_none_for_sure():
    table = people(sent=[2, 2, -9], kind=["prospect", "", "prospect"], first=["2016-01-01"] * 3)
    found = ruled("R06", "2016-11-08", (table, MESSAGES, {})).checked
    # Fewer messages than none are not known.
    assert (found.value, found.unread, found.n) == (1, 2, 3)
    table = people(kind=["prospect", "", "see the card", "member"], ok=["no"] * 4)
    told = {"people": {"consent": "ok", "contact_class": "kind"}, "controller": {"type": "party"}}
    found = ruled("R02", "2016-11-08", (table, told, {})).checked
    assert (found.value, found.unread, found.n) == (1, 2, 4)


def test_a_contact_that_is_yet_to_come_hides_how_old_the_last_one_is():
    table = people(last=["2010-01-01", "2061-01-01"])
    found = ruled("R09", "2016-11-08", (table, {"people": {"last_contact_at": "last"}}, {})).checked
    assert (found.value, found.unread, found.n) == (1, 1, 2)


DOCS = Path(__file__).parents[3] / "docs"


def rows_of_rules(text):
    lines = [line for line in text.splitlines() if re.match(r"\| (R\d\d|H1) \|", line)]
    return [(line.split(" | ")[0].strip("| "), line) for line in lines]


@pytest.fixture
def made_page():
    return script("docs/rule_page.py").rule_page()


def test_the_docs_name_every_rule_once(made_page):
    for text in ((DOCS / "rules.md").read_text("utf-8"), made_page):
        assert sorted(name for name, _ in rows_of_rules(text)) == sorted(CHECKS)


def test_the_docs_agree_with_the_packs_on_each_rule(made_page):
    written, made = (
        dict(rows_of_rules(t)) for t in ((DOCS / "rules.md").read_text("utf-8"), made_page)
    )
    for rule in all_rules():
        for part in (rule.title["en"], rule.verdict):
            assert part in written[rule.id], (rule.id, part)
        for cite in rule.cites:
            assert f"{cite.where('en')} ({cite.text.valid_from} " in made[rule.id], rule.id


def test_the_page_of_texts_gives_the_days_of_a_text(made_page):
    # NS-34: from 29 February 2012 to the day before the GDPR applied.
    row = dict(rows_of_rules(made_page))["R10"]
    assert "NS-34 (CNIL, 2012-021), art. 4 (2012-02-29 to 2018-05-24) | C |" in row


def test_what_a_lawyer_must_read_stands_in_the_docs():
    docs = Path(__file__).parents[3] / "docs" / "data" / "to-verify"
    texts, questions = (
        [tuple(row) for row in pd.read_csv(docs / name, dtype=str).to_numpy()]
        for name in ("texts.csv", "questions.csv")
    )
    # Of a question the rules that rest on it stand behind it.
    said = {*texts, *((rules, question) for question, rules in questions)}
    assert said == set(to_be_read(all_rules(), "en"))


def test_a_blank_column_of_an_export_is_no_case_and_needs_no_word():
    told = {"columns": {"side": {"source": "inferred", "legal_basis": "none"}}}
    assert ruled("R03", "2023-07-04", (people(side=["l", ""]), told, {})).checked.value == 1
    found = ruled("R03", "2023-07-04", (people(side=["", ""], b=["x", "y"]), told, {}))
    assert found.verdict == "not_assessable"
    assert found.checked.columns == ("columns.b.source",)


def test_columns_that_the_table_lacks_count_no_record():
    told = {"columns": {"side": {"source": "inferred", "legal_basis": "none"}}}
    found = ruled("R03", "2023-07-04", (people(b=["x"] * 30), told, {})).checked
    assert (found.outcome, found.columns) == ("fires", ("side",))
    assert found.value != found.value  # nan: nothing was counted


def test_a_header_that_is_a_name_is_numbered():
    table = pd.DataFrame({"zone": ["a"] * 20, "Marie Dupont": ["for"] * 20})
    told = {"columns": {"zone": {"source": "direct"}}}
    found = pa.check_rules(table, told, as_of="2023-07-04")
    assert "columns.#2.source" in found["R13"].checked.columns
    assert "Dupont" not in found.overall.to_csv()


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        (["to", "to", "cc", "to"], "breach"),  # two of one message, who see each other
        (["bcc", "bcc", "bcc", "to"], "not_assessable"),  # nobody is shown another
        (["to", "bcc", "bcc", "to"], "not_assessable"),
    ],
)
def test_mail_that_was_seized_shows_whether_its_recipients_see_each_other(fields, verdict):
    mail = pd.DataFrame({
        "message_id": [1, 1, 1, 2], "recipient": [f"p{n}@x.fr" for n in range(4)], "by": fields,
    })  # fmt: skip
    found = pa.check_rules(mail, {}, as_of="2018-05-25")["R24"]
    assert found.verdict == verdict
    if verdict == "breach":
        assert found.checked.columns == ("messages.recipients_visible",)


def counted(name, day, table, described):
    found = ruled(name, day, (table, described, {})).checked
    return found.outcome, found.value, found.unread


OLD = {"people": {"last_contact_at": "last"}, "retention": {"regular_days": 1095}}


@pytest.mark.parametrize("cell", ["voir fiche", "2015", "2012-06", "########"])
def test_a_day_that_is_not_read_may_be_a_case(cell):
    table = people(last=["2010-01-02", cell, "2018-01-03"])
    assert counted("R09", "2018-06-01", table, OLD) == ("fires", 1, 1)
    alone = people(last=[cell, "2018-01-03"])
    assert ruled("R09", "2018-06-01", (alone, OLD, {})).verdict == "not_assessable"


@pytest.mark.parametrize("cell", ["01/01/1900", "0000-00-00", "00/00/0000", "1970-01-01", "NULL"])
def test_the_date_of_none_is_no_date(cell):
    told = {"people": {"objected_at": "no", "last_contact_at": "last"}}
    table = people(no=["2017-05-01", cell], last=["2018-01-03", "2018-01-03"])
    assert counted("R17", "2018-06-01", table, told) == ("fires", 1, 0)
    table = people(ok=["yes", "yes"], at=["2017-05-01", cell])
    told = {"people": {"consent": "ok", "consent_at": "at", "consent_proof": "at"}}
    assert counted("R19", "2018-06-01", table, told) == ("fires", 1, 0)


def test_an_answer_that_is_neither_a_yes_nor_a_no_may_be_a_consent():
    told = {"people": {"consent": "ok"}, "processing": {"channels": ["email"]}}
    table = people(ok=["\u2611", "\u2610", "Accept\u00e9e.", "ja", "nein", "selon la fiche", ""])
    assert counted("R34", "2018-06-01", table, told) == ("fires", 3, 1)
    # Yes and no are those of every other column.
    table = people(ok=["evet", "nee", "hay\u0131r", "oui"])
    assert counted("R34", "2018-06-01", table, told) == ("fires", 2, 0)


def test_a_prospect_whose_messages_are_not_read_may_be_a_case():
    told = {"people": {"messages": "n", "contact_class": "who", "replied": "said"}}
    told["formality"] = {"kind": "ns34"}
    table = people(
        n=["3", "deux", "2", "1"], who=["prospect"] * 4, said=["no", "", "peut-\u00eatre", ""]
    )
    assert counted("R06", "2016-11-08", table, told) == ("fires", 1, 2)
