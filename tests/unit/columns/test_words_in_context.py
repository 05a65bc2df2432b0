"""A word that is one of several values of a column is read among them."""

import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns.free_text import SPECIAL

N = 60
NAMES = [f"{['Anne', 'Paul', 'Zoé', 'Marc'][at % 4]} Zq{chr(97 + at // 10)}{chr(107 + at % 10)}et"
         for at in range(N)]  # fmt: skip


def read(header, values, **beside):
    """Return the role of a column beside names, and how many of its cells hold which category."""
    every = beside | {header: values}
    columns = {"Nom": NAMES} | {c: [of[at % len(of)] for at in range(N)] for c, of in every.items()}
    column = next(c for c in pa.inspect(pd.DataFrame(columns)).columns if c.name == header)
    return column.role, {what: n for what, n in column.says.items() if n and what in SPECIAL}


@pytest.mark.parametrize(
    ("header", "values", "role"),
    [
        ("Status", ["Member", "Non-Member"], "hint"),  # of a gym
        ("Statut", ["Adhérent", "Visiteur"], "hint"),
        ("Type", ["Adhérente", "Adhérent"], "hint"),
        ("Membership", ["Member", "None"], "hint"),
        ("Risk", ["moderate", "low", "high"], "unknown"),
        ("Employment", ["Independent", "Employee"], "unknown"),
        ("Course", ["LEC", "LAB", "SEM"], "unknown"),
        ("Status", ["Active", "Lapsed"], "technical"),
        ("Régime", ["DP", "EXT", "INT"], "hint"),  # half-boarders of a school
        ("Contrôle", ["DS", "DM"], "unknown"),
        ("sign", ["gemini", "cancer", "virgo"], "unknown"),
        ("Signe", ["Cancer", "Lion", "Vierge"], "unknown"),
    ],
)
def test_one_word_among_other_values_is_no_category(header, values, role):
    """A gym's members had an opinion, half-boarders a union, and a third of signs an illness."""
    assert read(header, values) == (role, {})


@pytest.mark.parametrize(
    ("header", "values", "says"),
    [
        ("Door", ["Lab", "Con", "Not in"], {"party": 40}),
        ("x", ["Lab"], {"party": 60}),
        ("Affil", ["Democrat", "Republican", "Independent"], {"party": 60}),
        ("Profil", ["adhérent", "sympathisant", "hostile"], {"party": 60}),
        ("Retour", ["favorable", "absent", "absent"], {"party": 20}),
        ("Vote", ["Renaissance", "Autre"], {"party": 30}),
        ("Opinion", ["Independent", "Other"], {"party": 30}),
        ("Mandat syndical", ["DP", "non"], {"union": 30}),
        ("Religion", ["lapsed", "none"], {"religion": 30}),
        ("Maladie", ["cancer", "diabète"], {"health": 60}),
        ("Pathologie", ["Cancer", "Balance", "Lion"], {"health": 20}),
        ("Diagnostic", ["cancer", "asthme", "scorpion"], {"health": 40}),
    ],
)
def test_a_word_under_its_header_or_beside_others_of_its_kind_counts(header, values, says):
    assert read(header, values)[1] == says


def test_who_is_a_member_in_the_file_of_a_campaign_shows_a_side():
    of_party = read("Statut", ["Adhérent", "Visiteur"], parti=["PS", "LR"])
    assert of_party == ("special", {"party": 30})
    other = read("Choix", ["Independent", "Autre"], parti=["PS", "LR"])
    assert other == ("special", {"party": 30})


@pytest.mark.parametrize(
    "values",
    [
        ["Lab", "Not in"], ["Lab", "Won't say", "Out"], ["Con", "Moved"], ["Renaissance", "Absent"],
        ["Independent", "Unaffiliated"], ["Swing", "Not home"], ["Promise", "Out"],
        ["Adhérent", "Absent", "Refus"], ["Member", "Not home"],
    ],
)  # fmt: skip
def test_a_side_beside_what_is_found_at_a_door_is_an_opinion(values):
    """Sheets of canvassers on which one side stood held no opinion."""
    n = N // len(values)
    assert read("Result", values, Address=["3 rue des Lilas"]) == ("special", {"party": n})


@pytest.mark.parametrize("header", ["Mandat", "Fonction", "Rôle", "Qualité"])
@pytest.mark.parametrize("values", [["DS", "aucun"], ["DP", "sans"], ["DS", "Ouvrier"]])
def test_a_mandate_of_a_union_among_trades_is_its(header, values):
    assert read(header, values)[1] == {"union": 30}


def test_who_lapsed_from_a_faith_is_of_it():
    assert read("Practice", ["Observant", "Lapsed"])[1] == {"religion": 30}
    of_parish = read("Status", ["Active", "Lapsed"], Religion=["Catholic", "Anglican"])
    assert of_parish == ("special", {"religion": 30})


