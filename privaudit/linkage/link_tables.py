"""Link two tables by the people in both, with probabilities and without addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit.columns.recognise import cells_of, column_kinds
from privaudit.core.checks import (
    Floats,
    Ints,
    an_instance,
    columns_present,
)
from privaudit.core.policy import SMALL_CELL
from privaudit.core.progress import in_steps, step, stream
from privaudit.errors import ParameterError
from privaudit.linkage.candidate_pairs import Candidates, candidate_pairs
from privaudit.linkage.fellegi_sunter import Evidence, RecordPairs, link_records
from privaudit.linkage.field_comparisons import (
    TURNED,
    AddressField,
    Field,
    Records,
    compared_fields,
)
from privaudit.linkage.join_tables import add_learnt, shown_kinds
from privaudit.release.read_table import Source, read_table
from privaudit.release.release import Release, TableRelease
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.text.normalise import fold
from privaudit.words.catalogues import Note

_WHO = "link"
# A pair from this probability is a match; pairs below the other are not listed.
_MATCH, _LISTED = 0.5, 0.01
# Odds of every pair may be wrong by this factor (scenario), and up to so many of the people may be
# under another name that no comparison finds.
_ODDS, _UNSEEN = 3.0, 0.03
# Share of the records of a table that have a double, from which it has doubles.
_DOUBLES = 0.01


@dataclass(frozen=True, eq=False, kw_only=True)
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
    """

    measures: Measures
    row: Ints
    other: Ints
    probability: Floats
    fields: tuple[str, ...]

    def pairs(self, least: float = _MATCH) -> pd.DataFrame:
        """Return the pairs from a probability on: columns row, other, probability.

        They tie a person of one file to one of the other: a sensitive file of its own.
        """
        which = np.flatnonzero(self.probability >= least)
        frame = {"row": self.row, "other": self.other, "probability": self.probability}
        return pd.DataFrame({name: values[which] for name, values in frame.items()})


