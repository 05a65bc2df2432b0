"""Hold PySpark's class counts to those of a dictionary; needs Java. Exit 1 where they differ."""

import random
from collections import Counter

from pyspark.sql import SparkSession

from privaudit.engines.counting import class_sizes

KEYS = ("age", "place", "real", "truth")


def blank(cell):
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip())


def main():
    draw = random.Random(5)
    rows = [
        (
            draw.choice([1, 2, None]),
            draw.choice(["a", "A", " ", "\u2003", None]),
            draw.choice([0.0, -0.0, float("nan"), None]),
            draw.choice([True, False, None]),
        )
        for _ in range(300)
    ]
    spark = (
        SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    )
    frame = spark.createDataFrame(rows, "age long, place string, real double, truth boolean")
    for missing in ("value", "exclude"):
        keys = [tuple(None if blank(c) else c for c in row) for row in rows]
        seen = Counter(k for k in keys if missing == "value" or None not in k)
        want = sorted(Counter(seen.values()).items())
        found = class_sizes(frame, KEYS, missing=missing)
        got = list(zip(found.size.tolist(), found.classes.tolist(), strict=True))
        print(f"{missing}: {len(seen)} classes, {'equal' if got == want else 'NOT EQUAL'}")
        if got != want:
            raise SystemExit(1)
    spark.stop()


if __name__ == "__main__":
    main()
