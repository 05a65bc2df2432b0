"""The lexicon of what a text says of somebody: its files in ``lexicon/``, made ready to look up.

A file is a category, in French and in English, without accents and in lower case:

- `words`: each says it alone. ``malad*`` is any word that begins so; ``FO`` must be in capitals.
- `runs`, a line each: words that follow each other. ``a|b`` is either, ``_`` up to four small words
  ("de la"), ``..`` up to four words of any kind, ``^`` the beginning of a clause and ``$`` its end,
  ``#minor`` a number under 18, ``#number`` any (not first), ``@nation`` words of ``lists.toml``.
- `silent`: runs in which its words say nothing ("croix rouge", "union europeenne").
- ``[[beside]]``: `words` that say it only with a word of `near` within five words, and without one
  of `unless`; `near` may be left out.
- `negated`: "pas malade" says nothing. `places`: words that are silent as a landmark or in the
  name of a street ("en face de l'hopital").
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

from privaudit.tables.misspelt import Misspelt

__all__ = [
    "NUMBER",
    "SAID",
    "Element",
    "Entry",
    "Lexicon",
    "lexicon",
    "listed_words",
    "misspelt",
    "short_forms",
    "small_words",
]

# In the order in which a report tells them.
SAID = ("health", "religion", "origin", "union", "party", "sex_life", "children", "others")
_FOLDER = resources.files("privaudit.tables") / "lexicon"
_MINOR, NUMBER, _SHORTEST = "#minor", "#number", 2


@dataclass(frozen=True, slots=True)
class Element:
    """A place of a run: words, beginnings of words, and what may stand before it."""

    words: frozenset[str]
    stems: tuple[str, ...]
    gap: str = ""
    ends: bool = False


# Each is itself alone: to compare all that two say would take longer than to read them.
@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """What a word may begin: a word alone, a run, or one that needs others beside it.

    - `said`: Its category.
    - `rest`: The other places of a run; `begins`, `ends`: it must begin, end a clause.
    - `near`, `unless`: Bits of the lists that must, and must not, stand beside it.
    """

    said: str
    capitals: bool = False
    rest: tuple[Element, ...] = ()
    silent: bool = False
    begins: bool = False
    ends: bool = False
    near: int = 0
    unless: int = 0


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Every category, by the words that may say it."""

    negated: frozenset[str]
    places: frozenset[tuple[str, str]]
    exact: dict[str, list[Entry]] = field(default_factory=dict)
    stems: dict[str, list[Entry]] = field(default_factory=dict)
    near_exact: dict[str, int] = field(default_factory=dict)
    near_stems: dict[str, int] = field(default_factory=dict)
    # Numbers that some run has; of others it does not matter which they are.
    numbers: set[str] = field(default_factory=set)

    def entries(self, word: str) -> list[Entry]:
        """Return what a word may begin."""
        found = list(self.exact.get(word, ()))
        for end in range(_SHORTEST, len(word) + 1):
            found += self.stems.get(word[:end], ())
        if word.isdigit() and int(word[:4]) < 18:
            found += self.exact.get(_MINOR, ())
        return found

    def lists(self, word: str) -> int:
        """Return the bits of the lists in which a word stands."""
        bits = self.near_exact.get(word, 0)
        for end in range(_SHORTEST, len(word) + 1):
            bits |= self.near_stems.get(word[:end], 0)
        return bits

    def _add(self, word: str, entry: Entry) -> None:
        where = self.stems if word.endswith("*") else self.exact
        where.setdefault(word.rstrip("*"), []).append(entry)

    def _list(self, words: str, bit: int) -> int:
        for word in words.split():
            where = self.near_stems if word.endswith("*") else self.near_exact
            where[word.rstrip("*")] = where.get(word.rstrip("*"), 0) | bit
        return bit if words.split() else 0

    def _runs(self, lines: str, said: str, silent: bool) -> None:
        for line in filter(None, map(str.strip, lines.splitlines())):
            begins = line.startswith("^")
            # "a|$": the clause may end where "a" may stand.
            elements = _elements(line.removeprefix("^"))
            may_end = elements[-1].ends
            if may_end:
                self._run(elements[:-1], Entry(said, silent=silent, begins=begins, ends=True))
            if not may_end or elements[-1].words or elements[-1].stems:
                self._run(elements, Entry(said, silent=silent, begins=begins))

    def _run(self, elements: list[Element], entry: Entry) -> None:
        first, rest = elements[0], tuple(elements[1:])
        for element in elements:
            self.numbers.update(filter(str.isdigit, element.words))
        # One entry for all words that the line begins with: it is made ready to read once.
        entry = replace(entry, rest=rest)
        for word in (*first.words, *(f"{stem}*" for stem in first.stems)):
            self._add(word, entry)


