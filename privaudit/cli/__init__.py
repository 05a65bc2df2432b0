"""The command line: the library's studies, with bars on a terminal and one line for an error.

`run_commands.py` runs each command; its options are declared in `privaudit/cli/options.toml`.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, nullcontext, redirect_stdout
from functools import cache, partial
from pathlib import Path

from privaudit.cli.exit_status_and_signals import (
    FAULT,
    INTERRUPTED,
    REFUSED,
    STOPPED,
    Stopped,
    stopped_when_asked,
)
from privaudit.cli.options import (
    OUT_OF_MEMORY,
    command_parser,
    complain,
    foretell,
    narrow_address_space,
    paths_of,
    spell_out,
    tell_json,
    wanting,
    without_header_of,
)
from privaudit.cli.run_commands import RUNS
from privaudit.core.files import watched
from privaudit.core.limits import Limits, ended_after, limited, memory_of
from privaudit.core.progress import in_lines, said_ahead
from privaudit.errors import PrivauditError

__all__ = ["RUNS", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 done, 2 bad input, 1 a fault of ours.

    3: done, and a row of its report does not meet what ``--require`` says, or cannot be decided.
    Stopped by a signal, 128 and its number: 130 by Ctrl-C.

    Examples
    --------
    >>> main(["table", "absent.csv", "--key", "age,sex", "--out", "audit"])
    2
    """
    spell_out()
    if lacking := narrow_address_space():
        complain(lacking)
        return REFUSED
    from privaudit.io.csv_dialects import without_header
    from privaudit.io.duckdb import sweep_spills
    from privaudit.io.encodings import read_as

    options = _parser().parse_args(arguments)
    # Copies of real files that a killed run left go with whatever runs next.
    sweep_spills()
    try:
        wanted = _limits_of(options)
        bounded = ended_after(wanted.seconds, who=options.command)
        given = vars(options)
        files, headless = watched(paths_of(options)), without_header(*without_header_of(options))
        ahead = said_ahead(partial(foretell, options))
        in_words = read_as(given.get("encoding"))
        from privaudit.io.address_sources import addresses_read_as

        columned = addresses_read_as(given.get("address_columns"), given.get("address_crs"))
        asked = stopped_when_asked()
        read_so = files, headless, in_words, columned
        with limited(wanted), bounded, ExitStack() as reading, asked, ahead, in_lines():
            for one in read_so:
                reading.enter_context(one)
            with redirect_stdout(sys.stderr) if options.json else nullcontext():
                RUNS[options.command](options)
            if options.json:
                tell_json(options)
    except PrivauditError as error:
        complain(str(error))
        return REFUSED
    except (KeyboardInterrupt, Stopped) as stop:
        complain(stop.args[0] if stop.args else STOPPED)
        return stop.status if isinstance(stop, Stopped) else INTERRUPTED
    except MemoryError:
        complain(OUT_OF_MEMORY)
        return REFUSED
    except BrokenExecutor:
        do = "Most often memory ran out: take fewer --workers. A --cache keeps what was done."
        complain(f"one of its processes was ended from outside. {do}")
        return REFUSED
    except Exception as error:
        if lacking := wanting(error):
            complain(lacking)
            return REFUSED
        if os.environ.get("PRIVAUDIT_DEBUG"):
            raise
        # The text of an unforeseen error may quote a cell of the file, so only its place is shown.
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        complain(
            f"a fault of the program, {type(error).__name__} at {place}; "
            "PRIVAUDIT_DEBUG=1 shows it in full (it may quote cells of the file)"
        )
        return FAULT
    status: int = options.status
    return status


def _limits_of(options: argparse.Namespace) -> Limits:
    """Return the limits that were asked for; a command without such options has the usual ones."""
    given = vars(options)
    wanted = {n.removeprefix("max_"): v for n, v in given.items() if n.startswith("max_")}
    if (limit := given.get("memory_limit")) is not None:
        wanted["memory"] = memory_of(limit, who=options.command)
    return Limits(**wanted)


@cache
def _parser() -> argparse.ArgumentParser:
    return command_parser(RUNS)
