"""An adversary who knows the rule, the number of levels and all that is printed finds nothing."""

import itertools
import json
import math
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from privaudit.columns.roles import Roles
from privaudit.core.thresholds import SMALL_CELL
from privaudit.report import guard
from privaudit.report.annex import annex_page
from privaudit.report.findings import findings_json, findings_of, tables_of
from privaudit.report.guard import shown_of
from privaudit.report.write import report
from privaudit.results.measures import _enough, apart, guarded, outward_range, suppressed
from privaudit.studies.audit_table import audit_table
from privaudit.tables.contributions import key_combinations, level_contributions
from privaudit.tables.measure import MEASURES, measure
from privaudit.words.catalogues import Words
from tests.fixtures.adversary import (
    INVERSIONS,
    NO_INVERSION,
    Print,
    by_measure,
    invert,
    is_known,
)


def narrowest(levels, values):
    """Invert the rule by trying every table: the least width of a hidden cell under 11."""
    answers = defaultdict(list)
    for cells in itertools.product(values, repeat=levels):
        hidden = suppressed(pd.DataFrame({"c": range(levels)}), np.array(cells))
        seen = tuple(c for c, h in zip(cells, hidden, strict=True) if not h)
        answers[(tuple(hidden), seen, sum(cells))].append(cells)
    widths = []
    for (hidden, seen, total), tables in answers.items():
        if not any(hidden) or total < SMALL_CELL:
            continue  # Nothing is hidden; or the total is withheld, and all with it.
        if not seen and not guard._is_safe({}, "c", pd.Series(tables[0])):
            continue  # Nothing is shown, and the table is left out altogether.
        cells = np.array(tables)
        for place in np.flatnonzero(hidden):
            if (cells[:, place] < SMALL_CELL).any():
                widths.append(np.ptp(cells[:, place]))
    return min(widths)


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("levels", "values"),
    [(2, range(1, 40)), (3, range(1, 23)), (4, (1, 2, 4, 6, 8, 9, 10, 11, 12, 13, 14, 20))],
)
def test_who_knows_the_rule_does_not_narrow_a_cell_to_within_two(levels, values):
    assert narrowest(levels, values) > 2


@pytest.mark.sampled
@pytest.mark.parametrize(("levels", "most"), [(3, 27), (4, 18)])
def test_who_knows_how_many_levels_there_are_narrows_none_that_has_no_name(levels, most):
    """Try every key: its named levels, how many records and levels there are, and the rule.

    Levels of 9, 11 and 11 records: where one of 11 is named, each of the others has 9 to 11.
    """
    answers = defaultdict(set)
    for cells in itertools.combinations_with_replacement(range(1, most + 1), levels):
        size = np.array(cells)
        named = apart(size)
        if named.any() and not named.all():
            answers[tuple(size[named]), sum(cells)].update(size[~named].tolist())
    assert len(answers) > 200
    assert all(min(sizes) >= SMALL_CELL or np.ptp([*sizes]) > 2 for sizes in answers.values())


def test_an_empty_cell_is_no_cover():
    """A cell that may be known to be empty does not count among what hides another."""
    hidden = guard.withheld(np.array([400, 60, 7, 0, 0, 0]))
    assert hidden.tolist() == [False, True, True, True, True, True]


def folder(study):
    """The data that a report prints of a study, as text."""
    shown = shown_of(study)
    findings = findings_of(study, shown)
    told = shown.study(study)
    tables = tables_of(told, findings, shown)
    csv = {name: table.to_csv(index=False) for name, table in tables.items()}
    return findings_json(told, findings), csv


def pages_of(study):
    """The annex in both languages."""
    shown = shown_of(study)
    findings = findings_of(study, shown)
    told = shown.study(study)
    return [annex_page(told, Words(lang), findings, shown) for lang in ("en", "fr")]


