"""Sample files: a fictional seizure, drawn from one simulated town, on which every command runs.

The same people stand in all files, as dirty as those of a campaign: blanks, accents, names typed by
hand, a decimal comma, an old encoding. `answers/truth.csv` has who is who; no command reads it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign, run_campaign
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import publish
from privaudit.campaign.views.exports import Filled, people_facts
from privaudit.campaign.views.mailings_and_ads import Mailing
from privaudit.cli.sample_formats import (
    csv_bytes,
    json_bytes,
    map_picture,
    parquet,
    with_comma,
    workbook,
    zipped,
)
from privaudit.core.checks import Floats, whole
from privaudit.core.files import packaged_toml, refuse_reserved
from privaudit.core.progress import Tick, silent
from privaudit.core.reproducible import stream
from privaudit.errors import OutputError
from privaudit.geo.crs import LAMBERT_93, LONGITUDE_LATITUDE, project
from privaudit.io.public_counts import CELL_CRS, CELL_METRES
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.mask import Mask
from privaudit.maps.masks.noise import Gaussian
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.text.normalise import unaccented

# The town stands in the Bay of Biscay, so that none of its dots is at anybody's door: metres of
# Lambert-93 that are added to the simulated positions.
SEA = (150_000.0, 6_500_000.0)
TOWN = "Valorge-sur-Brune"
POSTCODE = "99010"
# People, share of accounts that touched the candidate, and share of the dots that were visited.
_INHABITANTS, _REACH, _VISITED = 3_000, 0.2, 0.6
_WHO = "demo --files"
_FILLED = Filled(emails=0.5, phones=0.5, notes=0.9)
_AUDIT = pd.Timestamp("2016-09-15")
BLUR, COPIES = Donut(r_min=50, r_max=200), Gaussian(sigma=100)
_LIKED_SINCE = pd.Timestamp("2016-08-25")
# Records of the larger table, people of the two lists that are linked, and those in both.
_LARGE, _MEMBERS, _DONORS, _BOTH = 20_000, 240, 160, 90
# Share of the people without an address who show another town.
_ELSEWHERE = 0.3
# Shares of cells that were left blank, and of those typed by hand with a slip.
_BLANK, _SLIP = 0.03, 0.12
_TEXTS = packaged_toml("privaudit.cli", "samples.toml")


@dataclass(frozen=True, eq=False)
class SampleTown:
    """The people of the sample files, and what each file has of them.

    Parameters
    ----------
    campaign : Campaign
    seed : int
    """

    campaign: Campaign
    seed: int

    def rng(self, *names: str) -> np.random.Generator:
        """Open the stream of a file."""
        return stream(self.seed, "samples", *names)

    @cached_property
    def facts(self) -> pd.DataFrame:
        """Profiles on the map or with an e-mail address, as the tool has them; the Meyers last."""
        campaign = self.campaign
        facts = people_facts(campaign, _FILLED, seed=self.seed)
        dot = np.full(len(facts), -1)
        dot[campaign.dots["profile"].to_numpy()] = np.arange(len(campaign.dots))
        person = campaign.world.accounts["person"].to_numpy()[facts["account"]]
        facts = facts.assign(dot=dot, person=person, status="", planted="")
        mapped = dot >= 0
        facts.loc[mapped, "status"] = campaign.dots["status"].to_numpy()[dot[mapped]]
        facts = facts[mapped | (facts["email"] != "").to_numpy()].reset_index(drop=True)
        return pd.concat([_with_notes(facts, self.rng("notes")), self._meyer()], ignore_index=True)

    def _meyer(self) -> pd.DataFrame:
        """Return the profile of Éric Meyer, at a house where no other dot stands."""
        place, free = self.campaign.world.addresses.frame, set(self.campaign.dots["address"])
        alone = (place["households"] == 1) & (place["street_kind"] == "street")
        address = next(int(i) for i in np.flatnonzero(alone) if i not in free)
        meyer = _TEXTS["meyer"]
        row = {
            "id": 999, "account": -1, "display_name": f"{meyer['first']} {meyer['last']}",
            "first_name": meyer["first"], "last_name": meyer["last"], "sex": "M",
            "age_band": "35-49", "birth_date": pd.Timestamp(meyer["born"]), "address": address,
            "number": place["number"][address], "street": place["street"][address], "email": "",
            "phone": "", "presumed_leaning": "right", "inferred": 2.0, "marked": 3.0,
            "contact_status": "answered", "visited_at": pd.Timestamp(meyer["visit"]),
            "note": meyer["note"], "planted": "minor", "status": "visited", "person": -1,
            "dot": len(self.campaign.dots), "first_seen": pd.Timestamp(meyer["like"]),
            "score": 0.55, "side_interactions": 1, "do_not_contact": False,
            "profession": "employee", "interest": "", "match": "exact",
            "volunteer": "benevole03@campagne.example",
        }  # fmt: skip
        return pd.DataFrame([row])

    @cached_property
    def people(self) -> pd.DataFrame:
        """Return the people export, every cell as text."""
        facts, rng = self.facts, self.rng("people")
        n = len(facts)
        known = facts["address"].to_numpy() >= 0
        others = [name for name, _ in list(_TEXTS["communes"].values())[1:]]
        elsewhere = np.where(rng.random(n) < _ELSEWHERE, rng.choice(others, n), TOWN)
        born = pd.to_datetime(facts["birth_date"])
        # What an account shows of its person where no register was found.
        shown = self.campaign.world.people.iloc[facts["person"].to_numpy()]
        age = ((_AUDIT - born).dt.days / 365.2425).floordiv(1)
        age = age.fillna(pd.Series(shown["age"].to_numpy(), index=facts.index))
        sex = facts["sex"].where(facts["sex"] != "", shown["sex"].to_numpy(dtype=object))
        opinion = np.select(
            [facts["presumed_leaning"] != "", facts["inferred"] <= 2, facts["inferred"] == 5],
            ["right", "right", "left"], "",
        )  # fmt: skip
        cells = pd.DataFrame(
            {
                "id": facts["id"],
                "account": self.accounts(facts["account"]),
                "first_name": facts["first_name"],
                "last_name": facts["last_name"],
                "sex": sex,
                "birth_date": born.dt.strftime("%Y-%m-%d"),
                "age": _whole(age),
                "address": (facts["number"] + " " + facts["street"]).str.strip(),
                "postcode": np.where(known, POSTCODE, ""),
                "commune": np.where(known, TOWN, elsewhere),
                "email": facts["email"],
                "phone": facts["phone"],
                "opinion": opinion,
                "support_level": _whole(facts["marked"]),
                "inferred_support_level": _whole(facts["inferred"]),
                "tags": np.where(facts["presumed_leaning"] != "", "like-candidat, sm-Facebook", ""),
                "visited_at": pd.to_datetime(facts["visited_at"]).dt.strftime("%Y-%m-%d %H:%M"),
                "do_not_contact": np.where(facts["do_not_contact"].astype(bool), "yes", ""),
                "note": facts["note"],
            }
        )
        return cells.astype("str").fillna("")

    @cached_property
    def order(self) -> np.ndarray:
        """Return the order in which the tool lists people."""
        return self.rng("order").permutation(len(self.facts))

    @cached_property
    def blurred(self) -> list[int]:
        """Return the order of the dots on the blurred map, which is not that of the exact one."""
        order: list[int] = self.rng("blurred").permutation(len(self.dots)).tolist()
        return order

    def accounts(self, account: Any) -> np.ndarray:
        """Return the handles of accounts, made of the displayed names."""
        shown = self.campaign.world.accounts["display_name"].to_numpy(dtype=object)
        handles = [
            f"{unaccented(shown[a]).lower().replace(' ', '.')}.{a}" if a >= 0 else "eric.meyer.71"
            for a in np.asarray(account).tolist()
        ]
        return np.array(handles, dtype=object)

    @cached_property
    def address_ids(self) -> np.ndarray:
        """Return the keys of the addresses, as the national base writes them."""
        frame = self.campaign.world.addresses.frame
        street = pd.factorize(frame["street"])[0] + 1
        doors = zip(frame["commune"], street, *_numbers(frame).T.to_numpy(), strict=True)
        keys = [f"{c}_{s:04d}_{int(n):05d}{'_' + rep if rep else ''}" for c, s, n, rep in doors]
        return np.array(keys, dtype=object)

    @cached_property
    def metres(self) -> Floats:
        """Return the positions of the addresses in Lambert-93."""
        return np.asarray(self.campaign.world.addresses.xy + SEA)

    @cached_property
    def dots(self) -> pd.DataFrame:
        """Return the dots of the exact map: x, y in Lambert-93 and what the tool writes of each."""
        shown = self.facts[self.facts["dot"] >= 0].reset_index(drop=True)
        where = self.metres[shown["address"].to_numpy(dtype=int)]
        # The dots of a real campaign map stand where its directory had them: at the address.
        return shown.assign(x=where[:, 0], y=where[:, 1])


def _with_notes(facts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Write what volunteers noted of people's health, religion, union and children."""
    facts = facts.copy()
    free = rng.permutation(np.flatnonzero(facts["note"].to_numpy() == ""))
    start = 0
    for kind, count in _TEXTS["notes"]["planted"].items():
        rows = free[start : start + count]
        lines = _TEXTS["notes"][kind].strip().splitlines()
        facts.loc[rows, "note"] = [lines[int(i)] for i in rng.integers(len(lines), size=len(rows))]
        facts.loc[rows, "planted"] = kind
        start += count
    return facts


