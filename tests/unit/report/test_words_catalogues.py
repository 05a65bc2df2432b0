"""The words of every language: the same keys, the same values, every note that is made, no more."""

import ast
import re
import string
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from privaudit.errors import ParameterError
from privaudit.words import catalogues as module
from privaudit.words.catalogues import (
    BORROWED,
    LANGUAGES,
    NOUNS,
    UNITS,
    Quoted,
    Words,
    catalogue,
    own_catalogue,
    placeholders,
    without_marks,
)

PACKAGE = Path(module.__file__).parents[1]
# Languages that a report can be relied upon to be in.
COMPLETE = ("en", "fr")
SPEAKING = ("report", "cli", "results", "words")
# Sections whose keys are words of the data, or of whoever adds a family: no code names them.
OF_DATA = {
    "part", "parameter", "column", "value", "group", "known", "who", "rung", "view", "view_short",
    "view_least", "tier", "role", "format", "plural", "does_observed", "does_expected", "source",
    "ink", "held", "leaning", "location", "mended", "recipient", "holding", "unsearched",
}  # fmt: skip


@cache
def trees():
    return {p: ast.parse(p.read_text(encoding="utf-8")) for p in sorted(PACKAGE.rglob("*.py"))}


def constants():
    return {
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def named():
    """Whether the package names a word: as a text, as a function, or as a text with a gap."""
    known, gaps = constants(), set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                known.add(node.name)
            elif isinstance(node, ast.JoinedStr):
                parts = [p.value if isinstance(p, ast.Constant) else None for p in node.values]
                fixed = "".join(p for p in parts if p)
                if re.fullmatch(r"[a-z0-9_]{3,}", fixed):
                    gaps.add("".join(".+" if p is None else p for p in parts))
    gap = re.compile("|".join(sorted(gaps)))
    known |= {tail for name in known for tail in (name.lstrip("_"), name.removesuffix("_"))}

    def made(name):
        cuts = [at for at, letter in enumerate(name) if letter == "_"]
        halves = any({name[:at], name[at + 1 :]} <= known for at in cuts)
        return name in known or halves or gap.fullmatch(name) is not None

    return made


def notes_made():
    """Every ``Note("key", name=...)`` made: where, its key or how it begins, its names."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id != "Note" or not node.args:
                continue
            names = {k.arg for k in node.keywords}
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield path, first.value, True, names
            elif isinstance(first, ast.IfExp):
                for side in (first.body, first.orelse):
                    if isinstance(side, ast.Constant):
                        yield path, side.value, True, names
            elif isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
                yield path, first.values[0].value, False, names


def test_the_languages_are_those_of_the_folder():
    found = {p.stem for p in (PACKAGE / "words" / "catalogue").glob("*.toml")}
    assert set(LANGUAGES) == found >= {"en", "fr"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_every_key_with_the_same_values(lang):
    mine, english = own_catalogue(lang), own_catalogue("en")
    assert not set(mine) - set(english), f"take out of {lang}.toml what en.toml has not"
    # Another language may have been begun alone: English stands for the rest.
    if lang in COMPLETE:
        assert not set(english) - set(mine), f"add to {lang}.toml"
    wrong = {k for k in mine if placeholders(mine[k]) != placeholders(english[k])}
    # A language may say "they" where another needs the number again, never another value.
    assert not wrong, sorted(wrong)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_format_is_one_that_there_is(lang):
    specs = {"", "n", "N", "%", "pt", "m", ",", *NOUNS}
    for key, text in catalogue(lang).items():
        for _, name, spec, _ in string.Formatter().parse(text):
            known = spec in specs or spec is None or spec.startswith(("?", "@", "{"))
            # What is written in place of 0.
            number, _, nothing = (spec or "").partition("|")
            known |= number in specs and re.fullmatch(r"[^\W\d_]+", nothing) is not None
            assert name is None or known or spec.rstrip(",") in specs, f"{key}: {name}:{spec}"
            if spec and spec.startswith("@"):
                section = spec[1:].rstrip(",")
                assert any(k.startswith(f"{section}.") for k in catalogue(lang)), key


@pytest.mark.heavy
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_note_that_is_made_has_its_words(lang):
    words = catalogue(lang)
    lacking = set()
    for path, key, whole, names in notes_made():
        keys = [f"{section}.{key}" for section in ("note", "aside")]
        found = [k for k in words if k in keys or (not whole and k.startswith(tuple(keys)))]
        if not found:
            lacking.add(f"{path.name}: {key}")
        for one in found if whole and None not in names else ():
            missing = placeholders(words[one]) - names
            if missing:
                lacking.add(f"{path.name}: {key} lacks {sorted(missing)}")
    assert not lacking, sorted(lacking)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nouns_have_a_singular_and_a_plural(lang):
    words = Words(lang)
    less = lang == "fr"
    singular = {0: less, 1: True, 1.5: less, 2: False}
    for noun in NOUNS:
        one, bar, many = catalogue(lang)[f"noun.{noun}"].partition("|")
        assert one
        assert bar
        assert many
        for value, alone in singular.items():
            assert words.noun(noun, value) == (one if alone else many)
            assert words.counted(value, noun).endswith(one if alone else many)
    for unit in UNITS - NOUNS:
        assert isinstance(words.noun(unit, 2), str)


@pytest.mark.heavy
def test_no_key_stands_for_nothing():
    text = "\n".join(
        p.read_text(encoding="utf-8")
        for layer in (*SPEAKING, "rules")  # it is handed its words
        for p in (PACKAGE / layer).rglob("*")
        if p.suffix in (".py", ".j2")
    )
    known, noted = named(), [(key, whole) for _, key, whole, _ in notes_made()]
    begun = set(re.findall(r"[\"']([a-z_]+)\.[a-z_]*(?:[\"'] ~|\{)", text))
    begun |= {m for t in catalogue("en").values() for m in re.findall(r":@([a-z_]+)", t)}
    begun |= set(re.findall(r"words\.name\(\s*\"([a-z_]+)\"", text))
    unused = []
    for key in catalogue("en"):
        section, _, name = key.partition(".")
        if section in ("measure", "sentence"):
            used = known(name.rpartition("__")[2])
        elif section in ("note", "aside"):
            made = any(name == k or (not whole and name.startswith(k)) for k, whole in noted)
            used = made or known(name)
        elif section == "family":
            used = known(name)
        elif section == "noun":
            used = name in NOUNS
        elif section == "unit":
            used = name in UNITS or name == "point"
        else:
            used = section in OF_DATA or section in begun or key in text
        if not used:
            unused.append(key)
    assert not unused, "\n" + "\n".join(unused)


@pytest.fixture
def third(tmp_path, monkeypatch):
    """A folder of words with one more language, which is one file."""
    import shutil

    shutil.copytree(PACKAGE / "words" / "catalogue", tmp_path / "catalogue")
    sections = {}
    for key, text in catalogue("en").items():
        section, _, name = key.partition(".")
        sections.setdefault(section, {})[name] = text.replace("every number", "cada número")
    lines = []
    for section, keys in sections.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {toml(text)}" for name, text in keys.items()]
    (tmp_path / "catalogue" / "xx.toml").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(module, "_WORDS", tmp_path)
    forget()
    yield "xx"
    forget()


def forget():
    for cached in (
        catalogue, own_catalogue, module._borrowed, module.plural_rules, module.plural_form
    ):  # fmt: skip
        cached.cache_clear()


def toml(text):
    import json

    return json.dumps(text, ensure_ascii=False)


def test_a_third_language_is_one_file(third):
    from privaudit.report.annex import annex_page
    from privaudit.report.findings import findings_of
    from privaudit.report.guard import shown_of
    from privaudit.studies.study import Study

    assert module.languages() == ("en", "fr", third)
    study = Study(kind="map", title="leak", provenance="simulated", real_places=False)
    shown = shown_of(study)
    page = annex_page(study, Words(third), findings_of(study, shown), shown)
    assert f'<html lang="{third}">' in page
    assert "cada número" in page


@pytest.fixture
def begun(tmp_path, monkeypatch):
    """A third language of which three notes are written."""
    import shutil

    shutil.copytree(PACKAGE / "words" / "catalogue", tmp_path / "catalogue")
    written = {
        key: text.replace("{", "«{").replace("}", "}»")
        for key, text in own_catalogue("en").items()
        if key in ("note.addresses_of", "note.input_source", "note.search_too_long")
    }
    assert len(written) == 3
    lines = ["[note]", *(f"{k.partition('.')[2]} = {toml(text)}" for k, text in written.items())]
    (tmp_path / "catalogue" / "xx.toml").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(module, "_WORDS", tmp_path)
    forget()
    yield written
    forget()


def test_a_language_that_was_begun_says_the_rest_in_english_and_marks_it(begun, tmp_path):
    from privaudit.report.write import report
    from privaudit.studies.study import Study
    from privaudit.words.catalogues import Note

    note = Note("addresses_of", addresses=3, source="BAN")
    study = Study(
        kind="map", title="leak", provenance="simulated", real_places=False, notes=(note,)
    )
    page = report(study, tmp_path / "report", lang="xx")
    annex = page.with_name("annex.html").read_text(encoding="utf-8")
    # The note is one of the three; the noun in it is not.
    assert 'Compared with «3\u00a0<span lang="en">addresses</span>» of «BAN».' in annex
    english = Words("en")("annex.numerators", least=11).split(".")[0]
    assert english in annex
    before, _, _ = annex.partition(english)
    assert before.rindex('<span lang="en">') > before.rfind("</span>")
    for file in page.parent.rglob("*.*"):
        text = file.read_text("utf-8", "replace")
        assert not set(BORROWED) & set(text), file.name
        assert text.count("<span") == text.count("</span"), file.name
    # Nothing of another language is marked.
    whole = report(study, tmp_path / "french", lang="fr")
    for file in whole.parent.rglob("*.html"):
        assert 'lang="en"' not in file.read_text(encoding="utf-8")


def test_every_sentence_of_a_language_that_was_begun_is_said(begun):
    words, english = Words("xx"), Words("en")
    assert words.lang == "xx"
    assert words("number.under", value=3) == english("number.under", value=3)
    assert words.percent(0.25) == english.percent(0.25)
    assert words.counted(3, "people") == english.counted(3, "people")
    assert words.translated({"en": "Why?", "fr": "Pourquoi ?"}) == "Why?"
    assert Words("xx", marked=True).translated({"en": "Why?"}) == "Why?".join(BORROWED)


# A verb that stands in the plural after "{n:n}" or "{n:n} des {of:people}", whatever the number.
_OF_WHOM = re.compile(
    r"\{(\w+):[nN](?:\|\w+)?\}\*?"
    r"(?:,? (?:of|the|sur|des|de|du|qui y figurent|of the map|\{\w+:(?:\{counts\}|[a-zN]+)\}\*?"
    r"|dots|points|people|fiches|personnes))*"
    r" (?P<said>[a-zéèêàç']+)"
)


def of_one(text):
    """Return a sentence with each of its choices made for one."""
    parts = []
    for literal, name, spec, _ in string.Formatter().parse(text):
        parts.append(literal)
        if name is not None and (spec or "").startswith("?"):
            parts.append(of_one(spec[1:].split("|")[-2]))
        elif name is not None:
            parts.append(f"{{{name}:{spec}}}")
    return "".join(parts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_said_of_a_number_agrees_with_one(lang):
    """A count may be 1: its verb is chosen by it, as in "{n:?est|sont}"."""
    # Of a language that says none, those of English: its own sentences are not judged.
    plural_verbs = catalogue(lang)["format.plural_verbs"].replace("’", "'").split("|")
    wrong = {
        key: found.group()
        for key, text in own_catalogue(lang).items()
        for found in _OF_WHOM.finditer(of_one(text).replace("’", "'"))
        if found["said"] in plural_verbs
    }
    # What is never one: several who are asked about together, and a limit of millions.
    assert set(wrong) <= {"story.lead_sample_unknown", "note.gaps_read_as_values"}, wrong


@pytest.mark.parametrize(
    ("hits", "said"),
    [(0, "None of 187 people are found at the right address."),
     (1, "1 of 187 people is found at the right address.")],
)  # fmt: skip
def test_none_is_written_in_place_of_nought(hits, said):
    for n in (hits, Quoted(hits, "map.a", "hits")):
        text = Words("en", marked=True)("story.reidentified_address", n=n, of=187)
        assert without_marks(text).replace("\u00a0", " ") == said


# A lawyer's reading: of how many, who finds them, and the form that the number asks for.
READ_AGAIN = [
    ("en", "figure.chain_title", {"of": 403, "n": 116},
     "Of 403 labelled accounts, 116 lead, under a correct label, to the right person, at home"),
    ("fr", "figure.chain_title", {"of": 403, "n": 116},
     "Sur 403 comptes étiquetés, 116 mènent, sous une étiquette juste, à la bonne personne, "
     "à domicile"),
    ("en", "story.chain_text", {"of": 403, "n": 116, "wrong": 52},
     "116 of 403 labelled accounts lead to the right person, at the right address, under a correct "
     "label; 52 lead there under a wrong label. Without a list of names, none would."),
    ("fr", "story.chain_text", {"of": 403, "n": 0, "wrong": 1},
     "Aucun des 403 comptes étiquetés ne mène à la bonne personne, à son adresse, sous une "
     "étiquette juste ; 1 y mène sous une étiquette fausse. Sans liste de noms, aucun n'y "
     "mènerait."),
    ("en", "story.sure_rash", {"who": "Somebody", "of": 177, "sure": 168, "right": 3},
     "Of the 177 blurred dots, Somebody claims 168 addresses and is right for 3: people would be "
     "accused with confidence, and wrongly."),
    ("fr", "story.sure_rash", {"who": "Quelqu'un", "of": 177, "sure": 168, "right": 3},
     "Sur les 177 points brouillés, Quelqu'un annonce 168 adresses et a raison pour 3 : des "
     "personnes seraient désignées avec assurance, et à tort."),
    ("fr", "story.reidentified_household", {"of": 177, "n": 40, "control": 0},
     "Reste la sonnette : le bon foyer est atteint pour 40 des 177 personnes, "
     "dont aucune par hasard."),
    ("fr", "story.reidentified_household", {"of": 177, "n": 0, "control": 0},
     "Reste la sonnette : le bon foyer n'est atteint pour aucune des 177 personnes, "
     "dont aucune par hasard."),
    ("fr", "figure.ways_title", {"n": 0, "of": 190},
     "La plus sûre de ces voies ne retrouve aucune des 190 personnes à son adresse"),
    ("fr", "figure.verdicts_title", {"n": 0, "of": 20, "day": "1er mars 2022"},
     "Aucune des 20 règles en vigueur le 1er mars 2022 ne présente d'indice de manquement"),
    ("fr", "sentence.linked_tables__learnt",
     {"n": 12, "hits": 5, "blind": 0, "counts": "people", "table": "a", "other": "b",
      "what": "une religion"},
     "Sur 12 personnes de « a », il y en a 5 dont « b » révèle une religion ; leur propre fiche ne "
     "le révèle pour aucune d'entre elles."),
    ("fr", "note.births_unread", {"file": "a", "records": 1, "of": 9},
     "« a » : 1 des 9 personnes n'a pas de naissance qui ait pu être lue et comparée ; elle n'est "
     "pas comptée comme retrouvée par un nom et une naissance."),
    ("fr", "note.counts_hidden", {"cells": 1, "most": 10},
     "1 carreau cache ses habitants, de 0 à 10 : la moitié a été supposée."),
    ("en", "story.one_household", {"n": 0, "of": 50, "random": 3},
     "None of the 50 marked households have several people of whom only one had interacted with a "
     "candidate; for as many electors drawn at random, it would be 3."),
    ("en", "sentence.look_up__address_found", {"hits": 0, "n": 177, "chance": 2},
     "A search by name returns the home address of none of the 177 people in the file; for as "
     "many comparable people who have no record, of 2."),
    ("fr", "sentence.look_up__address_found", {"hits": 161, "n": 177, "chance": 0},
     "Une recherche par nom donne le domicile de 161 des 177 personnes du fichier ; pour autant "
     "de personnes comparables qui n'ont pas de fiche, ce ne serait d'aucune."),
    ("en", "sentence.harms__other_address", {"hits": 0, "n": 20},
     "For none of the 20 people on the map does the adversary name an address where others live, "
     "who bear the label in their place."),
    ("en", "sentence.harms__other_address", {"hits": 2, "n": 20},
     "For 2 of the 20 people on the map the adversary names an address where others live, who "
     "bear the label in their place."),
    ("en", "story.lead_linked_gross", {"by": "name", "n": 0, "of": 20},
     "By the name alone, none of 20 dots fit exactly one person of the table; what chance alone "
     "would give was not measured."),
    ("fr", "sentence.hiding__k_addresses",
     {"percentile": 50, "n": 263, "value": 60, "baseline": 793},
     "Pour 50 % des 263 personnes de la carte, pas plus de 60 adresses ne sont aussi proches du "
     "point que la leur, y compris celle-ci ; sans la carte, il y en aurait 793."),
    ("en", "sentence.hiding__k_addresses",
     {"percentile": 50, "n": 263, "value": 1, "baseline": 793},
     "For 50 % of the 263 people on the map, no other address is as near to the dot as their own; "
     "without the map, it would be all 793 addresses."),
    ("fr", "sentence.dot_table__sample_uniques",
     {"location": "Avec l'adresse", "value": 196, "n": 263},
     "Avec l'adresse, ce que l'on peut savoir d'une personne désigne un seul point pour 196 des "
     "263 points."),
    ("en", "sentence.dot_table__sample_uniques",
     {"location": "Without the place", "value": 0, "n": 9},
     "Without the place, what may be known of a person fits a single dot for none of 9 dots."),
    ("fr", "sentence.linked__record_located_beside",
     {"hits": 476, "n": 1340, "chance": 308, "by": "la position"},
     "Pour 476 des 1 340 fiches, les points d'une seule porte conviennent, par la position : la "
     "bonne, si la personne est sur la carte. Sur autant de personnes qui n'y figurent pas, 308 "
     "seraient situées à la porte d'une autre."),
    ("fr", "sentence.wp216__inference",
     {"tested": "le tableau", "hits": 0, "n": 762, "blind": 0, "counts": "records"},
     "Inférence : par le tableau, qui connaît les clés d'une personne ne devine une valeur "
     "sensible pour aucune des 762 fiches ; sans ces clés, pour aucune."),
    ("en", "sentence.wp216__inference",
     {"tested": "the table", "hits": 761, "n": 762, "blind": 204, "counts": "records"},
     "Inference: from the table, anyone who knows the keys of a person guesses a sensitive value "
     "correctly for 761 of 762 records; without these keys, for 204."),
    ("fr", "sentence.linked__columns_agree", {"hits": 37, "n": 37, "blind": 13},
     "Pour 37 des 37 points que le lieu seul nomme, les autres colonnes des deux fichiers "
     "concordent ; par hasard, elles le feraient pour 13."),
    ("fr", "sentence.known_points__singled_out",
     {"n": 412, "counts": "people", "points": 1, "hits": 90, "knows": "visits"},
     "Avec le point connu qui distingue le mieux chaque personne (éléments), on isole 90 des 412 "
     "personnes du journal."),
    ("fr", "sentence.known_points__singled_out",
     {"n": 412, "counts": "people", "points": 2, "hits": 0, "knows": "frequency"},
     "Avec les 2 points connus qui distinguent le mieux chaque personne (éléments et leur "
     "fréquence), on n'isole aucune des 412 personnes du journal."),
    ("fr", "found.baseline", {"baseline": 0.0013, "n": 263, "counts": "people"},
     "Sans cette fuite, ce serait 0,13 % des 263 personnes."),
    ("fr", "sentence.recipients__reidentified",
     {"recipient": "Un tiers", "hits": 12, "n": 263, "counts": "people", "interval": "x"},
     "Un tiers retrouverait 12 des 263 personnes (x)."),
    ("fr", "sentence.recipients__reidentified",
     {"recipient": "Un tiers", "hits": 0, "n": 263, "counts": "people", "interval": "x"},
     "Un tiers ne retrouverait aucune des 263 personnes (x)."),
    ("en", "note.fits_other_mask", {"other": "dots moved by 24 to 120 m", "stated": "exact"},
     "Not reliable: the dots fit “dots moved by 24 to 120 m” better than “exact”, the mask that "
     "was stated; what is expected under a wrong mask is wrong too."),
    ("fr", "mend.mend_log",
     {"of": 412, "points": 4, "window": "au jour près", "before": 337, "after": 0},
     "Sur les 412 personnes du journal, isolées par 4 points connus (au jour près), sans compter "
     "qui en a moins : 337 aujourd'hui, aucune ensuite."),
    ("en", "note.too_few_outside", {"people": 1, "needed": 20},
     "1 outsider is too few to measure such a rare false alarm: it takes at least 20."),
    ("en", "note.check_too_weak", {"pairs": 1, "low": 2, "high": 9},
     "Not estimable: 1 class of two records is too few to check the model, and anything from 2 to "
     "9 remains possible."),
    ("en", "story.lead_aside", {"rows": 1, "used": 1},
     "1 row could not be used, against 1 that this page counts; the annex gives the reasons."),
    ("fr", "against.headline_appeared", {"appeared": 0, "gone": 1},
     "*Aucun constat n'est dans les deux rapports* : aucun n'est nouveau, 1 a disparu."),
    ("fr", "story.headline_linked_beside", {"n": 0, "of": 20, "chance": 0, "alone": 0},
     "Avec les deux fichiers, *aucun des 20 points* ne désigne une seule personne ; sur autant de "
     "points dont la personne n'est pas dans le tableau, aucun ne le ferait ; la carte seule n'en "
     "nomme *aucun*."),
    ("fr", "story.headline_linked_beside", {"n": 165, "of": 200, "chance": 41, "alone": 0},
     "Avec les deux fichiers, *165 des 200 points* désignent une seule personne ; sur autant de "
     "points dont la personne n'est pas dans le tableau, 41 le feraient ; la carte seule n'en "
     "nomme *aucun*."),
    ("en", "figure.linked_title_beside", {"n": 165, "of": 200, "chance": 41},
     "Exactly one person of the table fits 165 of 200 dots; of as many dots whose person is not in "
     "it, exactly one other would fit 41"),
    ("fr", "figure.linked_title_beside", {"n": 165, "of": 200, "chance": 1},
     "Une seule personne du tableau convient à 165 des 200 points ; pour autant de points dont la "
     "personne n'y est pas, une autre conviendrait à 1"),
    ("fr", "story.do_table", {},
     "Avant de communiquer le tableau, il faut en retirer les variables clés ou en regrouper les "
     "valeurs."),
    ("fr", "sentence.inventory__note_holds", {"hits": 50, "n": 397, "what": "une maladie"},
     "Sur 397 fiches avec une note, 50 mentionnent une maladie."),
    ("en", "sentence.frontier__reidentified_address", {"mask": "exact dots", "hits": 1, "n": 200},
     "With exact dots, 1 of the 200 people is found at their address."),
    ("en", "story.headline_linked_beside", {"n": 1, "of": 20, "chance": 0, "alone": 0},
     "With both files, *1 of 20 dots* fits exactly one person; of as many dots whose person is not "
     "in the table, none would; the map alone names *none*."),
    ("en", "note.dates_contradict", {"column": "born", "records": 1},
     "Column “born” has dates with the day first and others with the month first: one that could "
     "be either stays as it is written."),
    ("fr", "story.lead_expected", {"low": 1, "high": 3, "of": 20},
     "C'est ce à quoi s'attend l'adversaire lui-même : de 1 à 3 sur 20, hasard compris. Les "
     "véritables adresses ne sont pas connues ici."),
    ("en", "sentence.table__vulnerability_posterior",
     {"column": "opinion", "hits": 272, "n": 327, "counts": "records", "blind": 239, "chance": 238},
     "Anyone who knows the key variables of a person in the file guesses “opinion” correctly for "
     "272 of the 327 records that have a value there; without the table, for 239. Part of this "
     "re-reads the person's own record: for as many people who are not in the file, the better "
     "of a guess with the keys and one without gives 238."),
    ("en", "story.headline_linked_none", {"alone": 135, "of": 135},
     "Both files together name *no more dots* than the map alone, which names 135 of 135 dots."),
    ("fr", "handout.towns", {"between_low": 0.1, "between_high": 0.2},
     "Sur des villes simulées de la même façon : de 10,0 % à 20,0 %."),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "key", "values", "said"), READ_AGAIN, ids=lambda v: str(v)[:40])
def test_a_sentence_names_of_how_many_and_agrees_with_its_number(lang, key, values, said):
    text = Words(lang)(key, **values).replace("\u00a0", " ").replace("\u202f", " ")
    assert text.replace("’", "'") == said


def test_people_of_a_label_who_declared_it_agree_with_one():
    """By hand: « sur 1 personne de cette étiquette qui l'a fait »."""
    values = {"right": 1, "share": 0.5, "low": 0.4, "high": 0.6}
    texts = [Words("fr")("note.labels_trusted_as_learnt", of=n, **values) for n in (1, 2)]
    assert "personne de cette étiquette qui l’a fait, 1 a dit" in texts[0]
    assert "personnes de cette étiquette qui l’ont fait, 1 a dit" in texts[1]


def test_a_mean_near_nought_is_no_nought():
    words = Words("en")
    assert "none of" in words("sentence.differences__appeared_within_a_day", hits=0.2, n=30)
    assert words("story.reidentified_address", n=0.2, of=187).startswith("0.20 of")


@pytest.mark.parametrize("number", [np.int64(1284), np.int32(1284), np.float32(1284), 1284])
def test_a_number_of_an_array_is_written_like_any(number):
    assert Words("en")("figure.area_told", n=number) == "1,284\u00a0people"


# Rules and categories by hand from CLDR 46, supplemental/plurals.xml; Welsh has six, Slovene four.
NUMBERS = (0, 1, 2, 3, 5, 11, 12, 22, 100, 1.5)
RULES = {
    "pl": {
        "one": "i = 1 and v = 0",
        "few": "v = 0 and i % 10 = 2..4 and i % 100 != 12..14",
        "many": "v = 0 and i != 1 and i % 10 = 0..1 or v = 0 and i % 10 = 5..9"
                " or v = 0 and i % 100 = 12..14",
    },
    "ar": {
        "zero": "n = 0", "one": "n = 1", "two": "n = 2", "few": "n % 100 = 3..10",
        "many": "n % 100 = 11..99",
    },
    "sl": {
        "one": "v = 0 and i % 100 = 1", "two": "v = 0 and i % 100 = 2",
        "few": "v = 0 and i % 100 = 3..4 or v != 0",
    },
}  # fmt: skip
CATEGORIES = {
    "pl": "many one few few many many many few many other",
    "ar": "zero one two few few many many many other other",
    "sl": "other one two few other other other other other few",
}
# A noun in the order of the rules: points in Polish (1,5 punktu), days in Arabic.
FORMS = {
    "pl": "punkt|punkty|punktów|punktu",
    "ar": "لا يوم|يوم|يومان|أيام|يومًا|يوم واحد",
    "sl": "točka|točki|točke|točk",
}


@pytest.fixture(params=RULES)
def small(request, tmp_path, monkeypatch):
    """A small catalogue of a language with plural rules of its own."""
    import shutil

    lang = request.param
    shutil.copytree(PACKAGE / "words" / "catalogue", tmp_path / "catalogue")
    marks = "|".join("abcdef"[: len(RULES[lang]) + 1])
    lines = ["[plural]", *(f"{name} = {toml(rule)}" for name, rule in RULES[lang].items())]
    lines += ["[noun]", f"points = {toml(FORMS[lang])}", 'pages = "strona"']
    lines += ["[note]", f"addresses_of = {toml('{n:points} {n:?' + marks + '}')}"]
    lines += [f"input_source = {toml('{n:?-|' + marks + '}')}"]
    file = tmp_path / "catalogue" / f"{lang}.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(module, "_WORDS", tmp_path)
    forget()
    yield lang
    forget()


def test_a_number_takes_the_form_of_its_plural_category(small):
    words, names = Words(small), [*RULES[small], "other"]
    forms, marks = FORMS[small].split("|"), "abcdef"
    for n, category in zip(NUMBERS, CATEGORIES[small].split(), strict=True):
        at = names.index(category)
        number = words.count(n)
        assert words("note.addresses_of", n=n) == f"{number}\u00a0{forms[at]} {marks[at]}", n
        # A further choice, which stands first, is that of none.
        assert words("note.input_source", n=n) == (marks[at] if n else "-"), n
        # A noun of one form has it for every number.
        assert words.noun("pages", n) == "strona"


def test_what_is_borrowed_keeps_the_plural_of_english(small):
    words, english = Words(small), Words("en")
    for n in NUMBERS:
        assert words.noun("people", n) == english.noun("people", n)
        for form in ("one|many", "none|one|many"):
            key, text = "note.borrowed", f"{{n:?{form}}}"
            words._texts, english._texts = {key: text}, {key: text}
            words._borrowed = frozenset((key,))
            assert words(key, n=n) == english(key, n=n)
            words, english = Words(small), Words("en")


def test_a_plural_rule_that_is_none_is_refused():
    with pytest.raises(ParameterError, match="a plural rule such as"):
        module._holds("n is 1", {"n": 1})
