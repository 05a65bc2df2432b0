"""What leaves by the other doors of a report: pages, figures, documents, tables, what is printed.

An adversary reads every text of a folder, in two languages, and what the commands print: no cell of
a person stands there, and no number of 1 to 10 people that `findings.json` does not give.
"""

import contextlib
import csv
import html
import io
import json
import re
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main

SMALL = 11
# Cells that no list of names, streets or illnesses has.
LAST = ("Quenivet", "Zylberaj", "Brocquevieille", "Oudjedoub")
FIRST = ("Hermelinde", "Gontranette", "Waldemarck", "Ysoldine")
OTHERS = ("verlorenhoek", "quelpostier", "kropotchine", "karaite", "mandeen", "0677", "677 ")
CELLS = re.compile(rf"(?<!\w)({'|'.join([*LAST, *FIRST, *OTHERS])})", re.IGNORECASE)
WHO = "records?|people|persons?|dots?|households?|accounts?|holders?|entries|guesses|targets|"
WHO += "enregistrements?|lignes?|personnes?|points? marqués?|foyers?|comptes?|fiches?"
_OF = re.compile(r"(?<![\w.,/-])(\d+) (?:of|sur)(?: the| les)? (\d+)(?![\w]|[.,]\d)")
_COUNT = re.compile(rf"(?<![\w.,/–-])(\d+) (?:{WHO})\b", re.IGNORECASE)
# Constants of the page, ticks of an axis, and ends of an interval, which is inverted elsewhere.
_NO_COUNT = re.compile(
    r"95 %|9[58][.,]1 % (?:of the cells counted|des cellules comptées)|"
    r"^ ?[1-9]0 % ?$|\d % (?:to|à) [−\d.,]+ %"
)
# Error rates of simulated lists: the same in every report.
_SIMULATED = re.compile("people of two simulated lists|personnes de deux listes simulées")
_SHARE = re.compile(r"(?<![\w.,/-])(\d+)([.,]\d+)? %")


def made_up(seed, folder):
    """Write a table, a map, a log and addresses, of whose cells few are filled."""
    rng, n = np.random.default_rng(seed), 160

    def some(cells, filled):
        column = np.array(cells, dtype=object)
        column[rng.permutation(n)[filled:]] = None
        return column

    few = rng.integers(1, SMALL, 4).tolist()
    last, first = rng.choice(LAST, n), rng.choice(FIRST, n)
    doors = pd.DataFrame({"numero": range(1, 81), "nom_voie": "Impasse Verlorenhoek"})
    doors = doors.assign(code_insee="94042", nom_commune="Joinville", x=650_000.0, y=6_860_000.0)
    doors["x"] += 30.0 * doors["numero"]
    doors.to_csv(folder / "adresses.csv", index=False)
    notes = ["Diabetique suivi Dr Kropotchine", "Vote Macron depuis 2012", "Absent"]
    pd.DataFrame({
        "nom": last, "prenom": first,
        "telephone": some([f"0677{k:06d}" for k in rng.integers(10**5, 10**6, n)], few[0]),
        "email": [f"{a}.{last[k]}{k}@quelpostier.fr" for k, a in enumerate(first)],
        "adresse": some([f"{k} Impasse Verlorenhoek" for k in rng.integers(1, 81, n)], few[1]),
        "ville": "Joinville", "soutien": rng.choice([1, 2, 5], n, p=[0.93, 0.05, 0.02]),
        "note": some(rng.choice(notes, n), int(rng.integers(20, 80))),
        "commentaire": some(rng.choice(notes, n), few[2]),
        "religion": some(rng.choice(["karaite", "mandeen"], n), few[3]),
        "date_naissance": [f"19{rng.integers(40, 99)}-05-1{k}" for k in rng.integers(0, 9, n)],
    }).to_csv(folder / "membres.csv", index=False)  # fmt: skip
    names = {"nom": rng.choice(LAST, 120), "prenom": rng.choice(FIRST, 120)}
    dots = {"x": 650_000.0 + 30.0 * rng.integers(1, 81, 120), "y": 6_860_000.0}
    dots |= {"soutien": rng.choice([1, 2, 5], 120)}
    pd.DataFrame(dots | names).to_csv(folder / "carte.csv", index=False)
    pd.DataFrame({
        "personne": [f"{a} {b}" for a, b in zip(first, last, strict=True)],
        "objet": rng.integers(0, 30, n), "jour": [f"2016-07-{k}" for k in rng.integers(10, 29, n)],
    }).to_csv(folder / "journal.csv", index=False)  # fmt: skip


