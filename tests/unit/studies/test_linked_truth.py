"""Two tables linked whose truth is known: relatives, twins, nobody in both, records blank alike."""

import math

import numpy as np
import pandas as pd
import pytest
from fixtures.homes_listed import FIELDS, two_lists
from fixtures.typed_people import slip
from scipy.stats import binom

from privaudit.linkage.candidate_pairs import FieldAgreement, RecordPairs, one_record_each
from privaudit.linkage.fellegi_sunter import _inflation, _likelihood, _of_one_person
from privaudit.linkage.field_comparisons import BIRTH, FIRST_NAME, LAST_NAME, SEX
from privaudit.linkage.link_tables import _shown_as, _wrong, link
from privaudit.linkage.person_index import Records


def held(row, truth):
    """Return whether an interval holds the truth; None where no number is given."""
    rounding = 1e-12
    return None if np.isnan(row.value) else bool(row.low - rounding <= truth <= row.high + rounding)


@pytest.mark.parametrize(
    ("both", "fields", "dirty"),
    [(150, "year", 0.0), pytest.param(150, "all", 0.2, marks=pytest.mark.heavy),
     pytest.param(0, "all", 0.0, marks=pytest.mark.heavy)],
)  # fmt: skip
def test_who_agrees_with_another_person_in_all_but_a_name_is_not_expected_twice(
    both, fields, dirty
):
    """Before, 198 (160 to 253) were expected for 150, 154 (150.2 to 165), and 3.6 for nobody."""
    a, b, truth = two_lists(2_000, both, fields, dirty=dirty, seed=1)
    linked = link(a, b)
    assert held(linked.measures.row("expected_matches"), both)
    sure = linked.probability >= 0.5
    wrong = int(sure.sum() - (truth[linked.row[sure]] == linked.other[sure]).sum())
    assert wrong <= 3


@pytest.mark.heavy
def test_a_large_table_is_asked_by_some_of_its_records(monkeypatch):
    monkeypatch.setattr("privaudit.linkage.link_tables._CONTROLS", 700)
    a, b, _ = two_lists(2_000, 150, "year", seed=1)
    assert held(link(a, b).measures.row("expected_matches"), 150)


def twins(n=300, seed=1):
    """Two tables of one twin each: one name, one door, one birth, nobody in both."""
    mine, theirs, _ = two_lists(n, 0, "all", seed=seed)
    return mine, mine.assign(prenom=theirs["prenom"]).iloc[::-1].reset_index(drop=True)


def test_twins_of_whom_each_table_has_one_are_not_taken_for_one_person():
    mine, theirs = twins()
    alike = (mine["prenom"] == theirs["prenom"].iloc[::-1].to_numpy()).sum()
    linked = link(mine, theirs)
    # Twins of one first name are one person for every reader; of similar ones a few are.
    assert len(linked.pairs()) <= alike + 9
    expected = linked.measures.row("expected_matches")
    assert np.isnan(expected.value) or expected.low <= alike + 3


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("n", "fields", "column", "changed"),
    [(1_000, "date", "nom", 300), (600, "all", "nom", 300),
     (1_000, "date", "date_naissance", 250), (1_000, "date", "prenom", 250)],
)  # fmt: skip
def test_of_whom_a_name_or_birth_changed_the_interval_holds_the_truth(n, fields, column, changed):
    """Everybody is in both; before, of 1,000 with 300 new surnames 801 were expected."""
    a, _, _ = two_lists(n, 0, fields, seed=7)
    others, _, _ = two_lists(n, 0, fields, seed=77)
    b = a.copy()
    b.loc[: changed - 1, column] = others[column].to_numpy()[:changed]
    linked = link(a, b)
    assert held(linked.measures.row("expected_matches"), n)
    if column == "nom":
        # A first name and a birth or door that few share: who they are is known.
        assert held(linked.measures.row("match_recall"), (linked.probability >= 0.5).sum() / n)
        assert len(linked.pairs()) > n - changed / 10


