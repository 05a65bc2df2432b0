"""The commands and their options, declared in ``cli/options.toml``; the command of a study."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from privaudit.core.files import packaged_toml
from privaudit.text.normalise import join_names

_SCALARS: dict[str, Callable[[Any], str]] = {
    "float": lambda value: f"{value:.10g}",
    "path": lambda value: Path(value).name,
}


def _names(value: Any) -> Iterable[Any]:
    """Names, or those of every column where each has its own."""
    return chain(*value.values()) if isinstance(value, Mapping) else value


_JOINED: dict[str, Callable[[Any], str]] = {
    "names": lambda value: join_names(_names(value)),
    "numbers": join_names,
    "pairs": lambda value: join_names(f"{a}={b}" for a, b in value.items()),
    "four_numbers": lambda value: join_names(f"{one:.10g}" for one in value),
}


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option of a command, or a file that it takes; see ``cli/options.toml``.

    Parameters
    ----------
    name : str
        With its dashes; without any, a positional argument.
    field : str
        Parameter that it fills.
    type, metavar, help, nargs : str
    default : object
        As it is typed.
    choices : str, list or mapping
        Words, what each means, or the name of a list.
    required, listed, unless_default : bool
    group : str
        Heading of the options among which it stands in the help.
    """

    name: str
    field: str = ""
    type: str = "text"
    metavar: str | None = None
    help: str = ""
    nargs: str | None = None
    default: Any = None
    choices: Any = None
    required: bool = False
    listed: bool = False
    unless_default: bool = False
    group: str = ""

    @property
    def fills(self) -> str:
        """Name of the parameter that the option fills."""
        return self.field or self.name.lstrip("-").replace("-", "_")

    @property
    def repeats(self) -> bool:
        """Whether the option may be given again, and continues its list."""
        return self.listed or self.type in ("names", "numbers", "pairs")

    def typed(self, value: Any, *, folders: bool = False) -> Any:
        """Return what is typed for a value: a text, True for a flag; None where nothing is.

        A path is typed without its folder, unless `folders`.

        Examples
        --------
        >>> Option(name="--key", type="names", default="").typed(("age", "sex"))
        'age,sex'
        >>> Option(name="--keep-case", type="unflag").typed(False)
        True
        """
        if value is None or (self.unless_default and value == self.default):
            return None
        if self.type in ("flag", "unflag"):
            return True if bool(value) is (self.type == "flag") else None
        if isinstance(self.choices, Mapping):
            return next(word for word, meant in self.choices.items() if meant == value)
        if self.type in _JOINED:
            # Nothing at all is said of a list only where the default is another one.
            nothing = value is True or (len(value) == 0 and self.default is not None)
            return None if nothing else _JOINED[self.type](value)
        if self.type == "path" and not isinstance(value, (str, os.PathLike)):
            return None
        if isinstance(value, (list, tuple)):
            value = join_names(value)
        if value == "":
            return None
        return str(value) if folders else _SCALARS.get(self.type, str)(value)


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command: its name, its help and its options, in the order of the help; what it costs.

    `cost` has seconds and gigabytes: "start", and of an option a MB of its files, or a unit; or of
    the "work" that a command counts itself (`StudyFile.work`).
    """

    name: str
    help: str
    description: str | None
    options: tuple[Option, ...]
    cost: Mapping[str, Mapping[str, float]]

    def foretold(self, given: Mapping[str, Any]) -> tuple[float, float]:
        """Return the processor seconds and the gigabytes that a run is expected to take.

        - `given`: The value of each parameter, such as a path, several paths, or a number.

        Examples
        --------
        >>> commands()["demo"].foretold({"inhabitants": 20_000, "towns": 1})[0] < 60
        True
        """
        seconds, gigabytes = (
            sum(each * (1.0 if name == "start" else _size(given.get(name))) for name, each in of)
            for of in (self.cost.get(unit, {}).items() for unit in ("seconds", "gigabytes"))
        )
        return seconds, gigabytes


# Of these files a MB holds several once it is unpacked.
_PACKED, _UNPACKED = frozenset((".zip", ".gz", ".xlsx", ".ods", ".parquet", ".kmz", ".docx")), 6.0


def _size(value: Any) -> float:
    """Return a number, or the MB of files as they are once unpacked; 0 of anything else."""
    if isinstance(value, (list, tuple)):
        return sum(map(_size, value))
    if isinstance(value, Path):
        times = _UNPACKED if value.suffix.lower() in _PACKED else 1.0
        return times * value.stat().st_size / 1e6 if value.is_file() else 0.0
    return float(value) if isinstance(value, (int, float)) else 0.0


_DECLARED = ("privaudit", "cli/options.toml")


def fixed_texts() -> dict[str, str]:
    """Return the texts that several helps quote, by their names in braces."""
    return dict(packaged_toml(*_DECLARED)["texts"])


@cache
def commands() -> dict[str, Command]:
    """Return every command, by its name.

    Examples
    --------
    >>> [option.name for option in commands()["cache"].options]
    ['--cache', '--clear', '--json']
    """
    shared = packaged_toml(*_DECLARED)["shared"]
    every = {"every": {"shared": True}}
    return {
        name: Command(
            name=name,
            help=declared["help"],
            description=declared.get("description"),
            options=tuple(_options(declared["options"] | every, shared)),
            cost=declared.get("cost", {}),
        )
        for name, declared in packaged_toml(*_DECLARED).items()
        if name not in ("shared", "texts")
    }


def _options(
    declared: Mapping[str, Any], shared: Mapping[str, Any], group: str = ""
) -> Iterator[Option]:
    for name, row in declared.items():
        if row.get("shared"):
            yield from _options(shared[name]["options"], shared, shared[name].get("title", ""))
        else:
            yield Option(name=name, group=group, **row)


def printed_options(
    command: str, *recipes: Any, folders: bool = False, **values: Any
) -> dict[str, str | bool]:
    """Return what is typed to give a command parameters, by the names of its options.

    Parameters
    ----------
    command : str
    *recipes : dataclass instance or None
        Whose fields are parameters.
    folders : bool
        Type paths with their folders.
    **values
        Further parameters; they win. What no option fills is left out.

    Examples
    --------
    >>> printed_options("map", mask="donut:50:200", seed=7, lang=None)
    {'--mask': 'donut:50:200', '--seed': '7'}
    """
    given: dict[str, Any] = {}
    for recipe in recipes:
        if is_dataclass(recipe):
            given |= {field.name: getattr(recipe, field.name) for field in fields(recipe)}
    given |= values
    typed = {
        option.name: option.typed(given[option.fills], folders=folders)
        for option in commands()[command].options
        if option.name.startswith("-") and option.fills in given
    }
    return {name: text for name, text in typed.items() if text is not None}


def command_line(
    command: str,
    files: Iterable[str | Path],
    *recipes: Any,
    folders: bool = False,
    **values: Any,
) -> str:
    """Return the command line that makes a study again, as a shell takes it.

    Parameters
    ----------
    command : str
    files : iterable of path
    *recipes, folders, **values
        As for `printed_options`. Files that were read without a header are named.

    Examples
    --------
    >>> command_line("map", [Path("/seized/my leak.csv")], mask="donut:50:200", seed=7, lang=None)
    "privaudit map 'my leak.csv' --mask donut:50:200 --seed 7"
    """
    from privaudit.io.address_sources import address_format_asked
    from privaudit.io.csv_dialects import files_without_header
    from privaudit.io.encodings import encoding_asked

    words = ["privaudit", command]
    words += [shlex.quote(str(file) if folders else Path(file).name) for file in files]
    asked = address_format_asked()
    read_so = {"address_columns": asked.columns or None, "address_crs": asked.crs}
    values = {
        "no_header": files_without_header(), "encoding": encoding_asked(), **read_so, **values,
    }  # fmt: skip
    for option, typed in printed_options(command, *recipes, folders=folders, **values).items():
        if typed is True:
            words.append(option)
            continue
        text = shlex.quote(str(typed))
        # What begins with a dash would be taken for an option.
        words += [f"{option}={text}"] if str(typed).startswith("-") else [option, text]
    return " ".join(words)
