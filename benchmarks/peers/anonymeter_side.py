"""Attack tables with anonymeter, in its own environment: a line of JSON a case.

Called by compare_attacks.py with a folder: cases.json says what is asked, and the tables are
beside it. Compiling is not counted: every attack runs once on a few rows first.
"""

import json
import logging
import sys
import time
import warnings
from pathlib import Path

import pandas as pd
from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator


def evaluated(case, original, release, control):
    ask = {"ori": original, "syn": release, "control": control}
    if case["attack"] == "linkability":
        halves = case["left"], case["right"]
        made = LinkabilityEvaluator(
            **ask, aux_cols=halves, n_attacks=len(original), n_neighbors=case["neighbours"]
        )
        return made.evaluate(n_jobs=1)
    if case["attack"] == "inference":
        made = InferenceEvaluator(
            **ask,
            aux_cols=case["known"],
            secret=case["secret"],
            regression=pd.api.types.is_numeric_dtype(original[case["secret"]]),
            n_attacks=len(original),
        )
        return made.evaluate(n_jobs=1)
    mode = "univariate" if case["attributes"] == 1 else "multivariate"
    made = SinglingOutEvaluator(
        **{name: table[case["columns"]] for name, table in ask.items()},
        n_attacks=case["attacks"],
        n_cols=case["attributes"],
        seed=0,
    )
    return made.evaluate(mode=mode)


def main(folder):
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for case in json.loads((folder / "cases.json").read_text()):
        original, release, control = (
            pd.read_csv(folder / f"{case['tables']}-{name}.csv", float_precision="round_trip")
            for name in ("original", "release", "control")
        )
        if case["shuffle"]:
            release = release.sample(frac=1, random_state=case["shuffle"], ignore_index=True)
        few = {**case, "attacks": 5} if "attacks" in case else case
        evaluated(few, original.head(40), release.head(80), control.head(40))
        begun = time.process_time()
        found = evaluated(case, original, release, control)
        seconds = time.process_time() - begun
        results = found.results()
        attacks = case.get("attacks", len(original))
        inside, outside = results.n_success / attacks, results.n_control / attacks
        print(json.dumps([float(inside), float(outside), seconds]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
