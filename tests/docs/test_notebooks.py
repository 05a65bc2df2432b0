"""The notebooks: the list of them, what each carries, and that it is clean and of this code."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [
    "01_from_a_like_to_a_door", "02_who_is_alone_in_france",
    "03_how_many_likes_single_an_account_out", "04_every_way_a_map_leaks", "05_traces",
    "06_auditer_son_propre_tableau", "07_what_a_screenshot_gives_away",
    "08_which_mask_is_worth_what", "09_your_own_adversary", "10_reproduce_a_published_number",
    "11_from_clicks_to_a_name", "12_un_dossier_cnil",
]  # fmt: skip
# What would tell on which machine a notebook was run, or when.
OF_A_MACHINE = re.compile(r"/(?:tmp|home|root|work|Users|var/folders)/\w| at 0x[0-9a-f]{6}")


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


keeper = loaded("run_notebooks")


def book(path):
    return json.loads(path.read_text("utf-8"))


def code_of(path):
    return [cell for cell in book(path)["cells"] if cell["cell_type"] == "code"]


def test_they_are_these_and_the_readme_names_each():
    assert [path.stem for path in PATHS] == NAMES
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"\(notebooks/(\w+)\.ipynb\)", readme) == NAMES


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_carries_the_outputs_of_its_code_and_nothing_of_a_machine(path):
    assert book(path)["metadata"]["privaudit"]["outputs_of"] == keeper.made_of(book(path))
    cells = book(path)["cells"]
    assert [cell["id"] for cell in cells] == [f"cell-{k:02d}" for k in range(len(cells))]
    code = code_of(path)
    assert sum(bool(cell["outputs"]) for cell in code) >= 4
    assert not any(cell["execution_count"] for cell in code)
    shown = json.dumps([cell["outputs"] for cell in code], ensure_ascii=False)
    assert not OF_A_MACHINE.search(shown)
    assert '"error"' not in shown
    assert '"stderr"' not in shown
    assert path.stat().st_size < 600_000


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_its_prose_is_held_by_cells(path):
    """As many claims are asserted as it has sections, at least."""
    text = "\n".join(keeper.source(cell) for cell in book(path)["cells"])
    asserted = sum(keeper.source(cell).count("assert ") for cell in code_of(path))
    assert asserted >= max(4, len(re.findall(r"^## ", text, re.MULTILINE)) - 1)


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
    made = {"cell_type": "code", "source": "1", "metadata": {"t": 1}, "id": "z",
            "execution_count": 3, "outputs": outputs}  # fmt: skip
    kept = keeper.clean({"cells": [made], "metadata": {}})["cells"][0]
    assert kept["id"] == "cell-00"
    assert kept["execution_count"] is None
    assert kept["outputs"] == [
        {"output_type": "stream", "name": "stdout", "text": "<Axes>"},
        {"output_type": "execute_result", "execution_count": None, "metadata": {},
         "data": {"text/html": "<p>1</p>"}},
    ]  # fmt: skip
    assert keeper.told({"cells": [kept]}) == [["<Axes>", "<p>1</p>"]]


def test_a_figure_that_is_svg_is_kept_and_its_title_is_compared():
    """The runner knew PNG only: of a `Display` it kept the title and lost the drawing."""

    def shown(title, drawing):
        data = {"image/svg+xml": [drawing], "text/plain": [f"Display({title})"]}
        output = {"output_type": "display_data", "metadata": {}, "data": data}
        cell = {"cell_type": "code", "source": "x", "outputs": [output]}
        return keeper.clean({"cells": [cell]})

    kept = shown("One", "<svg>1</svg>")
    assert kept["cells"][0]["outputs"][0]["data"]["image/svg+xml"] == "<svg>1</svg>"
    assert keeper.told(kept) == keeper.told(shown("One", "<svg>2</svg>")) == [["Display(One)"]]
    assert keeper.told(kept) != keeper.told(shown("Two", "<svg>1</svg>"))


def test_what_is_printed_is_kept_in_one_piece_however_it_came():
    """A line that came a moment later stood as an output of its own: other numbers, it was said."""

    def printed(*texts):
        said = [{"output_type": "stream", "name": "stdout", "text": text} for text in texts]
        noise = {"output_type": "stream", "name": "stderr", "text": "slow"}
        cell = {"cell_type": "code", "source": "x", "outputs": [said[0], noise, *said[1:]]}
        return keeper.told(keeper.clean({"cells": [cell]}))

    assert printed("a\n", "b\n") == printed("a\nb\n") == [["a\nb\n"]]
