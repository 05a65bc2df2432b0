"""Draw every figure, of a page as of a notebook, as SVG with one style.

A figure is drawn twice, for wide screens and for telephones; a page shows the one that fits, so
that no text is under 11 pixels. Colours are CSS variables: a page sets them, for light and dark; a
file of its own carries its own. Matplotlib turns the SVG into PNG or PDF.
"""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from xml.etree import ElementTree

from markupsafe import escape

from privaudit.core.checks import in_range, one_of
from privaudit.errors import OutputError, ParameterError
from privaudit.text.normalise import slug
from privaudit.words.catalogues import QUOTED, Words, without_marks

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    import pandas as pd

# What a colour means, in every figure; a shape says it too, so that print without colour does:
#
# | colour | means | drawn as |
# | red    | found, or at risk: what a release gives away | dot, solid area |
# | grey   | what that is held against: by chance, controls, one file alone | tick, thin bar |
# | blue   | what an adversary claims | diamond, dashed line |
# | teal   | what a remedy, a mask or a closed map leaves | ring, dashed line |
# | orange | the same in a second unit | dashed line |
# | ink    | what is looked at, before any attack; ends of an assumption | bar, ring |
#
# Of these, the marks differ in lightness on paper without colour.
MEANINGS = ("red", "grey", "blue", "teal", "orange", "ink")
# Light, then dark; the colours of series are distinguished by the colour-blind too.
COLOURS = {
    "ink": ("#1b1f24", "#eceff3"),
    "soft": ("#565d66", "#a9b1bb"),
    "paper": ("#ffffff", "#14171b"),
    "line": ("#d9dce0", "#353b43"),
    "wash": ("#f6f4f1", "#1d2126"),
    "red": ("#ab0e2b", "#ff7a89"),
    "grey": ("#7d848c", "#a3abb5"),
    "blue": ("#123c72", "#7db4f5"),
    "orange": ("#a35c00", "#f0b24d"),
    "teal": ("#0d7f60", "#45c9a0"),
    "pink": ("#a5447f", "#e9a0cb"),
    "land": ("#f5f2ec", "#171b20"),
    "street": ("#c3bcb0", "#414a55"),
    "house": ("#d6cdbf", "#2e353e"),
    "water": ("#b5d3e6", "#1d4257"),
    "green": ("#cbdfbb", "#1f3a2b"),
}
SERIES = ("red", "blue", "orange", "teal", "pink", "grey")
MARKED = (*SERIES, "ink")
# Units of the two drawings: a wide one is never shown under 720 pixels, a narrow one never
# under 340.
WIDE, NARROW = 720, 340
SIZE = 14  # of text
# Letters by their width in DejaVu Sans, in hundredths of the size; others are as wide as a digit.
_LETTER_WIDTHS = {
    20: "\u202f", 28: "'ijl", 30: "IJ", 32: " ,.\u00a0’·", 34: "/:;\\|", 36: "f", 37: "-",
    39: "()[]", 40: "t", 41: "!²", 42: "r", 46: '"', 50: "*_`–°", 52: "“”", 53: "sz", 54: "?",
    55: "c", 56: "L", 58: "Fk", 60: "vxy", 61: "P", 62: "TYaeo«»", 66: "K", 69: "ABVXZ", 70: "CR",
    74: "U", 75: "N", 76: "H", 77: "D", 78: "&G", 79: "OQ", 82: "w", 84: "#+<=>^~−≥≤×±→", 87: "M",
    95: "%", 98: "m", 99: "Wæ", 100: "@—…", 103: "œ", 107: "Œ",
}  # fmt: skip
BOLD = 1.12  # how much wider a bold one is, where a page falls back on DejaVu
_FONT = "system-ui,'Helvetica Neue',Arial,'Liberation Sans','DejaVu Sans',sans-serif"
# What each class of a mark, line or text looks like; a later one goes before an earlier one.
_SHEET = (
    ".soft{fill:var(--soft)}.b{font-weight:700}"
    ".large{font-size:24px;font-weight:700;fill:var(--red)}"
    + "".join(f".t-{c}{{fill:var(--{c})}}" for c in MARKED)
    + ".t-red{font-weight:700}.t-grey{fill:var(--soft)}"
    ".grid{stroke:var(--line);fill:none}.axis{stroke:var(--soft);fill:none}"
    + "".join(f".m-{c}{{fill:var(--{c});stroke:var(--{c})}}" for c in MARKED)
    + ".ring{fill:var(--paper);stroke-width:2}.tick{stroke-width:3;fill:none}"
    ".halo{stroke:var(--paper);stroke-width:4;stroke-opacity:.75;fill:none}"
    ".ci{stroke-width:7;stroke-opacity:.22;fill:none}.range{stroke-width:1;fill:none}"
    ".thin{stroke-width:2}.band{fill-opacity:.25;stroke:none}.outer{fill-opacity:.08;stroke:none}"
    ".curve{fill:none;stroke-width:2.2}.dash{stroke-dasharray:5 4}"
    ".flow{fill-opacity:.42;stroke:none}.lost{fill:var(--ink);fill-opacity:.14;stroke:none}"
    ".chance{stroke:var(--paper);stroke-width:1}.node,.unit{stroke:none}"
    ".rest{fill:var(--line);stroke:none}.track{fill:var(--line);stroke:none}"
    ".span{stroke-width:2;stroke:var(--grey);fill:none}"
    ".metres{font-size:15px;text-anchor:end}.mark{font-size:15px;font-weight:700;fill:var(--red)}"
    ".veil{fill:var(--land);fill-opacity:.85}"
    ".dot{fill:var(--red);stroke:var(--paper);stroke-width:1}"
    ".seen{fill:var(--paper);stroke:var(--grey);stroke-width:2.4}"
    ".road{stroke:var(--ink);stroke-opacity:.4;stroke-width:1.5;fill:none;pointer-events:none}"
    ".frame{fill:none;stroke:var(--line)}.hidden{fill:var(--wash);stroke:var(--line)}"
    ".hatch{stroke:var(--soft);stroke-opacity:.4;fill:none;pointer-events:none}"
    ".paper{fill:var(--paper)}.touch{fill:var(--paper);fill-opacity:0}"
    ".a1{fill:var(--red);fill-opacity:.16}.a2{fill:var(--red);fill-opacity:.32}"
    ".a3{fill:var(--red);fill-opacity:.55}.a4{fill:var(--red);fill-opacity:.85}"
    ".count{stroke:var(--paper);stroke-width:3px;stroke-linejoin:round;paint-order:stroke}"
    ".say{visibility:hidden}.hint{visibility:hidden}.a4t{fill:var(--paper)}.title{font-size:19px;font-weight:700}"
)
# Of a town that several maps use: what is used stands outside the class of its figure.
_GROUND = (
    ".land{fill:var(--land)}.house{fill:var(--house)}"
    ".street{stroke:var(--street);fill:none;stroke-linecap:round;stroke-linejoin:round}"
    ".water{fill:var(--water)}.green{fill:var(--green)}"
    ".pv .place{font-size:15px;text-anchor:middle;fill:var(--ink);stroke:var(--land);"
    "stroke-width:3px;stroke-linejoin:round;paint-order:stroke}"
    ".pv .of-quarter{font-weight:700;fill:var(--soft)}"
    ".pv .of-water{font-style:italic;fill:var(--blue)}"
)
STYLES = re.findall(r"\.([\w-]+)\{([^}]+)\}", _SHEET + _GROUND)
LOOKS = (
    f".pv text{{font:{SIZE}px {_FONT};fill:var(--ink)}}"
    + re.sub(r"(^|\})\.", r"\1.pv .", _SHEET) + _GROUND
)  # fmt: skip


