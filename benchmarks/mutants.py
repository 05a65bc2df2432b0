"""Move each threshold a little, one at a time: does a near test notice?

``python benchmarks/mutants.py --each 10 --write docs/reliability.md``; status 1 where fewer than
half are noticed. A mutant is one change of one place: `<` for `<=` (and so on), a number of a
threshold one lower or higher (a fraction a tenth of itself), `and` for `or`, `==` for `!=`, `in`
for `not in`, `min` for `max`, a minus for a plus, a default switched; a `not`, a sign, a flag, an
early return, a `raise` or the call of a check left out. Numbers of thresholds are those compared,
those of constants, defaults, `min` and `max`, slices, durations, roundings, divisors of `//` and
`%`, shares that a function is called with, and repeats in patterns. Of each room some are drawn
with a seed (by default the commit's hash, which nobody chooses) and tried against the nearest
tests alone, each in a process forked from one that has loaded the libraries. Survivors are listed
with their line; those
that change nothing that anybody could see stand in ``EQUIVALENT`` with the reason.

The nearest tests of a file: its doctests; then the first `NEAREST` tests of units and formats that
import it or use a public name of it, that of its name or of its folder's and its, then those of
its folder, then others, those first that import most of it, and least beside it; of a reader, then
those that name its endings most; with fewer than two of these what `tests/near.toml` names for the
room.

Why no tool: mutmut 3.8 changes functions only, and the thresholds stand at the top of files;
cosmic-ray 8.7 starts an interpreter a mutant, four seconds of loading for a test of a tenth.
"""

from __future__ import annotations

import argparse
import ast
import functools
import importlib
import importlib.abc
import importlib.machinery
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

