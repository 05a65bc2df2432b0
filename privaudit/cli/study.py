"""`privaudit study`: run what a study file registers, and write frames, figures and a manifest."""

from __future__ import annotations

import argparse

from privaudit.cli.options import refuse_without, tell, write_blank


def run(options: argparse.Namespace) -> None:
    """Write a study with every field, or run one."""
    from privaudit.core.progress import Stopped, progress
    from privaudit.report.write import check_folder, write_folder
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
