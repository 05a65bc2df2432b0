"""No name is public in a room and used only by tests."""

import ast
import re
from pathlib import Path

import pytest

import privaudit

PACKAGE = Path(privaudit.__file__).parent
# Python itself calls these.
CALLED_BY_PYTHON = {"__getattr__", "__dir__"}


# Decorators that keep what they decorate: measures of a table, checks of a rule.
KEPT = re.compile(r"table_measure\b|check\(")

# To be moved, used or promised; each is a line to delete, none to add.
LEFT = {
    "studies/audit_access.py: audit_averages": "a caller's own, in a notebook and the gallery",
}


def unused(sources: dict[str, str], public: set[str]) -> list[str]:
    """Top-level functions and classes that no other line of the package names.

    Who is decorated by what keeps it (``@table_measure``, ``@check``) is used by that.
    """
    named: dict[str, list[tuple[str, int]]] = {}
    trees = {path: ast.parse(source) for path, source in sources.items()}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                named.setdefault(node.id, []).append((path, node.lineno))
            elif isinstance(node, ast.Attribute):
                named.setdefault(node.attr, []).append((path, node.lineno))
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.asname and alias.asname != alias.name:
                        named.setdefault(alias.name, []).append((path, node.lineno))
    found = []
    for path, tree in trees.items():
        for node in tree.body:
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                continue
            kept = any(KEPT.match(ast.unparse(one)) for one in node.decorator_list)
            if kept or node.name in public | CALLED_BY_PYTHON:
                continue
            own = range(node.lineno, (node.end_lineno or 0) + 1)
            if all(where == path and line in own for where, line in named.get(node.name, ())):
                found.append(f"{path}: {node.name}")
    return found


def public_names() -> set[str]:
    """Names of the top, of the namespaces, and of the modules that these list."""
    names = set(privaudit.__all__)
    for room in ("io", "linkage", "maps", "masks", "rules", "screenshots", "tables", "traces"):
        names |= set(getattr(privaudit, room).__all__)
    return names | {*privaudit.maps.charts.__all__, *privaudit.maps.protections.__all__}


def sources() -> dict[str, str]:
    return {
        str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8")
        for path in sorted(PACKAGE.rglob("*.py"))
    }


@pytest.mark.heavy
def test_every_name_is_used_or_promised():
    assert sorted(unused(sources(), public_names())) == sorted(LEFT)


def test_a_name_that_only_itself_uses_is_seen():
    text = "def f():\n    f()\ndef g():\n    return 1\n@table_measure()\ndef h():\n    pass\n"
    assert unused({"a": text, "b": "g()"}, set()) == ["a: f"]
    assert unused({"a": text, "b": "g()"}, {"f"}) == []
