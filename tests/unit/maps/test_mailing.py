"""Targeted messages: counted by hand, played with certain people, and never seen by an attack."""

import dataclasses
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.campaign.publish import parse_view
from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError
from privaudit.maps.message_attacks import OBSERVERS, guess_from_mail
from privaudit.maps.scoring import message_exposure
from privaudit.maps.scoring.message_exposure import _after, mailing_rows, segment_rows
from privaudit.release.release import MailRelease
from privaudit.results.rows import Rows

# age band, score, variant, opened, answer, at provider; then leaning, read, said, passed on
SENT = [
    ("18-24", 0.9, 1, True, "yes", True, "right", True, "yes", False),
    ("18-24", 0.8, 1, True, "", False, "right", True, "", True),
    ("18-24", 0.7, 1, False, "no", False, "left", False, "", False),
    ("65-79", 0.2, 2, True, "", True, "left", False, "", False),
    ("65-79", 0.1, 2, False, "yes", False, "right", False, "", False),
    ("80+", 0.3, 2, False, "", True, "none", False, "", False),
]


@pytest.fixture
def mail():
    names = ["age_band", "score", "variant", "opened", "answer", "at_provider"]
    frame = pd.DataFrame(SENT, columns=[*names, "leaning", "read", "said", "seen_by_others"])
    records = frame[names].assign(email=[f"a{i}@x.example" for i in range(6)], first_name="A")
    sources = frame[["read", "said", "seen_by_others"]].assign(person=np.arange(6))
    return MailRelease(
        records=records,
        roles=Roles(identifier="email", key="age_band"),
        cut=("age_band",),
        text=("age_band",),
        provenance="simulated",
        sources=sources,
        world="hand",
    )


@pytest.fixture
def world():
    # Four more people have an account and got no message: one leans to the right, none is 18-24.
    leaning = [row[6] for row in SENT] + ["right", "left", "left", "none"]
    age = [row[0] for row in SENT] + ["80+"] * 4
    people = pd.DataFrame({"leaning": leaning, "age_band": age})
    return SimpleNamespace(people=people, accounts=pd.DataFrame({"person": range(10)}))


def found(mail, world):
    rows = Rows(len(mail), "people")
    segment_rows(rows, mail)
    guesses = [guess_from_mail(mail.as_leaked(), one) for one in OBSERVERS]
    scores = mailing_rows(rows, mail, guesses, world, rng=np.random.default_rng(0))
    return pa.Measures(family="mailing", rows=rows, provenance="simulated"), scores


def test_every_number_by_hand(mail, world):
    told, scores = found(mail, world)
    assert told.value("variants") == 2
    assert told.value("segments") == 3
    assert told.value("smallest_segment") == 1
    assert told.value("alone_in_segment") == 1 / 6
    assert told.value("few_in_segment") == 1
    assert told.value("recorded", answer="yes") == 2 / 6
    assert told.value("recorded", answer="opened") == 3 / 6
    # Text 1 says right, text 2 says not: right, right, wrong, right, wrong, right.
    screen = told.row("learnt", observer="screen", what="side")
    assert screen.value == 4 / 6
    # All together score exactly .5: right would be said of everybody.
    assert screen.baseline == 3 / 6
    # YES is right, NO is left: the third is now read rightly, the fifth too.
    assert told.value("learnt", observer="link_server", what="side") == 1.0
    assert told.row("learnt", observer="mailbox", what="side").n == 3
    # The list tells each age band; the commonest of text 2 is 65-79.
    assert told.value("learnt", observer="list", what="age_band") == 1.0
    assert told.value("learnt", observer="screen", what="age_band") == 5 / 6
    assert told.row("learnt", observer="list", what="age_band").baseline == 3 / 6
    assert told.row("learnt", observer="list", what="age_band").control <= 1 / 6
    assert told.value("leans_by_answer", answer="yes") == 1
    assert told.value("leans_by_answer", answer="no") == 0
    assert told.value("leans_by_answer", answer="silence") == 1 / 3
    assert told.value("false_answer") == 2 / 3
    assert told.value("false_opening") == 1 / 3
    assert told.value("seen_by_others") == 1 / 6
    assert scores["before"].tolist() == [0.5] * 6
    assert scores["after"].tolist() == [1 / 2, 1 / 2, 1, 1 / 2, 0, 1 / 2]


def test_an_attack_sees_no_truth(mail):
    with pytest.raises(ParameterError, match="a sealed one"):
        guess_from_mail(mail, "screen")
    for observer in OBSERVERS:
        guess = guess_from_mail(mail.as_leaked(), observer)
        assert "person" not in mail.as_leaked().records
        assert len(guess.guesses["side"]) == 6


@pytest.fixture
def campaign(knocked):
    return knocked


