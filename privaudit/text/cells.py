"""Cells as they are written: blanks, composed letters, case, and marks of a missing value."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property, lru_cache
from html import unescape
from itertools import chain
from numbers import Number
from typing import Any, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.core.files import packaged_toml
from privaudit.core.thresholds import MANY_LEVELS
from privaudit.text.normalise import INVISIBLE, canonical, fold, folds, header_words, unaccented

_END = "\0"
_BLANKS = re.compile(r"[^\S \0]|  +")
_ENDS = re.compile(r" ?\0 ?")
# What a web page is written in, as the windows of a map are; "Léa <lea@exemple.fr>" is no page.
_MARK = re.compile(r"<(?![\w.+-]+@[\w.-]+>)/?[a-zA-Z][^<>]{0,300}>|&nbsp;")
_WORDS = packaged_toml("privaudit.text", "missing_values.toml")
_MARKS = frozenset(_WORDS["missing_marks"].split())
# Numbers that surveys write for no answer.
CODES_OF_NO_ANSWER = (-9, -99, -999, -9999, -99999, 9, 99, 999, 9999, 99999)
# The same without letters: one sign, again and again, or that of a cell like the one above.
_SIGNS = re.compile(r"\*+|\?+|\.+|…|[-–—_]+|[\"″〃]|''")
# A text as a formula, so that a spreadsheet leaves its zeros, or that leads to a target, of which
# the text is shown; letters as a web page writes them.
_TO_PAGE = r"(?:HYPERLINK|LIEN_HYPERTEXTE|HIPERVINCULO|HIPERLIGAÇÃO|COLLEG\.IPERTESTUALE)"
_FORMULA = re.compile(rf'^=(?:{_TO_PAGE}\("([^"]*)" ?[,;] ?"([^"]*)"\)|"([^"]*)")$', re.IGNORECASE)
# Targets that reach a person: what stands before an e-mail or a telephone, and other signs of one.
_BEFORE_NUMBER = re.compile(
    r"(?:mailto|tel|smsto|sms|callto|skype|sip):/*"
    r"|(https?://wa\.me/|(?:whatsapp:/*|https?://\w+\.whatsapp\.com/)send/?\?phone=)\+?(?=\d)",
    re.IGNORECASE,
)
_OF_PERSON = re.compile(
    r"@|%40|\d(?:[ .-]?\d){6}|//(?:[\w-]+\.)*(?:facebook|fb|instagram|twitter|x|threads|snapchat"
    r"|tiktok|pinterest|vk|linkedin|bsky|t)\.(?:com|net|app|me)/.",
    re.IGNORECASE,
)
_DIGITS_ALIKE = 9
_LETTER_IN_BYTES = re.compile(r"%[Cc][3-9A-Fa-f]%[89ABab][0-9A-Fa-f]")
_BYTES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_IN_BYTES = re.compile(r"(?:[^%\s]|%[0-9A-Fa-f]{2})+")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,5}|[a-zA-Z]{2,8});")
# A letter as JSON writes it.
_ESCAPE = re.compile(r"\\u(00[a-f][0-9a-f]|(?:0[12]|20)[0-9a-f]{2})", re.IGNORECASE)
# As words are compared.
_NO_ANSWER = frozenset(map(fold, _WORDS["no_answer"].strip().splitlines()))
_NO_OPINION = frozenset(_WORDS["no_opinion"].split())
_YES_AND_NO = packaged_toml("privaudit.text", "yes_and_no.toml")
YES, NO = (frozenset(_YES_AND_NO[answer].split()) for answer in ("yes", "no"))


class Texts(Sequence[str]):
    """Texts as one block of UTF-8, so that the letters of all are looked at at once.

    Parameters
    ----------
    texts : pandas.Index or Series, Arrow array or sequence of str
        Of Arrow, the memory is taken as it is; what is missing is empty.

    Examples
    --------
    >>> texts = Texts(["Lyon", "", "Évry"])
    >>> texts[2], texts.tolist(), texts.filled.tolist()
    ('Évry', ['Lyon', '', 'Évry'], [True, False, True])
    """

    def __init__(self, texts: Any) -> None:
        self._listed: list[str] | None = None
        dtype = getattr(texts, "dtype", None)
        if isinstance(dtype, pd.StringDtype) and dtype.storage == "pyarrow":
            texts = texts.array.__arrow_array__().combine_chunks()
        if hasattr(texts, "buffers"):
            self._source = texts
            _, offsets, data = texts.buffers()
            width = np.int64 if "large" in str(texts.type) else np.int32
            ends = np.frombuffer(offsets, dtype=width)[texts.offset :][: len(texts) + 1]
            self.begins, self.ends = (
                of.astype(np.int64, copy=False) for of in (ends[:-1], ends[1:])
            )
            self.data = np.frombuffer(data or b"", dtype=np.uint8)
            return
        self._source = self._listed = texts if isinstance(texts, list) else list(texts)
        parts = _END.join(self._source).encode("utf-8", "surrogatepass").split(b"\0")
        if len(parts) != len(self._source):
            parts = [text.encode("utf-8", "surrogatepass") for text in self._source]
        self.data = np.frombuffer(b"".join(parts), dtype=np.uint8)
        self.ends = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))
        self.begins = np.append(0, self.ends[:-1])[: len(parts)]

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            part = self._source if self._listed is None else self._listed
            return np.asarray(part[at]).tolist() if self._listed is None else part[at]
        if self._listed is not None:
            return self._listed[at]
        return self._source[int(at)].as_py()

    def __iter__(self) -> Iterator[str]:
        if self._listed is not None:
            return iter(self._listed)
        # Most who look at all of them stop at one of the first.
        parts = (self[:_FIRST] if first else self.tolist()[_FIRST:] for first in (True, False))
        return chain.from_iterable(parts)

    def tolist(self) -> list[str]:
        """Return them as a list."""
        if self._listed is None:
            self._listed = np.asarray(self._source).tolist()
        return self._listed

    def listed_at(self, places: Sequence[int]) -> list[str]:
        """Return those at some places as a list."""
        if self._listed is None:
            some = self._source.take(np.asarray(places, dtype=np.int64))
            texts: list[str] = np.asarray(some).tolist()
            return texts
        return [self._listed[i] for i in places]

    def take(self, places: NDArray[np.int64]) -> Texts:
        """Return those at some places."""
        if np.array_equal(places, np.arange(len(self))):
            return self
        if isinstance(self._source, list):
            return Texts([self._source[i] for i in places.tolist()])
        return Texts(self._source.take(places))

    def as_index(self) -> pd.Index[Any]:
        """Return them as an index of type ``str``."""
        if isinstance(self._source, list):
            return pd.Index(self._source, dtype="str")
        index: pd.Index[Any] = pd.Index(pd.array(self._source, dtype="str"))
        return index

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Which hold a letter, or a blank."""
        return self.ends > self.begins

    @property
    def _letters(self) -> NDArray[np.uint8]:
        """The bytes of all, one after the other."""
        return self.data[self.begins[0] : self.ends[-1]] if len(self) else self.data[:0]

    @property
    def are_ascii(self) -> bool:
        """Whether none holds a letter beyond ASCII."""
        return int(self._letters.max(initial=0)) < _BEYOND

    @cached_property
    def _pairs(self) -> NDArray[np.int32]:
        """The first two bytes of each as one number."""
        first, second = (self._byte(at, self.begins, self.ends) for at in (0, 1))
        return first * np.int32(_NONE + 1) + second

    def _byte(
        self, at: int, begins: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> NDArray[np.int32]:
        """Return the byte at a place of some texts, `_NONE` where there is none."""
        if not len(self.data):
            return np.full(len(begins), _NONE, dtype=np.int32)
        byte = self.data[np.minimum(begins + at, len(self.data) - 1)].astype(np.int32)
        byte[ends - begins <= at] = _NONE
        return byte

    def marked(self, marks: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the marks of the bytes of each, put together; `marks` has those of each byte."""
        result = np.zeros(len(self), dtype=np.uint8)
        there = np.flatnonzero(self.filled)
        if len(there):
            begins = self.begins[there] - self.begins[0]
            result[there] = np.bitwise_or.reduceat(marks[self._letters], begins)
        return result

    def begin_with(self, letter: str) -> NDArray[np.bool_]:
        """Return which begin with a letter of ASCII."""
        return np.asarray(self._byte(0, self.begins, self.ends) == ord(letter))

    def places_of(self, text: str) -> list[int]:
        """Return the places of those that are a text.

        Examples
        --------
        >>> Texts(["Lyon", "Évry", "Lyon", "Lyons"]).places_of("Lyon")
        [0, 2]
        """
        letters = np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)
        places = np.flatnonzero(self.ends - self.begins == len(letters))
        for at, letter in enumerate(letters):
            places = places[self.data[self.begins[places] + at] == letter]
        same: list[int] = places.tolist()
        return same

    def having(self, letters: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which hold one of some bytes, shape (256,)."""
        result = np.zeros(len(self), dtype=bool)
        there = np.flatnonzero(self.filled)
        if len(there):
            hits = np.zeros(len(self._letters), dtype=bool)
            edges = np.flatnonzero(np.diff(letters, prepend=False, append=False)).tolist()
            # Bytes that follow each other are compared with their ends: ten times as fast.
            for low, high in zip(edges[::2], edges[1::2], strict=True):
                hits |= self._letters - np.uint8(low) < high - low
            if hits.any():
                result[there] = np.logical_or.reduceat(hits, self.begins[there] - self.begins[0])
        return result

    def may_begin(self, words: Iterable[str]) -> list[int]:
        """Return the places of those that may begin as one of some folded words, when folded.

        Folding each of many texts costs more than all else, where few can be a word that is sought.

        Examples
        --------
        >>> cells = Texts(["Total", "Tours", "12", " total", "Évry", "t", ""])
        >>> cells.may_begin(["total", "sum"])
        [0, 3, 4, 6]
        """
        asked, third = _beginnings(frozenset(words))
        asked = asked[self._pairs]
        near = np.flatnonzero(asked)
        byte = self._byte(2, self.begins[near], self.ends[near])
        places: list[int] = near[third[asked[near], byte]].tolist()
        return places

    def cleaned(self) -> tuple[Texts, NDArray[np.bool_]]:
        """Return them as `clean` does, and which are changed."""
        if not len(self):
            return self, np.zeros(0, dtype=bool)
        blank = self.data == ord(" ")
        odd = self.having(_ODD) | self.begin_with(" ")
        at_end = self.data[np.maximum(self.ends - 1, 0)] == ord(" ") if len(self.data) else False
        odd |= self.filled & at_end
        twice = np.flatnonzero(blank[:-1] & blank[1:])
        odd[np.minimum(np.searchsorted(self.ends, twice, side="right"), len(self) - 1)] = True
        places = np.flatnonzero(odd)
        before = self.listed_at(places.tolist())
        after = clean(before)
        changed = [i for i, a, b in zip(places.tolist(), before, after, strict=True) if a != b]
        odd[:] = False
        if not changed:
            return self, odd
        odd[changed] = True
        texts = list(self.tolist())
        for place, text in zip(places.tolist(), after, strict=True):
            texts[place] = text
        return Texts(texts), odd

    def whole_numbers(self) -> NDArray[np.int64] | None:
        """Return the numbers where all are digits without a leading zero, of 18 at most.

        Examples
        --------
        >>> Texts(["7", "0", "120"]).whole_numbers(), Texts(["07"]).whole_numbers()
        (array([  7,   0, 120]), None)
        """
        size = self.ends - self.begins
        if not len(size) or size.min() < 1 or size.max() > _MOST_DIGITS:
            return None
        letters = self._letters
        if letters.min() < _ZERO or letters.max() > _NINE:
            return None
        if (self.begin_with("0") & (size > 1)).any():
            return None
        result = np.zeros(len(size), dtype=np.int64)
        for at in range(int(size.max())):
            # Where there is no such digit, that of another number stands, times nothing.
            digit = self.data[self.ends - 1 - at] - _ZERO
            result += digit * ((size > at) * np.int64(10) ** at)
        return result


# The least byte of UTF-8 that begins a letter, with its sign: those that follow are less.
_BEGINS = -0x40
_RUN = 1 << 16


def letters_and_lines(part: bytes) -> tuple[int, int]:
    """Count the letters of a part of a text in UTF-8, each where it begins, and its line ends.

    Examples
    --------
    >>> letters_and_lines("Évry\\nÉze".encode())
    (8, 1)
    """
    letters = lines = 0
    # A few at a time stay near the processor.
    for start in range(0, len(part), _RUN):
        some = np.frombuffer(part, dtype=np.int8)[start : start + _RUN]
        letters += int(np.count_nonzero(some >= _BEGINS))
        lines += int(np.count_nonzero(some == ord("\n")))
    return letters, lines


def bytes_among(letters: Iterable[str]) -> NDArray[np.bool_]:
    """Return which bytes are letters of ASCII among some, shape (256,)."""
    result = np.zeros(256, dtype=bool)
    result[[ord(letter) for letter in letters]] = True
    return result


_MAY_WRAP = bytes_among("=&%\\")
# Texts that are looked at one by one before all are made.
_FIRST = 64
_MOST_DIGITS = 18
_ZERO, _NINE = np.int64(ord("0")), ord("9")
_BEYOND = 0x80
BEYOND_ASCII = np.arange(256) >= _BEYOND
# What no clean text of ASCII holds.
_ODD = BEYOND_ASCII | (np.arange(256) < ord(" "))
# The number of no byte, and those that stay where they are in a folded text.
_NONE = 256
_FIXED = np.array([i < 0x80 and chr(i).isalnum() for i in range(_NONE)] + [False])


@lru_cache(maxsize=16)
def _beginnings(words: frozenset[str]) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Return which set of third bytes any two first bytes ask for, and these sets, of words."""
    # Folding leaves the first letters of ASCII where they are; blanks and others may make way.
    moved = ~np.append(_FIXED[:_NONE], True)
    third = [np.zeros(_NONE + 1, dtype=bool), np.ones(_NONE + 1, dtype=bool)]
    asked = (~_FIXED[:, None] | moved).astype(np.int16)
    asked[_NONE] = 1
    for start in filter(str.isascii, {word[:3] for word in words}):
        pair = [[ord(c), ord(c.upper())] for c in start[:2]] + [[_NONE]] * (2 - len(start))
        at = np.ix_(*pair)
        if not asked[at].any():
            asked[at] = len(third)
            third.append(moved.copy())
        fits = third[int(asked[at].max())]
        fits[[ord(start[2]), ord(start[2].upper())] if len(start) > 2 else slice(None)] = True
    return asked.ravel(), np.array(third)


def clean(texts: Sequence[str]) -> list[str]:
    """Normalise texts that look alike: composed letters, single plain blanks, none at the ends.

    Examples
    --------
    >>> clean([" Le\\xa0Havre ", "E\\u0301vry", "Bourg  en Bresse", "\\u200b"])
    ['Le Havre', 'Évry', 'Bourg en Bresse', '']
    """
    return _all_at_once(texts, _cleaned)


# How a text is written for another program: in a link, as bytes of JSON, of RTF, of mail.
_PERCENT, _LINK = re.compile(rb"%([0-9A-Fa-f]{2})"), re.compile(r"\w+://|[^@]*@")
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_RICH_GROUP = re.compile(r"\{\\(?:fonttbl|colortbl|stylesheet|\*|info)(?:[^{}]|\{[^{}]*\})*\}")
_RICH_LETTER = re.compile(r"\\'([0-9A-Fa-f]{2})|\\u(-?\d{1,5})\??")
_RICH_BREAK, _RICH_WORD = re.compile(r"\\(?:par|line|tab)\b ?"), re.compile(r"\\[a-z]+-?\d* ?|[{}]")
# A mark within a word, of how it looks.
_INLINE = re.compile(
    r"(?<=\w)</?(?:a|b|i|u|s|em|strong|span|font|mark|wbr|o:p)\b[^<>]{0,500}>(?=\w)"
)
_MAY_BE_ENCODED = re.compile(
    r"[^\s%+@]{0,99}+[%+]\S|(?=[0-9a-z+/]*+[A-Z])(?=[0-9A-Z+/]*+[a-z])[A-Za-z0-9+/]{16,}+=*\Z"
)
_LEAST_ENCODED, _MOST_ENCODED = 16, 100_000


def written_out(text: str) -> str:
    """Return a text that is encoded for another program as people read it; another as it is.

    Examples
    --------
    >>> [written_out(cell) for cell in ("Va+%C3%A0+la+messe", "Diab\\\\u00e9tique", "50 % ou +")]
    ['Va à la messe', 'Diabétique', '50 % ou +']
    >>> written_out("RGlhYsOpdGlxdWUsIG5lIHNvcnQgcGx1cw=="), written_out("4f1e2d3c4b5a69788796a5b4")
    ('Diabétique, ne sort plus', '4f1e2d3c4b5a69788796a5b4')
    >>> written_out(r"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\f0 Diab\\'e9tique\\par}").strip()
    'Diabétique'
    """
    if len(text) > _MOST_ENCODED:
        return text
    if text.lstrip().startswith("{\\rtf"):
        text = _RICH_BREAK.sub(" ", _RICH_GROUP.sub("", text))
        return _RICH_WORD.sub("", _RICH_LETTER.sub(_rich_letter, text))
    if "\\u" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if " " in text or "\n" in text:
        return text
    if ("%" in text or text.count("+") > 1) and not _LINK.match(text):
        with suppress(ValueError):
            data = text.replace("+", " ").encode()
            return _PERCENT.sub(lambda match: bytes.fromhex(match[1].decode()), data).decode()
    if _BASE64.fullmatch(text):
        data = b64decode(text)
        if min(data) >= ord(" "):
            plain = data.decode("utf-8", "replace")
            return plain if plain.isprintable() and " " in plain and "\ufffd" not in plain else text
    return text


def _rich_letter(match: re.Match[str]) -> str:
    if match[1]:
        return bytes.fromhex(match[1]).decode("cp1252", "replace")
    return chr(int(match[2]) % 0x10000)


def _written_out(texts: Sequence[str], joined: str) -> Sequence[str]:
    """Return texts, those that may be encoded written out."""
    # One of no blank has a sign of a link, or is of both cases and of nothing but base64.
    escaped, of_links = "\\" in joined, "%" in joined or "+" in joined
    encoded = [
        at for at, text in enumerate(texts)
        if ((of_links or len(text) >= _LEAST_ENCODED) and _MAY_BE_ENCODED.match(text))
        or (escaped and "\\" in text)
    ]  # fmt: skip
    if not encoded:
        return texts
    result = list(texts)
    for at in encoded:
        result[at] = written_out(texts[at])
    return result


def readable(texts: Sequence[str], letters: int) -> list[str]:
    """Return texts without what a web page adds, each in its canonical form, cut to some letters.

    Examples
    --------
    >>> readable(["<b>L\\u2019\\u00e9lu</b> &amp; lui", " '0612", "Tom & Jo"], letters=5)
    ["L'élu", '0612', 'Tom &']
    """
    texts = list(texts)
    texts = _written_out(texts, "".join(texts))
    joined = "".join(texts)
    if "<" in joined:
        texts = [
            unescape(_MARK.sub(" ", _INLINE.sub("", text))) if "<" in text else text
            for text in texts
        ]
    if "<" in joined or not joined.isascii():
        # A few passes over all of them, but where a text has lines of its own.
        lines = canonical("\n".join(texts)).split("\n")
        texts = lines if len(lines) == len(texts) else list(map(canonical, texts))
    texts = list(map(str.strip, texts))
    if "'" in "".join(texts):
        texts = [text.lstrip("'") for text in texts]
    if max(map(len, texts), default=0) <= letters:
        return texts
    return [text[:letters] for text in texts]


def without_apostrophe(texts: Texts, *, always: bool) -> list[str] | None:
    """Take the apostrophe off that makes a spreadsheet read text; None where there is none.

    A name may begin with one ('t Hooft), so every filled cell of the column must, unless the
    file is known to be written that way.

    Examples
    --------
    >>> without_apostrophe(Texts(["'06", "'07", ""]), always=False)
    ['06', '07', '']
    >>> without_apostrophe(Texts(["'t Hooft", "Bos"]), always=False) is None
    True
    """
    marked = int(texts.begin_with("'").sum())
    if not marked or not (always or marked == int(texts.filled.sum())):
        return None
    return [text.removeprefix("'") for text in texts]


def unwrapped(texts: Texts) -> list[str] | None:
    """Take off what programs write around letters, as ``="06"``; None where there is nothing.

    Examples
    --------
    >>> unwrapped(Texts(['="06"', "L&#39;Ha&yuml;", "Cr&eacute;teil", "A&B; C"]))
    ['06', "L'Haÿ", 'Créteil', 'A&B; C']
    >>> unwrapped(Texts(['=HYPERLINK("https://crm.example/7","Brest")', '=A1&"x"']))
    ['Brest', '=A1&"x"']
    >>> unwrapped(Texts(['=HYPERLINK("mailto:lea@exemple.fr","Léa")']))
    ['Léa lea@exemple.fr']
    >>> unwrapped(Texts(["L%27Ha%C3%BF", "Le%20Perreux", "5% rabais"]))
    ["L'Haÿ", 'Le Perreux', '5% rabais']
    >>> unwrapped(Texts([r"Cr\\u00e9teil", "a <b"]))
    ['Créteil', 'a <b']
    """
    if not texts.having(_MAY_WRAP).any():
        return None
    before = texts.tolist()
    after = [_ESCAPE.sub(lambda e: chr(int(e[1], 16)), text) for text in before]
    after = [_ENTITY.sub(lambda e: unescape(e[0]), text) for text in _of_formulas(after)]
    # A letter in bytes shows that the column is one of an address of the web.
    if any(map(_LETTER_IN_BYTES.search, after)):
        after = [
            _BYTES.sub(_letters_of, text) if _IN_BYTES.fullmatch(text) else text for text in after
        ]
    return after if after != before else None


def _of_formulas(texts: list[str]) -> list[str]:
    """Return what formulas show, and the targets of those that identify people."""
    read = [_FORMULA.match(text) for text in texts]
    links = [link for link in read if link and link[3] is None]
    shown = Counter(link[2] for link in links)
    # "Write to" in most cells says nothing of the row: its target does.
    most = max(shown.values(), default=0)
    alike = len({link[1] for link in links}) > 1 and 2 * most > len(links)
    return [
        text if link is None
        else link[3] if link[3] is not None
        else _of_link(link[1], link[2], alike=alike, alone=len(shown) == 1 and len(links) > 1)
        for text, link in zip(texts, read, strict=True)
    ]  # fmt: skip


def _of_link(target: str, text: str, *, alike: bool, alone: bool) -> str:
    """Return the text of a link, its target, or both: no e-mail or telephone is lost."""
    before = _BEFORE_NUMBER.match(target)
    if not (before or alike or _OF_PERSON.search(target)):
        return text
    if before:
        number, _, rest = target[before.end() :].partition("?")
        target = f"{number}?{rest}" if "@" in rest or "%40" in rest else number.partition("&")[0]
        # A country's code always begins a number of WhatsApp.
        target = f"+{target}" if before[1] else target
    target = target.replace("%40", "@")
    digits, others = (re.sub(r"\D", "", part)[-_DIGITS_ALIKE:] for part in (target, text))
    same = "@" not in target and len(digits) == _DIGITS_ALIKE and digits == others
    if same or target.casefold() in text.casefold():
        return text
    return target if alone or not text.strip() else f"{text} {target}"


def _letters_of(written: re.Match[str]) -> str:
    """Return the letters of bytes in UTF-8 that are written as ``%C3%A9``, or what is written."""
    try:
        return bytes.fromhex(written[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return written[0]


def folded(texts: Sequence[str]) -> list[str]:
    """Return the forms in which cells are compared: `canonical`, without case and accents.

    Examples
    --------
    >>> folded(["STRASBOURG", "Straßburg", "L\\u2019É"])
    ['strasbourg', 'strassburg', "l'e"]
    """
    return _all_at_once(texts, lambda text: unaccented(canonical(text)).casefold())


def comparable_levels(levels: pd.Index) -> list[str]:
    """Return texts that are equal where levels are, whatever their types.

    Examples
    --------
    >>> comparable_levels(pd.Index([1000.0, 2.5])), comparable_levels(pd.Index(["1000", "Évry "]))
    (['1000', '2.5'], ['1000', 'evry'])
    """
    return folded(clean(list(map(as_text, levels))))


def looked_up(levels: pd.Index, given: Mapping[Any, Any]) -> tuple[list[Any], int]:
    """Return what is given for each level, None where nothing is, and for how many that is.

    Examples
    --------
    >>> looked_up(pd.Index(["Lyon", "Brest"]), {"lyon": "69"})
    (['69', None], 1)
    """
    keys = comparable_levels(pd.Index(list(given), dtype=object))
    place = dict(zip(keys, given.values(), strict=True))
    texts = comparable_levels(levels)
    return [place.get(text) for text in texts], sum(text not in place for text in texts)


def as_text(value: Any) -> str:
    """Return a level as text, a whole number without its decimals, a date as ISO writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, Number) and not isinstance(value, (complex, np.complexfloating)):
        whole = value == value // 1 if np.isfinite(float(value)) else False  # type: ignore[arg-type, operator]
        return str(int(value)) if whole else str(value)  # type: ignore[call-overload]
    if isinstance(value, date):
        stamp = pd.Timestamp(value)
        return str(stamp.date()) if stamp == stamp.normalize() else str(stamp)
    return str(value)


def _all_at_once(texts: Sequence[str], change: Callable[[str], str]) -> list[str]:
    """Change texts as one: a million of them cost a second one by one."""
    joined = _END.join(texts)
    result = change(joined).split(_END)
    if len(result) == len(texts):
        return result
    return [change(text.replace(_END, " ")) for text in texts]


def _cleaned(text: str) -> str:
    if not text.isascii():
        text = INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    text = _BLANKS.sub(" ", text)
    if "  " in text:
        text = re.sub("  +", " ", text)
    return _ENDS.sub(_END, text).strip(" ")


def is_missing_mark(text: str) -> bool:
    """Return whether a clean text may stand for a value that is missing.

    Examples
    --------
    >>> [is_missing_mark(text) for text in ("*", "NULL", "Null", "N/A", "none", "0", "***")]
    [True, True, True, True, False, False, True]
    """
    return text.casefold() in _MARKS or _SIGNS.fullmatch(text) is not None


def possible_missing_marks(texts: Texts) -> NDArray[np.int64]:
    """Return the places of clean texts that may stand for nothing."""
    # All marks are short, and few columns hold one.
    near = texts.may_begin(_MARKS)
    marks = zip(near, texts.listed_at(near), strict=True)
    return np.array([i for i, t in marks if len(t) < 9 and is_missing_mark(t)], dtype=np.int64)


def answers_of_none(texts: Texts) -> list[int]:
    """Return the places of clean texts that say that there is no answer.

    Accents may be missing. NC among the codes of thirty countries and more is one of these.

    Examples
    --------
    >>> answers_of_none(Texts(["Paris", "Non communique", "Lyon", "inconnu"]))
    [1, 3]
    """
    if not (near := texts.may_begin(_NO_ANSWER)):
        return []
    among = zip(near, folds(texts.listed_at(near)), strict=True)
    result = [i for i, text in among if text in _NO_ANSWER]
    codes = [i for i in result if len(texts[i]) < 3]
    others = [t for i, t in enumerate(texts) if i not in result] if codes else []
    return [i for i in result if i not in codes or is_missing_mark_among(texts[i], others)]


def is_no_answer(text: str) -> bool:
    """Return whether the label of a code, or an answer to a question of opinion, says nothing.

    Examples
    --------
    >>> is_no_answer("Refusé"), is_no_answer("NE SAIT PAS"), is_no_answer("contre")
    (True, True, False)
    """
    return fold(text) in _NO_ANSWER or "_".join(header_words(text)) in _NO_OPINION


def is_missing_mark_among(mark: str, others: Iterable[str]) -> bool:
    """Return whether a mark is missing, judged by the other values of its column.

    It is a value where it looks like them: a sign among signs (blood groups + and -, stars of
    hotels), Null among names, NA among the codes of thirty countries and more.

    Examples
    --------
    >>> is_missing_mark_among("*", ["12", "40"]), is_missing_mark_among("*", ["**", "***"])
    (True, False)
    >>> [is_missing_mark_among(mark, ["Durand", "Martin"]) for mark in ("NULL", "Null")]
    [True, False]
    """
    others = list(others)
    if not any(c.isalpha() for c in mark):
        return not others or any(c.isalnum() for other in others for c in other)
    if not mark.isalpha():
        return True
    words = [other for other in others if any(c.isalpha() for c in other)]
    alike = sum(map(_case_test(mark), words))
    if 2 * alike <= len(others):
        return True
    return not mark.istitle() and len(words) < MANY_LEVELS


def _case_test(mark: str) -> Callable[[str], bool]:
    """Return whether a word is written in capitals, in small letters or as a name, as a mark is."""
    if mark.isupper():
        return str.isupper
    return str.islower if mark.islower() else lambda word: word[:1].isupper()
