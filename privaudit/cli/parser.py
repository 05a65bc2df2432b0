"""What is wrong with a command is said in one line, with the word that was meant."""

from __future__ import annotations

import argparse
import re
from typing import Any, NoReturn

from privaudit._core.checks import did_you_mean
from privaudit.errors import printable

__all__ = ["Given", "Listed", "Parser"]

_UNKNOWN = re.compile(r"unrecognized arguments: (-[^\s=]+)")
_CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")


class Given(argparse.Action):
    """Keeps the one value of an option; argparse would keep the last of two without a word."""

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
        self.register("action", None, Given)
        self.register("action", "listed", Listed)

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
            hint = did_you_mean(choice[1], re.findall(r"[\w-]+", choice[2]))
        said = f"{self.prog}: {message}. {hint or f'See {self.prog} --help.'}"
        self.exit(2, printable(" ".join(said.split())) + "\n")
