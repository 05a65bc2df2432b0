"""Levels of a column: their codes, the same on every engine, and their order.

A blank text is a missing value.
"""

from __future__ import annotations

import re
import weakref
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.roles import Roles
from privaudit.core.checks import Bools, Ints
from privaudit.core.thresholds import MOST_CODES
from privaudit.errors import SchemaError
from privaudit.text.cells import Texts, comparable_levels, looked_up
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import narwhals as nw

# Whatever Python strips from a text; engines strip less by themselves, and not the same.
BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
# Whole numbers that span no more than this are codes already: no look-up table is made.
_SPAN = 1 << 20
_INT32_MOST = (1 << 31) - 1
# The first number of a band: 18-24, 80+.
_STARTS = re.compile(r"\D*?(\d+).*")
# Records that are looked through at once.
_RUN = 1 << 16

# Codes and levels of columns of text, by the memory of their cells and for as long as it lives.
_numbered: dict[int, tuple[weakref.ref[Any], NDArray[Any], pd.Index]] = {}
# Texts of levels, likewise.
_texts: dict[int, tuple[weakref.ref[Any], Texts]] = {}


def number_levels(column: pd.Series) -> tuple[NDArray[Any], pd.Index]:
    """Number levels as they come, -1 where missing, as `pandas.factorize` does.

    The cells of a column of text are looked at once, however many ask.

    Examples
    --------
    >>> codes, levels = number_levels(pd.Series(["b", None, "a", "b"], dtype="str"))
    >>> codes.tolist(), levels.tolist()
    ([0, -1, 1, 0], ['b', 'a'])
    """
    cells = _cells_of(column)
    known = _numbered.get(id(cells))
    if known is not None and known[0]() is cells:
        return known[1], known[2]
    codes, levels = pd.factorize(column)
    codes, levels = np.asarray(codes), pd.Index(levels)
    if cells is not None:
        codes = _remember(cells, codes, levels)
    return codes, levels


def texts_of(levels: pd.Index) -> Texts:
    """Return the texts of levels, made once, however many ask for them."""
    known = _texts.get(id(levels))
    if known is not None and known[0]() is levels:
        return known[1]
    key, made = id(levels), Texts(levels)
    _texts[key] = weakref.ref(levels, lambda _: _texts.pop(key, None)), made
    return made


def text_levels(column: pd.Series) -> tuple[NDArray[Any], Texts]:
    """Return the number of the text of each cell, -1 where missing, and the texts.

    Examples
    --------
    >>> codes, texts = text_levels(pd.Series([2.5, None, 2.0, 2.5]))
    >>> codes.tolist(), list(texts)
    ([0, -1, 1, 0], ['2.5', '2.0'])
    """
    cells = column.to_numpy() if column.dtype == "float64" else np.empty(0)
    # Equal numbers have one text, written once; but 0.0 and -0.0 have two.
    if column.dtype.kind in "biu" or (len(cells) and not np.signbit(cells[cells == 0]).any()):
        codes, levels = pd.factorize(column)
        return codes, texts_of(pd.Index(levels).astype("str"))
    codes, levels = number_levels(column.astype("str"))
    return codes, texts_of(levels)


def text_column(
    codes: NDArray[Any], levels: pd.Index, *, as_they_come: bool = False, **named: Any
) -> pd.Series:
    """Return a column of text by the number of the level of each row; -1 is missing.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
    levels : pandas.Index
    as_they_come : bool
        They are numbered as `number_levels` would: each once, in their order, and used.
    **named
        Its `name` and `index`.
    """
    levels = levels.astype("str")
    column = pd.Series(levels.array.take(codes, allow_fill=True), dtype="str", **named)
    cells = _cells_of(column)
    if as_they_come and cells is not None:
        _remember(cells, codes, levels)
    return column


def _cells_of(column: pd.Series) -> Any:
    """Return the Arrow array of a column of text, which nothing changes; None of another."""
    dtype = column.dtype
    if not isinstance(dtype, pd.StringDtype) or dtype.storage != "pyarrow":
        return None
    return column.array.__arrow_array__()


