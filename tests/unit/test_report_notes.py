"""A French page is French: every sentence that a stage writes has its French template."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from privaudit.errors import ParameterError
from privaudit.reporting.translation import said

PACKAGE = Path(__file__).parents[2] / "privaudit"
# The stages whose notes and reasons reach a page.
STAGES = [
    "attacks/assignment",
    "attacks/guess",
    "attacks/heat_inversion",
    "attacks/ladder",
    "attacks/locate",
    "attacks/lookup_oracle",
    "attacks/naming",
    "attacks/unknown_mask",
    "attacks/versions",
    "campaign/leaning",
    "campaign/matching",
    "exposure/maps/access",
    "exposure/maps/areas",
    "exposure/maps/belief",
    "exposure/maps/changes",
    "exposure/maps/doors",
    "exposure/maps/drawn",
    "exposure/maps/harms",
    "exposure/maps/heat",
    "exposure/maps/household",
    "exposure/maps/look_up",
    "exposure/maps/negative",
    "exposure/maps/neighbours",
    "exposure/maps/score",
    "exposure/maps/steps",
    "exposure/maps/tiers",
    "exposure/maps/timing",
    "exposure/maps/utility",
    "exposure/maps/versions",
    "exposure/tables/attack_rows",
    "exposure/tables/coarsening",
    "exposure/tables/codes",
    "exposure/tables/contributions",
    "exposure/tables/country",
    "exposure/tables/crowd",
    "exposure/tables/disclosure",
    "exposure/tables/intake",
    "exposure/tables/keys",
    "exposure/tables/large_tables",
    "exposure/tables/levels",
    "exposure/tables/matrix",
    "exposure/tables/measures",
    "exposure/tables/population",
    "exposure/tables/risk",
    "exposure/tables/tau",
    "exposure/tables/attacks",
    "exposure/tables/singling_out",
    "exposure/traces/curve",
    "exposure/traces/found_again",
    "exposure/traces/matching",
    "exposure/traces/neighbourhoods",
    "exposure/traces/periods",
    "exposure/traces/uniqueness",
    "measures/tables/estimate",
    "measures/tables/pitman",
    "measures/tables/uniqueness",
    "places/read_addresses",
    "release/coordinates",
    "release/delimited",
    "release/geojson",
    "release/open_picture",
    "release/parquet",
    "release/place_picture",
    "release/profiles_shown",
    "release/read_screenshot",
    "release/readers",
    "studies/audit_map",
    "studies/audits",
    "studies/demo",
    "studies/masks_compared",
    "studies/stated_mask",
    "studies/ways_it_leaks",
]
# Literals of those files that are never a note: titles, names, units, commands, queries.
NO_NOTE = re.compile(
    r"\W*|the (population|data frame)|[{}, ()]+communes|privaudit (map|table|demo).*|"
    r"public counts|score: AUC|screenshot of .*|"
    r"population uniqueness by .*|share of \w+|access to the map|households, doors and labels|"
    r"(without|coarser|rare|missing|other) \{\}|"
    r"column ([xy]|\{\})|property \{\}|missing or infinite|an address file|trim\(.*|upper\(.*|"
    r"(exact|near|label): \w+|\{\} match: [\w ]+|label: precision|SELECT .*|CAST.*|"
    r"not there: another is taken|share singled out|known of a person|\{\}s? (hours|\{\}s)|"
    r"standard deviations|"
    r"right door|\^share.*|asks the tool by name|\{\}, \{\} versions|area exposure|Moran's I|"
    r"audited file|grey dots|\w+ of versions|dot map, \w+|table export|an image|placed by|"
    r"what is believed of the mask|one dot|\{\} m a pixel|a? ?pictures? of the map|"
    r"averaging of copies|counts by area|(1|\{\}) accounts?|accounts that see the map|"
    r"heat (map|exposure)|Not reliable|\{\} of \{\} \{\}|\{\}, then \{\}"
)
# What goes into an error, which stays in English: its parts have these names in every stage.
PARTS_OF_ERRORS = {
    "needed", "came", "do", "hint", "chosen", "rows", "lines", "known", "number", "scan", "name",
    "reasons", "shown", "far", "need", "limit", "pair", "declared", "options", "real", "cells",
    "asked",
}  # fmt: skip
REFUSING = {
    "say", "one_of", "in_range", "whole", "columns_present", "an_instance", "listed",
    "column_names", "tick", "execute", "compile",
}  # fmt: skip


def template(node):
    """The text of a literal, {} where a value goes."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)


def is_error(node):
    if isinstance(node, (ast.Raise, ast.Assert)):
        return True
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        return name in REFUSING or name.endswith("Error")
    if isinstance(node, ast.keyword):
        return node.arg == "title"
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        names = getattr(target, "elts", [target])
        return all(isinstance(n, ast.Name) and n.id in PARTS_OF_ERRORS for n in names)
    return False


def sentences(node):
    """Every literal of several words that is no docstring and no part of an error."""
    if is_error(node):
        return
    if isinstance(node, (ast.Constant, ast.JoinedStr)):
        text = template(node)
        if " " in text.strip() and not NO_NOTE.fullmatch(text):
            yield text.strip()
    documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
    first = node.body[0] if documented and node.body else None
    for child in ast.iter_child_nodes(node):
        docstring = child is first and isinstance(child, ast.Expr)
        literal = isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)
        if not (docstring or literal):
            yield from sentences(child)


KNOWN = ("missing coordinate", "main effects", "one copy")


