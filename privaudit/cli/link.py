"""`privaudit link`: a people table and a map in the same hands."""

from __future__ import annotations

import argparse

from privaudit.cli.options import parameters, write_report


def run(options: argparse.Namespace) -> None:
    """Lay one beside the other, write the report, and print where it is."""
    from privaudit.report.write import check_output
    from privaudit.studies.link_releases import SeizedPair, audit_link

    check_output(options.out)
    seized = SeizedPair(**parameters(SeizedPair, options))
    write_report(audit_link(seized, seed=options.seed), options)
