"""Probabilistic linkage of names: against brute force, by hand, and where the truth is known."""

import numpy as np
import pandas as pd
import pytest

from privaudit.linkage.fellegi_sunter import compare_names, link
from privaudit.linkage.name_parsing import (
    LAST,
    LETTER,
    NEARLY,
    OF_BIRTH,
    PART,
    NameReading,
    RegisterNames,
    first_levels,
    read_accounts,
)
from privaudit.stats.calibration import expected_calibration_error
from privaudit.text.edit_distance_and_phonetics import Letters, phonetic_keys
from privaudit.text.normalise import (
    letters_of,
    name_words,
    one_edit_apart,
    short_for,
    without_particles,
)
from tests.fixtures.scripts import script


@pytest.fixture(scope="module")
def frames():
    """Accounts and a register whose truth is known, of the benchmark."""
    return script("benchmarks/linkage_frames.py").frames


def register(*names, years=None):
    """People listed, each "first/last" or "first/last/birth"."""
    split = [name.split("/") for name in names]
    return pd.DataFrame(
        {
            "first_name": [one[0] for one in split],
            "last_name": [one[1] for one in split],
            "birth_name": [one[-1] for one in split],
            "birth_year": [0] * len(names) if years is None else years,
        }
    )


def found(accounts, people):
    """Table of probabilities, accounts by people; an account is a name, or a name and an e-mail."""
    rows = [(one, "") if isinstance(one, str) else one for one in accounts]
    pairs = compare_names(pd.DataFrame(rows, columns=["display_name", "email"]), people)
    table = np.zeros((len(accounts), len(people)))
    table[pairs.account, pairs.entry] = link(pairs)
    return table


OTHERS = [f"{a}/{b}" for a in ("Luc", "Ève", "Hugo", "Inès", "Noé") for b in (
    "Vasseur", "Grandin", "Tissot", "Morvan", "Quéré", "Delmas", "Fabry", "Ozanne")]  # fmt: skip


@pytest.mark.parametrize(
    "shown",
    [
        "Anne-Claire D'Aubigné-Roux", "anne claire d aubigne roux", "ANNE CLAIRE AUBIGNÉ ROUX",
        "Anneclaire Daubigne-Roux", "AUBIGNÉ-ROUX Anne-Claire", "Aubigné-Roux Anne-Claire",
        "Anne Aubigné-Roux", "Anne-Claire Roux", "Anne-Claire Weil", "A. d'Aubigné-Roux",
        "Anne-Claire d'Aubigné-Roux Weil", "Anne-Claire Aubigne-Rous", "anneclaireaubigneroux",
    ],
)  # fmt: skip
def test_every_spelling_of_a_name_is_linked(shown):
    people = register("Anne-Claire/d'Aubigné-Roux/Weil", *OTHERS)
    table = found([shown], people)
    assert table[0, 0] > 0.5
    assert table[0, 1:].sum() < 0.1


@pytest.mark.parametrize(
    ("shown", "listed"),
    [
        ("Babeth Morvan", "Élisabeth/Morvan"),
        ("Élisabeth Morvan", "Babeth/Morvan"),
        ("Phil Morvan", "Philippe/Morvan"),
        ("Filip Morvan", "Philippe/Morvan"),
        ("Matthieu Quéré", "Mathieu/Quere"),
        ("Jean Dupond", "Jean/Dupont"),
        ("Jean Lefevbre", "Jean/Lefebvre"),
        ("Claire Morvan", "Marie-Claire/Morvan"),
        ("Tom M.", "Tom/Morvane"),
        ("T. Morvane", "Tom/Morvane"),
    ],
)
def test_one_form_of_a_name_finds_another(shown, listed):
    table = found([shown], register(listed, *[one for one in OTHERS if "Morvan" not in one]))
    assert table[0].argmax() == 0
    assert table[0, 0] > 0.4


def test_another_name_is_not_linked():
    table = found(["loup42", "Camille Perrin", "", "Zoé"], register(*OTHERS))
    assert table.sum() == 0


