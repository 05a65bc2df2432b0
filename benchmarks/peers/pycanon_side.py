"""Time pycanon on a table, in its own environment: a line of JSON a measure."""

import json
import sys
import time

import pandas as pd
from pycanon.anonymity import (
    delta_disclosure,
    enhanced_beta_likeness,
    k_anonymity,
    l_diversity,
    t_closeness,
)

table = pd.read_csv(sys.argv[1])
keys = [name for name in table if name.startswith("key")]
asked = {
    "k": lambda: k_anonymity(table, keys),
    "l": lambda: l_diversity(table, keys, ["value"]),
    "t, numbers": lambda: t_closeness(table, keys, ["value"]),
    "t, words": lambda: t_closeness(table, keys, ["word"]),
    "beta": lambda: enhanced_beta_likeness(table, keys, ["word"]),
    "delta": lambda: delta_disclosure(table, keys, ["word"]),
}
for name in sys.argv[2:]:
    begun = time.process_time()
    value = float(asked[name]())
    print(json.dumps([name, value, time.process_time() - begun]), flush=True)
