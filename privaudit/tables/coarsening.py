"""How a key variable is made coarser where nobody said how: bands, months, prefixes."""

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

from privaudit._core.checks import say
from privaudit.errors import SchemaError
from privaudit.tables.levels import encode_column
from privaudit.tables.spelling import alike
from privaudit.words.note import Note

__all__ = ["Coarsening", "as_given", "coarsened", "coarsening_of"]

_ISO = re.compile(r"(\d{4})-(\d{2})(-\d{2}.*)?")
_COMMUNE = re.compile(r"\d{5}|2[AB]\d{3}")
_POSTAL = re.compile(r"post|zip|insee|commune|\bcp\b", re.IGNORECASE)
_BAND = re.compile(r"(\d+)\s*(?:[-–]\s*\d+|\+)")
# What stands for all the rare levels; a blank would be a missing value.
_OTHERS = "(others)"
_CODE = re.compile(r"(?=.*\d)[0-9A-Za-z]{3,}")
_BY_DEPARTEMENT = Note("coarser_by_departement")


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
    """Put the wider level in the place of each; what is missing stays missing."""
    codes, levels = encode_column(column, who)
    wider = np.empty(len(levels) + 1, dtype=object)
    wider[:-1] = by.widen(levels)
    wider[-1] = None
    return pd.Series(wider[codes], index=column.index, name=column.name, dtype=object)


def as_given(name: str, wider: Mapping[Any, Any], who: str) -> Coarsening:
    """Coarsen as somebody said.

    Raises
    ------
    SchemaError
        Once it is used: a level has no wider one.
    """

    def widen(levels: pd.Index) -> list[Any]:
        place = dict(zip(alike(pd.Index(list(wider), dtype=object)), wider.values(), strict=True))
        texts = alike(levels)
        without = sum(text not in place for text in texts)
        if without:
            needed = f"a wider level for every value of '{name}'"
            raise SchemaError(say(who, needed, f"none for {without:,} of {len(levels):,} values"))
        return [place[text] for text in texts]

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
    codes, levels = encode_column(column, who)
    most = max(2, len(levels) // 2)
    if len(levels) <= 2:
        return None
    for by in _ladder(column, codes, levels):
        left = len(pd.unique(pd.Series(by.widen(levels))))
        if 2 <= left <= most:
            return by
    return None


def _ladder(column: pd.Series, codes: NDArray[Any], levels: pd.Index) -> Iterator[Coarsening]:
    """Yield coarsenings that suit the levels, from fine to coarse."""
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        yield _neighbours(Note("coarser_neighbouring_values"), list(levels))
    elif isinstance(levels, pd.DatetimeIndex):
        yield from _written_dates()
    elif pd.api.types.is_numeric_dtype(levels.dtype):
        if _are_postcodes(column.name, levels):
            yield Coarsening(what=_BY_DEPARTEMENT, widen=partial(_each, _departement))
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
        yield Coarsening(what=_BY_DEPARTEMENT, widen=partial(_each, _departement))
        yield from _prefixes(words)
    elif all(_BAND.fullmatch(word) for word in words):
        what = Note("coarser_neighbouring_bands")
        yield _neighbours(what, sorted(words, key=_band_starts))
    elif all(_CODE.fullmatch(word) for word in words) and len({len(word) for word in words}) == 1:
        yield from _prefixes(words)


def _bands(levels: pd.Index) -> Iterator[Coarsening]:
    """Bands that begin at a multiple of their width: 2 and 5 times each power of ten."""
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
    """Beginning of each band; what is no number stays as it is."""
    if pd.api.types.is_integer_dtype(numbers.dtype) and width == int(width):
        return numbers.to_numpy() // int(width) * int(width)
    values = pd.to_numeric(pd.Series(numbers), errors="coerce").to_numpy(dtype=np.float64)
    low = np.floor(values / width) * width
    if np.isfinite(low).all():
        return low
    return np.where(np.isfinite(low), low, np.asarray(numbers, dtype=object))


def _written_dates() -> Iterator[Coarsening]:
    """Dates by their month, written 1980-05, then by its first four and three characters."""
    for period, kept in (("month", 7), ("year", 4), ("decade", 3)):
        yield Coarsening(what=Note(f"coarser_by_{period}"), widen=partial(_cut, str, kept))


def _cut(of: Callable[[Any], str], kept: int, levels: pd.Index) -> list[str]:
    return [of(level)[:kept] for level in levels]


def _are_postcodes(name: Any, levels: pd.Index) -> bool:
    """Whether whole numbers are codes of French communes that lost their leading zero."""
    if not _POSTAL.search(str(name)) or not pd.api.types.is_integer_dtype(levels.dtype):
        return False
    return bool(levels.min() >= 1_000 and levels.max() <= 98_999)


def _each(of: Callable[[Any], str], levels: pd.Index) -> list[str]:
    return [of(level) for level in levels]


def _departement(code: Any) -> str:
    text = str(code).zfill(5)
    return text[:3] if text[:2] in ("97", "98") else text[:2]


def _prefixes(words: list[str]) -> Iterator[Coarsening]:
    for kept in range(max(map(len, words)) - 1, 0, -1):
        yield Coarsening(
            what=Note("coarser_prefix", characters=kept), widen=partial(_cut, str, kept)
        )


def _band_starts(word: str) -> int:
    match = _BAND.fullmatch(word)
    return int(match[1]) if match else 0


def _neighbours(what: Note, ordered: list[Any]) -> Coarsening:
    place = {level: rank // 2 for rank, level in enumerate(ordered)}
    return Coarsening(what=what, widen=lambda levels: [place.get(level, level) for level in levels])


def _rare_together(codes: NDArray[Any], levels: pd.Index) -> Coarsening:
    """Keep the commonest levels, one fewer than half, and put all others together."""
    count = np.bincount(codes[codes >= 0], minlength=len(levels))
    # Equally common ones in the order of their names: the order of the rows must not matter.
    order = sorted(range(len(levels)), key=lambda i: (-count[i], _written(levels[i])))
    kept = {levels[i] for i in order[: max(2, len(levels) // 2) - 1]}

    def widen(found: pd.Index) -> list[Any]:
        return [_written(level) if level in kept else _OTHERS for level in found]

    return Coarsening(what=Note("coarser_rare_together"), widen=widen)


def _written(level: Any) -> str:
    """Text of a level; numbers that are equal are written alike, 0 and -0 too."""
    return f"{float(level) + 0.0}" if isinstance(level, (int, float)) else str(level)
