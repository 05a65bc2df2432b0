"""A browser's recording: what was sent, what was shown, what could be counted up, as findings."""

import base64
import csv
import gzip
import hashlib
import json
import re

import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.io.file_frame import Recorded
from privaudit.io.formats import har
from privaudit.io.formats.har import (
    _address,
    _domain,
    _field_use,
    _id_span,
    _is_plain_id,
    _is_written,
    _of_body,
    _Recording,
    _records,
    parts_of_link,
    sent_to_others,
)
from privaudit.io.readers import read_frame
from tests.conftest import text_in

# Of 40 records: every number from 300 to 349 but ten; a page shows the name, a script reads the id.
IDS = [n for n in range(300, 350) if n % 5]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    people = [{"id": n, "nom": f"Zxqvname{n}", "opinion": "pour", "note": "diabetique"}
              for n in IDS]  # fmt: skip
    answers = [
        ("/", "text/html", "<p>Zxqvname301</p>"),
        ("/app.js", "application/javascript", "row.id"),
        ("/api/people", "application/json", {"results": people}),
        ("/api/people/301", "application/json", people[0]),
    ]
    entries = [
        {"request": {"url": f"https://app.example{url}"},
         "response": {"content": {"mimeType": kind,
                                  "text": body if isinstance(body, str) else json.dumps(body)}}}
        for url, kind, body in answers
    ]  # fmt: skip
    (folder / "app.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    asked = ["inspect", str(folder / "app.har"), "--as-of", "2016-11-08", "--lang", "fr"]
    assert main([*asked, "--out", str(folder / "out")]) == 0
    return folder / "out"


def test_what_was_sent_is_a_finding_with_its_number(report):
    found = json.loads((report / "findings.json").read_text("utf-8"))["findings"]
    value = {one["id"]: one["value"] for one in found if one["id"].startswith("recording.")}
    assert value == {
        "recording.received": 40, "recording.received_again": 0, "recording.fields_shown": 0.25,
        "recording.fields_named": 0.25, "recording.fields_unused": 0.5,
        # From 301 to 349 there are 49 numbers.
        "recording.numbers_received": pytest.approx(40 / 49), "recording.numbers_left": 9,
        "recording.addresses_by_number": 1,
    }  # fmt: skip
    with (report / "tables" / "findings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum("recording" in str(row) for row in rows) == 8


def test_no_cell_of_a_recording_leaves_it(report):
    for path in report.rglob("*"):
        if path.is_file():
            text = text_in(path)
            assert "Zxqvname" not in text
            assert "diabetique" not in text
    assert "en comptant" in (report / "annex.html").read_text(encoding="utf-8")


MAILS = [f"Zxqv.petit{n}@exemple.fr" for n in range(20)]


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def request(url, *, body=None, headers=(), kind="application/json", answer="{}"):
    """Return an entry of a recording."""
    asked = {"url": url, "headers": [{"name": k, "value": v} for k, v in headers]}
    if body is not None:
        asked["postData"] = {"text": body}
    return {"request": asked, "response": {"content": {"mimeType": kind, "text": answer}}}


def recorded(people):
    """Return a recording of an application with what it sends to five other hosts."""
    facebook = "https://www.facebook.com/tr/?id=1&ev=Lead"
    analytics = "https://region1.google-analytics.com/g/collect?v=2"
    page = "https%3A%2F%2Fterrain.asso.fr%2Ffiche%3Femail%3Dzxqv.petit3%2540exemple.fr"
    tiles = "https://api.mapbox.com/geocode"
    return [
        request("https://app.terrain.asso.fr/", kind="text/html", answer="<p>carte</p>"),
        request("https://api.terrain.asso.fr/people?email=zxqv.petit1%40exemple.fr",
                answer=json.dumps(people)),
        # To Facebook, 4 requests: 2 carry an e-mail hashed in the address, 1 hashed in the body,
        # 1 nothing but a cookie of its own.
        request(f"{facebook}&ud[em]={sha('zxqv.petit0@exemple.fr')}"),
        request(f"{facebook}&udff%5Bem%5D={sha('zxqv.petit1@exemple.fr')}"),
        request("https://www.facebook.com/tr/",
                body=json.dumps({"data": [{"x1": sha("zxqv.petit2@exemple.fr")}]})),
        request(facebook, headers=[("Cookie", "_fbp=fb.1.1476000000.123456789; theme=dark")]),
        # To Google, 3: each with the number of the browser, 1 with an e-mail in the page's address.
        *(request(f"{analytics}&cid=123456789.147600000{k}") for k in range(2)),
        request(f"{analytics}&cid=123456789.1476000009&dl={page}"),
        # To a map, 2: a place of each visit; a referer with a telephone.
        request(f"{tiles}?lng=2.3522&lat=48.8566"),
        request(f"{tiles}?lng=2.3523&lat=48.8567",
                headers=[("Referer", "https://app.terrain.asso.fr/?tel=06%2012%2034%2056%2078")]),
        # To a messenger, 1: name, opinion and telephone in its body, in clear.
        request("https://hooks.chat.example/x", body=json.dumps(
            {"prenom": "Zxqvanne", "soutien": "4", "phone": "+33612345678"})),
        # Fonts, 1: nothing that says who anybody is.
        request("https://fonts.gstatic.com/s/a.woff2?state=af0ifjsldkj&origin=https://a.fr&lang=fr"
                "&mobile=1&name=PageView&title=Accueil&label=bouton&health=ok&theme=nuit&v=1.2.34",
                kind="font/woff2",
                headers=[("User-Agent", "Mozilla/5.0"), ("Accept", "*/*")]),
    ]  # fmt: skip


WENT = {
    ("www.facebook.com", "email", "in_url", "hashed"): (2, 4),
    ("www.facebook.com", "email", "in_body", "hashed"): (1, 4),
    ("www.facebook.com", "ad_id", "in_header", "in_clear"): (1, 4),
    ("region1.google-analytics.com", "ad_id", "in_url", "in_clear"): (3, 3),
    ("region1.google-analytics.com", "email", "in_url", "in_clear"): (1, 3),
    ("api.mapbox.com", "place", "in_url", "in_clear"): (2, 2),
    ("api.mapbox.com", "phone", "in_header", "in_clear"): (1, 2),
    ("hooks.chat.example", "name", "in_body", "in_clear"): (1, 1),
    ("hooks.chat.example", "support", "in_body", "in_clear"): (1, 1),
    ("hooks.chat.example", "phone", "in_body", "in_clear"): (1, 1),
}


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sent")
    people = [{"id": n, "courriel": mail, "soutien": n % 5} for n, mail in enumerate(MAILS)]
    document = {"log": {"version": "1.2", "entries": recorded(people)}}
    (folder / "app.har").write_text(json.dumps(document), "utf-8")
    (folder / "d.toml").write_text("[processing]\n", "utf-8")
    given = [str(folder / "app.har"), "--as-of", "2016-11-08"]
    assert main(["inspect", *given, "--lang", "fr", "--out", str(folder / "seen")]) == 0
    stated = ["--description", str(folder / "d.toml"), "--exhibit", "S"]
    assert main(["dossier", *given, *stated, "--out", str(folder / "whole")]) == 0
    return folder


@pytest.mark.parametrize("name", ["seen", "whole"])
def test_what_went_to_whom_is_counted_by_kind(sent, name):
    found = json.loads((sent / name / "findings.json").read_text("utf-8"))["findings"]
    rows = [one for one in found if one["measure"] == "sent_to"]
    parts = [tuple(one["part"][k] for k in ("host", "what", "where", "hashed")) for one in rows]
    assert dict(zip(parts, ((one["value"], one["n"]) for one in rows), strict=True)) == WENT


def test_hosts_stand_on_the_pages_and_no_value_does(sent):
    page = (sent / "seen" / "index.html").read_text("utf-8").replace("\xa0", " ")
    part = re.search(r'<section id="sent".*?</section>', page, re.DOTALL)[0]
    for host in {host for host, *_ in WENT}:
        assert f"<dt>{host}</dt>" in part
    assert "terrain.asso.fr" not in part
    assert "gstatic" not in part
    assert "Sur 4 requêtes vers « www.facebook.com », 2 portaient un courriel" in re.sub(
        r"<[^>]+>", "", part
    )
    whole = (sent / "whole" / "index.html").read_text("utf-8").replace("\xa0", " ")
    found = re.findall(r'<li id="constat-\d+"><h3>(.*?)</h3>', whole, re.DOTALL)
    titles = [re.sub(r"<[^>]+>", "", title) for title in found]
    assert sum("requests to “" in title for title in titles) >= 6
    assert any("1 of 1 request to “hooks.chat.example” carried a support level" in title
               for title in titles)  # fmt: skip
    for path in [*(sent / "seen").rglob("*"), *(sent / "whole").rglob("*")]:
        text = text_in(path) if path.is_file() else ""
        for value in ("petit", "Zxqv", "0612345678", "612345678", "48.85", "fb.1."):
            assert value not in text, path.name


def test_a_recording_of_one_host_sends_nothing_to_others(report):
    found = json.loads((report / "findings.json").read_text("utf-8"))["findings"]
    assert not [one for one in found if one["measure"] == "sent_to"]
    assert 'id="sent"' not in (report / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    "broken",
    [
        {"request": "x", "response": 3},
        {"request": {"url": ["https://b.fr"], "headers": {"a": 1}, "postData": {"params": "x"}}},
        {"request": {"url": "https://b.fr/?a=%zz", "headers": [{"name": 3, "value": None}, 5],
                     "postData": {"text": "[" * 900 + "]" * 900}}},
        {"request": {"url": "https://[::1/x", "postData": {"text": "{"}}, "response": None},
    ],
)  # fmt: skip
def test_a_request_that_is_none_stops_nothing(tmp_path, broken):
    people = [{"id": n, "nom": f"Zxqvname{n}"} for n in IDS]
    whole = request("https://app.example/people", answer=json.dumps(people))
    document = {"log": {"version": "1.2", "pages": 5, "entries": [whole, broken]}}
    (tmp_path / "a.har").write_text(json.dumps(document), "utf-8")
    assert main(["inspect", str(tmp_path / "a.har"), "--out", str(tmp_path / "out")]) == 0


def form(*parts):
    """Return a form of several parts, as a browser writes it."""
    held = "".join(
        f'--zx\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
        for name, more, value in parts
    )
    return {"mimeType": "multipart/form-data; boundary=zx", "text": f"{held}--zx--\r\n"}


def packed(value):
    return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()


IDENTIFIED = json.dumps({"event": "lead", "user": {"email": "zxqv.petit5@exemple.fr"}})
# As protocol buffers write it: a field of bytes, and a number.
OF_BYTES = b"\x0a\x16zxqv.petit6@exemple.fr\x10\x96\x01\x1a\x03\xff\xfe\x00"
BODIES = [
    ("a.track.example", {"text": packed(IDENTIFIED)}, ("email", False)),
    ("b.track.example", {"text": IDENTIFIED.replace(" ", ""), "mimeType": "text/plain"},
     ("email", False)),
    ("c.track.example", {"text": packed(gzip.compress(IDENTIFIED.encode())), "encoding": "base64"},
     ("email", False)),
    ("d.track.example", {"text": f"data={packed(IDENTIFIED)}&v=1"}, ("email", False)),
    ("e.track.example", form(("email", "", "zxqv.petit5@exemple.fr"), ("page", "", "2")),
     ("email", False)),
    ("f.track.example", form(("list", '; filename="l.json"', IDENTIFIED)), ("email", False)),
    ("g.track.example", {"text": f"{'h' * 12}.{packed(IDENTIFIED).rstrip('=')}.{'s' * 12}"},
     ("email", False)),
    ("h.track.example", {"text": packed(OF_BYTES), "encoding": "base64",
                         "mimeType": "application/x-protobuf"}, ("email", True)),
    ("i.track.example", {"text": OF_BYTES.decode("latin-1")}, ("email", True)),
    ("j.track.example", form(("photo", '; filename="p.jpg"', "\x00\x01\x02" * 50)), ("", True)),
    ("k.track.example", {"text": "t=1&v=pageview"}, ("", False)),
    # It unpacks to more than a hundred times its size: what was not unpacked is not read.
    ("l.track.example", {"text": packed(gzip.compress(b"v=pageview&" * 400_000)),
                         "encoding": "base64"}, ("", True)),
]  # fmt: skip


@pytest.mark.parametrize(("host", "body", "truth"), BODIES)
def test_a_body_is_decoded_or_counted_as_not_read(tmp_path, host, body, truth):
    people = [{"id": n, "nom": f"Zxqvname{n}"} for n in IDS]
    own = request("https://app.example/people", answer=json.dumps(people))
    other = request(f"https://{host}/collect")
    other["request"]["postData"] = body
    file = tmp_path / "a.har"
    file.write_text(json.dumps({"log": {"version": "1.2", "entries": [own, other]}}), "utf-8")
    assert main(["inspect", str(file), "--out", str(tmp_path / "out")]) == 0
    found = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))["findings"]
    kinds = {one["part"]["what"] for one in found if one["measure"] == "sent_to"}
    unread = {one["part"]["host"]: one["value"] for one in found
              if one["measure"] == "bodies_unread"}  # fmt: skip
    kind, not_read = truth
    assert (kinds, unread) == ({kind} - {""}, {host: 1} if not_read else {})
    assert "petit" not in (tmp_path / "out" / "index.html").read_text("utf-8")
    assert ("was not read" in (tmp_path / "out" / "index.html").read_text("utf-8")) is not_read


