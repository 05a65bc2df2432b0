"""Tables within mails, and chats that a program exports as a page: a row a person, or a message."""

from email.message import EmailMessage

import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.columns.free_text import SPECIAL
from privaudit.io.formats.text import is_server_log
from privaudit.io.readers import read_frame
from privaudit.release.read_traces import read_traces
from privaudit.studies.exhibits import set_out

PEOPLE = [(f"Zq{at}", f"zq{at}@x.fr", "malade du cancer" if at % 3 else "absent")
          for at in range(30)]  # fmt: skip
SICK = 20


def table(rows):
    lines = "".join(f"<tr><td>{name}</td><td>{mail}</td><td>{note}</td></tr>"
                    for name, mail, note in rows)  # fmt: skip
    return f"<table><tr><th>Nom</th><th>Email</th><th>Remarques</th></tr>{lines}</table>"


def mail(body, text=None):
    message = EmailMessage()
    message["To"], message["Subject"] = "qg@x.fr", "la liste"
    if text is None:
        message.set_content(body, subtype="html")
    else:
        message.set_content(text)
        message.add_alternative(body, subtype="html")
    return message


def held(path):
    """Return the rows of each part of a file, and its cells of each special category."""
    rows, counts = {}, {}
    with set_out([path], who="inspect") as contents:
        for file in contents.files:
            frame = read_frame(file, gives="table").frame
            rows[file.name.rpartition(" \u203a ")[2]] = len(frame)
            for column in pa.inspect(frame, as_of="2016-11-08").columns:
                for what in SPECIAL:
                    if n := column.says.get(what, 0):
                        counts[what] = counts.get(what, 0) + n
    return rows, counts


LAID_OUT = "<table><tr><td><img src=x></td><td>QG</td></tr><tr><td colspan=2>{}</td></tr></table>"


@pytest.mark.parametrize("body", ["<p>Bonjour</p>{}<p>merci</p>", LAID_OUT])
@pytest.mark.parametrize("text", [None, "Ce message est une page.", "voir la liste"])
def test_a_table_in_a_mail_is_read_row_by_row(tmp_path, body, text):
    (tmp_path / "a.eml").write_bytes(mail(body.format(table(PEOPLE)), text).as_bytes())
    rows, counts = held(tmp_path / "a.eml")
    assert rows == {"messages": 1, "table 1": len(PEOPLE)}
    assert counts == {"health": SICK}


def test_tables_of_several_mails_under_the_same_headers_are_one(tmp_path):
    box = b"".join(
        b"From x@y Mon Jan  4 10:00:00 2016\n%s\n" % mail(table(PEOPLE[at : at + 10])).as_bytes()
        for at in (0, 10, 20)
    )
    (tmp_path / "b.mbox").write_bytes(box)
    assert held(tmp_path / "b.mbox") == ({"messages": 3, "table 1": 30}, {"health": SICK})


def test_a_form_in_each_mail_is_a_record(tmp_path):
    def form(name, address, note):
        cells = {"Nom": name, "E-mail :": address, "Message": note}
        rows = "".join(f"<tr><td>{k}</td><td>{v}</td></tr>" for k, v in cells.items())
        return mail(f"<table>{rows}</table>").as_bytes()

    box = b"".join(b"From x@y Mon Jan  4 10:00:00 2016\n%s\n" % form(*one) for one in PEOPLE)
    (tmp_path / "formulaire.mbox").write_bytes(box)
    rows, counts = held(tmp_path / "formulaire.mbox")
    assert (rows, counts) == ({"messages": 30, "table 1": 30}, {"health": SICK})
    frame = read_frame(tmp_path / "formulaire.mbox", gives="table", sheet="table 1").frame
    assert list(frame) == ["Nom", "E-mail", "Message"]
    assert frame["Nom"].tolist() == [name for name, _, _ in PEOPLE]


