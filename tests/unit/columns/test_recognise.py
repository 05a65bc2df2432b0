"""Columns are known by headers as tools write them, or by their cells; no name is repeated."""

import pandas as pd
import pytest

from privaudit.columns.free_text import answers_none
from privaudit.columns.headers import (
    kind_of_header,
    kind_of_record,
    may_name_a_person,
    partners_in,
    surname_headers,
)
from privaudit.columns.identifiers import ADDRESS, EMAIL, identifiers_in, is_nir, is_phone
from privaudit.columns.levels import text_levels
from privaudit.columns.recognise import (
    ColumnKind,
    abroad_in,
    cells_of,
    cells_showing,
    column_kinds,
    is_filled,
    named_by_headers,
    refuse_names,
    rows_showing,
    some_cells,
    third_parties_in,
)
from privaudit.errors import ParameterError
from privaudit.io.features import MOST_COLUMNS, flattened
from privaudit.rules.duties import hashed_passwords

# As exports of NationBuilder name them, an app for canvassing, uMap, OSDI.
HEADERS = {
    "name": ["first_name", "last_name", "Full Name", "legal_name", "Prénom", "nom_de_naissance",
             "Nom de famille", "firstName", "person.name.first", "NOM USAGE"],
    "email": ["email", "email1", "primary_email", "e-mail", "adresse_mail", "Courriel"],
    "phone": ["phone_number", "mobile_number", "work_phone_number", "Téléphone portable", "tel"],
    "account": ["facebook_username", "twitter_login"],
    "age": ["age", "born_at", "Date de naissance", "année_naissance", "birthDate", "tranche_age",
            "né(e) le"],
    "support": ["support_level", "inferred_support_level", "inferred_party", "Niveau de soutien",
                "tendance présumée", "is_supporter", "support_probability_score",
                "Où vous situez-vous politiquement ?", "Position politique"],
    "medical": ["Motif d'absence", "Absence motif"],
    "note": ["note", "Commentaires", "tag_list", "remarque militant", "popupContent"],
    "others": ["recruiter_name_or_email", "point_person_name_or_email", "conjoint"],
    "address": ["primary_address1", "Adresse", "street_name", "nom_voie", "registered_address2"],
    "sex": ["sex", "Civilité"],
    "place": ["primary_city", "nom_commune", "precinct_name", "bureau de vote"],
    "number": ["nationbuilder_id", "van_id", "id"],
    "": ["email_opt_in", "email1_is_bad", "do_not_call", "Motif d'arrêt", "fid",
         "marker-color", "layer", "x"],
}  # fmt: skip


@pytest.mark.parametrize("kind", HEADERS)
def test_headers_of_real_tools_are_known(kind):
    assert {h: kind_of_header(h)[0] for h in HEADERS[kind]} == dict.fromkeys(HEADERS[kind], kind)


NAMES = ["Zoé Martin", "Paul Kowalczyk", "Anne-Claire Meyer", "Mehdi Benali", "Inès Traoré"] * 3
CELLS = {
    "name": NAMES,
    "email": [f"u{i}@exemple.fr" for i in range(15)],
    "phone": [f"06 12 34 56 {i:02d}" for i in range(15)],
    "age": [1931 + 4 * i for i in range(15)],
    "address": [f"{i} bis rue des Lilas" for i in range(1, 16)],
    "support": ["gauche", "droite", "indécis"] * 5,
    "note": [f"pas là, repasser après {i} h" for i in range(15)],
}


@pytest.mark.parametrize("kind", CELLS)
def test_cells_give_the_kind_under_an_unknown_header(kind):
    frame = pd.DataFrame({"c1": CELLS[kind], "c2": [f"k{i}" for i in range(15)]})
    assert {column: one.kind for column, one in column_kinds(frame).items()} == {"c1": kind}


@pytest.mark.parametrize("numbers", [[612345600 + i for i in range(15)], ["+33612345678"] * 15])
def test_a_telephone_number_that_lost_its_first_0_is_one(numbers):
    assert column_kinds(pd.DataFrame({"c1": numbers}))["c1"].kind == "phone"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("name", ["Mairie", "Gare", "École Jules Ferry"] * 5),  # places of a map
        ("name", [f"Point {i}" for i in range(15)]),
        ("email", ["oui", "non", "oui"] * 5),
        ("phone", [True, False, True] * 5),
        ("note", [1, 2, 3] * 5),
        ("title", ["Zone 1", "Zone 2", "Zone 3"] * 5),
        ("name", ["-", "", "N/A"] * 5),
    ],
)
def test_cells_that_contradict_a_header_win(header, cells):
    assert column_kinds(pd.DataFrame({header: cells})) == {}


def test_surnames_beside_given_names_are_names():
    frame = pd.DataFrame({"nom": ["XQZWY", "BRRTV", "XQZWY"] * 5, "prenom": ["Zoé"] * 15})
    assert {c: one.kind for c, one in column_kinds(frame).items()} == {
        "nom": "name",
        "prenom": "name",
    }


NOTES = {
    "sa femme Sylvie a ouvert": ["others"],
    "sa femme sylvie a ouvert": ["others"],
    "Le voisin M. Durand est contre": ["others"],
    "his wife Karen called, 202-555-0143": ["phone", "others"],
    "Éric absent, repasser": [],
    "Mme Meyer pas là": [],
    "Rose sur le balcon, veut bien un rdv en mai": [],
    "écrire à jean.dupont@exemple.fr": ["email"],
    "a déménagé au 12 rue des Lilas": ["address"],
    "": [],
}


