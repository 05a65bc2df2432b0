"""The notebooks: the list of them, what each carries, and that it is clean and of this code."""

import ast
import json
import re
from pathlib import Path

import pytest

from tests.fixtures.scripts import script

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [
    "01_from_a_like_to_a_door", "02_who_is_alone_in_france",
    "03_how_many_likes_single_an_account_out", "04_every_way_a_map_leaks",
    "05_how_a_like_becomes_an_opinion", "06_auditer_son_propre_tableau",
    "07_what_a_screenshot_gives_away", "08_which_mask_is_worth_what",
    "09_your_own_adversary", "10_reproduce_a_published_number", "11_from_clicks_to_a_name",
    "12_un_dossier_cnil", "13_ce_que_la_loi_disait_ce_jour", "14_your_own_neighbourhood",
]  # fmt: skip
FRENCH = {"06_auditer_son_propre_tableau", "12_un_dossier_cnil", "13_ce_que_la_loi_disait_ce_jour"}
# Goal, what to know before, minutes; the last two sections.
HEADS = {
    False: (("Goal", "Before", "Minutes"), ("Exercises", "Answers")),
    True: (("But", "Avant", "Minutes"), ("Exercices", "Réponses")),
}
MONTHS = "|".join((
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December", "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
))  # fmt: skip
# Digits that are a name: code, links, a day, a year, a text of law, an age of the story, a level.
A_NAME = re.compile(
    r"`[^`]*`|\]\([^)]*\)|^#+ \d+\.|^\d+\. |\*\*Minutes\.\*\* \d+"
    rf"|\b(?:1er|\d{{1,2}}) (?:{MONTHS})\b|\b(?:19|20)\d\d\b"
    r"|\b[Nn]otebooks? \d\d|\b[Cc]ahiers? \d\d|Julien Meyer, 11|95 %|\b\d+:\d+\b"
    r"|\b(?:articles?|n°|Code pénal,?|délibération|loi|NS-|Lambert-|EPSG:|WP|L|R|C-|SHA-)"
    r"\s?\d[\d.-]*(?:/\d+)?",
    re.MULTILINE,
)
NUMBER = re.compile(r"\d+(?:[.,\u202f\xa0 ]\d{3}(?!\d))*(?:[.,]\d+)?")
# The functions of notebooks/pictures.py; each takes its title first.
PICTURES = set(
    re.findall(
        r"^def ([a-z]\w+)\(\s*title", (ROOT / "notebooks/pictures.py").read_text("utf-8"), re.M
    )
)
# What would tell on which machine a notebook was run, or when.
OF_A_MACHINE = re.compile(r"/(?:tmp|home|root|work|Users|var/folders)/\w| at 0x[0-9a-f]{6}")


keeper = script("docs/run_notebooks.py")


def book(path):
    return json.loads(path.read_text("utf-8"))


def code_of(path):
    return [cell for cell in book(path)["cells"] if cell["cell_type"] == "code"]


def test_they_are_these_and_the_readme_names_each():
    assert [path.stem for path in PATHS] == NAMES
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"\(notebooks/(\w+)\.ipynb\)", readme) == NAMES


def is_hidden(cell):
    return "remove-cell" in cell["metadata"].get("tags", ())


def has_picture(cell):
    return any("image/" in kind for one in cell["outputs"] for kind in one.get("data", ()))


def prose_of(path):
    return "\n\n".join(
        keeper.source(cell) for cell in book(path)["cells"] if cell["cell_type"] == "markdown"
    )