def _whole(column: pd.Series) -> pd.Series:
    """Return numbers as text, "" where missing."""
    return column.astype("Int64").astype("str").fillna("")


def _degrees(xy: Floats) -> Floats:
    return np.round(project(*xy.T, source=LAMBERT_93, target=LONGITUDE_LATITUDE), 6)


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the number of each door and its suffix, such as bis."""
    return frame["number"].str.extract(r"^(\d+)\s*(.*)$")


def _addresses(town: SampleTown) -> bytes:
    """Write the address file, with columns of the national base."""
    frame, xy = town.campaign.world.addresses.frame, town.metres
    number = _numbers(frame)
    lon, lat = _degrees(xy).T
    cells = {
        "id": town.address_ids,
        "numero": number[0], "rep": number[1], "nom_voie": frame["street"],
        "code_postal": POSTCODE, "code_insee": frame["commune"], "nom_commune": TOWN,
        "x": xy[:, 0].round(2), "y": xy[:, 1].round(2), "lon": lon, "lat": lat,
        "source_position": "fiction", "source_nom_voie": "fiction",
    }  # fmt: skip
    return csv_bytes(pd.DataFrame(cells), separator=";")


def _cells(town: SampleTown) -> bytes:
    """Write residents and households on cells of 200 m, as INSEE does."""
    world = town.campaign.world
    place = project(*town.metres.T, source=LAMBERT_93, target=CELL_CRS)
    corner = (np.floor(place / CELL_METRES) * CELL_METRES).astype(np.int64)
    homes = world.households
    size, at = homes["size"].to_numpy(), homes["address"].to_numpy()
    flats = world.addresses.frame["households"].to_numpy()[at] > 2
    counted = pd.DataFrame(
        {
            "idcar_200m": [f"CRS3035RES200mN{y}E{x}" for x, y in corner[at].tolist()],
            "ind": size,
            "men": 1,
            "men_1ind": size == 1,
            "men_5ind": size >= 5,
            "men_coll": flats,
            "men_mais": ~flats,
        }
    )
    counts = dict.fromkeys(counted.columns[1:], int)
    by_cell = counted.astype(counts).groupby("idcar_200m", as_index=False)
    return csv_bytes(by_cell.sum())


def _communes(town: SampleTown) -> bytes:
    people = len(town.campaign.world.people)
    rows = [
        [code, "99", "99", name, people if name == TOWN else n]
        for code, (name, n) in _TEXTS["communes"].items()
    ]
    return csv_bytes(pd.DataFrame(rows, columns=["CODGEO", "DEP", "REG", "LIBGEO", "PMUN"]))


def _names(dots: pd.DataFrame) -> pd.Series:
    return dots["first_name"] + " " + dots["last_name"]


def _geojson(town: SampleTown, mask: Mask | None) -> bytes:
    """Write the map in degrees, exact or blurred, with what a click on a dot shows."""
    dots = town.dots
    said = _TEXTS["texts"]["map"]
    where = _degrees(_moved(town, mask, "blurred")).tolist()
    if mask is not None:
        said += f" {mask}."
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {"id": int(i), "name": name, "status": status, "presumed": "right"},
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
        }
        for i, name, status, (lon, lat) in zip(
            dots["id"], _names(dots), dots["status"], where, strict=True
        )
    ]  # fmt: skip
    if mask is not None:
        features = [features[row] for row in town.blurred]
        for one in features:
            one["properties"] = {"status": one["properties"]["status"]}
    whole_map = {"type": "FeatureCollection", "name": "fiction", "description": said}
    return json_bytes(whole_map | {"features": features})


def _moved(town: SampleTown, mask: Mask | None, *names: str) -> Floats:
    xy = town.dots[["x", "y"]].to_numpy(dtype=float)
    return xy if mask is None else np.asarray(mask(xy, rng=town.rng("mask", *names)))


def _kmz(town: SampleTown) -> bytes:
    """Write the exact map as Google Earth has it: numbers of the tool, red and grey."""
    marks = []
    dots = town.dots
    for i, status, (lon, lat) in zip(
        dots["id"], dots["status"], _degrees(_moved(town, None)).tolist(), strict=True
    ):
        marks.append(
            f"<Placemark><name>{i}</name><styleUrl>#{status}</styleUrl><ExtendedData>"
            f'<Data name="id"><value>{i}</value></Data>'
            f'<Data name="status"><value>{status}</value></Data></ExtendedData>'
            f"<Point><coordinates>{lon},{lat}</coordinates></Point></Placemark>"
        )
    styles = "".join(
        f'<Style id="{status}"><IconStyle><color>{colour}</color></IconStyle></Style>'
        for status, colour in (("to_meet", "ff2827d6"), ("visited", "ff808080"))
    )
    head = "<name>Carte de porte-à-porte (fiction)</name><description>Fictional.</description>"
    body = f"<Document>{head}{styles}{''.join(marks)}</Document>"
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2">{body}</kml>'
    return zipped({"doc.kml": f'<?xml version="1.0" encoding="UTF-8"?>\n{kml}'})


def _copy_of_map(town: SampleTown, day: str, until: str) -> bytes:
    """Write the map as it stood on a day, blurred anew, in Lambert-93."""
    dots, xy = town.dots, _moved(town, COPIES, day)
    there = (pd.to_datetime(dots["first_seen"]).fillna(_AUDIT) <= pd.Timestamp(until)).to_numpy()
    met = (pd.to_datetime(dots["visited_at"]) <= pd.Timestamp(until)).to_numpy()
    cells = {
        "dot_id": dots["dot"], "x": xy[:, 0].round(1), "y": xy[:, 1].round(1),
        "status": np.where(met, "visited", "to_meet"),
    }  # fmt: skip
    return csv_bytes(pd.DataFrame(cells)[there])


def _points(town: SampleTown) -> bytes:
    """Write the dots as a spreadsheet with French settings has them: decimal commas, cp1252."""
    dots, (lon, lat) = town.dots, _degrees(_moved(town, None)).T
    cells = {
        "n°": np.arange(len(dots)) + 1,
        "état": dots["status"].map({"visited": "rencontré", "to_meet": "à rencontrer"}),
        "longitude": with_comma(lon, 6), "latitude": with_comma(lat, 6),
    }  # fmt: skip
    return csv_bytes(pd.DataFrame(cells), separator=";", encoding="cp1252", end="\r\n")


def _picture(town: SampleTown) -> bytes:
    dots = town.dots
    red = (dots["status"] == "to_meet").to_numpy()
    place = town.campaign.world.addresses.frame.assign(x=town.metres[:, 0], y=town.metres[:, 1])
    return map_picture(place, dots[["x", "y"]].to_numpy(dtype=float), red)


def _people(town: SampleTown) -> bytes:
    """Write the people export; with a byte order mark, as a spreadsheet saves it."""
    return csv_bytes(town.people.iloc[town.order], encoding="utf-8-sig")


def _workbook(town: SampleTown) -> bytes:
    """Write the same people with the headers of NationBuilder, and their visits, as a workbook."""
    people = town.people.iloc[town.order]
    renamed = people.rename(
        columns={
            "id": "nationbuilder_id", "account": "facebook_username", "birth_date": "born_at",
            "address": "primary_address1", "postcode": "primary_zip", "commune": "primary_city",
            "phone": "mobile_number", "tags": "tag_list", "opinion": "inferred_party",
            "visited_at": "last_contacted_at",
        }
    ).drop(columns="age")  # fmt: skip
    visits = _visit_frame(town)
    sheets = {"people (fiction)": renamed, "visites": visits}
    return workbook({name: [[*f.columns], *f.to_numpy().tolist()] for name, f in sheets.items()})


def _visit_frame(town: SampleTown) -> pd.DataFrame:
    facts = town.facts[town.facts["visited_at"].notna()].sort_values("visited_at", kind="stable")
    at = pd.to_datetime(facts["visited_at"])
    result = {
        "meaningful_interaction": "bon contact", "answered": "a répondu", "refused": "refus",
        "not_interested": "pas intéressé", "no_answer": "absent", "bad_info": "mauvaise adresse",
        "inaccessible": "inaccessible",
    }  # fmt: skip
    return pd.DataFrame(
        {
            "fiche": facts["id"].astype("str"),
            "date": at.dt.strftime("%d/%m/%Y"),
            "heure": at.dt.strftime("%H:%M"),
            "bénévole": facts["volunteer"],
            "résultat": facts["contact_status"].map(result),
            "commentaire": facts["note"],
        }
    )


def _visits(town: SampleTown) -> bytes:
    """Write the contact log, of French headers, in cp1252."""
    return csv_bytes(_visit_frame(town), separator=";", encoding="cp1252", end="\r\n")


def _likes(town: SampleTown) -> bytes:
    """Write the activity of the accounts of the export since August, likes of the candidate too."""
    world, facts = town.campaign.world, town.facts
    acts = world.interactions
    acts = acts[(acts["time"] >= _LIKED_SINCE) & acts["account"].isin(facts["account"])]
    candidate = set(world.pages.loc[world.pages["kind"] == "candidate", "page"])
    pages = [f"candidat-{p}" if p in candidate else f"page-{p}" for p in acts["page"].tolist()]
    cells = pd.DataFrame(
        {
            "account": town.accounts(acts["account"]),
            "page": pages,
            "kind": acts["kind"].to_numpy(),
            "when": acts["time"].dt.strftime("%Y-%m-%d %H:%M:%S").to_numpy(),
        }
    )
    right = world.pages.loc[(world.pages["kind"] == "candidate") & (world.pages["side"] == "right")]
    liked = f"candidat-{int(right['page'].iloc[0])}"
    cells.loc[len(cells)] = ["eric.meyer.71", liked, "like", _TEXTS["meyer"]["like"]]
    return csv_bytes(cells.sort_values(["when", "account"], kind="stable"))


def _chat(town: SampleTown) -> bytes:
    """Write what volunteers wrote to each other, as Telegram exports it."""
    rng, texts = town.rng("chat"), _TEXTS["chat"]
    facts = town.facts[town.facts["visited_at"].notna()].sort_values("visited_at", kind="stable")
    lines = texts["lines"].strip().splitlines()
    messages = []
    days = ("lundi", "jeudi", "samedi")
    for row in facts.to_dict("records"):
        text = lines[int(rng.integers(len(lines)))].format(
            name=f"{row['first_name']} {row['last_name']}",
            door=f"{row['number']} {row['street']}",
            day=days[int(rng.integers(len(days)))],
        )
        text = _TEXTS["meyer"]["chat"] if row["account"] < 0 else text
        author = int(rng.integers(len(texts["authors"])))
        at = row["visited_at"] + pd.Timedelta(minutes=int(rng.integers(2, 50)))
        messages.append((at, author, text))
    messages.sort()
    listed = [
        {
            "id": number,
            "type": "message",
            "date": at.strftime("%Y-%m-%dT%H:%M:%S"),
            "from": texts["authors"][author],
            "from_id": f"user{7_700_100 + author}",
            "text": text,
            "text_entities": [{"type": "plain", "text": text}],
        }
        for number, (at, author, text) in enumerate(messages, 1)
    ]
    head = {"name": f"Porte-à-porte {TOWN} (fiction)", "type": "private_supergroup", "id": 1}
    return json_bytes(head | {"messages": listed})


def _mailing(town: SampleTown) -> bytes:
    """Write who got the mail of the campaign, in which segment, and what the server recorded."""
    mails = publish(town.campaign, Mailing(filled=_FILLED), seed=town.seed).records
    return csv_bytes(mails.assign(score=mails["score"].round(3)).astype("str").fillna(""))


def _recording(town: SampleTown) -> bytes:
    """Write a browser's recording of the map: the page shows a name, the answers hold more."""
    dots, (lon, lat) = town.dots, _degrees(_moved(town, None)).T
    records = [
        {"id": int(i), "lat": y, "lon": x, "name": name, "status": status, "note": note,
         "score": round(float(score), 2)}
        for i, x, y, name, status, note, score in zip(
            dots["id"], lon.tolist(), lat.tolist(), _names(dots), dots["status"], dots["note"],
            dots["score"].fillna(0.5), strict=True)
    ]  # fmt: skip
    page = (
        "<html><title>Fiction</title><script>show(p.name, p.status, p.lat, p.lon)</script></html>"
    )
    site = "https://carte.example"
    entries = [_entry(site + "/", page, "text/html", 0)]
    for k in range(0, len(records), 40):
        text = json.dumps({"people": records[k : k + 40]}, ensure_ascii=False)
        entries.append(_entry(f"{site}/api/people?from={k}", text, "application/json", k + 1))
    who = hashlib.sha256(b"fiction").hexdigest()[:16]
    counted = f"https://stats.example/collect?page=carte&uid={who}"
    entries.append(_entry(counted, "", "image/gif", len(records)))
    creator = {"name": "fiction", "version": "1"}
    return json_bytes({"log": {"version": "1.2", "creator": creator, "entries": entries}})


