"""index.html answers in counts, net of chance; nothing small and nothing real is drawn."""

import itertools
import math
import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from privaudit.report.answers import answer_of, marked
from privaudit.report.findings import findings_of
from privaudit.report.page import drawings_of, page_script, story_page
from privaudit.report.sentences import ResultLookup
from privaudit.results.measures import Measures
from privaudit.results.rows import Row, Rows
from privaudit.studies.study import Study
from privaudit.words.catalogues import Words


def plain(page):
    """The words that are seen on a wide screen, without looks, figures' data and narrow twins."""
    body = re.sub(r"<style.*?</style>|<desc.*?</desc>|<title.*?</title>", "", page, flags=re.S)
    body = re.sub(r'<svg class="pv narrow".*?</svg>', "", body, flags=re.S)
    # Names on a map are no text.
    body = re.sub(r'<text class="place.*?</text>', "", body)
    # The files of a figure are to be taken, and what is closed or scripted is annexed.
    body = re.sub(r'<div class="hand">.*?</div>|<script>.*?</script>', "", body, flags=re.S)
    text = unescape(re.sub(r"<[^>]+>", " ", re.sub("</?span[^>]*>", "", body)))
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("\u202f", " ")).replace("’", "'")


@pytest.fixture
def street():
    """Sixty addresses on three streets."""
    x, row = np.meshgrid(np.arange(20) * 18.0, np.arange(3) * 60.0)
    number = np.tile(np.arange(20), 3)
    side = np.where(number % 2, 8.0, -8.0)
    return pd.DataFrame(
        {
            "street": np.repeat(["Rue A", "Rue B", "Rue C"], 20),
            "number": number.astype(str),
            "x": x.ravel(),
            "y": row.ravel() + side,
            "households": np.tile([1, 1, 6, 2], 15),
        }
    )


@pytest.fixture
def story(exposed, street):
    """A town whose exact map finds 152 of 190, and whose blurred ones fewer."""
    rng = np.random.default_rng(3)
    dots = street.sample(40, random_state=1)[["x", "y"]].reset_index(drop=True)
    dots = dots.assign(status=np.where(np.arange(40) < 15, "visited", "to_meet"))
    blurred = {
        f"donut:{low}:{high}": dots.assign(x=dots["x"] + rng.uniform(low, high, 40))
        for low, high in ((20, 100), (50, 200))
    }
    household = Rows(190, "dots")
    household.count("adults_never_interacted", 177, "people", n=300, counts="adults", baseline=174)
    household.count(
        "households_one_interacted", 121, "households", n=187, counts="households", baseline=25
    )
    household.count("opened_by_minors", 3, "visits", n=49, counts="visits")
    tiers = Rows(190, "people")
    for moment, seen in (("before", 153), ("after", 0)):
        part = {"moment": moment, "tier": "any_account"}
        tiers.count("people", seen, "people", part=part)
        tiers.count(
            "expected_people_by_address", 80 if seen else 14, "people", part={"moment": moment}
        )
    more = {"provenance": "simulated"}
    return Study(
        kind="demo",
        title="Valorge",
        provenance="simulated",
        real_places=False,
        exposures=(
            exposed("holds_register", "exact", 190, 0.8, 0.0, **more),
            exposed("nearest", "donut:50:200", 190, 0.02, 0.0, **more),
            exposed("holds_register", "donut:50:200", 190, 0.1, 0.04, **more),
            exposed("holds_register", "donut:20:100", 190, 0.2, 0.0, **more),
        ),
        measures={
            "household": Measures(family="household", rows=household, **more),
            "tiers": Measures(family="tiers", rows=tiers, **more),
        },
        dots=dots,
        addresses=street,
        blurred=blurred,
        command="privaudit demo --seed 7",
    )


def towns(low, high, measure="reidentified"):
    rows = [
        Row(
            measure=measure,
            value=value,
            unit="share",
            n=20,
            counts="towns",
            of="people",
            between_low=a,
            between_high=b,
            gain="address",
            part={"view": view, "attack": "holds_register"},
        )
        for view, value, a, b in (("exact", 0.79, 0.7, 0.9), ("donut:50:200", 0.05, low, high))
    ]
    return Measures(family="towns", rows=rows, provenance="simulated")


