"""Whoever holds a report cannot work out what it withholds: a linear programme tries.

What is known of a report are the numbers that it prints; what is asked for are the counts of the
rows and cells that it withholds. Between them stand the definitions of the measures, which anybody
can read. Nothing here is taken from the guard.
"""

import csv
import io
import json
import math
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from privaudit.cli import main
from privaudit.columns.headers import IDENTIFYING_KINDS
from privaudit.report.write import report
from privaudit.results.measures import guarded, is_small
from privaudit.results.rows import Rows
from privaudit.studies.audit_log import InteractionLog, audit_log
from privaudit.studies.link_releases import SeizedPair, audit_link

SMALL = 11
SLOW = (2, 3, 11, 14, 18, 19, 29)
# A cell that is narrowed to fewer values than this is known.
NARROW = 4


class Unknowns:
    """Counts, what each may be, and the rules between them."""

    def __init__(self):
        self.place, self.low, self.high, self.rules = {}, [], [], []

    def count(self, name, low=0.0, high=math.inf):
        """Say what a count may be; of several sayings all hold."""
        if name not in self.place:
            self.place[name] = len(self.low)
            self.low.append(0.0)
            self.high.append(math.inf)
        at = self.place[name]
        self.low[at], self.high[at] = max(self.low[at], low), min(self.high[at], high)

    def known(self, name, value):
        """Say a count, up to what was rounded away of it."""
        room = max(1e-6, abs(value) * 2e-6)
        self.count(name, value - room, value + room)

    def rule(self, terms, low=-math.inf, high=math.inf):
        """Say between what a sum of counts lies: pairs of a factor and a name."""
        for _, name in terms:
            self.count(name)
        self.rules.append((terms, low, high))

    def below(self, less, more):
        """Say that one count is no more than another."""
        self.rule([(1, more), (-1, less)], low=0)

    def equal(self, one, *others):
        """Say that a count is a sum of others."""
        self.rule([(1, one), *((-1, other) for other in others)], low=-1e-4, high=1e-4)

    def least_and_most(self, name):
        """Solve for the least and the most; whole people, so rounded inwards."""
        above, at_most = [], []
        for terms, low, high in self.rules:
            line = np.zeros(len(self.low))
            for factor, of in terms:
                line[self.place[of]] += factor
            for sign, end in ((1, high), (-1, -low)):
                if math.isfinite(end):
                    above.append(sign * line)
                    at_most.append(end)
        ends = []
        for sign in (1, -1):
            cost = np.zeros(len(self.low))
            cost[self.place[name]] = sign
            found = linprog(
                cost, A_ub=np.array(above) if above else None, b_ub=at_most or None,
                bounds=list(zip(self.low, self.high, strict=True)), method="highs",
            )  # fmt: skip
            # Without an end: anything. Without a solution the rules here are wrong.
            assert found.status in (0, 3), (name, found.message)
            ends.append(-sign * math.inf if found.status == 3 else found.x[self.place[name]])
        least, most = ends
        return math.ceil(least - 1e-3), most if math.isinf(most) else math.floor(most + 1e-3)


def findings(folder):
    """The findings of a report, its notes, and its tables as rows of text."""
    told = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    tables = {
        path.stem: list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        for path in (folder / "tables").glob("*.csv")
    }
    notes = [*told["notes"], *(note for row in told["findings"] for note in row["notes"])]
    return told["findings"], notes, tables


