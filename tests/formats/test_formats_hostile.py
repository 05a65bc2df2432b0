"""Files that were made to mislead, to swell or to reach out: read and said, or one line."""

import sys
import zipfile
from pathlib import Path

import pytest

from privaudit.core.limits import Limits, limited
from privaudit.errors import PrivauditError
from privaudit.io.readers import read_frame

sys.path.insert(0, str(Path(__file__).parent))
from writers import NAMES, Raw, json_lines, kml, kml_document, kmz, ods, packed, xlsx, xml

ROWS = [["name", "age"], ["Zxqv", 30], ["Zxqw", 41]]
LAUGHS = (
    '<!DOCTYPE r [<!ENTITY a "Zxqv"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
REACHES = '<!DOCTYPE r SYSTEM "http://example.org/a.dtd" [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def notes(file, **asked):
    return {n.key: dict(n.values) for n in read_frame(file, gives="table", **asked).notes}


def refused(file, says, **asked) -> str:
    with pytest.raises(PrivauditError, match=says) as caught:
        read_frame(file, **{"gives": "table", **asked})
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert "Zxq" not in message
    return message


def declared(text, dtd):
    """A document with a document type after its first line."""
    head, _, rest = text.partition("\n")
    return f"{head}\n{dtd}{rest}"


@pytest.mark.parametrize("dtd", [LAUGHS, REACHES, "<!DOCTYPE kml>"])
def test_a_document_type_is_refused(tmp_path, dtd):
    file = tmp_path / "t.kml"
    file.write_text(declared(kml_document(ROWS), dtd))
    refused(file, "a document type .DTD. in t.kml")
    refused(packed(tmp_path / "t.kmz", {"doc.kml": file.read_text()}), "document type")
    sheet = declared(xml("worksheet", {}, "<sheetData><row/></sheetData>"), dtd)
    refused(xlsx(tmp_path / "t.xlsx", ROWS, more={"xl/worksheets/sheet1.xml": sheet}), "DTD")
    content = declared(xml("office:document-content", NAMES, ""), dtd)
    refused(ods(tmp_path / "t.ods", ROWS, more={"content.xml": content}), "DTD")


def test_undeclared_entities_are_no_xml(tmp_path):
    file = tmp_path / "t.kml"
    file.write_text(kml_document(ROWS).replace("30", "&xxe;"))
    refused(file, "no XML or is cut short")


def test_depth_is_bounded(tmp_path):
    file = tmp_path / "t.kml"
    file.write_text("<kml>" + "<Folder>" * 5_000)
    refused(file, "200 deep")


def test_links_on_the_network_are_counted_and_not_followed(tmp_path):
    link = "<NetworkLink><Link><href>http://example.org/more.kml</href></Link></NetworkLink>"
    assert notes(kml(tmp_path / "t.kml", ROWS, more=2 * link))["network_links"] == {"links": 2}
    refused(kml(tmp_path / "u.kml", ROWS[:1], more=link), "links to 1 other files")


@pytest.mark.parametrize("write", [xlsx, ods])
def test_a_zip_that_swells_is_bounded(tmp_path, write, monkeypatch):
    monkeypatch.setattr("privaudit.core.limits._MAY_SWELL", 1_000_000)
    rows = [["a", "b"], ["x" * 20_000_000, "y"]]
    file = write(tmp_path / f"t{'.xlsx' if write is xlsx else '.ods'}", rows)
    assert file.stat().st_size < 200_000
    refused(file, "unpacks to at most")


def test_a_kilobyte_cannot_declare_a_billion_cells(tmp_path):
    wide = "".join(f'<c r="{c}" t="str"><v>{c}</v></c>' for c in ("A1", "B1", "XFD1048576"))
    file = xlsx(tmp_path / "t.xlsx", [[Raw(wide)]])
    # Two filled rows, three filled columns: read as what they hold, not as what lies between.
    assert read_frame(file, gives="table").frame.shape == (1, 3)
    assert notes(file)["rows_blank"] == {"rows": 1_048_574}
    many = Raw(
        '<table:table-cell office:value-type="float" office:value="1"'
        ' table:number-columns-repeated="900000000"/>'
    )
    refused(ods(tmp_path / "t.ods", [["a"], [many]]), "at most 5,000 columns")
    told = ((r, f"A{chr(64 + r)}") for r in range(2, 26))
    diagonal = [["a"], *[[Raw(f'<c r="{c}{r}"><v>1</v></c>')] for r, c in told]]
    with limited(Limits(cells=500)):
        refused(xlsx(tmp_path / "v.xlsx", diagonal), "at most 500 cells, but got 600")


@pytest.mark.heavy
def test_ten_thousand_columns(tmp_path):
    rows = [[f"c{i}" for i in range(10_000)], ["x"] * 10_000]
    refused(xlsx(tmp_path / "t.xlsx", rows), "at most 5,000 columns, but got 10,000")
    few = [row[:300] for row in rows]
    assert read_frame(xlsx(tmp_path / "u.xlsx", few), gives="table").frame.shape == (1, 300)
    assert read_frame(json_lines(tmp_path / "t.jsonl", few), gives="table").frame.shape == (1, 256)


def test_passwords(tmp_path):
    # An encrypted workbook is an OLE file, and so is one of before 2007.
    file = tmp_path / "t.xlsx"
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    refused(file, "an old Office file, or one with a password")
    refused(ods(tmp_path / "t.ods", ROWS, manifest="<x><encryption-data/></x>"), "password")
    locked = kmz(tmp_path / "t.kmz", ROWS)
    data = bytearray(locked.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + at] |= 1
    locked.write_bytes(data)
    refused(locked, "needs a password")


def test_content_beside_values_is_noted(tmp_path):
    formula = Raw('<c r="@"><f>1+1</f><v>2</v></c>')
    rows = [
        ["a", "b", "c"],
        [formula, "x", Raw('<c r="@" t="e"><f>1/0</f><v>#DIV/0!</v></c>')],
        [Raw('<c r="@"><f>WEBSERVICE("http://example.org")</f></c>'), "y", 3],
    ]
    more = {
        "xl/vbaProject.bin": b"",
        "xl/externalLinks/externalLink1.xml": "<x/>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": "<x/>",
    }
    hidden = '<cols><col min="2" max="2" hidden="1"/></cols>'
    file = xlsx(tmp_path / "t.xlsm", rows, more=more, columns=hidden, hidden=(3,))
    said = notes(file)
    assert said["formulas"] == {"n": 3}
    assert said["formulas_without_value"] == {"n": 1}
    assert said["errors_in_cells"] == {"n": 1}
    assert said["external_links"] == {"links": 1}
    assert (said["rows_hidden"], said["columns_hidden"]) == ({"n": 1}, {"n": 1})
    assert "macros" in said
    frame = read_frame(file, gives="table").frame
    assert frame["a"].fillna(-1).tolist() == [2, -1]
    assert frame["c"].fillna(-1).tolist() == [-1, 3]


@pytest.mark.parametrize("write", [xlsx, ods])
def test_sheets(tmp_path, write):
    sheets = {"notes": [["a remark"]], "people": ROWS, "secret": [["k", "v"], ["Zxqv", 1]]}
    hidden = {"states": {"secret": "veryHidden"}} if write is xlsx else {"hidden": ["secret"]}
    file = write(
        tmp_path / f"t{'.xlsx' if write is xlsx else '.ods'}", None, sheets=sheets, **hidden
    )
    said = notes(file)
    # The first that holds a table is read, and which one is said.
    assert said["sheet_read"] == {"part": "people", "at": 2, "others": 2}
    assert said["sheets_hidden"] == {"sheets": 1}
    for sheet in ("SECRET", "3"):
        assert list(read_frame(file, gives="table", sheet=sheet).frame.columns) == ["k", "v"]
    refused(file, "sheet one of notes, people, secret .* Did you mean 'people'", sheet="peeple")
    refused(file, "a sheet with a header and a row", sheet="notes")


def test_titles_and_merged_headers(tmp_path):
    merged = (
        '<mergeCells count="3"><mergeCell ref="A1:D1"/><mergeCell ref="A3:B3"/>'
        '<mergeCell ref="C3:D3"/></mergeCells>'
    )
    rows = [
        ["Sympathisants"],
        [],
        ["Identité", "", "Adresse", ""],
        ["nom", "prénom", "rue", "code"],
        ["Zxqv", "A", "r", "01000"],
        [],
        ["Zxqw", "B", "s", "75001"],
    ]
    file = xlsx(tmp_path / "t.xlsx", rows, after=merged)
    read = read_frame(file, gives="table")
    assert list(read.frame.columns) == [
        "Identité nom", "Identité prénom", "Adresse rue", "Adresse code",
    ]  # fmt: skip
    assert len(read.frame) == 2
    assert read.set_aside == {}
    said = notes(file)
    assert said["rows_blank"] == said["rows_above_header"] == {"rows": 1}
    assert said["header_merged"] == {"rows": 2}


def test_merged_cells_below_the_header_are_noted_and_many_are_cheap(tmp_path):
    merged = '<mergeCell ref="A3:A4"/>' + '<mergeCell ref="A1:XFD1"/>' * 20_000
    rows = [["all", ""], ["a", "b"], ["x", "y"], ["", "z"]]
    file = xlsx(tmp_path / "t.xlsx", rows, after=f"<mergeCells>{merged}</mergeCells>")
    assert notes(file)["cells_merged"] == {"n": 1}
    frame = read_frame(file, gives="table").frame
    assert (list(frame.columns), len(frame)) == (["a", "b"], 2)


def test_members_that_climb_out_are_only_names(tmp_path):
    file = packed(tmp_path / "t.kmz", {"../../evil.kml": kml_document(ROWS)})
    assert len(read_frame(file, gives="table").frame) == 2
    assert not (tmp_path.parent / "evil.kml").exists()
    refused(packed(tmp_path / "u.kmz", {"a.txt": "x"}), "holds no KML")
    refused(packed(tmp_path / "v.xlsx", {"a.txt": "x"}), "no xl/workbook.xml")
    with zipfile.ZipFile(tmp_path / "w.kmz", "w") as archive:
        for i in range(10_001):
            archive.writestr(f"{i}.kml", "")
    refused(tmp_path / "w.kmz", "at most 10,000 files")
    (tmp_path / "x.kmz").write_bytes((tmp_path / "w.kmz").read_bytes()[:9000])
    refused(tmp_path / "x.kmz", "damaged or cut short")
