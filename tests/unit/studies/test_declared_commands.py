"""Options are declared once: parser, parameters, printed command and manual say the same."""

import argparse
import dataclasses
import inspect
import os
import shlex
import subprocess
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from privaudit.cli import RUNS, _parser, main
from privaudit.cli.options import Given, foretell, parameters
from privaudit.cli.samples import write_samples
from privaudit.columns.roles import Roles
from privaudit.columns.values import Reading
from privaudit.core.limits import Limits
from privaudit.errors import ParameterError
from privaudit.studies.audit_areas import SeizedAreas
from privaudit.studies.audit_log import InteractionLog, WorstPoints, audit_country, audit_log
from privaudit.studies.audit_map import SeizedMap, audit_map
from privaudit.studies.audit_rules import AuditedProcessing, audit_rules
from privaudit.studies.audit_table import Beside, audit_table, mend_table
from privaudit.studies.audit_views import SeizedHeat
from privaudit.studies.commands import Option, command_line, commands, printed_options
from privaudit.studies.demo import Scene, demo
from privaudit.studies.dossier import Seizure, audit_dossier
from privaudit.studies.inspect import inspect_files
from privaudit.studies.link_releases import SeizedPair, audit_link, audit_tables
from privaudit.studies.mask_file import mask_file
from privaudit.studies.study_file import read_study
from privaudit.tables.measure import measure

# What the options of each command fill.
FILLED = {
    "demo": (Scene, demo, write_samples),
    "inspect": (inspect_files, Reading),
    "map": (SeizedMap, SeizedHeat, SeizedAreas, audit_map),
    "mask": (mask_file,),
    "table": (audit_table, mend_table, Roles, Beside, Reading, measure),
    "link": (SeizedPair, audit_link, audit_tables),
    "traces": (InteractionLog, audit_log, WorstPoints, Reading),
    "country": (audit_country,),
    "rules": (AuditedProcessing, audit_rules, Reading),
    "dossier": (Seizure, audit_dossier),
}
# Options of the command line alone: where and how it writes, what it reads at most; and the one
# whose parameter has another name in its own dataclass.
OF_THE_COMMAND = {
    "out", "lang", "dated", "json", "cache", "no_cache", "no_header", "pia", "init", "workers",
    "worst_points", "roles_file", "memory_limit", "require", "encoding", "address_columns",
    "address_crs",
    *(f"max_{field.name}" for field in dataclasses.fields(Limits)),
}  # fmt: skip


