"""The formats of sample files: text, workbook, Parquet, and the picture of a web map.

The same content gives the same bytes: nothing has a time, or a folder.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from privaudit.campaign.views.dot_map import GREY, RED
from privaudit.core.checks import Floats
from privaudit.io.duckdb import connected
from privaudit.screenshots.open_picture import open_share, paint

if TYPE_CHECKING:
    from PIL import ImageDraw

# Metres a pixel, about zoom 16 of a web map; width and height; the radius of a dot.
METRES, SIZE, RADIUS = 1.5, (960, 860), 4.0
_LAND, _STREET, _EDGE, _HOUSE = (242, 239, 233), (255, 255, 255), (214, 208, 200), (217, 208, 201)
_GREEN, _WATER, _INK = (205, 230, 190), (170, 211, 223), (90, 90, 90)
# Width of a street, and half the side of a building, in metres; the farthest gap of one street.
_WIDE, _HALF, _GAP = 9.0, 4.5, 120.0


def map_picture(place: pd.DataFrame, dots: Floats, red: np.ndarray) -> bytes:
    """Draw streets, buildings and dots around the middle of the dots, as a PNG.

    Parameters
    ----------
    place : pandas.DataFrame
        Addresses: street, x, y.
    dots : float, shape (n, 2)
    red : ndarray of bool, shape (n,)
        Still to meet; the others are grey.
    """
    from PIL import Image, ImageDraw, PngImagePlugin

    xy = place[["x", "y"]].to_numpy(dtype=float)
    middle = np.median(dots, axis=0)
    corner = middle + np.array([-SIZE[0], SIZE[1]]) / 2 * METRES

    def pixels(points: Floats) -> Floats:
        return np.asarray((points - corner) * [1, -1] / METRES)

    picture = Image.new("RGB", SIZE, _LAND)
    draw = ImageDraw.Draw(picture)
    doors = pixels(xy)
    _ground(draw, doors)
    streets = [doors[rows] for rows in place.groupby("street").indices.values()]
    lines = [_middle_line(of) for of in streets]
    for width, colour in ((_WIDE + 3, _EDGE), (_WIDE, _STREET)):
        for line in lines:
            _street(draw, line, width / METRES, colour)
    for of, line in zip(streets, lines, strict=True):
        for house in _houses(of, line):
            draw.polygon([tuple(corner) for corner in house.tolist()], fill=_HOUSE, outline=_EDGE)
    draw.rectangle((0, SIZE[1] - 16, 118, SIZE[1]), fill=(255, 255, 255))
    draw.text((5, SIZE[1] - 14), "Carte fictive, 2016", fill=_INK)
    image = np.asarray(picture).copy()
    # The outermost dots stand outside of the screen.
    shown = pixels(dots)
    inside = ((shown > 8) & (shown < np.array(SIZE) - 20)).all(axis=1)
    for chosen, colour in ((~red & inside, GREY), (red & inside, RED)):
        clear = open_share(shown[chosen], SIZE[1], SIZE[0], radius=RADIUS, antialias=True)
        paint(image, clear, colour)
    written, said = io.BytesIO(), PngImagePlugin.PngInfo()
    said.add_text("Description", "Fictional map")
    Image.fromarray(image).save(written, "PNG", pnginfo=said)
    return written.getvalue()


def _ground(draw: ImageDraw.ImageDraw, doors: Floats) -> None:
    """Draw a river and two parks where fewest houses stand."""
    across = np.linspace(-20, SIZE[0] + 20, 80)
    bend = 26 * np.sin(across / 190)
    banks = np.arange(0.08, 0.95, 0.02) * SIZE[1]
    off = doors[:, 1] - np.interp(doors[:, 0], across, bend)
    near = np.array([np.count_nonzero(np.abs(off - bank) < 34) for bank in banks])
    # Through the town rather than past it, where both are free.
    bank = banks[np.lexsort((np.abs(banks - SIZE[1] / 2), near))[0]]
    river = np.column_stack([across, bank + bend])
    draw.line([tuple(p) for p in river.tolist()], fill=_WATER, width=26, joint="curve")
    wide, high = 150, 96
    corners = [(x, y) for x in range(40, SIZE[0] - 200, 60) for y in range(40, SIZE[1] - 150, 60)]
    free = [
        (x, y)
        for x, y in corners
        if not ((doors > (x - 14, y - 14)) & (doors < (x + wide + 14, y + high + 14))).all(1).any()
        and np.abs(river[:, 1] - y - high / 2)[np.abs(across - x - wide / 2) < wide].min() > high
    ]
    free.sort(key=lambda one: float(np.hypot(*(doors - one).T).min()))
    for x, y in free[:1] + free[len(free) // 3 :][:1]:
        draw.rounded_rectangle((x, y, x + wide, y + high), 18, fill=_GREEN)


def _houses(doors: Floats, line: Floats) -> Floats:
    """Return the corners of a house behind each door, away from the street and along it."""
    ends = np.diff(line, axis=0)
    long = np.maximum((ends**2).sum(axis=1), 1e-9)
    share = (((doors[:, None] - line[:-1]) * ends).sum(axis=2) / long).clip(0, 1)
    foot = line[:-1] + share[..., None] * ends
    nearest = np.hypot(*np.moveaxis(doors[:, None] - foot, 2, 0)).argmin(axis=1)
    along = ends[nearest] / np.sqrt(long[nearest])[:, None]
    aside = along[:, ::-1] * [-1, 1]
    out = doors - foot[np.arange(len(doors)), nearest]
    aside = aside * np.where((out * aside).sum(axis=1) < 0, -1, 1)[:, None]
    half = _HALF / METRES
    centre = doors + aside * half
    square = [(-half, -half), (half, -half), (half, half), (-half, half)]
    return np.stack([centre + a * along + b * aside for a, b in square], axis=1)


def _middle_line(xy: Floats) -> Floats:
    """Return the line between the two sides of a street, from end to end."""
    centred = xy - xy.mean(axis=0)
    along = centred @ np.linalg.svd(centred, full_matrices=False)[2][0]
    ordered = xy[np.argsort(along, kind="stable")]
    # Doors of the two sides alternate: the mean of each few lies between them.
    few = 4
    if len(ordered) <= few:
        # Two ends that are one place have no direction.
        return ordered[[0, -1]] + [[0.0, 0.0], [0.5, 0.0]]
    return np.array([ordered[k : k + few].mean(axis=0) for k in range(len(ordered) - few + 1)])


def _street(
    draw: ImageDraw.ImageDraw, line: Floats, width: float, colour: tuple[int, int, int]
) -> None:
    """Draw a street, but not across the gap between two parts of it."""
    gaps = np.flatnonzero(np.hypot(*np.diff(line, axis=0).T) > _GAP / METRES) + 1
    for part in np.split(line, gaps):
        if len(part) > 1:
            corners = [tuple(p) for p in part.tolist()]
            draw.line(corners, fill=colour, width=round(width), joint="curve")


def csv_bytes(
    frame: pd.DataFrame, *, separator: str = ",", encoding: str = "utf-8", end: str = "\n"
) -> bytes:
    """Return a frame as CSV; a letter that the encoding lacks becomes a question mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerow(frame.columns)
    writer.writerows(frame.to_numpy().tolist())
    return text.getvalue().encode(encoding, errors="replace")


