"""A sample's page says how many of those alone in it are alone where it was drawn, or why none."""

import re

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main

KEY = ["sex", "age", "station"]


def _without_spans(page):
    """Return a page whose numbers stand in their sentence."""
    return re.sub("</?span[^>]*>", "", page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A sample of a fifth, the population, and by pandas who is alone in the one and in both."""
    rng = np.random.default_rng(31)
    n = 12_000
    everybody = pd.DataFrame(
        {"sex": rng.choice(["F", "M"], n), "age": rng.integers(18, 95, n),
         "station": rng.choice([f"b{i}" for i in range(40)], n)}
    )  # fmt: skip
    some = everybody.sample(2_400, random_state=4)
    # Born on days of seventy years: as many classes as records, and no model of them.
    born = pd.Timestamp("1930-01-01") + pd.to_timedelta(rng.integers(0, 25_000, len(some)), "D")
    weighted = some.assign(age=born, weight=np.round(rng.lognormal(1.5, 0.8, len(some)), 3))
    folder = tmp_path_factory.mktemp("sample")
    for name, frame in (("all", everybody), ("some", some), ("weighted", weighted)):
        frame.to_csv(folder / f"{name}.csv", index=False)
    in_all, in_some = everybody.groupby(KEY).size(), some.groupby(KEY).size()
    alone = in_some[in_some == 1].index
    return folder, len(alone), int((in_all.loc[alone] == 1).sum())


def lead_of(folder, out, lang, *asked):
    command = ["table", str(folder / asked[0]), "--key", ",".join(KEY), *asked[1:]]
    assert main([*command, "--lang", lang, "--out", str(out)]) == 0
    text = re.sub(
        r"<[^>]+>",
        " ",
        _without_spans(out / "index.html"),
    )
    return re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Of these {}, {} are alone in the population too."),
        ("fr", "Sur ces {}, {} sont seules aussi dans la population."),
    ],
)
def test_where_the_population_is_given_it_is_counted(drawn, tmp_path, lang, said):
    folder, alone, both = drawn
    text = lead_of(folder, tmp_path / "r", lang, "some.csv", "--population",
                   str(folder / "all.csv"))  # fmt: skip
    thousands = " " if lang == "fr" else ","
    assert said.format(f"{alone:,}".replace(",", thousands), both) in text


def test_where_a_fraction_is_given_the_range_holds_the_count(drawn, tmp_path):
    folder, alone, both = drawn
    text = lead_of(folder, tmp_path / "r", "en", "some.csv", "--sampling-fraction", ".2")
    pattern = r"Of these ([\d,]+), about ([\d,]+) are alone in the population too"
    found = re.search(pattern + r" \(([\d,]+) to ([\d,]+)\)", text)
    assert found is not None
    told, about, low, high = (int(one.replace(",", "")) for one in found.groups())
    assert told == alone
    assert low <= min(about, both)
    assert high >= max(about, both)


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "cannot be determined."), ("fr", "On ne peut dire combien")]
)
def test_where_it_cannot_be_told_the_reason_stands(drawn, tmp_path, lang, said):
    text = lead_of(drawn[0], tmp_path / "r", lang, "weighted.csv", "--weight", "weight")
    assert said in text


def test_a_file_that_is_no_sample_says_nothing_of_a_population(drawn, tmp_path):
    text = lead_of(drawn[0], tmp_path / "r", "en", "some.csv").partition("What was found")[0]
    assert "alone in the population" not in text