def parsers():
    (found,) = [a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return found.choices


def filled(command):
    """Every parameter that a command could fill, with its default."""
    found = {}
    for one in FILLED[command]:
        for name, parameter in inspect.signature(one).parameters.items():
            found.setdefault(name, []).append(parameter.default)
    return found


def test_every_declared_command_runs_and_every_run_is_declared():
    assert list(RUNS) == list(commands()) == list(parsers())


@pytest.mark.parametrize("command", FILLED)
def test_each_option_fills_a_parameter_and_has_its_default(command):
    known = filled(command)
    parsed = {action.dest: action for action in parsers()[command]._actions}
    for option in commands()[command].options:
        if option.fills in OF_THE_COMMAND:
            continue
        assert option.fills in known, f"{option.name} fills no parameter"
        action = parsed[option.fills]
        default = action.default
        if isinstance(default, str) and action.type is not None:
            default = action.type(default)
        if option.required or not option.name.startswith("-"):
            continue
        if default is None and inspect.Parameter.empty in known[option.fills]:
            continue  # asked for where the command runs: `--init` does without
        assert default in known[option.fills], f"{command} {option.name}: {default!r}"


def test_limits_are_those_of_the_library():
    asked = vars(parsers()["table"].parse_args(["f.csv", "--out", "r"]))
    usual = dataclasses.asdict(Limits())
    # Asked for by its own name, as a size such as 1GB; the usual one where it is not.
    assert usual.pop("memory") == 2_000_000_000
    assert asked["memory_limit"] is None
    assert {name: asked[f"max_{name}"] for name in usual} == usual


GIVEN = {
    "names": ("Nom, prénom", "âge"), "numbers": (1, 4), "pairs": {"soutien": "support"},
    "four_numbers": (-1.5, 2.0, 3.25, 1e6), "int": 0, "float": 0.125, "seed": 11, "flag": True,
    "unflag": False, "path": Path("-a file.csv"), "text": "it's -- a \"text\"",
}  # fmt: skip


@pytest.mark.parametrize("command", commands())
def test_every_option_that_is_printed_is_parsed_to_the_same(command):
    values, files = {}, []
    for option in commands()[command].options:
        value = GIVEN[option.type]
        if option.choices:
            action = next(a for a in parsers()[command]._actions if a.dest == option.fills)
            last = action.choices[-1]
            value = option.choices[last] if isinstance(option.choices, dict) else last
        if option.name.startswith("-"):
            values[option.fills] = value
        else:
            files.append(Path("a file.csv" if option.type == "path" else str(value)))
    name, word, *typed = shlex.split(command_line(command, files, **values))
    assert (name, word) == ("privaudit", command)
    parsed = vars(parsers()[command].parse_args(typed))
    assert {name: parsed[name] for name in values} == values


def test_what_stands_at_its_default_is_printed_but_for_what_is_declared_so():
    assert printed_options("demo", seed=7, towns=20) == {"--seed": "7"}
    assert printed_options("map", colour="red", mask="unknown") == {"--mask": "unknown"}


def test_lists_that_are_empty_are_printed_only_where_that_says_something():
    told = printed_options("table", Reading(missing_values=()), Roles(key="age"))
    assert told == {"--key": "age", "--missing-values": ""}
    marks = Reading(missing_values={"age": ["NC"], "sex": ["?"]}, day_first=False, fold_case=False)
    assert printed_options("table", marks) == {
        "--missing-values": "NC,?", "--date-order": "month", "--keep-case": True,
    }  # fmt: skip


def test_options_fill_the_parameters_of_their_names():
    asked = parsers()["traces"].parse_args(
        ["l.csv", "--person", "p", "--item", "i", "--decimal", "comma", "--out", "r"]
    )
    log = InteractionLog(**parameters(InteractionLog, asked))
    assert (log.person, log.item, log.items_are_people) == ("p", "i", False)
    assert Reading(**parameters(Reading, asked)) == Reading(decimal=",")


def test_a_flag_has_a_help_that_looks_nothing_up():
    for parser in parsers().values():
        for action in parser._actions:
            assert isinstance(action, Given) or "{" not in (action.help or "")


def test_an_option_of_no_parameter_would_be_noticed():
    assert Option(name="--max-dots").fills not in filled("map")


def test_a_command_of_a_former_version_is_answered_with_the_present_one(capsys):
    with pytest.raises(SystemExit) as left:
        main(["log", "likes.csv", "--person", "p", "--item", "i", "--out", "r"])
    said = capsys.readouterr().err
    assert (left.value.code, said.count("\n")) == (2, 1)
    assert "It is 'traces' now." in said


def test_the_cost_of_a_command_stands_beside_its_parameters():
    """Two MB at 3 s each after 1 s are 7 s; a MB of a zip stands for several."""
    for name, command in commands().items():
        fills = {option.fills for option in command.options} | {"start", "work"}
        assert set(command.cost) <= {"seconds", "gigabytes"}
        assert all(set(of) <= fills for of in command.cost.values()), name


def test_cost_grows_with_the_files(tmp_path):
    cost = {"seconds": {"start": 1.0, "files": 3.0, "towns": 2.0}, "gigabytes": {"start": 0.5}}
    command = replace(commands()["inspect"], cost=cost)
    plain, packed = tmp_path / "a.csv", tmp_path / "a.zip"
    for path in (plain, packed):
        path.write_bytes(bytes(1_000_000))
    assert command.foretold({"files": [plain, plain]}) == (7.0, 0.5)
    assert command.foretold({"files": packed}) == (1 + 3 * 6.0, 0.5)
    assert command.foretold({"files": tmp_path / "absent.csv", "towns": 4}) == (9.0, 0.5)
    assert command.foretold({"files": None}) == (1.0, 0.5)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (10.0, ""),
        (10.1, "about 10 s"),
        (89, "about 89 s"),
        (90, "about 2 min"),
        (95, "about 2 min"),
    ],
)
def test_what_takes_over_ten_seconds_is_foretold(monkeypatch, capsys, seconds, said):
    command = replace(commands()["cache"], cost={"seconds": {"start": seconds},
                                                 "gigabytes": {"start": 1.26}})  # fmt: skip
    monkeypatch.setattr("privaudit.cli.options.commands", lambda: {"cache": command})
    foretell(Namespace(command="cache", no_cache=True))
    line = capsys.readouterr().err
    assert line == (f"privaudit: cache: {said} of processor time and 1.3 GB\n" if said else "")
    foretell(Namespace(command="cache", no_cache=False))
    assert capsys.readouterr().err.endswith("1.3 GB, less if the cache holds parts\n") == bool(said)


