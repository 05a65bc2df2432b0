"""Parts of the sample files, by hand: towns of a few people."""

import csv
import io
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from privaudit.campaign.views.dot_map import GREY, RED
from privaudit.cli import sample_formats, samples
from privaudit.errors import OutputError


class Drawn:
    """Draws what it is given; keeps what it was asked."""

    def __init__(self, share, place):
        self.share, self.place, self.asked = share, place, []

    def random(self):
        return self.share

    def integers(self, *ends):
        self.asked.append(ends)
        return self.place


def town_of(people, facts=(), **named):
    world = SimpleNamespace(people=people, **named)
    rng = lambda _: np.random.default_rng(3)  # noqa: E731
    return SimpleNamespace(
        rng=rng, campaign=SimpleNamespace(world=world), facts=pd.DataFrame({"person": facts})
    )


def rows(data, separator=",", encoding="utf-8"):
    return list(csv.DictReader(io.StringIO(data.decode(encoding)), delimiter=separator))


def test_a_slip_exchanges_two_letters_within_a_name():
    rng = Drawn(0.119, 2)
    assert samples._slipped("Martin", rng) == "Matrin"
    assert rng.asked == [(1, 4)]  # neither the first letter nor the last moves
    assert samples._slipped("Hélène", Drawn(0.119, 1)) == "Hléène"
    # Of four letters none is exchanged; a share of .12 to .36 is without accents.
    assert samples._slipped("Zoé", Drawn(0.0, 1)) == "Zoe"
    assert samples._slipped("Anaé", Drawn(0.0, 1)) == "Anae"
    assert samples._slipped("Hélène", Drawn(0.12, 1)) == "Helene"
    assert samples._slipped("Hélène", Drawn(0.359, 1)) == "Helene"
    assert samples._slipped("Hélène", Drawn(0.36, 1)) == "Hélène"


@pytest.mark.parametrize(("age", "low", "high"), [(18, 18, 21), (60, 57, 63), (104, 101, 104)])
def test_ages_of_the_large_table_move_by_three_years_at_most(monkeypatch, age, low, high):
    monkeypatch.setattr(samples, "parquet", lambda table: table)
    monkeypatch.setattr(samples, "_LARGE", 300)
    people = pd.DataFrame({"age": [age, 17], "sex": ["F", "M"], "leaning": ["left", "none"]})
    table = samples._large(town_of(people))
    assert set(table["age"]) == set(range(low, high + 1))
    assert (len(table), set(table["sex"])) == (300, {"F"})


def test_ages_of_the_published_copy_move_by_two_years_at_most(monkeypatch):
    copy = pd.DataFrame({"age": ["18"] * 100 + ["40"] * 100, "who": ["a"] * 100 + ["b"] * 100})
    monkeypatch.setattr(samples, "_compared", lambda _: copy)
    found = pd.read_csv(io.BytesIO(samples._release(town_of(None))))
    assert {*found["age"][found["who"] == "a"]} == {18, 19, 20}
    assert {*found["age"][found["who"] == "b"]} == {38, 39, 40, 41, 42}


def test_the_control_is_of_sixteen_and_in_no_file(monkeypatch):
    monkeypatch.setattr(samples, "_compared", lambda _: [None] * 9)
    people = pd.DataFrame(
        {"person": [0, 1, 2, 3], "age": [15, 16, 17, 50], "sex": [*"FMFM"],
         "leaning": ["left", "centre", "right", "left"]}
    )  # fmt: skip
    found = rows(samples._others(town_of(people, facts=[3])))
    assert {(row["age"], row["sex"], row["opinion"]) for row in found} == {
        ("16", "M", ""), ("17", "F", "right"),
    }  # fmt: skip
    many = pd.DataFrame({"person": range(400), "age": 30, "sex": "F", "leaning": "left"})
    monkeypatch.setattr(samples, "_compared", lambda _: [None] * 300)
    levels = [row["support_level"] for row in rows(samples._others(town_of(many)))]
    assert len(levels) == 300
    assert {*levels} == {"", *"12345"}
    # A tenth has a level: 30 of 300, with a standard deviation of 5.2.
    assert 10 <= sum(map(bool, levels)) <= 50


def test_two_lists_of_adults_have_ninety_in_both():
    people = pd.DataFrame({"age": [18] * 310 + [17] * 10})
    members, donors = samples._lists(town_of(people))
    assert (len(members), len(donors)) == (240, 160)
    assert len({*members.index} & {*donors.index}) == 90
    assert min([*members["age"], *donors["age"]]) == 18