def variables(index: int) -> str:
    """Return the CSS variables of light (0) or dark (1)."""
    return ";".join(f"--{name}:{pair[index]}" for name, pair in COLOURS.items())


# White space that `textwrap` replaces, and the marks of numbers.
_WHITE = re.compile(r"[\t\n\x0b\x0c\r]")
_QUOTES = re.compile(f"({QUOTED[0]}[^{QUOTED[1]}]*{QUOTED[1]}|{QUOTED[2]})")
# Of a paper's column, and of its page, in millimetres; the narrow drawing goes up to the third.
# Widths of a drawing whose panels stand beside each other, the largest letters first, and the room
# between two: in 7 inches letters have 9.8 to 5.4 points.
_SHEETS, _APART = (720, 800, 880, 960, 1040, 1120, 1200, 1300), 40
_WIDTHS, _NARROW_TO, _INCH = {"column": 88.0, "page": 180.0}, 125.0, 25.4
_FORMATS = (".svg", ".png", ".pdf")


def num(value: float) -> str:
    """Write a coordinate: a tenth of a unit is finer than any screen.

    Examples
    --------
    >>> num(12.0), num(0.26), num(-0.04)
    ('12', '.3', '0')
    """
    text = f"{value:.1f}".removesuffix(".0")
    text = "0" if text == "-0" else text
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


