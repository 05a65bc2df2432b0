"""docs/where.md: each answer is one file, and the file defines what the answer says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<question>.+?) \| `(?P<file>[^`]+)` \| `(?P<name>\w+)` \|$", re.MULTILINE)


def rows(page: str) -> list[tuple[str, str, str]]:
    """Questions, files and names of the page."""
    return ROW.findall(page)


def defines(file: Path, name: str) -> bool:
    """Whether a file defines a name: a function, a class, a constant, a key, a public name."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        return bool(re.search(rf"^(?:def|class) {name}\b|^{name}\b.*=", text, re.MULTILINE))
    if file.suffix == ".pyi":
        return bool(re.search(rf"^from .* import {name}\b", text, re.MULTILINE))
    return bool(re.search(rf'^\[+.*\b{name}\b.*\]|^"?{name}"?\s*=|"{name}"', text, re.MULTILINE))


PAGE = rows((ROOT / "docs/where.md").read_text(encoding="utf-8"))


def test_it_answers_forty_questions_once_each():
    assert len(PAGE) >= 40
    assert len({question for question, _, _ in PAGE}) == len(PAGE)


@pytest.mark.parametrize(("question", "file", "name"), PAGE, ids=[name for _, _, name in PAGE])
def test_the_file_defines_what_the_answer_says(question, file, name):
    assert (ROOT / file).is_file(), f"{question}: {file} is gone; correct docs/where.md"
    assert defines(ROOT / file, name), f"{question}: {file} does not define {name}"


def test_a_wrong_answer_is_seen(tmp_path):
    file = tmp_path / "x.py"
    file.write_text("def other():\n    return fold\n", encoding="utf-8")
    assert not defines(file, "fold")
    assert defines(file, "other")
