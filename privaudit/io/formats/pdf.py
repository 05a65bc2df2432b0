"""PDF: its text, a line a row, by pypdf; no script, no attachment and no link is followed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from privaudit.core.limits import refuse_beyond
from privaudit.io.formats.documents import TEXT, document_frame, sheets_of
from privaudit.io.readers import Reader, ReadRequest
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHAT = "a document (pdf)"
# Pages that are read, and letters of all of them.
_MOST_PAGES, _MOST_LETTERS = 2_000, 20_000_000


def _read(asked: ReadRequest) -> FileFrame:
    if find_spec("pypdf") is None:
        needed = "pypdf, which reads PDF"
        do = "Install it: pip install 'privaudit[pdf]'."
        raise asked.error(needed, f"{asked.name} without it", do, why="other_kind")
    lines, pages, blank = _lines(asked)
    book = sheets_of([], lines)
    notes = [Note("pdf_pages", pages=pages)]
    if blank:
        # A page that was scanned is a picture, and nothing of it is read.
        notes.append(Note("pdf_without_text", pages=blank))
    return document_frame(asked, book._replace(names=[TEXT] if lines else [], notes=notes))


def _lines(asked: ReadRequest) -> tuple[list[str], int, int]:
    """Return the lines of all pages, how many pages there are, and how many have no text."""
    import io
    import logging

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    # Its warnings may quote the file.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    lines: list[str] = []
    letters = blank = 0
    try:
        reader: Any = PdfReader(io.BytesIO(asked.data()))
        if reader.is_encrypted and not reader.decrypt(""):
            raise asked.locked(_WHAT)
        pages = len(reader.pages)
        if pages > _MOST_PAGES:
            came = f"{pages:,} in {asked.name}"
            raise asked.error(f"at most {_MOST_PAGES:,} pages", came, why="too_large")
        for page in reader.pages:
            said = [" ".join(line.split()) for line in page.extract_text().splitlines()]
            said = [line for line in said if line]
            blank += not said
            letters += sum(map(len, said))
            if letters > _MOST_LETTERS:
                raise asked.error("less text", f"more in {asked.name}", why="too_large")
            lines += said
            refuse_beyond("cells", len(lines), who=asked.who, name=asked.name)
    # Its errors may quote the file, and a damaged one raises many kinds.
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
            RecursionError, OSError):  # fmt: skip
        raise asked.damaged(_WHAT) from None
    return lines, pages, blank


READER = Reader(
    word="PDF",
    endings=(".pdf",),
    gives=("table",),
    begins=(b"%PDF-",),
    signs=(b"%PDF-",),
    packed=False,
    read=_read,
)
