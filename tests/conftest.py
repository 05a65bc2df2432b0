"""The whole suite runs without a network: any connection is an error of the test."""

import gc
import os
import socket
import sys
import time
import zipfile
from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import settings

from privaudit.cli import main
from tests.fixtures.pictures import drawn
from tests.fixtures.scripts import script

pytest_plugins = [
    "fixtures.chromium",
    "fixtures.halves",
    "fixtures.knocked",
    "fixtures.pictures",
    "fixtures.street",
    "fixtures.two_streets",
    "fixtures.report_study",
    "fixtures.village",
    "fixtures.worlds",
]

# A collection every 700 objects is a third of the time of what parses or renders; the last
# collection of a session still finds what was left open.
gc.set_threshold(100_000, 20, 50)

# Laws are tried on a few examples in every run, new ones each time, and on many in the long run.
settings.register_profile("suite", max_examples=8, deadline=None)
settings.register_profile("long", max_examples=200, deadline=None)
settings.load_profile("suite")

# What takes eight CPU seconds or more begins first, so that no worker ends with a long file alone,
# and the reports of the demo are made before another worker asks for them.
LONGEST_FIRST = (
    "pipeline/test_demo_command.py", "pipeline/test_samples.py", "hostile/test_other_desks.py",
    "unit/maps/test_mask_fit.py", "unit/maps/test_unknown_mask.py",
    "unit/studies/test_linked_people.py", "properties/test_dirty_writers.py",
    "pipeline/test_dossier_command.py", "architecture/test_extending.py",
    "properties/test_engine_laws.py", "hostile/test_memory.py", "unit/report/test_quoted.py",
    "properties/test_truth_is_not_seen.py", "unit/studies/test_linked_truth.py",
    "published/test_screenshot_joinville.py", "hostile/test_fuzz_sample.py",
    "unit/report/test_guard_folders.py", "docs/test_types.py", "pipeline/test_ladder_tiles.py",
    "unit/screenshots/test_heat_is_no_dots.py", "properties/test_one_intake.py",
    "unit/screenshots/test_drawn_maps.py", "properties/test_campaign_laws.py",
    "unit/tables/test_mend.py", "pipeline/test_foreign_seizures.py",
    "published/test_calibration.py", "properties/test_recipe_is_provenance.py",
    "unit/maps/test_heat_inverted.py", "published/test_brownstein.py",
    "unit/maps/test_screenshot_placing.py", "formats/test_format_limits.py",
    "pipeline/test_dossier_unread.py",
)  # fmt: skip
# Of the tests that another interpreter runs, one in so many is run here, others with each commit.
IN_TURN = 3
DEMOS = {"french_demo", "english_demo"}
# Examples of docstrings that make several towns, or a large one: heavy, as tests that do so are.
LARGE_EXAMPLES = {
    f"privaudit.{name}" for name in (
        "studies.audit_log.rounds", "studies.audit_log.volunteer_homes",
        "studies.audit_views.heat_curve", "studies.likes.likes_needed", "studies.repeat.repeat",
        "studies.sensitivity.brief_sensitivity", "studies.sensitivity.sensitivity",
    )
}  # fmt: skip
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Of a small town: in French with nothing taken from a cache, in English with one that it fills.
SMALL_DEMO = [
    "demo", "--inhabitants", "1500", "--seed", "8", "--towns", "2", "--workers", "1",
]  # fmt: skip
# Windows has no modes, signals, forks and terminals of Unix, and links only for some users.
if sys.platform == "win32":
    collect_ignore = [
        *(f"hostile/test_{name}.py" for name in (
            "asked_to_end", "at_once", "cache_folder", "damaged_reports", "inputs", "memory",
            "outputs",
        )),
        "pipeline/test_report_folder.py", "pipeline/test_stopped.py", "unit/cli/test_completion.py",
        "unit/core/test_cache_edges.py", "unit/core/test_files.py",
    ]  # fmt: skip
_to_this_machine = pytest.StashKey[bool]()


