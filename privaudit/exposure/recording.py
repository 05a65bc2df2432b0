"""What an application sent to one account, beside what it showed, and what could be asked for."""

from __future__ import annotations

from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.tables.recorded import Recorded

__all__ = ["recording_rows"]


def recording_rows(recorded: Recorded, name: str) -> Measures:
    """Turn the counts of a browser's recording into rows.

    Parameters
    ----------
    recorded : Recorded
    name : str
        The file.

    Returns
    -------
    Measures
        Family "recording"; 0 is safe.

        - received: records that one account received; received_again: share of what came that had
          come before.
        - fields_shown, fields_named, fields_unused: share of the fields of a record whose values
          stand in a page, that a page or a script names, that neither does. What stood on the
          screen is not in a recording.
        - numbers_received: share of the numbers between the least and the greatest id that were
          received; numbers_left: how many were not, and could be asked for by counting up.
        - addresses_by_number: addresses of the application that take a whole number. Whether they
          serve others, a recording does not tell.

    Examples
    --------
    >>> found = recording_rows(Recorded(records=40, requests=2, again=0, fields=10, shown=3,
    ...                                 used=1, ids=40, span=50), "app.har")
    >>> found.value("fields_unused"), found.value("numbers_left")
    (0.6, 10.0)
    """
    rows = Rows(recorded.records, "records")
    rows.count("received", recorded.records, "records")
    sent = recorded.records + recorded.again
    rows.add("received_again", recorded.again / max(1, sent), "share", n=sent, counts="records")
    fields = recorded.fields
    for measure, count in (
        ("fields_shown", recorded.shown),
        ("fields_named", recorded.used),
        ("fields_unused", recorded.unused),
    ):
        rows.add(measure, count / max(1, fields), "share", n=fields, counts="columns")
    span, ids = recorded.span, recorded.ids
    if span:
        rows.add("numbers_received", ids / span, "share", n=span, counts="values")
        rows.add("numbers_left", span - ids, "values", n=span, counts="values")
    if recorded.addresses:
        rows.add("addresses_by_number", recorded.addresses, "pages", n=recorded.addresses,
                 counts="pages")  # fmt: skip
    return Measures(family="recording", rows=rows, name=name)
