"""The command line: the library's studies, with bars on a terminal and one line for an error."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit import __version__
from privaudit.errors import ParameterError, PrivauditError

if TYPE_CHECKING:
    from privaudit._core.cache import Store

__all__ = ["main"]

MASKS = (
    "none, unknown, donut:50:200, disk:200, gaussian:100, bimodal:100:30, laplace:0.01, grid:200, "
    "hex:200, quadtree:11, voronoi, swap:50:200, adaptive:5:50, optimal:0.01:100, persistent:MASK"
)
RUNGS = (
    "nearest, knows_mask, knows_electors, knows_results, holds_register, neighbour, unknown_mask"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 done, 2 bad input, 1 a fault of ours.

    Examples
    --------
    >>> main(["table", "absent.csv", "--key", "age,sex", "--out", "audit"])
    2
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except PrivauditError as error:
        print(f"privaudit: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("privaudit: stopped; nothing was written", file=sys.stderr)
        return 130
    except Exception as error:
        if os.environ.get("PRIVAUDIT_DEBUG"):
            raise
        # The text of an unforeseen error may quote a cell of the file, so only its place is shown.
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        print(
            f"privaudit: a fault of the program, {type(error).__name__} at {place}; "
            "PRIVAUDIT_DEBUG=1 shows it in full (it may quote cells of the file)",
            file=sys.stderr,
        )
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="privaudit",
        description="If this profile table or this door-to-door map leaked, who would be found, "
        "at which door, and how sure would the finder be?",
    )
    parser.add_argument("--version", action="version", version=f"privaudit {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _demo_command(commands)
    _map_command(commands)
    _mask_command(commands)
    _table_command(commands)
    _cache_command(commands)
    return parser


def _with_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="report's folder")
    parser.add_argument("--lang", choices=("en", "fr"), default="en", help="language (default en)")
    parser.add_argument("--seed", type=int, default=7, help="seed of every draw (default 7)")


def _with_cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="folder of simulated stages (default: user's)"
    )


def _demo_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = commands.add_parser(
        "demo",
        help="simulate a town, a campaign and a leak, attack it, write the report",
        description="Simulate a town and a campaign, publish its map and its table, attack them "
        "and write the report. With --addresses, the same fictional people live at the real "
        "addresses of a commune, and the report maps areas only.",
    )
    demo.add_argument(
        "--inhabitants",
        type=int,
        metavar="N",
        help="people of the town (default 20000; with --cells, what the cells hold)",
    )
    demo.add_argument("--addresses", type=Path, metavar="FILE", help="national address file")
    demo.add_argument("--commune", metavar="CODE", help="INSEE code of the commune in FILE")
    demo.add_argument(
        "--cells", type=Path, metavar="FILE", help="households in 200 m cells (CSV of INSEE)"
    )
    _with_output(demo)
    _with_cache(demo)
    demo.add_argument("--no-cache", action="store_true", help="make every stage anew")
    demo.set_defaults(run=_demo)


def _map_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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
        help="CSV, Parquet or GeoJSON of points; a PNG or JPEG; or copies of a map, oldest first",
    )
    leak.add_argument(
        "--addresses", type=Path, required=True, metavar="FILE", help="national address file"
    )
    leak.add_argument("--commune", metavar="CODE", help="INSEE code, or several with commas")
    leak.add_argument("--crs", metavar="EPSG:N", help="projection of the points, when in metres")
    leak.add_argument(
        "--mask", default="unknown", metavar="SPEC", help=f"{MASKS} (default unknown)"
    )
    leak.add_argument("--adversary", metavar="RUNG", help=f"one rung only: {RUNGS}")
    leak.add_argument(
        "--register", type=Path, metavar="FILE", help="names by address_id, for holds_register"
    )
    leak.add_argument(
        "--results", type=Path, metavar="FILE", help="results by station, for knows_results"
    )
    leak.add_argument(
        "--bbox",
        type=_numbers,
        metavar="W,S,E,N",
        help="edges of a screenshot in metres; without it and --clicks it is worked out",
    )
    leak.add_argument(
        "--clicks", type=Path, metavar="FILE", help="table of column,row,x,y on a screenshot"
    )
    leak.add_argument(
        "--reveal-rows",
        action="store_true",
        help="also write tables/dots.csv, one row a dot; the report's header says so",
    )
    _with_output(leak)
    leak.set_defaults(run=_map)


def _mask_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    mask = commands.add_parser(
        "mask",
        help="write a masked copy of a map of points",
        description="Write a copy of a map with its points moved, and its recipe beside it. Only "
        "positions are written, and the columns that --keep names.",
    )
    mask.add_argument("file", type=Path, metavar="FILE", help="CSV, Parquet or GeoJSON of points")
    mask.add_argument("--mask", required=True, metavar="SPEC", help=MASKS)
    mask.add_argument("--out", type=Path, required=True, metavar="FILE", help=".csv or .geojson")
    mask.add_argument("--addresses", type=Path, metavar="FILE", help="for masks that need them")
    mask.add_argument("--commune", metavar="CODE", help="INSEE code, or several with commas")
    mask.add_argument("--crs", metavar="EPSG:N", help="projection of the points, when in metres")
    mask.add_argument("--keep", default="", metavar="A,B", help="columns to write besides")
    mask.add_argument(
        "--seed", type=int, help="to make the same copy again; whoever knows it can undo the mask"
    )
    mask.set_defaults(run=_mask)


def _table_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    table = commands.add_parser(
        "table",
        help="measure a real table of profiles",
        description="Measure how a table singles people out: class sizes, k, uniques, "
        "prosecutor, journalist and marketer risk, distinct l.",
    )
    table.add_argument("file", type=Path, metavar="FILE", help="CSV, Parquet or GeoJSON")
    table.add_argument(
        "--key", required=True, metavar="A,B", help="key variables, with commas: what may be known"
    )
    table.add_argument("--sensitive", default="", metavar="S", help="sensitive columns")
    table.add_argument("--weight", metavar="W", help="sampling weight of each record")
    table.add_argument(
        "--missing",
        choices=("wildcard", "value", "exclude"),
        default="wildcard",
        help="what a missing key variable is (default wildcard: it may be anything)",
    )
    table.add_argument(
        "--population", type=Path, metavar="FILE", help="everybody the people of FILE come from"
    )
    table.add_argument(
        "--sampling-fraction", type=float, metavar="F", help="share of the population in FILE"
    )
    table.add_argument("--household", metavar="H", help="column that says who lives together")
    table.add_argument(
        "--contributions",
        action="store_true",
        help="also measure with each key variable left out",
    )
    _with_output(table)
    table.set_defaults(run=_table)


def _cache_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    cache = commands.add_parser("cache", help="say what the cache holds, or clear it")
    _with_cache(cache)
    cache.add_argument("--clear", action="store_true", help="forget every stage")
    cache.set_defaults(run=_cache)


def _demo(options: argparse.Namespace) -> None:
    from privaudit._core.progress import progress
    from privaudit.reporting.write import check_output, report
    from privaudit.studies.demo import DEMO_PARTS, demo, town_of

    if options.addresses is None and (options.commune or options.cells):
        raise ParameterError("demo: --commune and --cells need --addresses FILE. Add it.")
    if options.addresses is not None and options.commune is None:
        raise ParameterError("demo: --addresses needs --commune CODE, such as 94042. Add it.")
    check_output(options.out)
    town = town_of(
        inhabitants=options.inhabitants,
        addresses=options.addresses,
        commune=options.commune,
        cells=options.cells,
    )
    store = None if options.no_cache else _store(options.cache)
    try:
        with progress("privaudit demo", DEMO_PARTS) as tick:
            study = demo(town, seed=options.seed, cache=store, tick=tick)
            tick("report")
            page = report(study, options.out, lang=options.lang)
    finally:
        if store is not None:
            store.close()
    if store is not None and store.hits:
        print(f"reused from the cache: {', '.join(store.hits)}")
    _say_where(page)


def _map(options: argparse.Namespace) -> None:
    from privaudit._core.progress import progress
    from privaudit.reporting.write import check_output, report
    from privaudit.studies.audit_map import MAP_PARTS, audit_map

    check_output(options.out)
    with progress("privaudit map", MAP_PARTS) as tick:
        study, rows = audit_map(
            options.leaks,
            addresses=options.addresses,
            commune=options.commune,
            crs=options.crs,
            mask=options.mask,
            adversary=options.adversary,
            register=options.register,
            results=options.results,
            bbox=options.bbox,
            clicks=options.clicks,
            reveal_rows=options.reveal_rows,
            seed=options.seed,
            tick=tick,
        )
        tick("report")
        page = report(study, options.out, lang=options.lang, extra_tables=rows)
    _say_where(page)


def _mask(options: argparse.Namespace) -> None:
    from privaudit.studies.mask_file import mask_file

    written = mask_file(
        options.file,
        mask=options.mask,
        out=options.out,
        addresses=options.addresses,
        commune=options.commune,
        crs=options.crs,
        keep=_names(options.keep),
        seed=options.seed,
    )
    print(f"masked map: {options.out}, {written.dots - written.suppressed:,} points")


def _table(options: argparse.Namespace) -> None:
    from privaudit.reporting.write import check_output, report
    from privaudit.studies.audits import audit_table

    check_output(options.out)
    study = audit_table(
        options.file,
        key=_names(options.key),
        sensitive=_names(options.sensitive),
        weight=options.weight,
        missing=options.missing,
        population=options.population,
        sampling_fraction=options.sampling_fraction,
        household=options.household,
        contributions=options.contributions,
    )
    _say_where(report(study, options.out, lang=options.lang))


def _cache(options: argparse.Namespace) -> None:
    store = _store(options.cache)
    try:
        if options.clear:
            print(f"{store.clear()} stages forgotten in {store.directory}")
        else:
            held = store.summary()
            size = held["bytes"] / 1e6
            print(f"{held['stages']} simulated stages, {size:.1f} MB, in {store.directory}")
    finally:
        store.close()


def _store(directory: Path | None) -> Store:
    from privaudit._core.cache import Store, default_directory

    return Store(directory or default_directory())


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _numbers(text: str) -> tuple[float, ...]:
    numbers = tuple(float(part) for part in text.split(","))
    if len(numbers) != 4:
        raise argparse.ArgumentTypeError("four numbers with commas: west,south,east,north")
    return numbers


def _say_where(page: Path) -> None:
    print(f"report: {page}")
