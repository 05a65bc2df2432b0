"""Names on a command line: what is written is read again, commas and quotes in names included."""

from hypothesis import example, given
from hypothesis import strategies as st

from privaudit.cli import main
from privaudit.text.normalise import join_names, split_names

NAMES = st.text(min_size=1).map(str.strip).filter(bool)


@given(st.lists(NAMES, max_size=5))
@example(["Nom\nde famille", "a\rb"])
def test_what_is_written_is_read_again(columns):
    assert split_names(join_names(columns)) == tuple(columns)


def test_plain_lists_need_no_quotes():
    assert split_names(" sex, age ,,town") == ("sex", "age", "town")
    assert join_names(["sex", "age"]) == "sex,age"


def test_a_header_with_a_comma_is_a_key(tmp_path):
    people = tmp_path / "people.csv"
    rows = "".join(f'"{town}, FR",{age}\n' for town in ("A", "B") for age in range(12))
    people.write_text('"Ville, pays",Age\n' + rows, encoding="utf-8")
    out = tmp_path / "out"
    asked = ["table", str(people), "--key", '"Ville, pays",Age', "--out", str(out)]
    assert main(asked) == 0
    said = (out / "manifest.json").read_text(encoding="utf-8")
    assert "Ville, pays" in said
    assert "24" in (out / "index.html").read_text(encoding="utf-8")
