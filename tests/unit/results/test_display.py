"""Which rows a table shows first, and how its cells are written."""

import math

import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.report.names import label_of
from privaudit.results.display import (
    cells,
    draw_measures,
    facts_html,
    gain_of,
    headlines,
    label,
)
from privaudit.results.line_charts import CurvePlot, LinePlot
from privaudit.results.measures import Measures
from privaudit.results.rows import Row
from privaudit.words.catalogues import Note, Words

EN = Words("en")


def row(measure, value=0.5, **more):
    return Row(**{"measure": measure, "value": value, "unit": "share", "n": 40,
                  "counts": "records"} | more)  # fmt: skip


def result(*rows, **more):
    return Measures(family="table", rows=rows, **more)


def shown(found, most, names=()):
    return [(r.measure, r.part.get("k")) for r in headlines(found, names, most, EN)]


def test_facts_that_say_nothing_are_left_out():
    facts = {"a": 1_000, "b": True, "c": False, "d": None, "e": "", "f": 0.5, "g<": "<h>"}
    assert facts_html("T&", facts) == (
        "<p>T&amp;</p><table><tr><th>a</th><td>1,000</td></tr><tr><th>b</th><td>True</td></tr>"
        "<tr><th>f</th><td>0.5</td></tr><tr><th>g&lt;</th><td>&lt;h&gt;</td></tr></table>"
    )


def test_what_is_not_known_is_withheld_or_says_how_many_there_are_is_no_headline():
    rows = [
        row("k_anonymity", math.nan), row("alpha", withheld=True),
        row("records", 40, unit="records"), row("classes", 39, unit="records"), row("mine", 0.1),
    ]  # fmt: skip
    assert shown(result(*rows), 9) == [("classes", None), ("mine", None)]
    # Where there is nothing else, how many there are is shown.
    assert shown(result(rows[2]), 9) == [("records", None)]


def test_reliable_rows_first_one_of_each_measure_those_with_a_sentence_before_others():
    assert not EN.has("sentence.table__mine")
    assert EN.has("sentence.table__k_anonymity")
    rows = [
        row("mine", part={"k": 1}), row("mine", part={"k": 2}),
        row("k_anonymity", part={"k": 3}), row("k_anonymity", part={"k": 4}),
        row("yours", part={"k": 5}, reliable=False),
    ]  # fmt: skip
    ranked = [3, 1, 4, 2, 5]
    for most in range(6):
        # They stand in the order of the result.
        assert [k for _, k in shown(result(*rows), most)] == sorted(ranked[:most])


def test_names_restrict_and_must_be_measures():
    found = result(row("mine"), row("yours"))
    assert shown(found, 9, ("yours",)) == [("yours", None)]
    assert shown(found, 9, ("mine",)) == [("mine", None)]
    with pytest.raises(ParameterError, match="plot: needs measure one of"):
        shown(found, 9, ("minee",))


@pytest.mark.parametrize(("many", "more"), [(8, False), (9, True)])
def test_a_notebook_shows_eight_rows_and_says_how_many_there_are(many, more):
    found = result(*(row(f"m{k}", k / 10) for k in range(many)))
    page = found._repr_html_()
    assert page.count("<tr") == 8 + 1
    assert (EN("plot.more", shown=8, of=many) in page) is more
    assert "<details>" not in page
    noted = result(row("mine"), notes=[Note("missing_key_is_a_value")])._repr_html_()
    assert f"<summary>{EN('plot.notes')}: 1</summary>" in noted


def test_cells_of_intervals_and_of_what_there_is_not():
    rows = [
        row("_mine", 0.5, low=0.4, high=0.6, baseline=0.25), row("_mine", 0.5),
        row("_mine", 0.5, high=math.nan),
    ]  # fmt: skip
    blanks = row("_mine", 0.5, low=0.4, high=0.6, worst_case=True)
    assert EN("plot.interval") not in cells([blanks], EN)
    assert cells([blanks], EN)[EN("plot.worst_case")].tolist() == ["40.0\xa0% – 60.0\xa0%"]
    table = cells(rows, EN)
    assert table[EN("plot.interval")].tolist() == ["40.0\xa0% – 60.0\xa0%", "", ""]
    assert table[EN("plot.baseline")].tolist() == ["25.0\xa0%", "", ""]
    assert EN("plot.control") not in table
    assert table["n"].tolist() == ["40"] * 3


def test_a_row_is_named_with_the_parameters_that_its_name_does_not_hold():
    assert label(EN, "table", row("my_own")) == "My own"
    assert label(EN, "table", row("my_own", part={"threshold_of": 3})) == "My own (threshold of 3)"
    assert label(EN, "", row("my_own", gain="person")).endswith(f"({EN.name('gain', 'person')})")


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("name", ["adversary", "attack", "over"])
def test_an_adversary_is_named_as_one_not_as_a_model_of_the_same_word(name, lang):
    words = Words(lang)
    for said in (label, label_of):
        shown = said(words, "", row("my_own", part={name: "nearest"}))
        assert words.name("rung", "nearest") in shown
        assert words.name("part", "nearest") in said(words, "", row("a", part={"model": "nearest"}))
    assert "my word" in label(words, "", row("my_own", part={name: "my_word"}))


def test_a_hit_is_named_by_what_it_gains():
    assert gain_of(row("my_own"), EN) == "my own"
    assert gain_of(row("my_own", part={"own_gain": "same_street"}), EN) == "same street"
    assert gain_of(row("my_own", gain="person"), EN) == EN("figure.gain_person")


def test_latex_escapes_what_it_reads_otherwise():
    text = result(row("a_b", part={"threshold_of": "50%&#"})).to_latex()
    assert text.startswith("\\begin{tabular}{lrr}\n\\toprule\n")
    assert "A b (threshold of 50\\%\\&\\#) & 50.0~\\% & 40 \\\\\n" in text


def test_a_plot_a_unit_and_its_key_under_the_last(monkeypatch):
    monkeypatch.setattr(
        "privaudit.results.display.compose", lambda *_, parts, **more: (parts, more["reliable"])
    )
    rows = [
        row("mine", 0.5, baseline=0.2), row("size", 3, unit="records"),
        row("yours", 0.1, control=0.05),
    ]  # fmt: skip
    (shares, sizes), reliable = draw_measures(result(*rows, reliable=False), (), 9, "en")
    assert not reliable
    assert [len(plot.panels[0].lines) for plot in (shares, sizes)] == [2, 1]
    assert (list(shares.key), [mark for mark, *_ in sizes.key]) == ([], ["ring", "tick"])
    assert (shares.least, sizes.least) == (0, 1)
    # The ring or the tick is drawn before the value, so that the value lies on top.
    marks = [[mark.shape for mark in line.marks] for line in shares.panels[0].lines]
    assert [one[0] for one in marks] == ["tick", "ring"]
    assert [len(one) for one in marks] == [2, 2]
    ((nothing,), _) = draw_measures(result(row("mine", math.nan)), (), 9, "en")
    assert nothing.panels[0].lines == []
    assert isinstance(nothing, LinePlot)


def test_results_that_are_calibrated_are_drawn_twice():
    from privaudit.results.display import _reliability

    gains = ["address", "address", "marked_address"]
    bins = pd.DataFrame({"gain": gains, "confidence": [0.1, 0.9, 0.5], "observed": [0.2, 0.8, 0.5],
                         "low": 0.0, "high": 1.0})  # fmt: skip
    plot = _reliability(bins, EN)
    assert isinstance(plot, CurvePlot)
    assert [(c.dashed, len(c.x)) for c in plot.curves] == [(True, 2), (False, 2), (True, 1)]
