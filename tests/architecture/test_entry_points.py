"""What the Makefile starts is there, imports what exists, and goes in no circle."""

import ast
import importlib
import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import LARGE_EXAMPLES, LONGEST_FIRST, pytest_collection_modifyitems
from tests.fixtures.halves import HALVES, pytest_ignore_collect
from tests.fixtures.scripts import script

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"
# What runs in the environment of a peer, which is not here.
SCRIPTS = sorted(p for p in BENCHMARKS.rglob("*.py") if not p.name.endswith("_side.py"))
IDS = [str(path.relative_to(BENCHMARKS)) for path in SCRIPTS]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
STARTED = sorted(set(re.findall(r"(?:benchmarks|docs|tests)/[\w/.-]*\w", MAKEFILE)))


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path):
    """Module and names of each import of a script, inside functions too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            yield node.module, [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)


def beside(path, module):
    """The script that a module is, where it is one of ours."""
    places = (path.parent, BENCHMARKS)
    return next((p for f in places if (p := f / f"{module}.py").is_file()), None)


def defined(path):
    """Names that a script has when it was loaded."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name)
    return names


def lacking(path):
    """What a script imports of the library, or of a script beside it, that is not there."""
    for module, names in imports(path):
        if module and module.partition(".")[0] == "privaudit":
            home = importlib.import_module(module)
            for name in names:
                if not hasattr(home, name):
                    try:
                        importlib.import_module(f"{module}.{name}")
                    except ImportError:
                        yield f"{module} has no {name}"
        elif module and (other := beside(path, module)):
            yield from (f"{module} has no {n}" for n in names if n not in defined(other))


@pytest.mark.parametrize("path", SCRIPTS, ids=IDS)
def test_what_a_benchmark_imports_is_there(path):
    assert list(lacking(path)) == []


def test_a_name_that_is_gone_is_seen(tmp_path):
    file = tmp_path / "compare.py"
    file.write_text("from privaudit.campaign.matching import assigned, never_there\n")
    assert list(lacking(file)) == ["privaudit.campaign.matching has no never_there"]


def circle(leads):
    """A circle of scripts that import each other, [] where there is none."""
    for start in leads:
        ways = [[start]]
        while ways:
            way = ways.pop()
            for step in leads[way[-1]]:
                if step == start:
                    return [p.name for p in way]
                if step not in way:
                    ways.append([*way, step])
    return []


def test_no_benchmark_imports_what_imports_it():
    leads = {
        path: {other for module, _ in imports(path) if module and (other := beside(path, module))}
        for path in SCRIPTS
    }
    assert circle(leads) == []
    one, two = SCRIPTS[:2]
    assert circle({one: {two}, two: {one}}) == [one.name, two.name]


def test_what_the_makefile_names_is_there():
    assert len(STARTED) > 10
    assert [name for name in STARTED if not (ROOT / name.removesuffix("%")).exists()
            and "node_modules" not in name and not name.startswith("docs/made")] == []  # fmt: skip


# One process loads the packages that all scripts import, and each script as if it were alone:
# its folder first on the path, and nothing of the scripts before it.
HELPS = """
import contextlib, io, json, os, runpy, sys, traceback

wrong, path = {}, sys.path[1:]
for name in sys.argv[1:]:
    sys.argv = [name, "--help"]
    sys.path[:] = [os.path.dirname(os.path.abspath(name)), *path]
    said, status = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(said):
            runpy.run_path(name, run_name="__main__")
    except SystemExit as end:
        status = end.code
    except BaseException:
        said.write(traceback.format_exc())
    if status not in (0, None) or "usage:" not in said.getvalue():
        wrong[name] = said.getvalue()[-500:] or repr(status)
    for module, thing in list(sys.modules.items()):
        if "/benchmarks/" in (getattr(thing, "__file__", None) or ""):
            del sys.modules[module]
print(json.dumps(wrong), file=sys.stderr)
"""


@pytest.mark.heavy
def test_what_the_makefile_starts_says_its_help():
    """Every script is loaded, with all that it imports, and reads its arguments."""
    scripts = [
        name for name in STARTED
        if name.startswith("benchmarks/") and "argparse" in _source(name)
    ]  # fmt: skip
    assert len(scripts) > 8
    assert wrong_helps(scripts) == {}