def json_bytes(document: Any) -> bytes:
    """Return a document as JSON, accents as they are."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def with_comma(values: Any, digits: int) -> list[str]:
    """Write numbers with a decimal comma."""
    return [f"{value:.{digits}f}".replace(".", ",") for value in np.asarray(values, float)]


def zipped(members: Mapping[str, str]) -> bytes:
    """Pack texts, with one date, so that the same texts give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo(name, date_time=(2016, 9, 15, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text.encode())
    return packed.getvalue()


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """Write sheets of text as a workbook, by ECMA-376, cells in place."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006"
    package = "http://schemas.openxmlformats.org/package/2006"
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    members, kinds, links, listed = {}, "", "", ""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    for n, (name, rows) in enumerate(sheets.items(), 1):
        lines = []
        for cells in rows:
            text = (f"<is><t>{escape(str(cell))}</t></is>" if str(cell) else "" for cell in cells)
            lines.append("".join(f'<c t="inlineStr">{t}</c>' if t else "<c/>" for t in text))
        data = "".join(f"<row>{line}</row>" for line in lines)
        sheet = f"<worksheet {main}><sheetData>{data}</sheetData></worksheet>"
        members[f"xl/worksheets/sheet{n}.xml"] = head + sheet
        part = f"/xl/worksheets/sheet{n}.xml"
        kinds += f'<Override PartName="{part}" ContentType="{kind}.worksheet+xml"/>'
        target = f'Target="worksheets/sheet{n}.xml"'
        links += f'<Relationship Id="rId{n}" Type="{office}/relationships/worksheet" {target}/>'
        listed += f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
    rels = f'<Relationships xmlns="{package}/relationships">'
    book = f'Type="{office}/relationships/officeDocument" Target="xl/workbook.xml"'
    types = (
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{kinds}'
    )
    ours = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">{types}</Types>',
        "_rels/.rels": f'{rels}<Relationship Id="r" {book}/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}/relationships">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"{rels}{links}</Relationships>",
    }
    return zipped({name: head + text for name, text in ours.items()} | members)


def parquet(frame: pd.DataFrame) -> bytes:
    """Return a frame as Parquet, as DuckDB writes it."""
    with tempfile.TemporaryDirectory() as folder, connected() as connection:
        place = Path(folder, "large.parquet")
        quoted = str(place).replace("'", "''")
        connection.register("held", frame)
        connection.execute(f"COPY held TO '{quoted}' (FORMAT parquet)")
        return place.read_bytes()
