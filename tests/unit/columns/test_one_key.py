"""Spellings that are one key, and values that are two, in the file that a command reads."""

import pytest

import privaudit as pa
from privaudit.cli import main


def _k(tmp_path, cells):
    file = tmp_path / "t.csv"
    file.write_text("place,x\n" + "".join(f"{cell},1\n" for cell in cells), encoding="utf-8")
    result = pa.measure(file, roles=pa.Roles(key="place"))
    return result.value("k_anonymity"), {note.key for note in result.notes}


@pytest.mark.parametrize(
    "other", ["L’Haÿ-les-Roses", "L'HAY-LES-ROSES", "L'Haÿ–les–Roses", "L'hay-les-roses"]
)
def test_spellings_of_one_town_are_one_key_with_a_note(tmp_path, other):
    k, notes = _k(tmp_path, ["L'Haÿ-les-Roses"] * 99 + [other])
    assert k == 100
    assert notes & {"case_made_alike", "spelling_made_alike"}


@pytest.mark.parametrize(
    ("one", "other"), [("1.1", "1.10"), ("2.50", "2.5"), ("aB3xK9", "Ab3xk9"), ("qT7", "Qt7")]
)
def test_versions_and_ids_that_differ_stay_two(tmp_path, one, other):
    k, _ = _k(tmp_path, [one] * 60 + [other] * 40)
    assert k == 40


def test_a_number_written_with_and_without_decimals_is_one(tmp_path):
    assert _k(tmp_path, ["1"] * 60 + ["1.0"] * 40)[0] == 100


def test_an_output_folder_behind_a_link_to_nothing_is_refused(tmp_path, capsys):
    file = tmp_path / "t.csv"
    file.write_text("sex,age\n" + "F,30\nM,40\n" * 20)
    link = tmp_path / "out"
    link.symlink_to(tmp_path / "elsewhere")
    for out in (link, link / "report"):
        assert main(["table", str(file), "--key", "sex", "--out", str(out)]) == 2
        assert "a link to nothing" in capsys.readouterr().err
    assert not (tmp_path / "elsewhere").exists()
