"""The worked example of a reader, put where it says, is found, read and refused like the others."""

import gzip
import re
import sys
from pathlib import Path

import pandas as pd
import pytest

from privaudit.errors import ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.io import formats as readers
from privaudit.io.readers import formats, read_frame
from privaudit.release.read_map import read_map
from privaudit.release.read_table import read_table
from privaudit.release.read_traces import read_traces
from privaudit.words.catalogues import Note

DOCS = Path(__file__).parents[3] / "docs"
GUIDE = (DOCS / "extending.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```python\n# privaudit/io/formats/(\w+)\.py\n(.*?)```", re.DOTALL)
ROWS = [
    {"dn": "1", "account": "a", "page": "p", "lon": 10.0, "lat": 20.0},
    {"dn": "2", "account": "b", "page": "p"},
]


@pytest.fixture(autouse=True)
def added(tmp_path, monkeypatch):
    """Put the example in a folder that stands for `privaudit/io/formats/`."""
    ((module, code),) = set(BLOCK.findall(GUIDE))
    room = tmp_path / "readers"
    room.mkdir()
    (room / f"{module}.py").write_text(code, encoding="utf-8")
    assert not (Path(readers.__path__[0]) / f"{module}.py").exists(), "show a new file"
    monkeypatch.setattr(readers, "__path__", [*readers.__path__, str(room)])
    yield
    sys.modules.pop(f"privaudit.io.formats.{module}", None)


def lines(row):
    return "\n".join(f"{name}: {value}" for name, value in row.items())


@pytest.fixture
def put(tmp_path):
    def put(rows, name="leak.rec"):
        entries = (r if isinstance(r, str) else lines(r) for r in rows)
        data = "\n\n".join(entries).encode()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return tmp_path / name

    return put


def base() -> AddressBase:
    frame = pd.DataFrame({"id": ["1", "2"], "number": "1", "street": "rue A", "commune": "B"})
    return AddressBase(frame.assign(station="", x=[0.0, 40.0], y=[0.0, 30.0]), real=False)


def test_one_file_and_the_format_is_read_as_all_that_it_gives(put):
    for name in ("leak.rec", "leak.rec.gz"):
        assert len(read_table(put(ROWS, name))) == 2
    leak = read_map(put(ROWS), addresses=base())
    assert leak.records[["x", "y"]].values.tolist() == [[10.0, 20.0]]
    assert leak.set_aside == {Note("missing_coordinate"): 1}
    assert len(read_traces(put(ROWS), person="account", item="page")) == 2


def test_help_and_refusals_name_it(put):
    assert ", recutils, " in formats("traces")
    with pytest.raises(ReadError, match="needs recutils, as the ending says"):
        read_frame(put(["account,page", "a,p"]))
    with pytest.raises(ReadError, match="at least half of the rows") as caught:
        read_table(put([*ROWS, "Zxqv", "Zxqv", "Zxqv"]))
    assert "Zxqv" not in str(caught.value)


def test_without_its_file_the_format_is_not_there(put, monkeypatch):
    monkeypatch.setattr(readers, "__path__", readers.__path__[:1])
    sys.modules.pop("privaudit.io.formats.rec", None)
    assert "recutils" not in formats("table")
    with pytest.raises(ReadError, match="a file that ends in"):
        read_table(put(ROWS))
