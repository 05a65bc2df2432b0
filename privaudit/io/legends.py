"""Codes and what they stand for: a legend beside a table, an enumeration in a document of JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import PurePath
from typing import Any, NamedTuple

import pandas as pd

from privaudit.columns.free_text import (
    MAY_BE_NONE,
    answers_none,
    categories_in,
    has_political_side,
    search_texts,
)
from privaudit.columns.headers import WORDS, given_names, kind_of_header
from privaudit.columns.recognise import cells_showing
from privaudit.core.limits import refuse_beyond
from privaudit.errors import PrivauditError
from privaudit.io.file_frame import FileFrame
from privaudit.text.cells import is_no_answer
from privaudit.text.normalise import fold, header_words, put_together
from privaudit.words.catalogues import Note

# Codes of a legend, and letters of each; one that is called like the column may have longer ones.
_MOST_CODES, _LETTERS, _LETTERS_OF_ID = 60, 4, 40
_PLACED = frozenset(("lon", "lat", "lng", "longitude", "latitude"))
_NOT_OF_A_NAME = frozenset(("id", "ids", "code", "codes", "label", "labels", "map"))
# Share of the cells of a column that a legend of its name must have.
_MOST = 0.8
# Share of the codes of a list beside which what it is called may be spelt otherwise.
_MOST_DIFFER = 0.5
# Objects in one another that are looked through.
_DEPTH = 8
_CODE = re.compile(r"[+-]?\d{1,6}|[A-Za-z]{1,4}[-_]?\d{0,4}")


@dataclass(frozen=True, kw_only=True)
class Legend:
    """What codes stand for.

    Parameters
    ----------
    place : str
        Where it stands, for a note.
    name : str
        What it is called.
    codes : mapping of str to str
    general : bool
        It is called a legend, so that it may be of any column.
    by_place : bool
        Its codes are places from 0, or from 1, as the column that has them shows.
    """

    place: str
    name: str
    codes: Mapping[str, str]
    general: bool = False
    by_place: bool = False


def decoded(tables: Sequence[FileFrame]) -> list[FileFrame]:
    """Write out the codes of columns whose legend stands in a table beside them.

    A legend is a short table of codes and what they stand for, called so, or called like the column
    that has them: a sheet "Légende", the table `opinions` of a dump for the column `opinion_id`.
    A table of questions, one for each of several columns of another, becomes its `questions`.

    Examples
    --------
    >>> visits = FileFrame(frame=pd.DataFrame({"outcome": [5, 1, 5]}), name="book.xlsx › visits")
    >>> legend = pd.DataFrame({"code": [1, 5], "libelle": ["absent", "FN"]})
    >>> decoded([visits, FileFrame(frame=legend, name="book.xlsx › Légende")])[0].frame
      outcome
    0      FN
    1  absent
    2      FN
    """
    every = {at: legends for at, one in enumerate(tables) if (legends := _legends_of(one))}
    result, asked = [], _lists_asked(tables)
    for at, table in enumerate(tables):
        others = [one for place, legends in every.items() if place != at for one in legends]
        is_legend = any(one.general for one in every.get(at, ()))
        beside = [_answers_apart(table, one) for one in tables if one is not table]
        others += [legend for _, legends in beside for legend in legends]
        others += [replace(one, name=name) for one in others for name in asked.get(one.name, ())]
        read = table if is_legend or not others else decoded_by(table, others)
        result.append(_with_questions(read, [one for one, _ in beside]))
    return result


_ASKS = re.compile(r"select_(?:one|multiple) (\S+)(?: or_other)?")


def _lists_asked(tables: Sequence[FileFrame]) -> dict[str, list[str]]:
    """Return the questions of forms by the list of their choices: "select_one LIST" beside each.

    Examples
    --------
    >>> form = pd.DataFrame({"type": ["text", "select_one rel"], "name": ["nom", "religion"]})
    >>> _lists_asked([FileFrame(frame=form, name="survey")])
    {'rel': ['religion']}
    """
    result: dict[str, list[str]] = {}
    for table in tables:
        if len(table.frame) <= MOST_OF_LEGEND and {"type", "name"} <= {*table.frame}:
            for kind, name in zip(table.frame["type"], table.frame["name"], strict=True):
                if match := _ASKS.fullmatch(_code(kind)):
                    result.setdefault(match[1], []).append(_code(name))
    return result


def _answers_apart(table: FileFrame, other: FileFrame) -> tuple[FileFrame, list[Legend]]:
    """Take the answers that stand below each question of a codebook apart, as legends.

    One column of it names columns of a table, each once, and between these the codes of answers; a
    column of texts words both.

    Examples
    --------
    >>> answers = FileFrame(frame=pd.DataFrame(columns=["v1", "v2"]), name="data.csv")
    >>> book = pd.DataFrame({"nom": ["v1", "1", "2", "v2", "1", "2"], "texte": [
    ...     "Quel parti ?", "PS", "FN", "Quel sexe ?", "homme", "femme"]})
    >>> questions, legends = _answers_apart(answers, FileFrame(frame=book, name="codes.csv"))
    >>> questions.frame.values.tolist(), legends[0].name, legends[0].codes
    ([['v1', 'Quel parti ?'], ['v2', 'Quel sexe ?']], 'v1', {'1': 'PS', '2': 'FN'})
    """
    columns = {str(column) for column in table.frame}
    if not 2 < len(other.frame) <= MOST_OF_LEGEND or len(other.frame.columns) > _MOST_CODES:
        return other, []
    cells = {str(name): [_code(cell) for cell in other.frame[name]] for name in other.frame}
    for ids in cells.values():
        starts = [at for at, cell in enumerate(ids) if cell in columns]
        if len(starts) < 2 or len({ids[at] for at in starts}) < len(starts):
            continue
        for name, texts in cells.items():
            if texts is ids or not {*header_words(name)} & (WORDS["labels"] | WORDS["lists"]):
                continue
            found = [
                Legend(place=other.name, name=ids[start], codes=codes)
                for start, end in pairwise([*starts, len(ids)])
                if (codes := _codes_below(ids[start + 1 : end], texts[start + 1 : end]))
            ]
            if found and all(texts[at] for at in starts):
                return replace(other, frame=other.frame.iloc[starts]), found
    return other, []


def _codes_below(ids: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
    """Return the codes below a question, up to the first cell that is no code; {} if only one."""
    codes: dict[str, str] = {}
    for code, text in zip(ids, texts, strict=True):
        if not _CODE.fullmatch(code) or not text or code in codes:
            break
        codes[code] = text
    fine = len(codes) > 1 and _are_labels(codes.values()) and not _are_people([*codes.values()])
    return codes if fine else {}


# Rows of a table that may be a legend, or several of them.
MOST_OF_LEGEND = 1_000


def decoded_beside(read: FileFrame, others: Iterable[Callable[[], FileFrame]]) -> FileFrame:
    """Write out the codes of a table by the short tables of the same file.

    - `others`: Read each of them; one that cannot be read is no legend.
    """
    beside = list[FileFrame]()
    for other in others:
        with suppress(PrivauditError):
            beside.append(other())
    return decoded([read, *beside])[0] if beside else read


def decoded_by(table: FileFrame, legends: Sequence[Legend]) -> FileFrame:
    """Write out the codes of the columns of a table by legends, each column by one of them.

    One that is called like the column goes before one that is called a legend, of which there must
    be one only.
    """
    written: dict[str, pd.Series] = {}
    notes, letters = [], 0
    for column in map(str, table.frame):
        named = [one for one in legends if _is_called(one.name, column)]
        others = [one for one in legends if one.general]
        named = [_from_one(one, table.frame[column]) for one in named]
        for one, share in [*((n, _MOST) for n in named), *((o, 1.0) for o in others)]:
            texts = _texts_of(table.frame[column], one.codes, share)
            if texts is not None and (share < 1 or _one_fits(table.frame[column], others)):
                cells = table.frame[column].map(_code)
                # Each row has a text of its own once it is written out.
                letters += sum(len(texts[code]) for code in cells if code in texts)
                refuse_beyond("decoded", letters, who="codes", name=table.name)
                cells = cells.map(lambda code: texts.get(code, code) or None)  # noqa: B023
                written[column] = cells.astype("str")
                notes.append(Note("decoded_by", column=column, table=one.place))
                break
    for column in map(str, table.frame):
        # A code of no answer is one in a column of numbers too: 99 is no age.
        none = {code for one in legends if fold(one.name) == fold(column)
                for code, text in one.codes.items() if is_no_answer(text)}  # fmt: skip
        if column not in written and none:
            blank = table.frame[column].map(_code).isin(none)
            if blank.any():
                written[column] = table.frame[column].mask(blank)
                place = next(one.place for one in legends if fold(one.name) == fold(column))
                notes.append(Note("decoded_by", column=column, table=place))
    if not written:
        return table
    frame = table.frame.assign(**written)
    return replace(table, frame=frame, notes=(*table.notes, *notes))


# What a question is called by in an answer to it, its wording first, and what holds the answer.
_ASKED = ("question", "title", "label", "text", "name", "field", "questionId", "question_id",
          "field_id", "key", "ref", "slug", "variable", "code", "val", "id")  # fmt: skip
# Of a longer name, what shows that it names a question, and no person or thing.
_QUESTIONS = frozenset(("question", "field", "label", "title", "form"))
_ANSWERED = (
    "value", "answer", "response", "values", "text", "textAnswers", "content", "data", "eval",
    "val",
)  # fmt: skip
# Within an answer or a question that is an object.
_WITHIN = ("label", "labels", "value", "values", "text", "answers", "title", "name", "id")
_MOST_ASKED, _LETTERS_ASKED = 250, 200


def worded(table: FileFrame, lists: Mapping[str, list[Any]]) -> FileFrame:
    """Call the columns of a table by their questions, which a list of the same document words."""
    others = [
        FileFrame(frame=_plain_frame(rows), name=where) for where, rows in lists.items()
        if len(rows) <= _MOST_ASKED and all(isinstance(row, dict) for row in rows)
    ]  # fmt: skip
    read = _with_questions(table, others)
    return replace(read, frame=read.frame.rename(columns=read.questions), questions={})


def _with_questions(table: FileFrame, others: Sequence[FileFrame]) -> FileFrame:
    """Return a table with the questions that are the columns of it, as others word them."""
    columns = [str(column) for column in table.frame]
    for other in others:
        asked = _questions_of(columns, other)
        texts = Counter(asked.values())
        asked = {
            name: text if texts[text] == 1 and text not in columns else f"{name} {text}"
            for name, text in asked.items()
        }
        if asked:
            note = Note("worded_by", columns=tuple(asked), table=other.name)
            return replace(table, questions=asked, notes=(*table.notes, note))
    return table


def _questions_of(columns: Sequence[str], other: FileFrame) -> dict[str, str]:
    """Return what a table words of some columns; nothing where it is of something else.

    One column of it names several of theirs, each once, and little else; another holds texts under
    a header of texts.

    Examples
    --------
    >>> form = pd.DataFrame({"field": ["q1", "q2"], "question": ["Your faith?", "Your age?"]})
    >>> _questions_of(["id", "q1", "q2"], FileFrame(frame=form, name="form.csv"))
    {'q1': 'Your faith?', 'q2': 'Your age?'}
    >>> form["question"] = ["Known comorbidities", "Your age?"]
    >>> form["choices"] = ["1, None | 2, Asthma", ""]
    >>> _questions_of(["id", "q1___2", "q2"], FileFrame(frame=form, name="form.csv"))
    {'q2': 'Your age?', 'q1___2': 'Known comorbidities Asthma'}
    """
    frame = other.frame
    group, of_list = _columns_of_lists(frame)
    if of_list:
        # A codebook words a variable beside each of its codes.
        first = ~_list_of_each(frame, group).duplicated()
        frame = frame.loc[first].iloc[:, [group, *of_list]]
    if len(frame) > _MOST_ASKED or len(frame.columns) > _MOST_CODES:
        return {}
    cells = {str(name): [_code(cell) for cell in frame[name]] for name in frame}
    texts = {
        name: column for name, column in cells.items()
        if {*header_words(name)} & (WORDS["labels"] | WORDS["lists"])
        and any(" " in cell for cell in column)
    }  # fmt: skip
    # REDCap gives each choice of a question a column: "comorb___1".
    choices = {column: column.partition("___") for column in columns if "___" in column}
    for ids in cells.values():
        known = {*ids} & {*columns, *(name for name, _, _ in choices.values())}
        if len(known) < 2 or 2 * len(known) < len({*ids} - {""}) or len({*ids}) < len(ids):
            continue
        for wording in texts.values():
            asked = {one: text for one, text in zip(ids, wording, strict=True) if one in known}
            asked = {one: " ".join(text.split()) for one, text in asked.items() if text != one}
            if wording is not ids and all(asked.values()) and not _are_people([*asked.values()]):
                worded = _choices_worded(
                    choices, asked, dict(zip(ids, zip(*cells.values(), strict=True), strict=True))
                )
                return {one: text for one, text in asked.items() if one in columns} | worded
    return {}


def _choices_worded(
    choices: Mapping[str, tuple[str, str, str]], asked: Mapping[str, str],
    rows: Mapping[str, Sequence[str]],
) -> dict[str, str]:  # fmt: skip
    """Return the question and the choice, of a cell such as "1, Flu | 2, None", of some columns.

    Only of a choice that names what its question asks, and of which a 0 shows nothing.
    """
    result, letters, lists = dict[str, str](), 0, dict[str, list[tuple[str, str, str]]]()
    for column, (name, _, code) in choices.items():
        if name not in asked:
            continue
        if name not in lists:
            parts = (part for cell in rows[name] for part in cell.split("|")[:_MOST_CODES])
            lists[name] = [part.partition(",") for part in parts]
        # A column is called by its code in small letters, "co____99" by -99.
        said = [text.strip()[:_LETTERS_ASKED] for one, _, text in lists[name]
                if one.strip().lower().replace("-", "_") == code.lower()]  # fmt: skip
        text = f"{asked[name][:_LETTERS_ASKED]} {''.join(said)}"
        kind = kind_of_header(text)[0] if len(said) == 1 and not _denies(said[0]) else ""
        ticks = pd.Series(["0", "1"], name=text)
        if (
            kind in MAY_BE_NONE
            and cells_showing(ticks, kind).tolist() == [False, True]
            and any(hits.any() for what, hits in categories_in(said).items() if what == kind)
        ):
            result[column] = text
            letters += len(text)
            refuse_beyond("decoded", letters, who="codes", name=column)
    return result


def _denies(choice: str) -> bool:
    """Return whether who ticks a choice has none, or does not say."""
    none = not (WORDS["no"] | WORDS["no_first"]).isdisjoint(header_words(choice))
    return none or is_no_answer(choice) or answers_none(choice)


def with_answers(rows: list[Any]) -> list[Any]:
    """Make columns of the answers that each record lists beside what was asked.

    Forms give `{"answers": [{"field": "q1", "value": "yes"}]}`. Nothing is lost: where anything
    beside an answer differs between records, the list stays as it is.

    Examples
    --------
    >>> rows = [{"at": n, "answers": [{"field": "vote", "value": "PS"}]} for n in range(2)]
    >>> with_answers(rows)[1]
    {'at': 1, 'vote': 'PS'}
    """
    names = {name for row in rows if isinstance(row, dict)
             for name, value in row.items() if isinstance(value, (list, dict))}  # fmt: skip
    for name in sorted(names):
        lists = [_listed(row.get(name)) if isinstance(row, dict) else None for row in rows]
        if any(one is None for one in lists) or 2 * sum(map(bool, lists)) < len(rows):
            continue
        answers = _answers([one or [] for one in lists])
        if answers is not None:
            apart = not any(set(row) & set(one) for row, one in zip(rows, answers, strict=True))
            rows = [
                {**{k: v for k, v in row.items() if k != name}, **(one if apart else {name: one})}
                for row, one in zip(rows, answers, strict=True)
            ]
    return rows


def _listed(value: Any) -> list[dict[str, Any]] | None:
    """Return objects of a list, or under keys; nothing of a blank, None of anything else."""
    items = [*value.values()] if isinstance(value, dict) else value or []
    return items if isinstance(items, list) and all(isinstance(i, dict) for i in items) else None


def _answers(lists: list[list[dict[str, Any]]]) -> list[dict[str, Any]] | None:
    """Return the answers of each record by what was asked; None where these are no answers."""
    items = [item for one in lists for item in one]
    for asked in _askable(items):
        called = [[_plain(item.get(asked)) for item in one] for one in lists]
        every = Counter(name for one in called for name in one)
        if "" in every or any(len({*one}) < len(one) for one in called):
            continue
        if not every or len(every) > _MOST_ASKED or 2 * len(every) > len(items):
            continue
        found = [[_answer(item, asked) for item in one] for one in lists]
        if 2 * sum(answer is not None for one in found for answer in one) < len(items):
            continue
        beside: dict[str, set[str]] = {}
        for names, answers, one in zip(called, found, lists, strict=True):
            for name, answer, item in zip(names, answers, one, strict=True):
                left = {k: v for k, v in item.items() if answer is None or k != answer[0]}
                beside.setdefault(name, set()).add(repr(left))
        # A type that differs where nothing was answered is no loss.
        people = _are_people([str(name) for name in every])
        if all(len(others) == 1 for others in beside.values()) and not people:
            return [
                {n: _plain(a[1]) for n, a in zip(names, answers, strict=True) if a}
                for names, answers in zip(called, found, strict=True)
            ]
    return None


def _askable(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what may name a question in answers: the usual names, then any that speaks of one."""
    every = dict.fromkeys(name for item in items for name in item)
    rank = {
        name: min(map(_ASKED.index, found)) for name in every
        if name not in _ASKED and _QUESTIONS & (words := {*header_words(name)})
        and (found := words & {*_ASKED})
    }  # fmt: skip
    return [*(name for name in _ASKED if name in every), *sorted(rank, key=rank.__getitem__)]


