"""What a secret is guessed by: a model that is taught on the release alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from privaudit._core.arrays import Bools, Floats, Ints
from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.tables.attack_rows import drawn

__all__ = ["MODELS", "taught"]

MODELS = ("nearest", "logistic", "boosted")
# Records that a model is taught on, drawn at random: more cost minutes and change little.
_MOST_TAUGHT = 20_000
# Categories that boosted trees hold apart; of more, they take the codes as numbers.
_MOST_LEVELS = 255


def taught(
    model: str, release: Floats, ordered: Bools, known: Ints, secret: int, *, rng: Any
) -> Any:
    """Teach a model on a release; return what guesses the secret of each of some people.

    Logistic regression (L2, on one column a category and standardised numbers) or boosted trees
    (least absolute error for numbers and dates), of scikit-learn as they are: no one tunes
    them. A value that the release does not have is a missing one.

    model : "logistic" or "boosted".
    release : (n, c). Categories as codes, nan where missing; the secret of some is known.
    Returns: callable, people (m, c) to guesses (m,).
    """
    some = drawn(release[~np.isnan(release[:, secret])], _MOST_TAUGHT, rng)
    truth, seed = some[:, secret], int(rng.integers(2**31))
    # What is never known tells nothing.
    known = known[~np.isnan(some[:, known]).all(axis=0)]
    if len(np.unique(truth)) == 1 or not len(known):
        usual = np.median(truth) if ordered[secret] else np.bincount(truth.astype(int)).argmax()
        return lambda people: np.full(len(people), float(usual))
    if model == "logistic" and ordered[secret]:
        do = 'Ask model="boosted" or "nearest".'
        raise ParameterError(say("inference", "a category as secret of a logistic", "a number", do))
    make = _logistic if model == "logistic" else _boosted
    fitted = make(some[:, known], ordered[known], truth, bool(ordered[secret]), seed)
    levels = [np.unique(some[:, k][~np.isnan(some[:, k])]) for k in known]

    def guess(people: Floats) -> Floats:
        asked = people[:, known].copy()
        for k, own in enumerate(levels):
            if not ordered[known[k]]:
                asked[~np.isin(asked[:, k], own), k] = np.nan
        return np.asarray(fitted.predict(asked), float)

    return guess


def _logistic(table: Floats, ordered: Bools, truth: Floats, number: bool, seed: int) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
    )
    words = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer(
        [("numbers", numbers, np.flatnonzero(ordered)), ("words", words, np.flatnonzero(~ordered))]
    )
    return make_pipeline(columns, LogisticRegression(max_iter=500)).fit(table, truth)


def _boosted(table: Floats, ordered: Bools, truth: Floats, number: bool, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    few = [len(np.unique(column)) <= _MOST_LEVELS for column in table.T]
    options: dict[str, Any] = {
        "categorical_features": ~ordered & np.array(few),
        # Small releases are to be learnt by heart too: that is the leak.
        "min_samples_leaf": max(1, min(20, len(table) // 50)),
        "early_stopping": False,
        "random_state": seed,
    }
    if number:
        return HistGradientBoostingRegressor(loss="absolute_error", **options).fit(table, truth)
    # A round grows a tree for each category.
    rounds = int(np.clip(3_000 // len(np.unique(truth)), 10, 100))
    return HistGradientBoostingClassifier(max_iter=rounds, **options).fit(table, truth)
