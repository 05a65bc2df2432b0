"""What the help looks up: masks, rungs and formats, read from their files without loading them."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from privaudit._core.installed import ATTACKS, MASKS, words_of
from privaudit.release.files import formats
from privaudit.studies.commands import fixed_texts

__all__ = ["LookedUp", "mask_examples", "rung_words"]


class LookedUp(dict[str, Any]):
    """What stands for a name in braces of a help; looked up when it is asked for."""

    def __missing__(self, name: str) -> str:
        if name == "masks":
            return ", ".join(mask_examples())
        if name == "rungs":
            return ", ".join(rung_words())
        return fixed_texts().get(name) or formats(name)


def rung_words() -> list[str]:
    """Return the word of each rung, as its file says it: help must not load what attacks need."""
    said, order = {}, []
    for file in _files("privaudit.attacks"):
        for part in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(part, ast.Assign):
                continue
            name, value = ast.unparse(part.targets[0]), part.value
            if isinstance(value, ast.Call) and ast.unparse(value.func) == "KnownAttack":
                given = {keyword.arg: keyword.value for keyword in value.keywords}
                if "believes" in given:
                    said[name] = str(ast.literal_eval(given["word"]))
            elif name == "ATTACKS" and isinstance(value, ast.Tuple):
                order = [ast.unparse(attack) for attack in value.elts]
    return [*(said[name] for name in order if name in said), *words_of(ATTACKS)]


def mask_examples() -> list[str]:
    """Return the example of each mask, as its file says it: help must not load what masks need."""
    given = {}
    for file in _files("privaudit.release.masks"):
        for part in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]).startswith(
                "(word, example"
            ):
                word, example, *_ = ast.literal_eval(part.value)
                given[word] = example
    brought = [f"{word}:..." for word in words_of(MASKS) if word not in given]
    return [*(given[word] for word in sorted(given)), *brought]


def _files(package: str) -> list[Path]:
    """Return the files of a package that is not to be loaded."""
    folder = find_spec(package)
    places = [] if folder is None else folder.submodule_search_locations or []
    return [file for place in places for file in Path(place).glob("*.py")]
