"""Audit a real table of profiles.

Beside its measures: the release against its original and a holdout (singling out, linkability,
inference, membership), and its records placed on public addresses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.columns.headers import kind_of_header, stands_for_people
from privaudit.columns.recognise import refuse_names
from privaudit.columns.roles import Roles
from privaudit.columns.values import Reading
from privaudit.core.checks import (
    column_names,
    columns_present,
    keyword_only,
    plain_fields,
)
from privaudit.core.reproducible import stream
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.io.file_frame import aside_notes
from privaudit.io.legends import decoded
from privaudit.io.readers import reader_of
from privaudit.release.inventory import propose_roles, table_inventory
from privaudit.release.read_table import measurable, read_source, table_release
from privaudit.release.release import DotRelease, TableRelease
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures, guarded, joined, most_levels, named_levels
from privaudit.results.rows import Rows
from privaudit.studies.commands import command_line
from privaudit.studies.study import Input, Study
from privaudit.tables.coded_table import MOST_BYTES, MOST_RECORDS, Table, take_in
from privaudit.tables.contributions import (
    key_combinations,
    key_contributions,
    level_contributions,
)
from privaudit.tables.counting import column_names_of, exceeds, is_parquet
from privaudit.tables.measure import measure
from privaudit.tables.mend import MendingPlan, proposed_plan
from privaudit.text.normalise import columns_as_named
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import MissingWord

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHO = "table"
_ROLES_PROPOSED = ("key", "sensitive", "identifier")
# Conditions in a predicate.
_ATTRIBUTES = (1, 3)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Beside:
    """The files that a table is laid beside.

    Parameters
    ----------
    population : path, optional
        Everybody whom the people of the table come from.
    codebook : path, optional
        Table of what the codes of the table stand for.
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
    codebook: str | Path | None = None
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
            raise ParameterError.of(_WHO, "an original and a holdout, or neither", came)
        for side in ("left", "right"):
            object.__setattr__(self, side, column_names(_WHO, side, getattr(self, side)))
        if bool(self.left) != bool(self.right):
            came = f"left={list(self.left)}, right={list(self.right)}"
            raise ParameterError.of(_WHO, "columns on both sides of a link, or on none", came)
        if self.left and self.original is None:
            do = "Name --original and --holdout too."
            raise ParameterError.of(_WHO, "a release to link through", "no original", do)
        if self.population is not None and self.codebook is not None:
            do = "Write the codes out in both files first."
            raise ParameterError.of(_WHO, "--population or --codebook", "both", do)
        if self.addresses is None and (self.commune is not None or self.dots is not None):
            came, do = "--commune or --map alone", "Add --addresses FILE."
            raise ParameterError.of(_WHO, "addresses with --commune or --map", came, do)

    @property
    def files(self) -> dict[str, Path]:
        """The files by their role, which is their option too."""
        names = ("population", "codebook", "original", "holdout", "addresses")
        given = {name: getattr(self, name) for name in names} | {"map": self.dots}
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
    attacks : dict of str to Measures
        By family: singling_out, of 1 and 3 ``attributes``; linkability, empty where no two
        sides are named; inference, of each sensitive column and model that can guess it;
        membership.
    notes : tuple of Note
        What was assumed to open the files, and the lines of them that could not be used.
    """
    from privaudit.tables.inference import inference, inference_by_keys
    from privaudit.tables.membership_inference import membership_inference
    from privaudit.tables.nearest_records import read_together

    known, names = list(roles.key), [*roles.key, *roles.sensitive]
    if not set(known).isdisjoint(roles.sensitive):
        raise ParameterError.of(_WHO, "sensitive columns that are no key", "a column as both")
    needed = list(dict.fromkeys([*names, *beside.left, *beside.right]))
    paths = {"original": beside.original, "release": release, "control": beside.holdout}
    # Of files beside, the words may be written out already.
    files = {
        name: _written_out(path, beside.codebook, needed=name == "release")
        for name, path in paths.items()
        if path
    }
    # Once for all attacks; as the cells of one file, so that what one decides holds for all.
    raw = {}
    for name, file in files.items():
        raw[name] = file.frame.set_axis(columns_as_named(needed, file.frame.columns), axis=1)
        columns_present(_WHO, "column", needed, raw[name].columns, file.name)
    read, notes = read_together(_WHO, raw, needed, reading)
    three = tuple(raw[name].assign(**read[name]) for name in paths)
    how: dict[str, Any] = {"seed": seed, "reading": reading}
    sizes = sorted({min(k, len(names)) for k in _ATTRIBUTES})
    alone = {k: _alone(three, names, k, how) for k in sizes}
    attacks = {"singling_out": joined("singling_out", alone, by="attributes")}
    attacks["linkability"] = _linked(three, beside, how)
    guesses: dict[Any, Measures] = {}
    for secret in roles.sensitive:
        asked = {"known": known, "secret": secret, **how}
        for model in _models(read["release"][secret]):
            guesses[secret, model] = inference(*three, model=model, **asked)
        if combinations and len(known) > 1:
            guesses[secret, "keys"] = inference_by_keys(*three, **asked)
    if guesses:
        attacks["inference"] = joined("inference", guesses)
    attacks["membership"] = membership_inference(*three, columns=names, **how)
    attacks = {name: replace(one, notes=(*notes, *one.notes)) for name, one in attacks.items()}
    of_files = _notes_of(files["original"], "original") + _notes_of(files["control"], "holdout")
    return attacks, of_files


def _alone(
    three: tuple[pd.DataFrame, ...], names: list[str], attributes: int, how: dict[str, Any]
) -> Measures:
    from privaudit.tables.singling_out import singling_out

    try:
        return singling_out(*three, columns=names, attributes=attributes, **how)
    except ParameterError:
        # All that can be wrong with these arguments: nobody is alone in the release.
        return _absent("singling_out", Rows(len(three[1]), "records"), "nobody_described_alone")


def _linked(three: tuple[pd.DataFrame, ...], beside: Beside, how: dict[str, Any]) -> Measures:
    if beside.left:
        from privaudit.tables.linkability import linkability

        return linkability(*three, left=beside.left, right=beside.right, **how)
    return _absent("linkability", Rows(len(three[0]), "people"), "no_sides_named")


def _absent(family: str, rows: Rows, why: str) -> Measures:
    """Return an attack that cannot be made, with the reason."""
    rows.absent([family], "share", Note(why))
    return Measures(family=family, rows=rows)


def _models(column: pd.Series[Any]) -> tuple[Any, ...]:
    """Models that can guess a column: a logistic regression guesses categories."""
    from privaudit.tables.inference import MODELS

    number = column.cat.categories.dtype.kind in "iufM"
    return tuple(model for model in MODELS if not (number and model == "logistic"))


def _notes_of(file: FileFrame, role: str) -> tuple[Note, ...]:
    """Note what was assumed to open a file beside the release, and what was left out of it."""
    aside = aside_notes(file.set_aside)
    return tuple(Note(f"of_the_{role}", what=note) for note in (*file.notes, *aside))


def placed_dots(people: TableRelease, base: AddressBase) -> DotRelease | None:
    """Return the records of a table as dots on their addresses; None where none is found."""
    from privaudit.geo.written_addresses import join_addresses
    from privaudit.maps.masks.mask import Exact

    joined = join_addresses(people.records, base)
    rows = np.flatnonzero(joined.address >= 0)
    if not len(rows):
        return None
    records = people.records.iloc[rows][[]].reset_index(drop=True)
    records[["x", "y"]] = base.xy[joined.address[rows]]
    return DotRelease(
        records=records,
        rows=rows + 1,
        roles=Roles(location=("x", "y")),
        backdrop=base,
        name=people.name,
        view=str(Exact()),
        notes=(Note("placed_by_address", dots=len(rows), columns=joined.columns), *joined.notes),
        crs=base.crs,
        recipe={"reader": "placed_dots"},
    )


def table_on_map(
    people: TableRelease, base: AddressBase, *, seed: int = 7
) -> tuple[tuple[Exposure, ...], dict[str, Measures]]:
    """Attack the records of a table as dots on their addresses.

    Holders of the file go to the door: how often is that the right address, household and
    person, by what the address file says of who lives there?

    Returns
    -------
    exposures : tuple of Exposure
        Of an adversary who knows that each dot stands on its address; none where nobody is placed.
    measures : dict of str to Measures
        "hiding": among how many addresses and people each is hidden.
    """
    from privaudit.maps.adversary import Adversary
    from privaudit.maps.guess import guess
    from privaudit.maps.masks.mask import Exact
    from privaudit.maps.scoring.spatial_k import spatial_k_anonymity
    from privaudit.studies.audit import held_against

    dots = placed_dots(people, base)
    if dots is None:
        return (), {}
    adversary = replace(Adversary.knows_mask(Exact()), swapped=False)
    made = guess(dots.as_leaked(), adversary, rng=stream(seed, "attack", adversary.name))
    exposure = held_against(made, dots, adversary, truth=None, seed=seed)
    return (replace(exposure, notes=(*dots.notes, *exposure.notes)),), {
        "hiding": spatial_k_anonymity(exposure, base)
    }


# Levels of each key on the page: those with most of the score, and one row for the others.
_LEVELS = 8
# Records of a table of which each key is left out and coarsened unasked, to say what to mend.
_MENDED = 20_000


def audit_table(
    file: str | Path,
    roles: Roles,
    *,
    beside: Beside | None = None,
    contributions: bool = False,
    reading: Reading | None = None,
    **options: Any,
) -> Study:
    """Measure a real table of profiles and return the study.

    Parameters
    ----------
    file : path
    roles : Roles
        Without a key: those of an export of NationBuilder, VAN or OSDI, where the file is one;
        else those that `privaudit.inspect` proposes, which the notes say.
    beside : Beside, optional
        Files that the table is laid beside.
    contributions : bool
        Measure all again with each key left out and coarsened, and say which levels, and which
        combinations of keys, single out. Otherwise only who would be alone is counted again, of
        a table that is not large.
    reading : Reading, optional
        How cells are read.
    **options
        missing, sampling_fraction, household, memory_limit: as for `measure`.

    Raises
    ------
    ParameterError
        No key variable, and none that could be proposed; or one that names people.
    """
    given, beside = roles, beside or Beside()
    people, read = _people(file, roles, reading, beside.codebook)
    roles = _named_as_in(file, people, roles)
    proposed = (Note("key_given", key=roles.key),) if roles.key else ()
    if not roles.key and people is not None:
        roles = _filled_up(roles, propose_roles(people.records, "table"))
        proposed = (Note("roles_proposed", **{n: getattr(roles, n) for n in _ROLES_PROPOSED}),)
    if not roles.key:
        do = "Give --key a,b."
        raise ParameterError.of("table", "at least one key variable", "none known by header", do)
    household, limit = options.get("household"), options.get("memory_limit")
    if not reader_of(file, gives="table", who="table").counted:
        # It is read whole: the limit is that of what it decodes to.
        options, limit = {**options, "memory_limit": None}, None
    # Read once, not once a measure; a large file, or one with a limit, is counted where it is.
    source: Any = read if people is None or given.key else replace(people, roles=roles)
    if source is None or (limit is not None and beside.codebook is None):
        source = measurable(file, roles, reading=reading, who="table")
    limits: dict[str, Any] = {"household": household, "memory_limit": limit}
    taken = take_in(source, roles, reading=reading, who="table", **limits)
    table: Any = taken.source if taken.table is None else taken.table
    whole = people if people is not None else taken.table
    _refuse_identifiers(roles, None if whole is None else whole.records, contributions)
    also: dict[str, Any] = {"population": beside.population, "reading": reading}
    measures, placed = ({}, ()) if people is None else _of_people(people, roles, beside)
    measures |= {"table": measure(table, roles, **also, **options)}
    if contributions:
        measures["contributions"] = key_contributions(table, roles, **also, **options)
    if taken.table is not None:
        measures |= _of_records(taken.table, roles, options.get("missing", "likely"), contributions)
    notes = taken.notes if taken.table is None else taken.table.notes
    if beside.original is not None:
        asked: dict[str, Any] = {"combinations": contributions, "reading": reading}
        attacked, of_files = release_attacks(file, beside, roles, **asked)
        measures, notes = measures | attacked, (*notes, *of_files)
    inputs = {"table": Path(file), **beside.files}
    asked_for = options | {"contributions": contributions}
    return Study(
        kind="table",
        title=Path(file).name,
        provenance=measures["table"].provenance,
        real_places=True,
        exposures=placed,
        measures=measures,
        plan=_plan_of(taken.table, options.get("missing", "likely")),
        set_aside={} if taken.table is None else dict(taken.table.set_aside),
        notes=(*proposed, *notes),
        command=command_line("table", [file], beside, reading, **asked_for, **_of_roles(given)),
        inputs=tuple(Input(path=path, role=role) for role, path in inputs.items()),
        recipe=_named(given, beside, reading) | asked_for,
    )


def _plan_of(table: Table | None, missing: MissingWord) -> MendingPlan | None:
    """Return the plan that a report proposes; None for a table that is large, or only counted."""
    if table is None or len(table.records) > _MENDED:
        return None
    return proposed_plan(table, missing)


def _refuse_identifiers(roles: Roles, records: pd.DataFrame | None, contributions: bool) -> None:
    """Refuse keys that name people, or that few have.

    A number of few levels is a key, and one of things, as a zone's, that come back. Of more, the
    levels may be people: of a log, a report would print how many of them have so many records.
    """
    kinds = {key: kind_of_header(key)[0] for key in roles.key}
    half = 0 if records is None else len(records) // 2
    for key, kind in kinds.items():
        people = stands_for_people(key)
        most = min(SMALL_CELL - 1, half) if people else half
        few = records is not None and records[key].nunique() <= most
        if (people or kind == "number") and not few:
            came = f"'{key}', of the kind {kind} by its header"
            do = "Give it as --identifier; a log is measured by traces."
            raise ParameterError.of("table", "keys that name nobody", came, do)
    keys = [key for key, kind in kinds.items() if contributions or kind != "number"]
    refuse_names("table", keys, records)
    if records is None or len(records) < SMALL_CELL:
        return
    for key in roles.key:
        # By every measure of such a key, its records are all records less those without it.
        if 0 < records[key].count() < SMALL_CELL:
            needed, do = f"keys that {SMALL_CELL} records have, or none", "Leave it out of --key."
            raise ParameterError.of("table", needed, f"'{key}', which fewer have", do)


def _of_roles(given: Roles) -> dict[str, Any]:
    """Return the roles that a command takes, those with an order by their names."""
    names = ("key", "sensitive", "identifier", "weight")
    orders = None if given.orders is None else tuple(given.orders)
    direct = {} if given.direct is None else {"direct": given.direct}
    return {name: getattr(given, name) for name in names} | {"ordered": orders} | direct


def _named(given: Roles, beside: Beside, reading: Reading | None) -> dict[str, Any]:
    """Return the parameters that were given, for the recipe."""
    named = _of_roles(given) | {"commune": beside.commune}
    named |= {side: names for side in ("left", "right") if (names := getattr(beside, side))}
    return named if reading is None else named | plain_fields(reading)


def _people(
    file: str | Path, roles: Roles, reading: Reading | None, codebook: str | Path | None
) -> tuple[TableRelease | None, FileFrame | None]:
    """Read a people table whole, where it is not too large for that; and its cells as written.

    With a codebook it is read whole, since its cells are not those of the file.

    The cells are handed on where measures would read the same file again.
    """
    counted = reader_of(file, gives="table", who="table").counted
    if (
        counted
        and codebook is None
        and exceeds(file, records=MOST_RECORDS, size=MOST_BYTES, who="table")
    ):
        return None, None
    read = _written_out(file, codebook, sheet=(reading or Reading()).sheet)
    known = Roles() if not roles.key else roles
    people = table_release(read, known, reading=reading, who="table")
    where_it_is = False
    if counted and codebook is None and is_parquet(file, "table"):
        # Columns within its columns are in what was read alone.
        where_it_is = {*map(str, read.frame)} <= {*column_names_of(file, "table")}
    return people, read if counted and not where_it_is else None


def _written_out(
    file: str | Path, codebook: str | Path | None, sheet: str | None = None, *, needed: bool = True
) -> FileFrame:
    """Read a table, its codes as what they stand for; codes of its own are `needed`.

    Raises
    ------
    ParameterError
        The codebook has the codes of none of its columns.
    """
    read = read_source(file, who=_WHO, gives="table", sheet=sheet)
    if codebook is None:
        return read
    result = decoded([read, read_source(codebook, who=_WHO, gives="table")])[0]
    if needed and result.frame is read.frame:
        wanted = f"codes of columns of {read.name} in --codebook"
        do = "Name the column of each code, and what it stands for: Variable, Code, Label."
        raise ParameterError.of(_WHO, wanted, "none", do)
    return result


def _named_as_in(file: str | Path, people: TableRelease | None, roles: Roles) -> Roles:
    """Return roles under the names of the file's columns; without a key, those of its system."""
    have = column_names_of(file, "table") if people is None else people.records.columns
    roles = roles.for_columns(have)
    roles.check_whole("table", have, Path(file).name)
    return roles if people is None or roles.key else _filled_up(roles, people.roles)


