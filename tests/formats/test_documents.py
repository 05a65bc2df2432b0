"""Files of other offices: address cards, Word documents, pages in the windows of a map."""

import zipfile

import pytest

import privaudit as pa
from privaudit.errors import ReadError
from privaudit.io.readers import read_frame
from privaudit.studies.exhibits import set_out
from privaudit.studies.inspect import inspect_files

# As a telephone and a mail program export them: versions 3.0, 2.1 and 4.0.
CARDS = """BEGIN:VCARD
VERSION:3.0
N:Roux;Anne;;Mme;
FN:Anne Roux
item1.TEL;type=CELL;type=pref:06 12 34 56 78
TEL;TYPE="home,voice":01 23 45 67 89
EMAIL;TYPE=INTERNET:anne@exemple.fr
ADR;TYPE=HOME:;;4 rue Haute;Créteil;;94000;France
NOTE:Diabétique\\, ne sort
  plus\\nà rappeler
CATEGORIES:PS,adhérents
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRg
END:VCARD
BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Le=20Gall;Zo=C3=AB
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zo=C3=AB Le=
 Gall
NOTE:va à la messe
END:VCARD
"""


def test_address_cards_are_read(tmp_path):
    (tmp_path / "contacts.vcf").write_text(CARDS, encoding="utf-8", newline="\r\n")
    found = read_frame(tmp_path / "contacts.vcf", gives="table")
    frame = found.frame
    assert frame["name"].tolist() == ["Anne Roux", "Zoë Le Gall"]
    assert frame["given_name"].tolist() == ["Anne", "Zoë"]
    assert frame.loc[0, ["phone", "phone_2"]].tolist() == ["06 12 34 56 78", "01 23 45 67 89"]
    assert frame.loc[0, "note"] == "Diabétique, ne sort plus\nà rappeler"
    assert frame.loc[0, ["address", "city"]].tolist() == ["4 rue Haute", "Créteil"]
    assert [note.key for note in found.notes] == ["cards_left_out"]
    held = {c.name: c for c in pa.inspect(tmp_path / "contacts.vcf", as_of="2016-11-08").columns}
    assert held["note"].says == {"health": 1, "religion": 1}
    assert (held["email"].kind, held["phone"].kind) == ("email", "phone")


def test_a_file_without_a_card_is_refused(tmp_path):
    (tmp_path / "none.vcf").write_text("BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n", encoding="utf-8")
    with pytest.raises(ReadError, match="no card with a property"):
        read_frame(tmp_path / "none.vcf", gives="table")


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def paragraph(text):
    # A word may be cut into runs, as a program leaves it after each change.
    half = len(text) // 2
    return (f"<w:p><w:r><w:t>{text[:half]}</w:t></w:r>"
            f'<w:r><w:t xml:space="preserve">{text[half:]}</w:t></w:r></w:p>')  # fmt: skip


def table(rows):
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def document(path, *parts):
    body = f'<w:document xmlns:w="{W}"><w:body>{"".join(parts)}</w:body></w:document>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", body)
    return path


PEOPLE = [["Nom", "Avis", "Note"], *([f"Zq{n}", "pour", "malade du cancer"] for n in range(30))]


def test_tables_of_a_document_are_read_and_its_text_too(tmp_path):
    file = document(
        tmp_path / "liste.docx", *(paragraph(f"Réunion du {n} mai") for n in range(1, 16)),
        table(PEOPLE),
        *(paragraph(f"Madame {n} est diabétique et ne sort plus") for n in range(20)),
        table([["Rue", "Portes"], ["Haute", "12"], ["Basse", "14"]]),
    )  # fmt: skip
    frame = read_frame(file, gives="table").frame
    assert frame.columns.tolist() == ["Nom", "Avis", "Note"]
    assert frame["Note"].tolist() == ["malade du cancer"] * 30
    with set_out([file], who="inspect") as contents:
        study = inspect_files(contents.files, as_of="2016-11-08", contents=contents)
    assert [one.n for one in study.inventories] == [30, 2, 35]
    text = {column.name: column for column in study.inventories[2].columns}
    assert text["paragraph"].says["health"] == 20


