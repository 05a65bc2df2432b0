"""Exports of address books and members in other languages of Europe: the same kinds, and joins."""

import pandas as pd
import pytest

from privaudit.columns.headers import kind_of_header
from privaudit.columns.recognise import cells_showing, column_kinds
from privaudit.linkage.link_tables import link

KINDS = ["name", "name", "age", "sex", "place", "email", "phone", "note"]
HEADERS = {
    "pl": "Imię|Nazwisko|Data urodzenia|Płeć|Miejscowość|Adres e-mail|Telefon|Uwagi",
    "es": "Nombre|Apellidos|Fecha de nacimiento|Sexo|Localidad|Correo electrónico|Móvil|Notas",
    "it": "Nome|Cognome|Data di nascita|Sesso|Comune|Posta elettronica|Cellulare|Annotazioni",
    "de": "Vorname|Nachname|Geburtsdatum|Geschlecht|Ort|E-Mail-Adresse|Handynummer|Bemerkungen",
    "nl": "Voornaam|Achternaam|Geboortedatum|Geslacht|Woonplaats|E-mailadres|Mobiel|Opmerkingen",
    "pt": "Nome próprio|Apelido|Data de nascimento|Género|Localidade|Correio eletrónico|"
    "Telemóvel|Observações",
    "sv": "Förnamn|Efternamn|Födelsedatum|Kön|Kommun|E-post|Mobiltelefon|Anteckningar",
    "cs": "Jméno|Příjmení|Datum narození|Pohlaví|Obec|E-mail|Telefon|Poznámka",
    "hu": "Keresztnév|Vezetéknév|Születési dátum|Nem|Város|E-mail|Telefonszám|Megjegyzés",
    "ro": "Prenume|Nume|Data nașterii|Sex|Localitate|Email|Telefon|Observații",
    "fi": "Etunimi|Sukunimi|Syntymäaika|Sukupuoli|Kunta|Sähköposti|Puhelin|Muistiinpanot",
    "ru": "Имя|Фамилия|Дата рождения|Пол|Город|Эл. почта|Телефон|Примечание",
    "el": "Όνομα|Επώνυμο|Ημερομηνία γέννησης|Φύλο|Πόλη|Email|Τηλέφωνο|Σημειώσεις",
    "tr": "Adı|Soyadı|Doğum Tarihi|Cinsiyet|İlçe|E-posta|Cep Telefonu|Açıklama",
}
PEOPLE = [("Anna", "Vogt"), ("Paul", "Krüger"), ("Sabine", "Böhm"), ("Uwe", "Lehmann")]


def people(header, change=str):
    """Forty people, of whom a name says the rest."""
    rows = []
    for i in range(40):
        first, last = PEOPLE[i % 4][0], f"{PEOPLE[i // 4 % 4][1]}{'abcdefghij'[i // 4]}er"
        day = f"{1950 + i}-{i % 12 + 1:02d}-{i % 28 + 1:02d}"
        whom = [change(first), change(last), day, "FM"[i % 2], f"Stadt{'abcd'[i % 4]}"]
        rows.append([*whom, f"p{i}@exemple.org", f"06123456{i:02d}", "rappeler vers six heures"])
    return pd.DataFrame(rows, columns=header)


@pytest.mark.parametrize("language", HEADERS)
def test_the_columns_of_people_are_recognised(language):
    header = HEADERS[language].split("|")
    known = column_kinds(people(header))
    assert [known[column].kind if column in known else "" for column in header] == KINDS


@pytest.mark.parametrize("language", HEADERS)
def test_people_are_found_in_a_file_of_another_language(language):
    mine = people(HEADERS[language].split("|")).iloc[:, :3]
    french = people(["prenom", "nom", "date_naissance", *"abcde"], str.upper).iloc[10:30, :3]
    row = link(mine, french).measures.row("matched", table="a", other="b")
    assert row.low <= 20 / 40 <= row.high


def test_given_names_are_known_by_their_cells_where_no_surname_is():
    mine = people(["Nome", "b", "Data di nascita", *"defgh"])[["Nome", "Data di nascita"]]
    linked = link(mine, people(["prenom", "nom", "date_naissance", *"abcde"]).iloc[:, :3])
    assert "first_name" in linked.fields
    assert "last_name" not in linked.fields


@pytest.mark.parametrize(
    ("kind", "headers"),
    [("support", "Parteimitgliedschaft|Parteibuch|Partijlidmaatschap|Politieke partij|"
      "Sympatie polityczne|Partia|Filiação partidária|Tessera partito|Stemgedrag"),
     ("union", "Gewerkschaftsmitgliedschaft|Tessera sindacale|Filiação sindical|Vakbondslid"),
     ("nationality", "Staatsangehörigkeit|Nacionalidad|Nazionalità|Cittadinanza|Nacionalidade|"
      "Nationaliteit|Obywatelstwo"), ("family", "Zivilstand"), ("note", "Notatki")],
)  # fmt: skip
def test_what_is_sensitive_is_known_by_its_header_in_other_languages(kind, headers):
    """A German list of members of parties held nothing of a special category."""
    assert {kind_of_header(header)[0] for header in headers.split("|")} == {kind}


def test_a_disability_in_german_or_italian_is_of_health():
    ticked = pd.DataFrame({"Schwerbehindert": ["ja", "nein"], "Invalidità civile": ["SI", "NO"]})
    known = column_kinds(ticked)
    assert [known[c].kind for c in ticked] == ["health", "health"]
    assert [cells_showing(ticked[c], "health").tolist() for c in ticked] == [[True, False]] * 2
