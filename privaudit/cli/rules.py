"""`privaudit rules`: hold dated rules against the description of a processing."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit.cli.options import names, refuse_without, write_blank, write_report
from privaudit.cli.reading import reading_of, with_reading
from privaudit.cli.telling import tell
from privaudit.release.files import formats
from privaudit.words.words import LANGUAGES

if TYPE_CHECKING:
    from privaudit.studies.study import Study

__all__ = ["add", "write_pia"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit rules` and its options."""
    rules = commands.add_parser(
        "rules",
        help="hold the rules of a day against a processing",
        description="Say which rules of a day speak against a processing, from what its holder "
        "says of it (a TOML file; --init writes an empty one) and what its table or map shows. "
        "No legal advice: it points an inspection.",
    )
    rules.add_argument(
        "description", type=Path, nargs="?", metavar="DESCRIPTION.toml",
        help="what the holder says; whatever it leaves out is not assessable",
    )  # fmt: skip
    rules.add_argument(
        "--init", type=Path, metavar="FILE.toml",
        help="write a description with every field, to be filled in, and stop",
    )  # fmt: skip
    rules.add_argument("--table", type=Path, metavar="FILE", help=f"its table: {formats('table')}")
    rules.add_argument("--map", type=Path, metavar="FILE", help=f"its map: {formats('dots')}")
    rules.add_argument("--as-of", metavar="DATE", help="the day, such as 2016-11-08")
    rules.add_argument(
        "--also",
        action="listed",
        default="",
        metavar="DATE,DATE",
        help="further days: how do verdicts move?",
    )
    rules.add_argument(
        "--pia", type=Path, metavar="FILE.json", help="write a file for the CNIL's PIA tool too"
    )
    with_reading(rules)
    rules.add_argument("--out", type=Path, metavar="DIR", help="report's folder")
    rules.add_argument("--lang", choices=LANGUAGES, default="en", help="language (default en)")
    rules.add_argument("--dated", action="store_true", help="write the time into manifest.json")
    rules.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Write an empty description, or the report of one."""
    if options.init is not None:
        write_blank("rules", "privaudit.rules", options.init, options.lang)
        return
    do = "See privaudit rules --help; --init FILE.toml writes an empty description."
    asked = {
        "DESCRIPTION.toml": options.description, "--as-of": options.as_of, "--out": options.out,
    }  # fmt: skip
    refuse_without("rules", asked, do)
    _report(options)


def _report(options: argparse.Namespace) -> None:
    from privaudit.reporting.write import check_output
    from privaudit.studies.audit_rules import AuditedProcessing, audit_rules

    check_output(options.out)
    study = audit_rules(
        AuditedProcessing(
            description=options.description, table=options.table, dots=options.map,
            reading=reading_of(options),
        ),
        as_of=options.as_of,
        also=names(options.also),
    )  # fmt: skip
    if options.pia is not None:
        write_pia(study, options)
    write_report(study, options)


def write_pia(study: Study, options: argparse.Namespace) -> None:
    """Write the file for the tool; what somebody has filled in since is never written over."""
    from privaudit._core.checks import say
    from privaudit._core.outputs import alone_in, put, regular
    from privaudit.errors import OutputError
    from privaudit.rules.pia import pia_file
    from privaudit.rules.told import Told
    from privaudit.words.words import Words

    assert study.described is not None
    told = Told(study.described, study.rulings[0], Words(options.lang))
    text = json.dumps(pia_file(told, study.graded), ensure_ascii=False, indent=1) + "\n"
    place = options.pia.resolve()
    if os.path.lexists(place) and regular(place) != text.encode():
        came, do = f"'{place.name}', which holds something else", "Give another."
        raise OutputError(say("rules --pia", "a new file, or the same one", came, do))
    try:
        with alone_in(place.parent):
            put({place: text.encode()})
    except OSError as error:
        came = f"'{options.pia.name}': {(error.strerror or type(error).__name__).lower()}"
        raise OutputError(say("rules --pia", "a file that can be written", came)) from None
    tell(f"pia: {options.pia}")
