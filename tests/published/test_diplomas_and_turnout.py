"""Diplomas and turnout of the default town against Insee's figures.

Diplomas: "Diplome le plus eleve selon l'age et le sexe", labour force survey 2023. Turnout:
"Elections presidentielle et legislatives de 2017", October 2017.
"""

import numpy as np
import pytest

from privaudit.simulation.population import EDUCATIONS, TURNOUTS, draw_education, draw_turnout
from privaudit.simulation.simulate import simulate


@pytest.fixture(scope="module")
def people():
    """Many adults of the default town, with a diploma and a habit of voting each."""
    town = simulate(seed=7, generic_likes=False).people
    town = town[town["age"] >= 18]
    many = town.sample(60_000, replace=True, random_state=1)
    rng = np.random.default_rng(1)
    age, elector = many["age"].to_numpy(), many["elector"].to_numpy()
    education = draw_education(age, many["profession"].to_numpy(dtype=str), rng=rng)
    return age, education, elector, draw_turnout(age, education, elector, rng=rng)


@pytest.mark.parametrize(
    ("ages", "shares"),
    [
        ((25, 34), (0.107, 0.146, 0.226, 0.517)),
        ((35, 44), (0.129, 0.182, 0.205, 0.481)),
        ((45, 54), (0.164, 0.229, 0.183, 0.423)),
        ((55, 64), (0.245, 0.329, 0.141, 0.285)),
    ],
)
def test_diplomas_by_age(people, ages, shares):
    """Whatever the town's work: within the error of a draw, and what the figures are rounded to."""
    age, education, _, _ = people
    of = (age >= ages[0]) & (age <= ages[1])
    for name, share in zip(EDUCATIONS, shares, strict=True):
        error = 3 * np.sqrt(share * (1 - share) / of.sum()) + 0.005
        assert (education[of] == name).mean() == pytest.approx(share, abs=error)


def test_who_works_with_papers_has_them():
    many = np.full(4_000, 40)
    rng = np.random.default_rng(2)
    work = np.repeat(["executive", "worker"], 2_000)
    higher = draw_education(many, work, rng=rng) == "higher"
    assert higher[work == "executive"].mean() > 2 * higher[work == "worker"].mean()
    assert higher.mean() == pytest.approx(0.484, abs=0.03)


def test_turnout_of_all_of_the_young_and_by_diploma(people):
    age, education, elector, turnout = people
    for name, share in zip(TURNOUTS, (0.35, 0.51, 0.14), strict=False):
        assert (turnout[elector] == name).mean() == pytest.approx(share, abs=0.02)
    young = elector & (age < 30)
    assert (turnout[young] == "always").mean() < 0.20
    assert (turnout[young] == "sometimes").mean() == pytest.approx(0.60, abs=0.03)
    assert (turnout[elector & (age < 25)] == "never").mean() == pytest.approx(0.20, abs=0.03)
    grown = elector & (age >= 25)
    for name, never in (("none", 0.25), ("higher", 0.08)):
        of = grown & (education == name)
        assert (turnout[of] == "never").mean() == pytest.approx(never, abs=0.02)


def test_who_is_on_no_roll_does_not_vote(people):
    _, _, elector, turnout = people
    assert (turnout[~elector] == "not_on_roll").all()
    assert "not_on_roll" not in turnout[elector]


def test_minors_have_no_diploma_yet():
    age = np.arange(18)
    profession = np.full(18, "none")
    assert set(draw_education(age, profession, rng=np.random.default_rng(0))) == {"none"}
