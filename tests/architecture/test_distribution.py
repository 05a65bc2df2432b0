"""What is installed: everything that the library reads, nothing else, one version everywhere."""

import re
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import privaudit

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PACKAGE = ROOT / "privaudit"
# Names of conda where they are not those of the registry.
OF_CONDA = {"matplotlib": "matplotlib-base", "duckdb": "python-duckdb"}


def files_of_the_package():
    """Everything below privaudit/ but what running it leaves there."""
    found = (path for path in PACKAGE.rglob("*") if path.is_file())
    return {f.relative_to(ROOT).as_posix() for f in found if "__pycache__" not in f.parts}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Names of the files of the wheel, of the source archive, and the wheel's metadata."""
    from hatchling.builders.sdist import SdistBuilder
    from hatchling.builders.wheel import WheelBuilder

    place = str(tmp_path_factory.mktemp("dist"))
    wheel = next(WheelBuilder(str(ROOT)).build(directory=place, versions=["standard"]))
    archive = next(SdistBuilder(str(ROOT)).build(directory=place, versions=["standard"]))
    with zipfile.ZipFile(wheel) as file:
        in_wheel = set(file.namelist())
        about = next(name for name in in_wheel if name.endswith("METADATA"))
        told = file.read(about).decode("utf-8")
    with tarfile.open(archive) as file:
        in_archive = {name.partition("/")[2] for name in file.getnames()}
    return in_wheel, in_archive, told


@pytest.mark.heavy
def test_the_wheel_holds_the_package_and_nothing_else(built):
    in_wheel, _, _ = built
    assert {name for name in in_wheel if ".dist-info/" not in name} == files_of_the_package()
    for needed in (
        "privaudit/py.typed",
        "privaudit/__init__.pyi",
        "privaudit/maps/masks/__init__.pyi",
        "privaudit/words/catalogue/en.toml",
        "privaudit/words/catalogue/fr.toml",
        "privaudit/columns/given_names.txt",
        "privaudit/rules/packs",
        "privaudit/rules/blank/fr.toml",
        "privaudit/studies/blank/fr.toml",
        "privaudit/report/templates",
        "privaudit/columns/systems.toml",
        "privaudit/columns/headers.toml",
    ):
        assert any(name.startswith(needed) for name in in_wheel), needed


@pytest.mark.heavy
def test_the_source_archive_builds_the_same_and_no_more(built):
    _, in_archive, _ = built
    beside = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff",
              ".gitignore", "PKG-INFO"}  # fmt: skip
    assert in_archive - beside == files_of_the_package()
    assert beside - {".gitignore"} <= in_archive


def test_no_file_of_the_package_is_a_test_or_holds_data_of_people():
    for name in files_of_the_package():
        assert Path(name).suffix in {
            ".py",
            ".pyi",
            ".typed",
            ".toml",
            ".j2",
            ".css",
            ".js",
            ".csv",
            ".txt",
        }, name
        assert not Path(name).name.startswith(("test_", "bench_")), name
        assert (ROOT / name).stat().st_size < 400_000, name


@pytest.mark.heavy
def test_one_version_stands_everywhere(built):
    version = privaudit.__version__
    assert f"\nVersion: {version}\n" in built[2]
    cited = (ROOT / "CITATION.cff").read_text("utf-8")
    assert re.search(r"^version: (.+)$", cited, re.MULTILINE)[1] == version
    recipe = (ROOT / "recipe" / "recipe.yaml").read_text("utf-8")
    assert re.search(r'version: "(.+)"', recipe)[1] == version
    assert metadata.version("privaudit") == version
    assert "version" in PROJECT["dynamic"]


def test_a_version_that_was_not_released_is_cited_without_a_date():
    cited = (ROOT / "CITATION.cff").read_text("utf-8")
    version = re.escape(privaudit.__version__)
    dated = re.search(rf"^## {version} .*(\d{{4}}-\d\d-\d\d)", changelog(), re.MULTILINE)
    released = re.search(r"^date-released: (.+)$", cited, re.MULTILINE)
    assert (released and released[1]) == (dated and dated[1])


def changelog():
    return (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_dependencies_are_ranges_and_conda_takes_the_same():
    recipe = (ROOT / "recipe" / "recipe.yaml").read_text("utf-8")
    run = re.search(r"  run:\n((?:    - .*\n)+)", recipe)[1]
    of_conda = dict(line.strip("- ").split(" ") for line in run.splitlines() if line.strip())
    assert of_conda.pop("python") == PROJECT["requires-python"]
    ours = {}
    for one in PROJECT["dependencies"]:
        name, least = re.fullmatch(r"([a-z0-9-]+)(>=[0-9.]+(?:,<[0-9.]+)?)", one).groups()
        ours[OF_CONDA.get(name, name)] = least
    assert of_conda == ours
    assert all(len(extra) <= 2 for extra in PROJECT["optional-dependencies"].values())


def test_the_hosted_check_runs_each_python_on_each_system():
    """The workflow is read as text: no reader of YAML is a dependency."""
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    matrix = {
        name: [one.strip(' "') for one in values.split(",")]
        for name, values in re.findall(r"^        (os|python): \[(.+)\]$", text, re.MULTILINE)
    }
    named = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if "Python :: 3." in one]
    assert matrix["python"] == named
    assert named[0] == PROJECT["requires-python"].removeprefix(">=")
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    commands = re.findall(r"^      - run: (.+)$", text.partition("  desks:")[2], re.MULTILINE)
    assert len(commands) == 5
    # Every desk has these, with or without make and a shell of Unix.
    assert all(one.startswith(("python -m pip ", "python -m privaudit ", "python -m pytest "))
               for one in commands)  # fmt: skip
    readme = (ROOT / "README.md").read_text("utf-8")
    for command in ("python -m pip install . --group dev", "python -m privaudit demo --out report"):
        assert command in readme
        assert command in commands


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda p: p.stem)
def test_every_lock_has_hashes_and_no_address(lock):
    text = lock.read_text("utf-8")
    assert "://" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_oldest_lock_is_the_least_of_each_range():
    locked = dict(
        re.findall(
            r"^([a-z0-9-]+)==(\S+)",
            (ROOT / "requirements-oldest.lock").read_text("utf-8"),
            re.MULTILINE,
        )
    )
    for one in PROJECT["dependencies"]:
        name, least = re.match(r"([a-z0-9-]+)>=([0-9.]+)", one).groups()
        assert (locked[name] + ".").startswith(least.removesuffix(".0") + "."), one
