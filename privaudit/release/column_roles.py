"""What each column of a file is, by its header, then by its cells; and what says nothing of it.

- Which columns of a file are proposed as identifier, key variables and sensitive columns.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from privaudit.columns.free_text import SEXES
from privaudit.columns.headers import kind_of_header, kind_of_record
from privaudit.columns.identifiers import is_iban, is_nir, is_siren, is_siret
from privaudit.columns.recognise import ABROAD, COORDINATES, cells_of, held, of_campaign
from privaudit.columns.roles import Roles, System, roles_known
from privaudit.core.policy import FORMAT_IS_TOLD
from privaudit.io.coordinates import point_form
from privaudit.text.dates import counted_moments, looks_like_dates
from privaudit.text.normalise import fold, header_words
from privaudit.text.word_lists import word_lists

_DATA = word_lists("privaudit.release", "column_roles.toml")
# What stands in the column `role` of an inventory.
ROLES: dict[str, str] = _DATA["roles"]
# Special categories of article 9, and what else a text may hold of somebody.
SPECIAL = ("party", "health", "religion", "origin", "union", "sex_life")
# What a file should hold of each person and often does not.
ABSENT = ("source", "legal_basis", "informed", "proof", "objection")
_ROLE = {kind: role for role, kinds in _DATA["kinds"].items() for kind in kinds.split()}
# What somebody worked out, and did not ask.
_WORKED_OUT = re.compile(
    r"inf[eé]r|d[eé]dui|deduc|presum|pr[eé]sum|predict|pr[eé]di|estim|probab|propens|score|model"
    r"|mod[eè]l|imput|likely|segment|[eé]valuation|appr[eé]ciation|[eé]toiles\b"
    r"|(?:/|sur|out of) ?(?:4|5|10|20|100)\b",
    re.IGNORECASE,
)
_MARK = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?(?: ?/ ?\d{1,3})?|[★☆*]{1,5}")
_NUMBERS = {"nir": is_nir, "iban": is_iban, "siret": is_siret, "siren": is_siren}
# A message, or a note of several lines, is one cell: a dot is a line break too.
_FORMATS = {
    format_: re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for format_, pattern in _DATA["formats"].items()
}
# Of the cells of a column that no header tells: enough to judge by, most of them, those that speak.
_ENOUGH, _MOST, _SPEAKS, _SAMPLE = 5, 0.9, 0.4, 400
# A value of its own in every record, without a blank: a number in some tool.
_NUMBERED, _ID = 20, re.compile(r"(?=.*\d)[A-Za-z0-9_-]{2,40}")
_POSTCODE = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-58]|2[abAB])\d{3}")
# The kind of a column that is there to tell what cells speak of.
KIND_OF = {"party": "support", "religion": "origin"} | {
    what: what for what in ("health", "origin", "union", "sex_life")
}
_REACHED = ("email", "phone", "credential")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a column is.

    - `kind`: What it holds, one of ``headers.toml``; "" where that is not known.
    - `by`: The system whose export it is, "header", "cells", or "" where it is not known.
    - `worked_out`: Somebody worked it out, by its header.
    """

    kind: str
    by: str
    worked_out: bool = False


def known_columns(
    frame: pd.DataFrame, system: System | None, speaks: Mapping[str, Mapping[str, float]]
) -> dict[str, Known]:
    """Say what each column holds: headers tell first, then cells; a system's export names its own.

    - `speaks`: Of a column, the share of its cells that speak of each of `SPECIAL`.
    """
    told = held(frame)
    own = {} if system is None else {v: k for k, v in system.named(frame.columns).items()}
    found = {}
    for column in map(str, frame.columns):
        texts = _texts(frame[column])
        kind = "spot" if fold(column) in COORDINATES else kind_of_record(column)
        by = "header"
        reached = column in told and told[column].kind in _REACHED and told[column].by == "cells"
        # A column of bounces may hold the addresses that bounced.
        if (not kind or (kind == "technical" and reached)) and column in told:
            kind, by = told[column].kind, told[column].by
        if (
            kind in ("support", "tie")
            and "date" in header_words(column)
            and looks_like_dates(texts)
        ):
            # When something was given says less than what: it is a day.
            kind = "date"
        told_by, alone = kind_of_header(column)
        # A blank column is what its header says; so is the number of a house.
        if not kind and (not texts or (told_by == "address" and not alone)):
            kind = told_by
        shape = _by_cells(texts, speaks.get(column, {})) if not kind or kind == "number" else ""
        if point_form(texts):
            # Whatever the header says: a link to a map stands under many.
            shape = "spot" if kind != "spot" else ""
        if shape:
            kind, by = shape, "cells"
        if system is not None and column in own:
            kind, by = _of_system(system, own[column], kind), system.word
        worked_out = _WORKED_OUT.search(column) is not None
        # Free text that is a number is a mark that somebody gave.
        marked = told_by == "note" and bool(texts) and all(map(_MARK.fullmatch, texts))
        worked_out = worked_out or (not kind and marked)
        kind = kind or ("worked_out" if worked_out and texts else "")
        found[column] = Known(kind=kind, by=by if kind else "", worked_out=worked_out)
    return _in_their_file(found, political=system is not None)


