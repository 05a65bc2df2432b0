"""The annex: every finding at an anchor, nothing loaded, net first, words in each language."""

import re
from html.parser import HTMLParser

import pytest

from privaudit.report.annex import annex_page, chapters_of
from privaudit.report.findings import findings_of
from privaudit.report.guard import shown_of
from privaudit.words.catalogues import Note, Words


class Page(HTMLParser):
    """Tags, ids and links of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.open = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.tags.append((tag, told))
        if "id" in told:
            self.ids.append(told["id"])
        if "href" in told:
            self.links.append(told["href"])


def annex(study, lang="en", **more):
    shown = shown_of(study)
    findings = findings_of(study, shown)
    return annex_page(shown.study(study), Words(lang), findings, shown, **more), findings


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_finding_is_an_anchor(town, lang):
    text, findings = annex(town, lang)
    page = Page(text)
    assert {f.id for f in findings} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    inside = [link[1:] for link in page.links if link.startswith("#")]
    assert set(inside) <= set(page.ids)


def test_the_page_loads_and_runs_nothing(town):
    text, _ = annex(town, tables=["findings"], figures={"map": "The map"})
    page = Page(text)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert f'content="{policy}"' in text
    assert not {"script", "img", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, told in page.tags for name in told)
    assert not re.search(r"https?://|url\(|@import", text)
    outside = {link for link in page.links if not link.startswith("#")}
    assert outside == {"index.html", "findings.json", "tables/findings.csv", "figures/map.svg"}


def test_what_comes_from_outside_is_escaped(measured, study):
    rows = measured("a<b>", ("x", 1, "records", 40, "records", {"part": {"level": "<i>&"}}))
    text, _ = annex(study(measures=[rows]))
    assert "<i>" not in text
    assert "&lt;i&gt;&amp;" in text


def test_a_family_that_nobody_named_has_a_section_of_its_own(town):
    words = Words("en")
    chapters = chapters_of(town, words, findings_of(town))
    further = next(c for c in chapters if c.id == "chapter-further")
    assert [s.title for s in further.sections] == ["Of late"]
    assert further.sections[0].withheld == 1


def test_the_net_is_the_main_number_where_a_control_is_not_nil(town):
    text, _ = annex(town)
    row = re.search(r'<tr id="unicity.unicity.points_4">.*?</tr>', text, re.DOTALL)[0]
    main = re.search(r'class="num main"[^>]*>([^<]+)<', row)[1]
    assert main == Words("en").percent(-0.003)
    assert row.index(main) < row.index("35.4")
    assert "35.6" in row


def test_whole_people_and_points_in_french(town, measured, study):
    rows = measured(
        "hiding",
        ("k_people", 70.9, "people", 166, "people", {}),
        ("gap", -0.0034, "difference", 166, "people", {"low": -0.01, "high": 0.004}),
        ("known", 1, "points", 166, "people", {}),
    )
    text, _ = annex(study(measures=[rows]), "fr")
    plain = text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "71 personnes" in plain
    assert "70,9" not in plain
    assert "−0,34 point" in plain
    assert "0,34 %" not in plain
    assert "1 point connu" in plain


def test_raw_names_are_said_in_the_language(measured, study):
    rows = measured("levels", ("x", 1, "records", 40, "records", {"part": {"key": "score_band"}}),
                    notes=(Note("mend_withhold_column", column="presumed_leaning"),))  # fmt: skip
    text, _ = annex(study(measures=[rows]), "fr")
    assert "tranche de score" in text
    assert "tendance présumée" in text
    assert "score_band" not in re.sub(r'(id|href)="[^"]+"|<a href[^>]*>', "", text)


def test_absent_rows_are_listed_with_their_reason(town):
    text, _ = annex(town)
    assert re.search(r'<li id="unicity.unicity.points_5">.*?presumes an opinion', text, re.DOTALL)


def test_long_families_are_folded(measured, study):
    rows = [("x", i, "records", 400, "records", {"part": {"level": i}}) for i in range(40)]
    text, findings = annex(study(measures=[measured("levels", *rows)]))
    assert "The other 26 lines" in text
    assert len(findings) == 40


def test_the_range_of_a_baseline_stands_beside_it_and_is_explained(town, study):
    text, _ = annex(town)
    assert "174 (158 to 191)" in text
    assert Words("en")("annex.column_range") in text
    assert Words("fr")("annex.column_range") in annex(town, "fr")[0]
    assert Words("en")("annex.column_range") not in annex(study(measures={}))[0]


@pytest.mark.parametrize(("lang", "said"), [("en", "Range"), ("fr", "Fourchette")])
def test_a_range_over_blanks_is_no_interval(measured, study, lang, said):
    of = {"low": 0.25, "high": 0.75}
    rows = measured(
        "table", ("alpha", 0.5, "share", 40, "records", of),
        ("k_anonymity", 0.5, "share", 40, "records", {**of, "worst_case": True}),
    )  # fmt: skip
    text, _ = annex(study(measures=[rows]), lang)
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', text)
    lines = re.findall(r'<tr id="table\.(\w+)">.*?</tr>', text, re.S)
    assert lines == ["alpha", "k_anonymity"]
    cells = {}
    for line in re.findall(r'<tr id="table\..*?</tr>', text, re.S):
        known = dict(re.findall(r'data-label="([^"]*)">(.*?)</td>', line, re.S))
        cells[re.search(r"table\.(\w+)", line)[1]] = known
    interval = Words(lang)("head.interval")
    assert said in heads
    assert "75" in cells["alpha"][interval]
    assert "75" in cells["k_anonymity"][said]
    assert "75" not in cells["alpha"][said] + cells["k_anonymity"][interval]
    assert Words(lang)("annex.column_worst_case") in text
