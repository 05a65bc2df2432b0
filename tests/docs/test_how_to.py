"""Every how-to and every start of the site runs as it stands, one after the other in a folder."""

import re
import shlex
from pathlib import Path

import pytest

from privaudit.cli import main

pytestmark = pytest.mark.heavy

DOCS = Path(__file__).parents[2] / "docs"
CELL = re.compile(r"```\{code-cell\}\n(.*?)```", re.DOTALL)
PAGES = sorted([*(DOCS / "how-to").glob("*.md"), *(DOCS / "start").glob("*.md")])
QUESTIONS = DOCS / "questions.md"


def run(cell, given):
    """Run a cell as a notebook does; a line of the shell is a command of ours, or passed over."""
    lines = cell.splitlines()
    for line in (line for line in lines if line.startswith("!privaudit ")):
        assert main(shlex.split(line)[1:]) == 0, line
    code = "\n".join(line for line in lines if not line.startswith("!"))
    exec(compile(code, "cell", "exec"), given)


def test_there_are_twelve_each_with_a_question():
    pages = [page for page in PAGES if page.parent.name == "how-to"]
    assert len(pages) == 12
    for page in pages:
        assert re.search(r"^# .+\?$", page.read_text("utf-8"), re.MULTILINE), page.name
        assert CELL.search(page.read_text("utf-8")), page.name


@pytest.mark.sampled
@pytest.mark.parametrize("page", [QUESTIONS, *PAGES], ids=lambda page: page.stem)
def test_it_runs(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given = {}
    for cell in CELL.findall(page.read_text("utf-8")):
        run(cell, given)


def test_twelve_questions_have_an_answer_each():
    asked = QUESTIONS.read_text("utf-8").split("\n## ")[1:]
    assert len(asked) == 12
    for one in asked:
        assert re.match(r"(How|What|Who) .+\?\n", one)
        assert CELL.search(one), one.splitlines()[0]
