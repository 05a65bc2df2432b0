"""`privaudit country`: how many residents place, sex and birth single out."""

from __future__ import annotations

import argparse

from privaudit.cli.options import write_report


def run(options: argparse.Namespace) -> None:
    """Count, write the report, and print where it is."""
    from privaudit.report.write import check_output
    from privaudit.studies.audit_log import audit_country

    check_output(options.out)
    study = audit_country(
        options.population,
        by=options.by,
        pyramid=options.pyramid,
        year=options.year,
        collectivities=options.collectivities,
    )
    write_report(study, options)
