"""What is known at most is told so in a finding's evidence."""

from types import SimpleNamespace

import pytest

from privaudit.report.dossier import _evidence
from privaudit.results.rows import Row
from privaudit.words.catalogues import Words


@pytest.mark.parametrize(("lang", "said"), [("en", "at most 20"), ("fr", "au plus 20")])
def test_a_bound_is_told_as_one(lang, said):
    row = Row(measure="placed_between", value=0.2, low=0.03, high=0.2, bound="upper",
              unit="share", n=240, counts="dots")  # fmt: skip
    told = SimpleNamespace(row=row, family="linked")
    assert said in _evidence(Words(lang), told)
    known = SimpleNamespace(row=Row(measure="reidentified", value=0.2, unit="share", n=240,
                                    counts="dots"), family="linked")  # fmt: skip
    assert said not in _evidence(Words(lang), known)