@dataclass
class Canvas:
    """What has been drawn of one figure at one width."""

    width: float
    height: float = 0.0
    parts: list[str] = field(default_factory=list)

    def put(self, svg: str) -> None:
        """Add SVG as it is."""
        self.parts.append(svg)

    def text(self, x: float, y: float, text: str, look: str = "", anchor: str = "") -> None:
        """Write a line of text."""
        ends = f' text-anchor="{anchor}"' if anchor else ""
        css = f' class="{look}"' if look else ""
        self.put(f'<text x="{num(x)}" y="{num(y)}"{css}{ends}>{escape(text)}</text>')

    def wrapped(self, x: float, y: float, text: str, width: float, look: str = "") -> float:
        """Write text in lines of a width; return the y below them."""
        for line in lines_of(text, width / BOLD if look == "b" else width):
            self.text(x, y, line, look)
            y += SIZE * 1.3
        return y

    def line(self, points: Sequence[tuple[float, float]], look: str) -> None:
        """Draw a line through points."""
        path = "L".join(f"{num(x)} {num(y)}" for x, y in points)
        self.put(f'<path class="{look}" d="M{path}"/>')

    def mark(self, shape: str, x: float, y: float, colour: str, title: str, r: float = 6) -> None:
        """Draw a mark with its value as its title: a dot, ring, tick, cross or diamond."""
        tooltip = _tooltip(title)
        at = f'class="m-{colour}{" ring" if shape == "ring" else ""}"'
        if shape in ("dot", "ring"):
            self.put(f'<circle {at} cx="{num(x)}" cy="{num(y)}" r="{num(r)}">{tooltip}</circle>')
        elif shape == "tick":
            path = f"M{num(x)} {num(y - r - 3)}v{num(2 * r + 6)}"
            self.put(f'<path class="m-{colour} tick" d="{path}">{tooltip}</path>')
        elif shape == "cross":
            k = 0.7 * r
            path = f"M{num(x - k)} {num(y - k)}l{num(2 * k)} {num(2 * k)}M{num(x - k)} {num(y + k)}"
            path += f"l{num(2 * k)} {num(-2 * k)}"
            self.put(f'<path class="m-{colour} tick thin" d="{path}">{tooltip}</path>')
        else:
            side = f"l{num(r)} {num(r)} {num(-r)} {num(r)} {num(-r)} {num(-r)}z"
            self.put(f'<path {at} d="M{num(x)} {num(y - r)}{side}">{tooltip}</path>')

    def bar(self, box: tuple[float, float, float, float], look: str, title: str) -> None:
        """Draw a bar: x, y, width, height."""
        x, y, w, h = (num(v) for v in box)
        tooltip = _tooltip(title)
        self.put(f'<rect class="{look}" x="{x}" y="{y}" width="{w}" height="{h}">{tooltip}</rect>')

    def area(self, d: str, look: str, title: str) -> None:
        """Draw areas of straight edges, which say their value."""
        self.put(f'<path class="{look}" d="{d}">{_tooltip(title)}</path>')

    def stamp(self, text: str) -> None:
        """Write a mark in the corner below the drawing, on the right."""
        self.height += 18
        self.put(
            f'<text class="mark" x="{num(self.width - 4)}" y="{num(self.height - 5)}" '
            f'style="font-size:12px" text-anchor="end">{escape(text)}</text>'
        )


def _tooltip(title: str) -> str:
    return f"<title>{escape(title)}</title>" if title else ""


