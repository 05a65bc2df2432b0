"""`privaudit rules`: hold dated rules against the description of a processing."""

from __future__ import annotations

import argparse
import json
import os
from typing import TYPE_CHECKING

from privaudit.cli.options import (
    parameters,
    reading_of,
    refuse_without,
    tell,
    write_blank,
    write_report,
)

if TYPE_CHECKING:
    from privaudit.studies.study import Study


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
    from privaudit.report.write import check_output
    from privaudit.studies.audit_rules import AuditedProcessing, audit_rules

    check_output(options.out)
    study = audit_rules(
        AuditedProcessing(
            **parameters(AuditedProcessing, options), reading=reading_of(options)
        ),
        as_of=options.as_of,
        also=options.also,
    )  # fmt: skip
    if options.pia is not None:
        write_pia(study, options)
    write_report(study, options)


def write_pia(study: Study, options: argparse.Namespace) -> None:
    """Write the file for the tool; what somebody has filled in since is never written over."""
    from privaudit.core.checks import error_message as say
    from privaudit.core.files import alone_in, put, regular
    from privaudit.errors import OutputError
    from privaudit.rules.notices import DescribedRulings, pia_file
    from privaudit.words.catalogues import Words

    assert study.described is not None
    told = DescribedRulings(study.described, study.rulings[0], Words(options.lang))
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
