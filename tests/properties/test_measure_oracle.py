"""`measure` against every definition written out record by record, on small tables.

Nothing of the library is in the oracle: loops, fractions and dictionaries.
"""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

import privaudit as pa

KEYS = ("a", "b", "c")
# A tree of height two over the values of s.
TREE = {"u": ("low", "any"), "v": ("low", "any"), "w": ("high", "any"), "x": ("high", "any")}
THRESHOLD = 0.4
DISTANCE = {"s": "tree", "r": "ordered"}


@st.composite
def tables(draw, most=9):
    """Records with blanks among their keys, two sensitive values and a home; and everybody."""
    n = draw(st.integers(1, most))
    key = st.lists(st.sampled_from([0, 1, None]), min_size=3, max_size=3)
    rows = draw(st.lists(key, min_size=n, max_size=n))
    s = draw(st.lists(st.sampled_from("uvwx"), min_size=n, max_size=n))
    r = draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    home = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    others = draw(st.lists(key, min_size=0, max_size=6))
    return rows, s, r, home, rows + others


def named(measure, **part):
    """What tells a row from the others: its measure and its parameters."""
    return measure, tuple(sorted(part.items()))


def of_column(measure, column):
    """The parameters of a measure of one sensitive column."""
    more = {"recursive_c": {"l": 2}, "t_closeness": {"distance": DISTANCE[column]}}
    return {"column": column} | more.get(measure, {})


def values_of(found):
    """The value of each row of `measure`."""
    values = {named(row.measure, **row.part): row.value for row in found.rows}
    assert len(values) == len(found.rows)
    return values


def agree(one, other, mode):
    if mode == "wildcard":
        return all(x is None or y is None or x == y for x, y in zip(one, other, strict=True))
    return list(one) == list(other)


def emd(q, p, distance):
    """Least work that turns one distribution into the other."""
    m = len(p)
    rows = [np.kron(np.eye(m), np.ones(m)), np.kron(np.ones(m), np.eye(m))]
    ends = np.concatenate([q, p])
    return linprog(np.ravel(distance), A_eq=np.vstack(rows), b_eq=ends).fun


def classes_and_risks(rows, people, home, mode):
    n = len(rows)
    size = [sum(agree(one, other, mode) for other in rows) for one in rows]
    classes = Counter(map(tuple, rows))
    # A class as published; its size is what its records agree with.
    of_class = {key: sum(agree(key, other, mode) for other in rows) for key in classes}
    spans = (1, 1), (2, 2), (3, 4), (5, 10), (11, 100)
    everybody = [max(sum(agree(one, other, mode) for other in people), f)
                 for one, f in zip(rows, size, strict=True)]  # fmt: skip
    presence = [
        Fraction(
            sum(agree(key, one, mode) for one in rows), sum(agree(key, o, mode) for o in people)
        )
        for key in set(map(tuple, people))
    ]
    risk = [1 / big for big in everybody]
    together = [
        1 - math.prod(1 - risk[j] for j in range(n) if home[j] == home[i]) for i in range(n)
    ]
    return {
        "records": n,
        "classes": len(classes),
        "k_anonymity": min(size),
        "sample_uniques": sum(f == 1 for f in size),
        **{named("share_under", threshold=k): sum(f < k for f in size) / n for k in (2, 3, 5, 11)},
        **{named("classes_of", least=low, most=high): sum(low <= f <= high
           for f in of_class.values()) for low, high in spans},
        "prosecutor_risk_max": max(1 / f for f in size),
        "prosecutor_risk_mean": sum(1 / f for f in size) / n,
        "journalist_risk_max": max(risk),
        "marketer_risk": sum(risk) / n,
        named("share_at_risk", threshold=THRESHOLD): sum(one > THRESHOLD for one in risk) / n,
        "k_map": min(everybody),
        "delta_presence": float(min(max(presence), 1)),
        "delta_presence_low": float(min(presence)),
        "individual_risk": sum(risk) / n,
        "individual_risk_max": max(risk),
        "household_risk": sum(together) / n,
        "household_risk_max": max(together),
        "population_unique_share": sum(k == 1 for k in Counter(map(tuple, people)).values())
        / len(people),
    }  # fmt: skip