def numbers_of(text):
    """Return the numbers of a text, without separators and ending zeros."""
    found = set()
    for number in NUMBER.findall(text):
        whole = re.sub(r"[,\u202f\xa0 ](?=\d{3}(?!\d))", "", number).replace(",", ".")
        found.add(f"{float(whole):g}" if whole.count(".") < 2 else whole)
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_carries_the_outputs_of_its_code_and_nothing_of_a_machine(path):
    assert book(path)["metadata"]["privaudit"]["outputs_of"] == keeper.made_of(book(path))
    cells = book(path)["cells"]
    assert [cell["id"] for cell in cells] == [f"cell-{k:02d}" for k in range(len(cells))]
    code = code_of(path)
    assert not any(cell["execution_count"] for cell in code)
    shown = json.dumps([cell["outputs"] for cell in code], ensure_ascii=False)
    assert not OF_A_MACHINE.search(shown)
    assert '"error"' not in shown
    assert '"stderr"' not in shown
    assert path.stat().st_size < 600_000


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_has_a_goal_steps_with_pictures_and_exercises_with_answers(path):
    (*heads, minutes), sections = HEADS[path.stem in FRENCH]
    first, prose = keeper.source(book(path)["cells"][0]), prose_of(path)
    for head in heads:
        assert re.search(rf"^\*\*{head}\.\*\* \w.+", first, re.MULTILINE), head
    assert 5 <= int(re.search(rf"^\*\*{minutes}\.\*\* (\d+)$", first, re.MULTILINE)[1]) <= 60
    titles = re.findall(r"^## (.+)$", prose, re.MULTILINE)
    steps = [title for title in titles if re.match(r"\d+\. ", title)]
    assert [int(title.split(".")[0]) for title in steps] == list(range(1, len(steps) + 1))
    assert len(steps) >= 4
    assert titles[-2:] == list(sections)
    asked, answered = prose.split(f"## {sections[0]}\n")[1].split(f"## {sections[1]}\n")
    for part in (asked, answered):
        assert re.findall(r"^(\d)\. ", part, re.MULTILINE) == ["1", "2", "3"]
    cells = book(path)["cells"]
    answers = next(k for k, cell in enumerate(cells) if f"## {sections[1]}" in keeper.source(cell))
    run = [cell for cell in cells[answers:] if cell["cell_type"] == "code" and not is_hidden(cell)]
    assert len(run) >= 3
    assert all(cell["outputs"] for cell in run)
    code = [cell for cell in cells[:answers] if cell["cell_type"] == "code"]
    assert sum(map(has_picture, code)) >= len(steps)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_its_first_picture_stands_within_five_lines_of_code(path):
    """Folded cells, which draw or make data, are not counted; a call over several lines is one."""
    seen = 0
    for cell in code_of(path):
        tags = cell["metadata"].get("tags", ())
        if not {"hide-input", "remove-cell"} & set(tags):
            seen += sum(
                not isinstance(step, ast.Import | ast.ImportFrom)
                for step in ast.parse(keeper.source(cell)).body
            )
        if has_picture(cell):
            break
    assert 0 < seen <= 5


def titles_of(path):
    """Return the titles that a notebook gives to its pictures."""
    calls = [
        node for cell in code_of(path) for node in ast.walk(ast.parse(keeper.source(cell)))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in PICTURES
    ]  # fmt: skip
    firsts = [node.args[0] for node in calls]
    return [first.value for first in firsts if isinstance(first, ast.Constant)]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_each_number_of_its_prose_and_titles_is_asserted_out_of_sight(path):
    asserted = set()
    for cell in code_of(path):
        checks = [
            node for node in ast.walk(ast.parse(keeper.source(cell)))
            if isinstance(node, ast.Assert)
        ]  # fmt: skip
        if not is_hidden(cell):
            assert not checks, keeper.source(cell)
            continue
        assert not cell["outputs"], "a hidden cell prints"
        for check in checks:
            for node in ast.walk(check):
                if isinstance(node, ast.Constant) and not isinstance(node.value, bool):
                    held = node.value
                    number = isinstance(held, int | float)
                    asserted |= {f"{held:g}"} if number else numbers_of(str(held))
    said = numbers_of(A_NAME.sub(" ", prose_of(path)))
    assert said - asserted == set()
    drawn = numbers_of(A_NAME.sub(" ", "\n".join(titles_of(path))))
    assert drawn - asserted == set()


def test_a_number_that_no_cell_holds_is_found():
    text = "On 2 September 2016, 27 % of `12` people; 1,234 and 0.50, article 9. Notebook 05."
    assert numbers_of(A_NAME.sub(" ", text)) == {"27", "1234", "0.5"}
    assert numbers_of("12,5 % de 1\u202f234") == {"12.5", "1234"}


