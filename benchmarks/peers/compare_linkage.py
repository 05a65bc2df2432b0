"""Link the same accounts to the same register with splink and with ours, one after the other.

::

    python benchmarks/peers/compare_linkage.py --peer .venv-peers/splink/bin/python

For each share of people who bear one of forty names of the place: precision, recall and F1 of one
entry an account at the threshold that suits each best, claims on accounts of people who are not in
the register, calibration error of the probabilities, of each account's best entry, and processor
seconds. splink is given names that are split and cleaned as ours reads them first, so that it need
not know accents, particles or capitals; one entry an account and one account an entry are chosen
from its pairs greedily, best first, and by the assignment that ours uses. Then precision and recall
by kind of name, and how processor seconds grow with accounts and with the register.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from beside import answers, machine, spent

sys.path.append(str(Path(__file__).parents[1]))
from linkage_frames import frames

from privaudit.campaign.matching import assigned
from privaudit.linkage.fellegi_sunter import compare_names, link
from privaudit.linkage.name_parsing import read_accounts
from privaudit.stats.calibration import expected_calibration_error
from privaudit.text.normalise import letters_of, name_words, without_particles

LEVELS = (0.0, 0.2, 0.5)


def ours(accounts, register):
    """Pairs with their probability, nothing remembered from a run before."""
    name_words.cache_clear()
    pairs = compare_names(accounts, register)
    return pd.DataFrame(
        {
            "account": pairs.account,
            "entry": pairs.entry,
            "probability": link(pairs),
        }
    )


def cleaned(accounts, register):
    """The two tables as splink is given them: letters only, first and last name apart."""

    def glued(column):
        return [text.replace(" ", "") for text in letters_of(column.tolist())]

    def last(column):
        return [without_particles(text.split()) for text in letters_of(column.tolist())]

    listed = pd.DataFrame(
        {
            "unique_id": np.arange(len(register)),
            "first_name": glued(register["first_name"]),
            "surname": last(register["last_name"]),
            "birth_name": last(register["birth_name"]),
            "birth_year": register["birth_year"] % 100,
        }
    )
    firsts, lasts = set(listed["first_name"]), {*listed["surname"], *listed["birth_name"]}
    shown, emails = accounts["display_name"].tolist(), accounts["email"].tolist()
    readings, years = read_accounts(shown, emails, firsts, lasts)
    first: dict[int, tuple[str, str]] = {}
    for i, one, last_name, *_ in readings:
        first.setdefault(i, (one, last_name))
    rows = []
    for i, year in enumerate(years):
        one, last_name = first.get(i, (None, None))
        rows.append((i, one, last_name, last_name, year if year >= 0 else None))
    return pd.DataFrame(rows, columns=listed.columns), listed


def splinks(python, accounts, register):
    """Pairs that splink finds, and its processor seconds."""
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in zip(("accounts", "register"), cleaned(accounts, register), strict=True):
            frame.to_parquet(Path(folder) / f"{name}.parquet")
        (said,) = answers(python, "splink_side.py", folder)
        found = pd.read_parquet(Path(folder) / "pairs.parquet")
    turned = found["source_dataset_l"] != "accounts"
    left, right = found["unique_id_l"], found["unique_id_r"]
    pairs = pd.DataFrame(
        {
            "account": np.where(turned, right, left),
            "entry": np.where(turned, left, right),
            "probability": found["match_probability"],
        }
    )
    return pairs.sort_values(["account", "entry"], ignore_index=True), said["seconds"]


def greedy(pairs, threshold):
    """The surest pair, then the surest of those that are left, and so on."""
    taken_account, taken_entry, kept = set(), set(), []
    order = pairs[pairs["probability"] >= threshold].sort_values("probability", ascending=False)
    for at, account, entry in zip(order.index, order["account"], order["entry"], strict=True):
        if account not in taken_account and entry not in taken_entry:
            taken_account.add(account)
            taken_entry.add(entry)
            kept.append(at)
    return np.array(kept, dtype=int)


def best_assignment(pairs, threshold):
    """Pairs of the largest sum of probabilities."""
    arrays = SimpleNamespace(**{c: pairs[c].to_numpy() for c in ("account", "entry")})
    rng = np.random.default_rng(1)
    return assigned(arrays, pairs["probability"].to_numpy(), threshold, rng)


def judged(pairs, truth, choose):
    """F1 at the threshold that suits best, precision and recall there, claims on nobody listed."""
    right = truth[pairs["account"]] == pairs["entry"].to_numpy()
    scores = []
    for threshold in np.arange(0.05, 1, 0.05):
        kept = choose(pairs, threshold)
        precision = right[kept].mean() if len(kept) else 0.0
        recall = right[kept].sum() / (truth >= 0).sum()
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        nobody = (truth[pairs["account"].to_numpy()[kept]] < 0).sum()
        scores.append((f1, precision, recall, int(nobody), threshold, kept))
    return max(scores, key=lambda one: one[0])


def calibration(pairs, truth):
    """Calibration error of each account's surest pair, and what is claimed and found of all."""
    best = pairs.sort_values("probability").drop_duplicates("account", keep="last")
    right = truth[best["account"]] == best["entry"].to_numpy()
    every = truth[pairs["account"]] == pairs["entry"].to_numpy()
    return (
        expected_calibration_error(best["probability"], right),
        pairs["probability"].sum() / max(every.sum(), 1),
    )


