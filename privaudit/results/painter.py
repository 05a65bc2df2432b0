"""Draw every figure, of a page as of a notebook, as SVG with one style.

A figure is drawn twice, for wide screens and for telephones; a page shows the one that fits, so
that no text is under 11 pixels. Colours are CSS variables: a page sets them, for light and dark; a
file of its own carries its own.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from markupsafe import escape

from privaudit._core.checks import one_of, say
from privaudit.errors import OutputError, ParameterError
from privaudit.results.chart_style import BOLD, LETTER, LOOKS, NARROW, SIZE, WIDE, variables
from privaudit.text.normalise import slug
from privaudit.words.words import Words

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Canvas", "Display", "Picture", "Plot", "compose", "lines_of", "num", "width_of"]

# Of a paper's column, and of its page, in millimetres; the narrow drawing goes up to the third.
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
        told = f"<title>{escape(title)}</title>"
        at = f'class="m-{colour}{" ring" if shape == "ring" else ""}"'
        if shape in ("dot", "ring"):
            self.put(f'<circle {at} cx="{num(x)}" cy="{num(y)}" r="{num(r)}">{told}</circle>')
        elif shape == "tick":
            path = f"M{num(x)} {num(y - r - 3)}v{num(2 * r + 6)}"
            self.put(f'<path class="m-{colour} tick" d="{path}">{told}</path>')
        elif shape == "cross":
            k = 0.7 * r
            path = f"M{num(x - k)} {num(y - k)}l{num(2 * k)} {num(2 * k)}M{num(x - k)} {num(y + k)}"
            path += f"l{num(2 * k)} {num(-2 * k)}"
            self.put(f'<path class="m-{colour} tick thin" d="{path}">{told}</path>')
        else:
            side = f"l{num(r)} {num(r)} {num(-r)} {num(r)} {num(-r)} {num(-r)}z"
            self.put(f'<path {at} d="M{num(x)} {num(y - r)}{side}">{told}</path>')

    def bar(self, box: tuple[float, float, float, float], look: str, title: str) -> None:
        """Draw a bar: x, y, width, height."""
        x, y, w, h = (num(v) for v in box)
        told = f"<title>{escape(title)}</title>"
        self.put(f'<rect class="{look}" x="{x}" y="{y}" width="{w}" height="{h}">{told}</rect>')

    def stamp(self, text: str, size: float, look: str = "", turn: str = "") -> None:
        """Write a word across the drawing, behind all of it where it is not turned."""
        x, y = self.width / 2, self.height / 2 + (0 if turn else size / 3)
        style = f"font-size:{num(size)}px{look}"
        turned = f' transform="rotate({turn} {num(x)} {num(y)})"' if turn else ""
        self.parts.insert(
            len(self.parts) if turn else 0,
            f'<text class="mark" x="{num(x)}" y="{num(y)}" style="{style}" text-anchor="middle" '
            f'aria-hidden="true"{turned}>{escape(text)}</text>',
        )


def lines_of(text: str, width: float) -> list[str]:
    """Cut text into lines that fit a width."""
    return textwrap.wrap(text, max(8, int(width / LETTER)), break_on_hyphens=False) or [""]


def width_of(text: str) -> float:
    """Estimate how wide a text is drawn."""
    return LETTER * len(text)


class Plot(Protocol):
    """A part of a figure, which stands above the next one."""

    @property
    def draw(self) -> Callable[[float], Canvas]:
        """Draw the part at a width."""

    def described(self) -> Sequence[str]:
        """Say what is drawn, mark by mark, in words."""

    def rows(self) -> Sequence[dict[str, Any]]:
        """Return what is drawn, one row a mark."""


@dataclass(frozen=True)
class Picture:
    """A part that is no chart: how it is drawn at a width, and what it says in words."""

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

    def __repr__(self) -> str:
        return f"Display({self.title})"

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

    def save(self, path: str | Path, *, width: str | float = "page", dpi: int = 300) -> Path:
        """Write the figure, as wide as a paper's column or page; the height goes along.

        Parameters
        ----------
        path : path
            Ends in ``.svg``, ``.png`` or ``.pdf``; text stays text in a vector.
        width : {"column", "page"} or float
            88 mm, 180 mm, or inches. Up to 125 mm the narrow drawing is taken.
        dpi : int
            Of a PNG.

        Returns
        -------
        Path

        Raises
        ------
        ParameterError
            Another width or ending.
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
            raise ParameterError(say("save", needed, f"width={width!r}"))
        svg = self._file(self.canvases[-1 if wide <= _NARROW_TO else 0], f"{wide:g}mm")
        if ending == ".svg":
            drawn = svg.encode()
        else:
            from privaudit.results.raster import raster

            drawn = raster(svg, ending[1:], wide / _INCH, dpi)
        try:
            place.write_bytes(drawn)
        except OSError as error:
            came = (error.strerror or type(error).__name__).lower()
            raise OutputError(say("save", "a file that can be written", came)) from None
        return place

    def _names(self, id_: str) -> str:
        """Return the end of an opening tag, and the title and description that it refers to."""
        return (
            f'role="img" aria-labelledby="{id_}-t {id_}-d">'
            f'<title id="{id_}-t">{escape(self.title)}</title>'
            f'<desc id="{id_}-d">{escape(self.description)}</desc>'
        )

    def _file(self, canvas: Canvas, width: str = "") -> str:
        """Write a figure that stands alone: title above, source below, its own colours."""
        lines = textwrap.wrap(self.title, int((canvas.width - 32) / 11.6), break_on_hyphens=False)
        sources = lines_of(f"{self.source} · privaudit", canvas.width - 32)
        head, foot = 24 * len(lines) + 22, 16 + 18 * len(sources)
        w, h = canvas.width, canvas.height + head + foot
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
        Whether the word across simulated figures is still to be drawn.

    Returns
    -------
    Display
    """
    source = words(f"provenance.{slug(provenance)}")
    source += "" if reliable else f", {words('plot.not_reliable')}"
    told = [part.rstrip(".") + "." for of in (*parts,) for part in (*of.described(),) if part]
    canvases = [_stacked([part.draw(width) for part in parts]) for width in widths]
    for canvas in canvases:
        if provenance == "simulated" and watermark:
            text = words("provenance.watermark")
            canvas.stamp(text, min(54.0, canvas.width / (0.8 * len(text))), ";fill-opacity:.055")
    return Display(
        name,
        title[:1].upper() + title[1:],
        " ".join([*told, source.rstrip(".") + "."]),
        source,
        canvases,
        [row for part in parts for row in part.rows()],
    )


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