@pytest.mark.parametrize("fields", ["all", "year"])
def test_a_person_typed_twice_with_a_slip_is_not_two_people(fields):
    """A hundred records stand in both tables letter for letter; before, 97 and 99 were found."""
    a, b, truth = two_lists(300, 100, fields, seed=9)
    rng = np.random.default_rng(9)
    again = a[:10].assign(nom=[slip(name, rng) for name in a["nom"][:10]])
    linked = link(pd.concat([a, again], ignore_index=True), b)
    truth = np.append(truth, truth[:10])
    sure = linked.probability >= 0.5
    right = truth[linked.row[sure]] == linked.other[sure]
    assert right.sum() == 100
    assert held(linked.measures.row("match_precision"), right.mean())


def numbers(measures):
    """The counts and shares of two linked tables, and their ranges."""
    return [number for row in measures.rows for number in (row.value, row.low, row.high)]


@pytest.mark.heavy
def test_the_order_of_the_rows_changes_nothing_and_the_seed_changes_the_draw():
    """Before, 202.5, 201.3 and 203.6 of the same people in other orders."""
    a, b, _ = two_lists(1_500, 200, "year", seed=41, dirty=0.3)
    b.loc[:600, "annee_naissance"] = ""
    first = link(a, b).measures
    again = (one.sample(frac=1, random_state=seed) for seed, one in enumerate((a, b)))
    assert numbers(link(*again).measures) == pytest.approx(numbers(first), nan_ok=True)
    chance = {link(a, b, seed=seed).measures.row("matched", table="a").baseline for seed in (1, 2)}
    assert len(chance) == 2


def test_who_is_compared_by_a_declared_number_is_no_namesake():
    a, b, truth = two_lists(60, 20, "all", seed=3)
    badges = np.where(truth >= 0, truth, 100 + np.arange(60))
    a["badge"], b["badge"] = [f"Q{i}" for i in badges], [f"Q{i}" for i in range(60)]
    shown = ["nom", "prenom", "badge"]
    found = link(a[shown], b[shown], shared={"badge": "badge"}).measures
    assert "only_names_compared" not in [one.key for one in found.notes]


@pytest.mark.parametrize(("fields", "noted"), [("place", True), ("year", False), ("all", False)])
def test_names_without_a_birth_or_contact_are_said_to_be_shared(fields, noted):
    a, b, _ = two_lists(60, 20, fields, seed=3)
    assert ("only_names_compared" in [one.key for one in link(a, b).measures.notes]) is noted


def pairs_at(**levels):
    """Pairs at levels given by name, "" where one shows nothing."""
    kinds = {"first_name": FIRST_NAME, "last_name": LAST_NAME, "birth": BIRTH, "sex": SEX}
    fields = {}
    for name, of in levels.items():
        at = np.array([kinds[name].names.index(one) if one else -1 for one in of])
        size = np.zeros(len(kinds[name].names))
        fields[name] = FieldAgreement(at, at * 0.0, (0,), (0,), kinds[name], size, size)
    n = len(next(iter(levels.values())))
    return RecordPairs(np.arange(n), np.arange(n), n, n, (True, True), fields, {}, float(n * n))


def test_what_differs_of_a_pair_is_a_bit_for_each_of_the_personal_fields():
    pairs = pairs_at(
        first_name=["same", "different", "half", ""],
        last_name=["different", "same", "near", "same"],
        birth=["same", "year", "slip", "different"], sex=["different", "same", "same", ""],
    )  # fmt: skip
    # First name 1, last name 2, birth 4, any other 8; a year alone in common is usual by chance.
    assert pairs.kind.tolist() == [2 + 8, 1 + 4, 0, 4]
    # By the priors .03 of matches differ in a first name, .03 in a last name, .05 in a birth.
    first, last, birth = 0.03 / 0.97, 0.03 / 0.97, 0.05 / 0.95
    assert pairs.usual == pytest.approx(
        [1, first, last, first * last, birth, first * birth, last * birth, first * last * birth]
    )
    assert pairs_at(last_name=["same"]).usual == pytest.approx([1, 1, last, last, 1, 1, last, last])


