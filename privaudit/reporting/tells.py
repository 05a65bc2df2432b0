"""What a family of measures says, in a sentence: a template of the catalogue and its numbers."""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from privaudit.reporting.names import part_name, stem_of
from privaudit.reporting.sentences import NO_MORE, brackets_of
from privaudit.reporting.words import Words, slug

if TYPE_CHECKING:
    from privaudit.reporting.findings import Finding

__all__ = ["tell"]


class _UntoldError(Exception):
    """A number of a template is missing, withheld, or not reliable."""


class _Number:
    """A measure in words: ``{found}``, ``{found.base}``, ``{found.brackets}`` and others."""

    def __init__(self, words: Words, name: str, finding: Finding) -> None:
        self._words, self._name, self._finding = words, name, finding

    def __str__(self) -> str:
        return self._say(self._finding.value)

    def __format__(self, spec: str) -> str:
        return str(self)

    def _say(self, value: float) -> str:
        if not math.isfinite(value) or not self._finding.reliable:
            raise _UntoldError
        return self._words.value(value, self._finding.unit)

    @property
    def base(self) -> str:
        """What it is compared with."""
        return self._say(self._finding.baseline)

    @property
    def counted(self) -> str:
        """The value and what it counts, in the number that it asks."""
        noun = self._words.noun(self._finding.unit, self._finding.value)
        return f"{self}\u00a0{noun}"

    @property
    def size(self) -> str:
        """The value without its sign."""
        return self._say(abs(self._finding.value))

    @property
    def more(self) -> str:
        """How many times more; untold where that is no more than once, as it is read."""
        if self._finding.value < NO_MORE:
            raise _UntoldError
        return self._say(self._finding.value)

    @property
    def n(self) -> str:
        """The denominator."""
        return self._words.count(self._finding.n)

    @property
    def interval(self) -> str:
        """The interval, from one bound to the other."""
        low, high = self._say(self._finding.low), self._say(self._finding.high)
        return self._words("number.range", low=low, high=high)

    @property
    def brackets(self) -> str:
        """Interval and denominator between brackets, after a space."""
        found = self._finding
        return brackets_of(self._words, found.low, found.high, found.n, found.unit)

    @property
    def part(self) -> str:
        """What part the measure is told for."""
        return part_name(self._words, self._name.partition("@")[2])

    @property
    def verdict(self) -> str:
        """Whether the interval leaves out what it is compared with."""
        f = self._finding
        if not all(map(math.isfinite, (f.low, f.high, f.baseline))) or f.low == f.high:
            raise _UntoldError
        beyond = f.low > f.baseline or f.high < f.baseline
        return self._words("step.beyond" if beyond else "step.within")


class _Numbers(Mapping[str, Any]):
    """Measures by slug: that of the whole name, or of its stem where it has one part only."""

    def __init__(self, words: Words, lead: str, found: Mapping[str, Finding]) -> None:
        self._lead = lead
        self._by_name = {slug(name): _Number(words, name, f) for name, f in found.items()}
        stems: dict[str, list[_Number]] = {}
        for name, finding in found.items():
            stems.setdefault(slug(stem_of(name)), []).append(_Number(words, name, finding))
        self._by_stem = {stem: numbers[0] for stem, numbers in stems.items() if len(numbers) == 1}

    def __getitem__(self, key: str) -> Any:
        if key == "lead":
            return self._lead
        number = self._by_name.get(key) or self._by_stem.get(key)
        if number is None:
            raise _UntoldError
        return number

    def __iter__(self) -> Any:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


def tell(words: Words, provenance: str, family: str, found: Mapping[str, Finding]) -> list[str]:
    """Say what a family says: its sentences of the catalogue whose numbers are all there.

    Sentences stand under ``tells.{family}``, then ``_2`` and ``_3``; those of an audited file,
    where they differ, under ``tells.{family}_audited``.

    Parameters
    ----------
    words : Words
    provenance : {"simulated", "audited file", "public counts"}
    family : str
    found : mapping of str to Finding
        By the name of the measure.

    Returns
    -------
    list of str
        Nothing where a number is missing, withheld or not reliable.
    """
    real = provenance == "audited file" and words.has(f"tells.{family}_audited")
    key = f"tells.{family}_audited" if real else f"tells.{family}"
    numbers = _Numbers(words, words(f"lead.{slug(provenance)}"), found)
    told = []
    for ending in ("", "_2", "_3"):
        if words.has(key + ending):
            try:
                text = string.Formatter().vformat(words.template(key + ending), (), numbers)
            except _UntoldError:
                continue
            told.append(text[:1].upper() + text[1:])
    return told
