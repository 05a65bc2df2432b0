"""Columns that were taken for another thing: geometry, serial dates, places of a network, keys."""

import hashlib
import struct

import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns.free_text import categories_in
from privaudit.columns.headers import header_of_survey, kind_of_header, kind_of_record
from privaudit.columns.recognise import column_kinds
from privaudit.io.readers import read_frame
from privaudit.release.inventory import table_inventory
from privaudit.release.read_table import read_table
from privaudit.studies.exhibits import set_out
from privaudit.studies.inspect import inspect_files
from tests.formats.writers import xlsx

N = 60


def columns(**cells):
    found = pa.inspect(pd.DataFrame(cells), as_of="2016-11-08")
    return found, {column.name: column for column in found.columns}


def ewkb(place):
    return (struct.pack("<BII", 1, 0x20000001, 4326) + struct.pack("<dd", *place)).hex().upper()


def test_a_geometry_in_hexadecimal_digits_is_no_telephone():
    # Before: 600 of 600 points said who it was, by telephone numbers in their geometry.
    points = [ewkb((2.4 + i / 1e4, 48.8 + i / 1e4)) for i in range(600)]
    found, held = columns(id=range(600), label=["a", "b"] * 300, geom=points)
    assert (held["geom"].kind, dict(held["geom"].says)) == ("spot", {})
    assert found.is_map