def lines_of(text: str, width: float) -> list[str]:
    """Cut text into lines that fit a width; numbers keep their marks."""
    text = _WHITE.sub(" ", text)
    plain = without_marks(text)
    lines = [""]
    for word in _parts_of_words(plain, width):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and width_of(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    marks, place = dict[int, str](), 0
    for piece in _QUOTES.split(text):
        if _QUOTES.fullmatch(piece):
            marks[place] = marks.get(place, "") + piece
        else:
            place += len(without_marks(piece))
    if not marks:
        return lines
    result, at = list[str](), 0
    for line in lines:
        at = plain.index(line, at)
        ends = at + len(line)
        result.append("".join(marks.pop(k, "") + plain[k] for k in range(at, ends)))
        # A number may end the line.
        result[-1] += marks.pop(ends, "")
        at = ends
    return result


def _parts_of_words(text: str, width: float) -> Iterator[str]:
    """Yield the words of a text, those that are wider than a line in parts."""
    for word in filter(None, text.split(" ")):
        part = ""
        for letter in word:
            if part and width_of(part + letter) > width:
                yield part
                part = ""
            part += letter
        yield part


def width_of(text: str) -> float:
    """Estimate how wide a text is drawn, in the widest of the fonts that a page asks for.

    Examples
    --------
    >>> round(width_of("m")), round(width_of("i")), round(width_of("é")) == round(width_of("e"))
    (14, 4, True)
    """
    letters = unicodedata.normalize("NFD", without_marks(text))
    return SIZE / 100 * sum(map(_letter_width, letters))


@cache
def _letter_width(letter: str) -> int:
    """Return the width of a letter in hundredths of its size; an accent has none."""
    if unicodedata.combining(letter):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return 100
    return next((wide for wide, letters in _LETTER_WIDTHS.items() if letter in letters), 64)


# Left, top, right and bottom of a rectangle.
Box = tuple[float, float, float, float]


def meets(box: Box, others: Iterable[Box]) -> bool:
    """Return whether a box overlaps one of others."""
    return any(box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in others)


class Plot(Protocol):
    """A part of a figure, which stands above the next one."""

    @property
    def draw(self) -> Callable[[float], Canvas]:
        """Draw the part at a width."""

    def described(self) -> Sequence[str]:
        """Describe the marks in words."""

    def rows(self) -> Sequence[dict[str, Any]]:
        """Return what is drawn, one row a mark."""


@dataclass(frozen=True)
class Drawing:
    """A part that is no chart: how it is drawn at a width, and its description."""

    draw: Callable[[float], Canvas]
    words: Sequence[str]
    data: Sequence[dict[str, Any]] = ()

    def described(self) -> Sequence[str]:
        """Return what it says in words."""
        return self.words

    def rows(self) -> Sequence[dict[str, Any]]:
        """Return its data."""
        return self.data


@dataclass(frozen=True, eq=False, repr=False)
class Display:
    """A figure: it shows itself in a notebook, stands in a page, and is saved.

    Attributes
    ----------
    name : str
        File name without ending, and prefix of the ids inside.
    title : str
        States the finding.
    description : str
        The data in words, for who cannot see them.
    source : str
        What kind of data it shows.
    canvases : sequence of Canvas
        The drawing for wide screens, and the one for narrow ones.
    rows : sequence of dict
        What is drawn; see `data`.
    beside : callable, optional
        Draws the parts beside each other in a width: for a file of a given height.

    Examples
    --------
    >>> drawn = Canvas(720, 40)
    >>> shown = Display("one", "One line", "1 is 2.", "Simulated data", [drawn], [{"value": 2}])
    >>> shown, shown.data["value"].tolist(), shown.svg[:4]
    (Display(One line), [2], '<svg')
    """

    name: str
    title: str
    description: str
    source: str
    canvases: Sequence[Canvas]
    rows: Sequence[dict[str, Any]] = ()
    beside: Callable[[float], Canvas] | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"Display({without_marks(self.title)})"

    def _repr_svg_(self) -> str:
        return self._file(self.canvases[0], str(WIDE))

    @property
    def data(self) -> pd.DataFrame:
        """What is drawn, one row a mark: to draw it again with any library."""
        import pandas as pd

        return pd.DataFrame(list(self.rows)).dropna(axis="columns", how="all")

    @property
    def html(self) -> str:
        """What stands in a page, below a title that the page writes: wide, then narrow."""
        looks = ("pv wide", "pv narrow") if len(self.canvases) > 1 else ("pv",)
        return "".join(
            f'<svg class="{look}" viewBox="0 0 {num(canvas.width)} {num(canvas.height)}" '
            f"{self._names(f'{self.name}-{place}')}{''.join(canvas.parts)}</svg>"
            for place, (look, canvas) in enumerate(zip(looks, self.canvases, strict=True))
        )

    @property
    def svg(self) -> str:
        """A file of its own, with title, source and colours of light and dark."""
        return self._file(self.canvases[0])

    def save(
        self,
        path: str | Path,
        *,
        width: Literal["column", "page"] | float = "page",
        height: float | None = None,
        dpi: int = 300,
    ) -> Path:
        """Write the figure, as wide as a paper's column or page; the height goes along.

        Parameters
        ----------
        path : path
            Ends in ``.svg``, ``.png`` or ``.pdf``; text stays text in a vector.
        width : {"column", "page"} or float
            88 mm, 180 mm, or inches. Up to 125 mm the narrow drawing is taken.
        height : float, optional
            Inches: its panels then stand beside each other, as ``width=7, height=2.8``.
        dpi : int
            Of a PNG.

        Returns
        -------
        Path

        Raises
        ------
        ParameterError
            Another width or ending, or a height in which the panels have no room.
        OutputError
            The file cannot be written.
        """
        place = Path(path)
        ending = one_of("save", "ending", place.suffix.lower(), _FORMATS)
        if isinstance(width, str):
            wide = _WIDTHS[one_of("save", "width", width, tuple(_WIDTHS))]
        else:
            wide = float(width) * _INCH
        if not 0.5 <= wide / _INCH <= 50:
            needed = "width 'column', 'page' or inches from .5 to 50"
            raise ParameterError.of("save", needed, f"width={width!r}")
        if height is None:
            svg = self._file(self.canvases[-1 if wide <= _NARROW_TO else 0], f"{wide:g}mm")
        else:
            tall = in_range("save", "height", height, 0.5, 50) * _INCH
            svg = self._in_a_frame(wide, tall)
        if ending == ".svg":
            drawn = svg.encode()
        else:
            drawn = raster(svg, ending[1:], wide / _INCH, dpi)
        try:
            place.write_bytes(drawn)
        except OSError as error:
            needed = "a file that can be written"
            raise OutputError.not_written("save", needed, place.name, error) from None
        return place

    def _in_a_frame(self, wide: float, tall: float) -> str:
        """Write the panels beside each other, in letters as large as the frame has room for."""
        if self.beside is None:
            raise ParameterError.of("save", "a figure of panels for height", "another")
        least = math.inf
        for sheet in _SHEETS:
            canvas = self.beside(sheet)
            head, foot, _, _ = self._around(canvas)
            own = (canvas.height + head + foot) * wide / canvas.width
            if own <= tall:
                return self._file(canvas, f"{wide:g}mm", tall * canvas.width / wide)
            least = min(least, own)
        needed = (
            f"a height of {math.ceil(least / _INCH * 10) / 10:.1f} inches or more at this width"
        )
        raise ParameterError.of("save", needed, f"{tall / _INCH:g}")

    def _around(self, canvas: Canvas) -> tuple[int, int, list[str], list[str]]:
        """Return the room above and below a drawing, the lines of the title and of the source."""
        lines = textwrap.wrap(
            without_marks(self.title), int((canvas.width - 32) / 11.6), break_on_hyphens=False
        )
        sources = lines_of(f"{self.source} · privaudit", canvas.width - 32)
        return 24 * len(lines) + 22, 16 + 18 * len(sources), lines, sources

    def _names(self, id_: str) -> str:
        """Return the end of an opening tag, and the title and description that it refers to."""
        # What can be touched within an image is not announced.
        parts = (part for canvas in self.canvases for part in canvas.parts)
        role = "group" if any('tabindex="' in part for part in parts) else "img"
        return (
            f'role="{role}" aria-labelledby="{id_}-t {id_}-d">'
            f'<title id="{id_}-t">{escape(self.title)}</title>'
            f'<desc id="{id_}-d">{escape(self.description)}</desc>'
        )

    def _file(self, canvas: Canvas, width: str = "", tall: float = 0.0) -> str:
        """Write a figure that stands alone: title above, source below, its own colours."""
        head, foot, lines, sources = self._around(canvas)
        w, h = canvas.width, max(tall, canvas.height + head + foot)
        sheet = Canvas(w, h)
        sheet.put(
            f"<style>.pv{{{variables(0)}}}@media(prefers-color-scheme:dark){{.pv{{{variables(1)}}}}}"
            f'{LOOKS}</style><rect width="{num(w)}" height="{num(h)}" style="fill:var(--paper)"/>'
        )
        for place, line in enumerate(lines):
            sheet.text(16, 28 + 24 * place, line, "title")
        sheet.put(f'<g transform="translate(0 {head})">{"".join(canvas.parts)}</g>')
        for place, line in enumerate(sources):
            sheet.text(16, h - 12 - 18 * (len(sources) - 1 - place), line, "soft")
        size = f'width="{width}" ' if width else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="pv" {size}viewBox="0 0 {num(w)} '
            f'{num(h)}" {self._names(self.name)}{"".join(sheet.parts)}</svg>\n'
        )