def page_of(study, lang="en", findings=()):
    words = Words(lang)
    return story_page(study, words, findings, drawings_of(study, words))


def test_the_first_sentence_counts_all_people_found_and_says_chance_beside(story):
    answer = answer_of(story, Words("en"), ResultLookup(story), ())
    # 19 of 190 are right, and 8 of 190 for people who are not there.
    assert (round(190 * 0.1), round(190 * 0.04)) == (19, 8)
    assert plain(str(answer.headline)) == (
        "If this map leaked, 152 of the 190 people on it would be found at their address; "
        "with the blurred map, 19 ."
    )
    sentence = answer.choices[answer.chosen].sentence
    assert "19 of the 190 people are found at their address, 8 of them by chance" in plain(sentence)
    assert "of which chance alone would give none and 8" in plain(answer.leads[0])


def test_buttons_show_a_map_and_a_number_each(story):
    page = page_of(story)
    assert re.findall(r'<label for="c\d">([^<]+)', page) == ["20 to 100\u00a0m", "50 to 200\u00a0m"]
    assert re.findall(r'id="(c\d)" checked', page) == ["c1"]
    told = re.findall(r'<p class="told on (c\d)">([^<]+)', page)
    assert [name for name, _ in told] == ["c0", "c1"]
    assert "38 of" in plain(told[0][1])
    assert "19 of" in plain(told[1][1])
    for name in ("c0", "c1"):
        assert f'<div class="on {name}">' in page


def test_without_several_blurs_the_buttons_ask_who_looks(story):
    one = {"donut:50:200": story.blurred["donut:50:200"]}
    study = Study(**{**vars(story), "blurred": one})
    page = page_of(study)
    labels = re.findall(r'<label for="c\d">([^<]+)', page)
    assert labels == ["takes the nearest address", "holds the electoral roll"]


@pytest.mark.parametrize(("low", "high"), [(0.01, 0.2), (0.01, 0.02), (0.3, 0.4)])
def test_the_headline_of_a_demo_is_the_mean_of_its_towns_with_their_range(story, low, high):
    over = towns(low, high)
    study = Study(**{**vars(story), "measures": {**story.measures, "towns": over}})
    text = plain(page_of(study, findings=findings_of(study)))
    # .79 and .05 of 190 over the towns; 152 and 19 in this one.
    assert "150 of the 190 people on it would typically be found" in text
    assert "with the blurred map, 10 ." in text
    assert "Over 20 simulated towns, someone with the electoral roll would find 133 to 171" in text
    assert f"{round(low * 190)} to {round(high * 190)} with the blurred one" in text
    assert "In the town shown here, someone with the electoral roll would find 152 on the" in text
    assert "152 on the exact map and 19 on the blurred one" in text


def test_towns_that_all_give_the_same_are_no_range(story):
    over = towns(0.021, 0.021)
    study = Study(**{**vars(story), "measures": {**story.measures, "towns": over}})
    for lang, said in (
        ("en", "would find 133 to 171 with the exact map, 4 each time with the blurred one"),
        ("fr", "retrouverait de 133 à 171 avec la carte exacte, 4 chaque fois avec la brouillée"),
    ):
        assert said in plain(page_of(study, lang, findings=findings_of(study)))


