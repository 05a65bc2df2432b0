"""A page quotes the count of its inventory: another count of the same thing stops the program."""

import datetime
from dataclasses import replace

import pandas as pd
import pytest

from privaudit.columns.recognise import column_kinds
from privaudit.columns.roles import Roles
from privaudit.release.inventory import table_inventory, take_inventory
from privaudit.release.release import TableRelease
from privaudit.report.guard import refuse_other_counts
from privaudit.report.write import report
from privaudit.studies.inspect import inspect_files

DAY = datetime.date(2024, 6, 1)
NOTES = ["Vu à la porte ce soir", "Pas intéressé du tout, merci", "A du temps le samedi matin",
         "Rappeler après le travail", "Demande un rendez-vous en mairie"]  # fmt: skip


def canvassed(header, n=800, ill=33, blank=56):
    """Return n people, of whom 33 are told to be ill in a comment, and 56 have none."""
    cells = [
        f"Diabétique, sous insuline depuis {i} ans" if i < ill else NOTES[i % 5] for i in range(n)
    ]
    cells[-blank:] = [None] * blank
    return pd.DataFrame({"nom": [f"Petit{chr(97 + i % 26)}" for i in range(n)], header: cells})


@pytest.mark.parametrize("header", ["CMT", "SEP", "TOC", "AVC", "ALD", "PMR", "pmr", "Date SEP"])
def test_an_acronym_is_no_illness_without_cells_that_agree(header):
    frame = canvassed(header)
    rows = table_inventory(TableRelease(records=frame, roles=Roles())).rows
    ill = [round(r.value * r.n) for r in rows if r.part.get("what") == "health"]
    assert ill == [33]  # by hand: 33 cells speak of an illness
    numbers = pd.DataFrame({"nom": frame["nom"], header: range(800)})
    assert header not in column_kinds(numbers)


@pytest.mark.parametrize("cells", [["oui", "non"], ["0", "1"], ["x", "x"],
                                   ["diabète de type 2", "sclérose en plaques"]])  # fmt: skip
@pytest.mark.parametrize("header", ["ALD", "PMR", "AVC", "SEP"])
def test_an_acronym_with_cells_that_agree_is_one(header, cells):
    frame = pd.DataFrame({"nom": ["Petit", "Roux"] * 20, header: cells * 20})
    assert column_kinds(frame)[header].kind == "health"


def told(study, frame, **more):
    found = table_inventory(TableRelease(records=frame, roles=Roles(), name="a.csv"))
    one = take_inventory(frame, name="a.csv", as_of=DAY)
    return study(measures=[replace(found, name="a.csv")], kind="inspect", inventories=(one,),
                 provenance="audited file", **more)  # fmt: skip


@pytest.mark.parametrize("header", ["CMT", "commentaire", "maladie"])
def test_both_counts_are_one(header, study):
    refuse_other_counts(told(study, canvassed(header)))


def test_another_count_is_an_error_of_the_program(study, tmp_path):
    made = told(study, canvassed("commentaire"))
    found = made.measures["inventory"]
    rows = [replace(r, value=r.value + 0.01) if r.part.get("what") == "health" else r
            for r in found.rows]  # fmt: skip
    wrong = replace(made, measures={"inventory": replace(found, rows=rows)})
    with pytest.raises(
        AssertionError, match=r"a\.csv: 'note_holds.*counts 40.44, its inventory 0 to 33"
    ):
        report(wrong, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("measure", "what", "most"),
    # By hand: 33 cells of an illness, 800 addresses.
    [("identified_with", "health", 33), ("shown", "health", 33), ("identified", None, 800)],
)
def test_an_illness_beside_a_name_is_counted_as_in_the_inventory(measure, what, most, study):
    frame = pd.DataFrame({"mail": [f"petit{i}@exemple.fr" for i in range(800)],
                          "maladie": ["diabète"] * 33 + [None] * 767})  # fmt: skip
    made = told(study, frame)
    refuse_other_counts(made)
    found = made.measures["inventory"]
    mine = [r for r in found.rows if r.measure == measure and r.part.get("what") == what]
    assert [round(r.value * r.n) for r in mine] == [most]
    rows = [replace(r, value=(most + 1) / r.n) if r in mine else r for r in found.rows]
    wrong = replace(made, measures={"inventory": replace(found, rows=rows)})
    with pytest.raises(AssertionError, match=f"counts {most + 1}, its inventory 0 to {most}"):
        refuse_other_counts(wrong)


def test_what_inspect_counts_is_the_inventory(tmp_path):
    frame = canvassed("commentaire").assign(naissance=["1980-02-01", "2014-05-07"] * 400)
    frame.to_csv(tmp_path / "a.csv", index=False)
    made = inspect_files([tmp_path / "a.csv"], as_of=DAY)
    refuse_other_counts(made)
    found = made.measures["inspect"]
    rows = [replace(r, value=399) if r.measure == "minors" else r for r in found.rows]
    with pytest.raises(AssertionError, match="minors"):
        refuse_other_counts(replace(made, measures={"inspect": replace(found, rows=rows)}))


def test_rows_set_aside_for_one_reason_are_summed_over_files(tmp_path):
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path, blank in zip(paths, (2, 3), strict=True):
        people = [f"Petit{chr(97 + i)};Luc" for i in range(20)]
        path.write_text("\n".join(["nom;prénom", *people[:9], *[";"] * blank, *people[9:], ""]))
    aside = inspect_files(paths, as_of=DAY).set_aside
    assert {note.key: n for note, n in aside.items()} == {"empty_line": 5}