def test_bad_input_is_not_foretold(monkeypatch, capsys, tmp_path):
    """What is foretold is said when work begins; an input that is refused before is one line."""
    costly = {"seconds": {"start": 99.0}}
    every = {name: replace(one, cost=costly) for name, one in commands().items()}
    monkeypatch.setattr("privaudit.cli.options.commands", lambda: every)
    table, out = tmp_path / "t.csv", ["--out", str(tmp_path / "out")]
    table.write_text("age,sex\n" + "30,F\n31,M\n" * 20)
    assert main(["table", str(table), "--key", "age,sex", *out]) == 0
    assert capsys.readouterr().err == "privaudit: table: about 2 min of processor time and 0.0 GB\n"
    assert main(["table", str(table), "--key", "absent", *out]) == 2
    assert main(["demo", "--inhabitants", "12", *out]) == 2
    assert capsys.readouterr().err.count("\n") == 2


@pytest.mark.parametrize(
    ("towns", "more"), [(1, ""), (2, "in 1 more town"), (20, "in 19 more towns")]
)
def test_a_demo_says_in_how_many_more_towns(monkeypatch, capsys, towns, more):
    options = Namespace(command="demo", addresses=None, inhabitants=800, towns=towns, no_cache=True)
    monkeypatch.setattr(options, "samples", None, raising=False)
    command = replace(commands()["demo"], cost={"seconds": {"start": 99.0}})
    monkeypatch.setattr("privaudit.cli.options.commands", lambda: {"demo": command})
    foretell(options)
    said = capsys.readouterr().err
    assert more in said
    assert ("more town" in said) is bool(more)


# Runs a command in a process of its own, which ends where the simulation would be loaded.
UNTIL_SIMULATED = """
import sys
class Simulation:
    def find_spec(self, name, path=None, target=None):
        if name == "privaudit.simulation.simulate":
            print("the simulation is loaded", file=sys.stderr)
            raise KeyboardInterrupt
sys.meta_path.insert(0, Simulation())
from privaudit.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("lang", "more", "said"),
    [
        ("en", [], "demo: simulates a town of 20,000 people, its campaign and the leak of its map, "
         "then attacks the map, from the nearest address to the electoral roll, and does the same "
         "in 19 more towns; about 2 min of processor time and 0.7 GB, less if the cache holds "
         "parts"),
        ("fr", ["--inhabitants", "4000", "--towns", "1", "--no-cache"],
         "demo: simule une ville de 4 000 personnes, sa campagne et la fuite de sa carte, puis "
         "attaque la carte, de l’adresse la plus proche à la liste électorale ; environ 28 s de "
         "processeur et 0,7 Go"),
    ],
)  # fmt: skip
def test_a_demo_in_a_pipe_says_what_it_does_before_the_simulation_is_loaded(
    tmp_path, lang, more, said
):
    out = ["--out", str(tmp_path / "out"), "--lang", lang]
    run = subprocess.run(
        [sys.executable, "-c", UNTIL_SIMULATED, "demo", *out, *more],
        capture_output=True, encoding="utf-8", env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False, timeout=60,
    )  # fmt: skip
    assert run.stderr.splitlines()[:2] == [f"privaudit: {said}", "the simulation is loaded"]
    assert (run.returncode, run.stdout) == (130, "")


def test_a_study_is_foretold_by_its_towns_before_the_first_one(monkeypatch, capsys, tmp_path):
    """Two settings of 2,000 and 4,000 people in five towns: 1.5 towns of 20,000, each made once.

    The two adversaries add a fiftieth of a town each.

    What is said stands before anything is simulated.
    """
    study = tmp_path / "study.toml"
    study.write_text(
        '[study]\ntowns = 5\n[[leak]]\nview = "donut:50:200"\n'
        'adversaries = ["nearest", "knows_mask"]\n[vary]\ninhabitants = [2_000, 4_000]\n'
    )
    assert read_study(study).work == pytest.approx(1.5 * 1.04)
    of_likes = tmp_path / "likes.toml"
    of_likes.write_text('[study]\ntowns = 2\n[[leak]]\nview = "mailing"\n')
    # Ordinary likes are drawn, and take several times as long.
    assert read_study(of_likes).work > 4
    cost = {"seconds": {"work": 10.0}, "gigabytes": {"start": 0.5}}
    every = commands() | {"study": replace(commands()["study"], cost=cost)}
    monkeypatch.setattr("privaudit.cli.options.commands", lambda: every)

    def simulated(*arguments, **options):
        assert "study: about 16 s of processor time and 0.5 GB" in capsys.readouterr().err
        raise ParameterError("the first town")

    monkeypatch.setattr("privaudit.studies.repeat.simulate", simulated)
    assert main(["study", str(study), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == "privaudit: the first town\n"
