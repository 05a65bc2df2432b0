"""What part of a campaign is shown: a map of dots, or an export of the profile table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from privaudit._core.by_name import by_name
from privaudit._core.checks import kind_of, listed, one_of, say
from privaudit.errors import ParameterError
from privaudit.release.masks import Mask

__all__ = ["KEY_COLUMNS", "NAME_COLUMNS", "DotMap", "TableExport"]

KEY_COLUMNS = ("age_band", "sex", "profession", "interest", "station")
NAME_COLUMNS = ("display_name", "first_name", "last_name")
_POPUP = ("age_band", "sex", "profession", "interest", "first_name", "last_name")


@by_name
@dataclass(frozen=True, kw_only=True)
class DotMap:
    """The canvassing map: a dot a profile with its status and presumed leaning.

    Parameters
    ----------
    mask : Mask, optional
        Moves the dots before they are shown; None shows them where they are.
    popup : tuple of str
        What a click on a dot shows besides, among age_band, sex, profession, interest,
        first_name, last_name.

    Raises
    ------
    ParameterError
        A mask that is not one, an unknown column, or one asked for twice.

    Examples
    --------
    >>> DotMap(popup=("sex", "first_name"))
    DotMap(mask=None, popup=('sex', 'first_name'))
    """

    mask: Mask | None = None
    popup: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.mask is not None and not isinstance(self.mask, Mask):
            needed = "mask a mask such as Donut(low=50, high=200), or None"
            raise ParameterError(say("DotMap", needed, kind_of(self.mask)))
        object.__setattr__(self, "popup", _columns("DotMap", "popup", self.popup, _POPUP))

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        mask = None if self.mask is None else self.mask.recipe()
        return {"view": "dot map", "mask": mask, "popup": list(self.popup)}


@by_name
@dataclass(frozen=True, kw_only=True)
class TableExport:
    """The profile table as exported: key variables, presumed leaning, score in five bands.

    Parameters
    ----------
    columns : tuple of str
        Key variables, among age_band, sex, profession, interest, station.
    names : bool
        Export display_name, first_name and last_name too.
    map_only : bool
        Export only the profiles that have a dot, instead of all.

    Raises
    ------
    ParameterError
        An unknown column, one asked for twice, or a switch that is not True or False.

    Examples
    --------
    >>> TableExport(columns=("age_band", "sex")).names
    False
    """

    columns: tuple[str, ...] = ("age_band", "sex", "profession", "station")
    names: bool = False
    map_only: bool = False

    def __post_init__(self) -> None:
        chosen = _columns("TableExport", "columns", self.columns, KEY_COLUMNS)
        object.__setattr__(self, "columns", chosen)
        for name in ("names", "map_only"):
            one_of("TableExport", name, getattr(self, name), (True, False))

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return {
            "view": "table export",
            "columns": list(self.columns),
            "names": self.names,
            "map_only": self.map_only,
        }


def _columns(who: str, name: str, value: Any, allowed: tuple[str, ...]) -> tuple[str, ...]:
    chosen = (value,) if isinstance(value, str) else listed(who, name, value)
    for column in chosen:
        one_of(who, name, column, allowed)
    if len(set(chosen)) < len(chosen):
        raise ParameterError(say(who, f"{name} each once", f"{name}={chosen!r}"))
    return chosen
