"""Words of arguments as types: each is the list that the code checks, and a checker sees a slip.

After a measure or an attack is added, ``python tests/architecture/test_vocabulary.py`` writes them.
"""

import ast
import re
import textwrap
from pathlib import Path
from typing import get_args

import pytest

from privaudit.campaign.campaign import ROLES
from privaudit.campaign.plan import ROUNDS
from privaudit.columns.roles import MISSING
from privaudit.maps.adversary import HOLDS, PRIORS
from privaudit.maps.heat import KERNEL_NAMES
from privaudit.maps.registry import RUNGS
from privaudit.maps.utility import UTILITIES
from privaudit.results.rows import GAINS
from privaudit.simulation.town import KINDS
from privaudit.tables.measure import MEASURES
from privaudit.tables.population.uniqueness import _BIRTHS, _PLACES
from privaudit.words import vocabulary
from privaudit.words.catalogues import own_catalogue
from tests.fixtures.syntax import asked_of_files

HOUSE = Path(vocabulary.__file__).parents[1]
ADD = {"add", "count", "share", "rate", "mean", "difference"}
LISTS = {
    "AdversaryWord": RUNGS, "PriorWord": PRIORS, "GainWord": GAINS, "MissingWord": MISSING,
    "UtilityWord": UTILITIES, "RoleWord": ROLES, "KindWord": KINDS, "RoundsWord": ROUNDS,
    "KernelWord": KERNEL_NAMES, "HoldsWord": HOLDS,
    "BirthplaceWord": (*_PLACES, "sex", *_BIRTHS),
}  # fmt: skip


def measure_words():
    """Return every measure that has a name in the catalogues, or is written in the code."""
    keys = [key.removeprefix("measure.") for key in own_catalogue("en") if key[:8] == "measure."]
    found = {key.rpartition("__")[2] for key in keys} | {measure.word for measure in MEASURES}
    found |= {f"utility_{name}" for name in UTILITIES}
    for path in HOUSE.rglob("*.py"):
        if path.parent.name != "report":
            found |= added_in(path)
    return sorted(found)


def _added(tree):
    for node in ast.walk(tree):
        call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if call and node.func.attr in ADD and "rows" in ast.unparse(node.func.value):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


added_in = asked_of_files(lambda _, tree: set(_added(tree)))


def written(source):
    """Return the source of the vocabulary with the words that the code has now."""
    for name, words in {**LISTS, "MeasureWord": measure_words()}.items():
        shown = ", ".join(f'"{word}"' for word in words)
        line = f"{name}: TypeAlias = Literal[{shown}]\n"
        if len(line) > 101:
            shown = textwrap.fill(
                f"{shown},", 100, initial_indent=" " * 4, subsequent_indent=" " * 4
            )
            line = f"{name}: TypeAlias = Literal[\n{shown}\n]  # fmt: skip\n"
        source = re.sub(
            rf"{name}: TypeAlias = Literal\[.*?\](  # fmt: skip)?\n", line, source, flags=re.S
        )
    return source


@pytest.mark.parametrize("name", LISTS)
def test_a_vocabulary_is_the_list_that_is_checked(name):
    assert get_args(getattr(vocabulary, name)) == tuple(LISTS[name])


@pytest.mark.heavy
def test_every_measure_is_a_word_that_a_checker_knows():
    words = get_args(vocabulary.MeasureWord)
    assert words == tuple(measure_words()), f"run: python tests/architecture/{Path(__file__).name}"
    assert all(re.fullmatch("[a-z][a-z0-9_]*", word) for word in words)


if __name__ == "__main__":
    place = Path(vocabulary.__file__)
    place.write_text(written(place.read_text("utf-8")), "utf-8")
