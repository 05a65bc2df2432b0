"""`privaudit mask`: write a masked copy of a map."""

from __future__ import annotations

import argparse
from pathlib import Path

from privaudit.cli.options import MaskOption, names, seed
from privaudit.cli.telling import tell
from privaudit.release.files import formats

__all__ = ["add"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit mask` and its options."""
    mask = commands.add_parser(
        "mask",
        help="write a masked copy of a map of points",
        description="Write a copy of a map with its points moved, and its recipe beside it. Only "
        "positions are written, and the columns that --keep names.",
    )
    mask.add_argument("file", type=Path, metavar="FILE", help=f"{formats('dots')} of points")
    mask.add_argument("--mask", required=True, metavar="SPEC", action=MaskOption)
    mask.add_argument("--out", type=Path, required=True, metavar="FILE", help=".csv or .geojson")
    mask.add_argument("--addresses", type=Path, metavar="FILE", help="for masks that need them")
    mask.add_argument(
        "--commune", action="listed", metavar="CODE", help="INSEE code, or several with commas"
    )
    mask.add_argument("--crs", metavar="EPSG:N", help="projection of the points, when in metres")
    mask.add_argument(
        "--keep", action="listed", default="", metavar="A,B", help="columns to write besides"
    )
    mask.add_argument(
        "--seed",
        type=seed,
        help="to make the same copy again; whoever knows it can undo the mask",
    )
    mask.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Write a masked copy of a map and its recipe."""
    from privaudit.studies.mask_file import mask_file

    written = mask_file(
        options.file,
        mask=options.mask,
        out=options.out,
        addresses=options.addresses,
        commune=options.commune,
        crs=options.crs,
        keep=names(options.keep),
        seed=options.seed,
    )
    tell(f"masked map: {options.out}, {written.dots - written.suppressed:,} points")
