"""Every text cell is searched for words, whatever its column was taken for, or is named as not."""

import csv
import datetime
import json
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import privaudit as pa
from privaudit.cli import main
from privaudit.columns import free_text
from privaudit.columns.free_text import (
    SEARCHED,
    SPECIAL,
    cells_searched,
    in_other_languages,
    is_text,
    political_sides_in,
    search_texts,
    texts_among,
)
from privaudit.columns.recognise import cell_texts, cells_of, column_kinds, is_filled
from privaudit.core.files import made_once
from privaudit.release.column_roles import (
    MOST_LETTERS,
    _fields_of,
    known_columns,
    searched_columns,
)
from privaudit.release.inventory import take_inventory
from privaudit.report.names import part_value
from privaudit.studies.study import people_in_text
from privaudit.words.catalogues import Words

DATA = Path(__file__).parents[2] / "data"
NOTES = [
    "Diabétique, ne sort plus", "va à la messe chaque dimanche", "vote Mélenchon depuis 2012",
    "rappeler jeudi après 18 h", "portail vert au fond", "ne veut plus de tracts",
] * 50  # fmt: skip
HEADERS = ("nom", "porte", "adresse", "tel", "date", "email", "ville", "source", "id", "sexe",
           "âge", "couleur", "statut")  # fmt: skip


def column(header, cells):
    frame = pd.DataFrame({"serie": range(len(cells)), header: cells})
    return pa.inspect(frame, as_of="2016-11-08").columns[1]


@pytest.mark.parametrize("header", HEADERS)
def test_notes_speak_under_any_header(header):
    found, under_note = column(header, NOTES), column("note", NOTES)
    assert found.role == "text_special"
    assert {what: n for what, n in found.says.items() if what in SPECIAL} == {
        "health": 50, "religion": 50, "party": 50,
    }  # fmt: skip
    assert (found.texts, found.searched, found.others) == (300, 300, "")
    assert (found.least, found.again) == (under_note.least, under_note.again)


@pytest.mark.parametrize(
    ("header", "usual", "others"),
    [
        ("tel", "06 12 34 56 {i:02d}", ""),
        ("adresse", "{i} rue de la Mairie", ""),
        ("email", "personne{i}@exemple.fr", "contacts"),
        ("ville", "Saint-Denis", "places"),
    ],
)
def test_few_notes_among_usual_cells_are_found(header, usual, others):
    cells = [usual.format(i=i % 100) for i in range(300)] + NOTES[:60]
    found = column(header, cells)
    assert found.role == "text_special", found
    assert [found.says[what] for what in ("health", "religion", "party")] == [10, 10, 10]
    # Those that are of the form of their column are counted, and what they are is told.
    assert found.others == others
    assert found.searched == (60 if others or header == "tel" else 360)


def test_surnames_and_towns_that_are_words_say_nothing_and_are_not_searched():
    names = ["Juif", "Blanc", "Malade", "Lévêque", "Lebreton", "Paul Noir"] * 30
    found = column("nom de famille", names)
    assert (found.role, found.searched, found.others) == ("identifier", 0, "people")
    assert not {*found.says} & {*SPECIAL}


def test_the_end_of_a_long_cell_is_searched_too():
    long = ["bla bla bla " * 2_000 + "elle est diabétique " + "bla " * 200] * 20
    assert column("message", long).says["health"] == 20


def test_one_word_in_a_thousand_cells_is_counted_but_makes_no_column_special():
    found = column("adresse", ["12 rue Pasteur"] * 1_999 + ["12 rue Pasteur, gardien diabétique"])
    assert (found.role, found.says["health"]) == ("location", 1)


