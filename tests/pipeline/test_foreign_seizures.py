"""Seizures of tools that nobody told of, with a known truth: what is found, and what is not.

Each text is sensitive by one category or harmless, so that the counts of all categories add up.
"""

import json
import random
import re
import shlex
import sqlite3
import sys
import zipfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.columns.free_text import SPECIAL
from privaudit.io.legends import decoded
from privaudit.io.readers import read_frame
from privaudit.studies.exhibits import set_out

sys.path.insert(0, str(Path(__file__).parents[1] / "formats"))
from writers import kmz, xlsx

N = 120
SENSITIVE = [
    "Diabétique, ne sort plus", "va à la mosquée tous les vendredis", "vote FN depuis toujours",
    "délégué CGT à l'usine", "Homosexuel, vit avec son compagnon",
    "malade du cancer, ne pas insister", "catholique pratiquante, va à la messe",
]  # fmt: skip
HARMLESS = ["portail vert, sonner deux fois", "absent, repasser samedi", "chien dans la cour",
            "n'a pas ouvert", "demande un tract", "troisième étage sans ascenseur"]  # fmt: skip
GIVEN = ["Anne", "Paul", "Zoé", "Karim", "Léa", "Marc"]
DAYS = [datetime(2016, 3, 1, 10) + timedelta(hours=7 * at) for at in range(N)]
PICK = random.Random(5)
NOTES = [PICK.choice(SENSITIVE if at % 3 == 0 else HARMLESS) for at in range(N)]
WHO = [PICK.choice(GIVEN) for _ in range(N)]
TRUTH = sum(note in SENSITIVE for note in NOTES)


def telegram():
    messages = [
        {"id": at, "type": "message", "date": DAYS[at].isoformat(), "from": WHO[at],
         "text": ["vu : ", {"type": "bold", "text": NOTES[at]}] if at % 4 else NOTES[at]}
        for at in range(N)
    ]  # fmt: skip
    chats = [
        {"name": f"g{k}", "id": k, "messages": messages[k * 40 : k * 40 + 40]} for k in range(3)
    ]
    return json.dumps({"about": "x", "chats": {"list": chats}})


def discord():
    messages = [
        {"id": str(10**17 + at), "timestamp": DAYS[at].isoformat(), "content": NOTES[at],
         "author": {"id": str(at % 9), "name": WHO[at], "isBot": False}, "reactions": []}
        for at in range(N)
    ]  # fmt: skip
    return json.dumps({"guild": {"id": "1"}, "messages": messages, "messageCount": N})


def whatsapp():
    return "".join(f"{DAYS[at]:%d/%m/%Y}, {DAYS[at]:%H:%M} - {WHO[at]}: {NOTES[at]}\n"
                   for at in range(N))  # fmt: skip


def mailchimp():
    return pd.DataFrame({
        "Email Address": [f"u{at}@exemple.fr" for at in range(N)], "First Name": WHO,
        "MEMBER_RATING": 3, "OPTIN_IP": [f"81.2.69.{at}" for at in range(N)],
        "LATITUDE": 48.8, "LONGITUDE": 2.3, "GMTOFF": 1, "EUID": [f"{at:x}e4f" for at in range(N)],
        "LEID": range(N), "NOTES": NOTES,
    }).to_csv(index=False)  # fmt: skip


def airtable():
    records = [{"id": f"rec{at:04d}aZ", "createdTime": DAYS[at].isoformat(),
                "fields": {"Nom": WHO[at], "Remarques": NOTES[at]}} for at in range(N)]  # fmt: skip
    return json.dumps({"records": records, "offset": "itr/1"})


def notion():
    rows = "".join(f"| {who} | {note} |\n" for who, note in zip(WHO, NOTES, strict=True))
    return f"# Portes\n\n| Nom | Mémo |\n| --- | :-- |\n{rows}"


