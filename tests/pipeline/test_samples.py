"""Sample files: every command that the documentation prints runs on them, as printed."""

import json
import math
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.cli.sample_formats import METRES, SIZE
from privaudit.cli.samples import COMMANDS, FILES, sample_files
from privaudit.geo.crs import metric_crs, project
from privaudit.io.addresses import read_addresses
from privaudit.studies.inspect import inspect_files

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
# Decisions are of their day, and some pages are made of others.
NO_PAGES = {"decisions", "made", "_build"}
PAGES = [
    ROOT / "README.md",
    *(
        page
        for page in sorted((ROOT / "docs").rglob("*.md"))
        if not NO_PAGES & {*page.relative_to(ROOT).parts}
    ),
]
# Of a command that is printed in a sentence, what stands for a file or a value of the reader's.
STANDS_FOR = re.compile(r"(?<![\w/.-])[A-Z]{3,}(?:\.\w+)?\b")
# A command of other files than the samples, with its reason.
NOT_ON_SAMPLES = {
    "privaudit mask map.csv --mask square:100": "a mask that the page has its reader write",
}


def spans_of(text):
    """Return the lines of fenced blocks, and the code spans of sentences and tables."""
    fenced = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
    blocks = [block.replace("\\\n", " ") for block in fenced.findall(text)]
    spans = re.findall(r"`([^`\n]+)`", fenced.sub("", text))
    return [line.strip() for block in blocks for line in block.splitlines()], spans


def printed_commands(page):
    """Return the commands of a page, without comments; an option in brackets gives two."""
    lines, spans = spans_of(page.read_text(encoding="utf-8"))
    commands = [" ".join(line.split("  #")[0].split()) for line in lines]
    # In a sentence, a command that says what it writes, or which report it verifies, is whole.
    commands += [one for one in spans if re.search(r" --(out|verify|init|mask|files) ", one)]
    printed = []
    for command in commands:
        known = command.startswith("privaudit ") and command not in NOT_ON_SAMPLES
        if known and not STANDS_FOR.search(command):
            short = " ".join(re.sub(r"\[[^\]]*\]", "", command).split())
            printed += list(dict.fromkeys([short, re.sub(r"[\[\]]", "", command)]))
    return list(dict.fromkeys(printed))


def simulates_towns(command):
    """Return whether a command simulates twenty towns: a minute of a processor."""
    words = command.split()
    return words[1] == "demo" and "--files" not in words


def of_the_comparisons(command):
    """Return whether a command takes minutes; tests/docs/test_comparisons.py runs its study."""
    return command.startswith("privaudit study docs/studies/")


PRINTED = {page: printed_commands(page) for page in PAGES}
QUICK = {
    page: [one for one in commands if not (simulates_towns(one) or of_the_comparisons(one))]
    for page, commands in PRINTED.items()
}


def met_once(of_pages):
    """Return the commands of each page without those that an earlier page has.

    Of two that differ in the language or in the folder that is written the first is run; one whose
    output a command of the page reads is run again.
    """
    kept, met = {}, set()
    for page, commands in of_pages.items():
        kept[page] = []
        for command in reversed(commands):
            plain = re.sub(r" --(?:lang (?:en|fr)|(?:out|files) [\w.]+)(?= |$)", "", command)
            written = re.search(r" --(?:out|files|init) ([\w.]+)", command)
            read = written and any(f" {written[1]}" in one for one in kept[page])
            if plain not in met or read:
                kept[page].insert(0, command)
                met.add(plain)
    return kept


