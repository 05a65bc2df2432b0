"""A truth through dirty writers: low <= truth <= high, or a note of what was not read.

PRIVAUDIT_DIRTY_SEED tries other files, as each commit does in hosted runs; failures print it.
"""

import datetime
import json
import math
import os

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.columns.roles import Roles
from privaudit.errors import PrivauditError
from privaudit.io.public_counts import communes_and_others
from privaudit.linkage.join_tables import linked_tables
from privaudit.linkage.link_tables import link
from privaudit.linkage.person_index import PersonIndex
from privaudit.release.read_map import read_map
from privaudit.release.read_table import measurable, read_table
from privaudit.release.read_traces import read_traces
from privaudit.rules.check_rules import check_rules
from privaudit.studies.inspect import inspect
from privaudit.studies.mask_file import mask_file
from privaudit.tables.measure import measure
from privaudit.text.normalise import slug
from tests.fixtures import dirty_logs, dirty_offices, dirty_places, dirty_rules
from tests.fixtures.dirty import (
    AS_OF,
    BY_BIRTH,
    BY_GIFT,
    BY_SEX,
    COMMUNE_WRITERS,
    DOT_WRITERS,
    EVENT_WRITERS,
    HEADER,
    ODD_SURNAMES,
    WRITERS,
    as_cells,
    communes,
    dots,
    events,
    people,
    places,
)

SEED = int(os.environ.get("PRIVAUDIT_DIRTY_SEED", 20_161_108))
# What a file gives of a birth, where it gives less than a day.
COARSE = {
    "years": lambda day: day.year, "births_two_digit_years_alone": lambda day: day.year,
    "months": lambda day: f"{day:%Y-%m}",
}  # fmt: skip
# A figure may be off where this note names what was not read, or read as something else.
EXCUSED = {
    ("trailing_zeros", "uniques_gift"): "numbers_kept_apart",
    ("trailing_zeros", "k_gift"): "numbers_kept_apart",
}
SAID = {
    **{
        (kind, writer): key
        for writer, key in dirty_places.SAID.items()
        for kind in dirty_places.MORE
    },
    **dirty_logs.SAID,
    **dirty_offices.SAID,
}
# Files that may be refused: what they hold instead of numbers is not read.
REFUSED = {
    *dirty_places.REFUSED_KINDS,
    *dirty_logs.REFUSED,
    *dirty_offices.REFUSED,
    *(("dots", name) for name in ("thousands_commas",)),
    *(
        ("communes", name)
        for name in (
            "thousands_commas", "thousands_points", "decimal_commas", "headers_again", "end_mark",
            "footer", "a_blank_count",
        )
    ),
}  # fmt: skip


def wrong(kind, writer, truth, answers, notes):
    """Return the figures whose range does not hold the truth, without a note that says why."""
    return {
        what: (truth[what], low, high)
        for what, (low, high) in answers.items()
        if not low <= truth[what] <= high
        and notes.isdisjoint({EXCUSED.get((writer, what)), SAID.get((kind, writer))})
    }


def checked(kind, writer, seed, folder):
    """Write what a seed draws, ask for its figures, and return those that are wrong."""
    rng = np.random.default_rng(seed)
    try:
        truth, answers, notes = OF[kind](writer, rng, folder)
    except PrivauditError as error:
        may_be = (kind, writer) in REFUSED
        return {} if may_be else {"refused": str(error)}
    return wrong(kind, writer, truth, answers, notes)


