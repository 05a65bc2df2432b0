"""Open set-ups of the size of published studies whose data cannot be had.

Sizes and laws come from papers; what no paper gives is an assumption and says so. Nothing here
was tuned to bring a result near the published one. Each maker takes a generator and returns
plain arrays; `published_traces.py` attacks them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# ---- Mobile phones: de Montjoye et al. 2013; Tournier and de Montjoye 2022 -----------------


@dataclass(frozen=True, eq=False)
class Masts:
    """Antennas of a small country, and where people of each go otherwise.

    Antennas follow people (200 towns by Zipf's law on a square of 300 km), so that each is the
    home of as many. Other places lie at distances by the law of González et al. 2008:
    ``(r + 1.5 km)^-1.75 exp(-r / 400 km)``. Of each antenna 8,192 destinations are kept, each as
    likely.
    """

    destination: np.ndarray

    @classmethod
    def made(cls, antennas: int, rng: np.random.Generator) -> Masts:
        size = 1 / np.arange(1, 201)
        town = rng.choice(200, antennas, p=size / size.sum())
        centre = rng.uniform(0, 300, (200, 2))
        # A town ten times larger covers ten times the area (assumption).
        spread = 12 * np.sqrt(size)
        place = centre[town] + rng.standard_normal((antennas, 2)) * spread[town, None]
        reach = np.concatenate([[0.0], np.logspace(-2, 3, 4_000)])
        density = (reach + 1.5) ** -1.75 * np.exp(-reach / 400)
        law = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(reach))])
        wanted = (np.arange(8_192) + 0.5) / 8_192
        destination = np.empty((antennas, 8_192), np.int16)
        for a in range(antennas):
            apart = np.hypot(*(place - place[a]).T)
            order = np.argsort(apart, kind="stable")
            # An antenna serves what is nearer to it than to the next one farther out.
            edge = np.interp(apart[order], reach, law)
            edge = np.append((edge[1:] + edge[:-1]) / 2, edge[-1])
            destination[a] = order[np.searchsorted(edge, wanted * edge[-1])]
        return cls(destination)


@dataclass(frozen=True, eq=False)
class Visitors:
    """People, the antennas that each uses, and how many events each has there.

    Events of a person: 114 a month on average (de Montjoye et al. 2013), lognormal between
    people with a standard deviation of `sigma` (assumption). Distinct places grow as events to
    the power .6, and the k-th is used in proportion to ``k^-1.2`` (Song et al. 2010).
    """

    start: np.ndarray
    antenna: np.ndarray
    rate: np.ndarray

    @classmethod
    def made(
        cls, masts: Masts, people: int, months: float, rng: np.random.Generator, sigma: float = 1.0
    ) -> Visitors:
        events = 114 * months * rng.lognormal(-(sigma**2) / 2, sigma, people)
        places = np.ceil(np.maximum(events, 1) ** 0.6).astype(np.int64)
        start = np.concatenate([[0], np.cumsum(places)])
        rank = np.arange(start[-1]) - np.repeat(start[:-1], places) + 1
        weight = rank**-1.2
        share = weight / np.repeat(np.add.reduceat(weight, start[:-1]), places)
        home = rng.integers(0, len(masts.destination), people)
        antenna = masts.destination[
            np.repeat(home, places), rng.integers(0, masts.destination.shape[1], len(rank))
        ]
        antenna[start[:-1]] = home
        return cls(start, antenna, (share * np.repeat(events, places)).astype(np.float32))

    def counts(self, antennas: int, part: float, rng: np.random.Generator):
        """Draw how many events each has at each antenna in a part of the time."""
        from scipy.sparse import csr_array

        people = len(self.start) - 1
        who = np.repeat(np.arange(people), np.diff(self.start))
        often = rng.poisson(self.rate * part).astype(float)
        some = often > 0
        return csr_array((often[some], (who[some], self.antenna[some])), shape=(people, antennas))


def hours_of_a_week() -> np.ndarray:
    """Relative activity of the 168 hours, mean 1: a tenth at night, twice in the evening.

    Assumption: a plain profile in the shape of published ones.
    """
    day = np.array([0.1] * 7 + [0.6, 1.0] + [1.3] * 9 + [2.0] * 3 + [1.2, 0.7, 0.3])
    week = np.concatenate([np.tile(day, 5), np.tile(day * 0.8, 2)])
    return week / week.mean()


# ---- Film ratings: Narayanan and Shmatikov 2008 ---------------------------------------------


def ratings(rng: np.random.Generator):
    """Ratings of the size of the Netflix Prize: 480,189 people, 17,770 films, about 100 million.

    Lognormal amounts through the published means and medians, cut at the highest: 209, 96 and
    17,653 a person, 5,655, 561 and 232,944 a film. Somebody rates a film at most once, with a
    chance that grows as both amounts. About 40 rating days for 209 ratings (Koren 2009),
    between a first day (exponential, mean 18 months before the end: assumption) and the end of
    2,243 days; stars by their published shares, without any taste (assumption).

    Returns
    -------
    start : ndarray, shape (films + 1,)
    person, day, stars : ndarray
        Events of film i at ``start[i]:start[i + 1]``, people ascending.
    """
    people, films, days = 480_189, 17_770, 2_243
    amount = rng.permutation(_through(96, 209, 17_653, people))
    popular = _through(561, 5_655, 232_944, films)
    reach = np.cumsum(amount)
    first = days - np.minimum(rng.exponential(548, people), days - 1)
    sessions = np.maximum(1, np.rint(amount * 40 / 209)).astype(np.int64)
    begin = np.concatenate([[0], np.cumsum(sessions)])
    session = rng.uniform(np.repeat(first, sessions), days).astype(np.int16)
    who, sizes = [], []
    # How many draws by amount it takes until so many different people have rated a film.
    draws = np.logspace(0, 8, 81)
    different = [(1 - np.exp(-n * amount / reach[-1])).sum() for n in draws]
    wanted = np.interp(popular, different, draws)
    for film in range(films):
        drawn = rng.poisson(wanted[film])
        found = np.unique(np.searchsorted(reach, rng.random(drawn) * reach[-1]))
        who.append(found.astype(np.int32))
        sizes.append(len(found))
    person = np.concatenate(who)
    del who
    day = np.empty(len(person), np.int16)
    stars = np.empty(len(person), np.int8)
    law = np.cumsum([0.046, 0.101, 0.287, 0.336])
    for part in np.array_split(np.arange(len(person)), 50):
        one = person[part]
        which = begin[one] + (rng.random(len(part)) * sessions[one]).astype(np.int64)
        day[part] = session[which]
        stars[part] = 1 + np.searchsorted(law, rng.random(len(part)))
    return np.concatenate([[0], np.cumsum(sizes)]), person, day, stars


def _through(median: float, mean: float, most: float, count: int) -> np.ndarray:
    """Quantiles of the lognormal law with that median that, cut at the most, has that mean."""
    from scipy.optimize import brentq
    from scipy.stats import norm

    middle = norm.ppf((np.arange(count) + 0.5) / count)

    def cut(sigma: float) -> np.ndarray:
        return np.minimum(median * np.exp(sigma * middle), most)

    return cut(float(brentq(lambda sigma: cut(sigma).mean() - mean, 0.1, 6)))


# ---- Groceries: Tournier and de Montjoye 2022 ------------------------------------------------


def groceries(people: int, rng: np.random.Generator):
    """Baskets of the most active customers of an open data set of groceries (Instacart 2017).

    206,209 customers with 4 to 100 orders, 16.6 on average (geometric: assumption), of whom the
    `people` with most are kept; 10.1 products an order, 59 % of them bought before, as often as
    before; others among 49,688, the first of which has 1.46 % (a power law through that).

    Returns
    -------
    person, order, orders, item : ndarray
        One entry a product: who, in which of their orders, of how many, and what.
    """
    every = np.minimum(4 + rng.geometric(1 / 13.6, 206_209) - 1, 100)
    orders = np.sort(every)[::-1][:people]
    power = _power_of_share(49_688, 0.0146)
    law = np.cumsum(np.arange(1, 49_689.0) ** -power)
    law /= law[-1]
    basket = 1 + rng.poisson(9.1, orders.sum())
    first_order = np.concatenate([[0], np.cumsum(orders)])
    first_item = np.concatenate([[0], np.cumsum(basket)])
    item = np.empty(first_item[-1], np.int32)
    for step in range(orders.max()):
        who = np.flatnonzero(orders > step)
        this = first_order[who] + step
        size = basket[this]
        slot = np.repeat(first_item[this] - np.cumsum(size) + size, size) + np.arange(size.sum())
        origin = np.repeat(first_item[first_order[who]], size)
        history = np.repeat(first_item[this], size) - origin
        again = (rng.random(len(slot)) < 0.59) & (history > 0)
        item[slot] = np.searchsorted(law, rng.random(len(slot)))
        past = origin + (rng.random(len(slot)) * history).astype(np.int64)
        item[slot[again]] = item[past[again]]
    person = np.repeat(np.repeat(np.arange(people), orders), basket)
    order = np.arange(orders.sum()) - np.repeat(first_order[:-1], orders)
    return person, np.repeat(order, basket), orders, item


def _power_of_share(items: int, share: float) -> float:
    from scipy.optimize import brentq

    rank = np.arange(1, items + 1.0)
    return float(brentq(lambda s: 1 / (rank**-s).sum() - share, 0.01, 2))


# ---- Calls: Creţu et al. 2022 ------------------------------------------------------------------


def calls(people: int, weeks: int, rng: np.random.Generator):
    """Calls between people, with lasting ties and habits of hours.

    26 interactions a week (114 a month, as in de Montjoye et al. 2013), lognormal between
    people with a standard deviation of 1; 20 ties each, the k-th of which has ``1 / k`` of the
    strength (after the social signatures of Saramäki et al. 2014); six in ten ties within
    groups of 30; hours of each person from a Dirichlet law. All but the first are assumptions:
    the interaction graph of the study is not described closely enough to copy.

    Returns
    -------
    source, target, second : ndarray
    """
    amount = rng.lognormal(-0.5, 1, people)
    one = np.repeat(np.arange(people), 10)
    near = one // 30 * 30 + rng.integers(0, 30, len(one))
    far = rng.integers(0, people, len(one))
    other = np.minimum(np.where(rng.random(len(one)) < 0.6, near, far), people - 1)
    one, other = one[one != other], other[one != other]
    strength = 1 / rng.integers(1, 21, len(one)) * np.sqrt(amount[one] * amount[other])
    # Each event is one of two people.
    rate = strength / strength.sum() * people * 26 / 2
    often = rng.poisson(rate * weeks)
    side = np.repeat(rng.beta(2, 2, len(one)), often)
    forth = rng.random(len(side)) < side
    a, b = np.repeat(one, often), np.repeat(other, often)
    source, target = np.where(forth, a, b), np.where(forth, b, a)
    mean = hours_of_a_week() / 168
    habit = np.cumsum(rng.gamma(np.tile(mean * 50, (people, 1)) + 1e-9), axis=1)
    drawn = rng.random(len(source)) * habit[source, -1]
    hour = np.empty(len(source), np.int64)
    for part in np.array_split(np.arange(len(source)), max(1, len(source) // 200_000)):
        hour[part] = (habit[source[part]] < drawn[part, None]).sum(axis=1)
    week = rng.integers(0, weeks, len(source))
    # The first hour of the habit is a Monday's; 5 January 1970 was one.
    second = 4 * 86_400 + (week * 168 + hour) * 3_600 + rng.integers(0, 3_600, len(source))
    return source, target, second


# ---- Home and workplace: Golle and Partridge 2009 ----------------------------------------------


@dataclass(frozen=True, eq=False)
class Commuters:
    """Workers of some counties of a country of 100 million, and where they work.

    3,140 counties, lognormal through a mean of 31,850 workers and the published ratio of mean
    to median population (95,000 : 26,000, census of 2000); tracts of 1,500 workers, blocks of
    12. Work: 73 % in the county of residence (census of 2000), the others in one of the eight
    nearest; a tract by jobs (lognormal, standard deviation 1: assumption) times
    ``exp(-distance / 19 km)`` (a mean commute of 12 miles), a block of ten with jobs in it.
    """

    county: np.ndarray
    home: dict[str, np.ndarray]
    work: dict[str, np.ndarray]


def commuters(share: float, rng: np.random.Generator):
    """Yield the workers of a random share of the counties, one county at a time."""
    side = 57
    counties = 3_140
    sigma = np.sqrt(2 * np.log(95 / 26))
    workers = rng.lognormal(np.log(31_850) - sigma**2 / 2, sigma, counties).astype(np.int64)
    tracts = np.maximum(1, workers // 1_500)
    first = np.concatenate([[0], np.cumsum(tracts)])
    county_of = np.repeat(np.arange(counties), tracts)
    # Counties are squares of 50 km in rows (assumption), their tracts anywhere in them.
    corner = 50.0 * np.column_stack([county_of % side, county_of // side])
    place = corner + rng.uniform(0, 50, (len(county_of), 2))
    jobs = rng.lognormal(0, 1, len(county_of))
    for county in np.flatnonzero(rng.random(counties) < share):
        own = np.arange(first[county], first[county + 1])
        row, column = divmod(county, side)
        around = [
            r * side + c
            for r in range(row - 1, row + 2)
            for c in range(column - 1, column + 2)
            if r >= 0 and 0 <= c < side and r * side + c < counties and (r, c) != (row, column)
        ]
        beyond = np.concatenate([np.arange(first[k], first[k + 1]) for k in around])
        home = own[rng.integers(0, len(own), workers[county])]
        work = np.empty(len(home), np.int64)
        away = rng.random(len(home)) < 0.27
        for tract in own:
            here = home == tract
            for part, choice in ((here & ~away, own), (here & away, beyond)):
                apart = np.hypot(*(place[choice] - place[tract]).T)
                law = np.cumsum(jobs[choice] * np.exp(-apart / 19))
                work[part] = choice[np.searchsorted(law, rng.random(int(part.sum())) * law[-1])]
        blocks = 1_500 // 12
        yield Commuters(
            county=np.full(len(home), county),
            home={
                "county": county_of[home],
                "tract": home,
                "block": home * blocks + rng.integers(0, blocks, len(home)),
            },
            work={
                "county": county_of[work],
                "tract": work,
                "block": work * blocks + rng.integers(0, 10, len(work)),
            },
        )