def _in_their_file(found: dict[str, Known], *, political: bool) -> dict[str, Known]:
    """Take a fee for an opinion in the file of a campaign, and a score for a profile elsewhere."""
    political = political or of_campaign(found, (one.kind for one in found.values()))
    old, new = ("tie", "support") if political else ("worked_out", "profile")
    return {c: replace(one, kind=new) if one.kind == old else one for c, one in found.items()}


def _of_system(system: System, column: str, kind: str) -> str:
    """Return what a column of a system's export holds, where its header does not tell."""
    if column in (system.identifier, *system.marks):
        return kind or "number"
    return kind or ("support" if column in system.sensitive else "technical")


def role_of(known: Known, says: Collection[str] = ()) -> str:
    """Return the role of a column, a key of `ROLES`.

    - `says`: What its cells speak of.

    Examples
    --------
    >>> role_of(Known(kind="support", by="header", worked_out=True))
    'inferred'
    >>> role_of(Known(kind="note", by="cells"), ["health"]), role_of(Known(kind="", by=""))
    ('text_special', 'unknown')
    >>> role_of(Known(kind="birthplace", by="header")), role_of(Known(kind="diet", by="header"))
    ('key', 'hint')
    """
    role, speaks = _ROLE.get(known.kind, "unknown"), bool({*says} & {*SPECIAL})
    if known.kind in _NUMBERS:
        role = "identifier"
    if known.kind == "support" and known.worked_out:
        role = "inferred"
    if role == "text" and speaks:
        role = "text_special"
    if known.kind in ABROAD:
        # A birth at home tells nothing of where somebody comes from.
        return "hint" if "abroad" in says else "key"
    if known.kind == "couple":
        return "special" if speaks else "key"
    if role == "hint":
        return "special" if speaks else role
    return "special" if role == "unknown" and speaks else role


