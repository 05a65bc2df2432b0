"""Where blanks or a sample leave a range, the sentence says it beside its number."""

import re

import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.report.answers import table_answer
from privaudit.report.sentences import ResultLookup
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.studies.study import Study
from privaudit.words.catalogues import Words


def _without_spans(page):
    """Return a page whose numbers stand in their sentence."""
    return re.sub("</?span[^>]*>", "", page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """Two crowds of 12 and of 30, and 8 records that may belong to either, or to none."""
    file = tmp_path_factory.mktemp("blank") / "f.csv"
    pd.DataFrame({"town": ["a"] * 12 + ["b"] * 30 + [None] * 8, "sex": "F"}).to_csv(file)
    return file


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            "the same key variables has {} of the 50 records. "
            "Depending on what the blanks hide, it is 1 to 20.",
        ),
        (
            "fr",
            "{} des 50 fiches, avec les mêmes variables clés. "
            "Selon ce que cachent les cases vides, ce nombre va de 1 à 20.",
        ),
    ],
)
def test_the_smallest_class_has_the_range_that_blanks_leave(blank, tmp_path, lang, said):
    # Alone with a value of its own, 1; at most all eight join the twelve: 20.
    assert main(["table", str(blank), "--key", "town,sex", "--lang", lang,
                 "--out", str(tmp_path / "r")]) == 0  # fmt: skip
    text = re.sub(
        r"<[^>]+>",
        " ",
        _without_spans(tmp_path / "r/index.html"),
    )
    text = re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))
    value = re.search(re.escape(said).replace(r"\{\}", r"(\d+)"), text)
    assert value
    assert 12 <= int(value[1]) <= 20


def test_a_number_that_is_known_has_no_range(blank, tmp_path):
    full = tmp_path / "full.csv"
    pd.read_csv(blank).fillna("c").to_csv(full)
    assert main(["table", str(full), "--key", "town,sex", "--lang", "en",
                 "--out", str(tmp_path / "r")]) == 0  # fmt: skip
    assert "blanks hide" not in (tmp_path / "r/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Depending on what the blanks hide, *10 to 30* of the 40 records are alone"),
        ("fr", "Selon ce que cachent les cases vides, *10 à 30* des 40 fiches sont seules"),
    ],
)
def test_a_headline_gives_what_holds_and_not_ways_to_count(lang, said):
    """Three ways to count give 2, 20 and 25; whatever blanks hide, 10 to 30 are alone."""
    rows = Rows(40, "records")
    rows.add("sample_uniques", 20, "records", low=10, high=30, worst_case=True)
    for way, alone, n in (("exclude", 12, 25), ("value", 25, 40), ("wildcard", 2, 40),
                          ("likely", 20, 40)):  # fmt: skip
        part = {"missing": way}
        rows.add("uniques_by_reading", alone, "records", n=n, part=part)
    measures = {"table": Measures(family="table", rows=rows)}
    study = Study(
        kind="table", title="t", provenance="audited file", real_places=True, measures=measures
    )
    headline, leads = table_answer(Words(lang), ResultLookup(study))
    texts = [text.replace("\u202f", " ").replace("\u00a0", " ") for text in (headline, *leads)]
    assert texts[0].startswith(said)
    assert not any("10" in text or "30" in text for text in texts[1:])
    assert "20" in texts[1]
    assert {"2", "25"} <= set(re.findall(r"\d+", texts[2]))


@pytest.mark.parametrize(
    ("lang", "said", "missing", "cleared"),
    [
        (
            "en",
            "Depending on what the blanks hide, 0 to 40 of the 40 records are alone with their "
            "“sex” and “band”.",
            "Key “sex” is missing everywhere: it distinguishes nobody.",
            "None of the 40 records is alone",
        ),
        (
            "fr",
            "Selon ce que cachent les cases vides, 0 à 40 des 40 fiches sont seules avec leurs "
            "valeurs de « sex » et « band ».",
            "La clé « sex » manque partout : elle ne distingue personne.",
            "Aucune des 40 fiches n’est seule",
        ),
    ],
)
def test_a_key_that_is_blank_everywhere_clears_nobody(tmp_path, lang, said, missing, cleared):
    file = tmp_path / "f.csv"
    pd.DataFrame({"sex": [None] * 40, "band": None, "stamp": "x"}).to_csv(file, index=False)
    command = ["table", str(file), "--key", "sex,band", "--lang", lang, "--out"]
    assert main([*command, str(tmp_path / "r")]) == 0
    text = re.sub(r"<[^>]+>", " ", _without_spans(tmp_path / "r/index.html"))
    text = re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))
    assert said in text
    assert missing in text
    assert cleared not in text


def test_one_blank_key_of_two_is_named_beside_who_is_alone(tmp_path):
    file = tmp_path / "f.csv"
    pd.DataFrame({"sex": [None] * 40, "born": range(40)}).to_csv(file, index=False)
    assert main(["table", str(file), "--key", "sex,born", "--out", str(tmp_path / "r")]) == 0
    text = re.sub(r"<[^>]+>", " ", _without_spans(tmp_path / "r/index.html"))
    assert "40 of the 40\u00a0records are alone" in text
    assert "Key “sex” is missing everywhere" in text
