"""What several commands do: fill parameters, open the cache, write a report or a blank file."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import say
from privaudit.cli.telling import tell
from privaudit.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from privaudit._core.cache import Store
    from privaudit.studies.study import Study

__all__ = ["open_store", "parameters", "refuse_without", "write_blank", "write_report"]


def parameters(recipe: type, options: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters of a dataclass that options fill.

    Examples
    --------
    >>> from privaudit.roles import Roles
    >>> parameters(Roles, argparse.Namespace(key=("age",), weight=None, out="audit"))
    {'key': ('age',), 'weight': None}
    """
    names = (field.name for field in fields(recipe))
    return {name: getattr(options, name) for name in names if hasattr(options, name)}


def open_store(directory: Path | None) -> Store:
    """Open the folder of simulated stages, the user's by default."""
    from privaudit._core.cache import Store, default_directory

    return Store(directory or default_directory())


def write_report(
    study: Study, options: argparse.Namespace, extra: Mapping[str, pd.DataFrame] | None = None
) -> None:
    """Write the report of a command, and print where it is."""
    from privaudit.reporting.write import report

    page = report(study, options.out, lang=options.lang, dated=options.dated, extra_tables=extra)
    tell(f"report: {page}")


def refuse_without(command: str, given: Mapping[str, object], do: str) -> None:
    """Refuse a call that leaves out what only `--init` needs none of."""
    lacking = [name for name, value in given.items() if value is None]
    if lacking:
        raise ParameterError(say(command, ", ".join(lacking), "none", do))


def write_blank(command: str, package: str, place: Path, lang: str) -> None:
    """Write the blank file of a command, in a language; never over a file that is there."""
    from importlib import resources

    from privaudit.errors import OutputError

    blanks = resources.files(package) / "blank"
    blank = blanks / f"{lang}.toml"
    if not blank.is_file():
        blank = blanks / "en.toml"
    try:
        with place.open("x", encoding="utf-8", newline="\n") as file:
            file.write(blank.read_text(encoding="utf-8"))
    except FileExistsError:
        came, do = f"'{place.name}', which is there", "Give another."
        raise OutputError(say(f"{command} --init", "a new file", came, do)) from None
    except OSError as error:
        came = f"'{place.name}': {(error.strerror or type(error).__name__).lower()}"
        raise OutputError(say(f"{command} --init", "a file that can be written", came)) from None
    tell(f"{'description' if command == 'rules' else command}: {place}")
