"""What is done to a good file: to its bytes, and to what stands in it by its format."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import struct
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

Mutation = Callable[[bytes, np.random.Generator], bytes]
# What breaks programs that read tables.
ODD = [
    "", " ", "0", "-0", "-1", "1e999", "-1e999", "nan", "inf", "9" * 400, "0x1F", "01000", "1,5",
    "1.000.000,5", "=cmd|' /C calc'!A0", "@SUM(A1)", "\u202egnp", "\x1b[2J", "a" * 70_000,
    '"', "'", "\n", "\r", "\0", "\t", ";", "|", "NULL", "N/A", "2016-02-30", "31/02/2016", "1970",
    "True", "é", "e\u0301", "%s%n", "{{7*7}}", "<script>", "../../x", "\ufeff", "-999", "1_000",
]  # fmt: skip


def pick(rng: np.random.Generator, several: Any) -> Any:
    """Take one of several."""
    return several[int(rng.integers(len(several)))]


# Bytes.


def flipped(data: bytes, rng: np.random.Generator) -> bytes:
    """Change some bytes."""
    held = bytearray(data)
    for _ in range(int(rng.integers(1, 12))):
        held[int(rng.integers(len(held)))] = int(rng.integers(256))
    return bytes(held)


def cut(data: bytes, rng: np.random.Generator) -> bytes:
    """Stop early."""
    return data[: int(rng.integers(len(data)))]


def spliced(data: bytes, rng: np.random.Generator) -> bytes:
    """Lay a part of the file over another, or put it in between."""
    a, b, c = sorted(rng.integers(0, len(data) + 1, 3).tolist())
    return (
        data[:a] + data[b:c] + data[a:] if rng.random() < 0.5 else data[:b] + data[a:b] + data[c:]
    )


def numbers_set(data: bytes, rng: np.random.Generator) -> bytes:
    """Write a length of one, two, four or eight bytes that is out of bounds."""
    size = pick(rng, (1, 2, 4, 8))
    value = pick(rng, (0, 1, (1 << (8 * size - 1)) - 1, 1 << (8 * size - 1), (1 << (8 * size)) - 1))
    at = int(rng.integers(max(len(data) - size, 1)))
    order = pick(rng, ("little", "big"))
    return data[:at] + int(value).to_bytes(size, order) + data[at + size :]


BYTES: list[Mutation] = [flipped, cut, spliced, numbers_set]


# Text tables.


def _lines(data: bytes) -> tuple[list[list[bytes]], bytes]:
    separator = max((b",", b";", b"\t", b"|"), key=data[:2000].count)
    return [line.split(separator) for line in data.split(b"\n")], separator


def cell_odd(data: bytes, rng: np.random.Generator) -> bytes:
    """Put odd things into cells below the header."""
    rows, separator = _lines(data)
    for _ in range(int(rng.integers(1, 30))):
        row = rows[int(rng.integers(1, len(rows)))] if len(rows) > 1 else rows[0]
        row[int(rng.integers(len(row)))] = pick(rng, ODD).encode("utf-8", "replace")
    return b"\n".join(separator.join(row) for row in rows)


def column_odd(data: bytes, rng: np.random.Generator) -> bytes:
    """Fill a column with one odd thing, or with many."""
    rows, separator = _lines(data)
    place, one = int(rng.integers(len(rows[0]))), pick(rng, ODD)
    for row in rows[1:]:
        if place < len(row):
            text = one if rng.random() < 0.9 else pick(rng, ODD)
            row[place] = text.encode("utf-8", "replace")
    return b"\n".join(separator.join(row) for row in rows)


def headless(data: bytes, rng: np.random.Generator) -> bytes:
    """Leave the header out."""
    return data.partition(b"\n")[2] or b"x"


def header_odd(data: bytes, rng: np.random.Generator) -> bytes:
    """Change the header: names twice, empty, odd, too many, too few."""
    rows, separator = _lines(data)
    header = rows[0]
    place = int(rng.integers(len(header)))
    how = int(rng.integers(5))
    if how == 0:
        header[place] = header[0]
    elif how == 1:
        header[place] = pick(rng, ODD).encode("utf-8", "replace")
    elif how == 2:
        header += [b"more"] * int(rng.integers(1, 9_000))
    elif how == 3:
        del header[place]
    else:
        header[place] = header[place].upper() + b" "
    return b"\n".join(separator.join(row) for row in rows)


def letters(data: bytes, rng: np.random.Generator) -> bytes:
    """Write the text in other letters, or half of it."""
    text = data.decode("utf-8", "replace")
    how = pick(rng, ("utf-16", "utf-16-le", "utf-32", "cp1252", "utf-8-sig", "cp037", "utf-7"))
    other = text.replace("Dupont", "Dupönt").encode(how, "replace")
    return other if rng.random() < 0.7 else data[: len(data) // 2] + other


def quotes(data: bytes, rng: np.random.Generator) -> bytes:
    """Open quotes that nobody closes, and line ends of other systems."""
    places = [i for i, byte in enumerate(data) if byte in b',;\n"'] or [0]
    for at in sorted(rng.choice(places, min(5, len(places))).tolist(), reverse=True):
        data = data[:at] + pick(rng, (b'"', b'""', b"\r", b"\r\n", b'"\n', b"\0")) + data[at:]
    return data


def rows_few(data: bytes, rng: np.random.Generator) -> bytes:
    """Keep the header and a few lines."""
    lines = data.split(b"\n")
    return b"\n".join(lines[: int(rng.integers(1, 5))])


TEXT: list[Mutation] = [
    cell_odd, cell_odd, column_odd, headless, header_odd, letters, quotes, rows_few
]  # fmt: skip


# JSON.


def json_tree(data: bytes, rng: np.random.Generator) -> bytes:
    """Change values anywhere in the tree."""
    tree = json.loads(data)
    odd: list[Any] = [None, True, -1, 1e308, 10**400, "", [], {}, [[]], {"a": {}}, *ODD]
    for _ in range(int(rng.integers(1, 9))):
        at, steps = tree, int(rng.integers(1, 7))
        for step in range(steps):
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = pick(rng, keys)
            if step == steps - 1 or not isinstance(at[key], (dict, list)):
                at[key] = pick(rng, odd)
                break
            at = at[key]
    text = json.dumps(tree)
    return text.encode("utf-8", "replace")


def json_deep(data: bytes, rng: np.random.Generator) -> bytes:
    """Nest without end."""
    deep = int(10 ** rng.uniform(1, 5.5))
    opened, closed = pick(rng, ((b"[", b"]"), (b'{"a":', b"}")))
    whole = opened * deep + b"1" + closed * deep
    return whole if rng.random() < 0.3 else data.replace(b'"left"', whole, 1)


def json_long(data: bytes, rng: np.random.Generator) -> bytes:
    """Write numbers, names and escapes that are too long, or half."""
    many = int(10 ** rng.uniform(2, 5.5))
    what = pick(rng, (b"9" * many, b'"' + b"x" * many + b'"', b'"\\ud800"', b'"\\u0000"', b"NaN",
                      b"1e" + b"9" * min(many, 400), b"-Infinity"))  # fmt: skip
    return data.replace(pick(rng, (b"2.47", b'"left"', b'"F"', b"48.81")), what, 1)


JSON: list[Mutation] = [json_tree, json_tree, json_deep, json_long]


# Packed, and containers.


def unpacked_then(mutation: Mutation) -> Mutation:
    """Change what is packed, and pack it again."""

    def inside(data: bytes, rng: np.random.Generator) -> bytes:
        unpacked = gzip.decompress(data)
        # What was swollen before is left so: to change its letters takes gigabytes of ours.
        if len(unpacked) > SWOLLEN:
            return data
        return gzip.compress(mutation(unpacked, rng), mtime=0)

    return inside


# Bytes of a file that was swollen.
SWOLLEN = 10_000_000


def bomb(data: bytes, rng: np.random.Generator) -> bytes:
    """Swell: a small file of a hundred to four hundred megabytes."""
    line = pick(rng, (b"1,2\n", b"\0", b"a", b"[", b",", b"\n", b'"'))
    head = gzip.decompress(data)[:300]
    held = io.BytesIO()
    with gzip.GzipFile(fileobj=held, mode="wb", compresslevel=1, mtime=0) as out:
        out.write(head)
        for _ in range(int(rng.integers(100, 400))):
            out.write(line * (1_000_000 // len(line)))
    return held.getvalue()


def zip_members(data: bytes, rng: np.random.Generator) -> bytes:
    """Change, lose, double or misname what a zip holds."""
    held = io.BytesIO()
    names = ("../../x.csv", "/etc/x.csv", "a" * 300 + ".csv", "x\u202e.csv", "", ".", "x.zip")
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(held, "w") as new:
        for info in old.infolist():
            how, content = rng.random(), old.read(info)
            if how < 0.15:
                continue
            if how < 0.4 and content:
                content = pick(rng, BYTES)(content, rng)
            elif how < 0.5 and content[:1] in (b"<", b"{"):
                content = content.replace(b">", b">" + pick(rng, ODD).encode("utf-8", "replace"), 3)
            name = info.filename if how < 0.9 else pick(rng, names)
            kind = pick(rng, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
            new.writestr(name or "x", content, kind)
    return held.getvalue()


def sqlite_cells(data: bytes, rng: np.random.Generator) -> bytes:
    """Change a database through SQL."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "t.sqlite"
        file.write_bytes(data)
        with closing(sqlite3.connect(file)) as connection:
            tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master") if r[0]]
            table = pick(rng, tables).replace('"', '""')
            info = connection.execute(f'PRAGMA table_info("{table}")')
            columns = [row[1] for row in info] or ["x"]
            column = pick(rng, columns).replace('"', '""')
            for order, bound in [
                (f'UPDATE "{table}" SET "{column}" = ?', (pick(rng, [*ODD, None, 7, b"\0\1"]),)),
                (f'DELETE FROM "{table}" WHERE random() > ?', (0,)),
                (f'ALTER TABLE "{table}" ADD COLUMN "x y" BLOB DEFAULT 1', ()),
                ("CREATE VIEW v AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) "
                 "SELECT * FROM r", ()),
                (f'CREATE TRIGGER t AFTER INSERT ON "{table}" BEGIN '
                 f'DELETE FROM "{table}"; END', ()),
            ]:  # fmt: skip
                if rng.random() < 0.4:
                    try:
                        connection.execute(order, bound)
                    except (sqlite3.Error, UnicodeError):
                        continue
            connection.commit()
        return file.read_bytes()


