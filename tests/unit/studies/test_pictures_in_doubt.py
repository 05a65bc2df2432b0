"""A picture that may be no map: nothing is claimed of it unless its mask is stated."""

import math

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from privaudit.geo.address_base import AddressBase
from privaudit.report.answers import answer_of
from privaudit.report.guard import only_reliable
from privaudit.report.sentences import ResultLookup
from privaudit.report.story import _advice
from privaudit.studies.audit_map import SeizedMap, audit_map
from privaudit.words.catalogues import Words

SIZE, BOX = (300, 200), (1_000.0, 5_000.0, 1_600.0, 5_400.0)
# Of a town of 150 addresses twelve, and a chart of twelve points.
TOWN = np.random.default_rng(5).uniform(0.05, 0.95, (150, 2)) * SIZE
HOMES = TOWN[[k for k in range(150) if np.hypot(*(TOWN[:k] - TOWN[k]).T).min(initial=99) > 12][:12]]
CHART = np.array([(25 + 22 * k, 160 - 11 * k) for k in range(12)])


def study_of(tmp_path, marks, **options):
    row, column = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    image = np.full((SIZE[1], SIZE[0], 3), 245.0)
    for x, y in marks:
        part = np.clip(5.5 - np.hypot(column - x, row - y), 0, 1)[..., None]
        image = image * (1 - part) + np.array((214, 39, 40)) * part
    Image.fromarray(image.round().astype(np.uint8)).save(tmp_path / "seen.png")
    x, y = 1_000 + 2 * TOWN[:, 0], 5_400 - 2 * TOWN[:, 1]
    ids = [str(n) for n in range(len(x))]
    rows = {"id": ids, "number": ids, "street": "rue A", "commune": "Bourg", "station": ""}
    base = AddressBase(pd.DataFrame({**rows, "x": x, "y": y}), real=False)
    seized = SeizedMap(
        leaks=[tmp_path / "seen.png"], addresses=tmp_path / "unread.csv", bbox=BOX, **options
    )
    return audit_map(seized, base=base, reveal_rows=True)


@pytest.fixture(scope="module")
def chart(tmp_path_factory):
    return study_of(tmp_path_factory.mktemp("chart"), CHART)


def test_nothing_is_claimed_of_a_picture_that_may_be_no_map(chart):
    study, rows = chart
    assert [e.reliable for e in study.exposures] == [False, False]
    shown = only_reliable(study)
    for exposure in shown.exposures:
        assert exposure.overall[["value", "low", "high"]].isna().all(axis=None)
    for result in shown.measures.values():
        assert all(math.isnan(row.value) and math.isnan(row.low) for row in result.rows)
    assert study.area_points is None
    assert (rows["dots"]["address_id"] == "").all()
    assert rows["dots"]["probability"].isna().all()


@pytest.mark.parametrize(
    ("lang", "claimed", "do"),
    [("en", "<em>Nothing is claimed</em> of the people", "state with --mask"),
     ("fr", "<em>Rien n’est affirmé</em> sur les personnes", "indiquer par --mask")],
)  # fmt: skip
def test_its_first_screen_says_so_and_what_to_do(chart, lang, claimed, do):
    study = only_reliable(chart[0])
    words = Words(lang)
    results = ResultLookup(study)
    answer = answer_of(study, words, results, ())
    assert str(answer.headline).startswith(claimed)
    assert do in _advice(study, words, results)


@pytest.mark.heavy
def test_a_stated_mask_or_dots_at_homes_are_attacked_as_a_map(tmp_path):
    for marks, options in ((CHART, {"mask": "gaussian:60"}), (HOMES, {})):
        study, _ = study_of(tmp_path, marks, **options)
        doubted = [note.key for one in study.exposures for note in one.notes]
        assert "may_be_no_map" not in doubted
        assert study.area_points is not None
    address = study.exposures[-1].overall.loc["address"]
    assert address["value"] > 10 * address["baseline"]
