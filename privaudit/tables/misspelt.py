"""Words as they are heard or mistyped: what a lexicon knows, written in another way.

A canvasser writes *alzeimer*, *schyzo*, *musulmanne*. Two ways lead back: a key of how a word
sounds, in French and in English alike, and one letter that is doubled, dropped or out of its place.
A letter *for another* is not mended: that makes *protestent* a faith. Short words are left alone,
for the same reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["Misspelt"]

# The shortest word that is looked for by its sound, and by a letter too many or too few.
_HEARD, _MISTYPED = 6, 8
# How groups of letters sound, in this order.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("sch|sk", "sq"),
        ("ph", "f"),
        ("(?<=[bcdfgklmnpqrstvwxz])h|^h|(?<=[aeiouy])h(?=[aeiouy])", ""),
        ("c(?=[eiy])|z", "s"),
        ("qu|k|c", "q"),
        ("gu(?=[aeiou])", "g"),
        ("y", "i"),
        ("eau|au", "o"),
        ("ai|ei", "e"),
        (r"(.)\1+", r"\1"),
    )
)


def _sound(word: str) -> str:
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


def _by_sound(words: Iterable[str]) -> dict[str, str]:
    heard = {_sound(word): word for word in words}
    return {sound: word for sound, word in heard.items() if len(sound) >= _HEARD}


def _one_fewer(word: str) -> Iterable[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


class Misspelt:
    """What known words, and beginnings of words, look like when they are misspelt.

    Parameters
    ----------
    words, stems : iterable of str
        Those of a lexicon, without accents and in lower case.
    ordinary : iterable of str
        Beginnings of everyday words that look like one of them: they are no slip.

    Examples
    --------
    >>> mend = Misspelt(["alzheimer", "musulman"], ["schizophren"]).mend
    >>> [mend(word) for word in ("alzeimer", "muslman", "sizofrene", "musulmane")]
    ['alzheimer', 'musulman', 'sizofrene', 'musulman']
    >>> mend("schyzophrene")
    'schizophren'
    """

    def __init__(
        self, words: Iterable[str], stems: Iterable[str], ordinary: Iterable[str] = ()
    ) -> None:
        self._ordinary = tuple(ordinary)
        # Sorted, so that of two words that sound alike it is always the same one.
        words = sorted(set(words))
        self._heard = _by_sound(words)
        self._stems = _by_sound(sorted(set(stems)))
        self._typed = {word for word in words if len(word) >= _MISTYPED}
        self._fewer = {less: word for word in sorted(self._typed) for less in _one_fewer(word)}

    def mend(self, word: str) -> str:
        """Return the known word that this one may be, or the word itself."""
        if len(word) < _HEARD or not word.isalpha() or word.startswith(self._ordinary):
            return word
        heard = _sound(word)
        found = self._heard.get(heard)
        if found is None:
            for end in range(len(heard), _HEARD - 1, -1):
                if (found := self._stems.get(heard[:end])) is not None:
                    break
        if found is None and len(word) >= _MISTYPED - 1:
            found = self._fewer.get(word) or self._one_off(word)
        return found or word

    def _one_off(self, word: str) -> str | None:
        """Return the known word that has a letter fewer, or two side by side the other way."""
        for less in _one_fewer(word):
            if less in self._typed:
                return less
        for at in range(len(word) - 1):
            swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            if swapped in self._typed:
                return swapped
        return None
