"""A file of exposure scores guesses that it is given; only studies run an attack beside a truth."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "privaudit"
FILES = sorted((PACKAGE / "exposure").rglob("*.py"))
TRUTH = ("privaudit.simulation", "privaudit.campaign", "privaudit.maps.scoring.truth")
# What an adversary believes beforehand is no attack.
ALLOWED = {"prior_over_addresses"}


def both_sides(source: str) -> list[str]:
    """Functions of attacks that a file imports although it sees the truth."""
    attacks, truth = [], False
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            truth |= module.startswith(TRUTH)
            if module.startswith("privaudit.maps"):
                names = [alias.name for alias in node.names]
                # Types and constants say what a guess is; a function makes one.
                attacks += [n for n in names if n[0].islower() and n not in ALLOWED]
    return attacks if truth else []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_file_of_exposure_sees_both_sides(path):
    assert both_sides(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (
            "from privaudit.campaign.campaign import Campaign\n"
            "def f():\n    from privaudit.maps.guess import guess",
            ["guess"],
        ),
        (
            "from privaudit.maps.scoring.truth import Truth\n"
            "from privaudit.maps.version_links import Linked, link_versions",
            ["link_versions"],
        ),
        (
            "from privaudit.simulation.world import SimulatedWorld\n"
            "from privaudit.maps.guesses import Guesses",
            [],
        ),
        ("from privaudit.maps.area_inversion import invert_counts", []),
    ],
)
def test_the_rule_can_fail(source, found):
    assert both_sides(source) == found
