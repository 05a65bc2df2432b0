"""Numbers for the rules: of a simulated campaign by brute force, of a file by what it holds."""

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.maps.scoring.access import access_exposure
from privaudit.rules.description import read_description
from privaudit.studies.audit_rules import _severity
from privaudit.studies.study import Study

OPEN = {"role": "any_account", "vetted": False}


@pytest.fixture(scope="module")
def campaign():
    return pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_500), seed=5), seed=5)


def test_a_campaign_gives_all_four(campaign):
    found = pa.rules.measured_for_rules(campaign)
    assert set(found) == {"people_seen", "wrong_doors", "severity", "likelihood"}
    assert (found["severity"].value, found["likelihood"].value) == (3, 4)
    access = access_exposure(campaign)
    assert found["people_seen"].value == access.value("people_max", moment="before", role="public")
    person = campaign.world.accounts["person"].to_numpy()
    home = campaign.world.people["address"].to_numpy()
    account = campaign.profiles["account"].to_numpy()[campaign.dots["profile"].to_numpy()]
    wrong = campaign.dots["address"].to_numpy() != home[person[account]]
    assert found["wrong_doors"].value == pytest.approx(wrong.mean())
    ruled = pa.check_rules(None, {}, as_of="2018-05-25", measured=found)
    assert ruled["R11"].verdict == "breach"
    assert ruled["R23"].checked.value == np.count_nonzero(wrong)
    # A severity is no breach that happened.
    assert ruled["R26"].verdict == "not_assessable"


def test_after_the_map_was_narrowed_fewer_see_it(campaign):
    after = pa.rules.measured_for_rules(campaign, as_of="2016-11-08")
    assert "people_seen" not in after
    assert after["likelihood"].value == 3  # volunteers still have accounts


@pytest.mark.parametrize(
    ("columns", "told", "severity"),
    [
        ({"support_level": [1], "adresse": ["x"]}, {}, 3),
        ({"support_level": [1]}, {}, 2),
        ({"adresse": ["x"]}, {}, 2),
        ({"adresse": ["x"]}, {"processing": {"political": True}}, 3),
        ({"age_band": ["18-24"]}, {}, 1),
        ({"lon": [2.4], "lat": [48.8]}, {"columns": {"side": {"source": "inferred"}}}, 3),
    ],
)
def test_severity_follows_from_columns_that_stand_together(columns, told, severity):
    found = pa.rules.measured_for_rules(pd.DataFrame(columns), told)
    assert found["severity"].value == severity


@pytest.mark.parametrize(
    ("recipients", "logged", "likelihood"),
    [
        ([OPEN], True, 4),
        ([{"role": "any_account", "vetted": True}], True, 3),
        ([{"role": "staff"}, {"role": "volunteer"}], True, 3),
        ([{"role": "staff"}], True, 2),
        ([{"role": "staff"}], False, 3),
    ],
)
def test_likelihood_follows_from_recipients(recipients, logged, likelihood):
    told = {"recipients": recipients, "security": {"access_log": logged}}
    assert pa.rules.measured_for_rules(None, told)["likelihood"].value == likelihood


def test_a_map_open_to_any_account_counts_its_dots():
    dots = pd.DataFrame({"lon": [2.4] * 30, "lat": [48.8] * 30})
    seen = pa.rules.measured_for_rules(dots, {"recipients": [OPEN]})["people_seen"]
    assert (seen.value, seen.counts) == (30, "dots")
    assert "people_seen" not in pa.rules.measured_for_rules(
        dots, {"recipients": [{"role": "staff"}]}
    )
    turf = {"recipients": [{**OPEN, "scope": "own turf"}]}
    assert "people_seen" not in pa.rules.measured_for_rules(dots, turf)


def test_other_things_are_refused():
    with pytest.raises(ParameterError, match="a campaign, a study"):
        pa.rules.measured_for_rules("file.csv")


@pytest.mark.parametrize(
    ("kind", "level"), [("demo", 3), ("map", None), ("table", None), ("dossier", None)]
)
def test_a_demonstration_shows_an_opinion_at_a_home(kind, level):
    """Of any other study as much is known as its columns say: here nothing."""
    study = Study(kind=kind, title="", provenance="simulated", real_places=False)
    found = _severity(study, read_description({}))
    assert (found and found.value) == level