def mailed(campaign, **links):
    plain = {"scanned": 0, "forwarded": 0, "images": 1, "proxied": 0}
    view = pa.Mailing(links=pa.maps.Links(**plain | links), filled=pa.io.Filled(emails=1))
    return pa.audit(pa.publish(campaign, view, seed=5), truth=campaign.world)


def test_when_everybody_answers_a_click_is_an_opinion(campaign):
    sure = {"opens": (1, 1), "clicks": (1, 1), "yes": (1, 0)}
    told = mailed(campaign, **sure)
    assert told.value("learnt", observer="link_server", what="side") == 1.0
    assert told.value("leans_by_answer", answer="yes") == 1.0
    assert told.value("leans_by_answer", answer="no") == 0.0
    assert told.row("leans_by_answer", answer="silence").n == 0
    assert told.value("false_answer") == told.value("false_opening") == 0
    assert told.value("recorded", answer="opened") == 1.0


def test_a_scanner_answers_for_people_unless_it_is_filtered(campaign):
    nobody = {"opens": (0, 0), "scanned": 1}
    told = mailed(campaign, **nobody)
    assert told.value("recorded", answer="yes") + told.value("recorded", answer="no") == 1
    assert told.value("false_answer") == 1
    told = mailed(campaign, **nobody, filtered=True)
    assert told.row("false_answer").n == 0
    told = mailed(campaign, opens=(0, 0), proxied=1)
    assert told.value("false_opening") == 1


def test_who_reads_a_forwarded_mail_answers_with_its_token(campaign):
    sure = {"opens": (1, 1), "clicks": (1, 1), "yes": (1, 0), "forwarded": 1, "blasts": 1}
    told = mailed(campaign, **sure)
    assert told.value("seen_by_others") == 1
    assert 0 < told.value("false_answer") < 1


@pytest.mark.sampled
@pytest.mark.parametrize("kind", ["shared", "none"])
def test_links_without_a_token_are_nobodys(campaign, kind):
    told = mailed(campaign, kind=kind)
    row = told.row("learnt", observer="link_server", what="side")
    assert np.isnan(row.value)
    assert row.notes[0].key == "observer_sees_nobody"
    assert told.value("recorded", answer="yes") == 0
    assert not [row for row in told.rows if row.measure == "leans_by_answer"]


def test_one_text_for_all_tells_a_screen_nothing(campaign):
    view = pa.Mailing(variants=(), filled=pa.io.Filled(emails=1))
    told = pa.audit(pa.publish(campaign, view, seed=5), truth=campaign.world)
    for what in ("side", "age_band", "interest", "station"):
        row = told.row("learnt", observer="screen", what=what)
        assert row.value == row.baseline
    assert told.value("variants") == 1


def test_a_blast_that_nobody_was_cut_for_is_audited(campaign):
    leak = pa.publish(campaign, pa.Mailing(segments=(), variants=()), seed=5)
    found = pa.audit(leak, truth=campaign.world)
    assert found.value("segments") == 1
    assert found.value("smallest_segment") == found.row("segments").n
    # The list of one segment says of each what the one text says to a screen.
    seen = [found.value("learnt", observer=who, what="side") for who in ("list", "screen")]
    assert seen[0] == seen[1] == found.row("learnt", observer="screen", what="side").baseline


def test_what_nobody_answered_is_empty_with_its_reason(campaign):
    empty = [row for row in mailed(campaign, opens=(0, 0)).rows if np.isnan(row.value)]
    assert {"leans_by_answer", "false_answer", "false_opening"} <= {row.measure for row in empty}
    assert {note.key for row in empty for note in row.notes} == {"nobody_counted"}
    assert all(row.notes for row in empty)


def test_segments_are_those_of_the_tool_and_who_refused_gets_nothing(campaign):
    view = pa.Mailing(segments=("age_band", "station"), variants=(), filled=pa.io.Filled(emails=1))
    leak = pa.publish(campaign, view, seed=5)
    size = leak.records.groupby(["age_band", "station"]).size()
    told = pa.audit(leak)
    assert told.value("smallest_segment") == size.min()
    assert told.value("segments") == len(size)
    log = campaign.contact_log[campaign.contact_log["status"] == "refused"]
    profile = campaign.dots["profile"].to_numpy()[log["dot"].to_numpy()]
    refused = campaign.profiles["account"].to_numpy()[profile]
    assert not set(refused) & set(leak.sources["account"])
    again = pa.publish(campaign, view, seed=5)
    pd.testing.assert_frame_equal(leak.records, again.records)