def compose(
    name: str,
    words: Words,
    provenance: str,
    *,
    title: str,
    parts: Sequence[Plot],
    widths: Iterable[float] = (WIDE, NARROW),
    reliable: bool = True,
    watermark: bool = True,
) -> Display:
    """Make a figure of its parts, one above the other.

    Parameters
    ----------
    name : str
    words : Words
    provenance : {"simulated", "audited file"}
    title : str
        States the finding.
    parts : sequence of Plot
    widths : iterable of float
        The wide one first.
    reliable : bool
        False is said beside the source.
    watermark : bool
        Whether the mark of simulated figures is still to be drawn.

    Returns
    -------
    Display
    """
    source = words(f"provenance.{slug(provenance)}")
    source += "" if reliable else f", {words('plot.not_reliable')}"
    sentences = [part.rstrip(".") + "." for of in (*parts,) for part in (*of.described(),) if part]
    sentences = [words.spaced(part) for part in sentences]
    canvases = [_stacked([part.draw(width) for part in parts]) for width in widths]

    def finished(canvas: Canvas) -> Canvas:
        canvas.parts = [_TITLE.sub(lambda of: _spaced(words, of[1]), part) for part in canvas.parts]
        if provenance == "simulated" and watermark:
            canvas.stamp(words("provenance.watermark"))
        return canvas

    return Display(
        name,
        title[:1].upper() + title[1:],
        " ".join([*sentences, source.rstrip(".") + "."]),
        source,
        [finished(canvas) for canvas in canvases],
        [row for part in parts for row in part.rows()],
        lambda width: finished(_beside(parts, width)),
    )


