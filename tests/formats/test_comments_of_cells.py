"""Comments of cells are text of people as cells are: they are searched."""

import zipfile

import pytest

import privaudit as pa
from privaudit.io.readers import read_frame
from privaudit.words.catalogues import Note

N, ILL = 60, 20
NAMES = [f"Zq{'abcdefghij'[at // 10]}{'klmnopqrst'[at % 10]}et" for at in range(N)]
PHONES = ["Tél", *(f"06 12 34 56 {at:02d}" for at in range(N))]
SAID = ["Diabétique, ne sort plus" if at < ILL else "portail vert" for at in range(30)]


def excel(path):
    rows = "".join(
        f'<row r="{at}"><c r="A{at}" t="inlineStr"><is><t>{name}</t></is></c>'
        f'<c r="B{at}" t="inlineStr"><is><t>{PHONES[at - 1]}</t></is></c></row>'
        for at, name in enumerate(["Nom", *NAMES], 1)
    )
    said = "".join(
        f'<comment ref="A{at}" authorId="0"><text><r><t>{text[:4]}</t></r><r><t>{text[4:]}</t></r>'
        "</text></comment>"
        for at, text in enumerate(["lire les notes", *SAID], 1)
    )
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", f'<workbook xmlns:r="{kinds}"><sheets><sheet name="F" '
                      'sheetId="1" r:id="a"/></sheets></workbook>')  # fmt: skip
        book.writestr("xl/_rels/workbook.xml.rels", f'{links}<Relationship Id="a" Type="{kinds}/'
                      'worksheet" Target="worksheets/s1.xml"/></Relationships>')  # fmt: skip
        book.writestr("xl/worksheets/s1.xml",
                      f"<worksheet><sheetData>{rows}</sheetData></worksheet>")  # fmt: skip
        book.writestr("xl/worksheets/_rels/s1.xml.rels", f'{links}<Relationship Id="a" Type='
                      f'"{kinds}/comments" Target="../c1.xml"/></Relationships>')  # fmt: skip
        book.writestr("xl/c1.xml",
                      f"<comments><commentList>{said}</commentList></comments>")  # fmt: skip


def opendocument(path):
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    said = dict(enumerate(["lire les notes", *SAID]))
    rows = "".join(
        "<table:table-row><table:table-cell>"
        + (f"<office:annotation><text:p>{said[at]}</text:p></office:annotation>"
           if at in said else "")
        + f"<text:p>{name}</text:p></table:table-cell>"
        f"<table:table-cell><text:p>{PHONES[at]}</text:p></table:table-cell>"
        "</table:table-row>" for at, name in enumerate(["Nom", *NAMES])
    )  # fmt: skip
    path.write_text(
        f'<?xml version="1.0"?><office:document{spaces} office:mimetype='
        '"application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>'
        f'<table:table table:name="F">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document>", "utf-8",
    )  # fmt: skip


@pytest.mark.parametrize(("name", "write"), [("a.xlsx", excel), ("a.fods", opendocument)])
def test_comments_of_cells_are_searched(tmp_path, name, write):
    """They were counted, and none was searched: twenty people were ill, nobody was said to be."""
    write(tmp_path / name)
    read = read_frame(tmp_path / name, gives="table")
    assert [*read.frame] == ["Nom", "Tél", "comments of cells"]
    assert read.frame["comments of cells"].fillna("").tolist() == SAID + [""] * 30
    assert {
        Note("comments_read", n=30, column="comments of cells"),
        Note("cell_comments", n=1),
    } <= {*read.notes}
    column = pa.inspect(tmp_path / name, as_of="2016-11-08").columns[-1]
    assert (column.role, column.says["health"]) == ("text_special", ILL)
