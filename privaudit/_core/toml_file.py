"""A TOML file that somebody wrote by hand, opened; what is wrong with it is one line."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from privaudit._core.checks import say
from privaudit.errors import SchemaError

__all__ = ["read_toml"]

_MOST_BYTES = 1_000_000


def read_toml(source: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises
    ------
    SchemaError
        It cannot be read, is large, or is no TOML; the line says where, never what stands there.
    """
    path = Path(source)
    try:
        if path.stat().st_size > _MOST_BYTES or not path.is_file():
            raise SchemaError(say(path.name, "a TOML file of 1 MB at most", "another kind of file"))
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SchemaError(say(path.name, "a file that can be read", type(error).__name__)) from None
    except UnicodeDecodeError:
        raise SchemaError(say(path.name, "text in UTF-8", "other bytes")) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        where = str(error).rpartition("(")[2].rstrip(")")
        raise SchemaError(say(path.name, "TOML", f"something else ({where})")) from None