def attack(study, column, levels):
    """Return the least and the most that each level may hold, from what is printed alone."""
    text, csv = folder(study)
    found = {f["id"]: f for f in json.loads(text)["findings"]}
    total = next(f["n"] for f in found.values() if f["family"] == "map")
    known = {}
    for table in csv.values():
        for row in csv_rows(table):
            if row.get("by") == column and row["n"]:
                known[row["group"]] = float(row["n"])
    for identity, level in TOLD.items():
        finding = found.get(identity)
        if finding and finding["value"] is not None:
            known[level] = round(finding["value"] * finding["n"])
    top = min((v for k, v in known.items() if k in levels and v >= SMALL_CELL), default=total)
    low = [known.get(level, 1) for level in levels]
    high = [known.get(level, top) for level in levels]
    same = LinearConstraint(np.ones((1, len(levels))), total, total)
    ends = {}
    for place, level in enumerate(levels):
        least, most = (
            milp(sign * np.eye(len(levels))[place], constraints=same, bounds=Bounds(low, high),
                 integrality=1) for sign in (1, -1)
        )  # fmt: skip
        assert least.x is not None
        ends[level] = (round(least.x[place]), round(most.x[place]))
    return ends


TOLD = {"household.wrong_addresses": "wrong", "harms.label_wrong": "wrong"}


def csv_rows(text):
    import csv
    import io

    return csv.DictReader(io.StringIO(text))


def printed(study, column):
    """The levels that a group table prints, and whether each is withheld."""
    _, csv = folder(study)
    rows = [row for table in csv.values() for row in csv_rows(table) if row.get("by") == column]
    return {row["group"]: row["withheld"] == "True" for row in rows}


def test_a_group_that_rows_tell_is_in_no_table(town):
    """The doors: 6 of 166 stand in a row; a table that withheld the group of 6 would be a lie."""
    assert printed(town, "door") == {}
    shown = {f.id: f.row.withheld for f in findings_of(town)}
    assert not shown["household.wrong_addresses"]
    assert not any("door" in page for page in re.findall(r"<h4>.*?</h4>", "".join(pages_of(town))))


def test_the_adversary_succeeds_where_the_guard_is_off(town, monkeypatch):
    monkeypatch.setattr(guard, "_is_safe", lambda rows, column, sizes: True)
    assert printed(town, "door") == {"right": True, "wrong": True}
    assert attack(town, "door", ("right", "wrong"))["wrong"] == (6, 6)


def test_sums_of_rows_tell_a_group_too(exposed, measured, study):
    groups = {"door": np.array(["wrong"] * 9 + ["right"] * 157)}
    parts = measured(
        "household",
        ("wrong_addresses_homonym", 4 / 166, "share", 166, "dots", {}),
        ("wrong_addresses_stale", 5 / 166, "share", 166, "dots", {}),
    )
    assert printed(study(exposed(groups=groups), measures=[parts]), "door") == {}
    # A row that tells no group by its measure leaves the table, whatever its number is.
    other = measured("household", ("wrong_labels", 9 / 166, "share", 166, "dots", {}))
    assert printed(study(exposed(groups=groups), measures=[other]), "door")["wrong"]


def test_a_row_of_one_group_tells_it(exposed, measured, study):
    """Zones of 5, 20 and 141: the second covers the first, and a row must not tell it."""
    groups = {"zone": np.repeat(["hamlet", "houses", "centre"], [5, 20, 141])}
    rows = measured("of_late", ("seen", 0.5, "share", 20, "people", {"part": {"zone": "houses"}}))
    assert printed(study(exposed(groups=groups), measures=[rows]), "zone") == {}
    assert printed(study(exposed(groups=groups)), "zone")["hamlet"]


@pytest.mark.parametrize("seed", range(12))
def test_no_group_of_any_column_is_recovered(seed, exposed, study):
    rng = np.random.default_rng(seed)
    n = 200
    sizes = rng.multinomial(n - 4, rng.dirichlet([0.4] * 4)) + 1
    groups = {"zone": np.repeat(list("abcd"), sizes)}
    made = study(exposed(n=n, groups=groups), exposed("nearest address", n=n, groups=groups))
    ends = attack(made, "zone", list("abcd"))
    for level, size in zip("abcd", sizes, strict=True):
        least, most = ends[level]
        assert least <= size <= most
        if size < SMALL_CELL:
            assert most - least > 2


def test_the_page_says_which_numerators_are_shown(town):
    pages = pages_of(town)
    assert "1 of 41" in pages[0]
    assert "1 sur 41" in pages[1]


def test_ranges_are_those_of_an_integer_programme():
    counts = np.array([4.0, 12.0, 30.0, 150.0])
    hidden = np.array([True, True, True, False])
    least, most = guard.ranges(counts, hidden, {1: 12})
    assert (least[0], most[0]) == (1, 33)
    assert (least[1], most[1], most[3]) == (12, 12, 150)
    assert math.isfinite(most.sum())
    # Where nothing is shown each is of ten at most: of fifteen the other is five at least.
    least, most = guard.ranges(np.array([6.0, 9.0]), np.array([True, True]), {})
    assert (least.tolist(), most.tolist()) == ([5, 5], [10, 10])


