"""Every example of the site passes a strict type checker, which sees a word that is misspelt."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"```(?:\{code-cell\}|python)\n(.*?)```", re.DOTALL)
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs" / "start").glob("*.md")),
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
    ROOT / "docs" / "questions.md",
    ROOT / "docs" / "gallery.md",
]
PYRIGHT = ROOT / ".venv-peers" / "pyright" / "bin" / "pyright"
# What a page leaves to its reader.
BEFORE = "import pandas as pd\n\noriginal = published = control = frame = pd.DataFrame()\n"
# Each line has one slip: of a word, a name or a type.
SLIPS = """\
pa.DotMap(mask=pa.masks.Donutt(r_min=50, r_max=200))
pa.masks.Donut(r_min=50, r_max=200, uniform="aera")
pa.DotMap(popup=("sexe",))
pa.AreaMap(by="stations")
pa.DotMapVersions(at=["2016-09-05", "2016-09-12"], noise="fresch")
pa.HeatMapp()
pa.Adversary.knows_maks(mask)
pa.Adversary.nearest(prior="electrs")
pa.audit(leak, "knows_maks", truth=world)
pa.audit(leak, truth=world, sed=7)
pa.audit(table, "nearest").value("k_anonymity")
pa.audit(leak).value("reidentified")
pa.audit(table).by("zone")
pa.repeat(pa.Town(), views=pa.DotMap(), adversaries=["nearset"])
pa.frontier(campaign, [mask], "knows_maks")
pa.measure(table, missing="likly").overall
pa.measure(table).value("k_anonymty")
pa.measure(table).row("k_anonymity", gain="adress")
pa.measure(table, quasi_identifiers=["age"])
pa.Roles(keys=["age"])
pa.report(pa.audit(leak), "report", lng="fr")
pa.Town(kind="mixt")
pa.CampaignPlan(rounds="walks")
pa.HeatMap(kernel="quadratic")
pa.maps.Recipient(word="mine", holds=("masks",), seconds=1, hours=1, euros=1)
pa.screenshots.read_screenshot("shot.png", addresses="addresses.csv", marker="disk")
pa.tables.population_uniqueness(frame, by=["comune", "sex", "birth_date"])
pa.tables.TableMeasure(word="mine", take=len, unit="records", safe="little")
pa.tables.TableMeasure(word="mine", take=len, unit="records", per="record")
"""


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """Return a folder with a file a page, and one of slips; and the lines before the slips."""
    folder = tmp_path_factory.mktemp("examples")
    for page in PAGES:
        blocks = BLOCK.findall(page.read_text("utf-8"))
        code = "".join(re.sub(r"^!.*\n", "", block, flags=re.MULTILINE) for block in blocks)
        name = f"{page.parent.name}_{page.stem}".replace("-", "_").lower()
        # Several questions on a page: functions are not annotated, and a name may be used again.
        plain = page.stem in ("questions", "gallery")
        loose = (
            "# mypy: allow-untyped-defs, allow-untyped-calls, allow-redefinition\n" if plain else ""
        )
        (folder / f"{name}.py").write_text(loose + BEFORE + code, "utf-8")
    start = (ROOT / "docs" / "start" / "researcher.md").read_text("utf-8")
    given = "".join(BLOCK.findall(start)[0]) + 'table = pa.read_table("people.csv")\n'
    (folder / "slips.py").write_text(given + SLIPS, "utf-8")
    return folder, given.count("\n")


def by_mypy(folder):
    """Return the lines in which mypy finds an error, by file."""
    run = [
        sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "--strict",
        "--cache-dir", str(ROOT / ".mypy_cache"), *map(str, sorted(folder.glob("*.py"))),
    ]  # fmt: skip
    done = subprocess.run(run, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1, done.stderr
    return re.findall(r"(\w+)\.py:(\d+): error: (.*)", done.stdout)


def by_pyright(folder):
    """Return the lines in which pyright finds an error, by file."""
    if not PYRIGHT.exists():
        pytest.skip("make types installs pyright")
    wanted = {"typeCheckingMode": "standard", "extraPaths": [str(ROOT)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(wanted), "utf-8")
    run = [str(PYRIGHT), "--outputjson", "--pythonpath", sys.executable, str(folder)]
    done = subprocess.run(run, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 1, done.stderr
    found = [one for one in json.loads(done.stdout)["generalDiagnostics"]
             if one["severity"] == "error"]  # fmt: skip
    return [
        (Path(one["file"]).stem, one["range"]["start"]["line"] + 1, one["message"]) for one in found
    ]


@pytest.mark.parametrize("check", [by_mypy, by_pyright])
def test_examples_pass_and_each_slip_is_seen(examples, check):
    folder, before = examples
    found = {}
    for place, line, text in check(folder):
        found.setdefault(place, {})[int(line)] = text[:300]
    slips = found.pop("slips")
    assert not found
    first = before + 1
    assert not [line for at, line in enumerate(SLIPS.splitlines(), first) if at not in slips]
    assert min(slips) >= first