def _remember(cells: Any, codes: NDArray[Any], levels: pd.Index) -> NDArray[Any]:
    """Remember the codes of cells, in as few bytes as hold them."""
    codes = codes.astype(np.min_scalar_type(-max(1, len(levels))))
    codes.flags.writeable = False
    key = id(cells)
    _numbered[key] = (weakref.ref(cells, lambda _: _numbered.pop(key, None)), codes, levels)
    return codes


def values_of(frame: pd.DataFrame) -> list[Any]:
    """Return the values of each column, not copied: the same ones for another frame of them."""
    columns = (frame.iloc[:, place] for place in range(frame.shape[1]))
    return [c.to_numpy() if isinstance(c.dtype, np.dtype) else c.array for c in columns]


class CellTexts(NamedTuple):
    """The texts of the cells of a column, each once.

    - `texts`: In the order in which they come; "" where a cell is blank.
    - `code`: The place in `texts` of each cell, shape (n,).
    """

    texts: list[str]
    code: Ints

    def rows(self, hits: Bools) -> Bools:
        """Return of each cell what holds of its text."""
        return np.asarray(hits[self.code])

    @property
    def records(self) -> Ints:
        """How many cells have each text."""
        return np.bincount(self.code, minlength=len(self.texts))


def encode_column(column: pd.Series, who: str) -> tuple[Any, pd.Index]:
    """Number the levels of a column in 8 bytes; missing, and text of blanks only, is -1.

    Raises
    ------
    SchemaError
        A cell is a list or another value that cannot be compared.
    """
    codes, levels = encode_narrow(column, who)
    return codes.astype(np.int64, copy=False), levels


def encode_narrow(column: pd.Series, who: str) -> tuple[NDArray[Any], pd.Index]:
    """Number the levels as `encode_column` does, in as few bytes as the codes come in."""
    try:
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes, levels = column.cat.codes.to_numpy(), column.cat.categories
            if len(present_levels(codes, len(levels))) < len(levels):
                column = column.cat.remove_unused_categories()
                codes, levels = column.cat.codes.to_numpy(), column.cat.categories
        else:
            codes, levels = number_levels(column)
    except TypeError:
        needed = f"column '{column.name}' of plain values (text, numbers, dates) of one kind"
        raise SchemaError.of(who, needed, "lists, or values that have no common order") from None
    codes, levels = np.asarray(codes), pd.Index(levels)
    if levels.dtype.kind not in "biufcmM":
        blank = np.zeros(len(levels), dtype=bool)
        if isinstance(levels.dtype, pd.StringDtype):
            texts = texts_of(levels)
            near = texts.may_begin(())
            among = zip(near, texts.listed_at(near), strict=True)
            blank[[i for i, text in among if not text.strip()]] = True
        else:
            blank[:] = [isinstance(v, str) and not v.strip() for v in levels.tolist()]
        if blank.any():
            # A blank text is a missing value: the readers and this must not disagree.
            renumber = np.where(blank, -1, np.cumsum(~blank) - 1)
            codes = np.append(renumber, -1)[codes]
            levels = levels[~blank]
    return codes, levels


def encode_and_count(
    column: pd.Series, who: str
) -> tuple[NDArray[Any], NDArray[np.int64], pd.Index, NDArray[np.int64]]:
    """Number the levels of a column as it is quickest, and count the records of each.

    Whole numbers of a small span are numbered by what they are more than the least, in order, and
    other values as they come.

    Returns
    -------
    codes : ndarray of int, shape (n,)
        -1 where missing.
    place : ndarray of int64
        Code of each level.
    levels : pandas.Index
    count : ndarray of int64

    Examples
    --------
    >>> codes, place, levels, count = encode_and_count(pd.Series([1990, 1995, 1990]), "measure")
    >>> codes.tolist(), place.tolist(), levels.tolist(), count.tolist()
    ([0, 5, 0], [0, 5], [1990, 1995], [2, 1])
    """
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu" and len(column):
        values = column.to_numpy()
        low, high = int(values.min()), int(values.max())
        if high - low <= min(max(len(values), 1 << 10), _SPAN) and high < 1 << 63:
            offset = values.astype(np.int64) - low if low else values.astype(np.int64, copy=False)
            count = np.bincount(offset)
            place = np.flatnonzero(count)
            return offset, place, pd.Index((place + low).astype(values.dtype)), count[place]
    codes, levels = encode_narrow(column, who)
    count = np.bincount(codes.astype(np.int64) + 1, minlength=len(levels) + 1)[1:]
    return codes, np.arange(len(levels)), levels, count


