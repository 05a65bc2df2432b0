"""Among how many a home is hidden: counted by hand on twelve dots."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Disk
from privaudit.maps.scoring.score import score
from privaudit.maps.scoring.spatial_k import spatial_k_anonymity
from privaudit.release.release import DotRelease


def told(residents=None):
    # Three doors within 100 m of (0, 0), one alone at (1000, 0), and one far from every dot.
    x = [0.0, 50.0, 80.0, 1000.0, 5000.0]
    words = {"id": list("abcde"), "number": "1", "street": "s", "commune": "c", "station": ""}
    frame = pd.DataFrame({**words, "x": x, "y": 0.0})
    base = AddressBase(
        frame if residents is None else frame.assign(residents=residents), real=False
    )
    # Eight dots among the three doors, four beside the lone one.
    dots = pd.DataFrame({"x": [20.0] * 8 + [1010.0] * 4, "y": 0.0})
    leak = DotRelease(records=dots, roles=Roles(location=("x", "y")), backdrop=base)
    rung = Adversary.knows_mask(Disk(radius=100))
    guesses = guess(leak, rung, rng=np.random.default_rng(1))
    return spatial_k_anonymity(score(guesses, None, leak, adversary=rung), base)


def test_half_are_hidden_among_three_doors_and_a_tenth_by_none():
    rows = told()
    assert rows.row("candidates", percentile=50).value == 3
    assert rows.row("candidates", percentile=10).value == 1
    # Without the map, .95 of five doors is 4.75: five of them.
    assert rows.row("candidates", percentile=50).baseline == 5
    for name in ("candidates", "k_addresses"):
        row = rows.row(name, percentile=50)
        # Nobody knows whom a dot of a real map stands for.
        assert (row.n, row.counts, row.unit) == (12, "dots", "addresses")


def test_k_is_the_mean_rank_of_the_home():
    # Doors at 20, 30 and 60 m of the dot, as likely each: the home is 1st, 2nd or 3rd.
    assert told().row("k_addresses", percentile=50).value == pytest.approx(2)


def test_people_are_counted_where_known():
    # 4, 4 + 2 and 4 + 2 + 3 people at least as near, as likely each.
    rows = told(residents=np.array([4, 2, 3, 7, 9]))
    assert rows.row("k_people", percentile=50).value == pytest.approx((4 + 6 + 9) / 3)
    assert rows.row("k_people", percentile=50).baseline == 25


def test_people_are_not_made_up_where_unknown():
    row = told().row("k_people", percentile=50)
    assert np.isnan(row.value)
    assert [note.key for note in row.notes] == ["people_at_addresses_not_counted"]
