"""`privaudit country`: how many residents place, sex and birth single out."""

from __future__ import annotations

import argparse
from pathlib import Path

from privaudit.cli.options import names, with_output, write_report

__all__ = ["add"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit country` and its options."""
    country = commands.add_parser(
        "country",
        help="say how many residents place, sex and birth single out",
        description="Expected share of the residents of a country who are the only ones of their "
        "place with their sex and birth, from public counts. Nobody's data are read.",
    )
    country.add_argument(
        "--population", type=Path, required=True, metavar="FILE", help="residents by commune (CSV)"
    )
    country.add_argument(
        "--by",
        action="listed",
        type=names,
        default=("commune", "sex", "birth_date"),
        metavar="A,B",
        help="what is known: one place (commune, departement, region, country), one birth "
        "(birth_date, birth_month, birth_year), and sex or not (default commune,sex,birth_date)",
    )
    country.add_argument(
        "--pyramid", type=Path, metavar="FILE", help="residents by sex and age (default France)"
    )
    country.add_argument("--year", type=int, metavar="Y", help="of the pyramid (default the last)")
    country.add_argument(
        "--collectivities", action="store_true", help="keep the overseas collectivities"
    )
    with_output(country)
    country.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Count, write the report, and print where it is."""
    from privaudit.reporting.write import check_output
    from privaudit.studies.audit_country import audit_country

    check_output(options.out)
    study = audit_country(
        options.population,
        by=options.by,
        pyramid=options.pyramid,
        year=options.year,
        collectivities=options.collectivities,
    )
    write_report(study, options)
