"""What a demo at real addresses says where nothing counts their homes."""

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.simulation.town import Town
from privaudit.studies import demo
from privaudit.studies.demo import HARM_VIEW, _uncounted
from privaudit.words.catalogues import Words

X, Y = (axis.ravel() * 20.0 for axis in np.meshgrid(np.arange(15), np.arange(15)))
FRAME = pd.DataFrame(
    {"id": np.arange(225), "number": "1", "street": "Rue A", "commune": "99001", "station": "",
     "x": X, "y": Y}
)  # fmt: skip
BASE = AddressBase(FRAME, crs="fictional", source="a grid", real=True)


def moved(*rows):
    """Of the blurred map, net, and of the exact one, which is not quoted."""
    made = Rows(3, "towns")
    for name, at, value in rows:
        for view, more in ((HARM_VIEW, 0.0), ("exact", 0.8)):
            part = {"view": view, "parameter": name, "at": at}
            made.add("net", value + more, "share", part=part)
    return Measures(family="sensitivity", rows=made, provenance="simulated")


BOTH = moved(
    ("homes_per_building", 9.0, 0.04), ("homes_per_building", 48.0, 0.13),
    ("homes_per_address", 1.5, 0.09), ("homes_per_address", 12.9, 0.02),
    ("roll_staleness", 0.02, 0.5), ("roll_staleness", 0.2, 0.4),
)  # fmt: skip


def test_without_counts_both_ranges_are_said():
    notes = _uncounted(Town.from_addresses(BASE), BOTH)
    assert [(note.key, note.values["least"], note.values["largest"]) for note in notes] == [
        ("homes_per_building_uncounted", 0.04, 0.13), ("homes_per_address_uncounted", 0.02, 0.09),
    ]  # fmt: skip
    said = [Words(lang).note(notes[0]).replace("\u00a0", " ") for lang in ("en", "fr")]
    assert "9 to 48 homes a building, 4.0 % to 13.0 % of the people" in said[0].replace("%", " %"
        ).replace("  %", " %")  # fmt: skip
    assert "9 à 48 foyers par immeuble, de 4,0 % à 13,0 % des personnes" in said[1]
    assert all("--cells" in one for one in said)


@pytest.mark.parametrize(
    "town",
    [Town(inhabitants=500), Town.from_addresses(BASE.with_counts(households=np.full(225, 2)))],
)
def test_where_they_are_counted_or_invented_nothing_is_said(town):
    assert _uncounted(town, BOTH) == ()


def test_with_one_town_nothing_was_tried():
    assert _uncounted(Town.from_addresses(BASE), None) == ()


def test_an_end_that_is_not_known_gives_no_range():
    notes = _uncounted(
        Town.from_addresses(BASE),
        moved(("homes_per_building", 9.0, float("nan")), ("homes_per_building", 48.0, 0.1)),
    )
    assert notes == ()


@pytest.mark.parametrize("communes", [1, 2])
@pytest.mark.parametrize("commune", [None, "94042"])
@pytest.mark.parametrize("national", [True, False])
def test_a_french_file_of_two_communes_asks_for_one(monkeypatch, communes, commune, national):
    """One commune needs no name, and a file of another country has none of ours."""
    names = [str(k % communes) for k in range(225)]
    base = AddressBase(FRAME.assign(commune=names), crs="fictional", source="a grid", real=True)
    monkeypatch.setattr(demo, "read_addresses", lambda *_, **__: base)
    monkeypatch.setattr(demo, "is_national", lambda _: national)
    monkeypatch.setattr(Town, "from_addresses", lambda base, **given: given)
    scene = demo.Scene(addresses="file.csv", commune=commune, inhabitants=90)
    if communes == 2 and commune is None and national:
        with pytest.raises(ParameterError, match="but got a file of 2 communes"):
            scene.town()
    else:
        assert scene.town() == {"inhabitants": 90}
