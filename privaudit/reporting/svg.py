"""The painter: every figure is SVG written here, in two widths, with one set of looks.

A figure stands in a page twice, for wide screens and for telephones; the page shows the one that
fits, so that no text is under 11 pixels. Colours are CSS variables: the page sets them, for light
and dark; a file of its own carries its own.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import escape

from privaudit.results.looks import COLOURS
from privaudit.text.normalise import slug
from privaudit.words.words import Words

__all__ = [
    "COLOURS",
    "NARROW",
    "WIDE",
    "Canvas",
    "Drawing",
    "finish",
    "lines_of",
    "num",
    "ticks_of",
    "variables",
    "width_of",
]

# Units of the two drawings: a wide one is never shown under 720 pixels, a narrow one never
# under 340.
WIDE, NARROW = 720, 340
SIZE, LETTER = 14, 7.1  # of text, and the mean width of one of its letters
BOLD = 1.12  # how much wider a bold one is, where a page falls back on DejaVu
_FONT = "system-ui,'Helvetica Neue',Arial,'Liberation Sans','DejaVu Sans',sans-serif"
LOOKS = (
    f".pv text{{font:{SIZE}px {_FONT};fill:var(--ink)}}.pv .soft{{fill:var(--soft)}}"
    ".pv .b{font-weight:700}.pv .t-red{fill:var(--red);font-weight:700}"
    ".pv .t-blue{fill:var(--blue)}.pv .t-grey{fill:var(--soft)}"
    ".pv .grid{stroke:var(--line);fill:none}.pv .axis{stroke:var(--soft);fill:none}"
    ".pv .m-red{fill:var(--red);stroke:var(--red)}.pv .m-grey{fill:var(--grey);stroke:var(--grey)}"
    ".pv .m-blue{fill:var(--blue);stroke:var(--blue)}"
    ".pv .ring{fill:var(--paper);stroke-width:2}.pv .tick{stroke-width:3;fill:none}"
    ".pv .ci{stroke-width:7;stroke-opacity:.22;fill:none}.pv .curve{fill:none;stroke-width:2.2}"
    ".pv .dash{stroke-dasharray:5 4}.pv .span{stroke-width:2;stroke:var(--grey);fill:none}"
    ".pv .mark{font-weight:800;fill:var(--ink);fill-opacity:.09;letter-spacing:.06em}"
    ".land{fill:var(--land)}.street{stroke:var(--street);fill:none;stroke-linecap:round;"
    "stroke-linejoin:round}.house{fill:var(--house)}.water{stroke:var(--water);fill:none;"
    "stroke-linecap:round}.green{stroke:var(--green);fill:none;stroke-linecap:round}"
    ".pv .dot{fill:var(--red);stroke:var(--paper);stroke-width:1}"
    ".pv .seen{fill:var(--paper);stroke:var(--grey);stroke-width:2.4}"
    ".pv .frame{fill:none;stroke:var(--line)}"
    ".pv .a1{fill:var(--red);fill-opacity:.16}.pv .a2{fill:var(--red);fill-opacity:.32}"
    ".pv .a3{fill:var(--red);fill-opacity:.55}.pv .a4{fill:var(--red);fill-opacity:.85}"
    ".pv .a4t{fill:var(--paper)}.pv .hidden{fill:var(--wash);stroke:var(--line)}"
)


def variables(index: int) -> str:
    """Return the CSS variables of light (0) or dark (1)."""
    return ";".join(f"--{name}:{pair[index]}" for name, pair in COLOURS.items())


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
        """Draw a mark that says what it is."""
        told = f"<title>{escape(title)}</title>"
        at = f'class="m-{colour}{" ring" if shape == "ring" else ""}"'
        if shape in ("dot", "ring"):
            self.put(f'<circle {at} cx="{num(x)}" cy="{num(y)}" r="{num(r)}">{told}</circle>')
        elif shape == "tick":
            path = f"M{num(x)} {num(y - r - 3)}v{num(2 * r + 6)}"
            self.put(f'<path class="m-{colour} tick" d="{path}">{told}</path>')
        else:
            k = r if shape == "diamond" else r * 0.85
            path = (
                f"M{num(x)} {num(y - k)}l{num(k)} {num(k)} {num(-k)} {num(k)} {num(-k)} {num(-k)}z"
                if shape == "diamond"
                else f"M{num(x - k)} {num(y - k)}h{num(2 * k)}v{num(2 * k)}h{num(-2 * k)}z"
            )
            self.put(f'<path {at} d="{path}">{told}</path>')

    def bar(self, box: tuple[float, float, float, float], look: str, title: str) -> None:
        """Draw a bar: x, y, width, height."""
        x, y, w, h = (num(v) for v in box)
        told = f"<title>{escape(title)}</title>"
        self.put(f'<rect class="{look}" x="{x}" y="{y}" width="{w}" height="{h}">{told}</rect>')


def lines_of(text: str, width: float) -> list[str]:
    """Cut text into lines that fit a width."""
    return textwrap.wrap(text, max(8, int(width / LETTER)), break_on_hyphens=False) or [""]


def width_of(text: str) -> float:
    """Estimate how wide a text is drawn."""
    return LETTER * len(text)


def ticks_of(low: float, high: float, most: int = 5) -> list[float]:
    """Choose round numbers over the range of the data, its ends within a step.

    Examples
    --------
    >>> ticks_of(0, 0.96), ticks_of(0.91, 0.97)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.9, 0.92, 0.94, 0.96, 0.98])
    """
    if not high > low:
        high = low + (abs(low) or 1.0)
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(s * power for s in (1, 2, 2.5, 5, 10, 20) if (high - low) / (s * power) <= most)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(k * step, 10) for k in range(first, last + 1)]


@dataclass(frozen=True)
class Drawing:
    """A finished figure.

    Parameters
    ----------
    name : str
        File name without ending, and prefix of the ids inside.
    title : str
        States the finding.
    description : str
        The data in words, for who cannot see them.
    html : str
        What stands in a page, below a title that the page writes: the wide and the narrow one.
    svg : str
        A file of its own, with title, source and looks.
    """

    name: str
    title: str
    description: str
    html: str
    svg: str


def finish(
    name: str,
    words: Words,
    provenance: str,
    *,
    title: str,
    data: Iterable[str],
    drawn: Sequence[Canvas],
    watermark: bool = True,
) -> Drawing:
    """Make the figure of its canvases, the wide one first.

    Parameters
    ----------
    data : iterable of str
        What is drawn, mark by mark, for who cannot see it.
    watermark : bool
        Whether the word across simulated figures is still to be drawn.
    """
    title = title[:1].upper() + title[1:]
    source = words("provenance." + slug(provenance))
    told = " ".join(part.rstrip(".") + "." for part in (*data, source) if part)
    stamp = provenance == "simulated" and watermark
    for canvas in drawn:
        if stamp:
            _stamp(canvas, words)
    shown = [
        _element(f"{name}-{place}", canvas, title, told, "wide" if place == 0 else "narrow")
        for place, canvas in enumerate(drawn)
    ]
    if len(shown) == 1:
        shown = [shown[0].replace('class="pv wide"', 'class="pv"', 1)]
    file = _file(name, drawn[0], title, told, f"{source} · privaudit")
    return Drawing(name, title, told, "".join(shown), file)


def _stamp(canvas: Canvas, words: Words) -> None:
    text = words("provenance.watermark")
    size = min(54.0, canvas.width / (0.8 * len(text)))
    at = f'x="{num(canvas.width / 2)}" y="{num(canvas.height / 2 + size / 3)}"'
    style = (
        f'style="font-size:{num(size)}px;fill-opacity:.055" text-anchor="middle" aria-hidden="true"'
    )
    canvas.parts.insert(0, f'<text class="mark" {at} {style}>{escape(text)}</text>')


def _element(id_: str, canvas: Canvas, title: str, told: str, look: str) -> str:
    box = f'viewBox="0 0 {num(canvas.width)} {num(canvas.height)}"'
    names = f'aria-labelledby="{id_}-t {id_}-d"'
    return (
        f'<svg class="pv {look}" {box} role="img" {names}>'
        f'<title id="{id_}-t">{escape(title)}</title><desc id="{id_}-d">{escape(told)}</desc>'
        f"{''.join(canvas.parts)}</svg>"
    )


def _file(name: str, canvas: Canvas, title: str, told: str, source: str) -> str:
    """Write a figure that stands alone: title above, source below, its own colours."""
    lines = textwrap.wrap(title, int((canvas.width - 32) / 11.6), break_on_hyphens=False)
    head, foot = 24 * len(lines) + 22, 34
    w, h = canvas.width, canvas.height + head + foot
    style = (
        f".pv{{{variables(0)}}}@media(prefers-color-scheme:dark){{.pv{{{variables(1)}}}}}{LOOKS}"
        ".pv .title{font-size:19px;font-weight:700}"
    )
    titles = "".join(
        f'<text class="title" x="16" y="{28 + 24 * place}">{escape(line)}</text>'
        for place, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pv" viewBox="0 0 {num(w)} {num(h)}" '
        f'role="img" aria-labelledby="{name}-t {name}-d"><title id="{name}-t">{escape(title)}'
        f'</title><desc id="{name}-d">{escape(told)}</desc><style>{style}</style>'
        f'<rect width="{num(w)}" height="{num(h)}" style="fill:var(--paper)"/>{titles}'
        f'<g transform="translate(0 {head})">{"".join(canvas.parts)}</g>'
        f'<text class="soft" x="16" y="{num(h - 12)}">{escape(source)}</text></svg>\n'
    )
