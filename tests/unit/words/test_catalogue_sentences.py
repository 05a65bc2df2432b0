"""Every sentence of the catalogues, written with none, one and two: its grammar and typography."""

import re
import string
from functools import cache

from privaudit.words.catalogues import NOUNS, Words, own_catalogue

NUMBERS = (0, 1, 2)
TOTAL = 187
# What stands for a value that is no number.
TYPICAL = {
    "en": {"who": "a neighbour", "does": "finds the right address", "what": "a religion"},
    "fr": {"who": "un voisin", "does": "trouve la bonne adresse", "what": "une religion"},
}  # fmt: skip
# A note is made, and a line set aside, where there is at least one; so is a union's lower bound.
NEVER_NONE = re.compile(r"^(?:note|aside)\.|_least$")


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
            named = [k for k in own_catalogue(words.lang) if k.startswith(section)]
            names = tuple(key.removeprefix(section) for key in named[:2])
            return names if spec.endswith(",") else names[0]
    if "%" in specs or "pt" in specs:
        return number / 4
    if is_number(specs):
        return number
    return TYPICAL[words.lang].get(name, "x")


def written(words, key, number, whole):
    """Return a sentence with a number for each of its counts, and `whole` for their total."""
    found = formats(words.template(key))
    total = total_of(found)
    values = {
        name: whole if name == total else value_of(words, name, specs, number)
        for name, specs in found.items()
    }
    # A noun that is itself a value.
    nouns = {spec[1:-1] for specs in found.values() for spec in specs if spec[:1] == "{"}
    return words(key, **values | dict.fromkeys(nouns, "people"))


def total_of(found):
    """Return the name of the count that others are part of; "" where there is none."""
    total = next((name for name in ("of", "n") if is_number(found.get(name, ()))), "")
    agrees = any(spec[:1] == "?" for spec in found.get(total, ()))
    return "" if agrees or sum(map(is_number, found.values())) < 2 else total


@cache
def sentences(lang):
    """Return every sentence of a language: key, number, text."""
    words = Words(lang)
    made = []
    for key in own_catalogue(lang):
        numbers = NUMBERS if any(map(is_number, formats(words.template(key)).values())) else (2,)
        for number in numbers:
            if number or not NEVER_NONE.search(key):
                made.append((key, number, written(words, key, number, TOTAL)))
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