# Loaded once, before a process is forked for each mutant.
import hypothesis  # noqa: F401
import pandas  # noqa: F401
import pyarrow.parquet  # noqa: F401
import pytest
import scipy.stats  # noqa: F401
import sklearn  # noqa: F401

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "privaudit"
BEGIN, END = "<!-- mutants: begin -->", "<!-- mutants: end -->"
CPU_SECONDS = 60
NEAREST = 6
# Each room with its files; what `near.toml` names for it is of the same name.
ROOMS = {
    "guard": [
        "results/measures.py", "core/thresholds.py", "report/guard.py",
        "columns/levels.py", "tables/distinction.py", "release/inventory.py", "release/release.py",
    ],
    "join": [
        "linkage/[!s]*.py", "campaign/matching.py", "maps/version_links.py",
    ],
    "rule": ["rules/*.py"],
    "column": ["columns/[!l]*.py", "columns/lexicon.py", "release/column_roles.py"],
    "score": ["maps/scoring/*.py", "linkage/scoring.py"],
    "reader": ["io/**/*.py", "release/read_*.py"],
    "text": ["text/*.py", "words/*.py"],
    "core": ["core/[!p]*.py", "core/progress.py"],
    "command": ["cli/*.py"],
    "report": ["report/[adfhinqsw]*.py", "report/m[!a]*.py", "report/requirements.py"],
    "measure": ["tables/[!d]*.py", "tables/disclosure_risk.py", "tables/population/*.py"],
    "mask": ["maps/*.py", "maps/masks/*.py"],
    "trace": ["traces/*.py"],
    "picture": ["screenshots/*.py"],
    "statistics": ["stats/*.py"],
    "study": ["studies/*.py"],
    "town": ["simulation/*.py"],
    "campaign": ["campaign/[!m]*.py", "campaign/m[!a]*.py", "campaign/views/*.py"],
    "place": ["geo/*.py"],
    "result": ["results/[!m]*.py"],
}  # fmt: skip
# File, what was done ("": any change of it), line of source, and why nobody can notice the change.
AT_ONCE = "how much is read or kept in one go"
SLOWER = "what is done at once is done one by one, in more time"
WIDER = "codes are told apart by a wider number than they need"
EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("io/csv_dialects.py", "", "_HEADER_BYTES = 65_536"): AT_ONCE,
    ("io/csv_dialects.py", "", "_FIRST_BYTES = 65_536"): AT_ONCE,
    ("io/encodings.py", "", "_START = 65_536"): AT_ONCE,
    ("io/containers.py", "", "_CHUNK = 1 << 16"): AT_ONCE,
    ("io/readers.py", "", "_PART = 1 << 20"): AT_ONCE,
    ("text/cells.py", "", "_RUN = 1 << 16"): AT_ONCE,
    ("text/cells.py", "", "_FIRST = 64"): AT_ONCE,
    ("columns/free_text.py", "", "_MOST_KEPT = 100_000"): AT_ONCE,
    ("columns/free_text.py", "", "if len(known) > _MOST_KEPT:"): AT_ONCE,
    ("release/column_roles.py", "", "_MOST_KEPT = 100_000"): AT_ONCE,
    ("release/column_roles.py", "", "if len(self._holds) > _MOST_KEPT:"): AT_ONCE,
    ("columns/levels.py", "", "_SPAN = 1 << 20"): AT_ONCE,
    ("columns/levels.py", "", "_RUN = 1 << 16"): AT_ONCE,
    (
        "io/encodings.py", "GtE is Gt",
        "if best - second >= _DECIDES + _FEW / len(words) and best / beyond >= _LEAST:",
    ): "no sum of logarithms is a threshold to its last digit",
    ("columns/free_text.py", "no early return", "if not others:"): SLOWER,
    ("columns/free_text.py", "16 is 15", "_SHORTEST_KEY = 16"): (
        "no pattern of a key has fewer than sixteen letters"
    ),
    (
        "columns/values.py", "no early return",
        "if isinstance(levels.dtype, pd.StringDtype):",
    ): "what stands once is read alike as what may stand twice, in more time",
    ("text/cells.py", "no early return", "if np.array_equal(places, np.arange(len(self))):"): (
        SLOWER
    ),
    ("text/cells.py", "no early return", "if len(result) == len(texts):"): SLOWER,
    ("text/cells.py", "Gt is GtE", "texts = self.tolist() if len(places) > _FIRST else self"): (
        AT_ONCE
    ),
    ("text/cells.py", "Lt is LtE", "return int(self._letters.max(initial=0)) < _BEYOND"): (
        "of no letter in UTF-8 the largest byte is the first beyond ASCII"
    ),
    ("text/normalise.py", "no early return", "if text.isascii():"): SLOWER,
    (
        "tables/k_anonymity.py", "1 is 2",
        "context.least_classes(j) == 1 and min(context.values_left(j), default=1) >= MENDED_CLASS",
    ): "of no value, one that is less than three",
    (
        "traces/unicity.py", "Sub is Add",
        "for _ in range(int((high - low).max()).bit_length()):",
    ): "a search that has ended stays where it is",
    ("text/dates.py", "", r'_ISO_DAY = r"\d{4}-\d\d-\d\d"'): SLOWER,
    ("tables/population/individual_risk.py", "no early break", "if not len(left):"): SLOWER,
    ("tables/population/uniqueness.py", "", "step = max(1, _CHUNK // max(1, kinds))"): AT_ONCE,
    (
        "tables/population/loglinear_model.py", "",
        "share = everybody.mean[alone] / np.maximum(unseen[alone], 1e-9)",
    ): "it keeps from a division by nought alone",
    (
        "tables/missing_keys.py", "",
        "step = max(1, max(_AT_ONCE, len(others)) // len(shared))",
    ): AT_ONCE,
    ("tables/singling_out.py", "0 is -1", "if not 0 < chance < 1:"): (
        "of no chance the variance among people is nought, and all predicates count"
    ),
    ("release/column_roles.py", "1 is 0", "if len(own) == 1:"): SLOWER,
    (
        "linkage/join_tables.py", "1 is 2",
        "size = int(max(codes.max(initial=-1), self.their_codes.max(initial=-1))) + 1",
    ): "of a code that nobody has nobody is found",
    (
        "linkage/person_index.py", "0 is 1",
        "n, wide = len(dots), int(rest.max(initial=0)) + 1",
    ): WIDER,
    (
        "linkage/person_index.py", "0 is 1",
        "code = code * (int(key.max(initial=0)) + 1) + key",
    ): WIDER,
    ("traces/unicity.py", "Lt is LtE", "rare = np.flatnonzero(row < 0)"): SLOWER,
    ("text/edit_distance_and_phonetics.py", "", "_WIDTH, _PAIRS = 24, 1 << 14"): AT_ONCE,
    **dict.fromkeys(
        [
            ("text/edit_distance_and_phonetics.py", done,
             "asked = np.flatnonzero((np.abs(gap) < 2) & (longer <= _WIDTH))")
            for done in ("Lt is LtE", "2 is 3")
        ],
        "names that differ by two letters in length are compared, and differ by more than one edit",
    ),
    (
        "io/formats/sql_dump.py", "Eq is NotEq", 'depth += 1 if mark[0] == "(" else -1',
    ): "a bracket that is closed counts as much as one that is opened",
    (
        "linkage/candidate_pairs.py", "",
        "size = 1 + max(int(side.max(initial=0)) for side in two)",
    ): WIDER,
    (
        "report/guard.py", "0 is -1",
        "both = max([k for k in who if k == k], default=0) + _count(shown[what]) - row.n",
    ): "of no known identifier the bound is nought or less, which is none",
    (
        "report/guard.py", "0 is -1",
        "who = max((count for count in hits if count == count), default=0)",
    ): "of no known identifier the bound is nought or less, which is none",
    (
        "stats/matching_marginals.py", "GtE is Gt", "moves = (moved >= settled)[group]",
    ): "what has settled is passed on once more or not, in more time",
    (
        "tables/singling_out.py", "50000000 is 50000001", "_MOST_LOOKS = 50_000_000",
    ): "predicates are tried by the twenty, so that as many looks as that are none",
    ("tables/special_uniques.py", "", "_MANY, _RECORDS_A_CELL = 1 << 10, 4"): AT_ONCE,
    ("columns/lexicon.py", "", "_BLOCK, _HASH_BITS = 1 << 16, 22"): AT_ONCE,
    ("release/read_traces.py", "", "_WIDE = 1 << 26"): WIDER,
    ("linkage/fellegi_sunter.py", "", "_WEAKNESS = 128"): WIDER,
    ("linkage/fellegi_sunter.py", "", "_TABLE = 8"): AT_ONCE,
    ("report/guard.py", "", "SLIP = 1e-6"): "what a product of floats adds is far less",
    (
        "report/guard.py", "LtE is Lt",
        "least = max((part for part in parts if part <= _count(row) + SLIP), default=0.0)",
    ): "a slip is far less than a person",
    (
        "report/guard.py", "LtE is Lt", "if low.sum() <= total <= high.sum():",
    ): "where a sum is that of all ends each count is its own end",
    (
        "report/guard.py", "LtE is Lt", "if not least - SLIP <= count <= most + SLIP:",
    ): "a slip is far less than a person",
    (
        "linkage/scoring.py", "LtE is Lt", 'if {"identity", "support"} <= set(shown):',
    ): "a place is always among them",
    (
        "geo/neighbours.py", "Sub is Add",
        "code = ((points - low) * ((2**21 - 1) / span)).astype(np.uint64).T.copy()",
    ): "a grid that lies elsewhere, or is a little finer, serves as well",
    (
        "results/measures.py", "Lt is LtE", "if len(notes) < len(row.notes):",
    ): "the same notes take their own place",
    (
        "results/measures.py", "Lt is LtE", "if 0 < low <= small:",
    ): "from nought a range begins at nought",
    (
        "results/measures.py", "0 is -1", "if 0 < low <= small:",
    ): "from nought a range begins at nought",
    (
        "results/measures.py", "LtE is Lt", "if 0 < n - low <= small:",
    ): "of ten away the end is moved to ten away",
} | {
    (file, "", line): AT_ONCE
    for file, lines in {
        "tables/equivalence_classes.py": (
            "_TABLE_CELLS = 1 << 23", "_CELLS_A_RECORD = 16", "_BLOCK = 1 << 15", "_RUN = 1 << 16",
            "_RUNS_COUNTED = 16", "_LARGE = 1 << 10",
        ),
        "tables/missing_keys.py": ("_AT_ONCE = 4_000_000",),
        "tables/nearest_records.py": ("_CELLS = 1 << 20", "_BLOCK = 1 << 16"),
        "tables/special_uniques.py": (
            "_TABLE_CELLS = 1 << 22", "_BLOCK = 1 << 15",
            "if size < self.depth and part.groups > len(group) // 2:",
        ),
        "tables/t_closeness.py": ("_CELLS = 1 << 22",),
        "maps/heat.py": ("_AT_ONCE = 2_000", "_PLACES_AT_ONCE = 1_000"),
        "maps/masks/donut.py": ("AT_ONCE = 500_000",),
        "maps/model_averaging.py": ("_TOGETHER = 16",),
        "maps/naming.py": ("ENTRIES_AT_ONCE = 1_000_000",),
        "maps/posterior.py": ("_NEAR_PAIRS = 1 << 16",),
    }.items()
    for line in lines
}  # fmt: skip

