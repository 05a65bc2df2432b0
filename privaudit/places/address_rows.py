"""The rows of an address file: by Arrow where it is plain, in a third of the engine's time.

What Arrow reads is what the engine reads: `_plain_rows` gives up wherever the two might differ, and
the engine then reads the file from its start.
"""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from privaudit._core.checks import say
from privaudit.errors import ParameterError, ReadError
from privaudit.tables.duck import connected, frame_of, spilling
from privaudit.tables.text_columns import text_cells
from privaudit.tables.text_file import TextFile, unpacked
from privaudit.text.normalise import fold

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["address_rows"]

# More addresses than any département has: the country does not fit in a frame.
_MOST = 3_000_000
# What the engine trims: every letter of Unicode that is a blank and no line end.
_BLANKS = " \u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
# A cell in quotes, which are doubled within; where more bytes are quotes than one in so many, to
# look at each costs more than the engine.
_QUOTED, _FEW_QUOTES = re.compile(rb'"(?:[^"\n]|"")*"'), 500
_LONGEST = 2_000_000
_CODE = "code_insee"


def address_rows(
    file: TextFile,
    have: Mapping[str, bool],
    wanted: Sequence[str],
    box: Mapping[str, float] | None,
) -> tuple[pd.DataFrame, int]:
    """Take the rows of some communes or of a box, as text and numbers; count unreadable lines.

    - `have`: Names of the columns to read, in small letters, and whether they are of numbers.
    - `wanted`: Codes of communes; all where there is none.
    - `box`: West, south, east and north, in metres.
    """
    rows, bad_lines = _plain_rows(file, have, wanted, box), 0
    if rows is None or not set(wanted) <= set(rows[_CODE].unique()):
        rows, bad_lines = _engine_rows(file, have, wanted, box)
    if len(rows) > _MOST:
        needed = f"at most {_MOST:,} addresses at a time"
        do = "Name the communes with commune='94042,94068'."
        raise ReadError(say("read_addresses", needed, f"more in {file.name}", do))
    return rows, bad_lines


class _ManyWaysError(Exception):
    """The file holds what is read in more than one way: an odd quote, or a carriage return."""


class _Plain(io.RawIOBase):
    """Bytes of a file, as long as quotes stand around whole cells of one line, and few do."""

    def __init__(self, file: io.BufferedIOBase, separator: str) -> None:
        self._file, self._ends = file, (separator.encode(), b"\n", b"")
        # What comes before the next part in its line, where that may matter.
        self._begun = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        seen = self._begun + data
        whole = seen.rfind(b"\n") + 1 if data else len(seen)
        self._begun = seen[whole:]
        many = seen.count(b'"', 0, whole)
        if b"\r" in data or many * _FEW_QUOTES > len(seen) or len(self._begun) > _LONGEST:
            raise _ManyWaysError
        for cell in _QUOTED.finditer(seen, 0, whole) if many else ():
            first, last = cell.span()
            before, after = seen[max(first - 1, 0) : first], seen[last : min(last + 1, whole)]
            if before not in self._ends or after not in self._ends:
                raise _ManyWaysError
            many -= seen.count(b'"', first, last)
        if many:
            raise _ManyWaysError
        return data


def _plain_rows(
    file: TextFile,
    have: Mapping[str, bool],
    wanted: Sequence[str],
    box: Mapping[str, float] | None,
) -> pd.DataFrame | None:
    """Return the rows of a plain file; None to let the engine read it."""
    if not find_spec("pyarrow") or file.above or file.encoding != "utf-8-sig":
        return None
    import pyarrow as pa

    kept, many = [], 0
    try:
        with unpacked(file.path, who="read_addresses", what="an address file") as data:
            for rows in _batches(_Plain(data, file.separator), file, have):
                kept.append(_chosen(_told(rows, have), wanted, box))
                many += kept[-1].num_rows
                if many > _MOST:
                    break
    except (_ManyWaysError, pa.ArrowInvalid):
        return None
    found: pd.DataFrame | None = None
    if many:
        found = pa.concat_tables(kept).to_pandas()
    return found


def _batches(data: _Plain, file: TextFile, have: Mapping[str, bool]) -> Iterator[pa.Table]:
    """Read columns by Arrow, a megabyte at a time: it stops at any line of another width."""
    import pyarrow as pa
    from pyarrow import csv

    cells = [f"c{i}" for i in range(len(file.header))]
    columns = [fold(column) for column in file.columns]
    picked = {cells[columns.index(name)]: number for name, number in have.items()}
    reader = csv.open_csv(
        data,
        read_options=csv.ReadOptions(column_names=cells, skip_rows=1, use_threads=False),
        parse_options=csv.ParseOptions(delimiter=file.separator),
        convert_options=csv.ConvertOptions(
            column_types={c: pa.float64() if n else pa.large_string() for c, n in picked.items()},
            include_columns=list(picked),
            null_values=[""],
        ),
    )
    for batch in reader:
        yield pa.table(batch).rename_columns(list(have))


