"""The page of an inspection: special categories, identifiers, what is absent, and next steps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from privaudit.columns.free_text import SPECIAL
from privaudit.columns.recognise import ABROAD, INDIRECT_KINDS
from privaudit.release.column_roles import KIND_OF
from privaudit.release.inventory import Column, Inventory
from privaudit.report.answers import GRAVE_ROLES, WHO_ROLES, names_of, people_in_text, who_columns
from privaudit.report.names import capital
from privaudit.report.rules_story import long_date
from privaudit.report.sentences import ResultLookup, row_sentence
from privaudit.report.story import StorySection
from privaudit.results.charts import ChartLine, Mark, Panel, line_chart
from privaudit.results.painter import Display
from privaudit.words.catalogues import Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study

_REST = ("credential", "text", "key", "location", "objection", "basis", "source", "date", "weight",
         "technical", "unknown")  # fmt: skip
_LISTED = 12


def inspect_sections(
    study: Study, words: Words, drawings: Mapping[str, Display]
) -> list[StorySection]:
    """Return the sections, the most serious first, file by file."""
    sections: list[StorySection] = []
    for at, one in enumerate(study.inventories):
        figure = drawings.get("keys") if at == 0 else None
        for place, section in enumerate(_of_file(words, one, figure)):
            if len(study.inventories) > 1:
                section = replace(
                    section, id=f"{section.id}-{at + 1}",
                    title=words("inspect.of_file", title=section.title, file=one.name),
                    contents="" if place else one.name,
                )  # fmt: skip
            sections.append(section)
    sections += _sent(study, words)
    title, texts = words("inspect.next"), [words("inspect.next_text")]
    if not study.next_commands:
        texts = [words("inspect.next_none")]
    elif any(one.is_map for one in study.inventories) and not any(
        one.role == "addresses" for one in study.inputs
    ):
        texts.insert(0, words("inspect.next_addresses"))
    texts.insert(0, words("inspect.roles_text"))
    return [*sections, StorySection("next", title, texts, code=study.next_commands)]


def _sent(study: Study, words: Words) -> list[StorySection]:
    """Return the section on hosts that are not the application's, and what went to each."""
    recording = study.measures.get("recording")
    by_host: dict[str, list[str]] = {}
    for row in recording.rows if recording is not None else ():
        if row.measure in ("sent_to", "bodies_unread"):
            sentence = row_sentence(words, "recording", row)
            by_host.setdefault(str(row.part["host"]), []).append(sentence)
    items = [(host, " ".join(sentences)) for host, sentences in by_host.items()]
    texts = [words("inspect.sent_text")]
    return [StorySection("sent", words("inspect.sent"), texts, items)] if items else []