def commands(folder):
    """Each command that writes a report of these files."""
    table, dots, where = (str(folder / f"{name}.csv") for name in ("membres", "carte", "adresses"))
    ground, text = ["--addresses", where, "--crs", "EPSG:2154"], str(folder / "d.toml")
    log = ["--person", "personne", "--item", "objet", "--time", "jour", "--at", "2016-07-20"]
    pia = ["--pia", str(folder / "pia.json"), "--as-of", "2018-06-01"]
    exhibit = ["--exhibit", "x", "--description", text, "--as-of", "2016-11-08"]
    return {
        "inspect": ["inspect", table, "--as-of", "2016-11-08"],
        "table": ["table", table, "--contributions"],
        "traces": ["traces", str(folder / "journal.csv"), *log],
        "rules": ["rules", text, "--table", table, *pia],
        "link": ["link", table, dots, *ground],
        "map": ["map", dots, *ground, "--mask", "none"],
        "dossier": ["dossier", table, dots, "--addresses", where, *exhibit],
    }


def run(asked, out, lang="en"):
    """Run a command; return all texts of its folder, and what it printed."""
    said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said[0]), contextlib.redirect_stderr(said[1]):
        assert main([*asked, "--lang", lang, "--json", "--out", str(out)]) == 0
    places = re.compile(rf"{re.escape(str(out.parent))}\S*")
    told = {f"printed {k}": places.sub("", one.getvalue()) for k, one in enumerate(said)}
    pia = out.parent / "pia.json"
    for path in sorted({*out.rglob("*"), *([pia] if pia.exists() else [])}):
        if path.is_file() and path.suffix != ".png":
            told |= {f"{path.name} {part}": text for part, text in parts_of(path)}
    pia.unlink(missing_ok=True)
    return told


def parts_of(path):
    """Yield the texts of a file: of a page what is read, drawn, read aloud and scripted."""
    if path.suffix == ".docx":
        with ZipFile(path) as packed:
            for name in packed.namelist():
                if name.endswith(".xml"):
                    text = re.sub(r"</w:(p|tc)>", " ¶ ", packed.read(name).decode())
                    yield name, html.unescape(re.sub(r"<[^>]+>", "", text))
        return
    text = path.read_text("utf-8")
    if path.suffix in (".html", ".svg"):
        yield "script", " ¶ ".join(re.findall(r"<script\b[^>]*>(.*?)</script>", text, re.DOTALL))
        text = re.sub(r"<(style|script)\b.*?</\1>", " ", text, flags=re.DOTALL)
        spoken = re.findall(r'\b(?:alt|aria-label|title|content)="([^"]*)"', text)
        yield "spoken", html.unescape(" ¶ ".join(spoken))
        text = re.sub(r"</(p|li|t[dhr]|div|h\d|text|title|desc|d[dt]|\w*caption)>", " ¶ ", text)
        text = html.unescape(re.sub(r"<[^>]+>", " ", text))
    yield "text", text


def given(text):
    """Return the numbers that ``findings.json`` gives, and how many a file has."""
    told = json.loads(text)
    numbers, sizes = set(), set()

    def add(value):
        if isinstance(value, dict | list):
            for one in value.values() if isinstance(value, dict) else value:
                add(one)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            numbers.update((float(value), 100.0 * value))
        elif isinstance(value, str):
            numbers.update(map(float, re.findall(r"\d+", value)))

    for row in told["findings"]:
        add({name: value for name, value in row.items() if name not in ("sentence", "n")})
        n = row["n"] or 0
        if row["counts"] in ("records", "dots", "people"):
            sizes.add(n)
        for beside in ("baseline", "control"):
            if None not in (row["value"], row[beside]):
                numbers.add(100 * (row["value"] - row[beside]))
        for end in ("value", "low", "high", "baseline", "control"):
            if row[end] is not None:
                numbers.update((row[end] * n, (1 - row[end]) * n, 100 * row[end]))
    add([told["notes"], told["recipe"], told["set_aside"]])
    return np.array(sorted(numbers)), sizes