def _filled_up(given: Roles, known: Roles) -> Roles:
    """Return the given roles, filled up by those of the system's headers."""
    identifier = given.identifier or known.identifier
    taken = (*given.columns, *identifier, *(given.direct or ()))
    key = tuple(c for c in given.key or known.key if c not in taken)
    other = tuple(c for c in known.sensitive if c not in (*taken, *key))
    return replace(given, identifier=identifier, key=key, sensitive=given.sensitive or other)


def _of_people(
    people: TableRelease, roles: Roles, beside: Beside
) -> tuple[dict[str, Measures], tuple[Exposure, ...]]:
    """Measure the columns, the people of a map by the table, or the records on addresses."""
    known = replace(people, roles=roles)
    measures, placed = {"inventory": table_inventory(known)}, tuple[Exposure, ...]()
    if beside.addresses is not None:
        from privaudit.io.addresses import read_addresses
        from privaudit.linkage.scoring import score_addresses
        from privaudit.studies.link_releases import link_releases

        base = read_addresses(beside.addresses, commune=beside.commune)
        measures["linked"] = (
            score_addresses(known, base) if beside.dots is None
            else link_releases(known, beside.dots, addresses=base)
        )  # fmt: skip
        placed, hidden = table_on_map(people, base)
        measures |= hidden
    return measures, placed


