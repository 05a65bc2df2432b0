"""Error rates of joins and of linked copies, where the truth is drawn: what pages state of them.

    python benchmarks/link_errors.py --write docs/data/links

Joins: two lists of the same town, half of each in both. One has civil names; the other names as
accounts write them (`linkage_frames.FORMS`, nicknames, birth names, slips), one birth in fifty with
a slip, e-mails of six in ten, of which a tenth are new and one in thirty is somebody else's of the
same surname. Of each comparison: how many of those in both (for e-mails, of those who gave one to
both) are found, and how many matches join two people. Copies: two, and six, of a map without ids,
masked afresh by a Gaussian of 40 m or a donut of 50 to 200 m; the earlier ones with 85 % of the
dots. Of the links that are likelier than not: how many of those there are to find, and how many
join two dots. Nothing was tuned on these draws.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from linkage_frames import FORMS, _email, _shown, draw_people
from linking import played
from made_addresses import A_COMMUNE, commune_addresses

from privaudit.io.addresses import read_addresses
from privaudit.linkage.join_tables import compare_tables
from privaudit.linkage.person_index import PersonIndex
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.version_averaging import weigh_links
from privaudit.release.read_table import read_table

WAYS = ("email", "name_birth", "name")
MASKS = (Gaussian(sigma=40), Donut(r_min=50, r_max=200))


def lists(n, seed):
    """Return two lists of `n` people, and which row of the second each of the first is, or -1."""
    rng = np.random.default_rng(seed)
    people = draw_people(n + n // 2, 0.2, rng)
    day = np.datetime64("1926-01-01") + rng.integers(0, 72 * 365, len(people))
    # No two people have one, but for those of a family.
    mails = [f"{i}.{_email(person, rng)}" for i, person in enumerate(people.itertuples())]
    mine = pd.DataFrame({
        "prenom": people["first_name"], "nom": people["last_name"], "date_naissance": day,
        "courriel": np.where(rng.random(len(people)) < 0.6, mails, ""),
    })[:n]  # fmt: skip
    form = rng.choice(list(FORMS), len(people), p=list(FORMS.values()))
    shown = [_shown(f, p, rng) for f, p in zip(form, people.itertuples(), strict=True)]
    slip = np.where(rng.random(len(people)) < 0.02, rng.integers(1, 30, len(people)), 0)
    kin = people.groupby("last_name").cumcount().gt(0) & (rng.random(len(people)) < 1 / 30)
    first = people["last_name"].map(people.groupby("last_name").apply(lambda g: g.index[0]))
    new = rng.random(len(people)) < 0.1
    theirs = pd.DataFrame({
        "name": shown, "birth_date": day + slip,
        "email": [
            f"new{i}@courriel.example" if new[i] else mails[first[i]] if kin[i] else mails[i]
            for i in range(len(people))
        ],
    })  # fmt: skip
    theirs["email"] = theirs["email"].where(rng.random(len(people)) < 0.6, "")
    order = rng.permutation(np.arange(n // 2, len(people)))
    where = np.full(len(people), -1)
    where[order] = np.arange(len(order))
    return mine, theirs.iloc[order].reset_index(drop=True), where[:n]


def joins(n, seeds):
    """Return of each comparison the people in both lists, those found, matches, and wrong ones."""
    rows = []
    for seed in seeds:
        mine, theirs, truth = lists(n, seed)
        sides = [PersonIndex.of(read_table(f), name) for f, name in ((mine, "a"), (theirs, "b"))]
        # A person is a row: nobody stands twice in a list by the same contact, name and birth.
        person, other = (side.person for side in sides)
        for way, comparison in compare_tables(*sides).items():
            if way in WAYS:
                one = comparison.matches().one[person]
                right = (one >= 0) & (truth >= 0) & (one == other[np.maximum(truth, 0)])
                both = truth >= 0
                if way == "email":
                    given = (theirs["email"] != "").to_numpy()[np.maximum(truth, 0)]
                    both &= given & (mine["courriel"] != "").to_numpy()
                rows.append((way, int(both.sum()), int(right.sum()), int((one >= 0).sum())))
    counts = pd.DataFrame(rows, columns=["by", "people", "right", "matches"])
    counts = counts.groupby("by", sort=False).sum().reset_index()
    counts["found"] = (counts["right"] / counts["people"]).round(3)
    counts["wrong"] = (1 - counts["right"] / counts["matches"]).round(3)
    return counts


def copies(dots, numbers, seeds):
    """Return of each number of copies the links there are to find, those found, and wrong ones."""
    frame = pd.DataFrame(commune_addresses(0, A_COMMUNE, 1)).drop(columns="bureau_de_vote")
    base = read_addresses(frame)
    rows = []
    for many in numbers:
        for seed in seeds:
            for mask in MASKS:
                rng = np.random.default_rng([seed, many])
                _, versions, who = played(base, mask, dots, many, rng)
                prior = np.full(len(base), 1 / len(base))
                linked = weigh_links(versions, base, [mask] * many, prior, rng=rng).linked.rows
                for own, row in zip(who[:-1], linked[:-1], strict=True):
                    made = row >= 0
                    right = int((own[row[made]] == who[-1][made]).sum())
                    rows.append((many, int(np.isin(who[-1], own).sum()), right, int(made.sum())))
    counts = pd.DataFrame(rows, columns=["copies", "links", "right", "made"])
    counts = counts.groupby("copies").sum().reset_index()
    counts["found"] = (counts["right"] / counts["links"]).round(3)
    counts["wrong"] = (1 - counts["right"] / counts["made"]).round(3)
    return counts


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--people", type=int, default=2_000)
    words.add_argument("--dots", type=int, default=100)
    words.add_argument("--seeds", type=int, default=3)
    words.add_argument("--write", type=Path)
    asked = words.parse_args()
    seeds = range(2_300, 2_300 + asked.seeds)
    for name, rates in (("joins", joins(asked.people, seeds)),
                        ("copies", copies(asked.dots, (2, 6), seeds))):  # fmt: skip
        print(rates.to_string(index=False))
        if asked.write:
            asked.write.mkdir(parents=True, exist_ok=True)
            rates.to_csv(asked.write / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