@pytest.mark.parametrize(
    ("adults", "minors", "said"),
    [
        (
            (177, 158, 191),
            (90, 70, 118),
            "there would be about as many, but these doors are marked",
        ),
        ((177, 158, 191), (131, 70, 118), "about as many such adults, but fewer such minors"),
        ((200, 158, 191), (90, 70, 118), "about as many such minors, but fewer such adults"),
        ((200, 158, 191), (131, 70, 118), "There are more of them than behind doors"),
        ((177, 158, 191), None, "there would be about as many, but these doors are marked"),
        ((150, 158, 191), (90, 70, 118), None),
    ],
)
def test_those_who_did_nothing_are_told_beside_random_doors(story, adults, minors, said):
    rows = Rows(190, "dots")
    for who, counted in (("adults", adults), ("minors", minors)):
        if counted is not None:
            value, low, high = counted
            rows.count(
                f"{who}_never_interacted", value, "people", n=300, counts=who,
                baseline=(low + high) / 2, baseline_low=low, baseline_high=high,
            )  # fmt: skip
    household = Measures(family="household", rows=rows, provenance="simulated")
    text = plain(page_of(Study(**vars(story) | {"measures": {"household": household}})))
    if said is None:
        assert "These people never interacted" not in text
    else:
        assert said in text


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_story_is_short_loads_nothing_and_says_simulation(story, lang):
    measures = {**story.measures, "towns": towns(0.01, 0.2)}
    page = page_of(Study(**{**vars(story), "measures": measures}), lang)
    assert len(plain(page).split()) <= 1_200
    assert len(page) < 600_000
    assert page.count("<figure>") <= 7  # two panels of one figure, and five
    assert "default-src 'none'" in page
    assert page.count("<script") == page.count(f"<script>{page_script('copy.js').text}") == 1
    assert re.findall(r"""(?:src|url)\s*[=(]""", page) == []
    local = re.findall(r'href="([^"]+)"', page)
    assert all(re.match(r"#|annex\.html|findings\.json|tables/|figures/", link) for link in local)
    assert page.count(">Simulation<") >= 5
    assert f'<html lang="{lang}">' in page


