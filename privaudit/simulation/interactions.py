"""What accounts like: ordinary pages by taste, candidates by leaning, or not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit._core.arrays import Bools, Floats, Ints, Strs
from privaudit.simulation.pages import SIDES, TRAITS, Pages
from privaudit.simulation.world import INTERESTS

__all__ = [
    "draw_page_likes", "draw_political_likes", "draw_traits", "generic_interactions", "in_order",
    "political_interactions",
]  # fmt: skip

FIRST_DAY = np.datetime64("2016-03-01", "s")
DAYS = 198
KINDS = ("like", "share", "follow", "comment")
_GENERIC_KINDS = (0.90, 0.02, 0.06, 0.02)
_CANDIDATE_KINDS = (0.78, 0.09, 0.07, 0.06)
# Bloc of each leaning on the political axis; the centre and those of no side stand between.
_BLOC = {"radical_left": -1, "left": -1, "right": 1, "far_right": 1}
# Who is liked by those whose likes follow no leaning, in the order of SIDES (scenario).
_FAME = np.array([0.17, 0.25, 0.10, 0.30, 0.18])
# Interactions of a political liker with candidates beyond the first, on average (scenario).
_MORE = 0.4
_MINOR_CHANCE = 0.3
_CHUNK = 512


def draw_traits(
    leaning: Strs, age: Ints, sex: Strs, *, label_noise: float, rng: np.random.Generator
) -> Floats:
    """Place people on the axes of taste, shape (n people, 12).

    The first is political: half-normal on the side of their bloc, blurred by `label_noise`;
    the second follows age, the third sex.
    """
    traits = rng.standard_normal((len(leaning), TRAITS))
    bloc = np.array([_BLOC.get(name, 0) for name in leaning.tolist()])
    strength = np.where(bloc == 0, 0.5 * traits[:, 0], bloc * np.abs(traits[:, 0]))
    traits[:, 0] = strength + label_noise * rng.standard_normal(len(leaning))
    traits[:, 1] = 0.8 * (age - 40) / 18 + 0.6 * traits[:, 1]
    traits[:, 2] = 0.8 * np.where(sex == "F", 1.0, -1.0) + 0.6 * traits[:, 2]
    return traits


def draw_page_likes(
    traits: Floats,
    interest: Strs,
    likes: Floats,
    pages: Pages,
    *,
    slope: float,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Draw who likes which ordinary or partisan page, each at most once.

    Account i likes page j with probability ``1 - exp(-c_i w_ij)``, where ``w_ij`` is the
    page's popularity times ``exp(slope * agreement of their traits)`` and ``c_i`` makes the
    expected number of likes what it should be.

    - `traits` (shape (n accounts, 12)), `interest` (str, shape (n accounts,))
    - `likes` (shape (n accounts,)): Expected likes of each account, less than the number of pages.
    - returns `account`, `page` (int64): One pair a like, by account then page.
    """
    fond = np.array(INTERESTS)[None, :] == interest[:, None]
    person = (slope * np.hstack([traits, fond])).astype(np.float32)
    bound = pages.loadings.astype(np.float32)
    popularity = np.log(pages.popularity).astype(np.float32)
    found = []
    for start in range(0, len(person), _CHUNK):
        part = slice(start, start + _CHUNK)
        weight = person[part] @ bound + popularity
        weight -= weight.max(axis=1, keepdims=True)
        np.exp(weight, out=weight)
        wanted = likes[part, None].astype(np.float32)
        rate = wanted / weight.sum(axis=1, keepdims=True)
        # The sum of probabilities is concave in the rate: Newton climbs to it from below.
        for _ in range(5):
            missed = np.exp(-rate * weight)
            slope_of = (weight * missed).sum(axis=1, keepdims=True)
            rate += (wanted - (1 - missed).sum(axis=1, keepdims=True)) / slope_of
        chance = rng.random(weight.shape, dtype=np.float32)
        who, page = np.nonzero(chance > np.exp(-rate * weight))
        found.append((who + start, page))
    liker, liked = (np.concatenate(part) for part in zip(*found, strict=True))
    return liker, liked