class NetworkUsed(AssertionError):
    """A test or the library tried to reach the network."""


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    """Look for examples in the package alone: a test has none, and each file is gone through."""
    return [one for one in (yield) if not isinstance(one, DoctestModule)]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Let every other worker collect from the end, so that in a fresh clone each compiles half.

    What one compiled the other then reads; `pytest_collection_modifyitems` gives both one order.
    """
    report = yield
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    if worker[-1] in "13579" and isinstance(collector, pytest.Directory):
        report.result.reverse()
    return report


def pytest_addoption(parser):
    """Let one case of every third test be run where another interpreter runs all of them."""
    said = "run one case of every third test, others with each N, and all of what is heavy"
    parser.addoption("--case", type=int, metavar="N", help=said)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Leave one case of a test marked `sampled` to every run; put the longest files first.

    Whatever looks at a demo is heavy: making its two reports takes as long as 500 other tests.
    """
    place = {f"tests/{file}": at for at, file in enumerate(LONGEST_FIRST)}
    files = [item.nodeid.partition("::")[0] for item in items]
    order = {file: (place.get(file, len(place)), file) for file in files}
    items.sort(key=lambda item: order[item.nodeid.partition("::")[0]])
    seen = set()
    for item in items:
        large = item.nodeid.rpartition("::")[2] in LARGE_EXAMPLES
        if large or not DEMOS.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.heavy)
        test = item.nodeid.partition("[")[0]
        if test in seen and item.get_closest_marker("sampled") is not None:
            item.add_marker(pytest.mark.slow)
        seen.add(test)
    # Of what the markers leave, so that each test has a case.
    yield
    if (at := config.getoption("--case")) is not None:
        cases, kept = {}, set()
        for item in items:
            if item.get_closest_marker("heavy"):
                kept.add(id(item))
            else:
                cases.setdefault(item.nodeid.split("[")[0], []).append(item)
        turn, first = divmod(at, IN_TURN)
        kept |= {id(some[turn % len(some)]) for some in [*cases.values()][first::IN_TURN]}
        config.hook.pytest_deselected(items=[item for item in items if id(item) not in kept])
        items[:] = [item for item in items if id(item) in kept]


def pytest_collection_finish():
    """Leave what was collected out of the collections of garbage: it stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Let a test marked `spark` speak to Java on this machine, and to nobody else."""
    item.config.stash[_to_this_machine] = item.get_closest_marker("spark") is not None
    return (yield)


@pytest.fixture(autouse=True, scope="session")
def no_cache_of_the_user(tmp_path_factory):
    """Keep stages apart: what another Python made differs in its last digits."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
    # On a slow machine no line on progress stands among what a command complains of.
    patch.setattr("privaudit.core.progress.EVERY", 1e6)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def closed_network(pytestconfig):
    """Close inet sockets for the whole session (local pipes of the test runner stay open)."""
    patch = pytest.MonkeyPatch()

    def is_open(host):
        return pytestconfig.stash.get(_to_this_machine, False) and host in _LOOPBACK

    def guarded(real):
        def refuse(self, *arguments, **options):
            inet = self.family in (socket.AF_INET, socket.AF_INET6)
            if inet and not is_open(arguments[-1][0]):
                raise NetworkUsed("an internet socket was used")
            return real(self, *arguments, **options)

        return refuse

    real_lookup = socket.getaddrinfo

    def refuse_lookup(host, *arguments, **options):
        if not is_open(host):
            raise NetworkUsed("a host name was looked up")
        return real_lookup(host, *arguments, **options)

    for name in ("connect", "connect_ex", "bind", "sendto"):
        patch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
    patch.setattr(socket, "getaddrinfo", refuse_lookup)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def visible_edge():
    """The oracle of the benchmarks: how much of each disc's edge is to be seen."""
    return script("benchmarks/visible_edge.py").visible_edge


@pytest.fixture(scope="session")
def french_demo(tmp_path_factory, blank_pictures):
    """Return the folder of the report, its pictures drawn."""
    with drawn(blank_pictures):
        return _demo("french-demo", tmp_path_factory, "--no-cache", "--lang", "fr")


@pytest.fixture(scope="session")
def english_demo(tmp_path_factory, blank_pictures):
    """Return the folder of the report, its pictures drawn; the cache that it filled lies beside."""
    with drawn(blank_pictures):
        return _demo("english-demo", tmp_path_factory, "--cache", "{made}/cache")


def _demo(name: str, tmp_path_factory, *options: str) -> Path:
    """Return the folder of a report; the first process to ask makes it, the others wait."""
    root = tmp_path_factory.getbasetemp()
    made = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / name
    try:
        made.mkdir()
    except FileExistsError:
        return _when_made(made)
    options = tuple(option.format(made=made) for option in options)
    status = main([*SMALL_DEMO, *options, "--out", str(made / "report")])
    (made / "status").write_text(str(status))
    return _when_made(made)


def _when_made(made: Path) -> Path:
    for _ in range(3_000):
        if (made / "status").exists():
            assert (made / "status").read_text() == "0"
            return made / "report"
        time.sleep(0.1)
    raise AssertionError("another process never made the demo")


def text_in(path):
    """Return the text of a file of a report; of a Word document, that of all its parts."""
    if path.suffix != ".docx":
        return path.read_text("utf-8", "replace")
    with zipfile.ZipFile(path) as parts:
        return "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
