"""Any frame, file or engine to counts, and counts to rows: one intake, one measure."""

from privaudit._core.checks import QUIET
from privaudit.tables.headers import may_name_somebody

# From here on no error repeats a header that may be a person's.
QUIET.append(may_name_somebody)