def parquet_footer(data: bytes, rng: np.random.Generator) -> bytes:
    """Change what a Parquet file says of itself, which stands at its end."""
    size = int.from_bytes(data[-8:-4], "little")
    start = max(0, len(data) - 8 - size)
    footer = pick(rng, [flipped, numbers_set, spliced])(data[start:-8], rng)
    size = len(footer) if rng.random() < 0.8 else int(rng.integers(2**32))
    return data[:start] + footer + size.to_bytes(4, "little") + b"PAR1"


def parquet_columns(data: bytes, rng: np.random.Generator) -> bytes:
    """Write odd columns: nested, binary, huge, without rows, names twice but for case."""
    import pandas as pd

    n = pick(rng, (0, 1, 60))
    kinds: list[Any] = [
        [{"a": [1]}] * n, [b"\0\xff"] * n, ["a" * 100_000] * n, [None] * n, [2**63] * n, [-1.5] * n,
        [float("inf")] * n, pd.to_timedelta([5] * n), pd.to_datetime(["2262-04-11"] * n), ["é"] * n,
        pd.Categorical(["a"] * n), [["x"]] * n, [True] * n,
    ]  # fmt: skip
    names = ["age", "AGE", "lon", "lat", "geometry", "x\u202ey", "zone", "", "a" * 300]
    chosen = {
        name: kinds[int(rng.integers(len(kinds)))]
        for name in rng.permutation(names)[: int(rng.integers(1, 8))].tolist()
    }
    held = io.BytesIO()
    pd.DataFrame(chosen).to_parquet(held)
    return held.getvalue()


