"""The French pages: commands run as printed on the sample files, and terms are those of reports."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from privaudit.cli import main
from privaudit.studies.commands import commands
from privaudit.words.catalogues import Words

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted((DOCS / "fr").glob("*.md"))
BLOCK = re.compile(r"^```\n(.*?)^```", re.DOTALL | re.MULTILINE)
SAMPLES = any(option.name == "--files" for option in commands()["demo"].options)


def printed(page):
    """The commands of a page, in their order; those that write the samples have been run."""
    lines = [
        line for block in BLOCK.findall(page.read_text("utf-8")) for line in block.splitlines()
    ]
    return [line for line in lines if line.startswith("privaudit ") and "--files" not in line]


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "pieces"
    assert main(["demo", "--files", str(folder)]) == 0
    return folder


@pytest.mark.skipif(not SAMPLES, reason="demo --files writes the samples")
@pytest.mark.slow
@pytest.mark.parametrize("page", [*filter(printed, PAGES)], ids=lambda page: page.stem)
def test_every_command_runs_as_printed(page, samples, tmp_path, monkeypatch):
    """Each page whole; in every suite `tests/pipeline/test_samples.py` runs each command once."""
    shutil.copytree(samples, tmp_path / "pieces")
    monkeypatch.chdir(tmp_path / "pieces")
    for line in printed(page):
        assert main(shlex.split(line)[1:]) == 0, line


def test_an_inspector_has_a_page_for_each_step_and_each_shows_how():
    shown = {line.split()[1] for page in PAGES for line in printed(page)}
    assert {"inspect", "table", "map", "rules", "dossier", "report"} <= shown
    for page in PAGES:
        text = page.read_text("utf-8")
        assert re.match(r"# .+", text)
        assert printed(page) or page.stem == "index"
        if printed(page) and page.stem not in ("inspecteur", "journaliste"):
            assert re.match(r"# Comment .+ \?\n", text), page.name


def test_verdicts_and_people_are_called_as_in_a_report():
    text = (DOCS / "fr" / "verifier-les-regles.md").read_text("utf-8")
    words = Words("fr")
    for verdict in ("breach", "concern", "met", "not_assessable"):
        assert words(f"verdict.{verdict}") in text.replace("'", "’")
