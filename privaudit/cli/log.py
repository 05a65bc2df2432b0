"""`privaudit traces`: how many known events single somebody of a real log out."""

from __future__ import annotations

import argparse
from pathlib import Path

from privaudit.cli.options import names, with_output, with_seed, write_report
from privaudit.cli.reading import reading_of, with_reading
from privaudit.release.files import formats

__all__ = ["add"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit traces`, which is `privaudit log` too, and its options."""
    log = commands.add_parser(
        "traces",
        aliases=["log"],
        help="measure a real interaction log",
        description="Measure how many events that somebody happens to know single a person of a "
        "log out: likes, visits, ratings, calls. One row of the file is one event.",
    )
    log.add_argument(
        "file", type=Path, metavar="FILE", help=f"one row an event: {formats('traces')}"
    )
    log.add_argument("--person", required=True, metavar="P", help="column that says who")
    log.add_argument("--item", required=True, metavar="I", help="column that says with what")
    log.add_argument("--time", metavar="T", help="column of dates or timestamps")
    log.add_argument(
        "--at",
        metavar="DATE",
        help="where the log is cut in two: who is found again after it by what they did before "
        "(default: half of the events, where they span four weeks)",
    )
    log.add_argument("--value", metavar="V", help="column of ratings or amounts")
    log.add_argument(
        "--items-are-people", action="store_true", help="an item is a person too (calls, messages)"
    )
    log.add_argument(
        "--points",
        action="listed",
        type=_numbers,
        default=(1, 2, 3, 4, 8),
        metavar="N,N",
        help="how many events are known (default 1,2,3,4,8)",
    )
    log.add_argument(
        "--hours",
        type=float,
        metavar="H",
        help="the time of a known event is known to H hours (default: not at all, and to the day)",
    )
    log.add_argument(
        "--worst-points",
        type=int,
        default=2,
        metavar="N",
        help="how many of the worst events of each person are known: visits, how often or in which "
        "share they had an item, or in which order (default 2; 0: do not ask)",
    )
    log.add_argument(
        "--tolerance",
        type=float,
        default=0.0,
        metavar="T",
        help="by how much a known count or share may be off (default 0: exact; .1: a tenth)",
    )
    log.add_argument(
        "--sample", type=int, default=1_000, metavar="N", help="people looked for (default 1000)"
    )
    with_reading(log)
    with_output(log)
    with_seed(log)
    log.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Measure a log, write the report, and print where it is."""
    from privaudit._core.progress import progress
    from privaudit.reporting.write import check_output
    from privaudit.studies.audit_log import LOG_PARTS, InteractionLog, WorstPoints, audit_log

    check_output(options.out)
    log = InteractionLog(
        file=options.file,
        person=options.person,
        item=options.item,
        time=options.time,
        value=options.value,
        at=options.at,
        items_are_people=options.items_are_people,
        reading=reading_of(options),
    )
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


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(one) for one in names(text))
