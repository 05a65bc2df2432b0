"""Word documents: what the page has and nothing else, in Word's own styles, the same bytes."""

import io
import re
import zipfile

import pytest
from docx import Document

from privaudit.report.word_documents import document
from privaudit.results.painter import Canvas, Display

pytestmark = pytest.mark.usefixtures("drawn_pictures")

PAGE = """<!DOCTYPE html><html lang="fr"><head><title data-quoted="x">Deux &amp; trois</title>
<style>p{color:red}</style></head><body><a class="skip" href="#main">Aller</a>
<header><p class="tag">Fichier</p></header><main><nav><ol><li>Sommaire</li></ol></nav>
<h1>Deux <em><span data-finding="a.b">2</span> points</em></h1>
<section><h2>Les pièces <span class="many">(2)</span></h2>
<table><thead><tr><th>N°</th><th>Fichier</th></tr></thead><tbody>
<tr><td></td><th scope="row">a.csv<code>0f3a</code></th></tr></tbody></table>
<ol class="rulings"><li id="c"><h3><a href="annex.html#a">Constat 1.</a> Un  fait</h3>
<p class="by">Source\xa0: a.csv</p></li></ol>
<ul><li>court</li><li><mark>[À compléter]</mark></li></ul>
<dl><div><dt>Terme</dt><dd>Sens</dd></div></dl>
<figure><figcaption>Une ligne</figcaption>{figure}<p class="source">Examiné</p>
<details><summary>Citer</summary><blockquote><p>à copier</p></blockquote></details></figure>
<p hidden>caché</p><p class="more"><a href="annex.html">Annexe</a></p><br><p>fin</p></section>
</main><footer><p>pied</p></footer><script>1</script></body></html>"""


def line():
    canvases = [Canvas(720, 40), Canvas(340, 40)]
    for canvas in canvases:
        canvas.text(10, 20, "un")
    return Display("one", "Une ligne", "1 vaut 2 & 3.", "Examiné", canvases)


@pytest.fixture(scope="module")
def made():
    drawn = line()
    return document(PAGE.replace("{figure}", drawn.html), {"one": drawn})


def paragraphs(made):
    return [(one.style.name, one.text) for one in Document(io.BytesIO(made)).paragraphs]


def test_elements_have_the_styles_of_word_and_what_is_to_be_clicked_is_left_out(made):
    assert [one for one in paragraphs(made) if one[1]] == [
        ("Normal", "Fichier"),
        ("Title", "Deux 2 points"),
        ("Heading 1", "Les pièces (2)"),
        ("Heading 2", "Constat 1. Un fait"),
        ("Normal", "Source\xa0: a.csv"),
        ("List Bullet", "court"),
        ("List Bullet", "[À compléter]"),
        ("Normal", "Terme"),
        ("Normal", "Sens"),
        ("Caption", "Une ligne"),
        ("Normal", "Examiné"),
        ("Normal", "fin"),
    ]


def test_a_table_keeps_its_empty_cells_and_repeats_its_head(made):
    (table,) = Document(io.BytesIO(made)).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["N°", "Fichier"],
        ["", "a.csv\n0f3a"],
    ]
    assert [len(row._tr.xpath("w:trPr/w:tblHeader")) for row in table.rows] == [1, 0]


def test_a_gap_is_marked_and_a_figure_has_its_data_in_words(made):
    read = Document(io.BytesIO(made))
    (gap,) = [run.text for p in read.paragraphs for run in p.runs if run.font.highlight_color]
    assert gap == "[À compléter]"
    (picture,) = read.element.xpath("//wp:docPr")
    assert picture.get("descr") == "1 vaut 2 & 3."
    assert len(read.inline_shapes) == 1


def test_a_figure_without_its_drawing_is_left_out():
    made = document(PAGE.replace("{figure}", line().html))
    assert len(Document(io.BytesIO(made)).inline_shapes) == 0


def test_the_language_is_set_and_there_is_neither_author_nor_date(made):
    read = Document(io.BytesIO(made))
    known = read.core_properties
    assert (known.title, known.language) == ("Deux & trois", "fr-FR")
    assert (known.author, known.last_modified_by, known.comments) == ("", "", "")
    assert (known.created, known.modified) == (None, None)
    assert set(read.styles.element.xpath("//w:lang/@w:val")) == {"fr-FR"}
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = parts.read("docProps/core.xml").decode()
    assert not re.search(r"20\d\d-|dcterms:(created|modified)>", core)


def test_the_same_page_gives_the_same_bytes(made):
    drawn = line()
    assert document(PAGE.replace("{figure}", drawn.html), {"one": drawn}) == made


def test_the_grade_of_an_exhibit_stays_with_its_name():
    """A page ended with the grade of the exhibit that began the next one."""
    page = '<html lang="fr"><body><p class="level">Grave</p><h3>Pièce 1</h3><p>x</p></body></html>'
    grade, name, rest = Document(io.BytesIO(document(page, {}))).paragraphs
    assert (grade.text, name.text, rest.text) == ("Grave", "Pièce 1", "x")
    assert grade.paragraph_format.keep_with_next
    assert not rest.paragraph_format.keep_with_next
