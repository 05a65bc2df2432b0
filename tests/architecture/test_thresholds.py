"""A number that is a choice stands once, in `privaudit/core/thresholds.py`."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from privaudit.core import thresholds
from tests.fixtures.syntax import asked_of_files

ROOT = Path(__file__).parents[2] / "privaudit"
# Elevens that are no threshold: pixels, bytes, degrees, an age, a seed, a list of what is tried.
NO_THRESHOLD = {
    "maps/undeclared_mask_candidates.py": "11, 15",
    "maps/model_averaging.py": "11.0",
    "io/formats/shapefile.py": "place + 11",
    "maps/masks/persistent.py": "np.uint64(11)",
    "results/line_charts.py": "11",
    "simulation/quality.py": "<= 10",
    "studies/mask_file.py": "default_rng(11)",
    "io/coordinates.py": "11.0",
}
IN_TEXTS = re.compile(
    r"\b(?:fewer than|under|at least|more than|moins de|sous|au moins|plus de)\s+"
    r"(?:1[01]|ten|eleven|dix|onze)\b(?!,\d)|\b(?:11|eleven|onze) (?:or more|ou plus)\b",
    re.IGNORECASE,
)


def elevens(tree):
    """Lines of code where an 11 stands, or where something is compared with 10."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            if node.value == thresholds.SMALL_CELL:
                yield node.lineno
        elif isinstance(node, ast.Compare):
            for op, side in zip(node.ops, node.comparators, strict=True):
                few = isinstance(side, ast.Constant) and side.value == thresholds.SMALL_CELL - 1
                if few and isinstance(op, ast.LtE | ast.Gt):
                    yield node.lineno


elevens_of = asked_of_files(lambda _, tree: list(elevens(tree)))


@pytest.mark.parametrize(
    "path", sorted(ROOT.rglob("*.py")), ids=lambda p: p.relative_to(ROOT).as_posix()
)
def test_no_code_repeats_the_threshold(path):
    name = path.relative_to(ROOT).as_posix()
    if name == "core/thresholds.py":
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    own = NO_THRESHOLD.get(name)
    wrong = [at for at in elevens_of(path) if own is None or own not in lines[at - 1]]
    assert not wrong, f"{name}: lines {wrong} hold a number of `thresholds`: import it by its name."
    told = [line for line in lines if IN_TEXTS.search(line) and "pixels" not in line]
    assert not told, f"{name}: texts name the threshold, not its number: {told}"


@pytest.mark.parametrize("path", sorted(ROOT.rglob("catalogue/*.toml")), ids=lambda p: p.name)
def test_no_sentence_repeats_the_threshold(path):
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    wrong = {
        f"{section}.{key}": text
        for section, keys in said.items()
        for key, text in keys.items()
        if IN_TEXTS.search(text) and "{thresholds." not in text
    }
    assert not wrong, (
        f"{path.name}: write {{thresholds.small_cell}} or a name of thresholds.IN_WORDS."
    )


def test_each_number_has_its_reason_and_its_decision():
    source = Path(thresholds.__file__).read_text(encoding="utf-8")
    lines = source.splitlines()
    names = [n for n in vars(thresholds) if n.isupper() and n != "IN_WORDS"]
    page = (ROOT.parent / "docs/decisions/0025-thresholds.md").read_text(encoding="utf-8")
    for name in names:
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{name} = "))
        above = lines[at - 1]
        assert above.startswith("#") or re.match(r"[A-Z_]+ = ", above), name
        assert f"`{name}`" in page, f"{name} has no decision in docs/decisions"


def test_the_search_would_find_one():
    source = "x = 3\nif n < 11:\n    pass\nif n <= 10:\n    pass"
    assert sorted(elevens(ast.parse(source))) == [2, 4]
    assert IN_TEXTS.search("Les groupes de moins de onze personnes")
    assert IN_TEXTS.search("Nothing is said of fewer than 10 people")
    assert not IN_TEXTS.search("fewer than 110 people")