def filled(text):
    """Put values where they go, the parts that are sentences themselves with a known one."""
    holes = range(text.count("{}"))
    values = [["3"] * len(holes)]
    values += [[known if i == hole else "3" for i in holes] for hole in holes for known in KNOWN]
    empty = text.replace("{}", "\0").replace("{", "{{").replace("}", "}}").replace("\0", "{}")
    tries = [ending.format(*given) for given in values for ending in (empty, empty + ".")]
    notes = [said(one, "fr") for one in tries]
    return next((note for note in notes if note.lang == "fr"), notes[-1])


@pytest.mark.parametrize("stage", STAGES)
def test_every_sentence_of_a_stage_has_its_french(stage):
    source = (PACKAGE / f"{stage}.py").read_text(encoding="utf-8")
    found = list(sentences(ast.parse(source)))
    missing = [text for text in found if filled(text).lang != "fr"]
    assert not missing, f"give these a French template in notes_fr.toml: {missing}"


def test_the_search_for_sentences_can_fail():
    source = 'def f(n):\n    "Doc string here."\n    notes.append(f"{n} dots went astray.")\n'
    found = list(sentences(ast.parse(source)))
    assert found == ["{} dots went astray."]
    # What stands first under an if is no docstring.
    alone = 'def f(n):\n    if n:\n        notes.append("A dot went astray.")\n'
    assert list(sentences(ast.parse(alone))) == ["A dot went astray."]
    assert filled(found[0]).lang == "en"
    quiet = 'raise ParameterError(say("who", f"needs {n} dots", "none at all"))'
    assert not list(sentences(ast.parse(quiet)))


def test_every_template_says_the_same_values_in_both_languages():
    source = PACKAGE / "reporting" / "catalogue" / "notes_fr.toml"
    rows = tomllib.loads(source.read_text(encoding="utf-8"))["note"]
    for row in rows:
        english, french = (sorted(re.findall(r"\{(\w+)\}", row[lang])) for lang in ("en", "fr"))
        assert english == french, row["en"]
        assert len(set(english)) == len(english), row["en"]
    assert len({row["en"] for row in rows}) == len(rows)


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "1,393 of 2,000 records lack a key variable: a missing key agrees with any value.",
            "1 393 fiches sur 2 000 n'ont pas toutes les variables clés : une clé manquante "
            "convient à toute valeur.",
        ),
        (
            "Opinion: 5.2% of the records presume none, and count 0.",
            "Opinion : 5,2 % des fiches n'en présument aucune, et comptent pour 0.",
        ),
        # Sentences that a stage joins.
        (
            "Of 'party'. c must exceed it, for l = 2.",
            "Pour « party ». c doit le dépasser, pour l = 2.",
        ),
        ("right address, another home; n: dots", "bonne adresse, autre foyer ; n : points"),
        ("addresses: no position", "adresses : aucune position"),
        # A user's column keeps its name, whatever it looks like.
        (
            "Key 'l'âge: 1,5%' has one value only: it tells nobody apart.",
            "La clé « l'âge: 1,5% » n'a qu'une valeur : elle ne distingue personne.",
        ),
        (
            "The mask was estimated from 398 dots as Donut(low=25.0, high=200.0, uniform='area'); "
            "next came Donut(low=0.0, high=250.0, uniform='area'), 0.00148 a dot behind in "
            "log-likelihood. Confidences rest on that estimate.",
            "Le brouillage a été estimé d'après 398 points : anneau de 25 à 200 m, uniforme "
            "en surface ; venait ensuite anneau de 0 à 250 m, uniforme en surface, à 0,00148 par "
            "point en log-vraisemblance. Les degrés de confiance reposent sur cette estimation.",
        ),
        (
            "tau1: Not estimable: main effects have 73 parameters, too many for 300 records. Not "
            "estimable: two-way interactions have 1,416 parameters, too many for 300 records.",
            "Fiches seules dans le tableau et dans la population (tau 1) : Ne peut être estimé : "
            "les effets principaux ont 73 paramètres, trop pour 300 fiches. Ne peut être estimé : "
            "les interactions d'ordre deux ont 1 416 paramètres, trop pour 300 fiches.",
        ),
        (
            "Placed by 4 clicks, then the pattern of the addresses: 82% of the dots stand on an "
            "address of their own, against 0% at best of a decoy's; probability of a false place "
            "below 1e-12.",
            "Carte calée d'après 4 clics, puis le dessin des adresses : 82 % des points tombent "
            "sur une adresse à eux seuls, contre 0 % au mieux sur des adresses factices ; "
            "probabilité d'un calage faux sous 1e−12.",
        ),
        (
            "Dots of other colours, not read: 37 red of 11 pixels; 4 blue pins.",
            "Points d'autres couleurs, non lus : 37 en rouge, de 11 pixels ; 4 épingles en bleu.",
        ),
        (
            "population_uniques_zayatz: The model does not fit the sample: its value is outside "
            "the range.",
            "Fiches seules dans la population (Zayatz) : Le modèle ne convient pas à "
            "l'échantillon : sa valeur est hors de l'intervalle.",
        ),
    ],
)
def test_notes_in_french(english, french):
    note = said(english, "fr")
    assert (plain(note.text), note.lang) == (french, "fr")
    assert said(english, "en").text == english


@pytest.mark.parametrize(
    "mixed",
    ["Total variation distance. Something else entirely.", "addresses: a reason of tomorrow"],
)
def test_a_note_that_nobody_foresaw_stays_whole_and_english(mixed):
    assert (said(mixed, "fr").text, said(mixed, "fr").lang) == (mixed, "en")


def test_an_empty_note_and_another_language():
    assert said("", "fr").text == ""
    with pytest.raises(ParameterError, match="lang one of"):
        said("x", "de")
