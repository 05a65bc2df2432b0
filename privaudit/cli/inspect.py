"""`privaudit inspect`: say what is in files of which nothing is known yet."""

from __future__ import annotations

import argparse
from contextlib import nullcontext

from privaudit.cli.options import reading_of, tell, write_report

_ROLES = ("inspected", "addresses")


def run(options: argparse.Namespace) -> None:
    """Inspect files, write the report, and print where it is and what to run next."""
    from privaudit.report.write import check_output
    from privaudit.studies.exhibits import Contents, set_out
    from privaudit.studies.inspect import inspect_files, next_commands

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
