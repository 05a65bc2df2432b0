"""Mending: the copy of a table that a plan describes, and what the plan costs.

A plan drops columns, coarsens others, and withholds the records of small classes.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.levels import encode_column
from privaudit.columns.roles import MISSING
from privaudit.columns.values import Reading, read_column
from privaudit.core.checks import (
    Bools,
    an_instance,
    column_names,
    columns_present,
    keyword_only,
    kind_of,
    one_of,
    whole,
)
from privaudit.core.files import in_toml, read_toml
from privaudit.core.thresholds import (
    LEAST_READ,
    MENDED_CLASS,
    MOST_WITHHELD,
    MOSTLY_DATES,
    ROOM_OF_LEVELS,
    SMALL_CELL,
)
from privaudit.errors import ParameterError, SchemaError, did_you_mean
from privaudit.release.release import TableRelease
from privaudit.results.measures import Measures, apart
from privaudit.results.rows import Rows
from privaudit.tables.coded_table import Table
from privaudit.tables.equivalence_classes import classes
from privaudit.tables.generalisation import (
    CALLED,
    OTHERS,
    PREFIX,
    Coarsening,
    coarsening_called,
    coarsenings_of,
    name_of_coarsening,
)
from privaudit.tables.nearest_records import people_of
from privaudit.words.vocabulary import MissingWord

_WHO = "mend"
# Sections of a plan and their fields: the parameter that each fills.
_FIELDS = {
    "drop": {"columns": "drop"},
    "coarsen": {},
    "withhold": {name: name for name in ("below", "key", "person", "missing", "at_least")},
}  # fmt: skip


@keyword_only
@dataclass(frozen=True, kw_only=True)
class MendingPlan:
    """What is dropped from a table, coarsened and withheld.

    Parameters
    ----------
    drop : sequence of str
        Columns to leave out.
    coarsen : mapping of str to str or number
        Columns and how: a number is the width of bands; "month", "year" and "decade" are of dates;
        "departement" of French postcodes and commune codes; "prefix:3" leaves three characters;
        "neighbours" joins neighbouring bands; "rare" puts the rarest values together.
    below : int
        Records in classes of fewer are withheld; 0: none.
    key : sequence of str
        Columns that make the classes; those that are dropped count no longer.
    person : sequence of str
        Columns that identify a person, who counts once in a class. Default: a record is a person.
    missing : {"likely", "wildcard", "value", "exclude"}
        How a blank key counts, as for `privaudit.tables.measure.measure`. Unless it is a value,
        a record with one is withheld too: no class is known to hold it.
    at_least : int
        Where records are withheld, others of the largest class are too, until so many are:
        reports of the table and of its copy differ by them, and would tell how few they were.
        0: no others.

    Raises
    ------
    ParameterError
        An unknown coarsening, a column both dropped and coarsened, or classes without a key.

    Examples
    --------
    >>> MendingPlan(coarsen={"age": 10}, below=5, key=["age", "sex"]).key
    ('age', 'sex')
    """

    drop: tuple[str, ...] = ()
    coarsen: Mapping[str, str | float] = field(default_factory=dict)
    below: int = 0
    key: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    missing: MissingWord = "likely"
    at_least: int = SMALL_CELL

    def __post_init__(self) -> None:
        for name in ("drop", "key", "person"):
            columns = column_names(_WHO, name, getattr(self, name))
            object.__setattr__(self, name, columns)
        an_instance(_WHO, "coarsen", self.coarsen, Mapping)
        for column, how in self.coarsen.items():
            _check_name(str(column), how)
        both = [column for column in self.coarsen if column in self.drop]
        if both:
            raise ParameterError.of(_WHO, "columns dropped or coarsened", f"'{both[0]}' as both")
        for name in ("below", "at_least"):
            whole(_WHO, name, getattr(self, name), 0)
        one_of(_WHO, "missing", self.missing, MISSING)
        if self.below > 1 and not set(self.key) - set(self.drop):
            do = "Name the columns that make the classes: key."
            raise ParameterError.of(_WHO, "a key to withhold records by", "none that is left", do)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the plan names."""
        return tuple(dict.fromkeys((*self.drop, *self.coarsen, *self.key, *self.person)))


