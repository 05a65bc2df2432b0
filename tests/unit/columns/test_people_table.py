"""A people table as three systems keep it: written, known again, audited; and damaged exports."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit import cli
from privaudit.campaign.views.exports import export_cells
from privaudit.columns.roles import export_of, known_export
from privaudit.errors import ParameterError, ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import join_addresses
from privaudit.io.readers import read_frame
from privaudit.text.normalise import fold
from privaudit.words.catalogues import Note

WRITE = {
    "nationbuilder": pa.io.write_nationbuilder,
    "van": pa.io.write_van,
    "osdi": pa.io.write_osdi,
}
FILE = {"nationbuilder": "people.csv", "van": "people.txt", "osdi": "people.csv"}


@pytest.fixture
def campaign(knocked):
    return knocked


@pytest.mark.heavy
@pytest.mark.parametrize("system", WRITE)
def test_what_is_written_is_read_back_with_its_roles(campaign, system, tmp_path):
    path = WRITE[system](campaign, tmp_path / FILE[system], seed=3)[0]
    read = pa.read_table(path)
    leak = pa.publish(campaign, pa.PeopleTable(system=system), seed=3)
    assert read.roles == leak.roles
    assert read.roles.key
    assert read.roles.sensitive
    assert list(read.records.columns) == list(leak.records.columns)
    # Cell by cell, as text: numbers and dates are read as such.
    blank = leak.records.isna()
    assert (read.records.isna() == blank).all().all()
    for column in ("first_name", "note", "LastName", "NoteText", "given_name", "comment"):
        if column in leak.records:
            # Two spellings of one name, with and without an accent, are read as one of them.
            assert [fold(cell) for cell in read.records[column].fillna("")] == (
                [fold(cell) for cell in leak.records[column].fillna("")]
            )
    by = pa.Roles(identifier=read.roles.identifier, key=read.roles.key[:2])
    found, again = pa.measure(read, by), pa.measure(leak, by)
    for word in ("k_anonymity", "sample_uniques"):
        assert found.value(word) == again.value(word)


def test_a_birth_date_singles_out_as_many_in_whichever_export(campaign, tmp_path):
    """One campaign, written three ways: OSDI has the date in three columns, the others in one."""
    alone = []
    for write, born in (
        (pa.io.write_nationbuilder, ("sex", "born_at")),
        (pa.io.write_van, ("Sex", "DOB")),
        (pa.io.write_osdi, ("gender", "birthdate.year", "birthdate.month", "birthdate.day")),
    ):
        read = pa.read_table(write(campaign, tmp_path / "people.csv")[0])
        assert set(born) <= set(read.roles.key)
        told = read.records[list(born)].dropna()
        alone.append(int((told.value_counts() == 1).sum()))
    assert alone[0] == alone[1] == alone[2] > 0


def test_a_tag_is_no_support_until_its_words_are(campaign, tmp_path):
    """OSDI's tag holds whatever a campaign writes, as NationBuilder's list: here an interest."""
    found = pa.inspect(pa.io.write_osdi(campaign, tmp_path / "people.csv")[0])
    tag = next(column for column in found.columns if column.name == "taggings.0.tag")
    assert (tag.role, tag.kind) == ("text", "note")


def test_the_file_has_the_headers_and_quirks_of_an_export(campaign, tmp_path):
    # Every outcome of a visit, in turn: a small town need not have them all.
    said = ["meaningful_interaction", "refused", "no_answer", "answered", "not_interested"]
    log = campaign.contact_log
    log = log.assign(status=[said[i % 5] for i in range(len(log))])
    campaign = replace(campaign, contact_log=log)
    assert len(log) >= 5
    files = pa.io.write_nationbuilder(campaign, tmp_path / "nb.csv", seed=3)
    assert [f.name for f in files] == [
        "nb.csv", "nb-contacts.csv", "nb-lists.csv", "nb-paths.csv", "nb-capital.csv",
    ]  # fmt: skip
    raw = pd.read_csv(files[0], dtype="str", keep_default_na=False)
    assert list(raw.columns[:3]) == ["nationbuilder_id", "external_id", "civicrm_id"]
    assert len(raw.columns) == 207
    filled = raw.to_numpy()[raw.to_numpy() != ""]
    assert all(cell.startswith("'") for cell in filled)
    assert (raw == "").all().sum() > 100
    # 1 is strong support: who was met and convinced; 5 strong opposition: who refused.
    contacts = pd.read_csv(files[1])
    doors = contacts[contacts["contact_method"] == "door_knock"]
    assert len(doors) == len(campaign.contact_log)
    level = raw.set_index(raw["nationbuilder_id"].str[1:].astype(int))["support_level"]
    for status, mark in (("meaningful_interaction", "'1"), ("refused", "'5"), ("no_answer", "")):
        met = doors.loc[doors["contact_status"] == status, "signup_id"]
        assert len(met)
        assert (level[met] == mark).all()
    refused = doors.loc[doors["contact_status"] == "refused", "signup_id"]
    opted = raw.set_index(level.index)["do_not_contact"]
    assert (opted[refused] == "'true").all()
    lists = pd.read_csv(files[2])
    assert lists["count"][0] == lists["count"][1:].sum() == len(campaign.dots)


def test_volunteers_write_about_the_person_at_the_door():
    # A town in which a child opens.
    world = pa.simulate(pa.Town(inhabitants=2_000), seed=5)
    plan = pa.CampaignPlan(share_visited=1.0)
    campaign = pa.run_campaign(world, plan, seed=5, with_score=False)
    filled = pa.io.Filled(notes=1.0)
    facts, _ = export_cells(campaign, "nationbuilder", filled, seed=3)
    by_profile = facts.set_index("profile")["note"]
    log = campaign.contact_log[campaign.contact_log["opened_by"] == "child"]
    profile = campaign.dots["profile"].to_numpy()[log["dot"].to_numpy()]
    people = campaign.world.people
    minors = set(people.loc[people["age"] < 18, "first_name"])
    assert len(profile)
    assert all(any(name in note for name in minors) for note in by_profile[profile])


def test_headers_alone_identify_the_export():
    for system in ("nationbuilder", "van", "osdi"):
        columns = known_export(system).columns
        assert export_of(columns).key == system
        assert export_of([c.upper() for c in columns[:6]]).key == system
    assert export_of(["id", "first_name", "last_name", "support_level", "note", "sex"]) is None


ROLLS = {
    "north_carolina": (
        "voter_reg_num\tncid\tlast_name\tstatus_cd\tres_street_address\tres_city_desc\tzip_code\t"
        "race_code\tparty_cd\tgender_code\tbirth_year\tprecinct_abbrv",
        "{i}\tAA{i}\tROE{i}\tA\t{n} OAK ST\tELKIN\t28621\t{r}\t{p}\tF\t19{y}\tP1",
        ("ncid", ("birth_year",), {"race_code", "party_cd"}),
    ),
    "ohio": (
        "SOS_VOTERID,LAST_NAME,DATE_OF_BIRTH,PARTY_AFFILIATION,RESIDENTIAL_ADDRESS1,"
        "RESIDENTIAL_CITY,RESIDENTIAL_ZIP,PRECINCT_CODE,PRIMARY-03/19/2024",
        "OH{i},ROE{i},19{y}-01-02,{p},{n} OAK ST,ELKIN,28621,P1,X",
        ("SOS_VOTERID", ("DATE_OF_BIRTH",), {"PARTY_AFFILIATION"}),
    ),
    "uk_register": (
        "Elector Number Prefix,Elector Number,Elector Number Suffix,Elector Markers,Elector DOB,"
        "Elector Name,PostCode,Address1,Address2,Address3",
        "AB,{i},0,{r},,Roe Jo{i},BS8 1TH,Flat 1,{n} Oak Street,Elkin",
        ("Elector Number", (), {"Elector Markers"}),
    ),
}


@pytest.mark.parametrize("roll", ROLLS)
def test_a_public_roll_is_known_and_matched_with_addresses(roll, tmp_path):
    header, line, (identifier, key, sensitive) = ROLLS[roll]
    cells = [{"i": i, "n": 1 + i % 9, "y": 40 + i % 50, "r": "WBG"[i % 3], "p": "DRU"[i % 3]}
             for i in range(60)]  # fmt: skip
    file = tmp_path / ("roll.txt" if "\t" in header else "roll.csv")
    file.write_text("\n".join([header, *(line.format(**c) for c in cells)]) + "\n")
    assert export_of(header.replace("\t", ",").split(",")).key == roll
    table = pa.read_table(file)
    assert table.roles.identifier == (identifier,)
    assert set(key) <= {*table.roles.key}
    assert set(table.roles.sensitive) == sensitive
    frame = pd.DataFrame({"id": map(str, range(9)), "number": map(str, range(1, 10))})
    frame = frame.assign(street="Oak Street", commune="Elkin", station="", y=0.0, x=np.arange(9.0))
    written = pd.DataFrame({"postcode": "", "town": "Elkin", "also": ""}, index=frame.index)
    base = AddressBase(frame, real=True, language="en", written=written)
    joined = join_addresses(table.records, base)
    assert joined.address.tolist() == [i % 9 for i in range(60)]


def dirty(text, tmp_path, encoding="utf-8", name="export.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def test_lines_of_two_encodings_are_each_read_in_their_own(tmp_path):
    head = "nationbuilder_id,first_name,sex\r\n"
    text = head.encode() + "1,Éric,M\r\n".encode() + "2,Zoé,F\r\n".encode("cp1252")
    table = read_frame(dirty(text, tmp_path))
    assert table.frame["first_name"].tolist() == ["Éric", "Zoé"]
    assert Note("letters_mixed", lines=1) in table.notes
    # A file that is all cp1252 is said to be that, as before.
    plain = read_frame(dirty("a,b\nZoé,1\n", tmp_path, "cp1252"))
    assert plain.notes == (Note("read_as", encoding="cp1252"),)


def test_letters_saved_twice_are_put_right(tmp_path):
    twice = "Éric".encode().decode("cp1252")
    table = read_frame(dirty(f"a,b\n{twice},1\nSÃO,2\n", tmp_path))
    assert table.frame["a"].tolist() == ["Éric", "SÃO"]
    assert Note("letters_mended", cells=1) in table.notes


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_broken_quotes_of_a_wide_export_are_mended_or_counted(tmp_path, separator):
    columns = ["nationbuilder_id", *(f"c{i}" for i in range(189))]
    rows = [[str(i), *["x"] * 189] for i in range(30)]
    rows[4][7] = '"Jean "Jeannot" Dupont"'
    rows[9][7] = '"open'
    rows[20][7] = f'"two{separator}fields'
    lines = [separator.join(row) for row in [columns, *rows]]
    table = read_frame(dirty("sep=" + separator + "\n" + "\n".join(lines) + "\n", tmp_path))
    assert len(table.frame.columns) == 190
    assert table.frame["nationbuilder_id"].tolist() == [i for i in range(30) if i != 20]
    assert table.frame["c6"].tolist()[4] == 'Jean "Jeannot" Dupont'
    assert table.frame["c6"].tolist()[9] == "open"
    assert Note("quotes_mended", lines=2) in table.notes
    assert sum(table.set_aside.values()) == 1


def test_scales_and_ids_are_read_and_counted_or_left_alone(tmp_path):
    head = "nationbuilder_id,first_name,support_level,inferred_support_level\n"
    text = head + "".join(
        f"{i // 2},A{i},{level},{'high' if i % 3 else 2}\n"
        for i, level in enumerate(["1 - Strong support", "5", "9", "3", "2", "4"])
    )
    table = pa.read_table(dirty(text, tmp_path))
    levels = table.records["support_level"]
    assert levels.dropna().tolist() == [1, 5, 3, 2, 4]
    said = {note.key: note.values for note in table.notes}
    assert said["ids_repeated"] == {"column": "nationbuilder_id", "records": 6, "ids": 3}
    assert said["scale_read"]["records"] == said["off_the_scale"]["records"] == 1
    assert said["scale_unknown"]["column"] == "inferred_support_level"
    assert said["scale_unknown"]["records"] == 4
    # Whoever has two records counts once.
    roles = pa.Roles(identifier="nationbuilder_id", key="support_level")
    assert pa.measure(table, roles).row("sample_uniques").n == 3


def test_what_cannot_be_read_is_refused_with_counts_and_no_cell(tmp_path):
    text = "nationbuilder_id,first_name,sex\n" + '7,"Dupont, Jean,M\n' * 9 + "1,Ann,F\n"
    with pytest.raises(ReadError, match="9 rows of 10") as error:
        pa.read_table(dirty(text, tmp_path))
    assert "Dupont" not in str(error.value)


def test_only_a_simulated_campaign_is_written(tmp_path):
    with pytest.raises(ParameterError, match="needs campaign to be a Campaign"):
        pa.io.write_van(pd.DataFrame({"a": [1]}), tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.heavy
def test_a_file_of_text_is_not_named_as_a_spreadsheet(campaign, tmp_path):
    with pytest.raises(ParameterError, match="a file of text, but got one named"):
        pa.io.write_osdi(campaign, tmp_path / "people.xlsx")
    assert not list(tmp_path.iterdir())
    people, contacts, *_ = pa.io.write_nationbuilder(campaign, tmp_path / "people.csv.gz")
    assert contacts.name == "people-contacts.csv.gz"
    plain = pa.io.write_nationbuilder(campaign, tmp_path / "people.csv")[0]
    assert pa.read_table(people).records.equals(pa.read_table(plain).records)


@pytest.mark.heavy
def test_a_people_table_is_laid_beside_a_map(campaign):
    from privaudit.geo.written_addresses import addresses_of_records

    leak = pa.publish(campaign, pa.PeopleTable(), seed=3)
    dots = pa.publish(campaign, pa.DotMap(), seed=3)
    base = campaign.world.addresses
    address, told = addresses_of_records(leak.records, base)
    assert (address[told] == leak.sources["marked_address"].to_numpy()[told]).all()
    found = pa.linkage.link_releases(leak, dots)
    assert found.value("address_found") == 1.0
    # By hand: dots at whose address one record stands, and one only.
    here = pd.Series(leak.sources["marked_address"])
    alone = here[here >= 0].value_counts()
    at = dots.sources["marked_address"]
    hits = [alone.get(a, 0) == 1 for a in at]
    assert found.value("dot_named", by="address") == pytest.approx(np.mean(hits))
    if any(hits):
        assert found.value("named_right", by="address") == 1.0


@pytest.mark.heavy
@pytest.mark.sampled
@pytest.mark.parametrize("system", WRITE)
def test_a_people_table_is_a_register_of_who_lives_where(campaign, system, tmp_path):
    from privaudit.studies.chain import read_register

    path = WRITE[system](campaign, tmp_path / FILE[system], seed=3)[0]
    leak = pa.publish(campaign, pa.PeopleTable(system=system), seed=3)
    read = read_register(path, campaign.world.addresses)
    assert {"first_name", "last_name"} <= set(read)
    assert read["address"].tolist() == leak.sources["marked_address"].tolist()


@pytest.mark.heavy
def test_the_command_needs_no_key_for_an_export(campaign, tmp_path, capsys):
    path = pa.io.write_osdi(campaign, tmp_path / "osdi.csv", seed=3)[0]
    cli.main(["table", str(path), "--out", str(tmp_path / "out"), "--lang", "fr"])
    page = (tmp_path / "out" / "annex.html").read_text(encoding="utf-8")
    assert "export OSDI" in page
    other = ["table", str(dirty("a,b\n1,2\n", tmp_path)), "--out", str(tmp_path / "o")]
    assert cli.main(other) == 2
    assert "Give --key" in capsys.readouterr().err