def _of_people(writer, rng, folder):
    who = people(rng, ODD_SURNAMES if writer == "odd_surnames" else ())
    path = OF_KIND["people"][writer](who.rows, rng, folder)
    table = read_table(path)
    inventory = inspect(path, as_of=AS_OF)
    notes = {note.key for note in (*table.notes, *table.set_aside, *inventory.heaps)}
    # A header may be written in capitals, or with a colon.
    named = {slug(name): str(name) for name in table.records.columns}
    note = next(column for column in inventory.columns if slug(column.name) == "note")
    answers = {
        "records": (len(table.records),) * 2,
        "sensitive": (note.least, note.least + note.again),
    }
    by_age = "age" in table.records.columns
    if not by_age:
        answers["joined"] = _joined(table, who.other)
    if math.isnan(inventory.minors):
        # Minors cannot be counted: by which column?
        assert inventory.births == ("age" if by_age else named["date_naissance"])
    else:
        answers["minors"] = inventory.minors, inventory.most_minors
    for name, key in (("gift", BY_GIFT), ("sex", BY_SEX), ("birth", BY_BIRTH)):
        if by_age and name == "birth":
            continue
        roles = Roles(key=tuple(named.get(k, k) for k in key))
        given = measurable(path, roles, who="measure")
        found = measure(given, roles if given is path else None)
        notes |= {n.key for n in found.notes}
        for measured, of in (("sample_uniques", "uniques"), ("k_anonymity", "k")):
            row = found.row(measured)
            answers[f"{of}_{name}"] = row.low, row.high
    return who.truth(COARSE.get(writer, datetime.date.isoformat)), answers, notes


def _joined(table, other):
    """Return how many are met by name and birth in another file, to which the unread may add."""
    cells = [as_cells(row) for row in other]
    clean = read_table(pd.DataFrame(cells, columns=HEADER)[["nom", "prenom", "date_naissance"]])
    indexes = [PersonIndex.of(table, "dirty"), PersonIndex.of(clean, "clean")]
    found = linked_tables(indexes, rng=np.random.default_rng(3))
    rows = {
        row.part["by"]: row
        for row in found.rows
        if row.measure == "found_in" and row.part["table"] == "dirty"
    }
    row = rows.get("name_birth", rows["name"])
    met = round(row.value * row.n) if "name_birth" in rows else 0
    unread = [n.values["records"] for n in row.notes if n.key == "births_unread"]
    return met, met + sum(unread)


def _of_dots(writer, rng, folder):
    at = dots(rng)
    path = OF_KIND["dots"][writer](at, rng, folder)
    leak = read_map(path, addresses=places())
    aside = sum(leak.set_aside.values())
    apart = np.abs(at[:, None] - leak.records[["x", "y"]].to_numpy()[None]).max(axis=2)
    placed = int((apart.min(axis=1) < 0.5).sum())
    mask_file(path, mask="none", out=folder / "masked.csv", addresses=places())
    truth = {"dots": len(at), "placed": len(at), "elsewhere": 0, "masked": len(leak)}
    written = len((folder / "masked.csv").read_text().splitlines()) - 1
    answers = {
        "dots": (len(leak), len(leak) + aside),
        "placed": (placed, placed + aside),
        "elsewhere": (int((apart.min(axis=0) >= 0.5).sum()),) * 2,
        "masked": (written,) * 2,
    }
    return truth, answers, {note.key for note in leak.notes}


def _of_events(writer, rng, folder):
    rows = events(rng)
    path = OF_KIND["events"][writer](rows, rng, folder)
    log = read_traces(path, person="compte", item="page", time="date")
    aside = sum(log.set_aside.values())
    times = {int(when.replace(tzinfo=datetime.UTC).timestamp()) for _, _, when in rows}
    truth = {
        "events": len(rows), "people": len({who for who, _, _ in rows}),
        "items": len({what for _, what, _ in rows}), "times_of_none": 0,
    }  # fmt: skip
    answers = {
        "events": (len(log), len(log) + aside),
        "people": (log.n_people, log.n_people + aside),
        "items": (log.n_items, log.n_items + aside),
        "times_of_none": (len(set(log.time.tolist()) - times),) * 2,
    }
    return truth, answers, {note.key for note in log.notes}


def _of_rules(writer, rng, folder):
    rows = dirty_rules.contacts(rng)
    table = read_table(OF_KIND["rules"][writer](rows, rng, folder))
    found = check_rules(table, dirty_rules.STATED, as_of=dirty_rules.DAY)
    truth = {"records": len(rows), "beyond": 0, **dirty_rules.truth(rows)}
    answers = {"records": (len(table),) * 2}
    checked_rules = {rule: found[rule].checked for rule in ("R02", "R06", "R07", "R09")}
    # Records that are missing to those that a rule is of.
    beyond = [max(0, c.value + c.unread - c.n) for c in checked_rules.values() if c.n == c.n]
    answers["beyond"] = (max(beyond, default=0),) * 2
    for rule, one in checked_rules.items():
        if one.outcome in ("fires", "lesser"):
            answers[rule] = one.value, one.value + one.unread
        elif one.outcome != "not_assessable":
            answers[rule] = 0, 0
    return truth, answers, {note.key for note in table.notes}


