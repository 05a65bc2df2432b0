"""How the files of a command are read."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit._core.checks import did_you_mean, say
from privaudit.cli.options import parameters
from privaudit.errors import ParameterError

if TYPE_CHECKING:
    from privaudit.tables.reading import Reading

__all__ = ["reading_of", "without_header_of"]


def without_header_of(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the files that were said to have no header.

    Raises
    ------
    ParameterError
        The command has no such file.
    """
    told = tuple(Path(name).name for name in getattr(options, "no_header", ()))
    values = [
        v
        for value in vars(options).values()
        for v in (value if isinstance(value, list) else [value])
    ]
    given = [value.name for value in values if isinstance(value, Path)]
    packed = any(name.lower().endswith(".zip") for name in given)
    for name in told:
        if name not in given and not packed:
            do = did_you_mean(name, given) or "Give its name, without its folder."
            raise ParameterError(say("--no-header", "a file of the command", name, do))
    return told


def reading_of(options: argparse.Namespace) -> Reading | None:
    """Return what was asked; None where nothing was."""
    from privaudit.tables.reading import Reading

    found = Reading(**parameters(Reading, options))
    return None if found == Reading() else found
