"""Sentences drawn at random say the numbers that they rest on, and the noun of their gain."""

import json
import math
import random
import re

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.words.catalogues import Words

DRAWN, SEED = 25, 20161018
STEMS = {
    "address": {"en": r"\baddress", "fr": r"\badresse"},
    "household": {"en": r"\bhouseholds?\b", "fr": r"\bfoyers?\b"},
}
NUMBER = {
    "en": r"−?\d+(?:,\d{3})*(?:\.\d+)?",
    "fr": r"−?\d+(?:\u202f\d{3})*(?:,\d+)?",
}
UNITS = r"[\s\u00a0]*(%|points?\b)?"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Three thousand records of which a few are alone, and an opinion that is pure noise."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 95, 3_000),
            "sex": rng.choice(list("FM"), 3_000),
            "commune": rng.choice(["Aubrac", "Brune", "Carse"], 3_000, p=[0.6, 0.35, 0.05]),
            "opinion": rng.choice(["left", "right", "none"], 3_000, p=[0.4, 0.35, 0.25]),
        }
    )
    path = tmp_path_factory.mktemp("table") / "people.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    rng = np.random.default_rng(5)
    weight = 1 / np.arange(1, 121)
    rows = [
        (f"a{who}", f"page{page}")
        for who in range(300)
        for page in rng.choice(120, size=rng.integers(3, 15), p=weight / weight.sum())
    ]
    path = tmp_path_factory.mktemp("log") / "log.csv"
    pd.DataFrame(rows, columns=["account", "page"]).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def findings(table, log, french_demo, tmp_path_factory):
    """What each report holds, by its kind."""
    out = tmp_path_factory.mktemp("out")
    runs = {
        "table": ["table", str(table), "--key", "age,sex,commune", "--sensitive", "opinion"],
        "log": ["traces", str(log), "--person", "account", "--item", "page"],
    }
    for kind, run in runs.items():
        assert main([*run, "--out", str(out / kind)]) == 0
    folders = {"demo": french_demo} | {kind: out / kind for kind in runs}
    return {
        kind: json.loads((folder / "findings.json").read_text(encoding="utf-8"))["findings"]
        for kind, folder in folders.items()
    }


def says_why(finding):
    """Whether a sentence says why a number is withheld, and none of its row."""
    notes = {note["key"] for note in finding["notes"]}
    return finding["withheld"] or bool(notes & {"range_for_few", "levels_would_show"})


def drawn(findings, lang):
    """Return the findings of a report whose sentences were drawn."""
    told = [f for f in findings if f["sentence"].get(lang) and not says_why(f)]
    return random.Random(SEED).sample(told, min(DRAWN, len(told)))


def half_up(value):
    return math.floor(abs(value) + 0.5) * (1 if value >= 0 else -1)


def rests_on(finding):
    """Return what may be counted in a sentence, in percent and in points: from the row alone."""

    def known(name):
        value = finding.get(name)
        return math.nan if value is None else float(value)

    n, value, control = known("n"), known("value"), known("control")
    share = finding["unit"] in ("share", "probability", "difference")
    counts = {n, *(known(name) for name in ("value", "baseline", "baseline_low", "baseline_high"))}
    if share:
        counts |= {half_up(abs(value) * n)}
        if finding["family"] == "table":
            # Its range, which blanks or a sample leave.
            counts |= {half_up(known(end) * n) for end in ("low", "high") if known(end) >= 0}
        if finding["unit"] == "probability":
            counts |= {half_up(known("baseline") * n)} if known("baseline") >= 0 else set()
        if control == control:
            # The digits of findings.json may make 9.5 a little less.
            chance = half_up(round(control * n, 3))
            counts |= {chance, n - chance, max(0, half_up(value * n) - chance)}
            for end in ("residual_low", "residual_high"):
                if known(end) == known(end):
                    counts |= {half_up(max(0.0, known(end)) * (n - chance))}
    names = ("value", "low", "high", "baseline", "control", "residual", "residual_low")
    claims = ("confidence", "confidence_low", "confidence_high")
    shares = {100 * known(name) for name in (*names, "residual_high", *claims)}
    parts = [*finding["part"].values(), finding.get("view", ""), finding.get("copies", "")]
    named = {float(x) for x in re.findall(r"\d+(?:\.\d+)?", json.dumps(parts))}
    shares |= {100 * x for x in named}
    return counts | {known("low"), known("high")} | named, shares


def constants(finding, lang):
    """Return the numbers that the catalogue itself writes: 95 % intervals, 100 draws."""
    words = Words(lang)
    key = f"sentence.{finding['family']}__{finding['measure']}"
    text = words.template(key) if words.has(key) else ""
    text += " ".join(words.name("part", value) for value in finding["part"].values())
    return {95.0, *(float(x) for x in re.findall(r"\d+", re.sub(r"\{[^}]*\}", "", text)))}