@pytest.mark.heavy
def test_tables_beyond_twenty_stay_in_the_texts_of_their_mails(tmp_path):
    box = b"".join(
        b"From x@y Mon Jan  4 10:00:00 2016\n%s\n"
        % mail(table([one]).replace("Remarques", f"Remarques {at}")).as_bytes()
        for at, one in enumerate(PEOPLE)
    )
    (tmp_path / "b.mbox").write_bytes(box)
    assert held(tmp_path / "b.mbox")[1] == {"health": SICK}


def test_a_page_that_says_more_than_the_text_beside_it_is_read(tmp_path):
    body = "<p>Madame Zq est diabétique, son voisin va à la mosquée</p>"
    (tmp_path / "a.eml").write_bytes(mail(body, "Voir ce message dans un navigateur").as_bytes())
    assert held(tmp_path / "a.eml")[1] == {"health": 1, "religion": 1}


def test_a_page_saved_with_its_pictures_is_read(tmp_path):
    page = mail(table(PEOPLE))
    del page["To"]
    page["From"] = "<Saved by Blink>"
    (tmp_path / "page.mhtml").write_bytes(page.as_bytes())
    assert held(tmp_path / "page.mhtml")[1] == {"health": SICK}


def test_tables_attached_to_a_mail_are_exhibits(tmp_path):
    message = mail("<p>ci-joint</p>")
    lines = "".join(f"{name};{note}\n" for name, _, note in PEOPLE)
    for _ in range(2):
        message.add_attachment(f"nom;remarques\n{lines}", filename="liste.csv")
    (tmp_path / "a.eml").write_bytes(message.as_bytes())
    rows, counts = held(tmp_path / "a.eml")
    assert rows == {"messages": 1, "liste.csv": 30, "2 liste.csv": 30}
    assert counts == {"health": 2 * SICK}


def test_the_command_lists_what_a_mail_holds(tmp_path):
    (tmp_path / "a.eml").write_bytes(mail(table(PEOPLE)).as_bytes())
    out = str(tmp_path / "out")
    assert main(["inspect", str(tmp_path / "a.eml"), "--as-of", "2016-11-08", "--out", out]) == 0
    inventory = (tmp_path / "out" / "tables" / "inventory.csv").read_text("utf-8")
    assert "Remarques" in inventory


# Of each message: who wrote it, whether it joins the one before, its text.
SAID = [("Anne Zq", False, "malade du cancer"), ("Anne Zq", True, "vote FN"),
        ("Paul", False, "vu"), ("Paul", True, "va à la mosquée"),
        ("Anne Zq", False, "ok")]  # fmt: skip


def telegram():
    lines = []
    for at, (who, joined, text) in enumerate(SAID, 1):
        initials = '<div class="userpic userpic3"><div class="initials">ZQ</div></div>'
        name = "" if joined else f'<div class="from_name">\n{who} \n</div>'
        lines.append(
            f'<div class="message default clearfix{" joined" * joined}" id="message{at}">'
            f'{"" if joined else initials}<div class="body">'
            f'<div class="pull_right date details" title="0{at}.02.2017 10:11:12 UTC+01:00">10:11'
            f'</div>{name}<div class="text">\n{text}<br>\n</div></div></div>'
        )
    service = '<div class="message service" id="message-1"><div class="body">1 February</div></div>'
    head = '<div class="page_header"><div class="text bold">Portes du 12</div></div>'
    return f"<html><body>{head}<div class=history>{service}{''.join(lines)}</div></body></html>"


def discord():
    lines = []
    for at, (who, joined, text) in enumerate(SAID, 1):
        name = f"<span class=chatlog__author>{who}</span><span class=chatlog__timestamp "
        name += f'title="0{at}.02.2017 10:11:12">hier</span>'
        lines.append(
            f"<div class=chatlog__message-container data-message-id={at}>"
            f'{"" if joined else name}<div class="chatlog__content chatlog__markdown">{text}</div>'
            f"<div class=chatlog__reactions>Zoé</div></div>"
        )
    return f"<html><body><div class=chatlog>{''.join(lines)}</div></body></html>"