def _elements(line: str) -> list[Element]:
    found, gap = [], ""
    for part in line.split():
        # Small words among others that may stand there: as where any may, or none.
        if part == ".." or "_" in part.split("|"):
            gap = ".." if part == ".." else "_"
            continue
        words = [word for one in part.split("|") for word in _listed(one)]
        plain = frozenset(word for word in words if not word.endswith("*")) - {"$"}
        if _MINOR in plain:
            plain |= frozenset(map(str, range(18)))
        stems = tuple(word[:-1] for word in words if word.endswith("*"))
        found.append(Element(plain, stems, gap, ends="$" in words))
        gap = ""
    return found


def _listed(word: str) -> list[str]:
    if not word.startswith("@"):
        return [word]
    told = _lists()
    # @nation is both @nation_fr and @nation_en.
    return [one for name, words in told.items() if f"{name}_".startswith(f"{word[1:]}_")
            for one in words.split()]  # fmt: skip


@cache
def _lists() -> dict[str, str]:
    return tomllib.loads((_FOLDER / "lists.toml").read_text(encoding="ascii"))


def listed_words(name: str) -> list[str]:
    """Return the words of a list; one that ends with a star is a beginning."""
    return _lists()[name].split()


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of every category."""
    read = {
        said: tomllib.loads((_FOLDER / f"{said}.toml").read_text(encoding="ascii")) for said in SAID
    }
    places = ((said, word) for said, told in read.items() for word in told["places"].split())
    made = Lexicon(
        negated=frozenset(said for said, told in read.items() if told["negated"]),
        places=frozenset(places),
    )
    bit = 1
    for said, told in read.items():
        for word in told["words"].split():
            made._add(word.lower(), Entry(said, capitals=word != word.lower()))
        made._runs(told["runs"], said, silent=False)
        made._runs(told["silent"], said, silent=True)
        for one in told.get("beside", ()):
            near, unless = made._list(one.get("near", ""), bit), made._list(one["unless"], 2 * bit)
            bit *= 4
            for word in one["words"].split():
                capitals = word != word.lower()
                made._add(word.lower(), Entry(said, capitals, near=near, unless=unless))
    return made


@cache
def small_words() -> dict[str, frozenset[str]]:
    """Return what a text is read by: small words, negations, streets, landmarks, titles."""
    told = tomllib.loads((_FOLDER / "grammar.toml").read_text(encoding="ascii"))
    return {name: frozenset(words.split()) for name, words in told.items()}


@cache
def short_forms() -> dict[str, str]:
    """Return what people write for short at doors, and the words that they stand for."""
    return dict(pair.split("=") for pair in small_words()["short"])


@cache
def misspelt() -> Misspelt:
    """Return what words that say something by themselves look like when they are misspelt."""
    made = lexicon()
    exact, stems = (
        [word for word, entries in where.items() if any(_alone(entry) for entry in entries)]
        for where in (made.exact, made.stems)
    )
    nations = (_lists()["nation_fr"] + _lists()["nation_en"]).split()
    exact += [word for word in nations if not word.endswith("*")]
    stems += [word[:-1] for word in nations if word.endswith("*")]
    return Misspelt(exact, stems, small_words()["ordinary"])


def _alone(entry: Entry) -> bool:
    return not (entry.rest or entry.silent or entry.near or entry.begins or entry.capitals)
