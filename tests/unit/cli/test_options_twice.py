"""An option given twice loses nothing: a list goes on, one value is refused. No word is dropped."""

import argparse
from functools import cache

import pytest

from privaudit.cli import RUNS, main
from privaudit.cli.options import Listed, command_parser


@cache
def commands():
    # Its own: the options of this one are changed below.
    parser = command_parser(RUNS)
    (found,) = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return found.choices


def options():
    return [
        pytest.param(word, action.option_strings[-1], isinstance(action, Listed), id=f"{word}{o}")
        for word, command in commands().items()
        for action in command._actions
        for o in action.option_strings[-1:]
        if action.nargs != 0
    ]


def taken(action):
    """Return a text that the option takes."""
    if action.choices:
        return next(iter(action.choices))
    if action.option_strings[-1] in ("--share", "--address-columns"):
        return "a=b"
    return "0,1,2,3" if getattr(action.type, "__name__", "") == "four_numbers" else "1"


@pytest.mark.parametrize(("word", "option", "listed"), options())
def test_no_value_is_dropped(word, option, listed):
    command = commands()[word]
    action = command._option_string_actions[option]
    # Other things that the command needs are not what is asked here.
    for other in command._actions:
        other.required = False
        if not other.option_strings:
            other.nargs = "?"
    text = taken(action)
    if listed:
        once = getattr(command.parse_args([option, text]), action.dest)
        twice = getattr(command.parse_args([option, text, option, text]), action.dest)
        if isinstance(once, str):
            assert twice == f"{text},{text}"
        else:
            assert twice == (once if isinstance(once, dict) else once + once)
    else:
        with pytest.raises(SystemExit) as left:
            command.parse_args([option, text, option, text])
        assert left.value.code == 2


def test_two_lists_are_one(tmp_path):
    asked = commands()["table"].parse_args(
        ["f.csv", "--key", "sex, age", "--key", "town", "--sensitive", "vote", "--out", "r"]
    )
    assert asked.key == ("sex", "age", "town")
    shared = commands()["link"].parse_args(
        ["t", "m", "--addresses", "a", "--share", "x=y", "--share", "u=v", "--out", "r"]
    )
    assert shared.shared == {"x": "y", "u": "v"}
    assert commands()["traces"].parse_args(
        ["f", "--person", "p", "--item", "i", "--out", "r", "--points", "1", "--points", "3,4"]
    ).points == (1, 3, 4)


def test_a_second_value_is_one_line(capsys):
    with pytest.raises(SystemExit) as left:
        main(["table", "f.csv", "--missing", "value", "--missing", "wildcard", "--out", "r"])
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "--missing: given twice" in said


def test_another_run_begins_anew(capsys):
    command = commands()["table"]
    for _ in range(2):
        command.parse_args(["f.csv", "--missing", "value", "--out", "r"])
