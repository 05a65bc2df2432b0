"""Two tables linked: levels by hand, a brute-force oracle, laws, calibration, bad input."""

import html
import itertools
import json
import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fixtures.typed_people import typed_twice
from numpy.testing import assert_allclose
from scipy.stats import binom

import privaudit as pa
from privaudit.cli import main
from privaudit.errors import ParameterError, PrivauditError
from privaudit.linkage import fellegi_sunter as fs
from privaudit.linkage.candidate_pairs import (
    RecordPairs,
    _of_one_year,
    candidate_pairs,
    compare_records,
)
from privaudit.linkage.field_comparisons import (
    ADDRESS,
    BIRTH,
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    TEXT,
    TURNED,
    Field,
    Names,
    birth_levels,
    compared_fields,
    email_levels,
    number_levels,
    place_levels,
    text_levels,
)
from privaudit.linkage.field_comparisons import NUMBER as NUMBER_LEVELS
from privaudit.linkage.field_comparisons import SEX as SEX_LEVELS
from privaudit.linkage.link_tables import (
    _add_quality,
    _expected,
    _may_be_chance,
    link,
)
from privaudit.linkage.person_index import Records
from privaudit.results.rows import Rows
from privaudit.stats.calibration import expected_calibration_error
from privaudit.words.catalogues import Note

# Levels of a place, the strongest first.
PLACE = ("same", "near", "different")
GIVEN = ("Marie", "Jean", "Anne", "Paul", "Julien", "Hélène", "Claude", "Zoé")


def level_of(kind, one, two):
    """Return the level of two names by word, as the comparison gives it."""
    names = Names([one, two])
    pair = np.array([0]), np.array([1])
    if kind == "first":
        return FIRST_NAME.names[names.first_names(*pair)[0]]
    return LAST_NAME.names[names.last_names(*pair)[0]]


@pytest.mark.parametrize(
    ("kind", "one", "two", "level"),
    [("first", "jean paul", "jeanpaul", "same"), ("first", "philippe", "filip", "near"),
     ("first", "manu", "emmanuel", "short"), ("first", "bill", "william", "short"),
     ("first", "jean", "jean paul", "short"), ("first", "e", "eric", "initial"),
     ("first", "marie", "paul", "different"), ("last", "martin", "martni", "near"),
     ("last", "dupond", "dupont", "near"), ("last", "martin", "martin dubois", "part"),
     ("last", "leroy", "petit", "different"),
     # One edit in three letters, and the same sound in four.
     ("first", "lea", "lia", "near"), ("first", "le", "la", "different"),
     ("last", "marc", "marques", "near"), ("last", "max", "maques", "different"),
     # Two edits in five letters, and names nearly alike from three letters on.
     ("first", "marie", "mauve", "half"), ("first", "mari", "mauv", "different"),
     ("last", "ann", "annie", "half"), ("last", "an", "ann", "different"),
     # .844 by Jaro and Winkler, of .88; ann and annie are .907.
     ("last", "martin", "marlot", "different"),
     # Three letters shorten a name, or are a part of one; a letter is an initial.
     ("first", "jea", "jean", "short"), ("first", "je", "jean", "different"),
     ("last", "petit bon", "bon", "part"), ("last", "petit le", "le", "different"),
     ("last", "p", "petit", "initial"), ("last", "p", "leroy", "different")],
)  # fmt: skip
def test_names_agree_at_the_level_that_a_reader_gives_them(kind, one, two, level):
    assert level_of(kind, one, two) == level_of(kind, two, one) == level


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [(19800502, 19800205, "slip"), (19800502, 19800503, "slip"), (19800502, 19800520, "slip"),
     (19800502, 19680502, "two_parts"), (19800502, 19801119, "year"),
     (19800502, 19811119, "near_year"), (19800502, 19461119, "different"),
     (19800000, 19800502, "year_only"), (19800000, 19810502, "near_year_only"),
     (19800000, 19460000, "different_year"),
     # Two digits that follow each other in turn, at the first two places and at the last two.
     (19800512, 19800521, "slip"), (91800502, 19800502, "slip"), (19800512, 19800511, "slip"),
     (19800512, 19800525, "two_parts"), (19800513, 19800524, "two_parts"),
     # One year apart, or one digit of the year.
     (19790502, 19801119, "near_year"), (19790502, 19811119, "different"),
     (19810502, 19851119, "near_year"), (18800502, 19801119, "near_year"),
     (19810502, 19821119, "near_year"), (19800500, 19800502, "year_only"),
     (19800501, 19801130, "year")],
)  # fmt: skip
def test_births_agree_at_the_level_that_a_reader_gives_them(one, two, level):
    days = np.array([one, two])
    for pair in ((0, 1), (1, 0)):
        at = birth_levels(days, np.array([pair[0]]), np.array([pair[1]]))[0]
        assert BIRTH.names[at] == level


