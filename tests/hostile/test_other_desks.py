"""Every command at a desk of Windows, as far as Linux can be one, and with names as macOS writes.

Each command of `options.toml` is run in a process without what Windows lacks, and in one with it:
both write the same bytes. A new command is run as its declaration asks, with the values below.
"""

import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from privaudit.cli import _parser, main
from privaudit.core import files
from privaudit.studies.commands import commands
from tests.unit.report.test_quoted import _write_inputs

pytestmark = pytest.mark.heavy

DESK = Path(__file__).parents[1] / "fixtures" / "windows_desk.py"
# What is typed for a parameter wherever a command has it, and for those of one command.
TYPED = {
    "files": ["people.csv", "dots.csv"], "leaks": ["dots.csv"], "file": "table.csv",
    "table": "people.csv", "dots": "dots.csv", "addresses": "addresses.csv", "commune": "94042",
    "crs": "EPSG:2154", "mask": "none", "key": "age,sex", "sensitive": "opinion",
    "as_of": "2016-11-08", "person": "account", "item": "page", "time": "when",
    "population": "communes.csv", "description": "d.toml", "exhibit": "Scellé n° 12",
    "verify": "table", "lang": "fr", "cache": "cache", "workers": "1", "also": "2018-05-25",
    "pia": "pia.json",
}  # fmt: skip
OWN = {
    "demo": {
        "samples": None,
        "addresses": None,
        "commune": None,
        "inhabitants": "600",
        "towns": "1",
    },
    "table": {"addresses": None, "commune": None, "dots": None, "population": None},
    "map": {"dots": None, "sheet": None},
    "mask": {"file": "dots.csv", "mask": "grid:100", "seed": "7"},
    "traces": {"file": "likes.csv"},
    "study": {"file": "study.toml"},
    "rules": {"pia": None},
    "report": {"folder": "traces", "against": "table"},
}
STUDY = """[study]
towns = 2
[town.a]
inhabitants = 800
[plan.a]
[[leak]]
view = "exact"
adversaries = ["nearest"]
"""


def words_of(command):
    """Return a command line of what a command needs, and of what is known for its other options."""
    words, own = [command.name], OWN.get(command.name, {})
    for option in command.options:
        typed = own.get(option.fills, TYPED.get(option.fills))
        if option.fills == "out":
            typed = f"{command.name}.csv" if command.name == "mask" else command.name
        positional = not option.name.startswith("-")
        if typed is None and positional and isinstance(option.choices, list):
            typed = option.choices[0]
        if typed is None:
            needed = option.required or (positional and option.nargs != "?")
            assert not needed, f"{command.name} {option.name}: no value to type"
            continue
        values = typed if isinstance(typed, list) else [typed]
        words += values if positional else [f"{option.name}={typed}"]
    return words


NEEDED = {name: words_of(command)[1:] for name, command in commands().items()}
# The same file under names that no console of Western Europe has letters for.
FOREIGN = "Łódź العربية ≥ 18.csv"


