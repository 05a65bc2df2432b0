"""Dots that were read from a picture beside those that were drawn: pairs made by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.posterior import Guesses, Posterior
from privaudit.maps.registry import read_back
from privaudit.maps.scoring.screenshot import align_with_drawn, read_of_each
from privaudit.release.release import DotRelease, Georeference, Picture, PictureRelease
from privaudit.words.catalogues import Note

IMAGE = np.zeros((100, 100, 3), np.uint8)
# Ten metres a pixel: column 2, row 3 is at x = 20, y = 970.
PLACE = Georeference.of_box((0, 0, 1000, 1000), width=100, height=100)


def published(pixels):
    sources = pd.DataFrame(np.array(pixels, float), columns=["column", "row"])
    sources = sources.assign(account=0, person=0, marked_address=0, marked_household=0)
    return PictureRelease(
        records=pd.DataFrame(index=pd.RangeIndex(0)),
        roles=Roles(),
        backdrop=BASE,
        picture=Picture(IMAGE, PLACE),
        sources=sources,
        recipe={"stage": "publish"},
    )


def read(pixels, status="to_meet"):
    xy = PLACE.to_metres(pixels)
    records = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "status": status})
    return DotRelease(
        records=records,
        roles=Roles(location=("x", "y")),
        backdrop=BASE,
        picture=Picture(IMAGE, PLACE),
        resolution=4.0,
    )


BASE = AddressBase(
    pd.DataFrame(
        {
            "id": ["0"],
            "number": "1",
            "street": "s",
            "commune": "c",
            "station": "",
            "x": [0.0],
            "y": 0.0,
        }
    ),
    real=False,
)
DRAWN = [[20, 30], [22, 30], [60, 60]]
# The first two are read in the other order, the third is missed, a stain is read besides.
READ = [[22.5, 30], [20.5, 30], [80, 80]]


def test_each_drawn_dot_is_read_once_or_not_at_all():
    assert read_of_each(read(READ), published(DRAWN)).tolist() == [1, 0, -1]
    # One mark where two were drawn: only one of them is read.
    assert read_of_each(read([[20.1, 30]]), published(DRAWN)).tolist() == [0, -1, -1]
    assert read_of_each(read([[20, 34]]), published(DRAWN)).tolist() == [-1, -1, -1]


def test_guesses_follow_the_people_who_were_drawn():
    guesses = Guesses(
        attack="by hand",
        address=np.array([7, 8, 9]),
        confidence=np.array([0.7, 0.8, 0.9]),
        person=np.array([1, -1, 2]),
        person_confidence=np.array([0.5, 0.0, 0.4]),
        opinion=np.array(["left", "right", "left"]),
        opinion_confidence=np.array([0.6, 0.7, 0.6]),
        posterior=Posterior(
            np.array([0, 1, 3, 4]), np.array([7, 8, 5, 9]), np.array([1, 0.8, 0.2, 1])
        ),
        credible=np.array([1, 2, 1]),
        k_addresses=np.array([1.0, 1.2, 1.0]),
    )
    ordered, drawn = align_with_drawn(guesses, read(READ), published(DRAWN))
    assert ordered.address.tolist() == [8, 7, -1]
    assert ordered.confidence.tolist() == [0.8, 0.7, 0.0]
    assert ordered.person.tolist() == [-1, 1, -1]
    assert ordered.opinion.tolist() == ["right", "left", ""]
    assert ordered.posterior.indptr.tolist() == [0, 2, 3, 3]
    assert ordered.posterior.candidate.tolist() == [8, 5, 7]
    assert ordered.credible.tolist() == [2, 1, 0]
    np.testing.assert_array_equal(ordered.k_addresses, [1.2, 1.0, np.nan])
    assert ordered.k_people is None
    assert ordered.notes == (
        Note("dots_read_of_picture", dots=2, of=3),
        Note("marks_where_none_was_drawn", marks=1),
    )
    assert isinstance(drawn, DotRelease)
    assert drawn.resolution == 4.0
    np.testing.assert_allclose(drawn.records["x"], [205, 225, np.nan])
    assert drawn.records["status"].tolist() == ["to_meet", "to_meet", ""]
    assert len(drawn) == len(drawn.sources) == 3


def test_nobody_is_guessed_where_no_mark_was_read():
    no_row, none, words = np.empty(0, dtype=int), np.empty(0), np.empty(0, dtype=object)
    guesses = Guesses(
        attack="by hand", address=no_row, confidence=none, person=no_row, person_confidence=none,
        opinion=words, opinion_confidence=none,
    )  # fmt: skip
    ordered, drawn = align_with_drawn(guesses, read(READ[:0]), published(DRAWN))
    assert ordered.address.tolist() == [-1, -1, -1]
    assert ordered.opinion.tolist() == ["", "", ""]
    assert drawn.records["x"].isna().all()


def test_what_cannot_be_put_together():
    shot = published(DRAWN)
    with pytest.raises(ParameterError, match="sources"):
        read_of_each(read(READ), shot.as_leaked())
    with pytest.raises(ParameterError, match="sources"):
        read_of_each(replace(read(READ), picture=None), shot)
    with pytest.raises(SchemaError, match="column"):
        read_of_each(read(READ), replace(shot, sources=shot.sources[["person"]]))


def test_a_picture_is_read_before_it_is_attacked():
    shot = published(DRAWN)
    with pytest.raises(ParameterError, match="read_back"):
        guess(shot.as_leaked(), Adversary.nearest(), rng=np.random.default_rng(0))
    with pytest.raises(ParameterError, match="as_leaked"):
        read_back(shot)
    with pytest.raises(ParameterError, match="a screenshot"):
        read_back(read(READ))


def test_what_is_read_back_lies_where_it_was_drawn():
    x = np.array([0.0, 40.0, 90.0])
    rows = {"id": ["a", "b", "c"], "number": "1", "street": "s", "commune": "c", "station": ""}
    base = AddressBase(pd.DataFrame({**rows, "x": x, "y": 0.0}), real=False)
    picture = Screenshot(metres_per_pixel=1)(base.xy, [True, False, True])
    leak = replace(published(DRAWN), picture=picture, backdrop=base).as_leaked()
    dots = read_back(leak).records.sort_values("x")
    np.testing.assert_allclose(dots["x"], x, atol=0.5)
    assert dots["status"].tolist() == ["to_meet", "visited", "to_meet"]