@pytest.mark.parametrize(
    ("levels", "compared", "one", "two", "level"),
    [
        # The same before the @, of four letters; or one edit.
        (EMAIL.names, email_levels, "abcd@x.fr", "abcd@y.org", "local"),
        (EMAIL.names, email_levels, "abc@x.fr", "abc@y.org", "different"),
        (EMAIL.names, email_levels, "abcd@x.fr", "abce@x.fr", "near"),
        (EMAIL.names, email_levels, "abcd@x.fr", "abef@x.fr", "different"),
        (EMAIL.names, email_levels, "abc@x.fr", "abd@x.fr", "different"),
        # One edit in five digits.
        (NUMBER_LEVELS.names, number_levels, "12345", "12346", "near"),
        (NUMBER_LEVELS.names, number_levels, "12345", "12354", "near"),
        (NUMBER_LEVELS.names, number_levels, "1234", "1235", "different"),
        (NUMBER_LEVELS.names, number_levels, "12345", "12367", "different"),
        # A slip in five letters.
        (TEXT.names, text_levels, "abcde", "abcdx", "near"),
        (TEXT.names, text_levels, "abcd", "abcx", "different"),
        (TEXT.names, text_levels, "abcdefghij", "xycdefghij", "near"),
        (TEXT.names, text_levels, "abcdefghi", "xycdefghi", "different"),
        # Two pairs of letters in turn: .956 by Jaro and Winkler, of .92.
        (TEXT.names, text_levels, "abcdefghi", "abcdegfih", "near"),
        (TEXT.names, text_levels, "abcdefghijklmnopqrst", "wxyzefghijklmnopqrst", "near"),
        (TEXT.names, text_levels, "abcdefghijklmnopqrs", "wxyzefghijklmnopqrs", "different"),
        (TEXT.names, text_levels, "avenue du general de gaulle", "boulevard de la republique",
         "different"),
        # One postcode; without one of both, one town; or a slip in four letters of a town.
        (PLACE, place_levels, "01000|bourg", "01000|peronnas", "same"),
        (PLACE, place_levels, "|bourg", "01000|bourg", "same"),
        (PLACE, place_levels, "01000|bourg", "69001|bourg", "near"),
        (PLACE, place_levels, "01000|bourg", "01001|lyon", "near"),
        (PLACE, place_levels, "01000|bourg", "01022|lyon", "different"),
        (PLACE, place_levels, "|lyon", "|lion", "near"),
        (PLACE, place_levels, "|dax", "|dix", "different"),
        (PLACE, place_levels, "|abcdefgh", "|abcdefxy", "near"),
        (PLACE, place_levels, "|abcdefg", "|abcdexy", "different"),
        (PLACE, place_levels, "|abcdefghijkl", "|abcdefghixyz", "near"),
        (PLACE, place_levels, "|abcdefghijk", "|abcdefghxyz", "different"),
        (PLACE, place_levels, "|saint etienne du rouvray", "|chalons en champagne", "different"),
        (PLACE, place_levels, "|", "01000|bourg", "different"),
    ],
)  # fmt: skip
def test_other_texts_agree_up_to_so_many_slips_a_letter(levels, compared, one, two, level):
    pair = np.array([0]), np.array([1])
    for texts in ((one, two), (two, one)):
        assert levels[compared(texts)(*pair)[0]] == level


def test_prior_shares_are_of_all_and_fall_from_level_to_level():
    """Of each class the shares add up to one, so none is scaled; m / u never rises with rank."""
    for levels in (FIRST_NAME, LAST_NAME, TURNED, BIRTH, EMAIL, NUMBER_LEVELS,
                   SEX_LEVELS, TEXT):  # fmt: skip
        assert_allclose(levels.matches * 100, np.round(levels.matches * 100), atol=1e-9)
        ratio = levels.matches / levels.others
        for group in range(levels.group.max() + 1):
            of = levels.group == group
            assert {*levels.order[of]} == {*range(levels.order[of].max() + 1)}
            for rank in range(levels.order[of].max()):
                stronger, weaker = (ratio[of & (levels.order == one)] for one in (rank, rank + 1))
                assert stronger.min() > weaker.max()
    # Street, number and place, each of which may be missing: 4 by 3 by 4, in 2 by 2 by 2 classes.
    assert len(ADDRESS.names) == 48
    assert np.bincount(ADDRESS.group).tolist() == [18, 6, 9, 3, 6, 2, 3, 1]
    assert {name for name, group in zip(*ADDRESS[:2], strict=True) if group == 6} == {
        "none_none_same", "none_none_near", "none_none_other"
    }  # fmt: skip