def test_a_recording_without_records_tells_who_received_what(tmp_path):
    page = request("https://app.example/", kind="text/html", answer="<p></p>")
    pixel = request(f"https://www.facebook.com/tr/?ud[em]={sha('zxqv.petit1@exemple.fr')}")
    tiles = [request(f"https://tiles.example/{n}.png", kind="image/png") for n in range(3)]
    file = tmp_path / "a.har"
    file.write_text(json.dumps({"log": {"entries": [page, pixel, *tiles]}}), "utf-8")
    assert main(["inspect", str(file), "--out", str(tmp_path / "out")]) == 0
    found = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))["findings"]
    sent = [one for one in found if one["measure"] == "sent_to"]
    assert [(one["part"]["host"], one["value"], one["n"]) for one in sent] == [
        ("www.facebook.com", 1, 1)
    ]
    text = re.sub(r"<[^>]+>", "", (tmp_path / "out" / "annex.html").read_text("utf-8"))
    assert "Requests went to other hosts: tiles.example, www.facebook.com." in text
    read = read_frame(file, gives="table")
    assert read.recorded == Recorded(records=0, requests=5, again=0, fields=0, shown=0, used=0,
                                     ids=0, span=0, addresses=0, asked=0)  # fmt: skip
    # Without a request there is nothing to report.
    file.write_text(json.dumps({"log": {"entries": []}}), "utf-8")
    assert main(["inspect", str(file), "--out", str(tmp_path / "none")]) == 2


