"""`privaudit study`: run what a study file registers, and write frames, figures and a manifest."""

from __future__ import annotations

import argparse
from pathlib import Path

from privaudit.cli.options import refuse_without, write_blank
from privaudit.cli.telling import tell
from privaudit.words.words import LANGUAGES

__all__ = ["add"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit study` and its options."""
    study = commands.add_parser(
        "study",
        help="run a registered study: towns, plans, leaks, adversaries, sweeps",
        description="Run what a TOML file registers, in many towns simulated alike, and write the "
        "frames, the figures and a manifest. --init writes a file with every field.",
    )
    study.add_argument("file", type=Path, nargs="?", metavar="STUDY.toml", help="what is run")
    study.add_argument(
        "--init", type=Path, metavar="FILE.toml",
        help="write a study with every field, with what it means, and stop",
    )  # fmt: skip
    study.add_argument("--out", type=Path, metavar="DIR", help="folder of the study")
    study.add_argument(
        "--workers", type=int, default=1, metavar="N",
        help="processes, -1 for one a core (default 1); the bytes are the same with any number",
    )  # fmt: skip
    study.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        help="keeps each run, to go on after a stop",
    )
    study.add_argument("--lang", choices=LANGUAGES, default="en", help="language (default en)")
    study.add_argument("--dated", action="store_true", help="write the time into manifest.json")
    study.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Write a study with every field, or run one."""
    from privaudit._core.progress import progress
    from privaudit._core.stopped import Stopped
    from privaudit.reporting.study_folder import check_folder, write_folder
    from privaudit.studies.study_file import read_study, run_study

    if options.init is not None:
        write_blank("study", "privaudit.studies", options.init, options.lang)
        return
    do = "See privaudit study --help; --init FILE.toml writes one to fill in."
    refuse_without("study", {"STUDY.toml": options.file, "--out": options.out}, do)
    study = read_study(options.file)
    check_folder(options.out)
    try:
        with progress("privaudit study", study.runs) as tick:
            found = run_study(study, workers=options.workers, cache=options.cache, tick=tick)
    except (KeyboardInterrupt, Stopped) as stop:
        if options.cache is None:
            kept = "nothing was written; with --cache DIR, what is done is kept"
        else:
            kept = (
                f"what was done is kept in {options.cache}, and the same command goes on from there"
            )
        stop.args = (f"stopped; {kept}",)
        raise
    manifest = write_folder(
        found, options.file, options.out,
        outputs=study.outputs, lang=options.lang, dated=options.dated,
    )  # fmt: skip
    tell(f"study: {manifest.parent}, {study.runs:,} towns")
