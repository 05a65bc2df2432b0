"""Likes at the scale of the study: cost, and what they tell.

``python benchmarks/bench_likes.py scale`` simulates a town with as many accounts as Kosinski,
Stillwell and Graepel 2013 (PNAS 110:5802) had, 58,466, on as many pages, 55,814: CPU seconds of the
likes alone and of the whole, and the peak of memory. ``study`` prints what they tell: areas
under the curve by SVD 100 and logistic regression in ten folds, the curve by number of likes among
accounts with 300 or more, what a political like is worth, and how often the party touched most is
the right one. ``planted`` plants his other yes-or-no traits in taste, each as strongly as `PLANTED`
says, and prints what likes tell of them beside what he found. ``million`` simulates a town of a
million and runs a campaign in it.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import run_campaign
from privaudit.core.reproducible import stream
from privaudit.simulation.interactions import (
    PageExposure,
    draw_pages,
    draw_traits,
    of_candidate,
    zipf_shares,
)
from privaudit.simulation.network import GivenInteractions, draw_members, draw_network, partners
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.simulation.world import INTERESTS
from privaudit.studies.likes import likes_needed

ACCOUNTS, PAGES = 58_466, 55_814
# A town of so many has as many accounts; the first ACCOUNTS are taken.
STUDY = 121_000
BLOCS = (["left", "radical_left"], ["right", "far_right"])
# Kosinski, Stillwell and Graepel 2013, figure 2: what likes told of a trait, area under the curve;
# and the correlation with an axis of taste that plants it so here, where 3 in 10 bear it.
PLANTED = {
    "ethnicity": (0.95, 0.81), "gay": (0.88, 0.68), "religion": (0.82, 0.59),
    "lesbian": (0.75, 0.47), "smoking": (0.73, 0.43), "alcohol": (0.70, 0.38),
    "drugs": (0.65, 0.29), "parents": (0.60, 0.20),
}  # fmt: skip
BEARERS = 0.3
# Politics, age, sex and couple come first; the axes after them follow nothing of a town.
NAMED = 4


def likes_table(world, accounts=None):
    """Accounts by pages, sparse, 1 where liked; candidates' pages left out."""
    from scipy.sparse import csr_array

    seen = world.interactions
    kept = ~of_candidate(world.pages)[seen["page"].to_numpy()]
    account, page = seen["account"].to_numpy()[kept], seen["page"].to_numpy()[kept]
    shape = (len(world.accounts), len(world.pages))
    return csr_array((np.ones(len(page)), (account, page)), shape=shape)[:accounts]


def targets(world, accounts=None):
    """Bloc (left, right, other), sex, couple among adults, and age, of each account."""
    owner = world.people.iloc[world.accounts["person"].to_numpy()[:accounts]]
    leaning = owner["leaning"].to_numpy(dtype=str)
    age = owner["age"].to_numpy()
    bloc = np.select([np.isin(leaning, side) for side in BLOCS], [0, 1], -1)
    kind = world.households["kind"].to_numpy(dtype=str)[owner["household"]]
    rank = world.people.groupby("household").cumcount().to_numpy()[owner["person"]]
    couple = np.isin(kind, ("couple", "family")) & (rank < 2)
    return {
        "bloc": bloc,
        "sex": (owner["sex"] == "F").to_numpy().astype(int),
        "couple": np.where(age >= 18, couple, -1),
        "age": age,
    }


def features(table, seed=0):
    """100 singular vectors, each of unit spread."""
    from sklearn.decomposition import TruncatedSVD

    found = TruncatedSVD(100, n_iter=3, random_state=seed).fit_transform(table)
    return found / found.std(axis=0)


def area(found, label):
    """Area under the curve of a logistic regression in ten folds; labels of -1 are left out."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    known = label >= 0
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    model = LogisticRegression(max_iter=300)
    said = cross_val_predict(
        model, found[known], label[known], cv=folds, method="decision_function"
    )
    return float(roc_auc_score(label[known], said))


def correlation(found, age):
    """Correlation of age with what a linear model in ten folds says."""
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import cross_val_predict

    return float(np.corrcoef(age, cross_val_predict(LinearRegression(), found, age, cv=10))[0, 1])


def curve(table, label, counts=(1, 10, 50, 100, 300), *, judged=4_000, seed=1):
    """Area by number of random likes, on accounts with 300 or more that nothing was learnt from."""
    from scipy.sparse import csr_array
    from sklearn.decomposition import TruncatedSVD
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(seed)
    many = np.diff(table.indptr)
    tried = rng.permutation(np.flatnonzero((many >= 300) & (label >= 0)))[:judged]
    others = np.ones(len(label), dtype=bool)
    others[tried] = False
    learns = others & (label >= 0)
    svd = TruncatedSVD(100, n_iter=3, random_state=0).fit(table[others])
    held = svd.transform(table[learns])
    spread = held.std(axis=0)
    model = LogisticRegression(max_iter=300).fit(held / spread, label[learns])
    # The likes of each in random order: the first ones are a sample.
    mixed = [rng.permutation(table.indices[table.indptr[i] : table.indptr[i + 1]]) for i in tried]
    found = {}
    for count in counts:
        page = np.concatenate([row[:count] for row in mixed])
        ends = count * np.arange(len(tried) + 1)
        few = csr_array((np.ones(len(page)), page, ends), shape=(len(tried), table.shape[1]))
        said = model.decision_function(svd.transform(few) / spread)
        found[count] = float(roc_auc_score(label[tried], said))
    return found


def study_world(seed=7):
    """A town with the study's accounts and pages."""
    return simulate(Town(inhabitants=STUDY, pages=PAGES), seed=seed)


