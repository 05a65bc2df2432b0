"""How large the house is, and how long the way from a call to its arithmetic: `make house`.

Lines of code leave out docstrings, comments, imports and blank lines. A way is what a second call
passes through: the files and the functions of the package, comprehensions apart.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import privaudit as pa

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "privaudit"
NAMESPACES = ("io", "linkage", "maps", "masks", "rules", "screenshots", "tables", "traces")
_LAYOUT = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENDMARKER,
}  # fmt: skip


def code_lines(source: str) -> int:
    """Count the lines of code of a file."""
    apart: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            apart |= set(range(node.lineno, (node.end_lineno or 0) + 1))
        documented = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            first = node.body[0]
            apart |= set(range(first.lineno, (first.end_lineno or 0) + 1))
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _LAYOUT:
            lines |= set(range(token.start[0], token.end[0] + 1))
    return len(lines - apart)


def words_of(*patterns: str) -> tuple[int, int]:
    """Count the words of the files that match, and what `wc -w` counts: bars of tables too."""
    files = {file for pattern in patterns for file in ROOT.glob(pattern)}
    pieces = [one for file in files for one in file.read_text(encoding="utf-8").split()]
    return sum(bool(re.search(r"\w", one)) for one in pieces), len(pieces)


def way(call: Callable[[], object]) -> tuple[int, int]:
    """Return how many files and functions of the package a second call passes through."""
    call()
    passed: set[tuple[str, str, int]] = set()

    def note(frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(str(PACKAGE)):
            passed.add((code.co_filename, code.co_qualname, code.co_firstlineno))

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    named = {one for one in passed if not one[1].rpartition(".")[2].startswith("<")}
    return len({file for file, _, _ in named}), len(named)


def audited(dots: int = 300) -> Callable[[], object]:
    """Return an audit of a masked map of so many dots, by whoever knows the mask."""
    town = pa.Town(inhabitants=100 * dots)
    world = pa.simulate(town, seed=7)
    mask = pa.masks.parse_mask("donut:50:200")
    leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(mask=mask), seed=7)
    print(f"dots audited: {len(leak)}")
    return lambda: pa.audit(leak, pa.Adversary.knows_mask(mask), truth=world, seed=7)


def measured(rows: int = 300) -> Callable[[], object]:
    """Return the measurement of a table of three keys and a sensitive column."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, rows),
            "sex": rng.choice(["f", "m"], rows),
            "commune": rng.choice(list("abcde"), rows),
            "opinion": rng.choice(["left", "right"], rows),
        }
    )
    roles = pa.Roles(key=["age", "sex", "commune"], sensitive=["opinion"])
    return lambda: pa.measure(frame, roles)


def main() -> None:
    """Print the counts."""
    sources = {f: f.read_text(encoding="utf-8") for f in sorted(PACKAGE.rglob("*.py"))}
    code = {file: code_lines(source) for file, source in sources.items()}
    folders = Counter(file.parent for file in sources if file.name != "__init__.py")
    folder, most = folders.most_common(1)[0]
    length = {file: len(source.splitlines()) for file, source in sources.items()}
    longest = max(length, key=lambda file: length[file])
    print(f"files: {len(sources)}")
    print(f"lines: {sum(length.values())}")
    print(f"lines of code: {sum(code.values())}")
    print(f"fullest folder: {folder.relative_to(ROOT)}, {most} files")
    print(f"longest file: {longest.relative_to(ROOT)}, {length[longest]} lines")
    print(f"names at the top: {len(pa.__all__)}")
    for name in NAMESPACES:
        print(f"names in pa.{name}: {len(getattr(pa, name).__all__)}")
    words, pieces = words_of("docs/*.md", "docs/*/*.md")
    print(f"words in docs: {words} ({pieces} with the bars of tables and other signs)")
    print(f"lines of README: {len((ROOT / 'README.md').read_text('utf-8').splitlines())}")
    for name, call in (("audit", audited()), ("measure", measured())):
        files, functions = way(call)
        print(f"way of pa.{name}: {files} files, {functions} functions")


if __name__ == "__main__":
    main()