def told_of_few(texts, findings):
    """Numbers of 1 to 10 people, or all but so many, of texts that the findings do not give."""
    numbers, sizes = given(findings)
    found = []

    def is_new(value, room=1e-6):
        return not (np.abs(numbers - value) <= room + 1e-6 * abs(value)).any()

    def is_new_count(count):
        # An expected number is written as a whole one.
        return not (np.rint(numbers) == count).any()

    def is_few(count, size):
        return 0 < count < SMALL or 0 < size - count < SMALL

    for name, text in texts.items():
        plain = re.sub(r"(?<=\d)[\u202f\u00a0,](?=\d{3})", "", text)
        for line in re.split(r"¶|\n", re.sub(r"[ \u202f\u00a0]+", " ", plain)):
            if _SIMULATED.search(line):
                continue
            for match in _OF.finditer(line):
                count, size = map(int, match.groups())
                if size in sizes and is_few(count, size) and is_new_count(count):
                    found.append((name, match.group(), line.strip()[:200]))
            for match in _COUNT.finditer(line):
                if 0 < int(match[1]) < SMALL and is_new_count(int(match[1])):
                    found.append((name, match.group(), line.strip()[:200]))
            for match in _SHARE.finditer(_NO_COUNT.sub("", line)):
                decimals = len(match[2] or ".") - 1
                share, room = float((match[1] + (match[2] or "")).replace(",", ".")), 0.5
                room *= 10.0**-decimals
                near = [
                    size for size in sizes if size
                    for count in (*range(1, SMALL), *(size - k for k in range(1, SMALL)))
                    if abs(100 * count / size - share) <= room
                ]  # fmt: skip
                if near and is_new(share, room):
                    found.append((name, match.group(), line.strip()[:200]))
    return found


def told_by_tables(folder):
    """Cells of the CSV files of a report that count 1 to 10 records, or all but so many."""
    counting = {"filled", "alone", "adds", "texts", "searched", "least", "again", "n", "count"}
    found = []
    for path in sorted((folder / "tables").glob("*.csv")):
        rows = csv.DictReader(io.StringIO(path.read_text("utf-8")))
        for row in rows if path.name not in ("findings.csv",) else ():
            for name, cell in row.items():
                if (name in counting or name.startswith("says_")) and cell:
                    count = abs(float(cell))
                    if 0 < count < SMALL:
                        found.append((path.name, name, cell, [*row.values()][:3]))
    return found


def attacked(seed, folder, names, langs=("en", "fr")):
    """Attack the reports of some commands in some languages; return what is told, and by what."""
    made_up(seed, folder)
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["rules", "--init", str(folder / "d.toml")]) == 0
    asked, told, many = commands(folder), [], 0
    for name in names:
        for lang in langs:
            out = folder / f"{name}_{lang}"
            texts = run(asked[name], out, lang)
            findings = (out / "findings.json").read_text("utf-8")
            assert json.loads(texts["printed 0"]) == json.loads(findings)
            many += len(texts)
            told += [(name, lang, door, cell) for door, text in texts.items()
                     for cell in set(CELLS.findall(text))]  # fmt: skip
            less = {door: text for door, text in texts.items()
                    if not door.startswith(("findings.json", "printed 0", "manifest"))}  # fmt: skip
            told += [(name, lang, *one) for one in told_of_few(less, findings)]
            told += [(name, lang, *one) for one in told_by_tables(out)]
    return told, many


@pytest.mark.parametrize("seed", [5, pytest.param(6, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name", ["inspect", "table", "traces", "rules", "link", "map",
             pytest.param("dossier", marks=pytest.mark.heavy)],
)  # fmt: skip
def test_no_text_of_a_report_tells_a_cell_or_few_people(name, seed, tmp_path):
    told, texts = attacked(seed, tmp_path, [name])
    assert texts > 20
    assert told == []


@pytest.mark.parametrize(
    "planted",
    [
        "7 of 160 show a telephone", "153 sur 160 n'ont pas de téléphone", "by 7 records",
        "4.4 % of them show one", "95,6 % ne montrent rien", "so does Quenivet", "0677123456",
    ],
)  # fmt: skip
def test_the_adversary_reads_what_is_planted(planted):
    """Seven of 160, where the findings have 90 and 40 of 160."""
    numbers = dict.fromkeys(("low", "high", "baseline", "control"))
    row = {"value": 0.5625, "n": 160, "counts": "records", "part": {"of": 40}, **numbers}
    findings = json.dumps({"findings": [row], "notes": [], "recipe": {}, "set_aside": []})
    assert CELLS.search(planted) or told_of_few({"page": f"<p> {planted}."}, findings)
    assert (
        told_of_few({"page": "90 of 160, which is 56.25 % or 56 %; 95 % interval"}, findings) == []
    )


@pytest.mark.parametrize(("many", "told"), [(10, False), (11, True)])
def test_a_note_on_some_of_ten_dots_is_withheld_with_them(many, told, tmp_path):
    """A map of ten dots shows no number of people: nor that one of ten stands on no address."""
    made_up(1, tmp_path)
    doors = pd.read_csv(tmp_path / "adresses.csv")
    dots = doors.loc[: many - 1, ["x", "y"]].assign(soutien=1)
    dots.loc[0, "x"] += 15.0
    dots.to_csv(tmp_path / "carte.csv", index=False)
    texts = run(commands(tmp_path)["map"], tmp_path / "out")
    found = [text for text in texts.values() if re.search(rf"\b1 (dot )?of {many}\b", text)]
    assert bool(found) is told