def test_a_script_that_cannot_start_is_seen(tmp_path):
    file = tmp_path / "script.py"
    file.write_text("import argparse\nimport never_there\n")
    assert "never_there" in wrong_helps([file])[str(file)]
    file.write_text("print('ends without its help')\n")
    assert list(wrong_helps([file])) == [str(file)]


def wrong_helps(scripts):
    """Start scripts with `--help`; return what those print that do not say their usage."""
    done = subprocess.run(
        [sys.executable, "-c", HELPS, *map(str, scripts)], cwd=ROOT, capture_output=True,
        text=True, timeout=300,
    )  # fmt: skip
    return json.loads(done.stderr.splitlines()[-1])


def _source(name):
    """The text of a script, or of the one that a folder starts."""
    path = ROOT / name
    path = path / "__main__.py" if path.is_dir() else path
    return path.read_text(encoding="utf-8") if path.is_file() and path.suffix == ".py" else ""


def commands_of(target):
    """Return the commands of a target."""
    return re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)[1].splitlines()


def selected(target):
    """What the commands of a target ask of the markers, a word each."""
    return [one for line in commands_of(target) for one in re.findall(r'-m "([^"]*)"', line)]


def test_the_suite_takes_as_long_as_contributors_read():
    (said,) = re.findall(r"[\w ]+ minutes on two cores", commands_of("test")[0])
    assert f"the suite,{said}\n" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_what_the_suite_leaves_out_is_run_elsewhere():
    halves = "half-0 half-1"
    assert [halves in line for line in commands_of("test")] == [False, True]
    quick, rest, beside = (selected(target) for target in (halves, "test-heavy", "beside"))
    assert quick == ["not heavy and not slow and not browser"]
    assert rest == ["heavy and not slow and not browser"]
    # Of the two parts that are counted apart, none leaves a heavy test out, and CI runs them.
    assert selected("floor") == ["not slow and not browser"]
    assert selected("further") == ["not slow and not browser$(LIGHT)"]
    assert re.search(r"^coverage: floor further ", MAKEFILE, re.M)
    # Where the other tests are a part of their cases, those that are heavy are apart: each once.
    assert re.search(r"^LIGHT := \$\(if \$\(CASE\), and not heavy\)$", MAKEFILE, re.M)
    [reports], [others] = commands_of("heavy-reports"), commands_of("heavy-rest")
    assert selected("heavy-reports") == selected("heavy-rest") == rest
    assert reports.endswith(" $(FURTHER) $(OF_REPORTS)")
    assert others.endswith(" $(FURTHER) $(OF_REPORTS:%=--ignore=%)")
    # Of what one interpreter runs a part, the other runs all cases.
    assert beside == quick * 2
    every_case = {
        (target, part): "$(ONE_CASE)" not in line
        for target in ("floor", "further", "beside") for line in commands_of(target)
        for part in ("$(NEAREST)", "$(FURTHER)") if part in line
    }  # fmt: skip
    assert every_case == {
        ("floor", "$(NEAREST)"): True, ("beside", "$(NEAREST)"): False,
        ("further", "$(FURTHER)"): False, ("beside", "$(FURTHER)"): True,
    }  # fmt: skip


def test_ci_runs_every_target_and_one_interpreter_checks_types():
    ci = (ROOT / ".ci/run").read_text("utf-8")
    runs = re.findall(r'run "\$(first|second)" (\S+) (.*?)( && take .*; }| *$)', ci, re.M)
    assert runs == [
        ("first", ".venv", 'check coverage "$checked"', ""),
        ("second", ".venv313", '"${there[@]}" coverage TWO=', ' && take "$second" .venv313; }'),
        ("first", ".venv", '"${here[@]}" beside TWO= "$checked"', ' && take "$first" .venv; }'),
    ]
    # What the tests of the architecture are left out of was checked by the same interpreter.
    assert "checked=BUT=--ignore=tests/architecture\n" in ci
    turns = "then here=(check) there=(); else here=(check UNTYPED=1) there=(typed); fi\n"
    assert turns in ci
    assert "$(if $(UNTYPED),,$(MAKE) --no-print-directory typed)" in "".join(commands_of("check"))
    assert "/mypy" in "".join(commands_of("typed"))
    # Without another interpreter the first runs all cases.
    assert re.search(r"^  turn=$", ci, re.M)
    (after,) = re.findall(r"for target in (.*); do", ci)
    assert {*after.split()} == {
        "heavy-reports", "heavy-rest", "notebooks", "mutants-few", "browser", "test-spark", "demo",
    }  # fmt: skip
    assert all(re.search(rf"^{target}:", MAKEFILE, re.M) for target in after.split())
    # Alone, the first interpreter has run them with all other tests.
    assert 'mkdir "$taken/heavy-reports" "$taken/heavy-rest"  #' in ci


