"""Names brought to one form, so that two spellings of one name can be seen to agree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

__all__ = [
    "PARTICLES", "PET_NAMES", "consonants", "deletions", "name_key", "one_slip", "opening",
    "plain_texts", "short_for", "sounds", "sounds_of", "without_particles", "words",
]  # fmt: skip

# Pet names in use in France that are not the beginning of the first name. One may stand for
# several first names.
_PETS = (
    "angie angelique; babeth elisabeth; bebert robert albert; belle isabelle; bernie bernard "
    "bernadette; beth elisabeth; betty elisabeth; bob robert albert; cathy catherine; cecel "
    "marcel marcelle; charlie charles; charlot charles; charly charles; chrissie christine "
    "christelle christophe; cloclo claude claudine; cricri christian christiane; danny daniel "
    "danielle; dany daniel danielle; dede andre andree; doudou edouard; doume dominique; eddy "
    "edouard; elise elisabeth; fanfan francois francoise; fanny stephane stephanie; fifi "
    "josephine philippe; filou philippe; francky francois francoise francis franck; fredo "
    "frederic frederique; gaby gabriel gabrielle; gege genevieve gerard; ginou genevieve; "
    "guigui guillaume; guitou guy; jackie jacqueline jacques; jacky jacqueline jacques; jacquot "
    "jacqueline jacques; jb jeanbaptiste; jc jeanchristophe jeanclaude; jeannot jean; jeff "
    "jeanfrancois; jf jeanfrancois; jj jeanjacques; jl jeanluc jeanlouis; jm jeanmarc "
    "jeanmichel jeanmarie; jo jocelyne joelle joseph georges; jojo jocelyne joelle joseph "
    "georges; josy josephine; jp jeanpierre jeanpaul jeanphilippe; juju julien julie juliette; "
    "kathy catherine; kiki christian christiane; kris christine christelle christophe; lili "
    "alice elise; lisa elisabeth; lise elisabeth; lolo laurent laurence; loulou louis louise; "
    "lulu lucien lucienne; mado madeleine; manon marie; manu emmanuel emmanuelle; marco marc; "
    "margot margaux marguerite; mc mariechristine; mf mariefrance; mika mickael; mike mickael; "
    "milie emilie; mimi emilie marie michel michele mireille; momo maurice mohamed monique "
    "raymond; momone simone; mp mariepierre; nanard bernard bernadette; nanou anne; nene rene "
    "renee; nini denis denise; nono noemie norbert; paty patrick patricia patrice; phiphi "
    "philippe; pierrot pierre; ricky eric; riri henri henriette; roro roger; sandy sandrine "
    "sandra; sergio serge; soso solange sophie; suzon suzanne; suzy suzanne; titi thierry; "
    "titine martine; toinette antoine antoinette; toinou antoine antoinette; tom thomas; tomtom "
    "thomas; tony anthony antoine; totor hector; veve herve; vinz vincent; vivi sylvie "
    "virginie; will guillaume; willy guillaume; zabeth elisabeth; zabou isabelle; zaza isabelle"
)
PET_NAMES: dict[str, tuple[str, ...]] = {
    pet: tuple(full) for pet, *full in (row.split() for row in _PETS.split(";"))
}
PARTICLES = frozenset({"d", "de", "des", "du", "l", "la", "le", "les"})
_LETTERS = {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}


def _plain(letter: str) -> str:
    """Lower case without accents; a blank for what is no letter."""
    parts = unicodedata.normalize("NFKD", _LETTERS.get(letter.lower(), letter).lower())
    kept = "".join(c for c in parts if not unicodedata.combining(c))
    return kept if re.fullmatch("[a-z]+", kept) else " "


# Latin letters, and accents that stand alone: nearly every name is read by this table.
_PLAIN = {i: _plain(chr(i)) for i in range(0x180)} | dict.fromkeys(range(0x300, 0x370), "")


@lru_cache(maxsize=1 << 17)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name: lower case, without accents, hyphens or apostrophes.

    Examples
    --------
    >>> words("Anne-Claire D'Œuvray")
    ('anne', 'claire', 'd', 'oeuvray')
    """
    read = name.translate(_PLAIN)
    if not read.isascii():
        read = unicodedata.normalize("NFKD", read).translate(_PLAIN)
        read = re.sub("[^a-z]", " ", read)
    return tuple(read.split())


