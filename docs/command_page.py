"""The page of the command line, from the declaration of its options."""

from __future__ import annotations

import argparse

from privaudit.cli import RUNS
from privaudit.cli.exit_status_and_signals import UNMET
from privaudit.cli.options import command_parser

__all__ = ["command_page"]

STATUSES = (
    f"Exit status: 0 done; 1 a fault of the program; 2 wrong input, in one line; {UNMET} done, and "
    "a `--require` does not hold or cannot be decided; 130, 143 or 129 stopped by a signal."
)


def command_page() -> str:
    """Return the page: a section a command, with a row an option."""
    lines = ["# The command line", "", STATUSES, ""]
    (added,) = (
        a for a in command_parser(RUNS)._actions if isinstance(a, argparse._SubParsersAction)
    )
    for name, parser in added.choices.items():
        summary = next(one.help for one in added._choices_actions if one.dest == name)
        lines += [f"## privaudit {name}", "", parser.description or f"{summary}.", ""]
        lines += ["| option | value | what it says |", "|---|---|---|"]
        lines += [_row(a) for a in parser._actions if not isinstance(a, argparse._HelpAction)]
        lines.append("")
    return "\n".join(lines)


def _row(action: argparse.Action) -> str:
    """Return the row of an option, or of a file."""
    name = (action.option_strings or [str(action.metavar or action.dest)])[-1]
    words = " or ".join(map(str, action.choices or ()))
    value = "" if action.nargs == 0 or not action.option_strings else words or action.metavar or ""
    needed = ", required" if action.required and action.option_strings else ""
    said = (action.help or "").replace("|", "\\|")
    return f"| `{name}` | {value}{needed} | {said} |"
