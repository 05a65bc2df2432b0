"""Good files of every format that has a reader, made here: people who are marked, and a town."""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import sqlite3
import struct
import zipfile
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

# Stands in every cell of a person; wherever it comes out, a person came out.
MARK = "Zxqv"
HEADER = ["name", "age", "sex", "zone", "opinion", "day", "lon", "lat"]
ADDRESSES = 90


def people(rng: np.random.Generator, n: int = 60) -> list[list[str]]:
    """Rows of a table of people, the header first."""
    at = points(rng, n)
    rows = [
        [
            f"{MARK}{i} Dupont", str(rng.integers(18, 90)), "FM"[rng.integers(2)],
            f"z{rng.integers(3)}", ("left", "right", "none")[rng.integers(3)],
            f"2016-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}",
            f"{at[i][0]:.6f}", f"{at[i][1]:.6f}",
        ]
        for i in range(n)
    ]  # fmt: skip
    return [HEADER, *rows]


def points(rng: np.random.Generator, n: int) -> list[tuple[float, float]]:
    """Homes, in degrees, among the addresses of the town."""
    place = rng.integers(0, ADDRESSES, n)
    return [(2.47 + 0.0006 * (p % 10), 48.81 + 0.0005 * (p // 10)) for p in place.tolist()]


def addresses() -> bytes:
    """Write a national address file of the town."""
    from privaudit.geo.crs import project

    place = np.arange(ADDRESSES)
    lon, lat = 2.47 + 0.0006 * (place % 10), 48.81 + 0.0005 * (place // 10)
    metres = project(lon, lat, source="EPSG:4326", target="EPSG:2154")
    rows = [
        f"{i + 1},Rue {MARK}ette,94042,Joinville,{lon[i]:.6f},{lat[i]:.6f},{x:.1f},{y:.1f}"
        for i, (x, y) in enumerate(metres.tolist())
    ]
    header = "numero,nom_voie,code_insee,nom_commune,lon,lat,x,y"
    return "\n".join([header, *rows, ""]).encode()


def public(rng: np.random.Generator) -> dict[str, bytes]:
    """Write the public files of a country that functions read."""
    plain = addresses()
    # A few cells in quotes, as some départements write them: still read by the fast way.
    quoted = plain.replace(f",Rue {MARK}ette,".encode(), f',"Rue ""{MARK}"", bis",'.encode(), 3)
    cells = [
        f"CRS3035RES200mN{2_883_400 + 200 * i}E3768200,{rng.integers(20, 90)}.5,10,3,1,6,4"
        for i in range(30)
    ]
    communes = [f"940{i:02d},94,11,{MARK}ville{i},{rng.integers(99, 9_999)}" for i in range(1, 60)]
    ages = [f"2024,{s},{age},{rng.integers(1, 999)}" for s in "FH" for age in range(101)]
    return {
        "addresses": plain,
        "quoted": quoted,
        "cells": "\n".join(
            ["idcar_200m,ind,men,men_1ind,men_5ind,men_coll,men_mais", *cells]
        ).encode(),
        "communes": "\n".join(["CODGEO,DEP,REG,LIBGEO,PMUN", *communes]).encode(),
        "pyramid": "\n".join(["ANNÉE,SEXE,AGE,POP", *ages]).encode(),
    }


def csv_of(rows: list[list[str]], separator: str = ",") -> bytes:
    """Write rows as CSV, every cell quoted where it must be."""
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    return frame.to_csv(index=False, sep=separator).encode()


def geojson_of(rows: list[list[str]]) -> bytes:
    """Write rows as points with their properties."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [float(row[6]), float(row[7])]},
            "properties": dict(zip(rows[0][:6], row[:6], strict=True)) | {"deep": {"a": [1, [2]]}},
        }
        for row in rows[1:]
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def register(rows: list[list[str]]) -> list[list[str]]:
    """Return some of the people of a table as another file has them: the same under other names."""
    told = [
        [
            f"P{i:04d}", "Dupont", row[0].split()[0], f"{row[5][8:]}/{row[5][5:7]}/1975",
            f"{row[0].split()[0].lower()}@b.example", f"06 12 34 {i // 99:02d} {i % 99:02d}",
            f"{1 + i} Rue {MARK}ette", "94340", "Joinville",
        ]
        for i, row in enumerate(rows[1:])
        if i % 3
    ]  # fmt: skip
    return [["id_personne", "nom", "prénom", "né le", "courriel", "téléphone", "adresse",
             "code postal", "ville"], *told]  # fmt: skip


def in_one_column(rows: list[list[str]]) -> dict[str, bytes]:
    """Write rows whose place is one column, in each way to write a point."""

    def degrees(text: str, sides: str) -> str:
        minutes = float(text) % 1 * 60
        return f"{int(float(text))}°{int(minutes):02d}'{minutes % 1 * 60:04.1f}\"{sides}"

    ways = {
        "wkt": lambda lon, lat: f"SRID=4326;POINT({lon} {lat})",
        "wkb": lambda lon, lat: struct.pack("<BI2d", 1, 1, float(lon), float(lat)).hex(),
        "pair": lambda lon, lat: f"{lat}, {lon}",
        "object": lambda lon, lat: json.dumps({"lat": float(lat), "lng": float(lon)}),
        "placed": lambda lon, lat: json.dumps({"type": "Point", "coordinates": [lon, lat]}).replace(
            f'"{lon}", "{lat}"', f"{lon}, {lat}"
        ),
        "degrees": lambda lon, lat: f"{degrees(lat, 'N')} {degrees(lon, 'E')}",
        "link": lambda lon, lat: f"https://maps.example/?q={lat},{lon}&z=17",
    }
    return {
        name: csv_of([[*rows[0][:6], "où"], *([*row[:6], way(*row[6:])] for row in rows[1:])], ";")
        for name, way in ways.items()
    }


def log_of(rows: list[list[str]]) -> bytes:
    """Write rows as a log whose dates are written as people write them, each in another way."""
    ways = (
        "{2}/{1}/{0} à 18h05", "lundi {2} mai {0} 18:05", "{2} mai {0}", "{0}-{1}-{2}T18:05:07Z",
        "May {2}, {0} 6:05 PM", "{2}.{1}.{0} 18:05:07.250", "Thu May {2} 18:05:07 +0200 {0}",
        "{2}/{1}/16",
    )  # fmt: skip
    told = [
        [row[0], row[3], ways[i % len(ways)].format(*row[5].split("-"))]
        for i, row in enumerate(rows[1:])
    ]
    return csv_of([["name", "zone", "day"], *told])


def parquet_of(rows: list[list[str]], folder: Path) -> bytes:
    """Write rows as Parquet."""
    file = folder / "seed.parquet"
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    frame[["lon", "lat"]] = frame[["lon", "lat"]].astype(float)
    frame["age"] = frame["age"].astype(int)
    frame.to_parquet(file)
    return file.read_bytes()


def png_of(rng: np.random.Generator) -> bytes:
    """Draw dots on a plan, as a screenshot has them."""
    image = Image.new("RGB", (120, 90), "white")
    pen = ImageDraw.Draw(image)
    for x, y in rng.random((9, 2)) * [110, 80]:
        pen.ellipse((x, y, x + 8, y + 8), fill=(214, 39, 40))
    held = io.BytesIO()
    image.save(held, ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")[rng.integers(6)])
    return held.getvalue()


def chat_of(rows: list[list[str]]) -> bytes:
    """Write rows as the messages of a group chat, with what an application says itself."""
    said = [f"12/05/2016 à 18:{i:02d} - {row[0]}: bonjour {row[3]}\n{row[4]}"
            for i, row in enumerate(rows[1:])]  # fmt: skip
    joined = f"12/05/2016 à 17:59 - {MARK} a rejoint le groupe"
    return "\n".join([joined, *said, ""]).encode()


def kin_of(rows: list[list[str]]) -> bytes:
    """Write rows as a note that tells in passing of couples, children, neighbours and votes."""
    ways = (
        "Vu {0}, {1} ans, avec sa femme {2}. Vote à {3}.", "Voisine de {0} : {2}, malade.",
        "Le fils de {0} ({1} ans) est au syndicat, dit {2}.", "{0} and her husband {2} are {3}.",
        "Appeler {0} au 06 12 34 56 78, née le 12/05/1975, habite 3 rue de la Paix.",
    )  # fmt: skip
    said = [
        ways[i % len(ways)].format(row[0], row[1], rows[1 + i // 2][0], row[4])
        for i, row in enumerate(rows[1:])
    ]
    return csv_of(
        [["note", "zone"], *([text, row[3]] for text, row in zip(said, rows[1:], strict=True))]
    )


def har_of(rows: list[list[str]]) -> bytes:
    """Write rows as what an application sent to a browser: records, one of them, page, script."""
    sent = [{"id": 300 + i, **dict(zip(rows[0], row, strict=True))}
            for i, row in enumerate(rows[1:])]  # fmt: skip
    answers = [
        ("/", "text/html", f"<p>{rows[1][0]}</p>"), ("/a.js", "text/javascript", "row.zone"),
        ("/api/people?page=1", "application/json", json.dumps({"results": sent})),
        ("/api/people/301", "application/json", json.dumps(sent[1])),
    ]  # fmt: skip
    entries = [
        {"request": {"url": f"https://app.example{url}"},
         "response": {"content": {"mimeType": kind, "text": text}}}
        for url, kind, text in answers
    ]  # fmt: skip
    return json.dumps({"log": {"version": "1.2", "entries": entries}}).encode()


def mbox_of(rows: list[list[str]]) -> bytes:
    """Write rows as the messages of a mailing, with a link that stands for whom it was sent to."""
    return "".join(
        f"From a@b.example Mon May 12 18:00:00 2016\nTo: {row[0]} <{MARK}{i}@b.example>\n"
        f"Date: Thu, 12 May 2016 18:00:00 +0200\nSubject: =?utf-8?q?R=C3=A9union?=\n"
        f"List-Unsubscribe: <https://b.example/u/{i:08d}a1>\n\nhttps://b.example/v/{i:08d}a1\n\n"
        for i, row in enumerate(rows[1:])
    ).encode()


STUDY = """[study]
towns = 2
[town.a]
inhabitants = 1000
[plan.a]
[[leak]]
view = "exact"
adversaries = ["nearest"]
"""


def zip_of(members: dict[str, bytes]) -> bytes:
    """Pack files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return held.getvalue()


def sqlite_of(rows: list[list[str]], file: Path) -> bytes:
    """Write rows as a database."""
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file)
    columns = ", ".join(f'"{name}"' for name in rows[0])
    connection.execute(f"CREATE TABLE people ({columns})")
    connection.executemany(f"INSERT INTO people VALUES ({', '.join('?' * len(rows[0]))})", rows[1:])
    connection.commit()
    connection.close()
    return file.read_bytes()


def _writers() -> ModuleType | None:
    """Writers of formats that tests of other readers have."""
    file = Path(__file__).parents[2] / "tests" / "formats" / "writers.py"
    spec = importlib.util.spec_from_file_location("formats_writers", file)
    if not file.is_file() or spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def seeds(folder: Path, rng: np.random.Generator) -> dict[str, bytes]:
    """Return a good file for each ending of every reader that is declared, and two pictures.

    A format that nobody here can write begins as its reader says, and goes on with noise.
    """
    from privaudit.io.readers import readers

    rows = people(rng)
    found = {
        ".csv": csv_of(rows), ".tsv": csv_of(rows, "\t"), ".txt": csv_of(rows, ";"),
        ".csv.gz": gzip.compress(csv_of(rows), mtime=0), ".geojson": geojson_of(rows),
        ".geojson.gz": gzip.compress(geojson_of(rows), mtime=0),
        ".parquet": parquet_of(rows, folder), ".png": png_of(rng),
        ".sqlite": sqlite_of(rows, folder / "seed.sqlite"),
        ".zip": zip_of({"people.csv": csv_of(rows), "doc/read.txt": b"read me"}),
    }  # fmt: skip
    found |= {
        ".txt chat": chat_of(rows), ".har": har_of(rows), ".mbox": mbox_of(rows),
        ".zip several": zip_of({"a.csv": csv_of(rows), "b.txt": chat_of(rows)}),
        ".toml study": STUDY.encode(), ".csv log": log_of(rows), ".csv kin": kin_of(rows),
        ".csv register": csv_of(register(rows), ";"),
    }  # fmt: skip
    found |= {f".csv {name}": data for name, data in in_one_column(rows).items()}
    found |= {f".csv {name}": data for name, data in public(rng).items()}
    told = _writers()
    at = [(float(row[6]), float(row[7])) for row in rows[1:]]
    for kind, more in (("TABLES", ()), ("MAPS", (at,))):
        for ending, write in (getattr(told, kind, {}) if told else {}).items():
            file = folder / f"seed{ending}"
            write(file, rows, *more)
            # A map of a format that is a table too is another seed of the same ending.
            found[ending if ending not in found else f"{ending} map"] = file.read_bytes()
    if told is not None:
        # A workbook whose header stands under a title, with a sheet that nobody sees.
        file = folder / "seed.xlsx"
        sheets = {"Lisez-moi": [["Titre"], ["x"]], "Gens": [["Titre"], [], *rows], "Caché": rows}
        told.xlsx(file, rows, sheets=sheets, states={"Caché": "hidden"})
        found[".xlsx sheets"] = file.read_bytes()
    for reader in readers():
        for ending in reader.endings:
            start = reader.begins[0] if reader.begins else b"a,b\n1,2\n"
            found.setdefault(ending, start + rng.bytes(400))
    return found
