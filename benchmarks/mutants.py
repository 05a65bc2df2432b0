"""Break the code in small ways, one at a time: does a test notice?

``python benchmarks/mutants.py --each 40 --write docs/reliability.md``. A mutant is one change of
one place: a comparison or its bound, a number (thresholds of modules too), a word of logic, an
operator, a truth value, a condition turned around, a statement left out. Of each area some are
drawn with a seed and tried against the tests that are named for their file, each in a process
forked from one that has loaded the libraries. What survives is listed with its line; those that
change nothing that a reader could see are named in ``EQUIVALENT`` with the reason.

Why no tool: mutmut 3.8 changes functions only, and the thresholds stand at the top of files;
cosmic-ray 8.7 starts an interpreter a mutant, four seconds of loading for a test of a tenth.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.machinery
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- mutants: begin -->", "<!-- mutants: end -->"
CPU_SECONDS = 90
# By area, each file with the tests that should notice, nearest first; a folder: all in it.
AREAS = {
    "guard": {
        "results/suppression.py": [
            "tests/unit/report/test_guard_attacked.py",
            "tests/unit/tables/test_withheld_levels.py",
            "privaudit/results/suppression.py",
        ],
        "report/guard.py": [
            "tests/unit/report/test_guard_rows.py",
            "tests/unit/report/test_guard_attacked.py",
            "privaudit/report/guard.py",
            "tests/unit/report/test_unions.py",
        ],
        "release/inventory.py": [
            "tests/unit/release/test_columns_withheld.py",
            "privaudit/release/inventory.py",
            "tests/unit/cli/test_inspect_tables.py",
            "tests/unit/columns/test_withheld_cells.py",
        ],
    },
    "cache": {
        "core/cache.py": [
            "tests/hostile/test_cache_edges.py",
            "tests/hostile/test_cache_folder.py",
            "tests/unit/core/test_cache.py",
        ],
        "core/files.py": [
            "tests/unit/core/test_limits.py",
            "tests/hostile/test_inputs.py",
            "tests/unit/core/test_locks.py",
            "tests/hostile/test_cache_edges.py",
            "tests/hostile/test_outputs.py",
        ],
        "report/write.py": [
            "tests/hostile/test_damaged_reports.py",
            "tests/hostile/test_outputs.py",
        ],
        "report/manifest.py": [
            "tests/unit/report/test_manifest.py",
            "tests/hostile/test_damaged_reports.py",
        ],
    },
    "readers": {
        "io/text_files.py": [
            "tests/unit/io/test_header_row.py",
            "privaudit/io/text_files.py",
            "tests/hostile/test_inputs.py",
            "tests/unit/io/test_readers_files.py",
            "tests/unit/io/test_text_file.py",
            "tests/unit/io/test_packed.py",
            "tests/properties/test_one_intake.py",
        ],
        "io/workbooks.py": [
            "privaudit/io/workbooks.py",
            "tests/unit/io/test_inert_cells.py",
            "tests/hostile/test_outputs.py",
            "tests/pipeline/test_report_folder.py",
        ],
        "io/containers.py": ["tests/unit/io/test_packed.py", "tests/hostile/test_inputs.py"],
        "io/formats/geojson.py": [
            "tests/unit/io/test_readers_files.py",
            "tests/unit/release/test_readers_geometry.py",
        ],
        "io/formats/parquet.py": [
            "tests/unit/io/test_parquet_cells.py",
            "privaudit/io/formats/parquet.py",
            "tests/unit/io/test_readers_files.py",
            "tests/unit/release/test_readers_geometry.py",
        ],
    },
    "rules": {"rules/checks.py": ["tests/unit/rules"]},
    "measures": {
        "tables/equivalence_classes.py": [
            "privaudit/tables/equivalence_classes.py",
            "tests/unit/tables/test_equivalence.py",
            "tests/unit/tables/test_class_counts.py",
            "tests/unit/tables/test_measure_table.py",
        ],
        "tables/population/uniqueness.py": [
            "privaudit/tables/population/uniqueness.py",
            "tests/unit/tables/test_uniqueness.py",
        ],
        "tables/special_uniques.py": [
            "privaudit/tables/special_uniques.py",
            "tests/unit/tables/test_special_uniques.py",
        ],
        "traces/unicity.py": [
            "privaudit/traces/unicity.py",
            "tests/unit/traces/test_traces_unicity.py",
        ],
        "maps/posterior.py": ["privaudit/maps/posterior.py", "tests/unit/stats/test_spatial.py"],
        "stats/intervals.py": [
            "privaudit/stats/intervals.py",
            "tests/unit/stats/test_interval.py",
            "tests/unit/traces/test_paired_residual.py",
            "tests/unit/stats/test_paired_difference.py",
        ],
    },
    "attacks": {
        "maps/guess.py": [
            "tests/unit/maps/test_attack_locate.py",
            "tests/unit/maps/test_attack_guess.py",
            "tests/unit/maps/test_attack_registry.py",
            "tests/unit/maps/test_masks_assignment.py",
            "tests/unit/studies/test_own_extension.py",
            "tests/unit/maps/test_attack_naming.py",
        ],
        "maps/area_inversion.py": ["tests/unit/maps/test_aggregates_inverted.py"],
        "maps/version_links.py": ["tests/unit/maps/test_timing_differences.py"],
        "maps/naming.py": ["tests/unit/maps/test_attack_naming.py"],
    },
    "newer": {
        "tables/missing_keys.py": [
            "tests/unit/tables/test_completions.py",
            "privaudit/tables/missing_keys.py",
            "tests/unit/tables/test_blanks.py",
            "tests/properties/test_blank_ranges_law.py",
            "tests/unit/tables/test_population_by_hand.py",
            "tests/unit/core/test_alpha.py",
            "tests/unit/studies/test_blanks_everywhere.py",
            "tests/unit/tables/test_people_once.py",
        ],
        "tables/disclosure_risk.py": [
            "tests/unit/tables/test_population_by_hand.py",
            "tests/unit/tables/test_blanks.py",
            "tests/unit/results/test_sampled_files.py",
            "tests/unit/columns/test_measure_population.py",
        ],
        "tables/population/counts.py": [
            "tests/unit/tables/test_population_by_hand.py",
            "tests/unit/tables/test_blanks.py",
            "tests/unit/columns/test_measure_population.py",
            "tests/unit/tables/test_people_once.py",
        ],
        "tables/population/sample_ranges.py": [
            "tests/unit/tables/test_population_by_hand.py",
            "tests/unit/tables/test_measure_names.py",
            "tests/unit/results/test_sampled_files.py",
        ],
        "linkage/join_files.py": [
            "tests/unit/studies/test_link_edges.py",
            "tests/unit/studies/test_link_releases.py",
            "tests/unit/studies/test_link_homonyms.py",
        ],
        "linkage/person_index.py": [
            "privaudit/linkage/person_index.py",
            "tests/unit/studies/test_link_edges.py",
            "tests/unit/studies/test_link_homonyms.py",
        ],
        "rules/check_rules.py": [
            "tests/unit/rules/test_rules_of_files.py",
            "tests/unit/studies/test_link_releases.py",
        ],
        "report/audit_stories.py": ["tests/unit/report/test_story_log.py"],
        "core/progress.py": ["tests/unit/core/test_threads.py"],
        "studies/exhibits.py": [
            "tests/unit/studies/test_set_out.py",
            "tests/pipeline/test_seizure_of_parts.py",
        ],
        "io/files.py": ["tests/formats/test_formats_parts.py"],
        "io/addresses.py": [
            "tests/unit/io/test_address_rows.py",
            "tests/unit/io/test_places_addresses.py",
        ],
    },
    "newest": {
        "io/point_columns.py": [
            "tests/unit/io/test_point_columns.py",
            "privaudit/io/point_columns.py",
        ],
        "text/dates.py": [
            "tests/unit/text/test_written_dates.py",
            "privaudit/text/dates.py",
            "tests/unit/release/test_traces_reading.py",
        ],
        "linkage/person_index.py": [
            "privaudit/linkage/person_index.py",
            "tests/unit/studies/test_tables_together.py",
        ],
        "linkage/join_tables.py": ["tests/unit/studies/test_tables_together.py"],
        "studies/dossier.py": ["tests/unit/studies/test_tables_together.py"],
        "simulation/fit_to_commune.py": [
            "privaudit/simulation/fit_to_commune.py",
            "tests/unit/simulation/test_simulation_parts.py",
        ],
        "report/answers.py": [
            "tests/unit/report/test_unstated_mask.py",
            "tests/unit/report/test_story_few.py",
            "tests/unit/studies/test_exact_dots.py",
            "tests/unit/report/test_first_screen.py",
            "tests/unit/report/test_story_ranges.py",
            "tests/unit/report/test_story_words.py",
        ],
        "report/audit_stories.py": [
            "tests/unit/report/test_first_screen.py",
            "tests/unit/report/test_story_few.py",
            "tests/unit/report/test_story_ranges.py",
            "tests/unit/report/test_story_words.py",
        ],
        "words/catalogues.py": [
            "privaudit/words/catalogues.py",
            "tests/unit/report/test_story_words.py",
            "tests/unit/report/test_words_catalogues.py",
        ],
        "core/progress.py": ["tests/hostile/test_asked_to_end.py"],
        "core/files.py": ["tests/hostile/test_at_once.py"],
        "cli/options.py": ["tests/hostile/test_at_once.py"],
    },
}
# File, what was done, line of source as it is written, and why nobody can notice that it changed.
SAME_LENGTH = "lists whose lengths are equal by what stands above: a check of ours"
JUST_SHORT = "nothing falls short by just a millionth of a thousandth"
WIDER = "codes are told apart by a wider number than they need"
AT_ONCE = "how much is read or looked at in one go: one more or less"
EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "rules/checks.py", "False is turned", "undated = False",
    ): "where one of the three is not told, the same is said three lines on",
    ("io/text_files.py", "65536 is one more", "_START = 65_536"): AT_ONCE,
    ("io/text_files.py", "1000000 is one more", "_CHUNK = 1_000_000"): AT_ONCE,
    (
        "maps/area_inversion.py", "True is turned",
        "for release, area in zip(maps, areas, strict=True):",
    ): SAME_LENGTH,
    (
        "maps/area_inversion.py", "True is turned",
        'every = [(total, parts["total"]) for total, parts in zip(totals, (first, later), '
        "strict=True)]",
    ): SAME_LENGTH,
    ("tables/equivalence_classes.py", "1 is one more", "_RUN = 1 << 16"): AT_ONCE,
    (
        "tables/equivalence_classes.py", "1 is one more", "return key, 1",
    ): "of no record there is no key: whatever is said to be above it, is",
    (
        "tables/special_uniques.py", "0 is one more",
        "self.levels = [int(column.max(initial=0)) + 1 for column in columns]",
    ): "codes are told apart by a wider number than they need",
    ("maps/posterior.py", "Gt is GtE", "if expected > MOST_PAIRS:"): AT_ONCE,
    ("core/files.py", "31 is one more", "LARGEST = 2**31"): AT_ONCE,
    ("io/containers.py", "20 is one more", "_CHUNK = 1 << 20"): AT_ONCE,
    (
        "maps/naming.py", "1.0 is one more",
        "share /= np.where(known, total, 1.0)[record - rows.start]",
    ): "of a dot that nobody there fits: nobody is its share",
    (
        "report/guard.py", "False is turned",
        'return exposure.per_person[column].fillna("").astype("str").value_counts(sort=False)',
    ): "in which order groups are looked at: each is asked for itself",
    ("core/cache.py", "no connection.close", "connection.close()"): "it is closed when it goes",
    (
        "core/files.py", "0 is one more", '_FOLDER = getattr(os, "O_DIRECTORY", 0)',
    ): "for a system without that flag only",
    (
        "rules/checks.py", "1 is one more",
        "table = np.zeros((code.max() + 1, value.max() + 1))",
    ): "a line of nobody, which is left out two lines on",
    (
        "tables/population/uniqueness.py", "0.0 is one more",
        "for start in ([0.0, 0.0], [-2.0, -3.0], [2.0, 2.0], [-3.0, -8.0], [-1.0, 3.0]):",
    ): "where one of five searches begins",
    (
        "tables/special_uniques.py", "Gt is GtE", "if groups > 1:",
    ): "of one class the key is the column, added to nothing or not",
    ("tables/population/counts.py", "Lt is LtE", "fewer = people < size * (1 - 1e-12)"): JUST_SHORT,
    (
        "tables/population/counts.py", "Lt is LtE",
        "short, absent = records(people < sure * (1 - 1e-9)), records(people == 0)",
    ): JUST_SHORT,
    (
        "tables/missing_keys.py", "0 is one more",
        "keys = table.codes[groups.first] if table.has_gaps else table.codes[:0]",
    ): "of a table without a gap nobody looks at the keys",
    (
        "tables/missing_keys.py", "1.0 is one more", "alpha: float = 1.0",
    ): "of tables without a blank only",
    (
        "tables/population/sample_ranges.py", "2 is one more", "high *= 2",
    ): "how soon a bracket is wide enough",
    (
        "tables/population/sample_ranges.py", "0.0 is one more",
        "noise = 2 * math.sqrt(rate * (1 - rate) * high) / rate if high == high else 0.0",
    ): "where the range is not a number, nor is what is added to it",
    (
        "linkage/person_index.py", "1 is one more",
        "n, wide = len(dots), int(rest.max(initial=0)) + 1",
    ): WIDER,
    (
        "linkage/person_index.py", "0 is one more",
        "n, wide = len(dots), int(rest.max(initial=0)) + 1",
    ): WIDER,
    (
        "linkage/join_files.py", "1 is one more",
        'return np.full(len(on), -1), [Note("dots_moved_off", standing=standing, of=len(on), '
        "**beside)]",
    ): "any number below nought is no door",
    (
        "io/addresses.py", "1 is one more",
        "near = difflib.get_close_matches(code, known, n=1, cutoff=0.75) or [",
    ): "the first of two is the one of one",
    (
        "cli/options.py", "True is turned",
        'print(f"privaudit: {printable(text)}", file=sys.stderr, flush=True)',
    ): "the system holds nothing of it back",
    (
        "words/catalogues.py", "GtE is Gt",
        "digits = 0 if value in (0, 100) else 1 if value >= 0.995 else 2",
    ): "no share times a hundred is just .995",
    (
        "linkage/join_tables.py", "1 is one more",
        "wide = 1 + max(int(second.max(initial=0)) for _, second in sides)",
    ): WIDER,
    (
        "linkage/person_index.py", "True is turned",
        "[one or other for one, other in zip(known, texts, strict=True)] "
        "for texts in (whole, words)",
    ): SAME_LENGTH,
    ("stats/intervals.py", "4000000 is one more", "step = max(1, 4_000_000 // groups)"): AT_ONCE,
    (
        "stats/intervals.py", "LtE is Lt",
        "no_floor = (bottom_low <= 0) | ~np.isfinite(ratio_high)",
    ): "what is divided by 0 is not finite, which stands beside it",
    (
        "maps/naming.py", "Sub is Add",
        "many = np.bincount(code[tied], minlength=len(indptr) - 1)",
    ): "room for groups that there are not",
    (
        "tables/equivalence_classes.py", "Mult is Add",
        "if int(count.max(initial=0)) > 4 * domain:",
    ): "which of two ways to count sizes is taken: both count the same",
    (
        "studies/exhibits.py", "80 is one more",
        'link = link.with_name(f"{path.name[:80]}{_IN}{number}")',
    ): "where a long name is cut",
}  # fmt: skip

COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
REPLACED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.And: ast.Or,
    ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip


def mutant(source: str, number: int) -> tuple[int, str, str]:
    """Return one mutant of a source, by its number: the line, what was done, the new source."""
    tree = ast.parse(source)
    line, said, change = next(p for i, p in enumerate(places(tree)) if i == number)
    change()
    return line, said, ast.unparse(ast.fix_missing_locations(tree))


def drawn(files: list[str], each: int, seed: str) -> dict[str, tuple[str, int, list[int]]]:
    """Draw mutants of an area: of each file its source, how many it has, and which."""
    sources = {file: (ROOT / "privaudit" / file).read_text(encoding="utf-8") for file in files}
    every = [
        (file, number)
        for file, source in sources.items()
        for number, _ in enumerate(places(ast.parse(source)))
    ]
    some = sorted(random.Random(seed).sample(every, min(each, len(every))))
    return {
        file: (source, sum(f == file for f, _ in every), [k for f, k in some if f == file])
        for file, source in sources.items()
    }


def places(tree: ast.AST) -> Iterator[tuple[int, str, Callable[[], None]]]:
    """Yield each place where something can be broken, and how."""
    quiet = unseen(tree)
    for node in ast.walk(tree):
        if id(node) in quiet:
            continue
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
            other = COMPARED[type(node.ops[0])]
            yield line, f"{type(node.ops[0]).__name__} is {other.__name__}", _op(node, other)
        elif isinstance(node, (ast.BinOp, ast.BoolOp)) and type(node.op) in REPLACED:
            # A text is put together, not computed.
            other = REPLACED[type(node.op)]
            yield line, f"{type(node.op).__name__} is {other.__name__}", _set(node, "op", other())
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield line, "not is left out", _becomes(node, node.operand)
        elif isinstance(node, ast.Constant) and type(node.value) is bool:
            yield line, f"{node.value} is turned", _set(node, "value", not node.value)
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield line, f"{node.value} is one more", _set(node, "value", node.value + 1)
        elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
            turned = ast.UnaryOp(op=ast.Not(), operand=node.test)
            yield line, "a condition is turned", _set(node, "test", turned)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield line, f"no {ast.unparse(node.value.func)}", _set(node, "value", ast.Constant(0))
        elif isinstance(node, ast.Raise):
            yield line, "nothing is raised", _becomes(node, ast.Pass())


def unseen(tree: ast.AST) -> set[int]:
    """Nodes that no test can notice: docstrings, types, `__all__`, what checks types only."""
    quiet: set[int] = set()
    for node in ast.walk(tree):
        skip: list[ast.AST | None] = []
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            skip += [
                node.returns,
                *(a.annotation for a in ast.walk(node.args) if isinstance(a, ast.arg)),
            ]
        if isinstance(node, ast.AnnAssign):
            skip.append(node.annotation)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            skip.append(node)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            skip.append(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "dataclass":
            skip.append(node)
        quiet |= {id(part) for top in skip if top is not None for part in ast.walk(top)}
    return quiet


def _op(node: ast.Compare, other: type[ast.cmpop]) -> Callable[[], None]:
    def change() -> None:
        node.ops[0] = other()

    return change


def _set(node: ast.AST, name: str, value: object) -> Callable[[], None]:
    return lambda: setattr(node, name, value)


def _becomes(node: ast.AST, other: ast.AST) -> Callable[[], None]:
    def change() -> None:
        node.__class__, node.__dict__ = other.__class__, {**node.__dict__, **other.__dict__}

    return change


class Broken(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Gives one module another source."""

    def __init__(self, module: str, path: Path, source: str) -> None:
        self.module, self.path, self.source = module, path, source

    def find_spec(self, name: str, path: object = None, target: object = None):  # type: ignore[no-untyped-def]
        """Find the module that is broken, and no other."""
        if name != self.module:
            return None
        spec = importlib.machinery.ModuleSpec(name, self, origin=str(self.path))
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


