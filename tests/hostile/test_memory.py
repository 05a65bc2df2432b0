"""A small file that decodes to much is refused before it is made, by one line and status 2."""

import gzip
import io
import json
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

from privaudit.core.limits import Limits, limited
from privaudit.errors import ReadError
from privaudit.io.csv_dialects import without_header
from privaudit.io.readers import read_frame

LONG = "Zxqv" * 250_000
# A child a command, of one process that has loaded the package: a child's own peak, not that of the
# tests. Its limit is twice the usual one, so that a failure does not take the machine.
PARENT = """
import json, os, resource, sys
import privaudit.cli.run_commands
from privaudit.cli import main
for line in sys.stdin:
    held, said, words = json.loads(line)
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000,) * 2)
        sys.stderr = open(said, "w", encoding="utf-8")
        status = main(words)
        with open("/proc/self/status") as lines, open(held, "w") as file:
            file.write(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
        sys.stderr.close()
        os._exit(status)
    print("done", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
# Charged before it is made; features are charged one by one, within the peak that is promised.
REFUSED_WITHIN, PROMISED = 600_000_000, 500_000_000


@pytest.fixture(scope="module")
def peak_of(tmp_path_factory):
    """Run a command; return its status, what it says on stderr, and the most bytes that it held."""
    folder = tmp_path_factory.mktemp("peak")
    held, said = folder / "held", folder / "said"

    def run(*words):
        given = [str(held), str(said), [str(word) for word in words]]
        parent.stdin.write(json.dumps(given) + "\n")
        parent.stdin.flush()
        line = "none"
        while line and not line.startswith("done "):
            line = parent.stdout.readline()
        return int(line.split()[1]), said.read_text("utf-8"), int(held.read_text()) * 1024

    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", PARENT], **piped) as parent:
        yield run


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def xlsx(path, rows=3_000, text=LONG, merged=""):
    """A workbook, two cells a row, that hold one shared text."""
    kind = 'Type="x/officeDocument" Target="xl/workbook.xml"'
    links = (
        '<Relationship Id="r1" Type="x/worksheet" Target="s.xml"/>'
        '<Relationship Id="r2" Type="x/sharedStrings" Target="t.xml"/>'
    )
    cells = '<row><c t="s"><v>2</v></c><c t="s"><v>2</v></c></row>' * rows
    head = '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
    zipped(path, {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships><Relationship Id="r" {kind}/></Relationships>',
        "xl/workbook.xml": '<workbook><sheets><sheet name="A" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>",
        "xl/t.xml": f"<sst><si><t>a</t></si><si><t>b</t></si><si><t>{text}</t></si></sst>",
        "xl/s.xml": f"<worksheet><sheetData>{head}{cells}</sheetData>{merged}</worksheet>",
    })  # fmt: skip


def ods(path, rows=3_000, columns=2, text=LONG):
    """A spreadsheet whose one row, and one cell in it, are repeated."""
    head = "".join(f"<table-cell><p>c{i}</p></table-cell>" for i in range(columns))
    row = (
        f'<table-row number-rows-repeated="{rows}"><table-cell '
        f'number-columns-repeated="{columns}"><p>{text}</p></table-cell></table-row>'
    )
    table = f'<table name="A"><table-row>{head}</table-row>{row}</table>'
    zipped(path, {"content.xml": f"<document><spreadsheet>{table}</spreadsheet></document>"})


def parquet(path, rows=8_000, text=LONG):
    """One value of a dictionary in every row."""
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet as format_of

    codes = pa.array(np.zeros(rows, dtype=np.int32))
    column = pa.DictionaryArray.from_arrays(codes, pa.array([text]))
    table = pa.table({"a": column, "b": pa.array(np.zeros(rows, dtype=np.int8))})
    format_of.write_table(table, path, compression="zstd", store_schema=False)


def packed(path, text):
    path.write_bytes(gzip.compress(text.encode(), 9))


def within(made, name):
    """A zip of a file that another generator makes."""

    def write(path):
        inside = path.with_name(name)
        made(inside)
        zipped(path, {name: inside.read_bytes()})

    return write


def recording(path):
    """A recording whose one answer is in base64, so that nothing of it can be counted before."""
    from base64 import b64encode

    body = b64encode(b"[" + b"[]," * 8_000_000 + b"[]]").decode()
    content = {"mimeType": "application/json", "encoding": "base64", "text": body}
    entry = {"request": {"url": "https://a.example/x"}, "response": {"content": content}}
    packed(path, json.dumps({"log": {"entries": [entry]}}))


def notes_of_one_text(path):
    """A zip of a dBase table of 30,000 records that all name one text of a megabyte."""
    field = b"NOTE\0\0\0\0\0\0\0M\0\0\0\0" + bytes([10]) + bytes(15)
    head = bytes([0x83, 116, 1, 1]) + struct.pack("<IHH", 30_000, 65, 11) + bytes(20)
    zipped(path, {
        "a.dbf": head + field + b"\r" + b"          1" * 30_000,
        "a.dbt": bytes(512) + LONG.encode() + b"\x1a",
    })  # fmt: skip


def labels(path):
    """Records whose codes have names of a megabyte."""
    rows = ",".join(f'{{"id":{n},"outcome":{1 + n % 2}}}' for n in range(30_000))
    names = json.dumps({"1": LONG, "2": f"{LONG}b"})
    packed(path, f'{{"outcomes":{names},"rows":[{rows}]}}')


def rows_with(statement):
    """Return what writes a dump: a long text once, which each of 30,000 rows has then."""
    table = "CREATE TABLE p (id int, a text{});\n{}INSERT INTO p{} VALUES {};\n"

    def write(path):
        text = f"'{LONG[:100_000]}'"
        given = {
            "default": (f" DEFAULT {text}", "", " (id)", "({})"),
            "variable": ("", f"SET @a = {text};\n", "", "({}, @a)"),
            "update": ("", "", "", "({}, 'x')"),
        }[statement]
        rows = ",".join(given[3].format(n) for n in range(30_000))
        more = "UPDATE p SET a = 'abcdefghijklmnopqrstuvwxyz';\n" + "UPDATE p SET a = a || a;\n" * 9
        packed(path, table.format(*given[:3], rows) + (more if statement == "update" else ""))

    return write


def columns_of_a_dump(path):
    """Each of 30,000 rows has a column of its own."""
    packed(path, "".join(f"INSERT INTO p (c{n}) VALUES ({n});\n" for n in range(30_000)))


def folder(path):
    name = f"<Folder><name>{LONG}</name>{'<Placemark/>' * 30_000}</Folder>"
    zipped(path, {"doc.kml": f"<kml><Document>{name}</Document></kml>"})


def track(path):
    point = '<trkpt lat="48" lon="2"/>'
    packed(path, f"<gpx><trk><name>{LONG}</name><trkseg>{point * 30_000}</trkseg></trk></gpx>")


HOSTILE = {
    "default.sql.gz": rows_with("default"),
    "variable.sql.gz": rows_with("variable"),
    "update.sql.gz": rows_with("update"),
    "columns.sql.gz": columns_of_a_dump,
    "folder.kmz": folder,
    "track.gpx.gz": track,
    "labels.json.gz": labels,
    "notes.zip": notes_of_one_text,
    "shared.xlsx": xlsx,
    "repeated.ods": ods,
    "cells.ods": lambda path: ods(path, rows=1_000_000, columns=40, text="ab"),
    "dictionary.parquet": parquet,
    "short.parquet": lambda path: parquet(path, rows=20_000_000, text="abcdefgh"),
    "shared.zip": within(xlsx, "a.xlsx"),
    "dictionary.zip": within(parquet, "a.parquet"),
    "lists.json.gz": lambda path: packed(path, "[" + "[]," * 8_000_000 + "[]]"),
    "cells.csv.gz": lambda path: packed(path, "aa,bb\n" * 10_500_000),
    "rows.sql.gz": lambda path: packed(path, "INSERT INTO t VALUES " + "(1,2)," * 7_500_000),
    "folded.vcf.gz": lambda path: packed(path, "BEGIN:VCARD\nFN:a\n" + " b\n" * 15_000_000),
    "points.gpx.gz": lambda path: packed(path, "<gpx>" + "<wpt/>" * 1_500_000 + "</gpx>"),
    "records.xml.gz": lambda path: packed(path, "<r>" + "<a/>" * 14_500_000 + "</r>"),
    "answer.har.gz": recording,
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", HOSTILE)
def test_a_small_file_that_decodes_to_much_is_refused(peak_of, tmp_path, name):
    HOSTILE[name](tmp_path / name)
    assert (tmp_path / name).stat().st_size < 200_000
    one_by_one = name == "points.gpx.gz"
    limit = ("--memory-limit", "500MB") if one_by_one else ()
    status, said, peak = peak_of("inspect", tmp_path / name, "--out", tmp_path / "o", *limit)
    assert (status, said.count("\n")) == (2, 1)
    most = "62,500,000" if one_by_one else "250,000,000"
    assert f"at most {most} bytes when decoded" in said
    assert "Zxqv" not in said
    # What changes in a scratch database is counted when it is done: within the default memory.
    within = Limits().memory if name == "update.sql.gz" else REFUSED_WITHIN
    assert peak < (PROMISED if one_by_one else within)


@pytest.mark.heavy
def test_many_small_files_of_a_zip_are_compared_within_their_values(peak_of, tmp_path):
    """Sixty tables of 600,000 rows in 320 KB: compared row by row they would take 7 GB."""
    zipped(tmp_path / "a.zip", {f"{n}.csv": "id,a,b\n" + "0,x,y\n" * 600_000 for n in range(60)})
    status, _, peak = peak_of("inspect", tmp_path / "a.zip", "--out", tmp_path / "o")
    assert status == 0
    assert peak < REFUSED_WITHIN


@pytest.mark.heavy
def test_the_memory_limit_lowers_and_raises_what_a_file_may_decode_to(peak_of, tmp_path):
    """An eighth of it: 20 MB of text in 20 cells pass at 200 MB, and not at 100 MB."""
    file = tmp_path / "t.xlsx"
    xlsx(file, rows=10)
    table = ["table", file, "--key", "a", "--out"]
    status, said, _ = peak_of(*table, tmp_path / "o", "--memory-limit", "100MB")
    assert status == 2
    assert "at most 12,500,000 bytes when decoded" in said
    assert "--memory-limit" in said
    with limited(Limits(memory=200_000_000)):
        assert read_frame(file, gives="table").frame.shape == (10, 2)
    xlsx(file, rows=130)
    with pytest.raises(ReadError, match="at most 250,000,000 bytes"):
        read_frame(file, gives="table")
    with limited(Limits(memory=2_200_000_000)):
        assert len(read_frame(file, gives="table").frame) == 130


@pytest.mark.parametrize("size", ["lots", "1MB"])
def test_no_size_is_refused(peak_of, tmp_path, size):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n2,3\n", encoding="utf-8")
    words = ("inspect", tmp_path / "t.csv", "--out", tmp_path / "o", "--memory-limit", size)
    status, said, _ = peak_of(*words)
    assert status == 2
    assert "memory_limit" in said


def test_a_merged_cell_is_charged_for_each_row_that_it_fills(tmp_path):
    rows = 2_000
    merged = f'<mergeCells><mergeCell ref="A2:A{rows + 1}"/></mergeCells>'
    sheet = io.BytesIO()
    xlsx(sheet, rows=1, text="word " * 40_000, merged=merged)
    with zipfile.ZipFile(sheet) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    more = b'<row><c/><c t="n"><v>4</v></c></row>' * (rows - 1) + b"</sheetData>"
    members["xl/s.xml"] = members["xl/s.xml"].replace(b"</sheetData>", more)
    zipped(tmp_path / "t.xlsx", members)
    with without_header(detect=True), pytest.raises(ReadError, match="at most 250,000,000 bytes"):
        read_frame(tmp_path / "t.xlsx", gives="table")


def test_a_property_of_one_object_is_a_cell_of_every_row(tmp_path):
    """A hundred names, each of some of 20,000 objects, make 2 million cells."""
    rows = [{f"c{n % 100}": 1} for n in range(20_000)]
    (tmp_path / "t.json").write_text(json.dumps(rows), encoding="utf-8")
    with (
        limited(Limits(memory=200_000_000)),
        pytest.raises(ReadError, match=r"at most 25,000,000 bytes.*32,000,000"),
    ):
        read_frame(tmp_path / "t.json", gives="table")


@pytest.mark.heavy
def test_a_table_of_300_000_rows_and_20_columns_is_read(tmp_path):
    rng = np.random.default_rng(5)
    words = np.array(["Martin", "Bernard", "Petit", "75011", "F", "oui", "12/05/2016"])
    some = pd.DataFrame({f"c{i}": words[rng.integers(7, size=3_000)] for i in range(20)})
    header, _, lines = some.to_csv(index=False).partition("\n")
    (tmp_path / "t.csv").write_text(f"{header}\n{lines * 100}", encoding="utf-8")
    assert read_frame(tmp_path / "t.csv", gives="table").frame.shape == (300_000, 20)
    pytest.importorskip("pyarrow")
    rows = pd.concat([some] * 100)
    rows.to_parquet(tmp_path / "t.parquet", index=False)
    assert read_frame(tmp_path / "t.parquet", gives="table").frame.shape == (300_000, 20)
