"""How often labels agree with what people declared of themselves."""

from typing import NamedTuple

__all__ = ["LabelsChecked"]


class LabelsChecked(NamedTuple):
    """What those who declared a leaning to a campaign tell of its labels.

    Of the labelled people `of` declared a leaning, `right` of them the label's; of all `declared`,
    labelled or not, `side` did.
    """

    right: int = 0
    of: int = 0
    side: int = 0
    declared: int = 0
