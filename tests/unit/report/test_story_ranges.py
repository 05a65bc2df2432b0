"""Where blanks or a sample leave a range, the sentence says it beside its number."""

import re

import pandas as pd
import pytest

from privaudit.cli import main


def _without_spans(page):
    """Return a page whose numbers stand in their sentence."""
    return re.sub("</?span[^>]*>", "", page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """Two crowds of 12 and of 30, and 8 records that may belong to either, or to none."""
    file = tmp_path_factory.mktemp("blank") / "f.csv"
    pd.DataFrame({"town": ["a"] * 12 + ["b"] * 30 + [None] * 8, "sex": "F"}).to_csv(file)
    return file


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "the same key variables has {} of the 50 records. Range: 1 to 20."),
        ("fr", "{} des 50 fiches, avec les mêmes variables clés. Fourchette : 1 à 20."),
    ],
)
def test_the_smallest_class_has_the_range_that_blanks_leave(blank, tmp_path, lang, said):
    # Alone with a value of its own, 1; at most all eight join the twelve: 20.
    assert main(["table", str(blank), "--key", "town,sex", "--lang", lang,
                 "--out", str(tmp_path / "r")]) == 0  # fmt: skip
    text = re.sub(
        r"<[^>]+>",
        " ",
        _without_spans(tmp_path / "r/index.html"),
    )
    text = re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))
    value = re.search(re.escape(said).replace(r"\{\}", r"(\d+)"), text)
    assert value
    assert 12 <= int(value[1]) <= 20


def test_a_number_that_is_known_has_no_range(blank, tmp_path):
    full = tmp_path / "full.csv"
    pd.read_csv(blank).fillna("c").to_csv(full)
    assert main(["table", str(full), "--key", "town,sex", "--lang", "en",
                 "--out", str(tmp_path / "r")]) == 0  # fmt: skip
    assert "Range:" not in (tmp_path / "r/index.html").read_text(encoding="utf-8")