def test_a_document_of_text_alone_is_a_table_of_paragraphs(tmp_path):
    file = document(tmp_path / "note.docx", *(paragraph(f"Ligne {n}") for n in range(12)))
    assert read_frame(file, gives="table").frame["paragraph"].tolist()[0] == "Ligne 0"
    with pytest.raises(ReadError, match="a document with a table or a text"):
        read_frame(document(tmp_path / "blank.docx"), gives="table")


# A header of two lines, as a page and a Word document have it, and a town over two rows.
IN_GROUPS = ["Nom", "Visite Jour", "Visite Note", "Commune"]
READ_AS = [["Zqa", "3 mai", "malade", "Bourg"], ["Zqb", "4 mai", "absent", "Bourg"],
           ["Zqc", "5 mai", "absent", "Ville"]]  # fmt: skip


@pytest.mark.parametrize("left_out", [[], ["</td>", "</th>", "</tr>"], ["<tr>"]])
def test_cells_of_a_page_stand_where_its_spans_and_left_out_ends_put_them(tmp_path, left_out):
    """Names whose cell had no end were lost, and a header over two columns left the rest unread."""
    page = (
        "<h1>Liste</h1><table><tr><th rowspan=2>Nom</th><th colspan=2>Visite</th>"
        "<th rowspan='2'>Commune</th></tr><tr><th>Jour</th><th>Note</th></tr>"
        "<tr><td>Zqa</td><td>3 mai</td><td>malade</td><td rowspan=2>Bourg</td></tr>"
        "<tr><td>Zqb</td><td>4 mai</td><td>absent</td></tr>"
        "<tr><td>Zqc</td><td>5 mai</td><td>absent</td><td>Ville</td></tr></table>"
    )
    for tag in left_out:
        page = page.replace(tag, "", 1 if tag == "<tr>" else -1)
    (tmp_path / "liste.html").write_text(page, "utf-8")
    frame = read_frame(tmp_path / "liste.html", gives="table").frame
    assert frame.columns.tolist() == IN_GROUPS
    assert frame.to_numpy().tolist() == READ_AS


def test_a_page_cannot_ask_for_more_cells_than_it_has(tmp_path):
    page = (
        "<table><tr><th>Nom<th>Note<th>Rue<tr><td rowspan=99999999>Zqa<td colspan=999999999>x"
        "<tr><td>y<td>Haute</table>"
    )
    (tmp_path / "wide.html").write_text(page, "utf-8")
    with set_out([tmp_path / "wide.html"], who="inspect") as contents:
        assert inspect_files(contents.files, as_of="2016-11-08").inventories[0].n == 2


def test_merged_cells_of_a_document_stand_in_each_of_their_rows(tmp_path):
    def cell(text, *marks):
        return f"<w:tc><w:tcPr>{''.join(marks)}</w:tcPr>{paragraph(text)}</w:tc>"

    wide, tall, below = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [
        [cell("Nom", tall), cell("Visite", wide), cell("Commune", tall)],
        [cell("", below), cell("Jour"), cell("Note"), cell("", below)],
        [cell("Zqa"), cell("3 mai"), cell("malade"), cell("Bourg", tall)],
        [cell("Zqb"), cell("4 mai"), cell("absent"), cell("", below)],
        [cell("Zqc"), cell("5 mai"), cell("absent"), cell("Ville")],
    ]
    body = "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in rows)
    frame = read_frame(document(tmp_path / "l.docx", f"<w:tbl>{body}</w:tbl>"), gives="table").frame
    assert frame.columns.tolist() == IN_GROUPS
    assert frame.to_numpy().tolist() == READ_AS


def open_p(text, tag="p"):
    return f"<text:{tag}><text:span>{text[:3]}</text:span>{text[3:]}</text:{tag}>"


def open_table(rows):
    cells = ("".join(f"<table:table-cell>{open_p(c)}</table:table-cell>" for c in row)
             for row in rows)  # fmt: skip
    held = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    return f'<table:table table:name="t">{held}</table:table>'


