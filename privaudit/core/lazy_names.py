"""Public names of a package: loaded at first use, listed once in its stub file."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from privaudit.core.checks import former_names, named_parameters

_LINE = re.compile(r"^from (privaudit[\w.]*) import (\w+)(?: as (\w+))?$", re.MULTILINE)


class _Namespace(ModuleType):
    """A package whose public names win over its submodules of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        # Importing a submodule sets it as an attribute: `unicity.py` must not hide `unicity()`.
        if not (isinstance(value, ModuleType) and name in self.__all__):
            super().__setattr__(name, value)


def attach(
    package: str, file: str, unknown: Callable[[str], str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of a package, from its stub file.

    Parameters
    ----------
    package : str
        Name of the package (its ``__name__``).
    file : str
        Path of its ``__init__.py`` (its ``__file__``).
    unknown : callable, optional
        Makes the message for a name that the package does not have.

    Returns
    -------
    tuple
        What the package assigns to ``__getattr__``, ``__dir__`` and ``__all__``.
    """
    stub = Path(file).with_suffix(".pyi").read_text(encoding="utf-8")
    homes = {shown or name: (home, name) for home, name, shown in _LINE.findall(stub)}
    module = sys.modules[package]

    def load(name: str) -> Any:
        if name not in homes:
            message = f"module '{package}' has no attribute '{name}'"
            # Names of Python's own are asked for by its tools, and nobody misspells them.
            wanted = unknown if not name.startswith("__") else None
            raise AttributeError(wanted(name) if wanted else message)
        home, attribute = homes[name]
        found = import_module(f"{home}.{attribute}") if name in _MODULES else None
        value = found or getattr(import_module(home), attribute)
        if isinstance(value, FunctionType):
            checked = named_parameters(value)
            if checked is not value:
                # Where a process that is sent the function looks for it.
                checked.__module__, checked.__qualname__ = package, name
            value = checked
        module.__dict__[name] = value
        return value

    module.__class__ = _Namespace
    names = sorted(homes)
    return load, lambda: names, names


# Public names that are modules themselves.
_MODULES = frozenset(
    ("tables", "maps", "masks", "traces", "linkage", "screenshots", "rules", "io", "charts",
     "protections")
)  # fmt: skip


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
    present = former_names()[kind].get(name)
    return f"It is '{present}' now." if present else ""