_TITLE = re.compile(r"<title>([^<]*)</title>")


def _spaced(words: Words, title: str) -> str:
    """Apply the spacing rules of the language to the title of a mark."""
    return f"<title>{escape(words.spaced(unescape(title)))}</title>"


def _beside(parts: Sequence[Plot], width: float) -> Canvas:
    """Draw parts beside each other, so that they have a width together."""
    step = (width + _APART) / len(parts)
    drawn = [part.draw(step - _APART) for part in parts]
    if len(drawn) == 1:
        return drawn[0]
    sheet = Canvas(width, max(canvas.height for canvas in drawn))
    for place, canvas in enumerate(drawn):
        moved = f'<g transform="translate({num(step * place)} 0)">'
        sheet.put(f"{moved}{''.join(canvas.parts)}</g>")
    return sheet


def _stacked(drawn: Sequence[Canvas]) -> Canvas:
    """Put drawings of one width under each other."""
    if len(drawn) == 1:
        return drawn[0]
    sheet = Canvas(drawn[0].width)
    for canvas in drawn:
        moved = f'<g transform="translate(0 {num(sheet.height)})">'
        sheet.put(f"{moved}{''.join(canvas.parts)}</g>")
        sheet.height += math.ceil(canvas.height) + SIZE
    return sheet


_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
# The share of a text that stands before its anchor.
_BEFORE = {"end": 1.0, "middle": 0.5}
_DOTS = 72  # points an inch
# The letters of Matplotlib's own font are wider than those that the painter reckons with.
_NARROWER = 0.88