def draw_political_likes(
    leaning: Strs,
    aligned: Bools,
    age: Ints,
    *,
    reach: float,
    own_side: float,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Draw who interacts with which candidate.

    Every interaction of an aligned liker goes to one side: mostly their own, else one beside
    it. Those of the others follow the candidates' fame, each anew: theirs never converge.
    Chances are set so that a share `reach` of accounts is expected to touch the right.

    - returns `account`, `side` (int64): One pair an interaction; `side` counts `SIDES`.
    """
    n = len(leaning)
    chance = _side_chances(leaning, own_side)
    right = SIDES.index("right")
    # 1 + Poisson(m) draws all miss a share r with probability (1 - r) exp(-m r).
    missed = (1 - _FAME[right]) * np.exp(-_MORE * _FAME[right])
    touches = np.where(aligned, chance[:, right], 1 - missed)
    eager = np.where(age < 18, _MINOR_CHANCE, 1.0)
    mean = float((touches * eager).mean()) if n else 1.0
    active = np.flatnonzero(rng.random(n) < np.minimum(eager * reach / mean, 1))
    side = _pick(chance[active], rng)
    account = np.repeat(np.arange(len(active)), 1 + rng.poisson(_MORE, len(active)))
    anew = rng.choice(len(SIDES), len(account), p=_FAME)
    return active[account], np.where(aligned[active][account], side[account], anew)


def political_interactions(
    likes: tuple[Ints, Ints], generic_pages: int, *, rng: np.random.Generator
) -> pd.DataFrame:
    """Give each interaction with a candidate its kind and time.

    They crowd towards the end of the period, 1 March to 14 September 2016.
    """
    account, side = likes
    when = rng.random(len(account)) ** 0.3
    return _dated(account, side + generic_pages, _CANDIDATE_KINDS, when, rng)


def generic_interactions(likes: tuple[Ints, Ints], *, rng: np.random.Generator) -> pd.DataFrame:
    """Give each like of an ordinary page its kind and time, evenly over the period."""
    return _dated(*likes, _GENERIC_KINDS, rng.random(len(likes[0])), rng)


def _dated(
    account: Ints, page: Ints, kinds: tuple[float, ...], when: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    n = len(account)
    kind = rng.choice(len(KINDS), n, p=kinds)
    clock = np.clip(rng.normal(18.5, 3.5, n) * 3_600, 0, 86_399)
    second = (np.floor(DAYS * when) * 86_400 + clock).astype(np.int64)
    return pd.DataFrame({"account": account, "page": page, "kind": kind, "second": second})


def in_order(*parts: pd.DataFrame) -> pd.DataFrame:
    """Put interactions together, in order of account and time."""
    found = pd.concat(parts, ignore_index=True)
    account, second = found["account"].to_numpy(), found["second"].to_numpy()
    order = np.lexsort((second, account))
    return pd.DataFrame(
        {
            "account": account[order],
            "page": found["page"].to_numpy()[order],
            "kind": pd.Series(np.array(KINDS, dtype=object)[found["kind"]][order], dtype="str"),
            "time": FIRST_DAY + second[order].astype("timedelta64[s]"),
        }
    )


def _side_chances(leaning: Strs, own_side: float) -> Floats:
    """Chance of each side for an aligned liker of each leaning."""
    by_leaning = np.tile(_FAME, (len(SIDES) + 1, 1))
    for i in range(len(SIDES)):
        beside = [j for j in (i - 1, i + 1) if 0 <= j < len(SIDES)]
        by_leaning[i] = 0
        by_leaning[i, i] = own_side
        by_leaning[i, beside] = (1 - own_side) / len(beside)
    row = {name: i for i, name in enumerate(SIDES)}
    return by_leaning[[row.get(name, len(SIDES)) for name in leaning.tolist()]]


def _pick(chance: Floats, rng: np.random.Generator) -> Ints:
    drawn = (np.cumsum(chance, axis=1) < rng.random(len(chance))[:, None]).sum(axis=1)
    return np.asarray(np.minimum(drawn, chance.shape[1] - 1))