def test_it_is_of_one_code_only():
    cell = {"cell_type": "code", "source": ["1 + ", "1"]}
    same, other = {"cell_type": "code", "source": "1 + 1"}, {"cell_type": "code", "source": "1+2"}
    words = {"cell_type": "markdown", "source": "one"}
    assert keeper.made_of({"cells": [cell]}) == keeper.made_of({"cells": [words, same]})
    assert keeper.made_of({"cells": [cell]}) != keeper.made_of({"cells": [other]})


def test_what_differs_from_run_to_run_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(keeper.tempfile, "gettempdir", lambda: str(tmp_path))
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": "1/2"},
        {"output_type": "stream", "name": "stdout", "text": "<Axes at 0x7f12ab34cd56>"},
        {"output_type": "execute_result", "execution_count": 3, "metadata": {"a": 1},
         "data": {"text/plain": "   a", "text/html": "<p>1</p>", "application/x": "2"}},
    ]  # fmt: skip
    made = {"cell_type": "code", "source": "1", "metadata": {"t": 1, "tags": ["remove-cell"]},
            "id": "z", "execution_count": 3, "outputs": outputs}  # fmt: skip
    kept = keeper.clean({"cells": [made], "metadata": {}})["cells"][0]
    assert kept["id"] == "cell-00"
    assert kept["metadata"] == {"tags": ["remove-cell"]}
    assert kept["execution_count"] is None
    assert kept["outputs"] == [
        {"output_type": "stream", "name": "stdout", "text": "<Axes>"},
        {"output_type": "execute_result", "execution_count": None, "metadata": {},
         "data": {"text/html": "<p>1</p>"}},
    ]  # fmt: skip
    assert keeper.told({"cells": [kept]}) == [["<Axes>", "1"]]


def test_a_figure_that_is_svg_is_kept_and_its_title_is_compared():
    """The runner knew PNG only: of a `Display` it kept the title and lost the drawing."""

    def shown(title, drawing):
        data = {"image/svg+xml": [drawing], "text/plain": [f"Display({title})"]}
        output = {"output_type": "display_data", "metadata": {}, "data": data}
        cell = {"cell_type": "code", "source": "x", "outputs": [output]}
        return keeper.clean({"cells": [cell]})

    kept = shown("One", "<svg><path d='M1'/></svg>")
    assert kept["cells"][0]["outputs"][0]["data"]["image/svg+xml"] == "<svg><path d='M1'/></svg>"
    moved = shown("One", "<svg><path d='M2'/></svg>")
    assert keeper.told(kept) == keeper.told(moved) == [["Display(One)", "1 marks"]]
    assert keeper.told(kept) != keeper.told(shown("Two", "<svg><path d='M1'/></svg>"))
    assert keeper.told(kept) != keeper.told(shown("One", "<svg></svg>"))


def test_what_is_printed_is_kept_in_one_piece_however_it_came():
    """A line that came a moment later stood as an output of its own: other numbers, it was said."""

    def printed(*texts):
        said = [{"output_type": "stream", "name": "stdout", "text": text} for text in texts]
        noise = {"output_type": "stream", "name": "stderr", "text": "slow"}
        cell = {"cell_type": "code", "source": "x", "outputs": [said[0], noise, *said[1:]]}
        return keeper.told(keeper.clean({"cells": [cell]}))

    assert printed("a\n", "b\n") == printed("a\nb\n") == [["a\nb\n"]]


TAUGHT = (r"k-anonym(?:ity|at|ité)", r"\*\*prosecutor\*\*", r"\*\*journalist\*\*",
          r"\*\*marketer\*\*", "donut", "prior", "posterior", "baseline", "control", "residual",
          "a priori", "a posteriori")  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem[:2])
def test_a_word_of_the_field_leads_to_the_glossary_where_it_first_stands(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    text = re.sub(r"`[^`]*`|^#.*$", "", "\n".join(texts), flags=re.M)
    for word in TAUGHT:
        if first := re.search(rf"(?<![\w/-]){word}(?![\w-])", text, flags=re.I):
            assert text[first.end() :].startswith("](../docs/glossary.md)"), first[0]