def test_a_rare_name_is_claimed_more_surely_than_a_common_one():
    # Forty Martins of one first name in five, one Ozanne.
    people = register(*[f"{one.split('/')[0]}/Martin" for one in OTHERS], "Luc/Ozanne")
    table = found(["Luc Martin", "Luc Ozanne"], people)
    assert table[1, -1] > 0.8
    assert table[0].max() < 0.15
    # The eight of that name are as likely as one another.
    assert np.ptp(table[0, :8]) < 1e-9
    assert table[0, :8].min() > table[0, 8:40].max()


def test_a_year_of_birth_separates_two_namesakes():
    people = register("Éric/Meyer", "Éric/Meyer", *OTHERS, years=[1971, 1985] + [1960] * 40)
    alike = found(["Éric Meyer"], people)
    assert alike[0, 0] == pytest.approx(alike[0, 1])
    told = found([("Éric Meyer", "emeyer71@courriel.example")], people)
    assert told[0, 0] > 0.8
    assert told[0, 1] < 0.05


def test_an_address_completes_what_a_name_hides():
    people = register("Tom/Leroy", "Tom/Lambert", *OTHERS)
    alone, told, handle = found(
        ["Tom L.", ("Tom L.", "leroy.tom@courriel.example"), ("jazz9", "tom.lambert@x.example")],
        people,
    )
    assert alone[0] == pytest.approx(alone[1], abs=0.1)
    assert told[0] > 0.4 > told[1]
    assert handle[1] > 0.4 > handle[0]


def test_three_accounts_of_one_name_share_one_entry():
    people = register("Luc/Gaubert", *OTHERS)
    once, three = found(["Luc Gaubert"], people), found(["Luc Gaubert"] * 3, people)
    assert once[0, 0] > 0.8
    # At most one of them is that person; by symmetry each as likely.
    assert three[:, 0].sum() <= 1 + 1e-9
    assert np.ptp(three[:, 0]) < 1e-6


def test_probabilities_of_an_account_and_of_an_entry_never_exceed_one(frames):
    accounts, people, _, _ = frames(300, 900, concentration=0.6, seed=5)
    pairs = compare_names(accounts, people)
    probability = link(pairs)
    assert (probability >= 0).all()
    assert np.bincount(pairs.account, probability).max() <= 1 + 1e-6
    assert np.bincount(pairs.entry, probability).max() <= 1 + 1e-3


def test_blocks_leave_out_no_pair_that_agrees(frames):
    """Every pair of accounts and people, by definition and without a block."""
    accounts, people, _, _ = frames(120, 250, concentration=0.3, seed=3)
    pairs = compare_names(accounts, people)
    there = set(zip(pairs.account.tolist(), pairs.entry.tolist(), strict=True))
    first = ["".join(name_words(name)) for name in people["first_name"]]
    last = [without_particles(name_words(name)) for name in people["last_name"]]
    birth = [without_particles(name_words(name)) for name in people["birth_name"]]
    wanted = set()
    for i, (name, email) in enumerate(zip(*map(accounts.get, accounts), strict=True)):
        for row in read_accounts([name], [email], set(first), {*last, *birth})[0]:
            one = NameReading(*row[1:])
            for j, (f, a, b) in enumerate(zip(first, last, birth, strict=True)):
                same_first = one.first == f or short_for(one.first, f)
                if same_first and one.last in (a, b):
                    wanted.add((i, j))
                if one.first == f and len(one.last) == 1 and one.last in (a[0], b[0]):
                    wanted.add((i, j))
    assert len(wanted) > 80
    assert wanted <= there
    # And a slip of the pen is found wherever nobody bears the very name.
    slips = {
        (i, j)
        for i, name in enumerate(accounts["display_name"])
        if len(parts := name_words(name)) == 2
        and parts[0] in first
        and parts[1] not in {*last, *birth}
        for j in range(len(people))
        if first[j] == parts[0] and len(parts[1]) > 5 and one_edit_apart(parts[1], last[j])
    }
    assert slips
    assert slips <= there


