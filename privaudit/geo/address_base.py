"""The public addresses of an area, the words of their streets, tilings of the plane, polygons."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from string import ascii_lowercase
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from privaudit.core.checks import an_instance, columns_present, keyword_only
from privaudit.core.files import packaged_toml
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.geo.crs import LAMBERT_93, epsg_code, unit_of
from privaudit.text.normalise import fold, unaccented, words
from privaudit.words.catalogues import Note

# Names of places, and streets, that a map may show.
_NAMES, _STREETS = 30, 400
# A street has at most so many doors and metres; so much of its doors stand so near its middle, in
# metres and by its length.
_DOORS, _LONGEST, _MOST_DOORS, _BESIDE, _NARROW = 2_000, 5_000.0, 0.9, 50.0, 1 / 8
PLACE_COLUMNS = ("id", "number", "street", "commune", "station", "x", "y")
STREET_KINDS = ("street", "square", "quay", "dead_end")
COUNTS = ("households", "electors", "residents")
_WORDS = packaged_toml("privaudit.geo", "address_words.toml")
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
# Share of the streets that have a word of the language, from which on they are of it.
_OF_A_LANGUAGE = 0.3
# What may stand after a number: a word, or a letter.
AFTER_NUMBER = frozenset({*_WORDS["words"]["after_number"].split(), *ascii_lowercase})
# Digits of a house number: a French one has four, as a postcode has five.
MOST_DIGITS = 6
# What parts a written address.
_PARTS = frozenset(",;\n")


@keyword_only
@dataclass(frozen=True, eq=False)
class AddressBase:
    """Addresses with positions in metres and, where known, how many people live at each.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row an address: id, number, street, commune (in France its INSEE code, elsewhere a
        key or a name), station (str, "" where unknown), x, y (metres); then any of street_kind
        (`STREET_KINDS`), of a town whose plan is known, and households, electors, residents
        (whole numbers, 0 or more).
    crs : str, optional
        ``"EPSG:2154"`` for Lambert-93, another code, or ``"fictional"``.
    source : str, optional
        Where the addresses come from, in words for a report.
    real : bool
        True where the places exist: a report then never draws a dot. There is no default: what is
        not known to be invented is real.
    set_aside : mapping of Note to int, optional
        Rows of the file that could not be used: reason to count.
    notes : tuple of Note, optional
        What was assumed to read them.
    language : str, optional
        Of the words of its streets: ``"fr"``, ``"en"``; "" to be recognised by them.
    written : pandas.DataFrame, optional
        How the same addresses are written elsewhere, one row each: postcode, town, and `also`,
        other names of the street with bars between; "" unknown.

    Two doors of a street, 40 metres apart.

    >>> base = AddressBase(pd.DataFrame({"id": ["a", "b"], "number": ["1", "2"], "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 40.0], "y": 0.0}), real=False)
    >>> len(base), base.real
    (2, False)
    """

    frame: pd.DataFrame
    crs: str = "fictional"
    source: str = "simulated town"
    set_aside: Mapping[Note, int] = field(default_factory=dict)
    written: pd.DataFrame | None = None
    notes: tuple[Note, ...] = ()
    language: str = "fr"
    real: bool = field(kw_only=True)

    def __post_init__(self) -> None:
        an_instance("AddressBase", "frame", self.frame, pd.DataFrame)
        columns_present("AddressBase", "column", PLACE_COLUMNS, self.frame.columns, self.source)
        if not np.isfinite(self.xy).all():
            do = "Set those rows aside."
            raise GeometryError.of("AddressBase", "finite x and y", "a missing position", do)
        metres = self.crs in ("fictional", LAMBERT_93)
        if not metres and (unit := unit_of(self.crs, who="AddressBase")) != "metre":
            do, came = "Use read_addresses(frame, crs=...).", f"the unit {unit} ({self.crs})"
            raise GeometryError.of("AddressBase", "x and y in metres", came, do)
        if self.written is not None and len(self.written) != len(self.frame):
            came = f"{len(self.written):,} for {len(self.frame):,}"
            raise SchemaError.of("AddressBase", "a row of `written` for each address", came)
        for name in self.counts:
            if (self.frame[name].to_numpy() < 0).any():
                raise SchemaError.of("AddressBase", f"{name} of 0 or more", "a negative count")

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        kind = "real" if self.real else "fictional"
        known = ", ".join(self.counts) or "no counts"
        return f"AddressBase({len(self):,} {kind} addresses, {known}, {self.source})"

    @property
    def xy(self) -> np.ndarray:
        """Return the positions in metres, shape (n, 2)."""
        # Column by column: a frame of two columns would be made for each of many calls.
        return np.array([self.frame[name].to_numpy(dtype=float) for name in ("x", "y")]).T

    @property
    def counts(self) -> tuple[str, ...]:
        """Return which of households, electors, residents are known."""
        return tuple(name for name in COUNTS if name in self.frame.columns)

    def people(self) -> np.ndarray | None:
        """Return the residents at each address, else the electors, else None."""
        for name in ("residents", "electors"):
            if name in self.frame.columns:
                return self.frame[name].to_numpy(dtype=float)
        return None

    def homes(self) -> np.ndarray:
        """Return the households at each address, 1 where unknown."""
        if "households" in self.counts:
            return self.frame["households"].to_numpy(dtype=float)
        return np.ones(len(self))

    def of_communes(self, codes: Sequence[str]) -> AddressBase:
        """Return those of some communes, or all where none is named; elsewhere of towns too."""
        if not codes:
            return self
        keys = [self.frame["commune"]]
        if self.language != "fr" and self.written is not None:
            keys.append(self.written["town"])
        # As `read_addresses` writes what is asked for.
        keys = [key.str.upper().str.replace(" ", "") for key in keys]
        if absent := sorted(set(codes).difference(*keys)):
            needed = "commune the code or the key of a commune of the addresses"
            raise ParameterError.of("read_addresses", needed, f"'{absent[0]}', which is none")
        mine = np.any([key.isin(codes) for key in keys], axis=0)
        also = None if self.written is None else self.written[mine].reset_index(drop=True)
        return replace(self, frame=self.frame[mine].reset_index(drop=True), written=also)

    def place_names(self, fewest: int = SMALL_CELL) -> tuple[tuple[str, float, float], ...]:
        """Return the names of towns, and of streets where there is one town, most doors first.

        Returns
        -------
        tuple of (str, float, float)
            A name, and the middle of its addresses in metres; of `fewest` addresses or more.

        Examples
        --------
        >>> street = pd.DataFrame({
        ...     "id": list("abc"), "number": "1", "street": ["Quai Bas", "Quai Bas", "Pré"],
        ...     "commune": "c", "station": "", "x": [0.0, 40.0, 90.0], "y": 0.0})
        >>> AddressBase(street, real=False).place_names(fewest=2)
        (('Quai Bas', 20.0, 0.0),)
        """
        commune = self.frame["commune"]
        # A code, such as 94042 or 2A004, is no name.
        towns = commune.where(~commune.str.fullmatch(r"[0-9][0-9AB]?[0-9]*"), "")
        if self.written is not None:
            towns = self.written["town"]
        named = pd.Series(towns.to_numpy()).str.strip()
        if named[named != ""].nunique() < 2:
            named = self.frame["street"].reset_index(drop=True)
        places = self.frame[["x", "y"]].reset_index(drop=True).groupby(named)
        many = places.size().sort_values(ascending=False, kind="stable")
        many = many[(many >= fewest) & (many.index != "")]
        middle = places.median()
        shown = middle.loc[many.index[:_NAMES]]
        return tuple(
            zip(map(str, shown.index), shown["x"].tolist(), shown["y"].tolist(), strict=True)
        )

    def street_lines(self, fewest: int = SMALL_CELL) -> tuple[np.ndarray, ...]:
        """Return the middle of streets in metres, most doors first.

        Of `fewest` places a metre apart or more, and only where the doors stand along one line: a
        name that several streets share has none, nor has a hamlet.

        Examples
        --------
        >>> street = pd.DataFrame({
        ...     "id": list("abcd"), "number": list("1234"), "street": "Quai Bas", "commune": "c",
        ...     "station": "", "x": [0.0, 0.0, 40.0, 40.0], "y": [5.0, -3.0, 5.0, -3.0]})
        >>> AddressBase(street, real=False).street_lines(fewest=4)[0].round().tolist()
        [[-8.0, 1.0], [48.0, 1.0]]
        """
        known = self.frame[self.frame["street"].astype(str) != ""]
        # Many numbers at two homes are no street.
        metres = known.assign(x=known["x"].round(), y=known["y"].round())
        known = known[~metres.duplicated(["commune", "street", "x", "y"])]
        groups = known.groupby(["commune", "street"], sort=False)
        many = groups["x"].transform("size")
        known = known[(many >= fewest) & (many <= _DOORS)]
        rows = known.groupby(["commune", "street"], sort=False).indices
        found, xy = [], known[["x", "y"]].to_numpy(dtype=float)
        sides = number_sides(known)
        for at in sorted(rows.values(), key=len, reverse=True)[:_STREETS]:
            points = xy[at]
            if 0 < np.ptp(points, axis=0).max() <= _LONGEST:
                line = middle_of_street(points, sides[at])
                centre, *axes = fitted_frame(points)
                along, off = axes @ (points - centre).T
                away = np.abs(off - np.interp(along, *(axes @ (line - centre).T)))
                near = min(_BESIDE, _NARROW * float(np.ptp(along)))
                found += [line] if (away <= near).mean() >= _MOST_DOORS else []
        return tuple(found)

    def with_counts(self, **counts: np.ndarray) -> AddressBase:
        """Return the same addresses with households, electors or residents added."""
        return replace(self, frame=self.frame.assign(**counts))


def number_sides(places: pd.DataFrame) -> np.ndarray:
    """Return 1 for odd numbers, on the left of a street, and -1 for even ones."""
    number = places["number"].astype(str).str.extract(r"(\d+)", expand=False).astype(float)
    return np.where(number % 2 == 1, 1.0, -1.0)


def fitted_frame(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the centre of points, and their main axis and the one across it."""
    centre = points.mean(axis=0)
    axis = np.linalg.svd(points - centre, full_matrices=False)[2][0]
    return centre, axis, np.array([-axis[1], axis[0]])


def middle_of_street(points: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Trace the middle of a street between its two sides, 1 and -1 of `number_sides`.

    It is a curve of the second degree, from end to end.
    """
    centre, axis, across = fitted_frame(points)
    along, off = (points - centre) @ axis, (points - centre) @ across
    known = [np.ones(len(off)), along]
    if len(points) >= 8:
        known.append(along**2)
    both = abs(side.mean()) < 1
    design = np.stack([*known, side] if both else known, axis=1)
    fit = np.linalg.lstsq(design, off, rcond=None)[0]
    t = np.linspace(along.min() - 8, along.max() + 8, max(2, int(np.ptp(along) / 45) + 2))
    curve = fit[0] + fit[1] * t + (fit[2] * t**2 if len(known) > 2 else 0) + (0.0 if both else 9.0)
    return np.asarray(centre + np.outer(t, axis) + np.outer(curve, across))


class AddressToken(NamedTuple):
    """A word or a number of a text, what stands before it, and whether a name goes without it."""

    word: str
    glue: str
    small: bool
    written: str


@dataclass(frozen=True, eq=False)
class AddressLanguage:
    """The words of the addresses of a language."""

    code: str
    first: bool | None = None
    short: Mapping[str, str] = field(default_factory=dict)
    small: frozenset[str] = frozenset()
    ends: Mapping[str, str] = field(default_factory=dict)
    unit: frozenset[str] = frozenset()
    directions: frozenset[str] = frozenset()
    may_lack: frozenset[str] = frozenset()
    letters: str = ""

    def words_of(self, word: str) -> list[str]:
        """Return the words that a written one stands for."""
        if word in self.short:
            return self.short[word].split()
        for end, whole in self.ends.items():
            if word == end:
                return [whole]
            if word.endswith(end) and len(word) > len(end) + 1:
                return [word.removesuffix(end), whole]
        return [word]

    @property
    def kinds(self) -> frozenset[str]:
        """Return the words that are abbreviated, such as kinds of streets."""
        return frozenset((*self.short.values(), *self.ends.values()))


@cache
def address_language(code: str) -> AddressLanguage:
    """Return the words of a language; none of an unknown one."""
    if code not in _WORDS or code in ("words", "postcode"):
        return AddressLanguage(code)
    given = _WORDS[code]
    short = {form: word for word, forms in given.get("short", {}).items() for form in forms.split()}
    ends = {word: word for word in given.get("ends", {})}
    ends |= {form: word for word, forms in given.get("ends", {}).items() for form in forms.split()}
    small, unit, directions, may_lack = (
        frozenset(given.get(name, "").split())
        for name in ("small", "unit", "directions", "may_lack")
    )
    return AddressLanguage(
        code, given.get("first", False), short, small, ends, unit, directions,
        may_lack | directions, given.get("letters", ""),
    )  # fmt: skip


def language_of_streets(streets: Iterable[str]) -> str:
    """Return the language of most streets, by their words; "" of none."""
    names = [{*words(street)} for street in streets]
    votes: dict[str, int] = {}
    for code in _WORDS:
        language = address_language(code)
        ends = tuple(end for end in language.ends if len(end) > 2)
        forms = {word for word in (*language.kinds, *language.short) if len(word) > 1}
        votes[code] = sum(
            not name.isdisjoint(forms)
            or any((ends and w.endswith(ends)) or w[0] in language.letters for w in name)
            for name in names
        )
    best = max(votes, key=lambda code: votes[code])
    return best if votes[best] > _OF_A_LANGUAGE * len(names) else ""


_POSTCODES = [re.compile(rf"(?<![a-z\d]){form}(?![a-z\d])") for form in _WORDS["postcode"]["forms"]]


def form_of_postcodes(codes: Sequence[str]) -> re.Pattern[str] | None:
    """Return the form that most postcodes have."""
    texts = [fold(text) for text in dict.fromkeys(codes) if text]
    fits = {form: sum(form.fullmatch(text) is not None for text in texts) for form in _POSTCODES}
    best = max(fits, key=lambda form: fits[form])
    return best if 2 * fits[best] > len(texts) else None


def compact_postcode(code: str, form: re.Pattern[str] | None) -> str:
    """Return a postcode without blanks; of an American one, its five digits."""
    if form is None:
        return code
    text = re.sub(r"[ -]", "", fold(code))
    return text[:5] if text.isdecimal() and len(text) == 9 else text


@lru_cache(maxsize=200_000)
def address_tokens(text: str, code: str) -> tuple[AddressToken, ...]:
    """Cut a text into words and numbers, abbreviations spelt out."""
    language, plain, end = address_language(code), unaccented(text).casefold(), 0
    if code == "en":
        plain = plain.replace("'s ", "s ")
    result: list[AddressToken] = []
    for match in _TOKEN.finditer(plain):
        glue, end, word = plain[end : match.start()], match.end(), match[0]
        if word.isdecimal() and len(word) < 5:  # of five digits, it may be a postcode
            word = word.lstrip("0") or "0"
        # A letter after a number is of the number: 12 d, but not 12 d'Alger.
        of_number = len(word) == 1 and result and result[-1].word.isdecimal()
        of_number = of_number and plain[end : end + 1] != "'"
        small = word in language.small and not of_number
        for part in language.words_of(word):
            result.append(AddressToken(part, glue, small, word))
            glue, word = " ", ""
    return tuple(result)


@lru_cache(maxsize=100_000)
def address_words(text: str, code: str = "fr") -> tuple[str, ...]:
    """Return the words of a text without the small ones."""
    return tuple(token.word for token in address_tokens(text, code) if not token.small)


def street_spellings(tokens: Sequence[AddressToken]) -> set[str]:
    """Return words as one text: as they are written, spelt out, and without the small ones."""
    texts = {
        " ".join(token.written for token in tokens if token.written),
        " ".join(token.word for token in tokens),
        " ".join(token.word for token in tokens if not token.small),
    }
    return texts | {text.replace("ss", "ß") for text in texts}  # which is typed as one letter


class WrittenAddress(NamedTuple):
    """A written address: its words, what stands before each, and where each is among all tokens."""

    words: tuple[str, ...]
    glue: tuple[str, ...]
    at: tuple[int, ...]
    tokens: tuple[AddressToken, ...]

    def parted(self, place: int) -> bool:
        """Return whether a comma or a line end stands before a word."""
        return not _PARTS.isdisjoint(self.glue[place])

    def run_before(self, start: int) -> range:
        """Return the words of the number before a street: "69-15", "12b", "117 1/2"."""
        words, at = self.words, start
        while at:
            if words[at - 1].isdecimal() and len(words[at - 1]) <= MOST_DIGITS:
                step = 1
            elif at > 1 and words[at - 1] in AFTER_NUMBER and words[at - 2].isdecimal():
                step = 2
            else:
                break
            if at < start and not self._joins(at, start):
                break
            at -= step
        while at < start and not words[at].isdecimal():
            at += 1
        return range(at, start)

    def _joins(self, place: int, end: int) -> bool:
        """Return whether a number goes on at a word: after a mark, or as a fraction."""
        mark = self.glue[place].strip()
        if mark:
            return mark in ("-", "/", ".")
        fraction = self.words[place : min(end, place + 2)]
        return (
            len(fraction) == 2
            and all(word.isdecimal() and len(word) == 1 for word in fraction)
            and self.glue[place + 1].strip() == "/"
        )

    def run_after(self, end: int) -> range:
        """Return the words of the number after a street."""
        words, n = self.words, len(self.words)
        end += end < n and words[end] in ("n", "no", "nr", "num", "numero", "nro")
        if end >= n or not words[end].isdecimal() or len(words[end]) > MOST_DIGITS:
            return range(0)
        at = end + 1
        while at < n:
            letter = words[at] in AFTER_NUMBER and words[at - 1].isdecimal()
            fits = letter and self.glue[at].strip() in ("", "-", "/", ".")
            if not fits and not (words[at].isdecimal() and self._joins(at, n)):
                break
            at += 1
        return range(end, at)


@lru_cache(maxsize=100_000)
def cut_address(text: str, code: str) -> WrittenAddress:
    """Cut a written address, without the flat in it."""
    tokens, chosen, place = address_tokens(text, code), list[int](), 0
    while place < len(tokens):
        if flat := _flat_at(tokens, place, address_language(code).unit):
            place += flat
            continue
        if not tokens[place].small:
            chosen.append(place)
        place += 1
    return WrittenAddress(
        tuple(tokens[place].word for place in chosen),
        tuple(tokens[place].glue for place in chosen),
        tuple(chosen),
        tokens,
    )


def _flat_at(tokens: Sequence[AddressToken], place: int, unit: frozenset[str]) -> int:
    """Return how many tokens from a place on are a flat's number, "Apt 4B" or "#4B"; 0 for none."""
    start = place + (tokens[place].word in unit)
    if start == len(tokens) or (start == place and "#" not in tokens[place].glue):
        return 0
    word = tokens[start].word
    if not word.isdecimal() and len(word) > 1:
        return 0
    after = tokens[start + 1] if start + 1 < len(tokens) else None
    letter = word.isdecimal() and after is not None and len(after.word) == 1 and not after.glue
    return start + 1 + letter - place


def square_centres(
    points: np.ndarray, size: float, origin: tuple[float, float] = (0.0, 0.0)
) -> np.ndarray:
    """Return the centre of the square of each point.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    size : float
        Side of a square, metres, above 0.
    origin : tuple of float
        A corner of one of the squares.

    Returns
    -------
    float, shape (n, 2)
        The same bits for any two points of one square.

    Examples
    --------
    >>> square_centres(np.array([[10.0, 250.0]]), 200.0).tolist()
    [[100.0, 300.0]]
    """
    return np.asarray(
        (np.floor((points - np.asarray(origin)) / size) + 0.5) * size + np.asarray(origin)
    )


def hexagon_centres(
    points: np.ndarray, size: float, origin: tuple[float, float] = (0.0, 0.0)
) -> np.ndarray:
    """Return the centre of the hexagon of each point.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    size : float
        Metres between two opposite sides, and so between the centres of neighbours.
    origin : tuple of float
        The centre of one of the hexagons.

    Returns
    -------
    float, shape (n, 2)

    Examples
    --------
    >>> hexagon_centres(np.array([[10.0, 30.0], [90.0, 170.0]]), 200.0).round(1).tolist()
    [[0.0, 0.0], [100.0, 173.2]]
    """
    # Two rectangular lattices, one amid the other: the nearer of their nearest points wins.
    step = size * np.array([1.0, math.sqrt(3.0)])
    shifted = (points - np.asarray(origin)) / step
    even, odd = np.rint(shifted), np.floor(shifted) + 0.5
    apart = [(((shifted - lattice) * step) ** 2).sum(axis=1) for lattice in (even, odd)]
    return np.asarray(
        np.where((apart[0] <= apart[1])[:, None], even, odd) * step + np.asarray(origin)
    )


# What a geometry is called that is an area.
_AREAS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, eq=False)
class Polygons:
    """Areas in metres, each made of rings: a point is inside where an odd number surrounds it.

    - `rings`: Of each area, its rings, float (corners, 2).
    - `crs` (str): As the frame declares it, "" where none does.
    """

    rings: tuple[tuple[np.ndarray, ...], ...]
    crs: str = ""
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.blake2b(digest_size=4)
        for area in self.rings:
            digest.update(b"area")
            for ring in area:
                digest.update(np.ascontiguousarray(ring).tobytes() + b"ring")
        object.__setattr__(self, "digest", digest.hexdigest())

    def __len__(self) -> int:
        return len(self.rings)

    def __repr__(self) -> str:
        return f"polygons-{self.digest}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polygons) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def of(self, points: np.ndarray) -> np.ndarray:
        """Return the first area that each point lies in, -1 outside all of them.

        A border belongs to one side of it only, so that areas side by side share no point.
        """
        area = np.full(len(points), -1, dtype=np.int64)
        # A polygon looks at the points between its west and its east alone.
        eastward = np.argsort(points[:, 0])
        x, y = points[eastward, 0], points[:, 1]
        for number, rings in enumerate(self.rings):
            corners = np.concatenate(rings)
            (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
            rows = eastward[np.searchsorted(x, west) : np.searchsorted(x, east, side="right")]
            rows = rows[(y[rows] >= south) & (y[rows] <= north) & (area[rows] < 0)]
            area[rows[_surrounded(points[rows], rings)]] = number
        return area


def _surrounded(points: np.ndarray, rings: Sequence[np.ndarray]) -> np.ndarray:
    """Return which points an odd number of rings surrounds, by the edges east of each."""
    odd = np.zeros(len(points), dtype=bool)
    x, y = points.T
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if y0 != y1:
                met = (y0 > y) != (y1 > y)
                odd ^= met & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return odd


def polygons_of(source: Any, *, who: str) -> Polygons:
    """Return areas: of what has ``__geo_interface__``, of GeoJSON, or of arrays of corners.

    Parameters
    ----------
    source : GeoDataFrame, GeoSeries, geometry, GeoJSON mapping, or sequence of these or of arrays
        Polygons in metres, one area each; a sequence of arrays has one ring each.
    who : str
        For the error.

    Raises
    ------
    ParameterError
        Anything else, no polygon, or a coordinate that is not finite.

    Examples
    --------
    >>> square = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]]}
    >>> polygons_of([square, [[9, 0], [12, 0], [9, 4]]], who="doctest").of(
    ...     np.array([[4.0, 4.0], [10.0, 1.0], [20.0, 0.0]])).tolist()
    [0, 1, -1]
    """
    if isinstance(source, Polygons):
        return source
    crs = getattr(source, "crs", None)
    try:
        rings = tuple(_areas(source))
        fine = bool(rings) and all(len(r) >= 3 and np.isfinite(r).all() for a in rings for r in a)
    except (TypeError, ValueError, KeyError, IndexError):
        fine = False
    if not fine:
        needed, do = "polygons in metres, of three corners or more", "Give a GeoDataFrame of them."
        raise ParameterError.of(who, needed, "something else", do)
    return Polygons(rings, "" if crs is None else epsg_code(crs, who=who))


def _areas(source: Any) -> Iterable[tuple[np.ndarray, ...]]:
    """Yield the rings of each area."""
    shown = getattr(source, "__geo_interface__", source)
    if isinstance(shown, dict):
        if "features" in shown:
            for feature in shown["features"]:
                yield from _areas(feature)
        elif "geometry" in shown:
            yield from _areas(shown["geometry"])
        elif shown["type"] in _AREAS:
            parts = shown["coordinates"]
            parts = parts if shown["type"] == "MultiPolygon" else [parts]
            yield tuple(_ring(ring) for part in parts for ring in part)
        else:
            raise ValueError
    elif len(shown) and np.ndim(shown[0]) == 1 and not isinstance(shown[0], (dict, str)):
        yield (_ring(shown),)
    else:
        for one in shown:
            yield from _areas(one)


def _ring(corners: Any) -> np.ndarray:
    return np.array([point[:2] for point in corners], dtype=float)


def check_polygons(areas: Polygons, places: np.ndarray, crs: str, *, who: str) -> None:
    """Raise unless the areas are in the CRS of the addresses, and hold one of them.

    Raises
    ------
    GeometryError
        The areas declare another CRS, or no address lies in any: they are elsewhere, or in degrees.
    """
    if areas.crs not in ("", crs):
        do = "Give areas.to_crs(addresses.crs)."
        raise GeometryError.of(who, f"areas in the CRS of the addresses ({crs})", areas.crs, do)
    if (areas.of(places) < 0).all():
        do = "Give them in the metres of the addresses."
        raise GeometryError.of(who, "areas that hold an address", "none that does", do)
