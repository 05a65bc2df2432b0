"""What a picture shows and nobody reads stays in the denominator of every share."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.columns.roles import Roles
from privaudit.errors import ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.mask import Exact
from privaudit.maps.scoring.screenshot import add_unread, widen_intervals
from privaudit.release.release import DotRelease
from privaudit.screenshots.picture_dots import picture_dots
from privaudit.screenshots.read_screenshot import read_screenshot
from privaudit.studies.audit import attacked

READ = 20
KNOWS = Adversary.knows_mask(Exact())


def town(xy):
    frame = pd.DataFrame(xy, columns=["x", "y"]).assign(
        id=[str(k) for k in range(len(xy))], number="1", street="s", commune="c", station=""
    )
    return AddressBase(
        frame[["id", "number", "street", "commune", "station", "x", "y"]], real=False
    )


@pytest.fixture(scope="module")
def base():
    side = np.arange(0.0, 600, 60)
    return town(np.array([(x, y) for x in side for y in side]))


def leak(base, shown):
    """Twenty dots on addresses that stand alone: whoever knows that they are exact finds all."""
    records = pd.DataFrame(base.xy[:READ], columns=["x", "y"]).assign(status="to_meet")
    return DotRelease(
        records=records, roles=Roles(location=("x", "y")), backdrop=base, name="shot.png",
        dots_shown=shown,
    )  # fmt: skip


def test_shares_are_of_what_the_picture_shows(base):
    of_read = attacked(leak(base, None), KNOWS, truth=None, seed=7)
    assert of_read.overall["value"]["address"] == pytest.approx(1)
    # Twenty read of about fifty: the rest are not found. By hand: 20 / 50.
    of_shown = attacked(leak(base, (25.0, 50.0, 80.0)), KNOWS, truth=None, seed=7)
    assert of_shown.overall["value"]["address"] == pytest.approx(20 / 50)
    assert of_shown.overall["n"]["address"] == 50
    # And the interval allows for what the denominator may be: 20 / 80 to 20 / 25.
    assert of_shown.overall["low"]["address"] <= 20 / 80
    assert of_shown.overall["high"]["address"] >= 20 / 25


def test_unread_dots_are_rows_without_a_guess(base):
    read = leak(base, (20.0, 31.6, 60.0))
    made = guess(read.as_leaked(), KNOWS, rng=np.random.default_rng(0))
    guesses, shown, believed = add_unread(made, read, made.posterior)
    assert len(guesses) == len(shown) == len(believed) == 32
    np.testing.assert_array_equal(guesses.address[:READ], made.address)
    assert (guesses.address[READ:] == -1).all()
    assert (guesses.confidence[READ:] == 0).all()
    assert shown.records["x"].isna().sum() == 12
    assert np.diff(believed.indptr)[READ:].tolist() == [0] * 12


@pytest.mark.parametrize("shown", [None, (20.0, 20.0, 20.0), (20.0, 20.4, 26.0)])
def test_nothing_is_added_where_all_is_read(base, shown):
    read = leak(base, shown)
    made = guess(read.as_leaked(), KNOWS, rng=np.random.default_rng(0))
    guesses, same, _ = add_unread(made, read)
    assert guesses is made
    assert same is read


def test_an_interval_widens_by_the_range_of_its_denominator(base):
    found = attacked(leak(base, None), KNOWS, truth=None, seed=7)
    wide = widen_intervals(found, (20.0, 40.0, 80.0)).overall
    # At most 80 for about 40: half the lower end; at least 20: twice the upper one, to 1.
    assert wide["low"]["address"] == pytest.approx(found.overall["low"]["address"] / 2)
    assert wide["high"]["address"] == pytest.approx(min(2 * found.overall["high"]["address"], 1))
    same = widen_intervals(found, (40.0, 40.0, 40.0)).overall
    assert same["low"]["address"] == found.overall["low"]["address"]


def test_a_picture_says_how_many_dots_it_shows():
    rng = np.random.default_rng(4)
    base = town(rng.random((900, 2)) * [900, 700])
    # Half of them lie within a dot of each other: some are covered, none can be told apart.
    home = rng.permutation(len(base))[:300]
    shot = Screenshot(metres_per_pixel=4)(base.xy[home], np.arange(300) < 150)
    read = read_screenshot(shot.image, addresses=base, bbox=shot.box)
    low, about, high = read.dots_shown
    assert len(read) < 300
    assert low <= 300 <= high
    assert len(read) <= about
    keys = [note.key for note in read.notes]
    assert "picture_shows" in keys


def test_a_picture_without_colours_is_not_read_as_visited():
    rng = np.random.default_rng(2)
    shot = Screenshot(metres_per_pixel=2)(rng.random((40, 2)) * 900, np.arange(40) < 20)
    grey = shot.image.astype(float).mean(axis=2).astype(np.uint8)[..., None].repeat(3, axis=2)
    with pytest.raises(ReadError, match="without colours"):
        picture_dots(grey)


@dataclasses.dataclass(frozen=True)
class Found:
    overall: pd.DataFrame


@pytest.mark.parametrize(
    ("shown", "low", "high"),
    [
        # About ten dots, between eight and twelve and a half: .4 of ten may be .32 of them.
        ((8.0, 10.0, 12.5), 0.32, 0.625), ((10.0, 10.0, 10.0), 0.4, 0.5),
        ((4.0, 10.0, 10.0), 0.4, 1.0), ((5.0, 10.0, 20.0), 0.2, 1.0),
        # Less than one dot is one.
        ((0.0, 1.0, 1.0), 0.4, 0.5), ((0.0, 1.0, 2.0), 0.2, 0.5), ((1.0, 2.0, 2.0), 0.4, 1.0),
    ],
)  # fmt: skip
def test_a_share_of_dots_is_as_wide_as_their_number(shown, low, high):
    overall = pd.DataFrame({"low": [0.4], "high": [0.5]})
    found = widen_intervals(Found(overall), shown).overall
    assert found.iloc[0].tolist() == pytest.approx([low, high])
    assert overall.iloc[0].tolist() == [0.4, 0.5]
