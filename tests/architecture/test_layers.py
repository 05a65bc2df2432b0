"""Imports go one way, files and folders stay small, and nothing refused is in them."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fixtures.syntax import asked_of_files

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "privaudit"
FILES = sorted(PACKAGE.rglob("*.py"))

# A file imports only from its own room and the rooms before it, type hints counted.
# Scoring is handed the truth: it stands after the rooms that make one, so no attack can import it.
ORDER = (
    "errors", "core", "text", "words", "stats", "results", "columns", "geo", "io", "release",
    "linkage", "tables", "screenshots", "maps", "traces", "rules", "simulation", "campaign",
    "scoring", "studies", "report", "cli", "__main__",
)  # fmt: skip
# Arithmetic alone: no frame, no file, no figure.
NO_FRAMES = {"stats"}
FRAMES = {"polars", "duckdb", "pathlib", "os", "random", "matplotlib"}
REFUSED = {
    "pickle", "cloudpickle", "dill", "shelve", "marshal", "random",
    "socket", "ssl", "http", "urllib", "requests", "httpx", "aiohttp", "ftplib", "smtplib",
}  # fmt: skip
NUMPY_RANDOM = {"Generator", "PCG64", "SeedSequence", "default_rng"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "base", "misc", "manager", "common"}
# The examples of docs/extending.md need five files more than the 300 of the package.
MOST_FILES, MOST_LINES, MOST_A_FOLDER = 305, 800, 25


def room(path: Path) -> str:
    """Return the room of a file: its folder of the package, or `scoring`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "scoring" if "scoring" in parts else parts[0]


def is_namespace(path: Path) -> bool:
    """Whether a file only lists, lazily, the public names of its package."""
    return path.name == "__init__.py" and path.with_suffix(".pyi").exists()


def imported(nodes: list[ast.AST]) -> list[str]:
    """Return every module that a file imports, inside functions and type checks too."""
    names = []
    for node in nodes:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            names.append(node.module or "")
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and dotted(node.func) in (
            "import_module",
            "importlib.import_module",
            "__import__",
        ):
            names += [a.value for a in node.args if isinstance(a, ast.Constant)]
    return names


