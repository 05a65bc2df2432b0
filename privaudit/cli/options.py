"""The parser of the declared commands, their completion in shells, and what commands share.

The help reads masks, rungs and formats from their source files, so that it loads none of them.
"""

from __future__ import annotations

import argparse
import ast
import errno
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib import resources
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from unicodedata import normalize

from privaudit import __version__
from privaudit.cli.exit_status_and_signals import REFUSED, UNMET
from privaudit.columns.roles import MISSING
from privaudit.core.declaration import ATTACKS, MASKS, words_of
from privaudit.core.files import reader_is_gone, refuse_reserved
from privaudit.core.lazy_names import former_name_hint
from privaudit.core.progress import LOGGER
from privaudit.errors import OutputError, ParameterError, did_you_mean, printable
from privaudit.io.readers import formats
from privaudit.studies.commands import Command, Option, commands, fixed_texts
from privaudit.text.normalise import split_names
from privaudit.words.catalogues import LANGUAGES

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.columns.values import Reading
    from privaudit.core.cache import Store
    from privaudit.core.progress import Tick
    from privaudit.report.requirements import Requirement
    from privaudit.studies.study import Study
    from privaudit.words.catalogues import Words

    WriteReport = Callable[..., None]

_ROOM = "needs more room on a disk than there is: where it writes, or unpacks (TMPDIR chooses)."
_OPEN = "needs more open files than this system lets it have. See ulimit -n."
_WANTING = {
    errno.ENOSPC: _ROOM,
    getattr(errno, "EDQUOT", errno.ENOSPC): _ROOM,
    errno.EMFILE: _OPEN,
    errno.ENFILE: _OPEN,
}


def tell(text: str) -> None:
    """Print a line of what was done.

    Raises
    ------
    OutputError
        Where it cannot be written; nobody who reads on, as after ``| head -1``, is no fault.
    """
    try:
        # A no-break space is for pages.
        print(printable(re.sub("[\u00a0\u202f]", " ", text)), flush=True)
    except OSError as error:
        # Or Python would try again at its end, and complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not reader_is_gone(error):
            needed, do = "a terminal or file to write to", "What was written before remains."
            raise OutputError.not_written("output", needed, "stdout", error, do) from None


def tell_json(options: argparse.Namespace) -> None:
    """Print what a command found as JSON, in the letters that every console has.

    A command without findings gives what it did, in the same form.
    """
    from privaudit.report.findings import SCHEMA

    answer = options.answer
    if isinstance(answer, str):
        content = json.loads(answer)
    else:
        content = {"schema": SCHEMA, "kind": options.command, "findings": [], **(answer or {})}
    tell(json.dumps(content))


def complain(text: str) -> None:
    """Print a line on standard error; where that is closed, the status says it alone."""
    with suppress(OSError):
        print(f"privaudit: {printable(text)}", file=sys.stderr, flush=True)


def spell_out() -> None:
    """Print characters that a console cannot encode as code points, such as \\u2265."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


# Seconds from which it is said before a command runs how long it will take.
_LONG = 10.0


def foretell(options: argparse.Namespace) -> None:
    """Print what a run of over ten seconds does and is expected to take, before it begins."""
    from privaudit.words.catalogues import Words

    # Sample files are written in seconds.
    if getattr(options, "samples", None) is not None:
        return
    seconds, gigabytes = commands()[options.command].foretold(vars(options))
    if seconds > _LONG:
        words = Words(getattr(options, "lang", "en"))
        long = f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
        size = f"{gigabytes:.1f}".replace(".", words("format.decimal"))
        text = words("ahead.cost", long=long, gigabytes=size)
        # A demo keeps its results, and takes them again.
        text += "" if getattr(options, "no_cache", True) else words("ahead.less")
        if options.command == "demo":
            text = words("ahead.both", what=_of_demo(words, options), cost=text)
        # A no-break space is for pages.
        text = re.sub("[\u00a0\u202f]", " ", f"{options.command}: {text}")
        LOGGER.info(text)
        complain(text)


def _of_demo(words: Words, options: argparse.Namespace) -> str:
    """Return what a demo does."""
    from privaudit.simulation.town import Town

    if options.addresses is None:
        town = words("ahead.demo_people", n=options.inhabitants or Town().inhabitants)
    else:
        town = words("ahead.demo_addresses")
    text = words("ahead.demo", town=town)
    more = options.towns - 1
    return text + (words("ahead.demo_elsewhere", n=more) if more else "")


OUT_OF_MEMORY = (
    "needs more memory than there is. Take a smaller file, or a part of it; table has "
    "--memory-limit."
)
# Bytes of addresses below which the numerical libraries do not start, or never end.
LEAST_ADDRESS_SPACE = 1_000_000_000
# What the loader of a library says where an address space is limited.
_UNMAPPED = re.compile(r"failed to map segment|cannot allocate memory", re.IGNORECASE)


def narrow_address_space() -> str:
    """Return the complaint that the address space is limited to too little; "" where it is not."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return ""
    most = resource.getrlimit(resource.RLIMIT_AS)[0]
    if most == resource.RLIM_INFINITY or most >= LEAST_ADDRESS_SPACE:
        return ""
    needed = f"needs {LEAST_ADDRESS_SPACE / 1e9:.0f} GB of addresses at least"
    return f"{needed}, but got a limit of {most / 1e9:.1f} GB. Raise it: ulimit -v unlimited."