@pytest.fixture(scope="module")
def desks(tmp_path_factory):
    """Run every command on Windows and here; return folders and what was printed."""
    if not sys.platform.startswith("linux"):
        pytest.skip("what is open is looked up in /proc")
    every = {name: words_of(command) for name, command in commands().items()}
    every |= {f"{name} --help": [name, "--help"] for name in commands()}
    every["inspect foreign"] = ["inspect", FOREIGN, "--out", "foreign", "--as-of", "2016-11-08"]
    every["a device"] = ["table", "table.csv", "--key", "age", "--out", "aux.report"]
    every["a stream"] = ["mask", "dots.csv", "--mask", "grid:100", "--out", "a:b.csv"]
    every["no file"] = ["inspect", "żółw.csv", "--out", "none"]
    made = {}
    for desk in ("windows", "here"):
        root = tmp_path_factory.mktemp("Été – mes données")
        place, home = root / "le travail", root / "home"
        for folder in (place, home):
            folder.mkdir()
        _write_inputs(place)
        (place / "study.toml").write_text(STUDY, encoding="utf-8")
        odd = pd.read_csv(place / "table.csv").rename(columns={"sex": "płeć ≥", "age": "العمر"})
        odd.to_csv(place / FOREIGN, index=False, lineterminator="\n")
        for path in place.iterdir():
            # A dossier says of when each of its files is.
            os.utime(path, (1_478_600_000, 1_478_600_000))
        (root / "words.json").write_text(json.dumps(every), encoding="utf-8")
        names = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR")
        env = {**os.environ, **dict.fromkeys(names, str(home)), "OMP_NUM_THREADS": "1"}
        words = [sys.executable, str(DESK), str(root / "words.json"), str(root / "answers.json")]
        words += [] if desk == "windows" else ["plain"]
        run = subprocess.run(words, cwd=place, env=env, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr[-2_000:]
        answers = json.loads((root / "answers.json").read_text("utf-8"))
        made[desk] = (place, home, answers)
    return made


@pytest.mark.parametrize("name", [*commands(), *(f"{name} --help" for name in commands())])
def test_every_command_runs_and_prints_the_same(desks, name):
    answers = {desk: answers[name] for desk, (_, _, answers) in desks.items()}
    windows = answers["windows"]
    assert windows["status"] == 0, windows["err"]
    here = answers["here"]
    if name == "inspect":
        # A command to go on with is quoted as the shell takes it.
        assert "'" not in windows["out"]
        windows, here = (dict(one, out=re.sub("[\"']", "", one["out"])) for one in (windows, here))
    if name != "cache":
        printed = [str(place) for place, _, _ in desks.values()]
        assert windows["out"].replace(*printed) == here["out"]
        assert windows["err"] == here["err"]


def test_what_is_written_has_the_same_bytes(desks):
    written = {
        desk: {path.relative_to(place).as_posix(): path.read_bytes()
               for path in place.rglob("*") if path.is_file()}
        for desk, (place, _, _) in desks.items()
    }  # fmt: skip
    stages = {desk: {n for n in of if n.startswith("cache/")} for desk, of in written.items()}
    windows, here = ({n: v for n, v in written[d].items() if n not in stages[d]} for d in written)
    # Two names differ: a device of Windows is refused there, and so is a stream.
    only_here = {name for name in here if name.startswith(("aux.report/", "a:b"))}
    assert only_here
    assert set(here) - set(windows) == only_here
    assert set(windows) - set(here) == set()
    assert [name for name in windows if windows[name] != here[name]] == []
    texts = [n for n in windows if n.endswith((".csv", ".html", ".json", ".svg", ".toml", ".txt"))]
    assert len(texts) > 60
    assert [name for name in texts if b"\r\n" in windows[name]] == []


def test_nothing_is_left_but_the_cache_and_its_key(desks):
    for place, home, _ in desks.values():
        assert [path.name for path in place.rglob(".*")] == []
        names = {path.name for path in home.rglob("*") if path.is_file()}
        assert "cache.key" in names
        assert not {name for name in names if name.startswith(("privaudit", ".privaudit"))}
    assert {p.name for p in (desks["windows"][0] / "cache").iterdir() if p.is_file()} == {
        p.name for p in (desks["here"][0] / "cache").iterdir() if p.is_file()
    }


def test_names_that_a_console_has_no_letters_for_are_printed_as_code_points(desks):
    answer = desks["windows"][2]["inspect foreign"]
    assert answer["status"] == 0
    assert "\\u0141\\xf3d\\u017a" not in answer["out"]
    assert "\\u0141ód\\u017a" in answer["out"]
    assert "\\u2265" in answer["out"]


@pytest.mark.parametrize("name", ["a device", "a stream", "no file"])
def test_what_cannot_be_is_one_line(desks, name):
    answer = desks["windows"][2][name]
    assert answer["status"] == 2
    assert answer["err"].count("\n") == 1
    assert ("needs a name that a file may have" in answer["err"]) is (name != "no file")


def test_line_ends_of_windows_read_as_any_other(tmp_path, monkeypatch):
    """A table, a description and a roles file that Notepad saved, with its byte-order mark."""
    answers = []
    for ends, mark in (("\n", ""), ("\r\n", "\ufeff")):
        place = tmp_path / ends.encode().hex()
        place.mkdir()
        monkeypatch.chdir(place)
        _write_inputs(place)
        assert main(["inspect", "people.csv", "--as-of", "2016-11-08", "--out", "seen"]) == 0
        (place / "roles.toml").write_bytes((place / "seen" / "roles.toml").read_bytes())
        for name in ("people.csv", "d.toml", "roles.toml"):
            text = mark + (place / name).read_text("utf-8")
            (place / name).write_text(text, encoding="utf-8", newline=ends)
        words = ["rules", "d.toml", "--table", "people.csv", "--roles", "roles.toml"]
        assert main([*words, "--as-of", "2016-11-08", "--out", "out"]) == 0
        content = json.loads((place / "out" / "findings.json").read_text("utf-8"))
        answers.append(content["findings"])
    assert (place / "people.csv").read_bytes().count(b"\r\n") == 201
    assert answers[0] == answers[1]


def test_a_path_with_a_drive_is_taken_whole():
    """Words between colons and pairs with "=" are of masks and columns: no option splits a path."""
    drive = "C:\\mes données\\carte=1:2,3.csv"
    parsers = _parser()._subparsers._group_actions[0].choices
    for name, command in commands().items():
        for option in command.options:
            if option.type == "path" and option.name.startswith("-"):
                others = [w for w in NEEDED[name] if not w.startswith(f"{option.name}=")]
                parsed, _ = parsers[name].parse_known_args([option.name, drive, *others])
                assert getattr(parsed, option.fills) == Path(drive)


# macOS: accents behind their letters, and what it adds to a zip.

TABLE = "âge,sexe\n" + "".join(f"{20 + n % 30},{'FM'[n % 2]}\n" for n in range(60))


def apart(name):
    return unicodedata.normalize("NFD", name)


def test_what_macos_adds_to_a_zip_is_no_table(tmp_path, monkeypatch, capsys):
    with zipfile.ZipFile(tmp_path / "seized.zip", "w") as made:
        made.writestr(apart("données/été.csv"), TABLE)
        made.writestr(apart("__MACOSX/données/._été.csv"), b"\x00\x05\x16\x07Mac OS X resource")
        made.writestr("données/.DS_Store", b"\x00\x00\x00\x01Bud1")
    monkeypatch.chdir(tmp_path)
    assert main(["inspect", "seized.zip", "--as-of", "2016-11-08", "--out", "out"]) == 0
    assert "1 file" not in capsys.readouterr().err
    manifest = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    assert "DS_Store" not in json.dumps(manifest)


def test_a_name_is_the_same_with_its_accents_apart(tmp_path, monkeypatch):
    """A shell of macOS completes a name with accents apart; people type them together."""
    (tmp_path / apart("été.csv")).write_text(TABLE.partition("\n")[2], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = ["inspect", apart("été.csv"), "--no-header", "été.csv", "--as-of", "2016-11-08"]
    assert main([*words, "--out", "out"]) == 0
    assert (tmp_path / "out" / "roles.toml").is_file()


@pytest.mark.parametrize("name", ["CON.csv", "nul", "a" * 300 + ".csv", "été\u0301.csv", "x.csv ."])
def test_a_member_of_a_zip_is_unpacked_under_a_name_of_any_system(tmp_path, name):
    from privaudit.io.formats.archive import file_name

    made = file_name(f"folder\\{name}")
    assert files.portable_name(made) == made
    assert len(made.encode()) < 200
    (tmp_path / made).write_text(TABLE, encoding="utf-8")
