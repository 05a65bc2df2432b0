"""`privaudit map`: attack a real map of points."""

from __future__ import annotations

import argparse
from pathlib import Path

from privaudit.cli.options import (
    MaybeMaskOption,
    RungOption,
    four_numbers,
    with_output,
    with_seed,
    write_report,
)
from privaudit.release.files import formats

__all__ = ["add"]


NOT_SWAPPED = "it is known that no dot was swapped with another address: no position tells"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit map` and its options."""
    leak = commands.add_parser(
        "map",
        help="attack a real map of points",
        description="Attack a map of points with the addresses around it. Nothing is predicted "
        "about anybody: what comes out is how well the points lead to doors.",
    )
    leak.add_argument(
        "leaks",
        type=Path,
        nargs="+",
        metavar="LEAK",
        help=f"{formats('dots')} of points; a screenshot (PNG, JPEG, WebP, GIF, BMP, TIFF); "
        "or copies, oldest first",
    )
    leak.add_argument(
        "--addresses", type=Path, required=True, metavar="FILE", help="national address file"
    )
    leak.add_argument("--commune", metavar="CODE", help="INSEE code, or several with commas")
    leak.add_argument("--crs", metavar="EPSG:N", help="projection of the points, when in metres")
    leak.add_argument("--mask", default="unknown", metavar="SPEC", action=MaybeMaskOption)
    leak.add_argument("--not-swapped", action="store_true", help=NOT_SWAPPED)
    leak.add_argument("--adversary", metavar="RUNG", action=RungOption)
    leak.add_argument(
        "--register", type=Path, metavar="FILE", help="names by address_id, for holds_register"
    )
    leak.add_argument(
        "--results", type=Path, metavar="FILE", help="results by station, for knows_results"
    )
    _with_picture(leak)
    leak.add_argument(
        "--link",
        metavar="COLUMN",
        help="column with the same value for a dot in every copy (default dot_id, if all have it)",
    )
    leak.add_argument(
        "--reveal-rows",
        action="store_true",
        help="also write tables/dots.csv, one row a dot; the report's header says so",
    )
    with_output(leak)
    with_seed(leak)
    leak.set_defaults(run=run)


def _with_picture(leak: argparse.ArgumentParser) -> None:
    """Add the options of a screenshot."""
    leak.add_argument(
        "--bbox",
        type=four_numbers,
        metavar="W,S,E,N",
        help="edges of a screenshot in the metres of the addresses (EPSG:2154 in mainland France); "
        "without it and --clicks the place is worked out",
    )
    leak.add_argument(
        "--clicks", type=Path, metavar="FILE", help="table of column,row,x,y on a screenshot"
    )
    leak.add_argument(
        "--colour",
        default="red",
        metavar="C",
        help="of a screenshot's dots to meet: red, blue, #1f77b4 and others (default red)",
    )
    leak.add_argument(
        "--marker",
        choices=("disc", "pin"),
        help="what marks a place on a screenshot (default: what it shows)",
    )


def run(options: argparse.Namespace) -> None:
    """Attack a real map, write the report, and print where it is."""
    from privaudit._core.progress import progress
    from privaudit.reporting.write import check_output
    from privaudit.studies.audit_map import MAP_PARTS, SeizedMap, audit_map

    check_output(options.out)
    seized = SeizedMap(
        leaks=options.leaks,
        addresses=options.addresses,
        commune=options.commune,
        crs=options.crs,
        mask=options.mask,
        swapped=not options.not_swapped,
        adversary=options.adversary,
        register=options.register,
        results=options.results,
        bbox=options.bbox,
        clicks=options.clicks,
        link=options.link,
        colour=options.colour,
        marker=options.marker,
    )
    with progress("privaudit map", MAP_PARTS) as tick:
        study, rows = audit_map(
            seized, reveal_rows=options.reveal_rows, seed=options.seed, tick=tick
        )
        tick("report")
        write_report(study, options, rows)
