"""The three tests of WP216, counted by hand, and where the file for the CNIL's tool says them."""

import json

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.results.rows import Row
from privaudit.studies.audit_rules import shown_tests, three_tests

TWELVE = pd.DataFrame(
    {
        "sexe": ["F", "M"] * 6,
        "commune": ["A"] * 4 + ["B"] * 7 + ["C"],
        "courriel": [f"p{n}@exemple.fr" if n < 3 else None for n in range(12)],
        "soutien": ["1", "5"] * 6,
    }
)


def test_named_or_unique_people_are_singled_out():
    found = three_tests(TWELVE)
    # By sex and commune: A has 2 and 2, B 4 (at 4, 6, 8, 10) and 3, C one, the last.
    assert found.value("singling_out", tested="table") == pytest.approx((3 + 1) / 12)
    assert found.value("linkability", tested="table") == 3 / 12
    told = found.row("inference", tested="table")
    assert told.value == 1.0  # The sex says it all,
    assert told.baseline == 0.5  # of which half would be guessed.


def test_a_side_that_all_share_is_inferred_of_everybody():
    found = three_tests(TWELVE.assign(soutien="1")).row("inference", tested="table")
    assert found.value == 1.0
    assert [note.key for note in found.notes] == ["column_constant"]


def test_a_map_singles_out_points_that_stand_alone():
    dots = pd.DataFrame({"x": [0, 0, 1, 2], "y": [0, 0, 1, 2], "status": list("abab")})
    found = three_tests(dots=dots)
    assert found.value("singling_out", tested="map") == 2 / 4
    assert found.value("linkability", tested="map") == 1
    assert shown_tests(found) == {}  # Fewer than 11.


def test_given_roles_decide_and_a_measured_link_is_the_third():
    table = pa.read_table(TWELVE, roles=pa.Roles(key="commune", sensitive="soutien"))
    assert three_tests(table).value("singling_out", tested="table") == 4 / 12
    row = Row(measure="dot_named", value=0.25, unit="share", n=40, counts="dots")
    linked = pa.Measures(family="linked", rows=[row])
    found = three_tests(table, families={"linked": linked})
    assert found.value("linkability", tested="both") == 0.25


def test_the_pia_file_has_them_under_213_and_325(tmp_path):
    rng = np.random.default_rng(2)
    people = pd.DataFrame({"sexe": rng.choice(list("FM"), 80), "age": rng.integers(18, 90, 80),
                           "soutien": rng.integers(1, 6, 80)})  # fmt: skip
    people.to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "d.toml").write_text('[processing]\nname = "essai"\n', "utf-8")
    words = ["rules", str(tmp_path / "d.toml"), "--table", str(tmp_path / "t.csv"), "--lang", "fr",
             "--as-of", "2018-06-01", "--out", str(tmp_path / "out"), "--pia",
             str(tmp_path / "p.json")]  # fmt: skip
    assert main(words) == 0
    answers = json.loads((tmp_path / "p.json").read_text("utf-8"))["answers"]
    text = {one["reference_to"]: one["data"]["text"] for one in answers}
    alone = three_tests(people).value("singling_out", tested="table")
    for number in (213, 325):
        assert "Individualisation (WP216)" in text[number]
        assert "Inférence (WP216)" in text[number]
    assert f"{100 * alone:.1f}".replace(".", ",") in text[213]
    findings = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))["findings"]
    assert "wp216.singling_out.tested_table" in [one["id"] for one in findings]
