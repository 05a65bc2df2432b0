"""Claims of where volunteers live hold: on logs of every law, and on none that shows no home."""

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.geo.address_base import AddressBase
from privaudit.studies.audit_log import rounds_of_file
from privaudit.traces import volunteer_homes as laws
from privaudit.traces.rounds import Visits
from privaudit.traces.volunteer_homes import homes_at_ends

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


def claimed_and_right(log, base, homes, evenings, within):
    turns = Visits().in_turn(log, rng=np.random.default_rng(1))
    found = homes_at_ends(log[["x", "y"]].to_numpy(), turns, base, evenings=evenings)
    posterior = found.posterior
    claims = []
    for k, address in enumerate(found.address):
        mine = slice(posterior.indptr[k], posterior.indptr[k + 1])
        gap = np.hypot(*(base.xy[posterior.candidate[mine]] - base.xy[address]).T)
        claims.append(posterior.probability[mine][gap <= within].sum())
    gap = np.hypot(*(base.xy[found.address] - base.xy[homes[found.walker]]).T)
    return found.learnt, float(np.mean(claims)), float((gap <= within).mean())


@pytest.mark.parametrize("evenings", [1, 2, 4])
def test_of_logs_of_every_law_as_many_homes_are_right_as_claimed(evenings):
    # By definition of a posterior: over draws from the prior, claimed = right, also of the logs
    # that are held to have shown it.
    rng = np.random.default_rng(evenings)
    drawn = []
    for seed in range(70):
        law = {
            "scale": rng.choice(laws._NEAR) if rng.random() > laws._NONE else None,
            "wide": rng.choice(laws._WIDE),
            "anywhere": rng.choice(laws._ANYWHERE),
            "apart": rng.choice(laws._APART),
        }
        drawn.append(claimed_and_right(*log_of(seed, **law), evenings, 100))
    learnt, claimed, right = np.array(drawn).T
    for some in (learnt >= 0, learnt >= 0.75):
        gap = (claimed - right)[some]
        assert len(gap) >= 10
        assert abs(gap.mean()) < 2.6 * gap.std(ddof=1) / np.sqrt(len(gap))


@pytest.mark.parametrize("evenings", [1, 2, 4])
@pytest.mark.parametrize("law", [{}, {"scale": 40.0, "wide": "far"}], ids=["anywhere", "far"])
def test_a_log_that_shows_no_home_near_is_not_held_to(law, evenings):
    for seed in range(8):
        learnt, claimed, _ = claimed_and_right(*log_of(seed, **law), evenings, 100)
        assert learnt < 0.75
        # About the share of addresses within 100 m of the densest place.
        assert law or claimed < np.pi * 100**2 / SIDE**2 + 0.08


def test_what_is_not_shown_is_not_reliable_and_not_claimed():
    log, base, homes = log_of(3)
    leak = pa.read_map(log, addresses=base)
    truth = pd.DataFrame({"volunteer": [f"v{k}" for k in range(len(homes))], "home": homes})
    expected = pa.maps.volunteer_homes(leak, evenings=[1]).row("home_within", within=100)
    assert not expected.reliable
    assert [note.key for note in expected.notes] == ["homes_not_learnt"]
    observed = pa.maps.volunteer_homes(leak, truth=truth, evenings=[1])
    row = observed.row("home_within", within=100)
    assert row.reliable
    assert np.isnan(row.confidence)
    shown, base, _ = log_of(3, scale=20.0, wide=0.25)
    rows = pa.maps.volunteer_homes(pa.read_map(shown, addresses=base), evenings=[4]).rows
    assert all(row.reliable and row.confidence == row.value for row in rows)


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
