"""Encodings of text: by a mark, by what decodes, and by the letters that words then have."""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from privaudit.columns.headers import given_names, kind_of_header
from privaudit.core.files import packaged_toml
from privaudit.errors import ParameterError, ReadError
from privaudit.text.normalise import fold, unaccented

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# UTF-32 goes first: its mark begins as that of UTF-16 does.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
# Of a letter in four or two bytes, without a mark: which of these bytes are NUL in Western text.
_WIDE = {"utf-32-le": (1, 2, 3), "utf-32-be": (0, 1, 2), "utf-16-le": (1, 3), "utf-16-be": (0, 2)}
_MOSTLY = 0.7
# One byte a letter, in the order in which equal texts are named, and how rare each is (nats).
_ONE_BYTE = {
    "cp1252": 0.0, "iso8859-15": 1.0, "mac_roman": 1.0, "cp850": 1.0, "cp437": 1.5, "cp1250": 1.5,
    "iso8859-2": 3.0, "cp1254": 3.0, "cp1257": 3.0, "cp858": 2.5, "cp852": 3.0, "mac_latin2": 4.0,
    "cp860": 3.0, "cp865": 3.0,
}  # fmt: skip
_CONTROL = bytes((*range(9), *range(0x0E, 0x1C), 0x7F))
_RUN = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
# Of a long one, what stands about its first byte beyond ASCII.
_ODD_PART = re.compile(rb"[^\x80-\xff]{0,30}[\x80-\xff].{0,29}")
_START = 65_536
_SOME = 4_000
_CHUNK = 1_000_000
_ASCII = frozenset(range(0x80))
# Words that are looked at for each byte beyond ASCII, and letters of a word.
_WORDS_EACH, _LONGEST, _ENOUGH = 40, 60, 2_000
# Nats by which one reading must be likelier than any other; further ones are named as candidates.
# at least so many of them. Few words must be clearer.
_DECIDES, _FEW, _NAMED, _FEWEST = 5.0, 2.0, 12.0, 3
# Nats a letter that no language explains has; those a letter that is in none of its places has.
_NEVER, _MISPLACED, _LEAST = -15.0, -17.0, -10.5
# The share of names of other languages.
_FOREIGN = 0.07
# What a name and a header that are known add, and what other languages than French, and those
# that cp1252 does not write (from the eighth on in the list), lose. A misread header is none.
_IS_NAME, _IS_HEADER, _OTHER, _OTHER_HEADER, _WEST = 1.5, 8.0, 1.0, 3.0, 7
# Nats of a sign that is no letter, by how it stands in a text.
_USUAL, _SELDOM, _ODD = -4.0, -9.0, -19.0
_OPENING, _CLOSING, _APART = frozenset("«“„"), frozenset("»”…"), frozenset("–—•’·…«»")
_IN_A_WORD = {"’": _USUAL, "\u00ad": _USUAL, "·": _SELDOM}
_BESIDE_DIGITS = frozenset("€£²³½¼¾%§–")

_asked: ContextVar[str | None] = ContextVar("encoding", default=None)


@contextmanager
def read_as(encoding: str | None) -> Iterator[None]:
    """Read every text file in an encoding for a while; None: as it was before.

    Parameters
    ----------
    encoding : str, optional
        A name of Python's, such as ``"mac_roman"``.

    Raises
    ------
    ParameterError
        There is no such encoding of text.

    Examples
    --------
    >>> with read_as("latin1"):
    ...     encoding_asked()
    'iso8859-1'
    """
    token = _asked.set(_asked.get() if encoding is None else _known(encoding))
    try:
        yield
    finally:
        _asked.reset(token)


def encoding_asked() -> str | None:
    """Return the encoding in which every text file is to be read, None where it is detected."""
    return _asked.get()


# Of Python's, not of text that people write: names of hosts, and letters escaped.
_NOT_OF_FILES = ("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape")


def _known(encoding: Any) -> str:
    """Return the name of an encoding of text in Python's words."""
    needed, do = "encoding one of Python's codecs of text", "Such as cp1252, mac_roman or cp850."
    if not isinstance(encoding, str):
        raise ParameterError.of("encoding", needed, type(encoding).__name__, do)
    name = codec_of_text(encoding)
    if not name:
        came = f"'{''.join(filter(str.isprintable, encoding))[:40]}'"
        raise ParameterError.of("encoding", needed, came, do)
    return "utf-8-sig" if name == "utf-8" else name