def _told(rows: pa.Table, have: Mapping[str, bool]) -> pa.Table:
    """Trim text, and write the code of a commune in five letters."""
    import pyarrow.compute as pc

    for at, (name, number) in enumerate(have.items()):
        if number:
            continue
        text = pc.utf8_trim(rows.column(at), characters=_BLANKS)
        if name == _CODE:
            # Few codes, many lines.
            codes = text.combine_chunks().dictionary_encode()
            five = pc.utf8_slice_codeunits(pc.utf8_lpad(codes.dictionary, 5, padding="0"), 0, 5)
            text = pc.utf8_upper(five).take(codes.indices)
        rows = rows.set_column(at, name, text)
    return rows


def _chosen(rows: pa.Table, wanted: Sequence[str], box: Mapping[str, float] | None) -> pa.Table:
    """Keep the rows of some communes, or of a box."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if wanted:
        codes = pa.array(wanted, pa.large_string())
        rows = rows.filter(pc.is_in(rows.column(_CODE), codes))
    if box is not None:
        for name, low, high in (("x", "west", "east"), ("y", "south", "north")):
            rows = rows.filter(pc.greater_equal(rows.column(name), box[low]))
            rows = rows.filter(pc.less_equal(rows.column(name), box[high]))
    return rows


def _engine_rows(
    file: TextFile,
    have: Mapping[str, bool],
    wanted: Sequence[str],
    box: Mapping[str, float] | None,
) -> tuple[pd.DataFrame, int]:
    """Read any text table; a line that cannot be read is counted, and passed over."""
    import duckdb

    columns = [fold(column) for column in file.columns]
    text = {c: f"trim(coalesce(c{columns.index(c)}, ''))" for c in have}
    text["code_insee"] = f"upper(lpad({text['code_insee']}, 5, '0'))"
    number = "TRY_CAST(replace({}, ',', '.') AS DOUBLE)"
    picked = ", ".join(f"{number.format(text[c]) if n else text[c]} {c}" for c, n in have.items())
    chosen = scan = f"SELECT {picked} FROM cells"
    bound: dict[str, object] = {}
    if wanted:
        chosen = f"SELECT * FROM ({scan}) WHERE list_contains($codes, code_insee)"
        bound["codes"] = list(wanted)
    if box is not None:
        chosen = f"SELECT * FROM ({chosen}) WHERE x BETWEEN $west AND $east "
        chosen += "AND y BETWEEN $south AND $north"
        bound |= box
    try:
        with spilling() as spill, connected(memory_limit="1GB") as connection:
            options = {"ignore_errors": True, "store_rejects": True}
            text_cells(connection, file, spill, "read_addresses", **options).create_view("cells")
            rows = frame_of(connection.sql(f"{chosen} LIMIT {_MOST + 1}", params=bound))
            lines = "SELECT count(DISTINCT line) FROM reject_errors"
            bad_lines = int(connection.execute(lines).fetchall()[0][0])
            absent = sorted(set(wanted) - set(rows["code_insee"].unique()))
            if absent:
                name = "any_value(nom_commune)" if "nom_commune" in have else "''"
                known = f"SELECT code_insee, {name} FROM ({scan}) GROUP BY ALL"
                raise _absent(absent[0], dict(connection.execute(known).fetchall()), file)
    # The engine's own message may quote a line of the file.
    except duckdb.Error as error:
        came = f"{file.name}, which does not read as one ({type(error).__name__})"
        do = "Download it again, or take fewer communes with commune=."
        raise ReadError(say("read_addresses", "an address file", came, do)) from None
    return rows, bad_lines


def _absent(code: str, known: dict[str, str], file: TextFile) -> ParameterError:
    """Say that a commune is not in the file, and which one may have been meant."""
    by_name = {fold(name): known_code for known_code, name in known.items()}
    near = difflib.get_close_matches(code, known, n=1, cutoff=0.75) or [
        by_name[name] for name in difflib.get_close_matches(fold(code), by_name, n=1)
    ]
    hint = f"Did you mean '{near[0]}' ({known[near[0]]})?" if near else "Check the code."
    came = f"'{code}', which is none of the {len(known):,} communes of {file.name}"
    return ParameterError(
        say("read_addresses", "commune the INSEE code of a commune of the file", came, hint)
    )
