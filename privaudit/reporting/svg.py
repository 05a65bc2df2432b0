"""One look for every figure, written as SVG: the same study gives the same bytes."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from privaudit.reporting.words import Words, slug

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["BLUE", "FAINT", "GREY", "INK", "RED", "SMALL", "WIDTH", "Drawing", "Frame", "draw"]

# The story's red (to meet) and grey (visited). They differ in lightness too, so that they are
# told apart without colour; blue and red are apart for every common kind of colour blindness.
RED, GREY, BLUE, INK, FAINT = "#c8102e", "#7d838c", "#2b6cb0", "#20242b", "#d4d7dc"
# Inches. On a telephone of 400 pixels the page is 365 wide: a point is then 1.13 pixels, and the
# smallest text of a figure, at 9 points, ten of them.
WIDTH = 4.5
SMALL = 9.0
_LINE, _MARGIN = 0.22, 0.12
# Letters of the bold title that stand on a line.
_TITLE = 40
_FONTS = "system-ui, 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_STYLE: dict[Any, Any] = {
    # DejaVu comes with matplotlib: the layout is the same on every machine. What the reader's
    # machine shows is narrower, never wider.
    "font.family": "DejaVu Sans",
    "font.size": SMALL,
    "svg.fonttype": "none",
    "svg.hashsalt": "privaudit",
    "path.simplify": False,
    "axes.edgecolor": "#9aa0a8",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": "#5b616a",
    "ytick.color": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "hatch.linewidth": 0.5,
    "hatch.color": "#9aa0a8",
}


@dataclass(frozen=True)
class Frame:
    """Where a figure's content goes: `bottom` and `top` as fractions of its height."""

    bottom: float
    top: float


@dataclass(frozen=True)
class Drawing:
    """A finished figure: its name, what it says, and its SVG."""

    name: str
    title: str
    description: str
    svg: str


def draw(
    name: str,
    words: Words,
    provenance: str,
    *,
    title: str,
    description: str,
    height: float,
    paint: Callable[[Figure, Frame], None],
) -> Drawing:
    """Draw a figure under its title, above the line that says what its data are.

    Parameters
    ----------
    name : str
        File name without ending, and prefix of the ids inside.
    words : Words
    provenance : {"simulated", "audited file"}
    title : str
        States the finding.
    description : str
        For who cannot see the figure.
    height : float
        Height of the content in inches.
    paint : callable
        Given the matplotlib figure and the frame to stay in.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    title = _sentence(title)
    lines = textwrap.wrap(title, _TITLE, break_on_hyphens=False)
    head, foot = _MARGIN + _LINE * len(lines) + 0.1, 0.34
    full = head + height + foot
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH, full))
        FigureCanvasSVG(figure)
        left = _MARGIN / WIDTH
        figure.text(
            left, 1 - _MARGIN / full, _literal("\n".join(lines)),
            fontsize=11, fontweight="bold", va="top", linespacing=1.3,
        )  # fmt: skip
        source = f"{words('provenance.' + slug(provenance))} · privaudit"
        figure.text(left, 0.08 / full, source, fontsize=SMALL, color="#5b616a")
        paint(figure, Frame(bottom=foot / full, top=1 - head / full))
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Type": None})
    source_line = words("provenance." + slug(provenance))
    description = f"{description} {source_line}."
    return Drawing(name, title, description, _clean(buffer.getvalue(), name, title, description))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _literal(text: str) -> str:
    """Keep matplotlib from reading mathematics between two dollar signs."""
    return text.replace("$", r"\$")


def _clean(svg: str, name: str, title: str, description: str) -> str:
    """Make an SVG that stands in a page: own ids, no address but the namespace, a description."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    svg = svg.replace("xlink:href=", "href=")
    svg = re.sub(r' id="([^"]+)"', rf' id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', svg)
    # A hundredth of a point is finer than any screen.
    svg = re.sub(r"-?\d+\.\d{3,}", lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), svg)
    # A point is a line of no length: said shortly, thousands of them stay a small page.
    svg = re.sub(r"M (\S+) (\S+) \nL \1 \2 (?=\n)", r"M\1 \2h0", svg)
    svg = svg.replace("'DejaVu Sans'", _FONTS)
    svg = re.sub(r"\n\s*", "\n", svg)
    label = f'role="img" aria-labelledby="{name}-title {name}-desc"'
    svg = svg.replace("<svg ", f"<svg {label} ", 1)
    inner = (
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>'
    )
    head, rest = svg.split(">", 1)
    return f"{head}>\n{inner}{rest}"
