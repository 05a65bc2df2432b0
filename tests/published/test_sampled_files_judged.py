"""docs/population-uniqueness.md, "By set-up": what is shown holds, and is what the script gives."""

import csv
import re
from collections import Counter

import pytest

from tests.fixtures.scripts import script
from tests.fixtures.uniqueness_page import DOC, FOLDER, cells, documented


@pytest.fixture(scope="module")
def judging():
    return script("benchmarks/sampled_files.py")


def test_the_page_counts_the_files_with_a_value(judging):
    pooled = documented(judging)[judging.SUMMARY][1]
    for word in judging.WORDS:
        (line,) = [line for line in DOC.splitlines() if line.startswith(f"| `{word}` |")]
        assert cells(line)[1:] == [pooled[word, f][1] for f in judging.FRACTIONS]
    shown = {key: int(row[1]) for key, row in pooled.items()}
    missed = {key: many - int(pooled[key][2]) for key, many in shown.items()}
    counts = f"Of {sum(shown.values())} shown intervals, {sum(missed.values())} miss the truth:"
    (line,) = [line for line in DOC.splitlines() if counts in line]
    said = re.findall(r"(\d+) of `(\w+)`(?=.*? at ([\d.]+\d))", line)
    assert {(word, float(f)): int(n) for n, word, f in said} == {
        k: n for k, n in missed.items() if n
    }


def test_the_page_counts_the_ranges_under_unequal_weights(judging):
    head, rows = documented(judging)[list(judging.TABLES)[-1]]
    held = {"unique": 0, "individual risk": 0}
    for (setup, _), row in rows.items():
        for named in held if setup.startswith("weights") else ():
            held[named] += int(row[head.index("range", head.index(named)) - 2])
    files = 2 * len(judging.FRACTIONS) * judging.SAMPLES
    (many,) = set(held.values())
    assert f"Of the {files} files with unequal weights" in DOC
    assert f"contain the truth in {many} each" in DOC


def test_every_table_has_every_set_up(judging):
    found = documented(judging)
    assert set(found) == {judging.SUMMARY, *judging.TABLES}
    pooled = found[judging.SUMMARY][1]
    assert set(pooled) == {(word, f) for word in judging.WORDS for f in judging.FRACTIONS}
    for _, shown, held, coverage, *_ in pooled.values():
        assert coverage == ("none" if shown == "0" else f"{int(held) / int(shown):.2f}")
    for title, columns in judging.TABLES.items():
        head, rows = found[title]
        assert head == ["set-up", "sampled", *(name for name, _, _ in columns)]
        assert set(rows) == {(name, f) for name in judging.SETUPS for f in judging.FRACTIONS}


def test_what_is_shown_is_held(judging):
    shown, held, ranges, lines = Counter(), Counter(), Counter(), 0
    for title, columns in judging.TABLES.items():
        for (setup, _), row in documented(judging)[title][1].items():
            lines += 1
            for (_, word, what), text in zip(columns, row, strict=True):
                if what in ("shown", "held", "range"):
                    count = {"shown": shown, "held": held, "range": ranges}[what]
                    for key in ((word, setup), word):
                        count[key] += int(text)
    assert lines == len(judging.TABLES) * len(judging.SETUPS) * len(judging.FRACTIONS)
    for key, many in shown.items():
        # By measure over all set-ups nine in ten; within one, as few as chance allows.
        least = 0.9 * many if isinstance(key, str) else min(0.9 * many, many - 1)
        assert held[key] >= least, key
    drawn = len(judging.SETUPS) * len(judging.FRACTIONS) * judging.SAMPLES
    for word in judging.WORDS:
        assert ranges[word] >= 0.9 * drawn, word


def compare(judging, setup, fraction):
    for title, line in judging.lines(setup, fraction, judging.draws(setup, fraction)).items():
        head, rows = documented(judging)[title]
        for name, one, other in zip(head[2:], cells(line)[2:], rows[setup, fraction], strict=True):
            slack = 0 if name in ("held", "shown", "range") else 0.011
            assert one == other or abs(float(one) - float(other)) <= slack, (title, name)


def test_a_line_of_each_table_is_what_the_simulation_gives(judging):
    compare(judging, "weights by a key", 0.2)


@pytest.mark.slow
def test_every_line_is_what_the_simulation_gives(judging):
    for setup in judging.SETUPS:
        for fraction in judging.FRACTIONS:
            compare(judging, setup, fraction)


def test_the_page_says_what_the_ranges_gave_on_real_tables():
    with (FOLDER / "library.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    of = {
        float(line["sampled"]): line
        for line in lines
        if (line["measure"], line["tables"]) == ("population_unique_share", "real, held out")
    }
    (held,) = [line for line in DOC.splitlines() if line.startswith("| range holds |")]
    assert cells(held)[1:] == [f"{float(line['held']):.2f}" for line in of.values()]
    for column in ("shown", "shown without", "width", "width without"):
        (row,) = [line for line in DOC.splitlines() if line.startswith(f"| {column} |")]
        assert cells(row)[1:] == [f"{float(line[column]):.2f}" for line in of.values()]
    for kind in {line["tables"] for line in lines}:
        uniques = [
            line
            for line in lines
            if (line["measure"], line["tables"]) == ("population_unique_share", kind)
        ]
        files = sum(int(line["files"]) for line in uniques)
        shown = sum(int(line["files"]) * float(line["shown"]) for line in uniques)
        assert shown >= files / 2, kind
    for line in lines:
        assert float(line["held"]) >= 0.95, line


def test_the_page_says_how_the_affine_law_held_on_other_files():
    with (FOLDER / "affine_law.csv").open(newline="", encoding="utf-8") as file:
        lines = {(line["files"], line["law"]): line for line in csv.DictReader(file)}
    for files, law in lines:
        if law != "as landed":
            continue
        landed, before = lines[files, law], lines[files, "2, 0.03"]
        given, held, low, high = (
            f"{float(landed[name]):.3f}" for name in ("given", "held of given", "low", "high")
        )
        said = f"{held} ({low} to {high})", f"{float(before['given']):.3f}"
        assert f"| {files} | {given} | {said[0]} | {said[1]} |" in DOC
        # Intervals of 95 % hold in 95 of 100 files or more, by the whole of the binomial interval.
        assert float(landed["low"]) >= 0.95