def test_dots_of_a_spreadsheet_are_numbered_from_one(monkeypatch):
    monkeypatch.setattr(samples, "_moved", lambda *_: np.zeros((2, 2)))
    monkeypatch.setattr(samples, "_degrees", lambda _: np.array([[1.5, 46.25], [2.0, 46.0]]))
    town = SimpleNamespace(dots=pd.DataFrame({"status": ["visited", "to_meet"]}))
    found = rows(samples._points(town), ";", "cp1252")
    assert [row["n°"] for row in found] == ["1", "2"]
    assert [row["état"] for row in found] == ["rencontré", "à rencontrer"]
    assert (found[0]["longitude"], found[0]["latitude"]) == ("1,500000", "46,250000")


def test_degrees_have_six_digits():
    found = samples._degrees(np.array([[650_000.0, 6_860_000.0], [651_234.0, 6_861_234.0]]))
    assert np.array_equal(found, np.round(found, 6))
    assert not np.array_equal(found, np.round(found, 5))


def test_a_copy_of_the_map_has_what_is_seen_and_met_by_the_day(monkeypatch):
    xy = np.array([[0.04, 1.06], [2, 2], [3, 3], [4, 4]])
    monkeypatch.setattr(samples, "_moved", lambda *_: xy)
    dots = pd.DataFrame(
        {"dot": [1, 2, 3, 4], "first_seen": ["2016-09-01", "2016-09-02", None, "2016-08-01"],
         "visited_at": ["2016-09-01", None, None, "2016-09-02"]}
    )  # fmt: skip
    town = SimpleNamespace(dots=dots)
    found = rows(samples._copy_of_map(town, "d", "2016-09-01"))
    assert [(row["dot_id"], row["status"]) for row in found] == [("1", "visited"), ("4", "to_meet")]
    assert (found[0]["x"], found[0]["y"]) == ("0.0", "1.1")
    # What has no day is there on the day of the audit, the 15th.
    assert len(rows(samples._copy_of_map(town, "d", "2016-09-14"))) == 3
    assert len(rows(samples._copy_of_map(town, "d", "2016-09-15"))) == 4


def test_cells_count_homes_of_one_and_of_five_and_flats():
    size = np.array([1, 4, 5, 6, 2])
    homes = pd.DataFrame({"size": size, "address": [0, 0, 0, 1, 2]})
    addresses = SimpleNamespace(frame=pd.DataFrame({"households": [3, 1, 2]}))
    town = town_of(None, households=homes, addresses=addresses)
    town.metres = np.array([[650_000.0, 6_860_000.0], [650_000.0, 6_860_000.0],
                            [651_000.0, 6_860_000.0]])  # fmt: skip
    found = rows(samples._cells(town))
    counts = [[int(row[name]) for name in row if name != "idcar_200m"] for row in found]
    # People, homes, of one, of five or more, in flats, in houses.
    assert sorted(counts) == [[2, 1, 0, 0, 0, 1], [16, 4, 1, 2, 3, 1]]


