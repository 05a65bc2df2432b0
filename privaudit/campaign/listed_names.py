"""Names of a register by number: who bears each, how common it is, and which agree with another."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from privaudit._core.arrays import Floats, Ints
from privaudit.campaign.civil_names import (
    PARTICLES,
    PET_NAMES,
    deletions,
    one_slip,
    without_particles,
)
from privaudit.campaign.name_letters import Letters
from privaudit.campaign.name_sounds import sounds_of
from privaudit.measures.tables.compressed_rows import take_rows
from privaudit.text.normalise import letters_of

__all__ = [
    "ALIKE", "FIRST", "INITIAL", "LAST", "LETTER", "NEARLY", "OF_BIRTH", "PART", "SAME", "SHORT",
    "SLIPS_FROM", "RegisterNames", "first_levels", "shares_of",
]  # fmt: skip

# How the first name agrees, and the last; the stronger stands before the weaker.
FIRST = ("same", "alike", "short", "initial")
LAST = ("same", "birth", "part", "alike", "initial")
SAME, ALIKE, SHORT, INITIAL = range(4)
OF_BIRTH, PART, NEARLY, LETTER = 1, 2, 3, 4
# Shorter names of one slip are other names.
SLIPS_FROM = 5


class RegisterNames:
    """Names of a register by number, and the people who bear each."""

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
        """List each name under which somebody may be found: last, of birth, part of a double."""
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
        kept = np.concatenate([last[:n] >= 0, (last[n:] != last[: len(last) - n])])
        # A double name is listed by each of its parts too.
        many = np.bincount(np.array(whole, dtype=np.int64), minlength=len(spelt))
        in_two = np.flatnonzero(kept)[many[code[kept]] > 0]
        _, of_parts = take_rows(np.append(0, np.cumsum(many)), code[in_two])
        self.who = np.concatenate([who[kept], np.repeat(who[in_two], many[code[in_two]])])
        self.last = np.concatenate([last[kept], part[of_parts]])
        self.level = np.concatenate([level[kept], np.full(len(of_parts), PART)])
        empty = self.last == number.get("", -1)
        self.who, self.last, self.level = (a[~empty] for a in (self.who, self.last, self.level))
        self.last_number, self.lasts = number, Letters(list(number))
        self.last_count = np.stack(
            [np.bincount(self.last[self.level == k], minlength=len(number)) for k in range(3)], 1
        )


def shares_of(count: Ints, n: int) -> Floats:
    """Share of people who bear each name, and last of all that of a name that nobody listed bears.

    Absolute discounting (Ney, Essen and Kneser 1994): who is not listed may have a new name.
    """
    once, twice = int((count == 1).sum()), int((count == 2).sum())
    discount = (once + 0.5) / (once + 2 * twice + 1)
    seen = max(int((count > 0).sum()), 1)
    new = discount * once / max(n, 1) / seen
    return np.append(np.maximum((count - discount) / max(n, 1), new), new)


def first_levels(read: Sequence[str], listed: RegisterNames) -> tuple[Ints, Ints, Ints]:
    """First names read, first names listed, and how they agree, for all that do."""
    names = sorted(listed.first_number)
    spoken, cut = defaultdict(list), defaultdict(list)
    for name, sound in zip(names, sounds_of(names), strict=True):
        spoken[sound].append(name)
        if len(name) >= SLIPS_FROM:
            for part in deletions(name):
                cut[part].append(name)
    stands_for = defaultdict(list)
    for pet, full in PET_NAMES.items():
        for name in full:
            stands_for[name].append(pet)
    number, rows = listed.first_number, []
    for i, (name, sound) in enumerate(zip(read, sounds_of(read), strict=True)):
        found: dict[int, int] = {}

        def agree(others: Sequence[str], level: int, found: dict[int, int] = found) -> None:
            for other in others:
                if other in number:
                    found.setdefault(number[other], level)

        agree([name], SAME)
        if len(name) > 1:
            if len(name) > 3:
                agree(spoken.get(sound, ()), ALIKE)
            if len(name) >= SLIPS_FROM:
                close = {other for part in deletions(name) for other in cut.get(part, ())}
                agree([other for other in close if one_slip(name, other)], ALIKE)
            if len(name) > 2:
                agree(_beginning(names, name), SHORT)
            agree([*PET_NAMES.get(name, ()), *stands_for.get(name, ())], SHORT)
            agree([name[:k] for k in range(3, len(name))], SHORT)
            for other in listed.parts.get(name, ()):
                found.setdefault(other, SHORT)
            agree([name[0]], INITIAL)
        else:
            agree(_beginning(names, name), INITIAL)
        rows += [(i, other, level) for other, level in found.items()]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _beginning(names: Sequence[str], letters: str) -> Sequence[str]:
    """Names, of a sorted list, that begin with these letters."""
    return names[bisect_left(names, letters) : bisect_left(names, letters + "{")]