def _of_records(
    table: Table, roles: Roles, missing: MissingWord, contributions: bool
) -> dict[str, Measures]:
    """Measure what needs records, not their counts alone."""
    if contributions:
        levels = level_contributions(table, roles, missing=missing)
        shown = most_levels(named_levels(levels.rows), _LEVELS)
        return {
            "levels": replace(levels, rows=shown),
            "combinations": key_combinations(
                table, roles, missing=missing, most=_LEVELS, least=SMALL_CELL
            ),
        }
    if len(table.records) > _MENDED:
        return {}
    # Who would be alone without each key, or with it coarsened: what a report ends with.
    keys = replace(roles, sensitive=())
    left_out = key_contributions(table, keys, missing=missing, special=1)
    alone = [row for row in left_out.rows if row.measure == "sample_uniques"]
    return {"contributions": replace(left_out, rows=alone)}


# What is measured before and after a table is mended.
_MENDED_MEASURES = ("k_anonymity", "sample_uniques", "prosecutor_risk_mean")


def mend_table(
    file: str | Path,
    roles: Roles,
    *,
    mend: str | Path,
    out: str | Path,
    reading: Reading | None = None,
) -> tuple[Study, Measures]:
    """Write the copy of a table that a plan describes, its recipe beside it, and measure it again.

    Parameters
    ----------
    file : path
        Of any format that is read as a table.
    roles : Roles
        Without a key: that of the plan, else the one that `privaudit.inspect` proposes.
    mend : path
        The plan; see `privaudit.tables.mend.read_plan`. A report of a table writes one.
    out : path
        ``.csv``, in UTF-8. Cells that are not coarsened are those of the file, but for a quote
        before what a spreadsheet would run. It replaces nothing but a former copy whose
        recipe stands beside it.
    reading : Reading, optional

    Returns
    -------
    Study
        Measures "table" of the copy, and "mending": what it lost. The recipe has both, and
        those of the file before.
    Measures
        Of the file before.

    Raises
    ------
    ParameterError, SchemaError
        As `privaudit.tables.mend.mend`; or the output is an input, or has another ending.
    OutputError
        Something else stands where the copy or its recipe should, or it cannot be written.
    """
    from privaudit import __version__
    from privaudit.io.csv_dialects import cells_as_written
    from privaudit.io.workbooks import inert
    from privaudit.studies.mask_file import check_copy, write_copy
    from privaudit.tables.mend import mend as mended_by
    from privaudit.tables.mend import read_plan

    file, out, who = Path(file), Path(out), f"{_WHO} --mend"
    check_copy(out, [file, mend], (".csv",), who=who)
    plan = read_plan(mend)
    with cells_as_written():
        read = read_source(file, who=who, gives="table", sheet=(reading or Reading()).sheet)
    mended = mended_by(read.frame, plan, reading=reading)
    given = roles.for_columns(read.frame.columns)
    given = replace(given, key=given.key or plan.key, identifier=given.identifier or plan.person)
    if not given.key:
        given = _filled_up(given, propose_roles(read.frame, who))
    left: list[dict[str, Any]] = [
        {name: tuple(c for c in getattr(given, name) if c in frame) for name in _ROLES_PROPOSED}
        for frame in (read.frame, mended.frame)
    ]
    if not left[1]["key"]:
        do = "Give --key a,b."
        raise ParameterError.of(who, "a key variable that the copy has", "none", do)
    asked: dict[str, Any] = {"missing": plan.missing, "reading": reading}
    before, after = (
        measure(frame, Roles(**those), **asked)
        for frame, those in zip((read.frame, mended.frame), left, strict=True)
    )
    measures = {"table": replace(after, name=out.name), "mending": mended.utility}
    recipe = {
        "made by": f"privaudit {__version__}",
        "command": command_line("table", [file], mend=mend, out=out, **_of_roles(roles)),
        "plan": {**plain_fields(plan), "coarsen": dict(plan.coarsen)},
        "records": len(mended.frame),
        "columns": [str(column) for column in mended.frame],
        **{name: numbers_of(found) for name, found in (*measures.items(), ("before", before))},
    }
    text = str(inert(mended.frame, numbers=True).to_csv(index=False, lineterminator="\n"))
    write_copy(out, text, recipe, who=who)
    study = Study(
        kind="table",
        title=out.name,
        provenance=after.provenance,
        real_places=True,
        measures=measures,
        set_aside=read.set_aside,
        recipe=recipe,
    )
    return study, before


def numbers_of(found: Measures) -> list[dict[str, Any]]:
    """Return the rows of a result that a recipe has, through the guard."""
    rows = (
        row for row in guarded(found.rows)
        if row.measure in _MENDED_MEASURES or found.family == "mending"
    )  # fmt: skip
    return [
        {"measure": row.label} | {
            name: number if math.isfinite(number) else None
            for name, number in (("value", row.value), ("low", row.low), ("high", row.high))
        }
        for row in rows
    ]  # fmt: skip