def test_samples_below_a_file_are_refused_before_any_is_made(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setattr(samples, "sample_files", lambda **_: pytest.fail("made"))
    with pytest.raises(OutputError, match="a folder that can be written"):
        samples.write_samples(tmp_path / "file" / "new", readme=b"")
    with pytest.raises(OutputError, match="holds something"):
        samples.write_samples(tmp_path, readme=b"")


@pytest.mark.parametrize("far", [False, True])
def test_dots_of_a_picture_are_those_well_within_it(far):
    # Pixels right and down of the corner: the middle dot is at (480, 430), a pixel is 1.5 m.
    edges = [(8, 430), (940, 430), (480, 8), (480, 840)]
    inner = [(9, 300), (939, 300), (300, 9), (300, 839)]
    at = np.array([(480, 430)] * 9 + (edges if far else inner), dtype=float)
    dots = (at - [480, 430]) * [1.5, -1.5]
    red = np.arange(len(at)) % 2 == 0
    place = pd.DataFrame({"street": "a", "x": [900.0, 920.0], "y": [900.0, 920.0]})
    data = sample_formats.map_picture(place, dots, red)
    image = Image.open(io.BytesIO(data)).convert("RGB")
    assert image.size == (960, 860)
    for (x, y), is_red in zip(at[9:].astype(int).tolist(), red[9:], strict=True):
        drawn = image.getpixel((x, y)) in (GREY, RED)
        assert drawn is not far
        assert far or image.getpixel((x, y)) == (RED if is_red else GREY)
    # The white ground of the caption ends at 118 pixels, 16 above the lower edge.
    white = [(0, 844), (118, 859)]
    assert [image.getpixel(p) == (255, 255, 255) for p in [*white, (0, 843), (119, 859)]] == [
        True, True, False, False,
    ]  # fmt: skip


class Kept:
    """A drawing that keeps what is drawn."""

    def __init__(self):
        self.lines, self.parks = [], []

    def line(self, points, **named):
        self.lines.append((np.array(points), named))

    def rounded_rectangle(self, box, radius, **_):
        self.parks.append((box, radius))


@pytest.mark.parametrize("left", [47.0, 86.5, 85.5])
def test_a_river_runs_through_the_middle_where_nothing_stands(left):
    draw = Kept()
    sample_formats._ground(draw, np.array([[left, 640.0]]))
    ((river, named),) = draw.lines
    # It bends by 26 pixels about half the height, over the whole width and 20 on each side.
    assert named["width"] == 26
    assert river[0, 0] == -20
    assert river[-1, 0] == 980
    assert np.allclose(river[:, 1] - 430, 26 * np.sin(river[:, 0] / 190), atol=1e-6)
    assert len(draw.parks) == 2
    for (x, y, right, low), radius in draw.parks:
        assert (right - x, low - y, radius) == (150, 96, 18)
        assert (x - 40) % 60 == (y - 40) % 60 == 0
        assert np.abs(river[:, 1] - y - 48)[(x < river[:, 0]) & (river[:, 0] < right)].min() > 96
    # The first is beside the house, which is over 14 pixels from it.
    x, y, *_ = draw.parks[0][0]
    near = [(a, b) for a in range(40, 760, 60) for b in range(580, 710, 60)
            if not (a - 14 < left < a + 164 and b - 14 < 640 < b + 110)]  # fmt: skip
    assert np.hypot(x - left, y - 640) == min(np.hypot(a - left, b - 640) for a, b in near)


def test_a_house_stands_behind_its_door_away_from_the_street():
    # 4.5 m are 3 pixels: a square of 6 whose side is at the door.
    line = np.array([[0.0, 0.0], [100.0, 0.0]])
    above, below = sample_formats._houses(np.array([[50.0, 8.0], [20.0, -8.0]]), line)
    assert {tuple(p) for p in above.round(9).tolist()} == {(47, 8), (53, 8), (53, 14), (47, 14)}
    assert {tuple(p) for p in below.round(9).tolist()} == {
        (17, -8), (23, -8), (23, -14), (17, -14),
    }  # fmt: skip


def test_the_middle_of_a_street_is_the_mean_of_each_four_doors():
    doors = np.array([[0.0, 1.0], [10.0, -1.0], [20.0, 1.0], [30.0, -1.0], [40.0, 1.0]])
    line = sample_formats._middle_line(doors)
    expected = [[15.0, 0.0], [25.0, 0.0]]
    assert np.allclose(line, expected) or np.allclose(line[::-1], expected)
    few = sample_formats._middle_line(doors[:4])
    assert sorted(x for x, _ in few.tolist()) in ([0.0, 30.5], [0.5, 30.0])


def test_an_opinion_is_right_where_a_level_of_one_or_two_was_inferred_and_left_where_five():
    levels = [1, 2, 3, 4, 5, None, 5]
    n = len(levels)
    facts = pd.DataFrame({
        "id": range(n), "account": -1, "first_name": "Zoe", "last_name": "Roux", "sex": "F",
        "birth_date": pd.Timestamp("1980-02-01"), "number": "1", "street": "rue Haute",
        "address": 0, "email": "", "phone": "", "inferred": levels, "marked": None, "person": 0,
        "presumed_leaning": ["", "", "", "", "", "", "right"], "visited_at": None,
        "do_not_contact": False, "note": "",
    })  # fmt: skip
    people = pd.DataFrame({"age": [44], "sex": ["F"]})
    world = SimpleNamespace(people=people)
    town = SimpleNamespace(
        facts=facts, rng=lambda _: np.random.default_rng(3), campaign=SimpleNamespace(world=world),
        accounts=lambda account: np.array(["x"] * len(account), dtype=object),
    )  # fmt: skip
    opinion = samples.SampleTown.people.func(town)["opinion"]
    assert opinion.tolist() == ["right", "right", "", "", "left", "", "right"]
