"""Checks of `CampaignPlan`."""

import json

import numpy as np
import pytest

from privaudit.campaign.plan import CampaignPlan
from privaudit.errors import ParameterError


def test_dates_of_the_case():
    plan = CampaignPlan()
    assert plan.launch < plan.restricted_at < plan.as_of
    assert plan.restricted_at == np.datetime64("2016-09-02")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"side": "centre"}, "side"),
        ({"launch": "yesterday"}, "launch"),
        ({"launch": None}, "launch"),
        ({"launch": "2016-09-02"}, "restricted_at"),
        ({"as_of": "2016-08-01"}, "as_of"),
        ({"min_interactions": 0}, "min_interactions"),
        ({"label_share": 1.5}, "label_share"),
        ({"door_open_rate": float("nan")}, "door_open_rate"),
        ({"registers": ("phone",)}, "registers"),
        ({"registers": ("roll", "roll")}, "registers"),
        ({"registers": ()}, "at least one register, but got none"),
        ({"registers": None}, "registers to be a list"),
        ({"n_team": -1}, "n_team"),
    ],
)
def test_invalid_plans_are_refused(wrong, named):
    with pytest.raises(ParameterError, match=named) as error:
        CampaignPlan(**wrong)
    assert "\n" not in str(error.value)


def test_a_recipe_is_plain():
    recipe = CampaignPlan(registers="roll").recipe()
    assert json.loads(json.dumps(recipe)) == recipe
    assert recipe["registers"] == ["roll"]
    assert recipe["as_of"] == "2016-09-15T00:00:00"


def test_a_plan_cannot_be_changed():
    with pytest.raises(AttributeError):
        CampaignPlan().side = "left"
