"""What a page says of passwords, relatives, constant columns, absent ones and shared contacts."""

import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns.headers import kind_of_header
from privaudit.columns.roles import Roles
from privaudit.report.answers import table_answer
from privaudit.report.charts import shown_chart
from privaudit.report.dossier_page import chapters_of_dossier, weighed
from privaudit.report.findings import findings_of
from privaudit.report.rules_story import rules_headline
from privaudit.report.sentences import ResultLookup
from privaudit.results.rows import Row
from privaudit.studies.audit_rules import AuditedProcessing, audit_rules
from privaudit.studies.audit_table import audit_table
from privaudit.studies.dossier import Seizure, audit_dossier
from privaudit.words.catalogues import Words

HASH = "$2y$10$abcdefghijklmnopqrstuv"
KEPT = ("authentication", "encryption", "export_control", "access_log")
SAFE = {"security": {**dict.fromkeys(KEPT, True), "shared_accounts": False},
        "messages": {"recipients_visible": False}}  # fmt: skip
RELATIVES = ["Parti du père", "Vote du mari", "wife support level", "maladie du père",
             "household_party", "Religion mother"]  # fmt: skip


@pytest.mark.parametrize(("cells", "verdict"), [(["azerty", "soleil"], "breach"),
                                                ([HASH, HASH], "concern")])  # fmt: skip
def test_passwords_in_a_file_speak_against_its_security(cells, verdict):
    """They were found, named on the first page, and R24 said that the criterion is met."""
    kept = pd.DataFrame({"nom": ["Petit", "Roux"], "mot_de_passe": cells})
    found = pa.check_rules(kept, SAFE, as_of="2024-06-01")["R24"]
    assert (found.verdict, found.checked.columns) == (verdict, ("mot_de_passe",))
    bare = pa.check_rules(kept[["nom"]], SAFE, as_of="2024-06-01")["R24"]
    assert bare.verdict == "met"


@pytest.mark.parametrize("header", RELATIVES)
def test_what_a_relative_is_told_to_be_is_the_relative_s(header):
    assert kind_of_header(header) == ("others", False)


def test_a_family_of_parties_is_no_relative():
    assert kind_of_header("Famille politique")[0] == "support"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_columns_that_all_share_have_one_line(tmp_path, lang):
    file = tmp_path / "people.csv"
    pd.DataFrame({"sexe": list("FM") * 30, "age": [20 + i // 3 for i in range(60)],
                  "parti": ["LR"] * 60, "syndicat": ["FO"] * 60, "culte": ["x"] * 60,
                  }).to_csv(file, index=False)  # fmt: skip
    roles = Roles(key=("sexe", "age"), sensitive=("parti", "syndicat", "culte"))
    study, words = audit_table(file, roles), Words(lang)
    answer = table_answer(words, ResultLookup(study))
    lines = [lead for lead in answer[1] if "syndicat" in lead]
    assert len(lines) == 1
    assert all(column in lines[0] for column in roles.sensitive)


@pytest.mark.parametrize(("lang", "said"), [("fr", "aucun fichier"), ("en", "no file has")])
def test_a_described_column_that_no_file_has_is_said(tmp_path, lang, said):
    pd.DataFrame({"nom": ["Petit", "Roux"] * 20}).to_csv(tmp_path / "t.csv", index=False)
    told = '[columns.nom]\nsource = "direct"\n[columns.suport_level]\nsource = "inferred"\n'
    (tmp_path / "d.toml").write_text(told, encoding="utf-8")
    processing = AuditedProcessing(description=tmp_path / "d.toml", table=tmp_path / "t.csv")
    study = audit_rules(processing, as_of="2024-06-01")
    (line,) = [
        lead for lead in rules_headline(study, Words(lang), ResultLookup(study))[1] if said in lead
    ]
    assert "suport_level" in line
    assert "nom," not in line


@pytest.mark.parametrize(("lang", "said"), [("fr", "non la même personne"),
                                            ("en", "not the same person")])  # fmt: skip
def test_an_email_under_other_names_is_a_shared_contact(tmp_path, lang, said):
    """Forty offices, each with the mailbox of one person of the other file, of another name."""
    given = ["Anne", "Paul", "Zoé", "Marc", "Julie"]
    one = pd.DataFrame({"nom": [f"Zxq{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(40)],
                        "prenom": [given[i % 5] for i in range(40)],
                        "courriel": [f"bureau{i}@x.fr" for i in range(40)]})  # fmt: skip
    other = one.assign(nom=[f"Kwv{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(40)],
                       prenom=[given[(i + 2) % 5] for i in range(40)])  # fmt: skip
    one.to_csv(tmp_path / "un.csv", index=False)
    other.to_csv(tmp_path / "deux.csv", index=False)
    (tmp_path / "d.toml").write_text("[processing]\npolitical = false\n", encoding="utf-8")
    seizure = Seizure(files=[tmp_path / "un.csv", tmp_path / "deux.csv"],
                      description=tmp_path / "d.toml", exhibit="S")  # fmt: skip
    study, words = audit_dossier(seizure, as_of="2024-06-01"), Words(lang)
    joins = [c for chapter in chapters_of_dossier(study, words, findings_of(study))
             if chapter.id == "joins" for c in chapter.constats]  # fmt: skip
    assert [c.weight for c in joins if said in c.fact] == ["shared_contact"]
    assert not [c for c in joins if c.weight == "joined_tables"]


@pytest.mark.parametrize(("control", "weight"), [(0.24, "joined_tables"), (0.25, "joined_tables"),
                                                (0.26, "joined_by_chance")])  # fmt: skip
def test_matches_most_of_which_are_chance_do_not_join_two_files(study, control, weight):
    """1,142 of 4,000 names of a file stood in another, 1,025 of them by chance."""
    row = Row(measure="found_in", value=0.5, unit="share", n=100, counts="records",
              part={"by": "name"}, baseline=0.1, control=control)  # fmt: skip
    assert weighed(study(), row, "joined_tables") == weight
    assert weighed(study(), row, "learnt") == "learnt"


def test_a_chart_of_what_dots_show_is_titled_by_what_is_grave(study, measured):
    """Beside cards on an opinion the title named the state of a visit, which more dots show."""
    rows = [("shown", share, "share", 40, "dots", {"part": {"what": what}})
            for what, share in (("visit", 1.0), ("support", 0.75), ("age", 0.5))]  # fmt: skip
    made = study(measures=[measured("properties", *rows)])
    drawn = shown_chart(made, Words("en"), ResultLookup(made))
    assert "Of 40 dots, 30 show a support level" in drawn.html.replace("\u00a0", " ")
    made = study(measures=[measured("properties", rows[0])])
    drawn = shown_chart(made, Words("en"), ResultLookup(made))
    assert "Of 40 dots, 40 show " in drawn.html.replace("\u00a0", " ")


@pytest.mark.parametrize(("n", "said"), [(600, "show it, of 600"), (400, "all dots of the file")])
def test_the_axis_of_two_maps_names_no_total_of_one(study, measured, n, said):
    rows = [("shown", 1.0, "share", k, "dots", {"part": {"file": file, "what": "name"}})
            for file, k in (("a.kmz", 600), ("b.csv", n))]  # fmt: skip
    made = study(measures=[measured("properties", *rows)])
    drawn = shown_chart(made, Words("en"), ResultLookup(made))
    assert said in drawn.html
    assert ("show it, of 600" in drawn.html) is (n == 600)
