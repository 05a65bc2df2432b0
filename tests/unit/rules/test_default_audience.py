"""Who sees whom by default: one person seen is one, and nobody is nobody."""

import pytest

from privaudit.results.rows import Row
from privaudit.rules.check_rules import check_rules

TOLD = {"recipients": [{"role": "elected", "vetted": True}]}


@pytest.mark.parametrize(("seen", "verdict"), [(0.0, "met"), (1.0, "breach")])
def test_one_person_visible_by_default_is_enough(seen, verdict):
    row = Row(measure="people_seen", value=seen, unit="people", n=400, counts="people")
    one = check_rules(None, TOLD, as_of="2018-05-25", measured={"people_seen": row})["R11"]
    assert one.verdict == verdict
