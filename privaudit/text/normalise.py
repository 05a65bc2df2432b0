"""Normalise text: two spellings of one text compare equal.

Two levels, and three forms made from the second:

=================  ==============================================================  ==============
`canonical`        the same letters, however they were typed: Unicode form NFKC,   a cell to read
                   one apostrophe, one hyphen, plain blanks, no invisible marks
`fold`             canonical, and case, accents and ligatures aside                two texts to
                                                                                   compare
`words`            the letters and the numbers of a folded text, one by one        names, addresses
`header_words`     the same; ``camelCase`` is two words                            headers
`slug`             the same, joined by underscores                                 ids, file names
=================  ==============================================================  ==============

Letters of every script stay letters: only Latin, Greek, Cyrillic, Arabic and Hebrew lose the marks
that readers leave out, and nothing is transliterated."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from privaudit.core.files import packaged_toml

_APOSTROPHES = "\u2018\u2019\u201b\u02b9\u02bb\u02bc\u00b4\u2032\uff07"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
# Soft hyphens, zero widths, marks of direction, a byte order mark.
_INVISIBLE = (
    0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065),
    *range(0x2066, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF,
)  # fmt: skip
_TYPED: dict[int, str] = {
    **dict.fromkeys(map(ord, _APOSTROPHES), "'"),
    **dict.fromkeys(map(ord, _HYPHENS), "-"),
    **dict.fromkeys(_INVISIBLE, ""),
    # Digits of Arabic, Persian and Devanagari; those of full width are of Unicode's own form.
    **{zero + digit: str(digit) for zero in (0x660, 0x6F0, 0x966) for digit in range(10)},
    0x66B: ".",
    0x66C: ",",
}
INVISIBLE = re.compile(f"[{''.join(map(chr, _INVISIBLE))}]")
_IS_TYPED = re.compile(f"[{''.join(map(chr, _TYPED))}]")
# Letters of Cyrillic and Greek that look like Latin ones, typed by a keyboard of another language.
_OTHERS = "АВЕЅІЈКМНОРСТУХаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
_LATINS = "ABESIJKMHOPCTYXaesijopcyxABEZHIKMNOPTYXo"
_AS_LATIN = str.maketrans(_OTHERS, _LATINS)
_LATIN = r"[A-Za-z\u00c0-\u024f]"
# It begins with the rarer letters: these are sought in a long text at once.
_TWO_SCRIPTS = re.compile(rf"[{_OTHERS}](?:(?={_LATIN})|(?<={_LATIN}[{_OTHERS}]))")
_WORD = re.compile(r"[^\W\d_]+")
# Latin letters that Unicode does not decompose.
_LETTERS = {
    "œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    "ħ": "h", "ŧ": "t", "ŋ": "n", "ĸ": "k",
}  # fmt: skip
# Combining marks of Latin, Greek and Cyrillic; points of Hebrew; vowels of Arabic.
_MARKS = (
    (0x300, 0x36F), (0x483, 0x487), (0x591, 0x5BD), (0x5BF, 0x5BF), (0x5C1, 0x5C2),
    (0x5C4, 0x5C5), (0x5C7, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x670, 0x670),
    (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F),
)  # fmt: skip
# The middle dot within a word (adhérent·e, paral·lel), and the line that draws Arabic letters out.
_WORD_JOINERS = "\u00b7\u0640"
# From so many different letters on, one table of all is quicker than one pass a letter.
_MOST_DISTINCT = 64
# Letters and digits of a text that is read as a header: longer ones are sentences.
_LONGEST = 200
# A letter, then others: a repeat at the beginning would be tried at each place.
_BEYOND_ASCII = re.compile("[^\0-\x7f][^\0-\x7f]*")
_ASCII_RUN = re.compile(r"[a-z]+|[0-9]+")
_RUN = re.compile(r"\d+|[^\s\d]+")
_CAMEL = re.compile(r"(?<=[a-zα-ωа-я0-9])(?=[A-ZΑ-ΩА-Я])")
# Bytes of ASCII as a name has them: small letters, line ends, and blanks for all else.
_NAME_BYTES = bytes(
    ord(chr(i).lower()) if chr(i).isalpha() and i < 128 else i if i == 10 else 32
    for i in range(256)
)


def _of_one_script(word: re.Match[str]) -> str:
    """Return a Latin word with its look-alikes as Latin letters; any other as it is."""
    plain = word[0].translate(_AS_LATIN)
    return plain if all(letter < "\u0250" for letter in plain) else word[0]


def canonical(text: str) -> str:
    """Write a text with one form of each character; case and accents stay.

    A letter of another script within a Latin word that it looks like a letter of is that letter.

    Examples
    --------
    >>> canonical("\u0421r\u00e9teil") == "Créteil", canonical("СССР") == "СССР"
    (True, True)
    >>> canonical("L\u2019Hay\u2011les\u00a0Roses") == "L'Hay-les Roses"
    True
    >>> canonical("pre\u0301nom") == "prénom"
    True
    """
    if text.isascii():
        return text
    if _IS_TYPED.search(text):
        text = text.translate(_TYPED)
    if _TWO_SCRIPTS.search(text):
        text = _WORD.sub(_of_one_script, text)
    return unicodedata.normalize("NFKC", text)


class _Unaccented(dict[int, str]):
    """Cache of characters without accents."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        parts = _TYPED.get(code)
        if parts is None:
            small = _LETTERS.get(letter.lower())
            if small is not None:
                parts = small if letter == letter.lower() else small.upper()
            else:
                apart = unicodedata.normalize("NFKD", letter)
                several = apart if apart == letter else apart.translate(self)
                chosen = "".join(c for c in several if not _is_accent(c))
                parts = unicodedata.normalize("NFC", chosen)
        self[code] = parts
        return parts