def test_what_is_named_for_its_length_is_there():
    assert [file for file in LONGEST_FIRST if not (ROOT / "tests" / file).is_file()] == []
    for name in sorted(LARGE_EXAMPLES):
        module, _, function = name.rpartition(".")
        assert ">>> " in getattr(importlib.import_module(module), function).__doc__, name


# What starts a program, names errors or lays out a page.
IN_NO_ROOM = {
    "__main__.py", "errors.py", *(f"report/{name}.py" for name in (
        "charts", "explorer", "manifest", "maps", "page", "rules_story", "town_plan",
    )),
}  # fmt: skip


def test_each_file_is_in_a_room_of_mutants_but_for_the_layout_of_pages():
    package = ROOT / "privaudit"
    rooms = script("benchmarks/mutants.py").ROOMS
    drawn = {file for some in rooms.values() for way in some for file in package.glob(way)}
    files = {file for file in package.rglob("*.py") if file.name != "__init__.py"}
    assert {file.relative_to(package).as_posix() for file in files - drawn} == IN_NO_ROOM


def test_each_file_is_in_one_half_and_all_where_no_half_is_asked_for():
    def left_out(path, half):
        config = SimpleNamespace(getoption={"--half": half}.get, rootpath=ROOT)
        return pytest_ignore_collect(path, config)

    files = [path for folder in ("tests", "privaudit") for path in (ROOT / folder).rglob("*.py")]
    taken = [[half for half in HALVES if left_out(path, half) is None] for path in files]
    assert {len(halves) for halves in taken} == {1}
    # By name, so that neither process has less than a third.
    assert len(files) / 3 < sum(halves == [0] for halves in taken) < len(files) / 1.5
    assert {left_out(path, half) for path in files for half in HALVES} == {None, True}
    assert {left_out(path, None) for path in files} == {None}
    assert [left_out(ROOT / "tests", half) for half in HALVES] == [None, None]


def test_one_case_of_every_third_test_is_left_and_all_that_is_heavy():
    def item(name):
        marks = {"heavy": True} if name.startswith("heavy") else {}
        return SimpleNamespace(nodeid=f"tests/test_x.py::{name}", get_closest_marker=marks.get)

    def left(at):
        items, away = [item(name) for name in names], []
        hook = SimpleNamespace(pytest_deselected=lambda items: away.extend(items))
        config = SimpleNamespace(getoption={"--case": at}.get, hook=hook)
        list(pytest_collection_modifyitems(config, items))
        assert len(away) + len(items) == len(names)
        return [one.nodeid.partition("::")[2] for one in items]

    names = ["a[1]", "a[2]", "heavy[1]", "b", "c", "d", "heavy[2]"]
    heavy = ["heavy[1]", "heavy[2]"]
    assert left(0) == ["a[1]", "heavy[1]", "d", "heavy[2]"]
    assert left(1) == ["heavy[1]", "b", "heavy[2]"]
    assert left(2) == ["heavy[1]", "c", "heavy[2]"]
    assert left(3) == ["a[2]", "heavy[1]", "d", "heavy[2]"]
    # With the commits that follow each other by chance, every case has its turn.
    assert {name for at in range(6) for name in left(at)} == {*names, *heavy}


def test_every_room_that_mutants_are_drawn_from_has_nearest_tests():
    """A draw that took a file of `results/` ended with a KeyError."""
    near = tomllib.loads((ROOT / "tests/near.toml").read_text(encoding="utf-8"))
    assert set(script("benchmarks/mutants.py").ROOMS) <= set(near)
