"""`privaudit table --original --holdout`: a release attacked, beside people who are not in it."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.words.catalogues import LANGUAGES


def people(n, seed):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, n),
            "town": rng.choice([f"t{i}" for i in range(30)], n),
            "income": np.round(rng.lognormal(10, 0.5, n), -1),
            "vote": rng.choice(["left", "right", "none"], n),
        }
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacked")
    for name, table in {"original": people(150, 1), "holdout": people(150, 2)}.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    people(150, 1).sample(frac=1, random_state=0).to_csv(folder / "release.csv", index=False)
    return folder


def asked(files, out, *more):
    return ["table", str(files / "release.csv"), "--key", "age,town,income", "--sensitive", "vote",
            "--out", str(out), *more]  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_copy_is_found_by_every_attack(files, tmp_path, lang):
    with_both = ("--original", str(files / "original.csv"), "--holdout", str(files / "holdout.csv"))
    more = ("--contributions",) if lang == "en" else ()
    assert main(asked(files, tmp_path / "out", *with_both, *more, "--lang", lang)) == 0
    told = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))
    found = {one["id"]: one for one in told["findings"]}
    one = found["singling_out.singling_out.attributes_1"]
    assert (one["value"], one["residual"]) == (1, 1)
    # A hundred and fifty people outside do not tell a false alarm of one in a hundred.
    rare, member = (v for k, v in found.items() if k.startswith("membership.membership.false"))
    assert (rare["value"], rare["notes"][0]["key"]) == (None, "too_few_outside")
    assert member["residual_low"] > 0.5
    guessed = next(v for k, v in found.items() if k.startswith("inference") and "nearest" in k)
    assert guessed["control"] < 0.5 < guessed["residual_low"]
    assert any("closest_record" in name for name in found)
    unasked = found["linkability.linkability"]
    assert (unasked["value"], unasked["notes"][0]["key"]) == (None, "no_sides_named")
    assert any(name.startswith("combinations.") for name in found) == bool(more)
    annex = (tmp_path / "out" / "annex.html").read_text(encoding="utf-8")
    assert "2505.01524" in annex
    words = re.sub(r"<[^>]*>", " ", re.sub("</?span[^>]*>", "", annex))
    assert not re.search(
        r"\b(false_alarms|membership_area|nobody_described|singled_out_by)\b", words
    )
    # The numbers are those of the files, and no cell of them is shown.
    assert not re.search(r"\bt1?\d\b", words)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert {one["role"] for one in manifest["inputs"]} == {"table", "original", "holdout"}


def test_one_file_without_the_other_is_refused(files, tmp_path, capsys):
    assert main(asked(files, tmp_path / "out", "--original", str(files / "original.csv"))) == 2
    assert "original and a holdout" in capsys.readouterr().err


def test_a_release_that_describes_nobody_is_a_result_and_no_error(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("release", "original", "holdout"):
        flat = pd.DataFrame({"sex": rng.choice(list("FM"), 80), "vote": rng.choice(list("ab"), 80)})
        flat.to_csv(tmp_path / f"{name}.csv", index=False)
    asked = ["table", str(tmp_path / "release.csv"), "--key", "sex", "--sensitive", "vote",
             "--original", str(tmp_path / "original.csv"), "--holdout",
             str(tmp_path / "holdout.csv"), "--out", str(tmp_path / "out")]  # fmt: skip
    assert main(asked) == 0
    told = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))
    keys = {note["key"] for one in told["findings"] for note in one.get("notes", [])}
    assert "nobody_described_alone" in keys | {note["key"] for note in told["notes"]}
