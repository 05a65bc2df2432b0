"""The limits on what is read: the options of `Limits`, of every command that reads a file."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privaudit._core.limits import Limits

__all__ = ["limits_of", "with_limits"]

_SAID = {
    "bytes": "that a packed file unpacks to, or that are held at once (default 64 MB or a hundred "
    "times the packed size; 512 MB held)",
    "cells": "of a table that is read whole",
    "columns": "of a table",
    "pixels": "of a picture",
    "depth": "of lists and objects of JSON in one another",
    "seconds": "that the command may take",
}


def with_limits(parser: argparse.ArgumentParser) -> None:
    """Add an option for each limit."""
    from privaudit._core.limits import Limits

    group = parser.add_argument_group("limits, to be raised where a large file is meant")
    for field in fields(Limits):
        default = "" if field.default is None else f" (default {field.default:,})"
        group.add_argument(
            f"--max-{field.name}",
            type=float if field.name == "seconds" else int,
            default=field.default,
            metavar="N",
            help=_SAID[field.name] + default,
        )


def limits_of(options: argparse.Namespace) -> Limits:
    """Return the limits that were asked for."""
    from privaudit._core.limits import Limits

    names = [field.name for field in fields(Limits) if hasattr(options, f"max_{field.name}")]
    return Limits(**{name: getattr(options, f"max_{name}") for name in names})
