"""`privaudit report`: hold a report against its manifest."""

from __future__ import annotations

import argparse
from pathlib import Path

from privaudit.cli.telling import tell

__all__ = ["add"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `privaudit report` and its options."""
    report = commands.add_parser(
        "report",
        help="hold a report against its manifest",
        description="Read every file of a report again, and say whether each is as its "
        "manifest.json has it: one changed digit is found.",
    )
    report.add_argument("--verify", type=Path, required=True, metavar="DIR", help="its folder")
    report.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Verify a report, and say so."""
    from privaudit.reporting.manifest import verify

    tell(f"{verify(options.verify)} files are as the manifest has them")
