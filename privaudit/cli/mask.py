"""`privaudit mask`: write a masked copy of a map."""

from __future__ import annotations

import argparse

from privaudit.cli.options import tell


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
        keep=options.keep,
        seed=options.seed,
    )
    tell(f"masked map: {options.out}, {written.dots - written.suppressed:,} points")