def told(name, pairs, truth, seconds):
    """Print one line for each way of choosing, and return the pairs kept by the best of ours."""
    error, claimed = calibration(pairs, truth)
    for how, choose in (("greedy", greedy), ("assigned", best_assignment)):
        f1, precision, recall, nobody, threshold, kept = judged(pairs, truth, choose)
        print(
            f"{name:7} {how:9} F1 {f1:.4f}  precision {precision:.4f}  recall {recall:.4f}  "
            f"at {threshold:.2f}  on {(truth < 0).sum():,} not listed {nobody:4}  "
            f"ECE {error:.4f}  claimed/found {claimed:.3f}  {len(pairs):,} pairs  {seconds:.2f} s",
            flush=True,
        )
    return kept


def by_kind(kept, truth, form):
    """Precision and recall of each kind of name."""
    rows = {}
    for name, (pairs, at) in kept.items():
        account = pairs["account"].to_numpy()[at]
        hit = np.zeros(len(truth), dtype=bool)
        hit[account] = truth[account] == pairs["entry"].to_numpy()[at]
        claimed = np.zeros(len(truth), dtype=bool)
        claimed[account] = True
        for kind in np.unique(form):
            of = form == kind
            rows[kind, f"{name} precision"] = hit[of].sum() / max(claimed[of].sum(), 1)
            rows[kind, f"{name} recall"] = hit[of].sum() / max((of & (truth >= 0)).sum(), 1)
    print(pd.Series(rows).unstack().round(3).to_string())


def growth(sizes):
    """Print processor seconds of ours, and the exponents of accounts and register."""
    cost = {}
    for accounts, entries in sizes:
        made, register, _, _ = frames(accounts, entries)
        _, cost[accounts, entries] = spent(lambda a=made, r=register: ours(a, r))
        print(f"ours: {accounts:,} accounts x {entries:,}: {cost[accounts, entries]:.2f} s")
    (few, small), (same, large), (many, _) = sizes
    by_register = math.log(cost[same, large] / cost[few, small]) / math.log(large / small)
    by_accounts = math.log(cost[many, large] / cost[same, large]) / math.log(many / same)
    print(f"exponents: register {by_register:.2f}, accounts {by_accounts:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="the Python that holds splink")
    parser.add_argument("--accounts", type=int, default=4_000)
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--large", action="store_true", help="20,000 accounts x 200,000 entries")
    asked = parser.parse_args()
    print(machine())
    for level in LEVELS:
        made, register, truth, form = frames(
            asked.accounts, asked.entries, concentration=level, seed=asked.seed
        )
        print(f"\n{asked.accounts:,} x {asked.entries:,}, {level:.0%} bear a name of the place")
        theirs, seconds = splinks(asked.peer, made, register)
        kept = {"splink": (theirs, told("splink", theirs, truth, seconds))}
        mine, seconds = spent(lambda a=made, r=register: ours(a, r))
        kept["ours"] = (mine, told("ours", mine, truth, seconds))
    by_kind(kept, truth, form)
    if asked.large:
        growth([(2_000, 20_000), (2_000, 200_000), (20_000, 200_000)])
        made, register, truth, _ = frames(20_000, 200_000)
        theirs, seconds = splinks(asked.peer, made, register)
        told("splink", theirs, truth, seconds)


if __name__ == "__main__":
    main()
