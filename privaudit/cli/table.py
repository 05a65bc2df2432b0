"""`privaudit table`: measure a real table of profiles."""

from __future__ import annotations

import argparse
from pathlib import Path

from privaudit.cli.options import names, with_output, write_report
from privaudit.cli.reading import reading_of, with_reading
from privaudit.release.files import formats
from privaudit.roles import MISSING

__all__ = ["add"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit table` and its options."""
    table = commands.add_parser(
        "table",
        help="measure a real table of profiles",
        description="Measure how a table singles people out: class sizes, k, uniques, "
        "prosecutor, journalist and marketer risk, distinct l.",
    )
    table.add_argument("file", type=Path, metavar="FILE", help=formats("table"))
    _with_columns(table)
    _with_files(table)
    _with_map(table)
    with_reading(table)
    with_output(table)
    table.set_defaults(run=run)


def _with_columns(table: argparse.ArgumentParser) -> None:
    """Add what each column is, and how its blanks are read."""
    table.add_argument(
        "--key",
        action="listed",
        default="",
        metavar="A,B",
        help="key variables, with commas: what may be known (default: those of an export of "
        "NationBuilder, VAN or OSDI, else those that privaudit inspect proposes)",
    )
    table.add_argument(
        "--sensitive", action="listed", default="", metavar="A,B", help="sensitive columns"
    )
    table.add_argument(
        "--identifier",
        action="listed",
        default="",
        metavar="A,B",
        help="columns that name a person: whoever has several records counts once, by the riskiest",
    )
    table.add_argument("--weight", metavar="W", help="sampling weight of each record")
    table.add_argument(
        "--missing",
        choices=MISSING,
        default="likely",
        help="what a missing key variable is: what it likely hides, as records that share the "
        "other keys show it (default), anything, a value of its own; or leave its record out",
    )
    table.add_argument(
        "--ordered",
        action="listed",
        metavar="A,B",
        help="sensitive columns whose values have an order: numbers, dates, bands (default: dates, "
        "and numbers but for whole ones of few values)",
    )
    table.add_argument("--household", metavar="H", help="column that says who lives together")


def _with_files(table: argparse.ArgumentParser) -> None:
    """Add the files beside, and how much is asked of the table."""
    table.add_argument(
        "--population", type=Path, metavar="FILE", help="everybody the people of FILE come from"
    )
    table.add_argument(
        "--sampling-fraction", type=float, metavar="F", help="share of the population in FILE"
    )
    table.add_argument(
        "--contributions",
        action="store_true",
        help="also measure with each key variable left out, and coarsened, and say which of "
        "its values single records out",
    )
    table.add_argument(
        "--memory-limit",
        metavar="SIZE",
        help="such as 1GB: count FILE on the disk, holding no more than that; a file of more than "
        "50 MB or a million records is counted there anyhow, and the report says what that costs",
    )
    table.add_argument(
        "--original", type=Path, metavar="FILE", help="people suspected to be in FILE, a release"
    )
    table.add_argument(
        "--holdout", type=Path, metavar="FILE",
        help="people like them who are not in it: FILE is attacked (singling out, linkability, "
        "inference, membership), always beside these",
    )  # fmt: skip
    table.add_argument(
        "--left", action="listed", default="", metavar="A,B",
        help="columns that somebody has of a person in one file, as --right in another, none in "
        "both: are the two entries joined through FILE? With --original and --holdout",
    )  # fmt: skip
    table.add_argument("--right", action="listed", default="", metavar="C,D", help="see --left")


def _with_map(table: argparse.ArgumentParser) -> None:
    """Add a map whose dots the table may name."""
    table.add_argument(
        "--addresses", type=Path, metavar="FILE", help="national address file: are the people's "
        "addresses in it, and alone there?",
    )  # fmt: skip
    table.add_argument("--commune", metavar="CODE", help="INSEE code of the commune in it")
    table.add_argument(
        "--map", type=Path, metavar="FILE", help="map of dots on addresses that FILE may name"
    )


def run(options: argparse.Namespace) -> None:
    """Measure a table, write the report, and print where it is."""
    from privaudit.reporting.write import check_output
    from privaudit.roles import Roles
    from privaudit.studies.audit_table import audit_table
    from privaudit.studies.release_attacks import Beside

    check_output(options.out)
    roles = Roles(
        identifier=names(options.identifier),
        key=names(options.key),
        sensitive=names(options.sensitive),
        weight=options.weight,
        ordered=None if options.ordered is None else names(options.ordered),
    )
    study = audit_table(
        options.file,
        roles,
        contributions=options.contributions,
        missing=options.missing,
        sampling_fraction=options.sampling_fraction,
        household=options.household,
        memory_limit=options.memory_limit,
        reading=reading_of(options),
        beside=Beside(
            population=options.population,
            original=options.original,
            holdout=options.holdout,
            left=names(options.left),
            right=names(options.right),
            addresses=options.addresses,
            commune=options.commune,
            dots=options.map,
        ),
    )
    write_report(study, options)
