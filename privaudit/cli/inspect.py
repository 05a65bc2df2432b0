"""`privaudit inspect`: say what is in files of which nothing is known yet."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from pathlib import Path

from privaudit.cli.options import with_output, write_report
from privaudit.cli.reading import reading_of, with_reading
from privaudit.cli.telling import tell

__all__ = ["add"]

_ROLES = ("inspected", "addresses")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit inspect` and its options."""
    inspect = commands.add_parser(
        "inspect",
        help="say what each column of a seized file is, and what to run next",
        description="Say of each column of a table, a map, a log or a mailing what it is and why "
        "that is thought, whom it singles out, what free text speaks of, what is absent; and which "
        "commands to run next.",
    )
    inspect.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="of any format that is read; a national address file among "
        "them is what maps are laid over",
    )
    inspect.add_argument(
        "--as-of", metavar="DATE", help="day on which minors are counted (default today)"
    )
    with_reading(inspect)
    with_output(inspect)
    inspect.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Inspect files, write the report, and print where it is and what to run next."""
    from privaudit.reporting.write import check_output
    from privaudit.studies.contained import Contents, set_out
    from privaudit.studies.inspect import inspect_files
    from privaudit.studies.next_commands import next_commands

    check_output(options.out)
    # Of one sheet that is asked for, nothing else is set out.
    one = options.sheet is not None
    with (
        nullcontext(Contents(files=tuple(options.files))) if one
        else set_out(options.files, who="inspect")
    ) as held:  # fmt: skip
        study = inspect_files(
            held.files, as_of=options.as_of, reading=reading_of(options), contents=held
        )
        write_report(study, options)
    # Paths as they were given, so that a line runs where it is pasted.
    files, places = ([i.path for i in study.inputs if i.role == role] for role in _ROLES)
    for command in next_commands(files, study.inventories, places, held, told=str):
        tell(f"next: {command}")
