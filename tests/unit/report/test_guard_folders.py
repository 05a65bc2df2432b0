"""What a folder of reports tells beside its findings: unions, third tables, other outputs.

Each adversary has what leaves: findings, tables, pages, documents, what a command prints. Nothing
here is taken from the guard.
"""

import itertools
import json
import math
import os
import re
from dataclasses import replace
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from privaudit.cli import main
from privaudit.columns.roles import Roles
from privaudit.report.guard import shown_of
from privaudit.results.measures import guarded
from privaudit.results.rows import Row
from privaudit.tables.measure import measure
from tests.fixtures.adversary import ends
from tests.unit.report.test_guard_attacked import random_table

SMALL = 11


def few(rng, cells, n, filled):
    """A column of n cells of which some are filled."""
    column = np.full(n, None, dtype=object)
    column[rng.choice(n, filled, replace=False)] = rng.choice(cells, filled)
    return column


@pytest.fixture(scope="module")
def seized(tmp_path_factory):
    """150 members: 4 telephones, 3 addresses, 6 with a religion, 45 and 10 notes; a description."""
    folder, rng, n = tmp_path_factory.mktemp("seized"), np.random.default_rng(5), 150
    first, second = np.full(n, None, dtype=object), np.full(n, None, dtype=object)
    # Of the ten notes of the second column one stands beside a note of the first.
    first[:45], second[44:54] = rng.choice(["Diabetique", "Absent"], 45), "Repasser"
    pd.DataFrame({
        "telephone": few(rng, [f"06{k:08d}" for k in range(40)], n, 4), "ville": "Joinville",
        "adresse": few(rng, [f"{k} Rue Haute" for k in range(1, 40)], n, 3),
        "age": rng.choice([20, 30, 40], n), "sexe": rng.choice(["F", "M"], n),
        "religion": few(rng, ["a", "b"], n, 6), "note": first, "commentaire": second,
    }).to_csv(folder / "membres.csv", index=False)  # fmt: skip
    assert main(["rules", "--init", str(folder / "d.toml")]) == 0
    for path in folder.iterdir():
        # 02:54:54, so that a number of records is never looked for in a time of day.
        os.utime(path, (1480560894, 1480560894))
    return folder


def made(folder, command, name, *asked):
    """Write a report of the members, once; return its folder."""
    out = folder / name
    if not out.exists():
        files = {
            "dossier": ["--description", str(folder / "d.toml"), "--exhibit", "x"],
            "rules": ["--pia", str(folder / f"{name}.pia.json")],
        }.get(command, [])
        what = folder / ("d.toml" if command == "rules" else "membres.csv")
        of = ["--table", str(folder / "membres.csv")] if command == "rules" else []
        day = [] if command == "table" else ["--as-of", "2018-06-01"]
        assert main([command, str(what), *of, *files, *day, *asked, "--out", str(out)]) == 0
    return out


def findings(out):
    return json.loads((out / "findings.json").read_text("utf-8"))["findings"]


