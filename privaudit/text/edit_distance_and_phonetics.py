"""Edit distance and phonetic keys of many names at once, on arrays of letters.

A phonetic key is the same for spellings that sound alike in French."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from privaudit.core.checks import Bools, Ints
from privaudit.core.files import packaged_toml
from privaudit.text.normalise import one_edit_apart

_WORDS = packaged_toml("privaudit.text", "phonetics.toml")
_END = ord("\n")
_NUMBER = np.zeros(256, dtype=np.int64)
_NUMBER[97:123] = np.arange(1, 27)
# Classes of consonants that are taken for one another, from 1; 0 for what is left out.
_CLASS = np.zeros(256, dtype=np.int64)
for _i, _letters in enumerate(_WORDS["consonants"].split(), 1):
    _CLASS[list(_letters.encode())] = _i
# Letters that are silent where a name ends with them.
_SILENT = np.isin(np.arange(256), list(b"dtspxzeh"))
# So many classes fit one number, with a first name beside them.
_BASE, _CLASSES = 7, 16
# Longer names are compared one by one; so many pairs at a time stay in the processor's cache.
_WIDTH, _PAIRS = 24, 1 << 14


class Letters:
    """Letters of many names in one array; names as `name_words` gives them, without blanks.

    Parameters
    ----------
    start, stop
        Of each name, in the array `letters`; a line's end stands at `stop`.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        text = "\n".join(names) + "\n" if len(names) else ""
        self.letters = np.frombuffer(text.encode(), dtype=np.uint8)
        self.stop: Ints = np.flatnonzero(self.letters == _END)
        self.start: Ints = np.append(0, self.stop + 1)[: len(names)]

    @property
    def length(self) -> Ints:
        """Return the number of letters of each name."""
        return self.stop - self.start

    def initials(self) -> Ints:
        """Return the code of the first letter of each name, 0 where it has none."""
        return np.array([ord(name[0]) if name else 0 for name in self.names], dtype=np.int64)

    def beginnings(self) -> Ints:
        """Return the first three letters of each name as one number."""
        return self._three([np.minimum(self.start + k, self.stop) for k in range(3)])

    def ends(self) -> Ints:
        """Return the last three letters of each name as one number."""
        # Before a name stands the line's end of another; before the first, that of the last.
        return self._three([np.maximum(self.stop - k, self.start - 1) for k in (3, 2, 1)])

    def _three(self, places: Sequence[Ints]) -> Ints:
        first, second, third = (_NUMBER[self.letters[at]] for at in places)
        return (first * 32 + second) * 32 + third

    def consonants(self) -> Ints:
        """Return the first sixteen classes of each name's consonants as one number.

        A silent end is left out, and of a run of one class all but the first. Names that sound
        alike mostly share it.

        Examples
        --------
        >>> dupond, dupont, lefevre = Letters(["dupond", "dupont", "lefevre"]).consonants()
        >>> dupond == dupont, dupond == lefevre
        (np.True_, np.False_)
        """
        letters = self.letters[to_last_sounded(self.letters, _SILENT[self.letters])]
        of = _CLASS[letters]
        of = of[(of > 0) | (letters == _END)]
        of = of[np.append(True, of[1:] != of[:-1])[: len(of)] | (of == 0)]
        stop = np.flatnonzero(of == 0)
        at = np.append(0, stop + 1)[: len(stop)]
        code, some = np.zeros(len(stop), dtype=np.int64), np.arange(len(stop))
        for k in range(_CLASSES):
            some = some[at[some] + k < stop[some]]
            code[some] = code[some] * _BASE + of[at[some] + k]
        return code

    def rows(self, which: Ints) -> np.ndarray:
        """Return the letters of some names as rows of one width, 0 after them."""
        at = self.start[which, None] + np.arange(_WIDTH)
        return np.where(at < self.stop[which, None], self.letters[at % len(self.letters)], 0)


def to_last_sounded(letters: np.ndarray, silent: Bools) -> Bools:
    """Return for each letter whether a sounded letter stands from there to the end of its line.

    Parameters
    ----------
    letters : ndarray
        Letters of one byte, a line's end last, which is not silent.
    """
    heard = np.flatnonzero(~silent)
    following = np.repeat(heard, np.diff(heard, prepend=-1))
    return np.asarray((following == np.arange(len(letters))) | (letters[following] != _END))