def _check_name(column: str, how: Any) -> None:
    """Refuse an unknown coarsening."""
    if isinstance(how, (int, float)) and not isinstance(how, bool):
        good = math.isfinite(how) and how > 0
    else:
        length = str(how).removeprefix(PREFIX)
        counted = str(how).startswith(PREFIX) and length.isdecimal() and int(length) > 0
        good = isinstance(how, str) and (how in CALLED or counted)
    if not good:
        needed = f"a width, {', '.join(CALLED)} or {PREFIX}N to coarsen '{column}'"
        do = did_you_mean(str(how), CALLED)
        raise ParameterError.of(_WHO, needed, repr(how), do)


def read_plan(source: MendingPlan | Mapping[str, Any] | str | os.PathLike[str]) -> MendingPlan:
    """Read a plan: TOML, or its sections as a mapping.

    Raises
    ------
    SchemaError
        It cannot be read, or has another section or field than it may have.
    ParameterError
        As `MendingPlan`.

    Examples
    --------
    >>> plan = {"drop": {"columns": ["name"]}, "withhold": {"below": 5, "key": ["sex"]}}
    >>> read_plan(plan)  # doctest: +ELLIPSIS
    MendingPlan(drop=('name',), ..., below=5, key=('sex',), ..., missing='likely', at_least=11)
    """
    if isinstance(source, MendingPlan):
        return source
    if not isinstance(source, (Mapping, str, os.PathLike)):
        raise ParameterError.of(_WHO, "a plan, its sections or its file", kind_of(source))
    sections = source if isinstance(source, Mapping) else read_toml(source)
    given: dict[str, Any] = {}
    for section, fields in sections.items():
        _check_field("sections", section, _FIELDS)
        if not isinstance(fields, Mapping):
            raise SchemaError.of(_WHO, f"a section [{section}] in the plan", "a value")
        if section == "coarsen":
            given["coarsen"] = dict(fields)
            continue
        for name, value in fields.items():
            _check_field(f"fields of [{section}]", name, _FIELDS[section])
            given[_FIELDS[section][name]] = value
    return MendingPlan(**given)


def _check_field(what: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        needed = f"{what} {', '.join(known)} in the plan"
        raise SchemaError.of(_WHO, needed, f"'{name}'", did_you_mean(name, known))


def proposed_plan(table: Table, missing: MissingWord) -> MendingPlan:
    """Return a plan by which every class of a table holds `MENDED_CLASS`, and few are withheld.

    The key of most values is coarsened by a step, until few records are in small classes; where
    none can be coarsened any more, or most of its cells are blank, it is dropped (Datafly).

    References
    ----------
    Sweeney (2002), Achieving k-anonymity privacy protection using generalization and suppression.
    """
    roles, records = table.roles, table.records
    filled = [key for key in roles.key if records[key].notna().mean() >= LEAST_READ]
    steps = {key: coarsenings_of(records[key], _WHO) for key in filled or roles.key[:1]}
    codes = {key: encode_column(records[key], _WHO)[0] for key in steps}
    plan = MendingPlan(
        below=MENDED_CLASS, key=roles.key, person=roles.identifier, missing=missing
    )  # fmt: skip
    person, coarsen = _people(records, plan, Reading()), dict[str, str | float]()
    while True:
        current = np.column_stack(list(codes.values()))
        complete = (current >= 0).all(axis=1)
        few = _in_small_class(current, person, plan)
        if not complete.any() or few[complete].mean() <= MOST_WITHHELD:
            break
        for key in sorted(codes, key=lambda key: -int(codes[key].max())):
            if step := _next_step(records[key], codes[key], steps[key]):
                coarsen[key], codes[key] = step
                break
        else:
            if len(codes) == 1:
                break
            del codes[max(codes, key=lambda key: int(codes[key].max()))]
    return replace(
        plan, drop=tuple(key for key in roles.key if key not in codes),
        coarsen={key: how for key, how in coarsen.items() if key in codes},
    )  # fmt: skip


def _next_step(
    column: pd.Series, codes: NDArray[np.int64], steps: Iterator[Coarsening]
) -> tuple[str | float, NDArray[np.int64]] | None:
    """Return the next coarsening of a key that leaves fewer values, at least two; None for none."""
    for by in steps:
        name = name_of_coarsening(by.what)
        # In the end they are read again, by their name.
        with suppress(SchemaError):
            if name is not None:
                wider = encode_column(_coarsened(column, name, Reading()), _WHO)[0]
                if 1 <= wider.max() < codes.max():
                    return name, wider
    return None


def plan_text(plan: MendingPlan, head: Iterable[str] = ()) -> str:
    """Return a plan as TOML, after lines of comment.

    Examples
    --------
    >>> print(plan_text(MendingPlan(coarsen={"birth": "year"}, below=5, key=["birth"])))
    [coarsen]
    "birth" = "year"
    <BLANKLINE>
    [withhold]
    below = 5
    key = ["birth"]
    <BLANKLINE>
    """
    lines = [f"# {''.join(c if c.isprintable() else ' ' for c in line)}" for line in head]
    if plan.drop:
        lines += ["", "[drop]", f"columns = {_list(plan.drop)}"]
    if plan.coarsen:
        lines += ["", "[coarsen]"]
        lines += [
            f"{in_toml(column)} = {in_toml(how) if isinstance(how, str) else f'{how:.15g}'}"
            for column, how in plan.coarsen.items()
        ]
    if plan.below:
        lines += ["", "[withhold]", f"below = {plan.below}", f"key = {_list(plan.key)}"]
        lines += [f"person = {_list(plan.person)}"] if plan.person else []
        lines += [f"missing = {in_toml(plan.missing)}"] if plan.missing != "likely" else []
        lines += [f"at_least = {plan.at_least}"] if plan.at_least != SMALL_CELL else []
    return "\n".join([*lines[not lines[0] :], ""])


def _list(columns: Iterable[str]) -> str:
    return f"[{', '.join(map(in_toml, columns))}]"


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True)
class Mended:
    """A mended table.

    Parameters
    ----------
    frame : pandas.DataFrame
        The columns and records that are left, in their order and under their index; cells that are
        not coarsened are those of the table.
    utility : Measures
        Family "mending": ``records_withheld``; ``cells_changed``, the share of the cells of the
        table that the copy does not have as they were; ``information_lost`` a ``column``, the share
        of its entropy over the records that are left, 1 where it is dropped.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"id": [1, 2], "age": [30, 40]})
    >>> mended = mend(table, {"drop": {"columns": ["id"]}})
    >>> list(mended.frame), mended.utility.value("information_lost", column="id")
    (['age'], 1.0)
    """

    frame: pd.DataFrame
    utility: Measures