def test_every_way_of_writing_a_person_is_found_and_nobody_else():
    """Ten people written otherwise, among two hundred of whom nobody is in both."""
    mine = pd.DataFrame(
        [("Meyer", "Éric", "1971-05-02"), ("LEROY", "Zoé", "1980-11-30"),
         ("Dupont", "Philippe", "1950-01-12"), ("Martin", "Jean-Paul", "1962-07-21"),
         ("de La Tour", "Anne", "1990-03-09"), ("Marchal", "Guillaume", "1985-12-05"),
         ("Faure-Bonnet", "Claire", "1977-08-16"), ("Blanchard", "Élisabeth", "1944-02-27")],
        columns=["nom", "prenom", "date_naissance"],
    )  # fmt: skip
    theirs = pd.DataFrame(
        [("Eric", "Meyer", "02/05/1971"), ("Leroi", "Zoe", "30/11/1980"),
         ("Dupond", "Filip", "12/01/1950"), ("MARTIN", "Jean Paul", "21/07/1963"),
         ("La Tour", "ANNE", "09/03/1990"), ("Marchal", "Guigui", "12/05/1985"),
         ("Bonnet", "Claire", "16/08/1977"), ("Blanchard", "Babeth", "27/02/1944")],
        columns=["nom", "prenom", "date_naissance"],
    )  # fmt: skip
    a, b, _, _ = typed_twice(200, shared=0.0, seed=5)
    others = [
        one.assign(date_naissance=one["annee_naissance"] + "-06-1" + (one.index % 9).astype(str))
        for one in (a, b)
    ]
    mine, theirs = (
        pd.concat([one, more[one.columns]], ignore_index=True)
        for one, more in zip((mine, theirs), others, strict=True)
    )
    found = link(mine, theirs).pairs()
    assert sorted(zip(found["row"], found["other"], strict=True)) == [(i, i) for i in range(8)]


def small(n=6, seed=1):
    a, b, truth, _ = typed_twice(n, seed=seed)
    return a, b, truth


def prepared(a, b):
    fields = compared_fields(Records.of(a), Records.of(b))
    pairs = compare_records(fields, candidate_pairs(fields, len(a), len(b)), len(a), len(b),
                            (True, True))  # fmt: skip
    return fields, pairs


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_probabilities_are_those_of_every_matching_written_out(seed):
    """Sum over all one-to-one matchings of six people, weights from the model's own odds."""
    a, b, _ = small(seed=seed)
    _, pairs = prepared(a, b)
    model, probability = fs.link_records(pairs)
    odds = fs._record_odds(pairs, model).reshape(len(a), len(b))
    total, hits = 0.0, np.zeros_like(odds)
    for size in range(len(a) + 1):
        for rows in itertools.combinations(range(len(a)), size):
            for columns in itertools.permutations(range(len(b)), size):
                weight = math.prod(odds[i, j] for i, j in zip(rows, columns, strict=True))
                total += weight
                hits[list(rows), list(columns)] += weight
    assert probability.reshape(odds.shape) == pytest.approx(hits / total, abs=5e-3)


def test_weights_are_the_logarithms_of_m_over_u_summed_by_hand():
    a, b, _ = small(20, seed=4)
    _, pairs = prepared(a, b)
    model, _ = fs.link_records(pairs)
    got = fs._log_weights(pairs, model)
    for at in range(0, len(got), 7):
        total, of = 0.0, dict.fromkeys(pairs.fields, 0.0)
        for name, one in pairs.fields.items():
            level = one.level[at]
            if level < 0:
                continue
            m, u = model.matches[name][level], model.others[name][level]
            if level in one.weighted and level in one.exact:
                u = min(2 / one.rare[at], 1.0)
            elif level in one.weighted and model.rarity[name][level] > 0:
                u /= min(max(one.rare[at] / model.rarity[name][level], 0.1), 10.0)
            of[name] = math.log(m / u)
        shared = of["last_name"] + of["birth"]
        if pairs.fields["first_name"].level[at] != 0 and of["birth"] > 0:
            # One of 20 people has .03 twins, who share a last name and a birth as the person does.
            shared = -math.log(math.exp(-shared) + 0.03 / 20)
        total += shared + of["first_name"] + of["turned"]
        assert got[at] == pytest.approx(total + model.moved[pairs.kind[at]])


def matched(linked):
    found = linked.pairs()
    return set(zip(found["row"].tolist(), found["other"].tolist(), strict=True))


