"""What the page of an inspection says first: special categories, and who is named."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from privaudit.reporting.names import note_text
from privaudit.tables.identifiers import IDENTIFIERS
from privaudit.tables.inventory import Column, Inventory
from privaudit.words.note import Note
from privaudit.words.words import Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study

__all__ = [
    "GRAVE_ROLES",
    "WHO_ROLES",
    "inspect_headline",
    "names_of",
    "said_of_people",
    "who_columns",
]

GRAVE_ROLES = ("special", "inferred", "text_special")
# What somebody must know who reads no further.
_WEIGHTY = (
    "no_header", "sheets_hidden", "features_without_point", "records_deleted",
    "recipients_shown", "links_of_one",
)  # fmt: skip
WHO_ROLES = ("identifier", "contact", "third")
# What notes may hold of somebody who is named there, or can be reached by it.
_IN_TEXT = ("others", "phone", "email", "address", *IDENTIFIERS)


def who_columns(one: Inventory) -> list[Column]:
    """Return the columns that name people, and those whose texts do: no note is cleared."""
    named = one.of_role(*WHO_ROLES)
    return [*named, *(c for c in one.columns if c not in named and said_of_people(c))]


def said_of_people(column: Column) -> dict[str, float]:
    """Return in how many records a text names or reaches somebody, by what it holds."""
    return {what: column.says[what] for what in _IN_TEXT if column.says.get(what, 0) != 0}


def inspect_headline(study: Study, words: Words) -> tuple[str, list[str]]:
    """Return the headline, marked, and what stands under it."""
    files = study.inventories
    grave = [c for one in files for c in one.of_role(*GRAVE_ROLES)]
    who = [c for one in files for c in who_columns(one)]
    values = {
        "columns": sum(len(one.columns) for one in files), "special": len(grave), "who": len(who),
    }  # fmt: skip
    headline = words(f"inspect.headline{'' if grave else '_none'}", **values)
    leads = [_records(words, one, several=len(files) > 1) for one in files]
    leads += [note_text(words, note) for note in study.notes if _weighs(note)]
    spoken = [c for c in grave if c.role == "text_special"]
    if spoken:
        leads.append(words("inspect.lead_text", columns=names_of(spoken)))
    hints = [c for one in files for c in one.of_role("hint")]
    if hints:
        leads.append(words("inspect.lead_hints", columns=names_of(hints)))
    inferred = [c for c in grave if c.declared == "inferred"]
    if inferred:
        leads.append(words("inspect.lead_inferred", columns=names_of(inferred)))
    keys = [c for one in files for c in one.of_role("credential")]
    if keys:
        leads.append(words("inspect.lead_credential", columns=names_of(keys)))
    if len(files) == 1:
        leads += _absent_and_minors(words, files[0])
    else:
        some = [one for one in files if one.minors > 0]
        leads += [words("inspect.lead_minors_of", file=one.name, n=one.minors) for one in some]
    return headline, leads


def _weighs(note: Note) -> bool:
    """Say whether a note tells of people who are not in what was read, or are named otherwise."""
    inner = note.values.get("text", note)
    return inner.key in _WEIGHTY or {"at", "others"} <= set(inner.values)


def _absent_and_minors(words: Words, one: Inventory) -> list[str]:
    told = []
    if one.absent:
        names = ", ".join(words(f"absent.{what}") for what in one.absent)
        told.append(words("inspect.lead_absent", absent=names))
    if one.minors > 0:
        told.append(words("inspect.lead_minors", n=one.minors))
    return told


def _records(words: Words, one: Inventory, *, several: bool) -> str:
    values = {"n": one.n, "columns": len(one.columns), "file": one.name, "system": one.system}
    key = "lead_system" if one.system else "lead_records"
    return words(f"inspect.{key}{'_of' if several else ''}", **values)


def names_of(columns: Iterable[Column]) -> str:
    """Return the names of columns, with commas."""
    return ", ".join(column.name for column in columns)
