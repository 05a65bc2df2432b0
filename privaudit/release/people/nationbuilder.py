"""The people of a campaign as NationBuilder exports them, with the quirks of its file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.release.people.written import as_text, dated, sure, yes_no

__all__ = ["beside_nationbuilder", "to_nationbuilder"]

# One letter, as the tool keeps a party.
_PARTY = {"right": "R", "left": "L"}
_Columns = dict[str, "pd.Series | np.ndarray | str"]
_DAY, _MOMENT = "%m/%d/%Y", "%m/%d/%Y %I:%M %p"


def to_nationbuilder(facts: pd.DataFrame, campaign: Campaign) -> dict[str, pd.Series]:
    """Return the columns that the tool fills; the others of its export stay empty."""
    given = facts["presumed_leaning"] != ""
    placed = facts["street"] != ""
    on_roll = (facts["register"] == "roll") & placed
    launched = pd.Timestamp(campaign.plan.launch)
    created = facts["first_seen"].fillna(launched)
    columns: _Columns = {
        "nationbuilder_id": facts["id"],
        "external_id": np.where(on_roll, "E" + facts["entry"].astype("str"), ""),
        "first_name": facts["first_name"],
        "last_name": facts["last_name"],
        "full_name": facts["display_name"],
        "precinct_name": facts["station"],
        "precinct_code": facts["station"],
        "signup_type": "0",
        "tag_list": _tags(facts),
        "note": facts["note"],
        "occupation": facts["profession"],
        "sex": facts["sex"],
        "language": "fr",
        "born_at": dated(facts["birth_date"], _DAY),
        "is_deceased": "false",
        "is_prospect": yes_no(given & facts["visited_at"].isna()),
        "is_supporter": yes_no(given),
        "support_level": facts["marked"],
        "inferred_support_level": facts["inferred"],
        "priority_level": np.where(given, 5, np.where(facts["inferred"] <= 2, 4, np.nan)),
        "created_at": dated(created, _MOMENT),
        "updated_at": dated(facts["visited_at"].fillna(created), _MOMENT),
        "point_person_name_or_email": facts["volunteer"].where(given, ""),
        "parent_id": np.where(given, facts["volunteer"].str.extract(r"(\d+)")[0], ""),
        "capital_amount": _amount(facts["capital"]),
        "spent_capital_amount": _amount(facts["capital"] * 0),
        "received_capital_amount": _amount(facts["capital"]),
        "inferred_party": facts["presumed_leaning"].map(_PARTY).fillna(""),
        "registered_at": dated(created, _DAY).where(on_roll, ""),
        "is_active_voter": sure(on_roll, on_roll),
        "support_probability_score": (100 * facts["score"]).round(),
        "is_volunteer": "false",
        "interaction_count": facts["side_interactions"],
        "turf": facts["station"],
        "interest": facts["interest"],
    }
    columns |= _reached_by(facts, created) | _placed(facts, placed, on_roll)
    return {name: as_text(values, facts.index) for name, values in columns.items()}


def _reached_by(facts: pd.DataFrame, created: pd.Series) -> _Columns:
    """Where somebody can be written to or called, and whether they may be."""
    return {
        "email": facts["email"],
        "email1": facts["email"],
        "email_opt_in": sure(facts["email"] != "", ~facts["unsubscribed"]),
        "email1_is_bad": sure(facts["email"] != "", facts["email"] == ""),
        "unsubscribed_at": dated(created, _MOMENT).where(facts["unsubscribed"], ""),
        "mobile_number": facts["phone"],
        "mobile_opt_in": sure(facts["phone"] != "", facts["phone"] != ""),
        "do_not_call": yes_no(facts["do_not_contact"]),
        "do_not_contact": yes_no(facts["do_not_contact"]),
        "federal_donotcall": yes_no(facts["do_not_contact"] & False),
        "facebook_username": facts["display_name"].str.replace(" ", ".").str.lower(),
    }


def _placed(facts: pd.DataFrame, placed: pd.Series, on_roll: pd.Series) -> _Columns:
    """Where somebody lives, and where they are registered."""
    line = (facts["number"] + " " + facts["street"]).where(placed, "")
    columns: _Columns = {}
    for prefix, rows in (("primary", placed), ("registered", on_roll)):
        columns |= {
            f"{prefix}_address1": line.where(rows, ""),
            f"{prefix}_city": facts["commune"].where(rows, ""),
            f"{prefix}_country_code": np.where(rows, "FR", ""),
            f"{prefix}_country": np.where(rows, "France", ""),
        }
    columns["registered_street_number"] = facts["number"].where(on_roll, "")
    columns["registered_street_name"] = facts["street"].where(on_roll, "")
    return columns


def _tags(facts: pd.DataFrame) -> pd.Series:
    """Tags as they are in the wild: where somebody came from, what they like, what happened."""
    parts = [
        pd.Series("sm-Facebook", index=facts.index),
        ("like-page-" + facts["presumed_leaning"]).where(facts["presumed_leaning"] != "", ""),
        ("signup-imported-from-" + facts["register"]).where(facts["register"] != "", ""),
        ("interest-" + facts["interest"]).where(facts["interest"] != "", ""),
        facts["contact_status"].map({"refused": "NE-PAS-RELANCER"}).fillna(""),
        ("porte-" + facts["contact_status"]).where(facts["contact_status"] != "", ""),
    ]
    rows = zip(*parts, strict=True)
    return pd.Series([", ".join(t for t in row if t) for row in rows], index=facts.index)


def _amount(cents: pd.Series) -> pd.Series:
    return (cents / 100).map("{:.2f}".format)


def beside_nationbuilder(facts: pd.DataFrame, campaign: Campaign) -> Mapping[str, pd.DataFrame]:
    """Return what the tool keeps beside its people: contacts, lists, paths, social capital.

    - contacts: one row a visit, a first contact on the network, and a mail to all.
    - lists: all who are to be met, and one a turf, cut from it.
    - paths: how far each went on the path from prospect to supporter.
    - capital: one row a gain of a person.
    """
    mapped = facts.iloc[campaign.dots["profile"].to_numpy()]
    turfs = mapped.groupby("station", sort=True).size()
    lists = pd.DataFrame(
        {
            "id": np.arange(len(turfs) + 1) + 1,
            "name": ["porte-a-porte", *(f"secteur {turf}" for turf in turfs.index)],
            "author_id": 1,
            "parent_id": ["", *["1"] * len(turfs)],
            "count": [len(mapped), *turfs],
        }
    )
    met = mapped["visited_at"].notna().to_numpy()
    paths = pd.DataFrame(
        {
            "signup_id": mapped["id"].to_numpy(),
            "path_name": "sympathisant",
            "step": np.where(met, "rencontre", "a_rencontrer"),
            "status": np.select(
                [mapped["marked"] == 1, mapped["marked"] == 5, met],
                ["completed", "abandoned", "active"],
                "active",
            ),
        }
    )
    earned = facts[facts["capital"] > 0]
    capital = pd.DataFrame(
        {
            "signup_id": earned["id"].to_numpy(),
            "amount_in_cents": earned["capital"].to_numpy(),
            "type": "political_capital",
            "created_at": dated(earned["first_seen"], _MOMENT).to_numpy(),
        }
    )
    return {
        "contacts": _contacts(facts, campaign),
        "lists": lists,
        "paths": paths,
        "capital": capital,
    }


def _contacts(facts: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Return the contact log, in order of time: visits, first contacts, the mail of the launch."""
    log = campaign.contact_log
    at_door = facts.iloc[campaign.dots["profile"].to_numpy()[log["dot"].to_numpy()]]
    seen = facts[facts["first_seen"].notna()]
    mailed = facts[(facts["email"] != "") & ~facts["unsubscribed"]]
    launched = pd.Series(pd.Timestamp(campaign.plan.launch), index=mailed.index)
    parts = [
        (at_door, "door_knock", log["status"].to_numpy(), log["time"].to_numpy()),
        (seen, "facebook", "other", seen["first_seen"].to_numpy()),
        (mailed, "email_blast", "other", launched.to_numpy()),
    ]
    told = [
        pd.DataFrame(
            {
                "signup_id": who["id"].to_numpy(),
                "author_id": who["volunteer"].str.extract(r"(\d+)")[0].fillna("").to_numpy(),
                "contact_method": method,
                "contact_status": status,
                "content": who["note"].to_numpy() if method == "door_knock" else "",
                "pc_in_cents": 500 * (np.asarray(status) == "meaningful_interaction"),
                "created_at": times,
            }
        )
        for who, method, status, times in parts
    ]
    found = pd.concat(told, ignore_index=True).sort_values("created_at", kind="stable")
    found = found.assign(created_at=dated(found["created_at"], _MOMENT))
    found.insert(0, "id", np.arange(len(found)) + 1)
    return found
