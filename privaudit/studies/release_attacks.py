"""A released table against the table that it was made of, and people who are not in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.release.read_table import table_release
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Rows
from privaudit.roles import Roles
from privaudit.tables.attacks import inference
from privaudit.tables.inference_models import MODELS
from privaudit.tables.key_combinations import inference_by_keys
from privaudit.tables.membership import membership_inference
from privaudit.tables.singling_out import singling_out
from privaudit.words.note import Note

__all__ = ["release_attacks"]

_WHO = "table"
# Conditions in a predicate.
_ATTRIBUTES = (1, 3)


def release_attacks(
    release: str | Path,
    original: str | Path,
    holdout: str | Path,
    roles: Roles,
    *,
    combinations: bool = False,
    seed: int = 7,
) -> dict[str, Measures]:
    """Attack a release: singling out, inference, membership.

    Parameters
    ----------
    release, original, holdout : path
        What was released; the people suspected to be in it, with the same columns; people of the
        same population who are not in it.
    roles : Roles
        What may be known of a person (`key`), and what is to be guessed (`sensitive`).
    combinations : bool
        Guess each sensitive column from every one or two keys too.
    seed : int

    Returns
    -------
    dict of str to Measures
        By family: singling_out, of 1 and 3 ``attributes``; inference, of each sensitive column
        and model that can guess it; membership.
    """
    columns = Roles(key=roles.key, sensitive=roles.sensitive)
    people, released, others = (
        table_release(path, columns, who=_WHO).records for path in (original, release, holdout)
    )
    three = people, released, others
    known, names = list(roles.key), [*roles.key, *roles.sensitive]
    if not set(known).isdisjoint(roles.sensitive):
        raise ParameterError(say(_WHO, "sensitive columns that are no key", "a column as both"))
    asked = sorted({min(k, len(names)) for k in _ATTRIBUTES})
    found = {
        "singling_out": joined(
            "singling_out", {k: _alone(three, names, k, seed) for k in asked}, by="attributes"
        )
    }
    guesses: dict[Any, Measures] = {}
    for secret in roles.sensitive:
        for model in _models(released[secret]):
            guesses[secret, model] = inference(
                *three, known=known, secret=secret, model=model, seed=seed
            )
        if combinations and len(known) > 1:
            guesses[secret, "keys"] = inference_by_keys(
                *three, known=known, secret=secret, seed=seed
            )
    if guesses:
        found["inference"] = joined("inference", guesses)
    found["membership"] = membership_inference(*three, columns=names, seed=seed)
    return found


def _alone(
    three: tuple[pd.DataFrame, ...], names: list[str], attributes: int, seed: int
) -> Measures:
    people, released, others = three
    try:
        return singling_out(
            people, released, others, columns=names, attributes=attributes, seed=seed
        )
    except ParameterError:
        # All that can be wrong with these arguments: nobody is alone in the release.
        rows = Rows(len(released), "records")
        rows.absent(["singling_out"], "share", Note("nobody_described_alone"))
        return Measures(family="singling_out", rows=rows)


def _models(column: pd.Series[Any]) -> tuple[str, ...]:
    """Models that can guess a column: a logistic regression guesses categories."""
    number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    other = number or pd.api.types.is_datetime64_any_dtype(column)
    return tuple(model for model in MODELS if not (other and model == "logistic"))
