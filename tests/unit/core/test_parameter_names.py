"""A parameter under the name that other tools give it is answered with the one that it has here."""

import inspect
import pickle
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import CallError

ROOMS = ("io", "linkage", "maps", "masks", "rules", "screenshots", "tables", "traces")
PEOPLE = pd.DataFrame({"age": [30, 30, 41], "opinion": list("aba")})
TABLE = tomllib.loads((Path(pa.__file__).parent / "former_names.toml").read_text("utf-8"))


def public():
    """Return every public function and class, by its name."""
    rooms = {"pa": pa, **{f"pa.{room}": getattr(pa, room) for room in ROOMS}}
    return {f"{at}.{name}": getattr(room, name) for at, room in rooms.items() for name in dir(room)}


CALLABLE = {name: thing for name, thing in public().items() if inspect.isroutine(thing)}


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda: pa.measure(PEOPLE, quasi_identifiers=["age"]), "'key' of the roles: roles=pa.Rol"),
        (
            lambda: pa.measure(PEOPLE, sensitive_attributes="opinion"),
            "It is 'sensitive' of the rol",
        ),
        (lambda: pa.tables.k_anonymity(PEOPLE, qi=["age"]), "It is 'key' of the roles"),
        (lambda: pa.Roles(quasi_identifiers=["age"]), "It is 'key' here"),
        (lambda: pa.Roles(keyVars=["age"]), "It is 'key' here"),
        (lambda: pa.simulate(random_state=3), "It is 'seed' here"),
        (lambda: pa.simulate(workers=2), "It is 'n_jobs' here"),
        (lambda: pa.repeat(pa.Town(), views=pa.DotMap(), workers=2), "It is 'n_jobs' here"),
        (
            lambda: pa.tables.singling_out(PEOPLE, PEOPLE, PEOPLE, n_attacks=3),
            "It is 'attacks' her",
        ),
        (lambda: pa.masks.PlanarLaplace(eps=0.1), "It is 'epsilon' here"),
        (lambda: pa.masks.Donut(min_distance=50, max_distance=200), "It is 'r_min' here"),
        (lambda: pa.unicity([], knowledge_length=4), "It is 'points' here"),
        (lambda: pa.simulate(sed=3), "Did you mean 'seed'?"),
    ],
)
def test_the_name_of_the_house_is_said_in_one_line(call, answer):
    with pytest.raises(CallError, match="has no parameter") as raised:
        call()
    assert isinstance(raised.value, TypeError)
    assert answer in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("call", "lacking"),
    [
        (lambda: pa.repeat(pa.Town()), "repeat: needs a value for views, but"),
        (lambda: pa.tables.inference(PEOPLE, PEOPLE, PEOPLE, secret="a"), "a value for known, but"),
        (lambda: pa.publish(), "a value for campaign, view, but"),
        (lambda: pa.masks.StreetMask(), "a value for low, high, but"),
    ],
)
def test_what_a_call_lacks_is_said_in_one_line(call, lacking):
    with pytest.raises(CallError, match=lacking) as raised:
        call()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", sorted(CALLABLE))
def test_every_function_answers_and_stays_itself(name):
    function = CALLABLE[name]
    open_ended = any(
        p.kind is p.VAR_KEYWORD for p in inspect.signature(function).parameters.values()
    )
    if not open_ended:
        with pytest.raises(CallError, match="has no parameter 'quite_unknown'"):
            function(quite_unknown=1)
    assert pickle.loads(pickle.dumps(function)) is function
    assert function.__doc__


def test_each_synonym_leads_to_a_parameter():
    takes = set()
    for thing in public().values():
        if callable(thing):
            takes |= set(inspect.signature(thing).parameters)
    for word, names in TABLE["parameters"].items():
        assert set(names.split()) <= takes, word
        assert word == word.lower().replace("_", ""), word


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mesure", "privaudit has no name 'mesure'. Did you mean 'measure'?"),
        # Python's tools ask for names of their own, which nobody misspells.
        ("__zq__", "module 'privaudit' has no attribute '__zq__'"),
    ],
)
def test_a_name_that_is_none_is_answered_with_the_nearest(name, said):
    with pytest.raises(AttributeError) as caught:
        getattr(pa, name)
    assert str(caught.value) == said