def present_levels(codes: NDArray[Any], levels: int) -> NDArray[np.int64]:
    """Return which of so many levels occur, in their order; -1 is none.

    Stop as soon as all are present.

    Examples
    --------
    >>> present_levels(np.array([2, -1, 0, 2]), 4).tolist()
    [0, 2]
    """
    # A code of -1 takes the last place, which is cut off.
    there = np.zeros(levels + 1, dtype=bool)
    for start in range(0, len(codes), _RUN):
        there[codes[start : start + _RUN]] = True
        if there[:-1].all():
            break
    return np.flatnonzero(there[:-1])


def narrow_codes(column: pd.Series, who: str) -> NDArray[Any]:
    """Return codes of a column without its levels, in the narrowest type.

    Whole numbers of a small span are their own codes: for tens of millions of records the table
    of levels would cost more than the count.

    Returns
    -------
    ndarray of int, shape (n,)
        -1 where missing; equal where the values are equal.

    Raises
    ------
    SchemaError
        A cell is a list or another value that cannot be compared.

    Examples
    --------
    >>> narrow_codes(pd.Series([1990, 1991, 1990], dtype="int16"), "measure").tolist()
    [1990, 1991, 1990]
    >>> narrow_codes(pd.Series(["F", "M", None]), "measure")
    array([ 0,  1, -1], dtype=int8)
    """
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu" and len(column):
        values = column.to_numpy()
        if values.dtype.kind == "b":
            return values.view(np.uint8)
        low, high = int(values.min()), int(values.max())
        if high - low <= _SPAN:
            if low >= 0 and high <= _INT32_MOST:
                return values
            wide = values if values.dtype == np.uint64 else values.astype(np.int64)
            return (wide - wide.dtype.type(low)).astype(np.int32)
    codes, levels = encode_column(column, who)
    return np.asarray(codes).astype(np.min_scalar_type(-max(1, len(levels))))


class GatheredLevels:
    """Codes of a column that is read part by part.

    Examples
    --------
    >>> column = GatheredLevels("measure")
    >>> column.add(pd.Series(["b", None, "a"]))
    >>> column.add(pd.Series(["c", "b"]))
    >>> codes, levels = column.coded()
    >>> codes.tolist(), levels.tolist()
    ([0, -1, 1, 2, 0], ['b', 'a', 'c'])
    """

    def __init__(self, who: str) -> None:
        self._who = who
        self._codes: list[NDArray[np.int32]] = []
        self._levels: list[pd.Index] = []

    def add(self, part: pd.Series) -> None:
        """Add another part."""
        codes, levels = encode_column(part, self._who)
        # One part may have gaps and another none: no level is missing in either.
        if isinstance(levels.dtype, pd.Int64Dtype):
            levels = levels.astype(np.int64)
        elif isinstance(levels.dtype, pd.BooleanDtype):
            levels = levels.astype(bool)
        start = sum(map(len, self._levels))
        self._codes.append(np.where(codes < 0, -1, codes + start).astype(np.int32))
        if len(levels):
            self._levels.append(levels)

    def coded(self) -> tuple[NDArray[np.int32], pd.Index]:
        """Return all codes, -1 where missing, and the levels."""
        codes = np.concatenate(self._codes or [np.zeros(0, dtype=np.int32)])
        if not self._levels:
            return codes, pd.Index([])
        # Numbered once: part by part, a column of names would be looked up over and over.
        number, levels = pd.factorize(self._levels[0].append(self._levels[1:]))
        renumbered: NDArray[np.int32] = np.append(number, -1).astype(np.int32)[codes]
        return renumbered, pd.Index(levels)