def complaints(text, finding, lang):
    """Return the numbers of a sentence that its row does not give, and nouns of another gain."""
    counts, shares = rests_on(finding)
    fixed = constants(finding, lang)
    wrong = []
    for match in re.finditer(NUMBER[lang] + UNITS, text):
        raw = re.match(NUMBER[lang], match[0])[0]
        decimal = "," if lang == "fr" else "."
        plain = raw.replace("\u202f", "") if lang == "fr" else raw.replace(",", "")
        number = float(plain.replace(decimal, ".").replace("−", "-"))
        digits = len(raw.partition(decimal)[2])
        # Half of the last digit that is written.
        close = 0.5 * 10**-digits + 1e-9
        # Points may be dots, known points, or points of a difference.
        wanted = counts if not match[1] else shares if match[1] == "%" else counts | shares
        bound = bool(match[1]) and number in (0.01, 99.9)  # "under 0.01 %", "over 99.9 %"
        if number in fixed or bound:
            continue
        whole = {half_up(w) for w in wanted if w == w and abs(w) >= 10} if not match[1] else set()
        if not any(abs(abs(number) - abs(w)) <= close for w in {*wanted, *whole} if w == w):
            wrong.append(raw)
    for gain, stems in STEMS.items():
        other = "household" if gain == "address" else "address"
        if finding["gain"] == gain:
            of_who = text if finding["family"] not in ("map", "table", "step") else _did(text, lang)
            if not re.search(stems[lang], of_who):
                wrong.append(f"no {gain}")
            if re.search(STEMS[other][lang], of_who):
                wrong.append(f"{other} for {gain}")
    return wrong


def _did(text, lang):
    """Leave out who attacks: "somebody who takes the nearest address" says no gain."""
    for name in ("nearest", "knows_electors", "exact"):
        text = text.replace(Words(lang)(f"who.{name}"), "").replace(
            Words(lang)(f"who.{name}")[:1].upper() + Words(lang)(f"who.{name}")[1:], ""
        )
        if Words(lang).has(f"rung.{name}"):
            text = text.replace(Words(lang)(f"rung.{name}"), "")
    return text


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("kind", ["demo", "table", "log"])
def test_every_number_of_a_sentence_is_that_of_its_row(findings, kind, lang):
    told = drawn(findings[kind], lang)
    assert len(told) >= 5
    wrong = {f["id"]: (c, f["sentence"][lang]) for f in told
             if (c := complaints(f["sentence"][lang], f, lang))}  # fmt: skip
    assert not wrong, "\n".join(f"{k}: {v}" for k, v in wrong.items())


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_number_or_a_noun_that_is_altered_is_seen(findings, lang):
    f = next(
        f for f in findings["demo"]
        if f["gain"] == "address" and f["family"] == "map" and f["sentence"].get(lang)
    )  # fmt: skip
    text = f["sentence"][lang]
    assert complaints(text, f, lang) == []
    hits = str(half_up(f["value"] * f["n"]))
    assert complaints(text.replace(hits, "97531", 1), f, lang) == ["97531"] or lang == "en"
    assert "household for address" in complaints(
        re.sub("right address|bonne adresse", {"en": "right household", "fr": "bon foyer"}[lang],
               text), f, lang,
    )  # fmt: skip
    altered = re.sub(rf"\b{int(f['n'])}\b", str(int(f["n"]) + 3), text)
    assert altered != text
    assert str(int(f["n"]) + 3) in complaints(altered, f, lang)


def test_the_sentences_of_a_table_are_those_of_its_records(findings, table):
    frame = pd.read_csv(table)
    keys = ["age", "sex", "commune"]
    size = frame.groupby(keys)["opinion"].transform("size")
    commonest = frame["opinion"].value_counts().iloc[0]
    best = frame.groupby(keys)["opinion"].agg(lambda values: values.value_counts().iloc[0]).sum()
    wanted = {
        "table.sample_uniques": [(size == 1).sum(), len(frame)],
        "table.k_anonymity": [size.min(), len(frame)],
        "table.prosecutor_risk_mean": [frame.groupby(keys).ngroups, len(frame)],
        "table.vulnerability_posterior.column_opinion": [best, len(frame), commonest],
    }
    by = {f["id"]: f["sentence"] for f in findings["table"]}
    for name, numbers in wanted.items():
        for lang in ("en", "fr"):
            text = by[name].get(lang)
            assert text, name
            for number in numbers:
                assert re.search(rf"(?<!\d){Words(lang).count(float(number))}(?!\d)", text), text


def test_a_log_says_whole_people_and_those_by_chance(findings):
    told = [
        f
        for f in findings["log"]
        if f["measure"] == "unicity" and f["sentence"] and not says_why(f)
    ]
    assert told
    for f in told:
        hits, chance = (half_up(f[name] * f["n"]) for name in ("value", "control"))
        text = f["sentence"]["en"].replace("\u00a0", " ")
        assert f"{hits or 'none'} of {int(f['n'])}" in text
        assert f"of as many absent people, {chance or 'none'} would be mistaken" in text