def _of_communes(writer, rng, folder):
    rows = communes(rng)
    found, _ = communes_and_others(OF_KIND["communes"][writer](rows, rng, folder))
    truth = {"communes": len(rows), "residents": sum(row[3] for row in rows)}
    answers = {"communes": len(found), "residents": int(found["population"].sum())}
    return truth, {what: (number,) * 2 for what, number in answers.items()}, set()


def _of_addresses(writer, rng, folder):
    """Addresses of which each stands once at its place, or is set aside."""
    places = dirty_offices.address_rows()[1:]
    base = pa.io.read_addresses(OF_KIND["addresses"][writer](folder))
    at = np.array([row[6:8] for row in places], dtype=float)
    apart = np.abs(at[:, None] - base.xy[None]).max(axis=2)
    aside = sum(base.set_aside.values())
    placed = int((apart.min(axis=1) < 0.5).sum())
    truth = {"addresses": len(places), "placed": len(places)}
    answers = {
        "addresses": (len(base), len(base) + aside), "placed": (placed, placed + aside),
    }  # fmt: skip
    return truth, answers, {note.key for note in base.notes}


def _of_second(writer, rng, folder):
    """A table, and a second one of 40 of its people and 60 others."""
    first, second = dirty_offices.pair_of_tables(rng)
    one = dirty_offices.SECOND_OFFICES["clean"](first, rng, folder).rename(folder / "first.csv")
    two = OF_KIND["second"][writer](second, rng, folder)
    tables = read_table(one), read_table(two)
    found = link(*tables, seed=3).measures
    notes = {note.key for table in tables for note in table.notes}
    notes |= {note.key for row in found.rows for note in row.notes}
    notes |= {note.key for note in found.notes}
    expected = next(row for row in found.rows if row.measure == "expected_matches")
    # Where chance would give as many, nothing is said.
    low, high = (0, 100) if math.isnan(expected.low) else (expected.low, expected.high)
    return {"both": 40}, {"both": (low, high)}, notes


RARER = {
    kind: {
        **dirty_places.MORE.get(kind, {}),
        **dirty_logs.EXPORTS.get(kind, {}),
        **dirty_offices.OFFICES.get(kind, {}),
    }
    for kind in ("people", "dots", "events", "communes", "rules", "addresses", "second")
}
OF_KIND = {
    kind: {**writers, **RARER[kind]}
    for kind, writers in (
        ("people", WRITERS), ("dots", DOT_WRITERS), ("events", EVENT_WRITERS),
        ("communes", COMMUNE_WRITERS), ("rules", {}), ("addresses", {}), ("second", {}),
    )
}  # fmt: skip
OF = {
    "people": _of_people, "dots": _of_dots, "events": _of_events, "communes": _of_communes,
    "rules": _of_rules, "addresses": _of_addresses, "second": _of_second,
}  # fmt: skip
MORE = [(kind, writer) for kind, writers in RARER.items() for writer in writers]
ALL = [(k, writer) for k, every in OF_KIND.items() for writer in every if (k, writer) not in MORE]


@pytest.mark.heavy
@pytest.mark.parametrize(("kind", "writer"), ALL)
def test_every_figure_holds_the_truth(kind, writer, tmp_path):
    assert checked(kind, writer, SEED, tmp_path) == {}, f"PRIVAUDIT_DIRTY_SEED={SEED}"


@pytest.mark.heavy
@pytest.mark.parametrize("place", range(40))
def test_every_figure_of_a_rarer_kind_holds_the_truth(place, tmp_path):
    rng = np.random.default_rng((SEED, 7))
    kind, writer = MORE[rng.permutation(len(MORE))[place]]
    found = checked(kind, writer, SEED, tmp_path)
    assert found == {}, f"{kind} {writer}, PRIVAUDIT_DIRTY_SEED={SEED}"


