"""`privaudit demo`: simulate, campaign, leak, attack, report."""

from __future__ import annotations

import argparse

from privaudit.cli.options import open_store, parameters, tell, write_report
from privaudit.core.checks import in_range
from privaudit.errors import ParameterError


def run(options: argparse.Namespace) -> None:
    """Simulate, attack, write the report, and print where it is."""
    from privaudit.core.progress import progress
    from privaudit.report.write import check_output
    from privaudit.studies.demo import DEMO_PARTS, Scene, demo
    from privaudit.studies.sensitivity import SENSITIVITY_RUNS

    if options.addresses is None and (options.commune or options.cells):
        raise ParameterError("demo: --commune and --cells need --addresses FILE. Add it.")
    if options.addresses is not None and options.commune is None:
        raise ParameterError("demo: --addresses needs --commune CODE, such as 94042. Add it.")
    in_range("demo", "--towns", options.towns, 1)
    in_range("demo", "--workers", options.workers, 1)
    check_output(options.out)
    scene = Scene(**parameters(Scene, options))
    store = None if options.no_cache else open_store(options.cache)
    parts = DEMO_PARTS + (SENSITIVITY_RUNS if options.assumptions else 0)
    try:
        with progress("privaudit demo", parts) as tick:
            study = demo(
                scene,
                seed=options.seed,
                towns=options.towns,
                assumptions=options.assumptions,
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