def firebase():
    doors = {f"door{d}": {f"-K{d}{v}": {"memo": NOTES[4 * d + v], "ts": 1460000000000 + 4 * d + v}
                          for v in range(4)} for d in range(N // 4)}  # fmt: skip
    return json.dumps({"users": {f"u{k}": {"fcm": "x" * 40} for k in range(6)}, "visits": doors})


def salesforce():
    rows = "".join(f"<record><Id>003{at:012d}</Id><Description>{NOTES[at]}</Description></record>"
                   for at in range(N))  # fmt: skip
    return f'<?xml version="1.0" encoding="UTF-8"?><records>{rows}</records>'


def texts_backup():
    rows = "".join(f'<sms address="+3361234{at:04d}" date="146{at:010d}" body="{NOTES[at]}"/>'
                   for at in range(N))  # fmt: skip
    return f'<?xml version="1.0"?><smses count="{N}">{rows}</smses>'


def wordpress():
    rows = [(at, key, value) for at in range(N)
            for key, value in (("nickname", f"zq{at}"), ("note_terrain", NOTES[at]))]  # fmt: skip
    cells = ",".join("({},{},'{}','{}')".format(k, at, key, value.replace("'", "\\'"))
                     for k, (at, key, value) in enumerate(rows))  # fmt: skip
    return ("CREATE TABLE `wp_usermeta` (`umeta_id` bigint, `user_id` bigint, `meta_key` "
            "varchar(255), `meta_value` longtext);\n"
            f"INSERT INTO `wp_usermeta` VALUES {cells};\n")  # fmt: skip


def calendar():
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{at}@x\r\nDTSTART:{DAYS[at]:%Y%m%dT%H%M%SZ}\r\n"
        f"LOCATION:{at} rue Haute\r\n"
        f"DESCRIPTION:{NOTES[at]}\r\nATTENDEE;CN={WHO[at]} Zq:mailto:u{at}@exemple.fr\r\n"
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT\r\n"
        for at in range(N)
    )
    zone = "BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nEND:VTIMEZONE\r\n"
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{zone}{events}END:VCALENDAR\r\n"


def trello():
    lists = [{"id": f"5aa{k}", "name": name, "pos": k} for k, name in enumerate(["à voir", "vu"])]
    cards = [{"id": f"c{at}", "name": f"{at} rue Haute", "desc": note, "idList": f"5aa{at % 2}"}
             for at, note in enumerate(NOTES)]  # fmt: skip
    return json.dumps({"lists": lists, "cards": cards, "members": [{"id": "m1", "username": "x"}]})


def slack():
    return json.dumps([{"type": "message", "user": f"U{at % 9}", "text": NOTES[at],
                        "ts": f"{1460000000 + at}.000100"} for at in range(N)])  # fmt: skip


def page():
    rows = "".join(
        f"<tr><td>{who}<td><p>{note}</p></td></tr>" for who, note in zip(WHO, NOTES, strict=True)
    )
    return ("<html><head><style>td{color:red}</style><script>var malade = 1</script></head><body>"
            f"<table><tr><th>Nom</th><th>Mémo</th></tr>{rows}</table></body></html>")  # fmt: skip


def nested():
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [2.4, 48.8]},
         "properties": {"id": at, "visit": {"log": [{"detail": {"memo": NOTES[at]}}]}}}
        for at in range(N)
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features})


def several_visits():
    def log(at):
        return [{"memo": "vu"}] * 3 + [{"memo": NOTES[at]}]

    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [2.4, 48.8]},
         "properties": {"id": at, "log": log(at)}} for at in range(N)
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features})


def mongo():
    return "\n".join(
        json.dumps(
            {"_id": {"$oid": f"{at:024x}"}, "historique": [{"com": "ok"}, {"com": NOTES[at]}]}
        )
        for at in range(N)
    )


def messenger():
    messages = [{"sender_name": WHO[at], "timestamp_ms": 1460000000000 + at,
                 "content": NOTES[at].encode().decode("latin-1")} for at in range(N)]  # fmt: skip
    return json.dumps({"participants": [{"name": "A"}, {"name": "B"}], "messages": messages})


def notebook():
    return "\n".join(f"{at} rue Haute : {note}" for at, note in enumerate(NOTES)) + "\n"


def hubspot():
    return pd.DataFrame({"Object ID": range(N), "hs_timestamp": [d.isoformat() for d in DAYS],
                         "hs_note_body": [f'<div style=""><p>{note}</p></div>' for note in NOTES],
                         }).to_csv(index=False)  # fmt: skip


def events():
    cells = [json.dumps({"door": at, "memo": note}) for at, note in enumerate(NOTES)]
    return pd.DataFrame({"id": range(N), "payload": cells}).to_csv(index=False)


SEIZED = {
    "result.json": telegram, "discord.json": discord, "WhatsApp Chat.txt": whatsapp,
    "members_export.csv": mailchimp, "airtable.json": airtable, "Portes.md": notion,
    "firebase-export.json": firebase, "Contact.xml": salesforce, "sms-backup.xml": texts_backup,
    "wordpress.sql": wordpress, "tournees.ics": calendar, "board.json": trello,
    "2016-04-01.json": slack, "export.xls": page, "export.html": page, "nested.geojson": nested,
    "several.geojson": several_visits, "mongo.json": mongo, "message_1.json": messenger,
    "carnet.txt": notebook, "notes_hubspot.csv": hubspot, "events.csv": events,
}  # fmt: skip


