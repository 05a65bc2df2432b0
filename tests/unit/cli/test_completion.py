"""Completion: every command, option and word in bash, as it completes them; zsh and fish alike."""

import os
import pty
import select
import shlex
import shutil
import subprocess
import time

import pytest

from privaudit.cli import main
from privaudit.cli.options import completion, mask_examples, rung_words, values_of
from privaudit.studies.commands import commands

SHELLS = ("bash", "zsh", "fish")
OPTIONS = [(name, option) for name, command in commands().items() for option in command.options]


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    file = tmp_path_factory.mktemp("completion") / "privaudit.bash"
    file.write_text(completion("bash"), encoding="utf-8")
    return file


ASKED = """
source "$1"; shift
while IFS=$'\\t' read -ra COMP_WORDS; do
    [[ ${COMP_WORDS[-1]} != . ]] || COMP_WORDS[-1]=
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _privaudit privaudit
    echo "${COMPREPLY[*]}"
done
"""


def completed(script, *lines):
    """What bash proposes for the last word of each line; "." stands for an empty one."""
    text = "\n".join("\t".join(line.split(" ")) for line in lines) + "\n"
    words = ["bash", "--norc", "--noprofile", "-c", ASKED, "bash", str(script)]
    run = subprocess.run(words, input=text, capture_output=True, text=True, check=True)
    return [line.split(" ") if line else [] for line in run.stdout.splitlines()]


def test_bash_completes_every_command_and_every_option(script):
    (every, some), names = completed(script, "privaudit .", "privaudit ma"), list(commands())
    assert every == [*names, "--help", "--version"]
    assert some == ["map", "mask"]
    asked = completed(script, *(f"privaudit {name} -" for name in names))
    for name, found in zip(names, asked, strict=True):
        declared = [o.name for o in commands()[name].options if o.name.startswith("-")]
        assert found == [*declared, "--help"]


def test_bash_completes_the_words_of_an_option_and_none_of_another(script):
    taken = [(n, o) for n, o in OPTIONS if o.type not in ("flag", "unflag")]
    taken = [(n, o) for n, o in taken if o.name.startswith("-")]
    apart = completed(script, *(f"privaudit {name} {one.name} ." for name, one in taken))
    joined = completed(script, *(f"privaudit {name} {one.name} = ." for name, one in taken))
    for (name, option), found, other in zip(taken, apart, joined, strict=True):
        assert found == other == values_of(option), f"{name} {option.name}"


def test_masks_adversaries_languages_and_shells_are_words(script):
    lines = ("map --mask .", "map --mask do", "map --adversary .", "table --lang .",
             "completion .", "table --date-order d")  # fmt: skip
    masks, donut, rungs, languages, shells, days = completed(
        script, *(f"privaudit {line}" for line in lines)
    )
    assert masks == ["unknown", *mask_examples()]
    assert donut == ["donut:50:200"]
    assert rungs == rung_words()
    assert languages == ["en", "fr"]
    assert shells == list(SHELLS)
    assert days == ["day"]


def typed_at_a_terminal(folder, script, *lines):
    """Type lines in a bash of its own, each ended by a tab; return what stands there then."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ |= {"PS1": "> ", "TERM": "dumb", "INPUTRC": os.devnull}
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])

    def shown(until, seconds=10.0):
        text, end = "", time.monotonic() + seconds
        while until not in text and time.monotonic() < end:
            if select.select([terminal], [], [], 0.1)[0]:
                text += os.read(terminal, 65_536).decode()
        return text

    found = []
    try:
        os.write(terminal, f"source {shlex.quote(str(script))}; PS1='ready''> '\n".encode())
        shown("ready> ")
        for line in lines:
            os.write(terminal, f"{line}\t#end".encode())
            line = shown("#end").replace("\a", "")
            found.append(line.rpartition("privaudit")[2].removesuffix("#end"))
            os.write(terminal, b"\x15")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    return found


def test_files_are_completed_where_a_file_is_meant(tmp_path, script):
    for name in ("leak of May.csv", "addresses.csv", "age"):
        (tmp_path / name).touch()
    found = typed_at_a_terminal(
        tmp_path, script, "privaudit map le", "privaudit map x --addresses add",
        "privaudit table x --key ag", "privaudit map x --marker di",
    )  # fmt: skip
    assert found == [
        " map leak\\ of\\ May.csv ", " map x --addresses addresses.csv ",
        # A column is no file.
        " table x --key ag", " map x --marker disc ",
    ]  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script(shell, capsys):
    assert main(["completion", shell]) == 0
    assert capsys.readouterr().out == completion(shell)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_itself_takes_the_script(shell, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    (tmp_path / "script").write_text(completion(shell), encoding="utf-8")
    subprocess.run([shell, "-n", str(tmp_path / "script")], check=True)


@pytest.mark.heavy
@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_each_option_stands_in_the_line_of_its_command_with_its_words(shell):
    """Run by hand in zsh 5.9 and fish 4.0 too: both complete commands, options, words and files."""
    lines = completion(shell).splitlines()
    split = {line.split(")")[0].strip(): shlex.split(line) for line in lines if ") _arg" in line}
    for name, option in OPTIONS:
        if shell == "zsh":
            _, _, *specs, _, end = split[name]
            assert end == ";;"
            begins = f"{option.name}[" if "flag" in option.type else f"{option.name}=["
            begins = begins if option.name.startswith("-") else ":"
            (spec,) = [s for s in specs if s.lstrip("*:").startswith(begins.lstrip(":"))][:1]
            takes = spec.replace("\\:", ":")
        else:
            within = f"complete -c privaudit -n '__fish_seen_subcommand_from {name}' "
            ends = f"-l {option.name[2:]} " if option.name.startswith("-") else ("-a", "-F")
            (takes, *_) = [
                one for one in lines if one.startswith(within)
                and one.removeprefix(within).startswith(ends)
            ]  # fmt: skip
            assert len(shlex.split(takes.replace("\\'", ""))) >= 6
        assert " ".join(values_of(option)) in takes
        if option.type == "path":
            assert ("_files" if shell == "zsh" else "-F") in takes


def test_fish_knows_which_options_take_a_value():
    """`-x` takes one and offers no files, `-r -F` takes a file, a flag takes nothing."""
    lines = completion("fish").splitlines()
    for name, option in OPTIONS:
        if not option.name.startswith("-"):
            continue
        start = f"complete -c privaudit -n '__fish_seen_subcommand_from {name}' "
        start += f"-l {option.name[2:]} "
        (line,) = [line for line in lines if line.startswith(start)]
        takes = line.removeprefix(start).partition("-d ")[0].partition("-a ")[0].strip()
        flag = option.type in ("flag", "unflag")
        assert takes == ("" if flag else "-r -F" if option.type == "path" else "-x")
