"""How a figure looks, in a report as in a notebook, how it is shown there, and how it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import kind_of, one_of, say
from privaudit.errors import OutputError, ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLUE", "COLOURS", "GREY", "INK", "LINE", "RED", "SERIES", "SOFT", "Display", "axes_for",
]  # fmt: skip

# Light, then dark. Red (to meet) and grey (visited) differ in lightness and in shape.
COLOURS = {
    "ink": ("#1b1f24", "#eceff3"),
    "soft": ("#565d66", "#a9b1bb"),
    "paper": ("#ffffff", "#14171b"),
    "line": ("#d9dce0", "#353b43"),
    "wash": ("#f6f4f1", "#1d2126"),
    "red": ("#b80f2e", "#ff7a89"),
    "grey": ("#6b727b", "#a3abb5"),
    "blue": ("#1f5fa8", "#7db4f5"),
    "land": ("#f3f1ec", "#1b1f24"),
    "street": ("#ffffff", "#343b44"),
    "house": ("#cfc9c0", "#4a515b"),
    "water": ("#cfe0ea", "#1f3442"),
    "green": ("#dde7d3", "#233026"),
}
INK, SOFT, LINE, RED, GREY, BLUE = (
    COLOURS[name][0] for name in ("ink", "soft", "line", "red", "grey", "blue")
)
# Told apart by the colour-blind too, and in grey.
SERIES = (RED, BLUE, "#e69f00", "#009e73", "#cc79a7", GREY)
# Of a paper's column, and of its page, in inches: 88 and 180 mm.
WIDTHS = {"column": 88 / 25.4, "page": 180 / 25.4}
# What text becomes in a column: 8 points are 6.
_SMALLER = 0.75
_FORMATS = (".svg", ".png", ".pdf")


class Display:
    """A figure that shows itself in a notebook, with its axes.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
    ax_ : matplotlib.axes.Axes
        Those of the main panel.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> shown = Display(axes)
    >>> shown.figure_ is axes.figure, shown._repr_png_()[1:4]
    (True, b'PNG')
    """

    def __init__(self, ax: Axes) -> None:
        if not hasattr(ax, "get_figure"):
            raise ParameterError(say("Display", "ax, axes of matplotlib", kind_of(ax)))
        self.ax_ = ax
        figure: Any = ax.get_figure()
        self.figure_: Figure = figure

    def __repr__(self) -> str:
        titles = [self.figure_.get_suptitle(), self.ax_.get_title(loc="left"), self.ax_.get_title()]
        return f"Display({next(filter(None, titles), 'figure').splitlines()[0]})"

    def _repr_png_(self) -> bytes | None:
        # A figure of pyplot is shown by the notebook itself, and once is enough.
        if getattr(self.figure_.canvas, "manager", None) is not None:
            return None
        return self._drawn("png", 144)

    def save(self, path: str | Path, *, width: str | float = "page", dpi: int = 300) -> Path:
        """Write the figure, as wide as a paper's column or page; the height goes along.

        Parameters
        ----------
        path : path
            Ends in ``.svg``, ``.png`` or ``.pdf``; text stays text in a vector.
        width : {"column", "page"} or float
            88 mm, 180 mm, or inches.
        dpi : int
            Of a PNG.

        Raises
        ------
        ParameterError
            Another width or ending.
        OutputError
            The file cannot be written.
        """
        place = Path(path)
        one_of("save", "ending", place.suffix.lower(), _FORMATS)
        if isinstance(width, str):
            inches = WIDTHS[one_of("save", "width", width, tuple(WIDTHS))]
        else:
            inches = float(width)
        if not 0.5 <= inches <= 50:
            needed = "width 'column', 'page' or inches from .5 to 50"
            raise ParameterError(say("save", needed, f"width={width!r}"))
        try:
            with self._sized(inches):
                place.write_bytes(self._drawn(place.suffix.lower()[1:], dpi))
        except OSError as error:
            came = (error.strerror or type(error).__name__).lower()
            raise OutputError(say("save", "a file that can be written", came)) from None
        return place

    @contextmanager
    def _sized(self, inches: float) -> Iterator[None]:
        """Make the figure so wide for a while; one much narrower stacks its panels."""
        from matplotlib.gridspec import GridSpec
        from matplotlib.text import Text

        wide, high = self.figure_.get_size_inches()
        narrow = inches < wide / 1.6
        spots = [(axes, axes.get_subplotspec()) for axes in self.figure_.axes]
        row = len(spots) > 1 and all(s is not None and not s.rowspan.start for _, s in spots)
        texts: Any = self.figure_.findobj(Text) if narrow else []
        sizes = [text.get_fontsize() for text in texts]
        if narrow and row:
            grid = GridSpec(len(spots), 1, figure=self.figure_)
            for k, (axes, _) in enumerate(spots):
                axes.set_subplotspec(grid[k])
            high *= len(spots)
        for text, size in zip(texts, sizes, strict=True):
            text.set_fontsize(size * _SMALLER)
        for legend in self.figure_.legends if narrow else []:
            legend.set_ncols(1)
        self.figure_.set_size_inches(inches, high)
        try:
            yield
        finally:
            self.figure_.set_size_inches(wide, high / (len(spots) if narrow and row else 1))
            for text, size in zip(texts, sizes, strict=True):
                text.set_fontsize(size)
            for legend in self.figure_.legends if narrow else []:
                legend.set_ncols(2)
            for axes, spot in spots if narrow and row else []:
                assert spot is not None
                axes.set_subplotspec(spot)

    def _drawn(self, kind: str, dpi: int) -> bytes:
        """Draw: the same figure gives the same bytes."""
        from matplotlib import rc_context

        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
        drawn = BytesIO()
        with rc_context({"svg.hashsalt": "privaudit", "svg.fonttype": "none", "pdf.fonttype": 42}):
            # Somebody's own figure may have no room for labels: it is shown with them.
            box = None if self.figure_.get_layout_engine() else "tight"
            self.figure_.savefig(drawn, format=kind, dpi=dpi, metadata=metadata, bbox_inches=box)
        return drawn.getvalue()


def axes_for(ax: Axes | None, *, width: float = 7.0, height: float = 3.6) -> Axes:
    """Return the axes to draw on: those given, or of a figure of its own."""
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(width, height), layout="constrained").subplots()
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(SOFT)
    ax.tick_params(colors=INK, labelsize=8)
    return ax