def _answer(item: Mapping[str, Any], asked: str) -> tuple[str, Any] | None:
    """Return where the answer of an object stands, and what it is: under its type, or a name."""
    kind = item.get("type")
    names = ([kind] if isinstance(kind, str) else []) + [n for n in _ANSWERED if n != asked]
    named = (n for n in item if n != asked and {*header_words(n)} & {*_ANSWERED})
    return next(((name, item[name]) for name in (*names, *named) if name in item), None)


def _plain(value: Any) -> Any:
    """Return a value as one: the label of an object, what a list holds between commas."""
    if isinstance(value, dict):
        return next((_plain(value[name]) for name in _WITHIN if name in value), "")
    if isinstance(value, list):
        return ", ".join(str(_plain(item)) for item in value)
    return "" if value is None else value


def enumerations(document: Any, lists: Mapping[str, list[Any]]) -> list[Legend]:
    """Return the enumerations of a document of JSON: codes and what they stand for.

    An object of codes and texts, or of texts and codes; texts by their places; short lists of
    objects that have a code and a text.

    Examples
    --------
    >>> [one.codes for one in enumerations({"outcomes": {"5": "FN", "6": "PS"}, "page": 1}, {})]
    [{'5': 'FN', '6': 'PS'}]
    >>> enumerations({}, {"status": [{"id": 1, "label": "PS"}, {"id": 2, "label": "FN"}]})[0].name
    'status'
    """
    result = [legend for keys, node in _objects(document) for legend in _of_object(keys, node)]
    for where, rows in lists.items():
        if 1 < len(rows) <= _MOST_CODES and all(isinstance(row, dict) for row in rows):
            frame = _plain_frame(rows)
            name = where.rpartition(".")[2] or where
            if legend := _legend_of(FileFrame(frame=frame, name=name)):
                result.append(legend)
    return result