def wanting(error: BaseException) -> str:
    """Name the resource that the system lacked; "" for any other error.

    Examples
    --------
    >>> wanting(OSError(errno.EMFILE, "Too many open files"))[:21], wanting(OSError("?"))
    ('needs more open files', '')
    """
    if isinstance(error, ImportError) and _UNMAPPED.search(str(error)):
        return OUT_OF_MEMORY
    return _WANTING.get(error.errno or 0, "") if isinstance(error, OSError) else ""


def parameters(taken_by: Callable[..., Any], options: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters of a dataclass, or of a function, that options fill.

    Examples
    --------
    >>> from privaudit.columns.roles import Roles
    >>> parameters(Roles, argparse.Namespace(key=("age",), weight=None, out="audit"))
    {'key': ('age',), 'weight': None}
    """
    names = signature(taken_by).parameters
    return {name: getattr(options, name) for name in names if hasattr(options, name)}


def open_store(directory: Path | None) -> Store:
    """Open the folder of simulated stages, the user's by default."""
    from privaudit.core.cache import Store, default_directory

    return Store(directory or default_directory())


@contextmanager
def reporting(options: argparse.Namespace, parts: int = 0) -> Iterator[tuple[Tick, WriteReport]]:
    """Check the folder of a report, and show a bar of `parts` steps while its study is made.

    Yields the function to call at each step, and the one that writes the report.
    """
    from privaudit.core.progress import progress
    from privaudit.report.write import check_output, report, unwritten

    required = required_by(options)
    if options.out is not None:
        check_output(options.out)
    with progress(f"privaudit {options.command}", parts) as tick:

        def write(
            study: Study, rows: Mapping[str, pd.DataFrame] | None = None, cache: Store | None = None
        ) -> None:
            tick("report")
            if options.out is None:
                lines, options.answer = unwritten(study, options.lang)
                for line in () if options.json else lines:
                    tell(line)
                hold_against(required, options.answer, options)
                return
            page = report(
                study, options.out,
                lang=options.lang, dated=options.dated, extra_tables=rows, cache=cache,
            )  # fmt: skip
            options.answer = page.with_name("findings.json").read_text(encoding="utf-8")
            tell(f"report: {page}")
            hold_against(required, options.answer, options)

        yield tick, write


def required_by(options: argparse.Namespace) -> tuple[Requirement, ...]:
    """Return the requirements that a command was given."""
    from privaudit.report.requirements import requirements

    # Inspect requires nothing: it lists what there is.
    given = getattr(options, "require", None)
    return requirements(given, options.command) if given else ()


def hold_against(
    required: Iterable[Requirement], findings: str, options: argparse.Namespace
) -> None:
    """Print whether the findings of a report meet each requirement; if not, set the exit status."""
    from privaudit.report.requirements import outcome_of

    for one in required:
        outcome = outcome_of(one, json.loads(findings)["findings"], options.command)
        tell(str(outcome))
        if not outcome.holds:
            options.status = UNMET


def in_words(row: Mapping[str, Any]) -> str:
    """Return the number of a row of a recipe, or its range."""
    value, low, high = (row[name] for name in ("value", "low", "high"))
    if value is not None:
        return f"{value:.6g}"
    return "withheld" if low is None else f"between {low:.6g} and {high:.6g}"


def refuse_without(command: str, given: Mapping[str, object], do: str) -> None:
    """Refuse a call that lacks arguments which only `--init` can do without."""
    lacking = [name for name, value in given.items() if value is None]
    if lacking:
        raise ParameterError.of(command, ", ".join(lacking), "none", do)


def write_blank(command: str, package: str, place: Path, lang: str) -> dict[str, Any]:
    """Write the blank file of a command, in a language; never over a file that is there.

    Returns what the command answers.
    """
    blanks = resources.files(package) / "blank"
    blank = blanks / f"{lang}.toml"
    if not blank.is_file():
        blank = blanks / "en.toml"
    refuse_reserved(place, f"{command} --init")
    try:
        with place.open("x", encoding="utf-8", newline="\n") as file:
            file.write(blank.read_text(encoding="utf-8"))
    except FileExistsError:
        came, do = f"'{place.name}', which is there", "Give another."
        raise OutputError.of(f"{command} --init", "a new file", came, do) from None
    except OSError as error:
        who, needed = f"{command} --init", "a file that can be written"
        raise OutputError.not_written(who, needed, place.name, error) from None
    tell(f"{'description' if command == 'rules' else command}: {place}")
    return {"written": place.name}


def paths_of(options: argparse.Namespace) -> list[Path]:
    """Return every path that a command was given."""
    given = [one if isinstance(one, list) else [one] for one in vars(options).values()]
    return [one for several in given for one in several if isinstance(one, Path)]


def without_header_of(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the files that were declared to have no header.

    Raises
    ------
    ParameterError
        The command has no such file.
    """
    given = [path.name for path in paths_of(options)]
    # macOS writes the accents of a file's name behind their letters.
    known = {normalize("NFC", name): name for name in given}
    asked = [Path(name).name for name in getattr(options, "no_header", ())]
    headless = tuple(known.get(normalize("NFC", name), name) for name in asked)
    packed = any(name.lower().endswith(".zip") for name in given)
    for name in headless:
        if name not in given and not packed:
            do = did_you_mean(name, given) or "Give its name, without its folder."
            raise ParameterError.of("--no-header", "a file of the command", name, do)
    return headless


def reading_of(options: argparse.Namespace) -> Reading | None:
    """Return how cells are to be read; None where no option says so."""
    from privaudit.columns.values import Reading

    reading = Reading(**parameters(Reading, options))
    return None if reading == Reading() else reading


class LookedUp(dict[str, Any]):
    """The text that replaces a name in braces of a help, looked up when asked for."""

    def __missing__(self, name: str) -> str:
        if name == "masks":
            return ", ".join(mask_examples())
        if name == "rungs":
            return ", ".join(rung_words())
        if name == "unmet":
            return str(UNMET)
        return fixed_texts().get(name) or formats(name)


def rung_words() -> list[str]:
    """Return the word of each rung, read from its source file."""
    return [*_our_rungs(), *words_of(ATTACKS)]


@cache
def _our_rungs() -> tuple[str, ...]:
    words, order = {}, []
    for file in _files("privaudit.maps"):
        for part in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(part, ast.Assign):
                continue
            name, value = ast.unparse(part.targets[0]), part.value
            if isinstance(value, ast.Call) and ast.unparse(value.func) == "KnownAttack":
                given = {keyword.arg: keyword.value for keyword in value.keywords}
                if "believes" in given:
                    words[name] = str(ast.literal_eval(given["word"]))
            elif name == "ATTACKS" and isinstance(value, ast.Tuple):
                order = [ast.unparse(attack) for attack in value.elts]
    return tuple(words[name] for name in order if name in words)


def mask_examples() -> list[str]:
    """Return the example of each mask, read from its source file."""
    given = _our_masks()
    brought = [f"{word}:..." for word in words_of(MASKS) if word not in given]
    return [*(given[word] for word in sorted(given)), *brought]


@cache
def _our_masks() -> dict[str, str]:
    given = {}
    for file in _files("privaudit.maps.masks"):
        for part in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]).startswith(
                "(word, example"
            ):
                word, example, *_ = ast.literal_eval(part.value)
                given[word] = example
    return given


def _files(package: str) -> list[Path]:
    """Return the files of a package that is not to be loaded."""
    folder = find_spec(package)
    places = [] if folder is None else folder.submodule_search_locations or []
    return [file for place in places for file in Path(place).glob("*.py")]


_UNKNOWN = re.compile(r"unrecognized arguments: (-[^\s=]+)")
_CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")
# The words of an option, where the library lists them.
_LISTS = {"languages": LANGUAGES, "missing": MISSING}


class Given(argparse.Action):
    """Keeps the one value of an option; argparse would keep the last of two without a word.

    Parameters
    ----------
    meanings : mapping of str to object, optional
        What each word means, where the value is another one.
    """

    def __init__(self, *, meanings: Mapping[str, Any] | None = None, **named: Any) -> None:
        self._meanings = meanings or {}
        super().__init__(**named)

    @property
    def help(self) -> str | None:
        """The text of the help, with what is looked up only when help is asked for."""
        text = self._help
        return text if text is None else text.format_map(LookedUp(default=self.default))

    @help.setter
    def help(self, text: str | None) -> None:
        """Keep the text, with what is in braces."""
        self._help = text

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Keep the value."""
        given: set[str] = parser.__dict__.setdefault("given", set())
        if option_string is not None and self.dest in given:
            values = self.both(getattr(namespace, self.dest), values)
        given.add(self.dest)
        if self._meanings:
            values = self._meanings[values]
        setattr(namespace, self.dest, values)

    def both(self, first: Any, second: Any) -> Any:
        """Refuse a second value."""
        raise argparse.ArgumentError(self, "given twice, and has one value")


class Listed(Given):
    """Collects comma-separated names; a repeated option extends the list."""

    def both(self, first: Any, second: Any) -> Any:
        """Continue the first list."""
        if isinstance(first, str):
            return f"{first},{second}"
        return first | second if isinstance(first, dict) else first + second


class Parser(argparse.ArgumentParser):
    """A parser that leaves the block of every option to ``--help``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.given: set[str] = set()

    # Each command says itself what it does not know: the program does not have its options.
    def parse_known_args(self, *arguments: Any, **options: Any) -> Any:
        self._words = [str(word) for word in arguments[0] or ()] if arguments else []
        self.given.clear()
        found, unknown = super().parse_known_args(*arguments, **options)
        if unknown and self._subparsers is None:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def _misspelt(self) -> str:
        """Return the first unknown option given, "" where all are known."""
        words = [word.partition("=")[0] for word in self._words if word.startswith("--")]
        known = tuple(self._option_string_actions)
        return next((w for w in words if not any(k.startswith(w) for k in known)), "")

    def error(self, message: str) -> NoReturn:
        """Print one line and exit with 2."""
        hint = ""
        if unknown := _UNKNOWN.search(message):
            hint = did_you_mean(unknown[1], self._option_string_actions)
        elif "are required" in message and (wrong := self._misspelt()):
            hint = f"'{wrong}' is no option. {did_you_mean(wrong, self._option_string_actions)}"
        elif choice := _CHOICE.search(message):
            former = "" if self._subparsers is None else former_name_hint("commands", choice[1])
            hint = former or did_you_mean(choice[1], re.findall(r"[\w-]+", choice[2]))
        text = f"{self.prog}: {message}. {hint or f'See {self.prog} --help.'}"
        self.exit(REFUSED, printable(" ".join(text.split())) + "\n")


def command_parser(names: Iterable[str]) -> Parser:
    """Return the parser of the program, of the commands in the order of the help."""
    parser = Parser(
        prog="privaudit",
        description="If this profile table or this door-to-door map leaked, who would be found, "
        "at which door, and how sure would the finder be?",
    )
    parser.add_argument("--version", action="version", version=f"privaudit {__version__}")
    added = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in names:
        command = commands()[name]
        one = added.add_parser(name, help=command.help, description=command.description)
        groups: dict[str, Any] = {"": one}
        for option in command.options:
            if option.group not in groups:
                groups[option.group] = one.add_argument_group(option.group)
            groups[option.group].add_argument(option.name, **_argument(option))
        one.set_defaults(answer=None, status=0)
    return parser


def words_listed(choices: Any) -> tuple[str, ...]:
    """Return the words of an option that has a list of them, or names one of the library."""
    return tuple(_LISTS[choices] if isinstance(choices, str) else choices)


def _argument(option: Option) -> dict[str, Any]:
    """Return what argparse is to know of an option."""
    asked: dict[str, Any] = {"help": option.help}
    if option.name.startswith("-"):
        asked |= {"dest": option.fills, "required": option.required}
    if option.type in ("flag", "unflag"):
        return asked | {"action": f"store_{'true' if option.type == 'flag' else 'false'}"}
    choices = option.choices
    meanings = choices if isinstance(choices, Mapping) else None
    return asked | {
        "action": Listed if option.repeats else Given,
        "type": _READERS.get(option.type),
        "metavar": option.metavar,
        "nargs": option.nargs,
        "default": option.default,
        "choices": None if choices is None else words_listed(choices),
        "meanings": meanings,
    }


def seed(text: str) -> int:
    """Read a seed, a whole number of 0 or more."""
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError("a whole number, 0 or more")
    return int(text)


def numbers(text: str) -> tuple[int, ...]:
    """Read whole numbers between commas."""
    return tuple(int(one) for one in split_names(text))


def pairs(text: str) -> dict[str, str]:
    """Read pairs of columns."""
    read = [tuple(one.split("=")) for one in split_names(text)]
    if not read or not all(len(pair) == 2 and all(pair) for pair in read):
        raise argparse.ArgumentTypeError("pairs, such as soutien=support")
    return {first.strip(): second.strip() for first, second in read}


def four_numbers(text: str) -> tuple[float, ...]:
    """Read four numbers between commas."""
    read = tuple(float(part) for part in text.split(","))
    if len(read) != 4:
        raise argparse.ArgumentTypeError("four numbers with commas: west,south,east,north")
    return read


_READERS: dict[str, Callable[[str], Any]] = {
    "path": Path,
    "int": int,
    "float": float,
    "seed": seed,
    "names": split_names,
    "numbers": numbers,
    "pairs": pairs,
    "four_numbers": four_numbers,
}


# Lists of words that an option may take, looked up for its help.
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