def order_of(
    column: str, levels: pd.Index, roles: Roles, *, declared: bool = False, who: str = "measure"
) -> tuple[NDArray[np.int64] | None, Note]:
    """Return the order of a column's levels, and why it is or is not one.

    Parameters
    ----------
    column : str
    levels : pandas.Index
        As `privaudit.columns.values.read_levels` returns them: numbers and dates in their order.
    roles : Roles
        Whose `ordered` decides where it is given. Left out, dates have an order and so have
        numbers, but for whole ones of at most 20 levels: these may be codes, and read as
        categories no distance between them is too short.
    declared : bool
        The levels stand in an order that the frame declares. It counts only where the roles name
        the column: a file has none.
    who : str
        The function that an error names.

    Returns
    -------
    rank : ndarray of int64, or None
        Place of each level in their order; None where they have none.
    why : Note

    Raises
    ------
    SchemaError
        An order was asked for of words, and none given, or not of all of them.

    Examples
    --------
    >>> order_of("age", pd.Index(range(18, 99)), Roles(key="sex", sensitive="age"))[1]
    Note('order_of_numbers')
    >>> rank, why = order_of(
    ...     "trust", pd.Index(["low", "high", "mid"]),
    ...     Roles(sensitive="trust", ordered={"trust": ["low", "mid", "high"]}),
    ... )
    >>> rank.tolist(), why
    ([0, 2, 1], Note('order_told'))
    """
    own = np.arange(len(levels), dtype=np.int64)
    kind = levels.dtype.kind
    if roles.orders is not None:
        if column not in roles.orders:
            return None, Note("order_not_told")
        values = roles.orders[column]
        if values:
            return _given_order(column, levels, values, who), Note("order_told")
        if kind in "iufM" or declared:
            return own, Note("order_told")
        return _band_order(column, levels, who), Note("order_told")
    if kind == "M":
        return own, Note("order_of_dates")
    if kind not in "iuf":
        return None, Note("order_of_none")
    if kind != "f" and len(levels) <= MOST_CODES:
        return None, Note("order_not_of_codes", levels=len(levels))
    return own, Note("order_of_numbers")


def sorted_levels(
    column: str,
    code: NDArray[np.int64],
    levels: pd.Index,
    roles: Roles,
    *,
    declared: bool = False,
    who: str = "measure",
) -> tuple[NDArray[np.int64], pd.Index, bool, Note]:
    """Sort the levels of a column and its codes; return whether they are ordered, and why."""
    rank, why = order_of(column, levels, roles, declared=declared, who=who)
    if rank is None:
        return code, levels, False, why
    # A code of -1 takes the last entry, which is missing.
    return np.append(rank, -1)[code], levels[np.argsort(rank)], True, why


def _given_order(
    column: str, levels: pd.Index, order: tuple[Any, ...], who: str
) -> NDArray[np.int64]:
    rank, lacking = looked_up(levels, dict(zip(order, range(len(order)), strict=True)))
    if lacking:
        needed = f"every value of '{column}' in its order"
        raise SchemaError.of(who, needed, f"{lacking:,} of {len(rank):,} without a place")
    return np.argsort(np.argsort(rank)).astype(np.int64)


def _band_order(column: str, levels: pd.Index, who: str) -> NDArray[np.int64]:
    """Order bands by their first number: 18-24, 25-34, 80+."""
    result = [_STARTS.fullmatch(text) for text in comparable_levels(levels)]
    starts = [-1 if match is None else int(match[1]) for match in result]
    if -1 in starts or len(set(starts)) < len(starts):
        do = f"Roles(ordered={{'{column}': [...]}})."
        raise SchemaError.of(who, f"the values of '{column}' in their order", "words", do)
    return np.argsort(np.argsort(starts)).astype(np.int64)


