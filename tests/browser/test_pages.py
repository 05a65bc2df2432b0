"""Every kind of report in a browser: nothing loaded, nothing cut off, nothing unreadable, axe-core.

Needs `make browser`, which brings axe-core and playwright-core from npm into this folder, and
Debian's Chromium; skipped with the reason where either is not there.
"""

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from tests.fixtures.chromium import needs, node

pytestmark = needs("axe-core")


@pytest.fixture(scope="module")
def seized(tmp_path_factory):
    """A folder with a file of each kind that the command line reads."""
    rng, n = np.random.default_rng(1), 400
    folder = tmp_path_factory.mktemp("seized")
    people = {
        "age": rng.integers(18, 95, n),
        "sex": rng.choice(["F", "M"], n),
        "commune": rng.choice(["Aubrac", "Brune", "Carse"], n),
        "opinion": rng.choice(["left", "right", "none"], n),
    }
    pd.DataFrame(people).to_csv(folder / "people.csv", index=False)
    likes = {"account": rng.integers(0, 60, 2_000), "page": rng.integers(0, 200, 2_000)}
    pd.DataFrame(likes).to_csv(folder / "likes.csv", index=False)
    communes = {
        "code": ["94001", "94002"], "nom": ["A", "B"], "departement": "94", "region": "11",
        "population": [812, 20_431],
    }  # fmt: skip
    pd.DataFrame(communes).to_csv(folder / "communes.csv", index=False)
    street, number = np.divmod(np.arange(n), 20)
    places = {
        "id": [f"a{i}" for i in range(n)], "code_insee": "94042", "nom_commune": "Bourg",
        "numero": number + 1, "nom_voie": [f"Rue {s}" for s in street],
        "x": 662_000.0 + number * 22, "y": 6_857_000.0 + street * 55,
    }  # fmt: skip
    addresses = pd.DataFrame(places)
    addresses.to_csv(folder / "addresses.csv", index=False)
    dots = addresses.sample(60, random_state=1)[["x", "y"]].assign(
        name="Somebody", support_level=rng.integers(1, 6, 60)
    )
    dots.to_csv(folder / "dots.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def looked(tmp_path_factory, seized, monkeypatch_module, demos):
    """What a browser says of index.html and annex.html of each kind, in both languages."""
    root = tmp_path_factory.mktemp("reports")
    monkeypatch_module.chdir(seized)
    commands = {
        "table": ["people.csv", "--key", "age,sex,commune", "--sensitive", "opinion"],
        "map": ["dots.csv", "--addresses", "addresses.csv", "--mask", "none"],
        "traces": ["likes.csv", "--person", "account", "--item", "page"],
        "inspect": ["people.csv", "dots.csv", "--as-of", "2016-11-08"],
        "link": ["people.csv", "dots.csv", "--addresses", "addresses.csv"],
        "country": ["--population", "communes.csv", "--by", "commune,sex,birth_year"],
    }
    folders = []
    for lang in ("en", "fr"):
        folders.append(demos[lang])
        for kind, command in commands.items():
            folders.append(out := root / f"{kind}-{lang}")
            assert main([kind, *command, "--lang", lang, "--out", str(out)]) == 0
    pages = [folder / name for folder in folders for name in ("index.html", "annex.html")]
    return node("look.mjs", *pages, timeout=2400)


def test_an_area_gives_its_value_where_it_is_touched_or_in_focus(looked):
    page = next(s["path"] for s in looked if s["path"].endswith("map-en/index.html"))
    found = node("touch.mjs", page, timeout=120)
    assert found["before"] == []
    assert found["touched"] == found["titles"][:1]
    assert found["focused"] == found["titles"][1:2] or len(found["titles"]) == 1


def states(looked, name=None):
    return [s for s in looked if name is None or s["path"].endswith(name)]


def test_nothing_is_loaded_and_nothing_fails(looked):
    assert [s for s in states(looked) if s["requests"] or s["errors"]] == []


def test_axe_finds_no_violation(looked):
    assert [(s["path"][-20:], s["width"], s["violations"]) for s in looked if s["violations"]] == []


def test_nothing_is_cut_off_at_any_width(looked):
    assert [(s["path"][-20:], s["width"]) for s in states(looked) if s["overflow"] > 0] == []


def test_the_story_can_be_read_on_a_telephone(looked):
    assert [s["small"] for s in states(looked, "index.html") if s["small"]] == []


def test_the_story_is_short(looked):
    for state in states(looked, "index.html"):
        assert state["words"] <= 1_200, state["path"]
    demos = states(looked, "demo-en/index.html") + states(looked, "demo-fr/index.html")
    assert len(demos) == 2 * 2 * 3
    for state in demos:
        assert 6 <= state["figures"] <= 7
        assert state.get("pages", 1) <= 6
