"""Draw an SVG of the painter with Matplotlib, as a PNG or PDF."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from privaudit.results.chart_style import COLOURS, SIZE, STYLES

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["raster"]

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
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
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.get("viewBox", "").split())
    figure = Figure(figsize=(inches, inches * height / width))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0), frameon=False)
    axes.set_axis_off()
    named = {one.get("id"): one for one in root.iter() if one.get("id")}
    _draw(axes, root, named, 72 * inches / width, 0j, None)
    drawn = BytesIO()
    with rc_context({"pdf.fonttype": 42}):
        metadata = {"CreationDate": None} if kind == "pdf" else None
        figure.savefig(drawn, format=kind, dpi=dpi, metadata=metadata)
    return drawn.getvalue()


def _draw(axes: Any, node: Element, named: Any, points: float, at: complex, clip: Any) -> None:
    """Draw what a node holds, moved and clipped; a unit is so many points."""
    from matplotlib.patches import Circle, PathPatch, Rectangle
    from matplotlib.path import Path

    for one in node:
        tag, look = one.tag.rpartition("}")[2], _look(one)
        patch: Any = None
        x, y, w, h, cx, cy, r = (
            float(one.get(name, 0)) for name in ("x", "y", "width", "height", "cx", "cy", "r")
        )
        moved = at + complex(x, y)
        if tag == "use":
            _draw(axes, [named[one.get("href", "")[1:]]], named, points, at, clip)  # type: ignore[arg-type]
        elif tag == "g":
            step = [float(v) for v in _NUMBER.findall(one.get("transform", "0 0"))]
            _draw(axes, one, named, points, at + complex(*step), clip)
        elif tag == "svg":
            part = Rectangle((moved.real, moved.imag), w, h, transform=axes.transData)
            _draw(axes, one, named, points, moved, part)
        elif tag == "text":
            size = float(look.get("font-size", f"{SIZE}px").removesuffix("px"))
            turn = _NUMBER.search(one.get("transform", "0"))
            axes.text(
                moved.real, moved.imag, one.text or "", fontsize=size * points * _NARROWER,
                family="DejaVu Sans", weight="bold" if "font-weight" in look else "normal",
                ha={"end": "right", "middle": "center"}.get(one.get("text-anchor", ""), "left"),
                color=_colour(look, "fill", "ink"), rotation=-float(turn[0]) if turn else 0,
                rotation_mode="anchor", va="baseline", parse_math=False,
            )  # fmt: skip
        elif tag == "circle":
            patch = Circle((at.real + cx, at.imag + cy), r)
        elif tag == "rect":
            patch = Rectangle((moved.real, moved.imag), w, h)
        elif tag == "path" and one.get("d"):
            patch = PathPatch(Path(*_path(one.get("d", ""), at)))
        if patch is not None:
            width = float(one.get("stroke-width") or look.get("stroke-width", "1"))
            patch.set(
                facecolor=_colour(look, "fill", "ink"), edgecolor=_colour(look, "stroke", "none"),
                linewidth=width * points, capstyle=look.get("stroke-linecap", "butt"),
            )  # fmt: skip
            if "stroke-dasharray" in look:
                dashes = [float(v) / width for v in look["stroke-dasharray"].split()]
                patch.set_linestyle((0, dashes))
            axes.add_patch(patch)
            patch.set_clip_path(clip)


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
    return "none" if name == "none" else to_rgba(COLOURS[name][0], opacity)


def _path(d: str, at: complex) -> tuple[list[tuple[float, float]], list[int]]:
    """Return the corners of a path of straight lines, and the codes of Matplotlib for them."""
    corners: list[complex] = []
    codes, here, first = [], at, at
    for letter, told in re.findall(r"([MLVhvlz])([^MLVhvlz]*)", d):
        numbers = [float(v) for v in _NUMBER.findall(told)]
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
