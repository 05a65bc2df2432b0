"""What a browser's recording tells of an application, beside the records that it sent."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Recorded"]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Counts of a recording; nothing that was sent.

    Parameters
    ----------
    records, requests, again : int
        Records that one account received, in so many answers; those that came more than once.
    fields, shown, used : int
        Fields of a record that were sent; of these, those whose values stand in a page that was
        recorded, and further those that a page or a script names.
    ids, span : int
        Whole numbers by which records were received, and how many numbers lie between the least and
        the greatest, both counted; 0 where records are numbered otherwise.
    addresses, asked : int
        Addresses of the application that take a whole number, and how many numbers were asked for.
    """

    records: int
    requests: int
    again: int
    fields: int
    shown: int
    used: int
    ids: int = 0
    span: int = 0
    addresses: int = 0
    asked: int = 0

    @property
    def unused(self) -> int:
        """Fields that nothing recorded shows or names."""
        return self.fields - self.shown - self.used
