"""What a column holds: roles, headers, cells, identifiers, special categories, free text."""

from privaudit.columns.headers import may_name_a_person
from privaudit.core.checks import QUIET

# Errors list the columns of a file, and a header may itself be a person's.
QUIET.append(may_name_a_person)
