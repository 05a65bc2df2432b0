"""Values of a column: cells as numbers, dates or text, alike in every container; `Reading`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.births import heaped
from privaudit.columns.headers import (
    UNDECIDED,
    UNDECIDED_SHARE,
    WORDS,
    asks_an_opinion,
    kind_of_header,
)
from privaudit.columns.levels import encode_and_count, text_column, texts_of
from privaudit.core.checks import an_instance, column_names, keyword_only, listed, one_of
from privaudit.core.thresholds import MOST_CELLS, MOSTLY_DATES
from privaudit.errors import ParameterError
from privaudit.text.cells import (
    BEYOND_ASCII,
    CODES_OF_NO_ANSWER,
    Texts,
    answers_of_none,
    as_text,
    bytes_among,
    comparable_levels,
    folded,
    is_missing_mark_among,
    possible_missing_marks,
)
from privaudit.text.dates import (
    LAST_DAY,
    NULL_DAYS,
    NUMBER,
    Dates,
    decimal_mark,
    looks_like_dates,
    parse_dates,
    parse_numbers,
    written_twice,
)
from privaudit.text.normalise import fold
from privaudit.words.catalogues import Note


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Reading:
    """Options of reading the cells of a table; changes are counted in notes.

    By default text that looks alike is one value (blanks at the ends, composed letters, case,
    kinds of apostrophes and hyphens), numbers and dates are read in the format of their column,
    and marks of suppression (``*``, ``?``, ``NULL``, ``N/A``) are missing values, where they do
    not look like the other values of the column.

    Parameters
    ----------
    missing_values : sequence, or mapping of column to sequence, optional
        Further marks of a missing value, such as ``"NC"`` or ``-99``, in every column or in those
        that are named. An empty sequence: no mark at all, not the usual ones either.
    day_first : bool, optional
        Whether 08/11/2016 is the 8 November. Default: as the column shows by a part above 12.
    decimal : {",", "."}, optional
        What stands before decimals. Default: as the column shows.
    fold_case : bool
        PARIS and Paris are one value.
    as_written : sequence of str, or bool
        Columns to leave as they are, all of them if True: notes say what would have been changed.
    sheet : str, optional
        Of a file that holds several tables: the sheet, layer, table or file to read, by its name or
        its number from 1. Default: the first that holds rows, with a note.

    Raises
    ------
    ParameterError
        A value of another kind.

    Examples
    --------
    >>> Reading(missing_values={"income": [-99], "surname": []}, as_written=["code"])
    Reading(missing_values={'income': ('-99',), 'surname': ()}, day_first=None, ...)
    """

    missing_values: Any = None
    day_first: bool | None = None
    decimal: str | None = None
    fold_case: bool = True
    as_written: Any = ()
    sheet: str | None = None

    def __post_init__(self) -> None:
        given = self.missing_values
        if isinstance(given, Mapping):
            given = {str(name): _marks(marks) for name, marks in given.items()}
        elif given is not None:
            given = _marks(given)
        object.__setattr__(self, "missing_values", given)
        if not isinstance(self.as_written, bool):
            names = column_names("Reading", "as_written", self.as_written)
            object.__setattr__(self, "as_written", names)
        one_of("Reading", "decimal", self.decimal, (None, ",", "."))
        if self.sheet is not None:
            object.__setattr__(self, "sheet", str(self.sheet))
        for name in ("day_first", "fold_case"):
            one_of("Reading", name, getattr(self, name), (None, True, False))

    def marks(self, column: str) -> tuple[str, ...] | None:
        """Return the marks of a column besides the usual ones: None; (): not the usual ones."""
        given = self.missing_values
        marks: tuple[str, ...] | None = given.get(column) if isinstance(given, Mapping) else given
        return marks

    def keeps(self, column: str) -> bool:
        """Return whether a column is left as it is."""
        chosen = self.as_written
        return chosen if isinstance(chosen, bool) else column in chosen


def reading_of(who: str, reading: Any, missing_values: Any) -> Reading | None:
    """Merge `reading` and `missing_values` of a caller; None where neither is given."""
    if reading is not None:
        an_instance(who, "reading", reading, Reading, "Write reading=Reading(...).")
    if missing_values is None:
        return cast("Reading | None", reading)
    if reading is not None and reading.missing_values is not None:
        raise ParameterError.of(who, "missing_values once", "it twice", "Leave one out.")
    return replace(reading or Reading(), missing_values=missing_values)


def _marks(given: Any) -> tuple[str, ...]:
    return tuple(map(as_text, listed("Reading", "missing_values", given)))


_DIGIT = re.compile(r"\d")


# Letters of both cases beside a digit, or a capital within a word: a code whose case counts.
_CODE = re.compile(r"(?=\w*[a-z]\w*[A-Z]|\w*[A-Z]\w*[a-z]\w*\d)\w+", re.ASCII)


def _are_codes(words: list[str]) -> bool:
    """Return whether most words of a column are codes in which case counts, such as ids."""
    return sum(_CODE.fullmatch(word) is not None for word in words) > MOST_CELLS * len(words)


# Codes of no answer are negative beside answers that are none, or so many times above the others.
_FAR_ABOVE, _AS_MARK = 3, frozenset(map(str, CODES_OF_NO_ANSWER))
# A leading zero makes a code of a number; share of numbers from which on other cells are unread.
_ZERO_FIRST = re.compile(r"0\d+")
_NUMBER_OR_CODE = re.compile(rf"{NUMBER.pattern}|0\d+")
_NUMBERS, _SAMPLE = 0.4, 200
# A number with a unit before or after it.
_MONEY = r"(€|£|\$|%|EUR|euros?|USD|GBP|CHF|cts?|cents?|k€)"
_UNIT = re.compile(rf"{_MONEY}? ?[+-]?\d[\d .,'’]*{_MONEY}?", re.IGNORECASE)
# What stands in no number as a computer writes it.
_PLAIN = frozenset(", '’")
_MAY_BE_ODD = BEYOND_ASCII | bytes_among(", '")
# Words that differ by these only are most often one name, "Saint-Maur" and "Saint Maur".
_JOINING = " -.'_"
_JOINS, _UNJOINED = bytes_among(_JOINING), dict.fromkeys(map(ord, _JOINING))
_SAINT = re.compile(r"\b(?:St|ST|SAINT)(?=[Ee]?\b)")
# What folding a text may change.
_DIGITS = bytes_among("0123456789")
# What may stand around a value: "Brest (1)", "Brest*", "« Brest »", "29200 Brest", "<a@b.fr>"; of
# columns of more values nothing is a key.
_MARKED = re.compile(
    r"^[«“„\"\s]+|^\d{5} +(?=[^\W\d])|^<(?:b|i|u|em|strong|span|p)>|</(?:b|i|u|em|strong|span|p)>$"
    r"|\s*(?:\([^()]*\)|\[[^][]*\]|[*†‡¹²³]+|[»”“\"]+)$|^[<{](?=[^<>{}]+[>}]$)|(?<=[^/][\w-])[>}]$"
)
_MOST_MARKED, _LAST_MARKS = 20_000, frozenset(')]>}*†‡¹²³»”“"\n')
# A telephone, with or without the prefix of a country: its last digits are its own.
_PHONE, _NO_DIGIT, _OF_PHONE = re.compile(r"\+?\d[\d .()/-]{6,18}\d"), re.compile(r"\D"), 9
# An address of the web: how it is asked for, what tells who sent a visitor there, and its end.
_SLASH, _COLON = bytes_among("/"), bytes_among(":")
_TRACKED = re.compile(
    r"(?<=[?&])(?:utm_\w+|fbclid|gclid|msclkid|yclid|igshid|mc_[ce]id|_ga)=[^&#\s]*&?",
    re.IGNORECASE,
)
_WEB = re.compile(r"^https?://(?:www\.)?|^www\.|(?<=[^/])/?[?&#]?$", re.IGNORECASE)
_BEGINS_WEB = ("http://", "https://", "www.")
_MAY_MARK = BEYOND_ASCII | bytes_among(')]>}*"0123456789')
# Values of one meaning each, in a column of no others; a title may say more than a sex.
_PAIRS = ("women", "men"), ("agreed", "refused")
_MORE_THAN_A_SEX = frozenset(("mlle", "mademoiselle", "ms", "fille", "girl", "garcon", "boy"))
# As ISO 5218 numbers them.
_SEX_CODES = {"1": "men", "2": "women"}
_MEANS = frozenset[str]().union(*(WORDS[name] for pair in _PAIRS for name in pair))
# No date of a living person, nor of what one did.
_OLD = np.datetime64("1800-01-01")
_MAY_FOLD = BEYOND_ASCII | bytes_among("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, eq=False, kw_only=True)
class ReadLevels:
    """Levels of a column after reading.

    Parameters
    ----------
    number : ndarray of int64, shape (levels as they came,)
        Which of `levels` each is; -1 where it is missing.
    levels : pandas.Index
        Whole numbers, decimals or dates, in their order; or text, truth values.
    notes : tuple of Note
    changed : int
        Records whose cell was read as something else than it is written.
    """

    number: NDArray[np.int64]
    levels: pd.Index
    notes: tuple[Note, ...] = ()
    changed: int = 0


def read_column(
    column: pd.Series, reading: Reading, who: str, *, measured: bool = False
) -> tuple[pd.Series, tuple[Note, ...]]:
    """Read a column: a category of its levels, missing where a cell stands for nothing.

    - `measured`: As for `read_levels`.

    Returns
    -------
    column : pandas.Series
        Ordered where it was declared so.
    notes : tuple of Note
    """
    read, result, _ = _read_category(column, reading, who, measured=measured)
    return read, result.notes


def read_both(column: pd.Series, reading: Reading, who: str) -> tuple[pd.Series, pd.Series]:
    """Read a column once, as `read_column` and as `read_values` do."""
    read, result, filled = _read_category(column, reading, who, measured=False)
    return read, _as_values(column, read, result, filled)


def _read_category(
    column: pd.Series, reading: Reading, who: str, *, measured: bool
) -> tuple[pd.Series, ReadLevels, int]:
    """Return the category of a column, its levels, and how many rows are filled."""
    codes, place, levels, count = encode_and_count(column, who)
    result = read_levels(levels, count, str(column.name), reading, measured=measured)
    narrow = np.min_scalar_type(-max(1, len(result.levels)))
    # A code of -1 takes the last number, which is missing.
    number = np.full(int(place.max(initial=-1)) + 2, -1, dtype=narrow)
    number[place] = result.number
    ordered = isinstance(column.dtype, pd.CategoricalDtype) and bool(column.cat.ordered)
    read = pd.Categorical.from_codes(number[codes], result.levels, ordered=ordered)
    return pd.Series(read, index=column.index, name=column.name), result, int(count.sum())


def read_values(
    column: pd.Series, reading: Reading, who: str, *, measured: bool = False
) -> tuple[pd.Series, tuple[Note, ...]]:
    """Read a column as `read_column` does, as numbers, dates, truth values or text.

    Examples
    --------
    >>> town = pd.Series(["Brest ", "?", "Lyon"], name="town")
    >>> read_values(town, Reading(), "measure")[0].tolist()
    ['Brest', nan, 'Lyon']
    """
    read, result, filled = _read_category(column, reading, who, measured=measured)
    return _as_values(column, read, result, filled), result.notes


def _as_values(column: pd.Series, read: pd.Series, result: ReadLevels, filled: int) -> pd.Series:
    """Return the values of a category; the column itself where it was read as it is written."""
    text = isinstance(column.dtype, pd.StringDtype) and result.levels.dtype.kind not in "biufcmM"
    if text and not result.changed and filled == column.count():
        return column
    return decoded_column(read)


def decoded_column(column: pd.Series) -> pd.Series:
    """Turn a category of `read_column` into numbers, dates, truth values or text."""
    codes, levels = column.cat.codes.to_numpy(), column.cat.categories
    kind, gaps = levels.dtype.kind, codes < 0
    if not len(levels) or kind not in "biufM":
        return text_column(codes, levels, index=column.index, name=column.name)
    # Gaps take the last level, and are written over.
    values: Any = levels.to_numpy()[codes]
    if gaps.any() and kind == "b":
        values = pd.arrays.BooleanArray(values, gaps)
    elif gaps.any():
        values = np.where(gaps, np.array("NaT", values.dtype) if kind == "M" else np.nan, values)
    return pd.Series(values, index=column.index, name=column.name)


def read_levels(
    levels: pd.Index,
    count: NDArray[np.int64],
    column: str,
    reading: Reading | None = None,
    *,
    measured: bool = False,
) -> ReadLevels:
    """Read the levels of a column.

    Parameters
    ----------
    levels : pandas.Index
        Each once, none missing, of any type.
    count : ndarray of int64
        Records that have each.
    column : str
        Its name, for notes.
    reading : Reading, optional
    measured : bool
        It is a key or a sensitive column: among dates, a cell that is no date, or that programs
        write for none (1 January 1900), is missing; it is no value that others lack.

    Examples
    --------
    >>> levels = pd.Index(["Paris", "PARIS ", "*", "Lyon"])
    >>> result = read_levels(levels, np.array([2, 1, 1, 1]), "place")
    >>> result.number.tolist(), result.levels.tolist(), [note.key for note in result.notes]
    ([0, 0, -1, 1], ['Paris', 'Lyon'], ['spelling_made_alike', ...])
    """
    how = reading or Reading()
    read = _ColumnReader(name=column, count=count, reading=how, measured=measured)
    result = read.of_any(levels)
    if not how.keeps(column):
        return result
    notes = (Note("kept_as_written", column=column, records=result.changed),)
    return ReadLevels(
        number=np.arange(len(levels)), levels=levels, notes=notes if result.changed else ()
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _ColumnReader:
    """Reader of the levels of a column, with the records of each."""

    name: str
    count: NDArray[np.int64]
    reading: Reading
    measured: bool = False

    def of_any(self, levels: pd.Index) -> ReadLevels:
        if isinstance(levels.dtype, pd.StringDtype):
            return self._read_texts(texts_of(levels), each_once=True)
        kind = pd.api.types.infer_dtype(levels, skipna=True)
        if kind == "boolean":
            return self._sorted_values(levels.to_numpy().astype(bool))
        if isinstance(levels.dtype, np.dtype) and levels.dtype.kind in "iuf":
            return self._read_numbers(levels.to_numpy())
        if kind == "integer" or isinstance(levels.dtype, pd.Int64Dtype):
            values = levels.to_numpy(dtype=object)
            if all(-(2**63) <= v < 2**63 for v in values):
                return self._read_numbers(values.astype(np.int64))
        zoned = isinstance(levels.dtype, pd.DatetimeTZDtype)
        if kind in ("date", "datetime", "datetime64") or zoned:
            dates = pd.DatetimeIndex(pd.to_datetime(levels, utc=True)).tz_localize(None)
            times = dates.to_numpy().astype("datetime64[us]")
            return self._dates(times, _far_dates(self.name, times, self.count))
        texts = levels.tolist()
        if not isinstance(levels.dtype, pd.StringDtype):
            texts = list(map(as_text, texts))
        result = self._read_texts(Texts(texts), each_once=False)
        if not kind.startswith("mixed") or kind == "mixed-integer-float":
            return result
        return replace(result, notes=(Note("column_mixes_types", column=self.name), *result.notes))

    def _sorted_values(
        self,
        values: NDArray[Any],
        notes: tuple[Note, ...] = (),
        changed: int = 0,
        known: NDArray[np.bool_] | None = None,
    ) -> ReadLevels:
        """Number values in their order; nan and NaT are missing, unless `known` decides."""
        known = ~pd.isna(values) if known is None else known
        levels, place = np.unique(values[known], return_inverse=True)
        number = np.full(len(values), -1, dtype=np.int64)
        number[known] = place
        return ReadLevels(number=number, levels=pd.Index(levels), notes=notes, changed=changed)

    def _dates(
        self, times: NDArray[Any], notes: tuple[Note, ...] = (), changed: int = 0
    ) -> ReadLevels:
        """Number dates in their order; those that programs write for none are missing."""
        null = np.isin(times, NULL_DAYS.astype(times.dtype)) & self.measured
        if self.measured and kind_of_header(self.name)[0] == "age":
            notes = (*notes, *self._of_births(times, ~null & ~np.isnat(times)))
        if not np.any(null):
            return self._sorted_values(times, notes, changed)
        n = int(self.count[null].sum())
        notes = (*notes, Note("null_dates", column=self.name, records=n))
        return self._sorted_values(times, notes, changed + n, known=~(null | np.isnat(times)))

    def _of_births(self, times: NDArray[Any], there: NDArray[np.bool_]) -> tuple[Note, ...]:
        """Note births that may be of no day, and those after today, as of years of two digits."""
        days, count = times.astype("M8[D]")[there], self.count[there]
        to_come = (days > np.datetime64("today", "D")) & (days <= LAST_DAY)
        found = {"births_heaped": heaped(days, count), "births_to_come": int(count[to_come].sum())}
        return tuple(Note(key, column=self.name, records=n) for key, n in found.items() if n)

    def _read_numbers(
        self, values: NDArray[Any], notes: tuple[Note, ...] = (), changed: int = 0
    ) -> ReadLevels:
        fields = [n for n in map(_number, self.reading.marks(self.name) or ()) if n is not None]
        gone = np.isin(values, fields) if fields else np.zeros(len(values), dtype=bool)
        if gone.any():
            lost = int(self.count[gone].sum())
            marks = tuple(sorted({as_text(v) for v in values[gone]}))
            new_notes = Note("marks_read_as_missing", column=self.name, records=lost, marks=marks)
            notes, changed = (*notes, new_notes), changed + lost
        left = values[~gone]
        if np.isin(left, CODES_OF_NO_ANSWER).any() and len(marks_of := _like_marks(left)):
            odd = int(self.count[np.isin(values, marks_of)].sum())
            new_notes = Note("number_like_a_mark", column=self.name, value=marks_of[0], records=odd)
            notes = (*notes, new_notes)
        whole = np.all(left == np.floor(left)) and np.all(np.abs(left) < 2**53)
        if values.dtype.kind == "f" and whole:
            values = np.where(gone, 0, values).astype(np.int64)
        return self._sorted_values(values, notes, changed, known=~gone)

    def _read_texts(self, texts: Texts, *, each_once: bool) -> ReadLevels:
        """Read text: what it is without its marks, numbers, dates, or words."""
        trim, other = texts.cleaned()
        notes: list[Note] = []
        if changed := int(self.count[other].sum()):
            notes.append(Note("spelling_made_alike", column=self.name, records=changed))
        gone = self._missing(trim, notes)
        changed += int(self.count[gone & ~other].sum())
        gone |= ~trim.filled
        chosen = np.flatnonzero(~gone)
        part = replace(self, count=self.count[chosen])
        result = part._read_filled(trim.take(chosen), each_once and trim is texts)
        number = np.full(len(texts), -1, dtype=np.int64)
        number[chosen] = result.number
        return ReadLevels(
            number=number,
            levels=result.levels,
            notes=(*notes, *result.notes),
            changed=changed + result.changed,
        )

    def _missing(self, trim: Texts, notes: list[Note]) -> NDArray[np.bool_]:
        """Return which texts mark a missing value; note them, and the doubtful ones that remain."""
        gone = np.zeros(len(trim), dtype=bool)
        marks = self.reading.marks(self.name)
        by_usual_marks = marks != ()
        if marks:
            words = set(comparable_levels(pd.Index(marks, dtype=object)))
            gone[[i for i, text in enumerate(folded(trim)) if text in words]] = True
        if by_usual_marks and len(doubt := possible_missing_marks(trim)):
            doubt = doubt[~gone[doubt]]
            mark = set(doubt.tolist())
            others = [t for i, t in enumerate(trim) if t and i not in mark and not gone[i]]
            signs = {trim[i] for i in mark}
            for i in doubt:
                beside = others or ([] if len(signs) == 1 else list(signs - {trim[i]}))
                gone[i] = is_missing_mark_among(trim[i], beside)
            answer = next((i for i in doubt if others and self._is_an_answer(trim[i], i)), None)
            if answer is not None:
                gone[answer] = False
                n = int(self.count[answer])
                notes.append(Note("undecided_kept", column=self.name, records=n))
            for i in doubt[~gone[doubt]]:
                n = int(self.count[i])
                if i != answer:
                    notes.append(Note("mark_kept", column=self.name, mark=trim[i], records=n))
        words_of_none = answers_of_none(trim) if by_usual_marks else ()
        for i in (i for i in words_of_none if not gone[i]):
            n = int(self.count[i])
            notes.append(Note("word_like_a_mark", column=self.name, mark=trim[i], records=n))
        if gone.any():
            marks = tuple(sorted({trim[i] for i in np.flatnonzero(gone).tolist()}))
            n = int(self.count[gone].sum())
            notes.append(Note("marks_read_as_missing", column=self.name, records=n, marks=marks))
        return gone

    def _is_an_answer(self, text: str, place: int) -> bool:
        """Return whether a mark is "undecided", often given to a question of opinion."""
        often = self.count[place] >= UNDECIDED_SHARE * self.count.sum()
        return text == UNDECIDED and asks_an_opinion(self.name) and bool(often)

    def _read_filled(self, texts: Texts, each_once: bool) -> ReadLevels:
        """Read text that stands for something: as numbers, as dates, or as words."""
        if not any(map(_DIGIT.search, texts)):
            return self._merge_case(texts, each_once=each_once)
        numbers, notes = self._parsed_numbers(texts)
        if numbers is not None:
            return self._read_numbers(numbers, notes, sum(note.values["records"] for note in notes))
        if notes:
            result = self._merge_case(texts, each_once=each_once)
            return replace(result, notes=(*notes, *result.notes))
        if looks_like_dates(texts):
            dates = parse_dates(texts, self.reading.day_first)
            known = ~np.isnat(dates.time)
            if known.all():
                notes = date_notes(self.name, dates, self.count)
                return self._dates(dates.time, notes, int(self.count.sum()) if notes else 0)
            return self._mostly_dates(texts, dates, known)
        result = self._merge_case(texts, each_once=each_once)
        if n := self._unread_among_numbers(texts) or self._of_other_units(texts):
            note = Note("numbers_unread", column=self.name, records=n)
            result = replace(result, notes=(note, *result.notes))
        elif n := self._marks_among_words(texts):
            odd = next(text for text in texts if text in _AS_MARK)
            note = Note("number_like_a_mark", column=self.name, value=int(odd), records=n)
            result = replace(result, notes=(note, *result.notes))
        return result

    def _of_other_units(self, texts: Texts) -> int:
        """Return how many records give another unit than most do, or at another place."""
        matches = [_UNIT.fullmatch(text) for text in texts[:_SAMPLE]]
        if not any(match and (match[1] or match[2]) for match in matches):
            return 0
        of_unit = Counter[tuple[str, str]]()
        for match, n in zip(map(_UNIT.fullmatch, texts), self.count.tolist(), strict=True):
            if match is not None:
                of_unit[fold(match[1] or ""), fold(match[2] or "")] += n
        n = int(self.count.sum())
        return n - max(of_unit.values()) if of_unit.total() >= _NUMBERS * n else 0

    def _marks_among_words(self, texts: Texts) -> int:
        """Return how many records hold 9, 99 or -9 in a column of words without a digit."""
        digits = np.flatnonzero(texts.having(_DIGITS))
        few = len(digits) <= len(CODES_OF_NO_ANSWER) and len(digits) < len(texts)
        odd = few and _AS_MARK.issuperset(texts.listed_at(digits.tolist()))
        return int(self.count[digits].sum()) if odd else 0

    def _unread_among_numbers(self, texts: Texts) -> int:
        """Return how many records hold no number where most do; 0 of codes, which begin with 0."""
        some = texts[:_SAMPLE]
        if not any(map(NUMBER.fullmatch, some)) or any(map(_ZERO_FIRST.fullmatch, texts)):
            return 0
        odd = np.array([NUMBER.fullmatch(text) is None for text in texts])
        n, numbers = int(self.count[odd].sum()), int(self.count[~odd].sum())
        return n if numbers >= _NUMBERS * (n + numbers) else 0

    def _parsed_numbers(self, texts: Texts) -> tuple[NDArray[np.float64] | None, tuple[Note, ...]]:
        """Read numbers, and say of how many records they are not written as a computer does."""
        mark, decided = self.reading.decimal or ".", True
        odd = texts.having(_MAY_BE_ODD)
        places = np.flatnonzero(odd)
        odd[places] = [not _PLAIN.isdisjoint(text) for text in texts.listed_at(places.tolist())]
        if self.reading.decimal is None and odd.any():
            if not all(text[-1:].isdigit() for text in texts[:9]):
                return None, ()
            mark, decided = decimal_mark(texts)
            if not mark:
                return None, (Note("numbers_contradict", column=self.name),)
        numbers = parse_numbers(texts, mark)
        if numbers is None and not odd.any() and all(map(_NUMBER_OR_CODE.fullmatch, texts)):
            twice = written_twice(texts, np.array(texts, dtype=np.float64))
            n = int(self.count[twice].sum())
            return None, (Note("numbers_kept_apart", column=self.name, records=n),) if n else ()
        if numbers is None or not odd.any():
            return numbers, ()
        n = int(self.count[odd].sum())
        key = "numbers_read" if decided else "numbers_undecided"
        return numbers, (Note(key, column=self.name, records=n, decimal=mark),)

    def _mostly_dates(self, texts: Texts, dates: Dates, known: NDArray[np.bool_]) -> ReadLevels:
        """Write dates alike where most are; say how many are not read."""
        n = int(self.count[~known].sum())
        if self.measured and known.any():
            unread = Note("dates_missing", column=self.name, records=n)
            notes = (unread, *date_notes(self.name, dates, self.count))
            return self._dates(dates.time, notes, int(self.count.sum()))
        why = "dates_contradict" if dates.order == "both" else "dates_unread"
        if dates.short.any():
            why = "dates_of_two_digits"
        new_notes = (Note(why, column=self.name, records=n),)
        if self.count[known].sum() < MOSTLY_DATES * self.count.sum():
            result = self._merge_case(texts)
            return replace(result, notes=(*new_notes, *result.notes))
        written = [
            as_text(pd.Timestamp(time)) if fine else text
            for text, time, fine in zip(texts, dates.time, known, strict=True)
        ]
        result = self._merge_case(Texts(written))
        notes = (*new_notes, *date_notes(self.name, dates, self.count), *result.notes)
        return replace(result, notes=notes, changed=int(self.count[known].sum()))

    def _merge_case(self, texts: Texts, *, each_once: bool = False) -> ReadLevels:
        """Read words: merge those that differ by case only, count those that differ by less."""
        result = self._merged(texts, each_once=each_once)
        words, notes = [str(word) for word in result.levels], list[Note]()
        keys: dict[str, list[str]] = {}
        # Of numbers and codes, "1.1" and "11" are two.
        if (texts.having(_JOINS) & ~texts.having(_DIGITS)).any():
            keys["spelling_kept"] = [
                w if _DIGIT.search(w) else _SAINT.sub("Saint", w).translate(_UNJOINED)
                for w in words
            ]
        elif texts.having(_JOINS).any() and all(map(_PHONE.fullmatch, words)):
            keys["spelling_kept"] = [_NO_DIGIT.sub("", w)[-_OF_PHONE:] for w in words]
        if len(words) <= _MOST_MARKED and texts.having(_MAY_MARK).any():
            # Most words begin with a letter, and end with nothing that may be left out.
            bare = [
                w if w[:1].isalpha() and w[-1:] not in _LAST_MARKS else _MARKED.sub("", w)
                for w in words
            ]
            if bare != words:
                known = {fold(word): word for word in words}
                keys["marks_around_kept"] = [
                    known.get(fold(b), w) if b != w else w for w, b in zip(words, bare, strict=True)
                ]
        if len(words) <= _MOST_MARKED and (texts.having(_SLASH) & texts.having(_COLON)).any():
            keys["web_addresses_kept"] = [
                _WEB.sub("", _TRACKED.sub("", w)) if w.lower().startswith(_BEGINS_WEB) else w
                for w in words
            ]
        if 2 < len(words) <= len(_MEANS) and not _MEANS.isdisjoint(map(str.lower, words)):
            keys["words_of_one_meaning"] = meanings(words)
        many = np.bincount(result.number, weights=self.count, minlength=len(words))
        for key, alike in keys.items():
            joined, alone = pd.factorize(np.array(alike, dtype=object))
            if len(alone) < len(words):
                most = pd.Series(many).groupby(joined).max()
                n = int(many.sum() - most.sum())
                notes.append(Note(key, column=self.name, records=n))
        return replace(result, notes=(*result.notes, *notes))

    def _merged(self, texts: Texts, *, each_once: bool) -> ReadLevels:
        """Merge words that differ by case only, under their most frequent spelling."""
        words: Any = np.array(texts.tolist(), dtype=object)
        if each_once and not texts.having(_MAY_FOLD).any():
            levels = pd.Index(words, dtype=object)
            return ReadLevels(number=np.arange(len(words)), levels=levels)
        exact = np.arange(len(words))
        if not each_once:
            exact, words = pd.factorize(words)
        small, alone = pd.factorize(np.array(folded(list(words)), dtype=object))
        many = np.bincount(exact, weights=self.count, minlength=len(words))
        if len(alone) == len(words):
            return ReadLevels(number=exact.astype(np.int64), levels=pd.Index(words, dtype=object))
        # The most frequent spelling, then the first in the alphabet, whatever the order of rows.
        best: dict[int, int] = {}
        for i in np.flatnonzero(np.bincount(small)[small] > 1).tolist():
            j = best.setdefault(int(small[i]), i)
            if (-many[i], words[i]) < (-many[j], words[j]):
                best[int(small[i])] = i
        odd = [i for i, s in enumerate(small.tolist()) if best.get(s, i) != i]
        n = int(many[odd].sum())
        if not self.reading.fold_case or _are_codes(list(words)):
            note = Note("case_kept", column=self.name, records=n)
            levels = pd.Index(words, dtype=object)
            return ReadLevels(number=exact.astype(np.int64), levels=levels, notes=(note,))
        shown = np.array(words, dtype=object)
        first = np.unique(small, return_index=True)[1]
        shown = shown[[best.get(s, int(first[s])) for s in range(len(alone))]]
        note = Note("case_made_alike", column=self.name, records=n)
        number = small[exact].astype(np.int64)
        return ReadLevels(
            number=number, levels=pd.Index(shown, dtype=object), notes=(note,), changed=n
        )


def _like_marks(values: NDArray[Any]) -> NDArray[Any]:
    """Return the numbers of a column that surveys write for nothing, in their order.

    Examples
    --------
    >>> [_like_marks(np.array(v)).tolist() for v in ([-9, -99, 1, 2], [1, 2, 9], [1, 4, 9])]
    [[-99, -9], [9], []]
    """
    below = np.sort(values[values < 0])
    if len(below) < len(values) and len(below) and np.isin(below, CODES_OF_NO_ANSWER).all():
        return below
    top = values[np.argsort(values)[-2:]] if len(values) > 2 and not len(below) else values[:0]
    far = len(top) and top[1] in CODES_OF_NO_ANSWER and top[1] > _FAR_ABOVE * top[0] > 0
    return top[1:] if far else values[:0]


def date_notes(column: str, dates: Dates, count: NDArray[np.int64]) -> tuple[Note, ...]:
    """Return notes on the order and the number of formats of the dates of a column."""
    notes = []
    if dates.order in ("day", "month", "undecided"):
        n = int(count[dates.turned].sum())
        notes.append(Note(f"dates_{dates.order}_first", column=column, records=n))
    if dates.formats > 1:
        n = int(count.sum())
        notes.append(Note("dates_in_formats", column=column, formats=dates.formats, records=n))
    return (*notes, *_far_dates(column, dates.time, count))


def _far_dates(column: str, times: NDArray[Any], count: NDArray[np.int64]) -> tuple[Note, ...]:
    far = (times < _OLD) | (times.astype("M8[D]") > LAST_DAY)
    if 0 < (n := int(count[far].sum())) < count.sum() / 2:
        return (Note("dates_far_away", column=column, records=n),)
    return ()


def meanings(words: Sequence[str]) -> list[str]:
    """Return what words of a column of sexes, or of one of yes and no, mean; or the words.

    Of a column that holds anything else, or one of the two only, nothing is known: H and M are
    a man and a woman in Spanish, and a man twice in French.

    Examples
    --------
    >>> meanings(["F", "Mme", "female", "M."]), meanings(["F", "other"])
    (['women', 'women', 'women', 'men'], ['F', 'other'])
    """
    for pair in _PAIRS:
        means = [
            ""
            if word in _MORE_THAN_A_SEX
            else next((k for k in pair if word in WORDS[k] or _SEX_CODES.get(word) == k), "")
            for word in (text.rstrip(".") for text in folded(words))
        ]
        if "" not in means and {*means} == {*pair}:
            return means
    return [*words]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