def codec_of_text(word: str) -> str:
    """Return Python's name of an encoding that a file declares; "" if it is no text encoding.

    Python calls much a codec that is no set of letters: base64, zlib, undefined, punycode.

    Examples
    --------
    >>> codec_of_text("Windows-1252"), codec_of_text("base64")
    ('cp1252', '')
    """
    try:
        found = codecs.lookup(word)
        found.incrementaldecoder().decode(b"", final=True)
    except (LookupError, ValueError, TypeError):
        return ""
    name = found.name.replace("_", "-") if found.name.startswith("utf") else found.name
    plain = found._is_text_encoding and name.replace("-", "_") not in _NOT_OF_FILES
    return name if plain else ""


def encoding_of(
    opened: Callable[[], AbstractContextManager[Any]], start: bytes, *, name: str, who: str
) -> tuple[str, int] | None:
    """Return the encoding with which a whole file decodes; None where it is binary.

    That which was asked for (`read_as`) goes first, but UTF-8 stays UTF-8 where one byte a letter
    was asked for; then a mark; UTF-8; UTF-16 and UTF-32 without a mark, by their NULs; then one
    byte a letter, chosen by `likely_encodings`.

    Parameters
    ----------
    opened : Callable[[], AbstractContextManager[Any]]
        Opens the file for its bytes, unpacked; `start` are the first of them.

    - returns: The encoding, "mixed" where it is partly UTF-8, and how many lines are then not.

    Raises
    ------
    ReadError
        It is not in the encoding that was asked for, or fits several encodings equally well.
    """
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    asked = encoding_asked()
    if asked is not None:
        return _as_asked(opened, asked, marked, name=name, who=who)
    several = marked if marked != "utf-8-sig" else None
    if several is None and b"\0" in start:
        several = wide_encoding(start)
    if several is not None:
        return (several, 0) if _decodes(opened, several) else None
    if (whole := _decodes(opened, "utf-8-sig")) is not None:
        return ("utf-8-sig", 0) if whole else None
    with opened() as data:
        evidence = evidence_of(data)
    if evidence is None:
        return None
    likely = evidence.odd.likely() if evidence.letters else ()
    if likely[:1] == ("cp1252",):
        return "mixed", evidence.lines
    likely = evidence.every.likely()
    if len(likely) == 1:
        return likely[0], 0
    if likely:
        came, such = f"{name}, whose letters may be {', '.join(likely)} or another", likely[0]
    else:
        came = f"{name}, whose letters are of no language of Western or Central Europe"
        such = "cp1251, cp1253, shift_jis, euc_kr, gb18030 or big5, for example"
    do = f"Say which: --encoding {such}."
    raise ReadError.of(who, "text in an encoding that its words show", came, do, why="encoding")


def _as_asked(
    opened: Callable[[], AbstractContextManager[Any]], asked: str, marked: str | None, *, name: str,
    who: str,
) -> tuple[str, int]:  # fmt: skip
    """Return the encoding that was asked for, or UTF-8 where a file is plainly that."""
    same_family = marked is not None and asked.startswith(marked.removesuffix("-sig"))
    encoding = str(marked) if same_family else asked
    # What is named is the encoding of one file; the addresses beside it may be UTF-8, and no
    # text of these encodings looks like it.
    one_byte = {codecs.lookup(name).name for name in (*_ONE_BYTE, "latin-1")}
    if asked in one_byte and _decodes(opened, "utf-8-sig"):
        return "utf-8-sig", 0
    if asked == "cp1252":
        with opened() as data:
            evidence = evidence_of(data)
        if evidence is not None and evidence.letters:
            return "mixed", evidence.lines
    if _decodes(opened, encoding) is None:
        came = f"{name}, which has other bytes, or control characters"
        do = "Leave out --encoding, or name another."
        raise ReadError.of(who, f"text in {encoding}", came, do, why="encoding")
    return encoding, 0


