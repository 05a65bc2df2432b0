"""What the rules of a day say: verdicts with their evidence, never more than an indication."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from privaudit.errors import ParameterError
from privaudit.results.rows import tidy
from privaudit.rules.facts import Checked
from privaudit.rules.packs import Rule

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["VERDICTS", "Ruling", "Rulings"]

# Files that a page names of a ruling; others are counted.
_NAMED = 6

# Gravest first. None of them says that something is against the law.
VERDICTS = ("breach", "concern", "not_assessable", "met", "not_applicable")


@dataclass(frozen=True)
class Ruling:
    """One rule, and what its check found.

    - `files`: Names of the files that it rests on, the gravest first; none: the description alone.
    - `beside`: What was found in others, each with its verdict.
    """

    rule: Rule
    checked: Checked
    files: tuple[str, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`: what fires is what its pack says, and a concern where arguable."""
        outcome = self.checked.outcome
        if outcome == "fires":
            return self.rule.verdict
        return "concern" if outcome == "lesser" else outcome

    def beside_by_verdict(self) -> dict[str, tuple[str, ...]]:
        """Return the names of other files by what was found in them, gravest first."""
        names = {v: tuple(n for n, one in self.beside if one == v) for v in VERDICTS}
        return {verdict: _some(files) for verdict, files in names.items() if files}

    @property
    def said_of(self) -> str:
        """The key of the note that names its files: what is missing rests on none."""
        return "ruled_unknown_of" if self.verdict == "not_assessable" else "ruled_in"

    @property
    def main_files(self) -> tuple[str, ...]:
        """The files that it rests on, as a page names them: of many, the gravest six."""
        return _some(self.files)


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
    left = len(names) - _NAMED
    return names if left <= 0 else (*names[:_NAMED], f"+{left}")


@dataclass(frozen=True)
class Rulings:
    """The rules that hold on a day, each with its verdict.

    Parameters
    ----------
    as_of : datetime.date
    rulings : tuple of Ruling
        By id.

    Examples
    --------
    >>> from privaudit.rules.check_rules import check_rules
    >>> told = {"decisions": {"automated": True, "human_step": False}}
    >>> found = check_rules(None, told, as_of="2018-05-25")
    >>> found["R27"].verdict, found["R02"].verdict
    ('concern', 'not_assessable')
    """

    as_of: datetime.date
    rulings: tuple[Ruling, ...]

    def __iter__(self) -> Iterator[Ruling]:
        return iter(self.rulings)

    def __len__(self) -> int:
        return len(self.rulings)

    def __getitem__(self, name: str) -> Ruling:
        for one in self.rulings:
            if one.rule.id == name:
                return one
        known = ", ".join(one.rule.id for one in self.rulings)
        raise ParameterError(
            f"Rulings: needs a rule of {self.as_of}, but got another. One of {known}."
        )

    def of(self, verdict: str) -> tuple[Ruling, ...]:
        """Return the rulings of one verdict."""
        return tuple(one for one in self.rulings if one.verdict == verdict)

    @property
    def overall(self) -> pd.DataFrame:
        """One row a rule, indexed by id: verdict, evidence, and where the rule stands."""
        import pandas as pd

        rows = [
            {
                "id": one.rule.id, "verdict": one.verdict, "value": one.checked.value,
                "n": one.checked.n, "counts": one.checked.counts,
                "evidence": ", ".join(one.checked.columns), "files": ", ".join(one.files),
                "beside": ", ".join(f"{name}: {verdict}" for name, verdict in one.beside),
                "pack": one.rule.pack,
                "source": one.rule.source, "point": one.rule.point,
                "confidence": one.rule.confidence, "to_verify": one.rule.to_verify,
            }
            for one in self.rulings
        ]  # fmt: skip
        return pd.DataFrame(rows).set_index("id")

    def to_frame(self) -> pd.DataFrame:
        """Return the rulings as a tidy frame: a row a rule, no column that is empty throughout."""
        return tidy(self.overall.reset_index())

    def __repr__(self) -> str:
        count = {verdict: len(self.of(verdict)) for verdict in VERDICTS}
        told = ", ".join(f"{n} {verdict.replace('_', ' ')}" for verdict, n in count.items() if n)
        return f"Rulings(as of {self.as_of}: {told})"
