"""The wall between attack and truth: no attacking file imports the truth or is handed it.

Scores (`maps/scoring/`, `linkage/scoring.py`) and studies stand on the other side; what attacks
guess is held still, while the truth is permuted, in tests/properties/test_truth_is_not_seen.py.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.fixtures.syntax import asked_of_files

PACKAGE = Path(__file__).parents[2] / "privaudit"
ATTACKING = ("maps", "traces", "linkage", "screenshots", "tables")
# Rooms that make the truth, hold it, or open it.
TRUTH_ROOMS = {"simulation", "campaign", "studies", "scoring"}
# Types that hold the truth; as names of parameters, what is handed over without a type.
TRUTH_TYPES = {"SimulatedWorld", "Truth", "Homes", "Campaign", "JoinTruth"}
TRUTH_NAMES = {"world", "truth", "campaign", "sources"}
# Ways to the truth of a release or of a register; `opened(who)` opens the sources of a release.
SEALED = {"sources", "roll_truth", "directory_truth"}

# Parameters of those names that hold something else, by file and function.
OTHER_MEANINGS: set[tuple[str, str, str]] = set()


def attacking_files() -> list[Path]:
    """Return the files that attack: those of the attacking rooms, scores apart."""
    return sorted(
        path for name in ATTACKING for path in (PACKAGE / name).rglob("*.py") if attacks(path)
    )


def attacks(path: Path) -> bool:
    """Whether a file is one of those that attack: no score."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0] in ATTACKING and "scoring" not in parts


def truth_seen(place: str, tree: ast.Module) -> list[str]:
    """Return how a file that stands at `place` reaches the truth: imports, parameters, sources."""
    wrong = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            # A namespace lists the studies of its room, lazily; a file uses none.
            parts = set((node.module or "").split("."))
            wrong += [f"imports {node.module}"] if parts & TRUTH_ROOMS else []
            wrong += [f"imports {a.name}" for a in node.names if a.name in TRUTH_TYPES]
        elif isinstance(node, ast.Import):
            wrong += [
                f"imports {a.name}" for a in node.names if set(a.name.split(".")) & TRUTH_ROOMS
            ]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            name = getattr(node, "name", "lambda")
            wrong += [
                f"{name} takes {argument.arg}"
                for argument in _arguments(node.args)
                if _is_truth(argument) and (place, name, argument.arg) not in OTHER_MEANINGS
            ]
        elif _opens(node):
            wrong.append(f"opens {ast.unparse(node)}")
    return wrong


@asked_of_files
def truth_seen_in(path: Path, tree: ast.Module) -> list[str]:
    """Return what is wrong with a file that attacks; of others nothing is asked."""
    return truth_seen(path.relative_to(PACKAGE).as_posix(), tree) if attacks(path) else []


def _arguments(of: ast.arguments) -> list[ast.arg]:
    """Return every parameter, * and ** included."""
    every = [*of.posonlyargs, *of.args, of.vararg, *of.kwonlyargs, of.kwarg]
    return [argument for argument in every if argument is not None]


def _opens(node: ast.AST) -> bool:
    """Whether a node reads a sealed table, or opens the sources of a release."""
    if isinstance(node, ast.Call):
        return bool(node.args) and getattr(node.func, "attr", "") == "opened"
    return isinstance(node, ast.Attribute) and node.attr in SEALED


def _is_truth(argument: ast.arg) -> bool:
    """Whether a parameter holds the truth, by its type or its name."""
    typed = "" if argument.annotation is None else ast.unparse(argument.annotation)
    return argument.arg in TRUTH_NAMES or bool(set(re.findall(r"\w+", typed)) & TRUTH_TYPES)


@pytest.mark.parametrize("path", attacking_files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_attacking_file_reaches_the_truth(path):
    assert truth_seen_in(path) == []


def test_every_attacking_room_is_looked_at():
    looked_at = {path.relative_to(PACKAGE).parts[0] for path in attacking_files()}
    assert looked_at == set(ATTACKING)
    assert len(attacking_files()) > 60


def test_every_other_meaning_is_still_there():
    for place, function, argument in OTHER_MEANINGS:
        tree = ast.parse((PACKAGE / place).read_text(encoding="utf-8"))
        found = [n for n in ast.walk(tree) if getattr(n, "name", "") == function]
        assert any(argument in {a.arg for a in _arguments(n.args)} for n in found), place


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("from privaudit.simulation.world import LEANINGS", "privaudit.simulation.world"),
        ("def f():\n    from privaudit.maps.scoring.truth import People", "maps.scoring.truth"),
        ("from privaudit.linkage.scoring import linked_files", "linkage.scoring"),
        ("import privaudit.campaign.campaign", "privaudit.campaign.campaign"),
        ("def f(release, *, of: SimulatedWorld | None = None): ...", "f takes of"),
        ("def f(release, of: 'Campaign'): ...", "f takes of"),
        ("async def f(*truth): ...", "f takes truth"),
        ("f = lambda sources: 0", "lambda takes sources"),
        ("def f(release):\n    return release.sources['person']", "opens release.sources"),
        ("def f(release):\n    return release.opened('f')", "opens release.opened"),
    ],
)
def test_the_wall_can_be_broken(source, seen):
    assert any(seen in wrong for wrong in truth_seen("maps/x.py", ast.parse(source)))


def test_what_an_attack_may_see_is_let_through():
    source = (
        "from privaudit.maps.posterior import Guesses\n"
        "from privaudit.tables.counting import open_source\n"
        "def f(release: DotRelease, *, register=None) -> Guesses:\n    return release.records"
    )
    assert truth_seen("maps/x.py", ast.parse(source)) == []
