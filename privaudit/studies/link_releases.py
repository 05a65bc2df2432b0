"""Link a people table and a map of dots: what both disclose that neither does alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit.columns.roles import Roles
from privaudit.columns.values import Reading
from privaudit.core.checks import an_instance, keyword_only, kind_of
from privaudit.core.files import put
from privaudit.core.progress import in_steps, step
from privaudit.core.reproducible import stream
from privaudit.errors import OutputError, ParameterError
from privaudit.io.addresses import read_addresses
from privaudit.io.workbooks import inert
from privaudit.linkage.join_files import join_keys
from privaudit.linkage.link_tables import link, table_of
from privaudit.linkage.scoring import score_join
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.release.column_roles import read_roles
from privaudit.release.read_map import read_map
from privaudit.release.read_table import Source, read_table
from privaudit.release.release import DotRelease, TableRelease
from privaudit.results.rows import Row, Rows
from privaudit.studies.audit import held_against
from privaudit.studies.commands import command_line
from privaudit.studies.study import (
    Input,
    Study,
    address_input,
    address_notes,
    addresses_set_aside,
    note_of_file,
)
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase
    from privaudit.linkage.join_files import JoinKeys
    from privaudit.results.measures import Measures

_MEASURES = {"address": "placed_between", "person": "named_between"}


def placed_between(dots: DotRelease, laid: JoinKeys, people: int, *, seed: int) -> list[Row]:
    """Attack a masked map with a table as the register of its people.

    Parameters
    ----------
    dots : DotRelease
    laid : JoinKeys
        The table joined to the map: at which address each of its people is.
    people : int
        Records of the table: those beyond are of people known not to be on the map.
    seed : int

    Returns
    -------
    list of Row
        ``placed_between``: share of the dots whose address would be found, between `low` and
        `high` over the ways in which they may have been moved; the value is the most.
        ``named_between``: the same of the person. Empty where the dots were not moved, or no
        address of the table is known.
    """
    home = laid.home[laid.rows < people]
    moved = any(note.key == "dots_moved_off" for note in laid.notes)
    if not moved or not (home >= 0).any():
        return []
    register = pd.DataFrame({"address": home[home >= 0].astype(np.int64)})
    who = Adversary.unknown_mask(register=register)
    leak = dots.as_leaked()
    guesses = guess(leak, who, rng=stream(seed, "blurred link"))
    exposure = held_against(guesses, leak, who, truth=None, seed=seed)
    rows = Rows(len(dots), "dots")
    for row in exposure.rows:
        if row.gain in _MEASURES and row.low < row.high:
            between = {name: getattr(row, name) for name in ("low", "high", "n", "baseline")}
            measure, notes = _MEASURES[row.gain], exposure.notes
            rows.add(measure, row.high, "share", notes, bound="upper", **between)
    return list(rows)


_WHO = "link_releases"


@in_steps("link_releases", parts=3)
def link_releases(
    table: TableRelease | Source,
    dots: DotRelease | Source,
    *,
    addresses: AddressBase | str | os.PathLike[str] | None = None,
    commune: str | None = None,
    shared: Mapping[str, str] | None = None,
    absent: TableRelease | Source | None = None,
    seed: int = 7,
) -> Measures:
    """Link a people table and a map of dots: what the holder of both learns.

    Parameters
    ----------
    table : TableRelease, path or pandas.DataFrame
    dots : DotRelease, path or pandas.DataFrame
        A map whose dots stand where people live. Where they were moved, the table is taken for a
        register instead, and the blur is worked out; where it is known, hold the register with
        the mask: ``pa.audit(dots, Adversary.holds_register(...))``.
    addresses : AddressBase or path, optional
        The national address file; needed where the map is a file or a frame.
    commune : str, optional
        INSEE codes of the communes to take out of it.
    shared : mapping of str to str, optional
        Columns that both show, the table's to the map's. Default: those that say so themselves.
    absent : TableRelease, path or pandas.DataFrame, optional
        Records of the same columns of people who are known not to be on the map: the control of
        `record_located`.
    seed : int
        Of the blind joins.

    Returns
    -------
    Measures
        Family "linked"; 0 is safe. Intervals count people of a home once. ``by`` says what is
        compared: "coordinates", "address" (in words, against the addresses), "identity" (names or
        contacts that both show), "columns" (others that both show: a blank fits everybody), and
        "place_and_columns".

        - address_found, alone_at_address: of the table alone.
        - dot_named: share of the dots that exactly one person of the table fits. Baseline: the
          same of dots put at an address drawn among all, with another dot's cells; by name, of
          dots with the given name of another, nan where fewer than `SMALL_CELL` have one.
          Control: of the
          same dots, had their person not been in the table; without a truth, one door on.
        - dot_among: share that several fit. in_both: share that one person fits, who fits no
          other dot.
        - record_located: share of the people of the table whom the dots of one door fit.
          Baseline: likewise. Control: people who are not on the map, of `absent` or by the truth;
          else one door on.
        - columns_agree: of the dots that the place alone names, share whose other columns agree
          with the table's; baseline: with the records permuted over these doors.
        - dot_tells: share of the dots for which ``what`` is known from both files; baseline: by the
          map alone. record_tells: of the table's people; baseline: by the table alone.
          ``what="all_three"``: who, where and which side.
        - placed_between, named_between: of a map whose dots stand on no address of theirs, the
          range of the dots whose address, and person, would be found, the table being the
          register of who may be on it, over the ways in which they may have been moved.

        In a simulation, where both come from one world: dot_right, of a guess at random among
        those who fit; named_right and in_both_right, of these. Baseline: rows permuted over the
        table's people.

    Raises
    ------
    ParameterError
        Not a table and a map of dots; no addresses; `absent` without the table's columns.
    PrivauditError
        As the readers.

    Examples
    --------
    >>> from privaudit.geo.address_base import AddressBase
    >>> place = AddressBase(pd.DataFrame({"id": ["1", "2", "3"], "number": ["1", "2", "3"],
    ...     "street": "Rue A", "commune": "Bourg", "station": "", "x": [0., 40., 80.], "y": 0.}),
    ...     real=False)
    >>> people = pd.DataFrame({"nom": ["Petit", "Roux"], "adresse": ["1 rue A", "2 rue A"]})
    >>> dots = pd.DataFrame({"x": [0.0, 80.0], "y": [0.0, 0.0], "status": ["red", "grey"]})
    >>> linked = link_releases(people, dots, addresses=place)
    >>> linked.value("dot_named", by="address"), linked.value("record_located", by="address")
    (0.5, 0.5)
    """
    people = table_of(table, "table", who=_WHO)
    if isinstance(dots, (str, os.PathLike, pd.DataFrame)):
        if addresses is None:
            do = "Give addresses=, the national address file."
            raise ParameterError.of(_WHO, "the addresses of the map", "none", do)
        dots = read_map(dots, addresses=addresses, commune=commune)
    elif addresses is not None or commune is not None:
        needed = "a file or a frame of dots for addresses"
        do = "Leave them out: a map that was read or published has its own."
        raise ParameterError.of(_WHO, needed, kind_of(dots), do)
    do = "Use read_map, or publish a DotMap."
    an_instance(_WHO, "dots", dots, DotRelease, do)
    if shared is not None:
        do = "Give the map's column for each of the table's."
        an_instance(_WHO, "shared", shared, Mapping, do)
    step("read")
    laid_beside = people.as_leaked()
    if absent is not None:
        more = table_of(absent, "absent", who=_WHO).records
        lacking = [str(c) for c in people.records.columns if c not in more.columns]
        if lacking:
            came = f"none named {', '.join(lacking[:6])}"
            raise ParameterError.of(_WHO, "the table's columns in absent", came)
        both = pd.concat([people.records, more[list(people.records.columns)]], ignore_index=True)
        laid_beside = replace(laid_beside, records=both)
    laid = join_keys(laid_beside, dots.as_leaked(), shared=shared)
    step("laid beside")
    linked = score_join(people, dots, laid, rng=stream(seed, "linked"))
    placed = placed_between(dots, laid, len(people.records), seed=seed)
    linked = replace(linked, rows=[*linked.rows, *placed])
    step("scored")
    return linked


@keyword_only
@dataclass(frozen=True, kw_only=True)
class SeizedPair:
    """A people table and a map that were seized together, or two people tables.

    - `table`, `dots`: Files; `dots` is a second table where no addresses are given.
    - `addresses`: File of the addresses of the map.
    - `commune`, `crs`: As for `read_map`.
    - `shared`: Columns that both show, the table's to the map's; None: those that say so.
    - `absent`: File of people who are known not to be on the map.
    - `roles_file`: TOML, roles of the columns of either file, or of both.
    - `sheet`, `map_sheet`: Of files of several tables, which is read: of the table, of the map.
    - `review`: Of two tables, a new file for pairs that a person is to judge.
    - `judged`: Such a file, judged.
    """

    table: Path
    dots: Path
    addresses: Path | None = None
    commune: str | None = None
    crs: str | None = None
    shared: Mapping[str, str] | None = None
    absent: Path | None = None
    sheet: str | None = None
    map_sheet: str | None = None
    roles_file: Path | None = None
    review: Path | None = None
    judged: Path | None = None

    @property
    def stated(self) -> tuple[Roles | None, Roles | None]:
        """Return the roles that a roles file has of the table and of the map."""
        if self.roles_file is None:
            return None, None
        stated, who = read_roles(self.roles_file), "link"
        sheets = {self.table.name: self.sheet, self.dots.name: self.map_sheet}
        of = {name: stated.section(name, sheet) for name, sheet in sheets.items()}
        if not any(of.values()):
            stated.refuse_without(sheets, who=who)
        return stated.roles.get(of[self.table.name]), stated.roles.get(of[self.dots.name])


def audit_link(seized: SeizedPair, *, seed: int = 7) -> Study:
    """Lay a seized table beside a seized map and return the study, of kind "link".

    Raises
    ------
    PrivauditError
        As `link_releases` and the readers.
    """
    if seized.addresses is None:
        do = "Give --addresses: the map is placed among them."
        raise ParameterError.of("link", "the addresses of the map", "none", do)
    if seized.review is not None or seized.judged is not None:
        needed, do = "two tables for --review or --judged", "Leave --addresses out."
        raise ParameterError.of("link", needed, "a map", do)
    base = read_addresses(seized.addresses, commune=seized.commune)
    of_table, of_map = seized.stated
    table = read_table(seized.table, roles=of_table, reading=Reading(sheet=seized.sheet))
    dots = read_map(
        seized.dots, addresses=base, crs=seized.crs, sheet=seized.map_sheet, roles=of_map
    )
    linked = link_releases(table, dots, shared=seized.shared, absent=seized.absent, seed=seed)
    files = (("table", seized.table), ("map", seized.dots), ("absent", seized.absent),
             ("roles", seized.roles_file))  # fmt: skip
    inputs = [Input(path=Path(path), role=role) for role, path in files if path is not None]
    inputs.append(address_input(seized.addresses, base))
    return Study(
        kind="link",
        title=f"{table.name}, {dots.name}",
        provenance="audited file",
        real_places=True,
        measures={"linked": linked},
        set_aside={**table.set_aside, **dots.set_aside, **addresses_set_aside(base)},
        notes=(*address_notes(base, inputs), *_notes(seized, table, dots)),
        command=command_line("link", [seized.table, seized.dots], seized, seed=seed),
        inputs=tuple(inputs),
        recipe={"seed": seed},
    )


def audit_tables(
    seized: SeizedPair, *, reveal_rows: bool = False, seed: int = 7
) -> tuple[Study, dict[str, pd.DataFrame]]:
    """Link two seized tables and return the study, of kind "link", and tables of rows asked for.

    Parameters
    ----------
    reveal_rows : bool
        Return the pairs, by row numbers from 1, with their probability.

    Raises
    ------
    PrivauditError
        As `link` and the readers; a review that would be written over a file.
    """
    of_map = {"--commune": seized.commune, "--crs": seized.crs, "--absent": seized.absent}
    if wrong := [name for name, value in of_map.items() if value is not None]:
        do = "Give --addresses, or leave it out."
        raise ParameterError.of("link", f"a map for {wrong[0]}", "two tables", do)
    if seized.review is not None and os.path.lexists(seized.review):
        came = f"'{seized.review.name}', which is there"
        raise OutputError.of("link --review", "a new file", came, "Give another.")
    files = (seized.table, seized.dots)
    sheets = (seized.sheet, seized.map_sheet)
    tables = [
        read_table(path, roles=roles, reading=Reading(sheet=sheet))
        for path, roles, sheet in zip(files, seized.stated, sheets, strict=True)
    ]
    linked = link(*tables, shared=seized.shared, judged=seized.judged, seed=seed)
    if seized.review is not None:
        sheet = inert(linked.review(seed=seed), numbers=True)
        put({seized.review: sheet.to_csv(index=False, lineterminator="\n").encode()})
    roles = (("table", seized.table), ("table", seized.dots), ("roles", seized.roles_file),
             ("judged", seized.judged))  # fmt: skip
    rows = linked.pairs()
    rows[["row", "other"]] += 1
    revealed = reveal_rows or seized.review is not None
    study = Study(
        kind="link",
        title=f"{tables[0].name}, {tables[1].name}",
        provenance="audited file",
        real_places=True,
        measures={"linked_people": linked.measures},
        set_aside={**tables[0].set_aside, **tables[1].set_aside},
        notes=_notes(seized, *tables),
        command=command_line("link", list(files), seized, reveal_rows=reveal_rows, seed=seed),
        inputs=tuple(Input(path=path, role=role) for role, path in roles if path is not None),
        recipe={"seed": seed},
        revealed_rows=revealed,
    )
    return study, {"pairs": rows} if reveal_rows else {}


def _notes(
    seized: SeizedPair, table: TableRelease, other: TableRelease | DotRelease
) -> tuple[Note, ...]:
    """Return the notes of both, each with its file."""
    of = ((seized.table, table), (seized.dots, other))
    return tuple(note_of_file(note, path.name) for path, read in of for note in read.notes)
