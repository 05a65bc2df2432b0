"""Word lists that come with the package: TOML files beside the code that reads them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def word_lists(package: str, file: str = "words.toml") -> dict[str, Any]:
    """Read a file of word lists, once.

    Parameters
    ----------
    package : str
        The package in whose folder it stands, such as ``"privaudit.text"``.
    file : str
        Its name, or its path below that folder.

    Returns
    -------
    dict
        What the file holds, to be left unchanged.

    Examples
    --------
    >>> word_lists("privaudit.text")["months"].split()[:2]
    ['january', 'february']
    """
    return tomllib.loads(resources.files(package).joinpath(file).read_text(encoding="utf-8"))