def _plain_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the plain values of objects as a table."""
    return pd.DataFrame(
        [{k: v for k, v in row.items() if not isinstance(v, (dict, list))} for row in rows]
    )


def _objects(document: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the objects and lists of a document that stand in no list, with their keys."""
    left: list[tuple[tuple[str, ...], Any]] = [((), document)]
    while left:
        keys, node = left.pop()
        if keys:
            yield keys, node
        if isinstance(node, dict) and len(keys) < _DEPTH and len(node) <= _MOST_CODES:
            left += [((*keys, str(key)), inner) for key, inner in node.items()
                     if isinstance(inner, (dict, list))]  # fmt: skip


def _of_object(keys: tuple[str, ...], node: Any) -> Iterator[Legend]:
    """Yield the legend that an object of JSON is."""
    pairs: list[tuple[str, str]] = []
    if isinstance(node, dict):
        pairs = [(str(key), value) for key, value in node.items() if isinstance(value, str)]
        numbers = [(str(value), str(key)) for key, value in node.items() if type(value) is int]
        pairs = numbers if len(numbers) == len(node) else pairs
    elif all(isinstance(item, str) for item in node) and len(set(node)) == len(node):
        # By its place: of numbers from 1, or from 0, the column itself decides.
        pairs = [(str(at), text) for at, text in enumerate(node)]
    pairs = [(code, put_together(text)) for code, text in pairs]
    if not 1 < len(pairs) <= _MOST_CODES or len(pairs) < len(node):
        return
    codes = dict(pairs)
    if all(map(_CODE.fullmatch, codes)) and _are_labels(codes.values()):
        if _are_people(list(codes.values())):
            return
        name = keys[-1]
        general = isinstance(node, dict) and bool({*header_words(name)} & WORDS["legend"])
        by_place = isinstance(node, list)
        yield Legend(
            place=".".join(keys), name=name, codes=codes, general=general, by_place=by_place
        )


