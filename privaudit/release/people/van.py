"""The people of a campaign as a canvass table of VAN: a row a person, with the last canvass."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.release.people.written import as_text, dated

__all__ = ["to_van"]

# Result codes of VAN for the words of NationBuilder.
_RESULT = {
    "meaningful_interaction": "Canvassed", "answered": "Canvassed", "not_interested": "Canvassed",
    "refused": "Refused", "no_answer": "Not Home", "bad_info": "Moved",
}  # fmt: skip
_SURVEY = {
    1: "1 - Strong",
    2: "2 - Lean",
    3: "3 - Undecided",
    4: "4 - Lean against",
    5: "5 - Against",
}
_DAY = "%m/%d/%Y"


def to_van(facts: pd.DataFrame, campaign: Campaign) -> dict[str, pd.Series]:
    """Return the columns that are filled; the others of the export stay empty."""
    canvassed = (facts["contact_status"] != "").to_numpy()
    born = facts["birth_date"]
    age = (pd.Timestamp(campaign.plan.as_of) - born).dt.days // 365.2425
    columns: dict[str, pd.Series | np.ndarray] = {
        "Voter File VANID": facts["id"],
        "LastName": facts["last_name"],
        "FirstName": facts["first_name"],
        "Sex": facts["sex"],
        "Age": age,
        "DOB": dated(born, _DAY),
        "Party": facts["presumed_leaning"].str[:1].str.upper(),
        "StreetNo": facts["number"],
        "StreetName": facts["street"],
        "City": facts["commune"],
        "PrecinctName": facts["station"],
        "Cell Phone": facts["phone"],
        "Preferred Phone": facts["phone"],
        "PreferredEmail": facts["email"],
        "Date Canvassed": dated(facts["visited_at"], _DAY),
        "Result": facts["contact_status"].map(_RESULT).fillna(""),
        "Contact Type": np.where(canvassed, "Walk", ""),
        "Input Type Name": np.where(canvassed, "MiniVAN", ""),
        "Canvassed By": facts["volunteer"].where(canvassed, ""),
        "Survey Question Name": np.where(facts["marked"].notna(), "Soutien", ""),
        "Survey Response": facts["marked"].map(_SURVEY).fillna(""),
        "ActivistCode": np.where(facts["marked"] == 1, "Affiche", ""),
        "NoteText": facts["note"],
    }
    return {name: as_text(values, facts.index) for name, values in columns.items()}