def test_shares_of_matches_that_differ_are_the_priors_and_others_go_by_the_pairs():
    learnt = np.array([0.4, 0.1, 0.0, 0.1, 0.0, 0.4])
    # .97 is left to five levels that had .4, .1, 0, .1 and 0 of .6.
    expected = [0.97 * 4 / 6, 0.97 / 6, 0, 0.97 / 6, 0, 0.03]
    assert _of_one_person(learnt, FIRST_NAME) == pytest.approx(expected)


def test_a_pair_of_two_tables_is_as_likely_as_its_odds_say():
    """At odds 3 and factor 1/3, of one table with half as many pairs: 2 x 2 of 5, and 1 of 5."""
    got = _likelihood(1 / 3, np.array([3.0]), [np.array([3.0])], 2.0)
    # A constant apart: the share of the tables among all pairs.
    assert got == pytest.approx(math.log(2 / 5) + math.log(1 / 5))
    assert _likelihood(1.0, np.zeros(0), [], 1.0) == 0.0


def test_records_are_blank_and_short_as_those_of_the_other_table_are():
    def of(**cells):
        return Records.of(pd.DataFrame({key: [one] * 6 for key, one in cells.items()}))

    own = of(nom="Leroy", prenom="Zoé", date_naissance="1980-11-30", telephone="0612345678")
    rng = np.random.default_rng(1)
    shown = _shown_as(own, of(nom="Petit", prenom="A.", annee_naissance="1960"), rng)
    assert shown.first == [["z"]] * 6
    assert shown.last == own.last
    assert shown.birth == [19800000] * 6
    assert shown.phone == [[]] * 6
    assert _shown_as(own, own, rng).birth == own.birth
    assert _shown_as(own, of(prenom="Anne", telephone="0611111111"), rng).last == [[]] * 6


@pytest.mark.slow
@pytest.mark.parametrize("fields", FIELDS)
def test_intervals_hold_the_truth_as_often_as_they_say_or_no_number_is_given(fields):
    """Of 2,000: nobody, 30, 200 or 800 in both, clean or dirty, of many or of few surnames."""
    expected, right = [], []
    for seed, (both, dirty, surnames) in enumerate(
        (both, dirty, surnames) for both in (0, 30, 200, 800) for dirty in (0.0, 0.1, 0.3)
        for surnames in (None, 400)
    ):  # fmt: skip
        a, b, truth = two_lists(2_000, both, fields, dirty=dirty, seed=900 + seed,
                                surnames=surnames)  # fmt: skip
        linked = link(a, b)
        rows = {row.measure: row for row in linked.measures.rows}
        expected.append(held(rows["expected_matches"], both))
        if "match_precision" in rows:
            sure = linked.probability >= 0.5
            share = (truth[linked.row[sure]] == linked.other[sure]).mean()
            right.append(held(rows["match_precision"], share))
    given = [one for one in expected if one is not None]
    assert len(given) >= len(expected) * 0.75
    # Refuted where so many would miss in one of a hundred such runs at most.
    for some in (given, right):
        assert len(some) - sum(some) <= binom.ppf(0.99, len(some), 0.05)


def repeated(table, times, seed):
    """Every row so many times, in random order."""
    return pd.concat([table] * times).sample(frac=1, random_state=seed).reset_index(drop=True)


