"""How values of options are read, and the limits of what is said or refused before a run."""

import argparse
import errno
import re
from types import SimpleNamespace

import pytest

from privaudit.cli import options, run_commands
from privaudit.errors import ParameterError
from privaudit.report import requirements
from privaudit.studies.commands import Option
from privaudit.words.catalogues import Words


@pytest.mark.parametrize(
    ("text", "read"),
    [("soutien=support", {"soutien": "support"}), ("a = b, c=d", {"a": "b", "c": "d"})],
)
def test_pairs_of_columns_are_read(text, read):
    assert options.pairs(text) == read


@pytest.mark.parametrize("text", ["", ",", "a", "a=b,c", "c,a=b", "a=", "=b", "a=b=c", "a=b,c="])
def test_what_is_no_pair_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="pairs, such as"):
        options.pairs(text)


@pytest.mark.parametrize("text", ["1,2,3", "1,2,3,4,5"])
def test_four_numbers_are_four(text):
    assert options.four_numbers("1,2.5,-3,4") == (1, 2.5, -3, 4)
    with pytest.raises(argparse.ArgumentTypeError, match="four numbers"):
        options.four_numbers(text)


def test_a_seed_is_nought_or_more():
    assert [options.seed(text) for text in ("0", " 7 ")] == [0, 7]
    for text in ("-1", "1.5", ""):
        with pytest.raises(argparse.ArgumentTypeError, match="0 or more"):
            options.seed(text)


@pytest.mark.parametrize(("most", "refused"), [(999_999_999, True), (10**9, False), (-1, False)])
def test_a_gigabyte_of_addresses_is_enough(monkeypatch, most, refused):
    resource = pytest.importorskip("resource")
    assert resource.RLIM_INFINITY == -1
    monkeypatch.setattr(resource, "getrlimit", lambda _: (most, most))
    assert bool(options.narrow_address_space()) == refused


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(10, ""), (10.1, "10 s"), (89.9, "90 s"), (90, "2 min"), (149, "2 min"), (151, "3 min")],
)
def test_a_run_of_over_ten_seconds_is_foretold(monkeypatch, capsys, seconds, said):
    cost = SimpleNamespace(foretold=lambda _: (seconds, 1.5))
    monkeypatch.setattr(options, "commands", lambda: {"table": cost})
    options.foretell(argparse.Namespace(command="table"))
    err = capsys.readouterr().err
    assert "".join(re.findall(r"\b\d+ (?:s|min)\b", err)) == said
    assert ("1.5" in err) == bool(said)


@pytest.mark.parametrize(
    ("inhabitants", "towns", "said"),
    [
        (500, 1, ["a town of 500 people"]), (None, 1, ["a town of 20,000 people"]),
        (500, 2, ["a town of 500 people", "the same in 1 more town,"]),
        (500, 3, ["a town of 500 people", "the same in 2 more towns,"]),
    ],
)  # fmt: skip
def test_a_demo_foretells_its_people_and_its_other_towns(inhabitants, towns, said):
    asked = argparse.Namespace(addresses=None, inhabitants=inhabitants, towns=towns)
    text = re.sub("[\u00a0\u202f]", " ", options._of_demo(Words("en"), asked)) + ","
    assert all(part in text for part in said)
    assert ("more" in text) == (towns > 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" * 70 + " b", "a" * 70 + " b"), ("a" * 20 + " " + "b" * 60, "a" * 20 + " ..."),
        ("a" * 69 + " b", "a" * 69 + " b"), ("metres; or feet", "metres"),
    ],
)  # fmt: skip
def test_a_help_of_up_to_72_letters_is_shown_whole(text, shown):
    assert options._help(Option(name="--size", help=text)) == shown


@pytest.mark.parametrize(
    ("option", "line"),
    [
        (Option(name="--size", help="Metres"), "-l size -x -d 'Metres'"),
        (Option(name="--plan", help="File", type="path"), "-l plan -r -F -d 'File'"),
        (Option(name="--flat", help="Flat", type="flag"), "-l flat -d 'Flat'"),
        (Option(name="--open", help="Open", type="unflag"), "-l open -d 'Open'"),
        (Option(name="--way", help="Way", choices=["a", "b"]), "-l way -x -a 'a b' -d 'Way'"),
        (Option(name="file", help="File", type="path"), "-F"),
        (Option(name="shell", help="Shell", choices=["a", "b"]), "-a 'a b'"),
    ],
)
def test_fish_is_given_the_letters_of_an_option_and_what_it_takes(option, line):
    said = options._fish({"go": SimpleNamespace(help="Go", options=(option,))}).splitlines()
    assert said[-1] == f"complete -c privaudit -n '__fish_seen_subcommand_from go' {line}"


@pytest.mark.parametrize(("holds", "status"), [((), 0), ((True,), 0), ((True, False), 3)])
def test_a_requirement_that_does_not_hold_is_status_3(monkeypatch, holds, status):
    monkeypatch.setattr(requirements, "outcome_of", lambda one, *_: SimpleNamespace(holds=one))
    asked = argparse.Namespace(command="table", status=0)
    options.hold_against(holds, '{"findings": []}', asked)
    assert asked.status == status


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (ImportError("x: failed to map segment"), options.OUT_OF_MEMORY), (ImportError("x"), ""),
        (ValueError("failed to map segment"), ""), (OSError(errno.ENOSPC, "x"), options._ROOM),
        (OSError("x"), ""), (OSError(errno.EIO, "x"), ""),
    ],
)  # fmt: skip
def test_what_a_system_lacks_is_named_and_no_other_fault(error, found):
    assert options.wanting(error) == found


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (Option(name="--size", field="size", help="Metres"), "'--size=[Metres]:size: '"),
        (Option(name="--plan", field="plan", help="A", type="path"), "'--plan=[A]:plan:_files'"),
        (Option(name="--flat", field="flat", help="Flat", type="flag"), "'--flat[Flat]'"),
        (Option(name="file", field="file", help="A", type="path"), "':file:_files'"),
        (Option(name="files", field="files", help="A", type="path", nargs="+"), "'*:files:_files'"),
        (Option(name="file", field="file", help="A", type="path", nargs="?"), "'::file:_files'"),
    ],
)
def test_zsh_is_given_the_files_of_a_command_by_their_place(option, said):
    script = options._zsh({"go": SimpleNamespace(help="Go", options=(option,))})
    assert f"    go) _arguments {said} '--help' ;;" in script.splitlines()


def test_two_reports_are_compared_where_both_are_named():
    with pytest.raises(ParameterError, match="FOLDER with --against"):
        run_commands._run_against(argparse.Namespace(against="a", folder=None, out=None))
