"""Link accounts to a register with splink, in its own environment: pairs, and processor seconds.

    python splink_side.py FOLDER

reads accounts.parquet and register.parquet there and writes pairs.parquet. Its model is set up as
its guides say, with levels for what French accounts do: name of birth, initials, the beginning of a
first name, term frequencies on exact agreement; u by random sampling, m by EM from two rules.
"""

import json
import logging
import sys
import time
from pathlib import Path

import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

logging.disable(logging.WARNING)
folder = Path(sys.argv[1])
accounts, register = (
    pd.read_parquet(folder / f"{name}.parquet") for name in ("accounts", "register")
)

FIRST = cl.CustomComparison(
    output_column_name="first_name",
    comparison_levels=[
        cll.NullLevel("first_name"),
        cll.ExactMatchLevel("first_name", term_frequency_adjustments=True),
        cll.CustomLevel(
            "length(first_name_l) > 2 and length(first_name_r) > 2 and"
            " (starts_with(first_name_l, first_name_r) or starts_with(first_name_r, first_name_l))"
        ),
        cll.CustomLevel(
            "least(length(first_name_l), length(first_name_r)) = 1"
            " and first_name_l[1] = first_name_r[1]"
        ),
        cll.JaroWinklerLevel("first_name", 0.92),
        cll.ElseLevel(),
    ],
)
LAST = cl.CustomComparison(
    output_column_name="surname",
    comparison_levels=[
        cll.NullLevel("surname"),
        cll.ExactMatchLevel("surname", term_frequency_adjustments=True),
        cll.CustomLevel("surname_l = birth_name_r or surname_r = birth_name_l"),
        cll.CustomLevel(
            "least(length(surname_l), length(surname_r)) = 1 and surname_l[1] = surname_r[1]"
        ),
        cll.Or(cll.DamerauLevenshteinLevel("surname", 1), cll.JaroWinklerLevel("surname", 0.92)),
        cll.ElseLevel(),
    ],
)
SETTINGS = SettingsCreator(
    link_type="link_only",
    comparisons=[FIRST, LAST, cl.ExactMatch("birth_year")],
    blocking_rules_to_generate_predictions=[
        block_on("surname"),
        "l.surname = r.birth_name or l.birth_name = r.surname",
        block_on("first_name", "substr(surname, 1, 3)"),
        block_on("first_name", "right(surname, 3)"),
        "l.first_name = r.first_name and l.initial = r.first_letter",
        "l.first_name = r.first_name and l.first_letter = r.initial",
    ],
    retain_matching_columns=False,
)

begun = time.process_time()
for frame in (accounts, register):
    frame["first_letter"] = frame["surname"].str[:1]
    frame["initial"] = frame["surname"].where(frame["surname"].str.len() == 1)
api = DuckDBAPI()
tables = [
    api.register(frame, dataset_display_name=name)
    for name, frame in (("accounts", accounts), ("register", register))
]
linker = Linker(tables, SETTINGS, log_level=None)
linker.training.estimate_probability_two_random_records_match(
    [block_on("first_name", "surname")], recall=0.7
)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
linker.training.estimate_parameters_using_expectation_maximisation(block_on("surname"))
linker.training.estimate_parameters_using_expectation_maximisation(
    block_on("first_name", "substr(surname, 1, 3)")
)
found = linker.inference.predict(threshold_match_probability=0.001)
pairs = found.as_duckdbpyrelation().df()
seconds = time.process_time() - begun
pairs.to_parquet(folder / "pairs.parquet")
print(json.dumps({"seconds": seconds, "pairs": len(pairs), "columns": list(pairs.columns)}))
