"""Streets with one slip: each door is found, whatever else stands in the text, or none is."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import SLIP, _goes_on, match_addresses


def base_of(streets, town, postcode, language):
    rows = [(street, number) for street in streets for number in ("7", "12", "31a")]
    frame = pd.DataFrame(rows, columns=["street", "number"]).assign(commune=town, station="")
    frame.insert(0, "id", [str(i) for i in range(len(rows))])
    frame["x"], frame["y"] = np.arange(len(rows)) * 60.0, 0.0
    written = pd.DataFrame({"postcode": postcode, "town": town, "also": ""}, index=frame.index)
    return AddressBase(
        frame, crs="EPSG:3035", source="made", real=True, written=written, language=language
    )


PORTLAND = base_of(
    ["NE Alberta St", "SE Hawthorne Blvd", "N Mississippi Ave", "Hawthorne Rd"],
    "Portland", "97211", "en",
)  # fmt: skip
FREIBURG = base_of(
    ["Günterstalstraße", "Merzhauser Straße", "Hildastraße", "Rosengasse"],
    "Freiburg", "79100", "de",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "base", "door"),
    [
        # A state beside the postcode, with and without the town.
        ("12 SE Hawthorrne Blvd OR 97211", PORTLAND, ("SE Hawthorne Blvd", "12")),
        ("7 NE Albreta St, OR 97211", PORTLAND, ("NE Alberta St", "7")),
        ("7 NE Albreta St, Portland, OR 97211-1234", PORTLAND, ("NE Alberta St", "7")),
        ("31a N Missisippi Ave OR", PORTLAND, ("N Mississippi Ave", "31a")),
        # One letter of a keyboard stands for two.
        ("Günterstalstrae 12, 79100 Freiburg", FREIBURG, ("Günterstalstraße", "12")),
        ("Merzhauser Strßae 7, 79100 Freiburg", FREIBURG, ("Merzhauser Straße", "7")),
        ("MERZHAUSER STRASE 31A, 79100 FREIBURG", FREIBURG, ("Merzhauser Straße", "31a")),
        ("Hildasrtasse 7, 79100 Freiburg", FREIBURG, ("Hildastraße", "7")),
        # The beginning of a longer name is no street with a slip.
        ("12 Hawthorrne Rd Extension, Portland, OR 97211", PORTLAND, None),
        ("12 SE Hawthorrne Blvd ORE, Portland", PORTLAND, None),
        ("Rosenstraße 7, 79100 Freiburg", FREIBURG, None),
    ],
)
def test_a_street_with_one_slip_is_found(text, base, door):
    (row,), (why,) = match_addresses([text], base)
    if door is None:
        assert row == -1
    else:
        assert (base.frame["street"][row], base.frame["number"][row]) == door
        assert why == SLIP


@pytest.mark.parametrize(
    ("before", "after", "goes_on"),
    [
        ("", "", False), ("", "b", False), ("", "bu", True), ("", "12", False),
        ("b", "", False), ("le", "", True), ("bis", "", False), ("12", "", False),
    ],
)  # fmt: skip
def test_a_street_goes_on_with_a_word_of_two_letters(before, after, goes_on):
    words = tuple(word for word in (before, "rue", "basse", after) if word)
    written = SimpleNamespace(words=words, parted=lambda at: False)
    streets = SimpleNamespace(language=SimpleNamespace(code="fr"), town_starts=set())
    start = int(bool(before))
    assert _goes_on(written, start, start + 2, streets) == goes_on


@pytest.mark.parametrize(
    ("towns", "named"),
    [(["Est"] * 3, "Quai"), (["Est", "Est", ""], "Quai"), (["Est", "Est", "Sud"], "Est")],
)
def test_places_are_towns_from_two_of_them(towns, named):
    base = base_of(["Quai"], "", "1", "de")
    base = replace(base, written=base.written.assign(town=towns))
    assert base.place_names(fewest=2)[0][0] == named


@pytest.mark.parametrize(("doors", "named"), [(10, []), (11, ["Quai"]), (12, ["Quai"])])
def test_a_place_is_named_from_eleven_doors(doors, named):
    frame = base_of(["Quai"], "", "1", "de").frame.iloc[[0] * doors]
    base = AddressBase(frame.reset_index(drop=True), crs="EPSG:3035", real=True)
    assert [name for name, _, _ in base.place_names()] == named


@pytest.mark.parametrize("count", [-1, 0, 1])
def test_a_count_at_an_address_is_nought_or_more(count):
    frame = base_of(["Quai"], "", "1", "de").frame.assign(residents=[count, 2, 3])
    if count < 0:
        with pytest.raises(SchemaError, match="residents of 0 or more"):
            AddressBase(frame, crs="EPSG:3035", real=True)
    else:
        assert AddressBase(frame, crs="EPSG:3035", real=True).people().tolist() == [count, 2, 3]
