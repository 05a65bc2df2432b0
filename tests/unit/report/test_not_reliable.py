"""A result that is not reliable prints its reason: no value, no range, no row, no sentence."""

import math
import re
import tomllib
from importlib import resources
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.report.findings import findings_of
from privaudit.report.guard import SLIP, _bounds, only_reliable, refuse_other_counts
from privaudit.report.write import report
from privaudit.results.rows import Row
from privaudit.words.catalogues import Note

# Numbers that stand nowhere else: in percent, of 1,000 and as they are.
VALUE, LOW, HIGH = 0.3571, 0.2963, 0.4187
TRACES = ("3571", "2963", "4187", "35.7", "29.6", "41.9", "35,7", "29,6", "41,9",
          "357 ", "296 ", "419 ")  # fmt: skip
# What a manifest says of files and of the program: digests, the commit, sizes.
OF_FILES = re.compile(r'[0-9a-f]{40,64}|sha256-[A-Za-z0-9+/]{43}=|"bytes": [0-9]+')
REASON = Note("heat_misfit", left=0.5, usual=0.1)
CATALOGUE = tomllib.loads(
    (resources.files("privaudit.words") / "catalogue" / "en.toml").read_text(encoding="utf-8")
)
# Parameters that some reader of rows asks for.
PART = {"what": "note", "without": ("x",), "view": "exact", "attack": "a", "mask": "exact",
        "points": 4, "file": "a.csv", "copies": 2}  # fmt: skip
FAMILIES = sorted({tuple(key.split("__")) for key in CATALOGUE["sentence"]})


def written(study, folder, **more):
    """Return the text of every file of a report by name, without digests and sizes.

    Any four figures stand in one digest of 1,100 by chance.
    """
    page = report(study, folder / "out", **more)
    files = [path for path in page.parent.rglob("*") if path.is_file()]
    return {
        path.name: OF_FILES.sub("", path.read_text("utf-8"))
        for path in files
        if path.suffix in (".html", ".json", ".csv")
    }


def traces_in(files):
    return {(name, t) for name, text in files.items() for t in TRACES if t in text}


def test_no_family_prints_a_number_that_is_not_reliable(measured, study, tmp_path):
    told = {"low": LOW, "high": HIGH, "baseline": 0.0, "part": PART}
    by_family = {}
    for family, *measure in FAMILIES:
        by_family.setdefault(family, set()).add(measure[0].split("_beside")[0])

    def made(reliable):
        rows = {
            family: [(m, VALUE, "share", 1000, "people", told | {"reliable": reliable})
                     for m in sorted(measures)]
            for family, measures in by_family.items()
        }  # fmt: skip
        return study(measures=[measured(f, *r, notes=(REASON,)) for f, r in rows.items()])

    assert len(traces_in(written(made(True), tmp_path / "sure"))) > 4  # the marks are printed
    files = written(made(False), tmp_path / "doubted")
    assert traces_in(files) == set()
    assert "no known kernel explains this heat" in files["annex.html"]
    assert '"heat_misfit"' in files["findings.json"]


def test_a_result_that_does_not_say_which_row_doubts_all(measured, study, tmp_path):
    told = {"low": LOW, "high": HIGH}
    heat = measured(
        "heat", ("claimed", VALUE, "probability", 1000, "addresses", told),
        notes=(REASON,), reliable=False,
    )  # fmt: skip
    assert traces_in(written(study(measures=[heat]), tmp_path)) == set()
    (finding,) = findings_of(study(measures=[heat]))
    assert (finding.reliable, finding.row.notes) == (False, (REASON,))
    assert heat.value("claimed") == VALUE  # in Python the caller gets it


@pytest.mark.parametrize("reliable", [True, False])
def test_an_exposure_its_groups_and_its_rows(reliable, exposed, study, tmp_path):
    zone = np.array(["a", "b"] * 500)
    notes = (Note("dots_unexplained", dots=500, of=1000),)
    found = exposed(n=1000, share=VALUE, control=0.0, groups={"zone": zone}, reliable=reliable,
                    notes=notes)  # fmt: skip
    bins = pd.DataFrame({"gain": ["address"], "confidence": [VALUE], "observed": [LOW],
                         "low": [LOW], "high": [HIGH], "n": [1000.0]})  # fmt: skip
    found = type(found)(
        attack=found.attack, view=found.view, per_person=found.per_person, calibration=bins,
        overall=found.overall, reliable=reliable, notes=notes,
    )  # fmt: skip
    shows = Note("picture_shows", read=300, low=296, about=357, high=419)
    dots = pd.DataFrame({"dot": [1], "address_id": ["x_9"], "probability": [VALUE]})
    of = study(found, provenance="simulated", notes=(shows,), revealed_rows=True)
    files = written(of, tmp_path, extra_tables={"dots": dots})
    if reliable:
        assert {name for name, _ in traces_in(files)} >= {"dots.csv", "findings.csv", "annex.html"}
    else:
        assert traces_in(files) == set()
        assert "x_9" not in files["dots.csv"]
        assert "dots_unexplained" in files["findings.json"]