def told(world, accounts=ACCOUNTS):
    """What likes tell: a figure a line."""
    table, truth = likes_table(world, accounts), targets(world, accounts)
    found = features(table)
    result = {name: area(found, truth[name]) for name in ("sex", "bloc", "couple")}
    result["age"] = correlation(found, truth["age"])
    result["curve"] = curve(table, truth["bloc"])
    likers = np.bincount(table.indices, minlength=table.shape[1])[:PAGES]
    result["likes"] = table.nnz
    result["mean"] = float(np.diff(table.indptr).mean())
    result["median"] = float(np.median(np.diff(table.indptr)))
    result["least liked"] = int(likers.min())
    return result


def planted_likes(accounts, pages, strengths, seed=7):
    """Likes of accounts whose nameless axes of taste follow traits: a table, and who bears which.

    Everything else is as in a town of default: tastes, pages, how much is liked.
    """
    from scipy.sparse import csr_array

    town, rng = Town(pages=pages), np.random.default_rng(seed)
    leanings = np.array(["radical_left", "left", "centre", "right", "far_right", "none"])
    people = pd.DataFrame(
        {
            "leaning": rng.choice(leanings, accounts),
            "age": rng.integers(13, 80, accounts),
            "sex": rng.choice(np.array(["F", "M"]), accounts),
        }
    )
    couple = rng.random(accounts) < 0.5
    people["interest"] = rng.choice(np.array(INTERESTS), accounts)
    traits = draw_traits(people, couple, town, rng=rng)
    bears = rng.random((accounts, len(strengths))) < BEARERS
    unit = (bears - BEARERS) / np.sqrt(BEARERS * (1 - BEARERS))
    r = np.array(strengths)
    free = traits[:, NAMED : NAMED + len(r)]
    traits[:, NAMED : NAMED + len(r)] = r * unit + np.sqrt(1 - r**2) * free
    drawn = draw_pages(
        zipf_shares(pages, town.popularity, town.top_reach / town.mean_likes), town, rng=rng
    )
    spread = np.sqrt(2 * np.log(town.mean_likes / town.median_likes))
    many = town.median_likes * np.exp(spread * rng.standard_normal(accounts))
    likes = np.rint(np.clip(many, 1, pages / 4)).astype(np.int64)
    meetings = PageExposure.fitted(traits, likes, drawn, slope=town.page_slope)
    pairs = []
    for start in range(0, accounts, 2_048):
        part = slice(start, start + 2_048)
        account, page = meetings.liked(traits[part], likes[part], rng=rng)
        pairs.append((account + start, page))
    account, page = (np.concatenate(column) for column in zip(*pairs, strict=True))
    table = csr_array(
        (np.ones(len(page)), (account, page)), shape=(accounts, len(drawn.popularity))
    )
    return table, bears.astype(int)


def planted_told(accounts=ACCOUNTS, pages=PAGES, strengths=None, seed=7):
    """Area under the curve of each planted trait, by name."""
    strengths = [r for _, r in PLANTED.values()] if strengths is None else strengths
    table, bears = planted_likes(accounts, pages, strengths, seed)
    found = features(table)
    return {
        name: area(found, bears[:, k]) for k, name in enumerate(list(PLANTED)[: len(strengths)])
    }


def likes_alone(seed=7):
    """CPU seconds of the likes of the study's accounts on its pages, and how many they are."""
    town = Town(inhabitants=STUDY, pages=PAGES)
    world = simulate(town, seed=seed, generic_likes=False)
    partner = partners(world.people, world.households)
    members = draw_members(world.people, town, partner=partner, rng=stream(seed, "accounts"))
    begun = time.process_time()
    _, acts = draw_network(
        town,
        world.people,
        members,
        brought=GivenInteractions(),
        ordinary=True,
        workers=1,
        seed=seed,
    )
    return time.process_time() - begun, len(members.accounts), len(acts.account)


def peak():
    """Largest memory of this process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main():
    """Print what is asked for."""
    what = sys.argv[1:] or ["scale"]
    if "scale" in what:
        cpu, accounts, acts = likes_alone()
        print(f"likes alone: {accounts:,} accounts, {acts:,} interactions, {cpu:.1f} CPU s")
        begun = time.process_time()
        world = study_world()
        spent = time.process_time() - begun
        print(f"whole town: {world!r}, {spent:.1f} CPU s, {peak():.2f} GB")
    if "study" in what:
        world = study_world()
        for name, value in told(world).items():
            print(name, value)
        likes = likes_needed(world)
        for row in likes.rows:
            if row.measure in ("worth", "party_right"):
                print(
                    f"{row.label}: {row.value:.3f} ({row.low:.3f} to {row.high:.3f}), n {row.n:.0f}"
                )
    if "planted" in what:
        for name, value in planted_told().items():
            published, strength = PLANTED[name]
            print(f"{name}: planted at {strength:.2f}, {value:.3f}, published {published:.2f}")
    if "million" in what:
        begun, wall = time.process_time(), time.time()

        def tick(part):
            cpu, real = time.process_time() - begun, time.time() - wall
            print(f"{cpu:.0f} CPU s, {real:.0f} s, {peak():.2f} GB: {part}", flush=True)

        world = simulate(Town(inhabitants=1_000_000), seed=7, tick=tick)
        tick(world)
        tick(run_campaign(world, seed=7, tick=tick))


if __name__ == "__main__":
    main()