@in_steps(_WHO, parts=4)
def link(
    a: TableRelease | Source,
    b: TableRelease | Source,
    *,
    shared: Mapping[str, str] | None = None,
    one_to_one: bool | None = None,
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
        Whether each table has each person once. Default: where no table has doubles of its own.
    seed : int
        Of the permutation by which chance is measured.

    Returns
    -------
    LinkedTables
        With measures of the family "linked_people"; 0 is safe. A match is a pair with a probability
        of .5 or more. Intervals allow for odds that are wrong by a factor of 3, and for 3 % of the
        people under another name, which no comparison finds.

        - expected_matches: people in both tables: the sum of the probabilities.
        - matched: share of the people of ``table`` with a match in ``other``. Baseline: matches
          after each field of the second table is permuted over its records. Confidence: mean
          probability of the matches.
        - match_precision: share of the matches expected to be right.
        - match_recall: share of the people in both tables who are expected to be matched rightly.
        - learnt: share who are matched, and of whom the other table shows ``what``. Baseline: of
          the same people, those whose own table shows it too.

    Raises
    ------
    ParameterError
        Not two tables; no field that both show; a column of `shared` that is not there.
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
    tables = [_table(one, name) for one, name in ((a, "a"), (b, "b"))]
    frames = [one.records.reset_index(drop=True) for one in tables]
    records = [Records.of(frame) for frame in frames]
    fields = compared_fields(*records, shared=_shared(frames, shared or {}))
    n, m = (one.n for one in records)
    if not fields or not n or not m:
        needed = "two tables with people, and a field that both show: name, birth, e-mail, "
        do = "Name columns that go together with shared=, or --share."
        raise ParameterError.of(_WHO, needed + "telephone, address or number", "none", do)
    step("read")
    candidates = candidate_pairs(fields, n, m)
    single = (
        one_to_one
        if one_to_one is not None
        else not any(_doubles(fields, side) for side in ("mine", "theirs"))
    )
    pairs = compare_records(fields, candidates, n, m, (single, single))
    step("compared")
    _, probability = link_records(pairs)
    step("matched")
    chance = _by_chance(fields, pairs, stream(seed, "link"))
    measures = _measures(tables, frames, pairs, probability, chance, tuple(fields), candidates)
    step("scored")
    which = np.flatnonzero(probability >= _LISTED)
    return LinkedTables(
        measures=measures, row=pairs.row[which], other=pairs.other[which],
        probability=probability[which], fields=tuple(fields),
    )  # fmt: skip


def _table(given: TableRelease | Source, name: str) -> TableRelease:
    """Return a table, read where it is a file or a frame."""
    if not isinstance(given, Release):
        return read_table(given)
    if not isinstance(given, TableRelease):
        raise ParameterError.of(_WHO, f"a table for {name}", f"a {given.kind}", "Use read_table.")
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
        keys = np.stack([codes["first_name"], codes["last_name"], codes[name]])
        known = np.flatnonzero((keys >= 0).all(axis=0))
        if name == "birth" and (years := fields["birth"]) and isinstance(years, Field):
            # Two people may have one name and one year of birth.
            known = known[years.equal[codes["birth"][known]] == 0]
        _, where, many = np.unique(keys[:, known], axis=1, return_inverse=True, return_counts=True)
        double[known[many[where.reshape(-1)] > 1]] = True
    return bool(double.sum() > max(_DOUBLES * len(double), 1))


# Levels of first names with which a sex agrees already.
_NAMED_ALIKE = 2
_NAMES = ("first_name", "last_name")


def compare_records(
    fields: Mapping[str, Field | AddressField], pairs: Candidates, n: int, m: int,
    single: tuple[bool, bool],
) -> RecordPairs:  # fmt: skip
    """Return the agreement of candidate pairs, field by field."""
    row, other = pairs.row, pairs.other
    evidence: dict[str, Evidence] = {}
    for name, one in fields.items():
        level, rare = one.level_of(row, other)
        count, rarity = one.by_chance()
        evidence[name] = Evidence(level, rare, one.weighted, one.exact, one.levels, count, rarity)
    if {"first_name", "last_name"} <= set(fields):
        evidence |= _turned(fields, evidence, row, other)
    if {"first_name", "sex"} <= set(evidence):
        # A first name has a sex: two that agree say it already.
        first, sex = evidence["first_name"].level, evidence["sex"]
        told = (first >= 0) & (first <= _NAMED_ALIKE)
        evidence["sex"] = sex._replace(level=np.where(told, -1, sex.level))
    home = evidence["address"].level == 0 if "address" in evidence else np.zeros(len(row), bool)
    return RecordPairs(row, other, n, m, single, evidence, home, _namesakes(fields))


def _turned(
    fields: Mapping[str, Field | AddressField], evidence: Mapping[str, Evidence],
    row: Ints, other: Ints,
) -> dict[str, Evidence]:  # fmt: skip
    """Return the agreement of names where first and last are swapped in one table."""
    first, last = fields["first_name"], fields["last_name"]
    assert isinstance(first, Field)
    assert isinstance(last, Field)
    straight = [evidence[name] for name in _NAMES]
    turned = np.where((straight[0].level >= 0) & (straight[1].level >= 0), 0, -1)
    initial = np.append(pd.factorize(np.array([v[:1] for v in first.values], object))[0], -1)
    codes = [first.mine[row, 0], last.mine[row, 0], first.theirs[other, 0], last.theirs[other, 0]]
    may = (initial[codes[0]] == initial[codes[3]]) & (initial[codes[1]] == initial[codes[2]])
    may &= np.logical_and.reduce([code >= 0 for code in codes])
    may &= (straight[0].level > _NAMED_ALIKE) & (straight[1].level > _NAMED_ALIKE + 1)
    at = np.flatnonzero(may)
    a, b, c, d = (code[at] for code in codes)
    crossed = (
        (first.of_values(a, d), first.rarity[a] + last.rarity[d]),
        (last.of_values(b, c), last.rarity[b] + first.rarity[c]),
    )
    (given, _), (family, _) = crossed
    better = ((given <= 2) & (family <= 4)) | ((given <= 3) & (family <= 2))
    result = {}
    for name, one, (level, rare) in zip(_NAMES, straight, crossed, strict=True):
        levels, rares = one.level.copy(), one.rare.copy()
        levels[at[better]], rares[at[better]] = level[better], rare[better]
        result[name] = one._replace(level=levels, rare=rares)
    turned[at[better]] = 1
    many = np.full(2, float(len(first.mine)) * len(first.theirs))
    result["turned"] = Evidence(turned, np.ones(len(row)), (), (0,), TURNED, many, np.zeros(2))
    return result


def _namesakes(fields: Mapping[str, Field | AddressField]) -> float:
    """Return the share of the people at one door, of one table, who have one last name."""
    address, last = fields.get("address"), fields.get("last_name")
    if not isinstance(address, AddressField) or not isinstance(last, Field):
        return 0.0
    alike = pairs = 0.0
    for door, name in ((address.door.mine, last.mine), (address.door.theirs, last.theirs)):
        known = (door[:, 0] >= 0) & (name[:, 0] >= 0)
        here = pd.Series(door[known, 0])
        both = pd.Series(door[known, 0] * np.int64(len(last.values)) + name[known, 0])
        for codes, add in ((here, 0), (both, 1)):
            many = codes.value_counts().to_numpy(dtype=np.float64)
            count = float((many * (many - 1)).sum() / 2)
            pairs, alike = (pairs + count, alike) if add == 0 else (pairs, alike + count)
    return alike / (pairs + 1.0)


def _by_chance(
    fields: Mapping[str, Field | AddressField], pairs: RecordPairs, rng: np.random.Generator,
) -> tuple[float, float]:  # fmt: skip
    """Return the shares of both tables matched after permuting each field of the second."""
    drawn = {name: one.permuted(rng) for name, one in fields.items()}
    candidates = candidate_pairs(drawn, pairs.n, pairs.m)
    beside = compare_records(drawn, candidates, pairs.n, pairs.m, pairs.single)
    match = link_records(beside)[1] >= _MATCH
    return (
        len(np.unique(beside.row[match])) / pairs.n,
        len(np.unique(beside.other[match])) / pairs.m,
    )


def _expected(probability: Floats, most: int | None) -> tuple[float, float, float]:
    """Return the sum of match probabilities, and its range; see `link`.

    - `most`: People of the smaller table, where each has one match at most.
    """
    total = float(probability.sum())
    spread = 1.96 * float(np.sqrt((probability * (1 - probability)).sum()))
    low, high = (float(_shifted(probability, by).sum()) for by in (1 / _ODDS, _ODDS))
    low, high = max(low - spread, 0.0), (high + spread) * (1 + _UNSEEN)
    return total, low, min(high, most) if most is not None else high


def _shifted(probability: Floats, by: float) -> Floats:
    """Return probabilities whose odds are multiplied."""
    return np.asarray(probability * by / (probability * by + 1 - probability))


def _measures(
    tables: Sequence[TableRelease], frames: Sequence[pd.DataFrame], pairs: RecordPairs,
    probability: Floats, chance: tuple[float, float], fields: tuple[str, ...],
    candidates: Candidates,
) -> Measures:  # fmt: skip
    """Return the rows of two linked tables."""
    names = [one.name for one in tables]
    if not all(names) or names[0] == names[1]:
        names = ["a", "b"]
    rows = Rows(pairs.n, "records")
    both = all(pairs.single)
    total, low, high = _expected(probability, min(pairs.n, pairs.m) if both else None)
    notes = [Note("fields_compared", fields=fields)]
    if candidates.left_out:
        notes.append(Note("pairs_left_out", pairs=candidates.left_out))
    if not both:
        notes.append(Note("doubles_in_tables"))
    part = {"table": names[0], "other": names[1]}
    rows.count("expected_matches", total, "records", tuple(notes), low=low, high=high,
               n=min(pairs.n, pairs.m), part=part)  # fmt: skip
    match = np.flatnonzero(probability >= _MATCH)
    likely = probability[match]
    _add_quality(rows, likely, (total, low, high), part)
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
        fields_of = {"part": part, "n": n}
        few = 0 < int((link >= 0).sum()) < SMALL_CELL
        claimed = float(sure[link >= 0].mean()) if (link >= 0).any() else np.nan
        rows.share("matched", link >= 0, baseline=chance[at], cell=few, confidence=claimed,
                   **fields_of)  # fmt: skip
        add_learnt(rows, link, shown[at], shown[1 - at],
                   {"part": part, "cell": True})  # fmt: skip
    return Measures(family="linked_people", rows=rows, notes=tuple(notes),
                    recipe={"stage": "linked_people"})  # fmt: skip


def _add_quality(
    rows: Rows, likely: Floats, expected: tuple[float, float, float], part: Mapping[str, str]
) -> None:
    """Add how many of the matches are believed to be right, and how many of all they are."""
    if not len(likely):
        return
    right = [float(_shifted(likely, by).sum()) for by in (1 / _ODDS, 1.0, _ODDS)]
    spread = 1.96 * float(np.sqrt((likely * (1 - likely)).sum()))
    low, high = max(right[0] - spread, 0.0), min(right[2] + spread, float(len(likely)))
    n = len(likely)
    rows.add("match_precision", right[1] / n, "share", low=low / n, high=high / n, n=n, part=part)
    least, most = min(low / expected[2], 1.0), min(high / max(expected[1], 1.0), 1.0)
    rows.add("match_recall", right[1] / expected[0], "share", low=least, high=most, n=expected[0],
             part=part)  # fmt: skip