@pytest.mark.parametrize("note", NOTES)
def test_a_note_names_third_parties_not_its_data_subject(note):
    told = third_parties_in([note], own=["Éric Meyer"])
    assert [kind for kind, rows in told.items() if rows[0]] == NOTES[note]


def test_rows_are_counted_by_hand():
    frame = pd.DataFrame(
        {
            "prenom": ["Zoé", "", None, "Paul"],
            "c2": ["a@b.fr", "N/A", "c@d.fr", None],
            "note": ["", "son fils Luc", "06 12 34 56 78", "rien"],
        }
    )
    shown = rows_showing(frame, column_kinds(frame))
    assert {key: rows.tolist() for key, rows in shown.items()} == {
        ("name", "prenom"): [True, False, False, True],
        ("email", "c2"): [True, False, True, False],
        ("note", "note"): [False, True, True, True],
        ("others", "note"): [False, True, False, False],
        ("phone", "note"): [False, False, True, False],
    }


PERSONS = [
    "Marie Dupont", "DUPONT Marie", "marie_dupont", "Gudrun Þórsdóttir", "j@x.fr", "Jean",
    "06 12 34 56 78", "Note Marie Dupont", "vote_jean", "Мария",
    "a very long header that is a whole sentence of somebody",
]  # fmt: skip


@pytest.mark.parametrize("header", PERSONS)
def test_a_header_that_may_be_a_person_is_not_printed(header):
    assert may_name_a_person(header)


def test_headers_of_tools_are_repeated():
    assert [h for of in HEADERS.values() for h in of if may_name_a_person(h)] == []


def test_an_unknown_header_of_few_rows_is_not_printed():
    frame = pd.DataFrame({"kowalczyk": ["for"] + [None] * 19, "tour": range(20)})
    assert named_by_headers(frame, least=11) == ["kowalczyk"]
    assert named_by_headers(frame.head(1), least=11) == []  # It stands for every row.


def test_nested_properties_are_flattened_and_what_is_deep_is_counted():
    deep = {"prenom": "Zoé"}
    for _ in range(50):
        deep = {"x": deep}
    rows = [{"a": {"b": {"c": 1}}, "d": [{"e": 2}, {"e": 3}], "t": ["u", "v"], "deep": deep}, {}]
    cells, notes = flattened(rows)
    assert cells == {"a.b.c": {0: 1}, "d.1.e": {0: 2}, "d.2.e": {0: 3}, "t": {0: "u, v"}}
    assert [(n.key, n.values["properties"]) for n in notes] == [("properties_too_deep", 1)]


def test_of_ten_thousand_properties_the_known_and_the_fullest_stay():
    rows = [{f"p{i}": i for i in range(10_000)}, {"full": 1, "p9999": 1, "email": "a@b.fr"}]
    cells, notes = flattened(rows)
    assert len(cells) == MOST_COLUMNS
    assert {"email", "p9999"} <= set(cells)
    assert [n.values["columns"] for n in notes] == [10_002 - MOST_COLUMNS]


@pytest.mark.parametrize("key", ["full_name", "email1", "note", "nationbuilder_id", "who"])
def test_a_key_that_names_people_is_refused_with_the_reason(key):
    frame = pd.DataFrame(
        {"age": [30] * 15, key: NAMES if key in ("who", "full_name") else "x@y.fr"}
    )
    with pytest.raises(ParameterError, match=f"'{key}', of the kind") as said:
        refuse_names("table", ["age", key], frame)
    assert "Kowalczyk" not in str(said.value)
    refuse_names("table", ["age"], frame)


def test_names_below_a_header_of_opinions_are_of_people():
    """A column *Militant* of who came by was taken for the opinion of whoever lives there."""
    came = pd.DataFrame({"Militant": ["Anne Tornel", "Éric Vasquin", "Anne Tornel"] * 20})
    assert column_kinds(came)["Militant"] == ColumnKind(kind="others", by="cells")
    names = [f"{('Anne', 'Paul')[k % 2]} Torn{end}" for k, end in enumerate("abcdefghijklmnopqrst")]
    who = pd.DataFrame({"Sympathisant": names})
    assert column_kinds(who)["Sympathisant"] == ColumnKind(kind="name", by="cells")
    side = pd.DataFrame({"Militant": ["oui", "non", "gauche"] * 20})
    assert column_kinds(side)["Militant"] == ColumnKind(kind="support", by="header")


@pytest.mark.parametrize("header", ["Refus des envois groupés", "NO BULK EMAILS (User Opt Out)"])
def test_a_refusal_of_mail_is_an_objection(header):
    # As CiviCRM exports it; "envois groupés" alone was taken for a technical column.
    assert kind_of_record(header) == "objection"


def test_an_answer_of_no_is_no_illness():
    """A column of yes and no showed an illness of everybody: of twelve, four have a plan."""
    cells = ["oui", "non", "Non", None, "oui", "non", "oui", "non", "0", "aucun", "oui", "non"]
    frame = pd.DataFrame({"PAI": cells, "Sans porc": cells, "soutien": cells})
    known = column_kinds(frame)
    shown = {kind: int(rows.sum()) for (kind, _), rows in rows_showing(frame, known).items()}
    # That somebody is no supporter tells of them too.
    assert shown == {"health": 4, "religion": 4, "support": 11}


