"""`privaudit traces`: how many known events single somebody of a real log out."""

from __future__ import annotations

import argparse

from privaudit.cli.options import parameters, reading_of, write_report


def run(options: argparse.Namespace) -> None:
    """Measure a log, write the report, and print where it is."""
    from privaudit.core.progress import progress
    from privaudit.report.write import check_output
    from privaudit.studies.audit_log import LOG_PARTS, InteractionLog, WorstPoints, audit_log

    check_output(options.out)
    log = InteractionLog(**parameters(InteractionLog, options), reading=reading_of(options))
    worst = WorstPoints(points=options.worst_points, tolerance=options.tolerance)
    with progress("privaudit traces", LOG_PARTS) as tick:
        study = audit_log(
            log,
            points=options.points,
            hours=options.hours,
            worst=worst,
            sample=options.sample,
            seed=options.seed,
            tick=tick,
        )
        tick("report")
        write_report(study, options)
