"""Names of views, adversaries, rows and parameters in the language of a report."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from privaudit.core.checks import plain_fields
from privaudit.errors import ParameterError
from privaudit.text.normalise import slug
from privaudit.words.catalogues import ADVERSARIES, BORROWED, Note, Quoted, Words

if TYPE_CHECKING:
    from privaudit.results.exposure import Exposure
    from privaudit.results.rows import Row
    from privaudit.studies.study import Study

# Parameters whose value is clear without a name.
_PLAIN = ("gain", "view", "mask", "moment", "attack", "scope", "role", "tier", "key", "keys")
# Views without an assumption.
_NOT_BELIEVED = ("unknown", "map", "table")
# On exact dots, these adversaries do the same.
_EXACT, _MASK_ONLY = ("exact", "none"), ("nearest", "knows_mask", "unknown_mask")
# Parameters whose value is a column.
_COLUMNS = ("column", "columns", "names", "without", "coarser", "key", "keys", "secret")
# Parameters whose value is a file, or a table or sheet of one.
_FILES = ("file", "table", "map", "log", "sheet", "lists")
# Sections to search for the name of a value.
_WORDS = ("part", "rung", "gain", "role", "tier", "column", "known", "group", "value")
_VALUES = ("value", "leaning", *_WORDS)
# Parameters with a section of their own.
_OWN = {
    "leaning": "leaning", "what": "held", "location": "location", "parameter": "assumption",
    "page_kind": "page_kind", "how": "mended",
    "by": "joined", "tested": "tested", "recipient": "recipient", "holds": "holding",
    "column_role": "column_role", **dict.fromkeys(ADVERSARIES, "rung"),
}  # fmt: skip
# Parameters whose value is a mask.
_MASKS = ("mask", "second", "used", "believed", "stated", "view")
# Those whose value may be one of another section.
_OWN_OR_OTHER = ("how", *ADVERSARIES)


def capital(text: str) -> str:
    """Return a text with its first letter in upper case."""
    mark = BORROWED[0] if text.startswith(BORROWED[0]) else ""
    text = text.removeprefix(mark)
    return mark + text[:1].upper() + text[1:]


def in_a_row(words: Words, names: Sequence[str], last: str) -> str:
    """Return names with commas, and a word before the last: "and", or "or".

    Examples
    --------
    >>> in_a_row(Words("en"), ["age", "sex", "town"], "and"), in_a_row(Words("fr"), ["nom"], "or")
    ('age, sex and town', 'nom')
    """
    if len(names) < 2:
        return "".join(names)
    return words(f"story.{last}_last", names=", ".join(names[:-1]), last=names[-1])


def long_date(words: Words, day: datetime.date) -> str:
    """Format a date in the reader's language.

    Examples
    --------
    >>> day = datetime.date(2016, 11, 8)
    >>> long_date(Words("en"), day), long_date(Words("fr"), day)
    ('8\\xa0November\\xa02016', '8\\xa0novembre\\xa02016')
    """
    number = words("story.first_of_month") if day.day == 1 else str(day.day)
    month = words(f"month.m{day.month:02d}")
    text = words("story.date", day=number, month=month, year=str(day.year))
    return text.replace(" ", "\u00a0")


def is_masked(view: str) -> bool:
    """Whether the dots of a view were moved, or may have been.

    Examples
    --------
    >>> is_masked("donut:50:200"), is_masked("exact"), is_masked("table")
    (True, False, False)
    """
    return view not in ("exact", "none", "table")


@cache
def _parsed_view(view: str) -> tuple[str, dict[str, float], str]:
    """Return what a view or a mask is, its numbers, and the mask that it keeps to.

    Whatever wrote the word reads it back; what is no such word is a view of its own.
    """
    from privaudit.campaign.publish import parse_view
    from privaudit.maps.masks.mask import Mask, parse_mask

    if view in ("exact", "unknown"):
        return view, {}, ""
    try:
        mask = parse_mask(view)
    except ParameterError:
        try:
            return parse_view(view).word, {}, ""
        except ParameterError:
            return view, {}, ""
    inner = getattr(mask, "mask", None)
    if mask is not None and isinstance(inner, Mask):
        return mask.word, {}, str(inner)
    if mask is None:
        return view, {}, ""
    values = plain_fields(mask).items()
    return mask.word, {name: v for name, v in values if isinstance(v, (int, float))}, ""


def view_name(words: Words, view: str, section: str = "view", *, believed: bool = False) -> str:
    """Name what leaked, from the word of a view.

    `section` is "view" ("on the map with dots moved by 50 to 200 m"), "view_short" ("dots moved
    by 50 to 200 m") or "view_least" ("50 to 200 m"), as a button has room for, where there is one.

    Examples
    --------
    >>> view_name(Words("en"), "donut:50:200")
    'on the map with dots moved by 50 to 200\xa0m'
    >>> view_name(Words("en"), "persistent:donut:50:200", "view_short")
    'dots moved by 50 to 200\xa0m, the same move each time'
    """
    kind, figures, mask = _parsed_view(str(view))
    if believed and kind not in _NOT_BELIEVED:
        return words("view_short.believed", name=view_name(words, view, section))
    key = f"{section}.{slug(kind)}"
    if mask and words.has(key):
        return words(key, name=view_name(words, mask, section))
    if section == "view_least" and not words.has(key):
        key = f"view_short.{slug(kind)}"
    # One that lacks a number that its name asks for is shown as it came.
    if not words.has(key) or not words.placeholders(key) <= figures.keys():
        return words(f"{section}.other", name=str(view))
    return words(key, **figures)


def seen_on(study: Study, words: Words, exposure: Exposure) -> str:
    """Return the short name of a view; for a real file, as an assumption."""
    real = study.provenance == "audited file"
    return view_name(words, exposure.view, "view_short", believed=real)


def subject_of(study: Study, words: Words) -> str:
    """Name what was examined: the user's title, or the single result."""
    if len(study.exposures) == 1 and study.title == study.exposures[0].attack:
        return capital(attack_name(words, study.title))
    if study.title:
        return study.title
    return ", ".join(family_name(words, family) for family in study.measures)


def attack_name(words: Words, attack: str, copies: int = 1, view: str = "") -> str:
    """Name the adversary, as the subject of a sentence.

    Examples
    --------
    >>> attack_name(Words("en"), "knows-mask", 3)
    'someone who knows how the dots were moved and kept 3\xa0copies'
    """
    if view in _EXACT and slug(attack) in _MASK_ONLY:
        return words("who.exact")
    known = words.has(f"who.{slug(attack)}")
    who = words.name("who", attack) if known else words("who.other", name=attack)
    return words("who.copies", name=who, copies=copies) if copies > 1 else who


def rung_name(words: Words, attack: str, copies: int = 1) -> str:
    """Return the short name of an adversary.

    Examples
    --------
    >>> rung_name(Words("fr"), "knows-mask", 3).replace(chr(160), " ")
    'sait comment les points ont été déplacés, 3 copies'
    """
    name = words.name("rung", attack)
    return words("rung.copies", name=name, copies=copies) if copies > 1 else name


def family_name(words: Words, family: str) -> str:
    """Return the title of a family, or its own name if it is unknown."""
    return capital(words.name("family", family))


def part_value(words: Words, value: Any, name: str = "") -> Any:
    """Translate the value of a parameter; numbers stay numbers.

    `name` is that of the parameter, which says where else than in its own words to look.

    Examples
    --------
    >>> en = Words("en")
    >>> part_value(en, "donut:50:200"), part_value(en, "fresh"), part_value(en, 10)
    ('dots moved by 50 to 200\xa0m', 'new noise in each copy', 10)
    >>> part_value(en, "score_band"), part_value(en, ("age", "sex"))
    ('band of the score', ('age', 'sex'))
    >>> part_value(en, "nearest", "adversary"), part_value(en, "nearest", "model")
    ('takes the nearest address', 'the most similar record')
    """
    if name == "paths" or (words.quoted and name in (*_COLUMNS, *_FILES, "level")):
        return value  # Fields of a description, columns, their values and files are quoted.
    if isinstance(value, tuple):
        return tuple(part_value(words, one, name) for one in value)
    if name == "texts":
        from privaudit.rules.packs import text_names

        if value in text_names():
            return words.translated(text_names()[value])
    if name == "case" and words.has(f"case.{value}"):
        return words(f"case.{value}")
    if isinstance(value, bool):
        return words.name("part", value)
    if not isinstance(value, str):
        return value
    if name == "day":
        return long_date(words, datetime.date.fromisoformat(value))
    # "none" is a mask, and an answer to other questions.
    is_mask = name in _MASKS or (name, value) == ("other", "none")
    if is_mask and words.has(f"view_short.{slug(_parsed_view(value)[0])}"):
        return view_name(words, value, "view_short")
    own = _OWN.get(name, "")
    if own and (name not in _OWN_OR_OTHER or words.has(f"{own}.{slug(value)}")):
        return words.name(own, value)
    if name in _COLUMNS:
        return words.name("column", value)
    for section in _VALUES if name == "answer" else _WORDS:
        if words.has(f"{section}.{slug(value)}"):
            return words.name(section, value)
    known = words.has(f"view_short.{slug(_parsed_view(value)[0])}")
    return view_name(words, value, "view_short") if known else value


def label_of(words: Words, family: str, row: Row) -> str:
    """Return the label of a row, by family and measure.

    Parameters that the name has no place for stand after it.

    Examples
    --------
    >>> from privaudit.results.rows import Row
    >>> row = Row(measure="unheard_of", value=1, unit="dots", n=20, counts="dots",
    ...     part={"copies": 10, "without": "age"})
    >>> label_of(Words("en"), "of_late", row)
    'unheard of (10\xa0copies, without age)'
    """
    part = {name: part_value(words, value, name) for name, value in row.part.items()}
    if part.get("attribute") == words.name("column", "leaning") and "answer" in part:
        part["answer"] = words.name("leaning", row.part["answer"])
    gain = words.name("gain", row.gain) if row.gain else ""
    values = {"n": row.n, "value": row.value, "gain": gain} | part
    keys = (f"measure.{family}__{row.measure}", f"measure.{row.measure}")
    known = (key for key in keys if words.has(key) and words.placeholders(key) <= values.keys())
    key = next(known, "")
    placed = words.placeholders(key) if key else frozenset[str]()
    label = words(key, **values) if key else row.measure.replace("_", " ")
    if family == "rules":
        from privaudit.rules.packs import titles_of

        label = f"{row.measure} {words.translated(titles_of(row.measure))}".rstrip()
    rest = [parameter(words, name, v) for name, v in part.items() if name not in placed]
    rest += [gain] if gain and not key else []
    return f"{label} ({', '.join(rest)})" if rest else label


def parameter(words: Words, name: str, value: Any) -> str:
    """Format a parameter beside a label."""
    if isinstance(value, (str, tuple)) and name in _PLAIN:
        return value if isinstance(value, str) else ", ".join(map(str, value))
    key = f"parameter.{slug(name)}"
    known = words.name("column", name).replace("_", " ")
    plain: Mapping[str, Any] = {"value": value, "name": known}
    return words(key if words.has(key) else "parameter.other", **plain)


def written(words: Words, row: Row, value: float, *, short: bool = False) -> str:
    """Format a number of a row in its unit; a dash if unknown."""
    if value != value:
        return "–"
    return words.measured(value, row.unit, short=short)


def bounded(words: Words, row: Row) -> str:
    """Format the value of a row, as a bound if it is one."""
    text = written(words, row, row.value)
    known = row.bound and row.value == row.value
    return words(f"number.bound_{row.bound}", value=text) if known else text


# Stands for the id of a finding beside the notes of a study.
OF_STUDY = "study"


def values_of(finding: str, note: Note) -> dict[str, Any]:
    """Return the values of a note of a finding, or of `OF_STUDY`, numbers with their source."""

    def quoted(value: Any, field: str) -> Any:
        if isinstance(value, tuple):
            return tuple(quoted(one, f"{field}.{at}") for at, one in enumerate(value))
        if isinstance(value, Note):
            inner = {name: quoted(v, f"{field}.values.{name}") for name, v in value.items}
            return Note(value.key, **inner)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value
        return Quoted(value, finding, field)

    return {name: quoted(v, f"note.{note.key}.{name}") for name, v in note.values.items()}


def set_aside(study: Study) -> Quoted:
    """Return how many rows of a study could not be used."""
    return Quoted(sum(study.set_aside.values()), OF_STUDY, "set_aside")


def quoted_note(words: Words, note: Note, finding: str = OF_STUDY) -> str:
    """Return the sentence of a note of a finding, or of a study, with the source of its numbers."""
    return note_text(words, Note(note.key, **values_of(finding, note)))


def note_text(words: Words, note: Note, section: str = "note") -> str:
    """Return the sentence of a note, with masks and columns translated.

    Examples
    --------
    >>> from privaudit.words.catalogues import Note
    >>> note_text(Words("en"), Note("mend_withhold_column", column="score_band"))
    'Withhold the column “band of the score”.'
    """
    values = {name: part_value(words, value, name) for name, value in note.values.items()}
    if not words.has(f"{section}.{note.key}"):
        # A test detects it; a page shows the key instead.
        known = ", ".join(f"{name} {value}" for name, value in values.items())
        return capital(f"{note.key.replace('_', ' ')} ({known})" if known else note.key)
    return capital(words(f"{section}.{note.key}", **values))