def test_the_popup_of_a_dot_reveals_a_side():
    """A map whose windows said "favorable" told no side by itself; one note in ten does not."""
    told = [f"<b>Tel</b> 06 12 34 5{n} 78<br/>{('favorable', 'hostile')[n % 2]}" for n in range(10)]
    rows = rows_showing(
        pd.DataFrame({"description": told}), {"description": ColumnKind(kind="note", by="header")}
    )
    assert rows["support", "description"].all()
    few = ["passera demain", *["pas vu"] * 8, "très favorable"]
    rows = rows_showing(
        pd.DataFrame({"description": few}), {"description": ColumnKind(kind="note", by="header")}
    )
    assert ("support", "description") not in rows


def test_the_outcome_of_a_visit_is_a_side_whatever_the_header():
    for header in ("statut", "status", "résultat"):
        told = pd.DataFrame({header: ["sympathisant", "hostile", "indécis", "absent"] * 5})
        assert column_kinds(told) == {header: ColumnKind(kind="support", by="cells")}
        visits = pd.DataFrame({header: ["absent", "left message", "à revoir", "refus"] * 5})
        assert column_kinds(visits) == {header: ColumnKind(kind="visit", by="header")}


@pytest.mark.parametrize(("sided", "kind"), [(1, "visit"), (2, "support")])
def test_a_slip_in_a_column_of_visits_is_no_side(sided, kind):
    cells = ["hostile"] * sided + ["absent"] * (40 - sided)
    assert column_kinds(pd.DataFrame({"status": cells}))["status"].kind == kind


def test_surnames_stand_beside_given_names_known_by_cells():
    people = pd.DataFrame({
        "profile.first": ["Zoé", "Paul", "Mehdi"] * 5,
        "profile.last": ["Garnier", "Perrot", "Colin"] * 5,
        "profile.team": ["nord", "sud", "est"] * 5,
    })  # fmt: skip
    named = {column: one.kind for column, one in column_kinds(people).items()}
    assert named == {"profile.first": "name", "profile.last": "name"}


def _kind(cells, header="c1"):
    """Kind of the first of two columns; "" where it is not known."""
    frame = pd.DataFrame({header: pd.Series(cells, dtype=object), "c2": [f"k{i}" for i in cells]})
    known = column_kinds(frame).get(header)
    return known.kind if known else ""


def _some(n, of, cell, other="zz"):
    """So many cells that differ by their number, the rest another word."""
    return [cell.format(i) for i in range(10, 10 + n)] + [f"{other}{i}" for i in range(of - n)]


HASH, MAIL, DIAL, STREET = "$2b$10${}", "u{}@exemple.fr", "06 12 34 56 {}", "{} rue des Lilas"
PAGE = "https://www.facebook.com/zq.{}"


# Half of the cells decide (MOST_CELLS), of names and sides three of five.
@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (_some(9, 20, HASH), ""), (_some(5, 10, HASH), "credential"),
        (_some(9, 20, MAIL), ""), (_some(5, 10, MAIL), "email"),
        (_some(9, 20, DIAL), ""), (_some(5, 10, DIAL), "phone"),
        (_some(9, 20, STREET), ""), (_some(5, 10, STREET), "address"),
        (_some(9, 20, PAGE), ""), (_some(5, 10, PAGE), "account"),
        # Pages of few, over and over, are no accounts of their own: more than half differ.
        (_some(5, 5, PAGE) * 2, ""), ([*_some(6, 6, PAGE), *_some(5, 5, PAGE)], "account"),
        (["gauche", "indécis"] * 5 + ["zz"] * 7, ""),
        (["gauche", "indécis"] * 6 + ["zz"] * 8, "support"), (["indécis"] * 10, ""),
        (["Paul Roux"] * 11 + ["zz"] * 9, ""), (["Paul Roux"] * 6 + ["zz"] * 4, "name"),
        (["Paul Roux"] * 10, ""),
        # Three words each and five cells that differ make no note; four words do.
        ([f"pas là encore {i}" for i in range(10)], ""),
        ([f"pas là encore venu {i}" for i in range(10)], "note"),
        ([f"pas là encore venu {i % 4}" for i in range(10)], ""),
        ([f"pas là encore venu {i % 5}" for i in range(10)], "note"),
        # A whole name has at most four words.
        (["Anne Marie Le Gall", "Paul Le Gall"], "name"),
        # Numbers are ages without a header that says so from eleven on, where they spread as
        # births: 15 years between the twentieth parts, from 1985 or before.
        ([1950 + 5 * (i % 2) * 10 for i in range(10)], ""),
        ([1950 + 5 * (i % 2) * 10 for i in range(11)], "age"),
        ([1980] * 10 + [1994] * 10, ""), ([1980] * 10 + [1995] * 10, "age"),
        ([1985] * 10 + [2005] * 10, "age"), ([1986] * 10 + [2006] * 10, ""),
        ([1900] * 10 + [1990] * 10, "age"), ([1899] * 10 + [1990] * 10, ""),
    ],
)  # fmt: skip
def test_cells_decide_from_their_share_on(cells, kind):
    assert _kind(cells) == kind


