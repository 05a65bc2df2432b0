"""Draw each kind of result, choose and name the rows to show, and set tables (HTML, LaTeX)."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.core.checks import one_of
from privaudit.errors import ParameterError
from privaudit.results.line_charts import (
    AxisScale,
    ChartLine,
    Curve,
    CurvePlot,
    LinePlot,
    Mark,
    Panel,
    even_scale,
    symlog,
)
from privaudit.results.painter import SERIES, Display, Plot, compose
from privaudit.text.normalise import slug
from privaudit.words.catalogues import ADVERSARIES, NOUNS, Note, Words, is_share

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.results.rows import Row


def facts_html(title: str, facts: Mapping[str, Any]) -> str:
    """Return a line and a small table; empty facts are left out.

    Examples
    --------
    >>> facts_html("Town", {"people": 20_000, "side": ""})
    '<p>Town</p><table><tr><th>people</th><td>20,000</td></tr></table>'
    """
    rows = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(_cell_text(value))}</td></tr>"
        for name, value in facts.items()
        if value not in ("", None, False)
    )
    return f"<p>{html.escape(title)}</p><table>{rows}</table>"


def _cell_text(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def headlines(found: Any, names: Sequence[str], most: int, words: Words) -> list[Row]:
    """Return the rows to look at first: known ones, of measures that have a sentence of their own.

    One of each measure goes before a second one; they stand in the order of the result.
    """
    rows = [r for r in found.rows if np.isfinite(r.value) and not r.withheld]
    # How many there are is said beside each of the others.
    rows = [r for r in rows if r.unit != r.counts or r.value != r.n] or rows
    if names:
        known = dict.fromkeys(row.measure for row in found.rows)
        for name in names:
            one_of("plot", "measure", name, tuple(known))
        rows = [row for row in rows if row.measure in names]

    seen: dict[str, int] = {}
    ranks = []
    for place, row in enumerate(rows):
        seen[row.measure] = seen.get(row.measure, 0) + 1
        family = getattr(found, "family", "")
        keys = (f"sentence.{family}__{row.measure}", f"sentence.{row.measure}")
        worded = any(words.has(key) for key in keys)
        ranks.append((not row.reliable, seen[row.measure], not worded, place))
    chosen = sorted(sorted(range(len(rows)), key=lambda at: ranks[at])[:most])
    return [rows[at] for at in chosen]


def label_of_row(words: Words, row: Row) -> str:
    """Name a row of a table: its family stands before its measure."""
    family, _, measure = row.measure.partition("__")
    if not family and measure == "reidentified":
        return gain_of(row, words)
    return label(words, family, replace(row, measure=measure))


def label(words: Words, family: str, row: Row) -> str:
    """Name a row: as its measure is called, parameters that the name does not hold after it."""
    keys = (f"measure.{family}__{row.measure}", f"measure.{row.measure}")
    key = next((key for key in keys if words.has(key)), "")
    part = {
        name: words.name(_section(words, name, v), v) if isinstance(v, str) else v
        for name, v in row.part.items()
    }
    gain = words.name("gain", row.gain) if row.gain else ""
    values = {"n": row.n, "value": row.value, "gain": gain} | part
    placed = words.placeholders(key) if key else frozenset[str]()
    worded = key and placed <= set(values)
    label = words(key, **values) if worded else row.measure.replace("_", " ")
    rest = [f"{words.name('column', n).replace('_', ' ')} {v}" for n, v in part.items()
            if not worded or n not in placed]  # fmt: skip
    rest += [gain] if gain and not (worded and "gain" in placed) else []
    label = f"{label} ({', '.join(rest)})" if rest else label
    return f"{label[:1].upper()}{label[1:]}"


def _section(words: Words, name: str, value: str) -> str:
    """Return the section that has the word of a value: an adversary may share one with a model."""
    return "rung" if name in ADVERSARIES and words.has(f"rung.{slug(value)}") else "part"


def gain_of(row: Row, words: Words) -> str:
    """Return what a row's hit is, in words; its measure where it has none."""
    known = row.gain and words.has(f"figure.gain_{row.gain}")
    name = row.of_gain or row.measure
    return words(f"figure.gain_{row.gain}") if known else name.replace("_", " ")


