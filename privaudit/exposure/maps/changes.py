"""What the copies of a real map tell by subtraction: who came, who went, who was visited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from privaudit._core.checks import say
from privaudit.attacks.link_versions import not_linked
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.attacks.link_versions import Linked
    from privaudit.release.release import DotRelease

__all__ = ["copy_changes"]


def copy_changes(versions: Sequence[DotRelease], linked: Linked) -> Measures:
    """Count the dots that came, went or changed colour between the copies of one map.

    No truth is needed: whoever holds the copies can count the same.

    Parameters
    ----------
    versions : sequence of DotRelease
        Two or more, oldest first.
    linked : Linked
        Which dot is which, see `link_versions`.

    Returns
    -------
    Measures
        Shares of the dots of the last copy, with Wilson intervals; the baseline is 0, of
        whoever holds that copy alone:

        - appeared_between: dots that the first copy does not show: their like fell between two
          copies, if each is linked rightly.
        - turned_grey: dots whose status is another in the last copy than where they were first
          seen; nan where no copy says it.

        and gone: records of earlier copies that are linked to no dot of the last (n: these
        records). Large is telling; where links are uncertain so are the rows, and
        `reliable` is False.

    Raises
    ------
    ParameterError
        Fewer than two copies, or links of other ones.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.attacks.link_versions import link_versions
    >>> from privaudit.places.address_base import AddressBase
    >>> from privaudit.release.read_map import read_versions
    >>> base = AddressBase(pd.DataFrame({"id": ["a", "b"], "number": ["1", "2"], "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 40.0], "y": 0.0}), real=False)
    >>> monday = pd.DataFrame({"x": [0.0], "y": [0.0], "status": ["red"]})
    >>> friday = pd.DataFrame({"x": [0.0, 40.0], "y": [0.0, 0.0], "status": ["grey", "red"]})
    >>> copies = read_versions([monday, friday], addresses=base)
    >>> linked = link_versions([copy.as_leaked() for copy in copies])
    >>> copy_changes(copies, linked).overall["value"].to_dict()
    {'appeared_between': 0.5, 'turned_grey': 0.5, 'gone': 0.0}
    """
    who = "copy_changes"
    if len(versions) < 2 or linked.rows.shape != (len(versions), len(versions[-1])):
        came = f"{len(versions)} copies, links of shape {linked.rows.shape}"
        raise ParameterError(say(who, "two copies or more, and their links", came))
    there = linked.rows >= 0
    first = there.argmax(axis=0)
    rows = Rows(there.shape[1], "dots")
    rows.share("appeared_between", first > 0, baseline=0)
    if all("status" in version.records.columns for version in versions):
        status = [version.records["status"].to_numpy(dtype=str) for version in versions]
        began = np.array([status[k][linked.rows[k, dot]] for dot, k in enumerate(first)])
        rows.share("turned_grey", began != status[-1][linked.rows[-1]], baseline=0)
    else:
        rows.absent(["turned_grey"], "share", Note("copies_without_status"))
    earlier = sum(len(version) for version in versions[:-1])
    rows.share("gone", np.arange(earlier) < linked.lost, baseline=0)
    return Measures(
        family="changes",
        rows=rows,
        provenance=versions[-1].provenance,
        notes=(Note("links_by", how=linked.how), *not_linked(versions, linked)),
        reliable=linked.how in ("id", "position"),
        recipe=dict(versions[-1].recipe),
    )