ORDERINGS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
ENDS = {
    "min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all",
    "all": "any",
}  # fmt: skip
# Calls for what they refuse or undo alone.
CHECKS = re.compile(
    r"_?(?:refuse|check|charge|\w*limit|fsync|chmod|verify|in_range|one_of|columns_present|unlink"
    r"|an_instance|rmdir|lack|hold_against|set_authorizer)"
)
FLAGS = re.compile(r"(?:os\.O_|stat\.|re\.)[A-Z]")
LEAVES = (ast.Return, ast.Continue, ast.Break, ast.Raise)
# Calls whose numbers are thresholds.
BOUNDING = {
    "min", "max", "minimum", "maximum", "clip", "timedelta", "timedelta64", "DateOffset", "head",
    "islice", "round",
}  # fmt: skip
# Private constants that bound something by their name, wherever they are used.
BOUNDS = re.compile(r"_?(?:MOST|LEAST|FEW|FEWEST|SHORTEST|LONGEST|LARGEST|WITHIN|AGREE|SATISFIED)")
REPEATS = re.compile(r"(?<=\{)\d+(?=(?:,\d*)?\})")

Place = tuple[int, str, Callable[[], None]]


def places(tree: ast.Module) -> Iterator[Place]:
    """Yield each place where a threshold can be moved: its line, what is done, how."""
    bounds = thresholds(tree)
    early = {id(n.body[-1]) for n in ast.walk(tree) if isinstance(n, ast.If) and not n.orelse}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Compare):
            for at, op in enumerate(node.ops):
                if type(op) in ORDERINGS:
                    other = ORDERINGS[type(op)]
                    said = f"{type(op).__name__} is {other.__name__}"
                    yield line, said, functools.partial(node.ops.__setitem__, at, other())
        elif isinstance(node, ast.BoolOp):
            other = ast.Or if isinstance(node.op, ast.And) else ast.And
            said = f"{type(node.op).__name__} is {other.__name__}"
            yield line, said, functools.partial(setattr, node, "op", other())
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield line, "not is left out", _becomes(node, node.operand)
        elif isinstance(node, ast.If) and not node.orelse and isinstance(node.body[-1], LEAVES):
            said = f"no early {type(node.body[-1]).__name__.lower()}"
            yield line, said, _becomes(node, ast.Pass())
        elif isinstance(node, ast.Raise) and id(node) not in early:
            yield line, "no raise", _becomes(node, ast.Pass())
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if CHECKS.match(called := _last(node.value.func)):
                yield line, f"no {called}", _becomes(node, ast.Pass())
        elif isinstance(node, ast.Call) and (other := ENDS.get(_last(node.func))):
            name = "attr" if isinstance(node.func, ast.Attribute) else "id"
            said = f"{_last(node.func)} is {other}"
            yield line, said, functools.partial(setattr, node.func, name, other)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            if isinstance(node.op, ast.Sub) or _is_number(node.left) or _is_number(node.right):
                other = ast.Sub if isinstance(node.op, ast.Add) else ast.Add
                said = f"{type(node.op).__name__} is {other.__name__}"
                yield line, said, functools.partial(setattr, node, "op", other())
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            if FLAGS.match(flag := ast.unparse(node.right)):
                yield line, f"no {flag}", _becomes(node, node.left)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            if not _is_number(node.operand):
                yield line, "no minus", _becomes(node, node.operand)
        elif id(node) in bounds and isinstance(node, ast.Constant):
            for value in moved(node.value):
                # A pattern is long: its end is where it differs from the next.
                said = f"{str(node.value)[:40]} is {str(value)[:40]}"
                yield line, said, functools.partial(setattr, node, "value", value)