def _from_one(legend: Legend, column: pd.Series) -> Legend:
    """Return a legend by places whose column counts from 1; one that may count so is of no use."""
    if not legend.by_place:
        return legend
    values = {code for cell in column for code in _code(cell).split(", ")}
    if "0" in values:
        return legend
    texts = [*legend.codes.values()]
    last = str(len(texts)) in values
    return replace(legend, codes={str(at): t for at, t in enumerate(texts, 1)} if last else {})


def _are_labels(texts: Iterable[str]) -> bool:
    return any(len(text) > 1 and not text.isdecimal() for text in texts)


def _are_people(texts: list[str], *, listed: bool = False) -> bool:
    """Return whether texts are names of people, candidates apart: their list is no legend.

    - `listed`: Whether their table is called one of people, so that surnames alone are names.
    """
    named = sum(listed or bool({*header_words(text)} & given_names()) for text in texts)
    sides = int(categories_in(texts)["party"].sum())
    return 2 * named >= len(texts) and 2 * sides < len(texts)


_SURNAME = re.compile(r"(?:(?:Le|La|De|Du|Van|Ben|El) )?[^\W\d_][^\W\d_'’-]+(?:['’-][^\W\d_]+)?")


def _are_surnames(header: str, codes: Mapping[str, str]) -> bool:
    """Return whether numbered labels of a column of names are words that no table has usually.

    Examples
    --------
    >>> _are_surnames("nom", {"901": "Garnier", "902": "Lambert", "903": "Faure"})
    True
    >>> _are_surnames("nom", {"1": "Favorable", "2": "Hostile", "3": "Absent"})
    False
    >>> _are_surnames("label", {"1": "Oui", "2": "Non"})
    False
    """
    texts = [*codes.values()]
    plain = all(text[0].isupper() and _SURNAME.fullmatch(text) for text in texts)
    if not (plain and kind_of_header(header)[0] == "name" and all(map(str.isdecimal, codes))):
        return False
    usual = sum(
        bool(hit or kind_of_header(text)[0] or has_political_side(text) or is_no_answer(text)
             or fold(text) in WORDS["yes_no"])
        for hit, text in zip(search_texts(texts).again, texts, strict=True)
    )  # fmt: skip
    return 4 * usual < len(texts)


