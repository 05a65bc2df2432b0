"""Cells as they are written: blanks, composed letters, case, and marks of a missing value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from html import unescape
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.core.files import packaged_toml
from privaudit.core.policy import MANY_LEVELS
from privaudit.text.normalise import INVISIBLE, canonical, fold, may_begin, unaccented

_END = "\0"
_BLANKS = re.compile(r"[^\S \0]|  +")
_ENDS = re.compile(r" ?\0 ?")
# What a web page is written in, as the windows of a map are.
_MARK = re.compile(r"</?[a-zA-Z][^<>]{0,300}>|&nbsp;")
_WORDS = packaged_toml("privaudit.text", "words.toml")
_MARKS = frozenset(_WORDS["missing_marks"].split())
# The same without letters: one sign, again and again.
_SIGNS = re.compile(r"\*+|\?+|\.+|…|[-–—_]+")
# As words are compared.
_NO_ANSWER = frozenset(map(fold, _WORDS["no_answer"].strip().splitlines()))


def clean(texts: Sequence[str]) -> list[str]:
    """Normalise texts that look alike: composed letters, single plain blanks, none at the ends.

    Examples
    --------
    >>> clean([" Le\\xa0Havre ", "E\\u0301vry", "Bourg  en Bresse", "\\u200b"])
    ['Le Havre', 'Évry', 'Bourg en Bresse', '']
    """
    return _all_at_once(texts, _cleaned)


def readable(texts: Sequence[str], letters: int) -> list[str]:
    """Return texts without what a web page adds, each in its canonical form, cut to some letters.

    Examples
    --------
    >>> readable(["<b>L\\u2019\\u00e9lu</b> &amp; lui", " '0612", "Tom & Jo"], letters=5)
    ["L'élu", '0612', 'Tom &']
    """
    joined = "".join(texts)
    if "<" in joined:
        texts = [unescape(_MARK.sub(" ", text)) if "<" in text else text for text in texts]
    if "<" in joined or not joined.isascii():
        texts = list(map(canonical, texts))
    return [text.strip().lstrip("'")[:letters] for text in texts]


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
    if isinstance(value, Number):
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


def possible_missing_marks(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return the places of clean texts that may stand for nothing."""
    # All marks are short; few columns hold one, and a set is quicker than a pattern.
    return np.array(
        [i for i, t in enumerate(texts) if len(t) < 9 and is_missing_mark(t)], dtype=np.int64
    )


def answers_of_none(texts: Sequence[str]) -> list[int]:
    """Return the places of clean texts that say that there is no answer.

    Accents may be missing. NC among the codes of thirty countries and more is one of these.

    Examples
    --------
    >>> answers_of_none(["Paris", "Non communique", "Lyon", "inconnu"])
    [1, 3]
    """
    # The longest has fifteen letters: most levels are asked no further.
    near = may_begin(texts, _NO_ANSWER)
    result = [i for i in near if len(texts[i]) < 16 and fold(texts[i]) in _NO_ANSWER]
    codes = [i for i in result if len(texts[i]) < 3]
    others = [t for i, t in enumerate(texts) if i not in result] if codes else []
    return [i for i in result if i not in codes or is_missing_mark_among(texts[i], others)]


def is_missing_mark_among(mark: str, others: Iterable[str]) -> bool:
    """Judge by the other values of a column whether a mark is none of them.

    It is one of them where it looks like them: a sign among signs (blood groups + and -, stars of
    hotels), Null among names, NA among the codes of thirty countries and more.

    Examples
    --------
    >>> is_missing_mark_among("*", ["12", "40"]), is_missing_mark_among("*", ["**", "***"])
    (True, False)
    >>> [is_missing_mark_among(mark, ["Durand", "Martin"]) for mark in ("NULL", "Null")]
    [True, False]
    """
    others = list(others)
    if not any(c.isalpha() for c in mark) or _SIGNS.fullmatch(mark):
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
