"""Nonsense where a public name wants something: one plain sentence, never a raw error."""

import inspect

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import PrivauditError
from privaudit.geo.address_base import AddressBase
from privaudit.release.release import DotRelease

SECRET = "Zephyrine"
FUNCTIONS = [
    name
    for name in pa.__all__
    if callable(getattr(pa, name))
    and not isinstance(getattr(pa, name), type)
    and inspect.signature(getattr(pa, name)).parameters
]
CLASSES = [
    name
    for name in pa.__all__
    if isinstance(getattr(pa, name), type)
    and not issubclass(getattr(pa, name), Exception)
    and not inspect.isabstract(getattr(pa, name))
]
NONSENSE = {
    "None": None,
    "a number": 3,
    "a list": [3],
    "a dictionary": {"a": 1},
    "an object": object(),
    "an array": np.array([1.5, 2.5]),
    "a frame": pd.DataFrame({"first_name": [SECRET, SECRET]}),
    "a polars frame": None,
    "a folder": ".",
}
# Where nonsense is sense: no town and no path mean the ones that come with the package, and a
# frame is a table.
FINE = {
    ("read_pyramid", "None"), ("simulate", "None"),
    ("read_table", "a frame"), ("read_table", "a polars frame"), ("audit_homonyms", "None"),
    ("inspect", "a polars frame"),
    ("measured_for_rules", "None"), ("measured_for_rules", "a frame"),
    ("inspect", "a frame"), ("cache", "None"), ("cache", "a folder"),
}  # fmt: skip
REQUIRED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def nonsense(kind):
    if kind == "a polars frame":
        return pytest.importorskip("polars").DataFrame({"first_name": [SECRET, SECRET]})
    return NONSENSE[kind]


def arguments(thing, value):
    """The first argument, and every other one without which it cannot be called, as nonsense."""
    parameters = list(inspect.signature(thing).parameters.values())
    needed = {
        p.name: value
        for place, p in enumerate(parameters)
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and (not place or p.default is p.empty)
    }
    first = next(iter(needed), None)
    positional = [needed.pop(first)] if first and parameters[0].kind in REQUIRED else []
    return positional, needed


@pytest.mark.parametrize("kind", NONSENSE)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_refuses_nonsense_in_one_sentence(name, kind):
    if (name, kind) in FINE:
        return
    positional, named = arguments(getattr(pa, name), nonsense(kind))
    with pytest.raises(PrivauditError) as refused:
        getattr(pa, name)(*positional, **named)
    message = str(refused.value)
    assert SECRET not in message
    assert len(message.splitlines()) == 1
    assert ":" in message


@pytest.mark.parametrize("kind", NONSENSE)
@pytest.mark.parametrize("name", CLASSES)
def test_a_class_takes_what_it_can_use_and_refuses_the_rest(name, kind):
    positional, named = arguments(getattr(pa, name), nonsense(kind))
    try:
        getattr(pa, name)(*positional, **named)
    except PrivauditError as refused:
        said = str(refused)
    else:
        said = ""
    assert SECRET not in said


@pytest.mark.parametrize("kind", [*NONSENSE, "a class"])
def test_a_parameter_alone_is_used_or_refused(kind):
    """Every parameter of every class that needs none, one by one: no raw error from any."""
    value = int if kind == "a class" else nonsense(kind)
    for name in CLASSES:
        given = inspect.signature(getattr(pa, name)).parameters.values()
        if any(p.default is p.empty and p.kind is not p.VAR_KEYWORD for p in given):
            continue
        for parameter in (p.name for p in given if p.kind is not p.VAR_KEYWORD):
            said = ""
            try:
                getattr(pa, name)(**{parameter: value})
            except PrivauditError as refused:
                said = str(refused)
            assert SECRET not in said
            assert len(said.splitlines()) < 2


@pytest.mark.parametrize("asked", [{}, {"side": "left"}, 3, pa.CampaignPlan])
def test_a_plan_is_a_plan(asked, knocked):
    for ask in (pa.run_campaign, pa.likes_needed):
        with pytest.raises(PrivauditError, match="needs plan to be a CampaignPlan"):
            ask(knocked.world, plan=asked)


