"""The public face: complete, sorted, light to import, and helpful for a typo."""

import inspect
import json
import subprocess
import sys

import pytest

import privaudit

PROMISED = {
    "Adversary", "Donut", "DotMap", "Exposure", "Gaussian", "Measures", "Release", "Roles",
    "TableExport", "Town", "audit", "measure", "publish", "read_map", "read_table", "report",
    "run_campaign", "simulate",
}  # fmt: skip
HELP = "from privaudit import cli\ntry:\n    cli.main({})\nexcept SystemExit:\n    pass"
HEAVY = {"pandas", "numpy", "sklearn", "scipy", "matplotlib", "duckdb", "pyproj", "diskcache"}


def test_all_is_sorted_and_holds_what_was_promised():
    assert list(privaudit.__all__) == sorted(privaudit.__all__)
    assert set(privaudit.__all__) >= PROMISED
    assert set(privaudit.__all__) <= set(dir(privaudit))


@pytest.mark.parametrize("name", sorted(PROMISED | set(privaudit.__all__)))
def test_every_name_is_there_and_documented(name):
    thing = getattr(privaudit, name)
    if not isinstance(thing, str):
        # Only the pictures are a module of their own; all others are defined in their home.
        assert inspect.ismodule(thing) == (name == "pictures")
        assert thing.__name__.rpartition(".")[2] == name
        assert (thing.__doc__ or "").strip()


def test_submodules_do_not_shadow_public_names():
    import privaudit.report.page
    import privaudit.simulation.simulate

    assert callable(privaudit.report)
    assert callable(privaudit.simulate)


def test_a_typo_is_guided():
    with pytest.raises(AttributeError, match="Did you mean 'simulate'"):
        privaudit.simulat  # noqa: B018


@pytest.mark.parametrize(
    "code",
    [
        "import privaudit",
        HELP.format(["--help"]),
        HELP.format(["map", "--help"]),
    ],
)
def test_import_and_help_are_light(code):
    code += "\nimport json, sys\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded & HEAVY == set()
