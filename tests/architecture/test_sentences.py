"""Below the page nobody speaks: no English sentence, errors and axes of plots apart."""

import ast
import re
from pathlib import Path

import pytest

from tests.fixtures.syntax import asked_of_files

PACKAGE = Path(__file__).parents[2] / "privaudit"
SPEAKING = {"report", "cli", "words"}
# Five words in a row, with a space between: no key, no column, no format has them.
SENTENCE = re.compile(r"[A-Za-z\'’]+(?:,? [A-Za-z\'’]+){4}")
# Calls that complain, and calls that label a plot or a bar of progress.
MAY = re.compile(
    r"(error_message|Error\.of|refuse|complain|refused|an_instance|listed|of_kind|columns_present|warn|\w*Error)$"
    r"|set_(x|y)?label$|set_title$|suptitle$|(?:^|\.)(text|annotate|legend|barh?|plot)$"
)
# Parts of a complaint, put together before it is said.
PARTS = {"do", "came", "needed", "hint", "message"}

# Files whose constants of several words are no sentences for a reader, each with its reason
# and how many there are.
REASON = {
    "__init__.py": (1, "what an error says of a name"),
    "rules/facts.py": (1, "what a complaint needs"),
    "core/cache.py": (2, "SQL, and a line of the log"),
    "core/declaration.py": (1, "a line of the log"),
    "maps/adversary.py": (5, "what to do, of a complaint"),
    "maps/charts.py": (5, "titles of plots"),
    "traces/unicity_curve.py": (1, "what a complaint needs"),
    "traces/scoreboard.py": (1, "what a complaint needs"),
    "traces/periods.py": (1, "what a complaint needs"),
    "io/public_counts.py": (1, "what a complaint needs"),
    "io/formats/archive.py": (1, "what a complaint needs"),
    "io/formats/geojson.py": (1, "what a complaint needs"),
    "io/formats/sqlite_and_geopackage.py": (4, "SQL, and what a complaint needs"),
    "io/formats/json.py": (1, "what a complaint needs"),
    "io/formats/parquet.py": (1, "SQL"),
    "io/formats/sql_dump.py": (3, "what a complaint needs, and verbs of SQL"),
    "release/read_traces.py": (3, "what a complaint needs"),
    "studies/demo.py": (1, "a stage for the bar of progress"),
    "studies/frontier.py": (1, "what to do, of a complaint"),
    "studies/mask_file.py": (1, "said in a file of the user, in the place of a secret"),
    "io/duckdb.py": (1, "what to do, of a complaint"),
    "tables/counting.py": (3, "what a complaint needs"),
    "io/csv_dialects.py": (3, "what came, of a complaint"),
}


def sentences(tree: ast.Module) -> list[str]:
    """String constants that are sentences and no docstring, complaint or label of a plot."""
    parent = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            continue
        if not SENTENCE.search(node.value) or isinstance(parent[node], ast.Expr):
            continue
        above, fine = node, False
        while above in parent and not fine:
            above = parent[above]
            fine = (
                isinstance(above, (ast.Raise, ast.Assert))
                or (isinstance(above, ast.Call) and bool(MAY.search(ast.unparse(above.func))))
                or (isinstance(above, (ast.Assign, ast.AnnAssign)) and _names(above) <= PARTS)
                or (isinstance(above, ast.keyword) and above.arg in PARTS)
            )
        if not fine:
            found.append(node.value)
    return found


sentences_of = asked_of_files(lambda _, tree: sentences(tree))


def _names(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}


@pytest.mark.heavy
def test_nobody_below_the_page_speaks():
    found = {
        str(path.relative_to(PACKAGE)): len(sentences_of(path))
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in SPEAKING
    }
    assert {path: n for path, n in found.items() if n} == {p: n for p, (n, _) in REASON.items()}


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("notes = ('Half of the people are found.',)", True),
        ("def f():\n    'Half of the people are found.'", False),
        ("raise ValueError('half of the people are found')", False),
        ("do = 'Give half of the people first.'", False),
        ("axes.set_xlabel('share of the people who are found')", False),
        ("a = 'share_of_people'", False),
    ],
)
def test_a_sentence_is_seen(source, seen):
    assert bool(sentences(ast.parse(source))) is seen