def test_what_a_socket_sent_and_received_is_read(tmp_path):
    people = [{"id": n, "courriel": mail} for n, mail in enumerate(MAILS)]
    own = request("wss://app.example/live")
    own["_webSocketMessages"] = [{"type": "receive", "opcode": 1, "data": json.dumps(people)}]
    other = request("wss://live.chat.example/ws")
    other["_webSocketMessages"] = [
        {"type": "send", "opcode": 1, "data": json.dumps({"mail": MAILS[0]})}
    ]
    file = tmp_path / "a.har"
    file.write_text(json.dumps({"log": {"entries": [own, other]}}), "utf-8")
    assert main(["inspect", str(file), "--out", str(tmp_path / "out")]) == 0
    found = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))["findings"]
    value = {one["measure"]: (one["value"], one["n"]) for one in found}
    assert (value["received"][0], value["sent_to"]) == (20, (1, 1))


def test_codes_of_an_application_are_read_by_its_settings(tmp_path):
    visits = [{"id": n, "outcome": 5 + n % 2} for n in range(40)]
    codes = {"outcomes": {"5": "vote FN", "6": "absent"}}
    entries = [
        request("https://app.example/visits", answer=json.dumps(visits)),
        request("https://app.example/config", answer=json.dumps(codes)),
    ]
    file = tmp_path / "a.har"
    file.write_text(json.dumps({"log": {"entries": entries}}), "utf-8")
    found = {one.name: one for one in pa.inspect(file, as_of="2016-11-08").columns}
    assert (found["outcome"].says["party"], found["outcome"].role) == (20, "special")