def told_by_rows(unknown, rows, whole=None):
    """Enter what each row says of its counts; return those that it withholds.

    `whole`: Of measures of all dots or records of a file, how many these are: no secret.
    """
    asked = []
    for row in rows:
        if row["measure"] in (whole or {}):
            asked += told_by_group(unknown, row, whole[row["measure"]])
            continue
        n, hits = f"n {row['id']}", f"hits {row['id']}"
        unknown.count(n)
        unknown.count(hits)
        if row["unit"] in ("share", "probability"):
            unknown.below(hits, n)
        if row["n"] is not None:
            unknown.known(n, row["n"])
        if row["withheld"]:
            # Too few are counted, or have it; never nobody.
            if row["n"] is None:
                unknown.count(n, high=SMALL - 1)
                asked.append(n)
            unknown.count(hits, high=SMALL - 1)
            asked.append(hits)
        elif row["bound"] == "lower":
            unknown.count(hits, low=(row["value"] or 0) * row["n"] - 1e-3)
        elif row["value"] is not None and row["n"] is not None:
            share = row["unit"] in ("share", "probability")
            unknown.known(hits, row["value"] * (row["n"] if share else 1))
    return asked


def told_by_group(unknown, row, n):
    """Enter who shows something, and did before the other file came, or columns went."""
    now, before = f"hits {row['id']}", f"before {row['id']}"
    for name in (now, before):
        unknown.count(name, high=n)
    less, more = (now, before) if row["measure"] == "shown_without" else (before, now)
    if row["measure"] in ("shown", "identified", "identified_with"):
        unknown.equal(now, before)
    unknown.below(less, more)
    if not row["withheld"]:
        if row["bound"] == "lower":
            unknown.count(now, low=(row["value"] or 0) * n - 1e-3)
        else:
            unknown.known(now, row["value"] * n)
        if row["baseline"] is not None:
            unknown.known(before, row["baseline"] * n)
        return []
    # One of both is of fewer than 11, and the smaller of them then; or they are apart by so few.
    if row["measure"] in ("shown", "identified", "identified_with"):
        unknown.count(less, high=SMALL - 1)
    return [now, before]


def recovered(unknown, asked):
    """Return what is withheld, and yet is one of fewer than four values."""
    found = {name: unknown.least_and_most(name) for name in asked}
    return {name: ends for name, ends in found.items() if ends[1] - ends[0] < NARROW}


def unknowns(folder, unknown=None):
    """What a report says of a log, and the definitions of what it measures.

    `unknown`: what other reports of the same log say already.
    """
    rows, notes, _ = findings(folder)
    unknown = Unknowns() if unknown is None else unknown
    asked = told_by_rows(unknown, rows)
    by = {row["id"]: row for row in rows}
    people = next(row["n"] for row in rows if row["family"] in ("log_mended", "known_points"))
    parts = {row["id"]: row["part"] for row in rows if row["family"] == "unicity"}
    of = {(part["window"], part["points"]): one for one, part in parts.items()}
    windows = list(dict.fromkeys(window for window, _ in of))
    for one, part in parts.items():
        for other, more in parts.items():
            # Whoever has more distinct points has fewer too, and as many where times tell more.
            fewer = part["window"] == more["window"] and part["points"] < more["points"]
            finer = (part["window"], more["window"]) == ("day", "no_time")
            if fewer or (finer and part["points"] == more["points"]):
                unknown.below(f"n {other}", f"n {one}")
    for note in notes:
        if note["key"] == "fewer_points":
            for held in (one for one in of.values() if note in by[one]["notes"]):
                unknown.known(f"n {held}", people - note["values"]["few"])
    # The same people, looked for in the log as it is.
    for row in rows:
        if row["family"] == "log_mended" and row["part"]["mended"] == "as_it_is":
            finest = of[windows[-1], row["part"]["points"]]
            unknown.known(f"hits {finest}", row["value"] * people)
    for family in ("scoreboard", "match_periods"):
        mine = {row["measure"]: row["id"] for row in rows if row["family"] == family}
        best = mine.get("best_match") or mine.get("matched")
        # Of the same people, and of those who are claimed.
        for measure in ("reidentified", "wrong_claim", "least_lead"):
            if measure in mine:
                unknown.equal(f"n {mine[measure]}", f"n {best}")
        if "right_when_claimed" in mine:
            claims, found, wrong = (
                mine[m] for m in ("right_when_claimed", "reidentified", "wrong_claim")
            )
            unknown.equal(f"n {claims}", f"hits {found}", f"hits {wrong}")
            unknown.equal(f"hits {claims}", f"hits {found}")
        if "calibration_error" in mine:
            twice = mine["calibration_error"]
            unknown.rule([(1, f"n {twice}"), (-2, f"n {best}")], low=0, high=0)
    for note in notes:
        values = note.get("values", {})
        if note["key"] == "lead_learnt":
            # Two searches a person.
            unknown.known("n scoreboard.best_match", values["of"] / 2)
        if note["key"] == "fewer_events":
            unknown.known("n scoreboard.best_match", people - values["people"])
        if note["key"] == "claimed_and_true" and by["match_periods.calibration_error"]["n"]:
            hits = values["true"] * by["match_periods.calibration_error"]["n"]
            unknown.known("hits match_periods.matched.rank_1", hits)
    return unknown, asked


