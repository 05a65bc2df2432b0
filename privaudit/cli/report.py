"""`privaudit report`: hold a report against its manifest."""

from __future__ import annotations

import argparse

from privaudit.cli.options import tell


def run(options: argparse.Namespace) -> None:
    """Verify a report, and say so."""
    from privaudit.report.manifest import verify

    tell(f"{verify(options.verify)} files are as the manifest has them")
