"""Attacks read the cells of their three tables as those of one, and as they are told."""

import json

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.columns.values import Reading
from privaudit.errors import ParameterError
from privaudit.tables.inference import inference
from privaudit.tables.linkability import linkability
from privaudit.tables.membership_inference import membership_inference
from privaudit.tables.singling_out import singling_out
from privaudit.words.catalogues import Note

PEOPLE = pd.DataFrame(
    {
        "age": [20 + i for i in range(50)] + [-99] * 10,
        "town": [f"Town {i}" for i in range(60)],
        "vote": ["left", "right"] * 30,
    }
)
OTHERS = PEOPLE.assign(town=[f"Other {i}" for i in range(60)])
THREE = PEOPLE, PEOPLE, OTHERS
ATTACKS = {
    "inference": lambda how: inference(*THREE, known=["town"], secret="age", reading=how),
    "linkability": lambda how: linkability(*THREE, left=["town"], right=["age"], reading=how),
    "singling_out": lambda how: singling_out(*THREE, columns=["age"], reading=how),
    "membership": lambda how: membership_inference(*THREE, reading=how),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
def test_a_mark_that_is_told_is_missing_to_every_attack(attack):
    told = Reading(missing_values={"age": [-99]})
    said = Note("marks_read_as_missing", column="age", records=30, marks=("-99",))
    assert said in attack(told).notes
    assert "number_like_a_mark" in [note.key for note in attack(None).notes]
    with pytest.raises(ParameterError, match="reading=Reading"):
        attack({"missing_values": [-99]})


def test_whose_secret_is_a_mark_is_not_guessed():
    assert ATTACKS["inference"](None).row("inference").n == 60
    assert ATTACKS["inference"](Reading(missing_values=[-99])).row("inference").n == 50


def test_what_is_kept_as_written_is_not_made_alike():
    shouted = PEOPLE.assign(town=PEOPLE["town"].str.upper())
    asked = {"known": ["town"], "secret": "vote"}
    assert inference(PEOPLE, shouted, OTHERS, **asked).value("inference") == 1
    kept = inference(PEOPLE, shouted, OTHERS, **asked, reading=Reading(as_written=["town"]))
    # No town is met: half of the votes by chance.
    assert kept.value("inference") == pytest.approx(0.5)
    assert not kept.reliable
    control = inference(PEOPLE, PEOPLE, shouted, **asked)
    assert "control_in_original" in [note.key for note in control.notes]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Dates month first, which the original alone shows; a line of the original is too long."""
    folder = tmp_path_factory.mktemp("alike")
    days = pd.date_range("1950-01-01", periods=3_000, freq="D")
    early = days[days.day < 13]
    rng = np.random.default_rng(5)
    tables = {
        name: pd.DataFrame({"born": born.strftime("%m/%d/%Y"), "vote": rng.choice(list("abcd"), n)})
        for name, born, n in (
            ("original", early[:80:2].union(days[[30]]), 41),
            ("holdout", early[1:80:2], 40),
        )
    }
    tables["release"] = tables["original"].query("born != '01/31/1950'")
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    with (folder / "original.csv").open("a") as file:
        file.write("a,b,c\n")
    return folder, tables


def test_what_one_file_decides_holds_for_the_three_on_the_command_line(files):
    folder, tables = files
    asked = ["table", str(folder / "release.csv"), "--key", "born", "--sensitive", "vote"]
    asked += ["--original", str(folder / "original.csv"), "--holdout", str(folder / "holdout.csv")]
    asked += ["--left", "born", "--right", "vote", "--out", str(folder / "out")]
    assert main(asked) == 0
    found = json.loads((folder / "out" / "findings.json").read_text(encoding="utf-8"))
    rows = {one["id"]: one for one in found["findings"]}
    guessed = next(v for k, v in rows.items() if k.startswith("inference") and "nearest" in k)
    # All but the one whose day is told apart, and perhaps that one by chance.
    assert guessed["value"] >= 40 / 41
    assert "of_the_original" in [note["key"] for note in found["notes"]]
    assert "--left born --right vote" in json.dumps(found)
    three = [tables[name] for name in ("original", "release", "holdout")]
    want = linkability(*three, left=["born"], right=["vote"], seed=7).row("linkability")
    row = rows["linkability.linkability"]
    assert (row["value"], row["control"]) == pytest.approx((want.value, want.control), abs=1e-4)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--left", "born"], "columns on both sides"),
        (["--left", "born", "--right", "vote"], "--original and --holdout"),
    ],
)
def test_a_link_without_what_it_needs_is_refused(files, more, said, capsys):
    asked = ["table", str(files[0] / "release.csv"), "--key", "born", "--out", str(files[0] / "o")]
    assert main([*asked, *more]) == 2
    assert said in capsys.readouterr().err