def _is_accent(letter: str) -> bool:
    """Return whether a character is left out of a folded text."""
    code = ord(letter)
    return letter in _WORD_JOINERS or any(low <= code <= high for low, high in _MARKS)


_UNACCENTED = _Unaccented()


def unaccented(text: str) -> str:
    """Write a text without accents and ligatures; case, blanks and punctuation stay.

    For texts of any length: a few passes over the whole.

    Examples
    --------
    >>> unaccented("Lœb, Strauß, Łukasik") == "Loeb, Strauss, Lukasik"
    True
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    if _TWO_SCRIPTS.search(text):
        text = _WORD.sub(_of_one_script, text)
    letters = set("".join(_BEYOND_ASCII.findall(text)))
    if len(letters) > _MOST_DISTINCT:
        return text.translate(_UNACCENTED)
    for letter in letters:
        plain = _UNACCENTED[ord(letter)]
        if plain != letter:
            text = text.replace(letter, plain)
    return text


def fold(text: str) -> str:
    """Return the form in which two texts are compared.

    Case, accents, ligatures, kinds of apostrophes, hyphens and blanks are set aside.

    Examples
    --------
    >>> fold("Nom de l\u2019Électeur") == fold("NOM DE  L'ELECTEUR")
    True
    >>> fold("Иванов"), fold("STRASSE") == fold("Straße")
    ('иванов', True)
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unaccented(text).casefold().split())


def folds(texts: Sequence[str]) -> list[str]:
    """Fold many texts as one, which takes a third of the time.

    Examples
    --------
    >>> folds(["Nom de l\u2019Électeur ", "STRASSE"])
    ["nom de l'electeur", 'strasse']
    """
    lines = unaccented("\n".join(texts)).casefold().split("\n")
    if len(lines) != len(texts):
        return list(map(fold, texts))
    return [" ".join(line.split()) for line in lines]


def _spaced(text: str, *, digits: bool = True) -> str:
    """Replace all but letters, their marks and digits by blanks."""
    return "".join(
        [c if (c.isalnum() if digits else c.isalpha())
         or unicodedata.category(c)[0] == "M" else " " for c in text]
    )  # fmt: skip


def _runs(text: str) -> tuple[str, ...]:
    """Return runs of letters and runs of digits of a text without accents."""
    text = text.casefold()
    if text.isascii():
        return tuple(_ASCII_RUN.findall(text))
    return tuple(_RUN.findall(_spaced(text)))


@lru_cache(maxsize=1 << 17)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded: runs of letters and runs of digits.

    Examples
    --------
    >>> words("12bis, rue de l\u2019Église")
    ('12', 'bis', 'rue', 'de', 'l', 'eglise')
    >>> words("李 小龙")
    ('李', '小龙')
    """
    return _runs(unaccented(text))


def header_words(text: str) -> tuple[str, ...]:
    """Return the words of a header; a capital after a small letter begins another.

    Of a longer text, those of its first 200 characters.

    Examples
    --------
    >>> header_words("Niveau de soutien"), header_words("firstName"), header_words("email_2")
    (('niveau', 'de', 'soutien'), ('first', 'name'), ('email', '2'))
    """
    return _header_words(text if len(text) <= _LONGEST else canonical(text)[:_LONGEST])


@lru_cache(maxsize=1 << 16)
def _header_words(text: str) -> tuple[str, ...]:
    return _runs(_CAMEL.sub(" ", unaccented(text)))


def letters_of(texts: Sequence[str]) -> list[str]:
    """Return the letters of each of many names, folded, with one blank between words.

    Examples
    --------
    >>> letters_of(["D\u2019Œuvray", "", " Éric-Jean 94", 'Du"pont'])
    ['d oeuvray', '', 'eric jean', 'dupont']
    """
    distinct = dict.fromkeys(texts)
    if 2 * len(distinct) < len(texts):
        # Most first names of a register stand there many times.
        letters = dict(zip(distinct, letters_of([*distinct]), strict=True))
        return [letters[text] for text in texts]
    # A quote within a name is a slip of a file, and parts no words.
    lines = unaccented("\n".join(texts)).replace('"', "")
    if lines.isascii():
        lines = lines.encode().translate(_NAME_BYTES).decode()
    result = lines.split("\n")
    if len(result) != max(len(texts), 1):
        return [item for text in texts for item in letters_of([" ".join(text.split("\n"))])]
    if not lines.isascii():
        result = [_spaced(line.casefold(), digits=False) for line in result]
    return [" ".join(line.split()) if " " in line else line for line in result[: len(texts)]]


@lru_cache(maxsize=1 << 17)
def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a person's name, folded: letters only.

    Examples
    --------
    >>> name_words("Anne-Claire D\u2019Œuvray 94")
    ('anne', 'claire', 'd', 'oeuvray')
    """
    return tuple(letters_of([name])[0].split())


