"""The tables of docs/comparisons.md, each made by a study file of docs/studies.

`python docs/compare_studies.py` runs them and says which table is another today; `--write` keeps
what they give. Words in the names of the files choose some.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path
from typing import Any

from privaudit.results.repeated import Repeated
from privaudit.studies.study_file import read_study, run_study

DOCS = Path(__file__).parent
PAGE = DOCS / "comparisons.md"
STUDIES = sorted((DOCS / "studies").glob("*.toml"))
GAINS = ("address", "household", "person", "opinion")


def table(found: Repeated) -> str:
    """A line a setting: what is varied, each gain with the interval of its mean, one more town."""
    told = {name: {row.part[name] for row in found.rows} for name in found.varied}
    moved = [name for name, values in told.items() if len(values) > 1]
    head = [*moved, *GAINS, "control, address", "one more town, address", "n"]
    lines = [head]
    for setting in dict.fromkeys(tuple(row.part[name] for name in moved) for row in found.rows):
        part = dict(zip(moved, setting, strict=True))
        rows = {gain: found.row("reidentified", gain, **part) for gain in GAINS}
        door = rows["address"]
        lines.append(
            [
                *(f"`{value}`" for value in setting),
                *(_span(row.value, row.low, row.high) for row in rows.values()),
                _share(door.control),
                f"{_share(door.between_low)} to {_share(door.between_high)}",
                f"{door.n:.0f}",
            ]
        )
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def _share(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"


def _span(value: float, low: float, high: float) -> str:
    return f"{_share(value)} ({_share(low)} to {_share(high)})" if value == value else "–"


def kept(name: str) -> Path:
    """Return the file with the table of a study as the page shows it."""
    return DOCS / "data" / "comparisons" / f"{name}.csv"


def made(path: Path) -> str:
    """Run a study; return its table."""
    study: Any = read_study(path)
    return table(run_study(study))


def main() -> int:
    """Run those that are named, or all; 1 where a table of the page is another."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("names", nargs="*", help="words in the names of study files")
    asked.add_argument("--write", action="store_true", help="keep the tables of today")
    given = asked.parse_args()
    wrong = 0
    for path in STUDIES:
        if given.names and not any(word in path.name for word in given.names):
            continue
        file, now = kept(path.stem), made(path)
        same = file.read_text("utf-8") == now
        said = "as it says" if same else "kept" if given.write else "another"
        print(f"{path.name}: {said}", flush=True)
        if given.write:
            file.write_text(now, "utf-8")
        wrong += not same and not given.write
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