def test_days_of_a_spreadsheet_are_dates_and_no_key():
    found, held = columns(rdv=[42_000 + 7 * (i // 2) for i in range(N)], cp=["94000", "75011"] * 30)
    assert (held["rdv"].kind, held["cp"].kind) == ("date", "place")
    assert found.roles.key == ("cp",)


def test_numbers_that_count_records_are_no_days():
    _, held = columns(num=[40_001 + i for i in range(N)])
    assert held["num"].kind == "number"


def test_places_of_a_network_address_are_no_map_of_doors():
    found, held = columns(
        email=[f"a{i}@b.fr" for i in range(N)], ip_lat=[48.8 + i / 100 for i in range(N)],
        ip_lon=[2.3 + i / 100 for i in range(N)], ip_city=["Paris", "Lyon"] * 30,
    )  # fmt: skip
    assert {held[name].kind for name in ("ip_lat", "ip_lon")} == {"spot"}
    assert not found.is_map
    assert found.roles.identifier == ("email",)
    # As a mailing tool exports it: the zone of the hour stands beside.
    found, held = columns(
        email=[f"a{i}@b.fr" for i in range(N)], LATITUDE=[48.8 + i / 100 for i in range(N)],
        LONGITUDE=[2.3 + i / 100 for i in range(N)], GMTOFF=[1] * N,
    )  # fmt: skip
    assert not found.is_map


def test_keys_of_devices_are_no_notes():
    _, held = columns(fcm=[f"fT9{i:04d}x:APA91bMalade{'a' * 100}" for i in range(N)])
    assert (held["fcm"].kind, held["fcm"].texts, dict(held["fcm"].says)) == ("", 0, {})


def test_undecided_is_an_answer_where_it_is_given_often():
    _, held = columns(opinion=["pour", "contre", "?"] * 20, note=["?", "vu", "absent"] * 20)
    assert (held["opinion"].filled, held["note"].filled) == (60, 40)


def test_names_of_politicians_under_pages_are_no_identifiers():
    _, held = columns(
        page=["Emmanuel Macron", "Marine Le Pen", "Jean Lassalle"] * 20, user=range(N)
    )
    assert held["page"].role in ("special", "hint")


@pytest.mark.parametrize(
    ("header", "declared"),
    [("religionGuess", "inferred"), ("religion", "declared"), ("religion_hypothese", "inferred")],
)
def test_a_guess_is_inferred(header, declared):
    _, held = columns(**{header: ["catholique", "musulman", "aucune"] * 20})
    assert held[header].declared == declared


def test_an_acronym_among_months_is_a_month():
    _, held = columns(JUIL=["x", ""] * 30, SEP=["x", ""] * 30, OCT=["", "x"] * 30)
    assert held["SEP"].role == "unknown"
    _, held = columns(nom=[f"Zq{i}" for i in range(N)], SEP=["oui", "non"] * 30)
    assert held["SEP"].role == "special"


# A whole header that is an acronym is a flag where its cells answer yes or no, or name it.
FLAGS = {"CGT": "union", "fo": "union", "LGBT": "sex_life", "FN": "support", "PS": "support",
         "Ump": "support", "LFI": "support", "ALD": "health"}  # fmt: skip
ANSWERS = {
    "yes or no": ["oui", "non"], "a tick": ["x", ""], "digits": [1, 0], "truth": [True, False],
    "a mark": ["Y", "N"],
}  # fmt: skip
NO_ANSWERS = {
    "measures": [1.25, 3.5], "whole numbers": [12, 40], "levels": [0, 1, 2, 3],
    "codes of technique": ["A12", "B7"], "words": ["série", "parallèle"],
}  # fmt: skip


@pytest.mark.parametrize(("header", "kind"), FLAGS.items())
@pytest.mark.parametrize("cells", ANSWERS.values(), ids=ANSWERS)
def test_an_acronym_over_answers_is_a_flag(header, kind, cells):
    _, held = columns(nom=[f"Zq{i}" for i in range(N)], **{header: (cells * N)[:N]})
    assert (held[header].role, held[header].kind) == ("special", kind)


@pytest.mark.parametrize("header", FLAGS)
@pytest.mark.parametrize("cells", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_an_acronym_over_anything_else_is_none(header, cells):
    found, held = columns(nom=[f"Zq{i}" for i in range(N)], **{header: (cells * N)[:N]})
    assert held[header].role in ("unknown", "technical", "key")
    assert header not in found.roles.sensitive


# What such a column holds in a file that is not about health, faith or unions.
TERMS = {
    "ts": [1_490_000_000, 1_490_000_060], "ms": [12.5, 240.0], "tb": [1.5, 3.25],
    "hp": [90, 120], "std": [5, 6, 7], "due": ["yes", "no"], "pan": ["ABCDE1234F", "XYZAB9876K"],
    "eid": ["E1", "E2", "E3"], "mas": ["A4", "B6"], "neu": ["x1", "x2"], "ist": ["A", "B", "C"],
    "pd": ["2016-01-02", "2016-02-03"], "bi": [0.25, 1.75], "hop": [1, 2, 3], "dp": ["94", "75"],
}  # fmt: skip


@pytest.mark.parametrize(("header", "cells"), TERMS.items())
def test_a_short_term_over_other_cells_is_no_illness_nor_faith(header, cells):
    found, held = columns(nom=[f"Zq{i}" for i in range(N)], **{header: (cells * N)[:N]})
    assert held[header].role not in ("special", "inferred", "hint")
    assert header not in found.roles.sensitive


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("ms", ["yes", "no"], "health"), ("bi", ["oui", "non"], "sex_life"),
        ("vih", ["2016-10-02", "2016-11-02"], "health"), ("pch", [450, 612], "health"),
        ("flu", ["2016-10-02", ""], "health"), ("neu", [True, False], "union"),
    ],
)  # fmt: skip
def test_a_short_term_that_its_cells_answer_or_of_one_meaning_is_one(header, cells, kind):
    _, held = columns(nom=[f"Zq{i}" for i in range(N)], **{header: (cells * N)[:N]})
    assert (held[header].role, held[header].kind) == ("special", kind)


@pytest.mark.parametrize(
    ("header", "cells", "role"),
    [
        # Of Google's contacts, in both languages: which of several telephones it is.
        ("Téléphone 1 - Libellé", ["Mobile", "Domicile"], "unknown"),
        ("E-mail 1 - Label", ["* Home", "Work"], "unknown"),
        ("Phone 1 - Type", ["Mobile", "Home"], "unknown"),
        ("Phone 1 - Label", ["0612345678", "0698765432"], "contact"),
        # Of Salesforce: a post beside the names of people.
        ("Title", ["Teacher", "Plumber"], "unknown"),
        # The users of a log by number are no key.
        ("user", [*range(1_000_001, 1_000_031)], "identifier"),
        ("user", ["Anne Martin", "Paul Durand"], "identifier"),
    ],
)
def test_a_column_beside_a_contact_or_a_name_is_what_its_cells_are(header, cells, role):
    _, held = columns(
        LastName=[f"Zq{i}" for i in range(N)], FirstName=["Anne", "Paul"] * (N // 2),
        **{header: (cells * N)[:N]},
    )  # fmt: skip
    assert held[header].role == role


@pytest.mark.parametrize("header", ["contact", "titre", "libelle"])
def test_notes_under_contact_beside_names_are_searched(header):
    """They were taken for surnames, and left out of the search: nobody was said to be ill."""
    notes = ["diabétique, ne pas déranger", "juif pratiquant", "absent", "repasser lundi"]
    _, held = columns(nom=[f"Zq{i}" for i in range(N)], prenom=["Anne", "Paul"] * (N // 2),
                      **{header: (notes * N)[:N]})  # fmt: skip
    found = held[header]
    assert (found.searched, found.says["health"], found.says["religion"]) == (N, N / 4, N / 4)
    _, held = columns(nom=[f"Zq{i}" for i in range(N)], prenom=["Anne", "Paul"] * (N // 2),
                      **{header: ["Malade", "Juif", *[f"Q{chr(97 + i)}z" for i in range(26)],
                                  *["Rouge", "Lepen", "Croix"], *[f"Y{chr(97 + i)}z" for i in
                                  range(26)], "Roux", "Cancer", "Sourd"][:N]})  # fmt: skip
    assert held[header].role == "identifier"


def test_a_header_of_what_people_like_to_read_stands_as_it_is():
    """It was numbered, as if “Favorite” were somebody's name."""
    found, _ = columns(Email=[f"a{i}@b.org" for i in range(N)],
                       **{"Favorite Content Topics": ["Taxes", "Roads"] * (N // 2)})  # fmt: skip
    assert [column.name for column in found.columns] == ["Email", "Favorite Content Topics"]


def test_an_acronym_that_its_cells_repeat_is_one():
    _, held = columns(cgt=["CGT", "CGT cheminots", ""] * 20, ps=["PS", "vote PS", "hostile"] * 20)
    assert (held["cgt"].kind, held["ps"].kind) == ("union", "support")


def test_a_side_of_the_sky_is_no_union():
    _, held = columns(NORD=["x", ""] * 30, SUD=["", "x"] * 30)
    assert held["SUD"].role == "unknown"


def test_undecided_is_an_answer_for_measures_too():
    # 40 say "?", as often as each side; under a note, and given once, it is a blank.
    table = pd.DataFrame({"age": list(range(30)) * 4, "opinion": ["pour", "contre", "?"] * 40,
                          "zone": ["a", "b", "?"] * 40})  # fmt: skip
    roles = pa.Roles(key=["age", "zone"], sensitive="opinion")
    found = pa.measure(table, roles)
    notes = {(note.key, note.values.get("column")): dict(note.values) for note in found.notes}
    assert notes["undecided_kept", "opinion"]["records"] == 40
    assert notes["marks_read_as_missing", "zone"]["records"] == 40
    rare = table.assign(opinion=["pour", "contre"] * 58 + ["pour", "contre", "pour", "?"])
    keys = {note.key for note in pa.measure(rare, roles).notes}
    assert "undecided_kept" not in keys
    named = pa.measure(table, roles, missing_values={"opinion": ["?"]})
    assert "undecided_kept" not in {note.key for note in named.notes}


def test_a_list_of_surnames_is_of_no_category():
    names = [a + b for a in ("Blanc", "Noir", "Breton", "Juif", "Picard", "Allemand")
             for b in ("", "et", "on", "eau", "in", "ard", "ier", "as", "os", "ot")]  # fmt: skip
    _, held = columns(c4=names)
    assert (held["c4"].role, held["c4"].others) == ("unknown", "people")


def test_a_question_of_a_form_is_quoted():
    asked = "Que pensez-vous de Marine Le Pen et de son programme ?"
    assert asked in columns(**{asked: ["bien", "mal"] * 30})[1]
    # A person's name is none, with a question mark or without.
    assert "Marie Dupont ?" not in columns(**{"Marie Dupont ?": ["bien", "mal"] * 30})[1]


def test_letters_written_byte_by_byte_are_read(tmp_path):
    # As Facebook exports them: each byte of UTF-8 as a letter.
    text = r'[{"name": "\u00c3\u0089ric", "note": "\u00c3\u00a9vang\u00c3\u00a9lique"},'
    text += r'{"name": "Zo\u00c3\u00ab", "note": "\u00c9lu"}, {"name": "Pa\u00efva"}]'
    (tmp_path / "friends.json").write_text(text, encoding="ascii")
    frame = read_frame(tmp_path / "friends.json", gives="table").frame
    assert frame["name"].tolist() == ["Éric", "Zoë", "Païva"]
    assert frame["note"].tolist()[:2] == ["évangélique", "Élu"]


def study_of(tmp_path, **tables):
    files = []
    for name, frame in tables.items():
        files.append(tmp_path / f"{name}.csv")
        frame.to_csv(files[-1], index=False)
    found = inspect_files(files, as_of="2016-11-08").inventories
    return [{column.name: column for column in one.columns} for one in found]


def test_a_legend_beside_says_what_codes_stand_for(tmp_path):
    visits = pd.DataFrame({"porte": range(N), "résultat": [1, 2, 5] * 20, "étage": [1, 2, 5] * 20})
    held = study_of(tmp_path, visites=visits)[0]
    assert held["résultat"].role == "technical"
    legend = pd.DataFrame(
        {"code": [1, 2, 3, 5], "libellé": ["absent", "vote PS", "PCF", "vote FN"]}
    )
    held = study_of(tmp_path, visites=visits, Légende=legend)[0]
    assert held["résultat"].role == "special"
    assert held["résultat"].says["party"] == 40
    # A floor is a floor: its header is known.
    assert held["étage"].role != "special"


def test_a_table_of_a_dump_decodes_the_column_of_its_name(tmp_path):
    people = pd.DataFrame(
        {"ref": range(N), "croyance_id": [1, 2, 3] * 20, "poste_id": [1, 2, 3] * 20}
    )
    beliefs = pd.DataFrame({"id": [1, 2, 3], "nom": ["catholique", "musulman", "athée"]})
    held = study_of(tmp_path, gens=people, croyances=beliefs)[0]
    assert held["croyance_id"].says["religion"] == 60
    assert not held["poste_id"].says


def test_a_short_table_that_is_no_legend_decodes_nothing(tmp_path):
    people = pd.DataFrame({"ref": range(N), "groupe": [1, 2, 3] * 20})
    rooms = pd.DataFrame({"salle": [1, 2, 3], "occupant": ["catholique", "musulman", "athée"]})
    held = study_of(tmp_path, gens=people, salles=rooms)[0]
    assert not held["groupe"].says


def test_coordinates_beside_any_word_are_places():
    # KoboToolbox; "position" is a position of a team, and 300 homes were no map.
    found, held = columns(
        _Position_latitude=[48.8 + i / 1e3 for i in range(N)],
        _Position_longitude=[2.4 + i / 1e3 for i in range(N)],
    )
    assert {held[name].kind for name in held} == {"spot"}
    assert found.is_map


def test_pages_of_people_identify_them_and_posts_do_not():
    _, held = columns(
        href=[f"https://www.instagram.com/lea.roux{i}" for i in range(N)],
        link=[f"https://www.facebook.com/events/{i}" for i in range(N)],
        post=[f"https://x.com/status/{i}" for i in range(N)],
        seen=[f"https://www.facebook.com/page{i % 5}" for i in range(N)],
    )
    assert held["href"].kind == "account"
    assert {held[name].kind for name in ("link", "post", "seen")} == {""}


def test_the_kind_of_a_contact_is_no_source():
    found, held = columns(**{"Contact Type": ["Individual", "Organization"] * 30})
    assert held["Contact Type"].role == "technical"
    assert "source" in found.absent
    _, held = columns(nom=["Roux", "Petit"] * 30, source_name=[None] * N)
    assert held["source_name"].kind == "source"
    found, held = columns(**{"Type de contact": ["porte-à-porte", "marché"] * 30})
    assert "source" not in found.absent


def test_titles_are_no_words_of_an_illness():
    # "Ms." was multiple sclerosis, at least 60 times.
    _, held = columns(Salutation=["Ms.", "Mr."] * 30)
    assert (held["Salutation"].least, held["Salutation"].again) == (0, 0)


def test_seconds_under_a_word_of_time_are_dates_and_numbers_with_a_zero_are_none():
    _, held = columns(
        at=[1_475_000_000 + i for i in range(N)],
        Id=[f"{300_000_010_000_000_3 + i:018d}" for i in range(N)],
    )
    assert (held["at"].kind, held["Id"].kind) == ("date", "number")


def test_births_in_words_are_births():
    _, held = columns(**{"Né le": [f"{1 + i % 28} mars {1940 + i}" for i in range(N)]})
    assert held["Né le"].kind == "age"


@pytest.mark.parametrize("header", ["Né le", "Né(e) le", "Date de naissance"])
def test_births_of_two_digits_are_births_and_may_be_of_minors(header):
    # Of sixty births of 1940 to 1999 the last is 17; five more are of 1906 or of 2006.
    born = [f"0{1 + i % 9}.0{1 + i % 9}.{40 + i % 60}" for i in range(N)] + ["01.02.06"] * 5
    found, held = columns(**{header: born})
    assert held[header].kind == "age"
    assert (found.minors, found.most_minors) == (1, 6)


def test_recent_days_of_two_digits_are_no_births():
    _, held = columns(ne=[f"{1 + i % 28:02d}/0{1 + i % 9}/{14 + i % 3}" for i in range(N)])
    assert held["ne"].kind != "age"


@pytest.mark.parametrize(
    ("header", "kind", "of_record"),
    [
        ("Acceptez-vous nos conditions de santé et de sécurité ?", "", "consent"),
        ("Do you consent to the processing of your health data?", "", "consent"),
        ("Do you agree to our terms?", "", "consent"),
        ("I have read the privacy policy of the church", "", "consent"),
        ("Je certifie ne présenter aucun symptôme", "medical", ""),
        ("Do you confirm you have no medical condition?", "medical", ""),
        ("Autorisation d'hospitalisation", "medical", ""),
        ("Acceptez-vous la charte du parti ?", "support", ""),
        ("Cas confirmé (diagnostic)", "health", ""), ("Attestation ALD", "health", ""),
        ("Conditions de santé", "health", ""),
    ],
)  # fmt: skip
def test_what_somebody_agrees_to_or_certifies_is_no_illness(header, kind, of_record):
    """All sixty who said yes to the terms of a form were sixty ill."""
    assert kind_of_header(header)[0] == kind
    assert kind_of_record(header) == of_record


@pytest.mark.parametrize("once", [False, True])
def test_a_codebook_of_several_variables_writes_out_their_codes(tmp_path, once):
    """A vote and an illness by code: neither was in the count of special categories."""
    answers = [[n, 1 + n % 2, [1, 2, 9][n % 3], 1 + (n % 4 == 0), 1] for n in range(48)]
    book = [
        ["Q1", 1, "Oui"], ["Q1", 2, "Non"], ["Q2", 1, "Marine Le Pen"], ["Q2", 2, "Hamon"],
        ["Q2", 9, "Refus"], ["Q3", 1, "Aucune maladie"], ["Q3", 2, "Diabète"], ["Q4", 1, "Oui"],
    ]  # fmt: skip
    if once:
        book = [["" if n and row[0] == book[n - 1][0] else row[0], *row[1:]]
                for n, row in enumerate(book)]  # fmt: skip
    path = tmp_path / "enquete.xlsx"
    sheets = {"data": [["ID", "Q1", "Q2", "Q3", "Q4"], *answers],
              "Modalités": [["Variable", "Code", "Libellé"], *book]}  # fmt: skip
    xlsx(path, None, sheets=sheets)
    with set_out([path], who="inspect") as contents:
        study = inspect_files(contents.files, as_of="2016-11-08", contents=contents)
    roles = {column.name: column.role for column in study.inventories[0].columns}
    assert roles["Q2"] == roles["Q3"] == "special"
    assert roles["Q1"] == roles["Q4"] == "unknown"


def test_a_place_between_left_and_right_is_an_opinion():
    scores = pd.DataFrame({"score_gauche_droite": [at % 11 - 5 for at in range(60)],
                           "porte gauche/droite": ["G", "D"] * 30})  # fmt: skip
    columns = pa.inspect(scores, as_of="2016-11-08").columns
    assert [one.role for one in columns] == ["inferred", "unknown"]


def test_who_did_not_answer_is_of_no_side():
    """Of 288 outcomes 174 named a party; the page said 288 show a side."""
    cells = ["Front national", "Parti socialiste", "Absent", "Refus", "non"]
    frame = pd.DataFrame({"nom": [f"Zq{at:03d}" for at in range(100)],
                          "Intention de vote": cells * 20})  # fmt: skip
    column = pa.inspect(frame, as_of="2016-11-08").columns[1]
    assert (column.role, column.filled, column.shows) == ("special", 100, 60)
    shown = table_inventory(read_table(frame))
    assert shown.row("shown", what="support").value == 0.6


@pytest.mark.parametrize("header", ["Intention de vote", "vote",
                                    "Pour qui avez-vous voté au premier tour ?"])  # fmt: skip
def test_candidates_below_a_question_on_a_vote_are_opinions(header):
    """With their given names they were canvassers, and nobody had an opinion."""
    answers = ["Marine Le Pen", "Benoît Hamon", "François Fillon", "Refus"] * 24
    (column,) = pa.inspect(pd.DataFrame({header: answers}), as_of="2017-11-08").columns
    assert (column.role, column.shows) == ("special", 72)
    canvassers = ["Jeanne Roux", "Paul Petit", "Zoé Garnier"] * 24
    (column,) = pa.inspect(pd.DataFrame({"soutien": canvassers}), as_of="2017-11-08").columns
    assert (column.role, column.kind) == ("third", "others")


@pytest.mark.parametrize("names", [("FN", "PS", "LR"), ("proba_fn", "proba_ps", "p_lr"),
                                   ("affinite_melenchon", "affinite_macron", "affinite_le_pen"),
                                   ("Front national", "Lutte ouvrière", "En Marche")])  # fmt: skip
def test_scores_of_people_by_party_are_opinions(names):
    """They were unknown, and the file was said to hold no special category."""
    mails = [f"z{at}@exemple.fr" for at in range(60)]
    people = {"nom": [f"Zq{'abcdefghij'[at % 10]}et" for at in range(60)], "email": mails}
    scores = {name: [(at * 7 + k) % 97 / 100 for at in range(60)]
              for k, name in enumerate(names)}  # fmt: skip
    kinds = {one.name: one.kind for one in pa.inspect(pd.DataFrame(people | scores)).columns}
    assert [*kinds.values()].count("support") == 3
    counts = {"rue": [f"rue {at}" for at in range(40)],
              "FN": list(range(40)), "PS": list(range(40, 80))}  # fmt: skip
    assert not pa.inspect(pd.DataFrame(counts)).of_role("special", "inferred")
    sides = {"oreille gauche": [1] * 60, "oreille droite": [2] * 60}
    assert not pa.inspect(pd.DataFrame(people | sides)).of_role("special", "inferred")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        # "Locale" is a language of a program too, and "poids" what a row weighs in a survey.
        ("Union locale", "union"), ("Perte de poids", "health"), ("Lot cancer", "health"),
        ("locale", "technical"), ("Poids", "weight"), ("Lot", "technical"),
    ],
)  # fmt: skip
def test_a_header_that_names_a_category_is_one_in_the_inventory_as_in_a_table(header, kind):
    # Before: a dossier stopped, as its table counted 72 of a union and its inventory none.
    people = pd.DataFrame({"nom": [f"Dupont{i}" for i in range(20)], header: ["Valenton"] * 20})
    assert pa.inspect(people, as_of="2016-11-08").columns[1].kind == kind
    special = column_kinds(people).get(header)
    assert special is None or special.kind == kind


@pytest.mark.parametrize(
    ("header", "role"), [("NIR", "identifier"), ("created_at", "date"), ("ts_id", "date")]
)
def test_a_social_security_number_without_its_key_is_no_time(header, role):
    """Of thirteen digits, as milliseconds since 1970 have, and each of another person."""
    people = pd.DataFrame({header: [f"18505940281{n}" for n in range(10, 68)]})
    assert pa.inspect(people, as_of="2016-11-08").columns[0].role == role


def test_contacts_hashed_for_an_audience_identify():
    """As advertisers upload them: SHA-256 lets whoever knows the e-mail find its owner."""
    hashed = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(20)]
    kinds = column_kinds(
        pd.DataFrame(dict.fromkeys(["em_sha256", "ph", "fn", "ln", "ud[em]", "x"], hashed))
    )
    assert {column: item.kind for column, item in kinds.items()} == {
        "em_sha256": "email", "ph": "phone", "fn": "name", "ln": "name", "ud[em]": "email",
    }  # fmt: skip
    plain = pd.DataFrame({"em": ["pica", "elite"], "ph": ["7.1", "6.8"], "fn": ["a.c", "b.c"]})
    assert not column_kinds(plain)


def test_the_parameter_of_a_pixel_is_of_no_party():
    """ "ud[em]" is an e-mail that a page sends; UD and EM are a union and a party elsewhere."""
    said = categories_in(["ud[em]", "UD, retraité", "vote EM"])
    assert said["union"].tolist() == [False, True, False]
    assert said["party"].tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("lines", "answers", "read"),
    [(1, 3, False), (2, 3, True), (3, 3, True), (4, 3, True), (5, 3, False), (2, 2, False)],
)
def test_a_poll_has_two_to_four_lines_above_three_who_answered(lines, answers, read):
    above = [["", f"h{k}", ""] for k in range(lines - 1)]
    first, *below = [*above, ["", "Mon", "Tue"], *([name, "OK", ""] for name in "ABC"[:answers])]
    named = header_of_survey(first, below)
    over = " ".join(f"h{k}" for k in range(lines - 1))
    assert named == ((("", f"{over} Mon", f"{over} Tue"), lines - 1) if read else None)


SURNAMES = [f"Zq{chr(97 + at // 10)}{chr(107 + at % 10)}et" for at in range(60)]


def test_contact_details_are_no_coordinates():
    """Surnames below "Vos coordonnées", the title of a part of a form, were points of a map."""
    form = pd.DataFrame(
        {"Vos coordonnées Nom": SURNAMES, "Vos coordonnées Prénom": ["Anne", "Paul"] * 30}
    )
    assert {one.role for one in pa.inspect(form).columns} == {"identifier"}
    points = [f"48.82{at}, 2.47{at}" for at in range(10, 70)]
    found = pa.inspect(pd.DataFrame({"Coordonnées Nom": points, "Note": ["vu"] * 60}))
    assert found.columns[0].kind == "spot"


def test_who_wrote_a_book_of_a_library_did_not_borrow_it():
    """Koha's loans named their authors, and a third of them had a faith by a title."""
    titles = ["Vivre avec le diabète", "Le Coran expliqué", "Les misérables"] * 20
    loans = pd.DataFrame(
        {"borrowernumber": range(60), "itemnumber": range(60), "title": titles,
         "author": ["Victor Hugo", "Albert Camus"] * 30}
    )  # fmt: skip
    read = {one.name: (one.kind, one.says) for one in pa.inspect(loans).columns}
    assert read["title"] == read["author"] == ("thing", {})


def test_who_borrows_is_a_person_with_a_title():
    """Koha's table of borrowers lost the sex by "title", and its messages who wrote them."""
    borrowers = {"borrowernumber": range(60), "surname": SURNAMES, "title": ["Mr", "Mrs"] * 30}
    read = {one.name: one.kind for one in pa.inspect(pd.DataFrame(borrowers)).columns}
    assert (read["surname"], read["title"]) == ("name", "sex")
    messages = {"borrowernumber": range(60), "author": [f"Anne {one}" for one in SURNAMES]}
    assert pa.inspect(pd.DataFrame(messages)).columns[1].kind == "name"


GIVEN, SURNAMES = ["Claire", "Hugo", "Nadia", "Paul"] * 15, ["Dupuis", "Garnier", "Faure"] * 20


def test_names_of_what_a_person_is_tagged_with_are_no_surnames():
    """Of 52 voters tagged with a party none had an opinion: tags were names, and not searched."""
    tags = ["Électeur PS", "Électeur LR", "Abstentionniste"] * 20
    people = {"firstName": GIVEN, "lastName": SURNAMES, "tags.nodes.1.name": tags}
    _, held = columns(**people)
    assert [column.role for column in held.values()] == ["identifier", "identifier", "special"]


@pytest.mark.parametrize(
    "headers",
    [("nom", "prenom"), ("person.name", "person.firstname"), ("node.name", "node.firstName")],
)
def test_few_surnames_of_the_same_object_are_names(headers):
    _, held = columns(**dict(zip(headers, (SURNAMES, GIVEN), strict=True)))
    assert [column.kind for column in held.values()] == ["name", "name"]


@pytest.mark.parametrize("of", ["Bénévole", "Adhérent", "Sympathisant", "Donateur"])
def test_a_merged_header_of_supporters_stands_above_names(of):
    """The surnames of volunteers were a hint at a gift, and identified nobody."""
    _, held = columns(**{f"{of} Nom": SURNAMES, f"{of} Prénom": GIVEN})
    assert [column.kind for column in held.values()] == ["name", "name"]


@pytest.mark.parametrize(
    ("surname", "given"),
    [("Vote Nom", "Vote Prénom"), ("Soutien Nom", "Soutien Prénom"), ("Nom soutien", "Prénom")],
)
def test_whom_people_vote_for_is_no_name_of_theirs(surname, given):
    """Below a merged header of a vote the candidates were names, and no opinion was left."""
    candidates = {surname: ["Macron", "Le Pen", "Mélenchon"] * 20}
    if given != "Prénom":
        candidates[given] = ["Emmanuel", "Marine", "Jean-Luc"] * 20
    _, held = columns(Nom=SURNAMES, Prénom=GIVEN, **candidates)
    assert held["Nom"].kind == "name"
    assert held[surname].role == "special"


@pytest.mark.parametrize("given", ["Prénom.usuel", "Prénom.1", "prenom.x", "Vorname.1"])
def test_a_point_in_a_header_is_no_object_of_its_own(given):
    """Programs write so what stood twice, or a blank: few surnames identified nobody."""
    _, held = columns(**{"Nom": SURNAMES, given: GIVEN})
    assert (held["Nom"].kind, held["Nom"].role) == ("name", "identifier")


@pytest.mark.parametrize("header", ["Geb.-Datum", "Geb. Datum", "geb_dat", "Gebdatum"])
def test_births_may_be_abbreviated_in_german(header):
    """None of 72 members could be a minor: their births were days of something."""
    days = [f"01.02.{1948 + i}" for i in range(N - 2)] + ["unbekannt"] * 2
    found, held = columns(Nachname=SURNAMES, **{header: days})
    assert held[header].kind == "age"
    assert (found.minors, found.most_minors) == (7, 9)


@pytest.mark.parametrize(
    "header", ["Année de construction", "Baujahr", "Release Year", "Millésime"]
)
def test_years_of_a_house_or_a_record_are_no_births(header):
    """A house of 2010 was a child."""
    years = [str(1955 + i) for i in range(N)]
    found, held = columns(nom=SURNAMES, prenom=GIVEN, **{header: years})
    assert held[header].kind == "thing"
    assert found.births == ""


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Aff. politique", "support"), ("Couleur pol.", "support"), ("Opinion pol", "support"),
        ("Couleur de peau", "origin"), ("Gens du voyage", "origin"), ("Hispanic", "origin"),
        ("Raça/cor", "origin"), ("Geloof", "origin"), ("Trossamfund", "origin"),
        ("Pathologies", "health"), ("Sjukdom", "health"), ("Fackförbund", "union"),
        ("Orient. sex.", "sex_life"),
        # Words of these headers alone, or beside others, are of things.
        ("Couleur", "thing"), ("Couleur de peinture", ""), ("Voyage", ""), ("Cor", ""),
        ("Orient. vitrage", ""), ("Pol", ""),
    ],
)  # fmt: skip
def test_a_header_that_asks_for_a_special_category_is_known_by_codes_too(header, kind):
    """Each was unknown, its page said that no header reveals a special category."""
    assert kind_of_header(header)[0] == kind