def test_wrong_arguments_and_words():
    assert str(parse_view("mailing")) == "mailing"
    assert parse_view("people:van").system == "van"
    with pytest.raises(ParameterError, match="variants among the segments"):
        pa.Mailing(segments=("station",), variants=("age_band",))
    with pytest.raises(ParameterError, match="two numbers as opens"):
        pa.maps.Links(opens=(0.1,))
    with pytest.raises(ParameterError, match="kind"):
        pa.maps.Links(kind="tokn")


def test_the_chapter_stands_in_both_languages(campaign, tmp_path):
    leak = pa.publish(campaign, pa.Mailing(filled=pa.io.Filled(emails=1)), seed=5)
    told = pa.audit(leak, truth=campaign.world)
    for lang, title in (("en", "What a targeted message"), ("fr", "un message ciblé révèle")):
        pa.report(told, tmp_path / lang, lang=lang)
        assert title in (tmp_path / lang / "annex.html").read_text(encoding="utf-8")


def test_an_answer_is_judged_by_the_others_of_its_text():
    """Two of three lean; without oneself one of two, or both; alone the prior."""
    leans, text = np.array([True, False, True, True]), np.array([0, 0, 0, 1])
    assert _after(leans, text, 0.3).tolist() == pytest.approx([0.5, 1.0, 0.5, 0.3])
    assert _after(leans[:2], text[:2], 0.3).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("second", "right"), [(0.75 - 1 / 1024, False), (0.75, True), (0.75 + 1 / 1024, True)]
)
def test_a_text_is_for_the_side_from_a_mean_of_one_half(mail, second, right):
    # Two people get the first text, of scores 1/4 and `second`; one gets the other, of score 0.
    records = mail.records.iloc[:3].assign(score=[0.25, second, 0.0], variant=[1, 1, 2])
    sent = dataclasses.replace(mail, records=records, sources=mail.sources.iloc[:3])
    side = guess_from_mail(sent.as_leaked(), "screen").guesses["side"]
    assert side.tolist() == [right, right, False]


@pytest.mark.parametrize(("second", "right"), [(0.7, False), (0.75, True), (0.8, True)])
def test_who_gets_no_text_is_guessed_from_the_mean_of_all(mail, second, right):
    records = mail.records.iloc[:2].assign(score=[0.25, second], variant=[1, 2])
    sent = dataclasses.replace(mail, records=records, sources=mail.sources.iloc[:2])
    assert guess_from_mail(sent.as_leaked(), "screen").blind["side"] == right


def test_who_a_tool_names_is_right_or_another_by_hand(monkeypatch):
    """Records 0 to 3 are of people 0, 1, 1 and 2; 3 is in no record, and -1 is in no town."""
    monkeypatch.setattr(message_exposure, "households_at", lambda world: np.array([1, 2, 4]))
    monkeypatch.setattr(message_exposure, "usual_leaning", lambda world, who: np.full(3, 0.5))
    people = pd.DataFrame(
        {"address": [0, 1, 2, 2], "household": [0, 1, 2, 3], "leaning": ["a", "b", "a", "b"]}
    )
    world = SimpleNamespace(people=people, addresses=range(3), households=range(5))
    guesses = SimpleNamespace(
        opinion=np.array(["a", "a", "", "b", "a", "a"]), address=np.array([0, 1, 0, -1, 2, 1])
    )
    record, person = np.array([0, 1, 0, -1, 2, 3]), np.array([0, 1, 2, 2, 3, -1])
    rows, owner = Rows(3, "people"), np.array([0, 1, 1, 2])
    message_exposure._add_answered(rows, guesses, record, owner, world, person)
    found = {(row.measure, row.gain): row for row in rows}
    values = {name: (row.value, row.baseline, row.control) for (name, _), row in found.items()}
    nan = pytest.approx(math.nan, nan_ok=True)
    # Person 0 and 1 get their own record; 2 gets that of 0, then none; 3 that of 1.
    assert values["reidentified"] == (pytest.approx(2 / 3), 1 / 4, 0)
    # Homes: of 0 and 1; of 3 by the record of another, one of four households at the address.
    assert values["address_found"] == (pytest.approx(2 / 3), pytest.approx(1 / 3), 1)
    assert values["household_found"] == (pytest.approx((1 + 1 / 2) / 3), 1 / 5, 1 / 4)
    # Person 0 leans to a as is guessed, and 1 does not; neither does 3.
    assert values["opinion_right"] == (pytest.approx(1 / 3), 0.5, 0)
    assert values["opinion_wrong"] == (pytest.approx(1 / 3), 0.5, 1)
    # Of five names that are answered two get their own; by chance one in four would.
    assert values["false_matches"] == (pytest.approx(3 / 5), 3 / 4, nan)
    assert (values["taken_for_another"][0], values["accused_wrongly"][0]) == (1, 1)
    assert values["on_the_list"][0] == 1
