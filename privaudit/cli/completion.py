"""Completion scripts for bash, zsh and fish, from the declared commands."""

from __future__ import annotations

import re
from collections.abc import Mapping

from privaudit.cli.options import LookedUp, mask_examples, rung_words, words_listed
from privaudit.studies.commands import Command, Option, commands

# What a help looks up, where an option takes one of it.
_WORDS = {"{masks}": mask_examples, "{rungs}": rung_words}
_LONGEST = 72

_BASH = """\
# Completion of privaudit: eval "$(privaudit completion bash)" in ~/.bashrc.
_privaudit() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} words=
    COMPREPLY=()
    # --option=value is three words to bash.
    [[ $prev != '=' ]] || prev=${{COMP_WORDS[COMP_CWORD-2]}}
    [[ $cur != '=' ]] || cur=
    if [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W '{names} --help --version' -- "$cur"))
        return
    fi
    if [[ $cur == -* ]]; then
        case ${{COMP_WORDS[1]}} in
{options}
        esac
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
        return
    fi
    # Where there is no word, a file is meant.
    case "${{COMP_WORDS[1]}} $prev" in
{values}
    esac
}}
complete -o default -F _privaudit privaudit
"""

_ZSH = """\
#compdef privaudit
# Completion of privaudit: source <(privaudit completion zsh) in ~/.zshrc, after compinit.
_privaudit() {{
  local -a commands=(
{names}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
{options}
  esac
}}
if [[ $funcstack[1] == _privaudit ]]; then _privaudit "$@"; else compdef _privaudit privaudit; fi
"""

_FISH = """\
# Completion of privaudit: privaudit completion fish > ~/.config/fish/completions/privaudit.fish
complete -c privaudit -f
{names}
{options}
"""


def completion(shell: str) -> str:
    """Return the script that completes commands, options, their words and files in a shell.

    Parameters
    ----------
    shell : {"bash", "zsh", "fish"}

    Examples
    --------
    >>> print(completion("fish").splitlines()[1])
    complete -c privaudit -f
    """
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](commands())


def values_of(option: Option) -> list[str]:
    """Return the words that an option takes; none where it takes any text.

    Examples
    --------
    >>> values_of(Option(name="--missing", choices=["likely", "wildcard"]))
    ['likely', 'wildcard']
    """
    if option.choices is not None:
        return list(words_listed(option.choices))
    found = [word for mark, words in _WORDS.items() if mark in option.help for word in words()]
    return [*([str(option.default)] if found and option.default else []), *found]


def _bash(known: Mapping[str, Command]) -> str:
    ends: dict[str, list[str]] = {}
    options = []
    for name, command in known.items():
        for option in command.options:
            # A positional argument has its words behind the name of the command.
            place = option.name if option.name.startswith("-") else name
            if words := values_of(option):
                end = f"COMPREPLY=($(compgen -W '{' '.join(words)}' -- \"$cur\"))"
            elif option.type == "path":
                end = ":"
            else:
                end = "compopt +o default 2>/dev/null"
            if (place != name or words) and option.type not in ("flag", "unflag"):
                ends.setdefault(end, []).append(f"'{name} {place}'")
        names = " ".join([*_names(command), "--help"])
        options.append(f"            {name}) words='{names}' ;;")
    values = [f"        {'|'.join(places)}) {end} ;;" for end, places in ends.items()]
    names = " ".join(known)
    return _BASH.format(names=names, values="\n".join(values), options="\n".join(options))


def _zsh(known: Mapping[str, Command]) -> str:
    def quoted(text: str) -> str:
        return "'" + text.replace("'", "'\\''") + "'"

    def plain(text: str) -> str:
        return re.sub(r"([\[\]:\\])", r"\\\1", text)

    names = [f"    {quoted(f'{plain(name)}:{command.help}')}" for name, command in known.items()]
    options = []
    for name, command in known.items():
        lines = []
        for option in command.options:
            words = " ".join(map(plain, values_of(option)))
            takes = f"({words})" if words else "_files" if option.type == "path" else " "
            meant = f":{plain(option.metavar or option.fills)}:{takes}"
            if not option.name.startswith("-"):
                often = {"+": "*", "?": ":"}.get(option.nargs or "", "")
                lines.append(quoted(f"{often}{meant}"))
            elif option.type in ("flag", "unflag"):
                lines.append(quoted(f"{option.name}[{plain(_help(option))}]"))
            else:
                often = "*" if option.repeats else ""
                lines.append(quoted(f"{often}{option.name}=[{plain(_help(option))}]{meant}"))
        options.append(f"    {name}) _arguments {' '.join(lines)} '--help' ;;")
    return _ZSH.format(names="\n".join(names), options="\n".join(options))


def _fish(known: Mapping[str, Command]) -> str:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    names = [
        f"complete -c privaudit -n __fish_use_subcommand -a {name} -d {quoted(command.help)}"
        for name, command in known.items()
    ]
    options = []
    for name, command in known.items():
        within = f"complete -c privaudit -n '__fish_seen_subcommand_from {name}'"
        for option in command.options:
            words = f" -a {quoted(' '.join(values_of(option)))}" if values_of(option) else ""
            if not option.name.startswith("-"):
                options.append(f"{within} {words.strip() or '-F'}")
                continue
            takes = "" if option.type in ("flag", "unflag") else " -x"
            takes = " -r -F" if option.type == "path" else takes
            about = quoted(_help(option))
            options.append(f"{within} -l {option.name[2:]}{takes}{words} -d {about}")
    return _FISH.format(names="\n".join(names), options="\n".join(options))


def _names(command: Command) -> list[str]:
    return [option.name for option in command.options if option.name.startswith("-")]


def _help(option: Option) -> str:
    """Return the beginning of a help."""
    text = option.help.format_map(LookedUp(default=option.default))
    text = re.split(r"[;:(]", text)[0].strip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rpartition(' ')[0]} ..."
