"""Who is invited to an event of a calendar: named by ATTENDEE and ORGANIZER, by nothing else."""

from privaudit.io.readers import read_frame

EVENTS = [
    ['ATTENDEE;CN="Roux, Anne":mailto:a@exemple.fr'],
    ["ATTENDEE:mailto:b@exemple.fr", "ORGANIZER;CN=Paul Petit;ROLE=CHAIR:mailto:p@exemple.fr"],
    ["RESOURCES;CN=Salle:salle 2"],
]


def test_only_people_of_an_event_are_its_contacts(tmp_path):
    events = (["BEGIN:VEVENT", "SUMMARY:Porte", *lines, "END:VEVENT"] for lines in EVENTS)
    text = (
        "BEGIN:VCALENDAR\n"
        + "\n".join(line for event in events for line in event)
        + "\nEND:VCALENDAR\n"
    )
    (tmp_path / "agenda.ics").write_text(text, newline="\r\n")
    frame = read_frame(tmp_path / "agenda.ics", gives="table").frame.astype("object")
    frame = frame.where(frame.notna(), "")
    assert frame["contact_name"].tolist() == ["Roux, Anne", "Paul Petit", ""]
    assert frame["email"].tolist() == ["a@exemple.fr", "b@exemple.fr", ""]
