"""What a view, an adversary and a measure are called in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable

from privaudit.reporting.words import Words, slug

__all__ = [
    "attack_name",
    "known_of",
    "measure_key",
    "measure_name",
    "part_name",
    "resolution_name",
    "rung_name",
    "stem_of",
    "view_name",
]

# Numbers that the name of a view holds, by its kind; a name with fewer is shown as it came.
_NUMBERS = {
    "donut": 2, "disk": 1, "gaussian": 1, "bimodal": 2, "laplace": 1, "grid": 1, "hex": 1,
    "quadtree": 1, "swap": 2, "adaptive": 2, "optimal": 2,
}  # fmt: skip
# Views of which nothing is taken on trust.
_NOT_BELIEVED = ("unknown", "map", "table")
_VERSIONS = re.compile(r"(.*), (\d+) versions")
_COUNTED = re.compile(r"([\d.]+) (\D+)")
_NUMBERED = re.compile(r"(.+?)_(\d+)(_control|_residual)?")


def view_name(words: Words, view: str, section: str = "view", *, believed: bool = False) -> str:
    """Say what leaked, from the label of a view, or what is believed of it.

    Examples
    --------
    >>> view_name(Words("en"), "donut:50:200")
    'on the map of dots moved by 50 to 200\xa0m'
    >>> view_name(Words("en"), "persistent:donut:50:200", "view_short")
    'dots moved by 50 to 200\xa0m, always alike'
    """
    kind, *numbers = str(view).split(":")
    if believed and kind not in _NOT_BELIEVED:
        return words("view_short.believed", name=view_name(words, view, section))
    if kind == "persistent" and numbers:
        kept = view_name(words, ":".join(numbers), section)
        return words("view_short.persistent", name=kept)
    figures = [words.count(float(n)) for n in numbers if re.fullmatch(r"\d+(\.\d+)?", n)]
    low, high = (*figures, "", "")[:2]
    key = f"{section}.{slug(kind)}"
    if not words.has(key) or len(figures) < _NUMBERS.get(kind, 0):
        return words(f"{section}.other", name=view)
    return words(key, low=low, high=high)


def attack_name(words: Words, attack: str) -> str:
    """Say who attacks, as the subject of a sentence.

    Examples
    --------
    >>> attack_name(Words("en"), "knows the mask, 3 versions")
    'someone who knows how the dots were moved and kept 3 copies'
    """
    return _attack(words, attack, "who")


def rung_name(words: Words, attack: str) -> str:
    """Name a rung of the ladder, shortly.

    Examples
    --------
    >>> rung_name(Words("fr"), "knows the mask, 3 versions").replace(chr(160), " ")
    'connaît le brouillage, 3 copies'
    """
    return _attack(words, attack, "rung")


def _attack(words: Words, attack: str, section: str) -> str:
    several = _VERSIONS.fullmatch(str(attack))
    if several:
        return words(f"{section}.versions", name=_attack(words, several[1], section), n=several[2])
    if section == "who" and not words.has(f"who.{slug(attack)}"):
        return words("who.other", name=attack)
    return words.name(section, attack)


def stem_of(name: str) -> str:
    """Return what a measure is of, without the part or the column that it is told for.

    Examples
    --------
    >>> stem_of("distinct_l[party]"), stem_of("found@3 m a pixel"), stem_of("error_10@fresh")
    ('distinct_l', 'found', 'error_10')
    """
    return re.split(r"[\[@]", str(name), maxsplit=1)[0]


def part_name(words: Words, part: str) -> str:
    """Name what a measure is told for: a view, a rung, a resolution, a number of accounts.

    Examples
    --------
    >>> part_name(Words("en"), "100 accounts"), part_name(Words("en"), "donut:50:200")
    ('100 accounts', 'dots moved by 50 to 200\xa0m')
    """
    if words.has(f"part.{slug(part)}"):
        return words(f"part.{slug(part)}")
    counted = _COUNTED.fullmatch(part)
    if counted and words.has(f"part.n_{slug(counted[2])}"):
        return words(f"part.n_{slug(counted[2])}", n=words.count(float(counted[1])))
    if words.has(f"rung.{slug(part)}") or _VERSIONS.fullmatch(part):
        return rung_name(words, part)
    return view_name(words, part, "view_short")


def known_of(words: Words, by: Iterable[str]) -> str:
    """Say what is known of a resident: a place, a sex, a birth.

    Examples
    --------
    >>> known_of(Words("fr"), ["commune", "sex", "birth_date"])
    'Ce que l’on sait\\xa0: commune, sexe, date de naissance'
    """
    return words("found.known", known=", ".join(words.name("known", word) for word in by))


def measure_key(words: Words, name: str, family: str = "") -> str:
    """Return the key of a measure's name in the catalogue, "" where it has none.

    A family may name a measure in its own way: what is ``found`` by a look-up is not what is
    found from a picture.

    Examples
    --------
    >>> words = Words("en")
    >>> measure_key(words, "error_10@fresh", "copies"), measure_key(words, "unheard_of")
    ('measure.copies_error_n', '')
    >>> measure_key(words, "unicity_4"), measure_key(words, "neighbourhood_2")
    ('measure.unicity_n', 'measure.neighbourhood_n')
    >>> measure_key(words, "unicity_4_control"), measure_key(words, "unicity_4_residual")
    ('measure.unicity_n_control', 'measure.unicity_n_residual')

    One is said in its own way.

    >>> measure_key(words, "unicity_1"), measure_key(words, "neighbourhood_1")
    ('measure.unicity_1', 'measure.neighbourhood_1')
    >>> measure_key(words, "unicity_1_control"), measure_key(words, "unicity_1_residual")
    ('measure.unicity_1_control', 'measure.unicity_1_residual')
    """
    stem = slug(stem_of(name))
    numbered = _NUMBERED.fullmatch(stem)
    stems = [stem] + ([f"{numbered[1]}_n{numbered[3] or ''}"] if numbered else [])
    keys = [f"measure.{family}_{s}" for s in stems if family] + [f"measure.{s}" for s in stems]
    return next((key for key in keys if words.has(key)), "")


def measure_name(words: Words, name: str, family: str = "") -> str:
    """Say what a measure counts, in its family where that is given.

    ``distinct_l[party]`` is the measure of one column, ``found@3 m a pixel`` that of one part;
    a number at the end, as in ``error_10``, goes into the name.

    Examples
    --------
    >>> measure_name(Words("en"), "unheard_of[party]")
    'unheard of (party)'
    >>> measure_name(Words("fr"), "k_map[without age]")[-10:]
    '(sans age)'
    >>> measure_name(Words("en"), "error_10@fresh", "copies")
    'metres from the mean of 10 copies to the door: new noise in each copy'
    """
    stem, _, rest = str(name).partition("[")
    stem, at, part = stem.partition("@")
    key, numbered = measure_key(words, stem, family), _NUMBERED.fullmatch(stem)
    label = words(key, n=numbered[2] if numbered else "") if key else stem.replace("_", " ")
    if at:
        return words("number.of_part", label=label, part=part_name(words, part))
    column = rest.removesuffix("]")
    change, _, variable = column.partition(" ")
    if variable and words.has(f"change.{change}"):
        column = words(f"change.{change}", name=variable)
    if column and key.startswith("measure.unicity_"):
        column = resolution_name(words, column)
    return f"{label} ({column})" if column else label


def resolution_name(words: Words, series: str) -> str:
    """Name how finely a log is known: its items, and how well the time."""
    return ", ".join(_resolution(words, piece) for piece in series.split(", "))


def _resolution(words: Words, piece: str) -> str:
    counted = _COUNTED.fullmatch(piece)
    known = words.has(f"part.{slug(piece)}")
    known = known or (counted is not None and words.has(f"part.n_{slug(counted[2])}"))
    return part_name(words, piece) if known else piece