@pytest.mark.parametrize(
    "beside",
    [
        {"Fédération": ["Rhône", "Isère"]},
        {"Bureau de vote": ["101", "102"]},
        {"CLP": ["Leeds", "York"]},
        {"Commentaire": ["vote PS depuis toujours", "à rappeler demain soir", "vote LR, à revoir"]},
    ],
)
def test_a_member_beside_sections_of_a_party_or_notes_of_sides_is_its(beside):
    assert read("Statut", ["Adhérent", "Ancien adhérent"], **beside)[1] == {"party": 30}


def test_a_member_under_a_header_of_a_tool_is_not_lost():
    """There a tie is no hint, so nothing was left of it."""
    assert read("Groupe", ["Adhérent", "Ancien adhérent"])[1] == {"party": 30}


def test_cancer_beside_other_illnesses_is_no_sign():
    assert read("Alerte", ["Cancer", "Diabète", "Lion", "Balance"])[1] == {"health": 30}


WARDS = ["Oncologie", "Diabétologie", "Psychiatrie", "Dialyse"]


@pytest.mark.parametrize(
    ("patient", "cells"),
    [
        ("Patient", NAMES),
        ("Nom du patient", NAMES),
        ("Patiente", NAMES),
        ("Patient ID", [f"P{at:04d}" for at in range(N)]),
    ],
)
def test_a_ward_tells_of_the_illness_of_its_patients(patient, cells):
    """A hospital's list of appointments was said to hold nothing."""
    columns = pd.DataFrame({patient: cells, "Service": [WARDS[at % 4] for at in range(N)]})
    column = next(c for c in pa.inspect(columns).columns if c.name == "Service")
    assert (column.role, column.says["health"], column.least) == ("special", N, N)


@pytest.mark.parametrize(
    "beside",
    [
        {"Nom": NAMES},
        {"Nom": NAMES, "Nb patients": [3, 5] * 30},  # a rota of nurses
        {"Patients": range(100, 100 + 7 * N, 7)},  # a statistic, a number a row
        {"Patient": NAMES, "Espèce": ["chien", "chat"] * 30},  # of a vet
        {"Patient": NAMES, "Race": ["Labrador", "Siamois"] * 30, "Propriétaire": NAMES},
    ],
)
def test_a_ward_of_staff_tells_of_nothing(beside):
    table = pd.DataFrame({**beside, "Service": [WARDS[at % 4] for at in range(N)]})
    column = next(c for c in pa.inspect(table).columns if c.name == "Service")
    assert (column.role, column.says) == ("unknown", {})


@pytest.mark.parametrize(
    ("header", "values", "role"),
    [
        ("État", ["réformé", "en panne"], "doubtful"),
        ("Statut", ["invalide", "vérifié"], "doubtful"),
        ("Teinte", ["Noir", "Vert", "Gris"], "doubtful"),
        ("Époque", ["Renaissance", "Baroque"], "doubtful"),
        ("x", ["gauche", "droite"], "doubtful"),
        # Another value of the column names the same thing: none of its words is a colour.
        ("Type", ["Noir", "Arabe", "Gris"], "special"),
        ("État", ["réformé", "musulman"], "special"),
        ("x", ["gauche", "communiste"], "special"),
        ("x", ["Renaissance", "Absent"], "special"),  # found at a door
        # Several names of parties or of faiths, and a state among those of people.
        ("x", ["EM", "Horizons", "Renaissance"], "special"),
        ("x", ["Orthodoxe", "Réformé", "-"], "special"), ("x", ["Réformé", "Réformée"], "doubtful"),
        ("x", ["invalide", "retraité"], "special"), ("x", ["EM", "autre"], "doubtful"),
        # The header asks.
        ("Religion", ["réformé", "autre"], "special"), ("Handicap", ["invalide", "non"], "special"),
    ],
)  # fmt: skip
def test_a_colour_a_side_or_a_state_is_sure_only_beside_its_like(header, values, role):
    """A third of a hospital's equipment, "réformé", had a religion without doubt."""
    assert read(header, values)[0] == role


@pytest.mark.parametrize(
    ("beside", "role"), [({}, "doubtful"), ({"parti": ["PS", "LR"]}, "special")]
)
def test_a_side_is_sure_in_the_file_of_a_campaign(beside, role):
    assert read("x", ["Renaissance", "Autre"], **beside)[0] == role


@pytest.mark.parametrize(
    ("values", "role"),
    [
        (["ev", "rk", "ev"], "special"), (["kath", "evang", "-"], "special"),
        (["ja", "nein"], "special"), (["Berlin", "Wien"], "unknown"), (["1", "2", "3"], "unknown"),
    ],
)  # fmt: skip
def test_a_faith_in_the_abbreviations_of_a_german_parish(values, role):
    assert read("Konf.", values)[0] == role