@pytest.mark.parametrize("concentration", [0.0, 0.3])
def test_claims_are_measured(frames, concentration):
    accounts, people, truth, form = frames(3_000, 9_000, concentration=concentration, seed=2)
    pairs = compare_names(accounts, people)
    sure = link(pairs)
    right = truth[pairs.account] == pairs.entry
    best = pd.DataFrame({"account": pairs.account, "sure": sure, "right": right})
    best = best.sort_values("sure").drop_duplicates("account", keep="last")
    assert expected_calibration_error(best["sure"], best["right"]) < 0.03
    assert sure.sum() == pytest.approx(right.sum(), rel=0.03)
    kept = best[best["sure"] >= 0.4]
    precision, recall = kept["right"].mean(), kept["right"].sum() / (truth >= 0).sum()
    assert 2 * precision * recall / (precision + recall) > (0.93 if concentration == 0 else 0.84)
    # Of those who are not listed few are claimed, and of these few in full.
    unlisted = truth[kept["account"]] < 0
    assert unlisted.sum() < 0.08 * (truth < 0).sum()
    civil = np.isin(form, ("civil", "plain")) & (truth >= 0)
    hits = np.zeros(len(truth), dtype=bool)
    hits[kept["account"]] = kept["right"]
    assert hits[civil].mean() > 0.9


def test_empty_inputs():
    nobody = pd.DataFrame({"display_name": [], "email": []}, dtype="str")
    assert len(link(compare_names(nobody, register(*OTHERS)))) == 0
    assert found(["Luc Vasseur"], register(*OTHERS).iloc[:0]).shape == (1, 0)
    # A register of one, and names of one letter.
    assert found(["X Y", "Luc Vasseur"], register("Luc/Vasseur")).shape == (2, 1)


def test_many_names_are_read_as_one_is():
    names = ["D’Œuvray", "É. İnci", "  Jean--Paul ", "", "Ñandú\tŁódź", "Łö\u0301"]
    assert letters_of(names) == [" ".join(name_words(name)) for name in names]
    broken = [*names, "a\nb", "李 Li"]
    assert letters_of(broken) == [" ".join(name_words(name)) for name in broken]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("thibault", "tibo"), ("matthieu", "mathieu"), ("renaud", "reno"), ("dupond", "dupont"),
        ("catherine", "katrine"), ("girault", "giraud"), ("beauchamp", "bochan"), ("guy", "gui"),
    ],
)  # fmt: skip
def test_names_that_sound_alike(one, other):
    heard = phonetic_keys([one, other])
    assert heard[0] == heard[1] or one_edit_apart(*heard)
    # The first class of consonants stands in the first digit, to the base of seven.
    first, second = (np.base_repr(code, 7)[0] for code in Letters([one, other]).consonants())
    assert first == second


SAME, ALIKE, SHORT, INITIAL = range(4)


@pytest.mark.parametrize(
    ("read", "listed", "level"),
    [
        ("luc", "Luc", SAME),
        # Alike in sound from four letters on, by a slip from five on.
        ("remi", "Rémy", ALIKE), ("gui", "Guy", None), ("marle", "Marie", ALIKE),
        ("huga", "Hugo", None),
        # A beginning of three letters is short for a name, of two letters not; either way round.
        ("alb", "Albertine", SHORT), ("al", "Albertine", None), ("albertine", "Alb", SHORT),
        ("albertine", "Al", None),
        # One word of a double name, and an initial, either way round.
        ("claire", "Anne-Claire", SHORT), ("l", "Luc", INITIAL), ("luc", "L", INITIAL),
        ("k", "Luc", None),
    ],
)  # fmt: skip
def test_first_names_agree_at_a_level_from_so_many_letters_on(read, listed, level):
    _, _, levels = first_levels([read], RegisterNames(register(f"{listed}/Zxq")))
    assert levels.tolist() == ([] if level is None else [level])


@pytest.mark.parametrize(
    ("shown", "listed", "met"),
    [
        # A slip in a last name of five letters is looked for, of four letters not.
        ("Luc Tisot", "Luc/Tizot", True),
        ("Luc Tiso", "Luc/Tizo", False),
        # By sound from four letters on.
        ("Luc Rouault", "Luc/Rouaud", True),
        ("Luc Vasseur", "Luc/Delmas", False),
    ],
)
def test_last_names_of_five_letters_may_have_a_slip(shown, listed, met):
    assert (found([shown], register(listed, *OTHERS))[0, 0] > 0) == met


