"""The people of a campaign as a canvass table with the words of OSDI, nested names flattened."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.release.people.written import as_text, dated, sure

__all__ = ["to_osdi"]

_STATUS = {
    "refused": "refused", "no_answer": "not-home", "bad_info": "moved",
    "inaccessible": "inaccessible",
}  # fmt: skip
_REACHED = ("meaningful_interaction", "answered", "not_interested", "refused")
_SEX = {"F": "Female", "M": "Male"}
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def to_osdi(facts: pd.DataFrame, campaign: Campaign) -> dict[str, pd.Series]:
    """Return the columns that are filled; the others of the table stay empty."""
    placed, canvassed = facts["street"] != "", facts["contact_status"] != ""
    created = facts["first_seen"].fillna(pd.Timestamp(campaign.plan.launch))
    born = facts["birth_date"].dt
    columns: dict[str, pd.Series | np.ndarray | str] = {
        "identifiers.0": "campaign:" + facts["id"].astype("str"),
        "origin_system": "campaign",
        "created_date": dated(created, _MOMENT),
        "modified_date": dated(facts["visited_at"].fillna(created), _MOMENT),
        "given_name": facts["first_name"],
        "family_name": facts["last_name"],
        "gender": facts["sex"].map(_SEX).fillna(""),
        "party_identification": facts["presumed_leaning"],
        "source": facts["register"],
        "birthdate.month": born.month,
        "birthdate.day": born.day,
        "birthdate.year": born.year,
        "languages_spoken.0": "fr",
        "postal_addresses.0.primary": sure(placed, placed),
        "postal_addresses.0.address_type": np.where(placed, "Home", ""),
        "postal_addresses.0.address_lines.0": (facts["number"] + " " + facts["street"]).where(
            placed, ""
        ),
        "postal_addresses.0.locality": facts["commune"],
        "postal_addresses.0.country": np.where(placed, "FR", ""),
        "email_addresses.0.address": facts["email"],
        "email_addresses.0.status": np.where(
            facts["email"] == "", "", np.where(facts["unsubscribed"], "unsubscribed", "subscribed")
        ),
        "phone_numbers.0.number": facts["phone"],
        "phone_numbers.0.do_not_call": sure(facts["phone"] != "", facts["do_not_contact"]),
        "action_date": dated(facts["visited_at"], _MOMENT),
        "contact_type": np.where(canvassed, "in-person", ""),
        "input_type": np.where(canvassed, "mobile", ""),
        "success": sure(canvassed, facts["contact_status"].isin(_REACHED)),
        "status_code": facts["contact_status"].map(_STATUS).fillna(""),
        "canvasser": facts["volunteer"].where(canvassed, ""),
        "answers.0.question": np.where(facts["marked"].notna(), "support", ""),
        "answers.0.responses.0": facts["marked"],
        "taggings.0.tag": facts["interest"],
        "comment": facts["note"],
    }
    return {name: as_text(values, facts.index) for name, values in columns.items()}