def mend(
    frame: pd.DataFrame | TableRelease,
    plan: MendingPlan | Mapping[str, Any] | str | os.PathLike[str],
    *,
    reading: Reading | None = None,
) -> Mended:
    """Return the copy of a table that a plan describes, and what it costs.

    Columns are dropped, then coarsened, then records are withheld until every class holds as many
    as it has to, and none or `MendingPlan.at_least` of them are. A cell of a coarsened column that
    cannot be coarsened is blank in the copy.

    Parameters
    ----------
    frame : pandas.DataFrame or TableRelease
        Left as it is.
    plan : MendingPlan, mapping or path
        See `read_plan`.
    reading : Reading, optional
        How cells are read, as for `privaudit.tables.measure.measure`.

    Returns
    -------
    Mended
        The copy, and in ``utility`` what it costs.

    Raises
    ------
    SchemaError
        A column is not there, holds nothing that the plan could coarsen as it says, or no
        record or column would be left.
    ParameterError
        As `MendingPlan`.

    References
    ----------
    Gionis and Tassa (2009), the non-uniform entropy measure, over its greatest value.

    Examples
    --------
    >>> people = pd.DataFrame({"name": list("abcd"), "age": [31, 34, 38, 52]})
    >>> plan = {"drop": {"columns": ["name"]}, "coarsen": {"age": 10},
    ...         "withhold": {"below": 3, "key": ["age"], "at_least": 0}}
    >>> mended = mend(people, plan)
    >>> mended.frame["age"].tolist(), mended.utility.value("records_withheld")
    (['30–39', '30–39', '30–39'], 1.0)
    """
    if isinstance(frame, TableRelease):
        frame = frame.records
    an_instance(_WHO, "frame", frame, pd.DataFrame)
    chosen, how = read_plan(plan), reading or Reading()
    frame = frame.set_axis([str(column) for column in frame.columns], axis=1)
    columns_present(_WHO, "column of the plan", chosen.columns, frame.columns, "the table")
    columns_present(_WHO, "column", frame.columns, frame.columns, "the table")
    if set(frame.columns) <= set(chosen.drop):
        raise SchemaError.of(_WHO, "a plan that leaves a column", "all of them dropped")
    copy = frame.drop(columns=list(chosen.drop))
    for column, name in chosen.coarsen.items():
        copy[column] = _coarsened(frame[column], name, how)
    kept = np.arange(len(frame))
    if chosen.below > 1:
        kept = _in_large_classes(copy, frame, chosen, how)
    if not len(kept):
        do = "Coarsen or drop a key, or withhold fewer."
        raise SchemaError.of(_WHO, "a plan that leaves a record", "none left", do)
    left = copy.iloc[kept]
    return Mended(frame=left, utility=_utility(frame, left, kept, chosen))


