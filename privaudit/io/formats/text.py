"""Text tables: CSV and what is like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privaudit.io.files import Asked, Reader
from privaudit.io.json_records import chat_frame, is_chat

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame


def _read(asked: Asked) -> FileFrame:
    from privaudit.io.text_files import start_of
    from privaudit.io.text_tables import read_text_table

    # A chat that a telephone exports ends in .txt too: its first line is no header.
    start = start_of(asked.path, who=asked.who)
    if is_chat(start.decode("utf-8", "replace").lstrip("\ufeff")):
        return chat_frame(asked.data().decode("utf-8-sig", "replace"), asked)
    return read_text_table(asked.path, who=asked.who)


READER = Reader(
    word="CSV",
    kind="text",
    endings=(".csv", ".tsv", ".txt"),
    gives=("table", "dots", "traces"),
    counted=True,
    read=_read,
)