def thresholds(tree: ast.Module) -> set[int]:
    """Constants (by identity) that bound something."""
    tops = list[ast.AST | None]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            tops += [node.left, *node.comparators]
        elif isinstance(node, ast.Slice):
            tops += [end for end in (node.lower, node.upper) if end]
        elif isinstance(node, ast.arguments):
            given = [*node.posonlyargs, *node.args][-len(node.defaults) or None :]
            given = [
                *zip(given, node.defaults, strict=False),
                *zip(node.kwonlyargs, node.kw_defaults, strict=True),
            ]
            tops += [default for argument, default in given if argument.arg != "seed"]
        elif isinstance(node, ast.Call) and _last(node.func) in BOUNDING:
            tops += [*node.args, *(word.value for word in node.keywords)]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
            tops += node.args[:1]
        elif isinstance(node, ast.Call):
            given = [*node.args, *(word.value for word in node.keywords)]
            tops += [one for one in given if isinstance(one, ast.Constant) and _is_share(one.value)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.FloorDiv, ast.Mod)):
            tops += [node.right]
        elif isinstance(node, ast.ClassDef):
            tops += [part.value for part in node.body if isinstance(part, ast.AnnAssign)]
    # Of private constants, those that bound something here: a weight of a model is no threshold.
    used = {part.id for top in tops if top for part in ast.walk(top) if isinstance(part, ast.Name)}
    for statement in tree.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            pairs = [(target, statement.value)]
            if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
                pairs = list(zip(target.elts, statement.value.elts, strict=True))
            for name, value in pairs:
                words = [n.id for n in ast.walk(name) if isinstance(n, ast.Name) and n.id.isupper()]
                bounds = any(w in used or not w.startswith("_") or BOUNDS.match(w) for w in words)
                tops += [value] if bounds else []
    return {id(part) for top in tops if top is not None for part in _numbers(top)}


