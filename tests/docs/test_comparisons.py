"""Every table that compares is made by a study file, or names the command that prints it."""

import re
from pathlib import Path

import pytest

from tests.fixtures.scripts import script

DOCS = Path(__file__).parents[2] / "docs"
made = script("docs/compare_studies.py")
PAGE = made.PAGE.read_text("utf-8")
# Definitions, formats and lists, in which nothing is measured.
SAID = {
    "adversaries", "dossier", "extending", "flow", "glossary", "inspect", "limits", "measures",
    "rules", "security", "to-verify", "index",
}  # fmt: skip
COMMAND = re.compile(
    r"privaudit study|python (?:benchmarks|docs)/|`make [a-z-]+`|`benchmarks/\w+\.py|pa\.[\w.]+\("
)


def test_every_study_has_its_table_and_its_command():
    names = [path.stem for path in made.STUDIES]
    assert sorted(re.findall(r":file: data/comparisons/(\w+)\.csv\n", PAGE)) == names
    assert sorted(path.stem for path in made.kept("masks").parent.iterdir()) == names
    for name in names:
        assert f"privaudit study docs/studies/{name}.toml --out {name}" in PAGE
        first = (DOCS / "studies" / f"{name}.toml").read_text("utf-8").splitlines()[0]
        assert f"privaudit study docs/studies/{name}.toml --out {name}" in first


@pytest.mark.slow
@pytest.mark.parametrize("name", ["zooms", "adversaries", "assumptions", "masks"])
def test_the_page_says_what_the_study_gives(name):
    assert made.kept(name).read_text("utf-8") == made.made(DOCS / "studies" / f"{name}.toml")


def test_every_page_with_a_table_of_numbers_names_what_makes_it():
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text("utf-8")
        numbers = re.findall(r"^\|(?:[^|\n]*\|)*\s*[–(]?\.?\d[\d.,]*[^|\n]*\|", text, re.MULTILINE)
        if page.stem in SAID or (len(numbers) < 2 and "{csv-table}" not in text):
            continue
        assert COMMAND.search(text), page.name
