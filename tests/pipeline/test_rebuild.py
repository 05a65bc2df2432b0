"""The command that stands in a manifest makes the same report again, byte by byte."""

import json
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.report.manifest import verify

SHARED = Path(__file__).parents[3] / "shared" / "data"
ADDRESSES = SHARED / "val-de-marne-addresses.csv.gz"
REAL = pytest.mark.skipif(not ADDRESSES.exists(), reason="no shared data beside the checkout")


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with one file of each kind, where somebody sits."""
    rng = np.random.default_rng(5)
    people = pd.DataFrame(
        {
            "age": rng.integers(18, 95, 300),
            "sex": rng.choice(["F", "M"], 300),
            "opinion": rng.choice(["left", "right"], 300),
        }
    )
    people.to_csv(tmp_path / "my people.csv", index=False)
    pd.DataFrame(
        {
            "account": rng.integers(0, 40, 600),
            "page": rng.integers(0, 90, 600),
            "when": pd.Timestamp("2016-08-01") + pd.to_timedelta(rng.integers(0, 30, 600), "D"),
        }
    ).to_csv(tmp_path / "likes.csv", index=False)
    pd.DataFrame(
        {
            "code": ["94001", "94002", "75001"], "nom": ["A", "B", "C"],
            "departement": ["94", "94", "75"], "region": ["11"] * 3,
            "population": [812, 20_431, 1_995],
        }
    ).to_csv(tmp_path / "communes.csv", index=False)  # fmt: skip
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rebuilt(desk: Path, arguments: list[str]) -> None:
    assert main([*arguments, "--out", "first"]) == 0
    same_again(desk, desk / "first")


def same_again(desk: Path, made: Path) -> None:
    told = json.loads((made / "manifest.json").read_text())
    program, *again = shlex.split(told["command"])
    assert program == "privaudit"
    assert main(again) == 0
    first, second = files_of(made), files_of(desk / "report")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert verify(desk / "report") == len(first) - 1
    shipped = {"pyramid-france.csv"}
    named = {one["name"] for one in told["inputs"]} - shipped
    assert named <= {path.name for path in desk.iterdir()}


@pytest.mark.heavy
def test_a_table(desk):
    rebuilt(
        desk,
        ["table", "my people.csv", "--key", "age,sex", "--sensitive", "opinion",
         "--contributions", "--missing", "value", "--lang", "fr"],
    )  # fmt: skip


def test_a_log(desk):
    rebuilt(
        desk, ["traces", "likes.csv", "--person", "account", "--item", "page", "--time", "when"]
    )


def test_a_country(desk):
    rebuilt(
        desk,
        [
            "country",
            "--population",
            "communes.csv",
            "--by",
            "commune,sex,birth_year",
            "--lang",
            "fr",
        ],
    )


@pytest.mark.slow
@pytest.mark.usefixtures("drawn_pictures")
def test_a_demo(desk, french_demo):
    same_again(desk, french_demo)


@pytest.mark.heavy
@REAL
def test_a_map(desk):
    place = at_real_addresses(desk)
    known = pd.read_csv(ADDRESSES, dtype={"code_insee": str})
    known = known[known["code_insee"] == "94048"].sample(60, random_state=1)
    known[["lon", "lat"]].to_csv(desk / "dots.csv", index=False)
    rebuilt(desk, ["map", "dots.csv", *place, "--mask", "donut:20:80", "--seed", "3"])


@REAL
@pytest.mark.slow
def test_a_demo_on_real_addresses(desk):
    place = at_real_addresses(desk)
    rebuilt(
        desk,
        ["demo", *place, "--inhabitants", "900", "--towns", "2", "--workers", "1",
         "--cache", str(desk / "cache")],
    )  # fmt: skip


def at_real_addresses(desk):
    (desk / "addresses.csv.gz").symlink_to(ADDRESSES)
    return ["--addresses", "addresses.csv.gz", "--commune", "94048"]
