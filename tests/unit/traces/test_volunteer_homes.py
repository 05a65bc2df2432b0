"""Files that say when doors were visited, and by whom; no claim of homes from them."""

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.geo.address_base import AddressBase
from privaudit.studies.audit_log import rounds_of_file
from privaudit.traces.rounds import Visits

SIDE, TURF, EVENINGS, EACH = 1_200.0, 220.0, 4, 7


def weighted(rng, weight):
    return int(rng.choice(len(weight), p=weight / weight.sum()))


def log_of(seed, scale=None, wide=None, anywhere=0.0, apart=0.0, volunteers=8):
    """Walks from door to door that begin near home; scale None: anywhere. Homes lie around doors.

    `wide` is in mean distances of doors from their middle; "far": homes beyond twice the turf.
    """
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, SIDE, (400, 2))
    rows, when, who, homes = [], [], [], []
    for volunteer in range(volunteers):
        far = np.hypot(*(xy - rng.uniform(TURF, SIDE - TURF, 2)).T)
        left = rng.permutation(np.flatnonzero(far < TURF))[: EVENINGS * EACH]
        alone = scale is None or rng.random() < apart
        if wide == "far":
            around = (far > 2 * TURF).astype(float)
        else:
            width = np.inf if alone else wide * 2 / 3 * TURF
            gap = np.hypot(*(xy[:, None] - xy[left]).transpose(2, 0, 1))
            around = np.exp(-((gap / width) ** 2) / 2).sum(axis=1)
        homes.append(weighted(rng, around))
        for evening in range(EVENINGS):
            if not len(left):
                break
            gap = np.hypot(*(xy[left] - xy[homes[-1]]).T)
            near = np.exp((gap.min() - gap) / (np.inf if alone else scale))
            at = int(rng.integers(len(left)) if rng.random() < anywhere else weighted(rng, near))
            for k in range(min(EACH, len(left))):
                rows.append(left[at])
                when.append(pd.Timestamp(2016, 9, 1 + evening, 18, 5 * k))
                who.append(f"v{volunteer}")
                left = np.delete(left, at)
                if len(left):
                    at = int(np.hypot(*(xy[left] - xy[rows[-1]]).T).argmin())
    frame = pd.DataFrame({"id": range(400), "number": "1", "street": "s", "commune": "c",
                          "station": "", "x": xy[:, 0], "y": xy[:, 1]})  # fmt: skip
    log = pd.DataFrame({"visited_at": when, "volunteer": who, "x": xy[rows, 0], "y": xy[rows, 1]})
    return log, AddressBase(frame, real=False), np.array(homes)


def test_what_a_real_log_tells_of_homes_is_not_claimed():
    log, base, _ = log_of(3)
    rows = pa.maps.volunteer_homes(pa.read_map(log, addresses=base), evenings=[1]).rows
    assert [note.key for row in rows for note in row.notes] == ["homes_not_held"] * 3
    assert not any(row.reliable for row in rows)


@pytest.mark.parametrize(
    ("time", "by"),
    [
        ("date_visite", "bénévole"), ("Visité le", "militant"), ("knocked_at", "canvasser"),
        ("canvassed_on", "agent"), ("Date Canvassed", "Canvassed By"),
    ],
)  # fmt: skip
def test_columns_of_a_file_are_known_by_their_headers(time, by):
    log, base, _ = log_of(3)
    log["visited_at"] = log["visited_at"].dt.strftime("%d/%m/%Y %H:%M")
    real = pa.read_map(log.rename(columns={"visited_at": time, "volunteer": by}), addresses=base)
    found = rounds_of_file(real, None, seed=7)["volunteer_homes"]
    assert found.row("home_within", evenings=4, within=50).n == 8
    (note,) = [note for note in found.notes if note.key == "visit_columns"]
    assert (note.values["time"], note.values["by"]) == (time, by)


@pytest.mark.parametrize(
    "columns",
    [
        {"volunteer": "who", "visited_at": "date_visite"},
        {"visited_at": "moment"},
        {"volunteer": "militant", "x": "x"},
    ],
)
def test_nothing_is_inferred_where_one_of_both_is_missing(columns):
    log, _, _ = log_of(3)
    if columns.get("volunteer") == "militant":
        log["volunteer"] = np.where(np.arange(len(log)) % 2, "oui", "non")
    assert Visits.of_file(log.rename(columns=columns)) is None
    assert Visits.of_file(log.assign(visited_at="oui")) is None


@pytest.mark.heavy
def test_a_log_does_not_tell_near_homes_from_far_ones():
    """By construction: rounds begin at the door nearest to home, which lies among the doors or
    beyond twice the turf. The same doors are visited, and the same is claimed, of both."""
    claims, right = [], []
    for wide in (1.0, "far"):
        for seed in range(900, 904):
            log, base, homes = log_of(seed, scale=40.0, wide=wide)
            truth = pd.DataFrame({"volunteer": [f"v{k}" for k in range(8)], "home": homes})
            found = pa.maps.volunteer_homes(
                pa.read_map(log, addresses=base), truth=truth, evenings=[EVENINGS], within=[100]
            )
            row = found.row("home_within")
            claims.append(row.confidence)
            right.append(row.value)
    near, far = np.split(np.array(claims), 2)
    np.testing.assert_allclose(near, far, atol=0.02)
    assert np.mean(right[:4]) > 0.1
    assert np.mean(right[4:]) == 0