def _stand_for_people(headers: Sequence[str]) -> bool:
    """Return whether headers beside a name are of people or of places."""
    words = {word for name in headers for word in header_words(name)}
    kinds = {kind_of_header(name)[0] for name in headers}
    return bool(kinds & {"name", "email", "phone", "address", "age"} or words & _PLACED)


def _own_name(table: FileFrame) -> str:
    return PurePath(table.name.rpartition(" › ")[2]).stem


def _stems(name: str) -> set[str]:
    """Return the words of a name, in the singular too."""
    # "Q1" and "Q2" have a letter in common, and nothing else.
    words = {w for w in header_words(name) if len(w) > 1 and not w.isdecimal()} - _NOT_OF_A_NAME
    return words | {
        word.removesuffix(end) for word in words for end in ("s", "es") if len(word) > 3
    }


def _is_called(name: str, column: str) -> bool:
    return fold(name) == fold(column) or bool(_stems(name) & _stems(column))


def _legends_of(table: FileFrame) -> list[Legend]:
    """Return the legends of a table: that which it is, or those of several lists or variables.

    A form's own table names the list of each choice, a codebook the variable of each code, once or
    in each row.
    """
    group, of_list = _columns_of_lists(table.frame)
    # A variable may be spelt otherwise beside some of its codes: what it is called is no answer.
    nearly = _columns_of_lists(table.frame, _MOST_DIFFER)[1]
    if len(nearly) > len(of_list) and _are_worded(
        [str(name) for at, name in enumerate(table.frame) if at not in (group, *nearly)]
    ):
        of_list = nearly
    if group < 0 or len(table.frame.columns) < 3:
        legend = _legend_of(table)
        return [legend] if legend else []
    result = []
    rest = table.frame.drop(columns=table.frame.columns[[group, *of_list]])
    lists: Any = rest.groupby(_list_of_each(table.frame, group), sort=False)
    for name, rows in lists:
        if legend := _legend_of(FileFrame(frame=rows, name=f"{table.name} › {name}"), least=1):
            result.append(replace(legend, name=str(name), place=table.name, general=False))
    return result


