"""Each part of the simulation against counts made by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from privaudit.errors import ParameterError
from privaudit.places.address_base import AddressBase
from privaudit.simulation.accounts import draw_accounts
from privaudit.simulation.dwellings import (
    dwellings_from_density,
    dwellings_with_flats,
    expected_households,
    zone_by_density,
)
from privaudit.simulation.interactions import draw_page_likes, draw_political_likes
from privaudit.simulation.kinds import KINDS
from privaudit.simulation.leaning import draw_leanings
from privaudit.simulation.likeness import shape_of, shared_out
from privaudit.simulation.meyer import choose_home
from privaudit.simulation.names import SURNAMES, surname, surname_weights
from privaudit.simulation.pages import SIDES, TRAITS, draw_pages
from privaudit.simulation.population import draw_birth_dates, draw_households, draw_surnames
from privaudit.simulation.stations import draw_stations, fill_stations
from privaudit.simulation.territory import fictional_territory, kind_like
from privaudit.simulation.town import Town
from privaudit.simulation.world import LEANINGS


def rng(seed=1):
    return np.random.default_rng(seed)


def real_base(xy, **counts):
    n = len(xy)
    frame = pd.DataFrame(
        {
            "id": np.arange(n),
            "number": "1",
            "street": "Rue du Test",
            "commune": "99002",
            "station": "",
            "x": xy[:, 0],
            "y": xy[:, 1],
            **counts,
        }
    )
    return AddressBase(frame, source="a test")


class TestNames:
    def test_no_two_ranks_spell_the_same_surname(self):
        assert len(set(surname(np.arange(SURNAMES)))) == SURNAMES

    def test_some_have_accents_spaces_and_hyphens(self):
        some = surname(np.arange(600))
        for sign in ("é", " ", "-"):
            assert any(sign in name for name in some)

    def test_nobody_drawn_is_called_meyer(self):
        assert "Meyer" not in set(surname(np.arange(SURNAMES)))


class TestTerritory:
    @pytest.mark.parametrize(
        ("households", "kind"), [(90, "rural"), (1_000, "dense"), (4_000, "mixed")]
    )
    def test_as_many_doors_as_the_kind_asks_each_with_its_own_number(self, households, kind):
        base, flats = fictional_territory(households, KINDS[kind], rng=rng())
        assert len(base) == len(flats) == round(households / KINDS[kind].households)
        assert not base.frame.duplicated(["street", "number"]).any()
        assert not base.frame.duplicated(["x", "y"]).any()

    def test_odd_and_even_numbers_stand_on_the_two_sides(self):
        base, _ = fictional_territory(4_000, KINDS["mixed"], rng=rng())
        frame = base.frame[~base.frame["street"].str.startswith(("Place", "Quai"))]
        odd = frame["number"].str.extract(r"(\d+)", expand=False).astype(int) % 2 == 1
        apart = []
        for _, rows in frame.groupby("street").indices.items():
            xy, left = frame[["x", "y"]].to_numpy()[rows], odd.to_numpy()[rows]
            if left.sum() > 3 and (~left).sum() > 3:
                axis = np.linalg.svd(xy - xy.mean(axis=0))[2][0]
                across = (xy - xy.mean(axis=0)) @ [-axis[1], axis[0]]
                apart.append(abs(across[left].mean() - across[~left].mean()))
        assert len(apart) > 20
        assert np.median(apart) == pytest.approx(KINDS["mixed"].fabric.width, rel=0.35)

    def test_numbers_rise_along_a_street(self):
        base, _ = fictional_territory(4_000, KINDS["mixed"], rng=rng())
        frame = base.frame[~base.frame["street"].str.startswith("Place")]
        number = frame["number"].str.extract(r"(\d+)", expand=False).astype(int)
        steps = []
        for _, rows in frame.assign(n=number).groupby(["street", number % 2]):
            if len(rows) > 3:
                ranked = rows.sort_values(["n", "number"])[["x", "y"]].to_numpy()
                way = ranked[-1] - ranked[0]
                steps.append((np.diff(ranked @ way) > 0).mean())
        assert np.mean(steps) > 0.95

    def test_streets_cross(self):
        """On a lattice half of the streets beside one run across it; where all are rows, none."""
        base, _ = fictional_territory(4_000, KINDS["mixed"], rng=rng())
        turn = {q.quantile: q.value for q in shape_of(base) if q.measure == "next_street"}
        assert turn[0.5] > 30
        assert turn[0.75] > 70

    def test_there_are_squares_quays_and_dead_ends(self):
        base, _ = fictional_territory(4_000, KINDS["mixed"], rng=rng())
        told = base.frame["street"].drop_duplicates().str.split().str[0].value_counts()
        assert told["Place"] == 1
        assert told["Quai"] >= 2
        assert told["Impasse"] > 5
        assert base.frame["number"].str.contains("bis").any()

    def test_a_river_runs_between_its_quays(self):
        base, _ = fictional_territory(4_000, KINDS["mixed"], rng=rng())
        quay = base.frame["street"].str.startswith("Quai").to_numpy()
        odd = (
            base.frame["number"].str.extract(r"(\d+)", expand=False).astype(int).to_numpy() % 2 == 1
        )
        left, right = base.xy[quay & odd], base.xy[quay & ~odd]
        assert min(len(left), len(right)) > 3
        assert cKDTree(left).query(right)[0].min() > 55

    def test_a_town_is_fitted_to_an_address_file(self):
        """A file twice as wide: half as many addresses within 200 m, twice as far the nearest."""
        made, _ = fictional_territory(2_000, KINDS["rural"], rng=rng(3))
        wide = AddressBase(made.frame.assign(x=1.4 * made.frame["x"], y=1.4 * made.frame["y"]))
        asked = {q[:3]: q.value for q in shape_of(wide)}
        kind = kind_like(wide, KINDS["rural"], rng=rng())
        assert kind.targets() == asked
        like, _ = fictional_territory(2_000, kind, rng=rng())
        found = {q[:3]: q.value for q in shape_of(like)}
        for measure, metres in (("nearest_address", 0), ("addresses_within", 200)):
            key = measure, metres, 0.5
            assert found[key] == pytest.approx(asked[key], rel=0.25)

    def test_hamlets_are_out_of_town(self):
        base, flats = fictional_territory(4_000, KINDS["rural"], rng=rng())
        away = np.hypot(*base.xy.T)
        hamlet = base.frame["street"].str.startswith(("Chemin", "Route")).to_numpy()
        assert hamlet.mean() == pytest.approx(KINDS["rural"].hamlets, abs=0.01)
        assert away[hamlet].min() > away[~hamlet].max() + 300
        assert (flats[hamlet] == 0).all()


class TestLikeness:
    def lattice(self, streets):
        """Two streets of nine doors, 10 m apart, numbered 1, 3, 5 and on."""
        rows = [
            (f"{street}", 2 * k + 1, *at)
            for street, line in streets.items()
            for k, at in enumerate(line)
        ]
        frame = pd.DataFrame(rows, columns=["street", "number", "x", "y"])
        frame = frame.assign(
            id=range(len(frame)), commune="1", station="", number=frame["number"].astype(str)
        )
        return AddressBase(frame)

    def found(self, base):
        return {q[:3]: q.value for q in shape_of(base)}

    def test_a_cross_by_hand(self):
        line = [(10.0 * k, 0.0) for k in range(9)]
        found = self.found(self.lattice({"a": line, "b": [(43.0 + y, x + 5) for x, y in line]}))
        assert found["nearest_address", 0, 0.5] == pytest.approx(10, abs=2.1)
        assert found["next_street", 0, 0.5] == pytest.approx(90)
        assert found["street_grid", 0, 0.75] == pytest.approx(0, abs=1e-9)

    def test_two_rows_by_hand(self):
        line = [(10.0 * k, 0.0) for k in range(9)]
        found = self.found(self.lattice({"a": line, "b": [(x, 25.0) for x, _ in line]}))
        assert found["next_street", 0, 0.75] == pytest.approx(0)
        # Of the two doors at an end 5 + 5 others are within 50 m: sqrt(50^2 - 25^2) is 43.
        assert found["addresses_within", 50, 0.1] == 5 + 5
        assert found["addresses_within", 200, 0.5] == 17

    def test_what_a_square_holds_is_shared_among_its_addresses(self):
        xy = np.array([[0.0, 0], [199, 199], [201, 0]])
        assert shared_out(xy, np.array([3, 5, 7])).tolist() == [4, 4, 7]


class TestSurnames:
    XY = np.random.default_rng(0).uniform(0, 4_000, (6_000, 2))

    def drawn(self, kin, near):
        return draw_surnames(self.XY, kin_in_town=kin, kin_near=near, rng=rng())

    def test_without_kin_each_draws_from_the_country(self):
        ranks = self.drawn(0.0, 0.5)
        # 6,000 draws from the country's shares: the sum of squares says how many pairs agree.
        expected = (surname_weights() ** 2).sum() * 6_000 * 5_999 / 2
        pairs = (np.bincount(ranks) * (np.bincount(ranks) - 1)).sum() / 2
        assert pairs == pytest.approx(expected, abs=5 * np.sqrt(expected))

    def test_families_are_as_many_as_households_that_took_no_name(self):
        kept = 1 - len(np.unique(self.drawn(0.3, 0.5))) / len(np.unique(self.drawn(0.0, 0.5)))
        assert kept == pytest.approx(0.3, abs=0.05)

    def test_kin_live_within_a_walk(self):
        def apart(near):
            ranks = self.drawn(0.3, near)
            two = np.flatnonzero(np.bincount(ranks) == 2)
            a, b = (np.array([np.flatnonzero(ranks == r)[k] for r in two[:150]]) for k in (0, 1))
            return np.median(np.hypot(*(self.XY[a] - self.XY[b]).T))

        # Half of all pairs in a square of 4 km are more than 2 km apart.
        assert apart(0.0) > 1_500
        # Two axes of 200 m: half are within 235 m; a third of the pairs are chance or brothers.
        assert apart(1.0) < 450

    def test_a_town_says_what_it_is_like(self):
        assert [Town(inhabitants=n).built_like() for n in (300, 5_000, 100_000)] == [
            "rural", "mixed", "dense",
        ]  # fmt: skip
        assert Town(kind="dense").built_like() == "dense"
        base = real_base(np.arange(200.0).reshape(100, 2))
        assert Town(base=base, inhabitants=450).built_like() == "rural"
        with pytest.raises(ParameterError, match="kind"):
            Town(kind="metropolis")


class TestStations:
    def test_halves_a_line_of_equal_addresses(self):
        xy = np.column_stack([np.arange(8.0), np.zeros(8)])
        label = draw_stations(xy, np.full(8, 10), 20)
        assert label.tolist() == ["001", "001", "002", "002", "003", "003", "004", "004"]

    def test_cuts_by_electors_and_not_by_addresses(self):
        xy = np.column_stack([np.arange(5.0), np.zeros(5)])
        assert draw_stations(xy, np.array([30, 10, 10, 5, 5]), 30).tolist() == [
            "001", "002", "002", "002", "002",
        ]  # fmt: skip

    def test_a_small_place_has_one(self):
        assert set(draw_stations(np.zeros((3, 2)), np.array([1, 1, 1]), 900)) == {"001"}

    def test_the_nearest_station_fills_a_gap(self):
        xy = np.array([[0.0, 0], [10, 0], [4, 0]])
        assert fill_stations(xy, np.array(["a", "b", ""])).tolist() == ["a", "b", "a"]


class TestDwellings:
    def test_sizes_sum_to_the_inhabitants(self):
        base = real_base(np.arange(140.0).reshape(70, 2))
        homes = dwellings_with_flats(base, np.repeat([1.0, 0.0], [20, 50]), 700, rng=rng())
        assert homes.size.sum() == 700
        assert set(homes.address) == set(range(70))
        assert np.bincount(homes.address)[20:].tolist() == [1] * 50
        assert (np.diff(homes.address) >= 0).all()

    def test_households_that_the_file_counts_are_kept(self):
        base = real_base(np.arange(8.0).reshape(4, 2), households=[10, 0, 30, 60])
        homes = dwellings_from_density(base, 218, rng=rng())
        assert np.bincount(homes.address, minlength=4).tolist() == [10, 0, 30, 60]
        assert homes.size.sum() == 218

    def test_density_counts_the_households_within_150_m_by_hectare(self):
        # A lone address of n households has n / 7.07 a hectare: 4 from 29, 40 from 283.
        xy = np.array([[0.0, 0], [1_000, 0], [2_000, 0]])
        assert zone_by_density(xy, np.array([28, 29, 283])).tolist() == [
            "hamlet", "houses", "centre",
        ]  # fmt: skip

    def test_a_lone_door_is_a_house(self):
        assert expected_households(np.array([[0.0, 0.0]])) == pytest.approx(1.1)


class TestPopulation:
    def test_kinds_follow_from_sizes(self):
        kind = draw_households(np.array([1] * 50 + [2] * 50), rng=rng())
        assert set(kind[:50]) == {"single"}
        assert set(kind[50:]) == {"couple", "single_parent", "shared"}

    def test_birth_dates_give_the_age_on_2_september_2016(self):
        age = np.arange(90).repeat(40)
        born = pd.Series(draw_birth_dates(age, rng=rng()))
        had_birthday = (born.dt.month < 9) | ((born.dt.month == 9) & (born.dt.day <= 2))
        assert (2016 - born.dt.year - ~had_birthday == age).all()


class TestLeaning:
    def test_relatives_follow_the_first_adult_as_often_as_said(self):
        n = 20_000
        first = np.arange(n) // 2 * 2
        shares = np.array([[0.1, 0.3, 0.1, 0.3, 0.1, 0.1]])
        leaning = draw_leanings(
            age=np.full(n, 40),
            profession=np.full(n, "employee"),
            station=np.zeros(n, dtype=int),
            elector=np.ones(n, dtype=bool),
            head=first,
            shares=shares,
            kin_correlation=0.5,
            rng=rng(),
        )
        agree = (leaning[::2] == leaning[1::2]).mean()
        # All alike, so that chances are the shares: .5 + .5 x sum of squares (.22).
        assert agree == pytest.approx(0.61, abs=4 * np.sqrt(0.61 * 0.39 / (n / 2)))
        found = [(leaning == name).mean() for name in LEANINGS]
        assert np.abs(np.array(found) - shares[0]).max() < 4 * np.sqrt(1.5 * 0.25 / n)

    def test_minors_lean_to_nothing(self):
        leaning = draw_leanings(
            age=np.array([17, 18]),
            profession=np.array(["student", "student"]),
            station=np.zeros(2, dtype=int),
            elector=np.array([False, True]),
            head=np.arange(2),
            shares=np.array([[0.99, 0.002, 0.002, 0.002, 0.002, 0.002]]),
            kin_correlation=0.0,
            rng=rng(),
        )
        assert leaning.tolist() == ["none", "radical_left"]


class TestNetwork:
    def test_expected_likes_are_met_though_no_page_is_liked_twice(self):
        pages = draw_pages(
            500, partisan=0.02, popularity=0.9, political_sd=0.3, partisan_position=2, rng=rng()
        )
        likes = np.repeat([5.0, 60.0, 250.0], 300)
        account, page = draw_page_likes(
            rng(2).standard_normal((900, TRAITS)),
            np.full(900, "music"),
            likes,
            pages,
            slope=0.6,
            rng=rng(3),
        )
        assert len(set(zip(account.tolist(), page.tolist(), strict=True))) == len(account)
        found = np.bincount(account, minlength=900)
        for wanted in (5, 60, 250):
            mean = found[likes == wanted].mean()
            # The variance of the count is below that of Poisson.
            assert abs(mean - wanted) < 4 * np.sqrt(wanted / 300)

    def test_partisan_pages_are_as_many_as_asked_and_two_blocs(self):
        pages = draw_pages(
            1_000, partisan=0.01, popularity=1, political_sd=0, partisan_position=2, rng=rng()
        )
        stands = (pages.frame["kind"] == "partisan").to_numpy()
        assert stands.sum() == 10
        axis = pages.loadings[0]
        assert sorted(axis[stands[:1_000]]) == [-2] * 5 + [2] * 5
        right = pages.frame["side"].isin(["right", "far_right"]).to_numpy()[:1_000]
        assert (axis[right] == 2).all()
        assert pages.frame["side"].tolist()[-5:] == list(SIDES)

    def test_aligned_likes_converge_and_the_others_do_not(self):
        n = 40_000
        aligned = np.arange(n) % 2 == 0
        account, side = draw_political_likes(
            np.full(n, "right"), aligned, np.full(n, 40), reach=0.1, own_side=0.9, rng=rng()
        )
        sides = pd.Series(side).groupby(account).nunique()
        assert (sides[aligned[sides.index]] == 1).all()
        assert (sides[~aligned[sides.index]] > 1).any()
        touched = len(np.unique(account[side == SIDES.index("right")])) / n
        assert touched == pytest.approx(0.1, abs=4 * np.sqrt(0.1 * 0.9 / n))
        own = side[aligned[account]] == SIDES.index("right")
        assert 0.87 < own.mean() < 0.93

    def test_children_under_13_have_no_account_and_the_told_ones_have(self):
        n = 2_000
        people = pd.DataFrame(
            {
                "age": np.tile([11, 12, 20, 94], n // 4),
                "sex": "F",
                "first_name": "Zoé",
                "last_name": "Vèton",
                "birth_name": "Vèton",
                "birth_date": pd.Timestamp("1990-01-01"),
            }
        )
        accounts = draw_accounts(
            people, civil=[3], city_shown=0.5, fake_accounts=0.0, non_aligned=0.3, rng=rng()
        )
        age = people["age"].to_numpy()[accounts["person"]]
        assert age.min() >= 13
        # Over nine in ten at 18-24.
        assert (age == 20).sum() > 0.85 * n / 4
        told = accounts[accounts["person"] == 3].iloc[0]
        assert told["display_name"] == "Zoé Vèton"
        assert told["city_shown"]
        shown = set(accounts["display_name"])
        assert {"Zoé Vèton", "Zoe Veton", "Zoé V."} <= shown


class TestMeyer:
    def test_a_family_of_three_alone_in_a_house_comes_first(self):
        home = choose_home(
            np.array([3, 3, 3, 2, 3]),
            np.array(["family", "family", "single_parent", "couple", "family"]),
            np.array([0, 1, 2, 3, 3]),
            np.array(["centre", "houses", "houses", "houses"]),
            rng=rng(),
        )
        assert home == 1

    def test_a_town_without_three_people_in_a_home_says_so(self):
        with pytest.raises(ParameterError, match="household of three"):
            choose_home(
                np.array([1]), np.array(["single"]), np.array([0]), np.array(["houses"]), rng=rng()
            )


class TestTown:
    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"inhabitants": 199}, "200 to 500000"),
            ({"inhabitants": 2_000.5}, "whole number"),
            ({"directory_coverage": 1.2}, "directory_coverage"),
            ({"directory_coverage": 0.9, "directory_opt_out": 0.2}, "at most 1"),
            ({"median_likes": 200.0}, "median_likes below mean_likes"),
        ],
    )
    def test_a_parameter_that_cannot_be_is_refused(self, wrong, words):
        with pytest.raises(ParameterError, match=words):
            Town(**wrong)

    def test_cells_need_addresses(self):
        cells = pd.DataFrame({"cell": [0]})
        with pytest.raises(ParameterError, match="from_addresses"):
            Town(cells=cells)
        with pytest.raises(ParameterError, match="follow from the cells"):
            Town.from_addresses(real_base(np.zeros((1, 2))), cells=cells, inhabitants=300)

    def test_inhabitants_follow_from_what_the_file_counts(self):
        xy = np.arange(8.0).reshape(4, 2)
        assert Town.from_addresses(real_base(xy, residents=[100] * 4)).inhabitants == 400
        assert Town.from_addresses(real_base(xy, electors=[100] * 4)).inhabitants == 560
        assert Town.from_addresses(real_base(xy, households=[100] * 4)).inhabitants == 880
        assert Town.from_addresses(real_base(xy), inhabitants=300).inhabitants == 300

    def test_the_recipe_is_plain(self):
        import json

        recipe = Town(inhabitants=np.int64(500)).recipe()
        assert json.loads(json.dumps(recipe))["inhabitants"] == 500
