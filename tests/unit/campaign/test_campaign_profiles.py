"""Profiles of the street."""

import json

import numpy as np
import pandas as pd

from privaudit.campaign import campaign as of_campaign
from privaudit.campaign.campaign import PROFILE_COLUMNS, run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.release.release import LabelsChecked


def test_profiles_take_what_each_account_shows(street):
    profiles = run_campaign(street, CampaignPlan(profession_shown=1.0)).profiles
    assert tuple(profiles.columns) == PROFILE_COLUMNS
    assert profiles["account"].tolist() == street.accounts["account"].tolist()
    eric = profiles.loc[0]
    assert eric[["age_band", "sex", "profession", "interest"]].tolist() == [
        *("35-49", "M", "employee", "cooking"),
    ]
    # Equal numbers of likes for cooking and sport: the alphabet decides.
    assert profiles.loc[3, "interest"] == "cooking"
    # Only generic pages make an interest.
    assert profiles.loc[8, "interest"] == ""
    # Luc Fabre's entry of the directory is at another address than that of the roll.
    assert profiles.loc[5, ["age_band", "sex"]].tolist() == ["", "M"]
    # One name at one address is one elector, though there are two Marie Martins.
    number = profiles.loc[3, "address"]
    assert profiles.loc[3, "age_band"] == {2: "25-34", 3: "50-64"}[number]
    # Her married and her birth name are one person of the roll.
    assert profiles.loc[1, ["age_band", "sex"]].tolist() == ["35-49", "F"]
    assert profiles.loc[9, ["age_band", "sex", "profession"]].tolist() == ["", "", "student"]
    # One initial of a last name is enough where one Tom votes.
    assert profiles.loc[10, ["age_band", "sex"]].tolist() == ["25-34", "M"]
    # Not matched, for she hides her town, but all electors called Hélène are women.
    assert profiles.loc[6, ["age_band", "sex"]].tolist() == ["", "F"]


def test_age_is_counted_on_the_day(street):
    # Éric was born on 2 May 1971: 49 until the eve of his birthday in 2021.
    for day, band in (("2021-05-01", "35-49"), ("2021-05-02", "50-64")):
        assert run_campaign(street, CampaignPlan(as_of=day)).profiles["age_band"][0] == band


def test_professions_are_known_where_shown(street):
    hidden = run_campaign(street, CampaignPlan(profession_shown=0.0)).profiles
    assert set(hidden["profession"]) == {""}


def test_without_the_roll_no_age_is_known(street):
    profiles = run_campaign(street, CampaignPlan(registers=("directory",))).profiles
    assert set(profiles["age_band"]) == {""}
    assert set(profiles["sex"]) == {""}


def test_a_campaign_shows_counts_only_and_a_plain_recipe(street):
    parts = []
    campaign = run_campaign(street, seed=3, tick=parts.append)
    assert len(parts) == 5
    assert repr(campaign).startswith("Campaign(14 simulated profiles, 5 dots, ")
    assert json.loads(json.dumps(campaign.recipe)) == campaign.recipe
    assert campaign.recipe["seed"] == 3
    assert campaign.quality.family == "campaign"
    assert {row.counts for row in campaign.quality.rows} == {"accounts"}


def test_times_and_texts_have_the_types_of_the_contract(street):
    campaign = run_campaign(street)
    for frame, times in (
        (campaign.profiles, ["first_seen"]),
        (campaign.dots, ["appeared_at", "visited_at"]),
        (campaign.contact_log, ["time"]),
        (campaign.users, ["registered_at"]),
    ):
        assert {str(frame[name].dtype) for name in times} == {"datetime64[s]"}
        texts = frame.select_dtypes("str").columns
        assert not frame[texts].isna().any(axis=None)
        assert not any(pd.api.types.is_object_dtype(dtype) for dtype in frame.dtypes)
        for name in {"profile", "account", "entry", "address", "dot", "contact", "user"} & set(
            frame.columns
        ):
            assert frame[name].dtype == "int64"


def test_matches_are_held_against_the_truth_once_and_when_asked(street, monkeypatch):
    calls, held = [], of_campaign.match_quality
    monkeypatch.setattr(
        of_campaign, "match_quality", lambda *given: (calls.append(1), held(*given))
    )
    campaign = run_campaign(street, seed=3)
    assert not calls
    before = [row.label for row in campaign.judged.rows]
    assert before == [row.label for row in campaign.quality.rows][: len(before)]
    assert calls == [1]


def test_a_campaign_without_a_score_asks_for_no_linear_algebra(street, monkeypatch):
    def never():
        raise AssertionError

    monkeypatch.setattr("privaudit.campaign.leaning_and_attributes.one_thread", never)
    assert run_campaign(street, with_score=False).profiles["score"].isna().all()


def test_labels_are_checked_where_somebody_declares(street, monkeypatch):
    """Of nobody who declares nothing is checked; one is enough."""
    monkeypatch.setattr(of_campaign, "labels_checked", lambda *given: "checked")
    for declare, checked in ((0, LabelsChecked()), (1, "checked")):
        campaign = run_campaign(street, seed=3, with_score=False)
        object.__setattr__(campaign, "declared", np.arange(len(campaign.profiles)) < declare)
        assert campaign.labels_checked == checked