# A header counts unless its cells speak against it.
@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("âge", ["1 an"] * 9 + ["zz"] * 11, ""), ("âge", ["1 an"] * 5 + ["zz"] * 5, "age"),
        ("sexe", ["F"] * 9 + ["rue A"] * 11, ""), ("sexe", ["F"] * 5 + ["rue A"] * 5, "sex"),
        ("prénom", [MAIL.format(i) for i in range(9)] + ["Zoé"] * 11, "name"),
        ("prénom", [MAIL.format(i) for i in range(5)] + ["Zoé"] * 5, "email"),
        ("prénom", [*map(str, range(17)), "Zoé", "Paul", "Luc"], "name"),
        ("prénom", [*map(str, range(9)), "Zoé"], ""),
        ("mot de passe", ["oui"] * 9 + ["x7"] * 11, "credential"),
        ("mot de passe", ["oui"] * 5 + ["x7"] * 5, ""),
        ("prénom", ["oui", "non"] * 5, ""), ("prénom", ["oui", "non", "Zoé"], "name"),
    ],
)  # fmt: skip
def test_a_header_counts_until_its_cells_contradict_it(header, cells, kind):
    assert _kind(cells, header) == kind


@pytest.mark.parametrize(("passwords", "hashed"), [(9, False), (10, True), (11, True)])
def test_passwords_are_hashed_where_half_of_them_are(passwords, hashed):
    assert hashed_passwords(pd.Series(_some(passwords, 20, HASH))) == hashed


@pytest.mark.parametrize(
    ("home", "abroad"), [(1, [True] * 3), (2, [True] * 4), (3, [False, False, False, True, True])]
)
def test_the_country_at_hand_is_that_of_more_than_half(home, abroad):
    """British among two others: one and two of four are no majority, three of five are."""
    assert abroad_in(["British"] * home + ["Irish", "Malian"], "nationality").tolist() == abroad


@pytest.mark.parametrize(("rows", "named"), [(1, True), (2, False), (3, False)])
def test_an_unknown_header_of_fewer_rows_than_asked_may_be_a_person(rows, named):
    odd = pd.DataFrame({"zone": list("abcd"), "zzz": ["x"] * rows + [None] * (4 - rows)})
    assert (named_by_headers(odd, least=2) == ["zzz"]) == named


def test_an_unknown_header_that_stands_for_all_rows_of_a_small_table_is_none():
    assert named_by_headers(pd.DataFrame({"zzz": ["x"] * 3}), least=11) == []


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        # Under a header of one form, notes are notes.
        ("téléphone", [f"pas là encore venu {i}" for i in range(5)], "note"),
        ("téléphone", [f"pas là encore venu {i}" for i in range(4)], "phone"),
        # Names of few that repeat are canvassers': three cells a name.
        ("soutien", ["Paul Roux", "Anne Petit", "Marc Roy"] * 3, "others"),
        ("soutien", [*["Paul Roux", "Anne Petit", "Marc Roy"] * 2, "Paul Roux", "Paul Roux"],
         "name"),
        # So are the pages that people follow.
        ("pages suivies", ["Paul Roux", "Anne Petit", "Marc Roy"] * 3, "tie"),
        ("pages suivies", [*["Paul Roux", "Anne Petit", "Marc Roy"] * 2, "Paul Roux", "Paul Roux"],
         "name"),
        # A side in one visit of twenty is no slip.
        ("visite", ["absent"] * 19 + ["favorable"], "support"),
        ("visite", ["absent"] * 20 + ["favorable"], "visit"),
        # A door is a flat where half of the cells have a number.
        ("porte", ["2"] * 5 + ["zz"] * 5, "address"), ("porte", ["2"] * 4 + ["zz"] * 6, ""),
        ("porte", ["2"] * 9 + ["zz"] * 11, ""),
        # An ambiguous number of an account needs half of its cells to be numbers.
        ("user", ["12"] * 10 + ["zz"] * 10, "number"), ("user", ["12"] * 9 + ["zz"] * 11, ""),
        # A support is one where half of the cells are numbers or sides.
        ("support", ["3"] * 5 + ["zz"] * 5, "support"), ("support", ["3"] * 4 + ["zz"] * 6, ""),
        ("support", ["pour"] * 3 + ["2"] * 2 + ["zz"] * 5, "support"),
        # A race is an origin in codes of two letters, or where three in ten cells name one.
        ("race", ["W", "B", "10"], "origin"), ("race", ["WWW", "B", "10"], ""),
        ("race", ["Asian"] * 3 + ["zzz"] * 7, "origin"),
        ("race", ["Asian"] * 11 + ["zzz"] * 29, ""),
        # An acronym is a flag that half of the cells answer, or three in ten speak of.
        ("CGT", ["oui"] * 5 + ["zzz"] * 5, "union"), ("CGT", ["oui"] * 4 + ["zzz"] * 6, ""),
        ("CGT", ["syndicat CGT"] * 3 + ["zzz"] * 7, "union"),
        ("CGT", ["syndicat CGT"] * 11 + ["zzz"] * 29, ""), ("CGT", ["1", "0"] * 5, "union"),
        ("CGT", ["1", "2"] * 5, ""),
        # Surnames: no number in four of five, a place in fewer than one in ten.
        ("nom", [f"Zxq{chr(97 + i)}" for i in range(8)] + ["7a", "7b"], "name"),
        ("nom", [f"Zxq{chr(97 + i)}" for i in range(15)] + [f"7{c}" for c in "abcde"], ""),
        ("nom", [f"Zxq{chr(97 + i)}" for i in range(9)] + ["rue"], ""),
        ("nom", [f"Zxq{chr(97 + i)}" for i in range(10)] + ["rue"], "name"),
        # More than half of them differ, or a fifth is a given name.
        ("nom", ["Zxqa", "Zxqb"] * 2, ""), ("nom", ["Zxqa", "Zxqb", "Zxqb"], "name"),
        ("nom", ["Zxqa", "Paul", "Zxqa", "Zxqa", "Zxqa"], "name"),
        ("nom", ["Zxqa"] * 9 + ["Paul"] * 2, ""), ("nom", ["Zxqa"], ""),
        # No birth is known by five digits alone: postal codes, pay and kilometres have as many.
        ("né le", ["75012", "13001", "33000", "94000"] * 3, ""),
        ("eta", [str(42_000 + 3_000 * i) for i in range(11)], ""),
    ],
)  # fmt: skip
def test_an_ambiguous_header_needs_its_share_of_cells(header, cells, kind):
    assert _kind(cells, header) == kind


