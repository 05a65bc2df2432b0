"""How every figure looks: colours of light and dark, sizes, and the sheet of its classes."""

from __future__ import annotations

import re

__all__ = [
    "BOLD", "COLOURS", "LETTER", "LOOKS", "NARROW", "SERIES", "SIZE", "STYLES", "WIDE", "variables",
]  # fmt: skip

# Light, then dark. Red (to meet) and grey (visited) differ in lightness and in shape; the colours
# of series are told apart by the colour-blind too.
COLOURS = {
    "ink": ("#1b1f24", "#eceff3"),
    "soft": ("#565d66", "#a9b1bb"),
    "paper": ("#ffffff", "#14171b"),
    "line": ("#d9dce0", "#353b43"),
    "wash": ("#f6f4f1", "#1d2126"),
    "red": ("#b80f2e", "#ff7a89"),
    "grey": ("#6b727b", "#a3abb5"),
    "blue": ("#1f5fa8", "#7db4f5"),
    "orange": ("#a35c00", "#f0b24d"),
    "teal": ("#00785a", "#45c9a0"),
    "pink": ("#a5447f", "#e9a0cb"),
    "land": ("#f3f1ec", "#1b1f24"),
    "street": ("#ffffff", "#343b44"),
    "house": ("#cfc9c0", "#4a515b"),
    "water": ("#cfe0ea", "#1f3442"),
    "green": ("#dde7d3", "#233026"),
}
SERIES = ("red", "blue", "orange", "teal", "pink", "grey")
# Units of the two drawings: a wide one is never shown under 720 pixels, a narrow one never
# under 340.
WIDE, NARROW = 720, 340
SIZE, LETTER = 14, 7.1  # of text, and the mean width of one of its letters
BOLD = 1.12  # how much wider a bold one is, where a page falls back on DejaVu
_FONT = "system-ui,'Helvetica Neue',Arial,'Liberation Sans','DejaVu Sans',sans-serif"
# What each class of a mark, line or text looks like; a later one goes before an earlier one.
_SHEET = (
    ".soft{fill:var(--soft)}.b{font-weight:700}"
    + "".join(f".t-{c}{{fill:var(--{c})}}" for c in SERIES)
    + ".t-red{font-weight:700}.t-grey{fill:var(--soft)}"
    ".grid{stroke:var(--line);fill:none}.axis{stroke:var(--soft);fill:none}"
    + "".join(f".m-{c}{{fill:var(--{c});stroke:var(--{c})}}" for c in SERIES)
    + ".ring{fill:var(--paper);stroke-width:2}.tick{stroke-width:3;fill:none}"
    ".ci{stroke-width:7;stroke-opacity:.22;fill:none}.range{stroke-width:1;fill:none}"
    ".thin{stroke-width:2}.band{fill-opacity:.25;stroke:none}.outer{fill-opacity:.08;stroke:none}"
    ".curve{fill:none;stroke-width:2.2}.dash{stroke-dasharray:5 4}"
    ".span{stroke-width:2;stroke:var(--grey);fill:none}"
    ".mark{font-weight:800;fill:var(--ink);fill-opacity:.09;letter-spacing:.06em}"
    ".dot{fill:var(--red);stroke:var(--paper);stroke-width:1}"
    ".seen{fill:var(--paper);stroke:var(--grey);stroke-width:2.4}"
    ".frame{fill:none;stroke:var(--line)}.hidden{fill:var(--wash);stroke:var(--line)}"
    ".a1{fill:var(--red);fill-opacity:.16}.a2{fill:var(--red);fill-opacity:.32}"
    ".a3{fill:var(--red);fill-opacity:.55}.a4{fill:var(--red);fill-opacity:.85}"
    ".a4t{fill:var(--paper)}.title{font-size:19px;font-weight:700}"
)
# Of a town that several maps use: what is used stands outside the class of its figure.
_GROUND = (
    ".land{fill:var(--land)}.house{fill:var(--house)}"
    ".street{stroke:var(--street);fill:none;stroke-linecap:round;stroke-linejoin:round}"
    ".water{stroke:var(--water);fill:none;stroke-linecap:round}"
    ".green{stroke:var(--green);fill:none;stroke-linecap:round}"
)
STYLES = re.findall(r"\.([\w-]+)\{([^}]+)\}", _SHEET + _GROUND)
LOOKS = (
    f".pv text{{font:{SIZE}px {_FONT};fill:var(--ink)}}"
    + re.sub(r"(^|\})\.", r"\1.pv .", _SHEET) + _GROUND
)  # fmt: skip


def variables(index: int) -> str:
    """Return the CSS variables of light (0) or dark (1)."""
    return ";".join(f"--{name}:{pair[index]}" for name, pair in COLOURS.items())