def _numbers(top: ast.AST) -> Iterator[ast.AST]:
    """Yield the constants of an expression, but for indices."""
    yield top
    for part in ast.iter_child_nodes(top):
        if not (isinstance(top, ast.Subscript) and part is top.slice):
            yield from _numbers(part)


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _is_share(value: object) -> bool:
    return type(value) is float and 0 < value < 1


def _last(name: ast.expr) -> str:
    return ast.unparse(name).rpartition(".")[2]


def moved(value: object) -> list[object]:
    """Values beside a threshold or a switch: none of what is neither, nor a pattern of repeats."""
    if type(value) is bool:
        return [not value]
    if type(value) is int:
        return [value - 1, value + 1]
    if type(value) is float:
        return [value * 0.9, value * 1.1] if value else [0.1]
    if type(value) is str:
        return [
            f"{value[: at.start()]}{int(at[0]) + 1}{value[at.end() :]}"
            for at in REPEATS.finditer(value)
        ]
    return []


def _becomes(node: ast.AST, other: ast.AST) -> Callable[[], None]:
    def change() -> None:
        node.__class__, node.__dict__ = other.__class__, {**node.__dict__, **other.__dict__}  # type: ignore[assignment]

    return change


def mutant(source: str, number: int) -> tuple[int, str, str]:
    """Return one mutant of a source, by its number: the line, what was done, the new source."""
    tree = ast.parse(source)
    line, said, change = next(p for i, p in enumerate(places(tree)) if i == number)
    change()
    return line, said, ast.unparse(ast.fix_missing_locations(tree))


def drawn(files: list[str], each: int, seed: str) -> tuple[dict[str, list[int]], int]:
    """Draw mutants of a room: of each file which, by number; and how many there are."""
    every = [
        (file, number)
        for file in files
        for number, _ in enumerate(places(ast.parse((PACKAGE / file).read_text("utf-8"))))
    ]
    some: dict[str, list[int]] = defaultdict(list)
    for file, number in sorted(random.Random(seed).sample(every, min(each, len(every)))):
        some[file].append(number)
    return dict(some), len(every)


@functools.cache
def imports() -> dict[str, set[str]]:
    """Modules and names that each test file imports, public names by where they are written."""
    public = {
        f"{'.'.join(stub.parent.relative_to(ROOT).parts)}.{shown or name}": f"{module}.{name}"
        for stub in PACKAGE.rglob("__init__.pyi")
        for module, name, shown in re.findall(
            r"^from ([\w.]+) import (\w+)(?: as (\w+))?", stub.read_text("utf-8"), re.M
        )
    }
    tests = dict[str, set[str]]()
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text, names = path.read_text("utf-8"), set[str]()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("privaudit"):
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
        names |= {f"privaudit.{used}" for used in re.findall(r"\bpa\.([a-z]\w*\.\w+|\w+)", text)}
        if path.parent.name not in ("architecture", "browser"):
            tests[path.relative_to(ROOT).as_posix()] = {public.get(name, name) for name in names}
    return tests