def test_headings_are_in_order_and_ids_stand_once(story):
    page = page_of(story)
    levels = [int(n) for n in re.findall(r"<h(\d)", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    named = re.findall(r'aria-labelledby="([^"]+)"', page)
    assert {part for names in named for part in names.split()} <= set(ids)


def test_links_lead_to_the_finding(story):
    found = findings_of(story)
    page = page_of(story, findings=found)
    links = re.findall(r'href="annex\.html#([^"]+)"', page)
    assert links
    assert set(links) <= {"mend", *(finding.id for finding in found)}
    assert "map.exact.holds_register.address" in links


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_each_number_of_the_ladder_stands_by_the_noun_of_its_gain(story, lang):
    """Households, people and opinions differ from addresses: 152, 76, 38, 19 of 190."""
    text = plain(page_of(story, lang))
    near = {
        "en": [
            r"152 of 190 people are found at the right address",
            r"right household is reached for 76 of the 190 people",
            r"right name is given to 38 of 190",
            r"opinion is presumed correctly for 19",
        ],
        "fr": [
            r"152 des 190 personnes sont retrouvées à la bonne adresse",
            r"bon foyer est atteint pour 76 des 190 personnes",
            r"bon nom est attribué à 38 des 190 personnes",
            r"opinion est présumée à juste titre pour 19",
        ],
    }
    for told in near[lang]:
        assert re.search(told, text), told


def test_what_counts_too_few_is_not_told(story, exposed):
    few = exposed("holds_register", "exact", 10, 0.8, 0.0, provenance="simulated")
    study = Study(**{**vars(story), "exposures": (few,)})
    assert ResultLookup(study).found(few) is None
    assert "of the 10 people" not in plain(page_of(study))


def test_remedies_are_computed_and_the_largest_saving_comes_first(story):
    text = plain(page_of(story))
    order = [
        text.index(name) for name in ("Blur the map: dots moved by 50 to 200 m", "Close the map")
    ]
    assert order == sorted(order)
    assert "152 of 190 people today, 19 afterwards, 8 of them by chance" in text
    assert "80 of 190 people before, 14 after" in text


def test_real_places_have_areas_and_every_title_says_simulation(exposed):
    points = np.random.default_rng(0).normal(0, 300, (200, 2))
    found = exposed("holds_register", "exact", 190, 0.8, 0.0, provenance="simulated")
    blurred = exposed("holds_register", "donut:50:200", 190, 0.1, 0.0, provenance="simulated")
    study = Study(
        kind="demo",
        title="Villeneuve",
        provenance="simulated",
        real_places=True,
        exposures=(found, blurred),
        area_points=points,
    )
    page = page_of(study)
    assert "In this simulation" in plain(page)
    assert '<circle class="dot"' not in page
    assert '<circle class="seen"' not in page
    counts = [int(n) for n in re.findall(r'<g class="area"[^>]*><title>(\d+)\u00a0people', page)]
    assert counts
    assert min(counts) >= 11


def test_stations_of_real_places_are_letters(exposed):
    groups = {"station": np.repeat(["94042_0001", "94042_0002"], 95)}
    seen = exposed(
        "holds_register", "donut:50:200", 190, 0.4, 0.0, provenance="simulated", groups=groups
    )
    study = Study(
        kind="demo", title="x", provenance="simulated", real_places=True, exposures=(seen,)
    )
    drawn = drawings_of(study, Words("en"))["stations"]
    assert "94042" not in drawn.svg
    assert "Station A" in drawn.svg
    fictional = Study(
        kind="demo", title="x", provenance="simulated", real_places=False, exposures=(seen,)
    )
    assert "94042_0001" in drawings_of(fictional, Words("en"))["stations"].svg


def table(control, value=0.84):
    rows = Rows(30_250, "records")
    rows.count("sample_uniques", 17_123, "records")
    rows.count("k_anonymity", 1, "records")
    rows.count("classes_of_1", 17_123, "classes")
    rows.count("classes_of_2", 3_000, "classes")
    rows.add(
        "vulnerability_posterior",
        value,
        "probability",
        baseline=0.38,
        control=control,
        part={"column": "party"},
    )
    without = Rows(30_250, "records")
    for column, left in (("sex", 17_000), ("born_at", 9_000)):
        without.count("sample_uniques", left, "records", part={"without": column}, baseline=17_123)
    return Study(
        kind="table",
        title="people.csv",
        provenance="audited file",
        real_places=True,
        measures={
            "table": Measures(family="table", rows=rows),
            "contributions": Measures(family="contributions", rows=without),
        },
    )


def test_a_table_answers_with_who_is_alone_and_a_guess_beside_the_held_out_one():
    text = plain(page_of(table(0.39)))
    assert "17,123 of the 30,250 records are alone" in text
    assert "in 84.0 % of cases, against 39.0 % for a person who is not in the file" in text
    assert "and 38.0 % without the file" in text
    # A guess that failed for one person of 762 was right "100 times in 100".
    nearly = plain(page_of(table(0.27, value=761 / 762)))
    assert "in 99.9 % of cases, against 27.0 %" in nearly
    assert "come from that person's own record alone" in plain(page_of(table(math.nan)))
    assert "no easier to guess" in plain(page_of(table(math.nan, value=0.38)))
    assert text.index("Withhold the column “born_at”") < text.index("Withhold the column “sex”")


def test_a_log_answers_beside_people_who_are_not_in_it():
    rows = Rows(1_500, "people")
    for points, share, control in ((1, 0.02, 0.018), (4, 0.581, 0.239)):
        hits = (np.arange(1_500) < share * 1_500).astype(float)
        beside = (np.arange(1_000) < control * 1_000).astype(float)
        rows.share("unicity", hits, control=beside, part={"points": points})
    study = Study(
        kind="log",
        title="likes.csv",
        provenance="audited file",
        real_places=True,
        measures={"unicity": Measures(family="unicity", rows=rows)},
    )
    text = plain(page_of(study))
    assert "4 known points single out 872 of the 1,500 people" in text
    assert "Of as many people who are not in the log, 359 would be mistaken" in text


def test_a_real_map_says_that_its_numbers_are_expected(exposed):
    seen = exposed(
        "knows_mask", "donut:50:200", 190, 0.1, math.nan, expected=True, provenance="audited file"
    )
    study = Study(
        kind="map", title="leak", provenance="audited file", real_places=True, exposures=(seen,)
    )
    text = plain(page_of(study))
    assert "would expect to find the address of 19 of the 190 people" in text
    assert "No true address is known" in text


def test_a_doubtful_map_claims_nothing(exposed):
    seen = exposed("unknown_mask", "unknown", 190, 0.1, reliable=False, provenance="audited file")
    study = Study(
        kind="map", title="leak", provenance="audited file", real_places=True, exposures=(seen,)
    )
    text = plain(page_of(study))
    assert "cannot be determined" in text
    assert "19 of" not in text


def test_country_and_single_results_answer_too(exposed):
    rows = Rows(60_000_000, "residents")
    for measure, share in (("unique", 0.692), ("class_under_11", 0.98)):
        rows.add(measure, share, "share")
    country = Study(
        kind="country",
        title="France",
        provenance="public counts",
        real_places=True,
        measures={"country": Measures(family="country", rows=rows, provenance="public counts")},
    )
    text = plain(page_of(country))
    assert "Of 100 residents, 69 are alone" in text
    assert "opinion" not in text
    alone = Study.of(exposed("holds_register", "table", 190, 0.5, 0.0))
    assert "If this table leaked, 95 of the 190 people" in plain(page_of(alone))


def test_nothing_from_outside_is_markup(story):
    study = Study(**{**vars(story), "title": "<b>Valorge</b>", "command": "<i>x</i>"})
    page = page_of(study)
    assert "<b>Valorge" not in page
    assert "<i>x" not in page
    assert marked("*<u>*") == "<em>&lt;u&gt;</em>"


def test_figures_of_the_story_are_drawn_and_others_left_to_the_annex(story):
    names = set(drawings_of(story, Words("en")))
    assert {"map", "access", "gains", "ladder", "others", "mend"} <= names
    page = page_of(story)
    assert {name for name in names if f'href="figures/{name}.svg"' in page} >= {"map", "gains"}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_family_is_followed_and_each_step_says_how_often(story, lang):
    campaign = Rows(3_204, "accounts")
    campaign.add("label_precision", 0.6165, "share", n=412, gain="opinion")
    campaign.add("match_precision", 0.9972, "share", gain="person", part={"match": "exact_name"})
    campaign.add("match_precision", 0.914, "share", gain="person", part={"match": "near_name"})
    visited = Rows(15, "dots")
    visited.add("visited_between", 0.8, "share")
    measures = {
        **story.measures,
        "differences": Measures(family="differences", rows=visited, provenance="simulated"),
        "campaign": Measures(family="campaign", rows=campaign, provenance="simulated"),
    }
    text = plain(page_of(Study(**{**vars(story), "measures": measures}), lang))
    told = {
        "en": [
            "412 accounts did the same",
            "62 such labels in 100 are right",
            "Of 1,000 matches by the same name, 997 are right; by a similar name, 914",
            "A minor opened 3 of the 49 doors",
            "15 of 190 dots are grey",
            "Julien, 11, opens",
        ],
        "fr": [
            "412 comptes en ont fait autant",
            "62 étiquettes sur 100 sont justes",
            "Sur 1 000 rapprochements par le même nom, 997 sont justes ; par un nom proche, 914",
            "Sur 49 portes ouvertes, 3 l'ont été par un mineur",
            "15 des 190 points sont gris",
            "Julien, 11 ans, ouvre",
        ],
    }
    assert [text.find(said) >= 0 for said in told[lang]] == [True] * 6
    assert "Meyer" not in plain(page_of(table(0.39), lang))


def test_figures_that_the_story_leaves_stand_in_the_annex(story, tmp_path):
    from privaudit.report.write import report

    masks = Rows(190, "people")
    for mask, found in (("exact", 150), ("donut:50:200", 19)):
        masks.share(
            "reidentified_address", np.arange(190) < found, gain="address", part={"mask": mask}
        )
    frontier = Measures(family="frontier", rows=masks, provenance="simulated")
    story = Study(**{**vars(story), "measures": {**story.measures, "frontier": frontier}})
    index = report(story, tmp_path / "out").read_text(encoding="utf-8")
    annex = (tmp_path / "out" / "annex.html").read_text(encoding="utf-8")
    drawn = {path.stem for path in (tmp_path / "out" / "figures").iterdir()}
    left = {name for name in drawn if f'aria-labelledby="{name}-0-t' in annex}
    assert "frontier" in left
    assert "ladder" not in left
    for name in drawn - {"map"}:
        assert (f'aria-labelledby="{name}-0-t' in index) == (name not in left), name
