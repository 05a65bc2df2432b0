"""What a sample says of its population: what is shown holds, and the rest says why it is empty."""

import math

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.results.measures import as_printed
from privaudit.words.catalogues import Note

COMMON_RATE = (
    "population_uniques_zayatz", "population_uniques_pitman", "population_uniques_snb",
    "population_uniques_dankar", "correctness", "correctness_entropy", "correctness_exponent",
    "individual_risk_max", "individual_risk_approximate", "household_risk", "share_at_risk",
    "dis_suda", "dis_suda_max",
)  # fmt: skip


def crowd(people, rng, sizes=(2, 8, 20, 40)):
    """Keys of everybody, independent of each other, and homes of two or so."""
    keys = {
        f"k{j}": rng.choice(m, people, p=rng.dirichlet(np.full(m, 0.7)))
        for j, m in enumerate(sizes)
    }
    return pd.DataFrame(keys).assign(home=rng.integers(0, people // 2, people))


def keys_of(frame):
    return [name for name in frame.columns if name.startswith("k")]


def measured(file, **options):
    roles = pa.Roles(key=keys_of(file), weight="w" if "w" in file else None)
    home = "home" if "home" in file else None
    return pa.measure(file, roles, household=home, special=2, **options)


def true_of(file, everybody, word):
    keys = keys_of(file)
    size = everybody.groupby(keys).size().rename("F").reset_index()
    people = file[keys].merge(size, on=keys, how="left", validate="m:1")["F"]
    alone = file.groupby(keys)[keys[0]].transform("size").to_numpy() == 1
    return {
        "k_map": people.min(), "journalist_risk_max": 1 / people.min(),
        "share_at_risk": (1 / people > 0.2).mean(), "tau1": (people[alone] == 1).sum(),
        "tau2": (1 / people[alone]).sum(), "marketer_risk": (1 / people).mean(),
    }[word]  # fmt: skip


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_the_rarest_key_is_that_of_somebody_alone_where_somebody_is_for_sure(rate):
    rng = np.random.default_rng(1)
    everybody = crowd(20_000, rng, (2, 7, 16, 40, 15))
    file = everybody[rng.random(20_000) < rate]
    got = measured(file, sampling_fraction=rate)
    assert true_of(file, everybody, "k_map") == 1
    for word, one in (("k_map", 1), ("journalist_risk_max", 1), ("household_risk_max", 1)):
        row = got.row(word)
        assert (row.value, row.low, row.high, row.reliable) == (one, one, one, True)
        assert {"somebody_alone", "people_independent"} <= {note.key for note in row.notes}


def test_records_that_are_all_unique_say_nothing_of_the_rarest_key():
    # 93 records, each standing for a hundred people: one may be alone among 9,300, or nobody.
    file = pd.DataFrame({"k0": np.arange(93), "w": 100.0})
    got = measured(file)
    for word in ("k_map", "journalist_risk_max", "share_at_risk", "individual_risk_max"):
        row = as_printed(got).row(word)
        assert math.isnan(row.value), word
        assert not row.reliable
        assert row.notes
    row = got.row("k_map")
    # As sdcMicro has it, Fk is the sum of weights of the key.
    assert row.value == got.per_record["population_size"].min() == 100
    # 93 keys share 9,300 people: the rarest has a hundred of them at most.
    assert (row.low, row.high) == (1, 100)
    assert (got.row("journalist_risk_max").low, got.row("journalist_risk_max").high) == (0.01, 1)
    # Of one record in a hundred people: p log(1 / p) / (1 - p) (Benedetti and Franconi 1998).
    risk = got.per_record["individual_risk"]
    assert risk.to_list() == pytest.approx([0.01 * math.log(100) / 0.99] * 93)


def test_no_range_of_a_share_leaves_its_bounds():
    rng = np.random.default_rng(3)
    for size, rate in ((93, 0.01), (40, 0.02), (300, 0.3), (5, 0.9)):
        file = pd.DataFrame({"k0": rng.integers(0, 3 * size, size)})
        for row in measured(file, sampling_fraction=rate).rows:
            for note in row.notes:
                if note.key == "range_too_wide":
                    assert 0 <= note.values["low"] <= note.values["high"] <= 1
            if row.unit in ("share", "probability") and not math.isnan(row.high):
                assert 0 <= row.low <= row.high <= 1, row.label


def test_the_share_at_risk_is_the_middle_of_what_fits():
    rng = np.random.default_rng(5)
    held, told = [], []
    for rate in (0.3, 0.5, 0.5, 0.7):
        everybody = crowd(8_000, rng, (2, 6, 12))
        file = everybody[rng.random(8_000) < rate]
        row = measured(file, sampling_fraction=rate).row("share_at_risk")
        held.append(row.low <= true_of(file, everybody, "share_at_risk") <= row.high)
        told.append(row.reliable)
        if row.reliable:
            assert row.value == pytest.approx((row.low + row.high) / 2)
            assert row.high - row.low <= 0.2
    assert all(held)
    assert any(told)


def weighted(people, rng, rates=(0.5, 0.1)):
    everybody = crowd(people, rng)
    chance = np.where(everybody["k1"] < 3, *rates)
    drawn = rng.random(people) < chance
    return everybody, everybody[drawn].assign(w=1 / chance[drawn])


def test_what_rests_on_one_common_rate_is_empty_where_weights_are_unequal():
    rng = np.random.default_rng(8)
    everybody, file = weighted(8_000, rng)
    got = measured(file)
    for word in COMMON_RATE:
        row = as_printed(got).row(word)
        assert math.isnan(row.value), word
        assert not row.reliable
        assert {note.key for note in row.notes} & {"weights_unequal", "range_too_wide"}, word
    for word in ("share_at_risk", "marketer_risk"):
        assert got.row(word).low <= true_of(file, everybody, word) <= got.row(word).high
    # A fraction beside the weights makes them no more equal.
    told = as_printed(measured(file, sampling_fraction=len(file) / 8_000))
    told = told.row("population_uniques_dankar")
    assert math.isnan(told.value)
    # Weights that differ by a rounding are one rate.
    near = file.assign(w=np.linspace(3.98, 4.02, len(file)))
    assert "weights_unequal" not in {n.key for n in measured(near).row("correctness").notes}


def test_unequal_weights_and_the_rarest_key_and_tau():
    rng = np.random.default_rng(11)
    everybody, file = weighted(20_000, rng)
    got = measured(file)
    assert true_of(file, everybody, "k_map") == 1 == got.row("k_map").low
    for word in ("tau1", "tau2"):
        row = got.row(word)
        assert row.low <= true_of(file, everybody, word) <= row.high
    assert row.reliable


@pytest.mark.parametrize("kept", ["pandas", "lazy"])
def test_tau_is_counted_where_the_population_is_given(kept):
    # (a) alone in both, (b) alone here and two there, (c) twice here and twice there.
    people = pd.DataFrame({"k0": list("abbccdd")})
    file = pd.DataFrame({"k0": list("abcc")})
    if kept == "lazy":
        pl = pytest.importorskip("polars")
        file = pl.from_pandas(file).lazy()
    got = pa.measure(file, pa.Roles(key="k0"), population=people)
    assert got.value("tau1") == 1
    assert got.value("tau2") == 1 + 1 / 2
    row = got.row("tau1")
    assert (row.low, row.high, row.reliable) == (1, 1, True)
    assert Note("counted_in_population") in row.notes


def test_dependent_keys_at_a_few_percent_are_not_told_and_said_so():
    rng = np.random.default_rng(4)
    one = np.minimum(rng.zipf(1.6, 30_000), 300)
    everybody = pd.DataFrame(
        {
            "k0": one,
            "k1": (one + rng.integers(0, 4, 30_000)) // 3,
            "k2": rng.integers(0, 30, 30_000),
        }
    )
    file = everybody[rng.random(30_000) < 0.03]
    row = as_printed(measured(file, sampling_fraction=0.03)).row("tau1")
    assert math.isnan(row.value)
    assert row.notes[0].key == "keys_not_independent"
    # The pairs still say how many are alone at least.
    assert 0 <= row.low <= true_of(file, everybody, "tau1") <= row.high


def by_a_key(people, rng):
    """People drawn at half to twice a rate, by a key."""
    everybody = crowd(people, rng, (2, 7, 16, 40))
    chance = np.array([0.1, 0.2, 0.4])[everybody["k1"] % 3]
    return everybody, chance


def by_themselves(people, rng):
    everybody = crowd(people, rng, (8, 20, 30))
    return everybody, np.minimum(0.25 * rng.lognormal(-0.18, 0.6, people), 1)


@pytest.mark.heavy
@pytest.mark.parametrize("draw", [by_a_key, by_themselves])
def test_unequal_weights_bound_the_uniques_and_the_risk(draw):
    held, width = [], []
    for seed in range(20):
        rng = np.random.default_rng([26, seed])
        everybody, chance = draw(6_000, rng)
        file = everybody.assign(w=1 / chance)[rng.random(6_000) < chance]
        got = pa.measure(file, pa.Roles(key=keys_of(file), weight="w"), special=1)
        size = everybody.groupby(keys_of(file))["home"].transform("size")
        true = {
            "population_unique_share": (size == 1).mean(),
            "individual_risk": (1 / size[file.index]).mean(),
        }
        for word, number in true.items():
            row = got.row(word)
            held.append(row.low <= number <= row.high)
            width.append(row.high - row.low)
            assert row.reliable
            assert row.bound == "upper" or row.low < row.value < row.high
            assert row.bound == "" or row.value == row.high
    assert np.mean(held) >= 0.95
    assert np.mean(np.array(width) < 0.7) > 0.9