def _coarsened(column: pd.Series, name: str | float, reading: Reading) -> pd.Series:
    """Return a column with each cell in its wider class; blank where it has none."""
    read, _ = read_column(column, reading, _WHO, measured=True)
    codes, levels = encode_column(read, _WHO)
    found = coarsening_called(name, codes, levels)
    labels = np.full(len(levels) + 1, None, dtype=object)
    share = 0.0
    if found is not None:
        by, fits = found
        share = float(fits[codes[codes >= 0]].mean())
        labels[np.flatnonzero(fits)] = _labels(by, levels[fits])
    if share < MOSTLY_DATES:
        needed = f"cells of '{column.name}' that can be coarsened by {name!r}"
        raise SchemaError.of(_WHO, needed, "others", "Name another coarsening, or drop it.")
    return pd.Series(labels[codes], index=column.index, name=column.name, dtype="str")


def _labels(by: Coarsening, levels: pd.Index) -> list[str]:
    """Return the wider class of each level as it is written in a copy."""
    what = by.what
    if what.key == "coarser_bands":
        width = float(what.values["width"])
        texts = pd.Series(levels.astype(str)).str.replace(",", ".")
        numbers = pd.Index(pd.to_numeric(texts))
        return [_band(low, width, numbers.dtype.kind in "iu") for low in by.widen(numbers)]
    wider = by.widen(levels)
    if what.key == "coarser_by_decade":
        return [f"{decade}0s" for decade in wider]
    if what.key == "coarser_neighbouring_bands":
        return _joined_bands(wider, levels)
    if what.key == "coarser_rare_together":
        return [OTHERS if w == OTHERS else str(v) for w, v in zip(wider, levels, strict=True)]
    return [str(label) for label in wider]


def _band(low: float, width: float, is_whole: bool) -> str:
    """Return a band by its ends: the last whole number in it, or where the next one begins."""
    last = low + width - 1 if is_whole and width == int(width) else low + width
    return f"{low:.10g}" if last == low else f"{low:.10g}–{last:.10g}"


def _joined_bands(group: Iterable[Any], levels: pd.Index) -> list[str]:
    """Return for each band the one that it and its neighbour make."""
    members: dict[Any, list[str]] = {}
    for number, level in zip(group, levels, strict=True):
        members.setdefault(number, []).append(str(level))
    ends = [[re.findall(r"\d+|\+", band) for band in members[number]] for number in group]
    first = [min(int(band[0]) for band in bands) for bands in ends]
    last = [max((b[-1] for b in bands), key=lambda end: float(end.replace("+", "inf")))
            for bands in ends]  # fmt: skip
    return [
        f"{low}{'' if high == '+' else '–'}{high}" for low, high in zip(first, last, strict=True)
    ]


def _in_large_classes(
    copy: pd.DataFrame, frame: pd.DataFrame, plan: MendingPlan, reading: Reading
) -> NDArray[np.int64]:
    """Return the records in classes of enough people, in their order."""
    key = [column for column in plan.key if column not in plan.drop]
    person, kept = _people(frame, plan, reading), np.arange(len(copy))
    whole: NDArray[np.int64] | None = None
    least: int | None = None
    while len(kept):
        # What a cell is may depend on the others: they are read again until nothing changes.
        read = [read_column(copy[c].iloc[kept], reading, _WHO, measured=True)[0] for c in key]
        codes = np.column_stack([encode_column(one, _WHO)[0] for one in read])
        whole = codes if whole is None else whole
        few = _in_small_class(codes, None if person is None else person[kept], plan)
        if not few.any():
            if least is None:
                least = _least_withheld(np.delete(classes(whole).label, kept), plan)
            as_written = whole[:, [column not in plan.coarsen for column in key]]
            few = _others_withheld(as_written, classes(codes).label, kept, least, plan)
            if not few.any():
                break
        kept = kept[~few]
    return kept


