"""A function is read at one glance, and called without a table: 60 lines, 8 parameters."""

import ast
from pathlib import Path

import pytest

from tests.fixtures.syntax import asked_of_files

PACKAGE = Path(__file__).parents[2] / "privaudit"
LINES, PARAMETERS = 60, 8
# What is longer or wider, each with its reason.
REASON = {
    "results/line_charts.py:curve_chart": "one keyword for each thing that a chart may show",
    "results/line_charts.py:line_chart": "one keyword for each thing that a chart may show",
    "screenshots/read_heat.py:read_heat": "where a picture lies, and what its colours mean",
    "tables/measure.py:measure": "the one door to every measure of a table: its options",
    "release/read_traces.py:read_traces": "what each column is, and how its cells are read",
    "traces/unicity.py:unicity": "a log, its columns, what is known, and of which population",
    "tables/inference.py:inference": "the options of its attack, all with defaults",
    "tables/linkability.py:linkability": "three tables, two sides, and how all is read",
    "io/text_tables.py:table_of_cells": "what a reader knows of its rows, five of them by default",
    "studies/mask_file.py:mask_file": "the options of its command, all but three with defaults",
    "studies/repeat.py:repeat": "the options of a study, all but two with defaults",
}


def sizes(tree: ast.Module) -> dict[str, tuple[int, int]]:
    """Lines without docstring, and parameters without self, of each function."""
    found = {}
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        first = node.body[0]
        has = ast.get_docstring(node) is not None
        said = (first.end_lineno or 0) - first.lineno + 1 if has else 0
        given = node.args
        names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        names += [a.arg for a in (given.vararg, given.kwarg) if a]
        many = len([name for name in names if name not in ("self", "cls")])
        size = (node.end_lineno or 0) - node.lineno + 1 - said, many
        found[node.name] = tuple(map(max, size, found.get(node.name, (0, 0))))
    return found


sizes_of = asked_of_files(lambda _, tree: sizes(tree))


def too_large() -> set[str]:
    return {
        f"{path.relative_to(PACKAGE)}:{name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for name, (lines, many) in sizes_of(path).items()
        if lines > LINES or many > PARAMETERS
    }


@pytest.mark.heavy
def test_what_is_large_has_a_reason_and_no_reason_is_left_over():
    assert too_large() == set(REASON)


@pytest.mark.parametrize(
    "size", [("def f(self, a, *, b, **c):\n    '''A\n    b'''\n    return a", (2, 3))]
)
def test_a_size_is_counted(size):
    assert sizes(ast.parse(size[0]))["f"] == size[1]