@pytest.mark.heavy
@pytest.mark.parametrize("fields", FIELDS)
def test_rows_that_repeat_a_person_are_counted_once(fields):
    """Before, 930 (900 to 1,000) were expected for 100 by all fields, 0 to 523 by years."""
    a, b, _ = two_lists(300, 100, fields, seed=5, dirty=0.1)
    mine, theirs = repeated(a, 3, 1), repeated(b, 3, 2)
    linked, once = link(mine, theirs), link(a, b)
    # A name and a place in common may be two people's: a few are kept once too few.
    assert numbers(linked.measures) == pytest.approx(numbers(once.measures), rel=0.02, abs=0.02)
    said = [one.values for one in linked.measures.notes if one.key == "rows_of_people"]
    assert [(one["file"], one["rows"]) for one in said] == [("a", 900), ("b", 900)]
    # Pairs are of rows of the tables that were given.
    pairs = linked.pairs()
    found = {(*mine.loc[i, ["nom", "prenom"]], *theirs.loc[j, ["nom", "prenom"]])
             for i, j in zip(pairs.row, pairs.other, strict=True)}  # fmt: skip
    pairs = once.pairs()
    alone = {(*a.loc[i, ["nom", "prenom"]], *b.loc[j, ["nom", "prenom"]])
                     for i, j in zip(pairs.row, pairs.other, strict=True)}  # fmt: skip
    assert len(found ^ alone) <= 1


def typed_again(table, rng):
    """Every row twice, one in ten of the names with a slip."""
    again = pd.concat([table] * 2, ignore_index=True)
    for column in ("nom", "prenom"):
        wrong = rng.random(len(again)) < 0.1
        again.loc[wrong, column] = [slip(name, rng) for name in again.loc[wrong, column]]
    return again


def test_who_is_typed_twice_in_both_tables_is_one_person_at_the_lower_end():
    """Without a birth, where two records of one person need not match: the end was above."""
    rng = np.random.default_rng(3)
    mine, theirs = (typed_again(one, rng) for one in two_lists(200, 100, "place", seed=3)[:2])
    found = link(mine, theirs, one_to_one=False).measures
    expected = found.row("expected_matches")
    assert 0 < expected.low <= 100 <= expected.high
    assert found.row("match_precision").low > 0.5


def test_who_is_judged_is_a_row_of_the_tables_that_were_given():
    a, b, _ = two_lists(60, 30, "year", seed=3)
    mine, theirs = repeated(a, 2, 1), repeated(b, 2, 2)
    linked = link(mine, theirs)
    sheet = linked.review(most=20).assign(same_person="yes")
    judged = link(mine, theirs, judged=sheet).measures
    assert sum(row.n for row in judged.rows if row.measure == "judged_right") == len(sheet) >= 10


def kept(**cells):
    table = pd.DataFrame(cells).replace("", None)
    return one_record_each(Records.of(table), table).tolist()


def test_records_of_one_name_are_one_persons_by_a_day_of_birth_or_their_contacts():
    names = {"nom": ["Leroy", "LEROY", "Leroy"], "prenom": ["Zoé", "Zoe", "Paul"]}
    assert kept(**names, date_naissance=["1980-11-30"] * 3) == [0, 2]
    # The fullest record is kept, wherever it stands.
    days = {"date_naissance": ["1980-11-30"] * 3}
    assert kept(**names, **days, religion=["", "juive", ""]) == [1, 2]
    # A contact of one of them alone would be lost.
    assert kept(**names, **days, telephone=["", "0612345678", ""]) == [0, 1, 2]
    assert kept(**names, email=["z@leroy.fr"] * 3) == [0, 2]
    reached = {"email": ["z@leroy.fr"] * 3, "telephone": ["0612345678"] * 3}
    assert kept(prenom=names["prenom"], **reached) == [0, 2]
    # A couple of one last name, or whoever reads one mailbox; without a last name one day of birth.
    assert kept(nom=names["nom"], **reached) == kept(**reached) == [0, 1, 2]
    assert kept(prenom=names["prenom"], date_naissance=["1980-11-30"] * 3) == [0, 1, 2]
    # One contact, another year of birth: a father and a son.
    assert kept(**names, email=["z@leroy.fr"] * 3, annee_naissance=["1950", "1980", "1982"]) == (
        [0, 1, 2]
    )
    # Twins by their initial, homonyms of one year, and of one door: they may be two.
    assert kept(nom=["Leroy"] * 2 + ["Petit"], prenom=["Z."] * 2 + ["A."],
                date_naissance=["1980-11-30"] * 2 + ["1981-01-02"]) == [0, 1, 2]  # fmt: skip
    assert kept(**names, annee_naissance=["1980"] * 3) == [0, 1, 2]
    assert kept(**names, adresse=["3 rue Haute"] * 3, code_postal=["44000"] * 3) == [0, 1, 2]