# Rows that a notebook shows; of a longer result it says how many there are.
MOST = 8
_LATEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
    | {"\u00a0": "~", "\u202f": r"\,", "–": "--", "−": "$-$", "∞": r"$\infty$"}
)


class Tabled:
    """What has rows and notes, and stands in a table."""

    if TYPE_CHECKING:

        @property
        def notes(self) -> tuple[Note, ...]:
            """Notes on all rows."""

    def to_frame(self) -> pd.DataFrame:
        """Return the result as a tidy frame: one row an observation, a unique index.

        Returns
        -------
        pandas.DataFrame
            Columns ``measure``, ``gain``, the parameters, ``value``, ``low``, ``high``,
            ``baseline``, ``control``, ``n`` and others of `Row`; none that is empty throughout.
        """
        from privaudit.results.rows import tidy_frame

        return tidy_frame(getattr(self, "rows", ()))

    def _named_table(self, names: Sequence[str], most: int | None, lang: str) -> pd.DataFrame:
        """Return rows as texts, those that say most first."""

        words, found, family = Words(lang), getattr(self, "rows", ()), getattr(self, "family", "")
        rows = headlines(self, names, len(found) if most is None else most, words)
        return cells([replace(row, measure=f"{family}__{row.measure}") for row in rows], words)

    def _repr_html_(self) -> str:
        words = Words("en")
        table = self._named_table((), MOST, "en")
        every = len(getattr(self, "rows", ()))
        more = ""
        if every > len(table):
            more = f"<p>{html.escape(words('plot.more', shown=len(table), of=every))}</p>"
        items = "".join(f"<li>{html.escape(words.note(note))}</li>" for note in self.notes)
        shown = table.to_html(index=False, border=0, justify="left")
        said = f"<details><summary>{len(self.notes)}</summary><ul>{items}</ul></details>"
        said = said.replace("<summary>", f"<summary>{words('plot.notes')}: ") if items else ""
        return f"<p>{html.escape(repr(self))}</p>{shown}{more}{said}"

    def to_latex(self, *names: str, most: int | None = None, lang: str = "en") -> str:
        """Return the table in LaTeX, for ``booktabs``.

        Parameters
        ----------
        *names : str
            Measures to choose among; all where none is named.
        most : int, optional
            How many rows; those that say most. Default: all that are known.
        lang : str

        Raises
        ------
        ParameterError
            A name that is no measure.
        """
        table = self._named_table(names, most, lang)
        lines = [" & ".join(text.translate(_LATEX) for text in row) for row in table.to_numpy()]
        head = " & ".join(name.translate(_LATEX) for name in table.columns)
        body = " \\\\\n".join(lines)
        ends = "l" + "r" * (len(table.columns) - 1)
        return (
            f"\\begin{{tabular}}{{{ends}}}\n\\toprule\n{head} \\\\\n\\midrule\n"
            f"{body} \\\\\n\\bottomrule\n\\end{{tabular}}\n"
        )

    def to_great_table(self, *names: str, most: int | None = None, lang: str = "en") -> Any:
        """Return the table as a `great_tables.GT`, to be styled further.

        Takes what `to_latex` takes, and needs the package great_tables.

        Raises
        ------
        ParameterError
            great_tables is not installed, or a name is no measure.
        """
        table = self._named_table(names, most, lang)
        try:
            from great_tables import GT
        except ImportError:
            do = "Install it: pip install great_tables."
            needed = "the package great_tables"
            raise ParameterError.of("to_great_table", needed, "none", do) from None
        return GT(table)