@pytest.mark.heavy
@pytest.mark.parametrize("n", [150, 900])
def test_the_same_people_are_matched_the_other_way_round(n):
    a, b, _, _ = typed_twice(n, seed=8)
    assert matched(link(a, b)) == {(i, j) for j, i in matched(link(b, a))}


@pytest.mark.heavy
@pytest.mark.parametrize("n", [150, 900])
def test_the_order_of_rows_and_a_column_more_change_no_match(n):
    a, b, _, _ = typed_twice(n, seed=9)
    before = matched(link(a, b))
    order = np.random.default_rng(1).permutation(n)
    shuffled = link(a.iloc[order], b.assign(remarque=np.arange(n) % 7))
    assert {(int(order[i]), j) for i, j in matched(shuffled)} == before


def test_two_files_with_nobody_in_common_are_said_to_have_hardly_anybody():
    a, b, _, _ = typed_twice(1_000, shared=0.0, seed=11)
    found = link(a, b).measures.row("expected_matches")
    assert found.low <= 10
    assert found.value < 40


@pytest.mark.slow
def test_the_interval_of_the_expected_matches_holds_the_truth_19_times_in_20():
    held = []
    for seed in range(100, 140):
        share = (0.2, 0.5, 0.8)[seed % 3]
        a, b, truth, _ = typed_twice(400, shared=share, seed=seed)
        row = link(a, b).measures.row("expected_matches")
        held.append(row.low <= (truth >= 0).sum() <= row.high)
    assert np.mean(held) >= 0.9


