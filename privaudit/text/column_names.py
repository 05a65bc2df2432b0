"""Find the columns that a caller names, in whichever spelling."""

from __future__ import annotations

from collections.abc import Iterable

from privaudit.text.normalise import fold


def columns_named(names: Iterable[str], columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that names stand for.

    A column of exactly that name goes first; else the only one that is the same when folded. A
    name that stands for no column, or for several, comes back as it is, for its caller to refuse.

    Parameters
    ----------
    names : iterable of str
        As a caller types them.
    columns : iterable of str
        Of a file or frame.

    Examples
    --------
    >>> columns_named(["AGE", "l\u2019avis", "sex"], ["age", "l'avis", "sexe"])
    ('age', "l'avis", 'sex')
    >>> columns_named(["aGE"], ["age", "Age"])
    ('aGE',)
    """
    have = [str(column) for column in columns]
    asked = list(names)
    if {*asked} <= {*have}:
        return tuple(asked)
    known: dict[str, str] = {}
    for column in have:
        key = fold(column)
        known[key] = "" if key in known else column
    return tuple(name if name in have else known.get(fold(name)) or name for name in asked)


def columns_as_named(names: Iterable[str], columns: Iterable[str]) -> list[str]:
    """Return columns under the names that a caller gives them.

    Other columns keep their names; see `columns_named`.

    Examples
    --------
    >>> columns_as_named(["AGE"], ["sex", "age"])
    ['sex', 'AGE']
    """
    have, asked = [str(column) for column in columns], list(names)
    given: dict[str, str] = {}
    for name, column in zip(asked, columns_named(asked, have), strict=True):
        given.setdefault(column, name)
    return [given.get(column, column) for column in have]