def slug(name: str) -> str:
    """Return the stable identifier of a name: its folded letters and digits, and underscores.

    Examples
    --------
    >>> slug("Knows the mask"), slug("donut:50:200"), slug("L\u2019Haÿ")
    ('knows_the_mask', 'donut_50_200', 'l_hay')
    """
    return "_".join(_spaced(fold(str(name))).split()) or "unnamed"


# A byte of UTF-8 that begins a letter and one that follows, each written as a letter of Latin-1 or
# of Windows.
_WINDOWS = {ord(bytes([byte]).decode("cp1252")): byte for byte in range(0x80, 0xA0)
            if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}  # fmt: skip
_BYTES = re.compile(f"[\u00c2-\u00f4][\u0080-\u00bf{''.join(map(chr, _WINDOWS))}]")


def has_bytes_as_letters(text: str) -> bool:
    """Return whether a text may have letters that are each a byte of another."""
    return not text.isascii() and _BYTES.search(text) is not None


def put_together(text: str) -> str:
    """Return a text whose letters of UTF-8 were each written as several, put together again.

    As exports of Facebook have it, and files that a program read in another encoding than theirs.
    Only where the whole text can be turned back so that nothing is lost; it may have been done
    twice.

    Examples
    --------
    >>> put_together("\u00c3\u00a9lection"), put_together("l\u00e2\u20ac\u2122\u00c3\u2030tat")
    ('élection', 'l’État')
    >>> put_together("élu par l'Ã©lection") == "élu par l'Ã©lection"
    True
    """
    for _ in range(2):
        if not has_bytes_as_letters(text):
            break
        try:
            changed = bytes(_WINDOWS.get(ord(c), ord(c)) for c in text).decode()
        except ValueError:
            break
        text = changed
    return text


def columns_named(names: Iterable[str], columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that names stand for.

    A column of exactly that name goes first; else the only one that is the same when folded. A
    name that stands for no column, or for several, comes back as it is, for its caller to refuse.

    Parameters
    ----------
    names : iterable of str
        As a caller types them.
    columns : iterable of str
        Of a file or frame.

    Examples
    --------
    >>> columns_named(["AGE", "l\u2019avis", "sex"], ["age", "l'avis", "sexe"])
    ('age', "l'avis", 'sex')
    >>> columns_named(["aGE"], ["age", "Age"])
    ('aGE',)
    """
    have = [str(column) for column in columns]
    asked = list(names)
    if {*asked} <= {*have}:
        return tuple(asked)
    known: dict[str, str] = {}
    for column in have:
        key = fold(column)
        known[key] = "" if key in known else column
    return tuple(name if name in have else known.get(fold(name)) or name for name in asked)


def columns_as_named(names: Iterable[str], columns: Iterable[str]) -> list[str]:
    """Return columns under the names that a caller gives them.

    Other columns keep their names; see `columns_named`.

    Examples
    --------
    >>> columns_as_named(["AGE"], ["sex", "age"])
    ['sex', 'AGE']
    """
    have, asked = [str(column) for column in columns], list(names)
    given: dict[str, str] = {}
    for name, column in zip(asked, columns_named(asked, have), strict=True):
        given.setdefault(column, name)
    return [given.get(column, column) for column in have]


_OF_NAMES = packaged_toml("privaudit.text", "nicknames_titles_particles.toml")

# Pet names that do not begin the first name; one may stand for several first names.
PET_NAMES: dict[str, tuple[str, ...]] = {
    pet: tuple(first_names)
    for pet, *first_names in map(str.split, _OF_NAMES["pet_names"].strip().splitlines())
}
# The same, with those of English speakers: for two files of whatever country.
NICKNAMES: dict[str, tuple[str, ...]] = dict(PET_NAMES)
for _pet, *_full in map(str.split, _OF_NAMES["nicknames"].strip().splitlines()):
    NICKNAMES[_pet] = (*NICKNAMES.get(_pet, ()), *_full)
# Words before a name that are no part of it.
TITLES = frozenset(_OF_NAMES["titles"].split())
# Words within a name that two spellings of it may leave out.
PARTICLES = frozenset(_OF_NAMES["particles"].split())


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
