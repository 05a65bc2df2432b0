"""A secret guessed by a model: what a rule of everybody gives is no leak, what is learnt is."""

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.tables.inference import _boosted, inference, trained_guess

MODELS = ("nearest", "logistic", "boosted")


def town(n, seed, rule=0.8):
    """Vote follows the district eight times in ten; the job has nothing to do with either."""
    rng = np.random.default_rng(seed)
    district = rng.choice(list("abc"), n)
    vote = np.where(rng.random(n) < rule, district, rng.choice(list("abc"), n))
    table = pd.DataFrame({"district": district, "vote": vote, "age": rng.integers(18, 90, n)})
    table["job"] = rng.choice(list("uvwxyz"), n)
    table["income"] = np.round(1_000 * np.exp(table["age"] / 40) * rng.uniform(0.98, 1.02, n))
    return table.assign(born=pd.Timestamp("2016-01-01") - pd.to_timedelta(table["age"] * 365, "D"))


@pytest.mark.parametrize("model", MODELS)
def test_what_is_true_of_everybody_is_found_in_the_control_too(model):
    original, stranger, control = (town(400, seed) for seed in (1, 2, 3))
    row = inference(
        original, stranger, control, known=["district"], secret="vote", model=model
    ).rows[0]
    # .8 + .2 / 3 by the rule; a model finds it, the nearest record draws a voter of the district.
    expected = 0.8667 if model != "nearest" else 0.8667**2 + 2 * 0.0667**2
    assert row.value == pytest.approx(expected, abs=4 * np.sqrt(0.2 / 400))
    assert row.residual_low <= 0 <= row.residual_high
    assert row.part == {"secret": "vote", "model": model}


def test_boosted_trees_learn_a_small_release_by_heart_and_a_line_does_not():
    # Pure noise, and keys that tell people apart: only who is in the release is guessed.
    original, control = town(150, 1, rule=0.0), town(150, 2, rule=0.0)
    asked = {"known": ["district", "age", "job"], "secret": "vote"}
    found = {
        model: inference(original, original, control, model=model, **asked).rows[0]
        for model in MODELS
    }
    assert found["nearest"].residual_low > 0.5
    assert found["boosted"].residual_low > 0.5
    assert found["logistic"].residual < found["boosted"].residual_low


@pytest.mark.parametrize("secret", ["income", "born"])
def test_numbers_and_dates_are_guessed_by_trees_and_not_by_a_logistic(secret):
    original, stranger, control = (town(400, seed) for seed in (4, 5, 6))
    asked = {"known": ["age"], "secret": secret, "days": 900}
    row = inference(original, stranger, control, model="boosted", **asked).rows[0]
    assert row.value > 0.7 > 0.2 > row.baseline
    with pytest.raises(ParameterError, match="boosted"):
        inference(original, stranger, control, model="logistic", **asked)


@pytest.mark.parametrize("model", MODELS)
def test_blanks_and_values_that_the_release_lacks_are_no_error(model):
    original, control = town(60, 7), town(60, 8)
    release = original.assign(
        district=original["district"].where(original.index % 3 != 0),
        age=original["age"].where(original.index % 4 != 0),
        job=np.where(original["job"] == "z", "u", original["job"]),
        born=pd.NaT,
    )
    nothing = inference(original, release, control, known=["born"], secret="vote", model=model)
    assert nothing.rows[0].value < 0.7
    known = ["district", "age", "job", "born"]
    row = inference(original, release, control, known=known, secret="vote", model=model).rows[0]
    assert 0 < row.value <= 1
    again = inference(original, release, control, known=known, secret="vote", model=model).rows[0]
    assert again == row


def test_one_value_alone_is_guessed_for_everybody():
    table = town(40, 1).assign(vote="a")
    for model in MODELS:
        assert inference(table, table, table, known=["job"], secret="vote", model=model).rows[
            0
        ].value == pytest.approx(1)
    with pytest.raises(ParameterError, match="model"):
        inference(table, table, table, known=["job"], secret="vote", model="forest")


@pytest.mark.parametrize(("records", "median"), [(19_999, 9_999.0), (20_000, 9_999.5)])
def test_a_model_is_trained_on_twenty_thousand_records_at_most(records, median):
    """Nothing is known, so the median is guessed: between two of an even number of records."""
    release = np.column_stack([np.full(20_001, np.nan), np.arange(20_001.0)])
    asked = np.array([True, True]), np.array([0]), 1
    for rows, whole in ((records, median), (20_001, None)):
        guess = trained_guess("boosted", release[:rows], *asked, rng=np.random.default_rng(7))
        (value,) = guess(release[:1])
        # Of 20,001 one is left out by lot, and the median is between two of the 20,000.
        assert value == whole if whole else value % 1 == 0.5


@pytest.mark.parametrize(("levels", "categorical"), [(254, True), (255, True), (256, False)])
def test_a_column_of_255_levels_is_one_of_categories(monkeypatch, levels, categorical):
    """As many as scikit-learn takes; one of more is read as a number."""
    asked = []

    class Trees:
        def __init__(self, **options):
            asked.extend(options["categorical_features"].tolist())

        def fit(self, *_):
            return self

    monkeypatch.setattr("sklearn.ensemble.HistGradientBoostingRegressor", Trees)
    table = np.column_stack([np.arange(300.0) % levels, np.arange(300.0) % 2])
    _boosted(table, np.array([False, True]), np.arange(300.0), True, 7)
    assert asked == [categorical, False]
