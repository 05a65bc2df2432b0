"""The study of a country: how many are alone in their commune with their sex and birth date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit.exposure.country import population_uniqueness
from privaudit.places.country import PACKAGED_PYRAMID, read_communes, read_pyramid
from privaudit.results.measures import Measures
from privaudit.studies.commands import command_line
from privaudit.studies.study import Input, Study, source_notes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BY", "audit_country"]

BY = ("commune", "sex", "birth_date")


def audit_country(
    population: str | Path,
    *,
    by: Iterable[str] = BY,
    pyramid: str | Path | None = None,
    year: int | None = None,
    collectivities: bool = False,
) -> Study:
    """Count whom place, sex and birth single out in a country, and return the study.

    Parameters
    ----------
    population : path
        How many people live in each commune, as `read_communes` takes it.
    by : iterable of str
        What somebody knows, as for `population_uniqueness`.
    pyramid : path, optional
        Residents by sex and age, as `read_pyramid` takes it; France in 2024 where not given.
    year : int, optional
        Of the pyramid; the last one where not given.
    collectivities : bool
        Keep the communes of the overseas collectivities.

    Returns
    -------
    Study
        Families ``country``, and ``country_mended``: the same where one thing is told less well.

    Raises
    ------
    ParameterError, SchemaError, ReadError
        As the readers and `population_uniqueness`.
    """
    known = (by,) if isinstance(by, str) else tuple(by)
    communes = read_communes(population, collectivities=collectivities)
    ages: pd.DataFrame = read_pyramid(pyramid, year=year)
    found = population_uniqueness(communes, ages, by=known)
    mended = _mended(communes, ages, known, found.value("unique"))
    file = Path(population)
    given = None if pyramid is None else Path(pyramid)
    inputs = (
        Input(path=file, role="population", source="insee_communes"),
        Input(path=given or Path(PACKAGED_PYRAMID), role="pyramid", source="insee_pyramid"),
    )
    return Study(
        kind="country",
        title=file.name,
        provenance=found.provenance,
        real_places=True,
        measures={"country": found, "country_mended": mended},
        notes=(*found.notes, *source_notes(inputs)),
        command=command_line(
            "country",
            [],
            population=file,
            by=known,
            pyramid=pyramid,
            year=year,
            collectivities=collectivities,
        ),
        inputs=inputs,
        recipe={"by": list(known), "year": year, "collectivities": collectivities},
    )


# What each thing that is known could be told as instead, and what that does to a file.
_LESS = {"commune": ("departement", "region"), "departement": ("region",),
         "birth_date": ("birth_month", "birth_year"), "birth_month": ("birth_year",)}  # fmt: skip


def _mended(
    communes: pd.DataFrame, ages: pd.DataFrame, known: tuple[str, ...], before: float
) -> Measures:
    """Say how many would be alone if one of the things known were told less well, or not at all."""
    less_well = {
        less: tuple(less if one == word else one for one in known)
        for word in known
        for less in _LESS.get(word, ())
        if less in communes.columns or less.startswith("birth")
    }
    if "sex" in known:
        less_well["no_sex"] = tuple(word for word in known if word != "sex")
    rows = [
        replace(
            population_uniqueness(communes, ages, by=by).row("unique"),
            part={"mended": word}, baseline=before,
        )
        for word, by in less_well.items()
    ]  # fmt: skip
    return Measures(family="country_mended", rows=rows, provenance="public counts")
