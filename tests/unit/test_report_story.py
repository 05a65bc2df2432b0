"""What the numbers say together: one door, the worth of knowing more, the figures of both."""

import math

import numpy as np
import pandas as pd
import pytest

from privaudit.exposure.results import CALIBRATION_COLUMNS, GAINS, MEASURE_COLUMNS, Exposure
from privaudit.exposure.results import Measures as Result
from privaudit.exposure.summary import summarise
from privaudit.reporting.charts import strongest
from privaudit.reporting.findings import findings_of
from privaudit.reporting.ladder_chart import ladder_chart
from privaudit.reporting.maps import town_map
from privaudit.reporting.page import quotes_of
from privaudit.reporting.story import behind_a_door, worth_of_knowing
from privaudit.reporting.study import Study
from privaudit.reporting.tables import candidate_rows
from privaudit.reporting.words import Words

NAN = float("nan")


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def exposure(attack, view, found, n=200, *, opinion=0.5, candidates=None, **changes):
    """An attack that finds `found` of n people, and presumes an opinion unless it is 0."""
    frame = {}
    for gain in GAINS:
        hits = round(n * opinion) if gain == "opinion" else found
        frame[gain] = np.repeat([1.0, 0.0], [hits, n - hits])
        frame[f"baseline_{gain}"] = np.full(n, 0.4 if gain == "opinion" else 0.001)
        frame[f"control_{gain}"] = np.zeros(n)
        frame[f"confidence_{gain}"] = np.full(n, hits / n)
    people = pd.DataFrame(frame)
    if candidates is not None:
        people["candidates"] = candidates
    return Exposure(
        attack=attack, per_person=people, overall=summarise(people, np.arange(n)),
        calibration=pd.DataFrame(columns=list(CALIBRATION_COLUMNS)), recipe={"view": view},
        **changes,
    )  # fmt: skip


def study(*exposures, **changes):
    given = {"kind": "demo", "title": "t", "provenance": "simulated", "real_places": False}
    return Study(**given, exposures=exposures, **changes)


def household(n=187, alike=121, adults=177):
    rows = [
        ("homes_one_interacted", alike, alike, alike, 19.08, n, "homes", ""),
        ("adults_never_interacted", adults, adults, adults, 294.9, 392, "people", ""),
        ("minors_never_interacted", 112, 112, 112, 92.4, 115, "people", ""),
    ]
    overall = pd.DataFrame(rows, columns=["measure", *MEASURE_COLUMNS]).set_index("measure")
    return Result(overall=overall, per_record=pd.DataFrame())


@pytest.mark.parametrize(
    ("lang", "counted"),
    [
        ("en", "121 of the 187 marked homes are like that one"),
        ("fr", "121 des 187 foyers marqués ressemblent à celui-là"),
    ],
)
def test_behind_one_door_two_sentences_from_the_counts(lang, counted):
    told, numbers = behind_a_door(study(measures={"household": household()}), Words(lang))
    assert counted in plain(numbers)
    for number in ("19.1" if lang == "en" else "19,1", "177", "112"):
        assert number in numbers
    # The story needs nobody's name, and is told without a number of the data.
    assert not any(character.isdigit() for character in told)


def test_one_home_and_one_adult_take_the_singular():
    one = study(measures={"household": household(alike=1, adults=1)})
    english, french = (plain(behind_a_door(one, Words(lang))[1]) for lang in ("en", "fr"))
    assert "1 of the 187 marked homes is like that one" in english
    assert "live 1 adult and 112 minors who" in english
    assert "1 des 187 foyers marqués ressemble à celui-là" in french
    assert "vivent 1 adulte et 112 mineurs qui" in french


def test_a_door_of_few_people_is_not_told():
    assert behind_a_door(study(measures={"household": household(n=9)}), Words("en")) == []
    assert behind_a_door(study(), Words("en")) == []


