"""Pictures of these notebooks, drawn by the painter of the package's own figures.

Each takes numbers and a title that says what they show, and returns a `Display`: it shows itself
in a notebook, `.data` is what is drawn, and `.save("name.png")` writes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from privaudit.results.display import share_scale
from privaudit.results.line_charts import (
    ChartLine,
    Curve,
    Mark,
    Panel,
    curve_chart,
    line_chart,
)
from privaudit.results.painter import (
    SERIES,
    SIZE,
    WIDE,
    Canvas,
    Display,
    Drawing,
    compose,
    lines_of,
    num,
)
from privaudit.words.catalogues import Words

CHANCE = {
    "en": ("without the release (baseline)", "people who are not in it (control)"),
    "fr": ("sans la fuite", "personnes absentes (témoin)"),
}
INTERVAL = {"en": "the bar is the 95 % interval", "fr": "la barre est l’intervalle à 95 %"}


def _number(row: object, name: str) -> float:
    """Read a part of a row, be it a `Row`, a line of a frame or a mapping; nan where absent."""
    held = row.get(name) if isinstance(row, (Mapping, pd.Series)) else getattr(row, name, None)
    return math.nan if held is None else float(held)


def points(
    title: str, rows: Mapping[str, object], axis: str = "", *, share: bool = True,
    lang: str = "en", source: str = "simulated", chance: bool = True,
) -> Display:  # fmt: skip
    """Draw a dot a line, with its interval, and beside it the baseline and the control.

    Parameters
    ----------
    title : str
    rows : mapping
        Name of a line to its number, or to a row with value, low, high, baseline and control.
    axis : str
    share : bool
        Numbers are shares of 1, written in percent.
    lang, source : str
    chance : bool
        Draw the baseline and the control.
    """
    words, lines, met = Words(lang), [], set()
    for name, row in rows.items():
        if isinstance(row, (int, float, np.number)):
            row = {"value": row}
        value, low, high = (_number(row, part) for part in ("value", "low", "high"))
        write = words.percent if share else words.count
        marks = []
        for k, part in enumerate(("baseline", "control") if chance else ()):
            if math.isfinite(beside := _number(row, part)):
                met.add(k)
                said = f"{CHANCE[lang][k]} {write(beside)}"
                marks.append(Mark(beside, said, "", ("tick", "ring")[k], "grey"))
        if low < high:
            met.add(2)
        marks.append(Mark(value, write(value), write(value), low=low, high=high))
        lines.append(ChartLine(name, marks))
    looks = (("tick", "grey", CHANCE[lang][0]), ("ring", "grey", CHANCE[lang][1]))
    key = [looks[k] for k in (0, 1) if k in met]
    axis = f"{axis}; {INTERVAL[lang]}" if 2 in met and axis else axis
    return line_chart(
        "points", words, source, title=title, panels=[Panel(lines)], axis=axis, key=key,
        write=words.tick if share else words.count,
    )  # fmt: skip


def pairs(
    title: str, rows: Mapping[str, Mapping[str, float]], axis: str = "", *, share: bool = True,
    lang: str = "en", source: str = "simulated",
) -> Display:  # fmt: skip
    """Draw several named numbers on each line, each name in its own colour."""
    words = Words(lang)
    write = words.percent if share else words.count
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    looks = {n: (("dot", "ring", "diamond", "tick")[k % 4], SERIES[k]) for k, n in enumerate(names)}
    lines = [
        ChartLine(
            line,
            [Mark(float(v), f"{n}: {write(v)}", write(v), *looks[n]) for n, v in row.items()],
            joined=True,
        )
        for line, row in rows.items()
    ]
    return line_chart(
        "pairs", words, source, title=title, panels=[Panel(lines)], axis=axis,
        write=words.tick if share else words.count, key=[(*looks[n], n) for n in names],
    )  # fmt: skip


def curves(
    title: str, lines: Mapping[str, pd.DataFrame | pd.Series], axes: tuple[str, str], *,
    share: bool = True, log: bool = False, lang: str = "en", source: str = "simulated",
) -> Display:  # fmt: skip
    """Draw a curve a name over the index of its frame: value, and low and high where it has them.

    Parameters
    ----------
    title : str
    lines : mapping
        A name that ends in "control" or "baseline" is drawn dashed.
    axes : pair of str
        What is across, and what is upward.
    share : bool
        Numbers are shares of 1.
    log : bool
        Across, equal steps are equal ratios.
    """
    words, drawn = Words(lang), []
    colours = iter(SERIES)
    for name, line in lines.items():
        frame = line.to_frame("value") if isinstance(line, pd.Series) else line
        dashed = name.endswith(("control", "baseline", "absentes", "exact"))
        ends = {k: frame[k].tolist() for k in ("low", "high") if k in frame}
        x, y = frame.index.tolist(), frame["value"].tolist()
        drawn.append(Curve(name, x, y, next(colours), dashed=dashed, **ends))
    return curve_chart(
        "curves", words, source, title=title, curves=drawn, axes=axes, log=log, low=0.0,
        write=words.tick if share else words.count, up=share_scale(words) if share else None,
    )  # fmt: skip


def squares(
    title: str, rows: Mapping[str, Mapping[str, int]], *, lang: str = "en",
    source: str = "simulated", foot: str = "",
    looks: Sequence[str] = ("red", "grey", "blue", "orange", "teal"),
) -> Display:  # fmt: skip
    """Draw a square for each thing that is counted, a row a group, a colour a name.

    Parameters
    ----------
    title : str
    rows : mapping
        Group to how many of each name there are.
    foot : str
        What one square is.
    looks : sequence of str
        A colour a name; grey ones are hollow.
    """
    words = Words(lang)
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    colour = dict(zip(names, looks, strict=False))

    def draw(width: float) -> Canvas:
        canvas, wide, y = Canvas(width), width == WIDE, 8.0
        left, step = (250.0 if wide else 10.0), 16.0
        across = int((width - left - 12) / step)
        for group, row in rows.items():
            if wide:
                names_end = y + SIZE * 1.3 * len(lines_of(group, left - 60))
                canvas.wrapped(10, y + 12, group, left - 60)
            else:
                y = canvas.wrapped(10, y + 12, group, width - 20) - 8
                names_end = y
            each = [name for name, n in row.items() for _ in range(n)]
            for k, name in enumerate(each):
                x, top = left + step * (k % across), y + step * (k // across)
                look = f"m-{colour[name]}{' ring' if colour[name] == 'grey' else ''}"
                canvas.bar((x, top, step - 4, step - 4), look, f"{group}: {name}")
            y = max(names_end, y + step * math.ceil(len(each) / across)) + 8
        for name in names if len(names) > 1 else ():
            look = f"m-{colour[name]}{' ring' if colour[name] == 'grey' else ''}"
            canvas.bar((left, y + 6, step - 4, step - 4), look, name)
            y = canvas.wrapped(left + 22, y + 17, name, width - left - 30, "soft") - 10
        if foot:
            y = canvas.wrapped(left, y + 18, foot, width - left - 10, "soft") - 10
        canvas.height = y + 8
        return canvas

    said = [f"{group}: {', '.join(f'{n} {name}' for name, n in row.items())}"
            for group, row in rows.items()]  # fmt: skip
    data = [
        {"group": g, "what": name, "n": n} for g, row in rows.items() for name, n in row.items()
    ]
    return compose("squares", words, source, title=title, parts=[Drawing(draw, said, data)],
                   watermark=False)  # fmt: skip


def ring(title: str, moves: np.ndarray, r_min: float, r_max: float) -> Display:
    """Draw where a mask puts the dots of one home, between two circles around it.

    Parameters
    ----------
    title : str
    moves : float array, shape (n, 2)
        From the home to each dot, in metres.
    r_min, r_max : float
        Metres.
    """
    words = Words("en")

    def draw(width: float) -> Canvas:
        side = min(width - 20, 400.0)
        canvas = Canvas(width, side + 64)
        middle, scale = (width / 2, side / 2 + 4), side / 2 / (1.12 * r_max)

        def on(place: np.ndarray) -> tuple[str, str]:
            return num(middle[0] + place[0] * scale), num(middle[1] - place[1] * scale)

        for r in (r_min, r_max):
            canvas.put(f'<circle class="axis dash" cx="{num(middle[0])}" cy="{num(middle[1])}" '
                       f'r="{num(r * scale)}"/>')  # fmt: skip
        for place in moves:
            x, y = on(place)
            canvas.put(f'<circle class="dot" cx="{x}" cy="{y}" r="3.5"/>')
        canvas.mark("diamond", *middle, "blue", "the home", 8)
        canvas.text(middle[0] + 12, middle[1] + 5, "home", "t-blue")
        for r in (r_min, r_max):
            canvas.text(middle[0], middle[1] - r * scale - 4, f"{r:g} m", "soft", "middle")
        foot = "blue: the home; red: where its dot may be shown"
        canvas.wrapped(10, side + 32, foot, width - 20, "soft")
        return canvas

    data = [{"x": x, "y": y} for x, y in moves]
    return compose("ring", words, "simulated", title=title, parts=[Drawing(draw, [title], data)],
                   watermark=False)  # fmt: skip


def town(title: str, addresses: np.ndarray, dots: np.ndarray, *, lang: str = "en") -> Display:
    """Draw the dots of a map over all addresses of a fictional town.

    Parameters
    ----------
    title : str
    addresses, dots : float array, shape (n, 2)
        Metres.
    """
    words = Words(lang)

    def draw(width: float) -> Canvas:
        low, high = dots.min(axis=0) - 150, dots.max(axis=0) + 150
        scale = min((width - 20) / (high - low)[0], 430 / (high - low)[1])
        canvas = Canvas(width, float((high - low)[1]) * scale + 50)
        near = addresses[((addresses > low) & (addresses < high)).all(axis=1)]
        for places, look, r in ((near, "house", 1.8), (dots, "dot", 5.0)):
            x, y = ((places - low) * scale).T
            for across, up in zip(x, y, strict=True):
                at = f'cx="{num(10 + across)}" cy="{num(canvas.height - 40 - up)}"'
                canvas.put(f'<circle class="{look}" {at} r="{r:g}"/>')
        size = words.count(round(float((high - low)[0]), -2))
        foot = {
            "en": f"red: a dot of the map; pale: an address; {size} metres across",
            "fr": f"rouge : un point de la carte ; pâle : une adresse ; {size} mètres de large",
        }
        canvas.text(10, canvas.height - 10, foot[lang], "soft")
        return canvas

    data = [{"x": x, "y": y} for x, y in dots]
    return compose("town", words, "simulated", title=title, parts=[Drawing(draw, [title], data)])


def tiles(
    title: str, share: Mapping[str, float], grid: str, *, source: str = "public counts"
) -> Display:
    """Draw one square a place, darker where the share is larger.

    Parameters
    ----------
    title : str
    share : mapping
        Code of a place to a share of 1.
    grid : str
        Codes where they stand, a line a row; ".." for none.
    """
    words = Words("en")
    rows = [line.split() for line in grid.strip().splitlines()]

    def draw(width: float) -> Canvas:
        side = (width - 20) / max(map(len, rows))
        tall = min(side, 46.0)
        canvas = Canvas(width, tall * len(rows) + 16)
        for line, codes in enumerate(rows):
            for column, code in enumerate(codes):
                if code == "..":
                    continue
                value = share.get(code, math.nan)
                level = 0 if math.isnan(value) else min(4, 1 + int(value * 4))
                x, y = 10 + column * side, 6 + line * tall
                box = (x, y, side - 3, tall - 3)
                canvas.bar(box, f"a{level}" if level else "hidden", f"{code}: {value:.1%}")
                look = "a4t" if level == 4 else ""
                canvas.text(x + side / 2, y + 17, code, look, "middle")
                if width == WIDE and level:
                    short = f"{value:.0%}" if value >= 0.01 else "< 1%"
                    canvas.text(x + side / 2, y + 36, short, look, "middle")
        return canvas

    data = [{"place": code, "share": value} for code, value in share.items()]
    said = [f"{code}: {value:.1%}" for code, value in share.items()]
    return compose("tiles", words, source, title=title, parts=[Drawing(draw, said, data)])