def naming(file: str) -> list[str]:
    """Return the tests that name the endings of a reader, those first that do so most."""
    source = (PACKAGE / file).read_text("utf-8")
    given = re.findall(r"^    endings=\((.*)\),", source, re.M)
    endings = [re.escape(ending) for ending in re.findall(r'"(\.\w+)"', " ".join(given))]
    if not endings:
        return []
    times = {
        path.relative_to(ROOT).as_posix(): len(
            re.findall(rf"(?:{'|'.join(endings)})\b", path.read_text("utf-8"))
        )
        for folder in ("formats", "unit/io")
        for path in sorted((ROOT / "tests" / folder).glob("test_*.py"))
    }
    return sorted((test for test in times if times[test]), key=lambda test: -times[test])


def nearest(file: str, room: str) -> list[str]:
    """Return the tests nearest to a file, by the rule at the top."""
    module = module_of(file)
    folder, own = file.partition("/")[0], f"test_{Path(file).name}"
    rank = {"unit": 0, "formats": 0, folder: -1}
    of_both = f"test_{'_'.join(Path(file).parts[-2:])}"
    near = list[tuple[int, bool, int, int, str]]()
    for test, names in imports().items():
        beside = {name for name in names if not f"{name}.".startswith(f"{module}.")}
        if len(beside) < len(names):
            name = Path(test).name
            named = name == of_both or (name == own and folder in test.split("/"))
            place = min(-named, *(rank.get(part, 1) for part in test.split("/")))
            near.append((place, not named, len(beside) - len(names), len(beside), test))
    tests = [test for place, *_, test in sorted(near) if place < 1][:NEAREST]
    tests += [test for test in naming(file) if test not in tests][: NEAREST - len(tests)]
    if len(tests) < 2:
        wide = tomllib.loads((ROOT / "tests/near.toml").read_text("utf-8"))[room]
        tests += [test for test in wide if test not in tests]
    doctests = [f"privaudit/{file}"] if ">>> " in (PACKAGE / file).read_text("utf-8") else []
    return [*doctests, *tests]


def module_of(file: str) -> str:
    """Return the module of a file: of `__init__.py` its package, which is what a test loads."""
    return "privaudit." + file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class Broken(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Gives one module another source."""

    def __init__(self, module: str, path: Path, source: str) -> None:
        self.module, self.path, self.source = module, path, source

    def find_spec(self, name: str, path: object = None, target: object = None):  # type: ignore[no-untyped-def]
        """Find the module that is broken, and no other."""
        if name != self.module:
            return None
        package = self.path.name == "__init__.py"
        spec = importlib.machinery.ModuleSpec(name, self, origin=str(self.path), is_package=package)
        if package:
            spec.submodule_search_locations = [str(self.path.parent)]
        spec.has_location = True  # or a module does not know where the files beside it are
        return spec

    def get_filename(self, fullname: str) -> str:
        """Say where it stands."""
        return str(self.path)

    def get_data(self, path: object) -> bytes:
        """Return the other source."""
        return self.source.encode()

    def path_stats(self, path: object) -> dict[str, int]:
        """Say nothing that a cached module could be taken by."""
        raise OSError


def survives(tests: list[str], file: str, source: str) -> bool:
    """Run tests over another source of a file in a process of its own; True if all of them pass."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if not os.environ.get("MUTANTS_SHOW"):
                nothing = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nothing, 1)
                os.dup2(nothing, 2)
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
            signal.alarm(10 * CPU_SECONDS)
            module = module_of(file)
            sys.meta_path.insert(0, Broken(module, PACKAGE / file, source))
            # What the table of a room before it loaded stands as it is in the file.
            for name in [name for name in sys.modules if name.partition(".")[0] == "privaudit"]:
                del sys.modules[name]
            # First of all: a doctest would load the file as it stands.
            importlib.import_module(module)
            options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m"]
            options += ["not slow and not browser", "--hypothesis-seed=0"]
            # What was loaded before the fork is not rewritten.
            options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
            code = pytest.main([*options, *tests])
        finally:
            os._exit(int(code))
    _, status = os.waitpid(child, 0)
    if (ended := os.waitstatus_to_exitcode(status)) < 0:
        print(f"{file}: out of time (signal {-ended}), which counts as noticed", flush=True)
    return ended == 0