def dotted(node: ast.AST) -> str:
    """Return a name with its attributes as it is written; "?" stands for another expression."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return ".".join(reversed(parts))


def own_rooms(names: list[str]) -> set[str]:
    """Return the rooms of the package among imported names."""
    parts = [name.split(".") for name in names if name.startswith("privaudit.")]
    return {"scoring" if "scoring" in p else p[1] for p in parts if p[1:]}


def complaints(path: Path, nodes: list[ast.AST]) -> list[str]:
    """Return what is wrong with a file that stands at `path`."""
    where, wrong = room(path), []
    names = imported(nodes)
    allowed = set(ORDER[: ORDER.index(where) + 1])
    wrong += [f"imports {name}" for name in sorted(own_rooms(names) & set(ORDER) - allowed)]
    wrong += [f"imports {n}" for n in names if n.split(".")[0] in REFUSED]
    if where in NO_FRAMES:
        wrong += [f"imports {n}" for n in names if n.split(".")[0] in FRAMES]
    for node in nodes:
        if isinstance(node, ast.Attribute):
            text = dotted(node)
            match = re.fullmatch(r"(?:np|numpy)\.random\.(\w+)", text)
            if match and match[1] not in NUMPY_RANDOM:
                wrong.append(f"global randomness: {text}")
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            if called in ("eval", "exec"):
                wrong.append(called)
            if called.endswith("default_rng") and not (node.args or node.keywords):
                wrong.append("unseeded generator")
    return wrong


@dataclass(frozen=True)
class Syntax:
    """What the tests ask of a file."""

    lines: int
    imports: list[str]
    wrong: list[str]
    classes: list[str]
    attacks: set[str]


@asked_of_files
def syntax(path: Path, tree: ast.Module) -> Syntax:
    """Return what is asked of a file of the package."""
    nodes = list(ast.walk(tree))
    ruled = path != PACKAGE / "__init__.py" and room(path) in ORDER
    return Syntax(
        lines=len(path.read_text(encoding="utf-8").splitlines()),
        imports=imported(nodes),
        wrong=complaints(path, nodes) if ruled else [],
        classes=[node.name for node in nodes if isinstance(node, ast.ClassDef)],
        attacks=attack_functions(nodes),
    )


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_file_keeps_the_rules(path):
    if path.name == "__init__.py" and path.parent == PACKAGE:
        return  # The public face names every room, lazily; tested on its own.
    assert room(path) in ORDER, "a new room needs its place in ORDER"
    assert syntax(path).wrong == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_file_is_one_concept(path):
    assert syntax(path).lines <= MOST_LINES
    parts = {part.removesuffix(".py").lower() for part in path.relative_to(PACKAGE).parts}
    assert not parts & FORBIDDEN_NAMES


def test_the_package_can_be_looked_over():
    assert len(FILES) <= MOST_FILES
    folders = Counter(path.parent for path in FILES if path.name != "__init__.py")
    assert {str(f): n for f, n in folders.items() if n > MOST_A_FOLDER} == {}


@pytest.mark.parametrize(
    ("place", "line", "said"),
    [
        ("maps/x.py", "def f():\n    from privaudit.simulation import world", "simulation"),
        ("maps/x.py", "from privaudit.maps.scoring.truth import Truth", "scoring"),
        ("traces/x.py", "import importlib\nimportlib.import_module('privaudit.campaign')", "camp"),
        ("tables/x.py", "from privaudit.maps.masks.donut import Donut", "maps"),
        ("stats/x.py", "import polars as pl", "polars"),
        ("campaign/x.py", "import numpy as np\nnp.random.seed(1)", "global randomness"),
        ("campaign/x.py", "import numpy as np\nnp.random.default_rng()", "unseeded"),
        ("release/x.py", "import pickle", "pickle"),
        ("release/x.py", "from urllib import request", "urllib"),
        ("release/x.py", "eval('1')", "eval"),
    ],
)
def test_the_rules_can_fail(place, line, said):
    nodes = list(ast.walk(ast.parse(line)))
    assert any(said in complaint for complaint in complaints(PACKAGE / place, nodes))


# Files of other rooms that draw, with words.
DRAWN = ("display.py", "charts.py", "line_charts.py", "painter.py")


def test_only_pages_commands_and_displays_have_words():
    may = {"report", "cli", "words"}
    for path in FILES:
        if "privaudit.words.catalogues.Words" in syntax(path).imports:
            assert room(path) in may or path.name in DRAWN, path


def graph() -> dict[str, set[str]]:
    """Return which file of the package imports which, in functions and type checks too."""
    known = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p
        for p in FILES
    }
    edges = {}
    for name, path in known.items():
        if is_namespace(path) or (path.name == "__init__.py" and path.parent == PACKAGE):
            continue  # Lazy, and tested on its own.
        wanted = syntax(path).imports
        edges[name] = {one for one in wanted if one in known and one not in (name, "privaudit")}
    return edges


def circles(edges: dict[str, set[str]]) -> list[str]:
    """Return the files that lead back to themselves."""
    left = {name: set(edges[name]) & set(edges) for name in edges}
    while ends := [name for name, to in left.items() if not to]:
        for name in ends:
            del left[name]
        left = {name: to - set(ends) for name, to in left.items()}
    return sorted(name for name in left if _leads_back(name, left))


def _leads_back(start: str, edges: dict[str, set[str]]) -> bool:
    visited, stack = set(), list(edges[start])
    while stack:
        name = stack.pop()
        if name == start:
            return True
        if name not in visited:
            visited.add(name)
            stack += edges[name]
    return False


def test_imports_go_in_no_circle():
    assert circles(graph()) == []


def test_a_circle_is_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"a"}}) == [
        "a", "b", "c",
    ]  # fmt: skip


# No attacks: what was known before any release, and whether a claimed share is one number.
NO_ATTACK = {"prior_over_addresses", "settled"}


def attack_functions(nodes: list[ast.AST]) -> set[str]:
    """Return the attack functions that a file imports to run them."""
    typing = {
        inner
        for node in nodes
        if isinstance(node, ast.If) and dotted(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    attacks = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node not in typing:
            module = (node.module or "").removeprefix("privaudit.")
            if module.removesuffix(".py") in ATTACK_FILES:
                attacks |= {alias.name for alias in node.names if alias.name.islower()}
    return attacks - NO_ATTACK


# Files whose functions guess: what scoring may not call.
ATTACK_FILES = {
    "maps.guess", "maps.naming", "maps.heat_inversion", "maps.area_inversion",
    "maps.version_averaging", "maps.registry", "maps.message_attacks", "maps.undeclared_mask",
    "tables.reconstruction",
}  # fmt: skip


def test_scoring_runs_no_attack():
    files = [path for path in FILES if room(path) == "scoring"]
    assert files
    for path in files:
        assert syntax(path).attacks == set(), path


def test_that_scoring_runs_an_attack_is_seen():
    source = "def f():\n    from privaudit.maps.guess import guess, Guesses"
    assert attack_functions(list(ast.walk(ast.parse(source)))) == {"guess"}


def defined_twice(classes: dict[str, list[str]]) -> dict[str, list[str]]:
    """Files of each class name that is defined more than once, from the names of each file."""
    places: dict[str, list[str]] = {}
    for path, names in classes.items():
        for name in names:
            places.setdefault(name, []).append(path)
    return {name: files for name, files in places.items() if len(files) > 1}


def test_a_class_name_is_defined_once():
    every = {str(path.relative_to(PACKAGE)): syntax(path).classes for path in FILES}
    assert sum(map(len, every.values())) > 200
    assert defined_twice(every) == {}
    assert defined_twice({"a.py": ["X", "Y"], "b.py": ["X"]}) == {"X": ["a.py", "b.py"]}
