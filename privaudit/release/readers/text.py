"""Text tables: CSV and what is like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privaudit.release.files import Asked, Reader

if TYPE_CHECKING:
    from privaudit.tables.file_frame import FileFrame

__all__ = ["READER"]


def _read(asked: Asked) -> FileFrame:
    from privaudit.tables.text_table import read_text_table

    return read_text_table(asked.path, who=asked.who)


READER = Reader(
    word="CSV",
    kind="text",
    endings=(".csv", ".tsv", ".txt"),
    gives=("table", "dots", "traces"),
    counted=True,
    read=_read,
)