def survives(file: str, source: str, tests: list[str]) -> bool:
    """Run the tests over a mutant in a process of its own; True if all of them pass."""
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
            path = ROOT / "privaudit" / file
            module = "privaudit." + file.removesuffix(".py").replace("/", ".")
            sys.meta_path.insert(0, Broken(module, path, source))
            import pytest

            # First of all: a doctest would load the file as it stands.
            importlib.import_module(module)
            options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow"]
            # What was loaded before the fork is not rewritten.
            options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
            code = pytest.main([*options, "--hypothesis-seed=0", *tests])
        finally:
            os._exit(int(code))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def main() -> int:
    """Draw mutants of each area, try them, and print what is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=40, help="mutants of an area at most")
    parser.add_argument("--seed", default="", help="goes after the name of an area, other draws")
    parser.add_argument("--only", default="", help="one area")
    parser.add_argument("--file", default="", help="files whose path holds this")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    # Loaded once: every process forked from here has them.
    import sklearn  # noqa: F401

    began, lines, left = time.time(), list[str](), list[str]()
    for area, files in AREAS.items():
        if options.only not in ("", area):
            continue
        tried = killed = same = total = 0
        for file, (source, many, some) in drawn(
            list(files), options.each, area + options.seed
        ).items():
            total += many
            if options.file in file and some:
                found = of_file(file, source, some, files[file])
                left += found
                tried += len(some)
                killed += len(some) - len(found)
                same += sum(not line.endswith("| open |") for line in found)
        share = killed / max(1, tried - same)
        lines.append(f"| {area} | {total} | {tried} | {killed} | {same} | {share:.0%} |")
        print(lines[-1], f"{time.time() - began:.0f} s", flush=True)
    if options.write and not options.only:
        written(options.write, lines, left)
    return 0


def of_file(file: str, source: str, some: list[int], tests: list[str]) -> list[str]:
    """Try mutants of a file; return a line for each that no test notices."""
    if not survives(file, source, tests):
        raise SystemExit(f"mutants: the tests of {file} fail without a mutant")
    left = []
    for number in some:
        line, said, broken = mutant(source, number)
        if not survives(file, broken, tests):
            continue
        text = source.splitlines()[line - 1].strip() if line else ""
        reason = EQUIVALENT.get((file, said, text), "open")
        left.append(f"| `{file}:{line}` | {said} | `{text[:90]}` | {reason} |")
        print(left[-1], flush=True)
    return left


def written(file: Path, lines: list[str], left: list[str]) -> None:
    """Put the tables into their place in a page."""
    head = ["| area | mutants | tried | noticed | no difference | noticed of the rest |",
            "|---|---|---|---|---|---|"]  # fmt: skip
    tail = ["| where | what was done | line | why it stays |", "|---|---|---|---|", *left]
    body = "\n".join(["", *head, *lines, "", "What no test notices:", "", *tail, ""])
    text = file.read_text(encoding="utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    file.write_text(text[:start] + body + text[end:], encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
