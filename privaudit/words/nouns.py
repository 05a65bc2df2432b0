"""What can be counted, and what a number can be measured in. Closed lists: words follow them.

An address is not a household, a household not a person, a record not a person, a dot not a home.
"""

from __future__ import annotations

__all__ = ["GAIN_NOUNS", "GUARDED", "NOUNS", "UNITS"]

# What stands for people: a small number of these is a number about somebody.
GUARDED = frozenset(
    {
        "people", "adults", "minors", "electors", "residents", "records", "households",
        "addresses", "dots", "accounts", "holders", "profiles", "entries", "visits", "contacts",
        "guesses", "marks", "attacks", "names", "neighbours", "targets",
    }
)  # fmt: skip
# What does not: few of them say nothing about anybody.
_OTHERS = frozenset(
    {
        "stations", "communes", "towns", "draws", "copies", "dates", "areas", "cells", "classes",
        "keys", "columns", "levels", "values", "pages", "items", "points", "pairs", "groups",
        "combinations", "criteria", "births", "interactions", "pictures", "pixels", "years",
        "streets", "files",
    }
)  # fmt: skip
NOUNS = GUARDED | _OTHERS
# A value is measured in one of these, or counts one of the nouns. "share" and "probability" are
# in [0, 1] and written in percent; a "difference" of two shares is written in points.
UNITS = NOUNS | {
    "share", "probability", "difference", "metres", "square_metres", "times", "ratio", "bits",
    "euros", "nats", "days", "degrees", "area_under_curve", "index", "order",
}  # fmt: skip
# The noun of each gain: the sentence of a number says it, and no other gain's.
GAIN_NOUNS = {
    "address": "addresses", "household": "households", "person": "people", "opinion": "people",
}  # fmt: skip
