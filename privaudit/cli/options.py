"""What several commands share: options, and how their texts are read."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privaudit._core.cache import Store

__all__ = [
    "FILE_MASKS",
    "MASKS",
    "RUNGS",
    "four_numbers",
    "names",
    "open_store",
    "say_where",
    "seed",
    "with_cache",
    "with_output",
    "with_seed",
]

FILE_MASKS = (
    "none, donut:50:200, disk:200, gaussian:100, bimodal:100:30, laplace:0.01, grid:200, "
    "hex:200, quadtree:11, voronoi, swap:50:200, adaptive:5:50, "
    "optimal:0.005:500, persistent:donut:50:200"
)
# That of a map under attack may be one that nobody knows.
MASKS = f"unknown, {FILE_MASKS}"
RUNGS = (
    "nearest, knows_mask, knows_electors, knows_results, holds_versions, holds_register, "
    "neighbour, unknown_mask"
)


def with_output(parser: argparse.ArgumentParser) -> None:
    """Add where the report goes, and its language."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="report's folder")
    parser.add_argument("--lang", choices=("en", "fr"), default="en", help="language (default en)")


def with_seed(parser: argparse.ArgumentParser) -> None:
    """Add the seed of every draw."""
    parser.add_argument("--seed", type=seed, default=7, help="seed of every draw (default 7)")


def with_cache(parser: argparse.ArgumentParser) -> None:
    """Add where simulated stages are kept."""
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="folder of simulated stages (default: user's)"
    )


def open_store(directory: Path | None) -> Store:
    """Open the folder of simulated stages, the user's by default."""
    from privaudit._core.cache import Store, default_directory

    return Store(directory or default_directory())


def names(text: str) -> tuple[str, ...]:
    """Return the names between the commas of a text."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def seed(text: str) -> int:
    """Read a seed, a whole number of 0 or more."""
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError("a whole number, 0 or more")
    return int(text)


def four_numbers(text: str) -> tuple[float, ...]:
    """Read four numbers between commas."""
    numbers = tuple(float(part) for part in text.split(","))
    if len(numbers) != 4:
        raise argparse.ArgumentTypeError("four numbers with commas: west,south,east,north")
    return numbers


def say_where(page: Path) -> None:
    """Print where the report is."""
    print(f"report: {page}")