# Each of the sides that is a place too, and one that is none.
@pytest.mark.parametrize(("more", "kind"), [([], "tie"), (["hostile"], "support")])
def test_sides_that_are_places_too_reveal_nothing(more, kind):
    cells = ["left", "right", "centre", "gauche", "droite", "pour", "contre", "strong", *more]
    assert _kind(cells) == kind


def test_two_months_make_a_calendar():
    """ "SEP" alone is an illness that cells answer; beside another month it is September."""
    answers = ["oui", "non"] * 3
    alone = column_kinds(pd.DataFrame({"SEP": answers, "zz": answers}))
    assert alone["SEP"].kind == "health"
    assert "SEP" not in column_kinds(pd.DataFrame({"SEP": answers, "OCT": answers}))


def _nir(month, sex="2", department="05"):
    number = f"{sex}69{month:02d}{department}588157"
    plain = number.replace("2A", "19").replace("2B", "18")
    return f"{number}{97 - int(plain) % 97:02d}"


@pytest.mark.parametrize(
    ("month", "valid"),
    [(0, False), (1, True), (12, True), (13, False), (19, False), (20, True), (42, True),
     (43, False), (49, False), (50, True), (99, True)],
)  # fmt: skip
def test_a_month_of_a_social_security_number_is_one_or_a_code_for_unknown(month, valid):
    """INSEE: 1 to 12; 20 to 42 and 50 to 99 where the month is not known."""
    assert is_nir(_nir(month)) == valid
    assert (identifiers_in(f"n° {_nir(month)} au dossier") == ["nir"]) == valid


@pytest.mark.parametrize(("sex", "valid"), [("0", False), ("1", True), ("2", True), ("3", True),
                                            ("4", True), ("5", False), ("7", True), ("8", True),
                                            ("9", False)])  # fmt: skip
def test_a_social_security_number_begins_with_a_known_digit(sex, valid):
    assert is_nir(_nir(5, sex)) == valid


@pytest.mark.parametrize(
    "text", [_nir(5)[:-1], _nir(5) + "1", "x" + _nir(5), _nir(5)[:5] + "2C" + _nir(5)[7:]]
)
def test_a_social_security_number_has_fifteen_digits(text):
    assert not is_nir(text)
    assert "nir" not in identifiers_in(text)


@pytest.mark.parametrize(
    ("mail", "found"),
    [
        ("a" * 64 + "@b.fr", "a" * 64 + "@b.fr"), ("a" * 65 + "@b.fr", "a" * 64 + "@b.fr"),
        ("a@" + "b" * 63 + ".fr", "a@" + "b" * 63 + ".fr"), ("a@" + "b" * 64 + ".fr", None),
        ("a@b.f", None), ("a@b.fr", "a@b.fr"), ("a@b.c.d.e.f", None),
        ("a@b1.cc.dd.ee.ff", "a@b1.cc.dd.ee.ff"), ("a@b1.cc.dd.ee.ff.gg", "a@b1.cc.dd.ee.ff"),
    ],
)  # fmt: skip
def test_an_address_of_mail_has_the_lengths_of_rfc_5321(mail, found):
    """64 letters before the @ (4.5.3.1.1), 63 a label (RFC 1035), two of a top domain."""
    match = EMAIL.search(mail)
    assert (match and match[0]) == found


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("06 12 34 56 78", True), ("06 12 34 56 7", False), ("06 12 34 56 789", False),
        ("+33 6 12 34 56 78", True), ("+3361 6 12 34 56 78", False), ("+352 6 12 34 56 78", True),
        ("020 7946 0958", True), ("02 794 095", False), ("01234 567 890", True),
        ("012345 567 890", False), ("202-555-0143", True), ("202-555-014", False),
        ("20-555-0143", False), ("+1 (202) 555 0143", True),
    ],
)  # fmt: skip
def test_a_telephone_number_has_the_digits_of_its_country(number, is_one):
    assert is_phone(number) == is_one


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("1 rue a", True), ("9999 rue a", True), ("12345 rue a", False), ("1 bis rue a", True),
        ("12345 high street", True), ("123456 high street", False),
        ("1 a b c d street", True), ("1 a b c d e street", False), ("1 street", False),
        (f"1 {'a' * 30} street", True), (f"1 {'a' * 31} street", False),
    ],
)  # fmt: skip
def test_an_address_has_a_number_and_a_street(text, is_one):
    assert (ADDRESS.search(text) is not None) == is_one


