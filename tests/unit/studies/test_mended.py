"""What telling less would save: of a log and of a country, computed on what is left."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.io.public_counts import read_communes
from privaudit.maps.adversary import Adversary
from privaudit.maps.masks.mask import Exact
from privaudit.release.read_map import read_map
from privaudit.release.read_traces import read_traces
from privaudit.report.mitigations import in_story, remedies, sentences_of
from privaudit.studies.audit_log import InteractionLog, audit_country, audit_log
from privaudit.studies.audit_table import audit_table
from privaudit.studies.frontier import audit_blurs
from privaudit.tables.population.uniqueness import population_uniqueness
from privaudit.traces.unicity_curve import log_mitigation
from privaudit.words.catalogues import LANGUAGES, Note, Words


def log_of_thirty():
    """Thirty people like one page at noon; of twelve each likes a page of their own as well."""
    noon = pd.Timestamp("2016-09-05 12:00")
    rows = [(i, "a", noon + pd.Timedelta(days=i % 3)) for i in range(30)]
    rows += [(i, f"own {i}", noon + pd.Timedelta(days=5)) for i in range(12)]
    return pd.DataFrame(rows, columns=["who", "page", "when"])


def test_of_a_log_the_people_are_counted_by_hand():
    traces = read_traces(log_of_thirty(), person="who", item="page", time="when")
    found = log_mitigation(traces, points=2)
    told = {row.part["mended"]: row.value * 30 for row in found.rows}
    # Two known events single out the twelve who have two; nobody once own pages are gone. The
    # later half holds the last day of the common page, when 2, 5, 8 and 11 liked it, and own ones.
    assert told == {"as_it_is": pytest.approx(12), "rare_items": 0, "recent_half": pytest.approx(4)}
    assert {row.n for row in found.rows} == {30}


def test_a_log_ends_with_what_to_mend(tmp_path):
    log_of_thirty().to_csv(tmp_path / "likes.csv", index=False)
    asked = InteractionLog(file=tmp_path / "likes.csv", person="who", item="page", time="when")
    study = audit_log(asked, points=(1, 2))
    best = in_story(study, remedies(study), "")[0]
    assert best.action == Note("mend_log", how="rare_items")
    assert best.pair == (12, 0)
    assert best.finding == "log_mended.singled_out.points_2.mended_as_it_is"
    # How many known events, and of whom: the headline counts those who have as many.
    said = [sentences_of(Words(lang), [best])[0][1].replace("\u00a0", " ") for lang in LANGUAGES]
    assert said == [
        "Of all 30 people of the log, singled out by 2 known points (to the day), not counting "
        "those with fewer: 12 today, none afterwards.",
        "Sur les 30 personnes du journal, isolées par 2 points connus (au jour près), sans "
        "compter qui en a moins : 12 aujourd’hui, aucune ensuite.",
    ]


def test_a_country_ends_with_what_to_mend(tmp_path):
    file = tmp_path / "communes.csv"
    pd.DataFrame(
        {"code": ["94042", "94046", "75056"], "nom": list("abc"), "departement": ["94", "94", "75"],
         "region": ["11"] * 3, "population": [1_700, 5_300, 21_000]}
    ).to_csv(file, index=False)  # fmt: skip
    study = audit_country(file)
    found = {r.action.values["how"]: r for r in remedies(study)}
    assert set(found) == {"departement", "region", "birth_month", "birth_year", "no_sex"}
    alone = population_uniqueness(read_communes(file), by=("commune", "sex", "birth_year"))
    assert found["birth_year"].after.value == alone.value("unique")
    assert {r.finding for r in found.values()} == {"country.unique"}
    assert [r.saved for r in remedies(study)] == sorted(r.saved for r in found.values())[::-1]


def test_what_a_blur_saves_of_a_large_map_is_told_of_a_sample(monkeypatch):
    monkeypatch.setattr("privaudit.studies.frontier.MOST_DOTS", 20)
    at = np.arange(60)
    places = pd.DataFrame({"id": at.astype(str), "number": "1", "street": "a", "commune": "b",
                           "station": "", "x": 25.0 * (at % 8), "y": 25.0 * (at // 8)})  # fmt: skip
    leak = read_map(places[["x", "y"]].head(30), addresses=AddressBase(places, real=False))
    found = audit_blurs(leak, Adversary.knows_mask(Exact()))
    assert {row.n for row in found.rows} == {20}
    assert Note("blurs_of_a_sample", dots=20, of=30) in found.notes
    exact, *blurred = (row.value for row in found.rows if row.measure == "reidentified_address")
    assert max(blurred) < exact == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(("shown", "said"), [(45.0, True), (30.4, False)])
def test_what_a_blur_saves_of_a_picture_is_said_of_the_dots_that_were_read(shown, said):
    at = np.arange(60)
    places = pd.DataFrame({"id": at.astype(str), "number": "1", "street": "a", "commune": "b",
                           "station": "", "x": 25.0 * (at % 8), "y": 25.0 * (at // 8)})  # fmt: skip
    leak = read_map(places[["x", "y"]].head(30), addresses=AddressBase(places, real=False))
    leak = replace(leak, dots_shown=(30.0, shown, 60.0))
    found = audit_blurs(leak, Adversary.knows_mask(Exact()))
    assert {row.n for row in found.rows} == {30}
    note = Note("blurs_of_dots_read", dots=30, of=45)
    assert {note in row.notes for row in found.rows} == {said}


def test_a_table_ends_with_what_to_mend_unasked(tmp_path):
    # Twelve of one age and sex, each in a street of their own; then twelve alike.
    streets = [f"street {i}" for i in range(12)] + ["main"] * 12
    people = pd.DataFrame({"age": [30] * 12 + [40] * 12, "street": streets})
    people.to_csv(tmp_path / "people.csv", index=False)
    study = audit_table(tmp_path / "people.csv", Roles(key=("age", "street")))
    best = in_story(study, remedies(study), "")[0]
    assert best.action == Note("mend_withhold_column", column="street")
    assert (best.pair, best.finding) == ((12, 0), "table.sample_uniques")
