"""Readers of files: which takes a file, which part of it is read, and what is refused."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from privaudit.columns.headers import kind_of_header, kind_of_record, may_name_a_person
from privaudit.core.checks import one_of
from privaudit.core.declaration import load
from privaudit.core.files import once, set_within
from privaudit.core.limits import CELL_BYTES, limits, refuse_beyond
from privaudit.errors import ParameterError, ReadError, did_you_mean
from privaudit.io.csv_dialects import (
    GZIP,
    are_cells_as_written,
    encoding_notes,
    file_kind,
    first_bytes,
    headers_asked,
    is_gzipped,
    one_line,
    regular_file,
    text_encoding,
    unpacked,
)
from privaudit.io.encodings import decoded, encoding_asked
from privaudit.text.normalise import fold, has_bytes_as_letters, put_together
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.io.file_frame import FileFrame

_SHOWN = 8


class ChosenPart(NamedTuple):
    """The part of a file that is read, notes on it, and the numbers of the other parts.

    Parameters
    ----------
    left : tuple of int, optional
        From 1, in the file's order: parts that are not read.
    """

    name: str
    notes: tuple[Note, ...] = ()
    left: tuple[int, ...] = ()


def choose_part(asked: ReadRequest, names: list[str], usual: str, *, note: str) -> ChosenPart:
    """Return the part that is asked for, or the usual one, and a note where there are several.

    Parameters
    ----------
    names : list of str
        Of all parts, in the file's order. One may be asked for by its number, from 1.
    note : str
        The key of a note with `part`, its number `at` among them, and `others`.

    Raises
    ------
    ParameterError
        There is no such part.
    """
    chosen = usual
    if asked.sheet is not None:
        wanted = fold(asked.sheet)
        same = [name for name in names if fold(name) == wanted]
        if not same and wanted.isdecimal() and len(wanted) < 10 and 0 < int(wanted) <= len(names):
            same = [names[int(wanted) - 1]]
        if not same:
            shown = ", ".join(map(one_line, names[:_SHOWN]))
            left = len(names) - _SHOWN
            more = f" and {left:,} other{'s' * (left > 1)}" if left > 0 else ""
            needed = f"sheet one of {shown}{more} in {asked.name}"
            do = did_you_mean(asked.sheet, names) or "Give its name, or its number from 1."
            raise ParameterError.of(asked.who, needed, one_line(asked.sheet)[:60], do)
        chosen = same[0]
    # Of what is set out by itself, the others are too.
    if len(names) < 2 or asked.alone:
        return ChosenPart(chosen)
    at = names.index(chosen) + 1
    words = re.sub(r"[/\\.]", " ", chosen)
    shown = chosen if part_name(words, at) == words else str(at)
    notes = Note(note, part=one_line(shown), at=at, others=len(names) - 1)
    return ChosenPart(chosen, (notes,), tuple(n for n in range(1, len(names) + 1) if n != at))


# A day in the name of a file is no number of a person's.
_DAY = re.compile(
    r"(?:19|20)\d\d[-_.]?[01]\d(?:[-_.]?[0-3]\d)?|[0-3]?\d[-_.][01]?\d[-_.](?:19|20)\d\d"
)


def part_name(name: str, number: int) -> str:
    """Return the name of a part; its number where the name may be a person's.

    Examples
    --------
    >>> part_name("Dons 2016-05-12", 1), part_name("2016", 2), part_name("Marie Dupont", 3)
    ('Dons 2016-05-12', '2016', '3')
    """
    year = name.isdecimal() and len(name) < 5
    plain = name.isprintable() and len(name) <= 60 and not set(name) & set('/\\:*?"<>|')
    return name if plain and (year or not may_name_a_person(_DAY.sub("", name))) else str(number)


class Parts(NamedTuple):
    """Tables of a file that can each be read by itself.

    Parameters
    ----------
    tables : tuple[tuple[int, str], ...]
        Their numbers, from 1 among all parts, and their names.
    left : tuple of int, optional
        Numbers of other parts that hold something: hidden, or of text alone.
    notes : tuple of Note, optional
        Notes on the file as a whole.
    frame : Callable[[int, str], FileFrame], optional
        Makes the table of a number, under a name, of what was read to list them; None where each is
        read by itself.
    """

    tables: tuple[tuple[int, str], ...]
    left: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()
    frame: Callable[[int, str], FileFrame] | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Part:
    """A part of a file that is read by itself.

    Parameters
    ----------
    of : Path
        The file that it is of, `sheet`: its name there, None of a whole file, `number`: from 1.
    read : dict of Any to Any, optional
        What was read of it before, by what it was read as.
    """

    of: Path
    sheet: str | None = None
    number: int = 1
    read: dict[Any, Any] = field(default_factory=dict)


_set_out: ContextVar[Mapping[Path, Part]] = ContextVar("parts", default={})  # noqa: B039


@contextmanager
def paths_as_parts(parts: Mapping[Path, Part]) -> Iterator[None]:
    """Map paths to parts of files for a while: reading such a path reads that part alone."""
    with set_within(_set_out, {**_set_out.get(), **parts}):
        yield


def part_at(path: Any) -> Part | None:
    """Return the part of a file that a path stands for."""
    parts = _set_out.get()
    return parts.get(Path(path)) if parts else None


_FORMATS = "privaudit.io.formats"
_PART = 1 << 20
GIVES = ("table", "dots", "traces")
# How far from its beginning a file of no known ending is looked at.
_NEAR = 4096


@dataclass(frozen=True, kw_only=True)
class ReadRequest:
    """A file for a reader, whose first bytes the reader accepts.

    Parameters
    ----------
    name : str
        Without its folder, on one line.
    places : bool
        A row without a point is of no use. Otherwise it is a row like another.
    sheet : str, optional
        Which of several parts to read: see `choose_part`.
    within, most : int, optional
        How many zip files it was taken out of, and to how many bytes what is packed in it may
        unpack.
    alone : bool, optional
        The part is one of several that are all read, each by itself.
    decoded : list of int, optional
        What was charged so far: one number for all parts of a file, and for the files in it.
    inside : bool, optional
        A polygon stands at a point inside of it.
    """

    path: Path
    name: str
    who: str
    places: bool
    crs: str | None
    sheet: str | None = None
    within: int = 0
    most: int | None = None
    alone: bool = False
    decoded: list[int] = field(default_factory=lambda: [0])
    inside: bool = False

    def charge(self, letters: int, cells: int = 0) -> None:
        """Count what the file decodes to, before it is made; refuse more than the limit."""
        self.decoded[0] += letters + CELL_BYTES * cells
        refuse_beyond("decoded", self.decoded[0], who=self.who, name=self.name)

    def charge_text(self, data: bytes) -> None:
        """Count a text whose values are to be made: about half of it is names and marks."""
        values = max(data.count(b","), data.count(b"\n"), data.count(b"<") - data.count(b"</"))
        self.charge(len(data) // 2, values + data.count(b"{") + data.count(b"["))

    def error(self, needed: str, came: str, do: str = "", **reason: Any) -> ReadError:
        """Return the error of this file that cannot be read; see `PrivauditError.of`."""
        return ReadError.of(self.who, needed, came, do, **reason)

    def damaged(self, needed: str, do: str = "Export it again.") -> ReadError:
        """Return the error of this file that is damaged."""
        came = f"{self.name}, which is damaged or cut short"
        return self.error(needed, came, do, why="damaged")

    def locked(self, needed: str) -> ReadError:
        """Return the error of this file that needs a password."""
        came = f"{self.name}, which needs a password"
        return self.error(needed, came, "Save it without one.", why="password")

    def other_kind(self, needed: str, do: str) -> ReadError:
        """Return the error of a file of JSON that holds something else."""
        came = f"JSON of another kind in {self.name}"
        return self.error(needed, came, do, why="other_kind")

    def stated_crs(self, declared: Any, *, default: str | None) -> str | None:
        """Return the projection of its points: as declared by the file or the caller."""
        from privaudit.geo.crs import stated_crs

        name, who = self.name, self.who
        return stated_crs(declared, given=self.crs, name=name, who=who, default=default)

    def written(self) -> tuple[str, list[Note]]:
        """Return the whole file as text in the encoding that it shows, with a note on that."""
        data = self.data()
        encoding, mixed = text_encoding(self.path, data, who=self.who, what="a text")
        return "".join(decoded(BytesIO(data), encoding)), encoding_notes(encoding, mixed)

    def text(self, needed: str) -> str:
        """Return the whole file as text: in UTF-8, or the encoding that was asked for."""
        if encoding_asked() is not None:
            return self.written()[0]
        try:
            return self.data().decode("utf-8-sig")
        except UnicodeDecodeError:
            came = f"other bytes in {self.name}"
            raise self.error(f"{needed} in UTF-8", came, why="other_kind") from None

    def data(self) -> bytes:
        """Return the whole file, unpacked."""
        with unpacked(self.path, who=self.who) as file:
            data = file.read(limits().held + 1)
        refuse_beyond("bytes", len(data), who=self.who, name=self.name)
        self.charge_text(data)
        if data.lstrip()[:1] in (b"{", b"["):
            refuse_beyond("depth", depth_of(data), who=self.who, name=self.name)
        return data


def depth_of(data: bytes) -> int:
    """Return how many lists and objects of a JSON text stand in one another, at most.

    Examples
    --------
    >>> depth_of(b'{"a": [[1], "]]["]}')
    3
    """
    import numpy as np

    data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    deepest = depth = 0
    quoted = False
    for start in range(0, len(data), _PART):
        part = np.frombuffer(data[start : start + _PART], dtype=np.uint8)
        inside = (np.cumsum(part == ord('"')) + quoted) % 2 == 1
        opens = (part == ord("[")) | (part == ord("{"))
        closes = (part == ord("]")) | (part == ord("}"))
        level = depth + np.cumsum(np.where(inside, 0, opens.astype(np.int8) - closes))
        deepest, depth, quoted = max(deepest, int(level.max())), int(level[-1]), bool(inside[-1])
    return deepest


@dataclass(frozen=True, eq=False, kw_only=True)
class Reader:
    """A file format. A module of ``io/formats/`` declares it as ``READER``.

    Parameters
    ----------
    word : str
        What people call it: "GeoJSON".
    endings : tuple of str
        Of its files, in lower case, with the dot.
    gives : tuple of {"table", "dots", "traces"}
        What a file can be read as.
    read : Callable[[ReadRequest], FileFrame]
        Takes a `ReadRequest`, returns a `FileFrame`; raises `ReadError`, `SchemaError` or
        `GeometryError`, and never repeats a cell.
    kind : str, optional
        What a file is that begins so: "JSON". Default: `word`.
    begins : tuple of bytes, optional
        One of them begins every file, unpacked, after blanks. None: it is text.
    signs : tuple of bytes, optional
        One of them, near its beginning, identifies a file of unknown ending.
    packed : bool, optional
        A file may be gzipped, ``.gz`` after its ending.
    counted : bool, optional
        `privaudit.measure` takes such a file where it is, and counts one that is large.
    parts : Callable[[ReadRequest], Parts], optional
        Of a file of several tables, takes a `ReadRequest` and returns its `Parts`.
    """

    word: str
    endings: tuple[str, ...]
    read: Callable[[ReadRequest], FileFrame]
    gives: tuple[str, ...] = GIVES
    kind: str = ""
    begins: tuple[bytes, ...] = ()
    signs: tuple[bytes, ...] = ()
    packed: bool = True
    counted: bool = False
    parts: Callable[[ReadRequest], Parts] | None = None

    def __post_init__(self) -> None:
        for given in self.gives:
            one_of("Reader", "gives", given, GIVES)
        object.__setattr__(self, "kind", self.kind or self.word)

    def takes(self, start: bytes) -> bool:
        """Return whether a file with these first bytes may be of this format."""
        head = start.removeprefix(b"\xef\xbb\xbf").lstrip()
        return head.startswith(self.begins) if self.begins else file_kind(start) in ("text", "")


def readers() -> list[Reader]:
    """Return every reader that a module of ``io/formats/`` declares, by its word."""
    load(_FORMATS)
    declared = {
        reader.word: reader
        for name, module in list(sys.modules.items())
        if name.startswith(f"{_FORMATS}.")
        for reader in vars(module).values()
        if isinstance(reader, Reader)
    }
    return [declared[word] for word in sorted(declared)]


def formats(gives: str) -> str:
    """Return which formats a table, dots or traces may come in.

    Examples
    --------
    >>> formats("dots").split(", ")[:4]
    ['CSV', 'Excel', 'FlatGeobuf', 'GPX']
    """
    words = [reader.word for reader in readers() if gives in reader.gives]
    return " or ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def read_frame(
    path: Any,
    *,
    who: str = "read_frame",
    gives: str = "dots",
    crs: str | None = None,
    sheet: str | None = None,
    within: int = 0,
    most: int | None = None,
    decoded: list[int] | None = None,
) -> FileFrame:
    """Read a file of any format that has a reader.

    Parameters
    ----------
    path : Any
        With an ending of its reader; ``.gz`` may follow. Another is identified by how the file
        begins.
    gives : {"dots", "table", "traces"}
        What it is read as. Of dots, a feature without a point is of no use; elsewhere it is a row
        like another.
    sheet : str, optional
        Which sheet, layer, table or file of one that holds several, by name or by number from 1.
        Default: the first that holds rows, with a note.
    within, most, decoded : int or list of int, optional
        See `ReadRequest`.
    """
    reader = reader_of(path, gives=gives, who=who)
    file = Path(path)
    part = part_at(file) if sheet is None else None
    if part is not None and (gives, crs) in part.read:
        before: FileFrame = part.read[gives, crs]
        return before
    asked = ReadRequest(
        path=file, name=one_line(file.name), who=who, places=gives == "dots", crs=crs,
        sheet=sheet if part is None else part.sheet, within=within, most=most,
        alone=part is not None, decoded=[0] if decoded is None else decoded,
    )  # fmt: skip
    if decoded is not None:
        return _read(asked, reader, part)
    how = (
        gives, crs, asked.sheet, within, most, headers_asked(), encoding_asked(),
        are_cells_as_written(),
    )  # fmt: skip
    result = once(
        "file", lambda: _read(asked, reader, part), of=(file.absolute(), part is None, how)
    )
    if part is not None:
        part.read[gives, crs] = result
    return result


def read_places(
    path: Any, *, who: str, crs: str | None = None, sheet: str | None = None
) -> FileFrame:
    """Read a file of places, as `read_frame` reads dots: a polygon stands at a point inside."""
    part, reader = part_at(path) if sheet is None else None, reader_of(path, gives="dots", who=who)
    asked = ReadRequest(
        path=Path(path), name=one_line(Path(path).name), who=who, places=True, crs=crs,
        sheet=sheet if part is None else part.sheet, alone=part is not None, inside=True,
    )  # fmt: skip
    return _read(asked, reader, part)


def _read(asked: ReadRequest, reader: Reader, part: Part | None) -> FileFrame:
    """Read a file by the reader of its ending, which how it begins must not deny."""
    from privaudit.io.coordinates import with_points
    from privaudit.io.file_frame import refuse_if_most

    file, name, who = asked.path, asked.name, asked.who
    start = first_bytes(file, who=who)
    if not start.removeprefix(b"\xef\xbb\xbf").strip():
        raise ReadError.of(who, "a table", f"the empty file {name}", why="empty")
    zipped = is_gzipped(file)
    if part is None and file.suffix.lower() == ".gz" and not zipped:
        needed = "gzip, as the ending .gz says"
        raise ReadError.of(who, needed, f"{name}, which is not", why="other_kind")
    if zipped and not reader.packed:
        start = GZIP
    if not reader.takes(start):
        needed = f"{reader.kind}, as the ending says"
        others = (r.kind for r in readers() if r.begins and r.takes(start))
        came = f"{name}, which is {file_kind(start) or next(others, 'something else')}"
        do = "Rename the file after what it is, or export it again."
        raise ReadError.of(who, needed, came, do, why="other_kind")
    result = as_records(reader.read(asked), who)
    refuse_if_most(result.set_aside, len(result.frame), name=name, who=who)
    return with_points(result, crs=asked.crs) if asked.places else result


# Fields and people of a table whose columns are people, at least and at most; share of the fields
# whose names are known.
_FIELDS, _PEOPLE, _KNOWN = (2, 60), 6, 0.75


def upright(table: FileFrame, who: str) -> FileFrame:
    """Turn a table whose columns are people: its first column has the headers.

    Its headers are then their names, which nothing may print.
    """
    frame, (least, most) = table.frame, _FIELDS
    others = [str(column) for column in frame.columns[1:]]
    if not least <= len(frame) <= min(most, len(others) - 1) or len(others) < _PEOPLE:
        return table
    names = [str(cell) for cell in (frame.columns[0], *frame.iloc[:, 0])]
    known = sum(bool(kind_of_header(name)[0]) for name in names)
    if len({*names}) < len(names) or known < _KNOWN * len(names):
        return table
    if any(kind_of_header(name)[0] or kind_of_record(name) for name in others):
        return table
    from privaudit.io.text_tables import table_of_cells

    rows = frame.iloc[:, 1:].astype("object")
    cells = [["" if cell != cell or cell is None else str(cell) for cell in row]
             for row in rows.itertuples(index=False)]  # fmt: skip
    note = Note("columns_turned", columns=len(others))
    turned = table_of_cells(names, [others, *cells], name=table.name, who=who)
    return replace(turned, notes=(*table.notes, note, *turned.notes), left=table.left)


# What spreadsheets write above the row labels of a pivot table, folded.
_PIVOT_LABELS = {
    "row labels", "etiquettes de lignes", "zeilenbeschriftungen", "etiquetas de fila",
    "etichette di riga", "rotulos de linha", "rijlabels",
}  # fmt: skip
# Rows below a header of which one may be that of a pivot table; letters of its label at most.
_PIVOT_WITHIN, _LONGEST_LABEL = 3, 40
# What stands beside them: a count, a sum or a share; how a header of it begins.
_COUNT = re.compile(r"-?\d[\d \u00a0\u202f.,]*(?:[eE][+-]?\d+)?[ \u00a0\u202f]?[%€$£]?")
_OF_COUNTS = re.compile(
    r"(?:nombre|nb|somme|moyenne|max|min|count|sum|average|anzahl|summe|mittelwert|cuenta|suma"
    r"|promedio|conteggio|somma|media|contagem|soma|aantal|som|gemiddelde)\b",
    re.IGNORECASE,
)


def is_pivot_label(cell: str) -> bool:
    """Return whether a cell is what a spreadsheet writes above row labels of a pivot table."""
    return len(cell) <= _LONGEST_LABEL and fold(cell) in _PIVOT_LABELS


def hold_counts(header: Iterable[str], cells: Collection[str]) -> bool:
    """Return whether columns hold counts or sums only, as beside the labels of a pivot table.

    Examples
    --------
    >>> hold_counts(["F", "Somme de Don"], ["12", "3,5"]), hold_counts(["religion"], ["juive"])
    (True, False)
    >>> hold_counts(["age"], ["41"]), hold_counts(["F"], ["06 11 22 33 44"])
    (False, False)
    """
    from privaudit.columns.identifiers import has_phone

    if any(kind_of_header(name)[0] and not _OF_COUNTS.match(name) for name in header):
        return False
    return all(map(_COUNT.fullmatch, cells)) and not has_phone("\n".join(cells))


def as_records(table: FileFrame, who: str) -> FileFrame:
    """Put the letters of a table together and turn it, where needed; name a pivot table as one."""
    return with_pivot_note(upright(letters_together(table), who))


def with_pivot_note(table: FileFrame) -> FileFrame:
    """Say of a pivot table that its rows are categories with counts, and no records."""
    frame = table.frame
    rows = [[*map(str, row)] for row in (frame.columns, *frame.iloc[:_PIVOT_WITHIN].to_numpy())]
    at = next((at for at, row in enumerate(rows) if row and is_pivot_label(row[0])), None)
    if at is None:
        return table
    beside = (frame.iloc[at:, place].dropna().unique() for place in range(1, len(frame.columns)))
    if not hold_counts(rows[at][1:], {str(value) for column in beside for value in column}):
        return table
    return replace(table, notes=(*table.notes, Note("pivot_table", file=table.name)))


def letters_together(table: FileFrame) -> FileFrame:
    """Put letters together that are written byte by byte, in cells and headers.

    A note counts the cells.
    """
    frame, changed, cells = table.frame, dict[int, Any](), 0
    for place in range(len(frame.columns)):
        if frame.dtypes.iloc[place].kind in "biufcmM":
            continue
        values = _beyond_ascii(frame.iloc[:, place])
        if has_bytes_as_letters("\n".join(values)):
            new = {v: whole for v in values if (whole := put_together(v)) != v}
            cells += int(frame.iloc[:, place].isin(list(new)).sum())
            if new:
                changed[place] = frame.iloc[:, place].map(lambda v, new=new: new.get(v, v))
    names = [put_together(str(column)) for column in frame.columns]
    names = names if len({*names}) == len(names) else list(frame.columns)
    if changed:
        table = replace(table, notes=(*table.notes, Note("letters_mended", cells=cells)))
        frame = frame.copy(deep=False)
        for place, column in changed.items():
            frame.isetitem(place, column.astype(frame.dtypes.iloc[place]))
    same = names == list(frame.columns)
    return table if same and not changed else replace(table, frame=frame.set_axis(names, axis=1))


def _beyond_ascii(column: pd.Series) -> list[str]:
    """Return the texts of a column that have a letter beyond ASCII, each once."""
    import pandas as pd

    from privaudit.columns.levels import number_levels, texts_of
    from privaudit.text.cells import BEYOND_ASCII, Texts

    arrow = isinstance(column.dtype, pd.StringDtype) and column.dtype.storage == "pyarrow"
    if arrow and Texts(column).are_ascii:
        return []
    if isinstance(column.dtype, pd.StringDtype):
        texts = texts_of(number_levels(column)[1])
    else:
        texts = Texts([value for value in column.unique() if isinstance(value, str)])
    return texts.listed_at(texts.having(BEYOND_ASCII).nonzero()[0].tolist())


def reader_of(path: Any, *, gives: str, who: str) -> Reader:
    """Return the reader of a file by its ending; by its first bytes where that is unknown.

    Text is CSV where its first line has a separator.
    """
    file = regular_file(path, who=who)
    one_of(who, "gives", gives, GIVES)
    part = part_at(file)
    endings = [ending.lower() for ending in (file if part is None else part.of).suffixes]
    packed = endings[-1:] == [".gz"]
    ending = next(iter((endings[:-1] if packed else endings)[-1:]), "")
    # Most files are CSV: for them, no other format is loaded.
    of_text: Reader = import_module(f"{_FORMATS}.text").READER
    if ending in of_text.endings and gives in of_text.gives:
        return of_text
    every = readers()
    able = [reader for reader in every if gives in reader.gives]
    for reader in able:
        if ending in reader.endings and (reader.packed or not packed):
            return reader
    if not any(ending in reader.endings for reader in every):
        start = first_bytes(file, who=who)[:_NEAR]
        # A zip file lists at its end what it holds.
        shown = start + _end(file) if start.startswith(b"PK") else start
        signed = [(sign, r) for r in able for sign in r.signs if sign in shown and r.takes(start)]
        if signed:
            return max(signed, key=lambda pair: len(pair[0]))[1]
        if file_kind(start) == "text" and re.match(rb"[^\r\n]*[,;\t|]", start.lstrip()):
            return next(reader for reader in able if ".csv" in reader.endings)
    known = ", ".join(e for reader in able for e in reader.endings)
    needed = f"a file that ends in {known}, or in .gz after one"
    endings = [suffix.lower() for suffix in file.suffixes]
    do = {
        **dict.fromkeys((".yaml", ".yml"), "Convert it to JSON, as by yq -o json."),
        ".msg": "Save the message as .eml.",
        **dict.fromkeys(_PICTURES, "Leave the picture out; privaudit map reads one of a map."),
        ".pst": "Export the messages as .mbox.",
        ".fit": "Export the activity as GPX or TCX.",
    }.get("".join(endings[-1:]), "Export the table as CSV.")
    do = do if _PACKED.isdisjoint(endings) else "Unpack it first."
    raise ReadError.of(who, needed, one_line(file.name), do, why="other_kind")


_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
_PACKED = frozenset((".tar", ".tgz", ".7z", ".rar", ".xz", ".bz2"))


def _end(file: Path) -> bytes:
    with file.open("rb") as raw:
        raw.seek(max(0, file.stat().st_size - 16 * _NEAR))
        return raw.read()
