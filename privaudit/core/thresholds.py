"""Every threshold that is a choice: what is shown, refused, doubted, or taken for a role.

A number stands here once, with its reason; `docs/decisions/0025-thresholds.md` holds the
decisions. Catalogues write them as ``{thresholds.small_cell}``."""

from __future__ import annotations

from types import MappingProxyType

# What is shown.
# Fewest people, or what stands for people, that a printed number counts: INSEE publishes nothing
# of fewer than 11 households in small areas, nor CMS of 1 to 10 patients.
SMALL_CELL = 11
# A reader who knows the rule must be left with so many values at least for a small cell.
NARROWEST_RANGE = 4
# A small cell that other rows narrow to so many further values is known.
KNOWN_WITHIN = 2
# Records a level of a key, below which their number and that of the levels tell the rarest: it has
# no more than the mean, one of so few values that it is known.
FEWEST_A_LEVEL = KNOWN_WITHIN + 2
# Counts of classes by values that are free beside all totals, up to which measures solve for them.
FREE_COUNTS_SOLVED = 8
# The same of the levels of several keys.
FREE_CLASSES_SOLVED = 4
# Records that levels which are hidden together must hold beyond one each.
ROOM_OF_LEVELS = 5
# Classes of fewer records than each of these are counted: alone, in pairs, few by any rule, small.
CLASS_THRESHOLDS = (2, 3, 5, SMALL_CELL)
# Sizes of classes that are counted together; the small ones end below the threshold.
CLASS_BINS = ((1, 1), (2, 2), (3, 4), (5, SMALL_CELL - 1), (SMALL_CELL, 100), (101, None))
# Marks of a curve of spatial k: few by any rule, small, a street.
SPATIAL_K_MARKS = (5, SMALL_CELL, 50)
# Ends of the classes of a map of counts; nothing below the first is drawn.
AREA_CLASSES = (SMALL_CELL, 25, 50, 100)
# Fewest records of a class that a proposed plan leaves: few by any rule is fewer.
MENDED_CLASS = CLASS_THRESHOLDS[2]
# Share of the records that it withholds at most where keys can be coarsened or dropped instead.
MOST_WITHHELD = 0.05
# Share of unused rows from which on the first screen of a report says so.
MANY_SET_ASIDE = 0.05
# Readings of blanks that differ by less of the records say the same.
READINGS_AGREE = 0.01

# What is refused or doubted.
# A range of more than a fifth of the people: the number rests on the model, not on the sample.
WIDEST_RANGE = 0.2
# A share of the people that is known to within .3 tells few from half, and half from most.
WIDEST_SHARE = 0.3
# Half the span of a residual, which lies between -1 and 1: a wider interval says nothing of it.
WIDEST_RESIDUAL = 1.0
# Deviation of weights over their mean, beyond which they are no common rate: more than rounding.
UNEVEN_WEIGHTS = 0.05
# Share of records that a population does not hold: more than one in twenty is no longer a slip.
MISTYPED_RECORDS = 0.05
# Chance that somebody of the file is alone in the population, for the greatest risk to be shown.
SURE_OF_UNIQUE = 0.975
# Standard deviations between pairs as a log-linear model expects them and as observed, and
# records a parameter: beyond, intervals missed the truth on simulated populations.
LOGLINEAR_MISFIT = 2.5
RECORDS_PER_PARAMETER = 5
# Share of dots that may not fit a believed mask before the belief, and all from it, is doubted.
UNEXPLAINED_DOTS = 0.05
# Dots expected at an address above one, beyond which they share addresses.
CROWDED_ADDRESS = 0.01
# Share of dots that may be moved by hand between two copies of an exact map.
MOVED_BY_HAND = 0.05
# Complete records, or predicates, below which nothing is learnt: a half is known to within .09.
FEWEST_TO_LEARN = 30
# Under this sampling rate the bound of the population's classes is "anything".
LOWEST_RATE = 0.03
# Declared accounts of a value below which a classifier does not learn it.
FEWEST_DECLARED = 5
# Accounts that are alike, below which all are taken for alike when claims are calibrated.
FEWEST_ALIKE = 50
# People active in two parts of a period, below which nothing is learnt of neighbourhoods.
FEWEST_PEOPLE_TO_LEARN = 100
# Events that somebody must have, for a memory that is wrong in two of them.
FEWEST_EVENTS = 4
# Addresses below which a place is not imitated.
FEWEST_ADDRESSES = 50
# Claims from which on an adversary who looks for marked addresses is sure.
SURE_CLAIM = 0.8
# Mass of the set of addresses in which a home is said to lie.
CREDIBLE_MASS = 0.95

# What is taken for a role, or for what a cell holds.
# Age of majority and of voting, in France and the European Union but for a few states.
ADULT_AGE = 18
# Years before which nobody of a file is born: the longest life on record is 122.
OLDEST_AGE = 122
# Whole numbers of at most so many levels may be codes: an opinion, a profession, a month.
MOST_CODES = 20
# Levels from which on a column holds names or codes, of which one may be "NULL".
MANY_LEVELS = 30
# Share of the records of a column that are dates, for the others to be slips.
MOSTLY_DATES = 0.9
# Share of the filled cells of a column that are read, below which nothing is counted by it.
LEAST_READ = 0.5
# Share of records that fill a key of a known system: below, it says nothing of most people.
KEY_IS_FILLED = 0.1
# Share of the cells that have a format, for it to be recognised.
FORMAT_IS_TOLD = 0.01
# Numbers of a column, to be taken for ages without a header that says so.
FEWEST_AGES = 11
# Objects under one key that make a list of records where they look like ids, or under any.
OBJECTS_OF_A_LIST = (3, 11)
# Share of cells that decides what a column is: answers, given names, headers.
MOST_CELLS = 0.5

# What the words of a catalogue may quote, by name.
IN_WORDS = MappingProxyType(
    {
        "small_cell": SMALL_CELL,
        "below_small_cell": SMALL_CELL - 1,
        "few_mark": SPATIAL_K_MARKS[0],
        "street_mark": SPATIAL_K_MARKS[-1],
    }
)
