"""Every result that a public call returns is a tidy frame: `to_frame()`."""

import inspect

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.results.measures import Measures
from privaudit.results.rows import VOCABULARY, tidy

ROLES = pa.Roles(key=["age", "sex"], sensitive="vote")
# Parameters of measures that stand as columns of their own; see `docs/measures.md`.
OF_RULES = {
    "id", "verdict", "evidence", "files", "beside", "pack", "source", "point", "confidence",
    "to_verify",
}  # fmt: skip
OLD_WORDS = {"attack", "estimate", "lower", "upper", "ci_low", "ci_high"}


def people(n=60, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"age": rng.integers(18, 40, n), "sex": rng.choice(list("FM"), n),
         "vote": rng.choice(list("abc"), n)},
        index=pd.Index(rng.permutation(n) + 1000, name="file_number"),
    )  # fmt: skip


def members(n=60):
    rng = np.random.default_rng(3)
    given, family = (["Zoé", "Éric", "Aïcha", "Paul"], ["Leroy", "Meyer", "Benali", "Petit", "Roy"])
    born = pd.Timestamp("1950-01-01") + pd.to_timedelta(rng.integers(0, 18_000, n), unit="D")
    return pd.DataFrame(
        {"first_name": rng.choice(given, n), "last_name": rng.choice(family, n),
         "birth_date": born.strftime("%Y-%m-%d"), "gift": rng.integers(1, 90, n)}
    )  # fmt: skip


def log():
    rng = np.random.default_rng(1)
    when = pd.Timestamp("2016-09-01") + pd.to_timedelta(rng.integers(0, 60, 600), unit="D")
    frame = pd.DataFrame(
        {"who": rng.integers(0, 30, 600), "page": rng.integers(0, 40, 600), "day": when}
    )
    return pa.read_traces(frame, person="who", item="page", time="day")


@pytest.fixture(scope="module")
def campaign():
    return pa.run_campaign(pa.simulate(pa.Town(inhabitants=800), seed=7), seed=7)


RESULTS = {
    "measure": lambda _: pa.measure(people(), ROLES),
    "measure_sampled": lambda _: pa.measure(people(), ROLES, sampling_fraction=0.1),
    "key_contributions": lambda _: pa.tables.key_contributions(people(), ROLES),
    "level_contributions": lambda _: pa.tables.level_contributions(people(), ROLES),
    "key_combinations": lambda _: pa.tables.key_combinations(people(), ROLES),
    "inspect": lambda _: pa.inspect(people()),
    "mend": lambda _: pa.tables.mend(people(), {"coarsen": {"age": 10}}).utility,
    "link": lambda _: pa.linkage.link(members(), members().iloc[::2]).measures,
    "check_rules": lambda _: pa.check_rules(people(), {}, as_of="2018-05-25"),
    "compare": lambda c: pa.compare(
        *(
            pa.audit(pa.publish(c, pa.DotMap(mask=mask), seed=7), "nearest", truth=c.world, seed=7)
            for mask in (None, pa.masks.Donut(r_min=50, r_max=200))
        )
    ),
    "inference": lambda _: pa.tables.inference(
        people(), people(), people(seed=1), known=["age", "sex"], secret="vote"
    ),
    "singling_out": lambda _: pa.tables.singling_out(people(), people(), people(seed=1)),
    "membership_inference": lambda _: pa.tables.membership_inference(
        people(), people(), people(seed=1)
    ),
    "unicity": lambda _: pa.unicity(log(), points=[1, 2]),
    "unicity_curve": lambda _: pa.traces.unicity_curve(log(), points=[1, 2]),
    "known_points_risk": lambda _: pa.traces.known_points_risk(log(), points=2),
    "scoreboard": lambda _: pa.traces.scoreboard(log(), pa.traces.Memory(points=4), sample=20),
    "audit": lambda c: pa.audit(
        pa.publish(c, pa.DotMap(), seed=7), pa.Adversary.nearest(), truth=c.world, seed=7
    ),
    "audit_table": lambda c: pa.audit(pa.publish(c, pa.TableExport(), seed=7)),
    "frontier": lambda c: pa.frontier(
        c, [pa.masks.Exact(), pa.masks.Donut(r_min=50, r_max=200)], seed=7
    ),
    "chain": lambda c: pa.chain(c.world, c, seed=7),
    "heat_curve": lambda c: pa.maps.heat_curve(c, [20, 40], cell=50),
    "measured_for_rules": lambda c: pa.rules.measured_for_rules(c),
    "match_periods": lambda _: pa.traces.match_periods(log(), sample=20),
    "ladder_steps": lambda c: pa.maps.ladder_steps(
        [
            pa.audit(pa.publish(c, pa.DotMap(), seed=7), rung, truth=c.world, seed=7)
            for rung in ("nearest", "knows_mask")
        ]
    ),
    "sensitivity": lambda c: pa.maps.sensitivity(
        pa.publish(c, pa.DotMap(), seed=7), ["nearest", "holds_register"], truth=c.world
    ),
    "diff_rules": lambda _: pa.rules.diff_rules(people(), {}, as_of=["2016-11-08", "2018-05-25"]),
    "by_recipient": lambda c: pa.by_recipient(pa.publish(c, pa.DotMap(), seed=7), truth=c.world),
    "repeat": lambda _: pa.repeat(
        pa.Town(inhabitants=400), views=pa.DotMap(), adversaries="nearest", seeds=range(2)
    ),
}