def formats_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Return how the cells of a column are written, most often first; slips are left out.

    Examples
    --------
    >>> formats_of(["1980-02-01", "01/02/1980", "1980-05-07"])
    ('date_year_first', 'date_year_last')
    """
    if point_form(texts):
        return ("point",)
    met: dict[str, int] = {}
    for text in texts:
        word = next(word for word, pattern in _FORMATS.items() if pattern.fullmatch(text))
        met[word] = met.get(word, 0) + 1
    often = sorted(met, key=lambda word: (-met[word], word))
    return tuple(word for word in often if met[word] > FORMAT_IS_TOLD * len(texts))


def moments_in(texts: Sequence[str]) -> str:
    """Return what numbers count since 1970, where all texts are such numbers (see `written_dates`).

    Examples
    --------
    >>> moments_in(["1762000000000", "1762000450000"]), moments_in(["1762000000000", "x"])
    ('ms', '')
    """
    if not all(re.fullmatch(r"\d{9,19}(?:\.0)?", text) for text in texts):
        return ""
    return counted_moments(np.array(texts, dtype=float))


def _texts(column: pd.Series) -> list[str]:
    """Return some cells of a column that say something."""
    return [cell for cell in cells_of(column.iloc[:: max(1, len(column) // _SAMPLE)]) if cell]


def _by_cells(texts: Sequence[str], speaks: Mapping[str, float]) -> str:
    """Return what the cells of a column are, where no header tells it; "" where they do not."""
    distinct = list(dict.fromkeys(texts))
    if not distinct:
        return ""
    for kind, fits in _NUMBERS.items():
        if len(distinct) >= _ENOUGH and sum(map(fits, distinct)) >= _MOST * len(distinct):
            return kind
    # Ten digits may be any number, more of them hardly are.
    if looks_like_dates(distinct) or moments_in(distinct) not in ("", "s"):
        return "date"
    if 1 < len(distinct) <= len(SEXES) and {fold(cell).rstrip(".") for cell in distinct} <= SEXES:
        return "sex"
    # A French postcode, or the number of a commune: many share it.
    if 2 * len(distinct) <= len(texts) and all(map(_POSTCODE.fullmatch, distinct)):
        return "place"
    if len(texts) >= _NUMBERED and len(distinct) == len(texts) and all(map(_ID.fullmatch, texts)):
        return "number"
    told = max(speaks, key=lambda what: speaks[what], default="")
    if told and speaks[told] >= _SPEAKS:
        return KIND_OF[told]
    return ""


# A key that few records fill tells little of most; one of whose values most are alone names them.
_FILLED, _MOST_ALONE, _MOST_LEVELS, _MOST_KEYS, _MOST_SENSITIVE = 0.1, 0.5, 20, 6, 8
# What somebody knows of a neighbour, in the order in which it is taken.
_OF_KEYS = ("sex", "age", "place", "birthplace", "nationality", "occupation", "family")
_MOST_OF = {"place": 2}


def proposed_roles(
    frame: pd.DataFrame,
    known: Mapping[str, Known],
    there: Mapping[str, np.ndarray],
    system: System | None,
    says: Mapping[str, Collection[str]],
) -> Roles:
    """Propose roles: those of a known system, else by what columns hold.

    - `frame`: The records, read. `says`: What the cells of a column of hints speak of.
    - `there`: Which records fill each column.
    """
    usable = [c for c in map(str, frame.columns) if "," not in c and c == c.strip()]
    if system is not None:
        told, _ = roles_known(frame)
        if told.key:
            return Roles(
                identifier=tuple(c for c in told.identifier if c in usable),
                key=tuple(c for c in told.key if c in usable),
                sensitive=tuple(c for c in told.sensitive if c in usable),
            )
    keys = _keys(frame[usable], known, there)
    learnt = [
        c
        for c in usable
        if role_of(known[c], says.get(c, ())) in ("special", "inferred")
        and c not in keys
        # One that all share is told by the file itself: a list of one side's supporters.
        and 1 <= frame[c].nunique() <= _MOST_LEVELS
    ]
    return Roles(
        identifier=_identifier(frame[usable], known, there),
        key=tuple(keys),
        sensitive=tuple(learnt[:_MOST_SENSITIVE]),
    )


def _keys(
    frame: pd.DataFrame, known: Mapping[str, Known], there: Mapping[str, np.ndarray]
) -> list[str]:
    found: list[str] = []
    for kind in _OF_KEYS:
        fit = [
            c for c in map(str, frame) if known[c].kind == kind and _tells(frame[c], there[c], kind)
        ]
        # Of several, the one that tells more apart, and a date of birth before an age.
        fit.sort(key=lambda c: frame[c].nunique(), reverse=True)
        found += fit[: _MOST_OF.get(kind, 1)]
    return found[:_MOST_KEYS]


def _tells(column: pd.Series, there: np.ndarray, kind: str) -> bool:
    if there.mean() < _FILLED or column.nunique() < 2:
        return False
    counts = column.value_counts()
    return kind == "age" or bool((counts == 1).sum() <= _MOST_ALONE * there.sum())


def _identifier(
    frame: pd.DataFrame, known: Mapping[str, Known], there: Mapping[str, np.ndarray]
) -> tuple[str, ...]:
    """Return the column by which somebody's several records are told to be theirs."""
    for kind in ("number", "email", "phone"):
        for column in map(str, frame):
            several = int(frame[column].nunique()) > len(frame) / 10
            if known[column].kind == kind and there[column].all() and several:
                return (column,)
    return ()