@pytest.mark.parametrize(
    ("cells", "hidden"),
    [
        # Two cells of at most 10 that add up to 20 are 10 and 10: a third goes with them.
        ((10, 10, 50, 60), (1, 1, 1, 0)),
        ((10, 10, 50), (1, 1, 1)),
        # Of 16 together, each is 6 to 10, one of five values; of 17, one of four.
        ((8, 8, 50, 60), (1, 1, 0, 0)),
        ((8, 9, 50, 60), (1, 1, 1, 0)),
        # Of 11 together, each is 1 to 10; of 10, fewer than 11 are hidden.
        ((5, 6, 50, 60), (1, 1, 0, 0)),
        ((5, 5, 50, 60), (1, 1, 1, 0)),
        # Eleven are shown, and ten are not.
        ((11, 50), (0, 0)),
        ((10, 50), (1, 1)),
        # Behind one of 11 an only small one is 1 to 10, since the larger is at most what is shown.
        ((5, 11, 40), (1, 1, 0)),
        ((6, 11, 40), (1, 1, 0)),
        # Which of two alike is hidden would tell their order.
        ((5, 20, 20, 40), (1, 1, 1, 0)),
    ],
)
def test_what_goes_with_small_cells_by_hand(cells, hidden):
    found = suppressed(pd.DataFrame({"c": range(len(cells))}), np.array(cells))
    assert found.tolist() == [bool(one) for one in hidden]


def test_of_eleven_and_more_that_are_hidden_beside_others_nothing_is_small():
    assert _enough(np.array([11, 20]), np.array([20, 40]))


@pytest.mark.parametrize(
    ("low", "high", "wider"),
    [
        # Of 600, of which nothing of 1 to 10 is told: the ends, the rest, what lies between.
        (0, 50, (0, 50)), (1, 50, (0, 50)), (10, 50, (0, 50)), (11, 50, (11, 50)),
        (600, 600, (600, 600)), (599, 600, (590, 600)), (590, 600, (590, 600)),
        (589, 600, (589, 600)), (40, 50, (40, 51)), (40, 51, (40, 51)), (40, 40, (40, 40)),
        (0, 588, (0, 588)), (0, 589, (0, 589)), (0, 590, (0, 600)), (0, 599, (0, 600)),
    ],
)  # fmt: skip
def test_the_ends_of_a_range_tell_no_small_count(low, high, wider):
    assert outward_range(low, high, 600) == wider
    # Of eight nothing is told.
    assert outward_range(5, 8, 8) == (0, 8)


def random_table(seed):
    """Three keys of uneven levels, and a sensitive column that often has a rare value."""
    rng = np.random.default_rng(seed)
    n, values = int(rng.choice([40, 80, 150, 300, 800])), int(rng.choice([2, 2, 3, 5]))

    def key():
        levels = int(rng.integers(2, 9))
        return rng.choice(levels, n, p=rng.dirichlet(np.full(levels, 0.6)))

    table = pd.DataFrame({name: key() for name in ("a", "b", "c")})
    often = np.sort(rng.dirichlet(np.full(values, 0.7)))[::-1]
    if rng.random() < 0.7:
        often[-1] = rng.integers(1, SMALL_CELL) / n
    return table.assign(opinion=rng.choice(values, n, p=often / often.sum()))


def reports(table, guard_rows=guarded):
    """What reports of one file print, with one, two and three keys, and with coarser values."""
    printed = {}
    for key in (("a",), ("b",), ("a", "b"), ("a", "b", "c")):
        found = measure(table, Roles(key=key, sensitive="opinion"))
        named = guarded(level_contributions(table[[*key]], Roles(key=key)).rows)
        sizes = [round(row.n) for row in named if "level" in row.part and len(key) == 1]
        # A report with blanks as values, and six digits of findings.json in place of ten.
        other = measure(table, Roles(key=key, sensitive="opinion"), missing="value", threshold=0.34)
        for result, digits in ((found, 10), (other, 6)):
            printed[key, digits] = Print(
                rows=tuple(guard_rows(result.rows)), values=table["opinion"].nunique(),
                keys=table[key[0]].nunique(), levels=tuple(sizes), digits=digits,
            )  # fmt: skip
    return printed


