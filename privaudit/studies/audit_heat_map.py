"""The study of a real heat map: a GeoTIFF, or a picture with its scale of colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from privaudit._core.by_name import by_name
from privaudit._core.progress import Tick, silent
from privaudit.release.pictures.read_heat import read_heat
from privaudit.studies.commands import command_line
from privaudit.studies.heat import audit_heat
from privaudit.studies.study import Input, Study, source_notes
from privaudit.words.note import Note

__all__ = ["SeizedHeat", "audit_heat_map"]


@by_name
@dataclass(frozen=True, kw_only=True)
class SeizedHeat:
    """The file of a real heat map, and what is told of its scale.

    Parameters
    ----------
    leak : path
        A GeoTIFF or a picture.
    addresses : path
        The national address base as downloaded.
    commune : str, optional
        INSEE code or codes, with commas.
    bbox : tuple of float, optional
        West, south, east and north edges of a picture, metres.
    legend : sequence of str, optional
        Colours from cold to hot; default: as `read_heat` finds them.
    top : float, optional
        Dots a square kilometre of the hottest colour.
    dots : int, optional
        Dots on the whole map.
    """

    leak: str | Path
    addresses: str | Path
    commune: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    legend: Sequence[str] | None = None
    top: float | None = None
    dots: int | None = None


def audit_heat_map(seized: SeizedHeat, *, seed: int = 7, tick: Tick = silent) -> Study:
    """Undo the heat of a real map; nothing is known of who is on it.

    Parameters
    ----------
    seized : SeizedHeat
    seed : int
    tick : callable

    Returns
    -------
    Study
        Its notes say by which scale colours were read, and what the hottest was taken for.

    Raises
    ------
    PrivauditError
        As `read_heat` and `audit`.
    """
    tick("addresses and map")
    release = read_heat(
        seized.leak,
        addresses=seized.addresses,
        commune=seized.commune,
        bbox=seized.bbox,
        scale=seized.legend,
        top=seized.top,
        dots=seized.dots,
    )
    tick("heat")
    found = audit_heat(release, seed=seed)
    backdrop = release.backdrop
    source = "national_addresses" if backdrop.real else ""
    inputs = (
        Input(path=Path(seized.leak), role="map"),
        Input(path=Path(seized.addresses), role="addresses", source=source),
    )
    return Study(
        kind="map",
        title=release.name,
        provenance=release.provenance,
        real_places=True,
        measures={"heat": found},
        set_aside={Note("of_addresses", reason=why): n for why, n in backdrop.set_aside.items()},
        notes=(
            Note("addresses_of", addresses=len(backdrop), source=backdrop.source),
            *source_notes(inputs),
            *release.notes,
        ),
        command=command_line("map", [seized.leak], seized, seed=seed),
        inputs=inputs,
        recipe={"seed": seed},
    )