def open_document(path, *parts):
    named = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table")
    )
    body = f"<office:body><office:text>{''.join(parts)}</office:text></office:body>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", f"<office:document-content{named}>{body}"
                                        "</office:document-content>")  # fmt: skip
    return path


def rich(body):
    head = r"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0 Zqfont;}}{\*\generator Zqtool;}"
    return f"{head}{body}}}".encode("cp1252")


def as_open(path):
    return open_document(
        path, open_p("Compte rendu", "h"),
        *(open_p(f"Madame {n} est diabétique et ne sort plus") for n in range(20)),
        open_table(PEOPLE),
        open_p("Vu <office:annotation><text:p>élu</text:p></office:annotation> en mai"),
    )  # fmt: skip


def as_rich(path):
    said = "".join(f"Madame {n} est diab\\'e9tique et ne so\\u114?t plus\\par\n" for n in range(20))
    rows = "".join(
        "\\trowd" + "".join(f"\\intbl {cell}\\cell" for cell in row) + "\\row\n" for row in PEOPLE
    )
    path.write_bytes(
        rich(f"Compte rendu\\par {said}{rows}Vu \\{{\\'e9lu\\}} \\u-10179?\\u-8704? en mai\\par")
    )
    return path


@pytest.mark.parametrize(("ending", "write"), [("odt", as_open), ("rtf", as_rich)])
def test_texts_of_other_programs_are_read(tmp_path, ending, write):
    file = write(tmp_path / f"a.{ending}")
    assert read_frame(file, gives="table").frame.values.tolist() == PEOPLE[1:]
    with set_out([file], who="inspect") as contents:
        study = inspect_files(contents.files, as_of="2016-11-08", contents=contents)
        text = read_frame(contents.files[1], gives="table").frame["paragraph"]
    assert [one.n for one in study.inventories] == [30, 22]
    last = "Vu élu en mai" if ending == "odt" else "Vu {élu} 😀 en mai"
    assert [text.iloc[0], text.iloc[1], text.iloc[21]] == [
        "Compte rendu", "Madame 0 est diabétique et ne sort plus", last,
    ]  # fmt: skip
    held = {one.name: one for one in pa.inspect(text.to_frame(), as_of="2016-11-08").columns}
    assert held["paragraph"].says["health"] == 20


def test_notes_and_comments_of_a_document_are_read(tmp_path):
    file = document(tmp_path / "a.docx", *(paragraph(f"Ligne {n}") for n in range(12)))
    with zipfile.ZipFile(file, "a") as archive:
        said = paragraph("Elle va à la messe")
        for name in ("comments", "footnotes"):
            archive.writestr(f"word/{name}.xml", f'<w:{name} xmlns:w="{W}">{said}</w:{name}>')
    assert (
        read_frame(file, gives="table").frame["paragraph"].tolist()[12:]
        == ["Elle va à la messe"] * 2
    )


@pytest.mark.parametrize("ending", ["odt", "rtf"])
def test_a_text_without_a_word_is_refused(tmp_path, ending):
    file = tmp_path / f"a.{ending}"
    if ending == "odt":
        open_document(file)
    else:
        file.write_bytes(rich(r"{\pict ffd8ffe0}"))
    with pytest.raises(ReadError, match="a document with a table or a text"):
        read_frame(file, gives="table")


def test_a_page_in_the_window_of_a_map_is_split_into_its_fields(tmp_path):
    pages = [
        f"<table><tr><td>Nom</td><td>Zq{n}</td></tr><tr><td>Avis</td><td>vote PS</td></tr></table>"
        f"<br>Remarque : malade n&deg; {n}"
        for n in range(30)
    ]
    marks = "".join(
        f"<Placemark><name>p{n}</name><description><![CDATA[{page}]]></description>"
        f"<Point><coordinates>2.4{n},48.8</coordinates></Point></Placemark>"
        for n, page in enumerate(pages)
    )
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    with zipfile.ZipFile(tmp_path / "carte.kmz", "w") as archive:
        archive.writestr("doc.kml", text)
    frame = read_frame(tmp_path / "carte.kmz").frame
    assert frame["Nom"].tolist() == [f"Zq{n}" for n in range(30)]
    assert frame["Avis"].unique().tolist() == ["vote PS"]
    assert frame["Remarque"].tolist()[3] == "malade n° 3"
    assert "description" not in frame


