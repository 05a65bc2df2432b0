"""Cut and flipped files of every format: a table or one line, soon, and never a cell in it."""

import json
import os
import random
import sys
import time
import warnings
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from privaudit.errors import PrivauditError
from privaudit.io.readers import read_frame

sys.path.insert(0, str(Path(__file__).parent))
from test_documents import (
    document,
    open_document,
    open_p,
    open_table,
    paragraph,
    rich,
    table,
)
from test_formats_parts import mail, person, recording
from writers import MAPS, TABLES, packed

MARKER = "Zxqv"
ROWS = [["name", "town", "age"], *[[f"{MARKER}{i}", "Évry", 20 + i] for i in range(8)]]
AT = [(2.4 + i / 100, 48.8) for i in range(8)]
ZIPS = (".xlsx", ".ods", ".kmz", ".zip", ".docx", ".odt")


def har(path, rows):
    told = recording(("/api", "application/json", [person(n) for n in range(8)]))
    path.write_text(json.dumps(told))
    return path


def mbox(path, rows):
    path.write_text(mail(*[f"{MARKER}{i}@example.org" for i in range(8)]))
    return path


def cards(path, rows):
    one = "BEGIN:VCARD\nFN:{}\nADR:;;{};{}\nNOTE:vu\nEND:VCARD\n"
    path.write_text("".join(one.format(*row) for row in rows[1:]), encoding="utf-8")
    return path


def word(path, rows):
    return document(path, table([list(map(str, row)) for row in rows]), paragraph(MARKER))


def open_text(path, rows):
    return open_document(path, open_table([list(map(str, row)) for row in rows]), open_p(MARKER))


def rich_text(path, rows):
    cells = (" ".join(f"{cell}\\cell" for cell in map(str, row)) for row in rows)
    said = "".join(f"\\trowd {row}\\row\n" for row in cells)
    path.write_bytes(rich(f"{said}{MARKER}\\par\n"))
    return path


def stata(path, rows):
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    frame.assign(kind=pd.Categorical(["a", "b"] * 4)).to_stata(path, write_index=False, version=118)
    return path


EVERY = {
    **TABLES, **MAPS, ".har": har, ".mbox": mbox, ".vcf": cards, ".docx": word,
    ".odt": open_text, ".rtf": rich_text,
    ".dta": stata,
}  # fmt: skip


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Cut, flip, repeat or drop a part of some bytes."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(max(len(out), 1))
        match rng.randrange(5):
            case 0:
                out = out[:at]
            case 1 if out:
                out[at] ^= 1 << rng.randrange(8)
            case 2 if out:
                out[at] = rng.choice(b"\0\xff'\"<>(){},;\\9-")
            case 3:
                out[at:at] = out[at : at + rng.randrange(40)]
            case _:
                del out[at : at + rng.randrange(40)]
    return bytes(out)


def within(file, rng) -> bytes:
    """Damage a member of a zip, and pack it again: what is inside meets its parser."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(sorted(members))
    members[name] = damaged(members[name], rng)
    return packed(file, members).read_bytes()


def tried(ending, folder, rounds, seed):
    rng = random.Random(seed)
    file = folder / f"t{ending}"
    whole = EVERY[ending](file, *((ROWS, AT) if ending in MAPS else (ROWS,))).read_bytes()
    read = 0
    for _ in range(rounds):
        file.write_bytes(whole)
        inside = ending in ZIPS and rng.random() < 0.7
        file.write_bytes(within(file, rng) if inside else damaged(whole, rng))
        started = time.perf_counter()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                read_frame(file, gives=rng.choice(("table", "dots")))
            read += 1
        except PrivauditError as error:
            message = str(error)
            assert len(message.splitlines()) == 1
            assert MARKER not in message, message
        assert time.perf_counter() - started < 20
    return read


@pytest.mark.heavy
@pytest.mark.parametrize("ending", EVERY)
def test_damaged_files(ending, tmp_path):
    if ending != ".mbox":  # mail has no coordinates, and is no map
        tried(ending, tmp_path, 12, seed=5)


@pytest.mark.slow
@pytest.mark.parametrize("ending", EVERY)
def test_damaged_files_at_length(ending, tmp_path):
    seed = int(os.environ.get("PRIVAUDIT_FUZZ_FIRST") or random.randrange(10**9))
    # Shown with a failure of any kind.
    print(f"PRIVAUDIT_FUZZ_FIRST={seed}")
    # A file that is no longer read at all would be no test of the readers behind it.
    assert tried(ending, tmp_path, 3_000, seed=seed) > 30
