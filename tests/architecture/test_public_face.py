"""The public face: small, complete, listed by dir(), light to import, and helpful for a typo."""

import inspect
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import privaudit

PROMISED = {
    "Adversary", "DotMap", "Exposure", "Measures", "Release", "Roles", "TableExport", "Town",
    "audit", "measure", "publish", "read_map", "read_table", "report", "run_campaign", "simulate",
}  # fmt: skip
NAMESPACES = ("io", "linkage", "maps", "masks", "rules", "screenshots", "tables", "traces")
MOST_NAMES = 45
HELP = "from privaudit import cli\ntry:\n    cli.main({})\nexcept SystemExit:\n    pass"
HEAVY = {"pandas", "numpy", "sklearn", "scipy", "matplotlib", "duckdb", "pyproj", "diskcache"}
FORMER = tomllib.loads(
    (Path(privaudit.__file__).parent / "former_names.toml").read_text(encoding="utf-8")
)["names"]


def test_the_top_is_small_sorted_and_holds_what_was_promised():
    assert list(privaudit.__all__) == sorted(privaudit.__all__)
    assert set(privaudit.__all__) >= {*PROMISED, *NAMESPACES}
    assert set(privaudit.__all__) <= set(dir(privaudit))
    assert len([name for name in dir(privaudit) if not name.startswith("__")]) <= MOST_NAMES


@pytest.mark.parametrize("name", sorted(privaudit.__all__))
def test_every_name_is_there_and_documented(name):
    thing = getattr(privaudit, name)
    assert inspect.ismodule(thing) == (name in NAMESPACES)
    assert thing.__name__.rpartition(".")[2] == name
    assert (thing.__doc__ or "").strip()


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_namespace_lists_its_names(namespace):
    room = getattr(privaudit, namespace)
    assert dir(room) == sorted(room.__all__)
    for name in dir(room):
        thing = getattr(room, name)
        assert thing.__name__.rpartition(".")[2] == name
        assert (thing.__doc__ or "").strip(), name
        assert inspect.ismodule(thing) == (name in ("charts", "protections"))


def test_submodules_do_not_shadow_public_names():
    import privaudit.report.page
    import privaudit.simulation.simulate
    import privaudit.tables.singling_out
    import privaudit.traces.unicity

    assert callable(privaudit.report)
    assert callable(privaudit.simulate)
    assert callable(privaudit.traces.unicity)
    assert callable(privaudit.tables.singling_out)


def test_a_typo_is_guided():
    with pytest.raises(AttributeError, match="Did you mean 'simulate'"):
        privaudit.simulat  # noqa: B018


@pytest.mark.parametrize("name", sorted(FORMER))
def test_a_former_name_is_answered_with_the_present_one(name):
    with pytest.raises(AttributeError, match=FORMER[name]):
        getattr(privaudit, name)
    thing = privaudit
    for part in FORMER[name].split(".")[1:]:
        thing = getattr(thing, part)


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


@pytest.mark.parametrize("name", ["", *NAMESPACES])
def test_nothing_that_a_notebook_shows_is_an_address_of_memory(name):
    """What a call gives is shown at the end of a cell: it says what it is."""
    space = getattr(privaudit, name) if name else privaudit
    made = [getattr(space, one) for one in dir(space)]
    classes = [one for one in made if inspect.isclass(one) and not inspect.isabstract(one)]
    unnamed = {one.__name__ for one in classes if one.__repr__ is object.__repr__}
    # Dataclasses are derived from these.
    assert unnamed <= {"Mask", "PlacedMask", "View"}


# What only maps and simulated campaigns need.
OF_MAPS = {
    "privaudit.maps.guess", "privaudit.maps.undeclared_mask", "privaudit.campaign.campaign",
    "privaudit.studies.demo", "scipy.integrate", "scipy.ndimage",
}  # fmt: skip
OF_A_TABLE = """
import json, sys
from pathlib import Path
from privaudit.cli import main
Path("people.csv").write_text("age,sex,opinion\\n" + "30,F,left\\n31,M,right\\n" * 20)
main(["table", "people.csv", "--key", "age,sex", "--sensitive", "opinion", "--out", "report"])
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.heavy
def test_the_report_of_a_table_loads_nothing_of_maps(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", OF_A_TABLE], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "privaudit.report.page" in loaded
    assert loaded & OF_MAPS == set()
