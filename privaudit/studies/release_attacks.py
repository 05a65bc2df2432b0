"""A released table against the table that it was made of, and people who are not in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from privaudit._core.by_name import by_name
from privaudit._core.checks import column_names, columns_present, say
from privaudit.errors import ParameterError
from privaudit.release.read_table import taken_over
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Rows
from privaudit.roles import Roles
from privaudit.tables.attacks import inference, linkability
from privaudit.tables.inference_models import MODELS
from privaudit.tables.key_combinations import inference_by_keys
from privaudit.tables.matrix import read_together
from privaudit.tables.membership import membership_inference
from privaudit.tables.reading import Reading
from privaudit.tables.singling_out import singling_out
from privaudit.text.column_names import spelt_as
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.tables.file_frame import FileFrame

__all__ = ["Beside", "release_attacks"]

_WHO = "table"
# Conditions in a predicate.
_ATTRIBUTES = (1, 3)


@by_name
@dataclass(frozen=True, kw_only=True)
class Beside:
    """The files that a table is laid beside.

    Parameters
    ----------
    population : path, optional
        Everybody whom the people of the table come from.
    original, holdout : path, optional
        The people suspected to be in the release, with the same columns; people of the same
        population who are not in it. Both, or neither.
    left, right : sequence of str
        Columns of two files that share none: are they joined through the release?
    addresses : path, optional
        National address file: which of the people's addresses are known ones.
    commune : str, optional
        INSEE code of the commune in it.
    dots : path, optional
        Map of dots on addresses, whom the table may name.

    Raises
    ------
    ParameterError
        An original without a holdout, one side of a link, or the reverse; a map, or a commune,
        without addresses.
    """

    population: str | Path | None = None
    original: str | Path | None = None
    holdout: str | Path | None = None
    left: Sequence[str] = ()
    right: Sequence[str] = ()
    addresses: str | Path | None = None
    commune: str | None = None
    dots: str | Path | None = None

    def __post_init__(self) -> None:
        if (self.original is None) != (self.holdout is None):
            came = "one of them"
            raise ParameterError(say(_WHO, "an original and a holdout, or neither", came))
        for side in ("left", "right"):
            object.__setattr__(self, side, column_names(_WHO, side, getattr(self, side)))
        if bool(self.left) != bool(self.right):
            came = f"left={list(self.left)}, right={list(self.right)}"
            raise ParameterError(say(_WHO, "columns on both sides of a link, or on none", came))
        if self.left and self.original is None:
            do = "Name --original and --holdout too."
            raise ParameterError(say(_WHO, "a release to link through", "no original", do))
        if self.addresses is None and (self.commune is not None or self.dots is not None):
            came, do = "--commune or --map alone", "Add --addresses FILE."
            raise ParameterError(say(_WHO, "addresses with --commune or --map", came, do))

    @property
    def files(self) -> dict[str, Path]:
        """The files by their role, which is their option too."""
        given = {
            "population": self.population,
            "original": self.original,
            "holdout": self.holdout,
            "addresses": self.addresses,
            "map": self.dots,
        }
        return {role: Path(path) for role, path in given.items() if path is not None}


def release_attacks(
    release: str | Path,
    beside: Beside,
    roles: Roles,
    *,
    combinations: bool = False,
    seed: int = 7,
    reading: Reading | None = None,
) -> tuple[dict[str, Measures], tuple[Note, ...]]:
    """Attack a release: singling out, linkability, inference, membership.

    Parameters
    ----------
    release : path
        What was released.
    beside : Beside
        The original and the holdout.
    roles : Roles
        What may be known of a person (`key`), and what is to be guessed (`sensitive`).
    combinations : bool
        Guess each sensitive column from every one or two keys too.
    seed : int
    reading : Reading, optional
        How cells are read: those of the three files as those of one.

    Returns
    -------
    found : dict of str to Measures
        By family: singling_out, of 1 and 3 ``attributes``; linkability, empty where no two
        sides are named; inference, of each sensitive column and model that can guess it;
        membership.
    notes : tuple of Note
        What was assumed to open the files, and the lines of them that could not be used.
    """
    known, names = list(roles.key), [*roles.key, *roles.sensitive]
    if not set(known).isdisjoint(roles.sensitive):
        raise ParameterError(say(_WHO, "sensitive columns that are no key", "a column as both"))
    needed = list(dict.fromkeys([*names, *beside.left, *beside.right]))
    paths = {"original": beside.original, "release": release, "control": beside.holdout}
    files = {name: taken_over(path, who=_WHO, gives="table") for name, path in paths.items()}
    # Once for all attacks; as the cells of one file, so that what one decides holds for all.
    raw = {}
    for name, file in files.items():
        raw[name] = file.frame.set_axis(spelt_as(needed, file.frame.columns), axis=1)
        columns_present(_WHO, "column", needed, raw[name].columns, file.name)
    read, said = read_together(_WHO, raw, needed, reading)
    three = tuple(raw[name].assign(**read[name]) for name in paths)
    told: dict[str, Any] = {"seed": seed, "reading": reading}
    asked = sorted({min(k, len(names)) for k in _ATTRIBUTES})
    found = {
        "singling_out": joined(
            "singling_out", {k: _alone(three, names, k, told) for k in asked}, by="attributes"
        )
    }
    found["linkability"] = _linked(three, beside, told)
    guesses: dict[Any, Measures] = {}
    for secret in roles.sensitive:
        for model in _models(read["release"][secret]):
            guesses[secret, model] = inference(
                *three, known=known, secret=secret, model=model, **told
            )
        if combinations and len(known) > 1:
            guesses[secret, "keys"] = inference_by_keys(*three, known=known, secret=secret, **told)
    if guesses:
        found["inference"] = joined("inference", guesses)
    found["membership"] = membership_inference(*three, columns=names, **told)
    found = {name: replace(one, notes=(*said, *one.notes)) for name, one in found.items()}
    return found, _said_of(files["original"], "original") + _said_of(files["control"], "holdout")


def _alone(
    three: tuple[pd.DataFrame, ...], names: list[str], attributes: int, told: dict[str, Any]
) -> Measures:
    try:
        return singling_out(*three, columns=names, attributes=attributes, **told)
    except ParameterError:
        # All that can be wrong with these arguments: nobody is alone in the release.
        rows = Rows(len(three[1]), "records")
        rows.absent(["singling_out"], "share", Note("nobody_described_alone"))
        return Measures(family="singling_out", rows=rows)


def _linked(three: tuple[pd.DataFrame, ...], beside: Beside, told: dict[str, Any]) -> Measures:
    if beside.left:
        return linkability(*three, left=beside.left, right=beside.right, **told)
    rows = Rows(len(three[0]), "people")
    rows.absent(["linkability"], "share", Note("no_sides_named"))
    return Measures(family="linkability", rows=rows)


def _models(column: pd.Series[Any]) -> tuple[str, ...]:
    """Models that can guess a column: a logistic regression guesses categories."""
    number = column.cat.categories.dtype.kind in "iufM"
    return tuple(model for model in MODELS if not (number and model == "logistic"))


def _said_of(file: FileFrame, role: str) -> tuple[Note, ...]:
    """Say what was assumed to open a file beside the release, and what of it was left out."""
    aside = (Note("rows_set_aside", rows=n, reason=why) for why, n in file.set_aside.items())
    return tuple(Note(f"of_the_{role}", what=note) for note in (*file.notes, *aside))