def _are_worded(header: Sequence[str]) -> bool:
    """Return whether one column is called one of codes, and another one of labels."""
    words = [{*header_words(name)} for name in header]
    code = next((at for at, one in enumerate(words) if one & WORDS["codes"]), -1)
    return code >= 0 and any(one & WORDS["labels"] for at, one in enumerate(words) if at != code)


def _list_of_each(frame: pd.DataFrame, group: int) -> pd.Series:
    """Return the list, or variable, of each row, which may stand in the first of them alone."""
    return _filled_of(frame, group).ffill().astype("str")


def _filled_of(frame: pd.DataFrame, at: int) -> pd.Series:
    cells = frame.iloc[:, at]
    return cells.where(cells.map(_code) != "")


def _columns_of_lists(frame: pd.DataFrame, differ: float = 0.0) -> tuple[int, list[int]]:
    """Return which column of codes names the list of each, and which others tell of the list.

    These are the same beside all codes of a list, as what a variable is called.

    - `differ`: Share of the codes after the first of each list beside which they may differ.

    Examples
    --------
    >>> codes = {"variable": ["q1", "q1", "q2"], "label": ["Faith", "Faith", "Sex"]}
    >>> codes |= {"value": [1, 2, 1], "value label": ["None", "Jew", "F"]}
    >>> _columns_of_lists(pd.DataFrame(codes))
    (0, [1])
    """
    words = [{*header_words(str(column))} for column in frame]
    group = next((at for at, one in enumerate(words) if one & WORDS["lists"]), -1)
    if group < 0 or len(frame.columns) < 4 or len(frame) > MOST_OF_LEGEND:
        return group, []
    lists = _list_of_each(frame, group)
    if lists.nunique() == len(frame):
        return group, []
    others = [at for at in range(len(words)) if at != group]
    further = differ * (len(frame) - lists.nunique())
    each = {at: _filled_of(frame, at).groupby(lists).nunique() for at in others}
    same = [at for at, n in each.items() if (n - 1).clip(lower=0).sum() <= further]
    return group, same if len(others) - len(same) > 1 else []


