"""`privaudit table --contributions`: what each key weighs, coarsened too, level by level."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    rng = np.random.default_rng(3)
    folder = tmp_path_factory.mktemp("contributions")
    days = pd.to_datetime("1930-01-01") + pd.to_timedelta(rng.integers(0, 30_000, 900), "D")
    crowd = pd.DataFrame(
        {
            "birth": days.strftime("%Y-%m-%d"),
            "postcode": rng.choice([94340, 94130, 75012, 75020, 77100, 77190], 900),
            "sex": rng.choice(list("FM"), 900),
            "party": rng.choice(["left", "right"], 900),
        }
    )
    crowd.to_csv(folder / "everybody.csv", index=False)
    crowd.iloc[:300].to_csv(folder / "file.csv", index=False)
    asked = ["table", str(folder / "file.csv"), "--key", "birth,postcode,sex", "--sensitive",
             "party", "--population", str(folder / "everybody.csv"), "--contributions", "--out",
             str(folder / "out")]  # fmt: skip
    assert main([*asked, "--lang", "en"]) == 0
    told = json.loads((folder / "out" / "findings.json").read_text(encoding="utf-8"))
    return folder / "out", told, {one["id"]: one for one in told["findings"]}


def test_each_key_is_left_out_and_coarsened_with_the_value_before(report):
    _, _, found = report
    before = found["table.sample_uniques"]["value"]
    told = {name: one for name, one in found.items() if name.startswith("contributions.sample_un")}
    assert len(told) == 5  # three keys left out, two coarsened
    assert {one["baseline"] for one in told.values()} == {before}
    assert all(one["reliable"] for one in told.values())
    assert min(one["value"] for one in told.values()) < before


def test_the_page_says_how_each_key_was_coarsened(report):
    folder, told, found = report
    notes = {note["values"]["key"]: note for note in told["notes"] if "coarsened" in note["key"]}
    assert {key: note["key"] for key, note in notes.items()} == {
        "birth": "key_coarsened", "postcode": "key_coarsened", "sex": "key_not_coarsened",
    }  # fmt: skip
    assert notes["postcode"]["values"]["before"] == 6  # 94340, 94130, 75012, ...
    assert notes["postcode"]["values"]["after"] == 3  # 94, 75 and 77
    assert notes["birth"]["values"]["how"]["key"] == "coarser_by_year"
    page = re.sub(r"\s+", " ", (folder / "annex.html").read_text(encoding="utf-8"))
    assert "is coarsened by year" in page
    assert (
        "is coarsened by département, the first two characters, three from 97 on: 6 values" in page
    )
    assert "is not coarsened: the only coarser step is to leave it out" in page
    # A long series of one measure stands in a table that the page names.
    beside = (folder / "tables" / "findings_contributions.csv").read_text(encoding="utf-8")
    assert "tables/findings_contributions.csv" in page
    for name in found:
        assert f'id="{name}"' in page or f"\n{name}," in beside, name


def test_the_page_names_levels_of_many_records_only(report):
    folder, _, found = report
    levels = {name: one for name, one in found.items() if name.startswith("levels.")}
    assert "levels.suda_score_with.key_sex.level_f" in levels
    # A day of birth is one person's: the levels of that key are not told, and the row says so.
    (birth,) = (one for name, one in levels.items() if "key_birth" in name)
    assert "levels_identify" in [note["key"] for note in birth["notes"]]
    assert "level" not in birth["part"]
    for path in folder.rglob("*"):
        if path.is_file():
            assert not re.search(r"\b19\d\d-\d\d-\d\d\b", path.read_text("utf-8", "replace"))


def test_identifiers_are_refused_as_keys_and_no_cell_is_said(tmp_path, capsys):
    # Eleven namesakes: their name would stand on the page as a level of the key.
    file = tmp_path / "people.csv"
    cells = ["Jeanne Martin"] * 12 + ["Paul Traoré"] * 12
    pd.DataFrame({"age": [30, 41] * 12, "full_name": cells}).to_csv(file, index=False)
    asked = ["table", str(file), "--key", "age,full_name", "--contributions", "--out"]
    assert main([*asked, str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "'full_name', of the kind name" in said
    assert "Jeanne" not in said
    assert not (tmp_path / "out").exists()
