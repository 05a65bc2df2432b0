"""Several copies whose mask nobody states: their mean gives away more, and its range holds."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.mask import parse_mask
from privaudit.maps.version_averaging import guess_versions
from privaudit.release.release import DotRelease
from privaudit.stats.intervals import wilson

pytestmark = pytest.mark.heavy

# Four hundred houses in blocks of ten by two, as far apart as on a street of houses.
COUNT, DOTS = 400, 80


def quarter(seed):
    rng = np.random.default_rng([3, seed])
    block, house = np.divmod(np.arange(COUNT), 20)
    x = 130.0 * (block % 5) + 12.0 * (house % 10) + rng.normal(0, 2, COUNT)
    y = 90.0 * (block // 5) + 25.0 * (house // 10) + rng.normal(0, 2, COUNT)
    rows = {"id": [str(i) for i in range(COUNT)], "number": "1", "street": "s", "commune": "c"}
    return AddressBase(pd.DataFrame({**rows, "station": "", "x": x, "y": y}), real=False)


def copies_of(base, home, spec, rng, count=3):
    made = []
    for _ in range(count):
        points = parse_mask(spec).on(base)(base.xy[home], rng=rng)
        records = pd.DataFrame({"x": points[:, 0], "y": points[:, 1], "dot_id": np.arange(DOTS)})
        made.append(DotRelease(records=records, roles=Roles(location=["x", "y"]), backdrop=base))
    return made


@pytest.mark.parametrize("spec", ["disk:60", "gaussian:40"])
def test_three_copies_give_away_more_than_one_and_within_the_range_told(spec):
    one, three, inside = [], [], 0
    for seed in range(2):
        rng, base = np.random.default_rng([9, seed]), quarter(seed)
        home = rng.choice(COUNT, DOTS, replace=False)
        made = copies_of(base, home, spec, rng)
        whom = Adversary.unknown_mask()
        alone = guess(made[-1], whom, rng=np.random.default_rng(1))
        found = guess_versions(made, whom, rng=np.random.default_rng(1))
        one.append((alone.address == home).mean())
        three.append((found.address == home).mean())
        assert found.right_between is not None
        assert found.copies == 3
        assert any(note.key == "copies_averaged" for note in found.notes)
        # What is expected lies between; of what is found, chance adds its own.
        low, high = wilson(three[-1], DOTS)
        inside += bool(low <= found.right_between[2] and high >= found.right_between[1])
    assert np.mean(three) > np.mean(one)
    assert inside == 2


def test_a_move_that_is_kept_tells_as_much_as_one_copy():
    rng, base = np.random.default_rng(2), quarter(0)
    home = rng.choice(COUNT, DOTS, replace=False)
    last = copies_of(base, home, "disk:60", rng, count=1)[0]
    whom = Adversary.unknown_mask()
    alone = guess(last, whom, rng=np.random.default_rng(1))
    found = guess_versions([last, last, last], whom, rng=np.random.default_rng(1))
    assert found.right_between == pytest.approx(alone.right_between)
    assert found.address.tolist() == alone.address.tolist()
