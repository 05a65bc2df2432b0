"""Every sentence of the catalogues, written with none, one and two: its grammar and typography."""

import re
import string
from functools import cache

import pytest

from privaudit.report.sentences import row_sentence
from privaudit.results.rows import Row
from privaudit.words.catalogues import BORROWED, NARROW, NBSP, NOUNS, Words, own_catalogue

NUMBERS = (0, 1, 2)
TOTAL = 187
# What stands for a value that is no number.
TYPICAL = {
    "en": {"who": "a neighbour", "does": "finds the right address", "what": "a religion"},
    "fr": {"who": "un voisin", "does": "trouve la bonne adresse", "what": "une religion"},
}
SPACE = f"[ {NBSP}{NARROW}]"
# A note is made, and a line set aside, where there is at least one; so is a union's lower bound.
NEVER_NONE = re.compile(r"^(?:note|aside)\.|(?<!sensitive)_least$")
# Of these too: a smallest group, copies held, what is listed at all, the end of a range.
AT_LEAST_ONE = {
    "story.lead_constant", "story.lead_constants", "story.lead_log_few", "story.lead_doubted",
    "story.headline_beside", "story.headline_named", "story.headline_shown",
    "story.headline_shown_side", "story.headline_between", "story.lead_between_named",
    "story.headline_linked_between", "ways.accounts_text", "figure.leak_title", "figure.pages_mark",
    "figure.keys_more",
    "sentence.copies__error", "sentence.hiding__k_addresses", "sentence.hiding__k_people",
    "sentence.leak__addresses_found", "sentence.leak__any_leak", "sentence.table__k_anonymity",
    "sentence.table__prosecutor_risk_mean", "inspect.lead_minors", "inspect.lead_minors_of",
    "inspect.minors_some", "inspect.minors_most", "inspect.minors_range", "inspect.searched_not",
    "dossier.headline_unknown",
    # Ranges, whose upper end is above the lower one.
    "sentence.table__sample_uniques_expected", "sentence.table__share_under_expected",
    "sentence.table__share_under_alone_expected", "mend.blanks", "mend.blanks_now",
    "story.headline_over_blanks",
}  # fmt: skip
# Their numbers are shown as they are: another sentence says none where there is none.
NONE_ELSEWHERE = {
    "story.headline_blanks", "story.headline_readings", "story.headline_table",
    "story.headline_table_most", "inspect.headline", "inspect.headline_none",
}  # fmt: skip
# What is always several, as the towns of a range or the people of a group.
SEVERAL = {
    "story.assumed_most", "story.headline_few", "note.gaps_read_as_values",
    "note.headers_withheld", "note.levels_would_show", "note.range_for_few",
    "story.headline_table_few",
    "sentence.country__class_under",
}  # fmt: skip
# Another noun than the count is the subject: "la moyenne de 2 copies est".
OTHER_SUBJECT = {
    "story.lead_country", "story.lead_log_drawn", "sentence.copies__error", "note.homes_unknown",
    "note.pdf_pages", "note.people_counted_once", "note.links_weighed",
    "note.recording_without_records", "note.streets_with_a_slip",
}  # fmt: skip
# Labels with a full stop: a remedy, what a number was worked out from, a place, a title.
LABELS = {
    "story.shown_of", "steps.open", "annex.foot", "note.addresses_of", "note.among_candidates",
    "note.absent_named", "note.columns_named", "note.minors_by", "note.claimed_and_true",
    "note.classes_as_published", "note.counted_in_population", "note.found_within",
    "note.learnt_without_names", "note.mend_close", "note.mend_coarsen_column",
    "note.mend_delete_visited", "note.mend_known", "note.mend_log", "note.mend_withhold_column",
    "note.mend_link", "note.notes_in", "note.pitman_yor_model", "note.rule_of_dankar",
    "note.told_in_columns", "inspect.lead_records", "inspect.by_header", "inspect.by_cells",
    "inspect.by_system", "inspect.by_words", "inspect.filled", "inspect.filled_few",
    "pia.described", "notice.rights_text", "notice.complaint_text",
    "dossier.lead_day", "dossier.lead_operator", "dossier.constat",
}  # fmt: skip
VERBS = (
    "a|accorde|aime|ait|ajoute|apparaît|appartient|apprend|apprennent|attend|"
    "attendrait|auraient|aurait|avaient|avait|charge|choisissez|compte|comptent|"
    "concerne|concernent|connaît|contiennent|contient|convergent|conviennent|convient|"
    "copie|copiez|couvre|demande|devient|devine|devinent|diffère|dire|disent|"
    "disparaîtrait|distingue|distinguent|dit|doit|donne|donnent|donnez|dure|dépasse|dérange|désigne|"
    "détient|emploie|entre|est|expose|exprimait|fait|faut|figure|figurent|font|"
    "fuit|fut|habite|habitent|indique|indiquez|isole|isolent|laisse|lancez|lisent|lit|l’a|"
    "l’est|l’ont|manque|manquent|mesure|montre|montrent|montrerait|multiplient|mène|"
    "mènent|mènerait|nomme|nommez|nuit|n’a|n’est|n’ont|ont|ouvre|partage|"
    "partagent|penche|permet|peut|peuvent|place|portaient|portait|porte|portent|"
    "pourraient|pourrait|protège|prouve|précisez|préjuge|prête|ramène|recevrait|"
    "relève|rend|repose|reste|restent|retire|retirez|retrouve|retrouverait|reçoit|"
    "réduisez|réunit|révèle|révèlent|sait|savent|seraient|serait|sert|soient|soit|"
    "sonne|sont|sort|sortent|suffisent|suffit|suggère|suit|suppose|tient|tombe|"
    "tombent|transmettez|trouve|trouvent|trouverait|va|vaut|veut|vient|vit|vivent|"
    "voici|voient|voit|vont|voyait|écarte|étaient|était|évoque|évoquent"
)