def says_nothing(cell):
    return not cell if isinstance(cell, str | tuple) else bool(pd.isna(cell))


@pytest.fixture(scope="module", params=sorted(RESULTS))
def found(request, campaign):
    return request.param, RESULTS[request.param](campaign)


@pytest.mark.heavy
def test_every_result_is_a_tidy_frame(found):
    name, result = found
    frame = result if name == "diff_rules" else result.to_frame()
    assert len(frame)
    assert frame.index.is_unique
    empty = [c for c in frame if all(map(says_nothing, frame[c].tolist()))]
    assert not empty, f"{name}: {empty} are empty throughout"
    # The adversary of a step is a part of it, not a number.
    assert not (OLD_WORDS - ({"attack"} if name == "ladder_steps" else set())) & set(frame.columns)
    if name == "inspect":
        assert frame["column"].is_unique
        return
    if name in ("check_rules", "diff_rules"):
        assert set(frame.columns) <= OF_RULES | {"as_of"} | set(VOCABULARY)
        return
    # One row an observation: what is no number tells rows apart.
    parts = {part for row in getattr(result, "rows", ()) for part in row.part} | {"mask"}
    assert set(frame.columns) <= {*VOCABULARY, *parts}
    told = [c for c in frame if c in {"measure", "gain", *parts}]
    assert not frame.duplicated(told).any()
    assert {"measure", "value", "n", "unit", "counts"} <= set(frame.columns)
    if isinstance(result, Measures):
        # A row of `overall` has one label, and no column says nothing.
        overall = result.overall
        assert overall.index.is_unique
        assert len(overall) == len(frame)
        assert not [c for c in overall if all(map(says_nothing, overall[c].tolist()))]
    if hasattr(result, "rows"):
        assert frame["value"].to_numpy() == pytest.approx(
            [row.value for row in result.rows], nan_ok=True
        )


def test_every_kind_of_result_is_tried(campaign):
    spaces = (pa, pa.tables, pa.maps, pa.masks, pa.traces, pa.linkage, pa.screenshots, pa.rules)
    told = {
        word.strip().split(".")[-1]
        for space in (*spaces, pa.io)
        for name in space.__all__
        if inspect.isfunction(one := getattr(space, name))
        for word in str(one.__annotations__.get("return", "")).split("|")
    }
    no_results = {
        "None", "Store", "dict[str, float]", "dict[str, int]", "DataFrame",
        "Guesses", "Adversary", "Mask", "R", "AddressBase", "HeatRelease", "DotRelease",
        "TableRelease", "Traces", "tuple[DotRelease, ...]", "tuple[Recipient, ...]", "Path",
        "Campaign", "SimulatedWorld", "tuple[Path, ...]", "Release",
        # They hold measures, which are tried by themselves, or what changed between them.
        "Mended", "LinkedTables", "ReportComparison", "Reconstruction",
    }  # fmt: skip
    kinds = {word.rpartition("]")[0] or word for word in told}
    results = {
        "Measures",
        "Exposure",
        "Frontier",
        "Repeated",
        "Rulings",
        "UnicityCurve",
        "RuleNumbers",
    }
    assert {k for k in kinds if k[:1].isupper() and k not in no_results} == {*results, "Inventory"}


def test_the_index_of_the_caller_comes_back():
    frame = people()
    found = pa.measure(frame, ROLES)
    assert found.per_record.index.equals(frame.index)
    sizes = frame.groupby(["age", "sex"])["vote"].transform("size")
    assert found.per_record["class_size"].to_list() == sizes.to_list()


def test_what_says_nothing_is_left_out():
    frame = pd.DataFrame({"a": [1, 2], "b": ["", ""], "c": [(), ()], "d": [np.nan, pd.NA]})
    assert tidy(frame).columns.tolist() == ["a"]
