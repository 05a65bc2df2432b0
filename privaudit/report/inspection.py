"""The page of an inspection: special categories, identifiers, what is absent, and next steps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from privaudit.columns.free_text import SPECIAL
from privaudit.columns.recognise import ABROAD, INDIRECT_KINDS
from privaudit.release.column_roles import KIND_OF
from privaudit.release.inventory import Column, Inventory
from privaudit.report.dossier_page import ExhibitLine, exhibits_of
from privaudit.report.names import capital, long_date
from privaudit.report.sentences import ResultLookup, row_sentence
from privaudit.report.story import StorySection
from privaudit.results.line_charts import ChartLine, Mark, Panel, line_chart
from privaudit.results.painter import Display
from privaudit.studies.exhibits import log_columns
from privaudit.studies.study import (
    GRAVE_ROLES,
    WHO_ROLES,
    doubtful_columns,
    gravity,
    mentioning_columns,
    people_in_text,
    special_cells,
    who_columns,
)
from privaudit.words.catalogues import Words

if TYPE_CHECKING:
    from privaudit.results.rows import Row
    from privaudit.studies.study import Study

_REST = ("credential", "text", "key", "location", "objection", "basis", "source", "date", "weight",
         "technical", "unknown")  # fmt: skip
_LISTED = 12


# Counts of an inventory, and of a column, by the measure of their row.
_OF_FILE = {"n": "size", "alone": "alone_by_keys", "minors": "minors"}
_OF_COLUMN = {
    "filled": "filled", "adds": "adds", "least": "sensitive_least", "again": "sensitive_again",
    "searched": "sensitive_again",
}  # fmt: skip


def quoted_inventories(study: Study, results: ResultLookup) -> Study:
    """Return a study whose inventories hold the numbers of their findings, the gravest first."""
    rows = {
        (row.measure, *(row.part.get(name, "") for name in ("file", "column", "what"))): row
        for row in results.family("inspect")
    }
    several = len(study.inventories) > 1

    def quoted(plain: float, measure: str, *about: str, field: str = "value") -> float:
        row = rows.get((measure, *about))
        return plain if row is None else getattr(row, field)

    def column_of(file: str, one: Column) -> Column:
        numbers: dict[str, Any] = {
            name: quoted(
                getattr(one, name), measure, file, one.name, "",
                field="n" if name == "searched" else "value",
            )
            for name, measure in _OF_COLUMN.items()
        }  # fmt: skip
        whole = one.shows == one.filled
        numbers["shows"] = (
            numbers["filled"] if whole else quoted(one.shows, "shows", file, one.name, "")
        )
        says = {k: quoted(n, "says", file, one.name, k) for k, n in one.says.items()}
        return replace(one, says=says, **numbers)

    inventories = []
    for one in study.inventories:
        file = one.name if several else ""
        numbers: dict[str, Any] = {
            name: quoted(getattr(one, name), measure, file, "", "")
            for name, measure in _OF_FILE.items()
        }
        numbers["most_minors"] = quoted(one.most_minors, "minors", file, "", "", field="high")
        columns = tuple(column_of(file, column) for column in one.columns)
        inventories.append(replace(one, columns=columns, **numbers))
    inventories.sort(key=gravity, reverse=True)
    return replace(study, inventories=tuple(inventories))


@dataclass(frozen=True, kw_only=True)
class ExhibitCard:
    """A file on a page: what it is, and in a few lines what is in it.

    - `level`: Of `gravity`, -1 of a file that was not inspected; `grave`: in words.
    - `lines`: What each question is, and its answers.
    - `link`: The section that tells more; "" where there is none.
    """

    line: ExhibitLine | None
    name: str
    role: str
    level: int = -1
    grave: str = ""
    lines: Sequence[tuple[str, Sequence[str]]] = ()
    link: str = ""


def exhibit_cards(study: Study, words: Words, results: ResultLookup) -> list[ExhibitCard]:
    """Return a card for each file that was inspected, the gravest first, then the others."""
    if not study.inventories:
        return []
    lines, cards = {line.name: line for line in exhibits_of(study, words)}, []
    several = len(study.inventories) > 1
    for at, one in enumerate(study.inventories):
        line = lines.pop(one.name, lines.get(one.file))
        level, doubt, *_ = gravity(one)
        size = results.row("inspect", "size", *[one.name] * several)
        role = words(f"inspect.card_{_read_as(one)}", system=one.system)
        role = f"{role}, {words.counted(one.n, 'records')}"
        if size is not None:
            role += f", {words.counted(size.n, 'columns')}"
        cards.append(ExhibitCard(
            line=line, name=_titled(words, line, one.name), role=capital(role), level=level,
            grave=words(f"inspect.level_{level}{'_doubtful' * (level < 2 and doubt)}"),
            lines=_card_lines(words, results, one, several=several),
            link=f"#special-{at + 1}" if several else "#special",
        ))  # fmt: skip
    return cards + [
        ExhibitCard(line=one, name=_titled(words, one, one.name), role=capital(one.role))
        for one in lines.values()
    ]


def _titled(words: Words, line: ExhibitLine | None, name: str) -> str:
    """Return the name of a file, after its number where it is an exhibit."""
    if line is None or not line.number:
        return name
    return capital(words("dossier.in_exhibit", number=line.number, file=name))


def _read_as(one: Inventory) -> str:
    """Return what a file is read as: an export of a system, a map, a log or a table."""
    if one.system:
        return "system"
    return "map" if one.is_map else "log" if log_columns(one) else "table"


def _card_lines(
    words: Words, results: ResultLookup, one: Inventory, *, several: bool
) -> list[tuple[str, Sequence[str]]]:
    """Return what is sensitive in a file, what identifies, and what was searched for words."""
    special: dict[str, list[float]] = {}
    for column in mentioning_columns(one):
        for what, n in special_cells(column).items():
            special.setdefault(what, []).append(n)
    who: dict[str, list[float]] = {}
    for column in who_columns(one):
        known = {column.kind: column.filled} if column.role in WHO_ROLES else {}
        for what, n in (known or people_in_text(column)).items():
            who.setdefault(what, []).append(n)
    texts = results.row("inspect", "searched", *[one.name] * several)
    searched = [] if texts is None else [words("inspect.card_cells", n=texts.value, of=texts.n)]
    searched += _not_searched(words, one)
    answers = {
        "special": _counted(words, special), "who": _counted(words, who), "searched": searched,
    }  # fmt: skip
    if doubt := doubtful_columns(one):
        answers["special"] += [words("inspect.card_doubtful", columns=_listed(words, doubt, 3))]
    return [
        (words(f"inspect.card_{name}"), lines or [words(f"inspect.card_no_{name}")])
        for name, lines in answers.items()
    ]


def _counted(words: Words, counts: Mapping[str, Sequence[float]]) -> list[str]:
    """Return each kind with the records of the column that has most of it, most records first."""
    most = {
        what: max((n for n in of if math.isfinite(n)), default=math.nan)
        for what, of in counts.items() if what
    }  # fmt: skip
    ranked = sorted(most.items(), key=lambda one: -one[1] if math.isfinite(one[1]) else 0.0)
    return [
        words(f"inspect.{'says_item' if math.isfinite(n) else 'card_withheld'}", what=name, n=n)
        for name, n in ((words.name("held", what), n) for what, n in ranked)
    ]


def _not_searched(words: Words, one: Inventory) -> list[str]:
    """Return which columns were not searched for words, by the reason."""
    reasons: dict[str, list[Column]] = {}
    for column in one.columns:
        if column.others:
            reasons.setdefault(column.others, []).append(column)
    return [
        words(
            "inspect.card_left",
            why=words.name("unsearched", why),
            columns=_listed(words, columns, 3),
        )
        for why, columns in reasons.items()
    ]


def inspect_sections(
    study: Study, words: Words, results: ResultLookup, drawings: Mapping[str, Display]
) -> list[StorySection]:
    """Return the sections, the most serious first, file by file."""
    sections: list[StorySection] = []
    for at, one in enumerate(study.inventories):
        figure = drawings.get("keys") if at == 0 else None
        for place, section in enumerate(_of_file(words, results, one, figure)):
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


def summary_lines(study: Study, words: Words) -> list[str]:
    """Return what each file holds: its records, and its columns by role, the gravest first."""
    lines = []
    for one in study.inventories:
        size = words.counted(one.n, "records"), words.counted(len(one.columns), "columns")
        lines.append(f"{one.name}: {', '.join(size)}")
        for role in (*GRAVE_ROLES, "doubtful", *WHO_ROLES, "hint", *_REST):
            if names := [column.name for column in one.of_role(role)]:
                lines.append(f"  {words.name('column_role', role)}: {', '.join(names)}")
    return lines + [words.note(note) for note in study.notes]


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
        panels=[Panel(lines)], write=words.count, axis=words("inspect.keys_axis"), least=1.0,
    )  # fmt: skip


def _of_file(
    words: Words, results: ResultLookup, one: Inventory, figure: Display | None
) -> list[StorySection]:
    grave = [(c.name, _why(words, c)) for c in mentioning_columns(one)]
    who = [
        (c.name, _why(words, c) if c.role in WHO_ROLES else _in_its_texts(words, c))
        for c in who_columns(one)
    ]
    absent = [("", words(f"inspect.absent_{what}")) for what in one.absent]
    key = "text" if absent else "nothing"
    doubtful = "_again" if not grave and _to_read_again(one) else ""
    sections = [
        _section(words, "special", grave, doubtful), _searched(words, results, one),
        _hints(words, one),
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


def _searched(words: Words, results: ResultLookup, one: Inventory) -> StorySection | None:
    """Return how many text cells were searched, and column by column which were not and why."""
    known = [c for c in one.columns if math.isfinite(c.texts + c.searched)]
    if not any(c.texts for c in one.columns):
        return None
    rows = {
        (row.measure, row.part.get("column")): row
        for row in results.family("inspect")
        if row.part.get("file", one.name) == one.name
    }
    every = rows.get(("searched", None))
    lines = []
    if every is not None:
        lines.append(words("inspect.searched_text", n=every.value, of=every.n))
    lines += [words("inspect.searched_few")] * (len(known) < len(one.columns))
    lines += [words("inspect.searched_all")] * (not any(c.others for c in one.columns))
    left = [(c, rows.get(("not_searched", c.name))) for c in one.columns if c.others]
    items = [(c.name, _left_out(words, c, row)) for c, row in left]
    # Those of a special category say it where they stand.
    silent = [c for c in _to_read_again(one) if c not in mentioning_columns(one)]
    items += [(c.name, text) for c in silent if (text := " ".join(_in_doubt(words, c)))]
    return StorySection("searched", words("inspect.searched"), lines, items)


def _in_doubt(words: Words, column: Column) -> Iterator[str]:
    """Yield what words of a column may refer to, none without doubt, and how many to read again."""
    says = {what: [n] for what, n in column.says.items() if what in SPECIAL}
    if says:
        yield words("inspect.may_say", items=", ".join(_counted(words, says)))
    if math.isfinite(column.again):
        yield from _two_counts(words, column)


def _to_read_again(one: Inventory) -> list[Column]:
    """Return the columns with cells that may speak of a special category, or in another language.

    Whose count is withheld has some, or may have.
    """
    return [c for c in one.columns if c.again != 0 and c.searched != 0]


def _left_out(words: Words, column: Column, row: Row | None) -> str:
    """Return what the cells are of a column that were not searched for words."""
    what = words.name("unsearched", column.others)
    if row is None:
        return words("inspect.searched_not_some", what=what)
    return words("inspect.searched_not", n=row.value, what=what)


def _section(
    words: Words, name: str, items: Sequence[tuple[str, str]], none: str = ""
) -> StorySection:
    texts = [] if items else [words(f"inspect.{name}_none{none}")]
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
        texts.append(words("inspect.filled_few"))
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
        guessed = any(c.name == one.births and c.by == "cells" for c in one.columns)
        key = "guessed" if guessed else "unread"
        return words(f"inspect.minors_{key}", day=day, column=one.births)
    values = {"low": one.minors, "high": one.most_minors, "of": one.n, "day": day}
    key = "some" if one.minors else "most" if one.most_minors else "none"
    if one.most_minors > one.minors > 0:
        key = "range"
    return words(f"inspect.minors_{key}", column=one.births, **values)


def _keys(words: Words, one: Inventory, figure: Display | None) -> StorySection:
    texts = [words("inspect.keys_none")]
    if one.roles.key:
        texts = [words("inspect.keys_text", columns=", ".join(one.roles.key))]
        if math.isfinite(one.alone):
            texts.append(words("inspect.keys_alone", n=one.alone, of=one.n))
    figure = figure if one.roles.key else None
    return StorySection("keys", words("inspect.keys"), texts, figure=figure)


def _listed(words: Words, columns: Sequence[Column], most: int = _LISTED) -> str:
    """Return names of columns; beyond a dozen it says that there are others."""
    names = ", ".join(column.name for column in columns[:most])
    return f"{names} {words('story.and_more')}" if len(columns) > most else names