@pytest.mark.parametrize("people", [40, 100, 400, 2_000])
def test_people_under_another_name_are_a_count_with_its_chance(people):
    # Each of them is under another name with 3 %; the others are pairs that nobody doubts.
    held = 0.0
    for unseen in range(people // 5 + 1):
        seen = np.arange(people - unseen)
        pairs = RecordPairs(seen, seen, 9_999, 9_999, (True, True), {}, {}, 1.0)
        model = fs.RecordModel(0, {}, {}, {}, seen)
        _, low, high = _expected(pairs, np.ones(len(seen)), model)
        held += binom.pmf(unseen, people, 0.03) * (low <= people <= high)
    assert held >= 0.95


def sampled_matches(pairs, model, draws, rng):
    """Numbers of matches by data augmentation (Tanner and Wong 1987): matches, then parameters."""
    likely = fs._record_odds(pairs, fs.RecordModel.of(pairs)) > fs._REMOTE
    some, numbers = pairs.some(np.flatnonzero(likely)), []
    for _ in range(draws):
        probability = fs._competing(some, fs._record_odds(some, model))
        match = (rng.random(len(probability)) < probability).astype(float)
        numbers.append(match.sum())
        model, matches = fs.RecordModel.of(some, match, model.moved), {}
        for name, one in some.fields.items():
            known, group = one.level >= 0, one.levels.group
            at = np.bincount(one.level[known], match[known], len(group))
            drawn = rng.gamma(at + fs._PRIOR_MATCHES * one.levels.matches)
            drawn = drawn / np.bincount(group, drawn)[group]
            if name in fs.PERSONAL:
                drawn = fs._of_one_person(drawn, one.levels)
            matches[name] = fs._monotone(drawn, model.others[name], one)
        model = model._replace(matches=matches, matched=rng.gamma(match.sum() + 1))
    return np.array(numbers)


@pytest.mark.heavy
@pytest.mark.parametrize(("seed", "columns", "few"), [(1, ["nom", "prenom"], 0.9), (2, None, 1.0)])
def test_the_error_of_estimated_parameters_is_that_of_the_sampler(seed, columns, few):
    n = 200 if columns else 400
    a, b, _, _ = typed_twice(n, shared=0.3, seed=seed, concentration=few)
    if columns:
        a, b = a[columns], b[columns]
    fields = compared_fields(Records.of(a), Records.of(b))
    candidates = candidate_pairs(fields, len(a), len(b))
    pairs = compare_records(fields, candidates, len(a), len(b), (False, False))
    model, _ = fs.link_records(pairs)
    numbers = sampled_matches(pairs, model, 1_200, np.random.default_rng(seed))[120:]
    probability = fs._competing(pairs, fs._record_odds(pairs, model))
    sampled = numbers.var() / (probability * (1 - probability)).sum()
    # The error of a variance of few independent draws, by twelve stretches of the chain.
    error = np.std([part.var() for part in np.array_split(numbers, 12)]) / np.sqrt(12)
    error /= (probability * (1 - probability)).sum()
    assert model.inflation > 1.2
    assert abs(model.inflation - sampled) < 4 * error


def test_births_that_a_program_may_have_written_are_noted_of_their_table():
    born = [str(np.datetime64("1950-03-04") + np.timedelta64(61 * k, "D")) for k in range(100)]
    people = typed_twice(100, seed=4)[0].drop(columns="annee_naissance")
    for n, noted in ((0, []), (40, [Note("births_heaped", column="ne_le", records=40)])):
        heaped = people.assign(ne_le=["2000-02-01"] * n + born[n:])
        found = link(people.assign(ne_le=born), heaped).measures
        notes = [note for note in found.notes if note.key == "of_file"]
        assert notes == [Note("of_file", file="b", text=note) for note in noted]


@pytest.mark.heavy
@pytest.mark.parametrize("seed", [21, 22])
def test_what_is_claimed_is_found_and_two_slips_do_not_hide_a_person(seed):
    a, b, truth, kind = typed_twice(2_000, seed=seed)
    linked = link(a, b)
    right = truth[linked.row] == linked.other
    best = pd.DataFrame({"row": linked.row, "p": linked.probability, "right": right})
    best = best.sort_values("p").drop_duplicates("row", keep="last")
    assert expected_calibration_error(best["p"].to_numpy(), best["right"].to_numpy()) < 0.03
    match = linked.probability >= 0.5
    recall = (match & right).sum() / (truth >= 0).sum()
    precision = right[match].mean()
    assert 2 * precision * recall / (precision + recall) > 0.95
    of = (truth >= 0) & (kind == "two slips")
    assert np.isin(np.flatnonzero(of), linked.row[match & right]).mean() > 0.5


def test_what_the_other_table_shows_of_a_matched_person_is_learnt():
    a, b, _, _ = typed_twice(400, seed=31)
    a["courriel"] = [f"p{i}@x.fr" for i in range(400)]
    b["soutien"] = ["gauche" if i % 2 else "droite" for i in range(400)]
    measures = link(a, b).measures
    row = measures.row("learnt", table="a", other="b", what="support")
    assert row.value == measures.row("matched", table="a", other="b").value
    assert row.baseline == 0
    assert measures.row("learnt", table="b", other="a", what="email").baseline == 0


def test_a_table_with_doubles_may_match_a_person_twice():
    a, b, truth, _ = typed_twice(300, seed=41)
    twice = pd.concat([b, b], ignore_index=True)
    births = a["annee_naissance"] + "-03-0" + (a.index % 9 + 1).astype(str)
    a = a.assign(date_naissance=births)
    of = np.full(300, -1)
    of[truth[truth >= 0]] = np.flatnonzero(truth >= 0)
    theirs = births.to_numpy()[np.where(of >= 0, of, 0)]
    b = b.assign(date_naissance=np.where(of >= 0, theirs, "1901-01-01"))
    twice = pd.concat([b, b], ignore_index=True)
    linked = link(a, twice, one_to_one=False)
    assert "doubles_in_tables" in {note.key for note in linked.measures.notes}
    assert linked.pairs().groupby("row").size().median() == 2
    # By default a row that repeats another is no second person.
    linked = link(a, twice)
    assert "rows_of_people" in {note.key for note in linked.measures.notes}
    assert linked.pairs()["row"].is_unique


@pytest.mark.heavy
def test_a_review_is_blind_and_what_was_judged_moves_the_estimate(tmp_path):
    a, b, truth, _ = typed_twice(400, seed=51)
    linked = link(a, b)
    sheet = linked.review(60)
    assert "probability" not in " ".join(sheet.columns)
    row, other = sheet["row_a"].to_numpy() - 1, sheet["row_b"].to_numpy() - 1
    place = {(i, j): p for i, j, p in linked.pairs(0).itertuples(index=False)}
    shown = [place[pair] for pair in zip(row.tolist(), other.tolist(), strict=True)]
    # In random order: neither rising nor falling.
    assert abs(np.corrcoef(np.arange(len(shown)), shown)[0, 1]) < 0.5
    sheet["same_person"] = np.where(truth[row] == other, "oui", "non")
    again = link(a, b, judged=sheet)
    rows = [one for one in again.measures.rows if one.measure == "judged_right"]
    assert sum(one.n for one in rows) == len(sheet)
    # All judged wrong: nothing of that probability is believed any more.
    sheet["same_person"] = "no"
    lowered = link(a, b, judged=sheet).measures.row("expected_matches")
    assert lowered.value < linked.measures.row("expected_matches").value - 20


def test_verdicts_that_are_neither_yes_nor_no_are_said():
    a, b, _, _ = typed_twice(60, seed=61)
    sheet = link(a, b).review(20)
    verdicts = ["Vrai", "FAUX", "nein", "maybe", "to ask", ""]
    sheet["same_person"] = [*verdicts, *[""] * (len(sheet) - len(verdicts))]
    found = link(a, b, judged=sheet).measures
    said = [note.values for note in found.notes if note.key == "verdicts_unread"]
    assert said == [{"pairs": 2, "of": 5}]
    assert sum(one.n for one in found.rows if one.measure == "judged_right") == 3


def test_a_review_of_other_tables_is_refused():
    a, b, _, _ = typed_twice(60, seed=61)
    sheet = link(a, b).review(20).assign(same_person="yes")
    with pytest.raises(ParameterError, match="a review of these two tables"):
        link(a, b.iloc[::-1], judged=sheet)


@pytest.mark.parametrize(
    "other",
    [pd.DataFrame({"couleur": ["bleu", "vert"]}), pd.DataFrame({"nom": [None, None]}),
     pd.DataFrame({"email": ["a@b.fr", "c@d.fr"]})],
    ids=["nothing", "all null", "another key"],
)  # fmt: skip
def test_two_tables_without_a_field_in_common_are_refused_in_one_line(other):
    a, _, _, _ = typed_twice(20, seed=71)
    with pytest.raises(PrivauditError) as refused:
        link(a, other)
    assert "\n" not in str(refused.value)


def test_odd_tables_are_linked_without_a_fault():
    a, b, _, _ = typed_twice(40, seed=81)
    one = link(a.iloc[:1], b.iloc[:1])
    assert len(one.pairs(0)) <= 1
    odd = a.assign(nom=["Null", "True", "None", "Nan"] * 10)
    assert len(link(odd, odd).pairs()) > 30
    wide = a.assign(**{f"c{i}": i for i in range(20)})
    assert matched(link(wide, b)) == matched(link(a, b))
    empty = b.assign(annee_naissance=None)
    notes = {note.key for note in link(a, empty).measures.notes}
    assert "field_of_one" in notes


def test_thousands_with_one_name_are_bounded_and_said():
    n = 4_000
    mine = pd.DataFrame({"nom": ["Martin"] * n, "prenom": [GIVEN[i % 8] for i in range(n)],
                         "annee_naissance": [1930 + i % 60 for i in range(n)]})  # fmt: skip
    fields = compared_fields(Records.of(mine), Records.of(mine))
    candidates = candidate_pairs(fields, n, n)
    assert candidates.left_out > 0
    assert len(candidates.row) < 3_000_000


def test_the_public_name_and_nothing_of_a_person_in_its_repr():
    a, b, _, _ = typed_twice(60, seed=91)
    linked = pa.linkage.link(a, b)
    shown = repr(linked) + repr(linked.measures)
    assert not any(name in shown for name in a["nom"])
    assert replace(linked, fields=()).fields == ()


def couples(homes=300, seed=1):
    """Two tables of one half of each couple: one name, one door, one telephone, nobody in both."""
    rng = np.random.default_rng(seed)
    a, b, _, _ = typed_twice(homes, shared=0.0, seed=seed)
    doors = [f"{i % 90 + 1} rue {a['nom'][i % 40]}" for i in range(homes)]
    phones = [f"01{10_000_000 + 7_919 * i}" for i in range(homes)]
    dates = np.datetime64("1940-01-01") + rng.integers(0, 20_000, (2, homes)).astype("m8[D]")
    days, other_days = dates.astype(str)
    mine = pd.DataFrame({"nom": a["nom"], "prenom": a["prenom"], "date_naissance": days,
                         "adresse": doors, "telephone": phones})  # fmt: skip
    order = rng.permutation(homes)
    theirs = mine.assign(prenom=b["prenom"], date_naissance=other_days)
    return mine, theirs.iloc[order].reset_index(drop=True)


def test_two_halves_of_couples_are_not_taken_for_one_person():
    linked = link(*couples())
    assert len(linked.pairs()) < 10
    assert linked.measures.row("expected_matches").low < 5


def written(folder, n=200):
    a, b, _, _ = typed_twice(n, seed=95)
    files = [folder / "adherents.csv", folder / "dons.csv"]
    for frame, file in zip((a, b.assign(soutien="gauche")), files, strict=True):
        frame.to_csv(file, index=False)
    return files


def run(*words):
    try:
        return main([str(word) for word in words])
    except SystemExit as stop:
        return stop.code


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_names_nobody_and_each_number_its_finding(tmp_path, lang):
    files = written(tmp_path)
    assert run("link", *files, "--out", tmp_path / "report", "--lang", lang) == 0
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    for measure in ("expected_matches", "match_precision", "match_recall", "matched", "learnt"):
        assert f'data-finding="linked_people.{measure}.' in page
    names = {*pd.read_csv(files[0])["nom"]}
    everything = "".join(
        file.read_text("utf-8", "replace") for file in (tmp_path / "report").rglob("*.*")
    )
    assert not [name for name in names if len(name) > 6 and name in everything]
    assert not (tmp_path / "report" / "tables" / "pairs.csv").exists()


NUMBER = r"\d+(?:[.,]\d+)?"
SURE = {
    "en": rf"Of the {NUMBER} matches, ({NUMBER}) % to ({NUMBER}) % are believed to be right",
    "fr": rf"Sur {NUMBER} rapprochements, de ({NUMBER}) % à ({NUMBER}) % seraient justes",
}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_first_screen_says_how_sure_the_matches_are(tmp_path, lang):
    """Never between what a count lies that was made of the whole file."""
    assert run("link", *written(tmp_path), "--out", tmp_path / "report", "--lang", lang) == 0
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", page)).replace("’", "'"))
    rows = json.loads((tmp_path / "report" / "findings.json").read_text("utf-8"))["findings"]
    (row,) = (row for row in rows if row["measure"] == "match_precision")
    ends = [float(one.replace(",", ".")) for one in re.search(SURE[lang], text).groups()]
    assert ends == pytest.approx([row["low"] * 100, row["high"] * 100], rel=0.01)


@pytest.mark.heavy
def test_a_review_is_written_on_request_and_the_head_says_so(tmp_path, capsys):
    files, sheet = written(tmp_path), tmp_path / "review.csv"
    plain, out = tmp_path / "plain", tmp_path / "report"
    assert run("link", *files, "--out", plain) == 0
    assert run("link", *files, "--out", out, "--review", sheet) == 0
    heads = [(one / "index.html").read_text(encoding="utf-8") for one in (plain, out)]
    assert ["Rows were asked for" in head for head in heads] == [False, True]
    judged = pd.read_csv(sheet).assign(same_person="yes")
    judged.to_csv(tmp_path / "judged.csv", index=False)
    assert run("link", *files, "--out", tmp_path / "r3", "--judged", tmp_path / "judged.csv") == 0
    capsys.readouterr()
    # Of another pair of files, and over a file that is there: one line, and nothing is written.
    for words in (("--judged", tmp_path / "judged.csv"), ("--review", sheet)):
        twice = files if words[0] == "--review" else files[::-1]
        assert run("link", *twice, "--out", tmp_path / "r4", *words) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
        assert not (tmp_path / "r4").exists()


def test_options_of_a_map_are_refused_beside_a_second_table(tmp_path, capsys):
    files = written(tmp_path)
    assert run("link", *files, "--out", tmp_path / "r", "--crs", "EPSG:2154") == 2
    assert "a map for --crs" in capsys.readouterr().err


def test_a_linked_table_says_what_it_is_and_names_nobody():
    a = pd.DataFrame({"name": ["Zoé Leroy", "Éric Meyer"] * 20})
    found = pa.linkage.link(a, a.iloc[:30])
    assert repr(found) == "LinkedTables(40 and 30 records, by first_name, last_name)"
    pd.testing.assert_frame_equal(found.to_frame(), found.measures.to_frame())
    assert "Leroy" not in found._repr_html_()


@pytest.mark.parametrize(
    ("years", "names", "times"),
    [
        # Of four people twelve ordered pairs; 4 share a year, 4 a name: 16 / 12 by chance, and 4.
        ([0, 0, 1, 1], [0, 0, 1, 1], 5 / (16 / 12 + 1)),
        # What is not known counts for nothing, and nobody is less alike than by chance.
        ([0, 0, 1, 1, -1, 0], [0, 0, 1, 1, 0, -1], 5 / (16 / 12 + 1)),
        ([0, 0, 1, 1], [0, 1, 0, 1], 1.0), ([0, 0], [0, 1], 1.0), ([], [], 1.0),
        # Two people of one year and name: 2 pairs of 2 are alike, as chance has it.
        ([0, 0], [0, 0], 1.0),
    ],
)  # fmt: skip
def test_first_names_of_one_year_are_alike_as_counted_by_hand(years, names, times):
    born = np.array(years, dtype=np.int64)[:, None]
    given = np.array(names, dtype=np.int64)[:, None]
    none = np.empty((0, 1), dtype=np.int64)
    for mine in (True, False):
        fields = {
            name: Field(
                name=name, levels=None, values=values, mine=codes if mine else none,
                theirs=none if mine else codes, compare=None, equal=None,
            )
            for name, values, codes in (("birth", [19_500_101, 19_610_101], born),
                                        ("first_name", ["a", "b"], given))
        }  # fmt: skip
        assert _of_one_year(fields) == pytest.approx(times)


def people_of_few_names(rng, n=1000):
    """Draw people of 25 first names, 27 surnames and 65 years: homonyms are usual."""
    first = [f"{a}{b}" for a in ("Léo", "Ana", "Max", "Zoé", "Éva")
             for b in ("", "lise", "bert", "ric", "dor")]  # fmt: skip
    last = [f"{a}{b}" for a in ("Mar", "Ber", "Dub", "Rou", "Lam", "Fon", "Gir", "Vin", "Per")
            for b in ("tin", "nard", "ois")]  # fmt: skip
    names = {"prenom": rng.choice(first, n), "nom": rng.choice(last, n)}
    return pd.DataFrame(names | {"annee": rng.integers(1940, 2005, n)})


@pytest.mark.heavy
@pytest.mark.parametrize("seed", [21, 22, 23])
def test_matches_that_chance_makes_are_not_believed(seed):
    """Of two tables without a person in common nothing is; of 150 in both, the truth is."""
    rng = np.random.default_rng(seed)
    mine, theirs = people_of_few_names(rng), people_of_few_names(rng)
    nobody = link(mine, theirs).measures
    expected = nobody.row("expected_matches")
    matched = nobody.row("matched", table="a").value > 0
    # Where none are matched none are by chance; their probabilities are summed, from nobody on.
    assert np.isnan([expected.value, expected.high]).all() == matched
    assert np.isnan(expected.low) if matched else expected.low == 0
    assert ("matches_by_chance" in [note.key for note in expected.notes]) == matched
    assert {row.measure for row in nobody.rows}.isdisjoint({"match_precision", "match_recall"})
    both = pd.concat([mine[:150], theirs[150:]], ignore_index=True)
    # One permutation may be an odd one: 41 homonyms of 23 with the first seed.
    draws = [link(mine, both, seed=draw).measures for draw in (7, 1, 2)]
    some = sorted(draws, key=lambda one: one.row("match_precision").value)[1]
    expected, right = some.row("expected_matches"), some.row("match_precision")
    assert expected.low <= 150 <= expected.high
    assert right.low <= 150 / right.n <= right.high
    # What the homonyms leave is right; their number, and that of the permutation, is of Poisson.
    homonyms = 1000**2 / 25 / 27 / 65
    assert right.value == pytest.approx(150 / right.n, abs=1.96 * np.sqrt(2 * homonyms) / right.n)


@pytest.mark.parametrize(("wrong", "believed"), [(0.0, 9.0), (0.9, 9.0), (2.1, 7.9), (2.2, None)])
def test_half_of_the_matches_by_chance_are_too_many(wrong, believed):
    """Of ten matches of .9 each, nine are right, but no more than chance leaves.

    It may make half of them: 2.1 and 1.96 times its root are 4.94, of 2.2 they are 5.11.
    """
    rows = Rows(10, "records")
    _add_quality(rows, np.full(10, 0.9), (9.0, 8.0, 10.0), wrong, (), {"table": "a"}, 20)
    found = {row.measure: row for row in rows}
    assert np.isnan(found["expected_matches"].value) == (believed is None)
    assert ("match_precision" in found) == (believed is not None)
    if believed is not None:
        assert found["match_precision"].value * 10 == pytest.approx(believed)
        left = 10 - binom.ppf(0.975, 10, wrong / 10)
        assert found["expected_matches"].low == (min(8.0, left) if wrong else 8.0)


def test_where_none_are_matched_none_are_by_chance():
    """Whatever chance may make: the sum of the probabilities stays, from nobody on."""
    rows = Rows(10, "records")
    _add_quality(rows, np.zeros(0), (1.5, 0.5, 9.0), 2.5, (), {"table": "a"}, 20)
    (only,) = rows
    assert (only.value, only.low, only.high) == (1.5, 0.0, 9.0)
    assert not _may_be_chance(0, 2.5)
    assert _may_be_chance(1, 2.5)


CHANCE = {"en": "Chance may make half of the matches", "fr": "Le hasard peut donner à lui seul"}


@pytest.mark.heavy
@pytest.mark.parametrize("lang", CHANCE)
def test_the_first_screen_says_that_chance_makes_the_matches(tmp_path, lang):
    rng = np.random.default_rng(24)
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for file in files:
        people_of_few_names(rng).to_csv(file, index=False)
    assert run("link", *files, "--out", tmp_path / "report", "--lang", lang) == 0
    page = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<[^>]+>", "", page)).replace("\xa0", " ")
    assert CHANCE[lang] in text
    assert "believed to be right" not in text
    assert "seraient justes" not in text
