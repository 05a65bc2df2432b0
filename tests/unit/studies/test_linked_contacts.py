"""Tables whose people are known by a contact alone: who has it in both is found there."""

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.linkage import link

IN_BOTH, MINE, THEIRS = 50, 80, 120
CONTACT = {"email": "p{}a@exemple.fr", "telephone": "06{:08d}"}


def _table(kind, people, **columns):
    cells = [CONTACT[kind].format(12_345_678 + 7_919 * i) for i in people]
    return pd.DataFrame({kind: cells, **columns})


def _linked(mine, theirs):
    rows = link(mine, theirs, seed=3).measures.rows
    return {row.measure: row for row in reversed(rows)}


@pytest.mark.parametrize("kind", CONTACT)
@pytest.mark.parametrize("surnames", [False, True])
def test_who_has_a_contact_in_both_tables_is_matched(kind, surnames):
    mine, theirs = range(MINE), [*range(IN_BOTH), *range(1_000, 1_000 + THEIRS - IN_BOTH)]
    names = (
        {"nom": [f"Nom{'abcdefghij'[i % 10]}{'klmno'[i % 5]}" for i in people]}
        if surnames else {} for people in (mine, theirs)
    )  # fmt: skip
    found = _linked(*(_table(kind, p, **n) for p, n in zip((mine, theirs), names, strict=True)))
    assert round(found["matched"].value * MINE) == IN_BOTH
    # By chance, a contact is nobody else's.
    assert found["matched"].baseline == 0
    assert found["expected_matches"].low <= IN_BOTH <= found["expected_matches"].high


@pytest.mark.parametrize("kind", CONTACT)
def test_contacts_of_others_match_nobody(kind):
    found = _linked(_table(kind, range(MINE)), _table(kind, range(1_000, 1_000 + THEIRS)))
    assert found["matched"].value == 0
    assert found["expected_matches"].high < 3


@pytest.mark.parametrize(
    "contact",
    ["u{}@x.fr", pytest.param("adherent{}@exemple.fr", marks=pytest.mark.heavy), "061{:07d}"],
)
@pytest.mark.parametrize("both", [0, 70])
@pytest.mark.parametrize("surnames", [False, True])
def test_contacts_that_differ_by_a_digit_are_of_two_people(contact, both, surnames):
    """Addresses and telephones that an association numbers: nearly each has a near one."""
    rng = np.random.default_rng(12)
    people = (
        [*range(both), *range(1_000, 1_300 - both)],
        [*range(both), *range(5_000, 5_400 - both)],
    )
    tables = []
    for mine in people:
        table = pd.DataFrame(
            {"email" if "@" in contact else "telephone": map(contact.format, mine)}
        )
        tables.append(table.assign(nom=rng.choice(NAMES, len(mine))) if surnames else table)
    found = _linked(*tables)["expected_matches"]
    assert found.low <= both <= found.high
    # Three in ten may have another contact; where nobody has one in both, there is nobody to move.
    assert found.high < ((both + 60) / 0.7 if both else 3)


def test_a_telephone_that_a_form_fills_in_matches_nobody():
    filled = ["0600000000"] * 40
    mine = pd.DataFrame({"telephone": [*filled, *_table("telephone", range(40))["telephone"]]})
    others = _table("telephone", range(1_000, 1_040))["telephone"]
    assert _linked(mine, pd.DataFrame({"telephone": [*filled, *others]}))["matched"].value == 0


NAMES = ["Durand", "Petit", "Moreau", "Faure", "Garnier", "Leroy", "Masson", "Perrin"]
FIRST_NAMES = [
    "Anne", "Luc", "Zoé", "Paul", "Marie", "Jean", "Pierre", "Julie", "Sophie", "Marc", "Louis",
    "Emma", "Lina", "Karim", "Nadia", "Yves", "Alain", "Claire", "Denis", "Hugo", "Rose", "Adam",
]  # fmt: skip
STREETS = ["rue des Lilas", "avenue Foch", "rue Pasteur"]


def _people(columns, n=MINE):
    return pd.DataFrame({
        "nom": [NAMES[i % 8] for i in range(n)],
        "prenom": [["Anne", "Luc", "Zoé", "Paul", "Marie"][i % 5] for i in range(n)],
        "sexe": ["F" if i % 3 else "M" for i in range(n)],
        "adresse": [f"{i} {STREETS[i % 3]} 94000 Créteil" for i in range(n)],
        "code_postal": [f"94{i % 9}00" for i in range(n)],
        "date_naissance": [f"{1950 + i % 40}-0{i % 9 + 1}-{i % 28 + 1:02d}" for i in range(n)],
    })[columns]  # fmt: skip


@pytest.mark.parametrize("columns", [
    ["nom"], ["prenom"], ["sexe"], ["adresse"], ["code_postal"], ["nom", "adresse"],
    ["nom", "code_postal"], ["prenom", "sexe"], ["prenom", "code_postal"], ["nom", "sexe"],
    ["sexe", "code_postal"], ["sexe", "adresse"],
])  # fmt: skip
def test_one_name_or_a_home_says_nobody(columns):
    """Of 50 people in both, 4 to 10 were expected, and none matched."""
    with pytest.raises(ParameterError, match="say who somebody is"):
        link(_people(columns), _people(columns), seed=3)