def test_what_knowing_more_is_worth():
    exact = [exposure("nearest address", "exact", 190), exposure("knows the mask", "exact", 190)]
    masked = [
        exposure("nearest address", "donut:50:200", 1),
        exposure("knows the mask", "donut:50:200", 20),
        exposure("an attack of tomorrow", "donut:50:200", 90, reliable=False),
    ]
    (text,) = worth_of_knowing(study(*exact, *masked), Words("en"))
    # 1 and 20 of 200, the same one among the 20: Agresti and Min's interval of 19 who differ is
    # (19 +- 1.96 sqrt(20 - 19**2 / 202)) / 202. The attack that is not reliable is told, and not
    # compared.
    assert plain(text) == (
        "Dots moved by 50 to 200 m, share of people whose address is found: nearest address, "
        "0.50 %; knows the mask, 10.0 %; an attack of tomorrow, 45.0 % (not reliable). Between "
        "the first and the last, the gap is 9.5 % of the people (95 % interval 5.3 % to 13.5 %, "
        "the same 200 people): more than chance explains."
    )


@pytest.mark.parametrize(
    ("found", "changes", "said"),
    [
        (4, {}, "le hasard peut suffire à l'expliquer"),
        (4, {"expected": True}, "l'écart attendu est de 1,5 % des personnes"),
        (1, {}, "n'ajoute rien ici"),
    ],
)
def test_a_gap_that_chance_may_explain_is_no_finding(found, changes, said):
    rungs = (
        exposure("nearest address", "gaussian:100", 1, **changes),
        exposure("knows the mask", "gaussian:100", found, **changes),
    )
    (text,) = worth_of_knowing(study(*rungs), Words("fr"))
    assert said in plain(text)
    assert "plus que n'en explique" not in plain(text)


def test_the_ladder_states_the_gap_and_draws_doubt_hollow():
    rungs = (
        exposure("nearest address", "exact", 190),
        exposure("nearest address", "donut:50:200", 1),
        exposure("holds a register", "donut:50:200", 20, reliable=False),
        exposure("knows the mask", "donut:50:200", 10),
    )
    figure = ladder_chart(study(*rungs), Words("en"))
    assert plain(figure.title).startswith(
        "Someone who knows how the dots were moved finds the address of 5.0 % of the people, "
        "against 0.50 % by taking the nearest"
    )
    assert ">not reliable<" in figure.svg
    assert ">10 %<" in plain(figure.svg)
    assert ">50 %<" in plain(figure.svg)
    sure = ladder_chart(study(rungs[0], rungs[1], rungs[3]), Words("en"))
    assert ">not reliable<" not in sure.svg


def test_a_gap_that_chance_may_explain_is_no_title():
    rungs = (
        exposure("nearest address", "donut:50:200", 1),
        exposure("knows the mask", "donut:50:200", 3),
    )
    title = plain(ladder_chart(study(*rungs), Words("en")).title)
    assert "against" not in title
    assert "1.5 %" in title


def test_an_attack_that_presumes_nothing_is_none_below_its_baseline():
    silent = exposure("nearest address", "donut:50:200", 5, opinion=0.0)
    given = study(silent)
    by_gain = {f.id.rsplit(".", 1)[1]: f for f in findings_of(given)}
    opinion = by_gain["opinion"]
    assert math.isnan(opinion.value)
    assert (opinion.baseline, opinion.n, opinion.reliable) == (pytest.approx(0.4), 200, True)
    assert "learns no opinion" in opinion.sentence["en"]
    assert "would be right for 40.0 %" in plain(opinion.sentence["en"])
    assert ">no opinion presumed<" in ladder_chart(given, Words("en")).svg
    # Presuming wrongly each time is an attack, and a bad one.
    wrong = silent.per_person.assign(confidence_opinion=0.7)
    bad = Exposure(
        attack="nearest address", per_person=wrong, overall=summarise(wrong, np.arange(200)),
        calibration=silent.calibration, recipe={"view": "exact"},
    )  # fmt: skip
    assert findings_of(study(bad))[-1].value == 0.0


