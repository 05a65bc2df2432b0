"""How files of addresses of no known source are read: asked for once, for a whole command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from privaudit.core.files import set_within


class AddressFormat(NamedTuple):
    """The columns of a file of addresses, and the CRS of its positions; None: as it shows."""

    columns: Mapping[str, str] | None = None
    crs: str | None = None


_AS_IT_SHOWS = AddressFormat()
_asked: ContextVar[AddressFormat] = ContextVar("address_format", default=_AS_IT_SHOWS)


@contextmanager
def addresses_read_as(columns: Mapping[str, str] | None, crs: str | None) -> Iterator[None]:
    """Read every file of addresses by these columns and in this CRS for a while.

    Examples
    --------
    >>> with addresses_read_as({"street": "weg"}, "EPSG:2056"):
    ...     address_format_asked().crs
    'EPSG:2056'
    """
    with set_within(_asked, AddressFormat(columns, crs)):
        yield


def address_format_asked() -> AddressFormat:
    """Return how every file of addresses is to be read."""
    return _asked.get()
