"""What several commands share: options, and how their texts are read."""

from __future__ import annotations

import argparse
import ast
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit._core.checks import say
from privaudit._core.installed import ATTACKS, MASKS, words_of
from privaudit._core.name_lists import names
from privaudit.cli.parser import Given
from privaudit.cli.telling import tell
from privaudit.errors import ParameterError
from privaudit.words.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from privaudit._core.cache import Store
    from privaudit.studies.study import Study

__all__ = [
    "MaskOption",
    "MaybeMaskOption",
    "RungOption",
    "four_numbers",
    "names",
    "open_store",
    "refuse_without",
    "rung_words",
    "seed",
    "with_cache",
    "with_output",
    "with_seed",
    "write_blank",
    "write_report",
]


class MaskOption(Given):
    """Takes a mask; its help is an example of each, looked up only when help is asked for."""

    @property
    def help(self) -> str:
        """An example of each mask."""
        return ", ".join(mask_examples())

    @help.setter
    def help(self, text: str | None) -> None:
        """Masks say themselves what help says."""


class MaybeMaskOption(MaskOption):
    """Takes the mask of a map under attack, which may be one that nobody knows."""

    @property
    def help(self) -> str:
        """An example of each mask, and what stands for none that is known."""
        return f"unknown, {super().help} (default {self.default})"

    @help.setter
    def help(self, text: str | None) -> None:
        """Masks say themselves what help says."""


class RungOption(MaskOption):
    """Takes the word of a rung; its help lists them, the least informed first."""

    @property
    def help(self) -> str:
        """The word of each rung."""
        return f"one rung only: {', '.join(rung_words())}"

    @help.setter
    def help(self, text: str | None) -> None:
        """Attacks say themselves what help says."""


def rung_words() -> list[str]:
    """Return the word of each rung, as its file says it: help must not load what attacks need."""
    said, order = {}, []
    for file in _files("privaudit.attacks"):
        for part in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(part, ast.Assign):
                continue
            name, value = ast.unparse(part.targets[0]), part.value
            if isinstance(value, ast.Call) and ast.unparse(value.func) == "KnownAttack":
                given = {keyword.arg: keyword.value for keyword in value.keywords}
                if "believes" in given:
                    said[name] = str(ast.literal_eval(given["word"]))
            elif name == "ATTACKS" and isinstance(value, ast.Tuple):
                order = [ast.unparse(attack) for attack in value.elts]
    return [*(said[name] for name in order if name in said), *words_of(ATTACKS)]


def mask_examples() -> list[str]:
    """Return the example of each mask, as its file says it: help must not load what masks need."""
    given = {}
    for file in _files("privaudit.release.masks"):
        for part in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]).startswith(
                "(word, example"
            ):
                word, example, *_ = ast.literal_eval(part.value)
                given[word] = example
    brought = [f"{word}:..." for word in words_of(MASKS) if word not in given]
    return [*(given[word] for word in sorted(given)), *brought]


def _files(package: str) -> list[Path]:
    """Return the files of a package that is not to be loaded."""
    folder = find_spec(package)
    places = [] if folder is None else folder.submodule_search_locations or []
    return [file for place in places for file in Path(place).glob("*.py")]


def with_output(parser: argparse.ArgumentParser) -> None:
    """Add where the report goes, and its language."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="report's folder")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language (default en)")
    parser.add_argument(
        "--dated",
        action="store_true",
        help="write the time into manifest.json (without it, or SOURCE_DATE_EPOCH, there is none, "
        "and the same run gives the same bytes)",
    )


def with_seed(parser: argparse.ArgumentParser) -> None:
    """Add the seed of every draw."""
    parser.add_argument("--seed", type=seed, default=7, help="seed of every draw (default 7)")


def with_cache(parser: argparse.ArgumentParser) -> None:
    """Add where simulated stages are kept."""
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="folder of simulated stages (default: user's)"
    )


def open_store(directory: Path | None) -> Store:
    """Open the folder of simulated stages, the user's by default."""
    from privaudit._core.cache import Store, default_directory

    return Store(directory or default_directory())


def seed(text: str) -> int:
    """Read a seed, a whole number of 0 or more."""
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError("a whole number, 0 or more")
    return int(text)


def four_numbers(text: str) -> tuple[float, ...]:
    """Read four numbers between commas."""
    numbers = tuple(float(part) for part in text.split(","))
    if len(numbers) != 4:
        raise argparse.ArgumentTypeError("four numbers with commas: west,south,east,north")
    return numbers


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

    from privaudit._core.checks import say
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