def cells(rows: Sequence[Row], words: Words) -> pd.DataFrame:
    """Return rows as texts in the words of a language, without empty columns."""
    import pandas as pd

    table = pd.DataFrame(
        [
            {
                words("plot.measure"): label_of_row(words, row),
                words("plot.value"): words.measured(row.value, row.unit, short=True),
                words("plot.interval"): "" if row.worst_case else _between(words, row),
                words("plot.worst_case"): _between(words, row) if row.worst_case else "",
                words("plot.baseline"): _or_blank(words, row.baseline, row.unit),
                words("plot.control"): _or_blank(words, row.control, row.unit),
                "n": words.count(row.n),
            }
            for row in rows
        ]
    )
    return table.loc[:, (table != "").any()]


def _between(words: Words, row: Row) -> str:
    """Write an interval, empty where the value is a plain count or has none."""
    if row.low == row.high or not (row.low == row.low and row.high == row.high):
        return ""
    low, high = (words.value(end, row.unit, short=True) for end in (row.low, row.high))
    return f"{low} – {high}"


def _or_blank(words: Words, value: float, unit: str) -> str:
    return words.value(value, unit, short=True) if value == value else ""


def draw_exposure(found: Any, lang: str) -> Display:
    """Draw each gain beside control and baseline, and below the calibration of the claims."""
    words = Words(lang)
    rows = [row for row in found.rows if np.isfinite(row.value)]
    axis = words("plot.people_axis", n=len(found.per_person))
    names = [gain_of(row, words) for row in rows]
    parts: list[Plot] = [_rows_plot(rows, names, axis, words, key=rows)]
    if len(found.calibration):
        parts.append(_reliability(found.calibration, words))
    return compose(
        "exposure", words, found.provenance, title=_who(found.attack, found.expected, words),
        parts=parts, reliable=found.reliable,
    )  # fmt: skip


def draw_measures(found: Any, names: Sequence[str], most: int, lang: str) -> Display:
    """Draw few measures, one line each: value, interval, control and baseline; a plot a unit."""
    words = Words(lang)
    units: dict[str, list[Row]] = {}
    for row in headlines(found, names, most, words):
        units.setdefault("share" if is_share(row.unit) else row.unit, []).append(row)
    every = [row for rows in units.values() for row in rows]
    parts: list[Plot] = []
    for unit, rows in units.items():
        # A table's bands are often what its blanks leave open.
        axis = words("plot.share_axis_blanks" if found.family == "table" else "plot.share_axis")
        if not is_share(unit):
            section = "noun" if unit in NOUNS else "unit"
            axis = words.noun(unit, 2) if words.has(f"{section}.{unit}") else unit
        labels = [label(words, found.family, row) for row in rows]
        last = len(parts) == len(units) - 1
        parts.append(_rows_plot(rows, labels, axis, words, key=every if last else ()))
    if not parts:
        parts = [LinePlot(panels=[Panel([], words("plot.nothing"))], write=words.count)]
    return compose(
        found.family, words, found.provenance, title=words.name("family", found.family),
        parts=parts, reliable=found.reliable,
    )  # fmt: skip


def _who(attack: str, expected: bool, words: Words) -> str:
    """Name an adversary, and whether the truth is known."""
    kind = words("plot.expected" if expected else "plot.observed")
    return f"{words.name('rung', attack)} ({kind})"