def known_cells(table, printed):
    """Cells under 11 that all reports of a file together narrow to within two."""
    cells = {("value", ""): int(table["opinion"].value_counts().min())}
    # Where levels have fewer than four records on average, one has three at most: no secret.
    few = [key for key in "ab" if 4 * table[key].nunique() <= len(table)]
    cells |= {("level", key): int(table[key].value_counts().min()) for key in few}
    by_level = pd.crosstab(table["a"], table["opinion"])
    cells["cell", "a"] = int((by_level.sum(axis=1) - by_level.max(axis=1)).min())
    left = {}
    for (key, _), of in printed.items():
        for target, counts in invert(of, single=len(key) == 1).items():
            cell = (target, "" if target == "value" else key[0])
            before = left.get(cell, counts)
            left[cell] = before & counts or before
    return {c: left[c] for c, truth in cells.items() if c in left and is_known(left[c], truth)}


def unguarded(rows):
    return [replace(row, printed=None, unprinted=()) for row in rows]


@pytest.mark.parametrize(
    # 1046: ten holders of a value among forty records, at the start of a step of ten.
    "seed",
    [*range(5), 1046, *(pytest.param(k, marks=pytest.mark.slow) for k in range(5, 100))],
)
def test_no_formula_gives_a_cell_of_a_table_back(seed):
    table = random_table(seed)
    assert known_cells(table, reports(table)) == {}


def test_the_formulas_give_cells_back_where_the_guard_is_off():
    """One key and a rare value: each of these inversions alone finds what is withheld."""
    table = pd.DataFrame(
        {
            "a": np.repeat(["north", "south", "west"], [140, 53, 7]),
            "b": "x",
            "c": np.arange(200) % 2,
            "opinion": np.repeat(["y", "z"], [192, 8]),
        }
    )
    alone = by_measure(reports(table, unguarded)[("a",), 10], single=True)
    assert alone["k_anonymity", "level"] == alone["prosecutor_risk_max", "level"] == {7}
    assert alone["separation", "level"] == {7}
    assert alone["enhanced_beta_present", "value"] == alone["vulnerability_prior", "value"] == {8}
    assert {("level", "a"), ("value", "")} <= set(known_cells(table, reports(table, unguarded)))
    assert known_cells(table, reports(table)) == {}


def test_the_rarest_value_is_read_from_one_measure_where_the_guard_is_off():
    exact = 0
    for seed in range(6):
        table = random_table(seed)
        truth = table["opinion"].value_counts().min()
        found = measure(table, Roles(key=["a", "b", "c"], sensitive="opinion"))
        found = Print(rows=tuple(unguarded(found.rows)), values=table["opinion"].nunique())
        found = by_measure(found, single=False)
        exact += found.get(("enhanced_beta_present", "value")) == {truth}
    assert exact > 4


def test_what_can_be_inverted_declares_what_may_be_shown():
    """Separation alone leaves its value out row by row: it depends on which keys are rare."""
    declared = {one.word for one in MEASURES if one.shown is not None}
    assert {*INVERSIONS} - declared == {"separation"}


def test_who_is_alone_by_one_key_is_no_count_of_its_rarest_level():
    """Twelve levels of one record each, in a key of 15 levels over 132 records."""
    key = [f"village {i}" for i in range(12)] + ["town", "city", "port"] * 40
    table = pd.DataFrame({"place": key, "sex": list("FM") * 66})
    alone = key_combinations(table, Roles(key=["place", "sex"]))
    of_place = alone.row("singled_out_by", keys=("place",))
    assert of_place.value == pytest.approx(12 / 132)
    assert of_place.label not in {row.label for row in guarded(alone.rows)}
    for found in (key_combinations, level_contributions):
        rows = found(table, Roles(key="place")).rows
        assert any(row.value == row.value for row in rows)
        assert all(math.isnan(row.value) for row in guarded(rows) if "level" not in row.part)


def test_a_report_before_and_one_after_a_mask_narrow_no_group(exposed, study):
    """Two maps of the same people: the groups that one withholds the other does too."""
    sizes = [5, 9, 40, 146]
    groups = {"zone": np.repeat(list("abcd"), sizes)}
    before, after = (study(exposed(view, n=200, groups=groups)) for view in ("exact", "donut"))
    assert printed(before, "zone") == printed(after, "zone")
    ends = [attack(made, "zone", list("abcd")) for made in (before, after)]
    for level, size in zip("abcd", sizes, strict=True):
        least, most = max(e[level][0] for e in ends), min(e[level][1] for e in ends)
        assert least <= size <= most
        assert size >= SMALL_CELL or most - least > 2


