"""Stata 8 or later: codes with labels are read as these, periods as text, days as days."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from privaudit.errors import PrivauditError
from privaudit.io.formats.parquet import plain_column
from privaudit.io.readers import Reader, ReadRequest
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.io.file_frame import FileFrame

_STATA, _OF_DAYS = "a file of Stata", ("%td", "%d", "%tc")
_WINDOWS = {
    byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)
}


def _read_stata(asked: ReadRequest) -> FileFrame:
    """Read a table of Stata 8 or later; codes with labels are read as these, blanks as missing.

    A month, quarter, half-year or week is text, never its first day.
    """
    import warnings

    import pandas as pd

    from privaudit.io.file_frame import FileFrame

    data = asked.data()
    notes: list[Note] = []
    try:
        rows = _charge_stata(asked, data)
        with warnings.catch_warnings(), _stata(data) as reader:
            # Days beyond what a time can hold, and how texts were encoded.
            warnings.simplefilter("ignore")
            asks, labels = reader.variable_labels(), reader.value_labels()
            _charge_long_texts(asked, reader, data, rows)
            # "%-td" is "%td", set to the left.
            formats = [text.replace("%-", "%") for text in reader._fmtlist]
            reader._fmtlist = [text if text.startswith(_OF_DAYS) else "" for text in formats]
            frame, named = reader.read(convert_categoricals=False), reader._lbllist
        for place, column in enumerate(frame.columns):
            cells = _periods(_shortest(frame.iloc[:, place]), formats[place])
            if pd.api.types.is_numeric_dtype(cells) and labels.get(named[place]):
                cells, shared = _labelled(cells, labels[named[place]], asked)
                notes += [Note("labels_shared", column=column, codes=shared)] if shared else []
            frame.isetitem(place, plain_column(cells))
    except PrivauditError:
        raise
    # Of a damaged file pandas raises anything, and its messages may hold a value.
    except Exception:
        raise asked.damaged(_STATA, "Export it as CSV.") from None
    if frame.empty:
        raise asked.error("at least one row", f"none in {asked.name}", why="empty")
    asks = {name: text for name, text in asks.items() if text and text != name}
    return FileFrame(frame=frame, name=asked.name, questions=asks, notes=tuple(notes))


def _stata(data: bytes) -> Any:
    """Open a file whose texts before version 118 are of Windows, where pandas reads Latin-1."""
    import pandas as pd

    reader: Any = pd.read_stata(BytesIO(data), iterator=True)
    decode = reader._decode
    reader._decode = lambda text: decode(text).translate(_WINDOWS)
    return reader


def _charge_long_texts(asked: ReadRequest, reader: Any, data: bytes, rows: int) -> None:
    """Read the long texts of a file, which rows may share, and charge each once a row."""
    import numpy as np

    places = [place for place, kind in enumerate(reader._typlist) if kind == "Q"]
    if not places or not rows:
        return
    reader._read_strls()
    reader.GSO = {key: text.translate(_WINDOWS) for key, text in reader.GSO.items()}
    length = {key: len(text.encode()) for key, text in reader.GSO.items()}
    cells = np.frombuffer(data, dtype=reader._dtype, count=rows, offset=reader._data_location)
    for place in places:
        texts, n = np.unique(cells[f"s{place}"], return_counts=True)
        asked.charge(sum(length[str(t)] * k for t, k in zip(texts, n.tolist(), strict=True)))


def _shortest(cells: pd.Series) -> pd.Series:
    """Return numbers of 32 bits as the shortest decimals that they stand for: 1234.1."""
    import numpy as np
    import pandas as pd

    if cells.dtype != np.float32:
        return cells
    alone, at = np.unique(cells.to_numpy(), return_inverse=True)
    return pd.Series(np.array([float(str(x)) for x in alone])[at], index=cells.index)


def _periods(cells: pd.Series, text: str) -> pd.Series:
    """Return months as "2006-01", other periods as Stata shows them, and years as numbers."""
    parts = {"y": 1, "h": 2, "q": 4, "m": 12, "w": 52}.get(text[2:3] if text[:2] == "%t" else "")
    known = cells.dropna()
    if not parts or not (known % 1 == 0).all():
        return cells
    if parts == 1:
        return cells if len(known) < len(cells) else cells.astype("int64")
    # They are counted from 1960; Stata has no year below 100, nor one of five digits.
    if not known.between(-1860 * parts, 8040 * parts, inclusive="left").all():
        return cells
    mark, digits = ("-", 2) if parts == 12 else (text[2], 1)
    each = {n: divmod(int(n), parts) for n in known.unique().tolist()}
    return cells.map({n: f"{1960 + y:04}{mark}{at + 1:0{digits}}" for n, (y, at) in each.items()})


def _labelled(
    cells: pd.Series, labels: dict[int, str], asked: ReadRequest
) -> tuple[pd.Series, int]:
    """Return the labels of codes, and how many codes have the label of another."""
    counts = cells.value_counts()
    without = {code: repr(code).removesuffix(".0") for code in counts.index if not labels.get(code)}
    shown = {code: without.get(code) or labels[code] for code in counts.index}
    # A label equal to a code without a label would merge with it.
    if not {*without.values()}.isdisjoint({*labels.values()}):
        return cells, 0
    asked.charge(sum(len(shown[code].encode()) * int(n) for code, n in counts.items()))
    of = Counter(shown.values())
    return cells.map(shown), sum(n for n in of.values() if n > 1)


def _charge_stata(asked: ReadRequest, data: bytes) -> int:
    """Charge the cells that the beginning of a file states, and return its rows."""
    order: Literal["little", "big"]
    if data.startswith(b"<"):
        order = "little" if data.find(b"<byteorder>LSF<", 0, 200) > 0 else "big"
        version, at = int(data[28:31]), data.index(b"<K>") + 3
        to = at + (4 if version > 118 else 2)
        places = (at, to), (to + 7, to + 7 + (4 if version < 118 else 8))
    else:
        order = "little" if data[1] == 2 else "big"
        places = (4, 6), (6, 10)
    columns, rows = (int.from_bytes(data[start:end], order) for start, end in places)
    # A cell has a byte at least.
    if columns * max(rows, 1) > len(data):
        raise asked.damaged(_STATA, "Export it as CSV.")
    asked.charge(len(data), columns * rows)
    return rows


READER = Reader(
    word="Stata",
    endings=(".dta",),
    # What is older begins with its version and the order of its bytes.
    begins=(b"<stata_dta>", *(bytes((v, o, 1)) for v in (113, 114, 115) for o in (1, 2))),
    signs=(b"<stata_dta>",),
    read=_read_stata,
)
