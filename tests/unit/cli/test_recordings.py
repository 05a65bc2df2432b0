"""A browser's recording: what was sent, what was shown, what could be counted up, as findings."""

import csv
import json

import pytest

from privaudit.cli import main

# Of 40 records: every number from 300 to 349 but ten; a page shows the name, a script reads the id.
IDS = [n for n in range(300, 350) if n % 5]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    people = [{"id": n, "nom": f"Zxqvname{n}", "opinion": "pour", "note": "diabetique"}
              for n in IDS]  # fmt: skip
    answers = [
        ("/", "text/html", "<p>Zxqvname301</p>"),
        ("/app.js", "application/javascript", "row.id"),
        ("/api/people", "application/json", {"results": people}),
        ("/api/people/301", "application/json", people[0]),
    ]
    entries = [
        {"request": {"url": f"https://app.example{url}"},
         "response": {"content": {"mimeType": kind,
                                  "text": body if isinstance(body, str) else json.dumps(body)}}}
        for url, kind, body in answers
    ]  # fmt: skip
    (folder / "app.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    asked = ["inspect", str(folder / "app.har"), "--as-of", "2016-11-08", "--lang", "fr"]
    assert main([*asked, "--out", str(folder / "out")]) == 0
    return folder / "out"


def test_what_was_sent_is_a_finding_with_its_number(report):
    found = json.loads((report / "findings.json").read_text("utf-8"))["findings"]
    value = {one["id"]: one["value"] for one in found if one["id"].startswith("recording.")}
    assert value == {
        "recording.received": 40, "recording.received_again": 0, "recording.fields_shown": 0.25,
        "recording.fields_named": 0.25, "recording.fields_unused": 0.5,
        # From 301 to 349 there are 49 numbers.
        "recording.numbers_received": pytest.approx(40 / 49), "recording.numbers_left": 9,
        "recording.addresses_by_number": 1,
    }  # fmt: skip
    with (report / "tables" / "findings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum("recording" in str(row) for row in rows) == 8


def test_no_cell_of_a_recording_leaves_it(report):
    for path in report.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "Zxqvname" not in text
            assert "diabetique" not in text
    assert "en comptant" in (report / "annex.html").read_text(encoding="utf-8")