def rows(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sensitive(notes):
    """Recall and precision of both counts, and the share of harmless notes to be read again."""
    truth = np.array([bool({*one["labels"].split()} & {*SPECIAL}) for one in notes])
    found = search_texts([one["note"] for one in notes])
    both = [
        ((truth & hits).sum() / truth.sum(), (truth & hits).sum() / hits.sum())
        for hits in (found.least, found.again)
    ]
    return truth, *both, (found.again & ~truth).sum() / (~truth).sum()


@pytest.mark.parametrize(
    "name",
    ["door_notes_sealed.csv", "sensitive_notes.csv", "door_notes_later.csv", "tempting_notes.csv"],
)
def test_at_least_is_precise_and_to_be_read_again_misses_few(name):
    # `sensitive_notes.csv` and `tempting_notes.csv` were written by others after the rules, and
    # nobody mended a rule for them.
    notes = rows(name)
    truth, (recall, precision), (again, _), harmless = sensitive(notes)
    print(f"{name}: {len(notes)} notes, {truth.sum()} sensitive; at least: precision "
          f"{precision:.3f}, recall {recall:.3f}; again: recall {again:.3f}, "
          f"harmless {harmless:.3f}")  # fmt: skip
    assert precision >= 0.95
    assert again >= 0.95
    # Most harmless notes of the fourth list use the words of one that is not.
    assert harmless < 0.5 or name == "tempting_notes.csv"
    with (DATA.parents[1] / "docs/data/inspect/two-counts.csv").open(encoding="utf-8") as file:
        page = [row[1:] for row in csv.reader(file)]
    line = [f"{len(notes):,}", f"{truth.sum():,}", *(f"{share:.3f}".removeprefix("0") for share in (
        precision, recall, again)), f"{harmless:.2f}".removeprefix("0")]  # fmt: skip
    assert line in page, line


@pytest.mark.parametrize("name", ["realistic", "tempting", "sealed"])
def test_lists_that_narrowed_at_least_stand_as_they_were_measured(name):
    # One note in nine of those made to tempt is sensitive, and no word of other languages is known.
    notes = [one for one in rows("narrowed_notes.csv") if one["list"] == name]
    truth, (recall, precision), (again, _), harmless = sensitive(notes)
    with (DATA.parents[1] / "docs/data/inspect/two-counts.csv").open(encoding="utf-8") as file:
        page = [row[1:] for row in csv.reader(file)]
    assert precision >= 0.95 or name == "tempting"
    line = [f"{len(notes):,}", f"{truth.sum():,}", *(f"{share:.3f}".removeprefix("0") for share in (
        precision, recall, again)), f"{harmless:.2f}".removeprefix("0")]  # fmt: skip
    assert line in page, line


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_says_how_many_cells_were_searched_and_which_were_not(lang, tmp_path):
    frame = pd.DataFrame({
        "nom": ["Anne Roux", "Paul Petit", "Zoé Le Gall"] * 100, "tel": NOTES,
        "ville": ["Créteil"] * 300, "serie": range(300),
    })  # fmt: skip
    frame.to_csv(tmp_path / "liste.csv", index=False)
    out = tmp_path / "out"
    asked = ["inspect", str(tmp_path / "liste.csv"), "--lang", lang, "--as-of", "2016-11-08"]
    assert main([*asked, "--out", str(out)]) == 0
    page = " ".join((out / "index.html").read_text(encoding="utf-8").split())
    page = re.sub("</?span[^>]*>", "", page)
    for text in {
        "en": [
            "300 of 900 cells of text were searched",
            "300 cells were not searched: names of",
            "At least 150 mention",
            "To be read again: 200 of 300 cells",
        ],
        "fr": [
            "300 cellules de texte sur 900 ont été lues",
            "300 cellules n’ont pas été lues",
            "Au moins 150 évoquent",
            "À relire : 200 sur 300 cellules",
        ],
    }[lang]:
        assert text in page.replace("&#39;", "'").replace("\u202f", " ").replace("\xa0", " "), text
    rows = json.loads((out / "findings.json").read_text(encoding="utf-8"))["findings"]
    told = {row["measure"]: (row["value"], row["n"]) for row in rows}
    assert told["searched"] == (300, 900)
    assert told["sensitive_least"] == (150, 300)
    assert told["sensitive_again"] == (200, 300)


def test_columns_and_tables_of_a_file_are_quoted_as_they_stand(tmp_path):
    own, seized = Words("fr"), Words("fr", quoted=True)
    assert part_value(own, "name", "column") == "nom"
    assert part_value(seized, "name", "column") == "name"
    assert part_value(seized, "addresses", "table") == "addresses"
    assert part_value(seized, "age_band", "key") == "age_band"
    # A cell of the title "M." was quoted as "men".
    assert part_value(own, "m", "level") == "hommes"
    assert part_value(seized, "M.", "level") == "M."
    frame = pd.DataFrame({
        "name": [f"Zq{i}" for i in range(60)], "age": [20 + i % 3 for i in range(60)],
        "Pour qui avez-vous voté, Macron ou Marine Le Pen ?": ["Macron", "Le Pen", "?"] * 20,
    })  # fmt: skip
    frame.to_csv(tmp_path / "addresses.csv", index=False)
    out = tmp_path / "out"
    asked = ["inspect", str(tmp_path / "addresses.csv"), "--lang", "fr", "--as-of", "2016-11-08"]
    assert main([*asked, "--out", str(out)]) == 0
    said = (out / "index.html").read_text(encoding="utf-8")
    assert "voté, Macron ou Marine Le Pen" in said
    annex = (out / "annex.html").read_text(encoding="utf-8")
    assert "column 3" not in said + annex
    assert "colonnes : nom" not in annex
    assert "tranche d" not in annex


# What stands in notes, clean and dirty, over and over: the same text is searched once.
SOME_CELLS = st.lists(
    st.sampled_from(
        [
            "Sort de chimio, sa femme ouvre",
            "Pas malade",
            "12 rue de l\u2019Église, favorable",
            "favorable",
            " favorable ",
            "appeler 06 12 34 56 78",
            "écrire à p.roux@exemple.fr",
            "Mme Le Gall, juive",
            "Paul Roux a ouvert",
            "n/a",
            "",
            " ",
            "<b>Malade</b> &amp; seul",
            '{"état": "séropositif", "n": [1, null]}',
            "séro\u00adpositif",
            "SE\u0301ROPOSITIF",
            None,
            "rec5aZ0041",
            "185057800608436",
            "x" * 4_100 + " diabétique",
        ]
    ),
    min_size=1,
    max_size=14,
)


@given(SOME_CELLS)
@settings(max_examples=60, deadline=None)
def test_the_texts_of_a_column_are_those_of_its_cells_each_once(cells):
    column = pd.Series(cells, dtype="str", name="note")
    texts, code = cell_texts(column)
    alone = [cells_of(column.iloc[[at]])[0] for at in range(len(column))]
    assert [texts[at] for at in code] == alone == cells_of(column)
    assert texts == list(dict.fromkeys(alone))
    assert cell_texts(column).records.tolist() == [alone.count(text) for text in texts]
    # A column of objects is read cell by cell.
    other = cell_texts(column.astype(object))
    assert (other.texts, other.code.tolist()) == (texts, code.tolist())


@pytest.mark.heavy
@given(SOME_CELLS, st.sampled_from(["note", "remarques", "c2"]), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_text_that_is_searched_once_is_found_in_each_of_its_records(cells, header, named):
    """Each record by itself, as `search_texts` defines what it holds, against the whole column."""
    frame = pd.DataFrame({header: pd.Series(cells, dtype="str")})
    if named:
        frame["nom"] = [["Roux", "Le Gall"][at % 2] for at in range(len(cells))]
    found, counts = searched_columns(frame)
    if header not in counts:
        assert not frame[header].notna().any()
        return
    known = known_columns(frame, None, {})
    note = known[header].kind == "note"
    own = frame["nom"] if named and note and known["nom"].kind == "name" else [""] * len(cells)
    texts = cells_of(frame[header], letters=MOST_LETTERS)
    texts = [_fields_of(text) for text in texts]
    searched, _ = cells_searched(texts, known[header].kind, header)
    expected = {what: np.zeros(len(cells), dtype=bool) for what in SEARCHED}
    for at, (text, who) in enumerate(zip(texts, own, strict=True)):
        for begin in range(0, len(text) if searched[at] else 0, 3_900):
            for what, hits in search_texts([text[begin : begin + 3_900]], [who]).holds.items():
                expected[what][at] |= hits[0]
    if note:
        expected["party"] |= political_sides_in(texts)
    for what, hits in expected.items():
        assert found.get(header, {}).get(what, np.zeros(len(cells), bool)).tolist() == hits.tolist()
    assert counts[header].texts == sum(map(is_text, texts))
    assert counts[header].searched == searched.sum()


@given(SOME_CELLS)
@settings(max_examples=40, deadline=None)
def test_sides_of_texts_that_stand_for_several_are_those_of_all(cells):
    texts, code = cell_texts(pd.Series(cells, dtype="str"))
    whole = [texts[at] for at in code]
    of_texts = political_sides_in(texts, np.bincount(code, minlength=len(texts)))
    assert of_texts[code].tolist() == political_sides_in(whole).tolist()
    assert texts_among(whole).tolist() == [is_text(cell) for cell in whole]


def test_cells_that_change_between_two_blocks_are_looked_at_again():
    column = pd.Series(["oui", "non"], dtype="str", name="c")
    with made_once():
        assert is_filled(column).tolist() == [True, True]
    column.iloc[1] = "n/a"
    with made_once():
        assert is_filled(column).tolist() == [True, False]
        # What a caller does with the answer changes no other answer.
        is_filled(column)[0] = False
        assert is_filled(column).tolist() == [True, False]


def test_columns_of_other_headers_are_recognised_apart():
    cells = pd.Series(["1980-02-01", "1985-05-07"] * 3, dtype="str")
    with made_once():
        born, drawn = (
            column_kinds(frame)
            for frame in (pd.DataFrame({"naissance": cells}), pd.DataFrame({"x": cells}))
        )
    assert born == column_kinds(pd.DataFrame({"naissance": cells}))
    assert drawn == column_kinds(pd.DataFrame({"x": cells})) != born


@pytest.mark.parametrize("many", [127, 128, 129, 32_768])
def test_blank_cells_beside_as_many_texts_as_a_narrow_code_holds(many):
    texts, code = cell_texts(pd.Series([*(f"t{i}" for i in range(many)), " "], dtype="str"))
    assert texts == [*(f"t{i}" for i in range(many)), ""]
    assert code.tolist() == list(range(many + 1))


def test_a_text_that_columns_share_is_searched_once(monkeypatch):
    asked, search = [], free_text._searched

    def counted(texts, own):
        asked.extend(zip(texts, own, strict=True))
        return search(texts, own)

    monkeypatch.setattr(free_text, "_searched", counted)
    cells = [f"Diabétique, passer le {day}" for day in range(30)]
    frame = pd.DataFrame({"remarque": cells, "autre": cells[::-1], "encore": cells})
    spoken, _ = searched_columns(frame)
    assert sorted(text for text, _ in asked if text in cells) == sorted(cells)
    assert [spoken[column]["health"].sum() for column in frame] == [30, 30, 30]


def test_notes_of_many_names_take_no_memory_for_each_pair_of_both():
    n = 2_000
    frame = pd.DataFrame(
        {"nom": [f"Nom{i}" for i in range(n)], "note": [f"rappeler le {i}" for i in range(n)]}
    )
    searched_columns(frame.head(9))
    tracemalloc.start()
    try:
        searched_columns(frame)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # A list of a name for each text of each name takes eight bytes a pair.
    assert most < 8 * n * n


def test_titles_are_no_illness_and_no_names_of_people():
    """ "Ms." is short for a title, and for sclérose en plaques in English notes."""
    titles = ["Ms.", "Mr.", "Mme", "M."] * 30
    searched, why = cells_searched(titles, "sex", "title")
    assert not searched.any()
    assert why == "titles"
    searched, why = cells_searched(["F ; elle est malade du cancer"] * 3, "sex", "title")
    assert searched.all()


def test_who_wants_a_poster_may_be_for_the_candidate_and_is_not_counted_as_sure():
    # Labels by the words of law: "revealing" (GDPR, art. 9). Who shows, gives, votes or works for a
    # campaign reveals an opinion; who asks for what it hands out does not for sure.
    wants = ["veut un autocollant", "voudrait une affiche", "demande 20 tracts", "wants a sign",
             "prend 10 tracts pour son immeuble", "garde l'autocollant", "took a yard sign",
             "souhaite participer à la réunion publique", "requested a lawn sign",
             "wants to put up a sign", "ordered two signs", "ok to put a sign",
             "will display a poster"]  # fmt: skip
    shows = [
        "veut un autocollant, nous soutient à fond",
        "distribue 20 tracts",
        "colle pour nous",
        "veut tracter avec nous",
        "veut un autocollant NUPES",
    ]
    found = search_texts([*wants, *shows])
    assert found.again.all()
    assert [text for text, sure in zip(wants, found.least, strict=False) if sure] == []
    sure = dict(zip(shows, found.least[len(wants) :].tolist(), strict=True))
    assert [text for text, yes in sure.items() if not yes] == []


# Notes that speak of a special category, then as many that do not, which no rule was written for.
ELSEWHERE = {
    "German": (
        "hat Multiple Sklerose|geht jeden Freitag in die Moschee|CDU-Stammwähler|ist schwul"
        "|im Betriebsrat, sehr aktiv|Witwe, trinkt viel",
        "Briefkasten überfüllt|Tor klemmt|will ein Plakat|drittes Stockwerk|ist umgezogen",
    ),
    "Portuguese": (
        "sofre de esclerose|frequenta a mesquita|eleitor do PSD|é lésbica|alcoólico",
        "caixa de correio partida|portão verde|pede um cartaz|terceiro andar|mudou de casa",
    ),
    "Hungarian": (
        "szívbeteg, nem jár ki|minden vasárnap misére jár|a Fideszre szavaz|szakszervezeti tag"
        "|egy férfival él együtt|menekült, papírok nélkül",
        "kedves volt velünk|rossz a csengő|júniusban költözik|éjjel dolgozik|kutya az udvaron|siet",
    ),
    "Russian": (
        "болен раком|ходит в мечеть|голосует за КПРФ|член профсоюза|живёт с другом|беженец",
        "вежливый|звонок сломан|переезжает в июне|работает ночью|собака во дворе|спешит",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ELSEWHERE)
def test_notes_of_another_language_are_to_be_read_again_and_none_is_sure(language):
    sensitive, harmless = (texts.split("|") for texts in ELSEWHERE[language])
    frame = pd.DataFrame({"notes": (sensitive + harmless) * 4})
    (column,) = pa.inspect(frame, as_of="2021-07-01").columns
    assert column.least == 0
    # A note that is found among these is so for its language: nearly all are.
    assert column.again >= 0.9 * len(frame)
    found = in_other_languages(sensitive + harmless)[: len(sensitive)]
    assert (found | search_texts(sensitive).again).mean() >= 0.95


@pytest.mark.parametrize(
    "name",
    ["door_notes.csv", "door_notes_sealed.csv", "sensitive_notes.csv", "door_notes_later.csv"],
)
def test_no_note_in_french_or_english_is_in_another_language(name):
    notes = [one["note"] for one in rows(name)]
    assert not in_other_languages(notes).any()
    parts = [notes[at : at + 25] for at in range(0, len(notes), 25)]
    wrong = [part for part in parts if in_other_languages(part).any()]
    assert len(wrong) <= 0.01 * len(parts), wrong


def test_short_notes_without_a_small_word_are_in_french():
    notes = [
        "interphone en panne",
        "préfère le courrier",
        "voisin bruyant",
        "portail rouge",
        "pas le temps",
        "polyarthrite, se déplace en fauteuil",
        "réfugiée afghane",
        "catholique intégriste",
        "lesbienne",
        "ancienne conseillère municipale communiste",
        "travaux dans la cage d'escalier",
    ]
    assert not in_other_languages(notes).any()


def test_a_file_in_another_language_is_not_cleared(tmp_path):
    sensitive, harmless = (texts.split("|") for texts in ELSEWHERE["Russian"])
    frame = pd.DataFrame({"nom": ["Anne Roux"] * 72, "mémo": (sensitive + harmless) * 6})
    frame.to_csv(tmp_path / "liste.csv", index=False)
    asked = ["inspect", str(tmp_path / "liste.csv"), "--as-of", "2016-11-08", "--lang", "en"]
    assert main([*asked, "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    page = re.sub("</?span[^>]*>", "", " ".join(page.split()))
    assert "To be read again: 72 of 72 cells" in page
    assert "no word of the cells that were searched" not in page


def test_a_column_of_addresses_counts_those_that_no_list_knows():
    """Half are written as in German, without a word of those that streets have in French."""
    frame = pd.DataFrame({"adresse": ["12 rue des Lilas", "Bahnhofstrasse 12"] * 20})
    one = take_inventory(frame, name="people", as_of=datetime.date(2024, 6, 1)).columns[0]
    assert people_in_text(one) == {"address": 40}


@pytest.mark.parametrize("text", ["Il est Chrétien", "Je suis Chrétien", "devenu Moine"])
def test_a_faith_in_a_capital_is_a_faith_after_a_small_word(text):
    assert search_texts([text], [""]).holds["religion"].tolist() == [True]


def test_names_with_small_words_do_not_make_french_notes_foreign():
    notes = ["El Amrani absent", "El Amrani, à revoir", "Ella Martin malade", "Van Damme : non"]
    assert not in_other_languages([*notes, "homosexuel", "ne vote pas", "à rappeler"] * 3).any()


@pytest.mark.parametrize(
    ("of_person", "of_thing"),
    [
        ("Mme est diabétique", "association des diabétiques au 2e"),
        ("son fils est autiste", "école pour enfants autistes en face"),
        ("adhérent PS", "local du PS en face"),
        ("Diabétique, elle veut un rendez-vous", "permanence PS au rez-de-chaussée"),
        ("she has cancer", "cancer ward open day poster"),
        ("his daughter is deaf", "deaf school entrance closed"),
        ("il est musulman", "a demandé si le tract était musulman"),
        ("délégué CGT", "manif CGT demain"),
        ("member of Unison", "Unison office upstairs"),
        ("Gay, he is out at work", "gay bar next door"),
    ],
)
def test_a_note_is_sure_where_its_words_are_said_of_a_person(of_person, of_thing):
    found = search_texts([of_person, of_thing])
    assert found.least.tolist() == [True, False]
    # Nothing is cleared: both are read again.
    assert found.again.tolist() == [True, True]