def texts(out):
    """The text of every page and document of a folder."""
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        if path.suffix in (".html", ".txt", ".svg"):
            text = path.read_text("utf-8")
        elif path.suffix == ".docx":
            with ZipFile(path) as packed:
                text = packed.read("word/document.xml").decode()
        else:
            continue
        # Digits of a style, of the place of a mark or of a time of day are no count.
        text = re.sub(r"<(style|script)\b.*?</\1>", " ", text, flags=re.DOTALL)
        text = re.sub(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b", " ", text)
        yield path, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize("command", ["dossier", "rules"])
def test_the_tests_of_anonymity_tell_no_column_that_is_withheld(command, seized):
    """Four are named and none is alone: of 4 telephones "4 of 150 are named, or alone"."""
    out = made(seized, command, command)
    tests = [f for f in findings(out) if f["family"] == "wp216" and f["measure"] != "inference"]
    assert [f for f in tests if f["value"] is not None and f["bound"] != "lower"] == []
    said = " ".join(text for _, text in texts(out))
    assert not re.search(r"\b[1-9] of 150 records (is|are|can be) (named|tied)", said)


def test_a_file_for_the_pia_tool_tells_no_column_that_is_withheld(seized):
    made(seized, "rules", "rules")
    answers = (seized / "rules.pia.json").read_text("utf-8")
    # Four, three or seven of 150.
    assert not re.search(r"\b(2[.,]7|2[.,]0|4[.,]7).%", answers)


def test_the_notes_of_a_record_tell_no_column_that_is_withheld(seized):
    """54 records have a note, 45 the first: the second has 9 or 10."""
    out = made(seized, "dossier", "dossier")
    assert [f for f in findings(out) if f["measure"] == "note_holds"] == []
    assert not any(re.search(r"\b54\b(?! ?%)", text) for path, text in texts(out)
                   if path.suffix != ".svg")  # fmt: skip


@pytest.mark.parametrize("command", ["table", "dossier"])
def test_what_is_withheld_says_so_and_why_in_both_languages(command, seized):
    """In `findings.json`: that fewer than 11 are counted, or would be known; no other number."""
    out = made(seized, command, command)
    ours = [
        f for f in findings(out)
        if f["withheld"] or {"range_for_few", "levels_would_show"} & {n["key"] for n in f["notes"]}
    ]  # fmt: skip
    assert len(ours) > 10
    for finding in ours:
        for lang, begins in (("en", "With"), ("fr", "Masqué")):
            text = finding["sentence"][lang]
            assert re.search(r"(fewer than|moins de) 11\b", text), text
            assert begins in text or finding["low"] is not None
            # The name of a measure may have parameters; of the row there is no number.
            label = text.partition(": " if lang == "en" else "\u00a0: ")[0]
            assert re.findall(r"\d+", text.removeprefix(label)) == ["11"]
    assert main(["report", "--verify", str(out)]) == 0


def numbers_of(out):
    """The data of a report: findings apart from their sentences, and the tables."""
    rows = [{k: v for k, v in f.items() if k != "sentence"} for f in findings(out)]
    tables = {p.name: p.read_bytes() for p in sorted((out / "tables").glob("*.csv"))
              if not p.name.startswith("figure_")}  # fmt: skip
    return rows, tables


@pytest.mark.parametrize("command", ["table", "dossier"])
def test_a_report_in_another_language_has_the_same_data(command, seized):
    """Two languages of one report: no number stands in one alone."""
    one = made(seized, command, command)
    two = made(seized, command, f"{command}_fr", "--lang", "fr")
    assert numbers_of(one) == numbers_of(two)


def test_json_and_what_a_command_prints_have_no_number_beside_the_findings(seized, capsys):
    made(seized, "table", "table")
    capsys.readouterr()
    out = seized / "json"
    asked = ["table", str(seized / "membres.csv"), "--sensitive", "religion", "--json"]
    assert main([*asked, "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == json.loads((out / "findings.json").read_text("utf-8"))
    # Steps, seconds and the folder: no count.
    said = re.sub(r"report: \S+|\d+/\d+|\(\d+ s\)", "", printed.err)
    assert re.findall(r"\d+", said) == []


def test_a_requirement_tells_nothing_but_the_findings(tmp_path, capsys):
    """Of a key whose rarest level has 7 records: of each k between 1 and 10 the same answer."""
    levels = np.repeat(["north", "south", "west"], [140, 53, 7])
    pd.DataFrame({"zone": levels}).to_csv(tmp_path / "t.csv", index=False)
    out = ["--out", str(tmp_path / "out")]
    asked = ["table", str(tmp_path / "t.csv"), "--key", "zone", *out, "--require"]
    answers = {}
    for k in range(1, 12):
        status = main([*asked, f"k_anonymity>={k}"])
        verdict = re.search(r"required .*?: ([^;]*); it is (.*)", capsys.readouterr().out)
        answers[k] = status, *verdict.groups()
    assert answers[1][:2] == (0, "holds")
    assert len({answers[k] for k in range(2, 11)}) == 1
    assert answers[11][0] == 3


def holders_of_the_rarer(rows, blanks):
    """The counts of the rarer of two values that the guesses of a report leave."""
    left = None
    for row in rows:
        number = "value" if row.measure == "vulnerability_prior" else "baseline"
        if row.measure not in ("vulnerability_prior", "alpha", "vulnerability_held_out"):
            continue
        between = ends(row, 10, number)
        if between is not None and not math.isnan(between[0]):
            low, high = (row.n * (1 - end) - blanks for end in between[::-1])
            fits = {c for c in range(1, round(row.n)) if low - 1e-6 <= c <= high + 1e-6}
            left = fits if left is None else left & fits
    return left or set()


@pytest.mark.parametrize(
    "seed", [*range(8), 11, 21, *(pytest.param(k, marks=pytest.mark.slow) for k in range(50, 110))]
)
def test_reports_that_read_blanks_otherwise_narrow_no_rare_value(seed):
    """A note counts the blanks: of all others but the commonest value's some have the rarer."""
    rng = np.random.default_rng(seed)
    n, rare, blanks = int(rng.choice([60, 120, 200, 400])), *rng.integers((1, 1), (11, 40)).tolist()
    opinion = np.array(["z"] * rare + [None] * blanks + ["y"] * (n - rare - blanks), dtype=object)
    rng.shuffle(opinion)
    table = pd.DataFrame({"a": rng.choice(3, n), "b": rng.choice(4, n), "opinion": opinion})
    left = set(range(1, n))
    for key, missing in itertools.product((["a"], ["a", "b"]), ("value", "likely")):
        rows = measure(table, Roles(key=key, sensitive="opinion"), missing=missing).rows
        for row in rows:
            if row.printed is not None and not math.isnan(row.printed[0] + row.value):
                assert row.printed[0] - 1e-6 <= row.value <= row.printed[1] + 1e-6
        fits = holders_of_the_rarer(guarded(rows), blanks if missing == "value" else 0)
        left = left & fits or left
    assert rare in left
    assert max(left) - min(left) > 2


def found_in(tables):
    """The rows of three tables on what each has in common with another, 1 to 10 withheld."""
    rows = []
    for one, two in itertools.permutations(tables, 2):
        both, n = len(tables[one] & tables[two]), len(tables[one])
        rows.append(
            Row(measure="found_in", value=both / n, unit="share", n=n, counts="records",
                part={"table": one, "other": two, "by": "name"}, cell=True)
        )  # fmt: skip
    return rows


def narrowed_pairs(rows, truth):
    """Pairs of 1 to 10 that an integer programme over the parts of three tables narrows to two."""
    parts = [set(c) for k in (1, 2, 3) for c in itertools.combinations("abc", k)]

    def line(names):
        return np.array([float(set(names) <= part) for part in parts])

    rules, hidden = [], set()
    for row in rows:
        pair = row.part["table"], row.part["other"]
        rules.append((line(pair[0]), len(truth[pair[0]])))
        if row.withheld:
            hidden.add(tuple(sorted(pair)))
        else:
            rules.append((line(pair), round(row.value * row.n)))
    known = {}
    for pair in hidden:
        both = len(truth[pair[0]] & truth[pair[1]])
        if both >= SMALL:
            continue
        lines, sums = zip(*rules, strict=True)
        equal = LinearConstraint(np.array(lines), sums, sums)
        small = LinearConstraint(line(pair), 1, SMALL - 1)
        ends = [
            milp(sign * line(pair), constraints=[equal, small], bounds=Bounds(0, 500),
                 integrality=1) for sign in (1, -1)
        ]  # fmt: skip
        least, most = (abs(round(end.fun)) for end in ends)
        assert least <= both <= most
        if most - least <= 2:
            known[pair] = least, both, most
    return known


@pytest.fixture
def guarded_rows(study, measured):
    def of(rows):
        family = measured("linked_tables")
        return shown_of(study(measures=[replace(family, rows=rows)])).rows["linked_tables"]

    return of


@pytest.mark.parametrize("seed", range(60))
def test_what_two_tables_share_is_not_told_by_a_third(seed, guarded_rows):
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 130, 3)
    truth = {
        name: {*range(at, at + int(rng.integers(25, 60)))}
        for name, at in zip("abc", start, strict=True)
    }
    assert narrowed_pairs(guarded_rows(found_in(truth)), truth) == {}


def test_a_third_table_tells_where_the_guard_does_not_look():
    """Of 50 records 40 are in one table and 18 in another: eight in both at least, of ten."""
    truth = {"a": {*range(100)}, "b": {*range(92, 180)}, "c": {*range(60, 110)}}
    assert narrowed_pairs(guarded(found_in(truth)), truth) == {("a", "b"): (8, 8, 10)}


def test_an_inventory_and_a_report_of_one_table_count_the_same_blanks(tmp_path):
    """Seven of 150 lack a faith: what one of both tells the other does not withhold."""
    rng = np.random.default_rng(3)
    faith = np.array([*rng.choice(["a", "b"], 143), *[None] * 7], dtype=object)
    people = {"age": rng.choice([20, 30, 40], 150), "sexe": rng.choice(["F", "M"], 150)}
    pd.DataFrame(people | {"religion": faith}).to_csv(tmp_path / "membres.csv", index=False)
    for command in ("inspect", "table"):
        asked = [command, str(tmp_path / "membres.csv"), "--out", str(tmp_path / command)]
        assert main(asked) == 0
    (filled,) = (
        row["value"] for row in findings(tmp_path / "inspect")
        if row["measure"] == "filled" and row["part"]["column"] == "religion"
    )  # fmt: skip
    assert filled == 143
    counted = {row["n"] for row in findings(tmp_path / "table") if row["measure"] == "alpha"}
    assert counted == {filled}


def aged(tmp_path, many, n=60):
    """People of whom so many have an age; everybody has a sex and a town."""
    rng = np.random.default_rng(8)
    age = np.array([*rng.choice([20, 30], many), *[None] * (n - many)], dtype=object)
    people = {"age": age, "sexe": rng.choice(["F", "M"], n), "ville": rng.choice(["a", "b"], n)}
    pd.DataFrame(people).to_csv(tmp_path / "membres.csv", index=False)
    return str(tmp_path / "membres.csv"), ["--out", str(tmp_path / "out")]


@pytest.mark.parametrize(("many", "status"), [(10, 2), (11, 0)])
def test_a_key_that_one_to_ten_records_have_is_refused(many, status, tmp_path, capsys):
    """An inventory withholds how many have it: all records, less those that a note counts."""
    file, out = aged(tmp_path, many)
    assert main(["table", file, "--key", "age,sexe", *out]) == status
    if status:
        told = "needs keys that 11 records have, or none, but got 'age', which fewer have"
        assert told in capsys.readouterr().err


@pytest.mark.parametrize("key", ["person", "user_id", "userId", "utilisateur"])
@pytest.mark.parametrize("beside", ["", ",item"])
def test_the_people_of_a_log_are_no_key(key, beside, tmp_path, capsys):
    """A report would print that five of forty people have 5 to 10 events, which `traces` hides."""
    rng = np.random.default_rng(1)
    who = [f"p{k}" for k in rng.integers(0, 40, 100)]
    pd.DataFrame({key: who, "item": rng.integers(0, 20, 100)}).to_csv(tmp_path / "log.csv")
    asked = ["table", str(tmp_path / "log.csv"), "--key", key + beside]
    assert main([*asked, "--out", str(tmp_path / "out")]) == 2
    assert f"needs keys that name nobody, but got '{key}'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "levels", "status"),
    [("member_id", 10, 0), ("member_id", 11, 2), ("id", 11, 2), ("section_id", 20, 0),
     ("section_id", 111, 2), ("libelle", 20, 0), ("nom", 20, 0), ("person", 20, 2)],
)  # fmt: skip
def test_a_number_of_ten_levels_is_a_key(key, levels, status, tmp_path):
    """Of ten people or fewer nothing is printed; more may be people, and no section is one."""
    pd.DataFrame({key: np.arange(220) % levels}).to_csv(tmp_path / "t.csv")
    asked = ["table", str(tmp_path / "t.csv"), "--key", key]
    assert main([*asked, "--out", str(tmp_path / "out")]) == status


@pytest.mark.parametrize(("many", "proposed"), [(10, False), (11, True)])
def test_a_key_that_one_to_ten_records_have_is_not_proposed(many, proposed, tmp_path):
    file, out = aged(tmp_path, many)
    assert main(["table", file, *out]) == 0
    (note,) = (
        note for note in json.loads((tmp_path / "out" / "findings.json").read_text())["notes"]
        if note["key"] == "roles_proposed"
    )  # fmt: skip
    assert ("age" in note["values"]["key"]) is proposed


def test_how_many_records_have_every_key_is_told_of_eleven(study):
    """Of 60 records 30 have each key, and ten both."""
    for both, told in ((10, None), (11, 60 - 11)):
        key = np.full((60, 2), None, dtype=object)
        key[:30, 0], key[30 - both : 60 - both, 1] = "x", "y"
        key[:4, 0], key[50 - both : 54 - both, 1] = "z", "w"
        found = measure(pd.DataFrame(key, columns=["a", "b"]), Roles(key=["a", "b"]))
        notes = {note.key: note.values for note in shown_of_one(study, found).notes}
        assert notes.get("key_gaps_likely", {}).get("records") == told
        assert ("key_gaps_most" in notes) is (told is None)
        assert ("blanks_learnt" in notes) is (told is not None)


def shown_of_one(study, found):
    made = study(measures=[found])
    (one,) = shown_of(made).study(made).measures.values()
    return one


def test_a_comparison_prints_no_number_that_its_two_reports_do_not(tmp_path):
    """Of two versions of a file: a town of 3 and of 8 records, four telephones and seven."""
    told = {}
    for name, few in (("before", 3), ("after", 8)):
        n = 150
        people = {
            "ville": np.repeat(["a", "b"], [n - few, few]), "sexe": ["F", "M"] * (n // 2),
            "telephone": [f"06{k:08d}" if k < few else None for k in range(n)],
            "religion": [*["x"] * (90 - few), *["y"] * few, *[None] * (n - 90)],
        }  # fmt: skip
        pd.DataFrame(people).to_csv(tmp_path / f"{name}.csv", index=False)
        asked = ["table", str(tmp_path / f"{name}.csv"), "--key", "ville,sexe"]
        asked += ["--sensitive", "religion", "--out", str(tmp_path / name)]
        assert main(asked) == 0
        told[name] = {row["id"]: row for row in findings(tmp_path / name)}
    both = ["report", str(tmp_path / "after"), "--against", str(tmp_path / "before")]
    assert main([*both, "--out", str(tmp_path / "out")]) == 0
    numbers = ("value", "low", "high", "n", "baseline", "control", "withheld")
    compared = 0
    for row in findings(tmp_path / "out"):
        side, _, name = row["id"].partition(".")
        if side in told:
            assert [row[of] for of in numbers] == [told[side][name][of] for of in numbers]
        elif side == "change" and row["value"] is not None:
            ends = [told[of][name]["value"] for of in ("before", "after")]
            assert row["value"] == pytest.approx(ends[1] - ends[0], abs=1e-5)
            compared += 1
    assert compared > 10


@pytest.mark.parametrize(("many", "kept"), [(10, False), (11, True)])
def test_a_stated_key_that_one_to_ten_records_have_is_no_key_of_a_dossier(many, kept, tmp_path):
    file, _ = aged(tmp_path, many)
    assert main(["inspect", file, "--out", str(tmp_path / "seen")]) == 0
    text = (tmp_path / "seen" / "roles.toml").read_text("utf-8")
    (line,) = (line for line in text.splitlines() if line.startswith("key ="))
    stated = line if '"age"' in line else line.replace("[", '["age", ', 1)
    (tmp_path / "roles.toml").write_text(text.replace(line, stated), "utf-8")
    assert main(["rules", "--init", str(tmp_path / "d.toml")]) == 0
    asked = ["dossier", file, "--roles", str(tmp_path / "roles.toml"), "--exhibit", "x"]
    asked += ["--description", str(tmp_path / "d.toml"), "--as-of", "2018-06-01"]
    assert main([*asked, "--out", str(tmp_path / "out")]) == 0
    notes = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))["notes"]
    (taken,) = (note["values"]["columns"] for note in notes if note["key"] == "keys_taken")
    assert ("age" in taken) is kept


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """The comparison of the reports of two tables, as `report --against` prints it."""
    reports = {}

    def report(table):
        text = table.to_csv(index=False)
        if text not in reports:
            folder = tmp_path_factory.mktemp("report")
            (folder / "table.csv").write_text(text, "utf-8")
            asked = ["table", str(folder / "table.csv"), "--key", "a,b", "--sensitive", "opinion"]
            assert main([*asked, "--contributions", "--out", str(folder / "out")]) == 0
            reports[text] = folder / "out"
        return reports[text]

    def made(folder, before, after):
        asked = ["report", str(report(after)), "--against", str(report(before))]
        assert main([*asked, "--out", str(folder / "out")]) == 0
        return folder / "out"

    return made