def learnt(rows, values, others, mode, kind):
    """What is learnt of one sensitive column, `others` being the other one."""
    n, whole = len(rows), Counter(values)
    p = {v: Fraction(k, n) for v, k in whole.items()}
    order = sorted(whole)
    found = {name: [] for name in ("l", "multi", "h", "c", "alpha", "t", "beta", "delta", "sure")}
    for one, other in zip(rows, others, strict=True):
        here = Counter(v for row, v in zip(rows, values, strict=True) if agree(one, row, mode))
        q = {v: Fraction(k, sum(here.values())) for v, k in here.items()}
        both = {v for row, v, o in zip(rows, values, others, strict=True)
                if agree(one, row, mode) and o == other}  # fmt: skip
        found["l"].append(len(q))
        found["multi"].append(len(both))
        found["h"].append(math.exp(-sum(float(x) * math.log(x) for x in q.values())))
        ranked = sorted(q.values(), reverse=True)
        found["c"].append(float(ranked[0] / sum(ranked[1:])) if len(q) > 1 else math.inf)
        found["alpha"].append(float(ranked[0]))
        dense = [float(q.get(v, 0)) for v in order], [float(p[v]) for v in order]
        if kind == "tree":
            meet = [[0 if v == w else 0.5 if TREE[v][0] == TREE[w][0] else 1 for w in order]
                    for v in order]  # fmt: skip
        else:
            meet = abs(np.subtract.outer(range(len(order)), range(len(order))))
            meet = meet / max(len(order) - 1, 1)
        found["t"].append(emd(*dense, meet))
        found["beta"] += [(float((q[v] - p[v]) / p[v]), -math.log(p[v])) for v in q]
        lacking = len(q) < len(p)
        found["delta"].append(math.inf if lacking else max(abs(math.log(q[v] / p[v])) for v in p))
    published = {}
    for row, v in zip(rows, values, strict=True):
        published.setdefault(tuple(row), Counter())[v] += 1
    prior = max(whole.values()) / n
    posterior = sum(max(count.values()) for count in published.values()) / n
    basic = max(0.0, max(gain for gain, _ in found["beta"]))
    infeasible = any(gain > most and gain > 0 for gain, most in found["beta"])
    return {
        "distinct_l": min(found["l"]),
        "distinct_l_multi": min(found["multi"]),
        "entropy_l": min(found["h"]),
        "recursive_c": max(found["c"]),
        "alpha": max(found["alpha"]),
        "t_closeness": max(found["t"]),
        "basic_beta": basic,
        "enhanced_beta": math.inf if infeasible else basic,
        "enhanced_beta_present": min(basic, -math.log(min(p.values()))),
        "delta_disclosure": max(found["delta"]),
        "delta_disclosure_present": max(
            abs(math.log(Fraction(k, sum(count.values())) / p[v]))
            for count in published.values()
            for v, k in count.items()
        ),
        "vulnerability_prior": prior,
        "vulnerability_posterior": posterior,
        "leakage_additive": posterior - prior,
        "leakage_multiplicative": posterior / prior,
    }


def diversity_of_each(rows, columns, mode):
    """Distinct values, and exp entropy, of what each row matches: the worse of some columns."""
    distinct, entropy = [], []
    for one in rows:
        many, h = [], []
        for values in columns:
            here = Counter(v for row, v in zip(rows, values, strict=True) if agree(one, row, mode))
            q = [k / sum(here.values()) for k in here.values()]
            many.append(len(q))
            h.append(math.exp(-sum(x * math.log(x) for x in q)))
        distinct.append(min(many, default=math.nan))
        entropy.append(min(h, default=math.nan))
    return distinct, entropy


def keys_that_do_it(rows, depth, mode):
    """Special uniques, and how well each set of keys tells records apart (a blank is a value)."""
    n, d = len(rows), len(rows[0])
    score, count, parts, told = [0.0] * n, [0] * n, Counter(), {}
    for i, row in enumerate(rows):
        minimal = []
        for k in range(1, depth + 1):
            for keys in combinations(range(d), k):
                if any(set(m) <= set(keys) for m in minimal):
                    continue
                mine = [row[j] for j in keys]
                if sum(agree([other[j] for j in keys], mine, mode) for other in rows) == 1:
                    minimal.append(keys)
        for keys in minimal:
            worth = math.factorial(d - len(keys))
            score[i] += worth
            count[i] += 1
            for j in keys:
                parts[j] += worth
    for k in range(1, 3):
        for keys in combinations(range(d), k):
            seen = [tuple(row[j] for j in keys) for row in rows]
            name = tuple(KEYS[j] for j in keys)
            told[named("distinction", keys=name)] = len(set(seen)) / n
            if n > 1:
                pairs = sum(a != b for a, b in combinations(seen, 2))
                told[named("separation", keys=name)] = pairs / math.comb(n, 2)
    total = sum(score) or 1.0
    return {
        "special_uniques": sum(c > 0 for c in count),
        "minimal_uniques": sum(count),
        "suda_score": sum(score) / n,
        "suda_score_max": max(score),
        **{named("suda_score_with", key=KEYS[j]): parts[j] / total for j in range(d)},
        "distinction": len(set(map(tuple, rows))) / n,
        **told,
    }


