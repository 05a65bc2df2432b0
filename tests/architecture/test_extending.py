"""docs/extending.md: each worked example is written into a copy of the package, and works."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```python\n# (\S+\.py)\n(.*?)```", re.DOTALL)
DIFF = re.compile(r"```diff\n--- a/\S+\n\+\+\+ b/(\S+)\n(.*?)```", re.DOTALL)


def section(title):
    return GUIDE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def files_of(title):
    """The files that a section makes or changes, words apart."""
    touched = {path for kind in (BLOCK, DIFF) for path, _ in kind.findall(section(title))}
    return {path for path in touched if "/words/" not in path}


def changed(text, diff):
    """Put the lines that a diff adds where the lines stand that it shows beside them."""
    for hunk in diff.split("@@\n")[1:]:
        lines = [line or " " for line in hunk.splitlines()]
        before = "".join(f"{line[1:]}\n" for line in lines if line[0] != "+")
        after = "".join(f"{line[1:]}\n" for line in lines if line[0] != "-")
        assert before.strip(), "show a line that stands beside"
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The package with every file of the guide in it."""
    root = tmp_path_factory.mktemp("extended")
    # With its bytecode, which holds as long as a source keeps its time and its size; what another
    # process is writing is left out.
    unwritten = shutil.ignore_patterns("*.pyc.*", "browser")
    shutil.copytree(ROOT / "privaudit", root / "privaudit", ignore=unwritten)
    for path, code in BLOCK.findall(GUIDE):
        target = root / path
        assert not target.exists(), f"{path} is there already: show a new file"
        target.write_text(code, encoding="utf-8")
    for path, diff in DIFF.findall(GUIDE):
        target = root / path
        target.write_text(changed(target.read_text(encoding="utf-8"), diff), encoding="utf-8")
    # A package of somebody's own, as an installer leaves it.
    installed = root / "extended-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: extended\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(
        "[privaudit.masks]\nsquare = square:Square\ncone = cone:Cone\nlost = nowhere:Lost\n"
        "[privaudit.attacks]\nlarge_first = large_first:LargeFirst\n"
    )
    # A language in the making: its words are English still.
    catalogues = root / "privaudit" / "words" / "catalogue"
    shutil.copy(catalogues / "en.toml", catalogues / "de.toml")
    # The tests and the pages that are held to the package, beside the copy of it.
    for folder in ("tests", "docs"):
        shutil.copytree(ROOT / folder, root / folder, ignore=unwritten)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, root / name)
    for path, at, line in LINES:
        page = root / path
        text = page.read_text("utf-8")
        assert at in text, path
        page.write_text(text.replace(at, f"{at}{line}\n", 1), encoding="utf-8")
    return root


_CATALOGUES = [f"privaudit/words/catalogue/{lang}.toml" for lang in ("en", "fr", "de")]
# The words that a measure and a rung take, and the row that the page of the measures asks for.
LINES = [
    *((path, "\n[measure]\n", 'table__median_class = "class of the middle record"')
      for path in _CATALOGUES),
    *((path, f"\n[{section}]\n", 'favours_large = "knows the large buildings"')
      for path in _CATALOGUES for section in ("who", "rung")),
    ("docs/measures.md", "\n|---|---|---|---|---|---|\n",
     "| `median_class` | records in the class of the middle record | [1, ∞) | large | – | – |"),
]  # fmt: skip


def passing(copy, *words):
    """Run tests of the copy on the copy; return how many passed."""
    said = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words)
    return int(re.search(r"(\d+) passed", said)[1])


# What each kind is held to, and on which of its tests the added one is tried.
LAWS = {
    "mask": ("tests/properties/test_every_mask_laws.py", "epanechnikov"),
    "mask's words": ("tests/unit/report/test_story_words.py", "has_a_name"),
    "reader": ("tests/properties/test_every_reader.py", "recutils"),
    "table measure": ("tests/properties/test_table_laws.py", "median_class or documented"),
    "view": ("tests/unit/campaign/test_publish_views.py", "publish_of_every_view and VisitList"),
    "rung of the ladder": (
        "tests/unit/maps/test_attack_registry.py",
        "one_attack or its_words",
    ),
    "language": ("tests/unit/report/test_words_catalogues.py", "de and every_key"),
    # Layers, sizes and the two sides: nothing that a guide adds breaks a rule of the house.
    "layers": ("tests/architecture/test_layers.py", "test_"),
    "two sides": ("tests/architecture/test_two_sides.py", "test_"),
    "seeds": ("tests/architecture/test_seeds.py", "not public_name"),
}


@pytest.fixture(scope="module")
def tried(copy):
    """Run the laws of every kind in one run of pytest, and list what passed and what did not."""
    chosen = [f"({Path(file).name} and ({words}))" for file, words in LAWS.values()]
    options = ("-q", "-p", "no:cacheprovider", "-rpfE", "-k", " or ".join(chosen))
    said = run(copy, "-m", "pytest", *options, *(file for file, _ in LAWS.values()), fine=(0, 1))
    return re.findall(r"^(PASSED|FAILED|ERROR) ([^:\s]+)(.*)$", said, re.MULTILINE)