@pytest.mark.parametrize(
    ("ids", "span"),
    [
        # Numbers twenty times as far apart as they are many can be counted up; others are random.
        ([1, 40], ("id", 2, 40)), ([1, 41], ("", 0, 0)), ([7], ("", 0, 0)), ([7, 8], ("id", 2, 2)),
        (["7", "9"], ("id", 2, 3)), (["7", "x"], ("", 0, 0)), ([7, True], ("", 0, 0)),
        (["1" * 12, "1" * 11 + "2"], ("id", 2, 2)), (["1" * 13, "1" * 12 + "2"], ("", 0, 0)),
    ],
)  # fmt: skip
def test_ids_close_together_can_be_counted_up(ids, span):
    assert _id_span([{"id": one} for one in ids]) == span


@pytest.mark.parametrize(
    ("value", "plain"), [("x", True), (0, True), ("", False), (True, False), (1.5, False),
                         (None, False)],
)  # fmt: skip
def test_an_id_is_a_number_or_a_word(value, plain):
    assert _is_plain_id(value) == plain


@pytest.mark.parametrize(("odd", "written"), [(0, True), (1, True), (2, False)])
def test_a_text_has_one_odd_character_in_a_hundred_at_most(odd, written):
    assert _is_written("\x01" * odd + "a" * (100 - odd)) == written
    assert _is_written("\ufffd" * odd + "a" * (100 - odd)) == written
    assert _is_written("\t\r\n" * 9)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("a.b.co.uk", "b.co.uk"), ("co.uk", "co.uk"), ("a.b.com.info", "com.info"),
        ("a.b.c.fr", "c.fr"), ("10.0.0.1", "10.0.0.1"), ("localhost", "localhost"),
    ],
)  # fmt: skip
def test_a_domain_has_two_parts_or_three_below_a_shared_one(host, domain):
    assert _domain(host) == domain