# What `infer_dtype` of pandas calls the values of each kind.
_KINDS = {
    inferred: kind
    for kind, names in {
        "": "empty",
        "text": "string",
        "truth values": "boolean",
        "numbers": "integer floating mixed-integer-float decimal",
        "dates": "date datetime datetime64",
        "durations": "timedelta timedelta64",
    }.items()
    for inferred in names.split()
}


def join_levels(
    column: str, mine: pd.Index, theirs: pd.Index, who: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], bool]:
    """Number the levels of a column in two sources so that equal values have equal numbers.

    A text file whose codes all look like numbers is read as numbers, and another one with
    01000 among them as text: numbers against text are compared as text, 1000.0 being "1000".

    Parameters
    ----------
    column : str
        For the error.
    mine, theirs : pandas.Index
        Levels of each source, none missing and each once.
    who : str
        The function that an error names.

    Returns
    -------
    mine, theirs : ndarray of int64
        The number of each level.
    as_text : bool
        Numbers of one source were compared with text of the other.

    Raises
    ------
    SchemaError
        The two hold values of different kinds, such as dates and text; or a number of the one
        stands in the text of the other with more decimals, as 1.10 and 1.1.

    Examples
    --------
    >>> join_levels("commune", pd.Index(["1000", "01000"]), pd.Index([2000.0, 1000.0]), "measure")
    (array([0, 1]), array([2, 0]), True)
    """
    kinds = [_kind(levels) for levels in (mine, theirs)]
    as_text = sorted(kinds) == ["numbers", "text"]
    if not as_text and kinds[0] != kinds[1] and not {"", "mixed types"} & set(kinds):
        needed = f"key '{column}' of one kind in the table and the population"
        came = f"{kinds[0]} in the one and {kinds[1]} in the other"
        raise SchemaError.of(who, needed, came, "Convert one of them.")
    if as_text:
        _check_decimals(column, *((mine, theirs) if kinds[0] == "text" else (theirs, mine)), who)
    if mine.dtype.kind in "iuf" and theirs.dtype.kind in "iuf" and mine.dtype == theirs.dtype:
        together: list[Any] = [*mine, *theirs]
    else:
        # As text, a whole number of 17 digits and its float stay apart.
        together = [*comparable_levels(mine), *comparable_levels(theirs)]
    number = pd.factorize(pd.Index(together))[0].astype(np.int64)
    return number[: len(mine)], number[len(mine) :], as_text


def _check_decimals(column: str, texts: pd.Index, numbers: pd.Index, who: str) -> None:
    """Check that no number, whose spelling is lost, stands in a text with more decimals."""
    # Three digits behind a comma or point may be thousands: 1.000 is one, or a thousand.
    more = re.compile(r"-?[0-9]+[.,](?![0-9]{3}\Z)[0-9]*0")
    spelt = {float(str(t).replace(",", ".")) for t in texts if more.fullmatch(str(t))}
    lost = {float(n) for n in numbers if not isinstance(n, (int, np.integer, Decimal))}
    if spelt & lost:
        needed = f"key '{column}' written alike in the table and the population"
        came = "numbers in the one, and the same numbers with more decimals in text of the other"
        do = "Write a number with as many decimals everywhere; put a letter before a code (v1.10)."
        raise SchemaError.of(who, needed, came, do)


def _kind(levels: pd.Index) -> str:
    return _KINDS.get(pd.api.types.infer_dtype(levels, skipna=True), "mixed types")


# What the engines call the type of a column that was never filled.
_NOTHING = ("null", "Null", '"NULL"')


def inner_names(columns: tuple[str, ...]) -> list[str]:
    """Return column names that are safe in every engine."""
    return [f"column_{i}" for i in range(len(columns))]