def test_confidence_is_looked_at_where_dots_were_moved():
    rungs = [
        exposure("nearest address", "exact", 190),
        exposure("knows the mask", "donut:50:200", 10),
        exposure("nearest address", "donut:50:200", 1),
        exposure("knows the mask", "gaussian:100", 30),
        exposure("holds a register", "table", 60),
    ]
    assert strongest(study(*rungs), masked=True) is rungs[1]
    assert strongest(study(*rungs)) is rungs[0]
    assert strongest(study(rungs[0], rungs[4]), masked=True) is rungs[0]
    assert strongest(study(rungs[4]), masked=True) is None


def test_small_classes_of_addresses_left_are_joined():
    # 3 people at 1 address, 20 at 10, 5 at 50, 30 at 200.
    left = np.repeat([1.0, 10.0, 50.0, 200.0], [3, 20, 5, 30])
    rows = candidate_rows(exposure("knows the mask", "donut:50:200", 1, n=58, candidates=left))
    assert rows["addresses"].tolist() == ["1–20", "21+"]
    assert rows["n"].tolist() == [23, 35]
    few = exposure("knows the mask", "donut:50:200", 1, n=10, candidates=left[:10])
    assert candidate_rows(few) is None


@pytest.mark.parametrize("hamlet_at", [3_000.0, None])
def test_a_small_town_is_drawn_large_and_its_hamlets_below(hamlet_at):
    """Addresses every 40 m in a square of 400 m, and a hamlet 3 km away, or none."""
    street, number = np.divmod(np.arange(121), 11)
    places = np.column_stack([street, number]) * 40.0
    if hamlet_at is not None:
        places = np.vstack([places, [[hamlet_at, hamlet_at], [hamlet_at + 30, hamlet_at]]])
    dots = pd.DataFrame(places[[0, 60, -1]], columns=["x", "y"])
    dots["status"] = ["to_meet", "visited", "to_meet"]
    figure = town_map(study(dots=dots, addresses=places), Words("en"))
    maps = 1 if hamlet_at is None else 2
    assert figure.svg.count(">SIMULATION<") == maps
    assert (">the whole town, hamlets too<" in figure.svg) == (hamlet_at is not None)
    # Every address of the town is a point on the large map.
    assert figure.svg.count("h0") >= 121


def test_the_gap_is_to_the_last_rung_even_where_another_found_more():
    # Which rung is best is learnt from these very people: its gap would be too large on average.
    rungs = [
        exposure("nearest address", "donut:50:200", 10),
        exposure("knows the mask", "donut:50:200", 30),
        exposure("holds the register", "donut:50:200", 20),
    ]
    (text,) = worth_of_knowing(study(*rungs), Words("en"))
    assert "the gap is 5.0 % of the people" in plain(text)


@pytest.mark.parametrize(
    ("view", "quoted"),
    [
        # Of three findings, the claim of the adversary who is doubted is not to be quoted.
        ("donut:50:200", ["belief.likelier_elsewhere", "hiding.k_addresses_p50"]),
        # The claim is that of another, who is not.
        ("exact", ["belief.claimed", "belief.likelier_elsewhere", "hiding.k_addresses_p50"]),
    ],
)
def test_a_claim_that_is_not_reliable_is_not_quoted(view, quoted):
    doubted = exposure("knows the mask", "donut:50:200", 60, reliable=False)
    rows = [
        ("claimed", 0.874, 0.874, 0.874, NAN, 200, "share of people", ""),
        ("likelier_elsewhere", 5.0, 3.0, 7.0, 1.0, 200, "times", ""),
    ]
    hidden = [("k_addresses_p50", 12.0, 12.0, 12.0, NAN, 200, "addresses", "")]
    columns = ["measure", *MEASURE_COLUMNS]
    belief, hiding = (
        Result(
            overall=pd.DataFrame(part, columns=columns).set_index("measure"),
            per_record=pd.DataFrame(),
            recipe={"view": view},
        )
        for part in (rows, hidden)
    )
    made = study(doubted, measures={"belief": belief, "hiding": hiding})
    assert sorted(f.id for f in quotes_of(made, findings_of(made))) == quoted