def test_each_measure_has_an_inversion_or_a_reason():
    words = {one.word for one in MEASURES}
    assert {*INVERSIONS} | {*NO_INVERSION} == words
    assert not {*INVERSIONS} & {*NO_INVERSION}
    assert all(len(reason) > 20 for reason in NO_INVERSION.values())


@pytest.mark.parametrize("seed", range(10))
def test_what_is_printed_in_place_of_a_number_holds_it(seed):
    table = random_table(seed)
    for key in (["a"], ["a", "b"], ["a", "b", "c"]):
        result = measure(table, Roles(key=key, sensitive="opinion"))
        for row in result.rows:
            if row.printed is not None and not math.isnan(row.printed[0] + row.value):
                assert row.printed[0] - 1e-9 <= row.value <= row.printed[1] + 1e-9, row.label


@pytest.mark.parametrize("seed", range(25))
def test_an_integer_programme_over_a_folder_of_reports_narrows_no_level(seed):
    """Levels that are named, how many there are, the records, and the range of the smallest."""
    table = random_table(seed)
    for key in "ab":
        rows = {
            (r.measure, *r.part.values()): r for r in guarded(measure(table, Roles(key=key)).rows)
        }
        named = guarded(level_contributions(table[[key]], Roles(key=key)).rows)
        shown = [round(row.n) for row in named if "level" in row.part]
        sizes, n = table[key].value_counts(), len(table)
        hidden = int(rows["classes",].value) - len(shown)
        # Fewer than four records a hidden level: the mean tells the smallest, which has no name.
        if not hidden or sizes.min() >= SMALL_CELL or n - sum(shown) < 4 * hidden:
            continue
        smallest = rows["k_anonymity",]
        # How many of those that are hidden are not small after all.
        ends = [[getattr(rows["classes_of", *size], end) for size in ((11, 100), (101,))]
                for end in ("low", "high")]  # fmt: skip
        large = max(int(sum(ends[0])) - len(shown), 0)
        few = max(hidden - max(int(sum(ends[1])) - len(shown), 0), 1)
        # The smallest first: between its ends, and the others at least as large.
        low = np.array([smallest.low] * (hidden - large) + [SMALL_CELL] * large)
        high = np.array([smallest.high] * few + [n] * (hidden - few))
        order = np.eye(hidden, k=1)[: hidden - 1] - np.eye(hidden)[: hidden - 1]
        total = LinearConstraint(np.ones((1, hidden)), n - sum(shown), n - sum(shown))
        rules = [total, LinearConstraint(order, 0, np.inf)] if hidden > 1 else [total]
        least, most = (
            milp(sign * np.eye(hidden)[0], constraints=rules, bounds=Bounds(low, high),
                 integrality=1) for sign in (1, -1)
        )  # fmt: skip
        assert round(most.x[0]) - round(least.x[0]) > 2


@pytest.mark.parametrize("keys", ["a", "a,b,c"])
def test_no_file_of_a_table_report_changes_with_what_is_withheld(keys, tmp_path):
    """Pages, figures and tables in both languages: no number that has a range in its place."""
    random_table(3).to_csv(tmp_path / "t.csv", index=False)
    study = audit_table(tmp_path / "t.csv", Roles(key=keys.split(","), sensitive="opinion"))

    def other(row):
        if row.printed is None or math.isnan(row.value):
            return row
        return replace(row, value=row.value / 2, low=row.low / 3, high=row.high / 2, baseline=0.3)

    changed = {
        family: replace(found, rows=tuple(other(row) for row in found.rows))
        for family, found in study.measures.items()
    }
    assert any(row.printed is not None for found in study.measures.values() for row in found.rows)
    told = []
    for place, one in enumerate((study, replace(study, measures=changed))):
        for lang in ("en", "fr"):
            out = tmp_path / f"{place}{lang}"
            report(one, out, dated=False, lang=lang)
            told.append({p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()})
    assert told[:2] == told[2:]
    assert told[0][Path("findings.json")] == told[1][Path("findings.json")]
