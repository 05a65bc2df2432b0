"""`privaudit demo`: simulate, campaign, leak, attack, report."""

from __future__ import annotations

import argparse
from pathlib import Path

from privaudit._core.checks import in_range
from privaudit.cli.options import open_store, with_cache, with_output, with_seed, write_report
from privaudit.cli.telling import tell
from privaudit.errors import ParameterError

__all__ = ["add"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit demo` and its options."""
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
    demo.add_argument(
        "--towns",
        type=int,
        default=20,
        metavar="N",
        help="towns simulated alike, whose range stands beside each headline (default 20; 1: none)",
    )
    demo.add_argument(
        "--workers", type=int, default=2, metavar="N", help="processes for them (default 2)"
    )
    demo.add_argument(
        "--sensitivity",
        action="store_true",
        help="also say how far the headlines move over the range of each assumption (minutes)",
    )
    with_output(demo)
    with_seed(demo)
    with_cache(demo)
    demo.add_argument("--no-cache", action="store_true", help="make every stage anew")
    demo.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Simulate, attack, write the report, and print where it is."""
    from privaudit._core.progress import progress
    from privaudit.reporting.write import check_output
    from privaudit.studies.demo import DEMO_PARTS, Scene, demo
    from privaudit.studies.sensitivity import SENSITIVITY_RUNS

    if options.addresses is None and (options.commune or options.cells):
        raise ParameterError("demo: --commune and --cells need --addresses FILE. Add it.")
    if options.addresses is not None and options.commune is None:
        raise ParameterError("demo: --addresses needs --commune CODE, such as 94042. Add it.")
    in_range("demo", "--towns", options.towns, 1)
    in_range("demo", "--workers", options.workers, 1)
    check_output(options.out)
    scene = Scene(
        inhabitants=options.inhabitants,
        addresses=options.addresses,
        commune=options.commune,
        cells=options.cells,
    )
    store = None if options.no_cache else open_store(options.cache)
    parts = DEMO_PARTS + (SENSITIVITY_RUNS if options.sensitivity else 0)
    try:
        with progress("privaudit demo", parts) as tick:
            study = demo(
                scene,
                seed=options.seed,
                towns=options.towns,
                assumptions=options.sensitivity,
                workers=options.workers,
                cache=store,
                tick=tick,
            )
            tick("report")
            write_report(study, options)
    finally:
        if store is not None:
            store.close()
    if store is not None and store.hits:
        tell(f"reused from the cache: {', '.join(store.hits)}")