def _rows_plot(
    rows: Sequence[Row], labels: Sequence[str], axis: str, words: Words, key: Sequence[Row]
) -> LinePlot:
    """Draw a line a row: a band, its value, and a ring and a tick for what it is held against."""
    lines = []
    for row, name in zip(rows, labels, strict=True):
        said = words.value(row.value, row.unit, short=True)
        marks = [Mark(row.value, said, said, low=row.low, high=row.high)]
        for text, value, shape in (("control", row.control, "ring"),
                                   ("baseline", row.baseline, "tick")):  # fmt: skip
            if math.isfinite(value):
                title = f"{words(f'plot.{text}')}: {words.value(value, row.unit, short=True)}"
                marks.insert(0, Mark(value, title, "", shape, "grey"))
        lines.append(ChartLine(name, marks))
    share = bool(rows) and is_share(rows[0].unit)
    looks = [("ring", "control"), ("tick", "baseline")]
    return LinePlot(
        panels=[Panel(lines)], write=words.tick if share else words.count, axis=axis,
        least=1.0 if rows and rows[0].unit in NOUNS else 0.0,
        key=[(shape, "grey", words(f"plot.{name}")) for shape, name in looks
             if any(math.isfinite(getattr(row, name)) for row in key)],
    )  # fmt: skip


def english() -> Words:
    """Return the words of figures that are in English alone."""
    return Words("en")


def share_scale(words: Words) -> AxisScale:
    """Return the scale of shares, from 0 to 1."""
    return even_scale([0.0, 1.0], words.tick)


def _reliability(calibration: pd.DataFrame, words: Words) -> CurvePlot:
    """Draw how often guesses are right against what is claimed, a curve a gain."""
    curves = [Curve("", [0.0, 1.0], [0.0, 1.0], "grey", dashed=True, marked=False)]
    for (gain, bins), colour in zip(calibration.groupby("gain", sort=False), SERIES, strict=False):
        part = {name: bins[name].tolist() for name in ("confidence", "observed", "low", "high")}
        curves.append(
            Curve(
                # The two readings of an address often lie on each other.
                words.name("gain", gain), part["confidence"], part["observed"], colour,
                dashed=gain == "marked_address", low=part["low"], high=part["high"],
            )
        )  # fmt: skip
    return CurvePlot(
        curves=curves, across=share_scale(words), up=share_scale(words),
        axes=(words("figure.claimed_axis"), words("figure.observed_axis")),
    )  # fmt: skip


def draw_frontier(found: Any, risk: str, utility: str, lang: str) -> Display:
    """Draw the share re-identified against the cost of each mask; best is the lower left.

    Parameters
    ----------
    found : Frontier
    risk, utility : str
        Columns of its frame.
    lang : str

    Returns
    -------
    Display
    """
    words, table = Words(lang), found.frame.sort_values(utility, kind="stable")
    cost = table[utility].tolist()
    points = Curve(
        "", cost, table[risk].tolist(), labels=table["mask"].tolist(), joined=False,
        low=table[f"{risk}_low"].tolist(), high=table[f"{risk}_high"].tolist(),
    )  # fmt: skip
    across = even_scale(cost, words.count)
    baseline, ends = float(table[f"{risk}_baseline"].max()), across.ticks[:: len(across.ticks) - 1]
    beside = Curve(words("plot.baseline"), ends, [baseline] * 2, "grey", True, marked=False)
    key = f"measure.utility__{utility}"
    axis = words(key) if words.has(key) else utility.replace("_", " ")
    plot = CurvePlot(
        curves=[points, beside] if math.isfinite(baseline) else [points],
        axes=(
            words("plot.cost_axis", cost=axis),
            f"{words.name('gain', risk)}, {words('plot.share_axis')}",
        ),
        # Even steps from 0 to 1 %, then one step a factor of ten: small risks must be seen.
        across=across, up=AxisScale((0, 0.01, 0.1, 1), words.tick, symlog(0.01)),
    )  # fmt: skip
    return compose(
        "frontier", words, found.provenance, parts=[plot], reliable=bool(table["reliable"].all()),
        title=_who(table["adversary"].iloc[0], found.expected, words),
    )  # fmt: skip


