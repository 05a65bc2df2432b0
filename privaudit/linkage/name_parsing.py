"""Parsing of account names into first and last names, and the names of a register by code."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from privaudit.columns.headers import given_names
from privaudit.core.checks import Bools, Floats, Ints
from privaudit.stats.csr import take_rows
from privaudit.text.edit_distance_and_phonetics import Letters, phonetic_keys
from privaudit.text.normalise import (
    PARTICLES,
    PET_NAMES,
    TITLES,
    deletions,
    letters_of,
    name_words,
    one_edit_apart,
    short_for,
    without_particles,
)

# Shorter last names are found in any string of letters.
_SHORTEST = 3
_MOST_WORDS = 4
_YEAR = re.compile(r"(?<!\d)(?:19|20)?(\d\d)$")
# Whether each letter may be a capital: any past the Latin ones may.
_CAPITAL = np.array([chr(i).isupper() for i in range(0x180)] + [True])


class NameReading(NamedTuple):
    """A first and a last name, letters only; either may be an initial.

    `turned`: the last name is first. `part`: one of several last names.
    """

    first: str
    last: str
    turned: bool = False
    part: bool = False


def read_accounts(
    display_names: Sequence[str],
    emails: Sequence[str],
    firsts: Collection[str],
    lasts: Collection[str],
) -> tuple[list[tuple[int, str, str, bool, bool]], list[int]]:
    """Parse the names of accounts, and the last two digits of a year of birth.

    A name is read first name first, and in other ways that the names of a register support: last
    name first, a first name of two words, two last names. An e-mail address completes an initial
    or a short form, and replaces a missing name. The number at its end is read as a year where
    the letters before it are a name.

    - `emails`: "" where it is not known.
    - `firsts`, `lasts`: Names of the register, letters only.
    - returns: Position of the account and the fields of a `NameReading`, for each distinct
      reading; and of each account a year, -1 where not shown.

    Examples
    --------
    >>> known = {"eric", "tom"}, {"meyer", "leroy"}
    >>> read_accounts(["MEYER Éric"], [""], *known)
    ([(0, 'eric', 'meyer', False, False)], [-1])
    >>> read_accounts(["loup42"], ["emeyer71@courriel.example"], *known)
    ([(0, 'e', 'meyer', False, False)], [71])
    >>> read_accounts(["Tom L."], ["leroy.tom@courriel.example"], *known)[0]
    [(0, 'tom', 'leroy', False, False)]
    """
    rows, years = [], [-1] * len(display_names)
    locals_ = [email.partition("@")[0] for email in emails]
    texts, letters = letters_of(display_names), letters_of(locals_)
    capitals = _has_capitals(display_names).tolist()
    for i, (text, email, capital) in enumerate(zip(texts, letters, capitals, strict=True)):
        parts = text.split()
        if email or capital or len(parts) != 2:
            readings = _of_words(display_names[i], parts, firsts, lasts)
            if email:
                written = _of_email(locals_[i], email.split(), firsts, lasts)
                readings, years[i] = _both(readings, *written)
            rows += [
                (i, *one) for one in (dict.fromkeys(readings) if len(readings) > 1 else readings)
            ]
            continue
        # Two words and nothing else: by far the most frequent case.
        one, two = parts
        rows.append((i, one, two, False, False))
        if one in lasts and (two in firsts or two in PET_NAMES):
            rows.append((i, two, one, True, False))
    return rows, years


def _has_capitals(names: Sequence[str]) -> Bools:
    """Return which names have three capitals or more: a word of theirs may be in capitals."""
    text = "".join(names).encode("utf-32-le", "surrogatepass")
    letters = np.frombuffer(text, dtype="<u4")
    before = np.append(0, np.cumsum(_CAPITAL[np.minimum(letters, len(_CAPITAL) - 1)]))
    stop = np.cumsum(np.fromiter(map(len, names), dtype=np.int64, count=len(names)))
    return np.asarray(np.diff(before[np.append(0, stop)]) > 2)


def _both(
    shown: list[NameReading], written: list[NameReading], year: int
) -> tuple[list[NameReading], int]:
    """Merge the readings of the name shown and of the e-mail address."""
    if not shown or not written:
        return (shown or written), year
    name = shown[0]
    for other in written:
        if _fit(name.last, other.last) and (
            _fit(name.first, other.first)
            or short_for(name.first, other.first)
            or short_for(other.first, name.first)
        ):
            longer = max(name.first, other.first, key=len), max(name.last, other.last, key=len)
            return [NameReading(*longer)], year
    # The maiden name shown, and the married name in the address, or the reverse.
    more = [other for other in written if other.first == name.first]
    return shown + more[:1], (year if more else -1)


def _fit(a: str, b: str) -> bool:
    """Return whether two names are equal, or one is the initial of the other."""
    return a == b or (min(len(a), len(b)) == 1 and a[:1] == b[:1])


def _of_words(
    name: str, parts: Sequence[str], firsts: Collection[str], lasts: Collection[str]
) -> list[NameReading]:
    if len(parts) < 2:
        return _in_one(parts[0], firsts, lasts, 3) if parts else []
    in_capitals = words_by_capitals(name)
    if in_capitals is not None:
        parts, first_words = in_capitals
        return _of_split(parts, first_words, lasts)
    readings = _of_split(parts, 1, lasts)
    for i in range(2, min(len(parts), _MOST_WORDS)):
        if "".join(parts[:i]) in firsts:
            readings += _of_split(parts, i, lasts)
    for i in range(1, min(len(parts), _MOST_WORDS)):
        last, first = without_particles(parts[:i]), "".join(parts[i:])
        if last in lasts and (first in firsts or first in PET_NAMES):
            readings.append(NameReading(first, last, turned=True))
    return readings


def words_by_capitals(name: str) -> tuple[tuple[str, ...], int] | None:
    """Return the words with a last name in capitals last (MEYER Éric), and the first names."""
    written = name.split()
    # Two letters in capitals may be initials.
    capital = [word.isupper() and sum(map(str.isalpha, word)) > 2 for word in written]
    if not any(capital) or all(capital):
        return None
    first = name_words(" ".join(w for w, c in zip(written, capital, strict=True) if not c))
    last = name_words(" ".join(w for w, c in zip(written, capital, strict=True) if c))
    return (first + last, len(first)) if first and last else None


def _of_split(parts: Sequence[str], i: int, lasts: Collection[str]) -> list[NameReading]:
    """Read the first i words as the first name, the others as one or several last names."""
    first, last = "".join(parts[:i]), without_particles(parts[i:])
    readings = [NameReading(first, last)]
    names = [part for part in parts[i:] if part not in PARTICLES]
    if len(names) > 1:
        readings += [NameReading(first, part, part=True) for part in names if part in lasts]
    return readings


def _in_one(
    letters: str, firsts: Collection[str], lasts: Collection[str], shortest: int
) -> list[NameReading]:
    """Split letters without a blank into a first name, or an initial, and a last name."""
    readings = []
    for i in range(shortest, len(letters) - _SHORTEST + 1):
        first, last = letters[:i], letters[i:]
        if last in lasts and (i == 1 or first in firsts):
            readings.append(NameReading(first, last))
    for i in range(_SHORTEST, len(letters) - shortest + 1):
        last, first = letters[:i], letters[i:]
        if last in lasts and (len(first) == 1 or first in firsts):
            readings.append(NameReading(first, last, turned=True))
    return readings


def _of_email(
    local: str, parts: Sequence[str], firsts: Collection[str], lasts: Collection[str]
) -> tuple[list[NameReading], int]:
    """Read the local part of an address, and the year at its end."""
    if len(parts) == 1:
        readings = _in_one(parts[0], firsts, lasts, 1)
    elif parts:
        readings = [NameReading(parts[0], without_particles(parts[1:]))]
        readings.append(NameReading(parts[-1], without_particles(parts[:-1])))
        readings = [one for one in readings if one.last in lasts and len(one.last) >= _SHORTEST]
    else:
        readings = []
    year = _YEAR.search(local) if readings else None
    return readings, int(year[1]) if year else -1


# Agreement levels of first and last names, the strongest first.
FIRST = ("same", "alike", "short", "initial")
LAST = ("same", "birth", "part", "alike", "initial")
SAME, ALIKE, SHORT, INITIAL = range(4)
OF_BIRTH, PART, NEARLY, LETTER = 1, 2, 3, 4
# Shorter names of one slip are other names.
SLIPS_FROM = 5


class RegisterNames:
    """Names of a register as codes, and the people of each."""

    def __init__(self, people: pd.DataFrame) -> None:
        n = len(people)
        self.n = n
        code, spelt = pd.factorize(people["first_name"])
        texts = letters_of(spelt.tolist())
        at, self.firsts = pd.factorize(np.array([t.replace(" ", "") for t in texts], dtype=object))
        self.first = at[code]
        self.parts: dict[str, set[int]] = defaultdict(set)
        for name, text in zip(at.tolist(), texts, strict=True):
            for part in text.split() if " " in text else ():
                self.parts[part].add(name)
        self.first_number = {name: i for i, name in enumerate(self.firsts)}
        self._last_names(people)
        self.first_share = shares_of(np.bincount(self.first, minlength=len(self.firsts)), n)

    def _last_names(self, people: pd.DataFrame) -> None:
        """List the last names of each person: usual, birth name, parts of a double name."""
        n = self.n
        columns = [c for c in ("last_name", "birth_name") if c in people]
        code, spelt = pd.factorize(pd.concat([people[c] for c in columns]))
        texts = letters_of(spelt.tolist())
        whole, parts = [], []
        for i in [i for i, text in enumerate(texts) if " " in text]:
            names = texts[i].split()
            texts[i] = without_particles(names)
            kept_names = [name for name in names if name not in PARTICLES]
            if len(kept_names) > 1:
                whole += [i] * len(kept_names)
                parts += kept_names
        at, lasts = pd.factorize(np.array(texts, dtype=object))
        number = {name: i for i, name in enumerate(lasts)}
        part = np.array([number.setdefault(name, len(number)) for name in parts], dtype=np.int64)
        last = at[code]
        who = np.tile(np.arange(n), len(columns))
        level = np.repeat([SAME, OF_BIRTH][: len(columns)], n)
        listed = np.concatenate([last[:n] >= 0, (last[n:] != last[: len(last) - n])])
        # A double name is also listed by each of its parts.
        many = np.bincount(np.array(whole, dtype=np.int64), minlength=len(spelt))
        in_two = np.flatnonzero(listed)[many[code[listed]] > 0]
        _, of_parts = take_rows(np.append(0, np.cumsum(many)), code[in_two])
        self.who = np.concatenate([who[listed], np.repeat(who[in_two], many[code[in_two]])])
        self.last = np.concatenate([last[listed], part[of_parts]])
        self.level = np.concatenate([level[listed], np.full(len(of_parts), PART)])
        empty = self.last == number.get("", -1)
        self.who, self.last, self.level = (a[~empty] for a in (self.who, self.last, self.level))
        self.last_number, self.lasts = number, Letters(list(number))
        self.last_count = np.stack(
            [np.bincount(self.last[self.level == k], minlength=len(number)) for k in range(3)], 1
        )


def shares_of(count: Ints, n: int) -> Floats:
    """Return the share of people with each name, and last that of any name not listed.

    Absolute discounting (Ney, Essen and Kneser 1994).
    """
    once, twice = int((count == 1).sum()), int((count == 2).sum())
    discount = (once + 0.5) / (once + 2 * twice + 1)
    borne = max(int((count > 0).sum()), 1)
    new = discount * once / max(n, 1) / borne
    return np.append(np.maximum((count - discount) / max(n, 1), new), new)


def first_levels(read: Sequence[str], listed: RegisterNames) -> tuple[Ints, Ints, Ints]:
    """Return the pairs of agreeing first names, read and listed, and their levels."""
    number = listed.first_number
    names = sorted(number)
    # By what they share with another name, the numbers of the names that are listed.
    spoken, cut, stands_for = defaultdict(list), defaultdict(list), defaultdict(list)
    for name, sound in zip(names, phonetic_keys(names), strict=True):
        spoken[sound].append(number[name])
        if len(name) >= SLIPS_FROM:
            for part in deletions(name):
                cut[part].append(name)
    for pet, full in PET_NAMES.items():
        for name in full if pet in number else ():
            stands_for[name].append(number[pet])
    in_order, rows = [number[name] for name in names], []
    for i, (name, sound) in enumerate(zip(read, phonetic_keys(read), strict=True)):
        levels: dict[int, int] = {}
        agree = levels.setdefault
        if name in number:
            agree(number[name], SAME)
        first, end = bisect_left(names, name), bisect_left(names, name + "{")  # that begin with it
        if len(name) < 2:
            for other in in_order[first:end]:
                agree(other, INITIAL)
        else:
            if len(name) > 3:
                for other in spoken.get(sound, ()):
                    agree(other, ALIKE)
            if len(name) >= SLIPS_FROM:
                close = {other for part in deletions(name) for other in cut.get(part, ())}
                for other in close:
                    if number[other] not in levels and one_edit_apart(name, other):
                        agree(number[other], ALIKE)
            if len(name) > 2:
                for other in in_order[first:end]:
                    agree(other, SHORT)
            for text in (*PET_NAMES.get(name, ()), *(name[:k] for k in range(3, len(name)))):
                if text in number:
                    agree(number[text], SHORT)
            for other in (*stands_for.get(name, ()), *listed.parts.get(name, ())):
                agree(other, SHORT)
            if name[0] in number:
                agree(number[name[0]], INITIAL)
        rows += [(i, other, level) for other, level in levels.items()]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def without_title(text: str) -> str:
    """Return a folded name without titles before it: "mme jeanne" is "jeanne"."""
    parts = [word for word in text.split() if word not in TITLES]
    return " ".join(parts) or text


def surname_of(text: str) -> str:
    """Return a last name without particles: "de la tour" is "tour", "le goff" is "goff"."""
    parts = text.split()
    return " ".join([part for part in parts[:-1] if part not in PARTICLES] + parts[-1:])


def split_whole(name: str) -> tuple[str, str]:
    """Return the first and the last name of a whole name, however it is written.

    Examples
    --------
    >>> split_whole("MEYER, Éric"), split_whole("MEYER Éric"), split_whole("Jean-Luc Le Goff")
    (('eric', 'meyer'), ('eric', 'meyer'), ('jean luc', 'goff'))
    >>> split_whole("Mme Dupont Marie")
    ('marie', 'dupont')
    """
    before, comma, after = name.partition(",")
    if comma and after.strip():
        return " ".join(name_words(after)), surname_of(" ".join(name_words(before)))
    parts = [word for word in name.split() if " ".join(name_words(word)) not in TITLES]
    if by_case := words_by_capitals(" ".join(parts)):
        words, first = by_case
        return " ".join(words[:first]), surname_of(" ".join(words[first:]))
    spelt = [" ".join(name_words(word)) for word in parts]
    spelt = [word for word in spelt if word]
    if len(spelt) < 2:
        return "", " ".join(spelt)
    known = [not given_names().isdisjoint(word.split()) for word in spelt]
    if known[-1] and not known[0]:
        return spelt[-1], surname_of(" ".join(spelt[:-1]))
    cut = 2 if len(spelt) > 2 and known[0] and known[1] else 1
    return " ".join(spelt[:cut]), surname_of(" ".join(spelt[cut:]))