def plain_columns(
    frame: nw.LazyFrame[Any], columns: tuple[str, ...], who: str
) -> nw.LazyFrame[Any]:
    """Select columns under `inner_names`, with one kind of missing value.

    Left to themselves the engines disagree: Polars counts NaN and null as two groups, Arrow 0.0
    and -0.0; a blank text is a level to all of them. Decimals become text: a float would join
    those that differ in their sixteenth digit.

    Parameters
    ----------
    frame : narwhals.LazyFrame
    columns : tuple of str
    who : str
        The function that an error names.

    Raises
    ------
    SchemaError
        A column is nested, binary, or of a type that the engine does not name.
    """
    import narwhals as nw

    schema = frame.collect_schema()
    kinds = {column: schema[column] for column in columns}
    for column, kind in kinds.items():
        if kind == nw.Unknown and _native_type(frame, column) in _NOTHING:
            kinds[column] = nw.String()
            frame = frame.with_columns(nw.col(column).cast(nw.String))
        elif kind == nw.Duration and frame.implementation.is_polars():
            # Polars makes no text of a length of time, but a number of its ticks.
            frame = frame.with_columns(nw.col(column).cast(nw.Int64))
    return frame.select(
        *(
            _plain(column, kinds[column], who).alias(name)
            for column, name in zip(columns, inner_names(columns), strict=True)
        )
    )


def _native_type(frame: nw.LazyFrame[Any], column: str) -> str:
    """Return the engine's own name of the type of a column."""
    native = frame.to_native()
    if frame.implementation.is_duckdb():
        return str(native.types[native.columns.index(column)])
    if frame.implementation.is_polars():
        return str(native.collect_schema()[column])
    if frame.implementation.is_pyarrow():
        return str(native.schema.field(column).type)
    return ""


def _plain(column: str, kind: nw.dtypes.DType, who: str) -> nw.Expr:
    import narwhals as nw

    value = nw.col(column)
    if kind.is_float():
        return nw.when(~value.is_nan()).then(value + 0.0)
    if kind.is_decimal() or kind in (nw.Int128, nw.UInt128):
        return value.cast(nw.String)
    if kind.is_integer() or kind in (nw.Boolean, nw.Datetime):
        return value
    if kind == nw.Date:
        return value.cast(nw.Datetime("us"))
    if kind in (nw.Time, nw.Duration):
        return value.cast(nw.String)
    if kind == nw.String or kind == nw.Categorical or kind == nw.Enum:
        text = value if kind == nw.String else value.cast(nw.String)
        # Stripping costs more than the count: only what begins with a blank may be all blanks.
        begins = text.str.head(1).is_in(["", *BLANKS])
        return (
            nw.when(~begins)
            .then(text)
            .otherwise(nw.when(text.str.strip_chars(BLANKS) != "").then(text))
        )
    needs = f"column '{column}' of plain values (text, numbers, dates) of one kind"
    raise SchemaError.of(who, needs, f"type {kind}")


def mark_gaps(
    plain: nw.LazyFrame[Any], frame: nw.LazyFrame[Any], columns: tuple[str, ...]
) -> nw.LazyFrame[Any]:
    """Add to each column of `plain_columns` a column of where it has no value.

    A null would turn whole numbers into floats on export, and merge neighbours.
    """
    import narwhals as nw

    names, schema = inner_names(columns), frame.collect_schema()
    return plain.with_columns(
        *(nw.col(name).is_null().alias(f"{name}_missing") for name in names),
        *(
            nw.col(name).fill_null(False if schema[column] == nw.Boolean else 0)
            for name, column in zip(names, columns, strict=True)
            if schema[column].is_integer() or schema[column] == nw.Boolean
        ),
    )


def fetched_columns(found: nw.DataFrame[Any], columns: tuple[str, ...]) -> dict[str, pd.Series]:
    """Turn the result of `mark_gaps` into pandas columns."""
    values = {}
    for column, name in zip(columns, inner_names(columns), strict=True):
        series = pd.Series(found[name].to_numpy())
        missing = found[f"{name}_missing"].to_numpy().astype(bool)
        if missing.any() and series.dtype.kind == "b":
            truth = np.array(series, dtype=bool)
            series = pd.Series(pd.arrays.BooleanArray(truth, missing))
        elif missing.any() and series.dtype.kind in "iu":
            known = series.to_numpy().astype(np.int64)
            series = pd.Series(pd.arrays.IntegerArray(known, missing))
        values[column] = series
    return values
