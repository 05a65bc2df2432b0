"""Totals, repeated headers and rulers are set aside where a file is counted as where it is read."""

import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.io.file_frame import aside_notes
from privaudit.release.read_table import read_table
from privaudit.tables import coded_table
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

TOWNS = ["Brest", "Lyon", "Tours", "Totnes"]
ROWS = [f"{TOWNS[i % 4]};{'FM'[i // 2 % 2]};{20 + i}" for i in range(12)]
# Twelve ages from 20 to 31: their sum by hand.
SUM, MEAN = 306, "25.5"


@pytest.mark.parametrize(
    ("extra", "reasons"),
    [
        ((f"TOTAL;;{SUM}",), {"total_row": 1}), (("Sous-total Brest;;", "Total général;;9"),
                                                 {"total_row": 2}),
        (("commune;sexe;AGE",), {"header_again": 1}), (("-----;;", "\x1a;;"), {"text_line": 2}),
        # No cell is blank: only a sum or a mean is one.
        ((f"Total;F;{SUM}",), {}), ((f"Total;Total;{SUM}",), {"total_row": 1}),
        ((f"Moyenne;moyenne;{MEAN}",), {}), ((f"Moyenne;Moyenne;{MEAN}",), {"total_row": 1}),
        (("Total;Total;44",), {}), (("Total l'an dernier;;", "Tours;F;40"), {"total_row": 1}),
        (("Summer;;",), {}), ((), {}),
    ],
)  # fmt: skip
def test_a_file_that_is_counted_has_the_records_of_one_that_is_read(tmp_path, extra, reasons):
    path = tmp_path / "t.csv"
    lines = ["commune;sexe;age", *ROWS[:6], *extra, *ROWS[6:]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    roles = Roles(key=["commune", "sexe"])
    whole = measure(path, roles, missing="value")
    counted = measure(path, roles, missing="value", memory_limit="1GB")
    notes = aside_notes({Note(why): n for why, n in reasons.items()})
    records = 12 + len(extra) - sum(reasons.values())
    for found in (whole, counted):
        assert found.value("records") == records
        assert [note for note in found.notes if note.key == "rows_set_aside"] == [*notes]
    for word in ("classes", "sample_uniques", "k_anonymity"):
        assert counted.value(word) == whole.value(word)


def test_a_file_just_over_what_is_read_whole_gives_the_records_of_one_just_under(
    tmp_path, monkeypatch
):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["commune;sexe;age", *ROWS, f"TOTAL;;{SUM}"]) + "\n")
    found = []
    for size in (path.stat().st_size, path.stat().st_size - 1):
        monkeypatch.setattr(coded_table, "MOST_BYTES", size)
        found.append(measure(path, Roles(key=["commune", "sexe"]), missing="value"))
    assert len(found[0].per_record) == 12
    assert len(found[1].per_record) == 0
    assert [one.value("records") for one in found] == [12, 12]


# Below are rows of five columns: with four blank, the fifth sums up or says where from.
WIDE = [f"{i};{TOWNS[i % 4]};{'FM'[i // 2 % 2]};{20 + i};vu" for i in range(12)]


@pytest.mark.parametrize(
    ("extra", "reasons"),
    [
        (("Razem;;;;306",), {"total_row": 1}), ((";Genel Toplam;;306;",), {"total_row": 1}),
        ((";Gesamtsumme;;306;", ";Eindtotaal 2016;;306;"), {"total_row": 1}),
        (("Eksport z dnia 2 listopada;;;;",), {"text_line": 1}),
        (("Suma;Brest;F;30;vu",), {}), (("12;Lyon;F;30;",), {}),
    ],
)  # fmt: skip
def test_totals_in_other_languages_and_footers_are_no_records_where_they_are_counted(
    tmp_path, extra, reasons
):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["id;commune;sexe;age;note", *WIDE, *extra]) + "\n", "utf-8")
    counted = measure(path, Roles(key=["commune", "sexe"]), missing="value", memory_limit="1GB")
    notes = aside_notes({Note(why): n for why, n in reasons.items()})
    assert counted.value("records") == 12 + len(extra) - sum(reasons.values())
    assert [note for note in counted.notes if note.key == "rows_set_aside"] == [*notes]


@pytest.mark.parametrize("where", ["whole", "keys", "counted"])
def test_a_total_in_parquet_is_no_record_however_it_is_counted(tmp_path, where):
    path = tmp_path / "gifts.parquet"
    frame = pd.DataFrame(
        [row.split(";") for row in WIDE], columns=["p0", "c1", "sexe", "age", "c0"]
    )
    frame = frame.assign(age=frame["age"].astype(float))
    frame.loc[12] = [None, "Razem", None, 306.0, None]
    frame.to_parquet(path)
    if where == "whole":
        read = read_table(path)
        assert (len(read.records), dict(read.set_aside)) == (12, {Note("total_row"): 1})
        return
    limit = {"memory_limit": "1GB"} if where == "counted" else {}
    found = measure(path, Roles(key=["c1", "sexe"]), missing="value", **limit)
    assert found.value("records") == 12
    assert aside_notes({Note("total_row"): 1})[0] in found.notes
