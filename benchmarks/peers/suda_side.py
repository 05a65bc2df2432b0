"""Special uniques with the Python package suda, in its own environment: lines of JSON."""

import json
import logging
import sys
import time
import warnings

import pandas as pd
from suda import suda


def main(file, depth):
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    table = pd.read_csv(file, dtype=str)
    suda(table.head(50).copy(), max_msu=depth)
    begun = time.process_time()
    found = suda(table, max_msu=depth)
    seconds = time.process_time() - begun
    smallest, count = found["msu"], found["fM"]
    print(json.dumps([int((count > 0).sum()), int(smallest.sum()), int(count.sum()), seconds]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
