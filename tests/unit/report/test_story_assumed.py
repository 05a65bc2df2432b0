"""What a number rests on: the assumption that moves it most, with both ends and as assumed."""

import re

import pytest

from privaudit.report.charts import moved_most
from privaudit.report.sentences import ResultLookup
from privaudit.report.story import sections_of
from privaudit.words.catalogues import Words

# Absent people are found by chance at .02 of the lower value of an assumption, .04 of the higher.
# By hand, of a map that finds .5 as assumed: kin move it by .30, e-mails by nothing, the roll by
# .12 (both ends below what is assumed), second accounts by .02 on the blurred map alone.
ROWS = [
    ("exact", "kin_in_town", 0.0, 0.42), ("exact", "kin_in_town", 0.8, 0.72),
    ("exact", "emails", 0.2, 0.5), ("exact", "emails", 0.6, 0.5),
    ("exact", "roll_staleness", 0.02, 0.48), ("exact", "roll_staleness", 0.2, 0.36),
    ("exact", "door_open_rate", 0.3, float("nan")), ("exact", "door_open_rate", 0.6, float("nan")),
    ("donut:50:200", "duplicate_accounts", 0.0, 0.50),
    ("donut:50:200", "duplicate_accounts", 0.1, 0.52),
]  # fmt: skip
SAID = {
    "en": ("households with kin in town", "someone with the electoral roll",
           "42.0 % (95 % interval: 38.0 % to 46.0 %) and 72.0 % (68.0 % to 76.0 %) of the people "
           "are found, 2.0 % and 4.0 % by chance", "as assumed here 50.0 %, 3.0 % by chance"),
    "fr": ("foyers", "42,0 % (intervalle à 95 % : 38,0 % à 46,0 %) et 72,0 % (68,0 % à 76,0 %) des "
           "personnes sont retrouvées, 2,0 % et 4,0 % par hasard",
           "avec la valeur retenue, 50,0 %, 3,0 % par hasard"),
}  # fmt: skip


@pytest.fixture
def assumed(study, measured):
    lower = {(view, name): min(row[2] for row in ROWS if row[:2] == (view, name))
             for view, name, *_ in ROWS}  # fmt: skip
    rows = []
    for view, name, at, value in ROWS:
        part = {"view": view, "parameter": name, "at": at}
        chance = 0.02 if at == lower[view, name] else 0.04
        of = {"baseline": 0.5, "part": part, "low": value - 0.04, "high": value + 0.04}
        rows.append(("reidentified", value, "share", 5, "towns", of))
        rows.append(("by_chance", chance, "share", 5, "towns", of | {"baseline": 0.03}))
    rows.append(("inhabitants", 4_000, "people", 5, "towns", {}))
    return study(kind="demo", measures=[measured("sensitivity", *rows)])


def test_assumptions_stand_by_how_far_they_move_and_what_moves_nothing_is_left_out(assumed):
    rows = [
        r
        for r in ResultLookup(assumed).rows("sensitivity", "reidentified")
        if r.part["view"] == "exact"
    ]
    told = [(name, low.value, high.value) for name, low, high in moved_most(rows)]
    assert told == [("kin_in_town", 0.42, 0.72), ("roll_staleness", 0.36, 0.48)]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_story_says_what_moves_each_map_most(assumed, lang):
    words = Words(lang)
    made = sections_of(assumed, words, ResultLookup(assumed), {}, [], [])
    section = next(section for section in made if section.id == "assumed")
    texts = [t.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")
             for _, t in section.items]  # fmt: skip
    assert len(texts) == 2
    assert all(part in texts[0] for part in SAID[lang])
    assert re.search("5 (towns|villes) (of|de) 4[ ,]000", texts[0])
    assert section.folded
    # Of the blurred map the ends are .50 and .52, each known to .04: no influence is shown.
    chance = {"en": "The two intervals overlap", "fr": "Les deux intervalles se recouvrent"}[lang]
    assert [chance in text for text in texts] == [False, True]


def test_without_a_sensitivity_run_nothing_is_said(study):
    made = sections_of(
        study(kind="demo"), Words("en"), ResultLookup(study(kind="demo")), {}, [], []
    )
    assert all(section.id != "assumed" for section in made)
