"""How results stand in a table: in a notebook, in LaTeX, in a `great_tables.GT`."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.words.note import Note
from privaudit.words.words import Words

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.results.row import Row

__all__ = ["Tabled", "cells"]

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
            """What is to be said of all rows."""

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

    def _told(self, names: Sequence[str], most: int | None, lang: str) -> pd.DataFrame:
        """Return rows as texts, those that say most first."""
        from privaudit.results.headlines import chosen_rows

        words = Words(lang)
        return cells(chosen_rows(self, names, most, words), words)

    def _repr_html_(self) -> str:
        words = Words("en")
        table = self._told((), MOST, "en")
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
        table = self._told(names, most, lang)
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
        table = self._told(names, most, lang)
        try:
            from great_tables import GT
        except ImportError:
            do = "Install it: pip install great_tables."
            needed = "the package great_tables"
            raise ParameterError(say("to_great_table", needed, "none", do)) from None
        return GT(table)


def cells(rows: Sequence[Row], words: Words) -> pd.DataFrame:
    """Return rows as texts in the words of a language; a column that says nothing is left out."""
    import pandas as pd

    from privaudit.results.headlines import label_of_row

    table = pd.DataFrame(
        [
            {
                words("plot.measure"): label_of_row(words, row),
                words("plot.value"): words.measured(row.value, row.unit, short=True),
                words("plot.interval"): _between(words, row),
                words("plot.baseline"): _or_blank(words, row.baseline, row.unit),
                words("plot.control"): _or_blank(words, row.control, row.unit),
                "n": words.count(row.n),
            }
            for row in rows
        ]
    )
    kept = [name for name in table.columns if (table[name] != "").any()]
    return table[kept]


def _between(words: Words, row: Row) -> str:
    """Write an interval, empty where the value is a plain count or has none."""
    if row.low == row.high or not (row.low == row.low and row.high == row.high):
        return ""
    low, high = (words.value(end, row.unit, short=True) for end in (row.low, row.high))
    return f"{low} – {high}"


def _or_blank(words: Words, value: float, unit: str) -> str:
    return words.value(value, unit, short=True) if value == value else ""