ONCE = met_once(QUICK)
LONG = sorted({one for commands in PRINTED.values() for one in commands if simulates_towns(one)})


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "samples"
    assert main(["demo", "--files", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def truth(samples):
    return pd.read_csv(samples / "answers" / "truth.csv", keep_default_na=False, dtype=str)


@pytest.fixture
def inside(samples, tmp_path, monkeypatch):
    """A copy of the samples, as the folder in which commands are typed."""
    shutil.copytree(samples, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return tmp_path / "copy"


def run(command):
    return main(shlex.split(command)[1:])


def test_the_commands_of_the_pages_are_known():
    """A page whose commands are no longer recognised would pass unseen."""
    names = {one.split()[1] for commands in PRINTED.values() for one in commands}
    assert names == {
        "cache", "country", "demo", "dossier", "inspect", "link", "map", "mask", "report", "rules",
        "study", "table", "traces",
    }  # fmt: skip
    assert len(PRINTED[ROOT / "README.md"]) >= 24
    read = printed_commands(ROOT / "README.md")
    assert "privaudit study study.toml --out results --workers 2 --cache runs" in read


@pytest.mark.parametrize("page", [page for page in ONCE if ONCE[page]], ids=lambda page: page.stem)
def test_every_command_of_a_page_runs_as_printed(page, inside):
    # In a table on top of a page a reader begins; a report that is verified is written before.
    for command in sorted(ONCE[page], key=lambda one: "--verify" in one):
        assert run(command) == 0, command


@pytest.mark.slow
@pytest.mark.parametrize("command", LONG)
def test_a_command_of_twenty_towns_runs_as_printed(command, inside):
    assert run(command) == 0


def test_every_line_of_the_python_of_the_readme_runs(inside):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(.*?)```", readme, re.DOTALL)[1]
    released, others = (
        pd.read_csv(one)[["age", "sex", "opinion"]].fillna("")
        for one in ("release.csv", "others.csv")
    )
    given = {
        "frame": pd.read_csv("likes.csv"), "original": released[:40], "published": released[:40],
        "control": others[:50],
    }  # fmt: skip
    exec(compile(block, "README.md", "exec"), given)
    assert (inside / "report" / "index.html").exists()


def test_what_the_folder_proposes_runs(inside):
    """All but the larger dossier stand in the README, where they run above."""
    proposed = (inside / "README.txt").read_text(encoding="utf-8")
    of_readme = {re.sub(" --lang fr", "", one) for one in printed_commands(ROOT / "README.md")}
    assert [one.split()[1] for one in COMMANDS if one not in of_readme] == ["dossier"]
    for command in COMMANDS:
        assert f"{command} --lang en\n" in proposed
        if command not in of_readme:
            assert run(command) == 0
    # The answers are for people: no command is given them.
    assert not any("answers" in command for command in COMMANDS)
    assert all(name in proposed for name in FILES)


def test_the_same_seed_gives_the_same_bytes(samples):
    again = sample_files(seed=7)
    assert [name for name in again if (samples / name).read_bytes() != again[name]] == []
    assert len(again) + 1 == len([one for one in samples.rglob("*") if one.is_file()])


def test_a_folder_that_holds_files_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.csv").write_text("a\n", encoding="utf-8")
    for folder in (tmp_path, tmp_path / "mine.csv", tmp_path / "mine.csv" / "below"):
        assert main(["demo", "--files", str(folder)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert [one.name for one in tmp_path.iterdir()] == ["mine.csv"]
    assert (tmp_path / "mine.csv").read_text(encoding="utf-8") == "a\n"


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("privaudit.cli.samples.os.access", lambda *_: False)
    assert main(["demo", "--files", str(tmp_path / "new")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_options_of_a_report_are_refused_and_one_folder_is_needed(tmp_path, capsys):
    new = str(tmp_path / "new")
    assert main(["demo", "--files", new, "--towns", "3"]) == 2
    assert "--towns" in capsys.readouterr().err
    assert main(["demo", "--files", new, "--out", new]) == 2
    assert main(["demo"]) == 2
    assert "--files" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_nobody_can_be_called_or_written_to_and_the_town_stands_in_the_sea(samples):
    text = "".join(
        (samples / name).read_bytes().decode("cp1252" if name in ("visits.csv", "members.csv")
                                             else "utf-8")
        for name in FILES if name.endswith((".csv", ".json", ".har")) and name != "points.csv"
    )  # fmt: skip
    # Numbers that ARCEP reserves for fiction (decision 2018-0881).
    called = re.findall(r"\b0[1-9](?: \d\d){4}\b", text)
    assert len(called) > 200
    assert all(one.startswith(("06 39 98", "01 99 00")) for one in called)
    mails = re.findall(r"@[\w.-]+", text)
    assert len(mails) > 600
    assert all(one.endswith(".example") for one in mails)
    base = read_addresses(samples / "addresses.csv", commune="99001")
    assert (base.crs, set(base.frame["commune"])) == ("EPSG:2154", {"99001"})
    places = pd.read_csv(samples / "addresses.csv", sep=";")
    # West of every coast of the Bay of Biscay, and off Brittany.
    assert places["lon"].between(-6, -2).all()
    assert places["lat"].between(44, 47).all()


def test_no_commune_of_the_country_has_the_code():
    """Of 99, INSEE has countries from 99100 on."""
    assert metric_crs("99001") == "EPSG:2154"
    for country in ("99100", "99999", "98001"):
        with pytest.raises(pa.errors.GeometryError):
            metric_crs(country)


def test_the_notes_that_were_planted_are_read(samples, truth):
    people = pd.read_csv(samples / "people.csv", dtype=str, keep_default_na=False)
    planted = truth["planted"].str.split().explode().value_counts()
    assert planted.to_dict() == {"health": 18, "religion": 16, "minor": 15, "union": 12}
    # Of these, volunteers of the simulated campaign write besides (campaign/notes.toml).
    also = {
        "health": r"arrêt maladie", "religion": "religion des voisins", "union": "$.",
        "minor": r"\(\d+ ans\) a ouvert, parents|C'est le fils|Enfant seul",
    }  # fmt: skip
    study = inspect_files([samples / "people.csv"], as_of="2016-11-08")
    rows = [row for row in study.measures["inspect"].rows if row.measure == "says"]
    read = {row.part["what"]: row.value for row in rows if row.part["column"] == "note"}
    for kind, words in also.items():
        more = int((people["note"].str.contains(words) & (people["id"] != "999")).sum())
        known = read[{"minor": "children"}.get(kind, kind)]
        assert planted[kind] <= known <= planted[kind] + more, kind


def features_of(samples):
    return json.loads((samples / "map.geojson").read_text(encoding="utf-8"))["features"]


def test_who_is_on_the_map_is_named_by_the_export(samples):
    found = pa.linkage.link_releases(
        samples / "people.csv", samples / "map.geojson", addresses=samples / "addresses.csv"
    )
    row = found.row("dot_named", by="identity")
    ids = [str(one["properties"]["id"]) for one in features_of(samples)]
    # Everybody on the map is in the export; of namesakes in it none need be named.
    people = pd.read_csv(samples / "people.csv", dtype=str, keep_default_na=False)
    several = people.duplicated(["first_name", "last_name"], keep=False)
    alone = int((~several & people["id"].isin(ids)).sum())
    assert row.n == len(ids)
    assert alone <= round(row.value * row.n) <= len(ids)


def test_members_who_gave_are_matched(samples, truth):
    linked = pa.linkage.link(samples / "members.csv", samples / "donors.csv")
    pairs = linked.pairs()
    pairs = pairs[pairs["probability"] >= 0.5]
    members, donors = truth.set_index("member")["person"], truth.set_index("donor")["person"]
    right = sum(
        members[f"A{row + 1:04d}"] == donors[f"D-{other + 1:03d}"]
        for row, other in zip(pairs["row"], pairs["other"], strict=True)
    )
    both = int(((truth["member"] != "") & (truth["donor"] != "")).sum())
    assert both == 90
    assert right >= 0.9 * both
    assert right >= 0.95 * len(pairs)
    # Most matches are right, so most are more than chance: 86 of 89 were said to be chance.
    row = linked.measures.row("matched", table="members.csv", other="donors.csv")
    assert row.baseline < row.value / 2


def homes_of(truth, column):
    """Return the address of each dot of a map, in its order."""
    dots = truth[truth[column] != ""]
    home = dict(
        pair
        for places, homes in zip(dots[column], dots["marked_address"], strict=True)
        for pair in zip(map(int, places.split()), homes.split(), strict=True)
    )
    return [home[place] for place in sorted(home)]


def test_an_exact_map_leads_to_every_door_and_a_blurred_one_to_few(samples, truth):
    base, shares = read_addresses(samples / "addresses.csv"), {}
    for column, attack in (
        ("map", "nearest"),
        ("blurred", pa.Adversary.knows_mask(pa.masks.Donut(r_min=50, r_max=200))),
    ):
        name = {"map": "map.geojson", "blurred": "blurred.geojson"}[column]
        dots = pa.read_map(samples / name, addresses=base)
        homes = pa.maps.Homes(address=homes_of(truth, column))
        shares[column] = pa.audit(dots, attack, truth=homes).overall.loc["address", "value"]
    assert shares["map"] == 1
    # A ring of 50 to 200 m holds dozens of doors: one in ten is more than the best guess.
    assert shares["blurred"] < 0.1


def test_the_dots_of_the_picture_are_read_where_they_are(samples):
    """docs/screenshots.md: of a street map at 1.6 m a pixel, .997 and .991 of the doors."""
    base = read_addresses(samples / "addresses.csv")
    shot = pa.screenshots.read_screenshot(samples / "shot.png", addresses=base)
    read = shot.records[["x", "y"]].to_numpy(dtype=float)
    degrees = np.array([one["geometry"]["coordinates"] for one in features_of(samples)])
    dots = project(*degrees.T, source="EPSG:4326", target=base.crs)
    # What the edges of the screen do not cut off; dots of one door are one mark.
    half = np.array(SIZE) / 2 - 30
    shown = (np.abs(dots - np.median(dots, axis=0)) < half * METRES).all(axis=1)
    marks = np.unique(dots[shown].round(0), axis=0)
    gap = np.hypot(*np.moveaxis(read[:, None] - marks, 2, 0))
    for axis in (0, 1):
        missed = (gap.min(axis=axis) >= METRES).sum()
        assert missed <= math.ceil(0.009 * gap.shape[1 - axis])


def test_the_meyers_are_there(samples, truth):
    people = pd.read_csv(samples / "people.csv", dtype=str, keep_default_na=False).set_index("id")
    meyer = people.loc["999"]
    assert (meyer["first_name"], meyer["last_name"], meyer["age"]) == ("Éric", "Meyer", "45")
    assert "Julien (11 ans) a ouvert" in meyer["note"]
    assert "Éric Meyer" in (samples / "map.geojson").read_text(encoding="utf-8")
    likes = pd.read_csv(samples / "likes.csv")
    assert (likes["account"] == meyer["account"]).sum() == 1
    assert np.count_nonzero(truth["last_name"] == "Meyer") == 1
