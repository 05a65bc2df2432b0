"""`privaudit map`: attack a real map of points."""

from __future__ import annotations

import argparse

from privaudit.cli.options import parameters, write_report
from privaudit.core.checks import error_message
from privaudit.errors import ParameterError
from privaudit.studies.commands import commands

# Options of a heat map alone; steps of the progress bar.
HEAT = ("legend", "top", "dots")
HEAT_PARTS = 3


def _is_heat(options: argparse.Namespace) -> bool:
    """Tell whether the map is one of heat: by its options, or by what the file is."""
    from privaudit.screenshots.open_picture import PICTURES
    from privaudit.screenshots.read_heat import is_heat

    pictures = [path.suffix.lower() in PICTURES for path in options.leaks]
    said = any(getattr(options, name) is not None for name in HEAT)
    if said and pictures != [True]:
        do = "Leave --legend, --top and --dots out."
        raise ParameterError(error_message("map", "one heat map for options of one", "points", do))
    if said or options.marker or options.clicks or options.crs or options.colour != "red":
        return said
    return pictures == [True] and is_heat(options.leaks[0])


def _run_heat(options: argparse.Namespace) -> None:
    """Attack a heat map, write the report, and print where it is."""
    from privaudit.core.progress import progress
    from privaudit.studies.audit_heat import SeizedHeat, audit_heat_map
    from privaudit.studies.audit_map import SeizedMap

    seized = SeizedHeat(leak=options.leaks[0], **parameters(SeizedHeat, options))
    shared = {"leaks", *parameters(SeizedHeat, options)}
    of_dots = {*parameters(SeizedMap, options), "reveal_rows"} - shared
    for option in commands()["map"].options:
        usual = option.default if "flag" not in option.type else option.type == "unflag"
        if option.fills in of_dots and getattr(options, option.fills) != usual:
            do = f"Leave {option.name} out."
            raise ParameterError(
                error_message("map", f"a map of dots for {option.name}", "a heat map", do)
            )
    with progress("privaudit map", HEAT_PARTS) as tick:
        study = audit_heat_map(seized, seed=options.seed, tick=tick)
        tick("report")
        write_report(study, options)


def run(options: argparse.Namespace) -> None:
    """Attack a real map, write the report, and print where it is."""
    from privaudit.core.progress import progress
    from privaudit.report.write import check_output
    from privaudit.studies.audit_map import MAP_PARTS, SeizedMap, audit_map

    check_output(options.out)
    if _is_heat(options):
        _run_heat(options)
        return
    seized = SeizedMap(**parameters(SeizedMap, options))
    with progress("privaudit map", MAP_PARTS) as tick:
        study, rows = audit_map(
            seized, reveal_rows=options.reveal_rows, seed=options.seed, tick=tick
        )
        tick("report")
        write_report(study, options, rows)