def of_file(
    file: str, some: list[int], tests: list[str], quick: bool
) -> list[tuple[str, str, str, str]]:
    """Try mutants of a file; return where, what, line and reason of each that no test notices."""
    source, left = (PACKAGE / file).read_text("utf-8"), list[tuple[str, str, str, str]]()
    if not quick and not survives(tests, file, source):
        raise SystemExit(f"mutants: without a mutant a test fails of {', '.join(tests)}")
    for number in some:
        line, said, broken = mutant(source, number)
        text = source.splitlines()[line - 1].strip()
        reason = EQUIVALENT.get((file, said, text)) or EQUIVALENT.get((file, "", text), "open")
        if reason != "open" or survives(tests, file, broken):
            left.append((f"{file}:{line}", said, text, reason))
            print("", *left[-1], sep=" | ", flush=True)
    return left


def main() -> int:
    """Draw mutants of each room, try them, and print what is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=10, help="mutants of a room at most")
    parser.add_argument("--seed", default="", help="of the draw; by default the commit's hash")
    parser.add_argument("--rooms", default=",".join(ROOMS), help="some of them, with commas")
    parser.add_argument("--file", default="", help="files whose path holds this")
    parser.add_argument("--quick", action="store_true", help="tests are known to pass")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="CPU, at most")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.dont_write_bytecode = False  # or each process compiles the package again
    git = ["git", "rev-parse", "--short=12", "HEAD"]
    commit = subprocess.run(git, check=True, capture_output=True, text=True).stdout.strip()
    seed = options.seed or commit
    rows, left = list[tuple[str, int, int, int, int]](), list[tuple[str, str, str, str]]()
    for room in options.rooms.split(","):
        if seconds() > options.seconds:
            print(f"{room} and what follows: no time left")
            break
        files = [
            file.relative_to(PACKAGE).as_posix()
            for pattern in ROOMS[room]
            for file in sorted(PACKAGE.glob(pattern))
            if options.file in file.as_posix()
        ]
        some, total = drawn(files, options.each, room + seed)
        lasting = [
            line
            for file in some
            for line in of_file(file, some[file], nearest(file, room), options.quick)
        ]
        left += lasting
        same = sum(reason != "open" for *_, reason in lasting)
        tried = sum(map(len, some.values()))
        rows.append((room, total, tried, tried - len(lasting), same))
        print(row(*rows[-1]), f"{seconds():.0f} CPU s", flush=True)
    total, tried, killed, same = (sum(column) for column in list(zip(*rows, strict=True))[1:])
    rows.append(("all", total, tried, killed, same))
    print(row(*rows[-1]))
    if options.write:
        again = f"python benchmarks/mutants.py --each {options.each} --seed {seed}"
        written(options.write, f"`{again}` at commit `{commit}`", rows, left)
    # A few may be hard to notice, not most.
    return int(2 * killed < tried - same)


def seconds() -> float:
    """CPU seconds of this process and of those it started."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def row(room: str, total: int, tried: int, killed: int, same: int) -> str:
    """Return a line of the table: the rate of what makes a difference, with Wilson's interval."""
    from privaudit.stats.intervals import wilson

    n = tried - same
    low, high = wilson(killed / n, n) if n else (0, 1)
    rate = f"{killed / max(n, 1):.0%} | {low:.0%} to {high:.0%}"
    return f"| {room} | {total:,} | {tried} | {same} | {killed} | {rate} |"


def written(
    file: Path, again: str, rows: list[tuple[str, int, int, int, int]],
    left: list[tuple[str, str, str, str]],
) -> None:  # fmt: skip
    """Put the tables into their place in a page."""
    head = ["| room | mutants | drawn | no difference | noticed | noticed of the rest | 95 % |",
            "|---|---|---|---|---|---|---|"]  # fmt: skip
    open_ones = [f"- `{where}`: {said}" for where, said, _, reason in left if reason == "open"]
    drawn_by = f"One draw of {rows[-1][2]} mutants, {again}:"
    body = ["", drawn_by, "", *head, *(row(*each) for each in rows), ""]
    body += ["Not noticed:", "", *open_ones, ""] if open_ones else []
    text = file.read_text(encoding="utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    file.write_text(text[:start] + "\n".join(body) + text[end:], encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