def fields(text):
    """Yield each value of a sentence with how it is written, those within a choice too."""
    for _, name, spec, _ in string.Formatter().parse(text):
        if name is not None:
            # What is written in place of 0 stands after the bar.
            yield name, spec if spec.startswith("?") else spec.partition("|")[0]
            yield from fields(spec)


def formats(text):
    found = {}
    for name, spec in fields(text):
        found.setdefault(name, []).append(spec)
    return found


def is_number(specs):
    return any(s in NOUNS or s in ("n", "N", "m", "%", "pt") or s[:1] in ("?", "{") for s in specs)


def value_of(words, name, specs, number):
    """Return a value for a placeholder: a number, a share, a name, or a word."""
    for spec in specs:
        if spec.startswith("@"):
            section = f"{spec[1:].rstrip(',')}."
            texts = own_catalogue(words.lang).items()
            named = [key for key, text in texts if key.startswith(section) and "{" not in text]
            names = tuple(key.removeprefix(section) for key in named[:2])
            return names if spec.endswith(",") else names[0]
    if "%" in specs or "pt" in specs:
        return number / 4
    return number if is_number(specs) else TYPICAL[words.lang].get(name, "x")


def total_of(found):
    """Return the name of the count that others are part of; "" where there is none."""
    total = next((name for name in ("of", "n") if is_number(found.get(name, ()))), "")
    agrees = any(spec[:1] == "?" for spec in found.get(total, ()))
    return "" if agrees or sum(map(is_number, found.values())) < 2 else total


def written(words, key, number):
    """Return a sentence with a number for each of its counts, and `TOTAL` for their total."""
    found = formats(words.template(key))
    total = total_of(found)
    values = {
        name: TOTAL if name == total else value_of(words, name, specs, number)
        for name, specs in found.items()
    }
    # A noun that is itself a value.
    nouns = {spec[1:-1] for specs in found.values() for spec in specs if spec[:1] == "{"}
    return words(key, **values | dict.fromkeys(nouns, "people"))


@cache
def sentences(lang):
    """Return every sentence of a language: key, number, text."""
    words = Words(lang)
    made = []
    for key in own_catalogue(lang):
        numbers = NUMBERS if any(map(is_number, formats(words.template(key)).values())) else (2,)
        made += [
            (key, number, written(words, key, number))
            for number in numbers
            if number or not NEVER_NONE.search(key)
        ]
    return tuple(made)


