"""Somebody's own likes and pages, checked and read, for a town whose people stay fictional."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.arrays import Ints
from privaudit._core.checks import an_instance, columns_present, say
from privaudit.errors import ParameterError, SchemaError
from privaudit.simulation.interactions import KINDS, Acts
from privaudit.simulation.pages import FIRST_DAY, PAGE_KINDS, SIDES, candidate_pages, of_candidate

__all__ = ["own_acts", "own_pages"]

_YEARS = (1990, 2080)
# Kinds of pages that stand for a side, and those that cannot.
_OF_A_SIDE, _OF_NONE = ("partisan", "candidate"), ("generic",)


def own_pages(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.Index]:
    """Check somebody's own pages.

    - `frame`: Columns page (id), kind, side and topic; what is left out is generic, "" and "".
    - returns `pages`: kind, side, topic, in the order given, with what candidates have for every
      side that has no page of its own.
    - returns `ids`: The ids of the rows of the frame.
    """
    who = "simulate(pages=)"
    ids = _ids(who, _frame(who, frame, ("page",)), "page")
    twice = int(ids.duplicated().sum())
    if twice:
        _refuse(who, "each page once", twice, len(ids), "repeat one", "Drop them.")
    pages = pd.DataFrame(
        {
            "kind": _words(who, frame, "kind", PAGE_KINDS, "generic"),
            "side": _words(who, frame, "side", ("", *SIDES), ""),
            "topic": _words(who, frame, "topic", None, ""),
        }
    )
    sided = (pages["side"] != "").to_numpy()
    lacks = int((pages["kind"].isin(_OF_A_SIDE).to_numpy() & ~sided).sum())
    if lacks:
        _refuse(who, "a side for each partisan and candidate page", lacks, len(ids), "have none")
    much = int((pages["kind"].isin(_OF_NONE).to_numpy() & sided).sum())
    if much:
        do = "Call them partisan or candidate."
        _refuse(who, "generic pages without a side", much, len(ids), "have one", do)
    has = [side for side in SIDES if of_candidate(pages, side).any()]
    others = candidate_pages()
    others = others[~others["side"].isin(has)]
    return pd.concat([pages, others], ignore_index=True), pd.Index(ids)


def own_acts(
    frame: pd.DataFrame, ids: pd.Index | None, accounts: int, *, rng: np.random.Generator
) -> tuple[Acts, pd.DataFrame | None]:
    """Check somebody's own interactions, and deal their accounts to those of the town at random.

    - `frame`: Columns account and page (ids), time, and kind, which is like where left out.
    - `ids`: The ids of the pages; None where no pages were given.
    - `accounts`: How many the town has. Nobody learns which is which.
    - returns `pages`: kind, side, topic of the pages, where none were given.
    """
    who = "simulate(interactions=)"
    _frame(who, frame, ("account", "page", "time"))
    account, names = pd.factorize(_ids(who, frame, "account"), sort=True)
    if len(names) > accounts:
        needed, do = f"at most {accounts:,} accounts, as the town has", "Town(inhabitants=...)"
        raise ParameterError(say(who, needed, f"{len(names):,}", f"Take a larger town: {do}."))
    page, pages = _pages_of(who, _ids(who, frame, "page"), ids)
    kind = pd.Categorical(_words(who, frame, "kind", KINDS, "like"), categories=list(KINDS)).codes
    second = _seconds(who, frame["time"])
    dealt = rng.permutation(accounts)
    return Acts.in_order(dealt[account], page, kind.astype(np.int64), second), pages


def _pages_of(who: str, named: pd.Series, ids: pd.Index | None) -> tuple[Ints, pd.DataFrame | None]:
    if ids is None:
        page, found = pd.factorize(named, sort=True)
        plain = {"kind": "generic", "side": "", "topic": ""}
        made = pd.DataFrame(plain, index=range(len(found))).astype("str")
        return page, pd.concat([made, candidate_pages()], ignore_index=True)
    page = ids.get_indexer(pd.Index(named))
    lost = int((page < 0).sum())
    if lost:
        needed, do = "pages that stand in the frame of pages", "Write ids alike in both frames."
        _refuse(who, needed, lost, len(page), "name another", do)
    return page, None


def _frame(who: str, frame: Any, columns: tuple[str, ...]) -> pd.DataFrame:
    do = f"Columns: {', '.join(columns)}."
    found: pd.DataFrame = an_instance(who, "it", frame, pd.DataFrame, do)
    columns_present(who, "column", columns, frame.columns, "the frame")
    if frame.empty:
        raise SchemaError(say(who, "at least one row", "none"))
    return found


def _ids(who: str, frame: pd.DataFrame, name: str) -> pd.Series:
    """Ids are whole numbers or text, all of them."""
    values = frame[name].reset_index(drop=True)
    blank = values.isna()
    if values.dtype == object or isinstance(values.dtype, (pd.StringDtype, pd.CategoricalDtype)):
        values = values.astype(object)
        text = np.array([isinstance(value, str) for value in values])
        blank |= np.array([isinstance(value, str) and not value.strip() for value in values])
        odd = int((~text & ~blank.to_numpy()).sum())
    else:
        odd = 0 if pd.api.types.is_integer_dtype(values.dtype) else int((~blank).sum())
    if blank.any():
        _refuse(who, f"a value of '{name}' in each row", int(blank.sum()), len(values), "are blank")
    if odd:
        needed = f"'{name}' as whole numbers or as text"
        _refuse(who, needed, odd, len(values), "are neither, or mixed")
    return values


def _words(
    who: str, frame: pd.DataFrame, name: str, known: tuple[str, ...] | None, default: str
) -> pd.Series:
    if name not in frame.columns:
        return pd.Series(default, index=range(len(frame)), dtype="str")
    columns_present(who, "column", (name,), frame.columns, "the frame")
    found = frame[name].reset_index(drop=True).fillna(default).astype("str")
    if known is not None:
        odd = int((~found.isin(known)).sum())
        if odd:
            needed = f"'{name}' one of {', '.join(map(repr, known))}"
            _refuse(who, needed, odd, len(found), "are none of them")
    return found


def _seconds(who: str, time: pd.Series) -> Ints:
    """Seconds since the first day; times with a zone in universal time."""
    needed = "'time' as dates, such as '2016-08-30 20:10'"
    if pd.api.types.is_numeric_dtype(time.dtype):
        raise SchemaError(say(who, needed, "numbers", "Use pandas.to_datetime."))
    read = pd.to_datetime(time, errors="coerce", format="ISO8601", utc=True)
    odd = int(read.isna().sum())
    if odd:
        _refuse(who, needed, odd, len(time), "are blank or cannot be read")
    far = int((~read.dt.year.between(*_YEARS)).sum())
    if far:
        first, last = _YEARS
        _refuse(who, f"times from {first} to {last}", far, len(time), "are of another year")
    moment = read.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    return np.asarray((moment - FIRST_DAY).astype(np.int64))


def _refuse(who: str, needed: str, odd: int, of: int, are: str, do: str = "") -> None:
    raise SchemaError(say(who, needed, f"{odd:,} of {of:,} rows that {are}", do))
