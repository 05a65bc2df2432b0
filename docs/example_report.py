"""The report that the landing page shows: what `privaudit demo` writes, in both languages.

`python docs/example_report.py FOLDER` writes `FOLDER/en` and `FOLDER/fr`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from privaudit.cli import main
from privaudit.words.catalogues import languages

__all__ = ["write_example"]


def write_example(folder: Path, *size: str) -> int:
    """Run the demo into a folder a language: stages that the first run keeps serve the next."""
    runs = (["demo", *size, "--out", str(folder / lang), "--lang", lang] for lang in languages())
    return max(map(main, runs))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("folder", type=Path)
    given, size = asked.parse_known_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    sys.exit(write_example(given.folder, *size))
