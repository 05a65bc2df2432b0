"""What a map leads with where nobody says how its dots were moved: ranges and few, by hand."""

import math
from types import SimpleNamespace

import pytest

from privaudit.report.answers import headline_without_numbers, unstated_mask_answer
from privaudit.results.rows import Row
from privaudit.words.catalogues import Note, Words

# 8.4 to 20.4 of forty at their address: 8 to 21 whole ones. 4.4 to 10.4 named: 4 to 11.
SPAN = {"address": (0.21, 0.51), "person": (0.11, 0.26)}


def found(gain, low, high, *, n=40, value=math.nan):
    return Row(measure="reidentified", value=value, low=low, high=high, unit="share", n=n,
               counts="people", gain=gain)  # fmt: skip


def answered(*exposures, lang="en", **readings):
    """Lead of exposures (rows, notes), and of what a reading of the dots gives."""
    told = SimpleNamespace(
        study=SimpleNamespace(
            exposures=[SimpleNamespace(rows=rows, notes=notes) for rows, notes in exposures]
        ),
        row=lambda family, measure, one="": readings.get(one or measure),
        of=lambda exposure: exposure.rows,
    )
    answer = unstated_mask_answer(Words(lang), told)
    return answer and " ".join([answer[0], *answer[1]]).replace("\u00a0", " ").replace(
        "\u202f", " "
    )


def rows(n=40, value=math.nan, span=SPAN):
    return [found(gain, *ends, n=n, value=value) for gain, ends in span.items()]


def test_a_range_is_told_in_whole_people_outwards():
    said = answered((rows(), ()))
    assert "*8 to 21 of the 40 people*" in said
    assert "The right person would be named for 4 to 11 of the 40." in said
    assert "mean over the copies" not in said
    french = answered((rows(), (Note("copies_averaged"),)), lang="fr")
    assert "*de 8 à 21 des 40 personnes*" in french
    assert "désignée pour 4 à 11 sur 40" in french
    assert "moyenne sur les copies" in french


def test_names_without_a_range_are_left_out_and_the_last_exposure_leads():
    said = answered((rows(), ()), (rows(span={"address": (0.5, 0.75), "person": (0.25, 0.25)}), ()))
    assert "*20 to 30 of the 40 people*" in said
    assert "named" not in said


@pytest.mark.parametrize(
    "some", [rows(n=10), rows(value=0.4), rows(span={"address": (0.3, 0.3)}),
             rows(span={"person": (0.1, 0.2)})],
)  # fmt: skip
def test_few_or_what_is_known_or_no_range_is_none(some):
    assert answered((some, ())) is None
    # What an earlier exposure tells stands.
    assert "8 to 21" in answered((rows(), ()), (some, ()))


def test_eleven_are_enough_for_a_range():
    assert "*2 to 6 of the 11 people*" in answered((rows(n=11), ()))


def test_dots_on_addresses_are_told_in_both_readings():
    """32 of 40 stand on an address, 4 would by chance: 30 found if left there, 12 if swapped."""
    left, swapped = (found("address", share, share, value=share) for share in (0.75, 0.3))
    on = Row(measure="on_address", value=0.8, unit="share", n=40, counts="dots", baseline=0.1)
    said = answered(in_place=left, swapped=swapped, on_address=on)
    assert "*30 of the 40 people*" in said
    assert "swapped between neighbours, *12*" in said
    assert "32 of 40 dots stand on an address; if spread at random, 4 would." in said
    for lacking in ("in_place", "swapped", "on_address"):
        some = {"in_place": left, "swapped": swapped, "on_address": on, lacking: None}
        assert answered(**some) is None
        assert "8 to 21" in answered((rows(), ()), **some)


@pytest.mark.parametrize(("sizes", "said"), [((10, 3), "Fewer than 11"), ((3, 11), "cannot be")])
def test_nothing_is_told_of_few_or_of_those_of_whom_no_claim_holds(sizes, said):
    exposures = [SimpleNamespace(rows=[found("address", 0, 0, n=n)], notes=()) for n in sizes]
    told = SimpleNamespace(study=SimpleNamespace(exposures=exposures))
    assert said in headline_without_numbers(Words("en"), told)