def _decodes(opened: Callable[[], AbstractContextManager[Any]], encoding: str) -> bool | None:
    """Return whether a file is text in an encoding, False where binary, None in another."""
    try:
        with opened() as data:
            return not any(map(_is_binary, decoded(data, encoding)))
    except UnicodeError:
        return None


def _is_binary(text: str) -> bool:
    """Return whether text holds one control character in a hundred, or a NUL."""
    start = text[:_START]
    data = start.encode("utf-8", "surrogatepass")
    control = len(data) - len(data.translate(None, _CONTROL))
    return "\0" in text or control * 100 > len(start)


def wide_encoding(start: bytes) -> str | None:
    """Return the encoding of two or four bytes a letter that NULs show, None where they do not.

    Examples
    --------
    >>> wide_encoding("nom;é\\n".encode("utf-16-le")), wide_encoding(b"a\\0b")
    ('utf-16-le', None)
    """
    whole = start[: len(start) // 4 * 4]
    if len(whole) < 2 * 4:
        return None
    empty = [4 * whole[at::4].count(0) / len(whole) for at in range(4)]
    for encoding, places in _WIDE.items():
        nul = [empty[at] for at in places]
        if min(nul) >= _MOSTLY and sum(empty) - sum(nul) <= (4 - len(nul)) * (1 - _MOSTLY):
            return encoding
    # Letters of other scripts have no NUL; only their blanks, separators and ends of lines do.
    if not whole.translate(None, b"\0" + bytes(range(0x20, 0x7F)) + b"\t\r\n"):
        return None
    return next((e for e in ("utf-16-le", "utf-16-be") if _reads_as_text(whole, e)), None)


def _reads_as_text(start: bytes, encoding: str) -> bool:
    """Return whether bytes are lines of letters in an encoding of two bytes a letter."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(start[:_SOME])
    except UnicodeError:
        return False
    kinds = Counter(map(unicodedata.category, text.translate(dict.fromkeys(b"\t\r\n"))))
    return "\n" in text and kinds.keys().isdisjoint(("Cc", "Cn", "Co", "Cs"))


def decoder(encoding: str) -> codecs.IncrementalDecoder:
    """Return what decodes bytes that come in parts."""
    if encoding == "mixed":
        return codecs.getincrementaldecoder("utf-8-sig")("privaudit_windows")
    return codecs.getincrementaldecoder(encoding)()


def decoded(file: Any, encoding: str) -> Iterator[str]:
    """Decode a file of bytes in parts."""
    made = decoder(encoding)
    while part := file.read(_CHUNK):
        yield made.decode(part)
    yield made.decode(b"", final=True)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as cp1252, or latin-1 where that has no letter."""
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    try:
        return bad.decode("cp1252"), error.end
    except UnicodeDecodeError:
        return bad.decode("latin-1"), error.end


codecs.register_error("privaudit_windows", _as_windows)


@dataclass(eq=False)
class OddWords:
    """Words with a byte beyond ASCII, a few for each such byte, and all such bytes."""

    header: frozenset[bytes] = frozenset()
    words: dict[bytes, None] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    times: Counter[int] = field(default_factory=Counter)

    def add(self, lines: bytes) -> None:
        """Take the words of lines."""
        beyond = {*lines.translate(None, bytes(_ASCII))}
        new, self.used = beyond - self.used, self.used | beyond
        if not new and len(self.words) >= _ENOUGH:
            return
        for run in dict.fromkeys(_RUN.findall(lines)):
            if run.isascii() or run in self.words:
                continue
            word = run if len(run) <= _LONGEST else _ODD_PART.search(run)[0]  # type: ignore[index]
            odd = {*word} - _ASCII
            if any(self.times[byte] < _WORDS_EACH for byte in odd):
                self.times.update(odd)
                self.words[word] = None

    def likely(self) -> tuple[str, ...]:
        """Return the encoding that they are in, or the candidates, the likeliest first."""
        return likely_encodings([*self.words], self.used, self.header)


class EncodingEvidence(NamedTuple):
    """What bytes show that are not all UTF-8.

    Parameters
    ----------
    every, odd : OddWords
        Of all lines, and of those that are not UTF-8.
    letters : bool
        Whether a line is UTF-8 and has letters beyond ASCII.
    lines : int
        How many are not UTF-8.
    """

    every: OddWords
    odd: OddWords
    letters: bool
    lines: int


def evidence_of(data: Any) -> EncodingEvidence | None:
    """Gather the evidence of a file of bytes; None where they are no text."""
    every, odd, letters, lines, left = OddWords(), OddWords(), False, 0, b""
    while part := data.read(_CHUNK):
        if _is_binary(part.decode("latin-1")):
            return None
        whole, end, rest = (left + part).rpartition(b"\n")
        left = rest
        if not whole.isascii():
            seen, wrong = _take(whole, every, odd)
            letters, lines = letters or seen, lines + wrong
        elif end and not every.header:
            _take(whole.lstrip().partition(b"\n")[0], every, odd)
    seen, wrong = _take(left, every, odd)
    return EncodingEvidence(every, odd, letters or seen, lines + wrong)


def _take(part: bytes, every: OddWords, odd: OddWords) -> tuple[bool, int]:
    """Take the words of lines; return whether one is UTF-8 beyond ASCII, and how many are not."""
    if not every.header:
        every.header = odd.header = frozenset(_RUN.findall(part.lstrip().partition(b"\n")[0]))
    every.add(part)
    letters, bad = False, list[bytes]()
    for line in part.split(b"\n"):
        if line.isascii():
            continue
        try:
            line.decode()
            letters = True
        except UnicodeDecodeError:
            bad.append(line)
    odd.add(b"\n".join(bad))
    return letters, len(bad)


def likely_encodings(
    words: Sequence[bytes], used: Iterable[int], header: frozenset[bytes] = frozenset()
) -> tuple[str, ...]:
    """Return the encoding of one byte a letter that words are in; several where they cannot tell.

    None where the words are of no language that it knows in any of them.

    Encodings in which no word differs are one. Of each of the others, the words have a
    likelihood: that of their letters between those beside them, in the language that explains
    them best; letters that no language has there, capitals within small letters and signs within
    words have hardly any.

    Parameters
    ----------
    words : sequence of bytes
        With a byte beyond ASCII.
    used : iterable of int
        All bytes beyond ASCII that the text has.
    header : frozenset of bytes, optional
        Words that stand in its first line.

    Examples
    --------
    >>> def found(encoding):
    ...     words = [word.encode(encoding) for word in ("prénom", "Hélène", "Besançon")]
    ...     return likely_encodings(words, b"".join(words))
    >>> [found(encoding) for encoding in ("cp1252", "mac_roman", "cp850")]
    [('cp1252',), ('mac_roman',), ('cp850',)]
    """
    odd = bytes(sorted(byte for byte in used if byte >= 0x80))
    readings: dict[str, str] = {}
    for encoding in _ONE_BYTE:
        try:
            letters = odd.decode(encoding)
        except UnicodeDecodeError:
            continue
        # C1 controls are no text: the decoding failed.
        if not any("\x80" <= letter <= "\x9f" for letter in letters):
            readings.setdefault(letters, encoding)
    joined, first = b"\n".join(words), b"\n".join(header)
    scores = {}
    for encoding in readings.values():
        texts = (part.decode(encoding).split("\n") for part in (joined, first))
        scores[encoding] = _likelihood(*texts) - _ONE_BYTE[encoding]
    ranked = sorted(scores, key=lambda name: -scores[name])
    beyond = max(1, sum(byte >= 0x80 for byte in joined))
    best, second = scores[ranked[0]], scores[ranked[:2][-1]]
    # A third of the letters of Latin words at least are of ASCII.
    longer = b"".join(word for word in words if len(word) > 2)
    if best / beyond < _LEAST or 3 * sum(byte >= 0x80 for byte in longer) > 2 * len(longer):
        return ()
    if best - second >= _DECIDES + _FEW / len(words):
        return (ranked[0],)
    return tuple(n for at, n in enumerate(ranked) if at < _FEWEST or best - scores[n] < _NAMED)


@cache
def _letter_counts() -> tuple[dict[str, tuple[Any, Any, Any]], int]:
    """Return of each letter, by language: log share, and log shares of the letters beside it."""
    # Imported late: help loads every reader, and needs no numbers.
    import numpy as np

    languages = packaged_toml("privaudit.io", "data/letters_of_languages.toml")
    result: dict[str, tuple[Any, Any, Any]] = {}
    for at, lines in enumerate(languages.values()):
        for line in lines.strip().splitlines():
            head, *beside = line.split(":")
            shape = len(languages)
            share, left, right = result.setdefault(
                head[0], (np.full(shape, _NEVER), *np.full((2, shape, 27), 0.0))
            )
            share[at] = math.log(int(head[1:]) / 1000)
            for table, digits in zip((left, right), beside, strict=True):
                table[at] = -math.log(2) * np.minimum(7, [*map(int, digits)])
    return result, len(languages)


@cache
def _letter_likelihood(letter: str, before: str, after: str) -> NDArray[np.float64] | float:
    """Return the log likelihood of a letter between two others, in each language."""
    import numpy as np

    counts, n = _letter_counts()
    if letter not in counts:
        return np.full(n, _NEVER)
    share, left, right = counts[letter]
    result = share + left[:, _place(before)] + right[:, _place(after)]
    # A name of another language may stand among those of this one.
    shared = math.log(np.exp(result).mean())
    mixed = np.logaddexp(result + math.log(1 - _FOREIGN), shared + math.log(_FOREIGN))
    return np.asarray(np.maximum(mixed, _NEVER))


def _place(letter: str) -> int:
    """Return the place of a letter of ASCII among those that stand beside another; 26 for none."""
    plain = unaccented(letter).lower()[:1]
    return ord(plain) - ord("a") if "a" <= plain <= "z" else 26


def _likelihood(words: Sequence[str], header: Sequence[str]) -> float:
    """Return the log likelihood of words in the language that explains them best."""
    import numpy as np

    total: Any = np.zeros(_letter_counts()[1])
    for word in words:
        if word.isascii():
            continue
        for place, letter in enumerate(word):
            if not letter.isascii():
                total = total + _in_place(word, place)
        plain = fold(word)
        if word in header and kind_of_header(word)[0]:
            total = total + _IS_HEADER
        elif plain in given_names():
            total = total + _IS_NAME
    # A header of a list in French or English stands over names of the West most often.
    total[1:] -= _OTHER
    if any(word.isascii() and kind_of_header(word)[0] for word in header):
        total[_WEST:] -= _OTHER_HEADER
    return float(total.max())


def _in_place(word: str, place: int) -> NDArray[np.float64] | float:
    """Return the log likelihood of a letter or a sign of a word where it stands."""
    letter, before, after = word[place], word[:place][-1:], word[place + 1 :][:1]
    if not letter.isalpha() or unicodedata.category(letter) == "Lm" or letter in "ªº":
        return _sign_in_place(letter, before, after)
    if before.isdigit() or after.isdigit():
        return _MISPLACED
    if letter.isupper() and before.isalpha() and before.islower():
        return _MISPLACED
    result = _letter_likelihood(letter.lower(), before, after)
    if before.isalpha() and not before.isascii():
        # In Latin letters, two beyond ASCII seldom stand side by side.
        result = result - 4.0
    if letter.isupper() and before.isupper() and after.islower():
        return result - 9.0
    begins = after.isupper() and word[place + 2 :][:1].islower()
    if begins or (letter.islower() and after.isupper()):
        # A capital after it begins another word: an apostrophe was there.
        return result - (8.0 if begins else 4.0)
    return result


def _sign_in_place(sign: str, before: str, after: str) -> float:
    """Return the log likelihood of a sign that is no letter where it stands in a word."""
    if "\u2500" <= sign <= "\u259f":
        return _ODD
    if before.isalpha() and after.isalpha():
        return _SELDOM if sign.isspace() else _IN_A_WORD.get(sign, _ODD)
    if sign.isspace() or (sign in "°ºª" and not after.isalpha()):
        return _USUAL
    if before.isalpha() or after.isalpha():
        attached = _OPENING if after.isalpha() else _CLOSING
        return _USUAL - 3.0 if sign in attached else _SELDOM if sign == "’" else _ODD
    if before.isdigit() or after.isdigit():
        return _USUAL if sign in _BESIDE_DIGITS else _SELDOM
    return _USUAL if sign in _APART else _SELDOM
