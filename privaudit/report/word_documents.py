"""Word documents (docx) of pages of a report: the same text, with headings, lists and tables."""

from __future__ import annotations

import itertools
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import TYPE_CHECKING, Any

from privaudit.results.painter import raster
from privaudit.words.catalogues import catalogue, without_marks

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

    from privaudit.results.painter import Display

# Word's style of an element that begins a paragraph.
_STYLES = {
    "h1": "Title", "h2": "Heading 1", "h3": "Heading 2", "p": "Normal", "li": "List Bullet",
    "dt": "Normal", "dd": "Normal", "figcaption": "Caption", "th": "Normal", "td": "Normal",
}  # fmt: skip
# Looks of a part of a paragraph, by its element.
_LOOKS = {"b": "bold", "strong": "bold", "dt": "bold", "em": "red", "mark": "gap", "code": "code"}
# Paragraphs in small letters, by their class.
_SMALL = {"by", "source", "soft", "lead"}
# Elements of the page that are to be clicked, or that are there for a screen reader.
_SCREEN_ONLY = {"nav", "style", "script", "fieldset", "details", "title", "footer"}
_SCREEN_CLASSES = {"skip", "unseen", "more", "hand", "pick"}
_VOID = {"meta", "br", "input", "link", "img", "hr"}
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_PICTURE = re.compile(r"(.+)-\d+-t ")
# Of the page in inches, of a picture in dots an inch.
_WIDE, _DPI = 6.6, 200
# A zip keeps times: that of every part, so that the same page gives the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass
class _PagePart:
    """A paragraph, a table or a picture.

    - `before`: It stands with what follows, as the grade above the name of an exhibit.
    - `runs`: Texts, each with its looks.
    - `rows`: Of a table: its cells, the first row a head.
    - `picture`, `words`: Name of a figure, and its data in words.
    """

    style: str = "Normal"
    small: bool = False
    before: bool = False
    runs: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    rows: list[list[_PagePart]] = field(default_factory=list)
    picture: str = ""
    words: str = ""

    @property
    def text(self) -> str:
        """The text of a paragraph."""
        return "".join(text for text, _ in self.runs)


