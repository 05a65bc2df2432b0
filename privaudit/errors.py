"""What can go wrong, and how it is said.

::

    PrivauditError
    ├── ParameterError   a parameter that cannot be (also a ValueError)
    │   └── CallError    a parameter without a name, or with one that is none (also a TypeError)
    ├── SchemaError      a table without the columns or types it needs (also a ValueError)
    ├── ReadError        a file that cannot be read, or is not what its ending says
    ├── GeometryError    points in another projection, area or order (also a ValueError)
    └── OutputError      a place that cannot be written to

Every message is one line: who complains, what was needed, what came, what to do.
None ever holds a cell of a person's row.
"""

__all__ = [
    "CallError",
    "GeometryError",
    "OutputError",
    "ParameterError",
    "PrivauditError",
    "ReadError",
    "SchemaError",
]


class PrivauditError(Exception):
    """Any error that privaudit raises on purpose; the command line exits with status 2.

    Examples
    --------
    >>> import privaudit as pa
    >>> try:
    ...     pa.Donut(low=200, high=50)
    ... except PrivauditError as error:
    ...     print(type(error).__name__)
    ParameterError
    """


class ParameterError(PrivauditError, ValueError):
    """A parameter has a value that cannot be."""


class CallError(ParameterError, TypeError):
    """A parameter is given without its name, under a name that is none, or not at all."""


class SchemaError(PrivauditError, ValueError):
    """A table lacks a column, has it twice, or holds another type than needed."""


class ReadError(PrivauditError):
    """A file cannot be read, is empty, or is not what its ending says."""


class GeometryError(PrivauditError, ValueError):
    """Points are in an unknown projection, another area, or in swapped order."""


class OutputError(PrivauditError):
    """The output folder cannot be written, or holds something else than a report."""
