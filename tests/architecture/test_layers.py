"""The house stands: imports go one way, files stay small, nothing refused is in them."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "privaudit"
FILES = sorted(PACKAGE.rglob("*.py"))

# A file may import only from its own layer and the layers before it.
ORDER = (
    "errors", "_core", "text", "words", "roles", "measures", "results", "tables", "places",
    "simulation", "campaign", "release", "attacks", "exposure", "rules", "studies", "reporting",
    "cli", "__main__",
)  # fmt: skip
ATTACKS_MAY = {*ORDER[: ORDER.index("simulation")], "release", "attacks"}
MEASURES_MAY_NOT = {"pandas", "polars", "duckdb", "pathlib", "os", "random", "matplotlib"}
REFUSED = {
    "pickle", "cloudpickle", "dill", "shelve", "marshal", "random",
    "socket", "ssl", "http", "urllib", "requests", "httpx", "aiohttp", "ftplib", "smtplib",
}  # fmt: skip
NUMPY_RANDOM = {"Generator", "PCG64", "SeedSequence", "default_rng"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "base", "misc", "manager", "common"}


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> list[str]:
    """Every module that a file imports, inside functions and type checks too."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            found.append(node.module or "")
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "import_module",
            "importlib.import_module",
            "__import__",
        ):
            found += [a.value for a in node.args if isinstance(a, ast.Constant)]
    return found


def own_layers(names: list[str]) -> set[str]:
    return {n.split(".")[1] for n in names if n.startswith("privaudit.") and n.count(".") >= 1}


def complaints(path: Path, source: str) -> list[str]:
    """What is wrong with a file that stands at `path`."""
    tree, where, wrong = ast.parse(source), layer(path), []
    names = imported(tree)
    allowed = ATTACKS_MAY if where == "attacks" else set(ORDER[: ORDER.index(where) + 1])
    wrong += [f"imports {name}" for name in sorted(own_layers(names) & set(ORDER) - allowed)]
    wrong += [f"imports {n}" for n in names if n.split(".")[0] in REFUSED]
    if where == "measures":
        wrong += [f"imports {n}" for n in names if n.split(".")[0] in MEASURES_MAY_NOT]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            text = ast.unparse(node)
            match = re.fullmatch(r"(?:np|numpy)\.random\.(\w+)", text)
            if match and match[1] not in NUMPY_RANDOM:
                wrong.append(f"global randomness: {text}")
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("eval", "exec"):
                wrong.append(called)
            if called.endswith("default_rng") and not (node.args or node.keywords):
                wrong.append("unseeded generator")
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_file_keeps_the_rules(path):
    if path.name == "__init__.py" and path.parent == PACKAGE:
        return  # The public face names every layer, lazily; tested on its own.
    assert layer(path) in ORDER, "a new layer needs its place in ORDER"
    assert complaints(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_file_is_one_thought(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350
    parts = {part.removesuffix(".py").lower() for part in path.relative_to(PACKAGE).parts}
    assert not parts & FORBIDDEN_NAMES


@pytest.mark.parametrize(
    ("place", "line", "said"),
    [
        ("attacks/x.py", "def f():\n    from privaudit.simulation import world", "simulation"),
        (
            "attacks/x.py",
            "import importlib\nimportlib.import_module('privaudit.campaign')",
            "campaign",
        ),
        ("simulation/x.py", "from privaudit.release.masks import Donut", "release"),
        ("measures/x.py", "import pandas as pd", "pandas"),
        ("campaign/x.py", "import numpy as np\nnp.random.seed(1)", "global randomness"),
        ("campaign/x.py", "import numpy as np\nnp.random.default_rng()", "unseeded"),
        ("release/x.py", "import pickle", "pickle"),
        ("release/x.py", "from urllib import request", "urllib"),
        ("release/x.py", "eval('1')", "eval"),
    ],
)
def test_the_rules_can_fail(place, line, said):
    assert any(said in complaint for complaint in complaints(PACKAGE / place, line))


def test_only_the_page_and_the_display_of_a_result_have_words():
    may = {"reporting", "cli", "words"}
    for path in FILES:
        names = imported(ast.parse(path.read_text(encoding="utf-8")))
        if any(name.startswith("privaudit.words.words") for name in names):
            shown = path.name in (
                "display.py", "headlines.py", "tabled.py", "painter.py", "charts.py"
            )  # fmt: skip
            assert layer(path) in may or shown, path


# Says what was known before any release: the baseline of every score.
NO_ATTACK = {"prior_over_addresses"}
TRUTH = "privaudit.exposure.maps.truth"


def attacks_and_truths(tree: ast.AST) -> tuple[set[str], set[str]]:
    """Attack functions (types that carry guesses apart), and modules of the truth, that run."""
    typing = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    attacks, truths = set(), set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node in typing:
            continue
        place = (node.module or "").split(".")[1:2]
        if place == ["attacks"]:
            attacks |= {alias.name for alias in node.names if alias.name.islower()}
        if place in (["simulation"], ["campaign"]) or node.module == TRUTH:
            truths.add(node.module)
    return attacks - NO_ATTACK, truths


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_studies_and_cli_see_both_sides(path):
    attacks, truths = attacks_and_truths(ast.parse(path.read_text(encoding="utf-8")))
    both = bool(attacks and truths)
    assert not both or layer(path) in ("studies", "cli", "__init__"), (attacks, truths)


def test_to_see_both_sides_is_seen():
    told = attacks_and_truths(
        ast.parse(
            "from privaudit.attacks.guess import guess\n"
            "def f():\n    from privaudit.campaign.campaign import Campaign"
        )
    )
    assert told == ({"guess"}, {"privaudit.campaign.campaign"})


def graph() -> dict[str, set[str]]:
    """Which file of the package imports which, type hints and imports in functions too."""
    known = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p
        for p in FILES
    }
    found = {}
    for name, path in known.items():
        if path.name == "__init__.py" and path.parent == PACKAGE:
            continue  # Lazy, and tested on its own.
        wanted = imported(ast.parse(path.read_text(encoding="utf-8")))
        found[name] = {one for one in wanted if one in known and one not in (name, "privaudit")}
    return found


def circles(edges: dict[str, set[str]]) -> list[str]:
    """Return the files that lead back to themselves."""
    left = {name: set(edges[name]) & set(edges) for name in edges}
    while ends := [name for name, to in left.items() if not to]:
        for name in ends:
            del left[name]
        left = {name: to - set(ends) for name, to in left.items()}
    return sorted(name for name in left if _leads_back(name, left))


def _leads_back(start: str, edges: dict[str, set[str]]) -> bool:
    seen, stack = set(), list(edges[start])
    while stack:
        name = stack.pop()
        if name == start:
            return True
        if name not in seen:
            seen.add(name)
            stack += edges[name]
    return False


def test_imports_go_in_no_circle():
    assert circles(graph()) == []


def test_a_circle_is_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"a"}}) == [
        "a", "b", "c",
    ]  # fmt: skip


def classes_defined(trees) -> dict[str, list[str]]:
    """Where each class name is defined, by the file of its definition."""
    found: dict[str, list[str]] = {}
    for path, tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(str(path))
    return found


def test_a_class_name_is_defined_once():
    trees = [(p.relative_to(PACKAGE), ast.parse(p.read_text(encoding="utf-8"))) for p in FILES]
    found = classes_defined(trees)
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
    twice = classes_defined(
        [("a.py", ast.parse("class X: ...")), ("b.py", ast.parse("class X: ..."))]
    )
    assert twice == {"X": ["a.py", "b.py"]}
