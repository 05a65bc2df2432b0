from privaudit.rules.check_rules import check_rules as check_rules
from privaudit.rules.check_rules import diff_rules as diff_rules
from privaudit.studies.audit_rules import measured_for_rules as measured_for_rules
