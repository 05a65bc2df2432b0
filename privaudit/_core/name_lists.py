"""Names in one text, with commas, as a command line takes them; quoted where one holds a comma."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

__all__ = ["names", "with_commas"]


def names(text: str) -> tuple[str, ...]:
    """Return the names between the commas of a text, blank ones left out.

    Examples
    --------
    >>> names('Age, "Nom, prénom",'), names("")
    (('Age', 'Nom, prénom'), ())
    """
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    return tuple(name.strip() for row in rows for name in row if name.strip())


def with_commas(given: Iterable[object]) -> str:
    """Return names as one text, which `names` takes apart again.

    Examples
    --------
    >>> with_commas(["Age", "Nom, prénom"]), with_commas([1, 2])
    ('Age,"Nom, prénom"', '1,2')
    """
    text = io.StringIO(newline="")
    # What ends a line is quoted within a name.
    csv.writer(text, lineterminator="\r\n").writerow(given)
    return text.getvalue().removesuffix("\r\n")
