"""The same table, written as each format has it: by the formats' own definitions, no library."""

import csv
import io
import json
import sqlite3
import struct
import zipfile
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
# Styles of cells: 1 a date, 2 a date with its time, 3 five digits.
STYLES = (
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="00000"/></numFmts><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill/></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/>'
    '<xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>'
)


def column(place):
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(65 + letter) + name
    return name


def packed(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            # The kind of an OpenDocument file stands in it as it is.
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, data, kind)
    return path


def xml(root, namespaces, body):
    told = "".join(f' xmlns{":" + k if k else ""}="{v}"' for k, v in namespaces.items())
    name = root.split()[0]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}{told}>{body}</{name}>'


def is_number(cell):
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def xlsx_cell(row, place, cell, shared):
    at = f"{column(place)}{row}"
    if isinstance(cell, Raw):
        return cell.replace("@", at)
    if cell is None or cell == "":
        return ""
    if is_number(cell):
        return f'<c r="{at}"><v>{cell!r}</v></c>'
    if isinstance(cell, bool):
        return f'<c r="{at}" t="b"><v>{int(cell)}</v></c>'
    shared.setdefault(cell, len(shared))
    return f'<c r="{at}" t="s"><v>{shared[cell]}</v></c>'


class Raw(str):
    """A cell as XML, with @ for its place."""


# What each part of a workbook is.
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def content_types(sheets):
    kinds = {"/xl/workbook.xml": "sheet.main", "/xl/sharedStrings.xml": "sharedStrings"}
    kinds["/xl/styles.xml"] = "styles"
    kinds |= {f"/xl/worksheets/sheet{n}.xml": "worksheet" for n in range(1, sheets + 1)}
    body = "".join(
        f'<Override PartName="{part}" ContentType="{SHEETS}.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    body = f'<Default Extension="rels" ContentType="{rels}"/>{body}'
    return xml("Types", {"": f"{PACKAGE}/content-types"}, body)


def xlsx(path, rows, *, sheets=None, states=None, after="", columns="", hidden=(), more=None):
    """Write rows as one sheet, or several sheets of them by name."""
    sheets = sheets or {"Feuil1": rows}
    shared, members = {}, {}
    for n, table in enumerate(sheets.values(), 1):
        lines = []
        for r, cells in enumerate(table, 1):
            mark = ' hidden="1"' if r in hidden else ""
            inside = "".join(xlsx_cell(r, c, cell, shared) for c, cell in enumerate(cells))
            lines.append(f'<row r="{r}"{mark}>{inside}</row>')
        body = f"{columns}<sheetData>{''.join(lines)}</sheetData>{after}"
        members[f"xl/worksheets/sheet{n}.xml"] = xml("worksheet", {"": MAIN}, body)
    texts = "".join(f'<si><t xml:space="preserve">{escape(t)}</t></si>' for t in shared)
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"'
        f' state="{(states or {}).get(name, "visible")}"/>'
        for n, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    for name in ("sharedStrings", "styles"):
        links += f'<Relationship Id="{name}" Type="{OFFICE}/{name}" Target="{name}.xml"/>'
    return packed(
        path,
        {
            "[Content_Types].xml": content_types(len(sheets)),
            "_rels/.rels": xml(
                "Relationships",
                {"": f"{PACKAGE}/relationships"},
                f'<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>',
            ),
            "xl/workbook.xml": xml(
                "workbook", {"": MAIN, "r": OFFICE}, f"<sheets>{listed}</sheets>"
            ),
            "xl/_rels/workbook.xml.rels": xml(
                "Relationships", {"": f"{PACKAGE}/relationships"}, links
            ),
            "xl/sharedStrings.xml": xml("sst", {"": MAIN}, texts),
            "xl/styles.xml": xml("styleSheet", {"": MAIN}, STYLES),
            **members,
            **(more or {}),
        },
    )


NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}


CALC = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"


def ods_cell(cell):
    if isinstance(cell, Raw):
        return str(cell)
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, bool):
        value = f'office:value-type="boolean" office:boolean-value="{str(cell).lower()}"'
    elif is_number(cell):
        value = f'office:value-type="float" office:value="{cell!r}"'
    else:
        value = 'office:value-type="string"'
    text = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(cell).split("\n"))
    return f"<table:table-cell {value}>{text}</table:table-cell>"


def ods(path, rows, *, sheets=None, hidden=(), more=None, manifest=""):
    tables = ""
    for name, table in (sheets or {"Feuille1": rows}).items():
        style = ' table:style-name="unseen"' if name in hidden else ""
        lines = "".join(
            f"<table:table-row>{''.join(map(ods_cell, cells))}</table:table-row>" for cells in table
        )
        # As LibreOffice ends a sheet: blanks, repeated to its edges.
        lines += (
            '<table:table-row table:number-rows-repeated="1048000">'
            '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        )
        tables += f"<table:table table:name={quoteattr(name)}{style}>{lines}</table:table>"
    styles = (
        '<office:automatic-styles><style:style style:name="unseen" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    listed = (
        f'<m:manifest xmlns:m="{MANIFEST}" m:version="1.3"><m:file-entry m:full-path="/"'
        f' m:media-type="{CALC}"/><m:file-entry m:full-path="content.xml"'
        ' m:media-type="text/xml"/></m:manifest>'
    )
    body = f"{styles}<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    return packed(
        path,
        {
            "mimetype": CALC,
            "content.xml": xml('office:document-content office:version="1.3"', NAMES, body),
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>" if manifest else listed,
            **(more or {}),
        },
    )


