"""`privaudit dossier`: one report on a whole seizure."""

from __future__ import annotations

import argparse

from privaudit.cli.options import parameters, write_report


def run(options: argparse.Namespace) -> None:
    """Examine a seizure, write the report, and print where it is."""
    from privaudit.cli.rules import write_pia
    from privaudit.core.progress import progress
    from privaudit.report.write import check_output
    from privaudit.studies.dossier import DOSSIER_PARTS, Seizure, audit_dossier, with_members

    check_output(options.out)
    seizure = Seizure(**parameters(Seizure, options))
    bar = progress("privaudit dossier", DOSSIER_PARTS)
    # What was unpacked is there until the report has its size and SHA-256.
    with with_members(seizure) as whole, bar as tick:
        study = audit_dossier(
            whole, as_of=options.as_of, also=options.also, seed=options.seed, tick=tick
        )
        tick("report")
        if options.pia is not None:
            write_pia(study, options)
        write_report(study, options)