@pytest.mark.parametrize("mode", ["wildcard", "value", "exclude"])
@given(table=tables(), depth=st.integers(1, 3))
def test_every_measure_is_its_definition(mode, table, depth):
    rows, s, r, home, people = table
    frame = pd.DataFrame(rows, columns=KEYS, dtype="Int64").assign(s=s, r=r, home=home)
    crowd = pd.DataFrame(people, columns=KEYS, dtype="Int64")
    kept = list(range(len(rows)))
    if mode == "exclude":
        kept = [i for i, row in enumerate(rows) if None not in row]
        if not kept:
            return
        rows, s, r, home = ([column[i] for i in kept] for column in (rows, s, r, home))
    # What a report of a small table withholds has its own tests.
    got = pa.measure(
        frame, pa.Roles(key=KEYS, sensitive=["s", "r"], ordered="r"), missing=mode,
        population=crowd, household="home",
        hierarchy={"s": TREE}, threshold=THRESHOLD, subsets=2, special=depth,
    )  # fmt: skip
    scores = got.per_record
    why = {named(row.measure, **row.part): {note.key for note in row.notes} for row in got.rows}
    got = values_of(got)
    constant = {name for name, column in {"s": s, "r": r}.items() if len(set(column)) == 1}
    of_s = learnt(rows, s, r, mode, "tree")
    of_r = learnt(rows, r, s, mode, "line")
    want = classes_and_risks(rows, people, home, mode) | keys_that_do_it(rows, depth, mode)
    for column, of in (("s", of_s), ("r", of_r)):
        for name, value in of.items():
            part = {"column": column} if column in constant else of_column(name, column)
            want[named(name, **part)] = value
    for name, value in want.items():
        name = name if isinstance(name, tuple) else named(name)
        if dict(name[1]).get("column") in constant:
            # Nothing can be learnt of a column in which nobody differs: no number, the reason.
            assert math.isnan(got[name])
            assert "column_constant" in why[name]
            continue
        assert got[name] == pytest.approx(value, abs=1e-8), name
    each = diversity_of_each(rows, [v for v in (s, r) if len(set(v)) > 1], mode)
    for name, of_record in zip(("distinct_l", "entropy_l"), each, strict=True):
        own = scores[name].to_numpy()[kept]
        assert own == pytest.approx(of_record, nan_ok=True), name


ORDERED = {
    "not more": (
        "sample_uniques", "share_under", "prosecutor_risk_max",
        "prosecutor_risk_mean", "journalist_risk_max", "marketer_risk", "share_at_risk",
        "individual_risk", "household_risk", "alpha", "recursive_c", "t_closeness", "basic_beta",
        "enhanced_beta", "delta_disclosure",
    ),
    "not less": ("k_anonymity", "k_map", "distinct_l", "distinct_l_multi", "entropy_l"),
}  # fmt: skip


@given(table=tables(14))
def test_a_blank_as_wildcard_is_never_riskier_than_as_a_value(table):
    rows, s, r, home, people = table
    frame = pd.DataFrame(rows, columns=KEYS, dtype="Int64").assign(s=s, r=r, home=home)
    crowd = pd.DataFrame(people, columns=KEYS, dtype="Int64")
    roles = pa.Roles(key=KEYS, sensitive=["s", "r"], ordered="r")
    wild, as_value = (
        pa.measure(frame, roles, missing=mode, population=crowd, household="home")
        for mode in ("wildcard", "value")
    )
    mine, theirs = values_of(wild), values_of(as_value)
    assert mine.keys() == theirs.keys()
    known = {name for names in ORDERED.values() for name in names}
    assert known <= {name for name, _ in mine}
    for name in mine:
        if math.isnan(mine[name]) and math.isnan(theirs[name]):
            column = {"s": s, "r": r}.get(dict(name[1]).get("column"))
            assert name[0] not in known or len(set(column)) == 1
            continue
        if name[0] in ORDERED["not more"]:
            assert mine[name] <= theirs[name] + 1e-12, name
        if name[0] in ORDERED["not less"]:
            assert mine[name] >= theirs[name] - 1e-12, name
    complete = np.array([None not in row for row in rows])
    if complete.any():
        # Leaving the others out: a complete record is with those of its key, as under *value*.
        left = pa.measure(frame, roles, missing="exclude").per_record["class_size"]
        sizes = as_value.per_record["class_size"]
        assert left[complete].tolist() == sizes[complete].tolist()
        assert (left[complete] <= wild.per_record["class_size"][complete]).all()


def test_the_oracle_can_fail():
    # Two records, alone with their keys: a mean over classes, or k over them, would be seen.
    rows = [[0, 0, 0], [1, 1, 1], [1, 1, 1]]
    found = classes_and_risks(rows, rows, [0, 1, 2], "value")
    assert found["prosecutor_risk_mean"] == pytest.approx(2 / 3)
    assert found["prosecutor_risk_mean"] != pytest.approx((1 + 1 / 2) / 2)
    assert found["k_anonymity"] == 1