class _PageReader(HTMLParser):
    """Read a page of a report into blocks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.language = self.title = ""
        self.blocks: list[_PagePart] = []
        self._open: list[tuple[str, bool]] = []
        self._block = _PagePart()
        self._table: _PagePart | None = None
        self._in_title = self._in_words = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a paragraph, a row or a picture."""
        if tag in _VOID:
            return
        values = {name: value or "" for name, value in attrs}
        classes = set(values.get("class", "").split())
        hidden = tag in _SCREEN_ONLY or "hidden" in values or bool(classes & _SCREEN_CLASSES)
        skipped = hidden or self._skips
        self._in_title |= tag == "title" and not self._has("svg")
        self._in_words |= tag == "desc"
        if tag == "html":
            self.language = values.get("lang", "")
        elif tag == "svg":
            if not skipped and (named := _PICTURE.match(values.get("aria-labelledby", ""))):
                self._end()
                before = [one.picture for one in self.blocks]
                # The wide drawing; the narrow one of telephones follows it.
                self.blocks += [_PagePart(picture=named[1])] if named[1] not in before else []
            skipped = True
        elif tag == "table" and not skipped:
            self._end()
            self._table = _PagePart()
            self.blocks.append(self._table)
        elif tag == "tr" and self._table is not None:
            self._table.rows.append([])
        elif tag in _STYLES and not skipped:
            self._end()
            self._block = _PagePart(style=_STYLES[tag], small=bool(classes & _SMALL),
                                     before="level" in classes)  # fmt: skip
        elif tag == "code" and self._table is not None:
            self._block.runs.append(("\n", frozenset()))
        self._open.append((tag, skipped))

    def handle_endtag(self, tag: str) -> None:
        """End what is open up to this element."""
        if tag in _STYLES:
            self._end()
        self._table = None if tag == "table" else self._table
        self._in_title &= tag != "title"
        self._in_words &= tag != "desc"
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Collect text, with the looks of the elements that it stands in."""
        text = _BLANKS.sub(" ", data)
        if self._in_title:
            self.title += text
        elif self._in_words and self.blocks and self.blocks[-1].picture:
            self.blocks[-1].words = text
        elif not self._skips and (text.strip() or self._block.runs):
            looks = {_LOOKS[tag] for tag, _ in self._open if tag in _LOOKS}
            self._block.runs.append((text, frozenset(looks)))

    @property
    def _skips(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def _has(self, tag: str) -> bool:
        return any(name == tag for name, _ in self._open)

    def _end(self) -> None:
        """End a paragraph, or a cell, which may be empty."""
        block, self._block = self._block, _PagePart()
        if self._table is not None and self._table.rows and self._has_cell:
            self._table.rows[-1].append(block)
        elif block.text.strip():
            self.blocks.append(block)

    @property
    def _has_cell(self) -> bool:
        return any(tag in ("td", "th") for tag, _ in self._open)


def document(page: str, drawings: Mapping[str, Display] | None = None) -> bytes:
    """Return a page of a report as a Word document.

    Headings, lists, captions and tables have Word's own styles, so that its navigation, its table
    of contents and a screen reader find them; there is no author and no date.

    Parameters
    ----------
    page : str
        Its HTML, as it is written.
    drawings : mapping of str to Display, optional
        Its figures, which are put in as pictures with their data in words; others are left out.

    Returns
    -------
    bytes
        The same page gives the same ones.
    """
    from docx import Document as open_document

    read = _PageReader()
    read.feed(page)
    read.close()
    made = open_document()
    _prepare(made, read.language, " ".join(read.title.split()))
    # By their ids: a name is looked up anew for each paragraph. The default style has none.
    styles = {name: made.styles[name].style_id for name in {*_STYLES.values()} - {"Normal"}}
    for block in read.blocks:
        if block.rows:
            _add_table(made, block)
        elif block.picture:
            if block.picture in (drawings or {}):
                _add_picture(made, block, (drawings or {})[block.picture])
        else:
            paragraph = made.add_paragraph()
            paragraph._p.style = styles.get(block.style)
            _fill(paragraph, block)
    return _packed(made)


def _prepare(made: Document, language: str, title: str) -> None:
    """Set the language, the properties, the sheet and the letters of an empty document."""
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    locale = catalogue(language)["format.locale"]
    properties = made.core_properties
    properties.title, properties.language = title, locale
    properties.author = properties.comments = properties.last_modified_by = ""
    for name in ("dcterms:created", "dcterms:modified"):
        for one in properties._element.findall(qn(name)):
            properties._element.remove(one)
    for part, tag in ((made.styles, "w:lang"), (made.settings, "w:themeFontLang")):
        for one in part.element.iter(qn(tag)):
            one.set(qn("w:val"), locale)
    sheet = made.sections[0]
    sheet.page_width, sheet.page_height = Mm(210), Mm(297)
    sheet.left_margin = sheet.right_margin = sheet.top_margin = sheet.bottom_margin = Mm(21)
    letters = {"Normal": 10, "Title": 20, "Heading 1": 14, "Heading 2": 12, "Caption": 10}
    for name, size in letters.items():
        style: Any = made.styles[name]
        style.font.size, style.font.color.rgb = Pt(size), RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        # Those of the theme would win.
        for place in [key for key in fonts.attrib if "heme" in key]:
            del fonts.attrib[place]
        for place in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{place}"), "Arial" if name in ("Normal", "Caption") else "Georgia")
        style.paragraph_format.space_after = Pt(4)
    made.styles["Caption"].paragraph_format.keep_with_next = True


def _fill(paragraph: Paragraph, block: _PagePart) -> None:
    """Write the runs of a paragraph."""
    from docx.enum.text import WD_COLOR_INDEX
    from docx.shared import Pt, RGBColor

    if block.before:
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.space_before = Pt(14)
    runs = [*block.runs]
    runs[:1] = [(text.lstrip(" "), looks) for text, looks in runs[:1]]
    runs[-1:] = [(text.rstrip(" "), looks) for text, looks in runs[-1:]]
    for text, looks in runs:
        # With its text at once, what stands in the run would be searched for and replaced.
        run = paragraph.add_run()
        if text == "\n":
            run.add_break()
        elif text:
            run.add_text(text)
        run.bold = True if block.before or "bold" in looks else None
        if "red" in looks:
            run.font.color.rgb = RGBColor(0xB5, 0x0E, 0x29)
        if "gap" in looks:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
        if "code" in looks:
            run.font.name = "Courier New"
        if block.small or "code" in looks:
            run.font.size = Pt(8.5)


def _add_table(made: Document, block: _PagePart) -> None:
    """Add a table whose first row is repeated on each page."""
    from docx.oxml import OxmlElement
    from docx.shared import Inches

    columns = [*itertools.zip_longest(*block.rows, fillvalue=_PagePart())]
    # As wide as the longest line of a cell, within bounds.
    longest = [max(len(line) for one in cells for line in [*one.text.split("\n"), ""])
               for cells in columns]  # fmt: skip
    shares = [min(max(n, 6), 36) for n in longest]
    table = made.add_table(rows=0, cols=len(columns), style="Table Grid")
    table.autofit = False
    widths = [Inches(_WIDE * share / sum(shares)) for share in shares]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for place, cells in enumerate(zip(*columns, strict=True)):
        row = table.add_row()
        once = row._tr.get_or_add_trPr()
        once.append(OxmlElement("w:cantSplit"))
        if not place:
            once.append(OxmlElement("w:tblHeader"))
        for cell, text, width in zip(row.cells, cells, widths, strict=True):
            cell.width = width
            bold = [(part, looks | {"bold"} if not place else looks) for part, looks in text.runs]
            _fill(cell.paragraphs[0], _PagePart(small=True, runs=bold))
    made.add_paragraph()


def _add_picture(made: Document, block: _PagePart, drawing: Display) -> None:
    """Add a figure as it stands in the page, with its data in words."""
    from docx.shared import Inches

    svg = without_marks(drawing.html.partition("</svg>")[0]) + "</svg>"
    drawn = made.add_picture(BytesIO(raster(svg, "png", _WIDE, _DPI)), width=Inches(_WIDE))
    drawn._inline.docPr.set("descr", block.words)
    drawn._inline.docPr.set("name", drawing.name)


def _packed(made: Document) -> bytes:
    """Return the file, its parts without times."""
    written, packed = BytesIO(), BytesIO()
    made.save(written)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(packed, "w") as same:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, date_time=_TIME)
            part.compress_type = zipfile.ZIP_DEFLATED
            same.writestr(part, parts.read(name))
    return packed.getvalue()