def plain_texts(names: Sequence[str]) -> list[str]:
    """Return the words of each of many names, a blank between two: `words`, at one go.

    Examples
    --------
    >>> plain_texts(["D'Œuvray", "", " Éric-Jean "])
    ['d oeuvray', '', 'eric jean']
    """
    table = _PLAIN | {ord("\n"): "\n"}
    read = "\n".join(names).translate(table)
    lines = read.split("\n")
    if not read.isascii() or len(lines) != len(names):
        return [" ".join(words(name)) for name in names]
    return [" ".join(line.split()) if " " in line else line for line in lines]


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
    if len(parts) < 2:
        return parts[0] if parts else ""
    return "".join([part for part in parts[:-1] if part not in PARTICLES]) + parts[-1]


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


# What is written in several ways and said in one, in the order in which it is applied.
_SPELLINGS = [
    (re.compile(pattern, re.MULTILINE), said)
    for pattern, said in (
        ("[ae]?aul?[dtxs]*$", "o"), ("ph", "f"), ("(?<!c)h", ""), ("ch(?=[lr])", "k"),
        ("sch|sh|ch", "S"), ("e?aux?", "o"), ("[ao]u(?=m?$)", "o"), ("eu|oeu", "e"),
        ("[ae][iy]|ée?", "e"), ("y", "i"), ("c(?=[eiy])|ç", "s"), ("qu|q|c", "k"),
        ("g(?=[eiy])", "j"), ("gu(?=[ei])", "g"), ("ge(?=[ao])", "j"), ("w", "v"), ("x", "ks"),
        ("z", "s"), ("[ae][mn](?![aeiou])", "A"), ("(?<=.)[dtspxke]+$", ""), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip
_CLASSES = bytes.maketrans(b"bfvcgjqsxzdm", b"pppkkkkkkktn")
_OPENINGS = {"k": "c", "q": "c", "j": "g", "y": "i", "z": "s"}


@lru_cache(maxsize=1 << 17)
def sounds(name: str) -> str:
    """Return how a name sounds, in the form of `words`, to a French ear: silent ends left out.

    Examples
    --------
    >>> sounds("dupond") == sounds("dupont"), sounds("philippe") == sounds("filip")
    (True, True)
    >>> sounds("thibault") == sounds("tibo"), sounds("meyer") == sounds("moreau")
    (True, False)
    """
    return sounds_of([name])[0]


def sounds_of(names: Sequence[str]) -> list[str]:
    """Return how each name sounds: a line a name, so that a rule goes over all of them at once.

    Examples
    --------
    >>> sounds_of(["dupond", "thibault"]) == [sounds("dupont"), sounds("tibo")]
    True
    """
    text = "\n".join(names)
    for pattern, said in _SPELLINGS:
        text = pattern.sub(said, text)
    return text.split("\n") if names else []


def consonants(names: Sequence[str]) -> list[str]:
    """Return the classes of each name's consonants; names that sound alike mostly share them.

    Examples
    --------
    >>> consonants(["dupond", "dupont", "lefevre"])
    ['tpn', 'tpn', 'lpr']
    """
    if not names:
        return []
    text = "\n".join([name.rstrip("dtspxzeh") for name in names])
    letters = np.frombuffer(text.encode().translate(_CLASSES, b"aeiouyhw"), dtype=np.uint8)
    # Of a run of one letter the first is kept; two line ends in a row are two names.
    kept = np.append(True, letters[1:] != letters[:-1])[: len(letters)] | (letters == ord("\n"))
    found: str = letters[kept].tobytes().decode()
    return found.split("\n")


def opening(name: str) -> str:
    """Return the first letter that is heard: names that agree at all mostly share it.

    Examples
    --------
    >>> opening("philippe"), opening("karine") == opening("catherine"), opening("helene")
    ('f', True, 'e')
    """
    if name.startswith("ph"):
        return "f"
    first = name[1:2] if name.startswith("h") and len(name) > 1 else name[:1]
    return _OPENINGS.get(first, first)


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