def counted_apart(out):
    """Rows of a comparison whose records, all of them or those of a level, differ by 1 to 10."""
    rows = {row["id"]: row["n"] for row in findings(out) if row["counts"] == "records"}
    pairs = [
        (n, rows.get(f"after.{name.removeprefix('before.')}")) for name, n in rows.items()
        if name.startswith("before.")
    ]  # fmt: skip
    return [pair for pair in pairs if None not in pair and 0 < abs(pair[0] - pair[1]) < SMALL]


@pytest.mark.parametrize(
    ("less", "seed"),
    [
        (1, 1), (10, 2),
        *(pytest.param(1, seed, marks=pytest.mark.heavy) for seed in (2, 3)),
        *(pytest.param(10, seed, marks=pytest.mark.heavy) for seed in (1, 3)),
    ],
)  # fmt: skip
def test_a_comparison_of_files_that_differ_by_few_records_tells_nothing_of_these(
    less, seed, compared, tmp_path
):
    """One record less: a level of 53 has 52 then, so that this is the level of who left."""
    table = random_table(seed)[["a", "b", "opinion"]]
    out = compared(tmp_path, table, table.iloc[less:])
    assert counted_apart(out) == []
    assert all(row["value"] is None for row in findings(out) if row["counts"] == "records")
    page = (out / "index.html").read_text("utf-8")
    assert "Nothing is compared: the two files differ by fewer than 11 people" in page


def test_a_comparison_of_files_that_differ_by_eleven_records_is_made(compared, tmp_path):
    table = random_table(1)[["a", "b", "opinion"]]
    rows = findings(compared(tmp_path, table, table.iloc[SMALL:]))
    assert sum(row["value"] is not None for row in rows if row["family"] == "change") > 10


def test_a_level_that_lost_few_records_is_not_compared(compared, tmp_path):
    """Of 200 records 53 were of a town, and 50 are: three moved, and all others stayed."""
    before = pd.DataFrame({"a": np.repeat(["n", "s", "w"], [100, 53, 47]), "b": list("FM") * 100})
    before = before.assign(opinion=list("yyzz") * 50)
    after = before.assign(a=np.repeat(["n", "s", "w"], [100, 50, 50]))
    out = compared(tmp_path, before, after)
    assert counted_apart(out) == []
    assert any(row["n"] == 100 for row in findings(out) if row["part"].get("level") == "n")