def test_what_is_a_field_of_a_window_is_no_longer_in_its_text(tmp_path):
    """A field's name stands in every window, and would count as a mention by all."""
    pages = [f"<b>Soutien :</b> {'favorable' if n % 2 else ''}<br>absente le {n}<br>code {n}"
             for n in range(30)]  # fmt: skip
    pages[4] = "a déménagé<br>" + "x" * 30_000
    marks = "".join(
        f"<Placemark><description><![CDATA[{page}]]></description>"
        f"<Point><coordinates>2.4{n},48.8</coordinates></Point></Placemark>"
        for n, page in enumerate(pages)
    )
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    (tmp_path / "carte.kml").write_text(text, encoding="utf-8")
    frame = read_frame(tmp_path / "carte.kml").frame
    assert frame["Soutien"].notna().sum() == 15
    assert frame["description"].tolist()[3] == "absente le 3\ncode 3"
    assert not frame["description"].str.contains("Soutien").any()
    # A window of which nothing became a column stands as it was, and a long one whole.
    assert frame["description"].tolist()[4] == pages[4]


def pdf(path, *pages):
    """Write a PDF by hand: pages of lines, in a standard font."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 "
               "/BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]  # fmt: skip
    kids = []
    for lines in pages:
        said = "".join(f"({line}) Tj 0 -14 Td " for line in lines)
        stream = f"BT /F1 12 Tf 40 800 Td {said}ET"
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font "
                       f"<< /F1 3 0 R >> >> /Contents {len(objects) + 2} 0 R >>")  # fmt: skip
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{one}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size, start = len(places) + 1, len(out)
    out += f"xref\n0 {size}\n0000000000 65535 f \n{table}".encode()
    out += f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    path.write_bytes(out)
    return path


def test_the_text_of_a_pdf_is_read(tmp_path):
    lines = [f"Madame {n} est diab\xe9tique" for n in range(20)]
    file = pdf(tmp_path / "notes.pdf", lines, [f"R\xe9union {n}" for n in range(15)], [])
    found = read_frame(file, gives="table")
    assert found.frame["paragraph"].tolist()[:2] == ["Madame 0 est diabétique",
                                                     "Madame 1 est diabétique"]  # fmt: skip
    notes = {note.key: note.values for note in found.notes}
    assert (notes["pdf_pages"], notes["pdf_without_text"]) == ({"pages": 3}, {"pages": 1})
    held = {c.name: c for c in pa.inspect(file, as_of="2016-11-08").columns}
    assert held["paragraph"].says["health"] == 20
    (tmp_path / "cut.pdf").write_bytes(file.read_bytes()[:300])
    with pytest.raises(ReadError, match=r"damaged or cut short|at least|with a table or a text"):
        read_frame(tmp_path / "cut.pdf", gives="table")


def test_without_pypdf_one_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("privaudit.io.formats.pdf.find_spec", lambda name: None)
    with pytest.raises(ReadError, match=r"pip install 'privaudit\[pdf\]'"):
        read_frame(pdf(tmp_path / "a.pdf", ["x"]), gives="table")


def test_names_of_xml_are_written_out_as_access_escapes_them(tmp_path):
    """N_x00B0_ was taken for the easting of a point."""
    rows = "".join(
        f"<A_x0020_B><N_x00B0_>{n}</N_x00B0_><Nom>Zq</Nom></A_x0020_B>" for n in range(9)
    )
    (tmp_path / "a.xml").write_text(f"<dataroot>{rows}</dataroot>", "utf-8")
    assert [*read_frame(tmp_path / "a.xml", gives="table").frame] == ["N°", "Nom"]
