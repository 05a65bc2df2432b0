"""Files of a simulated campaign, as three canvassing systems export them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.exports import Filled, beside_nationbuilder
from privaudit.campaign.views.people_table import PeopleTable
from privaudit.core.checks import error_message, kind_of
from privaudit.errors import ParameterError, ReadError

# Of files of text, and of one that is packed.
_ENDINGS, _PACKED = ("", ".csv", ".txt", ".tsv"), ".gz"


def write_nationbuilder(
    campaign: Campaign, path: str | os.PathLike[str], *, filled: Filled | None = None, seed: int = 7
) -> tuple[Path, ...]:
    """Write the people table of a simulated campaign as NationBuilder exports it.

    Every column of the export stands there, most of them empty, and an apostrophe before each cell
    that is filled, which makes a spreadsheet read it as text. ``support_level`` is 1 for strong
    support to 5 for strong opposition; dates have the month first. Notes of volunteers speak of
    whoever opened the door.

    Parameters
    ----------
    campaign : Campaign
        From `run_campaign`: nobody in it exists.
    path : path
        File of the people, ``.csv`` (also ``.txt``, ``.tsv`` or without an ending; packed where
        ``.gz`` follows). Beside it, named after it, stand the contact log, the lists,
        the paths and the social capital: ``people-contacts.csv`` beside ``people.csv``.
    filled : Filled, optional
        How much of the table is filled.
    seed : int
        Of the shuffle, of who left an e-mail, and of what volunteers wrote.

    Returns
    -------
    tuple of Path
        The file of the people, then those beside it.

    Raises
    ------
    ParameterError
        Not a campaign, or no path of a file of text.
    ReadError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=500), seed=7), seed=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     people, *beside = pa.io.write_nationbuilder(campaign, f"{folder}/people.csv")
    ...     found = pa.read_table(people)
    >>> [file.name for file in beside][0], found.roles.identifier, len(found.records.columns)
    ('people-contacts.csv', ('nationbuilder_id',), 207)
    """
    view = _view("write_nationbuilder", campaign, "nationbuilder", filled)
    facts, cells = view.cells(campaign, seed=seed)
    marked = ("'" + cells).where(cells != "", "")
    # By profile, as the campaign's own frames name them.
    beside = beside_nationbuilder(facts.sort_values("profile"), campaign)
    return _written("write_nationbuilder", path, marked, beside, separator=",")


def write_van(
    campaign: Campaign, path: str | os.PathLike[str], *, filled: Filled | None = None, seed: int = 7
) -> tuple[Path, ...]:
    """Write the people table of a simulated campaign as a canvass table of VAN, with tabs.

    One row a person, with the last canvass: its result code, or the answer to the survey
    (``"1 - Strong"`` to ``"5 - Against"``), and a note. Parameters, returns and errors are those
    of `write_nationbuilder`; no file stands beside it.

    Examples
    --------
    >>> import tempfile
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=500), seed=7), seed=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     people, *_ = pa.io.write_van(campaign, f"{folder}/people.txt")
    ...     pa.read_table(people).roles.identifier
    ('Voter File VANID',)
    """
    view = _view("write_van", campaign, "van", filled)
    return _written("write_van", path, view.cells(campaign, seed=seed)[1], {}, separator="\t")


def write_osdi(
    campaign: Campaign, path: str | os.PathLike[str], *, filled: Filled | None = None, seed: int = 7
) -> tuple[Path, ...]:
    """Write the people table of a simulated campaign with the words of OSDI.

    One row a person with their canvass (action_date, contact_type, status_code), nested names
    joined by dots. Parameters, returns and errors are those of `write_nationbuilder`; no file
    stands beside it.

    Examples
    --------
    >>> import tempfile
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=500), seed=7), seed=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     people, *_ = pa.io.write_osdi(campaign, f"{folder}/people.csv")
    ...     pa.read_table(people).roles.identifier
    ('identifiers.0',)
    """
    view = _view("write_osdi", campaign, "osdi", filled)
    return _written("write_osdi", path, view.cells(campaign, seed=seed)[1], {}, separator=",")


def _view(who: str, campaign: Any, system: str, filled: Filled | None) -> PeopleTable:
    if not isinstance(campaign, Campaign):
        came = kind_of(campaign)
        raise ParameterError(
            error_message(who, "a Campaign of run_campaign", came, "Nobody else is written.")
        )
    return PeopleTable(system=system, filled=Filled() if filled is None else filled)


def _written(
    who: str,
    path: Any,
    cells: pd.DataFrame,
    beside: Mapping[str, pd.DataFrame],
    *,
    separator: str,
) -> tuple[Path, ...]:
    """Write a table, and what stands beside it under a name of its own."""
    if not isinstance(path, (str, os.PathLike)):
        raise ParameterError(error_message(who, "the path of a file", f"path as {kind_of(path)}"))
    file = Path(path)
    packed = file.suffix if file.suffix.lower() == _PACKED else ""
    plain = file.with_suffix("") if packed else file
    if plain.suffix.lower() not in _ENDINGS:
        do = "Name it .csv."
        raise ParameterError(error_message(who, "a file of text", f"one named {plain.suffix}", do))
    ending = plain.suffix + packed
    others = {file.with_name(f"{plain.stem}-{name}{ending}"): f for name, f in beside.items()}
    for where, frame in {file: cells, **others}.items():
        try:
            frame.to_csv(where, index=False, sep=separator, encoding="utf-8", lineterminator="\r\n")
        except OSError:
            do = "Check that its folder is there, and its rights."
            raise ReadError(
                error_message(who, "a file that can be written", where.name, do)
            ) from None
    return (file, *others)
