"""Run the notebooks and compare their stored outputs with those of today.

`python docs/run_notebooks.py` names each notebook that fails or stores other numbers than it
gives; `--write` stores the new ones. Words choose some: `python docs/run_notebooks.py 06 08`.

A stored output has no path, no address of memory and no time. Texts and tables are compared by
their words and numbers, without markup. Pictures are compared by title and size (how many marks an
SVG has, how many pixels a PNG): a later library may move a line, numbers do not move.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import html
import io
import json
import os
import re
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
Cell = dict[str, Any]
# Nothing that differs from a machine, or a run, to the next.
CLEANED = (
    (re.compile(re.escape(tempfile.gettempdir()) + r"/[\w-]+"), "…"),
    (re.compile(r" at 0x[0-9a-f]{6,}"), ""),
)
_KEPT = ("jupyter", "tags")
# What a page shows of an output: the first that is there. The text beside an SVG is its title.
SHOWN = ("text/html", "image/svg+xml", "image/png", "text/plain")


def source(cell: Cell) -> str:
    """The text of a cell, which a file may hold line by line."""
    return "".join(cell["source"])


def made_of(book: Cell) -> str:
    """Say in a short word which code a notebook's outputs are those of."""
    code = [source(cell) for cell in book["cells"] if cell["cell_type"] == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()[:16]


def clean(book: Cell) -> Cell:
    """Keep of a notebook what is the same wherever it is run."""
    for k, cell in enumerate(book["cells"]):
        cell["id"] = f"cell-{k:02d}"
        had = cell.get("metadata", {})
        # Tags fold what a reader does not need: checks, and how a picture is drawn.
        cell["metadata"] = {key: had[key] for key in _KEPT if key in had}
        if cell["cell_type"] == "code":
            cell["execution_count"] = None
            cell["outputs"] = _joined([kept for one in cell["outputs"] if (kept := _kept(one))])
    book["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "privaudit": {"outputs_of": made_of(book)},
    }
    return book


def _kept(output: Cell) -> Cell | None:
    if output["output_type"] == "stream":
        text = _plain("".join(output["text"]))
        return None if output["name"] == "stderr" else {**output, "text": text}
    data = {kind: _plain("".join(text)) for kind, text in output["data"].items() if kind in SHOWN}
    if "image/png" in data:
        data["image/png"] = _small(data["image/png"])
    if "text/html" in data or "image/png" in data:
        data.pop("text/plain", None)
    kept = {"output_type": "display_data", "metadata": {}, "data": data}
    return kept if output["output_type"] == "display_data" else {
        **kept, "output_type": "execute_result", "execution_count": None
    }  # fmt: skip


def _joined(outputs: list[Cell]) -> list[Cell]:
    """Write what is printed in one piece: where it is cut depends on how fast it came."""
    whole: list[Cell] = []
    for one in outputs:
        if whole and one["output_type"] == whole[-1]["output_type"] == "stream":
            whole[-1] = {**one, "text": whole[-1]["text"] + one["text"]}
        else:
            whole.append(one)
    return whole


def _small(png: str) -> str:
    """A drawing in as many colours as it needs, which a third of the bytes hold."""
    drawn = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB").quantize(96)
    kept = io.BytesIO()
    drawn.save(kept, "png", optimize=True)
    return base64.b64encode(kept.getvalue()).decode()


def _plain(text: str) -> str:
    for pattern, instead in CLEANED:
        text = pattern.sub(instead, text)
    return text


def told(book: Cell) -> list[list[str]]:
    """Return the words and numbers of each cell's outputs; of a picture, its title and size."""
    return [
        [text for one in cell["outputs"] for text in _compared(one)]
        for cell in book["cells"] if cell["cell_type"] == "code"
    ]  # fmt: skip


def _compared(output: Cell) -> list[str]:
    """Return what is compared of an output."""
    if output["output_type"] == "stream":
        return ["".join(output["text"])]
    data = {kind: "".join(text) for kind, text in output["data"].items()}
    if "text/html" in data:
        return [" ".join(html.unescape(re.sub(r"<[^>]*>", " ", data["text/html"])).split())]
    size = []
    if "image/svg+xml" in data:
        drawn = re.findall(r"<(?:path|circle|rect|text)\b", data["image/svg+xml"])
        size = [f"{len(drawn)} marks"]
    elif "image/png" in data:
        wide, high = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size
        size = [f"{wide} x {high} pixels"]
    return [*([data["text/plain"]] if "text/plain" in data else []), *size]


def run(path: Path) -> Cell:
    """Run a notebook in an empty folder; return it with what it gives today."""
    book = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as folder:
        # Their pictures are drawn by a module beside them.
        os.environ["PYTHONPATH"] = os.pathsep.join(
            [str(NOTEBOOKS), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        # Above its own folder some find data that is shared; what they write is gone afterwards.
        there = {"metadata": {"path": str(path.parent if _reads_above(book) else folder)}}
        NotebookClient(book, timeout=300, kernel_name="python3", resources=there).execute()
    return clean(json.loads(nbformat.writes(book)))  # type: ignore[no-untyped-call]


def _reads_above(book: Cell) -> bool:
    return any("Path.cwd()" in source(cell) for cell in book["cells"])


def _absent(book: Cell) -> str:
    """Name the shared file that a notebook looks for above its folder and does not find."""
    named = re.findall(r'"(shared/[^"]+)"', "".join(source(cell) for cell in book["cells"]))
    lost = [one for one in named if not any((at / one).is_file() for at in NOTEBOOKS.parents)]
    return lost[0] if lost else ""


def main() -> int:
    """Run those that are named, or all; 1 where one fails or carries something else."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("names", nargs="*", help="words in the names of notebooks")
    asked.add_argument("--write", action="store_true", help="keep the outputs of today")
    given = asked.parse_args()
    wrong = 0
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if given.names and not any(word in path.name for word in given.names):
            continue
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            book = run(path)
        except CellExecutionError as error:
            print(f"{path.name}: {error.ename}: {error.evalue}\n{error}")
            wrong += 1
            continue
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        same = told(book) == told(json.loads(path.read_text("utf-8")))
        said = "as it says" if same else "kept" if given.write else "carries other numbers"
        if not same and (absent := _absent(book)):
            # It ran on what it makes up instead: its outputs are those of the real data.
            print(f"{path.name}: runs; not compared, as {absent} is not here", flush=True)
            continue
        print(f"{path.name}: {said} ({spent:.0f} s)", flush=True)
        if given.write:
            text = json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            path.write_text(text, "utf-8")
        wrong += not same and not given.write
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
