"""Studies made by hand, through rows: no simulation, no attack."""

import math

import numpy as np
import pandas as pd
import pytest

from privaudit.results.exposure import CALIBRATION_COLUMNS, GAINS, Exposure
from privaudit.results.measures import Measures
from privaudit.results.row import Row
from privaudit.results.rows import Rows
from privaudit.results.summary import summarise
from privaudit.studies.study import Study
from privaudit.words.note import Note


def people(n, share, control=0.0, **groups):
    """One row a person, the first of whom are found; a household less often than an address."""
    told = {}
    for rank, gain in enumerate(GAINS):
        told[gain] = (np.arange(n) < round(n * share / 2**rank)).astype(float)
        told[f"baseline_{gain}"] = np.full(n, 0.01)
        told[f"control_{gain}"] = np.full(n, control / 2**rank)
        told[f"confidence_{gain}"] = np.full(n, share / 2**rank)
    return pd.DataFrame(told | groups)


@pytest.fixture
def exposed():
    """Make an exposure of n people, of whom a share is found."""

    def make(attack="knows the mask", view="donut:50:200", n=166, share=0.5, control=0.1, **more):
        groups = more.pop("groups", {})
        frame = people(n, share, control, **groups)
        bins = pd.DataFrame(columns=CALIBRATION_COLUMNS).astype({"n": float})
        return Exposure(
            attack=attack, view=view, per_person=frame, calibration=bins,
            overall=summarise(frame, np.arange(n)), **more,
        )  # fmt: skip

    return make


@pytest.fixture
def measured():
    """Make the measures of a family from rows, each (measure, value, unit, n, counts, more)."""

    def make(family, *rows, provenance="simulated", **more):
        made = [
            Row(measure=m, value=v, unit=u, n=n, counts=c, **kwargs)
            for m, v, u, n, c, kwargs in rows
        ]
        return Measures(family=family, rows=made, provenance=provenance, **more)

    return make


@pytest.fixture
def study():
    """Make a study of exposures and measures."""

    def make(*exposures, kind="map", provenance="simulated", **more):
        measures = {m.family: m for m in more.pop("measures", ())}
        return Study(
            kind=kind, title="leak", provenance=provenance, real_places=False,
            exposures=exposures, measures=measures, **more,
        )  # fmt: skip

    return make


@pytest.fixture
def town(exposed, measured, study):
    """A study with a ladder on two views, families that are known and one that is not."""
    door = {"door": np.array(["wrong"] * 6 + ["right"] * 160)}
    rows = Rows(166, "dots")
    rows.share("wrong_addresses", [1] * 6 + [0] * 160, gain="address", baseline=0.9)
    rows.count("adults_never_interacted", 177, "people", n=300, counts="adults", baseline=174,
               baseline_low=158, baseline_high=191)  # fmt: skip
    household = Measures(family="household", rows=rows, provenance="simulated")
    log = measured(
        "unicity",
        ("unicity", 0.354, "share", 900, "people",
         {"part": {"points": 4}, "low": 0.31, "high": 0.39, "control": 0.356,
          "residual": -0.003, "residual_low": -0.05, "residual_high": 0.04}),
        ("unicity", math.nan, "share", 900, "people",
         {"part": {"points": 5}, "notes": (Note("no_opinion_guessed"),)}),
    )  # fmt: skip
    late = measured(
        "of_late",
        ("seen", 5, "people", 3, "people", {"notes": (Note("mend_mask", mask="a", shown="b"),)}),
        ("seen_by", 5, "accounts", 3, "stations", {}),
    )
    tiers = measured(
        "tiers",
        *(("people", v, "people", 166, "people", {"part": {"moment": m, "tier": t}})
          for m, t, v in (("before", "team", 166), ("after", "team", 166),
                          ("before", "any_account", 166), ("after", "any_account", 12))),
    )  # fmt: skip
    return study(
        exposed("nearest address", "exact", share=0.96, groups=door),
        exposed("nearest address", share=0.06, control=0.04, groups=door),
        exposed("knows the mask", share=0.1, control=0.04, groups=door),
        measures=(household, log, late, tiers),
        kind="demo",
        set_aside={},
    )
