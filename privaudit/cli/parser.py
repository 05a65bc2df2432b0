"""What is wrong with a command is said in one line, with the word that was meant."""

from __future__ import annotations

import argparse
import re
from typing import Any, NoReturn

from privaudit._core.checks import did_you_mean
from privaudit.errors import visible

__all__ = ["Parser"]

_UNKNOWN = re.compile(r"unrecognized arguments: (-[^\s=]+)")
_CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")


class Parser(argparse.ArgumentParser):
    """A parser that leaves the block of every option to ``--help``."""

    # Each command says itself what it does not know: the program does not have its options.
    def parse_known_args(self, *arguments: Any, **options: Any) -> Any:
        self._given = [str(word) for word in arguments[0] or ()] if arguments else []
        found, unknown = super().parse_known_args(*arguments, **options)
        if unknown and self._subparsers is None:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def _misspelt(self) -> str:
        """Return the first option given that there is none of, "" where all are known."""
        words = [word.partition("=")[0] for word in self._given if word.startswith("--")]
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
        self.exit(2, visible(" ".join(said.split())) + "\n")
