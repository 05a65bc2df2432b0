"""Headers that a seizure was found to hold: bounces, dues, marks, credentials; labelled by hand."""

import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns.recognise import refuse_names
from privaudit.errors import ParameterError
from privaudit.report.answers import inspect_headline
from privaudit.report.sentences import ResultLookup
from privaudit.studies.inspect import inspect_files
from privaudit.words.catalogues import Words

HASH = "$2y$10$abcdefghijklmnopqrstuv{i:02d}cdefghijklmnopqrstuvwxyz01234"
YES = ("oui", "non")


def roles(**columns):
    table = pd.DataFrame({header: [make(i) for i in range(40)] for header, make in columns.items()})
    return dict(pa.inspect(table, as_of="2016-11-08").frame.set_index("column")["role"])


@pytest.mark.parametrize("header", [
    "password", "Mot de passe", "mdp", "user_pass", "encrypted_password", "api_key",
    "reset_password_token", "Question secrète", "login_password",
])  # fmt: skip
def test_a_column_of_passwords_is_a_credential(header):
    assert roles(**{header: lambda i: f"Zx{i * i}q!"})[header] == "credential (identifier)"


def test_a_hash_is_a_password_whatever_its_header():
    assert roles(c7=lambda i: HASH.format(i=i))["c7"] == "credential (identifier)"


def test_whether_there_is_a_password_or_since_when_opens_nothing():
    found = roles(
        password=lambda i: YES[i % 2],
        password_changed_at=lambda i: f"2016-0{1 + i % 9}-11",
    )
    assert not any("credential" in role for role in found.values())


@pytest.mark.parametrize("header", ["NPAI", "PND", "retour courrier", "email invalide",
                                    "faux_numero"])  # fmt: skip
def test_what_came_back_is_technical(header):
    assert roles(**{header: lambda i: YES[i % 2]})[header] == "technical"


def test_an_address_that_bounced_is_one():
    assert "identifier" in roles(**{"bounced email": lambda i: f"p{i}@x.fr"})["bounced email"]


@pytest.mark.parametrize("header", ["Cotis.", "Cotis. 2024", "dues_paid", "A jour de cotis",
                                    "Reçu fiscal"])  # fmt: skip
def test_dues_tell_a_side_in_the_file_of_a_campaign(header):
    """A club's do not; whose file it is, other columns tell."""
    dues = {header: lambda i: str(10 * (i % 3))}
    assert roles(**dues)[header] == "hint"
    assert roles(**dues, militant=lambda i: YES[i % 2])[header] == "special category"


@pytest.mark.parametrize("header", ["Note /5", "Note", "note sur 20", "Évaluation", "Étoiles"])
def test_a_mark_is_what_somebody_worked_out(header):
    """A school's is of no opinion."""
    marks = {header: lambda i: str(1 + i % 5)}
    assert roles(**marks)[header] == "hint"
    assert roles(**marks, canvassed_by=lambda i: "Zoé Petit")[header].startswith("inferred")


def test_a_note_of_words_is_free_text():
    assert roles(Note=lambda i: "a promis de revenir nous voir")["Note"] == "free text"


def test_a_password_is_no_key_and_the_page_warns(tmp_path):
    people = pd.DataFrame({"sexe": list("FM") * 20, "age": range(20, 60),
                           "mdp": [f"Zx{i * i}q!" for i in range(40)]})  # fmt: skip
    people.to_csv(tmp_path / "comptes.csv", index=False)
    study = inspect_files([tmp_path / "comptes.csv"], as_of="2016-11-08")
    assert "mdp" not in study.inventories[0].roles.columns
    for lang, said in (("fr", "mots de passe"), ("en", "passwords")):
        assert any(
            said in lead for lead in inspect_headline(study, Words(lang), ResultLookup(study))[1]
        )
    with pytest.raises(ParameterError, match="credential"):
        refuse_names("table", ["mdp", "sexe"])