@pytest.mark.parametrize(
    ("url", "pattern", "numbers"),
    [
        ("https://x.fr/a/41", "/a/{id}", {41}), ("https://x.fr/a/" + "4" * 12, "/a/{id}",
                                                  {int("4" * 12)}),
        ("https://x.fr/a/" + "4" * 13, "/a/{id}", set()),
        ("https://x.fr/a/" + "f" * 24, "/a/{id}", set()), ("https://x.fr/a/" + "f" * 23,
                                                           "/a/" + "f" * 23, set()),
        ("https://x.fr/a?userId=7&dept=94", "/a?dept&userId", {7}),
        ("https://x.fr/a?id=x", "/a?id", set()),
    ],
)  # fmt: skip
def test_numbers_of_an_address_stand_for_ids(url, pattern, numbers):
    assert _address(url) == (pattern, numbers)


def body_of(text, **more):
    return _of_body({"text": text, **more})


MAIL = "zxqv.petit5@exemple.fr"


@pytest.mark.parametrize(
    ("body", "pairs", "unread"),
    [
        # Named values before a text; a form; JSON, and lines of it; a text.
        ({"params": [{"name": "a", "value": "%C3%A9"}, {"name": "b"}, 3], "text": "x=1"},
         [("a", "é")], False),
        ({"text": "a=1&b=%20x"}, [("a", "1"), ("b", " x")], False),
        ({"text": "a=1 and b"}, [("", "a=1 and b")], False), ({"text": ""}, [], False),
        ({"text": 3}, [], False), ({}, [], False),
        ({"text": '{"a": 1}'}, [("a", "1")], False),
        ({"text": '{"a": 1}\n{"a": 2}'}, [("a", "1"), ("a", "2")], False),
        ({"text": '{"a": null, "b": true, "c": 0}'}, [("c", "0")], False),
        ({"text": "{x"}, [("", "{x")], False),
        # Base64 of sixteen letters or more is what it holds, in a value too.
        ({"text": packed("a" * 12)}, [("", "a" * 12)], False),
        ({"text": packed("a" * 9)}, [("", packed("a" * 9))], False),
        ({"text": f"v={packed(MAIL).rstrip('=')}"}, [("v", MAIL)], False),
        # A token has ten letters, what it says in sixteen or more, and ten.
        ({"text": f"{'h' * 10}.{packed('a' * 12)}.{'s' * 10}"}, [("", "a" * 12)], False),
        ({"text": f"{'h' * 9}.{packed('a' * 12)}.{'s' * 10}"},
         [("", f"{'h' * 9}.{packed('a' * 12)}.{'s' * 10}")], False),
        ({"text": f"{'h' * 10}.{packed('a' * 12)}.{'s' * 9}"},
         [("", f"{'h' * 10}.{packed('a' * 12)}.{'s' * 9}")], False),
        # Of bytes, runs of six letters or more.
        ({"text": "\x00abcde\x00\x01\x02abcdef\x03"}, [("", "abcdef")], True),
        ({"text": "abcdef", "mimeType": "application/x-protobuf"}, [("", "abcdef")], True),
        # A link in a value is its own values; of one without a query, the value.
        ({"text": "u=https%3A%2F%2Fa.fr%2Fb%3Fc%3D1"}, [("c", "1"), ("", "b")], False),
        ({"text": "u=https%3A%2F%2Fa.fr%2Fb"}, [("u", "https://a.fr/b")], False),
        ({"text": "u=x" + "y" * 9 + "://a%3Fb"}, [("u", "x" + "y" * 9 + "://a?b")], False),
        # Parts of a form: one without a name, an empty one, a file of text.
        (form(("", "", "x"), ("b", "", "y"), ("c", "", "")), [("", "x"), ("b", "y")], False),
        (form(("l", '; filename="l.txt"', "x y")), [("", "x y")], False),
    ],
)  # fmt: skip
def test_the_values_of_a_body_are_those_that_stand_in_it(body, pairs, unread):
    assert _of_body(body) == (pairs, unread)