def messenger():
    lines = (
        f'<div class="pam _a6-g uiBoxWhite"><div class="_2ph_ _a6-h _a6-i">{who}</div><div '
        f'class="_2ph_ _a6-p"><div><div></div><div>{text}</div></div><ul class="_a6-q"><li>Zoé</li>'
        f'</ul></div><div class="_3-94 _a6-o"><div>Nov 08, 2016, 6:01 pm</div></div></div>'
        for who, _, text in SAID
    )
    return f"<html><body><div role=main>{''.join(lines)}</div></body></html>"


@pytest.mark.parametrize("write", [telegram, discord, messenger])
def test_a_chat_exported_as_a_page_has_its_authors(tmp_path, write):
    """Each line was a paragraph, an author like a text: who wrote what was lost."""
    (tmp_path / "messages.html").write_text(write(), "utf-8")
    frame = read_frame(tmp_path / "messages.html", gives="table").frame
    assert frame["from"].tolist() == [who for who, _, _ in SAID]
    assert frame["text"].tolist() == [text for _, _, text in SAID]
    kinds = {c.name: c.kind for c in pa.inspect(frame, as_of="2017-03-01").columns}
    assert kinds["from"] == "name"


def test_a_message_has_the_day_of_its_title_and_whose_it_was(tmp_path):
    passed_on = (
        '<div class="message default clearfix" id="message9"><div class="body">'
        '<div class="pull_right date details" title="05.02.2017 10:11:12">10:11</div>'
        '<div class="from_name">Léa</div><div class="forwarded body"><div class="from_name">Karim'
        '<span class="date details" title="04.02.2017 09:00:00"> 04.02.2017</span></div>'
        '<div class="text">diabétique</div></div></div></div>'
        '<div class="message default clearfix" id="message10"><div class="body">'
        '<div class="from_name">Léa</div><div class="media_wrap clearfix"><div class="media">'
        '<div class="title bold">Jean Zq</div><div class="status details">+33612345678</div>'
        "</div></div></div></div>"
    )
    text = telegram().replace("</body>", passed_on + "</body>")
    (tmp_path / "messages2.html").write_text(text, "utf-8")
    read = read_frame(tmp_path / "messages2.html", gives="table")
    last = read.frame.iloc[-2]
    assert (last["date"], last["from"], last["forwarded_from"], last["text"]) == (
        "2017-02-05T10:11:12", "Léa", "Karim", "diabétique",
    )  # fmt: skip
    assert read.frame.iloc[-1]["media"] == "Jean Zq +33612345678"
    assert read.frame["date"][0] == "2017-02-01T10:11:12"
    assert {note.key: n for note, n in read.set_aside.items()} == {"chat_without_writer": 1}


REQUESTS = [
    '192.0.2.7 - - [05/Sep/2016:12:33:10 +0200] "GET /carte HTTP/1.1" 200 512 "-" "Mozilla/5.0"',
    '192.0.2.8 - lea [05/Sep/2016:23:59:59 -0100] "GET /a?q=\\"x\\" HTTP/1.1" 404 - "/carte" "-"',
    'carte.example:443 192.0.2.7 - - [06/Sep/2016:00:00:00 +0000] "-" 408 0',
]


@pytest.mark.parametrize("ending", [".log", ".txt", ".csv"])
def test_a_log_of_a_web_server_is_a_request_a_row(tmp_path, ending):
    file = tmp_path / f"access{ending}"
    file.write_text("\n".join([*REQUESTS, "logrotate: done", ""]))
    read = read_frame(file, gives="table")
    assert read.frame["remote_addr"].tolist() == ["192.0.2.7", "192.0.2.8", "192.0.2.7"]
    assert read.frame["remote_user"].dropna().tolist() == ["lea"]
    assert read.frame["status"].tolist() == ["200", "404", "408"]
    assert read.frame["request"].isna().tolist() == [False, False, True]
    assert sum(read.set_aside.values()) == 1
    asked = {"person": "remote_addr", "item": "request", "time": "time"}
    traces = read_traces(file, **asked)
    # 10:33:10 of 5 September 2016 and 00:59:59 of the next day, in UTC.
    assert sorted(traces.time.tolist()) == [1473071590, 1473123599]