# Rows that are no records and letters that were garbled: a file that is counted where it is shows
# fewer of them, as a note of each count says.
ENGINE_READS_LESS = {
    "mojibake", "names_mojibake_twice", "table_below", "eindtotaal", "number_by_town", "town_alone",
    "units", "types", "labels", "numbers_of_columns", "pages", "footer_page", "line_of_count",
    "marks_and_headers", "tax_between_totals", "sum_in_words", "second_names", "side_by_side",
}  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("place", range(25))
def test_a_file_that_is_counted_where_it_is_gives_the_answers_of_one_that_is_read(place, tmp_path):
    rng = np.random.default_rng((SEED, 9))
    every = sorted({*OF_KIND["people"]} - ENGINE_READS_LESS)
    writer = every[rng.permutation(len(every))[place]]
    path = OF_KIND["people"][writer](people(rng).rows, rng, tmp_path)
    for key in (BY_BIRTH, BY_GIFT):
        both = []
        for limit in ({}, {"memory_limit": "1GB"}):
            try:
                both.append(measure(path, Roles(key=key), **limit))
            except PrivauditError:
                break
        if len(both) < 2:
            continue
        for name in ("records", "k_anonymity", "sample_uniques"):
            read, counted = (found.row(name) for found in both)
            assert (read.low, read.high) == (counted.low, counted.high), (writer, key, name)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "writer"), MORE)
def test_every_figure_of_every_rarer_kind_holds_the_truth(kind, writer, tmp_path):
    assert checked(kind, writer, SEED, tmp_path) == {}, f"PRIVAUDIT_DIRTY_SEED={SEED}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_every_figure_holds_the_truth_of_other_seeds(seed, tmp_path):
    rng = np.random.default_rng(seed)
    for at in rng.choice(len(ALL), 20, replace=False):
        kind, writer = ALL[at]
        folder = tmp_path / f"{kind}_{writer}"
        folder.mkdir()
        assert checked(kind, writer, seed, folder) == {}, (kind, writer)


def test_a_wrong_figure_without_a_note_is_reported():
    clean = wrong("people", "clean", {"minors": 3}, {"minors": (4, 5)}, set())
    assert clean == {"minors": (3, 4, 5)}
    off = {"uniques_gift": (9, 9)}
    kept = {"numbers_kept_apart"}
    assert wrong("people", "trailing_zeros", {"uniques_gift": 3}, off, kept) == {}
    assert wrong("people", "trailing_zeros", {"uniques_gift": 3}, off, set())


def _findings(folder, *command):
    """Run a command, and return its findings by measure, or None where it refuses."""
    status = main([*map(str, command), "--out", str(folder / "report")])
    assert status in (0, 2), command
    if status:
        return None
    findings = json.loads((folder / "report" / "findings.json").read_text())["findings"]
    return {f["measure"]: f for f in findings if not f["withheld"] and not f["part"]}


@pytest.mark.heavy
@pytest.mark.parametrize("place", range(3))
def test_the_commands_print_ranges_that_hold_the_truth(place, tmp_path):
    rng = np.random.default_rng((SEED, place))
    writer = str(rng.choice(sorted(set(WRITERS) - set(COARSE) - {"trailing_zeros"})))
    who = people(rng)
    path, truth = WRITERS[writer](who.rows, rng, tmp_path), who.truth()
    found = _findings(tmp_path, "table", path, "--key", ",".join(BY_BIRTH))
    where = f"{writer}, PRIVAUDIT_DIRTY_SEED={SEED}"
    for measured, what in (("records", "records"), ("sample_uniques", "uniques_birth")):
        if found is not None and measured in found:
            row = found[measured]
            assert row["low"] <= truth[what] <= row["high"], (where, measured)
    if found is not None:  # a table that is refused has no report
        (tmp_path / "report").rename(tmp_path / "table")
    found = _findings(tmp_path, "inspect", path, "--as-of", AS_OF)
    if found is not None and found.get("minors", {}).get("low") is not None:
        assert found["minors"]["low"] <= truth["minors"] <= found["minors"]["high"], where