def test_a_range_in_the_place_of_a_value_stays(measured, study):
    row = ("uniques", math.nan, "share", 1000, "people",
           {"low": 0.1, "high": 0.4, "reliable": False, "notes": (REASON,)})  # fmt: skip
    made = only_reliable(study(measures=[measured("table", row)]))
    assert made.measures["table"].rows[0].high == 0.4
    assert only_reliable(made).measures["table"].rows == made.measures["table"].rows


@pytest.mark.parametrize(
    ("measure", "minors", "alone", "bounds"),
    [
        ("minors", 3, 5, (3, 3)), ("alone_by_keys", 3, 5, (5, 5)),
        ("minors", math.nan, 5, (-math.inf, math.inf)),
        ("alone_by_keys", 3, math.nan, (-math.inf, math.inf)), ("m", 3, 5, (-math.inf, math.inf)),
    ],
)  # fmt: skip
def test_a_row_counts_as_its_inventory_does(measure, minors, alone, bounds):
    row = Row(measure=measure, value=3, unit="records", n=40, counts="records")
    inventory = SimpleNamespace(name="f", n=40, columns=(), minors=minors, alone=alone)
    assert _bounds(row, inventory) == bounds


def column(name, kind, filled, **says):
    return SimpleNamespace(name=name, kind=kind, filled=filled, says=says)


@pytest.mark.parametrize(
    ("measure", "what", "named", "bounds"),
    [
        # What cells speak of is counted by column; of a record several notes may speak.
        ("says", "health", "a", (3, 3)), ("says", "health", None, (3 + 4, 3 + 4)),
        ("says", "union", "b", (-math.inf, math.inf)), ("says", "none", None, (0, 0)),
        ("note_holds", "health", None, (0, 7)), ("note_holds", "union", None, (0, 40)),
        # A column of a kind, and what others say of it; no kind of an inventory bounds nothing.
        ("shown", "email", None, (0, 12 + 2)), ("identified", "any", None, (0, 12 + 2 + 9)),
        ("shown", "health", None, (0, 7)), ("shown", "religion", None, (0, 0)),
        ("shown", "colour", None, (-math.inf, math.inf)),
        ("identified_with", "colour", None, (-math.inf, math.inf)),
        ("records", "email", None, (-math.inf, math.inf)),
    ],
)  # fmt: skip
def test_a_row_counts_no_more_than_its_columns_allow(measure, what, named, bounds):
    part = {"what": what} | ({"column": named} if named else {})
    row = Row(measure=measure, value=3, unit="records", n=40, counts="records", part=part)
    columns = [
        column("a", "note", 20, health=3.0, email=2.0),
        column("c", "email", 12.0),
        column("b", "note", 20, health=4.0, union=math.nan),
        column("d", "name", 9.0),
    ]
    inventory = SimpleNamespace(name="f", n=40, columns=columns, minors=0, alone=0)
    assert _bounds(row, inventory) == bounds


@pytest.mark.parametrize(
    ("value", "unit", "inventories", "good"),
    [
        (3, "records", 1, True), (3 + SLIP / 2, "records", 1, True), (4, "records", 1, False),
        (3 + 2 * SLIP, "records", 1, False), (3 - 2 * SLIP, "records", 1, False),
        (3 / 40, "share", 1, True), (4 / 40, "share", 1, False), (math.nan, "records", 1, True),
        # A file of several parts has an inventory of each, and of another file none is asked.
        (4, "records", 2, True), (4, "records", 0, True),
    ],
)  # fmt: skip
def test_a_row_and_its_inventory_count_alike(value, unit, inventories, good):
    row = Row(measure="minors", value=value, unit=unit, n=40, counts="records")
    one = SimpleNamespace(name="f.csv", file="f.csv", n=40, columns=(), minors=3, alone=0)
    result = SimpleNamespace(name="f.csv", rows=[row])
    made = SimpleNamespace(measures={"inspect": result}, inventories=[one] * inventories)
    if good:
        refuse_other_counts(made)
    else:
        with pytest.raises(AssertionError, match=r"f\.csv: .* counts .*, its inventory 3 to 3"):
            refuse_other_counts(made)