AT = "- - [05/Sep/2016:12:33:10 +0200]"
ASKED = f'{AT} "GET / HTTP/1.1" 200 512'
AGENT = '"-" "Mozilla/5.0"'


@pytest.mark.parametrize(
    ("line", "found"),
    [
        # The format main that nginx comes with.
        (f'10.0.0.1 {ASKED} {AGENT} "192.0.2.7"', {"forwarded_for": "192.0.2.7"}),
        (f'10.0.0.1 {ASKED} {AGENT} "192.0.2.7, 2001:db8::7"',
         {"forwarded_for": "192.0.2.7, 2001:db8::7"}),
        (f'10.0.0.1 {ASKED} {AGENT} "-"', {}),
        (f'10.0.0.1 {ASKED} {AGENT} "192.0.2.7" 0.005 "a b"',
         {"forwarded_for": "192.0.2.7", "rest": '0.005 "a b"'}),
        (f'10.0.0.1 {ASKED} {AGENT} "user=lea"', {"rest": '"user=lea"'}),
        (f"10.0.0.1 {ASKED} 1024", {"rest": "1024"}),
        (f"carte.example 10.0.0.1 {ASKED} {AGENT}", {"host": "carte.example"}),
        (f"carte.example:443 ::1 {ASKED}", {"host": "carte.example:443", "remote_addr": "::1"}),
        (f"carte.example localhost {ASKED}",
         {"host": "carte.example", "remote_addr": "localhost"}),
        (f"10.0.0.1 - lea {ASKED[4:]}", {"remote_user": "lea"}),
        (f"192.0.2.7, 10.0.0.1 {ASKED}", {"remote_addr": "192.0.2.7, 10.0.0.1"}),
        (f'10.0.0.1 {ASKED} "-" "a\u2028b\u0085c\x0cd"',
         {"http_user_agent": "a\u2028b\u0085c\x0cd"}),
    ],
)  # fmt: skip
def test_all_that_a_line_of_a_log_says_is_a_column(tmp_path, line, found):
    (tmp_path / "a.log").write_text(f"{line}\r\n" * 3, "utf-8")
    read = read_frame(tmp_path / "a.log", gives="table")
    usual = {"remote_addr": "10.0.0.1", "time": "2016-09-05T12:33:10+02:00",
             "request": "GET / HTTP/1.1", "status": "200", "bytes_sent": "512"}  # fmt: skip
    agent = {"http_user_agent": "Mozilla/5.0"} if AGENT in line else {}
    assert read.frame.to_dict("records") == [usual | agent | found] * 3
    assert not read.set_aside


def test_a_line_of_a_log_with_a_month_of_no_calendar_is_not_read(tmp_path):
    lines = [*REQUESTS, REQUESTS[0].replace("Sep", "Mai"), REQUESTS[0].replace("Sep", "ebM")]
    (tmp_path / "a.log").write_text("\n".join(lines))
    read = read_frame(tmp_path / "a.log", gives="table")
    assert read.frame["time"].str[:8].unique().tolist() == ["2016-09-"]
    assert sum(read.set_aside.values()) == 2


@pytest.mark.parametrize(
    "lines",
    [
        ["adresse utilisateur action [heure]", '192.0.2.7 - - [05/Sep] "GET" 200 1'],
        ["2016-09-05 12:33:10 192.0.2.7 GET /carte", "2016-09-05 12:33:11 192.0.2.8 GET /carte"],
        [REQUESTS[0].replace("[", "<").replace("]", ">")] * 3,
    ],
)
def test_other_lines_are_no_log_of_a_web_server(lines):
    assert not is_server_log("\n".join(lines))