def _others_withheld(
    levels: NDArray[np.int64],
    label: NDArray[np.int64],
    kept: NDArray[np.int64],
    least: int,
    plan: MendingPlan,
) -> Bools:
    """Return which of the kept records go, so that nothing says how few are withheld.

    They are of the largest class: no other was larger, so that nothing says how many it lost. Those
    of the levels of a key that a report of the table does not name go first, if these lost few:
    what all of them lost is what they had together, less what they have in the copy.
    """
    gone = np.delete(np.arange(len(levels)), kept)
    among, short = np.ones(len(kept), dtype=bool), least - len(gone)
    for level in levels.T:
        unnamed = np.append(~apart(np.bincount(level[level >= 0])), False)[level]  # no blank
        lost = int(unnamed[gone].sum())
        if 0 < lost < plan.at_least and unnamed[kept].any():
            among, short = unnamed[kept], plan.at_least - lost
    of_largest = among & (label == np.bincount(label[among]).argmax())
    few: Bools = of_largest & (np.cumsum(of_largest) <= short)
    return few


def _least_withheld(few: NDArray[np.int64], plan: MendingPlan) -> int:
    """Return how many records are to be withheld where those of some small classes are.

    Who holds the copy, and a report of the table, knows how many records and classes are gone. Of
    each class one record is gone at least, and fewer than `plan.below`: the number of all must not
    be near either end, nor under `plan.at_least`.

    Examples
    --------
    >>> plan = MendingPlan(below=5, key=["place"])
    >>> [_least_withheld(np.repeat([0, 1, 2], each), plan) for each in (0, 1, 2, 3, 4)]
    [0, 11, 11, 12, 12]
    """
    gone, some = len(few), len(np.unique(few))
    if not gone or not plan.at_least:
        return 0
    most = some * (plan.below - 1)
    near = most if gone <= most < gone + ROOM_OF_LEVELS else 0
    return max(gone, plan.at_least, some + ROOM_OF_LEVELS, near)


def _people(frame: pd.DataFrame, plan: MendingPlan, reading: Reading) -> NDArray[np.int64] | None:
    """Number the people of the records; None where each record is one."""
    if not plan.person:
        return None
    read = [read_column(frame[column], reading, _WHO)[0] for column in plan.person]
    return people_of(np.column_stack([encode_column(one, _WHO)[0] for one in read]))


def _in_small_class(
    codes: NDArray[np.int64], person: NDArray[np.int64] | None, plan: MendingPlan
) -> Bools:
    """Return which records are in a class of too few people, or of an unknown class."""
    label = classes(codes).label
    counted = np.arange(len(label))
    if person is not None:
        counted = np.unique(np.column_stack([label, person]), axis=0, return_index=True)[1]
    few: Bools = np.bincount(label[counted])[label] < plan.below
    return few if plan.missing == "value" else few | (codes < 0).any(axis=1)


def _utility(
    frame: pd.DataFrame, left: pd.DataFrame, kept: NDArray[np.int64], plan: MendingPlan
) -> Measures:
    """Measure what a copy lost."""
    withheld, same = len(frame) - len(kept), left.size
    lost = dict.fromkeys(plan.drop, 1.0)
    for column in plan.coarsen:
        before, after = frame[column].iloc[kept], left[column]
        alike = (before.astype("str") == after).fillna(value=False) | (before.isna() & after.isna())
        same -= len(kept) - int(alike.sum())
        lost[column] = _lost(before, after)
    rows = Rows(len(frame), "records")
    rows.add("records_withheld", withheld, "records", cell=True)
    # With it, the few records that a plan withheld could be counted.
    hidden: dict[str, Any] = {"unprinted": ("row",)} if 0 < withheld < SMALL_CELL else {}
    rows.add("cells_changed", 1 - same / frame.size, "share", of="cells", **hidden)
    for column, share in lost.items():
        part = {"column": column}
        rows.add("information_lost", share, "share", part=part, n=len(kept), of="values")
    return Measures(family="mending", rows=rows)


def _lost(before: pd.Series, after: pd.Series) -> float:
    """Return the share of the entropy of a column that its wider classes do not have."""
    first, then = (_entropy(encode_column(one, _WHO)[0]) for one in (before, after))
    return 1 - then / first if first > 0 else 0.0


def _entropy(codes: NDArray[np.int64]) -> float:
    share = np.bincount(codes + 1) / len(codes)
    share = share[share > 0]
    return float(-(share * np.log2(share)).sum())