@pytest.mark.parametrize(
    ("header", "may"),
    [
        # 48 letters of known words, a number of five digits, five words of a question.
        ("zone " * 9 + "age", False), ("zone " * 9 + "sexe", True),
        ("zone 12345", True), ("zone 1234", False), ("zone 1 2 3 4 5", True),
        ("Pour qui votez vous ?", False), ("Marie Dupont votez vous ?", False),
        ("Marie Dupont vous ?", True), ("Marie Dupont votez vous a@b.fr ?", True),
        ("Marie Dupont votez vous 12345 ?", True), ("Marie Dupont votez vous 1234 ?", False),
    ],
)  # fmt: skip
def test_a_header_may_be_a_person_beyond_its_limits(header, may):
    assert may_name_a_person(header) == may


@pytest.mark.parametrize(
    ("header", "kind"),
    [("source_sender", ""), ("source", "source"), ("email_opt_in", "consent"), ("sender", "")],
)
def test_a_column_is_about_the_record_where_more_of_its_words_say_so(header, kind):
    """One word for the record and one for a person are a person's."""
    assert kind_of_record(header) == kind


@pytest.mark.parametrize(
    ("name", "marks", "of", "filled"),
    [
        # "?" is an answer to a question of opinion, of one cell in twenty or more; else a blank.
        ("opinion", 1, 20, True), ("opinion", 1, 21, False), ("opinion", 2, 20, True),
        ("note", 10, 20, False), ("opinion", 20, 20, False),
    ],
)  # fmt: skip
def test_a_question_mark_is_an_answer_of_one_cell_in_twenty(name, marks, of, filled):
    cells = is_filled(pd.Series(["?"] * marks + ["pour"] * (of - marks), name=name))
    assert cells[:marks].tolist() == [filled] * marks
    assert cells[marks:].all()


def test_a_cell_of_zero_bytes_is_blank():
    """Fields of fixed width are filled up with them; `clean` takes them for blanks too."""
    cells = ["\0\0", "\0", " \0", "a", "a\0", "--\0"]
    assert is_filled(pd.Series(cells)).tolist() == [False, False, False, True, True, False]


@pytest.mark.parametrize(
    "said",
    ["Non dichiarato", "ne se prononce pas", "non précisé", "keine Angabe", "prefer not to say",
     "NS/NC", "niet opgegeven", "nie podano", "não declarado", "ej angivet", "не указано"],
)  # fmt: skip
def test_who_gave_no_answer_has_no_opinion(said):
    opinions = pd.Series(["sinistra", said, "destra", said.upper()], name="opinione politica")
    assert cells_showing(opinions, "support").tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("header", "kind", "cells", "n"),
    [
        # Words for no answer are names, towns and outcomes of visits elsewhere.
        ("nom", "name", ["Durand", "Blank", "Petit"], 3), ("ville", "place", ["Brest", "Vide"], 2),
        ("resultat_visite", "visit", ["ouvert", "pas de réponse", "refus", "sans réponse"], 4),
        # Nouvelle Donne, Denmark and a union; a mark of two letters stands among words.
        ("parti", "support", ["ND", "PS", "UMP", "FN"], 4),
        ("parti", "support", ["Gauche", "NR", "Droite"], 2),
        ("origine", "origin", ["DK", "SR", "MA", "DZ"], 4),
        # Nouveau Centre; no answer of a program, nor of an Italian form; no belief is one.
        ("religion", "origin", ["aucune", "juive", "none", "non dichiarato"], 3),
        ("syndicat", "union", ["aucun", "CGT", "none", "CFDT"], 2),
        ("syndicat", "union", ["SR", "CGT", "non", "CFDT", "NSP", "refus"], 3),
    ],
)  # fmt: skip
def test_only_an_answer_to_a_question_of_opinion_or_faith_may_be_none(header, kind, cells, n):
    assert cells_showing(pd.Series(cells, name=header), kind).sum() == n
    assert is_filled(pd.Series([cell for cell in cells if cell != "none"], name=header)).all()