@pytest.mark.parametrize(("size", "cut"), [(999_999, False), (1_000_000, False), (1_000_001, True)])
def test_a_small_packed_body_unpacks_to_a_million_bytes(size, cut):
    text, unread = body_of(packed(gzip.compress(b"v" * size)), encoding="base64")
    assert ([len(value) for _, value in text], unread) == ([min(size, 1_000_000)], cut)


def test_a_link_has_two_hundred_pieces_and_values_at_most():
    pieces, named = parts_of_link(
        "/".join("abc" * 67) + "?" + "&".join(f"k{i}" for i in range(201))
    )
    assert (len(pieces), len(named)) == (200, 200)
    assert parts_of_link("http://a.fr/b") == (["", "b"], [])


def log_of(*texts):
    """Return a log of an application and of a body for each text to another host."""
    own = request("https://app.example/", kind="text/html")
    return {"entries": [own, *(request("https://b.example", body=text) for text in texts)]}


@pytest.mark.parametrize(("size", "unread"), [(4_000, 0), (4_001, 1)])
def test_a_value_longer_than_four_thousand_letters_is_not_read_to_its_end(size, unread):
    """An address behind the last letter was neither counted nor said to be left out."""
    sent, asked, not_read = sent_to_others(log_of("a " * (size // 2) + "b" * (size % 2)))
    assert [len(one.value) for one in sent] == [4_000]
    assert (len(asked), len(not_read)) == (1, unread)


@pytest.mark.parametrize(("most", "values", "unread"), [(2, 2, 1), (3, 3, 0), (4, 3, 0)])
def test_values_beyond_the_most_are_said_to_be_unread(monkeypatch, most, values, unread):
    monkeypatch.setattr(har, "_MOST_SENT", most)
    sent, _, not_read = sent_to_others(log_of("a=1&b=2", "c=3&d="))
    assert ([one.name for one in sent], len(not_read)) == (["a", "b", "c"][:values], unread)


@pytest.mark.parametrize(
    ("answer", "n"),
    [({"a": 1}, 0), ({"a": 1, "b": 2}, 1), ([{"a": 1}, {"a": 2}, 3], 2), ([], 0), (3, 0),
     ({"x": [{"a": 1}] * 2, "y": [{"a": 1}] * 3}, 3)],
)  # fmt: skip
def test_the_records_of_an_answer_are_its_largest_list(answer, n):
    assert len(_records(answer)) == n


@pytest.mark.parametrize(
    ("values", "page", "shown"),
    [
        # Values of four letters; of a field, the first forty in their order.
        (["abcd"], "abcd", 1), (["abc"], "abc", 0),
        ([f"v{n:03}" for n in range(41)], "v039", 1), ([f"v{n:03}" for n in range(41)], "v040", 0),
    ],
)  # fmt: skip
def test_a_field_is_shown_where_a_long_value_of_it_stands_in_a_page(values, page, shown):
    records = [{"f": value} for value in values]
    assert _field_use(records, _Recording(pages=[page])) == (1, shown, 0, [] if shown else ["f"])
    assert _field_use(records, _Recording(pages=[], scripts=["row.f"])) == (1, 0, 1, [])


@pytest.mark.parametrize(
    ("url", "pattern"),
    [
        ("/a/12345678-1234-1234-1234-123456789abc", "/a/{id}"),
        ("/a/1234567-1234-1234-1234-123456789abcd", "/a/1234567-1234-1234-1234-123456789abcd"),
        ("/a/12345678-1234-1234-1234-123456789ab", "/a/12345678-1234-1234-1234-123456789ab"),
        ("/a/7", "/a/{id}"), ("/a/" + "a" * 25, "/a/{id}"), ("/a/g7", "/a/g7"),
    ],
)  # fmt: skip
def test_ids_in_an_address_are_numbers_and_long_keys(url, pattern):
    assert _address(url)[0] == pattern


@pytest.mark.parametrize("cell", ["612345678", "0612345678", "+33 (0)6 12 34 56 78"])
def test_a_telephone_is_hashed_in_each_way_that_it_is_written(cell):
    from privaudit.studies.inspect import _written

    assert {"0612345678", "33612345678", "+33612345678"} <= {*_written("phone", cell)}
