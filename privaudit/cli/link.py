"""`privaudit link`: a people table and a map in the same hands."""

from __future__ import annotations

import argparse
from pathlib import Path

from privaudit.cli.options import names, with_output, with_seed, write_report
from privaudit.cli.reading import with_sheet
from privaudit.release.files import formats

__all__ = ["add"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit link` and its options."""
    link = commands.add_parser(
        "link",
        help="lay a people table beside a map: what do both tell?",
        description="Say which dots of a map a people table names, and whom of the table the map "
        "locates, by place, by names and by other columns that both show; beside what chance "
        "alone would join. Counts only: no row is written.",
    )
    link.add_argument("table", type=Path, metavar="TABLE", help=formats("table"))
    link.add_argument("map", type=Path, metavar="MAP", help=f"{formats('dots')} of points")
    link.add_argument(
        "--addresses", type=Path, required=True, metavar="FILE", help="national address file"
    )
    link.add_argument(
        "--commune", action="listed", metavar="CODE", help="INSEE code, or several with commas"
    )
    link.add_argument("--crs", metavar="EPSG:N", help="projection of the points, when in metres")
    link.add_argument(
        "--share", action="listed", type=_pairs, metavar="A=B,C=D",
        help="columns that both show, the table's first (default: those that say so themselves)",
    )  # fmt: skip
    link.add_argument(
        "--absent", type=Path, metavar="FILE",
        help="people who are known not to be on the map, with the table's columns: the control",
    )  # fmt: skip
    with_sheet(link, of="of the table")
    with_sheet(link, "--map-sheet", of="of the map")
    with_output(link)
    with_seed(link)
    link.set_defaults(run=run)


def _pairs(text: str) -> dict[str, str]:
    """Read pairs of columns."""
    pairs = [tuple(one.split("=")) for one in names(text)]
    if not pairs or not all(len(pair) == 2 and all(pair) for pair in pairs):
        raise argparse.ArgumentTypeError("pairs of columns, such as soutien=support")
    return {first.strip(): second.strip() for first, second in pairs}


def run(options: argparse.Namespace) -> None:
    """Lay one beside the other, write the report, and print where it is."""
    from privaudit.reporting.write import check_output
    from privaudit.studies.link_releases import SeizedPair, audit_link

    check_output(options.out)
    seized = SeizedPair(
        table=options.table, dots=options.map, addresses=options.addresses,
        commune=options.commune, crs=options.crs, shared=options.share, absent=options.absent,
        sheet=options.sheet, map_sheet=options.map_sheet,
    )  # fmt: skip
    write_report(audit_link(seized, seed=options.seed), options)
