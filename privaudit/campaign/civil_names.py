"""Names brought to one form, so that two spellings of one name can be seen to agree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

__all__ = [
    "PET_NAMES", "deletions", "name_key", "one_slip", "short_for", "without_particles", "words",
]  # fmt: skip

# Pet names in use in France that are not the beginning of the first name. One may stand for
# several first names.
PET_NAMES: dict[str, tuple[str, ...]] = {
    "babeth": ("elisabeth",),
    "cathy": ("catherine",),
    "charly": ("charles",),
    "fanfan": ("francois", "francoise"),
    "gege": ("gerard", "genevieve"),
    "guigui": ("guillaume",),
    "jackie": ("jacqueline", "jacques"),
    "jacky": ("jacques", "jacqueline"),
    "jc": ("jeanclaude", "jeanchristophe"),
    "jeff": ("jeanfrancois",),
    "jp": ("jeanpierre", "jeanpaul", "jeanphilippe"),
    "juju": ("julien", "julie", "juliette"),
    "lili": ("elise", "liliane", "alice"),
    "lolo": ("laurent", "laurence"),
    "manu": ("emmanuel", "emmanuelle", "manuel"),
    "mimi": ("michel", "michele", "mireille"),
    "sandy": ("sandrine", "sandra"),
    "titi": ("thierry",),
    "tony": ("anthony", "antoine"),
}
_PARTICLES = frozenset({"d", "de", "des", "du", "l", "la", "le", "les"})
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l"})


@lru_cache(maxsize=1 << 17)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name: lower case, without accents, hyphens or apostrophes.

    Examples
    --------
    >>> words("Anne-Claire D'Œuvray")
    ('anne', 'claire', 'd', 'oeuvray')
    """
    letters = unicodedata.normalize("NFKD", name.lower().translate(_LIGATURES))
    return tuple(re.findall("[a-z]+", "".join(c for c in letters if not unicodedata.combining(c))))


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
    parts = words(name)
    return parts[0] + without_particles(parts[1:]) if len(parts) > 1 else ""


def without_particles(parts: Sequence[str]) -> str:
    """Join words into one, particles left out unless they stand last.

    Examples
    --------
    >>> without_particles(["de", "la", "tour"]), without_particles(["le"])
    ('tour', 'le')
    """
    return "".join([part for part in parts[:-1] if part not in _PARTICLES] + list(parts[-1:]))


def short_for(short: str, first_name: str) -> bool:
    """Tell whether a word may be short for a first name.

    An initial, at least three letters that begin it, or a pet name. Both in the form of
    `words`, a compound first name in one piece.

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


def one_slip(a: str, b: str) -> bool:
    """Tell whether one letter added, dropped, changed, or one swap of neighbours makes b of a.

    Damerau-Levenshtein distance of at most 1.

    Examples
    --------
    >>> one_slip("martin", "martni"), one_slip("martin", "martine"), one_slip("abc", "bcd")
    (True, True, False)
    """
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    start = 0
    while start < len(a) and a[start] == b[start]:
        start += 1
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    swapped = a[start + 1 : start + 2] + a[start : start + 1] + a[start + 2 :]
    return a[start + 1 :] == b[start + 1 :] or swapped == b[start:]