class _Columns(NamedTuple):
    """The columns of a legend: of codes, and of what each stands for."""

    code: int
    label: int


def _columns_of(header: Sequence[str]) -> _Columns | None:
    """Return the two columns of a legend: the first two of a few, or by their names."""
    words = [{*header_words(name)} for name in header]
    code = next((at for at, one in enumerate(words) if one & WORDS["codes"]), None)
    label = next((at for at, one in enumerate(words) if one & WORDS["labels"] and at != code), None)
    if len(header) < 4:
        return _Columns(0, 1) if code is None or label is None else _Columns(code, label)
    return None if code is None or label is None else _Columns(code, label)


def _legend_of(table: FileFrame, least: int = 2) -> Legend | None:
    """Return what codes stand for, and whether the table is called a legend; None of another.

    - `least`: Codes that it has; one alone must be that of no answer.
    """
    header = [str(name) for name in table.frame.columns]
    columns = _columns_of(header) if 1 < len(header) <= 12 else None
    if columns is None or not least <= len(table.frame) <= _MOST_CODES:
        return None
    if _stand_for_people([name for at, name in enumerate(header) if at not in columns]):
        return None
    rows = [[_code(cell) for cell in row] for row in table.frame.itertuples(index=False)]
    if header[0].isdecimal() or (len(header[0]) == 1 and header[0].isalpha()):
        # The first line is one of the legend, and no header.
        rows.insert(0, header)
    pairs = [(row[columns.code], row[columns.label]) for row in rows]
    codes = {code: text for code, text in pairs if code and text}
    ids = len(codes) == len(rows) and all(len(code) <= _LETTERS_OF_ID for code in codes)
    if len(codes) < 2 and not any(map(is_no_answer, codes.values())):
        return None
    if not ids or not _are_labels(codes.values()):
        return None
    called = {*header_words(_own_name(table))}
    of_people = bool(called) and called <= WORDS["numbered_people"] | WORDS["givers"]
    of_people = of_people or _are_surnames(header[columns.label], codes)
    if _are_people(list(codes.values()), listed=of_people):
        return None
    short = all(len(code) <= _LETTERS for code in codes)
    words = {*header_words(_own_name(table)), *(w for name in header for w in header_words(name))}
    general = short and len(header) < 4 and bool(words & WORDS["legend"])
    return Legend(place=table.name, name=_own_name(table), codes=codes, general=general)