@pytest.mark.parametrize(
    ("header", "kind", "cells", "n"),
    [
        # The header names one answer of several: who does not tick it said nothing of it.
        ("Religion catholique", "origin", ["0", "1", "0", "0"], 1),
        ("religion_musulmane", "origin", ["non", "Oui", "", "NSP"], 1),
        ("Votre parti ? PS", "support", ["oui", "non", "non"], 1),
        ("Votre parti ? PS", "tie", [True, False, False, True], 2),
        ("FN", "support", ["1.0", "0.0", "0.0"], 1), ("vote_macron", "support", ["N", "Y"], 1),
        # A faith or an opinion that is asked for: "no" answers; codes and degrees are answers.
        ("Religion", "origin", ["oui", "non", "non"], 3),
        ("Opinion sur Macron", "support", ["oui", "non"], 2),
        ("Vote 2017", "support", ["0", "1", "1"], 3), ("parti", "support", ["oui", "non"], 2),
        ("vote_macron", "support", ["0", "1", "2"], 3), ("Soutien", "support", ["oui", "non"], 2),
        ("Macron ou Le Pen", "support", ["0", "1"], 2), ("vote_ps_lr", "tie", ["0", "1"], 2),
        ("Membre d'un parti politique", "support", ["oui", "non"], 2),
        ("Religion pratiquée", "origin", ["oui", "non"], 2),
        ("Religion musulmane ou juive", "origin", ["0", "1"], 2),
        ("Avis sur le PS", "support", ["oui", "non"], 2), ("Faith", "origin", ["yes", "no"], 2),
        ("Religion catholique", "origin", ["1", "2", "2"], 3),
        ("Religion catholique", "origin", ["pratiquant", "non", "non croyant"], 3),
        ("Favorable à Macron", "support", ["oui", "non", "non"], 3),
        ("Ne vote pas FN", "support", ["oui", "non"], 2), ("vote_t2_macron", "tie", ["1", "0"], 2),
        ("religion musulman/juif", "origin", ["1", "0"], 2),
        ("Religion : athée", "origin", ["oui", "non"], 2),
        # A scale is none of money.
        ("Support Don Bacon", "tie", ["0", "1", "50"], 3), ("dons", "tie", ["0", "10"], 2),
        ("dons", "tie", ["0.0", "11.0"], 1),
        ("Positionnement politique (page de dons)", "support", ["0", "3", "10"], 3),
        # Of a patient, nothing that is measured is a value.
        ("Charge virale", "health", ["0,00", "120,00"], 2),
        # A gift of nothing is none; a score of nothing, and a fee that is not due, are answers.
        ("montant_dons", "support", ["0", "20,00", "0,00", "0.0", "0 €"], 1),
        ("Don à LFI", "tie", ["0", "50", "oui", ""], 2), ("score_don", "support", ["0", "3"], 2),
        ("cotisation", "support", ["0", "12"], 2), ("dons", "tie", ["00", "0,5", "10"], 3),
        # Of a union, an amount of nothing is none, however it is written.
        ("Cotisation syndicale", "union", ["0,00", "12,50", "0.000", "0"], 1),
        ("Cotisation syndicale", "union", ["00", "0,5", "10,0", "0,01"], 4),
    ],
)  # fmt: skip
def test_an_option_that_is_not_ticked_shows_nothing(header, kind, cells, n):
    assert cells_showing(pd.Series(cells, name=header), kind).sum() == n


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (["PS", "LR", "NI", "NC"], [True] * 4), (["PS", "LR", "NA", "FN"], [1, 1, 0, 1]),
        (["Gauche", "Droite", "NC", "Centre"], [1, 1, 0, 1]), (["NC", "nc", "NC", "n/a"], [0] * 4),
    ],
)  # fmt: skip
def test_a_mark_of_two_letters_among_acronyms_is_a_party(cells, shown):
    assert cells_showing(pd.Series(cells, name="parti"), "support").tolist() == shown


@pytest.mark.parametrize(
    ("header", "may"), [("Zxqv", False), ("Zxqv kwvz", False), ("Zxqv Kwvz", True)]
)
def test_two_unknown_words_with_a_capital_may_be_a_person(header, may):
    assert may_name_a_person(header) == may


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        # A question tells of the gravest of its words; idioms are none of them.
        ("Avez-vous des problèmes de santé dont nous devrions tenir compte ?", "health"),
        ("Êtes-vous adhérent(e) d'un syndicat ? Si oui, lequel", "union"),
        ("Are you a member of a trade union? If yes, which one?", "union"),
        ("What is your date of birth?", "age"),
        ("Comment vous appelez-vous ?", ""),
        ("7. Comment venir ?", ""),
        ("Q7b - Comment y êtes-vous venu ?", ""),
        ("Comment", "note"),
        ("Comments?", "note"),
        ("Quel est votre compte Instagram ?", "account"),
        # The last known part of a path, where the whole is not known.
        ("properties.nom", "name"),
        ("Item.nom.S", "name"),
        ("data.1.comment.timestamp", "note"),
        ("conjoint.prenom", "others"),
        ("ZLASTNAME", "name"),
        ("ZIPCODE", "place"),
        ("ZONE", ""),
        ("Salutation", "sex"),
    ],
)
def test_headers_of_forms_paths_and_phones(header, kind):
    assert kind_of_header(header)[0] == kind


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("comment.timestamp", "date"),
        ("notes.updated_at", "date"),
        ("properties.nom", ""),
        ("comment.ip", ""),
        ("ZCREATED", "date"),
    ],
)
def test_what_a_path_tells_of_a_record(header, kind):
    assert kind_of_record(header) == kind