def records(rows):
    """Cells by the name of their column; an empty one is null."""
    return [
        {k: None if v == "" else v for k, v in zip(rows[0], row, strict=True)} for row in rows[1:]
    ]


def json_lines(path, rows):
    path.write_text("\n".join(map(json.dumps, records(rows))), encoding="utf-8")
    return path


def json_list(path, rows):
    path.write_text(json.dumps({"meta": {"n": 1}, "people": records(rows)}), encoding="utf-8")
    return path


def geojson(path, rows, points=None):
    features = [
        {"type": "Feature", "properties": row, "geometry": points and geometry(points[i])}
        for i, row in enumerate(records(rows))
    ]
    told = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def geometry(at):
    return None if at is None else {"type": "Point", "coordinates": list(at)}


def kml_document(rows, points=None, more=""):
    marks = ""
    for i, row in enumerate(records(rows)):
        data = "".join(
            f"<Data name={quoteattr(k)}><value>{escape(str(v))}</value></Data>"
            for k, v in row.items()
            if v is not None
        )
        at = points and points[i]
        place = at and f"<Point><coordinates>{at[0]!r},{at[1]!r},0</coordinates></Point>"
        marks += f"<Placemark><ExtendedData>{data}</ExtendedData>{place or ''}</Placemark>"
    names = {"": "http://www.opengis.net/kml/2.2"}
    return xml("kml", names, f"<Document><name>d</name>{marks}{more}</Document>")


def kml(path, rows, points=None, more=""):
    path.write_text(kml_document(rows, points, more), encoding="utf-8")
    return path


def kmz(path, rows, points=None):
    return packed(path, {"doc.kml": kml_document(rows, points), "files/pin.png": b"\x89PNG"})


def gpx(path, rows, points):
    marks = ""
    for row, at in zip(records(rows), points, strict=True):
        data = "".join(f"<p:{k}>{escape(str(v))}</p:{k}>" for k, v in row.items() if v is not None)
        told = f"<extensions>{data}</extensions>"
        marks += f'<wpt lat="{at[1]!r}" lon="{at[0]!r}">{told}</wpt>'
    path.write_text(xml("gpx", {"": "http://www.topografix.com/GPX/1/1", "p": "p"}, marks))
    return path


TABLES = {
    ".xlsx": xlsx, ".ods": ods, ".jsonl": json_lines, ".json": json_list, ".geojson": geojson,
    ".kml": kml, ".kmz": kmz,
}  # fmt: skip
MAPS = {".geojson": geojson, ".kml": kml, ".kmz": kmz, ".gpx": gpx}


def sql_text(cell, backslashes):
    if cell in (None, ""):
        return "NULL"
    if is_number(cell):
        return repr(cell)
    text = str(cell)
    if backslashes:
        text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
        text = text.replace("'", "\\'").replace('"', '\\"')
    else:
        text = text.replace("'", "''")
    return f"'{text}'"


def mysql(path, rows):
    names = ", ".join(f"`{c}`" for c in rows[0])
    made = ",\n".join(f"  `{c}` varchar(255) DEFAULT 'x, (y'" for c in rows[0])
    values = ",".join(f"({','.join(sql_text(c, True) for c in row)})" for row in rows[1:])
    path.write_text(
        f"-- MySQL dump 10.13\n/*!40101 SET NAMES utf8mb4 */;\nDROP TABLE IF EXISTS `people`;\n"
        f"CREATE TABLE `people` (\n{made},\n  PRIMARY KEY (`id`)\n) COMMENT='it\\'s';\n"
        f"LOCK TABLES `people` WRITE;\nINSERT INTO `people` VALUES {values};\nUNLOCK TABLES;\n"
        f"-- names: {names}\nINSERT INTO `log` (`a`) VALUES (1);\n",
        encoding="utf-8",
    )
    return path


def postgres_insert(path, rows):
    names = ", ".join(f'"{c}"' for c in rows[0])
    lines = (", ".join(sql_text(c, False) for c in row) for row in rows[1:])
    text = "".join(f"INSERT INTO public.people ({names}) VALUES ({line});\n" for line in lines)
    path.write_text(f"--\n-- PostgreSQL database dump\n--\nSET x = 'y';\n{text}", encoding="utf-8")
    return path


def copy_text(cell):
    if cell in (None, ""):
        return "\\N"
    text = str(cell).replace("\\", "\\\\")
    return text.replace("\n", "\\n").replace("\t", "\\t")