def keys_chart(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw how many records each proposed key adds to those that are alone."""
    if not study.inventories:
        return None
    one = study.inventories[0]
    keys = [c for c in one.columns if c.name in one.roles.key and math.isfinite(c.adds)]
    if len(keys) < 2 or not math.isfinite(one.alone) or not any(c.adds for c in keys):
        return None
    lines = []
    for column in sorted(keys, key=lambda c: -c.adds):
        label = words.count(column.adds)
        text = words("inspect.key_title", n=column.adds, column=column.name)
        lines.append(ChartLine(column.name, [Mark(column.adds, text, label)]))
    return line_chart(
        "keys", words, study.provenance,
        title=words("inspect.keys_title", n=one.alone, of=one.n, column=lines[0].name),
        panels=[Panel(lines)], write=words.count, axis=words("inspect.keys_axis"),
    )  # fmt: skip


def _of_file(words: Words, one: Inventory, figure: Display | None) -> list[StorySection]:
    grave = [(c.name, _why(words, c)) for c in _grave(one)]
    who = [
        (c.name, _why(words, c) if c.role in WHO_ROLES else _in_its_texts(words, c))
        for c in who_columns(one)
    ]
    absent = [("", words(f"inspect.absent_{what}")) for what in one.absent]
    key = "text" if absent else "nothing"
    sections = [
        _section(words, "special", grave), _searched(words, one), _hints(words, one),
        _section(words, "who", who),
        StorySection("absent", words("inspect.absent"), [words(f"inspect.absent_{key}")], absent),
        StorySection("minors", words("inspect.minors"), [_minors(words, one)]),
        _keys(words, one, figure),
    ]  # fmt: skip
    rest = [
        (capital(words.name("column_role", role)), _listed(words, one.of_role(role)))
        for role in _REST
        if one.of_role(role)
    ]
    empty = [c for c in one.columns if c.filled == 0]
    if empty:
        rest.append((words("inspect.empty"), _listed(words, empty)))
    if rest:
        title, link = words("inspect.rest"), "tables/inventory.csv"
        sections.append(StorySection("rest", title, items=rest, link=link))
    return [section for section in sections if section is not None]


def _grave(one: Inventory) -> list[Column]:
    """Return the columns of a special category, and those some of whose cells mention one."""
    graves = one.of_role(*GRAVE_ROLES)
    return [c for c in one.columns if c in graves or (c.role != "hint" and {*c.says} & {*SPECIAL})]


def _searched(words: Words, one: Inventory) -> StorySection | None:
    """Return how many text cells were searched, and column by column which were not and why."""
    known = [c for c in one.columns if math.isfinite(c.texts + c.searched)]
    texts, searched = sum(c.texts for c in known), sum(c.searched for c in known)
    if not any(c.texts for c in one.columns if c.texts != 0):
        return None
    lines = [words("inspect.searched_text", n=searched, of=texts)] if texts else []
    lines += [words("inspect.searched_few")] * (len(known) < len(one.columns))
    lines += [words("inspect.searched_all")] * (not any(c.others for c in one.columns))
    items = [(c.name, _left_out(words, c)) for c in one.columns if c.others]
    return StorySection("searched", words("inspect.searched"), lines, items)


def _left_out(words: Words, column: Column) -> str:
    """Return what the cells are of a column that were not searched for words."""
    what, n = words.name("unsearched", column.others), column.texts - column.searched
    key = "searched_not" if math.isfinite(n) else "searched_not_some"
    return words(f"inspect.{key}", n=n, what=what)


def _section(words: Words, name: str, items: Sequence[tuple[str, str]]) -> StorySection:
    texts = [] if items else [words(f"inspect.{name}_none")]
    return StorySection(name, words(f"inspect.{name}"), texts, items)


def _hints(words: Words, one: Inventory) -> StorySection | None:
    """Return the section on hints of a special category."""
    items = []
    for column in one.of_role("hint"):
        key = "abroad" if column.kind in ABROAD else column.kind
        items.append((column.name, f"{_why(words, column)} {words(f'inspect.hint_{key}')}"))
    text = [words("inspect.hints_text")]
    return StorySection("hints", words("inspect.hints"), text, items) if items else None


def _why(words: Words, column: Column) -> str:
    """Describe a column: content, how it was recognised, filling and mentions."""
    held = words.name("held", column.kind) if column.kind else ""
    by = column.by if column.by in ("header", "cells", "stated", "") else "system"
    texts = [words(f"inspect.by_{by or 'words'}", what=capital(held), system=column.by)]
    if math.isfinite(column.filled):
        texts.append(words("inspect.filled", n=column.filled))
    elif column.bound:
        texts.append(words(f"inspect.filled_{column.bound}"))
    # The kind of a column is not repeated among its mentions.
    plain = (
        column.role not in ("special", "inferred", "hint")
        or not column.kind
        or column.kind in (*INDIRECT_KINDS, "couple")
    )
    values = {w: n for w, n in column.says.items() if plain or _beside(column, w)}
    few = [w for w, n in values.items() if not math.isfinite(n) and w in SPECIAL]
    texts += _mentions(words, "says", values, few)
    if plain and column.again:
        texts += _two_counts(words, column)
    return " ".join(texts)


def _two_counts(words: Words, column: Column) -> Iterator[str]:
    """Yield how many cells surely mention a special category, and how many to read again."""
    if math.isfinite(column.least):
        yield words("inspect.sensitive_least", n=column.least)
    if math.isfinite(column.again):
        yield words("inspect.sensitive_again", n=column.again, of=column.searched)


def _mentions(
    words: Words, key: str, values: Mapping[str, float], few: Sequence[str]
) -> Iterator[str]:
    """Yield what cells mention, the most frequent first, and what too few of them mention."""
    known = sorted(((w, n) for w, n in values.items() if math.isfinite(n)), key=lambda p: -p[1])
    if known:
        items = [words("inspect.says_item", what=words.name("held", w), n=n) for w, n in known]
        yield words(f"inspect.{key}", items=", ".join(items))
    if few:
        yield words("inspect.says_few", items=", ".join(words.name("held", w) for w in few))


def _beside(column: Column, what: str) -> bool:
    """Whether cells of a special category mention another one too."""
    special = column.role in ("special", "inferred")
    return special and what in SPECIAL and KIND_OF.get(what, what) != column.kind


def _in_its_texts(words: Words, column: Column) -> str:
    """Describe which people the texts of a column identify or contact."""
    known = people_in_text(column)
    few = [what for what, n in known.items() if not math.isfinite(n)]
    return " ".join(_mentions(words, "in_text", known, few))


def _minors(words: Words, one: Inventory) -> str:
    day = long_date(words, one.as_of)
    if not one.births:
        return words("inspect.minors_unknown")
    if not math.isfinite(one.minors):
        return words("inspect.minors_few", day=day, column=one.births)
    key = "minors_some" if one.minors else "minors_none"
    return words(f"inspect.{key}", n=one.minors, of=one.n, day=day, column=one.births)


def _keys(words: Words, one: Inventory, figure: Display | None) -> StorySection:
    texts = [words("inspect.keys_none")]
    if one.roles.key:
        texts = [words("inspect.keys_text", columns=", ".join(one.roles.key))]
        if math.isfinite(one.alone):
            texts.append(words("inspect.keys_alone", n=one.alone, of=one.n))
    figure = figure if one.roles.key else None
    return StorySection("keys", words("inspect.keys"), texts, figure=figure)


def _listed(words: Words, columns: Sequence[Column]) -> str:
    """Return names of columns; those beyond a dozen are counted."""
    more = len(columns) - _LISTED
    names = names_of(columns[:_LISTED])
    return f"{names} {words('story.and_more', n=more)}" if more > 0 else names