def png_chunks(data: bytes, rng: np.random.Generator) -> bytes:
    """Change, lose, double or mix the chunks of a PNG, with their sums mended."""
    if not data.startswith(b"\x89PNG"):
        return pick(rng, BYTES)(data, rng)
    chunks, at = [], 8
    while at + 8 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    place = int(rng.integers(len(chunks)))
    kind, body = chunks[place]
    how = int(rng.integers(5))
    if how == 0 and body:
        chunks[place] = (kind, pick(rng, BYTES)(body, rng))
    elif how == 1:
        del chunks[place]
    elif how == 2:
        chunks.insert(place, chunks[int(rng.integers(len(chunks)))])
    elif how == 3:
        size = pick(rng, (0, 1, 20_000, 2**31 - 1, 7_000))
        chunks[0] = (b"IHDR", struct.pack(">II", size, size) + body[8:13].ljust(5, b"\2"))
    else:
        text = zlib.compress(b"x" * 3_000_000)
        chunks.insert(1, (pick(rng, (b"zTXt", b"iCCP", b"iTXt")), b"k\0\0" + text))
    return data[:8] + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def for_ending(ending: str, data: bytes) -> list[Mutation]:
    """Return what may be done to a file of this format."""
    if data.startswith(b"\x1f\x8b"):
        inner = gzip.decompress(data)
        kinds = JSON if inner[:1] in b"{[" else TEXT
        # A bomb is dear to make, and one in some is enough.
        often = [unpacked_then(mutation) for mutation in (*kinds, *BYTES)]
        return [*often * 4, *BYTES, bomb]
    if data.startswith(b"PK"):
        return [zip_members, zip_members, *BYTES]
    if data.startswith(b"SQLite"):
        return [sqlite_cells, sqlite_cells, *BYTES]
    if data.startswith(b"PAR1"):
        return [parquet_footer, parquet_columns, *BYTES]
    if ending.startswith(".png"):
        return [png_chunks, png_chunks, *BYTES]
    if data[:1] in (b"{", b"["):
        return [*JSON, *BYTES]
    return [*TEXT, *TEXT, *BYTES]


def mutated(ending: str, data: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    """Do one to three things to a file; say which. One that does not fit is passed over.

    One file in thirty is left whole: what lies behind a door is reached with good files too.
    """
    said: list[str] = []
    if rng.random() < 1 / 30:
        return data, "none"
    for _ in range(1 + int(rng.integers(3) == 0) + int(rng.integers(8) == 0)):
        try:
            mutation = pick(rng, for_ending(ending, data) if data else [flipped])
            with warnings.catch_warnings():
                # A zip with a name twice is meant.
                warnings.simplefilter("ignore")
                data = mutation(data, rng) or b"\0"
            said.append(getattr(mutation, "__name__", "?"))
        except Exception:
            continue
    return data, "+".join(said) or "none"
