"""`privaudit table`: measure a real table of profiles."""

from __future__ import annotations

import argparse

from privaudit.cli.options import parameters, reading_of, write_report


def run(options: argparse.Namespace) -> None:
    """Measure a table, write the report, and print where it is."""
    from privaudit.columns.roles import Roles
    from privaudit.report.write import check_output
    from privaudit.studies.audit_table import Beside, audit_table

    check_output(options.out)
    study = audit_table(
        options.file,
        Roles(**parameters(Roles, options)),
        contributions=options.contributions,
        missing=options.missing,
        sampling_fraction=options.sampling_fraction,
        household=options.household,
        memory_limit=options.memory_limit,
        reading=reading_of(options),
        beside=Beside(**parameters(Beside, options)),
    )
    write_report(study, options)