def one_edit_pairs(names: Letters, mine: Ints, others: Letters, other: Ints) -> Bools:
    """Return for each pair of names whether they differ and are `one_edit_apart`.

    Parameters
    ----------
    mine, other : int array
        Positions of the names of each pair.
    """
    result = np.zeros(len(mine), dtype=bool)
    gap = others.length[other] - names.length[mine]
    longer = np.maximum(names.length[mine], others.length[other])
    for k in np.flatnonzero((np.abs(gap) < 2) & (longer > _WIDTH)).tolist():
        item, two = names.names[mine[k]], others.names[other[k]]
        result[k] = item != two and one_edit_apart(item, two)
    asked = np.flatnonzero((np.abs(gap) < 2) & (longer <= _WIDTH))
    for start in range(0, len(asked), _PAIRS):
        some = asked[start : start + _PAIRS]
        result[some] = _rows_one_edit_apart(
            names.rows(mine[some]), others.rows(other[some]), gap[some]
        )
    return result


def _rows_one_edit_apart(one: np.ndarray, two: np.ndarray, gap: Ints) -> Bools:
    """Return for each row whether its names are a letter apart; `two` is longer by the gap."""
    longer = gap[:, None] > 0
    short, long = np.where(longer, one, two), np.where(longer, two, one)
    differ = short != long
    first, count = differ.argmax(axis=1), np.count_nonzero(differ, axis=1)
    # What follows the letter that one has more.
    column = np.arange(differ.shape[1] - 1)
    after = (short[:, :-1] != long[:, 1:]) & (column >= first[:, None])
    row, then = np.arange(len(gap)), np.minimum(first + 1, differ.shape[1] - 1)
    swapped = (short[row, first] == long[row, then]) & (short[row, then] == long[row, first])
    changed = (count == 1) | ((count == 2) & swapped)
    return np.asarray(np.where(gap == 0, changed, ~after.any(axis=1)))


# Spellings with one sound, in the order in which they are applied: letters
# that are replaced wherever they stand, and patterns where what stands beside them matters. A digit
# holds the place of what the next letters must not touch.
_SPELLINGS: list[tuple[str | re.Pattern[str], str]] = [
    (spelling if spelling.isalnum() else re.compile(spelling, re.MULTILINE), sound)
    for spelling, sound in _WORDS["spellings"]
]
_SILENT_FINALS = np.isin(np.arange(256), list(b"dtspxke"))
_OPENINGS = {"k": "c", "q": "c", "j": "g", "y": "i", "z": "s"}


def phonetic_keys(names: Sequence[str]) -> list[str]:
    """Return how each name sounds, letters only: silent ends left out.

    A line a name, so that a rule goes over all of them at once.

    Examples
    --------
    >>> dupond, dupont, meyer, moreau = phonetic_keys(["dupond", "dupont", "meyer", "moreau"])
    >>> dupond == dupont, meyer == moreau
    (True, False)
    >>> phonetic_keys(["philippe", "thibault"]) == phonetic_keys(["filip", "tibo"])
    True
    """
    text = "".join([f"{name}\n" for name in names])
    for written, wording in _SPELLINGS:
        if isinstance(written, str):
            text = text.replace(written, wording)
        else:
            text = written.sub(wording, text)
    letters = np.frombuffer(text.encode(), dtype=np.uint8)
    ends = letters == _END
    # The first letter is heard whatever it is; bytes beyond ASCII are parts of letters.
    silent = _SILENT_FINALS[letters] & np.append(False, ~ends[:-1])[: len(letters)]
    letters = letters[to_last_sounded(letters, silent)]
    # Of a run of one letter the first remains; two line ends in a row are two names.
    once = np.append(True, letters[1:] != letters[:-1])[: len(letters)]
    once |= (letters == _END) | (letters > 127)
    result: str = letters[once].tobytes().decode()
    return result.split("\n")[:-1]


def first_sound(name: str) -> str:
    """Return the first pronounced letter: names that agree mostly share it.

    Examples
    --------
    >>> [first_sound(name) for name in ("philippe", "karine", "catherine", "helene")]
    ['f', 'c', 'c', 'e']
    """
    if name.startswith("ph"):
        return "f"
    first = name[1:2] if name.startswith("h") and len(name) > 1 else name[:1]
    return _OPENINGS.get(first, first)


# Classes of consonants that sound alike in English; letters in no class are skipped.
_SOUNDEX = {
    letter: str(i)
    for i, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1)
    for letter in letters
}


def soundex(name: str) -> str:
    """Return the Soundex code of a name, as English speakers file it; "" for no letters.

    References
    ----------
    Knuth (1973), The Art of Computer Programming 3, section 6.

    Examples
    --------
    >>> [soundex(name) for name in ("robert", "rupert", "ashcraft", "tymczak", "lee")]
    ['r163', 'r163', 'a261', 't522', 'l000']
    """
    if not name:
        return ""
    code, before = name[0], _SOUNDEX.get(name[0], "")
    for letter in name[1:]:
        digit = _SOUNDEX.get(letter, "")
        if digit and digit != before:
            code += digit
        # Two consonants of a class around an h or a w are one; around a vowel they are two.
        before = before if letter in "hw" else digit
    return (code + "000")[:4]
