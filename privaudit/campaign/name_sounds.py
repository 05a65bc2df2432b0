"""How a name sounds to a French ear: spellings that are said in one way brought to one."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from privaudit.campaign.name_letters import to_the_last_heard

__all__ = ["opening", "sounds_of"]

# What is written in several ways and said in one, in the order in which it is applied: letters
# that are replaced wherever they stand, and patterns where what stands beside them matters. A digit
# holds the place of what the next letters must not touch.
_SPELLINGS: list[tuple[str | re.Pattern[str], str]] = [
    (written if written.isalnum() else re.compile(written, re.MULTILINE), said)
    for written, said in (
        ("aul?[dtxs]*$", "0"), ("e0", "o"), ("a0", "o"), ("0", "o"), ("ph", "f"),
        ("ch", "0"), ("h", ""), ("0l", "kl"), ("0r", "kr"), ("s0", "S"), ("0", "S"),
        ("eaux", "o"), ("eau", "o"), ("aux", "o"), ("au", "o"), ("ou(?=m?$)", "o"),
        ("oeu", "0"), ("eu", "0"), ("ai", "0"), ("ay", "0"), ("ei", "0"), ("ey", "0"), ("0", "e"),
        ("y", "i"), ("ce", "se"), ("ci", "si"), ("qu", "k"), ("q", "k"), ("c", "k"),
        ("ge", "je"), ("gi", "ji"), ("gue", "ge"), ("gui", "gi"), ("gea", "ja"), ("geo", "jo"),
        ("w", "v"), ("x", "ks"), ("z", "s"),
        ("a[mn](?![aeiou])", "A"), ("e[mn](?![aeiouA])", "A"),
    )
]  # fmt: skip
_SILENT = np.isin(np.arange(256), list(b"dtspxke"))
_END = ord("\n")
_OPENINGS = {"k": "c", "q": "c", "j": "g", "y": "i", "z": "s"}


def sounds_of(names: Sequence[str]) -> list[str]:
    """Return how each name sounds, letters only: silent ends left out.

    A line a name, so that a rule goes over all of them at once.

    Examples
    --------
    >>> dupond, dupont, meyer, moreau = sounds_of(["dupond", "dupont", "meyer", "moreau"])
    >>> dupond == dupont, meyer == moreau
    (True, False)
    >>> sounds_of(["philippe", "thibault"]) == sounds_of(["filip", "tibo"])
    True
    """
    text = "".join([f"{name}\n" for name in names])
    for written, said in _SPELLINGS:
        if isinstance(written, str):
            text = text.replace(written, said)
        else:
            text = written.sub(said, text)
    letters = np.frombuffer(text.encode(), dtype=np.uint8)
    ends = letters == _END
    # The first letter is heard whatever it is; bytes beyond ASCII are parts of letters.
    silent = _SILENT[letters] & np.append(False, ~ends[:-1])[: len(letters)]
    letters = letters[to_the_last_heard(letters, silent)]
    # Of a run of one letter the first is kept; two line ends in a row are two names.
    once = np.append(True, letters[1:] != letters[:-1])[: len(letters)]
    once |= (letters == _END) | (letters > 127)
    found: str = letters[once].tobytes().decode()
    return found.split("\n")[:-1]


def opening(name: str) -> str:
    """Return the first letter that is heard: names that agree at all mostly share it.

    Examples
    --------
    >>> opening("philippe"), opening("karine") == opening("catherine"), opening("helene")
    ('f', True, 'e')
    """
    if name.startswith("ph"):
        return "f"
    first = name[1:2] if name.startswith("h") and len(name) > 1 else name[:1]
    return _OPENINGS.get(first, first)
