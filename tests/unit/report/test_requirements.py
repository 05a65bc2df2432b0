"""``--require``: a row of a report meets it, does not, or decides nothing; and the exit status."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.cli import main
from privaudit.errors import ParameterError
from privaudit.report.findings import findings_json, findings_of
from privaudit.report.requirements import outcome_of, requirements

NUMBERS = st.integers(-20, 20).map(float)
# By definition, of every number of a range.
MEETS = {
    ">=": lambda x, n: x >= n,
    ">": lambda x, n: x > n,
    "<=": lambda x, n: x <= n,
    "<": lambda x, n: x < n,
    "==": lambda x, n: x == n,
}


def verdict(text, *rows):
    (one,) = requirements(text, "table")
    return outcome_of(one, rows, "table")


def row(name="table.k_anonymity", **fields):
    return {"id": name, "value": None, "low": None, "high": None, **fields}


@given(st.sampled_from(sorted(MEETS)), NUMBERS, st.lists(NUMBERS, min_size=3, max_size=3))
def test_it_holds_where_every_number_of_the_range_meets_it(sign, number, range_):
    low, value, high = sorted(range_)
    found = verdict(f"k_anonymity{sign}{number}", row(value=value, low=low, high=high))
    # Halves too, which no end of the range is.
    within = [low + step / 2 for step in range(int(2 * (high - low)) + 1)]
    meets = {MEETS[sign](x, number) for x in within}
    assert found.holds == (meets.pop() if len(meets) == 1 else None)


@pytest.mark.parametrize(
    ("text", "fields", "holds", "words"),
    [
        ("k_anonymity>=5", {"value": 5, "low": 5, "high": 5}, True, "5"),
        ("k_anonymity>5", {"value": 5, "low": 5, "high": 5}, False, "5"),
        ("k_anonymity>=5", {"low": 1, "high": 10}, None, "between 1 and 10"),
        ("k_anonymity>=1", {"low": 1, "high": 10}, True, "between 1 and 10"),
        ("k_anonymity>=5", {"withheld": True}, None, "withheld"),
        ("k_anonymity>=5", {"reliable": False, "value": 9, "low": 9, "high": 9}, None,
         "not reliable"),
        ("k_anonymity>=5", {}, None, "not known"),
        ("k_anonymity>=5", {"value": 7}, None, "7, within a range that is not known"),
        ("k_anonymity<=5", {"value": 2, "low": 2, "high": 2, "bound": "upper"}, True, "at most 2"),
        ("k_anonymity>=2", {"value": 2, "low": 2, "high": 2, "bound": "upper"}, None, "at most 2"),
        ("k_anonymity>=2", {"value": 2, "low": 2, "high": 2, "bound": "lower"}, True, "at least 2"),
        ("k_anonymity<=2", {"value": 2, "low": 2, "high": 2, "bound": "lower"}, None, "at least 2"),
        ("k_anonymity<=9", {"value": 2, "low": 1, "high": 3, "between_low": 1, "between_high": 12},
         None, "2 (1 to 12)"),
        ("k_anonymity<=9", {"value": 2, "low": 1, "infinite": ["high"]}, None, "at least 1"),
        ("k_anonymity == 2", {"value": 2, "low": 2, "high": 2}, True, "2"),
        ("k_anonymity == 2", {"value": 2, "low": 1, "high": 2}, None, "2 (1 to 2)"),
    ],
)  # fmt: skip
def test_the_safe_end_decides(text, fields, holds, words):
    found = verdict(text, row(**fields))
    assert (found.holds, found.row) == (holds, words)
    assert ("undecided" in str(found)) == (holds is None)


def test_a_row_is_named_with_its_family_or_without():
    rows = [row(value=7, low=7, high=7), row("unicity.unicity.points_4", value=0, low=0, high=0)]
    assert verdict("table.k_anonymity>=7", *rows).holds
    assert verdict("unicity.points_4<=0", *rows).holds
    twice = [row("a.found"), row("b.found")]
    with pytest.raises(ParameterError, match=r"one row .* but got 2\. Name one: a\.found, b\.fou"):
        verdict("found>=1", *twice)
    with pytest.raises(ParameterError, match="Did you mean 'k_anonymity'"):
        verdict("k_anonimity>=5", *rows)


@pytest.mark.parametrize("text", ["k_anonymity=5", "k_anonymity>=", ">=5", "k>=nan", "k>=five", ""])
def test_what_is_no_requirement_is_refused_before_anything_is_read(text, tmp_path, capsys):
    table = ["table", str(tmp_path / "absent.csv"), "--out", str(tmp_path / "r")]
    assert main([*table, "--require", text or ","]) == 2
    assert "k_anonymity>=5" in capsys.readouterr().err


def test_every_row_of_a_report_can_be_required(town):
    """A row is found by its id, and a requirement of what it is holds where its range is known."""
    rows = json.loads(findings_json(town, findings_of(town)))["findings"]
    for one in rows:
        found = verdict(f"{one['id']}>=-inf", *rows)
        unknown = one["withheld"] or not one["reliable"] or None in (one["low"], one["high"])
        assert found.holds is (None if unknown else True)
    assert len(rows) > 5


@pytest.fixture
def table(tmp_path):
    """96 people, each twelve of whom share age and sex: k is 12 by hand, and no class is small."""
    lines = [f"{30 + i // 24},{'FM'[i // 12 % 2]},x" for i in range(96)]
    path = tmp_path / "people.csv"
    path.write_text("\n".join(["age,sex,opinion", *lines]) + "\n")
    return ["table", str(path), "--key", "age,sex", "--out", str(tmp_path / "r")]


@pytest.mark.parametrize(
    ("given", "status", "last"),
    [
        (["k_anonymity>=12"], 0, "required k_anonymity >= 12: holds; it is 12"),
        (["k_anonymity>=13"], 3, "required k_anonymity >= 13: does not hold; it is 12"),
        (["k_anonymity>=13", "classes==8"], 3, "required classes == 8: holds; it is 8"),
        (["classes==8,k_map>=2"], 3, "required k_map >= 2: undecided, so not met; it is not known"),
    ],
)
def test_the_exit_status_is_3_where_one_does_not_hold(table, given, status, last, capsys):
    options = [word for one in given for word in ("--require", one)]
    assert main([*table, *options]) == status
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_an_unknown_row_ends_with_2_and_the_report_stands(table, tmp_path, capsys):
    assert main([*table, "--require", "k_anonymty>=5"]) == 2
    assert "Did you mean 'k_anonymity'?" in capsys.readouterr().err
    assert (tmp_path / "r" / "findings.json").is_file()


def test_a_summary_without_a_report_is_held_too(table, capsys):
    file = table[1]
    assert main(["inspect", file, "--require", "inspect.no_such_row>=5"]) == 2
    assert "a row of the report" in capsys.readouterr().err


def test_with_json_the_lines_leave_the_answer_alone(table, capsys):
    assert main([*table, "--json", "--require", "k_anonymity>=13"]) == 3
    printed = capsys.readouterr()
    assert json.loads(printed.out)["kind"] == "table"
    assert "required k_anonymity >= 13: does not hold; it is 12" in printed.err