def slow(seeds):
    """Seeds that the daily tests leave out."""
    return [pytest.param(seed, marks=pytest.mark.slow) for seed in seeds]


def once(make):
    """Return a fixture that makes a report of a seed once, in a folder of its own."""

    @pytest.fixture(scope="module")
    def made(tmp_path_factory):
        folders = {}

        def of(seed, **more):
            key = (seed, *more.values())
            if key not in folders:
                folders[key] = make(seed, tmp_path_factory.mktemp(make.__name__), **more)
            return folders[key]

        return of

    return made


def log(seed, tmp_path, points="1,2,3,4,8"):
    """A log of which few people have many events, or few come back in a later period."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(40):
        later = person < int(rng.integers(3, 20))
        for _ in range(int(rng.integers(1, (4, 10)[person < int(rng.integers(2, 16))]))):
            month = int(rng.integers(7, 10 if later else 9))
            item = min(int(rng.exponential(5)), 30)
            rows.append((f"p{person}", f"i{item}", f"2016-{month:02d}-{rng.integers(1, 28):02d}"))
    frame = pd.DataFrame(rows, columns=["person", "item", "day"])
    frame.to_csv(tmp_path / "log.csv", index=False)
    asked = ["traces", str(tmp_path / "log.csv"), "--person", "person", "--item", "item"]
    asked += ["--time", "day", "--at", "2016-09-01", "--points", points]
    out = tmp_path / f"out_{points.replace(',', '_')}"
    assert main([*asked, "--out", str(out)]) == 0
    return out


logs = once(log)


@pytest.mark.parametrize("seed", [*range(5), *slow(range(100, 155))])
def test_no_withheld_cell_of_a_log_is_recovered(seed, logs):
    unknown, asked = unknowns(logs(seed))
    assert recovered(unknown, asked) == {}


@pytest.mark.parametrize("seed", [*range(3), *slow(range(3, 30))])
def test_two_reports_of_one_log_recover_no_withheld_cell(seed, logs):
    """Other numbers of points: what one withholds the other may not tell."""
    unknown, asked = unknowns(logs(seed))
    unknown, more = unknowns(logs(seed, points="2,3,5,8"), unknown)
    assert recovered(unknown, dict.fromkeys([*asked, *more])) == {}


def linked_unknowns(rows, tied=True):
    """What rows say of a table beside a map, and the definitions of what they measure."""
    unknown = Unknowns()
    rows = [row for row in rows if row["family"] == "linked"]
    dots = next(row["n"] for row in rows if row["measure"] == "dot_among")
    records = next(row["n"] for row in rows if row["measure"] == "record_located")
    asked = told_by_rows(unknown, rows, {"dot_tells": dots, "record_tells": records})
    of = {row["measure"]: row["id"] for row in rows}
    found = f"hits {of['address_found']}"
    if "alone_at_address" in of:
        unknown.equal(f"n {of['alone_at_address']}", found)
    if "doors" in of:
        doors, alone = f"hits {of['doors']}", f"hits {of['alone_at_address']}"
        unknown.below(doors, found)
        # Whoever is not alone at a door is there with another at least.
        unknown.rule([(1, found), (1, alone), (-2, doors)], low=0)
        unknown.below(alone, doors)
    if "columns_agree" in of:
        by_place = [
            f"hits {row['id']}" for row in rows
            if row["measure"] == "dot_named" and row["part"]["by"] in ("address", "coordinates")
        ]  # fmt: skip
        for found_there in by_place[:1]:
            unknown.below(f"n {of['columns_agree']}", found_there)
    for measure in ("dot_tells", "record_tells"):
        kinds = {r["part"]["what"]: r["id"] for r in rows if r["measure"] == measure}
        direct = [what for what in IDENTIFYING_KINDS if what in kinds]
        for when in ("hits", "before"):
            names = [f"{when} {kinds[what]}" for what in direct]
            if "identity" in kinds:
                union = f"{when} {kinds['identity']}"
                for name in names:
                    unknown.below(name, union)
                unknown.rule([*((1, name) for name in names), (-1, union)], low=0)
            for what in {"identity", "location", "support"} & {*kinds}:
                if "all_three" in kinds:
                    unknown.below(f"{when} {kinds['all_three']}", f"{when} {kinds[what]}")
        if "location" in kinds:
            unknown.equal(f"before {kinds['location']}", found)
    return unknown, asked


def seized(seed, folder):
    """A table and a map of which few cells are filled, and few addresses found."""
    rng = np.random.default_rng(seed)
    n, doors = 150, 80
    street = pd.DataFrame({"numero": range(1, doors + 1), "nom_voie": "Rue Haute"})
    street = street.assign(code_insee="94042", nom_commune="Joinville", x=650_000.0, y=6_860_000.0)
    street["x"] += 30.0 * street["numero"]
    street.to_csv(folder / "adresses.csv", index=False)

    def some(cells, share):
        return np.where(rng.random(len(cells)) < share, cells, None)

    few = [float(share) for share in rng.choice([0.02, 0.05, 0.09, 0.3], 6)]
    door, dot = rng.integers(1, doors + 1, n), rng.integers(1, doors + 1, 120)
    where = np.array([f"{number} Rue Haute" for number in door], dtype=object)
    people = pd.DataFrame(
        {
            "nom": some(rng.choice(["Petit", "Durand", "Blanc"], n), few[0]),
            "telephone": some(np.array([f"06{k:08d}" for k in range(n)], dtype=object), few[1]),
            "soutien": rng.choice([1, 2, 5], n),
            "adresse": some(where, few[2]),
            "ville": "Joinville",
            "note": some(rng.choice(["Diabetique", "Vote Macron", "Absent"], n), few[3]),
            "commentaire": some(rng.choice(["Diabetique", "Repasser"], n), few[5]),
            "date_naissance": [f"198{y}-05-0{d}" for y, d in rng.integers(1, 9, (n, 2))],
            "religion": some(rng.choice(["a", "b"], n), float(rng.choice([0.04, 0.5, 0.96]))),
        }
    )
    people.to_csv(folder / "membres.csv", index=False)
    names = some(rng.choice(["Petit", "Durand"], 120), few[4])
    leak = pd.DataFrame({"x": 650_000.0 + 30.0 * dot, "y": 6_860_000.0, "nom": names})
    leak.assign(soutien=rng.choice([1, 2, 5], 120)).to_csv(folder / "carte.csv", index=False)


def linked(seed, folder, out="out"):
    """The report of a table beside a map."""
    seized(seed, folder)
    files = [str(folder / name) for name in ("membres.csv", "carte.csv")]
    asked = ["link", *files, "--addresses", str(folder / "adresses.csv"), "--crs", "EPSG:2154"]
    assert main([*asked, "--out", str(folder / out)]) == 0
    return folder / out


@pytest.mark.parametrize("seed", [2, 3, 5, 17, *slow(range(100, 126))])
def test_no_withheld_cell_of_a_table_beside_a_map_is_recovered(seed, tmp_path):
    rows, _, _ = findings(linked(seed, tmp_path))
    unknown, asked = linked_unknowns(rows)
    assert recovered(unknown, asked) == {}


def told_of_few(rows):
    """Kinds that a join tells of 1 to 10 people, or of so many more than before."""
    told, most = {}, {}
    for row in rows:
        if row["measure"] in ("dot_named", "record_located") and row["value"] is not None:
            hits = round(row["value"] * row["n"])
            most.setdefault(row["measure"], set()).add(hits)
    for row in rows:
        if row["measure"] in ("dot_tells", "record_tells") and row["value"] is not None:
            joined = most["dot_named" if row["measure"] == "dot_tells" else "record_located"]
            now, before = (round((row[of] or 0) * row["n"]) for of in ("value", "baseline"))
            # Of a kind that all records of a file show, those who are joined to it are told.
            few = now not in joined and row["bound"] == "" and row["baseline"] is not None
            if few and (0 < now < SMALL or 0 < now - before < SMALL):
                told[row["id"]] = now, before
    return told


@pytest.mark.parametrize("seed", [3, 17, *slow(range(126, 146))])
def test_a_join_tells_nothing_of_one_to_ten_people(seed, tmp_path):
    """Illness of one dot of 120, by both files together: the table withholds its own seven."""
    assert told_of_few(findings(linked(seed, tmp_path))[0]) == {}


def test_what_a_join_tells_of_few_or_of_a_few_more_is_withheld():
    rows = Rows(120, "dots")
    for kind, before, after in (("health", 0, 7), ("note", 40, 47), ("phone", 40, 60)):
        hits = np.arange(120) < after
        rows.share("dot_tells", hits, part={"what": kind}, baseline=before / 120, cell=True)
    assert [row.withheld for row in guarded(rows)] == [True, True, False]


def dossier_unknowns(folder):
    """What a dossier of a table and a map says, and the definitions of what it measures."""
    rows, notes, tables = findings(folder)
    unknown, asked = linked_unknowns(rows)
    linked = {(r["measure"], r["part"]["what"]): r["id"] for r in rows if "_tells" in r["measure"]}
    names = {"membres.csv": ("inventory", "record_tells"), "carte.csv": ("properties", "dot_tells")}
    for file, (family, tells) in names.items():
        mine = [r for r in rows if r["family"] == family and r["part"].get("file", file) == file]
        lines = [line for line in tables["inventory"] if line["file"] == file]
        n = float(lines[0]["records"])
        # Who shows something, once what says who they are is gone: their number stands there too.
        whole = ("shown", "identified", "identified_with", "shown_without")
        asked += told_by_rows(unknown, mine, dict.fromkeys(whole, n))
        shown = {r["part"]["what"]: r["id"] for r in mine if r["measure"] == "shown"}
        asked += cells_of_columns(unknown, file, lines, n)
        for kind, held in shown.items():
            columns = [c["column"] for c in lines if c["holds"] == kind]
            for column in columns:
                unknown.below(f"filled {file} {column}", f"hits {held}")
            within = [f"says {file} {c['column']} {kind}" for c in lines if f"says_{kind}" in c]
            terms = [(1, f"filled {file} {column}") for column in columns]
            unknown.rule([*terms, *((1, name) for name in within), (-1, f"hits {held}")], low=0)
            if (tells, kind) in linked:
                unknown.equal(f"before {linked[tells, kind]}", f"hits {held}")
        of = {(r["measure"], r["part"].get("what")): r["id"] for r in mine}
        if ("identified", None) in of:
            whom = f"hits {of['identified', None]}"
            direct = [f"hits {shown[kind]}" for kind in IDENTIFYING_KINDS if kind in shown]
            for name in direct:
                unknown.below(name, whom)
            unknown.rule([*((1, name) for name in direct), (-1, whom)], low=0)
            # Where fewer than 11 are joined, and nobody was told before, nothing stands of both.
            if (tells, "identity") in linked:
                unknown.equal(f"before {linked[tells, 'identity']}", whom)
            if ("shown_without", "identity") in of:
                unknown.equal(f"before {of['shown_without', 'identity']}", whom)
            for (measure, kind), held in of.items():
                if measure == "identified_with":
                    unknown.below(f"hits {held}", whom)
                    unknown.below(f"hits {held}", f"hits {shown[kind]}")
                    both = [(1, f"hits {held}"), (-1, whom), (-1, f"hits {shown[kind]}")]
                    unknown.rule(both, low=-n)
        for (measure, kind), held in of.items():
            if measure == "shown_without" and kind in shown:
                unknown.equal(f"before {held}", f"hits {shown[kind]}")
        unions_of(
            unknown, file, [r for r in rows if r["part"].get("file", file) == file], of, shown
        )
    held_by_notes(unknown, rows, tables)
    for note in notes:
        if note["key"] in ("sensitive_gaps_left_out", "sensitive_gaps_value"):
            of = note["values"]
            unknown.known(f"filled membres.csv {of['column']}", n_of(tables) - of["records"])
    for row in rows:
        if row["family"] == "table" and row["part"].get("column") and row["n"] is not None:
            unknown.known(f"filled membres.csv {row['part']['column']}", row["n"])
    return unknown, asked


def unions_of(unknown, file, rows, of, shown):
    """Enter unions: records with any note, and those who are named, located or alone."""
    for row in rows:
        if row["measure"] == "note_holds" and row["n"] is not None:
            columns = next(n for n in row["notes"] if n["key"] == "notes_in")["values"]["columns"]
            union(unknown, row["n"], [f"filled {file} {column}" for column in columns])
    who = [f"hits {of['identified', None]}"] if ("identified", None) in of else []
    tested = {r["measure"]: r for r in rows if r["family"] == "wp216" and r["value"] is not None}
    single, by_keys = (
        tested.get("singling_out"),
        [r for r in rows if r["measure"] == "alone_by_keys"],
    )
    if single and single["part"]["tested"] == "table" and not single["bound"] and by_keys:
        alone = f"alone {file}"
        if by_keys[0]["value"] is not None:
            unknown.known(alone, by_keys[0]["value"])
        union(unknown, single["value"] * single["n"], [*who, alone])
    linkable = tested.get("linkability")
    if linkable and linkable["part"]["tested"] == "table" and not linkable["bound"]:
        where = [f"hits {shown['address']}"] if "address" in shown else []
        if who or where:
            union(unknown, linkable["value"] * linkable["n"], [*who, *where])


def union(unknown, size, parts):
    """Say how many are in one of some parts at least."""
    for part in parts:
        unknown.count(part, high=size + 1e-3)
    unknown.rule([(1, part) for part in parts], low=size - 1e-3)


def n_of(tables):
    """How many records the table has."""
    return next(float(c["records"]) for c in tables["inventory"] if c["file"] == "membres.csv")


def cells_of_columns(unknown, file, lines, n):
    """Enter what an inventory says of each column; return the cells that it withholds."""
    asked = []
    for line in lines:
        filled = f"filled {file} {line['column']}"
        unknown.count(filled, high=n)
        if line["filled"]:
            unknown.known(filled, float(line["filled"]))
        else:
            few = line["filled_bound"] == "few"
            unknown.count(filled, *((1, SMALL - 1) if few else (n - SMALL + 1, n - 1)))
            asked.append(filled)
        for what, cell in line.items():
            if what.startswith("says_"):
                name = f"says {file} {line['column']} {what.removeprefix('says_')}"
                unknown.below(name, filled)
                if cell:
                    unknown.known(name, float(cell))
                else:
                    unknown.count(name, 1)
                    asked.append(name)
    return asked


def held_by_notes(unknown, rows, tables):
    """Notes hold what one of their columns says."""
    word = {"child": "children"}
    columns = [c["column"] for c in tables["inventory"] if c["holds"] == "note"]
    for row in rows:
        if row["measure"] == "note_holds":
            what = word.get(row["part"]["what"], row["part"]["what"])
            says = [f"says membres.csv {column} {what}" for column in columns]
            for name in says:
                unknown.below(name, f"hits {row['id']}")
            unknown.rule([*((1, name) for name in says), (-1, f"hits {row['id']}")], low=0)


def dossier(seed, folder, exhibits=("membres.csv", "carte.csv"), lang="en"):
    """The report of a dossier of a table and a map, of one of them, or of the map once masked."""
    seized(seed, folder)
    if "masked.csv" in exhibits:
        asked = ["mask", str(folder / "carte.csv"), "--mask", "donut:50:200", "--seed", "3"]
        assert main([*asked, "--crs", "EPSG:2154", "--out", str(folder / "masked.csv")]) == 0
    assert main(["rules", "--init", str(folder / "d.toml")]) == 0
    files = [str(folder / name) for name in exhibits]
    asked = ["dossier", *files, "--addresses", str(folder / "adresses.csv"), "--exhibit", "x"]
    asked += ["--description", str(folder / "d.toml"), "--as-of", "2016-11-08", "--lang", lang]
    assert main([*asked, "--out", str(folder / "out")]) == 0
    return folder / "out"


dossiers = once(dossier)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", [8, *slow((1, *SLOW)), *slow((100, 102))])
def test_no_withheld_cell_of_a_dossier_is_recovered(seed, dossiers):
    unknown, asked = dossier_unknowns(dossiers(seed))
    assert len(asked) > 10
    assert recovered(unknown, asked) == {}


def counted(folder, file):
    """Numbers of people, or what stands for them, in one file of a dossier; and its inventory."""
    rows, _, tables = findings(folder)
    family = "properties" if file == "carte.csv" else "inventory"
    numbers = ("withheld", "bound", "n", "value", "low", "high", "baseline")
    of = {
        (row["measure"], row["gain"], str(sorted({**row["part"], "file": file}.items()))):
        tuple(row[name] for name in numbers)
        for row in rows
        if row["family"] == family and row["part"].get("file", file) == file
    }  # fmt: skip
    lines = [line for line in tables["inventory"] if line.get("file", file) == file]
    cells = {
        (line["column"], name): cell for line in lines for name, cell in line.items()
        if name != "file" and cell
    }  # fmt: skip
    return of | cells


@pytest.mark.heavy
@pytest.mark.parametrize("seed", [8, *slow((1, 2, 3, 100))])
@pytest.mark.parametrize(
    ("exhibits", "file"),
    [
        (("membres.csv",), "membres.csv"),
        (("carte.csv",), "carte.csv"),
        (("membres.csv", "masked.csv"), "membres.csv"),
    ],
)
def test_a_second_dossier_prints_nothing_of_a_file_that_the_first_withholds(
    exhibits, file, seed, dossiers
):
    """In another language, of fewer exhibits, or beside the map as it was masked."""
    first = counted(dossiers(seed), file)
    second = counted(dossiers(seed, exhibits=exhibits, lang="fr"), file)
    assert len({*first} & {*second}) > 10
    assert {name: (first.get(name), is_) for name, is_ in second.items()
            if is_ != first.get(name)} == {}  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("seed", [8, *slow((1, 2, 3))])
def test_a_folder_of_a_dossier_and_a_link_recovers_no_withheld_cell(seed, dossiers, tmp_path):
    unknown, asked = dossier_unknowns(dossiers(seed))
    linked_rows = [row for row in findings(linked(seed, tmp_path, "linked"))[0]
                   if row["family"] == "linked"]  # fmt: skip
    whole = {"dot_tells": 120.0, "record_tells": 150.0}
    asked += told_by_rows(unknown, linked_rows, whole)
    assert recovered(unknown, dict.fromkeys(asked)) == {}


def edited(made, folder, change):
    """Copy the data of a report, with another line in its findings."""
    for part in ("findings.json", "tables"):
        copy = shutil.copytree if part == "tables" else shutil.copy
        copy(made / part, folder / part)
    told = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    change({row["id"]: row for row in told["findings"]}, told)
    (folder / "findings.json").write_text(json.dumps(told), encoding="utf-8")


def test_the_check_finds_what_is_planted_in_the_report_of_a_log(logs, tmp_path):

    def plant(rows, told):
        # Nine people with eight events: that 31 of 40 have fewer says so.
        assert rows["scoreboard.best_match"]["withheld"]
        told["notes"].append({"key": "fewer_events", "values": {"people": 31}})

    edited(logs(2), tmp_path, plant)
    unknown, asked = unknowns(tmp_path)
    assert recovered(unknown, asked)["n scoreboard.best_match"] == (9, 9)


@pytest.mark.heavy
def test_the_check_finds_what_is_planted_in_a_dossier(dossiers, tmp_path):

    def plant(rows, told):
        # Four of 150 show a telephone: so says who is told by the table alone.
        row = rows["linked.record_tells.what_phone"]
        assert row["withheld"]
        row |= {"withheld": False, "n": 150, "value": 0.3, "baseline": 4 / 150}

    edited(dossiers(8), tmp_path, plant)
    unknown, asked = dossier_unknowns(tmp_path)
    assert recovered(unknown, asked)["filled membres.csv telephone"] == (4, 4)


def other_numbers(study):
    """The same study, another number wherever the guard withholds one."""

    def other(row):
        if not is_small(row):
            return row
        if row.n >= SMALL:
            return replace(row, value=3 / row.n, baseline=2 / row.n)
        return replace(row, n=10 - row.n, value=1 / 3, low=0.1, high=0.5, baseline=0.2)

    held = {
        family: replace(found, rows=tuple(other(row) for row in found.rows))
        for family, found in study.measures.items()
    }
    return replace(study, measures=held)


@pytest.mark.parametrize("what", ["log", "link"])
def test_no_file_of_a_report_changes_with_what_is_withheld(what, tmp_path):
    """Pages, figures and tables too: what they print of a withheld row would show here."""
    if what == "log":
        log(2, tmp_path)
        named = InteractionLog(file=tmp_path / "log.csv", person="person", item="item", time="day")
        study = audit_log(named, points=(1, 2, 3, 4, 8))
    else:
        seized(1, tmp_path)
        files = {"table": "membres.csv", "dots": "carte.csv", "addresses": "adresses.csv"}
        where = {name: tmp_path / file for name, file in files.items()}
        study = audit_link(SeizedPair(crs="EPSG:2154", **where), seed=7)
    changed = other_numbers(study)
    assert any(
        repr(one) != repr(two)
        for family, found in study.measures.items()
        for one, two in zip(found.rows, changed.measures[family].rows, strict=True)
    )
    told = [
        {p.relative_to(out): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}
        for out, of in ((tmp_path / "a", study), (tmp_path / "b", changed))
        if report(of, out, dated=False)
    ]
    assert told[0] == told[1]


def test_what_is_expected_of_few_matches_is_withheld_with_them(tmp_path):
    """Expected matches, or their recall times n, are the sum of the chances of two matches."""
    many = [(name, "Paul") for name in ("Martin", "Durand") for _ in range(69)]
    alone = [("Blanc", "Zoé"), ("Duval", "Luc")]
    for name, rows in (("a", many + alone), ("b", [*many, *alone, *[("Rey", "Max")] * 20])):
        pd.DataFrame(rows, columns=["nom", "prenom"]).to_csv(tmp_path / f"{name}.csv", index=False)
    files = [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]
    assert main(["link", *files, "--out", str(tmp_path / "out")]) == 0
    rows = {row["measure"]: row for row in findings(tmp_path / "out")[0]}
    assert rows["matched"]["withheld"]
    assert rows["match_recall"]["withheld"]
    # Of all that is expected these are few: it tells nothing of them.
    assert rows["expected_matches"]["value"] > 40
