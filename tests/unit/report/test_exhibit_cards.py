"""Files of an inspection as cards: the gravest first, each count as the file has it."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import privaudit as pa
from privaudit.core.thresholds import SMALL_CELL
from privaudit.report.inspection import exhibit_cards
from privaudit.report.page import story_page
from privaudit.report.sentences import ResultLookup
from privaudit.report.write import _shown
from privaudit.studies.inspect import inspect_files
from privaudit.studies.study import gravity
from privaudit.words.catalogues import Words, without_marks

DAY = "2016-11-08"
N = 40
# What each file holds, and its level: special categories of identified people, special categories,
# identified people, neither.
FILES = {
    "named_illness.csv": (3, {"nom": [f"Dupont{chr(97 + k % 26)}" for k in range(N)],
                              "religion": ["catholique"] * N}),
    "illness.csv": (2, {"religion": ["catholique"] * N, "sexe": ["F", "M"] * (N // 2)}),
    "named.csv": (1, {"email": [f"a{k}@exemple.fr" for k in range(N)], "sexe": ["F", "M"] * 20}),
    "rest.csv": (0, {"sexe": ["F", "M"] * (N // 2), "age": [20, 30, 40, 50] * (N // 4)}),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cards")
    for name, (_, columns) in FILES.items():
        pd.DataFrame(columns).to_csv(folder / name, index=False)
    return folder


def page_of(files, lang="en"):
    words = Words(lang, marked=True, quoted=True)
    study, findings, _ = _shown(inspect_files(files, as_of=DAY), words)
    page = story_page(study, words, findings, {})
    return without_marks(page).replace("\u202f", " ").replace("\u00a0", " ")


def cards_of(page):
    # The gravest stands on the first screen, the others in a section of their own.
    return re.findall(r'<(?:div|li) class="card .*?</details>', page, re.DOTALL)


def names_of(page):
    return [re.search(r"<h[23]>(.*?)</h[23]>", card)[1] for card in cards_of(page)]


def test_a_study_without_an_inspected_file_has_no_card():
    assert exhibit_cards(SimpleNamespace(inventories=()), Words("en"), None) == []


@pytest.mark.parametrize("name", FILES)
def test_the_level_of_a_file_is_what_it_holds(folder, name):
    assert gravity(pa.inspect(folder / name, as_of=DAY))[0] == FILES[name][0]


@settings(max_examples=6, deadline=None)
@given(st.permutations(list(FILES)))
def test_cards_stand_the_gravest_first_in_whatever_order_files_are_given(folder, names):
    assert names_of(page_of([folder / name for name in names])) == list(FILES)


def test_of_two_files_of_one_level_that_with_more_records_stands_first(folder, tmp_path):
    few = pd.read_csv(folder / "named_illness.csv").head(20)
    few.to_csv(tmp_path / "few.csv", index=False)
    many = folder / "named_illness.csv"
    assert names_of(page_of([tmp_path / "few.csv", many])) == ["named_illness.csv", "few.csv"]


COUNTED = {
    "en": ("a religion or an origin (25)", "an e-mail address (28)", "40 records, 3 columns",
           "25 of 53"),
    "fr": ("une religion ou une origine (25)", "un courriel (28)", "40 fiches, 3 colonnes",
           "25 cellules de texte sur 53"),
}  # fmt: skip


@pytest.mark.parametrize("lang", COUNTED)
def test_a_card_holds_the_counts_of_its_file(tmp_path, lang):
    columns = {
        "email": [f"a{k}@exemple.fr" for k in range(28)] + [None] * 12,
        "religion": ["catholique"] * 25 + [None] * 15,
        "age": [20, 30, 40, 50] * 10,
    }
    pd.DataFrame(columns).to_csv(tmp_path / "people.csv", index=False)
    (card,) = cards_of(page_of([tmp_path / "people.csv"], lang))
    for text in COUNTED[lang]:
        assert text in card, text
    assert card.count("25)") == 1  # a religion is not counted again as a word of its cells
    assert re.search(r"<details><summary>[^<]*</summary>.*<code>[0-9a-f]{64}</code>", card)


@pytest.mark.parametrize("ill", [SMALL_CELL - 1, 12])
def test_a_withheld_count_of_mentions_is_not_called_small(tmp_path, ill):
    # Of 20 notes 12 name an illness: withheld, because 8 do not.
    notes = [f"son diabète, étage {k}" for k in range(ill)]
    notes += [f"porte verte, étage {k}" for k in range(20 - ill)]
    people = {"email": [f"a{k}@exemple.fr" for k in range(20)], "note": notes}
    pd.DataFrame(people).to_csv(tmp_path / "notes.csv", index=False)
    page = page_of([tmp_path / "notes.csv"])
    assert "an illness (number withheld)" in page
    assert "in a number of records that is withheld: an illness" in page
    assert "fewer than 11 records it mentions" not in page


@pytest.mark.parametrize(("n", "links"), [(1, ["#special"]), (2, ["#special-1", "#special-2"])])
def test_a_card_links_to_the_section_of_its_own_file(folder, n, links):
    study = inspect_files([folder / name for name in [*FILES][:n]], as_of=DAY)
    words = Words("en")
    assert [card.link for card in exhibit_cards(study, words, ResultLookup(study))] == links


def test_a_column_of_addresses_is_counted_as_such_though_few_are_written_unlike_others(tmp_path):
    # Of 40 addresses 37 name a street; that 3 do not is no reason to withhold that there are 40.
    places = [f"{k + 1} Rue des Lilas" for k in range(37)] + [f"{k} Hameau" for k in range(3)]
    pd.DataFrame({"adresse": places, "nom": [f"Dupont{k}" for k in range(N)]}).to_csv(
        tmp_path / "people.csv", index=False
    )
    [card] = cards_of(page_of([tmp_path / "people.csv"]))
    assert "an address in words (40)" in re.sub("<[^>]+>", "", card)
