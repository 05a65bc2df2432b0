"""Names of former versions, and the present ones."""

from __future__ import annotations

import tomllib
from importlib import resources


def former_name_hint(kind: str, name: str) -> str:
    """Return what a name of a former version is called now, as a sentence; "" for any other name.

    Parameters
    ----------
    kind : {"commands", "names"}
        Section of ``former_names.toml``.
    name : str

    Examples
    --------
    >>> former_name_hint("commands", "log"), former_name_hint("commands", "table")
    ("It is 'traces' now.", '')
    """
    table = resources.files("privaudit") / "former_names.toml"
    present = tomllib.loads(table.read_text(encoding="utf-8"))[kind].get(name)
    return f"It is '{present}' now." if present else ""
