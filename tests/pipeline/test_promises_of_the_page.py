"""What every report promises its reader, held on a demo, a table and a log, in both languages."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main

HOUSEHOLD = re.compile(r"\bfoyers?\b|\bhouseholds?\b|\bm[ée]nages?\b", re.IGNORECASE)
ADDRESS = re.compile(r"\baddress(es)?\b|\badresses?\b|\bimmeubles?\b", re.IGNORECASE)
# Names of what somebody holds or would take, not of what is found.
RUNG = re.compile(
    r"nearest address|adresse la plus proche|address file|fichier d[’']adresses"
    r"|at each address|chaque adresse"
    r"|addresses with most households"
    r"|adresses? (?:qui ont|ayant|où vivent|aux?|comptant) le plus de foyers",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def reports(french_demo, tmp_path_factory):
    """Make the report of each kind once."""
    folder, rng = tmp_path_factory.mktemp("promises"), np.random.default_rng(5)
    pd.DataFrame(
        {
            "age": rng.integers(18, 95, 300),
            "sex": rng.choice(["F", "M"], 300),
            "opinion": rng.choice(["left", "right"], 300),
        }
    ).to_csv(folder / "people.csv", index=False)
    pd.DataFrame(
        {
            "account": rng.integers(0, 40, 600),
            "page": rng.integers(0, 90, 600),
            "when": pd.Timestamp("2016-08-01") + pd.to_timedelta(rng.integers(0, 30, 600), "D"),
        }
    ).to_csv(folder / "likes.csv", index=False)
    asked = {
        "table": ["table", str(folder / "people.csv"), "--key", "age,sex", "--sensitive",
                  "opinion", "--contributions"],
        "log": ["traces", str(folder / "likes.csv"), "--person", "account", "--item", "page",
                "--time", "when"],
    }  # fmt: skip
    made = {"demo": french_demo}

    def report(kind):
        if kind not in made:
            assert main([*asked[kind], "--lang", "fr", "--out", str(folder / kind)]) == 0
            made[kind] = folder / kind
        return made[kind]

    return report


@pytest.fixture(params=["demo", "table", "log"])
def folder(request, reports):
    return reports(request.param)


def told(folder):
    return json.loads((folder / "findings.json").read_text(encoding="utf-8"))


def sentences(folder, **wanted):
    """Every sentence, in each language, of the findings with these fields."""
    return [
        (finding["id"], lang, RUNG.sub("", text))
        for finding in told(folder)["findings"]
        if all(finding[name] == value for name, value in wanted.items())
        for lang, text in finding["sentence"].items()
        if text
    ]


def test_an_address_is_never_called_a_household(reports):
    said = sentences(reports("demo"), gain="address")
    families = {name.split(".")[0] for name, _, _ in said}
    assert families >= {"map", "screenshots"}
    assert {lang for _, lang, _ in said} == {"en", "fr"}
    assert [one for one in said if HOUSEHOLD.search(one[2])] == []


def test_a_household_is_never_called_an_address(reports):
    said = sentences(reports("demo"), gain="household", family="map")
    assert said
    assert [one for one in said if ADDRESS.search(one[2])] == []


def test_every_row_of_an_attack_has_its_control(reports):
    rows = [f for f in told(reports("demo"))["findings"] if f["family"] == "map"]
    assert {f["gain"] for f in rows} == {"address", "household", "person", "opinion"}
    for row in rows:
        known = row["value"] is None or (row["control"] is not None and row["residual"] is not None)
        assert known or row["notes"], row["id"]
        if row["value"] is not None and row["control"] is not None and row["control"] < 1:
            net = (row["value"] - row["control"]) / (1 - row["control"])
            assert row["residual"] == pytest.approx(net, abs=1e-4), row["id"]


def test_every_row_of_a_log_that_isolates_somebody_has_its_control(reports):
    rows = [f for f in told(reports("log"))["findings"] if f["measure"] == "unicity"]
    assert rows
    for row in rows:
        assert row["control"] is not None, row["id"]
        assert row["residual"] is not None, row["id"]


def test_a_control_that_is_not_nil_is_said_with_the_number(reports):
    """Gross never stands alone: the sentence has the control, or what is left without it."""
    checked = 0
    for kind in ("demo", "log"):
        for row in told(reports(kind))["findings"]:
            if row["residual"] is None or row["control"] < 5e-3 or row["withheld"]:
                continue
            n, nets = row["n"], {"residual": row["residual"], "control": row["control"]}
            for lang, text in row["sentence"].items():
                numbers = {float(t.replace(",", ".")) for t in re.findall(r"\d+(?:[.,]\d+)?", text)}
                near = {round(v * n) for v in nets.values()} | {
                    round(v * 100, 1) for v in nets.values()
                }
                near |= {round(v * 100) for v in nets.values()}
                said = any(abs(a - b) <= 1 for a in numbers for b in near)
                assert not text or said or row["residual"] <= 0, (row["id"], lang, text)
                checked += bool(text)
    assert checked


def test_a_difference_of_shares_is_in_points_or_people(folder):
    for name, _, text in sentences(folder, unit="difference"):
        assert not re.search(r"\d[\s\u00a0]?%", text), (name, text)


def test_parts_of_a_score_never_add_to_more_than_their_key(reports):
    rows = [f for f in told(reports("table"))["findings"] if f["measure"] == "suda_score_with"]
    keys = {f["part"]["key"]: f["value"] for f in rows if "level" not in f["part"]}
    assert set(keys) == {"age", "sex"}
    for key, whole in keys.items():
        parts = [f["value"] for f in rows if f["part"]["key"] == key and "level" in f["part"]]
        assert sum(part for part in parts if part is not None) <= whole + 1e-4
    # What several keys carry overlaps, and adds to more than all: it is said as no part of one.
    for row in rows:
        assert "level" in row["part"] or not any(row["sentence"].values()), row["id"]


def test_notes_are_keys_with_values_and_no_sentence(folder):
    content = told(folder)
    notes = [*content["notes"], *(n for f in content["findings"] for n in f["notes"])]
    assert all(re.fullmatch(r"[a-z0-9_]+", note["key"]) for note in notes)


def test_the_command_can_be_typed_again(folder):
    command = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["command"]
    kind = told(folder)["kind"]
    assert command.startswith(f"privaudit {'traces' if kind == 'log' else kind}")
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8", "replace")
            assert not re.search(r"--[a-z-]+[ =](CODE|FILE|SPEC|A,B|V1)\b", text), path.name


def test_a_french_page_shows_no_name_of_a_column_of_ours(folder):
    """`presumed_leaning`, `score_band` and measures' names are the machine's, not the reader's."""
    for name in ("index.html", "annex.html"):
        text = (folder / name).read_text(encoding="utf-8")
        text = re.sub(r"<(style|code|pre|script)\b.*?</\1>", "", text, flags=re.DOTALL)
        text = re.sub(r"<[^>]*>", " ", re.sub("</?span[^>]*>", "", text))
        text = re.sub(r"\S+\.(csv|svg|json|html)\b", "", text)
        raw = set(re.findall(r"(?<![\w.])[a-z]+_[a-z_]+(?![\w.])", text))
        assert raw == set(), name
