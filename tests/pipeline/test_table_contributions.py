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
    page = (folder / "out" / "index.html").read_text(encoding="utf-8")
    findings = json.loads((folder / "out" / "findings.json").read_text(encoding="utf-8"))
    return page, {one["id"]: one for one in findings["findings"]}


def test_each_key_is_left_out_and_coarsened_with_the_value_before(report):
    _, found = report
    before = found["table.sample_uniques"]["value"]
    told = {name: one for name, one in found.items() if name.startswith("contributions.sample_un")}
    assert len(told) == 5  # three keys left out, two coarsened
    assert {one["baseline"] for one in told.values()} == {before}
    assert all(one["reliable"] for one in told.values())
    assert min(one["value"] for one in told.values()) < before


def test_the_page_says_how_each_key_was_coarsened(report):
    page = re.sub(r"\s+", " ", report[0])
    assert "is coarsened by year" in page
    by_departement = "is coarsened by département, the first two characters, three from 97 on: "
    assert f"{by_departement}6 values " in page
    assert "is not coarsened: nothing lies before leaving it out" in page
    assert "What each key variable weighs" in page


def test_the_page_names_levels_of_many_records_only(report):
    page, found = report
    levels = {name for name in found if name.startswith("levels.")}
    assert any("sex_f" in name for name in levels)
    assert any("rare_birth" in name for name in levels)
    assert "Which values single records out" in page
    # Nobody's day of birth is on the page.
    assert not re.search(r"\b19\d\d-\d\d-\d\d\b", page.split("Which values single records out")[1])
