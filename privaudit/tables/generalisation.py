"""Generalisation: wider levels of a column, by bands, dates, prefixes, `départements` or rarity."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.levels import encode_column
from privaudit.errors import SchemaError
from privaudit.text.cells import looked_up
from privaudit.words.catalogues import Note

_ISO = re.compile(r"(\d{4})-(\d{2})(-\d{2}.*)?")
_YEAR_OR_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2}.*)?)?")
_COMMUNE = re.compile(r"\d{5}|2[AB]\d{3}")
_POSTAL = re.compile(r"post|zip|insee|commune|\bcp\b", re.IGNORECASE)
_BAND = re.compile(r"(\d+)\s*(?:[-–]\s*\d+|\+)")
# What stands for all the rare levels; a blank would be a missing value.
OTHERS = "(others)"
_CODE = re.compile(r"(?=.*\d)[0-9A-Za-z]{3,}")


@dataclass(frozen=True, eq=False, kw_only=True)
class Coarsening:
    """A wider level for each level of a key.

    Parameters
    ----------
    what : Note
        What it does; it holds no level.
    widen : callable
        Levels to as many wider ones, in their order: a list or an array.
    """

    what: Note
    widen: Callable[[pd.Index], Any]


def coarsened(column: pd.Series, by: Coarsening, who: str) -> pd.Series:
    """Return a column with each level replaced by the wider one; blanks stay blank."""
    codes, levels = encode_column(column, who)
    wider = np.empty(len(levels) + 1, dtype=object)
    wider[:-1] = by.widen(levels)
    wider[-1] = None
    return pd.Series(wider[codes], index=column.index, name=column.name, dtype=object)


def as_given(name: str, wider: Mapping[Any, Any], who: str) -> Coarsening:
    """Return the coarsening that the caller gives.

    Raises
    ------
    SchemaError
        When it is applied, if a level has no wider one.
    """

    def widen(levels: pd.Index) -> list[Any]:
        given, without = looked_up(levels, wider)
        if without:
            needed = f"a wider level for every value of '{name}'"
            raise SchemaError.of(who, needed, f"none for {without:,} of {len(levels):,} values")
        return given

    return Coarsening(what=Note("coarser_as_given"), widen=widen)


def coarsening_of(column: pd.Series, who: str) -> Coarsening | None:
    """Choose a coarsening from what the levels are, that leaves about half of them.

    Numbers fall in bands of 2 or 5 times a power of ten; dates become months, years or decades;
    codes lose their last characters, and those of French communes become their département;
    bands and ordered categories are joined with their neighbour; of other words the rarest are
    put together. The finest of its kind that leaves at most half of the levels, two at least.

    Parameters
    ----------
    column : pandas.Series
    who : str
        The function that an error names.

    Returns
    -------
    Coarsening, or None
        None where nothing lies between the column and leaving it out: at most two levels.

    Examples
    --------
    >>> ages = pd.Series([30, 31, 33, 34, 38, 39])
    >>> by = coarsening_of(ages, "example")
    >>> by.what, coarsened(ages, by, "example").tolist()
    (Note('coarser_bands', width=5), [30, 30, 30, 30, 35, 35])
    """
    _, levels = encode_column(column, who)
    most = max(2, len(levels) // 2)
    if len(levels) <= 2:
        return None
    for by in coarsenings_of(column, who):
        left = len(pd.unique(pd.Series(by.widen(levels))))
        if 2 <= left <= most:
            return by
    return None


def coarsenings_of(column: pd.Series, who: str) -> Iterator[Coarsening]:
    """Yield coarsenings that suit the levels of a column, from fine to coarse."""
    codes, levels = encode_column(column, who)
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        yield _neighbours(Note("coarser_neighbouring_values"), list(levels))
    elif isinstance(levels, pd.DatetimeIndex):
        yield from _written_dates()
    elif pd.api.types.is_numeric_dtype(levels.dtype):
        if _are_postcodes(column.name, levels):
            yield _BY_DEPARTEMENT
        yield from _bands(levels)
    else:
        words = [level for level in levels if isinstance(level, str)]
        if len(words) == len(levels):
            yield from _of_words(words)
        yield _rare_together(codes, levels)


def _of_words(words: list[str]) -> Iterator[Coarsening]:
    if all(_ISO.fullmatch(word) for word in words):
        yield from _written_dates()
    elif all(_COMMUNE.fullmatch(word) for word in words):
        yield _BY_DEPARTEMENT
        yield from _prefixes(words)
    elif all(_BAND.fullmatch(word) for word in words):
        what = Note("coarser_neighbouring_bands")
        yield _neighbours(what, sorted(words, key=_band_starts))
    elif all(_CODE.fullmatch(word) for word in words) and len({len(word) for word in words}) == 1:
        yield from _prefixes(words)


# What each coarsening is called in a plan; a number is the width of bands, "prefix:3" a beginning.
PREFIX = "prefix:"
CALLED = {
    "month": "coarser_by_month",
    "year": "coarser_by_year",
    "decade": "coarser_by_decade",
    "departement": "coarser_by_departement",
    "neighbours": "coarser_neighbouring_bands",
    "rare": "coarser_rare_together",
}


def name_of_coarsening(what: Note) -> str | float | None:
    """Return what a coarsening is called in a plan; None of one that has no name there.

    Examples
    --------
    >>> name_of_coarsening(Note("coarser_by_year")), name_of_coarsening(Note("coarser_as_given"))
    ('year', None)
    """
    if what.key == "coarser_bands":
        return float(what.values["width"])
    if what.key == "coarser_prefix":
        return f"{PREFIX}{what.values['characters']}"
    return next((name for name, key in CALLED.items() if key == what.key), None)


def coarsening_called(
    name: str | float, codes: NDArray[Any], levels: pd.Index
) -> tuple[Coarsening, NDArray[np.bool_]] | None:
    """Return a coarsening by its name in a plan, and to which levels of a column it applies.

    Parameters
    ----------
    name : str or float
        A key of `CALLED`, ``prefix:N``, or the width of bands of numbers.
    codes : int array
        Level of each record, -1 where missing.
    levels : pandas.Index

    Returns
    -------
    (Coarsening, bool array), or None
        None where it suits no level.
    """
    if name == "rare":
        return _rare_together(codes, levels), np.ones(len(levels), dtype=bool)
    texts = pd.Series([str(level) for level in levels], dtype=object)
    if isinstance(name, str) and name.startswith(PREFIX):
        length = int(name.removeprefix(PREFIX))
        what = Note("coarser_prefix", characters=length)
        return Coarsening(what=what, widen=partial(_cut, length)), np.ones(len(levels), dtype=bool)
    fits = np.ones(len(levels), dtype=bool)
    found: Coarsening | None = None
    if not isinstance(name, str):
        fits = pd.to_numeric(texts.str.replace(",", "."), errors="coerce").notna().to_numpy()
        found = Coarsening(what=Note("coarser_bands", width=name), widen=partial(_floors, name))
    elif name == "departement":
        if not _are_postcodes("postcode", levels):
            fits = texts.map(lambda text: _COMMUNE.fullmatch(text) is not None).to_numpy(dtype=bool)
        found = _BY_DEPARTEMENT
    elif name == "neighbours":
        fits = texts.map(lambda text: _BAND.fullmatch(text) is not None).to_numpy(dtype=bool)
        bands = [text for text, fit in zip(texts, fits, strict=True) if fit]
        found = _neighbours(Note(CALLED[name]), sorted(bands, key=_band_starts))
    else:
        written = _YEAR_OR_ISO if name == "decade" else _ISO
        if not isinstance(levels, pd.DatetimeIndex):
            fits = texts.map(lambda text: written.fullmatch(text) is not None).to_numpy(dtype=bool)
        found = next(by for by in _written_dates() if by.what.key == CALLED[name])
    return (found, fits) if fits.any() else None


def _bands(levels: pd.Index) -> Iterator[Coarsening]:
    """Yield bands that begin at a multiple of their width: 2 and 5 times each power of ten."""
    values = levels.to_numpy()
    values = values[np.isfinite(values.astype(np.float64))]
    if len(values) < 2:
        return
    # As whole numbers where they are: the largest have no exact float.
    span = values.max().item() - values.min().item()
    power = math.floor(math.log10(span / len(values)))
    if pd.api.types.is_integer_dtype(levels.dtype):
        power = max(power, 0)
    for exponent in range(power, math.ceil(math.log10(span)) + 1):
        for step in (2, 5, 10):
            width = step * 10**exponent if exponent >= 0 else step / 10**-exponent
            yield Coarsening(what=Note("coarser_bands", width=width), widen=partial(_floors, width))


def _floors(width: float, numbers: pd.Index) -> Any:
    """Return the lower end of each band; what is no number stays as it is."""
    if pd.api.types.is_integer_dtype(numbers.dtype) and width == int(width):
        return numbers.to_numpy() // int(width) * int(width)
    values = pd.to_numeric(pd.Series(numbers), errors="coerce").to_numpy(dtype=np.float64)
    low = np.floor(values / width) * width
    if np.isfinite(low).all():
        return low
    return np.where(np.isfinite(low), low, np.asarray(numbers, dtype=object))


def _written_dates() -> Iterator[Coarsening]:
    """Yield dates by month, written 1980-05, then by its first four and three characters."""
    for period, length in (("month", 7), ("year", 4), ("decade", 3)):
        yield Coarsening(what=Note(f"coarser_by_{period}"), widen=partial(_cut, length))


def _cut(length: int, levels: pd.Index) -> list[str]:
    return [str(level)[:length] for level in levels]


def _are_postcodes(name: Any, levels: pd.Index) -> bool:
    """Whether whole numbers are codes of French communes that lost their leading zero."""
    if not _POSTAL.search(str(name)) or not pd.api.types.is_integer_dtype(levels.dtype):
        return False
    return bool(levels.min() >= 1_000 and levels.max() <= 98_999)


def _departements(levels: pd.Index) -> list[str]:
    codes = [str(level).zfill(5) for level in levels]
    return [code[:3] if code[:2] in ("97", "98") else code[:2] for code in codes]


_BY_DEPARTEMENT = Coarsening(what=Note("coarser_by_departement"), widen=_departements)


def _prefixes(words: list[str]) -> Iterator[Coarsening]:
    """Yield the beginnings of words of one length."""
    for length in range(len(words[0]) - 1, 0, -1):
        yield Coarsening(
            what=Note("coarser_prefix", characters=length), widen=partial(_cut, length)
        )


def _band_starts(word: str) -> int:
    match = _BAND.fullmatch(word)
    return int(match[1]) if match else 0


def _neighbours(what: Note, ordered: list[Any]) -> Coarsening:
    place = {level: rank // 2 for rank, level in enumerate(ordered)}
    return Coarsening(what=what, widen=lambda levels: [place.get(level, level) for level in levels])


def _rare_together(codes: NDArray[Any], levels: pd.Index) -> Coarsening:
    """Merge all levels but the commonest, one fewer than half of them."""
    count = np.bincount(codes[codes >= 0], minlength=len(levels))
    # Equally common ones in the order of their names: the order of the rows must not matter.
    order = sorted(range(len(levels)), key=lambda i: (-count[i], _written(levels[i])))
    common = {levels[i] for i in order[: max(2, len(levels) // 2) - 1]}

    def widen(found: pd.Index) -> list[Any]:
        return [_written(level) if level in common else OTHERS for level in found]

    return Coarsening(what=Note("coarser_rare_together"), widen=widen)


def _written(level: Any) -> str:
    """Return the text of a level; equal numbers have one, 0 and -0 too."""
    return f"{float(level) + 0.0}" if isinstance(level, (int, float)) else str(level)
