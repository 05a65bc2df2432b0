"""docs/data/copies: attacks on copies find what there is to find, and an error empties its cell."""

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import copies  # noqa: E402


def stored(name):
    with (ROOT / "docs" / "data" / "copies" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def people(n, seed):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(n, 4)).round(3), columns=list("abcd"))
    return table.assign(job=rng.choice(list("uvwxyz"), n), town=rng.choice(list("klmn"), n))


@pytest.mark.parametrize("attack", copies.ATTACKS)
def test_every_attack_finds_the_members_of_a_copier_and_none_of_strangers(attack):
    members, others, reference, strangers = (people(400, seed) for seed in range(4))
    judged = pd.concat([members, others], ignore_index=True)
    for copy, least, most in ((members, 0.54, 1.0), (strangers, 0.42, 0.58)):
        score = attack(copies.Sides(judged, copy, reference))
        area = copies.area_under_curve(score[:400], score[400:])[0]
        # 400 beside 400: a standard error of .02; two of it for a copy, four for none.
        assert least <= area <= most, (attack.__name__, area)


def test_members_found_at_false_alarms_by_hand():
    inside, outside = np.array([9.0, 8.0, 2.0, 1.0]), np.arange(10.0)
    # One of ten others may be above: they are at 9, and 8 is the limit.
    assert copies.found(inside, outside, 0.1) == 0.25
    assert copies.found(inside, outside, 0.0) == 0.0


def test_a_synthesizer_that_raises_leaves_its_cell_empty(monkeypatch, tmp_path):
    def answers(_peer, _side, folder):
        for name, error in (("broken", "ValueError: too few"), ("copier", None)):
            if not error:
                train = pd.read_csv(folder / "train-0.csv")
                train.to_csv(folder / f"copy-0-{name}.csv", index=False)
            yield {"synthesizer": name, "draw": "0", "seconds": 0, "error": error}

    monkeypatch.setattr(copies, "answers", answers)
    for name, count in (("MEMBERS", 100), ("REFERENCE", 100), ("JUDGED", 100)):
        monkeypatch.setattr(copies, name, count)
    table = copies.summary(copies.attacked(people(300, 5), 1, "", tmp_path))
    broken, kept = table[table["synthesizer"] == "broken"], table[table["synthesizer"] == "copier"]
    assert broken["error"].tolist() == ["ValueError: too few"]
    assert broken["area"].isna().all()
    assert len(kept) == len(copies.ATTACKS)
    assert kept["area"].notna().all()


def test_the_stored_tables_say_what_the_page_says():
    flags = stored("flags")
    for row in flags:
        copied, flagged = row["release"] != "0% copied", int(row["flagged"])
        assert int(row["draws"]) == 50
        # An honest one is above 0 once in forty: 4 of 50 or more comes 4 times in 100.
        assert flagged == 50 if copied else flagged <= 3
    attacks = pd.DataFrame(stored("attacks"))
    assert attacks["synthesizer"].nunique() == 6
    best = attacks.astype({"at 0.01": float}).groupby("synthesizer")["at 0.01"].max()
    ours = attacks[attacks["attack"] == "ours"].set_index("synthesizer")["at 0.01"].astype(float)
    # Where members are found at all, no attack finds many more of them.
    assert (best - ours).max() <= 0.01


def test_the_table_of_the_how_to_is_that_of_all_attacks():
    """By copy: our figure, and the highest of the seven published attacks."""
    attacks = pd.DataFrame(stored("attacks")).set_index("synthesizer")
    with (ROOT / "docs/data/copies/by-copy.csv").open(encoding="utf-8") as file:
        shown = [row[1:] for row in list(csv.reader(file))[1:]]
    for cells, synthesizer in zip(shown, attacks.index.unique(), strict=True):
        of = attacks.loc[synthesizer]
        ours, others = of[of["attack"] == "ours"], of[of["attack"] != "ours"]
        assert len(others) == 7
        for k, share in enumerate(("area", "at 0.01", "at 0.001")):
            both = ours[share].astype(float).max(), others[share].astype(float).max()
            assert [f"{value:.3f}".removeprefix("0") for value in both] == cells[2 * k : 2 * k + 2]
