"""Excel workbooks (xlsx, xlsm): the stored values of cells."""

from __future__ import annotations

import datetime
import re
from functools import cache
from typing import TYPE_CHECKING

from privaudit.io.containers import End, Packed, Start, ignore, opened, walk
from privaudit.io.readers import Parts, Reader, ReadRequest
from privaudit.io.workbooks import Sheet, Workbook, number_text, workbook_frame, workbook_parts
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHAT = "a workbook (xlsx)"
# Numbers of the built-in formats of Excel that are dates or times.
_DATES = {*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)}
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
# Literals of a format: in quotes, after a backslash or in brackets.
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _read(asked: ReadRequest) -> FileFrame:
    with opened(asked, what=_WHAT) as packed:
        return workbook_frame(asked, _Book(packed, asked).opened())


def _parts(asked: ReadRequest) -> Parts:
    with opened(asked, what=_WHAT) as packed:
        return workbook_parts(asked, _Book(packed, asked).opened())


class _Book:
    """Shared parts of a workbook: texts, formats, first day."""

    def __init__(self, packed: Packed, asked: ReadRequest) -> None:
        self.packed, self.asked = packed, asked
        self.sheets: dict[str, str] = {}
        self.hidden: list[str] = []
        self.first_day = datetime.datetime(1899, 12, 30)
        self.related: dict[str, str] = {}
        self._list_sheets()
        self.texts: list[str] = []
        self.formats: list[str] = []
        self._read_texts()
        self._read_formats()

    def opened(self) -> Workbook:
        """Return the workbook; what stands beside its sheets is not run, nor followed."""
        names = [name.lower() for name in self.packed.names]
        links = sum("externallinks/externallink" in name and "_rels" not in name for name in names)
        result = [Note("macros")] if any(n.endswith("vbaproject.bin") for n in names) else []
        result += [Note("external_links", links=links)] if links else []
        return Workbook(list(self.sheets), self.hidden, self.sheet, result)

    def _walk(self, member: str, start: Start = ignore, end: End = ignore) -> None:
        """Parse a member, where there is one."""
        if member in self.packed:
            walk(self.packed.data(member), self.asked, what=_WHAT, start=start, end=end)

    def _related(self, member: str) -> dict[str, str]:
        """Return the files that a file names, by the word it calls them."""
        folder, _, name = member.rpartition("/")
        links = f"{folder}/_rels/{name}.rels".lstrip("/")
        result: dict[str, str] = {}

        def start(tag: str, at: dict[str, str]) -> None:
            if tag == "Relationship" and at.get("TargetMode") != "External":
                target = at.get("Target", "")
                path = target[1:] if target.startswith("/") else f"{folder}/{target}"
                kind = at.get("Type", "").rpartition("/")[2]
                result[at.get("Id", "")] = result[kind] = _resolved(path)

        self._walk(links, start)
        return result

    def _list_sheets(self) -> None:
        main = self._related("").get("officeDocument", "xl/workbook.xml")
        self.related = self._related(main)

        def start(tag: str, at: dict[str, str]) -> None:
            if tag == "workbookPr" and at.get("date1904") in ("1", "true"):
                self.first_day = datetime.datetime(1904, 1, 1)
            if tag == "sheet":
                link = next((v for k, v in at.items() if k.rpartition(":")[2] == "id"), "")
                path = self.related.get(link, "")
                # A sheet of a chart, or one of old macros, holds no table.
                if path in self.packed and "/chartsheets/" not in f"/{path}":
                    name = at.get("name") or f"{len(self.sheets) + 1}"
                    self.sheets[name] = path
                    if at.get("state", "visible") != "visible":
                        self.hidden.append(name)

        walk(self.packed.data(main), self.asked, what=_WHAT, start=start)

    def _read_texts(self) -> None:
        """Read the texts that cells share: runs are joined, and how to pronounce them left out."""
        parts: list[str] = []
        aside = 0

        def start(tag: str, _: dict[str, str]) -> None:
            nonlocal aside
            aside += tag == "rPh"
            if tag == "si":
                parts.clear()

        def end(tag: str, text: str) -> None:
            nonlocal aside
            aside -= tag == "rPh"
            if tag == "t" and not aside:
                parts.append(text)
            elif tag == "si":
                self.texts.append(_unescaped("".join(parts)))

        self._walk(self.related.get("sharedStrings", ""), start, end)

    def _read_formats(self) -> None:
        """Read how cells of each style are written: "date", "000" for so many digits, or ""."""
        codes: dict[str, str] = {}
        inside = False

        def start(tag: str, at: dict[str, str]) -> None:
            nonlocal inside
            if tag == "numFmt":
                codes[at.get("numFmtId", "")] = at.get("formatCode", "")
            elif tag == "cellXfs":
                inside = True
            elif tag == "xf" and inside:
                self.formats.append(_format(at.get("numFmtId", "0"), codes))

        def end(tag: str, _: str) -> None:
            nonlocal inside
            inside = inside and tag != "cellXfs"

        self._walk(self.related.get("styles", ""), start, end)

    def sheet(self, name: str) -> Sheet:
        """Read a sheet."""
        cells = _Cells(self)
        self._walk(self.sheets[name], cells.start, cells.end)
        place: tuple[int, int] | None = None
        parts: list[str] = []

        def start(tag: str, at: dict[str, str]) -> None:
            nonlocal place
            if tag == "comment":
                place = _place(at.get("ref", ""))
                parts.clear()

        def end(tag: str, text: str) -> None:
            if tag == "t":
                parts.append(text)
            elif tag == "comment" and place is not None:
                cells.sheet.comment(*place, "".join(parts), self.asked)

        self._walk(self._related(self.sheets[name]).get("comments", ""), start, end)
        return cells.sheet

    def text_of(self, kind: str, value: str, style: int) -> str:
        """Write a cell as a CSV file would; "" where it holds nothing, or an error."""
        if kind == "s":
            place = int(value) if value.isdecimal() and len(value) < 10 else -1
            return self.texts[place] if 0 <= place < len(self.texts) else ""
        if kind in ("str", "inlineStr"):
            return _unescaped(value)
        if kind == "b":
            return {"1": "True", "0": "False"}.get(value.strip(), "")
        if kind == "e":
            return ""
        written = self.formats[style] if 0 <= style < len(self.formats) else ""
        if kind == "d" or not written:
            return number_text(value) if kind != "d" else value.strip()
        if written == "date":
            return self._day(value)
        text = number_text(value)
        return text.zfill(len(written)) if text.isdecimal() else text

    def _day(self, value: str) -> str:
        try:
            days = float(value)
        except ValueError:
            return value.strip()
        if not days >= 0:
            return number_text(value)
        # The first of January 1900 is day 1, and there is a 29 February 1900 that never was.
        early = self.first_day.year == 1899 and days < 60
        try:
            at = self.first_day + datetime.timedelta(days=days + early)
            at = (at + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
        except OverflowError:  # no day is after 9999
            return number_text(value)
        if days < 1:
            return at.strftime("%H:%M:%S")
        return at.date().isoformat() if at.time() == datetime.time() else at.isoformat()


class _Cells:
    """State while a sheet is parsed."""

    def __init__(self, book: _Book) -> None:
        self.book, self.sheet = book, Sheet()
        self.row, self.column = -1, -1
        self.of_row, self.columns = "", dict[str, int]()
        self.kind, self.style, self.value = "n", 0, ""
        self.formula = self.filled = False
        self.inside: list[str] = []
        self.aside = 0

    def start(self, tag: str, at: dict[str, str]) -> None:
        if tag == "c":
            self._open(at)
        elif tag == "v":
            return
        elif tag == "row":
            text = at.get("r", "")
            self.row = int(text) - 1 if _is_small_number(text) else self.row + 1
            self.of_row = text if _is_small_number(text) and text[0] != "0" else ""
            self.column = -1
            self.sheet.counts["rows_hidden"] += at.get("hidden") in ("1", "true")
        elif tag == "f":
            self.formula = True
        elif tag == "rPh":
            self.aside += 1
        elif tag == "mergeCell":
            corners = [_place(item) for item in at.get("ref", "").split(":")]
            if len(corners) == 2 and corners[0] and corners[1]:
                self.sheet.merged.append((*corners[0], *corners[1]))
        elif tag == "col" and at.get("hidden") in ("1", "true"):
            first, last = at.get("min", ""), at.get("max", "")
            if _is_small_number(first) and _is_small_number(last):
                self.sheet.counts["columns_hidden"] += max(int(last) - int(first) + 1, 0)

    def _open(self, at: dict[str, str]) -> None:
        text = at.get("r", "")
        letters = text.removesuffix(self.of_row) if self.of_row else text
        if letters in self.columns and letters != text:
            # Of the row that is open, and of a column that was met: most cells are.
            self.column = self.columns[letters]
        else:
            place = _place(text)
            self.row, self.column = place or (max(self.row, 0), self.column + 1)
            if place and letters.isalpha():
                self.columns[letters] = self.column
            if place and text.lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZ") != self.of_row:
                self.of_row = ""
        style = at.get("s")
        self.kind = at.get("t", "n")
        self.style = int(style) if style and _is_small_number(style) else 0
        self.value, self.formula, self.filled = "", False, False

    def end(self, tag: str, text: str) -> None:
        if tag == "v":
            self.value, self.filled = text, True
        elif tag == "t" and not self.aside:
            self.value, self.filled = self.value + text, True
        elif tag == "rPh":
            self.aside -= 1
        elif tag == "c":
            if self.formula or self.kind == "e":
                counts = self.sheet.counts
                counts["formulas"] += self.formula
                counts["formulas_without_value"] += self.formula and not self.filled
                counts["errors_in_cells"] += self.kind == "e"
            if self.filled:
                wording = self.book.text_of(self.kind, self.value, self.style)
                # A text that cells share is one here, and one each in a table.
                self.book.asked.charge(len(wording), 1)
                self.sheet.put(self.row, self.column, wording)
        elif tag == "sheetData":
            self.sheet.counts = +self.sheet.counts


def _is_small_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 8


def _place(reference: str) -> tuple[int, int] | None:
    """Return row and column, from 0, of a reference such as B12."""
    match = _REFERENCE.fullmatch(reference)
    return match and (int(match[2]) - 1, _column(match[1]))


@cache
def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return column - 1


def _format(number: str, codes: dict[str, str]) -> str:
    """Return how a format writes: as a date, with leading zeros, or as nothing else."""
    code = codes.get(number)
    if code is None:
        return "date" if number.isdecimal() and int(number[:6]) in _DATES else ""
    if re.fullmatch(r"0{2,20}", code):
        return code
    plain = _QUOTED.sub("", code.partition(";")[0]).lower()
    # Elapsed hours stand in brackets, and are a time too.
    elapsed = re.search(r"\[(h+|m+|s+)\]", code.lower())
    return "date" if elapsed or re.search(r"[dmyhs]", plain.replace("general", "")) else ""


def _unescaped(text: str) -> str:
    """Read letters that XML cannot hold: ``_x000D_`` is the end of a line."""
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


def _resolved(path: str) -> str:
    """Return a path without ``..``: it names a member of the file, and nothing else."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", ".."):
            parts.append(part)
    return "/".join(parts)


READER = Reader(
    word="Excel",
    kind="a workbook (xlsx)",
    endings=(".xlsx", ".xlsm"),
    begins=(b"PK\x03\x04",),
    signs=(b"[Content_Types].xml", b"xl/workbook.xml"),
    packed=False,
    read=_read,
    parts=_parts,
)
