"""`privaudit dossier`: one report on a whole seizure."""

from __future__ import annotations

import argparse
from pathlib import Path

from privaudit.cli.options import names, with_output, with_seed, write_report

__all__ = ["add"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit dossier` and its options."""
    dossier = commands.add_parser(
        "dossier",
        help="one report on a whole seizure",
        description="Examine tables, maps, logs and mailings together: what is in them, who is "
        "exposed, what joins with what, which rules speak against it, and what to mend. Numbered "
        "findings, with their source, evidence and consequence; no row is written.",
    )
    dossier.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="of any format that is read"
    )
    dossier.add_argument(
        "--description", type=Path, required=True, metavar="D.toml",
        help="what the holder says of the processing; privaudit rules --init writes an empty one",
    )  # fmt: skip
    dossier.add_argument("--as-of", required=True, metavar="DATE", help="the day of the rules")
    dossier.add_argument(
        "--also",
        action="listed",
        default="",
        metavar="DATE,DATE",
        help="further days: how do verdicts move?",
    )
    dossier.add_argument("--exhibit", required=True, metavar="NAME", help="name of the exhibit")
    dossier.add_argument(
        "--addresses", type=Path, metavar="FILE",
        help="national address file: without it no map is attacked, or laid beside a table",
    )  # fmt: skip
    dossier.add_argument(
        "--commune", action="listed", metavar="CODE", help="INSEE code, or several with commas"
    )
    dossier.add_argument(
        "--operator", default="", metavar="NAME", help="who carried it out (default: no name)"
    )
    dossier.add_argument(
        "--pia", type=Path, metavar="FILE.json", help="write a file for the CNIL's PIA tool too"
    )
    with_output(dossier)
    with_seed(dossier)
    dossier.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Examine a seizure, write the report, and print where it is."""
    from privaudit._core.progress import progress
    from privaudit.cli.rules import write_pia
    from privaudit.reporting.write import check_output
    from privaudit.studies.dossier import DOSSIER_PARTS, Seizure, audit_dossier
    from privaudit.studies.seizure import with_members

    check_output(options.out)
    seizure = Seizure(
        files=options.files, description=options.description, exhibit=options.exhibit,
        addresses=options.addresses, commune=options.commune, operator=options.operator,
    )  # fmt: skip
    bar = progress("privaudit dossier", DOSSIER_PARTS)
    # What was unpacked is there until the report has its size and SHA-256.
    with with_members(seizure) as whole, bar as tick:
        study = audit_dossier(
            whole, as_of=options.as_of, also=names(options.also), seed=options.seed, tick=tick
        )
        tick("report")
        if options.pia is not None:
            write_pia(study, options)
        write_report(study, options)