@pytest.mark.parametrize(
    "header",
    [
        "Q04[other]. Autre, précisez",
        "Êtes-vous adhérent(e) d'un syndicat ? Si oui, lequel",
        "user.profile.contactInformation.primaryAddress.postalCode",
        "Connected On",
        "File As",
    ],
)
def test_headers_of_tools_are_quoted_as_they_stand(header):
    assert not may_name_a_person(header)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        # Which of several telephones it is, and whose side: the father's is not his child's.
        ("Téléphone 1 - Libellé", ""), ("Téléphone 1", "phone"), ("Parti", "support"),
        ("Parti du père", "others"), ("Religion de la mère", "others"), ("№ de téléphone", "phone"),
        ("n° de téléphone", "phone"), ("tenir compte du compte", "account"),
        ("en tenir compte", ""),
        # What people agree to, or certify, is no illness.
        ("Certificat médical", "medical"), ("Problèmes de santé", "health"),
        ("J'accepte les conditions de santé", ""), ("J'ai lu la charte santé", ""),
        ("Je certifie que ma santé est bonne", "medical"),
        # A question has four words before its mark, or more, up to forty.
        ("Avez des soucis santé ?", "health"), ("Votre santé va bien ? Merci", "health"),
        # A year beside an election, and three letters of Core Data.
        ("Primary 2016", "support"), ("General '16", "turnout"), ("Primary", ""), ("ZAGE", "age"),
        ("ZIP", "place"), ("ZXY", ""),
    ],
)  # fmt: skip
def test_words_beside_a_kind_change_it(header, kind):
    assert kind_of_header(header)[0] == kind


@pytest.mark.parametrize(
    ("headers", "pair"),
    [
        ({"Sexe 1": "sex", "Sexe 2": "sex"}, None),
        ({"Partenaire 1": "name", "Sexe 1": "sex", "Sexe 2": "sex"}, ("Sexe 1", "Sexe 2")),
        ({"Conjoint": "name", "Sexe A": "sex", "Sexe B": "sex"}, ("Sexe A", "Sexe B")),
        ({"Sexe": "sex", "Sexe conjoint": "couple"}, ("Sexe", "Sexe conjoint")),
        ({"Partenaire 1": "name", "Sexe 1": "sex"}, None),
        ({"Partenaire 1": "name", "Sexe 1": "sex", "Sexe 2": "sex", "Sexe 3": "sex"}, None),
        ({"Partenaire 1": "name", "Sexe père": "sex", "Sexe mère": "sex"}, None),
    ],
)  # fmt: skip
def test_two_columns_of_a_sex_are_those_of_a_couple(headers, pair):
    assert partners_in(headers) == pair


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"Nom enfant": "", "Prénom enfant": "name"}, {"Nom enfant": "name"}),
        ({"Nom enfant": "", "Prénom enfant": "others"}, {"Nom enfant": "others"}),
        ({"Nom enfant": "place", "Prénom enfant": "name"}, {}),
        ({"Adhérent Nom": "tie", "Adhérent Prénom": "name"}, {"Adhérent Nom": "name"}),
        ({"Nom enfant": "", "Prénom parent": "name"}, {}),
        ({"Nom enfant": "", "Prénom enfant": "note"}, {}),
        ({"Âge enfant": "", "Prénom enfant": "name"}, {}),
    ],
)  # fmt: skip
def test_surnames_stand_beside_given_names_of_the_same_people(headers, found):
    assert surname_headers(headers) == found


@pytest.mark.parametrize(
    ("cell", "none"),
    [
        ("non", True), ("Non.", True), ("0", True), ("0.0", True), ("", False), ("1", False),
        ("aucune", True), ("Aucune allergie", True), ("pas d'allergie connue", True),
        ("pas de noix", False), ("non croyant", False), ("arachide", False),
    ],
)  # fmt: skip
def test_an_answer_of_none_is_none_in_all_its_words(cell, none):
    assert answers_none(cell) is none


@pytest.mark.parametrize(
    ("cells", "dtype", "read"),
    [
        (["a ", "n/a", None, "b"], "str", ["a", "", "", "b"]), ([1, 2, 1, 3], "int64", [*"1213"]),
        ([1.5, None, 2.0, 1.5], "float64", ["1.5", "", "2.0", "1.5"]),
        (["2016-11-08"] * 4, "datetime64[us]", ["2016-11-08 00:00:00"] * 4),
        ([True, False] * 2, "bool", ["True", "False"] * 2),
        (["a", 1, None, True], "object", ["a", "1", "", "True"]),
    ],
)  # fmt: skip
def test_some_cells_are_those_of_the_column(cells, dtype, read):
    column = pd.Series(cells, dtype=dtype)
    assert cells_of(column) == read
    for at in (slice(None, None, 3), slice(1, 3), slice(0, 0)):
        assert some_cells(column, at) == read[at]


# A number is written as Python writes it; 0.0 and -0.0 are equal, and two texts.
NUMBERS = [
    ([0.0, -0.0, 2.5, None, 2.5, 1e16], ["0.0", "-0.0", "2.5", None, "2.5", "1e+16"]),
    ([0.1 + 0.2, float("inf"), 0.3], ["0.30000000000000004", "inf", "0.3"]),
    ([3, -1, 3, 0], ["3", "-1", "3", "0"]),
    ([True, False, True], ["True", "False", "True"]),
    (pd.array([7, None, 7], dtype="Int64"), ["7", None, "7"]),
]


@pytest.mark.parametrize(("cells", "written"), NUMBERS)
def test_each_number_of_a_column_has_its_own_text(cells, written):
    codes, texts = text_levels(pd.Series(cells))
    read = [None if code < 0 else list(texts)[code] for code in codes.tolist()]
    assert read == written
    assert len(set(texts)) == len(texts)