def held_in(path):
    """Return how many cells speak of each special category, column by column, in every table."""
    found = {}
    with set_out([path], who="inspect") as contents:
        tables = decoded([read_frame(file, gives="table") for file in contents.files])
        for table in tables:
            for column in pa.inspect(table.frame, as_of="2016-11-08").columns:
                counts = {what: n for what, n in column.says.items() if what in SPECIAL and n}
                if counts:
                    found[column.name] = found.get(column.name, 0) + sum(counts.values())
    return found


@pytest.mark.parametrize("name", SEIZED)
def test_what_is_held_is_found_and_nothing_else(tmp_path, name):
    (tmp_path / name).write_text(SEIZED[name](), "utf-8", newline="")
    found = held_in(tmp_path / name)
    # Telegram's few chats show their first messages once more beside their names.
    found = {c: n for c, n in found.items() if not re.match(r"messages\.\d", c)}
    assert list(found.values()) == [TRUTH]


def test_a_database_and_a_form_with_its_choices(tmp_path):
    with closing(sqlite3.connect(tmp_path / "app.db")) as base, base:
        base.execute("create table visits(id integer, memo text, outcome integer)")
        base.execute("create table outcomes(id integer, label text)")
        rows = [(at, note, at % 2) for at, note in enumerate(NOTES)]
        base.executemany("insert into visits values(?,?,?)", rows)
        base.executemany("insert into outcomes values(?,?)", [(0, "absent"), (1, "vote PS")])
    base.close()
    assert held_in(tmp_path / "app.db") == {"memo": TRUTH, "outcome": N // 2}
    rows = [
        ["q_vote", "q_logement", "note_libre"],
        *(["123"[at % 3], "12"[at % 2], NOTES[at]] for at in range(N)),
    ]
    choices = [
        ["list_name", "name", "label"], ["vote", "1", "vote FN"], ["vote", "2", "vote PS"],
        ["vote", "3", "autre"], ["logement", "1", "locataire"], ["logement", "2", "autre"],
    ]  # fmt: skip
    xlsx(tmp_path / "kobo.xlsx", rows, sheets={"data": rows, "choices": choices})
    found = held_in(tmp_path / "kobo.xlsx")
    assert found == {"q_vote": 2 * N // 3, "note_libre": TRUTH}


EAST, NORTH = 2.40, 48.80
NAMED = [f"{given} Zq{at}" for at, given in enumerate(WHO)]
MAILS = [f"zq{at}@exemple.fr" for at in range(N)]
AT = [(EAST + at % 12 * 0.0004, NORTH + at // 12 * 0.0004) for at in range(N)]


def a_mailing_audience():
    return pd.DataFrame({"Email Address": MAILS, "First Name": WHO, "Tags": "Tractage",
                         "region": ["idf", "ara"] * (N // 2)})  # fmt: skip


def places_of_a_network():
    ips = [f"81.2.{at % 7}.{at}" for at in range(N)]
    return pd.DataFrame({"mail": MAILS, "ip": ips, "ip_lat": [48.8582] * N, "ip_lon": 2.3387,
                         "ip_city": ["Paris", "Lyon"] * (N // 2)})  # fmt: skip


def days_of_a_spreadsheet():
    return pd.DataFrame({"nom": NAMED, "sexe": ["F", "M"] * (N // 2),
                         "cree_le": [42_000 + 3 * (at // 2) for at in range(N)]})  # fmt: skip


def codes_of_a_tool():
    return pd.DataFrame({"nom": NAMED, "age": [20 + at % 50 for at in range(N)],
                         "profession": [f"E{at % 40:04d}" for at in range(N)],
                         "langue": ["fr_FR", "en_GB"] * (N // 2)})  # fmt: skip


def opinions_among_interests():
    interests = ["vote FN", "jardin", "syndicat CGT", "cuisine"] * (N // 4)
    return pd.DataFrame({"mail": MAILS, "sexe": ["F", "M"] * (N // 2), "interests": interests})


def an_address_table():
    doors = [f"{at % 12 + 1} Rue {at // 12}" for at in range(N)]
    return pd.DataFrame({"nom": NAMED, "adresse": doors,
                         "age": [20 + at % 50 for at in range(N)],
                         "soutien": ["pour", "contre"] * (N // 2)})  # fmt: skip


def a_contact_log():
    return pd.DataFrame({"compte": [f"u{at % 30}" for at in range(N)],
                         "page": [f"p{at % 7}" for at in range(N)],
                         "date": [day.isoformat() for day in DAYS]})  # fmt: skip


def a_map_of_visits():
    return pd.DataFrame({"lon": [x for x, _ in AT], "lat": [y for _, y in AT],
                         "outcome": ["vu", "absent"] * (N // 2), "prenom": WHO})  # fmt: skip


def an_export_of_nationbuilder():
    return pd.DataFrame({"nationbuilder_id": range(N), "first_name": WHO,
                         "sex": ["F", "M"] * (N // 2),
                         "born_at": [f"19{40 + at % 50}-03-1{at % 9}" for at in range(N)],
                         "support_level": [1 + at % 5 for at in range(N)]})  # fmt: skip


def answers_of_a_form():
    return pd.DataFrame({
        "Horodateur": [f"{day:%d/%m/%Y %H:%M:%S}" for day in DAYS], "Adresse e-mail": MAILS,
        "Pour qui avez-vous voté ?": ["Macron", "Le Pen", "?"] * (N // 3),
        "Dans quel quartier habitez-vous ?": ["Nord", "Centre"] * (N // 2),
    })  # fmt: skip


FRAMES = {one.__name__: one for one in (
    a_mailing_audience, places_of_a_network, days_of_a_spreadsheet, codes_of_a_tool,
    opinions_among_interests, an_address_table, a_contact_log, a_map_of_visits,
    an_export_of_nationbuilder, answers_of_a_form,
)}  # fmt: skip
TEXTS = ("result.json", "firebase-export.json", "Contact.xml", "export.html", "tournees.ics",
         "wordpress.sql", "nested.geojson")  # fmt: skip


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    """Return a file of the doors at which the people of these seizures live."""
    head = "id;numero;nom_voie;code_postal;code_insee;nom_commune;lon;lat"
    lines = [f"a{at};{at % 12 + 1};Rue {at // 12};94000;94028;Bourg;{x};{y}"
             for at, (x, y) in enumerate(AT)]  # fmt: skip
    file = tmp_path_factory.mktemp("doors") / "doors.csv"
    file.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return file


def seized(folder, kind):
    """Write a seizure of a kind; return its file."""
    if kind in FRAMES:
        FRAMES[kind]().to_csv(folder / "fiches.csv", index=False)
        return folder / "fiches.csv"
    if kind == "a KMZ":
        rows = [["nom", "avis"], *([name, "pour"] for name in NAMED)]
        return kmz(folder / "carte.kmz", rows, AT) or folder / "carte.kmz"
    if kind == "a workbook in a zip":
        rows = [
            ["nom", "sexe", "cp"],
            *([name, "FM"[at % 2], "94000"] for at, name in enumerate(NAMED)),
        ]
        xlsx(folder / "liste.xlsx", rows, sheets={"gens": rows, "autres": rows[:40]})
        with zipfile.ZipFile(folder / "saisie.zip", "w") as archive:
            archive.write(folder / "liste.xlsx", "liste.xlsx")
            archive.writestr("notes.csv", "nom,memo\n" + "".join(f"{name},vu\n" for name in NAMED))
        return folder / "saisie.zip"
    (folder / kind).write_text(SEIZED[kind](), "utf-8", newline="")
    return folder / kind


@pytest.mark.heavy
@pytest.mark.parametrize("kind", [*FRAMES, *TEXTS, "a KMZ", "a workbook in a zip"])
def test_each_proposed_command_runs_on_its_own_seizure(tmp_path, capsys, monkeypatch, doors, kind):
    monkeypatch.chdir(tmp_path)
    file = seized(tmp_path, kind)
    capsys.readouterr()
    assert main(["inspect", file.name, "--as-of", "2016-11-08", "--out", "seen"]) == 0
    lines = re.findall(r"^next: privaudit (.*)$", capsys.readouterr().out, re.MULTILINE)
    found = json.loads((tmp_path / "seen" / "findings.json").read_text("utf-8"))
    who = {column for one in found["findings"] if one["measure"] == "columns_of"
           and one["part"]["column_role"] in ("identifier", "contact")
           for note in one["notes"] for column in note["values"]["columns"]}  # fmt: skip
    for line in lines:
        words = [str(doors) if word == "ADDRESSES.csv" else word for word in shlex.split(line)]
        assert main(words) == 0, (line, capsys.readouterr().err)
        if words[0] == "table":
            out = tmp_path / words[words.index("--out") + 1]
            measured = json.loads((out / "findings.json").read_text("utf-8"))["findings"]
            by_name = [one for one in measured if one["measure"] == "identified"]
            # No clearing: who is named in the file is identified on the page, whatever the keys.
            named = who - {"nationbuilder_id"}
            assert bool(by_name) is bool(named), (line, who)
    proposed = {line.split()[0] for line in lines}
    expected = {"a_map_of_visits": {"map"}, "a KMZ": {"map"}, "a_contact_log": {"traces"},
                "places_of_a_network": set(), "nested.geojson": {"map"}}  # fmt: skip
    assert proposed >= expected.get(kind, set())
    assert "map" not in proposed or kind in ("a_map_of_visits", "a KMZ", "nested.geojson")