@pytest.mark.parametrize("kind", LAWS)
def test_what_is_added_is_held_to_the_laws_of_its_kind(tried, kind):
    results = [(result, test) for result, file, test in tried if file == LAWS[kind][0]]
    assert [test for result, test in results if result != "PASSED"] == []
    assert results


def test_a_mask_without_words_is_told_where_they_go(copy):
    english = copy / "privaudit" / "words" / "catalogue" / "en.toml"
    whole = english.read_text(encoding="utf-8")
    try:
        english.write_text(re.sub(r"(?m)^epanechnikov = .*\n", "", whole), encoding="utf-8")
        with pytest.raises(AssertionError, match=r"add epanechnikov to \[view\] of words"):
            passing(copy, "tests/unit/report/test_story_words.py", "-k", "has_a_name and en")
    finally:
        english.write_text(whole, encoding="utf-8")


def test_a_mask_of_the_library_is_one_file(said):
    assert float(said["mask of the library"]) == 1


def test_the_nearest_tests_of_each_kind_are_there():
    near = tomllib.loads((ROOT / "tests" / "near.toml").read_text(encoding="utf-8"))
    kinds = {"mask", "reader", "measure", "view", "attack", "language"}
    assert set(near) >= kinds
    for files in near.values():
        assert [file for file in files if not (ROOT / file).exists()] == []
    done = subprocess.run([sys.executable, ROOT / "tests" / "near.py", "cloak"],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 2
    assert "one of mask" in done.stderr


def run(copy, *words, fine=(0,)):
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        cwd=copy,
        # What one run compiles, the next ones load: the copy is thrown away, and its bytecode too.
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": ""},
    )
    assert done.returncode in fine, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