def _code(cell: Any) -> str:
    return "" if pd.isna(cell) else str(cell).strip().removesuffix(".0")


def _one_fits(column: pd.Series, legends: Sequence[Legend]) -> bool:
    """Return whether one legend only has all the codes of a column."""
    return sum(_texts_of(column, one.codes, 1.0) is not None for one in legends) == 1


def _texts_of(column: pd.Series, codes: Mapping[str, str], share: float) -> dict[str, str] | None:
    """Return what the codes of a column stand for; None where it holds others."""
    cells = column.map(_code)
    filled = cells[cells != ""]
    values = {*filled}
    if kind_of_header(str(column.name))[0] not in _WITH_CODES or len(values) < 2:
        return None
    texts, letters = dict[str, str](), 0
    for value in values:
        if text := _text_of(value, codes):
            texts[value] = text
            letters += len(text)
            refuse_beyond("decoded", letters, who="codes", name=str(column.name))
    return None if filled.isin(list(texts)).mean() < share else texts


# Kinds of columns that may hold codes: what a visit gave, what nothing says.
_WITH_CODES = frozenset(("", *WORDS["coded"]))


def _text_of(cell: str, codes: Mapping[str, str]) -> str:
    """Return what a code stands for, or several between commas; "" of another cell."""
    if cell in codes:
        return codes[cell]
    parts = cell.split(", ")
    known = len(parts) <= _MOST_CODES and all(map(codes.get, parts))
    return ", ".join(codes[part] for part in parts) if known else ""