def draw_curve(rows: Sequence[Row], provenance: str, most: int, lang: str) -> Display:
    """Draw shares by how many points are known, a curve an item and window; dashed: the control."""
    words = Words(lang)
    series: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.part["points"]):
        series.setdefault((str(row.part["item"]), str(row.part["window"])), []).append(row)
    order = dict.fromkeys((str(row.part["item"]), str(row.part["window"])) for row in rows)
    curves = []
    for place, (item, window) in enumerate([*order][:most]):
        drawn, look = series[item, window], SERIES[place % len(SERIES)]
        name = words.name("part", item)
        if window != "no_time":
            name = f"{name}, {words.name('part', window)}"
        x = [row.part["points"] for row in drawn]
        curves += [
            Curve.of(name, x, drawn, look),
            Curve("", x, [row.control for row in drawn], look, dashed=True, marked=False),
        ]  # fmt: skip
    known = sorted({row.part["points"] for row in rows})
    plot = CurvePlot(
        curves=curves, axes=(words("figure.points_axis"), words("figure.unicity_axis")),
        across=even_scale(known, words.count, least=1.0), up=share_scale(words),
        key=[("dash", "grey", words("figure.unicity_control"))],
    )  # fmt: skip
    title = words.name("family", "unicity_curve")
    return compose("unicity_curve", words, provenance, title=title, parts=[plot])


def draw_repeated(
    rows: Sequence[Row], runs: pd.DataFrame, varied: Sequence[str], lang: str
) -> Display:
    """Draw shares over towns: each town, the interval of the mean, the range of one more.

    Along one parameter of numbers a curve a gain; else a line a setting.
    """
    words = Words(lang)
    along = len(varied) == 1 and runs[varied[0]].dtype.kind in "iuf"
    plot = _along(rows, varied[0], words) if along else _settings(rows, runs, varied, words)
    title = words("figure.towns_bands" if along else "figure.towns_lines")
    return compose("towns", words, "simulated", title=title, parts=[plot])


def _along(rows: Sequence[Row], along: str, words: Words) -> CurvePlot:
    """Draw a curve a gain, with the interval within towns and the range of one more."""
    gains: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: float(row.part[along])):
        gains.setdefault((row.measure, row.gain), []).append(row)
    curves = [
        Curve.of(
            gain_of(drawn[0], words), [float(row.part[along]) for row in drawn], drawn,
            SERIES[place % len(SERIES)],
            outer_low=[row.between_low for row in drawn],
            outer_high=[row.between_high for row in drawn],
        )
        for place, drawn in enumerate(gains.values())
    ]  # fmt: skip
    ends = [v for c in curves for v in (*c.y, *c.outer_low, *c.outer_high, *c.high)]
    return CurvePlot(
        curves=curves, axes=(words.name("assumption", along), words("figure.share_axis")),
        across=even_scale(curves[0].x, words.count), up=even_scale(ends, words.tick, 0.0),
    )  # fmt: skip


def _settings(
    rows: Sequence[Row], runs: pd.DataFrame, varied: Sequence[str], words: Words
) -> LinePlot:
    """Draw a line a setting: its towns, the interval within them and the range of one more."""
    lines = []
    for row in rows:
        mine = (runs["measure"] == row.measure) & (runs["gain"] == row.gain)
        for name in varied:
            mine &= runs[name] == row.part[name]
        said = words.percent(row.value, short=True)
        marks = [
            Mark(town, words.percent(town, short=True), "", "tick", "grey")
            for town in runs.loc[mine, "value"].tolist()
        ]
        if math.isfinite(row.control):
            control = f"{words('plot.control')}: {words.percent(row.control, short=True)}"
            marks.append(Mark(row.control, control, "", "cross", "grey"))
        outer = (row.between_low, row.between_high)
        marks.append(Mark(row.value, said, said, low=row.low, high=row.high, outer=outer))
        setting = ", ".join(f"{words.name('assumption', n)} {row.part[n]}" for n in varied)
        lines.append(ChartLine(gain_of(row, words) + (f" ({setting})" if setting else ""), marks))
    return LinePlot(panels=[Panel(lines)], write=words.tick, axis=words("figure.share_axis"))
