"""Inference: is a secret of a person guessed from a release better than from the population?

The third risk of the Article 29 working party (opinion 05/2014, WP216), measured as by Giomi et al.
(2023): people who are not in the release are guessed too, so that what holds for everybody is no
leak. The guess is the nearest record's, or that of a model trained on the release alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import comb
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from privaudit.columns.values import Reading
from privaudit.core.checks import (
    Bools,
    Floats,
    Ints,
    column_names,
    in_range,
    one_of,
    whole,
)
from privaudit.core.reproducible import one_thread, stream
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Row
from privaudit.tables.nearest_records import TableMatrix, column_scale, inference_gain, table_matrix
from privaudit.tables.singling_out import attack_result, drawn

ModelWord: TypeAlias = Literal["nearest", "logistic", "boosted"]
MODELS = get_args(ModelWord)
# Records that a model is trained_guess on, drawn at random: more cost minutes and change little.
_MOST_TRAINED = 20_000
# Categories that boosted trees hold apart; of more, they take the codes as numbers.
_MOST_LEVELS = 255
# Attacks that one call may make.
_MOST_SETS = 200


def trained_guess(
    model: str, release: Floats, ordered: Bools, known: Ints, secret: int, *, rng: Any
) -> Any:
    """Train a model on a release; return the function that guesses the secret of people.

    Logistic regression (L2, one-hot categories and standardised numbers) or boosted trees (least
    absolute error for numbers and dates) of scikit-learn, untuned. A value that the release does
    not have is missing.

    Parameters
    ----------
    model : {"logistic", "boosted"}
    release : float, shape (n, c)
        Categories as codes, nan where missing; the secret of some is known.
    ordered : bool, shape (c,)
        Numbers and dates.
    known : int array
        Columns that are known.
    secret : int
        Column that is guessed.
    rng : numpy.random.Generator
        Source of all draws.

    Returns
    -------
    callable
        People, shape (m, c), to guesses, shape (m,).
    """
    some = drawn(release[~np.isnan(release[:, secret])], _MOST_TRAINED, rng)
    target, seed = some[:, secret], int(rng.integers(2**31))
    # A column that is always missing predicts nothing.
    known = known[~np.isnan(some[:, known]).all(axis=0)]
    if len(np.unique(target)) == 1 or not len(known):
        usual = _usual(target, bool(ordered[secret]))
        return lambda people: np.full(len(people), usual)
    if model == "logistic" and ordered[secret]:
        do = 'Use model="boosted" or "nearest".'
        raise ParameterError.of("inference", "a category as secret of a logistic", "a number", do)
    make = _logistic if model == "logistic" else _boosted
    fitted = make(some[:, known], ordered[known], target, bool(ordered[secret]), seed)
    levels = [np.unique(some[:, k][~np.isnan(some[:, k])]) for k in known]

    def guess(people: Floats) -> Floats:
        asked = people[:, known].copy()
        for k, own in enumerate(levels):
            if not ordered[known[k]]:
                asked[~np.isin(asked[:, k], own), k] = np.nan
        return np.asarray(fitted.predict(asked), float)

    return guess


def _logistic(table: Floats, ordered: Bools, target: Floats, number: bool, seed: int) -> Any:
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
    return make_pipeline(columns, LogisticRegression(max_iter=500)).fit(table, target)


def _boosted(table: Floats, ordered: Bools, target: Floats, number: bool, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    few = [len(np.unique(column)) <= _MOST_LEVELS for column in table.T]
    options: dict[str, Any] = {
        "categorical_features": ~ordered & np.array(few),
        # Small releases are to be fitted closely: that is the leak.
        "min_samples_leaf": max(1, min(20, len(table) // 50)),
        "early_stopping": False,
        "random_state": seed,
    }
    if number:
        return HistGradientBoostingRegressor(loss="absolute_error", **options).fit(table, target)
    # A round grows a tree for each category.
    rounds = int(np.clip(3_000 // len(np.unique(target)), 10, 100))
    return HistGradientBoostingClassifier(max_iter=rounds, **options).fit(table, target)


@one_thread()
def inference(
    original: pd.DataFrame,
    release: pd.DataFrame,
    control: pd.DataFrame,
    *,
    known: Sequence[str],
    secret: str,
    model: ModelWord = "nearest",
    tolerance: float = 0.05,
    days: float = 30.0,
    attacks: int = 2_000,
    seed: int = 7,
    reading: Reading | None = None,
) -> Measures:
    """Guess a secret of a person from the release.

    By the record that is most like them, or by a model trained on the release; either way people
    who are not in it are guessed too, so that what holds for everybody is no leak. A guess of a
    number is right within `tolerance` times the absolute value of the true one, of a
    date within `days`, of a category where it is that category: a negative guess of a positive
    number is wrong.

    Parameters
    ----------
    original, release, control : pandas.DataFrame, or a Polars or Arrow frame
        As for `linkability`.
    known : sequence of str
        Columns that are known of a person.
    secret : str
        Column that is guessed. People without it are left out.
    model : {"nearest", "logistic", "boosted"}
        *nearest*: any of the most similar records, as likely. *logistic*, *boosted*: logistic
        regression, of a category, or boosted trees, of scikit-learn.
    tolerance : float
        Relative error that is still right, for numbers.
    days : float
        Error that is still right, for dates.
    attacks : int
        At most so many people of the original, and of the control.
    seed : int
    reading : Reading, optional
        How the cells of the three tables are read, as those of one.

    Returns
    -------
    Measures
        Family "inference", one row with its ``secret`` and ``model``: mean chance that the guess
        for a person of the original is right, with its control and residual; baseline: the most
        frequent category of the release, or its median, for everybody. n: people attacked. 0 =
        safe. Not reliable where the attack does not beat its baseline, or where most of the
        control stands in the original.

    Raises
    ------
    SchemaError
        A column is missing, or is a date in one table and text in another.
    ParameterError
        A number out of range, a secret that is among the known columns, or is not known of
        anybody.

    Examples
    --------
    Of a copy the secret is read; of people who are not in it, it is guessed.

    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> people = pd.DataFrame(rng.integers(0, 99, (200, 4)), columns=list("abcd"))
    >>> inside, outside = people[:100], people[100:]
    >>> found = inference(inside, inside, outside, known=["a", "b", "c"], secret="d")
    >>> found.rows[0].value > found.rows[0].control
    True
    """
    who = "inference"
    whole(who, "attacks", attacks, 1)
    in_range(who, "tolerance", tolerance, 0)
    in_range(who, "days", days, 0)
    one_of(who, "model", model, MODELS)
    known = column_names(who, "known", known)
    (secret,) = column_names(who, "secret", [secret])
    if not known or secret in known or len(set(known)) < len(known):
        came = f"known={list(known)}, secret={secret!r}"
        raise ParameterError.of(who, "known columns, and a secret that is none of them", came)
    tables = table_matrix(who, original, release, control, [*known, secret], reading)
    rng = stream(seed, who)
    at = len(known)
    guesses = tables.release[:, at]
    guesses = guesses[~np.isnan(guesses)]
    if not len(guesses):
        raise ParameterError.of(who, "a secret in the release", "a column that is empty there")
    usual = _usual(guesses, bool(tables.ordered[at]))
    gain = _gain(tables, at, model, rng)
    found, easy = [], []
    for people in (tables.original, tables.control):
        targets = people[~np.isnan(people[:, at])]
        if not len(targets):
            raise ParameterError.of(who, "people with a known secret", "none")
        targets = drawn(targets, attacks, rng)
        room = _tolerance(tables, at, targets[:, at], tolerance, days)
        found.append(gain(targets, room))
        easy.append(float((np.abs(usual - targets[:, at]) <= room).mean()))
    recipe = {
        "known": list(known),
        "secret": secret,
        "model": model,
        "tolerance": tolerance,
        "days": days,
        "attacks": attacks,
        "seed": seed,
    }
    beside = float(found[1].mean()), float(len(found[1]))
    part = {"secret": secret, "model": model}
    fields: dict[str, Any] = {"doubts": tables.doubts, "notes": tables.notes, "part": part}
    return attack_result(who, found[0], beside, easy[0], recipe=recipe, **fields)


def inference_by_keys(
    original: pd.DataFrame,
    release: pd.DataFrame,
    control: pd.DataFrame,
    *,
    known: Sequence[str],
    secret: str,
    size: int = 2,
    **options: Any,
) -> Measures:
    """Guess a secret from every small combination of known columns: which of them disclose it.

    Parameters
    ----------
    original, release, control, secret
        As for `privaudit.tables.inference.inference`.
    known : sequence of str
        Columns that may be known.
    size : int
        Combinations of at most so many, and all of them together.
    **options
        Others of `inference`: model, tolerance, days, attacks, seed, reading.

    Returns
    -------
    Measures
        Family "inference", a row ``inference_by_keys`` a combination of ``keys``, by what is
        gained over the people who are not in the release, the most first. A row is reliable
        where its attack is.

    Raises
    ------
    ParameterError
        More than 200 combinations; or as `inference`.

    Examples
    --------
    >>> people = pd.DataFrame({"age": range(60), "sex": list("FM") * 30, "vote": list("abc") * 20})
    >>> others = people.assign(age=range(100, 160), vote=list("bca") * 20)
    >>> found = inference_by_keys(people, people, others, known=["age", "sex"], secret="vote")
    >>> [row.part["keys"] for row in found.rows][-1]
    ('sex',)
    """
    who = "inference_by_keys"
    columns = column_names(who, "known", known)
    whole(who, "size", size, 1)
    sizes = sorted({*range(1, min(size, len(columns)) + 1), len(columns)})
    many = sum(comb(len(columns), k) for k in sizes)
    if many > _MOST_SETS:
        do = "Lower size, or know fewer columns."
        raise ParameterError.of(who, f"at most {_MOST_SETS} combinations", f"{many:,}", do)
    rows: list[Row] = []
    for keys in (keys for k in sizes for keys in combinations(columns, k)):
        found = inference(original, release, control, known=keys, secret=secret, **options)
        rows += [replace(row, measure=who, part={**row.part, "keys": keys}) for row in found.rows]
    rows.sort(key=lambda row: -row.residual if row.residual == row.residual else np.inf)
    return Measures(
        family="inference",
        rows=rows,
        notes=tuple(n for n in found.notes if n.key not in ("weak_attack", "nothing_added")),
        reliable=any(row.reliable for row in rows),
        recipe={**found.recipe, "measure": who, "known": list(columns), "size": size},
    )


def _gain(tables: TableMatrix, at: int, model: str, rng: np.random.Generator) -> Any:
    """Return what gives each person's chance of a right guess, from people and their room."""
    columns, release, ordered = np.arange(at), tables.release, tables.ordered
    if model == "nearest":
        scale = column_scale(release, ordered)
        return lambda people, room: inference_gain(
            people, release, ordered, scale, columns, at, room
        )
    guess = trained_guess(model, release, ordered, columns, at, rng=rng)
    return lambda people, room: (np.abs(guess(people) - people[:, at]) <= room).astype(float)


def _tolerance(
    tables: TableMatrix, at: int, target: np.ndarray, tolerance: float, days: float
) -> np.ndarray:
    if not tables.ordered[at]:
        return np.zeros(len(target))
    # Dates are seconds since 1970: a share of that means nothing.
    return np.full(len(target), days * 86_400) if tables.dates[at] else tolerance * np.abs(target)


def _usual(values: np.ndarray, ordered: bool) -> float:
    """Return the median of numbers and dates, the most frequent of categories."""
    return float(np.median(values) if ordered else np.bincount(values.astype(int)).argmax())
