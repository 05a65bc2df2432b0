"""A recipe says how something was made, and steers nothing: wiped, it changes no result."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import privaudit as pa
from privaudit.campaign.publish import declared_views
from privaudit.campaign.views.dot_map import LookUp, open_look_up
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.maps.registry import read_back
from privaudit.release.release import DotRelease, PictureRelease, TableRelease
from privaudit.studies.audit import audit

MASK = Donut(r_min=20, r_max=60)
VIEWS = [
    pa.DotMap(),
    pa.DotMap(mask=MASK, popup=("sex", "last_name")),
    pa.TableExport(names=True),
    pa.Screenshot(metres_per_pixel=1),
    pa.AreaMap(by="grid", size=150, suppress_under=11),
    pa.AreaMap(by="station"),
    pa.HeatMap(bandwidth=60, cell=30, levels=8),
    pa.DotMapVersions(at=("2016-09-02", "2016-09-10"), mask=MASK, shows_id=True),
    pa.AccountView(role="team", mask=MASK),
    pa.AccountView(role="public"),
    pa.PeopleTable(system="osdi"),
    pa.Mailing(),
    pa.maps.Audience(),
]
each_view = pytest.mark.parametrize("view", VIEWS, ids=lambda v: f"{v.word}: {v}")


@pytest.fixture(scope="module")
def world():
    return pa.simulate(pa.Town(inhabitants=1_200), seed=7)


@pytest.fixture(scope="module")
def campaign(world):
    return pa.run_campaign(world, seed=7)


@pytest.fixture(scope="module")
def bare(campaign):
    """The same campaign in the same world, nobody knowing how they were made."""
    return replace(campaign, recipe={}, world=replace(campaign.world, recipe={}))


def several(made):
    return made if isinstance(made, tuple) else (made,)


def same_release(one, other):
    assert type(one) is type(other)
    assert_frame_equal(one.records, other.records)
    assert_frame_equal(one.sources, other.sources)
    for name in ("roles", "name", "view", "set_aside", "notes", "provenance", "world"):
        assert getattr(one, name) == getattr(other, name), name
    if isinstance(one, PictureRelease):
        assert np.array_equal(one.picture.image, other.picture.image)


def same_guesses(one, other):
    for name in ("address", "confidence", "person", "person_confidence", "opinion"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def result(release, world):
    """What an audit returns, or how it refuses."""
    who = pa.Adversary.nearest() if isinstance(release, (DotRelease, PictureRelease)) else None
    if isinstance(release, TableRelease):
        return audit(release).overall
    try:
        return audit(release, who, truth=world, seed=7).overall
    except pa.PrivauditError as refused:
        return pd.DataFrame({"refused": [str(refused)]})


def test_every_view_is_tried():
    assert {type(view) for view in VIEWS} == set(declared_views().values())


@each_view
def test_publishing_reads_no_recipe(campaign, bare, view):
    for one, other in zip(
        several(pa.publish(campaign, view, seed=3)),
        several(pa.publish(bare, view, seed=3)),
        strict=True,
    ):
        assert one.recipe != other.recipe
        same_release(one, other)


@pytest.mark.heavy
@each_view
def test_attacks_and_audits_read_no_recipe(campaign, bare, view):
    for release in several(pa.publish(campaign, view, seed=3)):
        wiped = replace(release, recipe={})
        assert_frame_equal(result(release, campaign.world), result(wiped, bare.world))
        leaked, unmade = replace(release.as_leaked(), recipe={"a": 1}), release.as_leaked()
        if isinstance(release, PictureRelease):
            leaked, unmade = read_back(leaked), read_back(unmade)
        if isinstance(leaked, (DotRelease, TableRelease)) and len(leaked):
            rngs = [np.random.default_rng(5) for _ in range(2)]
            known = pa.Adversary.nearest()
            same_guesses(
                guess(leaked, known, rng=rngs[0]),
                guess(replace(unmade, recipe={}), known, rng=rngs[1]),
            )


def test_a_tool_that_answers_reads_no_recipe(campaign, bare):
    names = campaign.world.roll[["first_name", "last_name"]]
    one, other = (open_look_up(c, LookUp(wide=True)).ask(names) for c in (campaign, bare))
    assert_frame_equal(one, other)


def test_another_world_is_refused_all_the_same(campaign, bare):
    other = pa.simulate(pa.Town(inhabitants=1_200), seed=8)
    for made in (campaign, bare):
        leak = replace(pa.publish(made, pa.DotMap(), seed=3), recipe={})
        with pytest.raises(pa.PrivauditError, match="another one"):
            audit(leak, pa.Adversary.nearest(), truth=replace(other, recipe={}))


def reads_of_recipe(source):
    """Lines that read a recipe other than to hand it on as provenance."""
    tree = ast.parse(source)
    parent = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr == "recipe"):
            continue
        above = parent[node]
        if isinstance(above, ast.Call) and above.func is node:
            continue  # The method that makes one.
        handed, at = False, node
        while not handed and isinstance(above, (ast.Call, ast.Dict, ast.keyword, ast.ListComp,
                                                ast.DictComp, ast.Assign)):  # fmt: skip
            handed = (
                (isinstance(above, ast.keyword) and above.arg == "recipe")
                or (isinstance(above, ast.Assign) and ast.unparse(above.targets[0]) == "recipe")
                or (isinstance(above, ast.Dict) and at in above.values)
                or (isinstance(above, ast.Call) and ast.unparse(above.func) == "without_folders")
            )
            at, above = above, parent[above]
        if not handed:
            found.append(node.lineno)
    return found


@pytest.mark.heavy
def test_a_recipe_is_only_handed_on():
    package = Path(pa.__file__).parent
    found = {
        f"{path.relative_to(package)}:{line}"
        for path in sorted(package.rglob("*.py"))
        for line in reads_of_recipe(path.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("f(recipe=dict(a.recipe))", []),
        ("recipe = {'a': b.recipe}", []),
        ("f(seed=a.recipe)", [1]),
        ("a.recipe['seed']", [1]),
        ("a.recipe.get('seed')", [1]),
        ("x = a.recipe == b.recipe", [1, 1]),
        ("f() if a.recipe else 0", [1]),
    ],
)
def test_a_reading_of_a_recipe_is_seen(line, seen):
    assert reads_of_recipe(line) == seen


@pytest.mark.parametrize("room", ["release", "campaign", "attacks"])
def test_no_code_takes_a_value_out_of_a_recipe(room):
    package = Path(pa.__file__).parent
    reads = []
    for path in sorted((package / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
                reads += [str(path)] if node.value.attr == "recipe" else []
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                reads += [str(path)] if node.value.attr == "recipe" else []
            if isinstance(node, (ast.If, ast.BoolOp, ast.IfExp)):
                test = node.values if isinstance(node, ast.BoolOp) else [node.test]
                asked = [t for t in test if isinstance(t, ast.Attribute) and t.attr == "recipe"]
                reads += [str(path)] * len(asked)
    assert reads == []
