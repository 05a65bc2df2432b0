"""A file of fewer than eleven people leads with that, and clears nothing."""

from dataclasses import replace

import pandas as pd
import pytest

import privaudit as pa
from privaudit.reporting.answers import answer_of
from privaudit.reporting.guard import guarded
from privaudit.reporting.told import Told
from privaudit.studies.study import Study
from privaudit.words.words import Words

SAID = {"en": "Fewer than 11 people", "fr": "Moins de 11 personnes"}


def study_of(found):
    return Study(
        kind="table", title="t.csv", provenance="audited file", real_places=False,
        measures={"table": found},
    )  # fmt: skip


def led_with(people, lang):
    table = pd.DataFrame({"age": range(20, 20 + people), "side": "left"})
    found = pa.measure(table, pa.Roles(key=["age"], sensitive="side"))
    study = study_of(replace(found, rows=guarded(found.rows)))
    return answer_of(study, Words(lang), Told(study), ())


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_ten_people_are_too_few_and_eleven_are_not(lang):
    few, many = led_with(10, lang), led_with(11, lang)
    assert SAID[lang] in str(few.headline)
    assert {"en": "clears nothing", "fr": "innocente rien"}[lang] in few.leads[0]
    assert SAID[lang] not in str(many.headline)
    # Eleven of them, each of an age of their own: all are alone.
    assert "11" in str(many.headline)
