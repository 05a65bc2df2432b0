"""Whoever holds all that an inspection prints cannot work out a count of fewer than 11."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from privaudit.cli import main
from privaudit.columns.free_text import SEARCHED
from privaudit.columns.roles import Roles
from privaudit.release.inventory import table_inventory
from privaudit.release.release import TableRelease
from privaudit.results.measures import guarded

SMALL, ROOM = 11, 4
NOTES = ("Diabétique", "Juif pratiquant", "Vote Macron", "Sa fille de 6 ans", "Absent", "Repasser")


def seized(seed, n):
    """Columns that are nearly full, nearly empty, and notes of which few speak of anything."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"age": rng.integers(1, 95, n), "sexe": rng.choice(list("FM"), n)})
    for i, blanks in enumerate((1, 5, 10, 11, n // 2, n - 11, n - 10, n - 3, n - 1)):
        cells = np.array([f"v{k}" for k in rng.integers(0, rng.choice([2, n]), n)], dtype=object)
        cells[rng.permutation(n)[:blanks]] = None
        frame[f"champ {i}"] = cells
    weights = rng.dirichlet([0.3] * len(NOTES))
    frame["note"] = rng.choice(NOTES, n, p=weights)
    frame.loc[rng.permutation(n)[: rng.integers(0, 15)], "note"] = None
    return frame


def logged(seed, n):
    """A log: most people come back, few are there once, and few have no item."""
    rng = np.random.default_rng(seed)
    once = int(rng.integers(1, 25))
    again = rng.permutation(np.repeat(np.arange((n - once) // 2), 2)[: n - once])
    who = [*(f"o{k}" for k in range(once)), *(f"p{k}" for k in again)]
    item = np.array([f"i{min(int(k), 30)}" for k in rng.exponential(5, len(who))], dtype=object)
    item[rng.permutation(len(who))[: rng.integers(1, 12)]] = None
    days = pd.to_datetime("2016-07-01") + pd.to_timedelta(rng.integers(0, n, len(who)), "D")
    return pd.DataFrame({"person": who, "item": item, "day": days.strftime("%Y-%m-%d")})


def chatted(seed, n):
    """The lines of a group chat: few write often, and few messages say anything."""
    rng = np.random.default_rng(seed)
    said = rng.choice(
        ["Bonjour", "ok", "mon tel 0612345678", *NOTES], n, p=[0.4, 0.3, *[0.3 / 7] * 7]
    )
    who = np.minimum(rng.exponential(2, n).astype(int), 9)
    return "".join(
        f"{1 + k // 60 % 28:02d}/05/2016 à {k // 60 % 24:02d}:{k % 60:02d} - "
        f"{'ABCDEFGHIJ'[w]}na: {text}\n"
        for k, (w, text) in enumerate(zip(who, said, strict=True))
    )


def ranges(table, n):
    """Least and most that each withheld cell may be: its place to its range."""
    at = {}
    for row in range(len(table)):
        for name in ("filled", "alone", *(f"says_{what}" for what in SEARCHED)):
            at[row, name] = len(at)
    low, high = np.zeros(len(at)), np.full(len(at), float(n))
    above = []

    def least(bound, *terms):
        one = np.zeros(len(at))
        for factor, place in terms:
            one[place] += factor
        above.append((one, bound))

    for row, line in table.iterrows():
        filled = at[row, "filled"]
        if pd.notna(line["filled"]):
            low[filled] = high[filled] = line["filled"]
        else:
            low[filled], high[filled] = 1, SMALL - 1
        alone = at[row, "alone"]
        if pd.notna(line.get("alone")):
            low[alone] = high[alone] = line["alone"]
        least(0, (1, filled), (-1, alone))
        if pd.notna(line["distinct"]):
            # A value that is not alone is there twice at least; all but those once are none.
            least(2 * line["distinct"], (1, filled), (1, alone))
            high[alone] = min(high[alone], line["distinct"])
            # Each value that is not alone is there twice; who is alone may be withheld, under 11.
            alone = SMALL - 1 if pd.isna(line["alone"]) else line["alone"]
            low[filled] = max(low[filled], line["distinct"], 2 * line["distinct"] - alone)
            if line["distinct"] == line["alone"]:
                high[filled] = min(high[filled], line["alone"])
        for what in SEARCHED:
            cell, shown = at[row, f"says_{what}"], line[f"says_{what}"]
            if pd.notna(shown):
                low[cell] = high[cell] = shown
            else:
                low[cell] = 1
            least(0, (1, filled), (-1, cell))
    found = {}
    for (row, name), place in at.items():
        # What is withheld with a small count is not itself one.
        if name not in table or pd.notna(table.loc[row, name]):
            continue
        ends = []
        for sign in (1, -1):
            cost = np.zeros(len(at))
            cost[place] = sign
            rule = LinearConstraint(np.array([a for a, _ in above]), [b for _, b in above], np.inf)
            solved = milp(cost, constraints=rule, bounds=Bounds(low, high), integrality=1)
            ends.append(round(solved.x[place]))
        found[row, name] = tuple(ends)
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", [seized, logged, chatted])
def test_no_withheld_cell_can_be_worked_out(kind, seed, tmp_path):
    made, file = kind(seed, (60, 240, 900)[seed]), tmp_path / "file.csv"
    if kind is chatted:
        file = tmp_path / "chat.txt"
        file.write_text(made, encoding="utf-8")
        n = made.count("\n")
    else:
        made.to_csv(file, index=False)
        n = len(made)
    out = tmp_path / "out"
    asked = ["inspect", str(file), "--as-of", "2016-11-08", "--out", str(out)]
    assert main(asked) == 0
    table = pd.read_csv(out / "tables" / "inventory.csv")
    counts = table[["filled", *(f"says_{what}" for what in SEARCHED)]].to_numpy()
    shown = counts[~np.isnan(counts)]
    assert not ((shown > 0) & (shown < SMALL)).any()
    for cell, (least, most) in ranges(table, n).items():
        assert most - least >= ROOM, (cell, least, most)
    # Rows say no more than the table.
    told = json.loads((out / "findings.json").read_text(encoding="utf-8"))["findings"]
    for row in told:
        if row["measure"] in ("says", "minors", "adds") and row["value"] is not None:
            assert row["value"] == 0 or abs(row["value"]) >= SMALL


def test_the_test_sees_a_cell_that_comes_back():
    # Five of 240 records are filled: withheld, but five values that are nobody else's say so.
    line = {"filled": None, "filled_bound": "few", "distinct": 5, "alone": 5}
    table = pd.DataFrame([line | {f"says_{what}": 0 for what in SEARCHED}])
    assert ranges(table, 240)[0, "filled"] == (5, 5)


def test_few_notes_among_many_are_no_number():
    note = ["Diabétique"] * 3 + ["Absent"] * 40
    people = pd.DataFrame({"prenom": ["Zoé"] * 5 + [None] * 38, "note": note})
    found = table_inventory(TableRelease(records=people, roles=Roles()))
    few = [row for row in guarded(found.rows) if row.withheld]
    assert {(row.measure, row.part.get("what")) for row in few} >= {
        ("note_holds", "health"), ("shown", "name"), ("identified", None),
    }  # fmt: skip
    assert all(np.isnan(row.value) for row in few)