# What is tried of the added things, by Python and by the command line, in one process: a start of
# Python costs as much as most of them.
CODE = {
    "mask of the library": """
from privaudit.maps import masks

assert pa.masks.parse_mask("epanechnikov:90") == masks.Epanechnikov(reach=90)
print(pa.masks.check_mask(masks.Epanechnikov(reach=90))["explained"])
""",
    "own mask": """
from square import Square

mask = pa.masks.parse_mask("square:100")
assert mask == Square(side=100) and str(mask) == "square:100"
world = campaign.world
leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=7)
assert leak.view == "square:100"
home = world.addresses.xy[leak.sources["marked_address"]]
assert abs(leak.records[["x", "y"]].to_numpy() - home).max() <= 50
found = pa.audit(leak, pa.Adversary.knows_mask(mask), truth=world, seed=7)
assert found.reliable
print(round(found.overall.loc["address", "value"], 3))
""",
    "own mask and attack": """
from cone import Cone
from square import Square
from large_first import LargeFirst

for mask in (Cone(reach=90), Square(side=100)):
    assert pa.masks.check_mask(mask)["explained"] == 1
print(pa.maps.check_attack(LargeFirst(mask=Cone(reach=90)))["n"])
""",
    "installed": """
try:
    pa.masks.parse_mask("lost:3")
except pa.PrivauditError as error:
    print(error)
mask = pa.masks.parse_mask("cone:90")
print(pa.maps.parse_adversary("large-first", mask=mask))
""",
    "view": """
from privaudit.campaign.publish import parse_view
from privaudit.campaign.views.visit_list import VisitList

assert parse_view("visits") == VisitList()
leak = pa.publish(campaign, VisitList(names=True), seed=7)
assert leak.view == "visits" and leak.kind == "table"
assert len(leak) == len(leak.sources) == (campaign.dots["status"] == "to_meet").sum()
assert list(leak.records.columns) == ["first_name", "last_name", "presumed_leaning", "street"]
print(len(pa.audit(leak).overall))
""",
    "rung": """
import numpy as np, pandas as pd
from privaudit.maps.guess import guess
from privaudit.maps.registry import climb, rungs
from privaudit.maps.registry import parse_adversary
from privaudit.geo.address_base import AddressBase
from privaudit.maps.masks import Disk
from privaudit.release.release import DotRelease
from privaudit.columns.roles import Roles

mask = Disk(radius=50)
names = [rung.name for rung in rungs(mask)]
assert names == ["nearest", "knows_mask", "knows_electors", "favours_large"]
assert "favours_large" not in [rung.name for rung in rungs(mask, electors=False)]
base = AddressBase(pd.DataFrame({"id": list("ab"), "number": "1", "street": "s", "commune": "c",
    "station": "", "x": [0.0, 40.0], "y": 0.0, "electors": [1, 3]}), real=False)
leak = DotRelease(records=pd.DataFrame({"x": [20.0], "y": 0.0}), roles=Roles(location=["x", "y"]),
    backdrop=base)
found = guess(leak, parse_adversary("favours-large", mask=mask), rng=np.random.default_rng(7))
assert found.attack == "favours_large" and found.address.tolist() == [1]
assert climb(leak, rungs(mask))[3].address.tolist() == [1]
print(found.confidence[0])
""",
    "chapter": """
from privaudit.report.annex import chapter_of
from privaudit.results.rows import Rows

assert chapter_of("postal") == "letters"
rows = Rows(40, "addresses")
rows.count("came_back", 12, "addresses")
found = pa.Measures(family="postal", rows=rows)
for lang, title in (("en", "What letters tell"), ("fr", "Ce que disent les lettres")):
    page = pa.report(found, lang, lang=lang)
    annex = page.with_name("annex.html").read_text(encoding="utf-8")
    print(lang, 'id="chapter-letters"' in annex and title in annex)
""",
}
COMMANDS = (
    "mask --help", "mask points.csv --mask square:100 --out square.csv",
    "mask points.csv --mask cone:90 --out cone.csv", "map --help",
)  # fmt: skip
RUNNER = """
import contextlib, io, json, os, sys, traceback
import privaudit as pa
from privaudit.cli import main

os.chdir(sys.argv[1])
with open("points.csv", "w") as file:
    file.write("x,y\\n650000,6860000\\n650100,6860100\\n")
campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=3_000), seed=7), seed=7)
given, said = json.loads(sys.argv[2]), {}
runs = {name: lambda code=code: exec(code, {"pa": pa, "campaign": campaign})
        for name, code in given["code"].items()}
runs |= {words: lambda words=words: main(words.split()) for words in given["commands"]}
for name, run in runs.items():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            run()
        except SystemExit as ended:
            assert not ended.code
        except BaseException:
            out.write(traceback.format_exc())
    said[name] = out.getvalue()
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(copy, tmp_path_factory):
    """Return what each of them prints, its traceback included."""
    given = json.dumps({"code": CODE, "commands": COMMANDS})
    return json.loads(run(copy, "-c", RUNNER, str(tmp_path_factory.mktemp("tried")), given))


def test_as_many_files_are_touched_as_the_table_says():
    said = dict(re.findall(r"^\| an? (.+) \| (\d).* \|$", GUIDE, re.MULTILINE))
    assert set(said) == {
        "mask", "attack", "view", "table measure", "rung of the ladder", "reader", "language",
        "chapter",
    }  # fmt: skip
    for thing, most in said.items():
        titles = (f"A {thing}", f"An {thing}")
        touched = [files_of(title) for title in titles if f"\n## {title}\n" in GUIDE]
        assert len(touched) == 1, thing
        # Three masks are shown, each in a file of its own.
        most = 3 if thing == "mask" else int(most)
        assert (thing != "language") <= len(touched[0]) <= most, thing


def test_a_mask_works_from_the_command_line_to_the_audit(said):
    assert 0 < float(said["own mask"]) < 1
    assert "square:..." in " ".join(said["mask --help"].split())
    assert "2 points" in said["mask points.csv --mask square:100 --out square.csv"]


def test_own_masks_and_attacks_are_held_to_what_the_library_s_are(said):
    assert float(said["own mask and attack"]) > 10


def test_masks_and_attacks_of_an_installed_package_are_known_by_their_word(said):
    assert "'lost' of an installed package" in said["installed"]
    assert "Adversary('large_first', mask=cone:90" in said["installed"]
    assert "2 points" in said["mask points.csv --mask cone:90 --out cone.csv"]


def test_a_view_works_from_its_word_to_the_audit(said):
    assert int(said["view"]) > 3


def test_an_attack_is_asked_for_by_its_word_and_stands_on_the_ladder(said):
    # Electors once and twice over: 3 and 9 to 1.
    assert float(said["rung"]) == pytest.approx(9 / 10)
    assert "favours_large" in said["map --help"]


def test_a_language_is_one_catalogue_and_may_be_begun(copy):
    assert "de,en,fr" in run(copy, "-m", "privaudit", "table", "--help")
    words = (LAWS["language"][0], "-k", LAWS["language"][1])
    german = copy / "privaudit" / "words" / "catalogue" / "de.toml"
    whole = german.read_text(encoding="utf-8")
    try:
        german.write_text(whole.replace("As of {day}, no record", "No record", 1), encoding="utf-8")
        with pytest.raises(AssertionError, match="1 failed"):
            passing(copy, *words)
        german.write_text('[annex]\ncontents = "Inhalt"\n', encoding="utf-8")
        assert passing(copy, *words) == 1
        code = """
import privaudit as pa, pandas as pd
from pathlib import Path
frame = pd.DataFrame({"age": [30, 30, 41] * 9, "sex": list("FMF") * 9})
found = pa.measure(frame, pa.Roles(key=["age", "sex"]))
page = pa.report(found, "begun", lang="de").with_name("annex.html").read_text("utf-8")
print(page.count('<span lang="en">') > 20, '<html lang="de">' in page)
"""
        assert run(copy, "-c", code) == "True True\n"
    finally:
        german.write_text(whole, encoding="utf-8")


def test_a_chapter_holds_its_family_in_every_language(said):
    assert said["chapter"] == "en True\nfr True\n"
