"""What a zip may unpack to, file by file and together, and what is said of one that does not."""

import io
import zipfile
from pathlib import Path

import pytest

from privaudit.core.limits import Limits, limited, most_unpacked
from privaudit.errors import ReadError
from privaudit.io.containers import Packed
from privaudit.io.readers import ReadRequest


def asked(path):
    return ReadRequest(path=path, name=path.name, who="map", places=False, crs=None)


@pytest.fixture
def packed(tmp_path):
    """Two files of 600 bytes in a folder, and what may be unpacked of them."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.mkdir("in")
        for name in ("in/one.csv", "in/two.csv"):
            made.writestr(name, "x" * 600)
    archive = zipfile.ZipFile(tmp_path / "a.zip")

    def most(number):
        return Packed(archive, asked(tmp_path / "a.zip"), most=number, what="a map")

    yield most
    archive.close()


def test_folders_are_no_files(packed):
    one = packed(1_200)
    assert one.names == ["in/one.csv", "in/two.csv"]
    assert "in/one.csv" in one
    assert "in/" not in one


def test_all_that_is_read_shares_one_bound(packed):
    whole = packed(1_200)
    assert [len(whole.data(name)) for name in whole.names] == [600, 600]
    less = packed(1_199)
    assert len(less.data("in/one.csv")) == 600
    with pytest.raises(ReadError, match=r"unpacks to at most 0 MB, but got more in a\.zip"):
        less.data("in/two.csv")
    with pytest.raises(ReadError, match="more in"):
        packed(599).data("in/one.csv")


def test_a_missing_part_is_refused(packed):
    with pytest.raises(ReadError, match=r"no three\.csv in a\.zip"):
        packed(1_200).data("three.csv")


def test_damaged_and_locked_files_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("one.csv", "abc" * 400)
    data = bytearray((tmp_path / "a.zip").read_bytes())
    # The packed bytes stand behind the 30 of a header and the 7 of the name.
    data[40] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(data)
    options = {"asked": asked(tmp_path / "a.zip"), "most": 10_000, "what": "a map"}
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        with pytest.raises(ReadError, match="damaged"):
            Packed(archive, **options).data("one.csv")
        archive.infolist()[0].flag_bits |= 1
        with pytest.raises(ReadError, match="needs a password"):
            Packed(archive, **options).data("one.csv")


def test_a_packed_file_unpacks_to_64_million_or_a_hundred_times_its_size():
    """As docs/security.md has it."""
    assert most_unpacked(1) == 64_000_000
    assert most_unpacked(640_000) == 64_000_000
    assert most_unpacked(640_001) == 64_000_100
    with limited(Limits(bytes=7)):
        assert most_unpacked(640_001) == 7


def test_a_member_without_a_name_is_no_file():
    """By hand: of two members the first loses its name."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as new:
        new.writestr("a", b"1")
        new.writestr("b", b"2")
    archive = zipfile.ZipFile(held)
    archive.infolist()[0].filename = ""
    members = Packed(archive, asked(Path("x.zip")), most=100, what="a table")
    assert members.names == ["b"]
