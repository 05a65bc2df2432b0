"""Link two tables by the people in both, with probabilities and without addresses."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd

from privaudit.columns.births import read_births
from privaudit.columns.recognise import cells_of, column_kinds
from privaudit.core.checks import (
    Bools,
    Floats,
    Ints,
    an_instance,
    columns_present,
    keyword_only,
    one_of,
)
from privaudit.core.progress import in_steps, step
from privaudit.core.reproducible import one_thread, stream
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.linkage.candidate_pairs import (
    APART,
    CONTACTS,
    NAMES,
    PERSONAL,
    Candidates,
    RecordPairs,
    candidate_pairs,
    compare_records,
    one_record_each,
)
from privaudit.linkage.fellegi_sunter import (
    RecordModel,
    link_records,
    matched_by_chance,
)
from privaudit.linkage.field_comparisons import (
    AddressField,
    Field,
    comparable,
    compared_fields,
)
from privaudit.linkage.join_tables import add_learnt, shown_kinds
from privaudit.linkage.person_index import Records
from privaudit.release.read_table import Source, read_table
from privaudit.release.release import Release, TableRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Row, Rows
from privaudit.stats.calibration import shifted
from privaudit.text.cells import NO, YES
from privaudit.text.normalise import fold
from privaudit.words.catalogues import Note

_WHO = "link"
# Fields, and what a table has of each.
_SHOWN = {"first_name": "first", "last_name": "last", "birth": "birth", "email": "email",
          "phone": "phone", "sex": "sex"}  # fmt: skip
# What two people of one name do not share.
_APART = ("birth", "email", "phone")
# A pair from this probability is a match; pairs below the other are not listed.
_MATCH, _LISTED = 0.5, 0.01
# Odds of every pair may be wrong by this factor (scenario), and up to so many of the people may be
# under another name that no comparison finds, or where nothing else is compared another contact.
_ODDS, _UNSEEN, _MOVED = 3.0, 0.03, 0.3
# What a match has at least where the odds are as wrong.
_FEWEST = 1 / (1 + _ODDS)
# Bounds of the probabilities of pairs that are judged.
_STRATA = (0.01, 0.1, 0.5, 0.9, 0.99, 1.0)
_VERDICT = "same_person"
# Standard deviations of intercept and slope of the recalibration, about 0 and 1 (scenario).
_INTERCEPT, _SLOPE = 2.0, 0.5
# Probabilities nearer to 0 or 1 are taken as this for it.
_SUREST = 1e-3
# Share of the records of a table that have a double, from which it has doubles.
_DOUBLES = 0.01


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class LinkedTables:
    """Two tables linked: counts, and the probability of each pair that may match.

    Parameters
    ----------
    measures : Measures
        Family "linked_people"; see `link`. It holds no person's row.
    row, other : ndarray of int, shape (pairs,)
        Records of the first and of the second table, by position.
    probability : ndarray of float, shape (pairs,)
        That both are one person; at least .01.
    fields : tuple of str
        What was compared.
    frames : pair of pandas.DataFrame
        The records of both tables.

    Examples
    --------
    >>> mine = pd.DataFrame({"name": ["Zoé Leroy", "Éric Meyer"], "year": ["1980", "1971"]})
    >>> theirs = pd.DataFrame({"name": ["LEROY Zoe"], "year": ["1980"]})
    >>> link(mine, theirs).pairs()[["row", "other"]].to_numpy().tolist()
    [[0, 0]]
    """

    measures: Measures
    row: Ints
    other: Ints
    probability: Floats
    fields: tuple[str, ...]
    frames: tuple[pd.DataFrame, pd.DataFrame]

    def __repr__(self) -> str:
        """Return what was linked by what, with no person's row."""
        a, b = (len(frame) for frame in self.frames)
        return f"LinkedTables({a:,} and {b:,} records, by {', '.join(self.fields)})"

    def _repr_html_(self) -> str:
        return self.measures._repr_html_()

    def to_frame(self) -> pd.DataFrame:
        """Return the measures as a frame, a row each; `pairs` gives the pairs.

        Examples
        --------
        >>> mine = pd.DataFrame({"name": ["Zoé Leroy", "Éric Meyer"], "year": ["1980", "1971"]})
        >>> link(mine, mine).to_frame()["measure"].iloc[0]
        'expected_matches'
        """
        return self.measures.to_frame()

    def pairs(self, least: float = _MATCH) -> pd.DataFrame:
        """Return the pairs from a probability on: columns row, other, probability.

        They tie a person of one file to one of the other: a sensitive file of its own.
        """
        which = np.flatnonzero(self.probability >= least)
        frame = {"row": self.row, "other": self.other, "probability": self.probability}
        return pd.DataFrame({name: values[which] for name, values in frame.items()})

    def review(self, most: int = 100, *, seed: int = 7) -> pd.DataFrame:
        """Return pairs for a person to judge, in random order and without their probability.

        As many of each stratum of probability. ``same_person`` is to be filled with yes or no, and
        the file given back as `judged`. It shows people of both tables side by side.

        Parameters
        ----------
        most : int
            Pairs to judge.
        seed : int
            Of the draw and the order.
        """
        rng = stream(seed, "review")
        strata = np.digitize(self.probability, _STRATA[1:-1])
        chosen = [
            rng.permutation(np.flatnonzero(strata == one))[: -(-most // (len(_STRATA) - 1))]
            for one in range(len(_STRATA) - 1)
        ]
        at = rng.permutation(np.concatenate(chosen))[:most]
        sheet: dict[str, object] = {"files": fingerprint(self.frames)}
        for name, frame, rows in zip("ab", self.frames, (self.row, self.other), strict=True):
            sheet[f"row_{name}"] = rows[at] + 1
            for column, values in frame.iloc[rows[at]].items():
                sheet[f"{name}: {column}"] = values.to_numpy()
        return pd.DataFrame(sheet | {_VERDICT: ""}, index=np.arange(len(at)))


def fingerprint(frames: Sequence[pd.DataFrame]) -> str:
    """Return a digest of the records of two tables, in order."""
    digest = blake2b(digest_size=16)
    for frame in frames:
        digest.update("|".join(map(str, frame.columns)).encode())
        texts = frame.astype("str").where(frame.notna(), "")
        digest.update(pd.util.hash_pandas_object(texts, index=False).to_numpy().tobytes())
    return digest.hexdigest()


@in_steps(_WHO, parts=4)
def link(
    a: TableRelease | Source,
    b: TableRelease | Source,
    *,
    shared: Mapping[str, str] | None = None,
    one_to_one: bool | None = None,
    judged: Source | None = None,
    seed: int = 7,
) -> LinkedTables:
    """Link the people of two tables whose names and keys are not typed alike.

    Names (swapped, compound, initials, nicknames, names of birth, sounds), dates of birth (day and
    month swapped, a digit off, years alone), e-mail, telephone, address, sex and numbers of people
    are compared as what they are, with levels of agreement; a blank is no evidence. A rare name
    says more. Parameters are estimated from the two tables without any known match.

    Parameters
    ----------
    a, b : TableRelease, path or pandas.DataFrame
        One row a person each.
    shared : mapping of str to str, optional
        Further columns to compare, those of `a` to those of `b`.
    one_to_one : bool, optional
        Whether each table has each person once. Default: repeats aside, where no doubles remain.
    judged : path or pandas.DataFrame, optional
        What `LinkedTables.review` of these two tables gave, with ``same_person`` filled: the
        probabilities are recalibrated by it.
    seed : int
        Of the permutation by which chance is measured, and of the pairs of one table.

    Returns
    -------
    LinkedTables
        With measures of the family "linked_people"; 0 is safe. A match is a pair with a probability
        of .5 or more. Intervals allow for odds that are wrong by a factor of 3, and for 3 % of the
        people under another name, which no comparison finds; for 30 % where contacts alone are
        compared. Records with blanks may be in both tables as often as others.

        - expected_matches: people in both tables: the sum of the probabilities; where a table has
          doubles, the records with a match, in the table that has fewer of them. The interval has
          the error of the estimated parameters, and the matches that chance does not make. Pairs
          that differ in a name or a birth are believed as far as there are more of them than pairs
          of one table, which are taken for two people each. Relatives of one name differ in their
          birth alone.
        - matched: share of the people of ``table`` with a match in ``other``. Baseline: matches
          after each field of the second table is permuted over its records, never back to its own
          match. Confidence: mean probability of the matches, or the share of them that chance
          leaves if that is less.
        - match_precision: share of the matches expected to be right, the less of both likewise.
          Where chance may make half of the matches, this, the next and the first are absent.
        - match_recall: share of the people in both tables who are expected to be matched rightly.
        - judged_right: of the judged pairs whose probability was between two bounds
          (``stratum``), the share who are one person. Confidence: their mean probability.
        - learnt: share who are matched, and of whom the other table shows ``what``. Baseline: of
          the same people, those whose own table shows it too.

    Raises
    ------
    ParameterError
        Not two tables; no field that both show; a column of `shared` that is not there; `judged`
        of two other tables.
    PrivauditError
        As the readers.

    References
    ----------
    Fellegi and Sunter (1969), JASA 64:1183; Winkler (1988), ASA Survey Research Methods 667.

    Examples
    --------
    >>> mine = pd.DataFrame({"nom": ["Meyer", "Leroy"], "prenom": ["Éric", "Zoé"],
    ...     "date_naissance": ["1971-05-02", "1980-11-30"]})
    >>> theirs = pd.DataFrame({"nom": ["LEROI", "Petit"], "prenom": ["Zoe", "Paul"],
    ...     "date_naissance": ["30/11/1980", "01/02/1960"]})
    >>> link(mine, theirs).pairs()[["row", "other"]].to_numpy().tolist()
    [[1, 0]]
    """
    tables = [table_of(one, name, who=_WHO).as_leaked() for one, name in ((a, "a"), (b, "b"))]
    whole = [one.records.reset_index(drop=True) for one in tables]
    every, more = [Records.of(frame) for frame in whole], _shared(whole, shared or {})
    columns = [[pair[at] for pair in more] for at in (0, 1)]
    kept = [np.arange(one.n) if one_to_one is not None else one_record_each(one, frame, cells)
            for one, frame, cells in zip(every, whole, columns, strict=True)]  # fmt: skip
    frames = [frame.iloc[at].reset_index(drop=True) for frame, at in zip(whole, kept, strict=True)]
    records = [_some(one, at.tolist()) for one, at in zip(every, kept, strict=True)]
    more = [([a[i] for i in kept[0]], [b[i] for i in kept[1]], name) for a, b, name in more]
    fields = compared_fields(records[0], records[1], more)
    n, m = (one.n for one in records)
    _check_who(fields if n and m else {})
    step("read")
    candidates = candidate_pairs(fields, n, m)
    single = one_of(_WHO, "one_to_one", one_to_one, (None, True, False))
    if single is None:
        single = not any(_doubles(fields, side) for side in ("mine", "theirs"))
    pairs = compare_records(fields, candidates, n, m, (single, single))
    step("compared")
    # Two records of one table are one person where it has doubles.
    controls = _controls(fields, records, more, pairs, seed) if single else ()
    model, probability = link_records(pairs, controls)
    row, other = kept[0][pairs.row], kept[1][pairs.other]
    sheet, unread = _judged(judged, whole, (row, other), probability)
    if sheet is not None:
        probability = recalibrated(probability, sheet.pair.to_numpy(), sheet.same.to_numpy())
    step("matched")
    chance = _by_chance(fields, pairs, probability >= _MATCH, model, stream(seed, "link"))
    names = _names(tables)
    notes = _compared(fields) + [
        Note("rows_of_people", file=name, rows=len(frame), people=len(at))
        for name, frame, at in zip(names, whole, kept, strict=True) if len(at) < len(frame)
    ]  # fmt: skip
    notes += unread + _lacking(records, names)
    notes += _heaps(frames, records, names)
    if candidates.left_out:
        notes.append(Note("pairs_left_out", pairs=candidates.left_out))
    # Those who are matched rightly are not matched by chance as well; who was judged is known.
    others = max(n - int((probability >= _MATCH).sum()), 0)
    wrong = max(chance[0] * others, model.lookalikes) if sheet is None else 0.0
    expected = _expected_range(fields, pairs, controls, model, probability,
                               judged=sheet is not None)  # fmt: skip
    measures = _measures(names, frames, pairs, probability, chance, wrong, notes, expected)
    if sheet is not None:
        measures = replace(measures, rows=[*measures.rows, *_strata(sheet)])
    step("scored")
    which = np.flatnonzero(probability >= _LISTED)
    return LinkedTables(
        measures=measures, row=row[which], other=other[which],
        probability=probability[which], fields=tuple(fields), frames=(whole[0], whole[1]),
    )  # fmt: skip


def table_of(given: TableRelease | Source, name: str, *, who: str) -> TableRelease:
    """Return a table, read where it is a file or a frame.

    - `name`: Of the parameter; `who`: of the function, for the error.
    """
    if not isinstance(given, Release):
        return read_table(given)
    if not isinstance(given, TableRelease):
        do = "Use read_table."
        raise ParameterError.of(who, f"a table for {name}", f"a {given.kind}", do)
    return given


def _shared(
    frames: Sequence[pd.DataFrame], shared: Mapping[str, str]
) -> list[tuple[list[str], list[str], str]]:
    """Return the cells of the columns that a caller names."""
    an_instance(_WHO, "shared", shared, Mapping, "Give the column of b for each of a.")
    for frame, names, which in zip(frames, (list(shared), [*shared.values()]), "ab", strict=True):
        columns_present(_WHO, "shared column", names, frame.columns, f"table {which}")
    return [
        (
            [fold(x) for x in cells_of(frames[0][c])],
            [fold(x) for x in cells_of(frames[1][d])],
            f"column {c}",
        )
        for c, d in shared.items()
    ]


def _check_who(fields: Mapping[str, Field | AddressField]) -> None:
    """Check that records that agree may be one person: one name, or a home, is of several."""
    kinds, home = {*map(_kind, fields)}, fields.get("address")
    if isinstance(home, AddressField) and any(map(comparable, home.parts[:2])):
        kinds.add("door")
    pairs = {"first_name", "last_name"}, {"first_name", "door"}
    alone = {"birth", "email", "phone", "number", "column"}
    if not alone.isdisjoint(kinds) or any(pair <= kinds for pair in pairs):
        return
    needed = (
        "two tables with people, and fields of both that say who somebody is: birth, e-mail, "
        "telephone, number, first and last name, or first name and street"
    )
    came = f"only {', '.join(map(_kind, fields))}".replace("_", " ") if fields else "none"
    do = "Name columns that go together with shared=, or --share."
    raise ParameterError.of(_WHO, needed, came, do)


def _doubles(fields: Mapping[str, Field | AddressField], side: str) -> bool:
    """Return whether a table has records of one person: one name with one birth or contact."""
    codes = {}
    for name, one in fields.items():
        part = one.door if isinstance(one, AddressField) else one
        codes[name] = getattr(part, side)[:, 0]
    if not {"first_name", "last_name"} <= set(codes):
        return False
    double = np.zeros(len(codes["first_name"]), dtype=bool)
    for name in ("birth", "email", "phone", "address"):
        if name not in codes:
            continue
        # A father and a son of one name and address have two births.
        keys = np.stack([codes[one] for one in (*NAMES, name, "birth") if one in codes])
        known = np.flatnonzero((keys[:3] >= 0).all(axis=0))
        if name == "birth" and (years := fields["birth"]) and isinstance(years, Field):
            # Two people may have one name and one year of birth.
            known = known[years.equal[codes["birth"][known]] == 0]
        _, where, many = np.unique(keys[:, known], axis=1, return_inverse=True, return_counts=True)
        double[known[many[where.reshape(-1)] > 1]] = True
    return bool(double.sum() > max(_DOUBLES * len(double), 1))


# What a record shows or not, whatever its form; records of a table that are compared with it.
_WHOLE = ("street", "number", "place", "sex", "email", "phone")
_CONTROLS = 15_000


def _controls(
    compared: Mapping[str, Field | AddressField], records: Sequence[Records],
    shared: Sequence[tuple[list[str], list[str], str]], pairs: RecordPairs, seed: int,
) -> list[RecordPairs]:  # fmt: skip
    """Return pairs of records of one table, of either, compared as those of two tables."""
    orders, result = [_by_content(compared, side) for side in ("mine", "theirs")], []
    for at, (every, order) in enumerate(zip(records, orders, strict=True)):
        # A stream for each: which table comes first changes nothing.
        rng = stream(seed, "controls")
        rows = order[np.sort(rng.permutation(every.n)[:_CONTROLS])].tolist()
        one, cells = _some(every, rows), [([c[at][i] for i in rows], c[2]) for c in shared]
        again = _shown_as(one, _some(records[1 - at], orders[1 - at].tolist()), rng)
        fields = compared_fields(one, again, [(column, column, name) for column, name in cells])
        fields = {name: fields[name] for name in compared if name in fields}
        if not fields:
            continue
        found = candidate_pairs(fields, one.n, one.n)
        apart = found.row < found.other
        found = Candidates(found.row[apart], found.other[apart], found.left_out)
        own = compare_records(fields, found, one.n, one.n, pairs.single)
        result.append(own._replace(n=pairs.n, m=pairs.m, every=one.n * (one.n - 1) / 2,
                                   shared=pairs.shared))  # fmt: skip
    return result


def _by_content(fields: Mapping[str, Field | AddressField], side: str) -> Ints:
    """Return the records of a table in an order of what is compared, not of its rows."""
    codes: list[Ints] = []
    for one in fields.values():
        parts = (one.door, *one.parts) if isinstance(one, AddressField) else (one,)
        codes += [getattr(part, side).T for part in parts]
    return np.lexsort(np.concatenate(codes))


def _some(records: Records, rows: Sequence[int]) -> Records:
    """Return some of the records of a table."""
    of: dict[str, Any] = {
        name: [getattr(records, name)[i] for i in rows]
        for name in ("first", "last", "birth", *_WHOLE)
    }
    numbers = {name: [cells[i] for i in rows] for name, cells in records.numbers.items()}
    return replace(records, n=len(rows), numbers=numbers, **of)


def _shown_as(own: Records, other: Records, rng: np.random.Generator) -> Records:
    """Return the records with blanks, years alone and initials as often as another table."""
    like = rng.integers(0, other.n, own.n).tolist()

    def names(mine: list[list[str]], theirs: list[list[str]]) -> list[list[str]]:
        return [[spelt[: 1 if len(theirs[j][0]) == 1 else None] for spelt in one[: len(theirs[j])]]
                if theirs[j] else [] for one, j in zip(mine, like, strict=True)]  # fmt: skip

    shown: dict[str, Any] = {
        name: [mine if getattr(other, name)[j] else type(mine)()
               for mine, j in zip(getattr(own, name), like, strict=True)]
        for name in _WHOLE
    }  # fmt: skip
    birth = [mine - mine % 10_000 * (other.birth[j] % 100 == 0) if other.birth[j] else 0
             for mine, j in zip(own.birth, like, strict=True)]  # fmt: skip
    return replace(own, first=names(own.first, other.first),
                   last=names(own.last, other.last), birth=birth, **shown)  # fmt: skip


def _by_chance(
    fields: Mapping[str, Field | AddressField], pairs: RecordPairs, matched: Bools,
    model: RecordModel, rng: np.random.Generator,
) -> tuple[float, float]:  # fmt: skip
    """Return the shares of both tables matched after permuting each field of the second.

    - A record that gets a field of its own match, such as a rare birth, is not compared with it:
      that is no chance.
    - As many records meet as are left without a match: in blocks of so many.
    - Where nothing else says who somebody is, a contact or a number, permuted, would find its
      person as before: it is left out, as by chance it is nobody else's.
    """
    if fields.keys().isdisjoint(APART):
        contacts = ("email", "phone", "number")
        fields = {name: one for name, one in fields.items() if _kind(name) not in contacts}
        if not fields:
            return 0.0, 0.0
    order = _by_content(fields, "theirs")
    source = {name: order[rng.permutation(pairs.m)] for name in fields}
    taken = [len(np.unique(at[matched])) * one
             for at, one in zip((pairs.row, pairs.other), pairs.single, strict=True)]  # fmt: skip
    blocks = min(n // max(n - of, 1) for n, of in zip((pairs.n, pairs.m), taken, strict=True))
    block = np.empty(pairs.n, dtype=np.int64)
    block[_by_content(fields, "mine")] = rng.permutation(pairs.n) % blocks
    drawn = {name: one.permuted(source[name]) for name, one in fields.items()}
    found = candidate_pairs(drawn, pairs.n, pairs.m)
    people = (pairs.row * pairs.m + pairs.other)[matched]
    meet = block[found.row] == found.other % blocks
    for at in source.values():
        meet &= ~np.isin(found.row * pairs.m + at[found.other], people)
    found = Candidates(found.row[meet], found.other[meet], found.left_out)
    beside = compare_records(drawn, found, pairs.n, pairs.m, pairs.single)
    alone, compared = beside.by_contact, dict(beside.fields)
    for name in set(CONTACTS) & set(compared):
        level = np.where(alone, -1, compared[name].level)
        compared[name] = compared[name]._replace(level=level)
    beside = beside._replace(fields=compared, shared=pairs.shared)
    match = matched_by_chance(beside, model) >= _MATCH
    return (
        len(np.unique(beside.row[match])) / pairs.n,
        len(np.unique(beside.other[match])) / pairs.m,
    )


def _names(tables: Sequence[TableRelease]) -> list[str]:
    names = [one.name for one in tables]
    return names if all(names) and names[0] != names[1] else ["a", "b"]


def _kind(field: str) -> str:
    """Return what a field is called on a page: a header may be a person's name."""
    return next((kind for kind in ("number", "column") if field.startswith(kind)), field)


def _only_contacts(fields: Mapping[str, object]) -> bool:
    """Return whether nothing but a contact says who somebody is."""
    numbers = any(_kind(name) in ("number", "column") for name in fields)
    return not numbers and fields.keys().isdisjoint(APART) and bool(fields.keys() & {*CONTACTS})


def _compared(fields: Mapping[str, object]) -> list[Note]:
    """Return notes on what is compared."""
    notes = [Note("fields_compared", fields=tuple(dict.fromkeys(map(_kind, fields))))]
    if _only_contacts(fields):
        notes.append(Note("only_contacts_compared"))
    numbers = any(_kind(name) in ("number", "column") for name in fields)
    apart = numbers or not fields.keys().isdisjoint(_APART)
    if not apart and not fields.keys().isdisjoint(NAMES):
        notes.append(Note("only_names_compared"))
    return notes


def _lacking(records: Sequence[Records], names: Sequence[str]) -> list[Note]:
    """Return notes on what only one of the tables shows."""
    notes = []
    for one, other, name in ((*records, names[0]), (*records[::-1], names[1])):
        only = tuple(
            field
            for field, attribute in _SHOWN.items()
            if any(getattr(one, attribute)) and not any(getattr(other, attribute))
        )
        if only:
            notes.append(Note("field_of_one", file=name, fields=only))
    return notes


def _heaps(
    frames: Sequence[pd.DataFrame], records: Sequence[Records], names: Sequence[str]
) -> list[Note]:
    """Note births that so many records share that a program may have written them for none."""
    return [
        Note("of_file", file=name, text=note)
        for frame, one, name in zip(frames, records, names, strict=True)
        for column in one.columns["birth"]
        for note in read_births(frame[column], None).notes(column)
    ]


def _people(pairs: RecordPairs, probability: Floats) -> tuple[float, float]:
    """Return how many people matches are of: the fewest and the most.

    Records that matches join are of one person, also through others, or a person has one record
    with a match in each table.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if all(pairs.single):
        return float(probability.sum()), float(probability.sum())
    sides = (pairs.row, pairs.n), (pairs.other, pairs.m)
    many = [np.bincount(at, probability, size) for at, size in sides]
    match = np.flatnonzero(probability >= _FEWEST)
    ends = pairs.row[match], pairs.n + pairs.other[match]
    whole = coo_array((np.ones(len(match)), ends), shape=(pairs.n + pairs.m,) * 2)
    person = connected_components(whole, directed=False)[1][ends[0]]
    surest = np.zeros(pairs.n + pairs.m)
    np.maximum.at(surest, person, probability[match])
    return float(surest.sum()), min(float(np.minimum(x, 1).sum()) for x in many)


def _without_blanks(
    fields: Mapping[str, Field | AddressField], pairs: RecordPairs
) -> tuple[Bools, float]:
    """Return which pairs have no blank that may hide a match, and their share of all pairs.

    A field that half of a table leaves blank is not asked, unless it is the only contact.
    """
    known = [np.ones(size, dtype=bool) for size in (pairs.n, pairs.m)]
    names = [name for name in PERSONAL if name in fields] or CONTACTS
    asked = [one for name in names if isinstance(one := fields.get(name), Field)]
    for one in asked:
        shown = [codes[:, 0] >= 0 for codes in (one.mine, one.theirs)]
        alone = len(asked) == 1 and _only_contacts(fields)
        if alone or all(2 * part.sum() >= len(part) for part in shown):
            known = [a & b for a, b in zip(known, shown, strict=True)]
    return known[0][pairs.row] & known[1][pairs.other], known[0].mean() * known[1].mean()


def _expected(
    pairs: RecordPairs, probability: Floats, model: RecordModel,
    whole: tuple[Bools, float] = (np.ones(1, dtype=bool), 1.0), hidden: float = _UNSEEN,
) -> tuple[float, float, float]:  # fmt: skip
    """Return the number of people in both tables, and its range; see `link`.

    - `whole`: See `_without_blanks`. The others match as often, whatever their probabilities.
    - `hidden`: Up to which share of the people no comparison finds.
    """
    variance = model.inflation * float((probability * (1 - probability)).sum())
    spread = 1.96 * math.hypot(math.sqrt(variance), model.spread)
    low = _people(pairs, shifted(probability, 1 / _ODDS))[0]
    likely, (known, share) = shifted(probability, _ODDS), whole
    high = _people(pairs, likely)[1]
    if share > 0:
        high = max(high, _people(pairs, np.where(known, likely, 0))[1] / share)
    unseen = hidden / (1 - hidden) * high
    # How many are unseen is a count of its own, independent of the chance of the pairs.
    low, high = max(low - spread, 0.0), high + unseen + math.hypot(spread, 1.96 * math.sqrt(unseen))
    return _people(pairs, probability)[1], low, min(high, pairs.n, pairs.m)


def _expected_range(
    fields: Mapping[str, Field | AddressField], pairs: RecordPairs,
    controls: Sequence[RecordPairs], model: RecordModel, probability: Floats, *, judged: bool,
) -> tuple[float, float, float]:  # fmt: skip
    """Return the number of people in both tables, and its range over how contacts are shared."""
    asked = _without_blanks(fields, pairs), _MOVED if _only_contacts(fields) else _UNSEEN
    total, low, high = _expected(pairs, probability, model, *asked)
    fewest, most = pairs.shared
    if fewest < most and not judged:
        few, *own = (one._replace(shared=(fewest, fewest)) for one in (pairs, *controls))
        model, probability = link_records(few, own)
        high = max(high, _expected(few, probability, model, *asked)[2])
    return total, low, high


def _measures(
    names: Sequence[str], frames: Sequence[pd.DataFrame], pairs: RecordPairs,
    probability: Floats, chance: tuple[float, float], wrong: float,
    notes: Sequence[Note], expected: tuple[float, float, float],
) -> Measures:  # fmt: skip
    """Return the rows of two linked tables."""
    rows = Rows(pairs.n, "records")
    both = all(pairs.single)
    notes = [*notes, *([] if both else [Note("doubles_in_tables")])]
    part = {"table": names[0], "other": names[1]}
    match = np.flatnonzero(probability >= _MATCH)
    likely = probability[match]
    if _may_be_chance(len(match), wrong):
        notes = [*notes, Note("matches_by_chance")]
    found = np.where(probability >= _MATCH, probability, 0)
    few, many = (people / max(float(likely.sum()), 1e-9) for people in _people(pairs, found))
    _add_quality(rows, likely, expected, wrong, tuple(notes), part, min(pairs.n, pairs.m),
                 (few, many))  # fmt: skip
    sides = (pairs.row, pairs.other), (pairs.n, pairs.m)
    holds = [column_kinds(frame) for frame in frames]
    shown = [shown_kinds(frame, known, np.arange(len(frame)), len(frame))
             for frame, known in zip(frames, holds, strict=True)]  # fmt: skip
    best = match[np.argsort(likely, kind="stable")]
    for at, (row, other) in enumerate((sides[0], sides[0][::-1])):
        n = sides[1][at]
        link = np.full(n, -1)
        link[row[best]] = other[best]
        sure = np.zeros(n)
        sure[row[best]] = probability[best]
        part = {"table": names[at], "other": names[1 - at]}
        linked = int((link >= 0).sum())
        few, claimed = 0 < linked < SMALL_CELL, np.nan
        if linked:
            claimed = min(float(sure[link >= 0].mean()), max(1 - wrong / linked, 0.0))
        rows.share("matched", link >= 0, baseline=chance[at], cell=few, confidence=claimed,
                   part=part, n=n)  # fmt: skip
        add_learnt(rows, link, shown[at], shown[1 - at],
                   {"part": part, "cell": True})  # fmt: skip
    return Measures(family="linked_people", rows=rows, notes=tuple(notes),
                    recipe={"stage": "linked_people"})  # fmt: skip


def _may_be_chance(matches: int, wrong: float) -> bool:
    """Return whether chance may make half of the matches, if any: a Poisson count, at 95 %."""
    return matches > 0 and wrong > 0 and 2 * (wrong + 1.96 * math.sqrt(wrong)) >= matches


def _wrong(expected: float, n: int, chance: float) -> int:
    """Return how many of n matches are wrong where so many are expected: a binomial quantile.

    Where one in ten such tables has a wrong match, one may be wrong here.
    """
    from scipy.special import bdtr

    count = np.arange(n)
    return int(np.searchsorted(bdtr(count, n, min(expected / max(n, 1), 1.0)), chance))


def _add_quality(
    rows: Rows, likely: Floats, expected: tuple[float, float, float], wrong: float,
    notes: tuple[Note, ...], part: Mapping[str, str], people: int,
    a_match: tuple[float, float] = (1.0, 1.0),
) -> None:  # fmt: skip
    """Add how many are expected in both tables, and how many matches are believed to be right.

    - `a_match`: How many people there are a match, the fewest and the most.
    - `wrong`: Matches that chance makes where the fields of one table are permuted. The model may
      take people of few names for one another: neither is believed beyond what these leave, and
      nothing where they may be half of the matches.
    """
    n = len(likely)
    of: dict[str, Any] = {"part": part, "cell": True}
    if _may_be_chance(n, wrong):
        rows.absent(["expected_matches"], "records", notes, n=people, **of)
        return
    total, lowest, highest = expected
    # Where nearly all that is expected is found, it counts those who are.
    lowest = min(lowest, n - _wrong(wrong, n, 0.975)) if wrong or not n else lowest
    rows.count("expected_matches", total, "records", notes, low=lowest, high=highest, n=people,
               **of)  # fmt: skip
    if not n:
        return
    fewest, mean, most = (max(n - float(shifted(likely, by).sum()), 0.0)
                          for by in (_ODDS, 1.0, 1 / _ODDS))  # fmt: skip
    value = n - min(max(mean, wrong), n)
    # The quantile is at least one wrong match where a few are expected at least.
    spread = 1.96 * math.sqrt(max(float((likely * (1 - likely)).sum()), 0.0))
    high = max(n - _wrong(fewest, n, 0.025), min(n - fewest + spread, n))
    low = min(float(n - _wrong(max(most, wrong), n, 0.975)), value)
    rows.add("match_precision", value / n, "share", low=low / n, high=high / n, n=n, part=part)
    few, many = a_match
    least, most = min(few * low / highest, 1.0), min(many * high / max(lowest, 1.0), 1.0)
    # Times n, these are the matches again.
    rows.add("match_recall", many * value / total, "share", low=least, high=most, n=total, **of)


def _judged(
    given: Source | None, frames: Sequence[pd.DataFrame], pairs: tuple[Ints, Ints],
    probability: Floats,
) -> tuple[pd.DataFrame | None, list[Note]]:  # fmt: skip
    """Return the judged pairs (position, probability, whether one person) and what was not read."""
    if given is None:
        return None, []
    sheet = read_table(given).records
    do = "Give the file that --review wrote of these two, with same_person filled."
    columns_present(_WHO, "column", ["files", "row_a", "row_b", _VERDICT], sheet.columns, "judged")
    if set(cells_of(sheet["files"])) != {fingerprint(frames)}:
        needed, came = "a review of these two tables", "one of other tables, or of changed ones"
        raise ParameterError.of(_WHO, needed, came, do)
    written = cells_of(sheet[_VERDICT])
    verdicts = [fold(cell.removesuffix(".0")) for cell in written]
    filled = np.array([cell.strip() != "" for cell in written])
    known = np.array([one in YES | NO for one in verdicts])
    if not known.any():
        raise ParameterError.of(_WHO, f"yes or no in {_VERDICT}", "none", do)
    row, other = (pd.to_numeric(sheet[c], errors="coerce").fillna(0).to_numpy(dtype=np.int64) - 1
                  for c in ("row_a", "row_b"))  # fmt: skip
    key = pairs[0] * len(frames[1]) + pairs[1]
    order = np.argsort(key)
    wanted = row * len(frames[1]) + other
    at = order[np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)]
    known &= key[at] == wanted
    at, same = at[known], np.array([one in YES for one in verdicts])[known]
    unread, of = int((filled & ~known).sum()), int(filled.sum())
    notes = [Note("verdicts_unread", pairs=unread, of=of)] if unread else []
    return pd.DataFrame({"pair": at, "probability": probability[at], "same": same}), notes


@one_thread(learning=False)
def recalibrated(probability: Floats, pair: Ints, same: Bools) -> Floats:
    """Return probabilities whose log odds are moved and stretched to what a person judged.

    The judged pairs get probability 1 or 0. With a normal prior about no change, so that few
    judgements move little (Platt 1999).
    """
    near = np.clip(probability, _SUREST, 1 - _SUREST)
    logit = np.log(near / (1 - near))
    from scipy.optimize import minimize

    x, y = np.stack([np.ones(len(pair)), logit[pair]]), same.astype(np.float64)
    start, spread = np.array([0.0, 1.0]), np.array([_INTERCEPT, _SLOPE])

    def surprise(beta: Floats) -> float:
        odds = beta @ x
        prior = float((((beta - start) / spread) ** 2).sum()) / 2
        return prior + float((np.logaddexp(0, odds) - y * odds).sum())

    beta = minimize(surprise, start, method="L-BFGS-B", bounds=[(None, None), (0, None)]).x
    moved = 1 / (1 + np.exp(-np.clip(beta[0] + beta[1] * logit, -40, 40)))
    # Pairs that are not listed were never drawn.
    result = np.where(probability >= _LISTED, moved, probability)
    result[pair] = y
    return np.asarray(result)


def _strata(sheet: pd.DataFrame) -> list[Row]:
    """Return the share of judged pairs that are one person, by probability before."""
    rows = Rows(len(sheet), "pairs")
    which = np.digitize(sheet["probability"], _STRATA[1:-1])
    for at, (low, high) in enumerate(itertools.pairwise(_STRATA)):
        some = sheet[which == at]
        if len(some):
            claimed = float(some["probability"].mean())
            rows.share("judged_right", some["same"], part={"stratum": f"{low:g} to {high:g}"},
                       confidence=claimed, counts="pairs")  # fmt: skip
    return list(rows)
