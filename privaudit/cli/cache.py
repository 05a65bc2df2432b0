"""`privaudit cache`: what the cache holds."""

from __future__ import annotations

import argparse

from privaudit.cli.options import open_store, tell


def run(options: argparse.Namespace) -> None:
    """Print what the cache holds, or clear it."""
    from privaudit.core.cache import default_directory

    directory = options.cache or default_directory()
    if not directory.exists():
        tell(f"0 simulated stages in {directory}, which is not there")
        return
    store = open_store(directory)
    try:
        if options.clear:
            tell(f"{store.clear()} stages forgotten in {store.directory}")
        else:
            held = store.summary()
            size = held["bytes"] / 1e6
            tell(f"{held['stages']} simulated stages, {size:.1f} MB, in {store.directory}")
    finally:
        store.close()
