"""What only some systems have is asked for in one place, and texts are the same bytes on all."""

import ast
from pathlib import Path

import pytest

from tests.fixtures.syntax import asked_of_files

PACKAGE = Path(__file__).parents[2] / "privaudit"
FILES = sorted(PACKAGE.rglob("*.py"))
# What Windows lacks, or does otherwise, and the files that ask whether it is there.
ASK = ("core/files.py", "core/limits.py")
OF_UNIX = {"fcntl", "pwd", "grp", "termios", "pty"}
GUARDED = {
    "getuid", "geteuid", "fork", "kill", "killpg", "link", "symlink", "O_DIRECTORY", "O_NOFOLLOW",
    "rename", "replace", "mkfifo", "chown", "SIGKILL", "SIGHUP", "SIGALRM", "setitimer",
}  # fmt: skip


def keywords(call):
    return {one.arg: one.value for one in call.keywords}


def wrong_of(path, tree):
    """Lines of a file that would be otherwise on another system."""
    here, found = path.relative_to(PACKAGE).as_posix(), []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [a.name for a in node.names] + [getattr(node, "module", None)]
            found += [f"{node.lineno}: import {n}" for n in names if n in OF_UNIX]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            of = node.value.id in ("os", "signal")
            if of and node.attr in GUARDED and here not in ASK:
                found.append(f"{node.lineno}: {node.value.id}.{node.attr}")
        elif isinstance(node, ast.Call):
            found += [f"{node.lineno}: {why}" for why in wrong_call(node)]
    return found


wrong_in = asked_of_files(wrong_of)


def wrong_call(call):
    given, name = keywords(call), getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name == "to_csv" and "lineterminator" not in given:
        yield "to_csv without lineterminator"
    if name in ("read_text", "write_text") and "encoding" not in given and not call.args[1:]:
        encoded = name == "read_text" and call.args
        if not encoded:
            yield f"{name} without encoding"
    if name == "write_text" and "newline" not in given:
        yield "write_text without newline"
    if name == "open":
        modes = [a.value for a in call.args if isinstance(a, ast.Constant)]
        text = any(m in ("w", "x", "a", "wt") for m in map(str, modes))
        if text and not {"encoding", "newline"} <= given.keys():
            yield "open for a text without encoding and newline"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_every_system_reads_and_writes_the_same(path):
    assert wrong_in(path) == []


def test_the_rules_find_what_they_are_for(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    source = (
        "import os, fcntl\n"
        "os.replace(a, b)\n"
        "p.write_text(t, encoding='utf-8')\n"
        "frame.to_csv(index=False)\n"
        "p.open('w', encoding='utf-8')\n"
        "p.read_text()\n"
        "p.open('rb')\n"
    )
    wrong = wrong_of(tmp_path / "module.py", ast.parse(source))
    assert sorted(int(line.partition(":")[0]) for line in wrong) == [1, 2, 3, 4, 5, 6]
