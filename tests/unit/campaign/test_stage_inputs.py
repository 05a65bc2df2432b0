"""Stages refuse wrong inputs with one line."""

import pytest

import privaudit as pa


@pytest.mark.parametrize("wrong", [2_000, {"inhabitants": 2_000}, pa.Town])
def test_simulate_takes_a_town(wrong):
    said = r"^simulate: needs town to be a Town, but got (an?|the class) \w+\. "
    with pytest.raises(pa.PrivauditError, match=said):
        pa.simulate(wrong)


@pytest.mark.parametrize("wrong", [None, pa.Town(), [{"name": "a real person"}]])
def test_run_campaign_takes_a_simulated_world_only(wrong):
    with pytest.raises(
        pa.PrivauditError, match=r"^run_campaign: needs world to be a SimulatedWorld, but got "
    ):
        pa.run_campaign(wrong)
