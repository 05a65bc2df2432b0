"""`privaudit map`: attack a real map of points."""

from __future__ import annotations

import argparse
from pathlib import Path

from privaudit._core.checks import say
from privaudit.cli.options import (
    MaybeMaskOption,
    RungOption,
    four_numbers,
    names,
    with_output,
    with_seed,
    write_report,
)
from privaudit.cli.reading import with_sheet
from privaudit.errors import ParameterError
from privaudit.release.files import formats

__all__ = ["add"]


# Options of a heat map, and those that only a map of dots has, with their defaults; steps of the
# progress bar.
HEAT = ("legend", "top", "dots")
OF_DOTS = {
    "crs": None, "mask": "unknown", "not_swapped": False, "adversary": None, "register": None,
    "results": None, "clicks": None, "colour": "red", "marker": None, "link": None, "sheet": None,
    "reveal_rows": False,
}  # fmt: skip
HEAT_PARTS = 3
NOT_SWAPPED = "it is known that no dot was swapped with another address: no position tells"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit map` and its options."""
    leak = commands.add_parser(
        "map",
        help="attack a real map of points",
        description="Attack a map of points with the addresses around it. Nothing is predicted "
        "about anybody: what comes out is how well the points lead to doors.",
    )
    leak.add_argument(
        "leaks",
        type=Path,
        nargs="+",
        metavar="LEAK",
        help=f"{formats('dots')} of points; a screenshot (PNG, JPEG, WebP, GIF, BMP, TIFF); a heat "
        "map (GeoTIFF, or a picture with its bar of colours); or copies, oldest first",
    )
    leak.add_argument(
        "--addresses", type=Path, required=True, metavar="FILE", help="national address file"
    )
    leak.add_argument(
        "--commune", action="listed", metavar="CODE", help="INSEE code, or several with commas"
    )
    leak.add_argument("--crs", metavar="EPSG:N", help="projection of the points, when in metres")
    leak.add_argument("--mask", default="unknown", metavar="SPEC", action=MaybeMaskOption)
    leak.add_argument("--not-swapped", action="store_true", help=NOT_SWAPPED)
    leak.add_argument("--adversary", metavar="RUNG", action=RungOption)
    leak.add_argument(
        "--register", type=Path, metavar="FILE", help="who lives where, by address_id or in words"
    )
    leak.add_argument(
        "--results", type=Path, metavar="FILE", help="results by station, for knows_results"
    )
    with_sheet(leak)
    _with_picture(leak)
    _with_heat(leak)
    leak.add_argument(
        "--link",
        metavar="COLUMN",
        help="column with the same value for a dot in every copy (default dot_id, if all have it)",
    )
    leak.add_argument(
        "--reveal-rows",
        action="store_true",
        help="also write tables/dots.csv, one row a dot; the report's header says so",
    )
    with_output(leak)
    with_seed(leak)
    leak.set_defaults(run=run)


def _with_picture(leak: argparse.ArgumentParser) -> None:
    """Add the options of a screenshot."""
    leak.add_argument(
        "--bbox",
        type=four_numbers,
        metavar="W,S,E,N",
        help="edges of a screenshot in the metres of the addresses (EPSG:2154 in mainland France); "
        "without it and --clicks the place is worked out",
    )
    leak.add_argument(
        "--clicks",
        type=Path,
        metavar="FILE",
        help="table of column,row,x,y on a screenshot; "
        "four or more lay a photograph flat that was taken aslant",
    )
    leak.add_argument(
        "--colour",
        default="red",
        metavar="C",
        help="of a screenshot's dots to meet: red, blue, #1f77b4 and others (default red)",
    )
    leak.add_argument(
        "--marker",
        choices=("disc", "pin"),
        help="what marks a place on a screenshot (default: what it shows)",
    )


def _with_heat(leak: argparse.ArgumentParser) -> None:
    """Add the options of a heat map; a picture is taken for one where any of them is given."""
    leak.add_argument(
        "--legend",
        action="listed",
        type=names,
        metavar="C,C",
        help="colours of a heat map from cold to hot, as #0000ff,#ff0000 (default: the bar of "
        "colours beside the map)",
    )
    leak.add_argument(
        "--top", type=float, metavar="N", help="dots a square km of a heat map's hottest colour"
    )
    leak.add_argument("--dots", type=int, metavar="N", help="dots on the whole heat map")


def _is_heat(options: argparse.Namespace) -> bool:
    """Tell whether the map is one of heat: by its options, or by what the file is."""
    from privaudit.release.pictures.open_picture import PICTURES
    from privaudit.release.pictures.read_heat import is_heat

    pictures = [path.suffix.lower() in PICTURES for path in options.leaks]
    said = any(getattr(options, name) is not None for name in HEAT)
    if said and pictures != [True]:
        do = "Leave --legend, --top and --dots out."
        raise ParameterError(say("map", "one heat map for options of one", "points", do))
    if said or options.marker or options.clicks or options.crs or options.colour != "red":
        return said
    return pictures == [True] and is_heat(options.leaks[0])


def _run_heat(options: argparse.Namespace) -> None:
    """Attack a heat map, write the report, and print where it is."""
    from privaudit._core.progress import progress
    from privaudit.studies.audit_heat_map import SeizedHeat, audit_heat_map

    for name, default in OF_DOTS.items():
        if getattr(options, name) != default:
            option = name.replace("_", "-")
            do = f"Leave --{option} out."
            raise ParameterError(say("map", f"a map of dots for --{option}", "a heat map", do))
    seized = SeizedHeat(
        leak=options.leaks[0],
        addresses=options.addresses,
        commune=options.commune,
        bbox=options.bbox,
        **{name: getattr(options, name) for name in HEAT},
    )
    with progress("privaudit map", HEAT_PARTS) as tick:
        study = audit_heat_map(seized, seed=options.seed, tick=tick)
        tick("report")
        write_report(study, options)


def run(options: argparse.Namespace) -> None:
    """Attack a real map, write the report, and print where it is."""
    from privaudit._core.progress import progress
    from privaudit.reporting.write import check_output
    from privaudit.studies.audit_map import MAP_PARTS, SeizedMap, audit_map

    check_output(options.out)
    if _is_heat(options):
        _run_heat(options)
        return
    seized = SeizedMap(
        leaks=options.leaks,
        addresses=options.addresses,
        commune=options.commune,
        crs=options.crs,
        mask=options.mask,
        swapped=not options.not_swapped,
        adversary=options.adversary,
        register=options.register,
        results=options.results,
        bbox=options.bbox,
        clicks=options.clicks,
        link=options.link,
        sheet=options.sheet,
        colour=options.colour,
        marker=options.marker,
    )
    with progress("privaudit map", MAP_PARTS) as tick:
        study, rows = audit_map(
            seized, reveal_rows=options.reveal_rows, seed=options.seed, tick=tick
        )
        tick("report")
        write_report(study, options, rows)