@pytest.mark.parametrize("columns", [
    ["nom", "prenom"], ["prenom", "adresse"], ["date_naissance"],
])  # fmt: skip
def test_two_names_a_first_name_at_home_or_a_birth_say_somebody(columns):
    assert link(_people(columns), _people(columns), seed=3).fields


def _population(n, share, rng):
    """Make people of whom two after each other are a couple, who share contacts by a chance."""
    alone = np.arange(n)
    couple = np.where(np.repeat(rng.random(n // 2) < share, 2), alone // 2 * 2, alone)
    names = rng.integers(len(NAMES) * 15, size=n)[couple]
    return pd.DataFrame({
        "id": alone, "prenom": rng.choice(FIRST_NAMES, n),
        "nom": [NAMES[i % 8] + "aeiou"[i // 8 % 5] + "nrt"[i // 40] for i in names],
        "date_naissance": [
            f"{y}-{m:02d}-{d:02d}"
            for y, m, d in zip(rng.integers(1940, 2005, n), rng.integers(1, 13, n),
                               rng.integers(1, 29, n), strict=True)
        ],
        **{k: [c.format(12_345_678 + 7_919 * i) for i in couple] for k, c in CONTACT.items()},
    })  # fmt: skip


def _drawn(people, both, rng, size=300):
    """Draw two tables of one size that have `both` people in common."""
    order = rng.permutation(len(people))
    theirs = np.concatenate([order[:both], order[size : 2 * size - both]])
    return people.iloc[order[:size]].copy(), people.iloc[rng.permutation(theirs)].copy()


# What is shared in a population, and by how many couples; which cells of which table are blank.
@pytest.mark.parametrize(("columns", "share", "blank"), [
    (["email"], 1.0, ()),
    (["email", "nom"], 1.0, ()),
    pytest.param(["telephone"], 1.0, (), marks=pytest.mark.heavy),
    (["telephone"], 0.4, ()),
    (["nom", "prenom", "telephone"], 0.4, [(0, "prenom")]),
    (["nom", "prenom", "telephone"], 0.4, [(0, "prenom"), (1, "prenom")]),
    (["date_naissance", "telephone"], 0.4, [(0, "date_naissance")]),
])  # fmt: skip
@pytest.mark.parametrize("both", [0, 150])
def test_couples_who_share_a_contact_are_two_people(columns, share, blank, both):
    """Of nobody in both tables, 166 were expected to be, and 181 of 150 (156 to 213)."""
    rng = np.random.default_rng(7)
    tables = _drawn(_population(600 - both, share, rng), both, rng)
    for at, column in blank:
        tables[at].loc[rng.random(300) < 0.3, column] = ""
    found = _linked(*(one[columns].reset_index(drop=True) for one in tables))
    assert found["expected_matches"].low <= both <= found["expected_matches"].high
    if not both:
        assert found["matched"].value == 0


def test_one_blank_first_name_changes_no_chance_of_others():
    """One blank cell raised the people matched by chance from 2 of 300 to 25."""
    rng = np.random.default_rng(7)
    mine, theirs = (
        one[["nom", "prenom", "email"]].reset_index(drop=True)
        for one in _drawn(_population(540, 0.0, rng), 60, rng)
    )
    whole = _linked(mine, theirs)
    mine.loc[0, "prenom"] = ""
    found = _linked(mine, theirs)
    assert abs(found["matched"].baseline - whole["matched"].baseline) * 300 <= 3
    assert found["match_precision"].value > 0.9


@pytest.mark.parametrize("column", ["prenom", "date_naissance"])
def test_who_wrote_nothing_but_a_contact_is_matched_too(column):
    """Nine of ten wrote neither a first name nor a birth: 3 of 50 were expected in both."""
    people = _people([column], 110).assign(email=_table("email", range(110))["email"])
    mine, theirs = people[:80].copy(), people[30:]
    mine.loc[mine.index % 10 > 0, column] = ""
    found = _linked(mine, theirs)
    assert round(found["matched"].value * 80) == 50
    assert found["expected_matches"].low <= 50 <= found["expected_matches"].high


def test_a_contact_of_two_rows_takes_nobody_else_away():
    """20 addresses stand twice in one table: 2 of 60 people in both were expected."""
    mine = [*range(150), *range(40, 80)]
    found = _linked(_table("email", mine), _table("email", [*range(60), *range(1_000, 1_100)]))
    assert found["expected_matches"].low <= 60 <= found["expected_matches"].high
    assert round(found["matched"].value * len(mine)) >= 40


@pytest.mark.parametrize(("mine", "theirs"), [(2, 1), (3, 1), (3, 3)])
@pytest.mark.parametrize("both", [20, 60])
def test_rows_of_one_person_are_not_said_to_be_couples(mine, theirs, both):
    """Who stands in a table twice looks like two people of one address: the range has either."""
    tables = [*range(150)], [*range(both), *range(1_000, 1_200 - both)]
    found = _linked(*(_table("email", p * k) for p, k in zip(tables, (mine, theirs), strict=True)))
    assert found["expected_matches"].low <= both <= found["expected_matches"].high


@pytest.mark.parametrize("column", [None, "nom", "prenom", "date_naissance"])
def test_contacts_that_nothing_sets_apart_are_noted(column):
    tables = _people([column] if column else []), _people([column] if column else [])
    for one in tables:
        one["email"] = _table("email", range(MINE))["email"].to_numpy()
    noted = column in (None, "nom")
    keys = [note.key for note in link(*tables, seed=3).measures.notes]
    assert ("only_contacts_compared" in keys) is noted