@pytest.mark.parametrize(
    ("shown", "exact", "pairs"),
    [
        # Who bears the very name, or bore it, or its short form, is found without a slip.
        ("Luc Tissot", "Luc/Tissot", [0]),
        ("Luc Tissot", "Luc/Weil/Tissot", [0]),
        ("Alex Tissot", "Alexandre/Tissot", [0]),
        # A part of a double name is not the very name.
        ("Luc Tissot", "Luc/Tissot-Weil", [0, 1]),
    ],
)
def test_a_slip_is_looked_for_where_nobody_bears_the_very_name(shown, exact, pairs):
    first = shown.partition(" ")[0]
    accounts = pd.DataFrame({"display_name": [shown], "email": [""]})
    met = compare_names(accounts, register(exact, f"{first}/Tissat"))
    assert sorted(met.entry.tolist()) == pairs


@pytest.mark.parametrize(
    ("shown", "email", "firsts", "lasts", "reading"),
    [
        # A last name in capitals has three letters: two may be initials.
        ("ROY eric", "", {}, {}, [("eric", "roy", False, False)]),
        ("LE eric", "", {}, {}, [("le", "eric", False, False)]),
        # Without a blank, three letters for each name; of an address the first may be an initial.
        ("lucroy", "", {"luc"}, {"roy"}, [("luc", "roy", False, False)]),
        ("roylucie", "", {"lucie"}, {"roy"}, [("lucie", "roy", True, False)]),
        ("lucbo", "", {"luc"}, {"bo"}, []), ("joroy", "", {"jo"}, {"roy"}, []),
        ("loup42", "eroy@x.fr", {}, {"roy"}, [("e", "roy", False, False)]),
        ("loup42", "roye@x.fr", {}, {"roy"}, [("e", "roy", True, False)]),
        ("loup42", "tom.roy@x.fr", {}, {"roy"}, [("tom", "roy", False, False)]),
        ("loup42", "tom.bo@x.fr", {}, {"bo"}, []),
        # A first name of three words of four, and not of four words of five.
        ("Anne Marie Eve Roy", "", {"annemarieeve"}, {},
         [("anne", "marieeveroy", False, False), ("annemarieeve", "roy", False, False)]),
        ("Anne Marie Eve Lou Roy", "", {"annemarieevelou"}, {},
         [("anne", "marieevelouroy", False, False)]),
    ],
)  # fmt: skip
def test_a_name_is_read_up_to_its_limits(shown, email, firsts, lasts, reading):
    rows, _ = read_accounts([shown], [email], {*firsts}, {*lasts})
    assert [row[1:] for row in rows] == reading


def test_a_first_name_past_all_that_agree_is_no_match():
    """Lise shares the last name and the initial of Luc, who is listed under another name."""
    assert found(["Luc Zxq"], register("Luc/Other", "Lise/Zxq")).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("shown", "share"), [("Luc V.", 2 / 4), ("Luc R.", 1 / 4), ("Luc Vo", 0), ("Luc Vidal", 0)]
)
def test_an_initial_agrees_with_everybody_whose_name_begins_so(shown, share):
    people = register("Luc/Vasseur", "Ève/Vidal", "Hugo/Roux", "Inès/Petit")
    pairs = compare_names(pd.DataFrame({"display_name": [shown], "email": [""]}), people)
    assert pairs.read_last[0, LAST.index("initial")] == share


@pytest.mark.parametrize(
    ("shown", "listed", "year"),
    [(2000, 2000, 0), (2000, 1999, 1), (1999, 2000, 1), (1999, 1999, 0), (0, 2000, -1),
     (2000, 0, -1), (1900, 2000, 0)],
)  # fmt: skip
def test_years_of_birth_agree_by_their_last_two_digits(shown, listed, year):
    """0 the same, 1 another, -1 where one of them is not known; 2000 is a year as any other."""
    accounts = pd.DataFrame({"display_name": ["Luc Zxq"], "email": [""], "birth_year": [shown]})
    assert compare_names(accounts, register("Luc/Zxq", years=[listed])).year.tolist() == [year]


def test_a_year_of_birth_that_a_register_does_not_hold_is_no_evidence():
    accounts = pd.DataFrame({"display_name": ["Luc Zxq"], "email": [""], "birth_year": [1990]})
    pairs = compare_names(accounts, register("Luc/Zxq").drop(columns="birth_year", errors="ignore"))
    assert pairs.year.tolist() == [-1]


def test_a_level_of_agreement_is_its_place_among_them():
    said = [LAST[k] for k in (OF_BIRTH, PART, NEARLY, LETTER)]
    assert said == ["birth", "part", "alike", "initial"]