def test_a_birth_or_contact_that_many_names_have_says_nothing_of_who_somebody_is():
    rows = 40
    people = {"nom": [f"Le{'abcdefghij'[i % 10]}roy" for i in range(rows)],
              "prenom": ["Zoé", "Paul"] * (rows // 2)}  # fmt: skip
    assert len(kept(**people, date_naissance=["1900-01-01"] * rows)) == rows
    assert len(kept(**people, telephone=["0240506070"] * rows)) == rows


def test_what_stands_many_times_over_is_no_person():
    """Erased clients have one name and one address of mail."""
    rows = 30
    gone = {"nom": ["Client"] * rows, "prenom": ["Supprime"] * rows, "email": ["a@b.fr"] * rows}
    assert len(kept(**gone)) == rows
    few = {name: cells[:20] for name, cells in gone.items()}
    assert len(kept(**few)) == 1
    assert len(kept(**gone | {"date_naissance": ["1990-05-02"] * rows})) == rows


def test_families_by_their_initials_are_not_merged():
    homes = [f"Le{a}{b}oy" for a in "abcdefghij" for b in "aeiou" for _ in range(4)]
    doors = [f"{i // 4 + 1} rue Haute" for i in range(len(homes))]
    initials = np.random.default_rng(2).choice([*"ABCDEJLM"], len(homes)) + np.array(".")
    assert len(kept(nom=homes, prenom=initials, adresse=doors)) == len(homes)


def test_homonyms_of_a_table_of_few_names_are_not_merged():
    rng = np.random.default_rng(1)
    table = {"nom": rng.choice(["Nguyen", "Tran", "Pham"], 3_000),
             "prenom": rng.choice(["Thanh", "Minh", "Linh", "Hoa"], 3_000),
             "annee_naissance": rng.integers(1940, 2005, 3_000).astype(str)}  # fmt: skip
    # Nine of ten share all they show with another.
    assert len(kept(**table)) == 3_000


def test_names_that_a_form_fills_in_are_not_one_person():
    names = [f"Le{a}{b}oy" for a in "abcdefghij" for b in "aeiou"]
    years = [str(1940 + i) for i in range(50)]
    table = {"nom": [*names * 3, *["Anonyme"] * 30], "prenom": [*["Paul"] * 150, *["Anonyme"] * 30],
             "annee_naissance": [*years * 3, *[""] * 30]}  # fmt: skip
    assert len(kept(**table)) == len(names) + 30


@pytest.mark.parametrize("echo", [0.0, 0.5, 0.97, 0.98])
def test_an_error_that_returns_by_a_share_adds_up_to_a_geometric_series(echo):
    # Each round gives back `echo` of what moved: 1 + echo + echo^2 + ... = 1 / (1 - echo).
    fixed = np.array([0.2, 0.5, 0.9])
    found = _inflation(lambda p: fixed + echo * (p - fixed), fixed)
    assert found == pytest.approx(1 / (1 - echo), rel=1e-9)


def test_an_echo_beyond_ten_rounds_is_taken_to_fade_by_a_fiftieth():
    fixed = np.array([0.2, 0.5, 0.9])
    found = _inflation(lambda p: fixed + 0.99 * (p - fixed), fixed)
    rounds = sum(0.99**k for k in range(11))
    assert found == pytest.approx(rounds + 0.99**10 * 0.98 / 0.02, rel=1e-9)


def test_without_doubt_there_is_no_error_to_return():
    assert _inflation(lambda p: p, np.array([0.0, 1.0])) == 1.0


@pytest.mark.parametrize(("named", "most"), [("full", 0.1), ("few", 0.5)])
def test_who_is_in_both_tables_is_not_found_by_chance(named, most):
    """Strangers share no birth with anybody: permuted births found their own people again."""
    rng = np.random.default_rng(5)
    days = pd.Timestamp("1940-01-01") + pd.to_timedelta(rng.permutation(20_000)[:240], "D")
    names = {"full": (20, 16), "few": (3, 3)}[named]
    people = pd.DataFrame({
        "nom": [f"Kermadec{'abcdefghijklmnopqrst'[i]}" for i in rng.integers(0, names[0], 240)],
        "prenom": [f"Zoetrope{'abcdefghijklmnop'[i]}" for i in rng.integers(0, names[1], 240)],
        "naissance": days.strftime("%Y-%m-%d"),
    })  # fmt: skip
    found = link(people[:120], people[30:120].sample(frac=1, random_state=1)).to_frame()
    one = found[found["measure"] == "matched"].iloc[0]
    assert one["value"] == 0.75
    # By both names, one of the thirty who are free agrees with a stranger: 30 / 320, or 30 / 9.
    assert one["baseline"] < most
    assert found.set_index("measure").loc["match_precision", "low"] > 0.95


SURNAMES = [
    "Martin",
    "Bernard",
    "Dubois",
    "Thomas",
    "Robert",
    "Richard",
    "Petit",
    "Durand",
    "Leroy",
    "Moreau",
    "Simon",
    "Laurent",
    "Lefebvre",
    "Michel",
    "Garcia",
    "David",
    "Bertrand",
    "Roux",
    "Vincent",
    "Fournier",
    "Morel",
    "Girard",
    "Andre",
    "Lefevre",
    "Mercier",
    "Dupont",
    "Lambert",
    "Bonnet",
    "Francois",
    "Martinez",
    "Legrand",
    "Garnier",
    "Faure",
    "Rousseau",
    "Blanc",
    "Guerin",
    "Muller",
    "Henry",
    "Roussel",
    "Nicolas",
]
GIVEN = [
    "Marie",
    "Jean",
    "Pierre",
    "Michel",
    "Andre",
    "Philippe",
    "Nathalie",
    "Isabelle",
    "Alain",
    "Sylvie",
    "Patrick",
    "Catherine",
    "Bernard",
    "Martine",
    "Christophe",
    "Christine",
    "Daniel",
    "Valerie",
    "Claude",
    "Sandrine",
    "Laurent",
    "Celine",
    "David",
    "Julie",
    "Nicolas",
    "Anne",
    "Paul",
    "Lea",
    "Hugo",
    "Emma",
]


def test_a_precision_by_names_alone_holds_that_all_are_right():
    """Names as unlike in number as names are: 82 of 82 were right, and .988 believed at most."""
    held_in = 0
    for seed in range(8):
        rng = np.random.default_rng(500 + seed)
        drawn = [
            np.array(names)[rng.choice(len(names), 240, p=share / share.sum())]
            for names in (SURNAMES, GIVEN) for share in [1 / np.arange(1, len(names) + 1)]
        ]  # fmt: skip
        people = pd.DataFrame(dict(zip(("nom", "prenom"), drawn, strict=True)))
        linked = link(people[:200], people[20:], one_to_one=True)
        match = linked.probability >= 0.5
        right = (linked.row[match] == linked.other[match] + 20).mean()
        held_in += bool(held(linked.measures.row("match_precision"), right))
    # At .95 each, seven of eight or all hold with a chance of .94.
    assert held_in >= 7


@pytest.mark.parametrize(
    ("expected", "n", "wrong"),
    # That none of 20 is wrong has a chance of .975 where .0253 are expected: .975 ** (1 / 20) is
    # 1 - .0253 / 20. All three are wrong where more are expected than there are.
    [
        (0, 20, 0),
        (0.0253, 20, 0),
        (0.0254, 20, 1),
        (50, 3, 3),
        (0, 0, 0),
        (2.5, 0, 0),
        # Of five that a coin decides, four in .97 and five in .99 of the throws.
        (2.5, 5, 5),
        (5, 20, 9),
    ],
)
def test_wrong_matches_are_counted(expected, n, wrong):
    assert _wrong(expected, n, 0.975) == wrong
    assert wrong == (binom.ppf(0.975, n, min(expected / n, 1)) if n else 0)