ODD = {
    "a number": 3,
    "a list": [3],
    "an array": np.array([1.5, 2.5]),
    "a class": int,
    "a word": "z",
}


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ODD)
def test_an_option_that_is_something_else_is_refused_in_one_sentence(kind, knocked):
    value, town = ODD[kind], pa.Town(inhabitants=300)
    dots, table = (pa.publish(knocked, view, seed=1) for view in (pa.DotMap(), pa.PeopleTable()))
    ad = pa.publish(knocked, pa.maps.Audience(), seed=1)
    for ask in (
        lambda: pa.audit(ad, truth=value),
        lambda: pa.likes_needed(knocked.world, evidence=value),
        lambda: pa.run_campaign(knocked.world, with_score=value),
        lambda: pa.repeat(town, views=pa.DotMap(), vary=value),
        lambda: pa.repeat(town, views=pa.DotMap(), seeds=value),
        lambda: pa.by_recipient(dots, truth=value),
        lambda: pa.by_recipient(dots, truth=knocked.world, registers=value),
        lambda: pa.linkage.link_releases(table, dots, shared=value),
    ):
        with pytest.raises(PrivauditError) as refused:
            ask()
        assert len(str(refused.value).splitlines()) == 1


def test_the_class_of_an_adversary_is_none():
    with pytest.raises(
        PrivauditError, match="repeat: needs adversaries that are made, but got the class"
    ):
        pa.repeat(pa.Town(inhabitants=300), views=pa.DotMap(), adversaries=pa.Adversary)


def test_a_level_alone_and_a_word_for_yes_are_refused():
    with pytest.raises(PrivauditError, match="levels to be a list, but got a float"):
        pa.maps.audit_homonyms(pa.Town(inhabitants=300), levels=0.1)
    with pytest.raises(PrivauditError, match="generic_likes one of True, False"):
        pa.simulate(pa.Town(inhabitants=300), generic_likes="no")


@pytest.mark.parametrize("check", ["in_range", "whole", "one_of"])
def test_a_check_never_shows_what_a_frame_holds(check):
    from privaudit.core import checks

    more = (("a", "b"),) if check == "one_of" else (0, 1)
    for value in (NONSENSE["a frame"], NONSENSE["a frame"]["first_name"], [SECRET], {SECRET}):
        with pytest.raises(PrivauditError) as refused:
            getattr(checks, check)("measure", "threshold", value, *more)
        assert SECRET not in str(refused.value)


def one_dot():
    at = pd.DataFrame({"x": [0.0], "y": [0.0]})
    named = dict.fromkeys(("id", "number", "street", "commune", "station"), "a")
    base = AddressBase(frame=pd.DataFrame(named, index=[0]).join(at), real=False)
    return DotRelease(records=at, roles=pa.Roles(), backdrop=base)


@pytest.mark.parametrize("adversary", [pa.Adversary.nearest, pa.Adversary], ids=["method", "class"])
def test_an_adversary_without_its_brackets_is_named(adversary):
    leak = one_dot()
    with pytest.raises(PrivauditError, match=r"audit: needs adversary .*Adversary\.nearest\(\)"):
        pa.audit(leak, adversary)


@pytest.mark.parametrize(
    "ask", [pa.audit, lambda leak, who: pa.frontier(leak, [pa.masks.Exact()], who)]
)
def test_a_misspelt_adversary_gets_a_suggestion(ask):
    with pytest.raises(PrivauditError, match="Did you mean 'nearest'"):
        ask(one_dot(), "neerest")


class Wobble:
    """What has the method of a mask, and is none."""

    def move(self, points, rng):
        return points


TAKE_A_MASK = {
    "an adversary": pa.Adversary.knows_mask,
    "a view": lambda mask: pa.DotMap(mask=mask),
    "a frontier": lambda mask: pa.frontier(one_dot(), [mask]),
}


@pytest.mark.parametrize("takes", TAKE_A_MASK)
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (pa.masks.Donut, "got the class Donut. Give one, with its parameters, not its class"),
        (Wobble(), r"Wobble\. Derive a mask of your own from pa\.masks\.Mask"),
        ("donut:50:200", r"a str\. Read a word such as .* with pa\.masks\.parse_mask"),
    ],
)
def test_what_is_no_mask_is_told_what_to_do(takes, given, said):
    with pytest.raises(PrivauditError, match=said):
        TAKE_A_MASK[takes](given)


def test_an_option_with_a_typo_is_named():
    people = pd.DataFrame({"age": [1, 2], "sex": ["F", "M"]})
    with pytest.raises(PrivauditError, match="Did you mean 'missing'"):
        pa.tables.key_contributions(people, pa.Roles(key=["age", "sex"]), mising="value")
