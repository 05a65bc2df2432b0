"""The catalogue of each language, with English for what it lacks.

`Note` is a key of the catalogues with values; `Words` writes sentences and numbers; `NOUNS` and
`UNITS` are the closed lists of what is counted and measured.
"""

from __future__ import annotations

import math
import re
import string
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, wraps
from importlib import resources
from numbers import Real
from typing import Any

from privaudit.core.checks import kind_of, one_of
from privaudit.core.thresholds import IN_WORDS
from privaudit.errors import ParameterError
from privaudit.text.normalise import slug

_WORDS = resources.files("privaudit.words")


def languages() -> tuple[str, ...]:
    """Return the languages of the catalogues.

    Examples
    --------
    >>> languages()
    ('en', 'fr')
    """
    names = (file.name for file in (_WORDS / "catalogue").iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


LANGUAGES = languages()

ENGLISH = "en"
# No-break space, and the narrow one that French puts before ; ! ? and between thousands.
NBSP, NARROW = "\u00a0", "\u202f"


def french_spaces(text: str) -> str:
    """Set the no-break spaces and the apostrophes of French typography.

    Examples
    --------
    >>> french_spaces("l'outil : « oui » ?").replace(chr(160), "_").replace(chr(8239), "-")
    'l’outil_: «_oui_»-?'
    >>> french_spaces("carte: 2; tableau: 3").replace(chr(160), "_").replace(chr(8239), "-")
    'carte_: 2-; tableau_: 3'
    """
    text = re.sub(r" (?=[:%»])|(?<=\S)(?=: )", NBSP, text)
    text = re.sub(r"(?<=«) ", NBSP, text)
    text = re.sub(r" (?=[;!?])|(?<=\S)(?=; )", NARROW, text)
    return text.replace("'", "’")


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Return every sentence of a language, in English where it lacks one."""
    return {**own_catalogue(ENGLISH), **own_catalogue(lang)}


@cache
def own_catalogue(lang: str) -> dict[str, str]:
    """Read the catalogue of a language as a flat mapping ``"section.key"`` to a sentence."""
    one_of("report", "lang", lang, languages())
    source = _WORDS / "catalogue" / f"{lang}.toml"
    read = _read_lines(source.read_text(encoding="utf-8"))
    french = read.get("format.spaces") == "french"
    fix = french_spaces if french else (lambda text: text.replace(" %", f"{NBSP}%"))
    # All at once, a sentence a line. A number and its unit stay on one line.
    texts = re.sub(r"\} (?=k?m\b)", f"}}{NBSP}", fix(_with_thresholds("\n".join(read.values()))))
    return dict(zip(read, texts.split("\n"), strict=True))


_ENTRY = re.compile(r'([\w-]+) = "([^"\\]*)"')


def _read_lines(text: str) -> dict[str, str]:
    """Read a catalogue: TOML of one sentence a line, which `tomllib` takes ten times as long for.

    Examples
    --------
    >>> _read_lines('[note]\\nblank = "None."\\nquoted = "a \\\\"b\\\\""')
    {'note.blank': 'None.', 'note.quoted': 'a "b"'}
    """
    section, result = "", {}
    for line in text.split("\n"):
        if (entry := _ENTRY.fullmatch(line)) is not None:
            result[f"{section}.{entry[1]}"] = entry[2]
        elif line.startswith("["):
            section = line.strip("[]")
        else:
            result |= {f"{section}.{key}": value for key, value in tomllib.loads(line).items()}
    return result


@cache
def _borrowed(lang: str) -> frozenset[str]:
    """Return the keys that a language takes from English."""
    return frozenset(catalogue(lang).keys() - own_catalogue(lang).keys())


@cache
def plural_rules(lang: str) -> tuple[str, ...]:
    """Return the plural rules of a language, as Unicode's CLDR writes them; the last form has none.

    Their order is that of the forms of a noun. A language that declares none has those of English.

    Examples
    --------
    >>> plural_rules("en"), plural_rules("fr")
    (('i = 1 and v = 0',), ('i = 0,1',))
    """
    own = own_catalogue(lang)
    rules = [" ".join(text.split()) for key, text in own.items() if key.startswith("plural.")]
    return tuple(rules) or plural_rules(ENGLISH)


@lru_cache(4_096)
def plural_form(lang: str, value: float) -> int:
    """Return which form of a noun a number takes, from 0 in the order of `plural_rules`.

    Examples
    --------
    >>> [plural_form("en", n) for n in (0, 1, 2)], [plural_form("fr", n) for n in (0, 1.5, 2)]
    ([1, 0, 1], [0, 0, 1])
    """
    if not math.isfinite(value):
        return len(plural_rules(lang))
    # As a sentence writes it: without decimals where it is whole, else with two.
    decimals = "" if value == int(value) else f"{abs(value) % 1:.2f}"[2:]
    trimmed = decimals.rstrip("0")
    known: dict[str, float] = {
        "n": abs(value), "i": int(abs(value)), "v": len(decimals), "w": len(trimmed),
        "f": int(decimals or 0), "t": int(trimmed or 0),
    }  # fmt: skip
    rules = plural_rules(lang)
    return next((k for k, rule in enumerate(rules) if _holds(rule, known)), len(rules))


_RELATION = re.compile(r"([nivwft])(?: % (\d+))? (!?)= ([\d.,]+)")


def _holds(rule: str, known: Mapping[str, float]) -> bool:
    """Return whether a plural rule holds, such as ``v = 0 and i % 10 = 2..4``."""
    return any(
        all(_relates(relation, known) for relation in clause.split(" and "))
        for clause in rule.split(" or ")
    )


def _relates(relation: str, known: Mapping[str, float]) -> bool:
    parts = _RELATION.fullmatch(relation)
    if parts is None:
        raise ParameterError.of("catalogue", "a plural rule such as i % 10 = 2..4", relation)
    operand, modulus, differs, ranges = parts.groups()
    number = known[operand] % int(modulus) if modulus else known[operand]
    ends = [one.partition("..") for one in ranges.split(",")]
    within = any(int(low) <= number <= int(high or low) for low, _, high in ends)
    return (within and number == int(number)) != bool(differs)


def _with_thresholds(text: str) -> str:
    """Insert the numbers of `thresholds` into a sentence."""
    return re.sub(r"\{thresholds\.(\w+)\}", lambda match: str(IN_WORDS[match[1]]), text)


Plain = Any  # a number, a text, None, a Note, or a tuple of these
_KEY = re.compile(r"[a-z][a-z0-9_]*")


def plain(value: Any) -> Any:
    """Return a plain value: NumPy numbers as Python numbers, lists as tuples.

    Raises
    ------
    ParameterError
        A value that is no number, text or `Note`, nor several of them.
    """
    if getattr(value, "ndim", None) == 0:
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str, Note)):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(plain(one) for one in value)
    raise ParameterError.of("Note", "numbers, texts, or several of them", kind_of(value))


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Note:
    """A key of the catalogues with the values of its sentence.

    Nothing reads a note to decide: whatever steers is a field of its own. Equal keys and values
    make equal notes, so that notes of several parts can be said once.

    Parameters
    ----------
    key : str
        Lower case words with underscores; ``[note]`` of each catalogue holds its sentence.
    **values : number, str, Note, or a tuple of them
        By the name that stands in the sentence. Numbers stay numbers: the page writes them.

    Raises
    ------
    ParameterError
        A key of other letters, or a value that is no plain one.

    Examples
    --------
    >>> note = Note("blanks", records=18_045, of=30_250)
    >>> note
    Note('blanks', records=18045, of=30250)
    >>> note == Note("blanks", of=30_250, records=18_045), note.values["records"]
    (True, 18045)
    """

    key: str
    items: tuple[tuple[str, Plain], ...]

    def __init__(self, key: str, /, **values: Plain) -> None:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise ParameterError.of("Note", "a key of the catalogues", kind_of(key))
        object.__setattr__(self, "key", key)
        items = tuple((name, plain(value)) for name, value in values.items())
        object.__setattr__(self, "items", items)

    @classmethod
    def of_fields(cls, key: str, items: tuple[tuple[str, Plain], ...]) -> Note:
        """Make one of its fields, as the cache stores them."""
        return cls(key, **dict(items))

    @property
    def values(self) -> Mapping[str, Plain]:
        """The values by name, in the order in which they were given."""
        return dict(self.items)

    @property
    def inner(self) -> Note:
        """The note within one that names its file or table; else the note itself."""
        return next((value for _, value in self.items if isinstance(value, Note)), self)

    def record(self) -> dict[str, Any]:
        """Return the note as plain JSON values."""
        values = {k: v.record() if isinstance(v, Note) else v for k, v in self.items}
        return {"key": self.key, **({"values": values} if values else {})}

    def __iter__(self) -> Iterator[str]:
        raise TypeError("a Note cannot be iterated")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Note):
            return NotImplemented
        return self.key == other.key and sorted(self.items, key=_name) == sorted(
            other.items, key=_name
        )

    def __hash__(self) -> int:
        return hash((self.key, tuple(sorted((k, str(v)) for k, v in self.items))))

    def __repr__(self) -> str:
        known = "".join(f", {name}={value!r}" for name, value in self.items)
        return f"Note({self.key!r}{known})"


def _name(pair: tuple[str, Plain]) -> str:
    return pair[0]


# Units that stand for people: a small number of these is about a person.
GUARDED = frozenset(
    {
        "people", "adults", "minors", "electors", "residents", "records", "households",
        "addresses", "dots", "accounts", "holders", "profiles", "entries", "visits", "contacts",
        "guesses", "marks", "attacks", "names", "neighbours", "targets",
    }
)  # fmt: skip
# Other units: a small number says nothing about a person.
_OTHERS = frozenset(
    {
        "stations", "communes", "towns", "draws", "copies", "dates", "areas", "cells", "classes",
        "keys", "columns", "levels", "values", "pages", "items", "points", "pairs", "groups",
        "processors", "controllers", "requests", "http_requests",
        "combinations", "criteria", "births", "interactions", "pictures", "pixels", "years",
        "streets", "files", "findings",
    }
)  # fmt: skip
NOUNS = GUARDED | _OTHERS
# A value is measured in one of these, or counts one of the nouns. "share" and "probability" are
# in [0, 1] and written in percent; a "difference" of two shares is written in points.
UNITS = NOUNS | {
    "share", "probability", "difference", "metres", "square_metres", "times", "ratio", "bits",
    "euros", "nats", "days", "degrees", "area_under_curve", "index", "order",
}  # fmt: skip
# The noun of each gain, which its sentences must use.
GAIN_NOUNS = {
    "address": "addresses", "household": "households", "person": "people", "opinion": "people",
}  # fmt: skip


# Parameters of a row whose value is an adversary: a word such as "nearest" is a model's elsewhere.
ADVERSARIES = ("adversary", "attack", "over")
# Marks around borrowed English; noncharacters of Unicode.
BORROWED = ("\ufdd0", "\ufdd1")
# Marks around a number of a finding: before its source, between the two, and after it.
QUOTED = ("\ufdd2", "\ufdd3", "\ufdd4")
MARKS = re.compile("|".join((*BORROWED, f"{QUOTED[0]}[^{QUOTED[1]}]*{QUOTED[1]}", QUOTED[2])))


def without_marks(text: str) -> str:
    """Remove the marks around borrowed English and around numbers of findings.

    Examples
    --------
    >>> without_marks("\\ufdd2map.a hits 1\\ufdd33\\ufdd4 of 8")
    '3 of 8'
    """
    return MARKS.sub("", text)


_NUMBER = re.compile(rf"\u2212?\d(?:[\d.,{NBSP}{NARROW}]*\d)?(?:{NBSP}%)?")


class Quoted(float):
    """A number with the finding of a report that it was read from.

    A page writes it in an element with ``data-finding``, ``data-field`` and, where it is not 1,
    ``data-times``; see `with_spans`.

    Parameters
    ----------
    value : float
        As a sentence shows it.
    finding : str
        The id of the finding; "" where there is none.
    field : str
        What of it: a key of `findings.json`, "hits" for value x n, "control_hits" for control x n.
    times : float
        What the field is multiplied by: 100 in "3 of 100 people".

    Examples
    --------
    >>> Words("en", marked=True)("story.of", n=Quoted(3, "map.a", "hits"), of=8)
    '\ufdd2map.a hits 1\ufdd33\ufdd4 of 8'
    >>> Words("en")("story.of", n=Quoted(3, "map.a", "hits"), of=8)
    '3 of 8'
    """

    finding: str
    field: str
    times: float

    def __new__(cls, value: float, finding: str, field: str, times: float = 1.0) -> Quoted:
        """Make one of its value."""
        made = super().__new__(cls, value)
        made.finding, made.field, made.times = finding, field, times
        return made

    def scaled(self, factor: float) -> Quoted:
        """Return the number as a sentence shows it that multiplies it."""
        return Quoted(self * factor, self.finding, self.field, self.times * factor)

    def mark(self, text: str) -> str:
        """Put the marks around the number of a text."""
        if not self.finding:
            return text
        source = f"{self.finding} {self.field} {self.times:g}"
        return _NUMBER.sub(rf"{QUOTED[0]}{source}{QUOTED[1]}\g<0>{QUOTED[2]}", text, count=1)


def whole(value: float) -> float:
    """Return the nearest whole number, halves away from 0; what is not finite stays."""
    if not math.isfinite(value):
        return value
    near = math.copysign(math.floor(abs(value) + 0.5), value)
    if isinstance(value, Quoted):
        return Quoted(near, value.finding, value.field, value.times)
    return near


def _marking(write: Callable[..., str]) -> Callable[..., str]:
    """Let a method that writes a number put the marks around one of a finding."""

    @wraps(write)
    def marked(words: Words, value: float, *args: Any, **named: Any) -> str:
        if not (isinstance(value, Quoted) and words.marked):
            return write(words, value, *args, **named)
        # A difference of two shares is written in points.
        source = value.scaled(100) if write.__name__ == "points" else value
        return source.mark(write(words, float(value), *args, **named))

    return marked


def is_share(unit: str) -> bool:
    """Return whether a unit is written in percent: a share or a probability."""
    return unit in ("share", "probability")


class Words:
    """Sentences and numbers in one language.

    Parameters
    ----------
    lang : str
        One of `LANGUAGES`.
    marked : bool
        Put marks around what is said in English for want of words, and around numbers of
        findings, for `with_spans`.
    quoted : bool
        Columns and files are those of an audited file, and stand as they are written there.

    Raises
    ------
    ParameterError
        There is no catalogue of that language.

    Examples
    --------
    >>> Words("en").percent(0.0231), Words("en").count(1284)
    ('2.3\\xa0%', '1,284')
    >>> Words("fr").percent(0.0231), Words("fr").count(1284)
    ('2,3\\xa0%', '1\\u202f284')
    """

    def __init__(self, lang: str, *, marked: bool = False, quoted: bool = False) -> None:
        self._texts = catalogue(lang)
        self.marked = marked
        self.quoted = quoted
        self._borrowed = _borrowed(lang)
        self.lang = lang

    def __call__(self, key: str, /, **values: Any) -> str:
        """Return a sentence of the catalogue with its values."""
        sentence = _Sentence(self, self._language_of(key))
        return self._marked_text(key, sentence.vformat(self._texts[key], (), values))

    def _language_of(self, key: str) -> str:
        """Return the language that a text is in."""
        return ENGLISH if key in self._borrowed else self.lang

    def _marked_text(self, key: str, text: str) -> str:
        """Mark a sentence borrowed from English."""
        borrowed = self.marked and key in self._borrowed
        return f"{BORROWED[0]}{text}{BORROWED[1]}" if text and borrowed else text

    def note(self, note: Note) -> str:
        """Return the sentence of a note.

        Raises
        ------
        KeyError
            The catalogue lacks the note, or the note a value of the sentence: a test finds both.
        """
        # A reason for which rows were set aside may stand within a note.
        section = "note" if self.has(f"note.{note.key}") else "aside"
        return self(f"{section}.{note.key}", **note.values)

    @_marking
    def counted(self, value: float, noun: str) -> str:
        """Format a number with its noun; people are whole numbers.

        Examples
        --------
        >>> Words("en").counted(1, "people"), Words("fr").counted(1284, "households")
        ('1\\xa0person', '1\\u202f284\\xa0foyers')
        >>> Words("en").counted(70.9, "people"), Words("en").counted(2.5, "pages")
        ('71\\xa0people', '2.50\\xa0pages')
        """
        value = whole(value) if noun in GUARDED and abs(value) >= 10 else value
        return f"{self.count(value)}{NBSP}{self.noun(noun, value)}"

    def measured(self, value: float, unit: str, *, short: bool = False) -> str:
        """Format a value with its unit.

        Examples
        --------
        >>> en = Words("en")
        >>> en.measured(0.25, "share"), en.measured(1, "dots"), en.measured(3.25, "metres")
        ('25.0\\xa0%', '1\\xa0dot', '3.25\\xa0m')
        >>> en.measured(-0.0034, "difference"), en.measured(2.5, "ratio")
        ('−0.34\\xa0points', '2.50')
        """
        if not math.isfinite(value) or is_share(unit) or unit == "difference":
            return self.value(value, unit, short=short)
        if unit in NOUNS:
            return self.counted(value, unit)
        return f"{self.count(value)}{NBSP}{self.noun(unit, value)}".rstrip(NBSP)

    @_marking
    def points(self, difference: float) -> str:
        """Format a difference of two shares in points."""
        if not math.isfinite(difference):
            return "–"
        digits = 0 if difference == 0 else 2 if abs(difference) < 0.01 else 1
        text = self._decimal(f"{100 * difference:.{digits}f}").replace("-", "−")
        return f"{text}{NBSP}{self.noun('point', abs(100 * difference))}"

    def template(self, key: str) -> str:
        """Return a sentence of the catalogue without its values."""
        return self._texts[key]

    def placeholders(self, key: str) -> frozenset[str]:
        """Return the names of the values that a sentence takes."""
        return placeholders(self._texts[key])

    def has(self, key: str) -> bool:
        """Return whether the catalogue holds a key."""
        return key in self._texts

    def name(self, section: str, value: Any) -> str:
        """Return the name of a value, or the value itself if the catalogue has none.

        A column of somebody's file stands as it is written there: only our own have words.

        Examples
        --------
        >>> [Words("en").name("column", name) for name in ("age_band", "Age band", "born_at")]
        ['age band', 'Age band', 'born_at']
        """
        if section == "column" and (self.quoted or value != slug(value)):
            return str(value)
        key = f"{section}.{slug(value)}"
        if key not in self._texts:
            return str(value) if section == "column" else str(value).replace("_", " ")
        return self._marked_text(key, self._texts[key])

    def translated(self, texts: Mapping[str, str], /) -> str:
        """Return the text of this language, else the English one; "" where there is neither.

        Examples
        --------
        >>> Words("fr").translated({"en": "Why?", "fr": "Pourquoi ?"})
        'Pourquoi\\u202f?'
        """
        own = texts.get(self.lang)
        if own:
            return self.spaced(own)
        text = texts.get(ENGLISH, "")
        return f"{BORROWED[0]}{text}{BORROWED[1]}" if text and self.marked else text

    def spaced(self, text: str) -> str:
        """Apply the spacing rules of the language."""
        return french_spaces(text) if self._texts["format.spaces"] == "french" else text

    def noun(self, unit: str, value: float) -> str:
        """Return the noun of a unit in the form that a number takes; "" for a bare number.

        Examples
        --------
        >>> fr = Words("fr")
        >>> fr.noun("people", 1), fr.noun("people", 2), fr.noun("ratio", 3)
        ('personne', 'personnes', '')
        """
        section = "noun" if unit in NOUNS else "unit"
        key = f"{section}.{unit}"
        forms = self._texts.get(key, "").split("|")
        form = forms[min(plural_form(self._language_of(key), value), len(forms) - 1)]
        return self._marked_text(key, form)

    def _decimal(self, text: str) -> str:
        thousands, decimal = self._texts["format.thousands"], self._texts["format.decimal"]
        return text.replace(",", "\0").replace(".", decimal).replace("\0", thousands)

    @_marking
    def percent(self, share: float, *, short: bool = False) -> str:
        """Format a share as a percentage that is never rounded to 0 or 100.

        With `short`, as a table has room for: "< 0.01 %" instead of "under 0.01 %".

        Examples
        --------
        >>> en = Words("en")
        >>> en.percent(1e-6, short=True), en.percent(-1e-6, short=True), en.percent(-1e-6)
        ('<\\xa00.01\\xa0%', '>\\xa0−0.01\\xa0%', 'over −0.01\\xa0%')
        """
        if not math.isfinite(share):
            return "–"
        value = 100 * abs(share)
        # Below 1 % a single decimal would hide half of what there is.
        digits = 0 if value in (0, 100) else 1 if value >= 0.995 else 2
        bound = "0.01" if 0 < value < 0.01 else "99.9" if 99.95 <= value < 100 else ""
        text = f"{self._decimal(bound or f'{value:.{digits}f}')}{NBSP}%"
        if share < 0:
            text = f"−{text}"
        if not bound:
            return text
        if (share < 0) == (bound == "0.01"):
            return f">{NBSP}{text}" if short else self("number.over", value=text)
        return f"<{NBSP}{text}" if short else self("number.under", value=text)

    def tick(self, share: float) -> str:
        """Write a round share of an axis, without needless decimals."""
        return f"{self._decimal(f'{100 * share:.6g}')}{NBSP}%"

    @_marking
    def count(self, value: float) -> str:
        """Format a number: whole numbers in full, others with two or three figures."""
        if not math.isfinite(value):
            return "∞" if math.isinf(value) else "–"
        if 0 < abs(value) < 0.1:
            # Two significant figures: 0.0031 is not 0.00.
            if abs(value) < 1e-6:
                return self("number.under", value=self._decimal("0.000001"))
            figures = 1 - math.floor(math.log10(abs(value)))
            return self._decimal(f"{value:.{figures}f}").replace("-", "−")
        digits = 0 if value == round(value) or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
        return self._decimal(f"{value:,.{digits}f}").replace("-", "−")

    def value(self, value: float, unit: str, *, short: bool = False) -> str:
        """Format a value by its unit: shares in percent, others as numbers."""
        if unit == "difference" and math.isfinite(value):
            return self.points(value)
        if is_share(unit):
            return self.percent(value, short=short)
        # A mean below 10 keeps its decimals; from there on people are whole.
        return self.count(whole(value) if unit in GUARDED and abs(value) >= 10 else value)

    def interval(self, low: float, high: float, unit: str, *, worst_case: bool = False) -> str:
        """Format an interval, or a range in the worst case; "" if there is none."""
        if not (math.isfinite(low) and math.isfinite(high)) or low == high:
            return ""
        key = f"number.{'worst_case' if worst_case else 'interval'}"
        return self(key, low=self.value(low, unit), high=self.value(high, unit))


def placeholders(text: str) -> frozenset[str]:
    """Return the names of the values that a sentence takes.

    Examples
    --------
    >>> sorted(placeholders("{hits:people} of {n:n} {n:?has|have}"))
    ['hits', 'n']
    """
    parsed = [(name, spec or "") for _, name, spec, _ in string.Formatter().parse(text) if name]
    inner = (placeholders(spec) for _, spec in parsed if "{" in spec)
    return frozenset(name for name, _ in parsed).union(*inner)


# A placeholder between quotation marks: the mark that opens, the name, the mark that closes.
_IN_QUOTES = re.compile(r"(“|«\s)\{(\w+)\}(”|\s»)")


class _Sentence(string.Formatter):
    """The formatter of the placeholders of a sentence.

    ``{n:?est|sont}`` chooses by a number, one choice a plural form of the language; a further one,
    which stands first, is that of none. ``{n:n|aucune}`` writes 0 as a word. Of several names
    between quotation marks, each has its own.
    """

    def __init__(self, words: Words, lang: str) -> None:
        self._words, self._lang = words, lang

    def vformat(self, format_string: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        def each(match: re.Match[str]) -> str:
            opens, name, closes = match.groups()
            several = kwargs.get(name)
            if not isinstance(several, (tuple, list)) or not several:
                return match[0]
            return ", ".join(f"{opens}{{{name}[{at}]}}{closes}" for at in range(len(several)))

        return super().vformat(_IN_QUOTES.sub(each, format_string), args, kwargs)

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs[str(key)]

    def format_field(self, value: Any, spec: str) -> str:
        words = self._words
        if isinstance(value, Note):
            return words.note(value)
        if isinstance(value, (tuple, list)):
            return ", ".join(self.format_field(one, spec.strip(",")) for one in value)
        if spec.startswith("?"):
            choices = spec[1:].split("|")
            none = choices.pop(0) if len(choices) > len(plural_rules(self._lang)) + 1 else None
            form = min(plural_form(self._lang, value), len(choices) - 1)
            return choices[form] if none is None or value else none
        if spec.startswith("@"):
            return words.name(spec[1:], value)
        if isinstance(value, bool) or not isinstance(value, Real):
            return str(value)
        number = value if isinstance(value, (int, Quoted)) else float(value)
        # "none" in "{hits:n|none} of 187".
        spec, _, nothing = spec.partition("|")
        if nothing and (whole(number) if spec == "N" else number) == 0:
            return nothing
        if spec == "%":
            return words.percent(number)
        if spec == "pt":
            return words.points(number)
        if spec == "m":
            return f"{words.count(number)}{NBSP}m"
        if spec in ("", "n", "N"):
            return words.count(whole(number) if spec == "N" else number)
        return words.counted(number, spec)