def raster(svg: str, kind: str, inches: float, dpi: int) -> bytes:
    """Draw a figure: the same one gives the same bytes.

    Parameters
    ----------
    svg : str
        Of `Display`: straight paths, circles, bars and text, in the classes of the painter.
    kind : {"png", "pdf"}
    inches : float
        Width.
    dpi : int
        Of a PNG.

    Returns
    -------
    bytes
    """
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.get("viewBox", "").split())
    tall, drawn = inches * height / width, BytesIO()
    with warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        if kind == "pdf":
            _draw_pdf(drawn, root, inches, tall)
            return drawn.getvalue()
        from matplotlib.backends import backend_agg
        from PIL import Image

        agg: Any = backend_agg
        # A row of pixels that is not whole is left out.
        sheet = agg.RendererAgg(*(int(one * dpi + 1e-6) for one in (inches, tall)), dpi)
        _Sheet(sheet, root, inches * dpi / width, tall * dpi, dpi).draw(root)
        picture = Image.frombuffer("RGBA", (sheet.width, sheet.height), sheet.buffer_rgba())
        picture.convert("RGB").save(drawn, "png", dpi=(dpi, dpi))
    return drawn.getvalue()


def _draw_pdf(drawn: BytesIO, root: Element, inches: float, tall: float) -> None:
    from matplotlib import rc_context
    from matplotlib.backends import backend_pdf

    pdf: Any = backend_pdf
    width = float(root.get("viewBox", "").split()[2])
    with rc_context({"pdf.fonttype": 42}):
        file = pdf.PdfFile(drawn, metadata={"CreationDate": None})
        file.newPage(inches, tall)
        sheet = pdf.RendererPdf(file, _DOTS, tall, inches)
        _Sheet(sheet, root, inches * _DOTS / width, tall * _DOTS, _DOTS).draw(root)
        sheet.finalize()
        file.finalize()
        file.close()