def faults(lang, law, but=()):
    """Return the sentences in which a law finds a fault, but those of some keys."""
    law = re.compile(law)
    return [
        f"{key} [{number}] …{text[max(0, found.start() - 30) : found.end() + 30]}…"
        for key, number, text in sentences(lang)
        if not key.startswith("format.") and key not in but
        for found in law.finditer(text)
    ]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_value_of_a_sentence_is_filled(lang):
    assert len(sentences(lang)) > 3_500
    nouns = {key for key in own_catalogue(lang) if key.startswith(("noun.", "unit."))}
    assert not faults(lang, r"[{}|]", but=nouns)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_no_space_or_word_stands_twice(lang):
    law = rf"{SPACE}{{2}}|{SPACE}[,)]|{SPACE}\.(?!\w)|\({SPACE}|^{SPACE}|{SPACE}$"
    wrong = faults(lang, law, but={"dossier.then"})
    assert not wrong, wrong
    wrong = faults(lang, r"(?<![\w-])([^\W\d_]{2,}) \1(?![\w.])")
    assert not wrong, wrong


def test_nouns_agree_with_one_and_with_two():
    fr = Words("fr")
    for number, other in ((1, 2), (2, 1)):
        nouns = {fr.noun(noun, other) for noun in NOUNS} - {fr.noun(noun, number) for noun in NOUNS}
        law = rf"(?<![\d.,{NARROW}]){number}{SPACE}(?:{'|'.join(nouns)})\b"
        wrong = faults("fr", law, but=SEVERAL)
        assert not wrong, wrong


def test_french_sets_its_no_break_spaces_and_quotes():
    wrong = faults("fr", rf"(?<![{NBSP}{NARROW}\d/])[:;!?](?=\s|$)|[^{NBSP}]»|«[^{NBSP}]| [:;!?%]")
    assert not wrong, wrong
    # Straight quotes stand in code alone.
    wrong = faults("fr", r"'|\"|\.\.\.", but={"note.needs_complete_records"})
    assert not wrong, wrong


def test_a_date_has_its_year():
    months = "|".join(own_catalogue("fr")[f"month.m{month:02d}"] for month in range(1, 13))
    assert not faults("fr", rf"\b\d{{1,2}}(?:er)?{SPACE}(?:{months})\b(?!{SPACE}\d{{4}})")


def test_french_elides():
    aspirated = "asard|aut|ameau|ach|uit|ors"
    law = (
        r"\b(?:[Dd]e|[Ll][ea]|[Qq]ue|[Ss]e|[Nn]e|[Jj]usque|[Ll]orsque|[Pp]uisque) "
        rf"(?:[aeiouéèêàâîôAEIOUÉÈ]|h(?!{aspirated}))\w*"
    )
    wrong = faults("fr", law)
    assert not wrong, wrong


@cache
def agreeing():
    """Return the verbs that agree with a count, as patterns: of one, and of several."""
    pairs = set()
    for text in own_catalogue("fr").values():
        for _, spec in fields(text):
            choices = spec[1:].split("|")[-2:] if spec[:1] == "?" else ()
            if len(choices) == 2 and all(map(str.strip, choices)):
                pairs.add(tuple(choice.split()[0] for choice in choices))
    agreed = {(one, many) for one, many in pairs if one != many and many.endswith("nt")}
    assert {("est", "sont"), ("a", "ont"), ("serait", "seraient")} <= agreed
    return "|".join({one for one, _ in agreed}), "|".join({many for _, many in agreed})


def counted(number):
    """Return the pattern of a count and of what may stand before its verb."""
    nouns = {Words("fr").noun(noun, value) for noun in NOUNS for value in (1, 2)}
    between = "|".join((
        "des", "sur", "de", "du", "qui y figurent", "en", "y", "ne", rf"[\d{NARROW}]+",
        "cellules?", "foyers", "numéros", "conditions?", *sorted(nouns, key=len, reverse=True),
    ))  # fmt: skip
    return rf"(?<![\d,{NARROW}]){number}\*?(?:{SPACE}(?:{between})\*?)*{SPACE}"


