"""Names of people in one form: keys, particles, short forms; and lists of names with commas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from privaudit.core.files import packaged_toml
from privaudit.text.normalise import letters_of, name_words

_WORDS = packaged_toml("privaudit.text", "words.toml")

# Pet names that do not begin the first name; one may stand for several first names.
PET_NAMES: dict[str, tuple[str, ...]] = {
    pet: tuple(first_names)
    for pet, *first_names in map(str.split, _WORDS["pet_names"].strip().splitlines())
}
# The same, with those of English speakers: for two files of whatever country.
NICKNAMES: dict[str, tuple[str, ...]] = dict(PET_NAMES)
for _pet, *_full in map(str.split, _WORDS["nicknames"].strip().splitlines()):
    NICKNAMES[_pet] = (*NICKNAMES.get(_pet, ()), *_full)
PARTICLES = frozenset({"d", "de", "des", "du", "l", "la", "le", "les"})


def name_key(name: str) -> str:
    """Return the letters of a whole name, first name first, particles inside left out.

    Two names agree exactly when their keys are equal: no guess is made of where the first name
    ends. A name of one word (a handle) has no key.

    Examples
    --------
    >>> name_key("Éric Meyer"), name_key("ERIC MEYER")
    ('ericmeyer', 'ericmeyer')
    >>> name_key("Jean Paul de La Tour") == name_key("Jean-Paul LA TOUR")
    True
    >>> name_key("meyer94")
    ''
    """
    return _key(name_words(name))


def name_keys(names: Sequence[str]) -> list[str]:
    """Return the `name_key` of each of many names.

    Examples
    --------
    >>> name_keys(["Éric Meyer", "meyer94", "Jean Paul de La Tour"])
    ['ericmeyer', '', 'jeanpaultour']
    """
    return [_key(text.split()) for text in letters_of(names)]


def _key(parts: Sequence[str]) -> str:
    return parts[0] + without_particles(parts[1:]) if len(parts) > 1 else ""


def without_particles(parts: Sequence[str]) -> str:
    """Join words into one, particles left out unless they stand last.

    Examples
    --------
    >>> without_particles(["de", "la", "tour"]), without_particles(["le"])
    ('tour', 'le')
    """
    if len(parts) < 2:
        return parts[0] if parts else ""
    return "".join([part for part in parts[:-1] if part not in PARTICLES]) + parts[-1]


def short_for(short: str, first_name: str) -> bool:
    """Return whether a word may be short for a first name.

    An initial, at least three letters that begin it, or a pet name. Both in the form of
    `name_words`, a compound first name in one piece.

    Examples
    --------
    >>> short_for("e", "eric"), short_for("alex", "alexandre"), short_for("manu", "emmanuel")
    (True, True, True)
    >>> short_for("al", "alain"), short_for("eric", "erica"), short_for("eric", "eric")
    (False, True, False)
    """
    if short == first_name:
        return False
    beginning = len(short) != 2 and first_name.startswith(short)
    return beginning or first_name in PET_NAMES.get(short, ())


def deletions(key: str) -> Iterator[str]:
    """Yield a key and each key with one letter less: names one slip apart share one of them."""
    yield key
    for i in range(len(key)):
        yield key[:i] + key[i + 1 :]


def one_edit_apart(a: str, b: str) -> bool:
    """Return whether one insertion, deletion, substitution or adjacent swap turns a into b.

    Damerau-Levenshtein distance of at most 1.

    Examples
    --------
    >>> [one_edit_apart("martin", other) for other in ("martni", "martine", "artin", "martha")]
    [True, True, True, False]
    """
    if len(a) > len(b):
        a, b = b, a
    start = 0
    while start < len(a) and a[start] == b[start]:
        start += 1
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    swapped = a[start + 1 : start + 2] + a[start : start + 1] + a[start + 2 :]
    return a[start + 1 :] == b[start + 1 :] or swapped == b[start:]


def split_names(text: str) -> tuple[str, ...]:
    """Return the names between the commas of a text, blank ones left out.

    Examples
    --------
    >>> split_names('Age, "Nom, prénom",'), split_names("")
    (('Age', 'Nom, prénom'), ())
    """
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    return tuple(name.strip() for row in rows for name in row if name.strip())


def join_names(given: Iterable[object]) -> str:
    """Return names as one text, which `split_names` takes apart again.

    Examples
    --------
    >>> join_names(["Age", "Nom, prénom"]), join_names([1, 2])
    ('Age,"Nom, prénom"', '1,2')
    """
    text = io.StringIO(newline="")
    # What ends a line is quoted within a name.
    csv.writer(text, lineterminator="\r\n").writerow(given)
    return text.getvalue().removesuffix("\r\n")