def postgres_copy(path, rows):
    lines = "".join("\t".join(map(copy_text, row)) + "\n" for row in rows[1:])
    names = ", ".join(f'"{c}"' for c in rows[0])
    made = ",\n    ".join(f'"{c}" text' for c in rows[0])
    path.write_text(
        f"-- PostgreSQL database dump\nCREATE TABLE public.people (\n    {made}\n);\n"
        f"COPY public.people ({names}) FROM stdin;\n{lines}\\.\n\nSELECT 1;\n",
        encoding="utf-8",
    )
    return path


def wkb(at):
    return struct.pack("<BIdd", 1, 1, *at)


def sql_type(cells):
    """The type of a column of these cells; none where they differ, so that each stays as it is."""
    kinds = {type(cell) for cell in cells if cell not in (None, "")}
    return {(str,): " TEXT", (int,): " INTEGER", (float,): " REAL"}.get(tuple(kinds), "")


def geopackage(path, rows, points=None, *, more=()):
    """A table of a GeoPackage, with the points of its rows where there are any."""
    path.unlink(missing_ok=True)
    base = sqlite3.connect(path)
    cells = list(zip(*rows[1:], strict=True)) or [()] * len(rows[0])
    columns = ", ".join(f'"{c}"{sql_type(of)}' for c, of in zip(rows[0], cells, strict=True))
    columns = columns if points is None else f"{columns}, geom BLOB"
    base.executescript(
        "PRAGMA application_id = 0x47504B47; PRAGMA user_version = 10300;"
        "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT,"
        " description TEXT, last_change TEXT, min_x REAL, min_y REAL, max_x REAL, max_y REAL,"
        " srs_id INT);"
        "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT,"
        " geometry_type_name TEXT, srs_id INT, z INT, m INT);"
        "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INT PRIMARY KEY,"
        " organization TEXT, organization_coordsys_id INT, definition TEXT, description TEXT);"
        "INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, 'undefined', ''),"
        " ('Lambert-93', 2154, 'EPSG', 2154, 'undefined', '');"
        f"CREATE TABLE people ({columns});"
    )
    kind = "attributes" if points is None else "features"
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id)"
        " VALUES ('people', ?, 'people', '2016-11-08T00:00:00.000Z', 4326)", (kind,)
    )  # fmt: skip
    if points is not None:
        base.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('people', 'geom', 'POINT', 4326, 0, 0)"
        )
    for i, row in enumerate(rows[1:]):
        at = points and points[i]
        blob = at and b"GP\0\x01" + struct.pack("<i", 4326) + wkb(at)
        cells = [None if c == "" else c for c in row] + ([] if points is None else [blob or None])
        base.execute(f"INSERT INTO people VALUES ({', '.join('?' * len(cells))})", cells)
    base.commit()
    for line in more:
        base.execute(line)
    base.commit()
    base.close()
    return path


WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def shapefile(path, rows, points=None, *, index=True, prj=WGS84):
    """Write .shp, .dbf, .cpg and .prj beside each other."""
    shapes = places = b""
    for n in range(len(rows) - 1):
        at = points and points[n]
        shape = struct.pack("<i", 0) if not at else struct.pack("<idd", 1, *at)
        places += struct.pack(">ii", (100 + len(shapes)) // 2, len(shape) // 2)
        shapes += struct.pack(">ii", n + 1, len(shape) // 2) + shape

    def headed(data):
        head = struct.pack(">i20xi", 9994, (100 + len(data)) // 2)
        return head + struct.pack("<ii8d", 1000, 1, *([0.0] * 8)) + data

    path.write_bytes(headed(shapes))
    cells = [[("" if c is None else str(c)).encode() for c in row] for row in rows[1:]]
    widths = [max([1, *(len(row[i]) for row in cells)]) for i in range(len(rows[0]))]
    fields = b"".join(
        name.encode()[:10].ljust(11, b"\0") + b"C" + b"\0" * 4 + bytes([width, 0]) + b"\0" * 14
        for name, width in zip(rows[0], widths, strict=True)
    )
    records_ = b"".join(
        b" " + b"".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in cells
    )
    size = 32 + len(fields) + 1
    table = struct.pack("<B3BIHH20x", 3, 116, 1, 1, len(cells), size, 1 + sum(widths))
    path.with_suffix(".dbf").write_bytes(table + fields + b"\r" + records_ + b"\x1a")
    path.with_suffix(".cpg").write_text("UTF-8")
    path.with_suffix(".prj").write_text(prj)
    if index:
        path.with_suffix(".shx").write_bytes(headed(places))
    return path


def zipped_shapefile(path, rows, points=None):
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    shapefile(folder / "Points.shp", rows, points)
    return packed(path, {f"layer/{f.name}": f.read_bytes() for f in sorted(folder.iterdir())})


def zipped_csv(path, rows):
    with io.StringIO(newline="") as text:
        csv.writer(text).writerows(rows)
        return packed(path, {"__MACOSX/._a.csv": b"x", "a.csv": text.getvalue(), "b.png": b"x"})


TABLES |= {
    ".mysql.sql": mysql, ".insert.sql": postgres_insert, ".copy.sql": postgres_copy,
    ".gpkg": geopackage, ".shp": shapefile, ".zip": zipped_csv,
}  # fmt: skip
MAPS |= {".gpkg": geopackage, ".shp": shapefile, ".zip": zipped_shapefile}