def test_none_is_said_in_words():
    """ "Aucune des 187 personnes n'est retrouvée", not "0 des 187 personnes est retrouvée"."""
    wrong = faults("fr", rf"(?<![\d,{NARROW}])0{SPACE}des\b", but=AT_LEAST_ONE | NONE_ELSEWHERE)
    assert not wrong, wrong
    one, _ = agreeing()
    labels = {key for key in own_catalogue("fr") if key.startswith(("measure.", "parameter."))}
    law = rf"{counted(0)}(?:{one})\b(?!-)"
    wrong = faults("fr", law, but=AT_LEAST_ONE | NONE_ELSEWHERE | labels | {"told.recipients"})
    assert not wrong, wrong


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_at_least_none_is_not_said(lang):
    """ "None mentions", not "At least 0 mention"."""
    sizes = {"measure.contributions__classes_of", "measure.table__classes_of"}
    wrong = faults(lang, rf"(?i)\b(?:at least|au moins){SPACE}0\b", but=sizes)
    assert not wrong, wrong


def test_verbs_agree_with_one_and_with_two():
    one, many = agreeing()
    wrong = faults("fr", rf"{counted(1)}(?:{many})\b", but=SEVERAL | OTHER_SUBJECT)
    assert not wrong, wrong
    wrong = faults("fr", rf"{counted(2)}(?:{one})\b", but=OTHER_SUBJECT)
    assert not wrong, wrong


def test_what_ends_with_a_full_stop_has_a_verb():
    verb = re.compile(rf"\b(?:{VERBS}|{'|'.join(agreeing())})\b", re.I)
    wrong = [
        f"{key}: {part}"
        for key, _, text in sentences("fr")
        if not key.startswith("measure.") and key not in LABELS
        for part in re.split(r"(?<=[.!?])\s+(?=[«A-ZÀÉÈ…0-9])", text.replace("*", ""))
        # "Label: value."
        if part.endswith(".") and ":" not in part and not verb.search(part)
    ]
    assert not wrong, wrong


def test_french_uses_one_word_a_concept():
    """ "Foyer", never "ménage"; "probabilité", never "chance"; "brouillée", never "floutée"."""
    avoided = "chances?|ménages?|floutée?s?|e-mails?|hors hasard|à neuf|réemploi|déduites?"
    # The name of a file of Insee.
    names = {"source.insee_cells", "note.input_source"}
    wrong = faults("fr", rf"(?i)\b(?:{avoided})\b", but=names)
    assert not wrong, wrong


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Free text mentions a special category in “note”, “commentaire”."),
        ("fr", "Le texte libre en parle : « note », « commentaire »."),
    ],
)
def test_each_of_several_names_has_its_own_quotation_marks(lang, said):
    text = Words(lang)("inspect.lead_text", columns=["note", "commentaire"])
    assert re.sub(r"\s", " ", text) == said


@pytest.mark.parametrize(
    ("lang", "least", "most", "said"),
    [
        ("en", 65, 65, "65 of the 772 records concern a person under 18."),
        (
            "en",
            65,
            70,
            "Records that concern a person under 18: 65 to 70 of 772.",
        ),
        # The guard writes 1 to 10 as 0 to 10: that none does for certain would be false.
        ("en", 0, 10, "Records that concern a person under 18: 0 to 10 of 772."),
        ("fr", 0, 10, "Fiches qui concernent une personne de moins de 18 ans : 0 à 10 sur 772."),
        ("fr", 65, 65, "65 des 772 fiches concernent une personne de moins de 18 ans."),
    ],
)
def test_a_count_without_a_range_is_said_once(lang, least, most, said):
    row = Row(measure="minors", value=least, low=least, high=most, unit="records", n=772,
              counts="records")  # fmt: skip
    assert re.sub(r"\s", " ", row_sentence(Words(lang), "inspect", row)) == said


def test_a_text_of_another_language_is_marked_only_where_there_is_one():
    assert Words("fr").translated({"en": "Why?"}) == "Why?"
    assert Words("fr", marked=True).translated({"en": "Why?"}) == "Why?".join(BORROWED)
    assert Words("fr", marked=True).translated({}) == ""
