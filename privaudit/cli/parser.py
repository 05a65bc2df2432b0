"""The parser of the declared commands; what is wrong with one is said in one line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from privaudit import __version__
from privaudit._core.checks import did_you_mean
from privaudit._core.former_names import former_name_hint
from privaudit._core.name_lists import names
from privaudit.cli.help_texts import LookedUp
from privaudit.errors import printable
from privaudit.roles import MISSING
from privaudit.studies.commands import Command, Option, commands
from privaudit.words.words import LANGUAGES

__all__ = ["Given", "Listed", "Parser", "command_parser"]

_UNKNOWN = re.compile(r"unrecognized arguments: (-[^\s=]+)")
_CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")
# The words of an option, where the library lists them.
_LISTS = {"languages": LANGUAGES, "missing": MISSING}


class Given(argparse.Action):
    """Keeps the one value of an option; argparse would keep the last of two without a word.

    Parameters
    ----------
    meanings : mapping of str to object, optional
        What each word means, where the value is another one.
    """

    def __init__(self, *, meanings: Mapping[str, Any] | None = None, **named: Any) -> None:
        self._meanings = meanings or {}
        super().__init__(**named)

    @property
    def help(self) -> str | None:
        """The text of the help, with what is looked up only when help is asked for."""
        text = self._help
        return text if text is None else text.format_map(LookedUp(default=self.default))

    @help.setter
    def help(self, text: str | None) -> None:
        """Keep the text, with what is in braces."""
        self._help = text

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Keep the value."""
        given: set[str] = parser.__dict__.setdefault("given", set())
        if option_string is not None and self.dest in given:
            values = self.both(getattr(namespace, self.dest), values)
        given.add(self.dest)
        if self._meanings:
            values = self._meanings[values]
        setattr(namespace, self.dest, values)

    def both(self, first: Any, second: Any) -> Any:
        """Refuse a second value."""
        raise argparse.ArgumentError(self, "given twice, and has one value")


class Listed(Given):
    """Keeps what is named with commas; given again, the option continues its list."""

    def both(self, first: Any, second: Any) -> Any:
        """Continue the first list."""
        if isinstance(first, str):
            return f"{first},{second}"
        return first | second if isinstance(first, dict) else first + second


class Parser(argparse.ArgumentParser):
    """A parser that leaves the block of every option to ``--help``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.given: set[str] = set()

    # Each command says itself what it does not know: the program does not have its options.
    def parse_known_args(self, *arguments: Any, **options: Any) -> Any:
        self._words = [str(word) for word in arguments[0] or ()] if arguments else []
        self.given.clear()
        found, unknown = super().parse_known_args(*arguments, **options)
        if unknown and self._subparsers is None:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def _misspelt(self) -> str:
        """Return the first option given that there is none of, "" where all are known."""
        words = [word.partition("=")[0] for word in self._words if word.startswith("--")]
        known = tuple(self._option_string_actions)
        return next((w for w in words if not any(k.startswith(w) for k in known)), "")

    def error(self, message: str) -> NoReturn:
        """Say in one line what is wrong, and leave with 2."""
        hint = ""
        if unknown := _UNKNOWN.search(message):
            hint = did_you_mean(unknown[1], self._option_string_actions)
        elif "are required" in message and (wrong := self._misspelt()):
            hint = f"'{wrong}' is no option. {did_you_mean(wrong, self._option_string_actions)}"
        elif choice := _CHOICE.search(message):
            former = "" if self._subparsers is None else former_name_hint("commands", choice[1])
            hint = former or did_you_mean(choice[1], re.findall(r"[\w-]+", choice[2]))
        said = f"{self.prog}: {message}. {hint or f'See {self.prog} --help.'}"
        self.exit(2, printable(" ".join(said.split())) + "\n")


def command_parser(runs: Mapping[str, Callable[[argparse.Namespace], None]]) -> Parser:
    """Return the parser of the program.

    Parameters
    ----------
    runs : mapping of str to callable
        What each command runs, in the order of the help.
    """
    parser = Parser(
        prog="privaudit",
        description="If this profile table or this door-to-door map leaked, who would be found, "
        "at which door, and how sure would the finder be?",
    )
    parser.add_argument("--version", action="version", version=f"privaudit {__version__}")
    added = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, run in runs.items():
        told = commands()[name]
        one = added.add_parser(told.name, help=told.help, description=told.description)
        _add_options(one, told)
        one.set_defaults(run=run)
    return parser


def _add_options(parser: argparse.ArgumentParser, command: Command) -> None:
    """Add what a command takes."""
    groups: dict[str, Any] = {"": parser}
    for option in command.options:
        if option.group not in groups:
            groups[option.group] = parser.add_argument_group(option.group)
        groups[option.group].add_argument(option.name, **_argument(option))


def _argument(option: Option) -> dict[str, Any]:
    """Return what argparse is to know of an option."""
    asked: dict[str, Any] = {"help": option.help}
    if option.name.startswith("-"):
        asked |= {"dest": option.fills, "required": option.required}
    if option.type in ("flag", "unflag"):
        return asked | {"action": f"store_{'true' if option.type == 'flag' else 'false'}"}
    choices = option.choices
    if isinstance(choices, str):
        choices = _LISTS[choices]
    meanings = choices if isinstance(choices, Mapping) else None
    return asked | {
        "action": Listed if option.repeats else Given,
        "type": _READERS.get(option.type),
        "metavar": option.metavar,
        "nargs": option.nargs,
        "default": option.default,
        "choices": None if choices is None else tuple(choices),
        "meanings": meanings,
    }


def seed(text: str) -> int:
    """Read a seed, a whole number of 0 or more."""
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError("a whole number, 0 or more")
    return int(text)


def numbers(text: str) -> tuple[int, ...]:
    """Read whole numbers between commas."""
    return tuple(int(one) for one in names(text))


def pairs(text: str) -> dict[str, str]:
    """Read pairs of columns."""
    found = [tuple(one.split("=")) for one in names(text)]
    if not found or not all(len(pair) == 2 and all(pair) for pair in found):
        raise argparse.ArgumentTypeError("pairs of columns, such as soutien=support")
    return {first.strip(): second.strip() for first, second in found}


def four_numbers(text: str) -> tuple[float, ...]:
    """Read four numbers between commas."""
    found = tuple(float(part) for part in text.split(","))
    if len(found) != 4:
        raise argparse.ArgumentTypeError("four numbers with commas: west,south,east,north")
    return found


_READERS: dict[str, Callable[[str], Any]] = {
    "path": Path,
    "int": int,
    "float": float,
    "seed": seed,
    "names": names,
    "numbers": numbers,
    "pairs": pairs,
    "four_numbers": four_numbers,
}