def _entry(url: str, text: str, kind: str, seconds: int) -> dict[str, Any]:
    at = (_AUDIT + pd.Timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    content = {"size": len(text.encode()), "mimeType": kind, "text": text}
    none: dict[str, Any] = {"headers": [], "cookies": [], "httpVersion": "HTTP/1.1"}
    return {
        "startedDateTime": at,
        "time": 40,
        "request": {"method": "GET", "url": url, "queryString": [], **none},
        "response": {"status": 200, "statusText": "OK", "content": content, **none},
        "cache": {},
        "timings": {"send": 0, "wait": 40, "receive": 0},
    }


def _compared(town: SampleTown) -> pd.DataFrame:
    """Return what a published copy has of people."""
    return town.people[["age", "sex", "commune", "opinion", "support_level"]]


def _release(town: SampleTown) -> bytes:
    """Write the copy that was published: no names, ages moved by up to two years."""
    rng, copy = town.rng("release"), _compared(town)
    age = copy["age"].astype(int) + rng.integers(-2, 3, len(copy))
    moved = copy.assign(age=age.clip(lower=18).astype("str"))
    return csv_bytes(moved.iloc[rng.permutation(len(copy))])


def _others(town: SampleTown) -> bytes:
    """Write people of the same town who are in no file: the control."""
    rng, people = town.rng("others"), town.campaign.world.people
    free = ~people["person"].isin(town.facts["person"]) & (people["age"] >= 16)
    drawn = people[free].iloc[rng.permutation(int(free.sum()))[: len(_compared(town))]]
    opinion = drawn["leaning"].where(drawn["leaning"].isin(["left", "right"]), "")
    cells = {"age": drawn["age"], "sex": drawn["sex"], "commune": TOWN, "opinion": opinion}
    level = rng.integers(1, 6, len(drawn)).astype(str)
    level[rng.random(len(drawn)) < 0.9] = ""
    return csv_bytes(pd.DataFrame(cells).assign(support_level=level))


def _large(town: SampleTown) -> bytes:
    """Write a larger table, of the canton: the town's adults drawn again in each commune."""
    rng, people = town.rng("large"), town.campaign.world.people
    adults = people[people["age"] >= 18]
    drawn = adults.iloc[rng.integers(len(adults), size=_LARGE)]
    names, counts = zip(*_TEXTS["communes"].values(), strict=True)
    where = rng.choice(names, _LARGE, p=np.array(counts) / sum(counts))
    age = np.clip(drawn["age"].to_numpy() + rng.integers(-3, 4, _LARGE), 18, 104)
    table = pd.DataFrame(
        {"age": age, "sex": drawn["sex"].to_numpy(dtype=object), "commune": where,
         "opinion": drawn["leaning"].to_numpy(dtype=object)}
    )  # fmt: skip
    return parquet(table)


def _lists(town: SampleTown) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw members and donors, two lists of adults that overlap."""
    rng, people = town.rng("lists"), town.campaign.world.people
    adults = people.index[people["age"] >= 18].to_numpy()
    drawn = rng.permutation(adults)[: _MEMBERS + _DONORS - _BOTH]
    donors = rng.permutation(drawn[_MEMBERS - _BOTH :])
    return people.loc[drawn[:_MEMBERS]], people.loc[donors]


def _slipped(text: str, rng: np.random.Generator) -> str:
    """Return a name as typed by hand: at times without accents, in capitals or with a slip."""
    draw = rng.random()
    if draw < _SLIP and len(text) > 4:
        at = int(rng.integers(1, len(text) - 2))
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return unaccented(text) if draw < 3 * _SLIP else text


def _members(town: SampleTown) -> bytes:
    """Write the list of members: French headers, cp1252."""
    (listed, _), rng = _lists(town), town.rng("members")
    place = town.campaign.world.addresses.frame
    at = place.iloc[listed["address"]]
    blank = rng.random(len(listed)) < _BLANK
    cells = {
        "N° adhérent": _numbered("A{:04d}", listed),
        "Nom": listed["last_name"].str.upper(),
        "Prénom": listed["first_name"],
        "Date de naissance": listed["birth_date"].dt.strftime("%d/%m/%Y").where(~blank, ""),
        "Adresse": (at["number"] + " " + at["street"]).to_numpy(),
        "Code postal": POSTCODE,
        "Ville": np.where(blank, TOWN.upper().replace("-", " "), TOWN),
        "Téléphone": _landlines(len(listed), rng),
    }
    return csv_bytes(pd.DataFrame(cells), separator=";", encoding="cp1252", end="\r\n")


def _landlines(n: int, rng: np.random.Generator) -> list[str]:
    """Draw landlines reserved for fiction, for half of the people."""
    last = (rng.integers(10_000) + np.arange(n)) % 10_000
    texts = [f"01 99 00 {d // 100:02d} {d % 100:02d}" for d in last.tolist()]
    return [t if known else "" for t, known in zip(texts, rng.random(n) < 0.5, strict=True)]


def _donors(town: SampleTown) -> bytes:
    """Write the list of donors: typed by hand, amounts with a decimal comma."""
    (_, listed), rng = _lists(town), town.rng("donors")
    at = town.campaign.world.addresses.frame.iloc[listed["address"]]
    names = zip(listed["first_name"], listed["last_name"], strict=True)
    blank = rng.random(len(listed)) < 2 * _BLANK
    cells = {
        "Reçu": _numbered("D-{:03d}", listed),
        "Donateur": [f"{_slipped(first, rng)} {_slipped(last, rng)}" for first, last in names],
        "Né(e) le": listed["birth_date"].dt.strftime("%d.%m.%Y").where(~blank, ""),
        "Adresse": [_slipped(street, rng) for street in at["number"] + ", " + at["street"]],
        "Commune": "Valorge sur Brune",
        "Montant": with_comma(rng.choice([10, 20, 50, 100, 150.5], len(listed)), 2),
        "Date du don": "2016",
    }
    return csv_bytes(pd.DataFrame(cells), separator=";", encoding="utf-8-sig")


def _numbered(form: str, records: pd.DataFrame) -> list[str]:
    return [form.format(number) for number in range(1, len(records) + 1)]


def _by_person(people: Iterable[int], what: Iterable[Any]) -> dict[int, str]:
    """Return what belongs to each person; of two accounts of one person, both."""
    joined: dict[int, str] = {}
    for person, one in zip(people, what, strict=True):
        joined[person] = f"{joined.get(person, '')} {one}".strip()
    return joined


def _truth(town: SampleTown) -> bytes:
    """Write who is who: a row a person of any file, with their record in each."""
    people, (members, donors), dots = town.campaign.world.people, _lists(town), town.dots
    facts, who = town.facts, dots["person"].tolist()
    at = town.address_ids[dots["address"].to_numpy(dtype=int)]
    records = {
        "people_id": _by_person(facts["person"], facts["id"]),
        "marked_address": _by_person(who, at),
        "map": _by_person(who, range(1, len(dots) + 1)),
        "blurred": _by_person([who[i] for i in town.blurred], range(1, len(dots) + 1)),
        "planted": _by_person(facts["person"], facts["planted"]),
        "member": _by_person(members["person"], _numbered("A{:04d}", members)),
        "donor": _by_person(donors["person"], _numbered("D-{:03d}", donors)),
    }
    rows = []
    for person in sorted(set().union(*records.values())):
        meyer = [_TEXTS["meyer"]["first"], _TEXTS["meyer"]["last"], "right"]
        known = people.loc[person, ["first_name", "last_name", "leaning"]] if person >= 0 else meyer
        rows.append([person, *known, *(of.get(person, "") for of in records.values())])
    columns = ["person", "first_name", "last_name", "leaning", *records]
    return csv_bytes(pd.DataFrame(rows, columns=columns))


# What each file is made by, in the order of README.txt.
FILES: dict[str, Callable[[SampleTown], bytes]] = {
    "people.csv": _people,
    "seized.xlsx": _workbook,
    "map.geojson": lambda town: _geojson(town, None),
    "map.kmz": _kmz,
    "blurred.geojson": lambda town: _geojson(town, BLUR),
    "monday.csv": lambda town: _copy_of_map(town, "monday", "2016-09-05"),
    "tuesday.csv": lambda town: _copy_of_map(town, "tuesday", "2016-09-13"),
    "points.csv": _points,
    "shot.png": _picture,
    "addresses.csv": _addresses,
    "cells.csv": _cells,
    "communes.csv": _communes,
    "likes.csv": _likes,
    "visits.csv": _visits,
    "chat.json": _chat,
    "mailing.csv": _mailing,
    "session.har": _recording,
    "release.csv": _release,
    "others.csv": _others,
    "big.parquet": _large,
    "members.csv": _members,
    "donors.csv": _donors,
    "description.toml": lambda _: _TEXTS["texts"]["description"].lstrip().encode(),
    "study.toml": lambda _: _TEXTS["texts"]["study"].lstrip().encode(),
    "answers/truth.csv": _truth,
}

# What README.txt proposes to run first; the README and the how-tos print others.
COMMANDS = (
    "privaudit inspect people.csv map.geojson likes.csv --out inventory",
    "privaudit table people.csv --key age,sex,commune --sensitive opinion --out audit",
    "privaudit map shot.png --addresses addresses.csv --commune 99001 --mask none --out doors",
    "privaudit link members.csv donors.csv --out linked",
    "privaudit rules description.toml --table people.csv --as-of 2016-11-08 --out rules",
    "privaudit dossier people.csv map.geojson likes.csv visits.csv chat.json mailing.csv"
    " session.har --description description.toml --as-of 2016-11-08 --exhibit fiction-12"
    " --addresses addresses.csv --out dossier",
)


def sample_files(*, seed: int = 7, tick: Tick = silent) -> dict[str, bytes]:
    """Return the files of a fictional seizure, by their names; the same seed gives the same bytes.

    Parameters
    ----------
    seed : int
    tick : callable
        Called with the name of each part as it starts.

    Returns
    -------
    dict of str to bytes
    """
    whole("sample_files", "seed", seed, 0)
    tick("town")
    world = simulate(Town(inhabitants=_INHABITANTS, name=TOWN, candidate_reach=_REACH), seed=seed)
    tick("campaign")
    campaign = run_campaign(world, CampaignPlan(share_visited=_VISITED), seed=seed)
    tick("files")
    town = SampleTown(campaign, seed)
    return {name: make(town) for name, make in FILES.items()}


def write_samples(samples: Path, *, readme: bytes, seed: int = 7, tick: Tick = silent) -> Path:
    """Write the sample files into a folder that is new or empty.

    Parameters
    ----------
    samples : Path
        The folder; `answers` is made in it.
    readme : bytes
        Content of README.txt.
    seed, tick
        As for `sample_files`.

    Returns
    -------
    Path
        The folder's README.txt.

    Raises
    ------
    OutputError
        The folder holds something, or cannot be written; nothing was touched.
    """
    refuse_reserved(samples, _WHO)
    try:
        free = not samples.exists() or not any(samples.iterdir())
    except OSError:
        free = False
    if not free:
        came = f"'{samples.absolute().resolve().name}', which holds something or is no folder"
        raise OutputError.of(_WHO, "a new or empty folder", came, "Give another.")
    there = next(one for one in (samples.absolute(), *samples.absolute().parents) if one.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise OutputError.of(_WHO, "a folder that can be written", f"'{samples.name}'")
    made = {"README.txt": readme} | sample_files(seed=seed, tick=tick)
    try:
        for name, content in made.items():
            place = samples / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                file.write(content)
    except OSError as error:
        needed = "a folder that can be written"
        raise OutputError.not_written(_WHO, needed, samples.name, error) from None
    return samples / "README.txt"
