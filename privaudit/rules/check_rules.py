"""`check_rules`: the rules of a day, held against a description and what a table holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.checks import kind_of, say
from privaudit._core.policy import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.release.release import Release
from privaudit.results.row import Row
from privaudit.rules.description import read_description
from privaudit.rules.facts import CHECKS, Checked, RuleFacts
from privaudit.rules.packs import day_of, rules_on
from privaudit.rules.rulings import Ruling, Rulings
from privaudit.tables.recognise import held, named_by_headers

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_rules", "diff_rules", "numbered_names", "without_names"]


def check_rules(
    found: Release | pd.DataFrame | None,
    description: Any,
    *,
    as_of: Any,
    measured: Mapping[str, Row] | None = None,
) -> Rulings:
    """Hold the rules of a day against a processing: an indication for an inspection, no opinion.

    Parameters
    ----------
    found : Release or pandas.DataFrame, optional
        What was read of the table or map; None: the description alone.
    description : path, mapping or Description
        What its holder says; see `privaudit.rules.description`. What it leaves out is not
        assessable, never met.
    as_of : date, or text such as "2016-11-08"
        The rules that held on that day are tested.
    measured : mapping of str to Row, optional
        Numbers that were measured elsewhere: ``people_seen``, ``wrong_doors``, ``severity``.

    Returns
    -------
    Rulings
        A verdict a rule: breach (an indication of one), concern, met (the criterion that was
        tested), not_assessable, not_applicable. Evidence is counts and names of columns.

    Raises
    ------
    ParameterError
        Another kind of release, or a day before the first pack.
    SchemaError
        The description is wrong, or names a column that the table does not have.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"support_level": [1, 2, 5], "consent": ["yes", "", "yes"]})
    >>> told = {"people": {"consent": "consent"}, "controller": {"type": "party"}}
    >>> found = check_rules(people, told, as_of="2018-05-25")
    >>> one = found["R02"]
    >>> one.verdict, one.checked.value, one.checked.n, one.checked.columns
    ('breach', 1, 3, ('support_level',))
    """
    import pandas as pd

    told = read_description(description)
    records = found.records if isinstance(found, Release) else found
    if records is not None and not isinstance(records, pd.DataFrame):
        do = "Use read_table or read_map."
        raise ParameterError(say("check_rules", "a Release or a frame", kind_of(found), do))
    if records is not None:
        told = told.for_columns(records.columns)
    known = {} if records is None else held(records)
    numbers = dict(measured or {})
    if not all(isinstance(one, Row) for one in numbers.values()):
        raise ParameterError(say("check_rules", "measured rows as Row", "another kind"))
    day = day_of(as_of)
    facts = RuleFacts(
        description=told, as_of=np.datetime64(day, "D"), records=records, held=known,
        measured=numbers,
    )  # fmt: skip
    odd = {} if records is None else numbered_names(records)
    rulings = (Ruling(r, without_names(odd, CHECKS[r.id](facts))) for r in rules_on(day))
    return Rulings(day, tuple(rulings))


def numbered_names(records: pd.DataFrame) -> dict[str, str]:
    """Number the columns whose header may be somebody's name: evidence never repeats it."""
    quiet = set(named_by_headers(records, least=SMALL_CELL))
    return {c: f"#{k + 1}" for k, c in enumerate(map(str, records.columns)) if c in quiet}


def without_names(odd: Mapping[str, str], checked: Checked) -> Checked:
    """Return what a check found, with columns of names by their numbers."""

    def called(path: str) -> str:
        name, _, field = path.removeprefix("columns.").rpartition(".")
        if path.startswith("columns.") and name in odd:
            return f"columns.{odd[name]}.{field}"
        return odd.get(path, path)

    return replace(checked, columns=tuple(map(called, checked.columns))) if odd else checked


def diff_rules(
    found: Release | pd.DataFrame | None,
    description: Any,
    *,
    as_of: Iterable[Any],
    measured: Mapping[str, Row] | None = None,
) -> pd.DataFrame:
    """Return the verdict of each rule on several days: how they move with the law.

    Parameters
    ----------
    found, description, measured
        As in `check_rules`.
    as_of : iterable of dates

    Returns
    -------
    pandas.DataFrame
        A row a rule, a column a day; "" where the rule does not hold.

    Examples
    --------
    >>> days = ["2016-11-08", "2018-05-25"]
    >>> told = {"decisions": {"automated": True, "human_step": False}}
    >>> moved = diff_rules(None, told, as_of=days)
    >>> moved.loc["R27"].tolist(), moved.loc["R10"].tolist()
    (['', 'concern'], ['not_assessable', ''])
    """
    import pandas as pd

    if isinstance(as_of, str) or not isinstance(as_of, Iterable):
        raise ParameterError(say("diff_rules", "days as as_of", kind_of(as_of)))
    days = {str(day_of(day)): day for day in as_of}
    parts = {
        name: {
            one.rule.id: one.verdict
            for one in check_rules(found, description, as_of=day, measured=measured)
        }
        for name, day in days.items()
    }
    frame = pd.DataFrame(parts).fillna("")
    return frame.sort_index(key=lambda ids: ids.str.replace("H", "Z"))
