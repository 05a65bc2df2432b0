"""How many residents of a country are alone in their commune with their sex and birth date."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import an_instance, columns_present, listed, one_of, say
from privaudit._core.policy import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.note import Note

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["population_uniqueness"]

_PLACES = ("commune", "departement", "region", "country")
_BIRTHS = ("birth_date", "birth_month", "birth_year")
_SHARES: tuple[tuple[str, int, dict[str, int]], ...] = (
    ("unique", 2, {}),
    ("class_under", 5, {"threshold": 5}),
    ("class_under", SMALL_CELL, {"threshold": SMALL_CELL}),
)


def population_uniqueness(
    communes: pd.DataFrame,
    pyramid: pd.DataFrame | None = None,
    *,
    by: Iterable[str] = ("commune", "sex", "birth_date"),
) -> Measures:
    """Return the expected share of residents who are unique by place, sex and birth.

    The n residents of a place are spread over its cells (a sex, a birth) with the pyramid's
    probabilities p, and ``share = sum_c p_c (1 - p_c)^(n - 1)``: exact under that model. With
    equal cells and n people in d of them it is about ``exp(-n / d)``.

    Parameters
    ----------
    communes : pandas.DataFrame
        One row a commune: commune, departement, region, population, as `read_communes` gives
        them; only the columns that `by` needs.
    pyramid : pandas.DataFrame, optional
        As `read_pyramid` gives it; that of France in 2024 where not given. Only its shape
        counts, not its total.
    by : iterable of str
        What somebody knows: one place (commune, departement, region, country), one birth
        (birth_date, birth_month, birth_year), and sex or not.

    Returns
    -------
    Measures
        Family "country": ``unique``, and ``class_under`` of a ``threshold`` of 5 and
        `SMALL_CELL`: the
        share of residents who are alone, among fewer than 5, fewer than `SMALL_CELL` people
        (denominator:
        residents; 0 = safe). Upper bounds: in truth somewhat fewer are. ``per_record``: one row
        a place: place, departement where known, residents, and the shares ``unique``,
        ``class_under_5``, ``class_under_11``.

    Raises
    ------
    ParameterError
        `by` has no place or no birth, two of one, or a word that is none of these.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> village = pd.DataFrame({"commune": ["00001"], "population": [460]})
    >>> round(population_uniqueness(village).value("unique"), 3)
    0.993
    """
    import pandas as pd

    from privaudit.measures.tables.population_cells import class_share
    from privaudit.places.country import birth_cells, read_pyramid, whole_counts

    who = "population_uniqueness"
    an_instance(who, "communes", communes, pd.DataFrame, "Use read_communes.")
    if pyramid is not None:
        an_instance(who, "pyramid", pyramid, pd.DataFrame, "Use read_pyramid.")
    place, birth, sex = _chosen(by)
    needed = ["population"] if place == "country" else [place, "population"]
    columns_present(who, "column", needed, communes.columns, "the communes")
    counted = whole_counts(communes["population"], who)
    places = _places(communes.assign(population=counted), place)
    people = places["residents"].to_numpy()
    probability, cells = birth_cells(
        read_pyramid() if pyramid is None else pyramid, birth=birth, sex=sex
    )
    total = float(people.sum())
    rows = Rows(int(total), "residents")
    # Neither chance nor the model's error is worth an interval: the one is nothing over so many
    # people, the other is not known.
    fields: dict[str, Any] = {"low": math.nan, "high": math.nan, "bound": "upper"}
    for word, below, part in _SHARES:
        share = class_share(people, probability, cells, below=below)
        places[word if not part else f"{word}_{below}"] = share
        rows.add(word, float(people @ share / total), "share", part=part, **fields)
    known = [word for word in (place, "sex" if sex else "", birth) if word]
    return Measures(
        family="country",
        rows=rows,
        per_record=places,
        provenance="public counts",
        notes=(Note("country_model"), Note("known_of_somebody", known=tuple(known))),
        recipe={"measure": "population_uniqueness", "by": known},
    )


def _chosen(by: Iterable[str]) -> tuple[str, str, bool]:
    who = "population_uniqueness"
    words = (by,) if isinstance(by, str) else listed(who, "by", by)
    for word in words:
        one_of(who, "by", word, (*_PLACES, "sex", *_BIRTHS))
    place = [word for word in words if word in _PLACES]
    birth = [word for word in words if word in _BIRTHS]
    if len(place) != 1 or len(birth) != 1 or words.count("sex") > 1:
        came = f"by={', '.join(words)}"
        raise ParameterError(say(who, "by with one place, one birth, and sex or not", came))
    return place[0], birth[0], "sex" in words


def _places(communes: pd.DataFrame, place: str) -> pd.DataFrame:
    """One row a place that has residents."""
    import pandas as pd

    if place == "country":
        whole = pd.DataFrame({"place": ["country"], "residents": [communes["population"].sum()]})
        return whole
    columns = {"residents": ("population", "sum")}
    if place == "commune" and "departement" in communes.columns:
        columns["departement"] = ("departement", "first")
    places = communes.groupby(place, as_index=False, sort=True, dropna=False).agg(**columns)
    places = places.rename(columns={place: "place"})
    if places["residents"].sum() <= 0:
        raise ParameterError(say("population_uniqueness", "communes with residents", "none"))
    order = [c for c in ("place", "departement", "residents") if c in places.columns]
    return places.loc[places["residents"] > 0, order].reset_index(drop=True)
