"""A map that shows how surely each home was matched: its doors are believed one by one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.mask import Exact
from privaudit.release.release import DotRelease


def seen(doors, sure):
    """What somebody who knows that dots stand in place believes of four of them."""
    x = np.arange(4) * 100.0
    frame = {"id": list("abcd"), "number": "1", "street": "R", "commune": "C", "station": ""}
    base = AddressBase(pd.DataFrame({**frame, "x": x, "y": 0.0}), real=False)
    records = pd.DataFrame({"x": x, "y": 0.0})
    if sure is not None:
        records["match_probability"] = sure
    release = DotRelease(records=records, roles=Roles(location=["x", "y"]), backdrop=base)
    release = replace(release, doors_checked=doors)
    return guess(release, Adversary.knows_mask(Exact()), rng=np.random.default_rng(0))


def test_each_door_is_believed_as_surely_as_it_was_matched():
    plain = seen((500, 1_000), None)
    shown = seen((500, 1_000), [0.9, 0.6, 0.6, 0.3])
    share = shown.confidence / plain.confidence
    # The mean, .6, is what the doors say; each door in proportion.
    assert share == pytest.approx([1.5, 1.0, 1.0, 0.5], abs=1e-9)
    assert shown.confidence.mean() == pytest.approx(plain.confidence.mean())
    assert np.array_equal(plain.posterior.probability, shown.posterior.probability)


def test_no_door_is_surer_than_certain_and_a_file_s_column_is_no_campaign_s():
    assert seen((999, 1_000), [1.0, 0.1, 0.1, 0.1]).right_doors.max() == 1
    from_file = seen(None, ["0.9", "a lot", "", "0.1"])
    assert from_file.right_doors == 1
