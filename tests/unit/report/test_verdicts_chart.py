"""The figure of a rules check: a square a rule, by day and verdict, those that changed full."""

import itertools
from collections import Counter
from xml.etree import ElementTree

import pandas as pd
import pytest
from fixtures.figure_boxes import boxes_of

from privaudit.report.findings import findings_of
from privaudit.report.page import drawings_of, with_spans
from privaudit.studies.audit_rules import AuditedProcessing, audit_rules
from privaudit.words.catalogues import Words, without_marks

DAYS = ("2012-01-26", "2018-05-25", "2026-11-30")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    table, description = folder / "people.csv", folder / "d.toml"
    people = {"nom": ["Petit", "Roux"] * 20, "opinion": ["gauche", "droite"] * 20}
    pd.DataFrame(people).to_csv(table, index=False)
    description.write_text("[security]\nauthentication = false\n", encoding="utf-8")
    processing = AuditedProcessing(description=description, table=table)
    return audit_rules(processing, as_of="2016-11-08", also=DAYS)


def roots(drawing):
    for canvas in drawing.canvases:
        yield ElementTree.fromstring(without_marks(f"<svg>{''.join(canvas.parts)}</svg>"))


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_square_is_a_rule_of_a_day(study, lang):
    words = Words(lang, marked=True)
    drawn = drawings_of(study, words, findings=findings_of(study))["verdicts"]
    rules = sum(len(list(of)) for of in study.rulings)
    for root in roots(drawn):
        squares = list(root.iter("rect"))
        assert len(squares) == rules
        names = Counter(one.findtext("title").split()[0] for one in squares)
        assert names == Counter(one.rule.id for of in study.rulings for one in of)
        texts, _, _ = boxes_of(root)
        assert not [1 for k, a in enumerate(texts) for b in texts[k + 1 :] if a.meets(b)]
    assert 'data-finding="verdicts.breach"' in with_spans(drawn.html)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_each_day_is_named_and_says_how_many_rules(study, lang):
    """Of days beside the one of the report the squares stood without a number."""
    findings = {one.id: one for one in findings_of(study)}
    words = Words(lang, marked=True)
    drawn = drawings_of(study, words, findings=findings_of(study))["verdicts"]
    html, told = with_spans(drawn.html), Counter()
    for of in study.rulings:
        day = "" if of is study.rulings[0] else f".day_{of.as_of}".replace("-", "_")
        for verdict in ("breach", "concern", "met", "not_assessable", "not_applicable"):
            found = findings[f"verdicts.{verdict}{day}"].row
            assert (found.value, found.n) == (len(of.of(verdict)), len(list(of)))
            told[found.value] += any(one.of(verdict) for one in study.rulings)
        assert f'data-finding="verdicts.breach{day}"' in html
    dates = {"en": ["26 January 2012", "25 May 2018", "30 November 2026"],
             "fr": ["26 janvier 2012", "25 mai 2018", "30 novembre 2026"]}[lang]  # fmt: skip
    for root in roots(drawn):
        texts = ["".join(one.itertext()).replace("\u00a0", " ") for one in root.iter("text")]
        assert {*dates} <= {*texts}
        # On a narrow screen the number stands behind the verdict, which has no plural there.
        numbers = [int(one.strip("()")) for text in texts for one in [text.split()[-1]]
                   if one.strip("()").isdigit() and (one == text or one[0] == "(")]  # fmt: skip
        assert Counter(numbers) == +told


def test_a_rule_is_full_on_the_day_on_which_its_verdict_changes(study):
    drawn = drawings_of(study, Words("en"), findings=findings_of(study))["verdicts"]
    ordered = sorted(study.rulings, key=lambda of: of.as_of)
    changed = len(list(ordered[0]))
    for before, after in itertools.pairwise(ordered):
        was = {one.rule.id: one.verdict for one in before}
        changed += sum(was.get(one.rule.id) != one.verdict for one in after)
    for root in roots(drawn):
        looks = Counter(one.get("class").split()[1] for one in root.iter("rect"))
        assert looks["unit"] == changed
    table = drawn.data
    assert table["day"].nunique() == 4
    of_breach = table[(table["verdict"] == "breach") & (table["day"] == "2018-05-25")].iloc[0]
    (day,) = [of for of in ordered if str(of.as_of) == "2018-05-25"]
    assert of_breach["rules"].split() == [one.rule.id for one in day.of("breach")]