class _Sheet:
    """A sheet that Matplotlib draws on, without its axes and artists: they load for longer.

    - `unit`, `tall`: Dots of the sheet that a unit of the figure takes, and of its height.
    """

    def __init__(self, sheet: Any, root: Element, unit: float, tall: float, dpi: float) -> None:
        from matplotlib.path import Path
        from matplotlib.transforms import Affine2D

        self.sheet, self.points = sheet, unit * _DOTS / dpi
        self.named = {one.get("id"): one for one in root.iter() if one.get("id")}
        self.whole = Affine2D().scale(unit, -unit).translate(0, tall)
        paper, pen = Affine2D().scale(*sheet.get_canvas_width_height()), sheet.new_gc()
        pen.set_linewidth(0)
        sheet.draw_path(pen, Path.unit_rectangle(), paper, (1.0, 1.0, 1.0, 1.0))

    def draw(self, node: Iterable[Element], at: complex = 0j, clip: Any = None) -> None:
        """Draw what a node holds, moved and clipped."""
        from matplotlib.path import Path
        from matplotlib.transforms import Affine2D, Bbox

        for one in node:
            tag, look = one.tag.rpartition("}")[2], _look(one)
            x, y, w, h, cx, cy, r = (
                float(one.get(name, 0)) for name in ("x", "y", "width", "height", "cx", "cy", "r")
            )
            moved = at + complex(x, y)
            if tag == "use":
                self.draw([self.named[one.get("href", "")[1:]]], at, clip)
            elif tag == "g":
                step = [float(v) for v in _NUMBER.findall(one.get("transform", "0 0"))]
                self.draw(one, at + complex(*step), clip)
            elif tag == "svg":
                corners = [(moved.real, moved.imag + h), (moved.real + w, moved.imag)]
                self.draw(one, moved, Bbox(self.whole.transform(corners)))
            elif look.get("visibility") == "hidden":
                continue
            elif tag == "text" and one.text:
                self._write(one, look, moved)
            elif tag == "circle":
                place = Affine2D().scale(r).translate(at.real + cx, at.imag + cy)
                self._shape(one, look, Path.unit_circle(), place, clip)
            elif tag == "rect":
                place = Affine2D().scale(w, h).translate(moved.real, moved.imag)
                self._shape(one, look, Path.unit_rectangle(), place, clip)
            elif tag == "path" and one.get("d"):
                path = Path(*_path(one.get("d", ""), at))
                self._shape(one, look, path, Affine2D(), clip)

    def _write(self, one: Element, look: dict[str, str], at: complex) -> None:
        """Write a line of text from where it begins, ends or has its middle."""
        from matplotlib.font_manager import FontProperties

        size = float(look.get("font-size", f"{SIZE}px").removesuffix("px"))
        font = FontProperties(
            family="DejaVu Sans", weight="bold" if "font-weight" in look else "normal",
            size=size * self.points * _NARROWER,
        )  # fmt: skip
        turn = _NUMBER.search(one.get("transform", "0"))
        angle = -float(turn[0]) if turn else 0.0
        wide = _BEFORE.get(one.get("text-anchor") or look.get("text-anchor", ""), 0.0)
        if wide:
            wide *= self.sheet.get_text_width_height_descent(one.text, font, False)[0]
        x, y = self.whole.transform((at.real, at.imag))
        x, y = x - wide * math.cos(math.radians(angle)), y - wide * math.sin(math.radians(angle))
        if self.sheet.flipy():
            y = self.sheet.get_canvas_width_height()[1] - y
        pen = self.sheet.new_gc()
        pen.set_foreground(_colour(look, "fill", "ink"), isRGBA=True)
        self.sheet.draw_text(pen, x, y, one.text, font, angle)
        pen.restore()

    def _shape(self, one: Element, look: dict[str, str], path: Any, place: Any, clip: Any) -> None:
        """Draw a shape in the colours of an element."""
        face, edge = _colour(look, "fill", "ink"), _colour(look, "stroke", "none")
        width = float(one.get("stroke-width") or look.get("stroke-width", "1"))
        pen = self.sheet.new_gc()
        pen.set_linewidth(width * self.points if edge[3] else 0)
        pen.set_foreground(edge, isRGBA=True)
        pen.set_capstyle(look.get("stroke-linecap", "butt"))
        pen.set_joinstyle("miter")
        # Put on whole pixels, a stroke of no length with round ends would not be drawn.
        pen.set_snap(False if "stroke-linecap" in look else None)
        if "stroke-dasharray" in look and edge[3]:
            pen.set_dashes(0, [float(v) * self.points for v in look["stroke-dasharray"].split()])
        pen.set_clip_rectangle(clip)
        self.sheet.draw_path(pen, path, place + self.whole, face if face[3] else None)
        pen.restore()


def _look(one: Element) -> dict[str, str]:
    """Return the CSS of an element: of its classes in the order of the sheet, then its own."""
    classes = one.get("class", "").split()
    rules = [css for name, css in STYLES if name in classes] + [one.get("style", "")]
    return dict(rule.split(":", 1) for css in rules for rule in css.split(";") if rule)


def _colour(look: dict[str, str], part: str, first: str) -> Any:
    """Return the colour of the inside or the line of an element, in light."""
    from matplotlib.colors import to_rgba

    name = look.get(part, first).removeprefix("var(--").removesuffix(")")
    opacity = float(look.get(f"{part}-opacity", 1))
    return to_rgba(name) if name == "none" else to_rgba(COLOURS[name][0], opacity)


def _path(d: str, at: complex) -> tuple[list[tuple[float, float]], list[int]]:
    """Return the corners of a path of straight lines, and the codes of Matplotlib for them."""
    corners: list[complex] = []
    codes, here, first = [], at, at
    for letter, values in re.findall(r"([MLVhvlz])([^MLVhvlz]*)", d):
        numbers = [float(v) for v in _NUMBER.findall(values)]
        pairs = [complex(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=False)]
        up = [v * 1j for v in numbers]
        moves: dict[str, list[complex]] = {"h": [*numbers], "v": up, "V": up, "z": [0j]}
        for move in moves.get(letter, pairs):
            if letter == "z":
                here = first
            elif letter == "V":
                here = complex(here.real, at.imag + move.imag)
            else:
                here = (at if letter in "ML" else here) + move
            corners.append(here)
            codes.append({"M": 1, "z": 79}.get(letter, 2))
        first = here if letter == "M" else first
    return [(c.real, c.imag) for c in corners], codes
