"""Link a.parquet and b.parquet of a folder with splink and with recordlinkage: pairs, seconds.

python two_tables_side.py FOLDER
"""

import json
import logging
import sys
import time
from pathlib import Path

import pandas as pd
import recordlinkage
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

logging.disable(logging.WARNING)
folder = Path(sys.argv[1])
a, b = (pd.read_parquet(folder / f"{name}.parquet") for name in "ab")


def splinks():
    """Pairs of splink, with term frequencies."""
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("first_name", [0.92, 0.85]).configure(
                term_frequency_adjustments=True
            ),
            cl.JaroWinklerAtThresholds("surname", [0.92, 0.85]).configure(
                term_frequency_adjustments=True
            ),
            cl.LevenshteinAtThresholds("birth_year", [1]).configure(
                term_frequency_adjustments=True
            ),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("surname"),
            block_on("first_name", "birth_year"),
            block_on("birth_year", "substr(surname, 1, 2)"),
            block_on("birth_year", "right(surname, 2)"),
            "l.first_name = r.surname and l.surname = r.first_name",
        ],
        retain_matching_columns=False,
    )
    api = DuckDBAPI()
    tables = [
        api.register(frame, dataset_display_name=name) for name, frame in (("a", a), ("b", b))
    ]
    linker = Linker(tables, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("first_name", "surname", "birth_year")], recall=0.5
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("surname"))
    linker.training.estimate_parameters_using_expectation_maximisation(
        block_on("first_name", "birth_year")
    )
    found = linker.inference.predict(threshold_match_probability=0.001).as_pandas_dataframe()
    turned = found["source_dataset_l"] != "a"
    left, right = found["unique_id_l"], found["unique_id_r"]
    return pd.DataFrame({"row": left.where(~turned, right), "other": right.where(~turned, left),
                         "probability": found["match_probability"]})  # fmt: skip


def recordlinkages():
    """Pairs of recordlinkage, by its expectation-maximisation classifier."""
    one, two = a.set_index("unique_id"), b.set_index("unique_id")
    indexer = recordlinkage.Index()
    indexer.block("surname")
    indexer.block(["first_name", "birth_year"])
    indexer.sortedneighbourhood("surname", window=5)
    pairs = indexer.index(one, two)
    compare = recordlinkage.Compare()
    compare.string("first_name", "first_name", method="jarowinkler", threshold=0.88, label="f")
    compare.string("surname", "surname", method="jarowinkler", threshold=0.88, label="s")
    compare.exact("birth_year", "birth_year", label="y")
    features = compare.compute(pairs, one, two)
    classifier = recordlinkage.ECMClassifier()
    classifier.fit_predict(features)
    probability = classifier.prob(features)
    rows, others = probability.index.get_level_values(0), probability.index.get_level_values(1)
    return pd.DataFrame({"row": rows, "other": others, "probability": probability.to_numpy()})


for name, work in (("splink", splinks), ("recordlinkage", recordlinkages)):
    begun = time.process_time()
    work().to_parquet(folder / f"{name}.parquet")
    print(json.dumps({"name": name, "seconds": time.process_time() - begun}), flush=True)
